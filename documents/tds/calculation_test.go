package tds_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func calculate(c tds.CalculatedField) func(*documents.File) error {
	return orders(func(ds *tds.Datasource) error {
		_, err := ds.SetCalculatedField(c)
		return err
	})
}

// nameOf is the internal name that a calculated field gets in a file.
func nameOf(t *testing.T, in, caption string) string {
	t.Helper()
	ds, err := doctest.Open(t, in).Datasource("Orders")
	if err != nil {
		t.Fatal(err)
	}
	name, err := ds.SetCalculatedField(tds.CalculatedField{Caption: caption, Formula: "1", Datatype: "integer"})
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^\[Calculation_[1-8]\d{18}\]$`).MatchString(name) {
		t.Errorf("the name is %s", name)
	}
	return name
}

// TestRowLevelSecurity is case 63: a calculated field and a filter on it.
func TestRowLevelSecurity(t *testing.T) {
	t.Parallel()
	name := nameOf(t, doctest.FX1, "Row Level Security")
	want := doctest.Replace(t, doctest.FX1, "      <column datatype='string' name='[Tenant]'",
		"      <column caption='Row Level Security' datatype='integer' name='"+name+`' role='dimension' type='ordinal'>
        <calculation class='tableau' formula='IIF([Tenant]=USERNAME() AND &quot;a&lt;b&quot;&lt;&gt;&apos;&apos;,1,0)' />
      </column>
      <column datatype='string' name='[Tenant]'`, "      <object-graph>",
		"      <filter class='categorical' column='"+name+`' filter-group='2'>
        <groupfilter function='member' level='`+name+`' member='1' user:ui-domain='database' user:ui-enumeration='inclusive' user:ui-marker='enumerate' />
      </filter>
      <object-graph>`)
	doctest.Edited(t, doctest.FX1, orders(func(ds *tds.Datasource) error {
		name, err := ds.SetCalculatedField(tds.CalculatedField{
			Caption: "Row Level Security", Formula: `IIF([Tenant]=USERNAME() AND "a<b"<>'',1,0)`, Datatype: "integer", Role: "dimension",
		})
		return errors.Join(err, ds.SetFilter(tds.Include(name, tds.Integer(1))))
	}), want)
}

// TestCalculationName does not depend on the formula, and is given once in a document.
func TestCalculationName(t *testing.T) {
	t.Parallel()
	name := nameOf(t, doctest.FX1, "Row Level Security")
	if other := nameOf(t, doctest.FX1, "Row Level Security 2"); other == name {
		t.Errorf("two captions, one name %s", name)
	}
	taken := doctest.Replace(t, doctest.FX1, "  </datasources>", "    <datasource name='b'><column name='"+name+"' /></datasource>\n  </datasources>")
	if other := nameOf(t, taken, "Row Level Security"); other == name {
		t.Errorf("%s is taken", name)
	}
}

func TestCalculationDefaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ datatype, role, kind, wantRole, wantType string }{
		{"string", "", "", "dimension", "nominal"},
		{"boolean", "", "", "dimension", "nominal"},
		{"integer", "", "", "measure", "quantitative"},
		{"real", "", "", "measure", "quantitative"},
		{"integer", "dimension", "", "dimension", "ordinal"},
		{"integer", "dimension", "nominal", "dimension", "nominal"},
		{"date", "", "", "dimension", "ordinal"},
		{"datetime", "", "quantitative", "dimension", "quantitative"},
		{"string", "measure", "", "measure", "nominal"},
		{"spatial", "", "", "measure", "nominal"},
		{"integer", "dimension", "quantitative", "dimension", "quantitative"},
	} {
		ds := datasource(t, doctest.FX1)
		_, err := ds.SetCalculatedField(tds.CalculatedField{Caption: "x", Formula: "[Tenant]", Datatype: c.datatype, Role: c.role, Type: c.kind})
		if got, _ := ds.Column("x"); err != nil || got.Datatype != c.datatype || got.Role != c.wantRole || got.Type != c.wantType {
			t.Errorf("%+v: %+v (%v)", c, got, err)
		}
	}
}

// TestCalculationAggregates makes a measure of what aggregates, whatever it gives.
func TestCalculationAggregates(t *testing.T) {
	t.Parallel()
	ds := datasource(t, doctest.FX1)
	_, err := ds.SetCalculatedField(tds.CalculatedField{Caption: "x", Formula: "IIF(COUNT([Tenant])>1,'a','b')", Datatype: "string"})
	if got, _ := ds.Column("x"); err != nil || got.Role != "measure" || got.Type != "nominal" {
		t.Errorf("%+v (%v)", got, err)
	}
}

// TestCalculationDatatype changes the datatype of a field, whose role and type follow where
// they have to, in its copies, too.
func TestCalculationDatatype(t *testing.T) {
	t.Parallel()
	const is, formula = "datatype='real' default-format='p0%' name='[Calculation_1]' role='measure' type='quantitative'", "SUM([Profit])/SUM([Sales])"
	const old, oldIs = "caption='Ratio' datatype='real' name='[Calculation_1]' role='measure' type='quantitative'", "caption='Ratio' datatype='%' name='[Calculation_1]' role='measure' type='"
	change := func(datatype, role, kind, formula string) func(*documents.File) error {
		return calculate(tds.CalculatedField{Caption: "Profit Ratio", Formula: formula, Datatype: datatype, Role: role, Type: kind})
	}
	for _, c := range []struct{ datatype, formula, role, kind string }{
		{"integer", formula, "measure", "quantitative"},
		{"date", formula, "measure", "quantitative"},
		{"string", formula, "measure", "nominal"}, // as it aggregates
		{"boolean", "[Sales]>1", "dimension", "nominal"},
	} {
		want := strings.ReplaceAll(book, is, strings.Replace(strings.Replace(strings.Replace(is, "real", c.datatype, 1), "measure", c.role, 1), "quantitative", c.kind, 1))
		want = strings.Replace(want, old, strings.Replace(strings.Replace(oldIs, "%", c.datatype, 1), "measure", c.role, 1)+c.kind+"'", 1)
		want = strings.ReplaceAll(want, "formula='"+formula+"'", "formula='"+strings.ReplaceAll(c.formula, ">", "&gt;")+"'")
		doctest.Edited(t, book, change(c.datatype, "", "", c.formula), want)
	}
	const refused = "only numbers and dates can be quantitative, the datatype is "
	doctest.Refused(t, book, change("string", "", "quantitative", formula), refused+"string")
	doctest.Refused(t, book, calculate(tds.CalculatedField{Caption: "new", Formula: "[Sales]>1", Datatype: "boolean", Type: "quantitative"}), refused+"boolean")
	text := strings.ReplaceAll(book, is, strings.Replace(strings.Replace(is, "real", "string", 1), "quantitative", "nominal", 1))
	doctest.Refused(t, text, change("", "", "quantitative", formula), refused+"string")
}

// TestFormulaCycle refuses a field that would refer to itself through another.
func TestFormulaCycle(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, book)
	if err := calculate(tds.CalculatedField{Caption: "Twice", Formula: "2*[Profit Ratio]", Datatype: "real"})(f); err != nil {
		t.Fatal(err)
	}
	if err := calculate(tds.CalculatedField{Caption: "Profit Ratio", Formula: "[federated.a].[Twice]/2"})(f); err == nil || !strings.Contains(err.Error(), "refers to itself") {
		t.Error(err)
	}
}

// parameterCopy is the block with the copy of the parameter of book, on lines of its own.
func parameterCopy(indent string) string {
	return strings.ReplaceAll(`
<datasource-dependencies datasource='Parameters'>
  <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='list' role='measure' type='nominal' value='&quot;w&quot;'>
    <calculation class='tableau' formula='&quot;w&quot;' />
    <aliases>
      <alias key='&quot;w&quot;' value='Region' />
    </aliases>
  </column>
</datasource-dependencies>`, "\n", "\n"+indent)
}

// TestFormulaParameter adds the copy of a parameter that a data source keeps of those its
// formulas refer to, and finds a parameter in that copy where there is nothing else.
func TestFormulaParameter(t *testing.T) {
	t.Parallel()
	field := tds.CalculatedField{Caption: "A", Formula: "[Parameters].[Region]", Datatype: "string"}
	name := nameOf(t, book, "A")
	doctest.Edited(t, book, calculate(field), doctest.Replace(t, book, "      </connection>\n      <column caption='Profit Ratio'",
		"      </connection>\n      <column caption='A' datatype='string' name='"+name+`' role='dimension' type='nominal'>
        <calculation class='tableau' formula='[Parameters].[Parameter 1]' />
      </column>
      <column caption='Profit Ratio'`, "      </folders-common>", "      </folders-common>"+parameterCopy("      ")))
	const file = `<datasource formatted-name='n'>
  <datasource-dependencies datasource='Parameters'>
    <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' />
  </datasource-dependencies>
</datasource>`
	ds := datasource(t, file)
	_, err := ds.SetCalculatedField(field)
	if c, _ := ds.Column("A"); err != nil || c.Formula != "[Parameters].[Parameter 1]" {
		t.Errorf("%+v (%v)", c, err)
	}
}

// TestChangeFormula changes every copy that was the same, leaves the one that drifted, and
// gives the view what the new formula refers to.
func TestChangeFormula(t *testing.T) {
	t.Parallel()
	want := strings.ReplaceAll(book, "formula='SUM([Profit])/SUM([Sales])'", "formula='SUM([Sales])*[Parameters].[Parameter 1]+MIN([Cost])'")
	const cost = "<column datatype='real' name='[Cost]' role='measure' type='quantitative' />\n"
	record := `          <metadata-record class='column'>
            <remote-name>Cost</remote-name>
            <local-name>[Cost]</local-name>
            <local-type>real</local-type>
          </metadata-record>
        </metadata-records>`
	in := doctest.Replace(t, book, "        </metadata-records>", record)
	want = doctest.Replace(t, want, "        </metadata-records>", record,
		"      </folders-common>", "      </folders-common>"+parameterCopy("      "),
		"            <column datatype='real' name='[Profit]'", "            "+cost+"            <column datatype='real' name='[Profit]'",
		"federated.a' />\n          </datasources>", "federated.a' />\n            <datasource name='Parameters' />\n          </datasources>"+parameterCopy("          "))
	f := doctest.Edited(t, in, calculate(tds.CalculatedField{
		Caption: "Profit Ratio", Formula: "SUM([Sales])*[Parameters].[Region]+MIN([Cost])",
	}), want)
	noted(t, f, `the formula of this copy stays "[old]": it was not that of the data source`)
}

// TestChangeFormulaQualified gives a view what a formula refers to with the name of its own
// data source before it.
func TestChangeFormulaQualified(t *testing.T) {
	t.Parallel()
	const in = `<workbook><datasources><datasource name='a'><column datatype='real' name='[c]' role='measure' type='quantitative' /><column caption='F' name='[f]'><calculation class='tableau' formula='1' /></column></datasource></datasources><worksheets><worksheet name='W'><table><view><datasource-dependencies datasource='a'><column caption='F' name='[f]'><calculation class='tableau' formula='1' /></column></datasource-dependencies></view></table></worksheet></worksheets></workbook>`
	const dependencies = "<datasource-dependencies datasource='a'>"
	doctest.Edited(t, in, func(f *documents.File) error {
		_, err := first(f).SetCalculatedField(tds.CalculatedField{Caption: "F", Formula: "[a].[c]"})
		return err
	}, doctest.Replace(t, strings.ReplaceAll(in, "formula='1'", "formula='[a].[c]'"), dependencies, dependencies+"<column datatype='real' name='[c]' role='measure' type='quantitative' />"))
}

// TestFormulaLines is case 2: a new formula has the line ends of the formulas there are, one
// that says the same keeps its own.
func TestFormulaLines(t *testing.T) {
	t.Parallel()
	in := func(formula string) string {
		return "<datasource formatted-name='Orders'><column caption='a' name='[a]'><calculation class='tableau' formula='" + formula + "' /></column></datasource>"
	}
	set := func(f *documents.File) error {
		_, err := first(f).SetCalculatedField(tds.CalculatedField{Caption: "a", Formula: "// net\r\n1\n-2"})
		return err
	}
	doctest.Edited(t, in("0"), set, in("// net&#10;1&#10;-2"))
	doctest.Edited(t, in("0&#13;&#10;"), set, in("// net&#13;&#10;1&#13;&#10;-2"))
	doctest.Edited(t, in("// net&#10;1&#13;&#10;-2"), set, in("// net&#10;1&#13;&#10;-2"))
}

// TestExtractFormula tells that an extract holds what the old formula gave.
func TestExtractFormula(t *testing.T) {
	t.Parallel()
	const in = `<datasource formatted-name='Orders'>
  <column caption='a' datatype='integer' name='[a]'><calculation class='tableau' formula='1' /></column>
  <extract enabled='true'><connection class='hyper'><calculations><calculation column='[a]' formula='1' /></calculations></connection></extract>
</datasource>`
	f := doctest.Edited(t, in, func(f *documents.File) error {
		_, err := first(f).SetCalculatedField(tds.CalculatedField{Caption: "[a]", Formula: "2", Role: "measure"})
		return err
	}, strings.Replace(strings.ReplaceAll(in, "formula='1'", "formula='2'"), "name='[a]'", "name='[a]' role='measure'", 1))
	noted(t, f, "the extract holds a as the old formula gave it, until it is refreshed")
}

func TestCalculationRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field tds.CalculatedField
		want  string
	}{
		{tds.CalculatedField{Formula: "1"}, "it has no caption"},
		{tds.CalculatedField{Caption: "x", Formula: " \n"}, "its formula is empty"},
		{tds.CalculatedField{Caption: "x", Formula: "1"}, "a new field needs a datatype: string, integer"},
		{tds.CalculatedField{Caption: "x", Formula: "1", Datatype: "int"}, `no datatype "int"; there are: string`},
		{tds.CalculatedField{Caption: "x", Formula: "1", Role: "filter"}, `no role "filter"; there are: dimension, measure`},
		{tds.CalculatedField{Caption: "x", Formula: "1", Type: "discrete"}, `no type "discrete"; there are: nominal`},
		{tds.CalculatedField{Caption: "Sales", Formula: "1"}, "the field [Sales] is not a calculated one"},
		{tds.CalculatedField{Caption: "[Calculation_2]", Formula: "1", Datatype: "real"}, `no calculated field "[Calculation_2]" in data source "Orders"; there are: Profit Ratio`},
		{tds.CalculatedField{Caption: "x", Formula: "1\x00", Datatype: "real"}, "formula"},
	} {
		doctest.Refused(t, book, calculate(c.field), c.want)
	}
	bin := strings.Replace(book, "class='tableau' formula='SUM", "class='bin' formula='SUM", 1)
	doctest.Refused(t, bin, calculate(tds.CalculatedField{Caption: "Profit Ratio", Formula: "1"}), "of class bin")
}

func TestRemoveCalculatedField(t *testing.T) {
	t.Parallel()
	remove := func(field string) func(*documents.File) error {
		return orders(func(ds *tds.Datasource) error { return ds.RemoveCalculatedField(field) })
	}
	const in = `<workbook>
  <datasources>
    <datasource caption='Orders' name='federated.a'>
      <connection class='sqlproxy'>
        <calculations>
          <calculation column='[Calculation_1]' formula='1' />
        </calculations>
      </connection>
      <column caption='One' datatype='integer' name='[Calculation_1]' role='measure' type='quantitative'>
        <calculation class='tableau' formula='1' />
      </column>
      <column caption='Two' datatype='string' name='[Calculation_12]' role='dimension' type='nominal'>
        <calculation class='tableau' formula='&quot;[Calculation_1]&quot;' />
      </column>
      <column-instance column='[Calculation_1]' derivation='Sum' name='[sum:Calculation_1:qk]' pivot='key' type='quantitative' />
      <folders-common>
        <folder name='F'>
          <folder-item name='[Calculation_1]' type='field' />
          <folder-item name='[Calculation_12]' type='field' />
        </folder>
      </folders-common>
    </datasource>
    <datasource caption='Other' name='federated.b'>
      <column caption='One' datatype='integer' name='[Calculation_1]' role='measure' type='quantitative'>
        <calculation class='tableau' formula='1' />
      </column>
    </datasource>
  </datasources>
</workbook>`
	want := doctest.Replace(t, in, `
        <calculations>
          <calculation column='[Calculation_1]' formula='1' />
        </calculations>`, "", `
          <folder-item name='[Calculation_1]' type='field' />`, "",
		"\n      <column-instance column='[Calculation_1]' derivation='Sum' name='[sum:Calculation_1:qk]' pivot='key' type='quantitative' />", "")
	const column = `
      <column caption='One' datatype='integer' name='[Calculation_1]' role='measure' type='quantitative'>
        <calculation class='tableau' formula='1' />
      </column>`
	want = strings.Replace(want, column, "", 1)
	f := doctest.Open(t, in)
	if err := remove("One")(f); err != nil {
		t.Fatal(err)
	}
	if got := doctest.Written(t, f); got != want {
		t.Errorf("written:\n%s", got)
	}
	doctest.Refused(t, want, remove("One"), `removing calculated field "One" of data source "Orders": no calculated field "One"`, "there are: Two")
	doctest.Refused(t, book, remove("Profit Ratio"), `used by worksheet "Map", worksheet "Old"`)
	doctest.Refused(t, book, remove("Gebiet"), "the field [Region] is not a calculated one")

	put := func(before, what string) string { return doctest.Replace(t, in, before, what+before) }
	firstFolder := "      <folders-common>"
	for what, refused := range map[string]string{
		put(firstFolder, "<group name='[Best]'><groupfilter level='[Calculation_1]' /></group>"):                                                                             `the set "Best" of data source "Orders"`,
		put(firstFolder, "<drill-paths><drill-path name='d'><field>[Calculation_1]</field></drill-path></drill-paths>"):                                                      "/drill-path/field",
		put("    </datasource>\n    <datasource caption='Other'", "<filter class='categorical' column='[none:Calculation_1:ok]' />"):                                         `a filter of data source "Orders"`,
		strings.Replace(in, "&quot;[Calculation_1]&quot;", "[Calculation_1]", 1):                                                                                             `the formula of "Two" of data source "Orders"`,
		strings.Replace(in, column+"\n    </datasource>\n  </data", strings.Replace(column, "'1'", "'[federated.a].[Calculation_1]'", 1)+"\n    </datasource>\n  </data", 1): `the formula of "One" of data source "Other"`,
		put("</workbook>", "<worksheets><worksheet name='W'><rows>[federated.a].[pcto:sum:Calculation_1:qk:2]</rows></worksheet></worksheets>"):                              `worksheet "W"`,
		put("</workbook>", "<dashboards><dashboard name='D'><zone param='[federated.a].[none:Calculation_1:ok]' /></dashboard></dashboards>"):                                `dashboard "D"`,
	} {
		doctest.Refused(t, what, remove("One"), "it is used by ", refused)
	}
	const escaped = "<filter><groupfilter function='member' level='[:Measure Names]' member='&quot;[federated.a].[sum:Growth \\% \\#1:qk]&quot;' /></filter>"
	doctest.Refused(t, strings.ReplaceAll(put("</workbook>", "<worksheets><worksheet name='W'>"+escaped+"</worksheet></worksheets>"), "[Calculation_1]", "[Growth % #1]"),
		remove("One"), `it is used by a filter of worksheet "W"`)
	for _, harmless := range []string{
		"<worksheets><worksheet name='W'><rows>[federated.b].[sum:Calculation_1:qk]</rows></worksheet></worksheets>",
		"<worksheets><worksheet name='W'><rows>[federated.a].[sum:Calculation_12:qk]</rows></worksheet></worksheets>",
		"<worksheets><worksheet name='W'><datasource-dependencies datasource='federated.b'><column name='[Calculation_1]' /></datasource-dependencies></worksheet></worksheets>",
	} {
		if err := remove("One")(doctest.Open(t, put("</workbook>", harmless))); err != nil {
			t.Errorf("%s: %v", harmless, err)
		}
	}
}
