package tds

import (
	"iter"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// roots lists the root of the document and those of the copies of published data sources
// that are nested in it.
func (ps Parameters) roots() iter.Seq2[xmledit.Element, error] {
	return func(yield func(xmledit.Element, error) bool) {
		var list func(root xmledit.Element) bool
		list = func(root xmledit.Element) bool {
			if !yield(root, nil) {
				return false
			}
			for ds := range datasourcesOf(root) {
				for nested, err := range ds.Nested() {
					if err != nil {
						yield(xmledit.Element{}, err)
						return false
					}
					if !list(nested.el) {
						return false
					}
				}
			}
			return true
		}
		list(ps.root())
	}
}

// datasourcesOf lists the data sources of a document, given by its root.
func datasourcesOf(root xmledit.Element) iter.Seq[*Datasource] {
	return func(yield func(*Datasource) bool) {
		if root.Name() == "datasource" {
			yield(Wrap(root))
			return
		}
		for el := range root.Child("datasources").Children("datasource") {
			if ds := Wrap(el); !ds.IsParameters() && !yield(ds) {
				return
			}
		}
	}
}

// columns visits the columns of all parameters: masters, and copies in views, dashboards, data
// sources and nested data sources, each with the root of the document it stands in.
func (ps Parameters) columns(visit func(root, el xmledit.Element)) error {
	for root, err := range ps.roots() {
		if err != nil {
			return err
		}
		for holder := range root.Descendants("datasource", "datasource-dependencies") {
			if !holdsParameters(holder) {
				continue
			}
			for el := range holder.Children("column") {
				visit(root, el)
			}
		}
	}
	return nil
}

// copies lists all columns of one parameter.
func (ps Parameters) copies(name string) (all []xmledit.Element, err error) {
	err = ps.columns(func(_, el xmledit.Element) {
		if el.Value("name") == name {
			all = append(all, el)
		}
	})
	return all, err
}

// holdsParameters tells whether an element is the data source of parameters, or a block of
// copies of them.
func holdsParameters(el xmledit.Element) bool {
	if el.Name() == "datasource" {
		return Wrap(el).IsParameters()
	}
	return el.Value("datasource") == parametersName
}

// copyParameter gives a holder of blocks of copies, a view or a data source, the copy of a
// parameter that every one has which uses it; what is there stays.
func (ds *Datasource) copyParameter(holder xmledit.Element, p parameter) error {
	var block xmledit.Element
	err := ds.el.Document().Following(func() (err error) {
		block, err = ds.parameterBlock(holder)
		return err
	})
	if err != nil {
		return err
	}
	for el := range block.Children("column") {
		if el.Value("name") == p.name() {
			return nil
		}
	}
	skip := "members" // as in most copies outside dashboards (format 12)
	if holder.Name() == "dashboard" {
		skip = ""
	}
	return insertCopy(block, copyNode(p.el, skip))
}

// parameterBlock is the block of copies of parameters in a holder, which is made if there
// is none.
func (ds *Datasource) parameterBlock(holder xmledit.Element) (xmledit.Element, error) {
	if holder != ds.el {
		return dependencyBlock(holder, xmledit.NewNode("datasource", "name", parametersName))
	}
	for block := range ds.el.Children("datasource-dependencies") {
		if block.Value("datasource") == parametersName {
			return block, nil
		}
	}
	return ds.insert(xmledit.NewNode("datasource-dependencies", "datasource", parametersName), "datasource")
}
