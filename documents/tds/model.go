package tds

import (
	"iter"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// RelationKind says what a relation is, in the words of the document (format 6).
type RelationKind string

// The kinds of relation that are told apart; the other kinds of the document (pivot,
// project and so on) read as their own word.
const (
	TableRelation  RelationKind = "table"       // a table of the database
	SQLRelation    RelationKind = "text"        // custom SQL
	ProcRelation   RelationKind = "stored-proc" // a stored procedure
	JoinRelation   RelationKind = "join"        // two relations side by side
	UnionRelation  RelationKind = "union"       // relations one below the other
	TablesRelation RelationKind = "collection"  // the logical tables of a data source
)

// Relation is what a data source reads, as a tree: a table, custom SQL, a stored
// procedure, or what is made of other relations.
type Relation struct {
	Kind       RelationKind
	Name       string     // the alias, by which columns and clauses refer to it; not always there
	Connection string     // internal name of the connection, of tables, SQL and procedures
	Table      TableName  // of a table or a stored procedure
	SQL        string     // of custom SQL, as people write it
	Join       string     // of a join: inner, left, right, full
	Clause     Expression // of a join: what must hold of two rows
	Inner      []Relation // what it is made of
}

// Expression is an operator with its arguments, or a column: [orders].[id].
type Expression struct {
	Op   string
	Args []Expression
}

// String is the expression as people write it: [orders].[cid] = [customers].[id].
func (e Expression) String() string {
	args := make([]string, len(e.Args))
	for i, a := range e.Args {
		args[i] = a.String()
		if len(a.Args) > 1 {
			args[i] = "(" + args[i] + ")"
		}
	}
	switch len(args) {
	case 0:
		return e.Op
	case 1:
		return e.Op + "(" + args[0] + ")"
	}
	return strings.Join(args, " "+e.Op+" ")
}

// LogicalTable is one table of the data model since Tableau 2020.2, which is made of one
// or more physical ones (format 6.4).
type LogicalTable struct {
	ID       string // internal: orders_0F3A22C1D4E5F60718293A4B5C6D7E8F
	Caption  string // what people see
	Relation Relation
}

// relations lists every relation that a data source reads its data from, at any depth,
// in document order: those of its connection in all their forms, and those of the object
// graph. What an extract holds is not among them (format 6.2).
func (ds *Datasource) relations() iter.Seq[xmledit.Element] {
	return func(yield func(xmledit.Element) bool) {
		for root := range ds.relationRoots() {
			if !yield(root) {
				return
			}
			for el := range root.Descendants("relation") {
				if !yield(el) {
					return
				}
			}
		}
	}
}

// relationRoots lists the outermost relations of a data source.
func (ds *Datasource) relationRoots() iter.Seq[xmledit.Element] {
	return func(yield func(xmledit.Element) bool) {
		for conn := range ds.el.Children("connection") {
			for el := range conn.Children("relation") {
				if !yield(el) {
					return
				}
			}
		}
		for object := range ds.objects() {
			for properties := range object.Children("properties") {
				if properties.Value("context") == "extract" {
					continue
				}
				for el := range properties.Children("relation") {
					if !yield(el) {
						return
					}
				}
			}
		}
	}
}

// objects lists the logical tables.
func (ds *Datasource) objects() iter.Seq[xmledit.Element] {
	return ds.el.Find("object-graph", "objects").Children("object")
}

// readRelation reads a relation with all that it is made of.
func readRelation(el xmledit.Element) Relation {
	r := Relation{Kind: RelationKind(el.Value("type")), Name: el.Value("name"), Connection: el.Value("connection")}
	switch r.Kind {
	case TableRelation:
		r.Table, _ = ParseTableName(el.Value("table"))
	case ProcRelation:
		r.Table, _ = ParseTableName(el.Value("stored-proc"))
	case SQLRelation:
		r.SQL = decodeSQL(el.Text())
	case JoinRelation:
		r.Join = el.Value("join")
		r.Clause = readExpression(el.Find("clause", "expression"))
	}
	for inner := range el.Children("relation") {
		r.Inner = append(r.Inner, readRelation(inner))
	}
	return r
}

func readExpression(el xmledit.Element) Expression {
	e := Expression{Op: el.Value("op")}
	for arg := range el.Children("expression") {
		e.Args = append(e.Args, readExpression(arg))
	}
	return e
}
