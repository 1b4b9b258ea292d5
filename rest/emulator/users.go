package emulator

import (
	"slices"
	"strings"
	"time"
)

var userOperations = []operation{
	op("GET", "sites/{site}/users", onSite, nil, listUsers),
	op("POST", "sites/{site}/users", onSite, readXML, createUser),
	op("GET", "sites/{site}/users/{id}", onSite, nil, getUser),
	op("PUT", "sites/{site}/users/{id}", onSite, readXML, updateUser),
	op("DELETE", "sites/{site}/users/{id}", onSite, nil, deleteUser),
	op("GET", "sites/{site}/users/{id}/groups", onSite, nil, listGroupsOfUser).since(3, 7),
}

// user is an account on one site.
type user struct {
	LUID        string
	Account     string // LUID of the account; "" for the one who owns what nobody made
	Name        string // of the account, which does not change
	Role        string // the site role
	AuthSetting string // how they sign in; "" for ServerDefault
	IDP         string // LUID of the authentication configuration they sign in by, if any
	LastLogin   time.Time
}

// systemName is the user who owns what nobody made. Nobody can sign in as them, and lists do not show them.
const systemName = "_system"

// serverDefault is the authentication setting of who says none.
const serverDefault = "ServerDefault"

// addUser puts an account on a site.
func (s *Server) addUser(where *site, a *account, role string) *user {
	u := &user{LUID: s.newID(), Account: a.LUID, Name: a.Name, Role: role}
	where.users.Put(u)
	return u
}

func (where *site) userOf(a *account) *user {
	return find(where.users.All(), func(u *user) bool { return u.Account == a.LUID })
}

// people are the users of a site without the one who owns what nobody made.
func (where *site) people() []*user {
	return slices.DeleteFunc(slices.Clone(where.users.All()), func(u *user) bool { return u.Account == "" })
}

// userName returns the name of a user of the site.
func (where *site) userName(luid string) string {
	if u := where.users.Get(luid); u != nil {
		return u.Name
	}
	return ""
}

// person returns a user of the site by LUID.
func (c *call) person(luid string) (*user, error) {
	if u := c.site.users.Get(luid); u != nil && u.Account != "" {
		return u, nil
	}
	return nil, refuse(codeNoUser, "User '%s' could not be found.", luid)
}

// manageUsers refuses who may not add, change and remove users: site administrators may unless the site says that only
// server administrators do.
func (c *call) manageUsers() error {
	if c.site.described().Attributes[adminMode] == contentOnly {
		return c.administerServer()
	}
	return c.administerSite()
}

// userFields are what users may be filtered and sorted by, after "Filtering and Sorting in the REST API".
func userFields(s *Server) map[string]field[*user] {
	account := func(u *user) *account { return s.accounts.Get(u.Account) }
	return map[string]field[*user]{
		"domainName":   textField(func(u *user) string { return s.domains.Get(account(u).Domain).Name }),
		"friendlyName": textField(func(u *user) string { return account(u).friendlyName() }, "cieq"),
		"isLocal":      boolField(func(u *user) bool { return s.isLocal(account(u).Domain) }),
		"lastLogin":    timeField(func(u *user) time.Time { return u.LastLogin }),
		"luid":         textField(func(u *user) string { return u.LUID }),
		"name":         foldedField(func(u *user) string { return u.Name }, "cieq"),
		"siteRole":     textField(func(u *user) string { return u.Role }),
	}
}

// foldedField is a text field whose values compare in any case, as the names of users do.
func foldedField[T any](get func(T) string, more ...string) field[T] {
	f := textField(func(item T) string { return strings.ToLower(get(item)) }, more...)
	exact := f.match
	f.match = func(operator, value string) func(T) bool { return exact(operator, strings.ToLower(value)) }
	return f
}

// listUsers answers GET users, which is for administrators.
func listUsers(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	return c.listPeople(c.site.people())
}

// listPeople lists users as the parameters of the request say.
func (c *call) listPeople(people []*user) (*reply, error) {
	return listing[*user]{
		name: "users", items: people, fields: userFields(c.server),
		render: func(u *user) *element { return u.render(c.server) },
	}.reply(c)
}

// getUser answers GET users/{id}. Others than oneself are for administrators.
func getUser(c *call) (*reply, error) {
	u, err := c.person(c.vars["id"])
	if err != nil {
		return nil, err
	}
	if u.LUID != c.user.LUID && !c.user.isAdministrator() {
		return nil, refuse(codeUserForbidden, "User '%s' may not read user '%s'.", c.user.LUID, u.LUID)
	}
	return ok(u.render(c.server).whole()), nil
}

// render writes a user. What lists do not tell by default are extras.
func (u *user) render(s *Server) *element {
	a := s.accounts.Get(u.Account)
	e := node("user", node("domain").with("name", s.domains.Get(a.Domain).Name).asExtra()).
		with("id", u.LUID).
		with("name", u.Name).
		withExtra("fullName", a.friendlyName()).
		withExtra("email", a.Email).
		with("siteRole", u.Role).
		withExtra("authSetting", u.authSetting())
	if !u.LastLogin.IsZero() {
		e.with("lastLogin", formatTime(u.LastLogin))
	}
	e.with("externalAuthUserId", "").
		withExtra("locale", "").
		withExtra("language", "en")
	if u.IDP != "" {
		e.withExtra("idpConfigurationId", u.IDP)
	}
	return e
}

func (u *user) authSetting() string {
	if u.AuthSetting == "" {
		return serverDefault
	}
	return u.AuthSetting
}

// friendlyName is the full name, or else the name.
func (a *account) friendlyName() string {
	if a.FullName == "" {
		return a.Name
	}
	return a.FullName
}
