package emulator

import (
	"net/http/httptest"
	"testing"
	"time"
)

// handle has the server of a world answer a request that reaches it over no connection.
func (w *world) handle(method, path string) (status int, body string) {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("X-Tableau-Auth", w.token)
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, r)
	return answer.Code, answer.Body.String()
}

// fork returns a world that begins with what another one has now.
func (w *world) fork(opts ...Option) *world {
	w.t.Helper()
	snapshot, err := w.server.Snapshot()
	if err != nil {
		w.t.Fatal(err)
	}
	other := *w
	other.ids, other.clock = new(ids), &clock{now: w.clock.Now()}
	other.ids.last.Store(w.ids.last.Load())
	other.server, err = New(append(opts, WithClock(other.clock.Now), WithIDs(other.ids.next), WithSnapshot(snapshot))...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { other.server.Close() })
	return &other
}

// What is done on one fork of a world is seen neither on the other ones nor on the one they are of, and each has what was
// there when it was made: content, uploads, jobs and sessions.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]Option{"memory": nil, "folder": {WithState(t.TempDir())}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, append(opts, WithJobTime(time.Minute))...)
			w.initiate()
			w.block("", salesTWB).wantStatus(200)
			w.publish("workbook", "asJob=true", `name="Later"`, ``, "a.twb", publishedTWB).wantStatus(202)
			w.publish("workbook", "", `name="Map"`, ``, "a.twb", salesTWB).wantStatus(201)
			one, other := w.fork(), w.fork(WithSite("sales", "Sales"))

			one.commit("&workbookType=twb").wantStatus(201).wantIn(`name="Sales"`)
			one.send("DELETE S/workbooks/LUID3 HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
			for _, untouched := range []*world{w, other} {
				untouched.get("workbooks").wantIn(`totalAvailable="1"`, `name="Map"`)
				untouched.wantContent("workbooks/LUID3/content", salesTWB)
			}
			one.get("workbooks").wantIn(`totalAvailable="1"`, `name="Sales"`)

			other.clock.advance(time.Minute)
			other.get("jobs/LUID2").wantIn(`finishCode="1"`, "Orders")
			w.get("jobs/LUID2").wantIn(`progress="0"`, `finishCode="1"`)
			if w.of("sales") != nil || other.of("sales") == nil {
				t.Error("the site of one fork is on the wrong server")
			}
			other.commit("&workbookType=twb").wantStatus(201)
			w.commit("&workbookType=twb").wantStatus(201)
		})
	}
}
