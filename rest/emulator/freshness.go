package emulator

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// freshness is the data freshness policy of a workbook, after "Update Workbook": how old the data it shows may be.
type freshness struct {
	Option    string
	Frequency string // of FreshAt and FreshEvery
	Time      string // of FreshAt
	Timezone  string // of FreshAt
	Intervals []freshInterval
	Value     int // of FreshEvery
}

// freshInterval is a day of the week, or of the month.
type freshInterval struct{ WeekDay, MonthDay string }

// The values of the schema. Requests have them in any case, and some in another form.
var (
	freshOptions   = []string{"SiteDefault", "AlwaysLive", "FreshAt", "FreshEvery"}
	freshAtUnits   = []string{"Day", "Week", "Month"}
	freshEachUnits = []string{"Minutes", "Hours", "Days", "Weeks"}
	otherFreshness = map[string]string{"daily": "Day", "weekly": "Week", "monthly": "Month"}
)

// oneOf returns the value as it is spelled in a list, "" when it is not in it.
func oneOf(values []string, value string) string {
	known, _ := spelled(values, cmp.Or(otherFreshness[strings.ToLower(value)], value))
	return known
}

// changeFreshness reads a dataFreshnessPolicy. An option without the element that belongs to it changes nothing.
func (a *asset) changeFreshness(policy *element) error {
	if policy == nil || policy.attr("option") == "" {
		return nil
	}
	f := &freshness{Option: oneOf(freshOptions, policy.attr("option"))}
	var err error
	switch f.Option {
	case "":
		return refuse(codeMalformed, "'%s' is no option of a dataFreshnessPolicy: it is one of %s.", policy.attr("option"), strings.Join(freshOptions, ", "))
	case "FreshAt":
		schedule := policy.child("freshAtSchedule")
		if schedule == nil {
			return nil
		}
		err = f.readAt(schedule)
	case "FreshEvery":
		schedule := policy.child("freshEverySchedule")
		if schedule == nil {
			return nil
		}
		err = f.readEvery(schedule)
	}
	if err != nil {
		return err
	}
	a.Freshness = f
	return nil
}

// readAt reads a freshAtSchedule: a time of the day on the quarter of an hour, every day or on some days. Without a time
// zone it is in that of the server, which is UTC.
func (f *freshness) readAt(schedule *element) error {
	f.Frequency = oneOf(freshAtUnits, schedule.attr("frequency"))
	if f.Frequency == "" {
		return refuse(codeMalformed, "The frequency of a freshAtSchedule is one of %s, not '%s'.", strings.Join(freshAtUnits, ", "), schedule.attr("frequency"))
	}
	at, err := time.Parse(time.TimeOnly, schedule.attr("time"))
	if err != nil || at.Minute()%15 != 0 || at.Second() != 0 {
		return refuse(codeMalformed, "The time of a freshAtSchedule is HH:MM:00 with a quarter of an hour, not '%s'.", schedule.attr("time"))
	}
	f.Time = at.Format(time.TimeOnly)
	f.Timezone = "UTC"
	for _, spelling := range []string{"timezone", "timeZone"} {
		if zone := schedule.attr(spelling); zone != "" {
			f.Timezone = zone
		}
	}
	if f.Frequency == "Day" { // what intervals say does not matter then
		return nil
	}
	for e := range schedule.child("intervals").each("interval") {
		on := freshInterval{WeekDay: oneOf(weekDays, e.attr("weekDay"))}
		if f.Frequency == "Month" {
			on = freshInterval{MonthDay: readMonthDay(e.attr("monthDay"))}
		}
		if on == (freshInterval{}) {
			return refuse(codeMalformed, "An interval of a freshAtSchedule by %s has no day of it.", strings.ToLower(f.Frequency))
		}
		f.Intervals = append(f.Intervals, on)
	}
	if len(f.Intervals) == 0 {
		return refuse(codeMalformed, "A freshAtSchedule by %s has no intervals.", strings.ToLower(f.Frequency))
	}
	return nil
}

// readMonthDay reads a day of the month or LastDay, "" for anything else.
func readMonthDay(s string) string {
	if day, err := strconv.Atoi(s); err == nil && 1 <= day && day <= 31 {
		return strconv.Itoa(day)
	}
	return oneOf([]string{lastDay}, s)
}

// readEvery reads a freshEverySchedule.
func (f *freshness) readEvery(schedule *element) (err error) {
	f.Frequency = oneOf(freshEachUnits, schedule.attr("frequency"))
	if f.Frequency == "" {
		return refuse(codeMalformed, "The frequency of a freshEverySchedule is one of %s, not '%s'.", strings.Join(freshEachUnits, ", "), schedule.attr("frequency"))
	}
	if f.Value, err = strconv.Atoi(schedule.attr("value")); err != nil || f.Value < 1 {
		return refuse(codeMalformed, "The value of a freshEverySchedule is a whole number of at least 1, not '%s'.", schedule.attr("value"))
	}
	return nil
}

func (f *freshness) render() *element {
	e := node("dataFreshnessPolicy").with("option", f.Option)
	switch f.Option {
	case "FreshAt":
		schedule := node("freshAtSchedule").with("time", f.Time).with("frequency", f.Frequency).with("timezone", f.Timezone)
		if len(f.Intervals) > 0 {
			intervals := node("intervals")
			for _, on := range f.Intervals {
				intervals.add(node("interval").withOptional("weekDay", on.WeekDay).withOptional("monthDay", on.MonthDay))
			}
			schedule.add(intervals)
		}
		e.add(schedule)
	case "FreshEvery":
		e.add(node("freshEverySchedule").with("frequency", f.Frequency).with("value", strconv.Itoa(f.Value)))
	}
	return e
}
