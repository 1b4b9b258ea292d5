package main

import (
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

func (a *app) inspectCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "inspect FILE…",
		Short: "Show what is in a workbook or data source",
		Long: `inspect lists the data sources of a file with their connections, published references,
tables, custom SQL, stored procedures, joins and relationships, filters, extracts and fields,
the parameters, the views with their filters, and the entries of the package with what each is
for and what refers to it: the names that the manifest can use. Files that are named and not there
are missing.
Fields that are no measures are dimensions; those with one caption have their internal names.
Views are in the order of their tabs, with what a server calls them in URLs in brackets, what is
on them and what they use; with --json also what that is calculated from, and nothing is cut short.`,
		Example: `  tabtemplate inspect sales.twbx
  tabtemplate inspect --json sales.twbx | jq '.[0].parameters'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("inspect needs a file")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.inspect(args) },
	}
}

// inspection is what is in a file; inspect --json prints a list of them.
type inspection struct {
	File        string           `json:"file"`
	Kind        string           `json:"kind"`
	Datasources []datasourceInfo `json:"datasources"`
	Parameters  []parameterInfo  `json:"parameters,omitempty"`
	Views       []viewInfo       `json:"views,omitempty"`
	Filters     []viewFilterInfo `json:"filters,omitempty"` // of worksheets, and those that they share
	Entries     []entryInfo      `json:"entries,omitempty"`
	Missing     []missingInfo    `json:"missing_files,omitempty"`
	Secrets     []secretInfo     `json:"secrets,omitempty"` // where it holds passwords
}

// secretInfo is the place of a secret, which is shown nowhere.
type secretInfo struct {
	Path  string `json:"path,omitempty"` // empty with an error
	Line  int    `json:"line,omitempty"`
	Error string `json:"error,omitempty"` // where to look for more cannot be read
}

type parameterInfo struct {
	Name        string        `json:"name"`
	Caption     string        `json:"caption,omitempty"`
	Datatype    string        `json:"datatype"`
	Domain      string        `json:"domain"`
	Value       string        `json:"value"`
	Alias       string        `json:"alias,omitempty"`
	Allowed     []allowedInfo `json:"allowed,omitempty"`
	Min         string        `json:"min,omitempty"` // empty where the range is open
	Max         string        `json:"max,omitempty"`
	Step        string        `json:"step,omitempty"`
	Period      string        `json:"period,omitempty"` // of which the step is a number
	StepWords   string        `json:"-"`
	Format      string        `json:"format,omitempty"`
	Description string        `json:"description,omitempty"`
	Recompute   string        `json:"recompute,omitempty"` // the field that sets the value when the workbook is opened
	Source      string        `json:"source,omitempty"`    // the field that fills the list then
}

type allowedInfo struct {
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
}

// missingInfo is a name of a file that is not in the package.
type missingInfo struct {
	File string `json:"file"`
	User string `json:"user"` // what refers to it
}

// inspect shows every file it can open, and then fails if there was one it could not.
func (a *app) inspect(paths []string) error {
	all := []inspection{}
	var failed []error
	for _, path := range paths {
		i, err := inspectFile(path)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		if !a.json {
			i.print(a.stdout)
		}
		all = append(all, i)
	}
	if a.json && len(all) > 0 {
		if err := a.printJSON(all); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
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
	for item := range f.Items() {
		e := entryInfo{Name: strings.ToValidUTF8(item.Name, "�"), Size: item.Size, Purpose: string(item.Purpose)}
		for _, r := range item.Users {
			if !slices.Contains(e.Users, r.Place) { // each device layout of a dashboard has its zones
				e.Users = append(e.Users, r.Place)
			}
		}
		i.Entries = append(i.Entries, e)
	}
	for r := range f.References() {
		if m := (missingInfo{r.File, r.Place}); r.Missing && !slices.Contains(i.Missing, m) {
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
			info.Allowed = append(info.Allowed, allowedInfo{a.Value.String(), a.As})
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
