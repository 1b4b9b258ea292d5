package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strconv"
)

// A listing is a list that the server hands out in pages.
type listing[T any] struct {
	session *Session
	path    string // below the site
	query   Query
	items   func(*envelope) []T
	luid    func(T) string
	field   func(T, string) (values []string, ok bool) // what a filter on a field sees of an object
}

// all goes over the list, page by page as the caller gets there. Objects that move from one page to the next while the list
// changes are yielded once; a page of nothing else, with more to come, is an error. An error is yielded once and last.
func (l listing[T]) all(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := l.each(ctx, func(item T) bool { return yield(item, nil) }); err != nil {
			var none T
			yield(none, fmt.Errorf("listing %s: %w", l.path, err))
		}
	}
}

func (l listing[T]) each(ctx context.Context, yield func(T) bool) error {
	p, err := l.query.plan(l.session.version)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for number := 1; ; number++ {
		items, last, err := l.fetch(ctx, p, number)
		if err != nil {
			return err
		}
		known := len(seen)
		for _, item := range items {
			luid := l.luid(item)
			if seen[luid] {
				continue
			}
			if luid != "" {
				seen[luid] = true
			}
			keep, err := l.keeps(p.local, item)
			if err != nil {
				return err
			}
			if keep && !yield(item) {
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

// fetch gets one page, and says whether it is the last.
func (l listing[T]) fetch(ctx context.Context, p plan, number int) (items []T, last bool, err error) {
	query := "pageNumber=" + strconv.Itoa(number) + "&pageSize=" + strconv.Itoa(p.page)
	if p.query != "" {
		query = p.query + "&" + query
	}
	env, err := l.session.call(ctx, &request{method: http.MethodGet, path: l.path, query: query})
	if refused, ok := errors.AsType[*Error](err); ok && number > 1 && refused.Code == "400006" {
		return nil, true, nil // the list has become shorter
	}
	if err != nil {
		return nil, false, err
	}
	items = l.items(env)
	if env.Pagination == nil || len(items) == 0 {
		return items, true, nil
	}
	if got := int(env.Pagination.PageNumber); got != number {
		return nil, false, fmt.Errorf("asked for page %d, the server sent page %d", number, got)
	}
	return items, env.Pagination.last(number, p.page), nil
}

// last says whether there is nothing after the page with that number. The size asked for counts if the server does not say
// which it used; that may be less. No numbers of a server make it overflow.
func (p *wirePagination) last(number, asked int) bool {
	size := int64(p.PageSize)
	if size < 1 {
		size = int64(asked)
	}
	return p.TotalAvailable < 1 || int64(p.TotalAvailable-1)/size < int64(number)
}

// keeps finishes here what the server could not filter.
func (l listing[T]) keeps(filters []Filter, item T) (bool, error) {
	for _, f := range filters {
		have, ok := l.field(item, f.field)
		if !ok {
			return false, fmt.Errorf("filter on %q: neither the server nor the client can apply it: "+
				"it has a comma or an ampersand, or is the second on its field", f.field)
		}
		if !f.matches(have) {
			return false, nil
		}
	}
	return true, nil
}
