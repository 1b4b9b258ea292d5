package tds_test

import (
	"fmt"
	"log"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// A property is set where the class of the connection keeps it, and what the class does
// not have is refused.
func ExampleConnectionPatch() {
	f, ds := example(`<datasource formatted-name='Orders'>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='Orders' name='snowflake.1'>
        <connection class='snowflake' dbname='DEV' schema='PUBLIC' server='x.snowflakecomputing.com' service='DEV_ROLE' username='svc' warehouse='WH' />
      </named-connection>
    </named-connections>
  </connection>
</datasource>`)
	conn, err := ds.Connection(tds.ConnectionMatch{Class: "snowflake"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(conn.Role())
	err = conn.Update(tds.ConnectionPatch{DBName: "ACME", Role: "ACME_ROLE", Remove: []string{"username"}})
	if err != nil {
		log.Fatal(err)
	}
	show(f)
	fmt.Println(conn.Update(tds.ConnectionPatch{Port: "443"}))
	// Output:
	// DEV_ROLE
	// 5:47 /datasource/connection/named-connections/named-connection/connection/@dbname: "DEV" -> "ACME"
	// 5:111 /datasource/connection/named-connections/named-connection/connection/@service: "DEV_ROLE" -> "ACME_ROLE"
	// 5:120 /datasource/connection/named-connections/named-connection/connection/@username: "svc" -> ""
	// updating snowflake caption="Orders" server="x.snowflakecomputing.com" dbname="ACME" name="snowflake.1" of data source "Orders": class snowflake has no port; it has authentication, dbname, initial_sql, role, schema, server, service, username, warehouse
}

// A change of class keeps what both classes have.
func ExampleConnection_Update_class() {
	f, ds := example(`<datasource formatted-name='Orders'>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='db.dev' name='postgres.1'>
        <connection authentication='username-password' class='postgres' dbname='dev' port='5432' server='db.dev' username='svc' />
      </named-connection>
    </named-connections>
    <relation connection='postgres.1' name='orders' table='[public].[orders]' type='table' />
  </connection>
</datasource>`)
	conn, err := ds.Connection(tds.ConnectionMatch{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(conn.Update(tds.ConnectionPatch{Class: "snowflake", Server: "acme.snowflakecomputing.com"}))
	err = conn.Update(tds.ConnectionPatch{Class: "snowflake", Server: "acme.snowflakecomputing.com", Schema: "PUBLIC", Warehouse: "WH"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(conn)
	for n := range f.Notes() {
		fmt.Println(n.Text)
	}
	// Output:
	// updating postgres caption="db.dev" server="db.dev" dbname="dev" name="postgres.1" of data source "Orders": class snowflake needs schema, warehouse
	// snowflake caption="acme.snowflakecomputing.com" server="acme.snowflakecomputing.com" dbname="dev" name="postgres.1"
	// the table [public].[orders] is still named as in class postgres
}

// With a caption a reference gets another name, too, in all places where people see it.
func ExampleDatasource_Repoint_caption() {
	f, ds := example(`<workbook>
  <datasources>
    <datasource caption='Sales' name='sqlproxy.1'>
      <repository-location derived-from='https://tableau.dev/t/dev/datasources/Sales?rev=1.0' id='Sales' path='/t/dev/datasources' revision='1.0' site='dev' />
      <connection channel='https' class='sqlproxy' dbname='Sales' port='443' server='tableau.dev' server-ds-friendly-name='Sales | Project : Dev' />
    </datasource>
  </datasources>
  <worksheets>
    <worksheet name='Map'>
      <table>
        <view>
          <datasources>
            <datasource caption='Sales' name='sqlproxy.1' />
          </datasources>
        </view>
      </table>
    </worksheet>
  </worksheets>
</workbook>`)
	err := ds.Repoint(tds.PublishedRef{ContentURL: "Umsatz", Caption: "Umsatz", FriendlyName: "Umsatz | Project : Acme", DropDerivedFrom: true})
	if err != nil {
		log.Fatal(err)
	}
	show(f)
	// Output:
	// 3:26 /workbook/datasources/datasource/@caption: "Sales" -> "Umsatz"
	// 4:27 /workbook/datasources/datasource/repository-location/@derived-from: "https://tableau.dev/t/dev/datasources/Sales?rev=1.0" -> ""
	// 4:99 /workbook/datasources/datasource/repository-location/@id: "Sales" -> "Umsatz"
	// 4:112 /workbook/datasources/datasource/repository-location/@path: "/t/dev/datasources" -> "/datasources"
	// 4:146 /workbook/datasources/datasource/repository-location/@site: "dev" -> ""
	// 5:60 /workbook/datasources/datasource/connection/@dbname: "Sales" -> "Umsatz"
	// 5:124 /workbook/datasources/datasource/connection/@server-ds-friendly-name: "Sales | Project : Dev" -> "Umsatz | Project : Acme"
	// 13:34 /workbook/worksheets/worksheet/table/view/datasources/datasource/@caption: "Sales" -> "Umsatz"
}
