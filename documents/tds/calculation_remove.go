package tds

import (
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// RemoveCalculatedField removes a calculated field, found by its caption or by its internal
// name in brackets, with its instances in the data source, its places in folders and its
// copies in connections. A field that anything else of the document uses is refused, with
// the list of what does: formulas, filters, sets, views. One that is not there is a
// [*NotFoundError].
func (ds *Datasource) RemoveCalculatedField(field string) error {
	err := ds.el.Document().Atomically("", func() error {
		c, err := ds.calculated(field)
		if err != nil {
			return err
		}
		return ds.removeCalculation(c)
	})
	if err != nil {
		return fmt.Errorf("removing calculated field %s of %s: %w", strconv.Quote(field), ds, err)
	}
	return nil
}

func (ds *Datasource) removeCalculation(c Column) error {
	if err := ds.claimCalculation(c.Label(), xmledit.Absent); err != nil {
		return err
	}
	var own []xmledit.Element // what goes with the field
	for el := range ds.el.Children("column", "column-instance") {
		if el.Value("name") == c.Name || el.Name() == "column-instance" && el.Value("column") == c.Name {
			own = append(own, el)
		}
	}
	for _, item := range ds.folderItems() {
		if item.Value("name") == c.Name {
			own = append(own, item)
		}
	}
	for el := range ds.connectionCalculations(c.Name) {
		own = append(own, el)
	}
	if users := ds.users(c.Name, own); len(users) > 0 {
		return fmt.Errorf("it is used by %s", list(users))
	}
	for _, el := range own {
		holder := el.Parent()
		if err := el.Remove(); err != nil {
			return err
		}
		if holder.Name() == "calculations" && !hasChildren(holder) {
			if err := holder.Remove(); err != nil {
				return err
			}
		}
	}
	return nil
}

func hasChildren(el xmledit.Element) bool {
	for range el.Children() {
		return true
	}
	return false
}

// users lists what of the document mentions a field, in words and each once, without what
// is in own.
func (ds *Datasource) users(name string, own []xmledit.Element) []string {
	mine := map[xmledit.Element]bool{}
	for _, el := range own {
		mine[el] = true
	}
	var users []string
	seen := map[string]bool{}
	for el := range ds.el.Document().Root().Descendants() {
		if !ds.mentions(el, name) || within(el, mine) {
			continue
		}
		if user := userOf(el); !seen[user] {
			seen[user] = true
			users = append(users, user)
		}
	}
	return users
}

func within(el xmledit.Element, set map[xmledit.Element]bool) bool {
	for ; el.Exists(); el = el.Parent() {
		if set[el] {
			return true
		}
	}
	return false
}

// mentions tells whether an attribute or the text of an element names a field or an
// instance of it: unqualified in the data source and in blocks of copies, qualified
// anywhere.
func (ds *Datasource) mentions(el xmledit.Element, name string) bool {
	base := strings.Trim(name, "[]")
	named := func(value string, isFormula bool) bool {
		if !isFormula && strings.Contains(value, `\`) { // a name as a member is escaped (format 10.1)
			value = dataValueUnescaper.Replace(value)
		}
		if !strings.Contains(value, base) { // which is nearly always so
			return false
		}
		for qualifier, field := range bracketed(value, isFormula) {
			if !isInstance(field, name) {
				continue
			}
			if qualifier == "" && ds.holds(el) || Unbracket(qualifier) == ds.Name() {
				return true
			}
		}
		return false
	}
	for a := range el.Attrs() {
		if named(a.Value, xmledit.LocalName(a.Name) == "formula") {
			return true
		}
	}
	return !hasChildren(el) && named(el.Text(), false)
}

// holds tells whether el is where fields of ds are named without the data source: in it, or
// in a block of copies of it.
func (ds *Datasource) holds(el xmledit.Element) bool {
	for ; el.Exists(); el = el.Parent() {
		if el == ds.el {
			return true
		}
		if el.Name() == "datasource-dependencies" {
			return el.Value("datasource") == ds.Name()
		}
	}
	return false
}

// bracketed lists the names in brackets in a value, with what qualifies them. Of a formula
// they are its references.
func bracketed(value string, isFormula bool) iter.Seq2[string, string] {
	return func(yield func(qualifier, name string) bool) {
		if tokens, err := tokenize(value); isFormula && err == nil {
			for _, t := range tokens {
				if t.kind == reference && !yield(splitReference(t.text)) {
					return
				}
			}
			return
		}
		for i := 0; i < len(value); i++ {
			if value[i] != '[' {
				continue
			}
			_, end := pieceAt(value, i)
			if end < 0 {
				continue
			}
			if !yield(splitReference(value[i:end])) {
				return
			}
			i = end - 1
		}
	}
}

// instanceEnd is how the names of instances end (format 8).
var instanceEnd = regexp.MustCompile(`:(?:nk|ok|qk)(?::\d+)?\]$`)

// isInstance tells whether a name in brackets is that of a field, or of an instance of it
// in any derivation: [none:Ratio:nk], [pcto:sum:Ratio:qk:1].
func isInstance(name, field string) bool {
	if name == field {
		return true
	}
	at := instanceEnd.FindStringIndex(name)
	return at != nil && strings.HasSuffix(name[:at[0]], ":"+strings.TrimSuffix(strings.TrimPrefix(field, "["), "]"))
}

// userOf says in words what part of the document an element belongs to.
func userOf(el xmledit.Element) string {
	words := ""
	for at := el; at.Exists(); at = at.Parent() {
		switch name := at.Name(); name {
		case "column":
			if words == "" && at.Parent().Name() == "datasource" {
				words = "the formula of " + strconv.Quote(readColumn(at).Label())
			}
		case "filter":
			words = "a filter"
		case "metadata-record":
			words = "the metadata"
		case "group":
			words = "the set " + strconv.Quote(Unbracket(at.Value("name")))
		case "worksheet", "dashboard", "window", "shared-view", "action":
			title := at.Value("name")
			if c := at.Value("caption"); c != "" {
				title = c
			}
			return strings.TrimPrefix(words+" of ", " of ") + name + " " + strconv.Quote(title)
		case "datasource":
			if words == "" {
				return el.Path()
			}
			return strings.TrimPrefix(words+" of ", " of ") + Wrap(at).String()
		}
	}
	return el.Path()
}
