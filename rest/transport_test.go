package rest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// serverInfoAnswer answers what a client asks first.
func serverInfoAnswer(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", xmlType)
	_, _ = io.WriteString(w, tsResponse(`<serverInfo><restApiVersion>3.29</restApiVersion></serverInfo>`))
}

func TestProxy(t *testing.T) {
	t.Parallel()
	var asked, authorized string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, authorized = r.URL.String(), r.Header.Get("Proxy-Authorization")
		serverInfoAnswer(w, r)
	}))
	defer proxy.Close()
	c, err := NewClient("http://tableau.invalid", WithProxy(strings.Replace(proxy.URL, "http://", "http://u:p@", 1)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	if _, err := c.ServerInfo(t.Context()); err != nil || asked != "http://tableau.invalid/api/2.4/serverinfo" || authorized == "" {
		t.Errorf("the proxy was asked for %q, authorized %v: %v", asked, authorized != "", err)
	}
}

// A program may have another kind of default transport.
func TestTransportWithoutADefault(t *testing.T) {
	t.Parallel()
	for name, inPlace := range map[string]http.RoundTripper{"the usual one": http.DefaultTransport, "another": &fakeServer{}} {
		if tr := likeDefault(inPlace); tr.Proxy == nil || !tr.ForceAttemptHTTP2 || tr.IdleConnTimeout == 0 || tr.TLSHandshakeTimeout == 0 {
			t.Errorf("%s: %+v", name, tr)
		}
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(serverInfoAnswer))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	for name, test := range map[string]struct {
		opts []Option
		err  string
	}{
		"a certificate nobody knows": {nil, "certificate"},
		"one that is trusted":        {[]Option{WithTLS(&tls.Config{RootCAs: pool})}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := NewClient(server.URL, test.opts...)
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseIdleConnections()
			_, err = c.ServerInfo(t.Context())
			if test.err == "" {
				errorIs(t, err, nil)
			} else {
				errorHas(t, err, test.err)
			}
		})
	}
}

func TestTransportOptionsRefused(t *testing.T) {
	t.Parallel()
	for want, opts := range map[string][]Option{
		"is not one of http":   {WithProxy("ftp://proxy")},
		"has no host":          {WithProxy("http://:8080")},
		"the proxy is not a U": {WithProxy("http://u:hunter2@ proxy")},
		"TLS configuration":    {WithTLS(nil)},
		"the logger is nil":    {WithLogger(nil)},
		"a rate limit of 0":    {WithRateLimit(0, 1)},
		"a rate limit of NaN":  {WithRateLimit(math.NaN(), 1)},
		"0 at once":            {WithRateLimit(1, 0)},
		"its own to set":       {WithHTTPClient(&http.Client{}), WithProxy("http://proxy")},
	} {
		_, err := NewClient(testBase, opts...)
		errorHas(t, err, want)
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a password shows: %v", err)
		}
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, f := signedIn(t, func(seenRequest) reply { return ok(jobRunning) }, WithRateLimit(2, 1))
		start := time.Now()
		for range 4 {
			if _, err := s.Jobs.ByLUID(t.Context(), "j1"); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 2*time.Second || len(f.lines()) != 4 {
			t.Errorf("4 requests after the sign-in took %v", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := s.Jobs.ByLUID(ctx, "j1"); err == nil || len(f.lines()) != 4 {
			t.Errorf("a request beyond the deadline was sent: %v", err)
		}
	})
}

func TestLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		echo := reply{status: 503, body: "<html>" + testPAT + " " + testToken + "</html>"}
		s, _ := signedIn(t, inOrder(t, echo, echo, ok(published("w1", 1)), refusal("404006", "Resource Not Found", testToken)), WithLogger(logger))
		for range 2 {
			_ = reading(s)
		}
		for _, part := range []string{
			`level=DEBUG msg=answered operation="Sign In" method=POST path=/api/3.29/auth/signin status=200 attempt=1`,
			`level=WARN msg=failed operation="Query Workbook" method=GET path=/api/3.29/sites/` + testSite + `/workbooks/w1 status=503 attempt=2`,
			`status=200 attempt=3`, `level=DEBUG msg=failed`, `code=404006`, "again_in=",
		} {
			if !strings.Contains(log.String(), part) {
				t.Errorf("the log does not say %q:\n%s", part, log.String())
			}
		}
		for _, secret := range []string{testPAT, testToken} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log says %q:\n%s", secret, log.String())
			}
		}
	})
}

// The path of a server that lies below one is told with every request, be it answered or not.
func TestLogOfAServerBelowAPath(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	f := &fakeServer{t: t, answer: inOrder(t, ok(`<serverInfo><restApiVersion>3.29</restApiVersion></serverInfo>`), refusal("404003", "Not Found", "no"))}
	c, err := NewClient(testBase+"/below", WithHTTPClient(&http.Client{Transport: f}),
		WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, _ = c.ServerInfo(t.Context())
	}
	if n := strings.Count(log.String(), " path=/below/api/2.4/serverinfo "); n != 2 {
		t.Errorf("%d of 2 records name the path:\n%s", n, log.String())
	}
}

func TestDo(t *testing.T) {
	t.Parallel()
	var into strings.Builder
	for name, test := range map[string]struct {
		request Request
		line    string
		header  http.Header
		body    string
		err     string
	}{
		"of the site":    {request: Request{Path: "collections/c1"}, line: "GET collections/c1"},
		"of the version": {request: Request{Method: "PUT", Path: "/settings/extensions", Body: []byte("<tsRequest/>")}, line: "PUT /api/3.29/settings/extensions", header: http.Header{"Content-Type": {"application/xml"}, "Accept": {"application/xml"}}},
		"of the server": {
			request: Request{Method: "POST", Path: "/api/-/pulse/x", Body: []byte(` {"a":1}`), Accept: "application/json", Header: http.Header{"x-a": {"b"}}},
			line:    "POST /api/-/pulse/x", header: http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}, "X-A": {"b"}},
		},
		"with a query":   {request: Request{Path: "views", Query: map[string][]string{"filter": {"name:eq:a b"}}}, line: "GET views?filter=name%3Aeq%3Aa+b"},
		"into a writer":  {request: Request{Path: "views/v1/image", Into: &into}, line: "GET views/v1/image"},
		"no path":        {err: "path is empty"},
		"out of the API": {request: Request{Path: "/../../x"}, err: "holds . or .."},
		"hidden dots":    {request: Request{Path: "a/%2e%2e/b"}, err: "holds . or .."},
		"a query within": {request: Request{Path: "views?x=1"}, err: "not a URL path"},
		"dots at once":   {request: Request{Path: "//.."}, err: "holds . or .."},
		"no method":      {request: Request{Method: "GET x", Path: "x"}, err: `"GET x" is not a method`},
		"no header":      {request: Request{Path: "x", Header: http.Header{"a b": {"c"}}}, err: `"a b" is not the name of a header`},
		"a broken line":  {request: Request{Path: "x", Header: http.Header{"A": {"b\nc"}}}, err: "the header A has a line break"},
		"a token":        {request: Request{Path: "x", Header: http.Header{"x-tableau-auth": {"t"}}}, err: "the session's to set"},
	} {
		t.Run(name, func(t *testing.T) {
			s, f := signedIn(t, func(seenRequest) reply { return ok(`<x a="1"/>`) })
			answer, err := s.Do(t.Context(), test.request)
			if test.err != "" {
				errorHas(t, err, test.err)
				if len(f.lines()) != 0 {
					t.Errorf("it was sent: %v", f.lines())
				}
				return
			}
			errorIs(t, err, nil)
			equal(t, "requests", f.lines(), []string{test.line})
			for name := range test.header {
				if f.last().Header.Get(name) != test.header.Get(name) {
					t.Errorf("%s: %q, want %q", name, f.last().Header.Get(name), test.header.Get(name))
				}
			}
			if test.request.Into != nil {
				if into.String() != tsResponse(`<x a="1"/>`) || len(answer.Body) > 0 {
					t.Errorf("written %q, answered %q", into.String(), answer.Body)
				}
				return
			}
			var x struct {
				X struct {
					A string `xml:"a,attr"`
				} `xml:"x"`
			}
			if err := answer.Decode(&x); err != nil || x.X.A != "1" || answer.Status != 200 {
				t.Errorf("%+v, %v", x, err)
			}
		})
	}
}

// What a caller makes is repeated as carefully as what the package makes.
func TestDoRepeats(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		request Request
		times   int
	}{
		{Request{Path: "x"}, 4},
		{Request{Path: "x", Once: true}, 1},
		{Request{Method: "PUT", Path: "x"}, 4},
		{Request{Method: "POST", Path: "x"}, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, f := signedIn(t, func(seenRequest) reply { return reply{status: 503} })
			_, err := s.Do(t.Context(), test.request)
			if errorIs(t, err, ErrUnavailable); len(f.lines()) != test.times {
				t.Errorf("%+v was sent %d times, want %d", test.request, len(f.lines()), test.times)
			}
		})
	}
}
