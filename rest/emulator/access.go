package emulator

import "slices"

// securable is something on a site that people need rights on.
type securable struct {
	kind  string // the element: project, workbook, view, datasource, flow
	luid  string
	owner string // LUID of a user
}

func (p *project) securable() securable { return securable{"project", p.LUID, p.Owner} }
func (a *asset) securable() securable   { return securable{a.Kind, a.LUID, a.Owner} }

// allow refuses with the code unless the caller has the capability on something.
func (c *call) allow(code int, capability string, on securable) error {
	if c.may(capability, on) {
		return nil
	}
	return refuse(code, "User '%s' may not %s %s '%s'.", c.user.LUID, capability, on.kind, on.luid)
}

// may tells whether the caller has a capability on something: as an administrator, as its owner, or because the site
// role has it.
func (c *call) may(capability string, on securable) bool {
	switch {
	case c.user.isAdministrator(), on.owner == c.user.LUID:
		return true
	case capability == "Read":
		return !slices.Contains([]string{"Unlicensed", "UnlicensedWithPublish"}, c.user.Role)
	}
	return slices.Contains([]string{"Creator", "ExplorerCanPublish", "Publisher"}, c.user.Role)
}

// isAdministrator tells whether a user may do everything on the site.
func (u *user) isAdministrator() bool {
	return slices.Contains([]string{
		serverAdministrator, "SiteAdministrator", "SiteAdministratorCreator", "SiteAdministratorExplorer",
	}, u.Role)
}
