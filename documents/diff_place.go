package documents

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// unitKind is what a part of a document is to people.
type unitKind int

const (
	noUnit unitKind = iota
	filterUnit
	fieldUnit
	parameterUnit
	connectionUnit
	relationUnit
	extractUnit
	datasourceUnit
	viewUnit
)

// docPlace is where an element stands: what it belongs to, and the innermost part that has a meaning of its own.
type docPlace struct {
	of   []string // from the outside in, that part included
	el   xmledit.Element
	unit xmledit.Element
	kind unitKind
}

// place finds out what an element belongs to.
func (m *meanings) place(f *File, el xmledit.Element) docPlace {
	p := docPlace{el: el}
	note := func(at xmledit.Element, kind unitKind, label string) {
		if label != "" {
			p.of = append(p.of, label)
		}
		if p.kind == noUnit {
			p.unit, p.kind = at, kind
		}
	}
	for at := el; at.Exists(); at = upwards(at) {
		switch parent := at.Parent(); at.Name() {
		case "filter":
			if slices.Contains([]string{"datasource", "extract", "view", "shared-view"}, parent.Name()) {
				note(at, filterUnit, "filter "+m.field(at.Value("column")))
			}
		case "column":
			switch {
			case isParametersBlock(parent):
				note(at, parameterUnit, "parameter "+m.columnLabel("Parameters", at))
				return p.outsideIn()
			case parent.Name() == "datasource" || parent.Name() == "datasource-dependencies":
				note(at, fieldUnit, "field "+m.columnLabel(blockName(parent), at))
			}
		case "connection":
			if p.kind == noUnit && parent.Name() == "named-connection" {
				note(at, connectionUnit, "")
			} else if p.kind == noUnit && parent.Name() == "datasource" && at.Value("class") != "federated" && at.Value("class") != "sqlproxy" {
				note(at, connectionUnit, "connection "+strconv.Quote(at.Value("class")))
			}
		case "named-connection":
			note(at, connectionUnit, "connection "+strconv.Quote(orName(at, "caption")))
		case "relation":
			if p.kind == noUnit {
				note(at, relationUnit, relationLabel(at))
			}
		case "extract":
			if parent.Name() == "datasource" {
				note(at, extractUnit, "extract")
			}
		case "worksheet", "dashboard":
			if parent.Name() == at.Name()+"s" {
				note(at, viewUnit, at.Name()+" "+strconv.Quote(at.Value("name")))
				return p.outsideIn()
			}
		case "window":
			if parent.Name() == "windows" && (at.Value("class") == "worksheet" || at.Value("class") == "dashboard") {
				note(at, viewUnit, at.Value("class")+" "+strconv.Quote(at.Value("name")))
				return p.outsideIn()
			}
		case "datasource-dependencies":
			note(at, noUnit, m.datasource(at.Value("datasource")))
			return p.outsideIn()
		case "datasource":
			if at.Holder().Exists() {
				continue // the copy of a published data source is of the one that holds it
			}
			note(at, datasourceUnit, m.datasourceAt(f, at))
			return p.outsideIn()
		}
	}
	return p.outsideIn()
}

func (p docPlace) outsideIn() docPlace {
	slices.Reverse(p.of)
	return p
}

// upwards is the element around one, across the border of a document that is held as text.
func upwards(el xmledit.Element) xmledit.Element {
	if parent := el.Parent(); parent.Exists() {
		return parent
	}
	return el.Holder()
}

// isParametersBlock tells whether the columns of an element are parameters.
func isParametersBlock(el xmledit.Element) bool {
	return el.Name() == "datasource" && el.Value("name") == "Parameters" || el.Value("datasource") == "Parameters"
}

func orName(el xmledit.Element, attr string) string {
	if value := el.Value(attr); value != "" {
		return value
	}
	return el.Value("name")
}

// blockName is the internal name of the data source whose fields an element lists; of a data source file "".
func blockName(block xmledit.Element) string {
	if block.Name() == "datasource-dependencies" {
		return block.Value("datasource")
	}
	return block.Value("name")
}

// columnLabel is what people call a field or a parameter: as the first file has it that has a name for it.
func (m *meanings) columnLabel(datasource string, column xmledit.Element) string {
	key := [2]string{datasource, column.Value("name")}
	if label, known := m.labels[key]; known {
		return label
	}
	label := ""
	for _, f := range []*File{m.a, m.b} {
		for ds := range f.doc.Root().Descendants("datasource") {
			if ds.Holder().Exists() || blockName(ds) != datasource {
				continue
			}
			for c := range ds.Children("column") {
				if c.Value("name") == key[1] && label == "" {
					label = strconv.Quote(tds.Column{Name: key[1], Caption: c.Value("caption")}.Label())
				}
			}
		}
	}
	if label == "" {
		label = strconv.Quote(tds.Column{Name: key[1], Caption: column.Value("caption")}.Label())
	}
	m.labels[key] = label
	return label
}

func relationLabel(relation xmledit.Element) string {
	name := strconv.Quote(relation.Value("name"))
	switch kind := relation.Value("type"); kind {
	case "table":
		return "table " + name
	case "text":
		return "custom SQL " + name
	case "stored-proc":
		return "stored procedure " + name
	default:
		return kind
	}
}

// datasourceAt is the label of a data source that is an element, of the document or of a list of those that a view uses.
func (m *meanings) datasourceAt(f *File, el xmledit.Element) string {
	if !el.Parent().Exists() {
		return tds.Wrap(f.doc.Root()).String()
	}
	return m.datasource(el.Value("name"))
}

// datasource is the label of the data source of a name: as the first file has it, so that all that is told of it stands together.
func (m *meanings) datasource(name string) string {
	if name == "Parameters" {
		return "parameters"
	}
	for _, f := range []*File{m.a, m.b} {
		for ds := range f.Datasources() {
			if ds.Name() == name {
				return ds.String()
			}
		}
	}
	return "data source " + strconv.Quote(name)
}

// field is what people call a field that a filter stands on.
func (m *meanings) field(column string) string {
	if c, ok := m.column(column); ok {
		return strconv.Quote(c.Label())
	}
	_, name := tds.SplitName(column)
	return strconv.Quote(tds.Unbracket(tds.PlainField(name)))
}

// column finds the field that a filter stands on.
func (m *meanings) column(column string) (tds.Column, bool) {
	qualifier, name := tds.SplitName(column)
	for _, f := range []*File{m.a, m.b} {
		for ds := range f.Datasources() {
			if qualifier != "" && ds.Name() != qualifier {
				continue
			}
			if c, err := ds.Column(tds.PlainField(name)); err == nil {
				return c, true
			}
		}
	}
	return tds.Column{}, false
}

// rest is a path from the innermost part on.
func (p docPlace) rest(path string) string {
	unit := p.unit
	if !unit.Exists() {
		return path
	}
	if rest, inside := strings.CutPrefix(path, unit.Path()); inside {
		return strings.TrimPrefix(rest, "/")
	}
	return path
}
