package tds

import (
	"iter"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// passage is stored text as people read it, lines ended by a line feed alone, with where
// every byte of that is stored.
type passage struct {
	stored, text string
	at           []int // of every byte of text, and of its end, where it is stored
	whole        []hit // what must not be cut in pieces
	sql          bool  // text with placeholders of parameters, which are whole
}

// newPassage is the stored text of a query.
func newPassage(stored string) *passage {
	p := &passage{stored: stored, sql: true}
	var text strings.Builder
	for t := range sqlTokens(stored) {
		start := text.Len()
		p.add(&text, t.start, t.text)
		if t.parameter != "" {
			p.whole = append(p.whole, hit{start: start, end: text.Len()})
		}
	}
	p.text, p.at = text.String(), append(p.at, len(stored))
	return p
}

// newPlainPassage is text that is stored as people write it; whole says where it has what
// must not be cut in pieces.
func newPlainPassage(stored string, whole func(string) []hit) *passage {
	p := &passage{stored: stored}
	var text strings.Builder
	p.add(&text, 0, stored)
	p.text, p.at = text.String(), append(p.at, len(stored))
	p.whole = whole(p.text)
	return p
}

// add adds what is stored from at on.
func (p *passage) add(text *strings.Builder, at int, part string) {
	for i := 0; i < len(part); i++ {
		p.at = append(p.at, at+i)
		if part[i] != '\r' {
			text.WriteByte(part[i])
			continue
		}
		text.WriteByte('\n')
		if i+1 < len(part) && part[i+1] == '\n' {
			i++
		}
	}
}

// makes tells whether stored, which is p with replacements at hits, reads as text, and has
// as placeholders just those that stay and those that are written.
func (p *passage) makes(stored, text string, hits []hit, pairs []Replacement) bool {
	if !p.sql {
		return true
	}
	placeholders := len(p.whole)
	for _, h := range hits {
		for _, w := range p.whole {
			if h.start <= w.start && w.end <= h.end {
				placeholders--
			}
		}
		placeholders += len(newPassage(encodeSQL(pairs[h.pair].To)).whole)
	}
	made := newPassage(stored)
	return made.text == text && len(made.whole) == placeholders
}

// cut is what h would cut in pieces, "" if nothing.
func (p *passage) cut(h hit) string {
	inside := func(at int, w hit) bool { return w.start < at && at < w.end }
	for _, w := range p.whole {
		if inside(h.start, w) || inside(h.end, w) {
			return p.text[w.start:w.end]
		}
	}
	return ""
}

// initialSQL lists the connections that have initial SQL, with it.
func (ds *Datasource) initialSQL() iter.Seq2[xmledit.Element, *passage] {
	return func(yield func(xmledit.Element, *passage) bool) {
		for c := range ds.Connections() {
			sql, ok := c.el.Attr("one-time-sql")
			if ok && !yield(c.el, newPlainPassage(sql, func(string) []hit { return nil })) {
				return
			}
		}
	}
}

// formulas lists the formulas of calculated fields with all their copies: those of
// connections and of the extract (format 6.7), and those of the views that use the field.
func (ds *Datasource) formulas() iter.Seq2[xmledit.Element, *passage] {
	return func(yield func(xmledit.Element, *passage) bool) {
		list := func(calculation xmledit.Element) bool {
			formula, ok := calculation.Attr("formula")
			if class := calculation.Value("class"); !ok || class != "" && class != "tableau" {
				return true
			}
			return yield(calculation, newPlainPassage(formula, namesIn))
		}
		columns := func(holder xmledit.Element) bool {
			for column := range holder.Children("column") {
				for calculation := range column.Children("calculation") {
					if !list(calculation) {
						return false
					}
				}
			}
			return true
		}
		if !columns(ds.el) {
			return
		}
		for calculation := range ds.connectionCalculations("") {
			if !list(calculation) {
				return
			}
		}
		for block := range ds.dependencies() {
			if !columns(block) {
				return
			}
		}
	}
}

// namesIn finds the names of fields, parameters and data sources in a formula.
func namesIn(formula string) (found []hit) {
	tokens, _ := tokenize(formula)
	end := 0
	for _, t := range tokens {
		start := end
		end += len(t.text)
		if t.kind != reference {
			continue
		}
		qualifier, field := splitReference(t.text)
		if qualifier != "" {
			found = append(found, hit{start: start, end: start + len(qualifier)})
		}
		found = append(found, hit{start: end - len(field), end: end})
	}
	return found
}
