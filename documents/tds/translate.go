package tds

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Translation says how what people see of fields is put into another language.
type Translation struct {
	// Strings has what people shall see for what they see: captions, or names where there
	// is no caption. What it has beyond a data source's own does no harm, as one table of
	// strings serves many workbooks.
	Strings map[string]string
	// Aliases translates the words for members, too; the members themselves stay.
	Aliases bool
	// Create makes the column of a field that nobody customised, to hold its caption.
	// Without it such a field keeps its name, with a note.
	Create bool
}

// Translate gives the fields of a data source captions in another language, and tells how
// many captions and aliases have their translation, changed now or so already. The copies
// that views, dashboards and other data sources hold follow where they say the same as the
// data source; another caption is left alone, with a note, and a copy without one stays so
// (format 8). Folders, parameters, formulas and names stay.
//
// Strings that match nothing are a [*NotFoundError]. One that is the translation of another
// is an error where a field or alias is called so, because nobody could tell what it means;
// so are translations that give two fields one caption.
func (ds *Datasource) Translate(t Translation) (matched int, err error) {
	err = ds.el.Document().Atomically("", func() error {
		matched, err = ds.translate(t)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("translating %s: %w", ds, err)
	}
	return matched, nil
}

// translator puts what people see into another language.
type translator struct {
	Translation
	results map[string]string // what strings became, and what became that
	shown   map[string]string // what fields are shown as in the end, and were
	matched int
	there   []string // what people see that has no translation
	kept    []string // names that have one, of fields without a column
}

// meaning is what a text becomes; ok if it is to be changed or is a translation already.
func (t *translator) meaning(text string) (to string, ok bool, err error) {
	to, ok = t.Strings[text]
	from, result := t.results[text]
	switch {
	case text == "":
		return "", false, nil
	case ok && result && to != text:
		return "", false, fmt.Errorf("%s is to be %s, and is what %s is to be", strconv.Quote(text), strconv.Quote(to), strconv.Quote(from))
	case ok && to == "":
		return "", false, fmt.Errorf("%s is to be nothing", strconv.Quote(text))
	case ok:
		if next, chained := t.Strings[to]; chained && next != to {
			return "", false, fmt.Errorf("%s is to be %s, which is to be %s", strconv.Quote(text), strconv.Quote(to), strconv.Quote(next))
		}
		t.matched++
		return to, true, nil
	case result:
		t.matched++
		return text, true, nil
	}
	t.there = append(t.there, strconv.Quote(text))
	return "", false, nil
}

func (ds *Datasource) translate(tr Translation) (int, error) {
	t := &translator{Translation: tr, results: map[string]string{}, shown: map[string]string{}}
	for _, from := range slices.Sorted(maps.Keys(tr.Strings)) {
		if to := tr.Strings[from]; to != from {
			t.results[to] = from
		}
	}
	copies := map[string][]xmledit.Element{}
	for block := range ds.dependencies() {
		for el := range block.Children("column") {
			copies[el.Value("name")] = append(copies[el.Value("name")], el)
		}
	}
	there := map[string]bool{}
	for el := range ds.el.Children("column") {
		name := el.Value("name")
		there[name] = true
		if err := t.column(columnPlaces{el, copies[name]}); err != nil {
			return 0, err
		}
	}
	if err := ds.translateUncustomised(t, there, copies); err != nil {
		return 0, err
	}
	switch {
	case t.matched > 0 && len(t.kept) > 0:
		ds.el.Note("fields without a column of their own keep their names: %s", list(t.kept))
	case t.matched == 0 && len(t.kept) > 0:
		return 0, fmt.Errorf("%w; these have one, but no column of their own, which is made only if that is asked for: %s", t.notFound(ds), list(t.kept))
	case t.matched == 0:
		return 0, t.notFound(ds)
	}
	return t.matched, nil
}

// shows remembers what a field is shown as in the end. Two that people could tell apart must
// not become one; what was called the same stays so.
func (t *translator) shows(c Column, as string) error {
	if c.countsRows() {
		return nil
	}
	was := c.Label()
	if other, twice := t.shown[as]; twice && other != was {
		return fmt.Errorf("the fields %s and %s would both be shown as %s", strconv.Quote(other), strconv.Quote(was), strconv.Quote(as))
	}
	t.shown[as] = was
	return nil
}

func (t *translator) notFound(ds *Datasource) error {
	return &NotFoundError{What: "field with a translation", Where: ds.String(), There: t.there}
}

// column translates a column and its copies.
func (t *translator) column(p columnPlaces) error {
	c := Column{Name: p.master.Value("name"), Caption: p.master.Value("caption"), Datatype: p.master.Value("datatype")}
	label := c.Label()
	to, ok, err := t.meaning(label)
	if !ok {
		to = label
	}
	if err == nil {
		err = t.shows(c, to)
	}
	if err == nil && ok && (to != label || c.Caption != "") { // also what is so already: it is claimed
		err = p.changeAttr("caption", "caption", to)
	}
	if err != nil || !t.Aliases {
		return err
	}
	return t.aliases(p)
}

// aliases translates the words for members of a column and its copies.
func (t *translator) aliases(p columnPlaces) error {
	byKey := map[xmledit.Element]map[string]xmledit.Element{} // of each column
	for _, column := range append([]xmledit.Element{p.master}, p.copies...) {
		byKey[column] = map[string]xmledit.Element{}
		for a := range column.Child("aliases").Children("alias") {
			byKey[column][a.Value("key")] = a
		}
	}
	for a := range p.master.Child("aliases").Children("alias") {
		key := a.Value("key")
		to, ok, err := t.meaning(a.Value("value"))
		if err == nil && ok {
			err = p.change("alias of "+key, to,
				func(column xmledit.Element) string { return byKey[column][key].Value("value") },
				func(column xmledit.Element, to string) error { return byKey[column][key].SetAttr("value", to) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// translateUncustomised translates the fields that have no column.
func (ds *Datasource) translateUncustomised(t *translator, there map[string]bool, copies map[string][]xmledit.Element) error {
	var columns []*xmledit.Node
	for r := range ds.metadata() {
		c := uncustomised(r)
		if c.Name == "" || there[c.Name] {
			continue
		}
		there[c.Name] = true
		to, ok, err := t.meaning(c.Label())
		if err != nil {
			return err
		}
		as := c.Label()
		if ok && t.Create {
			as = to
		}
		if err := t.shows(c, as); err != nil {
			return err
		}
		switch {
		case !ok || to == c.Label():
		case !t.Create:
			t.matched--
			t.kept = append(t.kept, strconv.Quote(c.Label()))
		default:
			for _, el := range copies[c.Name] {
				if is := el.Value("caption"); is == c.Caption {
					if err := el.SetAttr("caption", to); err != nil {
						return err
					}
				}
			}
			c.Caption = to
			columns = append(columns, c.node())
		}
	}
	slices.SortStableFunc(columns, func(a, b *xmledit.Node) int { return strings.Compare(nodeAttr(a, "name"), nodeAttr(b, "name")) })
	return ds.insertColumns(columns)
}
