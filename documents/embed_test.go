package documents_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// proxy is a workbook with a reference to a published data source.
const proxy = `<workbook version='18.1'>
  <datasources>
    <datasource caption='Orders' inline='true' name='sqlproxy.1' version='18.1'>
      <connection class='sqlproxy' dbname='Orders' server='tab.example.com'>
        <relation name='sqlproxy' table='[sqlproxy]' type='table' />
      </connection>
    </datasource>
  </datasources>
</workbook>
`

// filed is a packaged data source file that reads a text file and a spreadsheet, and has an
// extract.
func filed(t testing.TB, extract string) string {
	in := strings.Replace(`<datasource formatted-name='orders' version='18.1'>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='f' name='textscan.1'>
        <connection class='textscan' directory='Data/Files' filename='orders.csv' />
      </named-connection>
      <named-connection caption='x' name='excel-direct.1'>
        <connection class='excel-direct' filename='Data/x.xlsx' />
      </named-connection>
    </named-connections>
    <relation connection='textscan.1' name='orders' table='[orders#csv]' type='table' />
  </connection>
EXTRACT</datasource>
`, "EXTRACT", fmt.Sprintf(extractOf, "Data/e.hyper"), 1)
	return archive(t, "Orders.tds", in, "Data/Files/orders.csv", "a,b", "Data/e.hyper", extract, "Data/x.xlsx", "PK", "Data/old.csv", "nobody reads it")
}

func embedOrders(from *documents.File) func(*documents.File) error {
	return func(f *documents.File) error {
		ds, err := f.Datasource("Orders")
		if err != nil {
			return err
		}
		return f.Embed(ds, from)
	}
}

// TestEmbedFiles packs the files that the data source reads, and no other; a bare workbook
// becomes a package. A second reference to it has the same files, another file of one name
// another name, which what reads it has, too.
func TestEmbedFiles(t *testing.T) {
	t.Parallel()
	second := doctest.Replace(t, proxy, "  </datasources>", strings.NewReplacer("Orders", "Again", "sqlproxy.1", "sqlproxy.2").Replace(
		proxy[strings.Index(proxy, "    <datasource "):strings.Index(proxy, "  </datasources>")])+"  </datasources>")
	f := doctest.Open(t, second)
	from := doctest.Open(t, filed(t, hyperHead+"one"))
	edit := func(f *documents.File) error {
		for ds := range f.Datasources() {
			if err := f.Embed(ds, from); err != nil {
				return err
			}
		}
		return nil
	}
	if err := edit(f); err != nil {
		t.Fatal(err)
	}
	got := packed(t, f)
	out := got["document.twb"]
	delete(got, "document.twb")
	files := map[string]string{"Data/Files/orders.csv": "a,b", "Data/e.hyper": hyperHead + "one", "Data/x.xlsx": "PK"}
	if diff := cmp.Diff(files, got); diff != "" || f.Kind() != documents.TWBX {
		t.Errorf("%s with entries (-want +got):\n%s", f.Kind(), diff)
	}
	for _, once := range []string{"name='textscan.1'", "name='excel-direct.1'"} {
		if strings.Count(out, once) != 1 {
			t.Errorf("%s is not there once:\n%s", once, out)
		}
	}
	again := doctest.Open(t, doctest.Written(t, f))
	if err := edit(again); err != nil || again.ChangeCount() != 0 {
		t.Errorf("a second time: %d changes, %v", again.ChangeCount(), err)
	}
	var missing []string
	for r := range again.References() {
		if r.Entry == "" {
			missing = append(missing, r.File)
		}
	}
	if missing != nil {
		t.Errorf("missing files %q", missing)
	}
}

// TestEmbedRenames is for a package that has other files under the names of those of the data
// source.
func TestEmbedRenames(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, archive(t, "Book.twb", proxy, "Data/E.hyper", "another", "Data/x.xlsx", "PK"))
	if err := embedOrders(doctest.Open(t, filed(t, hyperHead)))(f); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Book.twb", "Data/E.hyper", "Data/x.xlsx", "Data/Files/orders.csv", "Data/e 2.hyper"}, names(f)); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	ds, err := f.Datasource("Orders")
	if err != nil {
		t.Fatal(err)
	}
	if x, _ := f.ExtractFile(ds); x.Entry != "Data/e 2.hyper" || x.Fault() != "" {
		t.Errorf("the extract is %+v", x)
	}
}

func TestEmbedRefused(t *testing.T) {
	t.Parallel()
	doctest.Refused(t, proxy, embedOrders(nil), `the definition of data source "Orders"`, "does not say what")
	doctest.Refused(t, proxy, embedOrders(doctest.Open(t, doctest.FX1)), `embedding of data source "Orders"`, "is a workbook")
	other := firstDatasource(doctest.Open(t, proxy))
	doctest.Refused(t, proxy, func(f *documents.File) error { return f.Embed(other, nil) }, "another file")
	f := doctest.Open(t, proxy)
	boom := fmt.Errorf("boom")
	if err := f.Atomically("", func() error {
		if err := embedOrders(doctest.Open(t, filed(t, hyperHead)))(f); err != nil {
			return err
		}
		return boom
	}); err != boom {
		t.Fatal(err)
	}
	if doctest.Written(t, f) != proxy || f.Kind() != documents.TWB {
		t.Error("what was undone shows")
	}
}

// TestReferFiles is case 75 and what goes with it: the files that only the data source read
// go, with all parts of a spatial one; those that something else refers to stay.
func TestReferFiles(t *testing.T) {
	t.Parallel()
	in := doctest.Replace(t, doctest.FX1, "          <named-connection caption='db1'", `          <named-connection caption='s' name='s.1'>
            <connection class='ogrdirect' directory='Data/Maps' filename='area.shp' />
          </named-connection>
          <named-connection caption='x' name='x.1'>
            <connection class='excel-direct' filename='Data/x.xlsx' />
          </named-connection>
          <named-connection caption='db1'`, "      <layout dim", fmt.Sprintf(extractOf, "Data/e.hyper")+"      <layout dim",
		"  </datasources>", `    <datasource caption='Two' inline='true' name='federated.b' version='18.1'>
      <connection class='excel-direct' filename='Data/x.xlsx' />
    </datasource>
  </datasources>`)
	f := doctest.Open(t, archive(t, "Book.twb", in, "Data/Maps/area.dbf", "", "Data/Maps/area.shp", "", "Data/e.hyper", "", "Data/x.xlsx", "", "Data/old.csv", ""))
	ds, err := f.Datasource("Orders")
	if err != nil {
		t.Fatal(err)
	}
	ref := tds.PublishedRef{Server: "https://tab.example.com", ContentURL: "Orders"}
	for range 2 {
		if err := f.Refer(ds, ref); err != nil {
			t.Fatal(err)
		}
		if got := names(f); !slices.Equal(got, []string{"Book.twb", "Data/x.xlsx", "Data/old.csv"}) {
			t.Errorf("entries %q", got)
		}
	}
	if err := f.Refer(ds, tds.PublishedRef{}); err == nil {
		t.Error("a reference to nothing")
	}
}
