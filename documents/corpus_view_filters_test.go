package documents_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// viewFilterVerbs hold real files to the verbs of view filters.
var viewFilterVerbs = map[string]verb{
	"view filters set":               setViewFilters,
	"view filters set everywhere":    setFiltersEverywhere,
	"view filters removed":           removeViewFilters,
	"view filters added":             eachNewFilter((*twb.Workbook).SetFilter),
	"view filters added and removed": eachNewFilter(addAndRemove),
	"shared filters added":           addSharedFilters,
}

// placeOf is where a filter stands, and no other.
func placeOf(f twb.Filter) twb.FilterPlace {
	return twb.FilterPlace{Worksheet: f.Worksheet, Shared: f.Worksheet == "", Datasource: f.Datasource}
}

// someFilter is a filter of a field, for its datatype.
func someFilter(field, datatype string) tds.Filter {
	switch datatype {
	case "integer", "real":
		return tds.Between(field, tds.Integer(1), tds.Integer(99))
	case "boolean":
		return tds.Include(field, tds.Boolean(true))
	case "date", "datetime":
		return tds.Between(field, tds.Date(time.Date(2023, 1, 3, 0, 0, 0, 0, time.UTC)), tds.Null())
	}
	return tds.Include(field, tds.String(`50% "acme" #1 \ ' é`), tds.Null())
}

// newFilterFor is what each filter of a file is set to: a list stays one, as it may be shown.
func newFilterFor(wb *twb.Workbook, f twb.Filter) (set tds.Filter, ok bool) {
	field := tds.PlainField(f.Column)
	ds, err := wb.Datasource(f.Datasource)
	switch {
	case err != nil:
		return set, false
	case strings.HasPrefix(f.Column, "[yr:"):
		return tds.Exclude(f.Column, tds.Integer(2010)), true
	case strings.HasPrefix(f.Column, "[tyr:"), strings.HasPrefix(f.Column, "[tmn:"):
		return someFilter(f.Column, "date"), true
	}
	c, err := ds.Column(field)
	if err != nil || field == f.Column && f.Class != "categorical" {
		return set, false
	}
	if strings.HasSuffix(f.Column, ":qk]") {
		return someFilter(f.Column, c.Datatype), true
	}
	return tds.IncludeAll(f.Column), true
}

// setViewFilters changes every filter on a field as it is, or a part of a date.
func setViewFilters(f *documents.File) (n int, err error) {
	wb, ok := f.Workbook()
	if !ok {
		return 0, nil
	}
	for _, filter := range slices.Collect(wb.Filters()) {
		if set, ok := newFilterFor(wb, filter); ok {
			n++
			err = errors.Join(err, wb.SetFilter(placeOf(filter), set), viewReadsAs(wb, placeOf(filter), set))
		}
	}
	return n, err
}

// setFiltersEverywhere changes all filters on a field in one go.
func setFiltersEverywhere(f *documents.File) (n int, err error) {
	wb, ok := f.Workbook()
	if !ok {
		return 0, nil
	}
	for _, filter := range slices.Collect(wb.Filters()) {
		if set, ok := newFilterFor(wb, filter); ok {
			n++
			everywhere := twb.FilterPlace{Datasource: filter.Datasource}
			err = errors.Join(err, wb.SetFilter(everywhere, set))
			for other := range wb.Filters() {
				if other.Column == filter.Column && other.Datasource == filter.Datasource {
					err = errors.Join(err, viewReadsAs(wb, placeOf(other), set))
				}
			}
		}
	}
	return n, err
}

// removeViewFilters removes every filter that no dashboard shows.
func removeViewFilters(f *documents.File) (n int, err error) {
	wb, ok := f.Workbook()
	if !ok {
		return 0, nil
	}
	for _, filter := range slices.Collect(wb.Filters()) {
		failed := wb.RemoveFilter(placeOf(filter), filter.Column)
		if failed != nil && strings.Contains(failed.Error(), "shows the filter as a control") || errors.Is(failed, tds.ErrNotFound) {
			continue // hidden members are no filter that people see
		}
		n++
		err = errors.Join(err, failed)
		if gone := viewReadsAs(wb, placeOf(filter), tds.Filter{Field: filter.Column, Kind: filter.Kind, Values: filter.Values, Nulls: filter.Nulls}); gone == nil {
			err = errors.Join(err, fmt.Errorf("%s of %s is still there", filter, placeOf(filter)))
		}
	}
	return n, err
}

// eachNewFilter does something with a new filter of each kind on each worksheet.
func eachNewFilter(edit func(*twb.Workbook, twb.FilterPlace, tds.Filter) error) verb {
	return func(f *documents.File) (n int, err error) {
		wb, ok := f.Workbook()
		if !ok {
			return 0, nil
		}
		for v := range wb.Views() {
			for ds := range wb.Datasources() {
				for _, datatype := range []string{"string", "date", "real"} {
					at := twb.FilterPlace{Worksheet: v.Name, Datasource: ds.Name()}
					c, ok := firstOf(ds, []string{datatype})
					if !ok {
						continue
					}
					failed := edit(wb, at, someFilter(c.Name, datatype))
					if errors.Is(failed, tds.ErrNotFound) {
						continue // the worksheet does not use the data source
					}
					n++
					err = errors.Join(err, failed)
				}
			}
		}
		return n, err
	}
}

func addAndRemove(wb *twb.Workbook, at twb.FilterPlace, set tds.Filter) error {
	before := slices.Collect(wb.Filters())
	if slices.ContainsFunc(before, func(f twb.Filter) bool {
		return f.Worksheet == at.Worksheet && f.Datasource == at.Datasource && tds.PlainField(f.Column) == set.Field
	}) {
		return tds.ErrNotFound // none that is new
	}
	if err := wb.SetFilter(at, set); err != nil {
		return err
	}
	if err := errors.Join(viewReadsAs(wb, at, set), wb.RemoveFilter(at, set.Field)); err != nil {
		return err
	}
	if after := slices.Collect(wb.Filters()); len(after) != len(before) {
		return fmt.Errorf("%d filters where there were %d", len(after), len(before))
	}
	return nil
}

// addSharedFilters adds a shared filter to each data source.
func addSharedFilters(f *documents.File) (n int, err error) {
	wb, ok := f.Workbook()
	if !ok {
		return 0, nil
	}
	for ds := range wb.Datasources() {
		c, ok := firstOf(ds, []string{"string"})
		if !ok {
			continue
		}
		n++
		at, set := twb.FilterPlace{Shared: true, Datasource: ds.Name()}, someFilter(c.Name, c.Datatype)
		err = errors.Join(err, wb.SetFilter(at, set), viewReadsAs(wb, at, set))
	}
	return n, err
}

// viewReadsAs tells whether the filter of a place reads as it was set.
func viewReadsAs(wb *twb.Workbook, at twb.FilterPlace, set tds.Filter) error {
	var there []string
	for f := range wb.Filters() {
		if placeOf(f) != at {
			continue
		}
		on := f.Column == set.Field || tds.PlainField(f.Column) == tds.PlainField(set.Field)
		if on && f.Kind == set.Kind && slices.Equal(f.Values, set.Values) && f.Nulls == set.Nulls {
			return nil
		}
		there = append(there, f.Column+" "+f.String())
	}
	return fmt.Errorf("%s: %s was set, and %q are read", at, set, there)
}
