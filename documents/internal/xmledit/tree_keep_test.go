package xmledit

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"
)

// move takes the last child element of a tree to the front.
func move(el *etree.Element) error {
	children := el.ChildElements()
	last := children[len(children)-1]
	el.RemoveChild(last)
	el.InsertChildAt(0, last)
	return nil
}

// TestMovingKeepsTheOthers: what stays keeps its bytes, and what moves takes its along.
func TestMovingKeepsTheOthers(t *testing.T) {
	t.Parallel()
	const in = "<a>\n  <b z=\"it's\" a='1'/>\n  <c><![CDATA[x]]></c>\n  <d></d>\n  <e q=\"1\"  p='&#65;'></e>\n</a>"
	d := mustParse(t, in)
	if err := d.Root().Edit(move); err != nil {
		t.Fatal(err)
	}
	want := "<a>\n  <e q=\"1\"  p='&#65;'></e>\n  <b z=\"it's\" a='1'/>\n  <c><![CDATA[x]]></c>\n  <d></d>\n</a>"
	if got := string(d.Bytes()); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if n := len(slices.Collect(d.Changes())); n != 2 {
		t.Errorf("%d changes for one move", n)
	}
}

// TestEditSeesEmbeddedEdits: a document inside a text that is moved, or read as text,
// keeps what was edited in it.
func TestEditSeesEmbeddedEdits(t *testing.T) {
	t.Parallel()
	d := mustParse(t, "<a>\n  <b/>\n  <c><n>&quot;&lt;d x='Old' f='1\\%'/&gt;&quot;</n></c>\n  <e/>\n</a>")
	n := d.Root().Find("c", "n")
	inner, err := n.Embedded(quoted)
	if err != nil {
		t.Fatal(err)
	}
	if err := inner.Root().SetAttr("x", "New"); err != nil {
		t.Fatal(err)
	}
	if got, want := n.Text(), `"<d x='New' f='1\%'/>"`; got != want {
		t.Errorf("the text reads %q, want %q", got, want)
	}
	err = d.Root().Edit(func(a *etree.Element) error {
		c := a.SelectElement("c")
		if text := c.SelectElement("n").Text(); !strings.Contains(text, "New") {
			t.Errorf("the tree has %q", text)
		}
		a.RemoveChild(c)
		a.InsertChildAt(0, c)
		return nil
	})
	if out := string(d.Bytes()); err != nil || !strings.Contains(out, "New") || strings.Contains(out, "Old") {
		t.Errorf("moving gives %q (%v)", out, err)
	}
}

func TestTextKeepsComments(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"<a>x<!-- keep -->z</a>", "<a>x<?keep it?></a>"} {
		d := mustParse(t, in)
		byText := d.Root().SetText("q")
		byTree := d.Root().Edit(func(a *etree.Element) error {
			a.Child[0].(*etree.CharData).SetData("q")
			return nil
		})
		if byText == nil || byTree == nil || string(d.Bytes()) != in {
			t.Errorf("%q became %q (%v, %v)", in, d.Bytes(), byText, byTree)
		}
	}
}

func TestTreeInjection(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]etree.Token{
		"a comment":                  etree.NewComment("--><evil/><!--"),
		"a comment that ends itself": etree.NewComment("x-"),
		"an instruction":             etree.NewProcInst("p", "?><evil/><?q "),
		"a name of an instruction":   etree.NewProcInst("p?><evil/><?q", "x"),
	} {
		d := mustParse(t, "<a><b/></a>")
		err := d.Root().Edit(func(a *etree.Element) error {
			c := a.CreateElement("c")
			c.AddChild(token)
			return nil
		})
		if err == nil || d.Changed() {
			t.Errorf("%s: %q", name, d.Bytes())
		}
	}
}

func TestFailedTextKeepsTheEmbeddedDocument(t *testing.T) {
	t.Parallel()
	d := mustParse(t, "<a><n>&quot;&lt;d x='1'/&gt;&quot;</n></a>")
	n := d.Root().Child("n")
	inner, err := n.Embedded(quoted)
	if err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	if err := d.Atomically("", func() error { return errors.Join(n.SetText("x"), boom) }); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if err := inner.Root().SetAttr("x", "2"); err != nil {
		t.Errorf("the document opened before the failed verb: %v", err)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	Element{}.Claim() // does nothing
	d := mustParse(t, "<a><b/></a>")
	b := d.Root().Child("b")
	if err := b.Remove(); err != nil || b.Raw() != "" || (Element{}).Raw() != "" {
		t.Errorf("a removed element reads %q (%v)", b.Raw(), err)
	}
}

func TestLongestAscending(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   []int
		want int
	}{
		{nil, 0},
		{[]int{-1, -1}, 0},
		{[]int{0, 1, 2}, 3},
		{[]int{3, 0, 1, 2}, 3},
		{[]int{1, 2, 3, 0}, 3},
		{[]int{2, -1, 0, 3, 1, 4}, 3},
		{[]int{4, 3, 2, 1}, 1},
	} {
		marks := longestAscending(c.in)
		last, n := -1, 0
		for i, stays := range marks {
			if stays {
				if c.in[i] <= last {
					t.Errorf("%v: %v does not ascend", c.in, marks)
				}
				last = c.in[i]
				n++
			}
		}
		if n != c.want {
			t.Errorf("%v: %d stay, want %d", c.in, n, c.want)
		}
	}
}
