package tds

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// TextKind tells what a text that people see is the text of.
type TextKind string

// The kinds of texts.
const (
	CaptionTexts     TextKind = "captions"      // of fields and sets
	AliasTexts       TextKind = "aliases"       // of the members of fields
	ParameterTexts   TextKind = "parameters"    // captions of parameters
	DisplayNameTexts TextKind = "display_names" // of the values of parameters
	DatasourceTexts  TextKind = "datasources"   // captions of data sources
	FolderTexts      TextKind = "folders"       // names of folders and hierarchies of fields
	DescriptionTexts TextKind = "descriptions"  // comments on fields, parameters, sets, hierarchies, tables and data sources
	TitleTexts       TextKind = "titles"        // titles and captions of sheets; titles of axes, filters, legends and parameters
	TooltipTexts     TextKind = "tooltips"      // of marks, reference lines and buttons
	LabelTexts       TextKind = "labels"        // of marks, reference lines and totals; annotations
	ZoneTexts        TextKind = "texts"         // text zones and buttons of dashboards and stories
	StoryTexts       TextKind = "stories"       // captions of story points
	ActionTexts      TextKind = "actions"       // captions of actions, as menus show them
	AltTexts         TextKind = "alt_texts"     // what is read out to people who do not see
)

// TextKinds lists the kinds of texts.
func TextKinds() []TextKind {
	return []TextKind{
		CaptionTexts, AliasTexts, ParameterTexts, DisplayNameTexts, DatasourceTexts, FolderTexts, DescriptionTexts, TitleTexts, TooltipTexts, LabelTexts, ZoneTexts, StoryTexts, ActionTexts, AltTexts,
	}
}

// TextSelection says which texts are meant. The zero selection is all of them, but for the
// names of fields that nobody customised.
type TextSelection struct {
	Only   []TextKind // none are all
	Except []TextKind
	// Create takes the names of fields that nobody customised for captions, too: a field
	// whose text is changed gets a column, to hold its caption.
	Create bool
}

// kinds are the kinds that are selected.
func (s TextSelection) kinds() (map[TextKind]bool, error) {
	all := TextKinds()
	selected := map[TextKind]bool{}
	for _, kind := range slices.Concat(s.Only, s.Except) {
		if !slices.Contains(all, kind) {
			var there []string
			for _, k := range all {
				there = append(there, string(k))
			}
			return nil, &NotFoundError{What: "kind of texts " + strconv.Quote(string(kind)), There: there}
		}
	}
	for _, kind := range all {
		if (len(s.Only) == 0 || slices.Contains(s.Only, kind)) && !slices.Contains(s.Except, kind) {
			selected[kind] = true
		}
	}
	return selected, nil
}

// Text is a text that people see, as it can be translated: without white space around it,
// lines ended by a line feed. Of text with formatting it is one line, or what a tab sets
// apart in it. References stand in it as Tableau writes them, <[Parameters].[Region]> or
// <Sheet Name>; a ¦ stands where the formatting changes, or a ‖ where the text has a ¦
// itself (format 13).
type Text struct {
	Kind  TextKind
	Text  string
	Where string // in words: worksheet "Map"
	Line  int    // of the element that has it, from 1
}

// TextWalk is for the packages of this module: one walk over the texts of a document both
// lists them and changes them, so that what is listed can be changed, and nothing else. It
// asks about every text that is a fact, and brings the copies of that fact along.
type TextWalk struct {
	kinds  map[TextKind]bool
	create bool
	told   string // what errors say already of where they are
	where  string // what the walk is in
	// visit is told of a text and says what it is to be; not ok leaves it and its copies as
	// they are.
	visit func(t Text) (w wording, ok bool, err error)
	// keeps is told of the name of a field that stays because no column holds it.
	keeps func(ds *Datasource, name string) error
}

// In says in words where the texts are that the walk comes to next.
func (w *TextWalk) In(where string) { w.where = where }

// fail says where something is wrong.
func (w *TextWalk) fail(err error) error {
	if err == nil || w.where == w.told {
		return err
	}
	return fmt.Errorf("%s: %w", w.where, err)
}

func newTextWalk(name string, s TextSelection) (*TextWalk, error) {
	kinds, err := s.kinds()
	return &TextWalk{kinds: kinds, create: s.Create, told: name, keeps: func(*Datasource, string) error { return nil }}, err
}

// ListTexts is for the packages of this module: the texts that a walk comes to, in its order.
func ListTexts(s TextSelection, walk func(*TextWalk) error) ([]Text, error) {
	var all []Text
	w, err := newTextWalk("", s)
	if err != nil {
		return nil, err
	}
	w.visit = func(t Text) (wording, bool, error) {
		all = append(all, t)
		return wording{}, false, nil
	}
	return all, walk(w)
}

// wording is what a text is to be, and what a rule wants of which part of it: other rules
// may be about other parts.
type wording struct {
	to         string
	part, want string
}

// ask asks what a text, as it is stored, is to be; not ok if it is to stay.
func (w *TextWalk) ask(kind TextKind, el xmledit.Element, stored string) (out wording, ok bool, err error) {
	text := strings.TrimSpace(unixLines(stored))
	if refs, rest := inserted(text); strings.TrimSpace(rest) == "" && (text == "" || len(refs) > 0) || !w.kinds[kind] {
		return wording{}, false, nil
	}
	out, ok, err = w.visit(Text{Kind: kind, Text: text, Where: w.where, Line: el.Position().Line})
	if ok && err == nil {
		out.to = strings.TrimSpace(unixLines(out.to))
		err = sameReferences(text, out.to)
	}
	switch {
	case err != nil:
		return wording{}, false, w.fail(err)
	case out.to == text:
		out.to = stored
		return out, ok, nil
	case strings.Contains(stored, "\r\n"):
		out.to = strings.ReplaceAll(out.to, "\n", "\r\n")
	}
	lead, trail := around(stored)
	out.to = stored[:lead] + out.to + stored[trail:]
	return out, ok, nil
}

// around is where the white space before a text ends, and where that after it begins.
func around(text string) (from, to int) {
	return len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace)), len(strings.TrimRightFunc(text, unicode.IsSpace))
}

// Attr asks about an attribute that nothing is a copy of, and sets it.
func (w *TextWalk) Attr(kind TextKind, el xmledit.Element, name string) error {
	out, ok, err := w.ask(kind, el, el.Value(name))
	if err != nil || !ok {
		return err
	}
	return out.set(el, name)
}

// Content asks about the text of an element that nothing is a copy of, and sets it.
func (w *TextWalk) Content(kind TextKind, el xmledit.Element) error {
	out, ok, err := w.ask(kind, el, el.Text())
	if err != nil || !ok {
		return err
	}
	return el.SetTextParts(out.to, map[string]string{out.part: out.want})
}

// set writes an attribute.
func (out wording) set(el xmledit.Element, name string) error {
	return el.SetAttrParts(name, out.to, map[string]string{out.part: out.want})
}

// apart are texts that people must be able to tell apart: what each of them was, by what it
// is to be.
type apart map[string]string

// keep refuses a text that is to be the same as another one is. What was the same stays so.
func (w *TextWalk) keep(a apart, what, was, as string) error {
	if other, twice := a[as]; twice && other != was {
		return w.fail(fmt.Errorf("the %s %s and %s would both be shown as %s", what, strconv.Quote(other), strconv.Quote(was), strconv.Quote(as)))
	}
	a[as] = was
	return nil
}
