package xmledit

import (
	"errors"
	"fmt"
	"slices"
	"sort"
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
	if ed := e.edit(); ed != nil && ed.text != nil || e.d.embedded[e.n].edited() {
		el.AddChild(etree.NewText(e.Text()))
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

type treeContent struct {
	text     string
	misc     string // comments and instructions
	elements int
}

func contentOf(el *etree.Element) treeContent {
	var c treeContent
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
	want := map[string]bool{}
	var attrs []attrEdit
	for _, a := range el.Attr {
		name := joinName(a.Space, a.Key)
		if want[name] {
			return fmt.Errorf("<%s> has attribute %q twice", e.Name(), name)
		}
		if !validName([]byte(name)) {
			return fmt.Errorf("%q is not a name", name)
		}
		if err := checkValue(a.Value); err != nil {
			return fmt.Errorf("attribute %q: %w", name, err)
		}
		want[name] = true
		attrs = append(attrs, attrEdit{name: name, value: a.Value})
	}
	for a := range e.Attrs() {
		if !want[a.Name] {
			attrs = append(attrs, attrEdit{name: a.Name, removed: true})
		}
	}
	for _, a := range attrs {
		if err := e.putAttr(a); err != nil {
			return err
		}
	}
	return nil
}

// applyChildren keeps the children that stayed in their order, as many as can be,
// removes those that went or moved, and inserts the new and the moved.
func (t *tree) applyChildren(e Element, el *etree.Element) error {
	children := slices.Collect(e.Children())
	order := map[Element]int{}
	for i, c := range children {
		order[c] = i
	}
	wanted := el.ChildElements()
	places := make([]int, len(wanted)) // among the children before; -1 for new ones
	for i, child := range wanted {
		places[i] = -1
		c, known := t.tokens[child]
		if at, here := order[c]; known && here && fullTag(child) == c.FullName() {
			places[i] = at
			delete(order, c) // an element that is put in twice stays once
		}
	}
	stays := longestAscending(places)
	removed := make([]bool, len(children))
	for i := range removed {
		removed[i] = true
	}
	next := Element{}
	for i := len(wanted) - 1; i >= 0; i-- {
		if stays[i] {
			removed[places[i]] = false
			next = children[places[i]]
			if err := t.apply(next, wanted[i]); err != nil {
				return err
			}
			continue
		}
		n, err := t.nodeOf(wanted[i])
		if err != nil {
			return err
		}
		if next, err = e.Insert(n, next); err != nil {
			return err
		}
	}
	for i, c := range children {
		if removed[i] {
			if err := c.Remove(); err != nil {
				return err
			}
		}
	}
	return nil
}

// longestAscending marks a longest ascending run of the numbers that are not negative,
// others left out between.
func longestAscending(numbers []int) []bool {
	var tails []int // of the best run of each length, where it ends
	before := make([]int, len(numbers))
	for i, n := range numbers {
		if n < 0 {
			continue
		}
		at := sort.Search(len(tails), func(j int) bool { return numbers[tails[j]] >= n })
		before[i] = -1
		if at > 0 {
			before[i] = tails[at-1]
		}
		tails = append(tails[:at], append([]int{i}, tails[min(at+1, len(tails)):]...)...)
	}
	marks := make([]bool, len(numbers))
	if len(tails) > 0 {
		for i := tails[len(tails)-1]; i >= 0; i = before[i] {
			marks[i] = true
		}
	}
	return marks
}

// nodeOf is an etree element as a node to insert. One that was only moved keeps its
// bytes.
func (t *tree) nodeOf(el *etree.Element) (*Node, error) {
	if e, known := t.tokens[el]; known && sameTree(el, (&tree{tokens: map[*etree.Element]Element{}}).build(e)) {
		if raw := e.Raw(); raw != "" {
			return &Node{raw: raw}, nil
		}
	}
	n := &Node{Name: fullTag(el)}
	for _, a := range el.Attr {
		n.Attrs = append(n.Attrs, Attr{joinName(a.Space, a.Key), a.Value})
	}
	elements := len(el.ChildElements()) > 0
	for _, token := range el.Child {
		switch token := token.(type) {
		case *etree.Element:
			child, err := t.nodeOf(token)
			if err != nil {
				return nil, err
			}
			n.Children = append(n.Children, child)
		case *etree.CharData:
			if !elements || strings.TrimSpace(token.Data) != "" {
				n.Children = append(n.Children, &Node{Text: token.Data, cdata: token.IsCData()})
			}
		case *etree.Comment:
			if strings.Contains(token.Data, "--") || strings.HasSuffix(token.Data, "-") {
				return nil, fmt.Errorf("a comment cannot hold %q", "--")
			}
			n.Children = append(n.Children, &Node{raw: "<!--" + token.Data + "-->"})
		case *etree.ProcInst:
			if !validName([]byte(token.Target)) || strings.Contains(token.Inst, "?>") {
				return nil, fmt.Errorf("%q is not a processing instruction", token.Target+" "+token.Inst)
			}
			n.Children = append(n.Children, &Node{raw: "<?" + token.Target + " " + token.Inst + "?>"})
		}
	}
	return n, nil
}

// sameTree tells whether two elements have the same tag, attributes and tokens.
func sameTree(a, b *etree.Element) bool {
	if fullTag(a) != fullTag(b) || len(a.Attr) != len(b.Attr) || len(a.Child) != len(b.Child) {
		return false
	}
	for i := range a.Attr {
		x, y := a.Attr[i], b.Attr[i]
		if x.Space != y.Space || x.Key != y.Key || x.Value != y.Value {
			return false
		}
	}
	for i := range a.Child {
		switch x := a.Child[i].(type) {
		case *etree.Element:
			if y, ok := b.Child[i].(*etree.Element); !ok || !sameTree(x, y) {
				return false
			}
		case *etree.CharData:
			if y, ok := b.Child[i].(*etree.CharData); !ok || x.Data != y.Data || x.IsCData() != y.IsCData() {
				return false
			}
		case *etree.Comment:
			if y, ok := b.Child[i].(*etree.Comment); !ok || x.Data != y.Data {
				return false
			}
		case *etree.ProcInst:
			if y, ok := b.Child[i].(*etree.ProcInst); !ok || x.Target != y.Target || x.Inst != y.Inst {
				return false
			}
		default:
			return false
		}
	}
	return true
}
