package documents_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/beevik/etree"
	"github.com/jacoelho/xsd"
	"github.com/jacoelho/xsd/xsderrors"

	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
)

// schema is Tableau's own schema of workbooks, with stand-ins for the two namespaces that
// it imports and does not bring along.
var schema = sync.OnceValues(func() (*xsd.Engine, error) {
	const (
		head  = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace=`
		user  = head + `"http://www.tableausoftware.com/xml/user"><xs:attributeGroup name="UserAttributes-AG"><xs:anyAttribute namespace="##targetNamespace" processContents="skip"/></xs:attributeGroup></xs:schema>`
		names = head + `"http://www.w3.org/XML/1998/namespace"><xs:attribute name="base" type="xs:string"/><xs:attribute name="space" type="xs:string"/><xs:attribute name="lang" type="xs:string"/></xs:schema>`
	)
	main, err := os.ReadFile(filepath.Join("..", "..", "shared", "schemas", "twb_2026.2.0.xsd"))
	if err != nil {
		return nil, err
	}
	return xsd.Compile(context.Background(), xsd.Bytes("twb.xsd", main), xsd.Bytes("user.xsd", []byte(user)), xsd.Bytes("xml.xsd", []byte(names)))
})

// schemaErrors counts what the schema has against a document, by kind and place. A data
// source is looked at as the only one of a workbook, and both as a program that knows
// every feature reads them: the schema knows no feature prefixes.
func schemaErrors(t testing.TB, document []byte) map[string]int {
	t.Helper()
	engine, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	tree := etree.NewDocument()
	if err := tree.ReadFromBytes(document); err != nil {
		t.Fatal(err)
	}
	root := tree.Root()
	if root.Tag == "datasource" {
		root = asWorkbook(root)
	}
	asNewest(root)
	if root.FindElement("./document-format-change-manifest/ISO8601PeriodTypes") == nil {
		asNewPeriods(root)
	}
	var b bytes.Buffer
	out := etree.NewDocumentWithRoot(root)
	if _, err := out.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	err = engine.ValidateWithOptions(t.Context(), &b, xsd.ValidateOptions{MaxErrors: 100_000})
	if err == nil {
		return counts
	}
	list, several := errors.AsType[xsderrors.Errors](err)
	if !several {
		list = xsderrors.Errors{err}
	}
	for _, e := range list {
		found, ok := errors.AsType[*xsderrors.Error](e)
		if !ok || found.Category != xsderrors.CategoryValidation {
			t.Fatalf("checking against the schema: %v", e)
		}
		counts[found.Path+": "+found.Message]++
	}
	return counts
}

// asWorkbook puts a data source into a workbook with nothing else.
func asWorkbook(ds *etree.Element) *etree.Element {
	wb := etree.NewElement("workbook")
	for _, a := range ds.Attr {
		if a.Space == "xmlns" {
			wb.CreateAttr(a.FullKey(), a.Value)
		}
	}
	if m := ds.SelectElement("document-format-change-manifest"); m != nil {
		wb.AddChild(m)
	}
	wb.CreateElement("datasources").AddChild(ds)
	return wb
}

// asNewest leaves of feature forks what a program takes that knows all features.
func asNewest(el *etree.Element) {
	var attrs []etree.Attr
	for _, a := range el.Attr {
		if name, ok := newest(a.Key); ok {
			a.Key = name
			attrs = append(attrs, a)
		}
	}
	el.Attr = attrs
	for _, c := range el.ChildElements() {
		if name, ok := newest(c.Tag); ok {
			c.Tag = name
			asNewest(c)
		} else {
			el.RemoveChild(c)
		}
	}
}

// asNewPeriods gives period-type its name of today: documents of before 2020.4, which do
// not list the feature that renamed it, have the old one, which the schema does not know
// any more (hard case 59).
func asNewPeriods(el *etree.Element) {
	for i, a := range el.Attr {
		if a.Key == "period-type" {
			el.Attr[i].Key = "period-type-v2"
		}
	}
	for _, c := range el.ChildElements() {
		asNewPeriods(c)
	}
}

// newest is a name without its feature prefixes, not ok if it is for older programs.
func newest(name string) (string, bool) {
	for strings.HasPrefix(name, "_.fcp.") {
		feature, rest, found := strings.Cut(name, "...")
		if !found {
			break
		}
		if strings.HasSuffix(feature, ".false") {
			return "", false
		}
		name = rest
	}
	return name, true
}

// assertSchema checks that the schema has nothing against a document that it did not have
// before an edit.
func assertSchema(t *testing.T, what string, before map[string]int, document []byte) {
	t.Helper()
	for e, n := range schemaErrors(t, document) {
		if n > before[e] {
			t.Errorf("%s: %s (%d times, %d before)", what, e, n, before[e])
		}
	}
}

func TestSchemaSees(t *testing.T) {
	t.Parallel()
	corpus(t) // or skip: the schema is beside the real files
	before := schemaErrors(t, []byte(doctest.FX1))
	if len(before) == 0 {
		t.Error("the schema has nothing against a workbook without worksheets")
	}
	for name, bad := range map[string]string{
		"order":     doctest.Replace(t, doctest.FX1, "      </object-graph>\n", "      </object-graph>\n      <column datatype='string' name='[X]' role='dimension' type='nominal' />\n"),
		"attribute": doctest.Replace(t, doctest.FX1, "<aliases enabled='yes' />", "<aliases enabled='yes' enabeld='no' />"),
		"value":     doctest.Replace(t, doctest.FX2, "role='dimension'", "role='dimensions'"),
	} {
		if after := schemaErrors(t, []byte(bad)); maps.Equal(before, after) {
			t.Errorf("%s: the schema has nothing against it", name)
		}
	}
}
