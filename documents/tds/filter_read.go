package tds

import (
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Filters lists the data source filters.
func (ds *Datasource) Filters() iter.Seq[Filter] { return filterPlace{ds, ds.el}.filters() }

// ExtractFilters lists the filters that take rows out of an extract when it is made or
// refreshed; a data source without an extract has none.
func (ds *Datasource) ExtractFilters() iter.Seq[Filter] {
	return filterPlace{ds, ds.el.Child("extract")}.filters()
}

// Filter is the data source filter on a field, given as people see it or by its internal
// name in brackets. None is a [*NotFoundError] that lists the fields which have one,
// several are an [*AmbiguousError].
func (ds *Datasource) Filter(field string) (Filter, error) {
	return filterPlace{ds, ds.el}.filter(field)
}

// ExtractFilter is the extract filter on a field, as [Datasource.Filter] is the data
// source filter; no extract is a [*NotFoundError], too.
func (ds *Datasource) ExtractFilter(field string) (Filter, error) {
	p, err := ds.extractPlace()
	if err != nil {
		return Filter{}, err
	}
	return p.filter(field)
}

func (p filterPlace) filters() iter.Seq[Filter] {
	return func(yield func(Filter) bool) {
		for _, f := range p.read() {
			if !yield(f) {
				return
			}
		}
	}
}

// filter is the filter on a field.
func (p filterPlace) filter(field string) (Filter, error) {
	el, err := p.find(field)
	if err != nil {
		return Filter{}, err
	}
	c, _ := p.ds.Column(PlainField(el.Value("column"))) // maybe none: a set, say
	return readFilter(el, c), nil
}

// read lists the filters with their elements. It looks at the fields of the data source
// once for all of them.
func (p filterPlace) read() iter.Seq2[xmledit.Element, Filter] {
	return func(yield func(xmledit.Element, Filter) bool) {
		fields := map[string]Column{}
		for el := range p.in.Children("filter") {
			fields[PlainField(el.Value("column"))] = Column{}
		}
		if len(fields) == 0 {
			return
		}
		for f := range p.ds.fields() {
			if known, filtered := fields[f.name]; filtered && known.Name == "" {
				fields[f.name] = f.read(nil)
			}
		}
		for el := range p.in.Children("filter") {
			if !yield(el, readFilter(el, fields[PlainField(el.Value("column"))])) {
				return
			}
		}
	}
}

// Hides is for the packages of this module that have filters: it tells whether one only says
// which members are hidden (format 9.2).
func Hides(el xmledit.Element) bool { return el.Value("kind") == "hide" }

// readFilter reads a filter on a field, which may be none of the data source.
func readFilter(el xmledit.Element, field Column) Filter {
	label, datatype := Unbracket(PlainField(el.Value("column"))), "string"
	if field.Name != "" {
		label, datatype = field.Label(), field.Datatype
	}
	f := ReadFilter(el, datatype)
	f.Field = label
	return f
}

// ReadFilter is for the packages of this module that have filters: what a filter says of a
// field of a datatype, without the field.
func ReadFilter(el xmledit.Element, datatype string) Filter {
	f := Filter{Kind: Other, Class: el.Value("class")}
	switch {
	case Hides(el):
	case f.Class == "categorical":
		f.Kind, f.Values = readGroup(el.Child("groupfilter"), datatype)
		f.Manual = isManual(el) && (f.Kind == Including || f.Kind == Excluding)
	case f.Class == "quantitative":
		f.readRange(el)
	case f.Class == "relative-date":
		f.readPeriods(el)
	}
	return f
}

// plainInstance is the name of an instance of a field as it is, not of its year or
// its sum; duplicates have a number.
var plainInstance = regexp.MustCompile(`^\[none:(.+):(?:nk|ok|qk)(?::\d+)?\]$`)

// PlainField is for the packages of this module that have filters: the field of a filter's
// column, without a qualifier: [none:Tenant:nk] filters [Tenant]. What is no instance of a
// field as it is, a sum or a year of it, say, is returned as it is.
func PlainField(column string) string {
	if m := plainInstance.FindStringSubmatch(column); m != nil {
		return "[" + m[1] + "]"
	}
	return column
}

func readGroup(g xmledit.Element, datatype string) (FilterKind, []Value) {
	switch g.Value("function") {
	case "level-members":
		return Everything, nil
	case "member", "union":
		if values, ok := readMembers(g, datatype); ok {
			return Including, values
		}
	case "except":
		var inner []xmledit.Element
		for c := range g.Children("groupfilter") {
			inner = append(inner, c)
		}
		if len(inner) == 2 && inner[0].Value("function") == "level-members" {
			if values, ok := readMembers(inner[1], datatype); ok {
				return Excluding, values
			}
		}
	}
	return Other, nil
}

// readMembers reads one member or a union of members.
func readMembers(g xmledit.Element, datatype string) (values []Value, ok bool) {
	add := func(m xmledit.Element) bool {
		v, ok := ParseDataValue(m.Value("member"), datatype)
		values = append(values, v)
		return ok && m.Value("function") == "member"
	}
	if g.Value("function") == "member" {
		return values, add(g)
	}
	if g.Value("function") != "union" {
		return nil, false
	}
	for m := range g.Children("groupfilter") {
		if !add(m) {
			return nil, false
		}
	}
	return values, len(values) > 0
}

// readRange reads a quantitative filter. Ends count only where the filter is of a range:
// what it was before stays beside the other ways.
func (f *Filter) readRange(el xmledit.Element) {
	switch el.Value("included-values") {
	case "in-range":
	case "in-range-or-null":
		f.Nulls = NullsIn
	case "non-null":
		f.Kind = Ranging
		return
	case "all":
		f.Kind, f.Nulls = Ranging, NullsIn
		return
	case "null":
		f.Kind, f.Nulls = Ranging, NullsOnly
		return
	default:
		return
	}
	from, ok := readEnd(el.Child("min"))
	to, ok2 := readEnd(el.Child("max"))
	if !ok || !ok2 {
		f.Nulls = NullsOut
		return
	}
	f.Kind, f.Min, f.Max = Ranging, from, to
}

// readEnd reads an end of a range; one that is not there is open. It is typed as it is
// written: an end of a field of reals may be 1 as well as 1.0.
func readEnd(el xmledit.Element) (v Value, ok bool) {
	if !el.Exists() {
		return Null(), true
	}
	return parseByForm(strings.TrimSpace(el.Text()))
}

// parseByForm reads a number or date for which no datatype is at hand.
func parseByForm(s string) (v Value, ok bool) {
	for _, datatype := range []string{"integer", "real", "date", "datetime"} {
		if v, ok = ParseDataValue(s, datatype); ok {
			return v, v != Null()
		}
	}
	return Null(), false
}

func (f *Filter) readPeriods(el xmledit.Element) {
	unit, ok := el.Attr("period-type-v2")
	if !ok {
		unit = el.Value("period-type")
	}
	first, err := strconv.Atoi(el.Value("first-period"))
	last, err2 := strconv.Atoi(el.Value("last-period"))
	p := Periods{Period: Period(unit), First: first, Last: last, ToDate: el.Value("include-future") == "false"}
	anchored := true
	if at, ok := el.Attr("period-anchor"); ok {
		p.Anchor, anchored = parseByForm(at)
	}
	if !slices.Contains(periods, p.Period) || err != nil || err2 != nil || !anchored {
		return
	}
	f.Kind, f.Periods = Relative, p
	if el.Value("include-null") == "true" {
		f.Nulls = NullsIn
	}
}
