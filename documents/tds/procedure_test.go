package tds_test

import (
	"html"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// case46 are the arguments of hard case 46.
const case46 = `<column name='@Start' ordinal='1' value='#2024-01-01#' /><column name='@R' ordinal='2' parameter='[Parameters].[Parameter 1]' value='&quot;W&quot;' />`

// procedure is a workbook with a data source that reads a stored procedure, with two
// copies of its relation.
func procedure(columns string) string {
	relation := `<relation connection='postgres.c' name='usp_sales;1' stored-proc='[dbo].[usp_sales;1]' type='stored-proc'><actual-parameters>` + columns + `</actual-parameters></relation>`
	forked := func(fork string) string {
		return strings.NewReplacer("<relation", "<_.fcp.ObjectModelEncapsulateLegacy."+fork+"...relation",
			"</relation", "</_.fcp.ObjectModelEncapsulateLegacy."+fork+"...relation").Replace(relation)
	}
	return queries(forked("false") + "\n" + forked("true"))
}

func onProcedure(edit func(*tds.Procedure) error) func(*documents.File) error {
	return func(f *documents.File) error {
		p, err := last(f).Procedure(tds.RelationMatch{Name: "usp_sales"})
		if err != nil {
			return err
		}
		return edit(p)
	}
}

func setArgument(name string, v tds.Value) func(*documents.File) error {
	return onProcedure(func(p *tds.Procedure) error { return p.SetArgument(name, v) })
}

func TestSetArgument(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 2, 3, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, old string
		value     tds.Value
		want      string
		reads     string
	}{
		{"case 46: a date", "#2024-01-01#", tds.Date(at), "#2025-02-03#", "2025-02-03"},
		{"a date as text", "#2024-01-01#", tds.String("2025-02-03"), "#2025-02-03#", "2025-02-03"},
		{"a date for a datetime", "#2024-01-01 10:00:00#", tds.Date(at), "#2025-02-03 00:00:00#", "2025-02-03 00:00:00"},
		{"text for a datetime", "#2024-01-01 10:00:00#", tds.String("2025-02-03 11:00"), "#2025-02-03 11:00:00#", "2025-02-03 11:00:00"},
		{"a date in Tableau's form", "#2024-01-01#", tds.String("#2025-02-03#"), "#2025-02-03#", "2025-02-03"},
		{"a datetime in Tableau's form", "#2024-01-01 10:00:00#", tds.String("#2025-02-03 11:00:00#"), "#2025-02-03 11:00:00#", "2025-02-03 11:00:00"},
		{"null before: a date in Tableau's form", "%null%", tds.String("#2025-02-03#"), "#2025-02-03#", "2025-02-03"},
		{"null before: no date", "%null%", tds.String("#1#"), `&quot;\#1\#&quot;`, "#1#"},
		{"text that looks like Tableau's form", "&quot;W&quot;", tds.String("#2025-02-03#"), `&quot;\#2025-02-03\#&quot;`, "#2025-02-03#"},
		{"a datetime that another program wrote", "#2024-01-01 10-00-00#", tds.DateTime(at.Add(time.Hour)), "#2025-02-03 01:00:00#", "2025-02-03 01:00:00"},
		{"case 46: text", "&quot;W&quot;", tds.String(`50% "net"`), `&quot;50\% \&quot;net\&quot;&quot;`, `50% "net"`},
		{"case 82: text that looks like markup", "&quot;&quot;", tds.String(`x' onload='y ]]>#\`), `&quot;x&apos; onload=&apos;y ]]&gt;\#\\&quot;`, `x' onload='y ]]>#\`},
		{"text that looks like a date", "&quot;W&quot;", tds.String("2025-02-03"), "&quot;2025-02-03&quot;", "2025-02-03"},
		{"an integer", "-1", tds.Integer(7), "7", "7"},
		{"a whole number", "1", tds.Real(7), "7", "7"},
		{"a real", "1.5", tds.Integer(7), "7.0", "7"},
		{"a real written otherwise", "3.", tds.Real(3), "3.", "3"},
		{"a boolean", "false", tds.Boolean(true), "true", "true"},
		{"null", "1", tds.Null(), "%null%", "null"},
		{"null before: a date", "%null%", tds.Date(at), "#2025-02-03#", "2025-02-03"},
		{"null before: text", "%null%", tds.String("2025-02-03"), "&quot;2025-02-03&quot;", "2025-02-03"},
		{"null before: null", "%null%", tds.Null(), "%null%", "null"},
		{"nothing before", "", tds.Boolean(true), "true", "true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			column := func(value string) string {
				return `<column name='@a' ordinal='1' value='1' /><column name='@Start' new='x' ordinal='2' value='` + value + `' />`
			}
			f := doctest.Edited(t, procedure(column(c.old)), setArgument("@Start", c.value), procedure(column(c.want)))
			p, err := last(f).Procedure(tds.RelationMatch{})
			if err != nil {
				t.Fatal(err)
			}
			a, err := p.Argument("@Start")
			if err != nil || a.Ordinal != 2 || a.Raw != html.UnescapeString(c.want) || a.Value.String() != c.reads {
				t.Errorf("set to %s, reads %+v as %s, %v", c.value, a, a.Value, err)
			}
		})
	}
}

// TestAddArgument adds arguments where the document has none for a parameter.
func TestAddArgument(t *testing.T) {
	t.Parallel()
	add := func(name string, v tds.Value) func(*documents.File) error {
		return onProcedure(func(p *tds.Procedure) error { return p.AddArgument(name, v) })
	}
	in := procedure(case46)
	with := func(column string) string {
		return strings.ReplaceAll(in, "</actual-parameters>", column+"</actual-parameters>")
	}
	doctest.Edited(t, in, add("@End", tds.String("#2019-01-01#")), with("<column name='@End' ordinal='3' value='#2019-01-01#' />"))
	doctest.Edited(t, in, add("@Top", tds.Integer(5)), with("<column name='@Top' ordinal='3' value='5' />"))
	doctest.Edited(t, in, add("@Start", tds.String("2025-02-03")), strings.ReplaceAll(in, "#2024-01-01#' /><column", "#2025-02-03#' /><column"))
	doctest.Refused(t, in, add("@R", tds.String("x")), "must be unlinked first")
	doctest.Refused(t, in, add("", tds.String("x")), `adding argument "" to stored procedure [dbo].[usp_sales;1]`, "its name is empty")
	doctest.Refused(t, in, add("@T", tds.DateTime(time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC))), `adding argument "@T"`, "the year 20000")
	doctest.Refused(t, strings.Replace(in, case46, "", 1), add("@Start", tds.Null()), "no argument")

	none := readingTables(`<relation connection='c' name='usp_sales;1' stored-proc='[dbo].[usp_sales;1]' type='stored-proc' />`)
	one := doctest.Replace(t, none, " type='stored-proc' />", " type='stored-proc'>\n      <actual-parameters>\n        <column name='@a' ordinal='1' value='&quot;x&quot;' />\n      </actual-parameters>\n    </relation>")
	doctest.Edited(t, none, add("@a", tds.String("x")), one)
	linked := func(f *documents.File) error {
		return onProcedure(func(p *tds.Procedure) error {
			if _, err := p.Argument("@L"); err != nil {
				if err := p.AddArgument("@L", tds.Null()); err != nil {
					return err
				}
			}
			return p.LinkArgument("@L", "Region")
		})(f)
	}
	doctest.Edited(t, in, linked, with("<column name='@L' ordinal='3' parameter='[Parameters].[Parameter 1]' value='&quot;W&quot;' />"))
}

// TestArgumentLinks is case 46: a linked argument gets no value of its own unless the link
// is dropped explicitly.
func TestArgumentLinks(t *testing.T) {
	t.Parallel()
	in := procedure(case46)
	net := tds.String(`50% "net"`)
	doctest.Refused(t, in, setArgument("@R", net), `setting argument "@R" of stored procedure [dbo].[usp_sales;1] on connection "db1"`, `linked to the parameter "Region" of the workbook, and must be unlinked first`)
	both := func(from, to string) string { return strings.ReplaceAll(in, from, to) }
	unlink := onProcedure(func(p *tds.Procedure) error { return p.UnlinkArgument("@R") })
	doctest.Edited(t, in, unlink, both(" parameter='[Parameters].[Parameter 1]' value", " value"))
	doctest.Edited(t, in, func(f *documents.File) error {
		if err := unlink(f); err != nil {
			return err
		}
		return setArgument("@R", net)(f)
	}, both(`parameter='[Parameters].[Parameter 1]' value='&quot;W&quot;' /></`, `value='&quot;50\% \&quot;net\&quot;&quot;' /></`))

	link := func(name, parameter string) func(*documents.File) error {
		return onProcedure(func(p *tds.Procedure) error { return p.LinkArgument(name, parameter) })
	}
	doctest.Edited(t, in, link("@R", "Region"), in)
	doctest.Edited(t, in, link("@R", "[Parameter 1]"), in)
	linked := both("ordinal='1' value='#2024-01-01#'", "ordinal='1' parameter='[Parameters].[Parameter 4]' value='#2024-01-01 10:00:00#'")
	linked = doctest.Replace(t, linked, "        </column>\n      </datasource-dependencies>\n    </datasource>", `        </column>
        <column caption='Twice' datatype='datetime' name='[Parameter 4]' param-domain-type='any' role='measure' type='quantitative' value='#2024-01-01 10:00:00#' />
      </datasource-dependencies>
    </datasource>`)
	doctest.Edited(t, in, link("@Start", "[Parameter 4]"), linked)
	doctest.Refused(t, in, link("@Start", "Region"), `linking argument "@Start"`, `the parameter "Region" is of datatype string, the argument of date`)
	doctest.Refused(t, in, link("@Start", "No"), `no parameter "No"; there are: "Region"`)
	doctest.Refused(t, in, link("@Start", "Twice"), `2 matches for parameter "Twice"`)
}

// TestLinkedArgumentFollows: the value of a parameter is copied to the arguments that are
// linked to it, and changes there, too.
func TestLinkedArgumentFollows(t *testing.T) {
	t.Parallel()
	in := procedure(case46)
	set := func(v string) func(*documents.File) error {
		return func(f *documents.File) error {
			wb, _ := f.Workbook()
			return wb.SetParameter("Region", tds.String(v))
		}
	}
	want := strings.ReplaceAll(in, "='&quot;W&quot;' /></actual", "='&quot;E&quot;' /></actual")
	want = strings.ReplaceAll(want, "type='nominal' value='&quot;W&quot;'", "type='nominal' value='&quot;E&quot;'")
	want = strings.ReplaceAll(want, "formula='&quot;W&quot;'", "formula='&quot;E&quot;'")
	doctest.Edited(t, in, set("E"), want)
	doctest.Edited(t, in, set("W"), in)
}

func TestSetArgumentRefused(t *testing.T) {
	t.Parallel()
	in := procedure(case46)
	at := strings.LastIndex(in, "#2024-01-01#' /><column name='@R'")
	drifted := in[:at] + "#2024-01-02" + in[at+len("#2024-01-01"):]
	start := "<column name='@Start' ordinal='1' value='#2024-01-01#' />"
	notFirst := strings.Replace(in, start, "", 1)
	notLast := in[:strings.LastIndex(in, start)] + in[strings.LastIndex(in, start)+len(start):]
	for _, c := range []struct {
		name, in, argument string
		value              tds.Value
		words              []string
	}{
		{"case 46: an unknown argument", in, "@End", tds.Integer(1), []string{`no argument "@End" in stored procedure [dbo].[usp_sales;1]`, "there are: @Start, @R"}},
		{"no date", in, "@Start", tds.String("tomorrow"), []string{`"tomorrow" is not a date of the form 2024-01-31`}},
		{"a number for a date", in, "@Start", tds.Integer(1), []string{`"1" is an integer, the datatype is date`}},
		{"a moment for a date", in, "@Start", tds.DateTime(time.Date(2024, 1, 1, 10, 0, 0, 0, time.UTC)), []string{"is a datetime, the datatype is date"}},
		{"copies that differ", drifted, "@Start", tds.String("2025-02-03"), []string{"its 2 copies differ: line 27 against line 28"}},
		{"an argument that the first copy has not", notFirst, "@Start", tds.String("2025-02-03"), []string{`no argument "@Start"`}},
		{"an argument that another copy has not", notLast, "@Start", tds.String("2025-02-03"), []string{"its 2 copies differ: line 27 against line 28"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, c.in, setArgument(c.argument, c.value), c.words...)
		})
	}
	doctest.Edited(t, drifted, onProcedure(func(p *tds.Procedure) error { return p.UnlinkArgument("@R") }), // which did not differ
		strings.ReplaceAll(drifted, " parameter='[Parameters].[Parameter 1]' value", " value"))
}

func TestProcedures(t *testing.T) {
	t.Parallel()
	ds := last(doctest.Open(t, procedure(case46+`<column name='@d' ordinal='3' parameter='[Parameters].[Parameter 4]' value='#2024-01-01#' /><column name='@n' ordinal='x' parameter='[Parameters].[Gone]' value='%null%' />`)))
	procedures := slices.Collect(ds.Procedures())
	if len(procedures) != 1 || procedures[0].Copies() != 2 || !procedures[0].Table().Equal(tds.TableName{"dbo", "usp_sales;1"}) || procedures[0].Connection().Class() != "postgres" {
		t.Fatalf("%d procedures: %v", len(procedures), procedures)
	}
	day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	want := []tds.Argument{
		{Name: "@Start", Ordinal: 1, Value: tds.Date(day), Raw: "#2024-01-01#", Datatype: "date"},
		{Name: "@R", Ordinal: 2, Value: tds.String("W"), Raw: `"W"`, Datatype: "string", Parameter: "[Parameter 1]"},
		{Name: "@d", Ordinal: 3, Value: tds.DateTime(day), Raw: "#2024-01-01#", Datatype: "datetime", Parameter: "[Parameter 4]"},
		{Name: "@n", Raw: "%null%", Parameter: "[Gone]"},
	}
	got := slices.Collect(procedures[0].Arguments())
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b tds.Value) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{"usp_sales;1", "usp_sales", "dbo.usp_sales", "dbo.usp_sales;1", "[dbo].[usp_sales]", "[usp_sales]", "[usp_sales;1]", "[dbo].[usp_sales;1]", ""} {
		if _, err := ds.Procedure(tds.RelationMatch{Name: name, Connection: tds.ConnectionMatch{Server: "db1"}}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, m := range []tds.RelationMatch{{Name: "sales"}, {Connection: tds.ConnectionMatch{Server: "db2"}}} {
		if _, err := ds.Procedure(m); err == nil || !strings.Contains(err.Error(), `there are: stored procedure [dbo].[usp_sales;1] on connection "db1"`) {
			t.Errorf("%+v: %v", m, err)
		}
	}
}

// FuzzArgument: text that is set is read back, and so is what is set over it.
func FuzzArgument(f *testing.F) {
	for _, v := range []string{"W", `50% "net"`, `\`, "#2024-01-01#", "%null%", "true", "1.5", "a\r\nb\t", "é ]]>"} {
		f.Add(v, "x")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		file := doctest.Open(t, procedure(`<column name='@a' ordinal='1' value='&quot;&quot;' />`))
		for _, v := range []string{one, two} {
			if setArgument("@a", tds.String(v))(file) != nil {
				continue // no XML can hold it
			}
			p, err := last(doctest.Open(t, doctest.Written(t, file))).Procedure(tds.RelationMatch{})
			if err != nil {
				t.Fatal(err)
			}
			if a, err := p.Argument("@a"); err != nil || a.Value != tds.String(v) {
				t.Fatalf("set to %q, reads %+v, %v", v, a, err)
			}
		}
	})
}
