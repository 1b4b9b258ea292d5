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
	"github.com/tabtemplate/tabtemplate/documents/twb"
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
		return nil, &tds.AmbiguousError{What: what + e.where(), Matches: names}
	}
	return matches, nil
}

// nearestFirst puts the names that are most like what was looked for in front.
func nearestFirst(name string, names []string) []string {
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(distance(strings.ToLower(name), strings.ToLower(a)), distance(strings.ToLower(name), strings.ToLower(b)))
	})
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

func (r *connectionRule) apply(to *Rendering, e resolved) error {
	datasources, err := e.datasources(to.File)
	if err != nil {
		return err
	}
	var matches []*tds.Connection
	var there []string
	for _, ds := range datasources {
		for c := range ds.Connections() {
			there = append(there, describe(c))
			if r.match.Matches(c) {
				matches = append(matches, c)
			}
		}
	}
	matches, err = choose(e, r.match.String(), matches, there, describe)
	if err != nil {
		return err
	}
	for _, c := range matches {
		if err := c.Update(tds.ConnectionPatch{Attrs: r.set}); err != nil {
			return err
		}
		to.touched[c.Datasource().Name()] = true
	}
	return nil
}

func describe(c *tds.Connection) string { return fmt.Sprintf("%s of %s", c, c.Datasource()) }

func (r *parameterRule) apply(to *Rendering, e resolved) error {
	wb, ok := to.File.Workbook()
	if !ok {
		return fmt.Errorf("a %s has no parameters", to.File.Kind())
	}
	var matches []twb.Parameter
	var there []string
	for p := range wb.Parameters() {
		there = append(there, p.Label())
		if p.Label() == r.name || p.Name == r.name {
			matches = append(matches, p)
		}
	}
	matches, err := choose(e, "parameter "+strconv.Quote(r.name), matches, there, func(p twb.Parameter) string { return p.Name })
	if err != nil {
		return err
	}
	for _, p := range matches {
		name := p.Name // the only one that tells several apart
		if len(matches) == 1 {
			name = r.name
		}
		if err := wb.SetParameter(name, r.value); err != nil {
			return advise(err, r.computed, p.Datatype, r.value)
		}
	}
	return nil
}

// conversions are the functions of expressions that make a value of a datatype.
var conversions = map[string]string{"integer": "int", "real": "float", "string": "string"}

// advise adds to the error of values that expressions made how they make one of the datatype: text where a number is
// needed, or the other way round, is a value of the wrong type and not a wrong value.
func advise(err error, computed bool, datatype string, values ...tds.Value) error {
	convert, ok := conversions[datatype]
	misfit := func(v tds.Value) bool {
		isText := v == tds.String(v.String())
		return v != tds.Null() && isText != (datatype == "string")
	}
	if !computed || !ok || !slices.ContainsFunc(values, misfit) {
		return err
	}
	return fmt.Errorf("%w (an expression converts it with %s(…))", err, convert)
}

func (r *filterRule) apply(to *Rendering, e resolved) error {
	datasources, err := e.datasources(to.File)
	if err != nil {
		return err
	}
	var matches []*tds.Datasource
	there := map[string]bool{}
	for _, ds := range datasources {
		switch _, err := ds.Column(r.field); {
		case err == nil:
			matches = append(matches, ds)
		case !errors.Is(err, tds.ErrNotFound):
			return err
		}
		for c := range ds.Columns() {
			there[c.Label()] = true
		}
	}
	what := "field " + strconv.Quote(r.field)
	matches, err = choose(e, what, matches, nearestFirst(r.field, slices.Sorted(maps.Keys(there))), (*tds.Datasource).Label)
	if err != nil {
		return err
	}
	filter := tds.Include(r.field, r.values...)
	if r.exclude {
		filter = tds.Exclude(r.field, r.values...)
	}
	for _, ds := range matches {
		if err := ds.SetFilter(filter); err != nil {
			c, _ := ds.Column(r.field) // found above
			return advise(err, r.computed, c.Datatype, r.values...)
		}
	}
	return nil
}

func (r *publishedRule) apply(to *Rendering, e resolved) error {
	var byCaption, byName, byContentURL []*tds.Datasource
	var there []string
	for ds := range to.File.Datasources() {
		ref, ok := ds.Published()
		if !ok {
			continue
		}
		there = append(there, fmt.Sprintf("%s (content URL %s)", ds.Label(), ref.ContentURL))
		switch r.name {
		case ds.Caption():
			byCaption = append(byCaption, ds)
		case ds.Name():
			byName = append(byName, ds)
		case ref.ContentURL:
			byContentURL = append(byContentURL, ds)
		}
	}
	matches := byContentURL
	for _, better := range [][]*tds.Datasource{byName, byCaption} {
		if len(better) > 0 {
			matches = better
		}
	}
	matches, err := choose(e, "published data source "+strconv.Quote(r.name), matches, there, (*tds.Datasource).Label)
	if err != nil {
		return err
	}
	for _, ds := range matches {
		if err := ds.Repoint(r.to); err != nil {
			return err
		}
		to.repointed[ds.Name()] = true
	}
	return nil
}
