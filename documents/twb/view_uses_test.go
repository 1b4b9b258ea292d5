package twb_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// usesBook has two data sources, parameters and views of all kinds that use them.
const usesBook = `<workbook>
  <datasources>
    <datasource name='Parameters'>
      <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' value='&quot;w&quot;' />
      <column caption='Top' datatype='integer' name='[Parameter 2]' param-domain-type='any' value='5' />
      <column caption='Schema [Net]' datatype='string' name='[Parameter 3]' param-domain-type='any' value='&quot;s&quot;' />
      <column caption='Picked' datatype='string' name='[Parameter 4]' param-domain-type='list' source-field='[federated.b].[Quota]' value='&quot;s&quot;' />
    </datasource>
    <datasource caption='Orders' name='federated.a'>
      <connection class='federated'>
        <relation type='text'>SELECT * FROM [Net] WHERE s = &lt;[Parameters].[Parameter 3]&gt;</relation>
        <metadata-records>
          <metadata-record class='column'><local-name>[Sales]</local-name><local-type>real</local-type></metadata-record>
          <metadata-record class='column'><local-name>[Date]</local-name><local-type>date</local-type></metadata-record>
          <metadata-record class='column'><local-name>[Tenant]</local-name><local-type>string</local-type></metadata-record>
          <metadata-record class='column'><local-name>[sum:odd]</local-name><local-type>string</local-type></metadata-record>
        </metadata-records>
      </connection>
      <column caption='Net' datatype='real' name='[Calculation_1]'>
        <calculation class='tableau' formula='[Sales] * [Calculation_2] // [Date]' />
      </column>
      <column caption='Rate' datatype='real' name='[Calculation_2]'>
        <calculation class='tableau' formula='IF [Parameters].[Parameter 1] = &quot;[Date]&quot; THEN MAX([federated.b].[Quota]) ELSE MIN([Calculation_1]) END' />
      </column>
      <column caption='Unused' datatype='real' name='[Calculation_3]'>
        <calculation class='tableau' formula='[Date]' />
      </column>
      <group name='[Big]'><groupfilter count='[Parameters].[Parameter 2]' function='end' units='records'><groupfilter expression='SUM([Sales])' function='order' /></groupfilter></group>
      <filter class='categorical' column='[Tenant]' />
    </datasource>
    <datasource caption='Targets' name='federated.b'>
      <column caption='Quota' datatype='integer' name='[Quota]' />
      <column caption='Year' datatype='integer' name='[y]' />
      <filter class='categorical' column='[none:y:ok]' />
    </datasource>
  </datasources>
  <worksheets>
    <worksheet name='Map'>
      <table>
        <view>
          <datasources><datasource caption='Orders' name='federated.a' /><datasource name='Parameters' /></datasources>
          <datasource-dependencies datasource='Parameters'>
            <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' value='&quot;w&quot;' />
          </datasource-dependencies>
          <datasource-dependencies datasource='federated.a'>
            <column caption='Net' datatype='real' name='[Calculation_1]' />
            <column datatype='date' name='[Date]' />
            <column datatype='real' name='[Sales]' />
            <column-instance column='[Calculation_1]' derivation='User' name='[usr:Calculation_1:qk]' />
            <column-instance column='[Date]' derivation='Year' name='[yr:Date:ok]' />
            <column caption='min(1)' datatype='integer' name='[Calculation_9]'><calculation class='tableau' formula='min([Parameters].[Parameter 2])' /></column>
            <column-instance column='[Calculation_9]' derivation='User' name='[usr:Calculation_9:qk]' />
          </datasource-dependencies>
          <filter class='categorical' column='[federated.a].[:Measure Names]' />
          <sort class='manual' column='[federated.a].[:Measure Names]'><dictionary><bucket>&quot;[federated.a].[sum:Gone:qk]&quot;</bucket></dictionary></sort>
        </view>
        <style><format field='[federated.b].[sum:Quota:qk]' /></style>
        <rows>([federated.a].[usr:Calculation_1:qk] * [federated.a].[yr:Date:ok])</rows>
        <cols>[federated.a].[Latitude (generated)]</cols>
      </table>
      <layout-options><title><formatted-text><run>[not].[a field] of [Orders]</run></formatted-text></title></layout-options>
    </worksheet>
    <worksheet name='[List]'>
      <table>
        <view>
          <filter class='categorical' column='[federated.a].[io:Big:nk]' />
        </view>
        <panes><pane><customized-tooltip><formatted-text>
          <run><![CDATA[<Sheet name="Map" maxwidth="300" filter="<All Fields>">]]></run>
          <run>&lt;Sheet name=&quot;Gone&quot;&gt;&lt;Sheet name=&quot;[List]&quot;&gt;</run>
        </formatted-text></customized-tooltip></pane></panes>
        <rows>[federated.a].[pcto:sum:Sales:qk:1] + [federated.a].[none:sum:odd:nk]</rows>
      </table>
    </worksheet>
    <worksheet name='Lost'>
      <table>
        <view>
          <datasources><datasource caption='Old' name='federated.gone' /><datasource name='federated.b' /></datasources>
          <datasource-dependencies><column name='[nowhere]' /></datasource-dependencies>
          <datasource-dependencies datasource='federated.gone'>
            <column caption='Lost field' datatype='real' name='[x]' />
            <column-instance column='[x]' derivation='Sum' name='[sum:x:qk]' />
          </datasource-dependencies>
          <datasource-dependencies datasource='federated.b'>
            <column caption='Was' datatype='real' name='[was]' />
          </datasource-dependencies>
          <datasource-dependencies datasource='Parameters'>
            <column caption='Old parameter' datatype='integer' name='[Parameter 9]' param-domain-type='any' value='5' />
          </datasource-dependencies>
        </view>
        <rows>[federated.gone].[sum:x:qk] + [federated.b].[sum:neither:qk]</rows>
      </table>
    </worksheet>
    <worksheet name='Empty' />
  </worksheets>
  <dashboards>
    <dashboard name='Board'>
      <zones><zone name='Lost'><zone name='Lost' type-v2='filter' /><zone name='not a sheet' param='[Parameters].[Parameter 4]' type-v2='paramctrl' /></zone></zones>
      <devicelayouts><devicelayout name='Phone'><zones><zone name='Empty' /></zones></devicelayout></devicelayouts>
    </dashboard>
    <dashboard name='Tale' type='storyboard'>
      <zones><zone><flipboard><story-points>
        <story-point captured-sheet='Board' id='1' /><story-point captured-sheet='[List]' id='2' /><story-point captured-sheet='' id='3' />
      </story-points></flipboard></zone></zones>
    </dashboard>
  </dashboards>
  <windows>
    <window class='worksheet' name='Empty'><cards><edge><strip><card param='[Parameters].[Parameter 1]' type='parameter' /></strip></edge></cards></window>
  </windows>
</workbook>`

// told is what a view uses, in words: what it only uses indirectly in parentheses.
func told(u twb.Uses) []string {
	mark := func(label string, indirect, missing bool) string {
		if missing {
			label += "?"
		}
		if indirect {
			label = "(" + label + ")"
		}
		return label
	}
	out := []string{u.View.String()}
	for _, v := range u.Views {
		out = append(out, "  shows "+v.String())
	}
	for _, d := range u.Datasources {
		var fields []string
		for _, f := range d.Fields {
			fields = append(fields, mark(f.Label(), f.Indirect, f.Missing))
		}
		out = append(out, "  "+strings.TrimSpace(mark(d.Label(), false, d.Missing)+": "+strings.Join(fields, ", ")))
	}
	for _, p := range u.Parameters {
		out = append(out, "  parameter "+mark(p.Label(), p.Indirect, p.Missing))
	}
	return out
}

func TestUses(t *testing.T) {
	t.Parallel()
	want := []string{
		`worksheet "Empty"`,
		"  parameter Region",
		`worksheet "Map"`,
		"  Orders: Net, (Rate), min(1), Date, (Sales), (Tenant)",
		"  Targets: (Quota), (Year)",
		"  parameter (Region)",
		"  parameter (Top)",
		"  parameter (Schema [Net])",
		`worksheet "[List]"`,
		`  shows worksheet "Map"`,
		"  Orders: Big, Net, (Rate), min(1), Date, Sales, (Tenant), sum:odd",
		"  Targets: (Quota), (Year)",
		"  parameter (Region)",
		"  parameter (Top)",
		"  parameter (Schema [Net])",
		`worksheet "Lost"`,
		"  Targets: neither?, (Was?), (Year)",
		"  Old?: Lost field?",
		"  parameter (Old parameter?)",
		`dashboard "Board"`,
		`  shows worksheet "Lost"`,
		`  shows worksheet "Empty"`,
		"  Targets: (Quota), neither?, (Was?), (Year)",
		"  Old?: Lost field?",
		"  parameter Region",
		"  parameter Picked",
		"  parameter (Old parameter?)",
		`story "Tale"`,
		`  shows dashboard "Board"`,
		`  shows worksheet "[List]"`,
		"  Orders: Big, Net, (Rate), min(1), Date, Sales, (Tenant), sum:odd",
		"  Targets: (Quota), neither?, (Was?), (Year)",
		"  Old?: Lost field?",
		"  parameter Region",
		"  parameter (Top)",
		"  parameter (Schema [Net])",
		"  parameter Picked",
		"  parameter (Old parameter?)",
	}
	wb := workbook(t, usesBook)
	var all []string
	for range 2 { // and a second time the same
		all = nil
		for u := range wb.AllUses() {
			all = append(all, told(u)...)
			one, err := wb.Uses(u.View.Name)
			if diff := cmp.Diff(u, one); err != nil || diff != "" {
				t.Errorf("alone: %v\n%s", err, diff)
			}
		}
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
	if _, err := wb.Uses("Gone"); !errors.Is(err, tds.ErrNotFound) {
		t.Errorf("Gone: %v", err)
	}
}

// TestUsers asks the other way round: by captions and names, and for what is missing.
func TestUsers(t *testing.T) {
	t.Parallel()
	wb := workbook(t, usesBook)
	column := func(datasource, column string) func() ([]twb.View, error) {
		return func() ([]twb.View, error) { return wb.ColumnViews(datasource, column) }
	}
	tests := map[string]struct {
		ask  func() ([]twb.View, error)
		want string
	}{
		"Orders":         {func() ([]twb.View, error) { return wb.DatasourceViews("Orders") }, `[worksheet "Map" worksheet "[List]" story "Tale"] <nil>`},
		"federated.gone": {func() ([]twb.View, error) { return wb.DatasourceViews("federated.gone") }, `[worksheet "Lost" dashboard "Board" story "Tale"] <nil>`},
		"nothing":        {func() ([]twb.View, error) { return wb.DatasourceViews("nothing") }, `[] no data source "nothing"; there are: "Orders", "Targets"`},
		"Sales":          {column("Orders", "Sales"), `[worksheet "Map" worksheet "[List]" story "Tale"] <nil>`},
		"Unused":         {column("Orders", "Unused"), `[] <nil>`},
		"a set":          {column("federated.a", "[Big]"), `[worksheet "[List]" story "Tale"] <nil>`},
		"a missing one":  {column("Targets", "[was]"), `[worksheet "Lost" dashboard "Board" story "Tale"] <nil>`},
		"of a missing":   {column("federated.gone", "[x]"), `[worksheet "Lost" dashboard "Board" story "Tale"] <nil>`},
		"none":           {column("Targets", "x"), `[] no field "x" in data source "Targets"; there are: Quota, Year`},
		"Picked":         {func() ([]twb.View, error) { return wb.ParameterViews("Picked") }, `[dashboard "Board" story "Tale"] <nil>`},
		"[Parameter 9]":  {func() ([]twb.View, error) { return wb.ParameterViews("[Parameter 9]") }, `[worksheet "Lost" dashboard "Board" story "Tale"] <nil>`},
		"no parameter":   {func() ([]twb.View, error) { return wb.ParameterViews("p") }, `[] no parameter "p"; there are: "Region", "Top", "Schema [Net]", "Picked"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			views, err := tt.ask()
			if got := fmt.Sprint(views, " ", err); strings.ReplaceAll(got, "]  ", "] ") != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestUsesInCircles reads views that show each other, and fields that are calculated from each
// other, which only damaged files have.
func TestUsesInCircles(t *testing.T) {
	t.Parallel()
	wb := workbook(t, `<workbook>
  <datasources><datasource name='d'><column name='[a]'><calculation formula='[b]' /></column><column name='[b]'><calculation formula='[a] + [b]' /></column></datasource></datasources>
  <worksheets><worksheet name='W'><rows>[d].[a]</rows></worksheet></worksheets>
  <dashboards>
    <dashboard name='D'><zones><zone name='E' /><zone name='D' /><zone name='W' /></zones></dashboard>
    <dashboard name='E'><zones><zone name='D' /></zones></dashboard>
  </dashboards>
</workbook>`)
	u, err := wb.Uses("E")
	if want := []string{`dashboard "E"`, `  shows dashboard "D"`, "  d: a, (b)"}; err != nil || !cmp.Equal(told(u), want) {
		t.Errorf("%q, %v", told(u), err)
	}
}
