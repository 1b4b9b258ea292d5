package tds_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// liveRecord is what a connection tells of a column, after its relations.
func liveRecord(remote, local, parent, datatype, aggregation, rest string) string {
	return fmt.Sprintf(`          <metadata-record class='column'>
            <remote-name>%s</remote-name>
            <remote-type>0</remote-type>
            <local-name>%s</local-name>
            <parent-name>%s</parent-name>
            <remote-alias>%[1]s</remote-alias>
            <local-type>%[4]s</local-type>
            <aggregation>%[5]s</aggregation>
            <width>255</width>
            <contains-null>false</contains-null>%[6]s
          </metadata-record>
`, remote, local, parent, datatype, aggregation, rest)
}

// extractRecord is what an extract tells of a column.
func extractRecord(remote, datatype, local, table, ordinal, family, aggregation, rest string) string {
	types := map[string]string{"string": "129", "integer": "20", "real": "5", "date": "133", "datetime": "135", "boolean": "11", "spatial": "128"}
	return fmt.Sprintf(`            <metadata-record class='column'>
              <remote-name>%s</remote-name>
              <remote-type>%s</remote-type>
              <local-name>%s</local-name>
              <parent-name>[%s]</parent-name>
              <remote-alias>%[1]s</remote-alias>
              <ordinal>%[5]s</ordinal>
              <family>%[6]s</family>
              <local-type>%[7]s</local-type>
              <aggregation>%[8]s</aggregation>
              <contains-null>true</contains-null>%[9]s
            </metadata-record>
`, remote, types[datatype], local, table, ordinal, family, datatype, aggregation, rest)
}

func withRecords(t testing.TB, in string, records ...string) string {
	return doctest.Replace(t, in, "      </connection>\n      <aliases", "        <metadata-records>\n"+strings.Join(records, "")+"        </metadata-records>\n      </connection>\n      <aliases")
}

func attachTo(x tds.NewExtract) func(*documents.File) error {
	return extractVerb(func(ds *tds.Datasource) error {
		if err := ds.AttachExtract(x); err != nil {
			return err
		}
		if got, ok := ds.Extract(); !ok || !ds.HasExtract() || got.Path != x.Path || got.TDE() != x.TDE {
			return fmt.Errorf("it reads as %+v", got)
		}
		return nil
	})
}

const hyperConnection = `        <connection access_mode='readonly' authentication='auth-none' class='hyper' dbname='Data/Extracts/acme.hyper' default-settings='yes' schema='Extract' sslmode='' tablename='Extract' username='tableau_internal_user'>
`

var acmeExtract = tds.NewExtract{Path: "Data/Extracts/acme.hyper"}

// TestAttachExtract attaches to data sources of one table, as several builds write them.
func TestAttachExtract(t *testing.T) {
	t.Parallel()
	const (
		manifest = "    <ObjectModelEncapsulateLegacy />\n"
		forked   = "    <_.fcp.ObjectModelEncapsulateLegacy.true...ObjectModelEncapsulateLegacy />\n"
		relation = " name='Extract' table='[Extract].[Extract]' type='table' />\n"
		end      = "        </connection>\n      </extract>\n"
	)
	t.Run("plain", func(t *testing.T) {
		t.Parallel()
		id := "\n            <object-id>[orders_0F3A22C1D4E5F60718293A4B5C6D7E8F]</object-id>"
		in := withRecords(t, doctest.FX1, liveRecord("tenant", "[Tenant]", "[orders]", "string", "Count", id),
			liveRecord("at", "[at (2)]", "[orders]", "datetime", "Year", id), liveRecord("secret", "[secret]", "[orders]", "real", "Sum", id),
			liveRecord("one", "[one]", "[orders]", "integer", "Sum", id), liveRecord("where", "[where]", "[orders]", "spatial", "Count", "\n            <family>Orders$</family>"+id))
		in = doctest.Replace(t, in, "      <column ", "      <column datatype='real' hidden='true' name='[secret]' role='measure' type='quantitative' />\n"+
			"      <column datatype='integer' name='[one]'><calculation formula='1' /></column>\n      <column ")
		id = "\n  " + id[1:]
		want := doctest.Replace(t, in, manifest, manifest+"    <ObjectModelExtractV2 />\n", liveEnd, liveEnd+graphExtract,
			aheadLayout, "      <extract count='-1' enabled='true' object-id='' units='records'>\n"+hyperConnection+"          <relation"+relation+
				"          <metadata-records>\n"+extractRecord("Tenant", "string", "[Tenant]", "Extract", "0", "orders", "Count", id)+
				extractRecord("at (2)", "datetime", "[at (2)]", "Extract", "1", "orders", "Year", id)+
				extractRecord("where", "spatial", "[where]", "Extract", "2", "Orders$", "Collect", id)+"          </metadata-records>\n"+end+aheadLayout)
		doctest.Edited(t, in, attachTo(acmeExtract), want)
	})
	t.Run("forked", func(t *testing.T) {
		t.Parallel()
		want := doctest.Replace(t, doctest.FX2, forked, forked+"    <_.fcp.ObjectModelExtractV2.true...ObjectModelExtractV2 />\n", liveEnd, liveEnd+graphExtract,
			aheadLayout, "      <extract _.fcp.ObjectModelExtractV2.true...object-id='' count='-1' enabled='true' units='records'>\n"+hyperConnection+
				"          <_.fcp.ObjectModelEncapsulateLegacy.false...relation"+relation+"          <_.fcp.ObjectModelEncapsulateLegacy.true...relation"+relation+end+aheadLayout)
		doctest.Edited(t, doctest.FX2, attachTo(acmeExtract), want)
	})
	t.Run("old", func(t *testing.T) {
		t.Parallel()
		const old = `<datasource formatted-name='x' version='9.0'>
  <connection class='sqlserver' dbname='dev' server='s'>
    <relation name='t' table='[dbo].[t]' type='table' />
  </connection>
  <column name='[a]' />
  <style />
</datasource>
`
		want := doctest.Replace(t, old, "  <style />\n", `  <extract count='-1' enabled='true' units='records'>
    <connection class='dataengine' dbname='Data/a.tde' schema='Extract' tablename='Extract'>
      <relation name='Extract' table='[Extract].[Extract]' type='table' />
    </connection>
  </extract>
  <style />
`)
		doctest.Edited(t, old, attachTo(tds.NewExtract{Path: "Data/a.tde", TDE: true}), want)
	})
}

// TestAttachExtractAfterProperties keeps what a logical table tells of the connection in
// front, whatever else stands before that (case 86).
func TestAttachExtractAfterProperties(t *testing.T) {
	t.Parallel()
	const gizmo = "            <gizmo />\n"
	f := doctest.Open(t, doctest.Replace(t, doctest.FX1, "            <properties context=''>\n", gizmo+"            <properties context=''>\n"))
	if err := attachTo(acmeExtract)(f); err != nil {
		t.Fatal(err)
	}
	if got := doctest.Written(t, f); !strings.Contains(got, liveEnd+graphExtract+"          </object>\n") {
		t.Errorf("written %s", got)
	}
}

// TestAttachExtractOfSeveral attaches to a data source of two logical tables, of which one
// joins two.
func TestAttachExtractOfSeveral(t *testing.T) {
	t.Parallel()
	const (
		fcp    = "_.fcp.ObjectModelEncapsulateLegacy."
		live   = `relation connection='postgres.c' name='orders' table='[public].[orders]' type='table' />` + "\n"
		people = "people_AAAABBBBCCCCDDDDEEEEFFFF00001111"
		orders = "orders_0F3A22C1D4E5F60718293A4B5C6D7E8F"
	)
	in := doctest.Replace(t, doctest.FX2, "        <"+fcp+"true..."+live, "        <"+fcp+"true...relation type='collection'>\n"+
		"          <relation join='inner' name='people' type='join'>\n            <relation name='p' type='table' /><relation name='q' type='table' />\n          </relation>\n          <"+live+"        </"+fcp+"true...relation>\n",
		"          </object>\n", `          </object>
          <object caption='people' id='`+people+`'>
            <properties context=''>
              <relation join='inner' name='people' type='join' />
            </properties>
            <table-description />
          </object>
`)
	id := func(of string) string {
		return "\n            <" + fcp + "true...object-id>[" + of + "]</" + fcp + "true...object-id>"
	}
	in = withRecords(t, in,
		liveRecord("id", "[id]", "[orders]", "integer", "Sum", id(orders)), liveRecord("day", "[Day]", "[orders]", "date", "Year", id(orders)),
		liveRecord("id", "[id (p)]", "[p]", "integer", "Sum", id(people)), liveRecord("id", "[id (q)]", "[q]", "integer", "Sum", id(people)),
		liveRecord("ok", "[OK]", "[q]", "boolean", "Count", id(people)))
	table := func(name string) string {
		return "name='" + name + "' table='[Extract].[" + name + "]' type='table' />\n"
	}
	inGraph := func(name string) string {
		return "            <properties context='extract'>\n              <relation " + table(name) + "            </properties>\n"
	}
	deep := func(of string) string { return "\n  " + id(of)[1:] }
	want := strings.Replace(in, liveEnd+"          </object>", liveEnd+inGraph(orders)+"          </object>", 1)
	want = doctest.Replace(t, want, "            <table-description />\n", inGraph(people)+"            <table-description />\n",
		"true...ObjectModelEncapsulateLegacy />\n", "true...ObjectModelEncapsulateLegacy />\n    <_.fcp.ObjectModelExtractV2.true...ObjectModelExtractV2 />\n",
		aheadLayout, "      <extract _.fcp.ObjectModelExtractV2.true...object-id='' count='-1' enabled='true' units='records'>\n"+hyperConnection+
			"          <"+fcp+"false...relation "+table(orders)+
			"          <"+fcp+"true...relation type='collection'>\n            <relation "+table(people)+"            <relation "+table(orders)+"          </"+fcp+"true...relation>\n"+
			`          <cols>
            <map key='[Day]' value='[`+orders+`].[day]' />
            <map key='[OK]' value='[`+people+`].[ok]' />
            <map key='[id (p)]' value='[`+people+`].[id (p)]' />
            <map key='[id (q)]' value='[`+people+`].[id (q)]' />
            <map key='[id]' value='[`+orders+`].[id]' />
          </cols>
          <metadata-records>
`+extractRecord("id (p)", "integer", "[id (p)]", people, "0", "p", "Sum", deep(people))+extractRecord("id (q)", "integer", "[id (q)]", people, "1", "q", "Sum", deep(people))+
			extractRecord("ok", "boolean", "[OK]", people, "2", "q", "Count", deep(people))+
			extractRecord("id", "integer", "[id]", orders, "3", "orders", "Sum", deep(orders))+extractRecord("day", "date", "[Day]", orders, "4", "orders", "Year", deep(orders))+
			"          </metadata-records>\n        </connection>\n      </extract>\n"+aheadLayout)
	f := doctest.Edited(t, in, attachTo(acmeExtract), want)
	if x, _ := first(f).Extract(); len(x.Tables) != 2 || x.Tables[0].Table() != orders || x.Tables[1].Table() != people {
		t.Errorf("tables %v", x.Tables)
	}
	doctest.Refused(t, strings.Replace(in, "["+people+"]", "[other]", 1), attachTo(acmeExtract), "the column [id (p)] is of no logical table")
	doctest.Refused(t, strings.Replace(in, "id='"+people, "id='"+orders, 1), attachTo(acmeExtract), `logical table "people" has no id of its own`)
}

// TestAttachExtractOfManyTables is over soon, as what it takes grows no faster than the
// number of tables and columns.
func TestAttachExtractOfManyTables(t *testing.T) {
	t.Parallel()
	const n = 8000
	var relations, records, objects strings.Builder
	for i := range n {
		relation := fmt.Sprintf("<relation name='t%d' table='[s].[t%[1]d]' type='table' />\n", i)
		relations.WriteString(relation)
		fmt.Fprintf(&records, "<metadata-record class='column'><remote-name>c</remote-name><local-name>[c%d]</local-name><local-type>string</local-type><object-id>[id%[1]d]</object-id></metadata-record>\n", i)
		fmt.Fprintf(&objects, "<object id='id%d'><properties context=''>%s</properties></object>\n", i, relation)
	}
	f := doctest.Open(t, "<datasource name='x'>\n<connection class='federated'>\n<relation type='collection'>\n"+relations.String()+"</relation>\n<metadata-records>\n"+records.String()+
		"</metadata-records>\n</connection>\n<object-graph><objects>\n"+objects.String()+"</objects></object-graph>\n</datasource>")
	if err := attachTo(acmeExtract)(f); err != nil {
		t.Fatal(err)
	}
	x, _ := first(f).Extract()
	if len(x.Tables) != n || x.Tables[n-1].Table() != fmt.Sprint("id", n-1) {
		t.Fatalf("%d tables of %d", len(x.Tables), n)
	}
}

func TestAttachExtractRefuses(t *testing.T) {
	t.Parallel()
	doctest.Refused(t, ordersExtract(t), attachTo(acmeExtract), `attaching an extract of data source "Orders": it has one, "Data/Extracts/t.hyper"`)
	doctest.Refused(t, doctest.FX1, attachTo(tds.NewExtract{}), "the path is empty")
	doctest.Refused(t, "<datasource name='x' />", attachTo(acmeExtract), "no connection")
	doctest.Refused(t, "<datasource name='x'><connection class='sqlproxy' dbname='OrdersDev' /></datasource>", attachTo(acmeExtract), `the published data source "OrdersDev"`)
	// Some logical tables tell of an extract that is gone.
	for _, left := range []string{graphExtract, strings.ReplaceAll(graphExtract, "'[Extract].[Extract]'", "'[Extract].[old]'"), "            <properties context='extract' />\n"} {
		f := doctest.Open(t, doctest.Replace(t, doctest.FX1, liveEnd, liveEnd+left))
		clean := doctest.Open(t, doctest.FX1)
		if err := errors.Join(attachTo(acmeExtract)(f), attachTo(acmeExtract)(clean)); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(doctest.Written(t, clean), doctest.Written(t, f)); diff != "" {
			t.Errorf("with %s (-want +got):\n%s", left, diff)
		}
	}
}
