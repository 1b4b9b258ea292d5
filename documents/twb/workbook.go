package twb

import (
	"iter"

	"github.com/beevik/etree"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// Workbook is the document of a workbook. It stays valid as long as the document
// does and sees the edits made to it.
type Workbook struct {
	root xmledit.Element
}

// Wrap is for the packages of this module that open documents: root is a
// <workbook>.
func Wrap(root xmledit.Element) *Workbook { return &Workbook{root} }

// Datasources lists the data sources in document order, without the one that only
// holds parameters.
func (wb *Workbook) Datasources() iter.Seq[*tds.Datasource] {
	return func(yield func(*tds.Datasource) bool) {
		for el := range wb.root.Child("datasources").Children("datasource") {
			if ds := tds.Wrap(el); !ds.IsParameters() && !yield(ds) {
				return
			}
		}
	}
}

// Datasource finds a data source by its caption, or else by its internal name. None
// is a [*tds.NotFoundError], several with one caption are a [*tds.AmbiguousError].
func (wb *Workbook) Datasource(name string) (*tds.Datasource, error) {
	return tds.Find(wb.Datasources(), name)
}

// Edit hands the workbook out as an etree element, for what no verb covers, and
// writes back what edit changes: unchanged tokens keep their bytes, new ones are
// written as Tableau writes them. An error undoes everything. Large workbooks make
// large trees; [tds.Datasource.Edit] makes a smaller one.
func (wb *Workbook) Edit(edit func(*etree.Element) error) error { return wb.root.Edit(edit) }
