package templates

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStoredProcedureEdits(t *testing.T) {
	t.Parallel()
	const failed = `rendering template "queries" for site "dev": m.yaml:10 edit 1: `
	const sales = `stored procedure [dbo].[usp_sales;1] on connection "db1"`
	const inSales = sales + ` of data source "Sales"`
	for _, test := range []struct{ name, edits, want string }{
		{
			"arguments", "    - stored_procedure: usp_sales\n      set: {'@Start': '2025-02-03', '@Region': '50% \"net\"', '@Top': '${top}'}\n",
			"#2025-02-03#\n\"50\\% \\\"net\\\"\"\n7\n",
		},
		{
			"a date of YAML", "    - {stored_procedure: dbo.usp_sales, set: {'@Start': 2025-02-04}}\n    - {stored_procedure: {name: usp_sales;1, connection: {caption: db1}}, set: {'@Region': '${quoted}'}}\n",
			"#2025-02-04#\n\"O'Neill <>\"\n",
		},
		{
			"a link", "    - {stored_procedure: {}, link: {'@Region': Region}}\n",
			"[Parameters].[Parameter 1]\n<datasource-dependencies datasource='Parameters'>\n        <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' role='measure' type='nominal' value='&quot;W&quot;'>\n          <calculation class='tableau' formula='&quot;W&quot;' />\n        </column>\n      </datasource-dependencies>\n",
		},
		{
			"no link any more", "    - {stored_procedure: usp_sales, datasource: Sales, unlink: ['@Linked'], set: {'@Linked': E}}\n",
			"\n\"E\"\n",
		},
		{"the values that are there", "    - {stored_procedure: usp_sales, set: {'@Start': 2024-01-01, '@Top': 10}, link: {'@Linked': Region}, unlink: ['@Top']}\n", ""},
		{"by its name in brackets", "    - {stored_procedure: '[dbo].[usp_sales]', set: {'@Top': 7}}\n", "7\n"},
		{
			"arguments that are new", "    - {stored_procedure: usp_sales, set: {'@End': '#2019-01-01#', '@Top': 7}, link: {'@More': Region}, new: true}\n",
			"7\n<column name='@More' ordinal='5' parameter='[Parameters].[Parameter 1]' value='&quot;W&quot;' />\n<column name='@End' ordinal='6' value='#2019-01-01#' />\n" +
				"<datasource-dependencies datasource='Parameters'>\n        <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' role='measure' type='nominal' value='&quot;W&quot;'>\n          <calculation class='tableau' formula='&quot;W&quot;' />\n        </column>\n      </datasource-dependencies>\n",
		},
		{"a link that is no argument", "    - {stored_procedure: usp_sales, link: {Region: Region}}\n", failed + `data source "Sales": no argument "Region" in ` + sales + "; there are: @Start, @Region, @Top, @Linked"},
		{"none, and that is fine", "    - {stored_procedure: no, set: {a: 1}, optional: true}\n", ""},
		{"none", "    - {stored_procedure: no, set: {a: 1}}\n", failed + `no stored procedure "no"; there are: ` + inSales},
		{"no such argument", "    - {stored_procedure: usp_sales, set: {start: 1}, optional: true}\n", failed + `data source "Sales": no argument "start" in ` + sales + "; there are: @Start, @Region, @Top, @Linked"},
		{"a linked argument", "    - {stored_procedure: usp_sales, set: {'@Linked': E}}\n", failed + `setting argument "@Linked" of ` + inSales + `: it is linked to the parameter "Region" of the workbook, and must be unlinked first`},
		{"another type", "    - {stored_procedure: usp_sales, set: {'@Start': 7}}\n", failed + `setting argument "@Start" of ` + inSales + `: "7" is an integer, the datatype is date`},
		{"another type, of an expression", "    - {stored_procedure: usp_sales, set: {'@Top': '${db}'}}\n", failed + `setting argument "@Top" of ` + inSales + `: "acme_db" is a string, the datatype is integer (an expression converts it with int(…))`},
		{"no such parameter", "    - {stored_procedure: usp_sales, link: {'@Top': Top}}\n", failed + `linking argument "@Top" of ` + inSales + `: no parameter "Top"; there are: "Region"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, _ := querying(t, test.edits)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}
