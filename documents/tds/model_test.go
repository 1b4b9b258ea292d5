package tds_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func columnOf(name string) tds.Expression { return tds.Expression{Op: name} }

func TestModel(t *testing.T) {
	t.Parallel()
	tableOf := func(connection, alias string, name ...string) tds.Relation {
		return tds.Relation{Kind: tds.TableRelation, Name: alias, Connection: connection, Table: name}
	}
	pivot := readingTables(`<relation name='Pivot' type='pivot'>
      <columns><column datatype='string' name='Year' /><column datatype='integer' name='Sales' /></columns>
      <tag name='Year'><value name='[2023]' /><value name='[2024]' /></tag>
      <groups><group name='Sales'><field name='[o].[2023]' /><field name='[o].[2024]' /></group></groups>
      ` + tableFrom("o", "[o]") + `
    </relation>`)
	joined := tds.Relation{
		Kind: tds.JoinRelation, Join: "left",
		Clause: tds.Expression{Op: "AND", Args: []tds.Expression{
			{Op: "=", Args: []tds.Expression{columnOf("[orders].[cid]"), columnOf("[jan+].[cid]")}},
			{Op: ">", Args: []tds.Expression{columnOf("[orders].[n]"), {Op: "ABS", Args: []tds.Expression{columnOf("[jan+].[n]")}}}},
		}},
		Inner: []tds.Relation{
			tableOf("c", "orders", "public", "orders"),
			{Kind: tds.UnionRelation, Name: "jan+", Inner: []tds.Relation{tableOf("c", "jan", "public", "jan"), tableOf("c", "feb", "public", "feb")}},
		},
	}
	for _, c := range []struct {
		name string
		in   string
		want tds.Model
	}{
		{"plain", doctest.FX1, tds.Model{Tables: []tds.LogicalTable{
			{ID: "orders_0F3A22C1D4E5F60718293A4B5C6D7E8F", Caption: "orders", Relation: tableOf("postgres.c", "orders", "public", "orders")},
		}}},
		{"case 37: as a reader of today takes it", logicalTables, tds.Model{
			Tables: []tds.LogicalTable{
				{ID: "orders_0F", Caption: "orders", Relation: tableOf("c", "orders", "public", "orders")},
				{ID: "people_1A", Caption: "people", Relation: tableOf("c", "people", "public", "people")},
			},
			Relationships: []tds.Relationship{{
				First: tds.EndPoint{Table: "orders_0F"}, Second: tds.EndPoint{Table: "people_1A", Unique: true},
				On: tds.Expression{Op: "=", Args: []tds.Expression{columnOf("[pid]"), columnOf("[id (people)]")}},
			}},
		}},
		{"case 41: before 2020.2", nestedTables, tds.Model{Tables: []tds.LogicalTable{{Relation: joined}}}},
		{"a pivot", pivot, tds.Model{Tables: []tds.LogicalTable{{Caption: "Pivot", Relation: tds.Relation{
			Kind: tds.PivotRelation, Name: "Pivot", Inner: []tds.Relation{tableOf("c", "o", "o")},
			Pivot: []tds.PivotColumn{{Name: "Year", From: []string{"[2023]", "[2024]"}}, {Name: "Sales", From: []string{"[o].[2023]", "[o].[2024]"}}},
		}}}}},
		{"forks that say different things", readingTables(`<_.fcp.A.false...relation name='old' type='table' table='[old]' /><_.fcp.A.true...relation name='new' type='join' join='inner'>` +
			`<_.fcp.B.false...relation name='x' type='table' table='[x]' /><_.fcp.B.true...relation name='y' type='table' table='[y]' /></_.fcp.A.true...relation>`), tds.Model{
			Tables: []tds.LogicalTable{{Caption: "new", Relation: tds.Relation{Kind: tds.JoinRelation, Name: "new", Join: "inner", Inner: []tds.Relation{tableOf("", "y", "y")}}}},
		}},
		{"only for older readers", readingTables(`<_.fcp.A.false...relation name='old' type='table' table='[old]' />`), tds.Model{Tables: []tds.LogicalTable{{Caption: "old", Relation: tableOf("", "old", "old")}}}},
		{"only in an extract", readingTables("", `<object-graph><objects><object caption='o' id='o'><properties context='extract'>`+tableFrom("x", "[Extract].[x]")+
			`</properties></object></objects></object-graph>`), tds.Model{Tables: []tds.LogicalTable{{ID: "o", Caption: "o"}}}},
		{
			"a subquery", readingTables(`<relation name='q' type='subquery'><subquery name='[q]'><clause type='from'>` + tableFrom("o", "[o]") + `</clause></subquery></relation>`),
			tds.Model{Tables: []tds.LogicalTable{{Caption: "q", Relation: tds.Relation{Kind: "subquery", Name: "q", Inner: []tds.Relation{tableOf("c", "o", "o")}}}}},
		},
		{"nothing", "<datasource/>", tds.Model{}},
	} {
		if diff := cmp.Diff(c.want, datasource(t, c.in).Model()); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestCardinality(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ first, second, want string }{
		{"", "", "many-to-many"},
		{"", "unique-key='true'", "many-to-one"},
		{"is-db-set-unique-key='true'", "", "one-to-many"},
		{"is-db-set-unique-key='true' unique-key='true'", "unique-key='true'", "one-to-one"},
		{"is-db-set-unique-key='true' unique-key='false'", "", "many-to-many"},
		{"guaranteed-value='true'", "is-db-set-guaranteed-value='true'", "many-to-many, all, all"},
	} {
		m := datasource(t, `<datasource><object-graph><objects /><relationships><relationship><expression op='='><expression op='[a]' /><expression op='[b]' /></expression>`+
			`<first-end-point `+c.first+` object-id='A' /><second-end-point `+c.second+` object-id='B' /></relationship></relationships></object-graph></datasource>`).Model()
		r := m.Relationships[0]
		got := r.Cardinality()
		for _, e := range []tds.EndPoint{r.First, r.Second} {
			if e.AllMatch {
				got += ", all"
			}
		}
		if got != c.want {
			t.Errorf("%s, %s: %s, want %s", c.first, c.second, got, c.want)
		}
		if got := r.String(); got != "A, B on [a] = [b] ("+r.Cardinality()+")" {
			t.Errorf("in words: %s", got)
		}
	}
}

func TestInWords(t *testing.T) {
	t.Parallel()
	expr := func(op string, args ...tds.Expression) tds.Expression { return tds.Expression{Op: op, Args: args} }
	a, b := columnOf("[a]"), columnOf("[b]")
	for _, c := range []struct {
		e    tds.Expression
		want string
	}{
		{a, "[a]"},
		{expr("=", a, b), "[a] = [b]"},
		{expr("AND", expr("=", a, b), expr("<>", a, b), a), "([a] = [b]) AND ([a] <> [b]) AND [a]"},
		{expr("=", expr("LEFT", a, columnOf("3")), expr("-", b)), "LEFT([a], 3) = -([b])"},
		{expr("IFNULL", expr("+", a, b), b), "IFNULL([a] + [b], [b])"},
		{tds.Expression{}, ""},
	} {
		if got := c.e.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	orders := tds.Relation{Kind: tds.TableRelation, Name: "orders", Table: tds.TableName{"public", "orders"}}
	people := tds.Relation{Kind: tds.TableRelation, Name: "p", Table: tds.TableName{"public", "people"}}
	join := tds.Relation{Kind: tds.JoinRelation, Join: "left", Clause: expr("=", columnOf("[orders].[pid]"), columnOf("[p].[id]")), Inner: []tds.Relation{orders, people}}
	sql := tds.Relation{Kind: tds.SQLRelation, Name: "Q", SQL: "select 1"}
	for _, c := range []struct {
		r    tds.Relation
		want string
	}{
		{join, "[public].[orders] left join [public].[people] as p on [orders].[pid] = [p].[id]"},
		{
			tds.Relation{Kind: tds.JoinRelation, Join: "inner", Clause: expr("=", columnOf("1"), columnOf("1")), Inner: []tds.Relation{join, sql}},
			`([public].[orders] left join [public].[people] as p on [orders].[pid] = [p].[id]) inner join custom SQL "Q" on 1 = 1`,
		},
		{tds.Relation{Kind: tds.UnionRelation, Name: "u", Inner: []tds.Relation{orders, people}}, "union of [public].[orders], [public].[people] as p"},
		{tds.Relation{Kind: tds.PivotRelation, Inner: []tds.Relation{join}}, "pivot of ([public].[orders] left join [public].[people] as p on [orders].[pid] = [p].[id])"},
		{tds.Relation{Kind: tds.TablesRelation, Inner: []tds.Relation{orders, people}}, "[public].[orders], [public].[people] as p"},
		{tds.Relation{Kind: tds.ProcRelation, Name: "usp;1", Table: tds.TableName{"dbo", "usp;1"}}, "procedure [dbo].[usp;1]"},
		{tds.Relation{}, ""},
	} {
		if got := c.r.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
