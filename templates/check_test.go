package templates

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSiteProblems(t *testing.T) {
	t.Parallel()
	manifest := func(sites, templates string) string {
		return "version: 1\nserver: {url: emulator}\nvars: {lang: en}\nsites:\n" + sites + "templates:\n" + templates
	}
	const orders = "  orders: {file: orders.tds, publish: {as: 'Orders ${tenant}'}}\n"
	for _, test := range []struct{ name, manifest, want string }{
		{
			"a var of one site", manifest("  a: {vars: {tenant: A}}\n  b:\n", orders),
			"m.yaml:8:54: undefined var \"tenant\" (site b)\n\tknown here: lang, site\n",
		},
		{
			"a var of no site", manifest("  a:\n  b:\n", orders),
			"m.yaml:8:54: undefined var \"tenant\"\n\tknown here: lang, site\n",
		},
		{
			"a var of a few sites", manifest("  a: {vars: {tenant: A}}\n  b:\n  c:\n  d:\n  e:\n", orders),
			"m.yaml:11:54: undefined var \"tenant\" (sites b, c, d and 1 more)\n\tknown here: lang, site\n",
		},
		{
			"names that cannot be published", manifest("  a: {vars: {tenant: ' '}}\n  b: {vars: {tenant: a/b}}\n  c: {vars: {tenant: x}}\n  d: {vars: {tenant: \"\\n\"}}\n", orders),
			"m.yaml:10:44: the name \"Orders  \" begins or ends with a space (site a)\n" +
				"m.yaml:10:44: the name \"Orders \\n\" begins or ends with a space (site d)\n" +
				"m.yaml:10:44: the name \"Orders a/b\" has a slash (site b)\n",
		},
		{
			"a project of one site", manifest("  a: {vars: {tenant: A}}\n  b: {vars: {tenant: /}}\n", "  orders: {file: orders.tds, publish: {as: O, project: 'P/${tenant}'}}\n"),
			"m.yaml:8:56: the project \"P//\" has an empty part (site b)\n",
		},
		{
			"one name twice on a site", manifest("  a: {vars: {tenant: A}}\n  b: {vars: {tenant: B}}\n",
				"  one: {file: sales.twb, publish: {as: Sales A}}\n  two: {file: sales2.twbx, publish: {as: 'sales ${tenant}'}}\n  other: {file: orders.tds, publish: {as: Sales A}}\n  else: {file: sales.twb, publish: {as: Sales A, project: P}}\n"),
			"m.yaml:9:42: template \"two\" is published as the workbook \"sales A\" in the same project as template \"one\" (site a)\n",
		},
		{
			"one name twice in the project that every site has", manifest("  a: {vars: {tenant: A}}\n",
				"  one: {file: sales.twb, publish: {as: Sales}}\n  two: {file: sales2.twbx, publish: {as: Sales, project: default}}\n"),
			"m.yaml:8:42: template \"two\" is published as the workbook \"Sales\" in the same project as template \"one\"\n",
		},
		{
			"a when that leaves sites out", manifest("  a: {vars: {tenant: A}}\n  b:\n",
				"  sales: {file: sales.twb, publish: {as: S}, edits: [{when: site.key == \"a\", parameter: T, value: '${tenant}'}]}\n"),
			"",
		},
		{
			"a type of one site", manifest("  a: {vars: {n: 1}}\n  b: {vars: {n: x}}\n",
				"  sales: {file: sales.twb, publish: {as: S}, edits: [{parameter: T, value: '${n + 1}'}]}\n"),
			"m.yaml:8:81: invalid operation: string + int (site b)\n",
		},
		{
			"a sign_in", "version: 1\nserver: {url: emulator, sign_in: {user: '${usr}', password: '${env(usr)}'}}\nsites: {a: {vars: {user: x}}, b: {server: {sign_in: {user: b, password: b}}}}\n" +
				"templates: {o: {file: orders.tds, publish: {as: O}}}\n",
			"m.yaml:2:44: undefined var \"usr\" (site a)\n\tdid you mean \"user\"?\nm.yaml:2:68: undefined var \"usr\" (site a)\n\tdid you mean \"user\"?\n",
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

func TestPublishedProblems(t *testing.T) {
	t.Parallel()
	const head = "version: 1\nserver: {url: emulator}\nsites: {a: }\ntemplates:\n"
	uses := func(name, file, to string) string {
		return fmt.Sprintf("  %s: {file: %s, publish: {as: %s}, edits: [{published: X, to: '%s'}]}\n", name, file, name, to)
	}
	for _, test := range []struct{ name, manifest, want string }{
		{"right", head + uses("sales", "sales.twb", "${published.orders}") + uses("orders", "orders.tds", "Base"), ""},
		{
			"a circle", head + uses("a", "orders.tds", "${published.b}") + uses("b", "orders.tds", "${published.c}") + uses("c", "orders.tds", "${published.b}"),
			"m.yaml:6:3: the templates need each other published first: b -> c -> b\n",
		},
		{
			"itself", head + uses("a", "orders.tds", "${published.a}"),
			"m.yaml:5:3: the templates need each other published first: a -> a\n",
		},
		{
			"no content URL", head + uses("a", "sales.twb", "My Orders") + uses("b", "sales.twb", "x/${site.key}") + uses("c", "sales.twb", ""),
			"m.yaml:5:69: \"My Orders\" cannot be the content URL of a data source: it has a space\n\ta content URL is the name in the data source's address, not its caption\n" +
				"m.yaml:6:69: \"x/a\" cannot be the content URL of a data source: it has a slash\n\ta content URL is the name in the data source's address, not its caption\n" +
				"m.yaml:7:69: \"\" cannot be the content URL of a data source: it is empty\n\ta content URL is the name in the data source's address, not its caption\n",
		},
		{
			"no template", head + uses("sales", "sales.twb", "${published.ordes}") + uses("orders", "orders.tds", "Base"),
			"m.yaml:5:80: undefined name \"published.ordes\"\n\tdid you mean \"published.orders\"?\n",
		},
		{
			"a workbook", head + uses("sales", "sales.twb", "${published.more}") + uses("more", "sales.twb", "Base"),
			"m.yaml:5:80: published.more: template \"more\" is a workbook, not a data source\n",
		},
		{
			"a part of it", head + uses("sales", "sales.twb", "${published.orders.name}") + uses("orders", "orders.tds", "Base"),
			"m.yaml:5:80: \"published.orders\" has no \"name\": it is a published data source\n",
		},
		{
			"all of them", head + uses("sales", "sales.twb", "${published[\"or\" + \"ders\"]}") + uses("orders", "orders.tds", "Base"),
			"m.yaml:5:80: published is not a value\n\twrite published. and the name of a template\n",
		},
		{
			"inside text", head + uses("sales", "sales.twb", "x ${published.orders}") + uses("orders", "orders.tds", "Base"),
			"m.yaml:5:82: a published data source cannot be written as text\n",
		},
		{
			"elsewhere", head + "  sales: {file: sales.twb, publish: {as: '${published.orders}'}}\n" + uses("orders", "orders.tds", "Base"),
			"m.yaml:5:45: published cannot be used in as: only in the `to` of an edit\n",
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

func TestTemplatesOrder(t *testing.T) {
	t.Parallel()
	m, err := Load(inFolder(t, `version: 1
server: {url: emulator}
sites: {a: }
templates:
  late: {file: sales.twb, publish: {as: Late}, edits: [{published: X, to: '${site.key == "a" ? published.mid : published.base}'}]}
  first: {file: sales.twb, publish: {as: First}}
  mid: {file: orders.tds, publish: {as: Mid}, edits: [{published: X, to: '${published["base"]}'}]}
  base: {file: orders.tds, publish: {as: Base}}
`))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, template := range m.Templates() {
		names = append(names, template.Name)
	}
	if diff := cmp.Diff([]string{"base", "mid", "late", "first"}, names); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	path := inFolder(t, `version: 1
server: {url: emulator, sign_in: {user: '${admin}', password: '${env("P")}'}}
vars:
  admin: root
  unused: 1
  db: {server: s, port: 1}
  whole: {a: 1, b: {c: 2}}
  list: [{x: 1}, {y: 2}]
sites:
  a: {vars: {tenant: A, extra: {deep: 1}}}
  b: {vars: {tenant: B, extra: {deep: 2}}}
templates:
  sales:
    file: sales.twb
    publish: {as: '${tenant}', description: '${len(whole)} ${db["server"]}'}
    edits: [{connection: {}, set: {dbname: y}}]
`)
	m, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "m.yaml:5:3: nothing uses the var \"unused\"\n" +
		"m.yaml:6:19: nothing uses the var \"db.port\"\n" +
		"m.yaml:8:3: nothing uses the var \"list\"\n" +
		"m.yaml:10:33: nothing uses the var \"extra.deep\"\n"
	if diff := cmp.Diff(want, show(path, m.Warnings())); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
