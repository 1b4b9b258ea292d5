package twb

import (
	"iter"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

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
	Hidden bool // it has no tab, and a server does not show it; dashboards and stories may
	// URLName is what a server calls the view in URLs when the workbook is new there, as
	// Orders is of Sales/sheets/Orders: what [FreeURLName] makes of the name, in the order of
	// the tabs. Empty if the view is hidden.
	URLName string
}

// String is the view in words: `worksheet "Map"`.
func (v View) String() string { return string(v.Kind) + " " + strconv.Quote(v.Name) }

// Views lists worksheets, dashboards and stories in the order of their tabs, which
// is that of the workbook's windows; those without a window come last (format 13).
func (wb *Workbook) Views() iter.Seq[View] {
	return func(yield func(View) bool) {
		for _, s := range wb.sheets() {
			if !yield(s.view()) {
				return
			}
		}
	}
}

// View finds a view by its name. None is a [*tds.NotFoundError], several with one name are
// a [*tds.AmbiguousError].
func (wb *Workbook) View(name string) (View, error) {
	s, err := wb.sheet(name)
	if err != nil {
		return View{}, err
	}
	return s.view(), nil
}

// sheet is a worksheet, dashboard or story with the windows that are its tab: one, none in
// files that other programs wrote, or several in damaged ones.
type sheet struct {
	el      xmledit.Element
	kind    ViewKind
	name    string
	urlName string
	windows []xmledit.Element
}

func (s sheet) view() View {
	return View{Name: s.name, Kind: s.kind, Hidden: s.hidden(), URLName: s.urlName}
}

// hidden tells whether the tab of the sheet is hidden. A sheet without a tab is not.
func (s sheet) hidden() bool { return len(s.windows) > 0 && isHidden(s.windows[0]) }

// isHidden tells whether a window is that of a hidden sheet: an attribute says so, in
// versions before 9 the class (format 13).
func isHidden(window xmledit.Element) bool {
	return isTrue(window.Value("hidden")) || window.Value("class") == hiddenWorksheet
}

// hiddenWorksheet is the class of the window of a hidden worksheet in old versions.
const hiddenWorksheet = "hidden-worksheet"

// isTrue reads a boolean of the schema; versions before 9 write it as a number.
func isTrue(value string) bool { return value == "true" || value == "1" }

// sheets lists the sheets in the order of their tabs. Names are unique but in damaged files:
// there a window belongs to the first sheet of its class that has none yet, or else to the
// last.
func (wb *Workbook) sheets() []sheet {
	var all []sheet
	named := map[tab][]int{}
	for s := range wb.sheetElements() {
		t := tab{s.name, s.kind != Worksheet}
		named[t] = append(named[t], len(all))
		all = append(all, s)
	}
	var order []int
	for w := range wb.root.Child("windows").Children("window") {
		t := tab{w.Value("name"), w.Value("class") == string(Dashboard)}
		if len(named[t]) == 0 {
			t.board = !t.board
		}
		if len(named[t]) == 0 || w.Value("class") == "schema" {
			continue
		}
		i := named[t][0]
		if len(named[t]) > 1 {
			named[t] = named[t][1:]
		}
		if len(all[i].windows) == 0 {
			order = append(order, i)
		}
		all[i].windows = append(all[i].windows, w)
	}
	ordered := make([]sheet, 0, len(all))
	for _, i := range order {
		ordered = append(ordered, all[i])
	}
	for _, s := range all {
		if len(s.windows) == 0 {
			ordered = append(ordered, s)
		}
	}
	nameURLs(ordered)
	return ordered
}

// tab is what a window names: a sheet, and whether it is a dashboard or story.
type tab struct {
	name  string
	board bool
}

// sheetElements lists the sheets in document order, without their windows. A story is a
// dashboard of a type of its own.
func (wb *Workbook) sheetElements() iter.Seq[sheet] {
	return func(yield func(sheet) bool) {
		for _, place := range [...][2]string{{"worksheets", "worksheet"}, {"dashboards", "dashboard"}, {"stories", "story"}} {
			for el := range wb.root.Child(place[0]).Children(place[1]) {
				kind := ViewKind(place[1])
				if el.Value("type") == "storyboard" {
					kind = Story
				}
				if !yield(sheet{el: el, kind: kind, name: el.Value("name")}) {
					return
				}
			}
		}
	}
}

// sheet finds a sheet by its name, as View does.
func (wb *Workbook) sheet(name string) (sheet, error) {
	var found []sheet
	var there, matches []string
	for _, s := range wb.sheets() {
		there = append(there, s.view().String())
		if s.name == name {
			found = append(found, s)
			matches = append(matches, s.view().String())
		}
	}
	switch what := "view " + strconv.Quote(name); len(found) {
	case 0:
		return sheet{}, &tds.NotFoundError{What: what, There: there}
	case 1:
		return found[0], nil
	default:
		return sheet{}, &tds.AmbiguousError{What: what, Matches: matches}
	}
}
