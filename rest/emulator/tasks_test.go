package emulator

import (
	"testing"
	"time"
)

const nightsInTasks = `<schedule id="#NIGHTS" name="Weeknights" state="Active" priority="50" createdAt="2026-03-02T10:00:00Z" ` +
	`updatedAt="2026-03-02T10:00:00Z" type="Extract" frequency="Weekly" nextRunAt="2026-03-03T02:30:00Z"/>`

// scheduled is a world with content on the schedule NIGHTS: the workbook REGIONAL by the task TASK.
func scheduled(t *testing.T, opts ...Option) *world {
	t.Helper()
	w := start(t, append(opts, WithUser("pat", "secret", "Creator"), WithIdleLimit(10000*time.Hour))...)
	w.names["NIGHTS"], w.names["MONDAYS"] = w.server.schedules.All()[0].LUID, w.server.schedules.All()[1].LUID
	w.regional()
	w.orders()
	w.addTo("NIGHTS", "workbook", "REGIONAL").wantStatus(200)
	w.names["TASK"] = lastOf(w.of("").tasks).LUID
	return w
}

func TestTasks(t *testing.T) {
	t.Parallel()
	w := scheduled(t)
	taskElement := `<task><extractRefresh id="#TASK" priority="50" consecutiveFailedCount="0" type="RefreshExtractTask">` +
		nightsInTasks + `<workbook id="#REGIONAL"/></extractRefresh></task>`
	w.get("tasks/extractRefreshes").want(200, `<tasks>`+taskElement+`</tasks>`)
	w.get("tasks/extractRefreshes/TASK").want(200, taskElement)
	w.get("tasks/extractRefreshes/none").wantError(404026, "none")
	w.get("tasks/dataAcceleration/TASK").wantError(404026, "#TASK")
	w.get("schedules/NIGHTS/extracts").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><extracts>
<extract id="#TASK" priority="50" type="FullRefresh"><workbook id="#REGIONAL"/></extract></extracts>`)
	w.get("schedules/MONDAYS/extracts").wantError(400047, "#MONDAYS")
	w.get("schedules/none/extracts").wantError(404023, "none")

	// The same again is the same task; an incremental refresh is another.
	w.addTo("NIGHTS", "workbook", "REGIONAL").wantIn(`<extractRefresh id="#TASK"`)
	w.put("schedules/NIGHTS/workbooks", `<tsRequest><task><extractRefresh incremental="true"><workbook id="REGIONAL"/></extractRefresh></task></tsRequest>`).
		wantIn(`type="IncrementExtractTask"><schedule id="#NIGHTS"/><workbook id="#REGIONAL"/>`)
	w.get("schedules/NIGHTS/extracts").wantIn(`totalAvailable="2"`, `type="IncrementalRefresh"`)

	w.remove("tasks/extractRefreshes/TASK").wantStatus(204)
	w.remove("tasks/extractRefreshes/TASK").wantError(404026, "#TASK")
	w.remove("workbooks/REGIONAL").wantStatus(204)
	w.get("tasks/extractRefreshes").want(200, `<tasks/>`)
}

func TestAddToScheduleRefuses(t *testing.T) {
	t.Parallel()
	w := scheduled(t)
	w.publish("workbook", "", `name="Live"`, ``, "a.twb", salesTWB).wantStatus(201)
	w.names["LIVE"] = lastOf(w.of("").workbooks).LUID
	w.addTo("none", "workbook", "REGIONAL").wantError(404023, "none")
	w.addTo("NIGHTS", "workbook", "none").wantError(404006, "none")
	w.addTo("NIGHTS", "workbook", "ORDERS").wantError(404006, "#ORDERS")
	w.addTo("NIGHTS", "datasource", "none").wantError(404004, "none")
	w.addTo("MONDAYS", "workbook", "REGIONAL").wantError(400047, "Subscription")
	w.addTo("NIGHTS", "workbook", "LIVE").wantError(409090, "#LIVE")
	w.put("schedules/NIGHTS/workbooks", `<tsRequest/>`).wantError(400000, "no task")
	w.put("schedules/NIGHTS/workbooks", `<tsRequest><task><bake/></task></tsRequest>`).wantError(400000, "nothing that is done with a workbook")
	// Of several tasks none is made when one cannot be.
	w.put("schedules/NIGHTS/datasources", `<tsRequest><task><extractRefresh><datasource id="ORDERS"/></extractRefresh></task>
<task><extractRefresh><datasource id="none"/></extractRefresh></task></tsRequest>`).wantError(404004, "none")
	w.get("schedules/NIGHTS/extracts").wantIn(`totalAvailable="1"`)
	w.signIn(`name="pat" password="secret"`, "")
	w.addTo("NIGHTS", "workbook", "REGIONAL").wantError(403032, "#REGIONAL")
	w.get("tasks/extractRefreshes").want(200, `<tasks/>`)
	w.get("tasks/extractRefreshes/TASK").wantError(403004, "#TASK")
	w.get("schedules/NIGHTS/extracts").wantIn(`totalAvailable="0"`)
	w.post("tasks/extractRefreshes/TASK/runNow", "").wantError(403004, "#TASK")
}

// A schedule that does not run is told of.
func TestAddToSuspendedSchedule(t *testing.T) {
	t.Parallel()
	w := scheduled(t)
	w.onServer("PUT", "schedules/NIGHTS", `<tsRequest><schedule state="Suspended"/></tsRequest>`).wantStatus(200)
	a := w.addTo("NIGHTS", "datasource", "ORDERS").wantStatus(200)
	w.names["MORE"] = lastOf(w.of("").tasks).LUID
	a.body = w.shorten(string(a.raw))
	a.want(200, `<task><extractRefresh id="#MORE" priority="50" consecutiveFailedCount="0" type="RefreshExtractTask"><schedule id="#NIGHTS"/>
<datasource id="#ORDERS"/></extractRefresh></task><warnings><warning message="The schedule '#NIGHTS' is suspended, and does not run what is on it."/></warnings>`)
}

// Failures in a row are counted until the task succeeds; cancelling is neither.
func TestTaskFailures(t *testing.T) {
	t.Parallel()
	w := scheduled(t, WithJobFault(JobFault{Nth: 1, Fails: "No."}), WithJobFault(JobFault{Nth: 2, Fails: "Not yet."}), WithJobFault(JobFault{Nth: 3, Cancelled: true}))
	for _, want := range []string{"1", "2", "2", "0"} {
		w.post("tasks/extractRefreshes/TASK/runNow", "").wantStatus(200)
		w.get("tasks/extractRefreshes/TASK").wantIn(`consecutiveFailedCount="` + want + `"`)
	}
	w.clock.advance(24 * time.Hour)
	w.get("jobs").wantIn(`totalAvailable="5"`, `createdAt="2026-03-03T02:30:00Z"`)
}

func TestRunTaskNow(t *testing.T) {
	t.Parallel()
	w := scheduled(t, WithJobTime(time.Minute))
	a := w.post("tasks/extractRefreshes/TASK/runNow", "<tsRequest />").wantStatus(200)
	w.names["JOB"] = lastOf(w.of("").jobs).LUID
	a.body = w.shorten(string(a.raw))
	a.want(200, `<job id="#JOB" mode="Asynchronous" type="RefreshExtract" createdAt="2026-03-02T10:00:00Z">
<extractRefreshJob><workbook id="#REGIONAL" name="Regional"/></extractRefreshJob></job>`)
	w.post("tasks/extractRefreshes/TASK/runNow", "").wantError(409093, "#JOB")
	w.post("tasks/extractRefreshes/none/runNow", "").wantError(404026, "none")
}

// Acceleration is a task of schedules of its own, and tells when it last ran.
func TestAccelerationTasks(t *testing.T) {
	t.Parallel()
	w := scheduled(t)
	w.newSchedule("FAST", `name="Faster" type="DataAcceleration" `+dailyAtNoon)
	w.put("schedules/FAST/workbooks", `<tsRequest><task><dataAcceleration><workbook id="REGIONAL"/></dataAcceleration></task></tsRequest>`).wantIn(`<task><dataAcceleration id=`)
	w.names["SPEED"] = lastOf(w.of("").tasks).LUID
	w.put("schedules/FAST/workbooks", `<tsRequest><task><extractRefresh><workbook id="REGIONAL"/></extractRefresh></task></tsRequest>`).wantError(400047, "#FAST")
	w.clock.advance(2 * time.Hour)
	w.get("tasks/dataAcceleration").want(200, `<tasks><task><dataAcceleration id="#SPEED" priority="50" consecutiveFailedCount="0" type="MaterializeViewsTask">
<schedule id="#FAST" name="Faster" state="Active" priority="50" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" type="DataAcceleration" frequency="Daily" nextRunAt="2026-03-03T12:00:00Z"/>
<workbook id="#REGIONAL"/><lastRunAt>2026-03-02T12:00:00Z</lastRunAt></dataAcceleration></task></tasks>`)
	w.get("jobs").wantIn(`status="Success"`, `jobType="materialize_views"`)
	w.remove("tasks/dataAcceleration/SPEED").wantStatus(204)
	w.get("tasks/dataAcceleration").want(200, `<tasks/>`)
}

// On Tableau Cloud a task has a schedule of its own, which no list of schedules has.
func TestCloudExtractTask(t *testing.T) {
	t.Parallel()
	w := scheduled(t)
	monthly := `<schedule frequency="Monthly"><frequencyDetails start="23:30:00"><intervals><interval monthDay="15"/></intervals></frequencyDetails></schedule>`
	a := w.post("tasks/extractRefreshes", `<tsRequest><extractRefresh type="FullRefresh"><workbook id="REGIONAL"/></extractRefresh>`+monthly+`</tsRequest>`).wantStatus(201)
	w.names["OWN"] = lastOf(w.of("").tasks).LUID
	a.body = w.shorten(string(a.raw))
	a.want(201, `<extractRefresh id="#OWN" type="FullRefresh"><workbook id="#REGIONAL"/></extractRefresh>
<schedule createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" frequency="Monthly" nextRunAt="2026-03-15T23:30:00Z">
<frequencyDetails start="23:30:00"><intervals><interval monthDay="15"/></intervals></frequencyDetails></schedule>`)
	w.get("tasks/extractRefreshes/OWN").wantIn(`frequency="Monthly" nextRunAt="2026-03-15T23:30:00Z"><frequencyDetails`)
	w.onServer("GET", "schedules", "").wantIn(`totalAvailable="2"`)
	w.names["HIDDEN"] = lastOf(w.server.schedules).LUID
	w.onServer("GET", "schedules/HIDDEN", "").wantError(404023, "#HIDDEN")

	w.put("tasks/extractRefreshes/OWN", `<tsRequest><extractRefresh type="IncrementalRefresh"/><schedule `+dailyAtNoon+`</schedule></tsRequest>`).want(200,
		`<extractRefresh id="#OWN" type="IncrementalRefresh"><workbook id="#REGIONAL"/></extractRefresh>
<schedule createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" frequency="Daily" nextRunAt="2026-03-02T12:00:00Z"><frequencyDetails start="12:00:00"/></schedule>`)
	w.clock.advance(3 * time.Hour)
	w.get("jobs").wantIn(`totalAvailable="1"`, `createdAt="2026-03-02T12:00:00Z"`, `jobType="increment_extracts"`)

	w.post("tasks/extractRefreshes", `<tsRequest><extractRefresh type="FullRefresh"/>`+monthly+`</tsRequest>`).wantError(400000, "no extractRefresh")
	w.post("tasks/extractRefreshes", `<tsRequest><extractRefresh type="Half"/>`+monthly+`</tsRequest>`).wantError(400000, "Half")
	w.post("tasks/extractRefreshes", `<tsRequest><extractRefresh><workbook id="none"/></extractRefresh>`+monthly+`</tsRequest>`).wantError(404006, "none")
	w.post("tasks/extractRefreshes", `<tsRequest><extractRefresh><workbook id="REGIONAL"/></extractRefresh></tsRequest>`).wantError(409004, "frequency")
	if n := w.server.schedules.Len(); n != 3 {
		t.Errorf("%d schedules, want 2 and that of the task", n)
	}
	w.remove("tasks/extractRefreshes/OWN").wantStatus(204)
	if n := w.server.schedules.Len(); n != 2 {
		t.Errorf("%d schedules, want 2", n)
	}
}
