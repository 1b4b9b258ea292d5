package documents_test

import (
	"fmt"
	"log"
	"path/filepath"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func ExampleDiff() {
	f, err := documents.Open(filepath.Join("..", "testdata", "demo", "sales.twbx"))
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	acme := f.Clone()
	facts, err := acme.Datasource("Sales facts")
	if err != nil {
		log.Fatal(err)
	}
	if err := facts.SetFilter(tds.Include("Tenant", tds.String("Acme"))); err != nil {
		log.Fatal(err)
	}
	for d, err := range documents.Diff(f, acme) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s: %s\n", strings.Join(d.Of, ", "), d.Kind, d.To)
	}
	// Output: data source "Sales facts", filter "Tenant": changed: include Acme
}

func ExampleNewFaults() {
	f, err := documents.Open(filepath.Join("..", "testdata", "demo", "sales.twbx"))
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	var before, after []documents.Fault
	for fault := range f.Faults() {
		before = append(before, fault)
	}
	edited := f.Clone()
	el, err := edited.Element("/workbook/worksheets/worksheet[1]")
	if err != nil {
		log.Fatal(err)
	}
	if err := el.SetAttr("name", "Renamed"); err != nil { // which leaves behind what names the sheet
		log.Fatal(err)
	}
	for fault := range edited.Faults() {
		after = append(after, fault)
	}
	introduced, _ := documents.NewFaults(before, after)
	fmt.Println(introduced[0].Kind, introduced[0].Text)
	// Output: reference it names the sheet "Orders by Region", which is not there
}
