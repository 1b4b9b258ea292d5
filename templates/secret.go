package templates

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// redacted is what is shown of a secret.
const redacted = "redacted"

// A Secret is text that is never shown: however it is printed, logged or encoded, it says redacted. Convert it to a
// string to use it.
type Secret string

func (Secret) String() string   { return redacted }
func (Secret) GoString() string { return redacted }

// LogValue returns redacted.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns redacted, for JSON and all else that encodes text.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// secrets reads the secrets of a manifest, and remembers what it read so that it can be masked. It is safe for
// concurrent use.
type secrets struct {
	dir       string // of the manifest: relative names of file begin there
	lookupEnv func(name string) (string, bool)
	readFile  func(path string) ([]byte, error)

	mu   sync.Mutex
	seen map[string]bool
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

func (s *secrets) remember(text string) {
	if text == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[text] = true
}

// mask replaces in text everything that was read so far, and more.
func (s *secrets) mask(text string, more ...string) string {
	s.mu.Lock()
	all := slices.AppendSeq(more, maps.Keys(s.seen))
	s.mu.Unlock()
	return mask(text, all)
}

// xmlEscaper writes text as it may stand in a document.
var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&apos;", `"`, "&quot;")

// mask replaces secrets in text: as they are, as %q prints them and as XML holds them. The longest go first, because one
// may be part of another.
func mask(text string, all []string) string {
	var forms []string
	for _, secret := range all {
		quoted := strconv.Quote(secret)
		forms = append(forms, secret, quoted[1:len(quoted)-1], xmlEscaper.Replace(secret))
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, form := range forms {
		if form != "" {
			pairs = append(pairs, form, redacted)
		}
	}
	text = strings.NewReplacer(pairs...).Replace(text)
	for _, form := range forms {
		text = maskCut(text, form)
	}
	return text
}

// maskCut replaces the beginning of a secret that was cut short with an ellipsis, as errors do with long values.
func maskCut(text, secret string) string {
	const ellipsis = "…"
	pieces := strings.Split(text, ellipsis)
	for i, piece := range pieces[:len(pieces)-1] {
		if strings.HasSuffix(piece, redacted) {
			continue
		}
		for n := min(len(secret), len(piece)); n > 0; n-- {
			if before, ok := strings.CutSuffix(piece, secret[:n]); ok {
				pieces[i] = before + redacted
				break
			}
		}
	}
	return strings.Join(pieces, ellipsis)
}
