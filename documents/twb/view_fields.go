package twb

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// usage answers what the views of a workbook are made of. It is right until the next edit.
type usage struct {
	sheets      []sheet
	byName      map[string]sheet // the first of each name
	readings    map[xmledit.Element]reading
	datasources []*tds.Datasource          // without that of parameters
	named       map[string]*tds.Datasource // by internal name
	fields      map[fieldKey]definition
	order       map[fieldKey]int        // of parameters
	made        map[fieldKey][]fieldKey // what is known of madeOf and queriedWith
}

// definition is what a data source tells of a field, set or parameter.
type definition struct {
	caption string
	el      xmledit.Element // its column or group, none if only metadata tells of it
}

func (wb *Workbook) usage() *usage {
	u := &usage{
		sheets: wb.sheets(), byName: map[string]sheet{}, readings: map[xmledit.Element]reading{},
		datasources: slices.Collect(wb.Datasources()), named: map[string]*tds.Datasource{},
		fields: map[fieldKey]definition{}, order: map[fieldKey]int{}, made: map[fieldKey][]fieldKey{},
	}
	for _, s := range slices.Backward(u.sheets) {
		u.byName[s.name] = s
	}
	for _, ds := range u.datasources {
		u.named[ds.Name()] = ds
		for c := range ds.Columns() {
			u.fields[fieldKey{ds.Name(), c.Name}] = definition{caption: c.Caption}
		}
		for el := range ds.Element().Children("column", "group") {
			key := fieldKey{ds.Name(), el.Value("name")}
			u.fields[key] = definition{el.Value("caption"), el}
		}
	}
	for el := range wb.parametersDatasource().Children("column") {
		key := fieldKey{parametersName, el.Value("name")}
		u.order[key] = len(u.order)
		u.fields[key] = definition{el.Value("caption"), el}
	}
	return u
}

// parametersDatasource is the data source that only holds parameters.
func (wb *Workbook) parametersDatasource() xmledit.Element {
	for el := range wb.root.Child("datasources").Children("datasource") {
		if tds.Wrap(el).IsParameters() {
			return el
		}
	}
	return xmledit.Element{}
}

// instance is how the names of instances end, and what is before that: the derivations, each
// with a colon, and the field (format 8).
var instance = regexp.MustCompile(`^\[(.*):(?:nk|ok|qk)(?::\d+)?\]$`)

// derivation is how that of an instance is written: none, sum, yr.
var derivation = regexp.MustCompile(`^[a-z]+$`)

// base is the field that a name is of: itself, or that of the instance it names. The copies of
// a sheet say so, else the form of the name.
func (u *usage) base(key fieldKey, copies map[fieldKey]copied) fieldKey {
	if c, known := copies[key]; known {
		return fieldKey{key.datasource, cmp.Or(c.of, key.name)}
	}
	if _, known := u.fields[key]; known {
		return key
	}
	parts := instance.FindStringSubmatch(key.name)
	if parts == nil {
		return key
	}
	of := key
	for name := parts[1]; ; { // a field may be called what looks like a derivation
		before, after, ok := strings.Cut(name, ":")
		if !ok || !derivation.MatchString(before) {
			return of
		}
		name, of.name = after, "["+after+"]"
		if _, known := u.fields[of]; known {
			return of
		}
	}
}

// madeOf lists what a field, set or parameter is calculated from, as far as it is there. What
// was typed on a shelf only has the sheet's own copy.
func (u *usage) madeOf(key fieldKey, copies map[fieldKey]copied) []fieldKey {
	if _, known := u.fields[key]; !known {
		return u.knownIn(copies[key].el.Child("calculation"), key.datasource)
	}
	if keys, done := u.made[key]; done {
		return keys
	}
	var keys []fieldKey
	if el := u.fields[key].el; el.Exists() {
		switch {
		case el.Name() == "group":
			keys = u.knownIn(el, key.datasource)
		case key.datasource == parametersName: // the fields that list its values, or set it
			keys = slices.DeleteFunc(u.knownIn(el, parametersName), func(k fieldKey) bool { return k.datasource == parametersName })
		default:
			keys = u.knownIn(el.Child("calculation"), key.datasource)
		}
	}
	u.made[key] = keys
	return keys
}

// knownIn lists the fields and parameters that an element of a data source names, and those
// in it.
func (u *usage) knownIn(el xmledit.Element, datasource string) []fieldKey {
	if !el.Exists() {
		return nil
	}
	var keys []fieldKey
	add := func(el xmledit.Element) {
		for m := range tds.Mentions(el) {
			key := u.base(fieldKey{cmp.Or(m.Datasource, datasource), m.Name}, nil)
			if _, known := u.fields[key]; known {
				keys = append(keys, key)
			}
		}
	}
	add(el)
	for inside := range el.Descendants() {
		add(inside)
	}
	return keys
}

// queriedWith lists what the rows of a data source depend on, whichever fields a view takes:
// the fields of its filters and those of its extract, and the parameters of these and of its
// queries and procedures.
func (u *usage) queriedWith(datasource string) []fieldKey {
	key := fieldKey{datasource: datasource}
	ds, there := u.named[datasource]
	if keys, done := u.made[key]; done || !there {
		return keys
	}
	var keys []fieldKey
	for _, holder := range []xmledit.Element{ds.Element(), ds.Element().Child("extract")} {
		for el := range holder.Children("filter") {
			keys = append(keys, u.knownIn(el, datasource)...)
		}
	}
	for el := range ds.Element().Child("connection").Descendants("relation", "calculation", "column") {
		for m := range tds.Mentions(el) {
			if _, known := u.fields[fieldKey{parametersName, m.Name}]; known && m.Datasource == parametersName {
				keys = append(keys, fieldKey{parametersName, m.Name})
			}
		}
	}
	u.made[key] = keys
	return keys
}
