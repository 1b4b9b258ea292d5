package emulator

import (
	"cmp"
	"strconv"
	"time"
)

var workbookOperations = []operation{
	op("GET", "sites/{site}/users/{user}/workbooks", onSite, nil, listWorkbooksOfUser),
	op("GET", "sites/{site}/workbooks/{id}/downgradeinfo", onSite, nil, getDowngradeInfo).since(3, 5),
}

// listWorkbooksOfUser answers GET users/{id}/workbooks.
func listWorkbooksOfUser(c *call) (*reply, error) { return workbooks.listOfUser(c) }

// listOfUser answers with the assets that a user owns, and unless ownedBy is true with those the user may read. Of
// others' people see what they may read themselves.
func (k *kind) listOfUser(c *call) (*reply, error) {
	u, err := c.person(c.vars["user"])
	if err != nil {
		return nil, err
	}
	owned, err := c.flag("ownedBy")
	if err != nil {
		return nil, err
	}
	theirs := c.site.rightsOf(u)
	var items []*asset
	for _, a := range readable(c, k.of(c.site).All()) {
		if a.Owner == u.LUID || !owned && theirs.may("Read", a.securable()) {
			items = append(items, a)
		}
	}
	return k.reply(c, items)
}

// renderWorkbook writes a workbook as lists do.
func (a *asset) renderWorkbook(c *call) *element {
	shown := c.site.viewsOf(a)
	e := node(a.Kind, c.renderProject(a.Project), c.renderLocation(a.Project), c.renderOwner(a.Owner), renderTags(a.Tags)).
		with("id", a.LUID).
		with("name", a.Name).
		with("description", a.Description).
		with("contentUrl", a.ContentURL).
		with("webpageUrl", c.webPage(workbooks.collection, a.Number)).
		withBool("showTabs", a.ShowTabs).
		with("size", strconv.Itoa(a.size())).
		with("createdAt", formatTime(a.CreatedAt)).
		with("updatedAt", formatTime(a.UpdatedAt)).
		withExtra("sheetCount", strconv.Itoa(len(shown))).
		withExtra("hasExtracts", strconv.FormatBool(a.HasExtracts)).
		withBool("encryptExtracts", a.EncryptExtracts)
	if len(shown) > 0 {
		e.with("defaultViewId", shown[0].LUID)
	}
	e.withExtra("lastPublishedAt", formatTime(a.current().PublishedAt)).
		withExtra("recentlyViewed", strconv.FormatBool(c.sawRecently(a.LUID)))
	if config := c.renderWorkbookAcceleration(shown); config != nil {
		e.add(config)
	}
	return e
}

// renderWorkbookWhole writes a workbook as single reads do.
func (a *asset) renderWorkbookWhole(c *call) *element {
	e := a.renderWorkbook(c)
	views := node("views")
	for _, v := range c.site.viewsOf(a) {
		shown := v.render(a, renderTags(v.Tags))
		if v.Acceleration.Enabled {
			shown.add(v.renderAcceleration(c))
		}
		views.add(shown)
	}
	e.insertAfter("tags", views)
	if a.Freshness != nil {
		e.add(a.Freshness.render())
	}
	return e
}

// insertAfter adds a child after the one with a name.
func (e *element) insertAfter(name string, child *element) {
	for i, c := range e.children {
		if c.name == name {
			rest := append([]*element{child}, e.children[i+1:]...)
			e.children = append(e.children[:i+1:i+1], rest...)
			return
		}
	}
}

// update answers PUT of one asset. Only what the request holds changes; the answer tells all of the asset, with the
// views of a workbook only when their acceleration is asked for.
func (k *kind) update(c *call) (*reply, error) {
	a, err := k.findFor(c, codeUpdateForbidden, "Write")
	if err != nil {
		return nil, err
	}
	if err := c.allow(codeForbidden, "Write", c.site.projects.Get(a.Project).securable()); err != nil {
		return nil, err
	}
	request := c.body.child(k.element)
	if request == nil {
		return nil, refuse(codeMalformed, "The request body has no %s.", k.element)
	}
	accelerationStatus, err := c.flag("includeViewAccelerationStatus")
	if err != nil {
		return nil, err
	}
	changed := *a
	if err := changed.change(c, request); err != nil {
		return nil, err
	}
	if changed.Project != a.Project {
		c.site.ownContentRules(a)
	}
	k.of(c.site).Put(&changed)
	c.site.fitViewRules(&changed)
	c.server.tell(c.site, &changed, "Updated", c.now)
	e := changed.render(c)
	if k == workbooks && accelerationStatus {
		e.insertAfter("tags", changed.renderAcceleratedViews(c))
	}
	if changed.Freshness != nil {
		e.add(changed.Freshness.render())
	}
	return ok(e), nil
}

// change puts into a copy of the asset what the request says of it.
func (a *asset) change(c *call, request *element) error {
	a.UpdatedAt = stamp(c.now)
	if err := a.changePlace(c, request); err != nil {
		return err
	}
	if err := a.changeOwner(c, request); err != nil {
		return err
	}
	if description, given := request.lookup("description"); given && c.knowsDescription(a.kind()) {
		a.Description = description
	}
	if err := request.readFlag("encryptExtracts", &a.EncryptExtracts); err != nil {
		return err
	}
	switch a.kind() {
	case workbooks:
		return a.changeWorkbook(c, request)
	case datasources:
		return a.changeDatasource(request)
	}
	return nil
}

// changePlace gives the asset another name or another project.
func (a *asset) changePlace(c *call, request *element) error {
	name := cmp.Or(request.attr("name"), a.Name)
	project := cmp.Or(request.child("project").attr("id"), a.Project)
	if name == a.Name && project == a.Project {
		return nil
	}
	if project != a.Project {
		to := c.site.projects.Get(project)
		if to == nil {
			return refuse(codeNoProject, "Project '%s' could not be found.", project)
		}
		if err := c.allow(codeMoveForbidden, "Write", to.securable()); err != nil {
			return err
		}
	}
	if other := c.site.named(a.kind(), name, project); other != nil && other.LUID != a.LUID {
		return refuse(codeDatasourceExists, "The %s '%s' has the name '%s' in project '%s' already.", a.Kind, other.LUID, name, project)
	}
	a.Name, a.Project = name, project
	return nil
}

// changeOwner gives the asset another owner, which only administrators do.
func (a *asset) changeOwner(c *call, request *element) error {
	owner := request.child("owner").attr("id")
	if owner == "" || owner == a.Owner {
		return nil
	}
	if !c.user.isAdministrator() {
		return refuse(codeUpdateForbidden, "User '%s' is not an administrator and may not change the owner of %s '%s'.", c.user.LUID, a.Kind, a.LUID)
	}
	if _, err := c.person(owner); err != nil {
		return err
	}
	a.Owner = owner
	return nil
}

// changeWorkbook puts into a copy of a workbook what only workbooks have.
func (a *asset) changeWorkbook(c *call, request *element) error {
	if err := request.readFlag("showTabs", &a.ShowTabs); err != nil {
		return err
	}
	recently := false
	if err := request.readFlag("recentlyViewed", &recently); err != nil {
		return err
	}
	if recently { // setting it to false has no effect
		c.saw(a.Kind, a.LUID)
	}
	if err := a.accelerate(c, request); err != nil {
		return err
	}
	return a.changeFreshness(request.child("dataFreshnessPolicy"))
}

// knowsDescription tells whether the version of the call has the description of a kind in requests: that of workbooks
// came with 3.21.
func (c *call) knowsDescription(k *kind) bool {
	v, _ := parseVersion(c.version) // it was routed by it
	return k != workbooks || !v.before(apiVersion{3, 21})
}

// workbookFields are what workbooks may be filtered and sorted by, after "Filtering and Sorting in the REST API".
func workbookFields(c *call) map[string]field[*asset] {
	fields := assetFields(c)
	fields["displayTabs"] = boolField(func(a *asset) bool { return a.ShowTabs })
	fields["sheetCount"] = intField(func(a *asset) int { return len(c.site.viewsOf(a)) })
	return fields
}

// assetFields are what both workbooks and data sources may be filtered and sorted by.
func assetFields(c *call) map[string]field[*asset] {
	fields := map[string]field[*asset]{
		"contentUrl":     textField(func(a *asset) string { return a.ContentURL }),
		"createdAt":      timeField(func(a *asset) time.Time { return a.CreatedAt }),
		"favoritesTotal": intField(func(a *asset) int { return c.site.favoritesTotal(a.LUID) }),
		"hasExtracts":    boolField(func(a *asset) bool { return a.HasExtracts }),
		"name":           textField(func(a *asset) string { return a.Name }),
		"projectName":    textField(func(a *asset) string { return c.site.projects.Get(a.Project).Name }),
		"size":           intField((*asset).size),
		"tags":           textsField(func(a *asset) []string { return labels(a.Tags) }),
		"updatedAt":      timeField(func(a *asset) time.Time { return a.UpdatedAt }),
	}
	addOwnerFields(c, fields, func(a *asset) string { return a.Owner })
	return fields
}
