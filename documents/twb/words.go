package twb

import (
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// WalkTexts is for the packages of this module: it goes over the texts of the workbook, those of
// its parameters first, then those of its data sources, then those of its actions and
// sheets, each in the order of the document. The names of sheets are no texts: they decide
// under which URL a server shows a view.
func (wb *Workbook) WalkTexts(w *tds.TextWalk) error {
	if err := wb.parameters().WalkTexts(w); err != nil {
		return err
	}
	for ds := range wb.Datasources() {
		if err := ds.WalkTexts(w); err != nil {
			return err
		}
	}
	if err := wb.walkActions(w); err != nil {
		return err
	}
	for sheet := range wb.sheetElements() {
		w.In(sheet.view().String())
		if err := walkSheet(w, sheet.el); err != nil {
			return err
		}
	}
	return nil
}

// walkActions asks about the captions of actions, which menus show, and of their links.
func (wb *Workbook) walkActions(w *tds.TextWalk) error {
	for action := range wb.root.Child("actions").Children() {
		if action.Name() == "datasources" || action.Name() == "datasource-dependencies" {
			continue
		}
		w.In("action " + strconv.Quote(action.Value("caption")))
		if err := w.Attr(tds.ActionTexts, action, "caption"); err != nil {
			return err
		}
		for link := range action.Children("link") {
			if err := w.Attr(tds.ActionTexts, link, "caption"); err != nil {
				return err
			}
		}
	}
	return nil
}

// textAttrs are the attributes inside sheets that have a text, by element. What Tableau
// calls a format has one in its value.
var textAttrs = map[string]struct {
	attr string
	kind tds.TextKind
}{
	"pane":        {"title", tds.TitleTexts}, // of a layer of a map
	"story-point": {"caption", tds.StoryTexts},
	"zone":        {"alt-text", tds.AltTexts},
	"filter":      {"alt-text", tds.AltTexts},
}

// formatTexts are the formats that are texts.
var formatTexts = map[string]tds.TextKind{
	"title": tds.TitleTexts, "subtitle": tds.TitleTexts, "alternate-text": tds.LabelTexts, "total-label": tds.LabelTexts,
}

// buttonTexts are what a button of a dashboard shows, and what it tells of itself.
var buttonTexts = map[string]tds.TextKind{"caption": tds.ZoneTexts, "tooltip-text": tds.TooltipTexts}

// richTexts are the kinds of texts with formatting, by the element around them.
var richTexts = map[string]tds.TextKind{
	"title": tds.TitleTexts, "caption": tds.TitleTexts, "format": tds.TitleTexts, "alt-text": tds.AltTexts,
	"customized-tooltip": tds.TooltipTexts, "customized-label": tds.LabelTexts, "annotation": tds.LabelTexts, "zone": tds.ZoneTexts,
}

// walkSheet asks about the texts of a worksheet, dashboard or story: of its layouts for
// other devices, too.
func walkSheet(w *tds.TextWalk, sheet xmledit.Element) error {
	for el := range sheet.Descendants("formatted-text", "format", "reference-line", "pane", "story-point", "zone", "filter", "button-visual-state") {
		if err := walkElement(w, el); err != nil {
			return err
		}
	}
	return nil
}

func walkElement(w *tds.TextWalk, el xmledit.Element) error {
	switch name := el.Name(); name {
	case "formatted-text":
		if kind, ok := richTexts[el.Parent().Name()]; ok { // comments on fields are the data source's
			return w.Rich(zoneKind(kind, el.Parent()), el)
		}
		return nil
	case "format":
		if kind, ok := formatTexts[el.Value("attr")]; ok {
			return w.Attr(kind, el, "value")
		}
		return nil
	case "reference-line":
		for _, text := range []struct {
			attr string
			kind tds.TextKind
		}{{"label", tds.LabelTexts}, {"tooltip", tds.TooltipTexts}} {
			if err := w.Attr(text.kind, el, text.attr); err != nil {
				return err
			}
		}
		return nil
	case "button-visual-state":
		for text := range el.Children() {
			if kind, ok := buttonTexts[text.Name()]; ok {
				if err := w.Content(kind, text); err != nil {
					return err
				}
			}
		}
		return nil
	default:
		return w.Attr(textAttrs[name].kind, el, textAttrs[name].attr)
	}
}

// zoneKind tells the text of a zone that is nothing else from the title that another zone,
// of a parameter or filter, was given.
func zoneKind(kind tds.TextKind, zone xmledit.Element) tds.TextKind {
	if kind == tds.ZoneTexts && zone.Value("custom-title") == "true" {
		return tds.TitleTexts
	}
	return kind
}
