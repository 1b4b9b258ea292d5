package tds_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// replaceSQL replaces in all queries of the last data source.
func replaceSQL(also []tds.SQLPlace, pairs ...tds.Replacement) func(*documents.File) error {
	return func(f *documents.File) error {
		var all []*tds.SQLQuery
		for q := range last(f).SQLQueries() {
			all = append(all, q)
		}
		_, err := tds.ReplaceInSQL(all, tds.SQLReplace{Replacements: pairs, Also: also})
		return err
	}
}

func TestReplaceInSQL(t *testing.T) {
	t.Parallel()
	type pairs = []tds.Replacement
	for _, c := range []struct {
		name      string
		old, want string
		pairs     pairs
	}{
		{"case 47: the string in custom SQL", "SELECT * FROM dev_db.t JOIN dev_db.u", "SELECT * FROM acme_db.t JOIN acme_db.u", pairs{{"dev_db.", "acme_db."}}},
		{"case 47: undoubled text", "a &lt;&lt; 5 AND a &lt;&lt;&gt;&gt; 3", "a &lt;&lt; 5 AND a &gt;&gt; 4", pairs{{"<> 3", "> 4"}}},
		{"what is beside it stays", "a &lt; b&#13;&#10;x\ty&#10;&#x3C;&#60;[Parameters].[P]>> dev", "a &lt; b&#13;&#10;x\ty&#10;&lt;&lt;[Parameters].[P]&gt;&gt; acme", pairs{{"dev", "acme"}}},
		{"in CDATA", "<![CDATA[a << dev\nb]]>", "<![CDATA[a << acme ]]]]><![CDATA[>>\nb]]>", pairs{{"dev", "acme ]]>"}}},
		{"over lines", "SELECT a&#13;&#10;FROM dev", "SELECT b&#13;&#10;FROM&#13;&#10;acme", pairs{{"a\nFROM dev", "b\nFROM\nacme"}}},
		{"several", "dev.t, dev2.t", "acme.t, prod.t", pairs{{"dev.", "acme."}, {"dev2.", "prod."}}},
		{"the first that fits", "dev, dev2", "acme, prod", pairs{{"dev2", "prod"}, {"dev", "acme"}}},
		{"done before", "SELECT * FROM acme_db.t", "SELECT * FROM acme_db.t", pairs{{"dev_db.", "acme_db."}}},
		{"partly done before", "dev.t, acme.u", "acme.t, acme.u", pairs{{"dev.", "acme."}}},
		{"a part of what it becomes", "orders, orders", "acme.orders, acme.orders", pairs{{"orders", "acme.orders"}}},
		{"inside longer words", "dev_t, x_dev_u", "acme_t, x_acme_u", pairs{{"dev_", "acme_"}}},
		{"both, told apart", "dev, device", "acme, device", pairs{{"device", "device"}, {"dev", "acme"}}},
		{"the beginning of what it becomes", "orders", "orders_2", pairs{{"orders", "orders_2"}}},
		{"by itself", "dev", "dev", pairs{{"dev", "dev"}}},
		{"a parameter's placeholder for text", "x = &apos;W&apos;", "x = &lt;[Parameters].[Parameter 1]&gt;", pairs{{"'W'", "<Parameters.Region>"}}},
		{"a whole placeholder", "x = &lt;[Parameters].[Parameter 1]&gt; y", "x = &apos;&lt;&lt;&apos; y", pairs{{"<Parameters.Region>", "'<'"}}},
		{"beside a placeholder", "&lt;[Parameters].[Parameter 1]&gt;&gt;&gt;dev", "&lt;[Parameters].[Parameter 1]&gt;x", pairs{{">dev", "x"}}},
		{"part of a name that is no placeholder", "&lt;&lt;[Parameters].[dev]&gt;&gt;", "&lt;&lt;[Parameters].[acme]&gt;&gt;", pairs{{"dev", "acme"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Edited(t, queries(text(c.old)), replaceSQL(nil, c.pairs...), queries(text(c.want)))
		})
	}
}

// TestReplaceInSQLPlaces is case 47: other places only when they are named.
func TestReplaceInSQLPlaces(t *testing.T) {
	t.Parallel()
	in, db := queries(text("SELECT * FROM dev_db.t")), tds.Replacement{From: "dev_db.", To: "acme_db."}
	sql := doctest.Replace(t, in, "dev_db.t", "acme_db.t")
	doctest.Edited(t, in, replaceSQL(nil, db), sql)
	initial := doctest.Replace(t, sql, "x = &quot;dev_db.", "x = &quot;acme_db.")
	doctest.Edited(t, in, replaceSQL([]tds.SQLPlace{tds.InInitialSQL}, db), initial)
	elsewhere := doctest.Replace(t, in, "dev_db.t", "dev_dbx.t")
	doctest.Refused(t, elsewhere, replaceSQL([]tds.SQLPlace{tds.InInitialSQL}, tds.Replacement{From: "dev_db", To: "acme"}),
		`"dev_db" stands by itself in the initial SQL at line 21 of the document and inside a longer word in custom SQL "Q" line 1 column 15`)
	formulas := strings.ReplaceAll(sql, "&apos;dev_db.&apos;", "&apos;acme_db.&apos;")
	doctest.Edited(t, in, replaceSQL([]tds.SQLPlace{tds.InFormulas}, db), formulas)
	if strings.Count(formulas, "acme_db.") != 4 {
		t.Error("the fixture lost a copy of the formula")
	}
	const leaf = "<connection class='mysql' dbname='dev' server='db2'"
	deeper := func(s string) string { // as real files have it, of a connection inside the wrapper
		return doctest.Replace(t, s, leaf+" />", leaf+"><calculations><calculation column='[Calc]' formula='&apos;dev_db.&apos;' /></calculations></connection>")
	}
	doctest.Edited(t, deeper(in), replaceSQL([]tds.SQLPlace{tds.InFormulas}, db), strings.ReplaceAll(deeper(sql), "&apos;dev_db.&apos;", "&apos;acme_db.&apos;"))
	f := doctest.Open(t, in)
	hits, err := last(f).ReplaceInSQL("dev_db.", "acme_db.")
	if err != nil || hits != 1 {
		t.Errorf("%d hits, %v", hits, err)
	}
	if hits, err = last(f).ReplaceInSQL("dev_db.", "acme_db."); err != nil || hits != 0 {
		t.Errorf("a second time: %d hits, %v", hits, err)
	}
	noted := 0
	for n := range f.Notes() {
		noted++
		if n.Text != "replacement 1 found nothing to replace: what it writes is there already" || strings.Contains(n.Text, "acme") {
			t.Error(n)
		}
	}
	if noted != 1 {
		t.Errorf("%d notes", noted)
	}

	calc := func(formula string) string { return strings.ReplaceAll(in, "&apos;dev_db.&apos;", formula) }
	edit := replaceSQL([]tds.SQLPlace{tds.InFormulas}, db, tds.Replacement{From: "Sales]", To: "x"})
	doctest.Refused(t, calc("[dev Sales] + 1"), edit, `formula at line 33: "Sales]" stands inside [dev Sales]`)
	doctest.Refused(t, calc("[dev Sales].[x] + 1"), edit, `"Sales]" stands inside [dev Sales],`)
	doctest.Edited(t, calc("[dev].[x] + &apos;no end, [Sales]"), edit, strings.ReplaceAll(sql, "&apos;dev_db.&apos;", "[dev].[x] + &apos;no end, [x"))
	doctest.Edited(t, calc("RAWSQL_INT(&quot;[Sales]&quot;, [S]) // [Sales]&#10;/* [Sales] */ + &apos;it&apos;&apos;s [Sales]&apos;"), edit,
		strings.ReplaceAll(sql, "&apos;dev_db.&apos;", "RAWSQL_INT(&quot;[x&quot;, [S]) // [x&#10;/* [x */ + &apos;it&apos;&apos;s [x&apos;"))
	lines := replaceSQL([]tds.SQLPlace{tds.InFormulas}, tds.Replacement{From: "dev_db.", To: "a\nb"}) // case 2: as formulas end lines
	doctest.Edited(t, in, lines, strings.ReplaceAll(doctest.Replace(t, in, "dev_db.t", "a&#13;&#10;bt"), "&apos;dev_db.&apos;", "&apos;a&#10;b&apos;"))
	doctest.Refused(t, in, replaceSQL([]tds.SQLPlace{"captions"}, db), `no place "captions"; there are: initial_sql, formulas`)
}

func TestReplaceInSQLRefused(t *testing.T) {
	t.Parallel()
	type pairs = []tds.Replacement
	for _, c := range []struct {
		name, old string
		pairs     pairs
		want      string
	}{
		{"case 47: no match", "SELECT 1", pairs{{"dev", "acme"}}, `replacing text: no text "dev" in the SQL; there are: custom SQL "Q" on connection "db1"`},
		{"one of several", "SELECT 1", pairs{{"1", "2"}, {"dev", "acme"}, {"x.", ""}}, `no text "dev", "x."`},
		{"shadowed by another", "dev_db", pairs{{"dev", "acme"}, {"dev_db", "x"}}, `no text "dev_db"`},
		{"taken away before", "SELECT 1", pairs{{"dev.", ""}}, `no text "dev."`},
		{"inside a placeholder", "dev &lt;[Parameters].[Parameter 1]&gt;", pairs{{"dev", "x"}, {"Parameter 1", "Parameter 2"}}, `"Parameter 1" stands inside <[Parameters].[Parameter 1]>, which replacing it would break`},
		{"the edge of a placeholder", "&lt;&lt;&lt;[Parameters].[Parameter 1]&gt;", pairs{{"<<", "x"}}, `"<<" stands inside`},
		{"an unknown parameter", "dev", pairs{{"dev", "<[Parameters].[No]>"}}, `no parameter "[No]"`},
		{"a placeholder of what is none", "&lt;dev]&gt;", pairs{{"dev", "[Parameters].[P"}}, "would make a placeholder of what is none"},
		{"again in the result", "aab", pairs{{"ab", "b"}}, `"ab" is in what the replacements make`},
		{"one undoes the other", "a, b", pairs{{"a", "b"}, {"b", "a"}}, "a second time would change it again"},
		{
			"done before in part", "SELECT 1 &lt;&lt; 2,&#10; acme.orders, orders",
			pairs{{"orders", "acme.orders"}},
			`"orders" is to be replaced in custom SQL "Q" line 2 column 15 and what it becomes stands already in custom SQL "Q" line 2 column 2: which is meant,`,
		},
		{
			"alone and in a longer word", "SELECT * FROM db.t JOIN db1.u",
			pairs{{"db", "db2"}},
			`"db" stands by itself in custom SQL "Q" line 1 column 15 and inside a longer word in custom SQL "Q" line 1 column 25: which is meant,`,
		},
		{"the same where one is what it becomes", "SELECT * FROM db.t JOIN db1.u", pairs{{"db", "db1"}}, `"db" is to be replaced in custom SQL "Q" line 1 column 15 and what it becomes`},
		{"a word that begins alike", "SELECT device FROM dev.t", pairs{{"dev", "acme"}}, `"dev" stands by itself`},
		{"letters of other scripts", "élan, lan", pairs{{"lan", "x"}}, `"lan" stands by itself in custom SQL "Q" line 1 column 7 and inside a longer word in custom SQL "Q" line 1 column 2`},
		{"nothing", "dev", pairs{{"", "x"}}, "the text to be replaced is empty"},
		{"no replacement", "dev", nil, "nothing is to be replaced"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, queries(text(c.old)), replaceSQL(nil, c.pairs...), c.want)
		})
	}
	doctest.Edited(t, queries(text("dev")), func(f *documents.File) error {
		q, err := last(f).SQL(tds.RelationMatch{})
		if err != nil {
			return err
		}
		_, err = tds.ReplaceInSQL([]*tds.SQLQuery{q}, tds.SQLReplace{Replacements: pairs{{"no", ""}, {"dev", "acme"}}, Optional: true})
		return err
	}, queries(text("acme")))
	if _, err := last(doctest.Open(t, doctest.FX1)).ReplaceInSQL("a", "b"); !errors.Is(err, tds.ErrNotFound) {
		t.Errorf("without custom SQL: %v", err)
	}
}

// TestReplaceInSQLConflicts is case 83: what a rule finds done it wants as it is.
func TestReplaceInSQLConflicts(t *testing.T) {
	t.Parallel()
	for old, want := range map[string]bool{
		"dev.t": true, "acme.dev.": true, // replaced, done before
		"x": false, // which has nothing to do with it
	} {
		other := doctest.Replace(t, "<relation connection='mysql.d' name='R' type='text'>dev.u</relation>", "dev.u", map[bool]string{true: "acme.dev.u", false: "dev.u"}[strings.HasPrefix(old, "acme")])
		f := doctest.Open(t, queries(text(old)+other))
		rule := replaceSQL(nil, tds.Replacement{From: "dev.", To: "acme.dev."})
		if err := f.Atomically("one", func() error { return rule(f) }); err != nil {
			t.Fatal(err)
		}
		set := setSQL(t, tds.RelationMatch{Name: "Q"}, "SELECT 1", "")
		err := f.Atomically("two", func() error { return set(f) })
		if conflict, ok := errors.AsType[*documents.ConflictError](err); ok != want || ok && conflict.First != "one" {
			t.Errorf("%s: %v", old, err)
		}
	}
	f := doctest.Open(t, queries(text("acme")))
	if err := f.Atomically("one", func() error { return replaceSQL(nil, tds.Replacement{From: "dev", To: "acme"})(f) }); err != nil {
		t.Fatal(err)
	}
	err := f.Atomically("two", func() error { return setSQL(t, tds.RelationMatch{}, "SELECT 1", "")(f) })
	if _, ok := errors.AsType[*documents.ConflictError](err); !ok {
		t.Errorf("what was there already: %v", err)
	}
}
