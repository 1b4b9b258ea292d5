package templates

import (
	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// columnSpec changes what people see of a field.
var columnSpec = verbSpec{
	key: "column", what: "the edit of a column", keys: []string{"set", "aliases"}, oneOf: []string{"set", "aliases"},
	decode: decodeColumn,
}

type columnVerb struct {
	field                                     *value
	caption, description, format, aggregation *value
	hidden                                    *value
	aliases                                   []aliasValue
}

// An aliasValue is what people see in place of a member: {value: a, as: A}.
type aliasValue struct{ value, as *value }

func decodeColumn(d *editDecoder) verb {
	v := &columnVerb{}
	d.narrowed()
	d.known["column"] = d.selector(&v.field, "column")
	d.known["set"] = func(n *yaml.Node) {
		text := func(to **value, what string) func(n *yaml.Node) {
			return func(n *yaml.Node) { *to = d.text(n, what, use{secrets: true}) }
		}
		if d.record(n, "set", fields{
			"caption": text(&v.caption, "caption"), "description": text(&v.description, "description"),
			"format": text(&v.format, "format"), "aggregation": text(&v.aggregation, "aggregation"),
			"hidden": func(n *yaml.Node) { v.hidden = d.toggle(n, "hidden", use{secrets: true}) },
		}) && len(n.Content) == 0 {
			d.problem(n, "", "set must not be empty")
		}
	}
	d.known["aliases"] = func(n *yaml.Node) {
		if !d.isList(n, "aliases") {
			return
		}
		if len(n.Content) == 0 {
			d.problem(n, "", "aliases must not be empty")
		}
		for _, item := range n.Content {
			var a aliasValue
			item = follow(item)
			if d.record(item, "an alias", fields{
				"value": func(n *yaml.Node) { a.value = d.value(n, "value", use{secrets: true}) },
				"as":    func(n *yaml.Node) { a.as = d.text(n, "as", use{secrets: true}) },
			}) && d.required(item, "an alias", "value", "as") {
				v.aliases = append(v.aliases, a)
			}
		}
	}
	return v
}

type columnRule struct {
	field    string
	patch    tds.ColumnPatch
	computed bool // some of the members, by expressions
}

func (v *columnVerb) resolve(e *evaluator) rule {
	r := &columnRule{field: e.selector(v.field)}
	r.patch = tds.ColumnPatch{
		Caption: e.maybeText(v.caption), Description: e.maybeText(v.description),
		Format: e.maybeText(v.format), Aggregation: e.maybeText(v.aggregation),
	}
	if v.hidden != nil {
		r.patch.Hidden = new(e.boolean(v.hidden))
	}
	for _, a := range v.aliases {
		text, _ := e.text(a.as)
		r.patch.Aliases = append(r.patch.Aliases, tds.Alias{Member: e.value(a.value), Text: text})
		r.computed = r.computed || a.value.computed()
	}
	return r
}

// maybeText returns the result of a value as text, nil if there is no value.
func (e *evaluator) maybeText(v *value) *string {
	text, ok := e.text(v)
	if !ok {
		return nil
	}
	return &text
}

func (r *columnRule) apply(to *Rendering, e resolved) error {
	matches, err := e.withField(to.File, r.field, anyDatasource)
	if err != nil {
		return err
	}
	for _, ds := range matches {
		if err := ds.UpdateColumn(r.field, r.patch); err != nil {
			c, _ := ds.Column(r.field) // found above
			var members []tds.Value
			for _, a := range r.patch.Aliases {
				members = append(members, a.Member)
			}
			return advise(err, r.computed, c.Datatype, members...)
		}
	}
	return nil
}
