package documents_test

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"maps"
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

// corpus lists the real files beside the repository; the test is skipped where they
// are absent.
func corpus(t testing.TB) []string {
	t.Helper()
	root := filepath.Join("..", "..", "shared", "corpus")
	if _, err := os.Stat(root); err != nil {
		t.Skip("no folder of real files beside the repository")
	}
	var files []string
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		switch strings.ToLower(filepath.Ext(path)) {
		case ".twb", ".twbx", ".tds", ".tdsx":
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 20 {
		t.Fatalf("found %d real files: %v", len(files), err)
	}
	return files
}

func open(t testing.TB, path string) *documents.File {
	t.Helper()
	f, err := documents.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func written(t testing.TB, f *documents.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// document is the XML that a written file holds.
func document(t testing.TB, file []byte) []byte {
	t.Helper()
	r := bytes.NewReader(file)
	if !packaging.IsPackage(r, r.Size()) {
		return file
	}
	pkg, err := packaging.Open(r, r.Size())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := pkg.ReadEntry(pkg.Document().Name, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestCorpusUnchanged(t *testing.T) {
	t.Parallel()
	for _, path := range corpus(t) {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f := open(t, path)
		if ext := strings.ToLower(filepath.Ext(path)); f.Kind().Ext() != ext {
			t.Errorf("%s: opened as %s", path, f.Kind())
		}
		if !bytes.Equal(written(t, f), want) {
			t.Errorf("%s: changed without an edit", path)
		}
		content, err := f.Content()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(io.NewSectionReader(content, 0, content.Size()))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: Content differs (%v)", path, err)
		}
		for c := range f.Changes() {
			t.Errorf("%s: reports %s", path, c)
		}
	}
}

// A verb is an edit that applies to any file. It works on everything that it has
// something to do with, says on how much that was, and reads back what it set: another
// reading is an error.
type verb func(*documents.File) (applied int, err error)

// allVerbs are the verbs that every real file is held to, by area.
var allVerbs = []map[string]verb{
	firstVerbs,
	filterVerbs,
	tableVerbs,
	connectionVerbs,
	sqlVerbs,
	extractVerbs,
	columnVerbs,
	xmlVerbs,
	parameterVerbs,
	viewVerbs,
	sheetVerbs,
	viewFilterVerbs,
	wordVerbs,
	traceVerbs,
	packageVerbs,
}

// firstVerbs are the main ones of each kind.
var firstVerbs = map[string]verb{
	"repoint": func(f *documents.File) (n int, err error) {
		for ds := range f.Datasources() {
			if _, ok := ds.Published(); ok {
				n++
				err = errors.Join(err, ds.Repoint(tds.PublishedRef{Server: "https://acme.example:8443", SiteContentURL: "acme", ContentURL: "Orders_1"}))
			}
		}
		return n, err
	},
	"parameters": func(f *documents.File) (n int, err error) {
		wb, ok := f.Workbook()
		if !ok {
			return 0, nil
		}
		for p := range wb.Parameters() {
			v := map[string]tds.Value{"string": tds.String(`50% "x" \d`), "integer": tds.Integer(7), "real": tds.Real(2.5), "boolean": tds.Boolean(true)}[p.Datatype]
			switch {
			case p.Recompute != "":
				continue
			case len(p.Domain.Allowed) > 0:
				v = p.Domain.Allowed[len(p.Domain.Allowed)-1].Value
			case p.Domain.Kind != "any" || v == tds.Null():
				v = p.Value
			}
			n++
			err = errors.Join(err, wb.SetParameter(p.Name, v))
		}
		return n, err
	},
}

func eachVerb() iter.Seq2[string, verb] {
	return func(yield func(string, verb) bool) {
		for _, verbs := range allVerbs {
			for _, name := range slices.Sorted(maps.Keys(verbs)) {
				if !yield(name, verbs[name]) {
					return
				}
			}
		}
	}
}

// TestCorpusEdited holds every verb to the promises: bytes outside the reported changes are
// untouched, twice equals once, a clone made before does not see it, and Tableau's schema
// has nothing against the result that it did not have against the file. Under the race
// detector, which TestCorpusAtOnce is for, a file is held to one verb in eight.
func TestCorpusEdited(t *testing.T) {
	t.Parallel()
	var lock sync.Mutex
	total := map[string]int{}
	files := corpus(t)
	t.Run("files", func(t *testing.T) {
		for i, path := range files {
			t.Run(filepath.Base(path), func(t *testing.T) {
				t.Parallel()
				h := newHeld(t, path)
				turn := i
				for name, verb := range eachVerb() {
					if turn++; raced && turn%8 > 0 {
						continue
					}
					n := h.to(t, name, verb)
					lock.Lock()
					total[name] += n
					lock.Unlock()
				}
				if !bytes.Equal(written(t, h.template), h.file) {
					t.Error("the template changed")
				}
			})
		}
	})
	for name := range eachVerb() {
		if total[name] == 0 && !raced {
			t.Errorf("no real file has anything for %s", name)
		}
		t.Logf("%s: applied %d times", name, total[name])
	}
}

// held is a file that verbs are held to, with what is known of it before them.
type held struct {
	template *documents.File
	file     []byte
	source   []byte // the document
	faults   map[string]int
	dangling map[string]int
}

func newHeld(t *testing.T, path string) held {
	t.Helper()
	h := held{template: open(t, path)}
	h.file = written(t, h.template)
	h.source = document(t, h.file)
	h.faults, h.dangling = schemaErrors(t, h.source), dangling(t, h.source)
	return h
}

// to applies a verb and says on how much.
func (h held) to(t *testing.T, name string, verb verb) int {
	t.Helper()
	f := h.template.Clone()
	n, err := verb(f)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return 0
	}
	once := written(t, f)
	result := document(t, once)
	assertReported(t, name, h.source, result, f.Changes())
	assertEntries(t, name, h.file, once, f)
	assertSelectable(t, name, h.template, f)
	assertSchema(t, name, h.faults, result)
	assertFaults(t, name, assertSound(t, name, h.dangling, result), f)
	again, err := documents.OpenReader(bytes.NewReader(once), int64(len(once)))
	if err != nil {
		t.Errorf("%s: the result does not open: %v", name, err)
		return n
	}
	if _, err := verb(again); err != nil {
		t.Errorf("%s a second time: %v", name, err)
	}
	for c := range again.Changes() {
		t.Errorf("%s a second time changes %s", name, c)
	}
	if !bytes.Equal(written(t, again), once) {
		t.Errorf("%s a second time gives another file", name)
	}
	return n
}

// assertEntries checks that the entries of a package are those before, in their order,
// but for the document and what is reported.
func assertEntries(t *testing.T, what string, before, after []byte, f *documents.File) {
	t.Helper()
	reported := map[string]bool{}
	for c := range f.EntryChanges() {
		reported[c.Old], reported[c.New] = true, true
	}
	others := func(file []byte) (all []packaging.Entry) {
		r := bytes.NewReader(file)
		if !packaging.IsPackage(r, r.Size()) {
			return nil
		}
		pkg, err := packaging.Open(r, r.Size())
		if err != nil {
			t.Fatal(err)
		}
		for e := range pkg.Entries() {
			if e.Name != pkg.Document().Name && !reported[e.Name] {
				all = append(all, e)
			}
		}
		return all
	}
	if diff := cmp.Diff(others(before), others(after)); diff != "" {
		t.Errorf("%s: other entries (-before +after):\n%s", what, diff)
	}
}

// assertReported checks that the changes make the result of the source: that all else is
// untouched, and that nothing is changed that is not reported.
func assertReported(t *testing.T, what string, source, result []byte, changes iter.Seq[documents.Change]) {
	t.Helper()
	if doctest.Spliced(string(source), changes) != string(result) {
		t.Errorf("%s: the reported changes do not make the result", what)
	}
}
