package tds

import (
	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// SplitName is for the packages of this module that read views: a qualified name taken apart
// into the internal name of the data source and the name in it, [none:X:nk] of
// [federated.a].[none:X:nk]. What is not qualified has no data source (format 8).
func SplitName(name string) (datasource, inner string) {
	qualifier, inner := splitReference(name)
	return Unbracket(qualifier), inner
}

// Qualified is for the packages of this module that write views: the name of something in
// the data source as views have it, [federated.a].[none:X:nk] of [none:X:nk].
func (ds *Datasource) Qualified(name string) string { return bracket(ds.Name()) + "." + name }

// CopyInstance is for the packages of this module that make views use a field: it gives each
// view the copies of the field and of its instance, continuous or discrete, and returns the
// name of that (format 9.3). Copies that are there stay.
func (ds *Datasource) CopyInstance(c Column, continuous bool, views ...xmledit.Element) (string, error) {
	blocks, err := ds.copyColumn(c, views)
	if err != nil {
		return "", err
	}
	n := c.instance(continuous)
	name := nodeAttr(n, "name")
	for _, block := range blocks {
		if hasInstance(block, name) {
			continue
		}
		if err := insertCopy(block, n); err != nil {
			return "", err
		}
	}
	return name, nil
}

// hasInstance tells whether a block of copies has an instance.
func hasInstance(block xmledit.Element, name string) bool {
	for el := range block.Children("column-instance") {
		if el.Value("name") == name {
			return true
		}
	}
	return false
}

// CopyColumn is for the packages of this module that make views use a field itself, without
// an instance, as groups are used: it gives each view the copy of the field. A copy that is
// there stays.
func (ds *Datasource) CopyColumn(c Column, views ...xmledit.Element) error {
	_, err := ds.copyColumn(c, views)
	return err
}

// copyColumn gives views the copy of a field, in the blocks that it returns, with those that
// its formula refers to. It is for all views at once, because the fields of the data source
// are read for it.
func (ds *Datasource) copyColumn(c Column, views []xmledit.Element) ([]xmledit.Element, error) {
	listed := xmledit.NewNode("datasource", "name", ds.Name())
	if caption := ds.Caption(); caption != "" {
		listed.Attrs = append(listed.Attrs, xmledit.Attr{Name: "caption", Value: caption})
	}
	blocks := make([]xmledit.Element, len(views))
	err := ds.el.Document().Following(func() (err error) {
		for i, view := range views {
			if blocks[i], err = dependencyBlock(view, listed); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return blocks, ds.completeCopies(blocks, c.Name)
}

// dependencyBlock is the block of copies in a view or dashboard that is for a data source,
// which is made if there is none; the data source is then also listed among those that the
// view uses, as listed says. The blocks of a view are in the order of the names, after the
// lists of data sources and maps (format 9.3).
func dependencyBlock(view xmledit.Element, listed *xmledit.Node) (xmledit.Element, error) {
	name := nodeAttr(listed, "name")
	var first, next xmledit.Element
	found := false
	for c := range view.Children() {
		if !first.Exists() {
			first = c
		}
		isBlock := c.Name() == "datasource-dependencies"
		before := isBlock || c.Name() == "datasources" || c.Name() == "mapsources"
		switch {
		case isBlock && c.Value("datasource") == name:
			return c, nil
		case next.Exists():
		case isBlock && c.Value("datasource") > name, found && !before:
			next = c
		}
		found = found || before
	}
	if !found {
		next = first
	}
	if err := listDatasource(view.Child("datasources"), listed); err != nil {
		return xmledit.Element{}, err
	}
	return view.Insert(xmledit.NewNode("datasource-dependencies", "datasource", name), next)
}

// listDatasource adds a data source to those that a view says it uses.
func listDatasource(list xmledit.Element, n *xmledit.Node) error {
	if !list.Exists() {
		return nil
	}
	for el := range list.Children("datasource") {
		if el.Value("name") == nodeAttr(n, "name") {
			return nil
		}
	}
	_, err := list.Append(n)
	return err
}
