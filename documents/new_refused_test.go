package documents_test

import (
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func TestNewRefused(t *testing.T) {
	t.Parallel()
	leaf := func(kind tds.RelationKind, change func(*tds.Relation)) tds.Relation {
		r := tds.Relation{Kind: kind, Name: "r", Table: tds.TableName{"t"}}
		if kind == tds.SQLRelation {
			r.Table, r.SQL = nil, "SELECT 1"
		}
		change(&r)
		return r
	}
	table := func(change func(*tds.Relation)) tds.Relation { return leaf(tds.TableRelation, change) }
	join := func(change func(*tds.Relation)) tds.Relation {
		r := tds.Relation{
			Kind: tds.JoinRelation, Join: "inner", Clause: compare("=", "[orders].[id]", "[r].[id]"),
			Inner: []tds.Relation{ordersTable, table(func(*tds.Relation) {})},
		}
		change(&r)
		return r
	}
	clause := func(e tds.Expression) tds.Relation { return join(func(r *tds.Relation) { r.Clause = e }) }
	twice := func(s tds.ConnectionPatch) []tds.NewConnection { return []tds.NewConnection{warehouse, {Settings: s}} }
	for _, c := range []struct {
		name string
		spec tds.Spec
		want []string // of the error
	}{
		{"nothing", tds.Spec{Connections: []tds.NewConnection{}}, []string{`making data source "Orders": it has no connection`}},
		{"no class", tds.Spec{Connections: []tds.NewConnection{{}}}, []string{"connection 1: it has no class"}},
		{"unknown class", tds.Spec{Connections: []tds.NewConnection{{Settings: tds.ConnectionPatch{Class: "postgre"}}}}, []string{"connection 1: ", `no class "postgre"`, "postgres"}},
		{"a published data source", tds.Spec{Connections: []tds.NewConnection{{Settings: tds.ConnectionPatch{Class: "sqlproxy"}}}}, []string{"class sqlproxy"}},
		{"the wrapper", tds.Spec{Connections: []tds.NewConnection{{Settings: tds.ConnectionPatch{Class: "federated"}}}}, []string{"class federated"}},
		{"settings that are missing", tds.Spec{Connections: twice(tds.ConnectionPatch{Class: "oracle", Server: "o"})}, []string{"connection 2: ", "class oracle needs service"}},
		{"settings of another class", tds.Spec{Connections: twice(tds.ConnectionPatch{Class: "oracle", Server: "o", Service: "s", DBName: "d"})}, []string{"connection 2: ", "class oracle has no dbname"}},
		{"a misspelt setting", tds.Spec{Connections: twice(tds.ConnectionPatch{Class: "mysql", Server: "o", DBName: "s", Attrs: map[string]string{"sever": "x"}})}, []string{`no attribute "sever"`}},
		{"a password", tds.Spec{Connections: twice(tds.ConnectionPatch{Class: "mysql", Server: "o", DBName: "s", Attrs: map[string]string{"password": "hunter2"}})}, []string{"a password does not belong in a file"}},
		{"a connection twice", tds.Spec{Connections: []tds.NewConnection{{Settings: warehouse.Settings}, {Settings: warehouse.Settings}}}, []string{"connection 2: it has the name of connection 1, postgres."}},
		{"bare, several", tds.Spec{Bare: true, Connections: []tds.NewConnection{{}, {}}}, []string{"it is to be bare, and has 2 connections"}},
		{"bare, with a name", tds.Spec{Bare: true}, []string{"a bare connection has neither name nor caption"}},
		{"a connection that nothing reads", tds.Spec{Connections: twice(tds.ConnectionPatch{Class: "mysql", Server: "o", DBName: "s"}), Relation: table(func(r *tds.Relation) { r.Connection = "db1" })}, []string{"connection 2: no relation is read from mysql"}},

		{"no relation", tds.Spec{}, []string{"relation: it has no kind: table, text, stored-proc or join"}},
		{"a union", tds.Spec{Relation: tds.Relation{Kind: tds.UnionRelation}}, []string{"relation: a union cannot be made"}},
		{"unknown connection", tds.Spec{Relation: table(func(r *tds.Relation) { r.Connection = "db2" })}, []string{`relation: no connection "db2"; there are: postgres caption="db1"`}},
		{"which connection", tds.Spec{Connections: twice(tds.ConnectionPatch{Class: "mysql", Server: "o", DBName: "s"}), Relation: ordersTable}, []string{"2 matches for connection, which is not given"}},
		{"connections of one caption", tds.Spec{Connections: twice(tds.ConnectionPatch{Class: "mysql", Server: "db1", DBName: "s"}), Relation: table(func(r *tds.Relation) { r.Connection = "db1" })}, []string{`2 matches for connection "db1"`}},
		{"no table", tds.Spec{Relation: table(func(r *tds.Relation) { r.Table = nil })}, []string{"relation: the name of the table is empty"}},
		{"an empty part", tds.Spec{Relation: table(func(r *tds.Relation) { r.Table = tds.TableName{"", "t"} })}, []string{"[].[t] is not the name of a table"}},
		{"four parts", tds.Spec{Relation: table(func(r *tds.Relation) { r.Table = tds.TableName{"a", "b", "c", "d"} })}, []string{"one to three parts"}},
		{"a table with SQL", tds.Spec{Relation: table(func(r *tds.Relation) { r.SQL = "SELECT 1" })}, []string{"a relation of kind table has no SQL"}},
		{"a table with a clause", tds.Spec{Relation: table(func(r *tds.Relation) { r.Clause.Op = "=" })}, []string{"has neither join, clause"}},
		{"no SQL", tds.Spec{Relation: leaf(tds.SQLRelation, func(r *tds.Relation) { r.SQL = " \n" })}, []string{"relation: the custom SQL is empty"}},
		{"SQL with a table", tds.Spec{Relation: leaf(tds.SQLRelation, func(r *tds.Relation) { r.Table = tds.TableName{"t"} })}, []string{"custom SQL has no table, and this has [t]"}},
		{"a parameter that is not there", tds.Spec{Relation: leaf(tds.SQLRelation, func(r *tds.Relation) { r.SQL = "SELECT <[Parameters].[P 1]>" })}, []string{"<[Parameters].[P 1]> takes the value of a parameter"}},

		{"a join with a name", tds.Spec{Relation: join(func(r *tds.Relation) { r.Name = "j" })}, []string{"a join has no name"}},
		{"no such join", tds.Spec{Relation: join(func(r *tds.Relation) { r.Join = "outer" })}, []string{`join "outer" is not one of inner, left, right, full`}},
		{"a join of one", tds.Spec{Relation: join(func(r *tds.Relation) { r.Inner = r.Inner[:1] })}, []string{"a join is of two relations, and this has 1"}},
		{"a name twice", tds.Spec{Relation: join(func(r *tds.Relation) { r.Inner[1].Name = "orders" })}, []string{`relation.Inner[1]: its name is "orders", and so is that of relation.Inner[0]`}},
		{"a procedure joined", tds.Spec{Relation: join(func(r *tds.Relation) { r.Inner[1].Kind = tds.ProcRelation })}, []string{"relation.Inner[1]: a stored procedure cannot be joined"}},
		{"no clause", tds.Spec{Relation: clause(tds.Expression{})}, []string{`relation: clause: "" is no comparison: it must begin with one of <, <=, <>, =, >, >=, AND, OR`}},
		{"a clause that compares nothing", tds.Spec{Relation: clause(tds.Expression{Op: "="})}, []string{`clause: "=" has nothing to compare`}},
		{"no operator", tds.Spec{Relation: clause(compare("==", "[orders].[id]", "[r].[id]"))}, []string{`"==" is no comparison`}},
		{"an operator in lower case", tds.Spec{Relation: clause(compare("and", "1", "1"))}, []string{`"and" is no comparison`}},
		{"no operator inside", tds.Spec{Relation: clause(tds.Expression{Op: "AND", Args: []tds.Expression{compare("=", "1", "1"), compare("!=", "1", "1")}})}, []string{`"!=" is no operator; there are: `}},
		{"a comparison of three", tds.Spec{Relation: clause(tds.Expression{Op: "<", Args: []tds.Expression{{Op: "1"}, {Op: "2"}, {Op: "3"}}})}, []string{"< has 3 arguments"}},
		{"an unknown alias", tds.Spec{Relation: clause(compare("=", "[orders].[id]", "[s].[id]"))}, []string{`clause: no relation "s", which [s].[id] names, in the join; there are: orders, r`}},
		{"an unknown alias in a calculation", tds.Spec{Relation: clause(compare("=", "LOWER([orders].[id])", "LOWER([s].[id])"))}, []string{`no relation "s"`}},
		{"a column of no relation", tds.Spec{Relation: clause(compare("=", "[id]", "[r].[id]"))}, []string{"[id] is not a column of a relation, as [orders].[id] is"}},
		{"an alias of another join", tds.Spec{Relation: tds.Relation{
			Kind: tds.JoinRelation, Join: "inner", Clause: compare("=", "[orders].[id]", "[x].[id]"),
			Inner: []tds.Relation{
				table(func(r *tds.Relation) { r.Name = "x" }), join(func(r *tds.Relation) { r.Clause = compare("=", "[orders].[id]", "[x].[id]") }),
			},
		}}, []string{`relation.Inner[1]: clause: no relation "x"`, "there are: orders, r"}},

		{"arguments of a table", tds.Spec{Relation: ordersTable, Arguments: []tds.Argument{{Name: "a"}}}, []string{"arguments: the relation is no stored procedure"}},
		{"arguments", tds.Spec{Relation: leaf(tds.ProcRelation, func(*tds.Relation) {}), Arguments: []tds.Argument{
			{}, {Name: "a", Datatype: "date", Value: tds.String("x")}, {Name: "a"}, {Name: "b", Parameter: "[P]"},
		}}, []string{"argument 1: it has no name", `argument 2: a: "x" is not a date`, "argument 3: a is there already", "argument 4: b is linked to the parameter [P]"}},

		{"columns", tds.Spec{Relation: ordersTable, Columns: []tds.NewColumn{
			{Datatype: "string"}, {Name: "a", Datatype: "text"}, {Name: "[a]", Datatype: "real", Role: "dim", Type: "x"},
		}}, []string{
			"column 1: it has no name", `column 2: a: datatype "text" is not one of string, integer`, "column 3: [a] is column 2",
			`column 3: [a]: role "dim" is not one of dimension, measure`, `column 3: [a]: type "x" is not one of`,
		}},
		{
			"everything at once",
			tds.Spec{Relation: join(func(r *tds.Relation) { r.Join, r.Inner[0].Connection = "", "x" }), Columns: []tds.NewColumn{{}}},
			[]string{`join "" is not one of`, `no connection "x"`, "column 1: it has no name"},
		},
		{"a character that XML forbids", tds.Spec{Relation: leaf(tds.SQLRelation, func(r *tds.Relation) { r.SQL = "\x00" })}, []string{"is not allowed in XML 1.0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.spec.Name = "Orders"
			if c.spec.Connections == nil {
				c.spec.Connections = []tds.NewConnection{warehouse}
			}
			f, err := documents.New(c.spec)
			if err == nil {
				t.Fatalf("made:\n%s", doctest.Written(t, f))
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("the error does not say %q: %v", w, err)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error has a password: %v", err)
			}
		})
	}
}
