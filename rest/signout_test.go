package rest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
)

// A sign-out is over once the server has answered it; until then it can be tried again, and nothing else is let through.
func TestSignOutAgain(t *testing.T) {
	t.Parallel()
	gone := refusal("401002", "Unauthorized", "Invalid token")
	for name, test := range map[string]struct {
		first reply
		err   string
		calls int // of three
	}{
		"signed out":         {reply{status: 204}, "", 1},
		"gone already":       {gone, "", 1},
		"not reached":        {reply{err: context.Canceled}, "context canceled", 2},
		"refused by a proxy": {reply{status: 401, body: "sign in to the proxy"}, "status 401", 2},
		"a page of a proxy":  {reply{status: 200, body: "<html>"}, "not a Tableau Server", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			f := &fakeServer{t: t}
			first := &fakeServer{t: t, answer: func(seenRequest) reply { return test.first }}
			c, err := NewClient(testBase, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				if strings.HasSuffix(r.URL.Path, "/signout") {
					if calls++; calls == 1 {
						r.URL.Path = "/" // which the fake server leaves to its answer
						return first.RoundTrip(r)
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
			for i := range 3 {
				if err := s.SignOut(t.Context()); i == 0 && test.err != "" {
					errorHas(t, err, test.err)
				} else {
					errorIs(t, err, nil)
				}
				_, err = s.Jobs.ByLUID(t.Context(), "j1")
				errorIs(t, err, ErrSignedOut)
			}
			if calls != test.calls {
				t.Errorf("the server is asked %d times, want %d", calls, test.calls)
			}
		})
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t))
	errorIs(t, s.SignOut(t.Context()), nil)
	errorIs(t, s.SignOut(t.Context()), nil)
	equal(t, "requests", f.lines(), []string{"POST /api/3.29/auth/signout"})
	if got := f.last(); got.Body != "" || got.Header.Get(tokenHeader) != testToken {
		t.Errorf("sign-out %v with body %q", got.Header, got.Body)
	}
	_, err := s.Jobs.ByLUID(t.Context(), "j1")
	errorIs(t, err, ErrSignedOut)
	if errors.Is(err, ErrAuthentication) {
		t.Error("using a session after SignOut is not a refusal by the server")
	}
}
