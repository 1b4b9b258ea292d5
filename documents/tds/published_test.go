package tds_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// reference is a workbook with one published data source, given its location, its
// connection tag and what stands in and behind the connection.
func reference(location, connection, inside, behind string) string {
	return `<workbook version='18.1' xml:base='https://tab.example.com'>
  <datasources>
    <datasource caption='Sales | Project : Dev' inline='true' name='sqlproxy.1' version='18.1'>
      ` + location + `
      ` + connection + `
        <relation connection='sqlproxy.1' name='sqlproxy' table='[sqlproxy]' type='table' />
` + inside + `      </connection>
` + behind + `    </datasource>
  </datasources>
</workbook>
`
}

const (
	devLocation = `<repository-location id='Sales' path='/t/dev/datasources' revision='1.0' site='dev' />`
	devServer   = `<connection channel='https' class='sqlproxy' dbname='Sales' directory='/dataserver' port='443' server='tab.example.com' username=''>`
)

func TestRepointSites(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, location, site, want string
	}{
		{"case 48a: to another site", devLocation, "acme", `<repository-location id='Sales' path='/t/acme/datasources' revision='1.0' site='acme' />`},
		{"case 48b: to the default site", devLocation, "", `<repository-location id='Sales' path='/datasources' revision='1.0' />`},
		{
			"case 48c: from the default site", `<repository-location id='Sales' path='/datasources' revision='1.0' />`, "acme",
			`<repository-location id='Sales' path='/t/acme/datasources' revision='1.0' site='acme' />`,
		},
		{
			"case 48d: a site that is part of the path", `<repository-location id='Sales' path='/t/data/datasources' revision='' site='data' />`, "b",
			`<repository-location id='Sales' path='/t/b/datasources' revision='' site='b' />`,
		},
		{
			"case 48e: a path without its slash", `<repository-location id='Sales' path='datasources' revision='1.0' />`, "acme",
			`<repository-location id='Sales' path='/t/acme/datasources' revision='1.0' site='acme' />`,
		},
		{
			"a path without its slash that stays", `<repository-location id='Sales' path='datasources' revision='1.0' />`, "",
			`<repository-location id='Sales' path='datasources' revision='1.0' />`,
		},
		{
			"a site only in the path", `<repository-location id='Sales' path='/t/dev/datasources' revision='1.0' />`, "",
			`<repository-location id='Sales' path='/datasources' revision='1.0' />`,
		},
		{
			"path and site that differ", `<repository-location id='Sales' path='/t/dev/datasources' revision='1.0' site='acme' />`, "acme",
			`<repository-location id='Sales' path='/t/acme/datasources' revision='1.0' site='acme' />`,
		},
		{"no attributes", `<repository-location />`, "acme", `<repository-location />`},
		{"no location", ``, "acme", ``},
		{
			"derived from an absolute URL", `<repository-location derived-from='http://old.example:8000/t/dev/datasources/Sales?rev=1.0' id='Sales' path='/t/dev/datasources' revision='1.0' site='dev' />`, "acme",
			`<repository-location derived-from='http://old.example:8000/t/acme/datasources/Sales?rev=1.0' id='Sales' path='/t/acme/datasources' revision='1.0' site='acme' />`,
		},
		{
			"derived from a path", `<repository-location derived-from='/datasources/x?rev=26.5' id='Sales' path='/datasources' revision='26.5' />`, "acme",
			`<repository-location derived-from='/t/acme/datasources/Sales?rev=26.5' id='Sales' path='/t/acme/datasources' revision='26.5' site='acme' />`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in, want := reference(c.location, devServer, "", ""), reference(c.want, devServer, "", "")
			f := doctest.Edited(t, in, repoint(tds.PublishedRef{SiteContentURL: c.site, ContentURL: "Sales"}), want)
			ref, ok := first(f).Published()
			if site := c.site; !ok || ref.ContentURL != "Sales" || c.location == c.want && ref.SiteContentURL != "" || c.location != c.want && ref.SiteContentURL != site {
				t.Errorf("reads as %+v", ref)
			}
		})
	}
}

func TestRepointServers(t *testing.T) {
	t.Parallel()
	const plain = `<connection class='sqlproxy' dbname='Sales' server='h' username=''>`
	const normal = `<connection channel='https' class='sqlproxy' dbname='Sales' port='443' server='h' username=''>`
	const asURL = `<connection class='sqlproxy' dbname='Sales' server='https://10ax.example.com' username=''>`
	for _, c := range []struct{ name, in, server, want string }{
		{"case 53: a URL stays one", asURL, "http://new.example:8000", strings.Replace(asURL, "https://10ax.example.com", "http://new.example:8000", 1)},
		{"a URL stays one for a host", asURL, "new.example", strings.Replace(asURL, "10ax.example.com", "new.example", 1)},
		{"a URL stays one for a host with a port", asURL, "new.example:8000", strings.Replace(asURL, "10ax.example.com", "new.example:8000", 1)},
		{"case 53: three values", normal, "http://new.example:8000", `<connection channel='http' class='sqlproxy' dbname='Sales' port='8000' server='new.example' username=''>`},
		{"a default port", strings.Replace(normal, "443", "8443", 1), "https://new.example/", strings.Replace(normal, "'h'", "'new.example'", 1)},
		{"a host", normal, "new.example", strings.Replace(normal, "'h'", "'new.example'", 1)},
		{"a host with a port", normal, "new.example:8443", strings.Replace(strings.Replace(normal, "'h'", "'new.example'", 1), "443", "8443", 1)},
		{"an address", normal, "https://[2001:db8::1]:8443", strings.Replace(strings.Replace(normal, "'h'", "'2001:db8::1'", 1), "443", "8443", 1)},
		{"nothing is added", plain, "https://new.example", strings.Replace(plain, "'h'", "'new.example'", 1)},
		{"none", normal, "", normal},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Edited(t, reference(devLocation, c.in, "", ""), repoint(tds.PublishedRef{Server: c.server, SiteContentURL: "dev", ContentURL: "Sales"}),
				reference(devLocation, c.want, "", ""))
		})
	}
}

func TestPublishedServer(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`<connection class='sqlproxy' channel='https' port='443' server='h'>`:           "https://h",
		`<connection class='sqlproxy' channel='http' port='80' server='h'>`:             "http://h",
		`<connection class='sqlproxy' channel='http' port='8000' server='h'>`:           "http://h:8000",
		`<connection class='sqlproxy' channel='https' server='2001:db8::1'>`:            "https://[2001:db8::1]",
		`<connection class='sqlproxy' server='https://10ax.example.com'>`:               "https://10ax.example.com",
		`<connection class='sqlproxy' channel='https' server='https://a.example:8443'>`: "https://a.example:8443",
		`<connection class='sqlproxy' server='h'>`:                                      "h",
		`<connection class='sqlproxy'>`:                                                 "",
	} {
		if ref, ok := datasource(t, reference("", in, "", "")).Published(); !ok || ref.Server != want {
			t.Errorf("%s: %q, want %q", in, ref.Server, want)
		}
	}
}

func TestRepointRefused(t *testing.T) {
	t.Parallel()
	in := reference(devLocation, devServer, "", "")
	for _, c := range []struct {
		in    string
		ref   tds.PublishedRef
		words string
	}{
		{doctest.FX1, tds.PublishedRef{ContentURL: "Sales"}, "does not refer to a published data source"},
		{in, tds.PublishedRef{}, "content URL"},
		{in, tds.PublishedRef{ContentURL: "Sales", SiteContentURL: "a/b"}, "site's content URL"},
		{in, tds.PublishedRef{ContentURL: "Sales", Server: "https://h/t/acme"}, "not the URL of a server"},
		{in, tds.PublishedRef{ContentURL: "Sales", Server: "ftp://h"}, "not the URL of a server"},
		{in, tds.PublishedRef{ContentURL: "Sales", Server: "https://u:hunter2@h"}, "credentials"},
		{in, tds.PublishedRef{ContentURL: "Sales", Server: "h/x"}, "neither a host"},
		{in, tds.PublishedRef{ContentURL: "Sa\x00les", SiteContentURL: "acme"}, "not allowed in XML 1.0"},
	} {
		doctest.Refused(t, c.in, repoint(c.ref), c.words, "repointing data source")
		if err := repoint(c.ref)(doctest.Open(t, c.in)); err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows a password: %v", err)
		}
	}
}

// TestPublishedIsNotGuessed is case 50.
func TestPublishedIsNotGuessed(t *testing.T) {
	t.Parallel()
	unlocated := strings.Replace(reference("", `<connection class='sqlproxy' dbname='Quota2' server='h'>`, "", ""), "name='sqlproxy.1'", "name='Quota2 (copy)'", 1)
	doctest.Edited(t, unlocated, repoint(tds.PublishedRef{Server: "new.example", SiteContentURL: "acme", ContentURL: "Quota"}),
		doctest.Replace(t, unlocated, "dbname='Quota2' server='h'", "dbname='Quota' server='new.example'"))

	for c := range datasource(t, unlocated).Connections() {
		t.Errorf("the reference is listed as the connection %s", c)
	}

	published := strings.Replace(leaf(`<connection class='postgres' dbname='dev' server='a' />`), "<connection class='federated'>",
		devLocation+"<connection class='federated'>", 1)
	if ref, ok := datasource(t, published).Published(); ok {
		t.Errorf("a data source that was published once reads as a reference to %+v", ref)
	}
	doctest.Refused(t, published, repoint(tds.PublishedRef{ContentURL: "x"}), "does not refer to a published data source")
}

// inner is a nested copy of the published data source, as its own document.
func inner(t testing.TB, pairs ...string) string {
	return doctest.Replace(t, `<?xml version='1.0' encoding='utf-8' ?>

<datasource :source-version='18.1' formatted-name='sqlproxy.1' inline='true' version='18.1' xml:base='http://int:80'>
  <repository-location id='Sales' path='/t/dev/datasources' revision='1.0' site='dev' />
  <connection channel='https' class='sqlproxy' dbname='Sales' directory='/dataserver' port='443' server='tab.example.com'>
    <relation name='sqlproxy' table='[sqlproxy]' type='table' />
  </connection>
  <column datatype='real' default-format='p0%' name='[a&quot;\b#]' />
  <_.fcp.E.true...data-source-tree><pds caption='Sales' datasource-url='Sales' name='sqlproxy.1' /><pds datasource-url='Other' name='x' /></_.fcp.E.true...data-source-tree>
</datasource>
`, pairs...)
}

// asText and asCDATA are the two forms of a nested copy in a document (format 7).
var (
	dataValue = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `\%`, `#`, `\#`)
	xmlText   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&apos;", `"`, "&quot;", "\n", "&#10;", "\r", "&#13;", "\t", "&#9;")
)

func asText(document string) string {
	return xmlText.Replace(`"` + dataValue.Replace(document) + `"`)
}

func asCDATA(document string) string {
	return "&quot;<![CDATA[" + dataValue.Replace(document) + "]]>&quot;"
}

func capability(nested string) string {
	return `        <metadata-records>
          <metadata-record class='capability'>
            <attributes>
              <attribute datatype='string' name='other'>&quot;x&quot;</attribute>
              <attribute datatype='string' name='datasource'>` + nested + `</attribute>
            </attributes>
          </metadata-record>
        </metadata-records>
`
}

// TestRepointOwnsEveryPlace is case 49: the copy changes in its three layers, in its form.
func TestRepointOwnsEveryPlace(t *testing.T) {
	t.Parallel()
	const tree = `      <_.fcp.E.true...data-source-tree>
        <pds caption='Sales' datasource-url='Sales' name='sqlproxy.1' />
      </_.fcp.E.true...data-source-tree>
`
	const conn = `<connection channel='https' class='sqlproxy' _.fcp.E.true...composed-connection-name='sqlproxy.1' dbname='Sales' port='443' server='tab.example.com' server-ds-friendly-name='Sales | Project : Dev' username=''>`
	moved := inner(
		t, "xml:base='http://int:80'", "xml:base='http://new.example:8000'",
		"id='Sales' path='/t/dev/datasources' revision='1.0' site='dev'", "id='Sales_16860312' path='/t/acme/datasources' revision='1.0' site='acme'",
		"channel='https'", "channel='http'", "dbname='Sales'", "dbname='Sales_16860312'", "port='443' server='tab.example.com'", "port='8000' server='new.example'",
		"datasource-url='Sales'", "datasource-url='Sales_16860312'",
	)
	for name, form := range map[string]func(string) string{
		"text":            asText,
		"CDATA":           asCDATA,
		"CDATA with CRLF": func(s string) string { return asCDATA(strings.ReplaceAll(s, "\n", "\r\n")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := reference(devLocation, conn, capability(form(inner(t))), tree)
			want := doctest.Replace(t, reference(
				`<repository-location id='Sales_16860312' path='/t/acme/datasources' revision='1.0' site='acme' />`,
				`<connection channel='http' class='sqlproxy' _.fcp.E.true...composed-connection-name='sqlproxy.1' dbname='Sales_16860312' port='8000' server='new.example' server-ds-friendly-name='Sales | Project : Dev' username=''>`,
				capability("COPY"), tree), "datasource-url='Sales'", "datasource-url='Sales_16860312'", "COPY", form(moved))
			f := doctest.Edited(t, in, repoint(tds.PublishedRef{Server: "http://new.example:8000", SiteContentURL: "acme", ContentURL: "Sales_16860312"}), want)
			if n := len(slices.Collect(f.Changes())); n != 8+9 {
				t.Errorf("%d changes reported, want 8 outside and 9 inside", n)
			}
			for nested, err := range first(f).Nested() {
				ref, ok := nested.Published()
				want := tds.PublishedRef{Server: "http://new.example:8000", Channel: "http", Port: "8000", SiteContentURL: "acme", ContentURL: "Sales_16860312"}
				if err != nil || !ok || ref != want {
					t.Errorf("the copy reads as %+v (%v)", ref, err)
				}
				if v, ok := nested.Element().Attr(":source-version"); !ok || v != "18.1" {
					t.Errorf("the copy has :source-version %q", v)
				}
			}
		})
	}
}

// TestRepointByLocation has a connection that names the data source otherwise than
// its location and its tree do.
func TestRepointByLocation(t *testing.T) {
	t.Parallel()
	const tree = "      <data-source-tree><pds datasource-url='Sales' /><pds datasource-url='' /><pds datasource-url='Other' /></data-source-tree>\n"
	in := reference(devLocation, strings.Replace(devServer, "dbname='Sales'", "dbname='9f9c26b0-luid'", 1), "", tree)
	doctest.Edited(t, in, repoint(tds.PublishedRef{SiteContentURL: "dev", ContentURL: "Sales_1"}),
		doctest.Replace(t, in, "id='Sales'", "id='Sales_1'", "'9f9c26b0-luid'", "'Sales_1'", "datasource-url='Sales'", "datasource-url='Sales_1'"))
}

// TestNestedBytes is case 49 with the layers of a nested copy written out by hand.
func TestNestedBytes(t *testing.T) {
	t.Parallel()
	in := reference("", devServer, capability(`&quot;&lt;?xml version=&apos;1.0&apos; encoding=&apos;utf-8&apos; ?&gt;&#10;&#10;&lt;datasource :source-version=&apos;18.1&apos;&gt;&#10;  `+
		`&lt;connection class=&apos;sqlproxy&apos; dbname=&apos;a&amp;quot;\#&apos; /&gt;&#10;  &lt;column default-format=&apos;p0\%&apos; value=&apos;&amp;quot;a\\\%b&amp;quot;&apos; /&gt;&#10;&lt;/datasource&gt;&#10;&quot;`), "")
	const url = `50% "x" \ & 'y'`
	want := doctest.Replace(t, in, "dbname='Sales'", "dbname='50% &quot;x&quot; \\ &amp; &apos;y&apos;'",
		`dbname=&apos;a&amp;quot;\#&apos;`, `dbname=&apos;50\% &amp;quot;x&amp;quot; \\ &amp;amp; &amp;apos;y&amp;apos;&apos;`)
	doctest.Edited(t, in, repoint(tds.PublishedRef{ContentURL: url}), want)
}

func TestNestedFails(t *testing.T) {
	t.Parallel()
	for _, nested := range []string{
		"&lt;datasource /&gt;",              // no quotes
		"&quot;",                            // one quote
		asText("<datasource>"),              // not well-formed
		`&quot;&lt;datasource /&gt;\&quot;`, // ends in an escape
	} {
		in := reference(devLocation, devServer, capability(nested), "")
		doctest.Refused(t, in, repoint(tds.PublishedRef{SiteContentURL: "acme", ContentURL: "x"}), "the copy of the published data source")
	}
	in := reference(devLocation, devServer, capability(" \n "), "")
	for _, err := range datasource(t, in).Nested() {
		t.Errorf("an empty attribute is a copy (%v)", err)
	}
}

// TestSeveralReferences is case 51: it repoints each reference on its own, or none.
func TestSeveralReferences(t *testing.T) {
	t.Parallel()
	one := func(name, url string) string {
		return `<datasource name='` + name + `'><repository-location id='` + url + `' path='/datasources' revision='1.0' /><connection class='sqlproxy' dbname='` + url + `' server='h' />` +
			`<data-source-tree><pds datasource-url='` + url + `' name='n' /></data-source-tree></datasource>`
	}
	all := func(a, b, c string) string {
		return "<workbook><datasources>" + one("a", a) + one("b", b) + one("c", c) + "</datasources></workbook>"
	}
	edit := func(targets map[string]string) func(*documents.File) error {
		return func(f *documents.File) error {
			return f.Atomically("repoint", func() error {
				for ds := range f.Datasources() {
					ref, _ := ds.Published()
					if slices.Contains([]string{"A_1", "B_1", "C_1"}, ref.ContentURL) {
						continue
					}
					if err := ds.Repoint(tds.PublishedRef{ContentURL: targets[ref.ContentURL]}); err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	in := all("A", "B", "C")
	doctest.Edited(t, in, edit(map[string]string{"A": "A_1", "B": "B_1", "C": "C_1"}), all("A_1", "B_1", "C_1"))
	doctest.Refused(t, in, edit(map[string]string{"A": "A_1", "B": "B_1"}), `data source "c"`)
}

func TestRulesOnOneReference(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, reference(devLocation, devServer, capability(asText(inner(t))), ""))
	run := func(rule, site string) error {
		return f.Atomically(rule, func() error {
			return first(f).Repoint(tds.PublishedRef{SiteContentURL: site, ContentURL: "Sales"})
		})
	}
	if err := errors.Join(run("rule 1", "acme"), run("rule 2", "acme")); err != nil {
		t.Error(err)
	}
	before := doctest.Written(t, f)
	if bad, ok := errors.AsType[*documents.ConflictError](run("rule 2", "other")); !ok || bad.First != "rule 1" || bad.Second != "rule 2" {
		t.Errorf("conflict: %v", bad)
	}
	if diff := cmp.Diff(before, doctest.Written(t, f)); diff != "" {
		t.Errorf("the refused rule changed (-want +got):\n%s", diff)
	}
}

// FuzzNested sets any text in a nested copy and reads it back through the layers.
func FuzzNested(f *testing.F) {
	for _, s := range []string{"Sales", `50% "x" \ & 'y' <z> #1`, "]]>", "]]]]>", "a\r\nb\tc", `\`, `\\"`, "&quot;", "é😀", "%null%"} {
		f.Add(s)
	}
	in := map[string]string{}
	for name, form := range map[string]func(string) string{"text": asText, "CDATA": asCDATA} {
		in[name] = reference(devLocation, devServer, capability(form(inner(f))), "")
	}
	f.Fuzz(func(t *testing.T, url string) {
		for name, in := range in {
			file := doctest.Open(t, in)
			if err := first(file).Repoint(tds.PublishedRef{SiteContentURL: "dev", ContentURL: url}); err != nil {
				if got := doctest.Written(t, file); got != in {
					t.Errorf("%s: %v, and yet it changed to\n%s", name, err, got)
				}
				continue
			}
			out := doctest.Written(t, file)
			for nested, err := range datasource(t, out).Nested() {
				if err != nil {
					t.Fatalf("%s: %v in\n%s", name, err, out)
				}
				if ref, _ := nested.Published(); ref.ContentURL != url {
					t.Errorf("%s: %q reads back as %q", name, url, ref.ContentURL)
				}
			}
			back := doctest.Open(t, out)
			if err := first(back).Repoint(tds.PublishedRef{SiteContentURL: "dev", ContentURL: "Sales"}); err != nil || doctest.Written(t, back) != in {
				t.Errorf("%s: repointed back it differs (%v):\n%s", name, err, doctest.Written(t, back))
			}
		}
	})
}

// TestPortIsNotLost refuses a server that the connection has no attributes for.
func TestPortIsNotLost(t *testing.T) {
	t.Parallel()
	for _, server := range []string{"https://new.example:8443", "http://new.example"} {
		in := "<datasource formatted-name='x'><connection class='sqlproxy' dbname='Sales' server='h' /></datasource>"
		doctest.Refused(t, in, func(f *documents.File) error {
			return first(f).Repoint(tds.PublishedRef{Server: server, ContentURL: "Sales"})
		}, "so that it cannot say")
	}
}
