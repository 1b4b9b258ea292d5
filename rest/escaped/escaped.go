// Package escaped finds text that was escaped on the way, as servers and proxies do that answer with parts of a request.
package escaped

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Pattern is a regular expression for a text as it is and as XML, HTML, JSON, Go and URLs write it, also when that was done
// more than once.
func Pattern(text string) string {
	var b strings.Builder
	for _, r := range text {
		if Plain(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(writings(r))
		}
	}
	return b.String()
}

// Plain says whether a character is never escaped: a letter or digit of ASCII.
func Plain(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// writings are the ways to write a character that is not a letter or digit of ASCII.
func writings(r rune) string {
	const (
		percent   = `%(?:25)*`
		ampersand = `(?:&|` + percent + `26|\\+u0026)`
		hash      = `(?:#|` + percent + `23)`
		semicolon = `(?:;|` + percent + `3b)`
		backslash = `(?:\\|` + percent + `5c)`
	)
	entities := []string{hash + `0*` + strconv.Itoa(int(r)), hash + `x0*` + strconv.FormatInt(int64(r), 16)}
	if name, ok := entityNames[r]; ok {
		entities = append(entities, name)
	}
	ways := []string{
		regexp.QuoteMeta(string(r)),
		ampersand + `(?:amp` + semicolon + `)*(?:` + strings.Join(entities, "|") + `)` + semicolon,
	}
	var inURL, inJSON strings.Builder
	for _, c := range []byte(string(r)) {
		inURL.WriteString(percent + fmt.Sprintf("%02x", c))
	}
	for _, u := range utf16.Encode([]rune{r}) {
		inJSON.WriteString(backslash + fmt.Sprintf("+u%04x", u))
	}
	ways = append(ways, inURL.String(), inJSON.String())
	switch r {
	case ' ':
		ways = append(ways, `\+`)
	case '\n', '\r', '\t': // which attributes have as blanks
		ways = append(ways, backslash+`+`+map[rune]string{'\n': "n", '\r': "r", '\t': "t"}[r], " ")
	}
	return `(?i:` + backslash + `*(?:` + strings.Join(ways, "|") + `))`
}

// entityNames are the characters that XML and HTML write by name.
var entityNames = map[rune]string{'&': "amp", '<': "lt", '>': "gt", '"': "quot", '\'': "apos"}
