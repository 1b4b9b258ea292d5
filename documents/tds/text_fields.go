package tds

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// WalkTexts is for the packages of this module: it goes over the texts of the data source, with
// their copies in the rest of the document. Parameters are a document's, and left out.
func (ds *Datasource) WalkTexts(w *TextWalk) error {
	where := ds.String()
	w.In(where)
	if err := ds.walkCaption(w); err != nil {
		return err
	}
	shown := apart{}
	for _, walk := range []func(*TextWalk, apart) error{ds.walkColumns, ds.walkSets} {
		if err := walk(w, shown); err != nil {
			return err
		}
	}
	w.In(where)
	if err := ds.walkFolders(w); err != nil {
		return err
	}
	return ds.walkDescriptions(w)
}

// walkCaption asks about the caption of the data source.
func (ds *Datasource) walkCaption(w *TextWalk) error {
	out, ok, err := w.ask(DatasourceTexts, ds.el, ds.Caption())
	if err != nil || !ok {
		return err
	}
	r := renaming{caption: out.to, before: []string{ds.Label()}}
	if err := r.isFree(ds); err != nil {
		return w.fail(err)
	}
	copies := func() error { return errors.Join(r.inside(ds), r.lists(ds)) }
	if err := ds.el.Document().Following(copies); err != nil {
		return err
	}
	return out.set(ds.el, "caption")
}

// walkColumns asks about fields: what they are called, their members and the comments on
// them. Copies that say the same follow, others are noted; a copy that says nothing stays so
// (format 8).
func (ds *Datasource) walkColumns(w *TextWalk, shown apart) error {
	copies := map[string][]xmledit.Element{}
	for block := range ds.dependencies() {
		for el := range block.Children("column") {
			copies[el.Value("name")] = append(copies[el.Value("name")], el)
		}
	}
	where := w.where
	there := map[string]bool{}
	for el := range ds.el.Children("column") {
		name := el.Value("name")
		there[name] = true
		p := columnPlaces{el, copies[name]}
		c := Column{Name: name, Caption: el.Value("caption"), Datatype: el.Value("datatype")}
		w.In(where)
		if err := ds.walkLabel(w, p, c, shown); err != nil {
			return err
		}
		w.In("field " + strconv.Quote(c.Label()) + " of " + where)
		if err := w.aliases(p); err != nil {
			return err
		}
		if err := w.descriptions(p.master, p.copies); err != nil {
			return err
		}
	}
	w.In(where)
	return ds.walkUncustomised(w, shown, there, copies)
}

// walkLabel asks what a field is shown as. What counts the rows of a table may be called as a
// field is; Tableau's own names, as [:Measure Names], are not shown as they are.
func (ds *Datasource) walkLabel(w *TextWalk, p columnPlaces, c Column, shown apart) error {
	switch {
	case strings.HasPrefix(c.Name, "[:") && c.Caption == "":
		return nil
	case c.countsRows():
		shown = apart{}
	}
	return w.caption(CaptionTexts, "fields", p, c, shown)
}

// caption asks what a field or parameter is shown as.
func (w *TextWalk) caption(kind TextKind, what string, p columnPlaces, c Column, shown apart) error {
	label := c.Label()
	out, ok, err := w.ask(kind, p.master, label)
	if !ok {
		out.to = label
	}
	if err == nil {
		err = w.keep(shown, what, label, out.to)
	}
	if err != nil || !ok || out.to == label && c.Caption == "" {
		return err
	}
	return p.changeText("caption", "caption", out)
}

// changeText gives an attribute of a column another text, as [columnPlaces.change] does.
func (p columnPlaces) changeText(what, attr string, out wording) error {
	return p.change(what, out.to,
		func(el xmledit.Element) string { return el.Value(attr) },
		func(el xmledit.Element, _ string) error { return out.set(el, attr) })
}

// aliases asks about the words for the members of a field.
func (w *TextWalk) aliases(p columnPlaces) error {
	byKey := map[xmledit.Element]map[string]xmledit.Element{} // of each column
	for _, column := range append([]xmledit.Element{p.master}, p.copies...) {
		byKey[column] = map[string]xmledit.Element{}
		for a := range column.Child("aliases").Children("alias") {
			byKey[column][a.Value("key")] = a
		}
	}
	shown := apart{}
	for a := range p.master.Child("aliases").Children("alias") {
		key, old := a.Value("key"), a.Value("value")
		out, ok, err := w.ask(AliasTexts, a, old)
		if !ok {
			out.to = old
		}
		if err == nil {
			err = w.keep(shown, "aliases", old, out.to)
		}
		if err == nil && ok {
			err = p.change("alias of "+key, out.to,
				func(column xmledit.Element) string { return byKey[column][key].Value("value") },
				func(column xmledit.Element, _ string) error { return out.set(byKey[column][key], "value") })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// walkUncustomised asks about the fields that have no column, and makes one for those that
// get a caption.
func (ds *Datasource) walkUncustomised(w *TextWalk, shown apart, there map[string]bool, copies map[string][]xmledit.Element) error {
	var columns []*xmledit.Node
	for r := range ds.metadata() {
		c := uncustomised(r)
		if c.Name == "" || there[c.Name] {
			continue
		}
		there[c.Name] = true
		label := c.Label()
		if !w.create {
			if err := w.keeps(ds, label); err != nil {
				return err
			}
			if err := w.keep(shown, "fields", label, label); err != nil {
				return err
			}
			continue
		}
		out, ok, err := w.ask(CaptionTexts, r, label)
		if !ok {
			out.to = label
		}
		if err == nil {
			err = w.keep(shown, "fields", label, out.to)
		}
		if err != nil {
			return err
		}
		if out.to == label {
			continue
		}
		for _, el := range copies[c.Name] {
			if el.Value("caption") == c.Caption {
				if err := out.set(el, "caption"); err != nil {
					return err
				}
			}
		}
		c.Caption = out.to
		columns = append(columns, c.node())
	}
	slices.SortStableFunc(columns, func(a, b *xmledit.Node) int { return strings.Compare(nodeAttr(a, "name"), nodeAttr(b, "name")) })
	return ds.insertColumns(columns)
}

// walkSets asks about sets and the words for what is in them or not. The sets that Tableau
// keeps for actions and for members left out are hidden, and nobody's words.
func (ds *Datasource) walkSets(w *TextWalk, shown apart) error {
	for el := range ds.el.Children("group") {
		if el.Value("hidden") == "true" {
			continue
		}
		c := Column{Name: el.Value("name"), Caption: el.Value("caption")}
		if err := w.caption(CaptionTexts, "fields", columnPlaces{master: el}, c, shown); err != nil {
			return err
		}
		if err := w.aliases(columnPlaces{master: el}); err != nil {
			return err
		}
	}
	return nil
}

// walkFolders asks about the folders of fields, and about hierarchies. What names a folder
// follows; fields are in folders by their internal names.
func (ds *Datasource) walkFolders(w *TextWalk) error {
	for _, holder := range []xmledit.Element{ds.el, ds.el.Child("folders-common"), ds.el.Child("folders-parameters")} {
		shown := map[string]apart{} // by role: older files have folders of dimensions and of measures
		for el := range holder.Children("folder") {
			role := el.Value("role")
			if shown[role] == nil {
				shown[role] = apart{}
			}
			if err := w.name(el, "folders", shown[role], ds.renameFolder); err != nil {
				return err
			}
		}
	}
	shown := apart{}
	for el := range ds.el.Child("drill-paths").Children("drill-path") {
		if err := w.name(el, "hierarchies", shown, func(_ string, _ wording) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// name asks about the name of a folder or hierarchy.
func (w *TextWalk) name(el xmledit.Element, what string, shown apart, follow func(old string, out wording) error) error {
	old := el.Value("name")
	out, ok, err := w.ask(FolderTexts, el, old)
	if !ok {
		out.to = old
	}
	if err == nil {
		err = w.keep(shown, what, old, out.to)
	}
	if err == nil && ok {
		err = follow(old, out)
	}
	if err != nil || !ok {
		return err
	}
	return out.set(el, "name")
}

// renameFolder brings along the columns that name their folder.
func (ds *Datasource) renameFolder(old string, out wording) error {
	for el := range ds.el.Children("column") {
		if folder, named := el.Attr("folder-name"); named && folder == old {
			if err := out.set(el, "folder-name"); err != nil {
				return err
			}
		}
	}
	return nil
}

// walkDescriptions asks about the comments on everything but fields.
func (ds *Datasource) walkDescriptions(w *TextWalk) error {
	for el := range ds.el.Descendants("desc", "table-description") {
		if el.Parent().Name() == "column" {
			continue
		}
		for formatted := range el.Children("formatted-text") {
			if err := w.Rich(DescriptionTexts, formatted); err != nil {
				return err
			}
		}
	}
	return nil
}
