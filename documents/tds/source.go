package tds

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// RelationMatch selects custom SQL queries or stored procedures: those that have every
// value given. An empty field matches everything.
type RelationMatch struct {
	Name       string          // the alias, which people see and columns refer to
	Connection ConnectionMatch // what it is read from
}

// Describe is m in words, for what it selects: `custom SQL "Orders"`.
func (m RelationMatch) Describe(what string) string {
	if m.Name != "" {
		what += " " + strconv.Quote(m.Name)
	}
	if m.Connection != (ConnectionMatch{}) {
		what += " on a " + m.Connection.String()
	}
	return what
}

// source is one query or procedure of a data source, with all its copies: in both forms
// of the connection's relation and in the object graph (format 6.2). Copies have the same
// connection and the same name.
type source struct {
	ds     *Datasource
	what   string
	copies []xmledit.Element
}

// sources lists what the data source reads of one kind, each with its copies.
func (ds *Datasource) sources(kind RelationKind, what string) iter.Seq[source] {
	return func(yield func(source) bool) {
		type key struct{ connection, name string }
		var order []key
		copies := map[key][]xmledit.Element{}
		for el := range ds.relations() {
			if RelationKind(el.Value("type")) != kind {
				continue
			}
			k := key{connectionOf(el), el.Value("name")}
			if copies[k] == nil {
				order = append(order, k)
			}
			copies[k] = append(copies[k], el)
		}
		for _, k := range order {
			if !yield(source{ds, what, copies[k]}) {
				return
			}
		}
	}
}

// Datasource is the data source that s belongs to.
func (s source) Datasource() *Datasource { return s.ds }

// Name is the alias, by which columns refer to it and which people see; documents may
// leave it out.
func (s source) Name() string { return s.copies[0].Value("name") }

// Copies is in how many places of the document it stands.
func (s source) Copies() int { return len(s.copies) }

// Connection is what it is read from, nil in a document where that is not there.
func (s source) Connection() *Connection {
	for c := range s.ds.Connections() {
		if c.Name() == connectionOf(s.copies[0]) {
			return c
		}
	}
	return nil
}

// title is what people call s by its name alone.
func (s source) title() string {
	if procedure := readTableName(s.copies[0].Value("stored-proc")); procedure != nil {
		return s.what + " " + describeTable(procedure, s.Name(), "")
	}
	if s.Name() == "" {
		return s.what
	}
	return s.what + " " + strconv.Quote(s.Name())
}

// String tells s from others for people; it holds no secret.
func (s source) String() string {
	text := s.title()
	if c := s.Connection(); c != nil {
		text += " on connection " + strconv.Quote(c.label())
	}
	return text
}

// matches tells whether s has every value of m; named tells whether it has the name.
func (s source) matches(m RelationMatch, named func(string) bool) bool {
	if m.Name != "" && !named(m.Name) {
		return false
	}
	if m.Connection == (ConnectionMatch{}) {
		return true
	}
	c := s.Connection()
	return c != nil && m.Connection.Matches(c)
}

// one is what is selected, if it is one.
func one[T fmt.Stringer](ds *Datasource, what string, all iter.Seq[T], selected func(T) bool) (found T, err error) {
	var matches, there []string
	for x := range all {
		there = append(there, x.String())
		if selected(x) {
			found = x
			matches = append(matches, x.String())
		}
	}
	var none T
	switch len(matches) {
	case 0:
		return none, &NotFoundError{What: what, Where: ds.String(), There: there}
	case 1:
		return found, nil
	}
	return none, &AmbiguousError{What: what, Where: ds.String(), Matches: matches}
}

// agree checks that all copies say the same, see [agree].
func (s source) agree(says func(xmledit.Element) string) error { return agree(s.copies, says, false) }

// agree checks that copies of one fact say the same: if they do not, nobody knows which one
// the data comes from. The error says which differ (hard case 45), and what they say if that
// may be shown.
func agree(copies []xmledit.Element, says func(xmledit.Element) string, shown bool) error {
	var texts []string
	saying := map[string][]xmledit.Element{}
	for _, el := range copies {
		text := says(el)
		if saying[text] == nil {
			texts = append(texts, text)
		}
		saying[text] = append(saying[text], el)
	}
	if len(texts) == 1 {
		return nil
	}
	groups := make([]string, len(texts))
	for i, text := range texts {
		var lines []string
		for _, el := range saying[text] {
			lines = append(lines, strconv.Itoa(el.Position().Line))
		}
		if groups[i] = "line " + list(lines); shown {
			groups[i] = text + " in " + groups[i]
		}
	}
	return fmt.Errorf("its %d copies differ: %s", len(copies), strings.Join(groups, " against "))
}

// atomically runs a verb of s: all or nothing, and its error says where.
func (s source) atomically(doing string, verb func() error) error {
	if err := s.ds.el.Document().Atomically("", verb); err != nil {
		return fmt.Errorf("%s %s of %s: %w", doing, s, s.ds, err)
	}
	return nil
}

// use gives the data source what it needs to use parameters.
func (ds *Datasource) use(parameters []parameter) error {
	for _, p := range parameters {
		if err := ds.copyParameter(ds.el, p); err != nil {
			return fmt.Errorf("parameter %s: %w", strconv.Quote(p.label()), err)
		}
	}
	return nil
}

// namedIn tells whether one of names is the one asked for.
func namedIn(names ...string) func(string) bool {
	return func(name string) bool { return slices.Contains(names, name) }
}
