package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

type createProjectFlags struct {
	in                 sessionFlags
	description        string
	contentPermissions string
	parents            bool
	ifMissing          bool
	dryRun             bool
}

func (a *app) createProjectCommand() *cobra.Command {
	var f createProjectFlags
	cmd := &cobra.Command{
		Use:   "create-project PATH",
		Short: "Make a project",
		Long: `create-project makes a project. PATH is its name, or of a project in others the names from the top
level down with slashes between them: Finance/EMEA. The project it is to be in must be there, unless
--parents makes those that are missing, too. A project that is there already is an error, but with
--continue-if-exists, which leaves it as it is.`,
		Example: `  tabtemplate create-project Dashboards --description 'What everybody sees'
  tabtemplate create-project Finance/EMEA --parents
  tabtemplate create-project Finance/EMEA --content-permissions LockedToProject --dry-run`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("create-project needs the path of one project, such as Finance/EMEA")
			}
			if strings.Contains("/"+args[0]+"/", "//") {
				return usagef("%q is no path of a project: a name in it is empty", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSession(cmd, &f.in, func(ctx context.Context, s *rest.Session) error {
				return a.createProject(ctx, s, &f, args[0])
			})
		},
	}
	f.in.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.description, "description", "", "the `TEXT` that describes it")
	choiceFlag(flags, &f.contentPermissions, "content-permissions", "who sets the permissions of what is in it: `WHO` is ManagedByOwner, LockedToProject or LockedToProjectWithoutNested (default ManagedByOwner)",
		string(rest.ManagedByOwner), string(rest.LockedToProject), string(rest.LockedToProjectWithoutNested))
	flags.BoolVar(&f.parents, "parents", false, "make the projects that it is to be in, where they are missing")
	flags.BoolVar(&f.ifMissing, "continue-if-exists", false, "a project that is there already is no error")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what would be made, and make nothing")
	return cmd
}

// projectResult is what became of a project; create-project --json prints a list of them, the outermost first.
type projectResult struct {
	Path   string `json:"path"`
	LUID   string `json:"luid,omitempty"`
	Action string `json:"action"` // created, there already, or with --dry-run create
}

func (a *app) createProject(ctx context.Context, s *rest.Session, f *createProjectFlags, projectPath string) error {
	tree, err := s.Projects.Tree(ctx)
	if err != nil {
		return err
	}
	switch there, err := tree.ByPath(projectPath); {
	case err == nil && !f.ifMissing:
		return fmt.Errorf("the project %q is there already: --continue-if-exists takes that for done", projectPath)
	case err == nil:
		return a.printProjects([]projectResult{{projectPath, there.LUID, "there already"}})
	case !errors.Is(err, rest.ErrNotFound):
		return err
	}
	missing, parent, err := missingAbove(tree, projectPath)
	if err != nil {
		return err
	}
	if len(missing) > 0 && !f.parents {
		return fmt.Errorf("there is no project %q for %q to be in: --parents makes it, too", missing[0], projectPath)
	}
	results := []projectResult{}
	for _, one := range append(missing, projectPath) {
		result := projectResult{Path: one, Action: "create"}
		if !f.dryRun {
			create := rest.ProjectCreate{Name: path.Base(one), ParentLUID: parent}
			if one == projectPath {
				create.Description, create.ContentPermissions = f.description, rest.ContentPermissions(f.contentPermissions)
			}
			made, err := s.Projects.Create(ctx, create)
			if err != nil {
				return errors.Join(a.printProjects(results), err)
			}
			parent, result.LUID, result.Action = made.LUID, made.LUID, "created"
		}
		results = append(results, result)
	}
	return a.printProjects(results)
}

// missingAbove lists the projects above one that are not there, the outermost first, and the LUID of the innermost that is.
func missingAbove(tree *rest.ProjectTree, projectPath string) (missing []string, parent string, err error) {
	for above := path.Dir(projectPath); above != "."; above = path.Dir(above) {
		there, err := tree.ByPath(above)
		if err == nil {
			return missing, there.LUID, nil
		}
		if !errors.Is(err, rest.ErrNotFound) {
			return nil, "", err
		}
		missing = append([]string{above}, missing...)
	}
	return missing, "", nil
}

func (a *app) printProjects(results []projectResult) error {
	if a.json {
		return a.printJSON(results)
	}
	for _, r := range results {
		fmt.Fprintf(a.stdout, "%s: %s\n", r.Path, paintWord(a.stdout, r.Action))
	}
	return a.stdout.err
}
