package packaging

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpus is the folder of real files, which lies beside the repository.
const corpus = "../../shared/corpus"

// realPackages gives every packaged document of the corpus by path.
func realPackages(t testing.TB) map[string][]byte {
	t.Helper()
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("the corpus of real files is not beside the repository")
	}
	found := map[string][]byte{}
	err := filepath.WalkDir(corpus, func(path string, _ fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err == nil && (ext == ".twbx" || ext == ".tdsx") {
			found[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("reading the corpus: %d packages, %v", len(found), err)
	}
	return found
}

// unixExtra and ntfsExtra are extra fields as other tools write them.
const (
	ntfsExtra = "\x0a\x00\x04\x00\x00\x00\x00\x00"
	unixExtra = "\x55\x54\x05\x00\x03abcd"
)

// archives are all legal, and each has something that a rewriting tool loses.
func archives() map[string][]byte {
	hyper := item{name: "Data/a.hyper", content: "hyper", date: 0x4E21, extra: ntfsExtra, localExtra: ntfsExtra, external: 0x20, madeBy: 63}
	folder := item{name: "Data/", external: 0x10, madeBy: 63}
	withDescriptor := func(n int) []byte {
		return zipOf(book(), item{name: "Image/x.png", content: image, method: Deflated, descriptor: n})
	}
	return map[string][]byte{
		"hard case 16": zipOf(hyper, folder, book(), item{name: ".DS_Store", content: "x"},
			item{name: "Image/x.png", content: image, method: Deflated, descriptor: 16}),
		"descriptor 12": withDescriptor(12), "descriptor 16": withDescriptor(16),
		"descriptor 20": withDescriptor(20), "descriptor 24": withDescriptor(24),
		"stored with descriptor": zipOf(item{name: "Data/s", content: "stored", descriptor: 16}, book()),
		"UTF-8 flag":             zipOf(item{name: "Data/データ.hyper", content: "h", flags: flagUTF8}, book()),
		"UTF-8 without flag":     zipOf(item{name: "Data/データ.hyper", content: "h"}, book()),
		"not UTF-8":              zipOf(item{name: "Data/\x82.hyper", content: "h"}, item{name: "Data/\x83.hyper", content: "h"}, book()),
		"comments": archive{
			items:   []item{book(), {name: "Data/c", content: "c", comment: "of the entry"}},
			comment: "of the archive",
		}.build(),
		"Unix": zipOf(item{name: "Book.twb", content: workbook, madeBy: 3<<8 | 30, external: 0o100644 << 16, extra: unixExtra, localExtra: unixExtra + unixExtra}),
		"directory in another order": archive{
			items: []item{hyper, book(), {name: "Data/z", content: "z"}},
			order: []int{2, 0, 1},
		}.build(),
		"zip64 fields":                zipOf(item{name: "Data/z", content: "z", zip64: true, extra: ntfsExtra}, book()),
		"zip64 fields and descriptor": zipOf(item{name: "Data/z", content: "z", zip64: true, descriptor: 24}, book()),
		"zip64 end":                   archive{items: []item{hyper, book()}, zip64: true, comment: "wide"}.build(),
		"all zip64": archive{
			items: []item{{name: "Book.twb", content: workbook, method: Deflated, zip64: true}},
			zip64: true,
		}.build(),
		"empty folder with deflate":   zipOf(item{name: "Image/", method: Deflated}, book()),
		"rubbish in the extra fields": zipOf(item{name: "Data/r", content: "r", zip64: true, localExtra: "\x99\x99\x00\x00"}, item{name: "Data/s", extra: "x", localExtra: "\x99\x99\xff\xffxyz"}, book()),
		"method nobody knows":         zipOf(item{name: "Data/lzma", content: "x", method: 14}, book()),
	}
}

func TestWithoutChangesIsIdentical(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, in []byte) {
		p := openBytes(t, in)
		if out := written(t, p); !bytes.Equal(in, out) {
			t.Error("the package was changed")
		}
	}
	for name, in := range archives() {
		t.Run(name, func(t *testing.T) { check(t, in) })
	}
	t.Run("corpus", func(t *testing.T) {
		for path, in := range realPackages(t) {
			t.Run(filepath.Base(path), func(t *testing.T) { check(t, in) })
		}
	})
}

// TestOnlyTheDocumentChanges edits the document of every archive, and looks at all the other records.
func TestOnlyTheDocumentChanges(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, in []byte) {
		before := openBytes(t, in)
		doc := before.Document()
		content := strings.Replace(workbook, "18.1", "18.2", 1) + strings.Repeat("<!-- grows -->\n", 20)
		out := written(t, before, Change{Name: doc.Name, Content: Bytes([]byte(content))})
		after := openBytes(t, out)
		compareRecords(t, in, out, before, after, doc.Name)
		got, err := after.ReadEntry(doc.Name, 1<<20)
		if err != nil || string(got) != content {
			t.Errorf("document reads %q, %v", got, err)
		}
		readWithStandardLibrary(t, out, after)
		same, err := before.ReadEntry(doc.Name, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		back := openBytes(t, written(t, after, Change{Name: doc.Name, Content: Bytes(same)}))
		if got, err := back.ReadEntry(doc.Name, 1<<30); err != nil || !bytes.Equal(got, same) {
			t.Errorf("document was not restored: %v", err)
		}
	}
	for name, in := range archives() {
		t.Run(name, func(t *testing.T) { check(t, in) })
	}
	t.Run("corpus", func(t *testing.T) {
		for path, in := range realPackages(t) {
			t.Run(filepath.Base(path), func(t *testing.T) { check(t, in) })
		}
	})
}

// compareRecords holds two packages against each other: the same records in the same order in file and directory, all
// bytes of them but the offsets the same, except those of the entry called changed, which keeps its attributes.
func compareRecords(t *testing.T, in, out []byte, before, after *Package, changed string) {
	t.Helper()
	if len(before.records) != len(after.records) {
		t.Fatalf("%d records became %d", len(before.records), len(after.records))
	}
	for i := range before.records {
		a, b := &before.records[i], &after.records[i]
		if before.order[i] != after.order[i] {
			t.Errorf("place %d of the directory: record %d became %d", i, before.order[i], after.order[i])
		}
		if a.Name == changed {
			if b.Name != changed || b.Modified != a.Modified || b.flags != a.flags&^flagDescriptor || !bytes.Equal(a.central[4:6], b.central[4:6]) || !bytes.Equal(a.central[34:42], b.central[34:42]) {
				t.Errorf("%q became %q, time %v %v, flags %x %x, attributes %x %x", a.Name, b.Name, a.Modified, b.Modified, a.flags, b.flags, a.central[34:42], b.central[34:42])
			}
			continue
		}
		if !bytes.Equal(in[a.offset:a.end], out[b.offset:b.end]) {
			t.Errorf("record of %q was changed", a.Name)
		}
		if x, y := withoutOffset(a.central), withoutOffset(b.central); !bytes.Equal(x, y) {
			t.Errorf("directory record of %q was changed:\n%q\n%q", a.Name, x, y)
		}
	}
}

// withoutOffset is a directory record with its offset made 0.
func withoutOffset(central []byte) []byte {
	b, err := appendRelocated(nil, central, 0)
	if err != nil {
		panic(err)
	}
	return b
}

// readWithStandardLibrary reads every entry with archive/zip, and holds it against what the package says.
func readWithStandardLibrary(t *testing.T, b []byte, p *Package) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != len(p.records) {
		t.Fatalf("archive/zip sees %d entries, not %d", len(z.File), len(p.records))
	}
	for _, f := range z.File {
		e, ok := p.Entry(f.Name)
		if !ok || e.Size != int64(f.UncompressedSize64) || e.CRC32 != f.CRC32 {
			t.Errorf("archive/zip sees %q with %d bytes, Open %+v", f.Name, f.UncompressedSize64, e)
		}
		if e.IsDir() || e.Method != Stored && e.Method != Deflated {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatalf("archive/zip: %v", err)
		}
		want, err := io.ReadAll(r)
		got, ownErr := p.ReadEntry(f.Name, 1<<30)
		if err != nil || ownErr != nil || !bytes.Equal(want, got) {
			t.Errorf("%q: archive/zip reads %d bytes, %v; we %d, %v", f.Name, len(want), err, len(got), ownErr)
		}
	}
}
