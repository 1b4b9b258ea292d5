package tds

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// TextReplacement is text to be replaced in what people see.
type TextReplacement struct {
	From string // a part of texts, as people read it; case matters
	To   string
	TextSelection
}

// ReplaceText replaces a part of the texts of a data source; see [ReplaceInTexts].
func (ds *Datasource) ReplaceText(r TextReplacement) (matched int, err error) {
	return ReplaceInTexts(ds.el, ds.String(), r, ds.WalkTexts)
}

// ReplaceInTexts is for the packages of this module: it replaces a part of the texts that a
// walk comes to, as {{tenant}} is (hard case 73), and tells how many have the new one,
// changed now or before. What a translation must not do, a replacement must not, either.
// Text that is found nowhere is a [*NotFoundError], unless what it was to become is there, and
// not as a part of a longer word: then nothing changes but a note is made. Where the new text has the old one in it, what
// reads as the new text is taken as done.
func ReplaceInTexts(root xmledit.Element, name string, r TextReplacement, walk func(*TextWalk) error) (matched int, err error) {
	err = root.Document().Atomically("", func() error {
		w, err := newTextWalk(name, r.TextSelection)
		switch {
		case err != nil:
			return err
		case r.From == "":
			return errors.New("the text to be replaced is empty")
		case r.To == "":
			return errors.New("the new text is empty")
		}
		changed := false
		var there []string
		w.visit = func(t Text) (wording, bool, error) {
			to, had, has := r.in(t.Text)
			if again, _, _ := r.in(to); again != to {
				return wording{}, false, fmt.Errorf("%s is in what replacing it makes, %s, so that a second time would change it again", strconv.Quote(r.From), strconv.Quote(to))
			}
			if has {
				matched++
			} else {
				there = append(there, strconv.Quote(t.Text))
			}
			changed = changed || had
			return wording{to, r.From, r.To}, has, nil
		}
		if err := walk(w); err != nil {
			return err
		}
		switch {
		case matched == 0:
			return &NotFoundError{What: "text that has " + strconv.Quote(r.From), Where: name, There: unique(there)}
		case !changed:
			root.Note("%q is in no text: what it was to become is there already", r.From)
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("replacing text in %s: %w", name, err)
	}
	return matched, nil
}

// in replaces in a text, beside its references, and tells whether there was something to
// replace, and whether there is the new text now.
func (r TextReplacement) in(text string) (to string, had, has bool) {
	var out strings.Builder
	for whole := text; text != ""; {
		n := referenceIn(text)
		switch {
		case n > 0:
			out.WriteString(text[:n])
		case strings.Contains(r.To, r.From) && strings.HasPrefix(text, r.To):
			n, has = len(r.To), true
			out.WriteString(r.To)
		case strings.HasPrefix(text, r.From):
			n, had, has = len(r.From), true, true
			out.WriteString(r.To)
		default:
			n, has = 1, has || strings.HasPrefix(text, r.To) && isApart(whole, len(whole)-len(text), len(r.To))
			out.WriteByte(text[0])
		}
		text = text[n:]
	}
	return out.String(), had, has
}

// isApart tells whether n bytes of a text are no part of a longer word: what an author
// mistyped must not pass for replaced because of a word that happens to have the new text.
func isApart(text string, at, n int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	first, _ := utf8.DecodeRuneInString(text[at:])
	last, _ := utf8.DecodeLastRuneInString(text[:at+n])
	after, _ := utf8.DecodeRuneInString(text[at+n:])
	return (!joins(before) || !joins(first)) && (!joins(last) || !joins(after))
}

// joins tells whether a character makes a word longer that it stands beside: a letter or a
// digit, but of scripts that write words, or what is put after a name, without a space.
func joins(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Nd) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}
