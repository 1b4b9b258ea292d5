package rest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// newTransport is how a client reaches its server unless it is given an HTTP client: as [http.DefaultTransport] does, with
// as many connections kept open as a session has calls under way, and buffers that suit files.
func newTransport(o options) *http.Transport {
	t := likeDefault(http.DefaultTransport)
	t.MaxIdleConnsPerHost = 64
	t.WriteBufferSize = 64 << 10
	t.ReadBufferSize = 64 << 10
	if o.proxy != nil {
		t.Proxy = http.ProxyURL(o.proxy)
	}
	if o.tls != nil {
		t.TLSClientConfig = o.tls
	}
	return t
}

// likeDefault is a transport of our own like the program's default one. Programs put others in the place of that, such as one
// that measures, which cannot be copied.
func likeDefault(inPlace http.RoundTripper) *http.Transport {
	if t, ok := inPlace.(*http.Transport); ok {
		return t.Clone()
	}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
	}
}

// WithProxy sends everything through a proxy at an http, https or socks5 address, which may hold a user and a password. The
// default is what the environment says (see [http.ProxyFromEnvironment]). It does not go with [WithHTTPClient].
func WithProxy(proxyURL string) Option {
	return func(o *options) error {
		u, err := url.Parse(proxyURL)
		if err != nil {
			return errors.New("the proxy is not a URL") // whose text may hold a password
		}
		switch u.Scheme {
		case "http", "https", "socks5", "socks5h":
		default:
			return fmt.Errorf("the proxy %s is not one of http, https and socks5", u.Redacted())
		}
		if u.Hostname() == "" {
			return fmt.Errorf("the proxy %s has no host", u.Redacted())
		}
		o.proxy = u
		return nil
	}
}

// WithTLS sets how TLS is spoken: certificates to trust beyond the system's, a certificate of the client, versions. The
// configuration must not be changed afterwards. It does not go with [WithHTTPClient].
func WithTLS(config *tls.Config) Option {
	return func(o *options) error {
		if config == nil {
			return errors.New("the TLS configuration is nil")
		}
		o.tls = config.Clone()
		return nil
	}
}

// CloseIdleConnections closes the connections that are kept open for later calls. A client may be used on afterwards.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }
