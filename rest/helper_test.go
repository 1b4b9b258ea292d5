package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	testBase  = "https://tableau.example.com"
	testSite  = "5c0a6d5e-8f3e-4a52-9d51-0f6a7b0f5a11"
	testToken = "Qx1aT3hW|p9Zk|5c0a6d5e"
	testPAT   = "k1==:pat-secret"
	xmlType   = "application/xml;charset=UTF-8"
)

var testCredentials = PersonalAccessToken{Name: "ci", Secret: testPAT}

// A seen request is what reached the server.
type seenRequest struct {
	Method, Path, Query string
	Header              http.Header
	Body                string
}

// line is method, path and query, without the site.
func (r seenRequest) line() string {
	text := r.Method + " " + strings.TrimPrefix(r.Path, "/api/3.29/sites/"+testSite+"/")
	if r.Query != "" {
		text += "?" + r.Query
	}
	return text
}

// A fakeServer answers without a network, so that it works inside a synctest bubble. Sign-in and sign-out are built in.
type fakeServer struct {
	t      *testing.T
	answer func(r seenRequest) reply

	mu      sync.Mutex
	seen    []seenRequest
	signIns int
}

// A reply is an answer, or the failure of the connection.
type reply struct {
	status int
	body   string
	header http.Header
	err    error
}

func (f *fakeServer) RoundTrip(r *http.Request) (*http.Response, error) {
	seen := seenRequest{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		seen.Body = string(body)
		if r.ContentLength != int64(len(body)) {
			f.t.Errorf("%s %s: Content-Length %d, body of %d bytes", r.Method, r.URL.Path, r.ContentLength, len(body))
		}
	}
	f.mu.Lock()
	f.seen = append(f.seen, seen)
	f.mu.Unlock()
	rep := f.reply(seen)
	if rep.err != nil {
		return nil, rep.err
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", xmlType)
	for key, values := range rep.header {
		w.Header()[key] = values
	}
	w.WriteHeader(rep.status)
	_, _ = io.WriteString(w, rep.body)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func (f *fakeServer) reply(r seenRequest) reply {
	switch {
	case strings.HasSuffix(r.Path, "/auth/signin"):
		f.mu.Lock()
		f.signIns++
		f.mu.Unlock()
		return ok(`<credentials token="` + testToken + `" estimatedTimeToExpiration="239:59:59"><site id="` + testSite +
			`" contentUrl="finance"/><user id="9a41b8c2-0c4e-4b6f-8a5d-2f7e6c1b3d90"/></credentials>`)
	case strings.HasSuffix(r.Path, "/auth/signout"):
		return reply{status: http.StatusNoContent}
	}
	return f.answer(r)
}

// lines are the requests after the sign-in.
func (f *fakeServer) lines() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var lines []string
	for _, r := range f.seen {
		if !strings.HasSuffix(r.Path, "/auth/signin") {
			lines = append(lines, r.line())
		}
	}
	return lines
}

func (f *fakeServer) last() seenRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen[len(f.seen)-1]
}

// ok is a 200 with the children of a tsResponse.
func ok(children string) reply { return reply{status: 200, body: tsResponse(children)} }

func tsResponse(children string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><tsResponse xmlns="http://tableau.com/api">` + children + `</tsResponse>`
}

// refusal is an error answer; its status is that of the code.
func refusal(code, summary, detail string) reply {
	status := map[string]int{"400": 400, "401": 401, "403": 403, "404": 404, "409": 409, "429": 429, "500": 500, "503": 503}[code[:3]]
	return reply{status: status, body: tsResponse(`<error code="` + code + `"><summary>` + summary + `</summary><detail>` + detail + `</detail></error>`)}
}

// inOrder answers each request with the next reply; one too many fails the test.
func inOrder(t *testing.T, replies ...reply) func(seenRequest) reply {
	var mu sync.Mutex
	return func(r seenRequest) reply {
		mu.Lock()
		defer mu.Unlock()
		if len(replies) == 0 {
			t.Errorf("one request too many: %s", r.line())
			return reply{err: errors.New("unexpected request")}
		}
		next := replies[0]
		replies = replies[1:]
		return next
	}
}

// signedIn gives a session with a fake server, at API 3.29 unless another version is pinned.
func signedIn(t *testing.T, answer func(seenRequest) reply, opts ...Option) (*Session, *fakeServer) {
	t.Helper()
	f := &fakeServer{t: t, answer: answer}
	opts = append([]Option{WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: f})}, opts...)
	c, err := NewClient(testBase, opts...)
	if err != nil {
		t.Fatal(err)
	}
	var credentials Credentials = testCredentials
	if c.version.before(sinceAccessTokens) {
		credentials = UserPassword{Name: "ana", Password: "ana-password"}
	}
	s, err := c.SignIn(context.Background(), credentials, "finance")
	if err != nil {
		t.Fatal(err)
	}
	return s, f
}

func equal[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

// errorIs fails unless err is the target, or nil for nil.
func errorIs(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) || (err == nil) != (target == nil) {
		t.Errorf("error %v, want %v", err, target)
	}
}

// errorHas fails unless the error says something.
func errorHas(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) {
		t.Errorf("error %v, want one that says %q", err, part)
	}
}

func bytesSource(content string) Source { return bytes.NewReader([]byte(content)) }
