package emulator

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// flowRunOperations come before those of flows, since runs is where the LUID of a flow is otherwise.
var flowRunOperations = []operation{
	op("GET", "sites/{site}/flows/runs", onSite, nil, listFlowRuns).since(3, 10),
	op("GET", "sites/{site}/flows/runs/{id}", onSite, nil, getFlowRun).since(3, 10),
	op("PUT", "sites/{site}/flows/runs/{id}", onSite, nil, cancelFlowRun).since(3, 10),
	op("POST", "sites/{site}/flows/{id}/run", onSite, readXML, runFlow).since(3, 3),
}

// flowRun is the work of running a flow. The run is the part of the job, which is all there is to see: the emulator makes
// no output.
type flowRun struct {
	Task string // LUID of the task, or of the step of a linked task, it runs for; "" when somebody asked for it
}

// runFlow answers POST flows/{id}/run, whose body may choose output steps of the flow.
func runFlow(c *call) (*reply, error) {
	a, err := flows.findFor(c, codeForbidden, "Execute")
	if err != nil {
		return nil, err
	}
	spec := c.body.child("flowRunSpec")
	if luid := spec.attr("flowId"); luid != "" && luid != a.LUID {
		return nil, refuse(codeMismatch, "The flowRunSpec is for flow '%s', not '%s'.", luid, a.LUID)
	}
	for step := range spec.child("flowOutputSteps").each("flowOutputStep") {
		if !slices.ContainsFunc(a.OutputSteps, func(s flowStep) bool { return s.LUID == step.attr("id") }) {
			return nil, refuse(codeMalformed, "Flow '%s' has no output step '%s'.", a.LUID, step.attr("id"))
		}
	}
	started := c.server.enqueue(c.site, flowJob(a, c.user.LUID, ""), c.now)
	return &reply{status: http.StatusOK, body: []*element{started.renderBrief()}}, nil
}

// flowJob returns the job that runs a flow.
func flowJob(a *asset, user, task string) job {
	return job{Kind: "run_flow", User: user, About: a.object(), Work: work{Flow: &flowRun{task}}}
}

// do runs the flow, which has to be there.
func (*flowRun) do(_ *Server, where *site, j *job) (notes string, err error) {
	_, err = j.About.asset(where)
	return "", err
}

// drop tells how it went.
func (r *flowRun) drop(s *Server, where *site, j *job) {
	if j.Status != jobCancelled {
		s.event(where, "FlowCompleted", j.About.LUID, j.About.Name, j.EndedAt)
	}
	where.taskRan(r.Task, j)
	where.linkedRan(r.Task, j)
}

// flowDetail writes what a run is about.
func flowDetail(j *job) *element {
	return node("runFlowJobType", append(j.renderNotes(), j.About.render())...).with("flowRunId", j.Part)
}

// flowRuns returns the runs of flows that the caller may read: a run is the job that does it.
func (c *call) flowRuns() []*job {
	var runs []*job
	for _, j := range c.site.jobs.All() {
		if j.Kind == "run_flow" && c.mayReadRun(j) {
			runs = append(runs, j)
		}
	}
	return runs
}

// mayReadRun tells whether the caller started the run, or may read the flow.
func (c *call) mayReadRun(j *job) bool {
	a := c.site.flows.Get(j.About.LUID)
	return j.User == c.user.LUID || c.user.isAdministrator() || a != nil && c.may("Read", a.securable())
}

// listFlowRuns answers GET flows/runs.
func listFlowRuns(c *call) (*reply, error) {
	return listing[*job]{
		name: "flowRuns", items: c.flowRuns(), fields: flowRunFields(c.now), endless: true,
		render: func(j *job) *element { return j.renderFlowRun("flowRuns", c.now) },
	}.reply(c)
}

// flowRunFields are what runs of flows may be filtered and sorted by, after "Filtering and Sorting in the REST API".
func flowRunFields(now time.Time) map[string]field[*job] {
	fields := jobFields(now)
	return map[string]field[*job]{
		"completedAt": fields["completedAt"],
		"flowId":      textField(func(j *job) string { return j.About.LUID }),
		"progress":    fields["progress"],
		"startedAt":   fields["startedAt"],
		"userId":      textField(func(j *job) string { return j.User }),
	}
}

// flowRun returns the run in the path.
func (c *call) flowRun() (*job, error) {
	if j := find(c.flowRuns(), func(j *job) bool { return j.Part == c.vars["id"] }); j != nil {
		return j, nil
	}
	return nil, refuse(codeNoContent, "Flow run '%s' could not be found.", c.vars["id"])
}

// getFlowRun answers GET flows/runs/{id}.
func getFlowRun(c *call) (*reply, error) {
	j, err := c.flowRun()
	if err != nil {
		return nil, err
	}
	return ok(j.renderFlowRun("flowRun", c.now)), nil
}

// cancelFlowRun answers PUT flows/runs/{id}: for who started the run, and administrators.
func cancelFlowRun(c *call) (*reply, error) {
	j, err := c.flowRun()
	switch {
	case err != nil:
		return nil, err
	case j.User != c.user.LUID && !c.user.isAdministrator():
		return nil, refuse(codeForbidden, "User '%s' may not cancel flow run '%s'.", c.user.LUID, j.Part)
	case j.isDone():
		return nil, refuse(codeJobOver, "Flow run '%s' is complete and cannot be cancelled.", j.Part)
	}
	c.server.cancel(c.site, j, c.now)
	return ok(c.site.jobs.Get(j.LUID).renderFlowRun("flowRun", c.now)), nil
}

func (j *job) renderFlowRun(name string, now time.Time) *element {
	return node(name).
		with("id", j.Part).
		with("flowId", j.About.LUID).
		with("status", j.Status).
		withTime("startedAt", j.startedAt()).
		withTime("completedAt", j.EndedAt).
		with("progress", strconv.Itoa(j.progress(now))).
		with("backgroundJobId", j.LUID)
}

// createFlowTask answers POST tasks/flows of Tableau Cloud: a task that runs a flow, with a schedule of its own.
func createFlowTask(c *call) (*reply, error) {
	body := c.body.child("runFlow")
	luid := body.child("flow").attr("id")
	a := c.site.flows.Get(luid)
	if a == nil {
		return nil, refuse(flows.missing, "The flow '%s' could not be found.", luid)
	}
	if err := c.allowTask(flowTasks, a); err != nil {
		return nil, err
	}
	h, err := c.newOwnSchedule(flowSchedule, c.body.child("schedule"))
	if err != nil {
		return nil, err
	}
	t := &task{LUID: c.server.newID(), Kind: flowTasks.element, Schedule: h.LUID, About: a.object(), Priority: h.Priority}
	c.site.tasks.Put(t)
	return created(c.path("tasks/runFlow", t.LUID), c.renderTask(t)), nil
}

// renderSpec writes what of a flow is run: all of it.
func (a *asset) renderSpec() *element {
	return node("flowRunSpec", a.renderOutputSteps(), node("flowParameterSpecs")).with("flowId", a.LUID)
}
