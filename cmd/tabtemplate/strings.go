package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
	"github.com/tabtemplate/tabtemplate/templates"
)

// stringer is what `strings` was asked for.
type stringer struct {
	*app
	out          string
	update       string
	only, except []string
	create       bool
}

func (a *app) stringsCommand() *cobra.Command {
	s := &stringer{app: a}
	var kinds []string
	for _, kind := range tds.TextKinds() {
		kinds = append(kinds, string(kind))
	}
	cmd := &cobra.Command{
		Use:   "strings FILE…",
		Short: "List the texts of a workbook or data source, to translate them",
		Long: `strings writes the texts that people see of a file as a table, CSV with the columns from, to,
kind, where and count: each text once, with an empty column to for its translation. The edit
translate of a manifest reads the table. The names of sheets are not in it.

The kinds of texts:

  ` + strings.ReplaceAll(text.WrapSoft(strings.Join(kinds, ", "), 90), "\n", "\n  ") + `

With --update, the translations of an older table are kept; what is only in that one comes
last, with a count of 0. A table that is there is only written over by one that updates it.`,
		Example: `  tabtemplate strings sales.twbx -o strings.de.csv
  tabtemplate strings sales.twbx --update strings.de.csv -o strings.de.csv
  tabtemplate strings sales.twbx --only titles --only texts`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("strings needs a file")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return s.run(args) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&s.out, "out", "o", "", "the `FILE` to write the table to, in place of standard output")
	flags.StringVar(&s.update, "update", "", "the `TABLE` with translations to keep")
	flags.StringSliceVar(&s.only, "only", nil, "a `KIND` of texts to list, and no other; may be repeated")
	flags.StringSliceVar(&s.except, "except", nil, "a `KIND` of texts to leave out; may be repeated")
	for _, flag := range []string{"only", "except"} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(kinds, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
	}
	flags.BoolVar(&s.create, "create", false, "also list the names of fields that nobody customised, which create: true translates")
	return cmd
}

func (s *stringer) run(paths []string) error {
	table, err := s.table(paths)
	if err != nil {
		return err
	}
	if s.update != "" {
		older, err := templates.ReadStringTable(s.update)
		if err != nil {
			return err
		}
		table.Update(older)
	}
	if s.out != "" {
		if err := s.save(table); err != nil {
			return err
		}
	}
	switch {
	case s.json:
		return s.printJSON(append([]templates.StringRow{}, table.Rows...))
	case s.out != "":
		_, err = fmt.Fprintf(s.stdout, "%s: %s\n", s.out, summary(table))
	default:
		_, err = table.WriteTo(s.stdout)
	}
	return err
}

// table lists the texts of files. Of several files it says in which one a text stands first.
func (s *stringer) table(paths []string) (*templates.StringTable, error) {
	selection, err := s.selection()
	if err != nil {
		return nil, &usageError{err}
	}
	table := &templates.StringTable{}
	for _, path := range paths {
		texts, err := textsOf(path, selection)
		if err != nil {
			return nil, err
		}
		if len(paths) > 1 {
			for i := range texts {
				texts[i].Where = path + ": " + texts[i].Where
			}
		}
		table.Add(texts)
	}
	return table, nil
}

// selection is which texts the flags ask for.
func (s *stringer) selection() (selection tds.TextSelection, err error) {
	selection.Create = s.create
	if selection.Only, err = templates.TextKinds(s.only); err != nil {
		return selection, fmt.Errorf("--only: %w", err)
	}
	if selection.Except, err = templates.TextKinds(s.except); err != nil {
		return selection, fmt.Errorf("--except: %w", err)
	}
	return selection, nil
}

func textsOf(path string, selection tds.TextSelection) (texts []tds.Text, err error) {
	f, err := documents.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.Texts(selection)
}

// save writes the table. Translations that somebody made are not written over, but by a table that has them.
func (s *stringer) save(table *templates.StringTable) error {
	var opts []packaging.WriteOption
	if sameFile(s.update, s.out) {
		opts = append(opts, packaging.Overwrite())
	}
	err := packaging.WriteFile(s.out, table, opts...)
	if errors.Is(err, fs.ErrExist) {
		return usagef("%s is there already: --update %s keeps its translations", s.out, s.out)
	}
	return err
}

// sameFile tells whether two paths lead to one file that is there.
func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// summary is what there is to do on a table.
func summary(table *templates.StringTable) string {
	open, gone := 0, 0
	for _, row := range table.Rows {
		switch {
		case row.Count == 0:
			gone++
		case row.To == "":
			open++
		}
	}
	out := fmt.Sprintf("%s, %d to translate", count(len(table.Rows)-gone, "string"), open)
	if gone > 0 {
		out += fmt.Sprintf("; %d no longer there", gone)
	}
	return out
}
