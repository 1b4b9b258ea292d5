package export

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// CSV is the data of a view, in UTF-8 without a byte order mark, with a row of captions and lines that end with CR LF as
// in Tableau's own. The columns are the fields of the view, then what is applied and is not a field shown, then Workbook
// and View. A column that is filtered has the values kept and no others.
func CSV(v View) ([]byte, error) {
	v = v.cleaned()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for row, cells := range v.rows() {
		record := make([]string, len(cells))
		for i, cell := range cells {
			record[i] = fmt.Sprint(cell)
		}
		if err := w.Write(record); err != nil {
			return nil, fmt.Errorf("writing row %d of the view %q: %w", row, v.Name, err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("writing the data of the view %q: %w", v.Name, err)
	}
	return b.Bytes(), nil
}

// Excel is the crosstab of a view: the table of [CSV] with measures as numbers, in the only sheet of a workbook. The sheet
// has the name of the view as far as Excel takes it, the title of the document has all of it. Text of more than 32,767
// characters is cut there, as Excel has no longer cells. More rows or columns than Excel has are refused with
// [ErrTooLarge].
func Excel(v View) ([]byte, error) {
	v = v.cleaned()
	if columns := v.columns(); len(columns) > excelize.MaxColumns || rowCount(columns) >= excelize.TotalRows {
		return nil, fmt.Errorf("the view %q has more columns or rows than Excel: %w", v.Name, ErrTooLarge)
	}
	book := excelize.NewFile()
	defer book.Close() // of a large table there is a temporary file
	name := sheetName(v.Name)
	if err := book.SetSheetName(book.GetSheetName(0), name); err != nil {
		return nil, fmt.Errorf("naming the sheet of the view %q: %w", v.Name, err)
	}
	properties := &excelize.DocProperties{Title: v.Name, Subject: v.Workbook, Description: strings.Join(v.notes(), "\n")}
	if err := book.SetDocProps(properties); err != nil {
		return nil, fmt.Errorf("titling the crosstab of the view %q: %w", v.Name, err)
	}
	if err := fill(book, name, v); err != nil {
		return nil, fmt.Errorf("filling the crosstab of the view %q: %w", v.Name, err)
	}
	b, err := book.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("writing the crosstab of the view %q: %w", v.Name, err)
	}
	return b.Bytes(), nil
}

// fill writes the data of a view to a sheet. The writer of streams escapes text that looks like an escape of Excel's, such
// as _x0041_; setting the cells one by one would not.
func fill(book *excelize.File, sheet string, v View) error {
	w, err := book.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	for row, cells := range v.rows() {
		at, err := excelize.CoordinatesToCellName(1, row+1)
		if err != nil {
			return err
		}
		if err := w.SetRow(at, cells); err != nil {
			return err
		}
	}
	return w.Flush()
}

// sheetName is the name of a view as Excel takes it for a sheet: 1 to 31 UTF-16 units, none of []:*?/\, no apostrophe at
// either end, and not History, which Excel keeps for itself.
func sheetName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) {
			return '_'
		}
		return r
	}, name)
	units := 0
	for i, r := range name {
		if units += utf16.RuneLen(r); units > excelize.MaxSheetNameLength {
			name = name[:i]
			break
		}
	}
	switch {
	case name == "":
		return "Sheet 1"
	case strings.EqualFold(name, "History"):
		return name + "_"
	}
	if rest, ok := strings.CutPrefix(name, "'"); ok {
		name = "_" + rest
	}
	if rest, ok := strings.CutSuffix(name, "'"); ok {
		name = rest + "_"
	}
	return name
}
