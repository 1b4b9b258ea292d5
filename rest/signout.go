package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// SignOut ends the session on the server ("Sign Out"); later calls are refused with [ErrSignedOut], even if it fails. It may
// be called again until the server has answered. A session the server has ended already is no error.
func (s *Session) SignOut(ctx context.Context) error {
	if r := s.state.close(); r != nil { // a new token is on its way, and is the one to end
		if err := r.wait(ctx); err != nil {
			return fmt.Errorf("signing out: %w", err)
		}
	}
	if s.state.isOver() {
		return nil
	}
	g := s.state.last()
	q := &request{op: "Sign Out", method: http.MethodPost, path: s.version.String() + "/auth/signout", token: g.token}
	_, err := s.client.exchange(ctx, g.base, q)
	refused, ok := errors.AsType[*Error](err)
	if gone := ok && refused.expired(); err != nil && !gone {
		return fmt.Errorf("signing out: %w", err)
	}
	s.state.end(ErrSignedOut)
	s.client.sole.CompareAndDelete(s.login.traits.sole, s.state)
	return nil
}

// SwitchSite goes to another site of the server, named by its part of the URL, without showing the credentials again ("Switch
// Site", API 2.6). The session it gives takes the place of this one, which is over: the calls of this one, also those under
// way, are refused with [ErrReplaced]. A renewal of the new session signs in to the new site.
//
// When the server refuses, this session goes on: with [ErrAuthentication], the site is not there or the user not on it. A
// switch to the site it is on gives the session itself. Tableau Cloud has no Switch Site: there, sign in to the other site.
// What a JSON Web Token lets in stays on its site as well.
func (s *Session) SwitchSite(ctx context.Context, siteContentURL string) (*Session, error) {
	next, err := s.switchSite(ctx, siteContentURL)
	if err != nil {
		return nil, fmt.Errorf("switching from %s to %s: %w", siteName(s.site.contentURL), siteName(siteContentURL), err)
	}
	return next, nil
}

func (s *Session) switchSite(ctx context.Context, to string) (*Session, error) {
	if err := s.needs("Switch Site", Version{2, 6}); err != nil {
		return nil, err
	}
	if s.Cloud() {
		return nil, errors.New("there is no Switch Site on Tableau Cloud: sign in to the other site instead")
	}
	r, from, err := s.state.reserve(ctx)
	if err != nil {
		return nil, err
	}
	there, err := s.obtainSwitch(ctx, from, to)
	if err != nil {
		s.state.release(r, nil)
		if refused, ok := errors.AsType[*Error](err); ok && refused.Code == "403070" {
			return s, nil // it is there already
		}
		return nil, err
	}
	s.state.release(r, fmt.Errorf("%w: it was switched to %s", ErrReplaced, siteName(to)))
	return s.login.session(there), nil
}

// obtainSwitch asks for a token of another site in place of the one there is. When that one has ended, perhaps by a first
// attempt whose answer was lost, there is nothing to switch, and it signs in to the other site.
func (s *Session) obtainSwitch(ctx context.Context, from grant, to string) (grant, error) {
	q := &request{op: "Switch Site", method: http.MethodPost, path: s.version.String() + "/auth/switchSite", token: from.token}
	if err := q.carry(newElement("site").set("contentUrl", to)); err != nil {
		return grant{}, err
	}
	g, err := s.client.obtain(ctx, from.base, q, to)
	if refused, ok := errors.AsType[*Error](err); ok && refused.expired() && s.login.traits.use != useOnce {
		return s.login.signIn(ctx, from.base, to)
	}
	return g, err
}

// isCloud says that a server is one of Tableau Cloud.
func isCloud(base *url.URL) bool {
	const cloud = "online.tableau.com"
	host := strings.ToLower(base.Hostname())
	return host == cloud || strings.HasSuffix(host, "."+cloud)
}
