package rest

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var testApp = ConnectedApp{
	ClientID: "app-1", SecretID: "secret-1", SecretValue: "a-secret-of-32-bytes-or-some-more", UserName: "ana@example.com",
	Scopes: []string{"tableau:content:read", "tableau:workbooks:create"}, Claims: map[string]any{"Region": "West"},
}

// What a connected app signs in with is checked by another's code.
func TestConnectedAppToken(t *testing.T) {
	t.Parallel()
	p, err := testApp.proof(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	token, err := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithAudience("tableau"), jwt.WithExpirationRequired()).
		ParseWithClaims(p.attrs[0].value, claims, func(*jwt.Token) (any, error) { return []byte(testApp.SecretValue), nil })
	if err != nil {
		t.Fatal(err)
	}
	if h := token.Header; len(h) != 4 || h["alg"] != "HS256" || h["typ"] != "JWT" || h["kid"] != "secret-1" || h["iss"] != "app-1" {
		t.Errorf("header %v", h)
	}
	scopes, _ := claims["scp"].([]any)
	if len(claims) != 7 || claims["iss"] != "app-1" || claims["sub"] != "ana@example.com" || claims["Region"] != "West" ||
		len(scopes) != 2 || scopes[0] != "tableau:content:read" {
		t.Errorf("claims %v", claims)
	}
	if end, err := claims.GetExpirationTime(); err != nil || time.Until(end.Time) > 5*time.Minute || time.Until(end.Time) < 4*time.Minute {
		t.Errorf("it ends at %v, %v", end, err)
	}
	again, err := testApp.proof(t.Context())
	if err != nil || again.attrs[0].value == p.attrs[0].value {
		t.Errorf("a second sign-in shows the same token, %v", err)
	}
	if len(testApp.Claims) != 1 {
		t.Errorf("the caller's claims are now %v", testApp.Claims)
	}
}

// What is wrong with credentials is said before anything is sent.
func TestCredentialsRefused(t *testing.T) {
	t.Parallel()
	app := func(change func(*ConnectedApp)) ConnectedApp { a := testApp; change(&a); return a }
	source := func(text string, err error) JWT {
		return JWT{Source: func(context.Context) (string, error) { return text, err }}
	}
	lost := errors.New("the vault is closed")
	for _, test := range []struct {
		credentials Credentials
		want        string
	}{
		{nil, "no credentials"},
		{PersonalAccessToken{Secret: "s"}, "personal access token: the name is empty"},
		{PersonalAccessToken{Name: "ci"}, "personal access token: the secret is empty"},
		{PersonalAccessToken{Name: "ci", Secret: "s\n"}, "personal access token: the secret begins or ends with white space"},
		{UserPassword{Password: "p"}, "the user name is empty"},
		{UserPassword{Name: "ana"}, "the password is empty"},
		{UserPassword{Name: "ana", Password: "\x01"}, "credentials@password holds U+0001"},
		{JWT{}, "JSON Web Token: either a token or a source"},
		{JWT{Token: testJWT, Source: source("", nil).Source}, "JSON Web Token: either a token or a source"},
		{JWT{Token: "abc.def"}, "JSON Web Token: it has 2 parts"},
		{JWT{Token: testJWT + "\n"}, "JSON Web Token: the text begins or ends with white space"},
		{source("", nil), "JSON Web Token: the text is empty"},
		{source("", lost), "getting a JSON Web Token: the vault is closed"},
		{app(func(a *ConnectedApp) { a.ClientID = "" }), "connected app: the client id is empty"},
		{app(func(a *ConnectedApp) { a.SecretID = "" }), "connected app: the secret id is empty"},
		{app(func(a *ConnectedApp) { a.SecretValue = "" }), "connected app: the secret value is empty"},
		{app(func(a *ConnectedApp) { a.SecretValue += " " }), "the secret value begins or ends with white space"},
		{app(func(a *ConnectedApp) { a.UserName = "" }), "connected app: the user name is empty"},
		{app(func(a *ConnectedApp) { a.Scopes = nil }), "connected app: no scopes"},
		{app(func(a *ConnectedApp) { a.Scopes = []string{"content:read"} }), `scope "content:read" is not of the form`},
		{app(func(a *ConnectedApp) { a.Scopes = []string{"tableau::read"} }), "is not of the form"},
		{app(func(a *ConnectedApp) { a.Claims = map[string]any{"sub": "root"} }), `the claim "sub" is not one to choose`},
		{app(func(a *ConnectedApp) { a.Claims = map[string]any{"x": func() {}} }), "connected app: "},
		{Impersonation{UserLUID: testUser}, "impersonation: no credentials"},
		{Impersonation{Credentials: testCredentials}, "impersonation: the LUID of a user is empty"},
		{Impersonation{Credentials: UserPassword{Name: "a"}, UserLUID: testUser}, "impersonation: the password is empty"},
		{Impersonation{Credentials: Impersonation{Credentials: testApp, UserLUID: testUser}, UserLUID: testUser}, "an impersonation cannot impersonate"},
	} {
		f := &fakeServer{t: t, answer: inOrder(t)}
		c, err := NewClient(testBase, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: f}))
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.SignIn(t.Context(), test.credentials, "finance")
		errorHas(t, err, `signing in to site "finance" of `+testBase+": ")
		errorHas(t, err, test.want)
		if len(f.seen) > 0 {
			t.Errorf("%s: %d requests", test.want, len(f.seen))
		}
		if test.want == "getting a JSON Web Token: the vault is closed" {
			errorIs(t, err, lost)
		}
	}
}

// Each kind of credentials has a version before which it is refused without a request, and from which on it is sent.
func TestCredentialsVersions(t *testing.T) {
	t.Parallel()
	as := func(c Credentials) Credentials { return Impersonation{Credentials: c, UserLUID: testUser} }
	password := UserPassword{Name: "ana", Password: "p"}
	for _, test := range []struct {
		credentials Credentials
		before, at  string
		want        string
	}{
		{password, "", "2.0", ""},
		{testCredentials, "3.5", "3.6", "signing in with a personal access token: needs API 3.6, server speaks 3.5"},
		{testApp, "3.15", "3.16", "signing in by a connected app: needs API 3.16"},
		{JWT{Token: testJWT}, "3.15", "3.16", "signing in with a JSON Web Token: needs API 3.16"},
		{JWT{Token: testJWT, Unified: true}, "3.26", "3.27", "signing in with a unified access token: needs API 3.27"},
		{as(password), "", "2.0", ""},
		{as(testCredentials), "3.10", "3.11", "signing in with a personal access token as another user: needs API 3.11"},
		{as(testApp), "3.15", "3.16", "signing in by a connected app as another user: needs API 3.16"},
	} {
		if test.before != "" {
			_, _, err := signInText(t.Context(), test.credentials, "finance", WithVersion(test.before))
			errorHas(t, err, test.want)
			if _, ok := errors.AsType[*VersionError](err); !ok {
				t.Errorf("%T is the error at API %s", err, test.before)
			}
		}
		if _, _, err := signInText(t.Context(), test.credentials, "finance", WithVersion(test.at)); err != nil {
			t.Errorf("at API %s: %v", test.at, err)
		}
	}
}

// A server that speaks no such version says that the path is unknown; the client says what that means.
func TestPinnedTooHigh(t *testing.T) {
	t.Parallel()
	f := transportOf(func(r *http.Request) reply {
		return refusal("404003", "Resource Not Found", "Unknown resource '/3.99/auth/signin' specified in URI.")
	})
	c, err := NewClient(testBase, WithVersion("3.99"), WithHTTPClient(&http.Client{Transport: f}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.SignIn(t.Context(), testCredentials, "finance")
	errorHas(t, err, "the server does not speak API 3.99: ")
	errorIs(t, err, ErrNotFound)
}
