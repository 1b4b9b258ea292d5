package rest_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
)

var scheduleScenarios = []scenario{
	{rows: []int{106, 107, 108, 110}, name: "schedules of every frequency", run: testFrequencies},
	{rows: []int{106, 109, 181}, name: "a schedule is changed, suspended and activated", run: testScheduleChanges},
	{rows: []int{114, 115, 116, 117, 118}, name: "users are subscribed", run: testSubscriptions},
}

func testFrequencies(t *testing.T) {
	w := newWorkplace(t)
	ctx := t.Context()
	for name, f := range map[string]rest.Frequency{
		"every 1 hour":           rest.EveryHours(1, "08:00", "18:00"),
		"every 2 hours":          rest.EveryHours(2, "02:30", "23:00"),
		"every 4 hours":          rest.EveryHours(4, "00:00", "23:00"),
		"every 6 hours":          rest.EveryHours(6, "00:00", "23:00"),
		"every 8 hours":          rest.EveryHours(8, "00:00", "23:00"),
		"every 12 hours":         rest.EveryHours(12, "22:00", "10:00"),
		"on weekdays":            rest.EveryHours(2, "08:00", "18:00").On(time.Monday, time.Tuesday),
		"every 15 minutes":       rest.EveryMinutes(15, "08:00", "18:00"),
		`"30", & <60>, / 'Ünï'`:  rest.EveryMinutes(30, "08:00", "01:00").On(time.Sunday),
		"every 60 minutes":       rest.EveryMinutes(60, "08:30", "18:30"),
		"daily":                  rest.Daily("05:00"),
		"daily, to the second":   rest.Daily("13:15:30"),
		"daily on some days":     rest.Daily("05:00").On(time.Saturday),
		"weekly":                 rest.Weekly("19:15", time.Monday, time.Wednesday, time.Friday),
		"all days of the week":   rest.Weekly("19:15", 0, 1, 2, 3, 4, 5, 6),
		"monthly":                rest.Monthly("23:30", 15),
		"on many days of months": rest.Monthly("23:30", 1, 2, 31, rest.LastDay),
		"the first Monday":       rest.MonthlyOn("03:00", "First", time.Monday),
		"the last Friday":        rest.MonthlyOn("03:00", "Last", time.Friday),
	} {
		made, err := w.Schedules.Create(ctx, rest.ScheduleCreate{Name: name, Type: rest.SubscriptionSchedule, Priority: 70, ExecutionOrder: rest.RunsInSeries, Frequency: f})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		h, err := w.Schedules.ByLUID(ctx, made.LUID)
		noError(t, err)
		if h.Name != name || h.Kind != f.Kind || h.Start != f.Start || h.End != f.End || !slices.Equal(h.Intervals, f.Intervals) || h.NextRunAt.IsZero() ||
			h.Priority != 70 || h.ExecutionOrder != rest.RunsInSeries || h.Type != rest.SubscriptionSchedule || h.State != rest.ScheduleActive {
			t.Errorf("%s: %+v", name, h)
		}
		found, err := w.Schedules.ByName(ctx, name)
		if err != nil || found.LUID != made.LUID {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
		noError(t, w.Schedules.Delete(ctx, made.LUID))
		if _, err := w.Schedules.Find(ctx, made.LUID); !errors.Is(err, rest.ErrNotFound) || !strings.Contains(err.Error(), `"Weeknights"`) {
			t.Errorf("%s, deleted: %v", name, err)
		}
	}
}

func testScheduleChanges(t *testing.T) {
	w := newWorkplace(t)
	ctx := t.Context()
	made, err := w.Schedules.Create(ctx, rest.ScheduleCreate{Name: "Afternoon", Type: rest.ExtractSchedule, Frequency: rest.Weekly("13:00", time.Monday)})
	noError(t, err)
	if made.Priority != 50 || made.ExecutionOrder != rest.RunsInParallel {
		t.Errorf("%+v", made)
	}
	if _, err := w.Schedules.Create(ctx, rest.ScheduleCreate{Name: "Afternoon", Type: rest.ExtractSchedule, Frequency: rest.Daily("13:00")}); !errors.Is(err, rest.ErrConflict) {
		t.Errorf("the name is taken: %v", err)
	}
	h, err := w.Schedules.Suspend(ctx, made.LUID)
	if err != nil || h.State != rest.ScheduleSuspended || !slices.Equal(h.Intervals, made.Intervals) {
		t.Errorf("%+v, %v", h, err)
	}
	h, err = w.Schedules.Update(ctx, made.LUID, rest.ScheduleUpdate{Name: new("Night"), Priority: new(1), Frequency: rest.Daily("03:00")})
	if err != nil || h.Name != "Night" || h.Priority != 1 || h.Kind != "Daily" || h.Start != "03:00:00" || len(h.Intervals) != 0 || h.State != rest.ScheduleSuspended {
		t.Errorf("%+v, %v", h, err)
	}
	h, err = w.Schedules.Activate(ctx, made.LUID)
	if err != nil || h.State != rest.ScheduleActive || h.Start != "03:00:00" {
		t.Errorf("%+v, %v", h, err)
	}
	mondays, err := w.Schedules.ByName(ctx, "Mondays")
	noError(t, err)
	luids, err := w.Schedules.SetStates(ctx, rest.ScheduleSuspended, made.LUID, mondays.LUID)
	if err != nil || !slices.Equal(luids, []string{made.LUID, mondays.LUID}) {
		t.Errorf("%v, %v", luids, err)
	}
	for _, h := range drain(t, w.Schedules.All(ctx, rest.Query{PageSize: 1})) {
		if want := slices.Contains(luids, h.LUID); (h.State == rest.ScheduleSuspended) != want {
			t.Errorf("%s is %s", h.Name, h.State)
		}
	}
	if _, err := w.Schedules.ByLUID(ctx, w.workbook.LUID); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("a workbook is no schedule: %v", err)
	}
}

func testSubscriptions(t *testing.T) {
	w := newWorkplace(t)
	ctx := t.Context()
	mondays, err := w.Schedules.ByName(ctx, "Mondays")
	noError(t, err)
	view := w.workbook.Views[0].LUID
	made, err := w.Subscriptions.Create(ctx, rest.SubscriptionCreate{
		Subject: `Numbers, "all" & more / Ünï`, ContentType: "VIEW", ContentLUID: view, ScheduleLUID: mondays.LUID, UserLUID: w.UserLUID(),
		AttachPDF: true, PageSize: "A4", PageOrientation: "LANDSCAPE", SendIfViewEmpty: new(false), Message: "Look:\n<here>",
	})
	noError(t, err)
	n, err := w.Subscriptions.ByLUID(ctx, made.LUID)
	if err != nil || n.Subject != `Numbers, "all" & more / Ünï` || n.Message != "Look:\n<here>" || !n.AttachPDF || !n.AttachImage || n.PageSize != "A4" ||
		n.PageOrientation != "LANDSCAPE" || n.SendIfViewEmpty || n.ContentType != rest.SubscribedView || n.ContentLUID != view || n.ContentName != "Map" ||
		n.Schedule.Name != "Mondays" || n.UserLUID != w.UserLUID() {
		t.Errorf("%+v, %v", n, err)
	}
	_, err = w.Subscriptions.Create(ctx, rest.SubscriptionCreate{
		Subject: "All of it", ContentType: rest.SubscribedWorkbook, ContentLUID: w.workbook.LUID, ScheduleLUID: mondays.LUID, UserLUID: w.UserLUID(), AttachImage: new(false),
	})
	noError(t, err)
	if all := drain(t, w.Subscriptions.All(ctx, rest.Query{PageSize: 1})); len(all) != 2 || all[0].LUID != made.LUID || all[1].AttachImage || all[1].ContentName != "Regional" {
		t.Errorf("%+v", all)
	}
	n, err = w.Subscriptions.Update(ctx, made.LUID, rest.SubscriptionUpdate{Subject: new("Figures"), Suspended: new(true), Message: new(""), SendIfViewEmpty: new(true)})
	if err != nil || n.Subject != "Figures" || !n.Suspended || n.Message != "" || !n.SendIfViewEmpty || !n.AttachPDF || n.Schedule.LUID != mondays.LUID {
		t.Errorf("%+v, %v", n, err)
	}
	weeknights, err := w.Schedules.ByName(ctx, "Weeknights")
	noError(t, err)
	if _, err := w.Subscriptions.Update(ctx, made.LUID, rest.SubscriptionUpdate{ScheduleLUID: new(weeknights.LUID)}); !errors.Is(err, rest.ErrInvalid) {
		t.Errorf("on a schedule for extracts: %v", err)
	}
	noError(t, w.Subscriptions.Delete(ctx, made.LUID))
	if _, err := w.Subscriptions.ByLUID(ctx, made.LUID); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
	own := rest.Weekly("06:00", time.Friday)
	n, err = w.Subscriptions.Create(ctx, rest.SubscriptionCreate{Subject: "Cloud", ContentType: "view", ContentLUID: view, Frequency: &own, UserLUID: w.UserLUID()})
	if err != nil || n.Schedule.LUID != "" || n.Schedule.Kind != "Weekly" || n.Schedule.Start != "06:00:00" {
		t.Errorf("%+v, %v", n, err)
	}
}
