package twb

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// RenameView gives a worksheet, dashboard or story another name, and everything in the
// workbook that names it (format 13): its window and thumbnail, the zones and viewpoints of
// dashboards in every device layout, story points, the sources and targets of actions, the
// links of filter actions and navigation, and tooltips that show it. What only reads like
// the name stays: text that people wrote, captions of actions, addresses of web pages,
// settings of extensions, the location on the server that the sheet came from, and the name
// that it had when a calculation was typed into it, user:unnamed, which Tableau leaves, too.
//
// An empty name and one of several lines are errors, and so is a name that another sheet
// has, also in other case: sheets become views with addresses of their own on a server. If
// there is no sheet of the name, but one that has the new one, that is noted: it has been
// renamed. Otherwise it is a [*tds.NotFoundError]; several sheets of the name are a
// [*tds.AmbiguousError].
func (wb *Workbook) RenameView(name, newName string) error {
	err := wb.root.Document().Atomically("", func() error {
		if strings.TrimSpace(newName) == "" || strings.ContainsFunc(newName, unicode.IsControl) {
			return fmt.Errorf("%q cannot be the name of a sheet", newName)
		}
		// A renamed sheet is not found by its old name, so that rules which give one sheet
		// two names, or its name to another one, contradict each other here.
		err := errors.Join(
			wb.root.ClaimChild("view", "name", name, newName),
			wb.root.ClaimChild("view", "name", newName, newName),
		)
		if err != nil {
			return err
		}
		s, err := wb.sheet(name)
		if errors.Is(err, tds.ErrNotFound) {
			done, missing := wb.sheet(newName)
			if missing != nil {
				return err
			}
			wb.root.Note("there is no view %q; %s is there already", name, done.view())
			return done.el.SetAttr("name", newName)
		}
		if err != nil {
			return err
		}
		return wb.renameSheet(s, newName)
	})
	if err != nil {
		return fmt.Errorf("renaming view %s: %w", strconv.Quote(name), err)
	}
	return nil
}

func (wb *Workbook) renameSheet(s sheet, newName string) error {
	r := sheetRenaming{old: s.name, new: newName}
	for other := range wb.sheetElements() {
		if other.el != s.el && strings.EqualFold(other.name, newName) {
			return fmt.Errorf("there is a %s", other.view())
		}
		r.sheets = append(r.sheets, other.name)
	}
	if newName != s.name {
		for el := range wb.root.Descendants(namers...) {
			if err := r.follow(el); err != nil {
				return err
			}
		}
	}
	return s.el.SetAttr("name", newName)
}

// sheetRenaming is a sheet that gets another name.
type sheetRenaming struct {
	old, new string
	sheets   []string // the names of all sheets before
}

// namers are the elements that name sheets.
var namers = []string{
	"window", "viewpoint", "thumbnail", "zone", "story-point", "worksheet", "dashboard", // in an attribute
	"source", "exclude-sheet", "param", "link", // of actions
	"run",
}

// follow gives an element that names the sheet its new name.
func (r sheetRenaming) follow(el xmledit.Element) error {
	switch el.Name() {
	case "param":
		return r.param(el)
	case "link":
		return r.link(el)
	case "run":
		return r.tooltip(el)
	}
	for attr := range sheetAttrs(el) {
		switch el.Value(attr) {
		case r.old:
			if err := el.SetAttr(attr, r.new); err != nil {
				return err
			}
		case r.new:
			// The name is free, so what is named was not there.
			if el.Name() == "window" {
				return fmt.Errorf("there is a window of a sheet %q, which is not there itself", r.new)
			}
			el.Note("it named a sheet %q that was not there; now it is the one that was called %q", r.new, r.old)
		}
	}
	return nil
}

// sheetAttrs lists the attributes of an element that are the name of a sheet.
func sheetAttrs(el xmledit.Element) iter.Seq[string] {
	attrs := []string{"name"}
	switch el.Name() {
	case "window":
		if el.Value("class") == "schema" {
			attrs = nil
		}
	case "zone":
		if slices.Contains(zonesWithoutSheet, cmp.Or(el.Value("type-v2"), el.Value("type"))) {
			attrs = nil
		}
	case "worksheet", "dashboard": // those of the workbook have names, those in story points use them
		if around := el.Parent().Name(); around != "currentDeltas" && around != "capturedDeltas" {
			attrs = nil
		}
	case "source":
		attrs = []string{"worksheet", "dashboard"}
	case "story-point":
		attrs = []string{"captured-sheet", "current-sheet"}
	}
	return slices.Values(attrs)
}

// zonesWithoutSheet are the types of zones that show no sheet and nothing of one, as legends
// and filters do: a name of theirs is just a name.
var zonesWithoutSheet = []string{
	"add-in", "bitmap", "dashboard-object", "empty", "flipboard", "flipboard-nav", "layout-basic",
	"layout-flow", "paramctrl", "text", "title", "web",
}

// param follows in a parameter of an action: the sheet it is for or leads to, or the sheets
// it is not for, with commas between them.
func (r sheetRenaming) param(el xmledit.Element) error {
	value := el.Value("value")
	switch el.Value("name") {
	case "target", "sheet":
		if value == r.old {
			return el.SetAttr("value", r.new)
		}
	case "exclude":
		names, err := r.list(value)
		if err != nil {
			return fmt.Errorf("%s: %w", el.Path(), err)
		}
		if names != value {
			// Each name of the list may change for a rule of its own.
			return el.SetAttrParts("value", names, map[string]string{"sheet " + r.old: r.new})
		}
	}
	return nil
}

// list follows in names with commas between them. How Tableau writes a name that has a comma
// itself was never seen, so that such a name is refused where it may matter.
func (r sheetRenaming) list(names string) (string, error) {
	plain := func(s string) string { return strings.ReplaceAll(s, `\`, "") }
	isOdd := func(name string) bool { return strings.ContainsAny(name, `,\`) }
	items := strings.Split(names, ",")
	if !slices.Contains(items, r.old) && !(isOdd(r.old) && strings.Contains(plain(names), plain(r.old))) {
		return names, nil
	}
	for _, name := range append([]string{r.new}, r.sheets...) {
		if isOdd(name) && (name == r.new || strings.Contains(plain(names), plain(name))) {
			return "", fmt.Errorf("the sheets %q are listed there with commas between them, and %q has a comma or backslash itself", names, name)
		}
	}
	for i, item := range items {
		if item == r.old {
			items[i] = r.new
		}
	}
	return strings.Join(items, ","), nil
}

// link follows in the address of a filter action, which begins with the sheet that is
// filtered: tsl:Sales%20Analysis?…
func (r sheetRenaming) link(el xmledit.Element) error {
	address, ok := strings.CutPrefix(el.Value("expression"), "tsl:")
	if !ok {
		return nil
	}
	name, query, hasQuery := strings.Cut(address, "?")
	if decoded, err := url.PathUnescape(name); err != nil || decoded != r.old {
		return nil
	}
	address = "tsl:" + strings.ReplaceAll(url.QueryEscape(r.new), "+", "%20")
	if hasQuery {
		address += "?" + query
	}
	return el.SetAttrParts("expression", address, map[string]string{"sheet": r.new})
}

// tooltipSheet is how the text of a tooltip names a sheet that it shows:
// <Sheet name="Trend" maxwidth="300" maxheight="300" filter="<All Fields>">
var tooltipSheet = regexp.MustCompile(`<Sheet (?:[a-z]+="[^"]*" )*name="([^"]*)"`)

// notInTooltip are the characters of a name for which it was never seen how a tooltip has
// them.
const notInTooltip = `"<>\`

// tooltip follows in the text of a tooltip.
func (r sheetRenaming) tooltip(el xmledit.Element) error {
	if el.Parent().Parent().Name() != "customized-tooltip" {
		return nil
	}
	text := el.Text()
	var out strings.Builder
	from := 0
	for _, m := range tooltipSheet.FindAllStringSubmatchIndex(text, -1) {
		switch name := text[m[2]:m[3]]; {
		case name == r.old && strings.ContainsAny(r.new, notInTooltip):
			return fmt.Errorf("%s: the tooltip shows the sheet, and its name cannot have any of the characters %s there", el.Path(), notInTooltip)
		case name == r.old:
			out.WriteString(text[from:m[2]] + r.new)
			from = m[3]
		case strings.ContainsAny(r.old, notInTooltip) && !slices.Contains(r.sheets, name):
			return fmt.Errorf("%s: the tooltip shows a sheet %q that is not there, and may be %q", el.Path(), name, r.old)
		}
	}
	if from == 0 {
		return nil
	}
	// Another rule may be about the words of the tooltip.
	return el.Document().Following(func() error { return el.SetText(out.String() + text[from:]) })
}
