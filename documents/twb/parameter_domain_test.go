package twb_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// withCopies is a workbook with a parameter, and copies of it in a view and a dashboard.
func withCopies(master, view, dashboard string) string {
	return strings.Replace(parameters(master), "  </datasources>\n", `  </datasources>
  <worksheets>
    <worksheet name='S'>
      <table>
        <view>
          <datasource-dependencies datasource='Parameters'>
            `+view+`
          </datasource-dependencies>
        </view>
      </table>
    </worksheet>
  </worksheets>
  <dashboards>
    <dashboard name='D'>
      <datasource-dependencies datasource='Parameters'>
        `+dashboard+`
      </datasource-dependencies>
    </dashboard>
  </dashboards>
`, 1)
}

func domain(d tds.Domain, value ...tds.Value) func(*documents.File) error {
	patch := tds.ParameterPatch{Domain: &d}
	if len(value) > 0 {
		patch.Value = &value[0]
	}
	return update("P", patch)
}

func listOf(allowed ...tds.Allowed) tds.Domain {
	return tds.Domain{Kind: tds.ListDomain, Allowed: allowed}
}

// TestSetDomain is hard case 70.
func TestSetDomain(t *testing.T) {
	t.Parallel()
	const (
		desc = "<desc><formatted-text><run>d</run></formatted-text></desc>"
		c    = "<members><member value='&quot;a&quot;' /><member value='&quot;c&quot;' future='1' /></members>"
		ab   = "<members><member alias='Alpha' value='&quot;a&quot;' /><member value='&quot;b&quot;' /></members>"
		a    = "<aliases><alias key='&quot;a&quot;' value='Alpha' /></aliases>"
	)
	list := func(alias, value, inside string) string {
		return strings.Replace(column("string", "list", value, value, inside), "<column ", "<column "+alias, 1)
	}
	in := withCopies(list("", "&quot;c&quot;", desc+c), list("", "&quot;c&quot;", desc), list("", "&quot;c&quot;", desc+c))
	alphaB := listOf(tds.Allowed{Value: tds.String("a"), As: "Alpha"}, tds.Allowed{Value: tds.String("b")})
	after := func(alias, value string) string {
		whole := list(alias, value, a+desc+ab)
		return withCopies(whole, list(alias, value, desc), whole)
	}

	doctest.Refused(t, in, domain(alphaB), `parameter "P": its current value, and no other is given: no value "c" in its list; there are: "a" (Alpha), "b"`)
	doctest.Edited(t, in, domain(alphaB, tds.String("a")), after("alias='Alpha' ", "&quot;a&quot;"))
	doctest.Edited(t, in, domain(alphaB, tds.String("b")), after("", "&quot;b&quot;"))
	doctest.Refused(t, in, domain(alphaB, tds.String("c")), `no value "c" in its list`)
	doctest.Edited(t, in, update("P", tds.ParameterPatch{Domain: &alphaB, As: new("Alpha")}), after("alias='Alpha' ", "&quot;a&quot;"))

	t.Run("what is there stays", func(t *testing.T) {
		t.Parallel()
		doctest.Edited(t, in, domain(listOf(tds.Allowed{Value: tds.String("a")}, tds.Allowed{Value: tds.String("c")})), in)
		doctest.Edited(t, in, domain(listOf(tds.Allowed{Value: tds.String("c"), As: "C"})), withCopies(
			list("alias='C' ", "&quot;c&quot;", "<aliases><alias key='&quot;c&quot;' value='C' /></aliases>"+desc+"<members><member alias='C' future='1' value='&quot;c&quot;' /></members>"),
			list("alias='C' ", "&quot;c&quot;", desc),
			list("alias='C' ", "&quot;c&quot;", "<aliases><alias key='&quot;c&quot;' value='C' /></aliases>"+desc+"<members><member alias='C' future='1' value='&quot;c&quot;' /></members>"),
		))
	})
	t.Run("aliases of a copy without members", func(t *testing.T) {
		t.Parallel()
		in := withCopies(list("alias='Alpha' ", "&quot;a&quot;", a+ab), list("alias='Alpha' ", "&quot;a&quot;", a), list("alias='Alpha' ", "&quot;a&quot;", a+ab))
		renamed := domain(listOf(tds.Allowed{Value: tds.String("a"), As: "<A>"}, tds.Allowed{Value: tds.String("b")}))
		doctest.Edited(t, in, renamed, strings.ReplaceAll(in, "Alpha", "&lt;A&gt;"))
		none := domain(listOf(tds.Allowed{Value: tds.String("a")}, tds.Allowed{Value: tds.String("b")}))
		doctest.Edited(t, in, none, strings.NewReplacer("alias='Alpha' ", "", a, "").Replace(in))
	})
	t.Run("any", func(t *testing.T) {
		t.Parallel()
		plain := column("string", "any", "&quot;a&quot;", "&quot;a&quot;", desc)
		doctest.Edited(t, after("alias='Alpha' ", "&quot;a&quot;"), domain(tds.Domain{}), withCopies(plain, plain, plain))
	})
}

func TestSetRange(t *testing.T) {
	t.Parallel()
	numbers := func(domain, inside string) string {
		one := column("real", domain, "5.", "5.0", inside)
		return withCopies(one, one, one)
	}
	upTo := tds.Domain{Kind: tds.RangeDomain, Max: tds.Integer(10), Step: tds.Real(0.5)}
	doctest.Edited(t, numbers("any", ""), domain(upTo), numbers("range", "<range granularity='0.5' max='10.0' />"))
	doctest.Edited(t, numbers("list", "<aliases><alias key='5.' value='five' /></aliases><members><member alias='five' value='5.' /></members>"),
		domain(upTo), numbers("range", "<range granularity='0.5' max='10.0' />"))
	doctest.Edited(t, numbers("range", "<range granularity='0.5' max='10.' min='0' />"), domain(upTo), numbers("range", "<range granularity='0.5' max='10.' />"))
	doctest.Edited(t, numbers("range", "<range max='10.' />"), domain(tds.Domain{Kind: tds.AnyDomain}), numbers("any", ""))
	doctest.Edited(t, numbers("any", ""), domain(tds.Domain{Kind: tds.RangeDomain}), numbers("range", "<range />"))

	dates := func(domain, feature, inside string) string {
		one := column("date", domain, "#2024-03-01#", "#2024-03-01#", inside)
		return strings.Replace(withCopies(one, one, one), "  <datasources>", feature+"  <datasources>", 1)
	}
	const manifest = "  <document-format-change-manifest>\n    <ISO8601PeriodTypes />\n  </document-format-change-manifest>\n"
	quarters := domain(tds.Domain{Kind: tds.RangeDomain, Min: tds.String("2024-01-01"), Step: tds.Integer(3), Period: tds.Month})
	f := doctest.Edited(t, dates("any", "", ""), quarters, dates("range", manifest, "<range granularity='3' min='#2024-01-01#' period-type-v2='month' />"))
	if got, want := notes(f), `the value of the parameter "P" is between its steps of 3 months from 2024-01-01`; got != want {
		t.Errorf("noted is %q, want %q", got, want)
	}
	doctest.Edited(t, dates("range", "", "<range granularity='1' period-type='month' />"), quarters,
		dates("range", "", "<range granularity='3' min='#2024-01-01#' period-type='month' />"))
	doctest.Edited(t, dates("range", "", "<range granularity='1' period-type='year' />"), quarters,
		dates("range", "", "<range granularity='3' min='#2024-01-01#' period-type='month' />"))
	doctest.Edited(t, dates("range", manifest, "<range granularity='1' period-type-v2='month' />"), domain(tds.Domain{Kind: tds.RangeDomain, Min: tds.String("2024-01-01")}),
		dates("range", manifest, "<range min='#2024-01-01#' />"))
}

func TestStepsOfDates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		min, value string
		step       int64
		period     tds.Period
		off        bool
	}{
		{"2024-01-01", "2024-07-01", 3, tds.Month, false},
		{"2024-01-01", "2024-07-02", 3, tds.Month, true},
		{"2024-01-01", "2024-08-01", 3, tds.Month, true},
		{"2020-02-28", "2023-02-28", 1, tds.Year, false},
		{"2020-02-28", "2023-03-28", 1, tds.Year, true},
		{"2020-01-01", "2020-10-01", 3, tds.Quarter, false},
		{"2024-01-31", "2024-02-29", 1, tds.Month, false}, // which nobody knows
		{"2024-01-01", "2024-01-15", 2, tds.Week, false},
		{"2024-01-01", "2024-01-08", 2, tds.Week, true},
		{"2024-01-01", "2024-01-04", 2, tds.Day, true},
		{"2024-01-01 00:00:00", "2024-01-01 06:00:00", 6, tds.Hour, false},
		{"2024-01-01 00:00:00", "2024-01-01 07:00:00", 6, tds.Hour, true},
		{"2024-01-01", "2024-01-04", 1, tds.ISOYear, false}, // nor this
	} {
		datatype := map[bool]string{true: "date", false: "datetime"}[len(c.min) == len("2024-01-01")]
		f := doctest.Open(t, parameters(plain(datatype, "#"+c.value+"#", "#"+c.value+"#")))
		d := tds.Domain{Kind: tds.RangeDomain, Min: tds.String(c.min), Step: tds.Integer(c.step), Period: c.period}
		if err := domain(d)(f); err != nil {
			t.Errorf("%s: %v", c.value, err)
		}
		if got := notes(f) != ""; got != c.off {
			t.Errorf("%s from %s by %d %s: noted is %q", c.value, c.min, c.step, c.period, notes(f))
		}
	}
}

func TestDomainRefused(t *testing.T) {
	t.Parallel()
	integer, date := plain("integer", "5", "5"), plain("date", "#2024-03-01#", "#2024-03-01#")
	for _, c := range []struct {
		name, column string
		domain       tds.Domain
		words        string
	}{
		{"an empty list", integer, listOf(), "the list is empty"},
		{"a list of another type", integer, listOf(tds.Allowed{Value: tds.String("x")}), `"x" is a string, the datatype is integer`},
		{"null", integer, listOf(tds.Allowed{}), "null is not a value of a parameter"},
		{"twice", plain("real", "5.", "5."), listOf(tds.Allowed{Value: tds.Integer(5)}, tds.Allowed{Value: tds.Real(5)}), `"5" is twice in the list`},
		{"a range of text", plain("string", "&quot;w&quot;", "&quot;w&quot;"), tds.Domain{Kind: tds.RangeDomain}, "a range is for numbers and dates, the datatype is string"},
		{"a range the wrong way", integer, tds.Domain{Kind: tds.RangeDomain, Min: tds.Integer(9), Max: tds.Integer(1)}, "the range ends at 1, before it begins at 9"},
		{"ends of another type", integer, tds.Domain{Kind: tds.RangeDomain, Min: tds.Boolean(true)}, "the datatype is integer"},
		{"out of the range", integer, tds.Domain{Kind: tds.RangeDomain, Min: tds.Integer(6)}, "its current value, and no other is given: 5 is not in its range from 6 to any"},
		{"no step", integer, tds.Domain{Kind: tds.RangeDomain, Step: tds.Integer(0)}, "a step is more than 0, not 0"},
		{"half a step", integer, tds.Domain{Kind: tds.RangeDomain, Step: tds.Real(0.5)}, "the datatype is integer"},
		{"a period of numbers", integer, tds.Domain{Kind: tds.RangeDomain, Step: tds.Integer(1), Period: tds.Day}, "only dates step by a period"},
		{"a period without a number", date, tds.Domain{Kind: tds.RangeDomain, Period: tds.Day}, "a step of days needs their number"},
		{"a step of dates", date, tds.Domain{Kind: tds.RangeDomain, Step: tds.Integer(1)}, "a step of dates needs a period, like month"},
		{"hours of dates", date, tds.Domain{Kind: tds.RangeDomain, Step: tds.Integer(1), Period: tds.Hour}, "a date has no hours to step by"},
		{"an unknown period", date, tds.Domain{Kind: tds.RangeDomain, Step: tds.Integer(1), Period: "days"}, `no period "days"; there are: year`},
		{"ends of a list", integer, tds.Domain{Kind: tds.ListDomain, Min: tds.Integer(1)}, "only a range has ends"},
		{"values of a range", integer, tds.Domain{Kind: tds.RangeDomain, Allowed: []tds.Allowed{{Value: tds.Integer(5)}}}, "only a list has allowed values"},
		{"what Tableau does not know", integer, tds.Domain{Kind: "all"}, `no domain "all"; there are: any, list, range`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, parameters(c.column), domain(c.domain), `parameter "P": `, c.words)
		})
	}
}

// TestPinned is hard case 68, for the value and for the list.
func TestPinned(t *testing.T) {
	t.Parallel()
	column := func(attrs, inside, value string) string {
		return "<column " + attrs + "caption='P' datatype='string' name='[Parameter 1]' param-domain-type='list' role='measure' type='nominal' value='&quot;" + value + "&quot;'>" +
			"<calculation class='tableau' formula='&quot;" + value + "&quot;' />" + inside + "</column>"
	}
	const (
		prefix = "_.fcp.ParameterDefaultValues.true..."
		now    = "default-value-field='[federated.a].[Today]' "
		from   = "source-field='[federated.a].[Region]' "
	)
	in := withCopies(column(prefix+now+prefix+from, "", "w"), column(prefix+now+prefix+from, "", "w"), column(now+from, "", "w"))
	value := tds.String("e")
	doctest.Refused(t, in, set("P", value), "the field [federated.a].[Today] sets its value whenever the workbook is opened, unless it is pinned")
	doctest.Refused(t, in, domain(listOf(tds.Allowed{Value: tds.String("w")})), "the field [federated.a].[Region] fills its list whenever the workbook is opened, unless it is pinned")
	doctest.Refused(t, in, update("P", tds.ParameterPatch{As: new("East"), Pin: true}), "fills its list whenever the workbook is opened: its display names are not known")
	doctest.Refused(t, in, update("P", tds.ParameterPatch{Value: new(tds.Null()), Pin: true}), "null is not a value")

	const (
		valuePinned = `the field [federated.a].[Today] no longer sets the value of the parameter "P" when the workbook is opened`
		listPinned  = `the field [federated.a].[Region] no longer fills the list of the parameter "P" when the workbook is opened`
		unknown     = `the list of the parameter "P" is not known: the field [federated.a].[Region] fills it when the workbook is opened`
	)
	f := doctest.Edited(t, in, update("P", tds.ParameterPatch{Pin: true}), strings.NewReplacer(prefix+now, "", now, "").Replace(in))
	if got := notes(f); got != valuePinned {
		t.Errorf("noted is %q", got)
	}
	f = doctest.Edited(t, in, update("P", tds.ParameterPatch{Value: &value, Pin: true}),
		withCopies(column(prefix+from, "", "e"), column(prefix+from, "", "e"), column(from, "", "e")))
	if got := notes(f); got != valuePinned+"\n"+unknown {
		t.Errorf("noted is %q", got)
	}
	shown := strings.ReplaceAll(in, "<column ", "<column alias='West' ") // which is not how another value is shown
	doctest.Edited(t, shown, update("P", tds.ParameterPatch{Value: &value, Pin: true}), withCopies(column(prefix+from, "", "e"), column(prefix+from, "", "e"), column(from, "", "e")))
	const members = "<members><member value='&quot;w&quot;' /></members>"
	d := listOf(tds.Allowed{Value: tds.String("w")})
	f = doctest.Edited(t, in, update("P", tds.ParameterPatch{Domain: &d, Pin: true}), withCopies(column("", members, "w"), column("", "", "w"), column("", "", "w")))
	if got := notes(f); got != valuePinned+"\n"+listPinned {
		t.Errorf("noted is %q", got)
	}
}

// TestRulesOnADomain: the list and the value may be set by two rules, two lists may not.
func TestRulesOnADomain(t *testing.T) {
	t.Parallel()
	in := withCopies(plain("integer", "1", "1"), plain("integer", "1", "1"), plain("integer", "1", "1"))
	list := func(names ...string) func(*documents.File) error {
		var d tds.Domain
		for i, name := range names {
			d = listOf(append(d.Allowed, tds.Allowed{Value: tds.Integer(int64(i + 1)), As: name})...)
		}
		return domain(d)
	}
	for _, c := range []struct {
		first, second func(*documents.File) error
		bad           bool
	}{
		{list("one", "two"), set("P", tds.Integer(2)), false},
		{set("P", tds.Integer(2)), list("one", "two"), false},
		{list("one", "two"), list("one", "two"), false},
		{list("one", "two"), list("one", "zwei"), true},
		{list("one"), domain(tds.Domain{}), true},
		{domain(tds.Domain{}), list("one"), true},
		{domain(tds.Domain{}), domain(tds.Domain{Kind: tds.RangeDomain}), true},
	} {
		f := doctest.Open(t, in)
		err := f.Atomically("rule 1", func() error { return c.first(f) })
		if err != nil {
			t.Error(err)
		}
		before := doctest.Written(t, f)
		err = f.Atomically("rule 2", func() error { return c.second(f) })
		if bad := fmt.Sprint(err); (err != nil) != c.bad || c.bad && !strings.Contains(bad, "rule 1") {
			t.Errorf("the second rule: %v", err)
		}
		if c.bad && doctest.Written(t, f) != before {
			t.Error("a rule that is refused changed something")
		}
	}
}
