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

const (
	extract = `      <extract count='-1' enabled='true' units='records'>
        <connection class='hyper' dbname='Data/x.hyper' username='tableau_internal_user'>
          <relation name='Extract' table='[Extract].[Extract]' type='table' />
        </connection>
      </extract>
`
	mapsources = `  <mapsources>
    <mapsource name='m'>
      <connection class='OGC-WMS' server='maps' />
    </mapsource>
  </mapsources>
`
)

func attrs(pairs ...string) tds.ConnectionPatch {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return tds.ConnectionPatch{Attrs: m}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		patch    tds.ConnectionPatch
		want     string
	}{
		{
			"case 3: all forms of a forked attribute", leaf(`<connection _.fcp.D.true...dbname='main' _.fcp.D.true...v-http-path='/sql/1' class='databricks' server='adb' />`),
			tds.ConnectionPatch{DBName: "acme"},
			leaf(`<connection _.fcp.D.true...dbname='acme' _.fcp.D.true...v-http-path='/sql/1' class='databricks' server='adb' />`),
		},
		{
			"case 3: forked and plain", leaf(`<connection _.fcp.D.false...dbname='old' class='databricks' dbname='main' />`),
			tds.ConnectionPatch{DBName: "acme"},
			leaf(`<connection _.fcp.D.false...dbname='acme' class='databricks' dbname='acme' />`),
		},
		{
			"case 14: quotes of the document", leaf(`<connection class="postgres" server="db1"/>`),
			tds.ConnectionPatch{Server: `o'neil "x" & <y>`},
			leaf(`<connection class="postgres" server="o&apos;neil &quot;x&quot; &amp; &lt;y&gt;"/>`),
		},
		{
			"case 32: port inside the server", leaf(`<connection class='sqlserver' dbname='dev' server='host,1433' />`),
			tds.ConnectionPatch{Server: "h2,1500"},
			leaf(`<connection class='sqlserver' dbname='dev' server='h2,1500' />`),
		},
		{
			"case 33: an attribute more, in byte order", leaf(`<connection class='postgres' server='a' username='svc' />`),
			attrs("sslmode", "require", "CATALOG", "k"),
			leaf(`<connection CATALOG='k' class='postgres' server='a' sslmode='require' username='svc' />`),
		},
		{
			"case 33: an empty value", leaf(`<connection class='postgres' one-time-sql='SELECT 1' server='a' />`),
			attrs("one-time-sql", ""),
			leaf(`<connection class='postgres' one-time-sql='' server='a' />`),
		},
		{
			"case 34: initial SQL", leaf(`<connection class='postgres' one-time-sql='' server='a' />`),
			attrs("one-time-sql", "SET x='a<b' -- \"q\"\r\nSELECT 1"),
			leaf(`<connection class='postgres' one-time-sql='SET x=&apos;a&lt;b&apos; -- &quot;q&quot;&#13;&#10;SELECT 1' server='a' />`),
		},
		{
			"case 31: oracle by its own names", leaf(`<connection class='oracle' port='1521' schema='DEV' server='o' service='orcl' />`),
			tds.ConnectionPatch{Schema: "ACME", Attrs: map[string]string{"service": "acme"}},
			leaf(`<connection class='oracle' port='1521' schema='ACME' server='o' service='acme' />`),
		},
		{
			"case 31: snowflake", leaf(`<connection class='snowflake' dbname='DEV' schema='PUBLIC' server='s' warehouse='W1' />`),
			tds.ConnectionPatch{DBName: "ACME", Schema: "S", Attrs: map[string]string{"warehouse": "W2"}},
			leaf(`<connection class='snowflake' dbname='ACME' schema='S' server='s' warehouse='W2' />`),
		},
		{
			"case 31: bigquery", leaf(`<connection class='bigquery' project='proj' schema='proj.ds' />`),
			tds.ConnectionPatch{Schema: "proj2.ds"},
			leaf(`<connection class='bigquery' project='proj' schema='proj2.ds' />`),
		},
		{
			"case 86: unknown class", leaf(`<connection class='newdb' v-x='1' />`),
			attrs("v-x", "2"),
			leaf(`<connection class='newdb' v-x='2' />`),
		},
		{
			"case 28: hyper as a source", leaf(`<connection class='hyper' dbname='Data/Source.hyper' />`),
			tds.ConnectionPatch{DBName: "Data/acme.hyper"},
			leaf(`<connection class='hyper' dbname='Data/acme.hyper' />`),
		},
		{
			"case 13: what it has already", leaf(`<connection class="postgres" server='a&#98;c'/>`),
			tds.ConnectionPatch{Server: "abc"},
			leaf(`<connection class="postgres" server='a&#98;c'/>`),
		},
		{
			"case 29: a caption that echoes the server", doctest.FX1,
			tds.ConnectionPatch{Server: "db9", Port: "6432", DBName: "acme", Username: "u9"},
			doctest.Replace(t, doctest.FX1, "<named-connection caption='db1'", "<named-connection caption='db9'",
				"dbname='dev' port='5432' server='db1' username='svc'", "dbname='acme' port='6432' server='db9' username='u9'"),
		},
		{
			"case 29: a caption of its own", doctest.Replace(t, doctest.FX1, "caption='db1'", "caption='Sales DB'"),
			tds.ConnectionPatch{Server: "db9"},
			doctest.Replace(t, doctest.FX1, "caption='db1'", "caption='Sales DB'", "server='db1'", "server='db9'"),
		},
		{
			"another caption", doctest.FX1,
			tds.ConnectionPatch{Server: "db9", Caption: "Sales DB"},
			doctest.Replace(t, doctest.FX1, "caption='db1'", "caption='Sales DB'", "server='db1'", "server='db9'"),
		},
		{"no caption to be seen", doctest.FX1, attrs("caption", ""), doctest.Replace(t, doctest.FX1, "caption='db1'", "caption=''")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Edited(t, c.in, update(tds.ConnectionMatch{}, c.patch), c.want)
		})
	}
}

func TestUpdateRefused(t *testing.T) {
	t.Parallel()
	const oracle, sqlserver = `<connection class='oracle' schema='DEV' service='orcl' />`, `<connection class='sqlserver' server='host,1433' />`
	for _, c := range []struct {
		name, connection string
		patch            tds.ConnectionPatch
		words            []string
	}{
		{"case 31: dbname of oracle", oracle, tds.ConnectionPatch{DBName: "X"}, []string{"oracle has no dbname", "service", "schema"}},
		{"case 32: port of sqlserver", sqlserver, tds.ConnectionPatch{Port: "1500"}, []string{"no port", "host,port"}},
		{"schema of postgres", `<connection class='postgres' dbname='dev' />`, tds.ConnectionPatch{Schema: "acme"}, []string{"no schema", "names of tables"}},
		{"case 32: port beside a server with one", sqlserver, tds.ConnectionPatch{Server: "h", Port: "1500"}, []string{"no port"}},
		{"port of letters", `<connection class='postgres' />`, tds.ConnectionPatch{Port: "http"}, []string{`port "http"`, "65535"}},
		{"port too high", `<connection class='postgres' />`, tds.ConnectionPatch{Port: "65536"}, []string{"65535"}},
		{"server of a text file", `<connection class='textscan' directory='d' filename='f' />`, tds.ConnectionPatch{Server: "s"}, []string{"directory", "filename"}},
		{"class without what it needs", oracle, attrs("class", "postgres"), []string{"class postgres needs server, dbname"}},
		{"no server", `<connection class='postgres' server='h' />`, attrs("server", ""), []string{"class postgres needs server, and it would be empty"}},
		{"no server for another class", `<connection class='postgres' server='h' dbname='d' />`, attrs("class", "mysql", "server", ""), []string{"class mysql needs server, and it would be empty"}},
		{"no file", `<connection class='textscan' directory='d' filename='f' />`, attrs("filename", ""), []string{"class textscan needs filename, and it would be empty"}},
		{"a server that is removed", `<connection class='postgres' server='h' />`, tds.ConnectionPatch{Remove: []string{"server"}}, []string{"class postgres needs server, which must not be removed"}},
		{"a property that is removed", `<connection class='databricks' v-http-path='p' />`, tds.ConnectionPatch{Remove: []string{"v-http-path"}}, []string{"class databricks needs http_path, which must not be removed"}},
		{"password", oracle, attrs("password", "hunter2"), []string{"password", "publishing"}},
		{"forked password", oracle, attrs("_.fcp.A.true...password", "hunter2"), []string{"password"}},
		{"twice", oracle, tds.ConnectionPatch{Schema: "a", Attrs: map[string]string{"schema": "b"}}, []string{"schema", "twice"}},
		{"a name no class has", oracle, attrs("host", "h"), []string{`no attribute "host"; there are: authentication, caption, class, initial_sql, port, schema, server, service, username`}},
		{"forked dbname of oracle", oracle, attrs("_.fcp.A.true...dbname", "X"), []string{"oracle has no"}},
		{"password in capitals", oracle, attrs("PassWord", "hunter2"), []string{"publishing"}},
		{"no name", oracle, tds.ConnectionPatch{Attrs: map[string]string{"a b": "1"}, New: true}, []string{`"a b" is not a name`}},
		{"case 82: NUL", oracle, tds.ConnectionPatch{Schema: "a\x00b"}, []string{"not allowed in XML 1.0"}},
		{"case 82: U+FFFE", oracle, attrs("schema", "1", "service", "\uFFFE"), []string{"not allowed in XML 1.0"}},
		{"surrogate bytes", oracle, tds.ConnectionPatch{Username: "\xED\xA0\x80"}, []string{"not UTF-8"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			edit := update(tds.ConnectionMatch{}, c.patch)
			doctest.Refused(t, leaf(c.connection), edit, append(c.words, "updating", `data source "federated.a"`)...)
			if err := edit(doctest.Open(t, leaf(c.connection))); err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows a password: %v", err)
			}
		})
	}
}

// TestInjection is case 82: it sets values that look like markup, references or templates: each
// must read back as it is.
func TestInjection(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`x' onload='y`, `x" onload="y`, `]]><a/>`, `&amp;`, `&#10;`, `${secret}`, `<!--`, "\t\r\n", "😀 é", " "} {
		f := doctest.Open(t, doctest.FX1)
		if err := update(tds.ConnectionMatch{}, tds.ConnectionPatch{Username: value})(f); err != nil {
			t.Errorf("%q: %v", value, err)
			continue
		}
		c, err := datasource(t, doctest.Written(t, f)).Connection(tds.ConnectionMatch{})
		if err != nil || c.Username() != value || c.Server() != "db1" {
			t.Errorf("%q reads back as %q (%v)", value, c.Username(), err)
		}
	}
}

// TestConnectionsAreTheRealOnes is cases 27 and 28: neither the extract nor a background
// map is a source, a .hyper file is.
func TestConnectionsAreTheRealOnes(t *testing.T) {
	t.Parallel()
	in := doctest.Replace(t, doctest.FX1,
		"      <layout ", extract+"      <layout ",
		"  </datasources>\n", "  </datasources>\n"+mapsources,
		"</named-connection>\n", "</named-connection>\n          <named-connection caption='f' name='hyper.h'>\n"+
			"            <connection class='hyper' dbname='Data/Source.hyper' />\n          </named-connection>\n")
	var got []string
	for c := range datasource(t, in).Connections() {
		got = append(got, c.String())
	}
	want := []string{`postgres caption="db1" server="db1" dbname="dev" name="postgres.c"`, `hyper caption="f" dbname="Data/Source.hyper" name="hyper.h"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("connections (-want +got):\n%s", diff)
	}
	f := doctest.Edited(t, in, func(f *documents.File) error {
		var errs []error
		for c := range first(f).Connections() {
			if c.Class() == "postgres" {
				errs = append(errs, c.Update(tds.ConnectionPatch{Server: "db9", DBName: "acme", Username: "u9"}))
			}
		}
		return errors.Join(errs...)
	}, doctest.Replace(t, in, "caption='db1'", "caption='db9'", "dbname='dev' port='5432' server='db1' username='svc'",
		"dbname='acme' port='5432' server='db9' username='u9'"))
	if n := len(slices.Collect(f.Changes())); n != 4 {
		t.Errorf("%d changes reported, want the caption and three values", n)
	}
}

// TestCaptionThatEchoes is case 29: of two connections to one server, the one whose caption
// is the server gets another, too.
func TestCaptionThatEchoes(t *testing.T) {
	t.Parallel()
	in := doctest.Replace(t, doctest.FX1, "</named-connection>\n", "</named-connection>\n          <named-connection caption='Sales DB' name='postgres.d'>\n"+
		"            <connection class='postgres' dbname='sales' port='5432' server='db1' username='svc' />\n          </named-connection>\n")
	f := doctest.Edited(t, in, func(f *documents.File) error {
		var errs []error
		for c := range first(f).Connections() {
			errs = append(errs, c.Update(tds.ConnectionPatch{Server: "db9"}))
		}
		return errors.Join(errs...)
	}, strings.NewReplacer("caption='db1'", "caption='db9'", "server='db1'", "server='db9'").Replace(in))
	if n := len(slices.Collect(f.Changes())); n != 3 {
		t.Errorf("%d changes, want a caption and two servers", n)
	}
}

// TestConnectionByFile finds the connections of files by what tells them apart.
func TestConnectionByFile(t *testing.T) {
	t.Parallel()
	in := leaf(`<connection class='textscan' directory='a' filename='orders.csv' />
      </named-connection>
      <named-connection caption='one' name='x.2'>
        <connection class='textscan' directory='b' filename='orders.csv' />`)
	got, err := datasource(t, in).Connection(tds.ConnectionMatch{Directory: "b", Filename: "orders.csv"})
	if err != nil || got.Name() != "x.2" {
		t.Errorf("found %v, %v", got, err)
	}
	_, err = datasource(t, in).Connection(tds.ConnectionMatch{Filename: "orders.csv"})
	const both = `2 matches for connection with filename "orders.csv" in data source "federated.a": ` +
		`textscan caption="one" directory="a" filename="orders.csv" name="x.1", textscan caption="one" directory="b" filename="orders.csv" name="x.2"`
	if err == nil || err.Error() != both {
		t.Errorf("%v", err)
	}
	_, err = datasource(t, in).Connection(tds.ConnectionMatch{Directory: "c"})
	if !errors.Is(err, tds.ErrNotFound) || !strings.Contains(err.Error(), `connection with directory "c"`) {
		t.Errorf("%v", err)
	}
}

// TestConnectionOfAnOldFile is case 9.
func TestConnectionOfAnOldFile(t *testing.T) {
	t.Parallel()
	const in = `<?xml version='1.0' encoding='utf-8' ?>
<workbook version='9.0'>
  <!-- build 9000.15.0318.1720                                 -->
  <datasources>
    <datasource name='sqlserver.1' version='9.0'><connection class='sqlserver' dbname='dev' server='s'><relation name='t' table='[dbo].[t]' type='table' /></connection></datasource>
  </datasources>
</workbook>
`
	doctest.Edited(t, in, update(tds.ConnectionMatch{Class: "sqlserver"}, tds.ConnectionPatch{Server: "s2"}),
		doctest.Replace(t, in, "server='s'", "server='s2'"))
	doctest.Refused(t, in, update(tds.ConnectionMatch{}, tds.ConnectionPatch{Caption: "c"}), "it has no caption")
}

// TestConnectionMatch is case 30: two of a kind.
func TestConnectionMatch(t *testing.T) {
	t.Parallel()
	in := leaf(`<connection class='postgres' dbname='dev' server='a' />
      </named-connection>
      <named-connection caption='two' name='x.2'>
        <connection class='postgres' dbname='dev' server='b' />`)
	for _, c := range []struct {
		match tds.ConnectionMatch
		found string
		is    error
		words []string
	}{
		{tds.ConnectionMatch{Class: "postgres"}, "", tds.ErrAmbiguous, []string{
			`2 matches for connection with class "postgres"`,
			`postgres caption="one" server="a" dbname="dev" name="x.1", postgres caption="two" server="b" dbname="dev" name="x.2"`,
		}},
		{tds.ConnectionMatch{Class: "postgres", Server: "b"}, "x.2", nil, nil},
		{tds.ConnectionMatch{Caption: "one"}, "x.1", nil, nil},
		{tds.ConnectionMatch{Name: "x.1", DBName: "dev"}, "x.1", nil, nil},
		{tds.ConnectionMatch{Class: "oracle", Server: "b"}, "", tds.ErrNotFound, []string{
			`no connection with class "oracle", server "b" in data source "federated.a"; there are: postgres`, `name="x.2"`,
		}},
	} {
		got, err := datasource(t, in).Connection(c.match)
		if !errors.Is(err, c.is) {
			t.Errorf("%s: %v, want %v", c.match, err, c.is)
		}
		for _, w := range c.words {
			if err != nil && !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v; want %s", c.match, err, w)
			}
		}
		if err == nil && got.Name() != c.found {
			t.Errorf("%s: found %s, want %s", c.match, got.Name(), c.found)
		}
	}
	ds := datasource(t, "<datasource formatted-name='n'/>")
	if _, err := ds.Connection(tds.ConnectionMatch{}); err == nil || err.Error() != `no connection in data source "n"; there are none` {
		t.Errorf("without a connection: %v", err)
	}
}

func TestAttr(t *testing.T) {
	t.Parallel()
	c, err := datasource(t, leaf(`<connection _.fcp.D.false...dbname='no' _.fcp.D.true...dbname='main' class='databricks' one-time-sql='' />`)).Connection(tds.ConnectionMatch{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"dbname": "main +", "one-time-sql": " +", "username": " -"} {
		v, ok := c.Attr(name)
		if got := v + map[bool]string{true: " +", false: " -"}[ok]; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if c.DBName() != "main" {
		t.Errorf("DBName: %q", c.DBName())
	}
	var names []string
	for name := range c.Attrs() {
		names = append(names, name)
	}
	if diff := cmp.Diff([]string{"_.fcp.D.false...dbname", "_.fcp.D.true...dbname", "class", "one-time-sql"}, names); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

// TestPortInOnePlace is case 32: it refuses a port in the server beside one of its own.
func TestPortInOnePlace(t *testing.T) {
	t.Parallel()
	in := "<datasource formatted-name='x'><connection class='sqlserver' dbname='d' port='1433' server='h' /></datasource>"
	doctest.Refused(t, in, func(f *documents.File) error {
		c, err := first(f).Connection(tds.ConnectionMatch{})
		if err != nil {
			return err
		}
		return c.Update(tds.ConnectionPatch{Server: "h2,1500"})
	}, `server "h2,1500" has a port`, "1433")
}

// TestConnectionsByPlace decides by the place of a connection, then by its class (format
// 5.2): cases 9, 28 and 50.
func TestConnectionsByPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"before Tableau 10", `<connection class='sqlserver' dbname='d' server='s' />`, `sqlserver server="s" dbname="d"`},
		{"a cube", `<connection class='msolap' dbname='d' server='s' />`, `msolap server="s" dbname="d"`},
		{"a .hyper file without a wrapper", `<connection class='hyper' dbname='Data/x.hyper' />`, `hyper dbname="Data/x.hyper"`},
		{"a .tde file that is the source", `<connection class='federated'><named-connections><named-connection name='n'><connection class='dataengine' dbname='x.tde' /></named-connection></named-connections></connection>`, `dataengine dbname="x.tde" name="n"`},
		{"a wrapper with strays", `<connection class='federated' dbname='d' server='s'><named-connections><named-connection name='n'><connection class='mysql' server='m' /></named-connection></named-connections></connection>`, `mysql server="m" name="n"`},
		{"behind a feature", `<_.fcp.A.true...connection class='federated'><named-connections><_.fcp.A.true...named-connection name='n'><connection class='mysql' server='m' /></_.fcp.A.true...named-connection></named-connections></_.fcp.A.true...connection>`, `mysql server="m" name="n"`},
		{"an old extract", `<connection class='sqlserver' server='s' /><extract enabled='true'><connection class='dataengine' dbname='x.tde' /></extract>`, `sqlserver server="s"`},
		{"a published data source", `<connection class='sqlproxy' dbname='Sales' server='s' /><extract enabled='true'><connection class='hyper' dbname='x.hyper' /></extract>`, ``},
		{"an empty wrapper", `<connection class='federated' />`, ``},
		{"no class", `<connection server='s' />`, ` server="s"`},
		{"none", ``, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for conn := range datasource(t, "<datasource formatted-name='x'>"+c.in+"</datasource>").Connections() {
				got = append(got, conn.String())
			}
			if got := strings.Join(got, ", "); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
