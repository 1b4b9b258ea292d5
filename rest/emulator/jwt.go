package emulator

import (
	"crypto"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// maxJWTLife is how far ahead a JSON Web Token may end, after "Configure Connected Apps with Direct Trust".
const maxJWTLife = 10 * time.Minute

// claims are what a JSON Web Token says.
type claims struct {
	jwt.RegisteredClaims
	Scopes []string `json:"scp"`
}

// usedJWT is a JSON Web Token that let somebody in, which it does once.
type usedJWT struct {
	ID     string // of the token, after that of its issuer
	EndsAt time.Time
}

// issuer is who makes unified access tokens, and by which key that is seen.
type issuer struct {
	name, keyID string
	key         crypto.PublicKey
}

// verifyJWT returns whom a JSON Web Token proves on a site: one of a connected app that the site trusts, or a unified
// access token. An open server believes what it says.
func (s *Server) verifyJWT(where *site, token string, unified bool, now time.Time) proof {
	said := &claims{}
	if s.open {
		if _, _, err := jwt.NewParser().ParseUnverified(token, said); err != nil {
			return proof{}
		}
		return proof{account: s.letIn(said.Subject)}
	}
	key, methods := s.appKey(where), []string{"HS256"}
	if unified {
		key, methods = s.issuerKey, []string{"RS256", "ES256"}
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods(methods), jwt.WithAudience("tableau"), jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }),
	)
	if _, err := parser.ParseWithClaims(token, said, key); err != nil || !said.areWhole(now) || !s.use(said, now) {
		return proof{}
	}
	return proof{account: s.findAccount(said.Subject), scopes: said.Scopes}
}

// areWhole tells whether the claims are all there, and end soon enough.
func (said *claims) areWhole(now time.Time) bool {
	return said.Subject != "" && said.ID != "" && !said.ExpiresAt.After(now.Add(maxJWTLife)) &&
		len(said.Scopes) > 0 && !slices.ContainsFunc(said.Scopes, func(scope string) bool { return !isScope(scope) })
}

// use tells whether a token is used for the first time, and forgets those whose time is over when there may be many.
func (s *Server) use(said *claims, now time.Time) bool {
	if s.sweeps.usedJWTs.isDue(s.usedJWTs.Len()) {
		s.usedJWTs.DeleteFunc(func(u *usedJWT) bool { return now.After(u.EndsAt) })
		s.sweeps.usedJWTs.left(s.usedJWTs.Len())
	}
	used := &usedJWT{ID: said.Issuer + "/" + said.ID, EndsAt: said.ExpiresAt.Time}
	if earlier := s.usedJWTs.Get(used.ID); earlier != nil && !now.After(earlier.EndsAt) {
		return false
	}
	s.usedJWTs.Put(used)
	return true
}

// appKey returns how to find the secret that a token is signed with: the header names it, and the issuer, there and in
// the claims, is the connected app it belongs to.
func (s *Server) appKey(where *site) jwt.Keyfunc {
	return func(token *jwt.Token) (any, error) {
		said := token.Claims.(*claims)
		if named, given := token.Header["iss"]; given && named != said.Issuer {
			return nil, jwt.ErrTokenInvalidIssuer
		}
		app := where.connectedApps.Get(said.Issuer)
		if app == nil || !app.Enabled {
			return nil, jwt.ErrTokenInvalidIssuer
		}
		i := slices.IndexFunc(app.Secrets, func(secret appSecret) bool { return secret.LUID == token.Header["kid"] })
		if i < 0 {
			return nil, jwt.ErrTokenUnverifiable
		}
		return []byte(app.Secrets[i].Value), nil
	}
}

// issuerKey finds the key of a unified access token.
func (s *Server) issuerKey(token *jwt.Token) (any, error) {
	said := token.Claims.(*claims)
	for _, i := range s.issuers {
		if i.name == said.Issuer && i.keyID == token.Header["kid"] {
			return i.key, nil
		}
	}
	return nil, jwt.ErrTokenInvalidIssuer
}
