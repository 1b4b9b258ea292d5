package tds_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// queries is a workbook with parameters, and a data source that reads relations.
func queries(relations string) string {
	return `<workbook>
  <datasources>
    <datasource hasconnection='false' inline='true' name='Parameters' version='18.1'>
      <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='list' role='measure' type='nominal' value='&quot;W&quot;'>
        <calculation class='tableau' formula='&quot;W&quot;' />
        <members>
          <member value='&quot;W&quot;' />
          <member value='&quot;E&quot;' />
        </members>
      </column>
      <column caption='Max > 1' datatype='integer' name='[Parameter 2]' param-domain-type='any' role='measure' type='quantitative' value='5'>
        <calculation class='tableau' formula='5' />
      </column>
      <column caption='Twice' datatype='date' name='[Parameter 3]' param-domain-type='any' role='measure' type='quantitative' value='#2024-01-01#' />
      <column caption='Twice' datatype='datetime' name='[Parameter 4]' param-domain-type='any' role='measure' type='quantitative' value='#2024-01-01 10:00:00#' />
    </datasource>
    <datasource caption='Orders' inline='true' name='federated.a' version='18.1'>
      <connection class='federated'>
        <named-connections>
          <named-connection caption='db1' name='postgres.c'>
            <connection class='postgres' dbname='dev' one-time-sql='SET x = &quot;dev_db.&quot;' server='db1' />
          </named-connection>
          <named-connection caption='db2' name='mysql.d'>
            <connection class='mysql' dbname='dev' server='db2' />
          </named-connection>
        </named-connections>
        ` + relations + `
        <calculations>
          <calculation column='[Calc]' formula='&apos;dev_db.&apos;' />
        </calculations>
      </connection>
      <column caption='Calc' datatype='string' name='[Calc]' role='dimension' type='nominal'>
        <calculation class='tableau' formula='&apos;dev_db.&apos;' />
      </column>
      <datasource-dependencies datasource='Parameters'>
        <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='list' role='measure' type='nominal' value='&quot;W&quot;'>
          <calculation class='tableau' formula='&quot;W&quot;' />
        </column>
      </datasource-dependencies>
    </datasource>
  </datasources>
  <worksheets>
    <worksheet name='Map'>
      <table>
        <view>
          <datasource-dependencies datasource='federated.a'>
            <column caption='Calc' datatype='string' name='[Calc]' role='dimension' type='nominal'>
              <calculation class='tableau' formula='&apos;dev_db.&apos;' />
            </column>
          </datasource-dependencies>
        </view>
      </table>
    </worksheet>
  </worksheets>
</workbook>
`
}

// text is a custom SQL relation with the text as it stands in the document.
func text(raw string) string {
	return `<relation connection='postgres.c' name='Q' type='text'>` + raw + `</relation>`
}

func last(f *documents.File) (ds *tds.Datasource) {
	for ds = range f.Datasources() {
	}
	return ds
}

// setSQL sets the one query of that name and checks that it reads as want, "" as it was
// given.
func setSQL(t *testing.T, m tds.RelationMatch, sql, want string) func(*documents.File) error {
	return func(f *documents.File) error {
		q, err := last(f).SQL(m)
		if err != nil {
			return err
		}
		if err := q.Set(sql); err != nil {
			return err
		}
		if want == "" {
			want = sql
		}
		if got := q.SQL(); got != want {
			t.Errorf("set to %q, reads %q", sql, got)
		}
		return nil
	}
}

func TestSetSQL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, sql, reads, want string }{
		{
			"case 43: doubled brackets", "SELECT 1", "SELECT * FROM t WHERE a <= 5 AND b <> 0 AND c > <[Parameters].[Parameter 1]>", "",
			"SELECT * FROM t WHERE a &lt;&lt;= 5 AND b &lt;&lt;&gt;&gt; 0 AND c &gt;&gt; &lt;[Parameters].[Parameter 1]&gt;",
		},
		{"case 44 a: CDATA", "<![CDATA[SELECT 1\nWHERE a << 2]]>", "SELECT 2\r\nWHERE b > 3", "SELECT 2\nWHERE b > 3", "<![CDATA[SELECT 2\nWHERE b >> 3]]>"},
		{"case 44 a: CDATA of one line", "<![CDATA[SELECT a << 2]]>", "SELECT\n2 < 3", "", "<![CDATA[SELECT\n2 << 3]]>"},
		{"case 44 a: the end of a section", "<![CDATA[SELECT\n1]]>", "SELECT a[b[1]]>2", "", "<![CDATA[SELECT a[b[1]]]]><![CDATA[>>2]]>"},
		{"case 44 b: references", "SELECT 1&#13;&#10;WHERE x", "SELECT 2\nWHERE 'y'", "SELECT 2\r\nWHERE 'y'", "SELECT 2&#13;&#10;WHERE &apos;y&apos;"},
		{"case 44 c: a reference and a literal line end", "SELECT 1&#13;\nWHERE x", "SELECT 2\nWHERE\r\ny", "SELECT 2\r\nWHERE\r\ny", "SELECT 2&#13;\nWHERE&#13;\ny"},
		{"case 44 c: a reference and a literal CR LF", "SELECT 1&#13;\r\nWHERE x", "SELECT 2\nWHERE y", "SELECT 2\r\nWHERE y", "SELECT 2&#13;\r\nWHERE y"},
		{"case 44 d: a literal line feed", "SELECT 1\nWHERE x", "SELECT 2\r\nWHERE y", "SELECT 2\nWHERE y", "SELECT 2\nWHERE y"},
		{"one line before", "SELECT 1", "SELECT 2\rWHERE\ty", "SELECT 2\r\nWHERE\ty", "SELECT 2&#13;&#10;WHERE&#9;y"},
		{"text and CDATA", "<![CDATA[SELECT 1]]>&#13;&#10;<![CDATA[WHERE x]]>", "SELECT 2\nWHERE y", "SELECT 2\r\nWHERE y", "SELECT 2&#13;&#10;WHERE y"},
		{"case 44 a: no change", "<![CDATA[SELECT 1\nWHERE a << 2]]>", "SELECT 1\r\nWHERE a < 2", "SELECT 1\nWHERE a < 2", "<![CDATA[SELECT 1\nWHERE a << 2]]>"},
		{"case 44 b: no change", "SELECT &quot;1&quot;&#13;&#10;x", "SELECT \"1\"\nx", "SELECT \"1\"\r\nx", "SELECT &quot;1&quot;&#13;&#10;x"},
		{"case 44 c: no change", "SELECT 1&#13;\nx", "SELECT 1\nx", "SELECT 1\r\nx", "SELECT 1&#13;\nx"},
		{"case 44 d: no change", "SELECT 1\nx", "SELECT 1\r\nx", "SELECT 1\nx", "SELECT 1\nx"},
		{"what looks like a placeholder", "a&lt;&lt;[Parameters].[P]&gt;&gt;b", "a<[Parameters].[P]>b", "", "a&lt;&lt;[Parameters].[P]&gt;&gt;b"},
		{"lone brackets", "a &lt; b", "a < b", "", "a &lt; b"},
		{"case 82: markup in it", "SELECT 1", "SELECT ']]><a/>&amp;' ${secret} é", "", "SELECT &apos;]]&gt;&gt;&lt;&lt;a/&gt;&gt;&amp;amp;&apos; ${secret} é"},
		{"a caption", "SELECT 1", "x = <[Parameters].[Region]>", "x = <[Parameters].[Parameter 1]>", "x = &lt;[Parameters].[Parameter 1]&gt;"},
		{"as Tableau shows it", "SELECT 1", "x = <Parameters.Region>", "x = <[Parameters].[Parameter 1]>", "x = &lt;[Parameters].[Parameter 1]&gt;"},
		{"a caption, and it is so", "x = &lt;[Parameters].[Parameter 1]&gt;", "x = <Parameters.Region>", "x = <[Parameters].[Parameter 1]>", "x = &lt;[Parameters].[Parameter 1]&gt;"},
		{"no placeholder", "SELECT 1", "a <Parameters.b", "", "a &lt;&lt;Parameters.b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Edited(t, queries(text(c.old)), setSQL(t, tds.RelationMatch{}, c.sql, c.reads), queries(text(c.want)))
		})
	}
}

// TestSetSQLParameter: a data source that begins to use a parameter gets the copy of it
// that all have which use one (format 12).
func TestSetSQLParameter(t *testing.T) {
	t.Parallel()
	in := queries(text("SELECT 1"))
	set := setSQL(t, tds.RelationMatch{Name: "Q"}, "a < <[Parameters].[Max > 1]> OR a > <Parameters.Max > 1>",
		"a < <[Parameters].[Parameter 2]> OR a > <[Parameters].[Parameter 2]>")
	second := `        </column>
        <column caption='Max &gt; 1' datatype='integer' name='[Parameter 2]' param-domain-type='any' role='measure' type='quantitative' value='5'>
          <calculation class='tableau' formula='5' />
        </column>
      </datasource-dependencies>
    </datasource>`
	query := []string{"SELECT 1", "a &lt;&lt; &lt;[Parameters].[Parameter 2]&gt; OR a &gt;&gt; &lt;[Parameters].[Parameter 2]&gt;"}
	doctest.Edited(t, in, set, doctest.Replace(t, in, append(query, "        </column>\n      </datasource-dependencies>\n    </datasource>", second)...))

	_, rest, _ := strings.Cut(in, "      <datasource-dependencies datasource='Parameters'>")
	deps, _, _ := strings.Cut(rest, "    </datasource>")
	without := doctest.Replace(t, in, "      <datasource-dependencies datasource='Parameters'>"+deps, "")
	doctest.Edited(t, without, setSQL(t, tds.RelationMatch{}, "x = <Parameters.Region>", "x = <[Parameters].[Parameter 1]>"),
		doctest.Replace(t, in, "SELECT 1", "x = &lt;[Parameters].[Parameter 1]&gt;"))

	file := `<datasource formatted-name='f'>
  <connection class='postgres' server='db'>
    <relation name='Q' type='text'>SELECT 1</relation>
  </connection>
  <datasource-dependencies datasource='Parameters'>
    <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' value='&quot;W&quot;' />
  </datasource-dependencies>
</datasource>
`
	doctest.Edited(t, file, setSQL(t, tds.RelationMatch{}, "<Parameters.Region>", "<[Parameters].[Parameter 1]>"),
		doctest.Replace(t, file, "SELECT 1", "&lt;[Parameters].[Parameter 1]&gt;"))
}

// TestSetSQLCopies is case 45, and case 38 for queries: all copies, but not the extract's.
func TestSetSQLCopies(t *testing.T) {
	t.Parallel()
	for _, fx := range []string{doctest.FX1, doctest.FX2} {
		in := strings.ReplaceAll(fx, `table='[public].[orders]' type='table' />`, `type='text'>SELECT 1</relation>`)
		in = strings.ReplaceAll(in, "false...relation connection='postgres.c' name='orders' type='text'>SELECT 1</relation>",
			"false...relation connection='postgres.c' name='orders' type='text'>SELECT 1</_.fcp.ObjectModelEncapsulateLegacy.false...relation>")
		in = strings.ReplaceAll(in, "true...relation connection='postgres.c' name='orders' type='text'>SELECT 1</relation>",
			"true...relation connection='postgres.c' name='orders' type='text'>SELECT 1</_.fcp.ObjectModelEncapsulateLegacy.true...relation>")
		extract := `<properties context='extract'><relation name='orders' type='text'>SELECT 1 AS extract</relation></properties>`
		in = strings.ReplaceAll(in, "          </object>", extract+"</object>")
		want := strings.ReplaceAll(in, ">SELECT 1<", ">SELECT 2<")
		f := doctest.Edited(t, in, setSQL(t, tds.RelationMatch{Name: "orders"}, "SELECT 2", ""), want)
		q, err := last(f).SQL(tds.RelationMatch{})
		if err != nil || q.Copies() != strings.Count(in, ">SELECT 1<") {
			t.Errorf("%d copies, %v", q.Copies(), err)
		}
		at := strings.LastIndex(in, ">SELECT 1<")
		drifted := in[:at] + ">SELECT 3<" + in[at+len(">SELECT 1<"):]
		lines := "line 16 against line 25"
		if fx == doctest.FX2 {
			lines = "line 16, 17 against line 26"
		}
		doctest.Refused(t, drifted, setSQL(t, tds.RelationMatch{}, "SELECT 2", ""), `setting custom SQL "orders" on connection "db1"`, `data source "Orders": its `, "copies differ: "+lines)
		doctest.Refused(t, drifted, func(f *documents.File) error { _, err := last(f).ReplaceInSQL("SELECT 1", "x"); return err }, "copies differ")
	}
}

func TestSetSQLRefused(t *testing.T) {
	t.Parallel()
	two := text("SELECT 1") + `<relation connection='mysql.d' name='Q' type='text'>SELECT 2</relation>`
	mysql := tds.RelationMatch{Name: "Q", Connection: tds.ConnectionMatch{Class: "mysql"}}
	for _, c := range []struct {
		name, in string
		match    tds.RelationMatch
		sql      string
		words    []string
	}{
		{"case 43: an unknown parameter", text("x"), tds.RelationMatch{}, "<[Parameters].[No]>", []string{`the placeholder <[Parameters].[No]>: no parameter "[No]"; there are: "Region", "Max > 1"`}},
		{"an unknown parameter as Tableau shows it", text("x"), tds.RelationMatch{}, "<Parameters.No> > 1", []string{`no parameter "No"`}},
		{"an ambiguous caption", text("x"), tds.RelationMatch{}, "<Parameters.Twice>", []string{`2 matches for parameter "Twice": [Parameter 3], [Parameter 4]`}},
		{"case 82: a character XML has not", text("x"), tds.RelationMatch{}, "a\x00", []string{"not allowed in XML 1.0"}},
		{"case 82: a byte that is no text", text("x"), tds.RelationMatch{}, "a\xff", []string{"not UTF-8"}},
		{"nothing", text("x"), tds.RelationMatch{}, " \n", []string{"the SQL is empty"}},
		{"a name that is not there", two, tds.RelationMatch{Name: "R"}, "x", []string{`no custom SQL "R" in data source "Orders"; there are: custom SQL "Q" on connection "db1"`, `custom SQL "Q" on connection "db2"`}},
		{"a name on two connections", two, tds.RelationMatch{Name: "Q"}, "x", []string{`2 matches for custom SQL "Q" in data source "Orders": custom SQL "Q" on connection "db1"`, `"Q" on connection "db2"`}},
		{"a name on another connection", text("x"), mysql, "x", []string{`no custom SQL "Q" on a connection with class "mysql"`}},
		{"text with elements", text("x<columns />"), tds.RelationMatch{}, "y", []string{"has child elements"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, queries(c.in), setSQL(t, c.match, c.sql, ""), c.words...)
		})
	}
	doctest.Edited(t, queries(two), setSQL(t, mysql, "SELECT 3", ""), queries(strings.Replace(two, "SELECT 2", "SELECT 3", 1)))
}

func TestSetRawSQL(t *testing.T) {
	t.Parallel()
	set := func(stored string) func(*documents.File) error {
		return func(f *documents.File) error {
			q, err := last(f).SQL(tds.RelationMatch{Name: "Q"})
			if err != nil {
				return err
			}
			return q.SetRaw(stored)
		}
	}
	f := doctest.Edited(t, queries(text("SELECT 1&#13;&#10;x")), set("a << <[Parameters].[No]>\n<b"),
		queries(text("a &lt;&lt; &lt;[Parameters].[No]&gt;&#13;&#10;&lt;b")))
	q, err := last(f).SQL(tds.RelationMatch{})
	if err != nil || q.Raw() != "a << <[Parameters].[No]>\r\n<b" || q.SQL() != "a < <[Parameters].[No]>\r\n<b" {
		t.Errorf("%q, %q, %v", q.Raw(), q.SQL(), err)
	}
	doctest.Refused(t, queries(text("x")), set(""), "empty")
}

func TestSQLQueries(t *testing.T) {
	t.Parallel()
	ds := last(doctest.Open(t, queries(`<relation type='join'><relation connection='mysql.d' name='A' type='text'>SELECT &gt;&gt;</relation>
<relation connection='postgres.c' name='A' type='text'><![CDATA[<<]]></relation><relation connection='x' name='B' type='text' /></relation>`)))
	var got []string
	for q := range ds.SQLQueries() {
		got = append(got, q.String()+": "+q.SQL())
		if c := q.Connection(); (c == nil) != (q.Name() == "B") || q.Datasource() != ds || q.Copies() != 1 {
			t.Errorf("%s: connection %v, data source %v, %d copies", q, c, q.Datasource(), q.Copies())
		}
	}
	want := []string{`custom SQL "A" on connection "db2": SELECT >`, `custom SQL "A" on connection "db1": <`, `custom SQL "B": `}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for range ds.SQLQueries() { // a loop that ends early ends
		break
	}
	if n := len(slices.Collect(last(doctest.Open(t, doctest.FX1)).SQLQueries())); n != 0 {
		t.Errorf("%d queries where there are none", n)
	}
}

// FuzzSetSQL: SQL that is set is read back, but for its line ends, in any carrier.
func FuzzSetSQL(f *testing.F) {
	carriers := []string{"SELECT 1", "<![CDATA[x\ny]]>", "<![CDATA[x]]>", "x&#13;&#10;y", "x&#13;\ny", "x\ny", "x\r\ny", "<![CDATA[x]]>&#13;&#10;y", ""}
	for i, sql := range []string{"a\nb", "a <> b ]]> c", "\r\n<[Parameters].[Parameter 1]>", "&amp;\t'\"", "\r\r\n"} {
		f.Add(sql, byte(i))
	}
	f.Fuzz(func(t *testing.T, sql string, carrier byte) {
		file := doctest.Open(t, queries(text(carriers[int(carrier)%len(carriers)])))
		q, err := last(file).SQL(tds.RelationMatch{})
		if err != nil {
			t.Fatal(err)
		}
		if q.Set(sql) != nil || strings.Contains(sql, "<Parameters.") || strings.Contains(sql, "<[Parameters].[") {
			return // refused, or in other words
		}
		unix := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace
		written := doctest.Written(t, file)
		again, err := last(doctest.Open(t, written)).SQL(tds.RelationMatch{})
		if err != nil || unix(again.SQL()) != unix(sql) || again.SQL() != q.SQL() {
			t.Fatalf("set to %q, reads %q, and after writing %q: %v\n%s", sql, q.SQL(), again.SQL(), err, written)
		}
	})
}

// TestNamesOfConnections names the connection of a query as shortly as tells it from others.
func TestNamesOfConnections(t *testing.T) {
	t.Parallel()
	in := queries(text("SELECT 1") + `<relation connection='mysql.d' name='R' type='text'>SELECT 2</relation>`)
	for _, c := range []struct{ in, want string }{
		{in, `custom SQL "Q" on connection "db1", custom SQL "R" on connection "db2"`},
		{strings.Replace(in, "caption='db2'", "caption='db1'", 1), `custom SQL "Q" on connection "postgres.c", custom SQL "R" on connection "mysql.d"`},
		{`<datasource><connection class='mysql' server='s'><relation type='text'>SELECT 1</relation></connection></datasource>`, `custom SQL on connection "s"`},
	} {
		var got []string
		for q := range last(doctest.Open(t, c.in)).SQLQueries() {
			got = append(got, q.String())
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s, want %s", s, c.want)
		}
	}
}
