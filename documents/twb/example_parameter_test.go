package twb_test

import (
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// A workbook of one parameter, of which a worksheet has a copy.
const currencies = `<workbook>
  <datasources>
    <datasource name='Parameters'>
      <column caption='Currency' datatype='string' name='[Parameter 1]' param-domain-type='any' value='&quot;CHF&quot;'>
        <calculation class='tableau' formula='&quot;CHF&quot;' />
      </column>
    </datasource>
  </datasources>
  <worksheets>
    <worksheet name='Sales'>
      <table>
        <view>
          <datasource-dependencies datasource='Parameters'>
            <column caption='Currency' datatype='string' name='[Parameter 1]' param-domain-type='any' value='&quot;CHF&quot;'>
              <calculation class='tableau' formula='&quot;CHF&quot;' />
            </column>
          </datasource-dependencies>
        </view>
      </table>
    </worksheet>
  </worksheets>
</workbook>
`

func ExampleWorkbook_UpdateParameter() {
	f, err := documents.OpenReader(strings.NewReader(currencies), int64(len(currencies)))
	if err != nil {
		log.Fatal(err)
	}
	wb, _ := f.Workbook()
	list := tds.Domain{Kind: tds.ListDomain, Allowed: []tds.Allowed{
		{Value: tds.String("EUR"), As: "Euro"}, {Value: tds.String("USD"), As: "Dollar"}, {Value: tds.String("GBP")},
	}}
	if err := wb.UpdateParameter("Currency", tds.ParameterPatch{Domain: &list, As: new("Dollar")}); err != nil {
		log.Fatal(err)
	}
	for p := range wb.Parameters() {
		fmt.Println(p.Label(), p.Domain.Kind, p.Domain.Allowed, p.Value, p.Alias)
	}
	// The copy that the worksheet has says so, too.
	for c := range f.Changes() {
		if strings.Contains(c.Path, "worksheet") {
			fmt.Println(c)
		}
	}
	fmt.Println(wb.SetParameter("Currency", tds.String("CHF")))
	// Output:
	// Currency list ["EUR" (Euro) "USD" (Dollar) "GBP"] USD Dollar
	// 14:20 /workbook/worksheets/worksheet/table/view/datasource-dependencies/column/@alias: "" -> "Dollar"
	// 14:98 /workbook/worksheets/worksheet/table/view/datasource-dependencies/column/@param-domain-type: "any" -> "list"
	// 14:110 /workbook/worksheets/worksheet/table/view/datasource-dependencies/column/@value: "\"CHF\"" -> "\"USD\""
	// 15:53 /workbook/worksheets/worksheet/table/view/datasource-dependencies/column/calculation/@formula: "\"CHF\"" -> "\"USD\""
	// parameter "Currency": no value "CHF" in its list; there are: "EUR" (Euro), "USD" (Dollar), "GBP"
}

func ExampleWorkbook_AddParameter() {
	f, err := documents.OpenReader(strings.NewReader(currencies), int64(len(currencies)))
	if err != nil {
		log.Fatal(err)
	}
	wb, _ := f.Workbook()
	name, err := wb.AddParameter(tds.Parameter{
		Caption: "Top", Datatype: "integer", Value: tds.Integer(10),
		Domain: tds.Domain{Kind: tds.RangeDomain, Min: tds.Integer(5), Max: tds.Integer(50), Step: tds.Integer(5)},
	})
	fmt.Println(name, err)
	// The other one gets another name, and the new one goes again.
	err = errors.Join(wb.UpdateParameter("Currency", tds.ParameterPatch{Caption: new("Währung")}), wb.RemoveParameter("Top"))
	for p := range wb.Parameters() {
		fmt.Println(p.Name, p.Label(), err)
	}
	// Output:
	// [Parameter 2] <nil>
	// [Parameter 1] Währung <nil>
}
