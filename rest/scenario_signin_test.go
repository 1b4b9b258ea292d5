package rest_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

var signInScenarios = []scenario{
	{[]int{40}, "a connected app signs people in, again and again", connectedAppStory},
	{[]int{40}, "JSON Web Tokens are made elsewhere", jwtStory},
	{[]int{40}, "a server administrator acts for somebody else", impersonationStory},
	{[]int{40, 41}, "two processes with one personal access token", twoProcessesStory},
	{[]int{40}, "fifty calls of all kinds survive the end of the session", fiftyCallsStory},
	{[]int{40}, "a session is renewed before it ends", lifetimeStory},
	{[]int{41}, "a sign-out ends the session on the server", signOutStory},
	{[]int{42}, "from site to site", switchSiteStory},
	{[]int{42}, "a switch whose answer is lost", lostSwitchStory},
	{[]int{43}, "a client settles the version", versionStory},
	{[]int{242, 243}, "sessions and tokens are taken away", sessionsStory},
}

// A tower is an emulator with two sites and three people, which remembers what it is asked.
type tower struct {
	*emulator.Server
	t *testing.T
}

func newTower(t *testing.T, opts ...emulator.Option) tower {
	t.Helper()
	server, err := emulator.New(append([]emulator.Option{
		emulator.WithStrict(), emulator.WithRequestLog(1000),
		emulator.WithSite("acme", "Acme"), emulator.WithSite("east", "East"),
		emulator.WithUser("ana", "secret", "SiteAdministratorCreator"),
		emulator.WithUser("root", "secret", "ServerAdministrator"),
		emulator.WithUser("bob", "secret", "Creator", "acme"),
		emulator.WithToken("ci", "token-secret", "ana"),
		emulator.WithToken("root", "token-secret", "root"),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return tower{server, t}
}

func (w tower) client(opts ...rest.Option) *rest.Client {
	w.t.Helper()
	c, err := rest.NewClient(emulator.URL, append([]rest.Option{rest.WithHTTPClient(&http.Client{Transport: w.Transport()})}, opts...)...)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w tower) signIn(credentials rest.Credentials, site string) *rest.Session {
	w.t.Helper()
	s, err := w.client().SignIn(w.t.Context(), credentials, site)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// fault makes something go wrong.
func (w tower) fault(f emulator.Fault) {
	w.t.Helper()
	if err := w.AddFault(f); err != nil {
		w.t.Fatal(err)
	}
}

// count is how many requests end in a path.
func (w tower) count(last string) int {
	n := 0
	for _, r := range w.Requests() {
		if path.Base(r.Path) == last {
			n++
		}
	}
	return n
}

var (
	token    = rest.PersonalAccessToken{Name: "ci", Secret: "token-secret"}
	password = rest.UserPassword{Name: "ana", Password: "secret"}
)

func projects(ctx context.Context, s *rest.Session) (names []string, err error) {
	for p, err := range s.Projects.All(ctx, rest.Query{}) {
		if err != nil {
			return nil, err
		}
		names = append(names, p.Name)
	}
	return names, nil
}

// wantErr fails unless the error is the target and says something.
func wantErr(t *testing.T, err, target error, says string) {
	t.Helper()
	if !errors.Is(err, target) || target != nil && !strings.Contains(err.Error(), says) {
		t.Errorf("error %v, want %v that says %q", err, target, says)
	}
}

func connectedAppStory(t *testing.T) {
	const secret = "a-secret-of-32-bytes-or-some-more"
	w := newTower(t, emulator.WithConnectedApp("acme", "app-1", "secret-1", secret))
	app := rest.ConnectedApp{
		ClientID: "app-1", SecretID: "secret-1", SecretValue: secret, UserName: "ana",
		Scopes: []string{"tableau:content:read"}, Claims: map[string]any{"Region": "West"},
	}
	s := w.signIn(app, "acme")
	if _, err := projects(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	w.fault(emulator.Fault{Path: "/sites/*/projects", EndSession: true, Call: 1})
	if _, err := projects(t.Context(), s); err != nil || w.count("signin") != 2 {
		t.Errorf("%v after %d sign-ins", err, w.count("signin"))
	}
	_, err := s.Projects.Create(t.Context(), rest.ProjectCreate{Name: "Not allowed"})
	wantErr(t, err, rest.ErrAuthentication, "tableau:projects:create")
	_, err = s.SwitchSite(t.Context(), "east")
	wantErr(t, err, rest.ErrAuthentication, "401001")
	if _, err := projects(t.Context(), s); err != nil {
		t.Errorf("after a switch that was refused: %v", err)
	}
	_, err = w.client().SignIn(t.Context(), app, "east") // a site that does not trust it
	wantErr(t, err, rest.ErrAuthentication, "401001")
	app.SecretValue = "another"
	_, err = w.client().SignIn(t.Context(), app, "acme")
	wantErr(t, err, rest.ErrAuthentication, "401001")
}

func jwtStory(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := newTower(t, emulator.WithTokenIssuer("https://idp.example.com", "k1", &key.PublicKey))
	made := 0
	source := func(context.Context) (string, error) {
		made++
		token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
			"iss": "https://idp.example.com", "aud": "tableau", "sub": "ana", "jti": fmt.Sprint(made),
			"exp": time.Now().Add(time.Minute).Unix(), "scp": []string{"tableau:content:read"},
		})
		token.Header["kid"] = "k1"
		return token.SignedString(key)
	}
	s := w.signIn(rest.JWT{Source: source, Unified: true}, "east")
	w.fault(emulator.Fault{Path: "/sites/*/projects", EndSession: true, Call: 1})
	if _, err := projects(t.Context(), s); err != nil || made != 2 {
		t.Errorf("%v with %d tokens", err, made)
	}
	text, err := source(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.client().SignIn(t.Context(), rest.JWT{Token: text}, "acme") // it is a unified access token
	wantErr(t, err, rest.ErrAuthentication, "401001")
	s = w.signIn(rest.JWT{Token: text, Unified: true}, "acme")
	w.ClearFaults()
	w.fault(emulator.Fault{Path: "/sites/*/projects", EndSession: true, Call: 1})
	_, err = projects(t.Context(), s)
	wantErr(t, err, rest.ErrAuthentication, "good for one sign-in")
}

func impersonationStory(t *testing.T) {
	w := newTower(t)
	bob := w.signIn(rest.UserPassword{Name: "bob", Password: "secret"}, "acme").UserLUID()
	for _, credentials := range []rest.Credentials{
		rest.PersonalAccessToken{Name: "root", Secret: "token-secret"},
		rest.UserPassword{Name: "root", Password: "secret"},
	} {
		s := w.signIn(rest.Impersonation{Credentials: credentials, UserLUID: bob}, "acme")
		now, err := s.Current(t.Context())
		if err != nil || now.UserName != "bob" || s.UserLUID() != bob {
			t.Errorf("signed in as %+v, %v", now, err)
		}
		w.fault(emulator.Fault{Path: "/sites/*/projects", EndSession: true, Call: 1})
		if _, err := projects(t.Context(), s); err != nil {
			t.Error(err)
		}
		if now, err = s.Current(t.Context()); err != nil || now.UserName != "bob" {
			t.Errorf("signed in again as %+v, %v", now, err)
		}
	}
	_, err := w.client().SignIn(t.Context(), rest.Impersonation{Credentials: password, UserLUID: bob}, "acme")
	wantErr(t, err, rest.ErrAuthentication, "401001")
}

// Two clients stand for two processes: they end each other's sessions, and both soon say why.
func twoProcessesStory(t *testing.T) {
	w := newTower(t)
	here, there := w.signIn(token, "acme"), w.signIn(token, "east")
	var err error
	for i := 0; i < 10 && err == nil; i++ {
		if _, err = projects(t.Context(), here); err == nil {
			_, err = projects(t.Context(), there)
		}
	}
	wantErr(t, err, rest.ErrAuthentication, "another process may be using the same personal access token")
	if n := w.count("signin"); n > 6 {
		t.Errorf("%d sign-ins", n)
	}
	// One client does better: the later session has the token.
	c := w.client()
	first, err := c.SignIn(t.Context(), token, "acme")
	wantErr(t, err, nil, "")
	second, err := c.SignIn(t.Context(), token, "east")
	wantErr(t, err, nil, "")
	_, err = projects(t.Context(), first)
	wantErr(t, err, rest.ErrReplaced, "signed in again")
	_, err = projects(t.Context(), second)
	wantErr(t, err, nil, "")
}

func fiftyCallsStory(t *testing.T) {
	w := newTower(t)
	s := w.signIn(token, "acme")
	project, err := s.Projects.Create(t.Context(), rest.ProjectCreate{Name: "Finance"})
	if err != nil {
		t.Fatal(err)
	}
	publish := func(name string) (rest.Workbook, error) {
		return s.Workbooks.Publish(t.Context(), rest.WorkbookPublish{Name: name, ProjectLUID: project.LUID, Source: strings.NewReader(template)})
	}
	kept, err := publish("Kept")
	if err != nil {
		t.Fatal(err)
	}
	w.fault(emulator.Fault{Path: "/sites/*/*", EndSession: true, Call: 20})
	kinds := []func(i int) error{
		func(int) error { _, err := projects(t.Context(), s); return err },
		func(i int) error { _, err := publish(fmt.Sprint("Book ", i)); return err },
		func(int) error {
			var file bytes.Buffer
			_, err := s.Workbooks.Download(t.Context(), kept.LUID, &file, rest.DownloadOptions{})
			if err == nil && file.String() != template {
				err = fmt.Errorf("a file of %d bytes", file.Len())
			}
			return err
		},
		func(int) error { _, err := s.Workbooks.ByLUID(t.Context(), kept.LUID); return err },
		func(i int) error {
			_, err := s.Projects.Create(t.Context(), rest.ProjectCreate{Name: fmt.Sprint("Project ", i)})
			return err
		},
	}
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			if err := kinds[i%len(kinds)](i); err != nil {
				t.Errorf("call %d: %v", i, err)
			}
		})
	}
	group.Wait()
	if n := w.count("signin"); n != 2 {
		t.Errorf("%d sign-ins, want one more than the first", n)
	}
	names, err := projects(t.Context(), s)
	if made := slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, "Project ") }); err != nil || len(made) != 10 {
		t.Errorf("projects %v, %v", made, err)
	}
	books := 0
	for _, err := range s.Workbooks.All(t.Context(), rest.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		books++
	}
	if books != 11 {
		t.Errorf("%d workbooks, want 11", books)
	}
}

func lifetimeStory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTower(t, emulator.WithIdleLimit(10*time.Minute))
		s := w.signIn(token, "acme")
		if left := time.Until(s.ExpiresAt()); left <= 9*time.Minute || left > 10*time.Minute {
			t.Errorf("%v left", left)
		}
		for range 4 {
			time.Sleep(9*time.Minute + 30*time.Second)
			if _, err := projects(t.Context(), s); err != nil {
				t.Error(err)
			}
		}
		refused := slices.DeleteFunc(w.Requests(), func(r emulator.Request) bool { return r.Status < 400 })
		if n := w.count("signin"); n != 5 || len(refused) > 0 {
			t.Errorf("%d sign-ins, want 5; refused: %v", n, refused)
		}
	})
}

func signOutStory(t *testing.T) {
	w := newTower(t)
	s := w.signIn(password, "acme")
	id := current(t, s).ID
	if err := s.SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := projects(t.Context(), s)
	wantErr(t, err, rest.ErrSignedOut, "")
	root := w.signIn(rest.UserPassword{Name: "root", Password: "secret"}, "")
	wantErr(t, root.EndSession(t.Context(), id), rest.ErrNotFound, id) // there is none to end
}

func current(t *testing.T, s *rest.Session) rest.SessionInfo {
	t.Helper()
	info, err := s.Current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func switchSiteStory(t *testing.T) {
	w := newTower(t)
	for name, credentials := range map[string]rest.Credentials{"password": password, "token": token} {
		acme := w.signIn(credentials, "acme")
		east, err := acme.SwitchSite(t.Context(), "east")
		if err != nil {
			t.Fatal(err)
		}
		if now := current(t, east); now.SiteContentURL != "east" || now.SiteLUID != east.SiteLUID() || now.UserName != "ana" ||
			east.SiteLUID() == acme.SiteLUID() || east.ExpiresAt().IsZero() {
			t.Errorf("%s: switched to %+v", name, now)
		}
		if _, err := east.Projects.Create(t.Context(), rest.ProjectCreate{Name: name}); err != nil {
			t.Error(err)
		}
		_, err = projects(t.Context(), acme)
		wantErr(t, err, rest.ErrReplaced, `switched to site "east"`)
		same, err := east.SwitchSite(t.Context(), "east")
		if err != nil || same != east {
			t.Errorf("switched to the same site: %v, %v", same, err)
		}
		_, err = east.SwitchSite(t.Context(), "nowhere")
		wantErr(t, err, rest.ErrAuthentication, `switching from site "east" to site "nowhere"`)

		w.ClearFaults()
		w.fault(emulator.Fault{Path: "/sites/*/projects", EndSession: true, Call: 1})
		if names, err := projects(t.Context(), east); err != nil || !slices.Contains(names, name) {
			t.Errorf("%s: after a renewal, projects %v, %v", name, names, err)
		}
		home, err := east.SwitchSite(t.Context(), "")
		if err != nil || home.SiteContentURL() != "" || current(t, home).SiteContentURL != "" {
			t.Errorf("%s: switched to the Default site: %v, %v", name, home, err)
		}
		wantErr(t, home.SignOut(t.Context()), nil, "")
	}
	old, err := w.client(rest.WithVersion("2.5")).SignIn(t.Context(), password, "acme")
	wantErr(t, err, nil, "")
	_, err = old.SwitchSite(t.Context(), "east")
	if _, refused := errors.AsType[*rest.VersionError](err); !refused {
		t.Errorf("at API 2.5: %v", err)
	}
}

// The answer to a switch is lost, and with it the new token: the session is on the other site all the same.
func lostSwitchStory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTower(t)
		for _, credentials := range []rest.Credentials{password, token} {
			s := w.signIn(credentials, "acme")
			w.ClearFaults()
			w.fault(emulator.Fault{Path: "/auth/switchSite", Stage: emulator.AfterCommit, Call: 1})
			east, err := s.SwitchSite(t.Context(), "east")
			if err != nil || current(t, east).SiteContentURL != "east" {
				t.Errorf("%v, %v", east, err)
			}
		}
	})
}

func versionStory(t *testing.T) {
	ctx := t.Context()
	for server, want := range map[string]rest.Version{"3.29": {Major: 3, Minor: 29}, "3.9": {Major: 3, Minor: 9}, "2.4": {Major: 2, Minor: 4}} {
		w := newTower(t, emulator.WithVersion(server))
		info, err := w.client().ServerInfo(ctx)
		if err != nil || info.RESTVersion != want || info.ProductVersion == "" || info.Build == "" {
			t.Errorf("API %s: %+v, %v", server, info, err)
		}
		if s := w.signIn(password, "acme"); s.Version() != want {
			t.Errorf("API %s: the session speaks %s", server, s.Version())
		}
	}
	w := newTower(t, emulator.WithVersion("2.3"))
	_, err := w.client().SignIn(ctx, password, "acme")
	if _, old := errors.AsType[*rest.VersionError](err); !old || !strings.Contains(err.Error(), "give its version with WithVersion") {
		t.Errorf("a server before API 2.4: %v", err)
	}
	s, err := w.client(rest.WithVersion("2.3")).SignIn(ctx, password, "acme")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := projects(ctx, s); err != nil || w.count("serverinfo") != 1 {
		t.Errorf("with a version given: %v after %d questions for the version", err, w.count("serverinfo"))
	}
	_, err = w.client(rest.WithVersion("3.29")).SignIn(ctx, password, "acme")
	wantErr(t, err, rest.ErrNotFound, "the server does not speak API 3.29")
}

func sessionsStory(t *testing.T) {
	w := newTower(t)
	root := w.signIn(rest.PersonalAccessToken{Name: "root", Secret: "token-secret"}, "acme")
	ana := w.signIn(password, "acme")
	session := current(t, ana)
	if session.SiteName != "Acme" || session.SiteRole != "SiteAdministratorCreator" || session.UserLUID != ana.UserLUID() {
		t.Errorf("the session is %+v", session)
	}
	wantErr(t, ana.EndSession(t.Context(), session.ID), rest.ErrForbidden, "")
	wantErr(t, root.EndSession(t.Context(), session.ID), nil, "")
	if again := current(t, ana); again.ID == session.ID { // it signs in again by itself
		t.Error("the session goes on")
	}
	wantErr(t, ana.RevokeAdministratorTokens(t.Context()), rest.ErrForbidden, "")
	wantErr(t, root.RevokeAdministratorTokens(t.Context()), nil, "")
	_, err := projects(t.Context(), root)
	wantErr(t, err, rest.ErrAuthentication, "401001")
	w.signIn(token, "acme") // that of somebody else is left
}
