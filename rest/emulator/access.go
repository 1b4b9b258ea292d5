package emulator

import (
	"cmp"
	"slices"
)

// securable is something on a site that people need rights on.
type securable struct {
	kind    string // the element: project, workbook, view, datasource, flow
	luid    string
	owner   string // LUID of a user
	project string // LUID of the project it is in; of a project the one above it
	follows string // LUID of what has its rules, "" when it has its own
}

func (p *project) securable() securable {
	return securable{kind: projectElement, luid: p.LUID, owner: p.Owner, project: p.Parent}
}

func (a *asset) securable() securable {
	return securable{kind: a.Kind, luid: a.LUID, owner: a.Owner, project: a.Project}
}

// securable returns what people need rights on to see the view. The views of a workbook that shows tabs have the rules
// of the workbook.
func (v *view) securable(workbook *asset) securable {
	on := securable{kind: viewElement, luid: v.LUID, owner: workbook.Owner, project: workbook.Project}
	if workbook.ShowTabs {
		on.follows = workbook.LUID
	}
	return on
}

// allow refuses with the code unless the caller has the capability on something.
func (c *call) allow(code int, capability string, on securable) error {
	if c.may(capability, on) {
		return nil
	}
	return refuse(code, "User '%s' does not have the capability %s on %s '%s'.", c.user.LUID, capability, on.kind, on.luid)
}

// may tells whether the caller has a capability on something.
func (c *call) may(capability string, on securable) bool {
	return c.callersRights().may(capability, on)
}

// owns tells whether something is the caller's to rule, whatever the rules: an administrator's, the owner's, and that of
// those who own or lead its project.
func (c *call) owns(on securable) bool {
	return c.user.isAdministrator() || on.owner == c.user.LUID || c.callersRights().leads(on)
}

func (c *call) callersRights() *rights {
	if c.rights == nil {
		c.rights = c.site.rightsOf(c.user)
	}
	return c.rights
}

// rights are what a user may do on a site. They are for one call: the groups of the user are those of when it began.
type rights struct {
	where  *site
	user   *user
	groups map[string]bool // LUIDs of the user's groups and group sets
}

func (where *site) rightsOf(u *user) *rights {
	r := &rights{where: where, user: u, groups: make(map[string]bool)}
	for _, luid := range where.groupsOf(u.LUID) {
		r.groups[luid] = true
	}
	return r
}

// may tells whether the user has a capability on something, in the order of "Effective permissions" in Tableau's help:
// an administrator has all of them; nobody else has what the site role does not reach; owners and leaders of the project
// and owners of the content have the rest; then the rules are asked.
func (r *rights) may(capability string, on securable) bool {
	switch {
	case r.user.isAdministrator():
		return true
	case !r.user.reaches(capability):
		return false
	case r.leads(on):
		return true
	case on.owner == r.user.LUID: // owners set no permissions where the project does
		return capability != "ChangePermissions" || r.where.controlling(on.project) == ""
	}
	return r.granted(capability, r.where.rulesOn(on))
}

// leads tells whether the user owns or leads a project, the one something is in, or one above it.
func (r *rights) leads(on securable) bool {
	luid := on.project
	if on.kind == projectElement {
		luid = on.luid
	}
	for p := r.where.projects.Get(luid); p != nil; p = r.where.projects.Get(p.Parent) {
		if p.Owner == r.user.LUID || r.granted("ProjectLeader", r.where.rulesOn(p.securable())) {
			return true
		}
	}
	return false
}

// granted tells whether rules give the user a capability: a rule for the user comes before those for groups, and of
// several the one that denies. What no rule mentions is not given.
func (r *rights) granted(capability string, rules []rule) bool {
	var asUser, asMember string
	for _, rule := range rules {
		switch {
		case rule.Capability != capability:
		case rule.Grantee.LUID == r.user.LUID && asUser != modeDeny:
			asUser = rule.Mode
		case r.groups[rule.Grantee.LUID] && asMember != modeDeny:
			asMember = rule.Mode
		}
	}
	return cmp.Or(asUser, asMember) == modeAllow
}

// isAdministrator tells whether a user may do everything on the site.
func (u *user) isAdministrator() bool {
	return slices.Contains([]string{
		serverAdministrator, "SiteAdministrator", "SiteAdministratorCreator", "SiteAdministratorExplorer",
	}, u.Role)
}

// reaches tells whether the site role lets a user who is no administrator have a capability at all.
func (u *user) reaches(capability string) bool {
	return slices.Contains(roleCapabilities[u.Role], capability)
}
