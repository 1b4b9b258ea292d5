package templates

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// extractSpec gives data sources extracts, other ones, or none.
var extractSpec = verbSpec{
	key: "extract", what: "the edit of an extract", keys: []string{"file", "as", "remove_file"},
	decode: decodeExtract,
}

// extractActions are what can be done to an extract, and the keys that go with each.
var extractActions = map[string][]string{
	"attach":  {"file", "as"},
	"replace": {"file", "as"},
	"remove":  nil,
	"disable": {"remove_file"},
	"scrub":   nil,
}

type extractVerb struct {
	action     string
	file, as   *value
	dir        string // where relative paths begin
	removeFile bool
}

func decodeExtract(d *editDecoder) verb {
	v := &extractVerb{dir: d.manifest.secrets.dir}
	d.narrowed()
	d.known["extract"] = func(n *yaml.Node) {
		v.action = d.plain(n, "extract")
		if _, known := extractActions[v.action]; !known && v.action != "" {
			d.problem(n, suggest(v.action, []string{"attach", "replace", "remove", "disable", "scrub"}),
				"%q is nothing that is done to an extract", v.action)
			v.action = ""
		}
	}
	with := func(key string, decode func(n *yaml.Node)) {
		d.known[key] = func(n *yaml.Node) {
			if !v.takes(key) {
				d.problem(n, "", "%s does not go with extract: %s", key, v.action)
				return
			}
			decode(n)
		}
	}
	with("file", func(n *yaml.Node) { d.extractFile(v, n) })
	with("as", func(n *yaml.Node) { v.as = d.text(n, "as", use{}) })
	with("remove_file", func(n *yaml.Node) { v.removeFile = d.flag(n, "remove_file") })
	for key, val := range pairs(d.node) {
		if key.Value == "extract" { // before the keys that depend on it
			d.known["extract"](val)
			d.known["extract"] = func(*yaml.Node) {}
		}
	}
	if v.action != "" && v.takes("file") && !d.mayHave("file") {
		d.problem(d.node, "", "extract: %s has no file", v.action)
	}
	return v
}

// mayHave tells whether the edit has a key, maybe with a mistake that is reported.
func (d *editDecoder) mayHave(name string) bool {
	for key := range pairs(d.node) {
		if key.Value == name || d.known[key.Value] == nil && nearest(key.Value, []string{name}) == name {
			return true
		}
	}
	return false
}

// takes tells whether a key goes with what is done; where that is not known, any does.
func (v *extractVerb) takes(key string) bool {
	keys, known := extractActions[v.action]
	return !known || slices.Contains(keys, key)
}

// extractFile decodes the path of a file, which must be there if it is the same for all sites.
func (d *editDecoder) extractFile(v *extractVerb, n *yaml.Node) {
	v.file = d.text(n, "file", use{})
	if v.file == nil || v.file.computed() {
		return
	}
	switch info, err := os.Stat(v.path(n.Value)); {
	case os.IsNotExist(err):
		d.problem(n, nearestFile(v.path(n.Value)), "there is no file %q", n.Value)
	case err != nil:
		d.problem(n, "", "the file %q cannot be read: %v", n.Value, err)
	case !info.Mode().IsRegular():
		d.problem(n, "", "%q is not a file", n.Value)
	}
}

func (v *extractVerb) path(name string) string {
	if name = filepath.FromSlash(name); filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(v.dir, name)
}

type extractRule struct {
	action     string
	file       documents.NewExtract // to attach, or to replace with
	removeFile bool
}

func (v *extractVerb) resolve(e *evaluator) rule {
	r := &extractRule{action: v.action, removeFile: v.removeFile}
	if v.file == nil {
		return r
	}
	path := v.path(e.selector(v.file))
	r.file = documents.ExtractOf(path, e.selector(v.as))
	if r.file.Name == "" && v.action == "attach" {
		r.file.Name = filepath.Base(path)
	}
	return r
}

func (r *extractRule) apply(to *Rendering, e resolved) error {
	datasources, err := e.datasources(to.File)
	if err != nil {
		return err
	}
	var matches []*tds.Datasource
	var there []string
	what := "data source with an extract"
	if r.action == "attach" {
		what = "data source without an extract"
	}
	for _, ds := range datasources {
		there = append(there, ds.Label())
		if r.isFor(ds) || e.datasource != "" && r.action == "attach" { // which says why it cannot
			matches = append(matches, ds)
		}
	}
	matches, err = choose(e, what, matches, there, (*tds.Datasource).Label)
	if err != nil {
		return err
	}
	for _, ds := range matches {
		if err := r.do(to, ds); err != nil {
			return err
		}
	}
	return nil
}

// isFor tells whether a data source is as the edit needs it.
func (r *extractRule) isFor(ds *tds.Datasource) bool {
	_, has := ds.Extract()
	if r.action == "attach" {
		return !ds.HasExtract()
	}
	return has
}

func (r *extractRule) do(to *Rendering, ds *tds.Datasource) error {
	switch r.action {
	case "attach", "replace":
		put := to.File.ReplaceExtract
		if r.action == "attach" {
			put = to.File.AttachExtract
		}
		if err := put(ds, r.file); err != nil {
			return err
		}
		to.loaded[ds.Name()] = true
		return nil
	case "remove":
		return to.File.RemoveExtract(ds)
	case "disable":
		return to.File.DisableExtract(ds, r.removeFile)
	}
	_, err := ds.ScrubRefreshHistory()
	return err
}

// extractWarnings tells of extracts that are not what the edits want them to be: with the rows of the template, or, in a
// package, without a file. The extract of a bare document is never there.
func (r *Rendering) extractWarnings() (out []string) {
	for ds := range r.File.Datasources() {
		if r.touched[ds.Name()] && ds.HasExtract() && !r.loaded[ds.Name()] {
			out = append(out, fmt.Sprintf("%s has an extract, which keeps the rows of the template until it is refreshed", ds))
		}
		if file, _ := r.File.ExtractFile(ds); file.Fault() != "" && r.File.Kind().IsPackaged() {
			out = append(out, fmt.Sprintf("%s: %s", ds, file.Fault()))
		}
	}
	return out
}
