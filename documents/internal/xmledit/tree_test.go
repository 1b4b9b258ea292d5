package xmledit

import (
	"errors"
	"strings"
	"testing"

	"github.com/beevik/etree"
)

func TestEditAsTree(t *testing.T) {
	t.Parallel()
	const in = "<r>\r\n  <a x=\"1\" :y='&#65;' user:z='2'>\r\n    <!-- c -->\r\n    <b>t</b>\r\n    <c><![CDATA[x<y]]></c>\r\n    <d></d>\r\n  </a>\r\n</r>"
	for _, c := range []struct {
		name string
		edit func(*etree.Element)
		want []string // pairs of old and new
	}{
		{"nothing", func(*etree.Element) {}, nil},
		{"an attribute", func(a *etree.Element) { a.CreateAttr("x", "a\nb") }, []string{`x="1"`, `x="a&#10;b"`}},
		{"a new attribute", func(a *etree.Element) { a.CreateAttr("w", "1") }, []string{`<a x=`, `<a w="1" x=`}},
		{"an attribute less", func(a *etree.Element) { a.RemoveAttr("user:z") }, []string{` user:z='2'`, ""}},
		{"text", func(a *etree.Element) { a.SelectElement("b").SetText("u&v") }, []string{"<b>t", "<b>u&amp;v"}},
		{"CDATA", func(a *etree.Element) { a.SelectElement("c").SetText("u&v") }, []string{"x<y", "u&v"}},
		{"a child less", func(a *etree.Element) { a.RemoveChild(a.SelectElement("b")) }, []string{"\r\n    <b>t</b>", ""}},
		{"a new child", func(a *etree.Element) {
			e := a.CreateElement("e")
			e.CreateAttr("z", "1")
			e.CreateAttr("k", "2")
			e.CreateElement("f").SetText("x")
			e.CreateComment(" n ")
		}, []string{"<d></d>", "<d></d>\r\n    <e k=\"2\" z=\"1\">\r\n      <f>x</f>\r\n      <!-- n -->\r\n    </e>"}},
		{"a child moved", func(a *etree.Element) {
			d := a.SelectElement("d")
			a.RemoveChild(d)
			a.InsertChildAt(0, d)
		}, []string{"\r\n    <d></d>", "", "<b>t</b>", "<d></d>\r\n    <b>t</b>"}},
		{"text instead of nothing", func(a *etree.Element) { a.SelectElement("d").SetText("x") }, []string{"<d></d>", "<d>x</d>"}},
	} {
		d := mustParse(t, in)
		err := d.Root().Child("a").Edit(func(a *etree.Element) error { c.edit(a); return nil })
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		want := in
		for i := 0; i < len(c.want); i += 2 {
			want = strings.Replace(want, c.want[i], c.want[i+1], 1)
		}
		if got := string(d.Bytes()); got != want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, want)
		}
	}
}

func TestEditAsTreeRefuses(t *testing.T) {
	t.Parallel()
	const in = "<r><a x='1'><b/>mixed<!-- c --></a></r>"
	boom := errors.New("boom")
	for name, edit := range map[string]func(*etree.Element) error{
		"an error":         func(a *etree.Element) error { a.CreateAttr("x", "2"); return boom },
		"another tag":      func(a *etree.Element) error { a.Tag = "z"; return nil },
		"a bad value":      func(a *etree.Element) error { a.CreateAttr("x", "\x00"); return nil },
		"a bad name":       func(a *etree.Element) error { a.CreateElement("x y"); return nil },
		"a comment less":   func(a *etree.Element) error { a.Child = a.Child[:2]; return nil },
		"text by children": func(a *etree.Element) error { a.CreateText("more"); return nil },
		"elements to text": func(a *etree.Element) error { a.RemoveChildAt(0); return nil },
	} {
		d := mustParse(t, in)
		if err := d.Root().Child("a").Edit(edit); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if got := string(d.Bytes()); got != in {
			t.Errorf("%s: left %q", name, got)
		}
	}
}
