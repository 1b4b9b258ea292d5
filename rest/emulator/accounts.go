package emulator

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"strings"
)

// account is someone known to the server; on each site they are a user of their own. Name, full name, e-mail address and
// password are the same on all sites.
type account struct {
	LUID, Name      string
	Domain          string // LUID
	FullName, Email string
	Password        sealed
	Role            string // on sites that are made for them, such as those of an open server
}

// domain is where the name of an account or a group is known: the server itself, or an Active Directory.
type domain struct{ LUID, Name, Nickname string }

// localDomainName is the domain of the names that only the server knows.
const localDomainName = "local"

// domain returns the domain with the name or the nickname, made if need be.
func (s *Server) domain(name string) *domain {
	if name == "" {
		name = localDomainName
	}
	known := find(s.domains.All(), func(d *domain) bool {
		return strings.EqualFold(d.Name, name) || strings.EqualFold(d.Nickname, name)
	})
	if known != nil {
		return known
	}
	nickname, _, _ := strings.Cut(name, ".")
	made := &domain{LUID: s.newID(), Name: name, Nickname: nickname}
	s.domains.Put(made)
	return made
}

// isLocal tells whether a domain, by LUID, is the server itself.
func (s *Server) isLocal(luid string) bool { return s.domains.Get(luid).Name == localDomainName }

// splitName splits the domain off a name such as example.com\ana.
func splitName(name string) (domain, plain string) {
	domain, plain, hasDomain := strings.Cut(name, `\`)
	if !hasDomain {
		return "", name
	}
	return domain, plain
}

// findAccount returns the account with a name, which may begin with its domain; nil when there is none. Without a domain
// the local account comes first.
func (s *Server) findAccount(name string) *account {
	where, plain := splitName(name)
	named := s.accounts.FindAll(nameIndex, fold(plain))
	inDomain := func(a *account) bool {
		d := s.domains.Get(a.Domain)
		return strings.EqualFold(d.Name, where) || strings.EqualFold(d.Nickname, where)
	}
	if where != "" {
		return find(named, inDomain)
	}
	if i := slices.IndexFunc(named, func(a *account) bool { return s.isLocal(a.Domain) }); i >= 0 {
		return named[i]
	}
	return find(named, func(*account) bool { return true })
}

// addAccount makes an account that nobody can sign in to until it has a password.
func (s *Server) addAccount(name, role string) *account {
	where, plain := splitName(name)
	a := &account{LUID: s.newID(), Name: plain, Domain: s.domain(where).LUID, Role: role}
	s.accounts.Put(a)
	return a
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
