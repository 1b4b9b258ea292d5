package rest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	usualPage = 100
	maxPage   = 1000
)

// The words that stand for many fields.
const (
	defaultFields = "_default_"
	allFields     = "_all_"
)

// A Query narrows and orders a list. The zero value lists everything, in no order. Filters are checked here; what is wrong with
// Sort and Fields the server tells.
type Query struct {
	Filters  []Filter // all of them have to hold (API 2.3)
	Sort     []Order  // the first counts most (API 2.3)
	Fields   []string // what is answered: _default_, _all_, a field such as name, or one of a child: owner._all_ (API 2.5); nil for the server's choice. LUIDs always are
	PageSize int      // objects fetched by one request: 1 to 1000, 0 for 100

	// Unchecked sends filters, sorts and choices of fields that this package does not know for the list, for servers newer than
	// it is. Else they are refused before anything is sent.
	Unchecked bool
}

// A Filter is one condition of a [Query], made by [Eq], [EqFold], [In], [Has], [Like], [Gt], [Gte], [Lt] or [Lte]. Field names
// are case-sensitive, and so are values but with EqFold. Which fields a list can be filtered by, and how, is in "Filtering and
// Sorting in the Tableau REST API"; a filter that the server would refuse is refused before it is sent, with what there is.
//
// What the server cannot express is narrowed down here: values with a comma or an ampersand, and a second condition on the
// same field. That works for the fields an object of the list has, which are then asked for beside those of Fields.
type Filter struct {
	field, operator string
	values          []string
}

// Eq keeps the objects whose field has the value. A * in the value stands for any text, on recent servers.
func Eq(field, value string) Filter { return Filter{field, "eq", []string{value}} }

// EqFold keeps the objects whose field has the value in upper or lower case: names of users and groups.
func EqFold(field, value string) Filter { return Filter{field, "cieq", []string{value}} }

// Has keeps the objects whose field holds the text: some fields of jobs.
func Has(field, value string) Filter { return Filter{field, "has", []string{value}} }

// Like keeps the objects whose field is like the value, in which * stands for any text: names of groups.
func Like(field, value string) Filter { return Filter{field, "like", []string{value}} }

// In keeps the objects whose field has one of the values.
func In(field string, values ...string) Filter { return Filter{field, "in", slices.Clone(values)} }

// Gt keeps the objects whose field is greater than the value: a number, or a time such as 2026-05-01T06:00:00Z.
func Gt(field, value string) Filter { return Filter{field, "gt", []string{value}} }

// Gte keeps the objects whose field is the value or greater.
func Gte(field, value string) Filter { return Filter{field, "gte", []string{value}} }

// Lt keeps the objects whose field is less than the value.
func Lt(field, value string) Filter { return Filter{field, "lt", []string{value}} }

// Lte keeps the objects whose field is the value or less.
func Lte(field, value string) Filter { return Filter{field, "lte", []string{value}} }

// An Order is one key of a sorted [Query], made by [Asc] or [Desc].
type Order struct{ field, direction string }

// Asc sorts by a field, smallest first.
func Asc(field string) Order { return Order{field, "asc"} }

// Desc sorts by a field, greatest first.
func Desc(field string) Order { return Order{field, "desc"} }

// identified asks for the LUIDs as well, which tell the objects of one page from those of the next.
func (q Query) identified() Query {
	told := func(field string) bool { return field == "id" || field == allFields || field == defaultFields }
	if len(q.Fields) > 0 && !slices.ContainsFunc(q.Fields, told) {
		q.Fields = append(slices.Clone(q.Fields), "id")
	}
	return q
}

// A plan is a query split into what the server does and what is left to do here.
type plan struct {
	query string   // filter and sort parameters, escaped
	local []Filter // to be checked against every object
	page  int
}

// plan checks a query and splits it.
func (q Query) plan(v Version, kinds filterKinds) (plan, error) {
	p := plan{page: cmp.Or(q.PageSize, usualPage)}
	var errs []error
	if p.page < 1 || p.page > maxPage {
		errs = append(errs, fmt.Errorf("page size %d is not between 1 and %d", q.PageSize, maxPage))
	}
	if (len(q.Filters) > 0 || len(q.Sort) > 0) && v.before(sinceFilter) {
		errs = append(errs, &VersionError{Feature: "filters and sorting", Needs: sinceFilter, Speaks: v})
	}
	if len(q.Fields) > 0 && v.before(sinceFields) {
		errs = append(errs, &VersionError{Feature: "a choice of fields", Needs: sinceFields, Speaks: v})
	}
	for _, field := range q.Fields {
		if field == "" || strings.ContainsFunc(field, func(r rune) bool { return !isLetter(r) && r != '_' && r != '.' }) {
			errs = append(errs, fmt.Errorf("%q is not a field to be answered", field))
		}
	}
	if q.Unchecked {
		kinds = anyFilter
	}
	var terms, keys, seen []string
	for _, f := range q.Filters {
		if err := f.check(kinds); err != nil {
			errs = append(errs, err)
			continue
		}
		term, exact := f.term(v)
		if slices.Contains(seen, f.field) { // of two terms on a field the server heeds the last alone
			term, exact = "", false
		}
		if term != "" {
			terms, seen = append(terms, term), append(seen, f.field)
		}
		if !exact {
			p.local = append(p.local, f)
		}
	}
	for _, o := range q.Sort {
		errs = append(errs, checkField(o.field))
		keys = append(keys, o.field+":"+o.direction)
	}
	var parameters []string
	if len(terms) > 0 {
		parameters = append(parameters, "filter="+strings.Join(terms, ","))
	}
	if len(keys) > 0 {
		parameters = append(parameters, "sort="+strings.Join(keys, ","))
	}
	p.query = strings.Join(parameters, "&")
	return p, errors.Join(errs...)
}

// choice is the parameter for the fields to be answered. With those that are chosen it asks for those that filters go by
// here: lists leave out many of them.
func (q Query) choice(local map[string][]place, v Version) string {
	fields := slices.Clone(q.Fields)
	for _, name := range slices.Sorted(maps.Keys(local)) {
		if v.before(sinceFields) {
			break
		}
		field := local[name][0].choice()
		child, _, _ := strings.Cut(field, ".")
		if len(fields) == 0 {
			fields = append(fields, defaultFields)
		}
		if !slices.ContainsFunc(fields, func(have string) bool {
			return have == field || have == allFields || have == child+"."+allFields || have == defaultFields && field == "name"
		}) {
			fields = append(fields, field)
		}
	}
	if len(q.Fields) == 0 && len(fields) == 1 { // the default alone need not be asked for
		return ""
	}
	if len(fields) == 0 {
		return ""
	}
	return "fields=" + strings.Join(fields, ",")
}

func (f Filter) check(kinds filterKinds) error {
	if err := checkField(f.field); err != nil {
		return err
	}
	if err := kinds.check(f); err != nil {
		return err
	}
	if len(f.values) == 0 || slices.Contains(f.values, "") {
		return fmt.Errorf("filter on %q has an empty value", f.field)
	}
	if isRange(f.operator) {
		if _, ok := measure(f.values[0]); !ok {
			return fmt.Errorf("filter on %q: %q is neither a number nor a time such as 2026-05-01T06:00:00Z", f.field, f.values[0])
		}
	}
	return nil
}

func checkField(field string) error {
	if field == "" || strings.ContainsFunc(field, func(r rune) bool { return !isLetter(r) }) {
		return fmt.Errorf("%q is not the name of a field", field)
	}
	return nil
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func isRange(operator string) bool { return operator[0] == 'g' || operator[:2] == "lt" }

// term is what the server is sent for a filter, and whether that is all of it. The server splits at commas and ampersands
// after it has decoded them, so they cannot be sent at all: a wildcard takes their place, or the whole term is left out.
func (f Filter) term(v Version) (term string, exact bool) {
	unsendable := func(value string) bool { return strings.ContainsAny(value, ",&") }
	if f.operator == "in" {
		if slices.ContainsFunc(f.values, func(s string) bool { return strings.ContainsAny(s, ",&[]") }) {
			return "", false
		}
		escaped := make([]string, len(f.values))
		for i, value := range f.values {
			escaped[i] = escapeQuery(value)
		}
		return f.field + ":in:[" + strings.Join(escaped, ",") + "]", true
	}
	value := f.values[0]
	if !unsendable(value) {
		return f.field + ":" + f.operator + ":" + escapeQuery(value), true
	}
	if f.operator != "eq" || v.before(sinceWildcards) {
		return "", false
	}
	wider := strings.NewReplacer(",", "*", "&", "*").Replace(value)
	return f.field + ":eq:" + escapeQuery(wider), false
}

// matches checks a filter against the values of an object's field.
func (f Filter) matches(have []string) bool {
	return slices.ContainsFunc(have, func(value string) bool {
		switch f.operator {
		case "eq":
			return matchWildcard(f.values[0], value)
		case "in":
			return slices.Contains(f.values, value)
		case "cieq":
			return strings.EqualFold(f.values[0], value)
		case "has":
			return strings.Contains(value, f.values[0])
		case "like":
			return matchWildcard(f.values[0], value)
		}
		a, okA := measure(value)
		b, okB := measure(f.values[0])
		if !okA || !okB {
			return false
		}
		switch order := cmp.Compare(a, b); f.operator {
		case "gt":
			return order > 0
		case "gte":
			return order >= 0
		case "lt":
			return order < 0
		default:
			return order <= 0
		}
	})
}

// measure makes a number of a number or a time.
func measure(s string) (float64, bool) {
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		return n, true
	}
	t, err := time.Parse(time.RFC3339, s)
	return float64(t.Unix()), err == nil
}

// matchWildcard says whether a text is the pattern, in which * stands for any text.
func matchWildcard(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return pattern == text
	}
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, ok := strings.Cut(text, part)
		if !ok {
			return false
		}
		text = after
	}
	return true
}
