package documents_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// at edits the one element that a path selects.
func at(path string, edit func(documents.Element) error) func(*documents.File) error {
	return func(f *documents.File) error {
		e, err := f.Element(path)
		if err != nil {
			return err
		}
		return edit(e)
	}
}

const layoutPath = "/workbook/datasources/datasource/layout"

func TestElementEdits(t *testing.T) {
	t.Parallel()
	const layout = "<layout dim-ordering='alphabetic' measure-ordering='alphabetic' show-structure='true' />"
	for _, c := range []struct {
		name string
		path string
		edit func(documents.Element) error
		want string
	}{
		{
			"set", layoutPath, func(e documents.Element) error { return e.SetAttr("dim-ordering", "it's") },
			"<layout dim-ordering='it&apos;s' measure-ordering='alphabetic' show-structure='true' />",
		},
		{
			"add in byte order", layoutPath, func(e documents.Element) error { return e.SetAttr("dim-percentage", "0.5") },
			"<layout dim-ordering='alphabetic' dim-percentage='0.5' measure-ordering='alphabetic' show-structure='true' />",
		},
		{
			"remove an attribute", layoutPath, func(e documents.Element) error { return e.RemoveAttr("measure-ordering") },
			"<layout dim-ordering='alphabetic' show-structure='true' />",
		},
		{
			"text", layoutPath, func(e documents.Element) error { return e.SetText("a < b") },
			"<layout dim-ordering='alphabetic' measure-ordering='alphabetic' show-structure='true'>a &lt; b</layout>",
		},
		{"anywhere, by an attribute", "//layout[@dim-ordering='alphabetic']", func(e documents.Element) error {
			return e.Edit(func(el *etree.Element) error {
				el.CreateAttr("show-structure", "false")
				return nil
			})
		}, "<layout dim-ordering='alphabetic' measure-ordering='alphabetic' show-structure='false' />"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := doctest.Edited(t, doctest.FX1, at(c.path, c.edit), doctest.Replace(t, doctest.FX1, layout, c.want))
			for change := range f.Changes() {
				if !strings.HasPrefix(change.Path, layoutPath) {
					t.Errorf("changed %s", change.Path)
				}
			}
		})
	}
}

// case 85 holds for what verbs do; the way out does what it is told, to all the forms there
// are of an attribute but not to copies.
func TestElementForms(t *testing.T) {
	t.Parallel()
	in := doctest.Replace(t, doctest.FX2, "class='postgres' dbname='dev'", "_.fcp.DatabricksCatalog.false...dbname='dev' _.fcp.DatabricksCatalog.true...dbname='dev' class='postgres'")
	doctest.Edited(t, in, at("//named-connection/connection[@class='postgres']", func(e documents.Element) error {
		return e.Edit(func(el *etree.Element) error {
			for i := range el.Attr {
				if strings.HasSuffix(el.Attr[i].Key, "...dbname") {
					el.Attr[i].Value = "prod"
				}
			}
			return nil
		})
	}), strings.ReplaceAll(in, "dbname='dev'", "dbname='prod'"))
}

// case 86: what a future program writes is found by its name and changed like anything else.
func TestElementUnknown(t *testing.T) {
	t.Parallel()
	const gizmo = "      <_.fcp.NewThing.true...gizmo a='1'><deep/></_.fcp.NewThing.true...gizmo>\n      <layout"
	in := doctest.Replace(t, doctest.FX1, "      <layout", gizmo)
	for _, path := range []string{"//gizmo", "/workbook/datasources/datasource/_.fcp.NewThing.true...gizmo[@a='1']"} {
		doctest.Edited(t, in, func(f *documents.File) error {
			e, err := f.Element(path)
			if errors.Is(err, tds.ErrNotFound) { // by its old value
				return nil
			}
			return errors.Join(err, e.SetAttr("a", "2"))
		}, strings.Replace(in, "a='1'", "a='2'", 1))
	}
}

// case 15: what is inserted stands as its siblings do, and taken out again it leaves no trace.
func TestElementInserted(t *testing.T) {
	t.Parallel()
	lines := strings.ReplaceAll(doctest.FX1, "\n", "\r\n")
	inline := `<workbook><datasources><datasource name="a"><layout a="1"/><object-graph/></datasource></datasources></workbook>`
	for _, c := range []struct{ name, in, before, want string }{
		{"CR LF", lines, "      <object-graph>", "      <filter class='x' />\r\n      <object-graph>"},
		{"on one line", inline, "<object-graph/>", `<filter class="x" /><object-graph/>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			edit := func(change func(*etree.Element) error) func(*documents.File) error {
				return at("/workbook/datasources/datasource", func(e documents.Element) error { return e.Edit(change) })
			}
			f := doctest.Edited(t, c.in, edit(func(el *etree.Element) error {
				if el.SelectElement("filter") == nil {
					filter := etree.NewElement("filter")
					filter.CreateAttr("class", "x")
					el.InsertChildAt(el.SelectElement("object-graph").Index(), filter)
				}
				return nil
			}), strings.Replace(c.in, c.before, c.want, 1))
			if err := edit(func(el *etree.Element) error {
				el.RemoveChild(el.SelectElement("filter"))
				return nil
			})(f); err != nil {
				t.Fatal(err)
			}
			if got := doctest.Written(t, f); got != c.in {
				t.Errorf("taken out again: %s", got)
			}
		})
	}
}

func TestElementRemove(t *testing.T) {
	t.Parallel()
	want := doctest.Replace(t, doctest.FX1, "      <aliases enabled='yes' />\n", "")
	doctest.Edited(t, doctest.FX1, func(f *documents.File) error {
		e, err := f.Element("//aliases")
		if errors.Is(err, tds.ErrNotFound) {
			return nil
		}
		return errors.Join(err, e.Remove())
	}, want)
	f := doctest.Open(t, doctest.FX1)
	e, err := f.Element("//aliases")
	if err = errors.Join(err, e.Remove()); err != nil {
		t.Fatal(err)
	}
	if err := e.SetAttr("enabled", "no"); err == nil || !strings.Contains(err.Error(), "removed") {
		t.Errorf("edited what is gone: %v", err)
	}
}

func TestElementRefused(t *testing.T) {
	t.Parallel()
	nothing := func(documents.Element) error { return nil }
	secret := doctest.Replace(t, doctest.FX1, "username='svc'", "password='hunter2' username='svc'")
	for _, c := range []struct {
		name, in, path string
		edit           func(documents.Element) error
		want           []string
	}{
		{"no path", doctest.FX1, "layout", nothing, []string{`path "layout"`, `expected "/"`}},
		{"an attribute", doctest.FX1, layoutPath + "/@dim-ordering", nothing, []string{"this is an attribute"}},
		{
			"nothing there", doctest.FX1, "/workbook/datasources/datasource[@name='federated.b']/layout", nothing,
			[]string{"no element /workbook/datasources/datasource[@name='federated.b']/layout in /workbook/datasources; there are: datasource[@name='federated.a']"},
		},
		{
			"another name", doctest.FX1, "/workbook/datasources/datasource/layuot", nothing,
			[]string{"in /workbook/datasources/datasource; there are: connection, aliases, column, layout, object-graph"},
		},
		{
			"several", doctest.FX2, "//connection/relation", nothing,
			[]string{"2 matches for element //connection/relation", "/connection/relation[1], ", "/connection/relation[2]"},
		},
		{"the root", doctest.FX1, "/workbook", documents.Element.Remove, []string{`editing element "/workbook"`, "cannot be removed"}},
		{"no name", doctest.FX1, layoutPath, func(e documents.Element) error { return e.SetAttr("a b", "") }, []string{"is not a name"}},
		{"name that is not UTF-8", doctest.FX1, layoutPath, func(e documents.Element) error { return e.SetAttr("caf\xE9", "") }, []string{"is not a name"}},
		{"no such prefix", doctest.FX1, layoutPath, func(e documents.Element) error { return e.SetAttr("foo:bar", "a") }, []string{layoutPath, `no prefix "foo" is declared there: add "xmlns:foo" with its namespace first`}},
		{"no such prefix inside", doctest.FX1, "//object-graph", func(e documents.Element) error {
			return e.Edit(func(el *etree.Element) error {
				el.FindElement("./objects/object").CreateElement("foo:bar")
				return nil
			})
		}, []string{`no prefix "foo"`}},
		{"a prefix declared elsewhere", doctest.Replace(t, doctest.FX1, "<objects>", "<objects xmlns:foo='x'>"), layoutPath, func(e documents.Element) error { return e.SetAttr("foo:bar", "a") }, []string{`no prefix "foo"`}},
		{
			"a prefix that is used", doctest.Replace(t, doctest.FX1, "<objects>", "<objects xmlns:foo='x' foo:a='b'>"), "//objects",
			func(e documents.Element) error { return e.RemoveAttr("xmlns:foo") },
			[]string{`no prefix "foo"`},
		},
		{"no character", doctest.FX1, layoutPath, func(e documents.Element) error { return e.SetAttr("a", "\x00") }, []string{layoutPath}},
		{"text beside elements", doctest.FX1, "//object", func(e documents.Element) error { return e.SetText("x") }, []string{"has child elements"}},
		{"an error of the edit", doctest.FX1, layoutPath, func(e documents.Element) error {
			return e.Edit(func(el *etree.Element) error {
				el.CreateAttr("a", "b")
				return errors.New("no, not so")
			})
		}, []string{"no, not so"}},
		{"a secret in the path", secret, "//connection[@password='x']", nothing, []string{"no element //connection[@password='redacted']", "connection[@password='redacted']"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, c.in, func(f *documents.File) error {
				err := at(c.path, c.edit)(f)
				if err != nil && strings.Contains(err.Error(), "hunter2") {
					t.Errorf("the error has a password: %v", err)
				}
				return err
			}, c.want...)
		})
	}
}

// TestElementPrefixes adds what has a prefix that is declared, or can be.
func TestElementPrefixes(t *testing.T) {
	t.Parallel()
	const user = " xmlns:user='http://www.tableausoftware.com/xml/user'"
	set := func(names ...string) func(*documents.File) error {
		return at("//objects", func(e documents.Element) error {
			for _, name := range names {
				if err := e.SetAttr(name, "x"); err != nil {
					return err
				}
			}
			return nil
		})
	}
	with := func(in, attrs string) string { return doctest.Replace(t, in, "<objects>", "<objects"+attrs+">") }
	bare := doctest.Replace(t, doctest.FX1, user, "")
	doctest.Edited(t, doctest.FX1, set("user:a"), with(doctest.FX1, " user:a='x'"))
	doctest.Edited(t, bare, set("user:a"), with(doctest.FX1, " user:a='x'"))
	doctest.Edited(t, bare, set("xml:lang", "xmlns:foo", "foo:a"), with(bare, " foo:a='x' xml:lang='x' xmlns:foo='x'"))
	const old = "<objects foo:a='b'><!-- not well-formed before -->"
	undeclared := doctest.Replace(t, bare, "<objects>", old)
	doctest.Edited(t, undeclared, set("foo:a"), strings.Replace(undeclared, "foo:a='b'", "foo:a='x'", 1))
	doctest.Edited(t, undeclared, at("//object-graph", func(e documents.Element) error {
		return e.Edit(func(el *etree.Element) error {
			el.FindElement("./objects/object").CreateAttr("user:a", "x")
			return nil
		})
	}), doctest.Replace(t, undeclared, "id='orders_0F3A22C1D4E5F60718293A4B5C6D7E8F'", "id='orders_0F3A22C1D4E5F60718293A4B5C6D7E8F' user:a='x'", "version='18.1'>\n  <document", "version='18.1'"+user+">\n  <document"))
}

func TestElementReads(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, doctest.FX2)
	e, err := f.Element("//properties/relation")
	if err != nil {
		t.Fatal(err)
	}
	line, col := e.Position()
	if e.Name() != "relation" || line != 26 || col != 15 {
		t.Errorf("%s at %d:%d", e.Name(), line, col)
	}
	if attrs := maps.Collect(e.Attrs()); attrs["table"] != "[public].[orders]" || len(attrs) != 4 {
		t.Errorf("attributes %v", attrs)
	}
	if ds, ok := e.Datasource(); !ok || ds.Name() != "federated.a" {
		t.Errorf("stands in %v", ds)
	}
	graph, err := f.Element("//object-graph")
	if err != nil || graph.Name() != "_.fcp.ObjectModelEncapsulateLegacy.true...object-graph" {
		t.Errorf("%s is %s", graph, graph.Name())
	}
	manifest, err := f.Element("/workbook/document-format-change-manifest")
	if _, ok := manifest.Datasource(); ok || err != nil {
		t.Errorf("the manifest stands in a data source (%v)", err)
	}
	if err := (documents.Element{}).SetAttr("a", "b"); err == nil {
		t.Error("an element that is none was edited")
	}
}

// TestElementNested follows a path into the copy of a published data source, which stands in
// text, and back out of it.
func TestElementNested(t *testing.T) {
	t.Parallel()
	const in = `<datasource formatted-name='x'>
  <connection class='sqlproxy' dbname='Sales'>
    <metadata-records>
      <metadata-record class='capability'>
        <attributes>
          <attribute datatype='string' name='datasource'>&quot;&lt;?xml version=&apos;1.0&apos; encoding=&apos;utf-8&apos; ?&gt;&#10;&lt;datasource caption=&apos;50\% off&apos; name=&apos;s&apos;&gt;&lt;a b=&apos;1&apos;/&gt;&lt;/datasource&gt;&quot;</attribute>
        </attributes>
      </metadata-record>
    </metadata-records>
  </connection>
</datasource>
`
	const path = "/datasource/connection/metadata-records/metadata-record/attributes/attribute/datasource"
	f := doctest.Edited(t, in, at(path, func(e documents.Element) error { return e.SetAttr("caption", "60% off") }),
		strings.Replace(in, `50\%`, `60\%`, 1))
	var paths []string
	for c := range f.Changes() {
		paths = append(paths, c.Path)
	}
	if want := []string{path + "/@caption"}; !slices.Equal(paths, want) {
		t.Errorf("changed %v, want %v", paths, want)
	}
	e, err := f.Element(path + "/a[@b='1']")
	if err != nil {
		t.Fatal(err)
	}
	if ds, ok := e.Datasource(); !ok || ds.Name() != "x" {
		t.Errorf("stands in %v", ds)
	}
	if found, err := f.Elements("//datasource"); len(found) != 1 {
		t.Errorf("any depth leads into the copy: %v (%v)", found, err)
	}
	doctest.Refused(t, strings.Replace(in, "&lt;/datasource&gt;", "", 1), at(path, func(documents.Element) error { return nil }), "selecting "+path, "not well-formed")
}
