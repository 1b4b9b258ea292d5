package tds

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Procedure is a stored procedure that a data source reads, with all its copies (format
// 6.6). It stays valid as long as the document does and sees the edits made to it.
type Procedure struct{ source }

// Argument is what a stored procedure is called with for one of its parameters.
type Argument struct {
	Name    string // of the procedure's parameter: @Start
	Ordinal int    // its place among them, from 1
	// Value is the value, Raw how the document holds it. Of a linked argument it is what
	// the workbook's parameter had when it was last saved.
	Value Value
	Raw   string
	// Datatype is what the document shows of the type: that of the workbook's parameter,
	// else what Value is written as; empty for null.
	Datatype string
	// Parameter is the internal name, in brackets, of the workbook's parameter that gives
	// the value; empty if the value is fixed.
	Parameter string
}

// Procedures lists the stored procedures in document order, each once.
func (ds *Datasource) Procedures() iter.Seq[*Procedure] {
	return func(yield func(*Procedure) bool) {
		for s := range ds.sources(ProcRelation, "stored procedure") {
			if !yield(&Procedure{s}) {
				return
			}
		}
	}
}

// Procedure is the one stored procedure that m selects; its name may be the alias or the
// procedure's own. None is a [*NotFoundError], several are an [*AmbiguousError].
func (ds *Datasource) Procedure(m RelationMatch) (*Procedure, error) {
	return one(ds, m.Describe("stored procedure"), ds.Procedures(), func(p *Procedure) bool { return p.Matches(m) })
}

// version is the number that SQL Server gives procedures of one name: usp_sales;1.
var version = regexp.MustCompile(`;\d+$`)

// unversioned is a name without that number.
func unversioned(name string) string { return version.ReplaceAllString(name, "") }

// Matches tells whether p has every value of m. Its name is the alias, or the procedure's
// own name, with or without schema, brackets and the number at the end: usp_sales,
// dbo.usp_sales, [dbo].[usp_sales], [dbo].[usp_sales;1].
func (p *Procedure) Matches(m RelationMatch) bool {
	t := p.Table()
	names := []string{p.Name(), unversioned(p.Name()), p.copies[0].Value("stored-proc")}
	for _, last := range []string{t.Table(), unversioned(t.Table())} {
		whole := t.with(tablePart, last)
		names = append(names, last, TableName{last}.String(), strings.Join(whole, "."), whole.String())
	}
	return p.matches(m, namedIn(names...))
}

// Table is the name of the procedure in its database.
func (p *Procedure) Table() TableName {
	name, _ := ParseTableName(p.copies[0].Value("stored-proc"))
	return name
}

// Arguments lists the arguments in the order of the document.
func (p *Procedure) Arguments() iter.Seq[Argument] {
	return func(yield func(Argument) bool) {
		for el := range p.arguments(p.copies[0]) {
			if !yield(p.read(el)) {
				return
			}
		}
	}
}

// Argument is the argument of that name. Another name is a [*NotFoundError].
func (p *Procedure) Argument(name string) (Argument, error) {
	el, err := p.argument(p.copies[0], name)
	if err != nil {
		return Argument{}, err
	}
	return p.read(el), nil
}

func (p *Procedure) arguments(relation xmledit.Element) iter.Seq[xmledit.Element] {
	return relation.Child("actual-parameters").Children("column")
}

func (p *Procedure) argument(relation xmledit.Element, name string) (xmledit.Element, error) {
	var there []string
	for el := range p.arguments(relation) {
		if el.Value("name") == name {
			return el, nil
		}
		there = append(there, el.Value("name"))
	}
	return xmledit.Element{}, &NotFoundError{What: "argument " + strconv.Quote(name), Where: p.String(), There: there}
}

func (p *Procedure) read(el xmledit.Element) Argument {
	a := Argument{Name: el.Value("name"), Raw: el.Value("value")}
	a.Ordinal, _ = strconv.Atoi(el.Value("ordinal")) // 0 if there is none, which Tableau would refuse
	a.Parameter = strings.TrimPrefix(el.Value("parameter"), "[Parameters].")
	a.Datatype = shownDatatype(a.Raw)
	if a.Parameter != "" {
		if linked, err := p.ds.parameters().find(a.Parameter); err == nil {
			a.Datatype = linked.datatype()
		}
	}
	a.Value, _ = ParseDataValue(a.Raw, a.Datatype)
	return a
}

// shownDatatype is the datatype that a value has by how it is written, "" if that does
// not tell.
func shownDatatype(raw string) string {
	for _, datatype := range []string{"string", "boolean", "integer", "real", "date"} {
		if v, ok := ParseDataValue(raw, datatype); ok && v != Null() {
			return datatype
		}
	}
	if strings.HasPrefix(raw, "#") {
		return "datetime"
	}
	return ""
}

// SetArgument gives an argument a fixed value, in every copy. The value is written in the
// datatype that the document shows: a date stays a date, text may give one in ISO form or as
// #2024-01-31#. Where it shows none, because the argument was null, it is written as what it is. A value
// of another type is an error, and so is an argument that is linked to a parameter of the
// workbook: [Procedure.UnlinkArgument] drops the link (hard case 46).
func (p *Procedure) SetArgument(name string, value Value) error {
	return p.onArgument("setting", name, func(el xmledit.Element, a Argument) error {
		if a.Parameter != "" {
			return fmt.Errorf("it is linked to the parameter %s of the workbook, and must be unlinked first", p.labelOf(a))
		}
		datatype := a.Datatype
		if datatype == "" {
			datatype = value.datatype()
		}
		written, err := value.DataValue(datatype)
		if err != nil {
			return err
		}
		return setLike(el, "value", written, datatype)
	})
}

// AddArgument is [Procedure.SetArgument] for a parameter of the procedure that the document
// need not have an argument for yet: then every copy gets one, with the next ordinal. Nobody
// checks that the procedure has such a parameter.
func (p *Procedure) AddArgument(name string, value Value) error {
	last := 0
	for _, relation := range p.copies {
		for el := range p.arguments(relation) {
			if el.Value("name") == name {
				return p.SetArgument(name, value) // which refuses copies that differ
			}
			last = max(last, p.read(el).Ordinal)
		}
	}
	return p.atomically("adding argument "+strconv.Quote(name)+" to", func() error {
		if name == "" {
			return errors.New("its name is empty")
		}
		written, err := value.DataValue(value.datatype())
		if err != nil {
			return err
		}
		for _, relation := range p.copies {
			parameters := relation.Child("actual-parameters")
			if !parameters.Exists() {
				if parameters, err = relation.Append(xmledit.NewNode("actual-parameters")); err != nil {
					return err
				}
			}
			if _, err := parameters.Append(argumentNode(name, last+1, written)); err != nil {
				return err
			}
		}
		return nil
	})
}

// argumentNode writes an argument (format 6.6).
func argumentNode(name string, ordinal int, written string) *xmledit.Node {
	return xmledit.NewNode("column", "name", name, "ordinal", strconv.Itoa(ordinal), "value", written)
}

// LinkArgument makes a parameter of the workbook give the value of an argument, in every
// copy; the value becomes the parameter's current one. The parameter is found by its
// caption, or by its exact internal name in brackets. One of another type than the argument
// is an error.
func (p *Procedure) LinkArgument(name, parameter string) error {
	return p.onArgument("linking", name, func(el xmledit.Element, a Argument) error {
		to, err := p.ds.parameters().find(parameter)
		if err != nil {
			return err
		}
		if a.Datatype != "" && kindOfData(a.Datatype) != kindOfData(to.datatype()) {
			return fmt.Errorf("the parameter %s is of datatype %s, the argument of %s", strconv.Quote(to.label()), to.datatype(), a.Datatype)
		}
		if a.Parameter != to.name() {
			if err := p.ds.copyParameter(p.ds.el, to); err != nil {
				return err
			}
		}
		if err := el.SetAttr("parameter", to.reference()); err != nil {
			return err
		}
		return el.Document().Following(func() error { return setLike(el, "value", to.el.Value("value"), to.datatype()) })
	})
}

// kindOfData puts datatypes together whose values a database takes for one another.
func kindOfData(datatype string) string {
	switch datatype {
	case "real":
		return "integer"
	case "datetime":
		return "date"
	}
	return datatype
}

// UnlinkArgument drops the link of an argument to a parameter of the workbook, in every
// copy. The value it had last stays. An argument without a link is left as it is.
func (p *Procedure) UnlinkArgument(name string) error {
	return p.onArgument("unlinking", name, func(el xmledit.Element, _ Argument) error {
		return el.RemoveAttr("parameter")
	})
}

// labelOf is how people call the parameter that an argument is linked to.
func (p *Procedure) labelOf(a Argument) string {
	if linked, err := p.ds.parameters().find(a.Parameter); err == nil {
		return strconv.Quote(linked.label())
	}
	return strconv.Quote(Unbracket(a.Parameter))
}

// onArgument edits an argument in all copies, which must agree on it.
func (p *Procedure) onArgument(doing, name string, edit func(xmledit.Element, Argument) error) error {
	return p.atomically(doing+" argument "+strconv.Quote(name)+" of", func() error {
		if _, err := p.argument(p.copies[0], name); err != nil {
			return err
		}
		err := p.agree(func(relation xmledit.Element) string {
			el, err := p.argument(relation, name)
			if err != nil {
				return ""
			}
			return el.Value("parameter") + "\n" + el.Value("value")
		})
		if err != nil {
			return err
		}
		for _, relation := range p.copies {
			el, err := p.argument(relation, name)
			if err != nil {
				return err
			}
			if err := edit(el, p.read(el)); err != nil {
				return err
			}
		}
		return nil
	})
}

// followParameter gives the arguments that are linked to a parameter its value.
func (ds *Datasource) followParameter(p parameter, written string) error {
	for el := range ds.relations() {
		for column := range el.Child("actual-parameters").Children("column") {
			if column.Value("parameter") != p.reference() {
				continue
			}
			if err := setLike(column, "value", written, p.datatype()); err != nil {
				return fmt.Errorf("argument %s of a stored procedure of %s: %w", strconv.Quote(column.Value("name")), ds, err)
			}
		}
	}
	return nil
}
