package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// checkPermissions finds what cannot be set of permissions.
func (s *settings) checkPermissions(ctx context.Context, p *problems, want *templates.Permissions, of subject) {
	if want == nil {
		return
	}
	calls := s.calls(of.workbook)
	rules := s.rules(ctx, p, want, calls.permissions(""), kindOf(of.workbook))
	project := controlling(of.project)
	if project == "" || len(p.all) > 0 {
		return
	}
	set, err := s.session.Projects.DefaultPermissions(project, calls.kind).Rules(ctx)
	switch {
	case errors.Is(err, rest.ErrForbidden): // only who leads the project may look
	case err != nil:
		p.add(err, "")
	case !holds(set.Rules, rules, want.Exact):
		p.add(lockedAdvice(&rest.LockedError{ProjectLUID: project}), "permissions")
	}
}

// lockedAdvice says what to do about permissions that are locked.
func lockedAdvice(err error) error {
	if _, locked := errors.AsType[*rest.LockedError](err); locked {
		return advise(err, "leave out the permissions for this site, publish to another project, or have this one unlocked")
	}
	return err
}

// controlling is the project whose default permissions hold for the content of a project, "" where content has its own.
func controlling(p rest.Project) string {
	locked := p.ContentPermissions == rest.LockedToProject || p.ContentPermissions == rest.LockedToProjectWithoutNested
	if p.ControllingLUID == "" && locked {
		return p.LUID
	}
	return p.ControllingLUID
}

// rules are the wanted rules in the words of the server: one for each of those named, who may be named more than once. They are
// of use only if nothing is added to the problems.
func (s *settings) rules(
	ctx context.Context, p *problems, want *templates.Permissions, on *rest.Permissions, kind string,
) []rest.PermissionRule {
	byGrantee := map[rest.Grantee]*rest.PermissionRule{}
	var order []rest.Grantee
	for _, rule := range want.Rules {
		grantee, name, err := s.grantee(ctx, rule)
		about := "permissions of " + name
		if err != nil {
			p.add(personal(err), about)
			continue
		}
		if byGrantee[grantee] == nil {
			byGrantee[grantee] = &rest.PermissionRule{Grantee: grantee}
			order = append(order, grantee)
		}
		known := byGrantee[grantee]
		for _, c := range s.capabilities(p, rule, on, about, kind) {
			opposite := func(other rest.Capability) bool { return other.Name == c.Name && other.Mode != c.Mode }
			switch {
			case slices.ContainsFunc(known.Capabilities, opposite):
				p.add(advise(fmt.Errorf("%s is both allowed and denied", c.Name), "let one rule say it, and the other not"), about)
			case !slices.Contains(known.Capabilities, c):
				known.Capabilities = append(known.Capabilities, c)
			}
		}
	}
	rules := make([]rest.PermissionRule, len(order))
	for i, grantee := range order {
		rules[i] = *byGrantee[grantee]
	}
	return rules
}

// grantee is the group or the user of a rule, with the name in words.
func (s *settings) grantee(ctx context.Context, rule templates.PermissionRule) (rest.Grantee, string, error) {
	if rule.Group != "" {
		group, err := s.groups.get(ctx, rule.Group)
		return rest.Grantee{GroupLUID: group.LUID}, fmt.Sprintf("group %q", rule.Group), err
	}
	user, err := s.users.get(ctx, rule.User)
	return rest.Grantee{UserLUID: user.LUID}, fmt.Sprintf("user %q", rule.User), err
}

// capabilities are those of a rule: of its role, and what it allows and denies besides, which goes before the role.
func (s *settings) capabilities(p *problems, rule templates.PermissionRule, on *rest.Permissions, about, kind string) []rest.Capability {
	var all []rest.Capability
	own := slices.Concat(rest.Allow(rule.Allow...), rest.Deny(rule.Deny...))
	if rule.Role != "" {
		role, err := on.Role(rule.Role)
		p.add(advise(err, "name one of these, or say allow and deny in place of a role"), about)
		for _, c := range role {
			if !slices.ContainsFunc(own, func(o rest.Capability) bool { return o.Name == c.Name }) {
				all = append(all, c)
			}
		}
	}
	known := on.Capabilities()
	for _, c := range own {
		if !slices.Contains(known, c.Name) {
			p.add(advise(fmt.Errorf("a %s has no capability %q", kind, c.Name), "there is "+strings.Join(known, ", ")), about)
		}
	}
	return append(all, own...)
}

// holds says whether rules are as they are wanted.
func holds(there, want []rest.PermissionRule, exact bool) bool {
	has, wanted := byGrantee(there), byGrantee(want)
	for grantee, capabilities := range has {
		if _, named := wanted[grantee]; !named && exact && len(capabilities) > 0 {
			return false
		}
	}
	for grantee, capabilities := range wanted {
		if !maps.Equal(has[grantee], capabilities) {
			return false
		}
	}
	return true
}

// byGrantee are the capabilities of each grantee.
func byGrantee(rules []rest.PermissionRule) map[rest.Grantee]map[rest.Capability]bool {
	all := map[rest.Grantee]map[rest.Capability]bool{}
	for _, rule := range rules {
		if all[rule.Grantee] == nil {
			all[rule.Grantee] = map[rest.Capability]bool{}
		}
		for _, c := range rule.Capabilities {
			all[rule.Grantee][c] = true
		}
	}
	return all
}

// permit sets the permissions.
func (s *settings) permit(ctx context.Context, o object, want *templates.Permissions) (string, error) {
	if want == nil {
		return "", nil
	}
	on := s.calls(o.workbook).permissions(o.luid)
	var p problems
	rules := s.rules(ctx, &p, want, on, kindOf(o.workbook))
	if err := p.err(); err != nil {
		return "", err
	}
	var changes rest.PermissionChanges
	var err error
	if want.Exact {
		changes, err = on.Set(ctx, rules)
	} else {
		changes, err = on.SetFor(ctx, rules...)
	}
	return saidOf(changes), lockedAdvice(err)
}

// saidOf says in words what was changed of permissions, "" for nothing.
func saidOf(changes rest.PermissionChanges) string {
	count := func(rules []rest.PermissionRule) (n int) {
		for _, rule := range rules {
			n += len(rule.Capabilities)
		}
		return n
	}
	added, deleted := count(changes.Added), count(changes.Deleted)
	switch {
	case added == 0 && deleted == 0:
		return ""
	case deleted == 0:
		return fmt.Sprintf("permissions: %d added", added)
	case added == 0:
		return fmt.Sprintf("permissions: %d taken away", deleted)
	}
	return fmt.Sprintf("permissions: %d added, %d taken away", added, deleted)
}
