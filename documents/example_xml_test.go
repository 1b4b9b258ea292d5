package documents_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/beevik/etree"

	"github.com/tabtemplate/tabtemplate/documents"
)

// What no verb covers is found by its path and edited as an element.
func ExampleFile_Element() {
	const workbook = `<workbook>
  <datasources>
    <datasource name='federated.1'>
      <date-options start-of-week='sunday' />
    </datasource>
  </datasources>
</workbook>
`
	f, err := documents.OpenReader(strings.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		log.Fatal(err)
	}
	options, err := f.Element("/workbook/datasources/datasource[@name='federated.1']/date-options")
	if err != nil {
		log.Fatal(err)
	}
	err = options.Edit(func(el *etree.Element) error {
		el.CreateAttr("start-of-week", "monday")
		el.CreateAttr("fiscal-year-start", "april")
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	for change := range f.Changes() {
		fmt.Println(change)
	}
	_, err = f.Element("//date-option")
	fmt.Println(err)
	// Output:
	// 4:20 /workbook/datasources/datasource/date-options/@fiscal-year-start: "" -> "april"
	// 4:36 /workbook/datasources/datasource/date-options/@start-of-week: "sunday" -> "monday"
	// no element //date-option; there are: workbook, datasources, datasource, date-options
}
