package tds

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// CalculatedField is a field with a formula, to be added or changed.
type CalculatedField struct {
	// Caption is what people see. A field with a formula that has it is changed, and so is
	// one with this internal name, if it is in brackets.
	Caption string
	// Formula may name fields by internal name or by caption: [Customer Name]. Parameters
	// are [Parameters].[Region], fields of other data sources [Targets].[Quota].
	Formula string
	// Datatype is what the formula gives: string, integer, real, boolean, date, datetime or
	// spatial. A new field must have one; of another, "" leaves it alone.
	Datatype string
	// Role is dimension or measure. If it is empty, a new field is a measure if it is a
	// number, or if its formula aggregates.
	Role string
	// Type is nominal, ordinal or quantitative, which only numbers and dates can be. If it is
	// empty, new measures that are numbers are quantitative, other numbers and dates ordinal,
	// the rest is nominal. Of a field that gets a datatype which its type cannot go with, role
	// and type are those of a new one.
	Type string
}

// SetCalculatedField adds a calculated field, or makes the one with the caption as c says,
// and returns its internal name, which filters and other formulas know it by. The name of a
// new one depends only on data source and caption, unless it is taken.
//
// A formula is changed in the copies, too, that views, dashboards and other data sources
// hold (format 8), and in those of the connection (format 6.7); a copy that said something
// else is left alone, with a note. The copies of what the new formula refers to are added
// where they are missing. A reference to something that is not there is an error.
func (ds *Datasource) SetCalculatedField(c CalculatedField) (name string, err error) {
	err = ds.el.Document().Atomically("", func() error {
		name, err = ds.setCalculatedField(c)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("calculated field %s of %s: %w", strconv.Quote(c.Caption), ds, err)
	}
	return name, nil
}

func (ds *Datasource) setCalculatedField(f CalculatedField) (string, error) {
	if err := f.check(); err != nil {
		return "", err
	}
	there, err := ds.calculated(f.Caption)
	isNew := errors.Is(err, ErrNotFound) && !strings.HasPrefix(f.Caption, "[")
	if err != nil && !isNew {
		return "", err
	}
	if err := ds.claimCalculation(cmp.Or(there.Label(), f.Caption), "set"); err != nil {
		return "", err
	}
	if f.Formula, err = ds.formulaScope().formula(f.Formula, there); err != nil {
		return "", err
	}
	if strings.ContainsAny(f.Formula, "\r\n") {
		f.Formula = strings.ReplaceAll(unixLines(f.Formula), "\n", ds.formulaLineEnd())
	}
	if isNew {
		return ds.addCalculation(f)
	}
	return there.Name, ds.changeCalculation(there, f)
}

// claimCalculation says whether the current rule wants a calculated field to be there.
func (ds *Datasource) claimCalculation(label, want string) error {
	return ds.el.ClaimChild("column", "caption", label, want)
}

var (
	datatypes = []string{"string", "integer", "real", "boolean", "date", "datetime", "spatial"}
	roles     = []string{"dimension", "measure"}
	types     = []string{"nominal", "ordinal", "quantitative"}
)

func (c CalculatedField) check() error {
	if c.Caption == "" {
		return errors.New("it has no caption")
	}
	if strings.TrimSpace(c.Formula) == "" {
		return errors.New("its formula is empty")
	}
	for _, a := range [...]struct {
		what, value string
		known       []string
	}{{"datatype", c.Datatype, datatypes}, {"role", c.Role, roles}, {"type", c.Type, types}} {
		if a.value != "" && !slices.Contains(a.known, a.value) {
			return &NotFoundError{What: a.what + " " + strconv.Quote(a.value), There: a.known}
		}
	}
	return nil
}

// complete gives a field the role and type that it has by default.
func (ds *Datasource) complete(c *CalculatedField) {
	if c.Role == "" {
		c.Role = defaultRole(c.Datatype)
		if ds.overRows(c.Formula) != "" {
			c.Role = "measure" // without exception in real files
		}
	}
	if c.Type == "" {
		c.Type = defaultType(c.Datatype, c.Role)
	}
}

// fits checks that a field of a datatype can have a type.
func fits(datatype, kind string) error {
	if kind == "quantitative" && !isNumber(datatype) && !isDate(datatype) {
		return fmt.Errorf("only numbers and dates can be quantitative, the datatype is %s", datatype)
	}
	return nil
}

// calculated finds the field with a formula that people see under a name, or that has the
// internal name in brackets.
func (ds *Datasource) calculated(field string) (Column, error) {
	var found []Column
	var there []string
	for c := range ds.Columns() {
		if c.Name == field && strings.HasPrefix(field, "[") || c.Label() == field {
			found = append(found, c)
		}
		if c.Class != "" {
			there = append(there, c.Label())
		}
	}
	what := "calculated field " + strconv.Quote(field)
	switch {
	case len(found) == 0:
		return Column{}, &NotFoundError{What: what, Where: ds.String(), There: there}
	case len(found) > 1:
		var matches []string
		for _, c := range found {
			matches = append(matches, c.Name)
		}
		return Column{}, &AmbiguousError{What: "field " + strconv.Quote(field), Where: ds.String(), Matches: matches}
	case found[0].Class == "":
		return Column{}, fmt.Errorf("the field %s is not a calculated one", found[0].Name)
	}
	return found[0], nil
}

// formulaLineEnd is how formulas of the document end a line (hard case 2).
func (ds *Datasource) formulaLineEnd() string {
	for c := range ds.el.Document().Root().Descendants("calculation") {
		if strings.Contains(c.Value("formula"), "\r\n") {
			return "\r\n"
		}
	}
	return "\n"
}

func (ds *Datasource) addCalculation(f CalculatedField) (string, error) {
	if f.Datatype == "" {
		return "", fmt.Errorf("a new field needs a datatype: %s", strings.Join(datatypes, ", "))
	}
	ds.complete(&f)
	if err := fits(f.Datatype, f.Type); err != nil {
		return "", err
	}
	c := Column{Name: ds.newCalculationName(f.Caption), Caption: f.Caption, Datatype: f.Datatype, Role: f.Role, Type: f.Type}
	n := c.node().Add(xmledit.NewNode("calculation", "class", "tableau", "formula", f.Formula))
	if err := ds.insertColumns([]*xmledit.Node{n}); err != nil {
		return "", err
	}
	return c.Name, ds.copyParameters(ds.el, f.Formula)
}

// newCalculationName is a name as Tableau gives one, that nothing in the document has.
func (ds *Datasource) newCalculationName(caption string) string {
	doc := ds.el.Document()
	taken := map[string]bool{}
	for c := range doc.Root().Descendants("column") {
		taken[c.Value("name")] = true
	}
	for i := 0; ; i++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", ds.Name(), caption, i))
		const least = 1_000_000_000_000_000_000 // nineteen digits, less than 1 << 63
		n := least + binary.BigEndian.Uint64(sum[:])%(8*least)
		if name := fmt.Sprintf("[Calculation_%d]", n); !taken[name] {
			return name
		}
	}
}

func (ds *Datasource) changeCalculation(c Column, f CalculatedField) error {
	if c.Class != "tableau" {
		return fmt.Errorf("%s is a calculation of class %s, which has no formula of its own", c.Name, c.Class)
	}
	if f.Datatype != "" && f.Type == "" && fits(f.Datatype, c.Type) != nil {
		ds.complete(&f)
	}
	if err := fits(cmp.Or(f.Datatype, c.Datatype), cmp.Or(f.Type, c.Type)); err != nil {
		return err
	}
	places, err := ds.places(c)
	if err != nil {
		return err
	}
	if f.Datatype != "" && f.Datatype != c.Datatype && len(places.copies) > 0 {
		places.master.Note("views use %s: what they hold of its values is written as %s, not as %s", c.Label(), c.Datatype, f.Datatype)
	}
	for _, a := range [...][2]string{{"datatype", f.Datatype}, {"role", f.Role}, {"type", f.Type}} {
		if a[1] == "" {
			continue
		}
		if err := places.changeAttr(a[0], a[0], a[1]); err != nil {
			return err
		}
	}
	if err := ds.changeFormula(places, c, f.Formula); err != nil {
		return err
	}
	if sameLines(c.Formula, f.Formula) {
		return nil
	}
	if err := ds.copyParameters(ds.el, f.Formula); err != nil {
		return err
	}
	var blocks []xmledit.Element
	for _, el := range places.copies {
		if el.Child("calculation").Value("formula") == f.Formula { // else it drifted
			blocks = append(blocks, el.Parent())
		}
	}
	return ds.completeCopies(blocks, f.Formula)
}

// changeFormula changes a formula wherever it is written. Line ends make no difference.
func (ds *Datasource) changeFormula(places columnPlaces, c Column, formula string) error {
	put := func(el xmledit.Element) error {
		is := el.Value("formula")
		if sameLines(is, formula) {
			return el.SetAttr("formula", is) // with its line ends
		}
		return el.SetAttr("formula", formula)
	}
	err := places.change("formula", unixLines(formula),
		func(column xmledit.Element) string {
			return unixLines(column.Child("calculation").Value("formula"))
		},
		func(column xmledit.Element, _ string) error { return put(column.Child("calculation")) })
	if err != nil {
		return err
	}
	for el, extract := range ds.connectionCalculations(c.Name) {
		is := el.Value("formula")
		if !sameLines(is, formula) && !sameLines(is, c.Formula) {
			el.Note("the formula of this copy stays %q: it was not that of the data source", is)
			continue
		}
		if err := put(el); err != nil {
			return err
		}
		if extract && !sameLines(is, formula) {
			el.Note("the extract holds %s as the old formula gave it, until it is refreshed", c.Label())
		}
	}
	return nil
}

// connectionCalculations lists the copies of a field's formula in connections, of every
// field's for "", and whether they are in that of an extract (format 6.7).
func (ds *Datasource) connectionCalculations(name string) iter.Seq2[xmledit.Element, bool] {
	return func(yield func(xmledit.Element, bool) bool) {
		for i, holder := range []xmledit.Element{ds.el.Child("connection"), ds.el.Child("extract")} {
			for list := range holder.Descendants("calculations") {
				for el := range list.Children("calculation") {
					if (name == "" || el.Value("column") == name) && !yield(el, i == 1) {
						return
					}
				}
			}
		}
	}
}
