package tds

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Column is one field of a data source: as far as people customised it, and else as its
// metadata tells of it (format 8).
type Column struct {
	Name        string  // internal, in brackets: [Calculation_123]
	Caption     string  // what people see, empty if it was never customised
	RemoteName  string  // in its table, empty of a calculated field
	Table       string  // the name of the relation it comes from, without brackets
	Datatype    string  // string, integer, real, boolean, date, datetime, spatial, table
	Role        string  // dimension or measure
	Type        string  // nominal, ordinal or quantitative
	Aggregation string  // by default: Sum, Avg, Count, Year and so on
	Format      string  // by default, in Tableau's codes: p0.0%
	Hidden      bool    // people do not see it in the list of fields
	Description string  // the comment people see, without its formatting
	Aliases     []Alias // other words for members
	Folder      string  // the folder it is listed in
	Formula     string  // of a calculated field, with internal names
	Class       string  // of the calculation: tableau, bin, categorical-bin; empty if there is none
}

// Alias is what people see in place of a member of a field.
type Alias struct {
	Member Value
	Text   string
}

// Label is what people see: the caption, or the name without its brackets.
func (c Column) Label() string {
	if c.Caption != "" {
		return c.Caption
	}
	return Unbracket(c.Name)
}

// countsRows tells whether c stands for the rows of a table as a whole, and is shown apart
// from the fields that people name.
func (c Column) countsRows() bool { return c.Datatype == "table" }

func isNumber(datatype string) bool { return datatype == "integer" || datatype == "real" }

func isDate(datatype string) bool { return datatype == "date" || datatype == "datetime" }

// Unbracket is an internal name without its brackets, a doubled one inside as one; what
// has none is returned as it is (format 6.1).
func Unbracket(name string) string {
	inner, ok := strings.CutPrefix(name, "[")
	inner, ok2 := strings.CutSuffix(inner, "]")
	if !ok || !ok2 {
		return name
	}
	return strings.ReplaceAll(inner, "]]", "]")
}

// bracket is the internal name that [Unbracket] takes apart.
func bracket(name string) string { return "[" + strings.ReplaceAll(name, "]", "]]") + "]" }

// Columns lists the fields: first those with a column of their own, then those that
// only the metadata of the connection tells of, with the role and type that Tableau
// gives a field nobody customised.
func (ds *Datasource) Columns() iter.Seq[Column] {
	return func(yield func(Column) bool) {
		folders := ds.folders()
		for f := range ds.fields() {
			if !yield(f.read(folders)) {
				return
			}
		}
	}
}

// field is where a document tells of a field: in its column, in its metadata or in both.
// Telling fields apart takes much less time than reading them.
type field struct {
	name           string
	column, record xmledit.Element
}

// fields lists the fields in the order of [Datasource.Columns].
func (ds *Datasource) fields() iter.Seq[field] {
	return func(yield func(field) bool) {
		metadata := map[string]xmledit.Element{}
		var names []string // of metadata, in its order
		for r := range ds.metadata() {
			if name := recordName(r); metadata[name] == (xmledit.Element{}) {
				metadata[name] = r
				names = append(names, name)
			}
		}
		seen := map[string]bool{"": true}
		for el := range ds.el.Children("column") {
			name := el.Value("name")
			seen[name] = true
			if !yield(field{name, el, metadata[name]}) {
				return
			}
		}
		for _, name := range names {
			if !seen[name] && !yield(field{name: name, record: metadata[name]}) {
				return
			}
		}
	}
}

func (f field) caption() string {
	if f.column.Exists() {
		return f.column.Value("caption")
	}
	return f.record.Child("caption").Text()
}

// label is what people see.
func (f field) label() string { return Column{Name: f.name, Caption: f.caption()}.Label() }

// read tells all of a field.
func (f field) read(folders map[string]string) Column {
	var c Column
	if f.column.Exists() {
		c = readColumn(f.column)
		c.addMetadata(f.record)
	} else {
		c = uncustomised(f.record)
	}
	c.Folder = folders[f.name]
	return c
}

// recordName is the internal name of the field that a metadata record is about.
func recordName(record xmledit.Element) string {
	return strings.TrimSpace(record.Child("local-name").Text())
}

// readColumn reads what a column says itself.
func readColumn(el xmledit.Element) Column {
	calculation := el.Child("calculation")
	c := Column{
		Name: el.Value("name"), Caption: el.Value("caption"), Datatype: el.Value("datatype"),
		Role: el.Value("role"), Type: el.Value("type"), Aggregation: el.Value("aggregation"),
		Format: el.Value("default-format"), Hidden: el.Value("hidden") == "true",
		Description: description(el),
		Formula:     calculation.Value("formula"), Class: calculation.Value("class"),
	}
	for a := range el.Child("aliases").Children("alias") {
		member, ok := ParseDataValue(a.Value("key"), c.Datatype)
		if !ok {
			member = String(a.Value("key")) // a tuple, of a combined field
		}
		c.Aliases = append(c.Aliases, Alias{member, a.Value("value")})
	}
	return c
}

// addMetadata adds what only the metadata of a field says.
func (c *Column) addMetadata(record xmledit.Element) {
	if !record.Exists() {
		return
	}
	c.RemoteName = record.Child("remote-name").Text()
	c.Table = Unbracket(strings.TrimSpace(record.Child("parent-name").Text()))
	if c.Aggregation == "" {
		c.Aggregation = strings.TrimSpace(record.Child("aggregation").Text())
	}
}

// uncustomised is a field as its metadata tells of it, with the role and type that
// Tableau gives it.
func uncustomised(record xmledit.Element) Column {
	c := Column{
		Name: recordName(record), Caption: record.Child("caption").Text(),
		Datatype: strings.TrimSpace(record.Child("local-type").Text()),
		Hidden:   strings.TrimSpace(record.Child("hidden").Text()) == "true",
	}
	c.Role = defaultRole(c.Datatype)
	c.Type = defaultType(c.Datatype, c.Role)
	c.addMetadata(record)
	return c
}

// defaultRole is the role of a field that nobody customised. Real files have it in the
// copies of such fields in views: numbers are measures there without exception, as
// numbers that Tableau takes for dimensions (ids, years) have a column of their own.
func defaultRole(datatype string) string {
	switch datatype {
	case "integer", "real", "spatial", "table":
		return "measure"
	}
	return "dimension"
}

// defaultType is the type that goes with a datatype and a role.
func defaultType(datatype, role string) string {
	switch datatype {
	case "integer", "real", "table":
		if role == "measure" {
			return "quantitative"
		}
		return "ordinal"
	case "date", "datetime":
		return "ordinal"
	}
	return "nominal"
}

// metadata lists the metadata records of columns, those of the connection before
// those of the extract.
func (ds *Datasource) metadata() iter.Seq[xmledit.Element] {
	return func(yield func(xmledit.Element) bool) {
		for _, holder := range []xmledit.Element{ds.el.Child("connection"), ds.el.Find("extract", "connection")} {
			for records := range holder.Children("metadata-records") {
				for r := range records.Children("metadata-record") {
					if r.Value("class") == "column" && !yield(r) {
						return
					}
				}
			}
		}
	}
}

// folderItems lists the places of fields in folders, of files old and new.
func (ds *Datasource) folderItems() iter.Seq2[string, xmledit.Element] {
	return func(yield func(folder string, item xmledit.Element) bool) {
		for _, holder := range []xmledit.Element{ds.el.Child("folders-common"), ds.el} {
			for folder := range holder.Children("folder") {
				for item := range folder.Children("folder-item") {
					if item.Value("type") == "field" && !yield(folder.Value("name"), item) {
						return
					}
				}
			}
		}
	}
}

// folders are the folders of fields, by internal name.
func (ds *Datasource) folders() map[string]string {
	in := map[string]string{}
	for folder, item := range ds.folderItems() {
		if name := item.Value("name"); in[name] == "" {
			in[name] = folder
		}
	}
	return in
}

// Column finds a field: by its exact internal name if name is in brackets, else by
// what people see, else by its name without brackets, else by its name in its table.
// None is a [*NotFoundError], several that are alike an [*AmbiguousError].
func (ds *Datasource) Column(name string) (Column, error) {
	var by [3][]field // label, name, remote name
	exact := strings.HasPrefix(name, "[")
	for f := range ds.fields() {
		switch {
		case exact && f.name == name:
			return f.read(ds.folders()), nil
		case exact || name == "":
		case f.label() == name:
			by[0] = append(by[0], f)
		case Unbracket(f.name) == name:
			by[1] = append(by[1], f)
		case f.record.Child("remote-name").Text() == name:
			by[2] = append(by[2], f)
		}
	}
	what := "field " + strconv.Quote(name)
	for _, found := range by {
		switch len(found) {
		case 0:
			continue
		case 1:
			return found[0].read(ds.folders()), nil
		}
		var names []string
		for _, f := range found {
			names = append(names, f.name)
		}
		return Column{}, &AmbiguousError{What: what, Where: ds.String(), Matches: names}
	}
	var there []string
	for c := range ds.Columns() {
		if !c.countsRows() {
			there = append(there, c.Label())
		}
	}
	err := error(&NotFoundError{What: what, Where: ds.String(), There: there})
	if caption := Unbracket(name); exact && slices.Contains(there, caption) {
		err = fmt.Errorf("%w (brackets mean the internal name, and there is a field that is shown as %s)", err, strconv.Quote(caption))
	}
	return Column{}, err
}

// columnElement is the column of a field by its internal name, none if only metadata
// tells of the field.
func (ds *Datasource) columnElement(name string) xmledit.Element {
	for el := range ds.el.Children("column") {
		if el.Value("name") == name {
			return el
		}
	}
	return xmledit.Element{}
}

// ensureColumn makes the column of a field that only the metadata tells of.
func (ds *Datasource) ensureColumn(c Column) error {
	if ds.columnElement(c.Name).Exists() {
		return nil
	}
	return ds.insertColumns([]*xmledit.Node{c.node()})
}

// node is the column of a field, without what is only said where it is customised.
func (c Column) node() *xmledit.Node {
	n := xmledit.NewNode("column", "datatype", c.Datatype, "name", c.Name, "role", c.Role, "type", c.Type)
	if c.Caption != "" {
		n.Attrs = append(n.Attrs, xmledit.Attr{Name: "caption", Value: c.Caption})
	}
	if c.Hidden { // what its metadata says goes unread from now on
		n.Attrs = append(n.Attrs, xmledit.Attr{Name: "hidden", Value: "true"})
	}
	return n
}
