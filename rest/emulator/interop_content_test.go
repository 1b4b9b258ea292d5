package emulator

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
	"time"
)

// extractTWB is salesTWB with an extract in its data source, as a package has it under Data/Extracts.
var extractTWB = strings.Replace(salesTWB, "</connection>\r\n    </datasource>", "</connection>\r\n"+
	"      <extract count='-1' enabled='true' units='records'>\r\n"+
	"        <connection class='hyper' dbname='Data/Extracts/orders.hyper' schema='Extract' tablename='Extract' />\r\n"+
	"      </extract>\r\n    </datasource>", 1)

// edit sends a PUT as TSC does.
func (w *world) edit(path, body string) *answer {
	w.t.Helper()
	return w.send("PUT S/" + path + " HTTP/1.1\nx-tableau-auth: TOKEN\ncontent-type: text/xml\n\n<tsRequest>" + body + "</tsRequest>")
}

// wantFile checks that the answer is a file of a type that begins as it should, and returns it.
func (a *answer) wantFile(contentType, start string) []byte {
	a.t.Helper()
	a.wantStatus(200)
	if got := a.header.Get("Content-Type"); got != contentType || !bytes.HasPrefix(a.raw, []byte(start)) {
		a.t.Errorf("Content-Type %q with %.20q, want %q with %q", got, a.raw, contentType, start)
	}
	return a.raw
}

// unpack returns the entries of a package.
func unpack(t *testing.T, data []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	entries := make(map[string]string)
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(in); err != nil {
			t.Fatal(err)
		}
		in.Close()
		entries[f.Name] = b.String()
	}
	return entries
}

// What the Python client sends about a workbook, in one world; each row leaves it as the next one expects it. The
// workbook is LUID1, its connection LUID2, its views LUID4 (Tale of 100 Start-ups), LUID5 (Map) and LUID7 (Übersicht);
// LUID6, Scratch, is hidden by the file.
func TestPythonClientWorkbook(t *testing.T) {
	t.Parallel()
	w := start(t)
	t.Run("TSC-5 publish with overwrite", func(t *testing.T) {
		w.t = t
		w.publish("workbook", "workbookType=twb&overwrite=true&skipConnectionCheck=true", `name="Sales" showTabs="true"`,
			`<project id="PROJECT" /><connections><connection serverAddress="db.example.com"><connectionCredentials embed="true" name="app" password="p" /></connection></connections><views><view name="No such" hidden="true" /></views>`,
			"SampleWB.twb", salesTWB).wantStatus(201).
			wantIn(`<workbook id="#1" name="Sales"`, `<project id="#PROJECT" name="Default"/>`, `<tags/><views><view id="#4"`)
	})
	t.Run("TSC-6 create new", func(t *testing.T) {
		w.t = t
		w.publish("workbook", "workbookType=twb", `name="Sales"`, `<project id="PROJECT" />`, "Ü%22b.twb", salesTWB).wantError(403130, "#1")
	})
	t.Run("TSC-9 connections", func(t *testing.T) {
		w.t = t
		for range 2 {
			w.get("workbooks/LUID1/connections").want(200, `<connections><connection id="#2" type="postgres" serverAddress="db.example.com" serverPort="5432" userName="app" embedPassword="true" queryTaggingEnabled="false"><datasource id="#3" name="Orders"/></connection></connections>`)
		}
	})
	t.Run("TSC-10 update connection", func(t *testing.T) {
		w.t = t
		const changed = `<connection id="#2" type="postgres" serverAddress="new.example.com" serverPort="5433" userName="svc" embedPassword="false" authenticationType="auth-user-pass" queryTaggingEnabled="true"><datasource id="#3" name="Orders"/></connection>`
		a := w.edit("workbooks/LUID1/connections/LUID2", `<connection serverAddress="new.example.com" serverPort="5433" userName="svc" password="h8k!z" authenticationType="auth-user-pass" embedPassword="false" queryTaggingEnabled="true" />`)
		a.want(200, changed)
		w.edit("workbooks/LUID1/connections/LUID2", `<connection />`).want(200, changed)
		w.get("workbooks/LUID1/connections").want(200, `<connections>`+changed+`</connections>`)
		w.wantContent("workbooks/LUID1/content", salesTWB)
		w.edit("workbooks/LUID1/connections/LUID2", `<connection serverPort="x"/>`).wantError(400000, "#2")
		w.edit("workbooks/LUID1/connections/LUID2", `<connection embedPassword="x"/>`).wantError(400008, "embedPassword")
		w.edit("workbooks/LUID1/connections/LUID2", ``).wantError(400000, "connection")
		w.edit("workbooks/LUID1/connections/none", `<connection />`).wantError(404020, "none")
		w.edit("workbooks/none/connections/LUID2", `<connection />`).wantError(404006, "none")
	})
	t.Run("TSC-39 bulk connections", func(t *testing.T) {
		w.t = t
		for _, list := range []string{
			`<connectionLUIDs><connectionLUID>LUID2</connectionLUID></connectionLUIDs>`,
			`<connectionLuids><connectionLuid>LUID2</connectionLuid></connectionLuids>`,
		} {
			w.edit("workbooks/LUID1/connections", list+`<connection authenticationType="auth-keypair" userName="bulk" password="h8k!z" embedPassword="true" />`).
				want(200, `<connections><connection id="#2" type="postgres" serverAddress="new.example.com" serverPort="5433" userName="bulk" embedPassword="true" authenticationType="auth-keypair" queryTaggingEnabled="true"><datasource id="#3" name="Orders"/></connection></connections>`)
		}
		w.edit("workbooks/LUID1/connections", `<connectionLuids><connectionLuid>LUID2</connectionLuid><connectionLuid>none</connectionLuid></connectionLuids><connection userName="lost"/>`).
			wantError(404020, "none")
		w.edit("workbooks/LUID1/connections", `<connection userName="lost"/>`).wantError(400000, "connectionLuids")
		w.get("workbooks/LUID1/connections").wantIn(`userName="bulk"`)
	})
	t.Run("TSC-15 view image, pdf, csv, excel", func(t *testing.T) {
		w.t = t
		image := w.get("views/LUID5/image?maxAge=1&vf_Region=East+%26+West%2Cx&vf_Parameters.P+1=5&resolution=high").wantFile("image/png", "\x89PNG")
		for _, text := range []string{"Map", "Sales", "Region: East & West, x", "Parameter P 1: 5"} {
			if !bytes.Contains(image, []byte(text)) {
				t.Errorf("the image has no %q", text)
			}
		}
		w.get("views/LUID5/pdf?maxAge=5&type=a4&orientation=landscape").wantFile("application/pdf", "%PDF-")
		data := string(w.get("views/LUID5/data?maxAge=5&vf_Region=East%5C%2CWest,North").wantFile("text/csv", ""))
		if !strings.HasPrefix(data, "Region,Workbook,View\r\n\"East,West\",Sales,Map\r\nNorth,Sales,Map\r\n") {
			t.Errorf("data %q", data)
		}
		excel := w.get("views/LUID5/crosstab/excel?maxAge=5").wantFile("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK")
		if sheets := unpack(t, excel)["xl/workbook.xml"]; !strings.Contains(sheets, `name="Map"`) {
			t.Errorf("the workbook has no sheet of the name: %s", sheets)
		}
	})
	t.Run("TSC-11 views, usage", func(t *testing.T) {
		w.t = t
		w.get("workbooks/LUID1/views?includeUsageStatistics=true").wantIn(`viewUrlName="Map"><tags/><usage totalViewCount="4"/></view>`, `<usage totalViewCount="0"/>`)
	})
	t.Run("TSC-12 all views", func(t *testing.T) {
		w.t = t
		w.get("views?includeUsageStatistics=true").wantIn(`<pagination pageNumber="1" pageSize="100" totalAvailable="3"/><views><view id="#4"`, `<tags/><usage totalViewCount="4"/></view>`)
	})
	t.Run("TSC-16 workbook pdf, pptx, preview", func(t *testing.T) {
		w.t = t
		w.get("workbooks/LUID1/pdf").wantFile("application/pdf", "%PDF-")
		pptx := w.get("workbooks/LUID1/powerpoint").wantFile("application/vnd.openxmlformats-officedocument.presentationml.presentation", "PK")
		if _, third := unpack(t, pptx)["ppt/slides/slide3.xml"]; !third {
			t.Error("the presentation has no slide for each of three tabs")
		}
		w.get("workbooks/LUID1/previewImage").wantFile("image/png", "\x89PNG")
		w.get("workbooks/LUID1/views/LUID5/previewImage").wantFile("image/png", "\x89PNG")
		w.get("views?includeUsageStatistics=true").wantIn(`<usage totalViewCount="4"/></view>`) // none of these is a look at a view
	})
	t.Run("TSC-19 update workbook", func(t *testing.T) {
		w.t = t
		w.edit("workbooks/LUID1/tags", `<tags><tag label="new" /></tags>`).want(200, `<tags><tag label="new"/></tags>`)
		w.get("workbooks/LUID1/views?includeUsageStatistics=true").wantStatus(200)
		w.clock.advance(time.Minute)
		w.edit("workbooks/LUID1", `<workbook name="Sales 2" showTabs="false"><project id="PROJECT" /><owner id="ANA" /><views><view id="LUID5" /></views><dataAccelerationConfig /></workbook>`).
			want(200, `<workbook id="#1" name="Sales 2" description="" contentUrl="Sales" webpageUrl="http://tableau.localhost/#/workbooks/1" showTabs="false" size="1" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:01:00Z" encryptExtracts="false" defaultViewId="#4">`+
				`<project id="#PROJECT" name="Default"/><location id="#PROJECT" type="Project" name="Default"/><owner id="#ANA" name="ana"/><tags><tag label="new"/></tags></workbook>`)
		w.get("views/LUID5").wantIn(`id="#5" name="Map" contentUrl="Sales/sheets/Map"`)
	})
	t.Run("TSC-18 filtered list", func(t *testing.T) {
		w.t = t
		w.edit("workbooks/LUID1", `<workbook name="A, b&amp;c" />`).wantStatus(200)
		w.get("workbooks?sort=name%3Adesc&filter=createdAt%3Agte%3A2020-01-01T00%3A00%3A00Z%2Cname%3Aeq%3AA%2C+b%26c&pageNumber=1&pageSize=100").
			wantIn(`totalAvailable="1"`, `name="A, b&amp;c"`)
		w.get("workbooks?filter=name%3Ain%3A%5Ba%2CSales+2%5D").wantIn(`totalAvailable="0"`)
		w.edit("workbooks/LUID1", `<workbook name="Sales" />`).wantStatus(200)
		w.get("workbooks?filter=name%3Ain%3A%5Ba%2CSales%5D").wantIn(`totalAvailable="1"`)
	})
	t.Run("TSC-20 delete tag", func(t *testing.T) {
		w.t = t
		w.edit("workbooks/LUID1/tags", `<tags><tag label="b/c" /><tag label="50% ?#" /></tags>`).wantIn(`<tag label="new"/><tag label="b/c"/>`)
		w.remove("workbooks/LUID1/tags/b/c").wantStatus(204)
		w.remove("workbooks/LUID1/tags/50%25%20%3F%23").wantStatus(204)
		w.get("workbooks/LUID1").wantIn(`<tags><tag label="new"/></tags><views>`)
		w.edit("views/LUID5/tags", `<tags><tag label="a b" /></tags>`).want(200, `<tags><tag label="a b"/></tags>`)
		w.remove("views/LUID5/tags/a%20b").wantStatus(204)
		w.remove("views/LUID5/tags/a%20b").wantError(404007, "#5")
	})
	t.Run("TSC-13 revisions", func(t *testing.T) {
		w.t = t
		w.publish("workbook", "workbookType=twb&overwrite=true", `name="Sales"`, `<project id="PROJECT" />`, "a.twb", salesTWB+"\n").wantStatus(201)
		w.get("workbooks/LUID1/revisions").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><revisions>`+
			`<revision publishedAt="2026-03-02T10:00:00Z" revisionNumber="1" deleted="false" current="false" sizeInBytes="1387"><publisher id="#ADMIN" name="admin"/></revision>`+
			`<revision publishedAt="2026-03-02T10:01:00Z" revisionNumber="2" deleted="false" current="true" sizeInBytes="1388"><publisher id="#ADMIN" name="admin"/></revision></revisions>`)
		w.wantContent("workbooks/LUID1/revisions/1/content", salesTWB)
		w.remove("workbooks/LUID1/revisions/2").wantError(403004, "#1")
		w.remove("workbooks/LUID1/revisions/1").wantStatus(204)
		w.get("workbooks/LUID1/revisions/1/content").wantError(404024, "#1")
		w.remove("workbooks/LUID1/revisions/1").wantError(404024, "#1")
		w.get("workbooks/LUID1/revisions").wantIn(`revisionNumber="1" deleted="true" current="false" sizeInBytes="1387"`)
	})
}

// TSC-14 and SMP-4: without the extract a package is still a package, and one that held nothing else a bare workbook; the
// published bytes stay.
func TestDownloadWithoutExtract(t *testing.T) {
	t.Parallel()
	w := start(t)
	more := packed(t, "Sales.twb", extractTWB, "Data/Extracts/orders.hyper", "Hyper", "Image/logo.png", "png")
	alone := packed(t, "Sales.twb", extractTWB, "Data/Extracts/orders.hyper", "Hyper")
	source := packed(t, "Orders.tds", strings.Replace(ordersTDS, "</datasource>", "  <extract count='-1' enabled='true' units='records'>\r\n"+
		"    <connection class='hyper' dbname='Data/orders.hyper' schema='Extract' tablename='Extract' />\r\n  </extract>\r\n</datasource>", 1), "Data/orders.hyper", "Hyper")
	content := func(published *answer, path string) *answer {
		t.Helper()
		return w.get(path + "/" + longLUID.FindString(string(published.wantStatus(201).raw)) + "/content?includeExtract=False")
	}
	a := w.publish("workbook", "", `name="More"`, ``, "a.twbx", more)
	got := content(a, "workbooks")
	entries := unpack(t, got.wantFile("application/octet-stream", "PK"))
	if len(entries) != 2 || entries["Sales.twb"] != salesTWB || entries["Image/logo.png"] != "png" {
		t.Errorf("entries %q", entries)
	}
	if got := got.header.Get("Content-Disposition"); got != `name="tableau_workbook"; filename="More.twbx"` {
		t.Errorf("disposition %q", got)
	}
	luid := longLUID.FindString(string(a.raw))
	w.wantContent("workbooks/"+luid+"/content", more)
	w.wantContent("workbooks/"+luid+"/content?includeExtract=True", more)
	w.get("workbooks/"+luid+"/content?includeExtract=no").wantError(400008, "includeExtract")

	bare := content(w.publish("workbook", "", `name="Alone"`, ``, "a.twbx", alone), "workbooks")
	if got := bare.wantFile("application/xml", "<?xml"); string(got) != salesTWB {
		t.Errorf("the workbook alone is %q", got)
	}
	if got := bare.header.Get("Content-Disposition"); got != `name="tableau_workbook"; filename="Alone.twb"` {
		t.Errorf("disposition %q", got)
	}
	plain := content(w.publish("workbook", "", `name="Plain"`, ``, "a.twb", salesTWB), "workbooks")
	if string(plain.raw) != salesTWB {
		t.Errorf("a workbook without extracts came as %q", plain.raw)
	}
	if got := content(w.publish("datasource", "", `name="Orders"`, ``, "a.tdsx", source), "datasources"); string(got.wantFile("application/xml", "<?xml")) != ordersTDS {
		t.Errorf("the data source alone is %q", got.raw)
	}
	hyper := content(w.publish("datasource", "", `name="Facts"`, ``, "a.hyper", "Hyper"), "datasources")
	if string(hyper.raw) != "Hyper" {
		t.Errorf("an extract file came as %q", hyper.raw)
	}
}

// TSC-24: the workbooks of a user are those they may read, or those they own.
func TestWorkbooksOfUser(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("workbook", "", `name="Admin's"`, ``, "a.twb", salesTWB).wantIn(`id="#1"`)
	w.get("users/ANA/workbooks?pageNumber=1&pageSize=100").wantIn(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><workbooks><workbook id="#1"`)
	w.get("users/ANA/workbooks?ownedBy=true").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="0"/><workbooks/>`)
	w.get("users/ADMIN/workbooks?ownedBy=true&fields=id").wantIn(`<workbooks><workbook id="#1"/></workbooks>`)
	w.get("users/ANA/workbooks?ownedBy=x").wantError(400008, "ownedBy")
	w.get("users/none/workbooks").wantError(404002, "none")
	w.get("users/ANA/flows").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="0"/><flows/>`)
}

// TSC-35: a data source is updated with the flags that were set, and isCertified="none" is none.
func TestUpdateDatasource(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("datasource", "", `name="Orders" isCertified="true"`, ``, "a.tds", ordersTDS).wantIn(`id="#1"`)
	w.edit("datasources/LUID1", `<datasource name="Orders" isCertified="none"><project id="PROJECT" /></datasource>`).wantIn(`isCertified="true"`)
	w.edit("datasources/LUID1", `<datasource name="Renamed" isCertified="false" certificationNote="why" encryptExtracts="true" useRemoteQueryAgent="true" description="d"><owner id="ANA" /><askData enablement="Disabled" /></datasource>`).
		wantIn(`<datasource id="#1" name="Renamed" description="d" contentUrl="Orders"`, `encryptExtracts="true"`, `isCertified="false" certificationNote="why" useRemoteQueryAgent="true"`, `<owner id="#ANA" name="ana"/>`)
	w.edit("datasources/LUID1", `<datasource isCertified="maybe" />`).wantError(400008, "isCertified")
	w.edit("datasources/LUID1/connections/LUID2", `<connection userName="svc" />`).wantIn(`userName="svc"`)
	w.edit("datasources/LUID1/tags", `<tags><tag label="gold" /></tags>`).want(200, `<tags><tag label="gold"/></tags>`)
	w.remove("datasources/LUID1/tags/gold").wantStatus(204)
	w.edit("datasources/none", `<datasource name="x" />`).wantError(404004, "none")
	w.remove("datasources/LUID1").wantStatus(204)
	w.get("datasources/LUID1").wantError(404004, "#1")
}

// What tabcmd asks for and sends after it has signed in.
func TestTabcmdContent(t *testing.T) {
	t.Parallel()
	w := start(t)
	t.Run("CMD-7 publish a workbook", func(t *testing.T) {
		w.t = t
		w.publish("workbook", "workbookType=twbx&overwrite=true&skipConnectionCheck=true", `name="Sample" showTabs="true"`, `<project id="PROJECT" />`,
			"x.twbx", packed(t, "Sales.twb", extractTWB, "Data/Extracts/orders.hyper", "Hyper")).wantStatus(201).wantIn(`webpageUrl="http://tableau.localhost/#/workbooks/1"`)
	})
	t.Run("CMD-8 publish a data source", func(t *testing.T) {
		w.t = t
		file := packed(t, "Orders.tds", ordersTDS)
		w.publish("datasource", "datasourceType=tdsx&overwrite=true", `name="X" useRemoteQueryAgent="false"`,
			`<project id="PROJECT" /><connectionCredentials embed="true" name="u" password="h8k!z" />`, "x.tdsx", file).wantStatus(201).wantIn(`<datasource id="#8" name="X"`)
		w.get("datasources/LUID8/connections").wantIn(`userName="u" embedPassword="true"`)
		w.publish("datasource", "datasourceType=tdsx&replace=true", `name="X" useRemoteQueryAgent="false"`, `<project id="PROJECT" />`, "x.tdsx", file).wantStatus(201)
		w.get("datasources/LUID8/connections").wantIn(`userName="template" embedPassword="false"`) // what was embedded is gone
		w.publish("datasource", "datasourceType=tdsx&append=true", `name="X" useRemoteQueryAgent="false"`, `<project id="PROJECT" />`, "x.tdsx", file).wantError(400011, "no extract")
	})
	t.Run("CMD-2 list", func(t *testing.T) {
		w.t = t
		for _, collection := range []string{"workbooks", "datasources", "flows"} {
			for range 2 {
				w.get(collection + "?pageNumber=1&pageSize=100").wantStatus(200).wantIn(`<pagination pageNumber="1" pageSize="100"`)
			}
		}
	})
	t.Run("CMD-9 get a file", func(t *testing.T) {
		w.t = t
		w.get("workbooks?filter=contentUrl%3Aeq%3ASample&pageNumber=1&pageSize=100").wantIn(`totalAvailable="1"`, `id="#1"`)
		if got := w.get("workbooks/LUID1/content").header.Get("Content-Disposition"); got != `name="tableau_workbook"; filename="Sample.twbx"` {
			t.Errorf("disposition %q", got)
		}
		w.get("datasources?filter=contentUrl%3Aeq%3AX&pageNumber=1&pageSize=100").wantIn(`id="#8"`)
	})
	t.Run("CMD-10 get a picture", func(t *testing.T) {
		w.t = t
		w.get("views?filter=contentUrl%3Aeq%3ASample%2Fsheets%2FMap&pageNumber=1&pageSize=100").wantIn(`totalAvailable="1"`, `id="#5"`)
		w.get("views/LUID5/image?maxAge=0&vf_Region=East").wantFile("image/png", "\x89PNG")
	})
	t.Run("CMD-11 get pdf and csv", func(t *testing.T) {
		w.t = t
		w.get("views/LUID5/pdf?maxAge=1").wantFile("application/pdf", "%PDF-")
		w.get("views/LUID5/data?maxAge=1").wantFile("text/csv", "")
	})
	t.Run("CMD-12 export", func(t *testing.T) {
		w.t = t
		image := w.get("views/LUID5/image?maxAge=1&vizHeight=600&vizWidth=800&resolution=high").wantFile("image/png", "\x89PNG")
		if !bytes.Equal(image[16:24], []byte{0, 0, 3, 32, 0, 0, 2, 88}) { // width and height
			t.Errorf("size %x", image[16:24])
		}
		w.get("views/LUID5/data?maxAge=1&vf_Region=West").wantFile("text/csv", "Region")
		w.get("views/LUID5/pdf?maxAge=1&vizHeight=600&vizWidth=800&type=letter&orientation=landscape").wantFile("application/pdf", "%PDF-")
	})
	t.Run("CMD-13 export all", func(t *testing.T) {
		w.t = t
		w.get("workbooks/LUID1/pdf?maxAge=1&vizHeight=600&vizWidth=800&type=letter").wantFile("application/pdf", "%PDF-")
	})
	t.Run("CMD-21 delete", func(t *testing.T) {
		w.t = t
		w.get("projects?filter=name%3Aeq%3ADefault&pageNumber=1&pageSize=100").wantIn(`id="#PROJECT"`)
		w.get("workbooks?filter=name%3Aeq%3ASample%2CprojectName%3Aeq%3ADefault&pageNumber=1&pageSize=100").wantIn(`totalAvailable="1"`, `<project id="#PROJECT"`)
		w.remove("workbooks/LUID1").wantStatus(204)
		w.remove("datasources/LUID8").wantStatus(204)
		w.get("views").wantIn(`totalAvailable="0"`)
		if hidden := w.of("").hiddenViews.Len(); hidden != 0 {
			t.Errorf("%d hidden views are left", hidden)
		}
	})
}

// toolsBody is a publish as tableau_tools sends it: no type token, the full path, and no line end at the end.
func toolsBody(payload, part, fileName, file string) []byte {
	return []byte(crlf("--4f2a9c1b7d3e8f6a0b5c9d2e1f4a7b\n"+
		"Content-Disposition: name=\"request_payload\"\nContent-Type: text/xml\n\n") + payload + crlf("\n--4f2a9c1b7d3e8f6a0b5c9d2e1f4a7b\n"+
		"Content-Disposition: name=\""+part+"\"; filename=\""+fileName+"\"\nContent-Type: application/octet-stream\n\n") + file +
		crlf("\n--4f2a9c1b7d3e8f6a0b5c9d2e1f4a7b--"))
}

// What tableau_tools sends, at version 3.3 and with pageNumber=1 on every GET.
func TestTableauToolsContent(t *testing.T) {
	t.Parallel()
	w := start(t)
	const base = "/api/3.3/sites/SITE/"
	publish := func(path, payload, part, fileName, file string) *answer {
		return w.sendBytes("POST "+base+path+" HTTP/1.1\nX-tableau-auth: TOKEN\nContent-Type: multipart/mixed; boundary=4f2a9c1b7d3e8f6a0b5c9d2e1f4a7b\n",
			toolsBody(w.expand("<tsRequest>"+payload+"</tsRequest>"), part, fileName, file))
	}
	get := func(path string) *answer {
		return w.send("GET " + base + path + " HTTP/1.1\nX-tableau-auth: TOKEN\n\n")
	}
	t.Run("TT-3 publish a workbook", func(t *testing.T) {
		w.t = t
		publish("workbooks?overwrite=true&asJob=false", `<workbook name="Sales" showTabs="true"><connectionCredentials name="u" password="h8k!z" embed="true" /><project id="PROJECT" /><views /></workbook>`,
			"tableau_workbook", "/home/me/Sales.twb", salesTWB).wantStatus(201).wantIn(`<workbook id="#1" name="Sales"`)
	})
	t.Run("TT-4 publish a data source and a flow", func(t *testing.T) {
		w.t = t
		publish("datasources?overwrite=true", `<datasource name="Orders"><project id="PROJECT" /></datasource>`, "tableau_datasource", `C:\me\Orders.tds`, ordersTDS).
			wantStatus(201).wantIn(`<datasource id="#8" name="Orders"`)
		a := publish("flows?overwrite=true", `<flow name="Clean"><project id="PROJECT" /></flow>`, "tableau_flow", `/home/me/Clean.tfl`, cleanTFL(t))
		a.want(201, `<flowOutputSteps><flowOutputStep id="#13" name="Output"/></flowOutputSteps>`+
			`<flow id="#10" name="Clean" description="" webpageUrl="http://tableau.localhost/#/flows/3" fileType="tfl" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z"><project id="#PROJECT" name="Default"/><owner id="#ADMIN" name="admin"/><tags/></flow>`)
	})
	t.Run("TT-5 lists", func(t *testing.T) {
		w.t = t
		for _, path := range []string{"workbooks?fields=_all_&pageNumber=1", "datasources?fields=_all_&pageNumber=1", "views?fields=_all_&includeUsageStatistics=true&pageNumber=1"} {
			get(path).wantStatus(200).wantIn(xmlHead + `<pagination pageNumber="1" pageSize="100" totalAvailable="`)
		}
	})
	t.Run("TT-6 find by name", func(t *testing.T) {
		w.t = t
		get("workbooks?filter=name:eq:Sales&fields=_all_&pageNumber=1").wantIn(`totalAvailable="1"`, `id="#1"`)
		get("datasources?filter=name:eq:Orders&fields=_all_&pageNumber=1").wantIn(`totalAvailable="1"`, `id="#8"`)
		get("views?filter=name:eq:Map&fields=_all_&pageNumber=1").wantIn(`totalAvailable="1"`, `id="#5"`)
	})
	t.Run("TT-7 a workbook in detail", func(t *testing.T) {
		w.t = t
		for path, want := range map[string]string{
			"workbooks/LUID1?pageNumber=1":                                   `<workbook id="#1"`,
			"workbooks/LUID1/views?includeUsageStatistics=true&pageNumber=1": `<usage totalViewCount="0"/>`,
			"workbooks/LUID1/connections?pageNumber=1":                       `userName="u"`,
			"workbooks/LUID1/permissions?pageNumber=1":                       `<permissions>`,
			"workbooks/LUID1/revisions?pageNumber=1":                         `revisionNumber="1"`,
		} {
			get(path).wantStatus(200).wantIn(want)
		}
	})
	t.Run("TT-19 update content", func(t *testing.T) {
		w.t = t
		put := func(path, body string) *answer {
			return w.send("PUT " + base + path + " HTTP/1.1\nX-tableau-auth: TOKEN\n\n<tsRequest>" + body + "</tsRequest>")
		}
		put("workbooks/LUID1", `<workbook showTabs="true"><project id="PROJECT" /><owner id="ANA" /></workbook>`).wantIn(`name="Sales"`, `<owner id="#ANA" name="ana"/>`)
		put("datasources/LUID8", `<datasource isCertified="true" certificationNote="ok"><project id="PROJECT" /></datasource>`).wantIn(`name="Orders"`, `isCertified="true" certificationNote="ok"`)
	})
	t.Run("TT-8 downloads", func(t *testing.T) {
		w.t = t
		publish("workbooks?overwrite=true&asJob=false", `<workbook name="Sales"><project id="PROJECT" /></workbook>`, "tableau_workbook", "/home/me/Sales.twb", salesTWB).wantStatus(201)
		publish("workbooks?overwrite=true&asJob=false", `<workbook name="Sales"><project id="PROJECT" /></workbook>`, "tableau_workbook", "/home/me/Sales.twb", salesTWB).wantStatus(201)
		get("workbooks/LUID1/content").wantFile("application/xml", salesTWB)
		get("workbooks/LUID1/revisions/2/content").wantFile("application/xml", salesTWB)
		get("views/LUID5/image?None&None").wantFile("image/png", "\x89PNG")
		get("views/LUID5/pdf?None&None").wantFile("application/pdf", "%PDF-")
		get("views/LUID5/data?None&None").wantFile("text/csv", "")
		get("workbooks/LUID1/previewImage").wantFile("image/png", "\x89PNG")
	})
	t.Run("TT-16 tags", func(t *testing.T) {
		w.t = t
		w.send("PUT "+base+"workbooks/LUID1/tags HTTP/1.1\nX-tableau-auth: TOKEN\n\n"+`<tsRequest><tags><tag label="a b"/></tags></tsRequest>`).want(200, `<tags><tag label="a b"/></tags>`)
		w.send("DELETE " + base + "workbooks/LUID1/tags/a%20b HTTP/1.1\nX-tableau-auth: TOKEN\n\n").wantStatus(204)
	})
}

// cleanTFL is a flow as Tableau Prep saves it, with one connection and one output.
func cleanTFL(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for name, content := range map[string]string{"flow": `{"initialNodes":["a"],"nodes":{` +
		`"a":{"nodeType":".v1.LoadSql","name":"orders","connectionId":"c"},"b":{"nodeType":".v1.WriteToHyper","name":"Output"}},` +
		`"connections":{"c":{"name":"db.example.com","connectionAttributes":{"class":"postgres","server":"db.example.com","port":"5432","dbname":"sales","username":"template"}}}}`} {
		entry, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What Tableau's sample scripts send, which take nothing but the exact status.
func TestSampleScripts(t *testing.T) {
	t.Parallel()
	w := start(t)
	twbx := packed(t, "Sales.twb", salesTWB, "Image/logo.png", strings.Repeat("png", 100_000))
	signIn := func(site string) {
		a := w.send("POST /api/3.28/auth/signin HTTP/1.1\nUser-Agent: python-requests/2.32\n\n" +
			`<tsRequest><credentials name="admin" password="p@ss&amp;&lt;w&gt;" ><site contentUrl="` + site + `" /></credentials></tsRequest>`).wantStatus(200)
		w.token = string(tokenInAnswer.FindSubmatch(a.raw)[1])
	}
	body := func(payload, part, fileName, file string) []byte {
		if part == "" {
			return payloadOnly(payload)
		}
		return []byte(tsc(w.expand(payload), part, fileName, file))
	}
	const head = " HTTP/1.1\nx-tableau-auth: TOKEN\ncontent-type: multipart/mixed; boundary=5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a\n"
	const sales = `<tsRequest><workbook name="Sales"><project id="PROJECT" /></workbook></tsRequest>`

	t.Run("SMP-1 publish_workbook", func(t *testing.T) {
		w.t = t
		signIn("")
		w.get("projects?pageSize=100&pageNumber=1").wantStatus(200).wantIn(`name="Default"`)
		w.ids.last.Store(worldBegins)
		w.sendBytes("POST S/workbooks?workbookType=twbx&overwrite=true"+head, body(sales, "tableau_workbook", "Sales.twbx", twbx)).wantStatus(201).wantIn(`id="#1"`)
		w.send("POST /api/3.28/auth/signout HTTP/1.1\nx-tableau-auth: TOKEN\n\n").wantStatus(204)
	})
	t.Run("SMP-2 publish_workbook in blocks", func(t *testing.T) {
		w.t = t
		signIn("")
		w.uploadBlocks(twbx, 100_001, head)
		w.sendBytes("POST S/workbooks?uploadSessionId="+w.session+"&workbookType=twbx&overwrite=true"+head, body(w.expand(sales), "", "", "")).wantStatus(201).wantIn(`id="#1"`)
		w.wantContent("workbooks/LUID1/content", twbx)
	})
	t.Run("SMP-9 the Java sample, blocks of 100,000 bytes", func(t *testing.T) {
		w.t = t
		w.uploadBlocks(twbx, 100_000, head)
		w.sendBytes("POST S/workbooks?uploadSessionId="+w.session+"&workbookType=twbx"+head,
			body(w.expand(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?><tsRequest xmlns="http://tableau.com/api"><workbook name="Java"><project id="PROJECT" name="Default"/></workbook></tsRequest>`), "", "", "")).
			wantStatus(201).wantIn(`name="Java"`)
	})
	t.Run("SMP-3 move_workbook_projects", func(t *testing.T) {
		w.t = t
		a := w.send("POST S/projects" + askXML + `<tsRequest><project name="North"/></tsRequest>`).wantStatus(201)
		north := longLUID.FindString(string(a.raw))
		w.get("users/ADMIN/workbooks").wantStatus(200).wantIn(`<workbook id="#1" name="Sales"`)
		w.edit("workbooks/LUID1", `<workbook><project id="`+north+`" /></workbook>`).wantStatus(200).wantIn(`<project id="` + w.shorten(north) + `" name="North"/>`)
	})
	t.Run("SMP-4 move_workbook_sites", func(t *testing.T) {
		w.t = t
		a := w.get("workbooks/LUID1/content").wantStatus(200)
		_, name, _ := strings.Cut(a.header.Get("Content-Disposition"), `filename="`)
		if name != `Sales.twbx"` { // the script takes all up to the last quote
			t.Errorf("disposition %q", a.header.Get("Content-Disposition"))
		}
		w.moveTo("finance", signIn, func() {
			w.sendBytes("POST S/workbooks?workbookType=twbx&overwrite=true"+head, body(`<tsRequest><workbook name="Sales"><project id=""/></workbook></tsRequest>`, "tableau_workbook", "Sales.twbx", string(a.raw))).wantStatus(201)
		})
		w.remove("workbooks/LUID1").wantStatus(204)
	})
	t.Run("SMP-5 move_datasource_server", func(t *testing.T) {
		w.t = t
		luid := longLUID.FindString(string(w.publish("datasource", "", `name="Orders"`, ``, "a.tds", ordersTDS).wantStatus(201).raw))
		w.get("datasources").wantStatus(200).wantIn(`name="Orders"`)
		a := w.get("datasources/" + luid + "/content").wantStatus(200)
		w.moveTo("finance", signIn, func() {
			w.sendBytes("POST S/datasources?datasourceType=tds&overwrite=true"+head, body(`<tsRequest><datasource name="Orders"><project id=""/></datasource></tsRequest>`, "tableau_datasource", "Orders.tds", string(a.raw))).wantStatus(201)
		})
		w.remove("datasources/" + luid).wantStatus(204)
	})
}

// moveTo does something on another site, and comes back.
func (w *world) moveTo(site string, signIn func(string), there func()) {
	w.t.Helper()
	here := w.site
	w.site = w.of(site).luid
	signIn(site)
	there()
	w.site = here
	signIn("")
}

// uploadBlocks uploads a file in blocks of so many bytes; the session is that of the world then.
func (w *world) uploadBlocks(file string, size int, head string) {
	w.t.Helper()
	a := w.send("POST S/fileUploads HTTP/1.1\nx-tableau-auth: TOKEN\n\n").wantStatus(201)
	_, rest, _ := strings.Cut(string(a.raw), `uploadSessionId="`)
	w.session, _, _ = strings.Cut(rest, `"`)
	for len(file) > 0 {
		block := file[:min(size, len(file))]
		file = file[len(block):]
		w.sendBytes("PUT S/fileUploads/"+w.session+head, []byte(tsc("", "tableau_file", "file", block))).wantStatus(200).wantIn(`fileSize="1"`)
	}
}

// The curl lines of the reference, with what curl makes of them.
func TestCurlContent(t *testing.T) {
	t.Parallel()
	w := start(t)
	const curl = "\nUser-Agent: curl/8.5.0\nAccept: */*\n"
	t.Run("CRL-2 publish", func(t *testing.T) {
		w.t = t
		const payload = "<tsRequest>\n\t<workbook name=\"test1\" showTabs=\"true\" >\n\t<project id=\"\"/>\n\t<views>\n\t<view name=\"Map\" hidden=\"true\" />\n\t</views>\n\t</workbook>\n</tsRequest>\n"
		w.sendBytes("POST /api/3.4/sites/SITE/workbooks HTTP/1.1"+curl+"X-Tableau-Auth:TOKEN\nContent-Type: multipart/mixed;; boundary=------------------------2fe110b0d4b1a0a4\nExpect: 100-continue\n",
			[]byte(crlf("--------------------------2fe110b0d4b1a0a4\nContent-Disposition: attachment; name=\"request_payload\"; filename=\"publish-workbook.xml\"\nContent-Type: application/xml\n\n")+payload+
				crlf("\n--------------------------2fe110b0d4b1a0a4\nContent-Disposition: attachment; name=\"tableau_workbook\"; filename=\"MY_WORKBOOK.twb\"\nContent-Type: application/octet-stream\n\n")+salesTWB+
				crlf("\n--------------------------2fe110b0d4b1a0a4--\n"))).
			want(201, `<workbook id="#1" name="test1" description="" contentUrl="test1" webpageUrl="http://tableau.localhost/#/workbooks/1" showTabs="true" size="1" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" encryptExtracts="false" defaultViewId="#4">`+
				`<project id="#PROJECT" name="Default"/><location id="#PROJECT" type="Project" name="Default"/><owner id="#ADMIN" name="admin"/><tags/><views>`+
				`<view id="#4" name="Tale of 100 Start-ups" contentUrl="test1/sheets/Taleof100Start-ups" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" viewUrlName="Taleof100Start-ups"><tags/></view>`+
				`<view id="#7" name="Übersicht" contentUrl="test1/sheets/bersicht" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" viewUrlName="bersicht"><tags/></view></views></workbook>`)
	})
	t.Run("CRL-1 tags", func(t *testing.T) {
		w.t = t
		for _, path := range []string{"views/LUID4", "workbooks/LUID1"} {
			w.edit(path+"/tags", `<tags><tag label="Spending"/></tags>`).wantStatus(200)
			w.send("PUT /api/3.22/sites/SITE/"+path+"/tags HTTP/1.1"+curl+"X-Tableau-Auth:TOKEN\nContent-Type: application/x-www-form-urlencoded\n\n"+
				`<tsRequest>    <tags>      <tag label="GDP" />      <tag label="Health" />    </tags></tsRequest>`).
				want(200, `<tags><tag label="Spending"/><tag label="GDP"/><tag label="Health"/></tags>`)
		}
	})
	t.Run("CRL-5 view pdf", func(t *testing.T) {
		w.t = t
		w.send("GET /api/3.22/sites/SITE/views/LUID4/pdf/maxAge=60 HTTP/1.1"+curl+"X-Tableau-Auth:TOKEN\n\n").wantError(404003, "maxAge=60")
	})
	t.Run("CRL-9 update workbook", func(t *testing.T) {
		w.t = t
		const request = "PUT /api/3.22/sites/SITE/workbooks/LUID1?includeViewAccelerationStatus=true HTTP/1.1" + curl + "Content-Type: application/xml\nX-Tableau-Auth: TOKEN\nCookie: AWSALBAPP-0=AAAA; AWSALBAPP-1=_remove_; hid=uw2a-hap01\n\n" +
			"<tsRequest> <workbook > <views><view id='LUID4'/></views> <dataAccelerationConfig accelerationEnabled='true' accelerateNow='true' /> <dataFreshnessPolicy option='FreshEvery'> <freshAtSchedule frequency='Week' time='08:15:00' timezone='America/Los_Angeles'> <intervals> <interval weekDay='Monday' /> </intervals> </freshAtSchedule> </dataFreshnessPolicy> </workbook> </tsRequest>"
		w.send(request).wantError(400036, "#1") // nobody has looked at the view yet
		w.get("views/LUID4/data").wantStatus(200)
		a := w.send(request).wantStatus(200).wantIn(`viewUrlName="Taleof100Start-ups"><tags><tag label="Spending"/><tag label="GDP"/><tag label="Health"/></tags><dataAccelerationConfig accelerationEnabled="true" accelerationStatus="Pending"/></view>`,
			`<dataAccelerationConfig accelerationEnabled="false" accelerationStatus="Off"/></view></views><dataAccelerationConfig accelerationEnabled="true" lastUpdatedAt="2026-03-02T10:00:00Z" accelerationStatus="Pending"/></workbook>`)
		if strings.Contains(a.body, "dataFreshnessPolicy") { // the schedule is not that of the option
			t.Errorf("answer %s", a.body)
		}
		w.clock.advance(time.Second)
		w.get("workbooks/LUID1").wantIn(`<dataAccelerationConfig accelerationEnabled="true" accelerationStatus="On"/></view>`)
	})
	t.Run("CRL-11 get view", func(t *testing.T) {
		w.t = t
		w.send("GET /api/3.22/sites/SITE/views/LUID4s HTTP/1.1"+curl+"X-Tableau-Auth:TOKEN\n\n").wantError(404006, "#4s")
	})
	t.Run("CRL-12 by content URL", func(t *testing.T) {
		w.t = t
		w.send("GET /api/3.17/sites/SITE/workbooks/test1?key=contentUrl HTTP/1.1" + curl + "X-Tableau-Auth:TOKEN\n\n").wantIn(`<workbook id="#1" name="test1"`)
		w.send("GET /api/3.17/sites/SITE/workbooks/test1?key=ContentURL HTTP/1.1"+curl+"X-Tableau-Auth:TOKEN\n\n").wantError(404006, "test1")
	})
	t.Run("CRL-13 filtered lists", func(t *testing.T) {
		w.t = t
		w.send("GET /api/3.22/sites/SITE/workbooks?filter=updatedAt:gte:2016-05-01T06:00:00Z&sort=name:asc HTTP/1.1" + curl + "X-Tableau-Auth:TOKEN\n\n").wantIn(`totalAvailable="1"`)
		w.send("GET /api/3.22/sites/SITE/views?filter=viewUrlName:eq:Taleof100Start-ups HTTP/1.1"+curl+"X-Tableau-Auth:TOKEN\n\n").
			wantIn(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><views><view id="#4"`, `<workbook id="#1"/><owner id="#ADMIN"/><project id="#PROJECT"/><tags>`)
	})
}

// Extracts are made and deleted by jobs; a file whose extracts were deleted comes without them.
func TestExtracts(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("workbook", "", `name="Sales"`, ``, "a.twbx", packed(t, "Sales.twb", extractTWB, "Data/Extracts/orders.hyper", "Hyper", "Image/logo.png", "png")).wantIn(`id="#1"`)
	post := func(path, body string) *answer {
		return w.send("POST S/" + path + " HTTP/1.1\nx-tableau-auth: TOKEN\ncontent-type: text/xml\n\n" + body)
	}
	const all = `<tsRequest><datasources includeAll="true" /></tsRequest>`
	t.Run("TSC-29 and CMD-16 deleteExtract", func(t *testing.T) {
		w.t = t
		post("workbooks/LUID1/deleteExtract", all).wantStatus(202).wantIn(`mode="Asynchronous" type="DeleteExtract"`, `finishCode="1"`)
		w.get("workbooks?fields=hasExtracts").wantIn(`<workbook hasExtracts="false"/>`)
		if entries := unpack(t, w.get("workbooks/LUID1/content").raw); len(entries) != 2 || entries["Sales.twb"] != salesTWB {
			t.Errorf("entries %q", entries)
		}
		post("workbooks/LUID1/deleteExtract", all).wantError(409090, "#1")
	})
	t.Run("TSC-29 and CMD-15 createExtract", func(t *testing.T) {
		w.t = t
		a := post("workbooks/LUID1/createExtract?encrypt=True", all).wantStatus(202).wantIn(`type="CreateExtract"`, `<extractCreationJob><workbook id="#1" name="Sales"/><jobLuid>#`)
		if !strings.Contains(a.header.Get("Location"), "/jobs/") {
			t.Errorf("Location %q", a.header.Get("Location"))
		}
		w.get("workbooks?fields=hasExtracts,encryptExtracts").wantIn(`<workbook hasExtracts="true" encryptExtracts="true"/>`)
		if entries := unpack(t, w.get("workbooks/LUID1/content").raw); len(entries) != 3 {
			t.Errorf("entries %q", entries)
		}
		post("workbooks/LUID1/createExtract?encrypt=False", `<tsRequest><datasources includeAll="false"><datasource id="LUID3" /></datasources></tsRequest>`).wantStatus(202)
		post("workbooks/LUID1/createExtract?encrypt=False", `<tsRequest><datasources includeAll="false"><datasource id="none" /></datasources></tsRequest>`).wantError(404004, "none")
		post("workbooks/LUID1/createExtract?encrypt=False", `<tsRequest><datasources includeAll="false" /></tsRequest>`).wantError(400000, "includeAll")
		post("workbooks/LUID1/createExtract?encrypt=2", all).wantError(400008, "encrypt")
		post("workbooks/none/createExtract", all).wantError(404006, "none")
	})
	t.Run("of a data source", func(t *testing.T) {
		w.t = t
		luid := longLUID.FindString(string(w.publish("datasource", "", `name="Orders"`, ``, "a.tds", ordersTDS).wantStatus(201).raw))
		post("datasources/"+luid+"/createExtract?encrypt=False", `<tsRequest />`).wantStatus(202)
		w.get("datasources/" + luid).wantIn(`hasExtracts="true"`)
		post("datasources/"+luid+"/deleteExtract", ``).wantStatus(202)
		w.get("datasources/" + luid).wantIn(`hasExtracts="false"`)
		w.get("jobs").wantIn(`jobType="create_extracts"`, `jobType="delete_extracts"`)
	})
	t.Run("thumbnails", func(t *testing.T) {
		w.t = t
		post("workbooks/LUID1/refreshThumbnails", ``).wantStatus(202).wantIn(`type="RefreshThumbnails"`, `<thumbnailsRefreshJob><jobLuid>#`, `<workbook id="#1" name="Sales"/></thumbnailsRefreshJob>`)
	})
}

// TSC-36: rows are changed by a job, once however often the request is sent.
func TestUpdateHyperData(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("datasource", "", `name="Facts"`, ``, "a.hyper", "Hyper").wantIn(`id="#1"`)
	patch := func(path, id, body string) *answer {
		return w.send("PATCH S/datasources/" + path + " HTTP/1.1\nx-tableau-auth: TOKEN\ncontent-type: application/json\nrequestid: " + id + "\n\n" + body)
	}
	const remove = `{"actions": [{"action": "delete", "target-schema": "Extract", "target-table": "Extract", "condition": {"op": "lt", "target-col": "col1", "const": {"type": "datetime", "v": "2020-06-01"}}}]}`
	const insert = `{"actions": [{"action": "insert", "source-schema": "Extract", "source-table": "Extract", "target-schema": "Extract", "target-table": "Extract"}]}`
	w.clock.advance(time.Minute)
	first := patch("LUID1/data", "one", remove).wantStatus(202).
		wantIn(`mode="Asynchronous" type="UpdateUploadedFile"`, `<updateUploadedFileJob><datasource id="#1" name="Facts"/><connectionLuid>#2</connectionLuid></updateUploadedFileJob>`)
	again := patch("LUID1/data", "one", remove).wantStatus(202)
	if first, again := longLUID.FindString(string(first.raw)), longLUID.FindString(string(again.raw)); first != again {
		t.Errorf("jobs %s and %s", first, again)
	}
	if jobs := w.of("").jobs.Len(); jobs != 1 {
		t.Errorf("%d jobs", jobs)
	}
	w.get("datasources/LUID1").wantIn(`updatedAt="2026-03-02T10:01:00Z"`)
	w.wantContent("datasources/LUID1/content", "Hyper")

	w.uploadBlocks("Hyper rows", 5, tscHead)
	patch("LUID1/connections/LUID2/data?uploadSessionId="+w.session, "two", insert).wantStatus(202).wantIn(`<connectionLuid>#2</connectionLuid>`)
	patch("LUID1/data?uploadSessionId="+w.session, "three", insert).wantError(404015, w.shorten(w.session))
	patch("LUID1/data", "three", insert).wantError(400000, "uploadSessionId")
	patch("LUID1/data", "three", `{"actions": [{"action": "drop", "target-table": "x"}]}`).wantError(400000, "drop")
	patch("LUID1/data", "three", `{"actions": [{"action": "delete"}]}`).wantError(400000, "target-table")
	patch("LUID1/data", "three", `{}`).wantError(400000, "actions")
	patch("LUID1/data", "", remove).wantError(400000, "RequestID")
	patch("LUID1/connections/none/data", "three", remove).wantError(404020, "none")
	patch("none/data", "three", remove).wantError(404004, "none")
	live := longLUID.FindString(string(w.publish("datasource", "", `name="Live"`, ``, "a.tds", ordersTDS).wantStatus(201).raw))
	patch(live+"/data", "three", remove).wantError(409090, w.shorten(live))
}
