package emulator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// kept starts a world whose state is in a folder.
func kept(t *testing.T, opts ...Option) (w *world, dir string) {
	t.Helper()
	dir = t.TempDir()
	return start(t, append(opts, WithState(dir))...), dir
}

// restart closes the server of a world and starts another one of the same folder, with these options alone.
func (w *world) restart(dir string, opts ...Option) {
	w.t.Helper()
	if err := w.server.Close(); err != nil {
		w.t.Fatal(err)
	}
	s, err := New(append([]Option{WithClock(w.clock.Now), WithIDs(w.ids.next), WithState(dir)}, opts...)...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { s.Close() })
	w.server = s
}

// What is on a server is on the next one of the same folder, and those who were signed in still are.
func TestStateStays(t *testing.T) {
	t.Parallel()
	w, dir := kept(t)
	w.publish("workbook", "", `name="Sales" showTabs="true"`, ``, "a.twb", salesTWB).wantStatus(201)
	w.send("PUT S/workbooks/LUID1/tags HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n<tsRequest><tags><tag label=\"one\"/></tags></tsRequest>").wantStatus(200)
	before := []string{w.get("workbooks").body, w.get("views?fields=_all_").body, w.get("projects").body, w.get("users").body}
	w.restart(dir)
	after := []string{w.get("workbooks").body, w.get("views?fields=_all_").body, w.get("projects").body, w.get("users").body}
	for i := range before {
		if before[i] != after[i] || !strings.Contains(after[i], "#") {
			t.Errorf("after the restart\n got %s\nwant %s", after[i], before[i])
		}
	}
	w.wantContent("workbooks/LUID1/content", salesTWB)
	w.clock.advance(240 * time.Minute)
	w.get("workbooks").wantError(401002, "expired")
	w.signIn(`name="ana" password="secret"`, "")
}

// A token is good for the idle limit after a restart, whenever it was used before.
func TestStateIdleSessions(t *testing.T) {
	t.Parallel()
	w, dir := kept(t)
	w.clock.advance(239 * time.Minute)
	w.restart(dir)
	w.clock.advance(239 * time.Minute)
	w.get("workbooks").wantStatus(200)
}

// An upload in blocks that was begun before a restart goes on and is committed after it.
func TestStateUpload(t *testing.T) {
	t.Parallel()
	w, dir := kept(t)
	w.initiate()
	w.block("?sequenceID=2", salesTWB[500:]).wantStatus(200)
	w.restart(dir)
	w.commit("&workbookType=twb").wantError(400000, "block 1")
	w.block("?sequenceID=1", salesTWB[:500]).wantStatus(200)
	w.restart(dir)
	w.commit("&workbookType=twb").wantStatus(201)
	w.restart(dir)
	w.wantContent("workbooks/LUID2/content", salesTWB)
	w.commit("&workbookType=twb").wantError(404015, uploadID)
}

// A job that was not done before a restart does its work after it, when its time comes.
func TestStateJob(t *testing.T) {
	t.Parallel()
	w, dir := kept(t, WithJobTime(time.Minute))
	w.publish("workbook", "asJob=true", `name="Sales"`, ``, "a.twb", salesTWB).wantStatus(202)
	w.restart(dir)
	w.clock.advance(time.Second)
	w.get("jobs/LUID1").wantIn(`progress="1"`)
	w.get("workbooks").wantIn(`totalAvailable="0"`)
	w.restart(dir)
	w.clock.advance(time.Minute)
	w.get("jobs/LUID1").wantIn(`progress="100" `, `finishCode="0"`)
	w.wantContent("workbooks/LUID2/content", salesTWB)
}

// The options are asked again of each server of a folder: what they say of users and tokens holds, everything else is as
// it was left.
func TestStateOptions(t *testing.T) {
	t.Parallel()
	w, dir := kept(t, WithConnectedApp("finance", "app", "key", "old"))
	project := func(method, path, attributes string) *answer {
		return w.send(method + " S/" + path + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n<tsRequest><project " + attributes + "/></tsRequest>")
	}
	project("POST", "projects", `name="Reports"`).wantStatus(201)
	w.send("PUT S/users/ANA HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n<tsRequest><user fullName=\"Ana López\" siteRole=\"Viewer\"/></tsRequest>").wantStatus(200)
	world := []Option{
		WithUser("admin", "p@ss&<w>", "ServerAdministrator"), WithUser("ana", "changed", "Explorer"), WithUser("bea", "new", "Viewer", "finance"),
		WithToken("ci", "changed", "admin"), WithSite("finance", "Finance"), WithSite("sales", "Sales"),
		WithConnectedApp("finance", "app", "key", "new"),
	}
	for range 2 {
		w.restart(dir, world...)
		w.get("projects").wantIn(`totalAvailable="2"`, `name="Reports"`)
		w.get("users/ANA").wantIn(`fullName="Ana López"`, `siteRole="Explorer"`)
		w.get("users").wantIn(`totalAvailable="2"`)
		w.send("GET /api/3.29/sites HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantIn(`totalAvailable="3"`, `contentUrl="sales"`)
		if apps := w.of("finance").connectedApps.All(); len(apps) != 1 || len(apps[0].Secrets) != 1 || apps[0].Secrets[0].Value != "new" {
			t.Errorf("connected apps %+v", apps)
		}
		signIn := func(credentials, site string) *answer {
			return w.send("POST /api/3.29/auth/signin HTTP/1.1\n\n<tsRequest><credentials " + credentials + `><site contentUrl="` + site + `"/></credentials></tsRequest>`)
		}
		signIn(`name="ana" password="secret"`, "").wantError(401001, "")
		signIn(`name="ana" password="changed"`, "sales").wantStatus(200)
		signIn(`name="bea" password="new"`, "").wantError(401001, "")
		signIn(`name="bea" password="new"`, "finance").wantStatus(200)
		signIn(`personalAccessTokenName="ci" personalAccessTokenSecret="k1==:secret"`, "").wantError(401001, "")
		signIn(`personalAccessTokenName="ci" personalAccessTokenSecret="changed"`, "").wantStatus(200)
	}
	if n := w.server.pats.Len(); n != 1 {
		t.Errorf("%d tokens", n)
	}
}

// A token of the options that nobody used for too long can be used after a restart.
func TestStateRenewsTokens(t *testing.T) {
	t.Parallel()
	w, dir := kept(t)
	const ci = `personalAccessTokenName="ci" personalAccessTokenSecret="k1==:secret"`
	w.clock.advance(unusedLimit)
	w.send("POST /api/3.29/auth/signin HTTP/1.1\n\n<tsRequest><credentials "+ci+`><site contentUrl=""/></credentials></tsRequest>`).wantError(401001, "")
	w.restart(dir, WithUser("admin", "p@ss&<w>", "ServerAdministrator"), WithToken("ci", "k1==:secret", "admin"))
	w.signIn(ci, "")
}

func TestStateRefused(t *testing.T) {
	t.Parallel()
	w, dir := kept(t)
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	snapshot, err := w.server.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	refused := func(want string, opts ...Option) {
		t.Helper()
		if s, err := New(opts...); s != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New = %v, want %q", err, want)
		}
	}
	refused("another process has it open", WithState(dir))
	refused("notes.txt", WithOpen(), WithState(foreign))
	refused("no name", WithState(""))
	refused("nobody can sign in", WithState(t.TempDir()))
	refused("of no server", WithOpen(), WithSnapshot(Snapshot{}))
	refused("give one of them", WithSnapshot(snapshot), WithState(t.TempDir()))

	w.server.Close()
	db, err := bbolt.Open(filepath.Join(dir, "state.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		rows := tx.Bucket([]byte("tables/sites/" + w.site + "/projects"))
		key, _ := rows.Cursor().First()
		return rows.Put(key, []byte(`{"Colour":"red"}`))
	})
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	for range 2 { // the folder is let go of
		refused(`unknown field "Colour"`, WithState(dir))
	}
}

// A server that was closed refuses, whatever it is asked.
func TestClosed(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]Option{"memory": nil, "folder": {WithState(t.TempDir())}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, opts...)
			w.publish("workbook", "", `name="Sales"`, ``, "a.twb", salesTWB).wantStatus(201)
			for range 2 {
				if err := w.server.Close(); err != nil {
					t.Fatal(err)
				}
			}
			for _, request := range []string{
				"GET /api/3.29/sites/SITE/workbooks", "GET /api/3.29/sites/SITE/workbooks/LUID1/content",
				"DELETE /api/3.29/sites/SITE/workbooks/LUID1", "POST /api/3.29/auth/signin",
			} {
				method, path, _ := strings.Cut(w.expand(request), " ")
				if status, body := w.handle(method, path); status != 503 || !strings.Contains(body, `code="503000"`) {
					t.Errorf("%s: %d %s", request, status, body)
				}
			}
			if _, err := w.server.StepJobs(); err == nil {
				t.Error("jobs went on")
			}
		})
	}
}
