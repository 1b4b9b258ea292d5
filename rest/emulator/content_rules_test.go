package emulator

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// setSite sets attributes of the Default site.
func (w *world) setSite(attributes string) {
	w.t.Helper()
	w.send("PUT /api/3.29/sites/SITE" + askXML + `<tsRequest><site ` + attributes + `/></tsRequest>`).wantStatus(200)
}

// What the site says of revisions and room decides.
func TestHistoryOfSite(t *testing.T) {
	t.Parallel()
	w := start(t)
	publish := func() *answer {
		return w.publish("workbook", "overwrite=true", `name="Sales"`, ``, "a.twb", salesTWB)
	}
	publish().wantStatus(201)
	publish().wantStatus(201)
	w.setSite(`revisionLimit="2"`)
	publish().wantStatus(201)
	w.get("workbooks/LUID1/revisions").wantIn(`totalAvailable="3"`, `revisionNumber="1" deleted="true"`, `revisionNumber="2" deleted="false"`)
	w.setSite(`revisionLimit="-1"`)
	for range 30 {
		publish().wantStatus(201)
	}
	w.get("workbooks/LUID1/revisions/2/content").wantStatus(200)
	w.setSite(`revisionHistoryEnabled="false"`)
	for _, path := range []string{"", "/2/content"} {
		w.get("workbooks/LUID1/revisions"+path).wantError(403053, "#SITE")
	}
	w.remove("workbooks/LUID1/revisions/2").wantError(403053, "#SITE")
	publish().wantStatus(201)
	w.setSite(`revisionHistoryEnabled="true"`)
	w.get("workbooks/LUID1/revisions?pageSize=1&pageNumber=34").wantIn(`revisionNumber="34" deleted="false" current="true"`)
	w.get("workbooks/LUID1/revisions/33/content").wantError(404024, "33")
}

// Deleted revisions are remembered up to a number.
func TestDeletedRevisionsAreForgotten(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.setSite(`revisionLimit="2"`)
	for range 110 {
		w.publish("datasource", "overwrite=true", `name="Orders"`, ``, "a.tds", ordersTDS).wantStatus(201)
	}
	w.get("datasources/LUID1/revisions?pageSize=1").wantIn(`totalAvailable="102"`, `revisionNumber="9" deleted="true"`)
}

func TestQuota(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.setSite(`storageQuota="1"`)
	w.publish("datasource", "", `name="Half"`, ``, "a.hyper", "Hyper"+strings.Repeat("x", 600_000)).wantStatus(201)
	w.publish("datasource", "", `name="Other half"`, ``, "a.hyper", "Hyper"+strings.Repeat("x", 600_000)).wantError(403008, "Other half")
	w.publish("datasource", "", `name="Little"`, ``, "a.hyper", "Hyper").wantStatus(201)
	w.publish("datasource", "overwrite=true", `name="Half"`, ``, "a.hyper", "Hyper"+strings.Repeat("x", 700_000)).wantStatus(201) // in place of what it was
	w.publish("datasource", "overwrite=true", `name="Little"`, ``, "a.hyper", "Hyper"+strings.Repeat("x", 600_000)).wantError(403008, "Little")
	w.setSite(`storageQuota="-1" userQuota="-1"`)
	w.publish("datasource", "overwrite=true", `name="Little"`, ``, "a.hyper", "Hyper"+strings.Repeat("x", 600_000)).wantStatus(201)
	w.call("POST", "users", `<user name="pia" siteRole="Viewer"/>`).wantStatus(201)
}

// A connection to a server that cannot be reached is refused unless the request does not want to know.
func TestConnectionCheck(t *testing.T) {
	t.Parallel()
	w := start(t, WithUnreachable("DB.example.com"))
	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", salesTWB).wantError(403132, "db.example.com")
	w.publish("workbook", "skipConnectionCheck=x", `name="Sales"`, ``, "a.twb", salesTWB).wantError(400008, "skipConnectionCheck")
	w.publish("workbook", "skipConnectionCheck=true", `name="Sales"`, ``, "a.twb", salesTWB).wantStatus(201)
	w.publish("workbook", "overwrite=true&asJob=true", `name="Sales"`, ``, "a.twb", salesTWB).wantStatus(202)
	if jobs := w.of("").jobs.All(); len(jobs) != 1 {
		t.Errorf("%d jobs", len(jobs))
	}
	w.get("jobs").wantIn(`status="Failed"`)
	if _, err := New(WithOpen(), WithUnreachable("")); err == nil {
		t.Error("a server without a name is taken")
	}
}

// As long as a job publishes something, it is not published by anybody else.
func TestConcurrentPublish(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobTime(time.Minute))
	publish := func(kind, query, name, file string) *answer {
		return w.publish(kind, query, `name="`+name+`"`, ``, "", file)
	}
	publish("workbook", "asJob=true", "Sales", salesTWB).wantStatus(202)
	publish("workbook", "overwrite=true", "Sales", salesTWB).wantError(403131, "Sales")
	publish("workbook", "", "Other", salesTWB).wantStatus(201)
	publish("datasource", "", "Sales", ordersTDS).wantStatus(201)
	w.clock.advance(time.Minute)
	publish("workbook", "overwrite=true", "Sales", salesTWB).wantStatus(201)
}

func TestThumbnailsOwner(t *testing.T) {
	t.Parallel()
	w := start(t)
	for attributes, code := range map[string]int{
		`thumbnailsUserId="ANA" thumbnailsGroupId="x"`: 400000,
		`thumbnailsUserId="none"`:                      404002,
		`thumbnailsGroupId="none"`:                     404012,
	} {
		w.publish("workbook", "", `name="Sales" `+attributes, ``, "a.twb", salesTWB).wantError(code, "")
	}
	w.publish("workbook", "", w.expand(`name="Sales" generateThumbnailsAsUser="ANA"`), ``, "a.twb", salesTWB).wantStatus(201)
	if got := w.of("").workbooks.All()[0].Thumbnails.User; got != w.names["ANA"] {
		t.Errorf("thumbnails as %q", got)
	}
}

// The description of a workbook came with version 3.21.
func TestDescription(t *testing.T) {
	t.Parallel()
	w := start(t)
	publish := func(version string) *answer {
		return w.sendBytes("POST /api/"+version+"/sites/SITE/workbooks?overwrite=true"+tscHead,
			[]byte(tsc(`<tsRequest><workbook name="Sales" description="`+version+`"/></tsRequest>`, "tableau_workbook", "a.twb", salesTWB)))
	}
	publish("3.20").wantIn(`description=""`)
	publish("3.21").wantIn(`description="3.21"`)
	publish("3.20").wantIn(`description="3.21"`)
	w.send("PUT /api/3.20/sites/SITE/workbooks/LUID1" + askXML + `<tsRequest><workbook description="3.20"/></tsRequest>`).wantIn(`description="3.21"`)
	w.edit("workbooks/LUID1", `<workbook description=""/>`).wantIn(`description=""`)
}

// Update Workbook, part by part, and what it refuses.
func TestUpdateWorkbook(t *testing.T) {
	t.Parallel()
	w := start(t)
	north := longLUID.FindString(string(w.send("POST S/projects" + askXML + `<tsRequest><project name="North"/></tsRequest>`).wantStatus(201).raw))
	w.ids.last.Store(worldBegins)
	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", salesTWB).wantIn(`id="#1"`)
	w.publish("workbook", "", `name="Costs"`, ``, "a.twb", salesTWB).wantIn(`id="#8"`)
	w.publish("workbook", "", `name="Sales"`, `<project id="`+north+`"/>`, "a.twb", salesTWB).wantStatus(201)

	w.edit("workbooks/LUID8", `<workbook name="Sales"/>`).wantError(409003, "#1")
	w.edit("workbooks/LUID1", `<workbook><project id="`+north+`"/></workbook>`).wantError(409003, "Sales")
	w.edit("workbooks/LUID1", `<workbook><project id="none"/></workbook>`).wantError(404005, "none")
	w.edit("workbooks/LUID1", `<workbook><owner id="none"/></workbook>`).wantError(404002, "none")
	w.edit("workbooks/LUID1", `<workbook showTabs="2"/>`).wantError(400008, "showTabs")
	w.edit("workbooks/LUID1?includeViewAccelerationStatus=2", `<workbook/>`).wantError(400008, "includeViewAccelerationStatus")
	w.edit("workbooks/LUID1", ``).wantError(400000, "workbook")
	w.edit("workbooks/none", `<workbook/>`).wantError(404006, "none")

	w.edit("workbooks/LUID1", `<workbook/>`).wantIn(`name="Sales"`, `showTabs="false"`, `<project id="#PROJECT"`)
	w.edit("workbooks/LUID1", `<workbook name="" encryptExtracts="true" recentlyViewed="true"><project id=""/></workbook>`).wantIn(`name="Sales"`, `encryptExtracts="true"`)
	w.edit("workbooks/LUID1", `<workbook recentlyViewed="false"/>`).wantStatus(200)
	w.get("workbooks?fields=name,recentlyViewed&filter=name:eq:Sales,projectName:eq:Default").wantIn(`<workbook name="Sales" recentlyViewed="true"/>`)
	w.edit("workbooks/LUID1", `<workbook name="Moved"><project id="`+north+`"/></workbook>`).wantIn(`name="Moved"`, `contentUrl="Sales"`, `name="North"/>`)
	w.get("workbooks/LUID1/revisions").wantIn(`totalAvailable="1"`) // it is the same file
	w.get("content/recent").wantIn(`<recents><recent><workbook id="#1" name="Moved"`)
}

func TestDataFreshness(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", salesTWB).wantIn(`id="#1"`)
	for request, want := range map[string]string{
		`option="AlwaysLive"`:  `<dataFreshnessPolicy option="AlwaysLive"/>`,
		`option="SiteDefault"`: `<dataFreshnessPolicy option="SiteDefault"/>`,
		`option="FreshEvery"><freshEverySchedule frequency="hours" value="4"/`:                                                                                                     `<dataFreshnessPolicy option="FreshEvery"><freshEverySchedule frequency="Hours" value="4"/></dataFreshnessPolicy>`,
		`option="freshAt"><freshAtSchedule frequency="Day" time="08:15:00" timezone="UTC"/`:                                                                                        `<dataFreshnessPolicy option="FreshAt"><freshAtSchedule time="08:15:00" frequency="Day" timezone="UTC"/></dataFreshnessPolicy>`,
		`option="FreshAt"><freshAtSchedule frequency="weekly" time="08:15:00" timezone="America/Los_Angeles"><intervals><interval weekDay="MONDAY"/></intervals></freshAtSchedule`: `<dataFreshnessPolicy option="FreshAt"><freshAtSchedule time="08:15:00" frequency="Week" timezone="America/Los_Angeles"><intervals><interval weekDay="Monday"/></intervals></freshAtSchedule></dataFreshnessPolicy>`,
		`option="FreshAt"><freshAtSchedule frequency="Month" time="08:00:00"><intervals><interval monthDay="LastDay"/><interval monthDay="07"/></intervals></freshAtSchedule`:      `<dataFreshnessPolicy option="FreshAt"><freshAtSchedule time="08:00:00" frequency="Month" timezone="UTC"><intervals><interval monthDay="LastDay"/><interval monthDay="7"/></intervals></freshAtSchedule></dataFreshnessPolicy>`,
	} {
		w.edit("workbooks/LUID1", `<workbook><dataFreshnessPolicy `+request+`></dataFreshnessPolicy></workbook>`).wantIn(want + `</workbook>`)
		w.edit("workbooks/LUID1", `<workbook><dataFreshnessPolicy option="FreshAt"/></workbook>`).wantIn(want) // no schedule: no change
		w.get("workbooks/LUID1").wantIn(`</views>` + want + `</workbook>`)
	}
	for request, detail := range map[string]string{
		`option="Never"`: "Never",
		`option="FreshEvery"><freshEverySchedule frequency="Years" value="4"/`:                                                                  "Years",
		`option="FreshEvery"><freshEverySchedule frequency="Days" value="0"/`:                                                                   "value",
		`option="FreshAt"><freshAtSchedule frequency="Hour" time="08:15:00"/`:                                                                   "Hour",
		`option="FreshAt"><freshAtSchedule frequency="Day" time="08:10:00"/`:                                                                    "08:10:00",
		`option="FreshAt"><freshAtSchedule frequency="Week" time="08:15:00"/`:                                                                   "intervals",
		`option="FreshAt"><freshAtSchedule frequency="Month" time="08:15:00"><intervals><interval monthDay="32"/></intervals></freshAtSchedule`: "month",
	} {
		w.edit("workbooks/LUID1", `<workbook><dataFreshnessPolicy `+request+`></dataFreshnessPolicy></workbook>`).wantError(400000, detail)
	}
}

// Flows: what they have besides what all content has.
func TestFlows(t *testing.T) {
	t.Parallel()
	w := start(t)
	publish := func(query, name, fileName, file string) *answer {
		return w.publish("flow", query, `name="`+name+`" description="d"`, ``, fileName, file)
	}
	publish("flowType=tfl", "Clean", "a.tfl", cleanTFL(t)).wantStatus(201).wantIn(`<flow id="#1" name="Clean" description="d"`, `<flowOutputStep id="#4" name="Output"/>`)
	publish("", "Clean", "a.tfl", cleanTFL(t)).wantError(409003, "#1")
	publish("overwrite=true&flowType=tflx", "Clean", "a.tflx", cleanTFL(t)).wantStatus(201).wantIn(`id="#1"`, `fileType="tflx"`, `<flowOutputStep id="#4" name="Output"/>`)
	publish("overwrite=true", "Odd", "a.tfl", "anything").wantStatus(201).wantIn(`<flowOutputSteps/>`)
	w.get("flows?filter=name:eq:Clean").wantIn(`totalAvailable="1"`, `<project id="#PROJECT" name="Default"/><owner id="#ADMIN" name="admin"/><tags/></flow>`)
	w.get("flows/LUID1").wantIn(`<flowOutputSteps><flowOutputStep id="#4" name="Output"/></flowOutputSteps><flow id="#1"`)
	w.get("flows/LUID1/connections").wantIn(`type="postgres" serverAddress="db.example.com" serverPort="5432" userName="template"`)
	connection := w.of("").flows.Get(w.expand("LUID1")).Connections[0].LUID
	w.edit("flows/LUID1/connections/"+connection, `<connection serverAddress="other"/>`).wantIn(`serverAddress="other"`)
	w.edit("flows/LUID1/connections/none", `<connection/>`).wantError(404020, "none")
	w.edit("flows/LUID1", `<flow name="Washed"><owner id="ANA"/></flow>`).wantIn(`<flow id="#1" name="Washed"`, `<owner id="#ANA" name="ana"/>`)
	w.edit("flows/LUID1/tags", `<tags><tag label="gold"/></tags>`).want(200, `<tags><tag label="gold"/></tags>`)
	w.remove("flows/LUID1/tags/gold").wantStatus(204)
	a := w.get("flows/LUID1/content").wantStatus(200)
	if got := a.header.Get("Content-Disposition"); got != `name="tableau_flow"; filename="Washed.tflx"` || string(a.raw) != cleanTFL(t) {
		t.Errorf("disposition %q", got)
	}
	w.get("users/ADMIN/flows?ownedBy=true").wantIn(`totalAvailable="1"`, `name="Odd"`)
	w.get("flows/LUID1/revisions").wantError(404003, "revisions")
	w.remove("flows/LUID1").wantStatus(204)
	w.get("flows/LUID1").wantError(404029, "#1")
	publish("", "Bad", "a.twb", "x").wantError(400020, "a.twb")
}

func TestTagBatches(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", salesTWB).wantIn(`id="#1"`)
	w.publish("datasource", "", `name="Orders"`, ``, "a.tds", ordersTDS).wantIn(`id="#8"`)
	const contents = `<contents><content contentType="Workbook" id="LUID1" /><content contentType="datasource" id="LUID8" /><content contentType="View" id="LUID5" /></contents>`
	w.edit("tags:batchCreate", `<tagBatch><tags><tag label="a" /><tag label="b" /></tags>`+contents+`</tagBatch>`).
		want(200, `<tagBatch><tags><tag label="a"/><tag label="b"/></tags><contents><content id="#1" contentType="Workbook"/><content id="#8" contentType="datasource"/><content id="#5" contentType="View"/></contents></tagBatch>`)
	for _, path := range []string{"workbooks/LUID1", "datasources/LUID8", "views/LUID5"} {
		w.get(path).wantIn(`<tags><tag label="a"/><tag label="b"/></tags>`)
	}
	for _, path := range []string{"tags:batchCreate", "tags:batchDelete"} { // TSC leaves out the site
		w.send("PUT /api/3.29/" + path + askXML + `<tsRequest><tagBatch><tags><tag label="c" /></tags>` + contents + `</tagBatch></tsRequest>`).wantStatus(200)
	}
	w.edit("tags:batchDelete", `<tagBatch><tags><tag label="a" /><tag label="none" /></tags>`+contents+`</tagBatch>`).wantStatus(200)
	w.get("views?filter=tags:eq:b").wantIn(`totalAvailable="1"`, `<tags><tag label="b"/></tags>`)
	w.edit("tags:batchCreate", `<tagBatch><tags><tag label="lost" /></tags><contents><content contentType="Workbook" id="LUID1" /><content contentType="Workbook" id="none" /></contents></tagBatch>`).wantError(404029, "none")
	w.edit("tags:batchCreate", `<tagBatch><tags><tag label="lost" /></tags></tagBatch>`).wantError(400000, "contents")
	w.edit("tags:batchCreate", `<tagBatch><tags><tag label="lost" /></tags><contents><content contentType="Metric" id="LUID1" /></contents></tagBatch>`).wantError(404029, "Metric")
	w.get("workbooks?filter=tags:eq:lost").wantIn(`totalAvailable="0"`)

	w.edit("workbooks/LUID1/tags", ``).wantError(400000, "tags")
	w.edit("workbooks/LUID1/tags", `<tags><tag label=" "/></tags>`).wantError(400049, "label")
	w.edit("views/LUID5/tags", `<tags><tag/></tags>`).wantError(400076, "label")
	w.edit("views/none/tags", `<tags/>`).wantError(404011, "none")
	w.edit("workbooks/LUID1/tags", `<workbook id="LUID8"/><tags/>`).wantError(404009, "#8")
	w.edit("views/LUID5/tags", `<view id="LUID4"/><tags/>`).wantError(404009, "#4")
	w.edit("workbooks/LUID1/tags", `<workbook id="LUID1"/><tags/>`).want(200, `<tags><tag label="b"/></tags>`)
}

// What people have looked at comes back, the last first; views that are gone do not.
func TestRecentlyViewed(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.get("content/recent").want(200, `<recents/>`)
	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", salesTWB).wantIn(`id="#1"`)
	for _, view := range []string{"LUID4", "LUID5", "LUID7", "LUID4"} {
		w.get("views/" + view + "/data").wantStatus(200)
	}
	w.remove("views/LUID5").wantStatus(204)
	a := w.get("content/recent").wantIn(`<recents><recent><view id="#4"`, `</view></recent><recent><view id="#7"`)
	if strings.Contains(a.body, `id="#5"`) {
		t.Errorf("answer %s", a.body)
	}
	w.get("views/LUID4?includeUsageStatistics=true").wantIn(`<usage totalViewCount="2"/>`)
	for i := range maxRecents {
		c := &call{site: w.of(""), user: w.of("").users.All()[0]}
		if err := w.server.store.Do(func() error { c.saw("view", fmt.Sprint(i)); return nil }); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDeleteView(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", salesTWB).wantIn(`id="#1"`, `defaultViewId="#4"`)
	w.remove("views/LUID4").wantStatus(204)
	w.remove("views/LUID4").wantError(404011, "#4")
	w.get("workbooks/LUID1").wantIn(`defaultViewId="#5"`)
	w.remove("views/LUID5").wantStatus(204)
	w.remove("views/LUID7").wantError(403004, "#7")
	w.remove("views/LUID6").wantError(404011, "#6") // hidden
	w.publish("workbook", "overwrite=true", `name="Sales"`, ``, "a.twb", salesTWB).wantIn(`name="Map"`, `<view id="#7" name="Übersicht"`)
}

// Hidden views are in no answer, and keep what they are for the day they are shown.
func TestHiddenViews(t *testing.T) {
	t.Parallel()
	w := start(t)
	hide := func(views string) *answer {
		return w.publish("workbook", "overwrite=true", `name="Sales" showTabs="true"`, `<views>`+views+`</views>`, "a.twb", salesTWB)
	}
	hide(``).wantIn(`<view id="#5" name="Map"`)
	w.edit("views/LUID5/tags", `<tags><tag label="gold"/></tags>`).wantStatus(200)
	hide(`<view name="Map" hidden="true"/>`).wantStatus(201)
	w.get("views?fields=name").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><views><view name="Tale of 100 Start-ups"/><view name="Übersicht"/></views>`)
	for _, path := range []string{"", "/image", "/data", "/tags"} {
		if a := w.get("views/LUID5" + path); a.status < 400 {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	hide(`<view name="Map" hidden="false"/>`).wantIn(`<view id="#5" name="Map" contentUrl="Sales/sheets/Map"`)
	w.get("views/LUID5").wantIn(`<tags><tag label="gold"/></tags>`)
	w.get("views?filter=sheetType:eq:dashboard&fields=sheetType,sheetCount").wantError(400065, "sheetCount")
	w.get("views?filter=sheetType:eq:dashboard&fields=sheetType").wantIn(`<views><view sheetType="dashboard"/></views>`)
}

func TestDowngradeInfo(t *testing.T) {
	t.Parallel()
	w := start(t)
	manifest := strings.Replace(salesTWB, "  <datasources>", "  <document-format-change-manifest>\r\n    <_.fcp.MarkAnimation.true...MarkAnimation />\r\n"+
		"    <ParameterAction />\r\n    <SheetIdentifierTracking />\r\n  </document-format-change-manifest>\r\n  <datasources>", 1)
	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", manifest).wantIn(`id="#1"`)
	for version, want := range map[string]string{
		"10.5":     `<downgradeInfo><downgradedFeature name="SheetIdentifierTracking" severity="Warning"/><downgradedFeature name="ParameterAction" severity="Severe"/><downgradedFeature name="MarkAnimation" severity="Warning"/></downgradeInfo>`,
		"2019.2.1": `<downgradeInfo><downgradedFeature name="MarkAnimation" severity="Warning"/></downgradeInfo>`,
		"2022.2":   `<downgradeInfo/>`,
	} {
		w.get("workbooks/LUID1/downGradeInfo?productVersion="+version).want(200, want)
	}
	w.get("workbooks/LUID1/downGradeInfo").wantError(400115, "productVersion")
	w.get("workbooks/LUID1/downGradeInfo?productVersion=new").wantError(400115, "new")
	w.get("workbooks/LUID1/downGradeInfo?productVersion=8.3").wantError(400116, "8.3")
	w.get("workbooks/LUID1/downGradeInfo?productVersion=2031.1").wantError(400116, "2031.1")
	w.get("workbooks/none/downGradeInfo?productVersion=10.5").wantError(404006, "none")
}

// Files that are made of views: what decides about them, and what is refused.
func TestExports(t *testing.T) {
	t.Parallel()
	w := start(t, WithExport("Sales/sheets/Map", "csv", []byte("a,b\n1,2\n")), WithExport("Sales", "pdf", []byte("%PDF-own")))
	fields := strings.Replace(salesTWB, "<worksheet name='Map'>\r\n      <table />", "<worksheet name='Map'>\r\n      <table><view><datasources><datasource caption='Orders' name='federated.1' /></datasources>"+
		"<datasource-dependencies datasource='federated.1'><column caption='Region' datatype='string' name='[region]' role='dimension' type='nominal' />"+
		"<column-instance column='[region]' derivation='None' name='[none:region:nk]' pivot='key' type='nominal' /></datasource-dependencies></view><rows>[federated.1].[none:region:nk]</rows></table>", 1)
	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", fields).wantIn(`id="#1"`)
	if got := string(w.get("views/LUID5/data?vf_Region=East").wantFile("text/csv", "")); got != "a,b\n1,2\n" {
		t.Errorf("data %q", got)
	}
	if got := string(w.get("workbooks/LUID1/pdf").wantFile("application/pdf", "")); got != "%PDF-own" {
		t.Errorf("pdf %q", got)
	}
	sheet := unpack(t, w.get("views/LUID5/crosstab/excel").raw)["xl/worksheets/sheet1.xml"]
	if !strings.Contains(sheet, "Region") || !strings.Contains(sheet, "Region 1") {
		t.Errorf("crosstab %s", sheet[strings.Index(sheet, "<sheetData"):])
	}
	for path, code := range map[string]int{
		"views/none/image":                        404011,
		"views/none/data":                         400080,
		"views/none/pdf":                          400080,
		"views/none/crosstab/excel":               400130,
		"workbooks/none/pdf":                      404006,
		"workbooks/none/powerpoint":               404006,
		"workbooks/none/previewImage":             404006,
		"workbooks/none/views/LUID5/previewImage": 404006,
		"workbooks/LUID1/views/none/previewImage": 404011,
		"views/LUID5/pdf?type=A0":                 400101,
		"views/LUID5/pdf?orientation=up":          400101,
		"views/LUID5/pdf?vizWidth=800":            400101,
		"views/LUID5/image?vizHeight=800":         400101,
		"views/LUID5/image?maxAge=x":              400101,
		"workbooks/LUID1/powerpoint?maxAge=-1":    400101,
	} {
		w.get(path).wantError(code, "")
	}
	// Without tabs a workbook is its default view.
	if slides := unpack(t, w.get("workbooks/LUID1/powerpoint").raw); slides["ppt/slides/slide2.xml"] != "" {
		t.Error("there is a second slide")
	}
	standard, high := w.get("views/LUID5/image").raw, w.get("views/LUID5/image?resolution=high").raw
	if !bytes.Equal(standard[16:20], []byte{0, 0, 3, 16}) || !bytes.Equal(high[16:20], []byte{0, 0, 6, 32}) {
		t.Errorf("widths %x and %x", standard[16:20], high[16:20])
	}
	w.setSite(`sheetImageEnabled="false"`)
	w.get("views/LUID5/image").wantError(403068, "#SITE")
	w.get("views/LUID5/pdf").wantStatus(200)
	if _, err := New(WithOpen(), WithExport("Sales", "docx", nil)); err == nil {
		t.Error("an unknown format is taken")
	}
}

// What people without rights are refused, with the code of each operation.
func TestContentForbidden(t *testing.T) {
	t.Parallel()
	w := start(t, WithUser("eve", "secret", "Viewer"), WithUser("max", "secret", "ExplorerCanPublish"))
	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", salesTWB).wantIn(`id="#1"`)
	w.publish("datasource", "", `name="Orders"`, ``, "a.tds", ordersTDS).wantIn(`id="#8"`)
	w.edit("workbooks/LUID1/tags", `<tags><tag label="admin's"/></tags>`).wantStatus(200)
	w.signIn(`name="eve" password="secret"`, "")
	for request, code := range map[string]int{
		"GET S/workbooks/LUID1/content":             403019,
		"GET S/datasources/LUID8/content":           403019,
		"GET S/workbooks/LUID1/revisions":           403056,
		"GET S/workbooks/LUID1/revisions/1/content": 403019,
		"PUT S/workbooks/LUID1":                     403027,
		"PUT S/workbooks/LUID1/connections/LUID2":   403029,
		"DELETE S/workbooks/LUID1":                  403004,
		"DELETE S/workbooks/LUID1/tags/admin's":     403004,
		"DELETE S/views/LUID5":                      403004,
		"DELETE S/datasources/LUID8":                403004,
	} {
		w.send(request+askXML+`<tsRequest><workbook/><connection/></tsRequest>`).wantError(code, "#")
	}
	w.publish("workbook", "", `name="Mine"`, ``, "a.twb", salesTWB).wantError(403007, "#PROJECT")
	w.edit("workbooks/LUID1/tags", `<tags><tag label="eve's"/></tags>`).want(200, `<tags><tag label="admin's"/><tag label="eve's"/></tags>`)
	w.remove("workbooks/LUID1/tags/eve's").wantStatus(204)
	a := w.get("workbooks/LUID1/connections").wantStatus(200)
	if strings.Contains(a.body, "queryTagging") {
		t.Errorf("answer %s", a.body)
	}

	w.signIn(`name="max" password="secret"`, "")
	luid := longLUID.FindString(string(w.publish("workbook", "", `name="Mine"`, ``, "a.twb", salesTWB).wantStatus(201).raw))
	connection := w.of("").workbooks.Get(luid).Connections[0].LUID
	w.edit("workbooks/"+luid, `<workbook><owner id="ANA"/></workbook>`).wantError(403027, "owner")
	w.edit("workbooks/"+luid+"/connections/"+connection, `<connection queryTaggingEnabled="true"/>`).wantError(403029, "query tagging")
	w.edit("workbooks/"+luid+"/connections/"+connection, `<connection userName="x"/>`).wantStatus(200)
}

// A page of the workbooks or views of a site with many takes what is on the page, and not what is on the site. It is not
// parallel because allocations are counted.
func TestPageOfALongList(t *testing.T) {
	w := start(t)
	for _, name := range []string{"a", "b", "c"} {
		w.publish("workbook", "", `name="`+name+`"`, ``, "a.twb", salesTWB).wantStatus(201)
	}
	where := w.of("")
	c := &call{server: w.server, request: httptest.NewRequest("GET", "/", nil), site: where, user: where.users.Get(w.names["ADMIN"]), query: map[string]string{"pageSize": "3"}}
	lists := map[string]func(*call) (*reply, error){"workbooks": workbooks.list, "views": listViews}
	page := func(name string) float64 {
		return testing.AllocsPerRun(3, func() {
			if _, err := lists[name](c); err != nil {
				t.Error(err)
			}
		})
	}
	few := make(map[string]float64)
	for name := range lists {
		few[name] = page(name)
	}
	err := w.server.store.Do(func() error {
		for i := range 10_000 {
			a, v := *where.workbooks.All()[0], *where.views.All()[0]
			a.LUID, v.LUID = fmt.Sprint("workbook ", i), fmt.Sprint("view ", i)
			where.workbooks.Put(&a)
			where.views.Put(&v)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range lists {
		if many := page(name); many > few[name]+10 {
			t.Errorf("a page of 3 %s of few takes %.0f allocations, one of more than 10,000 takes %.0f", name, few[name], many)
		}
	}
}
