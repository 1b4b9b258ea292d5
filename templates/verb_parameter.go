package templates

import (
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// parameterSpec sets a parameter.
var parameterSpec = verbSpec{
	key: "parameter", what: "the edit of a parameter", keys: []string{"value"}, required: []string{"value"},
	decode: decodeParameter,
}

type parameterVerb struct{ name, value *value }

func decodeParameter(d *editDecoder) verb {
	v := &parameterVerb{}
	d.known["parameter"] = func(n *yaml.Node) {
		if t := d.template; !t.workbook && t.Path != "" {
			d.problem(n, "", "parameters are in workbooks, and template %q is a data source", t.Name)
		}
		v.name = d.text(n, "parameter", use{secrets: true})
	}
	d.known["value"] = func(n *yaml.Node) { v.value = d.value(n, "value", use{secrets: true}) }
	return v
}

type parameterRule struct {
	name     string
	value    tds.Value
	computed bool // by an expression
}

func (v *parameterVerb) resolve(e *evaluator) rule {
	r := &parameterRule{}
	r.name = e.selector(v.name)
	r.value, r.computed = e.value(v.value), v.value.computed()
	return r
}

func (r *parameterRule) apply(to *Rendering, e resolved) error {
	wb, ok := to.File.Workbook()
	if !ok {
		return fmt.Errorf("a %s has no parameters", to.File.Kind())
	}
	var matches []twb.Parameter
	var there []string
	for p := range wb.Parameters() {
		there = append(there, p.Label())
		if p.Label() == r.name || p.Name == r.name {
			matches = append(matches, p)
		}
	}
	matches, err := choose(e, "parameter "+strconv.Quote(r.name), matches, there, func(p twb.Parameter) string { return p.Name })
	if err != nil {
		return err
	}
	for _, p := range matches {
		name := p.Name // the only one that tells several apart
		if len(matches) == 1 {
			name = r.name
		}
		if err := wb.SetParameter(name, r.value); err != nil {
			return advise(err, r.computed, p.Datatype, r.value)
		}
	}
	return nil
}
