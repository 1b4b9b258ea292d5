package tds

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// SQLQuery is a custom SQL query of a data source, with all its copies. It stays valid as
// long as the document does and sees the edits made to it.
type SQLQuery struct{ source }

// SQLQueries lists the custom SQL queries in document order, each once; what an extract
// holds is not among them (format 6.5).
func (ds *Datasource) SQLQueries() iter.Seq[*SQLQuery] {
	return func(yield func(*SQLQuery) bool) {
		for s := range ds.sources(SQLRelation, "custom SQL") {
			if !yield(&SQLQuery{s}) {
				return
			}
		}
	}
}

// SQL is the one custom SQL query that m selects. None is a [*NotFoundError], several are
// an [*AmbiguousError].
func (ds *Datasource) SQL(m RelationMatch) (*SQLQuery, error) {
	return one(ds, m.Describe("custom SQL"), ds.SQLQueries(), func(q *SQLQuery) bool { return q.Matches(m) })
}

// Matches tells whether q has every value of m.
func (q *SQLQuery) Matches(m RelationMatch) bool { return q.matches(m, namedIn(q.Name())) }

// SQL is the query as people write it: < and > as they are, parameters as
// <[Parameters].[Parameter 1]>, by their internal names. Lines end as they do in the
// document.
func (q *SQLQuery) SQL() string { return decodeSQL(q.Raw()) }

// Raw is the query as the document stores it: < and > doubled but for those around
// parameters.
func (q *SQLQuery) Raw() string { return q.copies[0].Text() }

// Set replaces the query, in every copy. The SQL is given as [SQLQuery.SQL] gives it;
// a parameter may also be written with its caption, <[Parameters].[Region]>, or the way
// Tableau shows it, <Parameters.Region>, and is stored by its internal name. One that
// is not there is an error, and so are copies that differ (hard cases 43 and 45).
//
// The SQL stays in the form in which it stands in the document, CDATA or escaped, and its
// lines end as they did there: SQL that differs only in that is the same, and nothing
// changes (hard case 44). The data source gets the copy of a parameter that it needs to
// use one.
func (q *SQLQuery) Set(sql string) error {
	return q.atomically("setting", func() error { return q.set(sql) })
}

func (q *SQLQuery) set(sql string) error {
	if strings.TrimSpace(sql) == "" {
		return errors.New("the SQL is empty")
	}
	if sameLines(sql, q.SQL()) { // which may hold what only looks like a placeholder
		return q.put(q.Raw())
	}
	resolved, used, err := q.ds.resolveSQL(sql)
	if err != nil {
		return err
	}
	if sameLines(resolved, q.SQL()) {
		return q.put(q.Raw())
	}
	if err := q.ds.use(used); err != nil {
		return err
	}
	return q.put(encodeSQL(resolved))
}

// SetRaw replaces the query, in every copy, with text as the document stores it: angle
// brackets are not doubled, and parameters are neither looked for nor checked. Lines end
// as they did.
func (q *SQLQuery) SetRaw(stored string) error {
	return q.atomically("setting", func() error {
		if strings.TrimSpace(stored) == "" {
			return errors.New("the SQL is empty")
		}
		return q.put(stored)
	})
}

// put writes the stored text of all copies, which must agree.
func (q *SQLQuery) put(stored string) error {
	if err := q.agree(func(el xmledit.Element) string { return unixLines(el.Text()) }); err != nil {
		return err
	}
	for _, el := range q.copies {
		text := el.Text()
		if !sameLines(text, stored) {
			text = strings.ReplaceAll(unixLines(stored), "\n", lineEnd(el))
		}
		if err := el.SetText(text); err != nil {
			return err
		}
	}
	return nil
}

// lineEnd is what ends the lines of a query: as they do now, else CR LF, which is what
// Tableau writes (format 1.4).
func lineEnd(el xmledit.Element) string { return cmp.Or(el.LineEnd(), "\r\n") }

// shownStart is how Tableau shows people the beginning of a placeholder.
const shownStart = "<Parameters."

// resolveSQL gives SQL with its parameters by their internal names, and says which they
// are.
func (ds *Datasource) resolveSQL(sql string) (resolved string, used []parameter, err error) {
	var out strings.Builder
	for i := 0; i < len(sql); {
		name, length := cutPlaceholder(sql[i:])
		if length == 0 {
			name, length = ds.cutShown(sql[i:])
		}
		if length == 0 {
			out.WriteByte(sql[i])
			i++
			continue
		}
		p, err := ds.inPlaceholder(name)
		if err != nil {
			return "", nil, fmt.Errorf("the placeholder %s: %w", sql[i:i+length], err)
		}
		used = append(used, p)
		out.WriteString("<" + p.reference() + ">")
		i += length
	}
	return out.String(), used, nil
}

// inPlaceholder finds the parameter of a placeholder, where people may put a caption into the
// brackets of the internal name.
func (ds *Datasource) inPlaceholder(name string) (parameter, error) {
	p, err := ds.parameters().find(name)
	if caption := Unbracket(name); errors.Is(err, ErrNotFound) && caption != name {
		if by, err := ds.parameters().find(caption); !errors.Is(err, ErrNotFound) {
			return by, err
		}
	}
	return p, err
}

// cutShown reads a placeholder as Tableau shows it at the start of s: what people see of
// a parameter that is there, which may hold any character, else what stands up to the
// next > on the line.
func (ds *Datasource) cutShown(s string) (name string, length int) {
	rest, ok := strings.CutPrefix(s, shownStart)
	if !ok {
		return "", 0
	}
	for p := range ds.parameters().each() {
		if label := p.label(); len(label) > len(name) && strings.HasPrefix(rest, label+">") {
			name = label
		}
	}
	if end := strings.IndexAny(rest, ">\r\n"); name == "" && end > 0 && rest[end] == '>' {
		name = rest[:end]
	}
	if name == "" {
		return "", 0
	}
	return name, len(shownStart) + len(name) + len(">")
}
