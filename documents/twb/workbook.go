package twb

import (
	"iter"
	"strconv"

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

// ViewKind tells worksheets from dashboards and stories.
type ViewKind string

// The kinds of view.
const (
	Worksheet ViewKind = "worksheet"
	Dashboard ViewKind = "dashboard"
	Story     ViewKind = "story"
)

// View is a worksheet, dashboard or story: what becomes a view on a server.
type View struct {
	Name   string
	Kind   ViewKind
	Hidden bool // a server does not show it
}

// String is the view in words: `worksheet "Map"`.
func (v View) String() string { return string(v.Kind) + " " + strconv.Quote(v.Name) }

// Views lists worksheets, dashboards and stories in the order of their tabs, which
// is that of the workbook's windows; those without a window come last (format 13).
func (wb *Workbook) Views() iter.Seq[View] {
	return func(yield func(View) bool) {
		kinds := wb.sheets()
		seen := map[string]bool{}
		for w := range wb.root.Child("windows").Children("window") {
			name := w.Value("name")
			kind, ok := kinds[name]
			if !ok || seen[name] {
				continue
			}
			seen[name] = true
			hidden := w.Value("hidden") == "true" || w.Value("class") == "hidden-worksheet"
			if !yield(View{name, kind, hidden}) {
				return
			}
		}
		for el := range wb.sheetElements() {
			if name := el.Value("name"); !seen[name] && !yield(View{Name: name, Kind: kinds[name]}) {
				return
			}
		}
	}
}

func (wb *Workbook) sheets() map[string]ViewKind {
	kinds := map[string]ViewKind{}
	for el := range wb.sheetElements() {
		kind := ViewKind(el.Name())
		if el.Value("type") == "storyboard" {
			kind = Story
		}
		kinds[el.Value("name")] = kind
	}
	return kinds
}

func (wb *Workbook) sheetElements() iter.Seq[xmledit.Element] {
	return func(yield func(xmledit.Element) bool) {
		for _, place := range [...][2]string{{"worksheets", "worksheet"}, {"dashboards", "dashboard"}, {"stories", "story"}} {
			for el := range wb.root.Child(place[0]).Children(place[1]) {
				if !yield(el) {
					return
				}
			}
		}
	}
}
