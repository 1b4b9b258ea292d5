package rest

import (
	"context"
	"errors"
	"slices"
	"time"
)

const weeknights = `<schedule id="h1" name="Weeknights" state="Active" priority="50" createdAt="2026-01-05T08:00:00Z" updatedAt="2026-01-05T08:00:00Z" ` +
	`type="Extract" frequency="Weekly" nextRunAt="2026-03-03T02:30:00Z" executionOrder="Parallel"><frequencyDetails start="02:30:00"><intervals>` +
	`<interval weekDay="Monday"/><interval weekDay="Friday"/></intervals></frequencyDetails></schedule>`

// createRow is a row that makes a schedule.
func createRow(name string, c ScheduleCreate, schedule string) wireRow {
	return wireRow{
		rows: []int{108}, name: "Create Server Schedule, " + name,
		call: func(ctx context.Context, s *Session) error {
			h, err := s.Schedules.Create(ctx, c)
			return want(h, err, func(h Schedule) bool { return h.LUID == "h1" })
		},
		seen:  []string{"POST /api/3.29/schedules\n\n<tsRequest>" + schedule + "</schedule></tsRequest>"},
		reply: []reply{{status: 201, body: tsResponse(weeknights)}},
	}
}

var scheduleRows = []wireRow{
	{
		rows: []int{106}, name: "List Server Schedules",
		call: func(ctx context.Context, s *Session) error {
			return wantAll(s.Schedules.All(ctx, Query{PageSize: 2}), func(all []Schedule) bool {
				return len(all) == 3 && all[0].Name == "A, B & Ü" && all[0].State == ScheduleSuspended && all[0].Priority == 20 && all[0].Type == SubscriptionSchedule &&
					all[0].Kind == "Hourly" && all[0].EndsAt.Equal(instant("2027-01-01T00:00:00Z")) && all[2].LUID == "h3" && all[2].Name == ""
			})
		},
		seen: []string{"GET /api/3.29/schedules?pageNumber=1&pageSize=2", "GET /api/3.29/schedules?pageNumber=2&pageSize=2"},
		reply: []reply{
			ok(`<pagination pageNumber="1" pageSize="2" totalAvailable="3"/><schedules><schedule id="h2" name="A, B &amp; Ü" state="Suspended" priority="20" ` +
				`type="Subscription" frequency="Hourly" endScheduleAt="2027-01-01T00:00:00Z" later="x"/>` + weeknights + `</schedules>`),
			ok(`<pagination pageNumber="2" pageSize="2" totalAvailable="3"/><schedules><schedule id="h3"/></schedules>`),
		},
	},
	{
		rows: []int{106}, name: "List Server Schedules, by name or LUID",
		call: func(ctx context.Context, s *Session) error {
			for _, is := range []string{"Weeknights", "h1"} {
				h, err := s.Schedules.Find(ctx, is)
				if err := want(h, err, func(h Schedule) bool { return h.LUID == "h1" }); err != nil {
					return err
				}
			}
			_, err := s.Schedules.ByName(ctx, "h1")
			if missing, ok := errors.AsType[*NotFoundError](err); !ok || !slices.Equal(missing.Available, []string{`"Weeknights"`}) {
				return err
			}
			return nil
		},
		seen:  slices.Repeat([]string{"GET /api/3.29/schedules?pageNumber=1&pageSize=1000"}, 3),
		reply: []reply{ok(`<pagination pageNumber="1" pageSize="1000" totalAvailable="1"/><schedules>` + weeknights + `</schedules>`)},
	},
	{
		rows: []int{107}, name: "Get Server Schedule",
		call: func(ctx context.Context, s *Session) error {
			h, err := s.Schedules.ByLUID(ctx, "h1")
			return want(h, err, func(h Schedule) bool {
				return h.Name == "Weeknights" && h.ExecutionOrder == RunsInParallel && h.Start == "02:30:00" && h.End == "" &&
					slices.Equal(h.Intervals, []Interval{{WeekDay: "Monday"}, {WeekDay: "Friday"}}) && h.UpdatedAt.Equal(instant("2026-01-05T08:00:00Z")) &&
					h.Frequency.check() == nil
			})
		},
		seen: []string{"GET /api/3.29/schedules/h1"}, reply: []reply{ok(weeknights)},
	},
	createRow("hours", ScheduleCreate{Name: `"2" h & <more>`, Type: ExtractSchedule, Frequency: EveryHours(2, "02:30", "23:00:00")},
		`<schedule name="&quot;2&quot; h &amp; &lt;more&gt;" priority="50" type="Extract" frequency="Hourly" executionOrder="Parallel">`+
			`<frequencyDetails start="02:30:00" end="23:00:00"><intervals><interval hours="2"/></intervals></frequencyDetails>`),
	createRow("minutes", ScheduleCreate{Name: "Often", Type: FlowSchedule, Priority: 1, Frequency: EveryMinutes(15, "14:00", "01:00").On(time.Monday)},
		`<schedule name="Often" priority="1" type="Flow" frequency="Hourly" executionOrder="Parallel"><frequencyDetails start="14:00:00" end="01:00:00">`+
			`<intervals><interval minutes="15"/><interval weekDay="Monday"/></intervals></frequencyDetails>`),
	createRow("daily", ScheduleCreate{Name: "Daily", Type: SubscriptionSchedule, Priority: 60, ExecutionOrder: RunsInSeries, Frequency: Daily("05:00")},
		`<schedule name="Daily" priority="60" type="Subscription" frequency="Daily" executionOrder="Serial"><frequencyDetails start="05:00:00"/>`),
	createRow("weekly", ScheduleCreate{Name: "Weekly", Type: ExtractSchedule, Priority: 70, Frequency: Weekly("19:15", time.Monday, time.Wednesday, time.Friday)},
		`<schedule name="Weekly" priority="70" type="Extract" frequency="Weekly" executionOrder="Parallel"><frequencyDetails start="19:15:00"><intervals>`+
			`<interval weekDay="Monday"/><interval weekDay="Wednesday"/><interval weekDay="Friday"/></intervals></frequencyDetails>`),
	createRow("monthly", ScheduleCreate{Name: "Monthly", Type: SubscriptionSchedule, Priority: 80, Frequency: Monthly("23:30", 15, LastDay)},
		`<schedule name="Monthly" priority="80" type="Subscription" frequency="Monthly" executionOrder="Parallel"><frequencyDetails start="23:30:00"><intervals>`+
			`<interval monthDay="15"/><interval monthDay="LastDay"/></intervals></frequencyDetails>`),
	createRow("a weekday of a month", ScheduleCreate{Name: "First", Type: ExtractSchedule, Frequency: MonthlyOn("03:00", "First", time.Sunday)},
		`<schedule name="First" priority="50" type="Extract" frequency="Monthly" executionOrder="Parallel"><frequencyDetails start="03:00:00"><intervals>`+
			`<interval weekDay="Sunday" monthDay="First"/></intervals></frequencyDetails>`),
	{
		rows: []int{108}, name: "Create Server Schedule, taken",
		call: func(ctx context.Context, s *Session) error {
			_, err := s.Schedules.Create(ctx, ScheduleCreate{Name: "a", Type: ExtractSchedule, Frequency: Daily("05:00")})
			if !errors.Is(err, ErrConflict) {
				return errors.New("no ErrConflict")
			}
			return nil
		},
		seen: []string{"POST /api/3.29/schedules\n\n" +
			`<tsRequest><schedule name="a" priority="50" type="Extract" frequency="Daily" executionOrder="Parallel"><frequencyDetails start="05:00:00"/></schedule></tsRequest>`},
		reply: []reply{refusal("409021", "Conflict", "There is a schedule of that name.")},
	},
	{
		rows: []int{109}, name: "Update Server Schedule",
		call: func(ctx context.Context, s *Session) error {
			updates := []func() (Schedule, error){
				func() (Schedule, error) { return s.Schedules.Suspend(ctx, "h1") },
				func() (Schedule, error) { return s.Schedules.Activate(ctx, "h1") },
				func() (Schedule, error) {
					return s.Schedules.Update(ctx, "h1", ScheduleUpdate{
						Name: new("Wed Fri"), Priority: new(61), ExecutionOrder: new(RunsInSeries), Frequency: Weekly("06:00", time.Wednesday, time.Friday),
					})
				},
				func() (Schedule, error) { return s.Schedules.Update(ctx, "h1", ScheduleUpdate{}) },
			}
			for _, update := range updates {
				h, err := update()
				if err := want(h, err, func(h Schedule) bool { return h.LUID == "h1" && h.ExecutionOrder == RunsInParallel }); err != nil {
					return err
				}
			}
			return nil
		},
		seen: []string{
			"PUT /api/3.29/schedules/h1\n\n" + `<tsRequest><schedule state="Suspended"/></tsRequest>`,
			"PUT /api/3.29/schedules/h1\n\n" + `<tsRequest><schedule state="Active"/></tsRequest>`,
			"PUT /api/3.29/schedules/h1\n\n" + `<tsRequest><schedule name="Wed Fri" priority="61" frequency="Weekly" executionOrder="Serial"><frequencyDetails start="06:00:00">` +
				`<intervals><interval weekDay="Wednesday"/><interval weekDay="Friday"/></intervals></frequencyDetails></schedule></tsRequest>`,
			"PUT /api/3.29/schedules/h1\n\n" + `<tsRequest><schedule/></tsRequest>`,
		},
		reply: []reply{ok(weeknights)},
	},
	{
		rows: []int{181}, name: "Batch Update Schedule State",
		call: func(ctx context.Context, s *Session) error {
			luids, err := s.Schedules.SetStates(ctx, ScheduleSuspended, "h1", "h2")
			return want(luids, err, func(luids []string) bool { return slices.Equal(luids, []string{"h1", "h2"}) })
		},
		seen: []string{"PUT /api/3.29/schedules?state=suspended\n\n" +
			`<tsRequest><scheduleLuids><scheduleLuid>h1</scheduleLuid><scheduleLuid>h2</scheduleLuid></scheduleLuids></tsRequest>`},
		reply: []reply{ok(`<scheduleLuids><scheduleLuid>h1</scheduleLuid><scheduleLuid>h2</scheduleLuid></scheduleLuids>`)},
	},
	{
		rows: []int{110}, name: "Delete Server Schedule",
		call: func(ctx context.Context, s *Session) error { return s.Schedules.Delete(ctx, "h1") },
		seen: []string{"DELETE /api/3.29/schedules/h1"}, reply: []reply{{status: 204}},
	},
	{
		rows: []int{111, 112, 113}, name: "add content to a schedule",
		call: func(ctx context.Context, s *Session) error {
			t, err := s.Schedules.AddWorkbook(ctx, "h1", "w1", RefreshOptions{})
			if err := want(t, err, func(t ScheduledTask) bool {
				return t.LUID == "t1" && t.ScheduleLUID == "h1" && t.WorkbookLUID == "w1" && slices.Equal(t.Warnings, []string{"warning 1", "warning 2"})
			}); err != nil {
				return err
			}
			t, err = s.Schedules.AddDatasource(ctx, "h1", "d1", RefreshOptions{Incremental: true})
			if err := want(t, err, func(t ScheduledTask) bool {
				return t.LUID == "" && t.ScheduleLUID == "h1" && t.DatasourceLUID == "d1" && t.Warnings == nil
			}); err != nil {
				return err
			}
			for range 2 {
				t, err = s.Schedules.AddFlow(ctx, "h2", "f1")
				if err := want(t, err, func(t ScheduledTask) bool { return t.ScheduleLUID == "h2" && t.FlowLUID == "f1" }); err != nil {
					return err
				}
			}
			return nil
		},
		seen: []string{
			"PUT schedules/h1/workbooks\n\n" + `<tsRequest><task><extractRefresh><workbook id="w1"/></extractRefresh></task></tsRequest>`,
			"PUT schedules/h1/datasources\n\n" + `<tsRequest><task><extractRefresh incremental="true"><datasource id="d1"/></extractRefresh></task></tsRequest>`,
			"PUT schedules/h2/flows\n\n" + `<tsRequest><task><flowRun><flow id="f1"/></flowRun></task></tsRequest>`,
			"PUT schedules/h2/flows\n\n" + `<tsRequest><task><flowRun><flow id="f1"/></flowRun></task></tsRequest>`,
		},
		reply: []reply{
			ok(`<task><extractRefresh id="t1"><schedule id="h1"/><workbook id="w1"/></extractRefresh></task><warnings><warning message="warning 1"/><warning message="warning 2"/></warnings>`),
			ok(`<task><extractRefresh><schedule id="h1"/><datasource id="d1"/></extractRefresh></task>`),
			ok(`<task><flowRun><schedule id="h2"/><flow id="f1"/></flowRun></task>`),
			ok(`<task><runFlow><schedule id="h2"/><flow id="f1"/></runFlow></task>`),
		},
	},
	{
		rows: []int{133}, name: "List Extract Refresh Tasks in Server Schedule",
		call: func(ctx context.Context, s *Session) error {
			return wantAll(s.Schedules.ExtractRefreshTasks(ctx, "h1", Query{}), func(all []ExtractRefreshTask) bool {
				return len(all) == 2 && all[0].LUID == "task1" && all[0].Priority == 1 && all[0].Incremental() && all[0].WorkbookLUID == "w1" &&
					all[1].DatasourceLUID == "d1" && !all[1].Incremental()
			})
		},
		seen: []string{"GET schedules/h1/extracts?pageNumber=1&pageSize=100"},
		reply: []reply{ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><extracts><extract id="task1" priority="1" type="IncrementalRefresh">` +
			`<workbook id="w1"/></extract><extract id="task2" priority="2" type="FullRefresh"><datasource id="d1"/></extract></extracts>`)},
	},
	{
		rows: []int{133, 104}, name: "run a schedule now",
		call: func(ctx context.Context, s *Session) error {
			runs, err := s.Schedules.RunNow(ctx, "h1")
			if !errors.Is(err, ErrForbidden) {
				return errors.New("the error of the second task is lost")
			}
			return want(runs, nil, func(runs []TaskRun) bool {
				return len(runs) == 3 && runs[0].Task.LUID == "t1" && runs[0].Job.LUID == "j1" && runs[0].Err == nil &&
					runs[1].Task.LUID == "t2" && runs[1].Job.LUID == "" && errors.Is(runs[1].Err, ErrForbidden) && runs[2].Job.LUID == "j3"
			})
		},
		seen: []string{
			"GET schedules/h1/extracts?pageNumber=1&pageSize=1000", "POST tasks/extractRefreshes/t1/runNow\n\n<tsRequest/>",
			"POST tasks/extractRefreshes/t2/runNow\n\n<tsRequest/>", "POST tasks/extractRefreshes/t3/runNow\n\n<tsRequest/>",
		},
		reply: []reply{
			ok(`<pagination pageNumber="1" pageSize="1000" totalAvailable="3"/><extracts><extract id="t1"/><extract id="t2"/><extract id="t3"/></extracts>`),
			ok(`<job id="j1"/>`), refusal("403004", "Forbidden", "not yours"), ok(`<job id="j3"/>`),
		},
	},
}
