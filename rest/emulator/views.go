package emulator

import (
	"slices"
	"strconv"
	"time"
)

var viewOperations = []operation{
	op("GET", "sites/{site}/views", onSite, nil, listViews).since(2, 2),
	op("GET", "sites/{site}/views/{view}", onSite, nil, getView).since(3, 0),
	op("DELETE", "sites/{site}/views/{view}", onSite, nil, deleteView).since(3, 27),
	op("PUT", "sites/{site}/views/{view}/tags", onSite, readXML, addTagsToView),
	op("DELETE", "sites/{site}/views/{view}/tags/{tag...}", onSite, nil, deleteTagFromView),
	op("GET", "sites/{site}/workbooks/{id}/views", onSite, nil, listViewsOfWorkbook),
}

// view is a sheet of a workbook. A hidden one keeps its LUID for the day it is shown again, and is in no list.
type view struct {
	LUID, Workbook       string
	Name, URLName        string
	SheetType            string // worksheet, dashboard, story
	Tags                 []tag
	CreatedAt, UpdatedAt time.Time
	Seen                 int // how often somebody looked at it
	Acceleration         acceleration
}

// viewsOf returns the views of a workbook that people can see, in the order of its sheets.
func (where *site) viewsOf(workbook *asset) []*view {
	var views []*view
	for _, luid := range workbook.Views {
		if v := where.views.Get(luid); v != nil {
			views = append(views, v)
		}
	}
	return views
}

// anyView returns a view, be it shown or hidden.
func (where *site) anyView(luid string) *view {
	if v := where.views.Get(luid); v != nil {
		return v
	}
	return where.hiddenViews.Get(luid)
}

func (v *view) contentURL(workbook *asset) string {
	return workbook.ContentURL + "/sheets/" + v.URLName
}

// view returns the view in the path and its workbook when the caller has a capability on the view. It refuses with one
// code when there is no such view, and with the other when the caller may not.
func (c *call) view(missing, forbidden int, capability string) (*view, *asset, error) {
	v := c.site.views.Get(c.vars["view"])
	if v == nil {
		return nil, nil, refuse(missing, "View '%s' could not be found.", c.vars["view"])
	}
	workbook := c.site.workbooks.Get(v.Workbook)
	return v, workbook, c.allow(forbidden, capability, v.securable(workbook))
}

// render writes a view with the children that the place asks for.
func (v *view) render(workbook *asset, children ...*element) *element {
	return node("view", children...).
		with("id", v.LUID).
		with("name", v.Name).
		with("contentUrl", v.contentURL(workbook)).
		with("createdAt", formatTime(v.CreatedAt)).
		with("updatedAt", formatTime(v.UpdatedAt)).
		withExtra("sheetType", v.SheetType).
		with("viewUrlName", v.URLName)
}

// renderListed writes a view as it is told of without its workbook around it.
func (v *view) renderListed(c *call) *element {
	workbook := c.site.workbooks.Get(v.Workbook)
	owner, project := c.renderOwner(workbook.Owner), c.renderProject(workbook.Project)
	for _, reference := range []*element{owner, project} {
		for i := range reference.attrs {
			reference.attrs[i].extra = reference.attrs[i].name != "id"
		}
	}
	of := node("workbook").with("id", workbook.LUID).withExtra("name", workbook.Name).withExtra("contentUrl", workbook.ContentURL)
	return v.render(workbook, of, owner, project, renderTags(v.Tags), v.renderUsage().asExtra())
}

// renderUsage writes the usage statistics.
func (v *view) renderUsage() *element {
	return node("usage").with("totalViewCount", strconv.Itoa(v.Seen))
}

// withUsage makes the usage statistics a part of the answer when includeUsageStatistics asks for them.
func (e *element) withUsage(asked bool) *element {
	if asked {
		e.child("usage").extra = false
	}
	return e
}

// getView answers GET views/{id}.
func getView(c *call) (*reply, error) {
	v, _, err := c.view(codeNoWorkbook, codeForbidden, "Read")
	if err != nil {
		return nil, err
	}
	usage, err := c.flag("includeUsageStatistics")
	if err != nil {
		return nil, err
	}
	return ok(v.renderListed(c).withUsage(usage)), nil
}

// listViewsOfWorkbook answers GET workbooks/{id}/views; there is no paging.
func listViewsOfWorkbook(c *call) (*reply, error) {
	workbook, err := workbooks.findFor(c, codeForbidden, "Read")
	if err != nil {
		return nil, err
	}
	usage, err := c.flag("includeUsageStatistics")
	if err != nil {
		return nil, err
	}
	return listing[*view]{
		name: "views", items: readableViews(c, c.site.viewsOf(workbook)), fields: viewFields(c), unpaged: true,
		render: func(v *view) *element {
			return v.render(workbook, renderTags(v.Tags), v.renderUsage().asExtra()).withUsage(usage)
		},
	}.reply(c)
}

// listViews answers GET views: those of all workbooks of the site that the caller may read.
func listViews(c *call) (*reply, error) {
	usage, err := c.flag("includeUsageStatistics")
	if err != nil {
		return nil, err
	}
	return listing[*view]{
		name: "views", items: readableViews(c, c.site.views.All()), fields: viewFields(c),
		render: func(v *view) *element { return v.renderListed(c).withUsage(usage) },
	}.reply(c)
}

// readableViews leaves of views those that the caller may read. For administrators that is all of them, at no cost.
func readableViews(c *call, all []*view) []*view {
	if c.user.isAdministrator() {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(v *view) bool {
		return !c.may("Read", v.securable(c.site.workbooks.Get(v.Workbook)))
	})
}

// deleteView answers DELETE views/{id}. A workbook keeps at least one view that people can see.
func deleteView(c *call) (*reply, error) {
	v, workbook, err := c.view(codeNoView, codeForbidden, "Delete")
	if err != nil {
		return nil, err
	}
	if len(c.site.viewsOf(workbook)) == 1 {
		return nil, refuse(codeForbidden, "View '%s' is the only one of workbook '%s' and cannot be deleted.", v.LUID, workbook.LUID)
	}
	changed := *workbook
	changed.Views = slices.DeleteFunc(slices.Clone(workbook.Views), func(luid string) bool { return luid == v.LUID })
	changed.UpdatedAt = stamp(c.now)
	c.site.workbooks.Put(&changed)
	c.removeView(v.LUID)
	return noContent(), nil
}

// removeView takes a view, shown or hidden, off the site. Webhooks are told of those that people could see.
func (c *call) removeView(luid string) {
	if v := c.site.views.Get(luid); v != nil {
		c.server.event(c.site, "ViewDeleted", v.LUID, v.Name, c.now)
		c.site.views.Delete(luid)
	}
	c.server.forgetView(c.site, luid)
}

// viewFields are what views may be filtered and sorted by, after "Filtering and Sorting in the REST API".
func viewFields(c *call) map[string]field[*view] {
	workbook := func(v *view) *asset { return c.site.workbooks.Get(v.Workbook) }
	fields := map[string]field[*view]{
		"caption":             textField(func(v *view) string { return v.Name }),
		"contentUrl":          textField(func(v *view) string { return v.contentURL(workbook(v)) }),
		"createdAt":           timeField(func(v *view) time.Time { return v.CreatedAt }),
		"favoritesTotal":      intField(func(v *view) int { return c.site.favoritesTotal(v.LUID) }),
		"hitsTotal":           intField(func(v *view) int { return v.Seen }),
		"name":                textField(func(v *view) string { return v.Name }),
		"projectName":         textField(func(v *view) string { return c.site.projects.Get(workbook(v).Project).Name }),
		"sheetNumber":         intField(func(v *view) int { return 1 + slices.Index(workbook(v).Views, v.LUID) }),
		"sheetType":           textField(func(v *view) string { return v.SheetType }),
		"tags":                textsField(func(v *view) []string { return labels(v.Tags) }),
		"title":               textField(func(v *view) string { return v.Name }),
		"updatedAt":           timeField(func(v *view) time.Time { return v.UpdatedAt }),
		"viewUrlName":         textField(func(v *view) string { return v.URLName }),
		"workbookDescription": textField(func(v *view) string { return workbook(v).Description }),
		"workbookName":        textField(func(v *view) string { return workbook(v).Name }),
	}
	addOwnerFields(c, fields, func(v *view) string { return workbook(v).Owner })
	return fields
}
