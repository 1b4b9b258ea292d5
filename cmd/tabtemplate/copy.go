package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates/replicate"
)

type copyFlags struct {
	in, to sessionFlags
	kind   kindFlags
	db     databaseFlags

	project                          string
	overwrite, reuse, createProjects bool
	permissions, skipUnmatched       bool
	noExtract, dryRun                bool
}

func (a *app) copyCommand() *cobra.Command {
	var f copyFlags
	f.to = sessionFlags{prefix: "to-", like: &f.in}
	cmd := &cobra.Command{
		Use:   "copy NAME… [--to-site SITE | --to-profile NAME | --to-server URL] [--project PROJECT]",
		Short: "Copy workbooks and data sources to another site, server or project",
		Long: `copy takes workbooks to another site, with the published data sources they need, which they then
refer to there, and data sources that are named. Where to is said by --to-server and --to-site, or
by --to-profile; with --to-site alone it is a site of the same server, and with none of them another
project of the same site.

The copies go to projects of the same paths, or all to that of --project. Description, tabs and tags
go along, rules on who may do what with --permissions; passwords of databases are in no file, and
are given with --db-user, or viewers are asked. Owner, revisions, schedules and subscriptions stay.

What fails stops nothing that does not need it; the exit code is then 3.

` + namesHelp,
		Example: `  tabtemplate copy Dashboards/Sales --to-site prod --create-projects --dry-run
  tabtemplate copy Sales Orders --profile dev --to-profile prod --overwrite --permissions
  tabtemplate copy Dashboards/Sales --project Archive
  tabtemplate copy Sales --to-profile prod --reuse-datasources --db-user reader --embed`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return usagef("copy what? Name workbooks or data sources, as in `tabtemplate copy Dashboards/Sales --to-site prod`")
			case f.skipUnmatched && !f.permissions:
				return usagef("--skip-unmatched is about the rules that --permissions copies")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.copy(cmd, &f, args) },
	}
	f.in.flags(cmd)
	f.to.flags(cmd)
	f.kind.flags(cmd)
	f.db.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.project, "project", "", "the path of the `PROJECT` to copy to (default that which each is in)")
	flags.BoolVar(&f.overwrite, "overwrite", false, "replace what has the name in the project")
	flags.BoolVar(&f.reuse, "reuse-datasources", false, "take a data source of the name that is there already in place of a copy")
	flags.BoolVar(&f.createProjects, "create-projects", false, "make projects that are missing")
	flags.BoolVar(&f.permissions, "permissions", false, "copy the rules on each, by the names of users and groups")
	flags.BoolVar(&f.skipUnmatched, "skip-unmatched", false, "leave out the rules for users and groups that are not there")
	flags.BoolVar(&f.noExtract, "no-extract", false, "leave the extracts behind")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what would be copied, and copy nothing")
	return cmd
}

func (a *app) copy(cmd *cobra.Command, f *copyFlags, names []string) error {
	ctx := cmd.Context()
	kinds, err := f.kind.kinds()
	if err != nil {
		return err
	}
	from, to, err := f.signIns(ctx, a, cmd)
	if err != nil {
		return err
	}
	if from == to && f.project == "" {
		return usagef("copy to where? --to-site, --to-server or --to-profile says another site, --project another project")
	}
	credentials, err := f.db.credentials(ctx, a, cmd.InOrStdin())
	if err != nil {
		return err
	}
	options := f.options(a, credentials)
	return a.signedIn(ctx, from, func(ctx context.Context, source *rest.Session) error {
		if from == to {
			return a.copyAll(ctx, source, source, kinds, names, options)
		}
		return a.signedIn(ctx, to, func(ctx context.Context, target *rest.Session) error {
			return a.copyAll(ctx, source, target, kinds, names, options)
		})
	})
}

func (a *app) copyAll(ctx context.Context, from, to *rest.Session, kinds []contentKind, names []string, o replicate.Options) error {
	find, err := newFinder(ctx, from, kinds...)
	if err != nil {
		return err
	}
	found, err := find.all(ctx, names)
	if err != nil {
		return err
	}
	report, err := replicate.Copy(ctx, from, to, selectionOf(found), o)
	printing := a.printCopies(report, o.DryRun)
	if err != nil || printing != nil {
		return cmp.Or(err, printing)
	}
	return a.copyFailures(report)
}

// signIns are where to copy from and to. They are the same for a copy to another project.
func (f *copyFlags) signIns(ctx context.Context, a *app, cmd *cobra.Command) (from, to signIn, err error) {
	if from, err = f.in.signIn(ctx, a, cmd.InOrStdin()); err != nil {
		return from, to, err
	}
	if to, err = f.to.signIn(ctx, a, cmd.InOrStdin()); err != nil || from == to {
		return from, to, err
	}
	one, isToken := from.credentials.(rest.PersonalAccessToken)
	other, areTokens := to.credentials.(rest.PersonalAccessToken)
	if isToken && areTokens && sameServer(from.server, to.server) && one.Name == other.Name {
		return from, to, usagef("the token %q cannot sign in to two sites at a time, since each sign-in ends the one before: "+
			"name another with --to-server and --to-token-name, or with --to-profile", one.Name)
	}
	return from, to, nil
}

// sameServer tells whether two URLs are of one server.
func sameServer(a, b string) bool {
	one, err := rest.NewClient(a)
	other, otherErr := rest.NewClient(b)
	return err == nil && otherErr == nil && one.ServerURL() == other.ServerURL()
}

func selectionOf(found []content) (s replicate.Selection) {
	for _, c := range found {
		if c.kind == aWorkbook {
			s.Workbooks = append(s.Workbooks, c.luid)
		} else {
			s.Datasources = append(s.Datasources, c.luid)
		}
	}
	return s
}

func (f *copyFlags) options(a *app, credentials *rest.ConnectionCredentials) replicate.Options {
	o := replicate.Options{
		Keep: rest.KeepSettings | rest.KeepTags | rest.KeepAcceleration, ReuseDatasources: f.reuse, CreateProjects: f.createProjects,
		WithoutExtracts: f.noExtract, DryRun: f.dryRun,
		Credentials: func(replicate.Item, rest.FileConnection) *rest.ConnectionCredentials { return credentials },
		Progress: func(i replicate.Item) {
			if !f.dryRun {
				a.note("%s %s: %s", i.Kind, i.Name, paintWord(a.stderr, i.Action))
			}
		},
	}
	if f.overwrite {
		o.Mode = rest.Overwrite
	}
	if f.project != "" {
		o.Project = func(string) string { return f.project }
	}
	if f.permissions {
		o.Permissions = &rest.GranteeMapping{SkipUnmatched: f.skipUnmatched}
	}
	return o
}

// foreseen are what a dry run calls what would be done.
var foreseen = map[replicate.Action]string{replicate.Created: "create", replicate.Overwritten: "overwrite", replicate.Reused: "reuse"}

func (a *app) printCopies(report *replicate.Report, dryRun bool) error {
	rows := []workRow{}
	for _, i := range report.Items {
		row := workRow{
			Kind: contentKind(i.Kind), Name: i.FromProject + "/" + i.Name, Action: string(i.Action), LUID: i.FromLUID, ContentURL: i.FromContentURL,
			To: i.ToProject + "/" + i.Name, ToLUID: i.ToLUID, Notes: i.Warnings,
		}
		if dryRun {
			row.Action = cmp.Or(foreseen[i.Action], row.Action)
		}
		if i.Err != nil {
			row.Error = oneLine(i.Err)
		}
		rows = append(rows, row)
	}
	return a.printTable(rows, []any{"TO"}, func(row workRow) []any { return []any{row.To} })
}

// copyFailures tells what failed, and what to look at.
func (a *app) copyFailures(report *replicate.Report) error {
	var result error
	for _, i := range report.Items {
		for _, warning := range i.Warnings {
			fmt.Fprintf(a.stderr, "%s %s %s: %s\n", paintWord(a.stderr, "warning:"), i.Kind, i.Name, warning)
		}
		if i.Err != nil {
			a.explain(copyAdvice(i))
			result = errSites
		}
	}
	return result
}

// copyAdvice is the error of a copy with what to do about it.
func copyAdvice(i replicate.Item) error {
	err := &copyError{i}
	missing, isMissing := errors.AsType[*rest.NotFoundError](i.Err)
	_, isUnmatched := errors.AsType[*rest.UnmatchedError](i.Err)
	switch {
	case isUnmatched:
		return withAdvice(err, "--skip-unmatched leaves those rules out")
	case errors.Is(i.Err, rest.ErrConflict):
		return withAdvice(err, "--overwrite replaces what is there")
	case isMissing && missing.Kind == "project":
		return withAdvice(err, "--create-projects makes it, --project copies to another one")
	}
	return err
}

// copyError is why something is not copied, or what is not right about the copy.
type copyError struct{ item replicate.Item }

func (e *copyError) Error() string {
	return string(e.item.Kind) + " " + cmp.Or(e.item.Name, e.item.FromLUID) + ": " + e.item.Err.Error()
}

func (e *copyError) Unwrap() error { return e.item.Err }
