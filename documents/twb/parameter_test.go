package twb_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// everywhere is a workbook with a parameter in all the places that repeat it. Where
// the copies stand it has %s, for the parameter as XML and as XML in a DataValue
// in XML.
const everywhere = `<workbook version='18.1'>
  <datasources>
    <datasource hasconnection='false' inline='true' name='Parameters' version='18.1'>
      <aliases enabled='yes' />
      %[1]s
      <column caption='Other' datatype='string' name='[Parameter 10]' param-domain-type='any' value='&quot;w&quot;'><calculation class='tableau' formula='&quot;w&quot;' /></column>
    </datasource>
    <datasource caption='Orders' name='federated.a'>
      <datasource-dependencies datasource='Parameters'>
        %[1]s
      </datasource-dependencies>
      <datasource-dependencies datasource='federated.b'>
        <column name='[Parameter 1]' value='&quot;w&quot;' />
      </datasource-dependencies>
    </datasource>
    <datasource caption='Sales' name='sqlproxy.1'>
      <connection class='sqlproxy' dbname='Sales'>
        <metadata-records><metadata-record class='capability'><attributes><attribute datatype='string' name='datasource'>%[2]s</attribute></attributes></metadata-record></metadata-records>
      </connection>
    </datasource>
  </datasources>
  <worksheets><worksheet name='S'><table><view>
    <datasource-dependencies datasource='Parameters'>
      %[1]s
    </datasource-dependencies>
  </view></table></worksheet></worksheets>
  <dashboards><dashboard name='D'>
    <datasource-dependencies datasource='Parameters'>
      %[1]s
    </datasource-dependencies>
  </dashboard></dashboards>
</workbook>
`

// TestSetParameterEverywhere is hard case 65.
func TestSetParameterEverywhere(t *testing.T) {
	t.Parallel()
	const before = `<column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' role='measure' type='nominal' value='&quot;w&quot;'><calculation class='tableau' formula='&quot;w&quot;' /></column>`
	const after = `<column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' role='measure' type='nominal' value='&quot;50\% \&quot;x\&quot; \\d&quot;'><calculation class='tableau' formula='&quot;50% &quot;&quot;x&quot;&quot; \d&quot;' /></column>`
	// The same inside a DataValue inside XML, written out by hand.
	const nested = `&quot;&lt;datasource&gt;&#10;&lt;datasource-dependencies datasource=&apos;Parameters&apos;&gt;&lt;column datatype=&apos;string&apos; name=&apos;[Parameter 1]&apos; value=&apos;%s&apos;&gt;&lt;calculation formula=&apos;%s&apos; /&gt;&lt;/column&gt;&lt;/datasource-dependencies&gt;&lt;/datasource&gt;&quot;`
	in := fmt.Sprintf(everywhere, before, fmt.Sprintf(nested, `&amp;quot;w&amp;quot;`, `&amp;quot;w&amp;quot;`))
	want := fmt.Sprintf(everywhere, after, fmt.Sprintf(nested, `&amp;quot;50\\\% \\&amp;quot;x\\&amp;quot; \\\\d&amp;quot;`, `&amp;quot;50\% &amp;quot;&amp;quot;x&amp;quot;&amp;quot; \\d&amp;quot;`))
	for _, name := range []string{"Region", "[Parameter 1]"} {
		f := doctest.Edited(t, in, set(name, tds.String(`50% "x" \d`)), want)
		if n := len(slices.Collect(f.Changes())); n != 5*2 {
			t.Errorf("%d changes reported, want 5 places with 2 each", n)
		}
		for c := range f.Changes() {
			if c.Old != `"w"` || c.New != `"50\% \"x\" \\d"` && c.New != `"50% ""x"" \d"` {
				t.Errorf("reported as %s", c)
			}
		}
	}
	doctest.Edited(t, in, func(f *documents.File) error { // asked of the nested copy
		ds, err := f.Datasource("Sales")
		if err != nil {
			return err
		}
		for nested, err := range ds.Nested() {
			return errors.Join(err, nested.SetParameter("Region", tds.String(`50% "x" \d`)))
		}
		return errors.New("no nested copy")
	}, want)
}

// TestSetParameterOfAList is hard case 66.
func TestSetParameterOfAList(t *testing.T) {
	t.Parallel()
	member := func(inside string) string {
		return `<aliases><alias key='&quot;w&quot;' value='West' /><alias key='&quot;e&quot;' value='East' /></aliases>` + inside
	}
	const members = `<members><member alias='West' value='&quot;w&quot;' /><member alias='East' value='&quot;e&quot;' /><member value='&quot;n&quot;' /></members>`
	// The master has members, the copy of the view has none.
	region := func(alias, value string) string {
		list := func(inside string) string {
			return strings.Replace(column("string", "list", value, value, inside), "<column ", "<column "+alias, 1)
		}
		return strings.Replace(parameters(list(member(members))), "  </datasources>\n", "  </datasources>\n  <worksheets><worksheet name='S'><table><view><datasource-dependencies datasource='Parameters'>"+
			list(member(""))+"</datasource-dependencies></view></table></worksheet></worksheets>\n", 1)
	}
	in := region("alias='West' ", "&quot;w&quot;")
	for value, want := range map[string]string{
		"w": in,
		"e": region("alias='East' ", "&quot;e&quot;"),
		"n": region("", "&quot;n&quot;"),
	} {
		doctest.Edited(t, in, set("P", tds.String(value)), want)
	}
	back := region("alias='West' ", "&quot;w&quot;")
	doctest.Edited(t, region("", "&quot;n&quot;"), set("P", tds.String("w")), back)
	for _, value := range []string{"z", "East", "", "W"} {
		doctest.Refused(t, in, set("P", tds.String(value)), `value "`+value+`"`, `there are: "w" (West), "e" (East), "n"`, `parameter "P"`)
	}
	as := func(name string) func(*documents.File) error { return update("P", tds.ParameterPatch{As: &name}) }
	doctest.Edited(t, in, as("East"), region("alias='East' ", "&quot;e&quot;"))
	doctest.Edited(t, in, as("n"), region("", "&quot;n&quot;"))
	doctest.Refused(t, in, as("w"), `parameter "P": no display name "w" in its list; there are: "West", "East", "n"`)
	doctest.Refused(t, in, as(""), `no display name ""`)
	doctest.Refused(t, in, update("P", tds.ParameterPatch{As: new("East"), Value: new(tds.String("e"))}), "a value is given, and a display name")
	doctest.Refused(t, strings.ReplaceAll(in, "East", "West"), as("West"), `2 matches for display name "West" in its list: "w" (West), "e" (West)`)
	doctest.Refused(t, parameters(plain("string", "&quot;w&quot;", "&quot;w&quot;")), as("West"), "only values of a list have display names, its domain is any")
}

// TestAliasOfANumber finds the alias of a value that the file writes otherwise.
func TestAliasOfANumber(t *testing.T) {
	t.Parallel()
	list := func(alias, value, formula string) string {
		return parameters(strings.Replace(column("real", "list", value, formula,
			"<aliases><alias key='3.' value='three' /><alias key='4' value='four' /></aliases><members><member alias='three' value='3.' /><member alias='four' value='4.0' /></members>"),
			"<column ", "<column alias='"+alias+"' ", 1))
	}
	doctest.Edited(t, list("four", "4.0", "4.0"), set("P", tds.Integer(3)), list("three", "3.", "3.0"))
	doctest.Edited(t, list("three", "3.", "3."), set("P", tds.Integer(4)), list("four", "4.0", "4.0"))
	same := list("three", "3.", "3.")
	doctest.Edited(t, same, set("P", tds.Real(3)), same)
}

// TestSetParameterTypes is hard case 67.
func TestSetParameterTypes(t *testing.T) {
	t.Parallel()
	day := time.Date(2024, 1, 31, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		datatype, value, formula string
		set                      tds.Value
		want, literal            string
	}{
		{"real", "1.0", "1.0", tds.Integer(100), "100.0", "100.0"},
		{"real", "1000", "1000.0", tds.Real(1000), "1000", "1000.0"},
		{"real", "1000", "999.0", tds.Real(1000), "1000", "1000.0"},
		{"integer", "1", "1", tds.Integer(7), "7", "7"},
		{"boolean", "false", "false", tds.Boolean(true), "true", "true"},
		{"date", "#2020-01-01#", "#2020-01-01#", tds.Date(day), "#2024-01-31#", "#2024-01-31#"},
		{"datetime", "#2020-01-01 10:00:00#", "#2020-01-01 10:00:00#", tds.Date(day), "#2024-01-31 00:00:00#", "#2024-01-31 00:00:00#"},
		{"string", "&quot;w&quot;", "&apos;w&apos;", tds.String("w"), "&quot;w&quot;", "&quot;w&quot;"},
		{"string", "&quot;w&quot;", "&quot;w&quot;", tds.String(""), "&quot;&quot;", "&quot;&quot;"},
		{"string", "&quot;w&quot;", "&quot;w&quot;", tds.String("a\r\n<b>"), "&quot;a&#13;&#10;&lt;b&gt;&quot;", "&quot;a&#13;&#10;&lt;b&gt;&quot;"},
	} {
		doctest.Edited(t, parameters(plain(c.datatype, c.value, c.formula)), set("P", c.set), parameters(plain(c.datatype, c.want, c.literal)))
	}
}

// TestSetParameterInRange is hard case 67: what is between the steps is noted.
func TestSetParameterInRange(t *testing.T) {
	t.Parallel()
	span := func(value, bounds string) string {
		return parameters(column("integer", "range", value, value, "<range "+bounds+" />"))
	}
	const bounds = "granularity='5' max='10' min='0'"
	for v, note := range map[int64]string{0: "", 7: `the value of the parameter "P" is between its steps of 5 from 0`, 10: ""} {
		f := doctest.Edited(t, span("5", bounds), set("P", tds.Integer(v)), span(fmt.Sprint(v), bounds))
		if got := notes(f); got != note {
			t.Errorf("%d: noted is %q", v, got)
		}
		if err := set("P", tds.Integer(5))(f); err != nil || notes(f) != "" {
			t.Errorf("what was noted of %d still is: %q (%v)", v, notes(f), err)
		}
	}
	doctest.Edited(t, span("5", "min='0'"), set("P", tds.Integer(1000)), span("1000", "min='0'"))
	doctest.Edited(t, span("5", ""), set("P", tds.Integer(-1000)), span("-1000", ""))
	doctest.Refused(t, span("5", bounds), set("P", tds.Integer(11)), "11 is not in its range from 0 to 10")
	doctest.Refused(t, span("5", "min='0'"), set("P", tds.Integer(-1)), "-1 is not in its range from 0 to any")

	dates := parameters(column("date", "range", "#2024-03-01#", "#2024-03-01#", "<range max='#2024-12-31#' min='#2020-01-01#' period-type-v2='year' />"))
	doctest.Refused(t, dates, set("P", tds.String("2025-01-01")), "from 2020-01-01 to 2024-12-31")
	doctest.Edited(t, dates, set("P", tds.String("2024-12-31")), strings.ReplaceAll(dates, "#2024-03-01#", "#2024-12-31#"))
}

// TestOddStepsOfDates sets dates in ranges with steps that no sound file has.
func TestOddStepsOfDates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		step, period, value string
		off                 bool
	}{
		{"0", "day", "2020-01-03", false},
		{"0.5", "day", "2020-01-03", false},
		{"-1", "month", "2020-02-01", false},
		{"1125899906842624", "day", "2020-01-03", true},
		{"1125899906842624", "year", "2021-01-01", true},
		{"7", "day", "9999-12-31", true},
		{"7", "day", "9999-12-29", false},
	} {
		span := func(value string) string {
			return parameters(column("date", "range", value, value, "<range granularity='"+c.step+"' min='#2020-01-01#' period-type-v2='"+c.period+"' />"))
		}
		f := doctest.Edited(t, span("#2020-01-01#"), set("P", tds.String(c.value)), span("#"+c.value+"#"))
		if got := notes(f); strings.Contains(got, "is between its steps") != c.off {
			t.Errorf("%s %ss to %s: noted is %q", c.step, c.period, c.value, got)
		}
	}
}

// Points of stories show values of their own: what captured them wants them so.
func TestParameterInStories(t *testing.T) {
	t.Parallel()
	book := func(value string) string {
		return strings.Replace(parameters(plain("integer", value, value)), "  </datasources>\n", `  </datasources>
  <dashboards>
    <dashboard name='Tour' type='storyboard'>
      <flipboard>
        <story-points>
          <story-point captured-sheet='S' id='1'>
            <capturedDeltas>
              <datasource name='Parameters'>
                <column name='[Parameters].[Parameter 1]' value='1' />
              </datasource>
            </capturedDeltas>
          </story-point>
        </story-points>
      </flipboard>
    </dashboard>
  </dashboards>
`, 1)
	}
	f := doctest.Edited(t, book("1"), set("P", tds.Integer(2)), book("2"))
	if got, want := notes(f), `a story point of dashboard "Tour" has a value of the parameter "P" of its own, which stays`; got != want {
		t.Errorf("noted is %q", got)
	}
	if f := doctest.Edited(t, book("2"), set("P", tds.Integer(1)), book("1")); notes(f) != "" {
		t.Errorf("noted is %q", notes(f))
	}
	doctest.Refused(t, book("1"), onWorkbook(func(wb *twb.Workbook) error { return wb.RemoveParameter("P") }), `it is used by a story point of dashboard "Tour"`)
}

// What has been renamed is found by the new caption; rules that want different captions
// contradict each other.
func TestRenameParameterAgain(t *testing.T) {
	t.Parallel()
	rename := func(name, caption string) func(*documents.File) error {
		return update(name, tds.ParameterPatch{Caption: &caption})
	}
	in := parameters(plain("integer", "1", "1"), strings.NewReplacer("caption='P' ", "caption='Q' ", "[Parameter 1]", "[Parameter 2]").Replace(plain("integer", "1", "1")))
	f := doctest.Edited(t, in, rename("P", "X"), strings.Replace(in, "caption='P'", "caption='X'", 1))
	if got, want := notes(f), `there is no parameter "P"; "X" is there already`; got != want {
		t.Errorf("noted is %q", got)
	}
	doctest.Refused(t, in, rename("No", "X"), `no parameter "No"`)
	doctest.Refused(t, in, rename("P", "Q"), `the parameter [Parameter 2] is shown as "Q" already`)
	for _, second := range [][2]string{{"P", "Y"}, {"P", "Q"}, {"X", "Y"}} {
		f := doctest.Open(t, in)
		if err := f.Atomically("rule 1", func() error { return rename("P", "X")(f) }); err != nil {
			t.Fatal(err)
		}
		err := f.Atomically("rule 2", func() error { return rename(second[0], second[1])(f) })
		if _, ok := errors.AsType[*documents.ConflictError](err); !ok {
			t.Errorf("%s to %s: %v", second[0], second[1], err)
		}
	}
}

func TestSetParameterRefused(t *testing.T) {
	t.Parallel()
	// Hard case 68.
	const recomputed = `<column caption='P' datatype='date' name='[Parameter 1]' _.fcp.ParameterDefaultValues.true...default-value-field='[federated.a].[Today]' param-domain-type='any' value='#2024-01-01#'><calculation class='tableau' formula='#2024-01-01#' /></column>`
	for _, c := range []struct {
		name, column string
		value        tds.Value
		words        []string
	}{
		{"a fraction", plain("integer", "1", "1"), tds.Real(3.5), []string{"the datatype is integer"}},
		{"a word", plain("boolean", "true", "true"), tds.String("yes"), []string{"the datatype is boolean"}},
		{"a number for text", plain("string", "&quot;w&quot;", "&quot;w&quot;"), tds.Integer(7), []string{"give it as text"}},
		{"null", plain("string", "&quot;w&quot;", "&quot;w&quot;"), tds.Null(), []string{"null"}},
		{"NUL", plain("string", "&quot;w&quot;", "&quot;w&quot;"), tds.String("a\x00"), []string{"not allowed in XML 1.0"}},
		{"recomputed", recomputed, tds.String("2024-01-31"), []string{"[federated.a].[Today]", "opened"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, parameters(c.column), set("P", c.value), append(c.words, `parameter "P"`)...)
		})
	}
}

// TestParameterIsFound is hard case 69.
func TestParameterIsFound(t *testing.T) {
	t.Parallel()
	one := func(caption, name string) string {
		return strings.Replace(strings.Replace(plain("string", "&quot;w&quot;", "&quot;w&quot;"), "caption='P' ", caption, 1), "[Parameter 1]", name, 1)
	}
	in := parameters(one("caption='Region' ", "[Parameter 1]"), one("caption='Area' ", "[Region]"), one("", "[Parameter 3]"),
		one("caption='Twin' ", "[Parameter 4]"), one("caption='Twin' ", "[Parameter 5]"), one("caption='지역' ", "[매개 변수 9]"))
	for name, internal := range map[string]string{
		"Region": "[Parameter 1]", "[Region]": "[Region]", "Area": "[Region]", "Parameter 3": "[Parameter 3]",
		"[Parameter 4]": "[Parameter 4]", "지역": "[매개 변수 9]", "[매개 변수 9]": "[매개 변수 9]",
	} {
		var want []string
		for _, c := range strings.SplitAfter(in, "\n") {
			if strings.Contains(c, "name='"+internal+"'") {
				c = strings.ReplaceAll(c, "&quot;w&quot;", "&quot;x&quot;")
			}
			want = append(want, c)
		}
		doctest.Edited(t, in, set(name, tds.String("x")), strings.Join(want, ""))
	}
	doctest.Refused(t, in, set("Twin", tds.String("x")), `2 matches for parameter "Twin": [Parameter 4], [Parameter 5]`)
	for _, name := range []string{"region", "Parameter 1", "[Area]", ""} {
		doctest.Refused(t, in, set(name, tds.String("x")), `no parameter "`+name+`"; there are: "Region", "Area", "Parameter 3", "Twin", "Twin", "지역"`)
	}
	doctest.Refused(t, doctest.FX1, set("P", tds.String("x")), `no parameter "P"; there are none`)
}

// TestAliasOfABoolean: two values have names without being a list.
func TestAliasOfABoolean(t *testing.T) {
	t.Parallel()
	shown := func(value, alias string) string {
		return parameters(strings.Replace(column("boolean", "any", value, value, "<aliases><alias key='true' value='Yes' /><alias key='false' value='No' /></aliases>"), "<column ", "<column alias='"+alias+"' ", 1))
	}
	doctest.Edited(t, shown("true", "Yes"), set("P", tds.Boolean(false)), shown("false", "No"))
}

// TestTwoCalculations repairs a parameter that another program damaged.
func TestTwoCalculations(t *testing.T) {
	t.Parallel()
	in := parameters(column("integer", "any", "1", "1", "<calculation class='tableau' formula='2' />"))
	doctest.Edited(t, in, set("P", tds.Integer(3)), parameters(column("integer", "any", "3", "3", "<calculation class='tableau' formula='3' />")))
}

func TestParameters(t *testing.T) {
	t.Parallel()
	in := parameters(
		column("string", "list", "&quot;w&quot;", "&quot;w&quot;", "<members><member alias='West' value='&quot;w&quot;' /><member value='&quot;50\\%&quot;' /></members>"),
		strings.NewReplacer("[Parameter 1]", "[Parameter 2]", "caption='P' ", "").Replace(column("integer", "range", "5", "5", "<range max='10' />")),
		"<column name='[no parameter]' />",
	)
	var got []string
	for p := range workbook(t, in).Parameters() {
		got = append(got, fmt.Sprintf("%s %s %s %s %s %v %s %s", p.Label(), p.Name, p.Datatype, p.Domain.Kind, p.Value, p.Domain.Allowed, p.Domain.Min, p.Domain.Max))
	}
	want := []string{`P [Parameter 1] string list w ["w" (West) "50%"] null null`, "Parameter 2 [Parameter 2] integer range 5 [] null 10"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
}

func TestRulesOnOneParameter(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, parameters(plain("integer", "1", "1")))
	run := func(rule string, v int64) error {
		return f.Atomically(rule, func() error { return set("P", tds.Integer(v))(f) })
	}
	if err := errors.Join(run("rule 1", 2), run("rule 2", 2)); err != nil {
		t.Error(err)
	}
	if bad, ok := errors.AsType[*documents.ConflictError](run("rule 2", 3)); !ok || bad.First != "rule 1" || bad.Second != "rule 2" {
		t.Errorf("conflict: %v", bad)
	}
	if got, want := doctest.Written(t, f), parameters(plain("integer", "2", "2")); got != want {
		t.Errorf("written (-want +got):\n%s", cmp.Diff(want, got))
	}
}
