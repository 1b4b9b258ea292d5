package documents_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
)

// gates say which feature a document must list if it has something: of the guide to the
// format, section 4, those that no real file of a sound document contradicts.
var gates = []struct{ path, attr, feature string }{
	{"filter", "period-type-v2", "ISO8601PeriodTypes"},
	{"range", "period-type-v2", "ISO8601PeriodTypes"},
	{"object-graph", "", "ObjectModelEncapsulateLegacy"},
	{"extract", "object-id", "ObjectModelExtractV2"},
	{"extract", "user-specific", "VConnDownstreamExtractsWithWarnings"},
}

// dangling counts what in a document refers to something that is not there: connections
// of relations, tables of columns, fields of filters and instances, objects of metadata,
// parameters, data sources, and features that are used and not listed (hard case 85).
func dangling(t testing.TB, document []byte) map[string]int {
	t.Helper()
	tree := etree.NewDocument()
	if err := tree.ReadFromBytes(document); err != nil {
		t.Fatal(err)
	}
	root := tree.Root()
	asNewest(root)
	d := &danglers{counts: map[string]int{}, parameters: map[string]bool{}, sources: map[string]bool{"Parameters": true}}
	features := map[string]bool{}
	if m := root.SelectElement("document-format-change-manifest"); m != nil {
		for _, e := range m.ChildElements() {
			features[e.Tag] = true
		}
	}
	for _, g := range gates {
		for _, el := range root.FindElements(".//" + g.path) {
			if g.attr == "" || el.SelectAttr(g.attr) != nil {
				d.need(features, "feature", g.feature)
			}
		}
	}
	datasources := root.FindElements("./datasources/datasource")
	if root.Tag == "datasource" {
		datasources = []*etree.Element{root}
	}
	for _, ds := range datasources {
		d.sources[ds.SelectAttrValue("name", "")] = true
	}
	for _, c := range root.FindElements(".//column[@param-domain-type]") {
		d.parameters[c.SelectAttrValue("name", "")] = true
	}
	for _, ds := range datasources {
		d.datasource(ds)
	}
	for _, deps := range root.FindElements(".//datasource-dependencies") {
		d.need(d.sources, "data source", deps.SelectAttrValue("datasource", ""))
		d.fields(deps, namesAt(deps, "./column"))
	}
	return d.counts
}

type danglers struct {
	counts              map[string]int
	parameters, sources map[string]bool
}

func (d *danglers) need(there map[string]bool, what, name string) {
	if !there[name] {
		d.counts[what+" "+name]++
	}
}

// namesAt are those of the elements at a path.
func namesAt(el *etree.Element, path string) map[string]bool {
	out := map[string]bool{}
	for _, e := range el.FindElements(path) {
		out[e.SelectAttrValue("name", "")] = true
	}
	return out
}

var parameterName = regexp.MustCompile(`\[Parameters\]\.(\[(?:[^\]]|\]\])+\])`)

func (d *danglers) datasource(ds *etree.Element) {
	connections := namesAt(ds, "./connection/named-connections/named-connection")
	tables := map[string]bool{}
	for _, r := range ds.FindElements(".//relation") {
		tables["["+strings.ReplaceAll(r.SelectAttrValue("name", ""), "]", "]]")+"]"] = true
		if c := r.SelectAttrValue("connection", ""); c != "" && len(connections) > 0 {
			d.need(connections, "connection", c)
		}
		for _, p := range parameterName.FindAllStringSubmatch(r.Text(), -1) {
			d.need(d.parameters, "parameter", p[1])
		}
	}
	objects := map[string]bool{}
	for _, o := range ds.FindElements("./object-graph/objects/object") {
		objects["["+o.SelectAttrValue("id", "")+"]"] = true
	}
	fields := namesAt(ds, "./column")
	for _, r := range ds.FindElements(".//metadata-record[@class='column']") {
		if n := r.SelectElement("local-name"); n != nil {
			fields[n.Text()] = true
		}
		if p := r.SelectElement("parent-name"); p != nil {
			d.need(tables, "table", p.Text())
		}
		if o := r.SelectElement("object-id"); o != nil {
			d.need(objects, "object", o.Text())
		}
	}
	d.fields(ds, fields)
	for _, c := range ds.FindElements("./column/calculation") {
		for _, p := range parameterName.FindAllStringSubmatch(c.SelectAttrValue("formula", ""), -1) {
			d.need(d.parameters, "parameter", p[1])
		}
	}
}

// fields looks for the fields of instances, and for those of filters.
func (d *danglers) fields(el *etree.Element, fields map[string]bool) {
	instances := map[string]bool{}
	for _, i := range el.SelectElements("column-instance") {
		instances[i.SelectAttrValue("name", "")] = true
		d.need(fields, "field", i.SelectAttrValue("column", ""))
	}
	for _, group := range el.SelectElements("group") {
		fields[group.SelectAttrValue("name", "")] = true
	}
	for _, f := range append(el.FindElements("./filter"), el.FindElements("./extract/filter")...) {
		if column := f.SelectAttrValue("column", ""); !instances[column] {
			d.need(fields, "filtered field", column)
		}
	}
}

// assertSound checks that nothing in a document dangles that did not before an edit.
func assertSound(t *testing.T, what string, before map[string]int, document []byte) {
	t.Helper()
	for name, n := range dangling(t, document) {
		if n > before[name] {
			t.Errorf("%s: %s is not there (%d times, %d before)", what, name, n, before[name])
		}
	}
}

func TestSoundnessSees(t *testing.T) {
	t.Parallel()
	if got := dangling(t, []byte(doctest.FX2)); len(got) > 0 {
		t.Errorf("in a sound document dangle %v", got)
	}
	for name, bad := range map[string]string{
		"connection postgres.d":      strings.Replace(doctest.FX1, "relation connection='postgres.c'", "relation connection='postgres.d'", 1),
		"filtered field [X]":         doctest.Replace(t, doctest.FX1, "<object-graph>", "<filter class='categorical' column='[X]' /><object-graph>"),
		"field [X]":                  doctest.Replace(t, doctest.FX1, "<layout ", "<column-instance column='[X]' name='[none:X:nk]' /><layout "),
		"parameter [P]":              doctest.Replace(t, doctest.FX1, "name='[Tenant]' role='dimension' type='nominal' />", "name='[T]'><calculation formula='[Parameters].[P]' /></column>"),
		"data source gone":           doctest.Replace(t, doctest.FX1, "</datasources>", "</datasources><worksheets><datasource-dependencies datasource='gone' /></worksheets>"),
		"feature ISO8601PeriodTypes": doctest.Replace(t, doctest.FX1, "<object-graph>", "<filter column='[Tenant]' period-type-v2='year' /><object-graph>"),
	} {
		if got := dangling(t, []byte(bad)); len(got) != 1 || got[name] == 0 {
			t.Errorf("%s: found %v", name, got)
		}
	}
}
