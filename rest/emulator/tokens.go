package emulator

import "time"

// pat is a personal access token. It has one session at a time: signing in with it again ends the earlier one.
type pat struct {
	LUID, Name string
	Secret     sealed
	Account    string // LUID
	Session    string // key of its session
	UsedAt     time.Time
	EndsAt     time.Time
}

// unusedLimit is how long a personal access token may be left unused, after "Personal Access Tokens".
const unusedLimit = 15 * 24 * time.Hour

// addPAT makes a personal access token.
func (s *Server) addPAT(name, secret string, of *account, now time.Time) *pat {
	made := &pat{
		LUID: s.newID(), Name: name, Secret: seal(secret), Account: of.LUID, UsedAt: now, EndsAt: now.Add(s.tokenLifetime),
	}
	s.pats.Put(made)
	return made
}

// findPAT returns the personal access token with the name and the secret, unless its time is over. An open server makes
// one that it does not know.
func (s *Server) findPAT(name, secret string, now time.Time) *pat {
	known := find(s.pats.FindAll(nameIndex, name), func(p *pat) bool { return !p.isOver(now) && p.Secret.holds(secret) })
	if known != nil || !s.open {
		return known
	}
	of := s.letIn(name)
	if of == nil {
		return nil
	}
	return s.addPAT(name, secret, of, now)
}

func (p *pat) isOver(now time.Time) bool {
	return !now.Before(p.EndsAt) || !now.Before(p.UsedAt.Add(unusedLimit))
}

// renew makes a session the one of the token, and ends the one before it.
func (p *pat) renew(s *Server, started *session, now time.Time) {
	s.sessions.Delete(p.Session)
	renewed := *p
	renewed.Session, renewed.UsedAt = started.Key, now
	s.pats.Put(&renewed)
}

// revokeAdministratorTokens answers DELETE auth/serverAdminAccessTokens, and the POST that TSC sends for the same: the
// personal access tokens of all server administrators are gone, with their sessions.
func revokeAdministratorTokens(c *call) (*reply, error) {
	if err := c.administerServer(); err != nil {
		return nil, err
	}
	s := c.server
	administrators := s.serverAdministrators()
	for _, p := range s.pats.All() {
		if administrators[p.Account] {
			s.revoke(p)
		}
	}
	return noContent(), nil
}

// revoke deletes a personal access token and ends its session.
func (s *Server) revoke(p *pat) {
	s.sessions.Delete(p.Session)
	s.pats.Delete(p.LUID)
}
