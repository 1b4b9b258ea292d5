package twb_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

func workbook(t testing.TB, in string) *twb.Workbook {
	t.Helper()
	wb, ok := doctest.Open(t, in).Workbook()
	if !ok {
		t.Fatalf("no workbook: %q", in)
	}
	return wb
}

func set(name string, v tds.Value) func(*documents.File) error {
	return onWorkbook(func(wb *twb.Workbook) error { return wb.SetParameter(name, v) })
}

// update is an edit that changes a parameter.
func update(name string, patch tds.ParameterPatch) func(*documents.File) error {
	return onWorkbook(func(wb *twb.Workbook) error { return wb.UpdateParameter(name, patch) })
}

func onWorkbook(edit func(*twb.Workbook) error) func(*documents.File) error {
	return func(f *documents.File) error {
		wb, ok := f.Workbook()
		if !ok {
			return fmt.Errorf("a %s is no workbook", f.Kind())
		}
		return edit(wb)
	}
}

// notes are what a file notes, one a line.
func notes(f *documents.File) string { return strings.Join(notesOf(f), "\n") }

// parameters is a workbook with these columns in its Parameters data source.
func parameters(columns ...string) string {
	return `<workbook version='18.1'>
  <datasources>
    <datasource hasconnection='false' inline='true' name='Parameters' version='18.1'>
      <aliases enabled='yes' />
      ` + strings.Join(columns, "\n      ") + `
    </datasource>
  </datasources>
</workbook>
`
}

// plain is a parameter that takes any value.
func plain(datatype, value, formula string) string {
	return column(datatype, "any", value, formula, "")
}

// column is a parameter with more inside it than its calculation.
func column(datatype, domain, value, formula, inside string) string {
	return "<column caption='P' datatype='" + datatype + "' name='[Parameter 1]' param-domain-type='" + domain + "' role='measure' type='nominal' value='" + value + "'>" +
		"<calculation class='tableau' formula='" + formula + "' />" + inside + "</column>"
}
