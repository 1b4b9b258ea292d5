package templates

import (
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// calculatedFieldSpec adds, changes or removes a calculated field.
var calculatedFieldSpec = verbSpec{
	key: "calculated_field", what: "the edit of a calculated field", keys: []string{"formula", "datatype", "role", "type", "remove"},
	decode: decodeCalculatedField,
}

type calculatedFieldVerb struct {
	caption, formula     *value
	datatype, role, kind *value
	remove               bool
}

func decodeCalculatedField(d *editDecoder) verb {
	v := &calculatedFieldVerb{}
	d.narrowed()
	for key, to := range map[string]**value{
		"calculated_field": &v.caption, "formula": &v.formula, "datatype": &v.datatype, "role": &v.role, "type": &v.kind,
	} {
		d.known[key] = d.selector(to, key)
	}
	d.known["remove"] = d.removal(&v.remove)
	removes := d.has(d.node, "remove")
	for _, key := range []string{"formula", "datatype", "role", "type"} {
		if removes && d.has(d.node, key) {
			d.problem(d.node, "", "a calculated field that is removed has no %s", key)
		}
	}
	if !removes && !d.has(d.node, "formula") {
		d.problem(d.node, "", "a calculated field must have a formula, or remove")
	}
	return v
}

type calculatedFieldRule struct {
	field  tds.CalculatedField
	remove bool
}

func (v *calculatedFieldVerb) resolve(e *evaluator) rule {
	return &calculatedFieldRule{remove: v.remove, field: tds.CalculatedField{
		Caption: e.selector(v.caption), Formula: e.selector(v.formula),
		Datatype: e.selector(v.datatype), Role: e.selector(v.role), Type: e.selector(v.kind),
	}}
}

func (r *calculatedFieldRule) apply(to *Rendering, e resolved) error {
	all, err := e.datasources(to.File)
	if err != nil {
		return err
	}
	var matches []*tds.Datasource // that have the field
	var there, labels []string
	for _, ds := range all {
		labels = append(labels, strconv.Quote(ds.Label()))
		has := false
		for c := range ds.Columns() {
			if c.Class == "" {
				continue
			}
			there = append(there, c.Label())
			has = has || c.Label() == r.field.Caption || c.Name == r.field.Caption
		}
		if has {
			matches = append(matches, ds)
		}
	}
	what := "calculated field " + strconv.Quote(r.field.Caption)
	switch {
	case len(matches) > 0:
	case r.remove:
		there = nearestFirst(r.field.Caption, there)
	default: // to be added
		matches, what, there = all, "data source for the "+what, labels
	}
	if matches, err = choose(e, what, matches, there, (*tds.Datasource).Label); err != nil {
		return err
	}
	for _, ds := range matches {
		if r.remove {
			err = ds.RemoveCalculatedField(r.field.Caption)
		} else {
			_, err = ds.SetCalculatedField(r.field)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
