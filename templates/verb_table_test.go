package templates

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// swapping renders testdata/sales.twb with text in it replaced for the site dev, and returns what edits change or the
// error, and the warnings.
func swapping(t *testing.T, edits string, replaced ...string) (string, []string) {
	t.Helper()
	rendering, err := renderedOf(t, edits, replaced...)
	if err != nil {
		return err.Error(), nil
	}
	var out strings.Builder
	for c := range rendering.Changes() {
		out.WriteString(c.Old + " -> " + c.New + "\n")
	}
	return out.String(), rendering.Warnings()
}

// renderedOf renders as swapping does.
func renderedOf(t *testing.T, edits string, replaced ...string) (*Rendering, error) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "sales.twb"))
	if err != nil {
		t.Fatal(err)
	}
	path := inFolder(t, withEdits(edits))
	template := strings.NewReplacer(replaced...).Replace(string(text))
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "sales.twb"), []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	m.templates[0].fileAt.src.file = "m.yaml"
	r, err := m.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r.Render(m.byKey["dev"], m.templates[0], nil)
}

func TestTableEdits(t *testing.T) {
	t.Parallel()
	const failed = `rendering template "sales" for site "dev": m.yaml:10 edit 1: `
	inBoth := []string{"table='[more]'", "table='[public].[more]'"}
	for _, test := range []struct {
		name, edits string
		replaced    []string
		want        string
		warnings    []string
	}{
		{"a table", "    - table: {from: '[public].[facts]', to: '[${site.key}].[facts]'}\n", nil, "[public].[facts] -> [dev].[facts]\n", nil},
		{"a table by its alias", "    - table: {from: more, to: '[${site.key}].[more]'}\n", nil, "[more] -> [dev].[more]\n", nil},
		{"a schema", "    - schema: {from: public, to: '${site.key}'}\n", nil, "[public].[facts] -> [dev].[facts]\n", nil},
		{
			"a database and a schema", "    - {database: {from: DEV, to: PROD}}\n    - {schema: {from: public, to: acme}}\n",
			[]string{"[public]", "[DEV].[public]"},
			"[DEV].[public].[facts] -> [PROD].[acme].[facts]\n", nil,
		},
		{
			"a schema of two data sources", "    - schema: {from: public, to: acme}\n", inBoth,
			failed + `2 matches for schema "public": Facts, More`, nil,
		},
		{
			"a schema of all data sources", "    - {schema: {from: public, to: acme}, all: true}\n", inBoth,
			"[public].[facts] -> [acme].[facts]\n[public].[more] -> [acme].[more]\n", nil,
		},
		{
			"a schema of a data source", "    - {schema: {from: public, to: acme}, datasource: More}\n", inBoth,
			"[public].[more] -> [acme].[more]\n", nil,
		},
		{
			"a schema of a connection", "    - schema: {from: public, to: acme, connection: {class: mysql, server: db2}}\n", inBoth,
			"[public].[more] -> [acme].[more]\n", nil,
		},
		{
			"a schema of two connections", "    - schema: {from: public, to: acme}\n",
			[]string{"table='[more]' type='table' />", "table='[public].[more]' type='table' /><relation connection='x' name='x' table='[public].[x]' type='table' />", "'[public].[facts]'", "'[facts]'"},
			failed + `swapping schema "public" of data source "More": 2 matches for schema "public" in data source "More": [public] of connection "mysql.d", [public] of connection "x"`, nil,
		},
		{
			"a schema that another data source has already", "    - schema: {from: public, to: acme}\n",
			[]string{"table='[more]'", "table='[acme].[more]'"},
			"[public].[facts] -> [acme].[facts]\n", nil,
		},
		{
			"a schema that is swapped already", "    - schema: {from: public, to: acme}\n",
			[]string{"[public]", "[acme]"},
			"",
			[]string{`/workbook/datasources/datasource[@name='federated.a']: there is no schema "public"; what it is swapped for is there already`},
		},
		{"an optional schema that is swapped already", "    - {schema: {from: public, to: acme}, optional: true}\n", []string{"[public]", "[acme]"}, "", nil},
		{
			"no such schema", "    - schema: {from: Public, to: acme}\n", nil,
			failed + `no schema "Public"; there are: public, none in [more]`, nil,
		},
		{
			"no such table in a data source", "    - {table: {from: '[facts]', to: '[f]'}, datasource: More}\n", nil,
			failed + `no table "[facts]" in data source "More"; there are: [more]`, nil,
		},
		{
			"no such connection", "    - {table: {from: '[facts]', to: '[f]', connection: {class: oracle}}, datasource: More}\n", nil,
			failed + `no connection with class "oracle" in data source "More"; there are: mysql caption="db2" server="db2" dbname="dev" name="mysql.d"`, nil,
		},
		{"nothing, and optional", "    - {table: {from: '[facts]', to: '[f]'}, optional: true}\n    - {database: {from: a, to: b, connection: {class: oracle}}, optional: true}\n", nil, "", nil},
		{
			"an extract keeps its rows", "    - schema: {from: public, to: acme}\n",
			[]string{"<column caption='Year'", "<extract enabled='true' /><column caption='Year'"},
			"[public].[facts] -> [acme].[facts]\n",
			[]string{`data source "Facts" has an extract, which keeps the rows of the template until it is refreshed`},
		},
		{
			"two rules for one part", "    - {schema: {from: public, to: acme}}\n    - {table: {from: facts, to: '[other].[facts]'}}\n", nil,
			strings.Replace(failed, "10 edit 1", "11 edit 2", 1) + `swapping table "facts" of data source "Facts": /workbook/datasources/datasource[@name='federated.a']/connection/relation/@table#schema: m.yaml:10 edit 1 and m.yaml:11 edit 2 set it differently`, nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, warnings := swapping(t, test.edits, test.replaced...)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.warnings, warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTableHints: what fails says what to do about it.
func TestTableHints(t *testing.T) {
	t.Parallel()
	const before = "an edit before this one changed it: each works on what those before it left"
	const swap = "    - table: {from: '[public].[facts]', to: '[acme].[f]'}\n"
	for edits, want := range map[string]string{
		swap + swap: "", // done already
		swap + "    - table: {from: '[public].[facts]', to: '[other].[f]'}\n": before,
		swap + "    - schema: {from: public, to: other}\n":                    before,
		swap + "    - schema: {from: Public, to: other}\n":                    "",
		"    - table: {from: Q, to: '[f]'}\n":                                 "that is custom SQL, which the edit `custom_sql` changes",
		"    - schema: {from: Q, to: f}\n":                                    "",
		"    - {schema: {from: s, to: f}}\n":                                  "say more of the one that is meant, or all: true to edit each of them",
	} {
		_, err := renderedOf(t, edits, "table='[more]' type='table' />", "table='[s].[more]' type='table' /><relation connection='x' name='x' table='[s].[x]' type='table' />"+
			"<relation connection='mysql.d' name='Q' type='text'>SELECT 1</relation>")
		hint := ""
		if advised, ok := errors.AsType[hinter](err); ok {
			hint = advised.Hint()
		}
		if hint != want || (err == nil) != (edits == swap+swap) {
			t.Errorf("%s: %v\n hint %q, want %q", edits, err, hint, want)
		}
	}
}

func TestTableProblems(t *testing.T) {
	t.Parallel()
	const manifest = "version: 1\nserver: {url: emulator}\nsites: {acme: {vars: {tenant: 'a]b'}}}\ntemplates:\n  orders:\n    file: orders.tds\n    publish: {as: O}\n    edits:\n    - "
	for edit, want := range map[string]string{
		"table: orders":                                  "m.yaml:9:14: table must be a mapping, not text\n",
		"table: {from: a}":                               "m.yaml:9:14: table has no to\n",
		"schema: {from: '', to: ''}":                     "m.yaml:9:22: from must not be empty\nm.yaml:9:30: to must not be empty\n",
		"table: {from: a, to: b.c}":                      "m.yaml:9:28: \"b.c\" is not the name of a table, as [public].[orders] is\n\twrite each part in brackets, a ] in it as ]]\n",
		"table: {from: a, to: '[${tenant}].[o]'}":        "m.yaml:9:28: \"[a]b].[o]\" is not the name of a table, as [public].[orders] is\n\twrite each part in brackets, a ] in it as ]]\n",
		"schema: {from: a, to: b, in: c}":                "m.yaml:9:32: unknown key \"in\" in schema\n\tknown here: connection, from, to\n",
		"database: {from: a, to: b, connection: {x: 1}}": "m.yaml:9:47: unknown key \"x\" in connection\n\tknown here: caption, class, dbname, directory, filename, name, server\n",
	} {
		if diff := cmp.Diff(want, problems(t, manifest+edit+"\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", edit, diff)
		}
	}
}
