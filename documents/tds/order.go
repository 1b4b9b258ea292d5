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
	value := nodeAttr(n, key)
	rank := slices.Index(order, xmledit.LocalName(n.Name))
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

// insertColumns puts columns, given in byte order of their names, where insert would put
// each, looking at the children of the data source once for all.
func (ds *Datasource) insertColumns(columns []*xmledit.Node) error {
	rank := slices.Index(childOrder, "column")
	type place struct {
		least string          // of the names from here on; "" before what stands before columns
		next  xmledit.Element // what stands after it
	}
	places := []place{{}}
	open := true // the last place has no next yet
	for c := range ds.el.Children() {
		r := slices.Index(childOrder, c.Name())
		if r < 0 { // unknown: stays with what comes before it
			continue
		}
		if open {
			places[len(places)-1].next = c
		}
		if open = r <= rank; open {
			p := place{}
			if r == rank {
				p.least = c.Value("name")
			}
			places = append(places, p)
		}
	}
	for i := len(places) - 2; i >= 0; i-- {
		places[i].least = min(places[i].least, places[i+1].least)
	}
	placed := make([]xmledit.Placed, len(columns))
	at := 0
	for i, n := range columns {
		for at+1 < len(places) && places[at+1].least <= nodeAttr(n, "name") {
			at++
		}
		placed[i] = xmledit.Placed{Node: n, Before: places[at].next}
	}
	_, err := ds.el.InsertAll(placed...)
	return err
}

func nodeAttr(n *xmledit.Node, name string) string {
	for _, a := range n.Attrs {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}
