package templates

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// newCSVSource is the source of a CSV file.
func newCSVSource(file string, text []byte) *source {
	s := &source{file: file, text: string(bytes.TrimPrefix(text, []byte("\ufeff"))), breaks: "\n"}
	s.hidden = sync.OnceValue(s.secretCells)
	s.findLines()
	return s
}

// csvReader reads the rows of a source.
func (s *source) csvReader() *csv.Reader {
	r := csv.NewReader(strings.NewReader(s.text))
	r.Comma = separator(s.text)
	r.FieldsPerRecord = -1 // the decoder tells of what is too long or too short, and goes on
	return r
}

// cell returns the place of a cell of the row that was read last.
func (s *source) cell(r *csv.Reader, i int) location { return s.byteColumn(r.FieldPos(i)) }

// byteColumn returns a place whose column is counted in bytes.
func (s *source) byteColumn(line, col int) location {
	text := s.rawLine(line)
	return location{s, line, utf8.RuneCountInString(text[:min(max(0, col-1), len(text))]) + 1}
}

// secretCells returns where the cells are that are not shown: those of vars that are named like passwords.
func (s *source) secretCells() []span {
	r := s.csvReader()
	head, _ := r.Read()
	var secret []int
	for i, name := range head {
		if nearest(name[strings.LastIndex(name, ".")+1:], secretKeys) != "" {
			secret = append(secret, i)
		}
	}
	if secret == nil {
		return nil
	}
	var out []span
	for begin := int(r.InputOffset()); ; begin = int(r.InputOffset()) {
		row, err := r.Read()
		end := int(r.InputOffset())
		switch {
		case errors.Is(err, io.EOF):
			return out
		case err != nil: // so that it is not known where its cells are
			out = append(out, span{begin, end})
			continue
		}
		for _, i := range secret {
			if i >= len(row) {
				continue
			}
			stop := end
			if i+1 < len(row) {
				line, col := r.FieldPos(i + 1)
				stop = s.lines[line-1] + col - 2 // without the separator
			}
			line, col := r.FieldPos(i)
			out = append(out, span{s.lines[line-1] + col - 1, stop})
		}
	}
}

// A csvColumn is what the cells of a column mean.
type csvColumn struct {
	set  func(spec *siteSpec, text string, at location) // for the columns that are no vars
	path []string                                       // of the var
	like any                                            // the default of the var, nil for none
}

// csvColumns are the columns that are no vars.
var csvColumns = map[string]func(d *manifestDecoder, spec *siteSpec, text string, at location){
	"site": func(_ *manifestDecoder, spec *siteSpec, text string, at location) { spec.key, spec.at = text, at },
	"content_url": func(_ *manifestDecoder, spec *siteSpec, text string, at location) {
		spec.contentURL, spec.contentURLAt = text, at
	},
	"project": func(d *manifestDecoder, spec *siteSpec, text string, at location) {
		spec.project = text
		d.checkProject(at, text)
	},
}

// csvFile decodes a file with a site in each row. Its first row names what the columns are.
func (d *manifestDecoder) csvFile(name string, src *source, defaults siteSettings) {
	if !utf8.ValidString(src.text) {
		d.report(location{src: src}.problem("save it as CSV in UTF-8", "the file is not UTF-8"))
		return
	}
	r := src.csvReader()
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		d.report(location{src: src}.problem("its first line names the columns: site,content_url,project and vars", "the file is empty"))
		return
	}
	before := len(d.found)
	var columns []csvColumn
	if err == nil {
		columns = d.csvHead(src, r, head, defaults)
	} else {
		d.report(src.csvProblem(err))
	}
	if len(d.found) > before {
		return // the rows would be wrong for want of their columns
	}
	r.ReuseRecord = true
	rows := 0
	for ; ; rows++ {
		row, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			if rows == 0 {
				d.report(src.place(1, 1).problem("", "no site is in the file: there is no row below the columns"))
			}
			return
		case err != nil:
			d.report(src.csvProblem(err))
		case len(row) != len(columns):
			d.report(src.cell(r, 0).problem("put a cell with a separator in it in quotes",
				"the row has %d cells, and the first row has %d columns", len(row), len(columns)))
		default:
			d.csvRow(src, r, row, columns, defaults)
		}
	}
}

// csvProblem is what the reader of CSV has to say, at its place.
func (s *source) csvProblem(err error) *Problem {
	wrong, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case !ok:
		return location{src: s}.problem("", "%v", err)
	case errors.Is(err, csv.ErrQuote) && wrong.Line > wrong.StartLine:
		return s.byteColumn(wrong.StartLine, 1).problem("", "a cell of this row has a quote that does not end: %v", wrong.Err)
	}
	return s.byteColumn(wrong.Line, wrong.Column).problem(`put the cell in quotes, with "" for each quote in it`, "not CSV: %v", wrong.Err)
}

// csvHead decodes the names of the columns.
func (d *manifestDecoder) csvHead(src *source, r *csv.Reader, head []string, defaults siteSettings) []csvColumn {
	columns := make([]csvColumn, len(head))
	vars := varTree{}
	for i, name := range head {
		at := src.cell(r, i)
		set, known := csvColumns[name]
		switch {
		case slices.Contains(head[:i], name):
			d.report(at.problem("", "there are two columns %q", name))
		case known:
			columns[i].set = func(spec *siteSpec, text string, at location) { set(d, spec, text, at) }
		case name == "":
			d.report(at.problem("name the var that it is, or remove it", "a column has no name"))
		case strings.TrimSpace(name) != name:
			d.report(at.problem("remove the space", "the name of the column %q begins or ends with a space", name))
		default:
			columns[i] = d.csvVar(vars, name, at, defaults)
		}
	}
	if !slices.Contains(head, "site") {
		d.report(src.cell(r, 0).problem(suggestIn("site", head), "no column is named site"))
	}
	return columns
}

// suggestIn returns a hint for a name that is missing among those that are there.
func suggestIn(name string, there []string) string {
	if best := nearest(name, there); best != "" {
		return fmt.Sprintf("rename the column %q", best)
	}
	return "it has the keys of the sites"
}

// A varTree is the columns of a file that are vars: true for one, a tree for those inside one.
type varTree map[string]any

// add adds a column. It returns the one that is in its way, "" for none.
func (t varTree) add(path []string) string {
	for i, name := range path[:len(path)-1] {
		switch below := t[name].(type) {
		case nil:
			next := varTree{}
			t[name], t = next, next
		case varTree:
			t = below
		default:
			return strings.Join(path[:i+1], ".")
		}
	}
	last := path[len(path)-1]
	if t[last] != nil {
		return strings.Join(path, ".") + "."
	}
	t[last] = true
	return ""
}

// csvVar decodes a column that is a var.
func (d *manifestDecoder) csvVar(vars varTree, name string, at location, defaults siteSettings) csvColumn {
	column := csvColumn{path: strings.Split(name, ".")}
	if slices.Contains(column.path, "") {
		d.report(at.problem("", "the column %q has an empty part", name))
		return column
	}
	d.checkVar(column.path[0], at)
	if twin := vars.add(column.path); twin != "" {
		d.report(at.problem("", "the column %q does not go with the column %q: a var is a value or holds others", name, strings.TrimSuffix(twin, ".")))
	}
	column.like = lookUp(defaults.vars, column.path)
	switch column.like.(type) {
	case map[string]any, []any:
		d.report(at.problem("name a column for each value inside it: "+name+".NAME, or put the sites into YAML files",
			"the default of the var %q is %s, which no cell can hold", name, kindOf(column.like)))
	}
	hint := ""
	if best := nearest(name, []string{"site", "content_url", "project"}); best != "" {
		hint = fmt.Sprintf("did you mean the column %q?", best)
	}
	d.leaf(leaf{column.path, at, hint})
	return column
}

// lookUp returns a var, nil for none.
func lookUp(vars map[string]any, path []string) any {
	for _, name := range path[:len(path)-1] {
		vars, _ = vars[name].(map[string]any)
	}
	return vars[path[len(path)-1]]
}

// csvRow decodes a site. What an empty cell would say is left out.
func (d *manifestDecoder) csvRow(src *source, r *csv.Reader, row []string, columns []csvColumn, defaults siteSettings) {
	spec := siteSpec{at: src.cell(r, 0)}
	spec.vars = map[string]any{}
	for i, text := range row {
		switch column := columns[i]; {
		case text == "":
		case column.set != nil:
			column.set(&spec, text, src.cell(r, i))
		default:
			setVar(spec.vars, column.path, d.csvCell(text, column, func() location { return src.cell(r, i) }))
		}
	}
	if spec.key == "" {
		d.report(spec.at.problem("give it a key in the column site, or remove the row", "the row has no site"))
		return
	}
	d.addSite(spec, defaults)
}

// setVar sets a var inside others.
func setVar(vars map[string]any, path []string, value any) {
	for _, name := range path[:len(path)-1] {
		below, ok := vars[name].(map[string]any)
		if !ok {
			below = map[string]any{}
			vars[name] = below
		}
		vars = below
	}
	vars[path[len(path)-1]] = value
}

// csvCell is the value of a cell: text, or what the default of its var is.
func (d *manifestDecoder) csvCell(text string, column csvColumn, at func() location) any {
	if _, isText := column.like.(string); isText || column.like == nil {
		return d.varText(text, at())
	}
	value, ok := readLike(text, column.like)
	if !ok {
		d.report(at().problem("write it as in YAML, or make the default text",
			"the var %q must be %s, as its default is", strings.Join(column.path, "."), kindOf(column.like)))
	}
	return value
}

// readLike reads text as YAML reads what is of the kind of another value: a number, a boolean or a date.
func readLike(text string, like any) (any, bool) {
	switch like.(type) {
	case bool:
		return strings.EqualFold(text, "true"), strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
	case time.Time:
		var date time.Time
		err := (&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!timestamp", Value: text}).Decode(&date)
		return date, err == nil
	}
	if i, err := strconv.Atoi(text); err == nil {
		return i, strconv.Itoa(i) == text
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && strings.Trim(text, "0123456789+-.eE") == "" && strings.ContainsAny(text, ".eE")
}
