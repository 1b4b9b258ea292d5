package twb_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
)

func TestViews(t *testing.T) {
	t.Parallel()
	const in = `<workbook>
  <worksheets><worksheet name='Map' /><worksheet name='Hidden' /><worksheet name='Old' /><worksheet name='Loose' /></worksheets>
  <dashboards><dashboard name='Board' /><dashboard name='Tale' type='storyboard' /></dashboards>
  <windows>
    <window class='dashboard' name='Board' />
    <window class='schema' name='Orders' />
    <window class='worksheet' hidden='true' name='Hidden' />
    <window class='worksheet' name='Map' />
    <window class='worksheet' name='Map' />
    <window class='hidden-worksheet' name='Old' />
    <window class='dashboard' name='Tale' />
  </windows>
</workbook>`
	want := []string{`dashboard "Board"`, `worksheet "Hidden" hidden`, `worksheet "Map"`, `worksheet "Old" hidden`, `story "Tale"`, `worksheet "Loose"`}
	var got []string
	for v := range workbook(t, in).Views() {
		got = append(got, strings.TrimSuffix(v.String()+" "+map[bool]string{true: "hidden"}[v.Hidden], " "))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("views (-want +got):\n%s", diff)
	}
}

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
