package tds

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Replacement is text and what it becomes.
type Replacement struct {
	From string // as people write it; case matters
	To   string // empty takes From away
}

// SQLPlace is a place beside custom SQL in which text is replaced where it is named.
type SQLPlace string

// The places that are known.
const (
	InInitialSQL SQLPlace = "initial_sql" // of the connections of the queries' data sources
	InFormulas   SQLPlace = "formulas"    // of their calculated fields, all copies; not in the names of fields
)

// SQLReplace is text to be replaced in custom SQL.
type SQLReplace struct {
	Replacements []Replacement
	Also         []SQLPlace // where else, beside the custom SQL
	Optional     bool       // text that is found nowhere is no error
}

// ReplaceInSQL replaces text in all custom SQL of the data source; see the function
// [ReplaceInSQL].
func (ds *Datasource) ReplaceInSQL(old, to string) (hits int, err error) {
	return ReplaceInSQL(slices.Collect(ds.SQLQueries()), SQLReplace{Replacements: []Replacement{{old, to}}})
}

// ReplaceInSQL replaces text in custom SQL queries of one document and in the places also
// named, in every copy, and says how often, copies counted (hard case 47). It looks at SQL
// as people write it, with single angle brackets; line ends are alike. What is stored
// beside it stays as it is. At one place the first replacement that fits is made, and what
// one wrote no other one looks at.
//
// Text that is found nowhere is a [*NotFoundError], unless what it was to become is there,
// as it is when everything was replaced before: then nothing changes but a note is made.
// So a second time changes nothing, and replacements that would change their own result
// again are refused. Where the new text has the old one in it, orders in acme.orders, what
// already reads as the new text is taken as done. Where some places are done and others are
// not, nobody can tell whether acme.orders is the result or what the author wrote: that is
// refused, and so is text that stands by itself in some places and in others inside a longer
// word, dev and device. Text that is part of the placeholder of a parameter is not replaced
// but refused; the whole placeholder may be.
func ReplaceInSQL(queries []*SQLQuery, replace SQLReplace) (hits int, err error) {
	if len(queries) == 0 {
		return 0, fmt.Errorf("replacing text: %w", &NotFoundError{What: "custom SQL"})
	}
	r := newReplacing(replace)
	if err := queries[0].ds.el.Document().Atomically("", func() error { return r.run(queries) }); err != nil {
		return 0, fmt.Errorf("replacing text: %w", err)
	}
	return r.hits, nil
}

// replacing is one run of ReplaceInSQL: what it found of each replacement.
type replacing struct {
	SQLReplace
	hits  int
	seen  []map[state]string // the first place of what is in each state
	there [][]func() error   // where it writes what is there already; to be claimed if it is found nowhere
}

func newReplacing(replace SQLReplace) *replacing {
	n := len(replace.Replacements)
	r := &replacing{SQLReplace: replace, seen: make([]map[state]string, n), there: make([][]func() error, n)}
	for i := range r.seen {
		r.seen[i] = map[state]string{}
	}
	return r
}

// state is how text stands there that is to be replaced.
type state int

const (
	alone  state = iota // as a word, or words, of its own
	inside              // inside a longer word
	done                // in what it becomes
)

func (r *replacing) run(queries []*SQLQuery) error {
	if len(r.Replacements) == 0 {
		return errors.New("nothing is to be replaced")
	}
	pairs := slices.Clone(r.Replacements)
	for i, p := range pairs {
		if p.From == "" {
			return errors.New("the text to be replaced is empty")
		}
		pairs[i] = Replacement{unixLines(p.From), unixLines(p.To)}
	}
	var datasources []*Datasource
	for _, q := range queries {
		if err := r.inQuery(q, pairs); err != nil {
			return fmt.Errorf("%s of %s: %w", q, q.ds, err)
		}
		if !slices.ContainsFunc(datasources, func(ds *Datasource) bool { return ds.el == q.ds.el }) {
			datasources = append(datasources, q.ds)
		}
	}
	for _, ds := range datasources {
		for _, place := range r.Also {
			if err := r.beside(ds, place, pairs); err != nil {
				return fmt.Errorf("%s: %w", ds, err)
			}
		}
	}
	if err := r.certain(pairs); err != nil {
		return err
	}
	return r.settle(queries, pairs)
}

// certain refuses replacements for which it is not certain what is meant, whatever the new
// text is: with another one, another query would come out of it.
func (r *replacing) certain(pairs []Replacement) error {
	for i, p := range pairs {
		byItself, isAlone := r.seen[i][alone]
		within, isInside := r.seen[i][inside]
		before, isDone := r.seen[i][done]
		switch {
		case isAlone && isInside:
			return fmt.Errorf("%q stands by itself in %s and inside a longer word in %s: which is meant, more of the text around it must say", p.From, byItself, within)
		case isDone && (isAlone || isInside):
			return fmt.Errorf("%q is to be replaced in %s and what it becomes stands already in %s: which is meant, more of the text around it must say",
				p.From, cmp.Or(byItself, within), before)
		}
	}
	return nil
}

// settle tells what was found nowhere.
func (r *replacing) settle(queries []*SQLQuery, pairs []Replacement) error {
	var missing []string
	for i, p := range pairs {
		switch {
		case len(r.seen[i]) > 0:
		case r.there[i] == nil && r.Optional:
		case r.there[i] == nil:
			missing = append(missing, strconv.Quote(p.From))
		default:
			queries[0].copies[0].Note("replacement %d found nothing to replace: what it writes is there already", i+1)
			for _, claim := range r.there[i] {
				if err := claim(); err != nil {
					return err
				}
			}
		}
	}
	if missing == nil {
		return nil
	}
	var there []string
	for _, q := range queries {
		there = append(there, fmt.Sprintf("%s of %s", q, q.ds))
	}
	return &NotFoundError{What: "text " + strings.Join(missing, ", "), Where: "the SQL", There: there}
}

func (r *replacing) inQuery(q *SQLQuery, pairs []Replacement) error {
	if err := q.agree(func(el xmledit.Element) string { return unixLines(el.Text()) }); err != nil {
		return err
	}
	resolved := slices.Clone(pairs)
	used := make([][]parameter, len(pairs))
	for i, p := range pairs {
		if from, _, err := q.ds.resolveSQL(p.From); err == nil { // else it is looked for as it is
			resolved[i].From = from
		}
		var err error
		if resolved[i].To, used[i], err = q.ds.resolveSQL(p.To); err != nil {
			return err
		}
	}
	for _, el := range q.copies {
		end := lineEnd(el)
		write := func(to string) string { return strings.ReplaceAll(encodeSQL(to), "\n", end) }
		hits, err := r.inPassage(newPassage(el.Text()), q.title(), resolved, write, el.SetText)
		if err != nil {
			return err
		}
		for _, h := range hits {
			if err := q.ds.use(used[h.pair]); err != nil {
				return err
			}
		}
	}
	return nil
}

// beside replaces in a place beside custom SQL.
func (r *replacing) beside(ds *Datasource, place SQLPlace, pairs []Replacement) error {
	var attrs iter.Seq2[xmledit.Element, *passage]
	var attr, end, title string
	switch place {
	case InInitialSQL:
		attr, attrs, end, title = "one-time-sql", ds.initialSQL(), "\r\n", "the initial SQL" // format 1.3
	case InFormulas:
		attr, attrs, end, title = "formula", ds.formulas(), ds.formulaLineEnd(), "the formula"
	default:
		return &NotFoundError{What: "place " + strconv.Quote(string(place)), There: []string{string(InInitialSQL), string(InFormulas)}}
	}
	write := func(to string) string { return strings.ReplaceAll(to, "\n", end) }
	for el, p := range attrs {
		set := func(text string) error { return el.SetAttr(attr, text) }
		at := el.Position().Line
		if _, err := r.inPassage(p, fmt.Sprintf("%s at line %d of the document", title, at), pairs, write, set); err != nil {
			return fmt.Errorf("%s at line %d: %w", attr, at, err)
		}
	}
	return nil
}

// inPassage replaces in one text, which is called title. write gives what a replacement
// becomes as it is stored, set stores the text.
func (r *replacing) inPassage(p *passage, title string, pairs []Replacement, write func(string) string, set func(string) error) ([]hit, error) {
	hits, before := find(p.text, pairs)
	for _, h := range before {
		r.saw(h, done, p, title)
	}
	for _, h := range hits {
		r.saw(h, standing(p.text, h), p, title)
	}
	for i, pair := range pairs {
		if pair.To != "" && strings.Contains(p.text, pair.To) {
			r.there[i] = append(r.there[i], func() error { return set(p.stored) })
		}
	}
	if len(hits) == 0 {
		if len(before) > 0 {
			return nil, set(p.stored) // another rule must not undo it
		}
		return nil, nil
	}
	var stored, text strings.Builder
	from := 0
	for _, h := range hits {
		if whole := p.cut(h); whole != "" {
			return nil, fmt.Errorf("%q stands inside %s, which replacing it would break", pairs[h.pair].From, whole)
		}
		stored.WriteString(p.stored[p.at[from]:p.at[h.start]] + write(pairs[h.pair].To))
		text.WriteString(p.text[from:h.start] + pairs[h.pair].To)
		from = h.end
	}
	r.hits += len(hits)
	stored.WriteString(p.stored[p.at[from]:])
	text.WriteString(p.text[from:])
	if again, _ := find(text.String(), pairs); len(again) > 0 {
		return nil, fmt.Errorf("%q is in what the replacements make, so that a second time would change it again", pairs[again[0].pair].From)
	}
	if !p.makes(stored.String(), text.String(), hits, pairs) {
		return nil, fmt.Errorf("replacing %q would make a placeholder of what is none", pairs[hits[0].pair].From)
	}
	return hits, set(stored.String())
}

// saw keeps in mind where something is in a state, if it is the first.
func (r *replacing) saw(h hit, s state, p *passage, title string) {
	if _, known := r.seen[h.pair][s]; known {
		return
	}
	if !p.sql {
		r.seen[h.pair][s] = title
		return
	}
	before := p.text[:h.start]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	r.seen[h.pair][s] = fmt.Sprintf("%s line %d column %d", title, strings.Count(before, "\n")+1, utf8.RuneCountInString(line)+1)
}

// standing tells how text stands there.
func standing(text string, h hit) state {
	word := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	last := func(s string) rune { r, _ := utf8.DecodeLastRuneInString(s); return r }
	first := func(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }
	found := text[h.start:h.end]
	if word(last(text[:h.start])) && word(first(found)) || word(last(found)) && word(first(text[h.end:])) {
		return inside
	}
	return alone
}

// hit is where a replacement is to be made, or is made already.
type hit struct{ start, end, pair int }

// find finds what is to be replaced, and where the result stands already with what is to be
// replaced in it, which is not replaced again.
func find(text string, pairs []Replacement) (hits, before []hit) {
next:
	for i := 0; i < len(text); {
		for n, p := range pairs {
			switch {
			case strings.Contains(p.To, p.From) && strings.HasPrefix(text[i:], p.To):
				before = append(before, hit{i, i + len(p.To), n})
				i += len(p.To)
				continue next
			case strings.HasPrefix(text[i:], p.From):
				hits = append(hits, hit{i, i + len(p.From), n})
				i += len(p.From)
				continue next
			}
		}
		i++
	}
	return hits, before
}
