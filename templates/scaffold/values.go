package scaffold

import (
	"errors"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// fewValues is how many values a filter may have to be one that says whose data is shown.
const fewValues = 5

// filters proposes edits of the data source filters that include few values.
func (d *draft) filters(t *template) {
	for ds := range t.file.Datasources() {
		for filter := range ds.Filters() {
			column, err := ds.Column(filter.Field)
			if err != nil || filter.Kind != tds.Including || len(filter.Values) == 0 || len(filter.Values) > fewValues || column.Formula != "" {
				continue
			}
			if column.Datatype == "string" || column.Datatype == "integer" {
				d.filter(t, ds, filter, column)
			}
		}
	}
}

func (d *draft) filter(t *template, ds *tds.Datasource, filter tds.Filter, column tds.Column) {
	what := "filter " + filter.Field
	in := ""
	if fieldIn(t.file, filter.Field) > 1 {
		if in = nameOf(t.file, ds); in == "" {
			t.stays("filter", filter.Field, errAlike)
			return
		}
	}
	var value any
	var items []any
	for _, v := range filter.Values {
		items = append(items, valueOf(v))
	}
	values := func(values map[string]any, name string) []any { return values[name].([]any) }
	list := len(items) > 1
	if value = items[0]; list {
		value = items
	} else {
		values = func(values map[string]any, name string) []any { return []any{values[name]} }
	}
	mark := d.mark()
	one := d.vars.single(value, names(filter.Field, t)...)
	lines := []string{"- filter: " + literal(filter.Field)}
	if in != "" {
		lines = append(lines, "  datasource: "+literal(in))
	}
	if list {
		lines = append(lines, "  include: '${"+one.name+"}'")
	} else {
		lines = append(lines, "  include: ['${"+one.name+"}']")
	}
	err := d.tried(t, lines, false, func(f *documents.File, all map[string]any) error {
		found := onlyWith(f, in, filter.Field)
		if found == nil {
			return errors.New("it means no data source, or several")
		}
		var included []tds.Value
		for _, item := range values(all, one.name) {
			v, err := tds.ValueOf(item)
			if err != nil {
				return err
			}
			included = append(included, v)
		}
		return found.SetFilter(tds.Include(filter.Field, included...))
	})
	if err != nil {
		d.reset(mark)
		t.stays("filter", filter.Field, err)
		return
	}
	one.use(what+" of "+t.where(ds), textExamples(value))
}

// fieldIn is how many data sources have a field.
func fieldIn(f *documents.File, field string) (n int) {
	for ds := range f.Datasources() {
		if has(ds, field) {
			n++
		}
	}
	return n
}

// has tells whether a data source has a field of the name, or several.
func has(ds *tds.Datasource, field string) bool {
	_, err := ds.Column(field)
	return !errors.Is(err, tds.ErrNotFound)
}

// onlyWith is the one data source with a field that an edit means, nil if that is not one.
func onlyWith(f *documents.File, in, field string) *tds.Datasource {
	all := slices.Collect(f.Datasources())
	if in != "" {
		all = narrowed(f, in)
	}
	all = slices.DeleteFunc(all, func(ds *tds.Datasource) bool { return !has(ds, field) })
	if len(all) != 1 {
		return nil
	}
	return all[0]
}

// withParameters is what has parameters: a workbook, or a data source file.
type withParameters interface {
	Parameters() iter.Seq[tds.Parameter]
	UpdateParameter(name string, patch tds.ParameterPatch) error
}

func parametersOf(f *documents.File) withParameters {
	if wb, ok := f.Workbook(); ok {
		return wb
	}
	return slices.Collect(f.Datasources())[0] // a data source file is one
}

// parameters proposes edits of the values of parameters.
func (d *draft) parameters(t *template) {
	for p := range parametersOf(t.file).Parameters() {
		name := parameterName(t.file, p)
		if p.Value == tds.Null() {
			continue // it shows what it finds
		}
		if name == "" {
			t.stays("parameter", p.Label(), errAlike)
			continue
		}
		mark := d.mark()
		one := d.vars.single(valueOf(p.Value), names(p.Label(), t)...)
		lines := []string{"- parameter: " + literal(name), "  value: '${" + one.name + "}'"}
		err := d.tried(t, lines, false, func(f *documents.File, values map[string]any) error {
			v, err := tds.ValueOf(values[one.name])
			if err != nil {
				return err
			}
			return parametersOf(f).UpdateParameter(name, tds.ParameterPatch{Value: &v})
		})
		if err != nil {
			d.reset(mark)
			t.stays("parameter", p.Label(), err)
			continue
		}
		one.use("parameter "+p.Label()+domain(p), parameterExamples(p))
	}
}

// parameterName is a name that means one parameter, "" if there is none.
func parameterName(f *documents.File, p tds.Parameter) string {
	for _, name := range []string{p.Label(), p.Name} {
		n := 0
		for other := range parametersOf(f).Parameters() {
			if other.Label() == name || other.Name == name {
				n++
			}
		}
		if n == 1 && name != "" {
			return name
		}
	}
	return ""
}

// domain is what a parameter may be, for a comment.
func domain(p tds.Parameter) string {
	switch p.Domain.Kind {
	case tds.ListDomain:
		var all []string
		for _, a := range p.Domain.Allowed {
			text := a.Value.String()
			if a.As != "" {
				text += " (" + a.As + ")"
			}
			all = append(all, text)
		}
		if len(all) > 0 {
			return ": " + strings.Join(all, ", ")
		}
	case tds.RangeDomain:
		ends := [2]string{}
		for i, end := range []tds.Value{p.Domain.Min, p.Domain.Max} {
			if end != tds.Null() {
				ends[i] = end.String()
			}
		}
		switch {
		case ends[0] != "" && ends[1] != "":
			return ": " + ends[0] + " to " + ends[1]
		case ends[0] != "":
			return ": " + ends[0] + " or more"
		case ends[1] != "":
			return ": " + ends[1] + " or less"
		}
	}
	return ""
}

// parameterExamples are other values that a parameter may have.
func parameterExamples(p tds.Parameter) []any {
	if p.Domain.Kind == tds.AnyDomain && p.Datatype == "string" {
		return textExamples(p.Value.String())
	}
	var out []any
	for _, a := range p.Domain.Allowed {
		if a.Value != p.Value && a.Value != tds.Null() && len(out) < len(exampleSites) {
			out = append(out, valueOf(a.Value))
		}
	}
	return out
}

// textExamples are names of customers, for text alone.
func textExamples(value any) []any {
	if _, ok := value.(string); ok {
		return []any{"Acme", "Globex"}
	}
	return nil
}

// use says of a var what it is for. Another one may use it already.
func (v *variable) use(note string, examples []any) {
	switch {
	case v.note == "":
		v.note, v.examples = note, examples
	case !reflect.DeepEqual(v.examples, examples):
		v.examples = nil // what suits both, nobody knows
	}
	if !strings.Contains(v.note, note) {
		v.note += "; " + note
	}
	if strings.HasPrefix(note, "parameter") {
		v.rank = 2
	}
}

// names are those that a var for something of a template may have.
func names(what string, t *template) []string {
	name := word(what)
	if name == "" {
		name = "value"
	}
	return []string{name, t.key + "_" + strings.TrimPrefix(name, "_")}
}

// mark and reset take back vars whose edit is none.
func (d *draft) mark() []*variable { return slices.Clone(d.vars.singles) }

func (d *draft) reset(to []*variable) {
	for _, v := range d.vars.singles[len(to):] {
		delete(d.vars.taken, v.name)
	}
	d.vars.singles = to
}

// valueOf is a value as the manifest has it: dates are text there.
func valueOf(v tds.Value) any {
	text := v.String()
	if v == tds.Null() {
		return nil
	}
	if b, err := strconv.ParseBool(text); err == nil && v == tds.Boolean(b) {
		return b
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && v == tds.Integer(n) {
		return n
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && v == tds.Real(f) {
		return f
	}
	return text
}
