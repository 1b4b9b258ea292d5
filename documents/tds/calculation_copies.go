package tds

import (
	"slices"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// A block of copies holds whatever the formulas in it refer to: in real files 426 of 430
// references to fields have their column in the block, and all to parameters have theirs
// beside it.

// completeCopies adds to blocks of copies of this data source the columns that a formula
// refers to, and those that their formulas refer to.
func (ds *Datasource) completeCopies(blocks []xmledit.Element, formula string) error {
	if len(blocks) == 0 {
		return nil
	}
	masters, fields := map[string]xmledit.Element{}, map[string]Column{}
	for el := range ds.el.Children("column") {
		masters[el.Value("name")] = el
	}
	for c := range ds.Columns() {
		fields[c.Name] = c
	}
	var complete func(block xmledit.Element, there map[string]bool, formula string) error
	complete = func(block xmledit.Element, there map[string]bool, formula string) error {
		for _, ref := range references(formula) {
			qualifier, name := splitReference(ref)
			c, ok := fields[name]
			if own := qualifier == "" || Unbracket(qualifier) == ds.Name(); !own || !ok || there[name] {
				continue
			}
			there[name] = true
			n := c.node()
			if master := masters[name]; master.Exists() {
				n = copyNode(master, "")
			}
			if err := insertCopy(block, n); err != nil {
				return err
			}
			if err := complete(block, there, c.Formula); err != nil {
				return err
			}
		}
		return ds.copyParameters(block.Parent(), formula)
	}
	for _, block := range blocks {
		there := map[string]bool{}
		for el := range block.Children("column") {
			there[el.Value("name")] = true
		}
		if err := complete(block, there, formula); err != nil {
			return err
		}
	}
	return nil
}

// copyParameters gives a holder of blocks of copies those of the parameters that a formula
// refers to.
func (ds *Datasource) copyParameters(holder xmledit.Element, formula string) error {
	for _, ref := range references(formula) {
		qualifier, name := splitReference(ref)
		if Unbracket(qualifier) != parametersName {
			continue
		}
		for p := range ds.parameters().each() {
			if p.name() != name {
				continue
			}
			if err := ds.copyParameter(holder, p); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// insertCopy puts a copy of a column into a block, which is in the order of names. It
// follows from what uses the column: a rule may still change that one.
func insertCopy(block xmledit.Element, n *xmledit.Node) error {
	var next xmledit.Element
	for el := range block.Children() { // a style may come last
		if el.Name() == "style" || el.Value("name") > nodeAttr(n, "name") {
			next = el
			break
		}
	}
	return block.Document().Following(func() error {
		_, err := block.Insert(n, next)
		return err
	})
}

// copyNode is a copy of an element, to be inserted elsewhere, without its children called
// skip.
func copyNode(el xmledit.Element, skip string) *xmledit.Node {
	n := &xmledit.Node{Name: el.FullName(), Attrs: slices.Collect(el.Attrs())}
	inner := false
	for c := range el.Children() {
		inner = true
		if c.Name() != skip {
			n.Add(copyNode(c, ""))
		}
	}
	if !inner {
		n.Text = el.Text()
	}
	return n
}
