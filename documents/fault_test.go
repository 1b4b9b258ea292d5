package documents_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
)

// asJudged counts faults in the words of the judge of these tests, as far as that knows them.
func asJudged(faults []documents.Fault) map[string]int {
	counts := map[string]int{}
	for _, f := range faults {
		what, name, _ := strings.Cut(f.Subject, " ")
		switch f.Kind {
		case documents.FaultReference:
			counts[f.Subject]++
		case documents.FaultDuplicate:
			if slices.Contains([]string{"sheet", "simple-id", "column", "column-instance", "filter", "slice"}, what) {
				counts["second "+f.Subject]++
			}
		case documents.FaultOrder:
			if column, ok := strings.CutPrefix(f.Subject, "filter of "); ok {
				counts["filters sorted before "+column]++
			}
		case documents.FaultFeature:
			if slices.ContainsFunc(gates, func(g struct{ path, attr, feature string }) bool { return g.feature == name }) {
				counts[f.Subject] = 1
			}
		}
	}
	return counts
}

// judged is what the judge says, without what a program has no reason to refuse: copies that say something else.
func judged(dangling map[string]int) map[string]int {
	counts := maps.Clone(dangling)
	for what := range counts {
		switch {
		case strings.HasPrefix(what, "drifted "):
			delete(counts, what)
		case strings.HasPrefix(what, "feature "):
			counts[what] = 1
		}
	}
	return counts
}

// assertFaults checks that what is wrong with a file is what the judge found in it, who read it on his own.
func assertFaults(t *testing.T, what string, dangling map[string]int, f *documents.File) {
	t.Helper()
	if diff := cmp.Diff(judged(dangling), asJudged(slices.Collect(f.Faults()))); diff != "" {
		t.Errorf("%s: the judge and Faults differ (-judge +faults):\n%s", what, diff)
	}
}

// TestCorpusFaults holds real files to what is known of them: they have hardly any faults, and those that they have are names
// of fields that are gone.
func TestCorpusFaults(t *testing.T) {
	t.Parallel()
	found := 0
	for _, path := range corpus(t) {
		f := open(t, path)
		assertFaults(t, path, dangling(t, document(t, written(t, f))), f)
		for fault := range f.Faults() {
			if found++; fault.Kind != documents.FaultReference {
				t.Errorf("%s: %s", path, fault)
			}
		}
	}
	if found == 0 || found > 50 {
		t.Errorf("found %d faults in real files", found)
	}
}

// reopened opens what was written.
func reopened(t *testing.T, file []byte) *documents.File {
	t.Helper()
	f, err := documents.OpenReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFaults damages a workbook in ways that the judge does not know.
func TestFaults(t *testing.T) {
	t.Parallel()
	const parameters = "<datasources>\n    <datasource hasconnection='false' inline='true' name='Parameters' version='18.1'>\n" +
		"      <column caption='Region' datatype='string' name='[P]' param-domain-type='list' role='measure' type='nominal' value='&quot;w&quot;'>\n" +
		"        <calculation class='tableau' formula='&quot;w&quot;' />\n        <members><member value='&quot;w&quot;' /></members>\n      </column>\n" +
		"      <column caption='Top' datatype='integer' name='[N]' param-domain-type='any' role='measure' type='quantitative' value='3'>\n" +
		"        <calculation class='tableau' formula='3' />\n      </column>\n    </datasource>"
	sound := doctest.Replace(t, doctest.FX1, "<datasources>", parameters)
	if faults := slices.Collect(reopened(t, []byte(sound)).Faults()); faults != nil {
		t.Fatalf("a sound document has %v", faults)
	}
	const column = "/workbook/datasources/datasource[@name='Parameters']/column[@name='[P]']"
	for _, c := range []struct {
		old, new, want string
	}{
		{
			"      <aliases enabled='yes' />\n      <column datatype='string' name='[Tenant]'", "      <column datatype='string' name='[Tenant]'",
			"",
		},
		{
			"      </object-graph>\n", "      </object-graph>\n      <column datatype='string' name='[X]' role='dimension' type='nominal' />\n",
			"order: 39:7 /workbook/datasources/datasource[@name='federated.a']/column[@name='[X]']: <column> stands after <object-graph>: Tableau reads it before that",
		},
		{
			"value='&quot;w&quot;'>", "value='&quot;e&quot;'>",
			"value: 10:7 " + column + "/@value: the value of the parameter \"Region\" is not in its list",
		},
		{
			"value='3'>", "value='three'>",
			"value: 14:7 /workbook/datasources/datasource[@name='Parameters']/column[@name='[N]']/@value: the value of the parameter \"Top\" is no integer",
		},
		{
			"<calculation class='tableau' formula='&quot;w&quot;' />", "<calculation class='tableau' formula='1' /><calculation class='tableau' formula='2' />",
			"duplicate: 11:52 " + column + "/calculation[2]: it is the second calculation of the parameter",
		},
		{
			"name='federated.a'", "name='Parameters'",
			"duplicate: 18:5 /workbook/datasources/datasource[@caption='Orders']/@name: it is the second data source \"Parameters\"",
		},
		{
			"<datasource caption='Orders'", "<datasource _.fcp.NewThing.true...shine='1' caption='Orders'",
			"feature: 18:5 /workbook/datasources/datasource[@name='federated.a']: it needs the feature NewThing, which <document-format-change-manifest> does not list",
		},
		{
			"<ObjectModelEncapsulateLegacy />", "<ManifestByVersion />",
			"",
		},
		{
			"<ObjectModelEncapsulateLegacy />", "<Other />",
			"feature: 30:7 /workbook/datasources/datasource[@name='federated.a']/object-graph: it needs the feature ObjectModelEncapsulateLegacy, which <document-format-change-manifest> does not list",
		},
		{
			"<connection class='postgres' dbname='dev'", "<connection _.fcp.DatabricksCatalog.true...dbname='dev' class='postgres'",
			"",
		},
		{
			"</named-connection>", "</named-connection><named-connection caption='b' name='postgres.c' />",
			"duplicate: 23:30 /workbook/datasources/datasource[@name='federated.a']/connection/named-connections/named-connection[@caption='b']/@name: it is the second connection \"postgres.c\"",
		},
	} {
		var got []string
		for f := range reopened(t, []byte(doctest.Replace(t, sound, c.old, c.new))).Faults() {
			got = append(got, f.String())
		}
		if c.want == "" && got != nil || c.want != "" && !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s:\n got %s\nwant %s", c.new, strings.Join(got, "\n     "), c.want)
		}
	}
}

// TestFaultsOfEdits looks at a document with edits that are not written yet.
func TestFaultsOfEdits(t *testing.T) {
	t.Parallel()
	f := reopened(t, []byte(doctest.Replace(t, doctest.FX1, "<object-graph>", "<filter class='categorical' column='[Gone]' /><object-graph>")))
	before := slices.Collect(f.Faults())
	edited := f.Clone()
	el, err := edited.Element("/workbook/datasources/datasource")
	if err != nil {
		t.Fatal(err)
	}
	err = el.Edit(func(ds *etree.Element) error {
		ds.FindElement("connection/relation").CreateAttr("connection", "postgres.d")
		marked := ds.FindElement("filter").CreateElement("groupfilter")
		marked.CreateAttr("user:ui-marker", "enumerate")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	introduced, there := documents.NewFaults(before, slices.Collect(edited.Faults()))
	if len(introduced) != 1 || introduced[0].Subject != "connection postgres.d" || introduced[0].Line != 16 {
		t.Errorf("the edit brought %v", introduced)
	}
	if !slices.Equal(there, before) || len(before) != 1 {
		t.Errorf("there were %v before, and are %v", before, there)
	}
	if left := slices.Collect(f.Faults()); !slices.Equal(left, before) {
		t.Errorf("the template has %v", left)
	}
}

func TestFaultsOfFiles(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, logoPackage(t))
	before := slices.Collect(f.Faults())
	if slices.ContainsFunc(before, func(f documents.Fault) bool { return f.Kind == documents.FaultFile }) {
		t.Fatalf("a package with all files has %v", before)
	}
	if err := f.RemoveEntry("Image/logo.png", true); err != nil {
		t.Fatal(err)
	}
	introduced, _ := documents.NewFaults(before, slices.Collect(f.Faults()))
	if len(introduced) == 0 || introduced[0].Kind != documents.FaultFile || !strings.Contains(introduced[0].Text, `"Image/logo.png"`) {
		t.Errorf("without a picture that it shows it has %v", introduced)
	}
}

func TestFaultOfNamespace(t *testing.T) {
	t.Parallel()
	used := doctest.Replace(t, doctest.FX1, "<column datatype", "<column user:ui-marker='x' user:x='1' datatype")
	undeclared := doctest.Replace(t, used, " xmlns:user='http://www.tableausoftware.com/xml/user'", "")
	if faults := slices.Collect(reopened(t, []byte(used)).Faults()); faults != nil {
		t.Errorf("a declared prefix: %v", faults)
	}
	if faults := slices.Collect(reopened(t, []byte(undeclared)).Faults()); len(faults) != 1 || faults[0].Subject != "namespace user" {
		t.Errorf("a prefix that is not declared: %v", faults)
	}
}

func TestNewFaults(t *testing.T) {
	t.Parallel()
	fault := func(subject, path string, line int) documents.Fault {
		return documents.Fault{Kind: documents.FaultReference, Subject: subject, Path: path, Line: line}
	}
	before := []documents.Fault{fault("a", "/x", 1), fault("a", "/y", 2), fault("b", "/z", 3)}
	for _, c := range []struct{ after, want []documents.Fault }{
		{before, nil},
		{nil, nil},
		{[]documents.Fault{fault("a", "/x", 9), fault("a", "/moved", 2)}, nil},
		{[]documents.Fault{fault("a", "/new", 1), fault("a", "/y", 5), fault("a", "/x", 6)}, []documents.Fault{fault("a", "/new", 1)}},
		{[]documents.Fault{fault("b", "/z", 1), fault("b", "/z", 3)}, []documents.Fault{fault("b", "/z", 3)}},
		{[]documents.Fault{fault("c", "/x", 1)}, []documents.Fault{fault("c", "/x", 1)}},
	} {
		introduced, there := documents.NewFaults(before, c.after)
		if !slices.Equal(introduced, c.want) || len(introduced)+len(there) != len(c.after) {
			t.Errorf("%v: got %v and %v, want %v", c.after, introduced, there, c.want)
		}
	}
}
