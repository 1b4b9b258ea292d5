package tds_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

const (
	manifestOfFX1 = "    <ObjectModelEncapsulateLegacy />\n"
	isoEntry      = "    <ISO8601PeriodTypes />\n"
)

// relativeX is a document with a filter of relative dates on X.
func relativeX(t testing.TB, in, attrs string) string {
	t.Helper()
	return doctest.Replace(t, in, beforeLayout, instanceOfX+beforeLayout,
		beforeGraph, "      <filter class='relative-date' column='[none:X:qk]' filter-group='2' "+attrs+" />\n"+beforeGraph)
}

// TestRelativeDates is hard case 59 in a document of today, for every period.
func TestRelativeDates(t *testing.T) {
	t.Parallel()
	const ends = "first-period='%d' include-future='true' include-null='false' last-period='%d' period-type-v2='%s'"
	in := fieldX(t, "datetime")
	edited := func(p tds.Periods, words, attrs string) {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			filter := tds.During("X", p)
			want := doctest.Replace(t, relativeX(t, in, attrs), manifestOfFX1, isoEntry+manifestOfFX1)
			f := doctest.Edited(t, in, setFilter(filter), want)
			assertFilter(t, f, filter)
			if got := filter.String(); got != "X "+words {
				t.Errorf("in words it is %q", got)
			}
		})
	}
	for _, p := range []tds.Period{
		tds.Year, tds.Quarter, tds.Month, tds.Week, tds.Day, tds.Hour, tds.Minute, tds.Second, tds.ISOYear, tds.ISOQuarter, tds.ISOWeek,
	} {
		edited(tds.Last(3, p), fmt.Sprintf("last 3 %ss", p), fmt.Sprintf(ends, -2, 0, p)) // not -3 to 0, which are four
		edited(tds.Previous(1, p), "previous "+string(p), fmt.Sprintf(ends, -1, -1, p))
		edited(tds.This(p), "this "+string(p), fmt.Sprintf(ends, 0, 0, p))
		edited(tds.Next(2, p), fmt.Sprintf("next 2 %ss", p), fmt.Sprintf(ends, 1, 2, p))
		edited(tds.ToDate(p), string(p)+" to date", strings.Replace(fmt.Sprintf(ends, 0, 0, p), "future='true'", "future='false'", 1))
	}
	edited(tds.Periods{Period: tds.Month, First: -5, Last: -2}, "months -5 to -2", fmt.Sprintf(ends, -5, -2, tds.Month))
	edited(tds.Periods{Period: tds.Year, First: -1, ToDate: true}, "last 2 years to date",
		strings.Replace(fmt.Sprintf(ends, -1, 0, tds.Year), "future='true'", "future='false'", 1))
	anchored := tds.Last(2, tds.Week)
	anchored.Anchor = tds.Date(time.Date(2024, 6, 30, 0, 0, 0, 0, time.UTC))
	edited(anchored, "last 2 weeks as of 2024-06-30", strings.Replace(fmt.Sprintf(ends, -1, 0, tds.Week), "period-type", "period-anchor='#2024-06-30#' period-type", 1))
	anchored.Anchor = tds.DateTime(time.Date(2024, 6, 30, 10, 30, 0, 0, time.UTC))
	edited(anchored, "last 2 weeks as of 2024-06-30 10:30:00", strings.Replace(fmt.Sprintf(ends, -1, 0, tds.Week), "period-type", "period-anchor='#2024-06-30 10:30:00#' period-type", 1))
}

func TestRelativeDatesAndNull(t *testing.T) {
	t.Parallel()
	filter := tds.During("X", tds.This(tds.Year))
	filter.Nulls = tds.NullsIn
	in := fieldX(t, "datetime")
	want := doctest.Replace(t, relativeX(t, in, "first-period='0' include-future='true' include-null='true' last-period='0' period-type-v2='year'"),
		manifestOfFX1, isoEntry+manifestOfFX1)
	assertFilter(t, doctest.Edited(t, in, setFilter(filter), want), filter)
	if got := filter.String(); got != "X this year or null" {
		t.Errorf("in words it is %q", got)
	}
}

// TestRelativeDatesAsTheFileHasThem is the rest of hard case 59: which of the two forms is
// written, and what the new one needs in the manifest.
func TestRelativeDatesAsTheFileHasThem(t *testing.T) {
	t.Parallel()
	const (
		build    = "<!-- build 20243.24.1010.1014                               -->\n"
		manifest = "  <document-format-change-manifest>\n" + manifestOfFX1 + "  </document-format-change-manifest>\n"
		entries  = "  <document-format-change-manifest>\n" + isoEntry + "  </document-format-change-manifest>\n"
		both     = "  <document-format-change-manifest>\n" + isoEntry + manifestOfFX1 + "  </document-format-change-manifest>\n"
		attrs    = "first-period='-2' include-future='true' include-null='false' last-period='0' "
		oldForm  = attrs + "period-type='month'"
		newForm  = attrs + "period-type-v2='month'"
	)
	built := func(n string) string { return strings.Replace(build, "20243.24", n, 1) }
	view := func(form string) string {
		return "  </datasources>\n  <worksheets><worksheet name='S'><table><view><filter class='relative-date' column='[federated.a].[none:Y:qk]' first-period='0' last-period='0' " + form + "='day' /></view></table></worksheet></worksheets>\n"
	}
	for _, c := range []struct {
		name   string
		before []string // replaced in FX1
		after  []string // replaced in the document so made
		attrs  string
	}{
		{"case 59, no manifest", []string{manifest, ""}, []string{"  <datasources>\n", entries + "  <datasources>\n"}, newForm},
		{"case 59, listed already", []string{manifest, both}, nil, newForm},
		{"case 59, build 20191", []string{build, built("20191.19")}, nil, oldForm},
		{"the last build of the old form", []string{build, built("20203.20")}, nil, oldForm},
		{"the first build of the new form", []string{build, built("20204.20")}, []string{manifest, both}, newForm},
		{"an old build with five digits", []string{build, built("10300.19")}, nil, oldForm},
		{"build unknown", []string{build, ""}, []string{manifest, both}, newForm},
		{"build unknown, old form used", []string{build, "", "  </datasources>\n", view("period-type")}, nil, oldForm},
		{"build unknown, new form used", []string{build, "", "  </datasources>\n", view("period-type-v2")}, []string{manifest, both}, newForm},
		{"old form used in a new build", []string{"  </datasources>\n", view("period-type")}, nil, oldForm},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := doctest.Replace(t, fieldX(t, "date"), c.before...)
			want := doctest.Replace(t, relativeX(t, in, c.attrs), c.after...)
			filter := tds.During("X", tds.Last(3, tds.Month))
			assertFilter(t, doctest.Edited(t, in, setFilter(filter), want), filter)
		})
	}
	old := doctest.Replace(t, fieldX(t, "date"), build, built("20191.19"))
	doctest.Refused(t, old, setFilter(tds.During("X", tds.This(tds.ISOWeek))), "before Tableau 2020.4", `"iso-week"`)
}

// TestRelativeDatesInADatasourceFile finds the manifest at the root of the file.
func TestRelativeDatesInADatasourceFile(t *testing.T) {
	t.Parallel()
	const in = `<datasource formatted-name='Orders' version='18.1'>
  <column datatype='date' name='[X]' role='dimension' type='ordinal' />
</datasource>
`
	want := doctest.Replace(t, in, "  <column", "  <document-format-change-manifest>\n    <ISO8601PeriodTypes />\n  </document-format-change-manifest>\n  <column",
		"</datasource>", instanceOfX[4:]+"  <filter class='relative-date' column='[none:X:qk]' filter-group='2' first-period='0' include-future='true' include-null='false' last-period='0' period-type-v2='year' />\n</datasource>")
	doctest.Edited(t, in, setFilter(tds.During("X", tds.This(tds.Year))), want)
}

func TestRelativeDatesReplace(t *testing.T) {
	t.Parallel()
	with := func(filter, entry string) string {
		return doctest.Replace(t, fieldX(t, "date"), beforeGraph, "      "+filter+"\n"+beforeGraph, manifestOfFX1, entry+manifestOfFX1)
	}
	const before = "<filter class='relative-date' column='[none:X:qk]' context='true' first-period='-9' include-future='false' include-null='true' last-period='-3' period-anchor='#2024-01-01#' period-type-v2='week'><target field='[b].[X]' /></filter>"
	const after = "<filter class='relative-date' column='[none:X:qk]' context='true' first-period='0' include-future='true' include-null='false' last-period='0' period-type-v2='year'><target field='[b].[X]' /></filter>"
	this := setFilter(tds.During("X", tds.This(tds.Year)))
	doctest.Edited(t, with(before, ""), this, with(after, isoEntry))

	old := strings.NewReplacer("-v2", "").Replace
	doctest.Edited(t, with(old(before), isoEntry), this, with(after, isoEntry))
	doctest.Edited(t, with(old(before), ""), this, with(old(after), ""))
}

func TestRelativeDatesRefused(t *testing.T) {
	t.Parallel()
	during := func(p tds.Periods) tds.Filter { return tds.During("X", p) }
	anchor := func(v tds.Value) tds.Filter {
		p := tds.This(tds.Day)
		p.Anchor = v
		return during(p)
	}
	only := during(tds.This(tds.Day))
	only.Nulls = tds.NullsOnly
	for _, c := range []struct {
		name, datatype string
		filter         tds.Filter
		words          []string
	}{
		{"a number", "integer", during(tds.This(tds.Day)), []string{"for dates, the datatype is integer"}},
		{"no period", "date", during(tds.Periods{}), []string{`no period ""`, "year, quarter, month"}},
		{"misspelt", "date", during(tds.This("years")), []string{`no period "years"`}},
		{"last none", "date", during(tds.Last(0, tds.Day)), []string{"no days from 1 to 0"}},
		{"next none", "date", during(tds.Next(0, tds.Day)), []string{"no days from 1 to 0"}},
		{"too many", "date", during(tds.Last(1<<40, tds.Day)), []string{"no days from"}},
		{"too far", "date", during(tds.Next(1<<40, tds.Day)), []string{"no days from"}},
		{"anchored to text", "date", anchor(tds.String("yesterday")), []string{"the anchor", "yesterday"}},
		{"anchored to a number", "date", anchor(tds.Integer(2024)), []string{"the anchor", "2024"}},
		{"only null", "date", only, []string{`nulls "only"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, fieldX(t, c.datatype), setFilter(c.filter), c.words...)
		})
	}
}

func TestRelativeDatesRead(t *testing.T) {
	t.Parallel()
	read := func(attrs string) string {
		ds := datasource(t, "<datasource formatted-name='n'><filter class='relative-date' column='[d]' "+attrs+" /></datasource>")
		for f := range ds.Filters() {
			return f.String()
		}
		return ""
	}
	const ends = "first-period='-22' last-period='0' "
	got := []string{
		read(ends + "period-type='hour'"), // as Tableau 10 to 2019.1 writes it
		read(ends + "period-type-v2='iso-week' include-future='false' include-null='true'"),
		read(ends + "_.fcp.ISO8601PeriodTypes.false...period-type='week' _.fcp.ISO8601PeriodTypes.true...period-type-v2='iso-week'"),
		read(ends + "period-type-v2='day' period-anchor='#2024-02-30#'"),
		read(ends + "period-type-v2='fiscal-year'"),
		read(ends),
		read("first-period='-2' period-type-v2='day'"),
		read("first-period='x' last-period='0' period-type-v2='day'"),
	}
	const other = "d other (relative-date)"
	want := []string{"d last 23 hours", "d last 23 iso-weeks to date or null", "d last 23 iso-weeks", other, other, other, other, other}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("filters (-want +got):\n%s", diff)
	}
}

// TestRulesOnOneRange: two rules that want different things of one filter are a conflict,
// whether the filter was there or the first rule made it.
func TestRulesOnOneRange(t *testing.T) {
	t.Parallel()
	filters := []tds.Filter{
		tds.During("X", tds.This(tds.Year)), tds.During("X", tds.This(tds.Month)), tds.Between("X", tds.String("2024-01-01"), tds.Null()),
		tds.Between("X", tds.Null(), tds.String("2024-01-01")), tds.Include("X", tds.String("2024-01-01")),
	}
	for i, a := range filters {
		for j, b := range filters {
			f := doctest.Open(t, fieldX(t, "date"))
			set := func(rule string, filter tds.Filter) error {
				return f.Atomically(rule, func() error { return setFilter(filter)(f) })
			}
			if err := set("rule 1", a); err != nil {
				t.Fatal(err)
			}
			before := doctest.Written(t, f)
			if err := set("rule 2", b); (err == nil) != (i == j) {
				t.Errorf("%s and then %s: %v", a, b, err)
			}
			if doctest.Written(t, f) != before {
				t.Errorf("%s and then %s changes the first", a, b)
			}
			err := f.Atomically("rule 3", func() error { return first(f).RemoveFilter("X") })
			if _, ok := errors.AsType[*documents.ConflictError](err); !ok {
				t.Errorf("%s and then its removal: %v", a, err)
			}
		}
	}
}

// TestRelativeTimesOfDates refuses hours of what has none.
func TestRelativeTimesOfDates(t *testing.T) {
	t.Parallel()
	doctest.Refused(t, fieldX(t, "date"), setFilter(tds.During("X", tds.Last(3, tds.Hour))), "a date has no hours, a datetime has")
}
