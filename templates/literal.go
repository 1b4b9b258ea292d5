package templates

import (
	"regexp"
	"sort"
	"strings"
)

// secretKeys are the keys whose values are not shown when they are written in the manifest as they are.
var secretKeys = []string{"password", "secret"}

// keyPattern finds what may be a key. A manifest with mistakes may not be YAML, so that its keys are known by their looks.
var keyPattern = regexp.MustCompile(`([A-Za-z_]+)["']?[ \t]*:`)

// literals returns where the manifest has the values of secretKeys, and of keys that are nearly these, without the
// expressions in them, in order. A value ends where YAML ends it, or later.
func (s *source) literals() []span {
	var out []span
	var value span
	for _, m := range keyPattern.FindAllStringSubmatchIndex(s.text, -1) {
		if m[2] >= value.end && nearest(s.text[m[2]:m[3]], secretKeys) != "" {
			value = s.valueAfter(m[2], m[1])
			out = append(out, s.plainText(value)...)
		}
	}
	return out
}

// valueAfter returns where the value of a key is. The key starts at one offset, and what follows its colon at the other.
func (s *source) valueAfter(key, colon int) span {
	line := s.lines[s.at(key).line-1]
	flow := strings.ContainsAny(s.text[line:key], "{[,")
	blanks := " \t"
	if flow {
		blanks += lineBreaks
	}
	start := len(s.text) - len(strings.TrimLeft(s.text[colon:], blanks))
	rest := s.text[start:]
	switch {
	case rest == "" || rest[0] == '{' || rest[0] == '[':
		return span{start, start}
	case rest[0] == '"' || rest[0] == '\'':
		return span{start + 1, start + quotedEnd(rest)}
	case flow:
		if end := strings.IndexAny(rest, ",}]"); end >= 0 {
			return span{start, start + end}
		}
		return span{start, len(s.text)}
	}
	return span{start, s.blockEnd(start, key-line)}
}

// quotedEnd returns the offset of the quote that closes the one text begins with, or the length of text.
func quotedEnd(text string) int {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case quote == '"' && text[i] == '\\', quote == '\'' && strings.HasPrefix(text[i:], "''"):
			i++
		case text[i] == quote:
			return i
		}
	}
	return len(text)
}

// blockEnd returns where the lines end that the value at an offset has: its own, and those after it that are indented by
// more than its key.
func (s *source) blockEnd(start, indent int) int {
	for n := s.at(start).line; n < len(s.lines); n++ { // n is the index of the line after
		line := s.rawLine(n + 1)
		if text := strings.TrimLeft(line, " "); text != "" && len(line)-len(text) <= indent {
			return s.lines[n]
		}
	}
	return len(s.text)
}

// plainText returns the parts of a value that are not in ${…}.
func (s *source) plainText(value span) []span {
	var out []span
	from := value.start
	for i := from; i < value.end; i++ {
		rest := s.text[i:value.end]
		switch {
		case strings.HasPrefix(rest, "$${"):
			i += len("$${") - 1
		case strings.HasPrefix(rest, "${"):
			if end := closing(rest); end >= 0 {
				out = append(out, span{from, i})
				i += end
				from = i + 1
			}
		}
	}
	return append(out, span{from, value.end})
}

// blanked returns text that starts at an offset of the manifest with a * for every character of a literal secret.
func (s *source) blanked(text string, start int) string {
	var out strings.Builder
	literals := s.hidden()
	literals = literals[sort.Search(len(literals), func(i int) bool { return literals[i].end > start }):]
	for i, r := range text {
		for len(literals) > 0 && literals[0].end <= start+i {
			literals = literals[1:]
		}
		if len(literals) > 0 && literals[0].start <= start+i {
			r = '*'
		}
		out.WriteRune(r)
	}
	return out.String()
}
