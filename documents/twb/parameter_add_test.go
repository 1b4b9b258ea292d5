package twb_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

func add(p tds.Parameter) func(*documents.File) error {
	return onWorkbook(func(wb *twb.Workbook) error {
		_, err := wb.AddParameter(p)
		return err
	})
}

func TestAddParameter(t *testing.T) {
	t.Parallel()
	tenant := tds.Parameter{Caption: "Tenant", Datatype: "string", Value: tds.String(`50% "x"`)}
	column := func(n int) string {
		return fmt.Sprintf(`<column caption='Tenant' datatype='string' name='[Parameter %d]' param-domain-type='any' role='measure' type='nominal' value='&quot;50\%% \&quot;x\&quot;&quot;'>
        <calculation class='tableau' formula='&quot;50%% &quot;&quot;x&quot;&quot;&quot;' />
      </column>`, n)
	}
	t.Run("the first", func(t *testing.T) {
		t.Parallel()
		for _, in := range []string{doctest.FX1, doctest.FX2} {
			doctest.Edited(t, in, add(tenant), doctest.Replace(t, in, "  <datasources>\n", `  <datasources>
    <datasource hasconnection='false' inline='true' name='Parameters' version='18.1'>
      <aliases enabled='yes' />
      `+column(1)+`
    </datasource>
`))
		}
	})
	t.Run("without data sources", func(t *testing.T) {
		t.Parallel()
		doctest.Edited(t, "<workbook>\n  <preferences />\n  <worksheets />\n</workbook>\n", add(tenant), `<workbook>
  <preferences />
  <datasources>
    <datasource hasconnection='false' inline='true' name='Parameters'>
      <aliases enabled='yes' />
      `+column(1)+`
    </datasource>
  </datasources>
  <worksheets />
</workbook>
`)
	})
	t.Run("in the order of names, of which none is taken", func(t *testing.T) {
		t.Parallel()
		// A copy without a master has [Parameter 2], a formula refers to [Parameter 3].
		rest := `    <datasource name='federated.a'>
      <column name='[c]'><calculation formula='[Parameters].[Parameter 3]' /></column>
      <datasource-dependencies datasource='Parameters'><column caption='Old' name='[Parameter 2]' param-domain-type='any' /></datasource-dependencies>
    </datasource>
  </datasources>
`
		one := strings.Replace(plain("string", "&quot;w&quot;", "&quot;w&quot;"), "'P'", "'Other'", 1)
		last := strings.Replace(one, "[Parameter 1]", "[Region]", 1)
		in := strings.Replace(parameters(one, last), "  </datasources>\n", rest, 1)
		doctest.Edited(t, in, add(tenant), strings.Replace(parameters(one, column(4), last), "  </datasources>\n", rest, 1))
	})
	t.Run("with all that it can have", func(t *testing.T) {
		t.Parallel()
		in := parameters(strings.Replace(plain("string", "&quot;w&quot;", "&quot;w&quot;"), "'P'", "'Other'", 1))
		level := tds.Parameter{
			Caption: "Level", Datatype: "real", Value: tds.Integer(7), Format: "p0%", Description: "How\ndeep",
			Domain: listOf(tds.Allowed{Value: tds.Integer(7), As: "seven"}, tds.Allowed{Value: tds.Real(0.5)}),
		}
		doctest.Edited(t, in, add(level), doctest.Replace(t, in, "</column>\n", `</column>
      <column alias='seven' caption='Level' datatype='real' default-format='p0%' name='[Parameter 2]' param-domain-type='list' role='measure' type='quantitative' value='7.0'>
        <calculation class='tableau' formula='7.0' />
        <aliases>
          <alias key='7.0' value='seven' />
        </aliases>
        <desc>
          <formatted-text>
            <run>How&#10;deep</run>
          </formatted-text>
        </desc>
        <members>
          <member alias='seven' value='7.0' />
          <member value='0.5' />
        </members>
      </column>
`))
	})
}

func TestAddParameterThatIsThere(t *testing.T) {
	t.Parallel()
	in := parameters(column("integer", "range", "5", "5", "<range granularity='5' max='10' min='0' />"))
	is := tds.Parameter{Name: "[x]", Caption: "P", Datatype: "integer", Value: tds.Integer(5), Domain: tds.Domain{Kind: tds.RangeDomain, Min: tds.Integer(0), Max: tds.Integer(10), Step: tds.Integer(5)}}
	doctest.Edited(t, in, add(is), in)
	for what, change := range map[string]func(*tds.Parameter){
		"datatype":    func(p *tds.Parameter) { p.Datatype = "real" },
		"domain":      func(p *tds.Parameter) { p.Domain.Max = tds.Null() },
		"value":       func(p *tds.Parameter) { p.Value = tds.Integer(10) },
		"format":      func(p *tds.Parameter) { p.Format = "p" },
		"description": func(p *tds.Parameter) { p.Description = "d" },
	} {
		other := is
		change(&other)
		doctest.Refused(t, in, add(other), `adding parameter "P": there is one already, [Parameter 1], and its `+what+" is another")
	}
	recomputed := strings.Replace(in, "<column ", "<column default-value-field='[a].[b]' ", 1)
	doctest.Refused(t, recomputed, add(is), "its value when the workbook is opened is another")
}

func TestAddParameterRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p     tds.Parameter
		words string
	}{
		{tds.Parameter{Datatype: "string", Value: tds.String("")}, "it has no caption"},
		{tds.Parameter{Caption: "P", Value: tds.String("")}, `no datatype ""; there are: string, integer`},
		{tds.Parameter{Caption: "P", Datatype: "spatial"}, `no datatype "spatial"`},
		{tds.Parameter{Caption: "P", Datatype: "string"}, "null is not a value of a parameter"},
		{tds.Parameter{Caption: "P", Datatype: "integer", Value: tds.String("x")}, "the datatype is integer"},
		{tds.Parameter{Caption: "P", Datatype: "integer", Value: tds.Integer(1), Recompute: "[a].[b]"}, "a new one cannot have a field"},
		{tds.Parameter{Caption: "P", Datatype: "integer", Value: tds.Integer(1), Domain: listOf(tds.Allowed{Value: tds.Integer(2)})}, `no value "1" in its list`},
		{tds.Parameter{Caption: "P\x00", Datatype: "integer", Value: tds.Integer(1)}, "not allowed in XML 1.0"},
	} {
		doctest.Refused(t, doctest.FX1, add(c.p), "adding parameter", c.words)
	}
}

func TestRenameParameter(t *testing.T) {
	t.Parallel()
	const other = "<column caption='Other' datatype='integer' name='[Parameter 2]' param-domain-type='any' value='1' />"
	master := plain("integer", "1", "1")
	drifted := strings.Replace(master, "'P'", "'Old'", 1)
	bare := strings.Replace(master, "caption='P' ", "", 1)
	in := withCopies(master+other, drifted, bare)
	to := func(caption string) func(*documents.File) error {
		return update("[Parameter 1]", tds.ParameterPatch{Caption: &caption})
	}
	f := doctest.Edited(t, in, to("A'<B>"), withCopies(strings.Replace(master, "'P'", "'A&apos;&lt;B&gt;'", 1)+other, drifted, bare))
	if got := notes(f); !strings.Contains(got, `the caption of this copy stays "Old"`) {
		t.Errorf("noted is %q", got)
	}
	doctest.Edited(t, withCopies(master, master, master), to("Q"), strings.ReplaceAll(withCopies(master, master, master), "'P'", "'Q'"))
	doctest.Refused(t, in, to("Other"), `parameter "[Parameter 1]": the parameter [Parameter 2] is shown as "Other" already`)
	doctest.Refused(t, strings.ReplaceAll(in, "caption='Other' ", ""), to("Parameter 2"), `is shown as "Parameter 2" already`)
	doctest.Refused(t, in, to(""), "its caption is empty")
}

// TestInjection is hard case 82, in all that people give.
func TestInjection(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"x' onload='y", "]]><a/>", "&amp;", "${secret}", "a\"b\\", "\r\n\t", "[Parameters].[x]"} {
		f := doctest.Open(t, parameters(plain("string", "&quot;w&quot;", "&quot;w&quot;")))
		d := listOf(tds.Allowed{Value: tds.String(s), As: s + "!"})
		if err := update("P", tds.ParameterPatch{Domain: &d, Value: new(tds.String(s)), Caption: &s})(f); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		again := doctest.Open(t, doctest.Written(t, f))
		wb, _ := again.Workbook()
		p, err := wb.Parameter("[Parameter 1]")
		if err != nil || p.Caption != s || p.Value != tds.String(s) || p.Alias != s+"!" || p.Domain.Allowed[0] != d.Allowed[0] {
			t.Errorf("%q reads as %+v (%v)", s, p, err)
		}
	}
	in := parameters(plain("string", "&quot;w&quot;", "&quot;w&quot;"))
	for s, rule := range map[string]string{"a\x00": "not allowed in XML 1.0", "a\uFFFE": "not allowed in XML 1.0", "a\xed\xa0\x80": "is not UTF-8"} {
		d := listOf(tds.Allowed{Value: tds.String("w"), As: s})
		doctest.Refused(t, in, set("P", tds.String(s)), rule)
		doctest.Refused(t, in, domain(d), rule)
		doctest.Refused(t, in, update("P", tds.ParameterPatch{Caption: &s}), rule)
	}
}
