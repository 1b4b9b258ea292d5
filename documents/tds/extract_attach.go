package tds

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// NewExtract is an extract that a data source is to get.
type NewExtract struct {
	Path string // of the file in the package, with forward slashes
	TDE  bool   // the file is a .tde and no .hyper
}

// AttachExtract gives the data source an extract, enabled, in the form in which the
// document writes its relations. Its file must hold what the document will say:
//
//   - for one logical table, and in documents that know none, the table
//     [Extract].[Extract], whose columns have the names of the fields;
//   - for several, a table [Extract].[ID] for each, ID being [LogicalTable.ID], whose
//     columns have the names they have in the database, or of the field where two tables
//     that were joined have the same.
//
// Hidden and calculated fields are left out, as Tableau leaves them out. What is written of the columns is
// derived from what the data source knows of its connections: names, types, aggregations,
// order. What only the file knows is not written, and Tableau finds it there: collations,
// counts, when it was made. A data source that knows no columns gets an extract that tells
// of none. Another extract is an error, this very one is none. A reference to a published data
// source is refused: its rows are kept, and refreshed, where it was published.
func (ds *Datasource) AttachExtract(x NewExtract) error {
	err := ds.el.Document().Atomically("", func() error {
		if x.Path == "" {
			return errors.New("the path is empty")
		}
		if old, ok := ds.Extract(); ok {
			if old.Enabled && old.Path == x.Path && old.TDE() == x.TDE {
				return ds.el.Child("extract").SetAttr("enabled", "true") // nothing but the claim of it
			}
			return fmt.Errorf("it has one, %q", old.Path)
		}
		if ref, ok := ds.Published(); ok {
			return fmt.Errorf("it refers to the published data source %q, which has the rows: give the extract to that one", ref.ContentURL)
		}
		if !ds.el.Child("connection").Exists() {
			return errors.New("it has no connection")
		}
		return ds.attach(x)
	})
	return ds.doing("attaching an extract", err)
}

// extractTable is a table of the file of an extract.
type extractTable struct {
	id      string // of the logical table, "Extract" where there is one at most
	name    string // of the relation it is made from
	columns []extractColumn
}

// extractColumn is a column of such a table.
type extractColumn struct {
	el     xmledit.Element // what the connection's metadata tells of it
	remote string          // its name in the file
}

func (t *extractTable) relation(written string) *xmledit.Node {
	return xmledit.NewNode(written, "name", t.id, "table", TableName{"Extract", t.id}.String(), "type", "table")
}

func (ds *Datasource) attach(x NewExtract) error {
	tables, err := ds.extractTables()
	if err != nil {
		return err
	}
	conn := xmledit.NewNode("connection", "class", "hyper", "dbname", x.Path, "schema", "Extract", "tablename", "Extract",
		"access_mode", "readonly", "authentication", "auth-none", "default-settings", "yes", "sslmode", "", "username", "tableau_internal_user")
	if x.TDE {
		conn = xmledit.NewNode("connection", "class", "dataengine", "dbname", x.Path, "schema", "Extract", "tablename", "Extract")
	}
	conn.Add(ds.extractRelations(tables)...)
	if maps := extractMaps(tables); len(tables) > 1 && len(maps.Children) > 0 {
		conn.Add(maps)
	}
	if records := extractRecords(tables); len(records.Children) > 0 {
		conn.Add(records)
	}
	extract := xmledit.NewNode("extract", "count", "-1", "enabled", "true", "units", "records")
	if graph := ds.el.Child("object-graph"); graph.Exists() {
		name, feature := "object-id", "ObjectModelExtractV2"
		if graph.FullName() != graph.Name() {
			name, feature = "_.fcp."+feature+".true..."+name, "_.fcp."+feature+".true..."+feature
		}
		extract.Attrs = append(extract.Attrs, xmledit.Attr{Name: name})
		if err := ds.requireFeature(feature); err != nil {
			return err
		}
	}
	if _, err := ds.insert(extract.Add(conn), ""); err != nil {
		return err
	}
	return ds.attachToObjects(tables)
}

// attachToObjects lets the logical tables tell of their tables in the extract.
func (ds *Datasource) attachToObjects(tables []extractTable) error {
	byID := indexTables(tables)
	for object := range ds.objects() {
		table := &tables[0]
		if len(tables) > 1 {
			table = byID[object.Value("id")]
		}
		if err := attachToObject(object, table); err != nil {
			return err
		}
	}
	return nil
}

// indexTables gives tables by their IDs.
func indexTables(tables []extractTable) map[string]*extractTable {
	out := map[string]*extractTable{}
	for i := range tables {
		out[tables[i].id] = &tables[i]
	}
	return out
}

// attachToObject lets a logical table tell of its table in the extract. Some tell of one
// although the extract is gone.
func attachToObject(object xmledit.Element, table *extractTable) error {
	node := xmledit.NewNode("properties", "context", "extract").Add(table.relation("relation"))
	var next xmledit.Element // what comes after the properties
	for c := range object.Children() {
		switch {
		case c.Name() != "properties":
			if !next.Exists() {
				next = c
			}
		case c.Value("context") == "extract":
			if c.Child("relation").Value("table") == (TableName{"Extract", table.id}).String() {
				c.Claim()
				return nil
			}
			_, err := c.Replace(node)
			return err
		default:
			next = xmledit.Element{} // it came before the last of them
		}
	}
	_, err := object.Insert(node, next)
	return err
}

// extractTables gives the tables of an extract with their columns, in the order in which
// the connection has them.
func (ds *Datasource) extractTables() ([]extractTable, error) {
	var tables []extractTable
	seen := map[string]bool{"": true}
	for object := range ds.objects() {
		id := object.Value("id")
		if seen[id] {
			return nil, fmt.Errorf("the logical table %q has no id of its own", object.Value("caption"))
		}
		seen[id] = true
		name := ""
		for p := range object.Children("properties") {
			if p.Value("context") != "extract" {
				name = cmp.Or(name, p.Child("relation").Value("name"))
			}
		}
		tables = append(tables, extractTable{id: id, name: name})
	}
	if len(tables) < 2 {
		tables = []extractTable{{id: "Extract"}}
	}
	order := ds.tableOrder()
	slices.SortStableFunc(tables, func(a, b extractTable) int { return cmp.Compare(order[a.name], order[b.name]) })
	return tables, ds.addExtractColumns(tables)
}

// tableOrder are the places of the logical tables in the connection, from 1, by their names.
func (ds *Datasource) tableOrder() map[string]int {
	order := map[string]int{}
	for r := range ds.el.Child("connection").Children("relation") {
		if r.Value("type") != "collection" {
			continue
		}
		for inner := range r.Children("relation") {
			if name := inner.Value("name"); order[name] == 0 {
				order[name] = len(order) + 1
			}
		}
	}
	return order
}

// addExtractColumns adds the columns that the metadata of the connection tells of, but for
// hidden and calculated ones.
func (ds *Datasource) addExtractColumns(tables []extractTable) error {
	hidden := map[string]bool{}
	for c := range ds.el.Children("column") {
		hidden[c.Value("name")] = c.Value("hidden") == "true" || c.Child("calculation").Exists()
	}
	for c := range ds.el.Child("connection").Descendants("calculation") {
		hidden[c.Value("column")] = true
	}
	byID := indexTables(tables)
	for r := range ds.metadata() { // there is no extract to have any
		local := localNameOf(r)
		if hidden[local] || remoteTypes[typeOf(r)] == "" {
			continue
		}
		table := &tables[0]
		if len(tables) > 1 {
			id := Unbracket(strings.TrimSpace(r.Child("object-id").Text()))
			if table = byID[id]; table == nil {
				return fmt.Errorf("the column %s is of no logical table", local)
			}
		}
		table.columns = append(table.columns, extractColumn{el: r})
	}
	for i := range tables {
		tables[i].nameColumns(len(tables) == 1)
	}
	return nil
}

func localNameOf(record xmledit.Element) string {
	return strings.TrimSpace(record.Child("local-name").Text())
}

func typeOf(record xmledit.Element) string {
	return strings.TrimSpace(record.Child("local-type").Text())
}

// nameColumns gives the columns the names that they have in the file: those of the fields,
// or those that they have in the database.
func (t *extractTable) nameColumns(asFields bool) {
	count := map[string]int{}
	for _, c := range t.columns {
		count[c.el.Child("remote-name").Text()]++
	}
	for i := range t.columns {
		c := &t.columns[i]
		c.remote = c.el.Child("remote-name").Text()
		if asFields || count[c.remote] > 1 || c.remote == "" {
			c.remote = Unbracket(localNameOf(c.el))
		}
	}
}

// extractRelations gives the relations of the extract in the forms that those of the
// connection have. The form for programs that know one table only holds the one that they
// have in the connection.
func (ds *Datasource) extractRelations(tables []extractTable) (nodes []*xmledit.Node) {
	for r := range ds.el.Child("connection").Children("relation") {
		if len(tables) > 1 && r.Value("type") == "collection" {
			collection := xmledit.NewNode(r.FullName(), "type", "collection")
			for i := range tables {
				collection.Add(tables[i].relation("relation"))
			}
			nodes = append(nodes, collection)
			continue
		}
		i := max(0, slices.IndexFunc(tables, func(t extractTable) bool { return t.name == r.Value("name") }))
		nodes = append(nodes, tables[i].relation(r.FullName()))
	}
	if len(nodes) == 0 {
		nodes = append(nodes, tables[0].relation("relation"))
	}
	return nodes
}

// extractMaps tells which column of which table a field is, sorted by field.
func extractMaps(tables []extractTable) *xmledit.Node {
	cols := xmledit.NewNode("cols")
	for _, t := range tables {
		for _, c := range t.columns {
			cols.Add(xmledit.NewNode("map", "key", localNameOf(c.el), "value", TableName{t.id, c.remote}.String()))
		}
	}
	slices.SortFunc(cols.Children, func(a, b *xmledit.Node) int {
		return strings.Compare(a.Attrs[0].Value, b.Attrs[0].Value)
	})
	return cols
}

// remoteTypes are the types of columns in extracts, by datatype.
var remoteTypes = map[string]string{
	"string": "129", "integer": "20", "real": "5", "boolean": "11", "date": "133", "datetime": "135", "spatial": "128",
}

// extractRecords tells of the columns of an extract.
func extractRecords(tables []extractTable) *xmledit.Node {
	records := xmledit.NewNode("metadata-records")
	for _, t := range tables {
		for _, c := range t.columns {
			records.Add(t.record(c, len(records.Children)))
		}
	}
	return records
}

// record tells of one column.
func (t *extractTable) record(c extractColumn, ordinal int) *xmledit.Node {
	record := xmledit.NewNode("metadata-record", "class", "column")
	add := func(name, text string) {
		if text != "" {
			record.Add(&xmledit.Node{Name: name, Text: text})
		}
	}
	text := func(name string) string { return strings.TrimSpace(c.el.Child(name).Text()) }
	aggregation := text("aggregation")
	if typeOf(c.el) == "spatial" { // which a text file has as text
		aggregation = "Collect"
	}
	add("remote-name", c.remote)
	add("remote-type", remoteTypes[typeOf(c.el)])
	add("local-name", localNameOf(c.el))
	add("parent-name", TableName{t.id}.String())
	add("remote-alias", c.remote)
	add("ordinal", strconv.Itoa(ordinal))
	add("family", cmp.Or(c.el.Child("family").Text(), Unbracket(text("parent-name"))))
	add("local-type", typeOf(c.el))
	add("aggregation", aggregation)
	add("contains-null", "true")
	if id := c.el.Child("object-id"); id.Exists() {
		add(id.FullName(), id.Text())
	}
	return record
}
