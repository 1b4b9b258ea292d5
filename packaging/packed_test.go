package packaging

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestContentOfAnotherPackage copies entries from one package to another: deflated data as
// it is, stored data deflated, as new entries are.
func TestContentOfAnotherPackage(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("rows and rows ", 100)
	from := openBytes(t, zipOf(book(), item{name: "Data/a.hyper", content: text, method: Deflated}, item{name: "Data/b.hyper", content: text}, item{name: "Data/"}))
	to := openBytes(t, zipOf(book()))
	content := func(name string) Content {
		c, err := from.Content(name)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := from.Content(name); again != c {
			t.Errorf("the content of %s is not equal to itself", name)
		}
		return c
	}
	b := written(t, to, Change{Name: "Data/a.hyper", Content: content("Data/a.hyper"), Add: true}, Change{Name: "Data/c.hyper", Content: content("Data/b.hyper"), Add: true})
	got := openBytes(t, b)
	if err := got.Verify(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"Data/a.hyper", "Data/c.hyper"} {
		if read(t, got, name) != text {
			t.Errorf("%s reads otherwise", name)
		}
	}
	packed := func(p *Package, name string) []byte {
		i, err := p.find(name)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(io.NewSectionReader(p.src, p.records[i].data, p.records[i].CompressedSize))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	if !bytes.Equal(packed(got, "Data/a.hyper"), packed(from, "Data/a.hyper")) {
		t.Error("deflated data was not copied as it is")
	}
	if _, err := from.Content("Data/none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a name that is not there: %v", err)
	}
	if _, err := from.Content("Data/"); !errors.Is(err, ErrChange) {
		t.Errorf("a folder: %v", err)
	}
}
