package documents_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func distinctions(t testing.TB, a, b *documents.File) (all []documents.Distinction) {
	t.Helper()
	for d, err := range documents.Diff(a, b) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

// inWords is a distinction in one line.
func inWords(d documents.Distinction) string {
	s := strings.Join(d.Of, ", ") + ": "
	if d.What != "" {
		s += d.What + " "
	}
	return fmt.Sprintf("%s%s %q -> %q (%d)", s, d.Kind, d.From, d.To, d.Places)
}

// TestDiffOfVerbs names what each verb changes, and nothing else.
func TestDiffOfVerbs(t *testing.T) {
	t.Parallel()
	plain, err := os.ReadFile(filepath.Join("..", "testdata", "odd", "plain-2024.3.twb"))
	if err != nil {
		t.Fatal(err)
	}
	f := reopened(t, plain)
	orders := func(f *documents.File) *tds.Datasource {
		ds, err := f.Datasource("Orders")
		if err != nil {
			t.Fatal(err)
		}
		return ds
	}
	for name, test := range map[string]struct {
		edit func(*documents.File) error
		want []string
	}{
		"connection": {func(f *documents.File) error {
			for c := range orders(f).Connections() {
				return c.Update(tds.ConnectionPatch{DBName: "acme"})
			}
			return nil
		}, []string{`data source "Orders", connection "db.template.internal": dbname changed "template" -> "acme" (1)`}},
		"parameter": {func(f *documents.File) error {
			wb, _ := f.Workbook()
			for p := range wb.Parameters() {
				if n := len(p.Domain.Allowed); n > 1 {
					return wb.SetParameter(p.Name, p.Domain.Allowed[n-1].Value)
				}
			}
			return nil
		}, []string{`parameter "Area": value changed "w" -> "n" (15)`}},
		"filter":  {func(f *documents.File) error { return orders(f).SetFilter(tds.Include("region", tds.String("x"))) }, []string{`data source "Orders", filter "Region": changed "exclude null" -> "include x" (2)`}},
		"caption": {func(f *documents.File) error { return f.RenameDatasource("Orders", "Aufträge") }, []string{`data source "Orders": caption changed "Orders" -> "Aufträge" (3)`}},
		"sheet": {func(f *documents.File) error {
			wb, _ := f.Workbook()
			return wb.RenameView("By region", "Nach Region")
		}, []string{`worksheet "By region": name changed "By region" -> "Nach Region" (7)`, `: /workbook/thumbnails changed "" -> "" (1)`}},
		"hide": {func(f *documents.File) error {
			wb, _ := f.Workbook()
			return wb.HideView("By region")
		}, []string{`worksheet "By region": hidden changed "" -> "true" (1)`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			edited := f.Clone()
			if err := test.edit(edited); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range distinctions(t, f, reopened(t, written(t, edited))) {
				got = append(got, inWords(d))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// TestCorpusDiff holds every verb on every real file to it: what is told is what Compare finds, each difference once; the other
// way round it is the same; a file is no other than itself.
func TestCorpusDiff(t *testing.T) {
	t.Parallel()
	for i, path := range corpus(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			f := open(t, path)
			if all := distinctions(t, f, reopened(t, written(t, f))); all != nil {
				t.Fatalf("a file and itself: %v", all)
			}
			turn := i
			for name, verb := range eachVerb() {
				if turn++; turn%8 > 0 { // each verb meets an eighth of the files
					continue
				}
				edited := f.Clone()
				if _, err := verb(edited); err != nil {
					t.Fatal(err)
				}
				assertDiff(t, name, f, edited)
			}
		})
	}
}

func assertDiff(t *testing.T, what string, a, b *documents.File) {
	t.Helper()
	differences := 0
	for _, err := range documents.Compare(a, b, documents.CompareOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		differences++
	}
	kinds := map[documents.DifferenceKind]documents.DifferenceKind{documents.DifferenceMissing: documents.DifferenceAdded, documents.DifferenceAdded: documents.DifferenceMissing}
	places, there, back := 0, map[string]int{}, map[string]int{} // places, however they are put together
	for _, d := range distinctions(t, a, b) {
		places += d.Places
		if d.Path == "" && d.Entry == "" {
			t.Errorf("%s: %s has no place", what, inWords(d))
		}
		there[fmt.Sprint(d.Kind, d.From, " -> ", d.To)] += d.Places
	}
	for _, d := range distinctions(t, b, a) {
		back[fmt.Sprint(cmp.Or(kinds[d.Kind], d.Kind), d.To, " -> ", d.From)] += d.Places
	}
	if places != differences {
		t.Errorf("%s: %d differences are told in %d places", what, differences, places)
	}
	if diff := gocmp.Diff(there, back); diff != "" {
		t.Errorf("%s: (-there +back)\n%s", what, diff)
	}
}
