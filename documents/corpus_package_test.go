package documents_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// acmeOrders is a published data source.
var acmeOrders = tds.PublishedRef{Server: "https://acme.example:8443", SiteContentURL: "acme", ContentURL: "Orders_1"}

// packageVerbs bring data sources and files into workbooks and out of them.
var packageVerbs = map[string]verb{
	"refer": func(f *documents.File) (n int, err error) {
		if _, ok := f.Workbook(); !ok {
			return 0, nil
		}
		for ds := range f.Datasources() {
			if !ds.Element().Child("connection").Exists() {
				continue
			}
			n++
			err = errors.Join(err, referred(f, ds))
		}
		return n, err
	},
	"embed": func(f *documents.File) (n int, err error) {
		for ds := range f.Datasources() {
			_, isReference := ds.Published()
			if conn := ds.Element().Child("connection"); !isReference && conn.Find("named-connections", "named-connection").Value("name") != "postgres.acme" {
				continue
			}
			def, err := openText(definitionOf(ds))
			if err != nil {
				return n, err
			}
			n++
			if err := f.Embed(ds, def); err != nil {
				return n, err
			}
			if conn, err := ds.Connection(tds.ConnectionMatch{Server: "db.acme"}); err != nil || len(ds.Model().Tables) != 1 {
				return n, fmt.Errorf("%s reads from %v (%v)", ds, conn, err)
			}
		}
		return n, err
	},
}

// definitionOf is a data source file with the fields of a reference to it.
func definitionOf(ds *tds.Datasource) string {
	var records strings.Builder
	for c := range ds.Columns() {
		if c.Formula != "" || c.Class != "" || c.Datatype == "table" {
			continue
		}
		fmt.Fprintf(&records, "<metadata-record class='column'><remote-name /><remote-type>129</remote-type><local-name>%s</local-name><parent-name>[t]</parent-name>"+
			"<remote-alias /><local-type>%s</local-type><aggregation>Count</aggregation><contains-null>true</contains-null></metadata-record>",
			html.EscapeString(c.Name), c.Datatype)
	}
	return `<datasource formatted-name='orders' inline='true' version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'><connection class='federated'>` +
		`<named-connections><named-connection caption='db' name='postgres.acme'><connection class='postgres' dbname='d' port='5432' server='db.acme' username='u' /></named-connection></named-connections>` +
		`<relation connection='postgres.acme' name='t' table='[public].[t]' type='table' /><metadata-records>` + records.String() + `</metadata-records></connection></datasource>`
}

func openText(text string) (*documents.File, error) {
	return documents.OpenReader(strings.NewReader(text), int64(len(text)))
}

// referred makes a data source refer to a published one, and checks that the fields are
// those before, the tables its own, and the files of the package used.
func referred(f *documents.File, ds *tds.Datasource) error {
	before := fieldNames(ds)
	name := ds.Name()
	if err := f.Refer(ds, acmeOrders); err != nil {
		return err
	}
	ref, ok := ds.Published()
	if ref.Caption = ""; !ok || ref.ContentURL != acmeOrders.ContentURL || ref.SiteContentURL != "acme" || ref.Server != acmeOrders.Server || ds.Name() != name {
		return fmt.Errorf("%s reads as %+v", ds, ref)
	}
	if after := fieldNames(ds); !slices.Equal(before, after) {
		return fmt.Errorf("%s had the fields %q and has %q", ds, before, after)
	}
	if _, ok := ds.Extract(); ok {
		return fmt.Errorf("%s has an extract", ds)
	}
	for c := range ds.Connections() {
		return fmt.Errorf("%s has a connection, %s", ds, c)
	}
	for conn := range ds.Element().Descendants("connection") {
		if _, has := conn.Attr("password"); has || conn.Value("username") != "" {
			return fmt.Errorf("%s has credentials: %s", ds, conn.Path())
		}
	}
	for item := range f.Items() {
		for _, r := range item.Users {
			if r.Datasource == name && item.Purpose != documents.ForImage {
				return fmt.Errorf("%s: %s refers to %q", ds, r.Place, item.Name)
			}
		}
	}
	return nil
}

// exported is a data source of a workbook as a file of its own, with the files it reads.
func exported(t *testing.T, f *documents.File, ds *tds.Datasource) *documents.File {
	t.Helper()
	text := ds.Element().Raw()
	tag, rest, _ := strings.Cut(text, ">")
	tag = regexp.MustCompile(` (caption|name)=('[^']*'|"[^"]*")`).ReplaceAllString(tag, "")
	text = tag + " formatted-name='" + html.EscapeString(ds.Name()) + "' xmlns:user='" + tds.UserNamespace + "'>" + rest
	def, err := openText(text)
	if err != nil {
		t.Fatal(err)
	}
	pkg := written(t, f)
	for item := range f.Items() {
		if !slices.ContainsFunc(item.Users, func(r documents.Reference) bool { return r.Datasource == ds.Name() }) {
			continue
		}
		p, err := packaging.Open(bytes.NewReader(pkg), int64(len(pkg)))
		if err != nil {
			t.Fatal(err)
		}
		c, err := p.Content(item.Name)
		if err == nil {
			err = def.AddEntry(item.Name, c)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return def
}

// TestCorpusReferAndBack takes every data source of every workbook out, and puts it in again
// from a file of its own: the connections are those before, the fields, the extract, and the
// files of the package with their contents.
func TestCorpusReferAndBack(t *testing.T) {
	t.Parallel()
	total := 0
	for _, path := range corpus(t) {
		f := open(t, path)
		if _, ok := f.Workbook(); !ok {
			continue
		}
		before := written(t, f)
		faults, dangles := schemaErrors(t, document(t, before)), dangling(t, document(t, before))
		for ds := range f.Clone().Datasources() {
			if _, published := ds.Published(); published || !ds.Element().Child("connection").Exists() {
				continue
			}
			total++
			back := f.Clone()
			mine, err := back.Datasource(ds.Name())
			if err != nil {
				t.Fatal(err)
			}
			def := exported(t, back, mine)
			if err := errors.Join(back.Refer(mine, acmeOrders), back.Embed(mine, def)); err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			result := written(t, back)
			what := fmt.Sprintf("%s of %s", ds, path)
			assertSchema(t, what, faults, document(t, result))
			assertSound(t, what, dangles, document(t, result))
			assertSameSource(t, what, ds, mine)
			if diff := cmp.Diff(contents(t, before), contents(t, result)); diff != "" {
				t.Errorf("%s: entries (-before +after):\n%s", what, diff)
			}
		}
	}
	if total == 0 {
		t.Error("there is no data source to take out")
	}
}

// assertSameSource checks that a data source reads what another one reads, and has its
// fields.
func assertSameSource(t *testing.T, what string, want, got *tds.Datasource) {
	t.Helper()
	type facts struct {
		Columns     []tds.Column
		Model       tds.Model
		Extract     tds.Extract
		Connections []string
		Filters     []tds.Filter
	}
	read := func(ds *tds.Datasource) (f facts) {
		f.Columns = slices.SortedFunc(ds.Columns(), func(a, b tds.Column) int { return strings.Compare(a.Name, b.Name) })
		f.Model = ds.Model()
		f.Extract, _ = ds.Extract()
		for c := range ds.Connections() {
			f.Connections = append(f.Connections, c.String())
		}
		for filter := range ds.Filters() {
			f.Filters = append(f.Filters, filter)
		}
		return f
	}
	if diff := cmp.Diff(fmt.Sprintf("%+v", read(want)), fmt.Sprintf("%+v", read(got))); diff != "" {
		t.Errorf("%s (-before +after):\n%s", what, diff)
	}
}

// contents are the entries of a package beside the document, by name.
func contents(t *testing.T, file []byte) map[string]string {
	t.Helper()
	r := bytes.NewReader(file)
	if !packaging.IsPackage(r, r.Size()) {
		return nil
	}
	pkg, err := packaging.Open(r, r.Size())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for e := range pkg.Entries() {
		if e.Name == pkg.Document().Name || e.IsDir() {
			continue
		}
		b, err := pkg.ReadEntry(e.Name, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name] = fmt.Sprintf("%x", sha256.Sum256(b))
	}
	return all
}

func fieldNames(ds *tds.Datasource) (names []string) {
	for c := range ds.Columns() {
		names = append(names, c.Name)
	}
	return names
}

// TestCorpusItems tells of every entry of the real packages what it is for.
func TestCorpusItems(t *testing.T) {
	t.Parallel()
	total := map[documents.Purpose]int{}
	for _, path := range corpus(t) {
		f := open(t, path)
		for item := range f.Items() {
			total[item.Purpose]++
			if used := len(item.Users) > 0; used == slices.Contains([]documents.Purpose{documents.ForDocument, documents.ForCache, documents.ForNothing, documents.ForFolder}, item.Purpose) {
				t.Errorf("%s: %s is for %s and has users %+v", path, item.Name, item.Purpose, item.Users)
			}
		}
		for r := range f.References() {
			if r.Missing && f.Kind().IsPackaged() {
				t.Errorf("%s: %s leads nowhere: %s", path, r.Place, r.File)
			}
		}
	}
	t.Log(total)
}

// TestCorpusNoEntryLost applies every two verbs on entries, one after the other, to every
// real package: the records of all entries that no change is reported of are those before,
// byte for byte and in their order.
func TestCorpusNoEntryLost(t *testing.T) {
	t.Parallel()
	verbs := map[string]verb{}
	maps.Copy(verbs, extractVerbs)
	maps.Copy(verbs, packageVerbs)
	kept := 0
	for _, path := range corpus(t) {
		f := open(t, path)
		if !f.Kind().IsPackaged() {
			continue
		}
		before := records(t, written(t, f))
		for _, first := range slices.Sorted(maps.Keys(verbs)) {
			for _, second := range slices.Sorted(maps.Keys(verbs)) {
				edited := f.Clone()
				for _, name := range []string{first, second} {
					_, _ = verbs[name](edited) // what it does and says alone is judged elsewhere
				}
				reported := map[string]bool{documentName(f): true}
				for c := range edited.EntryChanges() {
					reported[c.Old], reported[c.New] = true, true
				}
				others := func(all []record) []record {
					return slices.DeleteFunc(slices.Clone(all), func(r record) bool { return reported[r.name] })
				}
				want, got := others(before), others(records(t, written(t, edited)))
				if kept += len(want); !slices.Equal(want, got) {
					t.Errorf("%s: %s, then %s: other records changed", path, first, second)
				}
			}
		}
	}
	if kept == 0 {
		t.Error("no entry stayed")
	}
}

func documentName(f *documents.File) string {
	for item := range f.Items() {
		if item.Purpose == documents.ForDocument {
			return item.Name
		}
	}
	return ""
}

// record is an entry of a package as it is written.
type record struct{ name, bytes string }

// records are the entries of a package that was written, in the order of its bytes.
func records(t *testing.T, file []byte) (all []record) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range z.File {
		at, err := entry.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		start := bytes.LastIndex(file[:at], []byte("PK\x03\x04"))
		all = append(all, record{entry.Name, string(file[start : at+int64(entry.CompressedSize64)])})
	}
	return all
}
