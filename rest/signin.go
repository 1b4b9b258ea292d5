package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A grant is what a sign-in answers.
type grant struct {
	base       *url.URL // the server's address, elsewhere after a redirect
	token      secret
	siteLUID   string
	contentURL string
	userLUID   string
	expires    time.Time // when the server ends the session; zero if it did not say
}

type wireCredentials struct {
	Token          string `api:"@token"`
	TimeLeft       string `api:"@estimatedTimeToExpiration"`
	SiteLUID       string `api:"site/@id"`
	SiteContentURL string `api:"site/@contentUrl"`
	UserLUID       string `api:"user/@id"`
}

// A login signs in with the same credentials again and again. It is kept behind a pointer, and holds them in a closure, so that
// no printing of a session reaches them.
type login struct {
	client  *Client
	version Version
	traits  traits
	proof   func(context.Context) (proof, error)
}

// SignIn signs in to a site, named by its part of the URL; "" is the Default site ("Sign In"). The first sign-in of a client
// asks the server for its version, unless one is pinned. Refused credentials are an [ErrAuthentication], and the server does
// not say which part was wrong: the site may be, too.
//
// A redirect is followed, with the same request, to a host in the same parent domain over https, or to the same host; the
// session then stays there. Several sites with one personal access token: see [PersonalAccessToken].
func (c *Client) SignIn(ctx context.Context, credentials Credentials, siteContentURL string) (*Session, error) {
	s, err := c.begin(ctx, credentials, siteContentURL)
	if err != nil {
		return nil, fmt.Errorf("signing in to %s of %s: %w", siteName(siteContentURL), c.base, err)
	}
	return s, nil
}

func (c *Client) begin(ctx context.Context, credentials Credentials, siteContentURL string) (*Session, error) {
	if credentials == nil {
		return nil, errors.New("no credentials")
	}
	p, err := credentials.proof(ctx) // what is wrong with them is said before anything is sent
	if err != nil {
		return nil, err
	}
	version, err := c.negotiate(ctx)
	if err != nil {
		return nil, err
	}
	l := &login{client: c, version: version, traits: credentials.traits(), proof: credentials.proof}
	if version.before(l.traits.since) {
		return nil, &VersionError{Feature: l.traits.doing, Needs: l.traits.since, Speaks: version}
	}
	g, err := l.show(ctx, c.base, p, siteContentURL)
	if refused, ok := errors.AsType[*Error](err); ok && refused.unknownVersion() {
		err = fmt.Errorf("the server does not speak API %s: %w", version, err)
	}
	if err != nil {
		return nil, err
	}
	return l.session(g), nil
}

// session is a new session after a sign-in, or after a switch to another site. Of credentials that have one session at a time
// it takes the place of the one before.
func (l *login) session(g grant) *Session {
	s := &Session{client: l.client, version: l.version, login: l, site: g, state: newSessionState(g, l.traits)}
	s.serve()
	if l.traits.exclusive() {
		if before, ok := l.client.sole.Swap(l.traits.sole, s.state); ok {
			before.(*sessionState).end(fmt.Errorf("%w: signed in again with the same personal access token", ErrReplaced))
		}
	}
	return s
}

// signIn signs in to a site.
func (l *login) signIn(ctx context.Context, base *url.URL, siteContentURL string) (grant, error) {
	p, err := l.proof(ctx)
	if err != nil {
		return grant{}, err
	}
	return l.show(ctx, base, p, siteContentURL)
}

// show signs in with a proof. Some proofs are good for one sign-in: when the request had to be repeated and is refused, the
// first one may have arrived, and another proof is shown.
func (l *login) show(ctx context.Context, base *url.URL, p proof, siteContentURL string) (grant, error) {
	g, err := l.client.signIn(ctx, base, l.version, p, siteContentURL)
	refused, ok := errors.AsType[*Error](err)
	if !ok || refused.Code != "401001" || refused.Attempts < 2 || l.traits.use != useFresh {
		return g, err
	}
	if p, err = l.proof(ctx); err != nil {
		return grant{}, err
	}
	return l.client.signIn(ctx, base, l.version, p, siteContentURL)
}

// signIn sends a proof, also to where the server says it has moved.
func (c *Client) signIn(ctx context.Context, base *url.URL, version Version, p proof, siteContentURL string) (grant, error) {
	credentials := &element{name: "credentials", attrs: p.attrs}
	credentials.add(newElement("site").set("contentUrl", siteContentURL))
	if p.userLUID != "" {
		credentials.add(newElement("user").set("id", p.userLUID))
	}
	q := &request{op: "Sign In", method: http.MethodPost, path: version.String() + "/auth/signin", secrets: p.secrets}
	if err := q.carry(credentials); err != nil {
		return grant{}, err
	}
	for range 4 {
		g, err := c.obtain(ctx, base, q, siteContentURL)
		refused, ok := errors.AsType[*Error](err)
		if !ok || refused.location == "" || refused.Status == http.StatusSeeOther {
			return g, err
		}
		if base, err = moved(base, refused.location, "/api/"+q.path); err != nil {
			return grant{}, errors.New(tidy(err.Error(), p.secrets))
		}
	}
	return grant{}, errors.New("the server redirects the sign-in again and again")
}

// obtain sends a request that is answered by a new token, once the server has looked at it.
func (c *Client) obtain(ctx context.Context, base *url.URL, q *request, siteContentURL string) (grant, error) {
	began := time.Now()
	answer, err := c.exchange(ctx, base, q)
	if refused, ok := errors.AsType[*Error](err); ok {
		refused.ambiguous = false // a session nobody has the token of is none
	}
	if err != nil {
		return grant{}, err
	}
	var said wireCredentials
	if found := answer.child("credentials"); found != nil {
		said = decodeElement[wireCredentials](found)
	}
	if said.Token == "" || said.SiteLUID == "" {
		return grant{}, missing("credentials with a token and a site")
	}
	g := grant{
		base: base, token: conceal(said.Token), siteLUID: said.SiteLUID,
		contentURL: cmp.Or(said.SiteContentURL, siteContentURL), userLUID: said.UserLUID,
	}
	if left := parseTimeLeft(said.TimeLeft); left > 0 {
		g.expires = began.UTC().Add(left).Round(0) // by the clock on the wall, so that time asleep counts
	}
	return g, nil
}

// parseTimeLeft reads hours, minutes and seconds such as 239:59:59; it is zero when they cannot be read.
func parseTimeLeft(text string) time.Duration {
	parts := strings.Split(strings.TrimSpace(text), ":")
	if len(parts) != 3 {
		return 0
	}
	var seconds uint64
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 20)
		if err != nil || i > 0 && n > 59 {
			return 0
		}
		seconds = seconds*60 + n
	}
	return time.Duration(seconds) * time.Second
}

// moved is the base address after a redirect of the sign-in, if credentials may be sent there.
func moved(base *url.URL, location, path string) (*url.URL, error) {
	target, err := base.Parse(location)
	if err != nil || target.User != nil {
		return nil, errors.New("the sign-in is redirected to something that is not a URL")
	}
	there := target.Scheme + "://" + target.Host
	sameHost := strings.EqualFold(target.Host, base.Host) && target.Scheme == base.Scheme
	if !sameHost && (target.Scheme != "https" || !relatedHosts(base.Hostname(), target.Hostname())) {
		return nil, fmt.Errorf("the sign-in is redirected to %s, which must not see the credentials", there)
	}
	prefix, ok := strings.CutSuffix(target.Path, path)
	if !ok {
		return nil, fmt.Errorf("the sign-in is redirected to %s%s, which is no sign-in", there, target.Path)
	}
	return &url.URL{Scheme: target.Scheme, Host: target.Host, Path: prefix}, nil
}

// relatedHosts says that two hosts are the same, or that one is below the other or below its parent domain. A parent such as
// "com" or "co.uk" relates nobody: two labels with a country's at the end and a short one before it count as such.
func relatedHosts(from, to string) bool {
	from, to = strings.ToLower(from), strings.ToLower(to)
	if from == to {
		return true
	}
	if net.ParseIP(from) != nil || net.ParseIP(to) != nil {
		return false
	}
	if strings.HasSuffix(to, "."+from) {
		return true
	}
	_, parent, _ := strings.Cut(from, ".")
	first, rest, ok := strings.Cut(parent, ".")
	if !ok || len(rest) == 2 && len(first) <= 3 {
		return false
	}
	return to == parent || strings.HasSuffix(to, "."+parent)
}
