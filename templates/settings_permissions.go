package templates

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// permissionSettings is the `permissions` of a template, as it is written.
type permissionSettings struct {
	rules []*permissionRule
	exact *value
}

// A permissionRule is one of its rules.
type permissionRule struct {
	at                location
	when              *expression
	group, user, role *value
	allow, deny       *list
}

func (d *decoder) permissions(n *yaml.Node) *permissionSettings {
	p := &permissionSettings{}
	if d.record(n, "permissions", fields{
		"rules": func(n *yaml.Node) {
			d.records(n, "rules", func(n *yaml.Node) { p.rules = append(p.rules, d.permissionRule(n)) })
		},
		"exact": d.toggled(&p.exact, "exact"),
	}) {
		d.required(n, "permissions", "rules")
	}
	return p
}

func (d *decoder) permissionRule(n *yaml.Node) *permissionRule {
	r := &permissionRule{at: d.src.node(n)}
	text := func(to **value, what string) func(n *yaml.Node) {
		return func(n *yaml.Node) { *to = d.text(n, what, use{}) }
	}
	const what = "a rule of permissions"
	if !d.record(n, what, fields{
		"group": text(&r.group, "group"),
		"user":  text(&r.user, "user"),
		"role":  text(&r.role, "role"),
		"allow": func(n *yaml.Node) { r.allow = d.names(n, "allow") },
		"deny":  func(n *yaml.Node) { r.deny = d.names(n, "deny") },
		"when":  d.conditional(&r.when),
	}) {
		return r
	}
	d.exactlyOne(n, what, "group", "user")
	if !d.has(n, "role") && !d.has(n, "allow") && !d.has(n, "deny") {
		d.problem(n, "", "%s must have at least one of role, allow, deny", what)
	}
	return r
}

// exactlyOne reports a mapping that has none of two keys, or both.
func (d *decoder) exactlyOne(n *yaml.Node, what, one, other string) {
	switch hasOne, hasOther := d.has(n, one), d.has(n, other); {
	case hasOne && hasOther:
		d.problem(n, "", "%s must have a %s or a %s, not both", what, one, other)
	case !hasOne && !hasOther:
		d.problem(n, "", "%s must have a %s or a %s", what, one, other)
	}
}

// on evaluates the rules that are for a site. Where there are none, permissions are left as they are: the site is not one
// for which nobody may do anything.
func (p *permissionSettings) on(e *evaluator) *Permissions {
	if p == nil {
		return nil
	}
	out := &Permissions{Exact: e.boolean(p.exact)}
	for _, r := range p.rules {
		if !e.holds(r.when) {
			continue
		}
		rule := r.on(e)
		same := func(other PermissionRule) bool { return strings.EqualFold(rule.grantee(), other.grantee()) }
		if rule.Group+rule.User != "" && slices.ContainsFunc(out.Rules, same) {
			e.found = append(e.found, r.at.problem("make one rule of the two", "there is a rule for %s already", rule.grantee()))
		}
		out.Rules = append(out.Rules, rule)
	}
	if len(out.Rules) == 0 {
		return nil
	}
	return out
}

func (r *permissionRule) on(e *evaluator) PermissionRule {
	before := len(e.found)
	own := r.role == nil && (r.allow != nil || r.deny != nil)
	rule := PermissionRule{
		Group: e.word(r.group), User: e.word(r.user), Role: e.word(r.role),
		Allow: e.distinct(r.allow, wordFault), Deny: e.distinct(r.deny, wordFault),
	}
	for _, capability := range rule.Allow {
		if slices.Contains(rule.Deny, capability) {
			e.found = append(e.found, r.at.problem("", "%s is allowed and denied %s", rule.grantee(), capability))
		}
	}
	if own && len(rule.Allow)+len(rule.Deny) == 0 && len(e.found) == before {
		e.found = append(e.found, r.at.problem("leave the rule out there with a `when`", "the rule for %s neither allows nor denies anything", rule.grantee()))
	}
	return rule
}

// grantee is whom a rule is for.
func (r PermissionRule) grantee() string {
	if r.User != "" {
		return "user " + r.User
	}
	return "group " + r.Group
}
