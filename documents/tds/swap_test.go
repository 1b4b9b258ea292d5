package tds_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func swapTable(s tds.Swap) func(*documents.File) error {
	return func(f *documents.File) error { _, err := first(f).SwapTable(s); return err }
}

func swapSchema(s tds.Swap) func(*documents.File) error {
	return func(f *documents.File) error { _, err := first(f).SwapSchema(s); return err }
}

func swapDatabase(s tds.Swap) func(*documents.File) error {
	return func(f *documents.File) error { _, err := first(f).SwapDatabase(s); return err }
}

func TestSwap(t *testing.T) {
	t.Parallel()
	public := tds.Swap{From: "public", To: "acme"}
	orders := tds.Swap{From: "[public].[orders]", To: "[acme].[orders_v2]"}
	mixed := readingTables(tableFrom("a", "[public].[public]") + tableFrom("b", "[public].[public_orders]") + tableFrom("c", "[DEV].[public].[t]") + tableFrom("d", "[t]"))
	oldest := "<datasource version='9.3'><connection class='mysql' dbname='dev'><relation name='o' table='[orders]' type='table' /></connection></datasource>"
	odd := readingTables(tableFrom("events", "[proj.ds].[events]") + tableFrom("t", "[a]]b].[t]") + tableFrom("s", "[&apos;My Sheet$&apos;]") + tableFrom("x", `[C:\x\y.csv#csv]`))
	procedure := readingTables(`<relation connection='c' name='usp;1' stored-proc='[DEV].[dbo].[usp;1]' type='stored-proc' />`)
	two := strings.ReplaceAll(hyperSource, "[Extract].[Orders]", "[public].[orders]")
	for _, c := range []struct {
		name string
		in   string
		edit func(*documents.File) error
		want string
	}{
		{
			"case 36: plain", doctest.FX1, swapTable(tds.Swap{From: "[public].[orders]", To: "[acme].[orders]"}),
			strings.ReplaceAll(doctest.FX1, "[public].[orders]", "[acme].[orders]"),
		},
		{
			"case 36: forked", doctest.FX2, swapTable(tds.Swap{From: "[public].[orders]", To: "[acme].[orders]"}),
			strings.ReplaceAll(doctest.FX2, "[public].[orders]", "[acme].[orders]"),
		},
		{"case 36: a schema", doctest.FX2, swapSchema(public), strings.ReplaceAll(doctest.FX2, "[public]", "[acme]")},
		{
			"case 37: what is in two places", logicalTables, swapTable(tds.Swap{From: "[public].[people]", To: "[acme].[people]"}),
			strings.ReplaceAll(logicalTables, "[public].[people]", "[acme].[people]"),
		},
		{
			"case 37: what is in three places", logicalTables, swapTable(tds.Swap{From: "[public].[orders]", To: "[acme].[orders]"}),
			strings.ReplaceAll(logicalTables, "[public].[orders]", "[acme].[orders]"),
		},
		{"cases 28, 38: the source and not its extract", hyperSource, swapSchema(tds.Swap{From: "Extract", To: "acme"}), strings.ReplaceAll(hyperSource, "[Extract].[Orders]", "[acme].[Orders]")},
		{
			"case 39: parts", mixed, swapSchema(public),
			strings.ReplaceAll(strings.ReplaceAll(mixed, "'[public].", "'[acme]."), "[DEV].[public]", "[DEV].[acme]"),
		},
		{"case 39: in brackets", doctest.FX1, swapSchema(tds.Swap{From: "[public]", To: "[a]]b]"}), strings.ReplaceAll(doctest.FX1, "[public]", "[a]]b]")},
		{"case 40: a dot in a part", odd, swapSchema(tds.Swap{From: "proj.ds", To: "proj2.ds"}), strings.ReplaceAll(odd, "[proj.ds]", "[proj2.ds]")},
		{"case 40: brackets in parts", odd, swapSchema(tds.Swap{From: "a]b", To: "c]d"}), strings.ReplaceAll(odd, "[a]]b]", "[c]]d]")},
		{"case 40: a quoted sheet", odd, swapTable(tds.Swap{From: "['My Sheet$']", To: "['Its Sheet$']"}), strings.ReplaceAll(odd, "&apos;My", "&apos;Its")},
		{"case 40: a path", odd, swapTable(tds.Swap{From: `[C:\x\y.csv#csv]`, To: `[z#csv]`}), strings.ReplaceAll(odd, `[C:\x\y.csv#csv]`, `[z#csv]`)},
		{"case 41: a union in a join", nestedTables, swapTable(tds.Swap{From: "[public].[jan]", To: "[acme].[jan]"}), strings.ReplaceAll(nestedTables, "[public].[jan]", "[acme].[jan]")},
		{"case 41: a forked item", nestedTables, swapTable(tds.Swap{From: "feb", To: "[acme].[feb]"}), strings.ReplaceAll(nestedTables, "[public].[feb]", "[acme].[feb]")},
		{"case 42: the alias stays", nestedTables, swapTable(orders), strings.ReplaceAll(nestedTables, "[public].[orders]", "[acme].[orders_v2]")},
		{"by alias", mixed, swapTable(tds.Swap{From: "a", To: "[x].[y]"}), strings.ReplaceAll(mixed, "[public].[public]", "[x].[y]")},
		{"by the last part", mixed, swapTable(tds.Swap{From: "public_orders", To: "[x].[y]"}), strings.ReplaceAll(mixed, "[public].[public_orders]", "[x].[y]")},
		{"more parts", mixed, swapTable(tds.Swap{From: "[t]", To: "[DEV].[acme].[t]"}), strings.ReplaceAll(mixed, "'[t]'", "'[DEV].[acme].[t]'")},
		{"fewer parts", mixed, swapTable(tds.Swap{From: "[DEV].[public].[t]", To: "[t]"}), strings.ReplaceAll(mixed, "[DEV].[public].[t]", "[t]")},
		{"a database", mixed, swapDatabase(tds.Swap{From: "DEV", To: "PROD"}), strings.ReplaceAll(mixed, "[DEV]", "[PROD]")},
		{"before Tableau 10", oldest, swapTable(tds.Swap{From: "[orders]", To: "[acme].[orders]"}), strings.ReplaceAll(oldest, "[orders]", "[acme].[orders]")},
		{"the same", doctest.FX2, swapTable(tds.Swap{From: "[public].[orders]", To: "[public].[orders]"}), doctest.FX2},
		{"one alias of two", readingTables(tableFrom("o", "[s].[o]") + tableFrom("o1", "[s].[o]")), swapTable(tds.Swap{From: "o1", To: "[s].[p]"}), readingTables(tableFrom("o", "[s].[o]") + tableFrom("o1", "[s].[p]"))},
		{"all aliases", readingTables(tableFrom("o", "[s].[o]") + tableFrom("o1", "[s].[o]")), swapTable(tds.Swap{From: "[s].[o]", To: "[s].[p]"}), readingTables(tableFrom("o", "[s].[p]") + tableFrom("o1", "[s].[p]"))},
		{"the schema of a procedure", procedure, swapSchema(tds.Swap{From: "dbo", To: "acme"}), strings.ReplaceAll(procedure, "[dbo]", "[acme]")},
		{"the database of a procedure", procedure, swapDatabase(tds.Swap{From: "DEV", To: "PROD"}), strings.ReplaceAll(procedure, "DEV", "PROD")},
		{"of a connection", two, swapTable(tds.Swap{From: "[public].[orders]", To: "[a]", In: tds.ConnectionMatch{Class: "hyper"}}), strings.ReplaceAll(two, "[public].[orders]", "[a]")},
		{"what an extension reads", readingTables("", `
  <object-graph><objects><object id='o'><properties context=''><analytics-extension-object-node><input>`+tableFrom("o", "[s].[o]")+
			`</input></analytics-extension-object-node></properties></object></objects></object-graph>`), swapSchema(tds.Swap{From: "s", To: "acme"}), readingTables("", `
  <object-graph><objects><object id='o'><properties context=''><analytics-extension-object-node><input>`+tableFrom("o", "[acme].[o]")+
			`</input></analytics-extension-object-node></properties></object></objects></object-graph>`)},
		{"a subquery", readingTables(`<relation type='subquery'><subquery name='[q]'><clause type='from'>` + tableFrom("o", "[s].[o]") + `</clause></subquery></relation>`), swapTable(tds.Swap{From: "[s].[o]", To: "[s].[p]"}), readingTables(`<relation type='subquery'><subquery name='[q]'><clause type='from'>` + tableFrom("o", "[s].[p]") + `</clause></subquery></relation>`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Edited(t, c.in, c.edit, c.want)
		})
	}
}

func TestSwapRefused(t *testing.T) {
	t.Parallel()
	twoServers := `<datasource formatted-name='federated.a'>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='db1' name='a'><connection class='postgres' server='db1' /></named-connection>
      <named-connection caption='db2' name='b'><connection class='postgres' server='db2' /></named-connection>
    </named-connections>
    <relation type='collection'>
      <relation connection='a' name='orders' table='[public].[orders]' type='table' />
      <relation connection='b' name='orders1' table='[public].[orders]' type='table' />
    </relation>
  </connection>
</datasource>`
	drifted := doctest.Replace(t, doctest.FX2, "false...relation connection='postgres.c' name='orders' table='[public]", "false...relation connection='postgres.c' name='orders' table='[acme]")
	published := "<datasource><connection class='sqlproxy' server='x'><relation name='sqlproxy' table='[sqlproxy]' type='table' /></connection>" +
		"<object-graph><objects><object id='o'><properties context=''><relation name='sqlproxy' table='[sqlproxy]' type='table' /></properties></object></objects></object-graph></datasource>"
	federatedProxy := "<datasource><connection class='federated'><named-connections><named-connection name='p'><connection class='sqlproxy' /></named-connection></named-connections>" +
		"<relation connection='p' name='sqlproxy' table='[sqlproxy]' type='table' /></connection></datasource>"
	public := tds.Swap{From: "public", To: "acme"}
	for _, c := range []struct {
		name  string
		in    string
		edit  func(*documents.File) error
		words []string
	}{
		{"case 39: no schema", readingTables(tableFrom("d", "[t]")), swapSchema(public), []string{`swapping schema "public" of data source "federated.a": no schema "public"`, "there are: none in [t]"}},
		{"case 39: no database", doctest.FX1, swapDatabase(public), []string{`no database "public" in data source "Orders"; there are: none in [public].[orders]`}},
		{"another schema", doctest.FX1, swapSchema(tds.Swap{From: "Public", To: "acme"}), []string{"there are: public"}},
		{"another table", doctest.FX1, swapTable(tds.Swap{From: "[orders]", To: "[t]"}), []string{`no table "[orders]"`, "there are: [public].[orders]"}},
		{"case 38: only the extract has it", hyperSource, swapTable(tds.Swap{From: "[Extract].[Extract]", To: "[a].[b]"}), []string{"there are: [Extract].[Orders]"}},
		{"no name", doctest.FX1, swapTable(tds.Swap{To: "[t]"}), []string{`no table ""`}},
		{"no name, of a table without an alias", "<datasource><connection class='x'><relation table='[c]' type='table' /></connection></datasource>", swapTable(tds.Swap{To: "[t]"}), []string{`no table ""`}},
		{"no schema at all", doctest.FX1, swapSchema(tds.Swap{To: "t"}), []string{"its name is empty"}},
		{"no new schema", doctest.FX1, swapSchema(tds.Swap{From: "public"}), []string{"its name is empty"}},
		{"two parts", doctest.FX1, swapSchema(tds.Swap{From: "public", To: "[a].[b]"}), []string{"[a].[b] has 2 parts"}},
		{"a name without brackets", doctest.FX1, swapTable(tds.Swap{From: "orders", To: "acme.orders"}), []string{`"acme.orders" is not the name of a table`}},
		{"two connections, a table", twoServers, swapTable(tds.Swap{From: "[public].[orders]", To: "[t]"}), []string{"2 matches", `[public].[orders] of connection "a", [public].[orders] of connection "b"`}},
		{"two connections, a schema", twoServers, swapSchema(public), []string{`[public] of connection "a", [public] of connection "b"`}},
		{"no such connection", doctest.FX1, swapSchema(tds.Swap{From: "public", To: "acme", In: tds.ConnectionMatch{Class: "oracle"}}), []string{`no connection with class "oracle"`, "postgres"}},
		{"not in the connection", twoServers, swapTable(tds.Swap{From: "orders1", To: "[t]", In: tds.ConnectionMatch{Server: "db1"}}), []string{`no table "orders1"`}},
		{"copies that differ", drifted, swapSchema(public), []string{`[public].[orders] of connection "postgres.c": its 3 copies differ: [public].[orders] in line 17, 26 against [acme].[orders] in line 16`}},
		{"copies that differ, the other way round", drifted, swapTable(tds.Swap{From: "[acme].[orders]", To: "[t]"}), []string{"differ"}},
		{"published", published, swapTable(tds.Swap{From: "[sqlproxy]", To: "[t]"}), []string{"there are none"}},
		{"published, in a wrapper", federatedProxy, swapTable(tds.Swap{From: "sqlproxy", To: "[t]"}), []string{"there are none"}},
		{"another procedure", procedureTables(""), swapTable(tds.Swap{From: "[dbo].[other]", To: "[t]"}), []string{`no table "[dbo].[other]"`, "there are: stored procedure [dbo].[usp;1]"}},
		{
			"a table and a procedure", procedureTables(tableFrom("usp", "[dbo].[usp;1]")), swapTable(tds.Swap{From: "[dbo].[usp;1]", To: "[t]"}),
			[]string{`2 matches for table "[dbo].[usp;1]"`, `stored procedure [dbo].[usp;1] of connection "c", [dbo].[usp;1] of connection "c"`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, c.in, c.edit, c.words...)
		})
	}
	doctest.Edited(t, twoServers, swapSchema(tds.Swap{From: "public", To: "acme", All: true}), strings.ReplaceAll(twoServers, "[public]", "[acme]"))
	doctest.Edited(t, twoServers, swapSchema(tds.Swap{From: "public", To: "acme", In: tds.ConnectionMatch{Server: "db2"}}),
		strings.ReplaceAll(twoServers, "name='orders1' table='[public]", "name='orders1' table='[acme]"))
}

// procedureTables is a data source file with a stored procedure and other relations.
func procedureTables(others string) string {
	return readingTables(`<relation connection='c' name='sales' stored-proc='[dbo].[usp;1]' type='stored-proc'>` +
		`<actual-parameters><column name='@a' ordinal='1' value='1' /></actual-parameters></relation>` + others)
}

// TestSwapProcedure reads another stored procedure in all copies, with the same arguments.
func TestSwapProcedure(t *testing.T) {
	t.Parallel()
	in := strings.Replace(procedureTables(""), "\n  </connection>", "<_.fcp.A.true...relation connection='c' name='sales' stored-proc='[dbo].[usp;1]' type='stored-proc' />\n  </connection>", 1)
	want := strings.ReplaceAll(in, "[dbo].[usp;1]", "[acme].[usp_v2;1]")
	for _, from := range []string{"[dbo].[usp;1]", "[dbo].[usp]", "sales", "usp", "usp;1"} {
		doctest.Edited(t, in, swapTable(tds.Swap{From: from, To: "[acme].[usp_v2;1]"}), want)
	}
}

// TestSwapsAddUp: rules about different parts of a name are not in each other's way, rules
// that want different things of one part are, and it does not matter what the template said.
func TestSwapsAddUp(t *testing.T) {
	t.Parallel()
	in := readingTables(tableFrom("t", "[DEV].[public].[t]"))
	database, schema := swapDatabase(tds.Swap{From: "DEV", To: "PROD"}), swapSchema(tds.Swap{From: "public", To: "acme"})
	for _, c := range []struct {
		name          string
		first, second func(*documents.File) error
		want          string // the name, "" for a conflict
	}{
		{"a database and a schema", database, schema, "[PROD].[acme].[t]"},
		{"a schema and a table", schema, swapTable(tds.Swap{From: "t", To: "[DEV].[acme].[u]"}), "[DEV].[acme].[u]"},
		{"a table and its schema", swapTable(tds.Swap{From: "t", To: "[DEV].[acme].[u]"}), schema, "[DEV].[acme].[u]"},
		{"a table and another schema", swapTable(tds.Swap{From: "t", To: "[DEV].[public].[u]"}), schema, ""},
		{"a schema found and swapped away", swapSchema(tds.Swap{From: "x", To: "public"}), schema, ""},
		{"a table found and swapped away", swapTable(tds.Swap{From: "[x]", To: "[DEV].[public].[t]"}), swapTable(tds.Swap{From: "t", To: "[u]"}), ""},
	} {
		f := doctest.Open(t, in)
		if err := f.Atomically("first", func() error { return c.first(f) }); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		err := f.Atomically("second", func() error { return c.second(f) })
		_, conflict := errors.AsType[*xmledit.ConflictError](err)
		if conflict != (c.want == "") || err != nil && !conflict {
			t.Errorf("%s: %v", c.name, err)
		}
		if got, err := first(f).Table("t"); !conflict && (err != nil || got.Name.String() != c.want) {
			t.Errorf("%s: %v (%v), want %s", c.name, got, err, c.want)
		}
	}
}

func TestSwapNotes(t *testing.T) {
	t.Parallel()
	snowflake := `<datasource><connection class='federated'><named-connections><named-connection name='c'>` +
		`<connection class='snowflake' dbname='DEV' schema='PUBLIC' one-time-sql='use "Dev"' /></named-connection></named-connections>` +
		`<relation type='collection'>` + tableFrom("o", "[DEV].[PUBLIC].[o]") + tableFrom("p", "[DEV].[ACME].[o]") +
		`<relation connection='c' name='Q' type='text'>select 1 from PUBLIC.q, public_x</relation></relation></connection></datasource>`
	file := `<datasource><connection class='federated'><named-connections><named-connection name='c'><connection class='textscan' directory='Data' filename='orders.csv' />` +
		`</named-connection></named-connections>` + tableFrom("orders.csv", "[orders#csv]") + `</connection></datasource>`
	for _, c := range []struct {
		name string
		in   string
		edit func(*documents.File) error
		want []string
	}{
		{"nothing to say", doctest.FX1, swapSchema(tds.Swap{From: "public", To: "acme"}), nil},
		{"a schema", snowflake, swapSchema(tds.Swap{From: "PUBLIC", To: "ACME"}), []string{
			`"o" now reads the same table as "p"`, `schema is still "PUBLIC", the old name of the schema`,
			`custom SQL "Q" still says "PUBLIC", the old name of the schema`,
		}},
		{"a database", snowflake, swapDatabase(tds.Swap{From: "DEV", To: "PROD"}), []string{
			`dbname is still "DEV", the old name of the database`, `the initial SQL still says "DEV", the old name of the database`,
		}},
		{"a table of a schema that others are of", strings.Replace(snowflake, "[DEV].[ACME].[o]", "[DEV].[PUBLIC].[p]", 1), swapTable(tds.Swap{From: "o", To: "[DEV].[OTHER].[x]"}), nil},
		{"case 22: a text file", file, swapTable(tds.Swap{From: "[orders#csv]", To: "[acme#csv]"}), []string{`filename is still "orders.csv", the old name of the table`}},
		{"a table that was there already", snowflake, swapTable(tds.Swap{From: "[no]", To: "[DEV].[ACME].[o]"}), nil},
	} {
		f := doctest.Open(t, c.in)
		if err := c.edit(f); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, notes(f)); diff != "" {
			t.Errorf("%s: notes (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestSwapCounts(t *testing.T) {
	t.Parallel()
	ds := datasource(t, readingTables(tableFrom("o", "[s].[o]")+tableFrom("o1", "[s].[o]")+tableFrom("p", "[s].[p]")))
	for _, c := range []struct {
		swap func(tds.Swap) (int, error)
		s    tds.Swap
		want int
	}{
		{ds.SwapTable, tds.Swap{From: "[s].[o]", To: "[s].[q]"}, 2},
		{ds.SwapTable, tds.Swap{From: "[s].[o]", To: "[s].[q]"}, 0}, // done
		{ds.SwapSchema, tds.Swap{From: "s", To: "t"}, 3},
		{ds.SwapSchema, tds.Swap{From: "s", To: "t"}, 0},
	} {
		if n, err := c.swap(c.s); n != c.want || err != nil {
			t.Errorf("%v: %d, %v; want %d", c.s, n, err, c.want)
		}
	}
}
