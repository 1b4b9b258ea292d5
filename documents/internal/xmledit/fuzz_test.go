package xmledit

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/beevik/etree"
)

func seed(f *testing.F) {
	for _, in := range sound {
		f.Add([]byte(in), uint32(0), "v")
	}
	for _, c := range unsound {
		if len(c.in) < 1000 {
			f.Add([]byte(c.in), uint32(1), "v")
		}
	}
	for i, c := range edits {
		f.Add([]byte(c.in), uint32(i*7), `"x" & <y>`)
	}
}

// FuzzParse: no input panics, what is accepted is written as it was, and an
// independent reader accepts it too and finds the same elements.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, in []byte, _ uint32, _ string) {
		d, err := Parse(slices.Clone(in), Limits{Depth: 50})
		if err != nil {
			bad, ok := errors.AsType[*SyntaxError](err)
			if !ok || bad.Offset < 0 || bad.Offset > len(in) || bad.Position.Line < 1 || bad.Position.Col < 1 {
				t.Fatalf("%#v", err)
			}
			return
		}
		var out bytes.Buffer
		if _, err := d.WriteTo(&out); err != nil || !bytes.Equal(out.Bytes(), in) {
			t.Fatalf("wrote %q for %q (%v)", &out, in, err)
		}
		count := 1
		for range d.Root().Descendants() {
			count++
		}
		if others := countElements(in); others >= 0 && others != count {
			t.Fatalf("found %d elements, encoding/xml %d in %q", count, others, in)
		}
	})
}

// countElements asks encoding/xml; -1 if it refuses what this package accepts on
// purpose.
func countElements(in []byte) int {
	dec := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(in, bom)))
	dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for n := 0; ; {
		token, err := dec.RawToken()
		switch {
		case errors.Is(err, io.EOF):
			return n
		case err != nil:
			return -1
		}
		if _, ok := token.(xml.StartElement); ok {
			n++
		}
	}
}

// FuzzEdit: random edits give a well-formed document that reads as the edited one
// did, with every byte outside the reported changes untouched; a clone made before
// does not see them, one made after does; a failed verb leaves nothing.
func FuzzEdit(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, in []byte, choice uint32, value string) {
		d, err := Parse(slices.Clone(in), Limits{Depth: 50})
		if err != nil {
			return
		}
		before := d.Clone()
		script := &script{choice: choice, value: value}
		for range 6 {
			script.step(d)
		}
		out := d.Bytes()
		again, err := Parse(out, Limits{Depth: 60})
		if err != nil {
			t.Fatalf("edited %q into %q: %v", in, out, err)
		}
		if a, b := outline(again.Root()), outline(d.Root()); a != b {
			t.Fatalf("edited %q into %q:\nreads %s\n then %s", in, out, b, a)
		}
		if all, children := slices.Collect(d.Root().Descendants()), inside(d.Root()); !slices.Equal(all, children) {
			t.Fatalf("%q: %d descendants, %d by way of children", out, len(all), len(children))
		}
		changes := slices.Collect(d.Changes())
		for i, c := range changes {
			if c.Start > c.End || i > 0 && c.Start < changes[i-1].End {
				t.Fatalf("changes overlap or run backwards: %+v", changes)
			}
		}
		if got := splice(in, changes); got != string(out) {
			t.Fatalf("the changes of %q give %q, writing gave %q", in, got, out)
		}
		if !bytes.Equal(before.Bytes(), in) {
			t.Fatalf("a clone made before the edits gives %q for %q", before.Bytes(), in)
		}
		if got := d.Clone().Bytes(); !bytes.Equal(got, out) {
			t.Fatalf("a clone made after the edits gives %q, not %q", got, out)
		}
		boom := errors.New("boom")
		_ = d.Atomically("", func() error { script.step(d); script.step(d); return boom })
		if got := d.Bytes(); !bytes.Equal(got, out) {
			t.Fatalf("a failed verb turned %q into %q", out, got)
		}
	})
}

// inside lists all elements inside e by way of its children.
func inside(e Element) []Element {
	var all []Element
	for c := range e.Children() {
		all = append(append(all, c), inside(c)...)
	}
	return all
}

// outline is what is read of an element and all in it, as one line.
func outline(e Element) string {
	names := make([]string, 0, 4)
	for a := range e.Attrs() {
		names = append(names, a.Name+"="+a.Value)
	}
	slices.Sort(names)
	s := "<" + e.FullName()
	for _, n := range names {
		s += " " + n
	}
	s += ">"
	leaf := true
	for c := range e.Children() {
		s += outline(c)
		leaf = false
	}
	if leaf {
		if text := e.Text(); len(bytes.TrimSpace([]byte(text))) > 0 {
			s += text
		}
	}
	return s + "</>"
}

// script turns fuzzed numbers into edits.
type script struct {
	choice uint32
	value  string
}

func (s *script) next(n int) int {
	s.choice = s.choice*1664525 + 1013904223
	return int(s.choice>>8) % n
}

func (s *script) step(d *Document) {
	all := append([]Element{d.Root()}, slices.Collect(d.Root().Descendants())...)
	e := all[s.next(len(all))]
	names := []string{"a", "b", "x", "zz", "class"}
	name := names[s.next(len(names))]
	var err error
	switch s.next(8) {
	case 0:
		err = e.SetAttr(name, s.value)
	case 1:
		err = e.RemoveAttr(name)
	case 2:
		err = e.SetText(s.value)
	case 3:
		_, err = e.Append(NewNode(name, "k", s.value).Add(NewNode("inner")))
	case 4:
		ref := e
		if e = e.Parent(); e.Exists() {
			_, err = e.Insert(&Node{Name: name, Text: s.value}, ref)
		}
	case 5:
		err = e.Remove()
	case 6:
		_, err = e.Replace(NewNode(name, "r", s.value))
	case 7:
		err = e.Edit(func(el *etree.Element) error {
			el.CreateAttr("t", s.value)
			el.CreateElement("made").SetText("x")
			return nil
		})
	}
	_ = err // a refused edit changes nothing, which the caller sees
}
