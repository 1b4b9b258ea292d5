package templates

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// worksheetFilterSpec sets or removes filters of worksheets, and those that they share.
var worksheetFilterSpec = verbSpec{
	key: "worksheet_filter", what: "the edit of a worksheet filter", keys: append([]string{"worksheet", "shared"}, filterKeys...),
	decode: decodeWorksheetFilter,
}

type worksheetFilterVerb struct {
	filterEdit
	worksheets []*value // none means all that have the filter; one of them may make a list
	shared     bool
}

func decodeWorksheetFilter(d *editDecoder) verb {
	v := &worksheetFilterVerb{}
	v.decode(d, "worksheet_filter")
	field := d.known["worksheet_filter"]
	d.known["worksheet_filter"] = func(n *yaml.Node) {
		if t := d.template; !t.workbook && t.Path != "" {
			d.problem(n, "", "worksheets are in workbooks, and template %q is a data source", t.Name)
		}
		field(n)
	}
	d.known["worksheet"] = func(n *yaml.Node) {
		if has(d.node, "shared") {
			d.problem(n, "", "a worksheet cannot be named beside shared")
		}
		if n.Kind != yaml.SequenceNode {
			v.worksheets = []*value{d.text(n, "worksheet", use{secrets: true})}
		} else if l := d.list(n, "worksheet", use{secrets: true}); l != nil {
			v.worksheets = l.items
		}
	}
	d.known["shared"] = func(n *yaml.Node) { v.shared = d.flag(n, "shared") }
	return v
}

type worksheetFilterRule struct {
	filterChange
	places []twb.FilterPlace
}

func (v *worksheetFilterVerb) resolve(e *evaluator) rule {
	r := &worksheetFilterRule{filterChange: v.change(e)}
	for _, worksheet := range v.worksheets {
		for _, name := range e.nameList(worksheet) {
			r.places = append(r.places, twb.FilterPlace{Worksheet: name})
		}
	}
	if len(v.worksheets) == 0 {
		r.places = []twb.FilterPlace{{Shared: v.shared}}
	}
	return r
}

// nameList returns the results of a value that is one name, or an expression that makes a list of them.
func (e *evaluator) nameList(v *value) []string {
	result, ok := e.eval(v)
	if !ok {
		return nil
	}
	items, isList := listOf(result)
	if !isList {
		items = []any{result}
	}
	var names []string
	for _, item := range items {
		text, ok := format(item)
		if !ok || text == "" {
			e.found = append(e.found, v.at.problem("", "worksheet must be a name or a list of names"))
			return nil
		}
		names = append(names, text)
	}
	if len(names) == 0 { // which would mean all
		e.found = append(e.found, v.at.problem("", "the list is empty"))
	}
	return names
}

func (r *worksheetFilterRule) apply(to *Rendering, e resolved) error {
	wb, ok := to.File.Workbook()
	if !ok {
		return fmt.Errorf("a %s has no worksheets", to.File.Kind())
	}
	for _, at := range r.places {
		at.Datasource = e.datasource
		err := r.change(wb, at)
		if errors.Is(err, tds.ErrAmbiguous) && e.all && e.datasource == "" {
			err = r.changeEach(wb, at)
		}
		switch {
		case err == nil, e.optional && errors.Is(err, tds.ErrNotFound):
		case errors.Is(err, tds.ErrAmbiguous):
			return ambiguous(err)
		case r.addable(wb, at) && errors.Is(err, tds.ErrNotFound):
			return &advisedError{err, "worksheet or shared: true, which say where, add a filter that is not there"}
		default:
			return r.advise(err, r.datatype(wb))
		}
	}
	return nil
}

// addable tells whether the edit would add a filter if it said where: at says of nothing but, perhaps, a data source.
func (r *worksheetFilterRule) addable(wb *twb.Workbook, at twb.FilterPlace) bool {
	if r.remove || at.Worksheet != "" || at.Shared {
		return false
	}
	if at.Datasource != "" {
		ds, err := wb.Datasource(at.Datasource)
		if err != nil {
			return false
		}
		_, err = ds.Column(r.filter.Field)
		return err == nil
	}
	return r.datatype(wb) != ""
}

// changeEach changes the filters of one data source after the other, of those that have the field.
func (r *worksheetFilterRule) changeEach(wb *twb.Workbook, at twb.FilterPlace) error {
	for ds := range wb.Datasources() {
		at.Datasource = ds.Name()
		if err := r.change(wb, at); err != nil && !errors.Is(err, tds.ErrNotFound) {
			return err
		}
	}
	return nil
}

func (r *worksheetFilterRule) change(wb *twb.Workbook, at twb.FilterPlace) error {
	if r.remove {
		return wb.RemoveFilter(at, r.filter.Field)
	}
	return wb.SetFilter(at, r.filter)
}

// datatype is that of the field in the first data source that has it.
func (r *worksheetFilterRule) datatype(wb *twb.Workbook) string {
	for ds := range wb.Datasources() {
		if c, err := ds.Column(r.filter.Field); err == nil {
			return c.Datatype
		}
	}
	return ""
}
