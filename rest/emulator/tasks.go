package emulator

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

var taskOperations = slices.Concat(
	extractTasks.operations(),
	accelerationTasks.operations(),
	flowTasks.operations(),
	[]operation{
		op("POST", "sites/{site}/tasks/extractRefreshes", onSite, readXML, createExtractTask).since(3, 19),
		op("PUT", "sites/{site}/tasks/extractRefreshes/{id}", onSite, readXML, updateExtractTask).since(3, 20),
		op("POST", "sites/{site}/tasks/extractRefreshes/{id}", onSite, readXML, updateExtractTask).since(3, 20),
		op("PUT", "sites/{site}/schedules/{id}/workbooks", onSite, readXML, workbooks.addToSchedule).since(2, 8),
		op("PUT", "sites/{site}/schedules/{id}/datasources", onSite, readXML, datasources.addToSchedule).since(2, 8),
		op("PUT", "sites/{site}/schedules/{id}/flows", onSite, readXML, flows.addToSchedule).since(3, 3),
		op("POST", "sites/{site}/tasks/flows", onSite, readXML, createFlowTask).since(3, 22),
		op("GET", "sites/{site}/schedules/{id}/extracts", onSite, nil, listExtracts).since(2, 3),
	},
)

// The codes of the reference's methods for tasks.
const (
	codeNotFlowTask   = 400084
	codeNotExtract    = 403047 // the task is none that refreshes an extract
	codeFlowForbidden = 403098
	codeNoTask        = 404026
)

// taskKind is a kind of things that schedules do.
type taskKind struct {
	element      string   // of one, within task
	requests     []string // what requests call it
	collection   string   // the word in the path
	scheduleType string   // the type of the schedules it may be on
	capability   string   // on the content, to see and run one, and to make one
	forbidden    int      // the code when that is not given for making one
	otherKind    int      // the code for running a task of another kind
}

var (
	extractTasks = &taskKind{
		element: "extractRefresh", requests: []string{"extractRefresh"}, collection: "extractRefreshes", scheduleType: extractSchedule,
		capability: "ExtractRefresh", forbidden: codeViewForbidden, otherKind: codeNotExtract,
	}
	accelerationTasks = &taskKind{
		element: "dataAcceleration", requests: []string{"dataAcceleration", "materializeView"}, collection: "dataAcceleration",
		scheduleType: accelerationSchedule, capability: "ExtractRefresh", forbidden: codeViewForbidden, otherKind: codeNoTask,
	}
	flowTasks = &taskKind{
		element: "flowRun", requests: []string{"flowRun", "runFlow"}, collection: "runFlow", scheduleType: flowSchedule,
		capability: "Execute", forbidden: codeFlowForbidden, otherKind: codeNotFlowTask,
	}
	taskKinds = []*taskKind{extractTasks, accelerationTasks, flowTasks}
)

// task is something that a schedule does with a workbook, data source or flow each time.
type task struct {
	LUID              string
	Kind              string // the element of the kind
	Schedule          string // LUID
	About             object
	Incremental       bool
	Priority          int
	ConsecutiveFailed int
	LastRunAt         time.Time
}

func (t *task) kind() *taskKind {
	return find(taskKinds, func(k *taskKind) bool { return k.element == t.Kind })
}

func (k *taskKind) operations() []operation {
	path := "sites/{site}/tasks/" + k.collection
	return []operation{
		op("GET", path, onSite, nil, k.list).since(2, 6),
		op("GET", path+"/{id}", onSite, nil, k.get).since(2, 6),
		op("POST", path+"/{id}/runNow", onSite, nil, k.runNow).since(2, 6),
		op("DELETE", path+"/{id}", onSite, nil, k.delete).since(3, 6),
	}
}

// asset returns what the task is about.
func (t *task) asset(where *site) *asset { return kindOf(t.About.Kind).of(where).Get(t.About.LUID) }

// mayRun tells whether the caller may see, run and delete a task.
func (c *call) mayRun(t *task) bool { return c.may(t.kind().capability, t.asset(c.site).securable()) }

// list answers GET tasks of a kind: those of content that the caller may refresh or run. There is no paging.
func (k *taskKind) list(c *call) (*reply, error) {
	var tasks []*task
	for _, t := range c.site.tasks.All() {
		if t.Kind == k.element && c.mayRun(t) {
			tasks = append(tasks, t)
		}
	}
	return listing[*task]{
		name: "tasks", items: tasks, unpaged: true,
		render: func(t *task) *element { return c.renderTask(t) },
	}.reply(c)
}

// find returns the task in the path. One of another kind is refused with the code.
func (k *taskKind) find(c *call, otherKind int) (*task, error) {
	t := c.site.tasks.Get(c.vars["id"])
	switch {
	case t == nil:
		return nil, refuse(codeNoTask, "Task '%s' could not be found.", c.vars["id"])
	case t.Kind != k.element:
		return nil, refuse(otherKind, "Task '%s' is a %s, not a %s.", t.LUID, t.Kind, k.element)
	case !c.mayRun(t):
		return nil, refuse(codeForbidden, "User '%s' may not use task '%s'.", c.user.LUID, t.LUID)
	}
	return t, nil
}

func (k *taskKind) get(c *call) (*reply, error) {
	t, err := k.find(c, codeNoTask)
	if err != nil {
		return nil, err
	}
	return ok(c.renderTask(t)), nil
}

// runNow answers POST tasks/{kind}/{id}/runNow, whatever is in the body.
func (k *taskKind) runNow(c *call) (*reply, error) {
	t, err := k.find(c, k.otherKind)
	if err != nil {
		return nil, err
	}
	j := t.job(c.site)
	if err := c.server.checkQueue(c.site, j); err != nil {
		return nil, err
	}
	j.User = c.user.LUID
	started := c.server.enqueue(c.site, j, c.now)
	return &reply{status: http.StatusOK, body: []*element{started.renderBrief()}}, nil
}

func (k *taskKind) delete(c *call) (*reply, error) {
	t, err := k.find(c, codeNoTask)
	if err != nil {
		return nil, err
	}
	c.server.removeTask(c.site, t)
	return noContent(), nil
}

// removeTask deletes a task, and the schedule that belongs to it alone.
func (s *Server) removeTask(where *site, t *task) {
	where.tasks.Delete(t.LUID)
	s.dropOwnSchedule(t.Schedule)
}

func (s *Server) dropOwnSchedule(luid string) {
	if s.schedules.Get(luid).Name == "" {
		s.schedules.Delete(luid)
	}
}

// forgetWork deletes the tasks and subscriptions about content that is going.
func (s *Server) forgetWork(where *site, luid string) {
	for _, t := range where.tasks.All() {
		if t.About.LUID == luid {
			s.removeTask(where, t)
		}
	}
	where.linkedTasks.DeleteFunc(func(t *linkedTask) bool {
		return slices.ContainsFunc(t.Steps, func(step linkedStep) bool { return step.Flow == luid })
	})
	for _, n := range where.subscriptions.All() {
		if n.Content == luid {
			s.removeSubscription(where, n)
		}
	}
}

// job returns the job that does the task, on behalf of the owner of what it is about.
func (t *task) job(where *site) job {
	a := t.asset(where)
	if t.kind() == flowTasks {
		j := flowJob(a, a.Owner, t.LUID)
		j.Priority = t.Priority
		return j
	}
	j := job{User: a.Owner, Priority: t.Priority, About: a.object()}
	if t.kind() == accelerationTasks {
		j.Kind, j.Work = "materialize_views", work{Task: &taskRun{t.LUID}}
		return j
	}
	j.Kind, j.Work = refreshKind(t.Incremental), work{Refresh: &refresh{t.LUID}}
	return j
}

// taskRan notes how a job went in the task it was for, if it was for one that is still there.
func (where *site) taskRan(luid string, j *job) {
	t := where.tasks.Get(luid)
	if t == nil {
		return
	}
	ran := *t
	ran.ConsecutiveFailed = j.failuresAfter(t.ConsecutiveFailed)
	if j.Status != jobCancelled {
		ran.LastRunAt = stamp(j.EndedAt)
	}
	where.tasks.Put(&ran)
}

// failuresAfter is how often in a row something has failed after the job: one that was cancelled does not count.
func (j *job) failuresAfter(before int) int {
	switch j.Status {
	case jobFailed:
		return before + 1
	case jobSuccess:
		return 0
	}
	return before
}

// taskRun is the work of a task that changes nothing but when it last ran.
type taskRun struct{ Task string }

func (*taskRun) do(*Server, *site, *job) (notes string, err error) { return "", nil }

func (r *taskRun) drop(_ *Server, where *site, j *job) { where.taskRan(r.Task, j) }

// addToSchedule answers PUT schedules/{id}/workbooks and so on: it puts content on a schedule. The request may hold several
// tasks. What is on the schedule already stays the task it is.
func (k *kind) addToSchedule(c *call) (*reply, error) {
	h, err := c.server.schedule(c.vars["id"])
	if err != nil {
		return nil, err
	}
	var tasks []*element
	for body := range c.body.each("task") {
		t, err := k.readTask(c, body, h)
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, node("task", t.render(c.site, node("schedule").with("id", h.LUID))))
	}
	if len(tasks) == 0 {
		return nil, refuse(codeMalformed, "The request body has no task.")
	}
	if h.State == scheduleSuspended {
		warning := "The schedule '" + h.LUID + "' is suspended, and does not run what is on it."
		tasks = append(tasks, node("warnings", node("warning").with("message", warning)))
	}
	return ok(tasks...), nil
}

// readTask puts on a schedule what an element task says, and returns the task that is there then.
func (k *kind) readTask(c *call, body *element, h *schedule) (*task, error) {
	for _, tk := range taskKinds {
		if (tk == flowTasks) != (k == flows) {
			continue
		}
		for _, name := range tk.requests {
			for request := range body.each(name) {
				return k.newTask(c, tk, request, h)
			}
		}
	}
	return nil, refuse(codeMalformed, "The task has nothing that is done with a %s.", k.element)
}

// newTask puts content on a schedule.
func (k *kind) newTask(c *call, tk *taskKind, request *element, h *schedule) (*task, error) {
	if h.Type != tk.scheduleType {
		return nil, refuse(codeScheduleType, "Schedule '%s' is of the type %s, not %s.", h.LUID, h.Type, tk.scheduleType)
	}
	luid := request.child(k.element).attr("id")
	a := k.of(c.site).Get(luid)
	if a == nil {
		return nil, refuse(k.missing, "The %s '%s' could not be found.", k.element, luid)
	}
	if err := c.allowTask(tk, a); err != nil {
		return nil, err
	}
	incremental, err := request.flag("incremental")
	if err != nil {
		return nil, err
	}
	there := find(c.site.tasks.All(), func(t *task) bool {
		return t.Kind == tk.element && t.Schedule == h.LUID && t.About.LUID == a.LUID && t.Incremental == incremental
	})
	if there != nil {
		return there, nil
	}
	t := &task{
		LUID: c.server.newID(), Kind: tk.element, Schedule: h.LUID, About: a.object(), Incremental: incremental, Priority: h.Priority,
	}
	c.site.tasks.Put(t)
	return t, nil
}

// allowTask refuses what keeps the caller from making a task about an asset.
func (c *call) allowTask(tk *taskKind, a *asset) error {
	if tk == extractTasks {
		return c.allowRefresh(a)
	}
	return c.allow(tk.forbidden, tk.capability, a.securable())
}

// renderTask writes a task with what it tells of its schedule.
func (c *call) renderTask(t *task) *element {
	h := c.server.schedules.Get(t.Schedule).render()
	return node("task", t.render(c.site, h))
}

// render writes the element within task.
func (t *task) render(where *site, schedule *element) *element {
	e := node(t.Kind, schedule).
		with("id", t.LUID).
		with("priority", strconv.Itoa(t.Priority)).
		with("consecutiveFailedCount", strconv.Itoa(t.ConsecutiveFailed)).
		with("type", t.taskType())
	if t.kind() == flowTasks {
		a := t.asset(where)
		e.add(a.object().render(), a.renderSpec())
		return e
	}
	e.add(node(t.About.Kind).with("id", t.About.LUID))
	if t.kind() == accelerationTasks && !t.LastRunAt.IsZero() {
		e.add(textNode("lastRunAt", formatTime(t.LastRunAt)))
	}
	return e
}

// taskType is the type of a task as the list of tasks words it.
func (t *task) taskType() string {
	switch {
	case t.kind() == accelerationTasks:
		return "MaterializeViewsTask"
	case t.kind() == flowTasks:
		return "RunFlowTask"
	case t.Incremental:
		return "IncrementExtractTask"
	}
	return "RefreshExtractTask"
}

// refreshType is the type of an extract refresh as schedules and Tableau Cloud word it.
func (t *task) refreshType() string {
	if t.Incremental {
		return incrementalRefresh
	}
	return fullRefresh
}

const (
	fullRefresh        = "FullRefresh"
	incrementalRefresh = "IncrementalRefresh"
)

// listExtracts answers GET schedules/{id}/extracts: the extract refresh tasks on a schedule.
func listExtracts(c *call) (*reply, error) {
	h, err := c.server.schedule(c.vars["id"])
	if err != nil {
		return nil, err
	}
	if h.Type != extractSchedule {
		return nil, refuse(codeScheduleType, "Schedule '%s' is of the type %s, not %s.", h.LUID, h.Type, extractSchedule)
	}
	var tasks []*task
	for _, t := range c.site.tasks.All() {
		if t.Schedule == h.LUID && c.mayRun(t) {
			tasks = append(tasks, t)
		}
	}
	return listing[*task]{name: "extracts", items: tasks, render: func(t *task) *element {
		return node("extract", node(t.About.Kind).with("id", t.About.LUID)).
			with("id", t.LUID).
			with("priority", strconv.Itoa(t.Priority)).
			with("type", t.refreshType())
	}}.reply(c)
}
