package tds

import (
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// childOrder is the order of the children of <datasource> (format 2, from Tableau's
// schema DataSource-CT).
var childOrder = []string{
	"document-format-change-manifest", "repository-location", "connection", "utility-dimensions", "dimension",
	"overridable-settings", "aliases", "column", "column-instance", "group", "mapped-images", "drill-paths",
	"unlinked-server-hierarchies", "folder", "folders-common", "folders-parameters", "actions", "calculated-members",
	"extract", "layout", "style", "semantic-values", "date-options", "default-date-format", "default-sorts",
	"field-sort-info", "datasource-dependencies", "explainability", "filter", "analytic-model", "object-graph",
	"default-calendar-type", "data-source-tree",
}

// insert puts n among the children of the data source: at its place in the order
// of the schema, and among its like at the place in byte order of attribute key.
func (ds *Datasource) insert(n *xmledit.Node, key string) (xmledit.Element, error) {
	return insertInOrder(ds.el, childOrder, n, key)
}

// insertInOrder puts n among the children of parent, whose order is given, as
// [Datasource.insert] does.
func insertInOrder(parent xmledit.Element, order []string, n *xmledit.Node, key string) (xmledit.Element, error) {
	value := ""
	for _, a := range n.Attrs {
		if a.Name == key {
			value = a.Value
		}
	}
	rank := slices.Index(order, n.Name)
	var next xmledit.Element // the first child that must stand after n
	for c := range parent.Children() {
		r := slices.Index(order, c.Name())
		if r < 0 { // unknown: stays with what comes before it
			continue
		}
		after := r > rank || r == rank && strings.Compare(c.Value(key), value) > 0
		if after && !next.Exists() {
			next = c
		} else if !after {
			next = xmledit.Element{}
		}
	}
	return parent.Insert(n, next)
}
