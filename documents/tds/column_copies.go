package tds

import (
	"iter"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// dependencies lists the blocks in which views, dashboards, actions and other data sources
// of the document keep copies of the columns of ds that they use (format 8). Names are
// compared whole: one may begin with another.
func (ds *Datasource) dependencies() iter.Seq[xmledit.Element] {
	return func(yield func(xmledit.Element) bool) {
		name := ds.Name()
		if name == "" {
			return
		}
		for block := range ds.el.Document().Root().Descendants("datasource-dependencies") {
			if block.Value("datasource") == name && !yield(block) {
				return
			}
		}
	}
}

// columnPlaces are the column of a field and its copies in the rest of the document.
type columnPlaces struct {
	master xmledit.Element
	copies []xmledit.Element
}

// places finds the column of a field, which is made if only metadata tells of it, and its
// copies.
func (ds *Datasource) places(c Column) (columnPlaces, error) {
	if err := ds.ensureColumn(c); err != nil {
		return columnPlaces{}, err
	}
	p := columnPlaces{master: ds.columnElement(c.Name)}
	for block := range ds.dependencies() {
		for el := range block.Children("column") {
			if el.Value("name") == c.Name {
				p.copies = append(p.copies, el)
			}
		}
	}
	return p, nil
}

// noteHidden tells which views use a field that is hidden now: those that have an instance
// of it, not those that only have a formula of it.
func (p columnPlaces) noteHidden(c Column) {
	var views []string
	for _, el := range p.copies {
		for instance := range el.Parent().Children("column-instance") {
			if instance.Value("column") == c.Name {
				views = append(views, userOf(instance))
				break
			}
		}
	}
	if len(views) > 0 {
		p.master.NoteWhile("hidden", "%s is hidden, and used by %s", c.Label(), list(views))
	}
}

// change gives a fact of a column another value, "" for none, in the column and in the
// copies that have the old one: copies drift, and what is different was meant to be or is
// nobody's to guess (format 8). Those are noted; a copy without the fact is common, and
// says nothing.
func (p columnPlaces) change(what, value string, read func(xmledit.Element) string, write func(xmledit.Element, string) error) error {
	old := read(p.master)
	for _, c := range p.copies {
		switch is := read(c); is {
		case old, value:
			if err := write(c, value); err != nil {
				return err
			}
		case "":
		default:
			c.Note("the %s of this copy stays %q: it was not that of the data source", what, is)
		}
	}
	return write(p.master, value)
}

// changeAttr does that for an attribute; a value of "" removes it.
func (p columnPlaces) changeAttr(what, name, value string) error {
	return p.change(what, value,
		func(el xmledit.Element) string { return el.Value(name) },
		func(el xmledit.Element, value string) error {
			if value == "" {
				return el.RemoveAttr(name)
			}
			return el.SetAttr(name, value)
		})
}
