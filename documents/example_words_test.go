package documents_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// exampleWords is a workbook with a field and a title.
const exampleWords = `<workbook>
  <datasources>
    <datasource caption='Orders' name='federated.1'>
      <column caption='Region' datatype='string' name='[r]' role='dimension' type='nominal' />
    </datasource>
  </datasources>
  <worksheets><worksheet name='Map'><layout-options><title><formatted-text>
    <run>Sales of {{tenant}}</run><run>Æ&#10;</run><run>by <![CDATA[<[federated.1].[none:r:nk]>]]>, </run><run bold='true'>net</run>
  </formatted-text></title></layout-options></worksheet></worksheets>
</workbook>`

func ExampleFile_Texts() {
	f, err := documents.OpenReader(strings.NewReader(exampleWords), int64(len(exampleWords)))
	if err != nil {
		log.Fatal(err)
	}
	texts, err := f.Texts(tds.TextSelection{Except: []tds.TextKind{tds.DatasourceTexts}})
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range texts {
		fmt.Printf("%d: %s of %s: %s\n", t.Line, t.Kind, t.Where, t.Text)
	}
	// Output:
	// 4: captions of data source "Orders": Region
	// 8: titles of worksheet "Map": Sales of {{tenant}}
	// 8: titles of worksheet "Map": by <[federated.1].[none:r:nk]>, ¦net
}

func ExampleFile_Translate() {
	f, err := documents.OpenReader(strings.NewReader(exampleWords), int64(len(exampleWords)))
	if err != nil {
		log.Fatal(err)
	}
	n, err := f.Translate(tds.Translation{Strings: map[string]string{
		"Region":                               "Gebiet",
		"Sales of {{tenant}}":                  "Umsatz von {{tenant}}",
		"by <[federated.1].[none:r:nk]>, ¦net": "je <[federated.1].[none:r:nk]>, ¦netto",
		"Cost":                                 "Kosten", // of another workbook
	}})
	fmt.Println(n, err)
	n, err = f.ReplaceText(tds.TextReplacement{From: "{{tenant}}", To: "Acme & Sons"})
	fmt.Println(n, err)
	for c := range f.Changes() {
		fmt.Printf("%q -> %q\n", c.Old, c.New)
	}
	_, err = f.Translate(tds.Translation{Strings: map[string]string{"Gebiet": "Region", "Region": "Raum"}})
	fmt.Println(err)
	// Output:
	// 3 <nil>
	// 1 <nil>
	// "Region" -> "Gebiet"
	// "Sales of {{tenant}}" -> "Umsatz von Acme & Sons"
	// "by <[federated.1].[none:r:nk]>, " -> "je <[federated.1].[none:r:nk]>, "
	// "net" -> "netto"
	// translating the workbook: data source "Orders": "Gebiet" is to be "Region", which is to be "Raum"
}
