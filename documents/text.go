package documents

import (
	"fmt"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// Texts lists the texts that people see of the file, each place of them: the captions of
// fields, the titles of sheets, tooltips and so on. What is listed is what
// [File.Translate] translates and [File.ReplaceText] looks at. Names of sheets are not
// among them.
func (f *File) Texts(s tds.TextSelection) ([]tds.Text, error) {
	all, err := tds.ListTexts(s, f.walkTexts)
	if err != nil {
		return nil, fmt.Errorf("listing the texts of %s: %w", f.name, err)
	}
	return all, nil
}

// Translate puts what people see of the file into another language and tells how many texts
// have their translation, changed now or so already; see [tds.Datasource.Translate].
// Parameters change in every copy: in worksheets, dashboards, data sources and the copies of
// published ones (format 12). Text with formatting keeps it; in it, what is translated is a
// line, see [tds.Text].
func (f *File) Translate(t tds.Translation) (matched int, err error) {
	return tds.TranslateTexts(f.doc.Root(), f.inWords(), t, f.walkTexts)
}

// ReplaceText replaces a part of the texts that people see, as {{tenant}} is, and tells how
// many have the new one, changed now or before (hard case 73). Text that is found nowhere is
// a [*tds.NotFoundError], unless what it was to become is there: then nothing changes but a
// note is made. Where the new text has the old one in it, what reads as the new text is
// taken as done. References to fields, parameters and sheets stay: replacing a part of one,
// or making one, is an error.
func (f *File) ReplaceText(r tds.TextReplacement) (matched int, err error) {
	return tds.ReplaceInTexts(f.doc.Root(), f.inWords(), r, f.walkTexts)
}

// inWords is what the document is, as errors say it.
func (f *File) inWords() string {
	if f.kind.IsWorkbook() {
		return "the workbook"
	}
	return "the data source"
}

// walkTexts goes over the texts of the file.
func (f *File) walkTexts(w *tds.TextWalk) error {
	if wb, ok := f.Workbook(); ok {
		return wb.WalkTexts(w)
	}
	if err := tds.ParametersOf(f.doc.Root()).WalkTexts(w); err != nil {
		return err
	}
	return tds.Wrap(f.doc.Root()).WalkTexts(w)
}
