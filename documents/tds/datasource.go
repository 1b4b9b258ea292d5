package tds

import (
	"iter"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Datasource is one data source of a document. It stays valid as long as the
// document does and sees the edits made to it.
type Datasource struct {
	el xmledit.Element
}

// Wrap is for the packages of this module that open documents: el is a
// <datasource>.
func Wrap(el xmledit.Element) *Datasource { return &Datasource{el} }

// Element is for the packages of this module that edit documents.
func (ds *Datasource) Element() xmledit.Element { return ds.el }

// Name is the internal name, by which worksheets and formulas refer to the data
// source; in a .tds file it is the formatted name. It is never changed.
func (ds *Datasource) Name() string {
	if name, ok := ds.el.Attr("name"); ok {
		return name
	}
	return ds.el.Value("formatted-name")
}

// Caption is the name people see, empty if none was given.
func (ds *Datasource) Caption() string { return ds.el.Value("caption") }

// Label is the caption, or the name where there is no caption.
func (ds *Datasource) Label() string {
	if c := ds.Caption(); c != "" {
		return c
	}
	return ds.Name()
}

// String is the data source in words, by what people see: `data source "Orders"`.
func (ds *Datasource) String() string { return "data source " + strconv.Quote(ds.Label()) }

// IsParameters tells whether this is the data source that holds a workbook's
// parameters (format 12).
func (ds *Datasource) IsParameters() bool { return ds.el.Value("name") == "Parameters" }

// Edit hands the data source out as an etree element, for what no verb covers, and
// writes back what edit changes: unchanged tokens keep their bytes, new ones are
// written as Tableau writes them. An error undoes everything.
func (ds *Datasource) Edit(edit func(*etree.Element) error) error { return ds.el.Edit(edit) }

// Column is one field of a data source as far as people customised it, or as its
// metadata tells of it (format 8).
type Column struct {
	Name     string // internal, in brackets: [Calculation_123]
	Caption  string // what people see, empty if it was never customised
	Datatype string // string, integer, real, boolean, date, datetime, table
	Role     string // dimension or measure, empty if only metadata tells of the field
	Type     string // nominal, ordinal or quantitative, empty likewise
	Formula  string // of a calculated field
}

// Label is what people see: the caption, or the name without its brackets.
func (c Column) Label() string {
	if c.Caption != "" {
		return c.Caption
	}
	return Unbracket(c.Name)
}

// Unbracket is an internal name without its brackets, a doubled one inside as one; what
// has none is returned as it is (format 6.1).
func Unbracket(name string) string {
	inner, ok := strings.CutPrefix(name, "[")
	inner, ok2 := strings.CutSuffix(inner, "]")
	if !ok || !ok2 {
		return name
	}
	return strings.ReplaceAll(inner, "]]", "]")
}

// Columns lists the fields: first those with a column of their own, then those that
// only the metadata of the connection tells of.
func (ds *Datasource) Columns() iter.Seq[Column] {
	return func(yield func(Column) bool) {
		seen := map[string]bool{}
		for c := range ds.el.Children("column") {
			col := Column{
				Name: c.Value("name"), Caption: c.Value("caption"), Datatype: c.Value("datatype"),
				Role: c.Value("role"), Type: c.Value("type"), Formula: c.Child("calculation").Value("formula"),
			}
			seen[col.Name] = true
			if !yield(col) {
				return
			}
		}
		for r := range ds.metadata() {
			name := strings.TrimSpace(r.Child("local-name").Text())
			if name == "" || seen[name] {
				continue
			}
			seen[name] = true
			if !yield(Column{Name: name, Caption: r.Child("caption").Text(), Datatype: strings.TrimSpace(r.Child("local-type").Text())}) {
				return
			}
		}
	}
}

// metadata lists the metadata records of columns, those of the connection before
// those of the extract.
func (ds *Datasource) metadata() iter.Seq[xmledit.Element] {
	return func(yield func(xmledit.Element) bool) {
		for _, holder := range []xmledit.Element{ds.el.Child("connection"), ds.el.Find("extract", "connection")} {
			for records := range holder.Children("metadata-records") {
				for r := range records.Children("metadata-record") {
					if r.Value("class") == "column" && !yield(r) {
						return
					}
				}
			}
		}
	}
}

// Column finds a field: by its exact internal name if field is in brackets, else by
// what people see, else by its name without brackets.
func (ds *Datasource) Column(field string) (Column, error) {
	var labelled, named []Column
	var there []string
	exact := strings.HasPrefix(field, "[")
	for c := range ds.Columns() {
		switch {
		case exact && c.Name == field:
			return c, nil
		case exact:
		case c.Label() == field:
			labelled = append(labelled, c)
		case Unbracket(c.Name) == field:
			named = append(named, c)
		}
		if c.Datatype != "table" {
			there = append(there, c.Label())
		}
	}
	found := labelled
	if len(found) == 0 {
		found = named
	}
	what := "field " + strconv.Quote(field)
	switch len(found) {
	case 0:
		return Column{}, &NotFoundError{What: what, Where: ds.String(), There: there}
	case 1:
		return found[0], nil
	}
	var names []string
	for _, c := range found {
		names = append(names, c.Name)
	}
	return Column{}, &AmbiguousError{What: what, Where: ds.String(), Matches: names}
}

// Find picks a data source by its caption, or else by its internal name. None is a
// [*NotFoundError], several with one caption are an [*AmbiguousError].
func Find(all iter.Seq[*Datasource], name string) (*Datasource, error) {
	var captioned, named []*Datasource
	var there []string
	for ds := range all {
		there = append(there, strconv.Quote(ds.Label()))
		switch {
		case name == "": // which is no caption
		case ds.Caption() == name:
			captioned = append(captioned, ds)
		case ds.Name() == name:
			named = append(named, ds)
		}
	}
	found := captioned
	if len(found) == 0 {
		found = named
	}
	what := "data source " + strconv.Quote(name)
	switch len(found) {
	case 0:
		return nil, &NotFoundError{What: what, There: there}
	case 1:
		return found[0], nil
	}
	var matches []string
	for _, ds := range found {
		matches = append(matches, ds.Name())
	}
	return nil, &AmbiguousError{What: what, Matches: matches}
}
