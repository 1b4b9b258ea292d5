package templates

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// A StringTable is a table of texts that people see and their translations: what
// `tabtemplate strings` writes, and what the edit `translate` reads. It is CSV in UTF-8 with
// the columns from and to, and maybe kind, where and count. What is read may have semicolons or
// tabs between the columns, as spreadsheets write where the comma is in numbers.
type StringTable struct {
	Rows []StringRow
}

// A StringRow is one text of a table.
type StringRow struct {
	From  string         `json:"from"`            // as [tds.Text] has it
	To    string         `json:"to,omitempty"`    // its translation; empty as long as it has none
	Kinds []tds.TextKind `json:"kinds,omitempty"` // what it is the text of; none: of anything
	Where string         `json:"where,omitempty"` // where it stands first, in words
	Count int            `json:"count"`           // in how many places it stands; 0 where it no longer does
}

// Add adds the texts of a file to the table, each once, in the order in which they come.
func (t *StringTable) Add(texts []tds.Text) {
	at := map[string]int{}
	for i, row := range t.Rows {
		at[row.From] = i
	}
	for _, text := range texts {
		i, known := at[text.Text]
		if !known {
			i = len(t.Rows)
			at[text.Text] = i
			t.Rows = append(t.Rows, StringRow{From: text.Text, Where: text.Where})
		}
		row := &t.Rows[i]
		row.Count++
		if !slices.Contains(row.Kinds, text.Kind) {
			row.Kinds = append(row.Kinds, text.Kind)
		}
	}
}

// Update takes the translations over from an older table. Where that has different ones for
// kinds of texts, so does the new one. Texts that are only in the older table come last, with
// a count of 0.
func (t *StringTable) Update(older *StringTable) {
	old := map[string][]StringRow{}
	for _, row := range older.Rows {
		old[row.From] = append(old[row.From], row)
	}
	there := map[string]bool{}
	var rows []StringRow
	for _, row := range t.Rows {
		there[row.From] = true
		rows = append(rows, row.translated(old[row.From])...)
	}
	for _, row := range older.Rows {
		if !there[row.From] {
			row.Count = 0
			rows = append(rows, row)
		}
	}
	t.Rows = rows
}

// translated is a row with its translations from older rows, those for some kinds first.
func (r StringRow) translated(older []StringRow) []StringRow {
	var rows []StringRow
	left := slices.Clone(r.Kinds)
	for _, general := range []bool{false, true} {
		for _, old := range older {
			if (len(old.Kinds) == 0) != general || old.To == "" {
				continue
			}
			row := r
			row.To, row.Kinds = old.To, nil
			for _, kind := range r.Kinds {
				if i := slices.Index(left, kind); i >= 0 && (general || slices.Contains(old.Kinds, kind)) {
					row.Kinds = append(row.Kinds, kind)
					left = slices.Delete(left, i, i+1)
				}
			}
			if len(row.Kinds) > 0 {
				rows = append(rows, row)
			}
		}
	}
	if len(left) > 0 {
		r.Kinds = left
		rows = append(rows, r)
	}
	return rows
}

// WriteTo writes the table as CSV.
func (t *StringTable) WriteTo(w io.Writer) (n int64, err error) {
	counted := &countedWriter{w: w}
	out := csv.NewWriter(counted)
	err = out.Write([]string{"from", "to", "kind", "where", "count"})
	for _, row := range t.Rows {
		var kinds []string
		for _, kind := range row.Kinds {
			kinds = append(kinds, string(kind))
		}
		err = errors.Join(err, out.Write([]string{row.From, row.To, strings.Join(kinds, " "), row.Where, strconv.Itoa(row.Count)}))
	}
	out.Flush()
	return counted.n, errors.Join(err, out.Error())
}

// countedWriter counts what it writes.
type countedWriter struct {
	w io.Writer
	n int64
}

func (c *countedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// ReadStringTable reads a table of strings. The error says everything that is wrong with it.
func ReadStringTable(path string) (*StringTable, error) {
	t := readTable(path, path)
	var errs []error
	for _, wrong := range t.wrong {
		errs = append(errs, errors.New(wrong))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &t.StringTable, nil
}

// table is a table of strings as it is read: its rows, what is to be translated, and what is wrong with it.
type table struct {
	StringTable
	strings map[string]string
	byKind  map[tds.TextKind]map[string]string
	wrong   []string // in lines that begin with the place
	hint    string
}

// maxTable is the largest table of strings that is read.
const maxTable = 64 << 20

// readTable reads a table of strings, which problems call by a name.
func readTable(path, name string) *table {
	f, err := os.Open(path)
	switch {
	case os.IsNotExist(err):
		return &table{wrong: []string{fmt.Sprintf("there is no file %q", name)}, hint: nearestFile(path)}
	case err != nil:
		return &table{wrong: []string{fmt.Sprintf("the file %q cannot be read: %v", name, err)}}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxTable+1))
	switch {
	case err != nil:
		return &table{wrong: []string{fmt.Sprintf("the file %q cannot be read: %v", name, err)}}
	case len(text) > maxTable:
		return &table{wrong: []string{fmt.Sprintf("%s: more than %d bytes", name, maxTable)}}
	case !utf8.Valid(text):
		return &table{wrong: []string{name + ": it is not UTF-8"}, hint: "save it as CSV in UTF-8"}
	}
	content := strings.TrimPrefix(string(text), "\ufeff")
	p := &tableParser{
		table: table{strings: map[string]string{}, byKind: map[tds.TextKind]map[string]string{}}, name: name,
		csv: csv.NewReader(strings.NewReader(content)), lines: map[tds.TextKind]map[string]int{},
	}
	p.csv.Comma = separator(content)
	p.parse()
	return &p.table
}

// separator is what stands between the columns of a table: the semicolon or tab that its first line has, if that has no
// comma.
func separator(content string) rune {
	head, _, _ := strings.Cut(content, "\n")
	if i := strings.IndexAny(head, ";\t"); i >= 0 && !strings.Contains(head, ",") {
		return rune(head[i])
	}
	return ','
}

// tableParser reads CSV with the columns from and to, and maybe others. A row without to leaves its string as it is, one
// without kinds is for all of them.
type tableParser struct {
	table
	name                         string
	csv                          *csv.Reader
	from, to, kind, where, count int                             // columns, -1 for one that is not there
	lines                        map[tds.TextKind]map[string]int // of what is to be translated; for all kinds under ""
}

func (p *tableParser) problem(column int, format string, args ...any) {
	line, col := p.csv.FieldPos(column)
	p.wrong = append(p.wrong, fmt.Sprintf("%s:%d:%d: ", p.name, line, col)+fmt.Sprintf(format, args...))
}

func (p *tableParser) parse() {
	p.csv.FieldsPerRecord = -1
	head, err := p.csv.Read()
	if errors.Is(err, io.EOF) {
		p.wrong = append(p.wrong, p.name+": the table is empty")
		return
	}
	column := func(title string) int {
		return slices.IndexFunc(head, func(is string) bool { return strings.TrimSpace(is) == title })
	}
	p.from, p.to, p.kind, p.where, p.count = column("from"), column("to"), column("kind"), column("where"), column("count")
	if err == nil && (p.from < 0 || p.to < 0) {
		p.problem(0, "the first line must name the columns from and to")
		p.hint = "a table of strings is CSV with commas, semicolons or tabs between the columns: from,to"
		return
	}
	for {
		var row []string
		if err == nil {
			row, err = p.csv.Read()
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			p.wrong = append(p.wrong, fmt.Sprintf("%s:%d:%d: %v", p.name, bad.Line, bad.Column, bad.Err))
			return
		}
		if len(row) <= max(p.from, p.to) {
			p.problem(0, "the row has %d columns, and the first line names %d", len(row), len(head))
			continue
		}
		p.row(row)
	}
}

// row reads a row.
func (p *tableParser) row(row []string) {
	cell := func(column int) string {
		if column < 0 || column >= len(row) {
			return ""
		}
		return row[column]
	}
	r := StringRow{From: cell(p.from), To: cell(p.to), Where: cell(p.where)}
	r.Count, _ = strconv.Atoi(cell(p.count)) // which is for people
	for _, word := range strings.Fields(cell(p.kind)) {
		if kind := tds.TextKind(word); slices.Contains(tds.TextKinds(), kind) {
			r.Kinds = append(r.Kinds, kind)
			continue
		}
		p.problem(p.kind, "unknown kind %q", word)
		p.hint = suggest(word, kindNames())
	}
	if r.From == "" {
		p.problem(p.from, "from is empty")
		return
	}
	p.Rows = append(p.Rows, r)
	if r.To == "" { // not translated yet
		return
	}
	kinds := r.Kinds
	if len(kinds) == 0 {
		kinds = []tds.TextKind{""}
	}
	for _, kind := range kinds {
		p.means(r, kind)
	}
}

// means notes what a string becomes in texts of a kind, or of any under "".
func (p *tableParser) means(r StringRow, kind tds.TextKind) {
	words := p.strings
	if kind != "" {
		if words = p.byKind[kind]; words == nil {
			words = map[string]string{}
			p.byKind[kind] = words
		}
	}
	if p.lines[kind] == nil {
		p.lines[kind] = map[string]int{}
	}
	old, twice := words[r.From]
	switch line, _ := p.csv.FieldPos(p.from); {
	case !twice:
		words[r.From], p.lines[kind][r.From] = r.To, line
	case old != r.To:
		p.problem(p.from, "%q is to be %q here, and %q on line %d", r.From, r.To, old, p.lines[kind][r.From])
	}
}

// TextKinds returns the kinds of texts with these names. The error of one that is not there names the nearest one.
func TextKinds(names []string) (kinds []tds.TextKind, err error) {
	for _, name := range names {
		if !slices.Contains(kindNames(), name) {
			return nil, unknown(fmt.Sprintf("kind of texts %q", name), name, kindNames())
		}
		kinds = append(kinds, tds.TextKind(name))
	}
	return kinds, nil
}

// kindNames are the kinds of texts.
func kindNames() (names []string) {
	for _, kind := range tds.TextKinds() {
		names = append(names, string(kind))
	}
	return names
}
