package templates

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// filterSpec sets or removes a data source filter.
var filterSpec = verbSpec{
	key: "filter", what: "the edit of a filter", keys: filterKeys,
	decode: func(d *editDecoder) verb { return decodeFilter(d, "filter") },
}

// extractFilterSpec sets or removes an extract filter.
var extractFilterSpec = verbSpec{
	key: "extract_filter", what: "the edit of an extract filter", keys: filterKeys,
	decode: func(d *editDecoder) verb { return decodeFilter(d, "extract_filter") },
}

// filterShapes are the keys that say what a filter does; an edit has one of them.
var filterShapes = []string{"include", "exclude", "range", "last", "previous", "this", "next", "to_date", "remove"}

// filterKeys are all keys of the edits of filters, but the verb.
var filterKeys = append([]string{"anchor", "manual", "nulls"}, filterShapes...)

type filterVerb struct {
	filterEdit
	extract bool
}

// filterEdit is what the edits of filters have in common, wherever those stand.
type filterEdit struct {
	field            *value
	remove, all      bool  // all: include is the word `all`
	include, exclude *list // at most one of them
	ranged           bool
	min, max         *value
	manual           *value // the values are a list that is typed in
	periods          string // the key of relative dates: last, this, …
	unit             string // of last, previous and next, and maybe of to_date
	count            *value // of them
	period           *value // of this and to_date
	anchor, nulls    *value
}

func decodeFilter(d *editDecoder, key string) verb {
	v := &filterVerb{extract: key == "extract_filter"}
	v.decode(d, key)
	return v
}

func (v *filterEdit) decode(d *editDecoder, key string) {
	d.narrowed()
	d.known[key] = d.selector(&v.field, key)
	d.known["include"] = func(n *yaml.Node) {
		if v.all = n.Kind == yaml.ScalarNode && n.Value == "all"; !v.all {
			v.include = d.list(n, "include", use{secrets: true})
		} else if has(d.node, "manual") {
			d.problem(n, "", "manual is for a list of values, not for all")
		}
	}
	d.known["exclude"] = func(n *yaml.Node) { v.exclude = d.list(n, "exclude", use{secrets: true}) }
	d.known["range"] = func(n *yaml.Node) {
		v.ranged = true
		d.record(n, "range", fields{"min": d.end(&v.min, "min"), "max": d.end(&v.max, "max")})
		if len(n.Content) == 0 && !has(d.node, "nulls") {
			d.problem(n, "", "range must have min, max or both, or the edit nulls")
		}
	}
	for _, key := range []string{"last", "previous", "next"} {
		d.known[key] = func(n *yaml.Node) { v.periods = key; d.counted(v, n, key) }
	}
	for _, key := range []string{"this", "to_date"} {
		d.known[key] = func(n *yaml.Node) {
			if v.periods = key; key == "to_date" && n.Kind == yaml.MappingNode {
				d.counted(v, n, key)
				return
			}
			v.period = d.text(n, key, use{secrets: true})
		}
	}
	d.known["anchor"] = d.end(&v.anchor, "anchor")
	d.known["nulls"] = func(n *yaml.Node) { v.nulls = d.text(n, "nulls", use{secrets: true}) }
	d.known["manual"] = func(n *yaml.Node) { v.manual = d.toggle(n, "manual", use{secrets: true}) }
	d.known["remove"] = d.removal(&v.remove)
	d.oneShape()
}

// oneShape checks that an edit says one thing of its filter, and no more than belongs to it.
func (d *editDecoder) oneShape() {
	var present []string
	for _, key := range filterShapes {
		if has(d.node, key) {
			present = append(present, key)
		}
	}
	switch {
	case len(present) == 0:
		d.problem(d.node, "", "a filter must have one of %s", strings.Join(filterShapes, ", "))
		return
	case len(present) > 1:
		d.problem(d.node, "", "a filter can have only one of %s", strings.Join(present, " and "))
		return
	}
	relative := slices.Contains([]string{"last", "previous", "this", "next", "to_date"}, present[0])
	if has(d.node, "anchor") && !relative {
		d.problem(d.node, "", "anchor is for relative dates, not for %s", present[0])
	}
	if has(d.node, "manual") && present[0] != "include" && present[0] != "exclude" {
		d.problem(d.node, "", "manual is for include and exclude, not for %s", present[0])
	}
	if has(d.node, "nulls") && !relative && present[0] != "range" {
		hint := ""
		if present[0] == "include" || present[0] == "exclude" {
			hint = "null is one of the values"
		}
		d.problem(d.node, hint, "nulls is for range and relative dates, not for %s", present[0])
	}
}

// end decodes an end of a range or the like, which is not there or a value.
func (d *editDecoder) end(to **value, what string) func(n *yaml.Node) {
	return func(n *yaml.Node) { *to = d.value(n, what, use{secrets: true}) }
}

// counted decodes a number of periods: {months: 3}.
func (d *editDecoder) counted(v *filterEdit, n *yaml.Node, what string) {
	known := fields{}
	for name := range periods {
		known[name+"s"] = func(n *yaml.Node) { v.unit, v.count = name, d.value(n, name+"s", use{secrets: true}) }
	}
	if d.record(n, what, known) && len(n.Content) != 2 {
		d.problem(n, "", "%s must have one period, like %s: {months: 3}", what, what)
	}
}

// periods are what the manifest calls the periods of relative dates.
var periods = map[string]tds.Period{
	"year": tds.Year, "quarter": tds.Quarter, "month": tds.Month, "week": tds.Week, "day": tds.Day,
	"hour": tds.Hour, "minute": tds.Minute, "second": tds.Second,
	"iso_year": tds.ISOYear, "iso_quarter": tds.ISOQuarter, "iso_week": tds.ISOWeek,
}

type filterRule struct {
	filterChange
	extract bool
}

// filterChange is a filterEdit for one site.
type filterChange struct {
	remove   bool
	filter   tds.Filter
	computed bool // some of its values, by expressions
}

func (v *filterVerb) resolve(e *evaluator) rule {
	return &filterRule{extract: v.extract, filterChange: v.change(e)}
}

func (v *filterEdit) change(e *evaluator) filterChange {
	field := e.selector(v.field)
	r := filterChange{remove: v.remove, filter: tds.IncludeAll(field)}
	switch {
	case v.include != nil:
		r.filter, r.computed = tds.Include(field, e.values(v.include)...), v.include.computed()
	case v.exclude != nil:
		r.filter, r.computed = tds.Exclude(field, e.values(v.exclude)...), v.exclude.computed()
	case v.ranged:
		r.filter = tds.Between(field, e.notNull(v.min), e.notNull(v.max))
		r.computed = v.min.computed() || v.max.computed()
	case v.periods != "":
		r.filter = tds.During(field, v.resolvePeriods(e))
	}
	r.filter.Nulls, r.filter.Manual = e.nulls(v), e.boolean(v.manual)
	return r
}

// notNull returns the result of a value that may be left out, but not be null: an end that is open by accident would let
// through what it is to keep out.
func (e *evaluator) notNull(v *value) tds.Value {
	before := len(e.found)
	result := e.value(v)
	if v == nil || len(e.found) > before || v.secret && !e.secrets {
		return result
	}
	if result == tds.Null() {
		e.found = append(e.found, v.at.problem("leave it out where there is to be none", "%s must be a value, not null", v.what))
	}
	return result
}

// nulls returns what a filter does with null.
func (e *evaluator) nulls(v *filterEdit) tds.Nulls {
	text, ok := e.text(v.nulls)
	if !ok {
		return tds.NullsOut
	}
	known := map[string]tds.Nulls{"exclude": tds.NullsOut, "include": tds.NullsIn}
	names := "include or exclude"
	if v.ranged && v.min == nil && v.max == nil {
		known["only"] = tds.NullsOnly
		names = "include, exclude or only"
	}
	nulls, ok := known[text]
	if !ok {
		e.found = append(e.found, v.nulls.at.problem("", "nulls must be %s", names))
	}
	return nulls
}

// resolvePeriods evaluates relative dates.
func (v *filterEdit) resolvePeriods(e *evaluator) tds.Periods {
	var p tds.Periods
	switch {
	case v.periods == "to_date" && v.count != nil:
		p = tds.Last(e.count(v.count), periods[v.unit])
		p.ToDate = true
	case v.periods == "this", v.periods == "to_date":
		name, ok := e.text(v.period)
		period, known := periods[name]
		if ok && !known {
			var names []string
			for name := range periods {
				names = append(names, name)
			}
			e.found = append(e.found, v.period.at.problem(suggest(name, names), "%s must be a period like month or year", v.period.what))
		}
		p = tds.This(period)
		p.ToDate = v.periods == "to_date"
	default:
		n := e.count(v.count)
		p = map[string]func(int, tds.Period) tds.Periods{"last": tds.Last, "previous": tds.Previous, "next": tds.Next}[v.periods](n, periods[v.unit])
	}
	p.Anchor = e.notNull(v.anchor)
	return p
}

// count returns the result of a value that is a number of things, 1 or more.
func (e *evaluator) count(v *value) int {
	result, ok := e.eval(v)
	if !ok {
		return 1
	}
	n, ok := result.(int)
	if !ok || n < 1 {
		hint := ""
		if v.computed() {
			hint = "an expression converts it with int(…)"
		}
		e.found = append(e.found, v.at.problem(hint, "%s must be a whole number, 1 or more", v.what))
		return 1
	}
	return n
}

func (r *filterRule) apply(to *Rendering, e resolved) error {
	if r.remove {
		return r.applyRemoval(to, e)
	}
	set, meant := (*tds.Datasource).SetFilter, anyDatasource
	if r.extract {
		set = (*tds.Datasource).SetExtractFilter
		meant = func(ds *tds.Datasource) bool { _, ok := ds.Extract(); return ok }
	}
	matches, err := e.withField(to.File, r.filter.Field, meant)
	if err != nil {
		return err
	}
	for _, ds := range matches {
		if err := set(ds, r.filter); err != nil {
			c, _ := ds.Column(r.filter.Field) // found above
			return r.advise(err, c.Datatype)
		}
		r.touch(to, ds)
	}
	return nil
}

// advise adds to an error what is to be done about values.
func (c *filterChange) advise(err error, datatype string) error {
	return advise(err, c.computed, datatype, slices.Concat(c.filter.Values, []tds.Value{c.filter.Min, c.filter.Max})...)
}

// touch remembers that a data source is asked for other data. What that means to an extract whose own filters change is
// in the notes of the verb.
func (r *filterRule) touch(to *Rendering, ds *tds.Datasource) {
	if !r.extract {
		to.touched[ds.Name()] = true
	}
}

func (r *filterRule) applyRemoval(to *Rendering, e resolved) error {
	datasources, err := e.datasources(to.File)
	if err != nil {
		return err
	}
	what, find, all, remove := "filter", (*tds.Datasource).Filter, (*tds.Datasource).Filters, (*tds.Datasource).RemoveFilter
	if r.extract {
		what, find, all, remove = "extract filter", (*tds.Datasource).ExtractFilter, (*tds.Datasource).ExtractFilters, (*tds.Datasource).RemoveExtractFilter
	}
	var matches []*tds.Datasource
	for _, ds := range datasources {
		switch _, err := find(ds, r.filter.Field); {
		case err == nil:
			matches = append(matches, ds)
		case !errors.Is(err, tds.ErrNotFound):
			return err
		}
	}
	var there []string
	if len(matches) == 0 {
		for _, ds := range datasources {
			for f := range all(ds) {
				there = append(there, f.Field)
			}
		}
		there = nearestFirst(r.filter.Field, there)
	}
	what += " on field " + strconv.Quote(r.filter.Field)
	matches, err = choose(e, what, matches, there, (*tds.Datasource).Label)
	if err != nil {
		return err
	}
	for _, ds := range matches {
		if err := remove(ds, r.filter.Field); err != nil {
			return err
		}
		r.touch(to, ds)
	}
	return nil
}
