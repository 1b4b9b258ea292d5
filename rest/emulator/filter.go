package emulator

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// termStart is where a filter term begins. A comma elsewhere belongs to a value, or to a list in brackets.
var termStart = regexp.MustCompile(`^,[A-Za-z]+:[a-z]+:`)

// splitTerms splits a filter at the commas between its terms.
func splitTerms(filter string) []string {
	var terms []string
	start, brackets := 0, 0
	for i := range len(filter) {
		switch filter[i] {
		case '[':
			brackets++
		case ']':
			brackets--
		case ',':
			if brackets <= 0 && termStart.MatchString(filter[i:]) {
				terms = append(terms, filter[start:i])
				start = i + 1
			}
		}
	}
	return append(terms, filter[start:])
}

// filter returns the items that every term of the expression holds for. Of two terms on one field the last counts, as on
// the server.
func (l listing[T]) filter(expression string) ([]T, error) {
	if expression == "" {
		return l.items, nil
	}
	terms := make(map[string]func(T) bool)
	for _, term := range splitTerms(expression) {
		name, rest, _ := strings.Cut(term, ":")
		operator, value, whole := strings.Cut(rest, ":")
		f, known := l.fields[name]
		if !known || !whole {
			return nil, refuse(codeFilter, "The filter '%s' is not field:operator:value with a field of %s.", term, l.name)
		}
		if terms[name] = f.match(operator, value); terms[name] == nil {
			return nil, refuse(codeFilter, "The filter '%s' has an operator or a value that is not for %s.", term, name)
		}
	}
	var items []T
	for _, item := range l.items {
		if holdAll(terms, item) {
			items = append(items, item)
		}
	}
	return items, nil
}

func holdAll[T any](terms map[string]func(T) bool, item T) bool {
	for _, holds := range terms {
		if !holds(item) {
			return false
		}
	}
	return true
}

// sort returns the items sorted by field:asc or field:desc, joined by commas.
func (l listing[T]) sort(items []T, expression string) ([]T, error) {
	if expression == "" {
		return items, nil
	}
	items = slices.Clone(items)
	terms := strings.Split(expression, ",")
	for _, term := range slices.Backward(terms) { // stable sorts, the weightiest last
		name, direction, _ := strings.Cut(term, ":")
		f, known := l.fields[name]
		if !known || direction != "asc" && direction != "desc" {
			return nil, refuse(codeFilter, "The sort '%s' is not field:asc or field:desc with a field of %s.", term, l.name)
		}
		slices.SortStableFunc(items, func(a, b T) int {
			if direction == "desc" {
				a, b = b, a
			}
			return f.compare(a, b)
		})
	}
	return items, nil
}

// field is one thing a list may be filtered and sorted by. Match makes the test of a term, nil when the operator or the
// value is not for this field.
type field[T any] struct {
	match   func(operator, value string) func(T) bool
	compare func(a, b T) int
}

// textField is a field with one value, for the operators eq and in, and those given besides.
func textField[T any](get func(T) string, more ...string) field[T] {
	return operatorsField(get, append(more, "eq", "in")...)
}

// operatorsField is a field with one value, for the operators given.
func operatorsField[T any](get func(T) string, operators ...string) field[T] {
	f := textsField(func(item T) []string { return []string{get(item)} }, operators...)
	f.compare = func(a, b T) int { return strings.Compare(get(a), get(b)) }
	return f
}

// textsField is a field with any number of values, one of which must fit: for the operators given, or for eq and in.
func textsField[T any](get func(T) []string, operators ...string) field[T] {
	if len(operators) == 0 {
		operators = []string{"eq", "in"}
	}
	return field[T]{
		match: func(operator, value string) func(T) bool {
			test := textTests[operator]
			if test == nil || !slices.Contains(operators, operator) {
				return nil
			}
			fits := test(value)
			if fits == nil {
				return nil
			}
			return func(item T) bool { return slices.ContainsFunc(get(item), fits) }
		},
		compare: func(a, b T) int { return slices.Compare(get(a), get(b)) },
	}
}

// textTests make the test of each operator on text, nil when the value is none of its own. All but cieq and like heed
// the case.
var textTests = map[string]func(value string) func(string) bool{
	"eq":  wildcard,
	"has": func(value string) func(string) bool { return func(s string) bool { return strings.Contains(s, value) } },
	"cieq": func(value string) func(string) bool {
		return func(s string) bool { return strings.EqualFold(s, value) }
	},
	"like": func(value string) func(string) bool {
		fits := wildcard(strings.ToLower("*" + value + "*"))
		return func(s string) bool { return fits(strings.ToLower(s)) }
	},
	"in": func(value string) func(string) bool {
		list, isList := strings.CutPrefix(value, "[")
		list, closed := strings.CutSuffix(list, "]")
		if !isList || !closed {
			return nil
		}
		values := strings.Split(list, ",")
		return func(s string) bool { return slices.Contains(values, s) }
	},
}

// wildcard returns a test for a value in which * stands for any text.
func wildcard(pattern string) func(string) bool {
	start, rest, some := strings.Cut(pattern, "*")
	if !some {
		return func(s string) bool { return s == pattern }
	}
	middle := strings.Split(rest, "*")
	last := len(middle) - 1
	return func(s string) bool {
		s, fits := strings.CutPrefix(s, start)
		for _, part := range middle[:last] {
			_, after, found := strings.Cut(s, part)
			s, fits = after, fits && found
		}
		return fits && strings.HasSuffix(s, middle[last])
	}
}

func intField[T any](get func(T) int) field[T] {
	return orderedField(get, strconv.Atoi, cmp.Compare[int])
}

func timeField[T any](get func(T) time.Time) field[T] {
	return orderedField(get, parseTime, time.Time.Compare)
}

// parseTime reads a date and time with or without a fraction, in UTC or with a numeric zone.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05Z0700", s)
	}
	return t, err
}

// boolField is a field with the operator eq.
func boolField[T any](get func(T) bool) field[T] {
	number := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	return field[T]{
		match: func(operator, value string) func(T) bool {
			want, known := parseBool(value)
			if operator != "eq" || value == "" || !known {
				return nil
			}
			return func(item T) bool { return get(item) == want }
		},
		compare: func(a, b T) int { return number(get(a)) - number(get(b)) },
	}
}

// orderedField is a field with the operators eq, gt, gte, lt and lte.
func orderedField[T, V any](get func(T) V, parse func(string) (V, error), compare func(a, b V) int) field[T] {
	return field[T]{
		match: func(operator, value string) func(T) bool {
			want, err := parse(value)
			fits, known := orders[operator]
			if err != nil || !known {
				return nil
			}
			return func(item T) bool { return fits(compare(get(item), want)) }
		},
		compare: func(a, b T) int { return compare(get(a), get(b)) },
	}
}

// orders are the operators on values that have an order, told of the comparison of the item with the value.
var orders = map[string]func(comparison int) bool{
	"eq":  func(c int) bool { return c == 0 },
	"gt":  func(c int) bool { return c > 0 },
	"gte": func(c int) bool { return c >= 0 },
	"lt":  func(c int) bool { return c < 0 },
	"lte": func(c int) bool { return c <= 0 },
}
