package xmledit

import (
	"cmp"
	"iter"
	"slices"
)

// Descendants lists the elements inside e, at any depth, that answer to one of
// names, in document order. What is inserted or removed meanwhile is not seen.
func (e Element) Descendants(names ...string) iter.Seq[Element] {
	return func(yield func(Element) bool) {
		if e.Exists() {
			e.descend(names, yield)
		}
	}
}

// descend runs over the index, which is in document order, and turns aside only where
// an edit inserted or removed elements.
func (e Element) descend(names []string, yield func(Element) bool) bool {
	nodes := e.d.src.nodes
	turns := e.d.turns(e.n)
	for i, end := e.n+1, nodes[e.n].next; ; {
		for len(turns) > 0 && turns[0].at <= i {
			turn := turns[0]
			turns = turns[1:]
			if turn.fragment == nil {
				i = nodes[turn.node].next
				continue
			}
			root := turn.fragment.Root()
			if root.answers(names) && !yield(root) || !root.descend(names, yield) {
				return false
			}
		}
		if i >= end {
			return true
		}
		stop := end
		if len(turns) > 0 {
			stop = min(stop, turns[0].at)
		}
		for ; i < stop; i++ {
			if el := (Element{e.d, i}); nodes[i].kind == element && el.answers(names) && !yield(el) {
				return false
			}
		}
	}
}

// turn is an edit that changes which elements there are: a fragment that comes before
// node at, or a removed node.
type turn struct {
	at       int32
	order    int // at one place: what ends there, what comes before the node, the removal of the node
	node     int32
	fragment *Document
}

// turns are the turns inside node n, in document order.
func (d *Document) turns(n int32) []turn {
	var out []turn
	for at, ed := range within(d.edits, n, d.src.nodes[n].next) {
		if !ed.removed && len(ed.inserts) == 0 || d.removedAbove(d.src.nodes[at].parent) {
			continue
		}
		if ed.removed {
			out = append(out, turn{at, 2, at, nil})
			continue
		}
		for _, ins := range ed.inserts {
			if ins.before < 0 {
				out = append(out, turn{d.src.nodes[at].next, 0, -at, ins.fragment})
			} else {
				out = append(out, turn{ins.before, 1, 0, ins.fragment})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b turn) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order), cmp.Compare(a.node, b.node))
	})
	return out
}
