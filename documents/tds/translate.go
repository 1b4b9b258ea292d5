package tds

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Translation says how what people see is put into another language.
type Translation struct {
	// Strings has what people shall see for what they see: texts as [Text] has them. What it
	// has beyond those of a document does no harm, as one table serves many workbooks.
	Strings map[string]string
	// ByKind has what is different for texts of one kind.
	ByKind map[TextKind]map[string]string
	TextSelection
}

// Translate puts the texts of a data source into another language, and tells how many of
// them have their translation, changed now or so already. The copies that views, dashboards
// and other data sources hold follow where they say the same as the data source; another
// caption is left alone, with a note, and a copy without one stays so (format 8, hard case
// 72). Internal names, members and formulas stay. Parameters and sheets are the workbook's:
// the whole file translates them.
//
// Strings that match nothing are a [*NotFoundError]. One that is the translation of another
// is an error where a text reads so, because nobody could tell what it means; so are
// translations that give two things one name that people tell apart by it, and those that
// lose a reference to a field, parameter or sheet, or have one too many.
func (ds *Datasource) Translate(t Translation) (matched int, err error) {
	return TranslateTexts(ds.el, ds.String(), t, ds.WalkTexts)
}

// TranslateTexts is for the packages of this module: it translates the texts that a walk
// comes to. What holds them is named in errors; root is where notes about all of it hang.
func TranslateTexts(root xmledit.Element, name string, tr Translation, walk func(*TextWalk) error) (matched int, err error) {
	err = root.Document().Atomically("", func() error {
		t, err := newTranslator(name, tr)
		if err != nil {
			return err
		}
		if err := walk(t.walk); err != nil {
			return err
		}
		matched = t.matched
		return t.settle(name)
	})
	if err != nil {
		return 0, fmt.Errorf("translating %s: %w", name, err)
	}
	return matched, nil
}

// translator puts what people see into another language.
type translator struct {
	Translation
	walk    *TextWalk
	tables  map[TextKind]*translations
	matched int
	there   []string // what people see that has no translation
	kept    map[*Datasource][]string
	keepers []*Datasource // of kept, in order
}

func newTranslator(name string, tr Translation) (*translator, error) {
	w, err := newTextWalk(name, tr.TextSelection)
	if err != nil {
		return nil, err
	}
	t := &translator{Translation: tr, walk: w, tables: map[TextKind]*translations{}, kept: map[*Datasource][]string{}}
	general, err := newTranslations(tr.Strings)
	if err != nil {
		return nil, err
	}
	for _, kind := range TextKinds() {
		t.tables[kind] = general
		if special := tr.ByKind[kind]; len(special) > 0 {
			all := maps.Clone(tr.Strings)
			if all == nil {
				all = map[string]string{}
			}
			maps.Copy(all, special)
			if t.tables[kind], err = newTranslations(all); err != nil {
				return nil, err
			}
		}
	}
	w.visit = func(text Text) (wording, bool, error) {
		out, ok, err := t.tables[text.Kind].of(text.Text)
		switch {
		case ok && err == nil:
			t.matched++
		case err == nil:
			t.there = append(t.there, strconv.Quote(text.Text))
		}
		return out, ok, err
	}
	w.keeps = t.keeps
	return t, nil
}

// keeps notes the name of a field that no column holds, if it has a translation.
func (t *translator) keeps(ds *Datasource, name string) error {
	if !t.walk.kinds[CaptionTexts] {
		return nil
	}
	out, ok, err := t.tables[CaptionTexts].of(name)
	if err != nil || !ok || out.to == name {
		if err == nil && ok {
			t.matched++
		} else if err == nil {
			t.there = append(t.there, strconv.Quote(name))
		}
		return err
	}
	if t.kept[ds] == nil {
		t.keepers = append(t.keepers, ds)
	}
	t.kept[ds] = append(t.kept[ds], strconv.Quote(name))
	return nil
}

// settle tells what was left, and that there was nothing.
func (t *translator) settle(name string) error {
	if t.matched > 0 {
		for _, ds := range t.keepers {
			ds.el.Note("fields without a column of their own keep their names: %s", list(t.kept[ds]))
		}
		return nil
	}
	err := error(&NotFoundError{What: "text with a translation", Where: name, There: unique(t.there)})
	if len(t.keepers) > 0 {
		var kept []string
		for _, ds := range t.keepers {
			kept = append(kept, t.kept[ds]...)
		}
		err = fmt.Errorf("%w; these have one, but no column of their own, which is made only if that is asked for: %s", err, list(kept))
	}
	return err
}

// unique lists every item once, in the order of the first.
func unique(items []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(items), func(item string) bool {
		was := seen[item]
		seen[item] = true
		return was
	})
}

// translations are what texts of a kind become.
type translations struct {
	strings map[string]string
	results map[string]string // what they became, and what became that
}

func newTranslations(words map[string]string) (*translations, error) {
	t := &translations{strings: map[string]string{}, results: map[string]string{}}
	tidy := func(s string) string { return strings.TrimSpace(unixLines(s)) }
	for _, raw := range slices.Sorted(maps.Keys(words)) {
		from, to := tidy(raw), tidy(words[raw])
		if other, twice := t.strings[from]; twice && other != to {
			return nil, fmt.Errorf("%s is to be both %s and %s", strconv.Quote(from), strconv.Quote(other), strconv.Quote(to))
		}
		if t.strings[from] = to; to != from {
			t.results[to] = from
		}
	}
	return t, nil
}

// of is what a text becomes; ok if it is to be changed or is a translation already.
func (t *translations) of(text string) (out wording, ok bool, err error) {
	to, ok := t.strings[text]
	from, result := t.results[text]
	switch {
	case ok && result && to != text:
		return wording{}, false, fmt.Errorf("%s is to be %s, and is what %s is to be", strconv.Quote(text), strconv.Quote(to), strconv.Quote(from))
	case ok && to == "":
		return wording{}, false, fmt.Errorf("%s is to be nothing", strconv.Quote(text))
	case ok:
		if next, chained := t.strings[to]; chained && next != to {
			return wording{}, false, fmt.Errorf("%s is to be %s, which is to be %s", strconv.Quote(text), strconv.Quote(to), strconv.Quote(next))
		}
		return translated(text, to), true, nil
	case result:
		return translated(from, text), true, nil
	}
	return wording{}, false, nil
}

// translated is the wording of a translation. Its part has a name that no replacement has, which
// are called by what they replace: text may be replaced in a translation also where it is all of it.
func translated(from, to string) wording { return wording{to, "translation of " + from, to} }
