package emulator

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is a request that the server was sent, without any secret.
type Request struct {
	// Time is when it came, by the server's clock.
	Time time.Time `json:"time"`
	// Method, Path and Query are as sent, the query without its question mark.
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query,omitempty"`
	// User is the name of the user whose session it is of, "" for none.
	User string `json:"user,omitempty"`
	// Header are those headers that are known to hold no secret.
	Header map[string]string `json:"header,omitempty"`
	// Body is the beginning, up to 64 KiB, of the tsRequest in XML or JSON, of a multipart body that of its payload; ""
	// for what is neither.
	Body string `json:"body,omitempty"`
	// Digest is made of the whole body with a key of this server: equal bodies have equal digests. It is "" for none.
	Digest string `json:"digest,omitempty"`
	// Status is the HTTP status of the answer; 0 when the connection was cut instead.
	Status int `json:"status"`
	// Code is the error code of a refusal, 0 for none.
	Code int `json:"code,omitempty"`
}

// WithRequestLog makes the server remember the last requests it was sent, this many, for [Server.Requests]. The default
// is none.
func WithRequestLog(requests int) Option {
	return func(o *options) error {
		o.logged = requests
		return positive("request log", int64(requests))
	}
}

// Requests returns the requests that the server remembers, the oldest first; see [WithRequestLog].
func (s *Server) Requests() []Request {
	requests, _ := s.log.last()
	return requests
}

// requestLog is the last requests.
type requestLog struct {
	key      []byte // of the digests
	mu       sync.Mutex
	requests []Request
	total    int // how many requests there ever were
}

func newRequestLog() *requestLog {
	key := make([]byte, sha256.Size)
	rand.Read(key) // never fails
	return &requestLog{key: key}
}

// last returns the requests there are, and how many there ever were.
func (l *requestLog) last() (requests []Request, total int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.requests), l.total
}

func (l *requestLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = nil
}

// add remembers a request, and forgets the oldest when there would be more than the limit.
func (l *requestLog) add(r Request, limit int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total++
	l.requests = append(l.requests, r)
	l.requests = l.requests[max(0, len(l.requests)-limit):]
}

// maxLoggedBody is how many bytes of a body are remembered.
const maxLoggedBody = 64 << 10

// openHeaders are the headers that hold no secret.
var openHeaders = []string{
	"Accept", "Accept-Encoding", "Content-Length", "Content-Type", "Expect", "Requestid", "Transfer-Encoding", "User-Agent",
}

// watch notes what a call asks and has its body counted into a digest. The function it returns notes what became of it.
func (s *Server) watch(c *call) (done func()) {
	if s.logged == 0 {
		return func() {}
	}
	body := &digestedBody{ReadCloser: c.request.Body, hash: hmac.New(sha256.New, s.log.key)}
	c.request = c.request.WithContext(c.request.Context()) // a copy: the caller's is not to be changed
	c.request.Body = body
	token := c.request.Header.Get("X-Tableau-Auth")
	s.mu.Lock()
	r := Request{Time: s.clock().UTC(), Method: c.request.Method, User: s.userOfToken(token)}
	s.mu.Unlock()
	return func() {
		hide := redactor(c.secrets())
		r.Path, r.Query = hidePath(c.request.URL, hide), hideQuery(c.request.URL.RawQuery, hide)
		r.Header = make(map[string]string)
		for _, name := range openHeaders {
			if values := c.request.Header.Values(name); len(values) > 0 {
				r.Header[name] = hide(strings.Join(values, ", "))
			}
		}
		if c.tree != nil {
			r.Body = c.tree.redacted(hide).source()
			r.Body = strings.ToValidUTF8(r.Body[:min(len(r.Body), maxLoggedBody)], "")
		}
		r.Digest, r.Status, r.Code = body.digest(), c.status, c.code
		s.log.add(r, s.logged)
	}
}

// digestedBody is a request body of which a digest is made as it is read.
type digestedBody struct {
	io.ReadCloser
	hash hash.Hash
	any  bool
}

func (b *digestedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.hash.Write(p[:n])
	b.any = b.any || n > 0
	return n, err
}

func (b *digestedBody) digest() string {
	if !b.any {
		return ""
	}
	return hex.EncodeToString(b.hash.Sum(nil))
}

const redacted = "redacted"

// isSecretName tells whether the attribute, element or parameter of a name holds what nobody else may see.
func isSecretName(name string) bool {
	name = strings.ToLower(name)
	if strings.HasSuffix(name, "name") { // personalAccessTokenName
		return false
	}
	return slices.ContainsFunc([]string{"password", "secret", "token", "jwt", "keychain"}, func(word string) bool {
		return strings.Contains(name, word)
	})
}

// secrets are the values in a request that nobody else may see.
func (c *call) secrets() []string {
	found := c.tree.secrets()
	for _, name := range []string{"X-Tableau-Auth", "Authorization", "Cookie"} {
		found = append(found, c.request.Header.Values(name)...)
	}
	for name, value := range c.query {
		if isSecretName(name) {
			found = append(found, value)
		}
	}
	return found
}

// secrets are the values of secret attributes, and the texts of secret elements.
func (e *element) secrets() []string {
	if e == nil {
		return nil
	}
	var found []string
	if isSecretName(e.name) {
		found = append(found, e.text)
	}
	for _, a := range e.attrs {
		if isSecretName(a.name) {
			found = append(found, a.value)
		}
	}
	for _, c := range e.children {
		found = append(found, c.secrets()...)
	}
	return found
}

// shortSecret is what is too short to be looked for everywhere: it would be found in words that mean something else.
const shortSecret = 4

// userInfo is what may be before the host of a URL.
var userInfo = regexp.MustCompile(`://[^/@\s]*@`)

// redactor returns a function that takes the secrets out of a text, wherever else they were put, and the user out of
// URLs in it.
func redactor(secrets []string) func(string) string {
	var pairs []string
	for _, secret := range secrets {
		if len(secret) >= shortSecret {
			pairs = append(pairs, secret, redacted)
		}
	}
	replacer := strings.NewReplacer(pairs...)
	return func(s string) string { return userInfo.ReplaceAllString(replacer.Replace(s), "://"+redacted+"@") }
}

// redacted returns a copy of the element without secrets. The content of a virtual connection is JSON that may have some
// anywhere, and is not shown at all.
func (e *element) redacted(hide func(string) string) *element {
	show := func(name, value string) string {
		if value != "" && (isSecretName(name) || name == "content") {
			return redacted
		}
		return hide(value)
	}
	shown := *e
	shown.text = show(e.name, e.text)
	shown.attrs, shown.children = nil, nil
	for _, a := range e.attrs {
		shown.with(a.name, show(a.name, a.value))
	}
	for _, c := range e.children {
		shown.add(c.redacted(hide))
	}
	return &shown
}

// source writes the element as a request, in the representation it was read from.
func (e *element) source() string {
	var b bytes.Buffer
	if e.fromJSON {
		e.writeJSON(&b)
	} else {
		e.writeTo(&b)
	}
	return b.String()
}

// hidePath returns the path as it was sent, or when a secret is in it as it was meant, without it.
func hidePath(u *url.URL, hide func(string) string) string {
	if hidden := hide(u.Path); hidden != u.Path {
		return hidden
	}
	return hide(u.EscapedPath())
}

// hideQuery returns the query as it was sent, with no secret in it.
func hideQuery(raw string, hide func(string) string) string {
	var pairs []string
	for pair := range strings.SplitSeq(raw, "&") {
		name, _, given := strings.Cut(pair, "=")
		pair = hide(pair)
		meant := unescapeQuery(pair)
		switch hidden := hide(meant); {
		case given && isSecretName(unescapeQuery(name)):
			pair = name + "=" + redacted
		case hidden != meant:
			pair = hidden
		}
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, "&")
}

func (s *Server) listRequests([]byte) (any, error) {
	return map[string]any{"requests": append([]Request{}, s.Requests()...)}, nil
}

func (s *Server) deleteRequests([]byte) (any, error) {
	s.log.clear()
	return s.listRequests(nil)
}
