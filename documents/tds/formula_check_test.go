package tds_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// TestFormulaReferences resolves what people write.
func TestFormulaReferences(t *testing.T) {
	t.Parallel()
	in := doctest.Replace(t, book, "<column caption='Quota'", "<column caption='Region' datatype='string' name='[x]' role='dimension' type='nominal' />\n      <column caption='Quota'")
	for written, want := range map[string]string{
		"[Gebiet]":       "[Region]",
		"[Region]":       "[Region]",
		"SUM([Profit])":  "SUM([Profit])",
		"[Profit Ratio]": "[Calculation_1]",
		`"[Profit Ratio]" + [Gebiet] // [nothing]`:           `"[Profit Ratio]" + [Region] // [nothing]`,
		"[Parameters].[Region]":                              "[Parameters].[Parameter 1]",
		"[Parameters].[Parameter 1]":                         "[Parameters].[Parameter 1]",
		"[Targets].[Quota]":                                  "[federated.b].[q]",
		"[federated.b].[q]":                                  "[federated.b].[q]",
		"[federated.a].[Gebiet]":                             "[federated.a].[Region]",
		"[Orders].[Gebiet]":                                  "[Region]",
		"COUNT([__tableau_internal_object_id__].[orders_0])": "COUNT([__tableau_internal_object_id__].[orders_0])",
	} {
		ds, err := doctest.Open(t, in).Datasource("Orders")
		if err != nil {
			t.Fatal(err)
		}
		_, err = ds.SetCalculatedField(tds.CalculatedField{Caption: "new", Formula: written, Datatype: "string"})
		if c, _ := ds.Column("new"); err != nil || c.Formula != want {
			t.Errorf("%s became %s (%v), want %s", written, c.Formula, err, want)
		}
	}
	set := func(caption, formula string) func(*documents.File) error {
		return calculate(tds.CalculatedField{Caption: caption, Formula: formula, Datatype: "real"})
	}
	doctest.Refused(t, in, set("new", "[Geb] + 1"), `calculated field "new" of data source "Orders": its formula: no field "Geb" in data source "Orders"; there are: Gebiet, `)
	doctest.Refused(t, in, set("new", "[Parameters].[Reg]"), `no parameter "Reg"; there are: Region`)
	doctest.Refused(t, in, set("new", "[Nowhere].[Reg]"), `no data source "Nowhere"`, `"Targets"`)
	doctest.Refused(t, in, set("new", "[Targets].[Reg]"), `no field "Reg" in data source "Targets"; there are: Region, Quota`)
	doctest.Refused(t, in, set("new", `"abc`), "string that begins with")
	doctest.Refused(t, in, set("Profit Ratio", "[Profit Ratio]*2"), "refers to itself")
	twins := doctest.Replace(t, in, "<column caption='Quota'", "<column caption='Quota' datatype='string' name='[r]' role='dimension' type='nominal' />\n      <column caption='Quota'")
	doctest.Refused(t, twins, set("new", "[Targets].[Quota]"), `2 matches for field "Quota" in data source "Targets": [r], [q]`)
}

// TestFormulaAmbiguous refuses a name that is the internal name of one field and the caption
// of another, and takes what it tells to write.
func TestFormulaAmbiguous(t *testing.T) {
	t.Parallel()
	const in = `<workbook><datasources>
  <datasource name='Parameters'><column caption='P' name='[Q]' param-domain-type='any' /><column caption='R' name='[P]' param-domain-type='any' /></datasource>
  <datasource caption='Orders' name='federated.a'>
    <column caption='Sales' name='[net]' />
    <column caption='Gross' name='[Sales]' />
    <column caption='two' name='[one]' />
    <column caption='one' name='[two]' />
    <column name='[Region]' />
    <column caption='Region' name='[Calculation_1]' />
    <column caption='same' name='[same]' />
    <column caption='old' datatype='real' name='[old]' role='measure' type='quantitative'><calculation class='tableau' formula='[Sales]+[lost' /></column>
    <column caption='stored' datatype='real' name='[stored]' role='measure' type='quantitative'><calculation class='tableau' formula='[Sales]-[one]+[Parameters].[P]' /></column>
  </datasource>
  <datasource caption='Targets' name='federated.b'><column caption='Sales' name='[net]' /><column caption='Gross' name='[Sales]' /></datasource>
</datasources></workbook>`
	set := func(caption, formula, datatype string) func(*documents.File) error {
		return calculate(tds.CalculatedField{Caption: caption, Formula: formula, Datatype: datatype})
	}
	for written, want := range map[string]string{
		"1-[Sales]":            `its formula: 2 matches for field "Sales" in data source "Orders": [Sales], [net]; write [Gross] or [net]`,
		"[Orders].[Sales]":     "[Sales], [net]; write [Orders].[Gross] or [Orders].[net]",
		"[Targets].[Sales]":    `in data source "Targets": [Sales], [net]; write [Targets].[Gross] or [Targets].[net]`,
		"[one]":                "[one], [two]; write [federated.a].[one] or [federated.a].[two]",
		"[Region]":             "[Region], [Calculation_1]; write [federated.a].[Region] or [Calculation_1]",
		"[Parameters].[P]":     `2 matches for parameter "P": [P], [Q]; write [Parameters].[R] or [Parameters].[Q]`,
		"[federated.a].[Gros]": `no field "Gros"`,
	} {
		doctest.Refused(t, in, set("new", written, "real"), want)
	}
	for written, want := range map[string]string{
		"[Gross]-[net]":           "[Sales]-[net]",
		"[federated.a].[Sales]":   "[federated.a].[Sales]",
		"[federated.a].[Gross]":   "[federated.a].[Sales]",
		"[federated.a].[one]":     "[federated.a].[one]",
		"[federated.b].[Sales]":   "[federated.b].[Sales]",
		"[Targets].[net]":         "[federated.b].[net]",
		"[same]":                  "[same]",
		"'[Sales]' // [Sales], (": "'[Sales]' // [Sales], (",
	} {
		f := doctest.Open(t, in)
		err := set("new", written, "real")(f)
		ds, _ := f.Datasource("Orders")
		if c, _ := ds.Column("new"); err != nil || c.Formula != want {
			t.Errorf("%s became %s (%v), want %s", written, c.Formula, err, want)
		}
	}
	// What a field says already means what it means there.
	doctest.Edited(t, in, set("stored", "[Sales]-[one]+[Parameters].[P]", "integer"), doctest.Replace(t, in, "caption='stored' datatype='real'", "caption='stored' datatype='integer'"))
	doctest.Refused(t, in, set("stored", "[Sales]-[one]+[Parameters].[P]+1", ""), "2 matches")
}

// TestFormulaSyntax tells where a formula is broken.
func TestFormulaSyntax(t *testing.T) {
	t.Parallel()
	for formula, want := range map[string]string{
		"SUM([Sales]":                "its formula: the ( at line 1, column 4 is not closed",
		"1 +\r\n  IF([Sales] > 1, 2": "the ( at line 2, column 5 is not closed",
		"[Sales])":                   "the ) at line 1, column 8 closes nothing",
		"'é' + [Sales]]":             "field in brackets that begins with \"[Sales]]\" at line 1, column 7 has no end",
		"[Sales] + 1]":               "the ] at line 1, column 12 closes nothing",
		"{FIXED : SUM([Sales])":      "the { at line 1, column 1 is not closed",
		"({FIXED : 1)}":              "the ) at line 1, column 12 closes nothing",
		"1\n+ \"a":                   "string that begins with \"\\\"a\" at line 2, column 3 has no end",
		"1 /* a":                     "comment that begins with \"/* a\" at line 1, column 3 has no end",
	} {
		doctest.Refused(t, book, calculate(tds.CalculatedField{Caption: "new", Formula: formula, Datatype: "real"}), want)
	}
	for _, formula := range []string{"IF ([Sales])>')' THEN \"(\" END // (", "{ FIXED [Region] : MAX([Sales]) } /* ( */", "#2024-01-31#"} {
		if err := calculate(tds.CalculatedField{Caption: "new", Formula: formula, Datatype: "real"})(doctest.Open(t, book)); err != nil {
			t.Errorf("%s: %v", formula, err)
		}
	}
}

// TestFilterOverRows refuses fields that have no value for a single row.
func TestFilterOverRows(t *testing.T) {
	t.Parallel()
	calculated := func(name, formula string) string {
		return "      <column caption='" + name + "' datatype='real' name='[c " + name + "]' role='measure' type='quantitative'>\n        <calculation class='tableau' formula='" +
			formula + "' />\n      </column>\n"
	}
	in := doctest.Replace(t, extracted(t, "real", oneTable), tenantColumn, calculated("Revenue", "SUM([X])")+calculated("Fixed", "{FIXED [Tenant] : SUM([X])}")+"%"+tenantColumn)
	with := func(formula string) string { return strings.Replace(in, "%", calculated("F", formula), 1) }
	filter := tds.Between("F", tds.Integer(1), tds.Null())
	for formula, why := range map[string]string{
		"SUM([X])":                          "SUM is an aggregation",
		"sum ( [X] ) * 2":                   "SUM is an aggregation",
		"MIN([X])":                          "MIN is an aggregation",
		"MAX(MIN([X],1))":                   "MAX is an aggregation",
		"ATTR([X])":                         "ATTR is an aggregation",
		"RAWSQLAGG_REAL(\"max(%1)\", [X])":  "RAWSQLAGG_REAL is an aggregation",
		"[X]/{SUM([X])} + COUNTD([Tenant])": "COUNTD is an aggregation",
		"[c Revenue]*2":                     "SUM is an aggregation in [c Revenue]",
		"[federated.a].[c Revenue]":         "SUM is an aggregation in [c Revenue]",
		"INDEX()":                           "INDEX is a table calculation",
		"RUNNING_SUM(SUM([X]))":             "SUM is an aggregation",
		"RANK_UNIQUE({MAX([X])})":           "RANK_UNIQUE is a table calculation",
		"WINDOW_AVG({MAX([X])})":            "WINDOW_AVG is a table calculation",
		"PREVIOUS_VALUE(1)":                 "PREVIOUS_VALUE is a table calculation",
	} {
		want := `"F" has no value for a single row, which a filter of rows needs: ` + why
		doctest.Refused(t, with(formula), setFilter(filter), `filter on "F"`, want)
		doctest.Refused(t, with(formula), setExtractFilter(filter), `extract filter on "F"`, want)
	}
	for _, formula := range []string{
		"{FIXED [Tenant] : SUM([X])}", "{ SUM([X]) }", "{FIXED : AVG([c Revenue])}", "[c Fixed]+1", "MIN([X], 1)", "MAX(ABS([X]),2)",
		"[X] // SUM([X])", `LEN("SUM(")`, "[SUM]", "YEAR([X])", "SUMMARY([X])", "FIRST_VALUE([X])", "[Parameters].[c Revenue]",
		"MIN(#January 1, 2024#, [X])",
	} {
		f := doctest.Open(t, with(formula))
		if err := errors.Join(setFilter(filter)(f), setExtractFilter(filter)(f)); err != nil {
			t.Errorf("%s: %v", formula, err)
		}
	}
}
