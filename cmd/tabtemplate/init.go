package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/packaging"
	"github.com/tabtemplate/tabtemplate/templates/scaffold"
)

// initializer is what `init` was asked for.
type initializer struct {
	*app
	out       string
	overwrite bool
	dryRun    bool
}

func (a *app) initCommand() *cobra.Command {
	i := &initializer{app: a}
	cmd := &cobra.Command{
		Use:   "init FILE…",
		Short: "Write a first manifest for workbooks and data sources",
		Long: `init writes a manifest that makes a template of each file: where its connections lead, the
values of its parameters and of the filters of its data sources, and the published data sources
it refers to become edits with vars, whose defaults are the file's own values. Two example sites
show what a site may say. A published data source that another one of the files is becomes the
reference to that template.

With the vars as they are, an edit changes nothing; what the file tells of its author is taken
out. The server is the emulator, a Tableau Server inside this process, so that plan and publish
work at once. Comments say what to change. The files are not changed, and a manifest that is there
is only written over with --overwrite.`,
		Example: `  tabtemplate init sales.twbx
  tabtemplate init orders.tds sales.twbx
  tabtemplate init templates/*.twbx -f deploy/tabtemplate.yaml
  tabtemplate init sales.twbx --dry-run`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("init needs a workbook or data source: a .twb, .twbx, .tds or .tdsx")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return i.run(args) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&i.out, "out", "o", "", "the `FILE` to write, - for standard output (default that of --file)")
	flags.BoolVar(&i.overwrite, "overwrite", false, "write over a manifest that is there")
	flags.BoolVar(&i.dryRun, "dry-run", false, "print the manifest, and write nothing")
	return cmd
}

// initialized is what init --json prints.
type initialized struct {
	Manifest string `json:"manifest"` // its path, "" where it was printed
	Text     string `json:"text"`
}

func (i *initializer) run(paths []string) error {
	out := i.out
	if out == "" {
		out = i.manifest
	}
	if slices.ContainsFunc(paths, func(path string) bool { return sameFile(path, out) }) {
		return usagef("%s is one of the files to make templates of: --out FILE writes the manifest elsewhere", out)
	}
	printed := i.dryRun || out == "-"
	if i.out == "-" {
		out = i.manifest // says from where paths begin
	}
	draft, err := i.draft(paths, filepath.Dir(out))
	if err != nil {
		return err
	}
	if !printed {
		if err := i.write(out, draft.Text); err != nil {
			return err
		}
	}
	for _, note := range draft.Notes {
		fmt.Fprintf(i.stderr, "note: %s\n", note)
	}
	switch {
	case i.json && printed:
		return i.printJSON(initialized{"", string(draft.Text)})
	case i.json:
		return i.printJSON(initialized{out, string(draft.Text)})
	case printed:
		_, err = i.stdout.Write(draft.Text)
		return err
	}
	i.next(out, len(paths))
	return nil
}

// draft is the manifest for files, with paths that begin at its folder.
func (i *initializer) draft(paths []string, folder string) (draft *scaffold.Draft, err error) {
	var sources []scaffold.Source
	var failed []error
	seen := map[string]bool{}
	for _, path := range paths {
		relative, err := fromFolder(folder, path)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		if seen[relative] {
			continue
		}
		seen[relative] = true
		f, err := documents.Open(path)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		if ext := strings.ToLower(filepath.Ext(path)); ext != f.Kind().Ext() {
			failed = append(failed, usagef("%s is a %s inside: give it that ending, which says to the manifest what it is", path, f.Kind().Ext()))
			continue
		}
		sources = append(sources, scaffold.Source{Path: relative, File: f})
	}
	if failed != nil {
		return nil, errors.Join(failed...)
	}
	return scaffold.Manifest(sources)
}

// fromFolder is a path from a folder, with slashes. One that leads nowhere from there stays absolute.
func fromFolder(folder, path string) (string, error) {
	from, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	relative, err := filepath.Rel(from, to)
	if err != nil { // on another drive
		return filepath.ToSlash(to), nil
	}
	return filepath.ToSlash(relative), nil
}

func (i *initializer) write(path string, text []byte) error {
	var opts []packaging.WriteOption
	if i.overwrite {
		opts = append(opts, packaging.Overwrite())
	}
	err := packaging.WriteFile(path, bytes.NewReader(text), opts...)
	if errors.Is(err, fs.ErrExist) && !i.overwrite {
		return usagef("%s is there already: --overwrite writes over it, --out FILE elsewhere", path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing the manifest: there is no folder %s", filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	return nil
}

// next says what was written and how to go on.
func (i *initializer) next(path string, templates int) {
	if i.quiet {
		return
	}
	file := ""
	if path != "tabtemplate.yaml" {
		file = " -f " + shellWord(path)
	}
	fmt.Fprintf(i.stderr, `wrote %s: %s, 2 example sites on the emulator
next:
  tabtemplate check --all%[3]s    does it all fit together?
  tabtemplate plan --all%[3]s     what would be published, and what changes on the way
  tabtemplate publish --all%[3]s  to the emulator; url and sign_in in the manifest say where else
`, path, count(templates, "template"), file)
}

// shellWord is a word of a command line as a shell takes it.
func shellWord(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:\\", r)
	}) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}
