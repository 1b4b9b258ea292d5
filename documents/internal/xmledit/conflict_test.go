package xmledit

import (
	"errors"
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
