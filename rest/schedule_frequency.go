package rest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Frequency is when something runs again and again, made by [EveryHours], [EveryMinutes], [Daily], [Weekly], [Monthly] or
// [MonthlyOn]. What the server would refuse is refused before anything is sent, by the call that is given the frequency.
//
// Times of the day go by the server's clock. They are read as HH:MM:SS, and may be given as HH:MM.
type Frequency struct {
	Kind      string     `api:"@frequency"`              // Hourly, Daily, Weekly or Monthly
	Start     string     `api:"frequencyDetails/@start"` // the first run of a day
	End       string     `api:"frequencyDetails/@end"`   // when no more runs of a day begin; if it is not after Start, on the next day
	Intervals []Interval `api:"frequencyDetails/intervals/interval"`
}

// An Interval is one element of a [Frequency]: a step of hours or minutes, a day of the week, a day of the month, or, with
// both WeekDay and MonthDay, such as the first Monday of a month.
type Interval struct {
	Hours    int    `api:"@hours"`   // 1, 2, 4, 6, 8, 12 or 24
	Minutes  int    `api:"@minutes"` // 15, 30 or 60
	WeekDay  string `api:"@weekDay"` // such as Monday
	MonthDay string `api:"@monthDay"`
}

// The kinds of frequency.
const (
	hourly  = "Hourly"
	daily   = "Daily"
	weekly  = "Weekly"
	monthly = "Monthly"
)

// LastDay is the last day of a month, for [Monthly].
const LastDay = -1

const lastDayName = "LastDay"

// EveryHours runs every 1, 2, 4, 6, 8 or 12 hours between two times of each day, and with [Frequency.On] of some days.
func EveryHours(hours int, start, end string) Frequency {
	return Frequency{hourly, timeOfDay(start), timeOfDay(end), []Interval{{Hours: hours}}}
}

// EveryMinutes runs every 15 or 30 minutes between two times of each day, which have to be full hours.
func EveryMinutes(minutes int, start, end string) Frequency {
	return Frequency{hourly, timeOfDay(start), timeOfDay(end), []Interval{{Minutes: minutes}}}
}

// Daily runs once a day.
func Daily(start string) Frequency { return Frequency{Kind: daily, Start: timeOfDay(start)} }

// Weekly runs once on each of some days of the week.
func Weekly(start string, days ...time.Weekday) Frequency {
	return Frequency{Kind: weekly, Start: timeOfDay(start)}.On(days...)
}

// Monthly runs once on each of some days of the month, 1 to 31 or [LastDay].
func Monthly(start string, days ...int) Frequency {
	f := Frequency{Kind: monthly, Start: timeOfDay(start)}
	for _, day := range days {
		name := strconv.Itoa(day)
		if day == LastDay {
			name = lastDayName
		}
		f.Intervals = append(f.Intervals, Interval{MonthDay: name})
	}
	return f
}

// MonthlyOn runs on one weekday of each month: the First, Second, Third, Fourth, Fifth or Last.
func MonthlyOn(start, which string, day time.Weekday) Frequency {
	return Frequency{Kind: monthly, Start: timeOfDay(start), Intervals: []Interval{{WeekDay: day.String(), MonthDay: which}}}
}

// On keeps an hourly or daily frequency to some days of the week, which Tableau Cloud asks for.
func (f Frequency) On(days ...time.Weekday) Frequency {
	f.Intervals = slices.Clone(f.Intervals)
	for _, day := range days {
		f.Intervals = append(f.Intervals, Interval{WeekDay: day.String()})
	}
	return f
}

// timeOfDay completes a time without seconds.
func timeOfDay(s string) string {
	if len(s) == len("15:04") {
		s += ":00"
	}
	return s
}

func (f Frequency) isZero() bool {
	return f.Kind == "" && f.Start == "" && f.End == "" && len(f.Intervals) == 0
}

// check says what the server would refuse, after the table of intervals in "Create Server Schedule".
func (f Frequency) check() error {
	_, err := clock("start", f.Start)
	errs := []error{err}
	if f.End != "" {
		_, err := clock("end", f.End)
		errs = append(errs, err)
	}
	for i, in := range f.Intervals {
		errs = append(errs, in.check())
		if slices.Contains(f.Intervals[:i], in) {
			errs = append(errs, fmt.Errorf("the %s is given twice", in))
		}
	}
	if err := errors.Join(append(errs, f.checkIntervals())...); err != nil {
		return fmt.Errorf("frequency: %w", err)
	}
	return nil
}

// checkIntervals says which of the intervals are not for the kind of frequency.
func (f Frequency) checkIntervals() error {
	var steps, weekDays, monthDays int
	var step time.Duration
	for _, in := range f.Intervals {
		switch {
		case in.MonthDay != "":
			monthDays++
		case in.WeekDay != "":
			weekDays++
		default:
			steps++
			step = time.Duration(in.Hours)*time.Hour + time.Duration(in.Minutes)*time.Minute
		}
	}
	start, _ := clock("start", f.Start)
	end, _ := clock("end", f.End)
	switch f.Kind {
	case hourly:
		switch {
		case steps != 1 || monthDays > 0:
			return errors.New("an Hourly one takes one step of hours or minutes, and may be kept to days of the week")
		case f.End == "":
			return errors.New("an Hourly one takes an end")
		case step < time.Hour && (start%time.Hour != 0 || end%time.Hour != 0):
			return fmt.Errorf("what runs every %d minutes starts and ends on the hour", int(step.Minutes()))
		}
	case daily:
		if steps > 1 || monthDays > 0 {
			return errors.New("a Daily one takes at most one step of hours, and may be kept to days of the week")
		}
	case weekly:
		if weekDays == 0 || steps > 0 || monthDays > 0 {
			return errors.New("a Weekly one takes days of the week, one to seven, and nothing else")
		}
	case monthly:
		if monthDays == 0 || steps > 0 || weekDays > 0 {
			return errors.New("a Monthly one takes days of the month and nothing else")
		}
	default:
		return fmt.Errorf("%q is none of Hourly, Daily, Weekly, Monthly", f.Kind)
	}
	if f.End != "" && steps == 0 {
		return fmt.Errorf("a %s one without a step of hours has no end", f.Kind)
	}
	return nil
}

// CheckCloud says what Tableau Cloud would refuse of the times of a task or a subscription, as the calls that are given them do.
func (f Frequency) CheckCloud() error {
	if err := f.check(); err != nil {
		return err
	}
	onDays := slices.ContainsFunc(f.Intervals, func(in Interval) bool { return in.WeekDay != "" })
	start, _ := clock("start", f.Start)
	end, _ := clock("end", f.End)
	switch {
	case (f.Kind == hourly || f.Kind == daily) && !onDays:
		return fmt.Errorf("frequency: on Tableau Cloud one that is %s takes days of the week: see On", f.Kind)
	case start%(5*time.Minute) != 0 || end%(5*time.Minute) != 0:
		return errors.New("frequency: on Tableau Cloud start and end are multiples of five minutes")
	case f.Kind == hourly && (end <= start || (end-start)%time.Hour != 0):
		return errors.New("frequency: on Tableau Cloud the end of Hourly is full hours after the start, on the same day")
	}
	return nil
}

// clock reads a time of the day.
func clock(what, s string) (time.Duration, error) {
	t, err := time.Parse(time.TimeOnly, s)
	if err != nil || len(s) != len(time.TimeOnly) {
		return 0, fmt.Errorf("the %s %q is not a time of the day as HH:MM:SS", what, s)
	}
	return t.Sub(t.Truncate(24 * time.Hour)), nil
}

var (
	hourSteps   = []int{1, 2, 4, 6, 8, 12, 24}
	minuteSteps = []int{15, 30, 60}
	monthWeeks  = []string{"First", "Second", "Third", "Fourth", "Fifth", "Last"}
)

func (in Interval) check() error {
	named := 0
	for _, has := range []bool{in.Hours != 0, in.Minutes != 0, in.WeekDay != "" || in.MonthDay != ""} {
		if has {
			named++
		}
	}
	day, err := strconv.Atoi(in.MonthDay)
	switch {
	case named != 1:
		return errors.New("an interval is one of hours, minutes, a day of the week and a day of the month")
	case in.Hours != 0 && !slices.Contains(hourSteps, in.Hours):
		return fmt.Errorf("every %d hours is none of %v", in.Hours, hourSteps)
	case in.Minutes != 0 && !slices.Contains(minuteSteps, in.Minutes):
		return fmt.Errorf("every %d minutes is none of %v", in.Minutes, minuteSteps)
	case in.WeekDay != "" && !isWeekDay(in.WeekDay):
		return fmt.Errorf("%q is not a day of the week", in.WeekDay)
	case in.WeekDay != "" && in.MonthDay != "" && !slices.Contains(monthWeeks, in.MonthDay):
		return fmt.Errorf("%q %s is none of %s", in.MonthDay, in.WeekDay, strings.Join(monthWeeks, ", "))
	case in.WeekDay == "" && in.MonthDay != "" && in.MonthDay != lastDayName && (err != nil || day < 1 || day > 31):
		return fmt.Errorf("%q is not a day of the month, 1 to 31 or LastDay", in.MonthDay)
	}
	return nil
}

func isWeekDay(name string) bool {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if day.String() == name {
			return true
		}
	}
	return false
}

// String says what the interval is, such as "2 hours" or "First Monday".
func (in Interval) String() string {
	switch {
	case in.Hours != 0:
		return fmt.Sprintf("%d hours", in.Hours)
	case in.Minutes != 0:
		return fmt.Sprintf("%d minutes", in.Minutes)
	case in.WeekDay == "":
		return "day " + in.MonthDay
	}
	return strings.TrimSpace(in.MonthDay + " " + in.WeekDay)
}
