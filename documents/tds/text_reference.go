package tds

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// insertedWords are the words, beside names in brackets, that Tableau puts something in the
// place of where they stand in angle brackets. Others, as <CTRL>, are text.
var insertedWords = []string{
	"All Fields", "AllFields", "Caption", "Computation", "Data Source Name", "Data Update Time", "Full Name", "Page Count", "Page Name",
	"Sheet Name", "User Name", "Value", "Workbook Name",
}

// maxReference is the length of the longest reference that is looked for: a sign < in long
// text must not take time for all that follows it.
const maxReference = 8 << 10

// referenceIn is the length of the reference that text begins with, 0 if there is none:
// <[ds].[none:Region:nk]>, <[Parameters].[Parameter 1]>, <Sheet Name>, or a whole worksheet
// in a tooltip, <Sheet name="Map" maxwidth="300" filter="<All Fields>"> (format 13).
func referenceIn(text string) int {
	text = text[:min(len(text), maxReference)]
	inner, ok := strings.CutPrefix(text, "<")
	switch {
	case !ok:
		return 0
	case strings.HasPrefix(inner, "["):
		if _, end := pieceAt(text, 1); end > 0 && strings.HasPrefix(text[end:], ">") {
			return end + 1
		}
		return 0
	case strings.HasPrefix(inner, "Sheet name="):
		quoted := false
		for i := range len(text) {
			switch {
			case text[i] == '"':
				quoted = !quoted
			case text[i] == '>' && !quoted:
				return i + 1
			}
		}
		return 0
	}
	word, _, closed := strings.Cut(inner, ">")
	if closed && slices.Contains(insertedWords, word) {
		return len(word) + len("<>")
	}
	return 0
}

// inserted are the references in a text, sorted, and the rest of the text.
func inserted(text string) (all []string, rest string) {
	var out strings.Builder
	for i := 0; i < len(text); {
		n := referenceIn(text[i:])
		if n == 0 {
			out.WriteByte(text[i])
			i++
			continue
		}
		all = append(all, text[i:i+n])
		i += n
	}
	slices.Sort(all)
	return all, out.String()
}

// hasWords tells whether there is something to read in a text beside its references.
func hasWords(text string) bool {
	_, rest := inserted(text)
	return strings.ContainsFunc(rest, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// sameReferences refuses a text that lost references of another, or has more.
func sameReferences(from, to string) error {
	was, _ := inserted(from)
	is, _ := inserted(to)
	if slices.Equal(was, is) {
		return nil
	}
	for _, r := range was {
		if i := slices.Index(is, r); i >= 0 {
			is = slices.Delete(is, i, i+1)
			continue
		}
		return fmt.Errorf("%s is to be %s, which has lost %s", strconv.Quote(from), strconv.Quote(to), r)
	}
	return fmt.Errorf("%s is to be %s, which has one %s too many", strconv.Quote(from), strconv.Quote(to), is[0])
}
