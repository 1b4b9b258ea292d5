package emulator

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

var customViewOperations = []operation{
	op("GET", "sites/{site}/customviews", onSite, nil, listCustomViews).since(3, 18),
	op("GET", "sites/{site}/customviews/{id}", onSite, nil, getCustomView).since(3, 18),
	op("PUT", "sites/{site}/customviews/{id}", onSite, readXML, updateCustomView).since(3, 18),
	op("DELETE", "sites/{site}/customviews/{id}", onSite, nil, deleteCustomView).since(3, 18),
	op("GET", "sites/{site}/customviews/{id}/default/users", onSite, nil, listDefaultUsers).since(3, 21),
	op("POST", "sites/{site}/customviews/{id}/default/users", onSite, readXML, setDefaultUsers).since(3, 21),
	op("GET", "sites/{site}/customviews/{id}/image", onSite, nil, customViewImage).since(3, 18),
	op("GET", "sites/{site}/customviews/{id}/pdf", onSite, nil, customViewPDF).since(3, 23),
	op("GET", "sites/{site}/customviews/{id}/data", onSite, nil, customViewData).since(3, 23),
	op("POST", "sites/{site}/customviews", onSite, readCustomView, publishCustomView).of("exp").since(3, 21),
	op("GET", "sites/{site}/customviews/{id}/content", onSite, nil, downloadCustomView).of("exp").since(3, 21),
}

// customViewTables are the custom views of a site, and who begins with which of them.
type customViewTables struct {
	customViews  *state.Table[customView]
	defaultViews *state.Table[defaultView]
}

func openCustomViews(store *state.Store, path string) customViewTables {
	return customViewTables{
		customViews:  state.NewTable(store, path+"customviews", func(v *customView) string { return v.LUID }),
		defaultViews: state.NewTable(store, path+"defaultviews", func(d *defaultView) string { return d.User + "/" + d.Workbook }),
	}
}

// customView is a view as somebody left it: with their filters, parameters and selections.
type customView struct {
	LUID, Name            string
	View, Workbook, Owner string     // LUIDs
	Shared                bool       // others find it
	Data                  state.Blob // what it is, in JSON
	CreatedAt, UpdatedAt  time.Time
	LastAccessedAt        time.Time
}

// defaultView is the custom view that a user sees first when they open a workbook.
type defaultView struct{ User, Workbook, CustomView string }

// customViewFields are what custom views may be filtered and sorted by.
func customViewFields() map[string]field[*customView] {
	return map[string]field[*customView]{
		"createdAt":  timeField(func(v *customView) time.Time { return v.CreatedAt }),
		"name":       textField(func(v *customView) string { return v.Name }),
		"ownerId":    operatorsField(func(v *customView) string { return v.Owner }, "eq"),
		"updatedAt":  timeField(func(v *customView) time.Time { return v.UpdatedAt }),
		"viewId":     operatorsField(func(v *customView) string { return v.View }, "eq"),
		"workbookId": operatorsField(func(v *customView) string { return v.Workbook }, "eq"),
	}
}

// listCustomViews answers GET customviews.
func listCustomViews(c *call) (*reply, error) {
	return listing[*customView]{
		name: "customViews", items: c.visibleCustomViews(), fields: customViewFields(),
		render: func(v *customView) *element { return v.render(c.site) },
	}.reply(c)
}

// visibleCustomViews are those a list may tell of. Administrators see all, others their own; asked for those of a view or
// a workbook, others see what is shared and what they may author, on views that they may see.
func (c *call) visibleCustomViews() []*customView {
	byContent := false
	for _, term := range splitTerms(c.query["filter"]) {
		switch name, _, _ := strings.Cut(term, ":"); name {
		case "viewId", "workbookId":
			byContent = true
		}
	}
	var visible []*customView
	for _, v := range c.site.customViews.All() {
		on := c.site.views.Get(v.View)
		switch {
		case on == nil:
		case c.user.isAdministrator() || v.Owner == c.user.LUID,
			byContent && c.mayOnView("Read", on) && (v.Shared || c.mayOnView("Write", on) && c.mayOnView("WebAuthoring", on)):
			visible = append(visible, v)
		}
	}
	return visible
}

func (c *call) mayOnView(capability string, v *view) bool {
	return c.may(capability, v.securable(c.site.workbooks.Get(v.Workbook)))
}

// customView returns the custom view in the path. Administrators and the owner may do everything with it, others what the
// capability on its view lets them; no capability stands for nothing.
func (c *call) customView(capability string) (*customView, error) {
	luid := c.vars["id"]
	v := c.site.customViews.Get(luid)
	if v == nil || c.site.views.Get(v.View) == nil {
		return nil, refuse(codeNoCustomView, "Custom view '%s' could not be found.", luid)
	}
	mayUse := v.Owner == c.user.LUID || c.user.isAdministrator() ||
		capability != "" && c.mayOnView(capability, c.site.views.Get(v.View))
	if !mayUse {
		return nil, refuse(codeCustomView, "User '%s' may not do this with custom view '%s'.", c.user.LUID, luid)
	}
	return v, nil
}

// getCustomView answers GET customviews/{id}.
func getCustomView(c *call) (*reply, error) {
	v, err := c.customView("Read")
	if err != nil {
		return nil, err
	}
	return ok(v.render(c.site)), nil
}

// updateCustomView answers PUT customviews/{id}: another name or owner.
func updateCustomView(c *call) (*reply, error) {
	v, err := c.customView("")
	if err != nil {
		return nil, err
	}
	body := c.body.child("customView")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no customView.")
	}
	changed := *v
	changed.Name = cmp.Or(body.attr("name"), v.Name)
	changed.Owner = cmp.Or(body.child("owner").attr("id"), v.Owner)
	changed.UpdatedAt = stamp(c.now)
	if err := changed.check(c.site); err != nil {
		return nil, err
	}
	c.site.customViews.Put(&changed)
	return ok(changed.render(c.site)), nil
}

// check refuses an owner who is not on the site, and a name that the owner has given to another custom view of the view.
func (v *customView) check(where *site) error {
	if where.users.Get(v.Owner) == nil {
		return refuse(codeNoUser, "User '%s' could not be found.", v.Owner)
	}
	same := find(where.customViews.All(), func(other *customView) bool {
		return other.LUID != v.LUID && other.View == v.View && other.Owner == v.Owner && other.Name == v.Name
	})
	if same != nil {
		return refuse(codeCustomViewExists, "Custom view '%s' of user '%s' has the name '%s' already.", same.LUID, v.Owner, v.Name)
	}
	return nil
}

// deleteCustomView answers DELETE customviews/{id} with the status that the reference has.
func deleteCustomView(c *call) (*reply, error) {
	v, err := c.customView("")
	if err != nil {
		return nil, err
	}
	c.server.dropCustomView(c.site, v)
	return &reply{status: 201}, nil
}

func (s *Server) dropCustomView(where *site, v *customView) {
	where.customViews.Delete(v.LUID)
	where.defaultViews.DeleteFunc(func(d *defaultView) bool { return d.CustomView == v.LUID })
	s.store.Release(v.Data)
}

// defaultUsersOf returns the users whose default a custom view is.
func (where *site) defaultUsersOf(v *customView) []*user {
	var users []*user
	for _, d := range where.defaultViews.All() {
		if u := where.users.Get(d.User); d.CustomView == v.LUID && u != nil {
			users = append(users, u)
		}
	}
	return users
}

// listDefaultUsers answers GET customviews/{id}/default/users, which is for administrators.
func listDefaultUsers(c *call) (*reply, error) {
	v, err := c.administered()
	if err != nil {
		return nil, err
	}
	return listing[*user]{
		name: "users", items: c.site.defaultUsersOf(v),
		render: func(u *user) *element { return node("user").with("id", u.LUID) },
	}.reply(c)
}

// administered returns the custom view in the path for what only administrators may do.
func (c *call) administered() (*customView, error) {
	v, err := c.customView("")
	if err == nil && !c.user.isAdministrator() {
		err = refuse(codeCustomView, "User '%s' is no administrator and may not do this with custom view '%s'.", c.user.LUID, v.LUID)
	}
	return v, err
}

// maxDefaultUsers is how many users one request may give a default view.
const maxDefaultUsers = 100

// setDefaultUsers answers POST customviews/{id}/default/users. What becomes of each user is told of each.
func setDefaultUsers(c *call) (*reply, error) {
	v, err := c.administered()
	if err != nil {
		return nil, err
	}
	users := slices.Collect(c.body.child("users").each("user"))
	if len(users) == 0 || len(users) > maxDefaultUsers {
		return nil, refuse(codeMalformed, "The request body has %d users, not 1 to %d.", len(users), maxDefaultUsers)
	}
	results := node("customViewAsUserDefaultResults")
	for _, e := range users {
		luid := e.attr("id")
		result := node("customViewAsUserDefaultViewResult", node("user").with("id", luid))
		known := c.site.users.Get(luid) != nil
		if known {
			c.site.defaultViews.Put(&defaultView{User: luid, Workbook: v.Workbook, CustomView: v.LUID})
		} else {
			result.add(refusalOf(refuse(codeNoUser, "User '%s' could not be found.", luid)).render())
		}
		results.add(result.withBool("success", known))
	}
	return ok(results), nil
}

func (v *customView) render(where *site) *element {
	return node("customView",
		node("view").with("id", v.View).with("name", where.views.Get(v.View).Name),
		node("workbook").with("id", v.Workbook).with("name", where.workbooks.Get(v.Workbook).Name),
		node("owner").with("id", v.Owner).with("name", where.userName(v.Owner)),
	).
		with("id", v.LUID).
		with("name", v.Name).
		with("createdAt", formatTime(v.CreatedAt)).
		with("updatedAt", formatTime(v.UpdatedAt)).
		with("lastAccessedAt", formatTime(v.LastAccessedAt)).
		withBool("shared", v.Shared)
}
