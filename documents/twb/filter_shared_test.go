package twb_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// sharedViews are shared views, the one of the data source of FX1 with these filters on
// Tenant.
func sharedViews(filters string) string {
	return "  <shared-views>\n" + sharedView("federated.a", filters) + "  </shared-views>\n"
}

func sharedView(name, filters string) string {
	return strings.ReplaceAll(`    <shared-view name='federated.a'>
      <datasources>
        <datasource caption='Orders' name='federated.a' />
      </datasources>
`+copiesInShared(tenantColumn, tenantInstance)+strings.ReplaceAll("\n"+filters, "\n    ", "\n")[1:]+`    </shared-view>
`, "federated.a", name)
}

// takes is a worksheet that takes the shared filter on Tenant over.
func takes(name string) string {
	return worksheet(name, copies(tenantColumn, tenantInstance)+sliced("[none:Tenant:nk]"))
}

// case 62: the shared filter of exactly one data source is changed, once, and worksheets that
// filter the field on their own are reported.
func TestSharedFilter(t *testing.T) {
	t.Parallel()
	book := func(value, other string) string {
		in := filteredBook(t, "  <shared-views>\n"+sharedView("federated.a", tenantFilter("", value))+sharedView("federated.a (copy)", tenantFilter("", other))+"  </shared-views>\n"+
			worksheets(takes("Map"), takes("List"), byTenant("Own", "", "own")))
		return doctest.Replace(t, in, "    </datasource>\n  </datasources>", "    </datasource>\n    <datasource caption='Orders (copy)' name='federated.a (copy)'>"+tenantColumn+"</datasource>\n  </datasources>")
	}
	const own = `worksheet "Own" has a filter of its own on Tenant, which the shared one does not change`
	in, want := book("old", "other"), book("acme", "other")
	f := doctest.Edited(t, in, setFilter(twb.FilterPlace{Shared: true, Datasource: "Orders"}, acme), want)
	if got := notesOf(f); !slices.Equal(got, []string{own}) {
		t.Errorf("%q", got)
	}
	f = doctest.Edited(t, in, setFilter(onMap, acme), want)
	if got := notesOf(f); !slices.Equal(got, []string{`worksheet "Map" has its filter on Tenant in common with "List", which changed with it`, own}) {
		t.Errorf("%q", got)
	}
	doctest.Edited(t, in, setFilter(twb.FilterPlace{Worksheet: "Own"}, acme), doctest.Replace(t, in, "&quot;own&quot;", "&quot;acme&quot;"))
	doctest.Edited(t, in, setFilter(twb.FilterPlace{Datasource: "Orders (copy)"}, acme), book("old", "acme"))
	f = doctest.Edited(t, in, setFilter(twb.FilterPlace{Datasource: "Orders"}, acme), doctest.Replace(t, want, "&quot;own&quot;", "&quot;acme&quot;"))
	if got := notes(f); len(got) > 0 {
		t.Errorf("%q", got)
	}
	doctest.Refused(t, in, setFilter(shared, acme), `2 matches for a filter on field "Tenant" in the shared filters: data source "Orders", data source "Orders (copy)"`)
	doctest.Refused(t, in, setFilter(twb.FilterPlace{}, acme), "2 matches")
}

// A new shared filter has its shared view, and applies to all worksheets of its data source;
// removed, all of that goes.
func TestAddSharedFilter(t *testing.T) {
	t.Parallel()
	blended := func(name, first, second string) string {
		return strings.Replace(worksheet(name, ""), "<datasource caption='Orders' name='federated.a' />", "<datasource name='"+first+"' /><datasource name='"+second+"' />", 1)
	}
	in := filteredBook(t, worksheets(worksheet("Map", ""), byTenant("Own", "", "own"), blended("Mixed", "federated.b", "federated.a"), blended("Else", "federated.b", "federated.c")))
	in = doctest.Replace(t, in, "    </datasource>\n  </datasources>", "    </datasource>\n    <datasource name='federated.b' />\n    <datasource name='federated.c' />\n  </datasources>")
	want := doctest.Replace(t, in, worksheet("Map", ""), takes("Map"), "  <worksheets>\n", sharedViews(tenantFilter("", "acme"))+"  <worksheets>\n")
	f := doctest.Edited(t, in, setFilter(shared, acme), want)
	if got := notesOf(f); !slices.Equal(got, []string{
		`worksheet "Mixed" uses data source "Orders" beside another data source: the shared filter on Tenant does not apply to it`,
		`worksheet "Own" has a filter of its own on Tenant, which the shared one does not change`,
	}) {
		t.Errorf("%q", got)
	}
	doctest.Edited(t, want, removeFilter(shared, "Tenant"), in)
	doctest.Edited(t, want, removeFilter(onMap, "Tenant"), in)
	// A second one goes to the shared view that is there, and leaves it there.
	two := doctest.Open(t, want)
	if err := setFilter(shared, tds.IncludeAll("Order Date"))(two); err != nil {
		t.Fatal(err)
	}
	if err := removeFilter(shared, "Order Date")(two); err != nil {
		t.Fatal(err)
	}
	if got := doctest.Written(t, two); got != want {
		t.Errorf("a shared filter that comes and goes leaves %s", got)
	}
}

// Shared views are in the order of their data sources.
func TestAddSharedView(t *testing.T) {
	t.Parallel()
	in := doctest.Replace(t, filteredBook(t, "  <shared-views>\n"+sharedView("federated.b", "")+"  </shared-views>\n"), "    </datasource>\n  </datasources>", "    </datasource>\n    <datasource name='federated.b' />\n  </datasources>")
	doctest.Edited(t, in, setFilter(shared, acme), doctest.Replace(t, in, "  <shared-views>\n", "  <shared-views>\n"+sharedView("federated.a", tenantFilter("", "acme"))))
}

// A shared filter that becomes a range takes the worksheets along.
func TestSharedFilterMoves(t *testing.T) {
	t.Parallel()
	book := func(block, filter, column string) string {
		return filteredBook(t, strings.ReplaceAll(sharedViews(""), copiesInShared(tenantColumn, tenantInstance), copiesInShared(block, dateColumn)+filter)+
			worksheets(worksheet("Map", copies(block, dateColumn)+sliced(column)), worksheet("Both", copies(block, dateColumn)+sliced(column))))
	}
	const list = `<column-instance column='[order_date]' derivation='None' name='[none:order_date:ok]' pivot='key' type='ordinal' />`
	in := book(list, "      <filter class='categorical' column='[federated.a].[none:order_date:ok]' />\n", "[none:order_date:ok]")
	want := book(dateInstance, `      <filter class='quantitative' column='[federated.a].[none:order_date:qk]' included-values='in-range'>
        <min>#2024-01-01#</min>
      </filter>
`, "[none:order_date:qk]")
	from := tds.Between("Order Date", tds.String("2024-01-01"), tds.Null())
	doctest.Edited(t, in, setFilter(twb.FilterPlace{}, from), want)
	own := doctest.Replace(t, in, sliced("[none:order_date:ok]")+"          <aggregation value='true' />\n        </view>\n      </table>\n    </worksheet>\n  </worksheets>",
		"          <filter class='quantitative' column='[federated.a].[none:order_date:qk]' />\n"+sliced("[none:order_date:ok]")+"          <aggregation value='true' />\n        </view>\n      </table>\n    </worksheet>\n  </worksheets>")
	doctest.Refused(t, own, setFilter(twb.FilterPlace{Worksheet: "Both"}, from), "2 matches", "its own, a shared one")
	// One that is filtered by both instances says so once in the end.
	ends := func(slices string) string {
		return "          <filter class='quantitative' column='[federated.a].[none:order_date:qk]' />\n" + slices + "          <aggregation value='true' />\n        </view>\n      </table>\n    </worksheet>\n  </worksheets>"
	}
	both := doctest.Replace(t, own, ends(sliced("[none:order_date:ok]")), ends(sliced("[none:order_date:ok]", "[none:order_date:qk]")))
	doctest.Edited(t, both, setFilter(shared, from), doctest.Replace(t, want, strings.TrimPrefix(ends(sliced("[none:order_date:qk]")), "          <filter class='quantitative' column='[federated.a].[none:order_date:qk]' />\n"), ends(sliced("[none:order_date:qk]"))))
}

// The own filter of a worksheet that becomes a range takes no other worksheet along, although
// that has a shared filter on the same column.
func TestOwnFilterMovesAlone(t *testing.T) {
	t.Parallel()
	const (
		instance = `<column-instance column='[order_date]' derivation='None' name='[none:order_date:ok]' pivot='key' type='ordinal' />`
		filter   = "          <filter class='categorical' column='[federated.a].[none:order_date:ok]' />\n"
	)
	byDate := func(name, filter string) string {
		return worksheet(name, copies(instance, dateColumn)+filter+sliced("[none:order_date:ok]"))
	}
	in := filteredBook(t, strings.ReplaceAll(sharedViews(filter), copiesInShared(tenantColumn, tenantInstance), copiesInShared(instance, dateColumn))+
		worksheets(byDate("Map", filter), byDate("List", "")))
	doctest.Edited(t, in, setFilter(onMap, tds.Between("Order Date", tds.String("2024-01-01"), tds.Null())),
		doctest.Replace(t, in, byDate("Map", filter), worksheet("Map", copies(dateInstance, dateColumn)+`          <filter class='quantitative' column='[federated.a].[none:order_date:qk]' included-values='in-range'>
            <min>#2024-01-01#</min>
          </filter>
`+sliced("[none:order_date:qk]"))))
}

// A filter that is named by what it stands on is found again when it stands on another
// instance of its field.
func TestMovedFilterIsFoundAgain(t *testing.T) {
	t.Parallel()
	const instance = `<column-instance column='[order_date]' derivation='None' name='[none:order_date:ok]' pivot='key' type='ordinal' />`
	in := filteredBook(t, worksheets(worksheet("Map", copies(instance, dateColumn)+
		"          <filter class='categorical' column='[federated.a].[none:order_date:ok]' />\n"+sliced("[none:order_date:ok]"))))
	want := filteredBook(t, worksheets(worksheet("Map", copies(dateInstance, dateColumn)+
		"          <filter class='quantitative' column='[federated.a].[none:order_date:qk]' included-values='non-null' />\n"+sliced("[none:order_date:qk]"))))
	for _, name := range []string{"Order Date", "[order_date]", "[none:order_date:ok]"} {
		doctest.Edited(t, in, setFilter(onMap, tds.Between(name, tds.Null(), tds.Null())), want)
	}
	doctest.Refused(t, want, onWorkbook(func(wb *twb.Workbook) error { return wb.RemoveFilter(onMap, "[none:order_date:ok]") }), `no filter on field "[none:order_date:ok]"`)
}

// Points of stories show worksheets with filters of their own.
func TestFilterInStories(t *testing.T) {
	t.Parallel()
	const story = `  <dashboards>
    <dashboard name='Tour' type='storyboard'>
      <flipboard><story-points><story-point captured-sheet='Map' id='1'><capturedDeltas>
        <worksheet name='Map'><filter class='categorical' column='[federated.a].[none:Tenant:nk]' /></worksheet>
        <worksheet name='Other'><filter class='categorical' column='[federated.a].[none:Tenant:nk]' /></worksheet>
      </capturedDeltas></story-point></story-points></flipboard>
    </dashboard>
  </dashboards>
`
	const note = `a story point of story "Tour" has a filter of its own on Tenant, for worksheet "Map", which stays`
	with := filteredBook(t, worksheets(byTenant("Map", "", "acme"))+story)
	without := filteredBook(t, worksheets(worksheet("Map", ""))+story)
	for _, f := range []*documents.File{
		doctest.Edited(t, doctest.Replace(t, with, "&quot;acme&quot;", "&quot;dev&quot;"), setFilter(onMap, acme), with),
		doctest.Edited(t, without, setFilter(onMap, acme), with),
		doctest.Edited(t, with, removeFilter(onMap, "Tenant"), without),
	} {
		if got := notes(f); got != note {
			t.Errorf("noted is %q", got)
		}
	}
	f := doctest.Open(t, with)
	if err := setFilter(onMap, tds.IncludeAll("Order Date"))(f); err != nil || notes(f) != "" {
		t.Errorf("of another field is noted %q (%v)", notes(f), err)
	}
}

// copiesInShared is a block of copies of fields in a shared view.
func copiesInShared(lines ...string) string {
	return strings.ReplaceAll("\n"+copies(lines...), "\n    ", "\n")[1:]
}

// A worksheet without its own filter has the shared one: its slice stays.
func TestRemoveOwnOfShared(t *testing.T) {
	t.Parallel()
	in := filteredBook(t, sharedViews(tenantFilter("", "a"))+worksheets(byTenant("Map", "", "own")))
	f := doctest.Edited(t, in, func(f *documents.File) error {
		if strings.Contains(doctest.Written(t, f), "&quot;own&quot;") {
			return removeFilter(onMap, "Tenant")(f)
		}
		return nil
	}, filteredBook(t, sharedViews(tenantFilter("", "a"))+worksheets(takes("Map"))))
	if got := notesOf(f); !slices.Equal(got, []string{`the shared filter on Tenant applies to worksheet "Map" from now on`}) {
		t.Errorf("%q", got)
	}
}

// Cards beside a worksheet go with the filter they show; a dashboard that shows it is in the
// way, if it shows that of this worksheet.
func TestRemoveFilterShown(t *testing.T) {
	t.Parallel()
	window := func(cards string) string {
		return "  <windows>\n    <window class='worksheet' name='Map'>\n      <cards>\n" + cards + "        <card type='marks' />\n      </cards>\n    </window>\n  </windows>\n"
	}
	const card = "        <card param='[federated.a].[none:Tenant:nk]' type='filter' />\n"
	board := func(sheet, kind string) string {
		return "  <dashboards><dashboard name='Board'><zones><zone name='" + sheet + "' param='[federated.a].[none:Tenant:nk]' " + kind + "='filter' /></zones></dashboard></dashboards>\n"
	}
	doctest.Edited(t, filteredBook(t, worksheets(byTenant("Map", "", "a"))+board("List", "type-v2")+window(card)), removeFilter(onMap, "Tenant"),
		filteredBook(t, worksheets(worksheet("Map", ""))+board("List", "type-v2")+window("")))
	const highlighter = "        <card param='[federated.a].[none:Tenant:nk]' type='highlighter' />\n" // of something that the view has
	doctest.Edited(t, filteredBook(t, worksheets(byTenant("Map", "", "a"))+window(highlighter+card)), removeFilter(onMap, "Tenant"),
		filteredBook(t, worksheets(worksheet("Map", copies(tenantColumn, tenantInstance)))+window(highlighter)))
	for _, kind := range []string{"type", "type-v2", "_.fcp.SetMembershipControl.true...type-v2"} {
		doctest.Refused(t, filteredBook(t, worksheets(byTenant("Map", "", "a"))+board("Map", kind)), removeFilter(onMap, "Tenant"), `dashboard "Board" shows the filter as a control`)
	}
	doctest.Edited(t, filteredBook(t, worksheets(byTenant("Map", "", "a"))+board("Map", "type")), setFilter(onMap, acme),
		filteredBook(t, worksheets(byTenant("Map", "", "acme"))+board("Map", "type")))
}

// case 81: what takes time for each field must not take it for each worksheet again. Not
// parallel: it counts all that is allocated.
func TestSharedFilterOfManyWorksheets(t *testing.T) {
	const fields, few, many = 1_000, 2, 40
	var columns strings.Builder
	for i := range fields {
		fmt.Fprintf(&columns, "      <column datatype='string' name='[f%04d]' role='dimension' type='nominal' />\n", i)
	}
	allocated := func(n int) float64 {
		var sheets []string
		for i := range n {
			sheets = append(sheets, worksheet(fmt.Sprintf("W%d", i), copies()))
		}
		in := filteredBook(t, worksheets(sheets...))
		f := doctest.Open(t, doctest.Replace(t, in, "      <layout dim", columns.String()+"      <layout dim"))
		return testing.AllocsPerRun(3, func() {
			wb, _ := f.Clone().Workbook()
			if err := wb.SetFilter(twb.FilterPlace{Shared: true}, tds.Include("Tenant", tds.String("acme"))); err != nil {
				t.Fatal(err)
			}
		})
	}
	if a, b := allocated(few), allocated(many); b > 2*a {
		t.Errorf("%.0f allocations for %d worksheets, %.0f for %d", a, few, b, many)
	}
}
