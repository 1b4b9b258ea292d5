package templates

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// choose returns what an edit is for among what matches it: one thing, or all of them when the edit says so, or nothing
// when it says that this is fine.
func choose[T any](e resolved, what string, matches []T, there []string, name func(T) string) ([]T, error) {
	switch {
	case len(matches) == 0 && !e.optional:
		return nil, &tds.NotFoundError{What: what + e.where(), There: there}
	case len(matches) > 1 && !e.all:
		var names []string
		for _, m := range matches {
			names = append(names, name(m))
		}
		return nil, ambiguous(&tds.AmbiguousError{What: what + e.where(), Matches: names})
	}
	return matches, nil
}

// advisedError is an error that knows what to do about it.
type advisedError struct {
	error
	hint string
}

func (e *advisedError) Unwrap() error { return e.error }

// Hint says what to do about the error; it shows no secret.
func (e *advisedError) Hint() string { return e.hint }

// ambiguous adds to the error of an edit that matches several things what to do about it.
func ambiguous(err error) error {
	return &advisedError{err, "say more of the one that is meant, or all: true to edit each of them"}
}

// nearestFirst puts the names that are most like what was looked for in front. It takes a while for many names: it is
// for what was not found.
func nearestFirst(name string, names []string) []string {
	far := map[string]int{}
	for _, n := range names {
		far[n] = distance(strings.ToLower(name), strings.ToLower(n))
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(far[a], far[b]) })
	return names
}

// where says to which data source an edit is narrowed.
func (e resolved) where() string {
	if e.datasource == "" {
		return ""
	}
	return " in data source " + strconv.Quote(e.datasource)
}

// datasources returns the data sources that an edit is narrowed to: those with the caption that it names, else the one
// with that internal name. An edit that names none is for all.
func (e resolved) datasources(f *documents.File) ([]*tds.Datasource, error) {
	all := slices.Collect(f.Datasources())
	if e.datasource == "" {
		return all, nil
	}
	var captioned, named []*tds.Datasource
	var there []string
	for _, ds := range all {
		there = append(there, ds.Label())
		if ds.Caption() == e.datasource {
			captioned = append(captioned, ds)
		}
		if ds.Name() == e.datasource {
			named = append(named, ds)
		}
	}
	switch {
	case len(captioned) > 0:
		return captioned, nil
	case len(named) > 0 || e.optional:
		return named, nil
	}
	return nil, &tds.NotFoundError{What: fmt.Sprintf("data source %q", e.datasource), There: there}
}

// withField returns the data source, or all of them when the edit says so, that has a field. Of several that have it,
// only those count that are meant, if there are any.
func (e resolved) withField(f *documents.File, field string, meant func(*tds.Datasource) bool) ([]*tds.Datasource, error) {
	datasources, err := e.datasources(f)
	if err != nil {
		return nil, err
	}
	var matches []*tds.Datasource
	labels := map[string]bool{} // of the fields that there are
	for _, ds := range datasources {
		_, err := ds.Column(field)
		if err == nil {
			matches = append(matches, ds)
			continue
		}
		missing, ok := errors.AsType[*tds.NotFoundError](err)
		if !ok {
			return nil, err
		}
		for _, label := range missing.There {
			labels[label] = true
		}
	}
	if slices.ContainsFunc(matches, meant) {
		matches = slices.DeleteFunc(matches, func(ds *tds.Datasource) bool { return !meant(ds) })
	}
	var there []string
	if len(matches) == 0 {
		there = nearestFirst(field, slices.Sorted(maps.Keys(labels)))
	}
	matches, err = choose(e, "field "+strconv.Quote(field), matches, there, (*tds.Datasource).Label)
	if caption := tds.Unbracket(field); err != nil && caption != field && slices.Contains(there, caption) {
		err = fmt.Errorf("%w (brackets mean the internal name: without them it is the field that is shown as %s)", err, strconv.Quote(caption))
	}
	return matches, err
}

// anyDatasource is for withField: all data sources are meant.
func anyDatasource(*tds.Datasource) bool { return true }

// conversions are the functions of expressions that make a value of a datatype.
var conversions = map[string]string{"integer": "int", "real": "float", "string": "string"}

// advise adds to the error of values how they become those of the datatype: text where a number is needed, or the other
// way round, is a value of the wrong type and not a wrong value. computed says that expressions made some of them.
func advise(err error, computed bool, datatype string, values ...tds.Value) error {
	convert, ok := conversions[datatype]
	isText := func(v tds.Value) bool { return v == tds.String(v.String()) }
	misfit := func(v tds.Value) bool { return v != tds.Null() && isText(v) != (datatype == "string") }
	quoted := func(v tds.Value) bool { // a number or boolean
		_, fits := tds.ParseDataValue(v.String(), datatype)
		return fits && isText(v) && v.String() != "%null%" && slices.Contains([]string{"integer", "real", "boolean"}, datatype)
	}
	switch {
	case computed && ok && slices.ContainsFunc(values, misfit):
		return fmt.Errorf("%w (an expression converts it with %s(…))", err, convert)
	case !computed && slices.ContainsFunc(values, quoted):
		return fmt.Errorf("%w (write it without quotes)", err)
	}
	return err
}
