package tds_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// hard55 is the value of hard case 55, and what else the quoting of values could trip
// over.
var hard55 = []string{
	"50% #1 \"A\\B\" & <c> 'd'😀\r\n", `%null%`, `%all%`, `\`, `\\"`, `"`, `"a","b"`, "a\tb\nc\rd", "&#13;&amp;", "]]>", " leading and trailing ", "",
	"#2024-01-31#", "7", "true", "é\u2028\U0010FFFF", "\x00", "\xff", "\ufffe",
}

// FuzzDataValueTypes writes and reads a value of every datatype.
func FuzzDataValueTypes(f *testing.F) {
	for i, s := range hard55 {
		f.Add(s, int64(i)-9, float64(i)/3, i%2 == 0, int64(i)*86_399_123)
	}
	f.Add("", int64(math.MinInt64), math.Copysign(0, -1), true, int64(-62_135_596_800)) // the first second of the year 1
	f.Add("", int64(math.MaxInt64), math.MaxFloat64, true, int64(253_402_300_799))
	f.Add("", int64(0), math.SmallestNonzeroFloat64, true, int64(253_402_300_800)) // the year 10000
	f.Add("", int64(0), math.Inf(-1), true, int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, s string, n int64, x float64, b bool, sec int64) {
		at := time.Unix(sec, 250_000_000).UTC()
		year := at.Year() >= 1 && at.Year() <= 9999
		for _, c := range []struct {
			datatype string
			value    tds.Value
			can      bool
		}{
			{"string", tds.String(s), true},
			{"integer", tds.Integer(n), true},
			{"real", tds.Real(x), !math.IsNaN(x) && !math.IsInf(x, 0)},
			{"boolean", tds.Boolean(b), true},
			{"date", tds.Date(at), year},
			{"datetime", tds.DateTime(at), year},
			{"string", tds.Null(), true},
			{"datetime", tds.Null(), true},
		} {
			written, err := c.value.DataValue(c.datatype)
			if (err == nil) != c.can {
				t.Fatalf("%s %s: %v", c.datatype, c.value, err)
			}
			if back, ok := tds.ParseDataValue(written, c.datatype); err == nil && (!ok || back != c.value) {
				t.Errorf("%s %s is written %q, which reads as %s, %v", c.datatype, c.value, written, back, ok)
			}
		}
	})
}

// FuzzParseDataValue reads what a document may hold: what is a value is written again as
// the same one.
func FuzzParseDataValue(f *testing.F) {
	for _, s := range hard55 {
		f.Add(s)
		f.Add(`"` + s + `"`)
	}
	for _, s := range []string{"3.", "1e3", "-0.0", "+7", "0x1p4", "Inf", "1_0", "#2024-01-31 10:30#", "#2024-01-31T10:30:00.5#", "#0000-01-01#", `"\`, `("a","b")`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, datatype := range []string{"string", "integer", "real", "boolean", "date", "datetime", "table"} {
			v, ok := tds.ParseDataValue(s, datatype)
			if !ok {
				if v != tds.Null() {
					t.Errorf("%q is no %s, but %s", s, datatype, v)
				}
				continue
			}
			written, err := v.DataValue(datatype)
			if datatype == "table" && s == "%null%" {
				continue
			}
			if back, ok := tds.ParseDataValue(written, datatype); err != nil || !ok || back != v {
				t.Errorf("%q is the %s %s, which is written %q (%v) and then reads as %s", s, datatype, v, written, err, back)
			}
		}
	})
}

// FuzzFilterValue takes values through a document: what is set is read from what is
// written, and text that XML cannot hold is refused.
func FuzzFilterValue(f *testing.F) {
	for _, s := range hard55 {
		f.Add(s)
	}
	in := doctest.FX1
	f.Fuzz(func(t *testing.T, s string) {
		file := doctest.Open(t, in)
		want := tds.Exclude("Tenant", tds.String(s), tds.Null(), tds.String(s+"x"))
		err := first(file).SetFilter(want)
		if legal := !strings.ContainsFunc(s, forbidden) && strings.ToValidUTF8(s, "") == s; (err == nil) != legal {
			t.Fatalf("%q: %v", s, err)
		}
		if err != nil {
			return
		}
		for filter := range first(doctest.Open(t, doctest.Written(t, file))).Filters() {
			filter.Class = ""
			if filter.String() != want.String() || filter.Values[0] != want.Values[0] {
				t.Errorf("set %q, read %q", want.Values, filter.Values)
			}
		}
	})
}

// forbidden tells what XML 1.0 has no place for.
func forbidden(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\ufffe' || r == '\uffff'
}
