package xmledit

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// Change is one difference between the source and the result: the splice that
// makes it, and what it means to a person.
type Change struct {
	Splice
	Position      Position // in the source
	Path          string   // the element, attribute or text
	Before, After string   // decoded values; for elements, their markup; "" for what is not there
}

// change is a Change before its place is worked out.
type change struct {
	Splice
	element       Element
	suffix        string // of the path
	before, after string
	white         int // how much white space the splice takes before what it is about
}

// Changes lists what writing will change, in the order of the document. Applying
// the splices of all of them to the source gives what WriteTo writes.
func (d *Document) Changes() iter.Seq[Change] {
	return func(yield func(Change) bool) {
		var names pathNames
		for _, c := range d.changes() {
			if !yield(Change{
				Splice:   c.Splice,
				Position: d.src.position(c.Start + c.white),
				Path:     names.of(c.element) + c.suffix,
				Before:   c.before,
				After:    c.after,
			}) {
				return
			}
		}
	}
}

// changes collects all splices in order.
func (d *Document) changes() []change {
	var out []change
	for _, n := range d.sortedEdits() {
		e, ed := Element{d, n}, d.edits[n]
		if ed.removed {
			if c, ok := e.removal(); ok {
				out = append(out, c)
			}
			continue
		}
		out = append(out, e.attrChanges(ed)...)
		if ed.text != nil {
			out = append(out, e.textChange(ed.text))
		}
		out = append(out, e.insertChanges(ed)...)
	}
	for n, inner := range d.embedded {
		if !d.removedAbove(n) {
			out = append(out, d.src.embeddedIn(n).changes(inner)...)
		}
	}
	slices.SortStableFunc(out, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	return out
}

func (e Element) attrChanges(ed *edit) []change {
	b := e.d.src.data
	var out []change
	add := func(start, end int, text []byte, name, before, after string) {
		out = append(out, change{Splice: Splice{start, end, text}, element: e, suffix: "/@" + name, before: before, after: after})
	}
	edits := slices.SortedFunc(slices.Values(ed.attrs), func(x, y attrEdit) int { return strings.Compare(x.name, y.name) })
	for _, a := range edits {
		span, ok := e.sourceAttr(a.name)
		switch {
		case ok && a.removed:
			add(e.blankBefore(span), span.end+1, nil, a.name, decodeAttr(b[span.value:span.end]), "")
		case ok:
			add(span.value, span.end, encodeAttr(a.value), a.name, decodeAttr(b[span.value:span.end]), a.value)
		default:
			at := e.attrPlace(a.name)
			text, _ := appendAttr(nil, Attr{a.name, a.value}, e.quote()) // checked when it was set
			add(at, at, text, a.name, "", a.value)
		}
	}
	return out
}

// blankBefore is where the removal of an attribute begins: one blank before it, or
// all white space if there is a line end in it.
func (e Element) blankBefore(a attrSpan) int {
	if strings.ContainsAny(string(e.d.src.data[a.blank:a.name]), "\r\n") {
		return a.blank
	}
	return a.name - 1
}

// attrPlace is where a new attribute goes: after the last one that stands before
// every one of a higher name.
func (e Element) attrPlace(name string) int {
	at := int(e.node().start) + 1 + int(e.node().nameLen)
	for a := range e.rawAttrs() {
		if string(e.d.src.data[a.name:a.nameEnd]) > name {
			break
		}
		at = a.end + 1
	}
	return at
}

// tail is where " />" or "/>" of an empty-element tag begins.
func (e Element) tail() int {
	b, i := e.d.src.data, int(e.node().tagEnd)-2
	for isSpace(b[i-1]) {
		i--
	}
	return i
}

func (e Element) selfClosed() bool { return e.node().tagEnd == e.node().end }

func (e Element) textChange(t *textEdit) change {
	c := change{Splice: Splice{int(e.node().tagEnd), e.contentEnd(), t.raw}, element: e, suffix: "/text()", before: e.sourceText(), after: t.value}
	if e.selfClosed() {
		c.Start = e.tail()
		c.New = slices.Concat([]byte(">"), t.raw, []byte("</"), e.rawName(), []byte(">"))
	}
	return c
}

// removal is the change that takes e out; not ok if an insertion stands in its
// place, which then says so.
func (e Element) removal() (change, bool) {
	if ed := e.Parent().edit(); ed != nil && slices.ContainsFunc(ed.inserts, func(ins insertion) bool { return ins.before == e.n }) {
		return change{}, false
	}
	b, n := e.d.src.data, e.node()
	start := int(n.start)
	if lineStart, _, ok := lineEndBefore(b, start); ok && lineEndAfter(b, int(n.end)) && !e.Parent().hasText() {
		start = lineStart
	}
	return change{Splice: Splice{start, int(n.end), nil}, element: e, before: string(b[n.start:n.end]), white: int(n.start) - start}, true
}

// insertChanges writes the new children of e with the white space around them.
func (e Element) insertChanges(ed *edit) []change {
	var out []change
	last := map[int32]int{} // of those at one place
	for i, ins := range ed.inserts {
		last[ins.before] = i
	}
	for i, ins := range ed.inserts {
		text := ins.fragment.Bytes()
		c := change{Splice: Splice{New: text}, element: ins.fragment.Root(), after: string(text)}
		separator := ins.fragment.layout.separator()
		if ins.before < 0 {
			c.Start = e.appendPlace()
			c.New = slices.Concat([]byte(separator), text)
		} else {
			ref := e.d.src.nodes[ins.before]
			c.Start = int(ref.start)
			c.New = slices.Concat(text, []byte(separator))
			if gone := e.d.edits[ins.before]; last[ins.before] == i && gone != nil && gone.removed { // a replacement
				c.New, c.before = text, string(e.d.src.data[ref.start:ref.end])
				c.End = int(ref.end)
			}
		}
		c.End = max(c.End, c.Start)
		out = append(out, c)
	}
	return e.openedFor(out)
}

// appendPlace is where a new last child goes.
func (e Element) appendPlace() int {
	if last := e.lastNode(); last >= 0 && !e.hasText() {
		return int(e.d.src.nodes[last].end)
	}
	if e.hasText() {
		return e.contentEnd()
	}
	return int(e.node().tagEnd)
}

// openedFor completes the changes that give children to an element that had no
// content: the tag is opened, and the end tag stands on its own line if they do.
func (e Element) openedFor(out []change) []change {
	if len(out) == 0 || e.lastNode() >= 0 || e.contentEnd() > int(e.node().tagEnd) {
		return out
	}
	closing := ""
	if out[0].element.d.layout.ownLine {
		closing = e.ownLayout().separator()
	}
	if !e.selfClosed() {
		last := &out[len(out)-1]
		last.New = slices.Concat(last.New, []byte(closing))
		return out
	}
	// One change for all: what is inserted after the element begins where its tag ends.
	whole := out[0]
	whole.Start = e.tail()
	whole.New = []byte(">")
	for i, c := range out {
		whole.New = append(whole.New, c.New...)
		if i > 0 {
			whole.after += c.after
		}
	}
	whole.New = append(whole.New, closing+"</"+string(e.rawName())+">"...)
	return []change{whole}
}
