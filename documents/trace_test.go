package documents_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// traced is a workbook with every trace of the table of format 15, on lines of their own and
// inline, in both forms of forks and in the copy that a published reference holds.
const traced = `<?xml version='1.0' encoding='utf-8' ?>

<!-- build 20243.24.1010.1014                               -->
<workbook _.fcp.Author.true...author-id='jdoe-4711' _.fcp.Author.true...creator-machine-id='jdoe-4712' license-type='creator' site-id='devsite-1' source-build='2024.3.0 (20243.24.1010.1014)' version='18.1' xml:base='https://tab.dev.example' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <repository-location derived-from='https://tab.dev.example/t/devsite/workbooks/Old?rev=1.1' id='Sales' path='/t/devsite/workbooks' revision='1.2' site='devsite' />
  <datasources>
    <datasource caption='Orders' inline='true' name='federated.a' version='18.1' xml:base='https://tab.dev.example'>
      <repository-location id='Orders' path='/t/devsite/datasources' revision='1.2' site='devsite' />
      <connection class='federated'>
        <named-connections>
          <named-connection caption='C:\Users\jdoe\orders.csv' name='textscan.1'>
            <connection class='textscan' csvFile='file:///C:/Users/jdoe/orders.csv' dataRefreshTime='2024-05-01T10:00:00' directory='C:\Users\jdoe' filename='orders.csv' password='hunter2' server='' username='jdoe' />
          </named-connection>
          <named-connection caption='db' name='postgres.1'>
            <connection class='postgres' dbname='dev' server='db' server-userid='4711' username='jdoe' />
          </named-connection>
          <named-connection caption='x' name='excel-direct.1'>
            <connection class='excel-direct' filename='Data/x.xlsx' password='' server='' />
          </named-connection>
        </named-connections>
        <_.fcp.F.false...relation connection='textscan.1' name='orders.csv' table='[C:\Users\jdoe\orders#csv]' type='table' />
        <_.fcp.F.true...relation connection='textscan.1' name='orders.csv' table='[C:\Users\jdoe\orders#csv]' type='table' />
        <metadata-records>
          <metadata-record class='column'>
            <remote-name>Name</remote-name>
            <approx-count>4711</approx-count>
            <statistics>
              <statistic aggregation='Min' datatype='string'>&quot;Jane D&quot;</statistic>
            </statistics>
          </metadata-record>
        </metadata-records>
      </connection>
      <aliases enabled='yes' />
      <column datatype='string' name='[Name]' role='dimension' type='nominal'>
        <aliases>
          <alias key='&quot;J&quot;' value='Jane' />
        </aliases>
      </column>
      <mapped-images><mapped-image caption='m' expression='file:/Users/jdoe/logo.png' name='[m]' /></mapped-images>
      <extract count='-1' enabled='true' units='records'>
        <connection class='hyper' dbname='Data/Extracts/o.hyper' update-time='05/01/2024 10:00:00 AM' username='tableau_internal_user'>
          <relation name='Extract' table='[Extract].[Extract]' type='table' />
          <refresh increment-key='[id]' incremental-updates='true'>
            <refresh-event add-from-file-path='/home/jdoe/more.csv' increment-value='#2024-05-01#' refresh-type='increment' rows-inserted='10' timestamp-start='2024-05-01 10:00:00.000' />
          </refresh>
        </connection>
      </extract>
    </datasource>
    <datasource caption='Targets' inline='true' name='sqlproxy.b' version='18.1' xml:base='http://vizportal.dev.example:80'>
      <repository-location derived-from='https://tab.dev.example/t/oldsite/datasources/Goals?rev=1.0' id='Targets' path='/t/devsite/datasources' revision='1.0' server-base='http://gateway.dev.example' site='devsite' />
      <connection channel='https' class='sqlproxy' dbname='Targets' port='443' server='tab.dev.example' username='jdoe'>
        <relation name='sqlproxy' table='[sqlproxy]' type='table' />
        <metadata-records>
          <metadata-record class='capability'>
            <attributes>
              <attribute datatype='string' name='datasource'>&quot;&lt;datasource formatted-name=&apos;x&apos; version=&apos;18.1&apos; xml:base=&apos;http://vizportal.dev.example:80&apos;&gt;&#10;  &lt;repository-location derived-from=&apos;http://gateway.dev.example/datasources/Goals&apos; id=&apos;Targets&apos; path=&apos;/t/devsite/datasources&apos; revision=&apos;1.0&apos; site=&apos;devsite&apos; /&gt;&#10;  &lt;connection class=&apos;sqlproxy&apos; dbname=&apos;Targets&apos; server=&apos;tab.dev.example&apos; username=&apos;jdoe&apos; /&gt;&#10;&lt;/datasource&gt;&#10;&quot;</attribute>
            </attributes>
          </metadata-record>
        </metadata-records>
      </connection>
    </datasource>
  </datasources>
  <mapsources>
    <mapsource name='m'>
      <connection api-key='hunter2' class='MapBox' server='maps.example' />
    </mapsource>
  </mapsources>
  <worksheets>
    <worksheet name='Map'>
      <repository-location id='Map' path='/t/devsite/workbooks/Sales' revision='' />
      <table>
        <view>
          <filter class='categorical' column='[federated.a].[none:Name:nk]'>
            <groupfilter function='member' level='[none:Name:nk]' member='&quot;Jane&quot;' />
          </filter>
          <filter class='categorical' column='[federated.a].[:Measure Names]'>
            <groupfilter function='member' level='[:Measure Names]' member='&quot;[federated.a].[sum:x:qk]&quot;' />
          </filter>
          <filter class='quantitative' column='[federated.a].[none:x:qk]'><min>1</min><max>2</max></filter>
        </view>
      </table>
      <simple-id uuid='{0}' /><repository-location id='12' path='/t/devsite/workbooks/Sales' revision='' />
    </worksheet>
  </worksheets>
  <dashboards>
    <dashboard name='D'><repository-location id='D' path='/t/devsite/workbooks/Sales' revision='' /><zones><zone id='1' param='Image/logo.png' type-v2='bitmap' /></zones></dashboard>
    <dashboard name='E'><repository-location /></dashboard>
  </dashboards>
  <windows>
    <window class='worksheet' name='Map'>
      <selection-collection><tuple-selection><tuple-reference><tuple><value>&quot;Jane&quot;</value></tuple></tuple-reference></tuple-selection></selection-collection>
    </window>
  </windows>
  <thumbnails>
    <thumbnail height='1' name='Map' width='1'>iVBORw0KGgo</thumbnail>
    <thumbnail height='1' name='D' width='1'>iVBORw0KGgo</thumbnail>
  </thumbnails>
  <external>
    <shapes>
      <shape name='a/b.png'>iVBORw0KGgo</shape>
    </shapes>
  </external>
</workbook>
`

// scrubbedDocument is traced after everything was scrubbed.
func scrubbedDocument(t testing.TB) string {
	t.Helper()
	out := strings.NewReplacer(`\jdoe`, `\user`, "/jdoe", "/user", "username='jdoe'", "username=''", "username=&apos;jdoe&apos;", "username=&apos;&apos;",
		"hunter2", "", " xml:base='https://tab.dev.example'", "", " xml:base='http://vizportal.dev.example:80'", "", " xml:base=&apos;http://vizportal.dev.example:80&apos;", "",
	).Replace(traced)
	lines := slices.DeleteFunc(strings.SplitAfter(out, "\n"), func(line string) bool {
		line = strings.TrimSpace(line)
		return strings.HasPrefix(line, "<repository-location") && !strings.Contains(line, "'Targets'") || strings.HasPrefix(line, "<approx-count") ||
			strings.HasPrefix(line, "<refresh-event") || strings.Contains(line, "thumbnail")
	})
	return doctest.Replace(t, strings.Join(lines, ""),
		"_.fcp.Author.true...author-id='jdoe-4711' _.fcp.Author.true...creator-machine-id='jdoe-4712' license-type='creator' site-id='devsite-1' ", "",
		"            <statistics>\n              <statistic aggregation='Min' datatype='string'>&quot;Jane D&quot;</statistic>\n            </statistics>\n", "",
		" update-time='05/01/2024 10:00:00 AM'", "", "2024-05-01T10:00:00", "", "server-userid='4711'", "server-userid=''", "enabled='true' units", "enabled='false' units",
		" derived-from='https://tab.dev.example/t/oldsite/datasources/Goals?rev=1.0'", "", " server-base='http://gateway.dev.example'", "",
		" derived-from=&apos;http://gateway.dev.example/datasources/Goals&apos;", "",
		"<simple-id uuid='{0}' /><repository-location id='12' path='/t/devsite/workbooks/Sales' revision='' />", "<simple-id uuid='{0}' />",
		"<dashboard name='D'><repository-location id='D' path='/t/devsite/workbooks/Sales' revision='' />", "<dashboard name='D'>",
	)
}

// tracedPackage is traced with what a package may hold.
func tracedPackage(t testing.TB) string {
	return archive(t, "Data/", "", "Sales.twb", traced, "Data/Extracts/o.hyper", "Hyper jdoe", "Data/x.xlsx", "x", "Data/left.csv", "x", "Image/logo.png", "png",
		"TwbxExternalCache/", "", "TwbxExternalCache/R/1.bin", "jdoe", "ExternalCacheV1/a", "jdoe", "__MACOSX/._Sales.twb", "tab.dev.example", "Data/.DS_Store", "jdoe")
}

func scrubs(kinds ...documents.TraceKind) func(*documents.File) error {
	return func(f *documents.File) error { return f.Scrub(kinds) }
}

// told are the traces of a file, by kind and in words, without their places in the document.
func told(t testing.TB, f *documents.File, kinds ...documents.TraceKind) (all []string) {
	t.Helper()
	for trace, err := range f.Traces(kinds...) {
		if err != nil {
			t.Error(err)
		}
		line := fmt.Sprintf("%d %s ", trace.Line, trace.Path[strings.LastIndexAny(trace.Path, "/")+1:])
		if trace.Path == "" {
			line = ""
		}
		if trace.Entry != "" {
			line += trace.Entry + " "
		}
		all = append(all, fmt.Sprintf("%s: %s%s", trace.Kind, line, trace.Text))
	}
	return all
}

// TestTraces lists all that format 15 has, and shows no secret.
func TestTraces(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, tracedPackage(t))
	want := []string{
		`provenance: 4 @xml:base "https://tab.dev.example"`,
		`provenance: 4 @_.fcp.Author.true...author-id "jdoe-4711"`,
		`provenance: 4 @_.fcp.Author.true...creator-machine-id "jdoe-4712"`,
		`provenance: 4 @license-type "creator"`,
		`provenance: 4 @site-id "devsite-1"`,
		`provenance: 5 repository-location "Sales" in "/t/devsite/workbooks"`,
		`provenance: 7 @xml:base "https://tab.dev.example"`,
		`provenance: 8 repository-location "Orders" in "/t/devsite/datasources"`,
		`users: 11 @caption "C:\\Users\\jdoe\\orders.csv"`,
		`credentials: 12 @password a secret`,
		`history: 12 @dataRefreshTime 2024-05-01T10:00:00`,
		`users: 12 @username "jdoe"`,
		`users: 12 @csvFile "file:///C:/Users/jdoe/orders.csv"`,
		`users: 12 @directory "C:\\Users\\jdoe"`,
		`connections: 15 connection postgres, server "db", dbname "dev"`,
		`users: 15 @server-userid "4711"`,
		`users: 15 @username "jdoe"`,
		`users: 21 @table "[C:\\Users\\jdoe\\orders#csv]"`,
		`users: 22 @table "[C:\\Users\\jdoe\\orders#csv]"`,
		`statistics: 26 approx-count statistics of columns: 2`,
		`users: 39 @expression "file:/Users/jdoe/logo.png"`,
		`extracts: 40 extract Data/Extracts/o.hyper the rows of data source "Orders", in "Data/Extracts/o.hyper"`,
		`history: 41 @update-time 05/01/2024 10:00:00 AM`,
		`users: 44 @add-from-file-path "/home/jdoe/more.csv"`,
		`history: 44 refresh-event 10 rows at 2024-05-01 10:00:00.000`,
		`provenance: 49 @xml:base "http://vizportal.dev.example:80"`,
		`published: 49 datasource[@name='sqlproxy.b'] refers to the published data source "Targets" of site "devsite" on tab.dev.example`,
		`provenance: 50 @derived-from "https://tab.dev.example/t/oldsite/datasources/Goals?rev=1.0"`,
		`provenance: 50 @server-base "http://gateway.dev.example"`,
		`users: 51 @username "jdoe"`,
		`provenance: 56 @xml:base "http://vizportal.dev.example:80"`,
		`provenance: 56 @derived-from "http://gateway.dev.example/datasources/Goals"`,
		`users: 56 @username "jdoe"`,
		`credentials: 65 @api-key a secret`,
		`provenance: 70 repository-location[1] "Map" in "/t/devsite/workbooks/Sales"`,
		`provenance: 82 repository-location[2] "12" in "/t/devsite/workbooks/Sales"`,
		`provenance: 86 repository-location "D" in "/t/devsite/workbooks/Sales"`,
		`thumbnails: 94 thumbnails pictures of views: 2`,
		`design: 36 alias aliases: 1`,
		`design: 74 groupfilter members in filters: 1`,
		`design: 79 min bounds of filters: 2`,
		`design: 86 zone pictures: 2`,
		`design: 91 value selected members: 1`,
		`files: Data/x.xlsx the rows of data source "Orders"`,
		`files: Data/left.csv a file that the document does not name`,
		`caches: TwbxExternalCache/ files with results of queries: 1`,
		`caches: ExternalCacheV1/ files with results of queries: 1`,
		`provenance: __MACOSX/ files of macOS: 1`,
		`provenance: Data/.DS_Store files of macOS: 1`,
	}
	got := told(t, f)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for trace := range f.Traces() {
		if shown := fmt.Sprintf("%s %+v", trace, trace); strings.Contains(shown, "hunter2") {
			t.Errorf("shows a secret: %s", shown)
		}
	}
	some := slices.DeleteFunc(slices.Clone(want), func(line string) bool {
		return !strings.HasPrefix(line, "caches:") && !strings.HasPrefix(line, "design:")
	})
	if diff := cmp.Diff(some, told(t, f, documents.TraceDesign, documents.TraceCaches)); diff != "" {
		t.Errorf("of two kinds (-want +got):\n%s", diff)
	}
	for range f.Traces() {
		break // which is no panic
	}
}

// author is all that tells of the author in tracedPackage.
var author = regexp.MustCompile(`tab\.dev|vizportal|gateway|devsite|oldsite|jdoe|471[12]|hunter2|2024-05|05/01/2024|Jane D|thumbnail`)

// TestScrubAll is case 78: nothing of the old server, site and author is left, but in the
// reference to a published data source, which has to say where that is.
func TestScrubAll(t *testing.T) {
	t.Parallel()
	doctest.Edited(t, traced, scrubs(documents.ScrubKinds()...), scrubbedDocument(t))
	f := doctest.Open(t, tracedPackage(t))
	before := f.Clone()
	for range 2 {
		if err := f.Scrub(documents.ScrubKinds()); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{"Data/": "", "Sales.twb": scrubbedDocument(t), "Data/x.xlsx": "x", "Data/left.csv": "x", "Image/logo.png": "png"}
	if diff := cmp.Diff(want, packed(t, f)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if doctest.Written(t, before) != tracedPackage(t) {
		t.Error("scrubbing shows in a clone made before it")
	}
	left := []string{
		`connections: 15 connection postgres, server "db", dbname "dev"`,
		`published: 49 datasource[@name='sqlproxy.b'] refers to the published data source "Targets" of site "devsite" on tab.dev.example`,
		`design: 36 alias aliases: 1`,
		`design: 74 groupfilter members in filters: 1`,
		`design: 79 min bounds of filters: 2`,
		`design: 86 zone pictures: 2`,
		`design: 91 value selected members: 1`,
		`files: Data/x.xlsx the rows of data source "Orders"`,
		`files: Data/left.csv a file that the document does not name`,
	}
	if diff := cmp.Diff(left, told(t, f)); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	ds, err := f.Datasource("Targets")
	if err != nil {
		t.Fatal(err)
	}
	if err := ds.Repoint(tds.PublishedRef{Server: "https://tab.acme.example", SiteContentURL: "acme", ContentURL: "Targets"}); err != nil {
		t.Fatal(err)
	}
	for name, text := range packed(t, f) {
		if found := author.FindAllString(name+text, -1); found != nil {
			t.Errorf("%s still has %q", name, found)
		}
	}
}

// TestScrubEach scrubs one kind after the other from the same file: together they do what
// all at once does, and each only its own.
func TestScrubEach(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, tracedPackage(t))
	for _, kind := range documents.ScrubKinds() {
		one := doctest.Open(t, tracedPackage(t))
		for _, f := range []*documents.File{f, one} {
			if err := f.Scrub([]documents.TraceKind{kind}); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		}
		prefix := string(kind) + ":"
		want := slices.DeleteFunc(told(t, doctest.Open(t, tracedPackage(t))), func(line string) bool {
			return strings.HasPrefix(line, prefix) || kind == documents.TraceHistory && strings.Contains(line, "@add-from-file-path")
		})
		if diff := cmp.Diff(want, told(t, one)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
	if diff := cmp.Diff(scrubbedDocument(t), packed(t, f)["Sales.twb"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestScrubOneDatasource leaves the others and the workbook alone.
func TestScrubOneDatasource(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, tracedPackage(t))
	if err := f.Scrub(documents.ScrubKinds(), orders(t, f)); err != nil {
		t.Fatal(err)
	}
	for trace := range f.Traces(documents.ScrubKinds()...) {
		if trace.Datasource == "federated.a" {
			t.Errorf("left: %s", trace)
		}
	}
	want := slices.DeleteFunc(told(t, doctest.Open(t, tracedPackage(t)), documents.ScrubKinds()...), func(line string) bool {
		_, rest, _ := strings.Cut(line, ": ")
		n := 0
		_, _ = fmt.Sscan(rest, &n) // 0 for entries
		return n >= 7 && n < 49
	})
	if diff := cmp.Diff(want, told(t, f, documents.ScrubKinds()...)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRemovedWithTheirLayout is case 79.
func TestRemovedWithTheirLayout(t *testing.T) {
	t.Parallel()
	const location = "<repository-location id='a' path='/workbooks' revision='1' />"
	for name, c := range map[string][2]string{
		"a line":              {"<workbook>\n  " + location + "\n  <datasources />\n</workbook>\n", "<workbook>\n  <datasources />\n</workbook>\n"},
		"a line with CR LF":   {"<workbook>\r\n  " + location + "\r\n  <datasources />\r\n</workbook>\r\n", "<workbook>\r\n  <datasources />\r\n</workbook>\r\n"},
		"inline":              {"<workbook><datasources />" + location + "<windows /></workbook>", "<workbook><datasources /><windows /></workbook>"},
		"two on a line":       {"<workbook>\n  <datasources />" + location + "\n</workbook>", "<workbook>\n  <datasources />\n</workbook>"},
		"the last attribute":  {"<workbook version='18.1' xml:base='http://a'>\n</workbook>", "<workbook version='18.1'>\n</workbook>"},
		"in an empty element": {"<workbook version='18.1' xml:base='http://a' />", "<workbook version='18.1' />"},
		"the first attribute": {"<workbook author-id='a' version='18.1' />", "<workbook version='18.1' />"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doctest.Edited(t, c[0], scrubs(documents.TraceProvenance), c[1])
		})
	}
}

// TestNamedUsers: user filters and formulas that ask who looks name users and groups of the
// author's server.
func TestNamedUsers(t *testing.T) {
	t.Parallel()
	in := doctest.Replace(t, doctest.FX1, "      <layout dim", `      <group name='[User Filter 1]' user:ui-builder='identity-set'>
        <groupfilter function='union'>
          <groupfilter expression='ISMEMBEROF(&apos;Staff&apos;)' function='filter' />
          <groupfilter expression='IsCurrentUser( "DEV\jane")' function='filter' />
          <groupfilter expression='[Tenant] = USERNAME()' function='filter' />
        </groupfilter>
      </group>
      <column name='[c]'><calculation class='tableau' formula='ISUSERNAME("jane") OR ISUSERNAME([Tenant])' /></column>
      <column name='[d]'><calculation class='tableau' formula='ISUSERNAME([Tenant])' /></column>
      <layout dim`)
	want := []string{"design: 22 groupfilter[1] users and groups in filters: 2", "design: 27 calculation users and groups in formulas: 1"}
	if got := told(t, doctest.Open(t, in), documents.TraceDesign); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestThumbnailsAndCaches is case 80 without its connection: only what is asked for goes.
func TestThumbnailsAndCaches(t *testing.T) {
	t.Parallel()
	const in = "<workbook>\n  <windows />\n  <thumbnails>\n    <thumbnail height='1' name='a' width='1' />\n  </thumbnails>\n  <external><shapes><shape name='a/b'>x</shape></shapes></external>\n</workbook>\n"
	const without = "<workbook>\n  <windows />\n  <external><shapes><shape name='a/b'>x</shape></shapes></external>\n</workbook>\n"
	for name, c := range map[string]struct {
		kinds []documents.TraceKind
		want  map[string]string
	}{
		"thumbnails": {[]documents.TraceKind{documents.TraceThumbnails}, map[string]string{"a.twb": without, "TwbxExternalCache/a": "x", "TwbxExternalCacheX": "y", "Image/i.png": "z"}},
		"caches":     {[]documents.TraceKind{documents.TraceCaches}, map[string]string{"a.twb": in, "TwbxExternalCacheX": "y", "Image/i.png": "z"}},
		"nothing":    {nil, map[string]string{"a.twb": in, "TwbxExternalCache/a": "x", "TwbxExternalCacheX": "y", "Image/i.png": "z"}},
	} {
		f := doctest.Open(t, archive(t, "a.twb", in, "TwbxExternalCache/a", "x", "TwbxExternalCacheX", "y", "Image/i.png", "z"))
		if err := f.Scrub(c.kinds); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, packed(t, f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
