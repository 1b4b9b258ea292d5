package emulator

import (
	"testing"
	"time"
)

// is gives the LUID of what was made last a name, and returns the answer with it.
func (w *world) is(name, luid string, a *answer) *answer {
	w.names[name] = luid
	a.body = w.shorten(string(a.raw))
	return a
}

func TestPythonClientJobs(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobTime(10*time.Second))
	w.regional()
	jobs := w.of("").jobs
	t.Run("TSC-29 refresh", func(t *testing.T) {
		w.t = t
		a := w.send("POST /api/3.24/sites/SITE/workbooks/REGIONAL/refresh" + tscXML + "<tsRequest />")
		w.is("JOB", lastOf(jobs).LUID, a).want(202, `<job id="#JOB" mode="Asynchronous" type="RefreshExtract" createdAt="2026-03-02T10:00:00Z">
<extractRefreshJob><workbook id="#REGIONAL" name="Regional"/></extractRefreshJob></job>`)
		w.send("POST S/workbooks/REGIONAL/refresh"+tscXML+"<tsRequest><extractRefresh /></tsRequest>").wantError(409093, "#JOB")
	})
	t.Run("TSC-8 wait for the job", func(t *testing.T) {
		w.t = t
		w.get("jobs/JOB").wantIn(`progress="0"`, `finishCode="1"`)
		w.clock.advance(500 * time.Millisecond)
		w.get("jobs/JOB").wantIn(`progress="5"`, `startedAt="2026-03-02T10:00:00Z" finishCode="1"`)
		w.clock.advance(10 * time.Second)
		w.get("jobs/JOB").wantIn(`completedAt="2026-03-02T10:00:10Z" finishCode="0"`, `<workbook id="#REGIONAL" name="Regional"/>`)
	})
	t.Run("TSC-29 incremental", func(t *testing.T) {
		w.t = t
		w.send("POST S/workbooks/REGIONAL/refresh" + tscXML + `<tsRequest><extractRefresh incremental="true" /></tsRequest>`).wantStatus(202)
	})
	t.Run("TSC-32 list and cancel", func(t *testing.T) {
		w.t = t
		w.send("GET S/jobs HTTP/1.1\nx-tableau-auth: TOKEN\n\n").wantIn(`<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><backgroundJobs><backgroundJob id="#JOB" status="Success"`)
		w.send("GET S/jobs?pageNumber=1&pageSize=100 HTTP/1.1\nx-tableau-auth: TOKEN\n\n").wantIn(`status="Pending"`, `jobType="increment_extracts"`)
		w.names["JOB"] = lastOf(jobs).LUID
		w.send("PUT S/jobs/JOB"+tscXML).wantIn(`<job id="#JOB"`, `finishCode="2"`)
		w.send("GET S/jobs?filter=jobType%3Aeq%3Aincrement_extracts%2Cstatus%3Aeq%3ACancelled HTTP/1.1\nx-tableau-auth: TOKEN\n\n").wantIn(`totalAvailable="1"`)
	})
}

func TestPythonClientSchedules(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.regional()
	w.orders()
	create := func(name, schedule string) *answer {
		w.t.Helper()
		a := w.send("POST /api/3.29/schedules" + tscXML + "<tsRequest><schedule " + schedule + "</schedule></tsRequest>")
		return w.is(name, lastOf(w.server.schedules).LUID, a)
	}
	t.Run("TSC-26 hourly", func(t *testing.T) {
		w.t = t
		create("HOURLY", `name="Hourly-Schedule" priority="50" type="Extract" executionOrder="Parallel" frequency="Hourly"><frequencyDetails start="02:30:00" end="23:00:00"><intervals><interval hours="2" /></intervals></frequencyDetails>`).want(201,
			`<schedule id="#HOURLY" name="Hourly-Schedule" state="Active" priority="50" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" type="Extract" frequency="Hourly" nextRunAt="2026-03-02T10:30:00Z" executionOrder="Parallel">
<frequencyDetails start="02:30:00" end="23:00:00"><intervals><interval hours="2"/></intervals></frequencyDetails></schedule>`)
	})
	t.Run("TSC-26 daily has no intervals", func(t *testing.T) {
		w.t = t
		create("DAILY", `name="Daily-Schedule" priority="60" type="Subscription" executionOrder="Serial" frequency="Daily"><frequencyDetails start="05:00:00" />`).
			wantStatus(201).wantIn(`nextRunAt="2026-03-03T05:00:00Z" executionOrder="Serial"><frequencyDetails start="05:00:00"/></schedule>`)
	})
	t.Run("TSC-26 weekly", func(t *testing.T) {
		w.t = t
		create("WEEKLY", `name="Weekly-Schedule" priority="70" type="Extract" executionOrder="Serial" frequency="Weekly"><frequencyDetails start="19:15:00"><intervals><interval weekDay="Monday" /><interval weekDay="Wednesday" /><interval weekDay="Friday" /></intervals></frequencyDetails>`).
			wantStatus(201).wantIn(`nextRunAt="2026-03-02T19:15:00Z"`)
	})
	t.Run("TSC-26 monthly", func(t *testing.T) {
		w.t = t
		create("MONTHLY", `name="Monthly-Schedule" priority="80" type="Subscription" executionOrder="Parallel" frequency="Monthly"><frequencyDetails start="23:30:00"><intervals><interval monthDay="15" /></intervals></frequencyDetails>`).
			wantStatus(201).wantIn(`nextRunAt="2026-03-15T23:30:00Z"`)
		create("MONTHLY", `name="Monthly-Schedule" priority="80" type="Subscription" executionOrder="Parallel" frequency="Daily"><frequencyDetails start="05:00:00" />`).wantError(409021, "#MONTHLY")
	})
	t.Run("TSC-26 update leaves out the type", func(t *testing.T) {
		w.t = t
		w.send("PUT /api/3.29/schedules/DAILY"+tscXML+`<tsRequest><schedule name="Daily-Schedule" priority="61" executionOrder="Serial" state="Active" frequency="Daily"><frequencyDetails start="06:00:00"><intervals /></frequencyDetails></schedule></tsRequest>`).
			wantIn(`priority="61"`, `type="Subscription"`, `nextRunAt="2026-03-03T06:00:00Z"`, `<frequencyDetails start="06:00:00"/>`)
	})
	t.Run("TSC-26 get", func(t *testing.T) {
		w.t = t
		w.send("GET /api/3.29/schedules/WEEKLY HTTP/1.1\nx-tableau-auth: TOKEN\n\n").wantIn(`<frequencyDetails start="19:15:00"><intervals><interval weekDay="Monday"/>`)
		w.send("GET /api/3.29/schedules?pageNumber=1&pageSize=100 HTTP/1.1\nx-tableau-auth: TOKEN\n\n").wantIn(`totalAvailable="6"`)
	})
	t.Run("TSC-27 content on a schedule", func(t *testing.T) {
		w.t = t
		a := w.send("PUT S/schedules/HOURLY/workbooks" + tscXML + `<tsRequest><task><extractRefresh><workbook id="REGIONAL" /></extractRefresh></task></tsRequest>`)
		w.is("TASK", lastOf(w.of("").tasks).LUID, a).want(200,
			`<task><extractRefresh id="#TASK" priority="50" consecutiveFailedCount="0" type="RefreshExtractTask"><schedule id="#HOURLY"/><workbook id="#REGIONAL"/></extractRefresh></task>`)
		w.send("PUT S/schedules/HOURLY/datasources" + tscXML + `<tsRequest><task><extractRefresh><datasource id="ORDERS" /></extractRefresh></task></tsRequest>`).wantIn(`<datasource id="#ORDERS"/>`)
	})
	t.Run("TSC-28 tasks", func(t *testing.T) {
		w.t = t
		w.send("GET S/tasks/extractRefreshes HTTP/1.1\nx-tableau-auth: TOKEN\n\n").wantIn(
			xmlHead+`<tasks><task><extractRefresh id="#TASK" priority="50" consecutiveFailedCount="0" type="RefreshExtractTask"><schedule id="#HOURLY" name="Hourly-Schedule" state="Active"`,
			`nextRunAt="2026-03-02T10:30:00Z"/><workbook id="#REGIONAL"/>`)
		w.send("POST S/tasks/extractRefreshes/TASK/runNow"+tscXML+"<tsRequest />").wantStatus(200).wantIn(`<job id=`, `type="RefreshExtract"`)
		w.send("DELETE S/tasks/extractRefreshes/TASK HTTP/1.1\nx-tableau-auth: TOKEN\n\n").wantStatus(204)
		w.send("GET S/schedules/HOURLY/extracts HTTP/1.1\nx-tableau-auth: TOKEN\n\n").wantIn(`totalAvailable="1"`, `type="FullRefresh"><datasource id="#ORDERS"/>`)
	})
	t.Run("TSC batch of states", func(t *testing.T) {
		w.t = t
		w.send("PUT /api/3.29/schedules?state=suspended"+tscXML+`<tsRequest><scheduleLuids><scheduleLuid>DAILY</scheduleLuid><scheduleLuid>HOURLY</scheduleLuid></scheduleLuids></tsRequest>`).
			want(200, `<scheduleLuids><scheduleLuid>#DAILY</scheduleLuid><scheduleLuid>#HOURLY</scheduleLuid></scheduleLuids>`)
	})
	t.Run("TSC-30 subscriptions", func(t *testing.T) {
		w.t = t
		view := lastOf(w.of("").views)
		w.names["VIEW"] = view.LUID
		a := w.send("POST S/subscriptions" + tscXML + `<tsRequest><subscription subject="Numbers" attachImage="true" attachPdf="false"><content id="VIEW" type="view" sendIfViewEmpty="true" /><schedule id="MONTHLY" /><user id="ADMIN" /></subscription></tsRequest>`)
		w.is("SUBSCRIPTION", lastOf(w.of("").subscriptions).LUID, a).want(201, `<subscription id="#SUBSCRIPTION" subject="Numbers" attachImage="true" attachPdf="false" suspended="false">
<content id="#VIEW" type="View" name="`+view.Name+`" sendIfViewEmpty="true"/><schedule id="#MONTHLY" name="Monthly-Schedule"/><user id="#ADMIN" name="admin"/></subscription>`)
		w.send("PUT S/subscriptions/SUBSCRIPTION"+tscXML+`<tsRequest><subscription subject="Figures" attachImage="true" attachPdf="true" suspended="true"><schedule id="MONTHLY" /><content sendIfViewEmpty="false" /></subscription></tsRequest>`).
			wantIn(`subject="Figures" attachImage="true" attachPdf="true" suspended="true"><content id="#VIEW" type="View"`, `sendIfViewEmpty="false"`)
	})
}

func TestTabcmdRefresh(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.regional()
	w.orders()
	t.Run("CMD-14 workbook", func(t *testing.T) {
		w.t = t
		w.get("projects?filter=name%3Aeq%3ADefault&pageNumber=1&pageSize=100").wantIn(`<project id="#PROJECT" name="Default"`)
		w.get("workbooks?filter=name%3Aeq%3ARegional%2CprojectName%3Aeq%3ADefault&pageNumber=1&pageSize=100").
			wantIn(`totalAvailable="1"`, `<workbook id="#REGIONAL" name="Regional"`, `<project id="#PROJECT"`)
		w.send("POST S/workbooks/REGIONAL/refresh" + tscXML + `<tsRequest><extractRefresh incremental="true" /></tsRequest>`).wantStatus(202)
		w.names["JOB"] = lastOf(w.of("").jobs).LUID
		w.get("jobs/JOB").wantIn(`completedAt="2026-03-02T10:00:00Z" finishCode="0"`)
	})
	t.Run("CMD-14 data source", func(t *testing.T) {
		w.t = t
		w.get("datasources?filter=name%3Aeq%3AOrders%2CprojectName%3Aeq%3ADefault&pageNumber=1&pageSize=100").
			wantIn(`totalAvailable="1"`, `<datasource id="#ORDERS" name="Orders"`, `<project id="#PROJECT"`)
		w.send("POST S/datasources/ORDERS/refresh" + tscXML + `<tsRequest><extractRefresh /></tsRequest>`).wantStatus(202).wantIn(`<datasource id="#ORDERS" name="Orders"/>`)
	})
}

func TestTableauToolsWork(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.regional()
	t.Run("TT-9 refresh", func(t *testing.T) {
		w.t = t
		a := w.send("POST /api/3.3/sites/SITE/workbooks/REGIONAL/refresh" + ttHeaders + "<tsRequest />")
		w.is("JOB", lastOf(w.of("").jobs).LUID, a).wantStatus(202).wantIn(`<job id="#JOB"`)
		w.send("GET /api/3.3/sites/SITE/jobs/JOB?pageNumber=1" + ttHeaders).wantIn(`finishCode="0"`)
	})
	t.Run("TT-5 lists", func(t *testing.T) {
		w.t = t
		w.send("GET /api/3.3/sites/SITE/jobs?pageNumber=1" + ttHeaders).wantIn(`totalAvailable="1"/><backgroundJobs><backgroundJob id="#JOB"`)
		w.send("GET /api/3.3/schedules?pageNumber=1" + ttHeaders).wantIn(`totalAvailable="2"/><schedules><schedule id=`)
	})
	t.Run("TT-14 schedules", func(t *testing.T) {
		w.t = t
		const daily = `<tsRequest><schedule name="Night" priority="1" type="Extract" frequency="Daily" executionOrder="Parallel"><frequencyDetails start="03:00:00"><intervals /></frequencyDetails></schedule></tsRequest>`
		a := w.send("POST /api/3.3/schedules" + ttHeaders + daily)
		w.is("NIGHT", lastOf(w.server.schedules).LUID, a).wantStatus(201).wantIn(`<schedule id="#NIGHT" name="Night" state="Active" priority="1"`)
		w.send("POST /api/3.3/schedules"+ttHeaders+daily).wantError(409021, "#NIGHT")
		w.send("PUT /api/3.3/schedules/NIGHT"+ttHeaders+`<tsRequest><schedule state="Suspended" /></tsRequest>`).wantIn(`name="Night" state="Suspended" priority="1"`, `<frequencyDetails start="03:00:00"/>`)
		w.send("PUT /api/3.3/schedules/NIGHT" + ttHeaders + `<tsRequest><schedule state="Active" /></tsRequest>`).wantIn(`state="Active"`)
	})
	t.Run("TT-18 tasks", func(t *testing.T) {
		w.t = t
		w.send("PUT /api/3.3/sites/SITE/schedules/NIGHT/workbooks" + ttHeaders + `<tsRequest><task><extractRefresh><workbook id="REGIONAL" /></extractRefresh></task></tsRequest>`).wantStatus(200)
		w.names["TASK"] = lastOf(w.of("").tasks).LUID
		w.send("GET /api/3.3/sites/SITE/tasks/extractRefreshes?pageNumber=1"+ttHeaders).wantIn(`<task><extractRefresh id="#TASK"`, `<schedule id="#NIGHT" name="Night"`)
		w.send("POST /api/3.3/sites/SITE/tasks/extractRefreshes/TASK/runNow" + ttHeaders + "<tsRequest />").wantIn(`<job id=`)
	})
	t.Run("TT-15 subscriptions", func(t *testing.T) {
		w.t = t
		mondays := w.server.schedules.All()[1]
		w.names["MONDAYS"], w.names["VIEW"] = mondays.LUID, lastOf(w.of("").views).LUID
		a := w.send("POST /api/3.3/sites/SITE/subscriptions" + ttHeaders + `<tsRequest><subscription subject="Numbers"><content type="View" id="VIEW" /><schedule id="MONDAYS" /><user id="ADMIN" /></subscription></tsRequest>`)
		w.is("SUBSCRIPTION", lastOf(w.of("").subscriptions).LUID, a).wantStatus(201).wantIn(`<subscription id="#SUBSCRIPTION" subject="Numbers"`)
		w.send("PUT /api/3.3/sites/SITE/subscriptions/SUBSCRIPTION"+ttHeaders+`<tsRequest><subscription subject="x" /></tsRequest>`).wantIn(`subject="x"`, `<content id="#VIEW" type="View"`, `<schedule id="#MONDAYS"`)
		w.send("GET /api/3.3/sites/SITE/subscriptions?pageNumber=1" + ttHeaders).wantIn(`totalAvailable="1"/><subscriptions>`)
		w.send("DELETE /api/3.3/sites/SITE/subscriptions/SUBSCRIPTION" + ttHeaders).wantStatus(204)
	})
}

// Operation 39 of the reference, "Update Workbook Now", with its request and answer.
func TestReferenceUpdateWorkbookNow(t *testing.T) {
	t.Parallel()
	const answered = `<job id="#JOB" mode="Asynchronous" type="RefreshExtract" createdAt="2026-03-02T10:00:00Z">
<extractRefreshJob><workbook id="#REGIONAL" name="Regional"/></extractRefreshJob></job>`
	head := "POST /api/3.22/sites/SITE/workbooks/REGIONAL/refresh HTTP/1.1\nUser-Agent: curl/8.5.0\nAccept: */*\nX-Tableau-Auth:TOKEN\nContent-Type: application/xml\n\n"
	for name, body := range map[string]string{"39 with the sample's body": "<tsRequest>\n</tsRequest>\n", "CRL-10 without one": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.regional()
			a := w.send(head + body)
			w.is("JOB", lastOf(w.of("").jobs).LUID, a).want(202, answered)
		})
	}
}
