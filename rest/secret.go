package rest

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
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

// scrub takes the secrets out of a text a server sent, as they are and as XML, JSON and URLs write them: some servers and
// proxies answer with parts of the request.
func scrub(text string, secrets []string) string {
	for _, s := range secrets {
		if s == "" {
			continue
		}
		forms := []string{
			s, escapeAttribute(s), escapeJSON(s, true), escapeJSON(s, false), // with and without \u003c for <
			url.QueryEscape(s), url.PathEscape(s), escapeQuery(s),
		}
		slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) }) // one may begin with another
		var pairs []string
		for _, form := range forms {
			pairs = append(pairs, form, hidden)
		}
		text = strings.NewReplacer(pairs...).Replace(text)
	}
	return text
}

// escapeJSON is a text as it stands between the quotes of a JSON string.
func escapeJSON(s string, html bool) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(html)
	_ = encoder.Encode(s) // a string is always written
	return strings.TrimSuffix(strings.TrimPrefix(b.String(), `"`), "\"\n")
}
