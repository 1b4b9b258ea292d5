package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Collect gathers a list, such as that of [WorkbooksService.All]. With an error come the objects before it.
func Collect[T any](list iter.Seq2[T, error]) ([]T, error) {
	var items []T
	for item, err := range list {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}

// A listing is a list that the server hands out in pages.
type listing[T any] struct {
	op    string
	since Version
	scope scope
	path  string // of the URL
	query Query
	extra string   // further query parameters, escaped
	items []string // where the items lie in an answer, such as workbooks, workbook; some answers leave out the first
	key   string   // where lies what tells items apart, "" for @id
	kinds filterKinds
	whole bool // objects come with all their fields
	// unnumbered lists may come without pagination, and go on until a page is not full.
	unnumbered bool
}

// all goes over the list, page by page as the caller gets there. Objects that move from one page to the next while the list
// changes are yielded once; a page of nothing else, with more to come, is an error. An error is yielded once and last.
func (l listing[T]) all(ctx context.Context, s *Session) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := l.each(ctx, s, func(e *element) bool { return yield(decodeElement[T](e), nil) })
		if err != nil {
			var none T
			yield(none, fmt.Errorf("listing %s: %w", l.path, err))
		}
	}
}

func (l listing[T]) each(ctx context.Context, s *Session, yield func(*element) bool) error {
	query := l.query
	if l.key == "" {
		query = query.identified()
	}
	p, err := query.plan(s.version, l.kinds)
	if err = errors.Join(err, l.checkNames(query)); err != nil {
		return err
	}
	places, err := filterPlaces[T](p.local)
	if err != nil {
		return err
	}
	if !l.whole || len(query.Fields) > 0 {
		p.query = joinQuery(p.query, query.choice(places, s.version))
	}
	keys, seen := placesOf(cmp.Or(l.key, "@id")), map[string]bool{}
	for number := 1; ; number++ {
		items, last, err := l.fetch(ctx, s, p, number)
		if err != nil {
			return err
		}
		known := len(seen)
		for _, item := range items {
			key := strings.Join(firstValues(item, keys), "")
			if seen[key] {
				continue
			}
			if key != "" {
				seen[key] = true
			}
			if keeps(p.local, places, item) && !yield(item) {
				return nil
			}
		}
		switch {
		case last:
			return nil
		case len(seen) == known: // it would go on for as long as the server says that there is more
			return fmt.Errorf("page %d brings nothing new, and the server says that there is more", number)
		}
	}
}

// checkNames refuses to sort by, or to ask for, what no object of the list has.
func (l listing[T]) checkNames(q Query) error {
	if q.Unchecked {
		return nil
	}
	var errs []error
	told := namesIn[T]()
	sorted := slices.Concat(l.kinds.names(), told)
	for _, o := range q.Sort {
		if l.kinds != "" && !slices.Contains(sorted, o.field) {
			errs = append(errs, fmt.Errorf("sorting by %q: the list has no such field; there is %s", o.field, eachOnce(sorted)))
		}
	}
	for _, field := range q.Fields {
		name, _, _ := strings.Cut(strings.TrimPrefix(field, l.items[len(l.items)-1]+"."), ".")
		if name != defaultFields && name != allFields && !slices.Contains(told, name) && !slices.Contains(told, "*") {
			errs = append(errs, fmt.Errorf("%q is not a field to be answered; there is %s", field, eachOnce(told)))
		}
	}
	return errors.Join(errs...)
}

// eachOnce lists names, each once.
func eachOnce(names []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(names))), ", ")
}

type wirePagination struct {
	PageNumber     int64 `api:"@pageNumber"`
	PageSize       int64 `api:"@pageSize"`
	TotalAvailable int64 `api:"@totalAvailable"`
}

// fetch gets one page, and says whether it is the last.
func (l listing[T]) fetch(ctx context.Context, s *Session, p plan, number int) (items []*element, last bool, err error) {
	parameters := []string{p.query, l.extra, "pageNumber=" + strconv.Itoa(number), "pageSize=" + strconv.Itoa(p.page)}
	answer, err := s.call(ctx, &request{
		op: l.op, since: l.since, method: http.MethodGet, scope: l.scope, path: l.path, query: joinQuery(parameters...),
	})
	if refused, ok := errors.AsType[*Error](err); ok && number > 1 && refused.Code == "400006" {
		return nil, true, nil // the list has become shorter
	}
	if err != nil {
		return nil, false, err
	}
	if items = answer.below(l.items); answer.child(l.items[0]) == nil {
		items = answer.below(l.items[len(l.items)-1:])
	}
	if answer.child("pagination") == nil || len(items) == 0 {
		return items, !l.unnumbered || len(items) < p.page, nil
	}
	said := decodeElement[wirePagination](answer.child("pagination"))
	if said.PageNumber != int64(number) {
		return nil, false, fmt.Errorf("asked for page %d, the server sent page %d", number, said.PageNumber)
	}
	return items, said.last(number, p.page), nil
}

// last says whether there is nothing after the page with that number. The size asked for counts if the server does not say
// which it used; that may be less. No numbers of a server make it overflow.
func (p wirePagination) last(number, asked int) bool {
	size := p.PageSize
	if size < 1 {
		size = int64(asked)
	}
	return p.TotalAvailable < 1 || (p.TotalAvailable-1)/size < int64(number)
}

// failing is a list that cannot be asked for.
func failing[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}

// joinQuery joins the parameters of a URL that are not empty.
func joinQuery(parameters ...string) string {
	var set []string
	for _, p := range parameters {
		if p != "" {
			set = append(set, p)
		}
	}
	return strings.Join(set, "&")
}

// filterPlaces finds where the fields of filters lie in an object of a list, and refuses one that has no such place.
func filterPlaces[T any](filters []Filter) (map[string][]place, error) {
	found := map[string][]place{}
	for _, f := range filters {
		wanted := cmp.Or(fieldPlaces[f.field], "@"+f.field)
		found[f.field] = placesLike[T](placesOf(wanted)[0])
		if len(found[f.field]) == 0 {
			return nil, fmt.Errorf("filter on %q: neither the server nor the client can apply it: "+
				"it has a comma or an ampersand, or is the second on its field", f.field)
		}
	}
	return found, nil
}

// keeps finishes here what the server could not filter.
func keeps(filters []Filter, places map[string][]place, item *element) bool {
	return !slices.ContainsFunc(filters, func(f Filter) bool {
		have := firstValues(item, places[f.field])
		if len(have) == 0 {
			have = []string{""}
		}
		return !f.matches(have)
	})
}
