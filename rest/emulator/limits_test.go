package emulator

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A body that is too large is refused with 413, whatever it is and however it comes.
func TestBodiesAreLimited(t *testing.T) {
	t.Parallel()
	w := start(t, WithRequestLimit(100_000))
	blank := strings.Repeat(" ", maxPayload)
	const bodyOf = "POST S/projects HTTP/1.1\nX-Tableau-Auth: TOKEN\n"
	w.send(bodyOf+"\n<tsRequest>"+blank+"</tsRequest>").wantError(413000, fmt.Sprint(maxPayload))
	w.send(bodyOf+"\n{"+blank+"}").wantError(413000, fmt.Sprint(maxPayload))
	w.send(bodyOf+"Transfer-Encoding: chunked\n\n"+crlf(fmt.Sprintf("%x\n%s\n0\n\n", maxPayload+1, blank+" "))).wantError(413000, fmt.Sprint(maxPayload))
	w.send(bodyOf+"\n<tsRequest>"+strings.Repeat("<a/>", maxNodes)+"</tsRequest>").wantError(400000, fmt.Sprint(maxNodes))
	w.send("POST S/nothing"+askXML+blank).wantError(404003, "")
	w.sendBytes("POST S/workbooks"+tscHead, []byte(tsc(blank+" ", "tableau_workbook", "a.twb", "x"))).wantError(413000, fmt.Sprint(maxPayload))
	w.publish("workbook", "", `name="Sales"`, "", "a.twb", strings.Repeat("x", 100_001)).wantError(413000, "100000")
	w.get("workbooks").wantIn(`totalAvailable="0"`)
	if size := w.server.store.Size(); size != 0 {
		t.Errorf("%d bytes are kept", size)
	}
}

// All files together have a limit, and what is deleted makes room again.
func TestStorageIsLimited(t *testing.T) {
	t.Parallel()
	w := start(t, WithStorageLimit(int64(len(salesTWB))+100))
	w.publish("workbook", "", `name="Sales"`, "", "a.twb", salesTWB).wantStatus(201)
	w.publish("workbook", "", `name="More"`, "", "a.twb", salesTWB).wantStatus(403).wantError(403008, "no room")
	session := tokenIn(w.send("POST S/fileUploads" + askXML).wantStatus(201))
	put := "PUT S/fileUploads/" + session + tscHead
	w.sendBytes(put, []byte(tsc("", "tableau_file", "file", strings.Repeat("x", 101)))).wantError(403008, "no room")
	w.sendBytes(put, []byte(tsc("", "tableau_file", "file", strings.Repeat("x", 100)))).wantStatus(200)
	w.sendBytes(put, []byte(tsc("", "tableau_file", "file", "x"))).wantError(403008, "no room")
	w.clock.advance(2 * time.Hour) // the upload is given up
	w.send("DELETE S/workbooks/LUID1" + askXML).wantStatus(204)
	w.publish("workbook", "", `name="More"`, "", "a.twb", salesTWB).wantStatus(201)
}

func TestSessionsAreLimited(t *testing.T) {
	t.Parallel()
	w := start(t, WithSessionLimit(2))
	signIn := func(credentials, site string) *answer {
		return w.send("POST /api/3.29/auth/signin HTTP/1.1\n\n<tsRequest><credentials " + credentials + `><site contentUrl="` + site + `"/></credentials></tsRequest>`)
	}
	const ana = `name="ana" password="secret"`
	signIn(ana, "").wantStatus(200)
	signIn(ana, "").wantStatus(200)
	signIn(ana, "").wantStatus(429).wantError(429000, w.shorten("ANA"))
	signIn(ana, "finance").wantStatus(200) // another site
	for range 3 {
		signIn(`personalAccessTokenName="ci" personalAccessTokenSecret="k1==:secret"`, "").wantStatus(200) // ends its own
	}
	w.clock.advance(5 * time.Hour)
	signIn(ana, "").wantStatus(200)
}

// A request too many is refused at once, and those that are answered do not notice.
func TestConcurrencyIsLimited(t *testing.T) {
	t.Parallel()
	w := start(t, WithConcurrency(1))
	body, end := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), "POST", URL+w.expand(" S/projects")[1:], body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Tableau-Auth", w.token)
	type result struct {
		resp *http.Response
		err  error
	}
	done := make(chan result)
	go func() {
		resp, err := w.client().Do(request)
		done <- result{resp, err}
	}()
	if _, err := io.WriteString(end, "<tsRequest>"); err != nil { // read: the request is being answered
		t.Fatal(err)
	}
	for w.server.active.Load() == 0 {
		runtime.Gosched()
	}
	if a := w.get("projects").wantStatus(429); a.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	io.WriteString(end, `<project name="North"/></tsRequest>`)
	end.Close()
	if r := <-done; r.err != nil || r.resp.StatusCode != 201 {
		t.Errorf("%+v, %v", r.resp, r.err)
	}
	w.get("projects").wantStatus(200)
}

func TestLimitsRefused(t *testing.T) {
	t.Parallel()
	_, err := New(WithOpen(), WithStorageLimit(0), WithSessionLimit(-1), WithConcurrency(0))
	for _, want := range []string{"storage limit", "session limit", "concurrency"} {
		if err == nil || !strings.Contains(err.Error(), want+" must be more than 0") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
