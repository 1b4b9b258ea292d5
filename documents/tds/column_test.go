package tds_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// book is a workbook in which two views, a dashboard and another data source hold copies
// of the columns of one data source.
const book = `<workbook>
  <datasources>
    <datasource hasconnection='false' inline='true' name='Parameters' version='18.1'>
      <aliases enabled='yes' />
      <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='list' role='measure' type='nominal' value='&quot;w&quot;'>
        <calculation class='tableau' formula='&quot;w&quot;' />
        <aliases>
          <alias key='&quot;w&quot;' value='Region' />
        </aliases>
        <members>
          <member value='&quot;w&quot;' />
        </members>
      </column>
    </datasource>
    <datasource caption='Orders' inline='true' name='federated.a' version='18.1'>
      <connection class='federated'>
        <calculations>
          <calculation column='[Calculation_1]' formula='SUM([Profit])/SUM([Sales])' />
        </calculations>
        <metadata-records>
          <metadata-record class='column'>
            <remote-name>region_name</remote-name>
            <local-name>[Region]</local-name>
            <parent-name>[orders]</parent-name>
            <local-type>string</local-type>
            <aggregation>Count</aggregation>
          </metadata-record>
          <metadata-record class='column'>
            <remote-name>Sales</remote-name>
            <local-name>[Sales]</local-name>
            <parent-name>[orders]</parent-name>
            <local-type>real</local-type>
            <aggregation>Sum</aggregation>
          </metadata-record>
          <metadata-record class='column'>
            <remote-name>Profit</remote-name>
            <local-name>[Profit]</local-name>
            <parent-name>[orders]</parent-name>
            <local-type>real</local-type>
            <aggregation>Sum</aggregation>
          </metadata-record>
        </metadata-records>
      </connection>
      <column caption='Profit Ratio' datatype='real' default-format='p0%' name='[Calculation_1]' role='measure' type='quantitative'>
        <calculation class='tableau' formula='SUM([Profit])/SUM([Sales])' />
        <desc>
          <formatted-text>
            <run bold='true'>Gain</run>
            <run> per sale</run>
          </formatted-text>
        </desc>
      </column>
      <column caption='Gebiet' datatype='string' hidden='true' name='[Region]' role='dimension' type='nominal'>
        <aliases>
          <alias key='&quot;a&quot;' value='North' />
          <alias key='&quot;c&quot;' value='South' />
        </aliases>
      </column>
      <column-instance column='[Calculation_1]' derivation='User' name='[usr:Calculation_1:qk]' pivot='key' type='quantitative' />
      <folders-common>
        <folder name='Region'>
          <folder-item name='[Calculation_1]' type='field' />
          <folder-item name='[Sales]' type='field' />
        </folder>
      </folders-common>
    </datasource>
    <datasource caption='Targets' inline='true' name='federated.b' version='18.1'>
      <column caption='Quota' datatype='real' name='[q]' role='measure' type='quantitative' />
      <datasource-dependencies datasource='federated.a'>
        <column caption='Gebiet' datatype='string' hidden='true' name='[Region]' role='dimension' type='nominal' />
      </datasource-dependencies>
    </datasource>
  </datasources>
  <worksheets>
    <worksheet name='Map'>
      <table>
        <view>
          <datasources>
            <datasource caption='Orders' name='federated.a' />
          </datasources>
          <datasource-dependencies datasource='federated.a'>
            <column caption='Profit Ratio' datatype='real' default-format='p0%' name='[Calculation_1]' role='measure' type='quantitative'>
              <calculation class='tableau' formula='SUM([Profit])/SUM([Sales])' />
            </column>
            <column datatype='real' name='[Profit]' role='measure' type='quantitative' />
            <column caption='Gebiet' datatype='string' name='[Region]' role='dimension' type='nominal'>
              <aliases>
                <alias key='&quot;a&quot;' value='North' />
                <alias key='&quot;c&quot;' value='Süden' />
              </aliases>
            </column>
            <column datatype='real' name='[Sales]' role='measure' type='quantitative' />
            <column-instance column='[Calculation_1]' derivation='User' name='[usr:Calculation_1:qk]' pivot='key' type='quantitative' />
          </datasource-dependencies>
        </view>
        <rows>[federated.a].[usr:Calculation_1:qk]</rows>
      </table>
    </worksheet>
    <worksheet name='Old'>
      <table>
        <view>
          <datasource-dependencies datasource='federated.a'>
            <column caption='Ratio' datatype='real' name='[Calculation_1]' role='measure' type='quantitative'>
              <calculation class='tableau' formula='[old]' />
            </column>
            <column datatype='string' name='[Region]' role='dimension' type='nominal' />
          </datasource-dependencies>
          <datasource-dependencies datasource='federated.a (copy)'>
            <column caption='Gebiet' datatype='string' name='[Region]' role='dimension' type='nominal' />
          </datasource-dependencies>
        </view>
      </table>
    </worksheet>
  </worksheets>
</workbook>
`

// orders runs an edit on the data source Orders.
func orders(edit func(*tds.Datasource) error) func(*documents.File) error {
	return func(f *documents.File) error {
		ds, err := f.Datasource("Orders")
		if err != nil {
			return err
		}
		return edit(ds)
	}
}

func updateColumn(field string, p tds.ColumnPatch) func(*documents.File) error {
	return orders(func(ds *tds.Datasource) error { return ds.UpdateColumn(field, p) })
}

// noted checks what the notes of a file say, in their order.
func noted(t *testing.T, f *documents.File, want ...string) {
	t.Helper()
	var got []string
	for n := range f.Notes() {
		got = append(got, n.Text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestColumnRead(t *testing.T) {
	t.Parallel()
	ds, err := doctest.Open(t, book).Datasource("Orders")
	if err != nil {
		t.Fatal(err)
	}
	want := []tds.Column{
		{
			Name: "[Calculation_1]", Caption: "Profit Ratio", Datatype: "real", Role: "measure", Type: "quantitative", Format: "p0%",
			Description: "Gain per sale", Folder: "Region", Formula: "SUM([Profit])/SUM([Sales])", Class: "tableau",
		},
		{
			Name: "[Region]", Caption: "Gebiet", RemoteName: "region_name", Table: "orders", Datatype: "string", Role: "dimension",
			Type: "nominal", Aggregation: "Count", Hidden: true,
			Aliases: []tds.Alias{{Member: tds.String("a"), Text: "North"}, {Member: tds.String("c"), Text: "South"}},
		},
		{
			Name: "[Sales]", RemoteName: "Sales", Table: "orders", Datatype: "real", Role: "measure", Type: "quantitative",
			Aggregation: "Sum", Folder: "Region",
		},
		{Name: "[Profit]", RemoteName: "Profit", Table: "orders", Datatype: "real", Role: "measure", Type: "quantitative", Aggregation: "Sum"},
	}
	equal := cmp.Comparer(func(a, b tds.Value) bool { return a == b })
	if diff := cmp.Diff(want, slices.Collect(ds.Columns()), equal); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	for _, field := range []string{"Gebiet", "Region", "[Region]", "region_name"} {
		if c, err := ds.Column(field); err != nil || c.Name != "[Region]" {
			t.Errorf("%s is %s (%v)", field, c.Name, err)
		}
	}
}

// TestColumnOldFolder reads the folders of files before folders-common.
func TestColumnOldFolder(t *testing.T) {
	t.Parallel()
	ds := datasource(t, `<datasource formatted-name='n'><column datatype='string' name='[a]' /><folder name='One' role='dimensions'><folder-item name='[a]' type='field' /></folder></datasource>`)
	if c, err := ds.Column("a"); err != nil || c.Folder != "One" {
		t.Errorf("%+v (%v)", c, err)
	}
}

// TestColumnFind is case 69 for fields.
func TestColumnFind(t *testing.T) {
	t.Parallel()
	ds := datasource(t, `<datasource formatted-name='n'>
  <connection class='federated'><metadata-records>
    <metadata-record class='column'><remote-name>id</remote-name><local-name>[id (orders)]</local-name><local-type>integer</local-type></metadata-record>
    <metadata-record class='column'><remote-name>id</remote-name><local-name>[id (people)]</local-name><local-type>integer</local-type></metadata-record>
    <metadata-record class='column'><remote-name>nm</remote-name><local-name>[Name]</local-name><local-type>string</local-type></metadata-record>
  </metadata-records></connection>
  <column caption='Region' datatype='string' name='[Area]' role='dimension' type='nominal' />
  <column caption='Gebiet' datatype='string' name='[Region]' role='dimension' type='nominal' />
  <column caption='Name' datatype='string' name='[a]' role='dimension' type='nominal' />
</datasource>`)
	for field, want := range map[string]string{"Region": "[Area]", "[Region]": "[Region]", "nm": "[Name]", "id (people)": "[id (people)]"} {
		if c, err := ds.Column(field); err != nil || c.Name != want {
			t.Errorf("%s is %s (%v), want %s", field, c.Name, err, want)
		}
	}
	for field, want := range map[string]string{"id": "[id (orders)], [id (people)]", "Name": "[a], [Name]"} {
		if _, err := ds.Column(field); !errors.Is(err, tds.ErrAmbiguous) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", field, err, want)
		}
	}
}

func TestUpdateColumn(t *testing.T) {
	t.Parallel()
	const desc = `
        <desc>
          <formatted-text>
            <run bold='true'>Gain</run>
            <run> per sale</run>
          </formatted-text>
        </desc>`
	for _, c := range []struct {
		name  string
		field string
		patch tds.ColumnPatch
		want  func(string) string
		notes []string
	}{
		{
			"a caption, in equal copies only", "[Calculation_1]",
			tds.ColumnPatch{Caption: new("Marge <%>")},
			func(s string) string {
				return strings.ReplaceAll(s, "caption='Profit Ratio'", "caption='Marge &lt;%&gt;'")
			},
			[]string{`the caption of this copy stays "Ratio": it was not that of the data source`},
		},
		{
			"no caption", "[Region]",
			tds.ColumnPatch{Caption: new("")},
			func(s string) string {
				s, other, _ := strings.Cut(s, "federated.a (copy)")
				return strings.ReplaceAll(s, "caption='Gebiet' datatype", "datatype") + "federated.a (copy)" + other
			}, nil,
		},
		{
			"a format, which a copy never had", "Profit Ratio",
			tds.ColumnPatch{Format: new("n0")},
			func(s string) string { return strings.ReplaceAll(s, "'p0%'", "'n0'") }, nil,
		},
		{
			"shown", "Gebiet",
			tds.ColumnPatch{Hidden: new(false)},
			func(s string) string { return strings.ReplaceAll(s, " hidden='true'", "") }, nil,
		},
		{
			"hidden already", "Gebiet",
			tds.ColumnPatch{Hidden: new(true)},
			func(s string) string { // a copy that is not hidden equals nothing, or the new value
				return s
			}, nil,
		},
		{
			"an aggregation", "Profit Ratio",
			tds.ColumnPatch{Aggregation: new("Avg")},
			func(s string) string {
				return strings.ReplaceAll(s, "<column caption='Profit Ratio'", "<column aggregation='Avg' caption='Profit Ratio'")
			}, nil,
		},
		{
			"a description in the place of a formatted one", "Profit Ratio",
			tds.ColumnPatch{Description: new("a < b\nc")},
			func(s string) string {
				return strings.Replace(s, desc, strings.Replace(desc, `
            <run bold='true'>Gain</run>
            <run> per sale</run>`, `
            <run>a &lt; b&#10;c</run>`, 1), 1)
			}, nil,
		},
		{
			"no description", "Profit Ratio",
			tds.ColumnPatch{Description: new("")},
			func(s string) string { return strings.Replace(s, desc, "", 1) }, nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := c.want(book)
			if c.name == "an aggregation" { // the copy in the view Old has none either
				want = strings.Replace(want, "<column caption='Ratio'", "<column aggregation='Avg' caption='Ratio'", 1)
			}
			f := doctest.Edited(t, book, updateColumn(c.field, c.patch), want)
			noted(t, f, c.notes...)
		})
	}
}

// TestUpdateColumnDescription adds a description at its place among the children of a
// column, and changes one without losing its formatting.
func TestUpdateColumnDescription(t *testing.T) {
	t.Parallel()
	const in = `<datasource formatted-name='n'>
  <column datatype='string' name='[a]' role='dimension' type='nominal'>
    <aliases>
      <alias key='1' value='x' />
    </aliases>
    <members />
  </column>
</datasource>`
	edit := func(f *documents.File) error {
		return first(f).UpdateColumn("a", tds.ColumnPatch{Description: new("About a")})
	}
	doctest.Edited(t, in, edit, doctest.Replace(t, in, "    <members />", `    <desc>
      <formatted-text>
        <run>About a</run>
      </formatted-text>
    </desc>
    <members />`))
	const bold = `<datasource formatted-name='n'><column name='[a]'><desc><formatted-text><run bold='true'><![CDATA[<b>]]></run></formatted-text></desc></column></datasource>`
	doctest.Edited(t, bold, edit, doctest.Replace(t, bold, "<![CDATA[<b>]]>", "<![CDATA[About a]]>"))
}

// TestUpdateColumnCreates makes the column of a field that only has metadata, at its place
// and as Tableau writes it; its copies follow.
func TestUpdateColumnCreates(t *testing.T) {
	t.Parallel()
	want := doctest.Replace(t, book, "      <column-instance column='[Calculation_1]' derivation='User' name='[usr:Calculation_1:qk]' pivot='key' type='quantitative' />\n      <folders", `      <column caption='Umsatz' datatype='real' name='[Sales]' role='measure' type='quantitative' />
      <column-instance column='[Calculation_1]' derivation='User' name='[usr:Calculation_1:qk]' pivot='key' type='quantitative' />
      <folders`, "            <column datatype='real' name='[Sales]'", "            <column caption='Umsatz' datatype='real' name='[Sales]'")
	doctest.Edited(t, book, orders(func(ds *tds.Datasource) error { // found by its old name a second time
		return ds.UpdateColumn("[Sales]", tds.ColumnPatch{Caption: new("Umsatz")})
	}), want)
}

// TestUpdateColumnHidden gives a field that its metadata hides a column, which hides it, too.
func TestUpdateColumnHidden(t *testing.T) {
	t.Parallel()
	const in = `<datasource formatted-name='n'><connection class='federated'><metadata-records><metadata-record class='column'><local-name>[id]</local-name><hidden>true</hidden><local-type>integer</local-type></metadata-record></metadata-records></connection></datasource>`
	update := func(p tds.ColumnPatch) func(*documents.File) error {
		return func(f *documents.File) error { return first(f).UpdateColumn("[id]", p) }
	}
	column := func(attrs string) string {
		return doctest.Replace(t, in, "</connection>", "</connection><column"+attrs+" name='[id]' role='measure' type='quantitative' />")
	}
	doctest.Edited(t, in, update(tds.ColumnPatch{Caption: new("Key")}), column(" caption='Key' datatype='integer' hidden='true'"))
	doctest.Edited(t, in, update(tds.ColumnPatch{Hidden: new(false)}), column(" datatype='integer'"))
}

func TestUpdateColumnAliases(t *testing.T) {
	t.Parallel()
	patch := func(aliases ...tds.Alias) func(*documents.File) error {
		return updateColumn("Region", tds.ColumnPatch{Aliases: aliases})
	}
	const both = "<alias key='&quot;b 50\\%&quot;' value='Both' />"
	t.Run("changed, and left alone in a copy that drifted", func(t *testing.T) {
		t.Parallel()
		want := doctest.Replace(t, strings.ReplaceAll(book, "'North'", "'Nord'"), "value='South'", "value='S'",
			"      <column caption='Profit Ratio' datatype='real' default-format='p0%' name='[Calculation_1]' role='measure' type='quantitative'>\n        <calc",
			"      <aliases enabled='yes' />\n      <column caption='Profit Ratio' datatype='real' default-format='p0%' name='[Calculation_1]' role='measure' type='quantitative'>\n        <calc")
		f := doctest.Edited(t, book, patch(tds.Alias{Member: tds.String("a"), Text: "Nord"}, tds.Alias{Member: tds.String("c"), Text: "S"}), want)
		noted(t, f, `the alias of c of this copy stays "Süden": it was not that of the data source`)
	})
	t.Run("added in the order of keys, and to the copies without", func(t *testing.T) {
		t.Parallel()
		const before = `<datasource formatted-name='n'>
  <aliases enabled='yes' />
  <column datatype='string' name='[a]'>
    <aliases>
      <alias key='&quot;a&quot;' value='A' />
      <alias key='&quot;c&quot;' value='C' />
    </aliases>
  </column>
  <column datatype='string' name='[b]'>
    <desc />
  </column>
  <datasource-dependencies datasource='n'>
    <column datatype='string' name='[a]' />
  </datasource-dependencies>
</datasource>`
		set := func(f *documents.File) error {
			p := tds.ColumnPatch{Aliases: []tds.Alias{{Member: tds.String("b 50%"), Text: "Both"}}}
			return errors.Join(first(f).UpdateColumn("a", p), first(f).UpdateColumn("b", p))
		}
		doctest.Edited(t, before, set, doctest.Replace(t, before, "      <alias key='&quot;c", "      "+both+"\n      <alias key='&quot;c",
			"    <desc />", "    <aliases>\n      "+both+"\n    </aliases>\n    <desc />",
			"    <column datatype='string' name='[a]' />", "    <column datatype='string' name='[a]'>\n      <aliases>\n        "+both+"\n      </aliases>\n    </column>"))
	})
	t.Run("taken away", func(t *testing.T) {
		t.Parallel()
		want := strings.ReplaceAll(book, "\n                <alias key='&quot;a&quot;' value='North' />", "")
		want = strings.ReplaceAll(want, "\n          <alias key='&quot;a&quot;' value='North' />", "")
		doctest.Edited(t, book, patch(tds.Alias{Member: tds.String("a")}), want)
	})
	const in = `<datasource formatted-name='n'>
  <aliases enabled='no' />
  <column datatype='real' name='[a]'>
    <aliases>
      <alias key='3.' value='three' />
    </aliases>
  </column>
</datasource>`
	t.Run("of a number written otherwise, the last one", func(t *testing.T) {
		t.Parallel()
		set := func(text string) func(*documents.File) error {
			return func(f *documents.File) error {
				return first(f).UpdateColumn("a", tds.ColumnPatch{Aliases: []tds.Alias{{Member: tds.Integer(3), Text: text}}})
			}
		}
		f := doctest.Edited(t, in, set("drei"), doctest.Replace(t, in, "'three'", "'drei'"))
		noted(t, f, `aliases are switched off in data source "n"`)
		doctest.Edited(t, in, set(""), doctest.Replace(t, in, `
    <aliases>
      <alias key='3.' value='three' />
    </aliases>`, ""))
	})
}

func TestUpdateColumnRefused(t *testing.T) {
	t.Parallel()
	doctest.Refused(t, book, updateColumn("Nowhere", tds.ColumnPatch{Caption: new("x")}), `field "Nowhere" of data source "Orders": no field "Nowhere"`, "Profit Ratio", "Sales")
	doctest.Refused(t, book, updateColumn("Sales", tds.ColumnPatch{Caption: new("x"), Aggregation: new("sum")}), `no aggregation "sum"`, "Sum, Avg")
	doctest.Refused(t, book, updateColumn("Sales", tds.ColumnPatch{Caption: new("x"), Aliases: []tds.Alias{{Member: tds.String("a"), Text: "b"}}}), `alias "b"`, "the datatype is real")
	doctest.Refused(t, book, updateColumn("Sales", tds.ColumnPatch{Caption: new("x\x00")}), "caption")
	doctest.Refused(t, book, updateColumn("[Gebiet]", tds.ColumnPatch{Hidden: new(true)}), `no field "[Gebiet]"`, `(brackets mean the internal name, and there is a field that is shown as "Gebiet")`)
	for aggregation, fields := range map[string]map[string]string{
		"Sum":  {"Region": "is for numbers, the datatype is string"},
		"Year": {"Region": "is for dates, the datatype is string", "Sales": "is for dates, the datatype is real"},
	} {
		for field, want := range fields {
			doctest.Refused(t, book, updateColumn(field, tds.ColumnPatch{Aggregation: new(aggregation)}), want)
		}
	}
}

// TestUpdateColumnTwins refuses a caption that another field is shown as, and leaves those
// that are there already.
func TestUpdateColumnTwins(t *testing.T) {
	t.Parallel()
	caption := func(field, to string) func(*documents.File) error {
		return updateColumn(field, tds.ColumnPatch{Caption: new(to)})
	}
	doctest.Refused(t, book, caption("Sales", "Profit"), `field "Sales" of data source "Orders": the field [Profit] is shown as "Profit" already`)
	doctest.Refused(t, book, caption("Sales", "Gebiet"), `the field [Region] is shown as "Gebiet" already`)
	doctest.Edited(t, book, caption("[Sales]", "Sales"), doctest.Replace(t, book,
		"      <column-instance column='[Calculation_1]' derivation='User' name='[usr:Calculation_1:qk]' pivot='key' type='quantitative' />\n      <folders",
		"      <column caption='Sales' datatype='real' name='[Sales]' role='measure' type='quantitative' />\n      <column-instance column='[Calculation_1]' derivation='User' name='[usr:Calculation_1:qk]' pivot='key' type='quantitative' />\n      <folders",
		"            <column datatype='real' name='[Sales]'", "            <column caption='Sales' datatype='real' name='[Sales]'"))
	const twins = `<datasource formatted-name='Orders'><column caption='A' name='[1]' /><column caption='A' name='[2]' /><column caption='B' name='[A]' /><column caption='C' datatype='table' name='[t]' /></datasource>`
	doctest.Edited(t, twins, caption("[1]", "A"), twins)
	doctest.Refused(t, twins, caption("[A]", ""), `the field [1] is shown as "A" already`)
	doctest.Edited(t, twins, caption("[1]", "C"), doctest.Replace(t, twins, "caption='A' name='[1]'", "caption='C' name='[1]'")) // a table's count of rows
}

// TestUpdateColumnHides tells which views a hidden field is missed in: those that show it,
// not those in which only a formula uses it.
func TestUpdateColumnHides(t *testing.T) {
	t.Parallel()
	hide := func(field string, hidden bool) func(*documents.File) error {
		return updateColumn(field, tds.ColumnPatch{Hidden: new(hidden)})
	}
	f := doctest.Open(t, book)
	for _, field := range []string{"Profit Ratio", "Profit Ratio", "[Sales]"} {
		if err := hide(field, true)(f); err != nil {
			t.Fatal(err)
		}
	}
	noted(t, f, `Profit Ratio is hidden, and used by worksheet "Map"`)
	if err := hide("Profit Ratio", false)(f); err != nil {
		t.Fatal(err)
	}
	noted(t, f)
}
