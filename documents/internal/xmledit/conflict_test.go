package xmledit

import (
	"errors"
	"strings"
	"testing"
)

// TestConflictsInWhatARuleInserted has a second rule meddle with what a first one
// inserted.
func TestConflictsInWhatARuleInserted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		second func(Element) error
		at     string // of the conflict, "" for none
	}{
		{"another value", in("b", set("x", "2")), "/a/b/@x"},
		{"the same value", in("b", set("x", "1")), ""},
		{"an attribute more", in("b", set("y", "2")), ""},
		{"an attribute less", in("b", unset("x")), "/a/b/@x"},
		{"a child less", in("b", in("c", Element.Remove)), "/a/b/c"},
		{"another child", in("b", in("c", replace(NewNode("d")))), "/a/b/c"},
		{"a child more", in("b", add(NewNode("d"))), ""},
		{"another text", in("b", in("c", text("two"))), "/a/b/c/text()"},
		{"the same text", in("b", in("c", text("one"))), ""},
		{"the whole", in("b", Element.Remove), "/a/b"},
	} {
		d := mustParse(t, "<a/>")
		err := d.Atomically("first", func() error {
			return add(NewNode("b", "x", "1").Add(&Node{Name: "c", Text: "one"}))(d.Root())
		})
		if err != nil {
			t.Fatal(err)
		}
		before := string(d.Bytes())
		err = d.Atomically("second", func() error { return c.second(d.Root()) })
		if c.at == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		bad, ok := errors.AsType[*ConflictError](err)
		if !ok || *bad != (ConflictError{c.at, "first", "second"}) {
			t.Errorf("%s: %v, want a conflict at %s", c.name, err, c.at)
		}
		if got := string(d.Bytes()); got != before {
			t.Errorf("%s: the refused rule changed %q to %q", c.name, before, got)
		}
		if err := d.Atomically("first", func() error { return c.second(d.Root()) }); err != nil {
			t.Errorf("%s: the first rule may not change what it wrote: %v", c.name, err)
		}
	}
}

// child claims a child c of the name n.
func child(n, want string) func(Element) error {
	return func(e Element) error { return e.ClaimChild("c", "n", n, want) }
}

// TestARuleThatFoundItsValueConflicts: whether two rules contradict each other does not
// depend on what the document said before.
func TestARuleThatFoundItsValueConflicts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		first, second func(Element) error
		at            string
	}{
		{"value", set("x", "1"), set("x", "2"), "/a/@x"},
		{"same value", set("x", "1"), set("x", "1"), ""},
		{"absence", unset("y"), set("y", "1"), "/a/@y"},
		{"absence of a child", child("z", Absent), child("z", "set"), "/a/c[@n='z']"},
		{"a child", child("z", "set"), child("z", "set"), ""},
		{"another child", child("z", Absent), child("y", "set"), ""},
		{"text", in("b", text("t")), in("b", text("u")), "/a/b/text()"},
		{"removal", in("b", text("t")), in("b", Element.Remove), "/a/b"},
		{"an element", in("b", func(e Element) error { e.Claim(); return nil }), in("b", Element.Remove), "/a/b"},
		{"inside an element", func(e Element) error { e.Child("b").Claim(); return nil }, in("b", text("u")), "/a/b/text()"},
	} {
		d := mustParse(t, "<a x='1'><b>t</b></a>")
		if err := d.Atomically("first", func() error { return c.first(d.Root()) }); err != nil {
			t.Fatal(err)
		}
		if d.Changed() {
			t.Errorf("%s: the first rule changed something", c.name)
		}
		clone := d.Clone()
		for _, d := range []*Document{d, clone} {
			err := d.Atomically("second", func() error { return c.second(d.Root()) })
			bad, ok := errors.AsType[*ConflictError](err)
			if ok != (c.at != "") || ok && bad.Path != c.at {
				t.Errorf("%s: %v, want a conflict at %q", c.name, err, c.at)
			}
		}
	}
	d := mustParse(t, "<a x='1'/>")
	boom := errors.New("boom")
	if err := d.Atomically("failed", func() error { return errors.Join(d.Root().SetAttr("x", "1"), boom) }); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if err := d.Atomically("next", func() error { return d.Root().SetAttr("x", "2") }); err != nil {
		t.Errorf("a rule that failed still has its claim: %v", err)
	}
}

// TestRemovalsAmongManyClaims: whether a rule stands in the way of a removal is told in time
// that does not grow with what rules want elsewhere.
func TestRemovalsAmongManyClaims(t *testing.T) {
	t.Parallel()
	const n = 20_000
	d := mustParse(t, "<a>\n"+strings.Repeat("<b x='1'/>\n<c/>\n", n)+"</a>")
	each := func(name string, edit func(Element) error) func() error {
		return func() error {
			for el := range d.Root().Children(name) {
				if err := edit(el); err != nil {
					return err
				}
			}
			return nil
		}
	}
	if err := errors.Join(d.Atomically("first", each("b", set("x", "2"))), d.Atomically("second", each("c", Element.Remove))); err != nil {
		t.Fatal(err)
	}
	bad, ok := errors.AsType[*ConflictError](d.Atomically("second", each("b", Element.Remove)))
	if !ok || bad.First != "first" {
		t.Errorf("removing what the first rule set: %v", bad)
	}
}
