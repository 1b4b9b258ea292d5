package documents_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// ExampleFile_AttachExtract gives a live data source an extract: the .tds becomes a .tdsx.
func ExampleFile_AttachExtract() {
	const live = `<datasource formatted-name='orders' version='18.1'>
  <connection class='sqlserver' dbname='dev' server='s'>
    <relation name='orders' table='[dbo].[orders]' type='table' />
  </connection>
</datasource>
`
	f, err := documents.OpenReader(strings.NewReader(live), int64(len(live)))
	if err != nil {
		fmt.Println(err)
		return
	}
	ds, err := f.Datasource("orders")
	if err != nil {
		fmt.Println(err)
		return
	}
	file := packaging.Bytes([]byte("Hyper…")) // or packaging.File("acme.hyper")
	if err := f.AttachExtract(ds, documents.NewExtract{Content: file, Name: "acme.hyper"}); err != nil {
		fmt.Println(err)
		return
	}
	x, _ := ds.Extract()
	fmt.Println(f.Kind(), x.Enabled, x.Class, x.Path, x.Tables)
	for e := range f.Entries() {
		fmt.Println(e.Name)
	}
	if err := f.RemoveExtract(ds); err != nil {
		fmt.Println(err)
	}
	fmt.Println(f.Kind(), ds.HasExtract())
	// Output:
	// tdsx true hyper Data/Extracts/acme.hyper [[Extract].[Extract]]
	// document.tds
	// Data/Extracts/acme.hyper
	// tds false
}

// ExampleFile_ReplaceEntry puts other data into a package, under another name.
func ExampleFile_ReplaceEntry() {
	pkg, err := packaging.Create(
		packaging.Change{Name: "Book.twb", Content: content("<workbook><datasources><datasource name='a'><connection class='excel-direct' filename='Data/template.xlsx' /></datasource></datasources></workbook>")},
		packaging.Change{Name: "Data/template.xlsx", Content: content("…")},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := documents.OpenReader(pkg, pkg.Size())
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := f.ReplaceEntry("Data/template.xlsx", content("of acme")); err != nil {
		fmt.Println(err)
	}
	if err := f.RenameEntry("Data/template.xlsx", "Data/acme.xlsx"); err != nil {
		fmt.Println(err)
	}
	for c := range f.EntryChanges() {
		fmt.Println(c)
	}
	for c := range f.Changes() {
		fmt.Println(c.Old, "becomes", c.New)
	}
	_, missing := errors.AsType[*tds.NotFoundError](f.RemoveEntry("Data/template.xlsx", false))
	fmt.Println(missing)
	// Output:
	// entry "Data/template.xlsx" replaced by "Data/acme.xlsx", 7 bytes
	// Data/template.xlsx becomes Data/acme.xlsx
	// true
}
