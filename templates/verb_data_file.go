package templates

import (
	"cmp"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents"
)

// dataFileSpec replaces, renames or removes a file that a package holds: data that is the source itself, or an image.
var dataFileSpec = verbSpec{
	key: "data_file", what: "the edit of a data file", keys: []string{"file", "as", "remove"}, oneOf: []string{"file", "as", "remove"},
	decode: decodeDataFile,
}

// A localFile is the path of a file, from the manifest's folder.
type localFile struct {
	key  string // of the edit, "" for file
	name *value
	dir  string

	constant string // what name is for all sites, "" when it is not the same for all
}

// decode decodes the path of a file, which must be there if it is the same for all sites.
func (f *localFile) decode(d *editDecoder, n *yaml.Node) {
	f.dir = d.manifest.reader.dir
	if f.name = d.text(n, cmp.Or(f.key, "file"), use{}); f.name == nil || f.name.computed() {
		return
	}
	f.constant = n.Value
	if hint, fault := fileFault(f.path(n.Value), n.Value); fault != "" {
		d.problem(n, hint, "%s", fault)
	}
}

// inputs is the path that is the same for all sites, if there is one.
func (f *localFile) inputs() []string {
	if f.constant == "" {
		return nil
	}
	return []string{f.path(f.constant)}
}

func (f *localFile) path(name string) string {
	if name = filepath.FromSlash(name); filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(f.dir, name)
}

// resolve returns the path for one site, "" without a file.
func (f *localFile) resolve(e *evaluator) string {
	name := e.selector(f.name)
	if name == "" {
		return ""
	}
	return f.path(name)
}

type dataFileVerb struct {
	entry, as *value
	file      localFile
	remove    bool
}

func decodeDataFile(d *editDecoder) verb {
	v := &dataFileVerb{}
	d.known["data_file"] = d.selector(&v.entry, "data_file")
	d.known["file"] = func(n *yaml.Node) { v.file.decode(d, n) }
	d.known["as"] = func(n *yaml.Node) { v.as = d.text(n, "as", use{}) }
	d.known["remove"] = func(n *yaml.Node) {
		if v.remove = d.flag(n, "remove"); !v.remove {
			d.problem(n, "", "remove must be true")
		}
		if has(d.node, "file") || has(d.node, "as") {
			d.problem(n, "", "a file that is removed gets no other one and no name")
		}
	}
	return v
}

func (v *dataFileVerb) inputs() []string { return v.file.inputs() }

type dataFileRule struct {
	entry  string
	file   documents.NewData
	remove bool
}

func (v *dataFileVerb) resolve(e *evaluator) rule {
	r := &dataFileRule{entry: e.selector(v.entry), file: documents.NewData{Name: e.selector(v.as)}, remove: v.remove}
	if file := v.file.resolve(e); file != "" {
		r.file = documents.DataOf(file, r.file.Name)
	}
	return r
}

func (r *dataFileRule) apply(to *Rendering, e resolved) error {
	var matches, renamed, there []string
	for entry := range to.File.Entries() {
		if entry.IsDir() {
			continue
		}
		there = append(there, entry.Name)
		switch {
		case r.is(entry.Name, r.entry):
			matches = append(matches, entry.Name)
		case r.file.Name != "" && r.is(entry.Name, r.target()):
			renamed = append(renamed, path.Join(path.Dir(entry.Name), path.Base(r.entry)))
		}
	}
	if len(matches) == 0 { // what was done already is no mistake
		matches = renamed
	}
	matches, err := choose(e, "entry "+strconv.Quote(r.entry), matches, nearestFirst(r.entry, there), strconv.Quote)
	if err != nil {
		return err
	}
	for _, name := range matches {
		if r.remove {
			err = to.File.RemoveEntry(name, false)
		} else {
			err = r.replace(to, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// is tells whether an entry is the one with a path, or in whatever folder the one with a name.
func (r *dataFileRule) is(entry, name string) bool {
	return entry == name || !strings.Contains(name, "/") && path.Base(entry) == name
}

// target is the new path of an entry with a path, or the new name of one with a name.
func (r *dataFileRule) target() string {
	if strings.Contains(r.entry, "/") && !strings.Contains(r.file.Name, "/") {
		return path.Join(path.Dir(r.entry), r.file.Name)
	}
	return r.file.Name
}

// replace puts the file in the place of an entry. Data sources that read it get other data.
func (r *dataFileRule) replace(to *Rendering, name string) error {
	refs := slices.Collect(to.File.References())
	if err := to.File.ReplaceData(name, r.file); err != nil {
		return err
	}
	for _, ref := range refs {
		if ref.Entry == name && ref.Source && r.file.Content != nil {
			to.touched[ref.Datasource] = true
		}
	}
	return nil
}
