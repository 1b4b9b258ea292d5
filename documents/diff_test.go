package documents_test

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
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
	files := map[string]string{"sql": "server-10.5.twb", "extract": "forked-2023.1.twb"} // the others have all else
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
		"calculated field": {func(f *documents.File) error {
			_, err := orders(f).SetCalculatedField(tds.CalculatedField{Caption: "Double", Formula: "[amount]*2", Datatype: "real", Role: "measure"})
			return err
		}, []string{`data source "Orders", field "Double": added "" -> "[amount]*2" (1)`}},
		"field": {func(f *documents.File) error {
			caption := "Betrag"
			return orders(f).UpdateColumn("Amount", tds.ColumnPatch{Caption: &caption})
		}, []string{`data source "Orders", field "Amount": caption changed "Amount" -> "Betrag" (2)`}},
		"schema": {func(f *documents.File) error {
			_, err := orders(f).SwapSchema(tds.Swap{From: "public", To: "acme"})
			return err
		}, []string{`data source "Orders", table "orders": changed "[public].[orders]" -> "[acme].[orders]" (2)`}},
		"sql": {func(f *documents.File) error {
			for ds := range f.Datasources() {
				for q := range ds.SQLQueries() {
					return q.Set("SELECT 2")
				}
			}
			return nil
		}, []string{"data source \"orders+ (Multiple Connections)\", custom SQL \"Custom SQL Query\": query changed \"SELECT * FROM goals\\r\\nWHERE day >= <[Parameters].[Parameter 1]> AND rate << 5\" -> \"SELECT 2\" (1)"}},
		"published": {func(f *documents.File) error {
			for ds := range f.Datasources() {
				if _, ok := ds.Published(); ok {
					return ds.Repoint(tds.PublishedRef{Server: "https://new.example.com", SiteContentURL: "acme", ContentURL: "Targets_1"})
				}
			}
			return nil
		}, []string{`data source "Goals": published data source changed "\"Goals\" of site \"template\" on https://tableau.template.internal" -> "\"Targets_1\" of site \"acme\" on https://new.example.com" (12)`}},
		"extract": {func(f *documents.File) error {
			for ds := range f.Datasources() {
				if ds.HasExtract() {
					return ds.EnableExtract(false)
				}
			}
			return nil
		}, []string{`data source "Facts", extract: enabled changed "true" -> "false" (1)`}},
		"domain": {func(f *documents.File) error {
			wb, _ := f.Workbook()
			return wb.UpdateParameter("Area", tds.ParameterPatch{Domain: &tds.Domain{Kind: tds.ListDomain, Allowed: []tds.Allowed{{Value: tds.String("w"), As: "West"}, {Value: tds.String("e")}}}})
		}, []string{`parameter "Area": allowed values changed "w as West, e as East, n" -> "w as West, e" (9)`}},
		"worksheet filter": {func(f *documents.File) error {
			wb, _ := f.Workbook()
			for vf := range wb.Filters() {
				if vf.Kind == tds.Including {
					return wb.SetFilter(twb.FilterPlace{Worksheet: vf.Worksheet}, tds.IncludeAll(vf.Field))
				}
			}
			return nil
		}, []string{`worksheet "By region", filter "In area": changed "include true" -> "all" (4)`}},
		"hide": {func(f *documents.File) error {
			wb, _ := f.Workbook()
			return wb.HideView("By region")
		}, []string{`worksheet "By region": hidden changed "" -> "true" (1)`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := open(t, filepath.Join("..", "testdata", "odd", cmp.Or(files[name], "plain-2024.3.twb")))
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
