package rest

import (
	"context"
	"errors"
	"net/http"
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
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				targets, f := siteTargets(t, test.credentials, "a", "b", "c", "d", "e")
				var now, most atomic.Int32
				var mu sync.Mutex
				start, seen := time.Now(), map[int]string{}
				err := EachSite(t.Context(), targets, test.parallel, func(ctx context.Context, i int, s *Session) error {
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

func TestEachSiteFails(t *testing.T) {
	t.Parallel()
	targets, f := siteTargets(t, func(site string) Credentials {
		return UserPassword{Name: "ana", Password: map[bool]string{true: "", false: "p"}[site == "b"]}
	}, "a", "b", "c", "d")
	targets[3].Client = nil
	wrong := errors.New("wrong")
	err := EachSite(t.Context(), targets, 1, func(_ context.Context, i int, _ *Session) error {
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
	ctx, cancel := context.WithCancel(t.Context())
	done := 0
	err = EachSite(ctx, targets[:3], 1, func(context.Context, int, *Session) error {
		done++
		cancel()
		return nil
	})
	if errorIs(t, err, context.Canceled); done != 1 {
		t.Errorf("%d sites after the context had ended", done-1)
	}
	if err := EachSite(t.Context(), nil, -1, nil); err == nil {
		t.Error("-1 sites at a time are taken")
	}
}
