package tds_test

import (
	"fmt"
	"log"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

const twoTables = `<datasource formatted-name='Orders'>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='db' name='postgres.1'>
        <connection class='postgres' dbname='dev' server='db' />
      </named-connection>
    </named-connections>
    <relation join='left' type='join'>
      <clause type='join'>
        <expression op='='>
          <expression op='[orders].[pid]' />
          <expression op='[people].[id]' />
        </expression>
      </clause>
      <relation connection='postgres.1' name='orders' table='[template].[orders]' type='table' />
      <relation connection='postgres.1' name='people' table='[template].[people]' type='table' />
    </relation>
    <cols>
      <map key='[pid]' value='[orders].[pid]' />
      <map key='[id]' value='[people].[id]' />
    </cols>
  </connection>
</datasource>`

func ExampleDatasource_SwapSchema() {
	f, ds := example(twoTables)
	n, err := ds.SwapSchema(tds.Swap{From: "template", To: "acme"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n, "tables")
	show(f)
	// Output:
	// 2 tables
	// 15:62 /datasource/connection/relation/relation[@name='orders']/@table: "[template].[orders]" -> "[acme].[orders]"
	// 16:62 /datasource/connection/relation/relation[@name='people']/@table: "[template].[people]" -> "[acme].[people]"
}

func ExampleDatasource_SwapTable() {
	f, ds := example(twoTables)
	_, err := ds.SwapTable(tds.Swap{From: "[template].[orders]", To: "[acme].[orders_2026]"})
	if err != nil {
		log.Fatal(err)
	}
	show(f)
	// Output:
	// 15:62 /datasource/connection/relation/relation[@name='orders']/@table: "[template].[orders]" -> "[acme].[orders_2026]"
}

func ExampleDatasource_Tables() {
	_, ds := example(twoTables)
	for t := range ds.Tables() {
		fmt.Println(t)
		for _, c := range t.Columns {
			fmt.Println(" ", c.Name, "is", c.Remote)
		}
	}
	// Output:
	// [template].[orders] of connection "postgres.1"
	//   [pid] is pid
	// [template].[people] of connection "postgres.1"
	//   [id] is id
}

func ExampleDatasource_Model() {
	_, ds := example(`<datasource formatted-name='x'>
  <connection class='federated'>
    <named-connections>
      <named-connection name='postgres.c'><connection class='postgres' dbname='dev' server='db1' /></named-connection>
    </named-connections>
    <relation type='collection' />
  </connection>
  <object-graph>
    <objects>
      <object caption='orders' id='orders_1'>
        <properties context=''>
          <relation join='left' type='join'>
            <clause type='join'>
              <expression op='='><expression op='[orders].[pid]' /><expression op='[people].[id]' /></expression>
            </clause>
            <relation connection='postgres.c' name='orders' table='[template].[orders]' type='table' />
            <relation connection='postgres.c' name='people' table='[template].[people]' type='table' />
          </relation>
        </properties>
      </object>
      <object caption='targets' id='targets_2'>
        <properties context=''>
          <relation all='true' name='targets' type='union'>
            <relation connection='postgres.c' name='y2023' table='[template].[y2023]' type='table' />
            <relation connection='postgres.c' name='y2024' table='[template].[y2024]' type='table' />
          </relation>
        </properties>
      </object>
    </objects>
    <relationships>
      <relationship>
        <expression op='='><expression op='[region]' /><expression op='[region (targets)]' /></expression>
        <first-end-point object-id='orders_1' />
        <second-end-point object-id='targets_2' unique-key='true' />
      </relationship>
    </relationships>
  </object-graph>
</datasource>
`)
	model := ds.Model()
	for _, t := range model.Tables {
		fmt.Println(t.Caption+":", t.Relation)
	}
	for _, r := range model.Relationships {
		fmt.Println(r.On, "is", r.Cardinality())
	}
	// Output:
	// orders: [template].[orders] left join [template].[people] on [orders].[pid] = [people].[id]
	// targets: union of [template].[y2023], [template].[y2024]
	// [region] = [region (targets)] is many-to-one
}
