package export

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode"
)

// View is what is known of a view that is shown. The zero value is a view without a name that shows nothing.
type View struct {
	Workbook  string   // the name of its workbook
	Name      string   // its caption
	SheetType string   // worksheet, dashboard or story, in any case
	Fields    []Field  // what it shows, in the order of the columns of its data
	Filters   []Filter // what is applied to it
}

// Field is a field that a view shows.
type Field struct {
	Caption string
	Measure bool // its values are numbers
}

// Filter is a filter on a field, or a parameter set, by the request for the view.
type Filter struct {
	Field     string   // the caption of the field, or the name of the parameter
	Values    []string // the values kept; for a parameter the one it has
	Parameter bool
}

// String is the filter as a person reads it: "Region: East, West" or "Parameter P 1: 5".
func (f Filter) String() string {
	text := f.Field + ": " + strings.Join(f.Values, ", ")
	if f.Parameter {
		return "Parameter " + text
	}
	return text
}

// sheetTypes are the kinds of views as a person reads them.
var sheetTypes = map[string]string{"worksheet": "Worksheet", "dashboard": "Dashboard", "story": "Story"}

// kind says what the view is and of which workbook.
func (v View) kind() string {
	sheet, ok := sheetTypes[strings.ToLower(v.SheetType)]
	if !ok {
		sheet = "View"
	}
	return sheet + " of the workbook " + v.Workbook
}

// notes are the lines under the title of the view: what it is, and what is applied to it.
func (v View) notes() []string {
	notes := []string{v.kind()}
	for _, f := range v.Filters {
		notes = append(notes, f.String())
	}
	return notes
}

// cleaned is the view with text that every kind of file can hold. The original is left as it is.
func (v View) cleaned() View {
	c := View{Workbook: clean(v.Workbook), Name: clean(v.Name), SheetType: v.SheetType}
	for _, f := range v.Fields {
		c.Fields = append(c.Fields, Field{Caption: clean(f.Caption), Measure: f.Measure})
	}
	for _, f := range v.Filters {
		values := make([]string, len(f.Values))
		for i, value := range f.Values {
			values[i] = clean(value)
		}
		c.Filters = append(c.Filters, Filter{Field: clean(f.Field), Values: values, Parameter: f.Parameter})
	}
	return c
}

// clean replaces what XML 1.0 forbids, what is not UTF-8, and the byte order mark, which readers of CSV swallow.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case unicode.IsControl(r) || r == '\uFEFF' || r == '\uFFFE' || r == '\uFFFF':
			return unicode.ReplacementChar
		}
		return r // a byte that is not UTF-8 comes in as U+FFFD
	}, s)
}

// column is a column of the made-up data of a view: the members its rows take in turn, or numbers where it has none.
type column struct {
	caption string
	members []string
}

// unfilteredMembers is how many members a field has that no filter is on.
const unfilteredMembers = 4

// columns are the columns of the data: the fields shown, what is applied beside them, and the names of the workbook and
// the view, which Tableau does not write but which tell a test what it got.
func (v View) columns() []column {
	type applied struct {
		field     string
		parameter bool
	}
	var columns []column
	there := map[applied]bool{}
	for _, field := range v.Fields {
		there[applied{field.Caption, false}] = true
		members := v.kept(field.Caption, false)
		if members == nil && !field.Measure {
			for i := range unfilteredMembers {
				members = append(members, field.Caption+" "+strconv.Itoa(i+1))
			}
		}
		columns = append(columns, column{field.Caption, members})
	}
	for _, f := range v.Filters {
		if key := (applied{f.Field, f.Parameter}); !there[key] {
			there[key] = true
			columns = append(columns, column{f.Field, v.kept(f.Field, f.Parameter)})
		}
	}
	return append(columns, column{"Workbook", []string{v.Workbook}}, column{"View", []string{v.Name}})
}

// kept are the values that the filters on a field keep, or those of a parameter; nil when there is none. A filter that
// keeps nothing keeps one empty value, so that it is still to be seen.
func (v View) kept(field string, parameter bool) []string {
	var values []string
	for _, f := range v.Filters {
		if f.Field != field || f.Parameter != parameter {
			continue
		}
		values = append(values, f.Values...)
		if len(f.Values) == 0 {
			values = append(values, "")
		}
	}
	return values
}

// rowCount is the number of rows that shows every member of every column.
func rowCount(columns []column) int {
	rows := 1
	for _, c := range columns {
		rows = max(rows, len(c.members))
	}
	return rows
}

// rows are the rows of the data: the captions, then text and numbers.
func (v View) rows() iter.Seq2[int, []any] {
	return func(yield func(int, []any) bool) {
		columns := v.columns()
		captions := make([]any, len(columns))
		for i, c := range columns {
			captions[i] = c.caption
		}
		if !yield(0, captions) {
			return
		}
		for row := range rowCount(columns) {
			cells := make([]any, len(columns))
			for i, c := range columns {
				if c.members == nil {
					cells[i] = v.measure(c.caption, row)
				} else {
					cells[i] = c.members[row%len(c.members)]
				}
			}
			if !yield(row+1, cells) {
				return
			}
		}
	}
}

// measure is the number of a measure in a row, from 1 to 1000. It hangs on everything that is applied to the view.
func (v View) measure(caption string, row int) int {
	return 1 + int(v.hash(caption, strconv.Itoa(row))%1000)
}

// hash is a number for something of the view, the same in every process.
func (v View) hash(of ...string) uint64 {
	h := fnv.New64a()
	texts := append(append([]string{v.Workbook, v.Name}, of...), v.notes()...)
	for _, text := range texts {
		// The length in front keeps "ab", "c" apart from "a", "bc". A hash takes any write.
		_ = binary.Write(h, binary.BigEndian, uint64(len(text)))
		_, _ = io.WriteString(h, text)
	}
	sum := h.Sum64()
	// The low bits of FNV follow the last bytes; fold the high ones in.
	return sum ^ sum>>32
}
