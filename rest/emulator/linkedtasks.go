package emulator

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

var linkedTaskOperations = []operation{
	op("GET", "sites/{site}/tasks/linked", onSite, nil, listLinkedTasks).since(3, 15),
	op("GET", "sites/{site}/tasks/linked/{id}", onSite, nil, getLinkedTask).since(3, 15),
	op("POST", "sites/{site}/tasks/linked/{id}/runNow", onSite, nil, runLinkedTask).since(3, 15),
}

// linkedTask runs flows one after the other, as often as a schedule has it.
type linkedTask struct {
	LUID     string
	Schedule string // LUID
	Steps    []linkedStep
}

// linkedStep is one step of a linked task: a flow.
type linkedStep struct {
	LUID, Task string // LUIDs of the step, and of what it does
	Flow       string // LUID
	Stops      bool   // the steps after it are not done when it fails
	Failed     int    // how often it has in a row
}

// LinkedStep is a step of a linked task; see [Server.AddLinkedTask].
type LinkedStep struct {
	// Flow is the LUID of the flow that the step runs.
	Flow string
	// StopOnFailure says that the steps after this one are not done when it fails.
	StopOnFailure bool
}

// AddLinkedTask makes a linked task on a site, which no operation of the API does: people make them in Tableau's pages.
// The site is told by its content URL, the schedule, which must be one for flows, by its name. It returns the LUID of the
// task.
func (s *Server) AddLinkedTask(siteContentURL, scheduleName string, steps ...LinkedStep) (string, error) {
	luid := ""
	err := s.locked(&call{server: s}, func(*call) error {
		where := s.siteByContentURL(siteContentURL)
		h := find(s.namedSchedules(), func(h *schedule) bool { return h.Name == scheduleName })
		switch {
		case where == nil:
			return fmt.Errorf("there is no site %q", siteContentURL)
		case h == nil || h.Type != flowSchedule:
			return fmt.Errorf("there is no schedule %q for flows", scheduleName)
		case len(steps) == 0:
			return errors.New("there are no steps")
		}
		t := &linkedTask{LUID: s.newID(), Schedule: h.LUID}
		for _, step := range steps {
			if where.flows.Get(step.Flow) == nil {
				return fmt.Errorf("there is no flow %q on site %q", step.Flow, siteContentURL)
			}
			t.Steps = append(t.Steps, linkedStep{LUID: s.newID(), Task: s.newID(), Flow: step.Flow, Stops: step.StopOnFailure})
		}
		where.linkedTasks.Put(t)
		luid = t.LUID
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("adding a linked task: %w", err)
	}
	return luid, nil
}

// mayLink tells whether the caller may see and run a linked task: all of its flows.
func (c *call) mayLink(t *linkedTask) bool {
	return !slices.ContainsFunc(t.Steps, func(step linkedStep) bool {
		return !c.may(flowTasks.capability, c.site.flows.Get(step.Flow).securable())
	})
}

// listLinkedTasks answers GET tasks/linked.
func listLinkedTasks(c *call) (*reply, error) {
	var tasks []*linkedTask
	for _, t := range c.site.linkedTasks.All() {
		if c.mayLink(t) {
			tasks = append(tasks, t)
		}
	}
	return listing[*linkedTask]{
		name: "linkedTasks", items: tasks,
		render: func(t *linkedTask) *element { return t.render(c) },
	}.reply(c)
}

// linkedTask returns the linked task in the path.
func (c *call) linkedTask() (*linkedTask, error) {
	t := c.site.linkedTasks.Get(c.vars["id"])
	switch {
	case t == nil:
		return nil, refuse(codeNoTask, "Linked task '%s' could not be found.", c.vars["id"])
	case !c.mayLink(t):
		return nil, refuse(codeForbidden, "User '%s' may not use linked task '%s'.", c.user.LUID, t.LUID)
	}
	return t, nil
}

// getLinkedTask answers GET tasks/linked/{id}.
func getLinkedTask(c *call) (*reply, error) {
	t, err := c.linkedTask()
	if err != nil {
		return nil, err
	}
	return ok(t.render(c)), nil
}

// runLinkedTask answers POST tasks/linked/{id}/runNow. The LUID of the answer is that of the first job.
func runLinkedTask(c *call) (*reply, error) {
	t, err := c.linkedTask()
	if err != nil {
		return nil, err
	}
	first := c.server.runLinked(c.site, t, c.user.LUID, c.now)
	return &reply{status: http.StatusOK, body: []*element{
		node("linkedTaskJob").
			with("id", first.LUID).
			with("linkedTaskId", t.LUID).
			with("status", jobInProgress).
			with("createdAt", formatTime(first.CreatedAt)),
	}}, nil
}

// runLinked starts the jobs of the steps, each to begin when the one before is over, and returns the first. They are of
// the user, or, without one, of those who own the flows.
func (s *Server) runLinked(where *site, t *linkedTask, user string, at time.Time) *job {
	var first, before *job
	for i, step := range t.Steps {
		a := where.flows.Get(step.Flow)
		next := flowJob(a, cmp.Or(user, a.Owner), step.Task)
		next.Stops = step.Stops
		if i > 0 {
			next.After = before.LUID
		}
		before = s.enqueue(where, next, at)
		if i == 0 {
			first = before
		}
	}
	return first
}

// linkedRan counts in the step that it was for how a job went.
func (where *site) linkedRan(luid string, j *job) {
	for _, t := range where.linkedTasks.All() {
		i := slices.IndexFunc(t.Steps, func(step linkedStep) bool { return step.Task == luid })
		if i < 0 {
			continue
		}
		ran := *t
		ran.Steps = slices.Clone(t.Steps)
		ran.Steps[i].Failed = j.failuresAfter(ran.Steps[i].Failed)
		where.linkedTasks.Put(&ran)
	}
}

func (t *linkedTask) render(c *call) *element {
	steps := node("linkedTaskSteps")
	for i, step := range t.Steps {
		run := node("flowRun", c.site.flows.Get(step.Flow).object().render()).
			with("id", step.Task).
			with("priority", strconv.Itoa(i+1)).
			with("consecutiveFailedCount", strconv.Itoa(step.Failed)).
			with("type", "runFlow")
		steps.add(node("linkedTaskSteps", node("task", run)).
			with("id", step.LUID).
			with("stepNumber", strconv.Itoa(i+1)).
			withBool("stopDownstreamTasksOnFailure", step.Stops))
	}
	return node("linkedTasks", c.server.schedules.Get(t.Schedule).render(), steps).
		with("id", t.LUID).
		with("numSteps", strconv.Itoa(len(t.Steps)))
}
