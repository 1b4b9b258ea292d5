package packaging

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func names(p *Package) (names []string) {
	for e := range p.Entries() {
		names = append(names, e.Name)
	}
	return names
}

func read(t *testing.T, p *Package, name string) string {
	t.Helper()
	b, err := p.ReadEntry(name, 1<<30)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// TestNewEntriesAreTableaus compares a package made by Create with the bytes that Tableau's own writer would give.
func TestNewEntriesAreTableaus(t *testing.T) {
	t.Parallel()
	a, err := Create(
		Change{Name: "Book.twb", Content: Bytes([]byte("<workbook/>"))},
		Change{Name: "Data/é.csv", Content: Bytes(nil), Modified: time.Date(2107, 12, 31, 23, 59, 59, 0, time.UTC)},
	)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, a.Size())
	if _, err := a.ReadAt(got, 0); err != nil {
		t.Fatal(err)
	}
	want := "PK\x03\x04" + "\x14\x00" + "\x06\x00" + "\x08\x00" + "\x00\x00" + "\x21\x00" + "\xce\x9e\x98\x13" + "\x12\x00\x00\x00" + "\x0b\x00\x00\x00" + "\x08\x00" + "\x00\x00" + "Book.twb" +
		"\x00\x0b\x00\xf4\xff<workbook/>\x03\x00" +
		"PK\x03\x04" + "\x14\x00" + "\x06\x08" + "\x08\x00" + "\x7d\xbf" + "\x9f\xff" + "\x00\x00\x00\x00" + "\x02\x00\x00\x00" + "\x00\x00\x00\x00" + "\x0b\x00" + "\x00\x00" + "Data/é.csv" +
		"\x03\x00" +
		"PK\x01\x02" + "\x00\x00" + "\x14\x00" + "\x06\x00" + "\x08\x00" + "\x00\x00" + "\x21\x00" + "\xce\x9e\x98\x13" + "\x12\x00\x00\x00" + "\x0b\x00\x00\x00" + "\x08\x00" + "\x00\x00" + "\x00\x00" + "\x00\x00" + "\x01\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" + "Book.twb" +
		"PK\x01\x02" + "\x00\x00" + "\x14\x00" + "\x06\x08" + "\x08\x00" + "\x7d\xbf" + "\x9f\xff" + "\x00\x00\x00\x00" + "\x02\x00\x00\x00" + "\x00\x00\x00\x00" + "\x0b\x00" + "\x00\x00" + "\x00\x00" + "\x00\x00" + "\x00\x00" + "\x00\x00\x00\x00" + "\x38\x00\x00\x00" + "Data/é.csv" +
		"PK\x05\x06" + "\x00\x00" + "\x00\x00" + "\x02\x00" + "\x02\x00" + "\x6f\x00\x00\x00" + "\x63\x00\x00\x00" + "\x00\x00"
	if string(got) != want {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
	readWithStandardLibrary(t, got, openBytes(t, got))
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	c := Bytes([]byte(workbook))
	tests := []struct {
		changes []Change
		want    error
	}{
		{nil, ErrNoDocument},
		{[]Change{{Name: "Data/Book.twb", Content: c}}, ErrNoDocument},
		{[]Change{{Name: "Book", Content: c}}, ErrNoDocument},
		{[]Change{{Name: "a.twb", Content: c}, {Name: "b.twb", Content: c}}, ErrManyDocuments},
		{[]Change{{Name: "a.twb", Content: c}, {Name: "A.twb", Content: c}}, ErrDuplicate},
		{[]Change{{Name: "a.twb"}}, ErrChange},
		{[]Change{{Name: "a.twb", Remove: true}}, ErrChange},
		{[]Change{{Name: "a.twb", NewName: "b.twb", Content: c}}, ErrChange},
		{[]Change{{Name: "../a.twb", Content: c}}, ErrName},
	}
	for _, test := range tests {
		if a, err := Create(test.changes...); !errors.Is(err, test.want) || a != nil {
			t.Errorf("%+v: got %v, want %v", test.changes, err, test.want)
		}
	}
}

// TestChanges applies several changes at once, and looks at everything that comes out.
func TestChanges(t *testing.T) {
	t.Parallel()
	in := archive{items: []item{
		{name: "Data/a.hyper", content: "stored", extra: ntfsExtra, localExtra: ntfsExtra, external: 0x20, madeBy: 63, comment: "kept"},
		book(),
		{name: "Image/x.png", content: image, method: Deflated, descriptor: 16},
		{name: "Image/"},
		{name: "Data/z", content: "last", zip64: true},
	}, order: []int{4, 3, 2, 1, 0}, comment: "archive"}.build()
	p := openBytes(t, in)
	out := written(t, p,
		Change{Name: "Data/b.hyper", Content: Bytes([]byte("new")), Add: true},
		Change{Name: "Image/x.png", NewName: "Image/ü.png"},
		Change{Name: "Data/a.hyper", Content: Reader(strings.NewReader("replaced and more"), 8)},
		Change{Name: "Image/", Remove: true},
		Change{Name: "Book.twb", NewName: "Acme.twb", Content: Bytes([]byte("<workbook/>")), Modified: time.Date(2024, 2, 29, 1, 2, 3, 0, time.UTC)},
	)
	after := openBytes(t, out)
	if got, want := names(after), []string{"Data/a.hyper", "Acme.twb", "Image/ü.png", "Data/z", "Data/b.hyper"}; !slices.Equal(got, want) {
		t.Fatalf("entries are %q, want %q", got, want)
	}
	if want := []int{3, 2, 1, 0, 4}; !slices.Equal(after.order, want) {
		t.Errorf("directory order is %v, want %v", after.order, want)
	}
	for name, want := range map[string]string{"Data/a.hyper": "replaced", "Acme.twb": "<workbook/>", "Image/ü.png": image, "Data/z": "last", "Data/b.hyper": "new"} {
		if got := read(t, after, name); got != want {
			t.Errorf("%s reads %q", name, got)
		}
	}
	readWithStandardLibrary(t, out, after)
	if !bytes.HasSuffix(out, []byte("archive")) || !bytes.HasSuffix(after.records[0].central, []byte("Data/a.hyperkept")) {
		t.Error("a comment is lost, or an extra field of a replaced entry is not")
	}
	for i, want := range []struct {
		method, flags uint16
		modified      string
	}{
		{Stored, 0, "0001-01-01 00:00:00"},
		{Deflated, 6, "2024-02-29 01:02:02"},
		{Deflated, flagUTF8 | flagDescriptor, "0001-01-01 00:00:00"},
		{Stored, 0, "0001-01-01 00:00:00"},
		{Deflated, 6, "2023-01-01 15:17:22"}, // that of the document as it was
	} {
		if r := after.records[i]; r.Method != want.method || r.flags != want.flags || r.Modified.Format(time.DateTime) != want.modified {
			t.Errorf("%s: method %d, flags %x, %v; want %+v", r.Name, r.Method, r.flags, r.Modified, want)
		}
	}
	if old, renamed := p.records[2], after.records[2]; !bytes.Equal(in[old.data:old.end], out[renamed.data:renamed.end]) {
		t.Error("data of the renamed entry was changed")
	}
	if !bytes.Equal(written(t, p), in) {
		t.Error("the package itself was changed")
	}
}

// TestRenameAndBack renames an entry, and by renaming it again gives the input.
func TestRenameAndBack(t *testing.T) {
	t.Parallel()
	for name, in := range archives() {
		p := openBytes(t, in)
		doc := p.Document().Name
		out := openBytes(t, written(t, p, Change{Name: doc, NewName: "a long new name.twb"}))
		if got := written(t, out, Change{Name: "a long new name.twb", NewName: doc}); !bytes.Equal(got, in) {
			t.Errorf("%s: the package is another after renaming there and back", name)
		}
	}
}

func TestRemoveLeavesTheRestAsItWas(t *testing.T) {
	t.Parallel()
	x := item{name: "Image/x.png", content: image, method: Deflated, descriptor: 12}
	z := item{name: "Data/z", content: "z", zip64: true, extra: ntfsExtra}
	p := openBytes(t, archive{items: []item{x, book(), z}, zip64: true, comment: "c"}.build())
	want := archive{items: []item{book(), z}, zip64: true, comment: "c"}.build()
	if got := written(t, p, Change{Name: x.name, Remove: true}); !bytes.Equal(got, want) {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
}

// TestTimeAlone changes nothing but the time of an entry, to what a record can hold.
func TestTimeAlone(t *testing.T) {
	t.Parallel()
	p := openBytes(t, zipOf(item{name: "Data/x", content: "x"}, book()))
	for at, want := range map[string]string{
		"1979-12-31 23:59:59": "1980-01-01 00:00:00",
		"2024-02-29 12:34:57": "2024-02-29 12:34:56",
		"2108-01-01 00:00:00": "2107-12-31 23:59:58",
	} {
		modified, err := time.Parse(time.DateTime, at)
		if err != nil {
			t.Fatal(err)
		}
		out := written(t, p, Change{Name: "Data/x", Modified: modified})
		after := openBytes(t, out)
		if got := after.records[0].Modified.Format(time.DateTime); got != want || len(out) != int(p.size) || read(t, after, "Data/x") != "x" {
			t.Errorf("%s became %s, and the package is %d bytes, not %d", at, got, len(out), p.size)
		}
		if local := out[after.records[0].offset:]; !bytes.Equal(local[10:14], after.records[0].central[12:16]) {
			t.Error("local header and directory have two times")
		}
	}
}

// TestNamesChangeHands: what one change gives up, another may take.
func TestNamesChangeHands(t *testing.T) {
	t.Parallel()
	p := openBytes(t, zipOf(item{name: "a", content: "A"}, item{name: "b", content: "B"}, book()))
	tests := []struct {
		changes []Change
		want    map[string]string
	}{
		{[]Change{{Name: "a", NewName: "b"}, {Name: "b", NewName: "a"}}, map[string]string{"a": "B", "b": "A"}},
		{[]Change{{Name: "a", NewName: "b"}, {Name: "b", Remove: true}}, map[string]string{"b": "A"}},
		{[]Change{{Name: "a", NewName: "A"}}, map[string]string{"A": "A", "b": "B"}},
		{[]Change{{Name: "a", Remove: true}, {Name: "a", Add: true, Content: Bytes([]byte("new"))}}, map[string]string{"a": "new", "b": "B"}},
		{[]Change{{Name: "Book.twb", Remove: true}, {Name: "b", NewName: "b.tds"}}, map[string]string{"a": "A", "b.tds": "B"}},
	}
	for _, test := range tests {
		after := openBytes(t, written(t, p, test.changes...))
		got := map[string]string{}
		for e := range after.Entries() {
			if e.Name != "Book.twb" {
				got[e.Name] = read(t, after, e.Name)
			}
		}
		for name, want := range test.want {
			if got[name] != want || len(got) != len(test.want) {
				t.Errorf("%+v: got %q, want %q", test.changes, got, test.want)
			}
		}
	}
}

func TestWithRefuses(t *testing.T) {
	t.Parallel()
	c := Bytes([]byte("x"))
	p := openBytes(t, zipOf(item{name: "Data/a", content: "a"}, item{name: "Data/b", content: "b"}, item{name: "Image/"}, book()))
	tests := []struct {
		name    string
		changes []Change
		want    error
		text    string
	}{
		{"unknown name", []Change{{Name: "Data/A", Content: c}}, ErrNotFound, `but there is "Data/a"`},
		{"nothing", []Change{{Name: "Data/a"}}, ErrChange, "says nothing"},
		{"same name", []Change{{Name: "Data/a", NewName: "Data/a"}}, ErrChange, "says nothing"},
		{"remove and replace", []Change{{Name: "Data/a", Remove: true, Content: c}}, ErrChange, "removes"},
		{"twice", []Change{{Name: "Data/a", Content: c}, {Name: "Data/a", NewName: "x"}}, ErrChange, "two changes"},
		{"add what is there", []Change{{Name: "data/A", Add: true, Content: c}}, ErrDuplicate, `"Data/a"`},
		{"rename to what is there", []Change{{Name: "Data/a", NewName: "data/B"}}, ErrDuplicate, `"Data/b"`},
		{"two of one new name", []Change{{Name: "Data/a", NewName: "x"}, {Name: "X", Add: true, Content: c}}, ErrDuplicate, `"x"`},
		{"escape", []Change{{Name: "Data/a", NewName: "../a"}}, ErrName, "out of the package"},
		{"folder", []Change{{Name: "x/", Add: true, Content: c}}, ErrName, "folder"},
		{"rename a folder", []Change{{Name: "Image/", NewName: "x"}}, ErrChange, "folder"},
		{"not UTF-8", []Change{{Name: "Data/a", NewName: "\xff"}}, ErrName, "UTF-8"},
		{"long name", []Change{{Name: strings.Repeat("x", 1<<16), Add: true, Content: c}}, ErrName, "longer than 65535"},
		{"no document left", []Change{{Name: "Book.twb", Remove: true}}, ErrNoDocument, "leave no"},
		{"document moved", []Change{{Name: "Book.twb", NewName: "Data/Book.twb"}}, ErrNoDocument, "leave no"},
		{"second document", []Change{{Name: "x.tds", Add: true, Content: c}}, ErrManyDocuments, `"x.tds" "Book.twb"`},
		{"file missing", []Change{{Name: "Data/a", Content: File("does not exist")}}, os.ErrNotExist, `entry "Data/a"`},
		{"shorter than said", []Change{{Name: "Data/a", Content: Reader(strings.NewReader("abc"), 4)}}, ErrSize, "not the 4 bytes"},
		{"broken reader", []Change{{Name: "Data/a", Content: Reader(brokenReader{}, 4)}}, errBroken, `entry "Data/a"`},
	}
	for _, test := range tests {
		a, err := p.With(test.changes...)
		if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) || a != nil {
			t.Errorf("%s: got %v, want %v with %q", test.name, err, test.want, test.text)
		}
	}
}

// TestSecondDocumentBesideOneOfAnotherName: the document was found by its content.
func TestSecondDocumentBesideOneOfAnotherName(t *testing.T) {
	t.Parallel()
	p := openBytes(t, zipOf(item{name: "notes", content: workbook}))
	if _, err := p.With(Change{Name: "x.twb", Add: true, Content: Bytes(nil)}); !errors.Is(err, ErrManyDocuments) {
		t.Errorf("got %v", err)
	}
	out := openBytes(t, written(t, p, Change{Name: "notes", NewName: "x.twb"}))
	if out.Document().Name != "x.twb" {
		t.Errorf("document is %q", out.Document().Name)
	}
}

func TestFileContent(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new.hyper")
	content := strings.Repeat(workbook, 1<<17) // level 1, and it is spooled to disk when stored
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	p := openBytes(t, zipOf(item{name: "Data/s", content: "stored"}, item{name: "Data/d", content: "deflated", method: Deflated}, book()))
	a, err := p.With(Change{Name: "Data/s", Content: File(path)}, Change{Name: "Data/d", Content: File(path)})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := a.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	after := openBytes(t, b.Bytes(), WithMaxExpansion(1000, 1<<30))
	for name, method := range map[string]uint16{"Data/s": Stored, "Data/d": Deflated} {
		if e, _ := after.Entry(name); e.Method != method || read(t, after, name) != content {
			t.Errorf("%s is not the file: %+v", name, e)
		}
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if _, err := a.WriteTo(io.Discard); !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed assembly: %v", err)
	}
}
