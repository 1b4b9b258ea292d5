package documents_test

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// filterVerbs set filters of every kind, on data sources and their extracts.
var filterVerbs = func() map[string]verb {
	text := []tds.Value{tds.String(`50% "acme" #1 \ ' é` + "\r\n"), tds.Null(), tds.String("%null%")}
	from := tds.Date(time.Date(2023, 1, 3, 0, 0, 0, 0, time.UTC))
	anchored := tds.Periods{Period: tds.Year, First: -1, ToDate: true, Anchor: from}
	kinds := map[string]struct {
		of     []string // datatypes
		filter func(field string) tds.Filter
	}{
		"include":  {[]string{"string"}, func(f string) tds.Filter { return tds.Include(f, text...) }},
		"exclude":  {[]string{"string"}, func(f string) tds.Filter { return tds.Exclude(f, text[0]) }},
		"all":      {[]string{"string"}, tds.IncludeAll},
		"numbers":  {[]string{"integer", "real"}, func(f string) tds.Filter { return tds.Between(f, tds.Integer(1), tds.Real(99.5)) }},
		"dates":    {[]string{"date", "datetime"}, func(f string) tds.Filter { return withNulls(tds.Between(f, from, tds.Null()), tds.NullsIn) }},
		"relative": {[]string{"date", "datetime"}, func(f string) tds.Filter { return tds.During(f, tds.Last(3, tds.Month)) }},
		"to date":  {[]string{"date", "datetime"}, func(f string) tds.Filter { return withNulls(tds.During(f, anchored), tds.NullsIn) }},
	}
	// each does something with a filter of some kinds on every data source that has a field for one.
	each := func(edit func(*tds.Datasource, tds.Filter) (done bool, err error), names ...string) verb {
		return func(f *documents.File) (n int, err error) {
			for ds := range f.Datasources() {
				for _, name := range names {
					c, ok := firstOf(ds, kinds[name].of)
					if !ok {
						continue
					}
					done, failed := edit(ds, kinds[name].filter(c.Name))
					if err = errors.Join(err, failed); done {
						n++
					}
				}
			}
			return n, err
		}
	}
	verbs := map[string]verb{
		"filters set and removed":  each(setAndRemove, slices.Sorted(maps.Keys(kinds))...),
		"extract filters":          each(setExtractFilter, "include", "numbers", "relative"),
		"extract filters of dates": each(setExtractFilter, "all", "dates"),
	}
	for name := range kinds {
		verbs["filter "+name] = each(setFilter, name)
	}
	return verbs
}()

func setFilter(ds *tds.Datasource, filter tds.Filter) (done bool, err error) {
	return true, errors.Join(ds.SetFilter(filter), readsAs(ds, ds.Filters(), filter))
}

func setExtractFilter(ds *tds.Datasource, filter tds.Filter) (done bool, err error) {
	err = ds.SetExtractFilter(filter)
	if errors.Is(err, tds.ErrNotFound) {
		return false, nil // no extract
	}
	return true, errors.Join(err, readsAs(ds, ds.ExtractFilters(), filter))
}

// setAndRemove leaves the filters of the other fields as they were, and none on its own.
func setAndRemove(ds *tds.Datasource, filter tds.Filter) (done bool, err error) {
	c, err := ds.Column(filter.Field)
	if err != nil {
		return false, err
	}
	others := listed(ds.Filters(), c.Label())
	err = errors.Join(ds.SetFilter(filter), ds.RemoveFilter(filter.Field))
	if got := listed(ds.Filters(), ""); !slices.Equal(got, others) {
		err = errors.Join(err, fmt.Errorf("%s: the filters are %q, and were %q", ds, got, others))
	}
	return true, err
}

func withNulls(f tds.Filter, nulls tds.Nulls) tds.Filter {
	f.Nulls = nulls
	return f
}

// firstOf is the first field of a data source that has one of the datatypes and a value for
// every row: calculated measures may have none.
func firstOf(ds *tds.Datasource, datatypes []string) (tds.Column, bool) {
	for c := range ds.Columns() {
		if slices.Contains(datatypes, c.Datatype) && (c.Class == "" || c.Role != "measure") {
			return c, true
		}
	}
	return tds.Column{}, false
}

// listed are filters in words, but for those of one field.
func listed(filters iter.Seq[tds.Filter], but string) []string {
	var out []string
	for f := range filters {
		if f.Field != but || f.Kind == tds.Other {
			out = append(out, f.String())
		}
	}
	return out
}

// readsAs tells whether a filter reads as it was set. Its values are typed by the field:
// a day for a field of moments is its first one.
func readsAs(ds *tds.Datasource, filters iter.Seq[tds.Filter], set tds.Filter) error {
	c, err := ds.Column(set.Field)
	if err != nil {
		return err
	}
	equal := func(a, b tds.Value) bool {
		x, err := a.DataValue(c.Datatype)
		y, err2 := b.DataValue(c.Datatype)
		return a == b || err == nil && err2 == nil && x == y
	}
	for f := range filters {
		if f.Field == c.Label() && f.Kind == set.Kind && f.Nulls == set.Nulls && f.Periods == set.Periods &&
			equal(f.Min, set.Min) && equal(f.Max, set.Max) && slices.EqualFunc(f.Values, set.Values, equal) {
			return nil
		}
	}
	return fmt.Errorf("%s: %s was set, and %q are read", ds, set, listed(filters, ""))
}
