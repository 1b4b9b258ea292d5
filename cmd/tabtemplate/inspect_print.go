package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// print writes the inspection as a tree.
func (i *inspection) print(w io.Writer) {
	fmt.Fprintf(w, "%s (%s)\n", i.File, i.Kind)
	for _, ds := range i.Datasources {
		ds.print(w)
	}
	for _, p := range i.Parameters {
		p.print(w)
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
	fmt.Fprintf(w, "  data source %s\n", label(ds.Caption, ds.Name))
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
	ds.Extract.print(w)
	for _, f := range ds.Filters {
		what := f.Kind
		if f.Kind == string(tds.Other) {
			what = f.Class
		}
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("    filter %s %s %s", f.Field, what, strings.Join(f.Values, ", ")), " "))
	}
	ds.printFields(w)
}

// fieldsShown is how many fields of a data source are shown to people.
const fieldsShown = 30

// lineWidth is where lists of fields wrap.
const lineWidth = 100

// printFields prints what people see of the fields, in as many lines as it takes.
func (ds datasourceInfo) printFields(w io.Writer) {
	const indent = "    fields"
	line := indent
	for i, f := range ds.Fields {
		item := " " + tds.Column{Name: f.Name, Caption: f.Caption}.Label() + " (" + f.Datatype + ")"
		if i == fieldsShown {
			item = fmt.Sprintf(" and %d more", len(ds.Fields)-i)
		} else if i+1 < len(ds.Fields) {
			item += ","
		}
		if line != indent && utf8.RuneCountInString(line+item) > lineWidth {
			fmt.Fprintln(w, line)
			line = strings.Repeat(" ", len(indent))
		}
		line += item
		if i == fieldsShown {
			break
		}
	}
	if len(ds.Fields) > 0 {
		fmt.Fprintln(w, line)
	}
}

func (p parameterInfo) print(w io.Writer) {
	line := fmt.Sprintf("  parameter %s = %s (%s, %s)", label(p.Caption, p.Name), shown(p.Value, p.Alias), p.Datatype, p.Domain)
	if len(p.Allowed) > 0 {
		line += ": " + strings.Join(p.Allowed, ", ")
	}
	if p.Min+p.Max != "" {
		line += ": " + p.Min + ".." + p.Max
	}
	if p.Recompute != "" {
		line += "; " + p.Recompute + " sets it when the workbook is opened"
	}
	fmt.Fprintln(w, line)
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
