package templates

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// regional has a data source for some sites and a workbook that needs it.
const regional = `version: 1
server: {url: emulator}
vars: {region: EMEA}
sites: {acme: , beta: {vars: {region: TEST}}, gamma: {vars: {region: TEST}}}
templates:
  sales:
    file: sales.twb
    publish: {as: Sales}
    edits:
      - published: Orders
        to: '${published.orders}'
  orders:
    file: orders.tds
    when: region != "TEST"
    publish: {as: Orders}
`

func TestWhenProblems(t *testing.T) {
	t.Parallel()
	const left = "m.yaml:11:16: published.orders: the `when` of template \"orders\" leaves it out (sites beta, gamma)\n" +
		"\tgive this edit or its template a `when` that leaves it out as well, or change that of \"orders\"\n"
	when := func(condition string) string {
		return strings.Replace(regional, `region != "TEST"`, condition, 1)
	}
	for _, test := range []struct{ name, manifest, want string }{
		{"left out where it is needed", regional, left},
		{"the edit is left out, too", strings.Replace(regional, "        to:", "        when: region == \"EMEA\"\n        to:", 1), ""},
		{"the template is left out, too", strings.Replace(regional, "    file: sales.twb", "    when: region == \"EMEA\"\n    file: sales.twb", 1), ""},
		{"nowhere", when("false"), strings.Replace(left, " (sites beta, gamma)", "", 1)},
		{"a var that is not there", when(`regoin != "TEST"`), "m.yaml:14:11: undefined var \"regoin\"\n\tdid you mean \"region\"?\n"},
		{"a var of some sites", when("size > 1"), "m.yaml:14:11: undefined var \"size\"\n\tdid you mean \"site\"?\n"},
		{"no condition", when("region"), "m.yaml:14:11: when must be true or false, not text\n"},
		{"nothing", when(""), "m.yaml:14:10: when must be an expression, not nothing\n"},
		{"in ${}", when("'${true}'"), "m.yaml:14:11: when is an expression already\n\twrite the expression without ${ }\n"},
		{"a secret", when(`env("A") == ""`), "m.yaml:14:11: what env, file and secret return is secret, and when is not\n"},
		{
			"what another became", when("published.orders.name != ''"),
			"m.yaml:14:11: published cannot be used in when: only in the `to` of an edit\n",
		},
		{
			// Two templates of one name are fine where never both are on a site.
			"one of two", strings.Replace(when("true"), "  orders:", "  other:\n    file: orders.tds\n    when: region == 'OTHER'\n    publish: {as: Orders}\n  orders:", 1), "",
		},
		{
			"values of a template that is for no site",
			strings.Replace(when("true"), "  orders:", "  other:\n    file: orders.tds\n    when: region == 'OTHER'\n    publish: {as: '${region.x}'}\n  orders:", 1), "",
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

func TestFor(t *testing.T) {
	t.Parallel()
	path := inFolder(t, strings.NewReplacer(
		"        to:", "        when: region == \"EMEA\"\n        to:",
		"  orders:", "  never:\n    file: orders.tds\n    when: site.key == 'delta'\n    publish: {as: Orders}\n  orders:",
	).Replace(regional))
	m, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, s := range m.Sites() {
		got.WriteString(s.Key)
		for _, template := range m.Templates() {
			if !template.For(s) {
				if _, err := template.Publish(s); err == nil {
					t.Errorf("%s on %s: no error", template.Name, s.Key)
				}
				continue
			}
			got.WriteString(" " + template.Name)
			for _, needed := range template.Needs(s) {
				got.WriteString("<" + needed.Name)
			}
			p, err := m.Predict(s, template) // the first of a name that is on the site has it
			if err != nil || p.ContentURL != template.publish.as.literal {
				t.Errorf("%s on %s: %+v, %v", template.Name, s.Key, p, err)
			}
		}
		got.WriteString("\n")
	}
	const want = "acme orders sales<orders\nbeta sales\ngamma sales\n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("templates of the sites (-want +got):\n%s", diff)
	}
	const warning = "m.yaml:13:3: template \"never\" is for no site: its `when` leaves it out on all of them\n"
	if diff := cmp.Diff(warning, show(path, m.Warnings())); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// A template that needs another only on some sites is rendered without it on the others.
func TestRenderWhen(t *testing.T) {
	t.Parallel()
	const left = "rendering template \"orders\" for site \"beta\": the `when` of the template leaves it out there"
	m, r := load(t, strings.Replace(regional, "        to:", "        when: region == \"EMEA\"\n        to:", 1)+
		"  plain:\n    file: orders.tds\n    when: region == \"TEST\"\n    publish: {as: Plain}\n")
	for _, test := range []struct{ site, template, want string }{
		{"acme", "orders", ""},
		{"acme", "sales", `rendering template "sales" for site "acme": template "orders" must be published on the site first`},
		{"acme", "plain", strings.NewReplacer("beta", "acme", "orders", "plain").Replace(left)},
		{"beta", "orders", left},
		{"beta", "plain", ""},
	} {
		template, err := m.Template(test.template)
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.Render(m.byKey[test.site], template, nil)
		if got := fmt.Sprint(err); err == nil && test.want != "" || err != nil && got != test.want {
			t.Errorf("%s on %s: got %q, want %q", test.template, test.site, got, test.want)
		}
	}
	sales, err := m.Template("sales")
	if err != nil {
		t.Fatal(err)
	}
	// Without the edit its reference is still the one of the template, which is another refusal.
	if _, err := r.Render(m.byKey["beta"], sales, nil); err == nil || !strings.Contains(err.Error(), "refers to the published data source") {
		t.Errorf("sales on beta: %v", err)
	}
}
