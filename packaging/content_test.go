package packaging

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOpenContent reads what entries are going to hold, as often as it is asked to.
func TestOpenContent(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.hyper")
	if err := os.WriteFile(path, []byte("Hyper"), 0o600); err != nil {
		t.Fatal(err)
	}
	contents := map[string]Content{
		"bytes":  Bytes([]byte("Hyper")),
		"reader": Reader(strings.NewReader("Hyper and more"), 5),
		"file":   File(path),
		"base":   NewBase([]byte("Hyxxper")).With(Splice{2, 4, nil}),
	}
	for name, content := range contents {
		for range 2 {
			r, size, err := content.Open()
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			got, err := io.ReadAll(r)
			if err != nil || string(got) != "Hyper" || size != 5 {
				t.Errorf("%s: %q, size %d (%v)", name, got, size, err)
			}
			if err := r.Close(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for other, c := range contents {
			if (c == content) != (name == other) {
				t.Errorf("%s and %s: equal is %t", name, other, c == content)
			}
		}
	}
	if File(path) != contents["file"] {
		t.Error("two contents of one file differ")
	}
	if _, _, err := File(path + "x").Open(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, _, err := File(filepath.Dir(path)).Open(); err == nil {
		t.Error("a folder was opened")
	}
	if _, _, err := NewBase(nil).With(Splice{0, 1, nil}).Open(); !errors.Is(err, ErrChange) {
		t.Errorf("a splice outside the base: %v", err)
	}
}

// TestCheck compares what Check and With say.
func TestCheck(t *testing.T) {
	t.Parallel()
	p := openBytes(t, zipOf(book(), item{name: "Data/a.hyper"}))
	c := Bytes([]byte("x"))
	for _, test := range []struct {
		change Change
		want   error
	}{
		{Change{Name: "Data/a.hyper", Content: c}, nil},
		{Change{Name: "Data/b.hyper", Content: c, Add: true}, nil},
		{Change{Name: "Data/A.hyper", Content: c, Add: true}, ErrDuplicate},
		{Change{Name: "Data/b.hyper", Content: c}, ErrNotFound},
		{Change{Name: "Book.twb", Remove: true}, ErrNoDocument},
	} {
		_, with := p.With(test.change)
		if err := p.Check(test.change); !errors.Is(err, test.want) || (err == nil) != (with == nil) || err != nil && err.Error() != with.Error() {
			t.Errorf("%+v: %v, With says %v", test.change, err, with)
		}
	}
	if err := p.Check(Change{Name: "Data/a.hyper", Content: File("no such file")}); err != nil {
		t.Errorf("the content was read: %v", err)
	}
	if err := Empty().Check(Change{Name: "Book.twb", Content: c, Add: true}); err != nil {
		t.Errorf("a document for an empty package: %v", err)
	}
}
