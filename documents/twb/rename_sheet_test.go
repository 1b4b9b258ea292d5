package twb_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func renameView(name, newName string) func(*documents.File) error {
	return func(f *documents.File) error {
		wb, ok := f.Workbook()
		if !ok {
			return fmt.Errorf("a %s is no workbook", f.Kind())
		}
		return wb.RenameView(name, newName)
	}
}

// book is a workbook that names a worksheet, a dashboard and a story everywhere where files
// do, given their names in attributes, in lists of actions and in links; and has what only
// reads like them.
func book(sheet, board, story, link string) string {
	s := strings.NewReplacer("{S}", sheet, "{D}", board, "{T}", story, "{L}", link)
	return s.Replace(`<workbook>
  <datasources>
    <datasource caption='Map' name='Map'>
      <column caption='Map' name='[Map]' user:unnamed='Map' />
      <group name='[Action (Map)]' name-style='unqualified' user:auto-column='sheet_link' xmlns:user='http://www.tableausoftware.com/xml/user' />
    </datasource>
  </datasources>
  <actions>
    <action caption='Map' name='[Action1]'>
      <source dashboard='{D}' type='sheet' worksheet='{S}' />
      <link caption='Map' delimiter=',' escape='\' expression='tsl:{L}?%5BMap%5D.%5BMap%5D~s0=&lt;[Map].[Map]~na&gt;' url-escape='true' />
      <command command='tsc:tsl-filter'>
        <param name='exclude' value='Total,{S},Map 2' />
        <param name='target' value='{D}' />
      </command>
    </action>
    <action caption='Highlight' name='[Action2]'>
      <source dashboard='{D}' type='sheet'>
        <exclude-sheet name='{S}' />
        <exclude-sheet name='Total' />
      </source>
      <command command='tsc:brush'>
        <param name='exclude' value='{S}' />
        <param name='field-captions' value='Map' />
        <param name='target' value='{S}' />
      </command>
    </action>
    <action caption='Page' name='[Action3]'>
      <source type='sheet' worksheet='{S}' />
      <link caption='Map' expression='https://tableau.example.com/views/Book/Map?Map=Map' />
    </action>
    <nav-action caption='Go to Map' name='[Action4]'>
      <source dashboard='{D}' type='sheet' worksheet='{S}' />
      <params>
        <param name='sheet' value='{D}' />
      </params>
    </nav-action>
    <edit-parameter-action caption='Map' name='[Action5]'>
      <source dashboard='{D}' type='sheet' worksheet='{S}' />
      <params>
        <param name='source-field' value='Map' />
        <param name='target-parameter' value='Map' />
      </params>
    </edit-parameter-action>
  </actions>
  <worksheets>
    <worksheet name='{S}'>
      <layout-options><title><formatted-text><run>Map</run><run>&lt;Sheet Name&gt;</run></formatted-text></title></layout-options>
      <repository-location id='Map' path='/workbooks/Book' revision='' />
    </worksheet>
    <worksheet name='Map 2'>
      <panes><pane>
        <customized-tooltip>
          <formatted-text>
            <run>Map</run>
            <run bold='true'><![CDATA[A: <Sheet name="{S}" maxwidth="300" filter="<All Fields>"> B: <Sheet name="Total"> C: <Sheet maxwidth="3" name="{S}">]]></run>
            <run>&lt;Sheet name=&quot;Map 2&quot;&gt;</run>
          </formatted-text>
        </customized-tooltip>
        <customized-label><formatted-text><run>&lt;Sheet name=&quot;Map&quot;&gt;</run></formatted-text></customized-label>
      </pane></panes>
    </worksheet>
    <worksheet name='Total' />
  </worksheets>
  <dashboards>
    <dashboard name='{D}'>
      <zones>
        <zone h='1' id='1' type-v2='layout-basic' name='Map'>
          <zone id='2' name='{S}' />
          <zone id='3' name='{S}' param='[Map].[Map]' type-v2='filter' />
          <zone id='4' name='{S}' param='[Map].[Map]' type='color' />
          <zone _.fcp.SetMembershipControl.false...type='size' _.fcp.SetMembershipControl.true...type-v2='size' id='5' name='{S}' />
          <zone friendly-name='Map' id='6' name='Total' />
          <zone id='7' name='Map' type-v2='text'><formatted-text><run>Map</run></formatted-text></zone>
          <zone _.fcp.SetMembershipControl.false...type='bitmap' _.fcp.SetMembershipControl.true...type-v2='bitmap' id='8' name='Map' param='Image/Map' />
          <zone id='9' type-v2='dashboard-object'><button action='tabdoc:goto-sheet window-id=&quot;{B7}&quot;' /></zone>
          <zone id='10' type-v2='add-in'><add-in><instance-settings><setting key='sheet' value='Map' /></instance-settings><type-settings><dashboard /></type-settings></add-in></zone>
        </zone>
      </zones>
      <devicelayouts>
        <devicelayout name='Phone'><zones><zone id='2' name='{S}' /></zones></devicelayout>
      </devicelayouts>
    </dashboard>
    <dashboard name='{T}' type='storyboard'>
      <zones>
        <zone id='1' type-v2='flipboard'>
          <flipboard>
            <story-points>
              <story-point caption='Map' captured-sheet='{S}' current-sheet='{S}' id='1'>
                <capturedDeltas><worksheet name='{S}' /></capturedDeltas>
              </story-point>
              <story-point captured-sheet='{D}' id='2'>
                <currentDeltas><worksheet name='{S}' /><dashboard name='{D}' /></currentDeltas>
              </story-point>
            </story-points>
          </flipboard>
        </zone>
      </zones>
    </dashboard>
  </dashboards>
  <windows>
    <window class='schema' name='Data' />
    <window class='worksheet' name='{S}'><viewpoint /><simple-id uuid='{A1}' /></window>
    <window class='dashboard' name='{D}'>
      <viewpoints><viewpoint name='{S}' /><viewpoint name='Map 2' /></viewpoints>
    </window>
    <window class='dashboard' name='{T}'><viewpoints><viewpoint name='{D}' /></viewpoints></window>
  </windows>
  <thumbnails>
    <thumbnail height='1' name='{S}' width='1'>aa</thumbnail>
    <thumbnail height='1' name='{D}' width='1'>aa</thumbnail>
    <thumbnail height='1' name='{T}' width='1'>aa</thumbnail>
  </thumbnails>
</workbook>
`)
}

// TestRenameView renames each kind of sheet everywhere, and nothing else.
func TestRenameView(t *testing.T) {
	t.Parallel()
	in := book("Map", "Sales", "Tale", "Sales")
	for _, c := range []struct{ name, from, to, want string }{
		{"a worksheet", "Map", "Carte du Zoë", book("Carte du Zoë", "Sales", "Tale", "Sales")},
		{"a dashboard", "Sales", "Zoë: 50% + x?", book("Map", "Zoë: 50% + x?", "Tale", "Zo%C3%AB%3A%2050%25%20%2B%20x%3F")},
		{"a dashboard with a comma, which no list has", "Sales", "a, b", book("Map", "a, b", "Tale", "a%2C%20b")},
		{"a story", "Tale", "Sage", book("Map", "Sales", "Sage", "Sales")},
		{"in another case", "Map", "MAP", book("MAP", "Sales", "Tale", "Sales")},
		{"as it is called", "Map", "Map", in},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := doctest.Edited(t, in, renameView(c.from, c.to), c.want)
			wb, _ := f.Workbook()
			if v, err := wb.View(c.to); err != nil || v.Name != c.to {
				t.Errorf("reads as %v, %v", v, err)
			}
			for n := range f.Notes() { // of the second time
				if c.from == c.to || !strings.HasPrefix(n.Text, fmt.Sprintf("there is no view %q; ", c.from)) {
					t.Errorf("noted: %s", n)
				}
			}
		})
	}
}

// TestRenameViewEscapes: names are escaped where they stand, and read back.
func TestRenameViewEscapes(t *testing.T) {
	t.Parallel()
	in := strings.Replace(book("Map", "Sales", "Tale", "Sales"), `<run>&lt;Sheet name=&quot;Map 2&quot;&gt;</run>`, `<run>&lt;Sheet name=&quot;Map&quot;&gt;</run>`, 1)
	const name, written = `R&D 'x' [1]`, `R&amp;D &apos;x&apos; [1]`
	want := strings.NewReplacer(`<Sheet name="`+written, `<Sheet name="`+name, `name="`+written+`">]]>`, `name="`+name+`">]]>`).
		Replace(strings.Replace(book(written, "Sales", "Tale", "Sales"), `<run>&lt;Sheet name=&quot;Map 2&quot;&gt;</run>`, `<run>&lt;Sheet name=&quot;`+written+`&quot;&gt;</run>`, 1))
	f := doctest.Edited(t, in, renameView("Map", name), want)
	if err := renameView(name, "Map")(f); err != nil {
		t.Fatal(err)
	}
	if got := doctest.Written(t, f); got != in {
		t.Errorf("renamed back (-want +got):\n%s", cmp.Diff(in, got))
	}
}

// TestRenameViewOfOtherForms renames in files that old versions and other programs wrote.
func TestRenameViewOfOtherForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{
			"a hidden worksheet, and a story of its own kind", `<workbook><worksheets><worksheet name='A' /></worksheets><stories><story name='S'><story-point captured-sheet='A' /></story></stories><windows><window class='hidden-worksheet' name='A' /></windows></workbook>`,
			`<workbook><worksheets><worksheet name='B' /></worksheets><stories><story name='S'><story-point captured-sheet='B' /></story></stories><windows><window class='hidden-worksheet' name='B' /></windows></workbook>`,
		},
		{
			"no windows", `<workbook><worksheets><worksheet name='A' /></worksheets></workbook>`,
			`<workbook><worksheets><worksheet name='B' /></worksheets></workbook>`,
		},
		{
			"a link without fields, one that cannot be read, and a schema", `<workbook><actions><action><link expression='tsl:A' /><link expression='tsl:%zz?' /><link expression='tsl:A%202?' /></action></actions><worksheets><worksheet name='A' /></worksheets><windows><window class='schema' name='A' /></windows></workbook>`,
			`<workbook><actions><action><link expression='tsl:B' /><link expression='tsl:%zz?' /><link expression='tsl:A%202?' /></action></actions><worksheets><worksheet name='B' /></worksheets><windows><window class='schema' name='A' /></windows></workbook>`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Edited(t, c.in, renameView("A", "B"), c.want)
		})
	}
}

func TestRenameViewRefused(t *testing.T) {
	t.Parallel()
	in := book("Map", "Sales", "Tale", "Sales")
	for _, c := range []struct {
		from, to string
		words    string
	}{
		{"Map", "", `renaming view "Map": "" cannot be the name of a sheet`},
		{"Map", "  ", "cannot be the name"},
		{"Map", "a\nb", "cannot be the name"},
		{"Map", "\uFFFE", "character"},
		{"Map", "Sales", `there is a dashboard "Sales"`},
		{"Map", "sALES", `there is a dashboard "Sales"`},
		{"Sales", "Tale", `there is a story "Tale"`},
		{"Mop", "Mip", `no view "Mop"; there are: worksheet "Map", dashboard "Sales", story "Tale", worksheet "Map 2", worksheet "Total"`},
		{"Map", "a, b", `/workbook/actions/action[@name='[Action1]']/command/param[@name='exclude']: the sheets "Total,Map,Map 2" are listed there with commas between them, and "a, b" has a comma`},
		{"Map", `a\b`, "are listed there"},
		{"Map", `5" x`, "/workbook/worksheets/worksheet[@name='Map 2']/panes/pane/customized-tooltip/formatted-text/run[2]: the tooltip shows the sheet"},
	} {
		doctest.Refused(t, in, renameView(c.from, c.to), c.words)
	}
	for _, c := range []struct{ name, in, from, words string }{
		{
			"two sheets of one name", `<workbook><worksheets><worksheet name='A' /></worksheets><dashboards><dashboard name='A' /></dashboards></workbook>`,
			"A", `2 matches for view "A": worksheet "A", dashboard "A"`,
		},
		{
			"a window that is nobody's", `<workbook><worksheets><worksheet name='A' /></worksheets><windows><window class='worksheet' name='B' /></windows></workbook>`,
			"A", `there is a window of a sheet "B", which is not there itself`,
		},
		{
			"a list that can be read in two ways", `<workbook><actions><action><command><param name='exclude' value='A, B,C' /></command></action></actions><worksheets><worksheet name='A' /><worksheet name='A, B' /></worksheets></workbook>`,
			"A", `"A, B" has a comma`,
		},
		{
			"a name with a comma, in whatever form", `<workbook><actions><action><command><param name='exclude' value='C,A\, B' /></command></action></actions><worksheets><worksheet name='A, B' /></worksheets></workbook>`,
			"A, B", `"A, B" has a comma`,
		},
		{
			"a tooltip that may mean the sheet", `<workbook><worksheets><worksheet name='A"B'><customized-tooltip><formatted-text><run>&lt;Sheet name="A\"B"&gt;</run></formatted-text></customized-tooltip></worksheet></worksheets></workbook>`,
			`A"B`, `the tooltip shows a sheet "A\\" that is not there`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, c.in, renameView(c.from, "B"), c.words)
		})
	}
	err := renameView("Mop", "Mip")(doctest.Open(t, in))
	if !errors.Is(err, tds.ErrNotFound) {
		t.Errorf("not found: %v", err)
	}
}

// TestRenameViewRevives: what named a sheet that was not there names one now, which people
// should know.
func TestRenameViewRevives(t *testing.T) {
	t.Parallel()
	const in = `<workbook><worksheets><worksheet name='A' /></worksheets><dashboards><dashboard name='D'><zones><zone name='B' /></zones></dashboard></dashboards></workbook>`
	f := doctest.Open(t, in)
	if err := renameView("A", "B")(f); err != nil {
		t.Fatal(err)
	}
	var got []string
	for n := range f.Notes() {
		got = append(got, n.Path+": "+n.Text)
	}
	want := []string{`/workbook/dashboards/dashboard/zones/zone: it named a sheet "B" that was not there; now it is the one that was called "A"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// TestRenameViewTwoRules is case 83: rules that give one sheet two names contradict each
// other whatever they call it, and so does one that gives its old name to another sheet.
// Rules about different sheets add up, also where both stand in one list.
func TestRenameViewTwoRules(t *testing.T) {
	t.Parallel()
	type rule struct{ name, to string }
	for _, c := range []struct {
		first, second rule
		conflict      bool
	}{
		{rule{"Map", "A"}, rule{"Map", "B"}, true},
		{rule{"Map", "A"}, rule{"A", "B"}, true},
		{rule{"Map", "Map"}, rule{"Map", "B"}, true},
		{rule{"Map", "A"}, rule{"Total", "Map"}, true},
		{rule{"Map", "A"}, rule{"Map", "A"}, false},
		{rule{"Map", "A"}, rule{"Total", "B"}, false},
		{rule{"Map", "A"}, rule{"Sales", "B"}, false},
	} {
		f := doctest.Open(t, book("Map", "Sales", "Tale", "Sales"))
		if err := f.Atomically("first", func() error { return renameView(c.first.name, c.first.to)(f) }); err != nil {
			t.Fatal(err)
		}
		before := doctest.Written(t, f)
		err := f.Atomically("second", func() error { return renameView(c.second.name, c.second.to)(f) })
		var conflict *documents.ConflictError
		switch {
		case c.conflict && (!errors.As(err, &conflict) || conflict.First != "first" || conflict.Second != "second"):
			t.Errorf("%v then %v: %v", c.first, c.second, err)
		case c.conflict && doctest.Written(t, f) != before:
			t.Errorf("%v then %v: changed", c.first, c.second)
		case !c.conflict && err != nil:
			t.Errorf("%v then %v: %v", c.first, c.second, err)
		}
	}
}
