package tds

import (
	"fmt"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// RemoveCalculatedField removes a calculated field, found by its caption or by its internal
// name in brackets, with its instances in the data source, its places in folders and its
// copies in connections. A field that anything else of the document uses is refused, with
// the list of what does: formulas, filters, sets, views. One that is not there is a
// [*NotFoundError].
func (ds *Datasource) RemoveCalculatedField(field string) error {
	err := ds.el.Document().Atomically("", func() error {
		c, err := ds.calculated(field)
		if err != nil {
			return err
		}
		return ds.removeCalculation(c)
	})
	if err != nil {
		return fmt.Errorf("removing calculated field %s of %s: %w", strconv.Quote(field), ds, err)
	}
	return nil
}

func (ds *Datasource) removeCalculation(c Column) error {
	if err := ds.claimCalculation(c.Label(), xmledit.Absent); err != nil {
		return err
	}
	var own []xmledit.Element // what goes with the field
	for el := range ds.el.Children("column", "column-instance") {
		if el.Value("name") == c.Name || el.Name() == "column-instance" && el.Value("column") == c.Name {
			own = append(own, el)
		}
	}
	for _, item := range ds.folderItems() {
		if item.Value("name") == c.Name {
			own = append(own, item)
		}
	}
	for el := range ds.connectionCalculations(c.Name) {
		own = append(own, el)
	}
	isIt := func(m Mention) bool { return m.Of(ds.Name(), c.Name) }
	if users := Users(ds.el.Document().Root(), own, isIt); len(users) > 0 {
		return fmt.Errorf("it is used by %s", list(users))
	}
	for _, el := range own {
		holder := el.Parent()
		if err := el.Remove(); err != nil {
			return err
		}
		if holder.Name() == "calculations" && !hasChildren(holder) {
			if err := holder.Remove(); err != nil {
				return err
			}
		}
	}
	return nil
}

func hasChildren(el xmledit.Element) bool {
	for range el.Children() {
		return true
	}
	return false
}
