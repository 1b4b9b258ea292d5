package templates

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/rest/escaped"
)

// redacted is what is shown of a secret.
const redacted = "redacted"

// A Secret is text that is never shown: however it is printed, logged or encoded, it says redacted. Convert it to a
// string to use it.
type Secret string

// String returns redacted.
func (Secret) String() string { return redacted }

// GoString returns redacted.
func (Secret) GoString() string { return redacted }

// Format writes redacted for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue returns redacted.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns redacted, for JSON and all else that encodes text.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// secretReader reads the secrets of a manifest.
type secretReader struct {
	dir        string // of the manifest: relative names of file begin there
	lookupEnv  func(name string) (string, bool)
	readFile   func(path string) ([]byte, error)
	readSecret func(name string) (string, error)
}

func (r *secretReader) env(name string) (string, error) {
	if r.lookupEnv == nil {
		return "", errors.New("env is not available here")
	}
	text, ok := r.lookupEnv(name)
	if !ok {
		return "", fmt.Errorf("the environment variable %s is not set", name)
	}
	return text, nil
}

// file returns the text of a file without the line end that editors put last.
func (r *secretReader) file(name string) (string, error) {
	if r.readFile == nil {
		return "", errors.New("file is not available here")
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.dir, path)
	}
	data, err := r.readFile(path)
	if err != nil {
		return "", fmt.Errorf("reading the secret: %w", err)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}

func (r *secretReader) secret(name string) (string, error) {
	if r.readSecret == nil {
		return "", errors.New("secret is not available here")
	}
	return r.readSecret(name)
}

// secrets are what was read for one site, or for all of a manifest, so that it can be masked. The zero value has none. They
// are safe for concurrent use.
type secrets struct {
	all *secrets // of the manifest, which has those of its sites; nil for that itself

	mu    sync.Mutex
	seen  map[string][]string // the forms of each
	forms []string            // of all that were seen, in the order in which they came
}

// remember keeps a secret in the forms in which it may be shown, and returns them. Sites that have one secret share them.
func (s *secrets) remember(text string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.seen[text]; ok {
		return known
	}
	var forms []string
	if s.all != nil {
		forms = s.all.remember(text)
	} else {
		forms = formsOf(text)
	}
	if s.seen == nil {
		s.seen = map[string][]string{}
	}
	s.seen[text] = forms
	s.forms = append(s.forms, forms...)
	return forms
}

// formsOf are a secret as it is, and as a value of a field where that is different.
func formsOf(text string) []string {
	if text == "" {
		return []string{}
	}
	value, _ := tds.String(text).DataValue("string") // text can be one
	if value = strings.TrimSuffix(strings.TrimPrefix(value, `"`), `"`); value != text {
		return []string{text, value}
	}
	return []string{text}
}

// mask replaces in text everything that was remembered so far, however it is escaped. The longest secrets go first, because
// one may be part of another. Text that is masked already stays as it is.
func (s *secrets) mask(text string) string {
	s.mu.Lock()
	forms := s.forms // which only grows
	s.mu.Unlock()
	shown := []string{redacted}
	for _, form := range forms {
		if mayHave(text, form) {
			shown = append(shown, form)
		}
	}
	if len(shown) > 1 {
		slices.SortFunc(shown, func(a, b string) int { return len(b) - len(a) })
		patterns := make([]string, len(shown))
		for i, form := range shown {
			patterns[i] = escaped.Pattern(form)
		}
		text = regexp.MustCompile(strings.Join(patterns, "|")).ReplaceAllLiteralString(text, redacted)
	}
	return maskCut(text, forms)
}

// mayHave says whether a text may have a secret in it: it has all parts of it that nothing escapes.
func mayHave(text, secret string) bool {
	for secret != "" {
		end := strings.IndexFunc(secret, func(r rune) bool { return !escaped.Plain(r) })
		if end < 0 {
			end = len(secret)
		}
		if !strings.Contains(text, secret[:end]) {
			return false
		}
		secret = strings.TrimLeftFunc(secret[end:], func(r rune) bool { return !escaped.Plain(r) })
	}
	return true
}

// maskCut replaces the beginnings of secrets that were cut short with an ellipsis, as errors do with long values.
func maskCut(text string, forms []string) string {
	const ellipsis = "…"
	pieces := strings.Split(text, ellipsis)
	for i, piece := range pieces[:len(pieces)-1] {
		if strings.HasSuffix(piece, redacted) {
			continue
		}
		longest := 0
		for _, form := range forms {
			for _, as := range []string{form, quoted(form), xmlEscaper.Replace(form)} {
				for n := min(len(as), len(piece)); n > longest; n-- {
					if strings.HasSuffix(piece, as[:n]) {
						longest = n
					}
				}
			}
		}
		if longest > 0 {
			pieces[i] = piece[:len(piece)-longest] + redacted
		}
	}
	return strings.Join(pieces, ellipsis)
}

// quoted is a text as %q prints it, without the quotes.
func quoted(text string) string {
	q := strconv.Quote(text)
	return q[1 : len(q)-1]
}

// xmlEscaper writes text as it may stand in a document.
var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&apos;", `"`, "&quot;")
