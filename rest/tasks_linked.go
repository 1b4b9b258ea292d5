package rest

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// A LinkedTask runs flows one after the other whenever its schedule is due ("Get Linked Task").
type LinkedTask struct {
	LUID     string           `api:"@id"`
	Schedule Schedule         `api:"schedule"`
	Steps    []LinkedTaskStep `api:"linkedTaskSteps/linkedTaskSteps"`
}

// A LinkedTaskStep is one step of a linked task: a flow.
type LinkedTaskStep struct {
	LUID                string `api:"@id"`
	Number              int    `api:"@stepNumber"`
	StopsOnFailure      bool   `api:"@stopDownstreamTasksOnFailure"` // the steps after it are not run when it fails
	TaskLUID            string `api:"task/flowRun/@id"`
	ConsecutiveFailures int    `api:"task/flowRun/@consecutiveFailedCount"`
	FlowLUID            string `api:"task/flowRun/flow/@id"`
	FlowName            string `api:"task/flowRun/flow/@name"`
}

// A LinkedTaskJob is the run of a linked task.
type LinkedTaskJob struct {
	LUID           string    `api:"@id"`
	LinkedTaskLUID string    `api:"@linkedTaskId"`
	Status         JobStatus `api:"@status"`
	CreatedAt      time.Time `api:"@createdAt"`
}

// Linked lists the linked tasks of the site ("Get Linked Tasks", API 3.15).
func (ts *TasksService) Linked(ctx context.Context, q Query) iter.Seq2[LinkedTask, error] {
	return listing[LinkedTask]{
		op: "Get Linked Tasks", since: Version{3, 15}, path: "tasks/linked", query: q, items: []string{"linkedTasks", "linkedTasks"},
	}.all(ctx, ts.s)
}

// LinkedByLUID reads a linked task ("Get Linked Task", API 3.15).
func (ts *TasksService) LinkedByLUID(ctx context.Context, luid string) (LinkedTask, error) {
	q, err := ts.linkedRequest(http.MethodGet, "Get Linked Task", luid, "")
	var t LinkedTask
	if err == nil {
		t, err = read[LinkedTask](ctx, ts.s, q, "linkedTasks")
	}
	if err != nil {
		return LinkedTask{}, fmt.Errorf("reading linked task %q: %w", luid, err)
	}
	return t, nil
}

// RunLinked starts a linked task ("Run Linked Task Now", API 3.15). It is never sent twice: when its outcome is unclear, the
// error is an [ErrOutcomeUnknown].
func (ts *TasksService) RunLinked(ctx context.Context, luid string) (LinkedTaskJob, error) {
	q, err := ts.linkedRequest(http.MethodPost, "Run Linked Task Now", luid, "/runNow")
	var job LinkedTaskJob
	if err == nil {
		if err = q.carry(); err == nil {
			job, err = readOnce[LinkedTaskJob](ctx, ts.s, q, "linkedTaskJob")
		}
	}
	if err != nil {
		return LinkedTaskJob{}, fmt.Errorf("running linked task %q: %w", luid, err)
	}
	return job, nil
}

func (ts *TasksService) linkedRequest(method, op, luid, rest string) (*request, error) {
	if err := checkLUID("linked task", luid); err != nil {
		return nil, err
	}
	return &request{op: op, since: Version{3, 15}, method: method, path: "tasks/linked/" + segments(luid) + rest}, nil
}
