package tds

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// SetFilter makes f the data source filter of its field: the one that is there is
// changed, keeping its place, filter group, context and targets; else one is added, with
// the column or instance it needs (format 9). Values are written in the field's
// datatype, relative dates as the document's version does. An unknown field, a value of
// another type, no values, ends that are the wrong way round, hours of a date, or two
// filters on the field are errors, and so is a calculated field that aggregates or is a
// table calculation: it has no value for a single row. FIXED expressions have.
//
// A filter stands on the field itself; one of dates between ends or of relative dates
// stands on an instance of it, which is made: no such filter of Tableau's own was seen,
// extract filters are written so (format 9.1).
func (ds *Datasource) SetFilter(f Filter) error {
	return ds.changeFilter("filter on "+strconv.Quote(f.Field), func() error {
		return filterPlace{ds: ds, in: ds.el}.set(f)
	})
}

// RemoveFilter removes the data source filter of a field, given as people see it or by
// its internal name in brackets. What was made for the filter, its column or instance,
// stays: others may use it. No filter on the field is a [*NotFoundError] that lists the
// fields which have one; several are an [*AmbiguousError].
func (ds *Datasource) RemoveFilter(field string) error {
	return ds.changeFilter("removing the filter on "+strconv.Quote(field), func() error {
		return filterPlace{ds: ds, in: ds.el}.remove(field)
	})
}

// SetExtractFilter makes f the extract filter of its field, as [Datasource.SetFilter]
// does for data source filters. A new one stands on an instance of the field. Rows that
// are in the extract already stay until it is refreshed, which is noted. No extract is a
// [*NotFoundError].
func (ds *Datasource) SetExtractFilter(f Filter) error {
	return ds.changeFilter("extract filter on "+strconv.Quote(f.Field), func() error {
		p, err := ds.extractPlace()
		if err != nil {
			return err
		}
		p.noteRows()
		return p.set(f)
	})
}

// RemoveExtractFilter removes the extract filter of a field, as [Datasource.RemoveFilter]
// does a data source filter. The rows it kept out are missing until the extract is
// refreshed, which is noted.
func (ds *Datasource) RemoveExtractFilter(field string) error {
	return ds.changeFilter("removing the extract filter on "+strconv.Quote(field), func() error {
		p, err := ds.extractPlace()
		if err != nil {
			return err
		}
		p.noteRows()
		return p.remove(field)
	})
}

// changeFilter runs a verb on filters and says what failed on what.
func (ds *Datasource) changeFilter(doing string, verb func() error) error {
	if err := ds.el.Document().Atomically("", verb); err != nil {
		return fmt.Errorf("%s of %s: %w", doing, ds, err)
	}
	return nil
}

// filterPlace is where filters stand: in a data source, or in its extract.
type filterPlace struct {
	ds *Datasource
	in xmledit.Element
}

// extractPlace is where extract filters stand.
func (ds *Datasource) extractPlace() (filterPlace, error) {
	extract := ds.el.Child("extract")
	if !extract.Exists() {
		return filterPlace{}, &NotFoundError{What: "extract", Where: ds.String()}
	}
	return filterPlace{ds, extract}, nil
}

// noteRows tells what a changed filter does not do to an extract (hard case 60).
func (p filterPlace) noteRows() {
	if p.ds.HasExtract() {
		p.in.Note("the rows in the extract of %s stay as they are until it is refreshed", p.ds)
	} else {
		p.in.Note("the extract of %s is not enabled, so that its filters do nothing", p.ds)
	}
}

func (p filterPlace) ofExtract() bool { return p.in != p.ds.el }

func (p filterPlace) set(f Filter) error {
	c, err := p.ds.Column(f.Field)
	if err != nil {
		return err
	}
	class, err := f.class()
	if err != nil {
		return err
	}
	if err := p.in.ClaimChild("filter", "column", c.Name, "set"); err != nil {
		return err
	}
	existing, err := p.on(c.Name)
	if err != nil {
		return err
	}
	column := existing.Value("column")
	if existing.Value("class") != class {
		if column, err = p.column(c, class); err != nil {
			return err
		}
	}
	n, err := p.ds.FilterNode(f, c, column, existing)
	if err != nil {
		return err
	}
	if existing.Exists() {
		return RewriteFilter(existing, n)
	}
	if p.ofExtract() {
		_, err = insertInOrder(p.in, extractOrder, n, "column")
		return err
	}
	n.Attrs = append(n.Attrs, xmledit.Attr{Name: "filter-group", Value: "2"})
	_, err = p.ds.insert(n, "column")
	return err
}

func (p filterPlace) remove(field string) error {
	existing, err := p.find(field)
	if err != nil {
		return err
	}
	if err := p.in.ClaimChild("filter", "column", PlainField(existing.Value("column")), xmledit.Absent); err != nil {
		return err
	}
	return existing.Remove()
}

// find finds the filter on a field, given as people see it or by its internal name.
func (p filterPlace) find(field string) (xmledit.Element, error) {
	name := field
	switch c, err := p.ds.Column(field); {
	case err == nil:
		name = c.Name
	case !errors.Is(err, ErrNotFound):
		return xmledit.Element{}, err
	case !strings.HasPrefix(field, "["): // a set, say, which is no column
		name = bracket(field)
	}
	existing, err := p.on(name)
	if err != nil || existing.Exists() {
		return existing, err
	}
	var there []string
	for el, f := range p.read() {
		if !Hides(el) {
			there = append(there, f.Field)
		}
	}
	return existing, &NotFoundError{What: "filter on field " + strconv.Quote(field), Where: p.ds.String(), There: there}
}

// on finds the filter on a field, on the field itself or on an instance of it.
func (p filterPlace) on(column string) (xmledit.Element, error) {
	var found []xmledit.Element
	var names []string
	for el := range p.in.Children("filter") {
		if on := el.Value("column"); !Hides(el) && (on == column || PlainField(on) == column) {
			found = append(found, el)
			names = append(names, on)
		}
	}
	switch len(found) {
	case 0:
		return xmledit.Element{}, nil
	case 1:
		return found[0], nil
	}
	return xmledit.Element{}, &AmbiguousError{What: "a filter on " + column, Matches: names}
}

// column makes what a new filter on a field stands on, and gives its name (format 9.1).
func (p filterPlace) column(c Column, class string) (string, error) {
	if err := p.ds.ensureColumn(c); err != nil {
		return "", err
	}
	continuous := class != "categorical"
	isDate := c.Datatype == "date" || c.Datatype == "datetime"
	if !p.ofExtract() && !(continuous && isDate) {
		return c.Name, nil
	}
	return p.ds.ensureInstance(c, continuous)
}

// ensureInstance makes the instance of a field as it is, continuous or discrete, if it is
// not there, and gives its name (format 8).
func (ds *Datasource) ensureInstance(c Column, continuous bool) (string, error) {
	n := c.instance(continuous)
	name := nodeAttr(n, "name")
	for el := range ds.el.Children("column-instance") {
		if el.Value("name") == name {
			return name, nil
		}
	}
	_, err := ds.insert(n, "name")
	return name, err
}

// instance is the instance of a field as it is, continuous or discrete (format 8).
func (c Column) instance(continuous bool) *xmledit.Node {
	suffix, kind := "nk", "nominal"
	switch ordered := slices.Contains([]string{"integer", "real", "date", "datetime"}, c.Datatype); {
	case continuous:
		suffix, kind = "qk", "quantitative"
	case ordered && c.Type != "nominal":
		suffix, kind = "ok", "ordinal"
	}
	base := strings.TrimSuffix(strings.TrimPrefix(c.Name, "["), "]")
	name := "[none:" + base + ":" + suffix + "]"
	return xmledit.NewNode("column-instance",
		"column", c.Name, "derivation", "None", "name", name, "pivot", "key", "type", kind)
}

// extractOrder is the order of the children of <extract> (format 11).
var extractOrder = []string{"connection", "filter", "aggregation"}
