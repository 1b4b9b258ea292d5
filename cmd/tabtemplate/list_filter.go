package main

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
)

// filterForm is FIELD OPERATOR VALUE.
var filterForm = regexp.MustCompile(`(?s)^\s*(\w+)\s*(!=|<=|>=|=|~|<|>)\s*(.*?)\s*$`)

// keep adds a condition. What the server can narrow down is narrowed down there, and all of it is checked here: servers do not
// agree about the case of letters.
func (c *chosen[T]) keep(l list[T], text string) error {
	parts := filterForm.FindStringSubmatch(text)
	if parts == nil {
		return usagef("--filter %q is not 'FIELD=VALUE', nor one with != ~ < <= > >=", text)
	}
	by, err := l.column("--filter", parts[1])
	if err != nil {
		return err
	}
	operator, wanted := parts[2], parts[3]
	var none T
	compared, operators := comparisonOf(by.value(none), wanted)
	switch {
	case operators == "":
		return usagef("--filter %q: %q is no %s", text, wanted, kindOf(by.value(none)))
	case !slices.Contains(strings.Fields(operators), operator):
		return usagef("--filter %q: %s is compared with %s", text, by.name, operators)
	}
	c.conditions = append(c.conditions, func(item T) bool { return compared(operator, by.value(item)) })
	if narrowed, ok := narrow(by.server, operator, wanted, by.value(none)); ok && !slices.Contains(c.narrowed, by.server) {
		c.query.Filters = append(c.query.Filters, narrowed)
		c.narrowed = append(c.narrowed, by.server)
	}
	return nil
}

// narrow is what the server is asked for of a condition.
func narrow(field, operator, wanted string, example any) (rest.Filter, bool) {
	if field == "" || wanted == "" || strings.Contains(wanted, "*") {
		return rest.Filter{}, false
	}
	switch example.(type) { // it has been read before
	case time.Time:
		t, _ := parseTime(wanted)
		wanted = t.UTC().Format(time.RFC3339)
	case bool:
		b, _ := strconv.ParseBool(wanted)
		wanted = strconv.FormatBool(b)
	case int, int64:
		n, _ := strconv.ParseInt(wanted, 10, 64)
		wanted = strconv.FormatInt(n, 10)
	}
	switch operator {
	case "=":
		return rest.Eq(field, wanted), true
	case "<":
		return rest.Lt(field, wanted), true
	case "<=":
		return rest.Lte(field, wanted), true
	case ">":
		return rest.Gt(field, wanted), true
	case ">=":
		return rest.Gte(field, wanted), true
	}
	return rest.Filter{}, false
}

// comparisonOf compares values like the example with a text, and says which operators there are for them: none when the text
// is no such value.
func comparisonOf(example any, wanted string) (compared func(operator string, have any) bool, operators string) {
	const equal, ordered = "= !=", "= != < <= > >="
	switch example.(type) {
	case bool:
		want, err := strconv.ParseBool(wanted)
		if err != nil {
			return nil, ""
		}
		return func(operator string, have any) bool { return (have == want) == (operator == "=") }, equal
	case int, int64:
		want, err := strconv.ParseInt(wanted, 10, 64)
		if err != nil {
			return nil, ""
		}
		return func(operator string, have any) bool { return holds(operator, cmp.Compare(number(have), want)) }, ordered
	case time.Time:
		return comparisonOfTimes(wanted)
	case []string:
		test := textTest(wanted)
		return func(operator string, have any) bool {
			texts := have.([]string)
			if wanted == "" {
				texts = []string{strings.Join(texts, "")}
			}
			return slices.ContainsFunc(texts, func(text string) bool { return test(operator == "~", text) }) == (operator != "!=")
		}, equal + " ~"
	}
	test := textTest(wanted)
	return func(operator string, have any) bool {
		return test(operator == "~", have.(string)) == (operator != "!=")
	}, equal + " ~"
}

// comparisonOfTimes compares times. That a time is not known is said by an empty text.
func comparisonOfTimes(wanted string) (compared func(operator string, have any) bool, operators string) {
	if wanted == "" {
		return func(operator string, have any) bool { return have.(time.Time).IsZero() == (operator == "=") }, "= !="
	}
	want, err := parseTime(wanted)
	if err != nil {
		return nil, ""
	}
	return func(operator string, have any) bool {
		t := have.(time.Time)
		return !t.IsZero() && holds(operator, t.Compare(want))
	}, "< <= > >="
}

// holds says whether an operator holds for the result of a comparison.
func holds(operator string, compared int) bool {
	switch operator {
	case "=":
		return compared == 0
	case "!=":
		return compared != 0
	case "<":
		return compared < 0
	case "<=":
		return compared <= 0
	case ">":
		return compared > 0
	}
	return compared >= 0
}

// textTest tests whether text is the wanted one, in which a * stands for any text, or whether it holds it.
func textTest(wanted string) func(holds bool, text string) bool {
	pattern := regexp.MustCompile(`(?s)^` + strings.ReplaceAll(regexp.QuoteMeta(wanted), `\*`, ".*") + `$`)
	lower := strings.ToLower(wanted)
	return func(holds bool, text string) bool {
		if holds {
			return strings.Contains(strings.ToLower(text), lower)
		}
		return pattern.MatchString(text)
	}
}

// parseTime reads a day, which begins at midnight UTC, or a time of a day.
func parseTime(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	return time.Parse(time.RFC3339, text)
}

// kindOf says what a value has to be.
func kindOf(example any) string {
	switch example.(type) {
	case bool:
		return "true or false"
	case time.Time:
		return "time such as 2026-01-31 or 2026-01-31T06:00:00Z"
	}
	return "whole number"
}

func number(value any) int64 {
	if n, ok := value.(int); ok {
		return int64(n)
	}
	return value.(int64)
}

// compareValues orders two values of a column. Of text the case counts last, and a path comes before what lies below it and
// after what lies below its elder siblings.
func compareValues(a, b any) int {
	switch a := a.(type) {
	case bool:
		return cmp.Compare(strconv.FormatBool(a), strconv.FormatBool(b.(bool)))
	case int, int64:
		return cmp.Compare(number(a), number(b))
	case time.Time:
		return a.Compare(b.(time.Time))
	}
	x, y := valueText(a), valueText(b)
	return cmp.Or(strings.Compare(sortKey(x), sortKey(y)), strings.Compare(x, y))
}

func sortKey(text string) string { return strings.ToLower(strings.ReplaceAll(text, "/", "\x00")) }
