package emulator

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// account is someone known to the server; on each site they are a user of their own.
type account struct {
	name, password, role string
	sites                []string // content URLs; nil for every site
}

func (a *account) isOn(contentURL string) bool {
	return a.sites == nil || slices.Contains(a.sites, contentURL)
}

func findAccount(accounts []*account, name string) *account {
	i := slices.IndexFunc(accounts, func(a *account) bool { return strings.EqualFold(a.name, name) })
	if i < 0 {
		return nil
	}
	return accounts[i]
}

// pat is a personal access token. It has one session at a time: signing in with it again ends the earlier one.
type pat struct {
	name, secret string
	owner        *account
	session      string // the token of its session
}

// session is what a token stands for. It is bound to one site, and ends when it was not used for the idle limit.
type session struct {
	token   string
	site    *site
	user    *user
	expires time.Time
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
	current := c.server.sessions[token]
	if current == nil || !c.now.Before(current.expires) {
		delete(c.server.sessions, token)
		return refuse(codeBadToken, "The authentication token is invalid or has expired.")
	}
	if o.access == onSite {
		luid := c.vars["site"]
		if c.server.siteByLUID(luid) == nil {
			return refuse(codeNoSite, "Site '%s' could not be found.", luid)
		}
		if current.site.luid != luid {
			return refuse(codeBadToken, "The authentication token is for site '%s', not for '%s'.", current.site.luid, luid)
		}
	}
	current.expires = c.now.Add(c.server.idleLimit)
	c.session, c.site, c.user = current, current.site, current.user
	return nil
}

// signIn answers POST auth/signin. What was wrong, the credentials or the site, is not told: 401001 either way.
func signIn(c *call) (*reply, error) {
	credentials := c.body.child("credentials")
	if credentials == nil {
		return nil, refuse(codeMalformed, "The request body has no credentials.")
	}
	s := c.server
	who, token := s.verify(credentials)
	if who == nil {
		return nil, signInError()
	}
	where := s.siteToSignInTo(credentials.child("site").attr("contentUrl"))
	if where == nil {
		return nil, signInError()
	}
	u := where.userOf(who)
	if u == nil && s.open {
		u = s.addUser(where, who)
	}
	if other := credentials.child("user").attr("id"); u != nil && other != "" {
		u = where.impersonate(u, other)
	}
	if u == nil {
		return nil, signInError()
	}
	now := s.startSession(where, u, c.now)
	if token != nil {
		delete(s.sessions, token.session)
		token.session = now.token
	}
	return ok(node("credentials",
		node("site").with("id", where.luid).with("contentUrl", where.contentURL),
		node("user").with("id", u.luid),
	).with("token", now.token).with("estimatedTimeToExpiration", formatHours(s.idleLimit))), nil
}

func signInError() error { return refuse(codeSignIn, "Error signing in to Tableau Server") }

// verify returns the account that the credentials prove, nil when they prove none, and the personal access token they
// name, if any.
func (s *Server) verify(credentials *element) (*account, *pat) {
	if name := credentials.attr("personalAccessTokenName"); name != "" {
		token := s.findPAT(name, credentials.attr("personalAccessTokenSecret"))
		if token == nil {
			return nil, nil
		}
		return token.owner, token
	}
	_, name, hasDomain := strings.Cut(credentials.attr("name"), `\`)
	if !hasDomain {
		name = credentials.attr("name")
	}
	if s.open {
		return s.letIn(cmp.Or(name, jwtSubject(credentials.attr("jwt")))), nil
	}
	if a := findAccount(s.accounts, name); a != nil && a.password == credentials.attr("password") {
		return a, nil
	}
	return nil, nil
}

// findPAT returns the personal access token with the name and the secret. An open server makes one that it does not
// know.
func (s *Server) findPAT(name, secret string) *pat {
	for _, p := range s.pats {
		if p.name == name && p.secret == secret {
			return p
		}
	}
	if !s.open {
		return nil
	}
	p := &pat{name: name, secret: secret, owner: s.letIn(name)}
	s.pats = append(s.pats, p)
	return p
}

// letIn returns the account with the name, made if need be; nil for no name.
func (s *Server) letIn(name string) *account {
	if name == "" {
		return nil
	}
	a := findAccount(s.accounts, name)
	if a == nil {
		a = &account{name: name, role: serverAdministrator, sites: []string{}}
		s.accounts = append(s.accounts, a)
	}
	return a
}

// jwtSubject returns the user named by a JSON Web Token, whose signature an open server does not check.
func jwtSubject(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		Subject string `json:"sub"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	return claims.Subject
}

// siteToSignInTo returns the site with the content URL, in any case because tabcmd writes it in lower case. An open
// server makes one that it does not know.
func (s *Server) siteToSignInTo(contentURL string) *site {
	for _, where := range s.sites {
		if strings.EqualFold(where.contentURL, contentURL) {
			return where
		}
	}
	if !s.open || !siteContentURL.MatchString(contentURL) {
		return nil
	}
	return s.addSite(contentURL, contentURL)
}

// impersonate returns the user with the LUID when u may sign in as others, else nil.
func (where *site) impersonate(u *user, luid string) *user {
	if u.account.role != serverAdministrator {
		return nil
	}
	return where.user(luid)
}

// startSession makes a token for a user, and forgets those that have expired.
func (s *Server) startSession(where *site, u *user, now time.Time) *session {
	maps.DeleteFunc(s.sessions, func(_ string, old *session) bool { return !now.Before(old.expires) })
	token := s.hexID() + "|" + s.hexID() + "|" + where.luid
	s.sessions[token] = &session{token: token, site: where, user: u, expires: now.Add(s.idleLimit)}
	return s.sessions[token]
}

func (s *Server) hexID() string { return strings.ReplaceAll(s.newID(), "-", "") }

// formatHours writes a duration as the API does: hours, minutes, seconds.
func formatHours(d time.Duration) string {
	return fmt.Sprintf("%d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}

// signOut answers POST auth/signout.
func signOut(c *call) (*reply, error) {
	delete(c.server.sessions, c.session.token)
	return noContent(), nil
}
