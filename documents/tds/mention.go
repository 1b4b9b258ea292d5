package tds

import (
	"iter"
	"regexp"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// A Mention is a name in brackets that an attribute or the text of an element has: of a
// field, of an instance of one, of a parameter, of a set.
type Mention struct {
	// Datasource is the internal name of the data source that the name is qualified with;
	// without a qualifier the one it stands in, or whose block of copies it stands in, and
	// empty where there is none.
	Datasource string
	Name       string // in brackets
}

// Of tells whether this mentions a field of a data source, or an instance of it in any
// derivation: [none:Ratio:nk], [pcto:sum:Ratio:qk:1] (format 8).
func (m Mention) Of(datasource, field string) bool {
	return m.Datasource == datasource && isInstance(m.Name, field)
}

// Mentions is for the packages of this module that ask what uses something: the names in
// the attributes and the text of el, those of its children left out. The name of the thing
// itself, where el defines one, is among them.
func Mentions(el xmledit.Element) iter.Seq[Mention] {
	return func(yield func(Mention) bool) {
		around, known := "", false
		mentions := func(value string, isFormula bool) bool {
			if !isFormula && strings.Contains(value, `\`) { // a name as a member is escaped (format 10.1)
				value = dataValueUnescaper.Replace(value)
			}
			if !strings.Contains(value, "[") { // which is nearly always so
				return true
			}
			for qualifier, name := range bracketed(value, isFormula) {
				m := Mention{Unbracket(qualifier), name}
				if qualifier == "" {
					if !known {
						around, known = datasourceAround(el), true
					}
					m.Datasource = around
				}
				if !yield(m) {
					return false
				}
			}
			return true
		}
		for a := range el.Attrs() {
			if !mentions(a.Value, xmledit.LocalName(a.Name) == "formula") {
				return
			}
		}
		if !hasChildren(el) {
			mentions(el.Text(), false)
		}
	}
}

// datasourceAround is the name of the data source whose fields are named without it where
// el stands: in it, or in a block of copies of it.
func datasourceAround(el xmledit.Element) string {
	for ; el.Exists(); el = el.Parent() {
		switch el.Name() {
		case "datasource-dependencies":
			return el.Value("datasource")
		case "datasource":
			return Wrap(el).Name()
		}
	}
	return ""
}

// Users is for the packages of this module that refuse to remove what is used: what of the
// document has a mention that is asked for, in words and each once, without what stands in
// own.
func Users(root xmledit.Element, own []xmledit.Element, is func(Mention) bool) []string {
	mine := map[xmledit.Element]bool{}
	for _, el := range own {
		mine[el] = true
	}
	var users []string
	seen := map[string]bool{}
	for el := range root.Descendants() {
		if !mentioned(el, is) || within(el, mine) {
			continue
		}
		if user := userOf(el); !seen[user] {
			seen[user] = true
			users = append(users, user)
		}
	}
	return users
}

func mentioned(el xmledit.Element, is func(Mention) bool) bool {
	for m := range Mentions(el) {
		if is(m) {
			return true
		}
	}
	return false
}

func within(el xmledit.Element, set map[xmledit.Element]bool) bool {
	for ; el.Exists(); el = el.Parent() {
		if set[el] {
			return true
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
		case "relation":
			if kind := map[string]string{"text": "the custom SQL ", "stored-proc": "the stored procedure "}[at.Value("type")]; kind != "" {
				words = kind + strconv.Quote(at.Value("name"))
			}
		case "story-point":
			words = "a story point"
		case "group":
			words = "the set " + strconv.Quote(Unbracket(at.Value("name")))
		case "worksheet", "dashboard", "story", "window", "shared-view", "action", "nav-action", "edit-parameter-action", "edit-group-action":
			title := at.Value("name")
			if c := at.Value("caption"); c != "" {
				title = c
			}
			return strings.TrimPrefix(words+" of ", " of ") + name + " " + strconv.Quote(title)
		case "datasource":
			if at.Parent().Parent().Name() == "story-point" {
				continue // its values of parameters
			}
			if words == "" {
				return el.Path()
			}
			return strings.TrimPrefix(words+" of ", " of ") + Wrap(at).String()
		}
	}
	return el.Path()
}
