package documents_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// tenant is a workbook with a parameter, edited for a tenant.
func tenant(t testing.TB) (in string, edit func(f *documents.File, n int) error) {
	in = doctest.Replace(t, doctest.FX1, "  <datasources>\n", "  <datasources>\n    <datasource name='Parameters'>\n"+
		"      <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' value='&quot;w&quot;'><calculation formula='&quot;w&quot;' /></column>\n    </datasource>\n")
	return in, func(f *documents.File, n int) error {
		wb, _ := f.Workbook()
		return errors.Join(toServer(fmt.Sprintf("db%d.example", n))(f), wb.SetParameter("Region", tds.String(fmt.Sprint(n))))
	}
}

// TestManyTenants renders one template for fifty tenants at the same time.
func TestManyTenants(t *testing.T) {
	t.Parallel()
	bare, edit := tenant(t)
	for name, in := range map[string]string{"bare": bare, "packaged": archive(t, "Data/x.hyper", "x", "Book.twb", bare)} {
		template := doctest.Open(t, in)
		got := make([][]byte, 50)
		errs := make([]error, len(got))
		var wg sync.WaitGroup
		for n := range got {
			wg.Go(func() {
				f := template.Clone()
				var b bytes.Buffer
				if errs[n] = edit(f, n); errs[n] == nil {
					_, errs[n] = f.WriteTo(&b)
				}
				if changes := slices.Collect(f.Changes()); len(changes) != 4 {
					errs[n] = errors.Join(errs[n], fmt.Errorf("%d changes", len(changes)))
				}
				got[n] = b.Bytes()
			})
		}
		wg.Wait()
		for n := range got {
			alone := doctest.Open(t, in)
			if err := errors.Join(errs[n], edit(alone, n)); err != nil {
				t.Fatalf("%s: tenant %d: %v", name, n, err)
			}
			if doctest.Written(t, alone) != string(got[n]) {
				t.Errorf("%s: tenant %d differs from a run of its own", name, n)
			}
			want := doctest.Replace(t, bare, "caption='db1'", fmt.Sprintf("caption='db%d.example'", n), "server='db1'", fmt.Sprintf("server='db%d.example'", n))
			if want = strings.ReplaceAll(want, "&quot;w&quot;", fmt.Sprintf("&quot;%d&quot;", n)); string(document(t, got[n])) != want {
				t.Errorf("%s: tenant %d (-want +got):\n%s", name, n, cmp.Diff(want, string(document(t, got[n]))))
			}
		}
		if doctest.Written(t, template) != in {
			t.Errorf("%s: the template changed", name)
		}
	}
}

func TestSave(t *testing.T) {
	t.Parallel()
	packed := archive(t, "Data/x.hyper", "x", "Book.twb", doctest.FX1)
	source := stored(t, "in.twbx", packed)
	folder := filepath.Join(t.TempDir(), "v1.2")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	f := open(t, source)
	if err := toServer("db9")(f); err != nil {
		t.Fatal(err)
	}
	want := doctest.Written(t, f)
	if want == packed {
		t.Fatal("the edit did nothing")
	}
	out := filepath.Join(folder, "out.v2.twbx")
	if err := f.Save(out); err != nil {
		t.Fatal(err)
	}
	assertFolder(t, folder, "out.v2.twbx", want)
	if err := f.Save(out); err == nil {
		t.Error("an existing file was overwritten")
	}
	if err := f.Clone().Save(out, packaging.Overwrite()); err != nil {
		t.Error(err)
	}
	assertFolder(t, folder, "out.v2.twbx", want)
	for _, path := range []string{
		filepath.Join(folder, "no", "out.twbx"), filepath.Join(folder, "out.twb"),
		filepath.Join(folder, "out.TDSX"), filepath.Join(folder, "out.tds"), source,
	} {
		if err := f.Save(path); err == nil {
			t.Errorf("saved to %s", filepath.Base(path))
		}
	}
	assertFolder(t, folder, "out.v2.twbx", want)
	assertFolder(t, filepath.Dir(source), "in.twbx", packed)
	if err := f.Save(source, packaging.Overwrite()); err != nil {
		t.Error(err)
	}
	assertFolder(t, filepath.Dir(source), "in.twbx", want)
	if got := doctest.Written(t, f); got != want {
		t.Error("the file is another one after it replaced its source")
	}
}

// assertFolder checks that a folder holds one file, and what is in it.
func assertFolder(t *testing.T, folder, name, want string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("in the folder: %v (%v)", entries, err)
	}
	if got, err := os.ReadFile(filepath.Join(folder, name)); err != nil || string(got) != want {
		t.Errorf("%s has another content (%v)", name, err)
	}
}

func TestFailedWrite(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for name, in := range map[string]string{"bare": doctest.FX1, "packaged": archive(t, "Book.twb", doctest.FX1)} {
		if _, err := doctest.Open(t, in).WriteTo(failing{boom}); !errors.Is(err, boom) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestContentStays reads a content of which the file was edited later.
func TestContentStays(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{"bare": doctest.FX1, "packaged": archive(t, "Book.twb", doctest.FX1)} {
		f := doctest.Open(t, in)
		if err := toServer("db2")(f); err != nil {
			t.Fatal(err)
		}
		want := doctest.Written(t, f)
		content, err := f.Content()
		if err != nil {
			t.Fatal(err)
		}
		if err := toServer("db3")(f); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(io.NewSectionReader(content, 0, content.Size()))
		if err != nil || string(got) != want {
			t.Errorf("%s: the content follows later edits (%v)", name, err)
		}
		for _, at := range []int64{content.Size(), content.Size() + 1} {
			if n, err := content.ReadAt(make([]byte, 1), at); n != 0 || err != io.EOF {
				t.Errorf("%s: read %d bytes at %d: %v", name, n, at, err)
			}
		}
		if _, err := content.ReadAt(make([]byte, 1), -1); err == nil {
			t.Errorf("%s: read before the start", name)
		}
		if err := content.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestReportEqualsReality splices the reported changes into the source.
func TestReportEqualsReality(t *testing.T) {
	t.Parallel()
	in, edit := tenant(t)
	f := doctest.Open(t, in)
	if err := edit(f, 7); err != nil {
		t.Fatal(err)
	}
	for c := range f.Changes() {
		if old := strings.ReplaceAll(c.Old, `"`, "&quot;"); in[c.Start:c.End] != old {
			t.Errorf("%s: there is %q", c, in[c.Start:c.End])
		}
		if line := strings.Split(in, "\n")[c.Line-1]; !strings.HasPrefix(line[c.Col-1:], in[c.Start:c.End]) {
			t.Errorf("%s: another place: %q", c, line)
		}
	}
	if diff := cmp.Diff(doctest.Spliced(in, f.Changes()), doctest.Written(t, f)); diff != "" {
		t.Errorf("written (-report +got):\n%s", diff)
	}
}

func TestAtomically(t *testing.T) {
	t.Parallel()
	in, edit := tenant(t)
	boom := errors.New("boom")
	doctest.Refused(t, in, func(f *documents.File) error {
		return f.Atomically("site", func() error { return errors.Join(edit(f, 1), boom) })
	}, "boom")

	f := doctest.Open(t, in)
	rule := func(name string, n int) error {
		return f.Atomically(name, func() error { return edit(f, n) })
	}
	if err := errors.Join(rule("rule 1", 1), rule("rule 2", 1)); err != nil {
		t.Error(err)
	}
	want := doctest.Written(t, f)
	bad, ok := errors.AsType[*documents.ConflictError](rule("rule 2", 2))
	if !ok || bad.First != "rule 1" || bad.Second != "rule 2" || !strings.Contains(bad.Path, "/@") {
		t.Errorf("two rules, two values: %v", bad)
	}
	if got := doctest.Written(t, f); got != want {
		t.Error("a refused rule changed the file")
	}
	if err := edit(f, 3); err != nil {
		t.Errorf("an edit outside any rule: %v", err)
	}
}

// TestUnknownIsKept edits beside markup that nobody knows yet.
func TestUnknownIsKept(t *testing.T) {
	t.Parallel()
	const gizmo = "<_.fcp.NewThing.true...gizmo a='1'><deep/></_.fcp.NewThing.true...gizmo>"
	in, edit := tenant(t)
	with := func(in string) string {
		for _, parent := range []string{"<workbook ", "<datasources>", "<datasource ", "<connection ", "<named-connections>", "<named-connection "} {
			var out []string
			for _, line := range strings.SplitAfter(in, "\n") {
				if i := strings.Index(line, parent); i >= 0 && strings.Contains(line, ">") && !strings.Contains(line, "/>") {
					end := i + strings.Index(line[i:], ">") + 1
					line = line[:end] + gizmo + line[end:]
				}
				out = append(out, line)
			}
			in = strings.Join(out, "")
		}
		return in
	}
	f := doctest.Open(t, in)
	if err := edit(f, 7); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(with(in), gizmo); n != 7 {
		t.Fatalf("%d parents have something unknown", n)
	}
	doctest.Edited(t, with(in), func(f *documents.File) error { return edit(f, 7) }, with(doctest.Written(t, f)))
}
