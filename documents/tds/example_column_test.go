package tds_test

import (
	"fmt"
	"log"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

const exampleColumns = `<datasource formatted-name='Orders'>
  <column caption='Customer' datatype='string' name='[cust_nm]' role='dimension' type='nominal' />
  <column caption='Profit' datatype='real' name='[pft]' role='measure' type='quantitative' />
</datasource>`

func ExampleDatasource_Columns() {
	_, ds := example(exampleColumns)
	for c := range ds.Columns() {
		fmt.Printf("%s (%s): %s, %s\n", c.Label(), c.Name, c.Datatype, c.Role)
	}
	// Output:
	// Customer ([cust_nm]): string, dimension
	// Profit ([pft]): real, measure
}

func ExampleDatasource_UpdateColumn() {
	f, ds := example(exampleColumns)
	err := ds.UpdateColumn("Profit", tds.ColumnPatch{Caption: new("Margin"), Format: new("p0.0%"), Hidden: new(true)})
	if err != nil {
		log.Fatal(err)
	}
	show(f)
	// Output:
	// 3:20 /datasource/column[@name='[pft]']/@caption: "Profit" -> "Margin"
	// 3:43 /datasource/column[@name='[pft]']/@default-format: "" -> "p0.0%"
	// 3:43 /datasource/column[@name='[pft]']/@hidden: "" -> "true"
}

func ExampleDatasource_SetCalculatedField() {
	_, ds := example(exampleColumns)
	name, err := ds.SetCalculatedField(tds.CalculatedField{
		Caption: "Row Level Security", Formula: "IIF([Customer]=USERNAME(),1,0)", Datatype: "integer", Role: "dimension",
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := ds.SetFilter(tds.Include(name, tds.Integer(1))); err != nil {
		log.Fatal(err)
	}
	c, err := ds.Column("Row Level Security")
	fmt.Println(c.Name, c.Formula, err)
	_, err = ds.SetCalculatedField(tds.CalculatedField{Caption: "Margin", Formula: "SUM([Profits])", Datatype: "real"})
	fmt.Println(err)
	// Output:
	// [Calculation_8392707715586430485] IIF([cust_nm]=USERNAME(),1,0) <nil>
	// calculated field "Margin" of data source "Orders": its formula: no field "Profits" in data source "Orders"; there are: Profit, Row Level Security, Customer
}

func ExampleDatasource_Translate() {
	f, ds := example(exampleColumns)
	matched, err := ds.Translate(tds.Translation{Strings: map[string]string{"Customer": "Kunde", "Profit": "Gewinn", "Region": "Gebiet"}})
	fmt.Println(matched, err)
	show(f)
	// Output:
	// 2 <nil>
	// 2:20 /datasource/column[@name='[cust_nm]']/@caption: "Customer" -> "Kunde"
	// 3:20 /datasource/column[@name='[pft]']/@caption: "Profit" -> "Gewinn"
}
