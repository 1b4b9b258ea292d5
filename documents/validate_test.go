package documents_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"
	"github.com/jacoelho/xsd"
	"github.com/jacoelho/xsd/xsderrors"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
)

// validator gives what it is called with.
type validator func(document []byte) ([]documents.Violation, error)

func (v validator) Validate(document []byte) ([]documents.Violation, error) { return v(document) }

// tableaus holds documents against Tableau's own schema.
func tableaus(t *testing.T) validator {
	engine, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	return func(document []byte) (found []documents.Violation, _ error) {
		err := engine.ValidateWithOptions(t.Context(), bytes.NewReader(document), xsd.ValidateOptions{MaxErrors: 100_000})
		list, several := errors.AsType[xsderrors.Errors](err)
		if err != nil && !several {
			list = xsderrors.Errors{err}
		}
		for _, e := range list {
			one, ok := errors.AsType[*xsderrors.Error](e)
			if !ok || one.Category != xsderrors.CategoryValidation {
				return nil, e
			}
			found = append(found, documents.Violation{Line: one.Line, Col: one.Column, Element: one.Path, Text: one.Message})
		}
		return found, nil
	}
}

// TestCorpusValidate compares what a schema has against the documents with what it has against the trees that the tests make of
// them, and looks at the places.
func TestCorpusValidate(t *testing.T) {
	t.Parallel()
	total := 0
	for _, path := range corpus(t) {
		f := open(t, path)
		faults, err := f.Validate(tableaus(t))
		if !f.Kind().IsWorkbook() {
			if err == nil || !strings.Contains(err.Error(), "a schema of workbooks only") {
				t.Errorf("%s: %v", path, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, fault := range faults {
			got[fault.Subject]++
			total++
			names, _, _ := strings.Cut(fault.Subject, ": ")
			el, err := f.Element(fault.Path)
			if err != nil || el.Name() != names[strings.LastIndexByte(names, '/')+1:] && !strings.HasSuffix(fault.Text, " child element "+el.Name()) {
				t.Errorf("%s: %s is said to be at %s (%v)", path, fault.Subject, fault.Path, err)
			}
			if line, col := el.Position(); line != fault.Line || col != fault.Col {
				t.Errorf("%s: %s is said to be at %d:%d, and is at %d:%d", path, fault.Path, fault.Line, fault.Col, line, col)
			}
		}
		if diff := cmp.Diff(schemaErrors(t, document(t, written(t, f))), got); diff != "" {
			t.Errorf("%s: (-tree +document)\n%s", path, diff)
		}
	}
	if total == 0 {
		t.Error("the schema has nothing against any real file")
	}
}

// TestValidateShows looks at what a schema is given.
func TestValidateShows(t *testing.T) {
	t.Parallel()
	const in = "\xef\xbb\xbf<?xml version='1.0'?>\r\n<!-- _.fcp.A.true...x --><workbook>\r\n" +
		"<a _.fcp.A.true...b='é>' _.fcp.A.false...b=\"_.fcp.A.true...c='\" period-type='year'/><z/>\r\n" +
		"<_.fcp.A.false...b><c>\r\nx</c><!-- d --></_.fcp.A.false...b><_.fcp.B.false..._.fcp.A.true...e/>\r\n" +
		"<_.fcp.B.true..._.fcp.A.true...f ><![CDATA[<_.fcp.A.false...b>]]></_.fcp.B.true..._.fcp.A.true...f><y/></workbook>"
	f := reopened(t, []byte(in))
	err := errors.New("none")
	var shown string
	faults, got := f.Validate(validator(func(document []byte) ([]documents.Violation, error) {
		shown = string(document)
		line, col := 3, strings.Index(strings.Split(shown, "\n")[2], "<z/>")+1
		last := strings.Split(shown, "\n")
		return []documents.Violation{
			{Line: line, Col: col, Element: "/workbook/z", Text: "bad"},
			{Line: len(last), Col: strings.Index(last[len(last)-1], "<y/>") + 1, Element: "/workbook/y", Text: "worse"},
			{Line: 100, Col: 1000},
			{},
		}, nil
	}))
	if got != nil {
		t.Fatal(got)
	}
	var paths []string
	for _, fault := range faults {
		paths = append(paths, fault.Path)
	}
	if wanted := []string{"/workbook/z", "/workbook/y", "/workbook", "/workbook"}; !slices.Equal(paths, wanted) {
		t.Errorf("the faults are at %v, want %v", paths, wanted)
	}
	tree := etree.NewDocument()
	if err := tree.ReadFromString(shown); err != nil {
		t.Fatalf("%v in %s", err, shown)
	}
	if strings.Contains(strings.ReplaceAll(shown, "<!-- _.fcp.A.true...x -->", ""), "_.fcp.A.true") || tree.FindElement("//c") != nil || tree.FindElement("//e") != nil ||
		tree.FindElement("//f").Text() != "<_.fcp.A.false...b>" || tree.FindElement("//a").SelectAttrValue("b", "") != "é>" {
		t.Errorf("shown is %q", shown)
	}
	if grown := len(in) - len("\xef\xbb\xbf") + len("-v2"); len(shown) != grown || strings.Count(shown, "\r\n") != strings.Count(in, "\r\n") {
		t.Errorf("shown are %d bytes, want %d: %q", len(shown), grown, shown)
	}
	if _, failed := f.Validate(validator(func([]byte) ([]documents.Violation, error) { return nil, err })); !errors.Is(failed, err) {
		t.Errorf("got %v", failed)
	}
}

// TestValidateEdits looks at what edits brought, and where that is in the document as it was opened.
func TestValidateEdits(t *testing.T) {
	t.Parallel()
	corpus(t) // or skip: the schema is beside the real files
	f := doctest.Open(t, doctest.FX1)
	before, err := f.Validate(tableaus(t))
	if err != nil {
		t.Fatal(err)
	}
	edited := f.Clone()
	for path, attr := range map[string][2]string{
		"/workbook/datasources/datasource":         {"caption", "A much longer caption\nof two lines"},
		"/workbook/datasources/datasource/aliases": {"enabled", "perhaps"},
	} {
		el, err := edited.Element(path)
		if err == nil {
			err = el.SetAttr(attr[0], attr[1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	after, err := edited.Validate(tableaus(t))
	if err != nil {
		t.Fatal(err)
	}
	introduced, _ := documents.NewFaults(before, after)
	if len(introduced) != 1 || introduced[0].String() != "schema: 18:7 /workbook/datasources/datasource/aliases: invalid attribute enabled: enumeration facet failed" {
		t.Errorf("the edits brought %v", introduced)
	}
}
