package tds_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// TestManyFields is case 81 for verbs of fields and filters: what takes time for each field
// must not take it for each filter, view or new column again.
func TestManyFields(t *testing.T) {
	t.Parallel()
	const fields, filters, views, aliases = 5_000, 1_000, 50, 8_000
	var b strings.Builder
	b.WriteString("<workbook><datasources><datasource caption='Orders' name='a'>\n<connection class='federated'><metadata-records>\n")
	for i := range fields {
		fmt.Fprintf(&b, "<metadata-record class='column'><remote-name>r%d</remote-name><local-name>[r%05d]</local-name><local-type>string</local-type></metadata-record>\n", i, i)
	}
	b.WriteString("</metadata-records></connection>\n<column caption='Sum' datatype='real' name='[Sum]'><calculation class='tableau' formula='1' /></column>\n")
	b.WriteString("<column caption='Country' datatype='integer' name='[Country]'><aliases>\n")
	for i := range aliases {
		fmt.Fprintf(&b, "<alias key='%d' value='Alias %d' />\n", i, i)
	}
	b.WriteString("</aliases></column>\n")
	for i := range filters {
		fmt.Fprintf(&b, "<filter class='categorical' column='[r%05d]'><groupfilter function='member' level='[r%05d]' member='&quot;x&quot;' /></filter>\n", 5*i, 5*i)
	}
	b.WriteString("</datasource></datasources><worksheets>\n")
	for i := range views {
		fmt.Fprintf(&b, "<worksheet name='w%d'><table><view><datasource-dependencies datasource='a'><column caption='Sum' datatype='real' name='[Sum]'><calculation class='tableau' formula='1' /></column></datasource-dependencies></view></table></worksheet>\n", i)
	}
	b.WriteString("</worksheets></workbook>\n")
	f := doctest.Open(t, b.String())
	ds := first(f)
	n := 0
	for filter := range ds.Filters() {
		if filter.String() == fmt.Sprintf("r%05d include x", 5*n) {
			n++
		}
	}
	if n != filters {
		t.Errorf("%d filters", n)
	}
	if _, err := ds.SetCalculatedField(tds.CalculatedField{Caption: "Sum", Formula: "[r00001]"}); err != nil {
		t.Fatal(err)
	}
	if err := ds.SetFilter(tds.Include("r1", tds.String("x"))); err != nil { // after which columns go in between
		t.Fatal(err)
	}
	captions := map[string]string{}
	for i := range fields {
		captions[fmt.Sprintf("r%05d", i)] = fmt.Sprintf("Field %d", i)
	}
	for i := range aliases {
		captions[fmt.Sprintf("Alias %d", i)] = fmt.Sprintf("Member %d", i)
	}
	if n, err := ds.Translate(tds.Translation{Strings: captions, TextSelection: tds.TextSelection{Create: true}}); err != nil || n != fields+aliases {
		t.Fatalf("%d translated, %v", n, err)
	}
}
