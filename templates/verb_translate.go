package templates

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// translateSpec puts captions into another language.
var translateSpec = verbSpec{
	key: "translate", what: "a translation", keys: []string{"aliases", "create"},
	decode: decodeTranslate,
}

type translateVerb struct {
	file            *value
	dir             string // of the manifest, where relative paths begin
	aliases, create bool
	tables          sync.Map // a table by path; sites that speak a language share one
}

func decodeTranslate(d *editDecoder) verb {
	v := &translateVerb{dir: d.manifest.secrets.dir}
	d.narrowed()
	d.known["translate"] = func(n *yaml.Node) { v.file = d.text(n, "translate", use{}) }
	d.known["aliases"] = func(n *yaml.Node) { v.aliases = d.flag(n, "aliases") }
	d.known["create"] = func(n *yaml.Node) { v.create = d.flag(n, "create") }
	return v
}

// A table is the strings of a file, or what is wrong with it.
type table struct {
	strings map[string]string
	wrong   []string // in lines that begin with the place
	hint    string
}

type translateRule struct {
	name        string // of the file
	translation tds.Translation
}

func (v *translateVerb) resolve(e *evaluator) rule {
	r := &translateRule{translation: tds.Translation{Aliases: v.aliases, Create: v.create}}
	if r.name = e.selector(v.file); r.name == "" {
		return r
	}
	path := filepath.FromSlash(r.name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(v.dir, path)
	}
	known, ok := v.tables.Load(path)
	if !ok {
		known, _ = v.tables.LoadOrStore(path, readTable(path, r.name))
	}
	t := known.(*table)
	for _, wrong := range t.wrong {
		e.found = append(e.found, v.file.at.problem(t.hint, "%s", wrong))
	}
	r.translation.Strings = t.strings
	return r
}

// maxTable is the largest table of strings that is read.
const maxTable = 64 << 20

// readTable reads a table of strings: CSV with the columns from and to, and maybe others. A row without to leaves its
// string as it is.
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
	return parseTable(strings.TrimPrefix(string(text), "\ufeff"), name)
}

func parseTable(text, name string) *table {
	t := &table{strings: map[string]string{}}
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	wrong := func(column int, format string, args ...any) {
		line, col := r.FieldPos(column)
		t.wrong = append(t.wrong, fmt.Sprintf("%s:%d:%d: ", name, line, col)+fmt.Sprintf(format, args...))
	}
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		t.wrong = append(t.wrong, name+": the table is empty")
		return t
	}
	from, to := -1, -1
	for i, title := range head {
		switch strings.TrimSpace(title) {
		case "from":
			from = i
		case "to":
			to = i
		}
	}
	if err == nil && (from < 0 || to < 0) {
		wrong(0, "the first line must name the columns from and to")
		t.hint = "a table of strings is CSV with commas between the columns: from,to"
		return t
	}
	first := map[string]int{}
	for {
		var row []string
		if err == nil {
			row, err = r.Read()
		}
		if errors.Is(err, io.EOF) {
			return t
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			t.wrong = append(t.wrong, fmt.Sprintf("%s:%d:%d: %v", name, bad.Line, bad.Column, bad.Err))
			return t
		}
		if len(row) <= max(from, to) {
			wrong(0, "the row has %d columns, and the first line names %d", len(row), len(head))
			continue
		}
		line, _ := r.FieldPos(from)
		switch old, twice := t.strings[row[from]]; {
		case row[from] == "":
			wrong(from, "from is empty")
		case row[to] == "": // not translated yet
		case twice && old != row[to]:
			wrong(from, "%q is to be %q here, and %q on line %d", row[from], row[to], old, first[row[from]])
		case !twice:
			t.strings[row[from]], first[row[from]] = row[to], line
		}
	}
}

// apply translates all data sources that the edit is for: a table is for all of them by its nature. It is a mistake if
// nothing in any of them has a translation.
func (r *translateRule) apply(to *Rendering, e resolved) error {
	datasources, err := e.datasources(to.File)
	if err != nil {
		return err
	}
	matched := 0
	var missing []string
	for _, ds := range datasources {
		n, err := ds.Translate(r.translation)
		switch {
		case errors.Is(err, tds.ErrNotFound):
			missing = append(missing, err.Error())
		case err != nil:
			return fmt.Errorf("%s: %w", r.name, err)
		}
		matched += n
	}
	if matched > 0 || e.optional {
		return nil
	}
	if len(missing) == 0 {
		missing = []string{"there is no data source"}
	}
	return fmt.Errorf("nothing has a string of %q: %s", r.name, strings.Join(missing, "; "))
}
