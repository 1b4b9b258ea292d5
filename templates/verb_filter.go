package templates

import (
	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// filterSpec sets a data source filter.
var filterSpec = verbSpec{
	key: "filter", what: "the edit of a filter", keys: []string{"include", "exclude"},
	decode: decodeFilter,
}

type filterVerb struct {
	field            *value
	include, exclude *list // one of them
}

func decodeFilter(d *editDecoder) verb {
	v := &filterVerb{}
	d.narrowed()
	d.known["filter"] = d.selector(&v.field, "filter")
	d.known["include"] = func(n *yaml.Node) { v.include = d.list(n, "include", use{secrets: true}) }
	d.known["exclude"] = func(n *yaml.Node) { v.exclude = d.list(n, "exclude", use{secrets: true}) }
	if has(d.node, "include") == has(d.node, "exclude") {
		d.problem(d.node, "", "a filter must have one of include and exclude")
	}
	return v
}

type filterRule struct {
	field    string
	values   []tds.Value
	computed bool // some of them, by expressions
	exclude  bool
}

func (v *filterVerb) resolve(e *evaluator) rule {
	r := &filterRule{exclude: v.exclude != nil}
	r.field = e.selector(v.field)
	list := v.include
	if r.exclude {
		list = v.exclude
	}
	r.values, r.computed = e.values(list), list.computed()
	return r
}

func (r *filterRule) apply(to *Rendering, e resolved) error {
	matches, err := e.withField(to.File, r.field)
	if err != nil {
		return err
	}
	filter := tds.Include(r.field, r.values...)
	if r.exclude {
		filter = tds.Exclude(r.field, r.values...)
	}
	for _, ds := range matches {
		if err := ds.SetFilter(filter); err != nil {
			c, _ := ds.Column(r.field) // found above
			return advise(err, r.computed, c.Datatype, r.values...)
		}
	}
	return nil
}
