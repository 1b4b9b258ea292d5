package templates

import (
	"errors"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// viewSpec changes a view of a workbook.
var viewSpec = verbSpec{
	key: "view", what: "the edit of a view", keys: []string{"name", "hidden"}, oneOf: []string{"name", "hidden"},
	decode: decodeView,
}

type viewVerb struct{ name, newName, hidden *value }

func decodeView(d *editDecoder) verb {
	v := &viewVerb{}
	d.known["view"] = func(n *yaml.Node) {
		if t := d.template; !t.workbook && t.Path != "" {
			d.problem(n, "", "views are in workbooks, and template %q is a data source", t.Name)
		}
		v.name = d.text(n, "view", use{secrets: true})
	}
	d.known["name"] = d.selector(&v.newName, "name")
	d.known["hidden"] = func(n *yaml.Node) { v.hidden = d.toggle(n, "hidden", use{secrets: true}) }
	return v
}

type viewRule struct {
	name    string
	newName string // "" to leave it as it is
	hidden  *bool  // nil to leave it as it is
}

func (v *viewVerb) resolve(e *evaluator) rule {
	r := &viewRule{name: e.selector(v.name), newName: e.selector(v.newName)}
	if v.hidden != nil {
		r.hidden = new(e.boolean(v.hidden))
	}
	return r
}

func (r *viewRule) apply(to *Rendering, e resolved) error {
	wb, ok := to.File.Workbook()
	if !ok {
		return fmt.Errorf("a %s has no views", to.File.Kind())
	}
	name := r.name
	if r.newName != "" {
		name = r.newName
		if err := wb.RenameView(r.name, name); err != nil {
			if e.optional && errors.Is(err, tds.ErrNotFound) {
				return nil
			}
			return err
		}
	}
	var matches []twb.View
	var there []string
	for v := range wb.Views() {
		there = append(there, v.String())
		if v.Name == name {
			matches = append(matches, v)
		}
	}
	matches, err := choose(e, "view "+strconv.Quote(name), matches, there, twb.View.String)
	if err != nil || len(matches) == 0 {
		return err
	}
	return r.hide(wb, name)
}

func (r *viewRule) hide(wb *twb.Workbook, name string) error {
	switch {
	case r.hidden == nil:
		return nil
	case *r.hidden:
		return wb.HideView(name)
	}
	return wb.ShowView(name)
}
