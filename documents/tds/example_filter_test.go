package tds_test

import (
	"fmt"
	"log"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// sales is a data source with fields of several types and an extract.
const sales = `<?xml version='1.0' encoding='utf-8' ?>

<!-- build 20243.24.1010.1014                               -->
<datasource formatted-name='Sales' version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <column caption='Amount' datatype='real' name='[amount]' role='measure' type='quantitative' />
  <column caption='Order Date' datatype='date' name='[order_date]' role='dimension' type='ordinal' />
  <column caption='Tenant' datatype='string' name='[tenant_id]' role='dimension' type='nominal' />
  <extract count='-1' enabled='true' object-id='' units='records'>
    <connection class='hyper' dbname='Data/Extracts/sales.hyper' />
  </extract>
</datasource>
`

// A filter may be a range with one end or two, and say what becomes of null.
func ExampleBetween() {
	_, ds := example(sales)
	atLeast := tds.Between("Amount", tds.Real(99.5), tds.Null())
	atLeast.Nulls = tds.NullsIn
	for _, filter := range []tds.Filter{atLeast, tds.Between("Order Date", tds.String("2023-01-03"), tds.String("2024-07-16"))} {
		if err := ds.SetFilter(filter); err != nil {
			log.Fatal(err)
		}
	}
	for f := range ds.Filters() {
		fmt.Println(f)
	}
	// Output:
	// Amount range from 99.5 or null
	// Order Date range 2023-01-03 to 2024-07-16
}

// Relative dates are written in the form of the document's version, with what that needs
// in its manifest.
func ExampleDuring() {
	f, ds := example(sales)
	if err := ds.SetFilter(tds.During("Order Date", tds.Last(3, tds.Month))); err != nil {
		log.Fatal(err)
	}
	for filter := range ds.Filters() {
		fmt.Println(filter)
	}
	fmt.Println(f.ChangeCount(), "places changed")
	for _, p := range []tds.Periods{
		tds.This(tds.Year), tds.ToDate(tds.Quarter), tds.Next(2, tds.ISOWeek), tds.Previous(1, tds.Month),
		{Period: tds.Day, First: -6, Anchor: tds.String("2024-06-30")},
	} {
		fmt.Println(p)
	}
	// Output:
	// Order Date last 3 months
	// 3 places changed
	// this year
	// quarter to date
	// next 2 iso-weeks
	// previous month
	// last 7 days as of 2024-06-30
}

// A filter that is not there cannot be removed: the error lists those that are.
func ExampleDatasource_RemoveFilter() {
	_, ds := example(sales)
	if err := ds.SetFilter(tds.IncludeAll("Tenant")); err != nil {
		log.Fatal(err)
	}
	fmt.Println(ds.RemoveFilter("Amount"))
	fmt.Println(ds.RemoveFilter("Tenant"))
	// Output:
	// removing the filter on "Amount" of data source "Sales": no filter on field "Amount" in data source "Sales"; there are: Tenant
	// <nil>
}

// An extract filter says which rows the next refresh brings; those in the file stay.
func ExampleDatasource_SetExtractFilter() {
	f, ds := example(sales)
	if err := ds.SetExtractFilter(tds.Include("Tenant", tds.String("acme"))); err != nil {
		log.Fatal(err)
	}
	for filter := range ds.ExtractFilters() {
		fmt.Println(filter)
	}
	for note := range f.Notes() {
		fmt.Println(note.Text)
	}
	// Output:
	// Tenant include acme
	// the rows in the extract of data source "Sales" stay as they are until it is refreshed
}
