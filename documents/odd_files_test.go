package documents_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
)

// oddFolder has workbooks in the form of several versions and writers.
const oddFolder = "../testdata/odd"

// oddFile is one of them.
func oddFile(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(oddFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// degenerate are documents that hold next to nothing, or less than they refer to (hard
// case 8).
var degenerate = map[string]string{
	"nothing":              "<workbook />",
	"no data sources":      "<?xml version='1.0' encoding='utf-8' ?>\n\n<workbook version='18.1'>\n  <worksheets>\n    <worksheet name='A' />\n  </worksheets>\n</workbook>\n",
	"empty data sources":   "<workbook><datasources /><worksheets /><dashboards /><windows /></workbook>",
	"no windows":           "<workbook><datasources><datasource name='a' /></datasources><worksheets><worksheet name='A'><table><view /></table></worksheet></worksheets><dashboards><dashboard name='B' /></dashboards></workbook>",
	"no names":             "<workbook><repository-location /><datasources><datasource /><datasource><connection /></datasource></datasources><actions><action /></actions><worksheets><worksheet /></worksheets><dashboards><dashboard><zones><zone /></zones></dashboard></dashboards><windows><window /></windows><thumbnails><thumbnail /></thumbnails></workbook>",
	"empty parameters":     "<workbook><datasources><datasource name='Parameters' /></datasources></workbook>",
	"parameters of little": "<workbook><datasources><datasource name='Parameters'><column /><column name='[p]' param-domain-type='list'><calculation /></column><column name='[q]' param-domain-type='range' datatype='date' value='never'><range /></column></datasource></datasources></workbook>",
	"parameters twice":     "<workbook><datasources><datasource name='Parameters'><column name='[p]' param-domain-type='any' datatype='integer' value='1'><calculation formula='1' /><calculation formula='1' /></column></datasource><datasource name='Parameters'><column name='[p]' param-domain-type='any' datatype='integer' value='2' /></datasource></datasources></workbook>",
	"one name":             "<workbook><datasources><datasource name='a' caption='b' /><datasource name='a' caption='b' /><datasource name='b' caption='a' /></datasources><worksheets><worksheet name='A' /><worksheet name='A' /></worksheets><dashboards><dashboard name='A' /></dashboards></workbook>",
	"dependencies of none": "<workbook><datasources><datasource name='a'><datasource-dependencies /><datasource-dependencies datasource='gone'><column name='[x]' /></datasource-dependencies></datasource></datasources><worksheets><worksheet name='A'><table><view><datasource-dependencies datasource='gone'><column name='[x]' /><column-instance column='[y]' name='[none:y:nk]' /></datasource-dependencies><filter column='[gone].[none:y:nk]' /><slices><column>[gone].[none:y:nk]</column></slices></view></table></worksheet></worksheets></workbook>",
	"a data source":        "<datasource />",
	"an empty connection":  "<datasource formatted-name=''><connection /><extract /></datasource>",
	"a broken copy":        "<datasource formatted-name='x'><connection class='sqlproxy' dbname='x' server='h'><metadata-records><metadata-record class='capability'><attributes><attribute datatype='string' name='datasource'>&quot;&lt;datasource&gt;&quot;</attribute></attributes></metadata-record></metadata-records></connection></datasource>",
}

// oddFiles are the files of the folder, the same content in other bytes, and degenerate
// ones, by what they are.
func oddFiles(t testing.TB) map[string]string {
	t.Helper()
	out := maps.Clone(degenerate)
	paths, err := filepath.Glob(filepath.Join(oddFolder, "*.tw*"))
	if err != nil || len(paths) < 6 {
		t.Fatalf("found %d odd files: %v", len(paths), err)
	}
	for _, path := range paths {
		out[filepath.Base(path)] = oddFile(t, filepath.Base(path))
	}
	maps.Copy(out, rewritten(oddFile(t, "plain-2024.3.twb")))
	out["FX1"], out["FX2"] = doctest.FX1, doctest.FX2
	out["a package of one"] = archive(t, "Plain.twb", oddFile(t, "plain-2024.3.twb"))
	out["a package"] = archive(
		t, "Data/Datasources/orders.hyper", "Hyper…", "Server.twb", oddFile(t, "server-10.5.twb"),
		"Image/logo.png", "\x89PNG", "TwbxExternalCache/1_2.tbxc", "cache", ".DS_Store", "x",
	)
	return out
}

// rewritten is a workbook as other programs and settings write the same.
func rewritten(in string) map[string]string {
	crlf := strings.ReplaceAll(in, "\n", "\r\n")
	return map[string]string{
		"with CRLF":          crlf,
		"with CR CR LF":      strings.ReplaceAll(in, "\n", "\r\r\n"),
		"with CR":            strings.ReplaceAll(in, "\n", "\r"),
		"with a BOM":         "\xEF\xBB\xBF" + crlf,
		"on one line":        betweenTags.ReplaceAllString(in, "><"),
		"by lxml":            byLxml(in),
		"with ns0":           strings.NewReplacer("xmlns:user=", "xmlns:ns0=", " user:", " ns0:").Replace(in),
		"without a prolog":   in[strings.Index(in, "<workbook"):],
		"without namespaces": strings.ReplaceAll(strings.Replace(in, " xmlns:user='http://www.tableausoftware.com/xml/user'", "", 1), " user:", " "),
	}
}

var (
	betweenTags = regexp.MustCompile(`>\s+<`)
	singleQuote = regexp.MustCompile(`='([^']*)'`)
)

// byLxml writes as that library does: double quotes, no blank before "/>", references in
// hexadecimal, apostrophes as they are, no CDATA.
func byLxml(in string) string {
	in = singleQuote.ReplaceAllString(in, `="$1"`)
	return strings.NewReplacer(" />", "/>", "&#10;", "&#xA;", "&apos;", "'", "<![CDATA[<", "&lt;", ">]]>", "&gt;", " ?>", "?>").Replace(in)
}

// inOrder ranges over a map by its keys.
func inOrder[V any](m map[string]V) func(yield func(string, V) bool) {
	return func(yield func(string, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
