package emulator

import (
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// serverOperations are the operations on what belongs to no site.
var serverOperations = []operation{
	op("GET", "serverinfo", everyone, nil, serverInfo).since(2, 4),
	op("POST", "auth/signin", everyone, readXML, signIn),
	op("POST", "auth/signout", anyToken, nil, signOut),
	op("GET", "sites", anyToken, nil, listSites),
	op("GET", "sites/{site}", anyToken, nil, getSite),
}

// site is one site of the server: the tables of what is on it. Each part of the API has its own.
type site struct {
	luid string
	info *state.Table[siteInfo] // of all sites
	identityTables
	contentTables
	accessTables
	workTables
	webhookTables
	favoriteTables
}

// siteInfo is what a site is called.
type siteInfo struct {
	LUID, ContentURL, Name string
	AllUsers               string // LUID of the group that everyone on the site is in
}

// identityTables are who is on a site.
type identityTables struct {
	users *state.Table[user]
}

// user is an account on one site.
type user struct {
	LUID    string
	Account string // LUID of the account
	Name    string // of the account, which does not change
	Role    string // the site role
}

// openSite returns a site with its tables, and what the store has in them.
func (s *Server) openSite(luid string) *site {
	path := "sites/" + luid + "/"
	return &site{
		luid: luid,
		info: s.siteInfos,
		identityTables: identityTables{
			users: state.NewTable(s.store, path+"users", func(u *user) string { return u.LUID }),
		},
		contentTables:  openContent(s.store, path),
		accessTables:   openAccess(s.store, path),
		workTables:     openWork(s.store, path),
		webhookTables:  openWebhooks(s.store, path),
		favoriteTables: openFavorites(s.store, path),
	}
}

// addSite makes a site with its users and its Default project, which belongs to nobody who can sign in.
func (s *Server) addSite(contentURL, name string) *site {
	info := &siteInfo{LUID: s.newID(), ContentURL: contentURL, Name: name, AllUsers: s.newID()}
	s.siteInfos.Put(info)
	where := s.site(info.LUID)
	for _, a := range s.accounts.All() {
		if a.isOn(contentURL) {
			s.addUser(where, a)
		}
	}
	system := &user{LUID: s.newID(), Name: systemName, Role: serverAdministrator}
	where.users.Put(system)
	now := stamp(s.clock().UTC())
	first := &project{
		LUID: s.newID(), Name: defaultProjectName, Owner: system.LUID, ContentPermissions: managedByOwner,
		CreatedAt: now, UpdatedAt: now,
	}
	where.projects.Put(first)
	where.addTemplateRules(first.LUID, info.AllUsers)
	return where
}

// systemName is the user who owns what nobody made. Nobody can sign in as them, and lists do not show them.
const systemName = "_system"

func (s *Server) addUser(where *site, a *account) *user {
	u := &user{LUID: s.newID(), Account: a.LUID, Name: a.Name, Role: a.Role}
	where.users.Put(u)
	return u
}

func (where *site) contentURL() string { return where.info.Get(where.luid).ContentURL }

func (where *site) userOf(a *account) *user {
	return find(where.users.All(), func(u *user) bool { return u.Account == a.LUID })
}

// userName returns the name of a user of the site.
func (where *site) userName(luid string) string {
	if u := where.users.Get(luid); u != nil {
		return u.Name
	}
	return ""
}

// siteByContentURL returns the site with the content URL, in any case because tabcmd writes it in lower case.
func (s *Server) siteByContentURL(contentURL string) *site {
	info := find(s.siteInfos.All(), func(i *siteInfo) bool { return strings.EqualFold(i.ContentURL, contentURL) })
	if info == nil {
		return nil
	}
	return s.site(info.LUID)
}

// site returns the site with the LUID, nil when there is none.
func (s *Server) site(luid string) *site {
	if s.siteInfos.Get(luid) == nil {
		return nil
	}
	if s.opened[luid] == nil {
		s.opened[luid] = s.openSite(luid)
	}
	return s.opened[luid]
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
	if c.user.Role != serverAdministrator {
		return nil, refuse(codeSiteList, "User '%s' is not a server administrator and may not list the sites.", c.user.LUID)
	}
	return listing[*siteInfo]{
		name: "sites", items: c.server.siteInfos.All(),
		render: (*siteInfo).render,
	}.reply(c)
}

// getSite answers GET sites/{id}, and by content URL or name with ?key=. Others' sites are for server administrators.
func getSite(c *call) (*reply, error) {
	id := c.vars["site"]
	by := func(i *siteInfo) string { return i.LUID }
	switch c.query["key"] {
	case "contentUrl":
		by = func(i *siteInfo) string { return i.ContentURL }
	case "name":
		by = func(i *siteInfo) string { return i.Name }
	}
	info := find(c.server.siteInfos.All(), func(i *siteInfo) bool { return by(i) == id })
	if info == nil {
		return nil, refuse(codeNoSite, "Site '%s' could not be found.", id)
	}
	if info.LUID != c.session.Site && c.user.Role != serverAdministrator {
		return nil, refuse(codeForbidden, "User '%s' may not read site '%s'.", c.user.LUID, info.LUID)
	}
	return ok(info.render()), nil
}

func (i *siteInfo) render() *element {
	return node("site").
		with("id", i.LUID).
		with("name", i.Name).
		with("contentUrl", i.ContentURL).
		with("adminMode", "ContentAndUsers").
		with("state", "Active").
		with("disableSubscriptions", "false").
		with("revisionHistoryEnabled", "true").
		with("revisionLimit", "25")
}
