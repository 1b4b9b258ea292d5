package rest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

var jobScenarios = []scenario{
	{rows: []int{99, 100, 101, 104}, name: "a job is followed, listed and cancelled", run: testJobs},
	{rows: []int{99, 104, 133}, name: "everything on a schedule is run and waited for", run: testRunSchedule},
	{rows: []int{99, 104}, name: "jobs fail, vanish and hang", run: testBadJobs},
	{rows: []int{102, 103, 105, 111, 112, 133}, name: "content is put on a schedule", run: testTasks},
	{rows: []int{174, 175}, name: "tasks with times of their own", run: testCloudTasks},
	{rows: []int{113, 178, 179, 180}, name: "flows on a schedule, and one after the other", run: testFlowTasks},
}

func testJobs(t *testing.T) {
	w := newWorkplace(t, emulator.WithJobsByHand())
	ctx := t.Context()
	w.scheduled(t)
	tasks, err := w.Tasks.ByContent(ctx, w.workbook.LUID)
	noError(t, err)
	started, err := w.Tasks.RunNow(ctx, tasks[0].LUID)
	noError(t, err)
	if started.Type != "RefreshExtract" || started.WorkbookLUID != w.workbook.LUID || started.WorkbookName != "Regional" {
		t.Errorf("%+v", started)
	}
	if again, err := w.Tasks.RunNow(ctx, tasks[0].LUID); err != nil || again.LUID != started.LUID {
		t.Errorf("a refresh that waits already: %+v, %v", again, err)
	}
	pending := rest.Query{Filters: []rest.Filter{rest.Eq("status", string(rest.JobPending)), rest.Eq("title", "Regional")}}
	listed := drain(t, w.Jobs.All(ctx, pending))
	if len(listed) != 1 || listed[0].LUID != started.LUID || listed[0].Done() || listed[0].Type != "refresh_extracts" {
		t.Errorf("%+v", listed)
	}
	_, err = w.server.StepJobs()
	noError(t, err)
	if job, err := w.Jobs.ByLUID(ctx, started.LUID); err != nil || job.Done() || job.StartedAt.IsZero() || job.Err() != nil {
		t.Errorf("%+v, %v", job, err)
	}
	noError(t, w.Jobs.Cancel(ctx, started.LUID))
	job, err := w.Jobs.Wait(ctx, started.LUID)
	noError(t, err)
	if failure, ok := errors.AsType[*rest.JobError](job.Err()); !ok || job.FinishCode != rest.FinishCancelled || !strings.Contains(failure.Error(), "was cancelled") {
		t.Errorf("%+v: %v", job, job.Err())
	}
	if err := w.Jobs.Cancel(ctx, started.LUID); !errors.Is(err, rest.ErrForbidden) {
		t.Errorf("cancelled twice: %v", err)
	}
	if left := drain(t, w.Jobs.All(ctx, pending)); len(left) != 0 {
		t.Errorf("%+v", left)
	}
	if _, err := w.Jobs.ByLUID(ctx, w.workbook.LUID); !errors.Is(err, rest.ErrJobGone) {
		t.Errorf("a job that never was: %v", err)
	}
}

func testRunSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkplace(t, emulator.WithJobTime(time.Minute), emulator.WithJobFault(emulator.JobFault{Type: "RefreshExtract", Nth: 2, Fails: "The login for 'app' failed."}))
		defer w.server.Close()
		ctx := t.Context()
		h := w.scheduled(t)
		before, err := w.Workbooks.ByLUID(ctx, w.workbook.LUID)
		noError(t, err)
		runs, err := w.Schedules.RunNow(ctx, h.LUID)
		noError(t, err)
		again, err := w.Schedules.RunNow(ctx, h.LUID)
		if err != nil || len(again) != 2 || again[0].Job.LUID != runs[0].Job.LUID || again[1].Job.LUID != runs[1].Job.LUID {
			t.Errorf("run twice: %+v, %v", again, err)
		}
		jobs, err := w.Jobs.WaitAll(ctx, runs[0].Job.LUID, runs[1].Job.LUID)
		noError(t, err)
		if len(jobs) != 2 || jobs[0].Err() != nil || jobs[0].WorkbookLUID != w.workbook.LUID || len(jobs[0].Details) != 1 {
			t.Errorf("%+v", jobs[0])
		}
		if err := jobs[1].Err(); err == nil || !strings.Contains(err.Error(), "The login for 'app' failed.") || jobs[1].DatasourceLUID != w.datasource.LUID {
			t.Errorf("%+v: %v", jobs[1], err)
		}
		if after, err := w.Workbooks.ByLUID(ctx, w.workbook.LUID); err != nil || !after.UpdatedAt.After(before.UpdatedAt) {
			t.Errorf("the workbook is not refreshed: %v, %v", after.UpdatedAt, err)
		}
		failed, err := w.Tasks.ByLUID(ctx, runs[1].Task.LUID)
		if err != nil || failed.ConsecutiveFailures != 1 {
			t.Errorf("%+v, %v", failed, err)
		}
	})
}

func testBadJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkplace(t, emulator.WithJobTime(time.Minute),
			emulator.WithJobFault(emulator.JobFault{Nth: 1, Gone: 400031}), emulator.WithJobFault(emulator.JobFault{Nth: 2, Hangs: true}))
		defer w.server.Close()
		ctx := t.Context()
		runs, err := w.Schedules.RunNow(ctx, w.scheduled(t).LUID)
		noError(t, err)
		var progress []int
		_, err = w.Jobs.WaitFunc(ctx, runs[0].Job.LUID, func(j rest.Job) { progress = append(progress, j.Progress) })
		if !errors.Is(err, rest.ErrJobGone) || len(progress) < 3 || progress[len(progress)-1] == 0 {
			t.Errorf("progress %v, %v", progress, err)
		}
		short, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		job, err := w.Jobs.Wait(short, runs[1].Job.LUID)
		if !errors.Is(err, context.DeadlineExceeded) || job.LUID != runs[1].Job.LUID || job.Done() {
			t.Errorf("%+v, %v", job, err)
		}
	})
}

func testTasks(t *testing.T) {
	w := newWorkplace(t)
	ctx := t.Context()
	if all, err := w.Tasks.All(ctx); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
	h := w.scheduled(t)
	again, err := w.Schedules.AddWorkbook(ctx, h.LUID, w.workbook.LUID, rest.RefreshOptions{})
	noError(t, err)
	all, err := w.Tasks.All(ctx)
	noError(t, err)
	if len(all) != 2 || all[0].LUID != again.LUID || all[0].WorkbookLUID != w.workbook.LUID || all[1].DatasourceLUID != w.datasource.LUID ||
		all[0].Schedule.Name != "Nightly" || all[0].Incremental() {
		t.Errorf("%+v", all)
	}
	if mine, err := w.Tasks.ByContent(ctx, w.datasource.LUID); err != nil || len(mine) != 1 || mine[0].LUID != all[1].LUID {
		t.Errorf("%+v, %v", mine, err)
	}
	if mine, err := w.Tasks.ByContent(ctx, ""); err != nil || len(mine) != 0 {
		t.Errorf("tasks of nothing: %+v, %v", mine, err)
	}
	if on := drain(t, w.Schedules.ExtractRefreshTasks(ctx, h.LUID, rest.Query{PageSize: 1})); len(on) != 2 || on[1].LUID != all[1].LUID {
		t.Errorf("%+v", on)
	}
	noError(t, w.Tasks.Delete(ctx, all[1].LUID))
	if _, err := w.Tasks.ByLUID(ctx, all[1].LUID); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
	_, err = w.Schedules.Suspend(ctx, h.LUID)
	noError(t, err)
	added, err := w.Schedules.AddDatasource(ctx, h.LUID, w.datasource.LUID, rest.RefreshOptions{})
	if err != nil || len(added.Warnings) != 1 || added.ScheduleLUID != h.LUID || added.DatasourceLUID != w.datasource.LUID {
		t.Errorf("on a suspended schedule: %+v, %v", added, err)
	}
	if _, err := w.Schedules.AddWorkbook(ctx, h.LUID, w.datasource.LUID, rest.RefreshOptions{}); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("a data source is no workbook: %v", err)
	}
	_, err = w.Schedules.AddWorkbook(ctx, h.LUID, w.workbook.LUID, rest.RefreshOptions{Incremental: true})
	noError(t, err)
	if mine, err := w.Tasks.ByContent(ctx, w.workbook.LUID); err != nil || len(mine) != 2 || mine[0].Incremental() || !mine[1].Incremental() {
		t.Errorf("%+v, %v", mine, err)
	}
	noError(t, w.Schedules.Delete(ctx, h.LUID))
	if all, err := w.Tasks.All(ctx); err != nil || len(all) != 0 {
		t.Errorf("with the schedule its tasks go: %+v, %v", all, err)
	}
}

func testCloudTasks(t *testing.T) {
	w := newWorkplace(t)
	ctx := t.Context()
	made, err := w.Tasks.Create(ctx, rest.ExtractRefreshTaskCreate{WorkbookLUID: w.workbook.LUID, Frequency: rest.EveryHours(2, "06:00", "18:00").On(time.Monday, time.Friday)})
	noError(t, err)
	read, err := w.Tasks.ByLUID(ctx, made.LUID)
	noError(t, err)
	if read.WorkbookLUID != w.workbook.LUID || read.Schedule.LUID != "" || read.Schedule.Start != "06:00:00" || len(read.Schedule.Intervals) != 3 || read.Incremental() {
		t.Errorf("%+v", read)
	}
	changed, err := w.Tasks.Update(ctx, made.LUID, rest.ExtractRefreshTaskUpdate{Incremental: new(true)})
	noError(t, err)
	if !changed.Incremental() || changed.WorkbookLUID != w.workbook.LUID {
		t.Errorf("%+v", changed)
	}
	_, err = w.Tasks.Update(ctx, made.LUID, rest.ExtractRefreshTaskUpdate{Frequency: rest.Monthly("23:30", rest.LastDay)})
	noError(t, err)
	read, err = w.Tasks.ByLUID(ctx, made.LUID)
	noError(t, err)
	if read.Schedule.Kind != "Monthly" || read.Schedule.Intervals[0].MonthDay != "LastDay" || !read.Incremental() {
		t.Errorf("%+v", read)
	}
}

func testFlowTasks(t *testing.T) {
	w := newWorkplace(t)
	ctx := t.Context()
	h, err := w.Schedules.ByName(ctx, "Flows, nightly")
	noError(t, err)
	flow := w.flowLUID(t)
	added, err := w.Schedules.AddFlow(ctx, h.LUID, flow)
	if err != nil || added.LUID == "" || added.FlowLUID != flow || added.ScheduleLUID != h.LUID {
		t.Errorf("%+v, %v", added, err)
	}
	if _, err := w.Schedules.AddWorkbook(ctx, h.LUID, w.workbook.LUID, rest.RefreshOptions{}); !errors.Is(err, rest.ErrInvalid) {
		t.Errorf("a workbook on a schedule for flows: %v", err)
	}

	luid, err := w.server.AddLinkedTask("acme", "Flows, nightly", emulator.LinkedStep{Flow: flow, StopOnFailure: true})
	noError(t, err)
	linked := drain(t, w.Tasks.Linked(ctx, rest.Query{}))
	if len(linked) != 1 || linked[0].LUID != luid || linked[0].Schedule.LUID != h.LUID || linked[0].Steps[0].FlowLUID != flow || !linked[0].Steps[0].StopsOnFailure {
		t.Errorf("%+v", linked)
	}
	one, err := w.Tasks.LinkedByLUID(ctx, luid)
	if err != nil || len(one.Steps) != 1 || one.Steps[0].FlowName != "clean" {
		t.Errorf("%+v, %v", one, err)
	}
	run, err := w.Tasks.RunLinked(ctx, luid)
	noError(t, err)
	job, err := w.Jobs.Wait(ctx, run.LUID)
	if err != nil || run.LinkedTaskLUID != luid || job.FlowLUID != flow || job.FlowRunLUID == "" || job.Err() != nil {
		t.Errorf("%+v, %+v, %v", run, job, err)
	}
	if _, err := w.Tasks.LinkedByLUID(ctx, flow); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("a flow is no task: %v", err)
	}
}

// flowLUID is the LUID of the only flow.
func (w workplace) flowLUID(t testing.TB) string {
	t.Helper()
	var data struct{ Flows []struct{ LUID string } }
	noError(t, w.Metadata.Query(t.Context(), "{ flows { luid } }", nil, &data))
	return data.Flows[0].LUID
}
