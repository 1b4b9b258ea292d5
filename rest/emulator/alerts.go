package emulator

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

var alertOperations = []operation{
	op("GET", "sites/{site}/dataalerts", onSite, nil, listAlerts).since(3, 2),
	op("POST", "sites/{site}/dataalerts", onSite, readXML, createAlert).since(3, 20),
	op("GET", "sites/{site}/dataalerts/{id}", onSite, nil, getAlert).since(3, 2),
	op("PUT", "sites/{site}/dataalerts/{id}", onSite, readXML, updateAlert).since(3, 2),
	op("DELETE", "sites/{site}/dataalerts/{id}", onSite, nil, deleteAlert).since(3, 2),
	op("POST", "sites/{site}/dataalerts/{id}/users", onSite, readXML, addAlertUser).since(3, 2),
	op("DELETE", "sites/{site}/dataalerts/{id}/users/{user}", onSite, nil, deleteAlertUser).since(3, 2),
}

// alertTables are the data-driven alerts of a site.
type alertTables struct {
	alerts *state.Table[alert]
}

func openAlerts(store *state.Store, path string) alertTables {
	return alertTables{alerts: state.NewTable(store, path+"alerts", func(a *alert) string { return a.LUID })}
}

// alert tells people when a number of a view passes a threshold. The emulator keeps alerts; it has no data that could set
// one off.
type alert struct {
	LUID, Subject        string
	View, Owner, Creator string   // LUIDs
	Recipients           []string // LUIDs of users
	Frequency            string
	Condition, Threshold string
	Public               bool
	CreatedAt, UpdatedAt time.Time
}

// alertFrequencies are the values of the schema, by how requests write them in lower case.
var alertFrequencies = map[string]string{
	"asfrequentlyaspossible": "AsFrequentlyAsPossible", "frequently": "AsFrequentlyAsPossible",
	"once": "Once", "hourly": "Hourly", "daily": "Daily", "weekly": "Weekly",
}

// alertConditions are how a number can be to the threshold.
var alertConditions = []string{"above", "above-equal", "below", "below-equal", "equal"}

// concerns tells whether the caller may see the alert: administrators see all, others their own, those they receive, and
// the public ones on views that they may see.
func (a *alert) concerns(c *call) bool {
	return c.user.isAdministrator() || a.Owner == c.user.LUID || slices.Contains(a.Recipients, c.user.LUID) ||
		a.Public && c.mayOnView("Read", c.site.anyView(a.View))
}

// alert returns the alert in the path. Only administrators and the owner may change it.
func (c *call) alert(change bool) (*alert, error) {
	a := c.site.alerts.Get(c.vars["id"])
	if a == nil || !a.concerns(c) {
		return nil, refuse(codeNoContent, "Data alert '%s' could not be found.", c.vars["id"])
	}
	if change && a.Owner != c.user.LUID && !c.user.isAdministrator() {
		return nil, refuse(codeForbidden, "User '%s' may not change data alert '%s'.", c.user.LUID, a.LUID)
	}
	return a, nil
}

// listAlerts answers GET dataAlerts.
func listAlerts(c *call) (*reply, error) {
	var alerts []*alert
	for _, a := range c.site.alerts.All() {
		if a.concerns(c) {
			alerts = append(alerts, a)
		}
	}
	return listing[*alert]{
		name: "dataAlerts", items: alerts,
		fields: map[string]field[*alert]{
			"createdAt": timeField(func(a *alert) time.Time { return a.CreatedAt }),
			"frequency": textField(func(a *alert) string { return a.Frequency }),
			"ownerName": textField(func(a *alert) string { return c.site.userName(a.Owner) }),
			"subject":   textField(func(a *alert) string { return a.Subject }),
			"updatedAt": timeField(func(a *alert) time.Time { return a.UpdatedAt }),
		},
		render: func(a *alert) *element { return a.render(c.site) },
	}.reply(c)
}

// getAlert answers GET dataAlerts/{id}.
func getAlert(c *call) (*reply, error) {
	a, err := c.alert(false)
	if err != nil {
		return nil, err
	}
	return ok(a.render(c.site)), nil
}

// createAlert answers POST dataAlerts, on a view or on a custom view of it.
func createAlert(c *call) (*reply, error) {
	body := c.body.child("dataAlertCreateAlert")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no dataAlertCreateAlert.")
	}
	luid := body.attr("viewId")
	if custom := c.site.customViews.Get(body.attr("customViewId")); custom != nil {
		luid = cmp.Or(luid, custom.View)
	}
	on := c.site.views.Get(luid)
	if on == nil {
		return nil, refuse(codeNoView, "View '%s' could not be found.", cmp.Or(luid, body.attr("customViewId")))
	}
	if !c.mayOnView("Read", on) {
		return nil, refuse(codeForbidden, "User '%s' may not see view '%s'.", c.user.LUID, luid)
	}
	a := &alert{
		View: luid, Owner: c.user.LUID, Creator: c.user.LUID, Recipients: []string{c.user.LUID}, Subject: body.attr("subject"),
		Frequency: alertFrequencies["daily"], Condition: body.attr("alertCondition"), Threshold: body.attr("alertThreshold"),
		Public:    strings.EqualFold(body.attr("visibility"), "public"),
		CreatedAt: stamp(c.now), UpdatedAt: stamp(c.now),
	}
	if err := a.setFrequency(body); err != nil {
		return nil, err
	}
	if a.Subject == "" || a.Threshold == "" || !slices.Contains(alertConditions, a.Condition) {
		return nil, refuse(codeMalformed, "A data alert needs a subject, an alertThreshold and an alertCondition of %s.", strings.Join(alertConditions, ", "))
	}
	a.LUID = c.server.newID()
	c.site.alerts.Put(a)
	return created(c.path("dataAlerts", a.LUID), a.render(c.site)), nil
}

// setFrequency takes over how often people are told, if the request says it.
func (a *alert) setFrequency(request *element) error {
	given := request.attr("frequency")
	if given == "" {
		return nil
	}
	frequency, known := alertFrequencies[strings.ToLower(given)]
	if !known {
		return refuse(codeMalformed, "The frequency of a data alert cannot be '%s'.", given)
	}
	a.Frequency = frequency
	return nil
}

// updateAlert answers PUT dataAlerts/{id}. An owner element without an id changes nothing, as TSC sends it.
func updateAlert(c *call) (*reply, error) {
	a, err := c.alert(true)
	if err != nil {
		return nil, err
	}
	body := c.body.child("dataAlert")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no dataAlert.")
	}
	changed := *a
	changed.Subject = cmp.Or(body.attr("subject"), a.Subject)
	changed.UpdatedAt = stamp(c.now)
	if err := body.readFlag("public", &changed.Public); err != nil {
		return nil, err
	}
	if err := changed.setFrequency(body); err != nil {
		return nil, err
	}
	changed.Owner = cmp.Or(body.child("owner").attr("id"), a.Owner)
	if _, err := c.person(changed.Owner); err != nil {
		return nil, err
	}
	c.site.alerts.Put(&changed)
	return ok(changed.render(c.site)), nil
}

// deleteAlert answers DELETE dataAlerts/{id}.
func deleteAlert(c *call) (*reply, error) {
	a, err := c.alert(true)
	if err != nil {
		return nil, err
	}
	c.site.alerts.Delete(a.LUID)
	return noContent(), nil
}

// addAlertUser answers POST dataAlerts/{id}/users. To whoever is a recipient already nothing happens.
func addAlertUser(c *call) (*reply, error) {
	a, err := c.alert(true)
	if err != nil {
		return nil, err
	}
	u, err := c.person(c.body.child("user").attr("id"))
	if err != nil {
		return nil, err
	}
	if !slices.Contains(a.Recipients, u.LUID) {
		changed := *a
		changed.Recipients = append(slices.Clone(a.Recipients), u.LUID)
		c.site.alerts.Put(&changed)
	}
	return ok(u.render(c.server)), nil
}

// deleteAlertUser answers DELETE dataAlerts/{id}/users/{id}. Recipients may take themselves off.
func deleteAlertUser(c *call) (*reply, error) {
	luid := c.vars["user"]
	a, err := c.alert(luid != c.user.LUID)
	if err != nil {
		return nil, err
	}
	i := slices.Index(a.Recipients, luid)
	if i < 0 {
		return nil, refuse(codeNoUser, "User '%s' is no recipient of data alert '%s'.", luid, a.LUID)
	}
	changed := *a
	changed.Recipients = slices.Delete(slices.Clone(a.Recipients), i, i+1)
	c.site.alerts.Put(&changed)
	return noContent(), nil
}

func (a *alert) render(where *site) *element {
	on := where.anyView(a.View)
	workbook := where.workbooks.Get(on.Workbook)
	recipients := node("recipients")
	for _, luid := range a.Recipients {
		recipients.add(node("recipient").with("id", luid).with("name", where.userName(luid)))
	}
	return node("dataAlert",
		node("owner").with("id", a.Owner).with("name", where.userName(a.Owner)),
		node("view",
			node("workbook").with("id", workbook.LUID).with("name", workbook.Name),
			node("project").with("id", workbook.Project).with("name", where.projects.Get(workbook.Project).Name),
		).with("id", on.LUID).with("name", on.Name),
		recipients,
	).
		with("id", a.LUID).
		with("subject", a.Subject).
		with("creatorId", a.Creator).
		with("createdAt", formatTime(a.CreatedAt)).
		with("updatedAt", formatTime(a.UpdatedAt)).
		with("frequency", a.Frequency).
		with("alertCondition", a.Condition).
		with("alertThreshold", a.Threshold).
		withBool("public", a.Public).
		with("suspended", "false")
}
