package emulator

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listing is a list of the API: what may be filtered and sorted by, and how one item is written. Items come in the
// order of their creation unless the request sorts them.
type listing[T any] struct {
	name   string // of the list element
	items  []T
	fields map[string]field[T]
	render func(T) *element
}

// reply filters, sorts, cuts out the page and writes it: pagination first, the list last.
func (l listing[T]) reply(c *call) (*reply, error) {
	items, err := l.filter(c.query["filter"])
	if err != nil {
		return nil, err
	}
	if err := l.sort(items, c.query["sort"]); err != nil {
		return nil, err
	}
	p, err := readPage(c, len(items))
	if err != nil {
		return nil, err
	}
	list := node(l.name)
	for _, item := range items[p.from:p.to] {
		list.add(l.render(item))
	}
	return ok(p.render(), list), nil
}

// page is the part of a list that is asked for.
type page struct{ number, size, total, from, to int }

const (
	defaultPageSize = 100
	maxPageSize     = 1000
)

// readPage reads pageNumber and pageSize. A page past the end is refused, but the first page of an empty list is there.
func readPage(c *call, total int) (page, error) {
	p := page{number: 1, size: defaultPageSize, total: total}
	var err error
	if s := c.query["pageSize"]; s != "" {
		if p.size, err = strconv.Atoi(s); err != nil || p.size < 1 {
			return page{}, refuse(codePageSize, "The page size must be an integer of at least 1, not '%s'.", s)
		}
	}
	if p.size > maxPageSize {
		return page{}, refuse(codePageTooLarge, "The page size %d is more than %d.", p.size, maxPageSize)
	}
	if s := c.query["pageNumber"]; s != "" {
		if p.number, err = strconv.Atoi(s); err != nil || p.number < 1 {
			return page{}, refuse(codePageNumber, "The page number must be an integer of at least 1, not '%s'.", s)
		}
	}
	if last := max(1, (total+p.size-1)/p.size); p.number > last {
		return page{}, refuse(codePageNumber, "The page number %d is past the last page, %d.", p.number, last)
	}
	p.from = (p.number - 1) * p.size
	p.to = min(total, p.from+p.size)
	return p, nil
}

func (p page) render() *element {
	return node("pagination").
		with("pageNumber", strconv.Itoa(p.number)).
		with("pageSize", strconv.Itoa(p.size)).
		with("totalAvailable", strconv.Itoa(p.total))
}

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

// filter returns the items that every term of the expression holds for, in a new slice. Of two terms on one field the
// last counts, as on the server.
func (l listing[T]) filter(expression string) ([]T, error) {
	items := slices.Clone(l.items)
	if expression == "" {
		return items, nil
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
	return slices.DeleteFunc(items, func(item T) bool {
		for _, holds := range terms {
			if !holds(item) {
				return true
			}
		}
		return false
	}), nil
}

// sort sorts the items in place by field:asc or field:desc, joined by commas.
func (l listing[T]) sort(items []T, expression string) error {
	if expression == "" {
		return nil
	}
	terms := strings.Split(expression, ",")
	for _, term := range slices.Backward(terms) { // stable sorts, the weightiest last
		name, direction, _ := strings.Cut(term, ":")
		f, known := l.fields[name]
		if !known || direction != "asc" && direction != "desc" {
			return refuse(codeFilter, "The sort '%s' is not field:asc or field:desc with a field of %s.", term, l.name)
		}
		slices.SortStableFunc(items, func(a, b T) int {
			if direction == "desc" {
				a, b = b, a
			}
			return f.compare(a, b)
		})
	}
	return nil
}

// field is one thing a list may be filtered and sorted by. Match makes the test of a term, nil when the operator or the
// value is not for this field.
type field[T any] struct {
	match   func(operator, value string) func(T) bool
	compare func(a, b T) int
}

// textField is a field with one value, for the operators eq and in.
func textField[T any](get func(T) string) field[T] {
	f := textsField(func(item T) []string { return []string{get(item)} })
	f.compare = func(a, b T) int { return strings.Compare(get(a), get(b)) }
	return f
}

// textsField is a field with any number of values, one of which must fit.
func textsField[T any](get func(T) []string) field[T] {
	return field[T]{
		match: func(operator, value string) func(T) bool {
			var fits func(string) bool
			switch operator {
			case "eq":
				fits = wildcard(value)
			case "in":
				list, isList := strings.CutPrefix(value, "[")
				list, closed := strings.CutSuffix(list, "]")
				if !isList || !closed {
					return nil
				}
				values := strings.Split(list, ",")
				fits = func(s string) bool { return slices.Contains(values, s) }
			default:
				return nil
			}
			return func(item T) bool { return slices.ContainsFunc(get(item), fits) }
		},
		compare: func(a, b T) int { return slices.Compare(get(a), get(b)) },
	}
}

// wildcard returns a test for a value in which * stands for any text.
func wildcard(pattern string) func(string) bool {
	if !strings.Contains(pattern, "*") {
		return func(s string) bool { return s == pattern }
	}
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")
	return regexp.MustCompile("(?s)^" + quoted + "$").MatchString
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
