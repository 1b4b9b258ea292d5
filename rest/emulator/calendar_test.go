package emulator

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// schedules are written as requests have them, the runs after Monday 2026-03-02 10:00 as the server finds them.
func TestCalendar(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, schedule, want string }{
		{
			"every two hours", `frequency="Hourly"><frequencyDetails start="02:30:00" end="23:00:00"><intervals><interval hours="2"/></intervals></frequencyDetails>`,
			"03-02 10:30, 03-02 12:30, 03-02 14:30, 03-02 16:30, 03-02 18:30, 03-02 20:30, 03-02 22:30, 03-03 02:30",
		},
		{
			"every quarter of an hour", `frequency="Hourly"><frequencyDetails start="09:00:00" end="11:00:00"><intervals><interval minutes="15"/></intervals></frequencyDetails>`,
			"03-02 10:15, 03-02 10:30, 03-02 10:45, 03-02 11:00, 03-03 09:00",
		},
		{
			"past midnight, on one day", `frequency="Hourly"><frequencyDetails start="22:00:00" end="02:00:00"><intervals><interval hours="2"/><interval weekDay="Friday"/></intervals></frequencyDetails>`,
			"03-06 22:00, 03-07 00:00, 03-07 02:00, 03-13 22:00",
		},
		{
			"round the clock", `frequency="Hourly"><frequencyDetails start="00:00:00" end="00:00:00"><intervals><interval hours="12"/></intervals></frequencyDetails>`,
			"03-02 12:00, 03-03 00:00, 03-03 12:00",
		},
		{
			"hourly without an end", `frequency="Hourly"><frequencyDetails start="08:00:00"><intervals><interval hours="8"/></intervals></frequencyDetails>`,
			"03-02 16:00, 03-03 08:00, 03-03 16:00",
		},
		{"daily", `frequency="Daily"><frequencyDetails start="10:00:00"/>`, "03-03 10:00, 03-04 10:00"},
		{"daily with no intervals", `frequency="daily"><frequencyDetails start="10:00:01"><intervals/></frequencyDetails>`, "03-02 10:00, 03-03 10:00"},
		{
			"daily on one day, as on Cloud", `frequency="Daily"><frequencyDetails start="18:20:00" end="18:20:00"><intervals><interval hours="24"/><interval weekDay="Tuesday"/></intervals></frequencyDetails>`,
			"03-03 18:20, 03-10 18:20",
		},
		{
			"weekly", `frequency="Weekly"><frequencyDetails start="02:30:00"><intervals><interval weekDay="Friday"/><interval weekDay="monday"/></intervals></frequencyDetails>`,
			"03-06 02:30, 03-09 02:30, 03-13 02:30",
		},
		{
			"the 31st", `frequency="Monthly"><frequencyDetails start="23:30:00"><intervals><interval monthDay="31"/></intervals></frequencyDetails>`,
			"03-31 23:30, 05-31 23:30, 07-31 23:30",
		},
		{
			"two days and the last", `frequency="Monthly"><frequencyDetails start="00:00:00"><intervals><interval monthDay="1"/><interval monthDay="15"/><interval monthDay="LastDay"/></intervals></frequencyDetails>`,
			"03-15 00:00, 03-31 00:00, 04-01 00:00, 04-15 00:00, 04-30 00:00",
		},
		{
			"the first Monday", `frequency="Monthly"><frequencyDetails start="08:00:00"><intervals><interval weekDay="Monday" monthDay="First"/></intervals></frequencyDetails>`,
			"04-06 08:00, 05-04 08:00",
		},
		{
			"the last Friday", `frequency="Monthly"><frequencyDetails start="08:00:00"><intervals><interval weekDay="Friday" monthDay="Last"/></intervals></frequencyDetails>`,
			"03-27 08:00, 04-24 08:00, 05-29 08:00",
		},
		{
			"a fifth Sunday", `frequency="Monthly"><frequencyDetails start="08:00:00"><intervals><interval weekDay="Sunday" monthDay="Fifth"/></intervals></frequencyDetails>`,
			"03-29 08:00, 05-31 08:00",
		},
	} {
		c, err := readCadence(scheduleOf(t, tc.schedule))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		want := strings.Split(tc.want, ", ")
		var got []string
		var runs []time.Time
		at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
		for range want {
			at = c.next(at)
			got, runs = append(got, at.Format("01-02 15:04")), append(runs, at)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %v\nwant %v", tc.name, got, want)
		}
		last := runs[len(runs)-1]
		for i := range runs {
			if first := c.latest(runs[0], last, len(runs)-i); !first.Equal(runs[i]) {
				t.Errorf("%s: the last %d runs begin at %v, want %v", tc.name, len(runs)-i, first, runs[i])
			}
		}
		if first := c.latest(runs[0], last.Add(time.Second), len(runs)+1); !first.Equal(runs[0]) {
			t.Errorf("%s: of fewer runs the first is %v, want %v", tc.name, first, runs[0])
		}
	}
}

func scheduleOf(t *testing.T, schedule string) *element {
	t.Helper()
	e, err := parseXML([]byte("<schedule " + schedule + "</schedule>"))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestCalendarRefuses(t *testing.T) {
	t.Parallel()
	for schedule, want := range map[string]string{
		`frequency="Yearly"><frequencyDetails start="00:00:00"/>`: "'Yearly' is none of Hourly",
		`frequency="Daily">`: "the start '' is not a time",
		`frequency="Daily"><frequencyDetails start="2:30"/>`:                                                                                                        "'2:30' is not a time",
		`frequency="Daily"><frequencyDetails start="02:30:00.5"/>`:                                                                                                  "is not a time",
		`frequency="Daily"><frequencyDetails start="24:00:00"/>`:                                                                                                    "is not a time",
		`frequency="Daily"><frequencyDetails start="02:30:00" end="x"/>`:                                                                                            "the end 'x'",
		`frequency="Daily"><frequencyDetails start="02:30:00"><intervals><interval/></intervals></frequencyDetails>`:                                                "none of hours",
		`frequency="Daily"><frequencyDetails start="02:30:00"><intervals><interval monthDay="1"/></intervals></frequencyDetails>`:                                   "Daily schedule",
		`frequency="Hourly"><frequencyDetails start="02:30:00" end="23:00:00"/>`:                                                                                    "Hourly schedule has one",
		`frequency="Hourly"><frequencyDetails start="02:30:00" end="23:00:00"><intervals><interval hours="3"/></intervals></frequencyDetails>`:                      "hours='3'",
		`frequency="Hourly"><frequencyDetails start="02:30:00" end="23:00:00"><intervals><interval minutes="20"/></intervals></frequencyDetails>`:                   "minutes='20'",
		`frequency="Hourly"><frequencyDetails start="02:30:00" end="23:00:00"><intervals><interval minutes="15"/></intervals></frequencyDetails>`:                   "on the hour",
		`frequency="Hourly"><frequencyDetails start="02:00:00" end="23:00:00"><intervals><interval minutes="15" hours="1"/></intervals></frequencyDetails>`:         "both hours and minutes",
		`frequency="Hourly"><frequencyDetails start="02:00:00" end="23:00:00"><intervals><interval hours="2"/><interval hours="4"/></intervals></frequencyDetails>`: "Hourly schedule has one",
		`frequency="Weekly"><frequencyDetails start="02:30:00"><intervals/></frequencyDetails>`:                                                                     "Weekly schedule",
		`frequency="Weekly"><frequencyDetails start="02:30:00"><intervals><interval weekDay="Mon"/></intervals></frequencyDetails>`:                                 "'Mon' is none of Sunday",
		`frequency="Weekly"><frequencyDetails start="02:30:00"><intervals><interval hours="2"/></intervals></frequencyDetails>`:                                     "Weekly schedule",
		`frequency="Monthly"><frequencyDetails start="02:30:00"><intervals><interval monthDay="32"/></intervals></frequencyDetails>`:                                "'32' is no day",
		`frequency="Monthly"><frequencyDetails start="02:30:00"><intervals><interval monthDay="0"/></intervals></frequencyDetails>`:                                 "'0' is no day",
		`frequency="Monthly"><frequencyDetails start="02:30:00"><intervals><interval monthDay="First"/></intervals></frequencyDetails>`:                             "'First' is no day",
		`frequency="Monthly"><frequencyDetails start="02:30:00"><intervals><interval monthDay="3" weekDay="Monday"/></intervals></frequencyDetails>`:                "'3' is no day",
		`frequency="Monthly"><frequencyDetails start="02:30:00"><intervals><interval weekDay="Monday"/></intervals></frequencyDetails>`:                             "Monthly schedule",
		`frequency="Monthly"><frequencyDetails start="02:30:00"><intervals>` + strings.Repeat(`<interval monthDay="1"/>`, 32) + `</intervals></frequencyDetails>`:   "more than 31",
	} {
		if _, err := readCadence(scheduleOf(t, schedule)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", schedule, err, want)
		}
	}
}
