package rest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// An ExtractRefreshTask refreshes the extract of a workbook or a data source whenever its schedule is due ("Get Extract Refresh
// Task"). The tasks of one schedule, and those just made on Tableau Cloud, have no count of failures.
type ExtractRefreshTask struct {
	LUID                string   `api:"@id"`
	Type                string   `api:"@type"` // see Incremental
	Priority            int      `api:"@priority"`
	ConsecutiveFailures int      `api:"@consecutiveFailedCount"` // how often in a row it has failed
	Schedule            Schedule `api:"schedule"`
	WorkbookLUID        string   `api:"workbook/@id"`   // "" for a data source
	DatasourceLUID      string   `api:"datasource/@id"` // "" for a workbook
	ViewLUID            string   `api:"view/@id"`
}

// Incremental says that the task adds new rows to the extract instead of making it anew. Servers call the types
// RefreshExtractTask and IncrementExtractTask, or FullRefresh and IncrementalRefresh.
func (t ExtractRefreshTask) Incremental() bool { return strings.HasPrefix(t.Type, "Increment") }

// TasksService works with what runs again and again: extract refreshes, and linked tasks. With Tableau Server a task comes
// into being when [SchedulesService.AddWorkbook] or [SchedulesService.AddDatasource] puts content on a schedule; with Tableau
// Cloud, Create makes one with times of its own. RunNow does not wait until it is due, ByContent finds those of a workbook or
// a data source. Tasks of flows are in [FlowsService.Tasks].
type TasksService struct{ s *Session }

// All lists the extract refresh tasks of the site that the user may run ("List Extract Refresh Tasks in Site", API 2.6).
func (ts *TasksService) All(ctx context.Context) ([]ExtractRefreshTask, error) {
	q := &request{op: "List Extract Refresh Tasks in Site", since: sinceJobs, method: http.MethodGet, path: "tasks/extractRefreshes"}
	tasks, err := readAll[ExtractRefreshTask](ctx, ts.s, q, "tasks", "task", "extractRefresh")
	if err != nil {
		return nil, fmt.Errorf("listing the extract refresh tasks: %w", err)
	}
	return tasks, nil
}

// ByContent lists the extract refresh tasks of one workbook or data source; there may be none.
func (ts *TasksService) ByContent(ctx context.Context, luid string) ([]ExtractRefreshTask, error) {
	all, err := ts.All(ctx)
	if err != nil {
		return nil, err
	}
	var tasks []ExtractRefreshTask
	for _, t := range all {
		if luid != "" && (t.WorkbookLUID == luid || t.DatasourceLUID == luid) {
			tasks = append(tasks, t)
		}
	}
	return tasks, nil
}

// ByLUID reads an extract refresh task ("Get Extract Refresh Task", API 2.6).
func (ts *TasksService) ByLUID(ctx context.Context, luid string) (ExtractRefreshTask, error) {
	t, err := ts.read(ctx, luid)
	if err != nil {
		return ExtractRefreshTask{}, fmt.Errorf("reading extract refresh task %q: %w", luid, err)
	}
	return t, nil
}

func (ts *TasksService) read(ctx context.Context, luid string) (ExtractRefreshTask, error) {
	q, err := ts.request(http.MethodGet, "Get Extract Refresh Task", luid, "")
	var found []ExtractRefreshTask
	if err == nil {
		found, err = readAll[ExtractRefreshTask](ctx, ts.s, q, "task", "extractRefresh")
	}
	if err == nil && len(found) == 0 {
		err = missing("extract refresh task")
	}
	if err != nil {
		return ExtractRefreshTask{}, err
	}
	return found[0], nil
}

// RunNow starts an extract refresh task and returns its job, to be waited for ("Run Extract Refresh Task", API 2.6). When a
// refresh of the same content waits or runs already, that is the job. If it cannot be found, because the server is older than
// API 3.1 or the job is somebody else's, the error is an [ErrConflict].
//
// The request is not sent again when its outcome is unclear: the job is looked for instead, and the error is an
// [ErrOutcomeUnknown] when there is none.
func (ts *TasksService) RunNow(ctx context.Context, luid string) (Job, error) {
	job, err := ts.run(ctx, luid)
	if err != nil {
		return Job{}, fmt.Errorf("running extract refresh task %q: %w", luid, err)
	}
	return job, nil
}

func (ts *TasksService) run(ctx context.Context, luid string) (Job, error) {
	q, err := ts.request(http.MethodPost, "Run Extract Refresh Task", luid, "/runNow")
	if err != nil {
		return Job{}, err
	}
	job, err := startJob(ctx, ts.s, q)
	return orUnderWay(ctx, job, err, func() (Job, bool, error) { return ts.underWay(ctx, luid) })
}

// underWay looks for the refresh of a task's content that waits or runs.
func (ts *TasksService) underWay(ctx context.Context, luid string) (Job, bool, error) {
	t, err := ts.read(ctx, luid)
	if err != nil {
		return Job{}, false, err
	}
	if t.WorkbookLUID != "" {
		return ts.s.Workbooks.content.refreshUnderWay(ctx, t.WorkbookLUID)
	}
	return ts.s.Datasources.content.refreshUnderWay(ctx, t.DatasourceLUID)
}

// Delete deletes an extract refresh task ("Delete Extract Refresh Task", API 3.6). The content stays.
func (ts *TasksService) Delete(ctx context.Context, luid string) error {
	q, err := ts.request(http.MethodDelete, "Delete Extract Refresh Task", luid, "")
	if err == nil {
		q.since = Version{3, 6}
		err = ts.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("deleting extract refresh task %q: %w", luid, err)
	}
	return nil
}

// request is a call about one extract refresh task; rest is what follows its LUID in the path.
func (ts *TasksService) request(method, op, luid, rest string) (*request, error) {
	if err := checkLUID("task", luid); err != nil {
		return nil, err
	}
	return &request{op: op, since: sinceJobs, method: method, path: "tasks/extractRefreshes/" + segments(luid) + rest}, nil
}
