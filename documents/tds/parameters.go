package tds

import (
	"cmp"
	"iter"
	"slices"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// parameter is a parameter of the workbook as a data source knows it: the master in a
// workbook, or the copy that a data source file or a nested data source holds (format 12).
type parameter struct {
	el                      xmledit.Element
	name, caption, datatype string // the name is internal, in brackets
	value                   string // the current one, as a DataValue
}

// label is what people see.
func (p parameter) label() string { return cmp.Or(p.caption, Unbracket(p.name)) }

// reference is how documents name the parameter outside its data source.
func (p parameter) reference() string { return "[Parameters]." + p.name }

// parameters lists the parameters that a data source can refer to, masters first, each
// once.
func (ds *Datasource) parameters() iter.Seq[parameter] {
	return func(yield func(parameter) bool) {
		seen := map[string]bool{}
		list := func(holder xmledit.Element) bool {
			for el := range holder.Children("column") {
				p := parameter{el, el.Value("name"), el.Value("caption"), el.Value("datatype"), el.Value("value")}
				if _, is := el.Attr("param-domain-type"); !is || seen[p.name] {
					continue
				}
				seen[p.name] = true
				if !yield(p) {
					return false
				}
			}
			return true
		}
		for other := range ds.el.Document().Root().Child("datasources").Children("datasource") {
			if Wrap(other).IsParameters() && !list(other) {
				return
			}
		}
		for deps := range ds.parameterDependencies() {
			if !list(deps) {
				return
			}
		}
	}
}

// parameterDependencies lists where the data source holds copies of parameters.
func (ds *Datasource) parameterDependencies() iter.Seq[xmledit.Element] {
	return func(yield func(xmledit.Element) bool) {
		for deps := range ds.el.Children("datasource-dependencies") {
			if deps.Value("datasource") == "Parameters" && !yield(deps) {
				return
			}
		}
	}
}

// parameter finds a parameter: by its internal name in brackets, else by what people see,
// in brackets or not, else by its internal name without them.
func (ds *Datasource) parameter(name string) (parameter, error) {
	var labelled, named []parameter
	var there []string
	for p := range ds.parameters() {
		switch {
		case p.name == name:
			return p, nil
		case p.label() == name || p.label() == Unbracket(name):
			labelled = append(labelled, p)
		case Unbracket(p.name) == name:
			named = append(named, p)
		}
		there = append(there, strconv.Quote(p.label()))
	}
	found := labelled
	if len(found) == 0 {
		found = named
	}
	what := "parameter " + strconv.Quote(name)
	switch len(found) {
	case 0:
		return parameter{}, &NotFoundError{What: what, There: there}
	case 1:
		return found[0], nil
	}
	var matches []string
	for _, p := range found {
		matches = append(matches, p.name)
	}
	return parameter{}, &AmbiguousError{What: what, Matches: matches}
}

// requireParameter gives the data source the copy of a parameter that every one has which
// uses it; what is there stays.
func (ds *Datasource) requireParameter(p parameter) error {
	var holder xmledit.Element
	for deps := range ds.parameterDependencies() {
		for el := range deps.Children("column") {
			if el.Value("name") == p.name {
				return nil
			}
		}
		if !holder.Exists() {
			holder = deps
		}
	}
	column := nodeOf(p.el, "members") // which copies in data sources mostly do without
	if !holder.Exists() {
		_, err := ds.insert(xmledit.NewNode("datasource-dependencies", "datasource", "Parameters").Add(column), "datasource")
		return err
	}
	for next := range holder.Children("column") {
		if next.Value("name") > p.name {
			_, err := holder.Insert(column, next)
			return err
		}
	}
	_, err := holder.Append(column)
	return err
}

// nodeOf is a copy of an element, to be inserted elsewhere, without the children that are
// named.
func nodeOf(el xmledit.Element, without ...string) *xmledit.Node {
	n := xmledit.NewNode(el.FullName())
	n.Attrs = slices.Collect(el.Attrs())
	inner := false
	for c := range el.Children() {
		inner = true
		if !slices.Contains(without, c.Name()) {
			n.Add(nodeOf(c))
		}
	}
	if !inner {
		n.Text = el.Text()
	}
	return n
}
