package templates

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fieldsBook has two data sources, which share the caption Region.
const fieldsBook = `<workbook>
  <datasources>
    <datasource caption='Orders' name='federated.a'>
      <connection class='federated'>
        <metadata-records>
          <metadata-record class='column'><local-name>[Sales]</local-name><local-type>real</local-type></metadata-record>
        </metadata-records>
      </connection>
      <column caption='Ratio' datatype='real' name='[Calculation_1]' role='measure' type='quantitative'>
        <calculation class='tableau' formula='1' />
      </column>
      <column caption='Region' datatype='string' name='[r]' role='dimension' type='nominal'>
        <aliases>
          <alias key='&quot;n&quot;' value='North' />
        </aliases>
      </column>
    </datasource>
    <datasource caption='Targets' name='federated.b'>
      <column caption='Region' datatype='string' name='[r]' role='dimension' type='nominal' />
      <column caption='Quota' datatype='integer' name='[q]' role='measure' type='quantitative' />
    </datasource>
  </datasources>
</workbook>
`

// tables are the tables of strings beside the manifest.
var tables = map[string]string{
	"de.csv":    "from,to,note\nRegion,Gebiet,\nSales,Umsatz,\nNorth,Nord,\nQuota,,not yet\n\"a,b\",c,\nRegion,Gebiet,\n",
	"open.csv":  "from,to\nRegion,\n",
	"none.csv":  "to,from\nx,Nowhere\n",
	"bom.csv":   "\ufefffrom,to\r\nRegion,Gebiet\r\n",
	"semi.csv":  "\ufefffrom;to;kind\r\nRegion;Gebiet;\r\n\"a;b\";\"c, d\";\r\n",
	"tabs.csv":  "to\tfrom\nGebiet\tRegion\n",
	"bars.csv":  "from|to\nRegion|Gebiet\n",
	"empty.csv": "",
	"bad.csv":   "from,to\nRegion,Gebiet\nRegion,Raum\n,x\nonly\n\"open,x\n",
	"kinds.csv": "kind,from,to\ncaptions titles,Region,Zone\naliases,North,Nord\n,Region,Gebiet\n,North,Norden\n",
	"kind.csv":  "from,to,kind\nRegion,Zone,title captions\n",
	"latin.csv": "from,to\nRegion,Gr\xf6\xdfe\n",
}

// renderFields renders a workbook with edits, or returns what went wrong.
func renderFields(t *testing.T, book, edits string) (*Rendering, string) {
	t.Helper()
	path := inFolder(t, `version: 1
server: {url: emulator}
vars: {lang: de, hide: true, n: 7, user: svc, quote: 'a"b'}
sites: {acme: }
templates:
  book: {file: book.twb, publish: {as: Book}, edits: [
`+edits+`
]}
`)
	files := map[string]string{"book.twb": book}
	for name, text := range tables {
		files[name] = text
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, err := Load(path, WithEnv(environment))
	if found, ok := errors.AsType[Problems](err); ok {
		return nil, show(path, found)
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := m.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	rendering, err := r.Render(m.sites[0], m.templates[0], nil)
	if err != nil {
		return nil, strings.ReplaceAll(err.Error(), path, "m.yaml")
	}
	return rendering, ""
}

// withFields renders fieldsBook with edits and returns its fields and the warnings, or what went wrong.
func withFields(t *testing.T, edits string) string {
	t.Helper()
	rendering, wrong := renderFields(t, fieldsBook, edits)
	if rendering == nil {
		return wrong
	}
	var out []string
	for ds := range rendering.File.Datasources() {
		for c := range ds.Columns() {
			line := ds.Label() + ": " + c.Label()
			for _, more := range []string{c.Description, c.Format, c.Formula, c.Role} {
				if more != "" {
					line += ", " + more
				}
			}
			if c.Hidden {
				line += ", hidden"
			}
			for _, a := range c.Aliases {
				line += ", " + a.Member.String() + " as " + a.Text
			}
			out = append(out, line)
		}
	}
	for _, w := range rendering.Warnings() {
		out = append(out, "warning: "+w)
	}
	return strings.Join(out, "\n")
}

func TestColumnEdits(t *testing.T) {
	t.Parallel()
	const failed = `rendering template "book" for site "acme": m.yaml:7 edit 1: `
	for _, c := range []struct{ name, edits, want string }{
		{
			"set", "{column: Sales, set: {caption: 'Umsatz ${n}', description: d, format: p0%, aggregation: Avg, hidden: '${hide}'}}",
			"Orders: Ratio, 1, measure\nOrders: Umsatz 7, d, p0%, measure, hidden\nOrders: Region, dimension, n as North\nTargets: Region, dimension\nTargets: Quota, measure",
		},
		{
			"aliases", "{column: Quota, aliases: [{value: '${n}', as: seven}, {value: ~, as: none}]}",
			"Orders: Ratio, 1, measure\nOrders: Region, dimension, n as North\nOrders: Sales, measure\nTargets: Region, dimension\nTargets: Quota, measure, null as none, 7 as seven",
		},
		{
			"of all data sources, and narrowed", "{column: Region, all: true, set: {hidden: true}},\n{caption: Region, datasource: Targets, to: Area}",
			"Orders: Ratio, 1, measure\nOrders: Region, dimension, hidden, n as North\nOrders: Sales, measure\nTargets: Area, dimension, hidden\nTargets: Quota, measure",
		},
		{"of which one", "{caption: Region, to: Area}", failed + `2 matches for field "Region": Orders, Targets`},
		{"unknown", "{caption: Regio, to: Area}", failed + `no field "Regio"; there are: Region, Ratio, Quota, Sales`},
		{"optional", "{caption: Regio, to: Area, optional: true}", "Orders: Ratio, 1, measure\nOrders: Region, dimension, n as North\nOrders: Sales, measure\nTargets: Region, dimension\nTargets: Quota, measure"},
		{"of another type", "{column: Quota, aliases: [{value: '${user}', as: x}]}", failed + `field "Quota" of data source "Targets": alias "x": "svc" is a string, the datatype is integer (an expression converts it with int(…))`},
		{"a caption that is there", "{caption: Sales, to: Region}", failed + `field "Sales" of data source "Orders": the field [r] is shown as "Region" already`},
		{"a caption in brackets", "{caption: '[Quota]', to: x}", failed + `no field "[Quota]"; there are: Quota, Ratio, Region, Sales (brackets mean the internal name: without them it is the field that is shown as "Quota")`},
		{"text for a number", "{column: Quota, aliases: [{value: seven, as: x}]}", failed + `field "Quota" of data source "Targets": alias "x": "seven" is a string, the datatype is integer`},
		{"a number in quotes", "{column: Quota, aliases: [{value: '7', as: x}]}", failed + `field "Quota" of data source "Targets": alias "x": "7" is a string, the datatype is integer (write it without quotes)`},
		{
			"written wrongly", "{column: Quota},\n{column: Quota, set: {}},\n{column: Quota, set: {titel: x}},\n{column: Quota, aliases: []},\n{column: Quota, aliases: [{value: 1}]},\n{column: Quota, set: {hidden: perhaps}},\n{caption: Quota},\n{caption: Quota, to: ''}",
			"m.yaml:7:1: the edit of a column must have at least one of set, aliases\n" +
				"m.yaml:8:22: set must not be empty\n" +
				"m.yaml:9:23: unknown key \"titel\" in set\n\tknown here: aggregation, caption, description, format, hidden\n" +
				"m.yaml:10:26: aliases must not be empty\n" +
				"m.yaml:11:27: an alias has no as\n" +
				"m.yaml:12:31: hidden must be true or false, not text\n" +
				"m.yaml:13:1: the edit of a caption has no to\n" +
				"m.yaml:14:22: to must not be empty\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, withFields(t, c.edits)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCalculatedFieldEdits(t *testing.T) {
	t.Parallel()
	const failed = `rendering template "book" for site "acme": m.yaml:7 edit 1: `
	for _, c := range []struct{ name, edits, want string }{
		{
			"added, then filtered by its caption", "{calculated_field: Mine, datasource: Orders, formula: 'IIF([Region]=\"${user}\",1,0)', datatype: integer, role: dimension},\n{filter: Mine, include: [1]}",
			"Orders: Ratio, 1, measure\nOrders: Mine, IIF([r]=\"svc\",1,0), dimension\nOrders: Region, dimension, n as North\nOrders: Sales, measure\nTargets: Region, dimension\nTargets: Quota, measure",
		},
		{
			"a quote from outside", "{calculated_field: Ratio, formula: '[Region]=\"${replace(quote, \"\\\"\", \"\\\"\\\"\")}\"'}",
			"Orders: Ratio, [r]=\"a\"\"b\", measure\nOrders: Region, dimension, n as North\nOrders: Sales, measure\nTargets: Region, dimension\nTargets: Quota, measure",
		},
		{
			"changed where it is", "{calculated_field: Ratio, formula: 'SUM([Sales])'}",
			"Orders: Ratio, SUM([Sales]), measure\nOrders: Region, dimension, n as North\nOrders: Sales, measure\nTargets: Region, dimension\nTargets: Quota, measure",
		},
		{
			"removed", "{calculated_field: Ratio, remove: true}",
			"Orders: Region, dimension, n as North\nOrders: Sales, measure\nTargets: Region, dimension\nTargets: Quota, measure",
		},
		{"added to which one", "{calculated_field: Mine, formula: '1', datatype: integer}", failed + `2 matches for data source for the calculated field "Mine": Orders, Targets`},
		{"of an unknown field", "{calculated_field: Mine, datasource: Targets, formula: '[Sales]', datatype: real}", failed + `calculated field "Mine" of data source "Targets": its formula: no field "Sales" in data source "Targets"; there are: Region, Quota`},
		{"none to remove", "{calculated_field: Mine, remove: true}", failed + `no calculated field "Mine"; there are: Ratio`},
		{"removed by another word", "{calculated_field: Ratio, remove: yes}", "m.yaml:7:35: remove must be true or false, not text\n"},
		{
			"written wrongly", "{calculated_field: Mine},\n{calculated_field: Mine, remove: false},\n{calculated_field: Mine, remove: true, formula: '1'},\n{calculated_field: Mine, formula: ''}",
			"m.yaml:7:1: a calculated field must have a formula, or remove\n" +
				"m.yaml:8:34: remove can only be true\n\tleave the edit out\n" +
				"m.yaml:9:1: a calculated field that is removed has no formula\n" +
				"m.yaml:10:35: formula must not be empty\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, withFields(t, c.edits)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTranslateEdits(t *testing.T) {
	t.Parallel()
	const failed = `rendering template "book" for site "acme": m.yaml:7 edit 1: `
	german := "Orders: Ratio, 1, measure\nOrders: Gebiet, dimension, n as North\nOrders: Sales, measure\nTargets: Gebiet, dimension\nTargets: Quota, measure"
	for _, c := range []struct{ name, edits, want string }{
		{
			"a table", "{translate: '${lang}.csv'}",
			strings.ReplaceAll(german, "North", "Nord") + "\n" + `warning: /workbook/datasources/datasource[@name='federated.a']: fields without a column of their own keep their names: "Sales"`,
		},
		{"a byte order mark and CRLF", "{translate: bom.csv}", german},
		{"semicolons", "{translate: semi.csv, optional: true}", german},
		{"tabs", "{translate: tabs.csv}", german},
		{
			"fields without a column", "{translate: de.csv, create: true}",
			"Orders: Ratio, 1, measure\nOrders: Umsatz, measure\nOrders: Gebiet, dimension, n as Nord\nTargets: Gebiet, dimension\nTargets: Quota, measure",
		},
		{"in the manifest", "{translate: {Region: Gebiet, Ratio: '${lang} Quote'}}", strings.Replace(german, "Ratio", "de Quote", 1)},
		{"some kinds", "{translate: de.csv, only: [captions]}", german + "\n" + `warning: /workbook/datasources/datasource[@name='federated.a']: fields without a column of their own keep their names: "Sales"`},
		{"but some kinds", "{translate: de.csv, except: [captions]}", "Orders: Ratio, 1, measure\nOrders: Region, dimension, n as Nord\nOrders: Sales, measure\nTargets: Region, dimension\nTargets: Quota, measure"},
		{"by kind", "{translate: kinds.csv}", "Orders: Ratio, 1, measure\nOrders: Zone, dimension, n as Nord\nOrders: Sales, measure\nTargets: Zone, dimension\nTargets: Quota, measure"},
		{
			"one data source", "{translate: bom.csv, datasource: Targets}",
			"Orders: Ratio, 1, measure\nOrders: Region, dimension, n as North\nOrders: Sales, measure\nTargets: Gebiet, dimension\nTargets: Quota, measure",
		},
		{"and a part of it replaced", "{translate: {Region: 'Gebiet von {{lang}}'}},\n{text: '{{lang}}', with: '${lang}'}", strings.ReplaceAll(german, "Gebiet", "Gebiet von de")},
		{"and all of it replaced", "{translate: {Region: Gebiet}},\n{text: Gebiet, with: Gegend}", strings.ReplaceAll(german, "Gebiet", "Gegend")},
		{"and what it was replaced in it", "{translate: {Region: Region West}},\n{text: Region, with: Gegend}", strings.ReplaceAll(german, "Gebiet", "Gegend West")},
		{"and in a caption that it added", "{translate: {Targets: Ziele von x, Quota: Quote von x}, only: [captions]},\n{text: x, with: '${lang}', only: [captions]}", "Orders: Ratio, 1, measure\nOrders: Region, dimension, n as North\nOrders: Sales, measure\nTargets: Region, dimension\nTargets: Quote von de, measure"},
		{"a part replaced in one data source", "{text: Reg, with: Leg, datasource: Targets, only: [captions], except: [titles]}", "Orders: Ratio, 1, measure\nOrders: Region, dimension, n as North\nOrders: Sales, measure\nTargets: Legion, dimension\nTargets: Quota, measure"},
		{"no part to replace", "{text: Nowhere, with: x}", failed + `replacing text in the workbook: no text that has "Nowhere" in the workbook; there are: "Orders", "Ratio", "Region", "North", "Targets", "Quota"`},
		{"no part to replace, which is fine", "{text: Nowhere, with: x, optional: true}", strings.ReplaceAll(german, "Gebiet", "Region")},
		{
			"a table of other things", "{translate: none.csv}",
			failed + `none.csv: translating the workbook: no text with a translation in the workbook; there are: "Orders", "Ratio", "Region", "North", "Sales", "Targets", "Quota"`,
		},
		{
			"a table of other things for data sources", "{translate: none.csv, datasource: Targets}",
			failed + `none.csv: translating data source "Targets": no text with a translation in data source "Targets"; there are: "Targets", "Region", "Quota"`,
		},
		{"a table without translations", "{translate: open.csv}", failed + "open.csv: no row has a translation, the column to is empty"},
		{"optional", "{translate: none.csv, optional: true}", strings.ReplaceAll(german, "Gebiet", "Region")},
		{
			"written wrongly", "{translate: {}},\n{translate: {Region: 1}},\n{translate: {Region: ''}},\n{translate: de.csv, only: []},\n{translate: de.csv, only: captions},\n{translate: de.csv, except: [caption, 1]},\n{translate: kind.csv},\n{text: x},\n{text: '', with: ''},\n{text: '${env(\"TOKEN\")}', with: y}",
			"m.yaml:7:13: translate must not be empty\n" +
				"m.yaml:8:22: a translation must be text, not a number\n\tput it in quotes\n" +
				"m.yaml:9:22: a translation must not be empty\n" +
				"m.yaml:10:27: only must not be empty\n" +
				"m.yaml:11:27: only must be a list, not text\n\twrite only: ['captions']\n" +
				"m.yaml:12:30: unknown kind \"caption\" in except\n\tdid you mean \"captions\"?\n" +
				"m.yaml:12:39: a kind in except must be text, not a number\n\tput it in quotes\n" +
				"m.yaml:13:13: kind.csv:2:13: unknown kind \"title\"\n\tdid you mean \"titles\"?\n" +
				"m.yaml:14:1: the edit of a text has no with\n" +
				"m.yaml:15:8: text must not be empty\n" +
				"m.yaml:15:18: with must not be empty\n" +
				"m.yaml:16:11: what env, file and secret return is secret, and text is not\n",
		},
		{
			"tables that are wrong", "{translate: dee.csv},\n{translate: bars.csv},\n{translate: empty.csv},\n{translate: bad.csv},\n{translate: latin.csv},\n{translate: '${env(\"TOKEN\")}'},\n{translate: ''}",
			"m.yaml:7:13: there is no file \"dee.csv\"\n\tdid you mean \"de.csv\"?\n" +
				"m.yaml:8:13: bars.csv:1:1: the first line must name the columns from and to\n\ta table of strings is CSV with commas, semicolons or tabs between the columns: from,to\n" +
				"m.yaml:9:13: empty.csv: the table is empty\n" +
				"m.yaml:10:13: bad.csv:3:1: \"Region\" is to be \"Raum\" here, and \"Gebiet\" on line 2\n" +
				"m.yaml:10:13: bad.csv:4:1: from is empty\n" +
				"m.yaml:10:13: bad.csv:5:1: the row has 1 columns, and the first line names 2\n" +
				"m.yaml:10:13: bad.csv:6:9: extraneous or missing \" in quoted-field\n" +
				"m.yaml:11:13: latin.csv: it is not UTF-8\n\tsave it as CSV in UTF-8\n" +
				"m.yaml:12:16: what env, file and secret return is secret, and translate is not\n" +
				"m.yaml:13:13: translate must not be empty\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, withFields(t, c.edits)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
