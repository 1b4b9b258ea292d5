package documents_test

import (
	"fmt"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// exampleWorkbook holds the connection of its data source itself.
const exampleWorkbook = `<workbook version='18.1'>
  <datasources>
    <datasource caption='Orders' inline='true' name='federated.1' version='18.1'>
      <connection class='federated'>
        <named-connections>
          <named-connection caption='db' name='postgres.1'>
            <connection class='postgres' dbname='dev' server='db' />
          </named-connection>
        </named-connections>
        <relation connection='postgres.1' name='orders' table='[public].[orders]' type='table' />
      </connection>
      <column datatype='string' name='[Tenant]' role='dimension' type='nominal' />
    </datasource>
  </datasources>
</workbook>
`

// exampleDatasource is the data source as a file of its own.
const exampleDatasource = `<datasource formatted-name='orders' version='18.1'>
  <connection class='postgres' dbname='prod' server='db.acme'>
    <relation name='orders' table='[public].[orders]' type='table' />
  </connection>
</datasource>
`

func openExample(text string) *documents.File {
	f, err := documents.OpenReader(strings.NewReader(text), int64(len(text)))
	if err != nil {
		panic(err)
	}
	return f
}

// ExampleFile_Refer takes the connections out of a workbook, whose data source was published,
// and refers to that.
func ExampleFile_Refer() {
	f := openExample(exampleWorkbook)
	ds, err := f.Datasource("Orders")
	if err == nil {
		err = f.Refer(ds, tds.PublishedRef{Server: "https://tableau.example.com", SiteContentURL: "acme", ContentURL: "Orders"})
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	ref, published := ds.Published()
	fmt.Println(ds.Name(), published, ref.Server, ref.SiteContentURL, ref.ContentURL)
	for c := range ds.Columns() {
		fmt.Println(c.Label())
	}
	// Output:
	// federated.1 true https://tableau.example.com acme Orders
	// Tenant
}

// ExampleFile_Embed puts the data source of a file in the place of a reference to the
// published one.
func ExampleFile_Embed() {
	f, from := openExample(exampleWorkbook), openExample(exampleDatasource)
	ds, err := f.Datasource("Orders")
	if err == nil {
		err = f.Refer(ds, tds.PublishedRef{Server: "https://tableau.example.com", ContentURL: "Orders"})
	}
	if err == nil {
		err = f.Embed(ds, from)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	for c := range ds.Connections() {
		fmt.Println(ds.Name(), c.Class(), c.Server(), c.DBName())
	}
	// Output:
	// federated.1 postgres db.acme prod
}

// ExampleFile_Items tells what the entries of a package are for.
func ExampleFile_Items() {
	f := openExample(exampleWorkbook)
	ds, err := f.Datasource("Orders")
	if err == nil {
		err = f.AttachExtract(ds, documents.NewExtract{Content: someHyper, Name: "orders.hyper"})
	}
	if err == nil {
		err = f.AddEntry("Data/notes.txt", content("notes"))
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	for item := range f.Items() {
		fmt.Print(item.Name, " is for: ", item.Purpose)
		for _, r := range item.Users {
			fmt.Print(" (", r.Place, ")")
		}
		fmt.Println()
	}
	// Output:
	// document.twb is for: document
	// Data/Extracts/orders.hyper is for: extract (the extract of data source "Orders")
	// Data/notes.txt is for: unused
}
