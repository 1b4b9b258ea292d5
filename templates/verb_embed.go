package templates

import (
	"errors"
	"strconv"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// embedSpec puts the data source that was published in the place of a reference to it.
var embedSpec = verbSpec{
	key: "embed", what: "the edit that embeds a data source", keys: []string{"from"},
	decode: decodeEmbed,
}

type embedVerb struct {
	name *value
	from localFile
}

func decodeEmbed(d *editDecoder) verb {
	v := &embedVerb{from: localFile{key: "from"}}
	d.known["embed"] = d.selector(&v.name, "embed")
	d.known["from"] = func(n *yaml.Node) { v.from.decode(d, n) }
	return v
}

func (v *embedVerb) inputs() []string { return v.from.inputs() }

type embedRule struct {
	name, from string // from is the path of a file, "" for the copy that the reference holds
}

func (v *embedVerb) resolve(e *evaluator) rule {
	return &embedRule{e.selector(v.name), v.from.resolve(e)}
}

func (r *embedRule) apply(to *Rendering, e resolved) error {
	matches, there := references(to.File, r.name)
	if len(matches) == 0 && r.from != "" { // what was done already is no mistake
		matches = embeddedOf(to.File, r.name)
	}
	matches, err := choose(e, "published data source "+strconv.Quote(r.name), matches, there, (*tds.Datasource).Label)
	if err != nil {
		return err
	}
	var from *documents.File
	if r.from != "" {
		if from, err = to.definitions.open(r.from); err != nil {
			return err
		}
	}
	for _, ds := range matches {
		if err := to.File.Embed(ds, from); err != nil {
			return err
		}
		to.touched[ds.Name()] = true
	}
	return nil
}

// definitions are the files that edits embed, each opened once: renderings read them until they are written.
type definitions struct {
	mu    sync.Mutex
	files map[string]*documents.File // by path
}

func (d *definitions) open(path string) (*documents.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f := d.files[path]; f != nil {
		return f, nil
	}
	f, err := documents.Open(path)
	if err != nil {
		return nil, err
	}
	if d.files == nil {
		d.files = map[string]*documents.File{}
	}
	d.files[path] = f
	return f, nil
}

func (d *definitions) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for _, f := range d.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
