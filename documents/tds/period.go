package tds

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Period is a unit of the calendar by which relative dates are counted, as documents
// write it (format 9.2).
type Period string

// The periods. Those of ISO 8601 have weeks that begin on Monday and years of whole
// weeks; documents of Tableau before 2020.4 cannot hold them.
const (
	Year       Period = "year"
	Quarter    Period = "quarter"
	Month      Period = "month"
	Week       Period = "week"
	Day        Period = "day"
	Hour       Period = "hour"
	Minute     Period = "minute"
	Second     Period = "second"
	ISOYear    Period = "iso-year"
	ISOQuarter Period = "iso-quarter"
	ISOWeek    Period = "iso-week"
)

// periods are all there are; the first ones are known to every version.
var periods = []Period{Year, Quarter, Month, Week, Day, Hour, Minute, Second, ISOYear, ISOQuarter, ISOWeek}

// iso tells whether p came with Tableau 2020.4.
func (p Period) iso() bool { return slices.Index(periods, p) > slices.Index(periods, Second) }

// Periods are consecutive periods counted from the current one: First to Last, both
// included, where 0 is the current one and -1 the one before. They are made by [Last],
// [Previous], [This], [Next] and [ToDate], to which an Anchor may be added.
type Periods struct {
	Period      Period
	First, Last int
	// ToDate leaves out what lies in the future: the year to date. Documents say so by
	// include-future='false', as two other tools read and write it; no file of Tableau's
	// own was seen that does.
	ToDate bool
	// Anchor is the date or datetime that counts as now; null is the time at which the
	// filter is applied.
	Anchor Value
}

// Last is the current period and those before it, n in all.
func Last(n int, p Period) Periods { return Periods{Period: p, First: 1 - n} }

// Previous is the n whole periods before the current one.
func Previous(n int, p Period) Periods { return Periods{Period: p, First: -n, Last: -1} }

// This is the current period.
func This(p Period) Periods { return Periods{Period: p} }

// Next is the n periods after the current one.
func Next(n int, p Period) Periods { return Periods{Period: p, First: 1, Last: n} }

// ToDate is the current period up to now: the year to date.
func ToDate(p Period) Periods { return Periods{Period: p, ToDate: true} }

// String is the periods in words: `last 3 months`, `year to date`.
func (p Periods) String() string {
	count := func(word string, n int) string {
		if n == 1 {
			return fmt.Sprintf("%s %s", word, p.Period)
		}
		return fmt.Sprintf("%s %d %ss", word, n, p.Period)
	}
	var s string
	switch {
	case p.First == 0 && p.Last == 0 && p.ToDate:
		s = string(p.Period)
	case p.First == 0 && p.Last == 0:
		s = "this " + string(p.Period)
	case p.First < 0 && p.Last == 0:
		s = count("last", 1-p.First)
	case p.First < 0 && p.Last == -1:
		s = count("previous", -p.First)
	case p.First == 1 && p.Last > 0:
		s = count("next", p.Last)
	default:
		s = fmt.Sprintf("%ss %d to %d", p.Period, p.First, p.Last)
	}
	if p.ToDate {
		s += " to date"
	}
	if p.Anchor != Null() {
		s += " as of " + p.Anchor.String()
	}
	return s
}

// check tells what is wrong with p, its anchor aside.
func (p Periods) check() error {
	if !slices.Contains(periods, p.Period) {
		return &NotFoundError{What: "period " + strconv.Quote(string(p.Period)), There: words(periods)}
	}
	if p.First > p.Last || p.First < math.MinInt32 || p.Last > math.MaxInt32 {
		return fmt.Errorf("there are no %ss from %d to %d, counted from the current one", p.Period, p.First, p.Last)
	}
	return nil
}

func words(all []Period) []string {
	var out []string
	for _, p := range all {
		out = append(out, string(p))
	}
	return out
}

// isoPeriods is the feature that brought period-type-v2.
const isoPeriods = "ISO8601PeriodTypes"

// firstISO is the first build that writes period-type-v2 (hard case 59).
const firstISO = 20204

// periodAttr is the attribute in which the document holds a period: in the form it
// already uses, else in that of its build, and in the new one if the build is unknown.
// What the new form needs in the manifest is put there.
func (ds *Datasource) periodAttr(p Period) (string, error) {
	if ds.writesNewPeriods() {
		return "period-type-v2", ds.requireFeature(isoPeriods)
	}
	if p.iso() {
		return "", fmt.Errorf("the document is of a version before Tableau 2020.4, which knows no period %q", p)
	}
	return "period-type", nil
}

func (ds *Datasource) writesNewPeriods() bool {
	root := ds.el.Document().Root()
	if root.Find(manifestName, isoPeriods).Exists() {
		return true
	}
	old := false
	for el := range root.Descendants("filter", "groupfilter", "range") {
		if _, ok := el.Attr("period-type-v2"); ok {
			return true
		}
		if _, ok := el.Attr("period-type"); ok {
			old = true
		}
	}
	build := ds.build()
	return !old && (build == 0 || build >= firstISO)
}
