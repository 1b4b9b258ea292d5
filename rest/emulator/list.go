package emulator

import (
	"strconv"
	"strings"
)

// listing is a list of the API: what may be filtered and sorted by, and how one item is written. Items come in the
// order of their creation unless the request sorts them, and only those on the page are written.
type listing[T any] struct {
	name    string // of the list element
	items   []T    // all there are; it is not changed
	fields  map[string]field[T]
	render  func(T) *element // with what only the parameter fields asks for as extras
	unpaged bool             // the whole list, without a pagination element, as a few operations answer
	endless bool             // a page past the end is empty, for a client in use that reads no pagination element
}

// reply filters, sorts, cuts out the page and writes it: pagination first, the list last.
func (l listing[T]) reply(c *call) (*reply, error) {
	selected, err := readSelection(strings.TrimSuffix(l.name, "s"), c.query["fields"])
	if err != nil {
		return nil, err
	}
	l.items = hide(c.fault, l.items)
	items, err := l.filter(c.query["filter"])
	if err != nil {
		return nil, err
	}
	if items, err = l.sort(items, c.query["sort"]); err != nil {
		return nil, err
	}
	if l.unpaged {
		return ok(l.renderAll(items, selected)), nil
	}
	p, err := readPage(c, len(items), l.endless)
	if err != nil {
		return nil, err
	}
	p = c.fault.repeat(p)
	return ok(p.render(), l.renderAll(items[p.from:p.to], selected)), nil
}

func (l listing[T]) renderAll(items []T, selected *selection) *element {
	list := node(l.name)
	for _, item := range items {
		e := l.render(item)
		selected.apply(e)
		list.add(e)
	}
	return list
}

// page is the part of a list that is asked for.
type page struct{ number, size, total, from, to int }

const (
	defaultPageSize = 100
	maxPageSize     = 1000
)

// readPage reads pageNumber and pageSize. A page past the end of a list that is not endless is refused, but the first page
// of an empty list is there.
func readPage(c *call, total int, endless bool) (page, error) {
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
	last := max(1, (total+p.size-1)/p.size)
	switch {
	case p.number > last && endless:
		p.from, p.to = total, total
		return p, nil
	case p.number > last:
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
