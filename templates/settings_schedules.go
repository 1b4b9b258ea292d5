package templates

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// scheduleSettings is one of the `schedules` of a template, as it is written.
type scheduleSettings struct {
	at                          location
	when                        *expression
	name, frequency, start, end *value
	hours, incremental          *value
	weekDays, monthDays         *list
}

// timeKeys are those of a schedule with times of its own.
var timeKeys = []string{"start", "end", "hours", "week_days", "month_days"}

func (d *decoder) schedule(p *publishSettings, n *yaml.Node) {
	s := &scheduleSettings{at: d.src.node(n)}
	text := func(to **value, what string) func(n *yaml.Node) {
		return func(n *yaml.Node) { *to = d.text(n, what, use{}) }
	}
	const what = "a schedule"
	if !d.record(n, what, fields{
		"name":        text(&s.name, "name"),
		"frequency":   text(&s.frequency, "frequency"),
		"start":       text(&s.start, "start"),
		"end":         text(&s.end, "end"),
		"hours":       func(n *yaml.Node) { s.hours = d.value(n, "hours", use{}) },
		"week_days":   func(n *yaml.Node) { s.weekDays = d.names(n, "week_days") },
		"month_days":  func(n *yaml.Node) { s.monthDays = d.list(n, "month_days", use{}) },
		"incremental": d.toggled(&s.incremental, "incremental"),
		"when":        d.conditional(&s.when),
	}) {
		return
	}
	d.exactlyOne(n, what, "name", "frequency")
	for _, key := range timeKeys {
		if d.has(n, "name") && d.has(n, key) {
			d.problem(n, "a schedule of the server has its own times", "a schedule with a name has no %s", key)
		}
	}
	if d.has(n, "frequency") {
		d.required(n, "a schedule with a frequency", "start")
	}
	p.schedules = append(p.schedules, s)
}

// schedules evaluates those that are for a site.
func (e *evaluator) schedules(all []*scheduleSettings) []Schedule {
	var out []Schedule
	for _, settings := range all {
		if !e.holds(settings.when) {
			continue
		}
		before := len(e.found)
		s := Schedule{Name: e.word(settings.name), Incremental: e.boolean(settings.incremental)}
		if settings.frequency != nil {
			s.Times = settings.times(e)
		}
		same := func(other Schedule) bool {
			return strings.EqualFold(s.Name, other.Name) && reflect.DeepEqual(s.Times, other.Times)
		}
		if len(e.found) == before && slices.ContainsFunc(out, same) {
			e.found = append(e.found, settings.at.problem("", "there are two schedules for the same times"))
		}
		out = append(out, s)
	}
	return out
}

// frequencies are how often something runs by times of its own.
var frequencies = []string{"Hourly", "Daily", "Weekly", "Monthly"}

// times evaluates the times of a schedule. Which of them a frequency takes, the server's client knows.
func (s *scheduleSettings) times(e *evaluator) *Times {
	t := &Times{Frequency: e.word(s.frequency), Start: e.timeOfDay(s.start), End: e.timeOfDay(s.end)}
	if t.Frequency != "" && !slices.Contains(frequencies, t.Frequency) {
		e.found = append(e.found, s.frequency.at.problem(suggest(t.Frequency, frequencies), "unknown frequency %q", t.Frequency))
	}
	if result, ok := e.eval(s.hours); ok {
		hours, isInt := result.(int)
		if !isInt || hours < 1 || hours > 24 {
			e.found = append(e.found, s.hours.at.problem("", "hours must be a whole number from 1 to 24"))
		}
		t.Hours = hours
	}
	t.WeekDays = e.distinct(s.weekDays, weekDayFault)
	t.MonthDays = e.distinct(s.monthDays, monthDayFault)
	return t
}

// timeOfDay returns the result of a value that is a time of the day, "" when there is no value.
func (e *evaluator) timeOfDay(v *value) string {
	text, ok := e.text(v)
	if !ok {
		return ""
	}
	_, err := time.Parse("15:04", text)
	if _, long := time.Parse(time.TimeOnly, text); err != nil && long != nil || strings.Index(text, ":") != 2 {
		e.found = append(e.found, v.at.problem("write hours and minutes with two digits each: 05:30", "%s %q is not a time of the day", v.what, text))
	}
	return text
}

func weekDayFault(name string) string {
	var days []string
	for day := time.Sunday; day <= time.Saturday; day++ {
		days = append(days, day.String())
	}
	if slices.Contains(days, name) {
		return ""
	}
	if near := nearest(name, days); near != "" {
		return "is no day of the week: the nearest is " + near
	}
	return "is no day of the week: there are " + strings.Join(days, ", ")
}

// lastDay is what the server calls the last day of a month.
const lastDay = "LastDay"

func monthDayFault(name string) string {
	if day, err := strconv.Atoi(name); name == lastDay || err == nil && 1 <= day && day <= 31 && strconv.Itoa(day) == name {
		return ""
	}
	return "is no day of a month: there are 1 to 31 and " + lastDay
}
