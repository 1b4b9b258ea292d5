package rest

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"slices"

	"github.com/tabtemplate/tabtemplate/rest/escaped"
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
			text = regexp.MustCompile(escaped.Pattern(s)).ReplaceAllLiteralString(text, hidden)
		}
	}
	return text
}
