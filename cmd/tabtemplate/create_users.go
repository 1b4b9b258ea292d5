package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

// userTableHelp is what is said of tables of users.
const userTableHelp = `The table is CSV in UTF-8, as tabcmd reads it: username, password, display name, license (Creator,
Explorer, Viewer, Unlicensed), admin level (System, Site, None), publishing (yes, no) and e-mail
address, of which only the first is needed. A first line may name the columns, in any order; then
there may be one for the site role, in place of license, admin level and publishing. All of it is
checked before the first request.`

type createUsersFlags struct {
	in     sessionFlags
	role   string
	update bool
	dryRun bool
}

func (a *app) createUsersCommand() *cobra.Command {
	var f createUsersFlags
	cmd := &cobra.Command{
		Use:   "create-users FILE.csv",
		Short: "Put the users of a table on a site",
		Long: `create-users puts the users of a table on the site: on Tableau Cloud and on Tableau Server with a
directory those that the directory has, else new ones with their passwords. Who is on the site
already is left alone, or with --update made as the table says. One user who is refused stops no
other.

` + userTableHelp,
		Example: `  tabtemplate create-users people.csv --role Viewer
  tabtemplate create-users people.csv --dry-run
  tabtemplate create-users people.csv --update --server https://tableau.example.com --site sales`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("create-users needs one table of users, a CSV file")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			rows, err := readUsers(args[0], false)
			if err != nil {
				return err
			}
			if err := withRoles(args[0], rows, rest.SiteRole(f.role)); err != nil {
				return err
			}
			return a.withSession(cmd, &f.in, func(ctx context.Context, s *rest.Session) error {
				return a.workOnUsers(ctx, rows, args[0], func(row userRow, result *userResult) error { return f.create(ctx, s, row, result) })
			})
		},
	}
	f.in.flags(cmd)
	flags := cmd.Flags()
	choiceFlag(flags, &f.role, "role", "the site `ROLE` of users whose row says none", siteRoles...)
	flags.BoolVar(&f.update, "update", false, "make who is on the site already as the table says")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what would be done, and do nothing")
	return cmd
}

// withRoles gives a site role to rows that say none.
func withRoles(path string, rows []userRow, role rest.SiteRole) error {
	t := &userTable{path: path}
	for i := range rows {
		if rows[i].role = cmp.Or(rows[i].role, role); rows[i].role == "" {
			t.problem(rows[i].line, "user %q has no license: --role says the site role of those that have none", rows[i].name)
		}
	}
	if t.problems != nil {
		return &usageError{t.problems}
	}
	return nil
}

// userResult is what became of a user; --json prints a list of them.
type userResult struct {
	Name   string        `json:"name"`
	LUID   string        `json:"luid,omitempty"`
	Role   rest.SiteRole `json:"site_role,omitempty"`
	Action string        `json:"action"` // what was done; with --dry-run what would be, such as create for created
	Error  string        `json:"error,omitempty"`
}

// create puts one user on the site.
func (f *createUsersFlags) create(ctx context.Context, s *rest.Session, row userRow, result *userResult) error {
	there, err := s.Users.ByName(ctx, row.name)
	known := err == nil
	if err != nil && !errors.Is(err, rest.ErrNotFound) {
		return err
	}
	done := "created"
	result.Role = row.role
	switch {
	case known && !f.update:
		result.Action, result.LUID, result.Role = "there already", there.LUID, there.SiteRole
		return nil
	case known:
		done, result.LUID = "updated", there.LUID
	}
	if f.dryRun {
		result.Action = map[string]string{"created": "create", "updated": "update"}[done]
		return nil
	}
	add := rest.UserAdd{Name: row.name, SiteRole: row.role, FullName: row.fullName, Email: row.email, Password: row.password}
	put := s.Users.Add
	if known {
		put = s.Users.AddOrUpdate
	}
	user, err := put(ctx, add)
	if err != nil {
		return err
	}
	result.Action, result.LUID = done, user.LUID
	return nil
}

// workOnUsers does something to each user. One of several that fails does not stop the others; what failed is told at once,
// with its place in the table if there is one. Of a single one that failed JSON alone has a row.
func (a *app) workOnUsers(ctx context.Context, rows []userRow, path string, do func(userRow, *userResult) error) error {
	results := []userResult{}
	failed := false
	for _, row := range rows {
		result := userResult{Name: row.name}
		if err := do(row, &result); err != nil {
			if row.line > 0 {
				err = fmt.Errorf("%s:%d: %w", path, row.line, err)
			}
			result.Action, result.Error = "failed", oneLine(err)
			if len(rows) == 1 || ctx.Err() != nil {
				if a.json {
					results = append(results, result)
				}
				return errors.Join(a.printUsers(results), err)
			}
			failed = true
			a.explain(err)
		}
		results = append(results, result)
	}
	if err := a.printUsers(results); err != nil || !failed {
		return err
	}
	return errSites
}

func (a *app) printUsers(results []userResult) error {
	switch {
	case a.json:
		return a.printJSON(results)
	case len(results) == 0:
		return nil
	}
	t := newTable(a.stdout, "USER", "SITE ROLE", "WHAT HAPPENED")
	for _, r := range results {
		t.AppendRow([]any{r.Name, r.Role, paintWord(a.stdout, r.Action)})
	}
	t.Render()
	return nil
}
