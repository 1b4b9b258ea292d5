package twb

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// Filter is a filter of a worksheet, or one that worksheets share (format 9.1). Field is what
// people see: Order Date, or YEAR(Order Date) where a part of it is filtered, SUM(Sales)
// where an aggregation is. Sets, actions and the names of measures are filtered, too; their
// filters are of kind [tds.Other] or have the values that documents hold.
type Filter struct {
	tds.Filter
	Worksheet  string   // where it stands; empty of one that worksheets share
	Worksheets []string // all that it applies to, see SetFilter
	Datasource string   // what it filters, the internal name
	Column     string   // what it stands on, internal: [none:Region:nk], [yr:Order Date:ok], [Set 1]
	Context    bool     // it is applied before others
}

// FilterPlace says which filters of views are meant. The zero value means all that there are
// on a field, of worksheets and shared ones.
type FilterPlace struct {
	// Worksheet names the one worksheet that is meant. It may have the filter from those
	// that it shares.
	Worksheet string
	// Shared means the filters that all worksheets of a data source share.
	Shared bool
	// Datasource narrows that to a data source, given by its caption or its internal name.
	Datasource string
}

// String is the place in words: `worksheet "Map"`.
func (at FilterPlace) String() string {
	var s string
	switch {
	case at.Worksheet != "":
		s = "worksheet " + strconv.Quote(at.Worksheet)
	case at.Shared:
		s = "the shared filters"
	default:
		s = "the worksheets"
	}
	if at.Datasource != "" {
		s += " in data source " + strconv.Quote(at.Datasource)
	}
	return s
}

// Filters lists the filters of worksheets, in the order of their tabs, then those that
// worksheets share.
func (wb *Workbook) Filters() iter.Seq[Filter] {
	return func(yield func(Filter) bool) {
		vf := wb.viewFilters()
		for p := range vf.all() {
			if !yield(vf.read(p)) {
				return
			}
		}
	}
}

// SetFilter makes f the filter of its field where at says. The filter that is there is
// changed, keeping its place, context, filter group and targets; where at names a worksheet
// or means shared filters, one is added if there is none, with all that it needs: the copies
// of the field and its instance, and the slice of each worksheet (format 9.3). A shared one
// that is added applies to all worksheets whose first data source it filters.
//
// A filter that stands on several worksheets, in one filter group, is one filter, as is a
// shared one: whatever is said of it is said of it everywhere. Where at names one of the
// worksheets, that is noted.
//
// The field is given as people see it, or by its internal name in brackets. Views may filter
// parts of dates beside the date, by other filters: those are named as they are listed,
// YEAR(Order Date), or by what they stand on in brackets, [yr:Order Date:ok], and must be
// there. The values of a year are whole numbers, those of a date cut off to its month dates.
// Filters on aggregations, sets and actions are not set.
//
// A control that shows the filter, on a worksheet or a dashboard, stays as it is. A filter
// that is shown cannot change from a list of values to a range or back, which stands on
// another instance of the field.
//
// No field, worksheet, data source or, with neither a worksheet nor Shared, no such filter is
// a [*tds.NotFoundError]; a field of several data sources, or one with two filters on a
// worksheet, is a [*tds.AmbiguousError]. What is wrong with values is as in
// [tds.Datasource.SetFilter].
func (wb *Workbook) SetFilter(at FilterPlace, f tds.Filter) error {
	return wb.changeFilters("filter on ", at, f.Field, func(vf *viewFilters, found []placed) (err error) {
		if field := tds.PlainField(f.Field); len(found) == 0 && field != f.Field { // it has moved to another instance
			if found, err = vf.find(at, field); err != nil {
				return err
			}
		}
		if len(found) == 0 {
			return vf.add(at, f)
		}
		for _, p := range vf.withCopies(found, at) {
			if err := vf.write(p, f); err != nil {
				return err
			}
		}
		return nil
	})
}

// RemoveFilter removes the filters on a field where at says, given as in
// [Workbook.SetFilter], with what was there for it alone: slices, the cards of worksheets that
// show it, the copies of the field and its instance. A filter that several worksheets have or
// share goes from all of them.
//
// A dashboard that shows the filter as a control is an error: without it the dashboard would
// have to be laid out anew. Such a filter can be set to all values. No filter is a
// [*tds.NotFoundError] that lists those that are there.
func (wb *Workbook) RemoveFilter(at FilterPlace, field string) error {
	return wb.changeFilters("removing the filter on ", at, field, func(vf *viewFilters, found []placed) error {
		if len(found) == 0 {
			return vf.notFound(at, field)
		}
		for _, p := range vf.withCopies(found, at) {
			if err := vf.remove(p); err != nil {
				return err
			}
		}
		return nil
	})
}

// changeFilters runs a verb on the filters that are meant, and says what failed on what.
func (wb *Workbook) changeFilters(doing string, at FilterPlace, field string, verb func(*viewFilters, []placed) error) error {
	err := wb.root.Document().Atomically("", func() error {
		if at.Shared && at.Worksheet != "" {
			return errors.New("a worksheet is named, and filters that worksheets share are asked for")
		}
		vf := wb.viewFilters()
		found, err := vf.find(at, field)
		if err != nil {
			return err
		}
		return verb(vf, found)
	})
	if err != nil {
		return fmt.Errorf("%s%s of %s: %w", doing, strconv.Quote(field), at, err)
	}
	return nil
}

// withCopies are the filters found and, where those are of a filter group, their copies on
// other worksheets. It notes what a worksheet that is named shares with others, and what of
// others filters on its own.
func (vf *viewFilters) withCopies(found []placed, at FilterPlace) []placed {
	all := slices.Clone(found)
	known := map[xmledit.Element]bool{}
	for _, p := range found {
		known[p.el] = true
	}
	for _, p := range found {
		for _, other := range vf.copies(p) {
			if !known[other.el] {
				known[other.el] = true
				all = append(all, other)
			}
		}
		if at.Worksheet != "" {
			vf.noteOthers(p, at.Worksheet)
		}
		if p.view.shared() && (at.Shared || at.Worksheet != "") {
			vf.noteOwn(p)
		}
	}
	return all
}

// noteOthers tells with which other worksheets one has a filter in common.
func (vf *viewFilters) noteOthers(p placed, worksheet string) {
	others := slices.DeleteFunc(vf.worksheets(p), func(name string) bool { return name == worksheet })
	if len(others) > 0 {
		p.view.el.Note("worksheet %s has its filter on %s in common with %s, which changed with it", strconv.Quote(worksheet), p.label(), quoted(others))
	}
}
