package scaffold

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// plainText is what YAML reads as text without quotes, inside braces and brackets too. There is more; this is what looks
// right.
var plainText = regexp.MustCompile(`^[\p{L}_]([\p{L}\p{N} _./()&+-]*[\p{L}\p{N}_./()&+-])?$`)

// otherWords are words that YAML 1.1 or 1.2 reads as something else than text.
var otherWords = []string{"true", "false", "yes", "no", "on", "off", "y", "n", "null"}

// scalar writes a value as YAML: nil, a bool, an int64, a float64, text, or a list of these.
func scalar(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return quote(v)
	case float64:
		return number(v)
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, scalar(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return fmt.Sprint(v)
}

// number writes a number so that it is read as the same one: a whole one that is too large for an integer, and the
// negative zero, need their point.
func number(f float64) string {
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if _, err := strconv.Atoi(text); (err != nil || text == "-0") && !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// quote writes text as YAML, with quotes where it needs them.
func quote(s string) string {
	switch {
	case plainText.MatchString(s) && !slices.Contains(otherWords, strings.ToLower(s)) && printable(s):
		return s
	case printable(s):
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\t':
			out.WriteString(`\t`)
		case r == ' ' || unicode.IsPrint(r):
			out.WriteRune(r)
		case r > 0xFFFF:
			fmt.Fprintf(&out, `\U%08X`, r)
		default:
			fmt.Fprintf(&out, `\u%04X`, r)
		}
	}
	out.WriteByte('"')
	return out.String()
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) })
}

// literal writes text in which values of the manifest would take ${ for an expression.
func literal(s string) string { return quote(escaped(s)) }

func escaped(s string) string { return strings.ReplaceAll(s, "${", "$${") }

// words are those of text, without what cannot be printed.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
}

// wrapped is text in lines of a comment.
func wrapped(s string) (lines []string) {
	line := ""
	for _, w := range words(s) {
		switch {
		case line == "":
			line = w
		case len([]rune(line))+len([]rune(w)) < commentWidth:
			line += " " + w
		default:
			lines = append(lines, line)
			line = w
		}
	}
	return append(lines, line)
}

// inComment makes text fit for the end of a line: one that can be printed, and not too long.
func inComment(s string) string {
	s = strings.Join(words(s), " ")
	if runes := []rune(s); len(runes) > commentWidth {
		s = string(runes[:commentWidth-1]) + "…"
	}
	return s
}

// commentWidth is how many characters a comment has in a line.
const commentWidth = 90

// word makes a name of expressions of text that people wrote.
func word(s string) string {
	var out strings.Builder
	gap := false
	for _, r := range strings.ToLower(s) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = out.Len() > 0
			continue
		}
		if out.Len() > wordLength {
			break
		}
		if gap || out.Len() == 0 && unicode.IsDigit(r) {
			out.WriteByte('_')
		}
		gap = false
		out.WriteRune(r)
	}
	return out.String()
}

// wordLength is how many bytes a name of expressions may have before it is cut.
const wordLength = 40
