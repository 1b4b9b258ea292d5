package deploy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// Tableau Server has schedules with names, and content is put on them. On Tableau Cloud there are none, and each task has times
// of its own.

// checkSchedules finds schedules that the server does not have.
func (s *settings) checkSchedules(ctx context.Context, p *problems, want []templates.Schedule) {
	for i, h := range want {
		twice := func(other templates.Schedule) bool { return other.Name != "" && other.Name == h.Name }
		if slices.ContainsFunc(want[:i], twice) {
			p.add(advise(errors.New("it is given twice"), "name each schedule once, incremental or not"), fmt.Sprintf("schedule %q", h.Name))
		}
		switch {
		case h.Times != nil && !s.session.Cloud() && !isLocal(s.session.ServerURL()):
			p.add(advise(errors.New("times are for Tableau Cloud: this server has schedules that content is put on"),
				"give the name of one in place of times"), "schedules")
		case h.Times != nil:
			p.add(frequency(*h.Times).CheckCloud(), "schedules")
		case s.session.Cloud():
			p.add(advise(errors.New("there are no schedules with names on Tableau Cloud"), "give times in place of the name"), fmt.Sprintf("schedule %q", h.Name))
		default:
			schedule, err := s.schedules.get(ctx, h.Name)
			switch {
			case errors.Is(err, rest.ErrNotFound):
				err = advise(err, "name a schedule that the server has; its administrators make new ones")
			case err == nil && schedule.Type != rest.ExtractSchedule:
				err = advise(fmt.Errorf("schedule %q is one of the type %s, not %s", h.Name, schedule.Type, rest.ExtractSchedule),
					"name a schedule for extract refreshes")
			}
			p.add(err, "")
		}
	}
}

// isLocal says whether a server is on this machine, which is taken for an emulator: that has schedules of both kinds.
func isLocal(serverURL string) bool {
	u, err := url.Parse(serverURL)
	if err != nil {
		return false
	}
	host := u.Hostname()
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host).IsLoopback()
}

// frequency is the times in the words of the server, which on Tableau Cloud take days of the week with hours, too: all of them
// unless the manifest says which.
func frequency(t templates.Times) rest.Frequency {
	f := rest.Frequency{Kind: t.Frequency, Start: clockTime(t.Start), End: clockTime(t.End)}
	if t.Hours > 0 {
		f.Intervals = append(f.Intervals, rest.Interval{Hours: t.Hours})
	}
	days := t.WeekDays
	if len(days) == 0 && (t.Frequency == "Hourly" || t.Frequency == "Daily") {
		for day := time.Sunday; day <= time.Saturday; day++ {
			days = append(days, day.String())
		}
	}
	for _, day := range days {
		f.Intervals = append(f.Intervals, rest.Interval{WeekDay: day})
	}
	for _, day := range t.MonthDays {
		f.Intervals = append(f.Intervals, rest.Interval{MonthDay: day})
	}
	return f
}

// clockTime completes a time without seconds.
func clockTime(text string) string {
	if len(text) == len("05:30") {
		return text + ":00"
	}
	return text
}

// schedule puts content on the schedules it is not on yet, and says on which.
func (s *settings) schedule(ctx context.Context, o object, want []templates.Schedule) (string, error) {
	if len(want) == 0 {
		return "", nil
	}
	all, err := s.tasks.get(ctx, "")
	if err != nil {
		return "", err
	}
	var there []rest.ExtractRefreshTask
	for _, task := range all {
		if task.WorkbookLUID == o.luid || task.DatasourceLUID == o.luid {
			there = append(there, task)
		}
	}
	var said []string
	var p problems
	var timed []templates.Schedule
	for _, h := range want {
		if h.Times != nil {
			timed = append(timed, h)
			continue
		}
		text, err := s.putOn(ctx, o, h, there)
		said = append(said, text)
		p.add(err, fmt.Sprintf("schedule %q", h.Name))
	}
	texts, err := s.setTimes(ctx, o, timed, there)
	p.add(err, "times")
	said = slices.DeleteFunc(append(said, texts...), func(text string) bool { return text == "" })
	if len(said) > 0 || p.err() != nil {
		s.tasks.forget()
	}
	return strings.Join(said, ", "), p.err()
}

// putOn puts content on a schedule of the server. A task there that refreshes it in the other way goes.
func (s *settings) putOn(ctx context.Context, o object, h templates.Schedule, there []rest.ExtractRefreshTask) (string, error) {
	schedule, err := s.schedules.get(ctx, h.Name)
	if err != nil {
		return "", err
	}
	on := slices.DeleteFunc(slices.Clone(there), func(t rest.ExtractRefreshTask) bool { return t.Schedule.LUID != schedule.LUID })
	said := ""
	if !slices.ContainsFunc(on, func(t rest.ExtractRefreshTask) bool { return t.Incremental() == h.Incremental }) {
		made, err := s.calls(o.workbook).schedule(ctx, schedule.LUID, o.luid, rest.RefreshOptions{Incremental: h.Incremental})
		if err != nil {
			return "", err
		}
		said = fmt.Sprintf("schedule %q", h.Name)
		if len(made.Warnings) > 0 {
			said += " (" + strings.Join(made.Warnings, ", ") + ")"
		}
		if h.Incremental {
			if err := s.checkIncremental(ctx, o, schedule); err != nil {
				return said, err
			}
		}
	}
	for _, task := range on {
		if task.Incremental() != h.Incremental {
			if err := s.session.Tasks.Delete(ctx, task.LUID); err != nil && !errors.Is(err, rest.ErrNotFound) {
				return said, err
			}
			said = cmp.Or(said, fmt.Sprintf("schedule %q", h.Name))
		}
	}
	return said, nil
}

// checkIncremental looks at the task that was made: not every server makes an incremental one.
func (s *settings) checkIncremental(ctx context.Context, o object, schedule rest.Schedule) error {
	tasks, err := s.session.Tasks.ByContent(ctx, o.luid)
	if err != nil {
		return err
	}
	made := func(t rest.ExtractRefreshTask) bool { return t.Schedule.LUID == schedule.LUID && t.Incremental() }
	if !slices.ContainsFunc(tasks, made) {
		return advise(errors.New("the server has made a full refresh of what was to be an incremental one"),
			"leave out incremental, and make it incremental in Tableau's web pages")
	}
	return nil
}

// setTimes makes the tasks of Tableau Cloud for wanted times. A task with other times becomes one that is wanted, so that new
// times in a manifest do not leave the old ones behind; more tasks than there are wanted stay.
func (s *settings) setTimes(ctx context.Context, o object, want []templates.Schedule, there []rest.ExtractRefreshTask) ([]string, error) {
	free := slices.DeleteFunc(slices.Clone(there), func(t rest.ExtractRefreshTask) bool { return t.Schedule.Name != "" })
	var lacking []templates.Schedule
	for _, h := range want {
		same := func(t rest.ExtractRefreshTask) bool {
			return t.Incremental() == h.Incremental && sameTimes(t.Schedule.Frequency, frequency(*h.Times))
		}
		if i := slices.IndexFunc(free, same); i >= 0 {
			free = slices.Delete(free, i, i+1)
		} else {
			lacking = append(lacking, h)
		}
	}
	var said []string
	var p problems
	for i, h := range lacking {
		f := frequency(*h.Times)
		var err error
		if i < len(free) {
			_, err = s.session.Tasks.Update(ctx, free[i].LUID, rest.ExtractRefreshTaskUpdate{Incremental: &h.Incremental, Frequency: f})
		} else {
			task := rest.ExtractRefreshTaskCreate{Incremental: h.Incremental, Frequency: f}
			if o.workbook {
				task.WorkbookLUID = o.luid
			} else {
				task.DatasourceLUID = o.luid
			}
			_, err = s.session.Tasks.Create(ctx, task)
		}
		if p.add(err, ""); err == nil {
			said = append(said, fmt.Sprintf("refreshed %s at %s", strings.ToLower(f.Kind), strings.TrimSuffix(f.Start, ":00")))
		}
	}
	return said, p.err()
}

// sameTimes compares when two tasks run. What a server does not tell of one is taken to be the same.
func sameTimes(there, want rest.Frequency) bool {
	if there.Kind != want.Kind {
		return false
	}
	if there.Start == "" {
		return true
	}
	return clockTime(there.Start) == want.Start && (want.End == "" || clockTime(there.End) == want.End) &&
		slices.Equal(intervals(there), intervals(want))
}

// intervals are those of a frequency in words, in order. Once in 24 hours is what a daily one is without a step.
func intervals(f rest.Frequency) []string {
	var words []string
	for _, in := range f.Intervals {
		switch in {
		case rest.Interval{Minutes: 60}:
			in = rest.Interval{Hours: 1}
		case rest.Interval{Hours: 24}:
			continue
		}
		words = append(words, in.String())
	}
	slices.Sort(words)
	return slices.Compact(words)
}
