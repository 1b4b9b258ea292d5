package templates

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// withEdits returns a manifest for testdata/sales.twb with edits, one a line.
func withEdits(edits string) string {
	return `version: 1
server: {url: "https://new.example.com"}
vars: {tenant: A, cr: "\r", nul: "x\x01", years: [2023, 2024]}
sites: {acme: , dev: {server: {url: "https://TAB.example.com"}}, moved: {content_url: dev}}
templates:
  sales:
    file: sales.twb
    publish: {as: Sales}
    edits:
` + edits
}

// repointed is an edit that every rendering of sales.twb for the site acme needs.
const repointed = "    - {published: Orders, to: Orders}\n"

// load writes a manifest to a folder that also has the templates, and opens it.
func load(t *testing.T, manifest string, options ...Option) (*Manifest, *Renderer) {
	t.Helper()
	path := inFolder(t, manifest)
	for _, name := range []string{"sales.twb", "orders.tds"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, err := Load(path, options...)
	if err != nil {
		t.Fatal(err)
	}
	// Errors name the manifest as it was given to Load; the tests see it without the folder.
	for _, template := range m.templates {
		template.fileAt.src.file = "m.yaml"
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
	return m, r
}

// changes renders the only template of a manifest for a site and returns what it changed, or the error.
func changes(t *testing.T, manifest, site string, options ...Option) string {
	t.Helper()
	m, r := load(t, manifest, options...)
	rendering, err := r.Render(m.byKey[site], m.templates[0], nil)
	if err != nil {
		return err.Error()
	}
	var out strings.Builder
	for c := range rendering.Changes() {
		fmt.Fprintf(&out, "%d %s: %s -> %s\n", c.Line, c.Path[strings.LastIndex(c.Path, "/")+1:], c.Old, c.New)
	}
	return out.String()
}

func TestEdits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, edits, want string }{
		{"none", "      []\n", ""},
		{
			"a connection", "    - {connection: {class: postgres, server: db1, dbname: dev, name: postgres.c, caption: db1}, set: {dbname: '${site.key}', port: 1}}\n",
			"19 @port: 5432 -> 1\n", // the database has that name already
		},
		{
			"all connections", "    - {connection: {dbname: dev}, set: {dbname: x}, all: true}\n",
			"19 @dbname: dev -> x\n33 @dbname: dev -> x\n",
		},
		{
			"a connection of a data source", "    - {connection: {}, datasource: More, set: {dbname: x}}\n    - {connection: {datasource: federated.a}, set: {dbname: y}}\n",
			"19 @dbname: dev -> y\n33 @dbname: dev -> x\n",
		},
		{
			"parameters", "    - {parameter: Region, value: 'a\"b'}\n    - {parameter: '[Parameter 2]', value: '${5 * 4}'}\n",
			"8 @value: \"none\" -> \"a\\\"b\"\n9 @formula: \"none\" -> \"a\"\"b\"\n11 @value: 10 -> 20\n12 @formula: 10 -> 20\n",
		},
		{
			"a published data source by its content URL", "    - {published: OrdersDev, to: 'New${tenant}'}\n",
			"43 @id: OrdersDev -> NewA\n44 @dbname: OrdersDev -> NewA\n",
		},
		{
			"a published data source by its name", "    - {published: sqlproxy.e, to: Others}\n",
			"43 @id: OrdersDev -> Others\n44 @dbname: OrdersDev -> Others\n",
		},
		{
			"what is optional and not there", "    - {parameter: No, value: 1, optional: true}\n    - {filter: No, include: [1], optional: true}\n" +
				"    - {connection: {class: oracle}, set: {service: x}, optional: true}\n    - {published: No, to: x, optional: true}\n" +
				"    - {connection: {}, datasource: No, set: {server: x}, optional: true}\n",
			"",
		},
		{
			"what is for another site", "    - {when: site.key != 'dev', parameter: Region, value: x}\n",
			"",
		},
		{
			"one thing twice", "    - {parameter: Region, value: x}\n    - {parameter: Region, value: x}\n",
			"8 @value: \"none\" -> \"x\"\n9 @formula: \"none\" -> \"x\"\n",
		},
		{
			"a value that looks like an expression", "    - {parameter: Region, value: '$${nul} $${env(\"X\")}'}\n",
			"8 @value: \"none\" -> \"${nul} ${env(\\\"X\\\")}\"\n9 @formula: \"none\" -> \"${nul} ${env(\"\"X\"\")}\"\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := changes(t, withEdits(test.edits), "dev")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEditErrors(t *testing.T) {
	t.Parallel()
	const prefix = `rendering template "sales" for site "acme": m.yaml:11 edit 2: `
	for _, test := range []struct{ name, edit, want string }{
		{
			"no connection", "{connection: {class: oracle, server: x}, set: {service: a}}",
			prefix + `no connection with class "oracle", server "x"; there are: postgres caption="db1" server="db1" dbname="dev" name="postgres.c" of data source "Facts", mysql caption="db2" server="db2" dbname="dev" name="mysql.d" of data source "More"`,
		},
		{
			"several connections", "{connection: {dbname: dev}, set: {dbname: a}}",
			prefix + `2 matches for connection with dbname "dev": postgres caption="db1" server="db1" dbname="dev" name="postgres.c" of data source "Facts", mysql caption="db2" server="db2" dbname="dev" name="mysql.d" of data source "More"`,
		},
		{
			"no such attribute", "{connection: {class: mysql}, set: {host: acme.db}}",
			prefix + `updating mysql caption="db2" server="db2" dbname="dev" name="mysql.d" of data source "More": no attribute "host"; there are: authentication, caption, class, dbname, initial_sql, port, server, sslmode, username`,
		},
		{
			"no data source", "{connection: {}, datasource: Fcts, set: {dbname: a}}",
			prefix + `no data source "Fcts"; there are: Facts, More, Orders`,
		},
		{"no parameter", "{parameter: region, value: a}", prefix + `no parameter "region"; there are: Region, Top`},
		{
			"several filters", "{filter: Tenant, include: [a]}",
			prefix + `2 matches for field "Tenant": Facts, More`,
		},
		{
			"no filter", "{filter: tenant, include: [a]}",
			prefix + `no field "tenant"; there are: Tenant, Year`,
		},
		{
			"no filter in a data source", "{filter: Year, datasource: More, include: [1]}",
			prefix + `no field "Year" in data source "More"; there are: Tenant`,
		},
		{"no published data source", "{published: Facts, to: a}", prefix + `no published data source "Facts"; there are: Orders (content URL Orders) (data source "Facts" holds its connections itself: with embedded: true it is made to refer to a published one)`},
		{
			"another type", "{parameter: Top, value: ten}",
			prefix + `parameter "Top": "ten" is a string, the datatype is integer`,
		},
		{
			"another type, of an expression", "{parameter: Top, value: '${tenant}'}",
			prefix + `parameter "Top": "A" is a string, the datatype is integer (an expression converts it with int(…))`,
		},
		{
			"a number for text, of an expression", "{filter: Tenant, datasource: More, include: [a, '${years[0]}']}",
			prefix + `filter on "Tenant" of data source "More": "2023" is an integer, the datatype is string: give it as text (an expression converts it with string(…))`,
		},
		{
			"text that XML forbids, of an expression", "{filter: Tenant, datasource: More, include: ['${nul}']}",
			prefix + `filter on "Tenant" of data source "More": inserting <filter>: attribute "member": character '\x01' at offset 2 is not allowed in XML 1.0`,
		},
		{
			"two rules for one place", "{published: Orders, to: Others}",
			prefix + "repointing data source \"Orders\": /workbook/datasources/datasource[@name='sqlproxy.e']/repository-location/@id: m.yaml:10 edit 1 and m.yaml:11 edit 2 set it differently\n" +
				"/workbook/datasources/datasource[@name='sqlproxy.e']/connection/@dbname: m.yaml:10 edit 1 and m.yaml:11 edit 2 set it differently",
		},
		{"a character that XML forbids", "{parameter: Region, value: '${nul}'}", prefix + `parameter "Region": attribute "value": character '\x01' at offset 2 is not allowed in XML 1.0`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := changes(t, withEdits(repointed+"    - "+test.edit+"\n"), "acme")
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	m, r := load(t, withEdits("    - {filter: Tenant, all: true, include: ['${tenant}', \"b & 'c'\"]}\n    - {filter: Year, exclude: '${years}'}\n"))
	rendering, err := r.Render(m.byKey["dev"], m.templates[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for ds := range rendering.File.Datasources() {
		for f := range ds.Filters() {
			got[ds.Label()] = append(got[ds.Label()], f.String())
		}
	}
	want := map[string][]string{"Facts": {"Tenant include A, b & 'c'", "Year exclude 2023, 2024"}, "More": {"Tenant include A, b & 'c'"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("filters (-want +got):\n%s", diff)
	}
}

// A rendering without edits is the template, and the edits of one never reach another.
func TestRenderingsAreApart(t *testing.T) {
	t.Parallel()
	m, r := load(t, `version: 1
server: {url: "https://tab.example.com"}
sites: {dev: {vars: {region: A}}, b: {content_url: dev, server: {url: "https://tab.example.com:8443"}, vars: {region: B}}, none: {server: {url: "http://tab.example.com"}, content_url: dev, vars: {region: C}}}
templates:
  sales: {file: sales.twb, publish: {as: S}, edits: [{parameter: Region, value: '${region}', when: site.key != "none"}]}
`)
	original, err := os.ReadFile(filepath.Join("testdata", "sales.twb"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"dev": strings.ReplaceAll(string(original), "&quot;none&quot;", "&quot;A&quot;"),
		"b":   strings.ReplaceAll(string(original), "&quot;none&quot;", "&quot;B&quot;"), "none": string(original),
	}
	var wg sync.WaitGroup
	for range 4 {
		for _, s := range m.Sites() {
			wg.Go(func() {
				rendering, err := r.Render(s, m.templates[0], nil)
				if err != nil {
					t.Error(err)
					return
				}
				var got bytes.Buffer
				if _, err := rendering.File.WriteTo(&got); err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(want[s.Key], got.String()); diff != "" {
					t.Errorf("site %s (-want +got):\n%s", s.Key, diff)
				}
			})
		}
	}
	wg.Wait()
}

func TestRenderOfAnotherManifest(t *testing.T) {
	t.Parallel()
	m, r := load(t, withEdits("      []\n"))
	other, _ := load(t, withEdits("      []\n"))
	const want = `rendering template "sales" for site "dev": one of them is of another manifest`
	if _, err := r.Render(m.byKey["dev"], other.templates[0], nil); fmt.Sprint(err) != want {
		t.Errorf("another template: got %v", err)
	}
	if _, err := r.Render(other.byKey["dev"], m.templates[0], nil); fmt.Sprint(err) != want {
		t.Errorf("another site: got %v", err)
	}
}

// Values cannot break out of where they are written, whatever they hold.
func TestInjection(t *testing.T) {
	t.Parallel()
	values := []string{`x' onload='y`, `]]><a/>`, `&amp;`, `${secret}`, `"\%#`, "a\r\n\tb", "\U0001F600", "<!--", "%null%", ""}
	for _, value := range values {
		quoted := "'" + strings.NewReplacer("'", "''", "${", "$${").Replace(value) + "'"
		if strings.ContainsAny(value, "\r\n") {
			quoted = strconv.Quote(value)
		}
		m, r := load(t, strings.Replace(withEdits("    - {parameter: Region, value: '${tenant}'}\n    - {filter: Tenant, datasource: More, include: ['${tenant}']}\n"),
			"tenant: A", "tenant: "+quoted, 1))
		rendering, err := r.Render(m.byKey["dev"], m.templates[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		var written bytes.Buffer
		if _, err := rendering.File.WriteTo(&written); err != nil {
			t.Fatal(err)
		}
		f, err := documents.OpenReader(bytes.NewReader(written.Bytes()), int64(written.Len()))
		if err != nil {
			t.Fatal(err)
		}
		wb, _ := f.Workbook()
		for p := range wb.Parameters() {
			if p.Label() == "Region" && p.Value != tds.String(value) {
				t.Errorf("%q: the parameter is %q", value, p.Value)
			}
		}
		ds, err := f.Datasource("More")
		if err != nil {
			t.Fatal(err)
		}
		for filter := range ds.Filters() {
			if len(filter.Values) != 1 || filter.Values[0] != tds.String(value) {
				t.Errorf("%q: the filter is %s", value, filter)
			}
		}
	}
}

func TestRenderNeedsPublished(t *testing.T) {
	t.Parallel()
	m, r := load(t, `version: 1
server: {url: emulator}
sites: {acme: }
templates:
  sales: {file: sales.twb, publish: {as: S}, edits: [{published: Orders, to: '${published.orders}'}]}
  orders: {file: orders.tds, publish: {as: Orders}}
`)
	_, err := r.Render(m.sites[0], m.templates[1], nil)
	if want := `rendering template "sales" for site "acme": template "orders" must be published on the site first`; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	rendering, err := r.Render(m.sites[0], m.templates[1], map[string]Published{
		"orders": {ContentURL: "Orders_1234", SiteContentURL: "acme", ServerURL: "https://tab.example.com"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ds, err := rendering.File.Datasource("Orders")
	if err != nil {
		t.Fatal(err)
	}
	ref, _ := ds.Published()
	if want := (tds.PublishedRef{
		Server: "https://tab.example.com", Channel: "https", Port: "443", SiteContentURL: "acme", ContentURL: "Orders_1234", Caption: "Orders",
	}); ref != want {
		t.Errorf("got %+v, want %+v", ref, want)
	}
}

func TestRenderChecks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, site, manifest, want string }{
		{
			"a reference that stays on another site", "acme", withEdits("      []\n"),
			"rendering template \"sales\" for site \"acme\": data source \"Orders\" refers to the published data source \"OrdersDev\" of site \"dev\" on https://tab.example.com: an edit `published: Orders` must say which it is here",
		},
		{
			"a reference that stays on another server", "moved", withEdits("      []\n"),
			"rendering template \"sales\" for site \"moved\": data source \"Orders\" refers to the published data source \"OrdersDev\" of site \"dev\" on https://tab.example.com: an edit `published: Orders` must say which it is here",
		},
		{
			"a view that is not there", "dev", strings.Replace(withEdits("      []\n"), "as: Sales", "as: Sales, hide_views: [Map, Debg]", 1),
			`rendering template "sales" for site "dev": hide_views: no view "Debg"; there are: Map, Debug`,
		},
		{
			"all views", "dev", strings.Replace(withEdits("      []\n"), "as: Sales", "as: Sales, hide_views: [Map, Debug]", 1),
			`rendering template "sales" for site "dev": hide_views hides all views of the workbook`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := changes(t, test.manifest, test.site); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestOpenProblems(t *testing.T) {
	t.Parallel()
	path := inFolder(t, "version: 1\nserver: {url: emulator}\nsites: {a: }\ntemplates:\n"+
		"  one: {file: sales.twb, publish: {as: One}}\n  two: {file: orders.tds, publish: {as: Two}}\n")
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "orders.tds"), []byte("<workbook/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Open()
	found, ok := errors.AsType[Problems](err)
	if !ok || len(found) != 2 {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(found[0].Error(), `m.yaml:5:15: template "one": opening `) ||
		!strings.HasSuffix(found[1].Error(), `m.yaml:6:15: template "two" is a .tds by its name and a .twb inside`) {
		t.Errorf("got %v", err)
	}
}
