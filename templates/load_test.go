package templates

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

// small is a manifest that is right; the tests change a part of it.
const small = `version: 1
server:
  url: https://tableau.example.com
sites:
  acme:
templates:
  orders:
    file: orders.tds
    publish: {as: Orders}
`

// inFolder writes empty template files and a manifest to a folder and returns the path of the manifest. What a template
// holds does not matter to Load.
func inFolder(t *testing.T, manifest string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"m.yaml": manifest, "orders.tds": "", "sales.twb": "", "sales2.twbx": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "m.yaml")
}

// problems loads a manifest and returns what is wrong with it: the problems without the folder, and the hints below.
func problems(t *testing.T, manifest string, options ...Option) string {
	t.Helper()
	path := inFolder(t, manifest)
	_, err := Load(path, options...)
	if err == nil {
		return ""
	}
	found, ok := err.(Problems)
	if !ok {
		t.Fatalf("the error is a %T, not Problems: %v", err, err)
	}
	return show(path, found)
}

func show(path string, found Problems) string {
	var out strings.Builder
	for _, p := range found {
		out.WriteString(strings.TrimPrefix(p.Error(), filepath.Dir(path)+string(filepath.Separator)) + "\n")
		if p.Hint != "" {
			out.WriteString("\t" + p.Hint + "\n")
		}
	}
	return out.String()
}

func TestLoadProblems(t *testing.T) {
	t.Parallel()
	template := func(edits string) string {
		return "version: 1\nserver: {url: emulator}\nvars: {region: EMEA, db: {server: a, port: 5432}}\nsites: {acme: , beta: }\n" +
			"templates: {sales: {file: sales.twb, publish: {as: Sales}, edits: [\n" + edits + "\n]}}\n"
	}
	for _, test := range []struct{ name, manifest, want string }{
		{"right", small, ""},
		{"empty", "", "m.yaml: the file is empty\n"},
		{"comment", "# nothing\n", "m.yaml: the file is empty\n"},
		{"not UTF-8", "version: \xff", "m.yaml: the file is not UTF-8\n\tsave it as UTF-8\n"},
		{"not YAML", "version: 1\nsites: [a\ntemplates: {}\n", "m.yaml:3:10: not YAML: did not find expected ',' or ']' while parsing a flow sequence\n"},
		{"a control character", "version: \x01", "m.yaml: not YAML: control characters are not allowed (value: 1)\n"},
		{"a list", "- version: 1\n", "m.yaml:1:1: the manifest must be a mapping, not a list\n"},
		{"nothing in it", "{}\n", "m.yaml:1:1: the manifest has no sites\nm.yaml:1:1: the manifest has no templates\nm.yaml:1:1: the manifest has no version\n"},
		{"a second document", small + "---\nversion: 1\n", "m.yaml:10:1: a second YAML document begins here\n\tremove what follows ---\n"},
		{"version 2", strings.Replace(small, "version: 1", "version: 2", 1), "m.yaml:1:10: this version of the manifest is not known\n\twrite version: 1\n"},
		{
			"a BOM does not count", "\ufeffvresion: 1\n" + strings.TrimPrefix(small, "version: 1\n"),
			"m.yaml:1:1: unknown key \"vresion\" in the manifest\n\tdid you mean \"version\"?\n",
		},
		{
			"CR LF lines", strings.ReplaceAll(small+"extra: 1\n", "\n", "\r\n"),
			"m.yaml:10:1: unknown key \"extra\" in the manifest\n\tknown here: server, sites, sites_from, templates, vars, version\n",
		},
		{
			"every problem at once", "version: 1\nserver: {url: ftp://x, sing_in: 1}\nvars: []\nsites: {acme: {content_url: a b}}\ntemplates: {a: {file: no.tds}}\n",
			"m.yaml:2:15: url \"ftp://x\" is not the address of a server\n\twrite https://tableau.example.com, or emulator\n" +
				"m.yaml:2:24: unknown key \"sing_in\" in server\n\tdid you mean \"sign_in\"?\n" +
				"m.yaml:3:7: vars must be a mapping, not a list\n" +
				"m.yaml:4:29: \"a b\" cannot be the content_url of a site\n\tcontent_url can have letters, digits, - and _; \"\" is the Default site\n" +
				"m.yaml:5:16: template \"a\" has no publish\n" +
				"m.yaml:5:23: there is no file \"no.tds\"\n\ta path begins at the folder of the manifest\n",
		},
		{
			"duplicate keys", small + "version: 1\n  # nested\nserver: {url: emulator, url: emulator}\n",
			"m.yaml:10:1: duplicate key \"version\", first on line 1\n" +
				"m.yaml:12:1: duplicate key \"server\", first on line 2\n",
		},
		{
			"keys that are not text", "version: 1\n? [a]\n: b\n~: c\n<<: {x: 1}\n" + strings.TrimPrefix(small, "version: 1\n"),
			"m.yaml:2:3: a key must be text\nm.yaml:4:1: a key must be text\n" +
				"m.yaml:5:1: merge keys (<<) are not supported\n\twrite the keys out, or use an alias for the whole value\n",
		},
		{
			"an alias inside itself", "version: 1\nvars: &v {a: [*v]}\n",
			"m.yaml:2:15: the alias \"v\" is inside the value that it stands for\n",
		},
		{
			"a sign_in of both kinds", strings.Replace(small, "sites:", "  sign_in: {user: a, token: {name: b}}\nsites:", 1),
			"m.yaml:4:12: sign_in must have one of these alone: a token, a connected_app, or a user and a password\nm.yaml:4:29: token has no secret\n",
		},
		{
			"a sign_in of two kinds", strings.Replace(small, "sites:", "  sign_in: {token: {name: a, secret: b}, connected_app: {clint_id: a}}\nsites:", 1),
			"m.yaml:4:12: sign_in must have one of these alone: a token, a connected_app, or a user and a password\n" +
				"m.yaml:4:57: connected_app has no secret\nm.yaml:4:57: connected_app has no secret_id\nm.yaml:4:57: connected_app has no user\n" +
				"m.yaml:4:58: unknown key \"clint_id\" in connected_app\n\tdid you mean \"client_id\"?\n",
		},
		{
			"a sign_in without values", strings.Replace(small, "sites:", "  sign_in: {user: '', password: \"${''}\"}\nsites:", 1),
			"m.yaml:4:19: user must not be empty\nm.yaml:4:33: password must not be empty\n",
		},
		{
			"a sign_in with mistakes", strings.Replace(small, "sites:", "  sign_in: {tokn: {name: a}}\nsites:", 1),
			"m.yaml:4:13: unknown key \"tokn\" in sign_in\n\tdid you mean \"token\"?\n",
		},
		{
			"half a sign_in", strings.Replace(small, "sites:", "  sign_in: {user: a}\nsites:", 1),
			"m.yaml:4:12: sign_in has no password\n",
		},
		{
			"an empty sign_in", strings.Replace(small, "sites:", "  sign_in: {}\nsites:", 1),
			"m.yaml:4:12: sign_in must have a token, a connected_app, or a user and a password\n",
		},
		{
			"an address with more", strings.Replace(small, "example.com", "example.com/#/site/acme", 1),
			"m.yaml:3:8: url must be a scheme and a host, and nothing after it\n\twrite https://tableau.example.com, or emulator\n",
		},
		{
			"no server", strings.Replace(small, "server:\n  url: https://tableau.example.com\n", "", 1),
			"m.yaml:3:3: site \"acme\" has no server\n\twrite server: {url: …} at the top of the manifest, or for the site\n",
		},
		{
			"sites of one content URL", strings.Replace(small, "acme:\n", "acme:\n  beta: {content_url: Acme}\n  Acme: {content_url: c}\n  other: {content_url: acme, server: {url: emulator}}\n", 1),
			"m.yaml:6:3: site \"beta\" is the same as site \"acme\" on line 5: content_url \"Acme\" on https://tableau.example.com\n" +
				"m.yaml:7:3: the key \"Acme\" differs from \"acme\" on line 5 in case alone\n",
		},
		{
			"keys that are no folders", strings.Replace(small, "acme:\n", "acme:\n  ..: {content_url: a}\n  'a/b': {content_url: b}\n  'c:': {content_url: c}\n  '': {content_url: d}\n  d.: {content_url: e}\n", 1),
			"m.yaml:6:3: the key \"..\" is a folder\n\tthe key names the folder of the site's files\n" +
				"m.yaml:7:3: the key \"a/b\" has a slash\n\tthe key names the folder of the site's files\n" +
				"m.yaml:8:3: the key \"c:\" has one of : * ? \" < > |\n\tthe key names the folder of the site's files\n" +
				"m.yaml:9:3: the key \"\" is empty\n\tthe key names the folder of the site's files\n" +
				"m.yaml:10:3: the key \"d.\" ends with a dot\n\tthe key names the folder of the site's files\n",
		},
		{
			"a site's types", strings.Replace(small, "acme:\n", "acme: {content_url: 7, project: A//B, vars: 1}\n  beta: [x]\n", 1),
			"m.yaml:5:23: content_url must be text, not a number\n\tput it in quotes\n" +
				"m.yaml:5:35: the project \"A//B\" has an empty part\n" +
				"m.yaml:5:47: vars of site \"acme\" must be a mapping, not a number\n" +
				"m.yaml:6:9: site \"beta\" must be a mapping, not a list\n",
		},
		{
			"names that are no vars", strings.Replace(small, "sites:", "vars: {site: 1, upper: 2, a-b: 3, type: 4, count: 5}\nsites:", 1),
			"m.yaml:4:8: \"site\" is a word of expressions, and cannot be a var\n\tchoose another name\n" +
				"m.yaml:4:17: \"upper\" is a function of expressions, and cannot be a var\n\tchoose another name\n" +
				"m.yaml:4:27: expressions cannot name the var \"a-b\"\n\ta var is letters, digits and _\n" +
				"m.yaml:4:44: \"count\" is a function of expressions, and cannot be a var\n\tchoose another name\n",
		},
		{
			"vars that are not what they seem", strings.Replace(small, "sites:", "vars: {a: 007, b: 0x1F, c: 1_000, d: .inf, e: '${f}', f: !x y, g: 12345678901234567890}\nsites:", 1),
			"m.yaml:4:11: 007 would be read as another number\n\tput it in quotes to make it text, or write it in plain decimal\n" +
				"m.yaml:4:19: 0x1F would be read as another number\n\tput it in quotes to make it text, or write it in plain decimal\n" +
				"m.yaml:4:28: 1_000 would be read as another number\n\tput it in quotes to make it text, or write it in plain decimal\n" +
				"m.yaml:4:38: .inf is not a decimal number\n\tput it in quotes to make it text\n" +
				"m.yaml:4:47: a var cannot have expressions\n\twrite the expression where the var is used, or $${ for a literal ${\n" +
				"m.yaml:4:58: the tag !x is not supported\n" +
				"m.yaml:4:67: 12345678901234567890 would be read as another number\n\tput it in quotes to make it text, or write it in plain decimal\n",
		},
		{
			"files", strings.Replace(small, "orders.tds", "ordrs.tds", 1),
			"m.yaml:8:11: there is no file \"ordrs.tds\"\n\tdid you mean \"orders.tds\"?\n",
		},
		{
			"a file of another kind", strings.Replace(small, "orders.tds", "orders.csv", 1),
			"m.yaml:8:11: \"orders.csv\" is not a workbook or a data source\n\ta template is a .twb, .twbx, .tds or .tdsx\n",
		},
		{
			"keys that are not known", small + "    tag: [a]\nsites_form: [a.csv]\n",
			"m.yaml:10:5: unknown key \"tag\" in template \"orders\"\n\tknown here: edits, file, publish, when\n" +
				"m.yaml:11:1: unknown key \"sites_form\" in the manifest\n\tdid you mean \"sites_from\"?\n",
		},
		{
			"workbook options of a data source", strings.Replace(small, "as: Orders", "as: Orders, show_tabs: true, hide_views: [a], create_project: maybe", 1),
			"m.yaml:9:38: show_tabs is for workbooks, and orders.tds is a data source\n" +
				"m.yaml:9:56: hide_views is for workbooks, and orders.tds is a data source\n" +
				"m.yaml:9:77: create_project must be true or false, not text\n",
		},
		{
			"a name that is a number", strings.Replace(small, "as: Orders", "as: 2024, project: [a]", 1),
			"m.yaml:9:19: as must be text, not a number\n\tput it in quotes\nm.yaml:9:34: project must be text, not a list\n",
		},
		{
			"edits", template("a,\n{},\n{table: {from: a}},\n{parameter: A, filter: B, value: 1},\n{filter: A},\n{filter: A, include: [], exclude: [b]},\n{parameter: P, value: [1], optional: yes, datasource: x},\n{connection: {clas: a, datasource: x}, datasource: y, set: {}}"),
			"m.yaml:6:1: an edit must be a mapping, not text\n" +
				"m.yaml:7:1: an edit must have one of connection, parameter, view, filter, extract_filter, worksheet_filter, published, embed, table, schema, database, custom_sql, stored_procedure, extract, data_file, scrub, column, caption, datasource_caption, calculated_field, translate, text, xml\n" +
				"m.yaml:8:9: table has no to\n" +
				"m.yaml:9:1: an edit must have one verb, not parameter and filter\n\tmake each an edit of its own\n" +
				"m.yaml:10:1: a filter must have one of include, exclude, range, last, previous, this, next, to_date, remove\n" +
				"m.yaml:11:1: a filter can have only one of include and exclude\n" +
				"m.yaml:11:22: include must not be empty\n" +
				"m.yaml:12:23: value must be one value, not a list\n" +
				"m.yaml:12:38: optional must be true or false, not text\n" +
				"m.yaml:12:43: unknown key \"datasource\" in the edit of a parameter\n\tknown here: add, all, any, as, caption, optional, parameter, pin, range, remove, value, values, when\n" +
				"m.yaml:13:15: unknown key \"clas\" in connection\n\tdid you mean \"class\"?\n" +
				"m.yaml:13:52: the edit names a datasource twice\n" +
				"m.yaml:13:60: set must not be empty\n",
		},
		{
			"edits of custom SQL", template("{custom_sql: A},\n{custom_sql: A, sql: a, replace: {from: a, to: b}},\n{custom_sql: {name: A, connction: {}}, sql: ''},\n{custom_sql: 1, sql: a, also: [formulas]},\n{custom_sql: A, replace: []},\n{custom_sql: A, replace: {from: a}, also: [initial-sql, 1]},\n{custom_sql: A, replace: [{from: '', to: ''}, a]}"),
			"m.yaml:6:1: the edit of a custom_sql must have one of sql and replace\n" +
				"m.yaml:7:1: the edit of a custom_sql must have one of sql and replace\n" +
				"m.yaml:8:24: unknown key \"connction\" in custom_sql\n\tdid you mean \"connection\"?\n" +
				"m.yaml:8:45: sql must not be empty\n" +
				"m.yaml:9:1: also says where else to replace text, and there is no replace\n" +
				"m.yaml:9:14: custom_sql must be text, not a number\n\tput it in quotes\n" +
				"m.yaml:10:26: replace must not be empty\n" +
				"m.yaml:11:26: replace has no to\n" +
				"m.yaml:11:44: unknown place \"initial-sql\" in also: it may have initial_sql and formulas\n\tdid you mean \"initial_sql\"?\n" +
				"m.yaml:11:57: a place in also must be text, not a number\n\tput it in quotes\n" +
				"m.yaml:12:34: from must not be empty\n" +
				"m.yaml:12:47: replace must be a mapping, not text\n",
		},
		{
			"values of edits of custom SQL", template("{custom_sql: '${\"\"}', sql: \"\\n\"},\n{custom_sql: A, replace: {from: '${\"\"}', to: '${db}'}}"),
			"m.yaml:6:14: custom_sql must not be empty\nm.yaml:6:28: sql must not be empty\n" +
				"m.yaml:7:33: from must not be empty\nm.yaml:7:46: to must be text, not a mapping\n",
		},
		{
			"edits of a stored procedure", template("{stored_procedure: A},\n{stored_procedure: A, set: {}},\n{stored_procedure: A, set: [a], link: {a: 1}, unlink: a},\n{stored_procedure: A, set: {a: [1]}, value: 1}"),
			"m.yaml:6:1: the edit of a stored_procedure must have at least one of set, link, unlink\n" +
				"m.yaml:7:28: set must not be empty\n" +
				"m.yaml:8:28: set must be a mapping, not a list\n" +
				"m.yaml:8:43: a must be text, not a number\n\tput it in quotes\n" +
				"m.yaml:8:55: unlink must be a list, not text\n\twrite unlink: ['a']\n" +
				"m.yaml:9:32: a must be one value, not a list\n" +
				"m.yaml:9:38: unknown key \"value\" in the edit of a stored_procedure\n\tknown here: all, datasource, link, new, optional, set, stored_procedure, unlink, when\n",
		},
		{
			"expressions that do not compile", template("{parameter: P, value: '${1 +}'},\n{parameter: P, value: '${}'},\n{parameter: P, value: 'é ${region'},\n{parameter: P, value: '$${ ${uper()}'},\n{parameter: P, value: \"${now()}\"},\n{parameter: P, value: '${region.upper()}'},\n{parameter: P, when: '${true}', value: 1},\n{parameter: P, when: 'region = 1', value: 1}"),
			"m.yaml:6:28: unexpected token EOF\n" +
				"m.yaml:7:26: an empty expression\n" +
				"m.yaml:8:26: ${ without its }\n\twrite $${ for a literal ${\n" +
				"m.yaml:9:30: unknown function \"uper\"\n\tdid you mean \"upper\"?\n" +
				"m.yaml:10:26: unknown function \"now\"\n" +
				"m.yaml:11:33: values have no methods to call\n" +
				"m.yaml:12:22: when is an expression already\n\twrite the expression without ${ }\n" +
				"m.yaml:13:30: unexpected token Operator(\"=\")\n\t== compares\n",
		},
		{
			"undefined vars", template("{parameter: P, value: 'a $${ b ${ regoin }'},\n{parameter: P, value: '${db.sever}'},\n{parameter: P, value: '${site.keys + db.port.x}'},\n{parameter: P, when: 'regoin == \"\"', value: 1},\n{filter: F, include: ['${let x = 1; x}', '${filter([1], # > y)}']}"),
			"m.yaml:6:35: undefined var \"regoin\"\n\tdid you mean \"region\"?\n" +
				"m.yaml:7:26: undefined var \"db.sever\"\n\tdid you mean \"db.server\"?\n" +
				"m.yaml:8:26: undefined name \"site.keys\"\n\tdid you mean \"site.key\"?\n" +
				"m.yaml:8:38: \"db.port\" has no \"x\": it is a number\n" +
				"m.yaml:9:23: undefined var \"regoin\"\n\tdid you mean \"region\"?\n" +
				"m.yaml:10:61: undefined var \"y\"\n\tknown here: db, region, site\n",
		},
		{
			"what is wrong when it runs", template("{parameter: P, value: '${region + 1}'},\n{parameter: P, value: 'a ${db}'},\n{parameter: '${nil}', value: 1},\n{parameter: P, when: region, value: 1},\n{filter: F, include: '${region}'},\n{filter: F, include: '${[]}'},\n{filter: F, datasource: '${\"\"}', include: [a]},\n{connection: {}, set: {port: ~}},\n{published: P, to: '${1}'},\n{parameter: P, value: '${db?.x.y}'}"),
			"m.yaml:6:33: invalid operation: string + int\n" +
				"m.yaml:7:28: a mapping cannot be written as text\n" +
				"m.yaml:8:13: parameter must be text, not null\n" +
				"m.yaml:9:22: when must be true or false, not text\n" +
				"m.yaml:10:22: include must be a list, not text\n\twrite include: ['${region}']\n" +
				"m.yaml:11:22: the list is empty\n" +
				"m.yaml:12:25: datasource must not be empty\n" +
				"m.yaml:13:30: port must be text, not null\n" +
				"m.yaml:14:20: to must be a published data source or its content URL, not a number\n" +
				"m.yaml:15:32: cannot fetch y from <nil>\n",
		},
		{
			"calls of env and file", template("{filter: F, include: ['${env()}', '${env(1)}', '${file(region, region)}', '${env(nil)}', '${env(1 == 1)}', '${file(db?.x) + env(lower(region))}']}"),
			"m.yaml:6:26: not enough arguments to call env\n" +
				"m.yaml:6:42: cannot use int as argument (type string) to call env \n" +
				"m.yaml:6:51: too many arguments to call file\n" +
				"m.yaml:6:82: cannot use nil as argument (type string) to call env\n" +
				"m.yaml:6:99: cannot use bool as argument (type string) to call env \n",
		},
		{
			"secrets where they would be shown", strings.Replace(small, "as: Orders", "as: 'a ${env(\"A\")}', project: '${file(\"b\")}'", 1),
			"m.yaml:9:24: what env, file and secret return is secret, and as is not\nm.yaml:9:48: what env, file and secret return is secret, and project is not\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, problems(t, test.manifest)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// What a program writes in one line has the same places, and its problems share that line.
func TestLoadOneLine(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString(`{version: 1, server: {url: emulator}, templates: {sales: {file: sales.twb, publish: {as: "é"}}}, sites: {`)
	for i := range 50 {
		fmt.Fprintf(&text, `é%d: {content_url: c%d, server: {sign_in: {user: "${site.key + nope%d}", password: "hush"}}}, `, i, i, i)
	}
	text.WriteString("}}")
	_, err := Load(inFolder(t, text.String()))
	found, _ := errors.AsType[Problems](err)
	if len(found) != 50 {
		t.Fatalf("%d problems: %v", len(found), err)
	}
	for i, p := range found {
		want := fmt.Sprintf("nope%d}", i)
		if got := string([]rune(p.Source)[p.Col-1:]); !strings.HasPrefix(got, want) || strings.Contains(got, "hush") {
			t.Errorf("problem %d is at %.20q, want %q", i, got, want)
		}
		if unsafe.StringData(p.Source) != unsafe.StringData(found[0].Source) {
			t.Errorf("problem %d has a line of its own", i)
		}
	}
}

// Places are the same in whatever order they are asked for.
func TestPlacesInAnyOrder(t *testing.T) {
	t.Parallel()
	s := newSource("m.yaml", []byte("aé€\nb😀c\n"))
	for _, offset := range []int{0, 3, 1, 1, 6, 12, 8, 0, 7, 3} {
		at := s.at(offset)
		if want := utf8.RuneCountInString(s.text[s.lines[at.line-1]:offset]) + 1; at.col != want {
			t.Errorf("offset %d is at column %d, want %d", offset, at.col, want)
		}
		if got := s.offset(&yaml.Node{Line: at.line, Column: at.col}); got != offset {
			t.Errorf("line %d, column %d is at offset %d, want %d", at.line, at.col, got, offset)
		}
	}
}

// A value that needs quotes is told from what else is not YAML.
func TestQuoteHint(t *testing.T) {
	t.Parallel()
	const hint = "\tput the value in quotes\n"
	for edit, want := range map[string]string{
		"{filter: F, include: [${region}]}":                        hint,
		"{filter: F, include: [${region == 'x' ? \"a\" : \"b\"}]}": hint,
		"{connection: {}, set: {port: ${db.port}}}":                hint,
		"{stored_procedure: P, set: {@Tenant: x}}":                 hint,
		"\n      filter: F\n      include: @x":                     hint,
		"\n      published: A : B\n      to: x":                    hint,
		"\n      parameter: P\n      value: [Sales] * 2":           hint,
		"\n      parameter: P\n      value: \"a\" b":               hint,
		"{filter: '${region}', include: [a}":                       "",
		"{filter: 'it''s: a: b', include: [a}":                     "",
		"{filter: \"a \\\" @b: : \", include: [a}":                 "",
		"{connection: {class: x}, set: {port: 1, dbname: b]}":      "",
		"{filter: a@b.c, include: [a}":                             "",
	} {
		text := problems(t, small+"    edits:\n    - "+edit+"\n")
		message, got, _ := strings.Cut(text, "\n")
		if !strings.Contains(message, ": not YAML: ") || got != want {
			t.Errorf("%s\ngot  %q\nwant the hint %q", edit, text, want)
		}
	}
}

// A value where a list belongs is told how it becomes one, if it is one value.
func TestListHint(t *testing.T) {
	t.Parallel()
	for include, want := range map[string]string{
		"Acme":                  "text\n\twrite include: ['Acme']\n",
		`"it's"`:                "text\n\twrite include: ['it''s']\n",
		"5":                     "a number\n\twrite include: [5]\n",
		"":                      "nothing\n",
		"{a: b}":                "a mapping\n",
		"'${\"a\" + site.key}'": "text\n\twrite include: ['${\"a\" + site.key}']\n",
		"'${{\"a\": 1}}'":       "a mapping\n",
	} {
		got := problems(t, small+"    edits:\n    - filter: F\n      include: "+include+"\n")
		if _, got, _ = strings.Cut(got, ": include must be a list, not "); got != want {
			t.Errorf("%s: got %q, want %q", include, got, want)
		}
	}
}

// One server is one server, however its address is written.
func TestServerIsOne(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"https://Tableau.example.com:443/": "https://tableau.example.com", "http://tableau.example.com:80": "http://tableau.example.com",
		"https://tableau.example.com:80": "https://tableau.example.com:80", "http://[::1]:80": "http://[::1]",
	} {
		m, err := Load(inFolder(t, "version: 1\nserver: {url: '"+written+"'}\nsites: {acme: }\ntemplates: {sales: {file: sales.twb, publish: {as: S}}}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Sites()[0].Server.URL; got != want {
			t.Errorf("%s is %s, want %s", written, got, want)
		}
	}
}
