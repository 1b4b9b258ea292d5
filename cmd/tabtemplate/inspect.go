package main

import (
	"errors"
	"fmt"
	"io"
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
		Long: `inspect lists the data sources of a file with their connections, published references
and filters, the parameters, the views and the entries of the package.`,
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
	Entries     []entryInfo      `json:"entries,omitempty"`
}

type datasourceInfo struct {
	Name        string           `json:"name"`
	Caption     string           `json:"caption,omitempty"`
	Published   *publishedInfo   `json:"published,omitempty"`
	Connections []connectionInfo `json:"connections,omitempty"`
	Filters     []filterInfo     `json:"filters,omitempty"`
	HasExtract  bool             `json:"has_extract"`
}

type publishedInfo struct {
	Server         string `json:"server"`
	SiteContentURL string `json:"site_content_url"`
	ContentURL     string `json:"content_url"`
}

type connectionInfo struct {
	Name       string            `json:"name,omitempty"`
	Caption    string            `json:"caption,omitempty"`
	Class      string            `json:"class"`
	Attributes map[string]string `json:"attributes"` // passwords redacted
}

type filterInfo struct {
	Field  string   `json:"field"`
	Class  string   `json:"class"`
	Kind   string   `json:"kind"`
	Values []string `json:"values,omitempty"`
}

type parameterInfo struct {
	Name     string   `json:"name"`
	Caption  string   `json:"caption,omitempty"`
	Datatype string   `json:"datatype"`
	Domain   string   `json:"domain"`
	Value    string   `json:"value"`
	Alias    string   `json:"alias,omitempty"`
	Allowed  []string `json:"allowed,omitempty"`
}

type viewInfo struct {
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Hidden bool   `json:"hidden"`
}

type entryInfo struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
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
		i.Datasources = append(i.Datasources, inspectDatasource(ds))
	}
	if wb, ok := f.Workbook(); ok {
		i.inspectWorkbook(wb)
	}
	for e := range f.Entries() {
		i.Entries = append(i.Entries, entryInfo{strings.ToValidUTF8(e.Name, "�"), e.Size})
	}
	return i, nil
}

func inspectDatasource(ds *tds.Datasource) datasourceInfo {
	info := datasourceInfo{Name: ds.Name(), Caption: ds.Caption(), HasExtract: ds.HasExtract()}
	if ref, ok := ds.Published(); ok {
		info.Published = &publishedInfo{ref.Server, ref.SiteContentURL, ref.ContentURL}
	}
	for c := range ds.Connections() {
		attrs := map[string]string{}
		for name, value := range c.Attrs() {
			attrs[name] = tds.Redact(name, value)
		}
		info.Connections = append(info.Connections, connectionInfo{c.Name(), c.Caption(), c.Class(), attrs})
	}
	for f := range ds.Filters() {
		info.Filters = append(info.Filters, filterInfo{f.Field, f.Class, string(f.Kind), stringsOf(f.Values)})
	}
	return info
}

func (i *inspection) inspectWorkbook(wb *twb.Workbook) {
	for p := range wb.Parameters() {
		i.Parameters = append(i.Parameters, parameterInfo{
			p.Name, p.Caption, p.Datatype, string(p.Domain), p.Value.String(), p.Alias, stringsOf(p.Allowed),
		})
	}
	for v := range wb.Views() {
		i.Views = append(i.Views, viewInfo{v.Name, string(v.Kind), v.Hidden})
	}
}

func stringsOf(values []tds.Value) []string {
	var s []string
	for _, v := range values {
		s = append(s, v.String())
	}
	return s
}

// print writes the inspection as a tree.
func (i *inspection) print(w io.Writer) {
	fmt.Fprintf(w, "%s (%s)\n", i.File, i.Kind)
	for _, ds := range i.Datasources {
		ds.print(w)
	}
	for _, p := range i.Parameters {
		line := fmt.Sprintf("  parameter %s = %s (%s, %s)", label(p.Caption, p.Name), shown(p.Value, p.Alias), p.Datatype, p.Domain)
		if len(p.Allowed) > 0 {
			line += ": " + strings.Join(p.Allowed, ", ")
		}
		fmt.Fprintln(w, line)
	}
	for _, v := range i.Views {
		hidden := ""
		if v.Hidden {
			hidden = " (hidden)"
		}
		fmt.Fprintf(w, "  %s %s%s\n", v.Kind, v.Name, hidden)
	}
	for _, e := range i.Entries {
		fmt.Fprintf(w, "  entry %s (%d bytes)\n", e.Name, e.Size)
	}
}

func (ds datasourceInfo) print(w io.Writer) {
	extract := ""
	if ds.HasExtract {
		extract = " with an extract"
	}
	fmt.Fprintf(w, "  data source %s%s\n", label(ds.Caption, ds.Name), extract)
	if p := ds.Published; p != nil {
		site := p.SiteContentURL
		if site == "" {
			site = "the Default site"
		}
		fmt.Fprintf(w, "    published %s on %s of %s\n", p.ContentURL, site, p.Server)
	}
	for _, c := range ds.Connections {
		line := "    connection " + c.Class
		for _, key := range []string{"server", "port", "dbname", "schema", "service", "warehouse", "directory", "filename", "username"} {
			if v := c.Attributes[key]; v != "" {
				line += " " + key + "=" + v
			}
		}
		fmt.Fprintln(w, line)
	}
	for _, f := range ds.Filters {
		what := f.Kind
		if f.Kind == string(tds.Other) {
			what = f.Class
		}
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("    filter %s %s %s", f.Field, what, strings.Join(f.Values, ", ")), " "))
	}
}

// label is the caption, with the internal name where that says more.
func label(caption, name string) string {
	if caption == "" || slices.Contains([]string{caption, "[" + caption + "]"}, name) {
		return name
	}
	return caption + " " + bracket(name)
}

func bracket(name string) string {
	if strings.HasPrefix(name, "[") {
		return name
	}
	return "[" + name + "]"
}

func shown(value, alias string) string {
	if alias == "" {
		return value
	}
	return value + " (" + alias + ")"
}
