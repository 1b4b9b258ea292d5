package documents

import (
	"hash/maphash"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// A tree is an element with what is in it, for comparing it.
type tree struct {
	el       xmledit.Element
	name     string
	label    string         // of its name and what names it among its siblings
	attrList []xmledit.Attr // sorted by name
	text     string         // of one that has no children
	children []*tree
	hash     uint64 // of all of this
}

// namingAttrs are the attributes that name an element among its siblings, the first that it has.
var namingAttrs = []string{"name", "key", "column", "id", "member", "param"}

// treeOf reads an element. A copy of a published data source that it holds as text (format 7) is its child.
// Trees that are compared have one seed.
func treeOf(el xmledit.Element, seed maphash.Seed) *tree {
	t := &tree{el: el, name: el.FullName()}
	for a := range el.Attrs() {
		t.attrList = append(t.attrList, a)
	}
	slices.SortFunc(t.attrList, func(a, b xmledit.Attr) int { return strings.Compare(a.Name, b.Name) })
	if inner, err := tds.Inside(el); err == nil && inner.Exists() {
		t.children = append(t.children, treeOf(inner, seed))
	} else {
		for child := range el.Children() {
			t.children = append(t.children, treeOf(child, seed))
		}
		if text := normalized(el.Text()); len(t.children) == 0 || strings.TrimSpace(text) != "" {
			t.text = text
		}
	}
	t.label = t.name
	for _, name := range namingAttrs {
		if value, ok := t.attr(name); ok {
			t.label += " " + value
			break
		}
	}
	t.hash = t.sum(seed)
	return t
}

func (t *tree) sum(seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	part := func(text string) {
		maphash.WriteComparable(&h, len(text))
		_, _ = h.WriteString(text)
	}
	part(t.name)
	for _, a := range t.attrList {
		part(a.Name)
		part(a.Value)
	}
	part(t.text)
	for _, child := range t.children {
		maphash.WriteComparable(&h, child.hash)
	}
	return h.Sum64()
}

func (t *tree) attr(name string) (string, bool) {
	i, ok := slices.BinarySearchFunc(t.attrList, name, func(a xmledit.Attr, name string) int { return strings.Compare(a.Name, name) })
	if !ok {
		return "", false
	}
	return t.attrList[i].Value, true
}

func (t *tree) attrs(yield func(name, value string) bool) {
	for _, a := range t.attrList {
		if !yield(a.Name, a.Value) {
			return
		}
	}
}

// pair finds for each element the one of the others that it is to be compared with, -1 for none: one that is the same, else
// one of its name that is named alike, else a sheet with its identifier, else, where there is nothing in them, one of its name.
// Of several it is the first that is left.
func pair(want, have []*tree) []int {
	p := pairing{make([]int, len(want)), make([]bool, len(have))}
	for i := range p.pairs {
		p.pairs[i] = -1
	}
	pairBy(&p, want, have, func(t *tree) (uint64, bool) { return t.hash, true })
	pairBy(&p, want, have, func(t *tree) (string, bool) { return t.label, true })
	pairBy(&p, want, have, (*tree).identifier)
	pairBy(&p, want, have, func(t *tree) (string, bool) { return t.name, len(t.children) == 0 })
	return p.pairs
}

// identifier is that of a sheet, which stays when its name changes.
func (t *tree) identifier() (string, bool) {
	for _, c := range t.children {
		if xmledit.LocalName(c.name) == "simple-id" {
			return c.attr("uuid")
		}
	}
	return "", false
}

type pairing struct {
	pairs []int
	taken []bool
}

// pairBy pairs those that are left and have the same key, if they have one.
func pairBy[K comparable](p *pairing, want, have []*tree, key func(*tree) (k K, ok bool)) {
	free := map[K][]int{}
	for i, t := range have {
		if k, ok := key(t); ok && !p.taken[i] {
			free[k] = append(free[k], i)
		}
	}
	for i, t := range want {
		k, ok := key(t)
		if left := free[k]; ok && p.pairs[i] < 0 && len(left) > 0 {
			p.pairs[i], free[k] = left[0], left[1:]
			p.taken[left[0]] = true
		}
	}
}
