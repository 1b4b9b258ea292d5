package documents

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// words is a part of a document in words.
func (m *meanings) words(p docPlace) string {
	switch p.kind {
	case filterUnit:
		return m.filterWords(p.unit)
	case fieldUnit:
		return p.unit.Child("calculation").Value("formula")
	case parameterUnit:
		return parameterWords(p.unit)
	case relationUnit:
		return relationWords(p.unit)
	case connectionUnit:
		el := p.unit
		if inner := el.Child("connection"); inner.Exists() {
			el = inner
		}
		var parts []string
		for _, attr := range []string{"class", "server", "dbname", "directory", "filename"} {
			if value := el.Value(attr); value != "" {
				parts = append(parts, value)
			}
		}
		return strings.Join(parts, " ")
	}
	return ""
}

// filterWords is what a filter does, without the field that it is on.
func (m *meanings) filterWords(el xmledit.Element) string {
	column, _ := m.column(el.Value("column"))
	f := tds.ReadFilter(el, column.Datatype)
	f.Field = ""
	return strings.TrimSpace(f.String())
}

// parameterWords is the value of a parameter.
func parameterWords(column xmledit.Element) string {
	value := column.Value("value")
	if v, ok := tds.ParseDataValue(value, column.Value("datatype")); ok {
		return v.String()
	}
	return value
}

// domainWords is what a parameter may be.
func domainWords(column xmledit.Element) string {
	datatype := column.Value("datatype")
	words := func(value string) string {
		if v, ok := tds.ParseDataValue(value, datatype); ok {
			return v.String()
		}
		return value
	}
	aliases := map[string]string{}
	for a := range column.Find("aliases").Children("alias") {
		aliases[a.Value("key")] = a.Value("value")
	}
	var allowed []string
	for m := range column.Find("members").Children("member") {
		one := words(m.Value("value"))
		if as := aliases[m.Value("value")]; as != "" {
			one += " as " + as
		}
		allowed = append(allowed, one)
	}
	kind := column.Value("param-domain-type")
	switch r := column.Child("range"); {
	case len(allowed) > 0:
		return strings.Join(allowed, ", ")
	case r.Exists():
		out := fmt.Sprintf("%s to %s", words(r.Value("min")), words(r.Value("max")))
		if step := r.Value("granularity"); step != "" {
			out += " by " + step
		}
		return out
	}
	return kind
}

// withMembers is a parameter, or in the place of a copy without its members, as views have them, the parameter itself.
func withMembers(f *File, column xmledit.Element) xmledit.Element {
	if column.Child("members").Exists() {
		return column
	}
	for ds := range f.doc.Root().Child("datasources").Children("datasource") {
		if !isParametersBlock(ds) {
			continue
		}
		for c := range ds.Children("column") {
			if c.Value("name") == column.Value("name") {
				return c
			}
		}
	}
	return column
}

// relationWords is the table or the query that a relation reads.
func relationWords(el xmledit.Element) string {
	switch el.Value("type") {
	case "table":
		return el.Value("table")
	case "stored-proc":
		return el.Value("stored-proc")
	case "text":
		return el.Text()
	}
	return ""
}

// publishedWords is the published data source that a data source refers to, and where that is.
func publishedWords(el xmledit.Element) string {
	for at := el; at.Exists(); at = upwards(at) {
		if at.Name() != "datasource" {
			continue
		}
		if ref, ok := tds.Wrap(at).Published(); ok && !at.Holder().Exists() {
			site := "the Default site"
			if ref.SiteContentURL != "" {
				site = fmt.Sprintf("site %q", ref.SiteContentURL)
			}
			return fmt.Sprintf("%q of %s on %s", ref.ContentURL, site, ref.Server)
		}
	}
	return ""
}

// filterParts are the attributes of a filter that its words tell of.
var filterParts = []string{
	"class", "included-values", "first-period", "last-period", "period-type", "period-type-v2", "period-anchor", "include-null", "include-future",
}

// publishedParts are the attributes that say which published data source is meant (format 7).
var publishedParts = map[string][]string{
	"repository-location": {"id", "site", "path", "derived-from"},
	"connection":          {"dbname", "server", "port", "channel"},
	"datasource":          {"xml:base"},
	"pds":                 {"datasource-url"},
}

// property names what differs in a part of a document, nil if it has no name, and says what it is in both files. If that is the
// same in words, the difference is told as it is written.
func (m *meanings) property(d difference, before, after docPlace) (what *string, from, to string) {
	attr := xmledit.LocalName(d.attr)
	name := before.el.Name()
	if d.alone() {
		name = "" // a part of the element
	}
	named := func(what, from, to string) (*string, string, string) {
		if from == to {
			return nil, "", ""
		}
		return &what, from, to
	}
	if publishedPart(d, name, attr) {
		if what, from, to := named("published data source", publishedWords(d.want), publishedWords(d.have)); what != nil {
			return what, from, to
		}
	}
	if before.kind != after.kind {
		return nil, "", ""
	}
	a, b := before.unit, after.unit
	inUnit := before.el == a
	switch before.kind {
	case filterUnit:
		if !inUnit || attr == "" || slices.Contains(filterParts, attr) {
			return named("", m.filterWords(a), m.filterWords(b))
		}
	case parameterUnit:
		return m.parameterProperty(d, inUnit, attr, a, b)
	case fieldUnit:
		switch {
		case name == "calculation" && attr == "formula":
			attr = "formula"
		case !inUnit || attr == "":
			return nil, "", ""
		}
		return &attr, d.Want, d.Have
	case connectionUnit:
		if attr != "" && (inUnit || a.Name() == "named-connection" && before.el.Parent() == a) {
			return &attr, d.Want, d.Have
		}
	case relationUnit:
		if inUnit && (attr == "table" || attr == "stored-proc" || attr == "" && !d.alone()) {
			return named(map[string]string{"text": "query", "stored-proc": "procedure"}[a.Value("type")], relationWords(a), relationWords(b))
		}
	case extractUnit:
		switch {
		case inUnit && attr != "":
			return &attr, d.Want, d.Have
		case name == "connection" && attr == "dbname":
			return named("file", d.Want, d.Have)
		}
	case datasourceUnit, viewUnit:
		if attr != "" && (inUnit || name == "datasource" && attr == "caption") {
			return &attr, d.Want, d.Have
		}
	}
	return nil, "", ""
}

// publishedPart tells whether a difference is one of which published data source is meant. The copy of it, in the document as text,
// says that, too.
func publishedPart(d difference, name, attr string) bool {
	return !d.alone() && slices.Contains(publishedParts[name], attr)
}

// domainParts are the elements of a parameter that say what it may be.
var domainParts = []string{"members", "member", "aliases", "alias", "range"}

// parameterProperty is property for those of parameters.
func (m *meanings) parameterProperty(d difference, own bool, attr string, a, b xmledit.Element) (what *string, from, to string) {
	pick := func(name, from, to string) (*string, string, string) {
		if from == to {
			return nil, "", ""
		}
		return &name, from, to
	}
	calculation := d.want.Name() == "calculation" && attr == "formula"
	part := d.want
	if d.alone() && d.Kind == DifferenceAdded {
		part = d.have
	}
	switch {
	case own && attr == "value", calculation, own && attr == "alias":
		return pick("value", parameterWords(a), parameterWords(b))
	case own && attr == "param-domain-type", slices.Contains(domainParts, part.Name()):
		return pick("allowed values", domainWords(withMembers(m.a, a)), domainWords(withMembers(m.b, b)))
	case own && attr != "":
		return &attr, d.Want, d.Have
	}
	return nil, "", ""
}
