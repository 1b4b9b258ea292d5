package tds_test

import (
	"fmt"
	"log"
	"time"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func ExampleProcedure_SetArgument() {
	f, ds := example(`<datasource formatted-name='Sales'>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='db.dev' name='sqlserver.1'>
        <connection class='sqlserver' dbname='dev' server='db.dev' />
      </named-connection>
    </named-connections>
    <relation connection='sqlserver.1' name='usp_sales;1' stored-proc='[dbo].[usp_sales;1]' type='stored-proc'>
      <actual-parameters>
        <column name='@Start' ordinal='1' value='#2024-01-01#' />
        <column name='@Region' ordinal='2' parameter='[Parameters].[Parameter 1]' value='&quot;West&quot;' />
      </actual-parameters>
    </relation>
  </connection>
</datasource>`)
	p, err := ds.Procedure(tds.RelationMatch{Name: "usp_sales"})
	if err != nil {
		log.Fatal(err)
	}
	if err := p.SetArgument("@Start", tds.Date(time.Date(2025, 2, 3, 0, 0, 0, 0, time.UTC))); err != nil {
		log.Fatal(err)
	}
	if err := p.UnlinkArgument("@Region"); err != nil { // else it could not be set
		log.Fatal(err)
	}
	if err := p.SetArgument("@Region", tds.String("East")); err != nil {
		log.Fatal(err)
	}
	for a := range p.Arguments() {
		fmt.Println(a.Ordinal, a.Name, a.Value, a.Datatype)
	}
	show(f)
	// Output:
	// 1 @Start 2025-02-03 date
	// 2 @Region East string
	// 10:50 /datasource/connection/relation/actual-parameters/column[@name='@Start']/@value: "#2024-01-01#" -> "#2025-02-03#"
	// 11:43 /datasource/connection/relation/actual-parameters/column[@name='@Region']/@parameter: "[Parameters].[Parameter 1]" -> ""
	// 11:90 /datasource/connection/relation/actual-parameters/column[@name='@Region']/@value: "\"West\"" -> "\"East\""
}
