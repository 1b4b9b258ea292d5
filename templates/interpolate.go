package templates

import (
	"strings"
	"unicode/utf8"
)

// splitExpressions cuts text at its ${…}. For each expression it calls expression with its text and how many "${" came
// before it; for the text between, text. It returns the byte offset of a "${" that nothing closes, or -1.
func splitExpressions(s string, text func(string), expression func(inner string, nth int)) int {
	var plain strings.Builder
	nth := 0
	for i := 0; i < len(s); {
		switch rest := s[i:]; {
		case strings.HasPrefix(rest, "$${"):
			plain.WriteString("${")
			nth++
			i += len("$${")
		case strings.HasPrefix(rest, "${"):
			end := closing(rest)
			if end < 0 {
				return i
			}
			if plain.Len() > 0 {
				text(plain.String())
				plain.Reset()
			}
			expression(rest[2:end], nth)
			nth += strings.Count(rest[:end], "${")
			i += end + 1
		default:
			plain.WriteByte(s[i])
			i++
		}
	}
	if plain.Len() > 0 {
		text(plain.String())
	}
	return -1
}

// closing returns the offset of the brace that closes the one s begins with, or -1. Braces in quotes do not count.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		case '"', '\'', '`':
			for i++; i < len(s) && s[i] != c; i++ {
				if s[i] == '\\' && c != '`' {
					i++
				}
			}
		}
	}
	return -1
}

// dollar returns the offset of the nth "${" of a scalar that starts at an offset, or where the scalar starts when the
// "${" is written with escapes.
func (s *source) dollar(start, nth int) int {
	at := start
	for range nth + 1 {
		next := strings.Index(s.text[at:], "${")
		if next < 0 {
			return start
		}
		at += next + len("${")
	}
	return at - len("${")
}

// verbatim returns a function that finds a character of a text that stands in the manifest at an offset. Where the text
// is written another way there (with quotes, escapes or over several lines), it is the place where that begins.
func (s *source) verbatim(offset int, text string) func(char int) location {
	return func(char int) location {
		end := 0
		for range char {
			_, size := utf8.DecodeRuneInString(text[end:])
			end += size
		}
		if !strings.HasPrefix(s.text[offset:], text[:end]) {
			end = 0
		}
		return s.at(offset + end)
	}
}
