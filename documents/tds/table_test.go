package tds_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// readingTables is a data source file of one postgres connection, c, with relations and what
// follows the connection.
func readingTables(relations string, after ...string) string {
	return `<datasource formatted-name='federated.a' version='18.1'>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='db1' name='c'>
        <connection class='postgres' dbname='dev' server='db1' />
      </named-connection>
    </named-connections>
    ` + relations + `
  </connection>` + strings.Join(after, "") + `
</datasource>
`
}

// inLeaf puts relations into the connection inside the wrapper.
func inLeaf(t testing.TB, in, relations string) string {
	t.Helper()
	const leaf = "<connection class='postgres' dbname='dev' server='db1'"
	return doctest.Replace(t, in, leaf+" />", leaf+">"+relations+"</connection>")
}

// tableFrom is a relation to a table.
func tableFrom(alias, name string) string {
	return `<relation connection='c' name='` + alias + `' table='` + name + `' type='table' />`
}

// logicalTables is hard case 37: only the old form lacks one of the tables.
var logicalTables = `<datasource formatted-name='federated.a' version='18.1'>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='db1' name='c'>
        <connection class='postgres' dbname='dev' server='db1' />
      </named-connection>
    </named-connections>
    <_.fcp.ObjectModelEncapsulateLegacy.false...relation connection='c' name='orders' table='[public].[orders]' type='table' />
    <_.fcp.ObjectModelEncapsulateLegacy.true...relation type='collection'>
      <relation connection='c' name='orders' table='[public].[orders]' type='table' />
      <relation connection='c' name='people' table='[public].[people]' type='table' />
    </_.fcp.ObjectModelEncapsulateLegacy.true...relation>
  </connection>
  <_.fcp.ObjectModelEncapsulateLegacy.true...object-graph>
    <objects>
      <object caption='orders' id='orders_0F'>
        <properties context=''>
          <relation connection='c' name='orders' table='[public].[orders]' type='table' />
        </properties>
        <properties context='extract'>
          <relation name='orders_0F' table='[Extract].[orders_0F]' type='table' />
        </properties>
      </object>
      <object caption='people' id='people_1A'>
        <properties context=''>
          <relation connection='c' name='people' table='[public].[people]' type='table' />
        </properties>
      </object>
    </objects>
    <relationships>
      <relationship>
        <expression op='='>
          <expression op='[pid]' />
          <expression op='[id (people)]' />
        </expression>
        <first-end-point object-id='orders_0F' />
        <second-end-point is-db-set-unique-key='true' object-id='people_1A' unique-key='true' />
      </relationship>
    </relationships>
  </_.fcp.ObjectModelEncapsulateLegacy.true...object-graph>
</datasource>
`

// nestedTables is hard cases 41 and 42: relations in relations, one of them forked by itself, and
// everything that refers to a table by its alias.
var nestedTables = readingTables(`<relation join='left' type='join'>
      <clause type='join'>
        <expression op='AND'>
          <expression op='='>
            <expression op='[orders].[cid]' />
            <expression op='[jan+].[cid]' />
          </expression>
          <expression op='&gt;'>
            <expression op='[orders].[n]' />
            <expression op='ABS'>
              <expression op='[jan+].[n]' />
            </expression>
          </expression>
        </expression>
      </clause>
      <relation connection='c' name='orders' table='[public].[orders]' type='table' />
      <relation all='true' name='jan+' type='union'>
        <relation connection='c' name='jan' table='[public].[jan]' type='table' />
        <_.fcp.ObjectModelSharedDimensions.true...relation connection='c' name='feb' table='[public].[feb]' type='table' />
      </relation>
    </relation>
    <cols>
      <map key='[id]' value='[orders].[id]' />
      <map key='[cid]' value='[jan].[cid]' />
    </cols>
    <metadata-records>
      <metadata-record class='column'>
        <remote-name>id</remote-name>
        <remote-type>3</remote-type>
        <local-name>[id]</local-name>
        <parent-name>[orders]</parent-name>
        <local-type>integer</local-type>
      </metadata-record>
    </metadata-records>`)

// hyperSource is hard case 38: what an extract holds has the same schema as a .hyper file that
// a person connected to.
var hyperSource = `<datasource formatted-name='federated.a' version='18.1'>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='Source' name='hyper.1'>
        <connection class='hyper' dbname='Data/Source.hyper' schema='Extract' />
      </named-connection>
    </named-connections>
    <relation connection='hyper.1' name='Orders' table='[Extract].[Orders]' type='table' />
  </connection>
  <extract enabled='true'>
    <connection class='hyper' dbname='Data/x.hyper' schema='Extract' tablename='Extract'>
      <relation name='Extract' table='[Extract].[Extract]' type='table' />
    </connection>
  </extract>
  <object-graph>
    <objects>
      <object caption='Orders' id='Orders_0F'>
        <properties context=''>
          <relation connection='hyper.1' name='Orders' table='[Extract].[Orders]' type='table' />
        </properties>
        <properties context='extract'>
          <relation name='Extract' table='[Extract].[Orders_0F]' type='table' />
        </properties>
      </object>
    </objects>
  </object-graph>
</datasource>
`

func TestTables(t *testing.T) {
	t.Parallel()
	tables := func(in string) []tds.Table { return slices.Collect(datasource(t, in).Tables()) }
	for _, c := range []struct {
		name string
		in   string
		want []tds.Table
	}{
		{"case 36: one, however often it is written", doctest.FX2, []tds.Table{{Name: tds.TableName{"public", "orders"}, Alias: "orders", Connection: "postgres.c", Copies: 3}}},
		{"cases 28, 38: the source and not its extract", hyperSource, []tds.Table{{Name: tds.TableName{"Extract", "Orders"}, Alias: "Orders", Connection: "hyper.1", Copies: 2}}},
		{"case 41", nestedTables, []tds.Table{
			{Name: tds.TableName{"public", "orders"}, Alias: "orders", Connection: "c", Copies: 1, Columns: []tds.TableColumn{{Name: "[id]", Remote: "id", Datatype: "integer"}}},
			{Name: tds.TableName{"public", "jan"}, Alias: "jan", Connection: "c", Copies: 1, Columns: []tds.TableColumn{{Name: "[cid]", Remote: "cid"}}},
			{Name: tds.TableName{"public", "feb"}, Alias: "feb", Connection: "c", Copies: 1},
		}},
		{
			"copies that differ, as a reader of today takes it", doctest.Replace(t, doctest.FX2,
				"false...relation connection='postgres.c' name='orders' table='[public]", "false...relation connection='postgres.c' name='orders' table='[acme]"),
			[]tds.Table{{Name: tds.TableName{"public", "orders"}, Alias: "orders", Connection: "postgres.c", Copies: 3, Differing: []tds.TableName{{"acme", "orders"}}}},
		},
		{
			"without an alias, and not a name", "<datasource><connection class='x'><relation table='a.b' type='table' /><relation name='x' type='table' /><relation table='[c]' type='table' /></connection></datasource>",
			[]tds.Table{{Name: tds.TableName{"a.b"}, Copies: 1}, {Name: tds.TableName{"c"}, Copies: 1}},
		},
		{"published", "<datasource><connection class='sqlproxy'><relation name='sqlproxy' table='[sqlproxy]' type='table' /></connection></datasource>", nil},
		{"neither custom SQL nor procedures", readingTables(`<relation connection='c' name='q' type='text'>select 1</relation><relation connection='c' name='u' stored-proc='[u]' type='stored-proc' />`), nil},
	} {
		if diff := cmp.Diff(c.want, tables(c.in)); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", c.name, diff)
		}
	}
	several := datasource(t, readingTables(tableFrom("o", "[s].[o]")+tableFrom("o1", "[s].[o]")+tableFrom("p", "[s].[q]")+tableFrom("q", "[t].[r]")))
	for _, c := range []struct{ name, want string }{
		{"o", `[s].[o] of connection "c"`},
		{"o1", `[s].[o] as "o1" of connection "c"`},
		{"[t].[r]", `[t].[r] as "q" of connection "c"`},
		{"q", `[t].[r] as "q" of connection "c"`}, // the alias before the last part
		{"r", `[t].[r] as "q" of connection "c"`},
		{"[s].[o]", `2 matches for table "[s].[o]" in data source "federated.a": [s].[o] of connection "c", [s].[o] as "o1" of connection "c"`},
		{"[o]", `no table "[o]" in data source "federated.a"; there are: [s].[o], [s].[o], [s].[q], [t].[r]`},
	} {
		got, err := several.Table(c.name)
		if s := fmt.Sprint(got); err == nil && s != c.want || err != nil && err.Error() != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, s, err, c.want)
		}
	}
}

// TestTablesOfManyColumns: the time that the columns take grows as their number does.
func TestTablesOfManyColumns(t *testing.T) {
	t.Parallel()
	const tables, columns = 200, 300
	var relations, records strings.Builder
	for i := range tables {
		relations.WriteString(tableFrom(fmt.Sprint("t", i), fmt.Sprintf("[s].[t%d]", i)))
		for j := range columns {
			fmt.Fprintf(&records, "<metadata-record class='column'><remote-name>c%d</remote-name><local-name>[c%d-%d]</local-name><parent-name>[t%d]</parent-name></metadata-record>", j, i, j, i)
		}
	}
	ds := datasource(t, readingTables(relations.String()+"<metadata-records>"+records.String()+"</metadata-records>"))
	n := 0
	for table := range ds.Tables() {
		n += len(table.Columns)
	}
	if n != tables*columns {
		t.Errorf("%d columns", n)
	}
}

// TestCopiesInTheLeaf has copies in the connection inside the wrapper, as a real file has
// them: they are copies of that connection, whether they name it or not.
func TestCopiesInTheLeaf(t *testing.T) {
	t.Parallel()
	const unnamed = `<relation name='orders' table='[public].[orders]' type='table' />`
	const sql = `<relation connection='c' name='Q' type='text'>SELECT 1</relation>`
	const call = `<relation connection='c' name='usp_sales' stored-proc='[public].[usp_sales]' type='stored-proc'><actual-parameters><column name='a' ordinal='1' value='1' /></actual-parameters></relation>`
	relations := tableFrom("orders", "[public].[orders]") + sql + call
	for _, in := range []string{
		inLeaf(t, readingTables(relations), relations),
		inLeaf(t, readingTables(relations), unnamed+sql+call),
	} {
		doctest.Edited(t, in, swapTable(tds.Swap{From: "orders", To: "[acme].[orders]"}), strings.ReplaceAll(in, "[public].[orders]", "[acme].[orders]"))
		doctest.Edited(t, in, swapSchema(tds.Swap{From: "public", To: "acme"}), strings.ReplaceAll(in, "[public]", "[acme]"))
		doctest.Edited(t, in, setSQL(t, tds.RelationMatch{}, "SELECT 2", "SELECT 2"), strings.ReplaceAll(in, "SELECT 1", "SELECT 2"))
		doctest.Edited(t, in, setArgument("a", tds.Integer(2)), strings.ReplaceAll(in, "value='1'", "value='2'"))
		ds := datasource(t, in)
		if tables := slices.Collect(ds.Tables()); len(tables) != 1 || tables[0].Copies != 2 {
			t.Errorf("tables: %+v", tables)
		}
		if q, err := ds.SQL(tds.RelationMatch{Connection: tds.ConnectionMatch{Server: "db1"}}); err != nil || q.Copies() != 2 {
			t.Errorf("custom SQL: %v, %v", q, err)
		}
	}
	differ := inLeaf(t, readingTables(tableFrom("orders", "[public].[orders]")), strings.Replace(unnamed, "public", "dev", 1))
	doctest.Refused(t, differ, swapTable(tds.Swap{From: "orders", To: "[acme].[orders]"}), "its 2 copies differ: [public].[orders] in line 8 against [dev].[orders] in line 5")
}
