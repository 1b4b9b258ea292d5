package emulator

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// subscribed is a world with a published workbook REGIONAL, its view MAP, a user EVE who only reads, and the schedule MONDAYS.
func subscribed(t *testing.T, opts ...Option) *world {
	t.Helper()
	w := start(t, append(opts, WithUser("eve", "secret", "Viewer"), WithIdleLimit(10000*time.Hour))...)
	where := w.of("")
	w.names["NIGHTS"], w.names["MONDAYS"] = w.server.schedules.All()[0].LUID, w.server.schedules.All()[1].LUID
	w.names["EVE"] = where.userOf(w.server.findAccount("eve")).LUID
	w.regional()
	for _, v := range slices.Concat(where.views.All(), where.hiddenViews.All()) {
		switch v.Name {
		case "Map":
			w.names["MAP"] = v.LUID
		case "Scratch":
			w.names["SCRATCH"] = v.LUID
		}
	}
	return w
}

// subscribe makes a subscription, which is the name from then on.
func (w *world) subscribe(name, attributes, children string) *answer {
	w.t.Helper()
	a := w.post("subscriptions", "<tsRequest><subscription "+attributes+">"+children+"</subscription></tsRequest>").wantStatus(201)
	w.names[name] = lastOf(w.of("").subscriptions).LUID
	a.body = w.shorten(string(a.raw))
	return a
}

const toMap = `<content type="View" id="MAP"/><schedule id="MONDAYS"/><user id="ADMIN"/>`

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	w := subscribed(t)
	w.subscribe("FIRST", `subject="Monday numbers"`, toMap)
	w.subscribe("SECOND", `subject="For Eve" attachImage="false" attachPdf="TRUE" pageOrientation="PORTRAIT" pageSizeOption="A5" message="Look"`,
		`<content type="workbook" id="REGIONAL" sendIfViewEmpty="false"/><schedule id="MONDAYS"/><user id="EVE"/>`)
	first := `<subscription id="#FIRST" subject="Monday numbers" attachImage="true" attachPdf="false" suspended="false">
<content id="#MAP" type="View" name="Map" sendIfViewEmpty="true"/><schedule id="#MONDAYS" name="Mondays"/><user id="#ADMIN" name="admin"/></subscription>`
	second := `<subscription id="#SECOND" subject="For Eve" message="Look" attachImage="false" attachPdf="true" pageOrientation="PORTRAIT" pageSizeOption="A5" suspended="false">
<content id="#REGIONAL" type="Workbook" name="Regional" sendIfViewEmpty="false"/><schedule id="#MONDAYS" name="Mondays"/><user id="#EVE" name="eve"/></subscription>`
	w.get("subscriptions").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><subscriptions>`+first+second+`</subscriptions>`)
	w.get("subscriptions/FIRST").want(200, first)
	w.get("subscriptions/none").wantError(404025, "none")

	w.clock.advance(7 * 24 * time.Hour)
	w.get("jobs").wantIn(`totalAvailable="2"`, `status="Success" createdAt="2026-03-09T06:00:00Z"`,
		`jobType="single_subscription_notify" title="Monday numbers" subtitle="Subscription"`)
	w.names["JOB"] = w.of("").jobs.All()[1].LUID
	w.get("jobs/JOB").wantIn(`finishCode="0"><subscriptionJobType><subscriptionId>#SECOND</subscriptionId><subscriptionSubject>For Eve</subscriptionSubject></subscriptionJobType>`)

	w.put("subscriptions/SECOND", `<tsRequest><subscription suspended="true"/></tsRequest>`).wantIn(`suspended="true"`)
	w.remove("subscriptions/FIRST").wantStatus(204)
	w.clock.advance(7 * 24 * time.Hour)
	w.get("jobs").wantIn(`totalAvailable="2"`)

	// A view that is not published any more has no subscriptions.
	w.subscribe("FIRST", `subject="Again"`, toMap)
	w.publish("workbook", "overwrite=true", `name="Regional"`, ``, "a.twb", strings.ReplaceAll(extractTWB, "'Map'", "'Other'")).wantStatus(201)
	w.get("subscriptions").wantIn(`totalAvailable="1"`, "#SECOND")
	w.remove("workbooks/REGIONAL").wantStatus(204)
	w.get("subscriptions").wantIn(`totalAvailable="0"`)
}

func TestUpdateSubscription(t *testing.T) {
	t.Parallel()
	w := subscribed(t)
	w.newSchedule("DAILY", `name="Daily" type="Subscription" `+dailyAtNoon)
	w.subscribe("FIRST", `subject="Monday numbers" message="Look"`, toMap)
	w.put("subscriptions/FIRST", `<tsRequest><subscription subject="x" message=""><schedule id="DAILY"/><content sendIfViewEmpty="False"/></subscription></tsRequest>`).want(200,
		`<subscription id="#FIRST" subject="x" attachImage="true" attachPdf="false" suspended="false"><content id="#MAP" type="View" name="Map" sendIfViewEmpty="false"/>
<schedule id="#DAILY" name="Daily"/><user id="#ADMIN" name="admin"/></subscription>`)
	w.put("subscriptions/FIRST", `<tsRequest><subscription><schedule id="NIGHTS"/></subscription></tsRequest>`).wantError(400069, "#NIGHTS")
	w.put("subscriptions/FIRST", `<tsRequest><subscription><schedule id="none"/></subscription></tsRequest>`).wantError(404023, "none")
	w.put("subscriptions/FIRST", `<tsRequest><subscription attachPdf="maybe"/></tsRequest>`).wantError(400008, "attachPdf")
	w.put("subscriptions/FIRST", `<tsRequest/>`).wantError(400000, "no subscription")
	w.put("subscriptions/none", `<tsRequest><subscription/></tsRequest>`).wantError(404025, "none")
	w.get("subscriptions/FIRST").wantIn(`subject="x"`, `"#DAILY"`)

	// On Tableau Cloud the subscription has a schedule of its own.
	w.put("subscriptions/FIRST", `<tsRequest><subscription><schedule `+dailyAtNoon+`</schedule></subscription></tsRequest>`).wantIn(
		`<schedule createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" frequency="Daily" nextRunAt="2026-03-02T12:00:00Z"><frequencyDetails start="12:00:00"/></schedule>`)
	w.onServer("DELETE", "schedules/DAILY", "").wantStatus(204)
	w.remove("subscriptions/FIRST").wantStatus(204)
	if n := w.server.schedules.Len(); n != 2 {
		t.Errorf("%d schedules, want the 2 of the start", n)
	}
}

func TestSubscribeRefuses(t *testing.T) {
	t.Parallel()
	w := subscribed(t)
	for children, want := range map[string]struct {
		code   int
		detail string
	}{
		``: {400063, "no content"},
		`<content type="View" id="MAP"/><schedule id="MONDAYS"/>`:                       {400063, "no user"},
		`<content type="View" id="MAP"/><schedule/><user id="ADMIN"/>`:                  {400063, "no schedule"},
		`<content type="Sheet" id="MAP"/><schedule id="MONDAYS"/><user id="ADMIN"/>`:    {400068, "Sheet"},
		`<content type="View" id="none"/><schedule id="MONDAYS"/><user id="ADMIN"/>`:    {404011, "none"},
		`<content type="View" id="SCRATCH"/><schedule id="MONDAYS"/><user id="ADMIN"/>`: {404011, "#SCRATCH"},
		`<content type="Workbook" id="MAP"/><schedule id="MONDAYS"/><user id="ADMIN"/>`: {404006, "#MAP"},
		`<content type="View" id="MAP"/><schedule id="none"/><user id="ADMIN"/>`:        {404023, "none"},
		`<content type="View" id="MAP"/><schedule id="NIGHTS"/><user id="ADMIN"/>`:      {400069, "#NIGHTS"},
		`<content type="View" id="MAP"/><schedule id="MONDAYS"/><user id="none"/>`:      {404002, "none"},
	} {
		w.post("subscriptions", `<tsRequest><subscription subject="a">`+children+`</subscription></tsRequest>`).wantError(want.code, want.detail)
	}
	w.post("subscriptions", `<tsRequest><subscription>`+toMap+`</subscription></tsRequest>`).wantError(400067, "#MAP")
	w.get("subscriptions").wantIn(`totalAvailable="0"`)
}

// People subscribe themselves to what they may read. Theirs are for them and for administrators.
func TestSubscriptionsOfOthers(t *testing.T) {
	t.Parallel()
	w := subscribed(t)
	w.subscribe("FIRST", `subject="Monday numbers"`, toMap)
	w.signIn(`name="eve" password="secret"`, "")
	w.subscribe("OWN", `subject="Mine"`, `<content type="View" id="MAP"/><schedule id="MONDAYS"/><user id="EVE"/>`)
	w.post("subscriptions", `<tsRequest><subscription subject="a">`+toMap+`</subscription></tsRequest>`).wantError(403060, "#ADMIN")
	w.get("subscriptions").wantIn(`totalAvailable="1"`, "#OWN")
	w.get("subscriptions/FIRST").wantError(403058, "#FIRST")
	w.put("subscriptions/FIRST", `<tsRequest><subscription subject="b"/></tsRequest>`).wantError(403065, "#FIRST")
	w.remove("subscriptions/FIRST").wantError(403059, "#FIRST")
	w.remove("subscriptions/OWN").wantStatus(204)
}
