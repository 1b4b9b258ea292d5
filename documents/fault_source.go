package documents

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// datasources looks at the data sources: what their connections, tables, fields and filters name.
func (s *faultScan) datasources() {
	names := set{}
	for _, ds := range s.sources {
		s.once(names, ds, "name", "data source", ds.value("name"))
		s.datasource(ds)
		s.lists(ds)
		if s.isParameters(ds) {
			for c := range ds.each("column") {
				s.parameter(c)
			}
		}
	}
}

func (s *faultScan) isParameters(ds *faultNode) bool {
	return ds.value("name") == "Parameters" && s.file.kind.IsWorkbook()
}

func (s *faultScan) datasource(ds *faultNode) {
	connections, tables, objects := set{}, set{}, set{}
	for c := range ds.at("connection", "named-connections", "named-connection") {
		s.once(connections, c, "name", "connection", c.value("name"))
	}
	for r := range ds.all("relation") {
		tables["["+strings.ReplaceAll(r.value("name"), "]", "]]")+"]"] = true
		if c := r.value("connection"); c != "" && len(connections) > 0 {
			s.need(connections, r, "connection", "connection", c)
		}
	}
	for o := range ds.at("object-graph", "objects", "object") {
		objects["["+o.value("id")+"]"] = true
	}
	fields := set{}
	fields.add(ds, "column")
	for r := range ds.all("metadata-record") {
		if r.value("class") != "column" {
			continue
		}
		for c := range r.each("local-name", "parent-name", "object-id") {
			switch c.name {
			case "local-name":
				fields[c.text()] = true
			case "parent-name":
				s.need(tables, c, "", "table", c.text())
			case "object-id":
				s.need(objects, c, "", "object", c.text())
			}
		}
	}
	s.fields(ds, fields)
	s.filterOrder(ds)
	for e := range ds.each("extract") {
		s.filterOrder(e)
	}
}

// fields looks for the fields of instances, and for those of filters.
func (s *faultScan) fields(block *faultNode, fields set) {
	instances := set{}
	for i := range block.each("column-instance") {
		instances[i.value("name")] = true
		s.need(fields, i, "column", "field", i.value("column"))
	}
	fields.add(block, "group")
	filtered := func(parent *faultNode) {
		for f := range parent.each("filter") {
			if column := f.value("column"); !instances[column] {
				s.need(fields, f, "column", "filtered field", column)
			}
		}
	}
	filtered(block)
	for e := range block.each("extract") {
		filtered(e)
	}
}

// lists looks for fields that are in one list twice.
func (s *faultScan) lists(block *faultNode) {
	there := map[string]set{"column": {}, "column-instance": {}}
	for c := range block.each("column", "column-instance") {
		s.once(there[c.name], c, "name", c.name, c.value("name"))
	}
}

// filterOrder looks at the filters of one place: Tableau has them sorted, and one of each field.
func (s *faultScan) filterOrder(place *faultNode) {
	seen, last := set{}, ""
	for f := range place.each("filter") {
		column := f.value("column")
		s.once(seen, f, "column", "filter of", column)
		if column < last {
			s.tell(FaultOrder, f, "column", "filter of "+column, fmt.Sprintf("the filter of %s stands after that of %s: Tableau has them sorted", column, last))
		}
		last = column
	}
}

// dependencies looks at the blocks that have copies of fields.
func (s *faultScan) dependencies() {
	groups := map[string]set{}
	for _, ds := range s.sources {
		names := set{}
		names.add(ds, "group")
		groups[ds.value("name")] = names
	}
	look := func(deps *faultNode) {
		name := deps.value("datasource")
		s.need(s.sourceNames, deps, "datasource", "data source", name)
		fields := set{}
		fields.add(deps, "column")
		maps.Copy(fields, groups[name]) // which have no column
		s.fields(deps, fields)
		s.lists(deps)
		if name == "Parameters" && s.file.kind.IsWorkbook() {
			for c := range deps.each("column") {
				s.need(s.parameters, c, "name", "parameter", c.value("name"))
			}
		}
	}
	for deps := range s.root.all("datasource-dependencies") {
		look(deps)
	}
}

// parameter looks at the value of a parameter with a list or a range, and at its formula, of which there is one.
func (s *faultScan) parameter(column *faultNode) {
	calculations := 0
	for c := range column.each("calculation") {
		if calculations++; calculations == 2 {
			s.tell(FaultDuplicate, c, "", "calculation of "+column.value("name"), "it is the second calculation of the parameter")
		}
	}
	value, members := column.value("value"), set{}
	for m := range column.at("members", "member") {
		members[m.value("value")] = true
	}
	label := strconv.Quote(tds.Column{Name: column.value("name"), Caption: column.value("caption")}.Label())
	if len(members) > 0 && !members[value] {
		s.tell(FaultValue, column, "value", "value of "+column.value("name"), "the value of the parameter "+label+" is not in its list")
	}
	if _, ok := tds.ParseDataValue(value, column.value("datatype")); !ok && value != "" {
		s.tell(FaultValue, column, "value", "type of "+column.value("name"), fmt.Sprintf("the value of the parameter %s is no %s", label, column.value("datatype")))
	}
}

// parametersNamed looks for the parameters that anything names.
func (s *faultScan) parametersNamed(n *faultNode) {
	look := func(attr, text string) {
		const mark = "[Parameters].["
		for rest := text; ; {
			_, after, found := strings.Cut(rest, mark)
			if !found {
				return
			}
			if end := nameEnd(after); end > 1 {
				s.need(s.parameters, n, attr, "parameter", "["+after[:end])
			}
			rest = after
		}
	}
	for _, a := range n.attrs {
		look(a.Name, a.Value)
	}
	if n.leaf {
		look("", n.el.Text())
	}
	for _, c := range n.children {
		s.parametersNamed(c)
	}
}

// nameEnd is the place after the bracket that ends a name, whose first bracket stands before the text; -1 if there is none.
func nameEnd(text string) int {
	for i := 0; i < len(text); i++ {
		if text[i] != ']' {
			continue
		}
		if i+1 == len(text) || text[i+1] != ']' {
			return i + 1
		}
		i++
	}
	return -1
}

// files looks for files that the document reads and the package does not have. The extract of a bare document is never there.
func (s *faultScan) files() {
	if !s.file.isPackaged() {
		return
	}
	told := set{}
	for r := range s.file.described() {
		if !r.Missing || told[r.Place+"\x00"+r.File] {
			continue
		}
		told[r.Place+"\x00"+r.File] = true
		pos := r.el.Position()
		s.found = append(s.found, Fault{
			FaultFile, "file " + r.File, r.el.Path(), pos.Line, pos.Col, fmt.Sprintf("%s reads the file %q, which is not in the package", r.Place, r.File),
		})
	}
}
