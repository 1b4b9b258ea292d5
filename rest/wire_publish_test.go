package rest

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

const (
	uploadSession = "7720:170fe6b1c1c7422dadff20f944d58a52-1:0"
	// partHead begins the body of every publish, fileHead the part with the file.
	partHead = "--BOUNDARY\nContent-Disposition: form-data; name=\"request_payload\"; filename=\"\"\nContent-Type: text/xml\n\n"
	bodyEnd  = "\n--BOUNDARY--\n"

	overwritten = "POST workbooks?overwrite=true\n\n"
	noSources   = `<pagination pageNumber="1" pageSize="100" totalAvailable="0"/><datasources/>`
	ordersFound = "GET datasources?filter=name:eq:Orders&pageNumber=1&pageSize=100"
)

// whole is the body of a publish with the file in it.
func whole(request, part, fileName, file string) string {
	return partHead + request + "\n--BOUNDARY\nContent-Disposition: form-data; name=\"" + part + "\"; filename=\"" + fileName +
		"\"\nContent-Type: application/octet-stream\n\n" + file + bodyEnd
}

// block is the body that appends to an upload.
func block(content string) string { return whole("", "tableau_file", "file", content) }

// formHeader checks what the bodies in the rows do not show.
func formHeader(r seenRequest) error {
	if !strings.HasPrefix(r.Body, "--") {
		return nil // not a publish
	}
	boundary, found := strings.CutPrefix(r.Header.Get("Content-Type"), "multipart/mixed; boundary=")
	if !found || len(boundary) != 32 || strings.Trim(boundary, "0123456789abcdef") != "" || strings.Count(r.Body, "\n") != strings.Count(r.Body, "\r\n") {
		return fmt.Errorf("Content-Type %q, body %q", r.Header.Get("Content-Type"), r.Body)
	}
	return nil
}

func secretFor(user, password string) ConnectionCredentials {
	return ConnectionCredentials{Username: user, Password: password, Embed: true}
}

// publishes is a call that publishes the workbook Sales and gets w1.
func publishes(change func(*WorkbookPublish)) func(context.Context, *Session) error {
	return func(ctx context.Context, s *Session) error {
		w, err := s.Workbooks.Publish(ctx, sales(change))
		if err == nil && (w.LUID != "w1" || w.ProjectName != "Default" || w.OwnerLUID != "u1" || w.SizeMB != 2 || len(w.Views) != 1 || w.Views[0].URLName != "Map") {
			err = fmt.Errorf("%+v", w)
		}
		return err
	}
}

// publishesSource is a call that publishes the data source Orders and gets d1.
func publishesSource(content string, change func(*DatasourcePublish)) func(context.Context, *Session) error {
	return func(ctx context.Context, s *Session) error {
		p := DatasourcePublish{Name: "Orders", ProjectLUID: "p1", Source: bytesSource(content)}
		change(&p)
		d, err := s.Datasources.Publish(ctx, p)
		if err == nil && (d.LUID != "d1" || d.Class != "hyper" || !d.HasExtracts) {
			err = fmt.Errorf("%+v", d)
		}
		return err
	}
}

func source(attributes string) string {
	return `<datasource id="d1" name="Orders" type="hyper" hasExtracts="True" ` + attributes + `><project id="p1"/></datasource>`
}

var publishRows = []wireRow{
	{
		rows: []int{22}, name: "Publish Workbook", // the published sample
		call: publishes(func(p *WorkbookPublish) {
			p.ShowTabs, p.ThumbnailsUserLUID = true, "u7"
			p.Connections = []PublishConnection{{"db.example.com", "5432", secretFor("app", `p"1`)}}
		}),
		seen: []string{
			lookUp,
			"POST workbooks\n\n" + whole(`<tsRequest><workbook name="Sales" showTabs="true" thumbnailsUserId="u7"><connections>`+
				`<connection serverAddress="db.example.com" serverPort="5432"><connectionCredentials name="app" password="p&quot;1" embed="true"/>`+
				`</connection></connections><project id="p1"/></workbook></tsRequest>`, "tableau_workbook", "Sales.twbx", "PK\x03\x04file"),
		},
		reply: []reply{ok(noWorkbooks), created(published("w1", 5))}, also: formHeader,
	},
	{
		rows: []int{22}, name: "Publish Workbook with all there is",
		call: publishes(func(p *WorkbookPublish) {
			p.Source, p.Mode, p.SkipConnectionCheck, p.Description = bytesSource("<?xml version='1.0'?><workbook/>"), Overwrite, true, "a <b>"
			p.HiddenViews, p.ThumbnailsGroupLUID, p.EncryptExtracts = []string{"Scratch & more"}, "g1", true
			p.Connections = []PublishConnection{{Credentials: ConnectionCredentials{Username: "o@example.com", OAuth: true, Embed: true}}}
		}),
		seen: []string{
			lookUp,
			"POST workbooks?overwrite=true&skipConnectionCheck=true\n\n" + whole(`<tsRequest><workbook name="Sales" description="a &lt;b&gt;" `+
				`thumbnailsGroupId="g1" encryptExtracts="true"><connections><connection>`+
				`<connectionCredentials name="o@example.com" embed="true" oAuth="true"/></connection></connections><project id="p1"/>`+
				`<views><view name="Scratch &amp; more" hidden="true"/></views></workbook></tsRequest>`,
				"tableau_workbook", "Sales.twb", "<?xml version='1.0'?><workbook/>"),
		},
		reply: []reply{ok(noWorkbooks), created(published("w1", 5))}, also: formHeader,
	},
	{
		rows: []int{22}, name: "Publish Workbook, the same credentials for all connections",
		call: publishes(func(p *WorkbookPublish) { p.Credentials = new(secretFor("app", "p")) }),
		seen: []string{
			lookUp,
			"POST workbooks\n\n" + whole(`<tsRequest><workbook name="Sales">`+
				`<connectionCredentials name="app" password="p" embed="true"/><project id="p1"/></workbook></tsRequest>`,
				"tableau_workbook", "Sales.twbx", "PK\x03\x04file"),
		},
		reply: []reply{ok(noWorkbooks), created(published("w1", 5))}, also: formHeader,
	},
	{
		rows: []int{22, 99}, name: "Publish Workbook as a job, of some views",
		call: publishes(func(p *WorkbookPublish) {
			p.Mode, p.AsJob, p.ShowViews = Overwrite, true, []string{"Map"}
			p.Contents = &FileContents{Type: "twbx", Sheets: []FileSheet{{Name: "Map"}, {Name: "Old", Hidden: true}, {Name: "Debug"}}}
		}),
		seen: []string{
			lookUp, "GET workbooks/w1",
			"POST workbooks?overwrite=true&asJob=true\n\n" + whole(`<tsRequest><workbook name="Sales"><project id="p1"/>`+
				`<views><view name="Debug" hidden="true"/></views></workbook></tsRequest>`, "tableau_workbook", "Sales.twbx", "PK\x03\x04file"),
			"GET jobs/j1", "GET workbooks/w1",
		},
		reply: []reply{listed(published("w1", 1)), ok(published("w1", 1)), accepted(), ok(jobDone), ok(published("w1", 5))}, also: formHeader,
	},
	{
		rows: []int{22, 1, 37}, name: "Publish Workbook and keep what was there",
		call: func(ctx context.Context, s *Session) error {
			w, err := s.Workbooks.Publish(ctx, sales(func(p *WorkbookPublish) { p.Mode, p.Keep, p.Tags = Overwrite, KeepAll, []string{"new"} }))
			if err == nil && (w.OwnerLUID != "u1" || w.OwnerName != "ana" || w.Description != "d" || fmt.Sprint(w.Tags) != "[gold new]" || !w.Views[0].Acceleration.Enabled) {
				err = fmt.Errorf("%+v", w)
			}
			return err
		},
		seen: []string{
			lookUp, "GET workbooks/w1",
			overwritten + whole(`<tsRequest><workbook name="Sales" showTabs="true" encryptExtracts="true"><project id="p1"/></workbook></tsRequest>`,
				"tableau_workbook", "Sales.twbx", "PK\x03\x04file"),
			"PUT workbooks/w1\n\n" + `<tsRequest><workbook description="d"/></tsRequest>`,
			"PUT workbooks/w1?includeViewAccelerationStatus=true\n\n" +
				`<tsRequest><workbook><views><view id="v1"/></views><dataAccelerationConfig accelerationEnabled="true"/></workbook></tsRequest>`,
			"PUT workbooks/w1/tags\n\n" + `<tsRequest><tags><tag label="new"/><tag label="gold"/></tags></tsRequest>`,
			"PUT workbooks/w1\n\n" + `<tsRequest><workbook><owner id="u1"/></workbook></tsRequest>`,
		},
		reply: []reply{
			listed(published("w1", 1)), ok(`<workbook id="w1" name="Sales" description="d" showTabs="true" encryptExtracts="true"><project id="p1"/>` +
				`<owner id="u1" name="ana"/><tags><tag label="gold"/></tags><views><view id="v1"><dataAccelerationConfig accelerationEnabled="true"/></view>` +
				`<view id="v3"><dataAccelerationConfig accelerationEnabled="true"/></view><view id="gone"><dataAccelerationConfig accelerationEnabled="true"/></view></views></workbook>`),
			created(`<workbook id="w1" name="Sales"><project id="p1"/><owner id="u2" name="bob"/><views><view id="v1"/><view id="v2"/>` +
				`<view id="v3"><dataAccelerationConfig accelerationEnabled="true"/></view></views></workbook>`),
			ok(`<workbook id="w1"/>`), ok(`<workbook id="w1"/>`), ok(`<tags><tag label="gold"/><tag label="new"/></tags>`), ok(`<workbook id="w1"/>`),
		}, also: formHeader,
	},
	{
		rows: []int{22}, name: "Publish Workbook with nothing to keep any more",
		call: publishes(func(p *WorkbookPublish) { p.Mode, p.Keep, p.Tags = Overwrite, KeepAll, []string{"gold"} }),
		seen: []string{
			lookUp, "GET workbooks/w1",
			overwritten + whole(`<tsRequest><workbook name="Sales" showTabs="true"><project id="p1"/></workbook></tsRequest>`, "tableau_workbook", "Sales.twbx", "PK\x03\x04file"),
		},
		reply: []reply{listed(published("w1", 1)), ok(published("w1", 1)), created(published("w1", 5))}, also: formHeader,
	},
	{
		rows: []int{50}, name: "Publish Data Source",
		call: publishesSource("\ufeff<?xml version='1.0'?>\n<!-- build -->\n<datasource/>", func(p *DatasourcePublish) {
			p.Description, p.EncryptExtracts, p.UseRemoteQueryAgent, p.Credentials = "x", true, true, new(secretFor("app", "p"))
		}),
		seen: []string{
			ordersFound,
			"POST datasources\n\n" + whole(`<tsRequest><datasource name="Orders" description="x" encryptExtracts="true" useRemoteQueryAgent="true">`+
				`<connectionCredentials name="app" password="p" embed="true"/><project id="p1"/></datasource></tsRequest>`,
				"tableau_datasource", "Orders.tds", "\ufeff<?xml version='1.0'?>\n<!-- build -->\n<datasource/>"),
		},
		reply: []reply{ok(noSources), created(source(""))},
	},
	{
		rows: []int{50}, name: "Publish Data Source, named in another alphabet",
		call: publishesSource("PK\x03\x04", func(p *DatasourcePublish) { p.Name, p.Mode = `Zürich "Mitte"`, Overwrite }),
		seen: []string{
			"GET datasources?filter=name:eq:Z%C3%BCrich%20%22Mitte%22&pageNumber=1&pageSize=100",
			"POST datasources?overwrite=true\n\n" + whole(`<tsRequest><datasource name="Zürich &quot;Mitte&quot;"><project id="p1"/></datasource></tsRequest>`,
				"tableau_datasource", "datasource.tdsx", "PK\x03\x04"),
		},
		reply: []reply{ok(noSources), created(source(""))}, also: formHeader,
	},
	{
		rows: []int{50}, name: "Publish Data Source, appending",
		call: publishesSource("HyperX", func(p *DatasourcePublish) { p.Mode, p.Certified = Append, true }), // which it is already
		seen: []string{
			ordersFound, "GET datasources/d1",
			"POST datasources?append=true\n\n" + whole(`<tsRequest><datasource name="Orders"><project id="p1"/></datasource></tsRequest>`,
				"tableau_datasource", "Orders.hyper", "HyperX"),
		},
		reply: []reply{ok("<datasources>" + source("") + "</datasources>"), ok(source("")), created(source(`isCertified="true"`))}, also: formHeader,
	},
	{
		rows: []int{50}, name: "Publish Data Source, replacing, and keep what was there",
		call: publishesSource("PAR1", func(p *DatasourcePublish) { p.Mode, p.Keep, p.CertificationNote = Replace, KeepSettings, "by bob" }),
		seen: []string{
			ordersFound, "GET datasources/d1",
			"POST datasources?replace=true\n\n" + whole(`<tsRequest><datasource name="Orders" useRemoteQueryAgent="true"><project id="p1"/></datasource></tsRequest>`,
				"tableau_datasource", "Orders.parquet", "PAR1"),
			"PUT datasources/d1\n\n" + `<tsRequest><datasource description="d" isCertified="true" certificationNote="by bob"/></tsRequest>`,
		},
		reply: []reply{
			ok("<datasources>" + source("") + "</datasources>"), ok(source(`description="d" isCertified="true" certificationNote="by ana" useRemoteQueryAgent="true"`)),
			created(source("")), ok(source("")),
		}, also: formHeader,
	},
	{
		rows: []int{50, 53, 55}, name: "Publish Data Source with credentials for several connections",
		call: publishesSource("PK\x03\x04", func(p *DatasourcePublish) {
			p.Connections = []PublishConnection{
				{"DB.example.com", "", secretFor("app", "one")},
				{"dwh.example.com", "1433", ConnectionCredentials{Username: "o@example.com", OAuth: true, Embed: true}},
			}
		}),
		seen: []string{
			ordersFound,
			"POST datasources\n\n" + whole(`<tsRequest><datasource name="Orders"><project id="p1"/></datasource></tsRequest>`, "tableau_datasource", "Orders.tdsx", "PK\x03\x04"),
			"GET datasources/d1/connections",
			"PUT datasources/d1/connections\n\n" + `<tsRequest><connectionLuids><connectionLuid>c1</connectionLuid><connectionLuid>c3</connectionLuid></connectionLuids>` +
				`<connection userName="app" password="one" embedPassword="true"/></tsRequest>`,
			"PUT datasources/d1/connections/c4\n\n" + `<tsRequest><connection userName="o@example.com" embedPassword="true"/></tsRequest>`,
		},
		reply: []reply{
			ok(noSources), created(source("")),
			ok(`<connections><connection id="c1" type="postgres" serverAddress="db.example.com" serverPort="5432"/>` +
				`<connection id="c2" type="postgres" serverAddress="other.example.com" serverPort="5432"/>` +
				`<connection id="c3" type="postgres" serverAddress="db.example.com" serverPort="5433"/>` +
				`<connection id="c4" type="sqlserver" serverAddress="dwh.example.com" serverPort="1433"/></connections>`),
			ok(`<connections><connection id="c1"/><connection id="c3"/></connections>`), ok(`<connection id="c4"/>`),
		}, also: formHeader,
	},
	{
		rows: []int{50}, name: "Publish Data Source with credentials for its one connection",
		call: publishesSource("PK\x03\x04", func(p *DatasourcePublish) {
			p.Connections = []PublishConnection{{"db.example.com", "", secretFor("app", "one")}}
			p.Contents = &FileContents{Connections: []FileConnection{{Class: "postgres", Server: "db.example.com", Port: "5432"}}}
		}),
		seen: []string{
			ordersFound,
			"POST datasources\n\n" + whole(`<tsRequest><datasource name="Orders"><connectionCredentials name="app" password="one" embed="true"/>`+
				`<project id="p1"/></datasource></tsRequest>`, "tableau_datasource", "Orders.tdsx", "PK\x03\x04"),
		},
		reply: []reply{ok(noSources), created(source(""))}, also: formHeader,
	},
	{
		rows: []int{134, 135, 22}, name: "Publish Workbook in blocks",
		call: inBlocks,
		seen: []string{
			lookUp, "POST fileUploads",
			"PUT fileUploads/" + uploadSession + "?sequenceID=1\n\n" + block("PK\x03\x04"),
			"PUT fileUploads/" + uploadSession + "?sequenceID=2\n\n" + block("abcd"),
			"PUT fileUploads/" + uploadSession + "?sequenceID=3\n\n" + block("XY"),
			lookUp,
			"POST workbooks?uploadSessionId=" + uploadSession + "&workbookType=twbx&asJob=true\n\n" +
				partHead + `<tsRequest><workbook name="Sales"><project id="p1"/></workbook></tsRequest>` + bodyEnd,
			"GET jobs/j1", lookUp, "GET workbooks/w1",
		},
		reply: []reply{
			ok(noWorkbooks), created(`<fileUpload uploadSessionId="` + uploadSession + `" fileSize="0" maxFileChunkCount="1000"/>`),
			appended, appended, appended, ok(noWorkbooks), accepted(), ok(jobDone), listed(published("w1", 5)), ok(published("w1", 5)),
		},
		opts: []Option{WithSingleRequestLimit(4), WithBlockSize(4), WithUploadParallelism(1)}, also: formHeader,
	},
	{
		rows: []int{134, 135, 22}, name: "Publish Workbook in blocks without numbers",
		call: inBlocks,
		seen: onOldServer(
			lookUp, "POST fileUploads",
			"PUT fileUploads/"+uploadSession+"\n\n"+block("PK\x03\x04"),
			"PUT fileUploads/"+uploadSession+"\n\n"+block("abcd"),
			"PUT fileUploads/"+uploadSession+"\n\n"+block("XY"),
			lookUp,
			"POST workbooks?uploadSessionId="+uploadSession+"&workbookType=twbx&asJob=true\n\n"+
				partHead+`<tsRequest><workbook name="Sales"><project id="p1"/></workbook></tsRequest>`+bodyEnd,
			"GET jobs/j1", lookUp, "GET workbooks/w1",
		),
		reply: []reply{
			ok(noWorkbooks), created(`<fileUpload uploadSessionId="` + uploadSession + `" fileSize="0"/>`),
			appended, appended, appended, ok(noWorkbooks), accepted(), ok(jobDone), listed(published("w1", 5)), ok(published("w1", 5)),
		},
		opts: []Option{WithVersion("3.26"), WithSingleRequestLimit(4), WithBlockSize(4)}, also: formHeader,
	},
}

var appended = ok(`<fileUpload uploadSessionId="` + uploadSession + `" fileSize="1"/>`)

// onOldServer are requests before blocks had numbers.
func onOldServer(seen ...string) []string {
	return convert(seen, func(text string) string {
		method, rest, _ := strings.Cut(text, " ")
		return method + " /api/3.26/sites/" + testSite + "/" + rest
	})
}

// inBlocks publishes a file of ten bytes, and looks at the progress that is told of.
func inBlocks(ctx context.Context, s *Session) error {
	var last Progress
	err := publishes(func(p *WorkbookPublish) {
		p.Source, p.Progress = bytesSource("PK\x03\x04abcdXY"), func(now Progress) { last = now }
	})(ctx, s)
	if err == nil && (last.Sent != 10 || last.Total != 10 || !last.Job.Done()) {
		err = errors.New("the last progress is " + fmt.Sprint(last))
	}
	return err
}
