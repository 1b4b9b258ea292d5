package rest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Credentials are what a session is signed in with: a [PersonalAccessToken], a [UserPassword], a [ConnectedApp], a [JWT], or
// an [Impersonation] by one of these.
type Credentials interface {
	// proof is what one sign-in shows the server. It is asked for at every sign-in, also those of renewals.
	proof(ctx context.Context) (proof, error)
	// traits are what is known of the credentials without signing in.
	traits() traits
}

// A proof is what the request of a sign-in holds, but for the site.
type proof struct {
	attrs    []attribute // of the credentials element
	userLUID string      // whom to sign in as, "" for the owner of the credentials
	secrets  []string    // texts that no error may show
}

// traits of credentials.
type traits struct {
	doing        string  // what errors call signing in with them
	since        Version // the first API version that takes them
	impersonates Version // the first one in which they can sign in as somebody else, zero for none
	use          proofUse
	restless     string // why the server may end their sessions again and again

	// sole identifies credentials with which the server keeps one session only; "" for the others.
	sole string
}

// A proofUse is how often a proof can be shown.
type proofUse int

const (
	useAgain proofUse = iota // at every sign-in
	useFresh                 // once, but every sign-in has a new one
	useOnce                  // once, and there is no other: the session cannot be renewed
)

// exclusive says that the server keeps one session only for the credentials: who signs in again ends the session before.
func (t traits) exclusive() bool { return t.sole != "" }

// A PersonalAccessToken signs in with a token made on the user's account page (API 3.6). It expires after 15 days without
// use.
//
// The server keeps one session per token: signing in again ends the earlier session, on whatever site that was. So a process
// shares one [Session] of a token among all that use it, goes from site to site with [Session.SwitchSite] or one sign-in after
// the other, and takes several tokens, or a [ConnectedApp], to be on several sites at the same time. When one [Client] signs in
// again with a token, the later session has it: the earlier one answers every call with [ErrReplaced], rather than that the two
// end each other in turn.
type PersonalAccessToken struct {
	Name   string // the name given to the token
	Secret string // what the server showed when the token was made
	redacted
}

func (t PersonalAccessToken) proof(context.Context) (proof, error) {
	err := cmp.Or(given("name", t.Name), givenSecret("secret", t.Secret))
	if err != nil {
		return proof{}, fmt.Errorf("personal access token: %w", err)
	}
	return proof{
		attrs:   []attribute{{"personalAccessTokenName", t.Name}, {"personalAccessTokenSecret", t.Secret}},
		secrets: []string{t.Secret},
	}, nil
}

func (t PersonalAccessToken) traits() traits {
	sum := sha256.Sum256([]byte(t.Name + "\x00" + t.Secret))
	return traits{
		doing: "signing in with a personal access token", since: sinceAccessTokens, impersonates: Version{3, 11},
		restless: "another process may be using the same personal access token", sole: hex.EncodeToString(sum[:]),
	}
}

// A UserPassword signs in with a user's name and password. Sites that ask for a second factor refuse it.
type UserPassword struct {
	Name     string // user name, with its domain if the server needs it: domain\user
	Password string
	redacted
}

func (u UserPassword) proof(context.Context) (proof, error) {
	if err := cmp.Or(given("user name", u.Name), given("password", u.Password)); err != nil {
		return proof{}, err
	}
	return proof{attrs: []attribute{{"name", u.Name}, {"password", u.Password}}, secrets: []string{u.Password}}, nil
}

func (UserPassword) traits() traits {
	return traits{
		doing: "signing in with a password", since: Version{2, 0}, impersonates: Version{2, 0},
		restless: "an administrator may be ending them",
	}
}

// A JWT signs in with a JSON Web Token that was made elsewhere (API 3.16): for a connected app with direct trust, by an
// external authorization server, or as a unified access token. A JSON Web Token is good for one sign-in and for ten minutes at
// most. Either Token or Source is given.
type JWT struct {
	// Token is a JSON Web Token. The session cannot be renewed: when the server has ended it, its calls are refused with
	// ErrAuthentication.
	Token string
	// Source makes a JSON Web Token. It is called for every sign-in, also when the session is renewed, with the context of a
	// call that needs it, and never twice at the same time for one session.
	Source func(context.Context) (string, error)
	// Unified says that it is a unified access token, which a Tableau Cloud tenant trusts for all its sites (API 3.27).
	Unified bool
	redacted
}

func (j JWT) proof(ctx context.Context) (proof, error) {
	token := j.Token
	switch {
	case (token == "") == (j.Source == nil):
		return proof{}, errors.New("JSON Web Token: either a token or a source of tokens is needed")
	case j.Source != nil:
		var err error
		if token, err = j.Source(ctx); err != nil {
			return proof{}, fmt.Errorf("getting a JSON Web Token: %w", err)
		}
	}
	return jwtProof(token, j.Unified)
}

// jwtProof shows a JSON Web Token. What marks unified access tokens is left out of other sign-ins, as in Tableau's samples:
// servers before API 3.27 do not know it.
func jwtProof(token string, unified bool) (proof, error) {
	if err := givenSecret("text", token); err != nil {
		return proof{}, fmt.Errorf("JSON Web Token: %w", err)
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return proof{}, fmt.Errorf("JSON Web Token: it has %d parts, want header.claims.signature", len(parts))
	}
	p := proof{attrs: []attribute{{"jwt", token}}, secrets: []string{token, parts[2]}}
	if unified {
		p.attrs = append(p.attrs, attribute{"isUat", "true"})
	}
	return p, nil
}

func (j JWT) traits() traits {
	t := jwtTraits("signing in with a JSON Web Token")
	if j.Source == nil {
		t.use = useOnce
	}
	if j.Unified {
		t.doing, t.since, t.impersonates = "signing in with a unified access token", Version{3, 27}, Version{3, 27}
	}
	return t
}

func jwtTraits(doing string) traits {
	return traits{
		doing: doing, since: Version{3, 16}, impersonates: Version{3, 16}, use: useFresh,
		restless: "the scopes of the JSON Web Token may not allow the call",
	}
}

// An Impersonation signs in as another user, with the credentials of somebody who may: a server administrator, or what the
// server trusts. Tableau Cloud has none of it. It needs API 3.11 with a personal access token, and else what the credentials
// need.
type Impersonation struct {
	Credentials Credentials // of the one who impersonates
	UserLUID    string      // of the user to sign in as, on the site
	redacted
}

func (i Impersonation) proof(ctx context.Context) (proof, error) {
	switch {
	case i.Credentials == nil:
		return proof{}, errors.New("impersonation: no credentials")
	case i.Credentials.traits().impersonates == (Version{}):
		return proof{}, errors.New("impersonation: an impersonation cannot impersonate")
	}
	p, err := i.Credentials.proof(ctx)
	if err == nil {
		err = given("LUID of a user", i.UserLUID)
	}
	if err != nil {
		return proof{}, fmt.Errorf("impersonation: %w", err)
	}
	p.userLUID = i.UserLUID
	return p, nil
}

func (i Impersonation) traits() traits {
	if i.Credentials == nil {
		return traits{}
	}
	t := i.Credentials.traits()
	t.doing, t.since, t.impersonates = t.doing+" as another user", t.impersonates, Version{}
	return t
}

// given refuses an empty part of credentials.
func given(what, value string) error {
	if value == "" {
		return errors.New("the " + what + " is empty")
	}
	return nil
}

// givenSecret refuses a secret that cannot be one. White space around it comes from reading it out of a file, and the server
// would not say more than that the sign-in failed.
func givenSecret(what, value string) error {
	if strings.TrimSpace(value) != value {
		return errors.New("the " + what + " begins or ends with white space")
	}
	return given(what, value)
}
