package xmledit

import (
	"bytes"
	"strings"
)

// layout is how an element stands among its siblings: on a line of its own behind
// an indent, or inline with no white space around it.
type layout struct {
	ownLine bool
	eol     string
	indent  string
}

// separator is the white space between two siblings of this layout.
func (l layout) separator() string {
	if !l.ownLine {
		return ""
	}
	return l.eol + l.indent
}

// deeper is the layout of children of an element of layout l.
func (l layout) deeper(unit string) layout {
	if l.ownLine {
		l.indent += unit
	}
	return l
}

// lineEndBefore finds the line end that, blanks aside, stands right before offset.
func lineEndBefore(b []byte, offset int) (start, end int, ok bool) {
	i := offset
	for i > 0 && (b[i-1] == ' ' || b[i-1] == '\t') {
		i--
	}
	end = i
	switch {
	case i > 1 && b[i-1] == '\n' && b[i-2] == '\r':
		return i - 2, end, true
	case i > 0 && (b[i-1] == '\n' || b[i-1] == '\r'):
		return i - 1, end, true
	}
	return 0, 0, false
}

// lineEndAfter tells whether, blanks aside, a line end or the end of b comes next.
func lineEndAfter(b []byte, offset int) bool {
	rest := bytes.TrimLeft(b[offset:], " \t")
	return len(rest) == 0 || rest[0] == '\r' || rest[0] == '\n'
}

// eol is the first line end of the source, "" if it is all on one line.
func (s *source) eol() string {
	i := bytes.IndexAny(s.data, "\r\n")
	switch {
	case i < 0:
		return ""
	case s.data[i] == '\n':
		return "\n"
	case i+1 < len(s.data) && s.data[i+1] == '\n':
		return "\r\n"
	}
	return "\r"
}

// ownLayout is how e stands in its document.
func (e Element) ownLayout() layout {
	b, n := e.d.src.data, e.node()
	if start, end, ok := lineEndBefore(b, int(n.start)); ok {
		return layout{ownLine: true, eol: string(b[start:end]), indent: string(b[end:n.start])}
	}
	if e.n != e.d.src.root {
		return layout{}
	}
	if e.d.fragment {
		return e.d.layout
	}
	eol := e.d.src.eol()
	return layout{ownLine: eol != "", eol: eol}
}

// indentUnit is by how much e is indented more than its parent; two blanks where
// that cannot be seen.
func (e Element) indentUnit() string {
	own := e.ownLayout()
	for c := range e.Children() {
		l := c.ownLayout()
		if unit, ok := strings.CutPrefix(l.indent, own.indent); ok && l.ownLine && unit != "" {
			return unit
		}
		break
	}
	if p := e.Parent(); p.Exists() {
		if unit, ok := strings.CutPrefix(own.indent, p.ownLayout().indent); ok && unit != "" {
			return unit
		}
	}
	return "  "
}

// content is what is known of what stands directly inside a node of the source.
type content struct {
	last int32 // the last node, -1 if there is none
	text bool  // character data other than white space
}

// content looks once at each node it is asked for; editing many children of one
// element asks often.
func (e Element) content() content {
	if known, ok := e.d.src.contents.Load(e.n); ok {
		return known.(content)
	}
	c := content{last: -1, text: strings.TrimLeft(e.sourceText(), " \t\r\n") != ""}
	for n := range e.sourceNodes() {
		c.last = n
	}
	e.d.src.contents.Store(e.n, c)
	return c
}

// lastNode is the last node directly inside e in the source, -1 if there is none.
func (e Element) lastNode() int32 { return e.content().last }

// hasText tells whether e holds character data other than white space.
func (e Element) hasText() bool {
	if ed := e.edit(); ed != nil && ed.text != nil {
		return strings.TrimLeft(ed.text.value, " \t\r\n") != ""
	}
	return e.content().text
}

// childLayout is the layout for a new child of e before the node of the source
// before, or at the end if before is -1.
func (e Element) childLayout(before int32) layout {
	if e.hasText() {
		return layout{}
	}
	if before < 0 {
		before = e.lastNode()
	}
	if before >= 0 {
		return Element{e.d, before}.ownLayout()
	}
	if ed := e.edit(); ed != nil && len(ed.inserts) > 0 {
		return ed.inserts[0].fragment.layout
	}
	return e.ownLayout().deeper(e.indentUnit())
}
