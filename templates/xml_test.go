package templates

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	toFacts = "/workbook/datasources/datasource[@name='federated.a']"
	inFacts = toFacts + "/layout"
)

func TestXMLEdits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, edits, want string }{
		{
			"set", `{xml: "` + inFacts + `", set: {dim-ordering: '${tenant}', show-structure: false}}`,
			"27 @dim-ordering: alphabetic -> A\n27 @show-structure: true -> false\n",
		},
		{"add", `{xml: "` + inFacts + `", add: {a: 1, dim-ordering: x}}`, "27 @a:  -> 1\n27 @dim-ordering: alphabetic -> x\n"},
		{"remove attributes", `{xml: "` + inFacts + `", remove: [dim-ordering]}`, "27 @dim-ordering: alphabetic -> \n"},
		{"remove the element", `{xml: "` + toFacts + `/aliases", remove: true}`, "24 aliases: <aliases enabled='yes' /> -> \n"},
		{"text", `{xml: "` + inFacts + `", text: 'a & ${1 + 1}'}`, "27 text():  -> a & 2\n"},
		{"a path with a var", `{xml: "//connection[@dbname='${site.key}'][@class='mysql']", set: {dbname: x}}`, "33 @dbname: dev -> x\n"},
		{"all", `{xml: "//connection[@username]", remove: [username], all: true}`, "19 @username: svc -> \n33 @username: svc -> \n44 @username:  -> \n"},
		{"in a data source", `{xml: "//layout", datasource: More, set: {show-structure: false}}`, "40 @show-structure: true -> false\n"},
		{"optional", `{xml: //nothing, set: {a: b}, optional: true}`, ""},
		{"an attribute that is optional", `{xml: "` + inFacts + `", remove: [a], optional: true}`, ""},
		{"a password taken out", `{xml: "//connection[@port='3306']", remove: [password], optional: true}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, changes(t, withEdits("    - "+test.edits+"\n"), "dev")); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

// One element inside another one is removed with it, which is no contradiction.
func TestXMLRemoveNested(t *testing.T) {
	t.Parallel()
	got := changes(t, withEdits("    - {xml: //connection, datasource: More, remove: true, all: true}\n"), "dev")
	if !strings.HasPrefix(got, "30 connection: <connection class='federated'>") || strings.Contains(got, "\n32 ") {
		t.Errorf("changes:\n%s", got)
	}
}

func TestXMLEditErrors(t *testing.T) {
	t.Parallel()
	const prefix = `rendering template "sales" for site "dev": m.yaml:10 edit 1: `
	for _, test := range []struct{ name, edits, want string }{
		{
			"nothing there", `{xml: "/workbook/datasources/datasource[@caption='Fcts']", set: {a: b}}`,
			prefix + "no element /workbook/datasources/datasource[@caption='Fcts'] in /workbook/datasources; there are: datasource[@name='Parameters'], datasource[@caption='Facts'], datasource[@caption='More'], datasource[@caption='Orders']",
		},
		{
			"several", `{xml: //layout, set: {show-structure: false}}`,
			prefix + "2 matches for element //layout: " + inFacts + ", /workbook/datasources/datasource[@name='federated.b']/layout",
		},
		{
			"none in the data source", `{xml: //layout, datasource: Orders, set: {show-structure: false}}`,
			prefix + `no element //layout in data source "Orders"; there are: ` + inFacts + ", /workbook/datasources/datasource[@name='federated.b']/layout",
		},
		{"no data source", `{xml: //layout, datasource: Fcts, set: {a: b}}`, prefix + `no data source "Fcts"; there are: Facts, More, Orders`},
		{
			"set what is not there", `{xml: "` + inFacts + `", set: {dim-order: x}}`,
			prefix + `no attribute "dim-order" in ` + inFacts + "; there are: dim-ordering, measure-ordering, show-structure (`add` adds it)",
		},
		{
			"remove what is not there", `{xml: //layout, remove: [dim-order], all: true}`,
			prefix + `no attribute "dim-order" in ` + inFacts + "; there are: dim-ordering, measure-ordering, show-structure",
		},
		{"text beside elements", `{xml: "` + toFacts + `", text: x}`, prefix + `editing element "` + toFacts + `": <datasource> has child elements, its text cannot be set`},
		{"the root", `{xml: /workbook, remove: true}`, prefix + `editing element "/workbook": the root element cannot be removed`},
		{
			"no such prefix", `{xml: "` + inFacts + `", add: {'foo:bar': a}}`,
			prefix + `editing element "` + inFacts + `": no prefix "foo" is declared there: add "xmlns:foo" with its namespace first`,
		},
		{"no name", `{xml: "` + inFacts + `", add: {a b: x}}`, prefix + `editing element "` + inFacts + `": "a b" is not a name`},
		{
			"two rules for one place", `{parameter: Top, value: 1}` + "\n    - " + `{xml: "//column[@name='[Parameter 2]']", set: {value: 2}}`,
			`rendering template "sales" for site "dev": m.yaml:11 edit 2: editing element "/workbook/datasources/datasource[@name='Parameters']/column[@name='[Parameter 2]']": /workbook/datasources/datasource[@name='Parameters']/column[@name='[Parameter 2]']/@value: m.yaml:10 edit 1 and m.yaml:11 edit 2 set it differently`,
		},
		{
			"what another rule changed is removed", `{parameter: Top, value: 1}` + "\n    - " + `{xml: "//column[@name='[Parameter 2]']", remove: true}`,
			`rendering template "sales" for site "dev": m.yaml:11 edit 2: editing element "/workbook/datasources/datasource[@name='Parameters']/column[@name='[Parameter 2]']": /workbook/datasources/datasource[@name='Parameters']/column[@name='[Parameter 2]']: m.yaml:10 edit 1 and m.yaml:11 edit 2 set it differently`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, changes(t, withEdits("    - "+test.edits+"\n"), "dev")); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestXMLProblems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, edit, want string }{
		{"nothing to do", "{xml: //a}", "1: the edit of xml must have at least one of set, add, text, remove\n"},
		{"a key that is another", "{xml: //a, value: b, set: {a: b}}", "12: unknown key \"value\" in the edit of xml\n\tknown here: add, all, datasource, optional, remove, set, text, when, xml\n"},
		{"no path", "{xml: , set: {a: b}}", "7: xml must be text, not nothing\n"},
		{"not a path", "{xml: layout, set: {a: b}}", "7: path \"layout\", after \"\": expected \"/\", as in /workbook/datasources, or \"//\"\n"},
		{"a path that is made", "{xml: '${region}', set: {a: b}}", "7: path \"EMEA\", after \"\": expected \"/\", as in /workbook/datasources, or \"//\"\n"},
		{"an attribute", "{xml: //a/@b, set: {a: b}}", "7: path \"//a/@b\", after \"//a/\": a path selects elements, and this is an attribute\n"},
		{"a password", "{xml: //a, set: {password: '${region}'}}", "18: a password does not belong in a file\n\ttake it out with remove: [password], and give credentials when publishing\n"},
		{"a password in a form", "{xml: //a, add: {_.fcp.A.true...Password: x}}", "18: a password does not belong in a file\n\ttake it out with remove: [password], and give credentials when publishing\n"},
		{"no attributes", "{xml: //a, set: {}}", "17: set must not be empty\n"},
		{"no mapping", "{xml: //a, add: b}", "17: add must be a mapping, not text\n"},
		{"remove false", "{xml: //a, remove: false}", "20: remove must be true or a list of attributes, not a boolean\n"},
		{"remove something", "{xml: //a, remove: b}", "20: remove must be true or a list of attributes, not text\n"},
		{"removed and changed", "{xml: //a, remove: true, text: b}", "12: an element that is removed cannot be changed, too\n"},
		{"set and removed", "{xml: //a, remove: [b], set: {b: c}}", "21: attribute \"b\" is in set and in remove\n"},
		{"removed twice", "{xml: //a, remove: [b, b]}", "24: attribute \"b\" is in remove and in remove\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			manifest := "version: 1\nserver: {url: emulator}\nvars: {region: EMEA}\nsites: {acme: }\ntemplates: {sales: {file: sales.twb, publish: {as: Sales}, edits: [\n" + test.edit + "\n]}}\n"
			got := strings.ReplaceAll(problems(t, manifest), "m.yaml:6:", "")
			if got = strings.Replace(got, "m.yaml:3:8: nothing uses the var region\n", "", 1); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// An edit of what says where data comes from warns of rows that stay; another one does not.
func TestXMLTouches(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"//named-connection/connection[@class='mysql']":            true,
		"/workbook/datasources/datasource[@caption='More']":        true,
		"/workbook/datasources/datasource[@caption='More']/layout": false,
		"/workbook/datasources/datasource[@caption='More']/column": false,
		"/workbook/worksheets/worksheet[@name='Map']":              false,
	} {
		m, r := load(t, withEdits(`    - {xml: "`+path+`", add: {a: b}}`+"\n"))
		rendering, err := r.Render(m.byKey["dev"], m.templates[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := rendering.touched["federated.b"]; got != want {
			t.Errorf("%s: touched %t, want %t", path, got, want)
		}
	}
}
