package emulator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const appSecretValue = "a-secret-of-32-bytes-or-some-more"

// appToken signs a JSON Web Token of the connected app that the tests know, with what is changed in it; nil leaves out.
func (w *world) appToken(header, claims map[string]any) string {
	w.t.Helper()
	return signToken(w.t, jwt.SigningMethodHS256, []byte(appSecretValue), map[string]any{"kid": "secret-1", "iss": "app-1"}, map[string]any{
		"iss": "app-1", "aud": "tableau", "sub": "ana", "jti": randomLUID(),
		"exp": w.clock.Now().Add(5 * time.Minute).Unix(), "scp": []string{"tableau:content:read", "tableau:workbooks:create"},
	}, header, claims)
}

func signToken(t *testing.T, method jwt.SigningMethod, key any, header, claims, changedHeader, changedClaims map[string]any) string {
	t.Helper()
	token := jwt.New(method)
	maps.Copy(token.Header, header)
	maps.Copy(token.Header, changedHeader)
	all := jwt.MapClaims(maps.Clone(claims))
	maps.Copy(all, changedClaims)
	for name, value := range all {
		if value == nil {
			delete(all, name)
		}
	}
	token.Claims = all
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func (w *world) signInByToken(token, more, site string) *answer {
	w.t.Helper()
	return w.send("POST /api/3.29/auth/signin HTTP/1.1\n\n" +
		`<tsRequest><credentials jwt="` + token + `" isUat="` + more + `"><site contentUrl="` + site + `" /></credentials></tsRequest>`)
}

// TSC-3, by a connected app: who the token names is signed in, to do what it allows.
func TestConnectedAppSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WithConnectedApp("", "app-1", "secret-1", appSecretValue))
	token := w.appToken(nil, nil)
	a := w.signInByToken(token, "false", "").wantStatus(200).wantIn(`<user id="#ANA"/>`)
	w.token = string(tokenInAnswer.FindSubmatch(a.raw)[1])
	w.get("workbooks").wantStatus(200)
	w.publish("workbook", "", `name="Sales"`, "", "a.twb", salesTWB).wantStatus(201)
	w.get("users").wantError(401002, "tableau:users:read")
	w.delete("workbooks/LUID1").wantError(401002, "tableau:workbooks:delete")
	w.change("POST /api/3.29/auth/switchSite", `<site contentUrl="finance"/>`).wantError(401001, "")

	w.signInByToken(token, "false", "").wantError(401001, "") // a token is good for once
	w.signInByToken(w.appToken(nil, map[string]any{"sub": "local\\ANA", "scp": []string{"tableau:*:*"}}), "", "").wantStatus(200)
	w.send("POST /api/3.29/auth/signout HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
}

func TestConnectedAppRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WithConnectedApp("", "app-1", "secret-1", appSecretValue))
	now := w.clock.Now()
	for name, token := range map[string]string{
		"no subject":       w.appToken(nil, map[string]any{"sub": nil}),
		"unknown subject":  w.appToken(nil, map[string]any{"sub": "nobody"}),
		"audience":         w.appToken(nil, map[string]any{"aud": "other"}),
		"no audience":      w.appToken(nil, map[string]any{"aud": nil}),
		"no id":            w.appToken(nil, map[string]any{"jti": nil}),
		"no end":           w.appToken(nil, map[string]any{"exp": nil}),
		"over":             w.appToken(nil, map[string]any{"exp": now.Add(-time.Second).Unix()}),
		"too long":         w.appToken(nil, map[string]any{"exp": now.Add(11 * time.Minute).Unix()}),
		"no scopes":        w.appToken(nil, map[string]any{"scp": nil}),
		"empty scopes":     w.appToken(nil, map[string]any{"scp": []string{}}),
		"no scope":         w.appToken(nil, map[string]any{"scp": []string{"tableau:content:read", "everything"}}),
		"issuer":           w.appToken(nil, map[string]any{"iss": "app-2"}),
		"issuer of header": w.appToken(map[string]any{"iss": "app-2"}, nil),
		"unknown secret":   w.appToken(map[string]any{"kid": "secret-2"}, nil),
		"another secret":   signToken(t, jwt.SigningMethodHS256, []byte("x"), map[string]any{"kid": "secret-1"}, map[string]any{"iss": "app-1", "aud": "tableau", "sub": "ana", "jti": "1", "exp": now.Add(time.Minute).Unix(), "scp": []string{"tableau:content:read"}}, nil, nil),
		"another method":   signToken(t, jwt.SigningMethodHS512, []byte(appSecretValue), map[string]any{"kid": "secret-1"}, map[string]any{"iss": "app-1", "aud": "tableau", "sub": "ana", "jti": "2", "exp": now.Add(time.Minute).Unix(), "scp": []string{"tableau:content:read"}}, nil, nil),
		"no method":        signToken(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, map[string]any{"kid": "secret-1"}, map[string]any{"iss": "app-1", "aud": "tableau", "sub": "ana", "jti": "3", "exp": now.Add(time.Minute).Unix(), "scp": []string{"tableau:content:read"}}, nil, nil),
		"not a token":      "a.b.c",
	} {
		if a := w.signInByToken(token, "false", ""); a.status != 401 || !strings.Contains(a.body, `code="401001"`) {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	w.signInByToken(w.appToken(nil, nil), "false", "finance").wantError(401001, "") // that site does not trust the app
	w.signInByToken(w.appToken(nil, nil), "true", "").wantError(401001, "")         // and it is no unified access token
	w.signInByToken(w.appToken(nil, nil), "perhaps", "").wantError(400008, "perhaps")
	if n := w.server.sessions.Len(); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

func TestUnifiedAccessToken(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, WithTokenIssuer("https://idp.example.com", "k1", &key.PublicKey), WithTokenIssuer("https://idp.example.com", "k2", &rsaKey.PublicKey))
	claims := func(id string) map[string]any {
		return map[string]any{
			"iss": "https://idp.example.com", "aud": "tableau", "sub": "ana", "jti": id,
			"exp": w.clock.Now().Add(time.Minute).Unix(), "scp": []string{"tableau:content:read"},
		}
	}
	w.signInByToken(signToken(t, jwt.SigningMethodES256, key, map[string]any{"kid": "k1"}, claims("1"), nil, nil), "true", "finance").wantStatus(200)
	w.signInByToken(signToken(t, jwt.SigningMethodRS256, rsaKey, map[string]any{"kid": "k2"}, claims("2"), nil, nil), "true", "").wantStatus(200)
	w.signInByToken(signToken(t, jwt.SigningMethodRS256, rsaKey, map[string]any{"kid": "k1"}, claims("3"), nil, nil), "true", "").wantError(401001, "")
	w.signInByToken(signToken(t, jwt.SigningMethodRS256, rsaKey, map[string]any{"kid": "k2"}, claims("4"), nil, nil), "false", "").wantError(401001, "")
	w.signInByToken(signToken(t, jwt.SigningMethodRS256, rsaKey, map[string]any{"kid": "k2"}, claims("5"), nil, map[string]any{"iss": "x"}), "true", "").wantError(401001, "")
}

func TestIdentityOptionsRefuseMisuse(t *testing.T) {
	t.Parallel()
	refuses := func(wants []string, opts ...Option) {
		t.Helper()
		_, err := New(append(opts, WithUser("ana", "secret", "Viewer"))...)
		if err == nil {
			t.Fatal("no error")
		}
		for _, want := range wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error has no %q:\n%v", want, err)
			}
		}
	}
	refuses([]string{"token lifetime", `connected app ""`, "string is no public key", `token issuer "": an issuer has a name`, `directory group ""`},
		WithTokenLifetime(0), WithConnectedApp("", "", "", ""), WithTokenIssuer("i", "k", "no key"), WithTokenIssuer("", "", &rsa.PublicKey{}),
		WithDirectoryGroup("", "", ""))
	refuses([]string{`connected app "app": there is no site "x"`, `SAML: there is no site "y"`}, WithConnectedApp("x", "app", "s", "v"), WithSAML("y"))
}

// A connected app and its secrets are made by the API, and trusted as long as they are there and switched on.
func TestConnectedApps(t *testing.T) {
	t.Parallel()
	w := start(t)
	const path = "/api/3.29/sites/SITE/connected-apps/direct-trust"
	w.change("POST "+path, `<connectedApplication/>`).wantError(400000, "name")
	w.change("POST "+path, `<connectedApplication name="App" enabled="true" projectId="LUID9"/>`).wantError(404005, "#9")
	w.ids.last.Store(worldBegins)
	w.change("POST "+path, `<connectedApplication name="App" projectId="PROJECT" domainSafelist="https://a https://b" unrestrictedEmbedding="false"/>`).
		want(201, `<connectedApplication name="App" enabled="false" clientId="#1" projectId="#PROJECT" createdAt="2026-03-02T10:00:00Z" domainSafelist="https://a https://b" unrestrictedEmbedding="false"/>`)
	a := w.send("POST " + path + "/LUID1/secrets" + tscXML).wantStatus(201).wantIn(`<connectedApplicationSecret id="#2" value="`)
	_, secret, _ := strings.Cut(string(a.raw), `value="`)
	secret, _, _ = strings.Cut(secret, `"`)
	get := func(path string) *answer { return w.send("GET " + path + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n") }
	get(path + "/LUID1/secrets/LUID2").wantStatus(200).wantIn(`value="` + secret + `"`)
	for _, path := range []string{path, path + "/LUID1", strings.Replace(path, "connected-apps/direct-trust", "connected-applications", 1)} {
		if a := get(path).wantStatus(200).wantIn(`<secret id="#2" createdAt=`); strings.Contains(a.body, secret) {
			t.Errorf("%s tells the secret", path)
		}
	}

	app, kid := w.expand("LUID1"), w.expand("LUID2")
	token := func() string {
		return signToken(t, jwt.SigningMethodHS256, []byte(secret), map[string]any{"kid": kid, "iss": app}, map[string]any{
			"iss": app, "aud": []string{"tableau"}, "sub": "ana", "jti": randomLUID(), "exp": w.clock.Now().Add(time.Minute).Unix(),
			"scp": []string{"tableau:content:read"},
		}, nil, nil)
	}
	w.signInByToken(token(), "false", "").wantError(401001, "") // it is not switched on
	w.change("PUT "+path+"/LUID1", `<connectedApplication enabled="True"/>`).wantStatus(200).wantIn(`name="App" enabled="true"`)
	w.signInByToken(token(), "false", "").wantStatus(200)

	w.send("POST " + path + "/LUID1/secrets" + tscXML).wantStatus(201)
	w.send("POST "+path+"/LUID1/secrets"+tscXML).wantError(403004, "2 secrets")
	w.send("DELETE " + path + "/LUID1/secrets/LUID2" + tscHeaders + "\n").wantStatus(204)
	w.send("DELETE "+path+"/LUID1/secrets/LUID2"+tscHeaders+"\n").wantError(404029, "#2")
	w.signInByToken(token(), "false", "").wantError(401001, "")
	w.send("DELETE " + path + "/LUID1" + tscHeaders + "\n").wantStatus(204)
	get(path+"/LUID1").wantError(404029, "#1")
}
