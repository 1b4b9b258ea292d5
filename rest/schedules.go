package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Schedule is when the tasks and subscriptions that are on it run ("Get Server Schedule"). Schedules belong to the server and
// are for all of its sites. Tableau Cloud has none: there each task and subscription has its own times, in a Schedule without
// LUID and name.
//
// Lists and tasks have the Kind of the frequency alone, and no execution order; [SchedulesService.ByLUID] has all.
type Schedule struct {
	LUID     string `api:"@id"`
	Name     string `api:"@name"`
	State    string `api:"@state"`    // ScheduleActive or ScheduleSuspended
	Priority int    `api:"@priority"` // 1 to 100, 1 is the most urgent
	Type     string `api:"@type"`     // what it runs: ExtractSchedule and the others
	Frequency
	ExecutionOrder string    `api:"@executionOrder"` // RunsInParallel or RunsInSeries
	CreatedAt      time.Time `api:"@createdAt"`
	UpdatedAt      time.Time `api:"@updatedAt"`
	NextRunAt      time.Time `api:"@nextRunAt"`
	EndsAt         time.Time `api:"@endScheduleAt"` // zero for never
}

// What schedules run.
const (
	ExtractSchedule             = "Extract"
	SubscriptionSchedule        = "Subscription"
	FlowSchedule                = "Flow"
	DataAccelerationSchedule    = "DataAcceleration"
	ActiveDirectorySyncSchedule = "ActiveDirectorySync"
)

// The states of a schedule, and the orders in which it runs what is on it.
const (
	ScheduleActive    = "Active"
	ScheduleSuspended = "Suspended"

	RunsInParallel = "Parallel"
	RunsInSeries   = "Serial"
)

var scheduleTypes = []string{
	ExtractSchedule, SubscriptionSchedule, FlowSchedule, DataAccelerationSchedule, ActiveDirectorySyncSchedule,
}

// SchedulesService works with the schedules of a server, which administrators of the server make and change, and puts content
// of the site on them. Tableau Cloud has none: see [TasksService.Create] and [SubscriptionsService.Create].
//
// A schedule is made with a [Frequency] such as Daily("05:00"). AddWorkbook, AddDatasource and AddFlow put content on it,
// RunNow runs the refreshes that are on it, Suspend and Activate switch it off and on.
type SchedulesService struct{ s *Session }

// All lists the schedules of the server ("List Server Schedules", API 2.3). The list takes no filters.
func (ss *SchedulesService) All(ctx context.Context, q Query) iter.Seq2[Schedule, error] {
	return listing[Schedule]{
		op: "List Server Schedules", since: Version{2, 3}, scope: versionScope, path: "schedules", query: q,
		items: []string{"schedules", "schedule"},
	}.all(ctx, ss.s)
}

// ByLUID reads a schedule with the details of its frequency ("Get Server Schedule", API 3.8).
func (ss *SchedulesService) ByLUID(ctx context.Context, luid string) (Schedule, error) {
	q, err := ss.request(http.MethodGet, "Get Server Schedule", luid)
	var h Schedule
	if err == nil {
		q.since = Version{3, 8}
		h, err = read[Schedule](ctx, ss.s, q, "schedule")
	}
	if err != nil {
		return Schedule{}, fmt.Errorf("reading schedule %q: %w", luid, err)
	}
	return h, nil
}

// ByName finds a schedule by its exact name, as the list has it. Names of schedules are unique. The error is a
// [*NotFoundError], which lists the schedules there are.
func (ss *SchedulesService) ByName(ctx context.Context, name string) (Schedule, error) {
	return ss.find(ctx, name, func(h Schedule) bool { return h.Name == name })
}

// Find finds a schedule by its name or its LUID, as the list has it, on servers of any version.
func (ss *SchedulesService) Find(ctx context.Context, nameOrLUID string) (Schedule, error) {
	return ss.find(ctx, nameOrLUID, func(h Schedule) bool { return h.Name == nameOrLUID || h.LUID == nameOrLUID })
}

func (ss *SchedulesService) find(ctx context.Context, what string, is func(Schedule) bool) (Schedule, error) {
	h, err := ss.pick(ctx, what, is)
	if err != nil {
		return Schedule{}, fmt.Errorf("finding schedule %q: %w", what, err)
	}
	return h, nil
}

func (ss *SchedulesService) pick(ctx context.Context, what string, is func(Schedule) bool) (Schedule, error) {
	var names []string
	for h, err := range ss.All(ctx, Query{PageSize: maxPage}) {
		if err != nil {
			return Schedule{}, err
		}
		if is(h) {
			return h, nil
		}
		names = append(names, strconv.Quote(h.Name))
	}
	return Schedule{}, &NotFoundError{Kind: "schedule", Name: what, Available: names}
}

// ScheduleCreate describes a schedule to make. Name, Type and Frequency are required.
type ScheduleCreate struct {
	Name     string `api:"@name"`
	Priority int    `api:"@priority"` // 1 to 100, 1 is the most urgent; 0 for 50
	Type     string `api:"@type"`     // what it is for: ExtractSchedule and the others
	Frequency
	ExecutionOrder string `api:"@executionOrder"` // RunsInParallel, the default, or RunsInSeries
}

// Create makes a schedule ("Create Server Schedule", API 2.3). A name that is taken is an [ErrConflict].
func (ss *SchedulesService) Create(ctx context.Context, c ScheduleCreate) (Schedule, error) {
	made, err := ss.create(ctx, c)
	if err != nil {
		return Schedule{}, fmt.Errorf("creating schedule %q: %w", c.Name, err)
	}
	return made, nil
}

func (ss *SchedulesService) create(ctx context.Context, c ScheduleCreate) (Schedule, error) {
	c.Priority, c.ExecutionOrder = cmp.Or(c.Priority, 50), cmp.Or(c.ExecutionOrder, RunsInParallel)
	errs := []error{checkPriority(c.Priority), checkWord("execution order", c.ExecutionOrder, RunsInParallel, RunsInSeries), c.Frequency.check()}
	if c.Name == "" {
		errs = append(errs, errors.New("the name is empty"))
	}
	errs = append(errs, checkWord("type", c.Type, scheduleTypes...))
	if err := errors.Join(errs...); err != nil {
		return Schedule{}, err
	}
	q := &request{op: "Create Server Schedule", since: Version{2, 3}, method: http.MethodPost, scope: versionScope, path: "schedules"}
	if err := q.carry(encodeElement("schedule", c)); err != nil {
		return Schedule{}, err
	}
	made, _, err := create(ctx, ss.s, q, "schedule", func() (Schedule, error) {
		return ss.pick(ctx, c.Name, func(h Schedule) bool { return h.Name == c.Name })
	})
	return made, err
}

// ScheduleUpdate says what to change of a schedule. What is nil, and a zero frequency, stays as it is; a frequency is changed
// as a whole. The type of a schedule never changes.
type ScheduleUpdate struct {
	Name     *string `api:"@name"`
	State    *string `api:"@state"`    // ScheduleActive or ScheduleSuspended
	Priority *int    `api:"@priority"` // 1 to 100
	Frequency
	ExecutionOrder *string `api:"@executionOrder"` // RunsInParallel or RunsInSeries
}

// Update changes a schedule ("Update Server Schedule", API 2.3).
func (ss *SchedulesService) Update(ctx context.Context, luid string, u ScheduleUpdate) (Schedule, error) {
	changed, err := ss.update(ctx, luid, u)
	if err != nil {
		return Schedule{}, fmt.Errorf("updating schedule %q: %w", luid, err)
	}
	return changed, nil
}

func (ss *SchedulesService) update(ctx context.Context, luid string, u ScheduleUpdate) (Schedule, error) {
	var errs []error
	if u.Name != nil && *u.Name == "" {
		errs = append(errs, errors.New("the new name is empty"))
	}
	if u.State != nil {
		errs = append(errs, checkWord("state", *u.State, ScheduleActive, ScheduleSuspended))
	}
	if u.Priority != nil {
		errs = append(errs, checkPriority(*u.Priority))
	}
	if u.ExecutionOrder != nil {
		errs = append(errs, checkWord("execution order", *u.ExecutionOrder, RunsInParallel, RunsInSeries))
	}
	if !u.Frequency.isZero() {
		errs = append(errs, u.Frequency.check())
	}
	q, err := ss.request(http.MethodPut, "Update Server Schedule", luid)
	if err := errors.Join(append(errs, err)...); err != nil {
		return Schedule{}, err
	}
	if err := q.carry(encodeElement("schedule", u)); err != nil {
		return Schedule{}, err
	}
	return read[Schedule](ctx, ss.s, q, "schedule")
}

// Suspend keeps a schedule from running what is on it ("Update Server Schedule").
func (ss *SchedulesService) Suspend(ctx context.Context, luid string) (Schedule, error) {
	return ss.Update(ctx, luid, ScheduleUpdate{State: new(ScheduleSuspended)})
}

// Activate lets a suspended schedule run again ("Update Server Schedule"). What it missed is not made up for.
func (ss *SchedulesService) Activate(ctx context.Context, luid string) (Schedule, error) {
	return ss.Update(ctx, luid, ScheduleUpdate{State: new(ScheduleActive)})
}

// SetStates activates or suspends many schedules in one call, and returns the LUIDs of those it did it to ("Batch Update
// Schedule State", API 3.27).
func (ss *SchedulesService) SetStates(ctx context.Context, state string, luids ...string) ([]string, error) {
	err := checkWord("state", state, ScheduleActive, ScheduleSuspended)
	if err == nil && len(luids) == 0 {
		err = errors.New("no LUIDs are given")
	}
	var answer *element
	if err == nil {
		q := &request{
			op: "Batch Update Schedule State", since: Version{3, 27}, method: http.MethodPut, scope: versionScope, path: "schedules",
			query: "state=" + strings.ToLower(state),
		}
		answer, err = ss.s.send(ctx, q, encodeElement("scheduleLuids", scheduleLUIDs{luids}))
	}
	if err != nil {
		return nil, fmt.Errorf("setting %d schedules %s: %w", len(luids), state, err)
	}
	return decodeElement[scheduleLUIDs](answer.descend([]string{"scheduleLuids"})).LUIDs, nil
}

type scheduleLUIDs struct {
	LUIDs []string `api:"scheduleLuid/text()"`
}

// Delete deletes a schedule, and with it the tasks and subscriptions that are on it, on all sites ("Delete Server Schedule",
// API 2.3).
func (ss *SchedulesService) Delete(ctx context.Context, luid string) error {
	q, err := ss.request(http.MethodDelete, "Delete Server Schedule", luid)
	if err == nil {
		err = ss.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("deleting schedule %q: %w", luid, err)
	}
	return nil
}

// request is a call about one schedule.
func (ss *SchedulesService) request(method, op, luid string) (*request, error) {
	if err := checkLUID("schedule", luid); err != nil {
		return nil, err
	}
	return &request{op: op, since: Version{2, 3}, method: method, scope: versionScope, path: "schedules/" + segments(luid)}, nil
}

func checkPriority(priority int) error {
	if priority < 1 || priority > 100 {
		return fmt.Errorf("priority %d is not between 1 and 100", priority)
	}
	return nil
}

// checkWord refuses what is none of a list of words, which servers compare with upper and lower case.
func checkWord(what, word string, known ...string) error {
	if slices.Contains(known, word) {
		return nil
	}
	return fmt.Errorf("%s %q is none of %s", what, word, strings.Join(known, ", "))
}
