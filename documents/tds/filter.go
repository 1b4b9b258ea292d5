package tds

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// FilterKind says what a filter does with its values.
type FilterKind string

// The kinds of filter. Other stands for shapes that are read but not made here:
// ranges, relative dates, conditions, top N, sets.
const (
	Including  FilterKind = "include"
	Excluding  FilterKind = "exclude"
	Everything FilterKind = "all"
	Other      FilterKind = "other"
)

// Filter is a data source filter (format 9). As an argument it is made by [Include],
// [Exclude] or [IncludeAll].
type Filter struct {
	Field  string // as people see it, or the internal name in brackets
	Kind   FilterKind
	Values []Value // included or excluded
	Class  string  // as read: categorical, quantitative, relative-date
}

// Include keeps the rows whose field has one of the values; null is a value.
func Include(field string, values ...Value) Filter {
	return Filter{Field: field, Kind: Including, Values: values}
}

// Exclude drops the rows whose field has one of the values.
func Exclude(field string, values ...Value) Filter {
	return Filter{Field: field, Kind: Excluding, Values: values}
}

// IncludeAll keeps all rows: the filter stands, but takes nothing away.
func IncludeAll(field string) Filter { return Filter{Field: field, Kind: Everything} }

// String is the filter in words: `Tenant include acme`.
func (f Filter) String() string {
	values := make([]string, len(f.Values))
	for i, v := range f.Values {
		values[i] = v.String()
	}
	s := f.Field + " " + string(f.Kind)
	if f.Kind == Other {
		s += " (" + f.Class + ")"
	}
	if len(values) > 0 {
		s += " " + strings.Join(values, ", ")
	}
	return s
}

// Filters lists the data source filters.
func (ds *Datasource) Filters() iter.Seq[Filter] {
	return func(yield func(Filter) bool) {
		for el := range ds.el.Children("filter") {
			if !yield(ds.readFilter(el)) {
				return
			}
		}
	}
}

// hides tells whether a filter only says which members are hidden (format 9.2).
func hides(el xmledit.Element) bool { return el.Value("kind") == "hide" }

func (ds *Datasource) readFilter(el xmledit.Element) Filter {
	name := baseField(el.Value("column"))
	f := Filter{Field: Unbracket(name), Kind: Other, Class: el.Value("class")}
	datatype := "string"
	if c, err := ds.Column(name); err == nil {
		f.Field, datatype = c.Label(), c.Datatype
	}
	if f.Class == "categorical" && !hides(el) {
		f.Kind, f.Values = readGroup(el.Child("groupfilter"), datatype)
	}
	return f
}

// plainInstance is the name of an instance of a field as it is, not of its year or
// its sum; duplicates have a number.
var plainInstance = regexp.MustCompile(`^\[none:(.+):(?:nk|ok|qk)(?::\d+)?\]$`)

// baseField is the field of a filter's column: [none:Tenant:nk] filters [Tenant].
func baseField(column string) string {
	if m := plainInstance.FindStringSubmatch(column); m != nil {
		return "[" + m[1] + "]"
	}
	return column
}

func readGroup(g xmledit.Element, datatype string) (FilterKind, []Value) {
	switch g.Value("function") {
	case "level-members":
		return Everything, nil
	case "member", "union":
		if values, ok := readMembers(g, datatype); ok {
			return Including, values
		}
	case "except":
		var inner []xmledit.Element
		for c := range g.Children("groupfilter") {
			inner = append(inner, c)
		}
		if len(inner) == 2 && inner[0].Value("function") == "level-members" {
			if values, ok := readMembers(inner[1], datatype); ok {
				return Excluding, values
			}
		}
	}
	return Other, nil
}

// readMembers reads one member or a union of members.
func readMembers(g xmledit.Element, datatype string) (values []Value, ok bool) {
	add := func(m xmledit.Element) bool {
		v, ok := ParseDataValue(m.Value("member"), datatype)
		values = append(values, v)
		return ok && m.Value("function") == "member"
	}
	if g.Value("function") == "member" {
		return values, add(g)
	}
	if g.Value("function") != "union" {
		return nil, false
	}
	for m := range g.Children("groupfilter") {
		if !add(m) {
			return nil, false
		}
	}
	return values, len(values) > 0
}

// SetFilter makes f the filter of its field: the one that is there is replaced,
// keeping its place, filter group and context; else one is added, with the column
// it needs (format 9). Values are written in the field's datatype. An unknown
// field, a value of another type, no values, or two filters on the field are
// errors.
func (ds *Datasource) SetFilter(f Filter) error {
	err := ds.el.Document().Atomically("", func() error { return ds.setFilter(f) })
	if err != nil {
		return fmt.Errorf("filter on %s of %s: %w", strconv.Quote(f.Field), ds, err)
	}
	return nil
}

func (ds *Datasource) setFilter(f Filter) error {
	column, err := ds.Column(f.Field)
	if err != nil {
		return err
	}
	members, err := f.members(column.Datatype)
	if err != nil {
		return err
	}
	existing, err := ds.filterOn(column.Name)
	if err != nil {
		return err
	}
	ns, err := ds.userPrefix()
	if err != nil {
		return err
	}
	if existing.Value("class") == "categorical" {
		return replaceGroup(existing, groupNode(f.Kind, existing.Value("column"), members, ns))
	}
	if err := ds.ensureColumn(column); err != nil {
		return err
	}
	filter := xmledit.NewNode("filter", "class", "categorical", "column", column.Name).
		Add(groupNode(f.Kind, column.Name, members, ns))
	if !existing.Exists() {
		filter.Attrs = append(filter.Attrs, xmledit.Attr{Name: "filter-group", Value: "2"})
		_, err = ds.insert(filter, "column")
		return err
	}
	for _, keep := range []string{"context", "filter-group"} {
		if v, ok := existing.Attr(keep); ok {
			filter.Attrs = append(filter.Attrs, xmledit.Attr{Name: keep, Value: v})
		}
	}
	_, err = existing.Replace(filter)
	return err
}

// replaceGroup gives a categorical filter another content.
func replaceGroup(filter xmledit.Element, group *xmledit.Node) (err error) {
	old := filter.Child("groupfilter")
	switch {
	case same(old, group):
		old.Claim()
	case old.Exists():
		_, err = old.Replace(group)
	default:
		var next xmledit.Element // format 9.2: preset and target come last
		for next = range filter.Children("preset", "target") {
			break
		}
		_, err = filter.Insert(group, next)
	}
	return err
}

// members are the values of f as the document holds them, each once.
func (f Filter) members(datatype string) ([]string, error) {
	if f.Kind == Everything {
		return nil, nil
	}
	if f.Kind != Including && f.Kind != Excluding {
		return nil, fmt.Errorf("a filter of kind %q cannot be set", f.Kind)
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

// filterOn finds the filter on a field, on the field itself or on an instance of
// it.
func (ds *Datasource) filterOn(column string) (xmledit.Element, error) {
	var found []xmledit.Element
	var names []string
	for el := range ds.el.Children("filter") {
		if on := el.Value("column"); !hides(el) && (on == column || baseField(on) == column) {
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

const userNamespace = "http://www.tableausoftware.com/xml/user"

// userPrefix is the document's prefix for Tableau's user attributes; it is declared
// on the root if it was not (format 1.7).
func (ds *Datasource) userPrefix() (string, error) {
	root := ds.el.Document().Root()
	for a := range root.Attrs() {
		if prefix, ok := strings.CutPrefix(a.Name, "xmlns:"); ok && a.Value == userNamespace {
			return prefix, nil
		}
	}
	return "user", root.SetAttr("xmlns:user", userNamespace)
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
	i := 0
	for c := range el.Children() {
		if i >= len(n.Children) || !same(c, n.Children[i]) {
			return false
		}
		i++
	}
	return i == len(n.Children)
}

// ensureColumn makes the column of a field that only the metadata tells of.
func (ds *Datasource) ensureColumn(c Column) error {
	for col := range ds.el.Children("column") {
		if col.Value("name") == c.Name {
			return nil
		}
	}
	role, kind := "dimension", "nominal"
	switch c.Datatype {
	case "integer", "real":
		role, kind = "measure", "quantitative"
	case "date", "datetime":
		kind = "ordinal"
	}
	n := xmledit.NewNode("column", "datatype", c.Datatype, "name", c.Name, "role", role, "type", kind)
	if c.Caption != "" {
		n.Attrs = append(n.Attrs, xmledit.Attr{Name: "caption", Value: c.Caption})
	}
	_, err := ds.insert(n, "name")
	return err
}
