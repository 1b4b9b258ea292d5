package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// Fifty calls notice the end of the session while one of them is signing in again.
func TestRenewalIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const callers = 50
		var renewed atomic.Bool
		f := &fakeServer{t: t, answer: func(seenRequest) reply {
			if renewed.Load() {
				return ok(`<projects/>`)
			}
			return refusal("401002", "Unauthorized", "Invalid token")
		}}
		c, err := NewClient(testBase, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/signin") {
				time.Sleep(time.Second) // of the bubble: everybody else comes to wait
				defer renewed.Store(f.signIns > 0)
			}
			return f.RoundTrip(r)
		})}))
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.SignIn(t.Context(), testCredentials, "finance")
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range callers {
			group.Go(func() {
				if _, err := Collect(s.Projects.All(t.Context(), Query{})); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if f.signIns != 2 {
			t.Errorf("%d sign-ins for %d calls, want one more than the first", f.signIns, callers)
		}
		if got := len(f.lines()); got != 2*callers {
			t.Errorf("%d requests, want each of %d calls sent twice", got, callers)
		}
	})
}

// Two renewals a minute are made; at the third the client says what is going on.
func TestRenewalIsLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := true
		s, f := signedIn(t, func(seenRequest) reply {
			if gone = !gone; gone {
				return ok(`<projects/>`)
			}
			return refusal("401002", "Unauthorized", "Invalid token")
		})
		list := func() error { _, err := Collect(s.Projects.All(t.Context(), Query{})); return err }
		errorIs(t, list(), nil)
		errorIs(t, list(), nil)
		err := list()
		errorHas(t, err, "another process may be using the same personal access token")
		errorIs(t, err, ErrAuthentication)
		if f.signIns != 3 {
			t.Errorf("%d sign-ins, want 3", f.signIns)
		}
		time.Sleep(time.Minute)
		gone = true
		errorIs(t, list(), nil)
	})
}

// A call is replayed once: a server that takes no token at all gets two requests.
func TestRenewalIsTriedOnce(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, func(seenRequest) reply { return refusal("401002", "Unauthorized", "Invalid token") })
	_, err := s.Workbooks.ByLUID(t.Context(), "w1")
	errorIs(t, err, ErrAuthentication)
	errorHas(t, err, "code 401002")
	if f.signIns != 2 {
		t.Errorf("%d sign-ins, want 2", f.signIns)
	}
	equal(t, "requests", f.lines(), []string{"GET workbooks/w1", "GET workbooks/w1"})
}

// Refused credentials end the session: nobody tries them again.
func TestRenewalRefused(t *testing.T) {
	t.Parallel()
	signIns := 0
	f := &fakeServer{t: t, answer: func(seenRequest) reply { return refusal("401002", "Unauthorized", "Invalid token") }}
	c, err := NewClient(testBase, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/signin") {
			if signIns++; signIns > 1 {
				w := httptest.NewRecorder()
				w.WriteHeader(401)
				_, _ = w.WriteString(refusal("401001", "Signin Error", "Error signing in to Tableau Server").body)
				return w.Result(), nil
			}
		}
		return f.RoundTrip(r)
	})}))
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.SignIn(t.Context(), testCredentials, "finance")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_, err := s.Workbooks.ByLUID(t.Context(), "w1")
		errorIs(t, err, ErrAuthentication)
	}
	if signIns != 2 {
		t.Errorf("%d sign-ins, want 2", signIns)
	}
	errorIs(t, s.SignOut(t.Context()), nil)
	if got := f.last().line(); got != "GET workbooks/w1" {
		t.Errorf("a session that has ended is ended again by %s", got)
	}
}

// A caller whose context ends while it renews does not take the others down with it.
func TestRenewalOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{t: t}
		c, err := NewClient(testBase, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: f}))
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.SignIn(t.Context(), testCredentials, "finance")
		if err != nil {
			t.Fatal(err)
		}
		r, mine, err := s.state.startRenewal(0, ErrAuthentication)
		if !mine || err != nil {
			t.Fatalf("startRenewal: %v, %v", mine, err)
		}
		done := make(chan error)
		go func() { done <- s.renew(t.Context(), 0, ErrAuthentication) }()
		synctest.Wait()
		s.state.endRenewal(r, grant{}, context.Canceled)
		errorIs(t, <-done, nil)
		if f.signIns != 2 || s.state.serial != 1 {
			t.Errorf("%d sign-ins, serial %d", f.signIns, s.state.serial)
		}
	})
}

// A renewal that is sent elsewhere takes the session along.
func TestRenewalMoves(t *testing.T) {
	t.Parallel()
	var seen []string
	signIns := 0
	s := signedInTo(t, "https://online.tableau.com", func(r *http.Request) reply {
		seen = append(seen, r.Method+" "+r.URL.Host)
		switch {
		case strings.HasSuffix(r.URL.Path, "/signin"):
			if signIns++; signIns == 2 {
				return reply{status: 301, header: http.Header{"Location": {"https://eu.online.tableau.com" + r.URL.Path}}}
			}
			return grants(fmt.Sprint("token-", signIns), "", "finance")
		case r.Header.Get(tokenHeader) != "token-3":
			return refusal("401002", "Unauthorized", "Invalid token")
		}
		return ok(`<job id="j1"/>`)
	})
	jobOf(t, s)
	jobOf(t, s)
	equal(t, "requests", seen, []string{
		"POST online.tableau.com", "GET online.tableau.com", "POST online.tableau.com", "POST eu.online.tableau.com",
		"GET eu.online.tableau.com", "GET eu.online.tableau.com",
	})
	if got := s.ServerURL(); got != "https://eu.online.tableau.com" {
		t.Errorf("the session is at %s", got)
	}
}

// A site that was deleted and made anew is not the one the session was on.
func TestRenewalOnAnotherSite(t *testing.T) {
	t.Parallel()
	signIns := 0
	s := signedInTo(t, testBase, func(r *http.Request) reply {
		if strings.HasSuffix(r.URL.Path, "/signin") {
			signIns++
			return ok(fmt.Sprintf(`<credentials token="t"><site id="site-%d" contentUrl="finance"/><user id="u"/></credentials>`, signIns))
		}
		return refusal("401002", "Unauthorized", "Invalid token")
	})
	for range 2 {
		_, err := s.Jobs.ByLUID(t.Context(), "j1")
		errorIs(t, err, ErrAuthentication)
		errorHas(t, err, `site "finance" is another one now, with the LUID site-2`)
	}
	if signIns != 2 {
		t.Errorf("%d sign-ins", signIns)
	}
}

// A DELETE whose first answer was lost is not called a failure because the session ended in between.
func TestRenewalAfterALostAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := signedIn(t, inOrder(t,
			reply{err: syscall.ECONNRESET},
			refusal("401002", "Unauthorized", "Invalid token"),
			refusal("404006", "Resource Not Found", "gone"),
		))
		errorIs(t, s.Workbooks.Delete(t.Context(), "w1"), nil)
	})
}

// What may have been carried out before the session ended stays unclear when there is no new session.
func TestRenewalRefusedAfterALostAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, f := signedIn(t, inOrder(t, reply{err: syscall.ECONNRESET}, refusal("401002", "Unauthorized", "Invalid token")))
		s.client.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := f.RoundTrip(r)
			if err == nil && strings.HasSuffix(r.URL.Path, "/signin") {
				resp.StatusCode = http.StatusForbidden
			}
			return resp, err
		})
		err := s.Workbooks.Delete(t.Context(), "w1")
		if e, is := errors.AsType[*Error](err); !is || e.Outcome() != Unclear || !errors.Is(err, ErrAuthentication) {
			t.Errorf("%v", err)
		}
	})
}

// The first answer to a sign-in is lost. A personal access token is shown again; a JSON Web Token, which the server takes once,
// is followed by another.
func TestSignInAfterALostAnswer(t *testing.T) {
	t.Parallel()
	fresh := 0
	source := JWT{Source: func(context.Context) (string, error) { fresh++; return fmt.Sprintf("a.b.c%d-signature", fresh), nil }}
	for name, test := range map[string]struct {
		credentials Credentials
		want        []string
		err         error
	}{
		"source": {source, []string{"a.b.c1-signature", "a.b.c1-signature", "a.b.c2-signature"}, nil},
		"token":  {JWT{Token: "a.b.c1-signature"}, []string{"a.b.c1-signature", "a.b.c1-signature"}, ErrAuthentication},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var shown []string
				c, err := NewClient(testBase, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: transportOf(func(r *http.Request) reply {
					_, text, _ := strings.Cut(readBody(r), `jwt="`)
					text, _, _ = strings.Cut(text, `"`)
					used := slices.Contains(shown, text)
					shown = append(shown, text)
					switch {
					case len(shown) == 1:
						return reply{err: syscall.ECONNRESET}
					case used:
						return refusal("401001", "Signin Error", "Error signing in to Tableau Server")
					}
					return grants("t", "", "finance")
				})}))
				if err != nil {
					t.Fatal(err)
				}
				_, err = c.SignIn(t.Context(), test.credentials, "finance")
				errorIs(t, err, test.err)
				equal(t, "tokens", shown, test.want)
			})
		})
	}
}

// When a client signs in again with a personal access token, the later session has it: the earlier does not fight for it.
func TestPersonalAccessTokenHasOneSession(t *testing.T) {
	t.Parallel()
	signIns := 0
	c, err := NewClient(testBase, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: transportOf(func(r *http.Request) reply {
		switch {
		case strings.HasSuffix(r.URL.Path, "/signin"):
			signIns++
			return grants(fmt.Sprint("token-", signIns), "", "finance")
		case r.Header.Get(tokenHeader) != fmt.Sprint("token-", signIns):
			return refusal("401002", "Unauthorized", "Invalid token")
		}
		return ok(`<job id="j1"/>`)
	})}))
	if err != nil {
		t.Fatal(err)
	}
	signIn := func(credentials Credentials) *Session {
		s, err := c.SignIn(t.Context(), credentials, "finance")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := signIn(testCredentials)
	second := signIn(Impersonation{Credentials: &testCredentials, UserLUID: testUser})
	for range 3 {
		_, err = first.Jobs.ByLUID(t.Context(), "j1")
		errorIs(t, err, ErrReplaced)
		errorHas(t, err, "signed in again with the same personal access token")
		jobOf(t, second)
	}
	errorIs(t, first.SignOut(t.Context()), nil) // which leaves the second one alone
	jobOf(t, second)
	other := signIn(PersonalAccessToken{Name: "ci", Secret: "another"})
	jobOf(t, other)
	if signIns != 3 {
		t.Errorf("%d sign-ins, want 3", signIns)
	}
	jobOf(t, second) // the fake server has one session for all tokens; this one is not given up, though
	if signIns != 4 {
		t.Errorf("%d sign-ins, want 4", signIns)
	}
	errorIs(t, second.SignOut(t.Context()), nil)
	c.sole.Range(func(_, state any) bool {
		if state == second.state {
			t.Error("a session that is signed out is kept")
		}
		return true
	})
	signIn(testCredentials)
	_, err = second.Jobs.ByLUID(t.Context(), "j1")
	errorIs(t, err, ErrSignedOut)
}

// What is exclusive can be asked before signing in.
func TestExclusiveCredentials(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		credentials Credentials
		want        bool
	}{
		{testCredentials, true},
		{Impersonation{Credentials: testCredentials, UserLUID: testUser}, true},
		{UserPassword{Name: "ana", Password: "p"}, false},
		{testApp, false},
		{JWT{Token: testJWT}, false},
	} {
		if got := test.credentials.traits().exclusive(); got != test.want {
			t.Errorf("%s is exclusive: %v", test.credentials.traits().doing, got)
		}
	}
}

// signedInTo gives a session of a server whose every answer, also to the sign-in, is the test's.
func signedInTo(t *testing.T, base string, answer func(*http.Request) reply) *Session {
	t.Helper()
	c, err := NewClient(base, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: transportOf(answer)}))
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.SignIn(t.Context(), testCredentials, "finance")
	if err != nil {
		t.Fatal(err)
	}
	return s
}
