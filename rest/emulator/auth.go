package emulator

import (
	"cmp"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// account is someone known to the server; on each site they are a user of their own.
type account struct {
	LUID, Name string
	Password   sealed
	Role       string   // on the sites they are put on
	Sites      []string // content URLs of the sites they are put on
	Everywhere bool     // on every site
}

func (a *account) isOn(contentURL string) bool {
	return a.Everywhere || slices.Contains(a.Sites, contentURL)
}

func (s *Server) findAccount(name string) *account {
	return find(s.accounts.All(), func(a *account) bool { return strings.EqualFold(a.Name, name) })
}

// pat is a personal access token. It has one session at a time: signing in with it again ends the earlier one.
type pat struct {
	LUID, Name string
	Secret     sealed
	Account    string // LUID
	Session    string // key of its session
}

// session is what a token stands for. It is bound to one site, and ends when it was not used for the idle limit. The
// token itself is not kept.
type session struct {
	Key        string // made of the token
	Site, User string // LUIDs
}

func sessionKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// sealed is a secret that can be checked and not be read.
type sealed struct{ Salt, Sum []byte }

// sealRounds makes a guess at a secret cost some time, and a sign-in not too much of it.
const sealRounds = 1000

func seal(secret string) sealed {
	salt := make([]byte, 16)
	rand.Read(salt) // never fails
	return sealed{salt, derive(secret, salt)}
}

func derive(secret string, salt []byte) []byte {
	key, err := pbkdf2.Key(sha256.New, secret, salt, sealRounds, sha256.Size)
	if err != nil {
		panic(err) // only for lengths that are not used here
	}
	return key
}

// holds tells whether the secret is the one that was sealed. Nothing sealed holds none.
func (s sealed) holds(secret string) bool {
	return len(s.Sum) > 0 && subtle.ConstantTimeCompare(s.Sum, derive(secret, s.Salt)) == 1
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
	c.server.used[current.Key] = c.now
	c.session, c.site = current, c.server.site(current.Site)
	c.user = c.site.users.Get(current.User)
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
	bearer, started := s.startSession(where, u, c.now)
	if token != nil {
		s.sessions.Delete(token.Session)
		renewed := *token
		renewed.Session = started.Key
		s.pats.Put(&renewed)
	}
	return ok(node("credentials",
		node("site").with("id", where.luid).with("contentUrl", where.contentURL()),
		node("user").with("id", u.LUID),
	).with("token", bearer).with("estimatedTimeToExpiration", formatHours(s.idleLimit))), nil
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
		return s.accounts.Get(token.Account), token
	}
	_, name, hasDomain := strings.Cut(credentials.attr("name"), `\`)
	if !hasDomain {
		name = credentials.attr("name")
	}
	if s.open {
		return s.letIn(cmp.Or(name, jwtSubject(credentials.attr("jwt")))), nil
	}
	if a := s.findAccount(name); a != nil && a.Password.holds(credentials.attr("password")) {
		return a, nil
	}
	return nil, nil
}

// findPAT returns the personal access token with the name and the secret. An open server makes one that it does not
// know.
func (s *Server) findPAT(name, secret string) *pat {
	known := find(s.pats.All(), func(p *pat) bool { return p.Name == name && p.Secret.holds(secret) })
	if known != nil || !s.open {
		return known
	}
	made := &pat{LUID: s.newID(), Name: name, Secret: seal(secret), Account: s.letIn(name).LUID}
	s.pats.Put(made)
	return made
}

// letIn returns the account with the name, made if need be; nil for no name.
func (s *Server) letIn(name string) *account {
	if name == "" {
		return nil
	}
	a := s.findAccount(name)
	if a == nil {
		a = &account{LUID: s.newID(), Name: name, Role: serverAdministrator}
		s.accounts.Put(a)
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

// siteToSignInTo returns the site with the content URL. An open server makes one that it does not know.
func (s *Server) siteToSignInTo(contentURL string) *site {
	where := s.siteByContentURL(contentURL)
	if where == nil && s.open && siteContentURL.MatchString(contentURL) {
		return s.addSite(contentURL, contentURL)
	}
	return where
}

// impersonate returns the user with the LUID when u may sign in as others, else nil.
func (where *site) impersonate(u *user, luid string) *user {
	if u.Role != serverAdministrator {
		return nil
	}
	return where.users.Get(luid)
}

// startSession makes a token for a user, and forgets the sessions that are over.
func (s *Server) startSession(where *site, u *user, now time.Time) (token string, started *session) {
	s.sessions.DeleteFunc(func(old *session) bool {
		over := s.isOver(old, now)
		if over {
			delete(s.used, old.Key)
		}
		return over
	})
	token = s.hexID() + "|" + s.hexID() + "|" + where.luid
	started = &session{Key: sessionKey(token), Site: where.luid, User: u.LUID}
	s.sessions.Put(started)
	s.used[started.Key] = now
	return token, started
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
