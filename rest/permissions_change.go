package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// inheritedLeader is told of whoever leads a project above, and never set.
const inheritedLeader = "InheritedProjectLeader"

// A ruling is a rule about one capability.
type ruling struct {
	Grantee
	Capability
}

// opposite is the ruling that does not go with this one.
func (r ruling) opposite() ruling {
	if r.Mode == ModeAllow {
		r.Mode = ModeDeny
	} else {
		r.Mode = ModeAllow
	}
	return r
}

// String is the ruling in words.
func (r ruling) String() string {
	kind, luid := r.kind()
	return fmt.Sprintf("%s %s for %s %s", r.Mode, r.Name, kind, luid)
}

// rulings takes rules apart; each ruling comes once.
func rulings(rules []PermissionRule) []ruling {
	var all []ruling
	seen := map[ruling]bool{}
	for _, rule := range rules {
		for _, c := range rule.Capabilities {
			if r := (ruling{rule.Grantee, c}); !seen[r] {
				seen[r] = true
				all = append(all, r)
			}
		}
	}
	return all
}

// rulesOf puts rulings together to one rule for each grantee.
func rulesOf(all []ruling) []PermissionRule {
	var rules []PermissionRule
	for _, r := range all {
		i := slices.IndexFunc(rules, func(rule PermissionRule) bool { return rule.Grantee == r.Grantee })
		if i < 0 {
			i = len(rules)
			rules = append(rules, PermissionRule{Grantee: r.Grantee})
		}
		rules[i].Capabilities = append(rules[i].Capabilities, r.Capability)
	}
	return rules
}

// A ruleDiff is what it takes to get from some rules to others, in the order in which it is sent.
type ruleDiff struct {
	turned []ruling // to be deleted first, because the opposite is added
	added  []ruling
	gone   []ruling // to be deleted at the end
}

func (d ruleDiff) isEmpty() bool { return len(d.turned)+len(d.added)+len(d.gone) == 0 }

// diffRules finds what differs. What is read-only stays as it is.
func diffRules(current, wanted []ruling) ruleDiff {
	var d ruleDiff
	has, wants := map[ruling]bool{}, map[ruling]bool{}
	for _, r := range current {
		has[r] = true
	}
	for _, r := range wanted {
		wants[r] = true
		if !has[r] {
			d.added = append(d.added, r)
		}
	}
	for _, r := range current {
		switch {
		case wants[r] || r.Name == inheritedLeader:
		case wants[r.opposite()] && !has[r.opposite()]:
			d.turned = append(d.turned, r)
		default:
			d.gone = append(d.gone, r)
		}
	}
	byRisk := func(a, b ruling) int { return cmp.Compare(a.risk(), b.risk()) }
	slices.SortStableFunc(d.turned, byRisk)
	slices.SortStableFunc(d.gone, byRisk)
	return d
}

// risk is how late a ruling is deleted. While one is deleted after the other nobody gets more than before and after, so what
// allows goes before what denies. What it takes to change permissions goes last, because it may be the caller's.
func (r ruling) risk() int {
	switch {
	case r.Name == "ChangePermissions" || r.Name == "ProjectLeader":
		return 2
	case r.Mode == ModeDeny:
		return 1
	}
	return 0
}

// change reads the rules, and turns them into those that next makes of them and of the given ones, unless something is wrong
// with these.
func (p *Permissions) change(
	ctx context.Context, doing string, rules []PermissionRule, wrong error, next func(current, given []ruling) []ruling,
) (PermissionChanges, error) {
	done, err := PermissionChanges{}, errors.Join(p.err, p.checkRules(rules), wrong)
	if err == nil {
		given := rulings(rules)
		done, err = p.turn(ctx, func(current []ruling) []ruling { return next(current, given) })
	}
	if err != nil {
		return done, fmt.Errorf("%s the permissions of %s: %w", doing, p.on, err)
	}
	return done, nil
}

// turn turns the rules there are into those that next makes of them.
func (p *Permissions) turn(ctx context.Context, next func(current []ruling) []ruling) (PermissionChanges, error) {
	d, err := p.compare(ctx, next)
	if err != nil {
		return PermissionChanges{}, err
	}
	var deleted, added []ruling
	var missed error
	drop := func(all []ruling) error {
		for _, r := range all {
			switch err := p.drop(ctx, r); {
			case errors.Is(err, ErrNotFound): // gone in the meantime, or the whole object is
				missed = cmp.Or(missed, err)
			case err != nil:
				return fmt.Errorf("deleting %s: %w", r, err)
			default:
				deleted = append(deleted, r)
			}
		}
		return nil
	}
	err = drop(d.turned)
	if err == nil && len(d.added) > 0 {
		if err = p.add(ctx, d.added); err == nil {
			added = d.added
		}
	}
	if err == nil {
		err = drop(d.gone)
	}
	if err == nil && missed != nil {
		if d, err = p.compare(ctx, next); err == nil && !d.isEmpty() {
			err = missed
		}
	}
	return PermissionChanges{Deleted: rulesOf(deleted), Added: rulesOf(added)}, err
}

// compare reads the rules and finds what is to change, if that can be done.
func (p *Permissions) compare(ctx context.Context, next func(current []ruling) []ruling) (ruleDiff, error) {
	set, err := p.read(ctx)
	if err != nil {
		return ruleDiff{}, err
	}
	current := rulings(set.Rules)
	d := diffRules(current, next(current))
	if err := p.checkNames(d.added, current); err != nil {
		return ruleDiff{}, err
	}
	if i := slices.IndexFunc(d.gone, func(r ruling) bool { kind, _ := r.kind(); return kind == "" }); i >= 0 {
		return ruleDiff{}, fmt.Errorf("there is a rule (%s %s) for somebody who is neither a user nor a group nor a group set",
			d.gone[i].Mode, d.gone[i].Name)
	}
	if set.ParentLUID != "" && !d.isEmpty() {
		return ruleDiff{}, &LockedError{ProjectLUID: set.ParentLUID}
	}
	return d, nil
}

// checkRules refuses what cannot be a rule.
func (p *Permissions) checkRules(rules []PermissionRule) error {
	var errs []error
	for i, rule := range rules {
		kind, luid := rule.kind()
		switch {
		case rule.Grantee == Grantee{}:
			errs = append(errs, fmt.Errorf("rule %d is for nobody", i+1))
		case kind == "":
			errs = append(errs, fmt.Errorf("rule %d is for several grantees at once", i+1))
		case kind == "groupSet":
			errs = append(errs, p.s.needs("a rule for a group set", sinceGroupSets), checkLUID("group set", luid))
		default:
			errs = append(errs, checkLUID(kind, luid))
		}
		for _, c := range rule.Capabilities {
			if c.Name == "" {
				errs = append(errs, fmt.Errorf("rule %d has a capability without a name", i+1))
			}
			if c.Mode != ModeAllow && c.Mode != ModeDeny {
				errs = append(errs, fmt.Errorf("rule %d: the mode of %s is %q, not Allow or Deny", i+1, c.Name, c.Mode))
			}
		}
	}
	return errors.Join(errs...)
}

// checkConflicts refuses rules that do not go with one another.
func checkConflicts(rules []PermissionRule) error {
	var errs []error
	all := rulings(rules)
	for _, r := range all {
		if r.Mode == ModeDeny && slices.Contains(all, r.opposite()) {
			kind, luid := r.kind()
			errs = append(errs, fmt.Errorf("%s is both allowed and denied for %s %s", r.Name, kind, luid))
		}
	}
	return errors.Join(errs...)
}

// checkNames refuses to add capabilities that the content cannot have, as far as is known here.
func (p *Permissions) checkNames(added, current []ruling) error {
	var unknown []string
	for _, r := range added {
		isSame := func(other ruling) bool { return other.Name == r.Name }
		switch {
		case r.Name == inheritedLeader:
			return fmt.Errorf("%s cannot be set: it comes with ProjectLeader on a project above", inheritedLeader)
		case p.Unchecked || slices.Contains(p.Capabilities(), r.Name) || slices.ContainsFunc(current, isSame):
		case !slices.Contains(unknown, r.Name):
			unknown = append(unknown, r.Name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return fmt.Errorf("a %s has no capability %s; there is %s",
		ruledContents[p.about].kind, strings.Join(unknown, ", "), strings.Join(p.Capabilities(), ", "))
}
