package twb_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// filtered is a workbook whose worksheets share a filter, beside one of the worksheet Map.
const filtered = `<workbook version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <datasources>
    <datasource caption='Orders' name='federated.a'>
      <column caption='Region' datatype='string' name='[region]' role='dimension' type='nominal' />
      <column caption='Tenant' datatype='string' name='[tenant]' role='dimension' type='nominal' />
    </datasource>
  </datasources>
  <shared-views>
    <shared-view name='federated.a'>
      <filter class='categorical' column='[federated.a].[none:tenant:nk]'>
        <groupfilter function='level-members' level='[none:tenant:nk]' />
      </filter>
    </shared-view>
  </shared-views>
  <worksheets>
    <worksheet name='Map'><table><view>
      <datasources><datasource caption='Orders' name='federated.a' /></datasources>
      <filter class='categorical' column='[federated.a].[none:region:nk]' context='true'>
        <groupfilter function='level-members' level='[none:region:nk]' />
      </filter>
      <slices><column>[federated.a].[none:tenant:nk]</column><column>[federated.a].[none:region:nk]</column></slices>
      <aggregation value='true' />
    </view></table></worksheet>
    <worksheet name='List'><table><view>
      <datasources><datasource caption='Orders' name='federated.a' /></datasources>
      <slices><column>[federated.a].[none:tenant:nk]</column></slices>
      <aggregation value='true' />
    </view></table></worksheet>
  </worksheets>
</workbook>
`

// exampleWorkbook opens a workbook given as text.
func exampleWorkbook(text string) (*documents.File, *twb.Workbook) {
	f, err := documents.OpenReader(strings.NewReader(text), int64(len(text)))
	if err != nil {
		log.Fatal(err)
	}
	wb, _ := f.Workbook()
	return f, wb
}

// Filters are those of worksheets, and those that worksheets share.
func ExampleWorkbook_Filters() {
	_, wb := exampleWorkbook(filtered)
	for f := range wb.Filters() {
		fmt.Printf("%s, of %s\n", f, strings.Join(f.Worksheets, " and "))
	}
	// Output:
	// Region all, of Map
	// Tenant all, of Map and List
}

// A worksheet that has no filter on the field gets one, with what that needs. A filter that
// worksheets share changes for all of them.
func ExampleWorkbook_SetFilter() {
	f, wb := exampleWorkbook(filtered)
	err := wb.SetFilter(twb.FilterPlace{Worksheet: "List"}, tds.Exclude("Region", tds.Null()))
	if err != nil {
		log.Fatal(err)
	}
	if err := wb.SetFilter(twb.FilterPlace{Worksheet: "Map"}, tds.Include("Tenant", tds.String("acme"))); err != nil {
		log.Fatal(err)
	}
	for filter := range wb.Filters() {
		fmt.Printf("%s: %s\n", strings.Join(filter.Worksheets, " and "), filter)
	}
	for note := range f.Notes() {
		fmt.Println(note.Text)
	}
	// Output:
	// Map: Region all
	// List: Region exclude null
	// Map and List: Tenant include acme
	// worksheet "Map" has its filter on Tenant in common with "List", which changed with it
}

// All filters on a field, wherever they are, are changed in one go.
func ExampleFilterPlace() {
	_, wb := exampleWorkbook(filtered)
	for _, field := range []string{"Region", "Tenant", "Amount"} {
		fmt.Println(wb.SetFilter(twb.FilterPlace{}, tds.Include(field, tds.String("x"))))
	}
	// Output:
	// <nil>
	// <nil>
	// filter on "Amount" of the worksheets: no filter on field "Amount" in the worksheets; there are: Region, Tenant
}

// What a filter needed goes with it.
func ExampleWorkbook_RemoveFilter() {
	_, wb := exampleWorkbook(filtered)
	if err := wb.RemoveFilter(twb.FilterPlace{Shared: true, Datasource: "Orders"}, "Tenant"); err != nil {
		log.Fatal(err)
	}
	for f := range wb.Filters() {
		fmt.Println(f)
	}
	// Output: Region all
}
