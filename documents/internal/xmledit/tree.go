package xmledit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// Edit hands e out as an etree element and writes back what edit changes in it:
// attributes, text, children added, removed or moved, at any depth. Tokens that
// edit leaves alone keep their bytes; new ones are written in the document's style.
// White space between elements is there to be seen, but changes to it are ignored:
// layout is the document's. An error of edit undoes everything.
//
// The tag of e itself cannot be changed, and the element must not be kept beyond
// the call.
func (e Element) Edit(edit func(*etree.Element) error) error {
	if err := e.check(); err != nil {
		return err
	}
	t := &tree{tokens: map[*etree.Element]Element{}}
	root := t.build(e)
	return e.d.Atomically("", func() error {
		if err := edit(root); err != nil {
			return err
		}
		if fullTag(root) != e.FullName() {
			return fmt.Errorf("<%s> cannot be renamed to <%s>", e.FullName(), fullTag(root))
		}
		return t.apply(e, root)
	})
}

// tree remembers which element of the document each etree element was made from.
type tree struct {
	tokens map[*etree.Element]Element
}

func splitName(full string) (space, key string) {
	if i := strings.IndexByte(full, ':'); i > 0 {
		return full[:i], full[i+1:]
	}
	return "", full
}

func joinName(space, key string) string {
	if space == "" {
		return key
	}
	return space + ":" + key
}

func fullTag(el *etree.Element) string { return joinName(el.Space, el.Tag) }

func (t *tree) build(e Element) *etree.Element {
	el := &etree.Element{}
	el.Space, el.Tag = splitName(e.FullName())
	for a := range e.Attrs() {
		space, key := splitName(a.Name)
		el.Attr = append(el.Attr, etree.Attr{Space: space, Key: key, Value: a.Value})
	}
	t.tokens[el] = e
	if ed := e.edit(); ed != nil && ed.text != nil {
		el.AddChild(etree.NewText(ed.text.value))
		return el
	}
	t.buildContent(e, el)
	return el
}

// buildContent adds the children of e, its text between them.
func (t *tree) buildContent(e Element, el *etree.Element) {
	b, from := e.d.src.data, int(e.node().tagEnd)
	text := func(end int) {
		if from < end {
			el.AddChild(etree.NewText(string(decodeText(b[from:end], false, nil, nil))))
		}
	}
	children := slices.Collect(e.Children())
	upTo := func(n int32) { // inserted children, and those of the source before n
		for len(children) > 0 && (children[0].d != e.d || n >= 0 && children[0].n < n) {
			el.AddChild(t.build(children[0]))
			children = children[1:]
		}
	}
	for c := range e.sourceNodes() {
		n := e.d.src.nodes[c]
		text(int(n.start))
		from = int(n.end)
		inner := string(b[n.start:n.end])
		switch n.kind {
		case comment:
			el.AddChild(etree.NewComment(inner[len("<!--") : len(inner)-len("-->")]))
		case cdata:
			inner = inner[len("<![CDATA[") : len(inner)-len("]]>")]
			el.AddChild(etree.NewCData(string(decodeText([]byte(inner), true, nil, nil))))
		case instruction:
			target, inst, _ := strings.Cut(strings.TrimSuffix(inner[2:], "?>"), " ")
			el.AddChild(etree.NewProcInst(target, inst))
		case element:
			upTo(c + 1)
		}
	}
	text(e.contentEnd())
	upTo(-1)
}

// apply makes e what el says.
func (t *tree) apply(e Element, el *etree.Element) error {
	if err := applyAttrs(e, el); err != nil {
		return err
	}
	original := &tree{tokens: map[*etree.Element]Element{}}
	before, after := contentOf(original.build(e)), contentOf(el)
	elements := len(el.ChildElements()) > 0
	switch {
	case before.misc != after.misc, elements && strings.TrimSpace(before.text) != strings.TrimSpace(after.text):
		return errors.New("comments, instructions and text beside child elements cannot be changed in place: replace <" + e.Name() + "> as a whole")
	case elements || before.elements > 0:
		if err := t.applyChildren(e, el); err != nil {
			return err
		}
		if !elements && strings.TrimSpace(after.text) != "" {
			return fmt.Errorf("<%s> had child elements, it cannot be given text: replace it as a whole", e.Name())
		}
		return nil
	case before.text != after.text:
		return e.SetText(after.text)
	}
	return nil
}

type content struct {
	text     string
	misc     string // comments and instructions
	elements int
}

func contentOf(el *etree.Element) content {
	var c content
	for _, token := range el.Child {
		switch token := token.(type) {
		case *etree.CharData:
			c.text += token.Data
		case *etree.Comment:
			c.misc += "<!--" + token.Data + "-->"
		case *etree.ProcInst:
			c.misc += "<?" + token.Target + " " + token.Inst + "?>"
		case *etree.Element:
			c.elements++
		}
	}
	return c
}

func applyAttrs(e Element, el *etree.Element) error {
	want := map[string]string{}
	for _, a := range el.Attr {
		name := joinName(a.Space, a.Key)
		if _, twice := want[name]; twice {
			return fmt.Errorf("<%s> has attribute %q twice", e.Name(), name)
		}
		if !validName([]byte(name)) {
			return fmt.Errorf("%q is not a name", name)
		}
		if err := checkValue(a.Value); err != nil {
			return fmt.Errorf("attribute %q: %w", name, err)
		}
		want[name] = a.Value
	}
	for _, a := range slices.Collect(e.Attrs()) {
		if _, kept := want[a.Name]; !kept {
			if err := e.putAttr(attrEdit{name: a.Name, removed: true}); err != nil {
				return err
			}
		}
	}
	for name, value := range want {
		if err := e.putAttr(attrEdit{name: name, value: value}); err != nil {
			return err
		}
	}
	return nil
}

// applyChildren keeps the children that stayed in their order, removes those that
// went or moved, and inserts the new and the moved.
func (t *tree) applyChildren(e Element, el *etree.Element) error {
	order := map[Element]int{}
	for c := range e.Children() {
		order[c] = len(order)
	}
	wanted := el.ChildElements()
	kept := make([]Element, len(wanted)) // none for those to be inserted
	last := -1
	for i, child := range wanted {
		c, known := t.tokens[child]
		at, here := order[c]
		if known && here && at > last && fullTag(child) == c.FullName() {
			kept[i], last = c, at
			delete(order, c)
		}
	}
	next := Element{}
	for i := len(wanted) - 1; i >= 0; i-- {
		if kept[i].Exists() {
			if err := t.apply(kept[i], wanted[i]); err != nil {
				return err
			}
			next = kept[i]
			continue
		}
		put, err := e.Insert(nodeOf(wanted[i]), next)
		if err != nil {
			return err
		}
		next = put
	}
	for c := range order {
		if err := c.Remove(); err != nil {
			return err
		}
	}
	return nil
}

// nodeOf is an etree element as a node to insert.
func nodeOf(el *etree.Element) *Node {
	n := &Node{Name: fullTag(el)}
	for _, a := range el.Attr {
		n.Attrs = append(n.Attrs, Attr{joinName(a.Space, a.Key), a.Value})
	}
	elements := len(el.ChildElements()) > 0
	for _, token := range el.Child {
		switch token := token.(type) {
		case *etree.Element:
			n.Children = append(n.Children, nodeOf(token))
		case *etree.CharData:
			if !elements || strings.TrimSpace(token.Data) != "" {
				n.Children = append(n.Children, &Node{Text: token.Data, cdata: token.IsCData()})
			}
		case *etree.Comment:
			n.Children = append(n.Children, &Node{raw: "<!--" + token.Data + "-->"})
		case *etree.ProcInst:
			n.Children = append(n.Children, &Node{raw: "<?" + token.Target + " " + token.Inst + "?>"})
		}
	}
	return n
}
