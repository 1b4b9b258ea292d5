package emulator

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

func (p *planter) user(where *site, at string, wanted SeedUser) {
	p.item(at, "user", wanted.Name, func() error {
		path := sitePath(where.luid) + "users"
		body := node("user").withOptional("fullName", wanted.FullName).withOptional("email", wanted.Email).
			withOptional("password", string(wanted.Password)).with("siteRole", wanted.Role)
		if where.userNamed(wanted.Name) == nil {
			if _, err := p.ask(where, "POST", path, node("user").with("name", wanted.Name).with("siteRole", wanted.Role)); err != nil {
				return err
			}
		}
		if _, err := p.ask(where, "PUT", path+"/"+where.userNamed(wanted.Name).LUID, body); err != nil {
			return err
		}
		for _, token := range wanted.Tokens {
			if token.Name == "" || token.Secret == "" {
				return errors.New("a token has a name and a secret")
			}
			if err := p.server.populateToken(tokenOption{token.Name, string(token.Secret), wanted.Name}, p.now); err != nil {
				return err
			}
		}
		return nil
	})
}

// userNamed returns the user of a site with a name, nil when there is none.
func (where *site) userNamed(name string) *user {
	return find(where.people(), func(u *user) bool { return strings.EqualFold(u.Name, name) })
}

// userLUID returns the LUID of the user that a name at a path of the seed stands for.
func (p *planter) userLUID(where *site, at, name string) (luid string, err error) {
	if u := where.userNamed(name); u != nil {
		return u.LUID, nil
	}
	var known []string
	for _, u := range where.people() {
		known = append(known, u.Name)
	}
	return "", p.missing(at, "user", name, known)
}

func (p *planter) group(where *site, at string, wanted SeedGroup) {
	if where.groupNamed(wanted.Name) != nil {
		return
	}
	p.item(at, "group", wanted.Name, func() error {
		path := sitePath(where.luid) + "groups"
		if _, err := p.ask(where, "POST", path, node("group").with("name", wanted.Name)); err != nil {
			return err
		}
		path += "/" + where.groupNamed(wanted.Name).LUID + "/users"
		var problems []error
		for i, name := range wanted.Users {
			at := fmt.Sprintf("%s.users[%d]", at, i)
			luid, err := p.userLUID(where, at, name)
			if err == nil {
				_, err = p.ask(where, "POST", path, node("user").with("id", luid))
			}
			problems = append(problems, p.tell(at, fmt.Sprintf("user %q", name), err))
		}
		return errors.Join(problems...)
	})
}

func (where *site) groupNamed(name string) *group {
	return find(where.groups.All(), func(g *group) bool { return strings.EqualFold(g.Name, name) })
}

// permissionRoles are the capabilities of the roles that Tableau's dialog of permissions offers, by the element that they
// are about, after "Permission Capabilities and Templates".
var permissionRoles = map[string]map[string]string{
	projectElement: {"View": "Read", "Publish": "Read Write", "Lead": "Read ProjectLeader"},
	workbooks.element: {
		"View": viewOfWorkbook, "Explore": exploreWorkbook, "Publish": publishWorkbook,
		"Administer": publishWorkbook + " ChangeHierarchy Delete ChangePermissions",
	},
	datasources.element: {
		"View": "Read Connect", "Explore": "Read Connect", "Publish": "Read Connect ExportXml Write SaveAs",
		"Administer": "Read Connect ExportXml Write SaveAs ChangeHierarchy Delete ChangePermissions",
	},
	flows.element: {
		"View": "Read", "Explore": "Read ExportXml", "Publish": "Read ExportXml Execute Write WebAuthoringForFlows",
		"Administer": "Read ExportXml Execute Write WebAuthoringForFlows ChangeHierarchy Delete ChangePermissions",
	},
}

const (
	viewOfWorkbook  = "Read Filter ViewComments AddComment ExportImage ExportData"
	exploreWorkbook = viewOfWorkbook + " ShareView ViewUnderlyingData WebAuthoring RunExplainData"
	publishWorkbook = exploreWorkbook + " ExportXml Write ExtractRefresh"
)

// permit puts rules in the place of those at a path of the API, which are about elements of a kind. Without any, those
// stay that are there.
func (p *planter) permit(where *site, at, path, about string, wanted []SeedPermission) error {
	if wanted == nil {
		return nil
	}
	there, err := p.ask(where, "GET", path, nil)
	if err == nil {
		err = p.revoke(where, path, there)
	}
	if err != nil {
		return p.tell(at, "permissions", err)
	}
	var problems []error
	for i, rule := range wanted {
		at := fmt.Sprintf("%s[%d]", at, i)
		problems = append(problems, p.tell(at, "permission", p.grant(where, at, path, about, rule)))
	}
	return errors.Join(problems...)
}

// revoke takes away the rules in the answer to a request for them.
func (p *planter) revoke(where *site, path string, there *element) error {
	for e := range there.child("permissions").each("granteeCapabilities") {
		for _, whom := range []string{"user", "group"} {
			luid := e.child(whom).attr("id")
			if luid == "" {
				continue
			}
			for capability := range e.child("capabilities").each("capability") {
				words := []string{path, whom + "s", luid, capability.attr("name"), capability.attr("mode")}
				if _, err := p.ask(where, "DELETE", strings.Join(words, "/"), nil); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (p *planter) grant(where *site, at, path, about string, wanted SeedPermission) error {
	e, err := p.grantee(where, at, wanted)
	if err != nil {
		return err
	}
	role, known := permissionRoles[about][wanted.Role]
	if !known && wanted.Role != "" {
		return p.missing(at+".role", "role", wanted.Role, slices.Collect(maps.Keys(permissionRoles[about])))
	}
	capabilities := node("capabilities")
	for _, name := range slices.Concat(strings.Fields(role), wanted.Allow) {
		if !slices.Contains(wanted.Deny, name) {
			capabilities.add(node("capability").with("name", name).with("mode", modeAllow))
		}
	}
	for _, name := range wanted.Deny {
		capabilities.add(node("capability").with("name", name).with("mode", modeDeny))
	}
	_, err = p.ask(where, "PUT", path, node("permissions", node("granteeCapabilities", e, capabilities)))
	return err
}

// grantee is the element of whom a rule of the seed is for.
func (p *planter) grantee(where *site, at string, wanted SeedPermission) (*element, error) {
	switch {
	case (wanted.User == "") == (wanted.Group == ""):
		return nil, errors.New("it is for a user or for a group")
	case wanted.User != "":
		luid, err := p.userLUID(where, at+".user", wanted.User)
		return node("user").with("id", luid), err
	}
	if g := where.groupNamed(wanted.Group); g != nil {
		return node("group").with("id", g.LUID), nil
	}
	var known []string
	for _, g := range where.groups.All() {
		known = append(known, g.Name)
	}
	return nil, p.missing(at+".group", "group", wanted.Group, known)
}
