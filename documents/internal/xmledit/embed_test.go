package xmledit

import (
	"errors"
	"strings"
	"testing"
)

// quoted is a stand-in for the layer a caller brings: the document in quotes, with
// % written as \%.
var quoted = Codec{
	Decode: func(text []byte) (doc []byte, at []int, err error) {
		if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
			return nil, nil, errors.New("no quotes")
		}
		for i := 1; i < len(text)-1; i++ {
			start := i
			if text[i] == '\\' {
				i++
			}
			doc, at = append(doc, text[i]), append(at, start)
		}
		return doc, append(at, len(text)-1), nil
	},
	Encode: func(part string) string { return strings.ReplaceAll(part, "%", `\%`) },
}

func TestEmbedded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{
			"as references",
			"<a>\n  <b>&quot;&lt;?xml version=&apos;1.0&apos; ?&gt;&#10;&#10;&lt;d f=&apos;p0\\%&apos; x=&apos;1&apos;&gt;&#10;  &lt;e /&gt;&#10;&lt;/d&gt;&#10;&quot;</b>\n</a>",
			"<a>\n  <b>&quot;&lt;?xml version=&apos;1.0&apos; ?&gt;&#10;&#10;&lt;d f=&apos;p0\\%&apos; x=&apos;50\\% &amp;lt;&apos;&gt;&#10;  &lt;e /&gt;&#10;  &lt;g h=&apos;1&apos; /&gt;&#10;&lt;/d&gt;&#10;&quot;</b>\n</a>",
		},
		{
			"as CDATA",
			"<a>\r\n  <b>&quot;<![CDATA[<d f='p0\\%' x='1'>\r\n  <e />\r\n</d>\r\n]]>&quot;</b>\r\n</a>",
			"<a>\r\n  <b>&quot;<![CDATA[<d f='p0\\%' x='50\\% &lt;'>\r\n  <e />\r\n  <g h='1' />\r\n</d>\r\n]]>&quot;</b>\r\n</a>",
		},
		{
			"on one line",
			"<a><b>&quot;&lt;d f='p0\\%' x=\"1\"&gt;&lt;e/&gt;&lt;/d&gt;&quot;</b></a>",
			"<a><b>&quot;&lt;d f='p0\\%' x=\"50\\% &amp;lt;\"&gt;&lt;e/&gt;&lt;g h=&apos;1&apos; /&gt;&lt;/d&gt;&quot;</b></a>",
		},
	} {
		d := mustParse(t, c.in)
		inner, err := d.Root().Child("b").Embedded(quoted)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := inner.Root().Value("f"); got != "p0%" {
			t.Errorf("%s: f = %q", c.name, got)
		}
		untouched := d.Clone()
		if err := errors.Join(inner.Root().SetAttr("x", "50% <"), add(NewNode("g", "h", "1"))(inner.Root())); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := string(d.Bytes()); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
		if again, err := d.Root().Child("b").Embedded(quoted); err != nil || again.Root().Value("x") != "50% <" {
			t.Errorf("%s: opened again, x = %q (%v)", c.name, again.Root().Value("x"), err)
		}
		if got := string(d.Clone().Bytes()); got != c.want {
			t.Errorf("%s: a clone gives %q", c.name, got)
		}
		if got := string(untouched.Bytes()); got != c.in {
			t.Errorf("%s: an earlier clone gives %q", c.name, got)
		}
		for ch := range d.Changes() {
			if !strings.HasPrefix(ch.Path, "/a/b/d/") {
				t.Errorf("%s: change at %q", c.name, ch.Path)
			}
		}
		if err := d.Root().Child("b").SetText("x"); err == nil {
			t.Errorf("%s: the text around an edited document was replaced", c.name)
		}
	}
}

func TestEmbeddedFails(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"the layer between": "<a>&lt;d/&gt;</a>",
		"not well-formed":   "<a>&quot;&lt;d&gt;&quot;</a>",
		"two carriers":      "<a>&quot;&lt;d<![CDATA[/>]]>&quot;</a>",
	} {
		if _, err := mustParse(t, in).Root().Embedded(quoted); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

func TestEmbeddedFailureIsUndone(t *testing.T) {
	t.Parallel()
	const in = "<a><b>&quot;&lt;d x='1'/&gt;&quot;</b></a>"
	d := mustParse(t, in)
	boom := errors.New("boom")
	err := d.Atomically("", func() error {
		inner, err := d.Root().Child("b").Embedded(quoted)
		return errors.Join(err, inner.Root().SetAttr("x", "2"), d.Root().SetAttr("y", "1"), boom)
	})
	if !errors.Is(err, boom) || d.Changed() || string(d.Bytes()) != in {
		t.Errorf("%v: %q", err, d.Bytes())
	}
}
