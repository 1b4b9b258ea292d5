package xmledit

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

// setParts sets parts of a value of the form key=value;key=value.
func setParts(parts map[string]string) func(Element) error {
	return func(e Element) error {
		now := map[string]string{}
		for pair := range strings.SplitSeq(e.Value("x"), ";") {
			key, value, _ := strings.Cut(pair, "=")
			now[key] = value
		}
		maps.Copy(now, parts)
		var out []string
		for _, key := range slices.Sorted(maps.Keys(now)) {
			out = append(out, key+"="+now[key])
		}
		return e.SetAttrParts("x", strings.Join(out, ";"), parts)
	}
}

// TestPartsOfAValue: rules about different parts of one value add up, rules that want
// different things of one part do not, whatever the document said before.
func TestPartsOfAValue(t *testing.T) {
	t.Parallel()
	a1, a2 := setParts(map[string]string{"a": "1"}), setParts(map[string]string{"a": "2"})
	b2 := setParts(map[string]string{"b": "2"})
	for _, c := range []struct {
		name          string
		first, second func(Element) error
		want          string // "" for a conflict
	}{
		{"other parts", a2, b2, "a=2;b=2"},
		{"the same of one part", a2, a2, "a=2;b=1"},
		{"one part", a2, a1, ""},
		{"one part that the first found so", a1, a2, ""},
		{"some of the parts", setParts(map[string]string{"a": "2", "b": "2"}), b2, "a=2;b=2"},
		{"one of the parts", setParts(map[string]string{"a": "2", "b": "3"}), b2, ""},
		{"the whole after a part", a2, set("x", "other"), ""},
		{"the whole as a part left it", a2, set("x", "a=2;b=1"), "a=2;b=1"},
		{"a part after the whole", set("x", "a=2;b=2"), a1, ""},
		{"a part as the whole left it", set("x", "a=2;b=2"), b2, "a=2;b=2"},
		{"a removal after a part", a2, unset("x"), ""},
		{"the element after a part", func(e Element) error { return a2(e.Child("c")) }, in("c", Element.Remove), ""},
		{"a part of what was claimed whole", func(e Element) error { e.Claim(); return nil }, a2, ""},
	} {
		d := mustParse(t, "<r x='a=1;b=1'><c x='a=1;b=1'/></r>")
		if err := d.Atomically("first", func() error { return c.first(d.Root()) }); err != nil {
			t.Fatal(err)
		}
		for _, d := range []*Document{d.Clone(), d} {
			before := string(d.Bytes())
			err := d.Atomically("second", func() error { return c.second(d.Root()) })
			bad, conflict := errors.AsType[*ConflictError](err)
			switch {
			case conflict != (c.want == "") || err != nil && !conflict:
				t.Errorf("%s: %v", c.name, err)
			case conflict && (bad.First != "first" || bad.Second != "second" || string(d.Bytes()) != before):
				t.Errorf("%s: %v, and the document is %q", c.name, bad, d.Bytes())
			case !conflict && d.Root().Value("x") != c.want:
				t.Errorf("%s: %q, want %q", c.name, d.Root().Value("x"), c.want)
			}
		}
	}
	d := mustParse(t, "<r x='a=1;b=1'/>")
	boom := errors.New("boom")
	if err := d.Atomically("failed", func() error { return errors.Join(a2(d.Root()), boom) }); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if err := d.Atomically("next", func() error { return set("x", "z")(d.Root()) }); err != nil {
		t.Errorf("a rule that failed still has its claim: %v", err)
	}
	if err := (Element{}).SetAttrParts("x", "1", nil); err == nil {
		t.Error("no element was edited")
	}
	if err := d.Root().SetAttrParts("1", "1", nil); err == nil {
		t.Error("an attribute without a name was added")
	}
	for rule, parts := range map[string]map[string]string{"first": {"all": "a b"}, "second": {"b": "b"}} { // of one that is not there
		if err := d.Atomically(rule, func() error { return d.Root().SetAttrParts("y", "a b", parts) }); err != nil {
			t.Error(err)
		}
	}
	if err := d.Atomically("part", func() error { return d.Root().SetAttrParts("y", "a c", map[string]string{"c": "c"}) }); err != nil {
		t.Errorf("a part of an attribute that was added is in the way of another part: %v", err)
	}
	if err := d.Atomically("whole", func() error { return d.Root().SetAttr("y", "z") }); err == nil {
		t.Error("the whole was changed behind its parts")
	}
}

// TestPartsOfAText: the same holds for text.
func TestPartsOfAText(t *testing.T) {
	t.Parallel()
	part := func(text, name, want string) func(Element) error {
		return func(e Element) error { return e.SetTextParts(text, map[string]string{name: want}) }
	}
	whole := func(text string) func(Element) error {
		return func(e Element) error { return e.SetText(text) }
	}
	for _, c := range []struct {
		name          string
		first, second func(Element) error
		want          string // "" for a conflict
	}{
		{"other parts", part("A b", "a", "A"), part("A B", "b", "B"), "A B"},
		{"the same of one part", part("A b", "a", "A"), part("A b", "a", "A"), "A b"},
		{"one part", part("A b", "a", "A"), part("Ä b", "a", "Ä"), ""},
		{"one part that the first found so", part("a b", "a", "a"), part("A b", "a", "A"), ""},
		{"the whole after a part", part("A b", "a", "A"), whole("x"), ""},
		{"the whole as a part left it", part("A b", "a", "A"), whole("A b"), "A b"},
		{"a part after the whole", whole("x b"), part("A b", "a", "A"), ""},
		{"a removal after a part", part("A b", "a", "A"), Element.Remove, ""},
	} {
		d := mustParse(t, "<r><c>a b</c></r>")
		if err := d.Atomically("first", func() error { return c.first(d.Root().Child("c")) }); err != nil {
			t.Fatal(err)
		}
		err := d.Atomically("second", func() error { return c.second(d.Root().Child("c")) })
		_, conflict := errors.AsType[*ConflictError](err)
		if conflict != (c.want == "") || err != nil && !conflict {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := d.Root().Child("c").Text(); !conflict && got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
