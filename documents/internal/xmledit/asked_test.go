package xmledit

import "testing"

func TestAsked(t *testing.T) {
	t.Parallel()
	const source = "<a x='1' _.fcp.F.true...y='2'><b z='3' /></a>"
	for _, c := range []struct {
		name string
		rule string
		edit func(Element) error
		want string // of the attributes x and y of a, and z of b, those that are asked for
	}{
		{"nothing", "", func(Element) error { return nil }, ""},
		{"set", "", set("x", "2"), "x"},
		{"as it is, by no rule", "", set("x", "1"), ""},
		{"as it is, by a rule", "r", set("x", "1"), "x"},
		{"set and set back", "", func(e Element) error {
			if err := e.SetAttr("x", "2"); err != nil {
				return err
			}
			return e.SetAttr("x", "1")
		}, ""},
		{"a form of it", "", set("y", "3"), "y"},
		{"a part of it", "r", func(e Element) error { return e.SetAttrParts("x", "1", map[string]string{"p": "1"}) }, "x"},
		{"another one", "r", set("w", "1"), ""},
		{"of a child", "", in("b", set("z", "4")), "z"},
		{"following a rule", "r", func(e Element) error {
			return e.Document().Following(func() error { return e.SetAttr("x", "1") })
		}, ""},
		{"inserted", "", func(e Element) error {
			if err := e.Child("b").Remove(); err != nil {
				return err
			}
			_, err := e.Insert(NewNode("b", "z", "3"), Element{})
			return err
		}, "z"},
	} {
		d := mustParse(t, source)
		if err := d.Atomically(c.rule, func() error { return c.edit(d.Root()) }); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got := ""
		for _, name := range []string{"x", "y"} {
			if d.Root().Asked(name) {
				got += name
			}
		}
		if d.Root().Child("b").Asked("z") {
			got += "z"
		}
		if got != c.want {
			t.Errorf("%s: %q asked for, want %q", c.name, got, c.want)
		}
	}
	if (Element{}).Asked("x") || mustParse(t, source).Root().Asked("none") {
		t.Error("what is not there is asked for")
	}
}

func TestElementChanged(t *testing.T) {
	t.Parallel()
	const source = "<a><b x='1'><c /></b><d /></a>"
	for _, c := range []struct {
		name string
		edit func(Element) error
		want bool // of b
	}{
		{"nothing", func(Element) error { return nil }, false},
		{"an attribute", in("b", set("x", "2")), true},
		{"what it is", in("b", set("x", "1")), false},
		{"a child", in("b", in("c", Element.Remove)), true},
		{"a sibling", in("d", set("x", "2")), false},
		{"around it", set("x", "2"), false},
	} {
		d := mustParse(t, source)
		b := d.Root().Child("b")
		if err := c.edit(d.Root()); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := b.Changed(); got != c.want {
			t.Errorf("%s: changed %t", c.name, got)
		}
	}
	held := mustParse(t, `<a><b>"&lt;c/&gt;"</b></a>`)
	b := held.Root().Child("b")
	inner, err := b.Embedded(quoted)
	if err != nil || b.Changed() {
		t.Fatalf("opening a document in text changes it (%v)", err)
	}
	if err := inner.Root().SetAttr("x", "1"); err != nil || !b.Changed() || !held.Root().Changed() {
		t.Errorf("a change of a document in text is not one of what holds it (%v)", err)
	}
	if (Element{}).Changed() {
		t.Error("what is not there changed")
	}
}
