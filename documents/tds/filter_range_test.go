package tds_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// The field X of the tests below, in each of the ways that Tableau types one.
var columnsOf = map[string]string{
	"string":   `<column datatype='string' name='[X]' role='dimension' type='nominal' />`,
	"boolean":  `<column datatype='boolean' name='[X]' role='dimension' type='nominal' />`,
	"integer":  `<column datatype='integer' name='[X]' role='measure' type='quantitative' />`,
	"real":     `<column datatype='real' name='[X]' role='measure' type='quantitative' />`,
	"date":     `<column datatype='date' name='[X]' role='dimension' type='ordinal' />`,
	"datetime": `<column datatype='datetime' name='[X]' role='dimension' type='ordinal' />`,
}

const (
	tenantColumn = "      <column datatype='string' name='[Tenant]' role='dimension' type='nominal' />\n"
	instanceOfX  = "      <column-instance column='[X]' derivation='None' name='[none:X:qk]' pivot='key' type='quantitative' />\n"
	beforeLayout = "      <layout "
	beforeGraph  = "      <object-graph>\n"
)

// fieldX is FX1 with a field X of a datatype.
func fieldX(t testing.TB, datatype string) string {
	t.Helper()
	return doctest.Replace(t, doctest.FX1, tenantColumn, tenantColumn+"      "+columnsOf[datatype]+"\n")
}

// rangeOfX is a document with a range of X; dates stand on an instance.
func rangeOfX(t testing.TB, datatype, included string, ends ...string) string {
	t.Helper()
	in, column := fieldX(t, datatype), "[X]"
	if strings.HasPrefix(datatype, "date") {
		in, column = doctest.Replace(t, in, beforeLayout, instanceOfX+beforeLayout), "[none:X:qk]"
	}
	filter := "      <filter class='quantitative' column='" + column + "' filter-group='2' included-values='" + included + "'"
	if len(ends) == 0 {
		filter += " />\n"
	} else {
		filter += ">\n        " + strings.Join(ends, "\n        ") + "\n      </filter>\n"
	}
	return doctest.Replace(t, in, beforeGraph, filter+beforeGraph)
}

// assertFilter checks that the one filter there is reads as what was set.
func assertFilter(t *testing.T, f *documents.File, want tds.Filter) {
	t.Helper()
	var got []tds.Filter
	for filter := range first(f).Filters() {
		filter.Class = ""
		got = append(got, filter)
	}
	if diff := cmp.Diff([]tds.Filter{want}, got, cmp.Comparer(func(a, b tds.Value) bool { return a == b })); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

// TestRanges is hard case 58.
func TestRanges(t *testing.T) {
	t.Parallel()
	day := func(s string) tds.Value {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return tds.Date(at)
	}
	at := tds.DateTime(time.Date(2024, 7, 16, 10, 30, 0, 250_000_000, time.UTC))
	null := tds.Null()
	for _, c := range []struct {
		name, datatype string
		from, to       tds.Value
		nulls          tds.Nulls
		included       string
		ends           []string
		words          string
	}{
		{"case 58, 1 to 99.5", "real", tds.Integer(1), tds.Real(99.5), tds.NullsOut, "in-range", []string{"<min>1</min>", "<max>99.5</max>"}, "X range 1 to 99.5"},
		{"case 58, only min", "real", tds.Real(1), null, tds.NullsOut, "in-range", []string{"<min>1.0</min>"}, "X range from 1"},
		{"only max", "integer", null, tds.Integer(180), tds.NullsOut, "in-range", []string{"<max>180</max>"}, "X range to 180"},
		{"whole numbers between halves", "integer", tds.Real(0.5), tds.Integer(7), tds.NullsOut, "in-range", []string{"<min>0.5</min>", "<max>7</max>"}, "X range 0.5 to 7"},
		{"one number", "integer", tds.Integer(-7), tds.Integer(-7), tds.NullsOut, "in-range", []string{"<min>-7</min>", "<max>-7</max>"}, "X range -7 to -7"},
		{"case 58, dates", "date", day("2023-01-03"), day("2024-07-16"), tds.NullsOut, "in-range", []string{"<min>#2023-01-03#</min>", "<max>#2024-07-16#</max>"}, "X range 2023-01-03 to 2024-07-16"},
		{"since a day", "date", day("2023-01-03"), null, tds.NullsIn, "in-range-or-null", []string{"<min>#2023-01-03#</min>"}, "X range from 2023-01-03 or null"},
		{"a moment", "datetime", null, at, tds.NullsOut, "in-range", []string{"<max>#2024-07-16 10:30:00.25#</max>"}, "X range to 2024-07-16 10:30:00.25"},
		{"case 58, null too", "real", tds.Real(1), tds.Real(2), tds.NullsIn, "in-range-or-null", []string{"<min>1.0</min>", "<max>2.0</max>"}, "X range 1 to 2 or null"},
		{"any but null", "real", null, null, tds.NullsOut, "non-null", nil, "X range any but null"},
		{"any", "real", null, null, tds.NullsIn, "all", nil, "X range any"},
		{"only null", "date", null, null, tds.NullsOnly, "null", nil, "X range only null"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			filter := tds.Between("X", c.from, c.to)
			filter.Nulls = c.nulls
			f := doctest.Edited(t, fieldX(t, c.datatype), setFilter(filter), rangeOfX(t, c.datatype, c.included, c.ends...))
			assertFilter(t, f, filter)
			if got := filter.String(); got != c.words {
				t.Errorf("in words it is %q, want %q", got, c.words)
			}
		})
	}
}

func TestRangesOfGivenText(t *testing.T) {
	t.Parallel()
	for datatype, want := range map[string][]string{
		"date":     {"<min>#2024-01-31#</min>", "<max>#2024-02-29#</max>"},
		"datetime": {"<min>#2024-01-31 00:00:00#</min>", "<max>#2024-02-29 00:00:00#</max>"}, // the first moment of the day
	} {
		filter := tds.Between("X", tds.String("2024-01-31"), tds.String("2024-02-29"))
		doctest.Edited(t, fieldX(t, datatype), setFilter(filter), rangeOfX(t, datatype, "in-range", want...))
	}
}

func TestRangesRefused(t *testing.T) {
	t.Parallel()
	between := tds.Between
	only := between("X", tds.Integer(1), tds.Null())
	only.Nulls = tds.NullsOnly
	misspelt := between("X", tds.Null(), tds.Null())
	misspelt.Nulls = "nil"
	for _, c := range []struct {
		name, datatype string
		filter         tds.Filter
		words          []string
	}{
		{"case 58, min above max", "real", between("X", tds.Real(99.5), tds.Integer(1)), []string{"from 99.5 to 1 is the wrong way round", `filter on "X" of data source "Orders"`}},
		{"whole numbers the wrong way round", "integer", between("X", tds.Integer(math.MaxInt64), tds.Integer(math.MaxInt64-1)), []string{"wrong way round"}},
		{"dates the wrong way round", "date", between("X", tds.String("2024-02-01"), tds.String("2024-01-31")), []string{"wrong way round"}},
		{"moments the wrong way round", "datetime", between("X", tds.String("2024-02-01 00:00:01"), tds.String("2024-02-01")), []string{"wrong way round"}},
		{"text", "string", between("X", tds.String("a"), tds.String("b")), []string{"numbers and dates, the datatype is string"}},
		{"text, only null", "string", between("X", tds.Null(), tds.Null()), []string{"the datatype is string"}},
		{"booleans", "boolean", between("X", tds.Boolean(false), tds.Null()), []string{"the datatype is boolean"}},
		{"text for a number", "integer", between("X", tds.String("1"), tds.Null()), []string{`"1" is a string, the datatype is integer`}},
		{"a number for a date", "date", between("X", tds.Null(), tds.Integer(2024)), []string{`"2024" is an integer, the datatype is date`}},
		{"no number", "real", between("X", tds.Real(math.NaN()), tds.Null()), []string{"NaN"}},
		{"only null, with an end", "real", only, []string{`with 1 ends cannot have nulls "only"`}},
		{"misspelt nulls", "real", misspelt, []string{`nulls "nil"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, fieldX(t, c.datatype), setFilter(c.filter), c.words...)
		})
	}
}

// TestRangeReplaces is hard case 57 for ranges: what says where and how a filter is
// applied stays, its column too if it was a range before.
func TestRangeReplaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, datatype, before, after, instance string }{
		{
			"another range", "real",
			"<filter class='quantitative' column='[X]' context='true' filter-group='5' included-values='in-range'>\n        <min>0.0</min>\n        <max>1.0</max>\n        <target field='[b].[X]' />\n      </filter>",
			"<filter class='quantitative' column='[X]' context='true' filter-group='5' included-values='in-range'>\n        <min>2.5</min>\n        <target field='[b].[X]' />\n      </filter>", "",
		},
		{
			"without ends", "real",
			"<filter class='quantitative' column='[none:X:qk]' included-values='non-null' />",
			"<filter class='quantitative' column='[none:X:qk]' included-values='in-range'>\n        <min>2.5</min>\n      </filter>", "",
		},
		{
			"only max before", "real",
			"<filter class='quantitative' column='[X]' included-values='all'><max>1.0</max></filter>",
			"<filter class='quantitative' column='[X]' included-values='in-range'><min>2.5</min></filter>", "",
		},
		{
			"values before", "real",
			"<filter class='categorical' column='[X]' filter-group='5'><groupfilter function='member' level='[X]' member='1.0' /></filter>",
			"<filter class='quantitative' column='[X]' filter-group='5' included-values='in-range'><min>2.5</min></filter>", "",
		},
		{
			"days before", "date",
			"<filter class='categorical' column='[X]' filter-group='5'><groupfilter function='member' level='[X]' member='#2024-01-01#' /></filter>",
			"<filter class='quantitative' column='[none:X:qk]' filter-group='5' included-values='in-range'><min>#2024-02-01#</min></filter>", instanceOfX,
		},
		{
			"dates on the field itself", "date",
			"<filter class='quantitative' column='[X]' included-values='in-range'><min>#2024-01-01#</min></filter>",
			"<filter class='quantitative' column='[X]' included-values='in-range'><min>#2024-02-01#</min></filter>", "",
		},
		{
			"relative dates before", "date",
			"<filter class='relative-date' column='[none:X:qk]' filter-group='2' first-period='-2' include-future='true' include-null='false' last-period='0' period-anchor='#2024-01-01#' period-type-v2='month' />",
			"<filter class='quantitative' column='[none:X:qk]' filter-group='2' included-values='in-range'>\n        <min>#2024-02-01#</min>\n      </filter>", instanceOfX,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			from := tds.Real(2.5)
			if c.datatype == "date" {
				from = tds.String("2024-02-01")
			}
			in := fieldX(t, c.datatype)
			want := doctest.Replace(t, in, beforeLayout, c.instance+beforeLayout, beforeGraph, "      "+c.after+"\n"+beforeGraph)
			in = doctest.Replace(t, in, beforeGraph, "      "+c.before+"\n"+beforeGraph)
			doctest.Edited(t, in, setFilter(tds.Between("X", from, tds.Null())), want)
		})
	}
}

// TestRangesRead reads what Tableau writes in other ways, and what is no range.
func TestRangesRead(t *testing.T) {
	t.Parallel()
	const in = `<datasource formatted-name='n'><column caption='Amount' datatype='integer' name='[amt]' />
<filter class='quantitative' column='[amt]' included-values='in-range'><min>3.</min><max> 18608.0 </max></filter>
<filter class='quantitative' column='[none:amt:qk]' included-values='non-null'><min>1</min></filter>
<filter class='quantitative' column='[d]' included-values='in-range-or-null'><min>#1850-01-01 00:00:00#</min></filter>
<filter class='quantitative' column='[d]' included-values='in-range' />
<filter class='quantitative' column='[d]' included-values='in-range-or-null'><min>[Parameters].[P]</min></filter>
<filter class='quantitative' column='[d]' included-values='in-range'><max>%null%</max></filter>
<filter class='quantitative' column='[d]' included-values='later' />
<filter class='quantitative' column='[d]' />
<filter class='quantitative' column='[d]' included-values='all' kind='hide' />
</datasource>`
	want := []string{
		"Amount range 3 to 18608", "Amount range any but null", "d range from 1850-01-01 00:00:00 or null", "d range any but null",
		"d other (quantitative)", "d other (quantitative)", "d other (quantitative)", "d other (quantitative)", "d other (quantitative)",
	}
	var got []string
	for f := range datasource(t, in).Filters() {
		if f.Kind == tds.Other && (f.Nulls != tds.NullsOut || f.Min != tds.Null() || f.Max != tds.Null()) {
			t.Errorf("%#v tells half of what it is", f)
		}
		got = append(got, f.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("filters (-want +got):\n%s", diff)
	}
}
