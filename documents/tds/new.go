package tds

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"path"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Spec says what a new data source is made of. What reads of it gives back: its
// connections, its [Model], its columns.
type Spec struct {
	// Name is what people see. Without one, it is made from the content, as Tableau makes
	// internal names.
	Name string
	// Connections are the sources, each used by a relation.
	Connections []NewConnection
	// Relation is what is read: a table, custom SQL, a stored procedure, or joins of tables
	// and custom SQL. Its kinds must be given. What has no Name gets one: of a table the last
	// part of its name. Connection is the internal name or the caption of one of Connections,
	// and may be empty if there is only one.
	Relation Relation
	// Arguments are what a stored procedure is called with, in its order; of each the name and
	// the value count, and the datatype where it is not that of the value.
	Arguments []Argument
	// Columns are the fields to say something of. Tableau asks the sources for all there are,
	// so none need be given, but until then these are the only ones to filter, say.
	Columns []NewColumn
	// Bare leaves out what came with Tableau 10, the wrapper around several connections, and
	// later. There must be one connection, which has no name and no caption.
	Bare bool
}

// NewConnection is a source of a new data source.
type NewConnection struct {
	// Name is internal. Without one it is made from the settings: postgres.0k3x9h11b2c3….
	Name string
	// Caption is what people see. Without one it is that of the Settings, the server, or the
	// name of the file.
	Caption string
	// Settings are the class, and what its connections need, as [Connection.Update] sets it.
	Settings ConnectionPatch
}

// NewColumn is a field of a new data source, as people are to see it.
type NewColumn struct {
	Name     string // of the column in its table; of one that several joined tables have, as Tableau tells them apart: id (customers)
	Caption  string // empty if the name will do
	Datatype string // string, integer, real, boolean, date, datetime, spatial
	Role     string // dimension or measure; by default what Tableau makes of the datatype
	Type     string // nominal, ordinal or quantitative, likewise
}

// empty is a data source with nothing in it, as Tableau begins and ends one (format 1.1).
const empty = "<?xml version='1.0' encoding='utf-8' ?>\r\n\r\n" +
	"<datasource formatted-name='' inline='true' version='' xmlns:user='http://www.tableausoftware.com/xml/user'>\r\n</datasource>\r\n"

// NewDocument is the document of a new data source, in the style, the order and, unless it
// is to be bare, the form of Tableau 2024.3 and later. It depends on the spec alone. The
// error says all that is wrong with the connections, or else with the rest, and where.
//
// There is no build comment, because no build of Tableau wrote it, and no metadata, which
// Tableau asks the sources for when it connects (format 1.1, 6.7).
func NewDocument(s Spec) ([]byte, error) {
	doc, err := xmledit.Parse([]byte(empty), xmledit.Limits{})
	if err != nil {
		return nil, err
	}
	b := &builder{spec: s, ds: Wrap(doc.Root())}
	if err := b.build(); err != nil {
		return nil, fmt.Errorf("making data source %q: %w", s.Name, err)
	}
	return doc.Bytes(), nil
}

// builder fills an empty document.
type builder struct {
	spec  Spec
	ds    *Datasource
	outer xmledit.Element // the connection that holds the relation
}

func (b *builder) build() error {
	version := "18.1"
	if b.spec.Bare {
		version = "9.3"
	}
	if err := errors.Join(b.ds.el.SetAttr("version", version), b.ds.el.SetAttr("formatted-name", cmp.Or(b.spec.Name, "new"))); err != nil {
		return err
	}
	if err := b.connections(); err != nil {
		return err
	}
	r := relationBuilder{connections: slices.Collect(b.ds.Connections()), arguments: b.spec.Arguments, bare: b.spec.Bare, aliases: map[string]string{}}
	relation := r.resolve(b.spec.Relation, "relation")
	r.checkRest()
	columns, faults := newColumns(b.spec.Columns)
	if err := errors.Join(append(r.faults, faults...)...); err != nil {
		return err
	}
	written, err := b.outer.Append(r.node(relation))
	if err != nil {
		return err
	}
	parts := append(columns, xmledit.NewNode("aliases", "enabled", "yes"), b.layout())
	if !b.spec.Bare {
		caption := logicalCaption(relation)
		id := caption + "_" + strings.ToUpper(hex.EncodeToString(hash(written.Raw())[:16]))
		parts = append(parts, rowCounter(caption, id), objectGraph(caption, id, r.node(relation)))
	}
	for _, n := range parts {
		if _, err := b.ds.insert(n, "name"); err != nil {
			return err
		}
	}
	return b.finish()
}

func (b *builder) layout() *xmledit.Node {
	n := xmledit.NewNode("layout", "dim-ordering", "alphabetic", "measure-ordering", "alphabetic", "show-structure", "true")
	if b.spec.Bare {
		n.Attrs = append(n.Attrs, xmledit.Attr{Name: "dim-percentage", Value: "0.5"}, xmledit.Attr{Name: "measure-percentage", Value: "0.4"})
	}
	return n
}

// finish adds what depends on the rest: the features that are used, and a name.
func (b *builder) finish() error {
	if !b.spec.Bare {
		for _, feature := range []string{"ObjectModelEncapsulateLegacy", "ObjectModelTableType", "SchemaViewerObjectModel"} { // format 4
			if err := b.ds.requireFeature(feature); err != nil {
				return err
			}
		}
	}
	if b.spec.Name != "" {
		return nil
	}
	return b.ds.el.SetAttr("formatted-name", b.outer.Value("class")+"."+digits(string(b.ds.el.Document().Bytes())))
}

// connections writes the connections with their names and captions.
func (b *builder) connections() error {
	specs := b.spec.Connections
	switch {
	case len(specs) == 0:
		return errors.New("it has no connection")
	case b.spec.Bare && len(specs) > 1:
		return fmt.Errorf("it is to be bare, and has %d connections", len(specs))
	case b.spec.Bare && (specs[0].Name != "" || specs[0].Caption != ""):
		return errors.New("connection 1: a bare connection has neither name nor caption")
	}
	if err := b.leaves(); err != nil {
		return err
	}
	var faults []error
	i := 0
	for c := range b.ds.Connections() {
		where := fmt.Sprintf("connection %d: ", i+1)
		if specs[i].Settings.Class == "" {
			faults = append(faults, errors.New(where+"it has no class"))
		} else if err := c.Update(specs[i].Settings); err != nil {
			faults = append(faults, fmt.Errorf("%s%w", where, cmp.Or(errors.Unwrap(err), err))) // it names what has no name yet
		}
		i++
	}
	if err := errors.Join(faults...); err != nil || b.spec.Bare {
		return err
	}
	return b.names()
}

// leaves writes a connection for each of the spec, with nothing in it yet.
func (b *builder) leaves() (err error) {
	leaf := func() *xmledit.Node { return xmledit.NewNode("connection", "class", "") }
	if b.spec.Bare {
		b.outer, err = b.ds.insert(leaf(), "")
		return err
	}
	named := xmledit.NewNode("named-connections")
	for range b.spec.Connections {
		named.Add(xmledit.NewNode("named-connection").Add(leaf()))
	}
	b.outer, err = b.ds.insert(xmledit.NewNode("connection", "class", "federated").Add(named), "")
	return err
}

// names gives every connection the name that is asked for or is made from its settings, and
// a caption (format 5.3).
func (b *builder) names() error {
	first := map[string]int{}
	i := 0
	for c := range b.ds.Connections() {
		spec := b.spec.Connections[i]
		i++
		var settings []string
		for name, value := range c.Attrs() {
			settings = append(settings, name+"="+value)
		}
		slices.Sort(settings)
		name := cmp.Or(spec.Name, c.Class()+"."+digits(settings...))
		if first[name] > 0 {
			return fmt.Errorf("connection %d: it has the name of connection %d, %s, or the same settings", i, first[name], name)
		}
		first[name] = i
		if err := c.named.SetAttr("name", name); err != nil {
			return fmt.Errorf("connection %d: name: %w", i, err)
		}
		file := strings.ReplaceAll(cmp.Or(c.Filename(), c.DBName()), `\`, "/")
		caption := cmp.Or(spec.Caption, c.Caption(), c.Server(), strings.TrimSuffix(path.Base(file), path.Ext(file)))
		if err := c.named.SetAttr("caption", caption); err != nil {
			return fmt.Errorf("connection %d: caption: %w", i, err)
		}
	}
	return nil
}

// newColumns are the columns of a new data source.
func newColumns(columns []NewColumn) (nodes []*xmledit.Node, faults []error) {
	first := map[string]int{}
	for i, c := range columns {
		fault := func(format string, args ...any) {
			faults = append(faults, fmt.Errorf("column %d: "+format, append([]any{i + 1}, args...)...))
		}
		if c.Name == "" {
			fault("it has no name")
			continue
		}
		column := Column{Name: TableName{Unbracket(c.Name)}.String(), Caption: c.Caption, Datatype: c.Datatype}
		column.Role = cmp.Or(c.Role, defaultRole(c.Datatype))
		column.Type = cmp.Or(c.Type, defaultType(c.Datatype, column.Role))
		for _, a := range [...]struct {
			what, value string
			of          []string
		}{
			{"datatype", c.Datatype, []string{"string", "integer", "real", "boolean", "date", "datetime", "spatial"}},
			{"role", column.Role, []string{"dimension", "measure"}},
			{"type", column.Type, []string{"nominal", "ordinal", "quantitative"}},
		} {
			if !slices.Contains(a.of, a.value) {
				fault("%s: %s %q is not one of %s", c.Name, a.what, a.value, strings.Join(a.of, ", "))
			}
		}
		if first[column.Name] > 0 {
			fault("%s is column %d", c.Name, first[column.Name])
		}
		first[column.Name] = i + 1
		nodes = append(nodes, column.node())
	}
	return nodes, faults
}

// logicalCaption is what Tableau calls the logical table that is made of a relation.
func logicalCaption(r Relation) string {
	if r.Kind != JoinRelation {
		return r.Name
	}
	for r.Kind == JoinRelation {
		r = r.Inner[0]
	}
	return r.Name + "+"
}

// rowCounter is the column that counts the rows of a logical table (format 6.3).
func rowCounter(caption, id string) *xmledit.Node {
	return xmledit.NewNode("column", "caption", caption, "datatype", "table",
		"name", "[__tableau_internal_object_id__]."+TableName{id}.String(), "role", "measure", "type", "quantitative")
}

// objectGraph is the data model of one logical table (format 6.4).
func objectGraph(caption, id string, relation *xmledit.Node) *xmledit.Node {
	properties := xmledit.NewNode("properties", "context", "").Add(relation)
	object := xmledit.NewNode("object", "caption", caption, "id", id).Add(properties)
	return xmledit.NewNode("object-graph").Add(xmledit.NewNode("objects").Add(object))
}

// hash depends on the parts and on where one ends.
func hash(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return h.Sum(nil)
}

// digits are the 28 that Tableau puts behind a class to make a name, to the base 36 (format
// 5.3); they depend on the parts alone.
func digits(parts ...string) string {
	n := new(big.Int).SetBytes(hash(parts...)[:18])
	text := n.Rsh(n, 4).Text(36) // 140 bits, which begin with 0 or 1, as Tableau's do
	return strings.Repeat("0", 28-len(text)) + text
}
