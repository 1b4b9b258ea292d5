package tds

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// classes are what documents call the kinds of filter that can be set (format 9.2).
var classes = map[FilterKind]string{
	Including: "categorical", Excluding: "categorical", Everything: "categorical",
	Ranging: "quantitative", Relative: "relative-date",
}

// class is what documents call the kind of f, an error for one that is only read.
func (f Filter) class() (string, error) {
	class, ok := classes[f.Kind]
	if !ok {
		return "", fmt.Errorf("a filter of kind %q cannot be set", f.Kind)
	}
	return class, nil
}

// FilterNode is for the packages of this module that have filters: it builds the shapes of
// format 9.2 for a field, which has a value for every row, with what they need elsewhere in
// the document. The filter stands on column, not qualified, the field itself or an instance
// of it; existing is the filter that it will replace, or none.
func (ds *Datasource) FilterNode(f Filter, c Column, column string, existing xmledit.Element) (*xmledit.Node, error) {
	class, err := f.class()
	if err != nil {
		return nil, err
	}
	if c.countsRows() {
		return nil, fmt.Errorf("%s stands for the rows of a table, and has no values", c.Label())
	}
	if err := ds.perRow(c); err != nil {
		return nil, err
	}
	n := xmledit.NewNode("filter", "class", class, "column", column)
	listed := f.Kind == Including || f.Kind == Excluding
	if f.Manual && !listed {
		return nil, fmt.Errorf("a filter of kind %q has no list of values", f.Kind)
	}
	switch f.Kind {
	case Ranging:
		return n, f.addRange(n, c.Datatype)
	case Relative:
		return n, ds.addPeriods(n, f, c.Datatype)
	}
	members, err := f.members(c.Datatype)
	if err != nil {
		return nil, err
	}
	ns, err := ds.userPrefix()
	if err != nil {
		return nil, err
	}
	group := groupNode(f.Kind, column, members, ns)
	if listed {
		group.Attrs = append(group.Attrs, f.manual(existing, ns)...)
	}
	return n.Add(group), nil
}

// What says that the values of a filter were typed in, behind the prefix of user attributes.
// Tableau writes the second one, too: an emptied list then keeps all rows. Here nobody asks
// for that, so that it is only kept where it is.
const (
	manual          = ":ui-manual-selection"
	allWhenNoValues = ":ui-manual-selection-all-when-empty"
)

// isManual tells whether the values of a filter were typed in.
func isManual(filter xmledit.Element) bool {
	for a := range filter.Child("groupfilter").Attrs() {
		if strings.HasSuffix(a.Name, manual) {
			return a.Value == "true"
		}
	}
	return false
}

// manual are the attributes of a list of values that are typed in, as f says or as the
// filter that is there does.
func (f Filter) manual(existing xmledit.Element, ns string) []xmledit.Attr {
	if !f.Manual && !isManual(existing) {
		return nil
	}
	attrs := []xmledit.Attr{{Name: ns + manual, Value: "true"}}
	if all := existing.Child("groupfilter").Value(ns + allWhenNoValues); all != "" {
		attrs = append(attrs, xmledit.Attr{Name: ns + allWhenNoValues, Value: all})
	}
	return attrs
}

// members are the values of f as the document holds them, each once.
func (f Filter) members(datatype string) ([]string, error) {
	if f.Kind == Everything {
		return nil, nil
	}
	if len(f.Values) == 0 {
		return nil, errors.New("no values: include all is asked for by its own name")
	}
	var members []string
	seen := map[string]bool{}
	for _, v := range f.Values {
		m, err := v.DataValue(datatype)
		if err != nil {
			return nil, err
		}
		if !seen[m] {
			seen[m] = true
			members = append(members, m)
		}
	}
	return members, nil
}

// addRange writes a range into the node of its filter.
func (f Filter) addRange(n *xmledit.Node, datatype string) error {
	for _, end := range []struct {
		name  string
		value Value
	}{{"min", f.Min}, {"max", f.Max}} {
		written, err := rangeEnd(end.value, datatype)
		if err != nil {
			return err
		}
		if end.value != Null() {
			n.Add(&xmledit.Node{Name: end.name, Text: written})
		}
	}
	if datatype == "integer" && (f.Min.kind == real || f.Max.kind == real) {
		datatype = "real"
	}
	if Less(f.Max, f.Min, datatype) {
		return fmt.Errorf("the range from %s to %s is the wrong way round", f.Min, f.Max)
	}
	included := map[Nulls]string{NullsOut: "in-range", NullsIn: "in-range-or-null"}
	if len(n.Children) == 0 {
		included = map[Nulls]string{NullsOut: "non-null", NullsIn: "all", NullsOnly: "null"}
	}
	value, ok := included[f.Nulls]
	if !ok {
		return fmt.Errorf("a range with %d ends cannot have nulls %q", len(n.Children), f.Nulls)
	}
	n.Attrs = append(n.Attrs, xmledit.Attr{Name: "included-values", Value: value})
	return nil
}

// rangeEnd writes an end of a range. A field of numbers may have any number as an end,
// written as it is given: 1 or 1.0 (hard case 58).
func rangeEnd(v Value, datatype string) (string, error) {
	switch datatype {
	case "integer", "real":
		if v.kind == integer || v.kind == real {
			datatype = v.kind.String()
		}
	case "date", "datetime":
	default:
		return "", fmt.Errorf("a range is for numbers and dates, the datatype is %s", datatype)
	}
	return v.DataValue(datatype)
}

// addPeriods writes relative dates into the node of their filter.
func (ds *Datasource) addPeriods(n *xmledit.Node, f Filter, datatype string) error {
	if datatype != "date" && datatype != "datetime" {
		return fmt.Errorf("relative dates are for dates, the datatype is %s", datatype)
	}
	if f.Nulls != NullsIn && f.Nulls != NullsOut {
		return fmt.Errorf("relative dates cannot have nulls %q", f.Nulls)
	}
	p := f.Periods
	if err := p.check(); err != nil {
		return err
	}
	if datatype == "date" && slices.Contains([]Period{Hour, Minute, Second}, p.Period) {
		return fmt.Errorf("a date has no %ss, a datetime has", p.Period)
	}
	unit, err := ds.periodAttr(p.Period)
	if err != nil {
		return err
	}
	n.Attrs = append(n.Attrs, []xmledit.Attr{
		{Name: "first-period", Value: strconv.Itoa(p.First)},
		{Name: "include-future", Value: strconv.FormatBool(!p.ToDate)},
		{Name: "include-null", Value: strconv.FormatBool(f.Nulls == NullsIn)},
		{Name: "last-period", Value: strconv.Itoa(p.Last)},
		{Name: unit, Value: string(p.Period)},
	}...)
	if p.Anchor == Null() {
		return nil
	}
	anchor, err := p.Anchor.DataValue("date")
	if err != nil { // maybe it has a time of day
		anchor, err = p.Anchor.DataValue("datetime")
	}
	if err != nil {
		return fmt.Errorf("the anchor: %w", err)
	}
	n.Attrs = append(n.Attrs, xmledit.Attr{Name: "period-anchor", Value: anchor})
	return nil
}

// contentAttrs are the attributes that say what a filter does, all but which column it is
// on; the others are where and how it is applied, and stay when it changes.
var contentAttrs = []string{
	"class", "column", "first-period", "include-future", "include-null", "included-values", "last-period",
	"period-anchor", "period-type", "period-type-v2",
}

// contentOrder is the order of the children of a filter (format 9.2); all but the last
// two say what it does.
var contentOrder = []string{"min", "max", "groupfilter", "preset", "target"}

// RewriteFilter is for the packages of this module that have filters: it makes a filter do
// what n says, keeping where and how it is applied.
func RewriteFilter(filter xmledit.Element, n *xmledit.Node) error {
	for _, name := range contentAttrs {
		i := slices.IndexFunc(n.Attrs, func(a xmledit.Attr) bool { return a.Name == name })
		var err error
		if i >= 0 {
			err = filter.SetAttr(name, n.Attrs[i].Value)
		} else {
			err = filter.RemoveAttr(name)
		}
		if err != nil {
			return err
		}
	}
	for _, name := range contentOrder[:3] {
		j := slices.IndexFunc(n.Children, func(c *xmledit.Node) bool { return c.Name == name })
		old := filter.Child(name)
		var err error
		switch {
		case j < 0 && old.Exists():
			err = old.Remove()
		case j < 0:
		case same(old, n.Children[j]):
			old.Claim()
		case old.Exists():
			_, err = old.Replace(n.Children[j])
		default:
			_, err = insertInOrder(filter, contentOrder, n.Children[j], "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// UserNamespace is the namespace of Tableau's own attributes, which documents give the prefix
// user (format 1.7).
const UserNamespace = "http://www.tableausoftware.com/xml/user"

// userPrefix is the document's prefix for Tableau's user attributes; it is declared
// on the root if it was not (format 1.7).
func (ds *Datasource) userPrefix() (string, error) {
	if prefix := ds.declaredPrefix(); prefix != "" {
		return prefix, nil
	}
	return "user", ds.el.Document().Root().SetAttr("xmlns:user", UserNamespace)
}

// declaredPrefix is the prefix that the root declares, "" for none.
func (ds *Datasource) declaredPrefix() string {
	for a := range ds.el.Document().Root().Attrs() {
		if prefix, ok := strings.CutPrefix(a.Name, "xmlns:"); ok && a.Value == UserNamespace {
			return prefix
		}
	}
	return ""
}

// groupNode builds the shapes of format 9.2.
func groupNode(kind FilterKind, level string, members []string, ns string) *xmledit.Node {
	member := func(m string) *xmledit.Node {
		return xmledit.NewNode("groupfilter", "function", "member", "level", level, "member", m)
	}
	list := func() *xmledit.Node {
		if len(members) == 1 {
			return member(members[0])
		}
		union := xmledit.NewNode("groupfilter", "function", "union")
		for _, m := range members {
			union.Add(member(m))
		}
		return union
	}
	mark := func(n *xmledit.Node, enumeration string) *xmledit.Node {
		if enumeration != "all" {
			n.Attrs = append(n.Attrs, xmledit.Attr{Name: ns + ":ui-domain", Value: "database"})
		}
		n.Attrs = append(n.Attrs,
			xmledit.Attr{Name: ns + ":ui-enumeration", Value: enumeration},
			xmledit.Attr{Name: ns + ":ui-marker", Value: "enumerate"})
		return n
	}
	all := xmledit.NewNode("groupfilter", "function", "level-members", "level", level)
	switch kind {
	case Everything:
		return mark(all, "all")
	case Excluding:
		return mark(xmledit.NewNode("groupfilter", "function", "except"), "exclusive").Add(all, list())
	}
	return mark(list(), "inclusive")
}

// same tells whether an element already says what a node says.
func same(el xmledit.Element, n *xmledit.Node) bool {
	if !el.Exists() || el.Name() != n.Name {
		return false
	}
	attrs := 0
	for range el.Attrs() {
		attrs++
	}
	if attrs != len(n.Attrs) {
		return false
	}
	for _, a := range n.Attrs {
		if v, ok := el.Attr(a.Name); !ok || v != a.Value {
			return false
		}
	}
	if strings.TrimSpace(el.Text()) != n.Text {
		return false
	}
	i := 0
	for c := range el.Children() {
		if i >= len(n.Children) || !same(c, n.Children[i]) {
			return false
		}
		i++
	}
	return i == len(n.Children)
}
