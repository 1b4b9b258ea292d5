package tds

import (
	"cmp"
	"iter"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Parameter is a parameter of a workbook, or the copy of one that a data source file holds
// (format 12).
type Parameter struct {
	Name        string // internal, in brackets: [Parameter 1]
	Caption     string // what people see
	Datatype    string // string, integer, real, boolean, date, datetime
	Domain      Domain // the values it may take
	Value       Value  // the current value
	Alias       string // how the current value is shown, where it has another name
	Format      string // how values are shown, in Tableau's codes: p0.0%, c"$"#,##0
	Description string // the comment, without its formatting
	// Recompute is the field that sets the value whenever the workbook is opened, Source the
	// one that fills the list then: [federated.a].[Today]. They are empty if there is none.
	Recompute, Source string
}

// Label is what people see: the caption, or the name without its brackets.
func (p Parameter) Label() string { return cmp.Or(p.Caption, Unbracket(p.Name)) }

// parametersName is the internal name of the data source of parameters (format 12).
const parametersName = "Parameters"

// parameter is the column of a parameter: the master in a workbook, or the copy that a data
// source file or a nested data source holds.
type parameter struct{ el xmledit.Element }

func (p parameter) name() string     { return p.el.Value("name") }
func (p parameter) caption() string  { return p.el.Value("caption") }
func (p parameter) datatype() string { return p.el.Value("datatype") }

// label is what people see.
func (p parameter) label() string { return cmp.Or(p.caption(), Unbracket(p.name())) }

// reference is how documents name the parameter outside its data source.
func (p parameter) reference() string { return parameterReference(p.name()) }

func parameterReference(name string) string { return "[" + parametersName + "]." + name }

func (p parameter) read() Parameter {
	value, _ := ParseDataValue(p.el.Value("value"), p.datatype()) // null if it is damaged
	return Parameter{
		Name: p.name(), Caption: p.caption(), Datatype: p.datatype(), Domain: readDomain(p.el), Value: value,
		Alias: p.el.Value("alias"), Format: p.el.Value("default-format"), Description: description(p.el),
		Recompute: p.el.Value("default-value-field"), Source: p.el.Value("source-field"),
	}
}

// Parameters is for the packages of this module: the parameters of a workbook, or those
// that a data source can refer to.
type Parameters struct{ el xmledit.Element }

// ParametersOf is for the packages of this module: el is a <workbook> or a <datasource>.
func ParametersOf(el xmledit.Element) Parameters { return Parameters{el} }

func (ds *Datasource) parameters() Parameters { return Parameters{ds.el} }

// Parameters lists the parameters that the data source can refer to: those of the workbook
// that it stands in, then those of which only the data source has a copy, as all are in a
// data source file.
func (ds *Datasource) Parameters() iter.Seq[Parameter] { return ds.parameters().All() }

// QueriedWith tells whether the custom SQL or the stored procedures of the data source ask
// for other rows when a parameter, given by its internal name, has another value.
func (ds *Datasource) QueriedWith(parameter string) bool {
	is := func(m Mention) bool { return m.Of(parametersName, parameter) }
	for el := range ds.relations() {
		if mentioned(el, is) {
			return true
		}
		for argument := range el.Child("actual-parameters").Children("column") {
			if mentioned(argument, is) {
				return true
			}
		}
	}
	return false
}

// All lists the parameters in document order.
func (ps Parameters) All() iter.Seq[Parameter] {
	return func(yield func(Parameter) bool) {
		for p := range ps.each() {
			if !yield(p.read()) {
				return
			}
		}
	}
}

// root is that of the file: a data source nested in another refers to the parameters of the
// workbook around it.
func (ps Parameters) root() xmledit.Element {
	root := ps.el.Document().Root()
	for holder := root.Holder(); holder.Exists(); holder = root.Holder() {
		root = holder.Document().Root()
	}
	return root
}

// each lists the parameters, masters first, each once.
func (ps Parameters) each() iter.Seq[parameter] {
	return func(yield func(parameter) bool) {
		seen := map[string]bool{}
		list := func(holder xmledit.Element) bool {
			for el := range holder.Children("column") {
				p := parameter{el}
				if _, is := el.Attr("param-domain-type"); !is || seen[p.name()] {
					continue
				}
				seen[p.name()] = true
				if !yield(p) {
					return false
				}
			}
			return true
		}
		for ds := range ps.root().Child("datasources").Children("datasource") {
			if Wrap(ds).IsParameters() && !list(ds) {
				return
			}
		}
		for block := range ps.el.Children("datasource-dependencies") {
			if block.Value("datasource") == parametersName && !list(block) {
				return
			}
		}
	}
}

// Find finds a parameter by what people see, its caption or the name where it has none, or
// by its exact internal name in brackets (hard case 69). None is a [*NotFoundError], several
// with one caption are an [*AmbiguousError].
func (ps Parameters) Find(name string) (Parameter, error) {
	p, err := ps.find(name)
	if err != nil {
		return Parameter{}, err
	}
	return p.read(), nil
}

func (ps Parameters) find(name string) (parameter, error) {
	var found []parameter
	var there, matches []string
	for p := range ps.each() {
		if p.name() == name && strings.HasPrefix(name, "[") {
			return p, nil
		}
		if p.label() == name {
			found = append(found, p)
			matches = append(matches, p.name())
		}
		there = append(there, strconv.Quote(p.label()))
	}
	what := "parameter " + strconv.Quote(name)
	switch len(found) {
	case 0:
		return parameter{}, &NotFoundError{What: what, There: there}
	case 1:
		return found[0], nil
	}
	return parameter{}, &AmbiguousError{What: what, Matches: matches}
}
