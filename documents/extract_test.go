package documents_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

const (
	hyperHead = "Hyper\x08\x00\x00\x01"
	tdeHead   = "\x20\x02\x01\x62\xa0\x1e\xab\x07\x02"
	extractOf = `      <extract count='-1' enabled='true' object-id='' units='records'>
        <connection class='hyper' dbname='%s' schema='Extract' tablename='Extract'>
          <relation name='Extract' table='[Extract].[Extract]' type='table' />
        </connection>
      </extract>
`
	layout = "      <layout dim"
)

// extracted is FX1 with an extract with this path.
func extracted(t testing.TB, path string) string {
	return doctest.Replace(t, doctest.FX1, layout, fmt.Sprintf(extractOf, path)+layout)
}

// twin is a workbook whose second data source has the extract of the first.
func twin(t testing.TB, path string) string {
	in := extracted(t, path)
	from, to := strings.Index(in, "    <datasource "), strings.Index(in, "  </datasources>")
	second := strings.NewReplacer("'Orders'", "'Returns'", "'federated.a'", "'federated.b'").Replace(in[from:to])
	return in[:to] + second + in[to:]
}

// orders is the data source Orders of a file, or its only one.
func orders(t testing.TB, f *documents.File) *tds.Datasource {
	t.Helper()
	ds, err := f.Datasource("Orders")
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

func newExtract(rows, name string) documents.NewExtract {
	return documents.NewExtract{Content: content(hyperHead + rows), Name: name}
}

func noted(f *documents.File) (texts []string) {
	for n := range f.Notes() {
		texts = append(texts, n.Text)
	}
	return texts
}

// TestExtractFile finds the files of extracts by all forms of paths (cases 24 and 76).
func TestExtractFile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path, entry string
		disabled    bool
		want        documents.ExtractFile
		fault       string
	}{
		{"Data/e.hyper", "Data/e.hyper", false, documents.ExtractFile{Entry: "Data/e.hyper", Size: 5}, ""},
		{`Data\e.hyper`, "Data/e.hyper", false, documents.ExtractFile{Entry: "Data/e.hyper", Size: 5}, ""},
		{"C:/Users/me/AppData/x/Data/e.hyper", "Data/e.hyper", false, documents.ExtractFile{Outside: true}, "is not in the package"},
		{`\\server\Data\e.hyper`, "Data/e.hyper", false, documents.ExtractFile{Outside: true}, "is not in the package"},
		{"/Users/me/e.hyper", "Data/e.hyper", false, documents.ExtractFile{Outside: true}, "is not in the package"},
		{"e.hyper", "Data/e.hyper", false, documents.ExtractFile{Outside: true}, "is not in the package"},
		{"Data/e.hyper", "Data/E.hyper", false, documents.ExtractFile{Near: "Data/E.hyper"}, `but there is "Data/E.hyper"`},
		{"Data/x.hyper", "Data/e.hyper", false, documents.ExtractFile{}, "is missing in the package"},
		{"Data/x.hyper", "Data/e.hyper", true, documents.ExtractFile{}, ""},
		{"", "Data/e.hyper", false, documents.ExtractFile{Outside: true}, ""},
		{"Data/デ/e.hyper", "Data/デ/e.hyper", false, documents.ExtractFile{Entry: "Data/デ/e.hyper", Size: 5}, ""},
	} {
		doc := extracted(t, test.path)
		if test.disabled {
			doc = doctest.Replace(t, doc, "enabled='true'", "enabled='false'")
		}
		f := doctest.Open(t, archive(t, "Book.twb", doc, test.entry, "Hyper"))
		test.want.Path, test.want.Enabled = test.path, !test.disabled
		got, ok := f.ExtractFile(orders(t, f))
		if diff := cmp.Diff(test.want, got); !ok || diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.path, diff)
		}
		if fault := got.Fault(); (fault == "") != (test.fault == "") || !strings.Contains(fault, test.fault) {
			t.Errorf("%s: fault %q", test.path, fault)
		}
	}
	bare := doctest.Open(t, extracted(t, "Data/e.hyper"))
	if got, _ := bare.ExtractFile(orders(t, bare)); !got.Outside || got.Fault() == "" {
		t.Errorf("without a package: %+v", got)
	}
	none := doctest.Open(t, doctest.FX1)
	if got, ok := none.ExtractFile(orders(t, none)); ok {
		t.Errorf("without an extract: %+v", got)
	}
}

// TestReplaceExtract replaces the file of an extract (case 21).
func TestReplaceExtract(t *testing.T) {
	t.Parallel()
	const old = "Data/Extracts/t.hyper"
	for name, test := range map[string]struct {
		path, entry, as, want, dbname string
	}{
		"same name":       {old, old, "", old, old},
		"that name":       {old, old, "t.hyper", old, old},
		"new name":        {old, old, "acme.hyper", "Data/Extracts/acme.hyper", "Data/Extracts/acme.hyper"},
		"new folder":      {old, old, "Data/acme/o.hyper", "Data/acme/o.hyper", "Data/acme/o.hyper"},
		"backslash":       {`Data\t.hyper`, "Data/t.hyper", "", "Data/t.hyper", `Data\t.hyper`},
		"backslash, name": {`Data\t.hyper`, "Data/t.hyper", "a.hyper", "Data/a.hyper", `Data\a.hyper`},
		"missing":         {`Data\t.hyper`, "", "", "Data/t.hyper", `Data\t.hyper`},
		"outside":         {`C:\Users\me\t.hyper`, "", "", "Data/Extracts/t.hyper", "Data/Extracts/t.hyper"},
		"outside, name":   {"/data/t.hyper", "", "acme.hyper", "Data/Extracts/acme.hyper", "Data/Extracts/acme.hyper"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entries := []string{"Image/a.png", "png", "Book.twb", extracted(t, test.path)}
			if test.entry != "" {
				entries = append([]string{test.entry, "old"}, entries...)
			}
			want := map[string]string{"Image/a.png": "png", "Book.twb": extracted(t, test.dbname), test.want: hyperHead + "rows"}
			in := archive(t, entries...)
			f := doctest.Open(t, in)
			var once string
			for i := range 3 {
				if i == 2 {
					f = doctest.Open(t, once)
				}
				if err := f.ReplaceExtract(orders(t, f), newExtract("rows", test.as)); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, packed(t, f)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if i > 0 && doctest.Written(t, f) != once {
					t.Error("another time gives another file")
				}
				once = doctest.Written(t, f)
			}
			for _, record := range strings.SplitAfter(in[:strings.Index(in, "PK\x01\x02")], "PK\x03\x04") {
				record = strings.TrimSuffix(record, "PK\x03\x04")
				changed := strings.Contains(record, "\x00\x00Data/") || strings.Contains(record, "Book.twb") && test.dbname != test.path
				if !changed && !strings.Contains(once, record) {
					t.Errorf("the record %q changed", record[:30])
				}
			}
			if f.ChangeCount() != 1 {
				t.Errorf("another time changes %v and %q", slices.Collect(f.Changes()), entryChanges(f))
			}
		})
	}
}

// TestReplaceSharedExtract replaces a file that two data sources read, and one that was
// disabled.
func TestReplaceSharedExtract(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, archive(t, "Book.twb", twin(t, "Data/t.hyper"), "Data/t.hyper", "old"))
	if err := f.ReplaceExtract(orders(t, f), newExtract("rows", "acme.hyper")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"Book.twb": twin(t, "Data/acme.hyper"), "Data/acme.hyper": hyperHead + "rows"}, packed(t, f)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := noted(f); !slices.Equal(got, []string{`data source "Returns" reads the same file, which was replaced`}) {
		t.Errorf("notes %q", got)
	}
	disabled := doctest.Replace(t, extracted(t, "Data/t.hyper"), "enabled='true'", "enabled='false'")
	f = doctest.Open(t, archive(t, "Book.twb", disabled, "Data/t.hyper", "old"))
	if err := f.ReplaceExtract(orders(t, f), newExtract("rows", "")); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]string{"Book.twb": disabled, "Data/t.hyper": hyperHead + "rows"}, packed(t, f)); diff != "" {
		t.Errorf("disabled (-want +got):\n%s", diff)
	}
}

func TestExtractRefuses(t *testing.T) {
	t.Parallel()
	replace := func(x documents.NewExtract) func(*documents.File, *tds.Datasource) error {
		return func(f *documents.File, ds *tds.Datasource) error { return f.ReplaceExtract(ds, x) }
	}
	attach := func(x documents.NewExtract) func(*documents.File, *tds.Datasource) error {
		return func(f *documents.File, ds *tds.Datasource) error { return f.AttachExtract(ds, x) }
	}
	with := archive(t, "Book.twb", extracted(t, "Data/t.hyper"), "Data/t.hyper", "old", "Data/u.hyper", "other")
	disabled := archive(t, "Book.twb", doctest.Replace(t, extracted(t, "Data/t.hyper"), "enabled='true'", "enabled='false'"))
	without := archive(t, "Book.twb", doctest.FX1, "Data/Extracts/u.hyper", "other")
	for _, test := range []struct {
		in    string
		edit  func(*documents.File, *tds.Datasource) error
		words []string
	}{
		{with, replace(documents.NewExtract{Content: content("Hype")}), []string{`replacing the extract of data source "Orders": the file is neither a .hyper nor a .tde`}},
		{with, replace(documents.NewExtract{Content: content("")}), []string{"the file is empty"}},
		{with, replace(documents.NewExtract{}), []string{"there is no content"}},
		{with, replace(documents.NewExtract{Content: packaging.File("no such file")}), []string{"no such file"}},
		{with, replace(documents.NewExtract{Content: content("version https://git-lfs.github.com/spec/v1")}), []string{"Git LFS pointer"}},
		{with, replace(documents.NewExtract{Content: content(tdeHead)}), []string{"the extract is of class hyper, and the file is not"}},
		{with, replace(newExtract("", "u.hyper")), []string{`renaming entry "Data/t.hyper"`, "same name"}},
		{with, replace(newExtract("", "../u.hyper")), []string{"leads out"}},
		{with, attach(newExtract("", "acme.hyper")), []string{"attaching an extract", `it has an extract already, "Data/t.hyper"`}},
		{disabled, replace(newExtract("", "")), []string{"it is disabled and has no file"}},
		{without, replace(newExtract("", "")), []string{`no extract in data source "Orders"`}},
		{without, attach(newExtract("", "u.hyper")), []string{`adding entry "Data/Extracts/u.hyper"`, "same name"}},
		{without, attach(newExtract("", "")), []string{"no name"}},
		{without, attach(documents.NewExtract{Content: content("x"), Name: "a.hyper"}), []string{"neither"}},
		{without, func(f *documents.File, ds *tds.Datasource) error { return f.RemoveExtract(ds) }, []string{"removing the extract", "no extract"}},
		{without, func(f *documents.File, ds *tds.Datasource) error { return f.DisableExtract(ds, true) }, []string{"disabling the extract", "no extract"}},
		{with, func(f *documents.File, ds *tds.Datasource) error { return f.Clone().RemoveExtract(ds) }, []string{"of another file"}},
	} {
		doctest.Refused(t, test.in, func(f *documents.File) error {
			err := test.edit(f, orders(t, f))
			if n := len(entryChanges(f)); n > 0 {
				t.Errorf("%v: %d changes of entries", err, n)
			}
			return err
		}, test.words...)
	}
}

// TestAttachExtract makes a bare document a package (case 25).
func TestAttachExtract(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{"bare": doctest.FX1, "packaged": archive(t, "document.twb", doctest.FX1)} {
		f := doctest.Open(t, in)
		ds := orders(t, f)
		for range 2 {
			if err := f.AttachExtract(ds, newExtract("rows", "acme.hyper")); err != nil {
				t.Fatal(err)
			}
		}
		if file, ok := f.ExtractFile(ds); !ok || file.Entry != "Data/Extracts/acme.hyper" || file.Fault() != "" || f.Kind() != documents.TWBX {
			t.Errorf("%s: %+v in a %s", name, file, f.Kind())
		}
		got := packed(t, f)
		alone := doctest.Open(t, doctest.FX1)
		if err := orders(t, alone).AttachExtract(tds.NewExtract{Path: "Data/Extracts/acme.hyper"}); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"document.twb": doctest.Written(t, alone), "Data/Extracts/acme.hyper": hyperHead + "rows"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		again := doctest.Open(t, doctest.Written(t, f))
		if err := again.AttachExtract(orders(t, again), newExtract("rows", "acme.hyper")); err != nil || doctest.Written(t, again) != doctest.Written(t, f) {
			t.Errorf("%s: once more gives another file (%v)", name, err)
		}
		if err := errors.Join(f.RemoveExtract(ds), f.Unwrap()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	f := doctest.Open(t, doctest.FX1)
	if err := f.AttachExtract(orders(t, f), documents.NewExtract{Content: content(tdeHead), Name: "Data/o.tde"}); err != nil {
		t.Error(err)
	}
	if x, _ := orders(t, f).Extract(); !x.TDE() || x.Path != "Data/o.tde" {
		t.Errorf("a .tde: %+v", x)
	}
}

// TestAttachToItsOwnResult changes nothing for the same file, and refuses another one.
func TestAttachToItsOwnResult(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, doctest.FX1)
	if err := f.AttachExtract(orders(t, f), newExtract("rows", "acme.hyper")); err != nil {
		t.Fatal(err)
	}
	result := doctest.Written(t, f)
	again := doctest.Open(t, result)
	if err := again.AttachExtract(orders(t, again), newExtract("rows", "acme.hyper")); err != nil || again.ChangeCount() != 0 {
		t.Errorf("the same file: %d changes (%v)", again.ChangeCount(), err)
	}
	for _, x := range []documents.NewExtract{newExtract("ROWS", "acme.hyper"), newExtract("more rows", "acme.hyper"), newExtract("rows", "other.hyper")} {
		doctest.Refused(t, result, func(f *documents.File) error { return f.AttachExtract(orders(t, f), x) }, `it has an extract already, "Data/Extracts/acme.hyper"`)
	}
}

// TestExtractNames refuses names that are not those of what the file is.
func TestExtractNames(t *testing.T) {
	t.Parallel()
	in := archive(t, "Book.twb", extracted(t, "Data/t.hyper"), "Data/t.hyper", "old")
	for _, name := range []string{"x.txt", "x", "x.tde", "Data/hyper"} {
		x := newExtract("rows", name)
		doctest.Refused(t, doctest.FX1, func(f *documents.File) error { return f.AttachExtract(orders(t, f), x) }, "the file is a .hyper, and the name")
		doctest.Refused(t, in, func(f *documents.File) error { return f.ReplaceExtract(orders(t, f), x) }, "the file is a .hyper, and the name")
	}
}

// TestEnableExtract enables an extract whose file is there.
func TestEnableExtract(t *testing.T) {
	t.Parallel()
	disabled := doctest.Replace(t, extracted(t, "Data/t.hyper"), "enabled='true'", "enabled='false'")
	f := doctest.Open(t, archive(t, "Book.twb", disabled, "Data/t.hyper", "old"))
	for range 2 {
		if err := f.EnableExtract(orders(t, f)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(extracted(t, "Data/t.hyper"), packed(t, f)["Book.twb"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	enable := func(f *documents.File) error { return f.EnableExtract(orders(t, f)) }
	doctest.Refused(t, archive(t, "Book.twb", disabled, "Data/T.hyper", "old"), enable, `enabling the extract of data source "Orders": the file "Data/t.hyper"`, `but there is "Data/T.hyper"`)
	doctest.Refused(t, disabled, enable, "is not in the package")
	doctest.Refused(t, doctest.FX1, enable, `no extract in data source "Orders"`)
}

// TestAttachDisabledExtract gives a disabled extract a file.
func TestAttachDisabledExtract(t *testing.T) {
	t.Parallel()
	for _, entries := range [][]string{nil, {"Data/t.hyper", "old"}} {
		disabled := doctest.Replace(t, extracted(t, "Data/t.hyper"), "enabled='true'", "enabled='false'")
		f := doctest.Open(t, archive(t, append([]string{"Book.twb", disabled}, entries...)...))
		if err := f.AttachExtract(orders(t, f), newExtract("rows", "acme.hyper")); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"Book.twb": extracted(t, "Data/Extracts/acme.hyper"), "Data/Extracts/acme.hyper": hyperHead + "rows"}
		if diff := cmp.Diff(want, packed(t, f)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", entries, diff)
		}
	}
	f := doctest.Open(t, twin(t, "x"))
	var two []*tds.Datasource
	for ds := range f.Datasources() {
		two = append(two, ds)
	}
	shared := newExtract("rows", "acme.hyper")
	for _, ds := range two {
		if err := errors.Join(f.RemoveExtract(ds), f.AttachExtract(ds, shared)); err != nil {
			t.Errorf("the same file for both: %v", err)
		}
	}
	if got := names(f); len(got) != 2 {
		t.Errorf("entries %q", got)
	}
}

// TestRemoveExtract removes extracts with their files (case 75).
func TestRemoveExtract(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, archive(t, "Book.twb", twin(t, "Data/t.hyper"), "Data/t.hyper", "old"))
	returns, err := f.Datasource("Returns")
	if err := errors.Join(err, f.RemoveExtract(orders(t, f))); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(names(f), []string{"Book.twb", "Data/t.hyper"}) {
		t.Errorf("the file is gone that another data source reads: %q", names(f))
	}
	if got := noted(f); len(got) != 1 || !strings.Contains(got[0], `"Data/t.hyper" stays`) || !strings.Contains(got[0], "federated.b") {
		t.Errorf("notes %q", got)
	}
	if err := f.RemoveExtract(returns); err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(twin(t, "x"), fmt.Sprintf(extractOf, "x"), "", 2)
	if diff := cmp.Diff(map[string]string{"Book.twb": want}, packed(t, f)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	f = doctest.Open(t, archive(t, "Book.twb", extracted(t, "C:/t.hyper"), "Data/t.hyper", "old"))
	if err := f.RemoveExtract(orders(t, f)); err != nil || len(entryChanges(f)) > 0 {
		t.Errorf("an extract outside: %q (%v)", entryChanges(f), err)
	}
}

// TestDisableExtract keeps the file of an extract or not (case 74).
func TestDisableExtract(t *testing.T) {
	t.Parallel()
	in := archive(t, "Book.twb", extracted(t, "Data/t.hyper"), "Data/t.hyper", "old")
	document := doctest.Replace(t, extracted(t, "Data/t.hyper"), "enabled='true'", "enabled='false'")
	for _, test := range []struct {
		in     string
		remove bool
		want   map[string]string
		note   string
	}{
		{in, false, map[string]string{"Book.twb": document, "Data/t.hyper": "old"}, `"Data/t.hyper" stays in the package with the rows of the extract`},
		{in, true, map[string]string{"Book.twb": document}, ""},
		{archive(t, "Book.twb", twin(t, "Data/t.hyper"), "Data/t.hyper", "old"), true, map[string]string{
			"Book.twb": strings.Replace(twin(t, "Data/t.hyper"), "enabled='true'", "enabled='false'", 1), "Data/t.hyper": "old",
		}, `"Data/t.hyper" stays in the package: /workbook/datasources/datasource[@name='federated.b']`},
	} {
		f := doctest.Open(t, test.in)
		for range 2 {
			if err := f.DisableExtract(orders(t, f), test.remove); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(test.want, packed(t, f)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := noted(f); len(got) > 1 || test.note == "" && len(got) > 0 || !strings.Contains(strings.Join(got, ""), test.note) {
			t.Errorf("notes %q, want %q", got, test.note)
		}
	}
	f := doctest.Open(t, in)
	ds := orders(t, f)
	if err := f.Atomically("", func() error { return errors.Join(f.DisableExtract(ds, true), errors.New("boom")) }); err == nil || doctest.Written(t, f) != in {
		t.Errorf("a failure changed the file (%v)", err)
	}
}
