package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// ExtractRefreshTaskCreate describes a task with times of its own, as they are on Tableau Cloud. One of WorkbookLUID and
// DatasourceLUID is required, and so is Frequency.
type ExtractRefreshTaskCreate struct {
	WorkbookLUID   string
	DatasourceLUID string
	Incremental    bool // add new rows instead of making the extract anew
	Frequency
}

// ExtractRefreshTaskUpdate says what to change of a task on Tableau Cloud. The frequency is changed as a whole.
type ExtractRefreshTaskUpdate struct {
	Incremental *bool // nil leaves it as it is
	Frequency         // the zero value leaves it as it is
}

// A refreshRequest is the task in the requests of Tableau Cloud; its schedule comes after it.
type refreshRequest struct {
	Type           string `api:"@type"`
	WorkbookLUID   string `api:"workbook/@id"`
	DatasourceLUID string `api:"datasource/@id"`
}

// refreshType is the type of a task in the words of Tableau Cloud.
func refreshType(incremental bool) string {
	if incremental {
		return "IncrementalRefresh"
	}
	return "FullRefresh"
}

// Create makes an extract refresh task with times of its own ("Create Cloud Extract Refresh Task", API 3.19, Tableau Cloud
// alone; with Tableau Server put the content on a schedule). Content may have several tasks: when the outcome of the request
// is unclear, one with the same times counts as made.
func (ts *TasksService) Create(ctx context.Context, c ExtractRefreshTaskCreate) (ExtractRefreshTask, error) {
	made, err := ts.create(ctx, c)
	if err != nil {
		return ExtractRefreshTask{}, fmt.Errorf("creating an extract refresh task of %q: %w", c.WorkbookLUID+c.DatasourceLUID, err)
	}
	return made, nil
}

func (ts *TasksService) create(ctx context.Context, c ExtractRefreshTaskCreate) (ExtractRefreshTask, error) {
	var none ExtractRefreshTask
	errs := []error{c.Frequency.CheckCloud()}
	if (c.WorkbookLUID == "") == (c.DatasourceLUID == "") {
		errs = append(errs, errors.New("a task is about one workbook or one data source"))
	}
	if err := errors.Join(errs...); err != nil {
		return none, err
	}
	q := &request{op: "Create Cloud Extract Refresh Task", since: Version{3, 19}, method: http.MethodPost, path: "tasks/extractRefreshes", once: true}
	task := refreshRequest{refreshType(c.Incremental), c.WorkbookLUID, c.DatasourceLUID}
	if err := q.carry(encodeElement("extractRefresh", task), encodeElement("schedule", c.Frequency)); err != nil {
		return none, err
	}
	same := func(t ExtractRefreshTask) bool {
		return t.WorkbookLUID == c.WorkbookLUID && t.DatasourceLUID == c.DatasourceLUID && t.Incremental() == c.Incremental &&
			t.Schedule.Kind == c.Kind && t.Schedule.Start == c.Start
	}
	return makeOnce(ctx, func() (ExtractRefreshTask, error) { return ts.answered(ctx, q) }, func() (ExtractRefreshTask, bool, error) {
		tasks, err := ts.ByContent(ctx, c.WorkbookLUID+c.DatasourceLUID)
		for _, t := range tasks {
			if same(t) {
				return t, true, nil
			}
		}
		return none, false, err
	})
}

// Update changes an extract refresh task that has times of its own ("Update Cloud Extract Refresh Task", API 3.20, Tableau
// Cloud alone).
func (ts *TasksService) Update(ctx context.Context, luid string, u ExtractRefreshTaskUpdate) (ExtractRefreshTask, error) {
	changed, err := ts.update(ctx, luid, u)
	if err != nil {
		return ExtractRefreshTask{}, fmt.Errorf("updating extract refresh task %q: %w", luid, err)
	}
	return changed, nil
}

func (ts *TasksService) update(ctx context.Context, luid string, u ExtractRefreshTaskUpdate) (ExtractRefreshTask, error) {
	q, err := ts.request(http.MethodPost, "Update Cloud Extract Refresh Task", luid, "")
	if err != nil {
		return ExtractRefreshTask{}, err
	}
	q.since = Version{3, 20}
	var body []*element
	if u.Incremental != nil {
		body = append(body, encodeElement("extractRefresh", refreshRequest{Type: refreshType(*u.Incremental)}))
	}
	if !u.Frequency.isZero() {
		if err := u.Frequency.CheckCloud(); err != nil {
			return ExtractRefreshTask{}, err
		}
		body = append(body, encodeElement("schedule", u.Frequency))
	}
	if len(body) == 0 {
		return ExtractRefreshTask{}, errors.New("there is nothing to change")
	}
	if err := q.carry(body...); err != nil {
		return ExtractRefreshTask{}, err
	}
	return ts.answered(ctx, q)
}

// answered sends a request that is answered by a task, with its schedule beside it.
func (ts *TasksService) answered(ctx context.Context, q *request) (ExtractRefreshTask, error) {
	answer, err := ts.s.call(ctx, q)
	if err == nil && answer.child("extractRefresh") == nil {
		err = missing("extractRefresh")
	}
	if err != nil {
		return ExtractRefreshTask{}, err
	}
	t := decodeElement[ExtractRefreshTask](answer.child("extractRefresh"))
	if schedule := answer.child("schedule"); schedule != nil {
		t.Schedule = decodeElement[Schedule](schedule)
	}
	return t, nil
}
