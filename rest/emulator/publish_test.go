package emulator

import (
	"bytes"
	"crypto/tls"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TSC-5 and TSC-6: publish a workbook, and find it again in every place.
func TestPublishWorkbook(t *testing.T) {
	t.Parallel()
	w := start(t)
	payload := `<tsRequest><workbook name="World Indicators" showTabs="true"><project id="PROJECT" />` +
		`<connections><connection serverAddress="DB.example.com" serverPort="5432"><connectionCredentials embed="true" name="app" password="p" /></connection>` +
		`<connection serverAddress="elsewhere"><connectionCredentials embed="true" name="other" password="p" /></connection>` +
		`<connection serverAddress="db.example.com" serverPort="5433"><connectionCredentials embed="false" name="other" password="p" /></connection></connections>` +
		`<views><view hidden="true" name="Map" /><view name="No such sheet" hidden="true" /></views></workbook></tsRequest>`
	whole := `<workbook id="#1" name="World Indicators" description="" contentUrl="WorldIndicators" webpageUrl="http://tableau.localhost/#/workbooks/1" showTabs="true" size="1" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" encryptExtracts="false" defaultViewId="#4">` +
		`<project id="#PROJECT" name="Default"/><location id="#PROJECT" type="Project" name="Default"/><owner id="#ADMIN" name="admin"/><tags/>`
	views := `<views><view id="#4" name="Tale of 100 Start-ups" contentUrl="WorldIndicators/sheets/Taleof100Start-ups" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" viewUrlName="Taleof100Start-ups"><tags/></view>` +
		`<view id="#7" name="Übersicht" contentUrl="WorldIndicators/sheets/bersicht" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" viewUrlName="bersicht"><tags/></view></views>`

	a := w.sendBytes("POST S/workbooks?workbookType=twb&overwrite=true&skipConnectionCheck=true"+tscHead,
		[]byte(tsc(w.expand(payload), "tableau_workbook", "SampleWB.twb", salesTWB)))
	a.want(201, whole+views+`</workbook>`)
	if got, want := a.header.Get("Location"), w.expand("/api/3.29/sites/SITE/workbooks/LUID1"); got != want {
		t.Errorf("Location %q, want %q", got, want)
	}
	w.get("workbooks/LUID1?pageNumber=1").want(200, whole+views+`</workbook>`)
	w.get("workbooks/WorldIndicators?key=contentUrl").want(200, whole+views+`</workbook>`)
	w.get("workbooks?pageNumber=1").want(200,
		`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><workbooks>`+whole+`</workbook></workbooks>`)
	w.get("workbooks?fields=_all_&pageNumber=1").wantIn(`sheetCount="2" hasExtracts="false"`, `lastPublishedAt="2026-03-02T10:00:00Z"`,
		`<project id="#PROJECT" name="Default" description=""/>`)
	w.get("workbooks/LUID1/views").want(200, views)
	w.get("workbooks/LUID1/views?includeUsageStatistics=true").want(200,
		strings.ReplaceAll(views, `<tags/></view>`, `<tags/><usage totalViewCount="0"/></view>`))
	of := `<workbook id="#1"/><owner id="#ADMIN"/><project id="#PROJECT"/><tags/><usage totalViewCount="0"/></view>`
	w.get("views?includeUsageStatistics=true&pageNumber=1").want(200,
		`<pagination pageNumber="1" pageSize="100" totalAvailable="2"/>`+strings.ReplaceAll(views, `<tags/></view>`, of))
	w.get("workbooks/LUID1/connections").want(200,
		`<connections><connection id="#2" type="postgres" serverAddress="db.example.com" serverPort="5432" userName="app" embedPassword="true" queryTaggingEnabled="false"><datasource id="#3" name="Orders"/></connection></connections>`)

	for path, code := range map[string]int{
		"workbooks/none": 404006,
		"workbooks/WorldIndicators?key=contenturl":       404006,
		"workbooks/worldindicators?key=contentUrl":       404006,
		"workbooks/none/views":                           404006,
		"workbooks/none/connections":                     404006,
		"workbooks/none/content":                         404006,
		"datasources/LUID1":                              404004,
		"workbooks/LUID1/views?includeUsageStatistics=x": 400008,
		"views?includeUsageStatistics=1":                 400008,
		"views/LUID4/nothing":                            404003,
		"workbooks/LUID1/revisions/1/content":            404024,
	} {
		w.get(path).wantError(code, "")
	}
}

// The same name again: refused without overwrite, and otherwise everything that people refer to stays.
func TestOverwrite(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("workbook", "", `name="Sales" showTabs="true" description="first"`, ``, "a.twb", salesTWB).wantStatus(201).
		wantIn(`id="#1"`, `contentUrl="Sales"`, `<view id="#4" name="Tale of 100 Start-ups"`, `<view id="#5" name="Map"`)
	w.send("PUT S/workbooks/LUID1/tags HTTP/1.1\nX-Tableau-Auth: TOKEN\nContent-Type: application/x-www-form-urlencoded\n\n"+
		`<tsRequest><tags><tag label="gold"/><tag label="b/c"/><tag label="gold"/></tags></tsRequest>`).
		want(200, `<tags><tag label="gold"/><tag label="b/c"/></tags>`)

	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", salesTWB).wantError(403130, "#1")
	w.publish("workbook", "overwrite=false", `name="Sales"`, ``, "a.twb", salesTWB).wantError(403130, "#1")
	w.publish("workbook", "createnew=true", `name="Sales"`, ``, "a.twb", salesTWB).wantError(403130, "#1")
	w.publish("workbook", "overwrite=true&createnew=true", `name="Sales"`, ``, "a.twb", salesTWB).wantError(403130, "#1")

	w.clock.advance(time.Hour)
	w.signIn(`name="ana" password="secret"`, "")
	w.publish("workbook", "overwrite=True", `name="Sales"`, `<project id=""/><views/>`, "a.twb",
		strings.Replace(salesTWB, "'Map'", "'Table'", 2)).wantStatus(201).
		wantIn(`id="#1"`, `contentUrl="Sales"`, `description="first"`, `showTabs="false"`, `createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T11:00:00Z"`,
			`<owner id="#ANA" name="ana"/><tags><tag label="gold"/><tag label="b/c"/></tags>`, `<view id="#4" name="Tale of 100 Start-ups"`, `name="Table"`)
	w.get("workbooks/LUID1/revisions?pageSize=10").want(200, `<pagination pageNumber="1" pageSize="10" totalAvailable="2"/><revisions>`+
		`<revision publishedAt="2026-03-02T10:00:00Z" revisionNumber="1" deleted="false" current="false" sizeInBytes="1387"><publisher id="#ADMIN" name="admin"/></revision>`+
		`<revision publishedAt="2026-03-02T11:00:00Z" revisionNumber="2" deleted="false" current="true" sizeInBytes="1391"><publisher id="#ANA" name="ana"/></revision></revisions>`)
	if a := w.get("workbooks/LUID1/revisions/1/content"); string(a.raw) != salesTWB {
		t.Errorf("revision 1 is %q", a.raw)
	}
	w.get("workbooks/LUID1/revisions/2/content").wantError(404024, "#1")

	w.send("DELETE S/workbooks/LUID1/tags/b/c HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
	w.send("DELETE S/workbooks/LUID1/tags/b%2Fc HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantError(404007, "b/c")
}

func TestRevisionLimit(t *testing.T) {
	t.Parallel()
	w := start(t)
	for range 27 {
		w.publish("datasource", "overwrite=true", `name="Orders"`, ``, "a.tds", ordersTDS).wantStatus(201)
	}
	w.get("datasources/LUID1/revisions?pageSize=1").wantIn(`totalAvailable="27"`, `revisionNumber="1" deleted="true"`)
	w.get("datasources/LUID1/revisions?pageSize=2&pageNumber=2").wantIn(`revisionNumber="3" deleted="false"`)
	w.get("datasources/LUID1/revisions/2/content").wantError(404024, "2")
	w.get("datasources/LUID1/revisions/3/content").wantStatus(200)
}

// Names are unique in a project; content URLs on the site.
func TestNames(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.send("POST S/projects HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n" + `<tsRequest><project name="North"/></tsRequest>`).wantIn(`id="#1"`)
	publish := func(name, project, contentURL string) {
		t.Helper()
		w.publish("workbook", "", `name="`+name+`"`, `<project id="`+project+`"/>`, "a.twb", salesTWB).wantStatus(201).
			wantIn(`contentUrl="` + contentURL + `"`)
	}
	publish("Sales", "PROJECT", "Sales")
	publish("Sales", "LUID1", "Sales_1")
	publish("Sa.l e's", "PROJECT", "Sales_2")
	publish("売上", "PROJECT", "_1")
	publish("世界", "PROJECT", "_2")
	publish("a_b-c (d)", "PROJECT", "a_b-cd")
	w.publish("datasource", "", `name="Sales"`, ``, "a.tds", ordersTDS).wantStatus(201).wantIn(`contentUrl="Sales"`)
	w.get("workbooks?filter=name:eq:Sales&fields=_all_").wantIn(`totalAvailable="2"`)
}

// View URLs are unique in their workbook, whatever comes first in the file.
func TestViewURLs(t *testing.T) {
	t.Parallel()
	w := start(t)
	sheets := func(names ...string) string {
		return "<workbook><datasources/><worksheets><worksheet name='" + strings.Join(names, "'/><worksheet name='") + "'/></worksheets></workbook>"
	}
	w.publish("workbook", "", `name="S"`, ``, "a.twb", sheets("Map", "M ap")).wantStatus(201).
		wantIn(`name="Map" contentUrl="S/sheets/Map"`, `name="M ap" contentUrl="S/sheets/Map_1"`)
	w.publish("workbook", "overwrite=true", `name="S"`, ``, "a.twb", sheets("Ma p", "Map")).wantStatus(201).
		wantIn(`name="Ma p" contentUrl="S/sheets/Map_2"`, `name="Map" contentUrl="S/sheets/Map"`)
}

// Without a file name the first bytes tell the type.
func TestTypeOfNamelessFile(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("workbook", "", `name="bare"`, ``, "", salesTWB).wantStatus(201)
	w.publish("workbook", "", `name="packed"`, ``, "upload", packed(t, "Sales.twb", salesTWB)).wantStatus(201)
	w.publish("datasource", "", `name="extract"`, ``, "", "Hyper\x72").wantStatus(201).wantIn(`type="hyper"`)
}

func TestWebPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plain, secure := &http.Request{Host: "h:80"}, &http.Request{Host: "h", TLS: &tls.ConnectionState{}}
	for want, c := range map[string]*call{
		"http://h:80/#/workbooks/3":            {request: plain, site: w.of("")},
		"https://h/#/site/finance/workbooks/3": {request: secure, site: w.of("finance")},
	} {
		if got := c.webPage("workbooks", 3); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TSC-17: a data source, with all modes.
func TestPublishDatasource(t *testing.T) {
	t.Parallel()
	w := start(t)
	const whole = `<datasource id="#1" name="Orders" description="" contentUrl="Orders" webpageUrl="http://tableau.localhost/#/datasources/1" size="1" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" encryptExtracts="false" type="postgres" hasExtracts="false" isCertified="true" certificationNote="ok" useRemoteQueryAgent="false">` +
		`<project id="#PROJECT" name="Default"/><location id="#PROJECT" type="Project" name="Default"/><owner id="#ADMIN" name="admin"/><tags/></datasource>`
	w.publish("datasource", "datasourceType=tds&createnew=true", `name="Orders" isCertified="True" certificationNote="ok" useRemoteQueryAgent="false"`,
		`<project id="PROJECT"/><connectionCredentials embed="true" name="app" password="p" />`, "orders.tds", ordersTDS).want(201, whole)
	w.get("datasources/LUID1").want(200, whole)
	w.get("datasources").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><datasources>`+whole+`</datasources>`)
	w.get("datasources/LUID1/connections").want(200,
		`<connections><connection id="#2" type="postgres" serverAddress="db.example.com" serverPort="5432" userName="app" embedPassword="true" queryTaggingEnabled="false"><datasource id="#1" name="Orders"/></connection></connections>`)
	w.get("datasources/LUID1/views").wantError(404003, "views")

	w.publish("datasource", "", `name="Orders"`, ``, "a.tds", ordersTDS).wantError(409003, "#1")
	w.publish("datasource", "overwrite=true&append=true", `name="Orders"`, ``, "a.tds", ordersTDS).wantError(400000, "append")
	w.publish("datasource", "append=true", `name="New"`, ``, "a.tds", ordersTDS).wantError(404004, "New")
	w.publish("datasource", "replace=true", `name="Orders" isCertified="none"`, ``, "a.tds", ordersTDS).wantStatus(201).
		wantIn(`id="#1"`, `isCertified="true"`)
	w.publish("datasource", "append=true&datasourceType=hyper", `name="Orders"`, ``, "a.hyper", "Hyper\x72").wantStatus(201).
		wantIn(`id="#1"`, `type="hyper"`, `hasExtracts="true"`)
	if a := w.get("datasources/LUID1/content"); string(a.raw) != "Hyper\x72" {
		t.Errorf("content %q", a.raw)
	}
}

// A workbook on a published data source needs that data source on the site.
func TestPublishedDatasource(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", publishedTWB).wantError(400011, "Datasource 'Orders' not found")
	w.get("workbooks").wantIn(`totalAvailable="0"`)
	w.publish("datasource", "", `name="Orders"`, ``, "a.tds", ordersTDS).wantIn(`id="#1"`)
	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", publishedTWB).wantStatus(201).wantIn(`id="#3"`)
	w.get("workbooks/LUID3/connections").wantIn(`type="sqlproxy" serverAddress="tableau.localhost"`, `<datasource id="#1" name="Orders"/>`)
	other := strings.Replace(publishedTWB, "path='/datasources' revision='1.0'", "path='/t/acme/datasources' revision='1.0' site='acme'", 1)
	w.publish("workbook", "", `name="Other"`, ``, "a.twb", other).wantError(400011, "Datasource 'Orders' not found")

	w.signIn(`name="admin" password="p@ss&amp;&lt;w&gt;"`, "finance")
	w.site = w.of("finance").luid
	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", publishedTWB).wantError(400011, "Datasource 'Orders' not found")
}

func TestPublishRefused(t *testing.T) {
	t.Parallel()
	w := start(t)
	tests := map[string]struct {
		query, attributes, children, fileName, file string
		code                                        int
		detail                                      string
	}{
		"no name":          {"", ``, ``, "a.twb", salesTWB, 400000, "name"},
		"unknown project":  {"", `name="S"`, `<project id="made-up"/>`, "a.twb", salesTWB, 404005, "made-up"},
		"all views hidden": {"", `name="S"`, `<views><view name="Map" hidden="true"/><view name="Übersicht" hidden="true"/><view name="Tale of 100 Start-ups" hidden="true"/></views>`, "a.twb", salesTWB, 400011, "hidden"},
		"overwrite":        {"overwrite=yes", `name="S"`, ``, "a.twb", salesTWB, 400008, "yes"},
		"embed":            {"", `name="S"`, `<connectionCredentials name="u" embed="maybe"/>`, "a.twb", salesTWB, 400008, "maybe"},
		"showTabs":         {"", `name="S" showTabs="2"`, ``, "a.twb", salesTWB, 400008, "showTabs"},
		"hidden":           {"", `name="S"`, `<views><view name="Map" hidden="2"/></views>`, "a.twb", salesTWB, 400008, "hidden"},
		"file name":        {"", `name="S"`, ``, "a.tds", salesTWB, 400020, "a.tds"},
		"not the type":     {"workbookType=twbx", `name="S"`, ``, "a.twbx", salesTWB, 400011, "twbx"},
		"not a workbook":   {"", `name="S"`, ``, "a.twb", ordersTDS, 400011, "tds"},
		"not well-formed":  {"", `name="S"`, ``, "a.twb", "<workbook>", 400011, "could not be read"},
		"empty":            {"", `name="S"`, ``, "a.twb", "", 400011, "could not be read"},
		"session as well":  {"uploadSessionId=1:2-3:4&workbookType=twb", `name="S"`, ``, "a.twb", salesTWB, 400000, "uploadSessionId"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w.publish("workbook", test.query, test.attributes, test.children, test.fileName, test.file).wantError(test.code, test.detail)
		})
	}
	w.get("workbooks").wantIn(`totalAvailable="0"`)
	if n := w.of("").workbooks.Len(); n != 0 {
		t.Errorf("%d assets", n)
	}
}

// TSC-14: the file comes back byte for byte, with the headers that clients take its name and type from.
func TestDownload(t *testing.T) {
	t.Parallel()
	w := start(t)
	tests := []struct {
		kind, name, fileName, file, contentType, disposition string
	}{
		{"workbook", "Sales", "a.twb", salesTWB, "application/xml", `name="tableau_workbook"; filename="Sales.twb"`},
		{"workbook", "Packed", "a.twbx", packed(t, "Packed.twb", salesTWB), "application/octet-stream", `name="tableau_workbook"; filename="Packed.twbx"`},
		{"datasource", "Orders", "a.tds", ordersTDS, "application/xml", `name="tableau_datasource"; filename="Orders.tds"`},
		{"datasource", "Packed", "a.tdsx", packed(t, "Packed.tds", ordersTDS), "application/octet-stream", `name="tableau_datasource"; filename="Packed.tdsx"`},
		{"datasource", "Facts", "a.hyper", "Hyper\x00\r\n", "application/octet-stream", `name="tableau_datasource"; filename="Facts.hyper"`},
		{"workbook", `Ü &quot;x&quot; a/b`, "b.twb", salesTWB, "application/xml", `name="tableau_workbook"; filename="_ _x_ a_b.twb"; filename*=UTF-8''%C3%9C%20%22x%22%20a%2Fb.twb`},
	}
	for _, test := range tests {
		a := w.publish(test.kind, "", `name="`+test.name+`"`, ``, test.fileName, test.file).wantStatus(201)
		id := longLUID.FindString(string(a.raw))
		a = w.get(test.kind + "s/" + id + "/content?includeExtract=False").wantStatus(200)
		if !bytes.Equal(a.raw, []byte(test.file)) {
			t.Errorf("%s: %d bytes came back, %d were sent", test.name, len(a.raw), len(test.file))
		}
		if got := a.header.Get("Content-Type"); got != test.contentType {
			t.Errorf("%s: Content-Type %q, want %q", test.name, got, test.contentType)
		}
		if got := a.header.Get("Content-Disposition"); got != test.disposition {
			t.Errorf("%s: Content-Disposition %q, want %q", test.name, got, test.disposition)
		}
		w.send("DELETE S/" + test.kind + "s/" + id + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
		w.get(test.kind + "s/" + id + "/content").wantStatus(404)
	}
}
