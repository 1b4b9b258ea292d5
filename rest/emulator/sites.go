package emulator

import (
	"slices"
)

// site is one site of the server, with everything on it.
type site struct {
	luid, contentURL, name string
	users                  []*user
	projects               []*project
	assets                 []*asset // workbooks and data sources, oldest first
	jobs                   map[string]*job
	uploads                map[string]*upload
}

// user is an account on one site.
type user struct {
	luid    string
	account *account
}

// addSite makes a site with its users and its Default project, which belongs to nobody who can sign in.
func (s *Server) addSite(contentURL, name string) *site {
	where := &site{
		luid: s.newID(), contentURL: contentURL, name: name,
		jobs: make(map[string]*job), uploads: make(map[string]*upload),
	}
	for _, a := range s.accounts {
		if a.isOn(contentURL) {
			s.addUser(where, a)
		}
	}
	system := &user{s.newID(), &account{name: "_system", role: serverAdministrator}}
	now := stamp(s.clock().UTC())
	where.projects = []*project{{
		luid: s.newID(), name: defaultProjectName, owner: system, contentPermissions: managedByOwner,
		createdAt: now, updatedAt: now,
	}}
	s.sites = append(s.sites, where)
	return where
}

func (s *Server) addUser(where *site, a *account) *user {
	u := &user{s.newID(), a}
	where.users = append(where.users, u)
	return u
}

func (s *Server) siteByLUID(luid string) *site {
	return find(s.sites, func(where *site) bool { return where.luid == luid })
}

func (where *site) user(luid string) *user {
	return find(where.users, func(u *user) bool { return u.luid == luid })
}

func (where *site) userOf(a *account) *user {
	return find(where.users, func(u *user) bool { return u.account == a })
}

// find returns the first of the items that fits, or nil.
func find[T any](items []*T, fits func(*T) bool) *T {
	i := slices.IndexFunc(items, fits)
	if i < 0 {
		return nil
	}
	return items[i]
}

// listSites answers GET sites, which is for server administrators.
func listSites(c *call) (*reply, error) {
	if c.user.account.role != serverAdministrator {
		return nil, refuse(codeSiteList, "User '%s' is not a server administrator and may not list the sites.", c.user.luid)
	}
	return listing[*site]{
		name: "sites", items: c.server.sites,
		render: func(where *site) *element { return where.render() },
	}.reply(c)
}

// getSite answers GET sites/{id}, and by content URL or name with ?key=. Others' sites are for server administrators.
func getSite(c *call) (*reply, error) {
	id := c.vars["site"]
	by := func(where *site) string { return where.luid }
	switch c.query["key"] {
	case "contentUrl":
		by = func(where *site) string { return where.contentURL }
	case "name":
		by = func(where *site) string { return where.name }
	}
	where := find(c.server.sites, func(where *site) bool { return by(where) == id })
	if where == nil {
		return nil, refuse(codeNoSite, "Site '%s' could not be found.", id)
	}
	if where != c.session.site && c.user.account.role != serverAdministrator {
		return nil, refuse(codeForbidden, "User '%s' may not read site '%s'.", c.user.luid, where.luid)
	}
	return ok(where.render()), nil
}

func (where *site) render() *element {
	return node("site").
		with("id", where.luid).
		with("name", where.name).
		with("contentUrl", where.contentURL).
		with("adminMode", "ContentAndUsers").
		with("state", "Active").
		with("disableSubscriptions", "false").
		with("revisionHistoryEnabled", "true").
		with("revisionLimit", "25")
}
