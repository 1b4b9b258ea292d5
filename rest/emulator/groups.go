package emulator

import (
	"slices"
	"strconv"
	"strings"
)

var groupOperations = []operation{
	op("GET", "sites/{site}/groups", onSite, nil, listGroups),
	op("POST", "sites/{site}/groups", onSite, readXML, createGroup),
	op("PUT", "sites/{site}/groups/{id}", onSite, readXML, updateGroup),
	op("DELETE", "sites/{site}/groups/{id}", onSite, nil, deleteGroup),
	op("GET", "sites/{site}/groups/{id}/users", onSite, nil, listMembers),
	op("POST", "sites/{site}/groups/{id}/users", onSite, readXML, addMembers),
	op("PUT", "sites/{site}/groups/{id}/users/remove", onSite, readXML, removeMembers).since(3, 21),
	op("DELETE", "sites/{site}/groups/{id}/users/{user}", onSite, nil, removeMember),
}

// group is a group of users of a site. Names are unique in a domain.
type group struct {
	LUID, Name      string
	Domain          string // LUID
	MinimumSiteRole string
	ExternalUsers   bool
	Import          *directoryImport // of a group of an Active Directory; it is not changed
	Everybody       bool             // the group that everybody on the site is in
	Members         []string         // LUIDs of users, in the order they were added
}

// directoryImport is what users get who come from an Active Directory with their group.
type directoryImport struct{ SiteRole, GrantLicenseMode string }

// grantedAtSignIn is the site role that users in the group have at least once they have signed in, "" for none.
func (g *group) grantedAtSignIn() string {
	if g.Import != nil && g.Import.GrantLicenseMode == onLogin {
		return g.Import.SiteRole
	}
	return g.MinimumSiteRole
}

// allUsers is the name of the group that everybody is in.
const allUsers = "All Users"

// members are the users in a group.
func (where *site) members(g *group) []*user {
	if g.Everybody {
		return where.people()
	}
	var members []*user
	for _, luid := range g.Members {
		members = append(members, where.users.Get(luid))
	}
	return members
}

// isMember tells whether a user, by LUID, is in a group.
func (where *site) isMember(g *group, luid string) bool {
	return g.Everybody || slices.Contains(g.Members, luid)
}

// groupsWith are the groups a user, by LUID, is in.
func (where *site) groupsWith(luid string) []*group {
	return slices.DeleteFunc(slices.Clone(where.groups.All()), func(g *group) bool { return !where.isMember(g, luid) })
}

// groupsOf returns the LUIDs of the groups and group sets that a user is in.
func (where *site) groupsOf(luid string) []string {
	var luids []string
	for _, g := range where.groupsWith(luid) {
		luids = append(luids, g.LUID)
	}
	for _, set := range where.groupSets.All() {
		if slices.ContainsFunc(set.Groups, func(g string) bool { return slices.Contains(luids, g) }) {
			luids = append(luids, set.LUID)
		}
	}
	return luids
}

// setMembers changes who is in a group.
func (where *site) setMembers(g *group, members []string) {
	if slices.Equal(g.Members, members) {
		return
	}
	changed := *g
	changed.Members = members
	where.groups.Put(&changed)
}

// without returns the list without an item.
func without(list []string, item string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == item })
}

// group returns the group in the path.
func (c *call) group() (*group, error) {
	if g := c.site.groups.Get(c.vars["id"]); g != nil {
		return g, nil
	}
	return nil, refuse(codeNoGroup, "Group '%s' could not be found.", c.vars["id"])
}

// managedGroup returns the group in the path for those who may change it. Nobody may change the group of everybody.
func (c *call) managedGroup() (*group, error) {
	if err := c.manageUsers(); err != nil {
		return nil, err
	}
	g, err := c.group()
	if err == nil && g.Everybody {
		return nil, refuse(codeForbidden, "Group '%s' is %s, which cannot be changed.", g.LUID, allUsers)
	}
	return g, err
}

// groupFields are what groups may be filtered and sorted by, after "Filtering and Sorting in the REST API".
func groupFields(s *Server, where *site) map[string]field[*group] {
	in := func(g *group) *domain { return s.domains.Get(g.Domain) }
	return map[string]field[*group]{
		"domainName":            textField(func(g *group) string { return in(g).Name }),
		"domainNickname":        textField(func(g *group) string { return in(g).Nickname }),
		"isExternalUserEnabled": boolField(func(g *group) bool { return g.ExternalUsers }),
		"isLocal":               boolField(func(g *group) bool { return s.isLocal(g.Domain) }),
		"luid":                  textField(func(g *group) string { return g.LUID }),
		"minimumSiteRole":       textField(func(g *group) string { return g.MinimumSiteRole }),
		"name":                  textField(func(g *group) string { return g.Name }, "cieq", "like"),
		"userCount":             intField(func(g *group) int { return where.userCount(g) }),
	}
}

func (where *site) userCount(g *group) int {
	if g.Everybody {
		return len(where.people())
	}
	return len(g.Members)
}

// listGroups answers GET groups.
func listGroups(c *call) (*reply, error) { return c.listGroups(c.site.groups.All()) }

// listGroupsOfUser answers GET users/{id}/groups. Others' are for administrators.
func listGroupsOfUser(c *call) (*reply, error) {
	u, err := c.person(c.vars["id"])
	if err != nil {
		return nil, err
	}
	if u.LUID != c.user.LUID && !c.user.isAdministrator() {
		return nil, refuse(codeUserForbidden, "User '%s' may not read user '%s'.", c.user.LUID, u.LUID)
	}
	return c.listGroups(c.site.groupsWith(u.LUID))
}

func (c *call) listGroups(groups []*group) (*reply, error) {
	return listing[*group]{
		name: "groups", items: groups, fields: groupFields(c.server, c.site),
		render: func(g *group) *element { return c.renderGroup(g) },
	}.reply(c)
}

// renderGroup writes a group. One of an Active Directory tells what its users get.
func (c *call) renderGroup(g *group) *element {
	in := c.server.domains.Get(g.Domain).Name
	e := node("group", node("domain").with("name", in)).
		with("id", g.LUID).
		with("name", g.Name).
		withExtra("userCount", strconv.Itoa(c.site.userCount(g))).
		withOptional("minimumSiteRole", g.MinimumSiteRole)
	if g.ExternalUsers {
		e.with("externalUserEnabled", "true")
	}
	if g.Import != nil {
		e.add(node("import").
			with("source", activeDirectory).
			with("domainName", in).
			with("siteRole", g.Import.SiteRole).
			withOptional("grantLicenseMode", g.Import.GrantLicenseMode))
	}
	return e
}

// createGroup answers POST groups: a local group, or one that is imported from an Active Directory, at once or by a job.
func createGroup(c *call) (*reply, error) {
	if err := c.manageUsers(); err != nil {
		return nil, err
	}
	body := c.body.child("group")
	g := &group{Name: body.attr("name"), Domain: c.server.domain(localDomainName).LUID}
	if g.Name == "" {
		return nil, refuse(codeMalformed, "The request body has no group with a name.")
	}
	if body.child("import") != nil {
		return c.importGroup(g.Name, body.child("import"))
	}
	if err := c.changeGroup(g, body); err != nil {
		return nil, err
	}
	g.LUID = c.server.newID()
	c.site.groups.Put(g)
	return created(c.path("groups", g.LUID), c.renderGroup(g)), nil
}

// changeGroup puts into g, which is a copy or new, what an element says.
func (c *call) changeGroup(g *group, body *element) error {
	if name := body.attr("name"); name != "" {
		g.Name = name
	}
	if role := body.attr("minimumSiteRole"); role != "" {
		if ranks[role] == 0 {
			return refuse(codeSiteRole, "Group '%s' cannot have the minimumSiteRole '%s'.", g.Name, role)
		}
		g.MinimumSiteRole = role
	}
	if err := body.readFlag("externalUserEnabled", &g.ExternalUsers); err != nil {
		return err
	}
	return c.site.checkGroupName(g)
}

// checkGroupName refuses a name that another group of the domain has.
func (where *site) checkGroupName(g *group) error {
	for _, other := range where.groups.All() {
		if other.LUID != g.LUID && other.Domain == g.Domain && strings.EqualFold(other.Name, g.Name) {
			return refuse(codeGroupExists, "Group '%s' has the name '%s' already.", other.LUID, other.Name)
		}
	}
	return nil
}

// updateGroup answers PUT groups/{id}. A group of an Active Directory is read from it again, at once or by a job.
func updateGroup(c *call) (*reply, error) {
	g, err := c.managedGroup()
	if err != nil {
		return nil, err
	}
	body := c.body.child("group")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no group.")
	}
	if body.child("import") != nil {
		return c.synchronizeGroup(g, body.child("import"))
	}
	changed := *g
	if err := c.changeGroup(&changed, body); err != nil {
		return nil, err
	}
	c.site.groups.Put(&changed)
	return ok(c.renderGroup(&changed)), nil
}

// deleteGroup answers DELETE groups/{id}.
func deleteGroup(c *call) (*reply, error) {
	g, err := c.managedGroup()
	if err != nil {
		return nil, err
	}
	c.site.groups.Delete(g.LUID)
	c.site.forgetGrantee(g.LUID)
	for _, set := range c.site.groupSets.All() {
		c.site.setGroups(set, without(set.Groups, g.LUID))
	}
	return noContent(), nil
}
