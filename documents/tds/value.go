package tds

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Value is one value of a field or parameter, typed. The zero Value is null.
type Value struct {
	kind valueKind
	text string
	n    int64
	f    float64
	t    time.Time
}

type valueKind uint8

const (
	null valueKind = iota
	text
	integer
	real
	boolean
	date
	datetime
)

func (k valueKind) String() string {
	return [...]string{"null", "string", "integer", "real", "boolean", "date", "datetime"}[k]
}

// String is a text value. For a date or datetime field it may also hold the date in
// ISO form, 2024-01-31 or 2024-01-31 10:30:00, or in Tableau's, #2024-01-31#.
func String(s string) Value { return Value{kind: text, text: s} }

// Integer is a whole number.
func Integer(n int64) Value { return Value{kind: integer, n: n} }

// Real is a floating-point number; infinities and NaN are refused when it is used.
func Real(f float64) Value { return Value{kind: real, f: f} }

// Boolean is true or false.
func Boolean(b bool) Value {
	v := Value{kind: boolean}
	if b {
		v.n = 1
	}
	return v
}

// Date is a day; the time of day and the zone of t are not looked at.
func Date(t time.Time) Value {
	y, m, d := t.Date()
	return Value{kind: date, t: time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// DateTime is a moment to the millisecond, written as the clock of t shows it.
func DateTime(t time.Time) Value {
	y, m, d := t.Date()
	t = time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	return Value{kind: datetime, t: t.Truncate(time.Millisecond)}
}

// Null is the absence of a value.
func Null() Value { return Value{} }

// ValueOf types a scalar as configuration files give it: nil, string, bool, int,
// int32, int64, uint64, float64 or time.Time (a date if it has no time of day).
func ValueOf(v any) (Value, error) {
	switch v := v.(type) {
	case nil:
		return Null(), nil
	case Value:
		return v, nil
	case string:
		return String(v), nil
	case bool:
		return Boolean(v), nil
	case int:
		return Integer(int64(v)), nil
	case int64:
		return Integer(v), nil
	case int32:
		return Integer(int64(v)), nil
	case uint64:
		if v > math.MaxInt64 {
			return Value{}, fmt.Errorf("%d is too large for an integer", v)
		}
		return Integer(int64(v)), nil
	case float64:
		return Real(v), nil
	case time.Time:
		if h, m, s := v.Clock(); h+m+s+v.Nanosecond() == 0 {
			return Date(v), nil
		}
		return DateTime(v), nil
	}
	return Value{}, fmt.Errorf("a %T is not a value: text, a number, true, false, a date or null is", v)
}

// String shows the value to people; it is not how documents write it.
func (v Value) String() string {
	switch v.kind {
	case text:
		return v.text
	case integer:
		return strconv.FormatInt(v.n, 10)
	case real:
		return strconv.FormatFloat(v.f, 'f', -1, 64)
	case boolean:
		return strconv.FormatBool(v.n == 1)
	case date:
		return v.t.Format(time.DateOnly)
	case datetime:
		return v.t.Format("2006-01-02 15:04:05.999")
	}
	return "null"
}

// as gives v as a value of a field's datatype: string, integer, real, boolean, date
// or datetime. Text is taken for a date, a whole number for a real, a day for a
// datetime; nothing else changes its type.
func (v Value) as(datatype string) (Value, error) {
	same := v.kind.String() == datatype
	switch {
	case v.kind == null:
		return v, nil
	case same && v.kind == real && (math.IsInf(v.f, 0) || math.IsNaN(v.f)):
		return v, fmt.Errorf("%v is not a number Tableau knows", v.f)
	case (v.kind == date || v.kind == datetime) && (v.t.Year() < 1 || v.t.Year() > 9999):
		return v, fmt.Errorf("the year %d is not one of 1 to 9999", v.t.Year())
	case same:
		return v, nil
	case datatype == "real" && v.kind == integer:
		return Real(float64(v.n)), nil
	case datatype == "integer" && v.kind == real && v.f == math.Trunc(v.f) && math.Abs(v.f) < 1<<53:
		return Integer(int64(v.f)), nil
	case datatype == "datetime" && v.kind == date:
		return DateTime(v.t), nil
	case (datatype == "date" || datatype == "datetime") && v.kind == text:
		inner, ok := insideHashes(v.text)
		if !ok {
			inner = v.text
		}
		return parseDate(inner, datatype)
	}
	switch datatype {
	case "string", "integer", "real", "boolean", "date", "datetime":
		hint := ""
		if datatype == "string" {
			hint = ": give it as text"
		}
		return v, fmt.Errorf("%s is %s %s, the datatype is %s%s", quoteShort(v), article(v.kind), v.kind, datatype, hint)
	}
	return v, fmt.Errorf("values of datatype %q cannot be set", datatype)
}

// insideHashes is a date without the hashes around it; not ok if it has none.
func insideHashes(s string) (inner string, ok bool) {
	if len(s) < 2 || s[0] != '#' || s[len(s)-1] != '#' {
		return "", false
	}
	return s[1 : len(s)-1], true
}

// datatype is the one that v has by itself: text is a date where it has hashes around it.
func (v Value) datatype() string {
	if _, ok := insideHashes(v.text); ok && v.kind == text {
		for _, datatype := range []string{"date", "datetime"} {
			if _, err := v.as(datatype); err == nil {
				return datatype
			}
		}
	}
	return v.kind.String()
}

func article(k valueKind) string {
	if k == integer {
		return "an"
	}
	return "a"
}

func quoteShort(v Value) string {
	s := v.String()
	if len(s) > 40 {
		s = strings.ToValidUTF8(s[:40], "") + "…"
	}
	return strconv.Quote(s)
}

func parseDate(s, datatype string) (Value, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return Date(t).as(datatype)
	}
	for _, layout := range []string{time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil && datatype == "datetime" {
			return DateTime(t).as(datatype)
		}
	}
	form := "2024-01-31"
	if datatype == "datetime" {
		form = "2024-01-31 10:30:00"
	}
	return Value{}, fmt.Errorf("%q is not a %s of the form %s", s, datatype, form)
}

// Less tells whether a comes before b as values of a datatype that has an order:
// numbers and dates. It is false where either is not of the datatype.
func Less(a, b Value, datatype string) bool {
	a, errA := a.as(datatype)
	b, errB := b.as(datatype)
	if errA != nil || errB != nil || a.kind != b.kind {
		return false
	}
	switch a.kind {
	case integer:
		return a.n < b.n
	case real:
		return a.f < b.f
	case date, datetime:
		return a.t.Before(b.t)
	}
	return false
}

var (
	dataValueEscaper   = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `\%`, `#`, `\#`)
	dataValueUnescaper = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\%`, `%`, `\#`, `#`)
)

// DataValue writes v as filters, parameters, aliases and members hold it (format
// 10.1), for a field of the given datatype.
func (v Value) DataValue(datatype string) (string, error) {
	v, err := v.as(datatype)
	if err != nil {
		return "", err
	}
	switch v.kind {
	case null:
		return "%null%", nil
	case text:
		return `"` + dataValueEscaper.Replace(v.text) + `"`, nil
	}
	return v.bare(), nil
}

// Literal writes v as a calculation holds it (format 10.2).
func (v Value) Literal(datatype string) (string, error) {
	v, err := v.as(datatype)
	if err != nil {
		return "", err
	}
	switch v.kind {
	case null:
		return "NULL", nil
	case text:
		return `"` + strings.ReplaceAll(v.text, `"`, `""`) + `"`, nil
	}
	return v.bare(), nil
}

// bare is how numbers, booleans and dates are written everywhere.
func (v Value) bare() string {
	switch v.kind {
	case real:
		s := v.String()
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	case date, datetime:
		return "#" + v.String() + "#"
	}
	return v.String()
}

// ParseDataValue reads what a document holds as a value of the given datatype. For
// what is none, a tuple, a field name, %all% or nothing, it gives null and false.
func ParseDataValue(s, datatype string) (v Value, ok bool) {
	if v, ok = parseDataValue(s, datatype); !ok {
		return Null(), false
	}
	return v, true
}

func parseDataValue(s, datatype string) (v Value, ok bool) {
	if s == "%null%" {
		return Null(), true
	}
	if strings.HasPrefix(s, `"`) {
		out, _, err := decodeDataValue([]byte(s))
		return String(string(out)), err == nil && datatype == "string"
	}
	switch datatype {
	case "integer":
		n, err := strconv.ParseInt(s, 10, 64)
		return Integer(n), err == nil
	case "real":
		f, err := strconv.ParseFloat(s, 64)
		return Real(f), err == nil && !strings.ContainsAny(s, "xXnN_")
	case "boolean":
		return Boolean(s == "true"), s == "true" || s == "false"
	case "date", "datetime":
		inner, ok := insideHashes(s)
		v, err := parseDate(inner, datatype)
		return v, ok && err == nil
	}
	return Value{}, false
}

// decodeDataValue takes the quotes and backslashes off a string, telling where in s
// every byte, and the end, was written.
func decodeDataValue(s []byte) (out []byte, at []int, err error) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return nil, nil, fmt.Errorf("a string value must stand in double quotes")
	}
	out, at = make([]byte, 0, len(s)), make([]int, 0, len(s))
	for i := 1; i < len(s)-1; i++ {
		start := i
		if s[i] == '\\' {
			if i++; i == len(s)-1 {
				return nil, nil, fmt.Errorf("a string value ends in a backslash")
			}
		}
		out, at = append(out, s[i]), append(at, start)
	}
	return out, append(at, len(s)-1), nil
}
