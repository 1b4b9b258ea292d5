package documents

import (
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// A Difference is something that a file says and another does not.
type Difference struct {
	// Entry is the entry of the package that differs, "" for the document.
	Entry string
	// Path is the place in the document, as [File.Changes] prints it. Line and Col are those of its element: in the document that
	// is wanted, or in the other one where it is only there.
	Path      string
	Line, Col int
	Kind      DifferenceKind
	// Want and Have are the values, the markup of elements, or the sizes of entries; "" for what is not there. They show no
	// passwords.
	Want, Have string
	// ByServer says why this is a server's own doing and makes no other file of it, "" if it is not.
	ByServer string
}

// DifferenceKind says what differs.
type DifferenceKind string

// The kinds of differences.
const (
	DifferenceChanged DifferenceKind = "changed"
	DifferenceMissing DifferenceKind = "missing" // it is wanted and not there
	DifferenceAdded   DifferenceKind = "added"   // it is there and not wanted
	DifferenceOrder   DifferenceKind = "order"   // what is in the element is there, in another order
)

// CompareOptions change a comparison. The zero value is for a file whose extracts nobody refreshes.
type CompareOptions struct {
	// Refreshed says that a server refreshes the extracts: that their rows are other ones is then its doing.
	Refreshed bool
}

// Compare lists how a file that was published, and downloaded again, differs from the one that is wanted, edits included. Two
// documents are the same if their elements, attributes and texts are: layout, comments, quotes and the order of attributes do
// not count. Entries of packages are compared by their content; their order and compression do not count, nor does the name of
// the document, nor whether a document that needs no package is in one.
//
// What servers change on their own is told apart, see [Difference.ByServer]: where a document was published, the address of the
// server, pictures of views, and the other things that docs/publishing.md lists. The sequence can end with an error; it reads
// every entry of both files.
func Compare(want, have *File, o CompareOptions) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		c := &comparison{CompareOptions: o, yield: func(d difference) bool { return yield(d.Difference, nil) }}
		c.roots(want.doc, have.doc)
		if err := c.entries(want, have); err != nil && !c.stopped {
			yield(Difference{}, fmt.Errorf("comparing: %w", err))
		}
	}
}

// comparison is one call of [Compare] or [Diff].
type comparison struct {
	CompareOptions
	yield   func(difference) bool
	stopped bool // nobody wants to know more
}

// difference is one with the elements that it is about. Where one is alone, the other is the one that it would be in.
type difference struct {
	Difference
	want, have xmledit.Element
	attr       string // its name as written, "" for none
}

// alone tells whether a whole element is in one document only.
func (d difference) alone() bool {
	return d.attr == "" && (d.Kind == DifferenceMissing || d.Kind == DifferenceAdded)
}

func (c *comparison) tell(d difference) { c.stopped = c.stopped || !c.yield(d) }

func (c *comparison) roots(want, have *xmledit.Document) {
	seed := maphash.MakeSeed()
	a, b := treeOf(want.Root(), seed), treeOf(have.Root(), seed)
	if a.name != b.name {
		c.tell(differenceOf(DifferenceChanged, a.el, b.el, "", a.name, b.name))
		return
	}
	c.elements(a, b)
}

// differenceOf is one between two elements, or between attributes of them, at the place of the first.
func differenceOf(kind DifferenceKind, want, have xmledit.Element, attr, old, new string) difference {
	path := want.Path()
	if attr != "" {
		path += "/@" + attr
	}
	p := want.Position()
	d := Difference{Path: path, Line: p.Line, Col: p.Col, Kind: kind, Want: redact(path, old), Have: redact(path, new)}
	return difference{d, want, have, attr}
}

// elements compares two elements of one name.
func (c *comparison) elements(want, have *tree) {
	if c.stopped || want.hash == have.hash {
		return
	}
	if why := c.wholeByServer(want.el); why != "" {
		d := differenceOf(DifferenceChanged, want.el, have.el, "", "", "")
		d.ByServer = why
		c.tell(d)
		return
	}
	c.attributes(want, have)
	if want.text != have.text {
		d := differenceOf(DifferenceChanged, want.el, have.el, "", want.text, have.text)
		d.Path += "/text()"
		c.tell(d)
	}
	c.children(want, have)
}

func (c *comparison) attributes(want, have *tree) {
	tell := func(kind DifferenceKind, at *tree, name, old, new string) {
		d := differenceOf(kind, want.el, have.el, name, old, new)
		if at == have { // which alone has it
			p := have.el.Position()
			d.Path, d.Line, d.Col = have.el.Path()+"/@"+name, p.Line, p.Col
		}
		d.ByServer = c.attributeByServer(at.el, name, old, new)
		c.tell(d)
	}
	for name, value := range want.attrs {
		switch now, ok := have.attr(name); {
		case !ok:
			tell(DifferenceMissing, want, name, value, "")
		case now != value:
			tell(DifferenceChanged, want, name, value, now)
		}
	}
	for name, value := range have.attrs {
		if _, ok := want.attr(name); !ok {
			tell(DifferenceAdded, have, name, "", value)
		}
	}
}

// children pairs the children of two elements, compares the pairs and tells of those that are left.
func (c *comparison) children(want, have *tree) {
	pairs := pair(want.children, have.children)
	last, inOrder, taken := -1, true, make([]bool, len(have.children))
	for i, child := range want.children {
		at := pairs[i]
		if at < 0 {
			c.alone(DifferenceMissing, child, have)
			continue
		}
		taken[at] = true
		inOrder = inOrder && at > last
		last = at
		c.elements(child, have.children[at])
	}
	for i, child := range have.children {
		if !taken[i] {
			c.alone(DifferenceAdded, child, want)
		}
	}
	if !inOrder {
		c.tell(differenceOf(DifferenceOrder, want.el, have.el, "", "", ""))
	}
}

// alone tells of an element that the other document does not have: other is what it would be in there.
func (c *comparison) alone(kind DifferenceKind, one, other *tree) {
	markup := one.el.Raw()
	d := differenceOf(kind, one.el, other.el, "", "", markup)
	if kind == DifferenceMissing {
		d = differenceOf(kind, one.el, other.el, "", markup, "")
	} else {
		d.want, d.have = other.el, one.el
	}
	d.ByServer = c.wholeByServer(one.el)
	c.tell(d)
}

// entries compares the entries of two packages, the documents aside.
func (c *comparison) entries(want, have *File) error {
	extracts := map[string]bool{}
	for ds := range want.Datasources() {
		if x, ok := want.ExtractFile(ds); ok {
			extracts[x.Entry] = true
		}
	}
	there := map[string]packaging.Entry{}
	for e := range have.files() {
		there[e.Name] = e
	}
	for e := range want.files() {
		if c.stopped {
			return nil
		}
		now, ok := there[e.Name]
		delete(there, e.Name)
		if !ok {
			c.tell(difference{Difference: Difference{Entry: e.Name, Kind: DifferenceMissing, Want: bytesOf(e)}})
			continue
		}
		same, err := sameContent(want, have, e, now)
		switch {
		case err != nil:
			return err
		case !same:
			d := Difference{Entry: e.Name, Kind: DifferenceChanged, Want: bytesOf(e), Have: bytesOf(now)}
			if extracts[e.Name] && c.Refreshed {
				d.ByServer = "its extract is refreshed there"
			}
			c.tell(difference{Difference: d})
		}
	}
	for e := range have.files() {
		if _, ok := there[e.Name]; ok {
			c.tell(difference{Difference: Difference{Entry: e.Name, Kind: DifferenceAdded, Have: bytesOf(e)}})
		}
	}
	return nil
}

func bytesOf(e packaging.Entry) string { return fmt.Sprintf("%d bytes", e.Size) }

// files lists the entries beside the document that are files.
func (f *File) files() iter.Seq[packaging.Entry] {
	return func(yield func(packaging.Entry) bool) {
		for e := range f.unsized() {
			if !e.IsDir() && e.Name != f.documentEntry() && !yield(e) {
				return
			}
		}
	}
}

// sameContent reads the same entry of two files, unless its size tells them apart.
func sameContent(want, have *File, a, b packaging.Entry) (same bool, err error) {
	if a.Size != b.Size {
		return false, nil
	}
	_, e, err := want.findEntry(a.Name)
	if err != nil {
		return false, err
	}
	content, err := want.contentOf(e)
	if err != nil {
		return false, err
	}
	wanted, _, err := content.Open()
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, wanted.Close()) }()
	there, err := have.pkg.OpenEntry(b.Name)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, there.Close()) }()
	return equalStreams(wanted, there)
}

// normalized is text as XML and people read it, whatever ends its lines.
func normalized(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }
