package twb_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
)

const exampleViews = `<workbook>
  <datasources>
    <datasource caption='Orders' name='federated.a'>
      <column caption='Margin' datatype='real' name='[Calculation_1]'>
        <calculation class='tableau' formula='[Profit] / [Sales]' />
      </column>
      <column datatype='real' name='[Profit]' />
      <column datatype='real' name='[Sales]' />
    </datasource>
  </datasources>
  <worksheets>
    <worksheet name='Margin by region'><table><rows>[federated.a].[usr:Calculation_1:qk]</rows></table></worksheet>
    <worksheet name='Debug' />
  </worksheets>
  <dashboards>
    <dashboard name='Overview'><zones><zone name='Margin by region' /></zones></dashboard>
  </dashboards>
  <windows>
    <window class='dashboard' name='Overview' />
    <window class='worksheet' name='Margin by region' />
    <window class='worksheet' maximized='true' name='Debug' />
  </windows>
</workbook>`

func ExampleWorkbook_HideView() {
	f, err := documents.OpenReader(strings.NewReader(exampleViews), int64(len(exampleViews)))
	if err != nil {
		log.Fatal(err)
	}
	wb, _ := f.Workbook()
	if err := wb.HideView("Debug"); err != nil {
		log.Fatal(err)
	}
	for v := range wb.Views() {
		fmt.Printf("%s, hidden %t, %q in URLs\n", v, v.Hidden, v.URLName)
	}
	for c := range f.Changes() {
		fmt.Println(c)
	}
	// Output:
	// dashboard "Overview", hidden false, "Overview" in URLs
	// worksheet "Margin by region", hidden false, "Marginbyregion" in URLs
	// worksheet "Debug", hidden true, "" in URLs
	// 19:30 /workbook/windows/window[@name='Overview']/@maximized: "" -> "true"
	// 21:30 /workbook/windows/window[@name='Debug']/@hidden: "" -> "true"
	// 21:30 /workbook/windows/window[@name='Debug']/@maximized: "true" -> ""
}

func ExampleWorkbook_Uses() {
	f, err := documents.OpenReader(strings.NewReader(exampleViews), int64(len(exampleViews)))
	if err != nil {
		log.Fatal(err)
	}
	wb, _ := f.Workbook()
	uses, err := wb.Uses("Overview")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(uses.View, "shows", uses.Views)
	for _, ds := range uses.Datasources {
		for _, field := range ds.Fields {
			fmt.Printf("%s: %s, indirectly %t\n", ds.Label(), field.Label(), field.Indirect)
		}
	}
	users, err := wb.ColumnViews("Orders", "Sales")
	fmt.Println("Sales is used by", users, err)
	// Output:
	// dashboard "Overview" shows [worksheet "Margin by region"]
	// Orders: Margin, indirectly false
	// Orders: Profit, indirectly true
	// Orders: Sales, indirectly true
	// Sales is used by [dashboard "Overview" worksheet "Margin by region"] <nil>
}
