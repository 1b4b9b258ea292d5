package emulator

import "time"

var viewOperations = []operation{
	op("GET", "sites/{site}/views", onSite, nil, listViews).since(2, 2),
	op("GET", "sites/{site}/workbooks/{id}/views", onSite, nil, listViewsOfWorkbook),
}

// view is a sheet of a workbook. A hidden one keeps its LUID for the day it is shown again, and is in no list.
type view struct {
	LUID, Workbook       string
	Name, URLName        string
	SheetType            string // worksheet, dashboard, story
	Hidden               bool
	Tags                 []string
	CreatedAt, UpdatedAt time.Time
}

// viewsOf returns the views of a workbook that people can see, in the order of its sheets.
func (where *site) viewsOf(workbook *asset) []*view {
	var views []*view
	for _, luid := range workbook.Views {
		if v := where.views.Get(luid); !v.Hidden {
			views = append(views, v)
		}
	}
	return views
}

// shownViews returns the views of all workbooks that people can see.
func (where *site) shownViews() []*view {
	var views []*view
	for _, v := range where.views.All() {
		if !v.Hidden {
			views = append(views, v)
		}
	}
	return views
}

func (v *view) contentURL(workbook *asset) string {
	return workbook.ContentURL + "/sheets/" + v.URLName
}

// render writes a view with the children that the place asks for.
func (v *view) render(workbook *asset, children ...*element) *element {
	return node("view", children...).
		with("id", v.LUID).
		with("name", v.Name).
		with("contentUrl", v.contentURL(workbook)).
		with("createdAt", formatTime(v.CreatedAt)).
		with("updatedAt", formatTime(v.UpdatedAt)).
		with("viewUrlName", v.URLName)
}

// renderListed writes a view as lists do that are not about one workbook.
func (v *view) renderListed(c *call) *element {
	workbook := c.site.workbooks.Get(v.Workbook)
	return v.render(workbook,
		node("workbook").with("id", workbook.LUID),
		node("owner").with("id", workbook.Owner),
		node("project").with("id", workbook.Project),
		renderTags(v.Tags))
}

// renderUsage writes the usage statistics that includeUsageStatistics asks for. Nobody looks at views here.
func renderUsage() *element { return node("usage").with("totalViewCount", "0") }

// listViewsOfWorkbook answers GET workbooks/{id}/views; there is no paging.
func listViewsOfWorkbook(c *call) (*reply, error) {
	workbook, err := workbooks.find(c)
	if err != nil {
		return nil, err
	}
	usage, err := c.flag("includeUsageStatistics")
	if err != nil {
		return nil, err
	}
	list := node("views")
	for _, v := range c.site.viewsOf(workbook) {
		e := v.render(workbook, renderTags(v.Tags))
		if usage {
			e.add(renderUsage())
		}
		list.add(e)
	}
	return ok(list), nil
}

// listViews answers GET views: those of all workbooks of the site.
func listViews(c *call) (*reply, error) {
	usage, err := c.flag("includeUsageStatistics")
	if err != nil {
		return nil, err
	}
	return listing[*view]{
		name: "views", items: c.site.shownViews(), fields: viewFields(c.site),
		render: func(v *view) *element {
			e := v.renderListed(c)
			if usage {
				e.add(renderUsage())
			}
			return e
		},
	}.reply(c)
}
