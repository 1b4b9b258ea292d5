package packaging

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pattern is an endless source: the same bytes again and again.
type pattern []byte

func (p pattern) ReadAt(b []byte, at int64) (int, error) {
	for done := 0; done < len(b); {
		done += copy(b[done:], p[(at+int64(done))%int64(len(p)):])
	}
	return len(b), nil
}

// zeros gives zero bytes.
var zeros = make(pattern, 1<<20)

// checksum is that of the first size bytes.
func (p pattern) checksum(size int64) uint32 {
	crc := crc32.NewIEEE()
	_, _ = io.Copy(crc, io.NewSectionReader(p, 0, size))
	return crc.Sum32()
}

// largePackage is a package of a stored extract, size bytes of the source, and a document behind it. The extract is
// the second of its segments, and not in memory. Its checksum matters only where it is read.
func largePackage(src pattern, size int64, crc uint32, doc item) *segments {
	big := header{flags: 6, date: 0x5621, crc: crc, size: uint64(size), packed: uint64(size), name: "Data/big.hyper"}
	s := &segments{}
	put := func(b []byte) { s.add(bytes.NewReader(b), 0, int64(len(b))) }
	put(big.local())
	s.add(src, 0, size)
	docAt := s.size
	put(doc.record())
	dirAt := s.size
	dir := big.central()
	dir, err := appendRelocated(dir, doc.directory(0), uint64(docAt))
	if err != nil {
		panic(err)
	}
	put(dir)
	put(emptyEnding().rewritten(2, uint64(len(dir)), uint64(dirAt)))
	return s
}

// standardLibrary reads what it can of a package with archive/zip: the names, and the document, which it returns.
func standardLibrary(t *testing.T, r io.ReaderAt, size int64) (string, []string) {
	t.Helper()
	z, err := zip.NewReader(r, size)
	if err != nil {
		t.Fatal(err)
	}
	var document string
	var names []string
	for _, f := range z.File {
		names = append(names, fmt.Sprintf("%s %d", f.Name, f.UncompressedSize64))
		if !isDocumentName(f.Name) {
			continue
		}
		content, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		document = string(b)
	}
	return document, names
}

// TestLarge edits packages around 4 GiB, where offsets and sizes move to their zip64 fields.
func TestLarge(t *testing.T) {
	t.Parallel()
	const limit = 1 << 32
	newDocument := Change{Name: "Book.twb", Content: Bytes([]byte("<workbook/>"))}
	longerName := Change{Name: "Data/big.hyper", NewName: "Data/" + strings.Repeat("long", 50) + ".hyper"}
	tests := []struct {
		name    string
		size    int64
		changes []Change
		wide    bool // the document's offset stands in a zip64 field afterwards
	}{
		{"above, document changed", limit + 5, []Change{newDocument}, false},
		{"above, entry in front renamed", limit + 5, []Change{longerName}, true},
		{"above, entry in front removed", limit + 5, []Change{{Name: "Data/big.hyper", Remove: true}}, true},
		{"just below, document changed", limit - 300, []Change{newDocument}, false},
		{"just below, pushed above", limit - 150, []Change{longerName}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			src := largePackage(zeros, test.size, 0, book())
			p, err := Open(src, src.size)
			if err != nil {
				t.Fatal(err)
			}
			if e, _ := p.Entry("Data/big.hyper"); e.Size != test.size || e.CompressedSize != test.size {
				t.Errorf("large entry is %+v", e)
			}
			a, err := p.With(test.changes...)
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			after, err := Open(a, a.Size())
			if err != nil {
				t.Fatal(err)
			}
			doc := after.records[after.document]
			if got := le.Uint32(doc.central[42:]) == max32; got != test.wide && doc.offset < max32 {
				t.Errorf("document at %d: zip64 offset %v", doc.offset, got)
			}
			document, names := standardLibrary(t, a, a.Size())
			if own := read(t, after, "Book.twb"); own != document {
				t.Errorf("document reads %q, and %q by archive/zip", own, document)
			}
			for i, r := range after.records {
				if want := fmt.Sprintf("%s %d", r.Name, r.Size); names[i] != want {
					t.Errorf("archive/zip sees %s, not %s", names[i], want)
				}
			}
		})
	}
}

// TestLargeContent reads a whole entry of more than 4 GiB, and does not need the memory for it.
func TestLargeContent(t *testing.T) {
	t.Parallel()
	src := largePackage(zeros, 1<<32+5, zeros.checksum(1<<32+5), book())
	p, err := Open(src, src.size)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Verify(); err != nil {
		t.Error(err)
	}
}

// TestWideRecord reads the headers of a new entry of more than 4 GiB.
func TestWideRecord(t *testing.T) {
	t.Parallel()
	h := header{flags: 6, method: Deflated, name: "Data/x", size: 5 << 32, packed: 3 << 32}
	central, err := appendRelocated(nil, h.central(), 7<<32)
	if err != nil {
		t.Fatal(err)
	}
	r, err := parseCentral(central)
	if err != nil || r.Size != 5<<32 || r.CompressedSize != 3<<32 || r.offset != 7<<32 || le.Uint16(central[6:]) != versionZip64 {
		t.Errorf("directory record reads %+v, %v", r, err)
	}
	want := "PK\x03\x04\x2d\x00\x06\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x06\x00\x14\x00Data/x" +
		"\x01\x00\x10\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00"
	if got := string(h.local()); got != want {
		t.Errorf("local header is\n%q, want\n%q", got, want)
	}
}

// TestManyEntries has more entries than the end record can count.
func TestManyEntries(t *testing.T) {
	t.Parallel()
	items := []item{book()}
	for i := range 66_000 {
		items = append(items, item{name: fmt.Sprintf("Data/%d", i)})
	}
	in := zipOf(items...)
	p := openBytes(t, in)
	if !bytes.Equal(written(t, p), in) {
		t.Error("the package was changed")
	}
	out := written(t, p, Change{Name: "Book.twb", Content: Bytes([]byte("<workbook/>"))}, Change{Name: "Data/7", Remove: true})
	document, names := standardLibrary(t, bytes.NewReader(out), int64(len(out)))
	if document != "<workbook/>" || len(names) != 66_000 || names[8] != "Data/8 0" {
		t.Errorf("archive/zip reads %q and %d entries", document, len(names))
	}
	var changes []Change
	for i := range 1_000 {
		changes = append(changes, Change{Name: fmt.Sprintf("Data/%d", i), Remove: true})
	}
	few := openBytes(t, written(t, p, changes...))
	if len(few.records) != 65_001 {
		t.Errorf("%d entries are left", len(few.records))
	}
	grown := openBytes(t, written(t, openBytes(t, zipOf(items[:max16-1]...)), Change{Name: "Data/new", Add: true, Content: Bytes(nil)}))
	if len(grown.records) != max16 || grown.ending.end == 0 {
		t.Errorf("%d entries after one was added to %d; zip64 end record: %v", len(grown.records), max16-1, grown.ending.end > 0)
	}
}

// TestRelocateInsideZip64Field: an offset joins sizes that are in the zip64 field already.
func TestRelocateInsideZip64Field(t *testing.T) {
	t.Parallel()
	h := header{method: Deflated, name: "x", size: 5 << 32, packed: 6 << 32, comment: "c"}
	moved, err := appendRelocated([]byte("front"), h.central(), 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	r, err := parseCentral(moved[5:])
	if err != nil || r.offset != 1<<40 || r.Size != 5<<32 || r.CompressedSize != 6<<32 || !bytes.HasSuffix(moved, []byte("c")) {
		t.Errorf("got %+v, %v", r, err)
	}
	again, err := appendRelocated(nil, moved[5:], 77)
	if r, parseErr := parseCentral(again); err != nil || parseErr != nil || r.offset != 77 || r.CompressedSize != 6<<32 {
		t.Errorf("got %+v, %v", r, err)
	}
	full := h.central()
	full = append(full[:len(full)-1], make([]byte, 0xFFFF-20)...)
	binary.LittleEndian.PutUint16(full[30:], 0xFFFF)
	binary.LittleEndian.PutUint16(full[32:], 0)
	if _, err := appendRelocated(nil, full, 1<<40); err == nil {
		t.Error("an extra field of more than 65535 bytes was written")
	}
}

// TestLargeFile writes real files of more than 4 GiB, and has other programs read them.
func TestLargeFile(t *testing.T) {
	if os.Getenv("PACKAGING_LARGE") == "" {
		t.Skip("set PACKAGING_LARGE=1 to write 4 GiB to the temporary folder and read them with other programs")
	}
	dir := t.TempDir()
	sparse, err := os.Create(filepath.Join(dir, "sparse.twbx"))
	if err != nil {
		t.Fatal(err)
	}
	defer sparse.Close()
	src := largePackage(zeros, 1<<32+5, zeros.checksum(1<<32+5), book())
	for i, part := range src.list {
		if i == 1 {
			continue // a hole
		}
		b := make([]byte, src.end(i)-part.start)
		if _, err := part.src.ReadAt(b, part.from); err != nil {
			t.Fatal(err)
		}
		if _, err := sparse.WriteAt(b, part.start); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Open(sparse, src.size)
	if err != nil {
		t.Fatal(err)
	}
	a, err := p.With(
		Change{Name: "Book.twb", Content: Bytes([]byte("<workbook/>"))},
		Change{Name: "Data/new.hyper", Add: true, Content: Reader(zeros, 1<<32+7)},
	)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err := WriteFile(filepath.Join(dir, "changed.twbx"), a); err != nil {
		t.Fatal(err)
	}
	checkWithOtherPrograms(t, dir)
}
