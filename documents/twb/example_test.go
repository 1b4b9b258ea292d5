package twb_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func ExampleWorkbook_SetParameter() {
	const document = `<workbook>
  <datasources>
    <datasource name='Parameters'>
      <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='list' value='&quot;w&quot;'>
        <calculation class='tableau' formula='&quot;w&quot;' />
        <members><member value='&quot;w&quot;' /><member value='&quot;e&quot;' /></members>
      </column>
    </datasource>
  </datasources>
</workbook>`
	f, err := documents.OpenReader(strings.NewReader(document), int64(len(document)))
	if err != nil {
		log.Fatal(err)
	}
	wb, _ := f.Workbook()
	if err := wb.SetParameter("Region", tds.String("e")); err != nil {
		log.Fatal(err)
	}
	for c := range f.Changes() {
		fmt.Println(c)
	}
	fmt.Println(wb.SetParameter("Region", tds.String("n")))
	// Output:
	// 4:103 /workbook/datasources/datasource/column/@value: "\"w\"" -> "\"e\""
	// 5:47 /workbook/datasources/datasource/column/calculation/@formula: "\"w\"" -> "\"e\""
	// parameter "Region": no value "n" in its list; there are: "w", "e"
}
