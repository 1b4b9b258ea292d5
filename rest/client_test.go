package rest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestNewClientRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		url  string
		opts []Option
		want string
	}{
		{"", nil, "not of the form"},
		{"tableau.example.com", nil, "not of the form"},
		{"ftp://tableau.example.com", nil, "not of the form"},
		{"https://", nil, "not of the form"},
		{"https://host:port", nil, "invalid port"},
		{"https://admin:hunter2@tableau.example.com", nil, "holds a user name"},
		{"https://admin:hunter2@tableau.example.com:x", nil, "server URL"},
		{"https://tableau.example.com/#/site/acme", nil, "goes on after the host"},
		{"https://tableau.example.com?x=hunter2", nil, "goes on after the host"},
		{testBase, []Option{WithHTTPClient(nil)}, "is nil"},
		{testBase, []Option{WithHTTPClient(&http.Client{Timeout: time.Second})}, "Timeout"},
		{testBase, []Option{WithHTTPClient(&http.Client{CheckRedirect: checkRedirect})}, "CheckRedirect"},
		{testBase, []Option{WithUserAgent("a\r\nb")}, "user agent"},
		{testBase, []Option{WithVersion("3")}, "not an API version"},
		{testBase, []Option{WithVersion("1.9")}, "older than 2.0"},
		{testBase, []Option{WithSingleRequestLimit(0)}, "between 1 and"},
		{testBase, []Option{WithBlockSize(maxRequestFile + 1)}, "between 1 and"},
		{testBase, []Option{WithUploadParallelism(33)}, "between 1 and 32"},
	} {
		_, err := NewClient(test.url, test.opts...)
		errorHas(t, err, test.want)
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestNegotiation(t *testing.T) {
	t.Parallel()
	info := func(version string) reply {
		return ok(`<serverInfo><productVersion build="20262.26.0601.1200">2026.2.0</productVersion><restApiVersion>` + version + `</restApiVersion></serverInfo>`)
	}
	html := func(status int) reply {
		return reply{status: status, body: "<!DOCTYPE html><html>hello</html>", header: http.Header{"Content-Type": {"text/html"}}}
	}
	for name, test := range map[string]struct {
		pin   string
		reply reply
		want  string // path of the sign-in
		err   error
	}{
		"same":            {"", info("3.29"), "/api/3.29/auth/signin", nil},
		"newer server":    {"", info("3.31"), "/api/3.29/auth/signin", nil},
		"older server":    {"", info("3.9"), "/api/3.9/auth/signin", nil},
		"pinned":          {"3.15", reply{}, "/api/3.15/auth/signin", nil},
		"pinned higher":   {"3.40", reply{}, "/api/3.40/auth/signin", nil},
		"web page":        {"", html(200), "", ErrNotTableauServer},
		"web page, 404":   {"", html(404), "", ErrNotTableauServer},
		"plain text, 404": {"", reply{status: 404, body: "404 page not found"}, "", ErrNotTableauServer},
		"empty":           {"", reply{status: 200}, "", ErrNotTableauServer},
		"other XML":       {"", reply{status: 200, body: "<?xml version='1.0'?><rss/>"}, "", ErrNotTableauServer},
		"redirect":        {"", reply{status: 302, header: http.Header{"Location": {"http://tableau.example.com/"}}}, "", ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeServer{t: t, answer: inOrder(t, test.reply)}
			opts := []Option{WithHTTPClient(&http.Client{Transport: f})}
			if test.pin != "" {
				opts = append(opts, WithVersion(test.pin))
			}
			c, err := NewClient(testBase+"/", opts...)
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.SignIn(t.Context(), testCredentials, "finance")
			errorIs(t, err, test.err)
			if test.want != "" && f.last().Path != test.want {
				t.Errorf("sign-in at %s, want %s", f.last().Path, test.want)
			}
			if test.pin == "" && f.seen[0].line() != "GET /api/2.4/serverinfo" {
				t.Errorf("first request %s", f.seen[0].line())
			}
		})
	}
}

func TestServerInfo(t *testing.T) {
	t.Parallel()
	body := `<serverInfo><productVersion build="20262.26.0601.1200">2026.2.0</productVersion><prepConductorVersion>x</prepConductorVersion>` +
		`<restApiVersion>3.29</restApiVersion><platform>Linux</platform></serverInfo>`
	f := &fakeServer{t: t, answer: inOrder(t, ok(body), refusal("404003", "Resource Not Found", "Unknown resource"))}
	c, err := NewClient(testBase, WithHTTPClient(&http.Client{Transport: f}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.ServerInfo(t.Context())
	if want := (ServerInfo{"2026.2.0", "20262.26.0601.1200", Version{3, 29}, "x", "Linux"}); err != nil || got != want {
		t.Errorf("ServerInfo = %+v, %v; want %+v", got, err, want)
	}
	_, err = c.ServerInfo(t.Context())
	errorHas(t, err, "needs API 2.4, server speaks 2.3")
}

func TestVersionsCompareAsIntegers(t *testing.T) {
	t.Parallel()
	if nine, ten := (Version{3, 9}), (Version{3, 10}); nine.Compare(ten) != -1 || ten.Compare(nine) != 1 || ten.Compare(ten) != 0 {
		t.Error("3.9 and 3.10 compare as numbers with a fraction")
	}
	for _, bad := range []string{"", "3", "3.", ".1", "3.1.2", "-3.1", "3.x", "3.99999999"} {
		if v, err := ParseVersion(bad); err == nil {
			t.Errorf("ParseVersion(%q) = %v", bad, v)
		}
	}
}

// Every feature with a gate is refused below it without a request.
func TestVersionGates(t *testing.T) {
	t.Parallel()
	twb := bytesSource("<workbook/>")
	for _, test := range []struct {
		version string
		call    func(*Session) error
		want    string
	}{
		{"2.2", func(s *Session) error { _, err := s.Workbooks.ByName(t.Context(), "a", ""); return err }, "needs API 2.3, server speaks 2.2"},
		{"2.5", func(s *Session) error { _, err := s.Jobs.ByLUID(t.Context(), "j"); return err }, "Query Job: needs API 2.6"},
		{"2.5", func(s *Session) error { _, err := s.Datasources.AddTags(t.Context(), "d", "x"); return err }, "needs API 2.6"},
		{"2.4", func(s *Session) error {
			_, err := s.Workbooks.Download(t.Context(), "w", nil, DownloadOptions{WithoutExtract: true})
			return err
		}, "needs API 2.5"},
		{"2.9", publishing(WorkbookPublish{Name: "a", ProjectLUID: "p", Source: twb, AsJob: true}), "needs API 3.0"},
		{"3.1", publishing(WorkbookPublish{Name: "a", ProjectLUID: "p", Source: twb, HiddenViews: []string{"x"}}), "hidden views: needs API 3.2"},
		{"3.20", publishing(WorkbookPublish{Name: "a", ProjectLUID: "p", Source: twb, Description: "x"}), "needs API 3.21, server speaks 3.20"},
		{"2.7", publishing(WorkbookPublish{Name: "a", ProjectLUID: "p", Source: twb, Connections: []PublishConnection{
			{Server: "db", Credentials: ConnectionCredentials{Username: "u"}},
		}}), "needs API 2.8"},
	} {
		f := &fakeServer{t: t, answer: inOrder(t)}
		c, err := NewClient(testBase, WithVersion(test.version), WithHTTPClient(&http.Client{Transport: f}))
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.SignIn(context.Background(), UserPassword{Name: "admin", Password: "p"}, "")
		if err != nil {
			t.Fatal(err)
		}
		err = test.call(s)
		errorHas(t, err, test.want)
		if _, ok := errors.AsType[*VersionError](err); !ok {
			t.Errorf("%v is no VersionError", err)
		}
	}
	c, err := NewClient(testBase, WithVersion("3.5"), WithHTTPClient(&http.Client{Transport: &fakeServer{t: t}}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.SignIn(t.Context(), testCredentials, "")
	errorHas(t, err, "personal access token: needs API 3.6, server speaks 3.5")
}

func publishing(p WorkbookPublish) func(*Session) error {
	return func(s *Session) error {
		_, err := s.Workbooks.Publish(context.Background(), p)
		return err
	}
}
