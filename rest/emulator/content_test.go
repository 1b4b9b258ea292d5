package emulator

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/packaging"
)

// packed makes a package of entries, given as name and content in turn.
func packed(t *testing.T, entries ...string) string {
	t.Helper()
	var changes []packaging.Change
	for i := 0; i < len(entries); i += 2 {
		changes = append(changes, packaging.Change{Name: entries[i], Content: packaging.Bytes([]byte(entries[i+1]))})
	}
	assembly, err := packaging.Create(changes...)
	if err != nil {
		t.Fatal(err)
	}
	defer assembly.Close()
	var b bytes.Buffer
	if _, err := assembly.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAnalyze(t *testing.T) {
	t.Parallel()
	tables := []fileTable{{Schema: "public", Name: "orders"}}
	orders := []fileConnection{{"Orders", "postgres", "db.example.com", "5432", "sales", "template", "", tables}}
	sales := content{
		FileType: "twb", Connections: orders,
		Sheets: []sheet{
			{"Tale of 100 Start-ups", "worksheet", false},
			{"Map", "worksheet", false},
			{"Scratch", "worksheet", true},
			{"Übersicht", "dashboard", false},
		},
	}
	salesPacked := sales
	salesPacked.FileType = "twbx"
	extracted := strings.Replace(ordersTDS, "</datasource>", "  <extract count='-1' enabled='true' units='records'>\r\n"+
		"    <connection class='hyper' dbname='Data/orders.hyper' schema='Extract' tablename='Extract' />\r\n  </extract>\r\n</datasource>", 1)
	tests := map[string]struct {
		file string
		want content
	}{
		"twb":  {salesTWB, sales},
		"twbx": {packed(t, "Sales.twb", salesTWB, "Image/logo.png", "png"), salesPacked},
		"tds":  {ordersTDS, content{FileType: "tds", Connections: []fileConnection{{"federated.1", "postgres", "db.example.com", "5432", "sales", "template", "", tables}}}},
		"tdsx with an extract": {packed(t, "Orders.tds", extracted, "Data/orders.hyper", "Hyper"), content{
			FileType: "tdsx", HasExtract: true,
			Connections: []fileConnection{{"federated.1", "postgres", "db.example.com", "5432", "sales", "template", "", tables}},
		}},
		"published": {publishedTWB, content{
			FileType: "twb", Sheets: []sheet{{"Map", "worksheet", false}}, Published: []publishedRef{{"Orders", ""}},
			Connections: []fileConnection{{"All orders", "sqlproxy", "tableau.localhost", "80", "Orders", "", "", nil}},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := analyze(strings.NewReader(test.file), int64(len(test.file)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(content{}, sheet{}, fileConnection{}, publishedRef{})); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

func TestSplitServer(t *testing.T) {
	t.Parallel()
	for server, want := range map[string][2]string{
		"":                            {"", ""},
		"tab.example.com":             {"tab.example.com", ""},
		"https://tab.example.com":     {"tab.example.com", "443"},
		"http://tab.example.com/":     {"tab.example.com", "80"},
		"http://tab.example.com:8000": {"tab.example.com", "8000"},
	} {
		if host, port := splitServer(server); host != want[0] || port != want[1] {
			t.Errorf("splitServer(%q) = %q, %q, want %q", server, host, port, want)
		}
	}
}

// Every real file can be published, unless it needs a published data source that is not there, and comes back as it was.
func TestCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../shared/corpus/*/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the corpus of real files is not there")
	}
	w := start(t)
	for _, file := range files {
		kind := map[string]string{".twb": "workbook", ".twbx": "workbook", ".tds": "datasource", ".tdsx": "datasource"}[filepath.Ext(file)]
		if kind == "" {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		a := w.publish(kind, "overwrite=true", `name="Corpus"`, ``, "corpus"+filepath.Ext(file), string(data))
		if strings.Contains(a.body, "not found on site") {
			continue
		}
		if a.status != 201 {
			t.Errorf("%s: %s", file, a.body)
			continue
		}
		id := longLUID.FindString(string(a.raw))
		if a := w.get(kind + "s/" + id + "/content"); !bytes.Equal(a.raw, data) {
			t.Errorf("%s: %d bytes came back, %d were sent", file, len(a.raw), len(data))
		}
	}
}
