package emulator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// onServer sends a request for what belongs to no site.
func (w *world) onServer(method, path, body string) *answer {
	w.t.Helper()
	return w.send(method + " /api/3.29/" + path + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n" + body)
}

// newSchedule makes a schedule, which is the name from then on.
func (w *world) newSchedule(name, schedule string) *answer {
	w.t.Helper()
	a := w.onServer("POST", "schedules", "<tsRequest><schedule "+schedule+"</schedule></tsRequest>").wantStatus(201)
	w.names[name] = lastOf(w.server.schedules).LUID
	a.body = w.shorten(string(a.raw))
	return a
}

const (
	everyTwoHours = `frequency="Hourly"><frequencyDetails start="02:30:00" end="23:00:00"><intervals><interval hours="2"/></intervals></frequencyDetails>`
	dailyAtNoon   = `frequency="Daily"><frequencyDetails start="12:00:00"/>`
)

func TestSchedules(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.names["NIGHTS"], w.names["MONDAYS"] = w.server.schedules.All()[0].LUID, w.server.schedules.All()[1].LUID
	w.newSchedule("TWO", `name="Two-hourly" priority="20" type="Extract" executionOrder="Serial" `+everyTwoHours)
	w.onServer("GET", "schedules", "").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="3"/><schedules>
<schedule id="#NIGHTS" name="Weeknights" state="Active" priority="50" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" type="Extract" frequency="Weekly" nextRunAt="2026-03-03T02:30:00Z"/>
<schedule id="#MONDAYS" name="Mondays" state="Active" priority="50" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" type="Subscription" frequency="Weekly" nextRunAt="2026-03-09T06:00:00Z"/>
<schedule id="#TWO" name="Two-hourly" state="Active" priority="20" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" type="Extract" frequency="Hourly" nextRunAt="2026-03-02T10:30:00Z"/>
</schedules>`)
	w.onServer("GET", "schedules?filter=name:eq:Mondays", "").wantIn(`totalAvailable="1"`, `name="Mondays"`)
	w.onServer("GET", "schedules/NIGHTS", "").wantIn(`nextRunAt="2026-03-03T02:30:00Z" executionOrder="Parallel"><frequencyDetails start="02:30:00">` +
		`<intervals><interval weekDay="Monday"/><interval weekDay="Tuesday"/><interval weekDay="Wednesday"/><interval weekDay="Thursday"/><interval weekDay="Friday"/></intervals></frequencyDetails>`)
	w.onServer("GET", "schedules/none", "").wantError(404023, "none")

	w.clock.advance(time.Second)
	changed := ` priority="20" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:01Z" type="Extract"`
	w.onServer("PUT", "schedules/TWO", `<tsRequest><schedule name="Daily now" type="Flow" `+dailyAtNoon+`</schedule></tsRequest>`).want(200,
		`<schedule id="#TWO" name="Daily now" state="Active"`+changed+` frequency="Daily" nextRunAt="2026-03-02T12:00:00Z" executionOrder="Serial"><frequencyDetails start="12:00:00"/></schedule>`)
	w.onServer("PUT", "schedules/TWO", `<tsRequest><schedule executionOrder="parallel"><frequencyDetails start="13:00:00"/></schedule></tsRequest>`).want(200,
		`<schedule id="#TWO" name="Daily now" state="Active"`+changed+` frequency="Daily" nextRunAt="2026-03-02T13:00:00Z" executionOrder="Parallel"><frequencyDetails start="13:00:00"/></schedule>`)
	w.onServer("PUT", "schedules/TWO", `<tsRequest/>`).wantError(400000, "no schedule")
	w.onServer("PUT", "schedules/TWO", `<tsRequest><schedule name="Mondays"/></tsRequest>`).wantError(409021, "#MONDAYS")
	w.onServer("PUT", "schedules/TWO", `<tsRequest><schedule frequency="Weekly"/></tsRequest>`).wantError(409004, "Weekly schedule")
	w.onServer("PUT", "schedules/none", `<tsRequest><schedule/></tsRequest>`).wantError(404023, "none")

	w.onServer("DELETE", "schedules/TWO", "").wantStatus(204)
	w.onServer("DELETE", "schedules/TWO", "").wantError(404023, "#TWO")
}

func TestCreateScheduleRefuses(t *testing.T) {
	t.Parallel()
	w := start(t)
	for schedule, want := range map[string]struct {
		code   int
		detail string
	}{
		`type="Extract" ` + dailyAtNoon:              {400000, "with a name"},
		`name="a" ` + dailyAtNoon:                    {409004, "The type ''"},
		`name="a" type="Report" ` + dailyAtNoon:      {409004, "Report"},
		`name="a" type="Extract">`:                   {409004, "no frequency"},
		`name="a" type="Extract" frequency="Daily">`: {409004, "start ''"},

		`name="a" type="Extract" frequency="Daily"><frequencyDetails start="2:30:00"/>`:                  {409004, "2:30:00"},
		`name="a" type="Extract" priority="0" ` + dailyAtNoon:                                            {409004, "priority '0'"},
		`name="a" type="Extract" priority="x" ` + dailyAtNoon:                                            {409004, "priority 'x'"},
		`name="a" type="Extract" executionOrder="Random" ` + dailyAtNoon:                                 {409004, "Random"},
		`name="a" type="Extract" state="Asleep" ` + dailyAtNoon:                                          {409004, "Asleep"},
		`name="Weeknights" type="Extract" ` + dailyAtNoon:                                                {409021, "Weeknights"},
		`name="a" type="Extract" frequency="Hourly"><frequencyDetails start="02:30:00" end="04:30:00"/>`: {409004, "Hourly schedule"},
	} {
		w.onServer("POST", "schedules", "<tsRequest><schedule "+schedule+"</schedule></tsRequest>").wantError(want.code, want.detail)
	}
	if n := w.server.schedules.Len(); n != 2 {
		t.Errorf("%d schedules, want the 2 of the start", n)
	}
}

// Schedules are the server's: administrators of a site read them.
func TestSchedulesAreTheServers(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.names["NIGHTS"] = w.server.schedules.All()[0].LUID
	w.signIn(`name="ana" password="secret"`, "")
	w.onServer("GET", "schedules/NIGHTS", "").wantStatus(200)
	w.onServer("POST", "schedules", `<tsRequest><schedule name="a" type="Extract" `+dailyAtNoon+`</schedule></tsRequest>`).wantError(403004, "#ANA")
	w.onServer("PUT", "schedules/NIGHTS", `<tsRequest><schedule name="a"/></tsRequest>`).wantError(403004, "#ANA")
	w.onServer("PUT", "schedules?state=active", `<tsRequest/>`).wantError(403004, "#ANA")
	w.onServer("DELETE", "schedules/NIGHTS", "").wantError(403004, "#ANA")
}

func TestScheduleStates(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.names["NIGHTS"], w.names["MONDAYS"] = w.server.schedules.All()[0].LUID, w.server.schedules.All()[1].LUID
	states := func(want ...string) {
		t.Helper()
		for i, h := range w.server.schedules.All() {
			if h.State != want[i] {
				t.Errorf("%s is %s, want %s", h.Name, h.State, want[i])
			}
		}
	}
	nights := `<scheduleLuids><scheduleLuid>NIGHTS</scheduleLuid></scheduleLuids>`
	w.onServer("PUT", "schedules?state=suspended", "<tsRequest>"+nights+"</tsRequest>").want(200, w.shorten(w.expand(nights)))
	states("Suspended", "Active")
	w.onServer("PUT", "schedules?state=suspended&updateAll=true", "<tsRequest/>").want(200,
		`<scheduleLuids><scheduleLuid>#NIGHTS</scheduleLuid><scheduleLuid>#MONDAYS</scheduleLuid></scheduleLuids>`)
	states("Suspended", "Suspended")
	w.onServer("PUT", "schedules?state=active", `<tsRequest><scheduleLuids><scheduleLuid>MONDAYS</scheduleLuid><scheduleLuid>none</scheduleLuid></scheduleLuids></tsRequest>`).wantError(404023, "none")
	w.onServer("PUT", "schedules?state=asleep", "<tsRequest/>").wantError(400000, "asleep")
	states("Suspended", "Suspended")
}

// addTo puts content on a schedule.
func (w *world) addTo(schedule, kind, luid string) *answer {
	w.t.Helper()
	return w.put("schedules/"+schedule+"/"+kind+"s", `<tsRequest><task><extractRefresh><`+kind+` id="`+luid+`"/></extractRefresh></task></tsRequest>`)
}

// What is on a schedule runs when the clock gets there, each run at its time.
func TestScheduleRuns(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobTime(10*time.Minute), WithIdleLimit(10000*time.Hour))
	w.regional()
	w.orders()
	w.newSchedule("TWO", `name="Two-hourly" priority="20" type="Extract" executionOrder="Parallel" `+everyTwoHours)
	w.addTo("TWO", "workbook", "REGIONAL").wantStatus(200)
	w.addTo("TWO", "datasource", "ORDERS").wantStatus(200)
	runs := func() []string {
		w.get("jobs").wantStatus(200)
		var list []string
		for _, j := range w.of("").jobs.All() {
			list = append(list, fmt.Sprintf("%s %s-%s %s", j.About.Name, j.StartsAt.Format("02 15:04"), j.EndedAt.Format("15:04"), j.Status))
		}
		return list
	}
	expect := func(want ...string) {
		t.Helper()
		if got := runs(); strings.Join(got, ", ") != strings.Join(want, ", ") {
			t.Errorf("runs\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
	}
	w.clock.advance(30*time.Minute - 1)
	expect()
	w.clock.advance(1)
	expect("Regional 02 10:30-00:00 Pending", "Orders 02 10:30-00:00 Pending")
	w.clock.advance(4 * time.Hour)
	first := []string{
		"Regional 02 10:30-10:40 Success", "Orders 02 10:30-10:40 Success",
		"Regional 02 12:30-12:40 Success", "Orders 02 12:30-12:40 Success",
	}
	expect(append(first, "Regional 02 14:30-00:00 Pending", "Orders 02 14:30-00:00 Pending")...)
	w.onServer("GET", "schedules/TWO", "").wantIn(`nextRunAt="2026-03-02T16:30:00Z"`)
	w.get("jobs?filter=priority:eq:20").wantIn(`totalAvailable="6"`)
	w.get("workbooks/REGIONAL").wantIn(`updatedAt="2026-03-02T12:40:00Z"`)
	if owner := lastOf(w.of("").jobs).User; owner != w.names["ADMIN"] {
		t.Errorf("the job is of %s, not of who owns the content", w.shorten(owner))
	}

	// Suspended, nothing runs, and nothing is made up for later.
	w.onServer("PUT", "schedules/TWO", `<tsRequest><schedule state="Suspended"/></tsRequest>`).wantStatus(200)
	w.clock.advance(24 * time.Hour)
	done := append(first, "Regional 02 14:30-14:40 Success", "Orders 02 14:30-14:40 Success")
	expect(done...)
	w.onServer("GET", "schedules/TWO", "").wantIn(`state="Suspended"`, `nextRunAt="2026-03-03T16:30:00Z"`)
	w.onServer("PUT", "schedules/TWO", `<tsRequest><schedule state="active"/></tsRequest>`).wantStatus(200)
	expect(done...)

	// A year later the last runs are made up for, in their order.
	w.clock.advance(365 * 24 * time.Hour)
	all := runs()[len(done):]
	if len(all) != 2*maxRunsAtOnce || all[0] != "Regional 01 12:30-12:40 Success" || all[len(all)-1] != "Orders 03 14:30-00:00 Pending" {
		t.Errorf("%d jobs for a year, from %s to %s", len(all), all[0], all[len(all)-1])
	}
	w.onServer("GET", "schedules/TWO", "").wantIn(`nextRunAt="2027-03-03T16:30:00Z"`)

	w.onServer("DELETE", "schedules/TWO", "").wantStatus(204)
	w.get("tasks/extractRefreshes").want(200, `<tasks/>`)
}

// In series one job starts when the one before is over. The more urgent come first.
func TestSerialSchedule(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobTime(10*time.Minute), WithJobFault(JobFault{Nth: 1, Takes: 30 * time.Minute}), WithJobFault(JobFault{Nth: 4, Hangs: true}))
	w.regional()
	w.orders()
	w.publish("datasource", "", `name="More"`, ``, "a.hyper", "Hyper\x72").wantStatus(201)
	w.names["MORE"] = lastOf(w.of("").datasources).LUID
	w.newSchedule("SERIES", `name="Series" type="Extract" executionOrder="Serial" frequency="Hourly"><frequencyDetails start="11:00:00" end="12:00:00"><intervals><interval hours="1"/></intervals></frequencyDetails>`)
	for _, content := range [][2]string{{"workbook", "REGIONAL"}, {"datasource", "ORDERS"}, {"datasource", "MORE"}} {
		w.addTo("SERIES", content[0], content[1]).wantStatus(200)
	}
	w.clock.advance(95 * time.Minute) // 11:35
	w.get("jobs").wantIn(
		`status="Success" createdAt="2026-03-02T11:00:00Z" startedAt="2026-03-02T11:00:00Z" endedAt="2026-03-02T11:30:00Z" priority="50" jobType="refresh_extracts" title="Regional"`,
		`status="InProgress" createdAt="2026-03-02T11:00:00Z" startedAt="2026-03-02T11:30:00Z" priority="50" jobType="refresh_extracts" title="Orders"`,
		`status="Pending" createdAt="2026-03-02T11:00:00Z" priority="50" jobType="refresh_extracts" title="More"`)
	w.clock.advance(50 * time.Minute) // 12:25
	w.get("jobs?filter=createdAt:gt:2026-03-02T11:00:00Z").wantIn(`totalAvailable="3"`, `status="InProgress"`)
	w.get("jobs?filter=status:eq:Pending").wantIn(`totalAvailable="2"`) // behind the one that hangs
	w.names["JOB"] = w.of("").jobs.All()[3].LUID
	w.put("jobs/JOB", "").wantStatus(200)
	w.clock.advance(11 * time.Minute)
	w.get("jobs?filter=status:eq:Success").wantIn(`totalAvailable="4"`)
	w.get("jobs?filter=status:eq:InProgress").wantIn(`startedAt="2026-03-02T12:35:00Z"`, `title="More"`)
}

// What is still in the queue is not queued again.
func TestScheduleSkipsWhatIsQueued(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobFault(JobFault{Type: "RefreshExtract", Hangs: true}))
	w.regional()
	w.newSchedule("TWO", `name="Two-hourly" type="Extract" `+everyTwoHours)
	w.addTo("TWO", "workbook", "REGIONAL").wantStatus(200)
	w.clock.advance(3 * time.Hour)
	w.get("jobs").wantIn(`totalAvailable="1"`, `createdAt="2026-03-02T10:30:00Z"`)
	w.post("workbooks/REGIONAL/refresh", "").wantError(409093, "#REGIONAL")
}
