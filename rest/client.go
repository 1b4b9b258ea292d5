package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/time/rate"
)

// tokenHeader carries the token of a session.
const tokenHeader = "X-Tableau-Auth"

// A Client speaks to one Tableau Server or Tableau Cloud pod. It comes from [NewClient], the zero value is of no use, and is
// safe for concurrent use.
type Client struct {
	base      *url.URL // scheme, host and perhaps a path prefix, without a slash at the end
	http      *http.Client
	userAgent string
	limits    uploadLimits
	pace      *rate.Limiter // nil for none
	log       *slog.Logger  // never nil

	negotiating chan struct{} // a lock that can be waited for with a context
	version     Version       // zero until negotiated
	clock       serverClock
	truce       truce

	sole sync.Map // the *sessionState of credentials that have one session at a time
}

// An Option changes how a client works.
type Option func(*options) error

type options struct {
	http      *http.Client // nil for the client's own
	proxy     *url.URL
	tls       *tls.Config
	userAgent string
	version   Version
	limits    uploadLimits
	pace      *rate.Limiter
	log       *slog.Logger
}

// WithHTTPClient sets the transport and the cookie jar, those of hc. A client with a Timeout or a CheckRedirect is refused: a
// timeout would cut long downloads, which contexts do better, and redirects are decided here. The default is a transport like
// [http.DefaultTransport], with more connections, and no jar.
func WithHTTPClient(hc *http.Client) Option {
	return func(o *options) error {
		switch {
		case hc == nil:
			return errors.New("the HTTP client is nil")
		case hc.Timeout != 0:
			return errors.New("the HTTP client has a Timeout, which would cut long transfers: use contexts")
		case hc.CheckRedirect != nil:
			return errors.New("the HTTP client has a CheckRedirect, which is not the caller's to decide")
		}
		o.http = hc
		return nil
	}
}

// WithUserAgent sets the User-Agent header. The default is "tabtemplate".
func WithUserAgent(agent string) Option {
	return func(o *options) error {
		if agent == "" || strings.ContainsFunc(agent, func(r rune) bool { return r < ' ' || r > '~' }) {
			return fmt.Errorf("user agent %q is not printable ASCII", agent)
		}
		o.userAgent = agent
		return nil
	}
}

// WithRateLimit lets at most so many requests a second begin, over all sessions of the client, and burst of them at once. The
// default is no limit but what the server asks for: after a 429 or 503 with a Retry-After of up to five minutes no session sends
// what was refused before that is over, which is one operation, or all if the server is unavailable or a proxy refuses. Tableau
// Cloud limits the calls of a user in an hour.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(o *options) error {
		if !(perSecond > 0) || burst < 1 {
			return fmt.Errorf("a rate limit of %v requests a second, %d at once, lets none through", perSecond, burst)
		}
		o.pace = rate.NewLimiter(rate.Limit(perSecond), burst)
		return nil
	}
}

// WithLogger tells a logger of every request: at level Debug that it was answered and how, at Warn that it is sent again or has
// got no answer. Records hold the operation, method, path, status, code and times; never a query, a header, a body or a secret.
// The default is silence.
func WithLogger(log *slog.Logger) Option {
	return func(o *options) error {
		if log == nil {
			return errors.New("the logger is nil")
		}
		o.log = log
		return nil
	}
}

// WithVersion pins the API version, such as "3.21", instead of asking the server. The default is the server's version, or
// 3.29 if that is older.
func WithVersion(version string) Option {
	return func(o *options) error {
		v, err := ParseVersion(version)
		if err == nil && v.before(Version{2, 0}) {
			err = fmt.Errorf("API %s is older than 2.0", v)
		}
		o.version = v
		return err
	}
}

// WithSingleRequestLimit sets the size in bytes up to which a file is published in one request; larger files are uploaded in
// blocks and published by a job. At most and by default 60 MiB: servers take no request over 64 MB, and some proxies less.
func WithSingleRequestLimit(bytes int64) Option {
	return func(o *options) error {
		if bytes < 1 || bytes > maxRequestFile {
			return fmt.Errorf("single request limit of %d bytes is not between 1 and %d", bytes, int64(maxRequestFile))
		}
		o.limits.single = bytes
		return nil
	}
}

// WithBlockSize sets the size in bytes of the blocks of an upload, at most 60 MiB. The default is 32 MiB; files that would
// need more than 1000 blocks get larger ones.
func WithBlockSize(bytes int64) Option {
	return func(o *options) error {
		if bytes < 1 || bytes > maxRequestFile {
			return fmt.Errorf("block size of %d bytes is not between 1 and %d", bytes, int64(maxRequestFile))
		}
		o.limits.block = bytes
		return nil
	}
}

// WithUploadParallelism sets how many blocks of a file are sent at the same time, 1 to 32, where the server allows it (API
// 3.27). The default is 4.
func WithUploadParallelism(n int) Option {
	return func(o *options) error {
		if n < 1 || n > 32 {
			return fmt.Errorf("upload parallelism of %d is not between 1 and 32", n)
		}
		o.limits.parallel = n
		return nil
	}
}

// NewClient makes a client for the server at an address such as "https://tableau.example.com": http or https, no query and
// no user information; a path is taken as a prefix of every path. It sends nothing. Every wrong option is reported.
func NewClient(serverURL string, opts ...Option) (*Client, error) {
	base, err := parseServerURL(serverURL)
	errs := []error{err}
	o := options{
		log:       slog.New(slog.DiscardHandler),
		userAgent: "tabtemplate",
		limits:    uploadLimits{single: maxRequestFile, block: defaultBlock, parallel: 4},
	}
	for _, opt := range opts {
		errs = append(errs, opt(&o))
	}
	if o.http != nil && (o.proxy != nil || o.tls != nil) {
		errs = append(errs, errors.New("the HTTP client is given, so the proxy and TLS are its own to set"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("making a Tableau client: %w", err)
	}
	if o.http == nil {
		o.http = &http.Client{Transport: newTransport(o)}
	}
	return &Client{
		base:        base,
		http:        &http.Client{Transport: o.http.Transport, Jar: o.http.Jar, CheckRedirect: checkRedirect},
		userAgent:   o.userAgent,
		limits:      o.limits,
		pace:        o.pace,
		log:         o.log,
		negotiating: make(chan struct{}, 1),
		version:     o.version,
	}, nil
}

func parseServerURL(serverURL string) (*url.URL, error) {
	u, err := url.Parse(serverURL)
	if err != nil {
		// The text of a url.Error holds the URL, and that may hold a password.
		if parse, ok := errors.AsType[*url.Error](err); ok {
			err = parse.Err
		}
		return nil, fmt.Errorf("server URL: %w", err)
	}
	switch {
	case u.User != nil:
		return nil, errors.New("server URL holds a user name: sign in with credentials instead")
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return nil, fmt.Errorf("server URL %q is not of the form https://host", serverURL)
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, fmt.Errorf("server URL %q goes on after the host: leave out what follows ? or #", u.Scheme+"://"+u.Host)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// ServerURL is the server's address, without a slash at the end.
func (c *Client) ServerURL() string { return c.base.String() }

// String names the server.
func (c *Client) String() string { return "rest.Client(" + c.base.String() + ")" }

// GoString is String.
func (c *Client) GoString() string { return c.String() }

// ServerInfo is what a server says about itself without a sign-in.
type ServerInfo struct {
	ProductVersion       string  // such as 2026.2.0
	Build                string  // such as 20262.26.0601.1200
	RESTVersion          Version // the newest API version it speaks
	PrepConductorVersion string  // "" without Prep Conductor
	Platform             string  // such as linux; "" when the server does not say
}

type wireServerInfo struct {
	ProductVersion string `api:"productVersion/text()"`
	Build          string `api:"productVersion/@build"`
	RESTVersion    string `api:"restApiVersion/text()"`
	PrepConductor  string `api:"prepConductorVersion/text()"`
	Platform       string `api:"platform/text()"`
}

// ServerInfo asks the server for its versions ("Server Info", API 2.4). The error is [ErrNotTableauServer] when something
// else answers, and a [*VersionError] when the server is older than API 2.4.
func (c *Client) ServerInfo(ctx context.Context) (ServerInfo, error) {
	info, err := c.serverInfo(ctx)
	if err != nil {
		return ServerInfo{}, fmt.Errorf("asking %s for its version: %w", c.base, err)
	}
	return info, nil
}

func (c *Client) serverInfo(ctx context.Context) (ServerInfo, error) {
	answer, err := c.exchange(ctx, c.base, &request{op: "Server Info", method: http.MethodGet, path: sinceServerInfo.String() + "/serverinfo"})
	if refused, ok := errors.AsType[*Error](err); ok {
		switch {
		case refused.unknownVersion():
			return ServerInfo{}, &VersionError{Feature: "server information", Needs: sinceServerInfo, Speaks: Version{2, 3}}
		case refused.Code == "" && refused.Status >= 300 && refused.kind() != ErrUnavailable && refused.kind() != ErrRateLimited:
			return ServerInfo{}, fmt.Errorf("%w: %w", ErrNotTableauServer, err)
		}
	}
	if err != nil {
		return ServerInfo{}, err
	}
	if answer.child("serverInfo") == nil {
		return ServerInfo{}, fmt.Errorf("%w: %w", ErrNotTableauServer, missing("serverInfo"))
	}
	said := decodeElement[wireServerInfo](answer.child("serverInfo"))
	v, err := ParseVersion(said.RESTVersion)
	if err != nil {
		return ServerInfo{}, fmt.Errorf("restApiVersion: %w", err)
	}
	return ServerInfo{said.ProductVersion, said.Build, v, said.PrepConductor, said.Platform}, nil
}

// negotiate settles the version of the API, once for a client: the server's, or the newest known here if that is older.
func (c *Client) negotiate(ctx context.Context) (Version, error) {
	select {
	case c.negotiating <- struct{}{}:
	case <-ctx.Done():
		return Version{}, ctx.Err()
	}
	defer func() { <-c.negotiating }()
	if c.version != (Version{}) {
		return c.version, nil
	}
	info, err := c.ServerInfo(ctx)
	if _, old := errors.AsType[*VersionError](err); old {
		err = fmt.Errorf("%w: give its version with WithVersion", err)
	}
	if err != nil {
		return Version{}, err
	}
	c.version = info.RESTVersion
	if newestKnown.before(c.version) {
		c.version = newestKnown
	}
	return c.version, nil
}

// checkRedirect lets reads follow redirects, without the token when they lead to another host, and hands every other redirect
// back: followed, a POST would become a GET.
func checkRedirect(next *http.Request, via []*http.Request) error {
	first := via[0]
	if first.Method != http.MethodGet {
		return http.ErrUseLastResponse
	}
	if len(via) >= 10 {
		return redirectError("more than 10 redirects")
	}
	if first.URL.Scheme == "https" && next.URL.Scheme != "https" {
		return redirectError("redirected from https to " + next.URL.Scheme)
	}
	if !strings.EqualFold(next.URL.Host, first.URL.Host) {
		next.Header.Del(tokenHeader)
	}
	return nil
}
