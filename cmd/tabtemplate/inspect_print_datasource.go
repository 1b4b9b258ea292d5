package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func (t *teller) datasource(to *node, ds datasourceInfo) {
	n := to.addKind("data source", "data source "+label(ds.Caption, ds.Name))
	if p := ds.Published; p != nil {
		n.add(fmt.Sprintf("published %s on %s of %s", p.ContentURL, siteName(p.SiteContentURL), p.Server))
	}
	for _, c := range ds.Connections {
		t.connection(n, c)
	}
	t.tables(n, ds)
	for _, f := range ds.Filters {
		n.addKind("filter", t.filter(f))
	}
	if ds.Extract != nil {
		t.extract(n, ds.Extract)
	}
	for _, f := range ds.ExtractFilters {
		n.addKind("extract filter", "extract "+t.filter(f))
	}
	t.fields(n, ds)
}

func siteName(contentURL string) string {
	if contentURL == "" {
		return "the Default site"
	}
	return contentURL
}

func (t *teller) connection(to *node, c connectionInfo) {
	line := "connection " + c.Class
	if c.Caption != "" && c.Caption != c.Properties["server"] {
		line += " caption=" + c.Caption
	}
	said := map[string]int{c.Class: 1} // values, each as often as it was
	for _, p := range connectionProperties {
		v := c.Properties[p.name]
		said[v]++
		if p.name == "initial_sql" {
			v = t.brief(v)
		}
		if v != "" {
			line += " " + p.name + "=" + v
		}
	}
	n := to.addKind("connection", line)
	if !t.all {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c.Attributes)) {
		if v := c.Attributes[name]; said[v] > 0 {
			said[v]--
		} else if v != "" {
			n.add(name + "=" + v)
		}
	}
}

func (t *teller) tables(n *node, ds datasourceInfo) {
	for _, table := range ds.Tables {
		line := n.addKind("table", "table "+table.Name+as(table.Alias, table.Name))
		for _, other := range table.Differing {
			line.add("but " + other + " in another copy").colour = doubtful
		}
	}
	for _, q := range ds.SQL {
		t.long(n, "custom SQL query", "custom SQL "+q.Name+":", q.SQL)
	}
	for _, p := range ds.Procedures {
		line := n.addKind("stored procedure", "stored procedure "+p.Procedure+as(p.Name, p.Procedure))
		for _, a := range p.Arguments {
			value := a.Value
			if a.Parameter != "" {
				value = "parameter " + a.Parameter
			}
			line.addKind("argument", a.Name+" = "+value)
		}
	}
	captions := map[string]string{}
	for _, l := range ds.Logical {
		captions[l.ID] = l.Caption
		if len(l.Relation.Of) > 0 { // else the table or query above says it
			n.addKind("model", fmt.Sprintf("model%s: %s", strings.TrimRight(" "+label(l.Caption, l.ID), " "), l.Says))
		}
	}
	for _, r := range ds.Relationships {
		n.addKind("relationship", fmt.Sprintf("relationship %s to %s on %s (%s)", captions[r.First], captions[r.Second], r.On, r.Cardinality))
	}
}

// long adds text of several lines: on one line, cut short, or all of it.
func (t *teller) long(n *node, kind, lead, long string) *node {
	lines := strings.FieldsFunc(long, func(r rune) bool { return r == '\n' || r == '\r' })
	if !t.all || len(lines) < 2 {
		return n.addKind(kind, strings.TrimSuffix(lead+" "+t.brief(long), " "))
	}
	child := n.addKind(kind, lead)
	for _, line := range lines {
		child.add(strings.TrimRight(line, " \t"))
	}
	return child
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

// brief is text on one line, cut short unless all of it is to be shown.
func (t *teller) brief(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	s = strings.Join(lines, " ⏎ ")
	if t.all || utf8.RuneCountInString(s) <= shownRunes {
		return s
	}
	t.cut = true
	return string([]rune(s)[:shownRunes]) + "…"
}

// fields tells the names of the fields, those that people see first, and the formulas of those that are calculated. With all
// of them each has a line.
func (t *teller) fields(n *node, ds datasourceInfo) {
	if len(ds.Fields) == 0 {
		return
	}
	labels := ds.fieldLabels()
	lead := count(len(ds.Fields), "field")
	if t.all {
		all := n.add(lead)
		for i, f := range ds.Fields {
			t.field(all, f, labels[i])
		}
		return
	}
	var visible, hidden []string
	calculated := 0
	for i, f := range ds.Fields {
		if f.Formula != "" {
			calculated++
		}
		name := labels[i] + " (" + f.says() + ")"
		if f.Hidden {
			hidden = append(hidden, name)
		} else {
			visible = append(visible, name)
		}
	}
	if calculated > 0 {
		lead += fmt.Sprintf(", %d calculated", calculated)
	}
	n.add(lead + ": " + t.list(append(visible, hidden...)))
	for i, f := range ds.Fields {
		if f.Formula != "" {
			n.addKind(calculation, "calculation "+labels[i]+" = "+t.brief(f.Formula))
		}
	}
}

// field is all there is to know of a field.
func (t *teller) field(to *node, f fieldInfo, label string) {
	line := label + " (" + f.says() + ")"
	if f.RemoteName != "" && f.RemoteName != tds.Unbracket(f.Name) {
		line += ", column " + f.RemoteName
	}
	if f.Table != "" {
		line += " of " + f.Table
	}
	for _, more := range [...][2]string{{f.Format, "format "}, {f.Folder, "in folder "}, {f.Aggregation, "by default "}} {
		if more[0] != "" {
			line += ", " + more[1] + more[0]
		}
	}
	if f.Formula != "" {
		line += " ="
	}
	n := t.long(to, "", line, f.Formula)
	for _, a := range f.Aliases {
		n.add("alias " + cmp.Or(a.Value, `""`) + " = " + a.As)
	}
	if f.Description != "" {
		n.add("description: " + t.brief(f.Description))
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
