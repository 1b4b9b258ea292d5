package emulator

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const ci = `personalAccessTokenName="ci" personalAccessTokenSecret="k1==:secret"`

// trySignIn signs in and returns the answer.
func (w *world) trySignIn(credentials, site string) *answer {
	w.t.Helper()
	return w.send("POST /api/3.29/auth/signin HTTP/1.1\n\n" +
		`<tsRequest><credentials ` + credentials + `><site contentUrl="` + site + `" /></credentials></tsRequest>`)
}

// A personal access token ends when nobody signs in with it for 15 days, and at its own end.
func TestTokenLifetime(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	w := newWorld(t, WithTokenLifetime(20*day))
	w.clock.advance(15*day - time.Second)
	w.signIn(ci, "")
	w.clock.advance(5 * day) // used since, but its time is over
	w.clock.advance(time.Second)
	w.trySignIn(ci, "").wantError(401001, "")

	w = newWorld(t)
	w.clock.advance(15 * day)
	w.trySignIn(ci, "").wantError(401001, "")

	w = newWorld(t)
	for range 26 {
		w.clock.advance(14 * day)
		w.signIn(ci, "")
	}
	w.clock.advance(day + time.Hour) // a year has passed
	w.trySignIn(ci, "").wantError(401001, "")
}

// Two tokens have two sessions; switching the site takes the session of the token along.
func TestTokenSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WithToken("other", "s", "admin"))
	first := w.signIn(ci, "")
	w.signIn(`personalAccessTokenName="other" personalAccessTokenSecret="s"`, "")
	w.get("projects").wantStatus(200)
	w.token = first
	w.get("projects").wantStatus(200)
	a := w.change("POST /api/3.29/auth/switchSite", `<site contentUrl="finance"/>`).wantStatus(200)
	switched := string(tokenInAnswer.FindSubmatch(a.raw)[1])
	w.signIn(ci, "") // ends the one that was switched
	w.token = switched
	w.send("GET /api/3.29/sites/FINANCE HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantError(401002, "")
}

func TestRevokeAdministratorTokens(t *testing.T) {
	t.Parallel()
	for _, request := range []string{"DELETE /api/3.29/auth/serverAdminAccessTokens", "POST /api/3.29/auth/revokeAllServerAdminTokens"} {
		w := newWorld(t, WithToken("hers", "s", "ana"))
		hers := `personalAccessTokenName="hers" personalAccessTokenSecret="s"`
		w.signIn(hers, "")
		w.send(request+tscXML).wantError(403004, "#ANA")
		w.signIn(ci, "")
		w.send(request + tscXML).wantStatus(204)
		w.get("projects").wantError(401002, "")
		w.trySignIn(ci, "").wantError(401001, "")
		w.signIn(hers, "")
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.signIn(`name="ana" password="secret"`, "")
	a := w.send("GET /api/3.29/sessions/current HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(200).
		wantIn(`<session id="`, `<site id="#SITE" name="Default" contentUrl=""`, `<user id="#ANA" name="ana" fullName="ana"`)
	if strings.Contains(string(a.raw), w.token) {
		t.Error("the token is told")
	}
	_, id, _ := strings.Cut(string(a.raw), `<session id="`)
	id, _, _ = strings.Cut(id, `"`)
	hers := w.token
	end := "DELETE /api/3.29/sessions/" + id + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n"
	w.send(end).wantError(403004, "#ANA")
	w.signIn(admin, "")
	w.send(end).wantStatus(204)
	w.send(end).wantError(404029, id)
	w.token = hers
	w.get("projects").wantError(401002, "")
}

func TestSwitchSiteRefused(t *testing.T) {
	t.Parallel()
	w := start(t, WithUser("bob", "pw", "Viewer", ""))
	w.change("POST /api/3.29/auth/switchSite", ``).wantError(400000, "site")
	w.change("POST /api/3.29/auth/switchSite", `<site/>`).wantError(403070, "#SITE")
	w.signIn(`name="bob" password="pw"`, "")
	w.change("POST /api/3.29/auth/switchSite", `<site contentUrl="finance"/>`).wantError(401001, "") // he is not on it
	w.get("projects").wantStatus(200)
}

// Who signs out while a request is still being sent is not answered: the caller is known as of when it is done.
func TestSessionThatEndsMeanwhile(t *testing.T) {
	t.Parallel()
	w := start(t)
	body, sending := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), "POST", URL+"/api/3.29/sites/"+w.site+"/projects", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Tableau-Auth", w.token)
	answered := make(chan *http.Response, 1)
	go func() {
		resp, err := w.client().Do(r)
		if err != nil {
			t.Error(err)
		}
		answered <- resp
	}()
	io.WriteString(sending, `<tsRequest><project name="Late"`)
	w.send("POST /api/3.29/auth/signout HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
	io.WriteString(sending, `/></tsRequest>`)
	sending.Close()
	if resp := <-answered; resp != nil {
		resp.Body.Close()
		if resp.StatusCode != 401 {
			t.Errorf("status %d", resp.StatusCode)
		}
	}
	if n := w.of("").projects.Len(); n != 1 {
		t.Errorf("%d projects", n)
	}
}

// What is noted of sessions that are over is forgotten, if not at once, and of others it is not.
func TestSessionsLeaveNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stays := w.signIn(admin, "")
	for range 3 * fewRecords {
		w.signIn(admin, "")
		w.send("POST /api/3.29/auth/signout HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
	}
	if n := len(w.server.used); n > fewRecords+1 {
		t.Errorf("%d sessions are remembered", n)
	}
	w.token = stays
	w.get("projects").wantStatus(200)
}
