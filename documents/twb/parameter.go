package twb

import (
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// Domain says which values a parameter may take.
type Domain string

// The domains of parameters (format 12).
const (
	Any   Domain = "any"
	List  Domain = "list"
	Range Domain = "range"
)

// Parameter is one parameter of a workbook.
type Parameter struct {
	Name      string // internal, in brackets: [Parameter 1]
	Caption   string // what people see
	Datatype  string // string, integer, real, boolean, date, datetime
	Domain    Domain
	Value     tds.Value   // the current value
	Alias     string      // how the current value is shown, where it has another name
	Allowed   []tds.Value // of a list
	Min, Max  tds.Value   // of a range; null where open
	Recompute string      // the field that sets the value when the workbook is opened, if any
}

// Label is what people see: the caption, or the name without its brackets.
func (p Parameter) Label() string {
	if p.Caption != "" {
		return p.Caption
	}
	return tds.Unbracket(p.Name)
}

// Parameters lists the parameters in document order.
func (wb *Workbook) Parameters() iter.Seq[Parameter] {
	return func(yield func(Parameter) bool) {
		for el := range wb.parameterElements() {
			if !yield(readParameter(el)) {
				return
			}
		}
	}
}

func (wb *Workbook) parameterElements() iter.Seq[xmledit.Element] {
	return func(yield func(xmledit.Element) bool) {
		for ds := range wb.root.Child("datasources").Children("datasource") {
			if !tds.Wrap(ds).IsParameters() {
				continue
			}
			for el := range ds.Children("column") {
				if _, ok := el.Attr("param-domain-type"); ok && !yield(el) {
					return
				}
			}
		}
	}
}

func readParameter(el xmledit.Element) Parameter {
	p := Parameter{
		Name: el.Value("name"), Caption: el.Value("caption"), Datatype: el.Value("datatype"),
		Domain: Domain(el.Value("param-domain-type")), Alias: el.Value("alias"), Recompute: el.Value("default-value-field"),
	}
	read := func(s string) tds.Value {
		v, _ := tds.ParseDataValue(s, p.Datatype)
		return v
	}
	p.Value = read(el.Value("value"))
	for m := range el.Child("members").Children("member") {
		p.Allowed = append(p.Allowed, read(m.Value("value")))
	}
	p.Min, p.Max = read(el.Child("range").Value("min")), read(el.Child("range").Value("max"))
	return p
}

// SetParameter sets the current value of a parameter: in the Parameters data source
// and in every copy that views, dashboards, data sources and nested copies of
// published data sources hold; value, formula and alias together (format 12), and in the
// arguments of stored procedures that are linked to it (format 6.6). The
// parameter is found by its caption, or by its exact internal name in brackets.
//
// The value must be of the parameter's datatype and in its list or range. A value
// that a field recomputes when the workbook is opened cannot be set.
func (wb *Workbook) SetParameter(name string, value tds.Value) error {
	err := wb.root.Document().Atomically("", func() error {
		master, err := wb.parameter(name)
		if err != nil {
			return err
		}
		return wb.setParameter(master, value)
	})
	if err != nil {
		return fmt.Errorf("parameter %s: %w", strconv.Quote(name), err)
	}
	return nil
}

// parameter finds the master of a parameter.
func (wb *Workbook) parameter(name string) (xmledit.Element, error) {
	var found []xmledit.Element
	var there, matches []string
	for el := range wb.parameterElements() {
		p := readParameter(el)
		if p.Name == name && strings.HasPrefix(name, "[") {
			return el, nil
		}
		if p.Label() == name {
			found = append(found, el)
			matches = append(matches, p.Name)
		}
		there = append(there, strconv.Quote(p.Label()))
	}
	what := "parameter " + strconv.Quote(name)
	switch len(found) {
	case 0:
		return xmledit.Element{}, &tds.NotFoundError{What: what, There: there}
	case 1:
		return found[0], nil
	}
	return xmledit.Element{}, &tds.AmbiguousError{What: what, Matches: matches}
}

func (wb *Workbook) setParameter(master xmledit.Element, value tds.Value) error {
	p := readParameter(master)
	written, err := value.DataValue(p.Datatype)
	if err != nil {
		return err
	}
	literal, err := value.Literal(p.Datatype)
	if err != nil {
		return err
	}
	if err := p.accepts(value, written); err != nil {
		return err
	}
	for m := range master.Child("members").Children("member") {
		if v := m.Value("value"); p.Domain == List && p.same(v, written) {
			written = v // as the list has it
			break
		}
	}
	alias, hasAlias := p.aliasOf(master, written)
	for el, err := range wb.copies(master) {
		if err == nil {
			err = setCopy(el, p, written, literal)
		}
		if err == nil && p.Domain == List {
			err = setAlias(el, alias, hasAlias)
		}
		if err != nil {
			return err
		}
	}
	for ds := range wb.Datasources() {
		if err := ds.FollowParameter(p.Name, p.Datatype, written); err != nil {
			return err
		}
	}
	return nil
}

// accepts checks a value against the parameter's domain.
func (p Parameter) accepts(value tds.Value, written string) error {
	if value == tds.Null() {
		return errors.New("null is not a value of a parameter")
	}
	if p.Recompute != "" {
		return fmt.Errorf("the field %s sets its value whenever the workbook is opened", p.Recompute)
	}
	switch p.Domain {
	case List:
		var there []string
		for _, v := range p.Allowed {
			if w, err := v.DataValue(p.Datatype); err == nil && w == written {
				return nil
			}
			there = append(there, strconv.Quote(v.String()))
		}
		return &tds.NotFoundError{What: "value " + strconv.Quote(value.String()) + " in its list", There: there}
	case Range:
		if p.Min != tds.Null() && tds.Less(value, p.Min, p.Datatype) || p.Max != tds.Null() && tds.Less(p.Max, value, p.Datatype) {
			return fmt.Errorf("%s is not in its range from %s to %s", value, bound(p.Min), bound(p.Max))
		}
	}
	return nil
}

func bound(v tds.Value) string {
	if v == tds.Null() {
		return "any"
	}
	return v.String()
}

// same tells whether two DataValues mean the same: 3. and 3.0 do.
func (p Parameter) same(a, b string) bool {
	va, okA := tds.ParseDataValue(a, p.Datatype)
	vb, okB := tds.ParseDataValue(b, p.Datatype)
	return okA && okB && va == vb
}

// aliasOf is how a member of the list is shown.
func (p Parameter) aliasOf(master xmledit.Element, written string) (string, bool) {
	for a := range master.Child("aliases").Children("alias") {
		if p.same(a.Value("key"), written) {
			return a.Value("value"), true
		}
	}
	for m := range master.Child("members").Children("member") {
		if p.same(m.Value("value"), written) {
			return m.Attr("alias")
		}
	}
	return "", false
}

// copies lists the master of a parameter and all its copies.
func (wb *Workbook) copies(master xmledit.Element) iter.Seq2[xmledit.Element, error] {
	name := master.Value("name")
	return func(yield func(xmledit.Element, error) bool) {
		if !yield(master, nil) || !copiesIn(wb.root, name, yield) {
			return
		}
		for ds := range wb.Datasources() {
			for nested, err := range ds.Nested() {
				if err != nil {
					yield(xmledit.Element{}, err)
					return
				}
				if !copiesIn(nested.Element(), name, yield) {
					return
				}
			}
		}
	}
}

// copiesIn lists the copies of a parameter in one document; false to stop.
func copiesIn(root xmledit.Element, name string, yield func(xmledit.Element, error) bool) bool {
	for deps := range root.Descendants("datasource-dependencies") {
		if deps.Value("datasource") != "Parameters" {
			continue
		}
		for el := range deps.Children("column") {
			if el.Value("name") == name && !yield(el, nil) {
				return false
			}
		}
	}
	return true
}

// setCopy writes value and formula of one copy; what already means the same stays.
func setCopy(el xmledit.Element, p Parameter, written, literal string) error {
	if old := el.Value("value"); p.same(old, written) {
		written = old
	}
	if err := el.SetAttr("value", written); err != nil {
		return err
	}
	for calc := range el.Children("calculation") { // one; damaged files have two
		formula := literal
		if old := calc.Value("formula"); p.Datatype != "string" && p.same(old, written) {
			formula = old
		}
		if err := calc.SetAttr("formula", formula); err != nil {
			return err
		}
	}
	return nil
}

func setAlias(el xmledit.Element, alias string, has bool) error {
	if has {
		return el.SetAttr("alias", alias)
	}
	return el.RemoveAttr("alias")
}
