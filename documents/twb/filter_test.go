package twb_test

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// filteredBook is FX1 with more fields, and with what follows its data sources.
func filteredBook(t testing.TB, views string) string {
	t.Helper()
	return doctest.Replace(t, doctest.FX1,
		"      <column datatype='string' name='[Tenant]' ", `      <column caption='Region' datatype='string' name='[Calculation_1]' role='dimension' type='nominal'>
        <calculation class='tableau' formula='LEFT([Tenant], 1)' />
      </column>
      <column caption='Ratio' datatype='real' name='[Calculation_2]' role='measure' type='quantitative'>
        <calculation class='tableau' formula='SUM([amount])' />
      </column>
      <column caption='Tenant group' datatype='string' name='[Tenant (group)]' role='dimension' type='nominal'>
        <calculation class='categorical-bin' column='[Tenant]' new-bin='true' />
      </column>
      <column caption='Amount' datatype='real' name='[amount]' role='measure' type='quantitative' />
      <column caption='Order Date' datatype='date' name='[order_date]' role='dimension' type='ordinal' />
      <column datatype='string' name='[Tenant]' `,
		"      <layout dim-ordering", "      <group caption='Best' name='[Set 1]' />\n      <layout dim-ordering",
		"  </datasources>\n</workbook>", "  </datasources>\n"+views+"</workbook>")
}

// worksheet is a worksheet with these lines in its view, between the data sources and the
// aggregation.
func worksheet(name, lines string) string {
	return `    <worksheet name='` + name + `'>
      <table>
        <view>
          <datasources>
            <datasource caption='Orders' name='federated.a' />
          </datasources>
` + lines + `          <aggregation value='true' />
        </view>
      </table>
    </worksheet>
`
}

func worksheets(all ...string) string {
	return "  <worksheets>\n" + strings.Join(all, "") + "  </worksheets>\n"
}

// copies is a block of copies of fields.
func copies(lines ...string) string {
	return "          <datasource-dependencies datasource='federated.a'>\n            " + strings.Join(lines, "\n            ") +
		"\n          </datasource-dependencies>\n"
}

// What stands in blocks of copies, in filters and in slices.
const (
	tenantColumn   = `<column datatype='string' name='[Tenant]' role='dimension' type='nominal' />`
	tenantInstance = `<column-instance column='[Tenant]' derivation='None' name='[none:Tenant:nk]' pivot='key' type='nominal' />`
	dateColumn     = `<column caption='Order Date' datatype='date' name='[order_date]' role='dimension' type='ordinal' />`
	dateInstance   = `<column-instance column='[order_date]' derivation='None' name='[none:order_date:qk]' pivot='key' type='quantitative' />`
	yearInstance   = `<column-instance column='[order_date]' derivation='Year' name='[yr:order_date:ok]' pivot='key' type='ordinal' />`
	monthInstance  = `<column-instance column='[order_date]' derivation='Month-Trunc' name='[tmn:order_date:qk]' pivot='key' type='quantitative' />`
	sumInstance    = `<column-instance column='[amount]' derivation='Sum' name='[sum:amount:qk]' pivot='key' type='quantitative' />`
)

// tenantFilter is a filter on Tenant with more attributes, that includes one value.
func tenantFilter(attrs, value string) string {
	return `          <filter class='categorical' column='[federated.a].[none:Tenant:nk]'` + attrs + `>
            <groupfilter function='member' level='[none:Tenant:nk]' member='&quot;` + value + `&quot;' user:ui-domain='database' user:ui-enumeration='inclusive' user:ui-marker='enumerate' />
          </filter>
`
}

func sliced(columns ...string) string {
	s := "          <slices>\n"
	for _, c := range columns {
		s += "            <column>[federated.a]." + c + "</column>\n"
	}
	return s + "          </slices>\n"
}

// byTenant is a worksheet that is filtered by Tenant and uses it for nothing else.
func byTenant(name, attrs, value string) string {
	return worksheet(name, copies(tenantColumn, tenantInstance)+tenantFilter(attrs, value)+sliced("[none:Tenant:nk]"))
}

func setFilter(at twb.FilterPlace, filter tds.Filter) func(*documents.File) error {
	return func(f *documents.File) error {
		wb, _ := f.Workbook()
		return wb.SetFilter(at, filter)
	}
}

// removeFilter removes a filter that may be gone already.
func removeFilter(at twb.FilterPlace, field string) func(*documents.File) error {
	return func(f *documents.File) error {
		wb, _ := f.Workbook()
		if err := wb.RemoveFilter(at, field); !errors.Is(err, tds.ErrNotFound) {
			return err
		}
		return nil
	}
}

// notesOf lists what is noted, each by itself.
func notesOf(f *documents.File) []string {
	var all []string
	for n := range f.Notes() {
		all = append(all, n.Text)
	}
	return all
}

var (
	onMap  = twb.FilterPlace{Worksheet: "Map"}
	onBare = twb.FilterPlace{Worksheet: "Bare"}
	shared = twb.FilterPlace{Shared: true}
	acme   = tds.Include("Tenant", tds.String("acme"))
)

// case 61: what a worksheet without filters gets, and that all of it goes again.
func TestAddFilter(t *testing.T) {
	t.Parallel()
	const regions = `            <column caption='Region' datatype='string' name='[Calculation_1]' role='dimension' type='nominal'>
              <calculation class='tableau' formula='LEFT([Tenant], 1)' />
            </column>
`
	sorts := func(before, after string) string {
		return before + "          <computed-sort column='[federated.a].[none:Tenant:nk]' direction='ASC' />\n" + after +
			"          <manual-sort column='[federated.a].[none:zone:nk]' direction='ASC' />\n          <shelf-sorts />\n"
	}
	for name, c := range map[string]struct {
		filter    tds.Filter
		in, want  string
		remaining string // after it is removed again, where that is not in
	}{
		"case 61: nothing there": {
			filter: acme,
			want:   copies(tenantColumn, tenantInstance) + tenantFilter("", "acme") + sliced("[none:Tenant:nk]"),
		},
		"copies that are there, and used": {
			filter: acme,
			in:     copies(tenantColumn, sumInstance, "<style />") + "          <title>[federated.a].[Tenant]</title>\n",
			want:   copies(tenantColumn, tenantInstance, sumInstance, "<style />") + "          <title>[federated.a].[Tenant]</title>\n" + tenantFilter("", "acme") + sliced("[none:Tenant:nk]"),
		},
		"beside the copies of other data sources": {
			filter: acme,
			in:     "          <datasource-dependencies datasource='Parameters' />\n          <datasource-dependencies datasource='federated.b' />\n",
			want: "          <datasource-dependencies datasource='Parameters' />\n" + copies(tenantColumn, tenantInstance) +
				"          <datasource-dependencies datasource='federated.b' />\n" + tenantFilter("", "acme") + sliced("[none:Tenant:nk]"),
		},
		"before a style": {
			filter: acme,
			in:     copies("<style />"),
			want:   copies(tenantColumn, tenantInstance, "<style />") + tenantFilter("", "acme") + sliced("[none:Tenant:nk]"),
		},
		"before another filter": {
			filter: acme,
			in:     copies(sumInstance) + "          <filter class='quantitative' column='[federated.a].[sum:amount:qk]' />\n",
			want: copies(tenantColumn, tenantInstance, sumInstance) + tenantFilter("", "acme") +
				"          <filter class='quantitative' column='[federated.a].[sum:amount:qk]' />\n" + sliced("[none:Tenant:nk]"),
		},
		"in the order of columns, the filter before the sort": {
			filter: acme,
			in:     copies(tenantColumn, tenantInstance) + sorts("          <filter class='categorical' column='[federated.a].[Action (X)]' />\n", "") + sliced("[Action (X)]", "[z]"),
			want:   copies(tenantColumn, tenantInstance) + sorts("          <filter class='categorical' column='[federated.a].[Action (X)]' />\n"+tenantFilter("", "acme"), "") + sliced("[Action (X)]", "[z]", "[none:Tenant:nk]"),
		},
		"case 63: a calculation, with what its formula uses": {
			filter: tds.IncludeAll("Region"),
			want: "          <datasource-dependencies datasource='federated.a'>\n" + regions + "            " + tenantColumn + `
            <column-instance column='[Calculation_1]' derivation='None' name='[none:Calculation_1:nk]' pivot='key' type='nominal' />
          </datasource-dependencies>
          <filter class='categorical' column='[federated.a].[none:Calculation_1:nk]'>
            <groupfilter function='level-members' level='[none:Calculation_1:nk]' user:ui-enumeration='all' user:ui-marker='enumerate' />
          </filter>
` + sliced("[none:Calculation_1:nk]"),
			remaining: copies(tenantColumn),
		},
		"a group, which is filtered itself": {
			filter: tds.IncludeAll("Tenant group"),
			want: `          <datasource-dependencies datasource='federated.a'>
            <column caption='Tenant group' datatype='string' name='[Tenant (group)]' role='dimension' type='nominal'>
              <calculation class='categorical-bin' column='[Tenant]' new-bin='true' />
            </column>
          </datasource-dependencies>
          <filter class='categorical' column='[federated.a].[Tenant (group)]'>
            <groupfilter function='level-members' level='[Tenant (group)]' user:ui-enumeration='all' user:ui-marker='enumerate' />
          </filter>
` + sliced("[Tenant (group)]"),
		},
		"case 58: a range of dates": {
			filter: tds.Between("Order Date", tds.String("2023-01-03"), tds.String("2024-07-16")),
			want: copies(dateInstance, dateColumn) + `          <filter class='quantitative' column='[federated.a].[none:order_date:qk]' included-values='in-range'>
            <min>#2023-01-03#</min>
            <max>#2024-07-16#</max>
          </filter>
` + sliced("[none:order_date:qk]"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			book := func(lines string) string { return filteredBook(t, worksheets(worksheet("Map", lines))) }
			doctest.Edited(t, book(c.in), setFilter(onMap, c.filter), book(c.want))
			doctest.Edited(t, book(c.want), removeFilter(onMap, c.filter.Field), book(cmp.Or(c.remaining, c.in)))
		})
	}
}

// A view that says of no data source that it uses it gets the filter of the one that has the
// field.
func TestAddFilterToBareView(t *testing.T) {
	t.Parallel()
	book := func(lines string) string {
		return filteredBook(t, "  <worksheets>\n    <worksheet name='Map'>\n      <table>\n        <view>\n"+lines+"          <aggregation value='true' />\n        </view>\n      </table>\n    </worksheet>\n  </worksheets>\n")
	}
	added := copies(tenantColumn, tenantInstance) + tenantFilter("", "acme") + sliced("[none:Tenant:nk]")
	doctest.Edited(t, book(""), setFilter(onMap, acme), book(added))
	const none, orders = "          <datasources />\n", "          <datasources>\n            <datasource caption='Orders' name='federated.a' />\n          </datasources>\n"
	doctest.Edited(t, book(none), setFilter(onMap, acme), book(orders+added))
}

// case 59: the manifest of the workbook lists what relative dates of a worksheet need.
func TestAddRelativeDates(t *testing.T) {
	t.Parallel()
	in := filteredBook(t, worksheets(worksheet("Map", "")))
	want := filteredBook(t, worksheets(worksheet("Map", copies(dateInstance, dateColumn)+
		"          <filter class='relative-date' column='[federated.a].[none:order_date:qk]' first-period='-2' include-future='true' include-null='false' last-period='0' period-type-v2='month' />\n"+
		sliced("[none:order_date:qk]"))))
	want = doctest.Replace(t, want, "    <ObjectModelEncapsulateLegacy />\n", "    <ISO8601PeriodTypes />\n    <ObjectModelEncapsulateLegacy />\n")
	doctest.Edited(t, in, setFilter(onMap, tds.During("Order Date", tds.Last(3, tds.Month))), want)
}

// foreign are filters of shapes that are not made here, and one on Tenant between them.
func foreign(tenant string) string {
	return copies(tenantColumn, tenantInstance, sumInstance, yearInstance) + `          <filter class='categorical' column='[federated.a].[Action (Tenant)]'>
            <groupfilter function='level-members' level='[none:Tenant:nk]' user:ui-action-filter='[Action1]' user:ui-enumeration='all' />
          </filter>
          <filter class='categorical' column='[federated.a].[Set 1]' />
          <filter class='categorical' column='[federated.a].[none:Calculation_1:nk]'>
            <groupfilter count='10' end='top' function='end' units='records'><groupfilter direction='DESC' expression='SUM([amount])' function='order' /></groupfilter>
          </filter>
          <filter class='categorical' column='[federated.a].[none:Tenant:nk]' kind='hide'><groupfilter function='except' /></filter>
` + tenant + `          <filter class='quantitative' column='[federated.a].[sum:amount:qk]' included-values='in-range'><min>1</min><target field='[federated.b].[sum:x:qk]' /></filter>
          <filter class='topn' column='[federated.a].[yr:order_date:ok]' />
` + sliced("[none:Tenant:nk]", "[Action (Tenant)]")
}

// case 57, case 64: the content is replaced, and the rest and other filters are the same bytes.
func TestReplaceFilter(t *testing.T) {
	t.Parallel()
	book := func(tenant string) string { return filteredBook(t, worksheets(worksheet("Map", foreign(tenant)))) }
	in := book(`          <filter class='categorical' column='[federated.a].[none:Tenant:nk]' context='true' filter-group='5'>
            <groupfilter function='level-members' level='[none:Tenant:nk]' user:ui-enumeration='all' user:ui-marker='enumerate' />
            <target field='[federated.b].[none:Tenant:nk]' />
          </filter>
`)
	want := book(strings.Replace(tenantFilter(" context='true' filter-group='5'", "acme"), "          </filter>", "            <target field='[federated.b].[none:Tenant:nk]' />\n          </filter>", 1))
	for _, field := range []string{"Tenant", "[Tenant]", "[none:Tenant:nk]"} {
		doctest.Edited(t, in, setFilter(onMap, tds.Include(field, tds.String("acme"))), want)
	}
	doctest.Edited(t, in, setFilter(twb.FilterPlace{}, acme), want)
	// The base stands for the field as its instance does.
	base := func(in string) string {
		return strings.ReplaceAll(in, "[federated.a].[none:Tenant:nk]", "[federated.a].[Tenant]")
	}
	doctest.Edited(t, base(in), setFilter(onMap, acme),
		strings.Replace(base(want), "function='member' level='[none:Tenant:nk]'", "function='member' level='[Tenant]'", 1))
}

// A filter of a shape that is not made here is replaced where it is meant, which is noted.
func TestReplaceTop(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, filteredBook(t, worksheets(worksheet("Map", foreign("")))))
	if err := setFilter(onMap, tds.IncludeAll("Region"))(f); err != nil {
		t.Fatal(err)
	}
	if got := notesOf(f); !slices.Equal(got, []string{"the filter on Region was a condition, a top or the like, and is replaced by one of values"}) {
		t.Errorf("%q", got)
	}
}

// A filter that becomes a range stands on another instance, and what named the old one follows.
func TestFilterMoves(t *testing.T) {
	t.Parallel()
	const list = `<column-instance column='[order_date]' derivation='None' name='[none:order_date:ok]' pivot='key' type='ordinal' />`
	in := worksheet("Map", copies(list, dateColumn)+`          <filter class='categorical' column='[federated.a].[none:order_date:ok]' context='true'>
            <groupfilter function='member' level='[none:order_date:ok]' member='#2024-01-01#' user:ui-domain='database' user:ui-enumeration='inclusive' user:ui-marker='enumerate' />
          </filter>
`+sliced("[none:order_date:ok]", "[z]"))
	want := worksheet("Map", copies(dateInstance, dateColumn)+`          <filter class='quantitative' column='[federated.a].[none:order_date:qk]' context='true' included-values='in-range'>
            <min>#2024-01-01#</min>
          </filter>
`+sliced("[none:order_date:qk]", "[z]"))
	from := tds.Between("Order Date", tds.String("2024-01-01"), tds.Null())
	doctest.Edited(t, filteredBook(t, worksheets(in)), setFilter(onMap, from), filteredBook(t, worksheets(want)))
	doctest.Edited(t, filteredBook(t, worksheets(want)), setFilter(onMap, tds.Include("Order Date", tds.String("2024-01-01"))), filteredBook(t, worksheets(in)))
	const card = "  <windows><window class='worksheet' name='Map'><cards><card param='[federated.a].[none:order_date:ok]' type='filter' /></cards></window></windows>\n"
	doctest.Refused(t, filteredBook(t, worksheets(in)+card), setFilter(onMap, from), `worksheet "Map" shows the filter as a control`, "categorical")
}

// Parts of dates are filtered beside the dates.
func TestFilterOfParts(t *testing.T) {
	t.Parallel()
	years := func(member string) string {
		return copies(dateColumn, yearInstance) + `          <filter class='categorical' column='[federated.a].[yr:order_date:ok]'>
            <groupfilter function='member' level='[yr:order_date:ok]' member='` + member + `' user:ui-domain='database' user:ui-enumeration='inclusive' user:ui-marker='enumerate' />
          </filter>
` + sliced("[yr:order_date:ok]")
	}
	in, want := filteredBook(t, worksheets(worksheet("Map", years("2010")))), filteredBook(t, worksheets(worksheet("Map", years("2024"))))
	for _, field := range []string{"YEAR(Order Date)", "[yr:order_date:ok]"} {
		doctest.Edited(t, in, setFilter(onMap, tds.Include(field, tds.Integer(2024))), want)
		doctest.Edited(t, in, removeFilter(onMap, field), filteredBook(t, worksheets(worksheet("Map", ""))))
	}
	doctest.Refused(t, in, setFilter(onMap, tds.Include("YEAR(Order Date)", tds.String("2024-01-01"))), "integer")
	doctest.Refused(t, in, setFilter(onMap, tds.Between("YEAR(Order Date)", tds.Integer(2024), tds.Null())), "YEAR(Order Date), [yr:order_date:ok], is filtered by a list of values, not by a range")
	doctest.Refused(t, in, setFilter(twb.FilterPlace{}, tds.IncludeAll("Order Date")), `no filter on field "Order Date" in the worksheets; there are: YEAR(Order Date)`)
	f := doctest.Open(t, in)
	if err := setFilter(onMap, tds.During("Order Date", tds.This(tds.Year)))(f); err != nil {
		t.Fatal(err)
	}
	if got := notesOf(f); !slices.Equal(got, []string{`worksheet "Map" is filtered by YEAR(Order Date), too, which stays`}) {
		t.Errorf("%q", got)
	}
	months := func(until string) string {
		return filteredBook(t, worksheets(worksheet("Map", copies(dateColumn, monthInstance)+`          <filter class='quantitative' column='[federated.a].[tmn:order_date:qk]' included-values='in-range'>
            <max>`+until+`</max>
          </filter>
`+sliced("[tmn:order_date:qk]"))))
	}
	doctest.Edited(t, months("#2010-01-01 00:00:00#"), setFilter(onMap, tds.Between("MONTH(Order Date)", tds.Null(), tds.String("2024-03-01"))), months("#2024-03-01 00:00:00#"))
}

// A filter group is one filter on several worksheets: it changes and goes together.
func TestFilterGroup(t *testing.T) {
	t.Parallel()
	const five = " filter-group='5'"
	book := func(value string) string {
		return filteredBook(t, worksheets(byTenant("Map", five, value), byTenant("List", five, value), byTenant("Own", " filter-group='6'", "old"), byTenant("Plain", "", "old")))
	}
	f := doctest.Edited(t, book("old"), setFilter(onMap, acme), book("acme"))
	if got := notesOf(f); !slices.Equal(got, []string{`worksheet "Map" has its filter on Tenant in common with "List", which changed with it`}) {
		t.Errorf("%q", got)
	}
	doctest.Edited(t, book("old"), removeFilter(onMap, "Tenant"),
		filteredBook(t, worksheets(worksheet("Map", ""), worksheet("List", ""), byTenant("Own", " filter-group='6'", "old"), byTenant("Plain", "", "old"))))
	f = doctest.Edited(t, book("old"), setFilter(twb.FilterPlace{}, acme),
		filteredBook(t, worksheets(byTenant("Map", five, "acme"), byTenant("List", five, "acme"), byTenant("Own", " filter-group='6'", "acme"), byTenant("Plain", "", "acme"))))
	if got := notesOf(f); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

func TestFilterRefused(t *testing.T) {
	t.Parallel()
	second := strings.ReplaceAll(worksheet("Both", ""), "</datasources>", "  <datasource caption='Other' name='federated.b' />\n          </datasources>")
	in := doctest.Replace(t, filteredBook(t, worksheets(worksheet("Map", foreign("")), second, byTenant("Twice", "", "a"))+"  <dashboards><dashboard name='Board' /></dashboards>\n"),
		"    </datasource>\n  </datasources>", "    </datasource>\n    <datasource caption='Other' name='federated.b'>"+tenantColumn+"</datasource>\n    <datasource caption='Third' name='federated.c' />\n  </datasources>")
	twice := doctest.Replace(t, in, "          </filter>\n"+sliced("[none:Tenant:nk]")+"          <agg", "          </filter>\n          <filter class='categorical' column='[federated.a].[Tenant]' />\n"+sliced("[none:Tenant:nk]")+"          <agg")
	gone := strings.ReplaceAll(worksheet("Gone", ""), "'federated.a'", "'federated.gone'")
	orphan := filteredBook(t, worksheets(gone))
	empty := "<workbook version='18.1'>\n  <datasources />\n" + worksheets(gone) + "</workbook>"
	onGone := twb.FilterPlace{Worksheet: "Gone"}
	for name, c := range map[string]struct {
		in     string
		at     twb.FilterPlace
		filter tds.Filter
		words  []string
	}{
		"a data source that is missing": {orphan, onGone, acme, []string{`no data source "federated.gone", which worksheet "Gone" uses; there are: "Orders"`}},
		"no data sources":               {empty, onGone, acme, []string{`no data source "federated.gone", which worksheet "Gone" uses; there are none`}},
		"no data sources, shared":       {empty, shared, acme, []string{`no data source with a field "Tenant"; there are none`}},
		"no worksheet":                  {in, twb.FilterPlace{Worksheet: "Mop"}, acme, []string{`filter on "Tenant" of worksheet "Mop": no view "Mop"`, `worksheet "Map"`}},
		"a dashboard":                   {in, twb.FilterPlace{Worksheet: "Board"}, acme, []string{`no worksheet "Board"`, `"Map", "Both", "Twice"`}},
		"a worksheet and shared":        {in, twb.FilterPlace{Worksheet: "Map", Shared: true}, acme, []string{"a worksheet is named"}},
		"no data source":                {in, twb.FilterPlace{Worksheet: "Map", Datasource: "Ordres"}, acme, []string{`no data source "Ordres"; there are: "Orders"`}},
		"none of the worksheet's":       {in, twb.FilterPlace{Worksheet: "Map", Datasource: "Third"}, acme, []string{`no data source "Third"; there are: "Orders"`}},
		"no field":                      {in, onMap, tds.IncludeAll("Nobody"), []string{`no field "Nobody" in data source "Orders"; there are: Region`}},
		"a part of a date":              {in, twb.FilterPlace{Worksheet: "Twice"}, tds.IncludeAll("YEAR(Order Date)"), []string{`no filter on field "YEAR(Order Date)" in worksheet "Twice"; there are: Tenant (only filters on fields as they are can be added)`}},
		"a part by its internal name":   {in, twb.FilterPlace{Worksheet: "Twice"}, tds.IncludeAll("[yr:order_date:ok]"), []string{`no filter on field "[yr:order_date:ok]" in worksheet "Twice"; there are: Tenant (only`}},
		"a part of a date, shared":      {in, shared, tds.IncludeAll("YEAR(Order Date)"), []string{`no filter on field "YEAR(Order Date)" in the shared filters; there are none (only`}},
		"a field of two":                {in, twb.FilterPlace{Worksheet: "Both"}, acme, []string{`2 matches for field "Tenant" in worksheet "Both": data source "Orders", data source "Other"`}},
		"two filters":                   {twice, twb.FilterPlace{}, acme, []string{`2 matches for a filter on field "Tenant" in worksheet "Twice": [none:Tenant:nk], [Tenant]`}},
		"nowhere":                       {in, twb.FilterPlace{}, tds.IncludeAll("Tenant group"), []string{`no filter on field "Tenant group" in the worksheets`, "Best", "SUM(Amount)"}},
		"a sum":                         {in, onMap, tds.Between("SUM(Amount)", tds.Integer(1), tds.Null()), []string{"SUM(Amount) has no value for a single row"}},
		"a calculation that sums":       {in, onMap, tds.Between("Ratio", tds.Integer(1), tds.Null()), []string{`"Ratio" has no value for a single row`}},
		"a set":                         {in, onMap, tds.IncludeAll("Best"), []string{"Best is no field: filters on sets"}},
		"case 55: another type":         {in, onMap, tds.Between("Amount", tds.String("x"), tds.Null()), []string{"real"}},
		"case 56: no values":            {in, onMap, tds.Include("Tenant"), []string{"no values"}},
		"case 58: the wrong way round":  {in, onMap, tds.Between("Amount", tds.Integer(2), tds.Integer(1)), []string{"the wrong way round"}},
		"another kind":                  {in, onMap, tds.Filter{Field: "Tenant", Kind: tds.Other}, []string{`kind "other" cannot be set`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, c.in, setFilter(c.at, c.filter), c.words...)
		})
	}
	remove := func(at twb.FilterPlace, field string) func(*documents.File) error {
		return func(f *documents.File) error {
			wb, _ := f.Workbook()
			return wb.RemoveFilter(at, field)
		}
	}
	doctest.Refused(t, in, remove(onMap, "Amount"), `removing the filter on "Amount" of worksheet "Map": no filter on field "Amount" in worksheet "Map"; there are: Action (Tenant), Best, Region, SUM(Amount), YEAR(Order Date)`)
	doctest.Refused(t, in, remove(shared, "Tenant"), "in the shared filters; there are none")
}

// case 83: rules that want different things of a filter.
func TestFilterContradictions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second func(*documents.File) error
		conflict      bool
	}{
		"the same twice":               {setFilter(onMap, acme), setFilter(onMap, acme), false},
		"two values":                   {setFilter(onMap, acme), setFilter(twb.FilterPlace{}, tds.IncludeAll("Tenant")), true},
		"two worksheets of a group":    {setFilter(onMap, acme), setFilter(twb.FilterPlace{Worksheet: "List"}, tds.IncludeAll("Tenant")), true},
		"the same twice where none is": {setFilter(onBare, acme), setFilter(onBare, acme), false},
		"two values where none is":     {setFilter(onBare, acme), setFilter(onBare, tds.IncludeAll("Tenant")), true},
		"removed and set":              {removeFilter(onMap, "Tenant"), setFilter(onMap, acme), true},
		"a caption, and removed": {func(f *documents.File) error {
			wb, _ := f.Workbook()
			ds, _ := wb.Datasource("Orders")
			return ds.UpdateColumn("Tenant", tds.ColumnPatch{Caption: new("Customer")})
		}, removeFilter(onMap, "[Tenant]"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := doctest.Open(t, filteredBook(t, worksheets(byTenant("Map", " filter-group='5'", "old"), byTenant("List", " filter-group='5'", "old"), worksheet("Bare", ""))))
			if err := f.Atomically("one", func() error { return c.first(f) }); err != nil {
				t.Fatal(err)
			}
			err := f.Atomically("two", func() error { return c.second(f) })
			if _, is := errors.AsType[*documents.ConflictError](err); is != c.conflict || err != nil && !is {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	in := filteredBook(t, sharedViews(tenantFilter("", "a"))+
		worksheets(worksheet("Map", foreign(tenantFilter(" context='true'", "x"))),
			worksheet("List", copies(tenantColumn, tenantInstance)+sliced("[none:Tenant:nk]")),
			worksheet("Lost", "          <filter class='categorical' column='[gone].[none:X:nk]'><groupfilter function='member' member='&quot;1&quot;' /></filter>\n")))
	var got []string
	for f := range workbook(t, in).Filters() {
		got = append(got, strings.Join([]string{f.Worksheet, f.Column, f.String(), strings.Join(f.Worksheets, "+")}, "; "))
		if f.Context != (f.Worksheet == "Map" && f.Column == "[none:Tenant:nk]" && f.Kind == tds.Including) {
			t.Errorf("%s %s: context is %t", f.Worksheet, f, f.Context)
		}
	}
	want := []string{
		"Map; [Action (Tenant)]; Action (Tenant) all; Map",
		"Map; [Set 1]; Best other (categorical); Map",
		"Map; [none:Calculation_1:nk]; Region other (categorical); Map",
		"Map; [none:Tenant:nk]; Tenant other (categorical); Map",
		"Map; [none:Tenant:nk]; Tenant include x; Map",
		"Map; [sum:amount:qk]; SUM(Amount) range from 1; Map",
		"Map; [yr:order_date:ok]; YEAR(Order Date) other (topn); Map",
		"Lost; [none:X:nk]; X include 1; Lost",
		"; [none:Tenant:nk]; Tenant include a; List",
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
