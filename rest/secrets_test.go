package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
)

// planted is in the middle of every secret here: wherever it shows, a secret does, in whatever form.
const planted = "Pl4ntedS3cret"

// plant makes a secret with characters around it that XML, JSON and URLs write in their own ways.
func plant(r *rand.Rand) string {
	odd := []rune(`"'<>&+%/\=:; |@#?ä€𝛼` + "abcXYZ019")
	around := func() string {
		var b strings.Builder
		for range r.IntN(6) {
			b.WriteRune(odd[r.IntN(len(odd))])
		}
		return b.String()
	}
	return "x" + around() + planted + around() + "x" // no white space at the ends
}

// echoes are what a server, or a proxy before it, may answer with what it was sent.
var echoes = map[string]func(sent string) reply{
	"XML": func(sent string) reply {
		return reply{status: 400, body: tsResponse(`<error code="400000"><summary>` + escapeText(sent) + `</summary><detail>` + escapeText(sent) + `</detail></error>`)}
	},
	"XML of the sign-in": func(sent string) reply { return refusal("401001", "Signin Error", escapeAttribute(sent)) },
	"JSON": func(sent string) reply {
		body, _ := json.Marshal(map[string]any{"error": map[string]string{"code": "403004", "summary": sent, "detail": sent}})
		return reply{status: 403, body: string(body)}
	},
	"code": func(sent string) reply { return refusal("400", escapeAttribute(sent), escapeAttribute(sent)) },
	"HTML": func(sent string) reply { return reply{status: 404, body: "<html><body>" + sent} },
	"escaped HTML": func(sent string) reply {
		return reply{status: 404, body: "<html>" + html.EscapeString(sent) + "</html>"}
	},
	"text": func(sent string) reply { return reply{status: 403, body: sent} },
	"form": func(sent string) reply { return reply{status: 405, body: url.QueryEscape(sent)} },
	"JSON of HTML": func(sent string) reply {
		body, _ := json.Marshal(html.EscapeString(sent))
		return reply{status: 405, body: string(body)}
	},
	"form of XML":    func(sent string) reply { return reply{status: 405, body: url.PathEscape(escapeText(sent))} },
	"form of a form": func(sent string) reply { return reply{status: 405, body: url.QueryEscape(url.QueryEscape(sent))} },
	"signature": func(sent string) reply {
		return reply{status: 401, body: sent[strings.LastIndexByte(sent[:strings.Index(sent, "<site")+1], '.')+1:]}
	},
	"success":      func(sent string) reply { return reply{status: 200, body: "<html>" + sent} },
	"broken XML":   func(sent string) reply { return reply{status: 200, body: "<tsResponse><" + sent} },
	"empty answer": func(sent string) reply { return ok("<other>" + escapeText(sent) + "</other>") },
	"failure":      func(sent string) reply { return reply{status: 503, body: sent} },
	"away": func(sent string) reply {
		return reply{status: 301, header: http.Header{"Location": {"https://evil.example.net/" + url.PathEscape(sent)}}}
	},
	"aside": func(sent string) reply {
		return reply{status: 307, header: http.Header{"Location": {"/login/" + url.PathEscape(sent) + "?" + url.QueryEscape(sent)}}}
	},
}

// shown is a value in every way it can be printed, logged and encoded.
func shown(value any) string {
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&b, verb+"\n", value)
	}
	text, _ := json.Marshal(value)
	b.Write(text)
	text, _ = xml.Marshal(value)
	b.Write(text)
	for _, h := range []slog.Handler{slog.NewJSONHandler(&b, nil), slog.NewTextHandler(&b, nil)} {
		slog.New(h).Info("x", "value", value, slog.Any("group", []any{value}))
	}
	return b.String()
}

func neverShown(t *testing.T, what string, values ...any) {
	t.Helper()
	for _, value := range values {
		text := shown(value)
		for _, form := range []string{planted, fmt.Sprintf("%x", planted), fmt.Sprintf("%X", planted)} {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("%s: a secret is shown: %.300s", what, text[max(0, at-150):])
			}
		}
	}
}

// credentialsOf makes each kind of credentials, with a secret wherever there is one.
func credentialsOf(secret string) []Credentials {
	jwt := "eyJhbGciOiJIUzI1NiJ9." + planted + "." + url.QueryEscape(secret)
	app := testApp
	app.SecretValue = secret
	pat := PersonalAccessToken{Name: "ci", Secret: secret}
	return []Credentials{
		pat, &pat,
		UserPassword{Name: "ana", Password: secret},
		app,
		JWT{Token: jwt},
		JWT{Source: func(context.Context) (string, error) { return jwt, nil }, Unified: true},
		Impersonation{Credentials: pat, UserLUID: testUser},
	}
}

// Whatever the server sends back of a sign-in that it refuses, no secret gets into errors, logs or values.
func TestSignInShowsNoSecret(t *testing.T) {
	t.Parallel()
	for name, echo := range echoes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, 2))
				for range 4 {
					for _, credentials := range credentialsOf(plant(r)) {
						var logged bytes.Buffer
						c, err := NewClient(testBase, WithVersion("3.29"), WithLogger(slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))),
							WithHTTPClient(&http.Client{Transport: transportOf(func(r *http.Request) reply { return echo(readBody(r)) })}))
						if err != nil {
							t.Fatal(err)
						}
						_, err = c.SignIn(t.Context(), credentials, "finance")
						if err == nil {
							t.Fatal("signed in")
						}
						neverShown(t, credentials.traits().doing, err, credentials, logged.String(), c, []any{credentials},
							map[string]any{"c": credentials}, struct{ C Credentials }{credentials}, &struct{ C any }{credentials})
						for e := err; e != nil; e = unwrap(e) {
							neverShown(t, fmt.Sprintf("%T", e), e)
						}
					}
				}
			})
		})
	}
}

// unwrap is the next error of a chain, the first one where it forks.
func unwrap(err error) error {
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return e.Unwrap()
	case interface{ Unwrap() []error }:
		return e.Unwrap()[0]
	}
	return nil
}

// Neither a session nor what it answers shows the token or the credentials it has, whatever the server sends back.
func TestSessionShowsNoSecret(t *testing.T) {
	t.Parallel()
	for name, echo := range echoes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := rand.New(rand.NewPCG(3, 4))
				secret, token := plant(r), "a|"+planted+"|b"
				for _, credentials := range credentialsOf(secret) {
					signedIn := false
					c, err := NewClient(testBase, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: transportOf(func(r *http.Request) reply {
						body := readBody(r)
						if strings.HasSuffix(r.URL.Path, "/signin") && !signedIn {
							signedIn = true
							return grants(token, "0:10:00", "finance")
						}
						return echo(r.Header.Get(tokenHeader) + " " + body)
					})}))
					if err != nil {
						t.Fatal(err)
					}
					s, err := c.SignIn(t.Context(), credentials, "finance")
					if err != nil {
						t.Fatal(err)
					}
					_, calling := s.Projects.Create(t.Context(), ProjectCreate{Name: "a"})
					_, switching := s.SwitchSite(t.Context(), "other")
					renewing := s.renew(t.Context(), 0, ErrAuthentication)
					leaving := s.SignOut(t.Context())
					neverShown(t, credentials.traits().doing, calling, switching, renewing, leaving, s, *s, s.state, s.login, *s.login, s.site, s.Projects, c)
				}
			})
		})
	}
}
