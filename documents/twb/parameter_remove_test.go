package twb_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// remove is an edit after which a parameter is not there.
func remove(name string) func(*documents.File) error {
	return onWorkbook(func(wb *twb.Workbook) error {
		err := wb.RemoveParameter(name)
		if errors.Is(err, tds.ErrNotFound) {
			return nil
		}
		return err
	})
}

// copiedIn is a workbook with parameters, and a view and a data source that have copies.
func copiedIn(masters, copies string) string {
	block, entry := "", ""
	if copies != "" {
		block = "\n            <datasource-dependencies datasource='Parameters'>\n              " + copies + "\n            </datasource-dependencies>"
		entry = "\n              <datasource name='Parameters' />"
	}
	source := ""
	if masters != "" {
		source = "\n    <datasource hasconnection='false' inline='true' name='Parameters' version='18.1'>\n      <aliases enabled='yes' />\n      " + masters + "\n    </datasource>"
	}
	return `<workbook version='18.1'>
  <datasources>` + source + `
    <datasource name='federated.a'>
      <column name='[c]'><calculation formula='1' /></column>` + strings.ReplaceAll(block, "\n      ", "\n") + `
    </datasource>
  </datasources>
  <worksheets>
    <worksheet name='S'>
      <table>
        <view>
          <datasources>
            <datasource name='federated.a' />` + entry + `
          </datasources>` + block + `
        </view>
      </table>
    </worksheet>
  </worksheets>
</workbook>
`
}

func TestRemoveParameter(t *testing.T) {
	t.Parallel()
	p := plain("integer", "1", "1")
	q := strings.NewReplacer("'P'", "'Q'", "[Parameter 1]", "[Parameter 2]").Replace(p)
	line := func(indent string) string { return "\n" + indent + q }
	doctest.Edited(t, copiedIn(p+line("      "), p), remove("P"), copiedIn(q, ""))
	doctest.Edited(t, copiedIn(p+line("      "), p+line("              ")), remove("P"), copiedIn(q, q))
	doctest.Edited(t, copiedIn(p, p), remove("[Parameter 1]"), copiedIn("", ""))
	wb := workbook(t, copiedIn(p, p))
	if err := wb.RemoveParameter("No"); !errors.Is(err, tds.ErrNotFound) || !strings.Contains(err.Error(), `removing parameter "No": no parameter "No"; there are: "P"`) {
		t.Errorf("the error is %v", err)
	}
	if name, err := wb.AddParameter(tds.Parameter{Caption: "New", Datatype: "integer", Value: tds.Integer(1)}); err != nil || name != "[Parameter 2]" {
		t.Errorf("added as %s (%v)", name, err)
	}
}

// TestRemoveParameterEverywhere removes the copies that data sources, views, dashboards and
// nested data sources have, and no other column of that name.
func TestRemoveParameterEverywhere(t *testing.T) {
	t.Parallel()
	p := plain("integer", "1", "1")
	const (
		start = "&quot;&lt;datasource&gt;"
		block = "&lt;datasource-dependencies datasource=&apos;Parameters&apos;&gt;&lt;column name=&apos;[Parameter 1]&apos; /&gt;&lt;/datasource-dependencies&gt;"
		end   = "&lt;column name=&apos;[Parameter 1]&apos; /&gt;&lt;/datasource&gt;&quot;"
	)
	want := fmt.Sprintf(everywhere, "<gone />", start+end)
	for _, gone := range []string{
		"      <datasource-dependencies datasource='Parameters'>\n        <gone />\n      </datasource-dependencies>\n",
		"    <datasource-dependencies datasource='Parameters'>\n      <gone />\n    </datasource-dependencies>\n",
		"      <gone />\n",
	} {
		want = strings.ReplaceAll(want, gone, "")
	}
	doctest.Edited(t, fmt.Sprintf(everywhere, p, start+block+end), remove("P"), want)
}

// TestAddAndRemove leaves nothing behind.
func TestAddAndRemove(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, doctest.FX1)
	p := tds.Parameter{Caption: "P", Datatype: "integer", Value: tds.Integer(1)}
	if err := errors.Join(add(p)(f), remove("P")(f)); err != nil {
		t.Fatal(err)
	}
	if got := doctest.Written(t, f); got != doctest.FX1 {
		t.Errorf("written is\n%s", got)
	}
	bad := errors.Join(
		f.Atomically("rule 1", func() error { return add(p)(f) }),
		f.Atomically("rule 2", func() error { return add(p)(f) }))
	if bad != nil {
		t.Error(bad)
	}
	for name, edit := range map[string]func(*documents.File) error{"removed": remove("P"), "set": set("P", tds.Integer(2))} {
		err := f.Atomically("rule 3", func() error { return edit(f) })
		if conflict, ok := errors.AsType[*documents.ConflictError](err); !ok || conflict.First != "rule 1" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRemoveParameterThatIsUsed(t *testing.T) {
	t.Parallel()
	const ref = "[Parameters].[Parameter 1]"
	in := `<workbook version='18.1'>
  <datasources>
    <datasource name='Parameters'>` + plain("integer", "1", "1") + `</datasource>
    <datasource caption='Orders' name='federated.a'>%s</datasource>
  </datasources>
  <worksheets><worksheet name='S'><table>%s</table></worksheet></worksheets>
  <dashboards><dashboard name='D'>%s</dashboard></dashboards>
  <windows><window class='worksheet' name='S'>%s</window></windows>
  <actions>%s</actions>
</workbook>
`
	for _, c := range []struct {
		name   string
		places [5]string
		words  string
	}{
		{"formula", [5]string{"<column caption='Ratio' name='[c]'><calculation formula='" + ref + " + 1' /></column>"}, `the formula of "Ratio" of data source "Orders"`},
		{"formula of the connection", [5]string{"<connection><calculations><calculation column='[c]' formula='" + ref + "' /></calculations></connection>"}, "calculations/calculation"},
		{"bin", [5]string{"<column caption='Bin' name='[b]'><calculation class='bin' formula='[c]' size-parameter='" + ref + "' /></column>"}, `the formula of "Bin"`},
		{"custom SQL", [5]string{"<connection><relation name='Q' type='text'>SELECT &lt;" + ref + "&gt;</relation></connection>"}, `the custom SQL "Q" of data source "Orders"`},
		{"procedure", [5]string{"<connection><relation name='p' type='stored-proc'><actual-parameters><column name='@R' parameter='" + ref + "' value='1' /></actual-parameters></relation></connection>"}, `the stored procedure "p" of data source "Orders"`},
		{"filter of a view", [5]string{"", "<view><filter><groupfilter count='" + ref + "' /></filter></view>"}, `a filter of worksheet "S"`},
		{"reference line", [5]string{"", "<panes><pane><reference-line value-column='" + ref + "' /></pane></panes>"}, `worksheet "S"`},
		{"text", [5]string{"", "<run><![CDATA[Top <" + ref + ">]]></run>"}, `worksheet "S"`},
		{"zone", [5]string{"", "", "<zones><zone param='" + ref + "' type-v2='paramctrl' /></zones>"}, `dashboard "D"`},
		{"card", [5]string{"", "", "", "<cards><card param='" + ref + "' type='parameter' /></cards>"}, `window "S"`},
		{"action", [5]string{"", "", "", "", "<edit-parameter-action caption='Set' name='[a]'><params><param name='target-parameter' value='" + ref + "' /></params></edit-parameter-action>"}, `edit-parameter-action "Set"`},
		{"default of another", [5]string{"<column name='[Parameter 2]' default-value-field='" + ref + "' />"}, `data source "Orders"`},
		{"nested copy", [5]string{"<connection class='sqlproxy'><metadata-records><metadata-record class='capability'><attributes><attribute datatype='string' name='datasource'>&quot;&lt;datasource caption=&apos;In&apos; name=&apos;n&apos;&gt;&lt;column name=&apos;[k]&apos;&gt;&lt;calculation formula=&apos;" + ref + "&apos; /&gt;&lt;/column&gt;&lt;/datasource&gt;&quot;</attribute></attributes></metadata-record></metadata-records></connection>"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			args := make([]any, len(c.places))
			for i, p := range c.places {
				args[i] = p
			}
			doctest.Refused(t, fmt.Sprintf(in, args...), remove("P"), `removing parameter "P": it is used by`, c.words)
		})
	}
	doctest.Edited(t, fmt.Sprintf(in, "", "", "", "", ""), remove("P"), strings.Replace(fmt.Sprintf(in, "", "", "", "", ""), "\n    <datasource name='Parameters'>"+plain("integer", "1", "1")+"</datasource>", "", 1))
}
