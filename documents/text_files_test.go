package documents_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
)

// textFile is a document whose connection is a text file, in one of two forms.
func textFile(t testing.TB, in string) string {
	for _, of := range [][2]string{
		{"class='postgres' dbname='dev' port='5432' server='db1' username='svc'", "class='textscan' directory='Data/Files' filename='orders.csv' password='' server=''"},
		{"caption='db1' name='postgres.c'", "caption='orders' name='textscan.c'"},
		{"connection='postgres.c' name='orders' table='[public].[orders]'", "connection='textscan.c' name='orders.csv' table='[orders#csv]'"},
	} {
		if !strings.Contains(in, of[0]) {
			t.Fatalf("no %s", of[0])
		}
		in = strings.ReplaceAll(in, of[0], of[1])
	}
	return in
}

// folder is a text file beside another one in the same connection, as a union or a join has.
func folder(t testing.TB) string {
	const relation = "        <relation connection='textscan.c' name='orders.csv' table='[orders#csv]' type='table' />\n"
	in := textFile(t, doctest.FX1)
	return strings.Replace(in, relation, "        <relation join='inner' type='join'>\n          "+strings.TrimSpace(relation)+
		"\n          <relation connection='textscan.c' name='people.csv' table='[people#csv]' type='table' />\n        </relation>\n", 1)
}

// renamed is an edit that renames an entry, and reads back that it did.
func renamed(from, to string) func(*documents.File) error {
	return func(f *documents.File) error {
		if slices.Contains(names(f), to) && !slices.Contains(names(f), from) { // a second time
			return nil
		}
		if err := f.RenameEntry(from, to); err != nil {
			return err
		}
		for r := range f.References() {
			if r.Entry == "" {
				return errors.New(r.Place + " refers to " + r.File)
			}
		}
		return nil
	}
}

// TestRenameTextFile renames the file, its entry and its table at once (case 22).
func TestRenameTextFile(t *testing.T) {
	t.Parallel()
	const entry = "Data/Files/orders.csv"
	for _, test := range []struct {
		name, in, entry, to string
		replace             []string // in the document
	}{
		{"one form", textFile(t, doctest.FX1), entry, "Data/Files/acme.csv", []string{"filename='orders.csv'", "filename='acme.csv'", "[orders#csv]", "[acme#csv]"}},
		{"two forms", textFile(t, doctest.FX2), entry, "Data/Files/acme.csv", []string{"filename='orders.csv'", "filename='acme.csv'", "[orders#csv]", "[acme#csv]"}},
		{"another extension", textFile(t, doctest.FX2), entry, "Data/Files/acme.txt", []string{"filename='orders.csv'", "filename='acme.txt'", "[orders#csv]", "[acme#txt]"}},
		{"another folder", textFile(t, doctest.FX1), entry, "Data/acme/orders.csv", []string{"Data/Files", "Data/acme"}},
		{"backslashes", strings.ReplaceAll(textFile(t, doctest.FX1), "Data/Files", `Data\Files`), entry, "Data/x/a.csv", []string{`Data\Files`, `Data\x`, "filename='orders", "filename='a", "[orders#", "[a#"}},
		{"a table of the folder", folder(t), "Data/Files/people.csv", "Data/Files/acme.csv", []string{"[people#csv]", "[acme#csv]"}},
		{"the file of the folder", folder(t), entry, "Data/Files/acme.csv", []string{"filename='orders.csv'", "filename='acme.csv'", "[orders#csv]", "[acme#csv]"}},
		{
			"several dots, all signs", strings.NewReplacer("filename='orders.", "filename='o.p.", "[orders#", "[o#p#").Replace(textFile(t, doctest.FX1)),
			"Data/Files/o.p.csv", "Data/Files/a.b.csv",
			[]string{"o.p.csv", "a.b.csv", "[o#p#csv]", "[a#b#csv]"},
		},
		{
			"several dots, one sign", strings.NewReplacer("filename='orders.", "filename='o.p.", "[orders#", "[o.p#").Replace(textFile(t, doctest.FX1)),
			"Data/Files/o.p.csv", "Data/Files/a.b.csv",
			[]string{"o.p.csv", "a.b.csv", "[o.p#csv]", "[a.b#csv]"},
		},
		{
			"without a wrapper", "<datasource formatted-name='x' version='9.0'>\n  <connection class='textscan' directory='Data/Files' filename='orders.csv'>\n    <relation name='orders#csv' table='[orders#csv]' type='table' />\n  </connection>\n</datasource>\n",
			entry, "Data/Files/acme.csv",
			[]string{"filename='orders.csv'", "filename='acme.csv'", "table='[orders#csv]'", "table='[acme#csv]'"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			document := "Book.twb"
			if strings.HasPrefix(test.in, "<datasource") {
				document = "Book.tds"
			}
			entries := []string{document, test.in, test.entry, "id"}
			for _, other := range []string{entry, "Data/Files/people.csv"} {
				if strings.Contains(test.in, "people") && other != test.entry {
					entries = append(entries, other, "more")
				}
			}
			f := doctest.Open(t, archive(t, entries...))
			for range 2 {
				if err := renamed(test.entry, test.to)(f); err != nil {
					t.Fatal(err)
				}
			}
			got := packed(t, f)
			if diff := cmp.Diff(strings.NewReplacer(test.replace...).Replace(test.in), got[document]); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
			if got[test.to] != "id" {
				t.Errorf("entries %q", names(f))
			}
			for _, n := range noted(f) {
				t.Errorf("noted %s", n)
			}
			if err := f.RenameEntry(test.to, test.entry); err != nil || f.ChangeCount() != 0 {
				t.Errorf("renamed back: %v, %d changes", err, f.ChangeCount())
			}
		})
	}
}

func TestRenameTextFileRefuses(t *testing.T) {
	t.Parallel()
	const entry = "Data/Files/orders.csv"
	in := textFile(t, doctest.FX2)
	for name, test := range map[string]struct {
		in, entry, to string
		words         []string
	}{
		"dots that are not known": {in, entry, "Data/Files/a.b.csv", []string{`"a.b.csv" is called is not known`}},
		"copies that differ":      {strings.Replace(in, "[orders#csv]", "[other#csv]", 1), entry, "Data/Files/acme.csv", []string{`"orders.csv" of connection "textscan.c": its 3 copies differ`}},
		"a folder that others are in": {
			folder(t), entry, "Data/acme/orders.csv", []string{`other files of the folder "Data/Files/": Data/Files/orders.csv, Data/Files/people.csv`},
		},
		"a part of a shapefile": {
			strings.NewReplacer("'textscan'", "'ogrdirect'", "orders.csv'", "orders.shp'").Replace(in), "Data/Files/orders.shp", "Data/Files/acme.shp",
			[]string{`"Data/Files/orders.dbf" belongs to it`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, archive(t, "Book.twb", test.in, test.entry, "id", "Data/Files/people.csv", "", "Data/Files/orders.dbf", ""), func(f *documents.File) error {
				before := names(f)
				err := f.RenameEntry(test.entry, test.to)
				if !slices.Equal(before, names(f)) {
					t.Errorf("entries %q", names(f))
				}
				return err
			}, test.words...)
		})
	}
	// What a table of a folder reads is used.
	doctest.Refused(t, archive(t, "Book.twb", folder(t), "Data/Files/people.csv", ""), func(f *documents.File) error {
		return f.RemoveEntry("Data/Files/people.csv", false)
	}, "it is used by", "connection")
}

// TestRenameSpatialFile leaves tables that are called by what is in the file.
func TestRenameSpatialFile(t *testing.T) {
	t.Parallel()
	in := strings.NewReplacer("'textscan'", "'ogrdirect'", "filename='orders.csv'", "filename='orders.zip'", "[orders#csv]", "[orders]").Replace(textFile(t, doctest.FX1))
	f := doctest.Open(t, archive(t, "Book.twb", in, "Data/Files/orders.zip", "PK"))
	if err := renamed("Data/Files/orders.zip", "Data/Files/acme.zip")(f); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Replace(in, "orders.zip", "acme.zip", 1), packed(t, f)["Book.twb"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := noted(f); len(got) != 1 || !strings.Contains(got[0], "the tables keep their names") {
		t.Errorf("notes %q", got)
	}
}

// TestReferences tells of every place that names a file, with its entry if there is one.
func TestReferences(t *testing.T) {
	t.Parallel()
	in := doctest.Replace(t, logo(t), layout, strings.Replace(strings.Replace(extractOf, "%s", "C:/t.hyper", 1), "'true'", "'false'", 1)+layout)
	f := doctest.Open(t, archive(t, "Book.twb", in, "Data/h.hyper", "", "Data/Files/orders.csv", "", "Data/X.xlsx", "", "Image/logo.png", ""))
	of := func(connection string) string { return connection + ` of data source "Orders"` }
	want := []documents.Reference{
		{Place: of(`textscan caption="f" directory="Data/Files" filename="orders.csv" name="f.1"`), Datasource: "federated.a", File: "Data/Files/orders.csv", Entry: "Data/Files/orders.csv", Source: true},
		{Place: of(`hyper caption="h" dbname="Data\\h.hyper" name="h.1"`), Datasource: "federated.a", File: `Data\h.hyper`, Entry: "Data/h.hyper", Source: true},
		{Place: of(`excel-direct caption="x" filename="Data/x.xlsx" name="x.1"`), Datasource: "federated.a", File: "Data/x.xlsx", Source: true, Missing: true},
		{Place: `an image of data source "Orders"`, Datasource: "federated.a", File: "Image/logo.png", Entry: "Image/logo.png"},
		{Place: of("the extract"), Datasource: "federated.a", File: "C:/t.hyper", Unused: true, Absolute: true},
		{Place: `dashboard "D"`, File: "Image/logo.png", Entry: "Image/logo.png"},
		{Place: `dashboard "D"`, File: "Image/logo.png", Entry: "Image/logo.png"}, // a button
	}
	if diff := cmp.Diff(want, slices.Collect(f.References())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
