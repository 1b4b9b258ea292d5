package emulator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"strings"
	"time"
)

// session is what a token stands for. It is bound to one site, and ends when it was not used for the idle limit. The
// token itself is not kept.
type session struct {
	Key        string   // made of the token
	Site, User string   // LUIDs
	Scopes     []string // what a JSON Web Token allows; nil for everything the user may do
}

// sweeps are when the records that are of no use any more are to be looked for. To look for them each time would make a
// request cost more the more there are.
type sweeps struct{ sessions, usedJWTs sweep }

// sweep is due when there is twice as much as the last one left.
type sweep struct{ kept int }

// fewRecords are not worth a sweep.
const fewRecords = 100

func (w sweep) isDue(records int) bool { return records > max(fewRecords, 2*w.kept) }

func (w *sweep) left(records int) { w.kept = records }

func sessionKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// authenticate finds the session and the site of a call. Every use of a token gives it a whole idle limit again.
func (o operation) authenticate(c *call) error {
	if o.access == everyone {
		return nil
	}
	token := c.request.Header.Get("X-Tableau-Auth")
	if token == "" {
		return refuse(codeNoToken, "No authentication credentials were provided.")
	}
	current := c.server.sessions.Get(sessionKey(token))
	if current == nil || c.server.isOver(current, c.now) {
		return refuse(codeBadToken, "The authentication token is invalid or has expired.")
	}
	if o.access == onSite {
		luid := c.vars["site"]
		if c.server.site(luid) == nil {
			return refuse(codeNoSite, "Site '%s' could not be found.", luid)
		}
		if current.Site != luid {
			return refuse(codeBadToken, "The authentication token is for site '%s', not for '%s'.", current.Site, luid)
		}
	}
	if scope := o.scope(); current.Scopes != nil && scope != "" && !allow(current.Scopes, scope) {
		return refuse(codeBadToken, "The authentication token does not have the scope %s.", scope)
	}
	c.server.used[current.Key] = c.now
	c.session, c.site = current, c.server.site(current.Site)
	c.user, c.rights = c.site.users.Get(current.User), nil
	return nil
}

// isOver tells whether a session has not been used for the idle limit, or its site or user is gone.
func (s *Server) isOver(n *session, now time.Time) bool {
	used, known := s.used[n.Key]
	if !known {
		used = s.began
	}
	where := s.site(n.Site)
	return !now.Before(used.Add(s.idleLimit)) || where == nil || where.users.Get(n.User) == nil
}

// startSession makes a token for a user, and forgets the sessions that are over when there may be many.
func (s *Server) startSession(where *site, u *user, scopes []string, now time.Time) (token string, started *session) {
	if s.sweeps.sessions.isDue(max(s.sessions.Len(), len(s.used))) {
		s.sessions.DeleteFunc(func(old *session) bool { return s.isOver(old, now) })
		maps.DeleteFunc(s.used, func(key string, _ time.Time) bool { return s.sessions.Get(key) == nil })
		s.sweeps.sessions.left(s.sessions.Len())
	}
	token = s.hexID() + "|" + s.hexID() + "|" + where.luid
	started = &session{Key: sessionKey(token), Site: where.luid, User: u.LUID, Scopes: scopes}
	s.sessions.Put(started)
	s.used[started.Key] = now
	return token, started
}

// renderSignIn tells of a session that has just begun.
func (s *Server) renderSignIn(token string, n *session) *element {
	where := s.site(n.Site)
	return node("credentials",
		node("site").with("id", where.luid).with("contentUrl", where.contentURL()),
		node("user").with("id", n.User),
	).with("token", token).with("estimatedTimeToExpiration", formatHours(s.idleLimit))
}

// formatHours writes a duration as the API does: hours, minutes, seconds.
func formatHours(d time.Duration) string {
	return fmt.Sprintf("%d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}

// signOut answers POST auth/signout.
func signOut(c *call) (*reply, error) {
	c.server.sessions.Delete(c.session.Key)
	return noContent(), nil
}

// switchSite answers POST auth/switchSite: a new token for the same person on another site, in place of the old one. What
// a connected app lets in stays on the site that trusts the app.
func switchSite(c *call) (*reply, error) {
	s := c.server
	to := c.body.child("site")
	if to == nil {
		return nil, refuse(codeMalformed, "The request body has no site.")
	}
	where := s.siteByContentURL(to.attr("contentUrl"))
	if where == nil || c.session.Scopes != nil {
		return nil, signInError()
	}
	if where.luid == c.site.luid {
		return nil, refuse(codeSameSite, "User '%s' is signed in to site '%s' already.", c.user.LUID, where.luid)
	}
	u := where.userOf(s.accounts.Get(c.user.Account))
	if !where.letsIn(u) {
		return nil, signInError()
	}
	token, started := s.startSession(where, u, nil, c.now)
	s.sessions.Delete(c.session.Key)
	if p := s.pats.Find(sessionIndex, c.session.Key); p != nil {
		p.renew(s, started, c.now)
	}
	where.tellLogin(u, c.now)
	return ok(s.renderSignIn(token, started)), nil
}

// currentSession answers GET sessions/current.
func currentSession(c *call) (*reply, error) {
	return ok(node("session", c.site.described().render(), c.user.render(c.server).whole()).with("id", c.session.Key)), nil
}

// deleteSession answers DELETE sessions/{id}, which is for server administrators.
func deleteSession(c *call) (*reply, error) {
	if err := c.administerServer(); err != nil {
		return nil, err
	}
	if !c.server.sessions.Delete(strings.ToLower(c.vars["id"])) {
		return nil, refuse(codeNoContent, "Session '%s' could not be found.", c.vars["id"])
	}
	return noContent(), nil
}
