package templates

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// extractSpec gives data sources extracts, other ones, or none.
var extractSpec = verbSpec{
	key: "extract", what: "the edit of an extract", keys: []string{"file", "as", "remove_file", "unwrap"},
	decode: decodeExtract,
}

// extractActions are what can be done to an extract, and the keys that go with each.
var extractActions = map[string][]string{
	"attach":  {"file", "as"},
	"replace": {"file", "as"},
	"remove":  {"unwrap"},
	"enable":  nil,
	"disable": {"remove_file"},
	"scrub":   nil,
}

type extractVerb struct {
	action     string
	file       localFile
	as         *value
	removeFile bool
	unwrap     bool
}

func decodeExtract(d *editDecoder) verb {
	v := &extractVerb{}
	d.narrowed()
	d.known["extract"] = func(n *yaml.Node) {
		v.action = d.word(n, "extract")
		if _, known := extractActions[v.action]; !known && v.action != "" {
			d.problem(n, suggest(v.action, slices.Sorted(maps.Keys(extractActions))),
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
	with("file", func(n *yaml.Node) { v.file.decode(d, n) })
	with("as", func(n *yaml.Node) { v.as = d.text(n, "as", use{}) })
	with("remove_file", func(n *yaml.Node) { v.removeFile = d.flag(n, "remove_file") })
	with("unwrap", func(n *yaml.Node) { v.unwrap = d.flag(n, "unwrap") })
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

func (v *extractVerb) inputs() []string { return v.file.inputs() }

type extractRule struct {
	action     string
	file       documents.NewExtract // to attach, or to replace with
	removeFile bool
	unwrap     bool // what is then a package with nothing but the document
}

func (v *extractVerb) resolve(e *evaluator) rule {
	r := &extractRule{action: v.action, removeFile: v.removeFile, unwrap: v.unwrap}
	path := v.file.resolve(e)
	if path == "" {
		return r
	}
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
	if len(matches) == 0 && r.isAttached(to.File, datasources) {
		return nil
	}
	matches, err = choose(e, what, matches, there, (*tds.Datasource).Label)
	if err != nil {
		return fmt.Errorf("%w%s", err, r.advice(to, datasources))
	}
	for _, ds := range matches {
		if err := r.do(to.File, ds); err != nil {
			return err
		}
	}
	if r.unwrap {
		return to.File.Unwrap()
	}
	return nil
}

// advice says what is done where there is nothing to do it to.
func (r *extractRule) advice(to *Rendering, datasources []*tds.Datasource) string {
	for _, ds := range datasources {
		if r.action == "attach" && ds.HasExtract() {
			return fmt.Sprintf(" (%s has one already: `extract: replace` replaces it)", ds)
		}
		for ref := range to.File.References() {
			if ref.Datasource == ds.Name() && ref.Source && ref.Entry != "" && r.action != "attach" {
				return fmt.Sprintf(" (%s reads %q itself, which is no extract: `data_file` replaces it)", ds, ref.Entry)
			}
		}
	}
	return ""
}

// isAttached tells whether a data source has this very file already, as one that was rendered has.
func (r *extractRule) isAttached(f *documents.File, datasources []*tds.Datasource) bool {
	return r.action == "attach" && slices.ContainsFunc(datasources, func(ds *tds.Datasource) bool {
		return ds.HasExtract() && f.AttachExtract(ds, r.file) == nil
	})
}

// isFor tells whether a data source is as the edit needs it.
func (r *extractRule) isFor(ds *tds.Datasource) bool {
	_, has := ds.Extract()
	if r.action == "attach" {
		_, published := ds.Published()
		return !ds.HasExtract() && !published
	}
	return has
}

func (r *extractRule) do(f *documents.File, ds *tds.Datasource) error {
	switch r.action {
	case "attach":
		return f.AttachExtract(ds, r.file)
	case "replace":
		return f.ReplaceExtract(ds, r.file)
	case "remove":
		return f.RemoveExtract(ds)
	case "enable":
		return f.EnableExtract(ds)
	case "disable":
		return f.DisableExtract(ds, r.removeFile)
	}
	return f.Scrub([]documents.TraceKind{documents.TraceHistory}, ds)
}

// extractWarnings tells of extracts with the rows of the template that the edits do not want.
func (r *Rendering) extractWarnings() (out []string) {
	replaced := r.replaced()
	for ds := range r.File.Datasources() {
		file, _ := r.File.ExtractFile(ds)
		if r.touched[ds.Name()] && file.Enabled && !replaced[file.Entry] {
			out = append(out, fmt.Sprintf("%s has an extract, which keeps the rows of the template until it is refreshed", ds))
		}
	}
	return out
}

// extractFaults tells of extracts in a package without a file. The extract of a bare document is never there.
func (r *Rendering) extractFaults() (out []string) {
	for ds := range r.File.Datasources() {
		if file, _ := r.File.ExtractFile(ds); file.Fault() != "" && r.File.Kind().IsPackaged() {
			out = append(out, fmt.Sprintf("%s: %s", ds, file.Fault()))
		}
	}
	return out
}
