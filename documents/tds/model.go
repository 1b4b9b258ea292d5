package tds

import (
	"regexp"
	"strconv"
	"strings"
)

// Model is what a data source reads and how that fits together, as Tableau shows it on the
// data source page (format 6).
type Model struct {
	Tables        []LogicalTable
	Relationships []Relationship
}

// LogicalTable is one table of the data model since Tableau 2020.2, which is made of one
// or more physical ones (format 6.4). A document from before has a single one, without an
// ID.
type LogicalTable struct {
	ID       string // internal: orders_0F3A22C1D4E5F60718293A4B5C6D7E8F
	Caption  string // what people see
	Relation Relation
}

// Relationship is how the rows of two logical tables belong together.
type Relationship struct {
	First, Second EndPoint
	On            Expression // what must hold of two rows; names fields, without a table
}

// EndPoint is one side of a relationship. Its zero flags are Tableau's defaults: many
// rows, of which some match.
type EndPoint struct {
	Table    string // ID of the logical table
	Unique   bool   // a row of the other table belongs to at most one of this table
	AllMatch bool   // every row of this table belongs to one of the other
}

// Cardinality is how many rows of the first table belong to how many of the second:
// many-to-one.
func (r Relationship) Cardinality() string {
	side := map[bool]string{true: "one", false: "many"}
	return side[r.First.Unique] + "-to-" + side[r.Second.Unique]
}

// String is the relationship in words: `orders, customers on [cid] = [id] (many-to-one)`,
// the tables by their IDs.
func (r Relationship) String() string {
	return r.First.Table + ", " + r.Second.Table + " on " + r.On.String() + " (" + r.Cardinality() + ")"
}

// RelationKind says what a relation is, in the words of the document (format 6).
type RelationKind string

// The kinds of relation that are told apart; the other kinds of the document (project,
// subquery and so on) read as their own word.
const (
	TableRelation  RelationKind = "table"       // a table of the database
	SQLRelation    RelationKind = "text"        // custom SQL
	ProcRelation   RelationKind = "stored-proc" // a stored procedure
	JoinRelation   RelationKind = "join"        // two relations side by side
	UnionRelation  RelationKind = "union"       // relations one below the other
	PivotRelation  RelationKind = "pivot"       // columns of a relation turned into rows
	TablesRelation RelationKind = "collection"  // the logical tables of a data source
)

// Relation is what a data source reads, as a tree: a table, custom SQL, a stored
// procedure, or what is made of other relations.
type Relation struct {
	Kind       RelationKind
	Name       string        // the alias, by which columns and clauses refer to it; not always there
	Connection string        // internal name of the connection, of tables, SQL and procedures
	Table      TableName     // of a table or a stored procedure
	SQL        string        // of custom SQL, as people write it
	Join       string        // of a join: inner, left, right, full
	Clause     Expression    // of a join: what must hold of two rows
	Pivot      []PivotColumn // of a pivot: what it makes
	Inner      []Relation    // what it is made of
}

// PivotColumn is a column that a pivot makes out of several: of their names, or of their
// values.
type PivotColumn struct {
	Name string
	From []string // the columns, [orders].[2023], or just the names, [2023]
}

// String is the relation in words, a join with its clause:
//
//	[public].[orders] left join [public].[people] as p on [orders].[pid] = [p].[id]
func (r Relation) String() string {
	inner := make([]string, len(r.Inner))
	for i, in := range r.Inner {
		inner[i] = in.String()
		if in.Kind == JoinRelation || in.Kind == UnionRelation {
			inner[i] = "(" + inner[i] + ")"
		}
	}
	list := strings.Join(inner, ", ")
	switch r.Kind {
	case TableRelation, ProcRelation:
		s := r.Table.String()
		if r.Kind == ProcRelation {
			s = "procedure " + s
		}
		if r.Name != "" && r.Name != r.Table.Table() {
			s += " as " + r.Name
		}
		return s
	case SQLRelation:
		return "custom SQL " + strconv.Quote(r.Name)
	case JoinRelation:
		return strings.Join(inner, " "+r.Join+" join ") + " on " + r.Clause.String()
	case TablesRelation, "":
		return list
	}
	return string(r.Kind) + " of " + list
}

// Expression is an operator or a function with its arguments, or a column: [orders].[id].
type Expression struct {
	Op   string
	Args []Expression
}

// function is what the name of a function looks like, unlike an operator.
var function = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// infix tells whether an expression is written with its operator between its arguments.
func (e Expression) infix() bool {
	return len(e.Args) > 1 && (e.Op == "AND" || e.Op == "OR" || !function.MatchString(e.Op))
}

// String is the expression as people write it: [orders].[cid] = [customers].[id].
func (e Expression) String() string {
	args := make([]string, len(e.Args))
	for i, a := range e.Args {
		args[i] = a.String()
		if a.infix() && e.infix() {
			args[i] = "(" + args[i] + ")"
		}
	}
	switch {
	case len(args) == 0:
		return e.Op
	case e.infix():
		return strings.Join(args, " "+e.Op+" ")
	}
	return e.Op + "(" + strings.Join(args, ", ") + ")"
}
