package emulator

import (
	"cmp"
	"slices"
	"strings"
)

// accessOperations are the operations on permissions: of each thing that has them, and the default ones of projects.
var accessOperations = slices.Concat(
	permissionOperations("sites/{site}/projects/{id}/permissions", oldestVersion, ruledProject),
	permissionOperations("sites/{site}/projects/{id}/default-permissions/{type}", apiVersion{2, 1}, ruledDefaults),
	permissionOperations("sites/{site}/workbooks/{id}/permissions", oldestVersion, workbooks.ruled),
	permissionOperations("sites/{site}/datasources/{id}/permissions", oldestVersion, datasources.ruled),
	permissionOperations("sites/{site}/flows/{id}/permissions", apiVersion{3, 3}, flows.ruled),
	permissionOperations("sites/{site}/views/{id}/permissions", apiVersion{3, 2}, ruledView),
)

func permissionOperations(path string, since apiVersion, find func(*call) (*ruled, error)) []operation {
	on := func(answer func(*call, *ruled) (*reply, error)) func(*call) (*reply, error) {
		return func(c *call) (*reply, error) {
			r, err := find(c)
			if err != nil {
				return nil, err
			}
			return answer(c, r)
		}
	}
	rule := path + "/{grantees}/{grantee}/{capability}/{mode}"
	return []operation{
		op("GET", path, onSite, nil, on(listPermissions)).since(since.major, since.minor),
		op("PUT", path, onSite, readXML, on(addPermissions)).since(since.major, since.minor),
		op("DELETE", rule, onSite, nil, on(deletePermission)).since(since.major, since.minor),
	}
}

// ruled is what the permissions in the path are on.
type ruled struct {
	on     securable
	name   string
	about  *contentType // what the rules are about
	key    string       // under which the rules that hold are kept
	parent string       // LUID of the project that it is locked to, "" when it has rules of its own
	change string       // the capability that it takes to change them
}

func ruledProject(c *call) (*ruled, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	r := &ruled{on: p.securable(), name: p.Name, about: typeOf(projectElement), change: "ProjectLeader"}
	if controlling := c.site.controlling(p.LUID); controlling != p.LUID {
		r.parent = controlling
	}
	r.key = cmp.Or(r.parent, p.LUID)
	return r, nil
}

// ruledDefaults finds the default permissions of a project. A type that does not exist is an unknown resource.
func ruledDefaults(c *call) (*ruled, error) {
	r, err := ruledProject(c)
	if err != nil {
		return nil, err
	}
	r.about = find(contentTypes, func(t *contentType) bool {
		return t.isContent && strings.EqualFold(t.collection, c.vars["type"])
	})
	if r.about == nil {
		return nil, unknownResource(c.request)
	}
	r.key = defaultsKey(r.key, r.about)
	return r, nil
}

func (k *kind) ruled(c *call) (*ruled, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	return c.ruledContent(a.securable(), a.Name), nil
}

func ruledView(c *call) (*ruled, error) {
	v := c.site.views.Get(c.vars["id"])
	if v == nil {
		return nil, refuse(codeNoView, "View '%s' could not be found.", c.vars["id"])
	}
	return c.ruledContent(v.securable(c.site.workbooks.Get(v.Workbook)), v.Name), nil
}

func (c *call) ruledContent(on securable, name string) *ruled {
	return &ruled{
		on: on, name: name, about: typeOf(on.kind), key: c.site.ruler(on),
		parent: c.site.controlling(on.project), change: "ChangePermissions",
	}
}

// listPermissions answers GET permissions. Whoever may read something sees who else may.
func listPermissions(c *call, r *ruled) (*reply, error) {
	if err := c.allow(codeForbidden, "Read", r.on); err != nil {
		return nil, err
	}
	return ok(r.render(c.site)), nil
}

// mayChange refuses to change rules that are not to be changed here, or not by the caller.
func (r *ruled) mayChange(c *call) error {
	if err := c.allow(codeForbidden, r.change, r.on); err != nil {
		return err
	}
	switch {
	case r.parent != "":
		return refuse(codeForbidden, "The permissions of %s '%s' are locked to project '%s'.", r.on.kind, r.on.luid, r.parent)
	case r.on.follows != "":
		return refuse(codeForbidden, "The permissions of %s '%s' are those of workbook '%s', which shows its sheets as tabs.",
			r.on.kind, r.on.luid, r.on.follows)
	}
	return nil
}

// addPermissions answers PUT permissions: it adds to the rules that are there and tells all of them. What a grantee is
// already allowed or denied is left as it is, as the reference says.
func addPermissions(c *call, r *ruled) (*reply, error) {
	if err := r.mayChange(c); err != nil {
		return nil, err
	}
	body := c.body.child("permissions")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no permissions.")
	}
	if id := body.child(r.on.kind).attr("id"); id != "" && id != r.on.luid {
		return nil, refuse(codeMismatch, "The request body is about %s '%s', not about '%s'.", r.on.kind, id, r.on.luid)
	}
	rules := slices.Clone(c.site.rules(r.key))
	for e := range body.each("granteeCapabilities") {
		var err error
		if rules, err = r.merge(c.site, rules, e); err != nil {
			return nil, err
		}
	}
	c.site.setRules(r.key, rules)
	return ok(r.render(c.site)), nil
}

// merge adds the rules of one grantee in a request.
func (r *ruled) merge(where *site, rules []rule, e *element) ([]rule, error) {
	whom, err := where.readGrantee(e)
	if err != nil {
		return nil, err
	}
	for capability := range e.child("capabilities").each("capability") {
		added := rule{whom, capability.attr("name"), capability.attr("mode")}
		if err := r.check(added); err != nil {
			return nil, err
		}
		isSame := func(other rule) bool { return other.Grantee == whom && other.Capability == added.Capability }
		if !slices.ContainsFunc(rules, isSame) {
			rules = append(rules, added)
		}
	}
	return rules, nil
}

// check refuses a rule that cannot be.
func (r *ruled) check(wanted rule) error {
	if !slices.Contains(r.about.capabilities, wanted.Capability) {
		return refuse(codeCapability, "'%s' is no capability of a %s, which has %s.",
			wanted.Capability, r.about.element, strings.Join(r.about.capabilities, ", "))
	}
	if wanted.Mode != modeAllow && wanted.Mode != modeDeny {
		return refuse(codeMalformed, "The mode of the capability %s must be Allow or Deny, not '%s'.", wanted.Capability, wanted.Mode)
	}
	return nil
}

// granteeKinds are the elements a grantee can be.
var granteeKinds = []string{"group", "groupSet", "user"}

// readGrantee reads whom a request has rules for: one user, group or group set of the site.
func (where *site) readGrantee(e *element) (grantee, error) {
	var found []grantee
	for _, kind := range granteeKinds {
		for child := range e.each(kind) {
			found = append(found, grantee{kind, child.attr("id")})
		}
	}
	if len(found) != 1 {
		return grantee{}, refuse(codeMalformed, "An element granteeCapabilities has %d of %s, not one.", len(found), strings.Join(granteeKinds, ", "))
	}
	return found[0], where.checkGrantee(found[0])
}

// checkGrantee refuses a grantee who is not on the site.
func (where *site) checkGrantee(whom grantee) error {
	switch {
	case whom.Kind == "user" && where.users.Get(whom.LUID) == nil:
		return refuse(codeNoUser, "User '%s' could not be found.", whom.LUID)
	case whom.Kind == "group" && where.groups.Get(whom.LUID) == nil:
		return refuse(codeNoGroup, "Group '%s' could not be found.", whom.LUID)
	case whom.Kind == "groupSet" && where.groupSets.Get(whom.LUID) == nil:
		return refuse(codeNoGroup, "Group set '%s' could not be found.", whom.LUID)
	}
	return nil
}

// deletePermission answers DELETE of one rule.
func deletePermission(c *call, r *ruled) (*reply, error) {
	if err := r.mayChange(c); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(granteeKinds, func(kind string) bool { return strings.EqualFold(kind+"s", c.vars["grantees"]) })
	if i < 0 {
		return nil, unknownResource(c.request)
	}
	gone := rule{grantee{granteeKinds[i], c.vars["grantee"]}, c.vars["capability"], c.vars["mode"]}
	if err := c.site.checkGrantee(gone.Grantee); err != nil {
		return nil, err
	}
	if err := r.check(gone); err != nil {
		return nil, err
	}
	rules := c.site.rules(r.key)
	if !slices.Contains(rules, gone) {
		return nil, refuse(codeNoResource, "There is no rule that gives %s '%s' the mode %s of %s on %s '%s'.",
			gone.Grantee.Kind, gone.Grantee.LUID, gone.Mode, gone.Capability, r.on.kind, r.on.luid)
	}
	c.site.setRules(r.key, slices.DeleteFunc(slices.Clone(rules), func(other rule) bool { return other == gone }))
	return noContent(), nil
}

// render writes the permissions: whose they are, and the rules of each grantee together.
func (r *ruled) render(where *site) *element {
	e := node("permissions")
	if r.parent != "" {
		e.add(node("parent").with("id", r.parent).with("type", "Project"))
	}
	e.add(node(r.on.kind, node("owner").with("id", r.on.owner)).with("id", r.on.luid).with("name", r.name))
	rules := slices.DeleteFunc(slices.Clone(where.rules(r.key)), func(other rule) bool {
		return !slices.Contains(r.about.capabilities, other.Capability) // a view does not have all of its workbook
	})
	if r.about.element == projectElement {
		rules = append(rules, where.inheritedLeaders(r.on, rules)...)
	}
	capabilities := make(map[grantee]*element)
	for _, one := range rules {
		if capabilities[one.Grantee] == nil {
			capabilities[one.Grantee] = node("capabilities")
			e.add(node("granteeCapabilities", node(one.Grantee.Kind).with("id", one.Grantee.LUID), capabilities[one.Grantee]))
		}
		capabilities[one.Grantee].add(node("capability").with("name", one.Capability).with("mode", one.Mode))
	}
	return e
}

// inheritedLeaders returns what permissions tell, and no request can set, of those who lead a project because they lead
// one above it.
func (where *site) inheritedLeaders(on securable, known []rule) []rule {
	var leaders []rule
	for p := where.projects.Get(on.project); p != nil; p = where.projects.Get(p.Parent) {
		for _, above := range where.rulesOn(p.securable()) {
			own := rule{above.Grantee, "ProjectLeader", modeAllow}
			inherited := rule{above.Grantee, "InheritedProjectLeader", modeAllow}
			if above == own && !slices.Contains(known, own) && !slices.Contains(leaders, inherited) {
				leaders = append(leaders, inherited)
			}
		}
	}
	return leaders
}
