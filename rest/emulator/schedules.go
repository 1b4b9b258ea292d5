package emulator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var scheduleOperations = []operation{
	op("GET", "schedules", anyToken, nil, listSchedules).since(2, 3),
	op("POST", "schedules", anyToken, readXML, createSchedule).since(2, 3),
	op("PUT", "schedules", anyToken, readXML, updateScheduleStates).since(3, 27),
	op("GET", "schedules/{id}", anyToken, nil, getSchedule).since(3, 8),
	op("PUT", "schedules/{id}", anyToken, readXML, updateSchedule).since(2, 3),
	op("DELETE", "schedules/{id}", anyToken, nil, deleteSchedule).since(2, 3),
}

// The codes of the reference's "Jobs, Tasks, and Schedules Methods" for schedules.
const (
	codeScheduleType    = 400047
	codeNoSchedule      = 404023
	codeScheduleDetails = 409004
)

// schedule is when the tasks and subscriptions that are on it run. It belongs to the server, and is for all sites; one
// without a name belongs to the one task or subscription that was made with it, as on Tableau Cloud.
type schedule struct {
	LUID, Name           string
	Type, State          string
	ExecutionOrder       string
	Priority             int
	Cadence              cadence
	CreatedAt, UpdatedAt time.Time
	NextRunAt            time.Time
}

const (
	extractSchedule      = "Extract"
	subscriptionSchedule = "Subscription"
	flowSchedule         = "Flow"
	accelerationSchedule = "DataAcceleration"

	scheduleActive    = "Active"
	scheduleSuspended = "Suspended"

	runsInParallel = "Parallel"
	runsInSeries   = "Serial"
)

var (
	scheduleTypes   = []string{extractSchedule, subscriptionSchedule, flowSchedule, accelerationSchedule, "ActiveDirectorySync"}
	scheduleStates  = []string{scheduleActive, scheduleSuspended}
	executionOrders = []string{runsInParallel, runsInSeries}
)

// addSchedules makes the schedules that a new server has for people to put things on: Weeknights for extracts and Mondays
// for subscriptions.
func (s *Server) addSchedules(now time.Time) {
	weeknights := cadence{Frequency: weekly, Start: 2*time.Hour + 30*time.Minute, End: -1}
	for _, name := range weekDays[time.Monday:time.Saturday] {
		weeknights.Intervals = append(weeknights.Intervals, interval{WeekDay: name})
	}
	mondays := cadence{Frequency: weekly, Start: 6 * time.Hour, End: -1, Intervals: []interval{{WeekDay: "Monday"}}}
	s.addSchedule(schedule{Name: "Weeknights", Type: extractSchedule, Cadence: weeknights}, now)
	s.addSchedule(schedule{Name: "Mondays", Type: subscriptionSchedule, Cadence: mondays}, now)
}

// addSchedule makes a schedule, of which the name, the type and the cadence are given.
func (s *Server) addSchedule(h schedule, now time.Time) *schedule {
	h.LUID, h.State = s.newID(), scheduleActive
	h.ExecutionOrder = cmp.Or(h.ExecutionOrder, runsInParallel)
	h.Priority = cmp.Or(h.Priority, defaultPriority)
	h.CreatedAt, h.UpdatedAt = stamp(now), stamp(now)
	h.NextRunAt = h.Cadence.next(now)
	s.schedules.Put(&h)
	return &h
}

// namedSchedules are the schedules of the server, without those that belong to one task.
func (s *Server) namedSchedules() []*schedule {
	return slices.DeleteFunc(slices.Clone(s.schedules.All()), func(h *schedule) bool { return h.Name == "" })
}

// schedule returns the schedule of the server with the LUID.
func (s *Server) schedule(luid string) (*schedule, error) {
	if h := s.schedules.Get(luid); h != nil && h.Name != "" {
		return h, nil
	}
	return nil, refuse(codeNoSchedule, "Schedule '%s' could not be found.", luid)
}

// listSchedules answers GET schedules, without their details.
func listSchedules(c *call) (*reply, error) {
	return listing[*schedule]{name: "schedules", items: c.server.namedSchedules(), fields: scheduleFields, render: (*schedule).render}.reply(c)
}

// scheduleFields are what schedules may be filtered and sorted by. The reference has none; clients filter by name.
var scheduleFields = map[string]field[*schedule]{
	"name": textField(func(h *schedule) string { return h.Name }),
}

// getSchedule answers GET schedules/{id}.
func getSchedule(c *call) (*reply, error) {
	h, err := c.server.schedule(c.vars["id"])
	if err != nil {
		return nil, err
	}
	return ok(h.renderWhole()), nil
}

// createSchedule answers POST schedules.
func createSchedule(c *call) (*reply, error) {
	if err := c.administerServer(); err != nil {
		return nil, err
	}
	body := c.body.child("schedule")
	if body.attr("name") == "" {
		return nil, refuse(codeMalformed, "The request body has no schedule with a name.")
	}
	var h schedule
	var known bool
	if h.Type, known = spelled(scheduleTypes, body.attr("type")); !known {
		return nil, refuse(codeScheduleDetails, "The type '%s' of schedule '%s' is none of %s.",
			body.attr("type"), body.attr("name"), strings.Join(scheduleTypes, ", "))
	}
	if err := h.change(c, body); err != nil {
		return nil, err
	}
	if h.Cadence.Frequency == "" {
		return nil, refuse(codeScheduleDetails, "Schedule '%s' has no frequency and no frequencyDetails.", h.Name)
	}
	made := c.server.addSchedule(h, c.now)
	return created("/api/"+c.version+"/schedules/"+made.LUID, made.renderWhole()), nil
}

// updateSchedule answers PUT schedules/{id}. Only what the request holds changes, and the type never does.
func updateSchedule(c *call) (*reply, error) {
	if err := c.administerServer(); err != nil {
		return nil, err
	}
	h, err := c.server.schedule(c.vars["id"])
	if err != nil {
		return nil, err
	}
	body := c.body.child("schedule")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no schedule.")
	}
	changed := *h
	if err := changed.change(c, body); err != nil {
		return nil, err
	}
	changed.UpdatedAt = stamp(c.now)
	changed.NextRunAt = changed.Cadence.next(c.now)
	c.server.schedules.Put(&changed)
	return ok(changed.renderWhole()), nil
}

// change puts into h what the request says of it.
func (h *schedule) change(c *call, body *element) error {
	h.Name = cmp.Or(body.attr("name"), h.Name)
	for _, other := range c.server.namedSchedules() {
		if other.LUID != h.LUID && other.Name == h.Name {
			return refuse(codeScheduleExists, "Schedule '%s' has the name '%s' already.", other.LUID, h.Name)
		}
	}
	for _, word := range []struct {
		name string
		list []string
		to   *string
	}{{"state", scheduleStates, &h.State}, {"executionOrder", executionOrders, &h.ExecutionOrder}} {
		value := body.attr(word.name)
		if value == "" {
			continue
		}
		known := false
		if *word.to, known = spelled(word.list, value); !known {
			return refuse(codeScheduleDetails, "The %s '%s' of schedule '%s' is none of %s.",
				word.name, value, h.Name, strings.Join(word.list, ", "))
		}
	}
	if priority := body.attr("priority"); priority != "" {
		var err error
		if h.Priority, err = strconv.Atoi(priority); err != nil || h.Priority < 1 || h.Priority > 100 {
			return refuse(codeScheduleDetails, "The priority '%s' of schedule '%s' is not a number from 1 to 100.", priority, h.Name)
		}
	}
	if body.attr("frequency") == "" && body.child("frequencyDetails") == nil {
		return nil
	}
	return h.changeCadence(body)
}

// changeCadence puts into h when the request wants it to run. Of the frequency and the details, what is not mentioned
// stays.
func (h *schedule) changeCadence(body *element) error {
	asked := node("schedule").with("frequency", cmp.Or(body.attr("frequency"), h.Cadence.Frequency))
	switch details := body.child("frequencyDetails"); {
	case details != nil:
		asked.add(details)
	case h.Cadence.Frequency != "":
		asked.add(h.Cadence.render())
	}
	wanted, err := readCadence(asked)
	if err != nil {
		return refuse(codeScheduleDetails, "The frequencyDetails of schedule '%s' do not fit: %v.", h.Name, err)
	}
	h.Cadence = wanted
	return nil
}

// updateScheduleStates answers PUT schedules: it activates or suspends many schedules, or all with updateAll.
func updateScheduleStates(c *call) (*reply, error) {
	if err := c.administerServer(); err != nil {
		return nil, err
	}
	state, known := spelled(scheduleStates, cmp.Or(c.query["state"], c.body.attr("state")))
	if !known {
		return nil, refuse(codeMalformed, "The state '%s' is none of %s.", c.query["state"], strings.Join(scheduleStates, ", "))
	}
	all, err := c.flag("updateAll")
	if err != nil {
		return nil, err
	}
	var chosen []*schedule
	if all {
		chosen = c.server.namedSchedules()
	}
	for luid := range c.body.child("scheduleLuids").each("scheduleLuid") {
		h, err := c.server.schedule(strings.TrimSpace(luid.text))
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, h)
	}
	luids := node("scheduleLuids")
	for _, h := range chosen {
		changed := *h
		changed.State, changed.UpdatedAt = state, stamp(c.now)
		c.server.schedules.Put(&changed)
		luids.add(textNode("scheduleLuid", h.LUID))
	}
	return ok(luids), nil
}

// deleteSchedule answers DELETE schedules/{id}. What is on it goes with it, on all sites.
func deleteSchedule(c *call) (*reply, error) {
	if err := c.administerServer(); err != nil {
		return nil, err
	}
	h, err := c.server.schedule(c.vars["id"])
	if err != nil {
		return nil, err
	}
	for _, where := range c.server.everySite() {
		where.tasks.DeleteFunc(func(t *task) bool { return t.Schedule == h.LUID })
		where.linkedTasks.DeleteFunc(func(t *linkedTask) bool { return t.Schedule == h.LUID })
		where.subscriptions.DeleteFunc(func(n *subscription) bool { return n.Schedule == h.LUID })
	}
	c.server.schedules.Delete(h.LUID)
	return noContent(), nil
}

// render writes a schedule as lists and tasks do. One that belongs to a task has only its times.
func (h *schedule) render() *element {
	e := node("schedule")
	if h.Name != "" {
		e.with("id", h.LUID).
			with("name", h.Name).
			with("state", h.State).
			with("priority", strconv.Itoa(h.Priority))
	}
	e.with("createdAt", formatTime(h.CreatedAt)).with("updatedAt", formatTime(h.UpdatedAt))
	if h.Name != "" {
		e.with("type", h.Type)
	}
	e.with("frequency", h.Cadence.Frequency).with("nextRunAt", formatTime(h.NextRunAt))
	if h.Name == "" {
		e.add(h.Cadence.render())
	}
	return e
}

// renderWhole writes a schedule as single reads do.
func (h *schedule) renderWhole() *element {
	e := h.render().with("executionOrder", h.ExecutionOrder)
	e.add(h.Cadence.render())
	return e
}

// maxRunsAtOnce is how many runs of one schedule are made up for when the clock was moved past more than that: the last
// ones. The runs before were missed, as those are that come due while a server is off.
const maxRunsAtOnce = 24

// runSchedule does the run of a schedule that is due, at its time: it starts the jobs of everything that is on it, the
// most urgent first. One that is suspended only moves on.
func (s *Server) runSchedule(h *schedule, now time.Time) {
	at := h.Cadence.latest(h.NextRunAt, now, maxRunsAtOnce)
	next := *h
	next.NextRunAt = h.Cadence.next(at)
	s.schedules.Put(&next)
	if h.State == scheduleSuspended {
		return
	}
	before := ""
	for _, where := range s.everySite() {
		for _, due := range where.dueOn(h) {
			if s.checkQueue(where, due) != nil {
				continue // nothing is refreshed twice at a time
			}
			if h.ExecutionOrder == runsInSeries {
				due.After = before
			}
			before = s.enqueue(where, due, at).LUID
		}
		for _, t := range where.linkedTasks.All() {
			if t.Schedule == h.LUID {
				s.runLinked(where, t, "", at)
			}
		}
	}
}

// dueOn returns the jobs of what is on a schedule, the most urgent first.
func (where *site) dueOn(h *schedule) []job {
	var due []job
	for _, t := range where.tasks.All() {
		if t.Schedule == h.LUID {
			due = append(due, t.job(where))
		}
	}
	for _, n := range where.subscriptions.All() {
		if n.Schedule == h.LUID && !n.Suspended {
			due = append(due, n.job(h))
		}
	}
	slices.SortStableFunc(due, func(a, b job) int { return cmp.Compare(a.Priority, b.Priority) })
	return due
}
