package tds

import (
	"iter"
	"strings"
)

// The text of a custom SQL relation is a small template language (format 6.5):
//
//	<[Parameters].[Parameter 1]>  takes the value of a parameter
//	<<  >>                        are an angle bracket each
//
// Anything else stands for itself; Tableau writes no single bracket, other programs do.

// sqlToken is a stretch of the stored text of a query: a placeholder, an angle bracket,
// or text without either.
type sqlToken struct {
	start, end int    // in the stored text
	text       string // as people write it
	parameter  string // of a placeholder: the internal name, in brackets
}

// sqlTokens takes the stored text of a query apart, from left to right: what looks like a
// placeholder between doubled brackets is none.
func sqlTokens(stored string) iter.Seq[sqlToken] {
	return func(yield func(sqlToken) bool) {
		for i := 0; i < len(stored); {
			t := sqlToken{start: i}
			name, length := cutPlaceholder(stored[i:])
			switch {
			case length > 0:
				t.end, t.parameter = i+length, name
				t.text = stored[i:t.end]
			case strings.HasPrefix(stored[i:], "<<"), strings.HasPrefix(stored[i:], ">>"):
				t.end, t.text = i+2, stored[i:i+1]
			case stored[i] == '<' || stored[i] == '>':
				t.end, t.text = i+1, stored[i:i+1]
			default:
				t.end = len(stored)
				if n := strings.IndexAny(stored[i:], "<>"); n >= 0 {
					t.end = i + n
				}
				t.text = stored[i:t.end]
			}
			if !yield(t) {
				return
			}
			i = t.end
		}
	}
}

// placeholderStart is how a placeholder begins, before the bracket of its parameter.
const placeholderStart = "<[Parameters]."

// cutPlaceholder reads a placeholder at the start of s: the internal name of its
// parameter, in brackets, and how long it is, 0 if there is none.
func cutPlaceholder(s string) (name string, length int) {
	rest, ok := strings.CutPrefix(s, placeholderStart)
	if !ok {
		return "", 0
	}
	part, after, ok := cutPart(rest)
	if !ok || !strings.HasPrefix(after, ">") || strings.ContainsAny(part, "\r\n") {
		return "", 0
	}
	return rest[:len(rest)-len(after)], len(s) - len(after) + 1
}

// decodeSQL gives the text of a custom SQL relation as people write it: angle brackets,
// which documents double, are single; the placeholders of parameters stay (format 6.5).
func decodeSQL(stored string) string {
	var out strings.Builder
	for t := range sqlTokens(stored) {
		out.WriteString(t.text)
	}
	return out.String()
}

// encodeSQL gives SQL as the text of a relation: angle brackets doubled but for those of
// placeholders. Reading it back gives the same SQL.
func encodeSQL(sql string) string {
	var out strings.Builder
	for i := 0; i < len(sql); {
		if _, length := cutPlaceholder(sql[i:]); length > 0 {
			out.WriteString(sql[i : i+length])
			i += length
			continue
		}
		out.WriteByte(sql[i])
		if sql[i] == '<' || sql[i] == '>' {
			out.WriteByte(sql[i])
		}
		i++
	}
	return out.String()
}

// unixLines gives text with every line ended by a line feed alone.
var unixLines = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace

// sameLines tells whether two texts are the same but for how their lines end.
func sameLines(a, b string) bool { return a == b || unixLines(a) == unixLines(b) }
