package documents_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func Example() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	template := filepath.Join(folder, "sales.twb")
	err = os.WriteFile(template, []byte(`<workbook xmlns:user='http://www.tableausoftware.com/xml/user'>
  <datasources>
    <datasource caption='Orders' name='federated.1'>
      <column datatype='string' name='[Tenant]' role='dimension' type='nominal' />
    </datasource>
  </datasources>
</workbook>
`), 0o600)
	if err != nil {
		log.Fatal(err)
	}

	f, err := documents.Open(template)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	for _, tenant := range []string{"acme", "globex"} {
		site := f.Clone()
		ds, err := site.Datasource("Orders")
		if err != nil {
			log.Fatal(err)
		}
		if err := ds.SetFilter(tds.Include("Tenant", tds.String(tenant))); err != nil {
			log.Fatal(err)
		}
		if err := site.Save(filepath.Join(folder, tenant+site.Kind().Ext())); err != nil {
			log.Fatal(err)
		}
	}
	saved, err := filepath.Glob(filepath.Join(folder, "*.twb"))
	if err != nil {
		log.Fatal(err)
	}
	for _, path := range saved {
		fmt.Println(filepath.Base(path))
	}
	// Output:
	// acme.twb
	// globex.twb
	// sales.twb
}
