package templates

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// translateSpec puts what people see into another language.
var translateSpec = verbSpec{
	key: "translate", what: "a translation", keys: []string{"only", "except", "create"},
	decode: decodeTranslate,
}

type translateVerb struct {
	file      *value
	words     []wordPair // in place of a file
	dir       string     // of the manifest, where relative paths begin
	selection tds.TextSelection
	tables    sync.Map // a table by path; sites that speak a language share one
}

// wordPair is a string of a manifest and what it becomes.
type wordPair struct {
	from string
	to   *value
}

func decodeTranslate(d *editDecoder) verb {
	v := &translateVerb{dir: d.manifest.reader.dir}
	d.narrowed()
	d.known["translate"] = func(n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			v.file = d.text(n, "translate", use{})
			return
		}
		for key, val := range pairs(n) {
			v.words = append(v.words, wordPair{d.word(key, "a string to translate"), d.text(val, "a translation", use{})})
		}
		if len(n.Content) == 0 {
			d.problem(n, "", "translate must not be empty")
		}
	}
	d.textKinds(&v.selection)
	d.known["create"] = func(n *yaml.Node) { v.selection.Create = d.flag(n, "create") }
	return v
}

// textKinds decodes which kinds of texts an edit is for.
func (d *editDecoder) textKinds(to *tds.TextSelection) {
	kinds := func(what string, to *[]tds.TextKind) func(n *yaml.Node) {
		return func(n *yaml.Node) {
			if !d.isList(n, what) {
				return
			}
			if len(n.Content) == 0 {
				d.problem(n, "", "%s must not be empty", what)
			}
			for _, item := range n.Content {
				item = follow(item)
				name := d.word(item, "a kind in "+what)
				if name != "" && !slices.Contains(kindNames(), name) {
					d.problem(item, suggest(name, kindNames()), "unknown kind %q in %s", name, what)
				}
				*to = append(*to, tds.TextKind(name))
			}
		}
	}
	d.known["only"], d.known["except"] = kinds("only", &to.Only), kinds("except", &to.Except)
}

// inputs are the tables of all sites, which were read when the manifest was checked.
func (v *translateVerb) inputs() (paths []string) {
	v.tables.Range(func(path, _ any) bool {
		paths = append(paths, path.(string))
		return true
	})
	slices.Sort(paths)
	return paths
}

type translateRule struct {
	name        string // of the file
	translation tds.Translation
}

func (v *translateVerb) resolve(e *evaluator) rule {
	r := &translateRule{translation: tds.Translation{TextSelection: v.selection}}
	if v.file == nil {
		r.translation.Strings = map[string]string{}
		for _, w := range v.words {
			r.translation.Strings[w.from] = e.selector(w.to)
		}
		return r
	}
	if r.name = e.selector(v.file); r.name == "" {
		return r
	}
	path := filepath.FromSlash(r.name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(v.dir, path)
	}
	known, ok := v.tables.Load(path)
	if !ok {
		known, _ = v.tables.LoadOrStore(path, readTable(path, r.name))
	}
	t := known.(*table)
	for _, wrong := range t.wrong {
		e.found = append(e.found, v.file.at.problem(t.hint, "%s", wrong))
	}
	r.translation.Strings, r.translation.ByKind = t.strings, t.byKind
	return r
}

func (r *translateRule) apply(to *Rendering, e resolved) error {
	if len(r.translation.Strings)+len(r.translation.ByKind) == 0 && !e.optional {
		return fmt.Errorf("%s: no row has a translation, the column to is empty", r.name)
	}
	err := e.inTexts(to.File, func(t texts) error {
		_, err := t.Translate(r.translation)
		return err
	})
	if err != nil && r.name != "" {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	return err
}

// texts are what people see of a file, or of a data source in it.
type texts interface {
	Translate(tds.Translation) (int, error)
	ReplaceText(tds.TextReplacement) (int, error)
}

// inTexts changes the texts of a file, or of the data sources that an edit is narrowed to. It is a mistake if there is
// nothing to change in any of them.
func (e resolved) inTexts(f *documents.File, change func(texts) error) error {
	places := []texts{f}
	if e.datasource != "" {
		datasources, err := e.datasources(f)
		if err != nil {
			return err
		}
		places = nil
		for _, ds := range datasources {
			places = append(places, ds)
		}
	}
	var missing []string
	for _, t := range places {
		switch err := change(t); {
		case errors.Is(err, tds.ErrNotFound):
			missing = append(missing, err.Error())
		case err != nil:
			return err
		}
	}
	if len(missing) < len(places) || e.optional {
		return nil
	}
	return errors.New(strings.Join(missing, "; "))
}
