package tds

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// ColumnPatch is what to change in a field; what is nil is left alone.
type ColumnPatch struct {
	Caption     *string // what people see; "" shows the name
	Description *string // the comment, which loses its formatting; "" removes it
	Format      *string // by default, in Tableau's codes: p0.0%, c"$"#,##0; "" is Tableau's choice
	Aggregation *string // by default: Sum, Avg, Count and so on; "" is Tableau's choice
	Hidden      *bool   // not to be seen in the list of fields
	// Aliases are other words for members, in the field's datatype; "" takes one away.
	// Members that are not given keep theirs.
	Aliases []Alias
}

// UpdateColumn changes what people see of a field: in its column, which is made where only
// the metadata tells of the field, and in the copies that views, dashboards and other data
// sources hold (format 8). A copy that says something else than the data source did is left
// alone, with a note. The field is found as [Datasource.Column] finds it.
func (ds *Datasource) UpdateColumn(field string, p ColumnPatch) error {
	err := ds.el.Document().Atomically("", func() error { return ds.updateColumn(field, p) })
	if err != nil {
		return fmt.Errorf("field %s of %s: %w", strconv.Quote(field), ds, err)
	}
	return nil
}

func (ds *Datasource) updateColumn(field string, p ColumnPatch) error {
	c, err := ds.Column(field)
	if err != nil {
		return err
	}
	if err := p.check(c); err != nil {
		return err
	}
	if p.Caption != nil {
		if err := ds.captionIsFree(c, *p.Caption); err != nil {
			return err
		}
	}
	places, err := ds.places(c)
	if err != nil {
		return err
	}
	for _, a := range [...]struct {
		what, name string
		value      *string
	}{
		{"caption", "caption", p.Caption},
		{"format", "default-format", p.Format},
		{"aggregation", "aggregation", p.Aggregation},
		{"visibility", "hidden", p.hidden()},
	} {
		if a.value == nil {
			continue
		}
		if err := places.changeAttr(a.what, a.name, *a.value); err != nil {
			return err
		}
	}
	if p.Description != nil {
		if err := places.change("description", *p.Description, description, setDescription); err != nil {
			return err
		}
	}
	if p.Hidden != nil && *p.Hidden && !c.Hidden {
		places.noteHidden(c)
	}
	return ds.changeAliases(places, c.Datatype, p.Aliases)
}

// captionIsFree checks that no other field is shown as a caption would show c: nobody, and
// no formula, could tell the two apart. Files that have such twins keep them.
func (ds *Datasource) captionIsFree(c Column, caption string) error {
	is := c.Label()
	if c.Caption = caption; c.Label() == is || c.countsRows() {
		return nil
	}
	for other := range ds.fields() {
		if other.name != c.Name && other.label() == c.Label() && !other.read(nil).countsRows() {
			return fmt.Errorf("the field %s is shown as %s already", other.name, strconv.Quote(c.Label()))
		}
	}
	return nil
}

// hidden is what the attribute says: Tableau writes none for a field that shows.
func (p ColumnPatch) hidden() *string {
	switch {
	case p.Hidden == nil:
		return nil
	case *p.Hidden:
		return new("true")
	}
	return new("")
}

// The aggregations that a field can have by default, as documents write them: those for
// numbers, those for dates, and all of them.
var (
	ofNumbers    = []string{"Sum", "Avg", "Median", "Stdev", "StdevP", "Var", "VarP"}
	ofDates      = []string{"Year", "Quarter", "Month", "Week", "Weekday", "Day", "Hour", "Minute", "Second"}
	aggregations = slices.Concat(ofNumbers, ofDates, []string{"Min", "Max", "Count", "CountD", "Attribute", "Collect", "None"})
)

// check tells what of p a field cannot have.
func (p ColumnPatch) check(c Column) error {
	a := p.Aggregation
	switch {
	case a == nil || *a == "":
	case !slices.Contains(aggregations, *a):
		return &NotFoundError{What: "aggregation " + strconv.Quote(*a), There: aggregations}
	case slices.Contains(ofNumbers, *a) && !isNumber(c.Datatype):
		return fmt.Errorf("the aggregation %s is for numbers, the datatype is %s", *a, c.Datatype)
	case slices.Contains(ofDates, *a) && !isDate(c.Datatype):
		return fmt.Errorf("the aggregation %s is for dates, the datatype is %s", *a, c.Datatype)
	}
	return nil
}

// description is the comment of a column without its formatting.
func description(column xmledit.Element) string {
	var text strings.Builder
	for run := range column.Find("desc", "formatted-text").Children("run") {
		text.WriteString(run.Text())
	}
	return text.String()
}

// columnOrder is the order of the children of a column (format 2).
var columnOrder = []string{
	"server-captions", "calculation", "utility-members", "aliases", "statistical-model", "semantic-values", "desc", "members", "range",
}

// setDescription gives a column a comment. One that it has already keeps its formatting.
func setDescription(column xmledit.Element, text string) error {
	if err := column.ClaimChild("desc", "", "", text); err != nil {
		return err
	}
	desc := column.Child("desc")
	switch {
	case description(column) == text:
		desc.Claim()
		return nil
	case text == "":
		return desc.Remove()
	}
	var runs []xmledit.Element
	for run := range desc.Child("formatted-text").Children() {
		runs = append(runs, run)
	}
	if len(runs) == 1 {
		return runs[0].SetText(text)
	}
	n := xmledit.NewNode("desc").Add(xmledit.NewNode("formatted-text").Add(&xmledit.Node{Name: "run", Text: text}))
	if desc.Exists() {
		_, err := desc.Replace(n)
		return err
	}
	_, err := insertInOrder(column, columnOrder, n, "")
	return err
}

// changeAliases gives members of a field other words. The data source shows aliases only
// if it says so.
func (ds *Datasource) changeAliases(places columnPlaces, datatype string, aliases []Alias) error {
	for _, a := range aliases {
		key, err := a.Member.DataValue(datatype)
		if err != nil {
			return fmt.Errorf("alias %s: %w", strconv.Quote(a.Text), err)
		}
		read := func(column xmledit.Element) string { return findAlias(column, key, datatype).Value("value") }
		write := func(column xmledit.Element, text string) error { return setAlias(column, key, datatype, text) }
		if err := places.change("alias of "+a.Member.String(), a.Text, read, write); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(aliases, func(a Alias) bool { return a.Text != "" }) {
		return ds.enableAliases()
	}
	return nil
}

// enableAliases makes the data source say that aliases are shown, unless it says
// otherwise.
func (ds *Datasource) enableAliases() error {
	aliases := ds.el.Child("aliases")
	if !aliases.Exists() {
		_, err := ds.insert(xmledit.NewNode("aliases", "enabled", "yes"), "")
		return err
	}
	if aliases.Value("enabled") == "no" {
		aliases.Note("aliases are switched off in %s", ds)
	}
	return nil
}

// findAlias is the alias of a member in a column; 3. and 3.0 are one.
func findAlias(column xmledit.Element, key, datatype string) xmledit.Element {
	want, _ := ParseDataValue(key, datatype)
	for a := range column.Child("aliases").Children("alias") {
		if v, ok := ParseDataValue(a.Value("key"), datatype); ok && v == want {
			return a
		}
	}
	return xmledit.Element{}
}

func setAlias(column xmledit.Element, key, datatype, text string) error {
	if err := column.ClaimChild("alias", "key", key, text); err != nil {
		return err
	}
	aliases, alias := column.Child("aliases"), findAlias(column, key, datatype)
	switch {
	case alias.Exists() && text != "":
		return alias.SetAttr("value", text)
	case text == "" && !alias.Exists():
		return nil
	case text == "":
		for other := range aliases.Children("alias") {
			if other != alias {
				return alias.Remove()
			}
		}
		return aliases.Remove()
	}
	n := xmledit.NewNode("alias", "key", key, "value", text)
	if !aliases.Exists() {
		_, err := insertInOrder(column, columnOrder, xmledit.NewNode("aliases").Add(n), "")
		return err
	}
	var next xmledit.Element // aliases stand in the order of their keys
	for a := range aliases.Children("alias") {
		if a.Value("key") > key {
			next = a
			break
		}
	}
	_, err := aliases.Insert(n, next)
	return err
}
