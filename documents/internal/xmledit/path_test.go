package xmledit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustPath(t testing.TB, text string) Path {
	t.Helper()
	p, err := ParsePath(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func selected(t testing.TB, d *Document, path string) Selection {
	t.Helper()
	s, err := d.Select(mustPath(t, path), nil)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return s
}

// assertPaths checks that the path of every element now in d selects just that one, and
// returns the paths.
func assertPaths(t testing.TB, d *Document) []string {
	t.Helper()
	all := []Element{d.Root()}
	for el := range d.Root().Descendants() {
		all = append(all, el)
	}
	var paths []string
	for _, el := range all {
		path := el.Path()
		paths = append(paths, path)
		if got := selected(t, d, path).Elements; !slices.Equal(got, []Element{el}) {
			t.Errorf("%s selects %v, want %v", path, got, el)
		}
	}
	return paths
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want string
	}{
		{`<a><b/></a>`, "/a /a/b"},
		{`<a><b name='x'/></a>`, "/a /a/b"},
		{`<a><b/><c/><b/></a>`, "/a /a/b[1] /a/c /a/b[2]"},
		{`<a><b name='x'/><b name='y'/></a>`, "/a /a/b[@name='x'] /a/b[@name='y']"},
		{`<a><b caption='x'/><b caption='y' column='z'/></a>`, "/a /a/b[@caption='x'] /a/b[@column='z']"},
		{`<a><b name='x'/><b/><b name='y'/></a>`, "/a /a/b[@name='x'] /a/b[2] /a/b[@name='y']"},
		{`<a><b caption='1' name='x'/><b caption='2' name='x'/></a>`, "/a /a/b[@caption='1'] /a/b[@caption='2']"},
		{`<a><b name='x'/><b name='x'/><b name='y'/></a>`, "/a /a/b[1] /a/b[2] /a/b[@name='y']"},
		{`<a><b name=''/><b/></a>`, "/a /a/b[@name=''] /a/b[2]"},
		// Both forms of one element, as two features write it.
		{`<a><_.fcp.A.false...r name='o'/><_.fcp.A.true...r name='o'/></a>`, "/a /a/r[1] /a/r[2]"},
		{`<a><b _.fcp.A.true...name='x'/><b name='y'/></a>`, "/a /a/b[@name='x'] /a/b[@name='y']"},
		{`<a><b name="it's"/><b name='R&amp;D'/></a>`, "/a /a/b[@name='it&apos;s'] /a/b[@name='R&D']"},
		{`<a><b name='&amp;apos;'/><b name='&amp;amp;'/></a>`, "/a /a/b[@name='&amp;apos;'] /a/b[@name='&amp;amp;']"},
		{`<a><b name='x]/c[1'/><b name='&quot;]'/></a>`, `/a /a/b[@name='x]/c[1'] /a/b[@name='"]']`},
		{`<a><:b/><x:b/></a>`, "/a /a/:b /a/x:b"},
		{`<a><_.fcp.A.true.../><b...c/></a>`, "/a /a/_.fcp.A.true... /a/b...c"},
	} {
		d := mustParse(t, c.in)
		if got := strings.Join(assertPaths(t, d), " "); got != c.want {
			t.Errorf("%s: paths %s, want %s", c.in, got, c.want)
		}
	}
}

// What was inserted is named as it stands now, what was there as it stood: the report of
// changes is about the source.
func TestPathsAfterEdits(t *testing.T) {
	t.Parallel()
	d := mustParse(t, "<a>\n  <b name='x'/>\n  <b name='y'/>\n</a>")
	first := d.Root().Child("b")
	added, err := d.Root().Insert(NewNode("b", "name", "w").Add(NewNode("c"), NewNode("c")), first)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.SetAttr("name", "z"); err != nil {
		t.Fatal(err)
	}
	var last Element
	for last = range added.Children() {
	}
	var got []string
	for c := range d.Changes() {
		got = append(got, c.Path)
	}
	got = append(got, last.Path(), first.Path())
	want := []string{"/a/b[@name='w']", "/a/b[@name='x']/@name", "/a/b[@name='w']/c[2]", "/a/b[@name='x']"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := selected(t, d, "/a/b[1]/c[2]").Elements; !slices.Equal(got, []Element{last}) {
		t.Errorf("selected %v", got)
	}
	if err := added.Remove(); err != nil {
		t.Fatal(err)
	}
	if got := last.Path(); got != "/a/b/c[2]" {
		t.Errorf("the path of what was taken out again is %s", got)
	}
	assertPaths(t, mustParse(t, string(d.Bytes())))
}

func TestSelect(t *testing.T) {
	t.Parallel()
	const doc = `<w><ds name='p'><c k='1'/></ds><ds name='q'><c k='2'><c k='3' name='in'/></c><d><c k='4'/><c k='5'/></d></ds></w>`
	for _, c := range []struct{ path, want string }{
		{"/w", ""},
		{"/w/ds/c", "1 2"},
		{"/w/ds[2]/c", "2"},
		{"/w/ds[@name='q']/c/c", "3"},
		{`/w/ds[@name="q"]/c/c`, "3"},
		{"//c", "1 2 3 4 5"},
		{"//c//c", "3"},
		{"//ds//c", "1 2 3 4 5"},
		{"/w//c[2]", "5"}, // the second of one parent
		{"//c[1]", "1 2 3 4"},
		{"//d/c[@k='5'][1]", "5"},
		{"//c[@name='in']", "3"},
		{"//c[@name]", "3"},
		{"//c[@k][2]", "5"},
	} {
		var got []string
		for _, el := range selected(t, mustParse(t, doc), c.path).Elements {
			got = append(got, el.Value("k"))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s selects %q, want %q", c.path, got, c.want)
		}
	}
	for _, c := range []struct{ path, matched, there string }{
		{"/workbook/ds", "", "w"},
		{"/w/datasource/c", "/w", "ds"},
		{"/w/ds[@name='r']/c", "/w", "ds[@name='p'] ds[@name='q']"},
		{"/w/ds[3]", "/w", "ds[@name='p'] ds[@name='q']"},
		{"/w/ds[@caption='r']", "/w", "ds[@name='p'] ds[@name='q']"},
		{"/w/ds[@caption]", "/w", "ds[@name='p'] ds[@name='q']"},
		{"//d/c[9]", "//d", "c[1] c[2]"},
		{"//conn", "", "w ds c d"},
		{"//d/c/x", "//d/c", ""},
	} {
		s := selected(t, mustParse(t, doc), c.path)
		if got := strings.Join(s.There, " "); len(s.Elements) > 0 || s.Matched != c.matched || got != c.there {
			t.Errorf("%s: matched %q, there is %q, want %q and %q", c.path, s.Matched, got, c.matched, c.there)
		}
	}
}

func TestParsePathRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ path, want string }{
		{"", `expected "/"`},
		{"workbook", `expected "/"`},
		{"/", `expected the name of an element, not ""`},
		{"/a/", `path "/a/", after "/a/": expected the name`},
		{"///a", "expected the name"},
		{"/a/@b", "this is an attribute"},
		{"/a/text()", "this is the text"},
		{"/a/..", `not ".."`},
		{"/*", `not "*"`},
		{"/a b", `not "a b"`},
		{"/a[", "expected a number"},
		{"/a[0]", "expected a number"},
		{"/a[02]", "expected a number"},
		{"/a[-1]", "expected a number"},
		{"/a[last()]", "expected a number"},
		{"/a[name='x']", "as [@name='x'] has"},
		{"/a[@name", "expected the value of name in quotes"},
		{"/a[@name=x]", "expected the value of name in quotes"},
		{"/a[@='x']", "expected the name of an attribute"},
		{"/a[@name='x'", "expected '] after the value of name"},
		{"/a[@name='it's']", "written &apos;"},
		{`/a[@name="a"b"]`, "written &quot;"},
		{"/a[1]b", `expected "/"`},
	} {
		if p, err := ParsePath(c.path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("ParsePath(%q) = %v, %v, want an error that says %q", c.path, p, err, c.want)
		}
	}
}

// FuzzPath: no path panics, what is accepted is written so that it reads the same, and a
// value in a condition selects the element that has it.
func FuzzPath(f *testing.F) {
	for _, path := range []string{"/a", "//b[2]/c", "/a/b[@name='x'][1]", `//b[@name="&quot;&amp;'"]`, "/a/b[@name='&amp;apos;']", "/a[@x", "//b[@x]", "/_.fcp.A.true...r"} {
		f.Add(path, "it's &amp; \"so\"")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		if p, err := ParsePath(text); err == nil {
			again, err := ParsePath(p.String())
			if err != nil || again.String() != p.String() {
				t.Fatalf("%q is written %q, which reads %q (%v)", text, p, again, err)
			}
			if _, err := mustParse(t, `<a><b name='x'/><b name="it's"><c/></b></a>`).Select(p, nil); err != nil {
				t.Fatal(err)
			}
		}
		if checkValue(value) != nil {
			return
		}
		d := mustParse(t, "<a><b name='x'/><b/></a>")
		for el := range d.Root().Children("b") {
			if err := el.SetAttr("name", value+el.Value("name")); err != nil {
				t.Fatal(err)
			}
		}
		assertPaths(t, mustParse(t, string(d.Bytes())))
	})
}

// TestPathsOfManySiblings: their paths, and what there is where a path finds nothing, take
// time that grows as they do: the test is over soon.
func TestPathsOfManySiblings(t *testing.T) {
	t.Parallel()
	const n = 20_000
	d := mustParse(t, "<a>"+strings.Repeat("<b x='1'/>", n)+"</a>")
	last := ""
	for b := range d.Root().Children() {
		last = b.Path()
	}
	if want := fmt.Sprintf("/a/b[%d]", n); last != want {
		t.Errorf("the last is %s, want %s", last, want)
	}
	if there := selected(t, d, fmt.Sprintf("/a/b[%d]", n+1)).There; len(there) != n || there[n-1] != fmt.Sprintf("b[%d]", n) {
		t.Errorf("there are %d, want %d", len(there), n)
	}
}
