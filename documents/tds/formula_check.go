package tds

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// part is a call of a function in a formula, or a reference to a field.
type part struct {
	text  string // the name of the function in capitals, or the reference
	args  int    // of a call
	inLOD bool   // it is inside a level of detail expression: {FIXED [Region] : SUM([Sales])}
	call  bool
}

// opening is a parenthesis or brace that is still to be closed.
type opening struct {
	char     byte
	at       int    // in the formula
	function string // that is called, in capitals
	commas   int
}

// closing is what closes each.
var closing = map[byte]byte{'(': ')', '{': '}'}

// formulaScan reads a formula from left to right.
type formulaScan struct {
	formula string
	parts   []part
	open    []opening
	word    string // the name that was read last, if nothing came after it
}

// scanFormula lists the calls and references of a formula. A parenthesis, bracket or brace
// without its other half is an error, and so is a string or comment without an end.
func scanFormula(formula string) ([]part, error) {
	tokens, err := tokenize(formula)
	if err != nil {
		return nil, err
	}
	s := &formulaScan{formula: formula}
	at := 0
	for _, t := range tokens {
		switch t.kind {
		case reference:
			s.parts = append(s.parts, part{text: t.text, inLOD: s.inLOD()})
			s.word = ""
		case literal:
			s.word = ""
		case code:
			if err := s.code(t.text, at); err != nil {
				return nil, err
			}
		}
		at += len(t.text)
	}
	if n := len(s.open); n > 0 {
		return nil, fmt.Errorf("the %c at %s is not closed", s.open[n-1].char, position(formula, s.open[n-1].at))
	}
	return s.parts, nil
}

func (s *formulaScan) inLOD() bool {
	return slices.ContainsFunc(s.open, func(o opening) bool { return o.char == '{' })
}

// code reads what is no name in brackets, string or comment, and stands at a place of the
// formula.
func (s *formulaScan) code(text string, at int) error {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			end := i + 1
			for end < len(text) && (text[end] == '_' || text[end] >= '0' && text[end] <= '9' || text[end]|0x20 >= 'a' && text[end]|0x20 <= 'z') {
				end++
			}
			s.word = strings.ToUpper(text[i:end])
			i = end - 1
			continue
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			continue
		case c == '#': // a date, which may have commas in it
			if end := strings.IndexByte(text[i+1:], '#'); end >= 0 {
				i += 1 + end
			}
		case c == '(' || c == '{':
			s.open = append(s.open, opening{char: c, at: at + i, function: s.word})
		case c == ',' && len(s.open) > 0:
			s.open[len(s.open)-1].commas++
		case c == ')' || c == '}' || c == ']':
			if err := s.closes(c, at+i); err != nil {
				return err
			}
		}
		s.word = ""
	}
	return nil
}

// closes reads the end of what was opened last.
func (s *formulaScan) closes(c byte, at int) error {
	n := len(s.open)
	if n == 0 || closing[s.open[n-1].char] != c {
		return fmt.Errorf("the %c at %s closes nothing", c, position(s.formula, at))
	}
	o := s.open[n-1]
	s.open = s.open[:n-1]
	if c == ')' && o.function != "" {
		s.parts = append(s.parts, part{text: o.function, args: o.commas + 1, inLOD: s.inLOD(), call: true})
	}
	return nil
}

// position is a place in a formula for people.
func position(formula string, at int) string {
	before := unixLines(formula[:at])
	start := strings.LastIndexByte(before, '\n') + 1
	return fmt.Sprintf("line %d, column %d", strings.Count(before, "\n")+1, utf8.RuneCountInString(before[start:])+1)
}

// aggregates are the functions that make one value of many rows, but for those that
// functionOverRows knows by how they begin.
var aggregates = []string{
	"ATTR", "AVG", "COLLECT", "CORR", "COUNT", "COUNTD", "COVAR", "COVARP", "MAX", "MEDIAN", "MIN", "PERCENTILE",
	"STDEV", "STDEVP", "SUM", "VAR", "VARP",
}

// tableCalculations are the functions that are computed over what a view shows, likewise.
var tableCalculations = []string{"FIRST", "INDEX", "LAST", "LOOKUP", "PREVIOUS_VALUE", "RANK", "SIZE", "TOTAL"}

// overRows says of a part of a formula why it has no value for a single row, "" if it has.
// MIN and MAX of two values have one.
func (p part) overRows() string {
	begins := func(prefix string) bool { return strings.HasPrefix(p.text, prefix) }
	switch {
	case !p.call:
		return ""
	case slices.Contains(tableCalculations, p.text), slices.ContainsFunc([]string{"MODEL_", "RANK_", "RUNNING_", "SCRIPT_", "WINDOW_"}, begins):
		return p.text + " is a table calculation"
	case p.inLOD, (p.text == "MIN" || p.text == "MAX") && p.args > 1:
		return ""
	case slices.Contains(aggregates, p.text), begins("RAWSQLAGG_"):
		return p.text + " is an aggregation"
	}
	return ""
}

// overRows says why a formula has no value for a single row, "" if it has: a function in
// it, or in that of a field it refers to, makes one value of many rows, outside of a level
// of detail expression, or is computed over what a view shows.
func (ds *Datasource) overRows(formula string) string {
	var formulas map[string]string // of all fields, once they are needed
	seen := map[string]bool{}
	var why func(formula string) string
	why = func(formula string) string {
		parts, err := scanFormula(formula)
		if err != nil {
			return "" // nobody can tell
		}
		for _, p := range parts {
			if found := p.overRows(); found != "" {
				return found
			}
		}
		for _, p := range parts {
			qualifier, name := splitReference(p.text)
			if p.call || p.inLOD || qualifier != "" && Unbracket(qualifier) != ds.Name() || seen[name] {
				continue
			}
			seen[name] = true
			if formulas == nil {
				formulas = ds.formulasByName()
			}
			if found := why(formulas[name]); found != "" {
				return found + " in " + name
			}
		}
		return ""
	}
	return why(formula)
}

// formulasByName are the formulas of the calculated fields.
func (ds *Datasource) formulasByName() map[string]string {
	formulas := map[string]string{}
	for el := range ds.el.Children("column") {
		formulas[el.Value("name")] = el.Child("calculation").Value("formula")
	}
	return formulas
}

// perRow checks that a field can filter rows: Tableau filters those before it computes
// anything over them.
func (ds *Datasource) perRow(c Column) error {
	if why := ds.overRows(c.Formula); why != "" {
		return fmt.Errorf("%s has no value for a single row, which a filter of rows needs: %s", strconv.Quote(c.Label()), why)
	}
	return nil
}
