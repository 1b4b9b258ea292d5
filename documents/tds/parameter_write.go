package tds

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// put writes the domain into a column of a parameter. Values and their display names go
// where whole is true, and where a copy has them: most copies have none (format 12).
func (d Domain) put(el xmledit.Element, whole bool) error {
	if err := el.ClaimChild("members", "", "", fmt.Sprintf("%q", d)); err != nil {
		return err
	}
	if err := el.SetAttr("param-domain-type", string(d.Kind)); err != nil {
		return err
	}
	isList, isRange := d.Kind == ListDomain, d.Kind == RangeDomain
	whole = whole || el.Child("members").Exists()
	for _, part := range [...]struct {
		name       string
		kept, made bool
		put        func(xmledit.Element) error
	}{
		{"aliases", isList && len(d.aliases()) > 0, whole, d.putAliases},
		{"members", isList, whole, d.putMembers},
		{"range", isRange, true, d.putRange},
	} {
		there := el.Child(part.name).Exists()
		var err error
		switch {
		case part.kept && (there || part.made):
			err = part.put(el)
		case there:
			err = el.Child(part.name).Remove()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// aliases are the display names by their values.
func (d Domain) aliases() map[Value]string {
	aliases := map[Value]string{}
	for _, a := range d.Allowed {
		if a.As != "" {
			aliases[a.Value] = a.As
		}
	}
	return aliases
}

func (d Domain) putAliases(el xmledit.Element) error {
	aliases := el.Child("aliases")
	if maps.Equal(readAliases(el), d.aliases()) {
		aliases.Claim()
		return nil
	}
	named := slices.DeleteFunc(slices.Clone(d.Allowed), func(a Allowed) bool { return a.As == "" })
	return putItems(el, "aliases", items{name: "alias", value: "key", as: "value"}, named)
}

func (d Domain) putMembers(el xmledit.Element) error {
	var there []Allowed
	members := el.Child("members")
	for m := range members.Children("member") {
		v, _ := ParseDataValue(m.Value("value"), el.Value("datatype"))
		there = append(there, Allowed{v, m.Value("alias")})
	}
	if slices.Equal(there, d.Allowed) {
		members.Claim()
		return nil
	}
	return putItems(el, "members", items{name: "member", value: "value", as: "alias"}, d.Allowed)
}

// items says how an element lists values and their display names.
type items struct{ name, value, as string }

// putItems writes a list of values. What is there for one of them stays but for its display
// name, with what else it says.
func putItems(el xmledit.Element, name string, of items, allowed []Allowed) error {
	datatype := el.Value("datatype")
	list := el.Child(name)
	there := map[Value]xmledit.Element{}
	for item := range list.Children(of.name) {
		if v, ok := ParseDataValue(item.Value(of.value), datatype); ok {
			there[v] = item
		}
	}
	n := xmledit.NewNode(name)
	for _, a := range allowed {
		written, err := a.Value.DataValue(datatype)
		if err != nil {
			return err
		}
		item := xmledit.NewNode(of.name, of.value, written)
		if old, ok := there[a.Value]; ok {
			item = copyNode(old, "")
			item.Attrs = slices.DeleteFunc(item.Attrs, func(at xmledit.Attr) bool { return xmledit.LocalName(at.Name) == of.as })
		}
		if a.As != "" {
			item.Attrs = append(item.Attrs, xmledit.Attr{Name: of.as, Value: a.As})
		}
		n.Add(item)
	}
	if list.Exists() {
		_, err := list.Replace(n)
		return err
	}
	_, err := insertInOrder(el, columnOrder, n, "")
	return err
}

func (d Domain) putRange(el xmledit.Element) error {
	datatype := el.Value("datatype")
	r := el.Child("range")
	if !r.Exists() {
		var err error
		if r, err = insertInOrder(el, columnOrder, xmledit.NewNode("range"), ""); err != nil {
			return err
		}
	}
	stepType := datatype
	if isDate(datatype) {
		stepType = "integer"
	}
	for _, a := range [...]struct {
		name     string
		value    Value
		datatype string
	}{{"min", d.Min, datatype}, {"max", d.Max, datatype}, {"granularity", d.Step, stepType}} {
		if a.value == Null() {
			if err := r.RemoveAttr(a.name); err != nil {
				return err
			}
			continue
		}
		written, err := a.value.DataValue(a.datatype)
		if err != nil {
			return err
		}
		if err := setLike(r, a.name, written, a.datatype); err != nil {
			return err
		}
	}
	return putPeriod(r, d.Period)
}

// putPeriod writes the period of a range, in the form that it has or else in that of the
// document.
func putPeriod(r xmledit.Element, p Period) error {
	forms := []string{"period-type-v2", "period-type"}
	var form string
	for _, f := range forms {
		if p != "" && r.Value(f) == string(p) {
			form = f
		}
	}
	if p != "" && form == "" {
		var err error
		if form, err = Wrap(r).periodAttr(p); err != nil {
			return err
		}
	}
	for _, f := range forms {
		if f == form {
			continue
		}
		if err := r.RemoveAttr(f); err != nil {
			return err
		}
	}
	if form == "" {
		return nil
	}
	return r.SetAttr(form, string(p))
}

// setLike sets an attribute that holds a value, unless what is there means the same: 3. is
// 3.0.
func setLike(el xmledit.Element, name, written, datatype string) error {
	if old := el.Value(name); sameValue(old, written, datatype) {
		written = old
	}
	return el.SetAttr(name, written)
}

// sameValue tells whether two DataValues mean the same.
func sameValue(a, b, datatype string) bool {
	va, okA := ParseDataValue(a, datatype)
	vb, okB := ParseDataValue(b, datatype)
	return okA && okB && va == vb
}

// putValue writes the value and the formula of one column of a parameter; what already means
// the same stays.
func putValue(el xmledit.Element, written, literal string) error {
	datatype := el.Value("datatype")
	if err := setLike(el, "value", written, datatype); err != nil {
		return err
	}
	for calc := range el.Children("calculation") { // one; damaged files have two
		formula := literal
		if old := calc.Value("formula"); datatype != "string" && sameValue(old, written, datatype) {
			formula = old
		}
		if err := calc.SetAttr("formula", formula); err != nil {
			return err
		}
	}
	return nil
}

// putAlias writes how the current value is shown. That follows from the value and from the
// list, which different rules may be about.
func putAlias(el xmledit.Element, alias string) error {
	return el.Document().Following(func() error {
		if alias == "" {
			return el.RemoveAttr("alias")
		}
		return el.SetAttr("alias", alias)
	})
}
