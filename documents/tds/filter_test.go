package tds_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// The three attributes of format 9.2 that tell Tableau how to show a filter.
const (
	inclusive = ` user:ui-domain='database' user:ui-enumeration='inclusive' user:ui-marker='enumerate'`
	exclusive = ` user:ui-domain='database' user:ui-enumeration='exclusive' user:ui-marker='enumerate'`
)

// member is a member of Tenant.
func member(value string) string {
	return `<groupfilter function='member' level='[Tenant]' member='` + value + `' />`
}

// filtered is a document with a filter on Tenant before its object graph.
func filtered(t testing.TB, in string, content ...string) string {
	t.Helper()
	return doctest.Replace(t, in, "show-structure='true' />\n",
		"show-structure='true' />\n      <filter class='categorical' column='[Tenant]' filter-group='2'>\n        "+
			strings.Join(content, "\n        ")+"\n      </filter>\n")
}

func TestSetFilterShapes(t *testing.T) {
	t.Parallel()
	a, b, null := member("&quot;a&quot;"), member("&quot;b&quot;"), member("%null%")
	mark := func(m, marks string) string { return strings.Replace(m, " />", marks+" />", 1) }
	const union, end = "<groupfilter function='union'>", "</groupfilter>"
	except, all := "<groupfilter function='except'"+exclusive+">", "  <groupfilter function='level-members' level='[Tenant]' />"
	for _, c := range []struct {
		name   string
		filter tds.Filter
		want   []string
	}{
		{"include one", tds.Include("Tenant", tds.String("a")), []string{mark(a, inclusive)}},
		{"by internal name", tds.Include("[Tenant]", tds.String("a")), []string{mark(a, inclusive)}},
		{"include many", tds.Include("Tenant", tds.String("a"), tds.String("b"), tds.String("a")), []string{union[:len(union)-1] + inclusive + ">", "  " + a, "  " + b, end}},
		{"include null and one", tds.Include("Tenant", tds.Null(), tds.String("a")), []string{union[:len(union)-1] + inclusive + ">", "  " + null, "  " + a, end}},
		{"include null", tds.Include("Tenant", tds.Null()), []string{mark(null, inclusive)}},
		{"exclude one", tds.Exclude("Tenant", tds.String("a")), []string{except, all, "  " + a, end}},
		{"exclude null", tds.Exclude("Tenant", tds.Null()), []string{except, all, "  " + null, end}},
		{"exclude many", tds.Exclude("Tenant", tds.String("a"), tds.String("b")), []string{except, all, "  " + union, "    " + a, "    " + b, "  " + end, end}},
		{"everything", tds.IncludeAll("Tenant"), []string{"<groupfilter function='level-members' level='[Tenant]' user:ui-enumeration='all' user:ui-marker='enumerate' />"}},
		{
			"escapes", tds.Include("Tenant", tds.String("50% #1 \"A\\B\" & <c> 'd'😀\r\n")),
			[]string{mark(member(`&quot;50\% \#1 \&quot;A\\B\&quot; &amp; &lt;c&gt; &apos;d&apos;😀&#13;&#10;&quot;`), inclusive)},
		},
		{"text that looks like null", tds.Include("Tenant", tds.String("%null%")), []string{mark(member(`&quot;\%null\%&quot;`), inclusive)}},
	} {
		for name, in := range map[string]string{"FX1": doctest.FX1, "FX2": doctest.FX2} {
			t.Run(c.name+" "+name, func(t *testing.T) {
				t.Parallel()
				f := doctest.Edited(t, in, setFilter(c.filter), filtered(t, in, c.want...))
				assertFilters(t, first(f), c.filter)
			})
		}
	}
}

// assertFilters checks that the filters read as what was set.
func assertFilters(t *testing.T, ds *tds.Datasource, want tds.Filter) {
	t.Helper()
	for got := range ds.Filters() {
		seen := map[tds.Value]bool{}
		var values []tds.Value
		for _, v := range want.Values {
			if !seen[v] {
				seen[v] = true
				values = append(values, v)
			}
		}
		if fmt.Sprint(got.Kind, got.Values) != fmt.Sprint(want.Kind, values) || got.Field != "Tenant" || got.Class != "categorical" {
			t.Errorf("the filter reads as %s, want %s", got, want)
		}
	}
}

func TestSetFilterTypes(t *testing.T) {
	t.Parallel()
	day := time.Date(2024, 1, 31, 10, 30, 0, 0, time.UTC)
	typed := func(datatype string) string {
		return doctest.Replace(t, doctest.FX1, "<column datatype='string'", "<column datatype='"+datatype+"'")
	}
	for _, c := range []struct {
		datatype string
		value    tds.Value
		want     string
	}{
		{"integer", tds.Integer(-7), "-7"},
		{"integer", tds.Real(7), "7"},
		{"real", tds.Integer(100), "100.0"},
		{"real", tds.Real(-1.5), "-1.5"},
		{"boolean", tds.Boolean(true), "true"},
		{"date", tds.Date(day), "#2024-01-31#"},
		{"date", tds.String("2024-01-31"), "#2024-01-31#"},
		{"datetime", tds.Date(day), "#2024-01-31 00:00:00#"},
		{"datetime", tds.DateTime(day), "#2024-01-31 10:30:00#"},
		{"datetime", tds.String("2024-01-31T10:30:00"), "#2024-01-31 10:30:00#"},
		{"integer", tds.Null(), "%null%"},
	} {
		in := typed(c.datatype)
		want := filtered(t, in, strings.Replace(member(c.want), " />", inclusive+" />", 1))
		doctest.Edited(t, in, setFilter(tds.Include("Tenant", c.value)), want)
	}
	for _, c := range []struct {
		datatype string
		value    tds.Value
		words    string
	}{
		{"integer", tds.String("7"), `"7" is a string, the datatype is integer`},
		{"integer", tds.Real(3.5), `the datatype is integer`},
		{"string", tds.Integer(7), `"7" is an integer, the datatype is string: give it as text`},
		{"boolean", tds.String("yes"), `the datatype is boolean`},
		{"boolean", tds.Integer(1), `the datatype is boolean`},
		{"date", tds.String("31.01.2024"), "2024-01-31"},
		{"date", tds.DateTime(day), "the datatype is date"},
		{"datetime", tds.String("soon"), "2024-01-31 10:30:00"},
		{"spatial", tds.String("x"), `values of datatype "spatial" cannot be set`},
		{"table", tds.String("x"), `Tenant stands for the rows of a table`},
	} {
		doctest.Refused(t, typed(c.datatype), setFilter(tds.Include("Tenant", c.value)), c.words, `filter on "Tenant" of data source "Orders"`)
	}
	doctest.Refused(t, typed("table"), setFilter(tds.IncludeAll("Tenant")), `Tenant stands for the rows of a table, and has no values`)
}

func TestSetFilterRefused(t *testing.T) {
	t.Parallel()
	two := filtered(t, filtered(t, doctest.FX1, member("&quot;a&quot;")), member("&quot;b&quot;"))
	captions := doctest.Replace(t, doctest.FX1, "<column datatype='string' name='[Tenant]' role='dimension' type='nominal' />",
		"<column caption='T' datatype='string' name='[A]' role='dimension' type='nominal' /><column caption='T' datatype='string' name='[B]' role='dimension' type='nominal' />")
	for _, c := range []struct {
		name, in string
		filter   tds.Filter
		words    []string
	}{
		{"no values", doctest.FX1, tds.Include("Tenant"), []string{"no values"}},
		{"no excluded values", doctest.FX1, tds.Exclude("Tenant"), []string{"no values"}},
		{"no kind", doctest.FX1, tds.Filter{Field: "Tenant", Values: []tds.Value{tds.String("a")}}, []string{`kind ""`}},
		{"no such field", doctest.FX1, tds.IncludeAll("tenant"), []string{`no field "tenant"`, "there are: Tenant"}},
		{"no such name", doctest.FX1, tds.IncludeAll("[tenant]"), []string{`no field "[tenant]"`}},
		{"two filters", two, tds.IncludeAll("Tenant"), []string{"2 matches", "[Tenant], [Tenant]"}},
		{
			"case 57, one on the field and one on its instance", strings.Replace(two, "column='[Tenant]' filter-group", "column='[none:Tenant:nk]' filter-group", 1),
			tds.IncludeAll("Tenant"),
			[]string{"2 matches for a filter on [Tenant]", "[none:Tenant:nk], [Tenant]"},
		},
		{"a list of a filter without one", doctest.FX1, tds.Filter{Field: "Tenant", Kind: tds.Everything, Manual: true}, []string{`kind "all" has no list of values`}},
		{"two fields", captions, tds.IncludeAll("T"), []string{"2 matches", "[A], [B]"}},
		{"NUL", strings.Replace(doctest.FX1, " xmlns:user='http://www.tableausoftware.com/xml/user'", "", 1), tds.Include("Tenant", tds.String("\x00")), []string{"not allowed in XML 1.0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, c.in, setFilter(c.filter), c.words...)
		})
	}
}

func TestSetFilterMakesWhatItNeeds(t *testing.T) {
	t.Parallel()
	const column = "      <column datatype='string' name='[Tenant]' role='dimension' type='nominal' />\n"
	others := "      <column datatype='string' name='[Region]' role='dimension' type='nominal' />\n" +
		"      <column datatype='string' name='[Zone]' role='dimension' type='nominal' />\n" +
		"      <column-instance column='[Zone]' derivation='None' name='[none:Zone:nk]' pivot='key' type='nominal' />\n"
	const record = `
        <metadata-records>
          <metadata-record class='column'>
            <remote-name>Tenant</remote-name>
            <local-name>[Tenant]</local-name>
            <parent-name>[orders]</parent-name>
            <local-type>string</local-type>
          </metadata-record>
        </metadata-records>
      </connection>`
	in := doctest.Replace(t, doctest.FX1, column, others, "\n      </connection>\n      <aliases", record+"\n      <aliases",
		" xmlns:user='http://www.tableausoftware.com/xml/user'", "")
	want := filtered(t, doctest.Replace(t, in, "      <column datatype='string' name='[Zone]'", column+"      <column datatype='string' name='[Zone]'",
		"version='18.1'>\n  <document", "version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>\n  <document"),
		strings.Replace(member("&quot;acme&quot;"), " />", inclusive+" />", 1))
	doctest.Edited(t, in, setFilter(tds.Include("Tenant", tds.String("acme"))), want)

	bare := doctest.Replace(t, in, others, "")
	want = filtered(t, doctest.Replace(t, bare, "      <layout", column+"      <layout",
		"version='18.1'>\n  <document", "version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>\n  <document"),
		strings.Replace(member("&quot;acme&quot;"), " />", inclusive+" />", 1))
	doctest.Edited(t, bare, setFilter(tds.Include("Tenant", tds.String("acme"))), want)
}

// TestSetFilterPlace puts a filter among the children that a data source may have.
func TestSetFilterPlace(t *testing.T) {
	t.Parallel()
	const all = "<groupfilter function='level-members' level='[T]' user:ui-enumeration='all' user:ui-marker='enumerate' />"
	const head = "<datasource formatted-name='n' xmlns:user='http://www.tableausoftware.com/xml/user'><column datatype='string' name='[T]' />"
	const filter = "<filter class='categorical' column='[T]' filter-group='2'>" + all + "</filter>"
	for _, c := range []struct{ name, before, after string }{
		{"at the end", "", ""},
		{"after the sort fields", "<layout /><style /><semantic-values /><date-options /><default-sorts /><field-sort-info />", "<object-graph />"},
		{"after dependencies", "<semantic-values /><datasource-dependencies datasource='Parameters' /><explainability />", "<analytic-model /><object-graph /><default-calendar-type /><data-source-tree />"},
		{"among filters, by column", "<filter column='[A]' /><filter column='[S]' />", "<filter column='[U]' /><filter column='[none:A:nk]' /><object-graph />"},
		{"after unsorted filters", "<filter column='[U]' /><filter column='[A]' />", "<filter column='[V]' /><object-graph />"},
		{"forked object graph", "<_.fcp.F.true...layout />", "<_.fcp.F.true...object-graph />"},
		{"unknown before", "<layout /><_.fcp.NewThing.true...gizmo a='1'><deep/></_.fcp.NewThing.true...gizmo>", "<object-graph /><other/>"},
		{"comment", "<layout /><!-- c -->", "<object-graph />"},
	} {
		in := head + c.before + c.after + "</datasource>"
		want := head + c.before + filter + c.after + "</datasource>"
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Edited(t, in, setFilter(tds.IncludeAll("[T]")), want)
		})
	}
}

func TestSetFilterFollowsTheFile(t *testing.T) {
	t.Parallel()
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	want := filtered(t, doctest.FX1, strings.Replace(member("&quot;a&quot;"), " />", inclusive+" />", 1))
	doctest.Edited(t, crlf(doctest.FX1), setFilter(tds.Include("Tenant", tds.String("a"))), crlf(want))

	const prefixed = `<datasource formatted-name="n" xmlns:ns0="http://www.tableausoftware.com/xml/user"><column datatype="string" name="[T]"/><object-graph/></datasource>`
	doctest.Edited(t, prefixed, setFilter(tds.IncludeAll("T")), doctest.Replace(t, prefixed, "<object-graph/>",
		`<filter class="categorical" column="[T]" filter-group="2"><groupfilter function="level-members" level="[T]" ns0:ui-enumeration="all" ns0:ui-marker="enumerate" /></filter><object-graph/>`))
}

func TestSetFilterReplaces(t *testing.T) {
	t.Parallel()
	with := func(filter string) string {
		return doctest.Replace(t, doctest.FX1, "      <object-graph>", "      "+filter+"\n      <object-graph>")
	}
	for _, c := range []struct{ name, before, after string }{
		{
			"content, not context, group and targets",
			"<filter class='categorical' column='[Tenant]' context='true' filter-group='5'><groupfilter function='member' level='[Tenant]' member='&quot;x&quot;' /><target field='[b].[T]' /></filter>",
			"<filter class='categorical' column='[Tenant]' context='true' filter-group='5'><groupfilter function='member' level='[Tenant]' member='&quot;a&quot;'" + inclusive + " /><target field='[b].[T]' /></filter>",
		},
		{
			"on the instance",
			"<filter class='categorical' column='[none:Tenant:nk]' filter-group='2'><groupfilter function='level-members' level='[none:Tenant:nk]' /></filter>",
			"<filter class='categorical' column='[none:Tenant:nk]' filter-group='2'><groupfilter function='member' level='[none:Tenant:nk]' member='&quot;a&quot;'" + inclusive + " /></filter>",
		},
		{
			"on a second instance",
			"<filter class='categorical' column='[none:Tenant:nk:1]'><groupfilter function='level-members' level='[none:Tenant:nk:1]' /></filter>",
			"<filter class='categorical' column='[none:Tenant:nk:1]'><groupfilter function='member' level='[none:Tenant:nk:1]' member='&quot;a&quot;'" + inclusive + " /></filter>",
		},
		{
			"another class",
			"<filter affect-totals='false' class='quantitative' column='[Tenant]' context='true' filter-group='5' included-values='in-range' new='x'><min>1</min><max>2</max><preset type='none' /><target field='[b].[T]' /></filter>",
			"<filter affect-totals='false' class='categorical' column='[Tenant]' context='true' filter-group='5' new='x'><groupfilter function='member' level='[Tenant]' member='&quot;a&quot;'" + inclusive + " /><preset type='none' /><target field='[b].[T]' /></filter>",
		},
		{
			"another class on its instance",
			"<filter class='quantitative' column='[none:Tenant:qk]' included-values='in-range'>\n        <min>1</min>\n      </filter>",
			"<filter class='categorical' column='[Tenant]'>\n        <groupfilter function='member' level='[Tenant]' member='&quot;a&quot;'" + inclusive + " />\n      </filter>",
		},
		{
			"without content",
			"<filter class='categorical' column='[Tenant]' />",
			"<filter class='categorical' column='[Tenant]'>\n        <groupfilter function='member' level='[Tenant]' member='&quot;a&quot;'" + inclusive + " />\n      </filter>",
		},
		{
			"without content, with a target",
			"<filter class='categorical' column='[Tenant]'><target field='[b].[T]' /></filter>",
			"<filter class='categorical' column='[Tenant]'><groupfilter function='member' level='[Tenant]' member='&quot;a&quot;'" + inclusive + " /><target field='[b].[T]' /></filter>",
		},
		{
			"the same in other bytes",
			`<filter class="categorical" column='[Tenant]'><groupfilter level='[Tenant]' member='"a"' function='member'` + inclusive + `></groupfilter></filter>`,
			`<filter class="categorical" column='[Tenant]'><groupfilter level='[Tenant]' member='"a"' function='member'` + inclusive + `></groupfilter></filter>`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Edited(t, with(c.before), setFilter(tds.Include("Tenant", tds.String("a"))), with(c.after))
		})
	}
}

// TestForeignFiltersSurvive is case 64: a filter is changed, or added, among others of which
// some sound alike, and with those of a view of the same fields.
func TestForeignFiltersSurvive(t *testing.T) {
	t.Parallel()
	const (
		foreign = `      <filter class='topn' column='[New]' v='1'><gizmo /></filter>
      <filter class='categorical' column='[Product]' filter-group='2'>
        <groupfilter count='10' end='top' function='end' units='records'><groupfilter direction='DESC' expression='SUM([Sales])' function='order'><groupfilter function='level-members' level='[Product]' /></groupfilter></groupfilter>
      </filter>
      <filter class='categorical' column='[Region]' context='true'><groupfilter function='level-members' level='[Region]' /><target field='[federated.b].[Region]' /></filter>
      <filter class='categorical' column='[Action (Tenant)]'><groupfilter function='intersection'><groupfilter function='crossjoin' /><groupfilter function='member' level='[Tenant]' member='&quot;x&quot;' /></groupfilter></filter>
      <filter class='categorical' column='[Tenant (copy)]' kind='hide'><groupfilter function='member' level='[Tenant (copy)]' member='&quot;x&quot;' /></filter>
      <filter class='categorical' column='[Tenant]' kind='hide'><groupfilter function='member' level='[Tenant]' member='&quot;x&quot;' /></filter>
%      <filter class='categorical' column='[x:Tenant:y]' />
      <filter class='categorical' column='[yr:Tenant:ok]'><groupfilter function='member' level='[yr:Tenant:ok]' member='2024' /></filter>
`
		view = `  <worksheets>
    <worksheet name='Map'>
      <table>
        <view>
          <filter class='categorical' column='[federated.a].[none:Tenant:nk]'><groupfilter function='member' level='[none:Tenant:nk]' member='&quot;x&quot;' /></filter>
        </view>
      </table>
    </worksheet>
  </worksheets>
</workbook>`
		none  = ""
		other = "      <filter class='categorical' column='[Tenant]' filter-group='2'>\n        <groupfilter function='level-members' level='[Tenant]' />\n      </filter>\n"
		ours  = "      <filter class='categorical' column='[Tenant]' filter-group='2'>\n        <groupfilter function='member' level='[Tenant]' member='&quot;a&quot;'" + inclusive + " />\n      </filter>\n"
	)
	with := func(filter string) string {
		return doctest.Replace(t, doctest.FX1, "      <object-graph>", strings.Replace(foreign, "%", filter, 1)+"      <object-graph>", "</workbook>", view)
	}
	for _, there := range []string{none, other} {
		doctest.Edited(t, with(there), setFilter(tds.Include("Tenant", tds.String("a"))), with(ours))
	}
}

// TestFilterManual sets a list of values that is typed in, and keeps one: tableau_tools calls
// it a custom value list.
func TestFilterManual(t *testing.T) {
	t.Parallel()
	const typed = ` user:ui-manual-selection='true'`
	mark := func(marks, more string) string {
		return strings.Replace(marks, " user:ui-marker", more+" user:ui-marker", 1)
	}
	include := func(more string) string {
		return filtered(t, doctest.FX1, strings.Replace(member("&quot;a&quot;"), " />", mark(inclusive, more)+" />", 1))
	}
	manual := func(filter tds.Filter) tds.Filter {
		filter.Manual = true
		return filter
	}
	a, b := tds.Include("Tenant", tds.String("a")), tds.Exclude("Tenant", tds.String("b"))
	doctest.Edited(t, doctest.FX1, setFilter(manual(a)), include(typed))
	doctest.Edited(t, include(""), setFilter(manual(a)), include(typed))
	excluded := func(more string) string {
		return filtered(t, doctest.FX1, "<groupfilter function='except'"+mark(exclusive, more)+">", "  <groupfilter function='level-members' level='[Tenant]' />",
			"  "+member("&quot;b&quot;"), "</groupfilter>")
	}
	f := doctest.Edited(t, include(typed), setFilter(b), excluded(typed))
	if got, err := first(f).Filter("Tenant"); err != nil || !got.Manual {
		t.Errorf("%+v (%v)", got, err)
	}
	// As Tableau has it, where an emptied list keeps all rows.
	const asFound = typed + ` user:ui-manual-selection-all-when-empty='true'`
	doctest.Edited(t, include(asFound), setFilter(b), excluded(asFound))
	all := filtered(t, doctest.FX1, "<groupfilter function='level-members' level='[Tenant]' user:ui-enumeration='all' user:ui-marker='enumerate' />")
	f = doctest.Edited(t, include(asFound), setFilter(tds.IncludeAll("Tenant")), all)
	if got, err := first(f).Filter("Tenant"); err != nil || got.Manual {
		t.Errorf("%+v (%v)", got, err)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	const in = `<datasource formatted-name='n'><column caption='Amount' datatype='integer' name='[amt]' /><column datatype='string' name='[a:b]' />
<filter class='categorical' column='[amt]'><groupfilter function='union'><groupfilter function='member' member='1' /><groupfilter function='member' member='%null%' /></groupfilter></filter>
<filter class='categorical' column='[none:a:b:nk]'><groupfilter function='except'><groupfilter function='level-members' /><groupfilter function='member' member='&quot;x\#&quot;' /></groupfilter></filter>
<filter class='categorical' column='[none:a:b:nk:2]'><groupfilter function='level-members' /></filter>
<filter class='categorical' column='[c]'><groupfilter function='except'><groupfilter function='member' member='&quot;x&quot;' /><groupfilter function='member' member='&quot;y&quot;' /></groupfilter></filter>
<filter class='categorical' column='[yr:amt:ok]'><groupfilter function='member' member='2024' /></filter>
<filter class='quantitative' column='[q]' included-values='in-range'><min>1</min></filter>
<filter class='topn' column='[t]' />
<filter class='categorical' column='[s]'><groupfilter function='crossjoin' /></filter>
</datasource>`
	want := []string{
		"Amount include 1, null", "a:b exclude x#", "a:b all", "c other (categorical)", "yr:amt:ok other (categorical)",
		"q range from 1", "t other (topn)", "s other (categorical)",
	}
	var got []string
	for f := range datasource(t, in).Filters() {
		got = append(got, f.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("filters (-want +got):\n%s", diff)
	}
}

// TestRulesOnOneFilter has two rules set the filter of one field.
func TestRulesOnOneFilter(t *testing.T) {
	t.Parallel()
	const all = "<filter class='categorical' column='[Tenant]'><groupfilter function='level-members' level='[Tenant]' /></filter>"
	for name, in := range map[string]string{
		"none there": doctest.FX1,
		"one there":  doctest.Replace(t, doctest.FX1, "      <object-graph>", "      "+all+"\n      <object-graph>"),
	} {
		run := func(f *documents.File, rule, value string) error {
			return f.Atomically(rule, func() error { return setFilter(tds.Include("Tenant", tds.String(value)))(f) })
		}
		for _, again := range []string{"a", "b"} { // a rule may change its mind
			f := doctest.Open(t, in)
			if err := errors.Join(run(f, "rule 1", "a"), run(f, "rule 2", "a"), run(f, "rule 1", again)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			before := doctest.Written(t, f)
			err := run(f, "rule 2", "c")
			bad, ok := errors.AsType[*documents.ConflictError](err)
			if !ok || bad.First != "rule 1" || bad.Second != "rule 2" {
				t.Errorf("%s: another value by another rule: %v", name, err)
			}
			if got := doctest.Written(t, f); got != before {
				t.Errorf("%s: the refused rule changed (-want +got):\n%s", name, cmp.Diff(before, got))
			}
		}
	}
}

// TestHiddenMembersAreNoFilter: what says which members are hidden is not the filter of
// the field.
func TestHiddenMembersAreNoFilter(t *testing.T) {
	t.Parallel()
	const hidden = "      <filter class='categorical' column='[Tenant]' kind='hide'><groupfilter function='member' level='[Tenant]' member='&quot;x&quot;' /></filter>\n"
	in := doctest.Replace(t, doctest.FX1, "      <object-graph>\n", hidden+"      <object-graph>\n")
	f := doctest.Open(t, in)
	ds := first(f)
	for filter := range ds.Filters() {
		if filter.Kind != tds.Other {
			t.Errorf("read as %s", filter)
		}
	}
	if err := ds.SetFilter(tds.Include("Tenant", tds.String("acme"))); err != nil {
		t.Fatal(err)
	}
	out := string(doctest.Written(t, f))
	if !strings.Contains(out, hidden) || strings.Count(out, "acme") != 1 || strings.Count(out, "<filter ") != 2 {
		t.Errorf("wrote %s", out)
	}
}
