package twb_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
)

func ExampleWorkbook_RenameView() {
	const document = `<workbook>
  <actions>
    <action name='[Action1]'>
      <source dashboard='Sales' type='sheet' worksheet='Map' />
      <link expression='tsl:Sales?Region~s0=&lt;Region~na&gt;' />
    </action>
  </actions>
  <worksheets><worksheet name='Map' /></worksheets>
  <dashboards><dashboard name='Sales'><zones><zone name='Map' /></zones></dashboard></dashboards>
  <windows><window class='dashboard' name='Sales'><viewpoints><viewpoint name='Map' /></viewpoints></window></windows>
</workbook>`
	f, err := documents.OpenReader(strings.NewReader(document), int64(len(document)))
	if err != nil {
		log.Fatal(err)
	}
	wb, _ := f.Workbook()
	if err := wb.RenameView("Sales", "Sales of Acme"); err != nil {
		log.Fatal(err)
	}
	for c := range f.Changes() {
		fmt.Println(c)
	}
	fmt.Println(wb.RenameView("Map", "sales of acme"))
	// Output:
	// 4:26 /workbook/actions/action/source/@dashboard: "Sales" -> "Sales of Acme"
	// 5:25 /workbook/actions/action/link/@expression: "tsl:Sales?Region~s0=<Region~na>" -> "tsl:Sales%20of%20Acme?Region~s0=<Region~na>"
	// 9:32 /workbook/dashboards/dashboard/@name: "Sales" -> "Sales of Acme"
	// 10:44 /workbook/windows/window/@name: "Sales" -> "Sales of Acme"
	// renaming view "Map": there is a dashboard "Sales of Acme"
}
