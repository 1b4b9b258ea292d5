package templates

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConnectionEdits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, edits, want string }{
		{
			"by the names of manifests", "    - {connection: {class: postgres}, set: {initial_sql: 'SET x', authentication: sspi, username: ''}}\n",
			"19 @authentication:  -> sspi\n19 @one-time-sql:  -> SET x\n19 @username: svc -> \n",
		},
		{
			"removed", "    - {connection: {class: postgres}, remove: [username, sslmode]}\n",
			"19 @username: svc -> \n",
		},
		{
			"set and removed", "    - {connection: {class: mysql}, set: {server: h}, remove: [username]}\n",
			"32 @caption: db2 -> h\n33 @server: db2 -> h\n33 @username: svc -> \n",
		},
		{
			"a class", "    - {connection: {class: postgres}, set: {class: redshift, schema: '${site.key}'}}\n",
			"19 @authentication:  -> username-password\n19 @class: postgres -> redshift\n19 @port: 5432 -> 5439\n19 @schema:  -> dev\n",
		},
		{
			"a plug-in", "    - {connection: {class: postgres}, set: {class: acme_jdbc, tenant: x}, new: true}\n",
			"19 @class: postgres -> acme_jdbc\n19 @tenant:  -> x\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, changes(t, withEdits(test.edits), "dev")); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
	for edits, want := range map[string]string{
		"    - {connection: {class: postgres}, set: {warehouse: x}}\n":                      "class postgres has no warehouse; it has authentication, dbname",
		"    - {connection: {class: postgres}, set: {initial_sql: x, one-time-sql: x}}\n":   "initial_sql and one-time-sql are one attribute of class postgres",
		"    - {connection: {class: postgres}, set: {class: snowflake}}\n":                  "class snowflake needs schema, warehouse",
		"    - {connection: {class: postgres}, set: {tenant: x}}\n":                         `no attribute "tenant"`,
		"    - {connection: {class: postgres}, set: {server: x}, remove: [server]}\n":       "server is set and removed",
		"    - {connection: {class: postgres}, remove: [usrname]}\n":                        `no attribute "usrname"`,
		"    - {connection: {class: postgres}, set: {class: acme_jdbc}}\n":                  `no class "acme_jdbc"`,
		"    - {connection: {class: postgres}, set: {password: hunter2}, remove: [port]}\n": "a password does not belong in a file",
	} {
		if got := changes(t, withEdits(edits), "dev"); !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", edits, got, want)
		}
	}
}

func TestConnectionProblems(t *testing.T) {
	t.Parallel()
	for edit, want := range map[string]string{
		"{connection: {class: x}}":                             "m.yaml:10:7: the edit of a connection must have at least one of set, remove\n",
		"{connection: {class: x}, new: true, remove: []}":      "m.yaml:10:51: remove must not be empty\n",
		"{connection: {class: x}, set: {}, remove: username}":  "m.yaml:10:37: set must not be empty\nm.yaml:10:49: remove must be a list, not text\n\twrite remove: ['username']\n",
		"{connection: {class: x}, remove: ['${tenant}', 1]}":   "m.yaml:10:41: a name in remove cannot have expressions\nm.yaml:10:54: a name in remove must be text, not a number\n\tput it in quotes\n",
		"{connection: {class: x}, set: {port: 1}, new: 'yes'}": "m.yaml:10:53: new must be true or false, not text\n",
		"{connection: {class: x}, sett: {port: 1}}":            "m.yaml:10:32: unknown key \"sett\" in the edit of a connection\n\tdid you mean \"set\"?\n",
	} {
		if diff := cmp.Diff(want, problems(t, withEdits("    - "+edit+"\n"))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", edit, diff)
		}
	}
}

// TestConnectionNotes shows what is left of the old server as a warning, and no secret.
func TestConnectionNotes(t *testing.T) {
	t.Parallel()
	m, r := load(t, withEdits("    - {connection: {class: postgres}, set: {username: '${env(\"USR\")}@db1'}}\n    - {connection: {class: postgres}, set: {server: db9}}\n"),
		WithEnv(func(string) (string, bool) { return "hunter2", true }))
	rendering, err := r.Render(m.byKey["dev"], m.templates[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(rendering.Warnings(), "\n")
	if !strings.Contains(got, `username "redacted" still names "db1", which was the server`) || strings.Contains(got, "hunter2") {
		t.Errorf("warnings: %s", got)
	}
}

// TestConnectionHints: what fails says what to do about it, and what it does not know.
func TestConnectionHints(t *testing.T) {
	t.Parallel()
	for edit, want := range map[string]string{
		"{connection: {class: postgres}, set: {database: x}}":           `did you mean "dbname"? If not, new: true sets an attribute that is not known here`,
		"{connection: {class: postgres}, set: {servr: x}}":              `did you mean "server"? If not, new: true sets an attribute that is not known here`,
		"{connection: {class: postgres}, set: {my-attr: x}}":            "new: true sets an attribute that is not known here",
		"{connection: {class: postgres}, set: {port: x}}":               "",
		"{connection: {class: sqlproxy}, set: {server: x}}":             "the edit of a published data source is `published: Orders`",
		"{connection: {}, datasource: Orders, set: {server: x}}":        "the edit of a published data source is `published: Orders`",
		"{connection: {class: x}, datasource: Facts, set: {server: x}}": "",
		"{connection: {dbname: dev}, set: {server: x}}":                 "say more of the one that is meant, or all: true to edit each of them",
		"{connection: {class: x}, set: {server: x}}":                    "",
	} {
		m, r := load(t, withEdits("    - "+edit+"\n"))
		_, err := r.Render(m.byKey["dev"], m.templates[0], nil)
		if err == nil {
			t.Errorf("%s is accepted", edit)
			continue
		}
		hint := ""
		if advised, ok := errors.AsType[hinter](err); ok {
			hint = advised.Hint()
		}
		if hint != want {
			t.Errorf("%s: %v\n hint %q, want %q", edit, err, hint, want)
		}
	}
}

// TestConnectionByFile selects by what inspect shows of files.
func TestConnectionByFile(t *testing.T) {
	t.Parallel()
	got, _ := swapping(t, "    - {connection: {filename: o.csv, directory: Data}, set: {filename: '${site.key}.csv', caption: Mine}}\n",
		"class='mysql' dbname='dev' port='3306' server='db2' username='svc'", "class='textscan' directory='Data' filename='o.csv'")
	if want := "db2 -> Mine\no.csv -> dev.csv\n"; got != want {
		t.Errorf("changes %s, want %s", got, want)
	}
}
