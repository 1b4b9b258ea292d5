package templates

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// querying renders testdata/queries.twb with edits, one a line, for the site dev. It returns what they change, or the
// error, and the warnings.
func querying(t *testing.T, edits string, options ...Option) (string, []string) {
	t.Helper()
	path := inFolder(t, `version: 1
server: {url: "https://new.example.com"}
vars: {db: acme_db, quoted: "O'Neill <>", start: 2025-02-03, top: 7, cr: "a\r\nb"}
sites: {dev: }
templates:
  queries:
    file: queries.twb
    publish: {as: Queries}
    edits:
`+edits)
	text, err := os.ReadFile(filepath.Join("testdata", "queries.twb"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "queries.twb"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Load(path, options...)
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
	rendering, err := r.Render(m.byKey["dev"], m.templates[0], nil)
	if err != nil {
		return err.Error(), nil
	}
	var out strings.Builder
	for c := range rendering.Changes() {
		out.WriteString(c.New + "\n")
	}
	return out.String(), rendering.Warnings()
}

func TestCustomSQLEdits(t *testing.T) {
	t.Parallel()
	const failed = `rendering template "queries" for site "dev": m.yaml:10 edit 1: `
	const inMore = `custom SQL "Facts" on connection "db2" of data source "More"`
	const inFacts = `custom SQL "Facts" on connection "db1" of data source "Facts"`
	for _, test := range []struct{ name, edits, want string }{
		{
			"the SQL", "    - custom_sql: More\n      sql: |\n        SELECT *\n        FROM ${db}.more WHERE name <> '${replace(quoted, \"'\", \"''\")}'\n",
			"SELECT *\r\nFROM acme_db.more WHERE name <<>> 'O''Neill <<>>'\n",
		},
		{
			"the SQL that is there", "    - custom_sql: Facts\n      datasource: Facts\n      sql: |\n        SELECT * FROM dev_db.facts\n        WHERE n < 5 AND region = <Parameters.Region>\n",
			"",
		},
		{
			"on a connection", "    - {custom_sql: {name: Facts, connection: {class: mysql}}, sql: 'SELECT ${top}'}\n",
			"SELECT 7\n",
		},
		{
			"in all", "    - {custom_sql: Facts, sql: SELECT 2, all: true}\n",
			"SELECT 2\nSELECT 2\n",
		},
		{
			"text in all queries", "    - {custom_sql: {}, all: true, replace: {from: dev_db., to: '${db}.'}}\n",
			"SELECT * FROM acme_db.facts\r\nWHERE n << 5 AND region = <[Parameters].[Parameter 1]>\nSELECT * FROM acme_db.more\n",
		},
		{
			"text in other places", "    - custom_sql: Facts\n      datasource: Facts\n      replace:\n        - {from: dev_db, to: '${db}'}\n        - {from: n < 5 AND, to: ''}\n      also: [initial_sql, formulas]\n",
			"USE acme_db\nSELECT * FROM acme_db.facts\r\nWHERE  region = <[Parameters].[Parameter 1]>\n",
		},
		{"none, and that is fine", "    - {custom_sql: No, sql: SELECT 1, optional: true}\n    - {custom_sql: More, replace: [{from: no, to: ''}, {from: dev_db, to: x}], optional: true}\n", "SELECT * FROM x.more\n"},
		{"none", "    - {custom_sql: No, sql: SELECT 1}\n", failed + `no custom SQL "No"; there are: ` + inFacts + ", " + inMore + ", " + strings.Replace(inMore, "Facts", "More", 1)},
		{"several", "    - {custom_sql: Facts, sql: SELECT 1}\n", failed + `2 matches for custom SQL "Facts": ` + inFacts + ", " + inMore},
		{"none on a connection", "    - {custom_sql: {connection: {server: x}}, datasource: Facts, sql: SELECT 1}\n", failed + `no custom SQL on a connection with server "x" in data source "Facts"; there are: ` + inFacts},
		{"no text", "    - {custom_sql: {name: Facts}, datasource: Facts, replace: {from: prod, to: x}}\n", failed + `replacing text: no text "prod" in the SQL; there are: ` + inFacts},
		{
			"two edits of one query", "    - {custom_sql: More, replace: {from: dev_db, to: x}}\n    - {custom_sql: More, sql: SELECT 1}\n",
			strings.Replace(failed, ":10 edit 1", ":11 edit 2", 1) + `setting ` + strings.Replace(inMore, "Facts", "More", 1) +
				`: /workbook/datasources/datasource[@name='federated.b']/connection/relation/relation[@name='More']/text(): m.yaml:10 edit 1 and m.yaml:11 edit 2 set it differently`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, _ := querying(t, test.edits)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

// A query that is another one does not change the rows of an extract.
func TestCustomSQLWarnings(t *testing.T) {
	t.Parallel()
	_, warnings := querying(t, "    - {custom_sql: Facts, datasource: Facts, sql: SELECT 1}\n")
	if len(warnings) != 1 || !strings.Contains(warnings[0], `"Facts"`) || !strings.Contains(warnings[0], "extract") {
		t.Errorf("%q", warnings)
	}
	_, warnings = querying(t, "    - {custom_sql: More, sql: SELECT 1}\n")
	if len(warnings) != 0 {
		t.Errorf("%q", warnings)
	}
	_, warnings = querying(t, "    - {custom_sql: More, replace: {from: no, to: dev_db}}\n")
	if len(warnings) != 1 || !strings.Contains(warnings[0], "what it writes is there already") {
		t.Errorf("%q", warnings)
	}
}

// SQL that comes from a file is secret.
func TestCustomSQLOfFile(t *testing.T) {
	t.Parallel()
	got, _ := querying(t, "    - {custom_sql: More, sql: '${file(\"more.sql\")}'}\n",
		WithFiles(func(string) ([]byte, error) { return []byte("SELECT 'x'\n"), nil }))
	if got != "redacted\n" {
		t.Errorf("%q", got)
	}
}

// What a replacement does to a query must not depend on what one site has: what is not certain is refused for all of them.
func TestReplacementsThatAreNotCertain(t *testing.T) {
	t.Parallel()
	for _, n := range []string{"1", "2"} {
		got, _ := querying(t, "    - {custom_sql: {name: Facts}, datasource: Facts, replace: {from: n, to: 'n"+n+"'}}\n")
		if !strings.Contains(got, `replacing text: "n" stands by itself in custom SQL "Facts" line 2 column 7 and inside a longer word in custom SQL "Facts" line 2 column 22`) {
			t.Errorf("%s: %s", n, got)
		}
	}
}
