package documents_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
)

func ExampleFile_RenameDatasource() {
	const document = `<workbook>
  <datasources>
    <datasource caption='Orders' name='federated.a' />
  </datasources>
  <worksheets>
    <worksheet name='Map'><table><view>
      <datasources><datasource caption='Orders' name='federated.a' /></datasources>
    </view></table></worksheet>
  </worksheets>
</workbook>`
	f, err := documents.OpenReader(strings.NewReader(document), int64(len(document)))
	if err != nil {
		log.Fatal(err)
	}
	if err := f.RenameDatasource("Orders", "Orders of Acme"); err != nil {
		log.Fatal(err)
	}
	for c := range f.Changes() {
		fmt.Println(c)
	}
	fmt.Println(f.RenameDatasource("Returns", "Returns of Acme"))
	// Output:
	// 3:26 /workbook/datasources/datasource/@caption: "Orders" -> "Orders of Acme"
	// 7:41 /workbook/worksheets/worksheet/table/view/datasources/datasource/@caption: "Orders" -> "Orders of Acme"
	// renaming data source "Returns": no data source "Returns"; there are: "Orders of Acme"
}
