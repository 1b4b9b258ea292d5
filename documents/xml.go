package documents

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// Element is a place in the document of a file, for what no verb covers. It sees the edits
// made to the file and stays valid until it is removed; an edit of one that was is an error.
//
// It knows nothing of Tableau: what has copies elsewhere is only changed here. See the verbs
// of packages tds and twb for what people change.
type Element struct {
	el xmledit.Element
}

// Elements are the elements of the document that path selects, in the order of the document.
// Paths are as [File.Changes] prints them for elements:
//
//	/workbook/datasources/datasource[@name='federated.1']/connection
//	//relation[@name='orders'][2]
//
// A step is the name of a child, behind `//` of an element at any depth. A name stands for
// all its forms, with feature prefixes and without (format 4). [@name] narrows a step to those
// that have the attribute, [@name='x'] to those where it has the value, in which a quote is
// written &apos;, and [2] to the second of those that are left in one parent. The copy of a
// published data source that another holds as text (format 7) is a child of the attribute
// that holds it.
//
// A path that selects nothing is a [*tds.NotFoundError], which says how far it leads and
// what there is.
func (f *File) Elements(path string) ([]Element, error) {
	p, err := xmledit.ParsePath(path)
	if err != nil {
		return nil, err
	}
	s, err := f.doc.Select(p, tds.Inside)
	if err != nil {
		return nil, fmt.Errorf("selecting %s: %w", path, err)
	}
	if len(s.Elements) == 0 {
		for i, step := range s.There {
			s.There[i] = redactSteps(step)
		}
		return nil, &tds.NotFoundError{What: "element " + redactSteps(path), Where: redactSteps(s.Matched), There: s.There}
	}
	found := make([]Element, len(s.Elements))
	for i, el := range s.Elements {
		found[i] = Element{el}
	}
	return found, nil
}

// CheckPath says what is wrong with a path, see [File.Elements]; nil if it can be one.
func CheckPath(path string) error {
	_, err := xmledit.ParsePath(path)
	return err
}

// Element is the one element of the document that path selects, see [File.Elements]. None is
// a [*tds.NotFoundError], several are a [*tds.AmbiguousError].
func (f *File) Element(path string) (Element, error) {
	found, err := f.Elements(path)
	if err != nil {
		return Element{}, err
	}
	if len(found) > 1 {
		var paths []string
		for _, e := range found {
			paths = append(paths, e.Path())
		}
		return Element{}, &tds.AmbiguousError{What: "element " + redactSteps(path), Matches: paths}
	}
	return found[0], nil
}

// attrCondition is the condition of a path on an attribute.
var attrCondition = regexp.MustCompile(`\[@([^=\]]+)=('[^']*'|"[^"]*")\]`)

// redactSteps hides the secrets in the conditions of a path.
func redactSteps(path string) string {
	return attrCondition.ReplaceAllStringFunc(path, func(condition string) string {
		m := attrCondition.FindStringSubmatch(condition)
		quote, value := m[2][:1], m[2][1:len(m[2])-1]
		return "[@" + m[1] + "=" + quote + tds.Redact(m[1], value) + quote + "]"
	})
}

// Path selects e and nothing else, in the file as it was opened or, for what was inserted,
// as it is now.
func (e Element) Path() string { return e.el.Path() }

// Position is where e begins in the document as it was opened, line and column from 1.
func (e Element) Position() (line, col int) {
	p := e.el.Position()
	return p.Line, p.Col
}

// Name is the name as written, with its feature prefixes.
func (e Element) Name() string { return e.el.FullName() }

// Attr reads an attribute, feature prefixes aside; the second result tells whether it is
// there. The value of a password is given as it is.
func (e Element) Attr(name string) (string, bool) { return e.el.Attr(name) }

// Attrs lists the attributes by their names as written. The value of a password is given as
// it is: show values through [tds.Redact].
func (e Element) Attrs() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for a := range e.el.Attrs() {
			if !yield(a.Name, a.Value) {
				return
			}
		}
	}
}

// Text is the text directly inside e, without markup.
func (e Element) Text() string { return e.el.Text() }

// Datasource is the data source that e stands in or is: of the document, not the copy of a
// published one. Elements elsewhere in a workbook, and those of its parameters, have none.
func (e Element) Datasource() (ds *tds.Datasource, ok bool) {
	for el := e.el; el.Exists(); {
		parent, holder := el.Parent(), el.Holder()
		if !holder.Exists() && el.Name() == "datasource" && (!parent.Exists() || parent.Name() == "datasources" && !parent.Parent().Parent().Exists()) {
			ds = tds.Wrap(el)
			return ds, !ds.IsParameters()
		}
		if el = parent; !el.Exists() {
			el = holder
		}
	}
	return nil, false
}

// String is the place of e in words: its path.
func (e Element) String() string { return e.Path() }

// SetAttr sets an attribute in every form it has, or adds it at its place in byte order. One
// that is added needs a prefix that is declared; that of Tableau's user attributes is declared
// where it is not.
func (e Element) SetAttr(name, value string) error {
	return e.edit(func() error {
		prefix, _, ok := strings.Cut(name, ":")
		if _, there := e.el.Attr(name); ok && !there && !declared(e.el, prefix) {
			if err := e.declare(prefix); err != nil {
				return err
			}
		}
		return e.el.SetAttr(name, value)
	})
}

// RemoveAttr removes an attribute in every form it has; none is no error. The declaration of
// a prefix that is used cannot be removed.
func (e Element) RemoveAttr(name string) error {
	return e.edit(func() error {
		remove := func() error { return e.el.RemoveAttr(name) }
		if strings.HasPrefix(name, "xmlns:") {
			return e.declaring(remove)
		}
		return remove()
	})
}

// SetText replaces the text of an element without child elements, in the style it is written
// in: CDATA stays CDATA.
func (e Element) SetText(text string) error {
	return e.edit(func() error { return e.el.SetText(text) })
}

// Remove takes e out of the document, with its line if it has one of its own. The root
// element cannot be removed.
func (e Element) Remove() error { return e.edit(e.el.Remove) }

// Edit hands e out as an etree element and writes back what edit changes in it: attributes,
// text, children added, removed or moved, at any depth. Unchanged tokens keep their bytes,
// new ones are written as Tableau writes them; an error undoes everything. A prefix must be
// declared, as in [Element.SetAttr]. The element must not be kept beyond the call.
func (e Element) Edit(edit func(*etree.Element) error) error {
	return e.edit(func() error {
		return e.declaring(func() error { return e.el.Edit(edit) })
	})
}

// edit runs an edit, all or nothing, and says which element it failed on; that of a removed
// element has a path still.
func (e Element) edit(edit func() error) error {
	err := errors.New("there is no such element")
	if e.el.Exists() {
		err = e.el.Document().Atomically("", edit)
	}
	if err != nil {
		return fmt.Errorf("editing element %s: %w", strconv.Quote(e.Path()), err)
	}
	return nil
}

// declaring runs an edit of e after which prefixes are declared, but those that were not
// before.
func (e Element) declaring(edit func() error) error {
	before := undeclared(e.el)
	if err := edit(); err != nil {
		return err
	}
	for _, prefix := range undeclared(e.el) {
		if slices.Contains(before, prefix) {
			continue
		}
		if err := e.declare(prefix); err != nil {
			return err
		}
	}
	return nil
}

// declare declares the one prefix whose meaning is known.
func (e Element) declare(prefix string) error {
	if prefix != "user" {
		return fmt.Errorf("no prefix %q is declared there: add %q with its namespace first", prefix, "xmlns:"+prefix)
	}
	return e.el.Document().Root().SetAttr("xmlns:"+prefix, tds.UserNamespace)
}

// declared tells whether names of el may have a prefix.
func declared(el xmledit.Element, prefix string) bool {
	if prefix == "xml" || prefix == "xmlns" {
		return true
	}
	for ; el.Exists(); el = el.Parent() {
		if _, ok := el.Attr("xmlns:" + prefix); ok {
			return true
		}
	}
	return false
}

// undeclared lists the prefixes of el, and of what is in it, that are not declared.
func undeclared(el xmledit.Element) (prefixes []string) {
	known := map[string]bool{} // whether they are declared for el
	look := func(in xmledit.Element, name string) {
		prefix, _, ok := strings.Cut(name, ":")
		if !ok {
			return
		}
		if _, seen := known[prefix]; !seen {
			known[prefix] = declared(el, prefix)
		}
		if !known[prefix] && !slices.Contains(prefixes, prefix) && !declared(in, prefix) {
			prefixes = append(prefixes, prefix)
		}
	}
	all := func(in xmledit.Element) {
		look(in, in.FullName())
		for a := range in.Attrs() {
			look(in, a.Name)
		}
	}
	all(el)
	for in := range el.Descendants() {
		all(in)
	}
	return prefixes
}
