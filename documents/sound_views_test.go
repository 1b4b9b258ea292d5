package documents_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// sheetReferences are the attributes that name a sheet (format 13).
var sheetReferences = []struct{ path, attr string }{
	{"./windows/window", "name"},
	{"./windows//viewpoint", "name"},
	{"./dashboards//zone", "name"},
	{"./thumbnails/thumbnail", "name"},
	{"./actions//source", "worksheet"},
	{"./actions//source", "dashboard"},
	{"./actions//exclude-sheet", "name"},
	{"./actions//param[@name='target']", "value"},
	{"./actions//param[@name='exclude']", "value"},
	{".//story-point", "captured-sheet"},
	{".//dashboard-zone-visibility-node", "dashboard-identifier"},
}

// sheets looks for the sheets that are referred to by their name, and for those that a
// button goes to by the identifier of their window.
func (d *danglers) sheets(root *etree.Element) {
	names, ids := map[string]bool{}, map[string]bool{}
	for _, s := range slices.Concat(root.FindElements("./worksheets/worksheet"), root.FindElements("./dashboards/dashboard")) {
		d.once(names, "sheet", s.SelectAttrValue("name", ""))
	}
	for _, id := range root.FindElements(".//simple-id") {
		d.once(ids, "simple-id", id.SelectAttrValue("uuid", ""))
	}
	for _, r := range sheetReferences {
		for _, el := range root.FindElements(r.path) {
			name := el.SelectAttrValue(r.attr, "")
			switch {
			case name == "", el.SelectAttrValue("class", "") == "schema":
			case strings.HasSuffix(r.attr, "-identifier"):
				d.need(ids, "simple-id", name)
			case el.SelectAttrValue("name", "") == "exclude" && !names[name]:
				for part := range strings.SplitSeq(name, ",") {
					d.need(names, "sheet", part)
				}
			default:
				d.need(names, "sheet", name)
			}
		}
	}
	for _, b := range root.FindElements(".//button[@action]") {
		for _, id := range windowID.FindAllStringSubmatch(b.SelectAttrValue("action", ""), -1) {
			d.need(ids, "simple-id", id[1])
		}
	}
}

var windowID = regexp.MustCompile(`window-id="([^"]*)"`)

// once counts a name that is there already.
func (d *danglers) once(there map[string]bool, what, name string) {
	if there[name] {
		d.counts["second "+what+" "+name]++
	}
	there[name] = true
}

// views looks for what worksheets, shared views, dashboards, windows and actions refer to:
// the fields of data sources, either the master's or the copies in the place itself.
func (d *danglers) views(root *etree.Element) {
	own, all, shared := map[string]scope{}, scope{}, map[string]bool{}
	places := slices.Concat(root.FindElements("./shared-views/shared-view"), root.FindElements("./worksheets/worksheet"), root.FindElements("./dashboards/dashboard"))
	for _, place := range places {
		name := place.SelectAttrValue("name", "")
		own[name] = scope{}
		for _, deps := range place.FindElements(".//datasource-dependencies") {
			own[name].add(deps.SelectAttrValue("datasource", ""), fieldsOf(deps))
			all.add(deps.SelectAttrValue("datasource", ""), fieldsOf(deps))
		}
	}
	for _, place := range places {
		fields := own[place.SelectAttrValue("name", "")]
		switch place.Tag {
		case "shared-view":
			d.references(place, fields)
			d.filterOrder(place)
			maps.Copy(shared, filteredIn(place))
		case "worksheet":
			d.references(place, fields)
			d.filters(place, shared)
			for _, view := range place.FindElements("./table/view") {
				d.filterOrder(view)
			}
		case "dashboard": // what stands on it is of the sheet that its zone names
			for _, zone := range place.FindElements(".//zone[@param]") {
				d.qualified(zone.SelectAttrValue("param", ""), fields, own[zone.SelectAttrValue("name", "")])
			}
		}
	}
	for _, window := range root.FindElements("./windows/window") {
		for _, card := range window.FindElements(".//card[@param]") {
			d.qualified(card.SelectAttrValue("param", ""), own[window.SelectAttrValue("name", "")])
		}
	}
	for _, actions := range root.FindElements("./actions") {
		d.references(actions, all)
	}
}

// A scope has the fields and instances that are to be had of each data source.
type scope map[string]map[string]bool

func (s scope) add(datasource string, fields map[string]bool) {
	if s[datasource] == nil {
		s[datasource] = map[string]bool{}
	}
	for name := range fields {
		s[datasource][name] = true
	}
}

// fieldsOf are the fields, sets and instances that a data source or its dependencies list.
func fieldsOf(el *etree.Element) map[string]bool {
	out := map[string]bool{"[:Measure Names]": true, "[Multiple Values]": true}
	for _, c := range el.ChildElements() {
		switch c.Tag {
		case "column", "column-instance", "group":
			out[c.SelectAttrValue("name", "")] = true
		}
	}
	for _, r := range el.FindElements(".//metadata-record[@class='column']/local-name") {
		out[r.Text()] = true
	}
	return out
}

// references looks at every attribute and text below an element, but for words of people.
func (d *danglers) references(el *etree.Element, scopes ...scope) {
	for _, a := range el.Attr {
		switch {
		case a.Key == "semantic-role", a.Key == "caption", a.Key == "alias", el.Tag == "alias" && a.Key == "value":
		default:
			d.qualified(a.Value, scopes...)
		}
	}
	d.qualified(el.Text(), scopes...)
	for _, c := range el.ChildElements() {
		d.references(c, scopes...)
	}
}

var qualifiedName = regexp.MustCompile(`\[((?:[^\[\]]|\]\])+)\]\.(\[(?:[^\]]|\]\])+\])`)

// qualified looks for the fields that a text names with their data source.
func (d *danglers) qualified(text string, scopes ...scope) {
	if !strings.Contains(text, "].[") {
		return
	}
	for _, m := range qualifiedName.FindAllStringSubmatch(text, -1) {
		ds, name := strings.ReplaceAll(m[1], "]]", "]"), m[2]
		if ds == "Parameters" {
			continue // looked for in the whole document
		}
		d.need(d.sources, "data source", ds)
		if strings.HasSuffix(name, " (generated)]") {
			continue // of every data source with places
		}
		if there := func(s scope) bool { return s[ds][name] }; !slices.ContainsFunc(append(scopes, d.masters), there) {
			d.counts["field ["+ds+"]."+name]++
		}
	}
}

// filters looks at those of a worksheet: the field of a filter has a slice or is on a
// shelf, and the field of a slice has a filter, here or in a shared view, or is on a shelf.
func (d *danglers) filters(worksheet *etree.Element, shared map[string]bool) {
	var shelves strings.Builder
	for _, el := range worksheet.FindElements("./table/*") {
		if el.Tag != "view" {
			shelfText(el, &shelves)
		}
	}
	for _, view := range worksheet.FindElements("./table/view") {
		filtered, sliced := filteredIn(view), map[string]bool{}
		for _, s := range view.FindElements("./slices/column") {
			d.once(sliced, "slice", s.Text())
			if !filtered[s.Text()] && !shared[s.Text()] && !strings.Contains(shelves.String(), s.Text()) {
				d.counts["filter of slice "+s.Text()]++
			}
		}
		for column := range filtered {
			if !sliced[column] && !strings.Contains(shelves.String(), column) {
				d.counts["slice of filter "+column]++
			}
		}
	}
}

func filteredIn(place *etree.Element) map[string]bool {
	out := map[string]bool{}
	for _, f := range place.SelectElements("filter") {
		out[f.SelectAttrValue("column", "")] = true
	}
	return out
}

// shelfText collects what stands on the shelves of a worksheet.
func shelfText(el *etree.Element, out *strings.Builder) {
	for _, a := range el.Attr {
		out.WriteString(a.Value + "\n")
	}
	out.WriteString(el.Text() + "\n")
	for _, c := range el.ChildElements() {
		shelfText(c, out)
	}
}

// filterOrder looks at the filters of one place.
func (d *danglers) filterOrder(place *etree.Element) {
	seen, last := map[string]bool{}, ""
	for _, f := range place.SelectElements("filter") {
		column := f.SelectAttrValue("column", "")
		d.once(seen, "filter of", column)
		if column < last {
			d.counts["filters sorted before "+column]++
		}
		last = column
	}
}
