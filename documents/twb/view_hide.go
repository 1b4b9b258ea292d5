package twb

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// HideView hides a view: a server does not show it, and Tableau has no tab for it. The
// dashboards, stories and tooltips that show it still do, and nothing else of it changes.
// Any view can be hidden but the last one that is not, since a server refuses a workbook
// without any; Tableau itself only offers it for views that a dashboard or story shows. One
// that was active, which Tableau opens the workbook with, hands that to the first that is
// shown. What goes to a hidden view on a click is noted.
//
// The window of the view says that it is hidden (format 13): a view without one is refused,
// and so is a dashboard or story of a version that only knows hidden worksheets. The view is
// found as [Workbook.View] does; one that is hidden already stays as it is.
func (wb *Workbook) HideView(name string) error {
	return wb.setHidden("hiding", name, func(s sheet, w xmledit.Element) error {
		if !isHidden(w) && wb.shown() == 1 {
			return errors.New("it is the only view that is not hidden")
		}
		if err := wb.hide(s, w); err != nil {
			return err
		}
		wb.noteGoing(s, w)
		return wb.root.Document().Following(func() error { return wb.deactivate(w) })
	})
}

// ShowView shows a view that is hidden; it is the reverse of [Workbook.HideView]. The views
// on it, of a dashboard, stay hidden.
func (wb *Workbook) ShowView(name string) error {
	return wb.setHidden("showing", name, wb.show)
}

// setHidden does either to a view and its window.
func (wb *Workbook) setHidden(doing, name string, do func(sheet, xmledit.Element) error) error {
	err := wb.root.Document().Atomically("", func() error {
		s, err := wb.sheet(name)
		if err != nil {
			return err
		}
		if n := len(s.windows); n != 1 {
			return fmt.Errorf("it has %d windows, and it takes one to say whether it is hidden", n)
		}
		return do(s, s.windows[0])
	})
	if err != nil {
		return fmt.Errorf("%s view %s: %w", doing, strconv.Quote(name), err)
	}
	return nil
}

// shown counts the views that are not hidden.
func (wb *Workbook) shown() int {
	n := 0
	for _, s := range wb.sheets() {
		if !s.hidden() {
			n++
		}
	}
	return n
}

// hide has a window say that its sheet is hidden, in the way of the file.
func (wb *Workbook) hide(s sheet, w xmledit.Element) error {
	value, said := w.Attr("hidden")
	switch {
	case said && isTrue(value):
		return w.SetAttr("hidden", value) // as it is
	case !wb.hidesByClass():
		return w.SetAttr("hidden", "true")
	case s.kind != Worksheet:
		return errors.New("the version of Tableau that wrote the workbook knows hidden worksheets only")
	}
	if err := w.SetAttr("class", hiddenWorksheet); err != nil {
		return err
	}
	return wb.root.Document().Following(func() error { return w.RemoveAttr("auto-hidden") })
}

// show has a window say that its sheet is shown.
func (wb *Workbook) show(s sheet, w xmledit.Element) error {
	if value, said := w.Attr("hidden"); said && !isTrue(value) {
		return w.SetAttr("hidden", value) // as it is
	}
	if err := w.RemoveAttr("hidden"); err != nil || !wb.hidesByClass() || s.kind != Worksheet {
		return err
	}
	wasHidden := w.Value("class") == hiddenWorksheet
	if err := w.SetAttr("class", string(Worksheet)); err != nil || !wasHidden {
		return err
	}
	return wb.root.Document().Following(func() error { // as all that are shown have it
		return errors.Join(w.SetAttr("auto-hidden", "0"), w.SetAttr("maximized", "0"))
	})
}

// hidesByClass tells whether the file has windows in the form of versions up to 9.0, where
// the class says what is hidden, and what is shown has attributes that later versions do
// not know.
func (wb *Workbook) hidesByClass() bool {
	for w := range wb.root.Child("windows").Children("window") {
		if _, old := w.Attr("auto-hidden"); old || w.Value("class") == hiddenWorksheet {
			return true
		}
	}
	return false
}

// deactivate makes the first view that is shown the active one in place of a window that is
// now hidden. Exactly one window is active in most files, in some none.
func (wb *Workbook) deactivate(hidden xmledit.Element) error {
	active := hidden.Value("maximized")
	if err := hidden.RemoveAttr("maximized"); err != nil || !isTrue(active) {
		return err
	}
	for _, s := range wb.sheets() {
		if !s.hidden() && len(s.windows) > 0 {
			return s.windows[0].SetAttr("maximized", active)
		}
	}
	return nil
}

// noteGoing notes what goes to a sheet that is now hidden: buttons, which name its window,
// and actions, which name the sheet.
func (wb *Workbook) noteGoing(s sheet, w xmledit.Element) {
	if id := w.Child("simple-id").Value("uuid"); id != "" {
		for _, from := range wb.sheets() {
			for button := range from.el.Descendants("button") {
				if action := button.Value("action"); strings.Contains(action, "goto-sheet") && strings.Contains(action, id) {
					w.NoteIn(button, "hidden", "a button on %s goes to %s, which is hidden", from.view(), s.view())
				}
			}
		}
	}
	for action := range wb.root.Child("actions").Children("nav-action") {
		for param := range action.Child("params").Children("param") {
			if param.Value("name") == "sheet" && param.Value("value") == s.name {
				w.NoteIn(action, "hidden", "the action %q goes to %s, which is hidden", action.Value("caption"), s.view())
			}
		}
	}
}
