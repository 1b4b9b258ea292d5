package twb_test

import (
	"fmt"
	"testing"

	"github.com/beevik/etree"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
)

// TestDegenerate reads workbooks that hold nothing, or refer to what is not there.
func TestDegenerate(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"<workbook/>",
		"<workbook><datasources /></workbook>",
		"<workbook><datasources></datasources><repository-location /></workbook>",
		"<workbook><worksheets><worksheet><table><view><datasource-dependencies datasource='gone' /></view></table></worksheet></worksheets></workbook>",
	} {
		wb := workbook(t, in)
		for ds := range wb.Datasources() {
			t.Errorf("%s has %s", in, ds)
		}
		for p := range wb.Parameters() {
			t.Errorf("%s has the parameter %s", in, p.Name)
		}
		if _, err := wb.Datasource("Orders"); err == nil || err.Error() != `no data source "Orders"; there are none` {
			t.Errorf("%s: %v", in, err)
		}
		if got := doctest.Written(t, doctest.Open(t, in)); got != in {
			t.Errorf("%s is written %s", in, got)
		}
	}
}

func TestDatasources(t *testing.T) {
	t.Parallel()
	const in = `<workbook><datasources><datasource name='Parameters' /><datasource name='a' /><datasource caption='B' name='b'><connection /></datasource></datasources></workbook>`
	wb := workbook(t, in)
	var got []string
	for range 2 {
		for ds := range wb.Datasources() {
			got = append(got, ds.Label())
		}
	}
	if fmt.Sprint(got) != "[a B a B]" {
		t.Errorf("data sources: %v", got)
	}
}

func TestEdit(t *testing.T) {
	t.Parallel()
	doctest.Edited(t, doctest.FX1, func(f *documents.File) error {
		wb, _ := f.Workbook()
		return wb.Edit(func(e *etree.Element) error {
			e.FindElement("//object").CreateAttr("caption", "o'")
			return nil
		})
	}, doctest.Replace(t, doctest.FX1, "<object caption='orders'", "<object caption='o&apos;'"))
}
