package tds_test

import (
	"fmt"
	"log"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// customSQL is a data source with a query that uses a parameter.
const customSQL = `<datasource formatted-name='Orders'>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='db.dev' name='postgres.1'>
        <connection class='postgres' dbname='dev' server='db.dev' />
      </named-connection>
    </named-connections>
    <relation connection='postgres.1' name='Open orders' type='text'>SELECT * FROM dev.orders WHERE total &gt;&gt; &lt;[Parameters].[Parameter 1]&gt;</relation>
  </connection>
  <datasource-dependencies datasource='Parameters'>
    <column caption='Threshold' datatype='integer' name='[Parameter 1]' param-domain-type='any' role='measure' type='quantitative' value='5' />
  </datasource-dependencies>
</datasource>`

func ExampleSQLQuery_Set() {
	f, ds := example(customSQL)
	q, err := ds.SQL(tds.RelationMatch{Name: "Open orders"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(q.SQL())
	if err := q.Set("SELECT * FROM acme.orders WHERE total >= <Parameters.Threshold> AND state <> 'closed'"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(q.SQL())
	for c := range f.Changes() {
		fmt.Println(c.New)
	}
	fmt.Println(q.Set("SELECT <[Parameters].[Limit]>"))
	// Output:
	// SELECT * FROM dev.orders WHERE total > <[Parameters].[Parameter 1]>
	// SELECT * FROM acme.orders WHERE total >= <[Parameters].[Parameter 1]> AND state <> 'closed'
	// SELECT * FROM acme.orders WHERE total >>= <[Parameters].[Parameter 1]> AND state <<>> 'closed'
	// setting custom SQL "Open orders" on connection "db.dev" of data source "Orders": the placeholder <[Parameters].[Limit]>: no parameter "[Limit]"; there are: "Threshold"
}

func ExampleDatasource_ReplaceInSQL() {
	_, ds := example(customSQL)
	hits, err := ds.ReplaceInSQL("dev.", "acme.")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(hits)
	for q := range ds.SQLQueries() {
		fmt.Println(q.SQL())
	}
	// Output:
	// 1
	// SELECT * FROM acme.orders WHERE total > <[Parameters].[Parameter 1]>
}
