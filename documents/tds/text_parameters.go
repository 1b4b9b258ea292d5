package tds

import (
	"iter"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// WalkTexts goes over the texts of the parameters: what they and their values are called,
// and the comments on them. Every copy in views, dashboards, stories, data sources and the
// nested copies of published ones follows (format 12). Where a document lost the parameter
// itself, the first copy is taken for it.
func (ps Parameters) WalkTexts(w *TextWalk) error {
	all, err := ps.places()
	if err != nil {
		return err
	}
	shown := apart{}
	for _, p := range all {
		c := Column{Name: p.master.Value("name"), Caption: p.master.Value("caption")}
		w.In("parameter " + strconv.Quote(c.Label()))
		if err := w.caption(ParameterTexts, "parameters", p, c, shown); err != nil {
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

// places are the parameters with all their copies.
func (ps Parameters) places() ([]columnPlaces, error) {
	var all []columnPlaces
	at := map[string]int{}
	for p := range ps.each() {
		at[p.name()] = len(all)
		all = append(all, columnPlaces{master: p.el})
	}
	err := ps.columns(func(root, el xmledit.Element) {
		name := el.Value("name")
		switch i, known := at[name]; {
		case known && el != all[i].master:
			all[i].copies = append(all[i].copies, el)
		case !known && root == ps.root(): // what only a published data source has, nobody sees here
			at[name] = len(all)
			all = append(all, columnPlaces{master: el})
		}
	})
	return all, err
}

// displayNames asks about what the values of a parameter are shown as: in its list, in its
// aliases and of its current value. They stand beside each other, and have the same words.
func (w *TextWalk) displayNames(p columnPlaces) error {
	shown := apart{}
	became := map[string]wording{}
	for el, attr := range displayed(p.master) {
		old := el.Value(attr)
		out, ok, err := w.ask(DisplayNameTexts, el, old)
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
