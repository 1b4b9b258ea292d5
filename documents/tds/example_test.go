package tds_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// example is the data source that the examples edit.
func example(document string) (*documents.File, *tds.Datasource) {
	f, err := documents.OpenReader(strings.NewReader(document), int64(len(document)))
	if err != nil {
		log.Fatal(err)
	}
	return f, first(f)
}

func show(f *documents.File) {
	for c := range f.Changes() {
		fmt.Println(c)
	}
}

func ExampleConnection_Update() {
	f, ds := example(`<datasource formatted-name='Orders'>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='db.dev' name='postgres.1'>
        <connection class='postgres' dbname='dev' server='db.dev' username='svc' />
      </named-connection>
    </named-connections>
  </connection>
</datasource>`)
	conn, err := ds.Connection(tds.ConnectionMatch{Class: "postgres"})
	if err != nil {
		log.Fatal(err)
	}
	err = conn.Update(tds.ConnectionPatch{Server: "db.acme", DBName: "acme", Attrs: map[string]string{"sslmode": "require"}})
	if err != nil {
		log.Fatal(err)
	}
	show(f)
	// Output:
	// 4:34 /datasource/connection/named-connections/named-connection/@caption: "db.dev" -> "db.acme"
	// 5:46 /datasource/connection/named-connections/named-connection/connection/@dbname: "dev" -> "acme"
	// 5:59 /datasource/connection/named-connections/named-connection/connection/@server: "db.dev" -> "db.acme"
	// 5:66 /datasource/connection/named-connections/named-connection/connection/@sslmode: "" -> "require"
}

func ExampleDatasource_SetFilter() {
	_, ds := example(`<datasource formatted-name='Orders' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <column caption='Tenant' datatype='string' name='[tenant_id]' role='dimension' type='nominal' />
</datasource>`)
	if err := ds.SetFilter(tds.Include("Tenant", tds.String("acme"), tds.Null())); err != nil {
		log.Fatal(err)
	}
	for f := range ds.Filters() {
		fmt.Println(f)
	}
	fmt.Println(ds.SetFilter(tds.Include("Tenant", tds.Integer(7))))
	fmt.Println(ds.SetFilter(tds.Include("Customer", tds.String("acme"))))
	// Output:
	// Tenant include acme, null
	// filter on "Tenant" of data source "Orders": "7" is an integer, the datatype is string: give it as text
	// filter on "Customer" of data source "Orders": no field "Customer" in data source "Orders"; there are: Tenant
}

func ExampleDatasource_Repoint() {
	f, ds := example(`<datasource caption='Sales' formatted-name='sqlproxy.1'>
  <repository-location id='Sales' path='/t/dev/datasources' revision='1.0' site='dev' />
  <connection channel='https' class='sqlproxy' dbname='Sales' port='443' server='tableau.dev' />
</datasource>`)
	err := ds.Repoint(tds.PublishedRef{Server: "https://tableau.acme", SiteContentURL: "acme", ContentURL: "Sales_1"})
	if err != nil {
		log.Fatal(err)
	}
	show(f)
	// Output:
	// 2:28 /datasource/repository-location/@id: "Sales" -> "Sales_1"
	// 2:41 /datasource/repository-location/@path: "/t/dev/datasources" -> "/t/acme/datasources"
	// 2:82 /datasource/repository-location/@site: "dev" -> "acme"
	// 3:56 /datasource/connection/@dbname: "Sales" -> "Sales_1"
	// 3:82 /datasource/connection/@server: "tableau.dev" -> "tableau.acme"
}
