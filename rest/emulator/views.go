package emulator

func (v *view) contentURL() string { return v.workbook.contentURL + "/sheets/" + v.urlName }

// render writes a view with the children that the place asks for.
func (v *view) render(children ...*element) *element {
	return node("view", children...).
		with("id", v.luid).
		with("name", v.name).
		with("contentUrl", v.contentURL()).
		with("createdAt", formatTime(v.createdAt)).
		with("updatedAt", formatTime(v.updatedAt)).
		with("viewUrlName", v.urlName)
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
	for _, v := range workbook.views {
		e := v.render(renderTags(nil))
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
	var views []*view
	for _, workbook := range workbooks.of(c.site) {
		views = append(views, workbook.views...)
	}
	return listing[*view]{
		name: "views", items: views, fields: viewFields,
		render: func(v *view) *element {
			e := v.render(
				node("workbook").with("id", v.workbook.luid),
				node("owner").with("id", v.workbook.owner.luid),
				node("project").with("id", v.workbook.project.luid),
				renderTags(nil))
			if usage {
				e.add(renderUsage())
			}
			return e
		},
	}.reply(c)
}
