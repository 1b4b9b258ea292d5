package tds

import (
	"slices"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// A block of copies holds whatever the formulas in it refer to: in real files 426 of 430
// references to fields have their column in the block, and all to parameters have theirs
// beside it.

// completeCopies adds to a block of copies of this data source the columns that a formula
// refers to, and those that their formulas refer to.
func (ds *Datasource) completeCopies(block xmledit.Element, formula string) error {
	there, fields := map[string]bool{}, map[string]Column{}
	for el := range block.Children("column") {
		there[el.Value("name")] = true
	}
	for c := range ds.Columns() {
		fields[c.Name] = c
	}
	var complete func(formula string) error
	complete = func(formula string) error {
		for _, ref := range references(formula) {
			c, ok := fields[ref]
			if !ok || there[ref] {
				continue
			}
			there[ref] = true
			n := c.node()
			if master := ds.columnElement(ref); master.Exists() {
				n = copyNode(master)
			}
			if err := insertCopy(block, n); err != nil {
				return err
			}
			if err := complete(c.Formula); err != nil {
				return err
			}
		}
		return ds.copyParameters(block.Parent(), formula)
	}
	return complete(formula)
}

// copyParameters gives a holder of blocks of copies, a view or a data source, those of the
// parameters that a formula refers to.
func (ds *Datasource) copyParameters(holder xmledit.Element, formula string) error {
	for _, ref := range references(formula) {
		qualifier, name := splitReference(ref)
		if Unbracket(qualifier) != parametersName {
			continue
		}
		for _, el := range ds.parameterColumns() {
			if el.Value("name") != name {
				continue
			}
			if err := ds.copyParameter(holder, el); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

func (ds *Datasource) copyParameter(holder, parameter xmledit.Element) error {
	block, err := ds.parameterBlock(holder)
	if err != nil {
		return err
	}
	for el := range block.Children("column") {
		if el.Value("name") == parameter.Value("name") {
			return nil
		}
	}
	skip := "members" // as in most copies outside dashboards (format 12)
	if holder.Name() == "dashboard" {
		skip = ""
	}
	return insertCopy(block, copyNode(parameter, skip))
}

// parameterBlock is the block of copies of parameters in a holder, which is made if there
// is none.
func (ds *Datasource) parameterBlock(holder xmledit.Element) (xmledit.Element, error) {
	var next xmledit.Element // the blocks of a view are in the order of names
	found := false
	for c := range holder.Children() {
		isBlock := c.Name() == "datasource-dependencies"
		switch {
		case isBlock && c.Value("datasource") == parametersName:
			return c, nil
		case next.Exists():
		case isBlock && c.Value("datasource") > parametersName, found && !isBlock:
			next = c
		}
		found = found || isBlock
	}
	n := xmledit.NewNode("datasource-dependencies", "datasource", parametersName)
	if holder == ds.el {
		return ds.insert(n, "datasource")
	}
	if err := listParameters(holder.Child("datasources")); err != nil {
		return xmledit.Element{}, err
	}
	return holder.Insert(n, next)
}

// listParameters adds the data source of parameters to those that a view says it uses.
func listParameters(list xmledit.Element) error {
	if !list.Exists() {
		return nil
	}
	for el := range list.Children("datasource") {
		if el.Value("name") == parametersName {
			return nil
		}
	}
	_, err := list.Append(xmledit.NewNode("datasource", "name", parametersName))
	return err
}

// insertCopy puts a copy of a column into a block, which is in the order of names.
func insertCopy(block xmledit.Element, n *xmledit.Node) error {
	var next xmledit.Element
	for el := range block.Children() {
		if el.Value("name") > nodeAttr(n, "name") {
			next = el
			break
		}
	}
	_, err := block.Insert(n, next)
	return err
}

// copyNode is a copy of an element, without the children called skip.
func copyNode(el xmledit.Element, skip ...string) *xmledit.Node {
	n := &xmledit.Node{Name: el.FullName(), Attrs: slices.Collect(el.Attrs())}
	for c := range el.Children() {
		if len(skip) == 0 || c.Name() != skip[0] {
			n.Add(copyNode(c))
		}
	}
	if len(n.Children) == 0 {
		n.Text = el.Text()
	}
	return n
}
