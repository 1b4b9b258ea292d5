package tds_test

import (
	"math"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

var (
	noon     = time.Date(2024, 1, 31, 12, 0, 0, 0, time.FixedZone("", 2*60*60))
	midnight = time.Date(2024, 1, 31, 0, 0, 0, 0, time.FixedZone("", 2*60*60))
)

// values are what documents hold for a value: as a DataValue (format 10.1) and as a
// literal of a formula (format 10.2).
var values = []struct {
	value              tds.Value
	datatype           string
	dataValue, literal string
}{
	{tds.String(""), "string", `""`, `""`},
	{tds.String("acme"), "string", `"acme"`, `"acme"`},
	{tds.String(`50% "x" \d`), "string", `"50\% \"x\" \\d"`, `"50% ""x"" \d"`},
	{tds.String(`(% Passed)`), "string", `"(\% Passed)"`, `"(% Passed)"`},
	{tds.String("#1\r\n'a'"), "string", "\"\\#1\r\n'a'\"", "\"#1\r\n'a'\""},
	{tds.String("%null%"), "string", `"\%null\%"`, `"%null%"`},
	{tds.Null(), "string", "%null%", "NULL"},
	{tds.Null(), "date", "%null%", "NULL"},
	{tds.Integer(42), "integer", "42", "42"},
	{tds.Integer(math.MinInt64), "integer", "-9223372036854775808", "-9223372036854775808"},
	{tds.Real(100), "real", "100.0", "100.0"},
	{tds.Integer(100), "real", "100.0", "100.0"},
	{tds.Real(-1.5), "real", "-1.5", "-1.5"},
	{tds.Real(0.1), "real", "0.1", "0.1"},
	{tds.Real(3), "integer", "3", "3"},
	{tds.Boolean(true), "boolean", "true", "true"},
	{tds.Boolean(false), "boolean", "false", "false"},
	{tds.Date(noon), "date", "#2024-01-31#", "#2024-01-31#"},
	{tds.Date(noon), "datetime", "#2024-01-31 00:00:00#", "#2024-01-31 00:00:00#"},
	{tds.DateTime(noon), "datetime", "#2024-01-31 12:00:00#", "#2024-01-31 12:00:00#"},
	{tds.String("2024-02-29"), "date", "#2024-02-29#", "#2024-02-29#"},
	{tds.String("2024-02-29 01:02:03"), "datetime", "#2024-02-29 01:02:03#", "#2024-02-29 01:02:03#"},
}

func TestValuesAreWritten(t *testing.T) {
	t.Parallel()
	for _, c := range values {
		if got, err := c.value.DataValue(c.datatype); err != nil || got != c.dataValue {
			t.Errorf("%s as %s: %s (%v), want %s", c.value, c.datatype, got, err, c.dataValue)
		}
		if got, err := c.value.Literal(c.datatype); err != nil || got != c.literal {
			t.Errorf("%s as %s in a formula: %s (%v), want %s", c.value, c.datatype, got, err, c.literal)
		}
		back, ok := tds.ParseDataValue(c.dataValue, c.datatype)
		if again, err := back.DataValue(c.datatype); !ok || err != nil || again != c.dataValue {
			t.Errorf("%s reads as %s, written %s (%v)", c.dataValue, back, again, err)
		}
	}
	for _, v := range []tds.Value{tds.Real(math.NaN()), tds.Real(math.Inf(1))} {
		if got, err := v.DataValue("real"); err == nil {
			t.Errorf("%v written as %s", v, got)
		}
	}
	for _, s := range []string{"2024-02-30", "2024-1-1", "2024-02-29 01:02:03", ""} {
		if got, err := tds.String(s).DataValue("date"); err == nil {
			t.Errorf("%q is the date %s", s, got)
		}
	}
}

func TestValuesAreRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, datatype, want string }{
		{"3.", "real", "3"},
		{"100", "real", "100"},
		{"1e3", "real", "1000"},
		{"#2018-01-01 00:00:00.999#", "datetime", "2018-01-01 00:00:00.999"},
		{"#2018-01-01#", "datetime", "2018-01-01 00:00:00"},
		{`"a\b"`, "string", "ab"},
		{"%null%", "integer", "null"},
	} {
		if got, ok := tds.ParseDataValue(c.in, c.datatype); !ok || got.String() != c.want {
			t.Errorf("%s as %s: %s, %v; want %s", c.in, c.datatype, got, ok, c.want)
		}
	}
	for _, c := range [][2]string{
		{"", "string"},
		{"acme", "string"},
		{`"`, "string"},
		{`"a\"`, "string"},
		{"[Field]", "string"},
		{`("Technology","Phones")`, "string"},
		{"%all%", "string"},
		{"%many-values%", "integer"},
		{"3.5", "integer"},
		{"x", "real"},
		{"yes", "boolean"},
		{"2018-01-01", "date"},
		{"#2018-01-01", "date"},
		{"#2018-01-01 00:00:00#", "date"},
		{`"1"`, "integer"},
		{"1", "table"},
	} {
		if got, ok := tds.ParseDataValue(c[0], c[1]); ok || got != tds.Null() {
			t.Errorf("%s as %s: %s, %v", c[0], c[1], got, ok)
		}
	}
}

func TestValueOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   any
		want tds.Value
	}{
		{nil, tds.Null()},
		{tds.Integer(1), tds.Integer(1)},
		{"7", tds.String("7")},
		{true, tds.Boolean(true)},
		{7, tds.Integer(7)},
		{int64(-7), tds.Integer(-7)},
		{uint64(7), tds.Integer(7)},
		{7.0, tds.Real(7)},
		{midnight, tds.Date(midnight)},
		{noon, tds.DateTime(noon)},
		{midnight.Add(2 * time.Hour), tds.DateTime(midnight.Add(2 * time.Hour))}, // midnight in UTC
	} {
		if got, err := tds.ValueOf(c.in); err != nil || got != c.want {
			t.Errorf("%T %v: %#v (%v), want %#v", c.in, c.in, got, err, c.want)
		}
	}
	for _, v := range []any{uint64(math.MaxUint64), []string{"a"}, map[string]any{}, struct{}{}} {
		if got, err := tds.ValueOf(v); err == nil {
			t.Errorf("%T is the value %s", v, got)
		}
	}
}

func TestLess(t *testing.T) {
	t.Parallel()
	ascending := map[string][]tds.Value{
		"integer":  {tds.Integer(-1), tds.Integer(0), tds.Real(10)},
		"real":     {tds.Real(-1.5), tds.Integer(0), tds.Real(0.5)},
		"date":     {tds.String("2023-12-31"), tds.Date(noon)},
		"datetime": {tds.String("2024-01-31"), tds.DateTime(noon)},
	}
	for datatype, vs := range ascending {
		for i, a := range vs {
			for j, b := range vs {
				if got := tds.Less(a, b, datatype); got != (i < j) {
					t.Errorf("%s < %s as %s: %v", a, b, datatype, got)
				}
			}
		}
	}
	for _, datatype := range []string{"string", "boolean", "integer"} {
		if tds.Less(tds.String("a"), tds.String("b"), datatype) {
			t.Errorf("strings have an order as %s", datatype)
		}
	}
}

func FuzzDataValue(f *testing.F) {
	for _, c := range values {
		f.Add(c.value.String())
	}
	f.Add(`\"%#\\`)
	f.Add("\x00\xff")
	f.Fuzz(func(t *testing.T, s string) {
		written, err := tds.String(s).DataValue("string")
		if err != nil {
			t.Fatal(err)
		}
		if back, ok := tds.ParseDataValue(written, "string"); !ok || back != tds.String(s) {
			t.Errorf("%q is written %q, which reads as %q, %v", s, written, back, ok)
		}
	})
}

func TestFractionsOfSeconds(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2024-01-31 10:30:00.75":  "#2024-01-31 10:30:00.75#",
		"2024-01-31T10:30:00.999": "#2024-01-31 10:30:00.999#",
		"2024-01-31 10:30:00":     "#2024-01-31 10:30:00#",
	} {
		got, err := tds.String(in).DataValue("datetime")
		if err != nil || got != want {
			t.Errorf("%s is written %s (%v), want %s", in, got, err, want)
		}
		if v, ok := tds.ParseDataValue(want, "datetime"); !ok || "#"+v.String()+"#" != want {
			t.Errorf("%s reads as %s", want, v)
		}
	}
}

// TestDatesAreTheirOwnClocks: a day is the day that its clock shows, in every zone.
func TestDatesAreTheirOwnClocks(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 1, 1, 0, 30, 0, 0, time.FixedZone("CET", 3600))
	if tds.Date(at) != tds.Date(time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)) || tds.Date(at).String() != "2024-01-01" {
		t.Errorf("the day is %s", tds.Date(at))
	}
	if v := tds.DateTime(at); v != tds.DateTime(time.Date(2024, 1, 1, 0, 30, 0, 0, time.UTC)) || v.String() != "2024-01-01 00:30:00" {
		t.Errorf("the moment is %s", v)
	}
	first := tds.Date(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))
	if tds.Less(tds.Date(at), first, "date") || tds.Less(first, tds.Date(at), "date") {
		t.Error("one day comes before itself")
	}
}
