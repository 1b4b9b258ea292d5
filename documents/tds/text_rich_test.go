package tds

import (
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// FuzzRichText holds any text in runs to what holds for every text: what is listed gives the
// runs back as they are, and translated it is the translation that is listed.
func FuzzRichText(f *testing.F) {
	for _, seed := range [][3]string{
		{"Sales of ", "<", "x"},
		{"Sales <[a].[b]>", "Æ \n", " by\tstate ¦ "},
		{"<Sheet Name>", "¦‖", "a\r\nb"},
		{`<Sheet name="a > b" filter="<All Fields>">`, "Æ", "Ærø\u00a0"},
		{"<[a].[b]", "]", ">c"},
		{"<[a]]].[b]>", "\u2028", "1"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		formatted, ok := formattedText(a, b, c)
		if !ok {
			return
		}
		before := richTexts(t, formatted)
		raw := formatted.Document().Bytes()
		rewritten(t, formatted, func(text string) string { return text })
		if now := formatted.Document().Bytes(); string(now) != string(raw) {
			t.Fatalf("translated to what it is:\n%s\n%s", raw, now)
		}
		rewritten(t, formatted, func(text string) string { return "w" + text + "w" })
		for i := range before {
			before[i] = "w" + before[i] + "w"
		}
		if after := richTexts(t, formatted); !slices.Equal(before, after) {
			t.Fatalf("translated to %q, and listed is %q in %s", before, after, formatted.Raw())
		}
		again, err := xmledit.Parse(formatted.Document().Bytes(), xmledit.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if after := richTexts(t, again.Root().Child("formatted-text")); !slices.Equal(before, after) {
			t.Fatalf("translated to %q, and read again is %q", before, after)
		}
	})
}

// formattedText is a text of three runs, the first two of one formatting; not ok if no
// document can hold it.
func formattedText(texts ...string) (xmledit.Element, bool) {
	doc, err := xmledit.Parse([]byte("<r><formatted-text><run a='1'/><run a='1'/><run a='2'/></formatted-text></r>"), xmledit.Limits{})
	if err != nil {
		return xmledit.Element{}, false
	}
	i := 0
	for run := range doc.Root().Child("formatted-text").Children() {
		if run.SetText(texts[i]) != nil {
			return xmledit.Element{}, false
		}
		i++
	}
	doc, err = xmledit.Parse(doc.Bytes(), xmledit.Limits{})
	return doc.Root().Child("formatted-text"), err == nil
}

func richTexts(t *testing.T, formatted xmledit.Element) (all []string) {
	t.Helper()
	texts, err := ListTexts(TextSelection{}, func(w *TextWalk) error { return w.Rich(TitleTexts, formatted) })
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		all = append(all, text.Text)
	}
	return all
}

func rewritten(t *testing.T, formatted xmledit.Element, means func(string) string) {
	t.Helper()
	w, err := newTextWalk("", TextSelection{})
	if err != nil {
		t.Fatal(err)
	}
	w.visit = func(text Text) (wording, bool, error) {
		if strings.TrimSpace(text.Text) != text.Text || text.Text == "" {
			t.Errorf("%q is listed", text.Text)
		}
		return wording{to: means(text.Text), part: text.Text, want: "x"}, true, nil
	}
	if err := w.Rich(TitleTexts, formatted); err != nil {
		t.Fatalf("%v in %s", err, formatted.Raw())
	}
}
