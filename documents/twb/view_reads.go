package twb

import (
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// reading is what a sheet refers to itself.
type reading struct {
	shows       []string            // the names of the sheets it shows
	datasources map[string]string   // their captions as the sheet has them, by internal name
	fields      map[fieldKey]bool   // and whether only because another is calculated from it
	copies      map[fieldKey]copied // what its copies are of
}

// copied is a copy that a sheet has of a field, or an instance of one.
type copied struct {
	el xmledit.Element
	of string // the field, of an instance
}

// fieldKey names a field, a set, or, of the data source of parameters, a parameter.
type fieldKey struct{ datasource, name string }

// parametersName is the internal name of the data source of parameters (format 12).
const parametersName = "Parameters"

// read collects what a sheet refers to: its copies of fields, what its shelves, filters,
// zones and texts name, and the cards of its windows.
func (u *usage) read(s sheet) reading {
	r := reading{datasources: map[string]string{}, fields: map[fieldKey]bool{}, copies: map[fieldKey]copied{}}
	for list := range s.el.Descendants("datasources") {
		for el := range list.Children("datasource") {
			if name := el.Value("name"); name != "" {
				r.datasources[name] = el.Value("caption")
			}
		}
	}
	for block := range s.el.Descendants("datasource-dependencies") {
		r.readBlock(block)
	}
	u.readMentions(&r, s.el)
	for _, w := range s.windows {
		for card := range w.Descendants("card") {
			u.mentioned(&r, card)
		}
	}
	return r
}

func (r *reading) addDatasource(name string) {
	if _, known := r.datasources[name]; !known {
		r.datasources[name] = ""
	}
}

// readBlock reads the copies that a sheet has of the fields of a data source (format 8). What
// has an instance is used by the sheet itself; the others are there because formulas use them.
func (r *reading) readBlock(block xmledit.Element) {
	ds := block.Value("datasource")
	if ds == "" {
		return
	}
	r.addDatasource(ds)
	for el := range block.Children("column", "column-instance") {
		key := fieldKey{ds, el.Value("name")}
		c := copied{el, el.Value("column")}
		r.copies[key] = c
		if c.of != "" {
			r.fields[fieldKey{ds, c.of}] = false
		} else if _, known := r.fields[key]; !known {
			r.fields[key] = true
		}
	}
}

// readMentions reads what is in an element of a sheet, but for copies, and for what stays when
// a field is taken out of a view: formats, and the order of measures.
func (u *usage) readMentions(r *reading, el xmledit.Element) {
	for c := range el.Children() {
		switch c.Name() {
		case "datasource-dependencies", "style", "bucket":
			continue
		case "zone":
			r.shows = append(r.shows, c.Value("name"))
		case "story-point":
			r.shows = append(r.shows, c.Value("captured-sheet"))
		case "run":
			for _, m := range tooltipSheet.FindAllStringSubmatch(c.Text(), -1) {
				r.shows = append(r.shows, m[1])
			}
		}
		u.mentioned(r, c)
		u.readMentions(r, c)
	}
}

// mentioned reads the names in one element that are qualified with a data source.
func (u *usage) mentioned(r *reading, el xmledit.Element) {
	for m := range tds.Mentions(el) {
		key := fieldKey{m.Datasource, m.Name}
		_, listed := r.datasources[m.Datasource]
		_, there := u.named[m.Datasource]
		if isBuiltIn(m.Name) || !listed && !there && m.Datasource != parametersName {
			continue // it is no name of a field: text in brackets
		}
		r.addDatasource(m.Datasource)
		r.fields[u.base(key, r.copies)] = false
	}
}

// isBuiltIn tells whether a name is none of a field: measure names and values, what Tableau
// generates for maps, and the rows of a table, which are named in two parts and have a copy
// wherever they are used.
func isBuiltIn(name string) bool {
	return strings.HasPrefix(name, "[:") || name == "[Multiple Values]" || strings.HasSuffix(name, "(generated)]") ||
		strings.HasPrefix(name, "[__tableau_internal_object_id__") || strings.Contains(name, ":__tableau_internal_object_id__")
}
