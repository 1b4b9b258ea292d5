package rest

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// jwtLife is how long a JSON Web Token made here is good for. The server takes ten minutes at most: half of that bears clocks
// that differ by up to five minutes in either direction.
const jwtLife = 5 * time.Minute

// A ConnectedApp signs in as a user by a connected app with direct trust, without a secret of the user's (API 3.16). A JSON
// Web Token is made for every sign-in, also those of renewals. The session may do what both the user and the scopes allow;
// the server refuses the rest like a token that has ended, with code 401002 ("Configure Connected Apps with Direct Trust").
type ConnectedApp struct {
	ClientID    string   // of the connected app
	SecretID    string   // of one of its secrets
	SecretValue string   // the secret itself
	UserName    string   // of the user to sign in as; on Tableau Cloud the email address
	Scopes      []string // such as tableau:content:read; at least one

	// Claims are further claims, such as the user attributes that functions of the content ask for. They cannot take the place
	// of those made from the fields above.
	Claims map[string]any
	redacted
}

func (a ConnectedApp) proof(context.Context) (proof, error) {
	token, err := a.token(time.Now())
	if err != nil {
		return proof{}, fmt.Errorf("connected app: %w", err)
	}
	return jwtProof(token, false)
}

// token makes a JSON Web Token.
func (a ConnectedApp) token(now time.Time) (string, error) {
	err := cmp.Or(
		given("client id", a.ClientID), given("secret id", a.SecretID), givenSecret("secret value", a.SecretValue),
		given("user name", a.UserName), checkScopes(a.Scopes),
	)
	if err != nil {
		return "", err
	}
	claims := jwt.MapClaims{
		"iss": a.ClientID,
		"aud": "tableau",
		"sub": a.UserName,
		"jti": rand.Text(),
		"exp": jwt.NewNumericDate(now.Add(jwtLife)),
		"scp": a.Scopes,
	}
	for name := range a.Claims {
		if _, ours := claims[name]; ours {
			return "", fmt.Errorf("the claim %q is not one to choose", name)
		}
	}
	maps.Copy(claims, a.Claims)
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	token.Header["kid"] = a.SecretID
	token.Header["iss"] = a.ClientID
	return token.SignedString([]byte(a.SecretValue))
}

// checkScopes refuses what the server would refuse without a reason.
func checkScopes(scopes []string) error {
	if len(scopes) == 0 {
		return errors.New("no scopes are given")
	}
	for _, scope := range scopes {
		if parts := strings.Split(scope, ":"); len(parts) != 3 || parts[0] != "tableau" || parts[1] == "" || parts[2] == "" {
			return fmt.Errorf("scope %q is not of the form tableau:resource:action", scope)
		}
	}
	return nil
}

func (ConnectedApp) traits() traits { return jwtTraits("signing in by a connected app") }
