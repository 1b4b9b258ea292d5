package rest

import (
	"context"
	"errors"
	"slices"
	"time"
)

// instant reads a time of the answers.
func instant(s string) time.Time { return parseTime(s) }

const (
	refreshFailed = `<job id="j2" mode="Asynchronous" type="RefreshExtract" progress="100" createdAt="2026-03-02T10:00:00Z" ` +
		`startedAt="2026-03-02T10:00:01Z" completedAt="2026-03-02T10:00:09Z" finishCode="1"><extractRefreshJob>` +
		`<notes>The login for 'app' failed.</notes><workbook id="w1" name="Sales, &amp; more"/></extractRefreshJob></job>`
	extractTask = `<extractRefresh id="t1" priority="50" consecutiveFailedCount="2" type="RefreshExtractTask"><schedule id="h1" name="Weeknights" ` +
		`state="Active" priority="50" createdAt="2026-01-05T08:00:00Z" updatedAt="2026-01-05T08:00:00Z" type="Extract" frequency="Weekly" ` +
		`nextRunAt="2026-03-03T02:30:00Z"/><workbook id="w1"/></extractRefresh>`
	cloudTask = `<extractRefresh id="t2" type="IncrementalRefresh"><datasource id="d1"/></extractRefresh><schedule createdAt="2023-08-17T15:36:37-0700" ` +
		`updatedAt="2023-08-17T15:36:37-0700" frequency="Monthly" nextRunAt="2023-09-15T23:30:00-0700"><frequencyDetails start="23:30:00">` +
		`<intervals><interval monthDay="15"/></intervals></frequencyDetails></schedule>`
	linkedTask = `<linkedTasks id="l1" numSteps="1"><schedule id="h3" name="Flows" frequency="daily" nextRunAt="2024-07-24T03:30:00Z"/>` +
		`<linkedTaskSteps><linkedTaskSteps id="s1" stepNumber="1" stopDownstreamTasksOnFailure="true"><task><flowRun id="r1" priority="1" ` +
		`consecutiveFailedCount="3" type="runFlow"><flow id="f1" name="Clean"/></flowRun></task></linkedTaskSteps></linkedTaskSteps></linkedTasks>`
)

// jobRow is a row that reads a job of one type.
func jobRow(name, answer string, is func(Job) bool) wireRow {
	return wireRow{
		rows: []int{99}, name: "Query Job, " + name,
		call: func(ctx context.Context, s *Session) error {
			job, err := s.Jobs.ByLUID(ctx, "j2")
			return want(job, err, is)
		},
		seen: []string{"GET jobs/j2"}, reply: []reply{ok(answer)},
	}
}

var jobRows = []wireRow{
	jobRow("running", jobRunning, func(j Job) bool {
		return j.LUID == "j1" && j.Mode == "Asynchronous" && j.Type == "PublishWorkbook" && j.Progress == 40 && j.FinishCode == FinishFailed &&
			!j.Done() && j.Err() == nil && j.StartedAt.Equal(instant("2026-03-02T10:00:01Z"))
	}),
	jobRow("a refresh that failed", refreshFailed, func(j Job) bool {
		_, failed := errors.AsType[*JobError](j.Err())
		return failed && j.Done() && j.WorkbookLUID == "w1" && j.WorkbookName == "Sales, & more" && slices.Equal(j.Notes(), []string{"The login for 'app' failed."})
	}),
	jobRow("rows of a connection", `<job id="j2" type="UpdateUploadedFile" completedAt="2021-10-05T18:53:35Z" updatedAt="2021-10-05T18:53:36Z" finishCode="0">`+
		`<updateUploadedFileJob><datasource id="d1" name="World"/><connectionLuid>c1</connectionLuid><notes>done</notes></updateUploadedFileJob></job>`,
		func(j Job) bool {
			return j.DatasourceLUID == "d1" && j.DatasourceName == "World" && j.ConnectionLUID == "c1" && j.Err() == nil &&
				j.UpdatedAt.Equal(instant("2021-10-05T18:53:36Z")) && slices.Equal(j.Details, []string{"done"})
		}),
	jobRow("the run of a flow", `<job id="j2" type="RunFlow" finishCode="1"><runFlowJobType flowRunId="r1"><notes>n</notes><flow id="f1" name="Clean"/></runFlowJobType></job>`,
		func(j Job) bool {
			return j.FlowRunLUID == "r1" && j.FlowLUID == "f1" && j.FlowName == "Clean" && len(j.Details) == 1
		}),
	jobRow("a subscription", `<job id="j2" type="SingleSubscriptionNotify"><subscriptionJobType><notes/><subscriptionId>b1</subscriptionId>`+
		`<subscriptionSubject>Monday numbers</subscriptionSubject></subscriptionJobType><new x="1"/></job>`,
		func(j Job) bool {
			return j.SubscriptionLUID == "b1" && j.SubscriptionSubject == "Monday numbers" && len(j.Notes()) == 0
		}),
	jobRow("of extracts, views and virtual connections", `<job id="j2"><extractRefreshJob><view id="v1"/><virtualConnection id="vc1"/></extractRefreshJob>`+
		`<extractCreationJob><notes>made</notes><datasource id="d2" name="N"/></extractCreationJob><thumbnailsRefreshJob><workbook id="w2" name="W"/></thumbnailsRefreshJob></job>`,
		func(j Job) bool {
			return j.ViewLUID == "v1" && j.VirtualConnectionLUID == "vc1" && j.DatasourceLUID == "d2" && j.WorkbookLUID == "w2" && len(j.Details) == 1
		}),
	{
		rows: []int{99}, name: "Query Job, gone",
		call: func(ctx context.Context, s *Session) error {
			for _, want := range []error{ErrNotFound, ErrInvalid} {
				if _, err := s.Jobs.ByLUID(ctx, "j2"); !errors.Is(err, ErrJobGone) || !errors.Is(err, want) {
					return errors.New("no ErrJobGone")
				}
			}
			_, err := s.Jobs.ByLUID(ctx, "")
			if err == nil {
				return errors.New("a job without LUID is asked for")
			}
			return nil
		},
		seen:  []string{"GET jobs/j2", "GET jobs/j2"},
		reply: []reply{refusal("404018", "Resource Not Found", "j2"), refusal("400031", "Bad Request", "j2")},
	},
	{
		rows: []int{100}, name: "Query Jobs",
		call: func(ctx context.Context, s *Session) error {
			q := Query{Filters: []Filter{Eq("status", string(JobInProgress)), In("jobType", "publish_workbook"), Has("title", "a b")}, Sort: []Order{Desc("createdAt")}}
			return wantAll(s.Jobs.All(ctx, q), func(jobs []BackgroundJob) bool {
				j := jobs[0]
				return len(jobs) == 2 && j.LUID == "j1" && j.Status == JobInProgress && !j.Done() && j.Priority == 50 && j.Type == "publish_workbook" &&
					j.Title == "Sales" && j.Subtitle == "" && jobs[1].Done() && jobs[1].Subtitle == "Workbook" && jobs[1].EndedAt.Equal(instant("2018-05-22T13:00:45Z"))
			})
		},
		seen: []string{"GET jobs?filter=status:eq:InProgress,jobType:in:[publish_workbook],title:has:a%20b&sort=createdAt:desc&pageNumber=1&pageSize=100"},
		reply: []reply{ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><backgroundJobs>` +
			`<backgroundJob id="j1" status="InProgress" createdAt="2026-03-02T10:00:00Z" startedAt="2026-03-02T10:00:01Z" priority="50" jobType="publish_workbook" title="Sales"/>` +
			`<backgroundJob id="j0" status="Success" endedAt="2018-05-22T13:00:45Z" subtitle="Workbook"/></backgroundJobs>`)},
	},
	{
		rows: []int{101}, name: "Cancel Job",
		call: func(ctx context.Context, s *Session) error {
			for range 3 {
				if err := s.Jobs.Cancel(ctx, "j1"); err != nil {
					return err
				}
			}
			if err := s.Jobs.Cancel(ctx, "j1"); !errors.Is(err, ErrForbidden) {
				return err
			}
			return nil
		},
		seen: []string{"PUT jobs/j1", "PUT jobs/j1", "PUT jobs/j1", "PUT jobs/j1"},
		reply: []reply{
			ok(`<job id="j1" finishCode="2"/>`), ok(`<statusNotes><statusNote text="cancelled"/></statusNotes>`),
			{status: 200},
			refusal("403091", "Forbidden", "The job is complete."),
		},
	},
}

var taskRows = []wireRow{
	{
		rows: []int{102}, name: "List Extract Refresh Tasks in Site",
		call: func(ctx context.Context, s *Session) error {
			all, err := s.Tasks.All(ctx)
			if err := want(all, err, func(all []ExtractRefreshTask) bool {
				t := all[0]
				return len(all) == 3 && t.LUID == "t1" && t.Priority == 50 && t.ConsecutiveFailures == 2 && !t.Incremental() && t.WorkbookLUID == "w1" &&
					t.Schedule.LUID == "h1" && t.Schedule.Name == "Weeknights" && t.Schedule.Kind == "Weekly" && t.Schedule.NextRunAt.Equal(instant("2026-03-03T02:30:00Z")) &&
					all[1].DatasourceLUID == "d1" && all[1].Incremental() && all[1].Schedule.LUID == "" && slices.Equal(all[1].Schedule.Intervals, []Interval{{Hours: 24}, {WeekDay: "Tuesday"}}) &&
					all[2].WorkbookLUID == "" && all[2].DatasourceLUID == ""
			}); err != nil {
				return err
			}
			mine, err := s.Tasks.ByContent(ctx, "d1")
			return want(mine, err, func(mine []ExtractRefreshTask) bool { return len(mine) == 1 && mine[0].LUID == "t2" })
		},
		seen: []string{"GET tasks/extractRefreshes", "GET tasks/extractRefreshes"},
		reply: []reply{ok(`<tasks><task>` + extractTask + `</task><task><extractRefresh id="t2" type="IncrementExtractTask"><schedule frequency="Daily" ` +
			`nextRunAt="2024-02-21T02:20:00Z"><frequencyDetails start="18:20:00" end="18:20:00"><intervals><interval hours="24"/><interval weekDay="Tuesday"/>` +
			`</intervals></frequencyDetails></schedule><datasource id="d1"/></extractRefresh></task><task><extractRefresh id="t3"/></task></tasks>`)},
	},
	{
		rows: []int{102}, name: "List Extract Refresh Tasks in Site, none",
		call: func(ctx context.Context, s *Session) error {
			all, err := s.Tasks.All(ctx)
			return want(all, err, func(all []ExtractRefreshTask) bool { return len(all) == 0 })
		},
		seen: []string{"GET tasks/extractRefreshes"}, reply: []reply{ok(`<tasks/>`)},
	},
	{
		rows: []int{103}, name: "Get Extract Refresh Task",
		call: func(ctx context.Context, s *Session) error {
			t, err := s.Tasks.ByLUID(ctx, "t1")
			return want(t, err, func(t ExtractRefreshTask) bool { return t.LUID == "t1" && t.WorkbookLUID == "w1" })
		},
		seen: []string{"GET tasks/extractRefreshes/t1"}, reply: []reply{ok(`<task>` + extractTask + `</task>`)},
	},
	{
		rows: []int{104}, name: "Run Extract Refresh Task",
		call: func(ctx context.Context, s *Session) error {
			job, err := s.Tasks.RunNow(ctx, "t1")
			return want(job, err, func(j Job) bool { return j.LUID == "j7" && j.Type == "RefreshExtract" && !j.Done() })
		},
		seen:  []string{"POST tasks/extractRefreshes/t1/runNow\n\n<tsRequest/>"},
		reply: []reply{ok(`<job id="j7" mode="Asynchronous" type="RefreshExtract"/>`)},
	},
	{
		rows: []int{105}, name: "Delete Extract Refresh Task",
		call: func(ctx context.Context, s *Session) error { return s.Tasks.Delete(ctx, "t1") },
		seen: []string{"DELETE tasks/extractRefreshes/t1"}, reply: []reply{{status: 204}},
	},
	{
		rows: []int{174}, name: "Create Cloud Extract Refresh Task",
		call: func(ctx context.Context, s *Session) error {
			t, err := s.Tasks.Create(ctx, ExtractRefreshTaskCreate{DatasourceLUID: "d1", Incremental: true, Frequency: Monthly("23:30", 15)})
			return want(t, err, func(t ExtractRefreshTask) bool {
				return t.LUID == "t2" && t.Incremental() && t.DatasourceLUID == "d1" && t.Schedule.Start == "23:30:00" &&
					t.Schedule.NextRunAt.Equal(instant("2023-09-16T06:30:00Z")) && slices.Equal(t.Schedule.Intervals, []Interval{{MonthDay: "15"}})
			})
		},
		seen: []string{"POST tasks/extractRefreshes\n\n" + `<tsRequest><extractRefresh type="IncrementalRefresh"><datasource id="d1"/></extractRefresh>` +
			`<schedule frequency="Monthly"><frequencyDetails start="23:30:00"><intervals><interval monthDay="15"/></intervals></frequencyDetails></schedule></tsRequest>`},
		reply: []reply{{status: 201, body: tsResponse(cloudTask)}},
	},
	{
		rows: []int{175}, name: "Update Cloud Extract Refresh Task",
		call: func(ctx context.Context, s *Session) error {
			t, err := s.Tasks.Update(ctx, "t2", ExtractRefreshTaskUpdate{Frequency: EveryHours(2, "08:00", "18:00").On(time.Monday)})
			if err := want(t, err, func(t ExtractRefreshTask) bool { return t.LUID == "t2" }); err != nil {
				return err
			}
			_, err = s.Tasks.Update(ctx, "t2", ExtractRefreshTaskUpdate{Incremental: new(false)})
			return err
		},
		seen: []string{
			"POST tasks/extractRefreshes/t2\n\n" + `<tsRequest><schedule frequency="Hourly"><frequencyDetails start="08:00:00" end="18:00:00"><intervals>` +
				`<interval hours="2"/><interval weekDay="Monday"/></intervals></frequencyDetails></schedule></tsRequest>`,
			"POST tasks/extractRefreshes/t2\n\n" + `<tsRequest><extractRefresh type="FullRefresh"/></tsRequest>`,
		},
		reply: []reply{ok(cloudTask)},
	},
	{
		rows: []int{178, 179, 180}, name: "linked tasks",
		call: func(ctx context.Context, s *Session) error {
			is := func(t LinkedTask) bool {
				return t.LUID == "l1" && t.Schedule.LUID == "h3" && slices.Equal(t.Steps, []LinkedTaskStep{{
					LUID: "s1", Number: 1, StopsOnFailure: true, TaskLUID: "r1", ConsecutiveFailures: 3, FlowLUID: "f1", FlowName: "Clean",
				}})
			}
			if err := wantAll(s.Tasks.Linked(ctx, Query{}), func(all []LinkedTask) bool { return len(all) == 1 && is(all[0]) }); err != nil {
				return err
			}
			t, err := s.Tasks.LinkedByLUID(ctx, "l1")
			if err := want(t, err, is); err != nil {
				return err
			}
			job, err := s.Tasks.RunLinked(ctx, "l1")
			return want(job, err, func(j LinkedTaskJob) bool {
				return j == LinkedTaskJob{"j1", "l1", JobInProgress, instant("2022-02-15T00:22:22Z")}
			})
		},
		seen: []string{"GET tasks/linked?pageNumber=1&pageSize=100", "GET tasks/linked/l1", "POST tasks/linked/l1/runNow\n\n<tsRequest/>"},
		reply: []reply{
			ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><linkedTasks>` + linkedTask + `</linkedTasks>`), ok(linkedTask),
			ok(`<linkedTaskJob id="j1" linkedTaskId="l1" status="InProgress" createdAt="2022-02-15T00:22:22Z"/>`),
		},
	},
}
