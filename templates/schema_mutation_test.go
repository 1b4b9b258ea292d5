package templates

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// Manifests that neither the schema nor Load takes.
func TestSchemaRefusesManifests(t *testing.T) {
	t.Parallel()
	check := newSchemaCheck(t)
	const head = "version: 1\nserver: {url: emulator}\nsites: {acme: }\n"
	with := func(edit string) string {
		return head + "templates: {sales: {file: sales.twb, publish: {as: Sales}, edits: [" + edit + "]}}\n"
	}
	for _, manifest := range []string{
		"[]", "a", head, "version: 2\nserver: {url: emulator}\nsites: {acme: }\ntemplates: {orders: {file: orders.tds, publish: {as: Orders}}}\n",
		head + "templates: {}\n", head + "templates: {orders: {file: orders.tds}}\n", head + "templates: {orders: {publish: {as: Orders}}}\n",
		head + "templates: {orders: {file: orders.xlsx, publish: {as: Orders}}}\n", head + "templates: {orders: {file: '${site.key}.tds', publish: {as: Orders}}}\n",
		head + "templates: {orders: {file: orders.tds, publish: {as: 7}}}\n", head + "templates: {orders: {file: orders.tds, publish: {}}}\n",
		head + "templates: {orders: {file: orders.tds, publish: {as: Orders, create_project: 'yes'}}}\n",
		head + "vars: [a]\n" + small, head + "vars: {a b: 1}\n" + small, head + "vars: {secret: 1}\n" + small, head + "vars: {a: {b: ['${c}']}}\n" + small,
		"version: 1\nserver: {url: emulator, sign_in: {}}\nsites: {acme: }\ntemplates: {orders: {file: orders.tds, publish: {as: Orders}}}\n",
		"version: 1\nserver: {url: emulator, sign_in: {user: a}}\nsites: {acme: }\ntemplates: {orders: {file: orders.tds, publish: {as: Orders}}}\n",
		"version: 1\nserver: {url: emulator, sign_in: {token: {name: a}}}\nsites: {acme: }\ntemplates: {orders: {file: orders.tds, publish: {as: Orders}}}\n",
		"version: 1\nserver: {url: emulator, sign_in: {user: a, password: b, token: {name: a, secret: b}}}\nsites: {acme: }\ntemplates: {orders: {file: orders.tds, publish: {as: Orders}}}\n",
		"version: 1\nserver: {url: emulator}\nsites: {a/b: }\ntemplates: {orders: {file: orders.tds, publish: {as: Orders}}}\n",
		"version: 1\nserver: {url: emulator}\nsites: {acme: {content_url: a b}}\ntemplates: {orders: {file: orders.tds, publish: {as: Orders}}}\n",
		"version: 1\nserver: {url: emulator}\nsites: {}\ntemplates: {orders: {file: orders.tds, publish: {as: Orders}}}\n",
		with("{}"), with("a"), with("{optional: true}"), with("{filter: a}"), with("{filter: a, remove: true, view: b}"),
		with("{filter: a, include: [1], exclude: [2]}"), with("{filter: a, include: []}"), with("{filter: a, include: b}"), with("{filter: a, remove: false}"),
		with("{filter: a, range: {}}"), with("{filter: a, include: [1], nulls: include}"), with("{filter: a, include: [1], anchor: 2024-01-01}"),
		with("{filter: a, include: all, manual: true}"), with("{filter: a, range: {min: 1}, manual: true}"), with("{filter: a, last: {month: 1}}"),
		with("{filter: a, last: {months: 0}}"), with("{filter: a, last: {months: 1, years: 1}}"), with("{filter: a, last: {}}"), with("{filter: a, this: months}"),
		with("{filter: a, range: {min: null}}"), with("{filter: a, range: {min: 1}, nulls: maybe}"), with("{filter: a, range: {min: 1, step: 2}}"),
		with("{worksheet_filter: a, worksheet: b, shared: true, remove: true}"), with("{extract_filter: a, worksheet: b, remove: true}"),
		with("{connection: {}}"), with("{connection: {clas: a}, set: {port: 1}}"), with("{connection: {}, set: {}}"), with("{connection: {}, set: {port: [1]}}"),
		with("{connection: {datasource: a}, datasource: b, set: {port: 1}}"), with("{connection: {}, remove: port}"), with("{connection: a, set: {port: 1}}"),
		with("{table: {from: a}}"), with("{schema: a}"), with("{database: {from: a, to: b, connection: {datasource: c}}}"),
		with("{custom_sql: a}"), with("{custom_sql: a, sql: b, replace: {from: a, to: b}}"), with("{custom_sql: a, sql: b, also: [formulas]}"),
		with("{custom_sql: a, replace: []}"), with("{custom_sql: a, replace: {from: a, to: b}, also: [names]}"), with("{custom_sql: {nam: a}, sql: b}"),
		with("{stored_procedure: a}"), with("{stored_procedure: a, new: true}"), with("{stored_procedure: a, link: {b: 1}}"), with("{stored_procedure: a, unlink: b}"),
		with("{published: a}"), with("{published: a, to: {site: b}}"), with("{published: a, to: b, datasource: c}"), with("{embed: a, from: [b]}"),
		with("{parameter: a}"), with("{parameter: a, optional: true}"), with("{parameter: a, value: 1, as: b}"), with("{parameter: a, any: false}"),
		with("{parameter: a, values: [1], range: {min: 1}}"), with("{parameter: a, remove: true, value: 1}"), with("{parameter: a, add: {type: string}}"),
		with("{parameter: a, add: {}, value: 1}"), with("{parameter: a, add: {type: string}, value: 1, pin: true}"), with("{parameter: a, range: {step: {month: 1}}}"),
		with("{parameter: a, values: [{as: b}]}"), with("{view: a}"), with("{view: a, hidden: 1}"),
		with("{extract: attach}"), with("{extract: take}"), with("{extract: remove, file: a}"), with("{extract: remove, remove_file: true}"), with("{extract: disable, unwrap: true}"),
		with("{data_file: a}"), with("{data_file: a, remove: true, as: b}"), with("{scrub: users}"), with("{scrub: []}"), with("{scrub: [pictures]}"), with("{scrub: [caches], datasource: a}"),
		with("{column: a}"), with("{column: a, set: {}}"), with("{column: a, set: {hidden: 'yes'}}"), with("{column: a, aliases: [{value: 1}]}"), with("{column: a, aliases: []}"),
		with("{caption: a}"), with("{datasource_caption: a, to: b, datasource: c}"), with("{calculated_field: a}"), with("{calculated_field: a, formula: b, remove: true}"),
		with("{calculated_field: a, remove: true, role: b}"), with("{translate: a.csv, only: [names]}"), with("{translate: {}}"), with("{text: a}"), with("{text: a, with: b, except: []}"),
		with("{xml: /a}"), with("{xml: /a, set: {}}"), with("{xml: /a, set: {password: b}}"), with("{xml: /a, remove: true, text: b}"), with("{xml: /a, remove: false}"),
		with("{view: a, hidden: true, when: '${b}'}"), with("{view: a, hidden: true, when: ''}"), with("{view: a, hidden: true, all: 1}"),
	} {
		found := problems(t, manifest)
		if found == "" {
			t.Errorf("Load takes\n%s", manifest)
		}
		n, broken := newSource("m.yaml", []byte(manifest)).parse()
		if broken == nil && check.schema.Validate(jsonOf(n)) == nil {
			t.Errorf("the schema takes\n%s\nLoad says %s", manifest, found)
		}
	}
}

// A mutation makes a manifest wrong, probably.
type mutation struct {
	what     string
	computed bool // it may make expressions that have results of other types
	do       func()
	restore  func()
}

// siteKey is what mutations put in the place of values.
const siteKey = "${site.key}"

// mutations are what may be done to a manifest, one at a time.
func mutations(top *yaml.Node) (all []mutation) {
	add := func(at []string, what string, n *yaml.Node, changed yaml.Node) {
		before := *n
		all = append(all, mutation{
			what:     fmt.Sprintf("%v: %s", at, what),
			computed: slices.Contains(at, "vars") || holdsVars(at) || changed.Value == siteKey || strings.Contains(before.Value, "${"),
			do:       func() { *n = changed }, restore: func() { *n = before },
		})
	}
	value := func(at []string, n *yaml.Node) {
		alias := *n
		for _, changed := range []struct {
			what string
			node yaml.Node
		}{ // in an order, so that a seed always does the same
			{"in a list", yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{&alias}}},
			{"in a mapping", yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{scalarNode("inner"), &alias}}},
			{"null", *scalarNode("null")},
			{"a number", *scalarNode("7")},
			{"true", *scalarNode("true")},
			{"text", *scalarNode("some text")},
			{"an expression", *scalarNode(siteKey)},
			{"empty", yaml.Node{Kind: yaml.ScalarNode, Style: yaml.SingleQuotedStyle}},
		} {
			add(at, changed.what, n, changed.node)
		}
	}
	eachMapping(top, nil, func(_, m *yaml.Node, at []string) {
		for i := 0; i < len(m.Content); i += 2 {
			key := m.Content[i]
			below := append(at[:len(at):len(at)], key.Value)
			add(below, "renamed", key, *scalarNode(key.Value + "_"))
			without := *m
			without.Content = slices.Delete(slices.Clone(m.Content), i, i+2)
			add(below, "dropped", m, without)
			value(below, m.Content[i+1])
			if list := m.Content[i+1]; list.Kind == yaml.SequenceNode {
				for _, item := range list.Content {
					value(append(below, "item"), item)
				}
			}
		}
		for _, key := range []string{"view", "text", "caption", "remove", "datasource"} { // verbs, and keys of some
			if has(m, key) {
				continue
			}
			with := *m
			with.Content = append(slices.Clone(m.Content), scalarNode(key), scalarNode("true"))
			add(at, "with "+key, m, with)
		}
	})
	return all
}

// holdsVars tells whether a place is a site, or all of them: without their own vars, sites have the default ones.
func holdsVars(at []string) bool { return len(at) > 0 && len(at) <= 2 && at[0] == "sites" }

// structural matches problems that are of the form of a manifest alone.
var structural = regexp.MustCompile(`^(unknown key "|.* must be a (mapping|list), not |.* must be one value, not |.* must be text, not (a (mapping|list|number|boolean)|nothing)$|` +
	`.*must have (one of|at least one of|one verb)|.*can have only one of|(an? |the |publish|token|sign_in|to |table|schema|database|replace|add)[^"]*has no \w+$)`)

// agree reports where the schema and Load do not agree on a manifest: what the schema refuses is wrong, and what is wrong
// with the form of a manifest the schema refuses.
func (c schemaCheck) agree(t testing.TB, s sample, top *yaml.Node, m mutation) {
	t.Helper()
	m.do()
	text := textOf(t, top)
	m.restore()
	n, broken := newSource("m.yaml", []byte(text)).parse()
	if broken != nil {
		return
	}
	found := s.load(text)
	refused := c.schema.Validate(jsonOf(n))
	if refused != nil && found == nil {
		t.Errorf("%s: %s: Load takes what the schema refuses: %v", s.path, m.what, refused)
	}
	for _, p := range found {
		if refused == nil && !m.computed && structural.MatchString(p.Message) {
			t.Errorf("%s: %s: the schema takes what Load refuses: %v", s.path, m.what, p)
		}
	}
}

// The schema and Load agree on every manifest that is one step from the one that has everything, by parts: all but its
// edits, and then each edit by itself.
func TestSchemaAgreesWithLoad(t *testing.T) {
	t.Parallel()
	check := newSchemaCheck(t)
	s := whole(t)
	top := root(t, s.text)
	if found := s.load(textOf(t, top)); found != nil {
		t.Error(found)
	}
	edits := editsOf(top).Content
	editsOf(top).Content = nil
	for _, m := range mutations(top) {
		check.agree(t, s, top, m)
	}
	site, checkSite := siteSample(t), compileSchema(t, SiteSchema())
	top = root(t, site.text)
	for _, m := range mutations(top) {
		checkSite.agree(t, site, top, m)
	}
	top = root(t, oneEdit)
	for _, e := range edits {
		editsOf(top).Content = []*yaml.Node{e}
		if found := s.load(textOf(t, top)); found != nil {
			t.Errorf("an edit alone: %v", found)
		}
		for _, m := range mutations(e) {
			check.agree(t, s, top, m)
		}
	}
}

// oneEdit is a manifest for an edit of testdata/whole.yaml.
const oneEdit = `version: 1
server: {url: emulator}
vars: {tenant: Nobody, seen: true, dates: {count: 3, period: month, from: 2024-01-01}, regions: [EMEA, AMER]}
sites: {acme: }
templates: {orders: {file: orders.tds, publish: {as: Orders}}, sales: {file: sales.twb, publish: {as: Sales}, edits: []}}
`

// editsOf returns the edits of the template sales.
func editsOf(top *yaml.Node) *yaml.Node {
	for _, name := range []string{"templates", "sales", "edits"} {
		for key, val := range pairs(top) {
			if key.Value == name {
				top = val
			}
		}
	}
	return top
}

// FuzzSchema takes some steps from any manifest that is right.
func FuzzSchema(f *testing.F) {
	check := newSchemaCheck(f)
	all := samples(f)
	for i := range uint64(100) {
		f.Add(i)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		s := all[random.IntN(len(all))]
		top := root(t, s.text)
		steps := mutations(top)
		computed := false
		for range random.IntN(3) {
			step := steps[random.IntN(len(steps))]
			step.do()
			computed = computed || step.computed
		}
		if steps = mutations(top); len(steps) > 0 {
			last := steps[random.IntN(len(steps))]
			last.computed = last.computed || computed
			check.agree(t, s, top, last)
		}
	})
}
