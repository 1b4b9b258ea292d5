package documents_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// listing is what a workbook has, in a few words a line.
func listing(f *documents.File) string {
	var b strings.Builder
	for ds := range f.Datasources() {
		fmt.Fprintf(&b, "%s:", ds)
		if ref, ok := ds.Published(); ok {
			fmt.Fprintf(&b, " published %s on %q;", ref.ContentURL, ref.SiteContentURL)
		}
		for c := range ds.Connections() {
			fmt.Fprintf(&b, " %s %s %s;", c.Class(), c.Server(), c.DBName()+c.Filename())
		}
		for c := range ds.Columns() {
			fmt.Fprintf(&b, " %s", c.Label())
		}
		for x := range ds.Filters() {
			fmt.Fprintf(&b, " filter %s", x.Class)
		}
		b.WriteString("\n")
	}
	if wb, ok := f.Workbook(); ok {
		for p := range wb.Parameters() {
			fmt.Fprintf(&b, "%s %s %s %s %s\n", p.Name, p.Label(), p.Datatype, p.Domain.Kind, p.Value)
		}
		for v := range wb.Views() {
			fmt.Fprintf(&b, "%s %s\n", v, map[bool]string{true: "hidden", false: "shown"}[v.Hidden])
		}
	}
	return b.String()
}

// TestOddFilesRead is hard cases 5, 8, 9 and 86, and files of other versions and writers:
// what is there is read in whatever form it is, and nothing is read where there is nothing.
func TestOddFilesRead(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"bare-8.2.twb": `data source "sqlserver.42493.565638564818": sqlserver db.template.internal dev; Number of Records Sold Tenant
[Region] Region string any West
worksheet "Sheet 1" shown
`,
		"mac-9.3.twb": `data source "orders": textscan  orders.csv; amount Kunde
data source "orders": excel-direct  /Users/dev/Übung/Bücher.xlsx;
data source "nothing":
worksheet "Umsatz (€) & <mehr>" shown
`,
		"server-10.5.twb": `data source "orders+ (Multiple Connections)": mysql db.template.internal template; sqlserver db.template.internal template; id Id Id Unused
data source "Published": published Published on "";
[Parameter 1] Since date range 2018-01-01
[Share (copy)_123] Share real range 0.5
[Parameter 3 1] Share boolean list true
worksheet "1" hidden
dashboard "Dashboard 1" shown
`,
		"forked-2023.1.twb": `data source "Facts": databricks adb.template.internal template; Mine facts tenant
[Parameter 1] Tenant string list template
worksheet "Facts" hidden
dashboard "Board" shown
`,
		"tree-2026.1.twb": `data source "Sales | Project : Finance": published Sales on "template"; Amount Tenant filter topn
data source "federated.0n": newdb new.template.internal template;
worksheet "Amounts" shown
`,
	} {
		if diff := cmp.Diff(want, listing(doctest.Open(t, oddFile(t, name)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	plain := oddFile(t, "plain-2024.3.twb")
	want := listing(doctest.Open(t, plain))
	for name, in := range inOrder(rewritten(plain)) {
		if diff := cmp.Diff(want, listing(doctest.Open(t, in))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, name := range []string{"nothing", "no data sources", "empty data sources"} {
		_, err := doctest.Open(t, degenerate[name]).Datasource("Orders")
		if err == nil || !strings.Contains(err.Error(), `no data source "Orders"; there are none`) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOddFilesEdited edits what is the same fact in each version: the connection and, where
// there is one, the first parameter.
func TestOddFilesEdited(t *testing.T) {
	t.Parallel()
	value := func(name string, v tds.Value) func(*documents.File) error {
		return func(f *documents.File) error {
			wb, _ := f.Workbook()
			return wb.SetParameter(name, v)
		}
	}
	for _, c := range []struct {
		name, file string
		edit       func(*documents.File) error
		pairs      []string
	}{
		{"case 9: a bare connection", "bare-8.2.twb", toServer("db9"), []string{"server='db.template.internal'", "server='db9'"}},
		{"a parameter without a caption", "bare-8.2.twb", value("[Region]", tds.String("x")), []string{"value='&quot;West&quot;'", "value='&quot;x&quot;'", "formula='&quot;West&quot;'", "formula='&quot;x&quot;'"}},
		{"case 5: beside names with a colon", "tree-2026.1.twb", func(f *documents.File) error {
			ds, err := f.Datasource("federated.0n")
			if err != nil {
				return err
			}
			c, err := ds.Connection(tds.ConnectionMatch{Class: "newdb"})
			if err != nil {
				return err
			}
			return c.Update(tds.ConnectionPatch{Server: "db9"})
		}, []string{"caption='new.template.internal'", "caption='db9'", "server='new.template.internal'", "server='db9'"}},
		{"an old range", "server-10.5.twb", value("[Share (copy)_123]", tds.Real(0.25)), []string{"value='0.5'", "value='0.25'", "formula='0.5'", "formula='0.25'"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := oddFile(t, c.file)
			doctest.Edited(t, in, c.edit, doctest.Replace(t, in, c.pairs...))
		})
	}
	doctest.Refused(t, oddFile(t, "server-10.5.twb"), value("Share", tds.Real(0.25)), "2 matches", "[Share (copy)_123]", "[Parameter 3 1]")
	doctest.Refused(t, oddFile(t, "forked-2023.1.twb"), value("Tenant", tds.String("acme")), "[federated.0f].[Calculation_2]") // case 68
	doctest.Refused(t, oddFile(t, "mac-9.3.twb"), value("Jahr", tds.Integer(1)), `no parameter "Jahr"`)
}
