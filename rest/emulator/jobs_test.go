package emulator

import (
	"strings"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// regional publishes a workbook with an extract, which is REGIONAL from then on.
func (w *world) regional() {
	w.t.Helper()
	w.publish("workbook", "overwrite=true", `name="Regional"`, ``, "a.twb", extractTWB).wantStatus(201)
	w.names["REGIONAL"] = lastOf(w.of("").workbooks).LUID
}

// orders publishes a data source that is an extract, which is ORDERS from then on.
func (w *world) orders() {
	w.t.Helper()
	w.publish("datasource", "overwrite=true", `name="Orders"`, ``, "a.hyper", "Hyper\x72").wantStatus(201)
	w.names["ORDERS"] = lastOf(w.of("").datasources).LUID
}

// refresh asks for a refresh, whose job is the name from then on.
func (w *world) refresh(path, job string) *answer {
	w.t.Helper()
	a := w.send("POST S/" + path + "/refresh HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(202)
	w.names[job] = lastOf(w.of("").jobs).LUID
	a.body = w.shorten(string(a.raw))
	return a
}

func lastOf[T any](t *state.Table[T]) *T { return t.All()[t.Len()-1] }

// put sends a PUT with a body that is whole.
func (w *world) put(path, body string) *answer {
	w.t.Helper()
	return w.send("PUT S/" + path + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n" + body)
}

// post sends a POST with a body that is whole.
func (w *world) post(path, body string) *answer {
	w.t.Helper()
	return w.send("POST S/" + path + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n" + body)
}

func (w *world) remove(path string) *answer {
	w.t.Helper()
	return w.send("DELETE S/" + path + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n")
}

const sampleRefreshed = `<extractRefreshJob><notes>Finished refresh of extracts for Workbook 'Regional'</notes>` +
	`<workbook id="#REGIONAL" name="Regional"/></extractRefreshJob>`

// A job waits as long as the clock stands, runs, and is over.
func TestJobStates(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobTime(10*time.Second))
	w.regional()
	w.refresh("workbooks/REGIONAL", "JOB").want(202, `<job id="#JOB" mode="Asynchronous" type="RefreshExtract" createdAt="2026-03-02T10:00:00Z">
<extractRefreshJob><workbook id="#REGIONAL" name="Regional"/></extractRefreshJob></job>`)
	list := func(job string) string {
		return `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><backgroundJobs><backgroundJob id="#JOB" ` + job +
			` priority="50" jobType="refresh_extracts" title="Regional" subtitle="Workbook"/></backgroundJobs>`
	}
	w.get("jobs").want(200, list(`status="Pending" createdAt="2026-03-02T10:00:00Z"`))
	w.get("jobs/JOB").wantIn(`progress="0" createdAt="2026-03-02T10:00:00Z" finishCode="1"`)

	w.clock.advance(9 * time.Second)
	w.get("jobs").want(200, list(`status="InProgress" createdAt="2026-03-02T10:00:00Z" startedAt="2026-03-02T10:00:00Z"`))
	w.get("jobs/JOB").wantIn(`progress="90"`, `startedAt="2026-03-02T10:00:00Z" finishCode="1"`)
	w.get("workbooks/REGIONAL").wantIn(`updatedAt="2026-03-02T10:00:00Z"`)

	w.clock.advance(time.Minute)
	w.get("jobs").want(200, list(`status="Success" createdAt="2026-03-02T10:00:00Z" startedAt="2026-03-02T10:00:00Z" endedAt="2026-03-02T10:00:10Z"`))
	w.get("jobs/JOB").want(200, `<job id="#JOB" mode="Asynchronous" type="RefreshExtract" progress="100" createdAt="2026-03-02T10:00:00Z"
 startedAt="2026-03-02T10:00:00Z" completedAt="2026-03-02T10:00:10Z" finishCode="0">`+sampleRefreshed+`</job>`)
	w.get("workbooks/REGIONAL").wantIn(`updatedAt="2026-03-02T10:00:10Z"`)
	if a := lastOf(w.of("").workbooks); len(a.Revisions) != 1 {
		t.Errorf("the refresh made %d revisions", len(a.Revisions)-1)
	}
}

func TestListJobs(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobFault(JobFault{Nth: 2, Fails: "The login for 'app' failed."}), WithJobFault(JobFault{Nth: 4, Hangs: true}))
	w.regional()
	w.orders()
	w.refresh("workbooks/REGIONAL", "FIRST")
	w.clock.advance(time.Minute)
	w.refresh("datasources/ORDERS", "SECOND")
	w.publish("workbook", "asJob=true", `name="Sales"`, ``, "a.twb", salesTWB).wantStatus(202)
	w.names["THIRD"] = lastOf(w.of("").jobs).LUID
	w.refresh("workbooks/REGIONAL", "FOURTH")
	w.clock.advance(time.Second)
	for query, want := range map[string][]string{
		"filter=status:eq:Failed":                                   {"SECOND"},
		"filter=status:eq:InProgress":                               {"FOURTH"},
		"filter=jobType:eq:publish_workbook":                        {"THIRD"},
		"filter=jobType:in:[refresh_extracts,x],status:eq:Success":  {"FIRST"},
		"filter=title:has:gio":                                      {"FIRST", "FOURTH"},
		"filter=title:eq:Sales":                                     {"THIRD"},
		"filter=subtitle:has:View":                                  nil,
		"filter=subtitle:eq:Datasource":                             {"SECOND"},
		"filter=notes:has:app":                                      {"SECOND"},
		"filter=args:has:Orders":                                    {"SECOND"},
		"filter=progress:lt:100":                                    {"FOURTH"},
		"filter=priority:gt:50":                                     nil,
		"filter=createdAt:gte:2026-03-02T10:01:00Z&sort=status:asc": {"SECOND", "FOURTH", "THIRD"},
		"filter=completedAt:gt:2026-03-02T10:00:00Z":                {"SECOND", "THIRD"},
		"filter=startedAt:lte:2026-03-02T10:00:00Z&sort=title:desc": {"FIRST"},
		"sort=title:asc,createdAt:desc&pageSize=3":                  {"SECOND", "FOURTH", "FIRST"},
	} {
		a := w.get("jobs?" + query).wantStatus(200)
		var got []string
		for part := range strings.SplitSeq(a.body, `<backgroundJob id="#`) {
			if name, _, isJob := strings.Cut(part, `" status=`); isJob {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	w.get("jobs?filter=title:gt:a").wantError(400065, "title:gt:a")
	w.get("jobs?filter=status:in:[Failed]").wantError(400065, "status")
}

// People see the jobs they started, administrators all.
func TestJobsOfOthers(t *testing.T) {
	t.Parallel()
	w := start(t, WithUser("pat", "secret", "Creator"), WithJobTime(time.Hour))
	w.regional()
	w.refresh("workbooks/REGIONAL", "JOB")
	w.signIn(`name="pat" password="secret"`, "")
	w.publish("datasource", "asJob=true", `name="Orders"`, ``, "a.tds", ordersTDS).wantStatus(202)
	w.get("jobs").wantIn(`totalAvailable="1"`, `jobType="publish_datasource"`)
	w.names["OWN"] = lastOf(w.of("").jobs).LUID
	w.get("jobs/OWN").wantStatus(200)
	w.get("jobs/JOB").wantError(403004, "#JOB")
	w.put("jobs/OWN", "").wantError(403032, "#OWN")
	w.signIn(`name="ana" password="secret"`, "")
	w.get("jobs").wantIn(`totalAvailable="2"`)
}

func TestCancelJob(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobTime(time.Hour))
	w.regional()
	w.hook("webhook-source-event-workbook-refresh-failed", "https://example.com/").wantStatus(201)
	w.refresh("workbooks/REGIONAL", "JOB")
	w.clock.advance(time.Minute)
	w.put("jobs/JOB", "").want(200, `<job id="#JOB" mode="Asynchronous" type="RefreshExtract" progress="100" createdAt="2026-03-02T10:00:00Z"
 startedAt="2026-03-02T10:00:00Z" completedAt="2026-03-02T10:01:00Z" finishCode="2">
<extractRefreshJob><notes>The job was cancelled.</notes><workbook id="#REGIONAL" name="Regional"/></extractRefreshJob></job>`)
	w.put("jobs/JOB", "").wantError(403091, "#JOB")
	w.put("jobs/none", "").wantError(404018, "none")
	w.clock.advance(2 * time.Hour)
	w.get("workbooks/REGIONAL").wantIn(`updatedAt="2026-03-02T10:00:00Z"`)
	w.get("jobs").wantIn(`status="Cancelled"`)
	if n := w.of("").deliveries.Len(); n != 0 {
		t.Errorf("%d messages, want none: nothing failed", n)
	}

	// What a job that is cancelled would have published is let go.
	w.publish("workbook", "asJob=true", `name="Sales"`, ``, "a.twb", salesTWB).wantStatus(202)
	w.names["JOB"] = lastOf(w.of("").jobs).LUID
	w.put("jobs/JOB", "").wantIn(`finishCode="2"`, `startedAt="2026-03-02T12:01:00Z" completedAt="2026-03-02T12:01:00Z"`)
	w.clock.advance(2 * time.Hour)
	w.get("workbooks").wantIn(`totalAvailable="1"`)
}

func TestJobFaults(t *testing.T) {
	t.Parallel()
	minute := time.Minute
	fault := func(f JobFault) *world {
		f.Type, f.Nth = "RefreshExtract", 2
		w := start(t, WithJobFault(f))
		w.regional()
		w.orders()
		w.refresh("workbooks/REGIONAL", "OTHER")
		w.publish("workbook", "asJob=true", `name="Sales"`, ``, "a.twb", salesTWB).wantStatus(202)
		w.clock.advance(minute)
		w.refresh("datasources/ORDERS", "JOB")
		return w
	}
	over := `completedAt="2026-03-02T10:01:00Z"`
	t.Run("fails", func(t *testing.T) {
		t.Parallel()
		w := fault(JobFault{Fails: "The login for 'app' failed."})
		w.get("jobs/JOB").want(200, `<job id="#JOB" mode="Asynchronous" type="RefreshExtract" progress="100" createdAt="2026-03-02T10:01:00Z"
 startedAt="2026-03-02T10:01:00Z" `+over+` finishCode="1"><extractRefreshJob><notes>The login for 'app' failed.</notes>
<datasource id="#ORDERS" name="Orders"/></extractRefreshJob></job>`)
		w.get("datasources/ORDERS").wantIn(`updatedAt="2026-03-02T10:00:00Z"`)
		w.get("jobs/OTHER").wantIn(`finishCode="0"`)
		w.refresh("datasources/ORDERS", "NEXT")
		w.get("jobs/NEXT").wantIn(`finishCode="0"`)
	})
	t.Run("hangs", func(t *testing.T) {
		t.Parallel()
		w := fault(JobFault{Hangs: true})
		w.clock.advance(1000 * time.Hour)
		w.signIn(`name="ana" password="secret"`, "")
		w.get("jobs/JOB").wantIn(`progress="0"`, `startedAt="2026-03-02T10:01:00Z" finishCode="1"`)
		w.post("datasources/ORDERS/refresh", "").wantError(409093, "#JOB")
		w.put("jobs/JOB", "").wantIn(`finishCode="2"`)
	})
	t.Run("waits and takes", func(t *testing.T) {
		t.Parallel()
		w := fault(JobFault{Waits: 2 * minute, Takes: 4 * minute})
		w.clock.advance(2 * minute)
		w.get("jobs/JOB").wantIn(`progress="0" createdAt="2026-03-02T10:01:00Z" finishCode="1"`)
		w.clock.advance(3 * minute)
		w.get("jobs/JOB").wantIn(`progress="75"`, `startedAt="2026-03-02T10:03:00Z" finishCode="1"`)
		w.clock.advance(3 * minute)
		w.get("jobs/JOB").wantIn(`completedAt="2026-03-02T10:07:00Z" finishCode="0"`)
		w.get("datasources/ORDERS").wantIn(`updatedAt="2026-03-02T10:07:00Z"`)
	})
	t.Run("is cancelled", func(t *testing.T) {
		t.Parallel()
		w := fault(JobFault{Cancelled: true})
		w.get("jobs/JOB").wantIn(over + ` finishCode="2"`)
		w.get("datasources/ORDERS").wantIn(`updatedAt="2026-03-02T10:00:00Z"`)
	})
	for _, code := range []int{404018, 400031} {
		w := fault(JobFault{Gone: code})
		w.get("jobs/JOB").wantError(code, "#JOB")
		w.put("jobs/JOB", "").wantError(code, "#JOB")
		w.get("jobs").wantIn(`totalAvailable="2"`)
		w.get("datasources/ORDERS").wantIn(`updatedAt="2026-03-02T10:01:00Z"`)
	}
}

func TestJobFaultRefuses(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]JobFault{
		"negative":               {Nth: -1},
		"404018 or 400031":       {Gone: 500000},
		`no jobs of type "Bake"`: {Type: "Bake"},
	} {
		if _, err := New(WithOpen(), WithJobFault(f)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", f, err, want)
		}
	}
}

// By hand, the clock does nothing.
func TestStepJobs(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobsByHand())
	w.regional()
	w.refresh("workbooks/REGIONAL", "JOB")
	step := func(want int) {
		t.Helper()
		w.clock.advance(time.Minute)
		if n, err := w.server.StepJobs(); n != want || err != nil {
			t.Errorf("%d jobs went on, %v, want %d", n, err, want)
		}
	}
	w.clock.advance(time.Hour)
	w.get("jobs/JOB").wantIn(`progress="0" createdAt="2026-03-02T10:00:00Z" finishCode="1"`)
	step(1)
	w.get("jobs").wantIn(`status="InProgress"`, `startedAt="2026-03-02T11:01:00Z"`)
	step(1)
	w.get("jobs/JOB").wantIn(`startedAt="2026-03-02T11:01:00Z" completedAt="2026-03-02T11:02:00Z" finishCode="0"`)
	w.get("workbooks/REGIONAL").wantIn(`updatedAt="2026-03-02T11:02:00Z"`)
	step(0)
}

// Jobs that wait, with the faults they met, and what is scheduled go on in a server that was not there when they were
// made.
func TestWorkSurvives(t *testing.T) {
	t.Parallel()
	w, dir := kept(t, WithJobFault(JobFault{Nth: 1, Waits: time.Minute, Takes: 2 * time.Minute, Fails: "No."}), WithIdleLimit(1000*time.Hour))
	w.regional()
	w.orders()
	w.refresh("workbooks/REGIONAL", "JOB")
	w.newSchedule("NOONS", `name="Noons" type="Extract" `+dailyAtNoon)
	w.addTo("NOONS", "datasource", "ORDERS").wantStatus(200)
	before := w.onServer("GET", "schedules/NOONS", "").body + w.get("tasks/extractRefreshes").body
	w.restart(dir, WithIdleLimit(1000*time.Hour))
	if after := w.onServer("GET", "schedules/NOONS", "").body + w.get("tasks/extractRefreshes").body; after != before {
		t.Errorf("after the restart\n got %s\nwant %s", after, before)
	}
	w.get("jobs/JOB").wantIn(`progress="0"`, `finishCode="1"`)
	w.clock.advance(2 * time.Minute)
	w.get("jobs/JOB").wantIn(`progress="50"`, `startedAt="2026-03-02T10:01:00Z"`)
	w.clock.advance(4 * time.Hour)
	w.get("jobs/JOB").wantIn(`completedAt="2026-03-02T10:03:00Z" finishCode="1"`, `<notes>No.</notes>`)
	w.get("jobs?sort=createdAt:desc").wantIn(`totalAvailable="2"`, `<backgroundJob id=`, `status="Success" createdAt="2026-03-02T12:00:00Z"`)
	w.get("datasources/ORDERS").wantIn(`updatedAt="2026-03-02T12:00:00Z"`)
}

// The jobs of a site are not remembered for ever, and one that is not over never goes.
func TestOldJobsAreForgotten(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.regional()
	where := w.of("")
	err := w.server.store.Do(func() error {
		for range maxJobs {
			w.server.enqueue(where, job{Kind: "refresh_extracts", About: where.workbooks.All()[0].object(), Work: work{Refresh: &refresh{}}}, w.clock.Now())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	first := where.jobs.All()[0].LUID
	w.get("jobs").wantStatus(200)
	w.refresh("workbooks/REGIONAL", "JOB")
	w.get("jobs/JOB").wantStatus(200)
	if where.jobs.Len() != maxJobs || where.jobs.Get(first) != nil {
		t.Errorf("%d jobs, want %d without the first", where.jobs.Len(), maxJobs)
	}
}
