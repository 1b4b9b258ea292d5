package rest

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// A FlowRunSpec says what of a flow is run. The zero value runs all of it, in full.
type FlowRunSpec struct {
	Incremental bool                 // process the new rows alone, in the steps that are made for it
	OutputSteps []string             // LUIDs of the output steps to run, see [FlowsService.OutputSteps]; nil for all of them
	Parameters  []FlowParameterValue // nil for the values that the flow has
}

// A FlowParameterValue gives a parameter of a flow a value for one run.
type FlowParameterValue struct {
	LUID  string `api:"@parameterId"`
	Value string `api:"@overrideValue!"`
}

// A wireRunSpec is a FlowRunSpec with the flow it is for.
type wireRunSpec struct {
	FlowLUID    string               `api:"@flowId"`
	Mode        string               `api:"@runMode"`
	OutputSteps []string             `api:"flowOutputSteps/flowOutputStep/@id"`
	Parameters  []FlowParameterValue `api:"flowParameterSpecs/flowParameterSpec"`
}

// Run runs a flow and returns the job that does it, to be waited for with [JobsService.Wait] ("Run Flow Now"). The request is
// not sent again when its outcome is unclear, because the flow would run twice: the error is an [ErrOutcomeUnknown].
func (fs *FlowsService) Run(ctx context.Context, luid string, r FlowRunSpec) (Job, error) {
	q, err := fs.content.request(http.MethodPost, "Run Flow Now", luid, "/run")
	var job Job
	if err == nil {
		mode := "full"
		if r.Incremental {
			mode = "incremental"
		}
		job, err = startJob(ctx, fs.content.s, q, encodeElement("flowRunSpec", wireRunSpec{luid, mode, r.OutputSteps, r.Parameters}))
	}
	if err != nil {
		return Job{}, fmt.Errorf("running flow %q: %w", luid, err)
	}
	return job, nil
}

// A FlowRun is one run of a flow ("Get Flow Run", API 3.10).
type FlowRun struct {
	LUID        string    `api:"@id"`
	FlowLUID    string    `api:"@flowId"`
	Status      JobStatus `api:"@status"`
	Progress    int       `api:"@progress"`    // percent
	StartedAt   time.Time `api:"@startedAt"`   // zero while it waits
	CompletedAt time.Time `api:"@completedAt"` // zero until it has ended
	JobLUID     string    `api:"@backgroundJobId"`
}

// Runs lists the runs of flows ("Get Flow Runs", API 3.10). Those of one flow have a filter on flowId.
func (fs *FlowsService) Runs(ctx context.Context, q Query) iter.Seq2[FlowRun, error] {
	return listing[FlowRun]{
		op: "Get Flow Runs", since: sinceFlowRuns, path: "flows/runs", query: q, items: []string{"flowRuns", "flowRuns"},
		kinds: flowRunFilters, unnumbered: true, whole: true,
	}.all(ctx, fs.content.s)
}

// RunByLUID reads a run of a flow ("Get Flow Run", API 3.10).
func (fs *FlowsService) RunByLUID(ctx context.Context, luid string) (FlowRun, error) {
	q, err := flowRunRequest(http.MethodGet, "Get Flow Run", luid)
	var run FlowRun
	if err == nil {
		run, err = read[FlowRun](ctx, fs.content.s, q, "flowRun")
	}
	if err != nil {
		return FlowRun{}, fmt.Errorf("reading flow run %q: %w", luid, err)
	}
	return run, nil
}

// CancelRun cancels a run of a flow that has not ended ("Cancel Flow Run", API 3.10).
func (fs *FlowsService) CancelRun(ctx context.Context, luid string) error {
	q, err := flowRunRequest(http.MethodPut, "Cancel Flow Run", luid)
	if err == nil {
		_, err = fs.content.s.call(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("cancelling flow run %q: %w", luid, err)
	}
	return nil
}

func flowRunRequest(method, op, luid string) (*request, error) {
	if err := checkLUID("flow run", luid); err != nil {
		return nil, err
	}
	return &request{op: op, since: sinceFlowRuns, method: method, path: "flows/runs/" + segments(luid)}, nil
}

// A FlowTask is a run of a flow that a schedule does each time ("Get Flow Run Task", API 3.3).
type FlowTask struct {
	LUID                string           `api:"flowRun/@id"`
	Type                string           `api:"flowRun/@type"`
	Priority            int              `api:"flowRun/@priority"`               // 1 to 100
	ConsecutiveFailures int              `api:"flowRun/@consecutiveFailedCount"` // how often in a row it has failed
	Schedule            Schedule         `api:"flowRun/schedule"`
	FlowLUID            string           `api:"flowRun/flow/@id"`
	FlowName            string           `api:"flowRun/flow/@name"`
	OutputSteps         []FlowOutputStep `api:"flowRun/flowRunSpec/flowOutputSteps/flowOutputStep"`
}

// Tasks lists the runs of flows that are on a schedule ("Get Flow Run Tasks").
func (fs *FlowsService) Tasks(ctx context.Context) ([]FlowTask, error) {
	q := &request{op: "Get Flow Run Tasks", since: sinceFlows, method: http.MethodGet, path: "tasks/runFlow"}
	tasks, err := readAll[FlowTask](ctx, fs.content.s, q, "tasks", "task")
	if err != nil {
		return nil, fmt.Errorf("listing the flow run tasks: %w", err)
	}
	return tasks, nil
}

// TaskByLUID reads a run of a flow that is on a schedule ("Get Flow Run Task").
func (fs *FlowsService) TaskByLUID(ctx context.Context, luid string) (FlowTask, error) {
	q, err := taskRequest(http.MethodGet, "Get Flow Run Task", luid, "")
	var task FlowTask
	if err == nil {
		task, err = read[FlowTask](ctx, fs.content.s, q, "task")
	}
	if err != nil {
		return FlowTask{}, fmt.Errorf("reading flow run task %q: %w", luid, err)
	}
	return task, nil
}

// RunTask runs what is on a schedule now, and returns the job that does it ("Run Flow Task"). It is sent once, like
// [FlowsService.Run].
func (fs *FlowsService) RunTask(ctx context.Context, luid string) (Job, error) {
	q, err := taskRequest(http.MethodPost, "Run Flow Task", luid, "/runNow")
	var job Job
	if err == nil {
		job, err = startJob(ctx, fs.content.s, q)
	}
	if err != nil {
		return Job{}, fmt.Errorf("running flow run task %q: %w", luid, err)
	}
	return job, nil
}

func taskRequest(method, op, luid, rest string) (*request, error) {
	if err := checkLUID("flow run task", luid); err != nil {
		return nil, err
	}
	return &request{op: op, since: sinceFlows, method: method, path: "tasks/runFlow/" + segments(luid) + rest}, nil
}
