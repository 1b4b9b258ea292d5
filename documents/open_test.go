package documents_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// archive is a package with these entries: name, content, name, content.
func archive(t testing.TB, entries ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(entries); i += 2 {
		w, err := z.Create(entries[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(entries[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// stored writes content to a file of a new folder and gives its path.
func stored(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUnchangedIsIdentical(t *testing.T) {
	t.Parallel()
	const odd = "\xEF\xBB\xBF<?xml version=\"1.0\"?>\r\n\r\n<workbook a=\"1\" b='2'>\r\n" +
		"  <calculation formula='// net&#13;&#10;[a]-[b]' />\n  <run>a&#9;b\tc</run>\r\r\n  <cols></cols><cols />\r" +
		"  <run><![CDATA[Sales <[Parameters].[Parameter 1]>]]></run><run>Æ&#10;</run>\r\n" +
		"  <_.fcp.AnimationOnByDefault.false..._.fcp.MarkAnimation.true...style-rule element='animation' />\r\n" +
		"  <datasource :source-version='18.1' formatted-name=\"it's\" />\r\n</workbook>"
	for name, in := range map[string]string{
		"odd": odd, "FX1": doctest.FX1, "FX2": doctest.FX2,
		"a package": archive(t, "Data/x.hyper", "x", "Book.twb", odd, "Image/é.png", "y"),
	} {
		f := doctest.Open(t, in)
		if got := doctest.Written(t, f); got != in {
			t.Errorf("%s: written %q", name, got)
		}
		for c := range f.Changes() {
			t.Errorf("%s: reports %s", name, c)
		}
		content, err := f.Content()
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(&sequential{content, 0}, []byte(in)); err != nil {
			t.Errorf("%s: its content: %v", name, err)
		}
		if err := content.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// sequential reads a content from front to back.
type sequential struct {
	content documents.Content
	at      int64
}

func (s *sequential) Read(b []byte) (int, error) {
	n, err := s.content.ReadAt(b, s.at)
	s.at += int64(n)
	return n, err
}

// TestFormulasSurvive edits something else in a file whose formulas have line
// breaks.
func TestFormulasSurvive(t *testing.T) {
	t.Parallel()
	in := doctest.Replace(t, doctest.FX1, "name='[Tenant]' role='dimension' type='nominal' />",
		"name='[Tenant]' role='dimension' type='nominal'><calculation class='tableau' formula='// net&#13;&#10;[a]-[b]' /></column>")
	doctest.Edited(t, in, toServer("db9"), doctest.Replace(t, in, "caption='db1'", "caption='db9'", "server='db1'", "server='db9'"))
}

// toServer sets the server of the only connection.
func toServer(server string) func(*documents.File) error {
	return func(f *documents.File) error {
		for ds := range f.Datasources() {
			c, err := ds.Connection(tds.ConnectionMatch{})
			if err != nil {
				return err
			}
			return c.Update(tds.ConnectionPatch{Server: server})
		}
		return errors.New("no data source")
	}
}

func TestColonNames(t *testing.T) {
	t.Parallel()
	const in = "<datasource :source-version='18.1' formatted-name='x' inline='true' version='18.1' />"
	f := doctest.Open(t, in)
	for ds := range f.Datasources() {
		if v, ok := ds.Element().Attr(":source-version"); !ok || v != "18.1" || ds.Name() != "x" {
			t.Errorf("%s: :source-version %q", ds, v)
		}
	}
	doctest.Edited(t, in, func(f *documents.File) error {
		for ds := range f.Datasources() {
			return ds.Element().SetAttr("caption", "c")
		}
		return nil
	}, doctest.Replace(t, in, "'18.1' formatted", "'18.1' caption='c' formatted"))
}

func TestKinds(t *testing.T) {
	t.Parallel()
	const source = "<datasource formatted-name='x' />"
	for _, c := range []struct {
		path, content, kind string
	}{
		{"report.TWBX", archive(t, "Book.twb", doctest.FX1), "twbx"},
		{"report.twbx.bak", archive(t, "Book.twb", doctest.FX1), "twbx"},
		{"zip.twb", archive(t, "Book.twb", doctest.FX1), "twbx"},
		{"plain.twbx", doctest.FX1, "twb"},
		{"x.tdsx/report.twb", doctest.FX1, "twb"},
		{"x.twb", source, "tds"},
		{"x.tds", archive(t, "x.tds", source), "tdsx"},
		{"y.tdsx", archive(t, "Data/a.twb", doctest.FX1, "y.tds", source), "tdsx"},
		{"none", doctest.FX1, "twb"},
	} {
		f, err := documents.Open(stored(t, c.path, c.content))
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		k := f.Kind()
		if k.String() != c.kind || k.Ext() != "."+c.kind || k.IsPackaged() != (len(c.kind) == 4) || k.IsWorkbook() != strings.HasPrefix(c.kind, "twb") {
			t.Errorf("%s: a %s, want a %s", c.path, k, c.kind)
		}
		if _, ok := f.Workbook(); ok != k.IsWorkbook() {
			t.Errorf("%s: a workbook: %v", c.path, ok)
		}
		entries := 0
		for range f.Entries() {
			entries++
		}
		if (entries > 0) != k.IsPackaged() {
			t.Errorf("%s: %d entries", c.path, entries)
		}
		if err := f.Close(); err != nil {
			t.Errorf("%s: %v", c.path, err)
		}
	}
}

// What was never a document has the advice what is one; a damaged document has none.
func TestOpenForeign(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"a,b\n1,2\n":                             true,
		"\uFEFF{}":                               true,
		"%PDF-1.7\n%\xE2\xE3\n":                  true,
		"\x89PNG\r\n\x1A\n\x00":                  true,
		"<!DOCTYPE html>\n<html></html>":         true,
		"<svg xmlns='http://www.w3.org/'></svg>": true,
		"":                                       false,
		"\uFEFF\n<workbook>":                     false,
		"<workbook a='caf\xE9'/>":                false,
		"\xFF\xFE<\x00w\x00":                     false,
	} {
		_, err := documents.Open(stored(t, "x.twb", in))
		advised, ok := errors.AsType[interface {
			error
			Hint() string
		}](err)
		if err == nil || ok != want || ok && !strings.Contains(advised.Hint(), ".tdsx") {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
	for _, c := range []struct{ name, in, kind, words string }{
		{"two roots", "<workbook/>\n<workbook/>", "not well-formed", "x.twb:2:1: "},
		{"text after the root", "<workbook/>x", "not well-formed", "x.twb:1:12: "},
		{"duplicate attribute", "<workbook a='1' a='2'/>", "duplicate attribute", "x.twb:1:17: "},
		{"no quotes", "<workbook a=b>", "not well-formed", "x.twb:1:13: "},
		{"wrong end tag", "<workbook></workbok>", "not well-formed", "x.twb:1:11: "},
		{"]]>", "<workbook>]]></workbook>", "not well-formed", "x.twb:1:11: "},
		{"entity", "<workbook>&nbsp;</workbook>", "bad reference", `"&nbsp;"`},
		{"NUL by reference", "<workbook>&#1;</workbook>", "bad reference", `"&#1;"`},
		{"cp1252", "<?xml version='1.0' encoding='utf-8' ?>\n<workbook a='caf\xE9'/>", "bad encoding", "x.twb:2:17: "},
		{"empty", "", "empty", "x.twb:1:1: "},
		{"UTF-16", "\xFF\xFE<\x00w\x00", "bad encoding", "UTF-16"},
		{"DOCTYPE", "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><workbook>&a;</workbook>", "DOCTYPE", "x.twb:1:1: "},
		{"too deep", strings.Repeat("<workbook>", 1100), "too deep", "1024"},
		{"inside a package", archive(t, "Data/x", "y", "Book.twb", "<workbook>\n</workbok>"), "not well-formed", `x.twb: "Book.twb":2:1: `},
		{"another root", "<Workbook/>", "", `x.twb:1:1: the root element is <Workbook>`},
		{"LFS pointer", pointer, "", "Git LFS pointer"},
		{"no document", archive(t, "a.txt", "b"), "", "no document"},
	} {
		path := stored(t, "x.twb", c.in)
		f, err := documents.Open(path)
		if err == nil {
			t.Errorf("%s: opened as a %s", c.name, f.Kind())
			continue
		}
		bad, ok := errors.AsType[*documents.SyntaxError](err)
		if ok != (c.kind != "") || ok && string(bad.Kind) != c.kind {
			t.Errorf("%s: %v; want %q", c.name, err, c.kind)
		}
		if !strings.Contains(err.Error(), c.words) || !strings.Contains(err.Error(), "opening ") {
			t.Errorf("%s: %v; want %s", c.name, err, c.words)
		}
	}
	if _, err := documents.Open(stored(t, "x.twbx", pointer)); !errors.Is(err, packaging.ErrPointer) {
		t.Errorf("LFS pointer: %v", err)
	}
	if _, err := documents.Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a file") {
		t.Errorf("folder: %v", err)
	}
	if _, err := documents.Open(filepath.Join(t.TempDir(), "no.twb")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	size := int64(len(doctest.FX1))
	for name, in := range map[string]string{"bare": doctest.FX1, "packaged": archive(t, "Book.twb", doctest.FX1)} {
		read := func(opts ...documents.Option) error {
			_, err := documents.OpenReader(strings.NewReader(in), int64(len(in)), opts...)
			return err
		}
		if err := read(documents.WithMaxDocument(size)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := read(documents.WithMaxDocument(size - 1)); err == nil || !strings.Contains(err.Error(), "limit") {
			t.Errorf("%s, a byte too long: %v", name, err)
		}
		for _, bad := range []int64{0, -1, 1<<30 + 1} {
			if err := read(documents.WithMaxDocument(bad)); err == nil || !strings.Contains(err.Error(), "1 GiB") {
				t.Errorf("%s, a limit of %d: %v", name, bad, err)
			}
		}
	}
	two := archive(t, "Book.twb", doctest.FX1, "a", "b")
	if _, err := documents.OpenReader(strings.NewReader(two), int64(len(two)), documents.WithPackage(packaging.WithMaxEntries(1))); err == nil {
		t.Error("WithPackage does not reach the package")
	}
}

// TestLargeButLegal edits a document with long values, deep elements and many
// columns.
func TestLargeButLegal(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 700_000)
	columns := strings.Repeat("<column datatype='string' name='[c]' role='dimension' type='nominal' />\n", 60_000)
	in := doctest.Replace(t, doctest.FX1,
		"      <layout", columns+strings.Repeat("<a>", 70)+strings.Repeat("</a>", 70)+"\n      <layout",
		"caption='orders' id", "caption='"+long+"' id")
	f := doctest.Open(t, in)
	ds, err := f.Datasource("Orders")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(ds.SetFilter(tds.Include("Tenant", tds.String(long))), toServer("db9")(f)); err != nil {
		t.Fatal(err)
	}
	want := doctest.Replace(t, in, "caption='db1'", "caption='db9'", "server='db1'", "server='db9'", "show-structure='true' />\n",
		"show-structure='true' />\n      <filter class='categorical' column='[Tenant]' filter-group='2'>\n        <groupfilter function='member' level='[Tenant]' member='&quot;"+
			long+"&quot;' user:ui-domain='database' user:ui-enumeration='inclusive' user:ui-marker='enumerate' />\n      </filter>\n")
	if doctest.Written(t, f) != want {
		t.Error("another result")
	}
}
