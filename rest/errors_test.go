package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestErrorBodies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reply reply
		kind  error
		want  string
	}{
		"XML": {
			refusal("404006", "Resource Not Found", "Workbook &apos;7c2f&apos; could not be found."), ErrNotFound,
			"resource not found: Workbook '7c2f' could not be found. (code 404006)",
		},
		"old namespace, no declaration": {
			reply{status: 403, body: `<tsResponse xmlns="http://tableausoftware.com/api"><error code="403004"><summary>Forbidden</summary><detail>No.</detail></error></tsResponse>`},
			ErrForbidden, "forbidden: No. (code 403004)",
		},
		"JSON": {
			reply{status: 409, body: `{"error":{"code":"409006","summary":"Resource Conflict","detail":"taken"}}`},
			ErrConflict,
			"resource conflict: taken (code 409006)",
		},
		"HTML":       {reply{status: 403, body: "<html><body>WAF says no</body></html>"}, ErrForbidden, "status 403 Forbidden"},
		"text":       {reply{status: 404, body: "404 page not found\n"}, ErrNotFound, "status 404 Not Found: 404 page not found"},
		"empty":      {reply{status: 405}, ErrInvalid, "status 405 Method Not Allowed"},
		"wrong verb": {reply{status: 404, body: refusal("405000", "Invalid", "verb").body}, ErrInvalid, "invalid: verb (code 405000)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := signedIn(t, inOrder(t, test.reply))
			_, err := s.Workbooks.ByLUID(t.Context(), "7c2f")
			errorIs(t, err, test.kind)
			want := `reading workbook "7c2f": GET /api/3.29/sites/` + testSite + "/workbooks/7c2f: " + test.want
			if err == nil || err.Error() != want {
				t.Errorf("error\n got %v\nwant %s", err, want)
			}
			if e, ok := errors.AsType[*Error](err); !ok || e.Status != test.reply.status || e.Attempts != 1 {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestErrorKinds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		e    Error
		want error
	}{
		{Error{Status: 400, Code: "400080"}, ErrNotFound},
		{Error{Status: 400, Code: "400011"}, ErrInvalid},
		{Error{Status: 401, Code: "401001"}, ErrAuthentication},
		{Error{Status: 403, Code: "403130"}, ErrConflict},
		{Error{Status: 403, Code: "403131"}, ErrBusy},
		{Error{Status: 403, Code: "403007", Detail: "A workbook with that name already exists"}, ErrConflict},
		{Error{Status: 403, Code: "403007", Detail: "Unlicensed"}, ErrForbidden},
		{Error{Status: 409, Code: "409003"}, ErrConflict},
		{Error{Status: 429}, ErrRateLimited},
		{Error{Status: 503}, ErrUnavailable},
		{Error{Err: syscall.ECONNRESET}, ErrUnavailable},
		{Error{Err: context.Canceled}, context.Canceled},
		{Error{Status: 200, Err: ErrNotTableauServer}, ErrNotTableauServer},
	} {
		errorIs(t, &test.e, test.want)
	}
	if errors.Is(&Error{Err: context.Canceled}, ErrUnavailable) {
		t.Error("a cancelled request is taken for an unavailable server")
	}
}

func TestLookupErrors(t *testing.T) {
	t.Parallel()
	many := make([]string, 25)
	for i := range many {
		many[i] = fmt.Sprint("p", i)
	}
	errorHas(t, &NotFoundError{Kind: "project", Name: "X", In: `project "A"`, Available: []string{`"B"`, `"C"`}}, `no project "X" in project "A"; there is "B", "C"`)
	errorHas(t, &AmbiguousError{Kind: "project", Name: "X", Matches: many}, "p18, p19 and 5 more")
	errorIs(t, &NotFoundError{}, ErrNotFound)
}

// What is sent how often, after which failure. The clock of the bubble shows the waits.
func TestRepeating(t *testing.T) {
	t.Parallel()
	reset := reply{err: syscall.ECONNRESET}
	refused := reply{err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}
	status := func(code int, header ...string) reply {
		r := reply{status: code, header: http.Header{}}
		if len(header) > 0 {
			r.header.Set("Retry-After", header[0])
		}
		return r
	}
	read := func(q *request) { q.method = http.MethodGet }
	write := func(q *request) { q.method = http.MethodPut }
	once := func(q *request) { q.method, q.once = http.MethodPost, true }
	long := status(429, "3600")
	for name, test := range map[string]struct {
		kind      func(*request)
		failure   reply
		attempts  int
		wait      [2]time.Duration // between which the time of all waits is
		ambiguous bool
	}{
		"read, reset":         {read, reset, 4, [2]time.Duration{0, 3500*time.Millisecond + 3}, false},
		"read, refused":       {read, refused, 4, [2]time.Duration{0, 4 * time.Second}, false},
		"read, 408":           {read, status(408), 4, [2]time.Duration{0, 4 * time.Second}, false},
		"read, 500":           {read, status(500), 4, [2]time.Duration{0, 4 * time.Second}, false},
		"read, 502":           {read, status(502), 4, [2]time.Duration{0, 4 * time.Second}, false},
		"read, 503 after":     {read, status(503, "7"), 4, [2]time.Duration{21 * time.Second, 21 * time.Second}, false},
		"read, 504":           {read, status(504), 4, [2]time.Duration{0, 4 * time.Second}, false},
		"read, 429 date":      {read, status(429, "Sat, 01 Jan 2000 00:00:10 GMT"), 4, [2]time.Duration{10 * time.Second, 13*time.Second + 3}, false},
		"read, 429 too long":  {read, long, 1, [2]time.Duration{}, false},
		"read, 404":           {read, status(404), 1, [2]time.Duration{}, false},
		"read, no such host":  {read, reply{err: &net.DNSError{IsNotFound: true}}, 1, [2]time.Duration{}, false},
		"write, 502":          {write, status(502), 4, [2]time.Duration{0, 4 * time.Second}, true},
		"write, 500":          {write, status(500), 1, [2]time.Duration{}, true},
		"write, 429":          {write, status(429, "1"), 4, [2]time.Duration{3 * time.Second, 3 * time.Second}, false},
		"write, reset":        {write, reset, 4, [2]time.Duration{0, 4 * time.Second}, true},
		"write, bad file":     {write, reply{err: sourceError{errors.New("disk")}}, 1, [2]time.Duration{}, false},
		"once, reset":         {once, reset, 1, [2]time.Duration{}, true},
		"once, 502":           {once, status(502), 1, [2]time.Duration{}, true},
		"once, 503":           {once, status(503, "1"), 1, [2]time.Duration{}, true},
		"once, 429":           {once, status(429, "1"), 4, [2]time.Duration{3 * time.Second, 3 * time.Second}, false},
		"once, never reached": {once, refused, 4, [2]time.Duration{0, 4 * time.Second}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, f := signedIn(t, func(seenRequest) reply { return test.failure })
				q := &request{path: "x"}
				test.kind(q)
				start := time.Now()
				_, err := s.call(t.Context(), q)
				waited := time.Since(start)
				e, ok := errors.AsType[*Error](err)
				if !ok || len(f.lines()) != test.attempts || e.Attempts != test.attempts || e.ambiguous != test.ambiguous {
					t.Errorf("%d requests, error %+v", len(f.lines()), e)
				}
				if waited < test.wait[0] || waited > test.wait[1] {
					t.Errorf("waited %v, want %v to %v", waited, test.wait[0], test.wait[1])
				}
			})
		})
	}
}

func TestRepeatingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, f := signedIn(t, func(seenRequest) reply { return reply{status: 503, header: http.Header{"Retry-After": {"20"}}} })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		_, err := s.Workbooks.ByLUID(ctx, "w1")
		errorIs(t, err, context.DeadlineExceeded)
		errorIs(t, err, ErrUnavailable)
		if len(f.lines()) != 1 || time.Since(start) != 0 {
			t.Errorf("%d requests in %v: a wait that cannot end in time was begun", len(f.lines()), time.Since(start))
		}
	})
}

// The query of a URL is in no error, not even in that of the transport.
func TestErrorsHideTheQuery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := signedIn(t, func(seenRequest) reply { return reply{err: syscall.ECONNRESET} })
		_, err := s.Workbooks.ByName(t.Context(), "Sales", "")
		want := `finding workbook "Sales": listing workbooks: GET /api/3.29/sites/` + testSite + "/workbooks: connection reset by peer (4 attempts)"
		if err == nil || err.Error() != want {
			t.Errorf("error\n got %v\nwant %s", err, want)
		}
	})
}

func TestAnswersHaveALimit(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/signin") {
			_, _ = w.Write([]byte((&fakeServer{}).reply(seenRequest{Path: r.URL.Path}).body))
			return
		}
		block := bytes.Repeat([]byte(" "), 1<<20)
		for range maxAnswer>>20 + 1 {
			_, _ = w.Write(block)
		}
	}))
	defer server.Close()
	c, err := NewClient(server.URL, WithVersion("3.29"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.SignIn(t.Context(), testCredentials, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Workbooks.ByLUID(t.Context(), "w1")
	errorIs(t, err, errTooLarge)
}

// A secret is taken out of a text in every form that an answer may have it in.
func TestScrub(t *testing.T) {
	t.Parallel()
	const secret = "p\"ä s/<&>\\:+"
	for name, form := range map[string]string{
		"as it is":        secret,
		"XML":             `p&quot;ä s/&lt;&amp;&gt;\:+`,
		"JSON":            `p\"ä s/<&>\\:+`,
		"JSON for HTML":   `p\"ä s/\u003c\u0026\u003e\\:+`,
		"form":            `p%22%C3%A4+s%2F%3C%26%3E%5C%3A%2B`,
		"query, as here":  `p%22%C3%A4%20s%2F%3C%26%3E%5C:%2B`,
		"segment of path": `p%22%C3%A4%20s%2F%3C&%3E%5C:+`,
	} {
		if got := scrub("a "+form+" b "+form, []string{"", secret}); got != "a redacted b redacted" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := scrub("short and shorter", []string{"short", "shorter"}); got != "redacted and redacted" {
		t.Errorf("of two secrets that begin alike: %s", got)
	}
	if got := scrub(`ends in \\"`, []string{`in \`}); got != `ends redacted"` {
		t.Errorf("a form that begins with the secret: %s", got)
	}
}

// The URL of a webhook may hold a key: that of a chat is nothing else.
func TestErrorsHideTheURLOfAWebhook(t *testing.T) {
	t.Parallel()
	const url = "https://chat.example.com/hook?key=s3cret"
	s, _ := signedIn(t, func(r seenRequest) reply { return reply{status: 400, body: "the request was " + r.Body} })
	_, made := s.Webhooks.Create(t.Context(), WebhookCreate{Name: "n", Event: WorkbookCreated, URL: url})
	_, changed := s.Webhooks.Update(t.Context(), "h1", WebhookUpdate{URL: new(url)})
	for _, err := range []error{made, changed} {
		if e, is := errors.AsType[*Error](err); !is || strings.Contains(e.Detail, "s3cret") || !strings.Contains(e.Detail, "redacted") {
			t.Errorf("%v", err)
		}
	}
}

// Secrets are planted everywhere, the server sends them back, and everything that can be printed is searched.
func TestSecretsAreNeverShown(t *testing.T) {
	t.Parallel()
	const password = `hunter2&"<x>`
	echo := func(r seenRequest) reply {
		all := r.Header.Get(tokenHeader) + " " + r.Body + " " + r.Query
		return reply{status: 400, body: "the request was " + all}
	}
	s, f := signedIn(t, echo)
	credentials := ConnectionCredentials{Username: "u", Password: password}
	publish := WorkbookPublish{
		Name: "a", ProjectLUID: "p", Source: bytesSource("<workbook/>"),
		Connections: []PublishConnection{{Server: "db", Credentials: credentials}},
	}
	signedInBefore := f.answer
	f.answer = func(r seenRequest) reply {
		if r.Method == http.MethodGet {
			return ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="0"/><workbooks/>`)
		}
		return signedInBefore(r)
	}
	_, err := s.Workbooks.Publish(t.Context(), publish)
	e, is := errors.AsType[*Error](err)
	if !is || strings.Count(e.Detail, "redacted") != 2 {
		t.Fatalf("the error of the echoing server is %v", err)
	}
	jwt := UserPassword{Name: "ana", Password: password}
	nested := struct {
		Credentials Credentials
		List        []any
	}{testCredentials, []any{jwt, credentials}}
	var shown strings.Builder
	var logged bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&logged, nil))
	for _, value := range []any{testCredentials, &testCredentials, jwt, credentials, publish.Connections, nested, s, *s, s.client, s.state, s.Workbooks, err, e, *e} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&shown, verb+"\n", value)
		}
		text, _ := json.Marshal(value)
		shown.Write(text)
		logger.Info("x", "value", value)
	}
	shown.Write(logged.Bytes())
	for _, secret := range []string{testToken, testPAT, password, escapeAttribute(password), "hunter2", fmt.Sprintf("%x", testPAT)} {
		if at := strings.Index(shown.String(), secret); at >= 0 {
			t.Errorf("%q is shown: %.200s", secret, shown.String()[max(0, at-100):])
		}
	}
	if got := fmt.Sprintf("%v %#v", testCredentials, jwt); got != "redacted redacted" {
		t.Errorf("credentials print as %s", got)
	}
}
