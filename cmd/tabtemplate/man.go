package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/cmd/tabtemplate/internal/manual"
	"github.com/tabtemplate/tabtemplate/packaging"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man FOLDER",
		Short: "Write the manual pages into a folder",
		Long: `man writes a page for man(1) of tabtemplate and of each of its commands into a folder, over
those that are there. The archives of a release have them already.`,
		Example: `  tabtemplate man ~/.local/share/man/man1`,
		Args:    oneArg("the FOLDER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.writeManual(args[0], manual.Pages(cmd.Root(), edition(thisBuild())))
		},
	}
}

func (a *app) writeManual(folder string, pages []manual.Page) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, page := range pages {
		if err := packaging.WriteFile(filepath.Join(folder, page.Name), bytes.NewReader(page.Text), packaging.Overwrite()); err != nil {
			return err
		}
	}
	if !a.quiet {
		fmt.Fprintf(a.stderr, "%s in %s\n", count(len(pages), "page"), folder)
	}
	return nil
}

// edition is what the pages say besides help.
func edition(b build) manual.Edition {
	e := manual.Edition{Version: b.Version, Sections: manualSections}
	if at, err := time.Parse(time.RFC3339, b.Date); err == nil {
		e.Date = at.UTC().Format(time.DateOnly)
	}
	return e
}

var manualSections = []manual.Section{
	{Title: "Exit status", Text: `  0  all is well; diff: there is no difference
  1  it failed, or was interrupted; diff: there are differences
  2  the command line or the manifest is wrong; diff: it failed
  3  some of several failed, and the report says which
  4  plan --exit-code: publish would do something`},
	{Title: "Environment", Text: `  ` + serverVariable + `        the server of the verbs that work on one site
  ` + siteVariable + `          the site there
  ` + userVariable + `          who signs in
  ` + passwordVariable + `      with what; the flags for the rest read files
  ` + tokenNameVariable + `    the personal access token that signs in
  ` + tokenSecretVariable + `  its secret
  ` + secretsVariable + `       the folder whose files secret(NAME) of a manifest reads
  NO_COLOR                  no colours, whatever else is set but --color
  CLICOLOR_FORCE            colours also where nobody looks on`},
	{Title: "Files", Text: `  tabtemplate.yaml  the manifest
  .tabtemplate      what was published, and how far a run came`},
}
