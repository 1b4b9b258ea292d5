package documents

import (
	"bytes"
	"fmt"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// A Validator holds documents against a schema. It may be used by several goroutines at once.
type Validator interface {
	// Validate returns what the schema has against a workbook, or why that cannot be told.
	Validate(document []byte) ([]Violation, error)
}

// A Violation is something that a schema has against a document.
type Violation struct {
	// Line is that of the element, from 1, Col the byte of the line that it begins with, from 1.
	Line, Col int
	// Element leads to it by the names of the elements: /workbook/datasources/datasource.
	Element string
	Text    string
}

// Validate holds a workbook with its edits against a schema: as a program reads it that knows every feature, because schemas
// know no feature prefixes. The faults come in the order of the schema's. A data source file is an error: there is no schema
// of it.
func (f *File) Validate(v Validator) ([]Fault, error) {
	if !f.kind.IsWorkbook() {
		return nil, fmt.Errorf("validating %s: there is a schema of workbooks only", f.name)
	}
	const bom = "\xef\xbb\xbf"
	document := f.doc.Bytes()
	content, hasBOM := bytes.CutPrefix(document, []byte(bom))
	n := newestBytes(content, !f.lists("ISO8601PeriodTypes"))
	violations, err := v.Validate(n.out)
	if err != nil {
		return nil, fmt.Errorf("validating %s: %w", f.name, err)
	}
	lines := []int{0}
	for i, c := range n.out {
		if c == '\n' {
			lines = append(lines, i+1)
		}
	}
	splices := f.doc.Splices()
	var found []Fault
	for _, one := range violations {
		line := min(max(one.Line, 1), len(lines))
		at := n.offset(min(lines[line-1]+max(one.Col, 1)-1, len(n.out)-1))
		if hasBOM {
			at += len(bom)
		}
		el := f.doc.At(sourceOffset(splices, at))
		pos := el.Position()
		found = append(found, Fault{FaultSchema, one.Element + ": " + one.Text, el.Path(), pos.Line, pos.Col, one.Text})
	}
	return found, nil
}

// lists tells whether the document lists a feature.
func (f *File) lists(feature string) bool {
	return f.doc.Root().Child("document-format-change-manifest").Child(feature).Exists()
}

// sourceOffset is the place in the document as it was opened of one in the document as it is written: of what an edit put there,
// the place where it was put.
func sourceOffset(splices []xmledit.Splice, at int) int {
	longer := 0
	for _, s := range splices {
		start := s.Start + longer
		if at < start {
			break
		}
		if at < start+len(s.New) {
			return s.Start
		}
		longer += len(s.New) - (s.End - s.Start)
	}
	return at - longer
}
