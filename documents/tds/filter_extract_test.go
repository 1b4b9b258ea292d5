package tds_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

const (
	oneTable = `      <extract count='-1' enabled='true' object-id='' units='records'>
        <connection class='hyper' dbname='Data/Extracts/orders.hyper' schema='Extract' tablename='Extract' />
      </extract>
`
	severalTables = `      <extract _.fcp.ObjectModelExtractV2.true...object-id='' count='-1' enabled='true' units='records'>
        <connection class='hyper' dbname='Data/Extracts/orders.hyper' schema='Extract' tablename='Extract'>
          <_.fcp.ObjectModelEncapsulateLegacy.true...relation type='collection'>
            <relation name='orders_0F' table='[Extract].[orders_0F]' type='table' />
            <relation name='people_1A' table='[Extract].[people_1A]' type='table' />
          </_.fcp.ObjectModelEncapsulateLegacy.true...relation>
        </connection>
        <aggregation column='[X]' derivation='Sum' />
      </extract>
`
)

// extracted is FX1 with a field X of a datatype, and an extract.
func extracted(t testing.TB, datatype, extract string) string {
	t.Helper()
	return doctest.Replace(t, fieldX(t, datatype), beforeLayout, extract+beforeLayout)
}

// inExtract is a document with an instance and a filter in its extract.
func inExtract(t testing.TB, in, instance, filter string) string {
	t.Helper()
	at := "      </extract>\n"
	if i := strings.Index(in, "        <aggregation"); i >= 0 {
		at = "        <aggregation"
	}
	return doctest.Replace(t, in, "      <extract", instance+"      <extract", at, "        "+filter+"\n"+at)
}

func instance(of, suffix, kind string) string {
	return "      <column-instance column='[" + of + "]' derivation='None' name='[none:" + of + ":" + suffix + "]' pivot='key' type='" + kind + "' />\n"
}

func setExtractFilter(filter tds.Filter) func(*documents.File) error {
	return func(f *documents.File) error { return first(f).SetExtractFilter(filter) }
}

// TestExtractFilters is hard case 60: where the filter stands, on what, and what is said.
func TestExtractFilters(t *testing.T) {
	t.Parallel()
	manifest := func(in string) string { return doctest.Replace(t, in, manifestOfFX1, isoEntry+manifestOfFX1) }
	same := func(in string) string { return in }
	member := func(column, value string) string {
		return "<filter class='categorical' column='" + column + "'>\n          <groupfilter function='member' level='" + column + "' member='" + value + "'" + inclusive + " />\n        </filter>"
	}
	for _, c := range []struct {
		name, datatype   string
		filter           tds.Filter
		instance, inside string
		also             func(string) string
	}{
		{"case 60, text", "string", tds.Include("Tenant", tds.String("acme")), instance("Tenant", "nk", "nominal"), member("[none:Tenant:nk]", "&quot;acme&quot;"), same},
		{"a boolean", "boolean", tds.Include("X", tds.Boolean(true)), instance("X", "nk", "nominal"), member("[none:X:nk]", "true"), same},
		{"a number that is counted out", "integer", tds.Include("X", tds.Integer(7)), instance("X", "ok", "ordinal"), member("[none:X:ok]", "7"), same},
		{"a day", "date", tds.Include("X", tds.String("2024-01-31")), instance("X", "ok", "ordinal"), member("[none:X:ok]", "#2024-01-31#"), same},
		{
			"a range", "real", tds.Between("X", tds.Integer(1), tds.Real(99.5)), instanceOfX,
			"<filter class='quantitative' column='[none:X:qk]' included-values='in-range'>\n          <min>1</min>\n          <max>99.5</max>\n        </filter>", same,
		},
		{
			"relative dates", "date", tds.During("X", tds.Last(2, tds.Year)), instanceOfX,
			"<filter class='relative-date' column='[none:X:qk]' first-period='-1' include-future='true' include-null='false' last-period='0' period-type-v2='year' />", manifest,
		},
	} {
		for name, extract := range map[string]string{"one table": oneTable, "several tables": severalTables} {
			t.Run(c.name+", "+name, func(t *testing.T) {
				t.Parallel()
				in := extracted(t, c.datatype, extract)
				f := doctest.Edited(t, in, setExtractFilter(c.filter), c.also(inExtract(t, in, c.instance, c.inside)))
				var got []string
				for filter := range first(f).ExtractFilters() {
					got = append(got, filter.String())
				}
				if len(got) != 1 || got[0] != c.filter.String() {
					t.Errorf("reads as %q, want %q", got, c.filter)
				}
				for filter := range first(f).Filters() {
					t.Errorf("there is a data source filter %s", filter)
				}
				assertNotes(t, f, `the rows in the extract of data source "Orders" stay as they are until it is refreshed`)
			})
		}
	}
}

func assertNotes(t *testing.T, f *documents.File, want ...string) {
	t.Helper()
	var got []string
	for n := range f.Notes() {
		got = append(got, n.Text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("noted %q, want %q", got, want)
	}
}

// TestExtractFilterReplaces is the part of hard case 60 with a filter that is there.
func TestExtractFilterReplaces(t *testing.T) {
	t.Parallel()
	const all = "<groupfilter function='level-members' level='%' user:ui-enumeration='all' user:ui-marker='enumerate' />"
	filter := func(column, group string) string {
		return "<filter class='categorical' column='" + column + "'>" + strings.ReplaceAll(group, "%", column) + "</filter>"
	}
	one := "<groupfilter function='member' level='%' member='&quot;a&quot;'" + inclusive + " />"
	include := setExtractFilter(tds.Include("Tenant", tds.String("a")))
	for _, on := range []string{"[Tenant]", "[none:Tenant:nk]"} { // both are found in files
		in := extracted(t, "string", oneTable)
		doctest.Edited(t, inExtract(t, in, "", filter(on, all)), include, inExtract(t, in, "", filter(on, one)))
	}

	// Among others, sorted by column.
	in := inExtract(t, extracted(t, "string", severalTables), instance("Tenant", "nk", "nominal"),
		filter("[none:A:nk]", all)+"\n        "+filter("[none:Z:nk]", all))
	want := doctest.Replace(t, in, "        <filter class='categorical' column='[none:Z:nk]'",
		"        "+strings.NewReplacer("><g", ">\n          <g", "></f", ">\n        </f").Replace(filter("[none:Tenant:nk]", one))+
			"\n        <filter class='categorical' column='[none:Z:nk]'")
	doctest.Edited(t, in, include, want)
}

// TestExtractFilterOnMetadataOnly makes the column, too.
func TestExtractFilterOnMetadataOnly(t *testing.T) {
	t.Parallel()
	const records = `
        <metadata-records>
          <metadata-record class='column'>
            <local-name>[R]</local-name>
            <local-type>integer</local-type>
          </metadata-record>
        </metadata-records>
      </connection>
      <aliases`
	in := doctest.Replace(t, extracted(t, "string", oneTable), "\n      </connection>\n      <aliases", records)
	want := doctest.Replace(t, inExtract(t, in, instance("R", "qk", "quantitative"),
		"<filter class='quantitative' column='[none:R:qk]' included-values='non-null' />"),
		tenantColumn, "      <column datatype='integer' name='[R]' role='measure' type='quantitative' />\n"+tenantColumn)
	doctest.Edited(t, in, setExtractFilter(tds.Between("R", tds.Null(), tds.Null())), want)
}

func TestExtractFilterNotes(t *testing.T) {
	t.Parallel()
	off := extracted(t, "string", strings.Replace(oneTable, "enabled='true'", "enabled='false'", 1))
	f := doctest.Open(t, off)
	for range 2 {
		if err := first(f).SetExtractFilter(tds.IncludeAll("Tenant")); err != nil {
			t.Fatal(err)
		}
	}
	assertNotes(t, f, `the extract of data source "Orders" is not enabled, so that its filters do nothing`)

	f = doctest.Open(t, off)
	if err := first(f).SetExtractFilter(tds.Include("Tenant")); err == nil {
		t.Error("a filter without values was set")
	}
	assertNotes(t, f) // what failed has nothing to say
}

func TestExtractFilterRefused(t *testing.T) {
	t.Parallel()
	none := func(err error) bool { return errors.Is(err, tds.ErrNotFound) }
	for _, edit := range []func(*documents.File) error{
		setExtractFilter(tds.IncludeAll("Tenant")),
		func(f *documents.File) error { return first(f).RemoveExtractFilter("Tenant") },
	} {
		doctest.Refused(t, doctest.FX1, edit, `no extract in data source "Orders"`, `extract filter on "Tenant"`)
		if err := edit(doctest.Open(t, doctest.FX1)); !none(err) {
			t.Errorf("%v is no ErrNotFound", err)
		}
	}
	in := extracted(t, "string", oneTable)
	doctest.Refused(t, in, setExtractFilter(tds.Include("Tenant", tds.Integer(7))), `extract filter on "Tenant" of data source "Orders"`, "give it as text")
	doctest.Refused(t, in, setExtractFilter(tds.IncludeAll("tenant")), `no field "tenant"`)
	doctest.Refused(t, in, setExtractFilter(tds.Filter{Field: "Tenant"}), `kind ""`)
}

// TestRemoveFilter removes what SetFilter made, and what was there, by any of the names.
func TestRemoveFilter(t *testing.T) {
	t.Parallel()
	const (
		tenant = "      <filter class='categorical' column='[Tenant]' context='true' filter-group='2'>\n        <groupfilter function='level-members' level='[Tenant]' />\n      </filter>\n"
		amount = "      <filter class='quantitative' column='[none:Calculation_1:qk]' included-values='non-null' />\n"
		years  = "      <filter class='categorical' column='[yr:Tenant:ok]'><groupfilter function='level-members' level='[yr:Tenant:ok]' /></filter>\n"
		set    = "      <filter class='categorical' column='[Top 10]'><groupfilter function='end' /></filter>\n"
		hidden = "      <filter class='categorical' column='[Tenant]' kind='hide'><groupfilter function='level-members' level='[Tenant]' /></filter>\n"
	)
	in := doctest.Replace(t, doctest.FX1, tenantColumn, "      <column caption='Amount' datatype='real' name='[Calculation_1]' role='measure' type='quantitative' />\n"+tenantColumn,
		beforeGraph, tenant+hidden+set+amount+years+beforeGraph)
	for field, gone := range map[string]string{
		"Tenant": tenant, "[Tenant]": tenant, "Amount": amount, "Calculation_1": amount, "[Calculation_1]": amount,
		"[none:Calculation_1:qk]": amount, "[yr:Tenant:ok]": years, "Top 10": set, "[Top 10]": set,
	} {
		f := doctest.Open(t, in)
		if err := first(f).RemoveFilter(field); err != nil {
			t.Errorf("%s: %v", field, err)
		}
		if got, want := doctest.Written(t, f), doctest.Replace(t, in, gone, ""); got != want {
			t.Errorf("%s: wrote\n%s", field, got)
		}
	}
	remove := func(field string) func(*documents.File) error {
		return func(f *documents.File) error { return first(f).RemoveFilter(field) }
	}
	doctest.Refused(t, in, remove("Region"), `removing the filter on "Region" of data source "Orders"`,
		`no filter on field "Region" in data source "Orders"; there are: Tenant, Top 10, Amount, yr:Tenant:ok`)
	doctest.Refused(t, doctest.FX1, remove("Tenant"), "there are none")
	doctest.Refused(t, doctest.Replace(t, in, hidden, strings.Replace(hidden, " kind='hide'", "", 1)), remove("Tenant"), "2 matches for a filter on [Tenant]")
	doctest.Refused(t, doctest.Replace(t, in, " name='[Calculation_1]'", " name='[Calculation_1]' x=''", "datatype='string' name='[Tenant]'", "caption='Amount' datatype='string' name='[Tenant]'"),
		remove("Amount"), "2 matches", "[Calculation_1], [Tenant]")
}

// TestRemoveFilterUndoesSetFilter gives the bytes back, but for the column or instance
// that others may use by now.
func TestRemoveFilterUndoesSetFilter(t *testing.T) {
	t.Parallel()
	in := extracted(t, "date", oneTable)
	for _, filter := range []tds.Filter{
		tds.Include("Tenant", tds.String("a"), tds.Null()), tds.Exclude("Tenant", tds.String("a")), tds.IncludeAll("Tenant"),
		tds.Between("X", tds.String("2024-01-01"), tds.Null()), tds.During("X", tds.ToDate(tds.Year)),
	} {
		f := doctest.Open(t, in)
		ds := first(f)
		if err := errors.Join(ds.SetFilter(filter), ds.SetExtractFilter(filter), ds.RemoveFilter(filter.Field), ds.RemoveExtractFilter(filter.Field)); err != nil {
			t.Fatal(err)
		}
		got := doctest.Written(t, f)
		for _, made := range []string{instanceOfX, instance("Tenant", "nk", "nominal"), isoEntry} {
			got = strings.Replace(got, made, "", 1)
		}
		if got != in {
			t.Errorf("%s: wrote\n%s", filter, got)
		}
		assertNotes(t, f, `the rows in the extract of data source "Orders" stay as they are until it is refreshed`)
	}
}

// TestFilterOnACalculation is the filter of hard case 63.
func TestFilterOnACalculation(t *testing.T) {
	t.Parallel()
	const rls = "      <column caption='Row Level Security' datatype='integer' name='[Calculation_7]' role='dimension' type='ordinal'>\n" +
		"        <calculation class='tableau' formula='IIF([u]=USERNAME(),1,0)' />\n      </column>\n"
	in := doctest.Replace(t, doctest.FX1, tenantColumn, rls+tenantColumn)
	want := doctest.Replace(t, in, beforeGraph, "      <filter class='categorical' column='[Calculation_7]' filter-group='2'>\n"+
		"        <groupfilter function='member' level='[Calculation_7]' member='1'"+inclusive+" />\n      </filter>\n"+beforeGraph)
	for _, field := range []string{"Row Level Security", "[Calculation_7]"} {
		doctest.Edited(t, in, setFilter(tds.Include(field, tds.Integer(1))), want)
	}
}

// TestUnknownStays is hard case 86 for filters: what a later version brings stays where
// it is, and is listed by its class.
func TestUnknownStays(t *testing.T) {
	t.Parallel()
	const gizmo = "<_.fcp.NewThing.true...gizmo a='1'><deep/></_.fcp.NewThing.true...gizmo>"
	extract := doctest.Replace(t, oneTable, "      </extract>", "        "+gizmo+"\n        <filter class='topn' column='[none:X:nk]' n='3' />\n      </extract>")
	in := extracted(t, "integer", extract)
	in = doctest.Replace(t, in, beforeGraph, "      <filter class='quantitative' column='[X]' included-values='all'>"+gizmo+"</filter>\n"+beforeGraph)
	f := doctest.Open(t, in)
	ds := first(f)
	one := tds.Between("X", tds.Integer(1), tds.Null())
	if err := errors.Join(ds.SetFilter(one), ds.SetExtractFilter(tds.Include("Tenant", tds.String("a")))); err != nil {
		t.Fatal(err)
	}
	for filter := range ds.ExtractFilters() {
		if filter.Field == "X" && filter.String() != "X other (topn)" {
			t.Errorf("read as %s", filter)
		}
	}
	out := doctest.Written(t, f)
	for _, part := range []string{
		"included-values='in-range'>" + gizmo + "<min>1</min></filter>",
		"        " + gizmo + "\n        <filter class='categorical' column='[none:Tenant:nk]'>", // where it was
		"\n        <filter class='topn' column='[none:X:nk]' n='3' />\n      </extract>",
	} {
		if !strings.Contains(out, part) {
			t.Errorf("%s is not in\n%s", part, out)
		}
	}
}
