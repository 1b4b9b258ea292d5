// Package scaffold writes the first manifest for workbooks and data sources: what differs from site to site as vars, with
// the values that the files have, and an edit for each that changes nothing as long as nobody changes the var.
//
//	draft, err := scaffold.Manifest([]scaffold.Source{{Path: "sales.twbx", File: f}})
//
// Every edit is tried on the file before it is written. One that does not match exactly one thing, or changes anything
// although it has the file's own values, becomes a comment that says why.
package scaffold

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// A Source is a workbook or data source to make a template of.
type Source struct {
	// Path is where it is from the folder of the manifest, with slashes.
	Path string
	File *documents.File
}

// exampleSites are those of the manifest.
var exampleSites = []string{"acme", "globex"}

// emulator is the server of the manifest, as edits see it.
const emulator = "http://tableau.localhost"

// A Draft is a first manifest.
type Draft struct {
	Text []byte
	// Notes are what stands in the way of publishing.
	Notes []string
}

// Manifest returns a manifest that makes a template of each source. The files are not changed.
func Manifest(sources []Source) (*Draft, error) {
	if len(sources) == 0 {
		return nil, errors.New("a manifest needs a template")
	}
	d := &draft{vars: &vars{taken: map[string]bool{}}}
	for _, source := range sources {
		if strings.Contains(source.Path, "${") {
			return nil, fmt.Errorf("%s: a manifest cannot name a file with ${ in its path", source.Path)
		}
		d.template(source)
	}
	d.propose()
	d.exampleValues()
	return &Draft{Text: d.text(), Notes: d.notes}, nil
}

// draft is a manifest that is being made.
type draft struct {
	templates []*template
	vars      *vars
	sites     []map[string]any // the vars that each of exampleSites says otherwise
	notes     []string
}

// template is one of the draft.
type template struct {
	path string
	key  string
	base string // the name of the file
	name string // it is published under
	file *documents.File
	try  *documents.File // a clone on which edits are tried
	body []entry
	logs bool // it has connections that somebody signs in to
}

// entry is an edit of a template, or a comment in its place.
type entry struct {
	lines []string
	edit  edit // nil for a comment
}

// An edit does what its lines say, with these values of vars.
type edit func(f *documents.File, values map[string]any) error

func (d *draft) template(source Source) {
	base := path.Base(source.Path)
	t := &template{path: source.Path, file: source.File, try: source.File.Clone()}
	t.base = strings.TrimSpace(strings.TrimSuffix(base, path.Ext(base)))
	key := word(t.base)
	if key == "" {
		key = t.kind()
	}
	t.key, t.name = d.unusedKey(key), d.unusedName(t)
	d.templates = append(d.templates, t)
}

func (t *template) kind() string {
	if t.file.Kind().IsWorkbook() {
		return "workbook"
	}
	return "datasource"
}

// where names a data source in comments.
func (t *template) where(ds *tds.Datasource) string {
	if t.file.Kind().IsWorkbook() {
		return ds.Label()
	}
	return t.key
}

func (d *draft) unusedKey(key string) string {
	unused := key
	for i := 2; slices.ContainsFunc(d.templates, func(t *template) bool { return t.key == unused }); i++ {
		unused = fmt.Sprintf("%s_%d", key, i)
	}
	return unused
}

// unusedName returns a name that no template of the kind has: they are all published to one project.
func (d *draft) unusedName(t *template) string {
	name := t.base
	for i := 2; slices.ContainsFunc(d.templates, func(other *template) bool {
		return other.kind() == t.kind() && strings.EqualFold(other.name, name)
	}); i++ {
		name = fmt.Sprintf("%s (%d)", t.base, i)
	}
	return name
}

// errChanges says that an edit with the values of the template changes it.
var errChanges = errors.New("even the same values would change the file")

// tried does an edit with the template's own values, whole or not at all.
func (d *draft) tried(t *template, lines []string, mayChange bool, e edit) error {
	before := t.try.ChangeCount()
	return t.try.Atomically(fmt.Sprintf("edit %d", len(t.body)), func() error {
		if err := e(t.try, d.vars.values()); err != nil {
			return err
		}
		if !mayChange && t.try.ChangeCount() != before {
			return errChanges
		}
		t.body = append(t.body, entry{lines, e})
		return nil
	})
}

// remark adds a comment to a template.
func (t *template) remark(lines ...string) {
	for i, line := range lines {
		lines[i] = "# " + line
	}
	t.body = append(t.body, entry{lines: lines})
}

// errAlike says that there are two that no edit can tell apart.
var errAlike = errors.New("nothing tells it apart from another one")

// stays says of something that there is no edit of it, and why.
func (t *template) stays(what, name string, why error) {
	t.remark(wrapped("The " + what + " " + inComment(name) + " stays: " + why.Error())...)
}

// propose finds the edits of all templates. Connections come first, because the names of their vars depend on how many
// there are.
func (d *draft) propose() {
	var found [][]connection
	for _, t := range d.templates {
		found = append(found, d.connections(t))
	}
	d.vars.nameGroups()
	for i, t := range d.templates {
		d.published(t)
		for _, c := range found[i] {
			d.connection(t, c)
		}
		d.filters(t)
		d.parameters(t)
		d.scrub(t)
		d.files(t)
	}
}

// exampleValues finds values that the example sites may have instead of the template's: one or two of those that
// matter most, with which all edits still work.
func (d *draft) exampleValues() {
	candidates := slices.DeleteFunc(d.vars.all(), func(v *variable) bool { return v.examples == nil })
	slices.SortStableFunc(candidates, func(a, b *variable) int { return a.rank - b.rank })
	for i := range exampleSites {
		values, other := d.vars.values(), map[string]any{}
		for _, v := range candidates {
			values[v.name] = v.examples[i%len(v.examples)]
			if d.works(values) {
				other[v.name] = values[v.name]
			} else {
				values[v.name] = v.value
			}
			if len(other) == 2 {
				break
			}
		}
		d.sites = append(d.sites, other)
	}
}

// works tells whether all edits can be done with some values.
func (d *draft) works(values map[string]any) bool {
	for _, t := range d.templates {
		f := t.file.Clone()
		for i, e := range t.body {
			if e.edit == nil {
				continue
			}
			if err := f.Atomically(fmt.Sprintf("edit %d", i), func() error { return e.edit(f, values) }); err != nil {
				return false
			}
		}
	}
	return true
}
