package xmledit

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// check refuses edits of what is not there, or not there any more.
func (e Element) check() error {
	if !e.Exists() {
		return errors.New("there is no such element")
	}
	if e.d.removedAbove(e.n) {
		return ErrGone
	}
	if !e.d.host.Exists() {
		return nil
	}
	host := e.d.host
	if e.d.fragment && host.indexOf(e.d) < 0 || !e.d.fragment && host.d.embedded[host.n] != e.d {
		return ErrGone
	}
	return host.check()
}

// indexOf is the place of a fragment among the insertions of its host e.
func (e Element) indexOf(fragment *Document) int {
	ed := e.edit()
	if ed == nil {
		return -1
	}
	return slices.IndexFunc(ed.inserts, func(ins insertion) bool { return ins.fragment == fragment })
}

// SetAttr sets an attribute in every form it has, feature prefixes aside. If it has
// none, it is added under the name given, at its place in byte order. Setting the
// value it has changes nothing.
func (e Element) SetAttr(name, value string) error {
	if err := e.check(); err != nil {
		return err
	}
	if !validName([]byte(name)) {
		return fmt.Errorf("%q is not a name", name)
	}
	if err := checkValue(value); err != nil {
		return fmt.Errorf("attribute %q: %w", name, err)
	}
	forms := e.forms(name)
	if len(forms) == 0 {
		forms = []string{name}
	}
	return e.d.Atomically("", func() error {
		for _, form := range forms {
			if err := e.putAttr(attrEdit{name: form, value: value}); err != nil {
				return err
			}
		}
		return nil
	})
}

// RemoveAttr removes an attribute in every form it has; none is no error, and is claimed.
func (e Element) RemoveAttr(name string) error {
	if err := e.check(); err != nil {
		return err
	}
	return e.d.Atomically("", func() error {
		forms := e.forms(name)
		if len(forms) == 0 {
			return e.claim(attrPart(name), gone, false)
		}
		for _, form := range forms {
			if err := e.putAttr(attrEdit{name: form, removed: true}); err != nil {
				return err
			}
		}
		return nil
	})
}

// forms are the names, as written, of the attributes that answer to name.
func (e Element) forms(name string) []string {
	var forms []string
	for a := range e.Attrs() {
		if matches([]byte(a.Name), name) {
			forms = append(forms, a.Name)
		}
	}
	return forms
}

// SetAttrParts is [Element.SetAttr] for a rule that is about parts of a value only, as the
// schema is a part of the name of a table: value is all of it, parts what the rule wants of
// each part it is about, by a name of the part that its verbs agree on. Rules about other
// parts of the value are not in its way.
func (e Element) SetAttrParts(name, value string, parts map[string]string) error {
	if err := e.check(); err != nil {
		return err
	}
	if !validName([]byte(name)) {
		return fmt.Errorf("%q is not a name", name)
	}
	if err := checkValue(value); err != nil {
		return fmt.Errorf("attribute %q: %w", name, err)
	}
	forms := e.forms(name)
	if len(forms) == 0 {
		forms = []string{name}
	}
	return e.d.Atomically("", func() error {
		for _, form := range forms {
			if err := e.claimParts(attrPart(form), value, parts); err != nil {
				return err
			}
			e.changeAttr(attrEdit{name: form, value: value})
		}
		return nil
	})
}

// putAttr records what one attribute is to be, given by its name as written, and claims
// it.
func (e Element) putAttr(want attrEdit) error {
	wish := want.value
	if want.removed {
		wish = gone
	}
	_, inSource := e.sourceAttr(want.name)
	if err := e.claim(attrPart(want.name), wish, inSource && !e.sourceIs(want)); err != nil {
		return err
	}
	e.changeAttr(want)
	return nil
}

// sourceIs tells whether an attribute is in the source what it is to be.
func (e Element) sourceIs(want attrEdit) bool {
	span, inSource := e.sourceAttr(want.name)
	return inSource && !want.removed && decodeAttr(e.d.src.data[span.value:span.end]) == want.value || !inSource && want.removed
}

func (e Element) changeAttr(want attrEdit) {
	same := e.sourceIs(want)
	i := -1
	if ed := e.edit(); ed != nil {
		i = findAttr(ed.attrs, want.name)
	}
	if i < 0 && same || i >= 0 && e.edit().attrs[i] == want {
		return
	}
	e.d.change(e.n, func(ed *edit) {
		switch {
		case same:
			ed.attrs = slices.Delete(ed.attrs, i, i+1)
		case i >= 0:
			ed.attrs[i] = want
		default:
			ed.attrs = append(ed.attrs, want)
		}
	})
}

// SetText replaces the character data of an element that has no child elements.
// Text that stood in CDATA stays in CDATA, line ends and tabs are written in the style
// found there. Setting the text it has changes nothing.
func (e Element) SetText(text string) error {
	return e.setText(text, func() error { return e.claim(textPart, text, e.sourceText() != "" && e.Text() != text) })
}

// SetTextParts is to [Element.SetText] what [Element.SetAttrParts] is to [Element.SetAttr].
func (e Element) SetTextParts(text string, parts map[string]string) error {
	return e.setText(text, func() error { return e.claimParts(textPart, text, parts) })
}

func (e Element) setText(text string, claim func() error) error {
	if err := e.check(); err != nil {
		return err
	}
	if err := checkValue(text); err != nil {
		return err
	}
	for range e.Children() {
		return fmt.Errorf("<%s> has child elements, its text cannot be set", e.Name())
	}
	for c := range e.sourceNodes() {
		if kind := e.d.src.nodes[c].kind; kind == comment || kind == instruction {
			return fmt.Errorf("<%s> holds a comment or an instruction, which setting its text would remove", e.Name())
		}
	}
	if inner := e.d.embedded[e.n]; inner.edited() {
		return fmt.Errorf("<%s> holds a document that was edited, its text cannot be set", e.Name())
	}
	if err := claim(); err != nil {
		return err
	}
	if e.Text() == text {
		return nil
	}
	e.d.change(e.n, func(ed *edit) {
		ed.text = nil
		if e.sourceText() != text {
			ed.text = &textEdit{value: text, raw: e.encodeLike(text)}
		}
	})
	if inner, opened := e.d.embedded[e.n]; opened {
		delete(e.d.embedded, e.n)
		e.d.journal.onFailure(func() { e.d.embedded[e.n] = inner })
	}
	return nil
}

func (d *Document) edited() bool { return d != nil && d.Changed() }

// encodeLike writes text the way the source writes that of e.
func (e Element) encodeLike(text string) []byte {
	raw := e.d.src.data[e.node().tagEnd:e.contentEnd()]
	for p := range e.textPieces() {
		if !p.cdata {
			continue
		}
		if section, ok := encodeCDATA(text, e.d.src.eol()); ok {
			return section
		}
	}
	out := encodeText(text, newLineStyle(raw))
	if bytes.IndexByte(raw, '\t') >= 0 && !bytes.Contains(raw, []byte("&#9;")) {
		out = bytes.ReplaceAll(out, []byte("&#9;"), []byte("\t"))
	}
	return out
}

// LineEnd is what ends the lines in the text of e as it was opened: CR LF or LF; in a
// CDATA section, which cannot hold a carriage return, LF. It is empty for escaped text of
// one line.
func (e Element) LineEnd() string {
	if !e.Exists() {
		return ""
	}
	text := e.sourceText()
	switch {
	case strings.Contains(text, "\r\n"):
		return "\r\n"
	case strings.Contains(text, "\n"):
		return "\n"
	}
	for p := range e.textPieces() {
		if p.cdata {
			return "\n"
		}
	}
	return ""
}

// newLineStyle is how text writes a line feed: as the literal line end if it has
// one and no reference, else as a reference. A literal CR LF would be read as LF,
// which is what is wanted here.
func newLineStyle(raw []byte) string {
	if bytes.Contains(raw, []byte("&#10;")) {
		return "&#10;"
	}
	if i := bytes.IndexByte(raw, '\n'); i >= 0 {
		if i > 0 && raw[i-1] == '\r' {
			return "\r\n"
		}
		return "\n"
	}
	return "&#10;"
}

// Replace puts n in the place of e.
func (e Element) Replace(n *Node) (Element, error) {
	parent := e.Parent()
	if !parent.Exists() {
		return Element{}, errors.New("the root element cannot be replaced")
	}
	var put Element
	err := e.d.Atomically("", func() (err error) {
		if put, err = parent.Insert(n, e); err != nil {
			return err
		}
		return e.Remove()
	})
	return put, err
}

// Remove takes e out of its document: with its line if it stands on one of its
// own, else just the element.
func (e Element) Remove() error {
	if err := e.check(); err != nil {
		return err
	}
	if !e.Parent().Exists() {
		return errors.New("the root element cannot be removed")
	}
	rule := e.d.claimedInside(e.n)
	if around := e.claimedAround(); rule == "" && e.d.journal.conflicts(around) {
		rule = around
	}
	if rule != "" {
		return &ConflictError{Path: e.Path(), First: rule, Second: e.d.journal.rule}
	}
	if e.n != e.d.src.root {
		e.d.change(e.n, func(ed *edit) { ed.removed = true })
		return nil
	}
	host := e.d.host
	at := host.indexOf(e.d)
	host.d.change(host.n, func(ed *edit) { ed.inserts = slices.Delete(slices.Clone(ed.inserts), at, at+1) })
	return nil
}
