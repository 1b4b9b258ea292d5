package rest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// slowDown is a refusal by whoever sends such a code, "" for a proxy.
func slowDown(status int, code, retryAfter string) reply {
	r := reply{status: status, body: "<html>slow down</html>"}
	if code != "" {
		r = refusal(code, "Too Many Requests", "slow down")
	}
	r.header = http.Header{"Retry-After": {retryAfter}}
	return r
}

// Twenty sessions come one after the other while the server is away, and it hears of one of them each time it says when to come
// again.
func TestTruce(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]reply{
		"unavailable":      slowDown(503, "", "10"),
		"a proxy":          slowDown(429, "", "10"),
		"of the operation": slowDown(429, "429000", "10"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				f := &fakeServer{t: t, answer: func(seenRequest) reply {
					if time.Since(start) < 30*time.Second {
						return refused
					}
					return ok(jobDone)
				}}
				c, err := NewClient(testBase, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: f}))
				if err != nil {
					t.Fatal(err)
				}
				var sessions sync.WaitGroup
				for i := range 20 {
					s, err := c.SignIn(t.Context(), UserPassword{Name: "ana", Password: "p"}, "")
					if err != nil {
						t.Fatal(err)
					}
					sessions.Go(func() {
						time.Sleep(time.Duration(i+1) * 100 * time.Millisecond)
						_, err := s.Jobs.ByLUID(t.Context(), "j1")
						errorIs(t, err, nil)
					})
				}
				sessions.Wait()
				if sent := len(f.lines()); sent != 3+20 {
					t.Errorf("%d requests, want 3 that were refused and 20", sent)
				}
				if took := time.Since(start); took > 31*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// What a refusal of one operation means for others.
func TestTruceIsAbout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		refused reply
		waits   time.Duration
	}{
		"the operation":           {slowDown(429, "429000", "60"), 0},
		"the server":              {slowDown(503, "503000", "60"), time.Minute},
		"what a proxy lets in":    {slowDown(429, "", "60"), time.Minute},
		"no time":                 {slowDown(503, "", "0"), 0},
		"longer than anybody has": {slowDown(503, "", "301"), 0},
		"something else":          {slowDown(500, "", "60"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, f := signedIn(t, func(r seenRequest) reply {
					if strings.Contains(r.Path, "/jobs/") {
						return test.refused
					}
					return ok(published("w1", 1))
				})
				once := &request{op: "Query Job", method: http.MethodGet, path: "jobs/j1", tries: 1}
				if _, err := s.call(t.Context(), once); err == nil {
					t.Error("it was not refused")
				}
				start := time.Now()
				_, err := s.Workbooks.ByLUID(t.Context(), "w1")
				if took := time.Since(start).Truncate(time.Second); took != test.waits {
					t.Errorf("another operation waited %v, want %v: %v", took, test.waits, err)
				}
				errorIs(t, err, nil)
				if n := len(f.lines()); n != 2 {
					t.Errorf("%d requests", n)
				}
			})
		})
	}
}

// Who has no time to wait is told so at once, and nothing is sent.
func TestTruceIsLongerThanTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, f := signedIn(t, func(seenRequest) reply { return slowDown(503, "", "60") })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		for range 2 {
			_, err := s.Workbooks.ByLUID(ctx, "w1")
			errorIs(t, err, context.DeadlineExceeded)
		}
		_, err := s.Workbooks.ByLUID(ctx, "w1")
		if e, known := errors.AsType[*Error](err); !known || e.Attempts != 0 || !strings.Contains(e.Error(), "1m0s from now") {
			t.Errorf("%v", e)
		}
		if len(f.lines()) != 1 || time.Since(start) != 0 {
			t.Errorf("%d requests in %v", len(f.lines()), time.Since(start))
		}
		cancelled, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, stop)
		_, err = s.Workbooks.ByLUID(cancelled, "w1")
		errorIs(t, err, context.Canceled)
	})
}
