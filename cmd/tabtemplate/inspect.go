package main

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tabtemplate/tabtemplate/cmd/tabtemplate/internal/modelpage"
	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// inspectFlags are what can be said of inspecting.
type inspectFlags struct {
	all  bool
	html string
}

func (a *app) inspectCommand() *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:   "inspect FILE…",
		Short: "Show what is in a workbook or data source",
		Long: `inspect shows what is in a file as a tree: the data sources with their connections, published
references, tables, custom SQL, stored procedures, joins and relationships, filters, extracts
and fields; the parameters; the views with their filters and what they use; and the entries of
the package with what each is for and what refers to it: the names that the manifest can use.
Files that are named and not there are missing.

Of a large file the tree is folded until it fits a screen; --all shows everything in full, and
so does --json, whose keys docs/inspect.md describes. --html writes a page with the data model
of each data source drawn, and which view uses what of it, in place of the tree: one file for
all, which opens in any browser without a network.

Fields that are no measures are dimensions; those with one caption have their internal names.
Views are in the order of their tabs, with what a server calls them in URLs in brackets.`,
		Example: `  tabtemplate inspect sales.twbx
  tabtemplate inspect --all sales.twbx orders.tds
  tabtemplate inspect sales.twbx --html model.html
  tabtemplate inspect --json sales.twbx | jq '.[0].parameters'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("inspect needs a file")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.inspect(&f, args) },
	}
	cmd.Flags().StringVar(&f.html, "html", "", "write a web page with the data model drawn to `FILE`, which ends in .html")
	cmd.Flags().BoolVar(&f.all, "all", false, "show everything in full, however long it is")
	return cmd
}

// inspection is what is in a file; inspect --json prints a list of them.
type inspection struct {
	File        string            `json:"file"`
	Kind        string            `json:"kind"`
	Datasources []datasourceInfo  `json:"datasources"`
	Parameters  []parameterInfo   `json:"parameters,omitempty"`
	Views       []viewInfo        `json:"views,omitempty"`
	Filters     []viewFilterInfo  `json:"filters,omitempty"` // of worksheets, and those that they share
	Entries     []entryInfo       `json:"entries,omitempty"`
	Missing     []missingFileInfo `json:"missing_files,omitempty"`
	Secrets     []secretInfo      `json:"secrets,omitempty"` // where it holds passwords
}

// secretInfo is the place of a secret, which is shown nowhere.
type secretInfo struct {
	Path  string `json:"path,omitempty"` // empty with an error
	Line  int    `json:"line,omitempty"`
	Error string `json:"error,omitempty"` // where to look for more cannot be read
}

type parameterInfo struct {
	Name        string             `json:"name"`
	Caption     string             `json:"caption,omitempty"`
	Datatype    string             `json:"datatype"`
	Domain      string             `json:"domain"`
	Value       string             `json:"value"`
	Alias       string             `json:"alias,omitempty"`
	Allowed     []allowedValueInfo `json:"allowed,omitempty"`
	Min         string             `json:"min,omitempty"` // empty where the range is open
	Max         string             `json:"max,omitempty"`
	Step        string             `json:"step,omitempty"`
	Period      string             `json:"period,omitempty"` // of which the step is a number
	StepWords   string             `json:"-"`
	Format      string             `json:"format,omitempty"`
	Description string             `json:"description,omitempty"`
	Recompute   string             `json:"recompute,omitempty"` // the field that sets the value when the workbook is opened
	Source      string             `json:"source,omitempty"`    // the field that fills the list then
}

type allowedValueInfo struct {
	Value string `json:"value"`
	As    string `json:"as,omitempty"`
}

type viewFilterInfo struct {
	filterInfo
	Worksheet  string   `json:"worksheet,omitempty"` // empty of one that worksheets share
	Worksheets []string `json:"worksheets"`          // all that it applies to
	Datasource string   `json:"datasource"`
	Column     string   `json:"column"` // what it stands on, internal
	Context    bool     `json:"context,omitempty"`
}

type entryInfo struct {
	Name    string   `json:"name"`
	Size    int64    `json:"size"`
	Purpose string   `json:"purpose"`
	Users   []string `json:"users,omitempty"` // what refers to it
	short   []string // the same, of a connection just its data source
}

// missingFileInfo is a name of a file that is not in the package.
type missingFileInfo struct {
	File string `json:"file"`
	User string `json:"user"` // what refers to it
}

// inspect shows every file it can open, and then fails if there was one it could not.
func (a *app) inspect(f *inspectFlags, paths []string) error {
	if err := checkPageName(f.html); err != nil {
		return err
	}
	all := []inspection{}
	var failed []error
	for _, path := range paths {
		i, err := inspectFile(path)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		all = append(all, i)
	}
	if len(all) > 0 {
		failed = append(failed, a.showInspections(f, all))
	}
	return errors.Join(failed...)
}

func (a *app) showInspections(f *inspectFlags, all []inspection) error {
	if f.html != "" {
		page := func(w io.Writer) error { return modelpage.Write(w, all) }
		if err := packaging.WriteFile(f.html, writer(page), packaging.Overwrite()); err != nil {
			return err
		}
	}
	switch {
	case a.json:
		return a.printJSON(all)
	case f.html != "":
		fmt.Fprintf(a.stdout, "%s (%s)\n", f.html, count(len(all), "file"))
	default:
		a.printTrees(all, f.all)
	}
	return nil
}

// printTrees prints a tree for each file, as wide as the terminal.
func (a *app) printTrees(files []inspection, all bool) {
	width := 0
	if _, file, ok := terminal(a.stdout.w); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil {
			width = columns
		}
	}
	whole := true
	for n, i := range files {
		if n > 0 {
			fmt.Fprintln(a.stdout)
		}
		root, complete := i.tree(all)
		root.draw(a.stdout, width)
		whole = whole && complete
	}
	if !whole {
		fmt.Fprintln(a.stdout, paint(a.stdout, faint, "--all shows everything in full."))
	}
}

func inspectFile(path string) (i inspection, err error) {
	f, err := documents.Open(path)
	if err != nil {
		return i, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	i = inspection{File: path, Kind: f.Kind().String(), Datasources: []datasourceInfo{}}
	for ds := range f.Datasources() {
		i.Datasources = append(i.Datasources, inspectDatasource(f, ds))
	}
	if wb, ok := f.Workbook(); ok {
		i.inspectWorkbook(wb)
	} else {
		for ds := range f.Datasources() { // which holds copies of those that it uses
			i.inspectParameters(ds.Parameters())
		}
	}
	i.inspectEntries(f)
	for t, err := range f.Traces(documents.TraceCredentials) {
		if err != nil {
			i.Secrets = append(i.Secrets, secretInfo{Error: err.Error()})
			continue
		}
		i.Secrets = append(i.Secrets, secretInfo{Path: t.Path, Line: t.Line})
	}
	return i, nil
}

func (i *inspection) inspectEntries(f *documents.File) {
	datasources := map[string]*tds.Datasource{}
	for ds := range f.Datasources() {
		datasources[ds.Name()] = ds
	}
	for item := range f.Items() {
		e := entryInfo{Name: strings.ToValidUTF8(item.Name, "�"), Size: item.Size, Purpose: string(item.Purpose)}
		for _, r := range item.Users {
			if !slices.Contains(e.Users, r.Place) { // each device layout of a dashboard has its zones
				e.Users = append(e.Users, r.Place)
			}
			short := r.Place
			if ds := datasources[r.Datasource]; ds != nil && r.Source {
				short = ds.String()
			}
			if !slices.Contains(e.short, short) {
				e.short = append(e.short, short)
			}
		}
		i.Entries = append(i.Entries, e)
	}
	for r := range f.References() {
		if m := (missingFileInfo{r.File, r.Place}); r.Missing && !slices.Contains(i.Missing, m) {
			i.Missing = append(i.Missing, m)
		}
	}
}

func (i *inspection) inspectWorkbook(wb *twb.Workbook) {
	i.inspectParameters(wb.Parameters())
	for u := range wb.AllUses() {
		i.Views = append(i.Views, inspectView(u))
	}
	for f := range wb.Filters() {
		i.Filters = append(i.Filters, viewFilterInfo{inspectFilter(f.Filter), f.Worksheet, f.Worksheets, f.Datasource, f.Column, f.Context})
	}
}

func (i *inspection) inspectParameters(parameters iter.Seq[tds.Parameter]) {
	for p := range parameters {
		d := p.Domain
		info := parameterInfo{
			Name: p.Name, Caption: p.Caption, Datatype: p.Datatype, Domain: string(d.Kind), Value: p.Value.String(), Alias: p.Alias,
			Min: bound(d.Min), Max: bound(d.Max), Step: bound(d.Step), Period: string(d.Period), StepWords: d.StepWords(),
			Format: p.Format, Description: p.Description, Recompute: p.Recompute, Source: p.Source,
		}
		for _, a := range d.Allowed {
			info.Allowed = append(info.Allowed, allowedValueInfo{a.Value.String(), a.As})
		}
		i.Parameters = append(i.Parameters, info)
	}
}

// bound is one end of a range, or its step; empty where there is none.
func bound(v tds.Value) string {
	if v == tds.Null() {
		return ""
	}
	return v.String()
}

func stringsOf(values []tds.Value) []string {
	var s []string
	for _, v := range values {
		s = append(s, v.String())
	}
	return s
}
