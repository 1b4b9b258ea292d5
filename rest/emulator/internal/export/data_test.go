package export_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/export"
)

func readCSV(t *testing.T, file []byte) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// readExcel reads the only sheet of a workbook.
func readExcel(t *testing.T, file []byte) (book *excelize.File, sheet string, rows [][]string) {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	sheets := book.GetSheetList()
	if len(sheets) != 1 {
		t.Fatalf("the sheets are %q", sheets)
	}
	rows, err = book.GetRows(sheets[0])
	if err != nil {
		t.Fatal(err)
	}
	return book, sheets[0], rows
}

// numbers replaces the cells of a column below the caption by N where they are numbers.
func numbers(rows [][]string, column int) [][]string {
	for _, row := range rows[1:] {
		if n, err := strconv.Atoi(row[column]); err == nil && n > 0 && n <= 1000 {
			row[column] = "N"
		}
	}
	return rows
}

func TestCSV(t *testing.T) {
	t.Parallel()
	plain := export.View{Workbook: "Book", Name: "View", Fields: sales().Fields}
	for _, test := range []struct {
		name string
		view export.View
		want [][]string
	}{
		{"nothing known", export.View{}, [][]string{
			{"Workbook", "View"},
			{"", ""},
		}},
		{"no filter", plain, [][]string{
			{"Region", "Sales", "Workbook", "View"},
			{"Region 1", "N", "Book", "View"},
			{"Region 2", "N", "Book", "View"},
			{"Region 3", "N", "Book", "View"},
			{"Region 4", "N", "Book", "View"},
		}},
		{"a filter on a field shown, and a parameter", sales(), [][]string{
			{"Region", "Sales", "P 1", "Workbook", "View"},
			{"East & West", "N", "5", "Quarterly Sales", "Umsatz Übersicht"},
			{"North, far", "N", "5", "Quarterly Sales", "Umsatz Übersicht"},
		}},
		{"filters on one field, and a parameter of its name", export.View{
			Workbook: "Book", Name: "View",
			Filters: []export.Filter{
				{Field: "F", Values: []string{"a"}},
				{Field: "F", Values: []string{"p"}, Parameter: true},
				{Field: "F", Values: []string{"b"}},
				{Field: "None"},
			},
		}, [][]string{
			{"F", "F", "None", "Workbook", "View"},
			{"a", "p", "", "Book", "View"},
			{"b", "p", "", "Book", "View"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file := must(t)(export.CSV(test.view))
			if lines := bytes.Count(file, []byte("\r\n")); lines != len(test.want) {
				t.Errorf("%d lines end with CR LF", lines)
			}
			if diff := cmp.Diff(test.want, numbers(readCSV(t, file), 1)); diff != "" {
				t.Errorf("CSV (-want +got):\n%s", diff)
			}
		})
	}
}

// The numbers hang on what is applied, and are those of the crosstab.
func TestNumbersHangOnTheView(t *testing.T) {
	t.Parallel()
	base := sales()
	filtered, renamed, moved := sales(), sales(), sales()
	filtered.Filters[1].Values = []string{"6"}
	renamed.Name += "!"
	moved.Workbook += "!"
	sum := func(v export.View) string {
		rows := readCSV(t, must(t)(export.CSV(v)))
		return rows[1][1] + " " + rows[2][1]
	}
	if sum(base) == sum(filtered) || sum(base) == sum(renamed) || sum(base) == sum(moved) {
		t.Errorf("the numbers are %s, %s with another parameter, %s with another name, %s in another workbook",
			sum(base), sum(filtered), sum(renamed), sum(moved))
	}
	book, sheet, rows := readExcel(t, must(t)(export.Excel(base)))
	if diff := cmp.Diff(readCSV(t, must(t)(export.CSV(base))), rows); diff != "" {
		t.Errorf("CSV and Excel (-CSV +Excel):\n%s", diff)
	}
	for cell, want := range map[string]excelize.CellType{"A2": excelize.CellTypeInlineString, "B2": excelize.CellTypeUnset} {
		if kind, err := book.GetCellType(sheet, cell); err != nil || kind != want {
			t.Errorf("%s is of type %v, %v", cell, kind, err)
		}
	}
}

func TestExcelNamesTheView(t *testing.T) {
	t.Parallel()
	book, sheet, _ := readExcel(t, must(t)(export.Excel(sales())))
	properties, err := book.GetDocProps()
	if err != nil {
		t.Fatal(err)
	}
	if sheet != "Umsatz Übersicht" || properties.Title != "Umsatz Übersicht" || properties.Subject != "Quarterly Sales" {
		t.Errorf("the sheet is %q, the title %q, the subject %q", sheet, properties.Title, properties.Subject)
	}
	if want := "Dashboard of the workbook Quarterly Sales\nRegion: East & West, North, far\nParameter P 1: 5"; properties.Description != want {
		t.Errorf("the description is %q", properties.Description)
	}
}

func TestExcelSheetNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, want string }{
		{"", "Sheet 1"},
		{" ", " "},
		{"Sheet1", "Sheet1"},
		{"SHEET1", "SHEET1"},
		{"history", "history_"},
		{"[a]:b*c?d/e\\f", "_a__b_c_d_e_f"},
		{"'quoted'", "_quoted_"},
		{"it's", "it's"},
		{"'", "_"},
		{"''", "__"},
		{"012345678901234567890123456789A", "012345678901234567890123456789A"},
		{"012345678901234567890123456789AB", "012345678901234567890123456789A"},
		{"012345678901234567890123456789😀", "012345678901234567890123456789"},
		{"012345678901234567890123456789'x", "012345678901234567890123456789_"},
		{"tab\tand\x00nul", "tab and\ufffdnul"},
	} {
		if _, sheet, _ := readExcel(t, must(t)(export.Excel(export.View{Name: test.name}))); sheet != test.want {
			t.Errorf("%q is the sheet %q, not %q", test.name, sheet, test.want)
		}
	}
}

func TestDataOfAnyName(t *testing.T) {
	t.Parallel()
	for _, name := range names {
		v := export.View{
			Workbook: name, Name: name,
			Fields:  []export.Field{{Caption: name}},
			Filters: []export.Filter{{Field: name, Values: []string{name, name}}},
		}
		text := readable(name)
		want := [][]string{{text, "Workbook", "View"}, {text, text, text}, {text, text, text}}
		if diff := cmp.Diff(want, readCSV(t, must(t)(export.CSV(v)))); diff != "" {
			t.Errorf("CSV of %.40q (-want +got):\n%.400s", name, diff)
		}
		_, sheet, rows := readExcel(t, must(t)(export.Excel(v)))
		if n := len(utf16.Encode([]rune(sheet))); n < 1 || n > 31 || strings.ContainsAny(sheet, `[]:*?/\`) {
			t.Errorf("Excel does not take the sheet name %q", sheet)
		}
		if name == "" {
			continue // the reader leaves out rows of empty cells
		}
		for i, row := range want {
			for j, cell := range row {
				if rows[i][j] != cell {
					t.Errorf("Excel of %.40q has %.40q in row %d, column %d", name, rows[i][j], i, j)
				}
			}
		}
	}
}

func TestExcelCutsLongCells(t *testing.T) {
	t.Parallel()
	_, _, rows := readExcel(t, must(t)(export.Excel(export.View{Name: strings.Repeat("x", 40000)})))
	if got := rows[1][1]; got != strings.Repeat("x", 32767) {
		t.Errorf("the cell has %d characters", len(got))
	}
}

func TestExcelIsNotWiderThanExcel(t *testing.T) {
	t.Parallel()
	fields := make([]export.Field, excelize.MaxColumns)
	if _, err := export.Excel(export.View{Name: "Wide", Fields: fields}); !errors.Is(err, export.ErrTooLarge) {
		t.Errorf("a view of too many columns: %v", err)
	}
	values := make([]string, excelize.TotalRows)
	long := export.View{Name: "Long", Filters: []export.Filter{{Field: "F", Values: values}}}
	if _, err := export.Excel(long); !errors.Is(err, export.ErrTooLarge) {
		t.Errorf("a view of too many rows: %v", err)
	}
}
