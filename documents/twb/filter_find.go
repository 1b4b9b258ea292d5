package twb

import (
	"errors"
	"slices"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// find lists the filters on a field that at means. One field must be meant: of one data
// source, and with one filter in a view.
func (vf *viewFilters) find(at FilterPlace, field string) ([]placed, error) {
	meant, err := vf.meant(at)
	if err != nil {
		return nil, err
	}
	var all []placed
	for p := range vf.all() {
		if tds.Hides(p.el) || !meant(p) {
			continue
		}
		is, err := p.is(field)
		if err != nil {
			return nil, err
		}
		if is {
			all = append(all, p)
		}
	}
	return all, vf.onePerView(at, field, all)
}

// meant tells which filters a place means; of a worksheet also those that it shares.
func (vf *viewFilters) meant(at FilterPlace) (func(placed) bool, error) {
	datasource := ""
	if at.Datasource != "" {
		ds, err := vf.wb.Datasource(at.Datasource)
		if err != nil {
			return nil, err
		}
		datasource = ds.Name()
	}
	if at.Worksheet != "" {
		if _, err := vf.worksheet(at.Worksheet); err != nil {
			return nil, err
		}
	}
	return func(p placed) bool {
		switch {
		case datasource != "" && p.datasource != datasource:
			return false
		case at.Worksheet == "":
			return p.view.shared() || !at.Shared
		}
		return p.view.sheet.name == at.Worksheet || p.view.shared() && slices.Contains(vf.worksheets(p), at.Worksheet)
	}, nil
}

// worksheet is the view of a worksheet, by its name.
func (vf *viewFilters) worksheet(name string) (filterView, error) {
	s, err := vf.wb.sheet(name)
	if err != nil {
		return filterView{}, err
	}
	var there []string
	for _, v := range vf.views {
		switch {
		case v.shared():
		case v.sheet.el == s.el:
			return v, nil
		default:
			there = append(there, strconv.Quote(v.sheet.name))
		}
	}
	return filterView{}, &tds.NotFoundError{What: "worksheet " + strconv.Quote(name), There: there}
}

// is tells whether the filter is on what a name means: what it stands on, in brackets, what
// people see of it, or the field of a filter on a field as it is.
func (p placed) is(field string) (bool, error) {
	switch {
	case p.column == field:
		return true, nil
	case p.derivation != "" || p.field().Name == "":
		return p.label() == field, nil
	}
	c, err := p.source.find(field)
	if err != nil && !errors.Is(err, tds.ErrNotFound) {
		return false, err
	}
	return err == nil && c.Name == p.base, nil
}

// onePerView refuses filters of which several could be meant: of several data sources, or in
// one view. A worksheet has its own ones and those that it shares.
func (vf *viewFilters) onePerView(at FilterPlace, field string, all []placed) error {
	what := "a filter on field " + strconv.Quote(field)
	var sources []string
	columns := map[xmledit.Element][]string{}
	for _, p := range all {
		if !slices.Contains(sources, p.datasource) {
			sources = append(sources, p.datasource)
		}
		columns[p.view.el] = append(columns[p.view.el], p.column)
	}
	if len(sources) > 1 {
		for i, name := range sources {
			if s := vf.source(name); s != nil {
				sources[i] = s.ds.String()
			}
		}
		return &tds.AmbiguousError{What: what, Where: at.String(), Matches: sources}
	}
	if at.Worksheet != "" && len(columns) > 1 {
		return &tds.AmbiguousError{What: what, Where: at.String(), Matches: []string{"its own", "a shared one"}}
	}
	for _, p := range all {
		if matches := columns[p.view.el]; len(matches) > 1 {
			return &tds.AmbiguousError{What: what, Where: p.view.words(), Matches: matches}
		}
	}
	return nil
}

// notFound says that there is no filter on a field, and on which there are.
func (vf *viewFilters) notFound(at FilterPlace, field string) error {
	meant, err := vf.meant(at)
	if err != nil {
		return err
	}
	var there []string
	for p := range vf.all() {
		if label := p.label(); !tds.Hides(p.el) && meant(p) && !slices.Contains(there, label) {
			there = append(there, label)
		}
	}
	return &tds.NotFoundError{What: "filter on field " + strconv.Quote(field), Where: at.String(), There: there}
}
