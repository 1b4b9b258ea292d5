package packaging

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

func TestSpool(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	const text = "0123456789"
	for _, limit := range []int64{0, 4, 5, 9, 10, 100} {
		s := NewSpool(limit)
		for _, part := range []string{"01234", "", "5678", "9"} {
			if n, err := s.Write([]byte(part)); n != len(part) || err != nil {
				t.Fatal(n, err)
			}
		}
		if inFile := s.file != nil; inFile != (limit < 10) || s.Size() != 10 {
			t.Errorf("limit %d: in a file: %v, size %d", limit, inFile, s.Size())
		}
		for from := range 10 {
			for to := from; to <= 10; to++ {
				b := make([]byte, to-from)
				if n, err := s.ReadAt(b, int64(from)); n != len(b) || err != nil || string(b) != text[from:to] {
					t.Errorf("limit %d: bytes %d to %d are %q, %v", limit, from, to, b, err)
				}
			}
		}
		if n, err := s.ReadAt(make([]byte, 5), 8); n != 2 || err != io.EOF {
			t.Errorf("limit %d: reading over the end gives %d, %v", limit, n, err)
		}
		if n, err := s.ReadAt(make([]byte, 5), 10); n != 0 || err != io.EOF {
			t.Errorf("limit %d: reading at the end gives %d, %v", limit, n, err)
		}
		if _, err := s.ReadAt(make([]byte, 5), -1); err == nil {
			t.Errorf("limit %d: reading before the start succeeds", limit)
		}
		var b strings.Builder
		if n, err := s.WriteTo(&b); n != 10 || err != nil || b.String() != text {
			t.Errorf("limit %d: WriteTo gives %q, %d, %v", limit, b.String(), n, err)
		}
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Error(err)
		}
		if _, err := s.Write([]byte("x")); !errors.Is(err, os.ErrClosed) {
			t.Errorf("limit %d: writing to a closed spool: %v", limit, err)
		}
		if _, err := s.ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
			t.Errorf("limit %d: reading from a closed spool: %v", limit, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
	t.Setenv("TMPDIR", dir+"/missing")
	if _, err := NewSpool(1).Write([]byte("ab")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a folder for temporary files: %v", err)
	}
}

// TestAssemblyIsAReaderAt reads an assembly of many segments in every way.
func TestAssemblyIsAReaderAt(t *testing.T) {
	t.Parallel()
	p := openBytes(t, zipOf(item{name: "Data/x", content: "x"}, book(), item{name: "Data/y", content: "y"}))
	a, err := p.With(
		Change{Name: "Book.twb", Content: NewBase(bytes.Repeat([]byte(workbook), 3000)).With(Splice{70000, 70001, []byte("new")})},
		Change{Name: "Data/x", Content: Bytes([]byte("xx"))},
	)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var whole bytes.Buffer
	if _, err := a.WriteTo(&whole); err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(io.NewSectionReader(a, 0, a.Size()), whole.Bytes()); err != nil {
		t.Error(err)
	}
	for from := int64(0); from <= a.Size(); from += 7 {
		b := make([]byte, 100)
		n, err := a.ReadAt(b, from)
		if want := min(100, a.Size()-from); int64(n) != want || (err == io.EOF) != (want < 100) || !bytes.Equal(b[:n], whole.Bytes()[from:from+want]) {
			t.Errorf("reading at %d gives %d bytes, %v", from, n, err)
		}
	}
	if _, err := a.ReadAt(make([]byte, 1), -1); err == nil || err == io.EOF {
		t.Errorf("reading before the start: %v", err)
	}
}

// TestSourceThatShrinks: the file is shorter than it was when it was opened.
func TestSourceThatShrinks(t *testing.T) {
	t.Parallel()
	file := zipOf(item{name: "Data/x", content: "x"}, book())
	src := &shrinking{b: file}
	p, err := Open(src, int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	a, err := p.With(Change{Name: "Data/x", Content: Bytes(nil)})
	if err != nil {
		t.Fatal(err)
	}
	src.b = file[:50]
	if _, err := a.WriteTo(io.Discard); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	src.b = file
	if n, err := a.WriteTo(shortWriter{}); n != 3 || err != io.ErrShortWrite {
		t.Errorf("short write: %d, %v", n, err)
	}
}

type shrinking struct{ b []byte }

func (s *shrinking) ReadAt(b []byte, at int64) (int, error) {
	return bytes.NewReader(s.b).ReadAt(b, at)
}

type shortWriter struct{}

func (shortWriter) Write([]byte) (int, error) { return 3, nil }
