package tds_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// acme is a published data source.
var acme = tds.PublishedRef{Server: "https://tab.acme.example", SiteContentURL: "acme", ContentURL: "Orders_1"}

func refer(ref tds.PublishedRef) func(*documents.File) error {
	return func(f *documents.File) error { return first(f).Refer(ref) }
}

const (
	embedded = `      <connection class='federated'>
        <named-connections>
          <named-connection caption='db1' name='postgres.c'>
            <connection class='postgres' dbname='dev' port='5432' server='db1' username='svc' />
          </named-connection>
        </named-connections>
`
	proxied = `      <repository-location id='Orders_1' path='/t/acme/datasources' revision='1.0' site='acme' />
      <connection channel='https' class='sqlproxy' dbname='Orders_1' directory='/dataserver' port='443' server='tab.acme.example' username=''>
`
	ordersRelation = `relation connection='postgres.c' name='orders' table='[public].[orders]' type='table' />`
	proxyRelation  = `relation name='sqlproxy' table='[sqlproxy]' type='table' />`
)

// records are the metadata of a connection, and those of a reference that it becomes.
const (
	records = `        <cols>
          <map key='[id]' value='[orders].[ID]' />
        </cols>
        <calculations>
          <calculation column='[c]' formula='1' />
        </calculations>
        <refresh increment-key='' incremental-updates='false' />
        <metadata-records>
          <metadata-record class='capability'>
            <remote-name />
            <parent-name>[orders]</parent-name>
          </metadata-record>
          <metadata-record class='column'>
            <remote-name>ID</remote-name>
            <remote-type>20</remote-type>
            <local-name>[id ]] (orders)]</local-name>
            <parent-name>[orders]</parent-name>
            <remote-alias>ID</remote-alias>
            <ordinal>1</ordinal>
            <family>orders</family>
            <local-type>integer</local-type>
            <aggregation>Sum</aggregation>
            <approx-count>7</approx-count>
            <precision>19</precision>
            <contains-null>true</contains-null>
            <statistics><statistic name='max'>9</statistic></statistics>
            <object-id>[orders_0F3A22C1D4E5F60718293A4B5C6D7E8F]</object-id>
          </metadata-record>
        </metadata-records>
`
	referredRecords = `        <calculations>
          <calculation column='[c]' formula='1' />
        </calculations>
        <metadata-records>
          <metadata-record class='column'>
            <remote-name>id ] (orders)</remote-name>
            <remote-type>20</remote-type>
            <local-name>[id ]] (orders)]</local-name>
            <parent-name>[sqlproxy]</parent-name>
            <remote-alias>id ] (orders)</remote-alias>
            <ordinal>1</ordinal>
            <layered>true</layered>
            <family>orders</family>
            <local-type>integer</local-type>
            <aggregation>Sum</aggregation>
            <contains-null>true</contains-null>
            <object-id>[orders_0F3A22C1D4E5F60718293A4B5C6D7E8F]</object-id>
          </metadata-record>
        </metadata-records>
`
)

// asReference is what referring makes of the first data source of FX1 or FX2.
func asReference(in string) string {
	out := strings.Replace(in, embedded, proxied, 1)
	return strings.ReplaceAll(out, ordersRelation, proxyRelation)
}

// TestRefer makes references of the forms in which data sources are written: cases 9, 36, 48
// and 53, with nothing left of what they were read from.
func TestRefer(t *testing.T) {
	t.Parallel()
	withRecords := func(in, records string) string {
		return strings.Replace(in, "      </connection>\n      <aliases", records+"      </connection>\n      <aliases", 1)
	}
	named := acme
	named.Caption, named.FriendlyName = "Bestellungen", "Orders | Acme"
	old := "<workbook><datasources><datasource caption='Old' name='sqlserver.1'><connection class='sqlserver' dbname='dev' password='x' server='s' username='svc' /></datasource></datasources></workbook>"
	view := func(caption string) string {
		return "  </datasources>\n  <worksheets><worksheet name='w'><datasources><datasource caption='" + caption + "' name='federated.a' /></datasources></worksheet></worksheets>\n"
	}
	extract := `      <extract count='-1' enabled='true' units='records'>
        <connection class='hyper' dbname='Data/x.hyper'>
          <relation name='Extract' table='[Extract].[Extract]' type='table' />
          <metadata-records>
            <metadata-record class='column'>
              <remote-name>only</remote-name>
              <local-name>[only]</local-name>
              <parent-name>[Extract]</parent-name>
              <remote-alias>only</remote-alias>
              <contains-null>true</contains-null>
            </metadata-record>
          </metadata-records>
        </connection>
      </extract>
`
	kept := `        <metadata-records>
          <metadata-record class='column'>
            <remote-name>only</remote-name>
            <local-name>[only]</local-name>
            <parent-name>[sqlproxy]</parent-name>
            <remote-alias>only</remote-alias>
            <layered>true</layered>
            <contains-null>true</contains-null>
          </metadata-record>
        </metadata-records>
`
	both := strings.Replace(doctest.FX1, "          </object>", `            <properties context='extract'>
              <relation name='Extract' table='[Extract].[Extract]' type='table' />
            </properties>
          </object>`, 1)
	for _, c := range []struct {
		name, in string
		ref      tds.PublishedRef
		want     string
	}{
		{"FX1", doctest.FX1, acme, asReference(doctest.FX1)},
		{"case 36: FX2", doctest.FX2, acme, asReference(doctest.FX2)},
		{"metadata", withRecords(doctest.FX1, records), acme, withRecords(asReference(doctest.FX1), referredRecords)},
		{"case 9: an old file", old, acme, doctest.Replace(t, old, "<connection class='sqlserver' dbname='dev' password='x' server='s' username='svc' />",
			"<repository-location id='Orders_1' path='/t/acme/datasources' revision='1.0' site='acme' /><connection channel='https' class='sqlproxy' dbname='Orders_1' directory='/dataserver' port='443' server='tab.acme.example' username=''>"+
				"<relation name='sqlproxy' table='[sqlproxy]' type='table' /></connection>")},
		{
			"case 48: the Default site", doctest.FX1,
			tds.PublishedRef{Server: "http://h:8000", ContentURL: "Orders"},
			doctest.Replace(t, asReference(doctest.FX1), "id='Orders_1' path='/t/acme/datasources' revision='1.0' site='acme'", "id='Orders' path='/datasources' revision='1.0'",
				"channel='https' class='sqlproxy' dbname='Orders_1' directory='/dataserver' port='443' server='tab.acme.example'",
				"channel='http' class='sqlproxy' dbname='Orders' directory='/dataserver' port='8000' server='h'"),
		},
		{
			"case 52: names", doctest.Replace(t, doctest.FX1, "  </datasources>\n", view("Orders")), named,
			doctest.Replace(t, asReference(doctest.FX1), "  </datasources>\n", view("Bestellungen"), "caption='Orders' inline", "caption='Bestellungen' inline",
				"server='tab.acme.example' username", "server='tab.acme.example' server-ds-friendly-name='Orders | Acme' username"),
		},
		{
			"case 75: an extract", doctest.Replace(t, both, "      <layout dim", extract+"      <layout dim"), acme,
			doctest.Replace(t, asReference(doctest.FX1), "      </connection>\n      <aliases", kept+"      </connection>\n      <aliases"),
		},
		{
			"case 50: published once", doctest.Replace(t, doctest.FX1, "      <connection class='federated'>", "      <repository-location derived-from='https://old.example/t/dev/datasources/O?rev=1.0' id='O' path='/t/dev/datasources' revision='3.0' site='dev' />\n      <connection class='federated'>"), acme,
			doctest.Replace(t, asReference(doctest.FX1), "<repository-location id='Orders_1' path='/t/acme/datasources' revision='1.0'",
				"<repository-location derived-from='https://tab.acme.example/t/acme/datasources/Orders_1?rev=1.0' id='Orders_1' path='/t/acme/datasources' revision='3.0'"),
		},
		{"case 8: an empty location", doctest.Replace(t, doctest.FX1, "      <connection class='federated'>", "      <repository-location />\n      <connection class='federated'>"), acme, asReference(doctest.FX1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := doctest.Edited(t, c.in, refer(c.ref), c.want)
			ref, ok := first(f).Published()
			if !ok || ref.ContentURL != c.ref.ContentURL || ref.SiteContentURL != c.ref.SiteContentURL || ref.Server != c.ref.Server {
				t.Errorf("reads as %+v", ref)
			}
		})
	}
}

// TestReferTables has several logical tables: each stays, with its ID, and the form for
// programs that know one table has one.
func TestReferTables(t *testing.T) {
	t.Parallel()
	const people = "relation connection='postgres.c' name='people' table='[public].[people]' type='table' />"
	f := doctest.Open(t, doctest.Replace(t, doctest.FX2,
		"        <_.fcp.ObjectModelEncapsulateLegacy.true..."+ordersRelation, "        <_.fcp.ObjectModelEncapsulateLegacy.true...relation type='collection'>\n          <"+ordersRelation+"\n          <"+people+"\n        </_.fcp.ObjectModelEncapsulateLegacy.true...relation>",
		"        </objects>", "          <object caption='people' id='people_0F3A22C1D4E5F60718293A4B5C6D7E8F'>\n            <properties context=''>\n              <"+people+"\n            </properties>\n          </object>\n        </objects>"))
	if err := first(f).Refer(acme); err != nil {
		t.Fatal(err)
	}
	out := doctest.Written(t, f)
	if got, want := strings.Count(out, proxyRelation), 1+2+2; got != want {
		t.Errorf("%d tables, want one in the old form, two in the new one, and two logical ones:\n%s", got, out)
	}
	if n := len(datasource(t, out).Model().Tables); n != 2 {
		t.Errorf("%d logical tables", n)
	}
}

// TestReferNotes tells of filters: those of the data source stay, those of the extract go.
func TestReferNotes(t *testing.T) {
	t.Parallel()
	in := doctest.Replace(t, doctest.FX1, "      <layout dim", "      <extract enabled='true'><connection class='hyper' /><filter class='categorical' column='[Tenant]' /></extract>\n      <layout dim",
		"      <object-graph>", "      <filter class='categorical' column='[Tenant]' filter-group='2' />\n      <object-graph>")
	f := doctest.Edited(t, in, refer(acme), doctest.Replace(t, asReference(doctest.FX1), "      <object-graph>", "      <filter class='categorical' column='[Tenant]' filter-group='2' />\n      <object-graph>"))
	var notes []string
	for n := range f.Notes() {
		notes = append(notes, n.Text)
	}
	want := []string{
		`its data source filters, 1, stay: they narrow what the published data source "Orders_1" gives`,
		`its extract filters, 1, go with the extract: the published data source "Orders_1" must have rows for this workbook only`,
	}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReferRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		ref      tds.PublishedRef
		words    []string
	}{
		{"no content URL", doctest.FX1, tds.PublishedRef{Server: acme.Server}, []string{`making data source "Orders" refer`, "content URL"}},
		{"no server", doctest.FX1, tds.PublishedRef{ContentURL: "x"}, []string{"must be given as a URL"}},
		{"a host", doctest.FX1, tds.PublishedRef{Server: "tab.example", ContentURL: "x"}, []string{"must be given as a URL"}},
		{"a site", doctest.FX1, tds.PublishedRef{Server: acme.Server, SiteContentURL: "a/b", ContentURL: "x"}, []string{"a/b"}},
		{"case 8: no connection", "<workbook><datasources><datasource name='a' /></datasources></workbook>", acme, []string{"0 connections"}},
		{"a data source file", "<datasource formatted-name='a'><connection class='postgres' /></datasource>", acme, []string{"data source file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, c.in, refer(c.ref), c.words...)
		})
	}
	f := doctest.Open(t, doctest.FX1)
	run := func(rule string, edit func() error) error { return f.Atomically(rule, edit) }
	if err := run("one", func() error {
		c, err := first(f).Connection(tds.ConnectionMatch{})
		if err == nil {
			err = c.Update(tds.ConnectionPatch{Server: "db9"})
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := run("two", func() error { return first(f).Refer(acme) }); err == nil || !strings.Contains(err.Error(), "one") {
		t.Errorf("case 83: what a rule had set is taken away: %v", err)
	}
}
