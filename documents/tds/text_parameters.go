package tds

import (
	"iter"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// WalkParameterTexts is for the packages of this module: it goes over the texts of the
// parameters of a document: what they and their values are called, and the comments on them.
// Every copy in views, dashboards, stories and data sources follows, and in the copies of
// published data sources (format 12). In a data source file, and where a document lost the
// parameter itself, the first copy is taken for it.
func WalkParameterTexts(w *TextWalk, root xmledit.Element, datasources iter.Seq[*Datasource]) error {
	all, err := parameterPlaces(root, datasources)
	if err != nil {
		return err
	}
	shown := apart{}
	for _, p := range all {
		c := Column{Name: p.master.Value("name"), Caption: p.master.Value("caption")}
		w.In("parameter " + strconv.Quote(c.Label()))
		if err := w.caption(Parameters, "parameters", p, c, shown); err != nil {
			return err
		}
		if err := w.displayNames(p); err != nil {
			return err
		}
		if err := w.descriptions(p.master, p.copies); err != nil {
			return err
		}
	}
	return nil
}

// parameterPlaces are the parameters of a document with their copies, in its order.
func parameterPlaces(root xmledit.Element, datasources iter.Seq[*Datasource]) ([]columnPlaces, error) {
	var all []columnPlaces
	at := map[string]int{}
	for ds := range root.Child("datasources").Children("datasource") {
		for el := range ds.Children("column") {
			if _, is := el.Attr("param-domain-type"); is && Wrap(ds).IsParameters() {
				at[el.Value("name")] = len(all)
				all = append(all, columnPlaces{master: el})
			}
		}
	}
	in := func(root xmledit.Element, isNested bool) {
		for el := range root.Descendants("column") {
			if !copiesParameter(el) {
				continue
			}
			name := el.Value("name")
			switch i, known := at[name]; {
			case known:
				all[i].copies = append(all[i].copies, el)
			case !isNested:
				at[name] = len(all)
				all = append(all, columnPlaces{master: el})
			}
		}
	}
	in(root, false)
	for ds := range datasources {
		for nested, err := range ds.Nested() {
			if err != nil {
				return nil, err
			}
			in(nested.el, true)
		}
	}
	return all, nil
}

// copiesParameter tells whether a column is a copy of a parameter: in a block of copies, or
// with what a story changes of it.
func copiesParameter(el xmledit.Element) bool {
	switch around := el.Parent(); around.Name() {
	case "datasource-dependencies":
		return around.Value("datasource") == parametersName
	case "datasource":
		return around.Value("name") == parametersName && around.Parent().Name() != "datasources"
	}
	return false
}

// displayNames asks about what the values of a parameter are shown as: in its list, in its
// aliases and of its current value. They stand beside each other, and have the same words.
func (w *TextWalk) displayNames(p columnPlaces) error {
	shown := apart{}
	became := map[string]wording{}
	for el, attr := range displayed(p.master) {
		old := el.Value(attr)
		out, ok, err := w.ask(DisplayNames, el, old)
		if !ok {
			out.to = old
		}
		if err == nil {
			err = w.keep(shown, "values", old, out.to)
		}
		if err == nil && ok {
			became[old] = out
			err = out.set(el, attr)
		}
		if err != nil {
			return err
		}
	}
	return p.copyDisplayNames(shown, became)
}

// copyDisplayNames brings the copies along. A name that the parameter itself does not have
// is noted.
func (p columnPlaces) copyDisplayNames(shown apart, became map[string]wording) error {
	for _, c := range p.copies {
		for el, attr := range displayed(c) {
			is := el.Value(attr)
			out, ok := became[is]
			if ok {
				if err := out.set(el, attr); err != nil {
					return err
				}
				continue
			}
			if _, known := shown[is]; !known && len(became) > 0 {
				c.Note("the display name %q of this copy stays: the parameter has none like it", is)
			}
		}
	}
	return nil
}

// displayed lists the attributes of a parameter, or of a copy of one, that have a word for
// one of its values.
func displayed(column xmledit.Element) iter.Seq2[xmledit.Element, string] {
	return func(yield func(el xmledit.Element, attr string) bool) {
		if _, ok := column.Attr("alias"); ok && !yield(column, "alias") {
			return
		}
		for _, place := range [][3]string{{"aliases", "alias", "value"}, {"members", "member", "alias"}} {
			for el := range column.Child(place[0]).Children(place[1]) {
				if _, ok := el.Attr(place[2]); ok && !yield(el, place[2]) {
					return
				}
			}
		}
	}
}
