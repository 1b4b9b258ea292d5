package twb_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// worded is a workbook with every kind of text, and the same word where it is none.
const worded = `<workbook>
  <datasources>
    <datasource name='Parameters'>
      <column alias='Region' caption='Region' datatype='string' name='[Region]' param-domain-type='list' value='&quot;Region&quot;'>
        <calculation class='tableau' formula='&quot;Region&quot;' />
        <aliases><alias key='&quot;Region&quot;' value='Region' /></aliases>
        <desc><formatted-text><run>Region</run></formatted-text></desc>
        <members><member alias='Region' value='&quot;Region&quot;' /><member value='&quot;Land&quot;' /></members>
      </column>
    </datasource>
    <datasource caption='Region' name='federated.a'>
      <connection class='federated'>
        <relation name='Region' table='[Region]' type='table' />
        <metadata-records>
          <metadata-record class='column'><remote-name>Region</remote-name><local-name>[Region]</local-name><local-type>string</local-type></metadata-record>
        </metadata-records>
      </connection>
      <column caption='Region' name='[r]' folder-name='Region'>
        <calculation class='tableau' formula='[Region] + &quot;Region&quot; + [Parameters].[Region]' />
        <aliases><alias key='&quot;Region&quot;' value='Region' /></aliases>
        <desc><formatted-text><run>Region</run></formatted-text></desc>
      </column>
      <group name='[Action (Region)]' caption='Region' hidden='true' />
      <group name='[Set]' caption='Regions'><desc><formatted-text><run>Region</run></formatted-text></desc></group>
      <drill-paths><drill-path name='Region'><field>[Region]</field></drill-path></drill-paths>
      <folders-common><folder name='Region'><folder-item name='[Region]' type='field' /></folder></folders-common>
      <datasource-dependencies datasource='Parameters'>
        <column alias='Region' caption='Region' name='[Region]' value='&quot;Region&quot;'><aliases><alias key='&quot;Region&quot;' value='Region' /></aliases></column>
      </datasource-dependencies>
      <object-graph><objects><object caption='Region' id='Region'><table-description><formatted-text><run>Region</run></formatted-text></table-description></object></objects></object-graph>
    </datasource>
  </datasources>
  <actions>
    <action caption='Region' name='[Action1]'><link caption='Region' expression='http://x/?Region=&lt;[Region]&gt;' /><command command='tsc:brush'><param name='target' value='Region' /></command></action>
    <datasources><datasource caption='Region' name='federated.a' /></datasources>
  </actions>
  <worksheets>
    <worksheet name='Region'>
      <layout-options>
        <title><formatted-text><run>Region</run></formatted-text></title>
        <caption><formatted-text><run>Region</run></formatted-text></caption>
        <alt-text><formatted-text><run>Region</run></formatted-text></alt-text>
        <filter-alt-text><filter field='[Region]' alt-text='Region' /></filter-alt-text>
      </layout-options>
      <table>
        <view>
          <datasources><datasource caption='Region' name='federated.a' /><datasource name='Parameters' /></datasources>
          <datasource-dependencies datasource='Parameters'>
            <column alias='Region' caption='Region' name='[Region]' value='&quot;Region&quot;'><desc><formatted-text><run>Region</run></formatted-text></desc></column>
          </datasource-dependencies>
          <datasource-dependencies datasource='federated.a'>
            <column caption='Region' name='[r]'><aliases><alias key='&quot;Region&quot;' value='Region' /></aliases><desc><formatted-text><run>Region</run></formatted-text></desc></column>
            <column name='[Region]' />
          </datasource-dependencies>
          <filter class='categorical' column='[federated.a].[none:Region:nk]'><groupfilter function='member' level='[none:Region:nk]' member='&quot;Region&quot;' /></filter>
        </view>
        <style>
          <style-rule element='axis'><format attr='title' class='0' field='[federated.a].[none:Region:nk]' scope='rows' value='Region' /><format attr='subtitle' value='Region' /><format attr='font-family' value='Region' /></style-rule>
          <style-rule element='quick-filter'><format attr='title' value='Region'><formatted-text><run>Region</run></formatted-text></format></style-rule>
        </style>
        <panes>
          <pane title='Region'>
            <customized-tooltip><formatted-text><run>Region</run></formatted-text></customized-tooltip>
            <customized-label><formatted-text><run>Region</run></formatted-text></customized-label>
            <reference-line label='Region' tooltip='Region &lt;Value&gt;' value-column='[federated.a].[Region]' />
          </pane>
        </panes>
        <annotations><annotation><formatted-text><run>Region</run></formatted-text></annotation></annotations>
      </table>
    </worksheet>
  </worksheets>
  <dashboards>
    <dashboard name='D'>
      <layout-options><title><formatted-text><run>Region</run></formatted-text></title></layout-options>
      <zones>
        <zone id='1' name='Region' alt-text='Region' />
        <zone id='2' type-v2='text'><formatted-text><run>Region</run></formatted-text></zone>
        <zone id='3' type-v2='paramctrl' custom-title='true' param='[Parameters].[Region]'><formatted-text><run>Region</run></formatted-text></zone>
        <zone id='4' type-v2='dashboard-object'><button action='tabdoc:goto-sheet window-id="{Region}"'><button-visual-state><caption>Region</caption><image-path>Image/Region</image-path><tooltip-text>Region</tooltip-text></button-visual-state></button></zone>
      </zones>
      <devicelayouts><devicelayout name='Phone'><zones><zone id='2' type-v2='text'><formatted-text><run>Region</run></formatted-text></zone></zones></devicelayout></devicelayouts>
    </dashboard>
    <dashboard name='S' type='storyboard'>
      <zones><zone><flipboard><story-points><story-point caption='Region' captured-sheet='Region'>
        <deltas><datasource name='Parameters'><column alias='Region' name='[Region]' value='&quot;Region&quot;' /></datasource></deltas>
      </story-point></story-points></flipboard></zone></zones>
    </dashboard>
  </dashboards>
  <windows><window class='worksheet' name='Region' /></windows>
</workbook>
`

func translate(t tds.Translation) func(*documents.File) error {
	return func(f *documents.File) error {
		_, err := f.Translate(t)
		return err
	}
}

// TestTranslateEveryKind is case 72: each kind of text is translated where it stands, with
// its copies, and no name, member, formula or reference is. Texts of all kinds read Region.
func TestTranslateEveryKind(t *testing.T) {
	t.Parallel()
	texts, err := doctest.Open(t, worded).Texts(tds.TextSelection{})
	if err != nil {
		t.Fatal(err)
	}
	listed := map[tds.TextKind]int{}
	for _, text := range texts {
		if strings.Contains(text.Text, "Region") {
			listed[text.Kind]++
		}
	}
	// What of each kind reads, in the document, and how often; all of it is listed.
	changes := map[tds.TextKind][]string{
		tds.CaptionTexts:     {"@caption x2", "@caption"}, // the field and its copy, the set
		tds.AliasTexts:       {"alias/@value x2"},
		tds.ParameterTexts:   {"@caption x3"},
		tds.DisplayNameTexts: {"@alias x4", "alias/@value x2", "member/@alias"}, // in the story, too
		tds.DatasourceTexts:  {"@caption x3"},
		tds.FolderTexts:      {"@name x2", "@folder-name"},
		tds.DescriptionTexts: {"text x6"},
		tds.TitleTexts:       {"text x5", "@value x3", "@title"},
		tds.TooltipTexts:     {"text x2", "@tooltip"},
		tds.LabelTexts:       {"text x2", "@label"},
		tds.ZoneTexts:        {"text x3"},
		tds.StoryTexts:       {"@caption"},
		tds.ActionTexts:      {"@caption x2"},
		tds.AltTexts:         {"text", "@alt-text x2"},
	}
	want := map[tds.TextKind]map[string]int{}
	for kind, all := range changes {
		want[kind] = map[string]int{}
		for _, c := range all {
			what, times, ok := strings.Cut(c, " x")
			n := 1
			if ok {
				fmt.Sscan(times, &n)
			}
			want[kind][what] += n
		}
	}
	for _, kind := range tds.TextKinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			f := doctest.Open(t, worded)
			words := map[string]string{"Region": "Gebiet", "Regions": "Gebiete", "Region <Value>": "Gebiet <Value>"}
			n, err := f.Translate(tds.Translation{Strings: words, TextSelection: tds.TextSelection{Only: []tds.TextKind{kind}}})
			if err != nil || n != listed[kind] {
				t.Fatalf("%d of %d texts translated: %v", n, listed[kind], err)
			}
			got := map[string]int{}
			for c := range f.Changes() {
				path := c.Path[strings.LastIndex(c.Path, "/")+1:]
				switch {
				case strings.HasSuffix(c.Path, "/alias/@value") || strings.Contains(c.Path, "/alias[") && path == "@value":
					path = "alias/@value"
				case strings.Contains(c.Path, "/member") && path == "@alias":
					path = "member/@alias"
				case path == "text()":
					path = "text"
				}
				got[path]++
				if c.New != strings.ReplaceAll(c.Old, "Region", "Gebiet") && c.New != "Gebiete" {
					t.Errorf("%s", c)
				}
			}
			if diff := cmp.Diff(want[kind], got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("all", func(t *testing.T) {
		t.Parallel()
		all := tds.Translation{Strings: map[string]string{"Region": "Gebiet", "Regions": "Gebiete", "Region <Value>": "Gebiet <Value>"}}
		f := doctest.Open(t, worded)
		if err := translate(all)(f); err != nil {
			t.Fatal(err)
		}
		f = doctest.Edited(t, worded, translate(all), doctest.Written(t, f))
		for _, stays := range []string{
			"name='[Region]' param-domain-type='list' value='&quot;Region&quot;'", "formula='[Region] + &quot;Region&quot; + [Parameters].[Region]'",
			"<image-path>Image/Region<", "<relation name='Region' table='[Region]'", "<folder-item name='[Region]'", "<group name='[Action (Region)]' caption='Region'", "<object caption='Region'",
			"<param name='target' value='Region'", "<worksheet name='Region'>", "member='&quot;Region&quot;'", "attr='font-family' value='Region'",
			"<zone id='1' name='Region'", "captured-sheet='Region'", "<window class='worksheet' name='Region'", "<column name='[Region]' />",
		} {
			if !strings.Contains(doctest.Written(t, f), stays) {
				t.Errorf("%s is gone", stays)
			}
		}
		for n := range f.Notes() {
			if n.Text != `fields without a column of their own keep their names: "Region"` {
				t.Errorf("noted: %s", n)
			}
		}
	})
}

// rich is a workbook with a text zone.
func rich(runs string) string {
	return "<workbook><datasources/><dashboards><dashboard name='D'><zones><zone type='text'><formatted-text>" + runs +
		"</formatted-text></zone></zones></dashboard></dashboards></workbook>"
}

// TestRichText is case 73: what the texts of formatted runs are, and what becomes of the
// runs when they are translated.
func TestRichText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		words    map[string]string // all that is listed
		want     string
	}{
		{"one run", "<run>Sales</run>", map[string]string{"Sales": "Umsatz"}, "<run>Umsatz</run>"},
		{"attributes stay", "<run bold='true' fontcolor=\"#fff\">Sales</run>", map[string]string{"Sales": "Umsatz"}, "<run bold='true' fontcolor=\"#fff\">Umsatz</run>"},
		{"CDATA stays", "<run><![CDATA[Sales <[Parameters].[Parameter 1]>]]></run>", map[string]string{"Sales <[Parameters].[Parameter 1]>": "<[Parameters].[Parameter 1]>-Umsatz"}, "<run><![CDATA[<[Parameters].[Parameter 1]>-Umsatz]]></run>"},
		{"marks stay", "<run>Sales</run><run>Æ&#10;</run><run>here</run>", map[string]string{"Sales": "Umsatz", "here": "hier"}, "<run>Umsatz</run><run>Æ&#10;</run><run>hier</run>"},
		{"lines and tabs", "<run>Sales&#10;&#10;Profit:&#9;&lt;[a].[b]&gt; &#10;</run>", map[string]string{"Sales": "Umsatz", "Profit:": "Gewinn:"}, "<run>Umsatz&#10;&#10;Gewinn:&#9;&lt;[a].[b]&gt; &#10;</run>"},
		{"literal line ends", "<run>\r\n  Sales\r\n  Profit </run>", map[string]string{"Sales": "Umsatz", "Profit": "Gewinn"}, "<run>\r\n  Umsatz\r\n  Gewinn </run>"},
		{"formatting inside a line", "<run>All </run><run bold='true'>Sales</run><run> here.</run>", map[string]string{"All ¦Sales¦ here.": "Hier aller ¦Umsatz¦ ."}, "<run>Hier aller </run><run bold='true'>Umsatz</run><run> .</run>"},
		{"a blank that is a run", "<run>Sales</run><run bold='true'>Æ </run><run>in</run>", map[string]string{"Sales¦ ¦in": "Umsatz¦ - ¦aus"}, "<run>Umsatz</run><run bold='true'> - </run><run>aus</run>"},
		{"a run that becomes a blank", "<run>Sales</run><run bold='true'> - </run><run>in</run>", map[string]string{"Sales¦ - ¦in": "Umsatz¦ ¦aus"}, "<run>Umsatz</run><run bold='true'>Æ </run><run>aus</run>"},
		{"formatting of lines", "<run bold='true'>Sales&#10;</run><run>here</run>", map[string]string{"Sales": "Umsatz"}, "<run bold='true'>Umsatz&#10;</run><run>here</run>"},
		{
			"a reference in three runs", "<run a='1'>Sales of </run><run a='1'>&lt;</run><run a='1'>[a].[b]</run><run a='1'>&gt;</run><run a='1'> today&#10;</run>",
			map[string]string{"Sales of <[a].[b]> today": "<[a].[b]>: Umsatz heute"},
			"<run a='1'>&lt;[a].[b]&gt;: Umsatz heute</run><run a='1'>Æ&#10;</run>",
		},
		{"a sheet in a tooltip", "<run>See <![CDATA[<Sheet name=\"Sales > x\" filter=\"<All Fields>\">]]></run>", map[string]string{`See <Sheet name="Sales > x" filter="<All Fields>">`: `<Sheet name="Sales > x" filter="<All Fields>"> ansehen`}, "<run><![CDATA[<Sheet name=\"Sales > x\" filter=\"<All Fields>\"> ansehen]]></run>"},
		{"signs that are no reference", "<run>Press &lt;CTRL&gt; &lt; 5</run>", map[string]string{"Press <CTRL> < 5": "<STRG> drücken <5"}, "<run>&lt;STRG&gt; drücken &lt;5</run>"},
		{"the sign itself", "<run>a ¦ b</run>", map[string]string{"a ¦ b": "c ¦ d"}, "<run>c ¦ d</run>"},
		{"the sign itself, and formatting", "<run>a ¦ b</run><run bold='true'>c</run>", map[string]string{"a ¦ b‖c": "d ¦ e‖f"}, "<run>d ¦ e</run><run bold='true'>f</run>"},
		{"case 82", "<run>Sales</run>", map[string]string{"Sales": `x' onload='y`}, "<run>x&apos; onload=&apos;y</run>"},
		{"case 82 in CDATA", "<run><![CDATA[Sales & more]]></run>", map[string]string{"Sales & more": `]]><a/>`}, "<run><![CDATA[]]]]><![CDATA[><a/>]]></run>"},
		{"case 82, a reference", "<run>Sales</run>", map[string]string{"Sales": `&amp;`}, "<run>&amp;amp;</run>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Edited(t, rich(c.in), translate(tds.Translation{Strings: c.words}), rich(c.want))
		})
	}
	for _, none := range []string{"", "<run>Æ&#10;</run>", "<run> </run>", "<run>●</run>", "<run>$&lt;[a].[b]&gt; &lt;Sheet Name&gt;</run>", "<run>&lt;</run><run>Sheet Name</run><run>&gt;</run>", "<run>¦ ‖</run><run a='1'>x</run>"} {
		if texts, err := doctest.Open(t, rich(none)).Texts(tds.TextSelection{}); len(texts) > 0 || err != nil {
			t.Errorf("%s lists %v (%v)", none, texts, err)
		}
	}
}

// TestRichTextRefused: translations that would lose what the document needs, or would not
// read back as they are written.
func TestRichTextRefused(t *testing.T) {
	t.Parallel()
	const runs = "<run>Sales of <![CDATA[<[a].[b]>]]></run><run bold='true'>now</run>"
	const from = "Sales of <[a].[b]>¦now"
	for to, want := range map[string]string{
		"Umsatz¦jetzt":                        `dashboard "D": "` + from + `" is to be "Umsatz¦jetzt", which has lost <[a].[b]>`,
		"Umsatz <[a].[b]> <[a].[b]>¦jetzt":    "which has one <[a].[b]> too many",
		"Umsatz <[a].[b]> <Sheet Name>¦now":   "which has one <Sheet Name> too many",
		"Umsatz <[a].[c]>¦now":                "which has lost <[a].[b]>",
		"Umsatz <[a].[b]> jetzt":              "which has 0 ¦, not 1: they stand where the formatting changes",
		"Umsatz¦ <[a].[b]>¦ jetzt":            "which has 2 ¦, not 1",
		"Umsatz <[a].[b]>¦":                   "which has nothing beside a ¦",
		"Umsatz\n<[a].[b]>¦now":               "which has a line end or tab",
		"<[a].[b]>¦...":                       "which has no words",
		"":                                    "is to be nothing",
		"Umsatz <[a].[b]>¦now" + "\x00":       "is not allowed in XML 1.0",
		"Umsatz <[a].[b]>¦now" + "\uFFFE":     "is not allowed in XML 1.0",
		"Umsatz <[a].[b]>¦now" + "\xed\xa0":   "is not UTF-8",
		"Umsatz <[a].[b]>¦now ${env('HOME')}": "",
	} {
		words := map[string]string{from: to}
		if want == "" { // text like any other
			doctest.Edited(t, rich(runs), translate(tds.Translation{Strings: words}), rich("<run><![CDATA[Umsatz <[a].[b]>]]></run><run bold='true'>now ${env(&apos;HOME&apos;)}</run>"))
			continue
		}
		doctest.Refused(t, rich(runs), translate(tds.Translation{Strings: words}), want)
	}
	const mixed = "<run>a ¦ b</run><run bold='true'>c</run>"
	doctest.Refused(t, rich(mixed), translate(tds.Translation{Strings: map[string]string{"a ¦ b‖c": "d‖f"}}), "would not be told from those where the formatting changes")
	doctest.Refused(t, worded, translate(tds.Translation{Strings: map[string]string{"x": "y"}}), "no text with a translation", `there are: "Region", "Regions", "Region <Value>"`)
	doctest.Refused(t, worded, translate(tds.Translation{TextSelection: tds.TextSelection{Only: []tds.TextKind{"caption"}}}), `no kind of texts "caption"; there are: captions, aliases`)
}

// TestTranslateByKind: a row for one kind goes before one for all.
func TestTranslateByKind(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, worded)
	err := translate(tds.Translation{
		Strings:       map[string]string{"Region": "Gebiet"},
		ByKind:        map[tds.TextKind]map[string]string{tds.TitleTexts: {"Region": "Raum"}, tds.ZoneTexts: {"Nowhere": "x"}},
		TextSelection: tds.TextSelection{Except: []tds.TextKind{tds.CaptionTexts}},
	})(f)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := f.Texts(tds.TextSelection{Only: []tds.TextKind{tds.TitleTexts, tds.ZoneTexts, tds.CaptionTexts}})
	got := map[string]bool{}
	for _, text := range texts {
		got[string(text.Kind)+" "+text.Text] = true
	}
	if diff := cmp.Diff(map[string]bool{"captions Region": true, "captions Regions": true, "titles Raum": true, "texts Gebiet": true}, got); diff != "" || err != nil {
		t.Errorf("%s (%v)", diff, err)
	}
}

// TestParameterWords: copies that drifted stay with a note, a missing caption stays missing;
// the copies of a published data source and of a data source file follow (case 72, format 12).
func TestParameterWords(t *testing.T) {
	t.Parallel()
	const column = `<column %[1]s datatype='string' name='[Parameter 1]' param-domain-type='list' value='&quot;w&quot;'><aliases><alias key='&quot;w&quot;' value='%[2]s' /></aliases>%[3]s</column>`
	master := func(name, west string) string {
		return fmt.Sprintf(column, "caption='"+name+"'", west, "<members><member alias='"+west+"' value='&quot;w&quot;' /><member alias='East' value='&quot;e&quot;' /></members>")
	}
	copied := func(caption, west string) string { return fmt.Sprintf(column, caption, west, "") }
	nested := func(name string) string {
		return `&quot;&lt;datasource&gt;&#10;&lt;datasource-dependencies datasource=&apos;Parameters&apos;&gt;&lt;column caption=&apos;` + name + `&apos; name=&apos;[Parameter 1]&apos; /&gt;&lt;/datasource-dependencies&gt;&lt;/datasource&gt;&quot;`
	}
	book := func(name, west string) string {
		head, tail, _ := strings.Cut(fmt.Sprintf(everywhere, "§", nested(name)), "§")
		for i, c := range []string{copied("caption='"+name+"'", west), copied("caption='Zone'", "Occident"), copied("", west)} {
			if i == 0 {
				head += master(name, west)
			}
			before, after, _ := strings.Cut(tail, "§")
			head, tail = head+before+c, after
		}
		return head + tail
	}
	words := map[string]string{"Region": "Gebiet", "West": "Westen", "Zone": "Bereich", "Occident": "Abendland"}
	f := doctest.Edited(t, book("Region", "West"), translate(tds.Translation{Strings: words}), book("Gebiet", "Westen"))
	var notes []string
	for n := range f.Notes() {
		notes = append(notes, n.Text)
	}
	slices.Sort(notes)
	if diff := cmp.Diff([]string{
		`the caption of this copy stays "Zone": it was not that of the data source`,
		`the display name "Occident" of this copy stays: the parameter has none like it`,
	}, slices.Compact(notes)); diff != "" {
		t.Error(diff)
	}
	file := func(name, west string) string {
		return `<datasource formatted-name='x'><datasource-dependencies datasource='Parameters'>` + copied("caption='"+name+"'", west) + `</datasource-dependencies></datasource>`
	}
	doctest.Edited(t, file("Region", "West"), translate(tds.Translation{Strings: words}), file("Gebiet", "Westen"))
	doctest.Refused(t, book("Region", "West"), translate(tds.Translation{Strings: map[string]string{"West": "East"}}), `parameter "Region"`, `the values "West" and "East" would both be shown as "East"`)
	doctest.Refused(t, book("Region", "West"), translate(tds.Translation{Strings: map[string]string{"Region": "Other"}}), `the parameters "Region" and "Other" would both be shown as "Other"`)
	doctest.Refused(t, strings.Replace(worded, "<datasource name='Parameters'>", "<datasource caption='Gebiet' name='b'/><datasource name='Parameters'>", 1),
		translate(tds.Translation{Strings: map[string]string{"Region": "Gebiet"}}), `data source "Region": another data source, b, has the caption "Gebiet"`)
}

// TestDescriptionsDrift: the comment on a field is translated in the copies that say the same.
func TestDescriptionsDrift(t *testing.T) {
	t.Parallel()
	book := func(master string, copies ...string) string {
		out := "<workbook><datasources><datasource caption='Orders' name='a'><column name='[x]' caption='X'>" + master + "</column></datasource></datasources><worksheets><worksheet name='W'><table><view>"
		for _, c := range copies {
			out += "<datasource-dependencies datasource='a'><column name='[x]'>" + c + "</column></datasource-dependencies>"
		}
		return out + "</view></table></worksheet></worksheets></workbook>"
	}
	desc := func(runs string) string { return "<desc><formatted-text>" + runs + "</formatted-text></desc>" }
	in := book(desc("<run>Net</run><run b='1'> sales</run>"), desc("<run>Net</run><run b='1'> sales</run>"), "", desc("<run>Net</run><run> sales</run>"), desc("<run>Netto</run><run b='1'>umsatz</run>"))
	want := book(desc("<run>Netto</run><run b='1'>umsatz</run>"), desc("<run>Netto</run><run b='1'>umsatz</run>"), "", desc("<run>Net</run><run> sales</run>"), desc("<run>Netto</run><run b='1'>umsatz</run>"))
	f := doctest.Edited(t, in, translate(tds.Translation{Strings: map[string]string{"Net¦ sales": "Netto¦umsatz"}}), want)
	for n := range f.Notes() {
		if n.Text != `the description of this copy stays "Net sales": it was not that of the data source` {
			t.Error(n)
		}
	}
}

// TestReplaceText is the rest of case 73: a part of what people see, in every kind of it.
func TestReplaceText(t *testing.T) {
	t.Parallel()
	replace := func(from, to string, kinds ...tds.TextKind) func(*documents.File) error {
		return func(f *documents.File) error {
			_, err := f.ReplaceText(tds.TextReplacement{From: from, To: to, TextSelection: tds.TextSelection{Only: kinds}})
			return err
		}
	}
	doctest.Edited(t, rich("<run>{{tenant}}: Sales of {{tenant}}&#10;{{Tenant}}</run><run b='1'>for {{tenant}}</run>"), replace("{{tenant}}", "<A & B>"),
		rich("<run>&lt;A &amp; B&gt;: Sales of &lt;A &amp; B&gt;&#10;{{Tenant}}</run><run b='1'>for &lt;A &amp; B&gt;</run>"))
	doctest.Edited(t, rich("<run>Acme dev and Acme dev Inc</run>"), replace("Acme dev", "Acme dev Inc"), rich("<run>Acme dev Inc and Acme dev Inc</run>"))
	doctest.Edited(t, rich("<run>Acme &lt;[Acme].[x]&gt; &lt;Sheet name=&quot;Acme&quot;&gt;</run>"), replace("Acme", "Globex"), rich("<run>Globex &lt;[Acme].[x]&gt; &lt;Sheet name=&quot;Acme&quot;&gt;</run>"))
	only := doctest.Open(t, worded)
	if err := replace("Region", "Zone", tds.ZoneTexts)(only); err != nil || only.ChangeCount() != 3 {
		t.Errorf("%d changes: %v", only.ChangeCount(), err)
	}
	in := rich("<run>Acme</run>")
	doctest.Refused(t, in, replace("acme", "x"), `replacing text in`, `no text that has "acme"`)
	doctest.Refused(t, in, replace("", "x"), "the text to be replaced is empty")
	doctest.Refused(t, in, replace("Acme", ""), "the new text is empty")
	doctest.Refused(t, in, replace("Acme", "<[Parameters].[Secret]>"), "which has one <[Parameters].[Secret]> too many")
	doctest.Refused(t, in, replace("Acme", "a\nb"), "which has a line end or tab")
	doctest.Refused(t, rich("<run>aab</run>"), replace("ab", "b"), "so that a second time would change it again")
	// What was mistyped must not pass for done because the new text is a part of some word.
	for text, to := range map[string]string{"{{tenat}} Next": "x", "Text {{tenat}}": "ext", "Box2 {{tenat}}": "Box", "Größe {{tenat}}": "Gr"} {
		doctest.Refused(t, rich("<run>"+text+"</run>"), replace("{{tenant}}", to), `no text that has "{{tenant}}"`)
	}
	for text, to := range map[string]string{"Next x": "x", "(Acme)": "Acme", "Acme's": "Acme", "for Acme: Sales": "Acme: ", "Text ext": "ext", "東京支店": "東京", "Acme의": "Acme"} {
		there := rich("<run>" + text + "</run>")
		doctest.Edited(t, there, replace("{{tenant}}", to), there)
	}
	done := doctest.Edited(t, in, replace("{{tenant}}", "Acme"), in)
	for n := range done.Notes() {
		if n.Text != `"{{tenant}}" is in no text: what it was to become is there already` {
			t.Error(n)
		}
	}
}

// TestTextRules: a translation and a replacement are about different parts of a text, as two
// tables are about different lines of one run; who wants another caption contradicts them.
func TestTextRules(t *testing.T) {
	t.Parallel()
	replace := func(f *documents.File) error {
		_, err := f.ReplaceText(tds.TextReplacement{From: "{{tenant}}", To: "Acme"})
		return err
	}
	words := func(from, to string) func(*documents.File) error {
		return translate(tds.Translation{Strings: map[string]string{from: to}})
	}
	caption := func(text string) string {
		return "<workbook><datasources><datasource caption='D' name='d'><column caption='" + text + "' name='[x]' /></datasource></datasources></workbook>"
	}
	for _, c := range []struct {
		in, want string
		rules    []func(*documents.File) error
	}{
		{
			rich("<run>Sales of {{tenant}}&#10;Profit</run>"), rich("<run>Umsatz von Acme&#10;Gewinn</run>"),
			[]func(*documents.File) error{words("Profit", "Gewinn"), words("Sales of {{tenant}}", "Umsatz von {{tenant}}"), replace},
		},
		{caption("Sales of {{tenant}}"), caption("Umsatz von Acme"), []func(*documents.File) error{words("Sales of {{tenant}}", "Umsatz von {{tenant}}"), replace}},
	} {
		f := doctest.Open(t, c.in)
		for i, rule := range c.rules {
			if err := f.Atomically(fmt.Sprint(i), func() error { return rule(f) }); err != nil {
				t.Error(err)
			}
		}
		if got := doctest.Written(t, f); got != c.want {
			t.Error(cmp.Diff(c.want, got))
		}
	}
	f := doctest.Open(t, caption("Sales"))
	if err := f.Atomically("1", func() error { return words("Sales", "Umsatz")(f) }); err != nil {
		t.Fatal(err)
	}
	err := f.Atomically("2", func() error {
		ds, err := f.Datasource("D")
		if err != nil {
			return err
		}
		return ds.UpdateColumn("[x]", tds.ColumnPatch{Caption: new("Erlös")})
	})
	if _, is := errors.AsType[*documents.ConflictError](err); !is {
		t.Errorf("another caption: %v", err)
	}
}
