package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func (ds datasourceInfo) print(w io.Writer) {
	fmt.Fprintf(w, "  data source %s\n", label(ds.Caption, ds.Name))
	if p := ds.Published; p != nil {
		fmt.Fprintf(w, "    published %s on %s of %s\n", p.ContentURL, siteName(p.SiteContentURL), p.Server)
	}
	for _, c := range ds.Connections {
		c.print(w)
	}
	ds.printTables(w)
	for _, f := range ds.Filters {
		fmt.Fprintln(w, "    filter "+f.short)
	}
	ds.Extract.print(w)
	for _, f := range ds.ExtractFilters {
		fmt.Fprintln(w, "    extract filter "+f.short)
	}
	ds.printFields(w)
}

func siteName(contentURL string) string {
	if contentURL == "" {
		return "the Default site"
	}
	return contentURL
}

func (c connectionInfo) print(w io.Writer) {
	line := "    connection " + c.Class
	if c.Caption != "" && c.Caption != c.Properties["server"] {
		line += " caption=" + c.Caption
	}
	for _, p := range connectionProperties {
		switch v := c.Properties[p.name]; {
		case v == "":
		case p.name == "initial_sql":
			line += " " + p.name + "=" + brief(v)
		default:
			line += " " + p.name + "=" + v
		}
	}
	fmt.Fprintln(w, line)
}

func (ds datasourceInfo) printTables(w io.Writer) {
	for _, t := range ds.Tables {
		fmt.Fprintf(w, "    table %s%s\n", t.Name, as(t.Alias, t.Name))
		for _, other := range t.Differing {
			fmt.Fprintf(w, "      but %s in another copy\n", other)
		}
	}
	for _, q := range ds.SQL {
		fmt.Fprintf(w, "    custom SQL %s: %s\n", q.Name, brief(q.SQL))
	}
	for _, p := range ds.Procedures {
		fmt.Fprintf(w, "    stored procedure %s%s\n", p.Procedure, as(p.Name, p.Procedure))
		for _, a := range p.Arguments {
			if a.Parameter != "" {
				fmt.Fprintf(w, "      %s = parameter %s\n", a.Name, a.Parameter)
			} else {
				fmt.Fprintf(w, "      %s = %s\n", a.Name, a.Value)
			}
		}
	}
	captions := map[string]string{}
	for _, t := range ds.Logical {
		captions[t.ID] = t.Caption
		if len(t.Relation.Of) > 0 { // else the table or query above says it
			fmt.Fprintf(w, "    model%s: %s\n", strings.TrimRight(" "+label(t.Caption, t.ID), " "), t.Says)
		}
	}
	for _, r := range ds.Relationships {
		fmt.Fprintf(w, "    relationship %s to %s on %s (%s)\n", captions[r.First], captions[r.Second], r.On, r.Cardinality)
	}
}

// as is how something is called, where that is not its name in the database.
func as(alias, name string) string {
	n, err := tds.ParseTableName(name)
	if err == nil && n.Table() == alias {
		return ""
	}
	return " as " + alias
}

// shownRunes is how much is shown to people of text that may be long.
const shownRunes = 80

// brief is text on one line, cut short.
func brief(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	s = strings.Join(lines, " ⏎ ")
	if utf8.RuneCountInString(s) <= shownRunes {
		return s
	}
	return string([]rune(s)[:shownRunes]) + "…"
}

// fieldsShown is how many fields of a data source are shown to people.
const fieldsShown = 30

// lineWidth is where lists of fields wrap.
const lineWidth = 100

// printFields prints what people see of the fields, in as many lines as it takes, and the
// formulas of those that are calculated.
func (ds datasourceInfo) printFields(w io.Writer) {
	const indent = "    fields"
	line := indent
	labels := ds.fieldLabels()
	var calculated []int
	for i, f := range ds.Fields {
		if f.Formula != "" {
			calculated = append(calculated, i)
		}
		if i > fieldsShown {
			continue
		}
		item := " " + labels[i] + " (" + f.says() + ")"
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
	}
	if len(ds.Fields) > 0 {
		fmt.Fprintln(w, line)
	}
	for shown, i := range calculated {
		if shown == fieldsShown {
			fmt.Fprintf(w, "    and %d more calculations\n", len(calculated)-shown)
			break
		}
		fmt.Fprintf(w, "    calculation %s = %s\n", labels[i], brief(ds.Fields[i].Formula))
	}
}

// fieldLabels is what people see of each field, with its internal name where they see the same of another one.
func (ds datasourceInfo) fieldLabels() []string {
	labels := make([]string, len(ds.Fields))
	seen := map[string]int{}
	for i, f := range ds.Fields {
		labels[i] = f.label()
		seen[labels[i]]++
	}
	for i, f := range ds.Fields {
		if seen[labels[i]] > 1 {
			labels[i] += " " + f.Name
		}
	}
	return labels
}

// says is what kind of field it is; most are dimensions that people see, and are not said to be.
func (f fieldInfo) says() string {
	text := f.Datatype
	if f.Role == "measure" {
		text += " measure"
	}
	if f.Hidden {
		text += ", hidden"
	}
	return text
}

func (f fieldInfo) label() string { return tds.Column{Name: f.Name, Caption: f.Caption}.Label() }
