package emulator

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// createUser answers POST users. An account that the server knows from another site is put on this one; any other is
// made, and can sign in once it has a password.
func createUser(c *call) (*reply, error) {
	if err := c.manageUsers(); err != nil {
		return nil, err
	}
	body := c.body.child("user")
	name := body.attr("name")
	if _, plain := splitName(name); plain == "" {
		return nil, refuse(codeMalformed, "The request body has no user with a name.")
	}
	u, err := c.newUser(name, body)
	if err != nil {
		return nil, err
	}
	return created(c.path("users", u.LUID), u.render(c.server).whole()), nil
}

// newUser puts someone on the site, with the site role and the authentication setting of an element.
func (c *call) newUser(name string, like *element) (*user, error) {
	_, plain := splitName(name)
	if strings.EqualFold(plain, guestRole) || like.attr("siteRole") == guestRole {
		return nil, refuse(codeGuestUser, "User '%s' cannot be added as a guest.", name)
	}
	if like.attr("siteRole") == "" {
		return nil, refuse(codeSiteRole, "User '%s' has no siteRole.", name)
	}
	s := c.server
	a := s.findAccount(name)
	if a != nil && c.site.userOf(a) != nil {
		return nil, refuse(codeUserExists, "User '%s' is on site '%s' already, as '%s'.", name, c.site.luid, c.site.userOf(a).LUID)
	}
	if a == nil {
		a = s.addAccount(name, unlicensed)
	}
	u := *s.addUser(c.site, a, unlicensed)
	if err := c.changeUser(&u, like); err != nil {
		return nil, err
	}
	c.site.users.Put(&u)
	return &u, nil
}

// updateUser answers PUT users/{id}. Only what the request holds changes. Everybody may change their own names and
// password.
func updateUser(c *call) (*reply, error) {
	u, err := c.person(c.vars["id"])
	if err != nil {
		return nil, err
	}
	body := c.body.child("user")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no user.")
	}
	ofOneself := u.LUID == c.user.LUID && body.attr("siteRole") == "" && body.attr("authSetting") == "" && body.attr("idpConfigurationId") == ""
	if err := c.manageUsers(); err != nil && !ofOneself {
		return nil, err
	}
	changed := *u
	if err := c.changeUser(&changed, body); err != nil {
		return nil, err
	}
	c.site.users.Put(&changed)
	return ok(changed.render(c.server).whole()), nil
}

// changeUser puts into u, which is a copy, and into its account what an element says.
func (c *call) changeUser(u *user, body *element) error {
	a := *c.server.accounts.Get(u.Account)
	a.FullName = cmp.Or(body.attr("fullName"), a.FullName)
	a.Email = cmp.Or(body.attr("email"), a.Email)
	if password := body.attr("password"); password != "" {
		a.Password = seal(password)
	}
	if err := c.changeAccount(u, &a); err != nil {
		return err
	}
	if role := body.attr("siteRole"); role != "" && role != u.Role {
		if err := c.changeRole(u, role); err != nil {
			return err
		}
	}
	return c.changeAuthentication(u, body.attr("authSetting"), body.attr("idpConfigurationId"))
}

// changeAccount keeps the account of a user as changed. It is the same on all sites: the administrator of one may change it
// only of those who are on no other site and do not administer the server.
func (c *call) changeAccount(u *user, changed *account) error {
	s := c.server
	if reflect.DeepEqual(changed, s.accounts.Get(u.Account)) {
		return nil
	}
	elsewhere := func(where *site) bool { return where.luid != c.site.luid && where.userOf(changed) != nil }
	mayNot := u.Role == serverAdministrator || slices.ContainsFunc(s.everySite(), elsewhere)
	if mayNot && u.LUID != c.user.LUID && c.user.Role != serverAdministrator {
		return refuse(codeForbidden, "User '%s' may not change the names and the password of user '%s', which are for other sites too.", c.user.LUID, u.LUID)
	}
	s.accounts.Put(changed)
	return nil
}

// changeRole gives a user a site role. A server administrator is one on all sites, and only made or unmade by another.
func (c *call) changeRole(u *user, role string) error {
	if !slices.Contains(siteRoles, role) || role == guestRole || role == supportUser {
		return refuse(codeSiteRole, "User '%s' cannot have the site role '%s'.", u.Name, role)
	}
	if quota, limited := c.site.described().number(userQuota); limited && quota >= 0 && licenseOf(u.Role) == "" && licenseOf(role) != "" {
		if c.site.licensed() >= quota {
			return refuse(codeQuota, "Site '%s' has %d users with a license, which is as many as it may have.", c.site.luid, quota)
		}
	}
	was := u.isAdministrator()
	if role == serverAdministrator || u.Role == serverAdministrator {
		if err := c.administerServer(); err != nil {
			return err
		}
		c.server.spreadRole(u, role)
	}
	u.Role = role
	switch {
	case u.isAdministrator() && !was:
		c.server.event(c.site, "AdminPromoted", u.LUID, u.Name, c.now)
	case was && !u.isAdministrator():
		c.server.event(c.site, "AdminDemoted", u.LUID, u.Name, c.now)
	}
	return nil
}

// spreadRole gives the account of a user who becomes a server administrator, or is one no longer, the same site role on
// every other site.
func (s *Server) spreadRole(u *user, role string) {
	for _, where := range s.everySite() {
		for _, other := range where.people() {
			if other.Account == u.Account && other.LUID != u.LUID && (role == serverAdministrator || other.Role == serverAdministrator) {
				changed := *other
				changed.Role = role
				where.users.Put(&changed)
			}
		}
	}
}

// changeAuthentication sets how a user signs in: as the site lets, or as the server does. Both empty change nothing.
func (c *call) changeAuthentication(u *user, setting, configuration string) error {
	switch {
	case setting != "" && configuration != "":
		return refuse(codeAuthSetting, "User '%s' cannot have both the authSetting '%s' and the idpConfigurationId '%s'.", u.Name, setting, configuration)
	case setting == serverDefault:
		u.AuthSetting, u.IDP = "", ""
	case setting != "":
		known := find(c.site.authConfigurations.All(), func(a *authConfiguration) bool { return a.Enabled && a.AuthSetting == setting })
		if known == nil {
			return refuse(codeAuthSetting, "The authSetting '%s' of user '%s' is not supported by site '%s'.", setting, u.Name, c.site.luid)
		}
		u.AuthSetting, u.IDP = setting, ""
	case configuration != "":
		known := c.site.authConfigurations.Get(configuration)
		if known == nil || !known.Enabled {
			return refuse(codeAuthSetting, "The idpConfigurationId '%s' of user '%s' is none of site '%s'.", configuration, u.Name, c.site.luid)
		}
		u.AuthSetting, u.IDP = known.AuthSetting, known.LUID
	}
	return nil
}

// deleteUser answers DELETE users/{id}. What the user owns goes to another one, when the request says to whom; else a
// user who owns something stays.
func deleteUser(c *call) (*reply, error) {
	if err := c.manageUsers(); err != nil {
		return nil, err
	}
	u, err := c.person(c.vars["id"])
	if err != nil {
		return nil, err
	}
	if heir := c.query["mapAssetsTo"]; heir != "" {
		if _, err := c.person(heir); err != nil || heir == u.LUID {
			return nil, refuse(codeNoUser, "User '%s', to whom the content of user '%s' is to go, could not be found.", heir, u.LUID)
		}
		c.site.bequeath(u.LUID, heir)
	}
	if owned := c.site.ownedBy(u.LUID); owned != "" {
		return nil, refuse(codeOwnsContent, "User '%s' owns content, such as %s.", u.LUID, owned)
	}
	return noContent(), c.removeUser(u)
}

// removeUser takes a user, who owns nothing, off the site, and forgets an account that is on no site any more, with its
// tokens. Only a server administrator removes another.
func (c *call) removeUser(u *user) error {
	if u.Role == serverAdministrator {
		if err := c.administerServer(); err != nil {
			return err
		}
	}
	for _, g := range c.site.groups.All() {
		c.site.setMembers(g, without(g.Members, u.LUID))
	}
	c.server.forgetUser(c.site, u.LUID)
	c.site.users.Delete(u.LUID)
	c.server.forgetAccount(u.Account)
	c.server.event(c.site, "UserDeleted", u.LUID, u.Name, c.now)
	return nil
}

// forgetAccount forgets an account that is on no site.
func (s *Server) forgetAccount(luid string) {
	a := s.accounts.Get(luid)
	for _, where := range s.everySite() {
		if where.userOf(a) != nil {
			return
		}
	}
	for _, p := range s.pats.All() {
		if p.Account == luid {
			s.revoke(p)
		}
	}
	s.accounts.Delete(luid)
}

// ownedBy names something that a user of the site owns, by LUID; "" when there is nothing.
func (where *site) ownedBy(luid string) string {
	if p := find(where.projects.All(), func(p *project) bool { return p.Owner == luid }); p != nil {
		return "project '" + p.LUID + "'"
	}
	for _, k := range kinds {
		if a := find(k.of(where).All(), func(a *asset) bool { return a.Owner == luid }); a != nil {
			return k.element + " '" + a.LUID + "'"
		}
	}
	if v := find(where.virtualConnections.All(), func(v *virtualConnection) bool { return v.Owner == luid }); v != nil {
		return "virtual connection '" + v.LUID + "'"
	}
	return ""
}

// bequeath makes what one user of the site owns another's, both by LUID.
func (where *site) bequeath(from, to string) {
	handOver(where.projects, func(p *project) *string { return &p.Owner }, from, to)
	for _, k := range kinds {
		handOver(k.of(where), func(a *asset) *string { return &a.Owner }, from, to)
	}
	handOver(where.virtualConnections, func(v *virtualConnection) *string { return &v.Owner }, from, to)
	handOver(where.customViews, func(v *customView) *string { return &v.Owner }, from, to)
	handOver(where.alerts, func(a *alert) *string { return &a.Owner }, from, to)
	handOver(where.webhooks, func(w *webhook) *string { return &w.Owner }, from, to)
}

// handOver changes the owner of the records of a table that belong to one user to another.
func handOver[T any](table *state.Table[T], owner func(*T) *string, from, to string) {
	for _, record := range table.All() {
		if changed := *record; *owner(&changed) == from {
			*owner(&changed) = to
			table.Put(&changed)
		}
	}
}
