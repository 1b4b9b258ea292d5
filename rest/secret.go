package rest

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// hidden is what every value that holds a secret shows instead.
const hidden = "redacted"

// A secret keeps a string out of reach of fmt and of anything else that walks through values: both see a function.
type secret func() string

func conceal(s string) secret { return func() string { return s } }

// redacted is embedded in the types that hold a secret: however one is printed, logged or encoded, it shows "redacted".
type redacted struct{}

// String is "redacted".
func (redacted) String() string { return hidden }

// GoString is "redacted".
func (redacted) GoString() string { return hidden }

// Format writes "redacted" for every verb.
func (redacted) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue is "redacted".
func (redacted) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText is "redacted", for JSON, XML and YAML.
func (redacted) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// scrub takes the secrets out of a text a server sent: some servers and proxies answer with parts of the request. It finds them
// as they are and as XML, HTML, JSON and URLs write them, also when that was done more than once on the way. The longest goes
// first: of one that begins with another the rest would be left.
func scrub(text string, secrets []string) string {
	byLength := func(a, b string) int { return cmp.Compare(len(b), len(a)) }
	for _, s := range slices.SortedFunc(slices.Values(secrets), byLength) {
		if s != "" {
			text = writings(s).ReplaceAllLiteralString(text, hidden)
		}
	}
	return text
}

// writings matches a text however it is escaped.
func writings(text string) *regexp.Regexp {
	var b strings.Builder
	for _, r := range text {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else {
			b.WriteString(writingsOf(r))
		}
	}
	return regexp.MustCompile(b.String())
}

// writingsOf are the ways to write a character that is not a letter or digit of ASCII.
func writingsOf(r rune) string {
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
	if r == ' ' {
		ways = append(ways, `\+`)
	}
	return `(?i:` + backslash + `*(?:` + strings.Join(ways, "|") + `))`
}

// entityNames are the characters that XML and HTML write by name.
var entityNames = map[rune]string{'&': "amp", '<': "lt", '>': "gt", '"': "quot", '\'': "apos"}
