package documents_test

import (
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// TestCopiesFollow: what uses a parameter brings a copy of it along, which is in the way of
// no rule that sets the parameter, before or after.
func TestCopiesFollow(t *testing.T) {
	t.Parallel()
	in := doctest.Replace(t, doctest.FX1, "  <datasources>\n", `  <datasources>
    <datasource hasconnection='false' inline='true' name='Parameters' version='18.1'>
      <aliases enabled='yes' />
      <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' role='measure' type='nominal' value='&quot;a&quot;'>
        <calculation class='tableau' formula='&quot;a&quot;' />
      </column>
    </datasource>
`, "<relation connection='postgres.c' name='orders' table='[public].[orders]' type='table' />\n      </connection>", `<relation type='collection'>
          <relation connection='postgres.c' name='q' type='text'>SELECT 1</relation>
          <relation connection='postgres.c' name='p' stored-proc='[dbo].[p]' type='stored-proc'>
            <actual-parameters>
              <column name='@R' ordinal='1' value='&quot;x&quot;' />
            </actual-parameters>
          </relation>
        </relation>
      </connection>`)
	parameter := func(f *documents.File) error {
		wb, _ := f.Workbook()
		return wb.SetParameter("Region", tds.String("b"))
	}
	for name, use := range map[string]func(*tds.Datasource) error{
		"formula": func(ds *tds.Datasource) error {
			_, err := ds.SetCalculatedField(tds.CalculatedField{Caption: "Mine", Formula: "[Tenant] = [Parameters].[Region]", Datatype: "boolean"})
			return err
		},
		"custom SQL": func(ds *tds.Datasource) error {
			q, err := ds.SQL(tds.RelationMatch{Name: "q"})
			if err != nil {
				return err
			}
			return q.Set("SELECT <[Parameters].[Parameter 1]>")
		},
		"stored procedure": func(ds *tds.Datasource) error {
			p, err := ds.Procedure(tds.RelationMatch{Name: "p"})
			if err != nil {
				return err
			}
			return p.LinkArgument("@R", "Region")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			use := func(f *documents.File) error { return use(firstDatasource(f)) }
			var results []string
			for _, rules := range [][]func(*documents.File) error{{use, parameter}, {parameter, use}} {
				f := doctest.Open(t, in)
				for i, rule := range rules {
					if err := f.Atomically([]string{"first", "second"}[i], func() error { return rule(f) }); err != nil {
						t.Error(err)
					}
				}
				results = append(results, doctest.Written(t, f))
			}
			if results[0] != results[1] {
				t.Errorf("it depends on the order:\n%s\n%s", results[0], results[1])
			}
		})
	}
}
