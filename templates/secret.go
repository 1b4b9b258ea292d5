package templates

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tabtemplate/tabtemplate/documents/tds"
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

// secrets reads the secrets of a manifest, and remembers what it read so that it can be masked. It is safe for
// concurrent use.
type secrets struct {
	dir        string // of the manifest: relative names of file begin there
	lookupEnv  func(name string) (string, bool)
	readFile   func(path string) ([]byte, error)
	readSecret func(name string) (string, error)

	mu    sync.Mutex
	seen  map[string]bool
	forms []string // what is in seen, in the order in which it came
}

func newSecrets(manifest string, options []Option) (*secrets, error) {
	s := &secrets{dir: filepath.Dir(manifest)}
	var errs []error
	for _, option := range options {
		errs = append(errs, option(s))
	}
	return s, errors.Join(errs...)
}

func (s *secrets) env(name string) (string, error) {
	if s.lookupEnv == nil {
		return "", errors.New("env is not available here")
	}
	text, ok := s.lookupEnv(name)
	if !ok {
		return "", fmt.Errorf("the environment variable %s is not set", name)
	}
	s.remember(text)
	return text, nil
}

// file returns the text of a file without the line end that editors put last.
func (s *secrets) file(name string) (string, error) {
	if s.readFile == nil {
		return "", errors.New("file is not available here")
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.dir, path)
	}
	data, err := s.readFile(path)
	if err != nil {
		return "", fmt.Errorf("reading the secret: %w", err)
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	s.remember(text)
	return text, nil
}

func (s *secrets) secret(name string) (string, error) {
	if s.readSecret == nil {
		return "", errors.New("secret is not available here")
	}
	text, err := s.readSecret(name)
	if err != nil {
		return "", err
	}
	s.remember(text)
	return text, nil
}

// remember keeps a secret in the forms in which it may be shown: as it is and as a value of a field, each as %q prints it,
// as XML holds it and as paths do.
func (s *secrets) remember(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string]bool{"": true}
	}
	value, _ := tds.String(text).DataValue("string") // text can be one
	for _, as := range []string{text, strings.TrimSuffix(strings.TrimPrefix(value, `"`), `"`)} {
		quoted := strconv.Quote(as)
		for _, form := range []string{as, quoted[1 : len(quoted)-1], xmlEscaper.Replace(as), strings.ReplaceAll(as, "'", "&apos;")} {
			if !s.seen[form] {
				s.seen[form] = true
				s.forms = append(s.forms, form)
			}
		}
	}
}

// xmlEscaper writes text as it may stand in a document.
var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&apos;", `"`, "&quot;")

// mask replaces in text everything that was remembered so far. The longest secrets go first, because one may be part of
// another. Text that is masked already stays as it is.
func (s *secrets) mask(text string) string {
	s.mu.Lock()
	forms := s.forms // which only grows
	s.mu.Unlock()
	shown := []string{redacted}
	for _, form := range forms {
		if strings.Contains(text, form) {
			shown = append(shown, form)
		}
	}
	if len(shown) > 1 {
		slices.SortFunc(shown, func(a, b string) int { return len(b) - len(a) })
		var pairs []string
		for _, form := range shown {
			pairs = append(pairs, form, redacted)
		}
		text = strings.NewReplacer(pairs...).Replace(text)
	}
	return maskCut(text, forms)
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
			for n := min(len(form), len(piece)); n > longest; n-- {
				if strings.HasSuffix(piece, form[:n]) {
					longest = n
				}
			}
		}
		if longest > 0 {
			pieces[i] = piece[:len(piece)-longest] + redacted
		}
	}
	return strings.Join(pieces, ellipsis)
}
