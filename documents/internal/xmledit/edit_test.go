package xmledit

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustParse(t testing.TB, in string) *Document {
	t.Helper()
	d, err := Parse([]byte(in), Limits{})
	if err != nil {
		t.Fatalf("parse %q: %v", in, err)
	}
	return d
}

// splice applies changes to a source independently of WriteTo.
func splice(source []byte, changes []Change) string {
	var out strings.Builder
	from := 0
	for _, c := range changes {
		out.Write(source[from:c.Start])
		out.Write(c.New)
		from = c.End
	}
	out.Write(source[from:])
	return out.String()
}

// edits are one-step edits of a document and the exact bytes they give.
var edits = []struct {
	name, in string
	edit     func(Element) error
	want     string
}{
	{"set an attribute", `<a b='1' c="2"/>`, set("c", `o'neil "x" & <y>`), `<a b='1' c="o&apos;neil &quot;x&quot; &amp; &lt;y&gt;"/>`},
	{"line breaks in a value", `<a b='1'/>`, set("b", "x\r\n\ty"), `<a b='x&#13;&#10;&#9;y'/>`},
	{"same value in other bytes", `<a b='&#65;&gt;' c='>'/>`, set("b", "A>"), `<a b='&#65;&gt;' c='>'/>`},
	{"add in byte order", `<c class='x' server='s' username='u' />`, set("sslmode", "require"), `<c class='x' server='s' sslmode='require' username='u' />`},
	{"add before all", `<c class='x' />`, set("CATALOG", "k"), `<c CATALOG='k' class='x' />`},
	{"add after all", `<c class="x"/>`, set("xmlns:user", "u"), `<c class="x" xmlns:user="u"/>`},
	{"add to none", `<c/>`, set("d", "1"), `<c d='1'/>`},
	{"add to an open tag", `<c></c>`, set("d", "1"), `<c d='1'></c>`},
	{"add after a colon name", `<d :source-version='18.1' formatted-name='x' />`, set("caption", "c"), `<d :source-version='18.1' caption='c' formatted-name='x' />`},
	{"set a fork", `<c _.fcp.D.true...dbname='main' class='x' />`, set("dbname", "acme"), `<c _.fcp.D.true...dbname='acme' class='x' />`},
	{"set all forms", `<c _.fcp.D.true...dbname='main' dbname='old' />`, set("dbname", "acme"), `<c _.fcp.D.true...dbname='acme' dbname='acme' />`},
	{"remove", `<c a='1' b='2' c='3' />`, unset("b"), `<c a='1' c='3' />`},
	{"remove the last", `<c a='1' b='2'></c>`, unset("b"), `<c a='1'></c>`},
	{"remove the only", `<c a='1'/>`, unset("a"), `<c/>`},
	{"remove from lines", "<c a='1'\n   b='2'\n   c='3'/>", unset("b"), "<c a='1'\n   c='3'/>"},
	{"remove what is not there", `<c a='1'/>`, unset("b"), `<c a='1'/>`},
	{"remove and add", `<c a='1' m='2' z='3'/>`, func(e Element) error {
		return errors.Join(e.RemoveAttr("m"), e.SetAttr("n", "4"), e.SetAttr("b", "5"))
	}, `<c a='1' b='5' n='4' z='3'/>`},
	{"set back", `<c a='1'/>`, func(e Element) error {
		return errors.Join(e.SetAttr("a", "2"), e.SetAttr("a", "1"), e.SetAttr("b", "1"), e.RemoveAttr("b"))
	}, `<c a='1'/>`},
	{"set a removed attribute", `<c a='1'/>`, func(e Element) error {
		return errors.Join(e.RemoveAttr("a"), e.SetAttr("a", "2"))
	}, `<c a='2'/>`},

	{"set text", `<a>x</a>`, text(`it's <b> & "c"`), `<a>it&apos;s &lt;b&gt; &amp; &quot;c&quot;</a>`},
	{"set text of an empty element", `<a b='1' />`, text("x"), `<a b='1'>x</a>`},
	{"set text and attribute", `<a b='1' />`, func(e Element) error { return errors.Join(e.SetText("x"), e.SetAttr("c", "2")) }, `<a b='1' c='2'>x</a>`},
	{"remove text", `<a>x</a>`, text(""), `<a></a>`},
	{"CDATA stays", `<a><![CDATA[x<y]]></a>`, text("a]]>b&"), `<a><![CDATA[a]]]]><![CDATA[>b&]]></a>`},
	{"CDATA cannot hold CR", `<a><![CDATA[x]]></a>`, text("a\r\nb"), "<a>a&#13;&#10;b</a>"},
	{"a tab as it is there", "<a>x\ty</a>", text("a\tb\n"), "<a>a\tb&#10;</a>"},
	{"a tab as a reference", "<a>x&#9;y\tz</a>", text("a\tb"), "<a>a&#9;b</a>"},
	{"line feed by reference", `<a>x&#13;&#10;y</a>`, text("1\r\n2"), `<a>1&#13;&#10;2</a>`},
	{"literal line feed", "<a>x&#13;\r\ny</a>", text("1\r\n2"), "<a>1&#13;\r\n2</a>"},
	{"same text", "<a>x&#65;\r\n</a>", text("xA\n"), "<a>x&#65;\r\n</a>"},

	{"insert on its own line", "<a>\r\n  <b />\r\n  <d />\r\n</a>\r\n", before("d", NewNode("c", "z", "1", "y", "2")), "<a>\r\n  <b />\r\n  <c y='2' z='1' />\r\n  <d />\r\n</a>\r\n"},
	{"insert on one line", "<a><b/><d/></a>", before("d", NewNode("c")), "<a><b/><c /><d/></a>"},
	{"insert first", "<a>\n\t<b />\n</a>", before("b", NewNode("c").Add(NewNode("e"))), "<a>\n\t<c>\n\t\t<e />\n\t</c>\n\t<b />\n</a>"},
	{"append", "<a>\n    <b />\n</a>", add(NewNode("c").Add(NewNode("d"))), "<a>\n    <b />\n    <c>\n        <d />\n    </c>\n</a>"},
	{"append inline", "<a><b/></a>", add(NewNode("c")), "<a><b/><c /></a>"},
	{"append to an empty tag", "<r>\r\n  <a />\r\n</r>", in("a", add(NewNode("c"))), "<r>\r\n  <a>\r\n    <c />\r\n  </a>\r\n</r>"},
	{"append to an empty pair", "<r>\n  <a></a>\n</r>", in("a", add(NewNode("c"))), "<r>\n  <a>\n    <c />\n  </a>\n</r>"},
	{"append to white space", "<r>\n  <a>\n  </a>\n</r>", in("a", add(NewNode("c"))), "<r>\n  <a>\n    <c />\n  </a>\n</r>"},
	{"append to an empty root", "<a/>", add(NewNode("c", "x", "1")), "<a><c x='1' /></a>"},
	{"append twice", "<r>\n  <a/>\n</r>", in("a", func(e Element) error {
		return errors.Join(add(NewNode("c"))(e), add(NewNode("d"))(e))
	}), "<r>\n  <a>\n    <c />\n    <d />\n  </a>\n</r>"},
	{"append with attribute", "<a b='1'/>", func(e Element) error { return errors.Join(add(NewNode("c"))(e), e.SetAttr("z", "2")) }, "<a b='1' z='2'><c /></a>"},
	{"quotes of the document", `<a b="1"><c/></a>`, add(NewNode("d", "e", `"`)), `<a b="1"><c/><d e="&quot;" /></a>`},
	{"insert with text", "<a>\n  <b/>\n</a>", add(&Node{Name: "c", Text: "x & y\n"}), "<a>\n  <b/>\n  <c>x &amp; y&#10;</c>\n</a>"},
	{"comment is kept", "<a>\n  <b/>\n  <!-- c -->\n</a>", add(NewNode("d")), "<a>\n  <b/>\n  <!-- c -->\n  <d />\n</a>"},

	{"remove a line", "<a>\r\n  <b />\r\n  <c>\r\n    <d/>\r\n  </c>\r\n</a>", in("c", Element.Remove), "<a>\r\n  <b />\r\n</a>"},
	{"remove inline", "<a><b/> <c/><d/></a>", in("c", Element.Remove), "<a><b/> <d/></a>"},
	{"remove two lines", "<a>\n  <b/>\n  <c/>\n  <d/>\n</a>", func(e Element) error {
		return errors.Join(e.Child("b").Remove(), e.Child("c").Remove())
	}, "<a>\n  <d/>\n</a>"},
	{"replace", "<a>\n  <b x='1'/>\n  <c/>\n</a>", in("b", replace(NewNode("b", "x", "2"))), "<a>\n  <b x='2' />\n  <c/>\n</a>"},
	{"replace the last", "<a>\n  <b/>\n  <c/>\n</a>", in("c", replace(NewNode("d").Add(NewNode("e")))), "<a>\n  <b/>\n  <d>\n    <e />\n  </d>\n</a>"},
	{"remove and append", "<a>\n  <b/>\n  <c/>\n</a>", func(e Element) error {
		return errors.Join(e.Child("c").Remove(), add(NewNode("d"))(e))
	}, "<a>\n  <b/>\n  <d />\n</a>"},
	{"insert and remove again", "<a>\n  <b/>\n</a>", func(e Element) error {
		c, err := e.Append(NewNode("c"))
		return errors.Join(err, c.SetAttr("x", "1"), c.Remove())
	}, "<a>\n  <b/>\n</a>"},
	{"edit inside a removed element", "<a>\n  <b><c/></b>\n</a>", func(e Element) error {
		return errors.Join(e.Child("b").Child("c").SetAttr("x", "1"), e.Child("b").Remove())
	}, "<a>\n</a>"},
	{"edit an inserted element", "<a>\n  <b/>\n</a>", func(e Element) error {
		c, err := e.Append(NewNode("c", "x", "1"))
		d, err2 := c.Append(NewNode("d"))
		return errors.Join(err, err2, c.SetAttr("x", "2"), d.SetAttr("y", "3"))
	}, "<a>\n  <b/>\n  <c x='2'>\n    <d y='3' />\n  </c>\n</a>"},
	{"insert before an inserted element", "<a>\n  <b/>\n</a>", func(e Element) error {
		d, err := e.Insert(NewNode("d"), e.Child("b"))
		_, err2 := e.Insert(NewNode("c"), d)
		return errors.Join(err, err2)
	}, "<a>\n  <c />\n  <d />\n  <b/>\n</a>"},
}

func set(name, value string) func(Element) error {
	return func(e Element) error { return e.SetAttr(name, value) }
}

func unset(name string) func(Element) error {
	return func(e Element) error { return e.RemoveAttr(name) }
}

func text(s string) func(Element) error {
	return func(e Element) error { return e.SetText(s) }
}

func in(child string, edit func(Element) error) func(Element) error {
	return func(e Element) error { return edit(e.Child(child)) }
}

func add(n *Node) func(Element) error {
	return func(e Element) error { _, err := e.Append(n); return err }
}

func before(ref string, n *Node) func(Element) error {
	return func(e Element) error { _, err := e.Insert(n, e.Child(ref)); return err }
}

func replace(n *Node) func(Element) error {
	return func(e Element) error { _, err := e.Replace(n); return err }
}

func TestEdits(t *testing.T) {
	t.Parallel()
	for _, c := range edits {
		d := mustParse(t, c.in)
		untouched := d.Clone()
		if err := c.edit(d.Root()); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := string(d.Bytes()); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
		var changes []Change
		for ch := range d.Changes() {
			changes = append(changes, ch)
		}
		if got := splice(d.Source(), changes); got != c.want {
			t.Errorf("%s: the changes applied give %q", c.name, got)
		}
		if d.Changed() != (c.in != c.want) {
			t.Errorf("%s: Changed() = %v", c.name, d.Changed())
		}
		if d.Size() != int64(len(c.want)) {
			t.Errorf("%s: Size() = %d, want %d", c.name, d.Size(), len(c.want))
		}
		if got := string(untouched.Bytes()); got != c.in {
			t.Errorf("%s: a clone changed to %q", c.name, got)
		}
		again := mustParse(t, c.want)
		if diff := cmp.Diff(read(again.Root()), read(d.Root())); diff != "" {
			t.Errorf("%s: reads before saving differ from reads after it:\n%s", c.name, diff)
		}
	}
}

// read is what can be read of an element and all in it, white space aside.
func read(e Element) any {
	type reading struct {
		Name     string
		Attrs    map[string]string
		Text     string
		Children []any
	}
	r := reading{Name: e.FullName(), Attrs: map[string]string{}, Text: strings.TrimSpace(e.Text())}
	for a := range e.Attrs() {
		r.Attrs[a.Name] = a.Value
	}
	for c := range e.Children() {
		r.Children = append(r.Children, read(c))
	}
	return r
}

func TestFailureLeavesNothing(t *testing.T) {
	t.Parallel()
	const in = "<a>\n  <b x='1'/>\n  <c>t</c>\n</a>"
	d := mustParse(t, in)
	boom := errors.New("boom")
	err := d.Atomically("r", func() error {
		b := d.Root().Child("b")
		put, err := d.Root().Append(NewNode("d"))
		return errors.Join(err, b.SetAttr("x", "2"), d.Root().Child("c").SetText("u"), put.SetAttr("y", "1"), b.Remove(), boom)
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if got := string(d.Bytes()); got != in || d.Changed() {
		t.Errorf("after a failed verb: %q", got)
	}
	if got := d.Root().Child("b").Value("x"); got != "1" {
		t.Errorf("x reads %q after a failed verb", got)
	}
}

func TestFailureKeepsEarlierEdits(t *testing.T) {
	t.Parallel()
	d := mustParse(t, "<a x='1'/>")
	if err := d.Root().SetAttr("x", "2"); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = d.Atomically("", func() error {
			if err := d.Root().SetAttr("x", "3"); err != nil {
				t.Error(err)
			}
			panic("boom")
		})
	}()
	if got := string(d.Bytes()); got != "<a x='2'/>" {
		t.Errorf("after a panic in a verb: %q", got)
	}
}

func TestBadValuesAreRefused(t *testing.T) {
	t.Parallel()
	d := mustParse(t, "<a x='1'>t</a>")
	for _, v := range []string{"\x00", "\uFFFE", "\xED\xA0\x80", "\x1b[0m", "caf\xE9"} {
		if d.Root().SetAttr("x", v) == nil || d.Root().SetText(v) == nil {
			t.Errorf("%q was accepted", v)
		}
		if _, err := d.Root().Append(NewNode("b", "c", v)); err == nil {
			t.Errorf("%q was accepted in a new element", v)
		}
	}
	for _, name := range []string{"", "x y", "1", "a='1' b", "-"} {
		if d.Root().SetAttr(name, "v") == nil {
			t.Errorf("attribute name %q was accepted", name)
		}
		if _, err := d.Root().Append(&Node{Name: "x", Attrs: []Attr{{name, ""}}}); err == nil {
			t.Errorf("attribute name %q was accepted in a new element", name)
		}
	}
	if d.Changed() {
		t.Errorf("a refused edit left %q", d.Bytes())
	}
}

func TestInjection(t *testing.T) {
	t.Parallel()
	for _, v := range []string{`x' onload='y`, "]]><a/>", "&amp;", "${secret}", "😀\r\n\t'\"<>&"} {
		for _, in := range []string{"<a x='1'>t</a>", `<a x="1"><![CDATA[t]]></a>`} {
			d := mustParse(t, in)
			if err := errors.Join(d.Root().SetAttr("x", v), d.Root().SetText(v)); err != nil {
				t.Fatal(err)
			}
			again := mustParse(t, string(d.Bytes()))
			if got := again.Root().Value("x"); got != v {
				t.Errorf("attribute %q reads back as %q", v, got)
			}
			if got := again.Root().Text(); got != v {
				t.Errorf("text %q reads back as %q from %q", v, got, d.Bytes())
			}
		}
	}
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	as := func(d *Document, rule string, edit func(Element) error) error {
		return d.Atomically(rule, func() error { return edit(d.Root()) })
	}
	const source = "<a x='1'><b y='1'>t</b><e/></a>"
	for _, c := range []struct {
		name          string
		first, second func(Element) error
		conflict      bool
	}{
		{"same value", set("x", "2"), set("x", "2"), false},
		{"other value", set("x", "2"), set("x", "3"), true},
		{"other attribute", set("x", "2"), set("z", "3"), false},
		{"set and removed", set("x", "2"), unset("x"), true},
		{"text", inB(text("u")), inB(text("v")), true},
		{"edit and removal", inB(set("y", "2")), inB(Element.Remove), true},
		{"insertion and removal around it", in("e", add(NewNode("c"))), in("e", Element.Remove), true},
		{"insertion and its removal", add(NewNode("c")), in("c", Element.Remove), true},
	} {
		d := mustParse(t, source)
		if err := as(d, "rule 1", c.first); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		after := string(d.Bytes())
		err := as(d, "rule 2", c.second)
		conflict, ok := errors.AsType[*ConflictError](err)
		if ok != c.conflict {
			t.Errorf("%s: %v", c.name, err)
		}
		if ok && (conflict.First != "rule 1" || conflict.Second != "rule 2" || string(d.Bytes()) != after) {
			t.Errorf("%s: %v, document %q", c.name, err, d.Bytes())
		}
		anonymously := d.Clone()
		if err := c.second(anonymously.Root()); err != nil && c.conflict {
			t.Errorf("%s: without a rule: %v", c.name, err)
		}
	}
}

func inB(edit func(Element) error) func(Element) error { return in("b", edit) }

func TestEditsOfWhatIsGone(t *testing.T) {
	t.Parallel()
	d := mustParse(t, "<a><b><c/></b></a>")
	b, c := d.Root().Child("b"), d.Root().Find("b", "c")
	put, err := c.Append(NewNode("d"))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Remove(); err != nil {
		t.Fatal(err)
	}
	for _, e := range []Element{b, c, put} {
		if err := e.SetAttr("x", "1"); !errors.Is(err, ErrGone) {
			t.Errorf("editing <%s> after it went: %v", e.Name(), err)
		}
	}
	if (Element{}).SetAttr("x", "1") == nil || d.Root().Remove() == nil {
		t.Error("an impossible edit was accepted")
	}
}

func TestChangesTell(t *testing.T) {
	t.Parallel()
	d := mustParse(t, "<a>\n  <b name='p'/>\n  <b name='q' x='1'/>\n  <c/>\n</a>")
	var q Element
	for b := range d.Root().Children("b") {
		q = b
	}
	if err := errors.Join(q.SetAttr("x", "<2>"), d.Root().Child("c").Remove(), add(NewNode("d"))(d.Root())); err != nil {
		t.Fatal(err)
	}
	type seen struct{ At, Path, Before, After string }
	var got []seen
	for c := range d.Changes() {
		got = append(got, seen{c.Position.String(), c.Path, c.Before, c.After})
	}
	want := []seen{
		{"3:18", "/a/b[@name='q']/@x", "1", "<2>"},
		{"4:3", "/a/c", "<c/>", ""},
		{"4:7", "/a/d", "", "<d />"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The text of an element is the one that is written, whatever was taken out of it.
func TestTextOfWhatLostChildren(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"<a>\n  <b/>\n  <b/>\n</a>", "<a>\r\n\t<b/>\r\n</a>", "<a><b/></a>", "<a> <b/> </a>", "<a>x\n<b/>\ny</a>", "<a>\n<!--c-->\n<b/>\n<c/>\n</a>", "<a>\n<b/> <b/>\n</a>",
	} {
		d := mustParse(t, in)
		for b := range d.Root().Children("b") {
			if err := b.Remove(); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := d.Root().Text(), mustParse(t, string(d.Bytes())).Root().Text(); got != want {
			t.Errorf("%q: %q, but %q is written", in, got, want)
		}
	}
}

func TestLineEnd(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"<a>x</a>": "", "<a />": "", "<a>x&#13;y</a>": "", "<a>x&#13;&#10;y</a>": "\r\n", "<a>x&#13;\r\ny</a>": "\r\n",
		"<a>x\r\ny</a>": "\n", "<a>x\ny</a>": "\n", "<a>x&#10;y</a>": "\n",
		"<a><![CDATA[x\r\ny]]></a>": "\n", "<a><![CDATA[x]]></a>": "\n", "<a><![CDATA[x]]>&#13;&#10;</a>": "\r\n",
	} {
		if got := mustParse(t, in).Root().LineEnd(); got != want {
			t.Errorf("%q: %q, not %q", in, got, want)
		}
	}
	if got := (Element{}).LineEnd(); got != "" {
		t.Errorf("none: %q", got)
	}
}
