package documents_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// wordVerbs change the texts that people see.
var wordVerbs = map[string]verb{
	// Every text that is listed gets a translation, and then it is that which is listed.
	"texts translated": func(f *documents.File) (n int, err error) {
		return translated(f, tds.TextSelection{Create: true}, "«", "»")
	},
	"texts translated, some kinds": func(f *documents.File) (n int, err error) {
		return translated(f, tds.TextSelection{Only: []tds.TextKind{tds.TitleTexts, tds.TooltipTexts, tds.ParameterTexts}, Except: []tds.TextKind{tds.ParameterTexts}}, "‹", "›")
	},
	"a part of texts replaced": func(f *documents.File) (n int, err error) {
		before, err := f.Texts(tds.TextSelection{})
		has := func(text string) bool { return strings.Contains(text, "Sales") }
		if err != nil || !slices.ContainsFunc(before, func(t tds.Text) bool { return has(t.Text) }) {
			return 0, err
		}
		n, err = f.ReplaceText(tds.TextReplacement{From: "Sales", To: "Acme's Sales"})
		after, bad := f.Texts(tds.TextSelection{})
		changed := 0
		for i, t := range after {
			if was := before[i].Text; t.Text != was {
				changed++
				if t.Text != strings.ReplaceAll(was, "Sales", "Acme's Sales") && !strings.Contains(t.Text, "<[") {
					err = errors.Join(err, fmt.Errorf("%s reads %q, not %q", t.Where, t.Text, was))
				}
			}
		}
		if n < changed || n == 0 {
			err = errors.Join(err, fmt.Errorf("%d texts replaced, %d changed", n, changed))
		}
		return n, errors.Join(err, bad)
	},
	// Texts that stay change nothing, however many rules are about them.
	"texts translated to what they are": func(f *documents.File) (n int, err error) {
		texts, err := f.Texts(tds.TextSelection{Create: true})
		if err != nil || len(texts) == 0 {
			return 0, err
		}
		words := map[string]string{}
		for _, t := range texts {
			words[t.Text] = t.Text
		}
		n, err = f.Translate(tds.Translation{Strings: words, TextSelection: tds.TextSelection{Create: true}})
		for c := range f.Changes() {
			err = errors.Join(err, fmt.Errorf("it changed %s", c))
		}
		if n != len(texts) {
			err = errors.Join(err, fmt.Errorf("%d of %d texts have a translation", n, len(texts)))
		}
		return n, err
	},
}

// translated puts every text of a selection in quotes, and reads it back. One that has them
// is translated already.
func translated(f *documents.File, s tds.TextSelection, open, shut string) (int, error) {
	before, err := f.Texts(s)
	if err != nil || len(before) == 0 {
		return 0, err
	}
	words := map[string]string{}
	for _, t := range before {
		if inner, ok := strings.CutPrefix(t.Text, open); ok {
			words[strings.TrimSuffix(inner, shut)] = t.Text
			continue
		}
		words[t.Text] = open + t.Text + shut
	}
	n, err := f.Translate(tds.Translation{Strings: words, TextSelection: s})
	after, bad := f.Texts(s)
	if len(after) != len(before) || n != len(before) {
		return n, errors.Join(err, bad, fmt.Errorf("%d texts, %d of them translated, %d afterwards", len(before), n, len(after)))
	}
	where := map[string]bool{}
	for _, t := range after {
		where[t.Text] = true
	}
	for _, t := range before {
		if want, ok := words[t.Text]; ok && !where[want] {
			err = errors.Join(err, fmt.Errorf("nothing reads %q, which %q of %s was to be", want, t.Text, t.Where))
		}
	}
	return n, errors.Join(err, bad)
}
