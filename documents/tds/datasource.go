package tds

import (
	"iter"
	"strconv"

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
func (ds *Datasource) IsParameters() bool { return ds.el.Value("name") == parametersName }

// Changed tells whether an edit changed something in the data source, also in the copies of
// published ones that it holds.
func (ds *Datasource) Changed() bool { return ds.el.Changed() }

// Edit hands the data source out as an etree element, for what no verb covers, and
// writes back what edit changes: unchanged tokens keep their bytes, new ones are
// written as Tableau writes them. An error undoes everything.
func (ds *Datasource) Edit(edit func(*etree.Element) error) error { return ds.el.Edit(edit) }

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
