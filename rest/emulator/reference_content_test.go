package emulator

import (
	"strings"
	"testing"
)

// financeTWB is the workbook of the reference's samples.
const financeTWB = `<?xml version='1.0' encoding='utf-8' ?>
<workbook version='18.1'>
  <datasources>
    <datasource caption='Facts' name='federated.1'><connection class='federated'><named-connections>
      <named-connection name='p.1'><connection class='postgres' dbname='facts' port='5432' server='db.example.com' username='app' /></named-connection>
    </named-connections></connection></datasource>
  </datasources>
  <worksheets><worksheet name='Tale of 100 Start-ups' /><worksheet name='Economic Indicators' /><worksheet name='Investing in the Dow' /></worksheets>
</workbook>`

// The calls of "Workbooks and Views Methods" as its curl lines send them, in one world and in this order, and its answers.
// The workbook is LUID1, its connection LUID2, its views LUID4, LUID5 and LUID6.
func TestReferenceOfContent(t *testing.T) {
	t.Parallel()
	w := start(t)
	const headers = " HTTP/1.1\nUser-Agent: curl/8.5.0\nAccept: */*\nX-Tableau-Auth:TOKEN\n\n"
	const form = " HTTP/1.1\nUser-Agent: curl/8.5.0\nAccept: */*\nX-Tableau-Auth:TOKEN\nContent-Type: application/x-www-form-urlencoded\n\n"
	const site = "/api/3.22/sites/SITE/"
	const workbook = `<workbook id="#1" name="Finance" description="" contentUrl="Finance" webpageUrl="http://tableau.localhost/#/workbooks/1" showTabs="true" size="1" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" encryptExtracts="false" defaultViewId="#4">` +
		`<project id="#PROJECT" name="Default"/><location id="#PROJECT" type="Project" name="Default"/><owner id="#ADMIN" name="admin"/><tags/>`
	view := func(luid, name, url, children string) string {
		return `<view id="#` + luid + `" name="` + name + `" contentUrl="Finance/sheets/` + url + `" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" viewUrlName="` + url + `">` + children + `</view>`
	}
	views := func(children string) string {
		return `<views>` + view("4", "Tale of 100 Start-ups", "Taleof100Start-ups", children) +
			view("5", "Economic Indicators", "EconomicIndicators", children) + view("6", "Investing in the Dow", "InvestingintheDow", children) + `</views>`
	}
	const placed = `<workbook id="#1"/><owner id="#ADMIN"/><project id="#PROJECT"/><tags/>`
	const onePage = `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/>`
	const threeOnPage = `<pagination pageNumber="1" pageSize="100" totalAvailable="3"/>`

	publish := "--boundary-string\r\nContent-Disposition: name=\"request_payload\"\r\nContent-Type: text/xml\r\n\r\n" +
		`<tsRequest><workbook name="Finance" showTabs="true" thumbnailsUserId="ADMIN"><connections><connection serverAddress="db.example.com" serverPort="5432"><connectionCredentials name="app" password="h8k!z" embed="true" /></connection></connections><project id="PROJECT"/></workbook></tsRequest>` +
		"\r\n--boundary-string\r\nContent-Disposition: name=\"tableau_workbook\"; filename=\"Finance.twb\"\r\nContent-Type: application/octet-stream\r\n\r\n" + financeTWB + "\r\n--boundary-string--\r\n"

	const none = ""
	for _, test := range []struct {
		name, request string
		status        int
		answer        string // the tsResponse; a type for files; none for no body
	}{
		{"22 Publish Workbook", "POST " + site + "workbooks HTTP/1.1\nX-Tableau-Auth: TOKEN\nContent-Type: multipart/mixed; boundary=boundary-string\n\n" + publish, 201, workbook + views(`<tags/>`) + `</workbook>`},
		{"29 Get Workbook", "GET " + site + "workbooks/LUID1" + headers, 200, workbook + views(`<tags/>`) + `</workbook>`},
		{"29 Get Workbook by content URL", "GET " + site + "workbooks/Finance?key=contentUrl" + headers, 200, workbook + views(`<tags/>`) + `</workbook>`},
		{"30 Query Workbooks for Site", "GET " + site + "workbooks?filter=updatedAt:gte:2016-05-01T06:00:00Z&sort=name:asc" + headers, 200, onePage + `<workbooks>` + workbook + `</workbook></workbooks>`},
		{"31 Query Workbooks for User", "GET " + site + "users/ADMIN/workbooks" + headers, 200, onePage + `<workbooks>` + workbook + `</workbook></workbooks>`},
		{"24 Query Views for Workbook", "GET " + site + "workbooks/LUID1/views" + headers, 200, views(`<tags/>`)},
		{"23 Query Views for Site", "GET " + site + "views" + headers, 200, threeOnPage + views(placed)},
		{"23 Query Views for Site, with usage", "GET " + site + "views?includeUsageStatistics=true&pageSize=100&pageNumber=1" + headers, 200, threeOnPage + views(placed+`<usage totalViewCount="0"/>`)},
		{"15 Get View by Path", "GET " + site + "views?filter=viewUrlName:eq:EconomicIndicators" + headers, 200, onePage + `<views>` + view("5", "Economic Indicators", "EconomicIndicators", placed) + `</views>`},
		{"14 Get View", "GET " + site + "views/LUID5?includeUsageStatistics=false" + headers, 200, view("5", "Economic Indicators", "EconomicIndicators", placed)},
		{"1 Add Tags to View", "PUT " + site + "views/LUID5/tags" + form + `<tsRequest>    <tags>      <tag label="GDP" />      <tag label="Health" />    </tags></tsRequest>`, 200, `<tags><tag label="GDP"/><tag label="Health"/></tags>`},
		{"2 Add Tags to Workbook", "PUT " + site + "workbooks/LUID1/tags" + form + `<tsRequest>    <tags>      <tag label="GDP" />      <tag label="Health" />    </tags></tsRequest>`, 200, `<tags><tag label="GDP"/><tag label="Health"/></tags>`},
		{"2 Add Tags to Workbook, none", "PUT " + site + "workbooks/LUID1/tags" + form + `<tsRequest><tags></tags></tsRequest>`, 200, `<tags><tag label="GDP"/><tag label="Health"/></tags>`},
		{"4 Delete Tag from View", "DELETE " + site + "views/LUID5/tags/GDP" + headers, 204, none},
		{"5 Delete Tag from Workbook", "DELETE " + site + "workbooks/LUID1/tags/GDP" + headers, 204, none},
		{"7 Download View Crosstab Excel", "GET /api/3.9/sites/SITE/views/LUID5/crosstab/excel?maxAge=60" + headers, 200, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"8 Download Workbook", "GET " + site + "workbooks/LUID1/content" + headers, 200, "application/xml"},
		{"9 Download Workbook PDF", "GET " + site + "workbooks/LUID1/pdf?maxAge=60" + headers, 200, "application/pdf"},
		{"10 Download Workbook PowerPoint", "GET " + site + "workbooks/LUID1/powerpoint?maxAge=60" + headers, 200, "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
		{"25 Query View Data", "GET " + site + "views/LUID5/data?maxAge=60" + headers, 200, "text/csv"},
		{"26 Query View Image", "GET " + site + "views/LUID5/image?resolution=high&maxAge=60" + headers, 200, "image/png"},
		{"27 Query View PDF", "GET " + site + "views/LUID5/pdf?maxAge=60" + headers, 200, "application/pdf"},
		{"28 Query View Preview Image", "GET " + site + "workbooks/LUID1/views/LUID5/previewImage" + headers, 200, "image/png"},
		{"33 Query Workbook Preview Image", "GET " + site + "workbooks/LUID1/previewImage" + headers, 200, "image/png"},
		{"17 Get Workbook Downgrade Info", "GET " + site + "workbooks/LUID1/downGradeInfo?productVersion=10.5" + headers, 200, `<downgradeInfo/>`},
		{"32 Query Workbook Connections", "GET " + site + "workbooks/LUID1/connections" + headers, 200, `<connections><connection id="#2" type="postgres" serverAddress="db.example.com" serverPort="5432" userName="app" embedPassword="true" queryTaggingEnabled="false"><datasource id="#3" name="Facts"/></connection></connections>`},
		{
			"38 Update Workbook Connection", "PUT " + site + "workbooks/LUID1/connections/LUID2" + form + `<tsRequest>  <connection    serverAddress="db2.example.com" serverPort="5433"    userName="app2" password="h8k!z"    embedPassword="False"	queryTaggingEnabled="true" /></tsRequest>`, 200,
			`<connection id="#2" type="postgres" serverAddress="db2.example.com" serverPort="5433" userName="app2" embedPassword="false" queryTaggingEnabled="true"><datasource id="#3" name="Facts"/></connection>`,
		},
		{
			"37 Update Workbook", "PUT " + site + "workbooks/LUID1" + form + `<tsRequest>   <workbook     name="Finance"    showTabs="false"    recentlyViewed="false"    encryptExtracts="false"     description="The finance workbook.">      <project id="PROJECT" />      <owner id="ANA" />      <views>          <view id="LUID5"/>        </views>      <dataAccelerationConfig         accelerationEnabled="false"         accelerateNow="false" />      <dataFreshnessPolicy option="FreshAt">        <freshAtSchedule frequency="weekly" time="08:15:00" timezone="America/Los_Angeles">          <intervals>            <interval weekDay="Monday" />          </intervals>        </freshAtSchedule>        </dataFreshnessPolicy>  </workbook> </tsRequest>`, 200,
			`<workbook id="#1" name="Finance" description="The finance workbook." contentUrl="Finance" webpageUrl="http://tableau.localhost/#/workbooks/1" showTabs="false" size="1" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" encryptExtracts="false" defaultViewId="#4">` +
				`<project id="#PROJECT" name="Default"/><location id="#PROJECT" type="Project" name="Default"/><owner id="#ANA" name="ana"/><tags><tag label="Health"/></tags>` +
				`<dataFreshnessPolicy option="FreshAt"><freshAtSchedule time="08:15:00" frequency="Week" timezone="America/Los_Angeles"><intervals><interval weekDay="Monday"/></intervals></freshAtSchedule></dataFreshnessPolicy></workbook>`,
		},
		{"22 Publish Workbook, overwrite", "POST " + site + "workbooks?overwrite=true HTTP/1.1\nX-Tableau-Auth: TOKEN\nContent-Type: multipart/mixed; boundary=boundary-string\n\n" + publish, 201, "application/xml;charset=UTF-8"},
		{"18 Get Workbook Revisions", "GET " + site + "workbooks/LUID1/revisions?pageSize=100&pageNumber=1" + headers, 200, `<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><revisions>` +
			`<revision publishedAt="2026-03-02T10:00:00Z" revisionNumber="1" deleted="false" current="false" sizeInBytes="SIZE"><publisher id="#ADMIN" name="admin"/></revision>` +
			`<revision publishedAt="2026-03-02T10:00:00Z" revisionNumber="2" deleted="false" current="true" sizeInBytes="SIZE"><publisher id="#ADMIN" name="admin"/></revision></revisions>`},
		{"11 Download Workbook Revision", "GET " + site + "workbooks/LUID1/revisions/1/content?includeExtract=False" + headers, 200, "application/xml"},
		{"6 Delete Workbook", "DELETE " + site + "workbooks/LUID1" + headers, 204, none},
	} {
		t.Run(test.name, func(t *testing.T) {
			w.t = t
			a := w.send(test.request).wantStatus(test.status)
			a.body = strings.ReplaceAll(a.body, `sizeInBytes="565"`, `sizeInBytes="SIZE"`)
			switch {
			case strings.HasPrefix(test.answer, "<"):
				a.want(test.status, test.answer)
			case a.header.Get("Content-Type") != test.answer:
				t.Errorf("Content-Type %q, want %q", a.header.Get("Content-Type"), test.answer)
			}
		})
	}
}

// TestReferenceErrorsOfContent has the codes of the reference's tables of errors that its calls provoke here and not in
// another test of content.
func TestReferenceErrorsOfContent(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", salesTWB).wantIn(`id="#1"`)
	for request, code := range map[string]int{
		"GET S/views?pageNumber=0":                           400006,
		"GET S/views?pageNumber=2":                           400006,
		"GET S/workbooks?pageSize=0":                         400007,
		"GET S/workbooks/LUID1/revisions?pageSize=1001":      403014,
		"GET S/views?includeUsageStatistics=1":               400008,
		"GET S/views/none":                                   404006,
		"GET S/workbooks/none/views":                         404006,
		"GET S/workbooks/LUID1/revisions/9/content":          404024,
		"POST S/views":                                       405000,
		"POST S/workbooks/LUID1/tags":                        405000,
		"POST S/views/LUID5/image":                           405000,
		"PUT S/workbooks/LUID1/tags":                         400000,
		"PUT S/workbooks/LUID1":                              400000,
		"GET /api/3.22/sites/none/workbooks":                 404000,
		"GET /api/3.22/sites/SITE/workbooks/LUID1/downgrade": 404003,
		"GET /api/3.99/sites/SITE/workbooks":                 404003,
		"DELETE S/views/LUID5/tags/none":                     404007,
		"DELETE S/views/none/tags/x":                         404006,
		"DELETE S/workbooks/none":                            404006,
		"GET S/users/none/workbooks":                         404002,
	} {
		w.send(request+askXML).wantError(code, "")
	}
	w.send("GET S/workbooks HTTP/1.1\n\n").wantError(401000, "")
	w.send("GET S/workbooks HTTP/1.1\nX-Tableau-Auth: none\n\n").wantError(401002, "")
}
