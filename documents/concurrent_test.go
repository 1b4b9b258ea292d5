package documents_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// everything is all that a file tells of itself: its bytes, changes, notes and entries.
func everything(t testing.TB, f *documents.File) string {
	t.Helper()
	var b strings.Builder
	b.Write(written(t, f))
	for c := range f.Changes() {
		fmt.Fprintln(&b, c)
	}
	for c := range f.EntryChanges() {
		fmt.Fprintln(&b, c)
	}
	for n := range f.Notes() {
		fmt.Fprintln(&b, n)
	}
	for e := range f.Entries() {
		fmt.Fprintln(&b, e)
	}
	return b.String()
}

// TestCorpusAtOnce applies every verb to a real file that has something for it, all at the
// same time on clones and some twice: each gives what it gives alone on a file of its own (hard case 11).
func TestCorpusAtOnce(t *testing.T) {
	t.Parallel()
	const goroutines = 200
	type run struct {
		what     string
		template *documents.File
		verb     verb
		alone    string
	}
	paths := corpus(t)
	var templates []*documents.File
	for _, path := range paths {
		templates = append(templates, open(t, path))
	}
	var runs []run
	for name, verb := range eachVerb() {
		for try := range paths {
			i := (len(runs)*7 + try) % len(paths) // not all verbs on the first file
			f := open(t, paths[i])
			if n, err := verb(f); n > 0 && err == nil { // TestCorpusEdited tells of errors
				runs = append(runs, run{name + " on " + paths[i], templates[i], verb, everything(t, f)})
				break
			}
		}
	}
	results := make([]string, goroutines)
	errs := make([]error, goroutines)
	var wg sync.WaitGroup
	for i := range goroutines {
		r := runs[i%len(runs)]
		wg.Go(func() {
			f := r.template.Clone()
			if _, errs[i] = r.verb(f); errs[i] == nil {
				results[i] = everything(t, f)
			}
		})
	}
	wg.Wait()
	for i := range goroutines {
		if r := runs[i%len(runs)]; errs[i] != nil || results[i] != r.alone {
			t.Errorf("%s: another result than alone (%v)", r.what, errs[i])
		}
	}
	for i, f := range templates {
		if f.ChangeCount() > 0 {
			t.Errorf("%s: the template changed", paths[i])
		}
	}
}

// TestNothingOfACloneLeaks edits two clones of one file, in the document, in the copy of a
// published data source inside it and in the package: neither is seen by the other, nor by
// the file, nor by clones of them that were made before; clones made after have it all.
func TestNothingOfACloneLeaks(t *testing.T) {
	t.Parallel()
	in := archive(t, "Plain.twb", oddFile(t, "plain-2024.3.twb"), "Image/logo.png", "\x89PNG", "Data/a.csv", "a")
	file := doctest.Open(t, in)
	untouched := everything(t, file)
	edit := func(f *documents.File, tenant string) {
		t.Helper()
		goals, err := f.Datasource("Goals")
		if err != nil {
			t.Fatal(err)
		}
		orders, err := f.Datasource("Orders")
		if err != nil {
			t.Fatal(err)
		}
		caption := "Betrag " + tenant
		drifted, err := f.Element("//worksheet[@name='By region']//datasource-dependencies[@datasource='federated.0orders']/column[@name='[amount]']")
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{
			goals.Repoint(tds.PublishedRef{Server: "https://" + tenant, SiteContentURL: tenant, ContentURL: "Goals"}),
			drifted.SetAttr("caption", "Drifted"),
			orders.UpdateColumn("[amount]", tds.ColumnPatch{Caption: &caption}), // notes the copy
			f.RenameEntry("Data/a.csv", "Data/"+tenant+".csv"),
			f.AddEntry("Image/"+tenant+".png", newExtract(tenant, tenant).Content),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	a := file.Clone()
	before := a.Clone()
	edit(a, "acme")
	edited := everything(t, a)
	after, b := a.Clone(), file.Clone()
	edit(b, "globex")
	for text, of := range map[string][2]string{edited: {"acme", "globex"}, everything(t, b): {"globex", "acme"}} {
		for _, trace := range []string{"Betrag %s", "https://%s", "Image/%s.png", "Data/%s.csv", `"Drifted"`} {
			if !strings.Contains(text, strings.ReplaceAll(trace, "%s", of[0])) {
				t.Errorf("%s has nothing like %s", of[0], trace)
			}
		}
		if strings.Contains(text, of[1]) {
			t.Errorf("%s has something of %s", of[0], of[1])
		}
	}
	for name, c := range map[string]struct {
		f    *documents.File
		want string
	}{
		"the file": {file, untouched}, "a clone from before": {before, untouched},
		"a clone from after": {after, edited}, "that of acme": {a, edited},
	} {
		if got := everything(t, c.f); got != c.want {
			t.Errorf("%s is not as it was", name)
		}
	}
	if err := errors.Join(toServer("initech")(after), after.RemoveEntry("Image/acme.png", true)); err != nil {
		t.Fatal(err)
	}
	if everything(t, a) != edited {
		t.Error("an edit of a clone shows in the clone that it was made of")
	}
}

// TestCloneIsCheap: a clone of a file with many edits costs no copy of the document.
func TestCloneIsCheap(t *testing.T) {
	in := strings.Replace(doctest.FX1, "      <layout", strings.Repeat("      <column datatype='string' name='[c]' role='dimension' type='nominal' />\n", 20_000)+"      <layout", 1)
	f := doctest.Open(t, in)
	if err := toServer("db9")(f); err != nil {
		t.Fatal(err)
	}
	size := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.Clone()
		}
	}).AllocedBytesPerOp()
	if size > 16<<10 {
		t.Errorf("a clone of a document of %d bytes takes %d", len(in), size)
	}
	var b bytes.Buffer
	if _, err := f.Clone().WriteTo(&b); err != nil || b.Len() != len(in) {
		t.Errorf("wrote %d bytes (%v)", b.Len(), err)
	}
}
