package twb

import (
	"iter"
	"regexp"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// viewFilters are the filters of the views of a workbook while a verb looks at them.
type viewFilters struct {
	wb      *Workbook
	sheets  []sheet
	views   []filterView // worksheets, then shared views
	sources map[string]*filterSource
	groups  map[filterGroup][]placed // see copies; nil until they are asked for
}

// filterGroup is what the filters of worksheets have in common that are one filter.
type filterGroup struct{ group, qualified string }

// filterView is where filters stand: the view of a worksheet, or one in which the worksheets
// of a data source share theirs (format 9.1).
type filterView struct {
	el    xmledit.Element
	sheet sheet // the worksheet; none of a shared view
}

func (v filterView) shared() bool { return !v.sheet.el.Exists() }

// around are the elements in which all that the view uses is named.
func (v filterView) around() []xmledit.Element {
	if v.shared() {
		return []xmledit.Element{v.el}
	}
	return append([]xmledit.Element{v.sheet.el}, v.sheet.windows...)
}

// filterSource is a data source that views filter, with what is asked of it for every filter.
type filterSource struct {
	ds     *tds.Datasource
	fields map[string]tds.Column // by internal name
	sets   map[string]string     // captions of sets and the like, by internal name
	named  map[string]found      // the results of searches
}

type found struct {
	field tds.Column
	err   error
}

func (wb *Workbook) viewFilters() *viewFilters {
	vf := &viewFilters{wb: wb, sheets: wb.sheets(), sources: map[string]*filterSource{}}
	for _, s := range vf.sheets {
		if view := s.el.Find("table", "view"); s.kind == Worksheet && view.Exists() {
			vf.views = append(vf.views, filterView{view, s})
		}
	}
	for el := range wb.root.Child("shared-views").Children("shared-view") {
		vf.views = append(vf.views, filterView{el: el})
	}
	return vf
}

// source is a data source by its internal name, nil if the workbook has none of it. Names are
// compared whole: one may begin with another (hard case 62).
func (vf *viewFilters) source(name string) *filterSource {
	if s, known := vf.sources[name]; known {
		return s
	}
	vf.sources[name] = nil
	for ds := range vf.wb.Datasources() {
		if ds.Name() != name {
			continue
		}
		s := &filterSource{ds, map[string]tds.Column{}, map[string]string{}, map[string]found{}}
		for c := range ds.Columns() {
			s.fields[c.Name] = c
		}
		for el := range ds.Element().Children("group") {
			s.sets[el.Value("name")] = el.Value("caption")
		}
		vf.sources[name] = s
		break
	}
	return vf.sources[name]
}

// find is the field that a name means, as [tds.Datasource.Column] finds it.
func (s *filterSource) find(name string) (tds.Column, error) {
	f, known := s.named[name]
	if !known {
		f.field, f.err = s.ds.Column(name)
		s.named[name] = f
	}
	return f.field, f.err
}

// placed is a filter where it stands.
type placed struct {
	view       filterView
	el         xmledit.Element
	source     *filterSource // nil if the workbook has no such data source
	datasource string        // internal name
	column     string        // what it stands on, not qualified: [yr:Order Date:ok]
	base       string        // the internal name of what that is of: [Order Date]
	derivation string        // what of it, Year or Sum; empty of a field as it is
}

// all lists the filters, those that say which members are hidden among them.
func (vf *viewFilters) all() iter.Seq[placed] {
	return func(yield func(placed) bool) {
		for _, v := range vf.views {
			for el := range v.el.Children("filter") {
				datasource, column := tds.SplitName(el.Value("column"))
				p := placed{view: v, el: el, source: vf.source(datasource), datasource: datasource, column: column}
				p.base, p.derivation = v.instance(datasource, column)
				if !yield(p) {
					return
				}
			}
		}
	}
}

// instance tells what an instance is of, and how it is derived from that. What is no instance
// is of itself.
func (v filterView) instance(datasource, column string) (base, derivation string) {
	if base := tds.PlainField(column); base != column {
		return base, ""
	}
	for _, block := range v.blocks(datasource) {
		for el := range block.Children("column-instance") {
			if el.Value("name") == column {
				return el.Value("column"), el.Value("derivation")
			}
		}
	}
	return column, ""
}

// blocks are those of the view that hold copies of the fields of a data source: one, unless
// the file is damaged.
func (v filterView) blocks(datasource string) []xmledit.Element {
	var blocks []xmledit.Element
	for block := range v.el.Children("datasource-dependencies") {
		if block.Value("datasource") == datasource {
			blocks = append(blocks, block)
		}
	}
	return blocks
}

// field is what the filter is on; without a name if that is no field.
func (p placed) field() tds.Column {
	if p.source == nil {
		return tds.Column{}
	}
	return p.source.fields[p.base]
}

// derivationWords are what people see of derivations that are called otherwise in documents.
var derivationWords = map[string]string{"Count": "CNT", "CountD": "CNTD", "User": "AGG", "Attribute": "ATTR", "InOut": "IN/OUT"}

// label is what people see of what is filtered: Region, YEAR(Order Date).
func (p placed) label() string {
	label := tds.Unbracket(p.base)
	if c := p.field(); c.Name != "" {
		label = c.Label()
	} else if p.source != nil && p.source.sets[p.base] != "" {
		label = p.source.sets[p.base]
	}
	if p.derivation == "" {
		return label
	}
	word, known := derivationWords[p.derivation]
	if !known {
		word = strings.ToUpper(strings.TrimSuffix(p.derivation, "-Trunc"))
	}
	return word + "(" + label + ")"
}

// partTypes are the datatypes of the parts of dates that a filter can be set on: numbers of
// years and the like, and dates that are cut off. Real files have 2010 for a year, and
// #2010-09-19 00:00:00# for a week cut off, also of a field without times of day.
var partTypes = map[string]string{
	"Year": "integer", "Quarter": "integer", "Month": "integer", "Week": "integer", "Weekday": "integer",
	"Day": "integer", "Hour": "integer", "Minute": "integer", "Second": "integer",
	"Year-Trunc": "datetime", "Quarter-Trunc": "datetime", "Month-Trunc": "datetime", "Week-Trunc": "datetime",
	"Day-Trunc": "datetime", "Hour-Trunc": "datetime", "Minute-Trunc": "datetime", "Second-Trunc": "datetime",
}

// datatype is that of the values that are filtered.
func (p placed) datatype() string {
	if part, ok := partTypes[p.derivation]; ok {
		return part
	}
	if c := p.field(); c.Name != "" {
		return c.Datatype
	}
	return "string"
}

// continuousInstance is the name of an instance that is continuous (format 8).
var continuousInstance = regexp.MustCompile(`:qk(?::\d+)?\]$`)

// continuous tells whether the filter stands on something continuous, which ranges and
// relative dates are for.
func (p placed) continuous() bool {
	if p.column == p.base {
		return p.el.Value("class") != "categorical"
	}
	return continuousInstance.MatchString(p.column)
}

// qualified is what the filter stands on as views name it.
func (p placed) qualified() string { return p.el.Value("column") }

// says reads the filter itself.
func (p placed) says() tds.Filter {
	f := tds.ReadFilter(p.el, p.datatype())
	f.Field = p.label()
	return f
}

func (vf *viewFilters) read(p placed) Filter {
	return Filter{
		Filter: p.says(), Worksheet: p.view.sheet.name, Worksheets: vf.worksheets(p), Datasource: p.datasource,
		Column: p.column, Context: isTrue(p.el.Value("context")),
	}
}

// group is what p has in common with its copies; not ok if it has none.
func (p placed) group() (g filterGroup, ok bool) {
	g = filterGroup{p.el.Value("filter-group"), p.qualified()}
	return g, g.group != "" && !p.view.shared()
}

// copies are the filters of worksheets that are the same filter as p, and p itself: on the
// same column and of the same filter group. They are those before the verb changes any.
func (vf *viewFilters) copies(p placed) []placed {
	if vf.groups == nil {
		vf.groups = map[filterGroup][]placed{}
		for other := range vf.all() {
			if g, ok := other.group(); ok {
				vf.groups[g] = append(vf.groups[g], other)
			}
		}
	}
	if g, ok := p.group(); ok && len(vf.groups[g]) > 0 {
		return vf.groups[g]
	}
	return []placed{p}
}

// sharing are the worksheets that take a shared filter over: they have its slice, and no
// filter of their own on the same column.
func (vf *viewFilters) sharing(p placed) []filterView {
	var views []filterView
	for _, v := range vf.views {
		if !v.shared() && v.slice(p.qualified()).Exists() && !v.filter(p.qualified()).Exists() {
			views = append(views, v)
		}
	}
	return views
}

// worksheets are the names of all worksheets that a filter applies to.
func (vf *viewFilters) worksheets(p placed) []string {
	var names []string
	if p.view.shared() {
		for _, v := range vf.sharing(p) {
			names = append(names, v.sheet.name)
		}
		return names
	}
	for _, c := range vf.copies(p) {
		names = append(names, c.view.sheet.name)
	}
	return names
}

// needing are the views that have what a filter needs: the one that it stands in and, of a
// shared one, the worksheets that take it over.
func (vf *viewFilters) needing(p placed) []filterView {
	if !p.view.shared() {
		return []filterView{p.view}
	}
	return append(vf.sharing(p), p.view)
}

// filter is the filter of the view on a qualified column, but for one of hidden members.
func (v filterView) filter(qualified string) xmledit.Element {
	for el := range v.el.Children("filter") {
		if el.Value("column") == qualified && !tds.Hides(el) {
			return el
		}
	}
	return xmledit.Element{}
}

// slice says that the view is filtered by a qualified column (format 9.3).
func (v filterView) slice(qualified string) xmledit.Element {
	for el := range v.el.Child("slices").Children("column") {
		if strings.TrimSpace(el.Text()) == qualified {
			return el
		}
	}
	return xmledit.Element{}
}

// words are the view in words.
func (v filterView) words() string {
	if v.shared() {
		return "the shared filters of " + strconv.Quote(v.el.Value("name"))
	}
	return v.sheet.view().String()
}

// quoted lists names in quotes.
func quoted(names []string) string {
	var all []string
	for _, n := range names {
		all = append(all, strconv.Quote(n))
	}
	return strings.Join(all, ", ")
}
