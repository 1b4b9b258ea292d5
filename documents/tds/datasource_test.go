package tds_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func TestColumns(t *testing.T) {
	t.Parallel()
	const in = `<datasource formatted-name='n'>
  <connection class='federated'><metadata-records>
    <metadata-record class='column'><local-name>[Tenant]</local-name><local-type>string</local-type></metadata-record>
    <metadata-record class='column'><local-name>[Amount]</local-name><caption>Betrag</caption><local-type>real</local-type></metadata-record>
    <metadata-record class='capability'><local-name>[Nothing]</local-name></metadata-record>
  </metadata-records></connection>
  <column caption='Mandant' datatype='string' name='[Tenant]' role='dimension' type='nominal' />
  <column caption='Ratio' datatype='real' name='[Calculation_1]' role='measure' type='quantitative'><calculation class='tableau' formula='[a]/[b]' /></column>
  <column datatype='string' name='[a]]b]' />
  <column caption='Calculation_1' datatype='integer' name='[c]' />
  <column datatype='table' name='[__tableau_internal_object_id__].[x]' />
  <extract enabled='true'><connection class='hyper'><metadata-records>
    <metadata-record class='column'><local-name>[OnlyHere]</local-name><local-type>date</local-type></metadata-record>
    <metadata-record class='column'><local-name>[Tenant]</local-name><local-type>integer</local-type></metadata-record>
  </metadata-records></connection></extract>
</datasource>`
	ds := datasource(t, in)
	var got []string
	for c := range ds.Columns() {
		got = append(got, fmt.Sprintf("%s %s: %s %s %s", c.Name, c.Label(), c.Datatype, c.Role, c.Formula))
	}
	want := []string{
		"[Tenant] Mandant: string dimension ", "[Calculation_1] Ratio: real measure [a]/[b]", "[a]]b] a]b: string  ", "[c] Calculation_1: integer  ",
		"[__tableau_internal_object_id__].[x] __tableau_internal_object_id__].[x: table  ", "[Amount] Betrag: real measure ", "[OnlyHere] OnlyHere: date dimension ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	for field, name := range map[string]string{
		"Mandant": "[Tenant]", "Tenant": "[Tenant]", "[Tenant]": "[Tenant]", "Betrag": "[Amount]", "Amount": "[Amount]",
		"a]b": "[a]]b]", "Calculation_1": "[c]", "[Calculation_1]": "[Calculation_1]", "OnlyHere": "[OnlyHere]",
	} {
		if c, err := ds.Column(field); err != nil || c.Name != name {
			t.Errorf("%s is %s (%v), want %s", field, c.Name, err, name)
		}
	}
	for _, field := range []string{"", "[]", "[Mandant]", "tenant", "Nothing", "c "} {
		c, err := ds.Column(field)
		if !errors.Is(err, tds.ErrNotFound) {
			t.Errorf("%q is %s (%v)", field, c.Name, err)
			continue
		}
		if want := "there are: Mandant, Ratio, a]b, Calculation_1, Betrag, OnlyHere"; !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	const in = `<workbook><datasources>
  <datasource caption='Orders' name='federated.a' />
  <datasource caption='Orders' name='federated.a (copy)' />
  <datasource caption='federated.c' name='federated.b' />
  <datasource name='federated.c' />
  <datasource caption='Parameters' name='Parameters' />
</datasources></workbook>`
	f := doctest.Open(t, in)
	for name, want := range map[string]string{"federated.a": "federated.a", "federated.b": "federated.b", "federated.c": "federated.b", "federated.a (copy)": "federated.a (copy)"} {
		if ds, err := f.Datasource(name); err != nil || ds.Name() != want {
			t.Errorf("%s: %v (%v)", name, ds, err)
		}
	}
	if _, err := f.Datasource("Orders"); !errors.Is(err, tds.ErrAmbiguous) || err.Error() != `2 matches for data source "Orders": federated.a, federated.a (copy)` {
		t.Errorf("two with one caption: %v", err)
	}
	for _, name := range []string{"", "federated", "Parameters", "orders"} {
		if ds, err := f.Datasource(name); !errors.Is(err, tds.ErrNotFound) {
			t.Errorf("%q: %v (%v)", name, ds, err)
		}
	}
}

// TestDegenerate reads what hardly is a data source.
func TestDegenerate(t *testing.T) {
	t.Parallel()
	ds := datasource(t, "<datasource><repository-location /></datasource>")
	for range ds.Connections() {
		t.Error("a connection")
	}
	for range ds.Columns() {
		t.Error("a column")
	}
	for range ds.Filters() {
		t.Error("a filter")
	}
	for range ds.Nested() {
		t.Error("a nested copy")
	}
	if _, ok := ds.Published(); ok || ds.HasExtract() || ds.IsParameters() || ds.Name() != "" {
		t.Errorf("%s is more than empty", ds)
	}
}

func TestHasExtract(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"<datasource><extract enabled='true' /></datasource>":                               true,
		"<datasource><extract enabled='false' /></datasource>":                              false,
		"<datasource><extract /></datasource>":                                              false,
		"<datasource><_.fcp.A.true...extract _.fcp.A.true...enabled='true' /></datasource>": true,
	} {
		if got := datasource(t, in).HasExtract(); got != want {
			t.Errorf("%s: %v", in, got)
		}
	}
}

// TestEdit removes attributes and elements, for which there is no verb.
func TestEdit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		edit func(*etree.Element) error
		want []string
	}{
		{"an attribute", func(e *etree.Element) error {
			e.FindElement(".//named-connection/connection").RemoveAttr("username")
			return nil
		}, []string{" server='db1' username='svc' />", " server='db1' />"}},
		{"an element on its line", func(e *etree.Element) error {
			if a := e.SelectElement("aliases"); a != nil {
				e.RemoveChild(a)
			}
			return nil
		}, []string{"      <aliases enabled='yes' />\n", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Edited(t, doctest.FX1, func(f *documents.File) error { return first(f).Edit(c.edit) }, doctest.Replace(t, doctest.FX1, c.want...))
		})
	}
	boom := errors.New("boom")
	doctest.Refused(t, doctest.FX1, func(f *documents.File) error {
		return first(f).Edit(func(e *etree.Element) error {
			e.RemoveAttr("caption")
			return boom
		})
	}, "boom")
}
