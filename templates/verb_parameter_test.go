package templates

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parametersBook has a parameter of each kind, and one that a formula uses.
const parametersBook = `<workbook version='18.1'>
  <datasources>
    <datasource hasconnection='false' inline='true' name='Parameters' version='18.1'>
      <aliases enabled='yes' />
      <column alias='West' caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='list' role='measure' type='nominal' value='&quot;w&quot;'>
        <calculation class='tableau' formula='&quot;w&quot;' />
        <aliases>
          <alias key='&quot;w&quot;' value='West' />
          <alias key='&quot;e&quot;' value='East' />
        </aliases>
        <members>
          <member alias='West' value='&quot;w&quot;' />
          <member alias='East' value='&quot;e&quot;' />
        </members>
      </column>
      <column caption='Top' datatype='integer' name='[Parameter 2]' param-domain-type='any' role='measure' type='quantitative' value='5'>
        <calculation class='tableau' formula='5' />
      </column>
      <column caption='Until' datatype='date' default-value-field='[federated.a].[Today]' name='[Parameter 3]' param-domain-type='list' role='measure' source-field='[federated.a].[Day]' type='quantitative' value='#2024-01-01#'>
        <calculation class='tableau' formula='#2024-01-01#' />
      </column>
    </datasource>
    <datasource caption='Orders' name='federated.a'>
      <column caption='Ratio' datatype='real' name='[Calculation_1]' role='measure' type='quantitative'>
        <calculation class='tableau' formula='[Parameters].[Parameter 1]' />
      </column>
    </datasource>
  </datasources>
</workbook>
`

// withParameterEdits renders parametersBook with edits and returns its parameters and the warnings, or what went wrong.
func withParameterEdits(t *testing.T, edits string) string {
	t.Helper()
	rendering, wrong := renderFields(t, parametersBook, edits)
	if rendering == nil {
		return wrong
	}
	var out []string
	wb, _ := rendering.File.Workbook()
	for p := range wb.Parameters() {
		d := p.Domain
		line := fmt.Sprintf("%s %s = %s", p.Label(), p.Datatype, p.Value)
		if p.Alias != "" {
			line += " (" + p.Alias + ")"
		}
		line += ", " + string(d.Kind)
		for _, a := range d.Allowed {
			line += " " + a.String()
		}
		if d.Kind == "range" {
			line += fmt.Sprintf(" %s..%s by %s", d.Min, d.Max, d.StepWords())
		}
		for _, more := range []string{p.Format, p.Description, p.Recompute, p.Source} {
			if more != "" {
				line += ", " + more
			}
		}
		out = append(out, line)
	}
	for _, w := range rendering.Warnings() {
		_, w, _ = strings.Cut(w, ": ")
		out = append(out, "warning: "+w)
	}
	return strings.Join(out, "\n")
}

// An extract has the rows that the template's value of a parameter asked for.
func TestParameterOfExtract(t *testing.T) {
	t.Parallel()
	const warning = `data source "Orders" has an extract, which keeps the rows of the template until it is refreshed`
	for asked, relation := range map[string]string{
		"Top":    "<relation name='q' type='text'>SELECT * FROM t LIMIT &lt;[Parameters].[Parameter 2]&gt;</relation>",
		"Region": "<relation name='p' stored-proc='[p]' type='stored-proc'><actual-parameters><column name='@r' ordinal='1' parameter='[Parameters].[Parameter 1]' value='&quot;w&quot;' /></actual-parameters></relation>",
	} {
		book := strings.Replace(parametersBook, "<datasource caption='Orders' name='federated.a'>", "<datasource caption='Orders' name='federated.a'><connection class='federated'>"+relation+"</connection>", 1)
		book = strings.Replace(book, "    </datasource>\n  </datasources>", "<extract enabled='true'><connection class='hyper' dbname='Data/x.hyper' /></extract></datasource>\n  </datasources>", 1)
		for edit, want := range map[string]bool{
			"{parameter: Top, value: 6}": asked == "Top", "{parameter: Region, as: East}": asked == "Region",
			"{parameter: " + asked + ", caption: x}": false, "{parameter: Top, range: {max: 6}}": false,
		} {
			rendering, wrong := renderFields(t, book, edit)
			if rendering == nil {
				t.Fatal(wrong)
			}
			if got := strings.Contains(strings.Join(rendering.Warnings(), "\n"), warning); got != want {
				t.Errorf("%s with a query of %s: %q", edit, asked, rendering.Warnings())
			}
		}
	}
}

func TestParameterEdits(t *testing.T) {
	t.Parallel()
	const (
		failed = `rendering template "book" for site "acme": m.yaml:7 edit 1: `
		region = `Region string = w (West), list "w" (West) "e" (East)`
		top    = "Top integer = 5, any"
		until  = "Until date = 2024-01-01, list, [federated.a].[Today], [federated.a].[Day]"
	)
	all := func(lines ...string) string { return strings.Join(lines, "\n") }
	for _, c := range []struct{ name, edits, want string }{
		{"value", "{parameter: Top, value: '${n}'}", all(region, "Top integer = 7, any", until)},
		{"display name", "{parameter: Region, as: East}", all(`Region string = e (East), list "w" (West) "e" (East)`, top, until)},
		{
			"list", "{parameter: '[Parameter 2]', values: [{value: 1, as: one}, '${n}', {value: '${n + 1}', as: '${lang}'}], value: '${n}'}",
			all(region, `Top integer = 7, list "1" (one) "7" "8" (de)`, until),
		},
		{"list of an expression", "{parameter: Region, values: '${[{\"value\": lang, \"as\": \"Deutsch\"}, \"en\"]}', as: Deutsch}", all(`Region string = de (Deutsch), list "de" (Deutsch) "en"`, top, until)},
		{"range", "{parameter: Top, range: {min: 0, max: '${n}', step: 2}}", all(region, "Top integer = 5, range 0..7 by 2", until, `warning: the value of the parameter "Top" is between its steps of 2 from 0`)},
		{
			"range of dates, pinned", "{parameter: Until, range: {min: 2024-01-01, step: {months: 3}}, value: 2024-07-01, pin: true}",
			all(region, top, "Until date = 2024-07-01, range 2024-01-01..null by 3 months",
				`warning: the field [federated.a].[Today] no longer sets the value of the parameter "Until" when the workbook is opened`,
				`warning: the field [federated.a].[Day] no longer fills the list of the parameter "Until" when the workbook is opened`),
		},
		{
			"range of dates by weeks of ISO 8601", "{parameter: Until, range: {step: {iso_weeks: 2}}, pin: true}",
			all(region, top, "Until date = 2024-01-01, range null..null by 2 iso-weeks",
				`warning: the field [federated.a].[Today] no longer sets the value of the parameter "Until" when the workbook is opened`,
				`warning: the field [federated.a].[Day] no longer fills the list of the parameter "Until" when the workbook is opened`),
		},
		{"any, and renamed", "{parameter: Region, any: true, value: x, caption: 'Gebiet ${n}'}", all("Gebiet 7 string = x, any", top, until)},
		{
			"added", "{parameter: 'Tenant ${n}', add: {type: string, format: x, description: 'd ${n}'}, value: '${user}', values: [svc, {value: a, as: A}]}",
			all(region, top, until, `Tenant 7 string = svc, list "svc" "a" (A), x, d 7`),
		},
		{"removed", "{parameter: Top, remove: true}", all(region, until)},
		{"renamed before", "{parameter: Country, value: e, caption: Region}", all(`Region string = e (East), list "w" (West) "e" (East)`, top, until, `warning: there is no parameter "Country"; "Region" is there already`)},
		{"several", "{parameter: Top, value: 6},\n{parameter: Top, values: [6, 7]},\n{parameter: Top, caption: Limit}", all(region, `Limit integer = 6, list "6" "7"`, until)},
		{"optional", "{parameter: No, any: true, optional: true}", all(region, top, until)},

		{"of no such name", "{parameter: No, any: true}", failed + `no parameter "No"; there are: Region, Top, Until`},
		{"not in the list", "{parameter: Region, value: n}", failed + `parameter "Region": no value "n" in its list; there are: "w" (West), "e" (East)`},
		{"no such display name", "{parameter: Region, as: North}", failed + `parameter "Region": no display name "North" in its list; there are: "West", "East"`},
		{"not pinned", "{parameter: Until, value: 2024-02-01}", failed + `parameter "Until": the field [federated.a].[Today] sets its value whenever the workbook is opened, unless it is pinned`},
		{"text for a number", "{parameter: Top, values: ['1']}", failed + `parameter "Top": "1" is a string, the datatype is integer (write it without quotes)`},
		{"text of an expression", "{parameter: Top, values: ['${user}']}", failed + `parameter "Top": "svc" is a string, the datatype is integer (an expression converts it with int(…))`},
		{"used", "{parameter: Region, remove: true}", failed + `removing parameter "Region": it is used by the formula of "Ratio" of data source "Orders"`},
		{"there already", "{parameter: Top, add: {type: integer}, value: 6}", failed + `adding parameter "Top": there is one already, [Parameter 2], and its value is another`},
		{"of no type", "{parameter: New, add: {type: '${lang}'}, value: 6}", failed + `adding parameter "New": no datatype "de"; there are: string, integer, real, boolean, date, datetime`},
		{"two of one name", "{parameter: Region, caption: Top}", failed + `parameter "Region": the parameter [Parameter 2] is shown as "Top" already`},
		{
			"two lists", "{parameter: Top, values: [5]},\n{parameter: Top, any: true}",
			`rendering template "book" for site "acme": m.yaml:8 edit 2: parameter "Top": /workbook/datasources/datasource[@name='Parameters']/column[@name='[Parameter 2]']/members: m.yaml:7 edit 1 and m.yaml:8 edit 2 set it differently`,
		},
		{
			"written wrongly", "{parameter: P},\n{parameter: P, value: 1, as: x},\n{parameter: P, values: [1], range: {min: 1}, any: true},\n{parameter: P, any: false},\n{parameter: P, values: []},\n" +
				"{parameter: P, values: [{as: x}, {value: 1, is: x}, [1]]},\n{parameter: P, values: 1},\n{parameter: P, range: {}},\n{parameter: P, range: {step: {months: 1, days: 1}}},\n{parameter: P, range: {min: ~}},\n" +
				"{parameter: P, remove: true, value: 1, pin: true},\n{parameter: P, remove: false},\n{parameter: P, add: {format: x}, pin: true},\n{parameter: P, caption: ''},\n{parameter: P, values: '${[{\"as\": \"x\"}]}'},\n{parameter: P, values: '${[{\"value\": 1, \"as\": 2}]}'}",
			"m.yaml:7:1: the edit of a parameter must have at least one of value, as, values, range, any, pin, caption, add, remove\n" +
				"m.yaml:8:1: the edit of a parameter can have only one of value and as\n" +
				"m.yaml:9:1: the edit of a parameter can have only one of values and range and any\n" +
				"m.yaml:10:21: any can only be true\n\tvalues or range say which values it may take\n" +
				"m.yaml:11:24: values must not be empty\n" +
				"m.yaml:12:25: a value of values has no value\n" +
				"m.yaml:12:45: unknown key \"is\" in a value of values\n\tdid you mean \"as\"?\n" +
				"m.yaml:12:53: a value of values must be one value, not a list\n" +
				"m.yaml:13:24: values must be a list, not a number\n\twrite values: [1]\n" +
				"m.yaml:14:23: range must have min, max or step\n\tany: true lets it take any value\n" +
				"m.yaml:15:30: step must have one period, like step: {months: 3}\n" +
				"m.yaml:16:29: min must be a value, not null\n\tleave it out where there is to be none\n" +
				"m.yaml:17:1: a parameter that is removed has no value and no pin\n" +
				"m.yaml:18:24: remove can only be true\n\tleave the edit out\n" +
				"m.yaml:19:1: a parameter that is added has no pin\n" +
				"m.yaml:19:1: a parameter that is added must have a value\n" +
				"m.yaml:19:21: add has no type\n" +
				"m.yaml:20:25: caption must not be empty\n" +
				"m.yaml:21:24: values must be a list of values, or of {value, as}, and one is a mapping\n" +
				"m.yaml:22:24: values must be a list of values, or of {value, as}, and one is a mapping\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, withParameterEdits(t, c.edits)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The parameters that a data source file has copies of are edited like those of a workbook.
func TestParameterOfADatasource(t *testing.T) {
	t.Parallel()
	const source = `<datasource formatted-name='a'>
  <datasource-dependencies datasource='Parameters'>
    <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' value='&quot;w&quot;' />
  </datasource-dependencies>
</datasource>
`
	path := inFolder(t, "version: 1\nserver: {url: emulator}\nsites: {acme: }\ntemplates:\n  a: {file: a.tds, publish: {as: A}, edits: [{parameter: Region, value: e}]}\n")
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "a.tds"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Load(path)
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
		t.Fatal(err)
	}
	var out strings.Builder
	if _, err := rendering.File.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(source, "&quot;w&quot;", "&quot;e&quot;", 1); out.String() != want {
		t.Errorf("written is\n%s", out.String())
	}
	path = inFolder(t, "version: 1\nserver: {url: emulator}\nsites: {acme: }\ntemplates:\n  a:\n    file: a.tds\n    publish: {as: A}\n    edits:\n      - {parameter: Region, remove: true}\n      - {parameter: New, add: {type: string}, value: x}\n")
	_, err = Load(path)
	want := "9:9: only workbooks have parameters of their own, and template \"a\" is a data source"
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), strings.Replace(want, "9:9", "10:9", 1)) {
		t.Errorf("the error is %v", err)
	}
}
