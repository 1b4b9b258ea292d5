package tds

import (
	"fmt"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Remove is for the packages of this module that know workbooks: it removes a parameter with
// its copies and its places in folders. One that anything else of the document uses is
// refused, with the list of what does.
func (ps Parameters) Remove(name string) error {
	err := ps.el.Document().Atomically("", func() error {
		p, err := ps.find(name)
		if err != nil {
			return err
		}
		return ps.remove(p)
	})
	if err != nil {
		return fmt.Errorf("removing parameter %s: %w", strconv.Quote(name), err)
	}
	return nil
}

func (ps Parameters) remove(p parameter) error {
	name, ds := p.name(), Wrap(p.el.Parent())
	if err := claimParameter(ds.el, p.label(), xmledit.Absent); err != nil {
		return err
	}
	own, err := ps.copies(name)
	if err != nil {
		return err
	}
	items := ds.parameterItems(name)
	users, err := ps.users(name, append(items, own...))
	if err != nil {
		return err
	}
	if len(users) > 0 {
		return fmt.Errorf("it is used by %s", list(users))
	}
	for _, el := range append(items, own...) {
		block := el.Parent()
		if err := el.Remove(); err != nil {
			return err
		}
		if block.Name() != "datasource-dependencies" || hasChildren(block) {
			continue
		}
		if err := removeBlock(block); err != nil {
			return err
		}
	}
	return ds.removeEmpty()
}

// parameterItems are the places of a parameter in the folders of their data source.
func (ds *Datasource) parameterItems(name string) []xmledit.Element {
	var items []xmledit.Element
	for _, folders := range []string{"folders-common", "folders-parameters"} {
		for item := range ds.el.Child(folders).Descendants("folder-item") {
			for m := range Mentions(item) {
				if m.Of(parametersName, name) {
					items = append(items, item)
				}
			}
		}
	}
	return items
}

// users says what uses a parameter, without what stands in own.
func (ps Parameters) users(name string, own []xmledit.Element) ([]string, error) {
	var users []string
	for root, err := range ps.roots() {
		if err != nil {
			return nil, err
		}
		users = append(users, Users(root, own, func(m Mention) bool { return m.Of(parametersName, name) })...)
	}
	return users, nil
}

// removeBlock removes an empty block of copies of parameters, and what the view that it is in
// says of it in its list of data sources.
func removeBlock(block xmledit.Element) error {
	view := block.Parent()
	if err := block.Remove(); err != nil {
		return err
	}
	return unlistParameters(view)
}

// unlistParameters takes the data source of parameters out of the list of those that a view
// uses, if it has no copies of them.
func unlistParameters(view xmledit.Element) error {
	for other := range view.Children("datasource-dependencies") {
		if holdsParameters(other) {
			return nil
		}
	}
	for el := range view.Child("datasources").Children("datasource") {
		if holdsParameters(el) {
			return el.Remove()
		}
	}
	return nil
}

// removeEmpty removes the data source of parameters if it has none any more, with what views
// still say of it.
func (ds *Datasource) removeEmpty() error {
	for c := range ds.el.Children() {
		if c.Name() != "aliases" {
			return nil
		}
	}
	for view := range ds.el.Document().Root().Descendants("view", "dashboard") {
		if err := unlistParameters(view); err != nil {
			return err
		}
	}
	return ds.el.Remove()
}
