package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
)

// A ScheduledTask is what putting content on a schedule has made.
type ScheduledTask struct {
	LUID           string   `api:"task/extractRefresh/@id|task/flowRun/@id|task/runFlow/@id"` // "" on some servers
	ScheduleLUID   string   `api:"task/extractRefresh/schedule/@id|task/flowRun/schedule/@id|task/runFlow/schedule/@id"`
	WorkbookLUID   string   `api:"task/extractRefresh/workbook/@id"`
	DatasourceLUID string   `api:"task/extractRefresh/datasource/@id"`
	FlowLUID       string   `api:"task/flowRun/flow/@id|task/runFlow/flow/@id"`
	Warnings       []string `api:"warnings/warning/@message"` // what the server warns of, such as that the schedule is suspended
}

// AddWorkbook puts a workbook on a schedule for extracts: all of its extracts are refreshed ("Add Workbook to Server Schedule",
// API 2.8). What is on the schedule already stays there once.
//
// The schema has an incremental refresh here, and the text of the reference does not mention it: [TasksService.ByContent] tells
// whether the server has made one.
func (ss *SchedulesService) AddWorkbook(ctx context.Context, luid, workbookLUID string, o RefreshOptions) (ScheduledTask, error) {
	return ss.add(ctx, luid, workbookLUID, addition{"Workbook", "workbook", "workbooks", encodeElement("extractRefresh", o), Version{2, 8}})
}

// AddDatasource puts a data source on a schedule for extracts, like [SchedulesService.AddWorkbook] ("Add Data Source to Server
// Schedule", API 2.8).
func (ss *SchedulesService) AddDatasource(ctx context.Context, luid, datasourceLUID string, o RefreshOptions) (ScheduledTask, error) {
	return ss.add(ctx, luid, datasourceLUID, addition{"Data Source", "datasource", "datasources", encodeElement("extractRefresh", o), Version{2, 8}})
}

// AddFlow puts a flow on a schedule for flows ("Add Flow Task to Server Schedule", API 3.3).
func (ss *SchedulesService) AddFlow(ctx context.Context, luid, flowLUID string) (ScheduledTask, error) {
	return ss.add(ctx, luid, flowLUID, addition{"Flow Task", "flow", "flows", newElement("flowRun"), Version{3, 3}})
}

// An addition is what the calls that put content on schedules differ in.
type addition struct {
	title, item, plural string
	task                *element // without the content
	since               Version
}

func (ss *SchedulesService) add(ctx context.Context, luid, contentLUID string, a addition) (ScheduledTask, error) {
	answer, err := ss.put(ctx, luid, contentLUID, a)
	if err != nil {
		return ScheduledTask{}, fmt.Errorf("putting %s %q on schedule %q: %w", a.item, contentLUID, luid, err)
	}
	return decodeElement[ScheduledTask](answer), nil
}

func (ss *SchedulesService) put(ctx context.Context, luid, contentLUID string, a addition) (*element, error) {
	if err := errors.Join(checkLUID("schedule", luid), checkLUID(a.item, contentLUID)); err != nil {
		return nil, err
	}
	q := &request{
		op: "Add " + a.title + " to Server Schedule", since: a.since, method: http.MethodPut,
		path: "schedules/" + segments(luid) + "/" + a.plural,
	}
	return ss.s.send(ctx, q, newElement("task", a.task.add(newElement(a.item).set("id", contentLUID))))
}

// ExtractRefreshTasks lists the extract refresh tasks of the site that are on a schedule ("List Extract Refresh Tasks in Server
// Schedule", API 2.3). They come without the schedule.
func (ss *SchedulesService) ExtractRefreshTasks(ctx context.Context, luid string, q Query) iter.Seq2[ExtractRefreshTask, error] {
	if err := checkLUID("schedule", luid); err != nil {
		return failing[ExtractRefreshTask](fmt.Errorf("listing the tasks of schedule %q: %w", luid, err))
	}
	return listing[ExtractRefreshTask]{
		op: "List Extract Refresh Tasks in Server Schedule", since: Version{2, 3}, path: "schedules/" + segments(luid) + "/extracts",
		query: q, items: []string{"extracts", "extract"},
	}.all(ctx, ss.s)
}

// A TaskRun is what became of one task of a schedule that was run.
type TaskRun struct {
	Task ExtractRefreshTask
	Job  Job   // zero with an error
	Err  error // why there is no job
}

// RunNow starts every extract refresh task of the site that is on a schedule, suspended or not, and returns their jobs, to be
// waited for with [JobsService.WaitAll] ("Run Extract Refresh Task" for each, API 2.6). As with [TasksService.RunNow], a refresh
// that is under way already is the job. A task that cannot be started does not keep the others from it; the error joins those
// of all.
func (ss *SchedulesService) RunNow(ctx context.Context, luid string) ([]TaskRun, error) {
	var runs []TaskRun
	for task, err := range ss.ExtractRefreshTasks(ctx, luid, Query{PageSize: maxPage}) {
		if err != nil {
			return nil, fmt.Errorf("running schedule %q: %w", luid, err)
		}
		runs = append(runs, TaskRun{Task: task})
	}
	var errs []error
	for i := range runs {
		runs[i].Job, runs[i].Err = ss.s.Tasks.RunNow(ctx, runs[i].Task.LUID)
		errs = append(errs, runs[i].Err)
	}
	return runs, errors.Join(errs...)
}
