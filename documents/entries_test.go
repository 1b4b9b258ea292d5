package documents_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// content is the content of an entry.
func content(s string) packaging.Content { return packaging.Bytes([]byte(s)) }

// names are the entries of a file as it will be written.
func names(f *documents.File) (names []string) {
	for e := range f.Entries() {
		names = append(names, e.Name)
	}
	return names
}

// entryChanges are the changes of entries in words.
func entryChanges(f *documents.File) (all []string) {
	for c := range f.EntryChanges() {
		all = append(all, c.String())
	}
	return all
}

// packed are the entries of a file that was written, with their content.
func packed(t testing.TB, f *documents.File) map[string]string {
	t.Helper()
	file := doctest.Written(t, f)
	pkg, err := packaging.Open(strings.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if err := pkg.Verify(); err != nil {
		t.Error(err)
	}
	all := map[string]string{}
	for e := range pkg.Entries() {
		b, err := pkg.ReadEntry(e.Name, 1<<30)
		if err != nil {
			t.Error(err)
		}
		all[e.Name] = string(b)
	}
	return all
}

// logo is a workbook with an image, a text file and a .hyper that a person connected to.
func logo(t testing.TB) string {
	return doctest.Replace(t, doctest.FX1, "          <named-connection caption='db1'", `          <named-connection caption='f' name='f.1'>
            <connection class='textscan' directory='Data/Files' filename='orders.csv' />
          </named-connection>
          <named-connection caption='h' name='h.1'>
            <connection class='hyper' dbname='Data\h.hyper' />
          </named-connection>
          <named-connection caption='x' name='x.1'>
            <connection class='excel-direct' filename='Data/x.xlsx' />
          </named-connection>
          <named-connection caption='db1'`, "  </datasources>\n", `  </datasources>
  <dashboards>
    <dashboard name='D'>
      <zones>
        <zone id='1' param='Image/logo.png' type-v2='bitmap' />
        <zone id='3' type-v2='dashboard-object'><button><button-visual-state><image-path>Image/logo.png</image-path></button-visual-state></button></zone>
        <zone id='2' param='[federated.a].[none:Tenant:nk]' type-v2='filter' />
      </zones>
    </dashboard>
  </dashboards>
`, "      <layout dim", "      <mapped-images>\n        <mapped-image expression='file:Image/logo.png' />\n      </mapped-images>\n      <layout dim")
}

func logoPackage(t testing.TB) string {
	return archive(t, "Data/", "", "Data/h.hyper", "Hyper", "Data/Files/orders.csv", "id", "Data/x.xlsx", "x", "Book.twb", logo(t), "Image/logo.png", "png", ".DS_Store", "")
}

func TestEntries(t *testing.T) {
	t.Parallel()
	in := logoPackage(t)
	f := doctest.Open(t, in)
	before := f.Clone()
	err := errors.Join(
		f.ReplaceEntry("Data/h.hyper", content("Hyper 2")),
		f.RenameEntry("Data/h.hyper", "Data/acme.hyper"),
		f.RenameEntry("Image/logo.png", "Image/acme.png"),
		f.RenameEntry("Data/x.xlsx", "Data/y.xlsx"),
		f.RemoveEntry(".DS_Store", false),
		f.AddEntry("Data/é.csv", content("new")),
		f.AddEntry("Data/gone.csv", content("gone")),
		f.RemoveEntry("Data/gone.csv", false),
	)
	if err != nil {
		t.Fatal(err)
	}
	wantChanges := []string{
		`entry "Data/h.hyper" replaced by "Data/acme.hyper", 7 bytes`, `entry "Image/logo.png" renamed to "Image/acme.png"`,
		`entry "Data/x.xlsx" renamed to "Data/y.xlsx"`, `entry ".DS_Store" removed`, `entry "Data/é.csv" added, 3 bytes`,
	}
	if diff := cmp.Diff(wantChanges, entryChanges(f)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if f.ChangeCount() != 5+5 {
		t.Errorf("%d changes", f.ChangeCount())
	}
	document := strings.NewReplacer(`Data\h.hyper`, `Data\acme.hyper`, "Image/logo", "Image/acme", "x.xlsx", "y.xlsx").Replace(logo(t))
	want := map[string]string{
		"Data/": "", "Data/acme.hyper": "Hyper 2", "Data/Files/orders.csv": "id", "Data/y.xlsx": "x", "Book.twb": document,
		"Image/acme.png": "png", "Data/é.csv": "new",
	}
	if diff := cmp.Diff(want, packed(t, f)); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
	again := doctest.Open(t, doctest.Written(t, f))
	if diff := cmp.Diff(slices.Collect(again.Entries()), slices.Collect(f.Entries()), cmp.FilterPath(func(p cmp.Path) bool {
		return slices.Contains([]string{"CompressedSize", "CRC32", "Modified"}, p.Last().String()[min(1, len(p.Last().String())):])
	}, cmp.Ignore())); diff != "" {
		t.Errorf("entries (-written +told):\n%s", diff)
	}
	if doctest.Written(t, before) != in || len(entryChanges(before)) > 0 {
		t.Error("the edits show in a clone made before them")
	}
	after := f.Clone()
	if err := after.RemoveEntry("Data/é.csv", false); err != nil || !slices.Contains(names(f), "Data/é.csv") || slices.Contains(names(after), "Data/é.csv") {
		t.Errorf("the edit of a clone shows in the file, or not in the clone: %v", err)
	}
	if err := errors.Join(f.RenameEntry("Data/acme.hyper", "Data/h.hyper"), f.RenameEntry("Data/y.xlsx", "Data/x.xlsx")); err != nil || len(entryChanges(f)) != 4 {
		t.Errorf("renamed back: %q (%v)", entryChanges(f), err)
	}
}

func TestEntriesRefuse(t *testing.T) {
	t.Parallel()
	c := content("x")
	for _, test := range []struct {
		edit  func(*documents.File) error
		words []string
	}{
		{func(f *documents.File) error { return f.ReplaceEntry("Data/H.hyper", c) }, []string{`replacing entry "Data/H.hyper"`, `there are: "Data/h.hyper", `}},
		{func(f *documents.File) error { return f.ReplaceEntry("Book.twb", c) }, []string{"it is the document"}},
		{func(f *documents.File) error { return f.RemoveEntry("Book.twb", true) }, []string{"it is the document"}},
		{func(f *documents.File) error { return f.RemoveEntry("a", true) }, []string{`removing entry "a": no entry "a"`}},
		{func(f *documents.File) error { return f.RenameEntry("a", "b") }, []string{`renaming entry "a": no entry "a"`}},
		{func(f *documents.File) error { return f.RenameEntry("Data/h.hyper", "DATA/X.xlsx") }, []string{`same as "Data/x.xlsx" but for case`}},
		{func(f *documents.File) error { return f.RenameEntry("Data/h.hyper", "../h") }, []string{"leads out"}},
		{func(f *documents.File) error { return f.AddEntry("Data/h.hyper", c) }, []string{"two entries have the same name"}},
		{func(f *documents.File) error { return f.AddEntry("Other.tds", c) }, []string{"more than one document"}},
		{func(f *documents.File) error { return f.AddEntry("a", packaging.File("no such file")) }, []string{`adding entry "a"`, "no such file"}},
		{func(f *documents.File) error { return f.RemoveEntry("Image/logo.png", false) }, []string{"it is used by", "/zones/zone", "mapped-image"}}, // case 23
		{(*documents.File).Unwrap, []string{"unwrapping the package: it holds", `"Data/h.hyper"`}},
		{func(f *documents.File) error {
			return f.Atomically("site", func() error {
				return errors.Join(f.RemoveEntry("Image/logo.png", true), f.AddEntry("Data/new", c), f.RenameEntry("Data/h.hyper", "Data/i.hyper"), errors.New("boom"))
			})
		}, []string{"boom"}},
	} {
		in := logoPackage(t)
		doctest.Refused(t, in, func(f *documents.File) error {
			before := names(f)
			err := test.edit(f)
			if diff := cmp.Diff(before, names(f)); diff != "" || len(entryChanges(f)) > 0 {
				t.Errorf("%v: entries changed:\n%s", err, diff)
			}
			if n := len(slices.Collect(f.Notes())); n > 0 {
				t.Errorf("%v: %d notes", err, n)
			}
			return err
		}, test.words...)
	}
}

// TestRemoveAnyway removes what is used (case 23).
func TestRemoveAnyway(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, logoPackage(t))
	if err := f.RemoveEntry("Image/logo.png", true); err != nil {
		t.Fatal(err)
	}
	notes := slices.Collect(f.Notes())
	if len(notes) != 3 || !strings.Contains(notes[1].Path, "zone") || notes[1].Text != `refers to the entry "Image/logo.png", which was removed` {
		t.Errorf("%v", notes)
	}
	if got := packed(t, f); got["Book.twb"] != logo(t) || got["Image/logo.png"] != "" {
		t.Errorf("%q", got)
	}
}

// TestEntryConflicts lets rules want different things of one entry.
func TestEntryConflicts(t *testing.T) {
	t.Parallel()
	a, b := content("a"), content("b")
	const name = "Data/h.hyper"
	edits := map[string]func(*documents.File) error{
		"a":      func(f *documents.File) error { return f.ReplaceEntry(name, a) },
		"b":      func(f *documents.File) error { return f.ReplaceEntry(name, b) },
		"remove": func(f *documents.File) error { return f.RemoveEntry(name, true) },
		"add a":  func(f *documents.File) error { return f.AddEntry("Data/new", a) },
		"add b":  func(f *documents.File) error { return f.AddEntry("Data/new", b) },
		"other":  func(f *documents.File) error { return f.ReplaceEntry("Data/x.xlsx", b) },
	}
	for _, test := range []struct {
		first, second string
		fine          bool
	}{
		{"a", "a", true},
		{"a", "other", true},
		{"add a", "add a", true},
		{"a", "b", false},
		{"a", "remove", false},
		{"remove", "a", false},
		{"add a", "add b", false},
	} {
		f := doctest.Open(t, logoPackage(t))
		if err := f.Atomically("rule 1", func() error { return edits[test.first](f) }); err != nil {
			t.Fatal(err)
		}
		want := entryChanges(f)
		err := f.Atomically("rule 2", func() error { return edits[test.second](f) })
		conflict, ok := errors.AsType[*documents.ConflictError](err)
		switch {
		case test.fine:
			if err != nil {
				t.Errorf("%s, %s: %v", test.first, test.second, err)
			}
		case !ok || conflict.First != "rule 1" || conflict.Second != "rule 2":
			t.Errorf("%s, %s: %v", test.first, test.second, err)
		case !slices.Equal(want, entryChanges(f)):
			t.Errorf("%s, %s: the refused rule changed %q", test.first, test.second, entryChanges(f))
		}
		if err := edits[test.second](f); err != nil && test.first != "remove" && !strings.HasPrefix(test.second, "add b") {
			t.Errorf("%s, then %s outside any rule: %v", test.first, test.second, err)
		}
	}
}

// TestEntryConflictsOfNameAndContent: the name and the content of an entry are two things
// that rules may want.
func TestEntryConflictsOfNameAndContent(t *testing.T) {
	t.Parallel()
	const name = "Data/h.hyper"
	a, b := content("a"), content("b")
	step := func(f *documents.File, rule string, edit func() error) error { return f.Atomically(rule, edit) }
	for _, test := range []struct {
		first, third func(f *documents.File) error
		rule         string // of the third
		want         string // the rule in its way, "" for none
	}{
		{func(f *documents.File) error { return f.ReplaceEntry(name, a) }, func(f *documents.File) error { return f.ReplaceEntry("Data/new", b) }, "2", "1"},
		{func(f *documents.File) error { return f.ReplaceEntry(name, a) }, func(f *documents.File) error { return f.RenameEntry("Data/new", "Data/newer") }, "1", "2"},
		{func(f *documents.File) error { return f.ReplaceEntry(name, a) }, func(f *documents.File) error { return f.ReplaceEntry("Data/new", b) }, "1", ""},
		{func(f *documents.File) error { return nil }, func(f *documents.File) error { return f.ReplaceEntry("Data/new", b) }, "3", ""},
	} {
		f := doctest.Open(t, logoPackage(t))
		rename := func() error { return f.RenameEntry(name, "Data/new") }
		if err := errors.Join(step(f, "1", func() error { return test.first(f) }), step(f, "2", rename)); err != nil {
			t.Fatal(err)
		}
		conflict, _ := errors.AsType[*documents.ConflictError](step(f, test.rule, func() error { return test.third(f) }))
		if got := conflict; (got != nil) != (test.want != "") || got != nil && got.First != test.want {
			t.Errorf("rule %s: %v, want rule %q in its way", test.rule, got, test.want)
		}
	}
	f := doctest.Open(t, logoPackage(t))
	if err := step(f, "1", func() error { return f.AddEntry("Data/new", a) }); err != nil {
		t.Fatal(err)
	}
	if _, ok := errors.AsType[*documents.ConflictError](step(f, "2", func() error { return f.RenameEntry("Data/new", "Data/newer") })); !ok {
		t.Error("a rule renamed what another one added")
	}
}

// TestEntryRuleOfClone makes a clone inside a rule, which is no rule of the clone.
func TestEntryRuleOfClone(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, logoPackage(t))
	var clone *documents.File
	if err := f.Atomically("rule 1", func() error { clone = f.Clone(); return nil }); err != nil {
		t.Fatal(err)
	}
	replace := func() error { return clone.ReplaceEntry("Data/h.hyper", content("x")) }
	if err := errors.Join(replace(), clone.Atomically("rule 2", replace)); err != nil {
		t.Error(err)
	}
}

// TestWrap makes a bare document a package and a package a bare document (case 25).
func TestWrap(t *testing.T) {
	t.Parallel()
	path := stored(t, "Sales v1.2.TWB", logo(t))
	f := open(t, path)
	if err := f.AddEntry("Data/h.hyper", content("Hyper")); err != nil {
		t.Fatal(err)
	}
	if f.Kind() != documents.TWBX || !slices.Equal(names(f), []string{"Sales v1.2.twb", "Data/h.hyper"}) {
		t.Errorf("%s with %q", f.Kind(), names(f))
	}
	if diff := cmp.Diff(map[string]string{"Sales v1.2.twb": logo(t), "Data/h.hyper": "Hyper"}, packed(t, f)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	const tableau = "PK\x03\x04\x14\x00\x06\x00\x08\x00" // needs 2.0, flags 6, deflated
	if got := doctest.Written(t, f); !strings.HasPrefix(got, tableau) || strings.Count(got, tableau) != 2 || got != doctest.Written(t, f) {
		t.Errorf("it begins %q", got[:40])
	}
	if err := f.Save(path + ".twb"); err == nil {
		t.Error("a package was saved as .twb")
	}
	if err := f.Save(path + ".twbx"); err != nil {
		t.Error(err)
	}
	wrapped := open(t, path+".twbx")
	if err := errors.Join(wrapped.RemoveEntry("Data/h.hyper", true), wrapped.Unwrap()); err == nil || !strings.Contains(err.Error(), `refers to "Data/Files/orders.csv"`) || wrapped.Kind() != documents.TWBX {
		t.Errorf("unwrapped a %s with references: %v", wrapped.Kind(), err)
	}
	if err := f.RemoveEntry("Data/h.hyper", true); err != nil || f.Kind() != documents.TWB || doctest.Written(t, f) != logo(t) {
		t.Errorf("a document that got an entry and lost it is a %s (%v)", f.Kind(), err)
	}

	f = doctest.Open(t, archive(t, "Data/", "", "Book.tds", "<datasource name='a' />", "Data/old", "x"))
	clone := f.Clone()
	if err := f.Unwrap(); err == nil || !strings.Contains(err.Error(), `"Data/old"`) {
		t.Errorf("unwrapped: %v", err)
	}
	if err := errors.Join(f.RemoveEntry("Data/old", false), f.Unwrap(), f.Unwrap()); err != nil || f.Kind() != documents.TDS || clone.Kind() != documents.TDSX {
		t.Errorf("%s, the clone %s (%v)", f.Kind(), clone.Kind(), err)
	}
	if got := doctest.Written(t, f); got != "<datasource name='a' />" || len(names(f)) > 0 {
		t.Errorf("unwrapped: %q with %q", got, names(f))
	}
	boom := errors.New("boom")
	if err := f.Atomically("", func() error { return errors.Join(f.AddEntry("Data/new", content("x")), boom) }); !errors.Is(err, boom) || f.Kind() != documents.TDS {
		t.Errorf("a failure left a %s (%v)", f.Kind(), err)
	}
	if err := clone.Atomically("", func() error { return errors.Join(clone.RemoveEntry("Data/old", false), clone.Unwrap(), boom) }); !errors.Is(err, boom) || clone.Kind() != documents.TDSX {
		t.Errorf("a failure left a %s (%v)", clone.Kind(), err)
	}
	alone := doctest.Open(t, archive(t, "Book.tds", "<datasource name='a' />"))
	if err := alone.Atomically("", func() error { return errors.Join(alone.Unwrap(), boom) }); !errors.Is(err, boom) || alone.Kind() != documents.TDSX {
		t.Errorf("a failure left a %s (%v)", alone.Kind(), err)
	}
	if err := f.AddEntry("Data/new", content("new")); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]string{"Data/": "", "Book.tds": "<datasource name='a' />", "Data/new": "new"}, packed(t, f)); diff != "" {
		t.Errorf("wrapped again (-want +got):\n%s", diff)
	}
}

// TestWrapNames makes names for documents in packages out of those of files.
func TestWrapNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a.tds": "a.tds", "a": "a.tds", "a.b.xml": "a.b.tds", "._a.tds": "_a.tds", ".tds": "document.tds", `a\b.tds`: "document.tds", "é b.tds": "é b.tds", "\xff.tds": "document.tds",
	} {
		f := open(t, stored(t, name, "<datasource name='a' />"))
		if err := f.AddEntry("Data/a", content("x")); err != nil {
			t.Error(err)
			continue
		}
		if got := names(f); got[0] != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
		doctest.Open(t, doctest.Written(t, f))
	}
}
