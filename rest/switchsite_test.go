package rest

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The calls under way when a session is switched do not take the token back by signing in again.
func TestSwitchSiteEndsTheSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		signIns := 0
		token := "old"
		s := signedInTo(t, testBase, func(r *http.Request) reply {
			switch {
			case strings.HasSuffix(r.URL.Path, "/signin"):
				signIns++
				return grants(token, "", "finance")
			case strings.HasSuffix(r.URL.Path, "/switchSite"):
				token = "new"
				time.Sleep(time.Second) // the old token is dead, and the answer on its way
				return grants(token, "1:00:00", "other")
			case r.Header.Get(tokenHeader) != token:
				return refusal("401002", "Unauthorized", "Invalid token")
			}
			return ok(`<job id="j1"/>`)
		})
		var group sync.WaitGroup
		var next *Session
		group.Go(func() {
			var err error
			next, err = s.SwitchSite(t.Context(), "other")
			errorIs(t, err, nil)
		})
		synctest.Wait()
		for range 50 {
			group.Go(func() {
				_, err := s.Jobs.ByLUID(t.Context(), "j1")
				errorIs(t, err, ErrReplaced)
				errorHas(t, err, `it was switched to site "other"`)
			})
		}
		group.Wait()
		jobOf(t, next)
		if next.SiteLUID() != "luid-of-other" || s.SiteLUID() != "luid-of-finance" || next.ExpiresAt().IsZero() || signIns != 1 {
			t.Errorf("from %s to %s, until %v, with %d sign-ins", s.SiteLUID(), next.SiteLUID(), next.ExpiresAt(), signIns)
		}
		_, err := s.SwitchSite(t.Context(), "third")
		errorIs(t, err, ErrReplaced)
		errorIs(t, s.SignOut(t.Context()), nil)
		jobOf(t, next)
	})
}

// What the server makes of a switch. A session that is not switched goes on.
func TestSwitchSiteAnswers(t *testing.T) {
	t.Parallel()
	gone := refusal("401002", "Unauthorized", "Invalid token")
	password := UserPassword{Name: "ana", Password: "p"}
	for name, test := range map[string]struct {
		credentials Credentials
		base        string
		version     string
		answers     []reply // to the switch
		want        string  // the site after it; "" for none
		err         string
		requests    []string
	}{
		"switched":          {password, testBase, "2.6", []reply{grants("t2", "", "other")}, "other", "", []string{"switchSite"}},
		"without its name":  {password, testBase, "3.29", []reply{ok(`<credentials token="t2"><site id="s2"/></credentials>`)}, "other", "", []string{"switchSite"}},
		"there already":     {password, testBase, "3.29", []reply{refusal("403070", "Forbidden", "already")}, "finance", "", []string{"switchSite"}},
		"unknown site":      {password, testBase, "3.29", []reply{refusal("401001", "Signin Error", "Error signing in")}, "", `switching from site "finance" to site "other": `, []string{"switchSite"}},
		"no answer we know": {password, testBase, "3.29", []reply{ok(`<site/>`)}, "", "no credentials with a token", []string{"switchSite"}},
		"ended before":      {password, testBase, "3.29", []reply{gone}, "other", "", []string{"switchSite", "signin other"}},
		"lost answer":       {password, testBase, "3.29", []reply{{err: errTooLarge}, gone}, "other", "", []string{"switchSite", "switchSite", "signin other"}},
		"ended, one token":  {JWT{Token: testJWT}, testBase, "3.29", []reply{gone}, "", "Invalid token", []string{"switchSite"}},
		"old server":        {password, testBase, "2.5", nil, "", "Switch Site: needs API 2.6, server speaks 2.5", nil},
		"Tableau Cloud":     {password, "https://10AX.online.tableau.com", "3.29", nil, "", "there is no Switch Site on Tableau Cloud: sign in to the other site instead", nil},
		"control character": {password, testBase, "3.29", nil, "", "site@contentUrl holds U+0001", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var requests []string
				answers := test.answers
				c, err := NewClient(test.base, WithVersion(test.version), WithHTTPClient(&http.Client{Transport: transportOf(func(r *http.Request) reply {
					body := readBody(r)
					switch {
					case strings.HasSuffix(r.URL.Path, "/signin") && strings.Contains(body, `"finance"`):
						return grants("t1", "", "finance")
					case strings.HasSuffix(r.URL.Path, "/signin"):
						requests = append(requests, "signin other")
						return grants("t2", "", "other")
					case strings.HasSuffix(r.URL.Path, "/switchSite"):
						requests = append(requests, "switchSite")
						next := answers[0]
						answers = answers[1:]
						return next
					}
					return ok(`<projects/>`)
				})}))
				if err != nil {
					t.Fatal(err)
				}
				s, err := c.SignIn(t.Context(), test.credentials, "finance")
				if err != nil {
					t.Fatal(err)
				}
				to := "other"
				if name == "control character" {
					to = "\x01"
				}
				next, err := s.SwitchSite(t.Context(), to)
				equal(t, "requests", requests, test.requests)
				if test.want == "" {
					errorHas(t, err, test.err)
					_, err = Collect(s.Projects.All(t.Context(), Query{}))
					errorIs(t, err, nil)
					return
				}
				errorIs(t, err, nil)
				if err == nil && (next.SiteContentURL() != test.want || (next == s) != (test.want == "finance")) {
					t.Errorf("it gives %v", next)
				}
			})
		})
	}
}

// A switch waits for the renewal under way, and gives up waiting with its context.
func TestSwitchSiteWaits(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, func(seenRequest) reply { return grants("t2", "", "other") })
	r, mine, err := s.state.startRenewal(0, ErrAuthentication)
	if !mine || err != nil {
		t.Fatalf("startRenewal: %v, %v", mine, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.SwitchSite(ctx, "other")
	errorIs(t, err, context.Canceled)
	done := make(chan error)
	go func() { _, err := s.SwitchSite(t.Context(), "other"); done <- err }()
	s.state.endRenewal(r, grant{base: s.site.base, token: conceal("renewed")}, nil)
	errorIs(t, <-done, nil)
	if got := f.last().Header.Get(tokenHeader); got != "renewed" {
		t.Errorf("switched with the token %q", got)
	}
}

// A sign-out in the middle of a switch waits for it. The session it gives is the caller's to end.
func TestSignOutWhileSwitching(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, f := signedIn(t, func(seenRequest) reply {
			time.Sleep(time.Second)
			return grants("t2", "", "other")
		})
		switched := make(chan *Session)
		go func() {
			next, err := s.SwitchSite(t.Context(), "other")
			errorIs(t, err, nil)
			switched <- next
		}()
		synctest.Wait()
		errorIs(t, s.SignOut(t.Context()), nil)
		equal(t, "requests", f.lines(), []string{"POST /api/3.29/auth/switchSite"})
		next := <-switched
		errorIs(t, next.SignOut(t.Context()), nil)
		if got := f.last(); got.line() != "POST /api/3.29/auth/signout" || got.Header.Get(tokenHeader) != "t2" {
			t.Errorf("%s with the token %q", got.line(), got.Header.Get(tokenHeader))
		}
	})
}
