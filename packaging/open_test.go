package packaging

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	small := func(name string) item { return item{name: name, content: "x"} }
	named := func(name string) []byte { return zipOf(book(), small(name)) }
	good := zipOf(book(), small("Data/x"))
	tests := []struct {
		name  string
		file  []byte
		want  error
		entry string // that the error is about
		text  string // part of the message
	}{
		{"empty file", nil, ErrEmpty, "", "empty"},
		{"LFS pointer", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"), ErrPointer, "", "Git LFS"},
		{"bare document", []byte("\ufeff" + workbook), ErrBareDocument, "", "bare XML"},
		{"bare data source", []byte("<!-- build --> <datasource/>"), ErrBareDocument, "", "bare XML"},
		{"HTML", []byte("<!DOCTYPE html><html>"), ErrNotPackage, "", "HTML"},
		{"other text", []byte("hello"), ErrNotPackage, "", "not a zip"},
		{"split marker", []byte(descriptorMagic + string(good)), ErrMultiDisk, "", "split"},

		{"leading bytes", append([]byte("#!/bin/sh\n"), good...), ErrExtraBytes, "", "10 bytes stand in front of the archive"},
		{"leading bytes with right offsets", archive{front: "#!/bin/sh\n", items: []item{book()}}.build(), ErrExtraBytes, "", "does not begin"},
		{"leading record without entry", archive{front: string(zipOf(book())[:50]), items: []item{book()}}.build(), ErrExtraBytes, "", "50 bytes stand in front of the first entry"},
		{"trailing bytes", append(bytes.Clone(good), "\n\n"...), ErrExtraBytes, "", "2 bytes follow"},
		{"bytes between records", zipOf(item{name: "a", padding: "gap"}, book()), ErrExtraBytes, "a", "3 bytes after its data"},
		{"bytes before the directory", zipOf(book(), item{name: "a", padding: "gap"}), ErrExtraBytes, "a", "3 bytes after its data"},
		{"bytes after the directory", archive{items: []item{book()}, beforeEnd: "gap"}.build(), ErrExtraBytes, "", "3 bytes between"},
		{"directory with one entry more", archive{items: []item{book(), small("x")}, tweakEnd: func(b []byte) { b[8], b[10] = 1, 1 }}.build(), ErrExtraBytes, "", "follow the last of 1"},
		{"directory with one entry less", archive{items: []item{book()}, tweakEnd: func(b []byte) { b[8], b[10] = 2, 2 }}.build(), ErrTruncated, "", ""},
		{"end record in the comment", archive{items: []item{book()}, comment: string(zipOf())}.build(), ErrExtraBytes, "", ""},

		{"parent", named("Data/../../x"), ErrName, "Data/../../x", "out of the package"},
		{"only parent", named(".."), ErrName, "..", "out of the package"},
		{"absolute", named("/x"), ErrName, "/x", "absolute"},
		{"drive", named(`C:x`), ErrName, "C:x", "drive"},
		{"backslash", named(`a\b`), ErrName, `a\b`, "backslash"},
		{"empty name", named(""), ErrName, "", "empty name"},
		{"NUL", named("a\x00b"), ErrName, "a\x00b", "NUL"},
		{"dot", named("./a"), ErrName, "./a", "dot"},
		{"double slash", named("a//b"), ErrName, "a//b", "empty path element"},
		{"duplicate", zipOf(book(), small("a"), small("a")), ErrDuplicate, "a", "two entries"},
		{"equal but for case", zipOf(book(), small("Data/Äa"), small("data/äA")), ErrDuplicate, "data/äA", `"Data/Äa"`},
		{"Kelvin sign", zipOf(book(), small("k"), small("\u212a")), ErrDuplicate, "\u212a", `"k"`},
		{"file and folder", zipOf(book(), small("Data"), item{name: "data/"}), ErrDuplicate, "data/", `"Data"`},

		{"symbolic link", zipOf(book(), item{name: "l", external: 0o120777 << 16, madeBy: 3 << 8}), ErrSpecial, "l", "symbolic link"},
		{"device", zipOf(book(), item{name: "d", external: 0o020777 << 16, madeBy: 3 << 8}), ErrSpecial, "d", "special"},
		{"encrypted", zipOf(book(), item{name: "e", flags: flagEncrypted}), ErrEncrypted, "e", "encrypted"},
		{"AES", zipOf(book(), item{name: "e", method: methodAES}), ErrEncrypted, "e", "encrypted"},
		{"encrypted in the local header alone", zipOf(book(), item{name: "e", tweakLocal: func(b []byte) { b[6] |= flagEncrypted }}), ErrEncrypted, "e", "encrypted"},

		{"same record twice", zipOf(book(), item{name: "a"}, item{name: "b", offset: -31}), ErrOverlap, "a", `overlaps that of entry "b"`},
		{"record inside another", zipOf(book(), item{name: "a", content: string((&item{name: "b"}).record())}, item{name: "b", offset: -31}), ErrOverlap, "a", `overlaps that of entry "b"`},
		{"record over the directory", zipOf(book(), item{name: "b", tweakLocal: func(b []byte) { b[28] = 9 }}), ErrOverlap, "b", "overlaps the directory"},
		{"beyond the directory", zipOf(book(), item{name: "b", offset: 99}), ErrCorrupt, "b", "the directory begins at"},
		{"no local header", zipOf(book(), item{name: "b", tweakLocal: func(b []byte) { b[0] = 'X' }}), ErrCorrupt, "b", "no local header"},
		{"other name", zipOf(book(), item{name: "aa", localName: "ab"}), ErrMismatch, "aa", "another name"},
		{"longer name", zipOf(book(), item{name: "aa", localName: "aaa"}), ErrMismatch, "aa", "another name"},
		{"other method", zipOf(book(), item{name: "a", tweakLocal: func(b []byte) { b[8] = 8 }}), ErrMismatch, "a", "method"},
		{"other size", zipOf(book(), item{name: "a", tweakLocal: func(b []byte) { b[22] = 8 }}), ErrMismatch, "a", "sizes"},
		{"other checksum", zipOf(book(), item{name: "a", tweakLocal: func(b []byte) { b[14]++ }}), ErrMismatch, "a", "checksum"},
		{"no descriptor", zipOf(book(), item{name: "a", flags: flagDescriptor}), ErrExtraBytes, "a", "descriptor"},
		{"wrong descriptor", zipOf(item{name: "a", descriptor: 12, content: "PK", padding: "PK\x07\x08"}, book()), ErrExtraBytes, "a", "descriptor"},
		{"stored with two sizes", zipOf(book(), item{name: "a", content: "x", size: 1}), ErrSize, "a", "stored"},
		{"folder with content", zipOf(book(), item{name: "a/", content: "x"}), ErrSize, "a/", "folder"},
		{"zip64 field missing", zipOf(book(), item{name: "a", tweakDir: func(b []byte) { copy(b[42:], "\xff\xff\xff\xff") }}), ErrCorrupt, "a", "zip64 field"},
		{"two zip64 fields", zipOf(book(), item{name: "a", zip64: true, extra: "\x01\x00\x08\x00........"}), ErrCorrupt, "a", "two zip64"},
		{"entry on another disk", zipOf(book(), item{name: "a", disk: 1}), ErrMultiDisk, "a", "disk 1"},
		{"second disk", archive{items: []item{book()}, tweakEnd: func(b []byte) { b[4] = 1 }}.build(), ErrMultiDisk, "", "split"},
		{"second disk, zip64", archive{items: []item{book()}, zip64: true, tweakEnd: func(b []byte) { b[16] = 1 }}.build(), ErrMultiDisk, "", "split"},
		{"zip64 disagrees", archive{items: []item{book()}, zip64: true, tweakEnd: func(b []byte) { b[76+8], b[76+9], b[76+10], b[76+11] = 2, 0, 2, 0 }}.build(), ErrMismatch, "", "disagree"},
		{"zip64 not there", archive{items: []item{book()}, zip64: true, tweakEnd: func(b []byte) { b[0] = 'X' }}.build(), ErrCorrupt, "", "zip64 end record"},

		{"ratio", zipOf(book(), item{name: "bomb", content: strings.Repeat("\x00", 2<<20), method: Deflated}), ErrLimit, "bomb", "limit is 500 times"},
		{"no document", zipOf(small("a")), ErrNoDocument, "", "no document among the 1 entries"},
		{"no entries", zipOf(), ErrNoDocument, "", "no document"},
		{"two documents", zipOf(book(), small("b.TDS")), ErrManyDocuments, "", `"Book.twb", "b.TDS"`},
		{"document in a folder", zipOf(item{name: "Report/Book.twb", content: workbook}), ErrNoDocument, "", `only in a folder: "Report/Book.twb"`},
		{"two under other names", zipOf(item{name: "a", content: workbook}, item{name: "b.xml", content: workbook}), ErrManyDocuments, "", `"a", "b.xml"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(bytes.NewReader(test.file), int64(len(test.file)))
			refusal, ok := errors.AsType[*Error](err)
			if !ok || !errors.Is(err, test.want) || refusal.Entry != test.entry || !strings.Contains(err.Error(), test.text) || refusal.Hint() == "" {
				t.Errorf("got %v (%#v), want %v about %q with %q", err, refusal, test.want, test.entry, test.text)
			}
		})
	}
}

// TestOpenTruncated cuts a package at every byte: none of the pieces opens.
func TestOpenTruncated(t *testing.T) {
	t.Parallel()
	for _, file := range [][]byte{zipOf(book(), item{name: "a", content: "x"}), archive{items: []item{book()}, zip64: true, comment: "c"}.build()} {
		for n := 4; n < len(file); n++ {
			if _, err := Open(bytes.NewReader(file), int64(n)); !errors.Is(err, ErrTruncated) {
				t.Errorf("cut at %d: %v", n, err)
			}
		}
		if _, err := Open(bytes.NewReader(file), int64(len(file)+1)); !errors.Is(err, ErrTruncated) {
			t.Errorf("longer size than the file: %v", err)
		}
	}
}

func TestOpenPassesOnReadErrors(t *testing.T) {
	t.Parallel()
	if _, err := Open(brokenReader{}, 1000); !errors.Is(err, errBroken) || errors.Is(err, ErrTruncated) {
		t.Errorf("got %v", err)
	}
}

var errBroken = errors.New("the disk is broken")

type brokenReader struct{}

func (brokenReader) ReadAt([]byte, int64) (int, error) { return 0, errBroken }
func (brokenReader) Read([]byte) (int, error)          { return 0, errBroken }

func TestLimits(t *testing.T) {
	t.Parallel()
	bomb := item{name: "bomb", content: strings.Repeat("\x00", 2<<20), method: Deflated}
	tests := []struct {
		name string
		file []byte
		opt  Option
		want string // "" when it opens
	}{
		{"as many entries", zipOf(book(), item{name: "a"}), WithMaxEntries(2), ""},
		{"too many entries", zipOf(book(), item{name: "a"}), WithMaxEntries(1), "2 entries, and the limit is 1"},
		{"ratio allowed", zipOf(book(), bomb), WithMaxExpansion(1100, 1<<30), ""},
		{"ratio", zipOf(book(), bomb), WithMaxExpansion(1000, 1<<30), "limit is 1000 times"},
		{"as large", zipOf(item{name: "a", content: "xyz"}, book()), WithMaxExpansion(1, int64(3+len(workbook))), ""},
		{"too large", zipOf(item{name: "a", content: "xyz"}, book()), WithMaxExpansion(1, int64(2+len(workbook))), "expand to more than"},
		{"no limit at all", zipOf(book()), WithMaxEntries(0), "at least 1"},
		{"no ratio", zipOf(book()), WithMaxExpansion(0, 1), "at least 1"},
	}
	for _, test := range tests {
		_, err := Open(bytes.NewReader(test.file), int64(len(test.file)), test.opt)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

// TestTooManyEntries declares 200,000 entries, which is refused before the directory is read.
func TestTooManyEntries(t *testing.T) {
	t.Parallel()
	file := archive{items: []item{book()}, zip64: true, tweakEnd: func(b []byte) {
		le.PutUint64(b[24:], 200_000)
		le.PutUint64(b[32:], 200_000)
	}}.build()
	if _, err := Open(bytes.NewReader(file), int64(len(file))); !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), "200000 entries") {
		t.Errorf("got %v", err)
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	tests := []struct {
		want  string
		items []item
	}{
		{"Book.twb", []item{{name: "__MACOSX/._Book.twb", content: "\x00\x05\x16\x07"}, {name: "Data/geo/custom.tds", content: "<datasource />"}, book()}},
		{"b.TwB", []item{{name: "Image/"}, {name: "b.TwB", content: "anything"}}},
		{"Ünï.tds", []item{{name: "Ünï.tds"}, {name: "._Ünï.tds"}, {name: "folder.twb/"}}},
		{"notes", []item{{name: ".DS_Store", content: "x"}, {name: "notes", content: "\ufeff" + workbook, method: Deflated}, {name: "a.xml", content: "<workbooks/>"}}},
		{"sub", []item{{name: "sub", content: "<!-- c --><datasource>"}, {name: "Report/Book.twb", content: workbook}, {name: "x", content: workbook, method: 14}}},
	}
	for _, test := range tests {
		if got := openBytes(t, zipOf(test.items...)).Document(); got.Name != test.want {
			t.Errorf("document is %q, not %q", got.Name, test.want)
		}
	}
}

func TestEntries(t *testing.T) {
	t.Parallel()
	p := openBytes(t, archive{items: []item{{name: "Data/a", content: "abc", date: 0x5621, time: 0x7A2B}, book()}, order: []int{1, 0}}.build())
	var names []string
	for e := range p.Entries() {
		names = append(names, e.Name)
	}
	if !slices.Equal(names, []string{"Data/a", "Book.twb"}) {
		t.Errorf("entries are %q", names)
	}
	want := Entry{Name: "Data/a", Size: 3, CompressedSize: 3, CRC32: 0x352441C2, Modified: time.Date(2023, 1, 1, 15, 17, 22, 0, time.UTC)}
	if e, ok := p.Entry("Data/a"); !ok || e != want {
		t.Errorf("entry is %+v, %v", e, ok)
	}
	if e, ok := p.Entry("data/a"); ok {
		t.Errorf("name in another case gives %+v", e)
	}
	for range p.Entries() {
		break // and the iterator does not go on
	}
}

func TestNotFoundNamesWhatIsNear(t *testing.T) {
	t.Parallel()
	p := openBytes(t, zipOf(book(), item{name: "Data/E.hyper"}))
	for name, want := range map[string]string{
		"Data/e.hyper": `entry "Data/e.hyper": no such entry, but there is "Data/E.hyper"`,
		"E.hyper":      `entry "E.hyper": no such entry, but there is "Data/E.hyper"`,
		"zzz":          `entry "zzz": no such entry among the 2 of the package`,
	} {
		if _, err := p.OpenEntry(name); !errors.Is(err, ErrNotFound) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestReadEntryRefuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("some content ", 1000)
	tests := []struct {
		name string
		item item
		want error
		text string
	}{
		{"wrong checksum", item{content: long, method: Deflated, crc: 1}, ErrChecksum, "checksum"},
		{"wrong checksum, stored", item{content: long, crc: 1}, ErrChecksum, "checksum"},
		{"wrong checksum, empty", item{crc: 1}, ErrChecksum, "checksum"},
		{"longer than declared", item{content: long, method: Deflated, size: ^uint64(0)}, ErrSize, "longer than the 12999"},
		{"shorter than declared", item{content: long, method: Deflated, size: 2}, ErrSize, "2 bytes shorter"},
		{"not deflated", item{content: long, method: Deflated, tweakLocal: func(b []byte) { b[31] = 0xFF }}, ErrCorrupt, "inflating"},
		{"no end", item{content: long, method: Deflated, tweakLocal: func(b []byte) { copy(b[31:], strings.Repeat("\x00\x05\x00\xfa\xff.....", 20)) }}, ErrCorrupt, ""},
		{"unsupported method", item{content: long, method: 12}, ErrMethod, "method 12"},
	}
	for _, test := range tests {
		test.item.name = "x"
		p := openBytes(t, zipOf(book(), test.item))
		b, err := p.ReadEntry("x", 1<<20)
		refusal, ok := errors.AsType[*Error](err)
		if !ok || !errors.Is(err, test.want) || refusal.Entry != "x" || !strings.Contains(err.Error(), test.text) || b != nil {
			t.Errorf("%s: got %d bytes and %v, want %v with %q", test.name, len(b), err, test.want, test.text)
		}
		if err := p.Verify(); !errors.Is(err, test.want) {
			t.Errorf("%s: Verify gives %v", test.name, err)
		}
	}
	p := openBytes(t, zipOf(book()))
	if _, err := p.ReadEntry("Book.twb", int64(len(workbook))-1); !errors.Is(err, ErrLimit) {
		t.Errorf("over the limit: %v", err)
	}
	if b, err := p.ReadEntry("Book.twb", int64(len(workbook))); err != nil || string(b) != workbook || cap(b) != len(b) {
		t.Errorf("at the limit: %q, %v", b, err)
	}
	if err := p.Verify(); err != nil {
		t.Errorf("Verify: %v", err)
	}
}

func TestOpenEntryIsStickyAndPassesOnErrors(t *testing.T) {
	t.Parallel()
	c := &contentReader{entry: &Entry{Name: "x", Size: 5}, content: io.NopCloser(brokenReader{}), left: 5}
	for range 2 {
		if _, err := c.Read(make([]byte, 3)); !errors.Is(err, errBroken) || !strings.Contains(err.Error(), `entry "x"`) {
			t.Errorf("got %v", err)
		}
	}
}

func TestIsPackage(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]bool{string(zipOf(book())): true, string(zipOf()): true, "PK\x03\x04": true, "PK": false, "": false, workbook: false} {
		if got := IsPackage(strings.NewReader(file), int64(len(file))); got != want {
			t.Errorf("%.10q: %v", file, got)
		}
	}
}
