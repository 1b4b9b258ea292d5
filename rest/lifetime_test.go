package rest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestParseTimeLeft(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"239:59:59":           240*time.Hour - time.Second,
		"0:10:00":             10 * time.Minute,
		"00:00:01":            time.Second,
		" 14:00:00 ":          14 * time.Hour,
		"999999:00:00":        999999 * time.Hour,
		"":                    0,
		"0:00:00":             0,
		"-1:00:00":            0,
		"1:60:00":             0,
		"1:00:60":             0,
		"10:00":               0,
		"1:00:00:00":          0,
		"1:00:00.5":           0,
		"soon":                0,
		"99999999999:00:00":   0,
		"2026-05-01T06:00:00": 0,
	} {
		if got := parseTimeLeft(text); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}

// A lasting server has tokens that last for a time, and refuses each when it is over. It knows one site.
type lastingServer struct {
	lasts string // as the server says it
	time  time.Duration

	mu      sync.Mutex
	signIns int
	token   string
	dies    time.Time
	refused int
	refuse  reply // what a sign-in but the first is answered, if anything
}

func (l *lastingServer) answer(r *http.Request) reply {
	signsIn := strings.HasSuffix(r.URL.Path, "/signin")
	if signsIn {
		time.Sleep(time.Millisecond) // of the bubble: everybody else comes to wait
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case signsIn:
		l.signIns++
		if l.signIns > 1 && l.refuse.status != 0 {
			return l.refuse
		}
		l.token, l.dies = fmt.Sprint("token-", l.signIns), time.Now().Add(l.time)
		return grants(l.token, l.lasts, "finance")
	case !time.Now().Before(l.dies) || r.Header.Get(tokenHeader) != l.token:
		l.refused++
		return refusal("401002", "Unauthorized", "Invalid token")
	}
	return ok(`<job id="j1"/>`)
}

func (l *lastingServer) signIn(t *testing.T, credentials Credentials) *Session {
	t.Helper()
	c, err := NewClient(testBase, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: transportOf(l.answer)}))
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.SignIn(t.Context(), credentials, "finance")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (l *lastingServer) want(t *testing.T, when string, signIns, refused int) {
	t.Helper()
	if l.signIns != signIns || l.refused != refused {
		t.Errorf("%s: %d sign-ins and %d refused calls, want %d and %d", when, l.signIns, l.refused, signIns, refused)
	}
}

func jobOf(t *testing.T, s *Session) {
	t.Helper()
	_, err := s.Jobs.ByLUID(t.Context(), "j1")
	errorIs(t, err, nil)
}

// A session is renewed shortly before its end, once for all calls, so that none is refused.
func TestRenewedBeforeItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &lastingServer{lasts: "0:10:00", time: 10 * time.Minute}
		s := l.signIn(t, testCredentials)
		if got, want := s.ExpiresAt(), time.Now().UTC().Add(10*time.Minute-time.Millisecond); !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("it ends at %v, want %v", got, want)
		}
		time.Sleep(time.Until(s.ExpiresAt()) - time.Minute - time.Nanosecond)
		jobOf(t, s)
		l.want(t, "before", 1, 0)
		time.Sleep(time.Nanosecond)
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() { jobOf(t, s) })
		}
		group.Wait()
		l.want(t, "shortly before the end", 2, 0)
		time.Sleep(time.Hour) // long after the end
		jobOf(t, s)
		l.want(t, "after the end", 3, 0)
		if left := time.Until(s.ExpiresAt()); left != 10*time.Minute-time.Millisecond {
			t.Errorf("%v left", left)
		}
	})
}

// What the server does not say, or says of a very short time, is not acted upon: the session is used until it is refused.
func TestNotRenewedBeforeItsEnd(t *testing.T) {
	t.Parallel()
	for lasts, known := range map[string]bool{"": false, "rubbish": false, "0:00:00": false, "0:01:59": true} {
		t.Run(lasts, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &lastingServer{lasts: lasts, time: 2 * time.Minute}
				s := l.signIn(t, testCredentials)
				if s.ExpiresAt().IsZero() == known {
					t.Errorf("it ends at %v", s.ExpiresAt())
				}
				time.Sleep(2*time.Minute - time.Nanosecond)
				jobOf(t, s)
				l.want(t, "before the end", 1, 0)
				time.Sleep(time.Nanosecond)
				jobOf(t, s)
				l.want(t, "after the end", 2, 1)
			})
		})
	}
}

// A session that cannot be renewed early goes on until the server ends it, and is not renewed early again and again.
func TestEarlyRenewalFails(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]reply{
		"refused": refusal("401001", "Signin Error", "Error signing in to Tableau Server"),
		"broken":  {status: 200, body: "<html>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &lastingServer{lasts: "0:10:00", time: 10 * time.Minute, refuse: refuse}
				s := l.signIn(t, testCredentials)
				time.Sleep(9*time.Minute + 30*time.Second)
				var group sync.WaitGroup
				for range 10 {
					group.Go(func() { jobOf(t, s) })
				}
				group.Wait()
				jobOf(t, s)
				l.want(t, "shortly before the end", 2, 0)
				l.refuse = reply{}
				time.Sleep(time.Minute)
				jobOf(t, s)
				l.want(t, "after the end", 3, 1)
			})
		})
	}
}

// A call that the server has refused does not take the failure of an early renewal for its own.
func TestRefusedDuringAnEarlyRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &lastingServer{lasts: "0:10:00", time: 10 * time.Minute}
		s := l.signIn(t, testCredentials)
		time.Sleep(9*time.Minute + 30*time.Second)
		r, mine, err := s.state.startRenewal(0, nil)
		if !mine || err != nil {
			t.Fatalf("startRenewal: %v, %v", mine, err)
		}
		done := make(chan error)
		go func() { done <- s.renew(t.Context(), 0, ErrAuthentication) }()
		synctest.Wait()
		s.state.endRenewal(r, grant{}, ErrUnavailable)
		errorIs(t, <-done, nil)
		l.want(t, "after", 2, 0)
	})
}

// A JSON Web Token is good for one sign-in: the session it gives is neither renewed early nor later, and the call is told why.
func TestSingleTokenIsNotRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &lastingServer{lasts: "0:10:00", time: 10 * time.Minute}
		s := l.signIn(t, JWT{Token: testJWT})
		time.Sleep(9*time.Minute + 30*time.Second)
		jobOf(t, s)
		time.Sleep(time.Minute)
		_, err := s.Jobs.ByLUID(t.Context(), "j1")
		errorIs(t, err, ErrAuthentication)
		errorHas(t, err, "Invalid token (code 401002); the session cannot be renewed: a JSON Web Token is good for one sign-in")
		l.want(t, "after the end", 1, 1)
	})
}

// A renewal gets a new JSON Web Token from its source, and the context of the call that needs it.
func TestRenewalAsksTheSource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		var asked []any
		l := &lastingServer{lasts: "0:10:00", time: 10 * time.Minute}
		s := l.signIn(t, JWT{Source: func(ctx context.Context) (string, error) {
			asked = append(asked, ctx.Value(key{}))
			return testJWT, nil
		}})
		time.Sleep(time.Hour)
		_, err := s.Jobs.ByLUID(context.WithValue(t.Context(), key{}, "of the call"), "j1")
		errorIs(t, err, nil)
		equal(t, "contexts", asked, []any{nil, "of the call"})
	})
}
