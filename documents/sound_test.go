package documents_test

import (
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/beevik/etree"
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

// dangling counts what is unsound in a document (hard case 85): what refers to something
// that is not there, as connections of relations, tables of columns, fields of filters and
// instances, objects of metadata, parameters, data sources, sheets, and features that are
// used and not listed; what is there twice or out of order; and copies that say something
// else than what they copy. It reads the document on its own, not with what it is to judge.
func dangling(t testing.TB, document []byte) map[string]int {
	t.Helper()
	tree := etree.NewDocument()
	if err := tree.ReadFromBytes(document); err != nil {
		t.Fatal(err)
	}
	root := tree.Root()
	asNewest(root)
	d := &danglers{counts: map[string]int{}, sources: map[string]bool{"Parameters": true}, masters: scope{}}
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
	sets := scope{}
	for _, ds := range datasources {
		d.sources[ds.SelectAttrValue("name", "")] = true
		d.masters.add(ds.SelectAttrValue("name", ""), fieldsOf(ds))
		sets[ds.SelectAttrValue("name", "")] = namesAt(ds, "./group")
	}
	d.parameters = namesAt(root, "./datasources/datasource[@name='Parameters']/column")
	if root.Tag == "datasource" { // the parameters of its calculations are those it has copies of
		d.parameters = namesAt(root, "./datasource-dependencies[@datasource='Parameters']/column")
	}
	for _, ds := range datasources {
		d.datasource(ds)
	}
	for _, deps := range root.FindElements(".//datasource-dependencies") {
		d.need(d.sources, "data source", deps.SelectAttrValue("datasource", ""))
		fields := namesAt(deps, "./column")
		maps.Copy(fields, sets[deps.SelectAttrValue("datasource", "")]) // which have no column
		d.fields(deps, fields)
	}
	d.parametersNamed(root)
	d.sheets(root)
	d.views(root)
	d.lists(root)
	d.copies(root)
	return d.counts
}

type danglers struct {
	counts              map[string]int
	parameters, sources map[string]bool
	masters             scope // what the data sources themselves have
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
	d.filterOrder(ds)
	for _, e := range ds.SelectElements("extract") {
		d.filterOrder(e)
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

// assertSound checks that nothing in a document dangles that did not before an edit. It returns what does.
func assertSound(t *testing.T, what string, before map[string]int, document []byte) map[string]int {
	t.Helper()
	after := dangling(t, document)
	for name, n := range after {
		if n > before[name] {
			t.Errorf("%s: %s is not there (%d times, %d before)", what, name, n, before[name])
		}
	}
	return after
}
