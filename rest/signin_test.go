package rest

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
)

func TestSignInHeader(t *testing.T) {
	t.Parallel()
	f := &fakeServer{t: t}
	c, err := NewClient(testBase, WithVersion("3.29"), WithUserAgent("tabtemplate/1.2"), WithHTTPClient(&http.Client{Transport: f}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.SignIn(t.Context(), testCredentials, "finance"); err != nil {
		t.Fatal(err)
	}
	if h := f.last().Header; h.Get("Content-Type") != "application/xml" || h.Get("Accept") != "application/xml" ||
		h.Get("User-Agent") != "tabtemplate/1.2" || h.Get(tokenHeader) != "" {
		t.Errorf("header %v", h)
	}
}

func TestSignInRefused(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		w.WriteHeader(401)
		_, _ = w.Write([]byte(refusal("401001", "Signin Error", "Error signing in to Tableau Server").body))
	}))
	defer server.Close()
	c, err := NewClient(server.URL, WithVersion("3.29"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.SignIn(t.Context(), testCredentials, "finance")
	errorIs(t, err, ErrAuthentication)
	if calls.Load() != 1 {
		t.Errorf("%d sign-ins", calls.Load())
	}
	_, err = c.SignIn(t.Context(), PersonalAccessToken{Name: "ci"}, "finance")
	errorHas(t, err, "personal access token: the secret is empty")
	_, err = c.SignIn(t.Context(), UserPassword{Name: "a", Password: "\x01"}, "finance")
	errorHas(t, err, "U+0001")
}

// A redirected sign-in is sent again, with its body, and the session stays at the new host.
func TestSignInRedirect(t *testing.T) {
	t.Parallel()
	var hosts []string
	f := &fakeServer{t: t, answer: func(seenRequest) reply { return ok(`<projects/>`) }}
	c, err := NewClient("https://online.tableau.com", WithVersion("3.29"), WithHTTPClient(&http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			hosts = append(hosts, r.Method+" "+r.URL.Host)
			if r.URL.Host == "online.tableau.com" {
				w := httptest.NewRecorder()
				w.Header().Set("Location", "https://10ax.online.tableau.com/api/3.29/auth/signin")
				w.WriteHeader(301)
				return w.Result(), nil
			}
			return f.RoundTrip(r)
		}),
	}))
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.SignIn(t.Context(), testCredentials, "finance")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Collect(s.Projects.All(t.Context(), Query{})); err != nil {
		t.Fatal(err)
	}
	equal(t, "hosts", hosts, []string{"POST online.tableau.com", "POST 10ax.online.tableau.com", "GET 10ax.online.tableau.com"})
	if !strings.Contains(f.seen[0].Body, testPAT) {
		t.Errorf("body after the redirect: %q", f.seen[0].Body)
	}
}

// What is not a redirect of the sign-in to another sign-in is not followed.
func TestSignInRedirectEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status   int
		to, want string
		requests int
	}{
		"in a circle":     {301, "/api/3.29/auth/signin", "redirects the sign-in again and again", 4},
		"to a page":       {302, "/login?next=x", "redirected to https://tableau.example.com/login, which is no sign-in", 1},
		"elsewhere":       {308, "https://evil.net/api/3.29/auth/signin", "redirected to https://evil.net, which must not see the credentials", 1},
		"to be read":      {303, "/api/3.29/auth/signin", "status 303", 1},
		"to nowhere":      {301, "", "status 301", 1},
		"without secrecy": {301, "http://tableau.example.com/api/3.29/auth/signin", "must not see the credentials", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			c, err := NewClient(testBase, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: transportOf(func(r *http.Request) reply {
				if requests++; r.Method != http.MethodPost || !strings.Contains(readBody(r), testPAT) {
					t.Errorf("the %s of the sign-in lacks its body", r.Method)
				}
				return reply{status: test.status, header: http.Header{"Location": {test.to}}}
			})}))
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.SignIn(t.Context(), testCredentials, "finance")
			errorHas(t, err, test.want)
			if requests != test.requests {
				t.Errorf("%d requests, want %d", requests, test.requests)
			}
		})
	}
}

// A server that cannot say its version is older than 2.4; the error says how to sign in nevertheless.
func TestSignInToOldServer(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"404001", "404003"} {
		c, err := NewClient(testBase, WithHTTPClient(&http.Client{Transport: transportOf(func(r *http.Request) reply {
			return refusal(code, "Resource Not Found", "Unknown resource '/2.4/serverinfo' specified in URI.")
		})}))
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.SignIn(t.Context(), testCredentials, "finance")
		if old, ok := errors.AsType[*VersionError](err); !ok || old.Needs != (Version{2, 4}) {
			t.Errorf("%s: %v", code, err)
		}
		errorHas(t, err, "give its version with WithVersion")
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSignInRedirectTargets(t *testing.T) {
	t.Parallel()
	const path = "/api/3.29/auth/signin"
	for _, test := range []struct{ from, to, want string }{
		{"https://tableau.example.com", "https://eu.example.com" + path, "https://eu.example.com"},
		{"https://tableau.example.com", "https://eu.tableau.example.com/prefix" + path, "https://eu.tableau.example.com/prefix"},
		{"https://us.online.tableau.com", "https://online.tableau.com" + path, "https://online.tableau.com"},
		{"http://tableau.example.com", "https://tableau.example.com" + path, "https://tableau.example.com"},
		{"http://localhost:8000", "/v2" + path, "http://localhost:8000/v2"},
		{"https://tableau.example.com", "http://tableau.example.com" + path, ""},
		{"https://tableau.example.com", "https://evil.com" + path, ""},
		{"https://tableau.example.com", "https://notexample.com" + path, ""},
		{"https://example.com", "https://evil.com" + path, ""},
		{"https://example.co.uk", "https://evil.co.uk" + path, ""},
		{"https://10.0.0.1", "https://10.0.0.2" + path, ""},
		{"https://tableau.example.com", "https://u:p@eu.example.com" + path, ""},
		{"https://tableau.example.com", "https://sso.example.com/login", ""},
		{"https://tableau.example.com", "://", ""},
	} {
		base, err := url.Parse(test.from)
		if err != nil {
			t.Fatal(err)
		}
		got, err := moved(base, test.to, path)
		if test.want == "" && err == nil {
			t.Errorf("%s to %s: credentials would go to %s", test.from, test.to, got)
		}
		if test.want != "" && (err != nil || got.String() != test.want) {
			t.Errorf("%s to %s: %v, %v; want %s", test.from, test.to, got, err, test.want)
		}
	}
}

// Reads follow redirects, but another host never sees the token; a redirected write is an error and not a GET.
func TestRedirects(t *testing.T) {
	t.Parallel()
	var other []string
	f := &fakeServer{t: t, answer: func(r seenRequest) reply {
		switch {
		case strings.HasSuffix(r.Path, "/workbooks/here/content"):
			return reply{status: 302, header: http.Header{"Location": {"/files/here"}}}
		case strings.HasSuffix(r.Path, "/workbooks/away/content"):
			return reply{status: 302, header: http.Header{"Location": {"https://storage.example.net/files/away"}}}
		case strings.HasSuffix(r.Path, "/workbooks/down/content"):
			return reply{status: 302, header: http.Header{"Location": {"http://tableau.example.com/files/down"}}}
		case strings.HasPrefix(r.Path, "/files/"):
			other = append(other, r.Path+" token "+r.Header.Get(tokenHeader))
			return reply{status: 200, body: "file"}
		}
		return reply{status: 302, header: http.Header{"Location": {"/elsewhere"}}}
	}}
	c, err := NewClient(testBase, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: f}))
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.SignIn(t.Context(), testCredentials, "finance")
	if err != nil {
		t.Fatal(err)
	}
	for _, luid := range []string{"here", "away"} {
		var w strings.Builder
		if _, err := s.Workbooks.Download(t.Context(), luid, &w, DownloadOptions{}); err != nil || w.String() != "file" {
			t.Errorf("download %s: %q, %v", luid, w.String(), err)
		}
	}
	_, err = s.Workbooks.Download(t.Context(), "down", nil, DownloadOptions{})
	errorHas(t, err, "redirected from https to http")
	equal(t, "redirected", other, []string{"/files/here token " + testToken, "/files/away token "})
	errorHas(t, s.Workbooks.Delete(t.Context(), "w1"), "status 302 Found: a DELETE is not redirected")
	if got := f.last().Method; got != "DELETE" {
		t.Errorf("the redirected DELETE became a %s", got)
	}
}

func readBody(r *http.Request) string {
	if r.Body == nil {
		return ""
	}
	body, _ := io.ReadAll(r.Body)
	return string(body)
}

// transportOf answers every request, that of the sign-in as well.
func transportOf(answer func(*http.Request) reply) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			defer r.Body.Close()
		}
		rep := answer(r)
		if rep.err != nil {
			return nil, rep.err
		}
		w := httptest.NewRecorder()
		for key, values := range rep.header {
			w.Header()[key] = values
		}
		w.WriteHeader(rep.status)
		_, _ = w.WriteString(rep.body)
		return w.Result(), nil
	})
}

// grants answers a sign-in or a switch to another site.
func grants(token, lasts, contentURL string) reply {
	if lasts != "" {
		lasts = ` estimatedTimeToExpiration="` + lasts + `"`
	}
	return ok(`<credentials token="` + token + `"` + lasts + `><site id="luid-of-` + contentURL + `" contentUrl="` + contentURL + `"/><user id="` + testUser + `"/></credentials>`)
}

// A sign-in without an answer has done nothing that its caller would have to look for.
func TestSignInIsNeverUnclear(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := NewClient(testBase, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: transportOf(func(*http.Request) reply {
			return reply{err: syscall.ECONNRESET}
		})}))
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.SignIn(t.Context(), testCredentials, "finance")
		errorIs(t, err, ErrUnavailable)
		if e, ok := errors.AsType[*Error](err); !ok || e.ambiguous || e.Attempts != 4 {
			t.Errorf("%+v", e)
		}
	})
}
