package xmledit

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

// Insert puts a new child into e before the child ref, or at the end if ref does
// not exist, and returns it.
func (e Element) Insert(n *Node, ref Element) (Element, error) {
	put, err := e.InsertAll(Placed{n, ref})
	if err != nil {
		return Element{}, err
	}
	return put[0], nil
}

// Placed is a new child for [Element.InsertAll], and the child that it is to stand before:
// one that is there, or none for the end.
type Placed struct {
	Node   *Node
	Before Element
}

// InsertAll puts new children into e, those for one place in their order, and returns
// them. It takes a time that grows as they do, wherever they go.
func (e Element) InsertAll(children ...Placed) ([]Element, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	if ed := e.edit(); ed != nil && ed.text != nil {
		return nil, fmt.Errorf("the text of <%s> was set, it cannot take child elements", e.Name())
	}
	puts := make([]put, len(children))
	out := make([]Element, len(children))
	for i, c := range children {
		before, at, err := e.insertAt(c.Before)
		if err != nil {
			return nil, err
		}
		fragment, err := e.newFragment(c.Node, before, c.Before)
		if err != nil {
			return nil, fmt.Errorf("inserting <%s>: %w", c.Node.Name, err)
		}
		puts[i] = put{insertion{before, fragment}, at}
		out[i] = fragment.Root()
	}
	slices.SortStableFunc(puts, func(a, b put) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(uint32(a.before), uint32(b.before))) // -1 is the largest
	})
	e.d.change(e.n, func(ed *edit) { ed.inserts = merge(ed.inserts, puts) })
	for _, el := range out {
		el.Claim()
	}
	return out, nil
}

// put is an insertion with its place among those that there are.
type put struct {
	insertion
	at int
}

// merge puts new insertions, which are in order, among those that there are. What goes to
// the end is appended, else the result shares nothing with inserts.
func merge(inserts []insertion, puts []put) []insertion {
	out := inserts
	if len(puts) > 0 && puts[0].at < len(inserts) {
		out = append(make([]insertion, 0, len(inserts)+len(puts)), inserts[:puts[0].at]...)
		for i, p := range puts {
			end := len(inserts)
			if i+1 < len(puts) {
				end = puts[i+1].at
			}
			out = append(append(out, p.insertion), inserts[p.at:end]...)
		}
		return out
	}
	for _, p := range puts {
		out = append(out, p.insertion)
	}
	return out
}

// newFragment is a new child of e, to stand before the node of the source before and the
// child ref.
func (e Element) newFragment(n *Node, before int32, ref Element) (*Document, error) {
	l := e.childLayout(before)
	if ref.Exists() && ref.d != e.d {
		l = ref.d.layout
	}
	raw, err := n.render(nil, style{quote: e.quote(), unit: e.indentUnit(), limit: e.d.src.lim.Depth}, l, 1)
	if err != nil {
		return nil, err
	}
	src, err := parse(raw, e.d.src.lim)
	if err != nil {
		return nil, err
	}
	return &Document{src: src, fragment: true, host: e, layout: l, journal: e.d.journal}, nil
}

// insertAt translates a reference child into a place among the insertions of e.
func (e Element) insertAt(ref Element) (before int32, at int, err error) {
	var inserts []insertion
	if ed := e.edit(); ed != nil {
		inserts = ed.inserts
	}
	switch {
	case !ref.Exists():
		return -1, len(inserts), nil
	case ref.Parent() != e:
		return 0, 0, fmt.Errorf("<%s> is not a child of <%s>", ref.Name(), e.Name())
	case ref.check() != nil:
		return 0, 0, ErrGone
	case ref.d == e.d:
		at = sort.Search(len(inserts), func(i int) bool { return inserts[i].before < 0 || inserts[i].before > ref.n })
		return ref.n, at, nil
	}
	at = e.indexOf(ref.d)
	return inserts[at].before, at, nil
}

// Append puts a new child at the end of e.
func (e Element) Append(n *Node) (Element, error) { return e.Insert(n, Element{}) }
