package emulator

import (
	"archive/zip"
	"bytes"
	"testing"
	"time"
)

// flow publishes a flow with one output step, which are FLOW and OUTPUT from then on.
func (w *world) flow() {
	w.t.Helper()
	const prep = `{"nodes":{"1":{"name":"Load","nodeType":".v1.LoadSql"},"2":{"name":"Output","nodeType":".v1.WriteToHyper"}}}`
	w.publish("flow", "", `name="Clean"`, ``, "a.tfl", zipped(w.t, "flow", prep)).wantStatus(201)
	a := lastOf(w.of("").flows)
	w.names["FLOW"], w.names["OUTPUT"] = a.LUID, a.OutputSteps[0].LUID
}

func zipped(t *testing.T, name, content string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	entry, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	entry.Write([]byte(content))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// runIs gives the job that was started last and the run it is the names JOB and RUN.
func (w *world) runIs() {
	j := lastOf(w.of("").jobs)
	w.names["JOB"], w.names["RUN"] = j.LUID, j.Part
}

func TestFlowRuns(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobTime(100*time.Second), WithUser("eve", "secret", "Viewer"))
	w.flow()
	w.hook("webhook-source-event-flow-completed", "https://example.com/").wantStatus(201)
	a := w.post("flows/FLOW/run", `<tsRequest><flowRunSpec flowId="FLOW" runMode="full"><flowOutputSteps><flowOutputStep id="OUTPUT"/></flowOutputSteps></flowRunSpec></tsRequest>`)
	w.runIs()
	a.body = w.shorten(string(a.raw))
	a.want(200, `<job id="#JOB" mode="Asynchronous" type="RunFlow" createdAt="2026-03-02T10:00:00Z">
<runFlowJobType flowRunId="#RUN"><flow id="#FLOW" name="Clean"/></runFlowJobType></job>`)
	w.clock.advance(25 * time.Second)
	w.get("flows/runs").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><flowRuns>
<flowRuns id="#RUN" flowId="#FLOW" status="InProgress" startedAt="2026-03-02T10:00:00Z" progress="25" backgroundJobId="#JOB"/></flowRuns>`)
	w.clock.advance(time.Hour)
	w.get("flows/runs/RUN").want(200, `<flowRun id="#RUN" flowId="#FLOW" status="Success" startedAt="2026-03-02T10:00:00Z" completedAt="2026-03-02T10:01:40Z"
 progress="100" backgroundJobId="#JOB"/>`)
	w.get("jobs/JOB").wantIn(`finishCode="0"><runFlowJobType flowRunId="#RUN"><flow id="#FLOW" name="Clean"/>`)
	w.put("flows/runs/RUN", "").wantError(403091, "#RUN")
	if d := lastOf(w.of("").deliveries); d.Event != "FlowCompleted" {
		t.Errorf("the webhook was told of %s", d.Event)
	}

	w.post("flows/FLOW/run", "").wantStatus(200)
	w.runIs()
	w.put("flows/runs/RUN", "").wantIn(`status="Cancelled"`)
	w.get("flows/runs?filter=flowId:in:[FLOW,x],progress:eq:100&sort=startedAt:desc").wantIn(`totalAvailable="2"`)
	w.get("flows/runs?filter=userId:eq:ANA").wantIn(`totalAvailable="0"`)
	w.get("flows/runs?pageNumber=9223372036854775807").want(200, `<pagination pageNumber="9223372036854775807" pageSize="100" totalAvailable="2"/><flowRuns/>`)
	w.get("flows/FLOW").wantIn(`<flow id="#FLOW"`)
	w.get("flows/runs/none").wantError(404029, "none")
	w.put("flows/runs/none", "").wantError(404029, "none")

	w.post("flows/FLOW/run", `<tsRequest><flowRunSpec flowId="x"/></tsRequest>`).wantError(404009, "#FLOW")
	w.post("flows/FLOW/run", `<tsRequest><flowRunSpec><flowOutputSteps><flowOutputStep id="x"/></flowOutputSteps></flowRunSpec></tsRequest>`).wantError(400000, "x")
	w.post("flows/none/run", "").wantStatus(404).wantIn("none")
	w.post("flows/FLOW/run", "").wantStatus(200)
	w.runIs()
	w.signIn(`name="eve" password="secret"`, "")
	w.post("flows/FLOW/run", "").wantError(403004, "#FLOW")
	w.put("flows/runs/RUN", "").wantError(403004, "#RUN")
}

// A flow that is gone when its run ends makes it fail.
func TestFlowRunFails(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobTime(time.Minute))
	w.flow()
	w.post("flows/FLOW/run", "").wantStatus(200)
	w.runIs()
	w.remove("flows/FLOW").wantStatus(204)
	w.clock.advance(time.Hour)
	w.get("flows/runs/RUN").wantIn(`status="Failed"`)
	w.get("jobs/JOB").wantIn(`finishCode="1"`, `<notes>The flow '#FLOW' could not be found.</notes>`)
}

func TestFlowTasks(t *testing.T) {
	t.Parallel()
	w := scheduled(t)
	w.flow()
	w.newSchedule("NOONS", `name="Flows" priority="30" type="Flow" `+dailyAtNoon)
	w.put("schedules/NOONS/flows", `<tsRequest><task><flowRun><flow id="FLOW"/></flowRun></task></tsRequest>`).wantIn(`<schedule id="#NOONS"/><flow id="#FLOW" name="Clean"/>`)
	w.names["NOONER"] = lastOf(w.of("").tasks).LUID
	taskElement := `<task><flowRun id="#NOONER" priority="30" consecutiveFailedCount="0" type="RunFlowTask"><schedule id="#NOONS" name="Flows" state="Active" priority="30" createdAt="2026-03-02T10:00:00Z"
 updatedAt="2026-03-02T10:00:00Z" type="Flow" frequency="Daily" nextRunAt="2026-03-02T12:00:00Z"/><flow id="#FLOW" name="Clean"/>
<flowRunSpec flowId="#FLOW"><flowOutputSteps><flowOutputStep id="#OUTPUT" name="Output"/></flowOutputSteps><flowParameterSpecs/></flowRunSpec></flowRun></task>`
	w.get("tasks/runFlow").want(200, `<tasks>`+taskElement+`</tasks>`)
	w.get("tasks/runFlow/NOONER").want(200, taskElement)
	w.get("tasks/runFlow/TASK").wantError(404026, "#TASK")
	w.post("tasks/runFlow/TASK/runNow", "").wantError(400084, "#TASK")
	w.post("tasks/extractRefreshes/NOONER/runNow", "").wantError(403047, "#NOONER")
	w.post("tasks/runFlow/NOONER/runNow", "").wantIn(`type="RunFlow"`)
	w.clock.advance(3 * time.Hour)
	w.get("flows/runs").wantIn(`totalAvailable="2"`, `startedAt="2026-03-02T12:00:00Z"`)
	w.put("schedules/NOONS/flows", `<tsRequest><task><extractRefresh><flow id="FLOW"/></extractRefresh></task></tsRequest>`).wantError(400000, "flow")
	w.put("schedules/NOONS/flows", `<tsRequest><task><runFlow><flow id="none"/></runFlow></task></tsRequest>`).wantStatus(404).wantIn("none")
	w.put("schedules/NIGHTS/flows", `<tsRequest><task><runFlow><flow id="FLOW"/></runFlow></task></tsRequest>`).wantError(400047, "#NIGHTS")
	w.remove("flows/FLOW").wantStatus(204)
	w.get("tasks/runFlow").want(200, `<tasks/>`)
}

// On Tableau Cloud a flow has a schedule of its own.
func TestCloudFlowTask(t *testing.T) {
	t.Parallel()
	w := scheduled(t)
	w.flow()
	w.post("tasks/flows", `<tsRequest><runFlow type="RunFlow"><flow id="FLOW"/></runFlow><schedule `+dailyAtNoon+`</schedule></tsRequest>`).wantStatus(201).
		wantIn(`<task><flowRun id=`, `frequency="Daily" nextRunAt="2026-03-02T12:00:00Z"><frequencyDetails start="12:00:00"/></schedule><flow id="#FLOW" name="Clean"/>`)
	w.post("tasks/flows", `<tsRequest><runFlow><flow id="none"/></runFlow><schedule `+dailyAtNoon+`</schedule></tsRequest>`).wantStatus(404).wantIn("none")
	w.post("tasks/flows", `<tsRequest><runFlow><flow id="FLOW"/></runFlow></tsRequest>`).wantError(409004, "frequency")
	w.signIn(`name="pat" password="secret"`, "")
	w.post("tasks/flows", `<tsRequest><runFlow><flow id="FLOW"/></runFlow><schedule `+dailyAtNoon+`</schedule></tsRequest>`).wantError(403098, "#FLOW")
}
