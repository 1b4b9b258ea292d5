package documents_test

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// differences are those of two files, a line each.
func differences(t *testing.T, want, have *documents.File, o documents.CompareOptions) string {
	t.Helper()
	var lines strings.Builder
	for d, err := range documents.Compare(want, have, o) {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&lines, "%s %s%s", d.Kind, d.Entry, d.Path)
		if d.Line > 0 {
			fmt.Fprintf(&lines, " %d:%d", d.Line, d.Col)
		}
		if d.Want+d.Have != "" {
			fmt.Fprintf(&lines, " %q -> %q", d.Want, d.Have)
		}
		if d.ByServer != "" {
			lines.WriteString(" [" + d.ByServer + "]")
		}
		lines.WriteString("\n")
	}
	return lines.String()
}

const compared = `<?xml version='1.0' encoding='utf-8' ?>

<!-- build 20243.24.1010.1014                               -->
<workbook version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <datasources>
    <datasource caption='Orders' name='federated.1' version='18.1'>
      <connection class='federated'>
        <named-connections>
          <named-connection caption='db' name='postgres.1'>
            <connection class='postgres' dbname='acme' server='db' username='svc' />
          </named-connection>
        </named-connections>
        <relation connection='postgres.1' name='Query' type='text'>SELECT *&#13;&#10;FROM orders</relation>
      </connection>
      <column datatype='string' name='[a]' />
      <column datatype='string' name='[b]' />
      <extract count='-1' enabled='true'>
        <connection class='hyper' dbname='Data/Extracts/o.hyper' update-time='01/02/2024'>
          <refresh><refresh-event rows-inserted='1' /></refresh>
          <metadata-records><metadata-record class='column'><approx-count>3</approx-count></metadata-record></metadata-records>
        </connection>
      </extract>
      <filter class='categorical' column='[tenant]'>
        <groupfilter function='union'>
          <groupfilter function='member' member='&quot;acme&quot;' />
          <groupfilter function='member' member='&quot;all&quot;' />
        </groupfilter>
      </filter>
    </datasource>
    <datasource caption='Sales' name='sqlproxy.2'>
      <repository-location id='Sales' path='/t/acme/datasources' revision='1.0' site='acme' />
      <connection class='sqlproxy' dbname='Sales' port='443' server='tab'>
        <metadata-records><metadata-record class='capability'><attributes>
          <attribute datatype='string' name='datasource'>&quot;&lt;datasource formatted-name=&apos;Sales&apos; xml:base=&apos;http://inner&apos;&gt;&#10;  &lt;repository-location id=&apos;Sales&apos; path=&apos;/t/acme/datasources&apos; revision=&apos;1.0&apos; /&gt;&#10;  &lt;connection class=&apos;sqlproxy&apos; dbname=&apos;Sales&apos; /&gt;&#10;&lt;/datasource&gt;&quot;</attribute>
        </attributes></metadata-record></metadata-records>
      </connection>
    </datasource>
  </datasources>
  <worksheets>
    <worksheet name='Sheet 1'>
      <table />
    </worksheet>
  </worksheets>
  <thumbnails>
    <thumbnail name='Sheet 1'>AAAA</thumbnail>
  </thumbnails>
</workbook>
`

// What is found of one thing that is different, and that it is found the other way round, too.
func TestCompare(t *testing.T) {
	t.Parallel()
	const source = "/workbook/datasources/datasource[@name='federated.1']"
	const connection = source + "/connection/named-connections/named-connection/connection"
	const reference = "/workbook/datasources/datasource[@name='sqlproxy.2']"
	refreshed := documents.CompareOptions{Refreshed: true}
	for name, test := range map[string]struct {
		old, new string
		o        documents.CompareOptions
		want     string
	}{
		"layout, quotes, order of attributes and the comment": {
			"          <named-connection caption='db' name='postgres.1'>", "<!-- build of a server --><named-connection name=\"postgres.1\"\n caption=\"db\"  >",
			documents.CompareOptions{},
			"",
		},
		"a line end in a text": {"*&#13;&#10;FROM", "*&#10;FROM", documents.CompareOptions{}, ""},
		"a database": {
			"dbname='acme'", "dbname='globex'",
			documents.CompareOptions{},
			"changed " + connection + "/@dbname 10:13 \"acme\" -> \"globex\"\n",
		},
		"a user": {
			" username='svc'", "", documents.CompareOptions{}, "missing " + connection + "/@username 10:13 \"svc\" -> \"\"\n",
		},
		"a query": {
			"FROM orders", "FROM orders WHERE x",
			documents.CompareOptions{},
			"changed " + source + "/connection/relation/text() 13:9 \"SELECT *\\nFROM orders\" -> \"SELECT *\\nFROM orders WHERE x\"\n",
		},
		"a member of a filter": {
			"member='&quot;acme", "member='&quot;globex",
			documents.CompareOptions{},
			"changed " + source + "/filter/groupfilter/groupfilter[1]/@member 25:11 \"\\\"acme\\\"\" -> \"\\\"globex\\\"\"\n",
		},
		"a member less": {
			"          <groupfilter function='member' member='&quot;acme&quot;' />\n", "",
			documents.CompareOptions{},
			"missing " + source + "/filter/groupfilter/groupfilter[1] 25:11 \"<groupfilter function='member' member='&quot;acme&quot;' />\" -> \"\"\n",
		},
		"a filter more": {
			"      <filter class", "      <filter column='[x]'><groupfilter /></filter>\n      <filter class",
			documents.CompareOptions{},
			"added " + source + "/filter[@column='[x]'] 23:7 \"\" -> \"<filter column='[x]'><groupfilter /></filter>\"\n",
		},
		"another order": {
			"<column datatype='string' name='[a]' />\n      <column datatype='string' name='[b]' />",
			"<column datatype='string' name='[b]' />\n      <column datatype='string' name='[a]' />",
			documents.CompareOptions{},
			"order " + source + " 6:5\n",
		},
		"the published data source": {
			"dbname='Sales' port", "dbname='Other' port",
			documents.CompareOptions{},
			"changed " + reference + "/connection/@dbname 32:7 \"Sales\" -> \"Other\"\n",
		},
		"the site of the published data source": {
			"path='/t/acme/datasources' revision='1.0' site='acme'", "path='/t/globex/datasources' revision='1.0' site='acme'",
			documents.CompareOptions{},
			"changed " + reference + "/repository-location/@path 31:7 \"/t/acme/datasources\" -> \"/t/globex/datasources\"\n",
		},
		"the location of the published data source is missing": {
			"      <repository-location id='Sales' path='/t/acme/datasources' revision='1.0' site='acme' />\n", "",
			documents.CompareOptions{},
			"missing " + reference + "/repository-location 31:7 \"<repository-location id='Sales' path='/t/acme/datasources' revision='1.0' site='acme' />\" -> \"\"\n",
		},
		"the copy in a reference": {
			"class=&apos;sqlproxy&apos; dbname=&apos;Sales", "class=&apos;sqlproxy&apos; dbname=&apos;Other",
			documents.CompareOptions{},
			"changed " + reference + "/connection/metadata-records/metadata-record/attributes/attribute/datasource/connection/@dbname 34:11 \"Sales\" -> \"Other\"\n",
		},
		"a password": {
			"username='svc'", "password='hunter2' username='svc'",
			documents.CompareOptions{},
			"added " + connection + "/@password 10:13 \"\" -> \"redacted\"\n",
		},
		"pictures of sheets": {
			"AAAA", "BBBB", documents.CompareOptions{}, "changed /workbook/thumbnails 44:3 [pictures of views are made again]\n",
		},
		"a refresh that nobody asked for": {
			"update-time='01/02/2024'", "update-time='01/02/2025'",
			documents.CompareOptions{},
			"changed " + source + "/extract/connection/@update-time 18:9 \"01/02/2024\" -> \"01/02/2025\"\n",
		},
		"a refresh": {
			"update-time='01/02/2024'>\n          <refresh><refresh-event rows-inserted='1' />", "update-time='01/02/2025'>\n          <refresh>", refreshed,
			"changed " + source + "/extract/connection/@update-time 18:9 \"01/02/2024\" -> \"01/02/2025\" [its extract is refreshed there]\n" +
				"missing " + source + "/extract/connection/refresh/refresh-event 19:20 \"<refresh-event rows-inserted='1' />\" -> \"\" [its extract is refreshed there]\n",
		},
		"the file of an extract": {
			"o.hyper", "p.hyper", refreshed, "changed " + source + "/extract/connection/@dbname 18:9 \"Data/Extracts/o.hyper\" -> \"Data/Extracts/p.hyper\"\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, have := doctest.Open(t, compared), doctest.Open(t, doctest.Replace(t, compared, test.old, test.new))
			got := differences(t, want, have, test.o)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if back := differences(t, have, want, test.o); strings.Count(back, "\n") != strings.Count(got, "\n") {
				t.Errorf("the other way round: %s", back)
			}
		})
	}
}

// What a server adds to a document that it publishes is its own doing.
func TestComparePublished(t *testing.T) {
	t.Parallel()
	published := compared
	for _, edit := range [][2]string{
		{"<workbook version='18.1'", "<workbook version='18.1' xml:base='https://tab'"},
		{"  <datasources>", "  <repository-location id='Book' path='/t/acme/workbooks' revision='1.3' site='acme' />\n  <datasources>"},
		{"<worksheet name='Sheet 1'>", "<worksheet name='Sheet 1'>\n<repository-location id='Sheet1' path='/t/acme/workbooks/Book' revision='' />"},
		{"<repository-location id='Sales' path='/t/acme/datasources' revision='1.0' site", "<repository-location derived-from='https://tab/x?rev=1.2' id='Sales' path='/t/acme/datasources' revision='1.2' site"},
		{"http://inner", "http://deeper"},
		{"port='443' server", "port='443' saved-credentials-viewerid='7' server"},
		{"username='svc'", "password='' username='svc'"},
		{"  <thumbnails>\n    <thumbnail name='Sheet 1'>AAAA</thumbnail>\n  </thumbnails>\n", ""},
	} {
		published = doctest.Replace(t, published, edit[0], edit[1])
	}
	told := differences(t, doctest.Open(t, compared), doctest.Open(t, published), documents.CompareOptions{})
	for line := range strings.Lines(told) {
		if !strings.HasSuffix(line, "]\n") {
			t.Errorf("%s", line)
		}
	}
	if n := strings.Count(told, "\n"); n != 9 {
		t.Errorf("%d differences:\n%s", n, told)
	}
}

// The edits of the file that is wanted count, and those of a package's entries: names, content, what is there.
func TestCompareEntries(t *testing.T) {
	t.Parallel()
	pack := func(document string, entries ...string) *documents.File {
		changes := []packaging.Change{{Name: document, Content: packaging.Bytes([]byte(compared))}}
		for _, e := range entries {
			name, content, _ := strings.Cut(e, "=")
			changes = append(changes, packaging.Change{Name: name, Content: packaging.Bytes([]byte(content))})
		}
		pkg, err := packaging.Create(changes...)
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if _, err := pkg.WriteTo(&file); err != nil {
			t.Fatal(err)
		}
		f, err := documents.OpenReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	const hyper = "Data/Extracts/o.hyper"
	want := pack("Book.twb", hyper+"=Hyper rows", "Image/logo.png=\x89PNG 1")
	same := pack("Published as.twb", "Image/logo.png=\x89PNG 1", hyper+"=Hyper rows")
	if told := differences(t, want, same, documents.CompareOptions{}); told != "" {
		t.Errorf("%s", told)
	}
	other := pack("Book.twb", hyper+"=Hyper rowz", "Image/other.png=\x89PNG 1")
	if diff := cmp.Diff("changed Data/Extracts/o.hyper \"10 bytes\" -> \"10 bytes\"\nmissing Image/logo.png \"6 bytes\" -> \"\"\n"+
		"added Image/other.png \"\" -> \"6 bytes\"\n", differences(t, want, other, documents.CompareOptions{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	rows := pack("Book.twb", hyper+"=Hyper, and more rows", "Image/logo.png=\x89PNG 2")
	if diff := cmp.Diff("changed Data/Extracts/o.hyper \"10 bytes\" -> \"20 bytes\" [its extract is refreshed there]\n"+
		"changed Image/logo.png \"6 bytes\" -> \"6 bytes\"\n", differences(t, want, rows, documents.CompareOptions{Refreshed: true})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := want.ReplaceEntry("Image/logo.png", packaging.Bytes([]byte("\x89PNG 2"))); err != nil {
		t.Fatal(err)
	}
	if told := differences(t, want, rows, documents.CompareOptions{Refreshed: true}); strings.Count(told, "\n") != 1 {
		t.Errorf("%s", told)
	}
	bare, alone := doctest.Open(t, compared), pack("Book.twb")
	if told := differences(t, alone, bare, documents.CompareOptions{}) + differences(t, bare, alone, documents.CompareOptions{}); told != "" {
		t.Errorf("%s", told)
	}
	if told := differences(t, want, bare, documents.CompareOptions{}); strings.Count(told, "missing") != 2 {
		t.Errorf("%s", told)
	}
	workbook, err := documents.Open(filepath.Join("..", "testdata", "demo", "orders.tds"))
	if err != nil {
		t.Fatal(err)
	}
	if told := differences(t, bare, workbook, documents.CompareOptions{}); told != "changed /workbook 4:1 \"workbook\" -> \"datasource\"\n" {
		t.Errorf("%s", told)
	}
}

// Whatever attribute or text is changed, of whatever document, it is told of, and nothing passes for a server's doing but what
// is listed here.
func TestCompareHidesNothing(t *testing.T) {
	t.Parallel()
	attribute := regexp.MustCompile(`([\w:.-]+)='([^']*)'|>([^<>]*\S[^<>]*)</`)
	element := regexp.MustCompile(`<([\w:.-]+)[^<]*$`)
	byServer := map[string]bool{}
	texts := oddFiles(t)
	texts["compared"] = compared
	for file, in := range inOrder(texts) {
		want := doctest.Open(t, in)
		for i, at := range attribute.FindAllStringSubmatchIndex(in, -1) {
			if raced && i%20 > 0 {
				continue // it takes minutes
			}
			name, end := "text", at[7]
			if at[2] >= 0 {
				name, end = in[at[2]:at[3]], at[5]
			}
			of := element.FindStringSubmatch(in[:at[0]+1])
			if of == nil || strings.HasPrefix(name, "xmlns") || strings.HasSuffix(in[:at[0]], "<?xml version='1.0' ") || of[1] == "xml" {
				continue
			}
			place := fmt.Sprintf("%s/%s of %s", of[1], name, file)
			f, err := documents.OpenReader(strings.NewReader(in[:end]+"x"+in[end:]), int64(len(in)+1))
			if err != nil {
				continue // it is no document any more
			}
			found, hidden := 0, 0
			for d, err := range documents.Compare(want, f, documents.CompareOptions{}) {
				if err != nil {
					t.Fatal(err)
				}
				if found++; d.ByServer != "" {
					hidden++
				}
			}
			switch {
			case found == 0:
				t.Errorf("%s: no difference", place)
			case hidden == found:
				byServer[xmlName(of[1])+"/"+name] = true
			}
		}
	}
	want := []string{
		"repository-location/derived-from", "repository-location/id", "repository-location/path", "repository-location/revision",
		"repository-location/site", "thumbnail/height", "thumbnail/name", "thumbnail/text", "thumbnail/width", "workbook/xml:base",
	}
	got := slices.Sorted(maps.Keys(byServer))
	if raced {
		want = slices.DeleteFunc(want, func(place string) bool { return !byServer[place] })
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// xmlName is a name without feature prefixes.
func xmlName(name string) string {
	if i := strings.LastIndex(name, "..."); i >= 0 {
		return name[i+len("..."):]
	}
	return name
}
