package documents_test

import (
	"fmt"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
)

// ExampleFile_Scrub takes out of a template what its sites are not to know of its author.
func ExampleFile_Scrub() {
	const template = `<workbook version='18.1' xml:base='https://tableau.dev'>
  <repository-location id='Sales' path='/t/dev/workbooks' revision='1.0' site='dev' />
  <datasources>
    <datasource caption='Orders' name='federated.1'>
      <connection class='excel-direct' filename='C:\Users\jane\orders.xlsx' password='s3cret' />
    </datasource>
  </datasources>
</workbook>
`
	f, err := documents.OpenReader(strings.NewReader(template), int64(len(template)))
	if err != nil {
		fmt.Println(err)
		return
	}
	for t, err := range f.Traces() {
		fmt.Println(t, err)
	}
	if err := f.Scrub(documents.ScrubKinds()); err != nil {
		fmt.Println(err)
	}
	var out strings.Builder
	if _, err := f.WriteTo(&out); err != nil {
		fmt.Println(err)
	}
	fmt.Print(out.String())
	// Output:
	// provenance: 1:1 /workbook/@xml:base: "https://tableau.dev" <nil>
	// provenance: 2:3 /workbook/repository-location: "Sales" in "/t/dev/workbooks" <nil>
	// credentials: 5:7 /workbook/datasources/datasource/connection/@password: a secret <nil>
	// users: 5:7 /workbook/datasources/datasource/connection/@filename: "C:\\Users\\jane\\orders.xlsx" <nil>
	// <workbook version='18.1'>
	//   <datasources>
	//     <datasource caption='Orders' name='federated.1'>
	//       <connection class='excel-direct' filename='C:\Users\user\orders.xlsx' password='' />
	//     </datasource>
	//   </datasources>
	// </workbook>
}
