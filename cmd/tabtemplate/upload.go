package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

type uploadFlags struct {
	in sessionFlags
	db databaseFlags

	project, name, description    string
	tags, hide                    []string
	overwrite, append             bool
	createProject, showTabs       bool
	encrypt, skipCheck, dryRun    bool
	credentials                   *rest.ConnectionCredentials
	projectLUID, projectPath, new string // once the project is found; new is the path of one that is to be made
}

func (a *app) uploadCommand() *cobra.Command {
	var f uploadFlags
	cmd := &cobra.Command{
		Use:   "upload FILE… [--project PROJECT] [--overwrite]",
		Short: "Publish files as they are to a site",
		Long: `upload publishes workbooks (.twb, .twbx) and data sources (.tds, .tdsx, .hyper, .parquet) to a
project of one site, byte for byte. tabcmd calls it publish, which here is the command that
publishes the templates of a manifest.

Each file takes its own name without the extension, or for a single one that of --name. What is
there already is an error, unless --overwrite replaces it: it keeps its LUID, its URL, its
permissions, tags and settings; credentials of databases that were embedded are lost unless they
are given again. --append adds the rows of an extract to those of a data source that is there.`,
		Example: `  tabtemplate upload sales.twbx --project Dashboards/EMEA
  tabtemplate upload sales.twbx orders.tdsx --project Finance --create-project --overwrite
  tabtemplate upload sales.twbx --name 'Sales 2026' --show-tabs --hide-view Draft --tag finance
  tabtemplate upload orders.tds --db-user reader --db-password-file secret.txt --embed
  tabtemplate upload new-rows.hyper --name Orders --append --dry-run`,
		Args:              func(_ *cobra.Command, args []string) error { return f.check(args) },
		ValidArgsFunction: cobra.FixedCompletions(uploadExtensions, cobra.ShellCompDirectiveFilterFileExt),
		RunE:              func(cmd *cobra.Command, args []string) error { return a.upload(cmd, &f, args) },
	}
	f.in.flags(cmd)
	f.db.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.project, "project", "", "the `PROJECT` to publish to, by its path, name or LUID, with --create-project by its path (default the Default project)")
	flags.StringVar(&f.name, "name", "", "the `NAME` to publish under (default that of the file)")
	flags.StringVar(&f.description, "description", "", "the `TEXT` that describes it")
	flags.StringArrayVar(&f.tags, "tag", nil, "a `TAG` to add; may be given again")
	flags.StringArrayVar(&f.hide, "hide-view", nil, "the `NAME` of a sheet of the workbook that is not to be seen; may be given again")
	flags.BoolVar(&f.overwrite, "overwrite", false, "replace what has the name in the project")
	flags.BoolVar(&f.append, "append", false, "add the rows to a data source that is there")
	flags.BoolVar(&f.createProject, "create-project", false, "make the project, and those it is in, if they are missing")
	flags.BoolVar(&f.showTabs, "show-tabs", false, "show the views of a workbook in tabs")
	flags.BoolVar(&f.encrypt, "encrypt-extracts", false, "encrypt the extracts on the server")
	flags.BoolVar(&f.skipCheck, "skip-connection-check", false, "publish a workbook even if the server cannot reach its databases")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what would be done, and publish nothing")
	return cmd
}

// uploadExtensions are those of the files that can be published.
var uploadExtensions = []string{"twb", "twbx", "tds", "tdsx", "hyper", "parquet"}

// check finds what no sign-in is needed for.
func (f *uploadFlags) check(files []string) error {
	switch {
	case len(files) == 0:
		return usagef("upload what? Name files, as in `tabtemplate upload sales.twbx --project Finance`")
	case len(files) > 1 && f.name != "":
		return usagef("--name is that of one file, got %d", len(files))
	case f.overwrite && f.append:
		return usagef("--overwrite and --append exclude each other")
	case f.createProject && f.project == "":
		return usagef("--create-project needs --project, the one to make")
	}
	workbooks := 0
	for _, file := range files {
		switch strings.ToLower(filepath.Ext(file)) {
		case ".twb", ".twbx":
			workbooks++
		case ".tds", ".tdsx", ".hyper", ".parquet":
		default:
			return usagef("%s: workbooks are .twb and .twbx, data sources .tds, .tdsx, .hyper and .parquet", file)
		}
	}
	switch {
	case workbooks > 0 && f.append:
		return usagef("--append is for data sources alone: a workbook has no rows")
	case workbooks == 0 && (len(f.hide) > 0 || f.showTabs || f.skipCheck):
		return usagef("--hide-view, --show-tabs and --skip-connection-check are for workbooks, and there is none")
	}
	return nil
}

// mode is what becomes of what is there.
func (f *uploadFlags) mode() rest.PublishMode {
	switch {
	case f.overwrite:
		return rest.Overwrite
	case f.append:
		return rest.Append
	}
	return rest.CreateNew
}

func (a *app) upload(cmd *cobra.Command, f *uploadFlags, paths []string) (err error) {
	var files []*uploadFile
	defer func() {
		for _, file := range files {
			err = errors.Join(err, file.close())
		}
	}()
	for _, path := range paths {
		file, err := openUpload(path)
		if err != nil {
			return err
		}
		file.name = cmp.Or(f.name, file.name)
		files = append(files, file)
	}
	if f.credentials, err = f.db.credentials(cmd.Context(), a, cmd.InOrStdin()); err != nil {
		return err
	}
	return a.withSession(cmd, &f.in, func(ctx context.Context, s *rest.Session) error {
		if err := f.findProject(ctx, s); err != nil {
			return err
		}
		rows, err := each(ctx, a, files, func(file *uploadFile, row *workRow) error {
			*row = workRow{Kind: file.kind, Name: f.projectPath + "/" + file.name, File: file.path, Bytes: file.source.Size()}
			if f.dryRun {
				return f.foresee(ctx, s, file, row)
			}
			return withUploadAdvice(a.uploadOne(ctx, s, f, file, row))
		})
		if f.new != "" {
			made := workRow{Kind: aProject, Name: f.new, Action: "created", LUID: f.projectLUID}
			if f.dryRun {
				made.Action = "create"
			}
			rows = slices.Insert(rows, 0, made)
		}
		printing := a.printTable(rows, []any{"FILE", "CONTENT URL"}, func(row workRow) []any { return []any{row.File, row.ContentURL} })
		return cmp.Or(printing, err)
	})
}

// findProject finds the project to publish to, or makes it.
func (f *uploadFlags) findProject(ctx context.Context, s *rest.Session) error {
	tree, err := s.Projects.Tree(ctx)
	if err != nil {
		return err
	}
	find := tree.Find
	if f.createProject {
		find = tree.ByPath // what is to be made is said by its path: Sales is not Finance/Sales then
	}
	project, err := find(f.project)
	if f.project == "" {
		project, err = tree.Default()
	}
	f.projectPath = tree.Path(project.LUID)
	if errors.Is(err, rest.ErrNotFound) && f.createProject {
		f.projectPath, f.new, err = f.project, f.project, nil
		if !f.dryRun {
			project, err = s.Projects.EnsurePath(ctx, f.project)
		}
	}
	f.projectLUID = project.LUID
	switch {
	case errors.Is(err, rest.ErrNotFound):
		return withAdvice(fmt.Errorf("finding the project: %w", err), "--create-project makes it; `tabtemplate projects` lists those that are there")
	case ambiguous(err):
		return withAdvice(fmt.Errorf("finding the project: %w", err), "say its path, as in Finance/EMEA, or its LUID")
	}
	return err
}

// foresee says what publishing a file would do, and why it would fail.
func (f *uploadFlags) foresee(ctx context.Context, s *rest.Session, file *uploadFile, row *workRow) error {
	err := error(rest.ErrNotFound)
	switch {
	case f.projectLUID == "": // there is nothing in a project that is to be made
	case file.kind == aWorkbook:
		var there rest.Workbook
		there, err = s.Workbooks.ByName(ctx, file.name, f.projectLUID)
		row.LUID, row.ContentURL = there.LUID, there.ContentURL
	default:
		var there rest.Datasource
		there, err = s.Datasources.ByName(ctx, file.name, f.projectLUID)
		row.LUID, row.ContentURL = there.LUID, there.ContentURL
	}
	missing := errors.Is(err, rest.ErrNotFound)
	switch {
	case err != nil && !missing:
		return err
	case missing && f.append:
		return fmt.Errorf("%s %q: there is nothing to append to", file.kind, row.Name)
	case missing:
		row.Action = "create"
	case f.append:
		row.Action = "append"
	case f.overwrite:
		row.Action = "overwrite"
	default:
		return withUploadAdvice(fmt.Errorf("%s %q: %w", file.kind, row.Name, rest.ErrConflict))
	}
	return nil
}

func withUploadAdvice(err error) error {
	if errors.Is(err, rest.ErrConflict) {
		return withAdvice(err, "--overwrite replaces what is there")
	}
	return err
}
