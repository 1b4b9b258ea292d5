package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

type permissionsFlags struct {
	in               sessionFlags
	kind             kindFlags
	set, add, remove []string
	dryRun           bool
}

func (a *app) permissionsCommand() *cobra.Command {
	var f permissionsFlags
	cmd := &cobra.Command{
		Use:   "permissions NAME",
		Short: "List who may do what with a workbook, data source or project, or change it",
		Long: `permissions lists the rules on a workbook, a data source or a project: what each group and user is
allowed and denied. What no rule mentions is not specified.

With rules it changes them: --set makes those of somebody exactly this, --add adds to them, and
--remove takes away; the rules of everybody else stay. A rule is group:NAME=WHAT or user:NAME=WHAT.
WHAT is a role of Tableau's web pages (View, Explore, Publish, Administer, Denied; Project Leader),
capabilities (Read, ExportData, …), or several of these with commas between them; a - before one
denies it, and what is said later goes before. With --remove, WHAT is what no rule is to mention any
more, and group:NAME alone is all rules of the group. It prints what has changed.

` + namesHelp,
		Example: `  tabtemplate permissions Dashboards/Sales
  tabtemplate permissions Sales --set 'group:Sales=View,-ExportData' --dry-run
  tabtemplate permissions Finance --project --add user:ana='Project Leader'
  tabtemplate permissions Sales --remove group:Interns --remove user:bob=Write`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("permissions of what? Name one workbook, data source or project")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			kinds, err := f.kind.kinds()
			if err != nil {
				return err
			}
			if !f.kind.workbook && !f.kind.datasource && !f.kind.project {
				kinds = append(kinds, aProject)
			}
			orders, err := f.orders()
			if err != nil {
				return err
			}
			if f.dryRun && len(orders) == 0 {
				return usagef("--dry-run of what? Say rules with --set, --add or --remove")
			}
			return a.withSession(cmd, &f.in, func(ctx context.Context, s *rest.Session) error {
				return a.permissions(ctx, s, &f, kinds, args[0], orders)
			})
		},
	}
	f.in.flags(cmd)
	f.kind.flags(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.kind.project, "project", false, "NAME is that of a project")
	flags.StringArrayVar(&f.set, "set", nil, "make the rules of somebody exactly this `RULE`; may be repeated")
	flags.StringArrayVar(&f.add, "add", nil, "add this `RULE`; may be repeated")
	flags.StringArrayVar(&f.remove, "remove", nil, "take away what this `RULE` says; may be repeated")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what would be changed, and change nothing")
	return cmd
}

// An order is a rule of the command line.
type order struct {
	verb  string // set, add or remove
	text  string // as it was given
	group bool   // else it is for a user
	name  string
	words []string // roles and capabilities, - before those that are denied; none is all
}

// orders reads the rules of the command line.
func (f *permissionsFlags) orders() ([]order, error) {
	var all []order
	for _, given := range []struct {
		verb  string
		texts []string
	}{{"set", f.set}, {"add", f.add}, {"remove", f.remove}} {
		for _, text := range given.texts {
			o, err := readOrder(given.verb, text)
			if err != nil {
				return nil, err
			}
			all = append(all, o)
		}
	}
	return all, nil
}

func readOrder(verb, text string) (order, error) {
	o := order{verb: verb, text: text}
	kind, rest, found := strings.Cut(text, ":")
	if o.group = kind == "group"; !found || kind != "group" && kind != "user" {
		return o, usagef("--%s %q: a rule begins with group: or user:", verb, text)
	}
	o.name = rest
	if at := strings.LastIndexByte(rest, '='); at >= 0 {
		o.name = rest[:at]
		for word := range strings.SplitSeq(rest[at+1:], ",") {
			o.words = append(o.words, strings.TrimSpace(word))
		}
	}
	switch {
	case o.name == "":
		return o, usagef("--%s %q: the name is missing", verb, text)
	case slices.Contains(o.words, "") || slices.Contains(o.words, "-"):
		return o, usagef("--%s %q: a role or capability is empty", verb, text)
	case o.words == nil && verb != "remove":
		return o, usagef("--%s %q: what %s may do is missing, as in %s=View", verb, text, o.name, text)
	}
	return o, nil
}

// on are the permissions of something.
func (c content) permissions(s *rest.Session) *rest.Permissions {
	switch c.kind {
	case aProject:
		return s.Projects.Permissions(c.luid)
	case aDatasource:
		return s.Datasources.Permissions(c.luid)
	}
	return s.Workbooks.Permissions(c.luid)
}

func (a *app) permissions(ctx context.Context, s *rest.Session, f *permissionsFlags, kinds []contentKind, name string, orders []order) error {
	find, err := newFinder(ctx, s, kinds...)
	if err != nil {
		return err
	}
	on, err := find.find(ctx, name)
	if err != nil {
		return err
	}
	p := &permissionsWork{session: s, on: on.permissions(s), names: map[rest.Grantee]string{}}
	set, err := p.on.Rules(ctx)
	if err != nil {
		return err
	}
	result := permissionsResult{Kind: on.kind, Name: on.path, LUID: on.luid}
	before := capabilitiesOf(set.Rules)
	if len(orders) == 0 {
		result.Rules, err = p.listed(ctx, set.Rules)
		if err != nil {
			return err
		}
		return a.printPermissions(result, false)
	}
	after, err := p.carriedOut(ctx, before, orders)
	if err != nil {
		return err
	}
	result.Changes = p.changes(before, after)
	if !f.dryRun && len(result.Changes) > 0 {
		var rules []rest.PermissionRule
		for grantee, modes := range after {
			rules = append(rules, rest.PermissionRule{Grantee: grantee, Capabilities: modes.list()})
		}
		if _, err := p.on.SetFor(ctx, rules...); err != nil {
			return err
		}
	}
	return a.printPermissions(result, true)
}

// modes are how capabilities are set, by their names.
type modes map[string]rest.CapabilityMode

func (m modes) list() (out []rest.Capability) {
	for name, mode := range m {
		out = append(out, rest.Capability{Name: name, Mode: mode})
	}
	slices.SortFunc(out, func(a, b rest.Capability) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// of lists the names that are set to a mode.
func (m modes) of(mode rest.CapabilityMode) []string {
	names := []string{}
	for _, c := range m.list() {
		if c.Mode == mode {
			names = append(names, c.Name)
		}
	}
	return names
}

// capabilitiesOf are the capabilities of each grantee. Where one is both allowed and denied, denied is what counts.
func capabilitiesOf(rules []rest.PermissionRule) map[rest.Grantee]modes {
	all := map[rest.Grantee]modes{}
	for _, rule := range rules {
		if all[rule.Grantee] == nil {
			all[rule.Grantee] = modes{}
		}
		for _, c := range rule.Capabilities {
			if all[rule.Grantee][c.Name] != rest.ModeDeny {
				all[rule.Grantee][c.Name] = c.Mode
			}
		}
	}
	return all
}

// permissionsWork reads and works out rules.
type permissionsWork struct {
	session *rest.Session
	on      *rest.Permissions
	names   map[rest.Grantee]string // group "Sales"
	order   []rest.Grantee          // of those that rules name
}

// carriedOut is what the rules of those who are named become.
func (p *permissionsWork) carriedOut(ctx context.Context, before map[rest.Grantee]modes, orders []order) (map[rest.Grantee]modes, error) {
	after := map[rest.Grantee]modes{}
	first := map[rest.Grantee]order{}
	var errs []error
	for _, o := range orders {
		grantee, err := p.grantee(ctx, o)
		other, known := first[grantee]
		switch {
		case err != nil:
			errs = append(errs, err)
			continue
		case known && (other.verb == "set" || o.verb == "set"):
			errs = append(errs, usagef("--%s %s: --%s %s is for the same one, and --set says all there is to say", o.verb, o.text, other.verb, other.text))
			continue
		case !known:
			first[grantee], after[grantee] = o, modes{}
			if o.verb != "set" {
				for name, mode := range before[grantee] {
					after[grantee][name] = mode
				}
			}
			p.order = append(p.order, grantee)
		}
		if o.verb == "remove" && o.words == nil {
			clear(after[grantee])
		}
		for _, word := range o.words {
			capabilities, err := p.meant(word)
			if err != nil {
				errs = append(errs, &usageError{fmt.Errorf("--%s %s: %w", o.verb, o.text, err)})
			}
			for _, c := range capabilities {
				if o.verb == "remove" {
					delete(after[grantee], c.Name)
				} else {
					after[grantee][c.Name] = c.Mode
				}
			}
		}
	}
	return after, errors.Join(errs...)
}

// grantee finds whom a rule is for.
func (p *permissionsWork) grantee(ctx context.Context, o order) (grantee rest.Grantee, err error) {
	if o.group {
		group, err := findGroup(ctx, p.session, o.name)
		grantee.GroupLUID = group.LUID
		p.names[grantee] = "group " + group.Name
		return grantee, err
	}
	user, err := p.session.Users.Find(ctx, o.name)
	grantee.UserLUID = user.LUID
	p.names[grantee] = "user " + user.Name
	return grantee, err
}

// meant are the capabilities of a word: those of a role, or one. A - before it denies them.
func (p *permissionsWork) meant(word string) ([]rest.Capability, error) {
	name, denied := strings.CutPrefix(word, "-")
	known := p.on.Capabilities()
	at := slices.IndexFunc(known, func(c string) bool { return strings.EqualFold(c, name) })
	if at >= 0 {
		if denied {
			return rest.Deny(known[at]), nil
		}
		return rest.Allow(known[at]), nil
	}
	capabilities, err := p.on.Role(name)
	if err != nil {
		return nil, fmt.Errorf("%w; and the capabilities are %s%s", err, strings.Join(known, ", "), didYouMean(name, known))
	}
	if denied {
		var names []string
		for _, c := range capabilities {
			names = append(names, c.Name)
		}
		return rest.Deny(names...), nil
	}
	return capabilities, nil
}
