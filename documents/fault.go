package documents

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// FaultKind is what is wrong with a document.
type FaultKind string

// The kinds of faults.
const (
	// FaultReference names something that is not there: a connection, table, field, parameter, data source or sheet.
	FaultReference FaultKind = "reference"
	// FaultDuplicate is something of which there can be one, and is there twice.
	FaultDuplicate FaultKind = "duplicate"
	// FaultOrder is an element that stands after one that it belongs before: Tableau reads elements in one order.
	FaultOrder FaultKind = "order"
	// FaultFeature is something that the list of features in front of the document does not have, so that Tableau does not
	// know it, and a prefix of a name that is not declared.
	FaultFeature FaultKind = "feature"
	// FaultValue is a value that its parameter cannot have.
	FaultValue FaultKind = "value"
	// FaultFile is a file that is not in the package, although the document reads it.
	FaultFile FaultKind = "missing"
	// FaultSchema is what a schema has against the document, see [File.Validate].
	FaultSchema FaultKind = "schema"
)

// A Fault is something in a document that Tableau refuses, or leaves out without a word.
type Fault struct {
	Kind FaultKind
	// Subject is what it is about, wherever that stands: two faults of one kind and subject are the same fault in two places.
	Subject string
	// Path is the place in the document, of an element or an attribute. Line and Col are those of its element, from 1: in the
	// document as it was opened, where an element that an edit made has those of what it was put into.
	Path      string
	Line, Col int
	// Text says in words what is wrong.
	Text string
}

// String is the fault in one line.
func (f Fault) String() string {
	return fmt.Sprintf("%s: %d:%d %s: %s", f.Kind, f.Line, f.Col, f.Path, f.Text)
}

// Faults lists what Tableau would refuse in the file with its edits, or not show: names of what is not there, names that are
// there twice, elements out of order, features that are used and not listed, values outside of their lists, files that are
// missing in the package. They come in the order of the document.
//
// It reads the document as a program does that knows every feature of it: what stands there for older ones is not looked at.
// Files that work have faults, too: what Tableau itself left behind, and what other programs wrote. See [NewFaults] for those
// that edits brought.
func (f *File) Faults() iter.Seq[Fault] {
	return func(yield func(Fault) bool) {
		s := newFaultScan(f)
		s.features()
		s.orders(s.root)
		s.datasources()
		s.dependencies()
		s.sheets()
		s.views()
		s.parametersNamed(s.root)
		s.files()
		slices.SortStableFunc(s.found, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col)) })
		for _, fault := range s.found {
			if !yield(fault) {
				return
			}
		}
	}
}

// NewFaults divides the faults of a file into those that it has and another, which it was made of, has not, and the rest. A
// fault that both have counts as often as the other has it, wherever it stands there.
func NewFaults(before, after []Fault) (introduced, there []Fault) {
	type key struct {
		kind          FaultKind
		subject, path string
	}
	left := map[key]int{} // of the faults before, in their places and by their subjects alone
	for _, b := range before {
		left[key{b.Kind, b.Subject, b.Path}]++
		left[key{b.Kind, b.Subject, ""}]++
	}
	known := make([]bool, len(after))
	take := func(i int, path string) {
		a := after[i]
		place, subject := key{a.Kind, a.Subject, path}, key{a.Kind, a.Subject, ""}
		if !known[i] && left[place] > 0 && left[subject] > 0 {
			known[i] = true
			left[subject]--
			if path != "" {
				left[place]--
			}
		}
	}
	for i, a := range after { // in the same place first
		take(i, a.Path)
	}
	for i := range after {
		take(i, "")
	}
	for i, a := range after {
		if known[i] {
			there = append(there, a)
		} else {
			introduced = append(introduced, a)
		}
	}
	return introduced, there
}

// faultScan looks for faults.
type faultScan struct {
	file        *File
	root        *faultNode
	sources     []*faultNode // the data sources
	found       []Fault
	parameters  set
	sourceNames set
	masters     scope // what the data sources themselves have
}

// set is names that are there.
type set map[string]bool

// newFaultScan reads the document.
func newFaultScan(f *File) *faultScan {
	s := &faultScan{file: f, root: newestOf(f.doc.Root(), nil), sourceNames: set{"Parameters": true}, masters: scope{}, parameters: set{}}
	if f.kind.IsWorkbook() {
		for list := range s.root.each("datasources") {
			s.sources = slices.AppendSeq(s.sources, list.each("datasource"))
		}
	} else {
		s.sources = []*faultNode{s.root}
		for deps := range s.root.each("datasource-dependencies") { // the parameters of its calculations are those it has copies of
			if deps.value("datasource") == "Parameters" {
				s.parameters.add(deps, "column")
			}
		}
	}
	for _, ds := range s.sources {
		name := ds.value("name")
		s.sourceNames[name] = true
		s.masters.add(name, fieldsOf(ds))
		if name == "Parameters" && f.kind.IsWorkbook() {
			s.parameters.add(ds, "column")
		}
	}
	return s
}

func (names set) add(parent *faultNode, kinds ...string) {
	for c := range parent.each(kinds...) {
		names[c.value("name")] = true
	}
}

// tell notes a fault at an element, or at an attribute of it.
func (s *faultScan) tell(kind FaultKind, at *faultNode, attr, subject, text string) {
	pos := at.el.Position()
	path := at.el.Path()
	if attr != "" {
		path += "/@" + attr
	}
	s.found = append(s.found, Fault{kind, subject, path, pos.Line, pos.Col, text})
}

// need notes that something names what is not there.
func (s *faultScan) need(there set, at *faultNode, attr, what, name string) {
	if !there[name] {
		s.tell(FaultReference, at, attr, what+" "+name, fmt.Sprintf("it names the %s %s, which is not there", what, strconv.Quote(name)))
	}
}

// once notes a name that is there already.
func (s *faultScan) once(there set, at *faultNode, attr, what, name string) {
	if there[name] {
		s.tell(FaultDuplicate, at, attr, what+" "+name, fmt.Sprintf("it is the second %s %s", what, strconv.Quote(name)))
	}
	there[name] = true
}

// faultNode is an element as a program reads it that knows every feature.
type faultNode struct {
	el       xmledit.Element
	name     string
	attrs    []xmledit.Attr // by their local names
	children []*faultNode
	parent   *faultNode
	leaf     bool // it has no children in the document
}

// newestOf reads an element. What stands in it for programs that do not know a feature is left out.
func newestOf(el xmledit.Element, parent *faultNode) *faultNode {
	n := &faultNode{el: el, name: el.Name(), parent: parent, leaf: true}
	for a := range el.Attrs() {
		if forNewest(a.Name) {
			n.attrs = append(n.attrs, xmledit.Attr{Name: xmledit.LocalName(a.Name), Value: a.Value})
		}
	}
	for child := range el.Children() {
		n.leaf = false
		if forNewest(child.FullName()) {
			n.children = append(n.children, newestOf(child, n))
		}
	}
	return n
}

// forNewest tells whether a name is for programs that know the features it is prefixed with.
func forNewest(name string) bool {
	if !strings.HasPrefix(name, "_.fcp.") {
		return true
	}
	return !slices.ContainsFunc(xmledit.Features(name), func(f xmledit.Feature) bool { return !f.On })
}

// attr is an attribute, not ok if it is not there.
func (n *faultNode) attr(name string) (string, bool) {
	for _, a := range n.attrs {
		if a.Name == name {
			return a.Value, true
		}
	}
	return "", false
}

// value is an attribute, "" if it is not there.
func (n *faultNode) value(name string) string {
	value, _ := n.attr(name)
	return value
}

// text is that of an element; of one with children nobody asks for it.
func (n *faultNode) text() string {
	if !n.leaf {
		return ""
	}
	return n.el.Text()
}

// each lists the children of some names, or all.
func (n *faultNode) each(names ...string) iter.Seq[*faultNode] {
	return func(yield func(*faultNode) bool) {
		for _, c := range n.children {
			if (len(names) == 0 || slices.Contains(names, c.name)) && !yield(c) {
				return
			}
		}
	}
}

// all lists the descendants of some names, or all, in document order.
func (n *faultNode) all(names ...string) iter.Seq[*faultNode] {
	return func(yield func(*faultNode) bool) { n.descend(names, yield) }
}

func (n *faultNode) descend(names []string, yield func(*faultNode) bool) bool {
	for _, c := range n.children {
		if (len(names) == 0 || slices.Contains(names, c.name)) && !yield(c) || !c.descend(names, yield) {
			return false
		}
	}
	return true
}

// at lists the elements that a path of names leads to.
func (n *faultNode) at(names ...string) iter.Seq[*faultNode] {
	return func(yield func(*faultNode) bool) { n.follow(names, yield) }
}

func (n *faultNode) follow(names []string, yield func(*faultNode) bool) bool {
	if len(names) == 0 {
		return yield(n)
	}
	for c := range n.each(names[0]) {
		if !c.follow(names[1:], yield) {
			return false
		}
	}
	return true
}
