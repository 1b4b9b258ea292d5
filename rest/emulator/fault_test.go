package emulator

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	slowDown := Refusal(429000, "Too many requests.")
	slowDown.Header = map[string]string{"Retry-After": "7"}
	w := start(t,
		WithFault(Fault{Method: "get", Path: "/sites/*/projects", Call: 2, Answer: slowDown}),
		WithFault(Fault{Method: "POST", Path: "/sites/*/Workbooks", Call: 1, Stage: AfterCommit, Answer: &Answer{Status: 404, Body: "404 page not found"}}),
		WithFault(Fault{Path: "/sites/*/datasources", Answer: Refusal(503000, "Down.")}))

	w.get("projects").wantStatus(200)
	if a := w.get("projects"); a.header.Get("Retry-After") != "7" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	} else {
		a.want(429, `<error code="429000"><summary>Too Many Requests</summary><detail>Too many requests.</detail></error>`)
	}
	w.get("projects").wantStatus(200)
	w.get("datasources").wantError(503000, "Down.")
	w.get("datasources").wantError(503000, "Down.")
	w.get("workbooks").wantIn(`totalAvailable="0"`)

	resp, err := w.client().Do(w.publishRequest())
	if err != nil || resp.StatusCode != 404 {
		t.Fatalf("%v, %v, want the fault's 404", resp, err)
	}
	w.get("workbooks").wantIn(`totalAvailable="1"`) // it was published all the same
}

// A cut connection is an error of the transport: before the server did anything, and after.
func TestCutConnection(t *testing.T) {
	t.Parallel()
	for stage, published := range map[Stage]string{BeforeHandler: `totalAvailable="0"`, AfterCommit: `totalAvailable="1"`} {
		w := start(t, WithFault(Fault{Method: "POST", Path: "/sites/*/workbooks", Stage: stage}))
		if resp, err := w.client().Do(w.publishRequest()); err == nil {
			t.Errorf("status %d, want an error", resp.StatusCode)
		}
		w.get("workbooks").wantIn(published)
	}
}

// A client that sends its whole body before it reads gets the refusal, although the server looked at none of the body.
func TestBodyIsReadBeforeRefusal(t *testing.T) {
	t.Parallel()
	w := start(t, WithFault(Fault{Path: "/busy", Answer: Refusal(503000, "Busy.")}))
	w.server.Transport()
	for path, status := range map[string]int{"/api/3.29/nothing": 404, "/api/3.29/busy": 503} {
		conn, err := w.server.pipe.dial(t.Context(), "tcp", "tableau.localhost:80")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		head := crlf("POST " + path + " HTTP/1.1\nHost: tableau.localhost\nContent-Length: 1000000\n\n")
		if _, err := conn.Write(append([]byte(head), make([]byte, 1000000)...)); err != nil {
			t.Fatalf("%s: sending the body: %v", path, err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != status {
			t.Errorf("%s: %v, %v, want %d", path, resp, err, status)
		}
	}
}

func (w *world) client() *http.Client { return &http.Client{Transport: w.server.Transport()} }

// publishRequest is a publish through net/http.
func (w *world) publishRequest() *http.Request {
	w.t.Helper()
	body := tsc(`<tsRequest><workbook name="Sales"/></tsRequest>`, "tableau_workbook", "a.twb", salesTWB)
	r, err := http.NewRequestWithContext(w.t.Context(), "POST", URL+"/api/3.29/sites/"+w.site+"/workbooks", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("X-Tableau-Auth", w.token)
	r.Header.Set("Content-Type", "multipart/mixed; boundary=5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a")
	return r
}

func TestTransport(t *testing.T) {
	t.Parallel()
	server, err := New(WithOpen())
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: server.Transport()}
	get := func(url string) (string, error) {
		resp, err := client.Get(url)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return string(body), err
	}
	if body, err := get(URL + "/api/2.4/serverinfo"); err != nil || !strings.Contains(body, "<restApiVersion>3.29<") {
		t.Errorf("%q, %v", body, err)
	}
	for _, url := range []string{"http://tableau.example.com/", "http://tableau.localhost:8080/", "https://tableau.localhost/"} {
		if _, err := get(url); err == nil || !strings.Contains(err.Error(), "the emulator is not") {
			t.Errorf("%s: %v", url, err)
		}
	}
	if err := errors.Join(server.Close(), server.Close()); err != nil {
		t.Error(err)
	}
	if _, err := get(URL + "/api/2.4/serverinfo"); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("after Close: %v", err)
	}
}

// The transport can be used where time is made up: nothing of it waits on the outside.
func TestTransportInBubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, err := New(WithOpen())
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		resp, err := (&http.Client{Transport: server.Transport()}).Get(URL + "/api/2.4/serverinfo")
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		synctest.Wait()
	})
}
