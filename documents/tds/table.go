package tds

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Table is a physical table that a data source reads, under one alias. Connection and
// alias tell it from the others; it is written in several places (format 6.2).
type Table struct {
	Name       TableName // in the database
	Alias      string    // by which columns and clauses refer to it; it is never changed
	Connection string    // internal name of the connection, empty before Tableau 10
	Columns    []TableColumn
	Copies     int // in how many places of the document it stands
	// Differing are the names that other copies of the table have; none in a sound document.
	Differing []TableName
}

// TableColumn is a field that comes from a column of a table.
type TableColumn struct {
	Name     string // internal name of the field, in brackets: [id (people)]
	Remote   string // name of the column in the table: id
	Datatype string // string, integer, real, boolean, date, datetime; empty where there is no metadata
}

// String tells the table from others: `[public].[orders] as "o" of connection "postgres.1"`.
func (t Table) String() string { return describeTable(t.Name, t.Alias, t.Connection) }

func describeTable(name TableName, alias, connection string) string {
	s := name.String()
	if alias != "" && alias != name.Table() {
		s += " as " + strconv.Quote(alias)
	}
	if connection != "" {
		s += " of connection " + strconv.Quote(connection)
	}
	return s
}

// Tables lists the physical tables in document order, each once. Neither what an extract
// holds is one, nor the stand-in for a published data source; nor are custom SQL and stored
// procedures.
func (ds *Datasource) Tables() iter.Seq[Table] {
	return func(yield func(Table) bool) {
		columns := ds.tableColumns()
		for _, src := range ds.physicals() {
			if src.kind != TableRelation {
				continue
			}
			t := Table{Name: src.name, Alias: src.alias, Connection: src.connection, Columns: columns[src.alias], Copies: len(src.copies)}
			for _, el := range src.copies {
				name := src.read(el)
				if !name.Equal(src.name) && !slices.ContainsFunc(t.Differing, name.Equal) {
					t.Differing = append(t.Differing, name)
				}
			}
			if !yield(t) {
				return
			}
		}
	}
}

// Table finds a table: by its whole name if that is in brackets, [public].[orders]; else by
// its alias, else by the last part of its name. None is a [*NotFoundError], several are an
// [*AmbiguousError].
func (ds *Datasource) Table(name string) (Table, error) {
	var whole, aliased, last []Table
	var there []string
	exact, err := ParseTableName(name)
	for t := range ds.Tables() {
		there = append(there, t.Name.String())
		switch {
		case err == nil && t.Name.Equal(exact):
			whole = append(whole, t)
		case t.Alias == name:
			aliased = append(aliased, t)
		case t.Name.Table() == name:
			last = append(last, t)
		}
	}
	what := "table " + strconv.Quote(name)
	for _, found := range [][]Table{whole, aliased, last} {
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			matches := make([]string, len(found))
			for i, t := range found {
				matches[i] = t.String()
			}
			return Table{}, &AmbiguousError{What: what, Where: ds.String(), Matches: matches}
		}
	}
	return Table{}, &NotFoundError{What: what, Where: ds.String(), There: there}
}

// tableColumns are the fields of each table, by its alias: those that the metadata of the
// connection tells of, then those that only its map of columns does, which is all that
// some documents have (format 6.3, 6.7).
func (ds *Datasource) tableColumns() map[string][]TableColumn {
	out, seen := map[string][]TableColumn{}, map[string]bool{}
	add := func(alias string, c TableColumn) {
		if alias != "" && c.Name != "" && !seen[c.Name] {
			seen[c.Name] = true
			out[alias] = append(out[alias], c)
		}
	}
	for conn := range ds.el.Children("connection") {
		for records := range conn.Children("metadata-records") {
			for r := range records.Children("metadata-record") {
				if r.Value("class") != "column" {
					continue
				}
				text := func(name string) string { return strings.TrimSpace(r.Child(name).Text()) }
				add(Unbracket(text("parent-name")), TableColumn{text("local-name"), text("remote-name"), text("local-type")})
			}
		}
		for cols := range conn.Children("cols") {
			for m := range cols.Children("map") {
				if origin := readTableName(m.Value("value")); len(origin) == 2 {
					add(origin[0], TableColumn{Name: m.Value("key"), Remote: origin[1]})
				}
			}
		}
	}
	return out
}

// physical is a table or stored procedure with all the relations that are copies of it.
type physical struct {
	kind              RelationKind
	connection, alias string
	name              TableName // as a program of today reads it
	copies            []xmledit.Element
}

// attr is the attribute that has the name.
func (s *physical) attr() string {
	if s.kind == ProcRelation {
		return "stored-proc"
	}
	return "table"
}

// read is the name that one of the copies has.
func (s *physical) read(el xmledit.Element) TableName { return readTableName(el.Value(s.attr())) }

// some tells whether any of the copies has a name.
func (s *physical) some(has func(TableName) bool) bool {
	return slices.ContainsFunc(s.copies, func(el xmledit.Element) bool { return has(s.read(el)) })
}

// physicals lists the tables and stored procedures of real connections, in document order.
// A relation without an alias is told from others by its name.
func (ds *Datasource) physicals() []*physical {
	type identity struct {
		kind              RelationKind
		connection, alias string
		unnamed           string
	}
	var out []*physical
	byIdentity := map[identity]*physical{}
	proxies := ds.proxies()
	for el := range ds.relations() {
		src := &physical{kind: RelationKind(el.Value("type")), connection: connectionOf(el), alias: el.Value("name")}
		if src.kind != TableRelation && src.kind != ProcRelation || proxies[src.connection] {
			continue
		}
		if src.read(el) == nil {
			continue // of a document that is not Tableau's
		}
		id := identity{src.kind, src.connection, src.alias, ""}
		if src.alias == "" {
			id.unnamed = el.Value(src.attr())
		}
		if known := byIdentity[id]; known != nil {
			src = known
		} else {
			byIdentity[id] = src
			out = append(out, src)
		}
		if src.name == nil || ds.older(src.copies[0]) && !ds.older(el) {
			src.name = src.read(el)
			src.copies = slices.Insert(src.copies, 0, el) // the first is the one that is read
			continue
		}
		src.copies = append(src.copies, el)
	}
	return out
}

// older tells whether a relation stands where only programs that do not know some feature
// look.
func (ds *Datasource) older(el xmledit.Element) bool {
	for ; el.Exists() && el != ds.el; el = el.Parent() {
		if forOlder(el) {
			return true
		}
	}
	return false
}

// proxies are the internal names of connections to published data sources: their tables are
// stand-ins, [sqlproxy] (format 6.1). The empty name stands for one without a wrapper.
func (ds *Datasource) proxies() map[string]bool {
	out := map[string]bool{}
	for conn := range ds.el.Children("connection") {
		out[""] = out[""] || conn.Value("class") == "sqlproxy"
		for named := range conn.Child("named-connections").Children("named-connection") {
			out[named.Value("name")] = named.Child("connection").Value("class") == "sqlproxy"
		}
	}
	return out
}

// sound checks that the copies of a table agree.
func (s *physical) sound() error {
	err := agree(s.copies, func(el xmledit.Element) string { return s.read(el).String() }, true)
	if err != nil {
		return fmt.Errorf("%s: %w", describeTable(s.name, s.alias, s.connection), err)
	}
	return nil
}
