package templates

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// parameterKeys are all keys of the edits of parameters, but the verb.
var parameterKeys = []string{"value", "as", "values", "range", "any", "pin", "caption", "add", "remove"}

// parameterSpec changes, adds or removes a parameter.
var parameterSpec = verbSpec{
	key: "parameter", what: "the edit of a parameter", keys: parameterKeys, oneOf: parameterKeys,
	decode: decodeParameter,
}

type parameterVerb struct {
	name, value, as, caption      *value
	values                        *allowedValues
	ranged                        bool
	min, max, step                *value
	period                        tds.Period // of the step
	any, pin, add, remove         bool
	datatype, format, description *value // of a new one
}

// allowedValues are the values of a list with their display names, or the one ${…} that makes them.
type allowedValues struct {
	items []aliasValue
	whole *list
}

func decodeParameter(d *editDecoder) verb {
	v := &parameterVerb{}
	d.known["parameter"] = func(n *yaml.Node) { v.name = d.text(n, "parameter", use{secrets: true}) }
	d.known["value"] = d.end(&v.value, "value")
	d.known["as"] = d.selector(&v.as, "as")
	d.known["values"] = func(n *yaml.Node) { v.values = d.allowedValues(n) }
	d.known["range"] = func(n *yaml.Node) { d.parameterRange(v, n) }
	d.known["any"] = func(n *yaml.Node) {
		before := len(d.found)
		if v.any = d.flag(n, "any"); !v.any && len(d.found) == before {
			d.problem(n, "values or range say which values it may take", "any can only be true")
		}
	}
	d.known["pin"] = func(n *yaml.Node) { v.pin = d.flag(n, "pin") }
	d.known["caption"] = d.selector(&v.caption, "caption")
	d.known["add"] = func(n *yaml.Node) {
		v.add = true
		if d.record(n, "add", fields{
			"type": d.selector(&v.datatype, "type"), "format": d.selector(&v.format, "format"), "description": d.selector(&v.description, "description"),
		}) {
			d.required(n, "add", "type")
		}
	}
	d.known["remove"] = d.removal(&v.remove)
	d.onePurpose()
	return v
}

// onePurpose checks that an edit of a parameter does not contradict itself.
func (d *editDecoder) onePurpose() {
	with := func(keys ...string) (present []string) {
		for _, key := range keys {
			if d.has(d.node, key) {
				present = append(present, key)
			}
		}
		return present
	}
	for _, keys := range [][]string{{"value", "as"}, {"values", "range", "any"}} {
		if present := with(keys...); len(present) > 1 {
			d.problem(d.node, "", "the edit of a parameter can have only one of %s", strings.Join(present, " and "))
		}
	}
	others := slices.DeleteFunc(slices.Clone(parameterKeys), func(key string) bool { return key == "remove" })
	switch others = with(others...); {
	case d.has(d.node, "remove") && len(others) > 0:
		d.problem(d.node, "", "a parameter that is removed has no %s", strings.Join(others, " and no "))
	case d.has(d.node, "add"):
		if present := with("as", "pin", "caption"); len(present) > 0 {
			d.problem(d.node, "", "a parameter that is added has no %s", strings.Join(present, " and no "))
		}
		if !d.has(d.node, "value") {
			d.problem(d.node, "", "a parameter that is added must have a value")
		}
	}
	if t := d.template; len(with("add", "remove")) > 0 && !t.workbook && t.Path != "" {
		d.problem(d.node, "", "only workbooks have parameters of their own, and template %q is a data source", t.Name)
	}
}

// allowedValues decodes the values of a list: plain ones, and those with a display name.
func (d *editDecoder) allowedValues(n *yaml.Node) *allowedValues {
	if n.Kind == yaml.ScalarNode {
		return &allowedValues{whole: d.list(n, "values", use{secrets: true})}
	}
	if !d.isList(n, "values") {
		return nil
	}
	if len(n.Content) == 0 {
		d.problem(n, "", "values must not be empty")
	}
	const what = "a value of values"
	v := &allowedValues{}
	for _, item := range n.Content {
		var a aliasValue
		if item = follow(item); item.Kind != yaml.MappingNode {
			a.value = d.value(item, what, use{secrets: true})
		} else if d.record(item, what, fields{"value": d.end(&a.value, "value"), "as": d.selector(&a.as, "as")}) {
			d.required(item, what, "value")
		}
		v.items = append(v.items, a)
	}
	return v
}

// parameterRange decodes a range with the step in it, which for dates is a number of periods.
func (d *editDecoder) parameterRange(v *parameterVerb, n *yaml.Node) {
	v.ranged = true
	step := func(n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			v.step = d.value(n, "step", use{secrets: true})
			return
		}
		known := fields{}
		for name, period := range periods {
			known[name+"s"] = func(n *yaml.Node) { v.period, v.step = period, d.value(n, name+"s", use{secrets: true}) }
		}
		if d.record(n, "step", known) && len(n.Content) != 2 {
			d.problem(n, "", "step must have one period, like step: {months: 3}")
		}
	}
	if d.record(n, "range", fields{"min": d.end(&v.min, "min"), "max": d.end(&v.max, "max"), "step": step}) && len(n.Content) == 0 {
		d.problem(n, "any: true lets it take any value", "range must have min, max or step")
	}
}

type parameterRule struct {
	name     string
	patch    tds.ParameterPatch
	add      *tds.Parameter // nil unless it is a new one
	remove   bool
	values   []tds.Value // all that the rule has
	computed bool        // some of them, by expressions
}

func (v *parameterVerb) resolve(e *evaluator) rule {
	r := &parameterRule{name: e.selector(v.name), remove: v.remove, values: []tds.Value{e.value(v.value)}}
	r.patch = tds.ParameterPatch{As: e.maybeSelector(v.as), Caption: e.maybeSelector(v.caption), Pin: v.pin}
	if v.value != nil {
		r.patch.Value = &r.values[0]
	}
	domain := tds.Domain{Kind: tds.AnyDomain}
	switch {
	case v.values != nil:
		domain = tds.Domain{Kind: tds.ListDomain, Allowed: e.allowed(v.values)}
		for _, a := range domain.Allowed {
			r.values = append(r.values, a.Value)
		}
	case v.ranged:
		domain = tds.Domain{Kind: tds.RangeDomain, Min: e.notNull(v.min), Max: e.notNull(v.max), Step: e.notNull(v.step), Period: v.period}
		r.values = append(r.values, domain.Min, domain.Max)
	}
	if v.values != nil || v.ranged || v.any {
		r.patch.Domain = &domain
	}
	r.computed = v.value.computed() || v.values.computed() || v.min.computed() || v.max.computed()
	if v.add {
		r.add = &tds.Parameter{
			Caption: r.name, Datatype: e.selector(v.datatype), Domain: domain, Value: r.values[0],
			Format: e.selector(v.format), Description: e.selector(v.description),
		}
	}
	return r
}

// computed says whether there are expressions among the values of a list.
func (v *allowedValues) computed() bool {
	return v != nil && (v.whole.computed() || slices.ContainsFunc(v.items, func(a aliasValue) bool { return a.value.computed() }))
}

// allowed returns the values of a list with their display names. Those that an expression makes may be mappings, as they
// are written.
func (e *evaluator) allowed(v *allowedValues) []tds.Allowed {
	var out []tds.Allowed
	for _, a := range v.items {
		out = append(out, tds.Allowed{Value: e.value(a.value), As: e.selector(a.as)})
	}
	results, _ := e.list(v.whole)
	for _, result := range results {
		a, ok := allowedOf(result)
		if !ok {
			e.found = append(e.found, v.whole.at.problem("", "values must be a list of values, or of {value, as}, and one is %s", kindOf(result)))
		}
		out = append(out, a)
	}
	return out
}

// allowedOf is a value of a list as an expression gives it: by itself, or as {value, as}.
func allowedOf(result any) (a tds.Allowed, ok bool) {
	if pair, isPair := result.(map[string]any); isPair {
		result, ok = pair["value"]
		if as, named := pair["as"]; named {
			a.As, named = as.(string)
			ok = ok && named && a.As != "" && len(pair) == 2
		} else {
			ok = ok && len(pair) == 1
		}
		if !ok {
			return a, false
		}
	}
	var err error
	a.Value, err = tds.ValueOf(result)
	return a, err == nil
}

// maybeSelector returns the result of a value that is not empty, nil if there is no value.
func (e *evaluator) maybeSelector(v *value) *string {
	if v == nil {
		return nil
	}
	return new(e.selector(v))
}

func (r *parameterRule) apply(to *Rendering, e resolved) error {
	wb, isWorkbook := to.File.Workbook()
	if !isWorkbook && (r.add != nil || r.remove) {
		return fmt.Errorf("a %s has no parameters of its own", to.File.Kind())
	}
	if r.add != nil {
		_, err := wb.AddParameter(*r.add)
		return advise(err, r.computed, r.add.Datatype, r.values...)
	}
	owner := parametersOf(to.File)
	matches, err := r.meant(e, owner)
	if err != nil {
		return err
	}
	for _, p := range matches {
		name := p.Name // the only one that tells several apart
		if len(matches) == 1 {
			name = r.name
		}
		if r.remove {
			err = wb.RemoveParameter(name)
		} else {
			err = owner.UpdateParameter(name, r.patch)
		}
		if err != nil {
			return advise(err, r.computed, p.Datatype, r.values...)
		}
		if r.patch.Value != nil || r.patch.As != nil {
			touchQueried(to, p.Name)
		}
	}
	return nil
}

// meant lists the parameters that the edit is about.
func (r *parameterRule) meant(e resolved, owner withParameters) ([]tds.Parameter, error) {
	var matches, renamed []tds.Parameter
	var there []string
	for p := range owner.Parameters() {
		there = append(there, p.Label())
		switch {
		case p.Label() == r.name || p.Name == r.name:
			matches = append(matches, p)
		case r.patch.Caption != nil && p.Label() == *r.patch.Caption:
			renamed = append(renamed, p)
		}
	}
	if len(matches) == 0 {
		matches = renamed // by this rule, in a file that it was applied to
	}
	return choose(e, "parameter "+strconv.Quote(r.name), matches, there, func(p tds.Parameter) string { return p.Name })
}

// touchQueried remembers which data sources are asked for other data with another value of a parameter.
func touchQueried(to *Rendering, parameter string) {
	for ds := range to.File.Datasources() {
		if ds.QueriedWith(parameter) {
			to.touched[ds.Name()] = true
		}
	}
}

// withParameters is what has parameters: a workbook, or a data source that holds copies of them.
type withParameters interface {
	Parameters() iter.Seq[tds.Parameter]
	UpdateParameter(name string, patch tds.ParameterPatch) error
}

// parametersOf returns what has the parameters of a file.
func parametersOf(f *documents.File) withParameters {
	if wb, ok := f.Workbook(); ok {
		return wb
	}
	return slices.Collect(f.Datasources())[0] // a data source file is one
}
