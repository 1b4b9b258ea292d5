package emulator

import (
	"strings"
	"testing"
	"time"
)

// linked is a world with the flows FLOW and LAST, which the linked task LINKED runs twice and once on the schedule NOONS:
// when the second step fails the third is not done.
func linked(t *testing.T, opts ...Option) *world {
	t.Helper()
	w := scheduled(t, opts...)
	w.flow()
	w.publish("flow", "", `name="Load"`, ``, "a.tfl", zipped(t, "flow", "{}")).wantStatus(201)
	w.names["LAST"] = lastOf(w.of("").flows).LUID
	w.newSchedule("NOONS", `name="Noons" type="Flow" `+dailyAtNoon)
	luid, err := w.server.AddLinkedTask("", "Noons",
		LinkedStep{Flow: w.names["FLOW"]}, LinkedStep{Flow: w.names["FLOW"], StopOnFailure: true}, LinkedStep{Flow: w.names["LAST"]})
	if err != nil {
		t.Fatal(err)
	}
	w.names["LINKED"] = luid
	for i, step := range w.of("").linkedTasks.Get(luid).Steps {
		w.names["STEP"+string(rune('A'+i))], w.names["RUNS"+string(rune('A'+i))] = step.LUID, step.Task
	}
	return w
}

func TestLinkedTasks(t *testing.T) {
	t.Parallel()
	w := linked(t)
	step := func(letter, number, stops, flow, failed string) string {
		return `<linkedTaskSteps id="#STEP` + letter + `" stepNumber="` + number + `" stopDownstreamTasksOnFailure="` + stops + `"><task>` +
			`<flowRun id="#RUNS` + letter + `" priority="` + number + `" consecutiveFailedCount="` + failed + `" type="runFlow">` + flow + `</flowRun></task></linkedTaskSteps>`
	}
	clean, load := `<flow id="#FLOW" name="Clean"/>`, `<flow id="#LAST" name="Load"/>`
	task := `<linkedTasks id="#LINKED" numSteps="3"><schedule id="#NOONS" name="Noons" state="Active" priority="50" createdAt="2026-03-02T10:00:00Z"
 updatedAt="2026-03-02T10:00:00Z" type="Flow" frequency="Daily" nextRunAt="2026-03-02T12:00:00Z"/><linkedTaskSteps>` +
		step("A", "1", "false", clean, "0") + step("B", "2", "true", clean, "0") + step("C", "3", "false", load, "0") + `</linkedTaskSteps></linkedTasks>`
	w.get("tasks/linked").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><linkedTasks>`+task+`</linkedTasks>`)
	w.get("tasks/linked/LINKED").want(200, task)
	w.get("tasks/linked/none").wantError(404026, "none")

	a := w.post("tasks/linked/LINKED/runNow", "<tsRequest />")
	w.is("JOB", w.of("").jobs.All()[0].LUID, a).want(200, `<linkedTaskJob id="#JOB" linkedTaskId="#LINKED" status="InProgress" createdAt="2026-03-02T10:00:00Z"/>`)
	w.get("flows/runs?filter=startedAt:gt:2026-03-02T00:00:00Z").wantIn(`totalAvailable="3"`, `flowId="#LAST" status="Success"`)

	w.signIn(`name="pat" password="secret"`, "")
	w.get("tasks/linked").wantIn(`totalAvailable="0"`)
	w.post("tasks/linked/LINKED/runNow", "").wantError(403004, "#LINKED")
	w.signIn(`name="admin" password="p@ss&amp;&lt;w&gt;"`, "")
	w.remove("flows/LAST").wantStatus(204)
	w.get("tasks/linked").wantIn(`totalAvailable="0"`)
}

// A step begins when the one before is over, and is not done when that one failed and says so.
func TestLinkedSteps(t *testing.T) {
	t.Parallel()
	w := linked(t, WithJobTime(10*time.Minute), WithJobFault(JobFault{Nth: 1, Fails: "No."}), WithJobFault(JobFault{Nth: 5, Fails: "No."}))
	statuses := func(want string) {
		t.Helper()
		w.get("jobs").wantStatus(200)
		var got []string
		for _, j := range w.of("").jobs.All() {
			got = append(got, j.StartsAt.Format("15:04 ")+j.Status)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("jobs\n got %s\nwant %s", strings.Join(got, ", "), want)
		}
	}
	w.clock.advance(2*time.Hour + 15*time.Minute)
	statuses("12:00 Failed, 12:10 InProgress, 12:00 Pending")
	w.clock.advance(time.Hour)
	statuses("12:00 Failed, 12:10 Success, 12:20 Success")
	w.get("tasks/linked").wantIn(`stepNumber="1" stopDownstreamTasksOnFailure="false"><task><flowRun id="#RUNSA" priority="1" consecutiveFailedCount="1"`)
	w.post("tasks/linked/LINKED/runNow", "").wantStatus(200)
	w.clock.advance(time.Hour)
	statuses("12:00 Failed, 12:10 Success, 12:20 Success, 13:15 Success, 13:25 Failed, 13:35 Cancelled")
	w.get("tasks/linked").wantIn(`id="#RUNSA" priority="1" consecutiveFailedCount="0"`, `id="#RUNSB" priority="2" consecutiveFailedCount="1"`)
	w.onServer("DELETE", "schedules/NOONS", "").wantStatus(204)
	w.get("tasks/linked").wantIn(`totalAvailable="0"`)
}

func TestAddLinkedTaskRefuses(t *testing.T) {
	t.Parallel()
	w := linked(t)
	flow := LinkedStep{Flow: w.names["FLOW"]}
	for want, add := range map[string]func() (string, error){
		`no site "nowhere"`:      func() (string, error) { return w.server.AddLinkedTask("nowhere", "Noons", flow) },
		`no schedule "Never"`:    func() (string, error) { return w.server.AddLinkedTask("", "Never", flow) },
		`"Weeknights" for flows`: func() (string, error) { return w.server.AddLinkedTask("", "Weeknights", flow) },
		"no steps":               func() (string, error) { return w.server.AddLinkedTask("", "Noons") },
		`no flow "x"`:            func() (string, error) { return w.server.AddLinkedTask("", "Noons", LinkedStep{Flow: "x"}) },
	} {
		if luid, err := add(); err == nil || luid != "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%q, %v, want %q", luid, err, want)
		}
	}
}
