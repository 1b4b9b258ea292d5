package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func siteTargets(t *testing.T, credentials func(site string) Credentials, sites ...string) ([]SiteTarget, *fakeServer) {
	t.Helper()
	f := &fakeServer{t: t, answer: func(seenRequest) reply { return ok(jobDone) }}
	c, err := NewClient(testBase, WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: f}))
	if err != nil {
		t.Fatal(err)
	}
	var targets []SiteTarget
	for _, site := range sites {
		targets = append(targets, SiteTarget{Client: c, Credentials: credentials(site), SiteContentURL: site})
	}
	return targets, f
}

func TestEachSite(t *testing.T) {
	t.Parallel()
	password := func(string) Credentials { return UserPassword{Name: "ana", Password: "p"} }
	shared := func(string) Credentials { return testCredentials }
	own := func(site string) Credentials { return PersonalAccessToken{Name: site, Secret: "s"} }
	two := func(site string) Credentials { // one for a and b, another for the others
		return PersonalAccessToken{Name: strconv.FormatBool(site < "c"), Secret: "s"}
	}
	for name, test := range map[string]struct {
		credentials func(string) Credentials
		parallel    int
		most        int32 // at the same time
		took        time.Duration
	}{
		"as many as usual":           {password, 0, 4, 2 * time.Second},
		"two at a time":              {password, 2, 2, 3 * time.Second},
		"one token for all":          {shared, 5, 1, 5 * time.Second},
		"a token for each, together": {own, 5, 5, time.Second},
		"two tokens, side by side":   {two, 2, 2, 3 * time.Second},
	} {
		for _, later := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", later"}[later], func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					targets, f := siteTargets(t, test.credentials, "a", "b", "c", "d", "e")
					if later {
						postpone(targets)
					}
					var now, most atomic.Int32
					var mu sync.Mutex
					start, seen := time.Now(), map[int]string{}
					err := EachSite(t.Context(), targets, EachSiteOptions{Parallel: test.parallel}, func(ctx context.Context, i int, s *Session) error {
						defer now.Add(-1)
						for n := now.Add(1); n > most.Load(); {
							most.Store(n)
						}
						mu.Lock()
						seen[i] = targets[i].SiteContentURL
						mu.Unlock()
						return pause(ctx, time.Second)
					})
					errorIs(t, err, nil)
					if most.Load() != test.most || time.Since(start) != test.took || len(seen) != 5 {
						t.Errorf("%d at the same time, %v, sites %v", most.Load(), time.Since(start), seen)
					}
					if outs := len(f.lines()); outs != 5 {
						t.Errorf("%d sign-outs: %v", outs, f.lines())
					}
				})
			})
		}
	}
}

// postpone makes credentials known when the site's turn comes.
func postpone(targets []SiteTarget) {
	for i, known := range targets {
		targets[i].Credentials = nil
		targets[i].CredentialsLater = func(context.Context) (Credentials, error) { return known.Credentials, nil }
	}
}

// A server that does not answer holds up none but its own sites.
func TestEachSiteSlowServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		targets, f := siteTargets(t, func(string) Credentials { return UserPassword{Name: "ana", Password: "p"} }, "a", "b", "c", "d", "e", "f")
		slow, err := NewClient("https://slow.example.com", WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: f}))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			targets[i].Client = slow
		}
		start, ended := time.Now(), make([]time.Duration, len(targets))
		err = EachSite(t.Context(), targets, EachSiteOptions{Parallel: 1, Done: func(i int, _ error) { ended[i] = time.Since(start) }},
			func(ctx context.Context, i int, s *Session) error {
				return pause(ctx, map[bool]time.Duration{true: time.Hour, false: time.Second}[i < 4])
			})
		errorIs(t, err, nil)
		want := []time.Duration{time.Hour, 2 * time.Hour, 3 * time.Hour, 4 * time.Hour, time.Second, 2 * time.Second}
		if !slices.Equal(ended, want) {
			t.Errorf("the sites ended after %v, want %v", ended, want)
		}
	})
}

// What a caller decides and hears of: which sites are begun, in which order, and what became of each.
func TestEachSiteBeginAndDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		targets, f := siteTargets(t, func(string) Credentials { return testCredentials }, "a", "b", "c", "d")
		postpone(targets)
		lost, stopped := errors.New("the file is not there"), errors.New("too many have failed")
		targets[1].CredentialsLater = func(context.Context) (Credentials, error) { return nil, lost }
		var told []string
		say := func(what string, i int, err error) { // the race detector sees two calls at a time
			told = append(told, fmt.Sprint(what, " ", i, " ", err))
		}
		err := EachSite(t.Context(), targets, EachSiteOptions{
			Parallel: 1,
			Begin: func(i int) error {
				say("begin", i, nil)
				return map[int]error{2: stopped}[i]
			},
			Done: func(i int, err error) { say("done", i, err) },
		}, func(context.Context, int, *Session) error { return nil })
		errorIs(t, err, lost)
		errorIs(t, err, stopped)
		want := []string{
			"begin 0 <nil>", "done 0 <nil>", "begin 1 <nil>", "done 1 the file is not there",
			"begin 2 <nil>", "done 2 too many have failed", "begin 3 <nil>", "done 3 <nil>",
		}
		if !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		if f.signIns != 2 {
			t.Errorf("%d sign-ins, want those of the first and the last site", f.signIns)
		}
	})
}

// Of thousands of sites no more than asked for are worked on at a time, one for each token; and each ends once.
func TestEachSiteMany(t *testing.T) {
	t.Parallel()
	const sites = 3000
	targets, _ := siteTargets(t, func(string) Credentials { return nil }, slices.Repeat([]string{"a"}, sites)...)
	for i := range targets { // a third with a token in common, a third with one each, and passwords
		targets[i].Credentials = []Credentials{
			testCredentials, PersonalAccessToken{Name: strconv.Itoa(i), Secret: "s"}, UserPassword{Name: "ana", Password: "p"},
		}[i%3]
	}
	postpone(targets)
	var now, most, shared atomic.Int32
	ends := make([]int, sites)
	err := EachSite(t.Context(), targets, EachSiteOptions{Parallel: 8, Done: func(i int, err error) { ends[i]++ }},
		func(_ context.Context, i int, _ *Session) error {
			defer now.Add(-1)
			most.Store(max(most.Load(), now.Add(1)))
			if i%3 == 0 {
				defer shared.Add(-1)
				if shared.Add(1) > 1 {
					t.Error("two sites at a time with one token")
				}
			}
			return nil
		})
	errorIs(t, err, nil)
	if most.Load() > 8 {
		t.Errorf("%d sites at a time, want at most 8", most.Load())
	}
	for i, n := range ends {
		if n != 1 {
			t.Fatalf("site %d ended %d times", i, n)
		}
	}
}

func TestEachSiteFails(t *testing.T) {
	t.Parallel()
	targets, f := siteTargets(t, func(site string) Credentials {
		return UserPassword{Name: "ana", Password: map[bool]string{true: "", false: "p"}[site == "b"]}
	}, "a", "b", "c", "d")
	targets[3].Client = nil
	wrong := errors.New("wrong")
	err := EachSite(t.Context(), targets, EachSiteOptions{Parallel: 1}, func(_ context.Context, i int, _ *Session) error {
		if i == 0 {
			return wrong
		}
		return nil
	})
	errorIs(t, err, wrong)
	want := `site "a" of https://tableau.example.com: wrong
site "b" of https://tableau.example.com: signing in to site "b" of https://tableau.example.com: the password is empty
site "d" of no server: the site has no client`
	if err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	if site, ok := errors.AsType[*SiteError](err); !ok || site.SiteContentURL != "a" {
		t.Errorf("%+v", site)
	}
	if len(f.lines()) != 2 {
		t.Errorf("sign-outs: %v", f.lines())
	}
	if err := EachSite(t.Context(), nil, EachSiteOptions{Parallel: -1}, nil); err == nil {
		t.Error("-1 sites at a time are taken")
	}
}

// Once the context has ended no site is begun, whether it waits for a token or has not come up, and each is told of.
func TestEachSiteContextEnds(t *testing.T) {
	t.Parallel()
	for _, credentials := range []Credentials{testCredentials, UserPassword{Name: "ana", Password: "p"}} {
		targets, _ := siteTargets(t, func(string) Credentials { return credentials }, "a", "b", "c")
		postpone(targets)
		ctx, cancel := context.WithCancel(t.Context())
		var begun, ended []int
		err := EachSite(ctx, targets, EachSiteOptions{
			Parallel: 1,
			Begin:    func(i int) error { begun = append(begun, i); return nil },
			Done:     func(i int, _ error) { ended = append(ended, i) },
		}, func(context.Context, int, *Session) error {
			cancel()
			return nil
		})
		errorIs(t, err, context.Canceled)
		if !slices.Equal(begun, []int{0}) || !slices.Equal(ended, []int{0, 1, 2}) {
			t.Errorf("with %T sites %v were begun and %v ended", credentials, begun, ended)
		}
	}
}
