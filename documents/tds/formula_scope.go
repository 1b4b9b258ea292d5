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
	what     string // field or parameter
	where    string
	internal map[string]bool
	captions map[string][]string // the internal names of each
	labels   []string
}

func newNames(what, where string) *names {
	return &names{what: what, where: where, internal: map[string]bool{}, captions: map[string][]string{}}
}

func (n *names) add(name, caption string) {
	if n.internal[name] {
		return
	}
	n.internal[name] = true
	if caption != "" {
		n.captions[caption] = append(n.captions[caption], name)
	} else {
		caption = Unbracket(name)
	}
	n.labels = append(n.labels, caption)
}

// find gives the internal name for a name in brackets, which may be the caption: by
// internal name first, as that may be the caption of another field (format 8).
func (n *names) find(name string) (string, error) {
	if n.internal[name] {
		return name, nil
	}
	caption := Unbracket(name)
	switch found := n.captions[caption]; len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", &NotFoundError{What: n.what + " " + strconv.Quote(caption), Where: n.where, There: closestFirst(caption, n.labels)}
	default:
		return "", &AmbiguousError{What: n.what + " " + strconv.Quote(caption), Where: n.where, Matches: found}
	}
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
	s.parameters = newNames("parameter", "")
	for p := range ds.parameters() {
		s.parameters.add(p.name, p.caption)
	}
	return s
}

// fieldNames are the names of fields and sets.
func (ds *Datasource) fieldNames() *names {
	n := newNames("field", ds.String())
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
// it is a parameter or of another data source.
func (s *formulaScope) resolve(ref string) (string, error) {
	qualifier, field := splitReference(ref)
	switch {
	case s.own.internal[ref] || qualifier == tableColumn:
		return ref, nil
	case qualifier == "":
		return s.own.find(ref)
	}
	n, qualifier, err := s.namesOf(qualifier)
	if err != nil {
		return "", err
	}
	found, err := n.find(field)
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
// internal name of the field it is for, if it has one.
func (s *formulaScope) formula(formula, self string) (string, error) {
	out, err := rewriteFormula(formula, s.resolve)
	if err != nil {
		return "", fmt.Errorf("its formula: %w", err)
	}
	if self == "" {
		return out, nil
	}
	formulas := map[string]string{}
	for el := range s.ds.el.Children("column") {
		formulas[el.Value("name")] = el.Child("calculation").Value("formula")
	}
	seen := map[string]bool{}
	var refers func(string) bool
	refers = func(formula string) bool {
		for _, ref := range references(formula) {
			if qualifier, field := splitReference(ref); Unbracket(qualifier) == s.ds.Name() {
				ref = field
			}
			if ref == self {
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
