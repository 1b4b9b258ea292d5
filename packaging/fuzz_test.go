package packaging

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"testing"
)

// FuzzOpen: nothing panics; what Open accepts, archive/zip reads with the same names; without changes it comes out as it
// went in; and with another document it is still accepted, and all else is the same.
func FuzzOpen(f *testing.F) {
	for _, file := range archives() {
		f.Add(file)
	}
	f.Add([]byte{})
	f.Add([]byte(workbook))
	f.Add(zipOf())
	f.Add(append([]byte("x"), zipOf(book())...))
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := Open(bytes.NewReader(in), int64(len(in)), WithMaxExpansion(500, 16<<20))
		if err != nil {
			return
		}
		if !bytes.Equal(written(t, p), in) {
			t.Error("without changes the package is changed")
		}
		z, err := zip.NewReader(bytes.NewReader(in), int64(len(in)))
		if err != nil {
			t.Fatalf("archive/zip: %v", err)
		}
		var theirs, ours []string
		for _, file := range z.File {
			theirs = append(theirs, file.Name)
		}
		for _, i := range p.order {
			ours = append(ours, p.records[i].Name)
		}
		if !slices.Equal(theirs, ours) {
			t.Errorf("archive/zip sees %q, we %q", theirs, ours)
		}
		for e := range p.Entries() {
			if content, err := p.OpenEntry(e.Name); err == nil {
				_, _ = io.Copy(io.Discard, content)
			}
		}
		doc := p.Document().Name
		out := written(t, p, Change{Name: doc, Content: Bytes([]byte(workbook + workbook))})
		after := openBytes(t, out)
		compareRecords(t, in, out, p, after, doc)
	})
}

// FuzzSplices: spliced content inflates to what the splices say.
func FuzzSplices(f *testing.F) {
	f.Add(10, 1, 2, 3, 4, "new", "text")
	f.Add(3*longestStretch, longestStretch-1, longestStretch+1, 2*longestStretch, 2*longestStretch, "", "x")
	f.Fuzz(func(t *testing.T, size, a, b, c, d int, first, second string) {
		if size < 0 || size > 4*longestStretch {
			return
		}
		content := bytes.Repeat([]byte("0123456789abcdef, "), size/18+1)[:size]
		splices := []Splice{{a, b, []byte(first)}, {c, d, []byte(second)}}
		p, err := NewBase(content).With(splices...).pack(Deflated)
		if legal := 0 <= a && a <= b && b <= c && c <= d && d <= size; (err == nil) != legal {
			t.Fatalf("%d %d %d %d of %d: %v", a, b, c, d, size, err)
		}
		if err == nil && !bytes.Equal(unpack(t, p, Deflated), apply(content, splices)) {
			t.Error("content is not what the splices say")
		}
	})
}
