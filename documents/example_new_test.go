package documents_test

import (
	"fmt"
	"log"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// A data source that joins a table with custom SQL, of which only one tenant is seen.
func ExampleNew() {
	column := func(name string) tds.Expression { return tds.Expression{Op: name} }
	f, err := documents.New(tds.Spec{
		Name: "Orders",
		Connections: []tds.NewConnection{{
			Settings: tds.ConnectionPatch{Class: "postgres", Server: "db.example.com", DBName: "sales", Username: "reporting"},
		}},
		Relation: tds.Relation{
			Kind: tds.JoinRelation, Join: "left",
			Clause: tds.Expression{Op: "AND", Args: []tds.Expression{
				{Op: "=", Args: []tds.Expression{column("[orders].[customer]"), column("[customers].[id]")}},
				{Op: ">=", Args: []tds.Expression{column("[orders].[day]"), column("[customers].[since]")}},
			}},
			Inner: []tds.Relation{
				{Kind: tds.TableRelation, Table: tds.TableName{"public", "orders"}},
				{Kind: tds.SQLRelation, Name: "customers", SQL: "SELECT * FROM customers WHERE active <> 0"},
			},
		},
		Columns: []tds.NewColumn{{Name: "tenant", Caption: "Tenant", Datatype: "string"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	ds, err := f.Datasource("Orders")
	if err != nil {
		log.Fatal(err)
	}
	if err := ds.SetFilter(tds.Include("Tenant", tds.String("acme"))); err != nil {
		log.Fatal(err)
	}
	for c := range ds.Connections() {
		fmt.Println(c.Class(), c.Server(), c.Port())
	}
	fmt.Println(ds.Model().Tables[0].Relation)
	for filter := range ds.Filters() {
		fmt.Println(filter)
	}
	// Output:
	// postgres db.example.com 5432
	// [public].[orders] left join custom SQL "customers" on ([orders].[customer] = [customers].[id]) AND ([orders].[day] >= [customers].[since])
	// Tenant include acme
}
