package emulator

import (
	"slices"
	"testing"
	"time"
)

// A refresh is asked for with a body, an empty one or none, and works on what has an extract.
func TestRefresh(t *testing.T) {
	t.Parallel()
	w := start(t, WithUser("pat", "secret", "Creator"), WithJobTime(time.Minute))
	w.regional()
	w.orders()
	for i, body := range []string{"", "<tsRequest/>", "<tsRequest></tsRequest>", "<tsRequest><extractRefresh/></tsRequest>", `<tsRequest><extractRefresh incremental="True"/></tsRequest>`} {
		a := w.post("datasources/ORDERS/refresh", body).wantStatus(202)
		j := lastOf(w.of("").jobs)
		if got, want := a.header.Get("Location"), w.expand("/api/3.29/sites/SITE/jobs/")+j.LUID; got != want {
			t.Errorf("Location %q, want %q", got, want)
		}
		if want := refreshKind(i == 4); j.Kind != want {
			t.Errorf("%q starts %s, want %s", body, j.Kind, want)
		}
		w.post("datasources/ORDERS/refresh", body).wantError(409093, "#ORDERS")
		w.clock.advance(time.Minute)
	}
	w.post("datasources/ORDERS/refresh", `<tsRequest><extractRefresh incremental="maybe"/></tsRequest>`).wantError(400008, "incremental")
	w.post("workbooks/REGIONAL/refresh", "").wantStatus(202) // while something else is refreshed
	w.post("workbooks/none/refresh", "").wantError(404006, "none")
	w.post("datasources/none/refresh", "").wantError(404004, "none")
	w.publish("workbook", "", `name="Live"`, ``, "a.twb", salesTWB).wantStatus(201)
	w.names["LIVE"] = lastOf(w.of("").workbooks).LUID
	w.post("workbooks/LIVE/refresh", "").wantError(409090, "#LIVE")
	w.signIn(`name="pat" password="secret"`, "")
	w.post("datasources/ORDERS/refresh", "").wantError(403032, "#ORDERS")
}

// Webhooks are told when a refresh starts and how it ends.
func TestRefreshEvents(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobFault(JobFault{Nth: 2, Fails: "No."}))
	w.regional()
	for _, event := range []string{"started", "succeeded", "failed"} {
		w.hook("webhook-source-event-workbook-refresh-"+event, "https://example.com/").wantStatus(201)
	}
	w.refresh("workbooks/REGIONAL", "JOB")
	w.refresh("workbooks/REGIONAL", "JOB")
	w.get("jobs").wantStatus(200)
	var events []string
	for _, d := range w.of("").deliveries.All() {
		events = append(events, d.Event)
	}
	if want := []string{"WorkbookRefreshStarted", "WorkbookRefreshSucceeded", "WorkbookRefreshStarted", "WorkbookRefreshFailed"}; !slices.Equal(events, want) {
		t.Errorf("events %v, want %v", events, want)
	}
}

// The work on content that is gone fails.
func TestRefreshOfNothing(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobTime(time.Minute))
	w.regional()
	w.refresh("workbooks/REGIONAL", "JOB")
	w.remove("workbooks/REGIONAL").wantStatus(204)
	w.clock.advance(time.Hour)
	w.get("jobs/JOB").wantIn(`finishCode="1"`, `<notes>The workbook '#REGIONAL' could not be found.</notes>`)
}
