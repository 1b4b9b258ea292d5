package documents_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// warehouse is a connection, and ordersTable a table of it.
var (
	warehouse   = tds.NewConnection{Name: "postgres.w", Settings: tds.ConnectionPatch{Class: "postgres", Server: "db1", DBName: "sales"}}
	ordersTable = tds.Relation{Kind: tds.TableRelation, Table: tds.TableName{"public", "orders"}}
)

// newFile makes a data source, which must be right.
func newFile(t testing.TB, spec tds.Spec) *documents.File {
	t.Helper()
	f, err := documents.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// made is the one data source of a new file.
func made(f *documents.File) *tds.Datasource {
	for ds := range f.Datasources() {
		return ds
	}
	return nil
}

// compare is a comparison of two columns.
func compare(op, left, right string) tds.Expression {
	return tds.Expression{Op: op, Args: []tds.Expression{{Op: left}, {Op: right}}}
}

const (
	newHead = `<?xml version='1.0' encoding='utf-8' ?>

<datasource formatted-name='Orders' inline='true' version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <document-format-change-manifest>
    <ObjectModelEncapsulateLegacy />
    <ObjectModelTableType />
    <SchemaViewerObjectModel />
  </document-format-change-manifest>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='db1' name='postgres.w'>
        <connection authentication='username-password' class='postgres' dbname='sales' port='5432' server='db1' />
      </named-connection>
    </named-connections>
`
	newLayout = "  <layout dim-ordering='alphabetic' measure-ordering='alphabetic' show-structure='true' />\n"
)

// graph is the rest of a data source with one logical table.
func graph(caption, id, relation string) string {
	return "  <column caption='" + caption + "' datatype='table' name='[__tableau_internal_object_id__].[" + id + "]' role='measure' type='quantitative' />\n" +
		newLayout + `  <object-graph>
    <objects>
      <object caption='` + caption + `' id='` + id + `'>
        <properties context=''>
` + regexp.MustCompile(`(?m)^( )`).ReplaceAllString(relation, "      $1") + `        </properties>
      </object>
    </objects>
  </object-graph>
</datasource>
`
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		spec     tds.Spec
		relation string // markup, behind an indent of four
		caption  string
		reads    tds.Relation
	}{
		{
			name:     "a table",
			spec:     tds.Spec{Relation: ordersTable},
			relation: "    <relation connection='postgres.w' name='orders' table='[public].[orders]' type='table' />\n",
			caption:  "orders",
			reads:    tds.Relation{Kind: tds.TableRelation, Name: "orders", Connection: "postgres.w", Table: tds.TableName{"public", "orders"}},
		},
		{
			// format 6.5: doubled brackets, and line ends that XML keeps.
			name: "custom SQL",
			spec: tds.Spec{Relation: tds.Relation{Kind: tds.SQLRelation, Connection: "db1", SQL: "SELECT *\r\nFROM t WHERE a <> 'x' & b"}},
			relation: "    <relation connection='postgres.w' name='Custom SQL Query' type='text'>" +
				"SELECT *&#13;&#10;FROM t WHERE a &lt;&lt;&gt;&gt; &apos;x&apos; &amp; b</relation>\n",
			caption: "Custom SQL Query",
			reads:   tds.Relation{Kind: tds.SQLRelation, Name: "Custom SQL Query", Connection: "postgres.w", SQL: "SELECT *\r\nFROM t WHERE a <> 'x' & b"},
		},
		{
			// format 6.6
			name: "a stored procedure",
			spec: tds.Spec{
				Relation: tds.Relation{Kind: tds.ProcRelation, Name: "sales", Table: tds.TableName{"dbo", "usp_sales;1"}},
				Arguments: []tds.Argument{
					{Name: "@Start", Value: tds.String("2024-01-31"), Datatype: "date"},
					{Name: "@Region", Value: tds.String(`50% "x"`)},
					{Name: "@Top", Value: tds.Integer(5)},
					{Name: "@All"},
				},
			},
			relation: `    <relation connection='postgres.w' name='sales' stored-proc='[dbo].[usp_sales;1]' type='stored-proc'>
      <actual-parameters>
        <column name='@Start' ordinal='1' value='#2024-01-31#' />
        <column name='@Region' ordinal='2' value='&quot;50\% \&quot;x\&quot;&quot;' />
        <column name='@Top' ordinal='3' value='5' />
        <column name='@All' ordinal='4' value='%null%' />
      </actual-parameters>
    </relation>
`,
			caption: "sales",
			reads:   tds.Relation{Kind: tds.ProcRelation, Name: "sales", Connection: "postgres.w", Table: tds.TableName{"dbo", "usp_sales;1"}},
		},
		{
			// Several clauses, other operators than =, joins inside joins, a bracket in a name.
			name: "joins",
			spec: tds.Spec{Relation: tds.Relation{
				Kind: tds.JoinRelation, Join: "left",
				Clause: tds.Expression{Op: "AND", Args: []tds.Expression{
					compare("=", "[orders].[cid]", "[c]]s].[id]"), compare("<=", "[p].[since]", "[c]]s].[since]"), compare("<>", "[orders].[kind]", "1"),
				}},
				Inner: []tds.Relation{
					{
						Kind: tds.JoinRelation, Join: "inner", Clause: compare("=", "[orders].[pid]", "[p].[id]"),
						Inner: []tds.Relation{ordersTable, {Kind: tds.TableRelation, Name: "p", Table: tds.TableName{"people"}}},
					},
					{Kind: tds.SQLRelation, Name: "c]s", SQL: "SELECT 1"},
				},
			}},
			relation: `    <relation join='left' type='join'>
      <clause type='join'>
        <expression op='AND'>
          <expression op='='>
            <expression op='[orders].[cid]' />
            <expression op='[c]]s].[id]' />
          </expression>
          <expression op='&lt;='>
            <expression op='[p].[since]' />
            <expression op='[c]]s].[since]' />
          </expression>
          <expression op='&lt;&gt;'>
            <expression op='[orders].[kind]' />
            <expression op='1' />
          </expression>
        </expression>
      </clause>
      <relation join='inner' type='join'>
        <clause type='join'>
          <expression op='='>
            <expression op='[orders].[pid]' />
            <expression op='[p].[id]' />
          </expression>
        </clause>
        <relation connection='postgres.w' name='orders' table='[public].[orders]' type='table' />
        <relation connection='postgres.w' name='p' table='[people]' type='table' />
      </relation>
      <relation connection='postgres.w' name='c]s' type='text'>SELECT 1</relation>
    </relation>
`,
			caption: "orders+",
			reads: tds.Relation{
				Kind: tds.JoinRelation, Join: "left",
				Clause: tds.Expression{Op: "AND", Args: []tds.Expression{
					compare("=", "[orders].[cid]", "[c]]s].[id]"), compare("<=", "[p].[since]", "[c]]s].[since]"), compare("<>", "[orders].[kind]", "1"),
				}},
				Inner: []tds.Relation{
					{
						Kind: tds.JoinRelation, Join: "inner", Clause: compare("=", "[orders].[pid]", "[p].[id]"),
						Inner: []tds.Relation{
							{Kind: tds.TableRelation, Name: "orders", Connection: "postgres.w", Table: tds.TableName{"public", "orders"}},
							{Kind: tds.TableRelation, Name: "p", Connection: "postgres.w", Table: tds.TableName{"people"}},
						},
					},
					{Kind: tds.SQLRelation, Name: "c]s", Connection: "postgres.w", SQL: "SELECT 1"},
				},
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.spec.Name, c.spec.Connections = "Orders", []tds.NewConnection{warehouse}
			f := newFile(t, c.spec)
			ds := made(f)
			tables := ds.Model().Tables
			if len(tables) != 1 || tables[0].Caption != c.caption {
				t.Fatalf("logical tables %v, want %s", tables, c.caption)
			}
			if diff := cmp.Diff(c.reads, tables[0].Relation); diff != "" {
				t.Errorf("relation (-want +got):\n%s", diff)
			}
			want := newHead + c.relation + "  </connection>\n  <aliases enabled='yes' />\n" + graph(c.caption, tables[0].ID, c.relation)
			got := doctest.Written(t, f)
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(strings.ReplaceAll(got, "\r\n", "\n"), "\n")); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
			if strings.Count(got, "\n") != strings.Count(got, "\r\n") {
				t.Error("lines end in two ways")
			}
			if again := doctest.Written(t, newFile(t, c.spec)); again != got {
				t.Errorf("made again, it is another (-first +second):\n%s", cmp.Diff(got, again))
			}
			if f.ChangeCount() != 0 {
				t.Errorf("%d changes", f.ChangeCount())
			}
			assertLikeEmpty(t, []byte(got))
		})
	}
}

// percentages are attributes of layouts that the schema knows no more.
var percentages = regexp.MustCompile(` (dim|measure)-percentage='0\.\d'`)

// assertLikeEmpty checks that the schema has nothing against a data source but what it has
// against the workbook that it is put into.
func assertLikeEmpty(t *testing.T, document []byte) {
	t.Helper()
	if _, err := schema(); err != nil {
		return // it is beside the real files
	}
	assertSchema(t, "the schema", schemaErrors(t, []byte("<datasource inline='true' name='a' version='18.1'/>")), percentages.ReplaceAll(document, nil))
}

// A bare data source is as Tableau wrote them before version 10.
func TestNewBare(t *testing.T) {
	t.Parallel()
	f := newFile(t, tds.Spec{
		Bare: true, Connections: []tds.NewConnection{{Settings: tds.ConnectionPatch{Class: "sqlserver", Server: "db1,1433", DBName: "sales", Authentication: "sspi"}}},
		Relation: tds.Relation{
			Kind: tds.JoinRelation, Join: "full", Clause: compare("=", "[orders].[id]", "[o2].[id]"),
			Inner: []tds.Relation{ordersTable, {Kind: tds.TableRelation, Name: "o2", Table: tds.TableName{"dbo", "orders"}}},
		},
		Columns: []tds.NewColumn{{Name: "day", Datatype: "date"}},
	})
	want := `<?xml version='1.0' encoding='utf-8' ?>

<datasource formatted-name='NAME' inline='true' version='9.3' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <connection authentication='sspi' class='sqlserver' dbname='sales' server='db1,1433'>
    <relation join='full' type='join'>
      <clause type='join'>
        <expression op='='>
          <expression op='[orders].[id]' />
          <expression op='[o2].[id]' />
        </expression>
      </clause>
      <relation name='orders' table='[public].[orders]' type='table' />
      <relation name='o2' table='[dbo].[orders]' type='table' />
    </relation>
  </connection>
  <aliases enabled='yes' />
  <column datatype='date' name='[day]' role='dimension' type='ordinal' />
  <layout dim-ordering='alphabetic' dim-percentage='0.5' measure-ordering='alphabetic' measure-percentage='0.4' show-structure='true' />
</datasource>
`
	name := made(f).Name()
	if !regexp.MustCompile(`^sqlserver\.[01][0-9a-z]{27}$`).MatchString(name) {
		t.Errorf("the name is %q", name)
	}
	got := strings.ReplaceAll(doctest.Written(t, f), "\r\n", "\n")
	if diff := cmp.Diff(strings.Replace(want, "NAME", name, 1), got); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	assertLikeEmpty(t, []byte(got))
}

// Relations name their connections as the spec or as people do; what is not given is made
// from what is.
func TestNewConnections(t *testing.T) {
	t.Parallel()
	table := func(name, connection string) tds.Relation {
		return tds.Relation{Kind: tds.TableRelation, Connection: connection, Table: tds.TableName{name}}
	}
	join := func(left, right tds.Relation) tds.Relation {
		return tds.Relation{Kind: tds.JoinRelation, Join: "inner", Clause: compare("=", "1", "1"), Inner: []tds.Relation{left, right}}
	}
	f := newFile(t, tds.Spec{
		Connections: []tds.NewConnection{
			{Settings: tds.ConnectionPatch{Class: "postgres", Server: "db1", DBName: "sales", Port: "5433", InitialSQL: "SET x = 'y'"}},
			{Name: "mine", Caption: "CRM", Settings: tds.ConnectionPatch{Class: "snowflake", Server: "x.example", DBName: "D", Schema: "S", Warehouse: "W", Role: "R"}},
			{Settings: tds.ConnectionPatch{Class: "excel-direct", Filename: `C:\data\Targets 2024.xlsx`}},
			{Settings: tds.ConnectionPatch{Class: "acme_jdbc", New: true, Attrs: map[string]string{"v-region": "eu", "server": "db1"}}, Caption: "plug-in"},
		},
		Relation: join(join(table("a", "db1"), table("b", "CRM")), join(table("c", "Targets 2024"), table("d", "plug-in"))),
	})
	var got []string
	for c := range made(f).Connections() {
		class, digits, _ := strings.Cut(c.Name(), ".")
		if c.Name() != "mine" && (class != c.Class() || !regexp.MustCompile(`^[01][0-9a-z]{27}$`).MatchString(digits)) {
			t.Errorf("connection %s has the name %q", c, c.Name())
		}
		line := c.Caption() + ":"
		for name, value := range c.Attrs() {
			line += " " + name + "=" + value
		}
		got = append(got, line)
	}
	want := []string{
		"db1: authentication=username-password class=postgres dbname=sales one-time-sql=SET x = 'y' port=5433 server=db1",
		"CRM: authentication=Username Password class=snowflake dbname=D schema=S server=x.example service=R warehouse=W",
		`Targets 2024: class=excel-direct filename=C:\data\Targets 2024.xlsx`,
		"plug-in: class=acme_jdbc server=db1 v-region=eu",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("connections (-want +got):\n%s", diff)
	}
	names := slices.Collect(func(yield func(string) bool) {
		for c := range made(f).Connections() {
			if !yield(c.Name()) {
				return
			}
		}
	})
	if want := "postgres.11sxvj3a8h7uifo6fztnrm8mp44g"; names[0] != want { // which is to stay the same in later versions
		t.Errorf("the first is named %s, want %s", names[0], want)
	}
	relation := made(f).Model().Tables[0].Relation
	for i, of := range []string{relation.Inner[0].Inner[0].Connection, relation.Inner[0].Inner[1].Connection, relation.Inner[1].Inner[0].Connection, relation.Inner[1].Inner[1].Connection} {
		if of != names[i] {
			t.Errorf("relation %d is read from %s, want %s", i, of, names[i])
		}
	}
}

func TestNewColumns(t *testing.T) {
	t.Parallel()
	f := newFile(t, tds.Spec{Connections: []tds.NewConnection{warehouse}, Relation: ordersTable, Columns: []tds.NewColumn{
		{Name: "tenant", Caption: "Tenant", Datatype: "string"},
		{Name: "[a]b]", Datatype: "integer"},
		{Name: "year", Datatype: "integer", Role: "dimension"},
		{Name: "When", Datatype: "datetime"},
		{Name: "zip", Datatype: "integer", Role: "dimension", Type: "nominal"},
	}})
	var got []string
	for c := range made(f).Columns() {
		if c.Datatype != "table" {
			got = append(got, strings.Join([]string{c.Name, c.Caption, c.Datatype, c.Role, c.Type}, " "))
		}
	}
	want := []string{
		"[When]  datetime dimension ordinal", "[a]]b]  integer measure quantitative", "[tenant] Tenant string dimension nominal",
		"[year]  integer dimension ordinal", "[zip]  integer dimension nominal",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
}
