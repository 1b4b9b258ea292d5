package xmledit

import (
	"bytes"
	"iter"
)

// Element is a place in a document: an element of the source or an inserted one.
// Elements are compared with ==. The zero Element is "none"; reading it gives
// nothing, editing it is an error.
type Element struct {
	d *Document
	n int32
}

// Exists tells whether e is an element at all; a search that finds nothing gives
// one that does not exist.
func (e Element) Exists() bool { return e.d != nil }

// Document is the document that e stands in: the outermost one for inserted
// elements, the inner one for elements of an embedded document.
func (e Element) Document() *Document {
	d := e.d
	for d != nil && d.fragment {
		d = d.host.d
	}
	return d
}

func (e Element) node() node { return e.d.src.nodes[e.n] }

func (e Element) edit() *edit { return e.d.edits[e.n] }

// FullName is the name as written, with its feature prefixes.
func (e Element) FullName() string {
	if !e.Exists() {
		return ""
	}
	return string(e.rawName())
}

func (e Element) rawName() []byte {
	n := e.node()
	return e.d.src.data[n.start+1 : n.start+1+uint32(n.nameLen)]
}

// Name is the name without feature prefixes.
func (e Element) Name() string { return LocalName(e.FullName()) }

// Attr is an attribute: its name as written and its decoded value.
type Attr struct {
	Name, Value string
}

// attrSpan is where an attribute stands: blank is the end of what comes before it.
type attrSpan struct {
	blank, name, nameEnd, value, end int // value and end are inside the quotes
}

// attrsFrom finds the attributes of a sound start tag; i is after its name.
func attrsFrom(b []byte, i int) iter.Seq[attrSpan] {
	return func(yield func(attrSpan) bool) {
		for {
			a := attrSpan{blank: i, name: spaceEnd(b, i)}
			if a.nameEnd = nameEnd(b, a.name); a.nameEnd == a.name {
				return
			}
			i = spaceEnd(b, spaceEnd(b, a.nameEnd)+1) // past the '='
			a.value = i + 1
			a.end = a.value + bytes.IndexByte(b[a.value:], b[i])
			i = a.end + 1
			if !yield(a) {
				return
			}
		}
	}
}

// rawAttrs finds the attributes of e in the source.
func (e Element) rawAttrs() iter.Seq[attrSpan] {
	n := e.node()
	return attrsFrom(e.d.src.data, int(n.start)+1+int(n.nameLen))
}

// Attrs lists the attributes: those of the source in their order, then added ones.
func (e Element) Attrs() iter.Seq[Attr] {
	return func(yield func(Attr) bool) {
		if !e.Exists() {
			return
		}
		var edits []attrEdit
		if ed := e.edit(); ed != nil {
			edits = ed.attrs
		}
		b := e.d.src.data
		for a := range e.rawAttrs() {
			name := string(b[a.name:a.nameEnd])
			i := findAttr(edits, name)
			switch {
			case i < 0:
				if !yield(Attr{name, decodeAttr(b[a.value:a.end])}) {
					return
				}
			case !edits[i].removed:
				if !yield(Attr{name, edits[i].value}) {
					return
				}
			}
		}
		for _, a := range edits {
			if _, ok := e.sourceAttr(a.name); !ok && !a.removed && !yield(Attr{a.name, a.value}) {
				return
			}
		}
	}
}

func findAttr(edits []attrEdit, name string) int {
	for i := range edits {
		if edits[i].name == name {
			return i
		}
	}
	return -1
}

// sourceAttr finds an attribute of the source by its name as written.
func (e Element) sourceAttr(name string) (attrSpan, bool) {
	b := e.d.src.data
	for a := range e.rawAttrs() {
		if string(b[a.name:a.nameEnd]) == name {
			return a, true
		}
	}
	return attrSpan{}, false
}

// Attr reads an attribute by its name, feature prefixes aside: the plain form if
// there is one, else the form for readers that know the feature, else the other.
// The second result tells whether it is there at all: an empty value is one.
func (e Element) Attr(name string) (string, bool) {
	if !e.Exists() {
		return "", false
	}
	value, best := "", -1
	if e.edit() == nil || len(e.edit().attrs) == 0 { // decode only what is asked for
		b := e.d.src.data
		for a := range e.rawAttrs() {
			written := b[a.name:a.nameEnd]
			if !matches(written, name) {
				continue
			}
			if r := rank(string(written)); best < 0 || r < best {
				value, best = decodeAttr(b[a.value:a.end]), r
			}
		}
		return value, best >= 0
	}
	for a := range e.Attrs() {
		if matches([]byte(a.Name), name) {
			if r := rank(a.Name); best < 0 || r < best {
				value, best = a.Value, r
			}
		}
	}
	return value, best >= 0
}

// Value is the attribute's value, empty if it is not there.
func (e Element) Value(name string) string {
	v, _ := e.Attr(name)
	return v
}

// Parent is the element around e; the root has none, nor has the root of an
// embedded document (see [Element.Holder]).
func (e Element) Parent() Element {
	if !e.Exists() {
		return Element{}
	}
	if p := e.node().parent; p >= 0 {
		return Element{e.d, p}
	}
	if e.d.fragment {
		return e.d.host
	}
	return Element{}
}

// Holder is the element whose text holds the embedded document that e stands in,
// none if e stands in an outermost document.
func (e Element) Holder() Element {
	if d := e.Document(); d != nil {
		return d.host
	}
	return Element{}
}

// Children lists the child elements that answer to one of names, all of them if
// there are none, in document order.
func (e Element) Children(names ...string) iter.Seq[Element] {
	return func(yield func(Element) bool) {
		if !e.Exists() {
			return
		}
		for c := range e.children(false) {
			if c.answers(names) && !yield(c) {
				return
			}
		}
	}
}

func (e Element) answers(names []string) bool {
	if len(names) == 0 {
		return true
	}
	written := e.rawName()
	for _, want := range names {
		if matches(written, want) {
			return true
		}
	}
	return false
}

// children lists child elements as the edits left them, removed ones of the source
// among them if asked for.
func (e Element) children(removedToo bool) iter.Seq[Element] {
	return func(yield func(Element) bool) {
		var inserts []insertion
		if ed := e.edit(); ed != nil {
			inserts = ed.inserts
		}
		for c := range e.sourceNodes() {
			for ; len(inserts) > 0 && inserts[0].before == c; inserts = inserts[1:] {
				if !yield(inserts[0].fragment.Root()) {
					return
				}
			}
			if e.d.src.nodes[c].kind != element {
				continue
			}
			if ed := e.d.edits[c]; !removedToo && ed != nil && ed.removed {
				continue
			}
			if !yield(Element{e.d, c}) {
				return
			}
		}
		for _, ins := range inserts {
			if !yield(ins.fragment.Root()) {
				return
			}
		}
	}
}

// sourceNodes lists the nodes directly inside e in the source.
func (e Element) sourceNodes() iter.Seq[int32] {
	return func(yield func(int32) bool) {
		nodes := e.d.src.nodes
		for c := e.n + 1; c < nodes[e.n].next; c = nodes[c].next {
			if !yield(c) {
				return
			}
		}
	}
}

// Child is the first child element that answers to name.
func (e Element) Child(name string) Element {
	for c := range e.Children(name) {
		return c
	}
	return Element{}
}

// Find follows a path of child names, taking the first at each step.
func (e Element) Find(names ...string) Element {
	for _, name := range names {
		e = e.Child(name)
	}
	return e
}

// contentEnd is where the end tag begins; of an empty-element tag it is the end.
func (e Element) contentEnd() int {
	n := e.node()
	if n.tagEnd == n.end {
		return int(n.end)
	}
	return int(n.tagEnd) + bytes.LastIndexByte(e.d.src.data[n.tagEnd:n.end], '<')
}

// Text is the character data directly inside e, decoded: text and CDATA joined,
// comments left out.
func (e Element) Text() string {
	if !e.Exists() {
		return ""
	}
	if ed := e.edit(); ed != nil && ed.text != nil {
		return ed.text.value
	}
	if inner := e.d.embedded[e.n]; inner.edited() {
		return e.textAround(inner)
	}
	var out []byte
	for p := range e.textPieces() {
		out = decodeText(e.d.src.data[p.start:p.until(e.d)], p.cdata, out, nil)
	}
	return string(out)
}

// textAround is the text of e with the edits of the document it holds.
func (e Element) textAround(inner *Document) string {
	raw, from := []byte("<x>"), int(e.node().tagEnd)
	for _, c := range e.d.src.embeddedIn(e.n).changes(inner) {
		raw = append(append(raw, e.d.src.data[from:c.Start]...), c.New...)
		from = c.End
	}
	raw = append(append(raw, e.d.src.data[from:e.contentEnd()]...), "</x>"...)
	src, err := parse(raw, e.d.src.lim)
	if err != nil {
		return "" // it was sound before, and edits are checked
	}
	return (&Document{src: src}).Root().sourceText()
}

func (e Element) sourceText() string {
	var out []byte
	for p := range e.textPieces() {
		out = decodeText(e.d.src.data[p.start:p.end], p.cdata, out, nil)
	}
	return string(out)
}

// textPiece is a stretch of character data; of CDATA, what is inside the section.
type textPiece struct {
	start, end int
	cdata      bool
	before     int32 // the node that follows, -1 for none
}

// until is where a piece ends once the edits are made: a child that is removed takes the line it stands on along.
func (p textPiece) until(d *Document) int {
	if ed := d.edits[p.before]; ed != nil && ed.removed {
		if c, ok := (Element{d, p.before}).removal(); ok {
			return max(p.start, c.Start)
		}
	}
	return p.end
}

func (e Element) textPieces() iter.Seq[textPiece] {
	return func(yield func(textPiece) bool) {
		from := int(e.node().tagEnd)
		for c := range e.sourceNodes() {
			n := e.d.src.nodes[c]
			if from < int(n.start) && !yield(textPiece{from, int(n.start), false, c}) {
				return
			}
			from = int(n.end)
			if n.kind == cdata && !yield(textPiece{int(n.start) + len("<![CDATA["), from - len("]]>"), true, -1}) {
				return
			}
		}
		if end := e.contentEnd(); from < end {
			yield(textPiece{from, end, false, -1})
		}
	}
}

// Position is where e begins. An element that was inserted is at the place where
// it comes to stand; one of an embedded document is where its holder begins.
func (e Element) Position() Position {
	if !e.Exists() {
		return Position{}
	}
	if e.d.host.Exists() {
		return e.d.host.Position()
	}
	return e.d.src.position(int(e.node().start))
}

// Raw is the element as it would be written now, markup included; nothing if it was
// removed.
func (e Element) Raw() string {
	if e.check() != nil {
		return ""
	}
	n := e.node()
	var out []byte
	from := int(n.start)
	for _, s := range e.d.Splices() {
		if s.End <= int(n.start) || s.Start >= int(n.end) {
			continue
		}
		out = append(append(out, e.d.src.data[from:s.Start]...), s.New...)
		from = s.End
	}
	return string(append(out, e.d.src.data[from:n.end]...))
}
