package twb

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// write makes a filter that is there do what f says.
func (vf *viewFilters) write(p placed, f tds.Filter) error {
	c, err := vf.settable(p)
	if err != nil {
		return err
	}
	if err := p.view.el.ClaimChild("filter", "column", p.claimed(), "set"); err != nil {
		return err
	}
	if p.says().Kind == tds.Other {
		p.view.el.Note("the filter on %s was a condition, a top or the like, and is replaced by one of values", p.label())
	}
	column := p.column
	if isContinuous(f.Kind) != p.continuous() {
		if column, err = vf.move(p, c, isContinuous(f.Kind)); err != nil {
			return err
		}
	}
	n, err := p.source.ds.FilterNode(f, c, column, p.el)
	if err != nil {
		return err
	}
	vf.noteStories(p, vf.worksheets(p))
	from, needing := p.qualified(), vf.needing(p)
	if err := tds.RewriteFilter(p.el, qualify(n, p.source.ds)); err != nil || column == p.column {
		return err
	}
	return p.leave(from, column, needing)
}

// isContinuous tells whether filters of a kind stand on something continuous.
func isContinuous(kind tds.FilterKind) bool { return kind == tds.Ranging || kind == tds.Relative }

// qualify names what a filter stands on as views do.
func qualify(n *xmledit.Node, ds *tds.Datasource) *xmledit.Node {
	for i, a := range n.Attrs {
		if a.Name == "column" {
			n.Attrs[i].Value = ds.Qualified(a.Value)
		}
	}
	return n
}

// claimed names the filter in the claims of rules: a field, and an instance of it as it is,
// are the same.
func (p placed) claimed() string {
	if p.derivation == "" {
		return p.source.ds.Qualified(p.base)
	}
	return p.qualified()
}

// settable is the field whose values a filter can be set to, with the datatype of what is
// filtered of it.
func (vf *viewFilters) settable(p placed) (tds.Column, error) {
	c := p.field()
	if p.source == nil {
		return c, vf.noDatasource(p.datasource, p.view)
	}
	if c.Name == "" {
		return c, fmt.Errorf("%s is no field: filters on sets, actions and names of measures are read and removed, not set", p.label())
	}
	part, ok := partTypes[p.derivation]
	if p.derivation != "" && !ok {
		return c, fmt.Errorf("%s has no value for a single row, which a filter of rows needs", p.label())
	}
	if ok {
		c.Datatype = part
	}
	return c, nil
}

// move gives the views that use a filter what it is to stand on when it becomes continuous, or
// no longer is, and returns the name of that.
func (vf *viewFilters) move(p placed, c tds.Column, continuous bool) (string, error) {
	if p.derivation != "" {
		kinds := map[bool]string{true: "a range or relative dates", false: "a list of values"}
		return "", fmt.Errorf("%s, %s, is filtered by %s, not by %s", p.label(), p.column, kinds[!continuous], kinds[continuous])
	}
	if shown := slices.Concat(vf.cards(p), vf.zones(p)); len(shown) > 0 {
		return "", fmt.Errorf("%s shows the filter as a control, which can only be of %s as it is now", whereShown(shown), p.el.Value("class"))
	}
	return p.source.ds.CopyInstance(c, continuous, elements(vf.needing(p))...)
}

// leave follows a filter that moved from a qualified column to another of its field: slices
// name that one, and what was there for the old one goes.
func (p placed) leave(from, column string, needing []filterView) error {
	return p.el.Document().Following(func() error {
		for _, v := range needing {
			if err := v.moveSlice(from, p.source.ds.Qualified(column)); err != nil {
				return err
			}
			if err := v.prune(p); err != nil {
				return err
			}
		}
		return nil
	})
}

// noteStories tells which points of stories have a filter of their own on what p stands on, on a
// worksheet that it applies to: it is what they show, and stays.
func (vf *viewFilters) noteStories(p placed, worksheets []string) {
	for _, s := range vf.sheets {
		if s.kind == Worksheet {
			continue
		}
		for point := range s.el.Descendants("story-point") {
			for el := range point.Descendants("filter") {
				datasource, column := tds.SplitName(el.Value("column"))
				on := column == p.column || p.derivation == "" && tds.PlainField(column) == p.base
				if name := el.Parent().Value("name"); on && datasource == p.datasource && slices.Contains(worksheets, name) {
					point.Note("a story point of %s has a filter of its own on %s, for worksheet %s, which stays", s.view(), p.label(), strconv.Quote(name))
				}
			}
		}
	}
}

// moveSlice makes a worksheet that is filtered by a column filtered by another, which it may be
// already.
func (v filterView) moveSlice(from, to string) error {
	slice := v.slice(from)
	switch {
	case !slice.Exists():
		return nil
	case v.slice(to).Exists():
		return slice.Remove()
	}
	return slice.SetText(to)
}

// derived is what names a part of a date or an aggregation: YEAR(Order Date), [yr:Order Date:ok].
var derived = regexp.MustCompile(`^[A-Z/]+\(.+\)$|^\[[a-z]+:.+:[a-z]+(:\d+)?\]$`)

// add adds the filter of a field to the worksheet that at names, or to the shared ones.
func (vf *viewFilters) add(at FilterPlace, f tds.Filter) error {
	if at.Worksheet == "" && !at.Shared {
		return vf.notFound(at, f.Field)
	}
	var view filterView
	candidates := slices.Collect(vf.wb.Datasources())
	if at.Worksheet != "" {
		var err error
		if view, err = vf.worksheet(at.Worksheet); err != nil {
			return err
		}
		var missing string
		if candidates, missing = vf.datasources(view); len(candidates) == 0 && missing != "" {
			return vf.noDatasource(missing, view)
		}
	}
	ds, c, err := vf.choose(at, candidates, f.Field)
	if errors.Is(err, tds.ErrNotFound) && derived.MatchString(f.Field) {
		return fmt.Errorf("%w (only filters on fields as they are can be added)", vf.notFound(at, f.Field))
	}
	if err != nil {
		return err
	}
	if at.Shared {
		return vf.share(ds, c, f)
	}
	vf.noteParts(view, ds, c)
	p, err := vf.insert(view, ds, c, f)
	if err != nil {
		return err
	}
	vf.noteStories(p, []string{at.Worksheet})
	return view.addSlice(p.qualified())
}

// datasources are those that a worksheet uses, the first one first; all of the workbook where
// it uses none yet. Where it uses only such as the workbook does not have, there are none, and
// missing is the first of them: fields of others with the same names are not what it shows.
func (vf *viewFilters) datasources(v filterView) (used []*tds.Datasource, missing string) {
	for el := range v.el.Child("datasources").Children("datasource") {
		name := el.Value("name")
		if s := vf.source(name); s != nil {
			used = append(used, s.ds)
		} else if missing == "" && name != parametersName {
			missing = name
		}
	}
	if len(used) == 0 && missing == "" {
		used = slices.Collect(vf.wb.Datasources())
	}
	return used, missing
}

// noDatasource says that a view uses a data source that the workbook does not have.
func (vf *viewFilters) noDatasource(name string, v filterView) error {
	var there []string
	for ds := range vf.wb.Datasources() {
		there = append(there, strconv.Quote(ds.Label()))
	}
	return &tds.NotFoundError{What: "data source " + strconv.Quote(name) + ", which " + v.words() + " uses", There: there}
}

// choose is the one data source that has a field, and the field.
func (vf *viewFilters) choose(at FilterPlace, candidates []*tds.Datasource, field string) (*tds.Datasource, tds.Column, error) {
	if at.Datasource != "" {
		ds, err := tds.Find(slices.Values(candidates), at.Datasource)
		if err != nil {
			return nil, tds.Column{}, err
		}
		candidates = []*tds.Datasource{ds}
	}
	var with []*tds.Datasource
	var column tds.Column
	var matches []string
	var missing []error
	for _, ds := range candidates {
		c, err := ds.Column(field)
		switch {
		case err == nil:
			column = c
			with = append(with, ds)
			matches = append(matches, ds.String())
		case errors.Is(err, tds.ErrNotFound):
			missing = append(missing, err)
		default:
			return nil, c, err
		}
	}
	switch len(with) {
	case 0:
		if len(missing) == 0 {
			return nil, column, &tds.NotFoundError{What: "data source with a field " + strconv.Quote(field)}
		}
		return nil, column, errors.Join(missing...)
	case 1:
		return with[0], column, nil
	}
	return nil, column, &tds.AmbiguousError{What: "field " + strconv.Quote(field), Where: at.String(), Matches: matches}
}

// insert adds a filter to a view, with the copies of what it stands on.
func (vf *viewFilters) insert(v filterView, ds *tds.Datasource, c tds.Column, f tds.Filter) (placed, error) {
	p := placed{view: v, source: vf.source(ds.Name()), datasource: ds.Name(), base: c.Name}
	err := v.el.ClaimChild("filter", "column", p.claimed(), "set")
	if err != nil {
		return p, err
	}
	if p.column, err = use(ds, c, isContinuous(f.Kind), v); err != nil {
		return p, err
	}
	n, err := ds.FilterNode(f, c, p.column, xmledit.Element{})
	if err != nil {
		return p, err
	}
	p.el, err = v.el.Insert(qualify(n, ds), v.filterPlace(ds.Qualified(p.column)))
	return p, err
}

// use gives views the copies of what a filter stands on, and returns its name: of groups,
// which put members of another field together, the field, of others an instance (format 9.1).
func use(ds *tds.Datasource, c tds.Column, continuous bool, views ...filterView) (string, error) {
	if c.Class == "categorical-bin" {
		return c.Name, ds.CopyColumn(c, elements(views)...)
	}
	return ds.CopyInstance(c, continuous, elements(views)...)
}

// elements are those of views.
func elements(views []filterView) []xmledit.Element {
	all := make([]xmledit.Element, len(views))
	for i, v := range views {
		all[i] = v.el
	}
	return all
}

// afterFilters are the children of a view that stand after its filters and sorts, the last
// ones after the slices, too (format 9.3).
var afterFilters = []string{"perspectives", "shelf-sorts", "hide-sort-controls", "slices", "aggregation", "calcs-on-densified-marks"}

// filterPlace is what a new filter stands before: filters and sorts are in the order of their
// columns, the filter of a column before its sort.
func (v filterView) filterPlace(qualified string) xmledit.Element {
	for c := range v.el.Children() {
		on := c.Value("column")
		switch name := c.Name(); {
		case name == "filter" && on > qualified:
			return c
		case (name == "sort" || strings.HasSuffix(name, "-sort")) && on >= qualified:
			return c
		case slices.Contains(afterFilters, name):
			return c
		}
	}
	return xmledit.Element{}
}

// addSlice makes a worksheet say that it is filtered by a column. Slices are in the order in
// which people put them there: a new one is the last.
func (v filterView) addSlice(qualified string) error {
	if v.slice(qualified).Exists() {
		return nil
	}
	n := &xmledit.Node{Name: "column", Text: qualified}
	if list := v.el.Child("slices"); list.Exists() {
		_, err := list.Append(n)
		return err
	}
	_, err := v.el.Insert(xmledit.NewNode("slices").Add(n), first(v.el, afterFilters[4:]...))
	return err
}

// first is the first child with one of names.
func first(el xmledit.Element, names ...string) xmledit.Element {
	for c := range el.Children(names...) {
		return c
	}
	return xmledit.Element{}
}

// noteParts tells which parts of a field, or aggregations of it, the view filters already
// where a filter on the field is added.
func (vf *viewFilters) noteParts(v filterView, ds *tds.Datasource, c tds.Column) {
	for p := range vf.all() {
		if p.view.el == v.el && p.datasource == ds.Name() && p.base == c.Name && !tds.Hides(p.el) {
			v.el.Note("%s is filtered by %s, too, which stays", v.words(), p.label())
		}
	}
}
