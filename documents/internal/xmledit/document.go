package xmledit

import (
	"bytes"
	"io"
	"iter"
	"maps"
	"slices"
	"sort"
	"sync"
)

// Document is one XML document and the edits made to it. See the package comment
// for its promises.
type Document struct {
	src      *source
	edits    map[int32]*edit
	claims   map[int32][]claim   // what rules want of the nodes of the source
	embedded map[int32]*Document // documents held in text, as far as they were opened
	opening  sync.Mutex          // guards embedded, which reading changes, against Clone
	host     Element             // of a fragment its parent, of an embedded document its holder
	fragment bool                // an inserted element
	layout   layout              // of a fragment's root
	journal  *journal
}

// edit is what was done to one node of the source.
type edit struct {
	removed bool
	attrs   []attrEdit
	text    *textEdit
	inserts []insertion
}

type attrEdit struct {
	name    string // as written
	value   string
	removed bool
}

type textEdit struct {
	value string
	raw   []byte
}

// insertion is a new child: before is the node of the source that follows it, or
// -1 for the end. Insertions are in the order of the document.
type insertion struct {
	before   int32
	fragment *Document
}

// journal is what a failed verb needs to undo itself. The outermost document and
// everything inserted in or embedded in it share one.
type journal struct {
	depth int
	undo  []func()
	rule  string // in whose name edits are made; "" outside any
	notes []note
	noted map[note]bool // what is in notes
}

// Parse indexes data, which the Document keeps and the caller must not change
// afterwards. The error is a [*SyntaxError].
func Parse(data []byte, lim Limits) (*Document, error) {
	src, err := parse(data, lim)
	if err != nil {
		return nil, err
	}
	return &Document{src: src, journal: &journal{}}, nil
}

// Root is the root element.
func (d *Document) Root() Element { return Element{d, d.src.root} }

// At is the innermost element that a byte of the source stands in, its tags included; the root
// if none is.
func (d *Document) At(offset int) Element {
	nodes := d.src.nodes
	i := sort.Search(len(nodes), func(i int) bool { return int(nodes[i].start) > offset }) - 1
	for ; i >= 0; i = int(nodes[i].parent) {
		if n := nodes[i]; n.kind == element && offset < int(n.end) {
			return Element{d, int32(i)}
		}
	}
	return d.Root()
}

// Clone gives a document with the same source and edits; from then on each has its
// own edits. It costs as much as the edits made, and the embedded documents opened, so
// far. Elements had from the original do not belong to the clone.
func (d *Document) Clone() *Document {
	copies := map[*Document]*Document{}
	c := d.clone(Element{}, &journal{}, copies)
	c.journal.copyNotes(d.journal.notes, copies)
	return c
}

// clone also notes in copies what became of d and the documents in it.
func (d *Document) clone(host Element, j *journal, copies map[*Document]*Document) *Document {
	c := &Document{src: d.src, claims: maps.Clone(d.claims), host: host, fragment: d.fragment, layout: d.layout, journal: j}
	copies[d] = c
	if len(d.edits) > 0 {
		c.edits = make(map[int32]*edit, len(d.edits))
	}
	for n, e := range d.edits {
		copied := *e
		copied.attrs = slices.Clone(e.attrs)
		copied.inserts = slices.Clone(e.inserts)
		for i, ins := range copied.inserts {
			copied.inserts[i].fragment = ins.fragment.clone(Element{c, n}, j, copies)
		}
		c.edits[n] = &copied
	}
	d.opening.Lock()
	defer d.opening.Unlock()
	for n, inner := range d.embedded {
		c.embed(n, inner.clone(Element{c, n}, j, copies))
	}
	return c
}

func (d *Document) embed(n int32, inner *Document) {
	d.opening.Lock()
	defer d.opening.Unlock()
	if d.embedded == nil {
		d.embedded = map[int32]*Document{}
	}
	d.embedded[n] = inner
}

// Atomically runs a verb: if it fails or panics, the document is as it was before.
// Edits made in it are made in the name of rule: what that rule wants of a place, a
// rule of another name may not want differently later, which is a [*ConflictError]. An
// empty rule keeps that of the verb around it; edits outside any named rule conflict
// with nothing.
func (d *Document) Atomically(rule string, verb func() error) (err error) {
	j := d.journal
	mark, outer := len(j.undo), j.rule
	if rule != "" {
		j.rule = rule
	}
	j.depth++
	done := false
	defer func() {
		if !done || err != nil {
			for i := len(j.undo) - 1; i >= mark; i-- {
				j.undo[i]()
			}
			j.undo = j.undo[:mark]
		}
		j.rule = outer
		if j.depth--; j.depth == 0 {
			j.undo = nil
		}
	}()
	err = verb()
	done = true
	return err
}

// onFailure registers how to take back what was just done.
func (j *journal) onFailure(undo func()) {
	if j.depth > 0 {
		j.undo = append(j.undo, undo)
	}
}

// change replaces the edit of node n by what alter makes of a copy of it. The copy shares
// the insertions, to which alter may append, and which it must not change otherwise.
func (d *Document) change(n int32, alter func(*edit)) {
	old := d.edits[n]
	var e edit
	if old != nil {
		e = *old
		e.attrs = slices.Clone(old.attrs)
	}
	alter(&e)
	if d.edits == nil {
		d.edits = map[int32]*edit{}
	}
	d.journal.onFailure(func() {
		if old == nil {
			delete(d.edits, n)
		} else {
			d.edits[n] = old
		}
	})
	if !e.removed && len(e.attrs) == 0 && e.text == nil && len(e.inserts) == 0 {
		delete(d.edits, n)
		return
	}
	d.edits[n] = &e
}

// Changed tells whether writing gives other bytes than were read.
func (d *Document) Changed() bool {
	if len(d.edits) > 0 {
		return true
	}
	for _, inner := range d.embedded {
		if inner.Changed() {
			return true
		}
	}
	return false
}

// Source is the bytes as they were read; they must not be changed.
func (d *Document) Source() []byte { return d.src.data }

// Splice says that the bytes from Start to End of the source are New in the
// result.
type Splice struct {
	Start, End int
	New        []byte
}

// Splices are all differences between the source and the result, in order, without
// overlap.
func (d *Document) Splices() []Splice {
	changes := d.changes()
	out := make([]Splice, len(changes))
	for i, c := range changes {
		out[i] = c.Splice
	}
	return out
}

// Size is the length of the result in bytes.
func (d *Document) Size() int64 {
	size := int64(len(d.src.data))
	for _, s := range d.Splices() {
		size += int64(len(s.New) - (s.End - s.Start))
	}
	return size
}

// WriteTo writes the document with its edits. Untouched bytes go from the source
// to w without being copied on the way.
func (d *Document) WriteTo(w io.Writer) (int64, error) {
	var written int64
	for b := range d.pieces() {
		if len(b) == 0 {
			continue
		}
		n, err := w.Write(b)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// Bytes is the document with its edits; without any it is the source itself.
func (d *Document) Bytes() []byte {
	if !d.Changed() {
		return d.src.data
	}
	return bytes.Join(slices.Collect(d.pieces()), nil)
}

func (d *Document) pieces() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		from := 0
		for _, s := range d.Splices() {
			if !yield(d.src.data[from:s.Start]) || !yield(s.New) {
				return
			}
			from = s.End
		}
		yield(d.src.data[from:])
	}
}

// sortedEdits are the nodes with edits, in document order, without those inside a
// removed element or one whose content was replaced.
func (d *Document) sortedEdits() []int32 {
	nodes := slices.Sorted(maps.Keys(d.edits))
	return slices.DeleteFunc(nodes, func(n int32) bool {
		parent := d.src.nodes[n].parent
		ed := d.edits[parent]
		return ed != nil && ed.text != nil || d.removedAbove(parent)
	})
}

// removedAbove tells whether node n or one around it was removed.
func (d *Document) removedAbove(n int32) bool {
	for ; n >= 0; n = d.src.nodes[n].parent {
		if e := d.edits[n]; e != nil && e.removed {
			return true
		}
	}
	return false
}
