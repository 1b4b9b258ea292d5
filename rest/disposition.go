package rest

import (
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// fileNameOf reads the file name of a Content-Disposition header, without any directory; "" when there is none. It is read as
// UTF-8, which Tableau writes, or else as Latin-1, which headers are in by the standard. Servers leave out the type the header
// should begin with, and put quotes and backslashes where they like, so mime.ParseMediaType is of no use. The emulator reads
// the header with code of its own, on purpose: sharing it, both would make the same mistake unseen.
func fileNameOf(header string) string {
	var plain, extended string
	for _, parameter := range splitParameters(header) {
		key, value, _ := strings.Cut(parameter, "=")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "filename":
			plain = unquote(value)
		case "filename*":
			_, text, _ := strings.Cut(unquote(value), "'") // charset'language'text
			_, text, _ = strings.Cut(text, "'")
			if decoded, err := url.PathUnescape(text); err == nil {
				extended = decoded
			}
		}
	}
	if extended != "" {
		plain = extended
	}
	return baseName(asUTF8(plain))
}

// asUTF8 takes what is not UTF-8 for Latin-1, in which every byte is a character.
func asUTF8(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	characters := make([]rune, len(text))
	for i := range len(text) {
		characters[i] = rune(text[i])
	}
	return string(characters)
}

// splitParameters splits a header at the semicolons outside quotes.
func splitParameters(header string) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(header); i++ {
		switch {
		case header[i] == '\\' && quoted && strings.HasPrefix(header[i+1:], `"`) && strings.Contains(header[i+2:], `"`):
			i++
		case header[i] == '"':
			quoted = !quoted
		case header[i] == ';' && !quoted:
			parts = append(parts, header[start:i])
			start = i + 1
		}
	}
	return append(parts, header[start:])
}

// unquote takes off quotes; a backslash escapes a quote and nothing else, as paths of Windows are full of them.
func unquote(value string) string {
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return value
	}
	return strings.ReplaceAll(value[1:len(value)-1], `\"`, `"`)
}

// baseName is the last part of a path with either separator, without what no file name should hold.
func baseName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, name)
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == ".." || name == "/" {
		return ""
	}
	return name
}
