package deploy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
)

func daily(start string) templates.Schedule {
	return templates.Schedule{Times: &templates.Times{Frequency: "Daily", Start: start}}
}

// Tableau Cloud has times, Tableau Server has schedules, and an emulator has both.
func TestSchedulesByServer(t *testing.T) {
	t.Parallel()
	named := templates.Schedule{Name: "Weeknights"}
	for _, test := range []struct {
		url  string
		h    templates.Schedule
		err  string
		hint string
	}{
		{emulator.URL, named, "", ""},
		{emulator.URL, daily("05:30"), "", ""},
		{cloudURL, named, `schedule "Weeknights": there are no schedules with names on Tableau Cloud`, "give times"},
		{cloudURL, daily("05:30"), "", ""},
		{"https://tableau.example.com", named, "", ""},
		{"https://tableau.example.com", daily("05:30"), "times are for Tableau Cloud", "give the name"},
		{"http://127.0.0.1:8080", daily("05:30"), "", ""},
		{"http://127.example.com", daily("05:30"), "times are for Tableau Cloud", "give the name"},
	} {
		on := newSettings(newSettingsWorld(t).signIn("ana", test.url))
		err := on.check(t.Context(), templates.Publish{Schedules: []templates.Schedule{test.h}}, subject{workbook: true, hasExtract: true})
		switch {
		case test.err == "" && err != nil:
			t.Errorf("%s: %v", test.url, err)
		case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err) || !strings.Contains(hintOf(err), test.hint)):
			t.Errorf("%s: %v", test.url, err)
		}
	}
}

// Tasks of Tableau Cloud become those that are wanted, and what is as wanted is left alone.
func TestTimes(t *testing.T) {
	t.Parallel()
	w := newSettingsWorld(t)
	s := w.signIn("ana", cloudURL)
	apply := func(want ...templates.Schedule) (sent []string, done []string) {
		orders := w.object(s, false, "Orders")
		sent = w.requests(func() {
			var err error
			if done, err = newSettings(s).apply(t.Context(), orders, templates.Publish{Schedules: want}); err != nil {
				t.Error(err)
			}
		})
		return sent, done
	}
	hours := templates.Schedule{Incremental: true, Times: &templates.Times{
		Frequency: "Hourly", Start: "06:00", End: "18:00", Hours: 1, WeekDays: []string{"Friday", "Monday"},
	}}
	months := templates.Schedule{Times: &templates.Times{Frequency: "Monthly", Start: "23:30", MonthDays: []string{"15", "LastDay"}}}
	week := templates.Schedule{Times: &templates.Times{Frequency: "Weekly", Start: "07:15", WeekDays: []string{"Tuesday"}}}

	sent, done := apply(daily("05:30"), hours)
	wantLines(t, "made", sent, "GET tasks/extractRefreshes", "POST tasks/extractRefreshes", "POST tasks/extractRefreshes")
	wantLines(t, "done", done, "refreshed daily at 05:30, refreshed hourly at 06:00")
	sent, done = apply(hours, daily("05:30:00"))
	wantLines(t, "as they are", slices.Concat(sent, done), "GET tasks/extractRefreshes")
	sent, _ = apply(hours, months)
	wantLines(t, "another time", sent, "GET tasks/extractRefreshes", "POST tasks/extractRefreshes/ID")
	sent, _ = apply(months)
	wantLines(t, "fewer, which takes none away", sent, "GET tasks/extractRefreshes")
	sent, _ = apply(months, week, hours)
	wantLines(t, "more", sent, "GET tasks/extractRefreshes", "POST tasks/extractRefreshes")
	full := hours
	full.Incremental = false
	sent, _ = apply(months, week, full)
	wantLines(t, "no longer incremental", sent, "GET tasks/extractRefreshes", "POST tasks/extractRefreshes/ID")

	tasks, err := s.Tasks.ByContent(t.Context(), w.object(s, false, "Orders").luid)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, task := range tasks {
		lines = append(lines, fmt.Sprint(task.Schedule.Kind, " ", task.Schedule.Start, " ", task.Schedule.End, intervals(task.Schedule.Frequency), task.Incremental()))
	}
	slices.Sort(lines)
	wantLines(t, "tasks", lines, "Hourly 06:00:00 18:00:00[1 hours Friday Monday] false", "Monthly 23:30:00 [day 15 day LastDay] false", "Weekly 07:15:00 [Tuesday] false")
}

func TestSameTimes(t *testing.T) {
	t.Parallel()
	week := []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	want := frequency(templates.Times{Frequency: "Daily", Start: "05:30"})
	for _, test := range []struct {
		there rest.Frequency
		same  bool
	}{
		{want, true},
		{rest.Frequency{Kind: "Daily"}, true}, // not told
		{rest.Frequency{Kind: "Weekly"}, false},
		{frequency(templates.Times{Frequency: "Daily", Start: "05:30:00", WeekDays: week}), true},
		{frequency(templates.Times{Frequency: "Daily", Start: "05:30:00", WeekDays: week, Hours: 24}), true},
		{frequency(templates.Times{Frequency: "Daily", Start: "05:30:00", WeekDays: week[1:]}), false},
		{frequency(templates.Times{Frequency: "Daily", Start: "05:35:00"}), false},
	} {
		if sameTimes(test.there, want) != test.same {
			t.Errorf("%+v", test.there)
		}
	}
	hourly := frequency(templates.Times{Frequency: "Hourly", Start: "05:00", End: "09:00", Hours: 1})
	there := rest.EveryMinutes(60, "05:00", "09:00").On(0, 1, 2, 3, 4, 5, 6)
	if !sameTimes(there, hourly) {
		t.Error("60 minutes are an hour")
	}
	if there.End = "10:00:00"; sameTimes(there, hourly) {
		t.Error("the end differs")
	}
}

// Content is on a schedule in one way, and once.
func TestPutOnSchedule(t *testing.T) {
	t.Parallel()
	w := newSettingsWorld(t)
	s := w.signIn("ana", emulator.URL)
	for i, test := range []struct {
		incremental bool
		changes     []string
	}{
		{false, []string{"PUT schedules/ID/workbooks"}},
		{false, nil},
		{true, []string{"PUT schedules/ID/workbooks", "DELETE tasks/extractRefreshes/ID"}},
		{true, nil},
		{false, []string{"PUT schedules/ID/workbooks", "DELETE tasks/extractRefreshes/ID"}},
	} {
		want := templates.Publish{Schedules: []templates.Schedule{{Name: "Weeknights", Incremental: test.incremental}}}
		wantLines(t, fmt.Sprint("step ", i), changes(w.requestsOf(want)), test.changes...)
		if there := w.state(s, true, "Book"); !strings.HasSuffix(there, fmt.Sprintf("\ntask WeeknightsWeekly  [] incremental=%v", test.incremental)) ||
			strings.Count(there, "task ") != 1 {
			t.Errorf("step %d: %s", i, there)
		}
	}
}

// A server may make a full refresh of what is to be an incremental one, and says so only when it is asked.
func TestNoIncrementalSchedule(t *testing.T) {
	t.Parallel()
	answer := `<?xml version="1.0"?><tsResponse xmlns="http://tableau.com/api"><tasks/></tsResponse>`
	w := newSettingsWorld(t, emulator.WithFault(emulator.Fault{
		Method: "GET", Path: "/sites/*/tasks/extractRefreshes", Answer: &emulator.Answer{Status: 200, Header: map[string]string{"Content-Type": "application/xml"}, Body: answer},
	}))
	s := w.signIn("ana", emulator.URL)
	done, err := newSettings(s).apply(t.Context(), w.object(s, true, "Book"), templates.Publish{Schedules: []templates.Schedule{{Name: "Weeknights", Incremental: true}}})
	if err == nil || !strings.Contains(err.Error(), `schedule "Weeknights": the server has made a full refresh`) || !strings.Contains(hintOf(err), "leave out incremental") {
		t.Error(done, err)
	}
}

func TestSuspendedSchedule(t *testing.T) {
	t.Parallel()
	w := newSettingsWorld(t, emulator.WithUser("root", "secret", "ServerAdministrator"))
	root := w.signIn("root", emulator.URL)
	h, err := root.Schedules.ByName(t.Context(), "Weeknights")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.Schedules.Suspend(t.Context(), h.LUID); err != nil {
		t.Fatal(err)
	}
	s := w.signIn("ana", emulator.URL)
	done, err := newSettings(s).apply(t.Context(), w.object(s, true, "Book"), templates.Publish{Schedules: []templates.Schedule{{Name: "Weeknights"}}})
	if err != nil || len(done) != 1 || !strings.Contains(done[0], "is suspended") {
		t.Error(done, err)
	}
}
