package documents

import (
	"fmt"
	"slices"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// childOrder is the order of the children of elements (format 2, 5.1, 9.2, 12). What is not in the list of its parent may stand
// anywhere.
var childOrder = map[string][]string{
	"workbook": {
		"document-format-change-manifest", "repository-location", "preferences", "style-theme", "style", "datasources", "datasource-relationships", "mapsources",
		"shared-views", "actions", "worksheets", "dashboards", "stories", "windows", "datagraph", "thumbnails", "external", "referenced-extensions",
		"explain-data", "data-orientation",
	},
	"datasource": {
		"document-format-change-manifest", "repository-location", "connection", "overridable-settings", "aliases", "column", "column-instance", "group",
		"mapped-images", "drill-paths", "unlinked-server-hierarchies", "folder", "folders-common", "folders-parameters", "actions", "calculated-members",
		"extract", "layout", "style", "semantic-values", "date-options", "default-date-format", "default-sorts", "field-sort-info",
		"datasource-dependencies", "explainability", "filter", "analytic-model", "object-graph", "default-calendar-type", "data-source-tree",
	},
	"connection": {"named-connections", "relation", "cols", "calculations", "refresh", "metadata-records"},
	"column": {
		"server-captions", "calculation", "utility-members", "aliases", "statistical-model", "semantic-values", "desc", "members", "range",
	},
	"filter":  {"min", "max", "groupfilter", "preset", "target"},
	"extract": {"connection", "filter", "aggregation"},
}

// orders looks at the order of children. Of several that are out of place the first is told of, for each name.
func (s *faultScan) orders(n *faultNode) {
	if order := childOrder[n.name]; order != nil {
		last, told := -1, set{}
		for _, c := range n.children {
			at := slices.Index(order, c.name)
			if at >= 0 && at < last && !told[c.name] {
				told[c.name] = true
				s.tell(FaultOrder, c, "", c.name+" in "+n.name, fmt.Sprintf("<%s> stands after <%s>: Tableau reads it before that", c.name, order[last]))
			}
			last = max(last, at)
		}
	}
	for _, c := range n.children {
		s.orders(c)
	}
}

// gates say which feature a document lists if it has something (format 4): those that no sound document is without.
var gates = []struct{ element, attr, feature string }{
	{"filter", "period-type-v2", "ISO8601PeriodTypes"},
	{"range", "period-type-v2", "ISO8601PeriodTypes"},
	{"object-graph", "", "ObjectModelEncapsulateLegacy"},
	{"extract", "object-id", "ObjectModelExtractV2"},
	{"extract", "user-specific", "VConnDownstreamExtractsWithWarnings"},
	{"dashboard", "enable-sort-zone-taborder", "AccessibleZoneTabOrder"},
	{"edit-parameter-action", "", "ParameterAction"},
	{"clear-option", "", "ParameterActionClearSelection"},
	{"edit-group-action", "", "GroupAction"},
	{"add-or-remove-marks", "", "GroupActionAddRemove"},
	{"datagraph", "", "DatagraphCoreV1"},
	{"column", "default-value-field", "ParameterDefaultValues"},
	{"data-source-tree", "", "ExtendedPublishedDataSourceUI"},
}

// unlisted are features that real files prefix names with and do not list.
var unlisted = set{"DatabricksCatalog": true}

// features looks for what is used and not listed, unless the document says that its version tells, and for the prefix of names that Tableau adds for itself.
func (s *faultScan) features() {
	listed, told := set{}, set{}
	for list := range s.root.each("document-format-change-manifest") {
		for _, c := range list.children {
			listed[c.name] = true
		}
	}
	need := func(n *faultNode, attr, feature string) {
		if !listed[feature] && !unlisted[feature] && !listed["ManifestByVersion"] {
			s.tell(FaultFeature, n, attr, "feature "+feature, fmt.Sprintf("it needs the feature %s, which <document-format-change-manifest> does not list", feature))
		}
	}
	prefixed := func(el xmledit.Element, n *faultNode, name string) {
		if name == "" || name[0] != '_' {
			return
		}
		for _, f := range xmledit.Features(name) {
			if !told[f.Name] {
				told[f.Name] = true
				need(n, "", f.Name)
			}
		}
	}
	user := s.root.value("xmlns:user") != ""
	for n := range s.root.all() {
		prefixed(n.el, n, n.el.FullName())
		for a := range n.el.Attrs() {
			prefixed(n.el, n, a.Name)
			if !user && len(a.Name) > 5 && a.Name[:5] == "user:" {
				user = true // told once
				s.tell(FaultFeature, n, a.Name, "namespace user", "the prefix user: is not declared: <"+s.root.name+"> needs xmlns:user")
			}
		}
		for _, g := range gates {
			if n.name != g.element {
				continue
			}
			if _, ok := n.attr(g.attr); ok || g.attr == "" {
				need(n, g.attr, g.feature)
			}
		}
	}
}
