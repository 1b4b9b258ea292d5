package tds

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// objectPrefix begins the names of the fields that count the rows of logical tables
// (format 6.3).
const objectPrefix = "[__tableau_internal_object_id__]."

// known are the fields that there are once the definition is embedded: its own, and what
// the workbook calculates or groups.
func (e *embedding) known() map[string]bool {
	known := map[string]bool{}
	for f := range e.def.fields() {
		known[f.name] = true
	}
	for _, m := range []xmledit.Element{e.def.el.Child("connection"), e.def.el.Find("extract", "connection")} {
		for col := range m.Child("cols").Children("map") {
			known[col.Value("key")] = true
		}
	}
	for object := range e.def.objects() {
		known[objectPrefix+TableName{object.Value("id")}.String()] = true
	}
	for _, ds := range []*Datasource{e.ds, e.def} {
		for el := range ds.el.Children("group", "column") {
			if el.Name() == "group" || el.Child("calculation").Exists() {
				known[el.Value("name")] = true
			}
		}
	}
	return known
}

// tellsFields tells whether the definition says which fields its sources have.
func (e *embedding) tellsFields() bool {
	for range e.def.metadata() {
		return true
	}
	return false
}

// referred are the fields that the reference knows, and gets from the published data source.
func (e *embedding) referred() map[string]bool {
	referred := map[string]bool{}
	for el := range e.ds.el.Children("column") {
		referred[el.Value("name")] = true
	}
	for r := range e.ds.proxy().Child("metadata-records").Children("metadata-record") {
		referred[recordName(r)] = true
	}
	return referred
}

// checkFields refuses a definition that lacks fields which the workbook uses, in views or in
// its own calculations and filters (hard case 85). Those that nothing uses are noted.
func (e *embedding) checkFields() error {
	if !e.tellsFields() {
		e.ds.el.Note("the definition does not tell its fields: whether it has those that the workbook uses is not known")
		return nil
	}
	known, referred := e.known(), e.referred()
	users := map[string][]string{} // of fields that are not there
	use := func(name string, by xmledit.Element) {
		if referred[name] && !known[name] {
			if user := userOf(by); !slices.Contains(users[name], user) {
				users[name] = append(users[name], user)
			}
		}
	}
	for block := range e.ds.dependencies() {
		for el := range block.Children("column") {
			if !el.Child("calculation").Exists() {
				use(el.Value("name"), el)
			}
		}
	}
	for el := range e.ds.el.Children("column") {
		for _, ref := range references(el.Child("calculation").Value("formula")) {
			if qualifier, name := splitReference(ref); qualifier == "" {
				use(name, el)
			}
		}
	}
	for el := range e.ds.el.Children("filter") {
		use(e.ds.baseOf(el.Value("column")), el)
	}
	if len(users) == 0 {
		e.noteUnused(known)
		return nil
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(users)) {
		missing = append(missing, fmt.Sprintf("%s (used by %s)", name, list(users[name])))
	}
	return fmt.Errorf("%s lacks fields that the workbook uses: %s", e.def, list(missing))
}

// baseOf is the field that a name stands for, which may be that of an instance.
func (ds *Datasource) baseOf(name string) string {
	for el := range ds.el.Children("column-instance") {
		if el.Value("name") == name {
			return el.Value("column")
		}
	}
	return name
}

// noteUnused notes the columns that stay without a field.
func (e *embedding) noteUnused(known map[string]bool) {
	var unused []string
	for el := range e.ds.el.Children("column") {
		if name := el.Value("name"); el.Value("layered") == "true" && !known[name] && !strings.HasPrefix(name, objectPrefix) {
			unused = append(unused, strconv.Quote(readColumn(el).Label()))
		}
	}
	if len(unused) > 0 {
		e.ds.el.Note("the definition lacks fields that nothing uses: %s", list(unused))
	}
}

// usedParameter is a parameter that the definition uses, as it knows it. One that it has no
// copy of has nothing but its name.
type usedParameter struct{ name, label, datatype string }

// used are the parameters that the definition uses.
func (e *embedding) used() []usedParameter {
	var used []usedParameter
	seen := map[string]bool{}
	for p := range e.def.Parameters() {
		seen[p.Name] = true
		used = append(used, usedParameter{p.Name, p.Label(), p.Datatype})
	}
	for el := range e.def.el.Descendants() {
		for m := range Mentions(el) {
			if m.Datasource == parametersName && !seen[m.Name] {
				seen[m.Name] = true
				used = append(used, usedParameter{m.Name, Unbracket(m.Name), ""})
			}
		}
	}
	return used
}

// checkParameters refuses a definition whose parameters are not those of the workbook.
func (e *embedding) checkParameters() error {
	var faults []error
	for _, p := range e.used() {
		master, err := e.ds.parameters().find(p.name)
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("the definition uses the parameter %s %s: %w", strconv.Quote(p.label), p.name, err))
		case p.datatype != "" && (master.label() != p.label || master.datatype() != p.datatype):
			faults = append(faults, fmt.Errorf("the parameter %s is %s (%s) in the definition, and %s (%s) in the workbook",
				p.name, strconv.Quote(p.label), p.datatype, strconv.Quote(master.label()), master.datatype()))
		}
	}
	return errors.Join(faults...)
}

// checkFilters refuses filters of one field that differ: the published data source has
// narrowed by both.
func (e *embedding) checkFilters() error {
	var faults []error
	for def := range e.def.el.Children("filter") {
		for el := range e.ds.el.Children("filter") {
			same := e.def.baseOf(def.Value("column")) == e.ds.baseOf(el.Value("column"))
			if same && !sameNode(copyNode(el, ""), e.node(def)) {
				faults = append(faults, fmt.Errorf("the definition and the reference filter %s differently: remove one of the filters", el.Value("column")))
			}
		}
	}
	return errors.Join(faults...)
}
