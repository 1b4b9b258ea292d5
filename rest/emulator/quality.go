package emulator

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

var qualityOperations = []operation{
	op("POST", "sites/{site}/dataqualitywarnings/{type}/{id}", onSite, readXML, addWarning).since(3, 5),
	op("GET", "sites/{site}/dataqualitywarnings/{type}/{id}", onSite, nil, listWarnings).since(3, 5),
	op("PUT", "sites/{site}/dataqualitywarnings/{type}/{id}", onSite, readXML, updateWarningOn).since(3, 5),
	op("DELETE", "sites/{site}/dataqualitywarnings/{type}/{id}", onSite, nil, deleteWarningsOn).since(3, 5),
	op("GET", "sites/{site}/dataqualitywarnings/{warning}", onSite, nil, getWarning).since(3, 5),
	op("PUT", "sites/{site}/dataqualitywarnings/{warning}", onSite, readXML, updateWarning).since(3, 5),
	op("DELETE", "sites/{site}/dataqualitywarnings/{warning}", onSite, nil, deleteWarning).since(3, 5),
	op("GET", "sites/{site}/dataaccelerationreport", onSite, nil, accelerationReport).since(3, 8),
}

// qualityTables are the data quality warnings of a site.
type qualityTables struct {
	warnings *state.Table[qualityWarning]
}

func openQuality(store *state.Store, path string) qualityTables {
	return qualityTables{warnings: state.NewTable(store, path+"warnings", func(w *qualityWarning) string { return w.LUID })}
}

// qualityWarning tells people who use some data that something is wrong with it.
type qualityWarning struct {
	LUID, On, Kind       string // Kind is the element of what it is on, by LUID
	Type, Message, Owner string
	Active, Severe       bool
	CreatedAt, UpdatedAt time.Time
}

// warningTypes are the types that warnings of the reference have.
var warningTypes = []string{"WARNING", "DEPRECATED", "STALE", "SENSITIVE_DATA", "MAINTENANCE"}

// warned returns what the warnings in the path are on when the caller has the capability on it.
func (c *call) warned(element, luid, capability string) (securable, error) {
	on := securable{}
	if d := c.site.databases.Get(luid); d != nil {
		on = d.securable()
	}
	if t := c.site.tables.Get(luid); t != nil {
		on = t.securable()
	}
	for _, k := range []*kind{datasources, flows} {
		if a := k.of(c.site).Get(luid); a != nil {
			on = a.securable()
		}
	}
	if on.luid == "" || !strings.EqualFold(on.kind, element) {
		return securable{}, refuse(codeNoContent, "There is no %s '%s' that has data quality warnings.", element, luid)
	}
	return on, c.allow(codeForbidden, capability, on)
}

// warningsOn returns the warnings on something.
func (where *site) warningsOn(luid string) []*qualityWarning {
	var found []*qualityWarning
	for _, w := range where.warnings.All() {
		if w.On == luid {
			found = append(found, w)
		}
	}
	return found
}

// addWarning answers POST dataQualityWarnings/{type}/{id}.
func addWarning(c *call) (*reply, error) {
	on, err := c.warned(c.vars["type"], c.vars["id"], "Write")
	if err != nil {
		return nil, err
	}
	w := &qualityWarning{
		On: on.luid, Kind: on.kind, Type: warningTypes[0], Active: true, Owner: c.user.LUID, CreatedAt: stamp(c.now),
	}
	return c.saveWarning(w)
}

// saveWarning puts into a warning what the request says of it, and answers with it.
func (c *call) saveWarning(w *qualityWarning) (*reply, error) {
	body := c.body.child("dataQualityWarning")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no dataQualityWarning.")
	}
	w.Type = cmp.Or(strings.ToUpper(body.attr("type")), w.Type)
	w.Message = cmp.Or(body.attr("message"), w.Message)
	w.UpdatedAt = stamp(c.now)
	if !slices.Contains(warningTypes, w.Type) {
		return nil, refuse(codeMalformed, "The type of a data quality warning must be one of %s, not '%s'.", strings.Join(warningTypes, ", "), w.Type)
	}
	if err := body.readFlag("isActive", &w.Active); err != nil {
		return nil, err
	}
	if err := body.readFlag("isSevere", &w.Severe); err != nil {
		return nil, err
	}
	w.LUID = cmp.Or(w.LUID, c.server.newID())
	c.site.warnings.Put(w)
	return ok(w.render(c.site)), nil
}

// listWarnings answers GET dataQualityWarnings/{type}/{id}; there is no paging.
func listWarnings(c *call) (*reply, error) {
	on, err := c.warned(c.vars["type"], c.vars["id"], "Read")
	if err != nil {
		return nil, err
	}
	list := node("dataQualityWarningList")
	for _, w := range c.site.warningsOn(on.luid) {
		list.add(w.render(c.site))
	}
	return ok(list), nil
}

// updateWarningOn answers PUT dataQualityWarnings/{type}/{id}: the first warning that is there changes.
func updateWarningOn(c *call) (*reply, error) {
	on, err := c.warned(c.vars["type"], c.vars["id"], "Write")
	if err != nil {
		return nil, err
	}
	there := c.site.warningsOn(on.luid)
	if len(there) == 0 {
		return nil, refuse(codeNoContent, "The %s '%s' has no data quality warning.", on.kind, on.luid)
	}
	changed := *there[0]
	return c.saveWarning(&changed)
}

// deleteWarningsOn answers DELETE dataQualityWarnings/{type}/{id}: all that are there go, and none is no error.
func deleteWarningsOn(c *call) (*reply, error) {
	on, err := c.warned(c.vars["type"], c.vars["id"], "Write")
	if err != nil {
		return nil, err
	}
	c.site.forgetWarnings(on.luid)
	return noContent(), nil
}

func (where *site) forgetWarnings(luid string) {
	where.warnings.DeleteFunc(func(w *qualityWarning) bool { return w.On == luid })
}

// warning returns a copy of the warning in the path when the caller has the capability on what it is on.
func (c *call) warning(capability string) (*qualityWarning, error) {
	w := c.site.warnings.Get(c.vars["warning"])
	if w == nil {
		return nil, refuse(codeNoContent, "Data quality warning '%s' could not be found.", c.vars["warning"])
	}
	_, err := c.warned(w.Kind, w.On, capability)
	changed := *w
	return &changed, err
}

// getWarning answers GET dataQualityWarnings/{id}.
func getWarning(c *call) (*reply, error) {
	w, err := c.warning("Read")
	if err != nil {
		return nil, err
	}
	return ok(w.render(c.site)), nil
}

// updateWarning answers PUT dataQualityWarnings/{id}.
func updateWarning(c *call) (*reply, error) {
	w, err := c.warning("Write")
	if err != nil {
		return nil, err
	}
	return c.saveWarning(w)
}

// deleteWarning answers DELETE dataQualityWarnings/{id}.
func deleteWarning(c *call) (*reply, error) {
	w, err := c.warning("Write")
	if err != nil {
		return nil, err
	}
	c.site.warnings.Delete(w.LUID)
	return noContent(), nil
}

func (w *qualityWarning) render(where *site) *element {
	return node("dataQualityWarning", node("site").with("id", where.luid), node("owner").with("id", w.Owner)).
		with("id", w.LUID).
		with("userDisplayName", where.userName(w.Owner)).
		with("contentId", w.On).
		with("contentType", strings.ToUpper(w.Kind)).
		with("message", w.Message).
		with("type", w.Type).
		withBool("isActive", w.Active).
		with("createdAt", formatTime(w.CreatedAt)).
		with("updatedAt", formatTime(w.UpdatedAt)).
		withBool("isSevere", w.Severe)
}

// accelerationReport answers GET dataAccelerationReport. Nothing is accelerated here, so there is nothing to compare.
func accelerationReport(*call) (*reply, error) { return ok(node("dataAccelerationReport")), nil }
