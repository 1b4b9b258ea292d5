package emulator

import (
	"cmp"
	"slices"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// accessTables are the permissions on a site.
type accessTables struct {
	permissions *state.Table[permissionSet]
}

func openAccess(store *state.Store, path string) accessTables {
	return accessTables{
		permissions: state.NewTable(store, path+"permissions", func(s *permissionSet) string { return s.On }),
	}
}

// permissionSet is the rules on one thing, or those that content of one type begins with in a project.
type permissionSet struct {
	On    string // LUID; of default permissions the key that defaultsKey makes
	Rules []rule
}

// rule allows or denies somebody a capability. There is one at most for a grantee and a capability.
type rule struct {
	Grantee    grantee
	Capability string
	Mode       string // Allow or Deny
}

// grantee is whom a rule is for.
type grantee struct {
	Kind string // the element: user, group, groupSet
	LUID string
}

// defaultsKey is under what the default permissions of a project for a type of content are kept.
func defaultsKey(project string, t *contentType) string { return project + "/" + t.collection }

// rules returns the rules kept under a key. They are not to be changed.
func (where *site) rules(key string) []rule {
	if set := where.permissions.Get(key); set != nil {
		return set.Rules
	}
	return nil
}

func (where *site) setRules(key string, rules []rule) {
	where.permissions.Put(&permissionSet{On: key, Rules: rules})
}

// controlling returns the LUID of the project that sets the permissions for everything in a project: one above it, or the
// project itself. It is "" where content has permissions of its own.
func (where *site) controlling(luid string) string {
	p := where.projects.Get(luid)
	if p == nil {
		return ""
	}
	if above := where.lockAbove(p.Parent); above != "" {
		return above
	}
	if p.ContentPermissions != managedByOwner {
		return luid
	}
	return ""
}

// lockAbove returns the LUID of the project that sets the permissions of all that is nested in a project, "" when that
// has its own. It is the outermost one that is locked so.
func (where *site) lockAbove(luid string) string {
	lock := ""
	for p := where.projects.Get(luid); p != nil; p = where.projects.Get(p.Parent) {
		if p.ContentPermissions == lockedToProject {
			lock = p.LUID
		}
	}
	return lock
}

// ruler returns the key under which the rules that hold for something are kept.
func (where *site) ruler(on securable) string {
	if on.kind == projectElement {
		return cmp.Or(where.controlling(on.luid), on.luid)
	}
	if controlling := where.controlling(on.project); controlling != "" {
		return defaultsKey(controlling, on.defaultsType())
	}
	return cmp.Or(on.follows, on.luid)
}

// rulesOn returns the rules that hold for something.
func (where *site) rulesOn(on securable) []rule { return where.rules(where.ruler(on)) }

// defaultRules returns what content of a type in a project begins with.
func (where *site) defaultRules(project string, t *contentType) []rule {
	return where.rules(defaultsKey(cmp.Or(where.controlling(project), project), t))
}

// defaultsType is the type whose default permissions something in a project begins with.
func (on securable) defaultsType() *contentType {
	if on.kind == viewElement {
		return typeOf(workbooks.element)
	}
	return typeOf(on.kind)
}

// ownRules gives something rules of its own: those that hold for it now.
func (where *site) ownRules(on securable) { where.setRules(on.luid, where.rulesOn(on)) }

// beginRules gives new content the default permissions of its project.
func (where *site) beginRules(on securable) {
	where.setRules(on.luid, where.defaultRules(on.project, on.defaultsType()))
}

// fitViewRules is called when a workbook is new or has changed: views that are behind tabs have the rules of the
// workbook, others begin with them and go their own way.
func (where *site) fitViewRules(workbook *asset) {
	for _, luid := range workbook.Views {
		switch {
		case workbook.ShowTabs:
			where.permissions.Delete(luid)
		case where.permissions.Get(luid) == nil:
			where.setRules(luid, where.rules(workbook.LUID))
		}
	}
}

// inheritRules gives a new project the permissions, and the default permissions, of the project above it; one at the top
// those of the Default project.
func (where *site) inheritRules(p *project) {
	from := cmp.Or(p.Parent, where.defaultProject().LUID)
	where.setRules(p.LUID, where.rules(cmp.Or(where.controlling(from), from)))
	where.ownDefaults(p.LUID, from)
}

// ownDefaults gives a project the default permissions that hold in another one, or in itself.
func (where *site) ownDefaults(to, from string) {
	for _, t := range contentTypes {
		if t.isContent {
			where.setRules(defaultsKey(to, t), where.defaultRules(from, t))
		}
	}
}

// ownContentRules gives content, and the views of a workbook, rules of their own. It is called before it leaves a project,
// which may be locked.
func (where *site) ownContentRules(a *asset) {
	where.ownRules(a.securable())
	for _, luid := range a.Views {
		if on := where.anyView(luid).securable(a); on.follows == "" {
			where.ownRules(on)
		}
	}
}

// unlockRules gives everything in a project, and in those nested in it, rules of its own: those that hold for it now. It
// is called before the lock of a project, or its place, changes.
func (where *site) unlockRules(root string) {
	isLocked := func(project string) bool { return where.controlling(project) != "" && where.isWithin(project, root) }
	for _, k := range kinds {
		for _, a := range k.of(where).All() {
			if isLocked(a.Project) {
				where.ownContentRules(a)
			}
		}
	}
	for _, v := range where.virtualConnections.All() {
		if isLocked(v.Project) {
			where.ownRules(v.securable())
		}
	}
	for _, p := range where.projects.All() {
		if isLocked(p.LUID) && where.controlling(p.LUID) != p.LUID {
			where.ownRules(p.securable())
			where.ownDefaults(p.LUID, p.LUID)
		}
	}
}

// addTemplateRules gives the Default project of a new site what Tableau gives it: All Users see the project, publish to
// it and explore what is in it.
func (where *site) addTemplateRules(project, allUsers string) {
	for _, t := range contentTypes {
		var rules []rule
		for _, capability := range t.template {
			rules = append(rules, rule{grantee{"group", allUsers}, capability, modeAllow})
		}
		switch {
		case t.element == projectElement:
			where.setRules(project, rules)
		case t.isContent:
			where.setRules(defaultsKey(project, t), rules)
		}
	}
}

// forgetRules deletes the rules on something that is no longer there, of a project its default permissions too.
func (where *site) forgetRules(luid string) {
	where.permissions.Delete(luid)
	for _, t := range contentTypes {
		where.permissions.Delete(defaultsKey(luid, t))
	}
}

// forgetGrantee deletes the rules for a user, group or group set that is no longer there.
func (where *site) forgetGrantee(luid string) {
	for _, set := range where.permissions.All() {
		isTheirs := func(r rule) bool { return r.Grantee.LUID == luid }
		if slices.ContainsFunc(set.Rules, isTheirs) {
			where.setRules(set.On, slices.DeleteFunc(slices.Clone(set.Rules), isTheirs))
		}
	}
}
