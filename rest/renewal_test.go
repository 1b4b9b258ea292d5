package rest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
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
				if _, err := collect(s.Projects.All(t.Context(), Query{})); err != nil {
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
		list := func() error { _, err := collect(s.Projects.All(t.Context(), Query{})); return err }
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
