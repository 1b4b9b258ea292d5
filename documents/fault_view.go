package documents

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// sheetReferences are the attributes that name a sheet (format 13), below an element of the workbook or anywhere.
var sheetReferences = []struct {
	within, element string
	is              func(*faultNode) bool
	attr            string
}{
	{"windows", "window", nil, "name"},
	{"windows", "viewpoint", nil, "name"},
	{"dashboards", "zone", nil, "name"},
	{"thumbnails", "thumbnail", nil, "name"},
	{"actions", "source", nil, "worksheet"},
	{"actions", "source", nil, "dashboard"},
	{"actions", "exclude-sheet", nil, "name"},
	{"actions", "param", func(n *faultNode) bool { return n.value("name") == "target" }, "value"},
	{"", "story-point", nil, "captured-sheet"},
}

// sheets looks for the sheets that are referred to by their names, and for those that something goes to by the identifiers of
// their windows.
func (s *faultScan) sheets() {
	names, ids := set{}, set{}
	for _, list := range []string{"worksheet", "dashboard"} {
		for sheet := range s.root.at(list+"s", list) {
			s.once(names, sheet, "name", "sheet", sheet.value("name"))
		}
	}
	for id := range s.root.all("simple-id") {
		s.once(ids, id, "uuid", "simple-id", id.value("uuid"))
	}
	for _, r := range sheetReferences {
		places := []*faultNode{s.root}
		if r.within != "" {
			places = slices.Collect(s.root.each(r.within))
		}
		for _, place := range places {
			for n := range place.all(r.element) {
				if name := n.value(r.attr); name != "" && n.value("class") != "schema" && (r.is == nil || r.is(n)) {
					s.need(names, n, r.attr, "sheet", name)
				}
			}
		}
	}
	s.excluded(names)
	for n := range s.root.all("dashboard-zone-visibility-node", "button") {
		if id := n.value("dashboard-identifier"); id != "" {
			s.need(ids, n, "dashboard-identifier", "simple-id", id)
		}
		for rest, found := n.value("action"), true; found; {
			if _, rest, found = strings.Cut(rest, `window-id="`); found {
				id, _, _ := strings.Cut(rest, `"`)
				s.need(ids, n, "action", "simple-id", id)
			}
		}
	}
}

// excluded looks at the sheets that an action leaves out: one, whose name may have commas, or a list.
func (s *faultScan) excluded(names set) {
	for actions := range s.root.each("actions") {
		for p := range actions.all("param") {
			list := p.value("value")
			if p.value("name") != "exclude" || list == "" || names[list] {
				continue
			}
			for name := range strings.SplitSeq(list, ",") {
				s.need(names, p, "value", "sheet", name)
			}
		}
	}
}

// A scope has the fields and instances that are to be had of each data source.
type scope map[string]set

func (s scope) add(datasource string, fields set) {
	if s[datasource] == nil {
		s[datasource] = set{}
	}
	maps.Copy(s[datasource], fields)
}

// fieldsOf are the fields, sets and instances that a data source or its dependencies list.
func fieldsOf(block *faultNode) set {
	out := set{"[:Measure Names]": true, "[Multiple Values]": true}
	out.add(block, "column", "column-instance", "group")
	for r := range block.all("metadata-record") {
		if r.value("class") != "column" {
			continue
		}
		for name := range r.each("local-name") {
			out[name.text()] = true
		}
	}
	return out
}

// views looks for what worksheets, shared views, dashboards, windows and actions refer to: the fields of data sources, either
// the master's or the copies in the place itself.
func (s *faultScan) views() {
	own, all, shared := map[string]scope{}, scope{}, set{}
	var places []*faultNode
	for _, list := range [][2]string{{"shared-views", "shared-view"}, {"worksheets", "worksheet"}, {"dashboards", "dashboard"}} {
		places = slices.AppendSeq(places, s.root.at(list[0], list[1]))
	}
	for _, place := range places {
		fields := scope{}
		for deps := range place.all("datasource-dependencies") {
			fields.add(deps.value("datasource"), fieldsOf(deps))
		}
		for datasource, names := range fields {
			all.add(datasource, names)
		}
		own[place.value("name")] = fields
	}
	for _, place := range places {
		fields := own[place.value("name")]
		switch place.name {
		case "shared-view":
			s.references(place, fields)
			s.filterOrder(place)
			maps.Copy(shared, filteredIn(place))
		case "worksheet":
			s.references(place, fields)
			s.filters(place, shared)
			for view := range place.at("table", "view") {
				s.filterOrder(view)
			}
		case "dashboard": // what stands on it is of the sheet that its zone names
			for zone := range place.all("zone") {
				s.qualified(zone, "param", zone.value("param"), fields, own[zone.value("name")])
			}
		}
	}
	for window := range s.root.at("windows", "window") {
		for card := range window.all("card") {
			s.qualified(card, "param", card.value("param"), own[window.value("name")])
		}
	}
	for actions := range s.root.each("actions") {
		s.references(actions, all)
	}
}

// references looks at every attribute and text below an element, but for words of people.
func (s *faultScan) references(n *faultNode, scopes ...scope) {
	for _, a := range n.attrs {
		switch {
		case a.Name == "semantic-role", a.Name == "caption", a.Name == "alias", n.name == "alias" && a.Name == "value":
		default:
			s.qualified(n, a.Name, a.Value, scopes...)
		}
	}
	if n.leaf {
		s.qualified(n, "", n.el.Text(), scopes...)
	}
	for _, c := range n.children {
		s.references(c, scopes...)
	}
}

// qualified looks for the fields that a text names with their data sources.
func (s *faultScan) qualified(n *faultNode, attr, text string, scopes ...scope) {
	for rest := text; strings.Contains(rest, "].["); {
		start := strings.IndexByte(rest, '[')
		rest = rest[start+1:]
		end := nameEnd(rest)
		if end < 2 || strings.Contains(rest[:end], "[") || !strings.HasPrefix(rest[end:], ".[") {
			continue
		}
		ds, inner := strings.ReplaceAll(rest[:end-1], "]]", "]"), rest[end+2:]
		stop := nameEnd(inner)
		if stop < 2 {
			continue
		}
		name := "[" + inner[:stop]
		rest = inner[stop:]
		s.field(n, attr, ds, name, scopes)
	}
}

func (s *faultScan) field(n *faultNode, attr, ds, name string, scopes []scope) {
	if ds == "Parameters" {
		return // looked for in the whole document
	}
	s.need(s.sourceNames, n, attr, "data source", ds)
	if strings.HasSuffix(name, " (generated)]") {
		return // of every data source with places
	}
	there := s.masters[ds][name]
	for _, scope := range scopes {
		there = there || scope[ds][name]
	}
	if !there {
		s.need(nil, n, attr, "field", "["+ds+"]."+name)
	}
}

// filters looks at those of a worksheet: the field of a filter has a slice or is on a shelf, and the field of a slice has a
// filter, here or in a shared view, or is on a shelf.
func (s *faultScan) filters(worksheet *faultNode, shared set) {
	var shelves strings.Builder
	for table := range worksheet.each("table") {
		for c := range table.each() {
			if c.name != "view" {
				c.write(&shelves)
			}
		}
	}
	onShelf := shelves.String()
	for view := range worksheet.at("table", "view") {
		filtered, sliced := filteredIn(view), set{}
		for slice := range view.at("slices", "column") {
			column := slice.text()
			s.once(sliced, slice, "", "slice", column)
			if !filtered[column] && !shared[column] && !strings.Contains(onShelf, column) {
				s.tell(FaultReference, slice, "", "filter of slice "+column, "it is a slice of "+strconv.Quote(column)+", which no filter is on")
			}
		}
		for f := range view.each("filter") {
			if column := f.value("column"); !sliced[column] && !strings.Contains(onShelf, column) {
				s.tell(FaultReference, f, "column", "slice of filter "+column, "the filter of "+strconv.Quote(column)+" does nothing: there is no slice of it")
			}
		}
	}
}

func filteredIn(place *faultNode) set {
	out := set{}
	for f := range place.each("filter") {
		out[f.value("column")] = true
	}
	return out
}

// write collects what stands in an element.
func (n *faultNode) write(out *strings.Builder) {
	for _, a := range n.attrs {
		out.WriteString(a.Value)
		out.WriteByte('\n')
	}
	if n.leaf {
		out.WriteString(n.el.Text())
		out.WriteByte('\n')
	}
	for _, c := range n.children {
		c.write(out)
	}
}
