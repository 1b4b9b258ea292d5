package rest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A DataFreshness is the data freshness policy of a workbook: how old the data it shows may be ("Update Workbook", API 3.22).
type DataFreshness struct {
	Option FreshnessOption `api:"@option"`
	At     *FreshAt        `api:"freshAtSchedule"`    // with FreshnessAt, nil else
	Every  *FreshEvery     `api:"freshEverySchedule"` // with FreshnessEvery, nil else
}

// A FreshAt is the times at which a workbook gets new data.
type FreshAt struct {
	Frequency FreshnessUnit `api:"@frequency"`          // FreshnessDay, FreshnessWeek or FreshnessMonth
	Time      string        `api:"@time"`               // on a quarter of an hour, such as 08:15:00
	Timezone  string        `api:"@timezone|@timeZone"` // such as America/Los_Angeles, "" for that of the server
	WeekDays  []CalendarDay `api:"intervals/interval/@weekDay"`
	MonthDays []CalendarDay `api:"intervals/interval/@monthDay"` // 1 to 31, and LastDay
}

// A FreshEvery is the time after which a workbook gets new data.
type FreshEvery struct {
	Frequency FreshnessUnit `api:"@frequency"` // FreshnessMinutes, FreshnessHours, FreshnessDays or FreshnessWeeks
	Value     int           `api:"@value"`     // at least 1
}

// A FreshnessOption is a kind of data freshness policy.
type FreshnessOption string

// The kinds of data freshness policies.
const (
	FreshnessSiteDefault FreshnessOption = "SiteDefault" // every 12 hours
	FreshnessAlwaysLive  FreshnessOption = "AlwaysLive"
	FreshnessAt          FreshnessOption = "FreshAt"
	FreshnessEvery       FreshnessOption = "FreshEvery"
)

// A FreshnessUnit is what the times of a data freshness policy are counted in.
type FreshnessUnit string

// The units of data freshness policies: the first three are those of a [FreshAt], the others those of a [FreshEvery].
const (
	FreshnessDay     FreshnessUnit = "Day"
	FreshnessWeek    FreshnessUnit = "Week"
	FreshnessMonth   FreshnessUnit = "Month"
	FreshnessMinutes FreshnessUnit = "Minutes"
	FreshnessHours   FreshnessUnit = "Hours"
	FreshnessDays    FreshnessUnit = "Days"
	FreshnessWeeks   FreshnessUnit = "Weeks"
)

// A CalendarDay is a day of the week such as Monday, or of the month.
type CalendarDay string

var (
	freshnessOptions = []FreshnessOption{FreshnessSiteDefault, FreshnessAlwaysLive, FreshnessAt, FreshnessEvery}
	freshnessUnits   = []FreshnessUnit{
		FreshnessDay, FreshnessWeek, FreshnessMonth, FreshnessMinutes, FreshnessHours, FreshnessDays, FreshnessWeeks,
	}
	freshnessDays = []CalendarDay{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "LastDay"}
	// otherUnits are those that the reference prints in places.
	otherUnits = map[string]FreshnessUnit{"daily": FreshnessDay, "weekly": FreshnessWeek, "monthly": FreshnessMonth}
)

func (o FreshnessOption) spelling() string { return inAnyCase(freshnessOptions, o) }

func (u FreshnessUnit) spelling() string {
	if other, ok := otherUnits[strings.ToLower(string(u))]; ok {
		return string(other)
	}
	return inAnyCase(freshnessUnits, u)
}

func (d CalendarDay) spelling() string { return inAnyCase(freshnessDays, d) }

// inAnyCase is the value as it stands in a list of values, or as it is.
func inAnyCase[T ~string](known []T, value T) string {
	for _, k := range known {
		if strings.EqualFold(string(k), string(value)) {
			return string(k)
		}
	}
	return string(value)
}

func (f DataFreshness) check() error {
	var errs []error
	if !slices.Contains(freshnessOptions, f.Option) {
		errs = append(errs, fmt.Errorf("there is no data freshness option %q; there is %v", f.Option, freshnessOptions))
	}
	if (f.Option == FreshnessAt) != (f.At != nil) {
		errs = append(errs, fmt.Errorf("the data freshness option %s and the field At go together", FreshnessAt))
	}
	if (f.Option == FreshnessEvery) != (f.Every != nil) {
		errs = append(errs, fmt.Errorf("the data freshness option %s and the field Every go together", FreshnessEvery))
	}
	if f.At != nil {
		errs = append(errs, f.At.check())
	}
	if f.Every != nil {
		errs = append(errs, f.Every.check())
	}
	return errors.Join(errs...)
}

func (f FreshAt) check() error {
	var errs []error
	at, err := time.Parse(time.TimeOnly, f.Time)
	if err != nil || at.Minute()%15 != 0 || at.Second() != 0 {
		errs = append(errs, fmt.Errorf("the time %q is not on a quarter of an hour, such as 08:15:00", f.Time))
	}
	week, month := len(f.WeekDays) > 0, len(f.MonthDays) > 0
	switch f.Frequency {
	case FreshnessDay, FreshnessWeek, FreshnessMonth:
		if week != (f.Frequency == FreshnessWeek) || month != (f.Frequency == FreshnessMonth) {
			errs = append(errs, errors.New("the days of the week go with the frequency Week, those of the month with Month, and none with Day"))
		}
	default:
		errs = append(errs, fmt.Errorf("there is no frequency %q; there is %v", f.Frequency, freshnessUnits[:3]))
	}
	for _, day := range f.WeekDays {
		if !slices.Contains(freshnessDays[:7], day) {
			errs = append(errs, fmt.Errorf("%q is no day of the week; there is %v", day, freshnessDays[:7]))
		}
	}
	for _, day := range f.MonthDays {
		if n, err := strconv.Atoi(string(day)); (err != nil || n < 1 || n > 31) && day != "LastDay" {
			errs = append(errs, fmt.Errorf("%q is no day of the month: 1 to 31, or LastDay", day))
		}
	}
	return errors.Join(errs...)
}

func (f FreshEvery) check() error {
	if !slices.Contains(freshnessUnits[3:], f.Frequency) {
		return fmt.Errorf("there is no frequency %q; there is %v", f.Frequency, freshnessUnits[3:])
	}
	if f.Value < 1 {
		return fmt.Errorf("every %d %s is not at least every 1", f.Value, f.Frequency)
	}
	return nil
}
