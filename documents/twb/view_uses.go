package twb

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// Uses is what a view is made of: what it refers to itself, and what that is made of in
// turn. A dashboard uses what the worksheets on it use, a story what its points show, a
// worksheet what the sheets in its tooltips use.
type Uses struct {
	View View
	// Views are those it shows itself: the worksheets on a dashboard, the worksheets and
	// dashboards of the points of a story, the worksheets in tooltips. Each once, in the order
	// of the document.
	Views       []View
	Datasources []DatasourceUse // in the order of the workbook; missing ones come last
	Parameters  []ParameterUse  // in the order of the workbook; missing ones come last
}

// DatasourceUse is what a view uses of a data source.
type DatasourceUse struct {
	Name    string // internal
	Caption string // empty if it has none; of a missing one as the view has it
	// Missing says that the workbook has no such data source: files are seen that refer to
	// one that was removed.
	Missing bool
	Fields  []FieldUse // by name; none if nothing tells which it uses
}

// Label is the caption, or the name where there is no caption.
func (d DatasourceUse) Label() string { return cmp.Or(d.Caption, d.Name) }

// FieldUse is a field or set that a view uses. Of an instance, the year of a date, it is
// what that is of (format 8).
type FieldUse struct {
	Name    string // internal, in brackets
	Caption string // empty if it has none
	// Indirect says that the view does not refer to the field itself: something else is
	// calculated from it, the data source is filtered by it, or there is nothing but a copy.
	Indirect bool
	// Missing says that its data source does not have it. A calculation that was typed on a
	// shelf is in the view alone, and not missing.
	Missing bool
}

// Label is the caption, or the name without its brackets.
func (f FieldUse) Label() string { return cmp.Or(f.Caption, tds.Unbracket(f.Name)) }

// ParameterUse is a parameter that a view uses.
type ParameterUse struct {
	Name    string // internal, in brackets
	Caption string // empty if it has none
	// Indirect says that the view does not refer to the parameter itself: a field is
	// calculated with it, or a data source is queried or filtered with it.
	Indirect bool
	Missing  bool // the workbook does not have it
}

// Label is the caption, or the name without its brackets.
func (p ParameterUse) Label() string { return cmp.Or(p.Caption, tds.Unbracket(p.Name)) }

// Uses tells what a view is made of. The view is found as [Workbook.View] does.
func (wb *Workbook) Uses(view string) (Uses, error) {
	s, err := wb.sheet(view)
	if err != nil {
		return Uses{}, err
	}
	return wb.usage().uses(s), nil
}

// AllUses lists what each view is made of, in the order of [Workbook.Views].
func (wb *Workbook) AllUses() iter.Seq[Uses] {
	return func(yield func(Uses) bool) {
		all := wb.usage()
		for _, s := range all.sheets {
			if !yield(all.uses(s)) {
				return
			}
		}
	}
}

// DatasourceViews lists the views that use a data source, in the order of [Workbook.Views].
// The data source is found by its caption, or else by its internal name, which may be that of
// one that is missing. None is a [*tds.NotFoundError].
func (wb *Workbook) DatasourceViews(name string) ([]View, error) {
	internal := name
	ds, err := wb.Datasource(name)
	if err == nil {
		internal = ds.Name()
	}
	return wb.users(err, func(u Uses) bool {
		return slices.ContainsFunc(u.Datasources, func(d DatasourceUse) bool { return d.Name == internal })
	})
}

// ColumnViews lists the views that use a field of a data source, also indirectly. The data
// source is found as [Workbook.DatasourceViews] does, the field as [tds.Datasource.Column]
// does, or by its exact internal name, which may be that of a set or of one that is missing.
func (wb *Workbook) ColumnViews(datasource, column string) ([]View, error) {
	internal, field := datasource, column
	ds, err := wb.Datasource(datasource)
	if err == nil {
		internal = ds.Name()
		var c tds.Column
		if c, err = ds.Column(column); err == nil {
			field = c.Name
		}
	}
	return wb.users(err, func(u Uses) bool {
		return slices.ContainsFunc(u.Datasources, func(d DatasourceUse) bool {
			return d.Name == internal && slices.ContainsFunc(d.Fields, func(f FieldUse) bool { return f.Name == field })
		})
	})
}

// ParameterViews lists the views that use a parameter, also indirectly. The parameter is found
// by its caption, or by its exact internal name in brackets, which may be that of one that is
// missing.
func (wb *Workbook) ParameterViews(name string) ([]View, error) {
	internal := name
	p, err := wb.Parameter(name)
	if err == nil {
		internal = p.Name
	}
	return wb.users(err, func(u Uses) bool {
		return slices.ContainsFunc(u.Parameters, func(use ParameterUse) bool { return use.Name == internal })
	})
}

// users lists the views that are asked for. What they are to use was not found if there is an
// error, which only counts if no view uses it either.
func (wb *Workbook) users(err error, is func(Uses) bool) ([]View, error) {
	var views []View
	for u := range wb.AllUses() {
		if is(u) {
			views = append(views, u.View)
		}
	}
	if len(views) > 0 {
		return views, nil
	}
	return nil, err
}

// uses puts together what a sheet refers to, what those refer to that it shows, and what all
// that is made of.
func (u *usage) uses(s sheet) Uses {
	uses := Uses{View: s.view()}
	all := reading{datasources: map[string]string{}, fields: map[fieldKey]bool{}, copies: map[fieldKey]copied{}}
	for i, part := range u.parts(s) {
		r := u.reading(part)
		if i == 0 {
			for _, shown := range u.shown(r, s) {
				uses.Views = append(uses.Views, shown.view())
			}
		}
		all.add(r)
	}
	u.addIndirect(&all)
	uses.Datasources = u.datasourceUses(all)
	uses.Parameters = u.parameterUses(all)
	return uses
}

// parts are a sheet and those it shows, at any depth.
func (u *usage) parts(s sheet) []sheet {
	parts := []sheet{s}
	seen := map[xmledit.Element]bool{s.el: true}
	for i := 0; i < len(parts); i++ {
		for _, shown := range u.shown(u.reading(parts[i]), parts[i]) {
			if !seen[shown.el] {
				seen[shown.el] = true
				parts = append(parts, shown)
			}
		}
	}
	return parts
}

// shown are the sheets that a sheet shows, each once. Names that are of none are zones of
// something else.
func (u *usage) shown(r reading, by sheet) []sheet {
	var sheets []sheet
	seen := map[string]bool{by.name: true}
	for _, name := range r.shows {
		if s, ok := u.byName[name]; ok && !seen[name] {
			seen[name] = true
			sheets = append(sheets, s)
		}
	}
	return sheets
}

// reading reads a sheet once.
func (u *usage) reading(s sheet) reading {
	r, done := u.readings[s.el]
	if !done {
		r = u.read(s)
		u.readings[s.el] = r
	}
	return r
}

func (r *reading) add(other reading) {
	maps.Copy(r.datasources, other.datasources)
	maps.Copy(r.copies, other.copies)
	for key, indirect := range other.fields {
		if now, known := r.fields[key]; !known || now {
			r.fields[key] = indirect
		}
	}
}

// addIndirect adds what the fields, parameters and data sources are made of.
func (u *usage) addIndirect(r *reading) {
	work := slices.Collect(maps.Keys(r.fields))
	add := func(keys []fieldKey) {
		for _, key := range keys {
			if _, known := r.fields[key]; !known {
				r.fields[key] = true
				work = append(work, key)
			}
		}
	}
	queried := map[string]bool{}
	query := func(datasource string) {
		if !queried[datasource] {
			queried[datasource] = true
			r.addDatasource(datasource)
			add(u.queriedWith(datasource))
		}
	}
	for _, name := range slices.Collect(maps.Keys(r.datasources)) {
		query(name)
	}
	for len(work) > 0 {
		key := work[len(work)-1]
		work = work[:len(work)-1]
		query(key.datasource)
		add(u.madeOf(key, r.copies))
	}
}

// datasourceUses lists the data sources with their fields.
func (u *usage) datasourceUses(r reading) []DatasourceUse {
	fields := map[string][]FieldUse{}
	for key, indirect := range r.fields {
		if key.datasource == parametersName {
			continue
		}
		f := FieldUse{Name: key.name, Caption: u.fields[key].caption, Indirect: indirect}
		if _, known := u.fields[key]; !known {
			own := r.copies[key].el
			f.Caption, f.Missing = own.Value("caption"), !own.Child("calculation").Exists()
		}
		fields[key.datasource] = append(fields[key.datasource], f)
	}
	delete(r.datasources, parametersName)
	var uses []DatasourceUse
	use := func(name, caption string, missing bool) {
		slices.SortFunc(fields[name], func(a, b FieldUse) int { return cmp.Compare(a.Name, b.Name) })
		uses = append(uses, DatasourceUse{name, caption, missing, fields[name]})
		delete(r.datasources, name)
	}
	for _, ds := range u.datasources {
		if _, used := r.datasources[ds.Name()]; used {
			use(ds.Name(), ds.Caption(), false)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.datasources)) {
		use(name, r.datasources[name], true)
	}
	return uses
}

// parameterUses lists the parameters.
func (u *usage) parameterUses(r reading) []ParameterUse {
	var uses []ParameterUse
	for key, indirect := range r.fields {
		if key.datasource != parametersName {
			continue
		}
		p := ParameterUse{Name: key.name, Caption: u.fields[key].caption, Indirect: indirect}
		if _, known := u.fields[key]; !known {
			p.Caption, p.Missing = r.copies[key].el.Value("caption"), true
		}
		uses = append(uses, p)
	}
	place := func(p ParameterUse) int {
		if p.Missing {
			return len(u.order)
		}
		return u.order[fieldKey{parametersName, p.Name}]
	}
	slices.SortFunc(uses, func(a, b ParameterUse) int { return cmp.Or(place(a)-place(b), cmp.Compare(a.Name, b.Name)) })
	return uses
}
