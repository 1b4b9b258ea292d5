package tds

import (
	"strings"
)

// FilterKind says what a filter does with the rows.
type FilterKind string

// The kinds of filter. Other stands for shapes that are read but not made here:
// conditions, top N, sets, hidden members and what later versions bring.
const (
	Including  FilterKind = "include"  // keeps the rows that have one of the values
	Excluding  FilterKind = "exclude"  // drops them
	Everything FilterKind = "all"      // keeps every row
	Ranging    FilterKind = "range"    // keeps what lies between two ends
	Relative   FilterKind = "relative" // keeps periods counted from the current one
	Other      FilterKind = "other"
)

// Nulls says what a filter of kind [Ranging] or [Relative] does with rows whose field is
// null.
type Nulls string

// What can be done with null. The zero value leaves it out, as Tableau does unless told.
const (
	NullsOut  Nulls = ""
	NullsIn   Nulls = "include" // they are kept, too
	NullsOnly Nulls = "only"    // nothing else is kept; of a range without ends
)

// Filter is a filter of a data source, of an extract or of views (format 9). As an argument it is
// made by [Include], [Exclude], [IncludeAll], [Between] or [During]; Manual may be set of the
// first two, Nulls of the last two.
type Filter struct {
	Field    string // as people see it, or the internal name in brackets
	Kind     FilterKind
	Values   []Value // included or excluded
	Min, Max Value   // of a range, both within it; null is an open end
	Periods  Periods // of relative dates
	Nulls    Nulls   // of a range or relative dates
	// Manual makes Tableau show the values, included or excluded, as a list that was typed
	// in, which need not be in the data. It makes no difference to the rows. A filter that
	// is changed stays such a list; false does not make it another one.
	Manual bool
	Class  string // as read: categorical, quantitative, relative-date
}

// Include keeps the rows whose field has one of the values; null is a value.
func Include(field string, values ...Value) Filter {
	return Filter{Field: field, Kind: Including, Values: values}
}

// Exclude drops the rows whose field has one of the values.
func Exclude(field string, values ...Value) Filter {
	return Filter{Field: field, Kind: Excluding, Values: values}
}

// IncludeAll keeps all rows: the filter stands, but takes nothing away.
func IncludeAll(field string) Filter { return Filter{Field: field, Kind: Everything} }

// Between keeps the rows whose number, date or datetime lies between two ends, both of
// them within. Null is an open end; with both open all rows are kept but those whose
// field is null. Null rows are dropped unless Nulls of the result is set. A day as the
// end of a range of datetimes is its first moment.
func Between(field string, from, to Value) Filter {
	return Filter{Field: field, Kind: Ranging, Min: from, Max: to}
}

// During keeps the rows whose date or datetime lies in periods counted from the current
// one: During("Order Date", Last(3, Month)).
func During(field string, p Periods) Filter {
	return Filter{Field: field, Kind: Relative, Periods: p}
}

// String is the filter in words: `Tenant include acme`, `Amount range 1 to 99.5`,
// `Order Date last 3 months`.
func (f Filter) String() string {
	switch f.Kind {
	case Ranging:
		return f.Field + " range " + f.span()
	case Relative:
		s := f.Field + " " + f.Periods.String()
		if f.Nulls == NullsIn {
			s += " or null"
		}
		return s
	case Other:
		return f.Field + " other (" + f.Class + ")"
	}
	values := make([]string, len(f.Values))
	for i, v := range f.Values {
		values[i] = v.String()
	}
	return strings.TrimSpace(f.Field + " " + string(f.Kind) + " " + strings.Join(values, ", "))
}

// span is a range in words.
func (f Filter) span() string {
	var s string
	switch {
	case f.Nulls == NullsOnly:
		return "only null"
	case f.Min == Null() && f.Max == Null():
		if f.Nulls == NullsIn {
			return "any"
		}
		return "any but null"
	case f.Max == Null():
		s = "from " + f.Min.String()
	case f.Min == Null():
		s = "to " + f.Max.String()
	default:
		s = f.Min.String() + " to " + f.Max.String()
	}
	if f.Nulls == NullsIn {
		s += " or null"
	}
	return s
}
