package documents

import (
	"iter"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// A Distinction is something that two files say differently, in the words of people: once, however many places of the documents
// say it.
type Distinction struct {
	// Of is what it belongs to, from the outside in: data source "Orders", connection "warehouse". It is empty for what is of the
	// whole document, and the package for an entry.
	Of []string
	// What is the property that differs: dbname, value, formula. It is empty if the thing itself is there in one file only, and of
	// a filter, which is one property. Of what has no name here it is the rest of the path.
	What string
	Kind DifferenceKind
	// From and To are what the files say, "" for nothing. They show no passwords: of those they are the same.
	From, To string
	// Places is how many places of the document say it. Path, Line and Col are the first of them: in the first document, or in the
	// second one where it is only there. Entry is the entry of the package.
	Places    int
	Path      string
	Line, Col int
	Entry     string
	// ByServer says why this is a server's own doing in all places, see [Difference.ByServer]; "" if it is not.
	ByServer string
}

// Diff lists how two files differ, by meaning: data sources with their connections, tables, queries, filters, fields and extracts,
// parameters, views, entries of the package. What [Compare] finds different is in it, all of it, be it by its path alone; so two
// files without a distinction are the same in all that Compare looks at. It comes in the order of the documents. The sequence can
// end with an error.
func Diff(a, b *File) iter.Seq2[Distinction, error] {
	return func(yield func(Distinction, error) bool) {
		m := meanings{a: a, b: b, at: map[distinctionKey]int{}, labels: map[[2]string]string{}, renamed: renamedSheets(a, b)}
		c := &comparison{yield: func(d difference) bool {
			m.add(d)
			return true
		}}
		c.roots(a.doc, b.doc)
		err := c.entries(a, b)
		for _, d := range m.all {
			if !yield(d, nil) {
				return
			}
		}
		if err != nil {
			yield(Distinction{}, err)
		}
	}
}

// distinctionKey is what makes distinctions of several places the same.
type distinctionKey struct {
	of, what, from, to string
	kind               DifferenceKind
}

// meanings gathers distinctions.
type meanings struct {
	a, b *File
	all  []Distinction
	at   map[distinctionKey]int // of all

	labels  map[[2]string]string // of fields, by the internal names of the data source and the field
	renamed map[[2]string]string // labels of sheets by their names in both files, where those differ
}

// renamedSheets finds the sheets that have another name in each file, by their identifiers.
func renamedSheets(a, b *File) map[[2]string]string {
	sheets := func(f *File) map[string]xmledit.Element {
		byID := map[string]xmledit.Element{}
		for _, kind := range []string{"worksheet", "dashboard"} {
			for el := range f.doc.Root().Child(kind + "s").Children(kind) {
				if id := el.Child("simple-id").Value("uuid"); id != "" {
					byID[id] = el
				}
			}
		}
		return byID
	}
	renamed, after := map[[2]string]string{}, sheets(b)
	for id, el := range sheets(a) {
		if was, is := el.Value("name"), after[id].Value("name"); is != "" && was != is {
			renamed[[2]string{was, is}] = el.Name() + " " + strconv.Quote(was)
		}
	}
	return renamed
}

func (m *meanings) add(d difference) {
	one := m.meaning(d)
	one.Path, one.Line, one.Col, one.Entry, one.ByServer, one.Places = d.Path, d.Line, d.Col, d.Entry, d.ByServer, 1
	key := distinctionKey{strings.Join(one.Of, "\x00"), one.What, one.From, one.To, one.Kind}
	if i, known := m.at[key]; known {
		m.all[i].Places++
		if one.ByServer == "" { // it is not the server's doing everywhere
			m.all[i].ByServer = ""
		}
		return
	}
	m.at[key] = len(m.all)
	m.all = append(m.all, one)
}

// meaning says a difference in the words of people.
func (m *meanings) meaning(d difference) Distinction {
	out := Distinction{Kind: d.Kind, From: d.Want, To: d.Have}
	if d.Entry != "" {
		out.Of, out.What = []string{"package"}, d.Entry
		return out
	}
	if sheet := m.renamed[[2]string{d.Want, d.Have}]; sheet != "" && d.Kind == DifferenceChanged && d.attr != "" {
		out.Of, out.What = []string{sheet}, "name"
		return out
	}
	before, after := m.place(m.a, d.want), m.place(m.b, d.have)
	at := before
	if d.Kind == DifferenceAdded && d.alone() {
		at = after
	}
	out.Of = at.of
	if d.alone() && at.unit.Exists() && at.unit == at.el { // the thing itself
		words := redact("", m.words(at))
		out.From, out.To = words, ""
		if d.Kind == DifferenceAdded {
			out.From, out.To = "", words
		}
		return out
	}
	if d.Kind == DifferenceOrder {
		out.What = strings.TrimPrefix(at.rest(d.Path)+" order", " ")
		return out
	}
	what, from, to := m.property(d, before, after)
	if what != nil {
		out.What, out.Kind = *what, DifferenceChanged
		if from != to {
			out.From, out.To = redact(d.Path, from), redact(d.Path, to)
		} else {
			out.Kind = d.Kind
		}
		return out
	}
	out.What = at.rest(d.Path)
	return out
}
