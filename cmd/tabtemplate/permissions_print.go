package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest"
)

// permissionsResult is what permissions --json prints: the rules, or what has changed of them.
type permissionsResult struct {
	Kind    contentKind        `json:"kind"`
	Name    string             `json:"name"` // with the path of its project
	LUID    string             `json:"luid"`
	Rules   []permissionRow    `json:"rules,omitempty"`
	Changes []permissionChange `json:"changes,omitempty"` // with --dry-run what would be
}

// permissionRow is the rule for somebody.
type permissionRow struct {
	Grantee string   `json:"grantee"` // group Sales, user ana
	LUID    string   `json:"luid"`
	Role    string   `json:"role,omitempty"` // of Tableau's web pages, if the rule is what that is
	Allowed []string `json:"allowed"`
	Denied  []string `json:"denied"`
}

// permissionChange is what becomes of the rule for somebody.
type permissionChange struct {
	Grantee     string   `json:"grantee"`
	LUID        string   `json:"luid"`
	Allowed     []string `json:"allowed"`     // and was not
	Denied      []string `json:"denied"`      // and was not
	Unspecified []string `json:"unspecified"` // and was allowed or denied
}

// shownRoles are those that a rule is called by, where it is one of them.
var shownRoles = []string{"View", "Explore", "Publish", "Administer", "Denied", "Project Leader"}

// listed are rules with the names of those they are for, groups first.
func (p *permissionsWork) listed(ctx context.Context, rules []rest.PermissionRule) ([]permissionRow, error) {
	var rows []permissionRow
	for grantee, capabilities := range capabilitiesOf(rules) {
		name, err := p.name(ctx, grantee)
		if err != nil {
			return nil, err
		}
		rows = append(rows, permissionRow{
			Grantee: name, LUID: luidOf(grantee), Role: p.role(capabilities),
			Allowed: capabilities.of(rest.ModeAllow), Denied: capabilities.of(rest.ModeDeny),
		})
	}
	slices.SortFunc(rows, func(a, b permissionRow) int { return strings.Compare(a.Grantee+a.LUID, b.Grantee+b.LUID) })
	return rows, nil
}

func luidOf(g rest.Grantee) string { return g.GroupLUID + g.GroupSetLUID + g.UserLUID }

// name asks the server for the name of a grantee. Who may not look at users and groups sees LUIDs.
func (p *permissionsWork) name(ctx context.Context, g rest.Grantee) (string, error) {
	var kind, name string
	var err error
	switch {
	case g.GroupLUID != "":
		var group rest.Group
		group, err = p.session.Groups.ByLUID(ctx, g.GroupLUID)
		kind, name = "group", group.Name
	case g.UserLUID != "":
		var user rest.User
		user, err = p.session.Users.ByLUID(ctx, g.UserLUID)
		kind, name = "user", user.Name
	default:
		kind = "group set"
	}
	if errors.Is(err, rest.ErrForbidden) || errors.Is(err, rest.ErrNotFound) {
		err = nil
	}
	if name == "" {
		name = luidOf(g)
	}
	return kind + " " + name, err
}

// role is the role that capabilities are, "" for none.
func (p *permissionsWork) role(have modes) string {
	for _, name := range shownRoles {
		capabilities, err := p.on.Role(name)
		if err != nil {
			continue // there is no such role for this kind
		}
		role := modes{}
		for _, c := range capabilities {
			role[c.Name] = c.Mode
		}
		if maps.Equal(role, have) {
			return name
		}
	}
	return ""
}

// changes are what becomes of those who are named, where something does.
func (p *permissionsWork) changes(before, after map[rest.Grantee]modes) []permissionChange {
	var out []permissionChange
	for _, grantee := range p.order {
		change := permissionChange{Grantee: p.names[grantee], LUID: luidOf(grantee), Allowed: []string{}, Denied: []string{}, Unspecified: []string{}}
		for _, c := range after[grantee].list() {
			switch {
			case before[grantee][c.Name] == c.Mode:
			case c.Mode == rest.ModeAllow:
				change.Allowed = append(change.Allowed, c.Name)
			default:
				change.Denied = append(change.Denied, c.Name)
			}
		}
		for _, c := range before[grantee].list() {
			if _, stays := after[grantee][c.Name]; !stays {
				change.Unspecified = append(change.Unspecified, c.Name)
			}
		}
		if len(change.Allowed)+len(change.Denied)+len(change.Unspecified) > 0 {
			out = append(out, change)
		}
	}
	return out
}

// printPermissions prints the rules, or what has changed of them.
func (a *app) printPermissions(r permissionsResult, changed bool) error {
	list := func(names []string) string { return strings.Join(names, ", ") }
	switch {
	case a.json:
		return a.printJSON(r)
	case changed && len(r.Changes) == 0:
		fmt.Fprintf(a.stdout, "%s %q: nothing to change\n", r.Kind, r.Name)
	case changed:
		t := newTable(a.stdout, "GRANTEE", "ALLOWED", "DENIED", "NO LONGER SPECIFIED")
		for _, c := range r.Changes {
			t.AppendRow([]any{c.Grantee, list(c.Allowed), list(c.Denied), list(c.Unspecified)})
		}
		t.Render()
	case len(r.Rules) == 0:
		fmt.Fprintf(a.stdout, "%s %q: there are no rules\n", r.Kind, r.Name)
	default:
		t := newTable(a.stdout, "GRANTEE", "ROLE", "ALLOWED", "DENIED")
		for _, row := range r.Rules {
			t.AppendRow([]any{row.Grantee, row.Role, list(row.Allowed), list(row.Denied)})
		}
		t.Render()
	}
	return a.stdout.err
}
