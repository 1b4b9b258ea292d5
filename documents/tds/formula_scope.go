package tds

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// names are the internal names that formulas may use for the fields, or parameters, of one
// data source, and the captions people know them by.
type names struct {
	what      string // field or parameter
	where     string
	qualifier string              // the data source by its internal name, in brackets; "" of parameters
	internal  map[string]string   // the caption of each
	captions  map[string][]string // the internal names of each
	labels    []string
}

func newNames(what, where, qualifier string) *names {
	return &names{what: what, where: where, qualifier: qualifier, internal: map[string]string{}, captions: map[string][]string{}}
}

func (n *names) add(name, caption string) {
	if n.has(name) {
		return
	}
	n.internal[name] = caption
	if caption != "" {
		n.captions[caption] = append(n.captions[caption], name)
	} else {
		caption = Unbracket(name)
	}
	n.labels = append(n.labels, caption)
}

func (n *names) has(name string) bool {
	_, ok := n.internal[name]
	return ok
}

// find gives the internal name for a name in brackets as documents have it, where it is
// internal before it is a caption: it may be the caption of another field (format 8).
func (n *names) find(name, written string) (string, error) {
	if n.has(name) {
		return name, nil
	}
	return n.findByPeople(name, written)
}

// findByPeople gives the internal name for a name in brackets as people write it: by
// internal name or by caption. One that is both, of two fields, is an [*AmbiguousError],
// which says how each is written: a formula that decides what people see must not depend on
// a guess. written is the qualifier with its dot.
func (n *names) findByPeople(name, written string) (string, error) {
	caption, found := Unbracket(name), n.meanings(name)
	what := n.what + " " + strconv.Quote(caption)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", &NotFoundError{What: what, Where: n.where, There: closestFirst(caption, n.labels)}
	}
	err := error(&AmbiguousError{What: what, Where: n.where, Matches: found})
	var sure []string
	for _, meant := range found {
		if ref := n.unmistakable(meant, written); ref != "" {
			sure = append(sure, ref)
		}
	}
	if len(sure) > 0 {
		err = fmt.Errorf("%w; write %s", err, strings.Join(sure, " or "))
	}
	return "", err
}

// meanings are the internal names of what a name in brackets may mean.
func (n *names) meanings(name string) []string {
	var found []string
	if n.has(name) {
		found = append(found, name)
	}
	for _, other := range n.captions[Unbracket(name)] {
		if other != name {
			found = append(found, other)
		}
	}
	return found
}

// unmistakable is how people write one that has a name with several meanings: by its
// caption, its internal name, or that behind the internal name of its data source.
func (n *names) unmistakable(name, written string) string {
	if caption := n.internal[name]; caption != "" && len(n.meanings(bracket(caption))) == 1 {
		return written + bracket(caption)
	}
	if len(n.meanings(name)) == 1 {
		return written + name
	}
	if n.qualifier == "" {
		return ""
	}
	return n.qualifier + "." + name
}

// closestFirst is names with those first that begin like name.
func closestFirst(name string, names []string) []string {
	same := func(other string) int {
		a, b, n := strings.ToLower(name), strings.ToLower(other), 0
		for n < len(a) && n < len(b) && a[n] == b[n] {
			n++
		}
		return n
	}
	out := slices.Clone(names)
	slices.SortStableFunc(out, func(a, b string) int { return same(b) - same(a) })
	return out
}

// formulaScope is what the formulas of a data source can refer to.
type formulaScope struct {
	ds         *Datasource
	own        *names
	parameters *names
	foreign    map[string]*names // of other data sources, by internal name, as they are needed
}

func (ds *Datasource) formulaScope() *formulaScope {
	s := &formulaScope{ds: ds, own: ds.fieldNames(), foreign: map[string]*names{}}
	s.parameters = newNames("parameter", "", "")
	for p := range ds.parameters().each() {
		s.parameters.add(p.name(), p.caption())
	}
	return s
}

// fieldNames are the names of fields and sets.
func (ds *Datasource) fieldNames() *names {
	n := newNames("field", ds.String(), bracket(ds.Name()))
	for f := range ds.fields() {
		n.add(f.name, f.caption())
	}
	for set := range ds.el.Children("group") {
		n.add(set.Value("name"), set.Value("caption"))
	}
	return n
}

// tableColumn qualifies the columns that stand for tables as a whole (format 6.3).
const tableColumn = "[__tableau_internal_object_id__]"

// resolve gives a reference the form that documents have: internal names, qualified where
// it is a parameter or of another data source. stored says that it stands in a document
// already. Behind the internal name of a data source, names are internal as far as they can
// be, too.
func (s *formulaScope) resolve(ref string, stored bool) (string, error) {
	written, field := splitReference(ref)
	switch {
	case s.own.has(ref) && (stored || written != "") || written == tableColumn:
		return ref, nil
	case written == "":
		return s.own.findByPeople(ref, "")
	}
	n, qualifier, err := s.namesOf(written)
	if err != nil {
		return "", err
	}
	find := n.findByPeople
	if stored || qualifier == written && n != s.parameters {
		find = n.find
	}
	found, err := find(field, written+".")
	if err != nil || qualifier == "" {
		return found, err
	}
	return qualifier + "." + found, nil
}

// namesOf are the names that a qualifier stands before, and the qualifier as documents
// write it, "" if they write none.
func (s *formulaScope) namesOf(qualifier string) (*names, string, error) {
	name := Unbracket(qualifier)
	switch name {
	case parametersName:
		return s.parameters, qualifier, nil
	case s.ds.Name():
		return s.own, qualifier, nil
	case s.ds.Caption():
		return s.own, "", nil
	}
	var captioned []*Datasource
	var there []string
	for el := range s.ds.el.Parent().Children("datasource") {
		other := Wrap(el)
		if other.Name() == name {
			captioned = []*Datasource{other}
			break
		}
		if other.Caption() == name {
			captioned = append(captioned, other)
		}
		there = append(there, strconv.Quote(other.Label()))
	}
	what := "data source " + strconv.Quote(name)
	switch len(captioned) {
	case 0:
		return nil, "", &NotFoundError{What: what, There: there}
	case 1:
	default:
		var matches []string
		for _, other := range captioned {
			matches = append(matches, other.Name())
		}
		return nil, "", &AmbiguousError{What: what, Matches: matches}
	}
	other := captioned[0]
	if s.foreign[other.Name()] == nil {
		s.foreign[other.Name()] = other.fieldNames()
	}
	return s.foreign[other.Name()], bracket(other.Name()), nil
}

// formula gives a formula as people write it the form that documents have. self is the
// field it is for, none if that is new; what it says already means what it means there.
func (s *formulaScope) formula(formula string, self Column) (string, error) {
	stored := sameLines(self.Formula, formula)
	if _, err := scanFormula(formula); err != nil && !stored {
		return "", fmt.Errorf("its formula: %w", err)
	}
	out, err := rewriteFormula(formula, func(ref string) (string, error) { return s.resolve(ref, stored) })
	if err != nil {
		return "", fmt.Errorf("its formula: %w", err)
	}
	if self.Name == "" {
		return out, nil
	}
	formulas := s.ds.formulasByName()
	seen := map[string]bool{}
	var refers func(string) bool
	refers = func(formula string) bool {
		for _, ref := range references(formula) {
			if qualifier, field := splitReference(ref); Unbracket(qualifier) == s.ds.Name() {
				ref = field
			}
			if ref == self.Name {
				return true
			}
			if !seen[ref] {
				seen[ref] = true
				if refers(formulas[ref]) {
					return true
				}
			}
		}
		return false
	}
	if refers(out) {
		return "", fmt.Errorf("its formula: it refers to itself")
	}
	return out, nil
}
