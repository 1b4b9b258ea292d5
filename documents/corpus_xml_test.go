package documents_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// xmlVerbs change elements found by their paths.
var xmlVerbs = map[string]verb{
	"xml attribute": func(f *documents.File) (int, error) {
		return eachElement(f, "//connection", func(e documents.Element) error {
			const value = "a'b \"<&>\r\n é"
			err := e.SetAttr("zz", value)
			if got, _ := e.Attr("zz"); got != value {
				err = errors.Join(err, fmt.Errorf("%s: zz is %q", e, got))
			}
			return err
		})
	},
	"xml text": func(f *documents.File) (int, error) {
		return eachElement(f, "//remote-alias", func(e documents.Element) error {
			const value = "]]> & 'x' <y>"
			err := e.SetText(value)
			if got := e.Text(); got != value {
				err = errors.Join(err, fmt.Errorf("%s: text is %q", e, got))
			}
			return err
		})
	},
	"xml remove": func(f *documents.File) (int, error) {
		n, err := eachElement(f, "//thumbnails", documents.Element.Remove)
		if left, _ := f.Elements("//thumbnails"); len(left) > 0 {
			err = errors.Join(err, fmt.Errorf("%s is there still", left[0]))
		}
		return n, err
	},
}

func eachElement(f *documents.File, path string, edit func(documents.Element) error) (int, error) {
	found, err := f.Elements(path)
	if errors.Is(err, tds.ErrNotFound) {
		return 0, nil
	}
	for _, e := range found {
		err = errors.Join(err, edit(e))
	}
	return len(found), err
}

// sample is about n elements spread over a document, the root among them.
func sample(t testing.TB, document []byte, n int) []xmledit.Element {
	t.Helper()
	d, err := xmledit.Parse(document, xmledit.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	all := []xmledit.Element{d.Root()}
	for el := range d.Root().Descendants() {
		all = append(all, el)
	}
	var some []xmledit.Element
	for i := 0; i < len(all); i += len(all)/n + 1 {
		some = append(some, all[i])
	}
	return some
}

// TestCorpusPaths: the path of an element selects that element, and an edit of it that is
// taken back leaves the bytes that were there.
func TestCorpusPaths(t *testing.T) {
	t.Parallel()
	for _, path := range corpus(t) {
		f := open(t, path)
		file := written(t, f)
		for _, el := range sample(t, document(t, file), 150) {
			found, err := f.Element(el.Path())
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			if line, col := found.Position(); (xmledit.Position{Line: line, Col: col}) != el.Position() {
				t.Errorf("%s: %s selects what stands at %d:%d, not at %s", path, el.Path(), line, col, el.Position())
			}
			if el.Parent().Exists() && el.Parent().Parent().Exists() { // the outermost hold all there is
				assertTakenBack(t, path, f.Clone(), el.Path())
			}
		}
		if !bytes.Equal(written(t, f), file) {
			t.Errorf("%s: changed", path)
		}
	}
}

// assertTakenBack adds something to an element and takes it out again.
func assertTakenBack(t *testing.T, file string, f *documents.File, path string) {
	t.Helper()
	e, err := f.Element(path)
	if err != nil {
		t.Error(err)
		return
	}
	add := func(el *etree.Element) error {
		el.CreateAttr("m-added", "it's \"<&>\"")
		return nil
	}
	undo := func(el *etree.Element) error {
		el.RemoveAttr("m-added")
		return nil
	}
	if strings.TrimSpace(e.Text()) == "" {
		add = func(el *etree.Element) error {
			el.CreateAttr("m-added", "it's \"<&>\"")
			el.CreateElement("added").CreateAttr("b", "1")
			return nil
		}
		undo = func(el *etree.Element) error {
			el.RemoveAttr("m-added")
			el.RemoveChild(el.SelectElement("added"))
			return nil
		}
	}
	if err := e.Edit(add); err != nil || f.ChangeCount() == 0 {
		t.Errorf("%s: %s: %d changes, %v", file, path, f.ChangeCount(), err)
	}
	if v, _ := e.Attr("m-added"); v != "it's \"<&>\"" {
		t.Errorf("%s: %s: what was added reads %q", file, path, v)
	}
	if err := e.Edit(undo); err != nil || f.ChangeCount() != 0 {
		t.Errorf("%s: %s: %d changes are left, %v", file, path, f.ChangeCount(), err)
	}
}

// ofElement is the attribute, or the text, of an element that the path of a change ends in.
var ofElement = regexp.MustCompile(`(/@[^/'\[\]]+|/text\(\))$`)

// assertSelectable checks that the path of every change selects one element, in the file as
// it was or, of what was added, in the edited one. Of many changes it looks at some.
func assertSelectable(t *testing.T, what string, template, edited *documents.File) {
	t.Helper()
	changes := slices.Collect(edited.Changes())
	for i := 0; i < len(changes); i += len(changes)/50 + 1 {
		c := changes[i]
		in, path := template, c.Path
		if suffix := ofElement.FindString(path); suffix != "" {
			path = strings.TrimSuffix(path, suffix)
		} else if c.New != "" {
			in = edited
		}
		if _, err := in.Element(path); err != nil {
			t.Errorf("%s: the path of %s: %v", what, c, err)
		}
	}
}
