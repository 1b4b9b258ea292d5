package tds

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// DomainKind says by what the values of a parameter are limited, as documents write it.
type DomainKind string

// The kinds of domains (format 12).
const (
	AnyDomain   DomainKind = "any"
	ListDomain  DomainKind = "list"
	RangeDomain DomainKind = "range"
)

// Domain says which values a parameter may take. The zero Domain is any value.
type Domain struct {
	Kind    DomainKind
	Allowed []Allowed // of a list, in the order that people see
	// Min and Max are the ends of a range, both in it; null where it is open.
	Min, Max Value
	// Step is by how much people move through a range; null if nothing is said. For dates it
	// is a number of Period.
	Step   Value
	Period Period
}

// Allowed is a value of a list, and its display name if that is another one.
type Allowed struct {
	Value Value
	As    string
}

// shown is what people see of the value.
func (a Allowed) shown() string { return cmp.Or(a.As, a.Value.String()) }

// String is the value for people, with its display name: `"w" (West)`.
func (a Allowed) String() string {
	s := strconv.Quote(a.Value.String())
	if a.As != "" {
		s += " (" + a.As + ")"
	}
	return s
}

// readDomain reads the domain of a column of a parameter.
func readDomain(el xmledit.Element) Domain {
	datatype := el.Value("datatype")
	read := func(s string) Value {
		v, _ := ParseDataValue(s, datatype) // null if it is damaged
		return v
	}
	d := Domain{Kind: DomainKind(el.Value("param-domain-type"))}
	aliases := readAliases(el)
	for m := range el.Child("members").Children("member") {
		v := read(m.Value("value"))
		d.Allowed = append(d.Allowed, Allowed{v, cmp.Or(aliases[v], m.Value("alias"))})
	}
	if r := el.Child("range"); r.Exists() {
		d.Min, d.Max = read(r.Value("min")), read(r.Value("max"))
		d.Period = Period(cmp.Or(r.Value("period-type-v2"), r.Value("period-type")))
		d.Step = readStep(r.Value("granularity"), datatype)
	}
	return d
}

// readStep reads a step, which is a number, and of whole numbers may be a fraction in
// files of other writers.
func readStep(s, datatype string) Value {
	if v, ok := ParseDataValue(s, "integer"); ok && datatype != "real" {
		return v
	}
	v, _ := ParseDataValue(s, "real")
	return v
}

// readAliases are the aliases of a column.
func readAliases(el xmledit.Element) map[Value]string {
	aliases := map[Value]string{}
	for a := range el.Child("aliases").Children("alias") {
		if v, ok := ParseDataValue(a.Value("key"), el.Value("datatype")); ok {
			aliases[v] = a.Value("value")
		}
	}
	return aliases
}

// as gives d with its values in a datatype, and tells what is wrong with it.
func (d Domain) as(datatype string) (Domain, error) {
	d.Kind = cmp.Or(d.Kind, AnyDomain)
	var err error
	switch d.Kind {
	case AnyDomain, ListDomain:
		if d.Min != Null() || d.Max != Null() || d.Step != Null() || d.Period != "" {
			return d, errors.New("only a range has ends and a step")
		}
	case RangeDomain:
		d, err = d.asRange(datatype)
	default:
		return d, &NotFoundError{What: "domain " + strconv.Quote(string(d.Kind)), There: []string{string(AnyDomain), string(ListDomain), string(RangeDomain)}}
	}
	switch {
	case err != nil:
	case d.Kind != ListDomain && len(d.Allowed) > 0:
		err = errors.New("only a list has allowed values")
	case d.Kind == ListDomain:
		d.Allowed, err = asList(d.Allowed, datatype)
	}
	return d, err
}

func asList(allowed []Allowed, datatype string) ([]Allowed, error) {
	if len(allowed) == 0 {
		return nil, errors.New("the list is empty")
	}
	seen := map[Value]bool{}
	out := make([]Allowed, len(allowed))
	for i, a := range allowed {
		v, err := a.Value.as(datatype)
		switch {
		case err != nil:
			return nil, err
		case v == Null():
			return nil, errors.New("null is not a value of a parameter")
		case seen[v]:
			return nil, fmt.Errorf("%s is twice in the list", strconv.Quote(v.String()))
		}
		seen[v] = true
		out[i] = Allowed{v, a.As}
	}
	return out, nil
}

func (d Domain) asRange(datatype string) (Domain, error) {
	if !isNumber(datatype) && !isDate(datatype) {
		return d, fmt.Errorf("a range is for numbers and dates, the datatype is %s", datatype)
	}
	var errs [3]error
	d.Min, errs[0] = d.Min.as(datatype)
	d.Max, errs[1] = d.Max.as(datatype)
	d.Step, errs[2] = d.step(datatype)
	if err := cmp.Or(errs[0], errs[1], errs[2]); err != nil {
		return d, err
	}
	if Less(d.Max, d.Min, datatype) {
		return d, fmt.Errorf("the range ends at %s, before it begins at %s", d.Max, d.Min)
	}
	return d, nil
}

// step checks the step of a range, and gives it in its datatype.
func (d Domain) step(datatype string) (Value, error) {
	if d.Step == Null() {
		if d.Period != "" {
			return Null(), fmt.Errorf("a step of %ss needs their number", d.Period)
		}
		return Null(), nil
	}
	if isDate(datatype) {
		i := slices.Index(periods, d.Period)
		switch hours := []Period{Hour, Minute, Second}; {
		case d.Period == "":
			return Null(), errors.New("a step of dates needs a period, like month")
		case i < 0:
			return Null(), &NotFoundError{What: "period " + strconv.Quote(string(d.Period)), There: words(periods)}
		case datatype == "date" && slices.Contains(hours, d.Period):
			return Null(), fmt.Errorf("a date has no %ss to step by", d.Period)
		}
		datatype = "integer"
	} else if d.Period != "" {
		return Null(), fmt.Errorf("only dates step by a period, the datatype is %s", datatype)
	}
	step, err := d.Step.as(datatype)
	if err == nil && !Less(Integer(0), step, "real") {
		err = fmt.Errorf("a step is more than 0, not %s", step)
	}
	return step, err
}

// StepWords is the step of a range in words: `5`, `3 months`. It is empty if there is none.
func (d Domain) StepWords() string {
	switch {
	case d.Step == Null():
		return ""
	case d.Period == "":
		return d.Step.String()
	case d.Step == Integer(1):
		return "1 " + string(d.Period)
	}
	return fmt.Sprintf("%s %ss", d.Step, d.Period)
}

// accepts tells why a value of the datatype is not in the domain.
func (d Domain) accepts(v Value, datatype string) error {
	switch d.Kind {
	case ListDomain:
		var there []string
		for _, a := range d.Allowed {
			if a.Value == v {
				return nil
			}
			there = append(there, a.String())
		}
		return &NotFoundError{What: "value " + strconv.Quote(v.String()) + " in its list", There: there}
	case RangeDomain:
		if d.Min != Null() && Less(v, d.Min, datatype) || d.Max != Null() && Less(d.Max, v, datatype) {
			return fmt.Errorf("%s is not in its range from %s to %s", v, bound(d.Min), bound(d.Max))
		}
	}
	return nil
}

func bound(v Value) string {
	if v == Null() {
		return "any"
	}
	return v.String()
}

// named finds the value of a list that people see under a name.
func (d Domain) named(name string) (Value, error) {
	if d.Kind != ListDomain {
		return Null(), fmt.Errorf("only values of a list have display names, its domain is %s", d.Kind)
	}
	var found []Value
	var there, matches []string
	for _, a := range d.Allowed {
		if a.shown() == name {
			found = append(found, a.Value)
			matches = append(matches, a.String())
		}
		there = append(there, strconv.Quote(a.shown()))
	}
	what := "display name " + strconv.Quote(name)
	switch len(found) {
	case 0:
		return Null(), &NotFoundError{What: what, Where: "its list", There: there}
	case 1:
		return found[0], nil
	}
	return Null(), &AmbiguousError{What: what, Where: "its list", Matches: matches}
}

// alias is the display name of a value.
func (d Domain) alias(v Value) string {
	for _, a := range d.Allowed {
		if a.Value == v {
			return a.As
		}
	}
	return ""
}

// offStep tells whether a value is between the steps of a range. Where they are is known if
// the range has a beginning; steps of months from the end of a long one are not.
func (d Domain) offStep(v Value, datatype string) bool {
	if d.Kind != RangeDomain || d.Min == Null() || d.Step == Null() {
		return false
	}
	if !isDate(datatype) {
		number := func(v Value) float64 {
			if v.kind == integer {
				return float64(v.n)
			}
			return v.f
		}
		steps := (number(v) - number(d.Min)) / number(d.Step)
		return math.Abs(steps-math.Round(steps)) > 1e-9*max(1, math.Abs(steps))
	}
	step := d.Step.n
	if step <= 0 || d.Step.kind != integer {
		return false // in files of other writers
	}
	isOff := func(apart, unit int64) bool { return apart%unit != 0 || apart/unit%step != 0 }
	if unit := monthsOf[d.Period]; unit > 0 {
		from, to := d.Min.t, v.t
		apart := (to.Year()-from.Year())*12 + int(to.Month()-from.Month())
		return from.Day() <= 28 && (isOff(int64(apart), unit) || !from.AddDate(0, apart, 0).Equal(to))
	}
	unit := secondsOf[d.Period]
	return unit > 0 && (isOff(v.t.Unix()-d.Min.t.Unix(), unit) || v.t.Nanosecond() != d.Min.t.Nanosecond())
}

// How long periods are: those of months, and the others.
var (
	monthsOf  = map[Period]int64{Year: 12, Quarter: 3, Month: 1}
	secondsOf = map[Period]int64{Week: 7 * 86400, ISOWeek: 7 * 86400, Day: 86400, Hour: 3600, Minute: 60, Second: 1}
)
