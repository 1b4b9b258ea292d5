package emulator

import "time"

var authOperations = []operation{
	op("GET", "serverinfo", everyone, nil, serverInfo).since(2, 4),
	op("POST", "auth/signin", everyone, readXML, signIn),
	op("POST", "auth/signout", anyToken, nil, signOut),
	op("POST", "auth/switchsite", anyToken, readXML, switchSite).since(2, 6),
	op("DELETE", "auth/serveradminaccesstokens", anyToken, nil, revokeAdministratorTokens).since(3, 10),
	op("POST", "auth/revokeallserveradmintokens", anyToken, nil, revokeAdministratorTokens).since(3, 10),
	op("GET", "sessions/current", anyToken, nil, currentSession).since(3, 1),
	op("DELETE", "sessions/{id}", anyToken, nil, deleteSession).since(3, 9),
}

// proof is whom credentials prove, and what by.
type proof struct {
	account *account // nil when they prove nobody
	pat     *pat     // nil for other credentials
	scopes  []string // what a JSON Web Token allows; nil for everything
}

// signIn answers POST auth/signin. What was wrong, the credentials or the site, is not told: 401001 either way.
func signIn(c *call) (*reply, error) {
	credentials := c.body.child("credentials")
	if credentials == nil {
		return nil, refuse(codeMalformed, "The request body has no credentials.")
	}
	s := c.server
	where := s.siteToSignInTo(credentials.child("site").attr("contentUrl"))
	if where == nil {
		return nil, signInError()
	}
	proven, err := s.verify(credentials, where, c.now)
	if err != nil {
		return nil, err
	}
	if proven.account == nil {
		return nil, signInError()
	}
	u := where.userOf(proven.account)
	if u == nil && s.open {
		u = s.addUser(where, proven.account, proven.account.Role)
	}
	if other := credentials.child("user").attr("id"); u != nil && other != "" {
		u = where.impersonate(u, other)
	}
	if !where.letsIn(u) {
		return nil, signInError()
	}
	token, started := s.startSession(where, u, proven.scopes, c.now)
	if proven.pat != nil {
		proven.pat.renew(s, started, c.now)
	}
	if err := c.countSessions(where, u); err != nil {
		return nil, err
	}
	where.tellLogin(u, c.now)
	return ok(s.renderSignIn(token, started)), nil
}

func signInError() error { return refuse(codeSignIn, "Error signing in to Tableau Server") }

// verify returns what the credentials prove on a site: a personal access token, a JSON Web Token, or a name and a
// password. An open server believes everything.
func (s *Server) verify(credentials *element, where *site, now time.Time) (proof, error) {
	if name := credentials.attr("personalAccessTokenName"); name != "" {
		token := s.findPAT(name, credentials.attr("personalAccessTokenSecret"), now)
		if token == nil {
			return proof{}, nil
		}
		return proof{account: s.accounts.Get(token.Account), pat: token}, nil
	}
	if token := credentials.attr("jwt"); token != "" {
		unified, err := credentials.flag("isUat")
		if err != nil {
			return proof{}, err
		}
		return s.verifyJWT(where, token, unified, now), nil
	}
	name := credentials.attr("name")
	if s.open {
		return proof{account: s.letIn(name)}, nil
	}
	if a := s.findAccount(name); a != nil && a.Password.holds(credentials.attr("password")) {
		return proof{account: a}, nil
	}
	return proof{}, nil
}

// letIn returns the account with the name, made if need be; nil for no name.
func (s *Server) letIn(name string) *account {
	if _, plain := splitName(name); plain == "" {
		return nil
	}
	if a := s.findAccount(name); a != nil {
		return a
	}
	return s.addAccount(name, serverAdministrator)
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

// letsIn tells whether a user, who may be nil, may sign in: while a site is suspended only server administrators may.
func (where *site) letsIn(u *user) bool {
	return u != nil && u.Account != "" && (where.described().isActive() || u.Role == serverAdministrator)
}

// tellLogin keeps when a user signed in, and grants the least site role that a group of theirs has.
func (where *site) tellLogin(u *user, now time.Time) {
	changed := *u
	changed.LastLogin = stamp(now)
	for _, g := range where.groupsWith(u.LUID) {
		if role := g.grantedAtSignIn(); changed.Role != serverAdministrator && ranks[role] > ranks[changed.Role] {
			changed.Role = role
		}
	}
	where.users.Put(&changed)
}

// administerServer refuses everybody but server administrators.
func (c *call) administerServer() error {
	if c.user.Role == serverAdministrator {
		return nil
	}
	return refuse(codeForbidden, "User '%s' is not a server administrator.", c.user.LUID)
}

// administerSite refuses everybody but administrators of the site.
func (c *call) administerSite() error {
	if c.user.isAdministrator() {
		return nil
	}
	return refuse(codeForbidden, "User '%s' is not an administrator of site '%s'.", c.user.LUID, c.site.luid)
}

// serverAdministrators are the accounts, by LUID, that are one on any site.
func (s *Server) serverAdministrators() map[string]bool {
	are := make(map[string]bool)
	for _, where := range s.everySite() {
		for _, u := range where.users.All() {
			if u.Role == serverAdministrator {
				are[u.Account] = true
			}
		}
	}
	return are
}
