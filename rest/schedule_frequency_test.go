package rest

import (
	"strings"
	"testing"
	"time"
)

func TestFrequencyCheck(t *testing.T) {
	t.Parallel()
	const mon, tue = time.Monday, time.Tuesday
	for _, test := range []struct {
		f     Frequency
		want  string // part of the error; "" for none
		cloud string // what Tableau Cloud adds
	}{
		{EveryHours(1, "08:30", "18:45"), "", "days of the week"},
		{EveryHours(12, "22:00", "06:00").On(mon, tue), "", "on the same day"},
		{EveryHours(2, "08:30", "18:30:00").On(mon), "", ""},
		{EveryHours(2, "08:30", "18:45").On(mon), "", "full hours after"},
		{EveryHours(2, "08:32", "18:32").On(mon), "", "five minutes"},
		{EveryHours(3, "08:00", "18:00"), "every 3 hours is none of [1 2 4 6 8 12 24]", ""},
		{EveryHours(0, "08:00", "18:00"), "an interval is one of hours", ""},
		{EveryHours(2, "08:00", ""), "takes an end", ""},
		{EveryHours(2, "8:00", "18:00"), `the start "8:00" is not a time`, ""},
		{EveryHours(2, "08:00", "24:00"), `the end "24:00:00" is not a time`, ""},
		{EveryHours(2, "", "18:00"), `the start "" is not a time`, ""},
		{EveryMinutes(15, "08:00", "18:00").On(mon), "", ""},
		{EveryMinutes(30, "08:30", "18:00"), "every 30 minutes starts and ends on the hour", ""},
		{EveryMinutes(15, "08:00", "18:15"), "on the hour", ""},
		{EveryMinutes(60, "08:30", "18:30").On(tue), "", ""},
		{EveryMinutes(20, "08:00", "18:00"), "every 20 minutes is none of [15 30 60]", ""},
		{Daily("05:00:30").On(mon), "", "five minutes"},
		{Daily("05:00").On(mon), "", ""},
		{Daily("05:00"), "", "days of the week"},
		{Frequency{Kind: "Daily", Start: "05:00:00", End: "21:00:00", Intervals: []Interval{{Hours: 4}, {WeekDay: "Monday"}}}, "", ""},
		{Frequency{Kind: "Daily", Start: "05:00:00", Intervals: []Interval{{Hours: 4}, {Hours: 6}}}, "at most one step", ""},
		{Frequency{Kind: "Daily", Start: "05:00:00", End: "21:00:00"}, "has no end", ""},
		{Frequency{Kind: "Daily", Start: "05:00:00", Intervals: []Interval{{MonthDay: "1"}}}, "may be kept to days of the week", ""},
		{Frequency{Kind: "Hourly", Start: "05:00:00", End: "06:00:00", Intervals: []Interval{{Hours: 1, Minutes: 15}}}, "an interval is one of", ""},
		{Weekly("19:15", mon, tue), "", ""},
		{Weekly("19:15"), "takes days of the week", ""},
		{Weekly("19:15", mon, mon), "the Monday is given twice", ""},
		{Weekly("19:15", 9), `is not a day of the week`, ""},
		{Frequency{Kind: "Weekly", Start: "05:00:00", Intervals: []Interval{{WeekDay: "Monday"}, {Hours: 2}}}, "and nothing else", ""},
		{Monthly("23:30", 1, 31, LastDay), "", ""},
		{Monthly("23:30", 0), `"0" is not a day of the month`, ""},
		{Monthly("23:30", 32), `"32" is not a day of the month`, ""},
		{Monthly("23:30"), "takes days of the month", ""},
		{Monthly("23:30", 1).On(mon), "takes days of the month and nothing else", ""},
		{MonthlyOn("23:30", "Last", mon), "", ""},
		{MonthlyOn("23:30", "Sixth", mon), `"Sixth" Monday is none of First, Second`, ""},
		{Frequency{Kind: "Yearly", Start: "05:00:00"}, `"Yearly" is none of`, ""},
		{Frequency{}, `"" is none of`, ""},
	} {
		if err := test.f.check(); (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %q", test.f, err, test.want)
		}
		want := test.want + test.cloud
		if err := test.f.CheckCloud(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v on Tableau Cloud: %v, want %q", test.f, err, want)
		}
	}
}

// Keeping a frequency to some days leaves the one it was made of as it is.
func TestFrequencyOn(t *testing.T) {
	t.Parallel()
	all := EveryHours(2, "08:00", "18:00")
	all.Intervals = append(make([]Interval, 0, 4), all.Intervals...)
	monday, tuesday := all.On(time.Monday), all.On(time.Tuesday)
	if len(all.Intervals) != 1 || monday.Intervals[1].WeekDay != "Monday" || tuesday.Intervals[1].WeekDay != "Tuesday" {
		t.Errorf("%v, %v, %v", all, monday, tuesday)
	}
}
