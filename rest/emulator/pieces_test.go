package emulator

import (
	"bytes"
	"net/http/httptest"
	"testing"
	"time"
)

// What was uploaded goes with the last record that has it: the session that is committed, the job that publishes it, the
// workbook it became.
func TestPiecesGo(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"", "&asJob=true"} {
		w := start(t, WithJobTime(time.Minute))
		w.initiate()
		w.block("", salesTWB[:500]).wantStatus(200)
		w.block("", salesTWB[500:]).wantStatus(200)
		pieces, err := w.server.uploads.Get(uploadID).file()
		if err != nil {
			t.Fatal(err)
		}
		w.commit("&workbookType=twb" + query)
		w.clock.advance(time.Hour)
		w.get("workbooks").wantIn(`totalAvailable="1"`)
		workbook := w.of("").workbooks.All()[0].LUID
		w.wantContent("workbooks/"+workbook+"/content", salesTWB)
		w.send("DELETE S/workbooks/" + workbook + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
		for i := range pieces {
			if r, err := w.server.store.OpenBlob(pieces[i : i+1]); err == nil {
				r.Close()
				t.Errorf("with %q: block %d is still there", query, i+1)
			}
		}
	}
}

// A block sent again while the upload is being published is not mixed into what was read: the publish is refused and the
// upload stays.
func TestBlockAgainWhilePublishing(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.initiate()
	w.block("?sequenceID=1", salesTWB).wantStatus(200)
	r := httptest.NewRequest("POST", "/api/3.29/sites/"+w.site+"/workbooks?workbookType=twb&uploadSessionId="+uploadID,
		bytes.NewReader(payloadOnly(`<tsRequest><workbook name="Sales"/></tsRequest>`)))
	r.Header.Set("Content-Type", "multipart/mixed; boundary=5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a")
	r.Header.Set("X-Tableau-Auth", w.token)
	c := &call{server: w.server, request: r, query: parseQuery(r.URL.RawQuery)}
	op, err := w.server.route(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.server.locked(c, op.authenticate); err != nil {
		t.Fatal(err)
	}
	if err := op.read(c); err != nil {
		t.Fatal(err)
	}
	w.block("?sequenceID=1", salesTWB+" ").wantStatus(200)
	err = w.server.locked(c, func(c *call) error {
		_, err := op.do(c)
		return err
	})
	if got := refusalOf(err); got.code != codePublish {
		t.Errorf("the publish: %v", err)
	}
	w.commit("&workbookType=twb").wantStatus(201)
}
