package emulator

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cadence is when something is due, again and again: the frequency and frequencyDetails of a schedule. All times are UTC.
type cadence struct {
	Frequency string        // Hourly, Daily, Weekly or Monthly
	Start     time.Duration // of the first run of a day, since midnight
	End       time.Duration // of the last one, on the next day when it is not after the start; negative for none
	Intervals []interval    // as given
}

// interval is one interval element. Of a month it may be a day, or a weekday such as the First Monday.
type interval struct {
	Hours, Minutes    int
	WeekDay, MonthDay string
}

const (
	hourly  = "Hourly"
	daily   = "Daily"
	weekly  = "Weekly"
	monthly = "Monthly"

	lastDay     = "LastDay"
	lastWeekDay = "Last"

	dayLength = 24 * time.Hour
)

var (
	frequencies = []string{hourly, daily, weekly, monthly}
	weekDays    = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"} // as time.Weekday
	ordinals    = []string{"First", "Second", "Third", "Fourth", "Fifth"}
)

// maxIntervals is how many intervals a cadence may have: a month's days.
const maxIntervals = 31

// readCadence reads the frequency and frequencyDetails of a schedule.
func readCadence(e *element) (cadence, error) {
	frequency, known := spelled(frequencies, e.attr("frequency"))
	if !known {
		return cadence{}, fmt.Errorf("the frequency '%s' is none of %s", e.attr("frequency"), strings.Join(frequencies, ", "))
	}
	details := e.child("frequencyDetails")
	c := cadence{Frequency: frequency, End: -1}
	var err error
	if c.Start, err = readTimeOfDay("start", details.attr("start")); err != nil {
		return cadence{}, err
	}
	if end := details.attr("end"); end != "" {
		if c.End, err = readTimeOfDay("end", end); err != nil {
			return cadence{}, err
		}
	}
	for in := range details.child("intervals").each("interval") {
		i, err := readInterval(in)
		if err != nil {
			return cadence{}, err
		}
		c.Intervals = append(c.Intervals, i)
	}
	return c, c.check()
}

// spelled returns a word as the list spells it, whatever case it has.
func spelled(list []string, word string) (string, bool) {
	i := slices.IndexFunc(list, func(known string) bool { return strings.EqualFold(known, word) })
	if i < 0 {
		return "", false
	}
	return list[i], true
}

func readTimeOfDay(name, s string) (time.Duration, error) {
	t, err := time.Parse(time.TimeOnly, s)
	if err != nil || len(s) != len(time.TimeOnly) {
		return 0, fmt.Errorf("the %s '%s' is not a time as HH:MM:SS", name, s)
	}
	return t.Sub(t.Truncate(dayLength)), nil
}

func readInterval(e *element) (interval, error) {
	var i interval
	for _, n := range []struct {
		name    string
		to      *int
		allowed []int
	}{
		{"hours", &i.Hours, []int{1, 2, 4, 6, 8, 12, 24}},
		{"minutes", &i.Minutes, []int{15, 30, 60}},
	} {
		s := e.attr(n.name)
		if s == "" {
			continue
		}
		var err error
		if *n.to, err = strconv.Atoi(s); err != nil || !slices.Contains(n.allowed, *n.to) {
			return interval{}, fmt.Errorf("the interval of %s='%s' is none of %v", n.name, s, n.allowed)
		}
	}
	var known bool
	if s := e.attr("weekDay"); s != "" {
		if i.WeekDay, known = spelled(weekDays, s); !known {
			return interval{}, fmt.Errorf("the weekDay '%s' is none of %s", s, strings.Join(weekDays, ", "))
		}
	}
	if s := e.attr("monthDay"); s != "" {
		number, err := strconv.Atoi(s)
		i.MonthDay, known = spelled(slices.Concat(ordinals, []string{lastWeekDay, lastDay}), s)
		switch {
		case err == nil && 1 <= number && number <= 31 && i.WeekDay == "":
			i.MonthDay = strconv.Itoa(number)
		case !known || (i.MonthDay != lastDay) != (i.WeekDay != ""):
			return interval{}, fmt.Errorf("the monthDay '%s' is no day from 1 to 31, LastDay, or First to Fifth or Last with a weekDay", s)
		}
	}
	switch {
	case i == (interval{}):
		return interval{}, errors.New("an interval has none of hours, minutes, weekDay and monthDay")
	case i.Hours != 0 && i.Minutes != 0:
		return interval{}, errors.New("an interval has both hours and minutes")
	}
	return i, nil
}

// check tells what of the intervals is not for the frequency, after the table of intervals in "Create Server Schedule".
func (c cadence) check() error {
	var steps, onWeekDays, onMonthDays int
	for _, i := range c.Intervals {
		switch {
		case i.MonthDay != "":
			onMonthDays++
		case i.WeekDay != "":
			onWeekDays++
		}
		if i.Hours != 0 || i.Minutes != 0 {
			steps++
		}
	}
	step, isStep := c.step()
	onTheHour := c.Start%time.Hour == 0 && (c.End < 0 || c.End%time.Hour == 0)
	switch {
	case len(c.Intervals) > maxIntervals:
		return fmt.Errorf("there are more than %d intervals", maxIntervals)
	case c.Frequency == hourly && (steps != 1 || onMonthDays > 0):
		return errors.New("an Hourly schedule has one interval of hours or minutes, and may have some of weekDay")
	case c.Frequency == daily && (steps > 1 || onMonthDays > 0):
		return errors.New("a Daily schedule has at most one interval of hours, and may have some of weekDay")
	case c.Frequency == weekly && (onWeekDays == 0 || steps > 0 || onMonthDays > 0):
		return errors.New("a Weekly schedule has intervals of weekDay alone, from 1 to 7")
	case c.Frequency == monthly && (onMonthDays == 0 || steps > 0 || onWeekDays > 0):
		return errors.New("a Monthly schedule has intervals of monthDay")
	case isStep && step < time.Hour && !onTheHour:
		return errors.New("a schedule that runs more often than every 60 minutes starts and ends on the hour")
	}
	return nil
}

// step is how far the runs of one day are apart, where there may be more than one.
func (c cadence) step() (time.Duration, bool) {
	for _, i := range c.Intervals {
		if step := time.Duration(i.Hours)*time.Hour + time.Duration(i.Minutes)*time.Minute; step != 0 {
			return step, true
		}
	}
	return 0, false
}

// next returns the first run after a time.
func (c cadence) next(after time.Time) time.Time {
	for midnight := after.UTC().Truncate(dayLength).Add(-dayLength); ; midnight = midnight.Add(dayLength) {
		for _, run := range c.runs(midnight) {
			if run.After(after) {
				return run
			}
		}
	}
}

// latest returns the first of the last n runs up to a time, but none before from.
func (c cadence) latest(from, until time.Time, n int) time.Time {
	first := from
	for midnight := until.UTC().Truncate(dayLength); n > 0 && midnight.After(from.Add(-2*dayLength)); midnight = midnight.Add(-dayLength) {
		for _, run := range slices.Backward(c.runs(midnight)) {
			if n > 0 && !run.After(until) && !run.Before(from) {
				first = run
				n--
			}
		}
	}
	return first
}

// runs are the runs that begin on the day with the midnight, in their order. The last ones may be on the next day, but
// not after the first ones of that.
func (c cadence) runs(midnight time.Time) []time.Time {
	if !c.isOn(midnight) {
		return nil
	}
	runs := []time.Time{midnight.Add(c.Start)}
	step, steps := c.step()
	if !steps {
		return runs
	}
	length := c.End - c.Start
	switch {
	case c.End < 0:
		length = dayLength - c.Start - 1
	case length <= 0:
		length += dayLength
	}
	for after := step; after <= length && after < dayLength; after += step {
		runs = append(runs, midnight.Add(c.Start+after))
	}
	return runs
}

// isOn tells whether runs begin on a day.
func (c cadence) isOn(midnight time.Time) bool {
	everyDay := c.Frequency == hourly || c.Frequency == daily
	for _, i := range c.Intervals {
		onDay := i.WeekDay == weekDays[midnight.Weekday()]
		switch {
		case i.MonthDay != "":
			if i.isOnMonthDay(midnight) {
				return true
			}
		case i.WeekDay != "" && onDay:
			return true
		case i.WeekDay != "":
			everyDay = false
		}
	}
	return everyDay
}

func (i interval) isOnMonthDay(midnight time.Time) bool {
	isLast := func(d time.Duration) bool { return midnight.Add(d).Month() != midnight.Month() }
	switch {
	case i.MonthDay == lastDay:
		return isLast(dayLength)
	case i.WeekDay == "":
		return i.MonthDay == strconv.Itoa(midnight.Day())
	case i.WeekDay != weekDays[midnight.Weekday()]:
		return false
	case i.MonthDay == lastWeekDay:
		return isLast(7 * dayLength)
	}
	return i.MonthDay == ordinals[(midnight.Day()-1)/7]
}

// render writes the frequencyDetails. A schedule that runs once a day has no intervals.
func (c cadence) render() *element {
	details := node("frequencyDetails").with("start", formatTimeOfDay(c.Start))
	if c.End >= 0 {
		details.with("end", formatTimeOfDay(c.End))
	}
	if len(c.Intervals) == 0 {
		return details
	}
	intervals := node("intervals")
	for _, i := range c.Intervals {
		e := node("interval")
		if i.Minutes != 0 {
			e.with("minutes", strconv.Itoa(i.Minutes))
		}
		if i.Hours != 0 {
			e.with("hours", strconv.Itoa(i.Hours))
		}
		intervals.add(e.withOptional("weekDay", i.WeekDay).withOptional("monthDay", i.MonthDay))
	}
	details.add(intervals)
	return details
}

func formatTimeOfDay(d time.Duration) string { return time.Time{}.Add(d).Format(time.TimeOnly) }
