package templates

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// evaluate evaluates the value of a parameter on the first site of a manifest.
func evaluate(t *testing.T, vars, value string, options ...Option) any {
	t.Helper()
	m, err := Load(inFolder(t, "version: 1\nserver: {url: emulator}\nsites: {acme: {vars: "+vars+"}}\n"+
		"templates: {sales: {file: sales.twb, publish: {as: S}, edits: [{parameter: P, value: "+value+"}]}}\n"), options...)
	if err != nil {
		t.Fatal(err)
	}
	e := m.sites[0].evaluator()
	e.secrets = true
	result, ok := e.eval(m.templates[0].edits[0].verb.(*parameterVerb).value)
	if !ok {
		t.Fatal(e.found)
	}
	return result
}

func TestValues(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		vars, value string
		want        any
	}{
		{"{}", "text", "text"},
		{"{}", "5432", 5432},
		{"{}", "-1", -1},
		{"{}", "'5432'", "5432"},
		{"{}", "1.50", 1.5},
		{"{}", "true", true},
		{"{}", "yes", "yes"},
		{"{}", "~", nil},
		{"{}", "2024-01-31", time.Date(2024, 1, 31, 0, 0, 0, 0, time.UTC)},
		{"{a: 5432}", "'${a}'", 5432},
		{"{a: 5432}", "'${ a }'", 5432},
		{"{a: 5432}", "' ${a}'", " 5432"},
		{"{a: 5432}", "'${a}${a}'", "54325432"},
		{"{a: 1.50, b: true, c: 2024-01-31, d: 2024-01-31T10:00:00Z}", "'${a} ${b} ${c} ${d}'", "1.5 true 2024-01-31 2024-01-31 10:00:00"},
		{"{a: 1}", "'$${a}'", "${a}"},
		{"{a: 1}", "'$$${a}'", "$${a}"},
		{"{a: 1}", "'$ {a} $a $${a} ${a}$'", "$ {a} $a ${a} 1$"},
		// What a var holds is not expanded again, however it looks.
		{"{a: '$${site.key}'}", "'${a}'", "${site.key}"},
		{"{a: '$${site.key}'}", "'x ${a}'", "x ${site.key}"},
		{"{a: '$${env(\"HOME\")}'}", "'${a + \"$\" + \"{a}\"}'", "${env(\"HOME\")}${a}"},
		{"{a: ']]><a/> & <b> \" x'' onload=''y'}", "'${a}'", "]]><a/> & <b> \" x' onload='y"},
		// Braces and quotes inside an expression.
		{"{a: 1}", `'${{"k": a}["k"]}'`, 1},
		{"{a: 1}", `'x ${"}" + "${" + "\"}"} y'`, `x }${"} y`},
		{"{a: 1}", "'${`}`}'", "}"},
		{"{db: {port: 1}}", `'${db?.name ?? "none"}'`, "none"},
		{"{}", "'${site.key} ${site.content_url} ${site.project}'", "acme acme "},
		{"{type: t, date: d, now: n}", "'${type + date + now}'", "tdn"},
	} {
		t.Run(test.value, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, evaluate(t, test.vars, test.value)); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
		})
	}
}

// The place of a name inside an expression is exact wherever the expression is written as it is, and else the place
// where it begins.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, value, want string }{
		{"plain", "${x + nope}", "m.yaml:8:22"},
		{"wide characters", "é€😀 ${nope}", "m.yaml:8:22"},
		{"single quotes", "'it''s ${nope}'", "m.yaml:8:25"},
		{"double quotes", `"\t ${x} $${ ${nope}"`, "m.yaml:8:31"},
		{"escapes inside", `"${x + \"a\" + nope}"`, "m.yaml:8:19"},
		{"all escaped", `"\x24{nope}"`, "m.yaml:8:18"},
		{"literal block", "|\n          a ${x}\n          b ${nope}", "m.yaml:10:15"},
		{"folded block", ">-\n          a\n          ${x +\n          nope}", "m.yaml:10:13"},
		{"two lines", "a\n         ${nope}", "m.yaml:9:12"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := problems(t, `version: 1
server: {url: emulator}
sites: {a: {vars: {x: 1}}}
templates:
  sales:
    file: sales.twb
    edits:
      - value: `+test.value+`
        parameter: P
    publish: {as: S}
`)
			if want := test.want + ": undefined var \"nope\"\n\tknown here: site, x\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestAlias(t *testing.T) {
	t.Parallel()
	m, err := Load(inFolder(t, `version: 1
server: {url: emulator}
vars: {a: &a {x: 1}, b: *a}
sites: {acme: {vars: &v {c: 1}}, beta: {vars: *v}}
templates:
  one: {file: sales.twb, publish: {as: '${b.x}'}, edits: &e [{parameter: P, value: '${a.x + c}'}]}
  two: {file: sales.twb, publish: {as: Two}, edits: *e}
`))
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.templates[0].Publish(m.sites[1])
	if err != nil || p.Name != "1" || len(m.templates[1].edits) != 1 {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestExpressionLimits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ value, want string }{
		{`${len(map(1..200000, #))}`, "memory budget exceeded"},
		{`${repeat("x", 1000000)}`, "memory budget exceeded"},
		{"${" + strings.Repeat("1+", 2000) + "1}", "expression exceeds maximum allowed nodes"},
	} {
		got := problems(t, strings.Replace(small, "as: Orders", "as: '"+test.value+"'", 1))
		if !strings.Contains(got, test.want) {
			t.Errorf("%.30s: got %q, want %q in it", test.value, got, test.want)
		}
	}
}

// The documentation of the package has all functions.
func TestFunctionsAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "an expression may call\n")
	list, _, _ := strings.Cut(rest, "// and no other")
	got := strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune("/,\t\n ", r) })
	if diff := cmp.Diff(functions, got); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
}

func TestSites(t *testing.T) {
	t.Parallel()
	_, err := Load(inFolder(t, `version: 1
server: {url: emulator}
vars: {db: {server: a, port: 1}, list: [1, 2], lang: en}
sites:
  acme: {content_url: "", project: A/B, vars: {db: {server: b}, list: [3], lang: {x: y}}}
  "7": {}
templates:
  one: {file: sales.twb, publish: {as: One}}
  two: {file: sales.twb, publish: {as: Two, project: '', hide_views: [A, '${lang}'], show_tabs: '${site.key == "7"}', create_project: true}}
`))
	// The list of hide_views is text on one site and not on the other.
	if err == nil || !strings.Contains(err.Error(), "a value of hide_views must be text, not a mapping (site acme)") {
		t.Fatalf("got %v", err)
	}
	m, err := Load(inFolder(t, `version: 1
server: {url: emulator}
vars: {db: {server: a, port: 1}, list: [1, 2], lang: en}
sites:
  acme: {content_url: "", project: A/B, vars: {db: {server: b}, list: [3], lang: de}}
  "7": {}
templates:
  one: {file: sales.twb, publish: {as: One}}
  two: {file: sales.twb, publish: {as: Two, project: 'C', hide_views: [A, '${lang}'], show_tabs: '${site.key == "7"}', create_project: true}}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{
			"db": map[string]any{"server": "b", "port": 1}, "list": []any{3}, "lang": "de",
			"site": map[string]any{"key": "acme", "content_url": "", "project": "A/B"},
		},
		{
			"db": map[string]any{"server": "a", "port": 1}, "list": []any{1, 2}, "lang": "en",
			"site": map[string]any{"key": "7", "content_url": "7", "project": ""},
		},
	}
	var got []map[string]any
	var published []Publish
	for _, s := range m.Sites() {
		got = append(got, s.names)
		for _, template := range m.Templates() {
			p, err := template.Publish(s)
			if err != nil {
				t.Fatal(err)
			}
			published = append(published, p)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	wantPublish := []Publish{
		{Name: "One", Project: "A/B"},
		{Name: "Two", Project: "C", CreateProject: true, HideViews: []string{"A", "de"}},
		{Name: "One"},
		{Name: "Two", Project: "C", CreateProject: true, ShowTabs: true, HideViews: []string{"A", "en"}},
	}
	if diff := cmp.Diff(wantPublish, published); diff != "" {
		t.Errorf("publish (-want +got):\n%s", diff)
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	path := inFolder(t, small)
	m, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Site("acne")
	if want := fmt.Sprintf("no site \"acne\" in %s: the nearest is \"acme\"", path); fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = m.Template("x")
	if want := fmt.Sprintf("no template \"x\" in %s: there are orders", path); fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := Load(path, WithEnv(nil), WithFiles(nil), WithSecrets(nil)); err == nil || strings.Count(err.Error(), "is nil") != 3 {
		t.Errorf("got %v", err)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	_, err := Load(inFolder(t, small+"\textra: 1\n"))
	p, ok := errors.AsType[*Problem](err)
	if !ok {
		t.Fatal(err)
	}
	if got, want := p.Excerpt(), "   10 | \textra: 1\n      | ^\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, err = Load(inFolder(t, strings.Replace(small, "    publish: {as: Orders}", "    publish: {as: 'é\t${x}'}", 1)))
	if p, ok = errors.AsType[*Problem](err); !ok {
		t.Fatal(err)
	}
	if got, want := p.Excerpt(), "    9 |     publish: {as: 'é\t${x}'}\n      |                     \t  ^\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	long := &Problem{Line: 1, Col: 501, Source: strings.Repeat("é", 500) + "x" + strings.Repeat("y€", 500)}
	if got, want := long.Excerpt(), "    1 | …"+strings.Repeat("é", 60)+"x"+strings.Repeat("y€", 29)+"y…\n      |  "+strings.Repeat(" ", 60)+"^\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (&Problem{File: "m.yaml", Message: "m"}).Excerpt(); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestPredict(t *testing.T) {
	t.Parallel()
	m, err := Load(inFolder(t, `version: 1
server: {url: "https://tableau.example.com"}
sites: {acme: {content_url: a-1}}
templates:
  one: {file: orders.tds, publish: {as: "Sales (EMEA): 50% a_b-c é"}}
  two: {file: orders.tds, publish: {as: "SalesEMEA 50a_b-c"}}
  three: {file: sales.twb, publish: {as: "SalesEMEA 50a_b-c"}}
`))
	if err != nil {
		t.Fatal(err)
	}
	s := m.Sites()[0]
	want := Published{
		Name: "Sales (EMEA): 50% a_b-c é", ContentURL: "SalesEMEA50a_b-c",
		SiteContentURL: "a-1", ServerURL: "https://tableau.example.com",
	}
	got, err := m.Predict(s, m.Templates()[0])
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = m.Predict(s, m.Templates()[1])
	const taken = `predicting the content URL of template "two" on site "acme": template "one" takes "SalesEMEA50a_b-c" before it`
	if fmt.Sprint(err) != taken {
		t.Errorf("got %v, want %s", err, taken)
	}
	if _, err = m.Predict(s, m.Templates()[2]); err != nil {
		t.Errorf("a workbook and a data source may have one content URL: %v", err)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, want string }{
		{"serevr", "server"}, {"srver", "server"}, {"Server", "server"}, {"sites", "sites"}, {"site", "sites"}, {"xyz", ""}, {"", ""},
	} {
		if got := nearest(test.name, []string{"server", "sites", "vars"}); got != test.want {
			t.Errorf("%q: got %q, want %q", test.name, got, test.want)
		}
	}
}

// Whatever a manifest holds, Load returns a manifest or says what is wrong with it, at a place that is in it.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(secretive))
	f.Add([]byte("version: 1\nvars: {a: &a [1, *a], '<<': *a}\nsites: {a: {vars: {x: ${x}}}}\n"))
	f.Add([]byte("templates:\n  a: {file: orders.tds, publish: {as: \"x ${a.b?.c[d] + 'é}'}\"}, edits: [{published: a, to: '${published.a}'}]}\n"))
	f.Add([]byte("---"))
	f.Add([]byte("a: >\n  ${x\n\r  }\u2028b: '$${'\n---\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, found := parse("m.yaml", text, &secretReader{})
		if (m == nil) == (len(found) == 0) {
			t.Fatalf("manifest %v, problems %v", m, found)
		}
		lines := len(newSource("m.yaml", text).lines)
		for _, p := range found {
			if p.Line < 0 || p.Line > lines || p.Message == "" {
				t.Errorf("%+v", p)
			}
			p.Excerpt()
		}
	})
}
