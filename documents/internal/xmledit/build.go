package xmledit

import (
	"fmt"
	"slices"
	"strings"
)

// Node is an element to be inserted, or a piece of character data among the
// children of one. It is written in the style of the document it goes to: that
// document's quotes, line ends and indentation, attributes in byte order.
type Node struct {
	Name     string // as written; "" for character data
	Attrs    []Attr
	Children []*Node
	Text     string // of an element without children, or the character data itself
	cdata    bool
	raw      string // a comment or a processing instruction
}

func (n *Node) isText() bool { return n.Name == "" && n.raw == "" }

// NewNode is an element with attributes given as name, value, name, value.
func NewNode(name string, attrs ...string) *Node {
	n := &Node{Name: name}
	for i := 0; i+1 < len(attrs); i += 2 {
		n.Attrs = append(n.Attrs, Attr{attrs[i], attrs[i+1]})
	}
	return n
}

// Add appends children and returns n.
func (n *Node) Add(children ...*Node) *Node {
	n.Children = append(n.Children, children...)
	return n
}

// style is how a document is written, where that is not a matter of layout.
type style struct {
	quote byte
	unit  string
	limit int // depth
}

// render writes n without the white space around it.
func (n *Node) render(out []byte, st style, l layout, depth int) ([]byte, error) {
	if depth > st.limit {
		return nil, fmt.Errorf("elements are nested deeper than %d", st.limit)
	}
	if n.raw != "" {
		return append(out, n.raw...), nil
	}
	if n.isText() {
		return n.renderText(out, l)
	}
	if !validName([]byte(n.Name)) {
		return nil, fmt.Errorf("%q is not a name", n.Name)
	}
	out = append(append(out, '<'), n.Name...)
	attrs := slices.Clone(n.Attrs)
	slices.SortFunc(attrs, func(a, b Attr) int { return strings.Compare(a.Name, b.Name) })
	for _, a := range attrs {
		var err error
		if out, err = appendAttr(out, a, st.quote); err != nil {
			return nil, err
		}
	}
	if len(n.Children) == 0 && n.Text == "" {
		return append(out, " />"...), nil
	}
	out = append(out, '>')
	inner := l.deeper(st.unit)
	if n.Text != "" || slices.ContainsFunc(n.Children, (*Node).isText) {
		inner = layout{eol: l.eol} // white space would become part of the text
	}
	if n.Text != "" {
		var err error
		if out, err = (&Node{Text: n.Text}).renderText(out, l); err != nil {
			return nil, err
		}
	}
	for _, c := range n.Children {
		var err error
		if out, err = c.render(append(out, inner.separator()...), st, inner, depth+1); err != nil {
			return nil, err
		}
	}
	if inner.ownLine {
		out = append(out, l.separator()...)
	}
	return append(append(append(out, "</"...), n.Name...), '>'), nil
}

func (n *Node) renderText(out []byte, l layout) ([]byte, error) {
	if err := checkValue(n.Text); err != nil {
		return nil, err
	}
	if n.cdata {
		if section, ok := encodeCDATA(n.Text, l.eol); ok {
			return append(out, section...), nil
		}
	}
	return append(out, encodeText(n.Text, "&#10;")...), nil
}

// appendAttr writes an attribute with the blank before it.
func appendAttr(out []byte, a Attr, quote byte) ([]byte, error) {
	if !validName([]byte(a.Name)) {
		return nil, fmt.Errorf("%q is not a name", a.Name)
	}
	if err := checkValue(a.Value); err != nil {
		return nil, fmt.Errorf("attribute %q: %w", a.Name, err)
	}
	out = append(append(out, ' '), a.Name...)
	out = append(append(out, '='), quote)
	return append(append(out, encodeAttr(a.Value)...), quote), nil
}

// quote is the quote character of the first attribute of e, or else of the first
// in the document that has one.
func (e Element) quote() byte {
	for a := range e.rawAttrs() {
		return e.d.src.data[a.value-1]
	}
	root := e.d.Root()
	if e == root {
		if h := e.d.host; h.Exists() {
			return h.quote()
		}
		return '\''
	}
	return root.quote()
}
