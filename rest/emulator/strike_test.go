package emulator

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// raw sends a request on a connection that is to be closed, and returns all that comes back.
func (w *world) raw(head, body string) string {
	w.t.Helper()
	w.server.Transport()
	conn, err := w.server.pipe.dial(w.t.Context(), "tcp", "tableau.localhost:80")
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	head = w.expand(strings.TrimRight(head, "\n")) + fmt.Sprintf("\nHost: tableau.localhost\nConnection: close\nContent-Length: %d\n\n", len(body))
	go io.WriteString(conn, crlf(head)+body) // fails where the connection is cut
	answer, _ := io.ReadAll(conn)
	return string(answer)
}

// garbled asks for the projects with something done to the answer.
func garbled(t *testing.T, g Garble) (head, body string) {
	t.Helper()
	w := start(t, WithFault(Fault{Path: "/sites/*/projects", Garble: &g}))
	head, body, _ = strings.Cut(w.raw("GET S/projects HTTP/1.1\nX-Tableau-Auth: TOKEN\n", ""), "\r\n\r\n")
	return head, body
}

func TestGarbledAnswers(t *testing.T) {
	t.Parallel()
	plainHead, plain := garbled(t, Garble{Pause: 1})
	length := fmt.Sprintf("Content-Length: %d", len(plain))
	if !strings.HasPrefix(plain, xmlHead) || !strings.HasSuffix(plain, xmlTail) || !strings.Contains(plainHead, length) {
		t.Fatalf("%s\n%s", plainHead, plain)
	}
	wantCut := func(t *testing.T, head, body string) {
		if !strings.Contains(head, length) || body != plain[:100] {
			t.Errorf("%s\n%s", head, body)
		}
	}
	t.Run("cut in the middle", func(t *testing.T) {
		t.Parallel()
		head, body := garbled(t, Garble{Bytes: 100})
		wantCut(t, head, body)
	})
	t.Run("cut at a length that seems right", func(t *testing.T) {
		t.Parallel()
		head, body := garbled(t, Garble{Bytes: 100, Short: true})
		if !strings.Contains(head, "Content-Length: 100\r\n") || body != plain[:100] {
			t.Errorf("%s\n%s", head, body)
		}
	})
	t.Run("gzip", func(t *testing.T) {
		t.Parallel()
		head, body := garbled(t, Garble{Gzip: true, HTTP10: true}) // of HTTP/1.0, so that it is not chunked
		r, err := gzip.NewReader(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(r)
		if err != nil || string(unpacked) != plain || !strings.Contains(head, "content-encoding: gzip") {
			t.Errorf("%v, %s\n%s", err, head, unpacked)
		}
	})
	t.Run("HTTP/1.0", func(t *testing.T) {
		t.Parallel()
		head, body := garbled(t, Garble{HTTP10: true})
		if !strings.HasPrefix(head, "HTTP/1.0 200 OK\r\n") || !strings.Contains(head, "content-type: application/xml") || body != plain {
			t.Errorf("%s\n%s", head, body)
		}
	})
	t.Run("HTTP/1.0, cut", func(t *testing.T) {
		t.Parallel()
		head, body := garbled(t, Garble{HTTP10: true, Bytes: 100})
		if !strings.HasPrefix(head, "HTTP/1.0") || body != plain[:100] {
			t.Errorf("%s\n%s", head, body)
		}
	})
	t.Run("no declaration", func(t *testing.T) {
		t.Parallel()
		if _, body := garbled(t, Garble{NoDeclaration: true}); body != strings.TrimPrefix(plain, `<?xml version="1.0" encoding="UTF-8"?>`) {
			t.Error(body)
		}
	})
	t.Run("old namespace", func(t *testing.T) {
		t.Parallel()
		if _, body := garbled(t, Garble{OldNamespace: true}); body != strings.Replace(plain, "tableau.com", "tableausoftware.com", 1) {
			t.Error(body)
		}
	})
	t.Run("unknown names", func(t *testing.T) {
		t.Parallel()
		if _, body := garbled(t, Garble{Unknown: true}); !strings.Contains(body, ` contentPermissions="ManagedByOwner" futureAttribute="unknown"><owner `) || !strings.Contains(body, `<futureElement `) {
			t.Error(body)
		}
	})
	t.Run("sparse", func(t *testing.T) {
		t.Parallel()
		if _, body := garbled(t, Garble{Sparse: true}); !strings.Contains(body, ` name="Default"><owner id="`) || strings.Contains(body, "contentPermissions") {
			t.Error(body)
		}
	})
}

// The pauses are the only thing that takes time, and end with the request.
func TestSlowAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, err := New(WithOpen(), WithFault(Fault{Garble: &Garble{Pause: time.Minute}}))
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		client := &http.Client{Transport: server.Transport()}
		begin := time.Now()
		resp, err := client.Get(URL + "/api/2.4/serverinfo")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if took := time.Since(begin); err != nil || took != 8*time.Minute || !bytes.HasSuffix(body, []byte(xmlTail)) {
			t.Errorf("%s, %v after %v", body, err, took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, "GET", URL+"/api/2.4/serverinfo", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err = client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(resp.Body); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the deadline", err)
		}
		resp.Body.Close()
		synctest.Wait() // nothing of it goes on
	})
}

func TestFaultAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer *Answer
		want   []string // in what comes back
	}{
		"a refusal":        {Refusal(503000, "Busy."), []string{"503 Service Unavailable", `code="503000"`, "<detail>Busy.</detail>"}},
		"without a detail": {Refusal(429000, ""), []string{"429 Too Many Requests", "<detail>T"}},
		"Retry-After":      {&Answer{Code: 429000, Header: map[string]string{"Retry-After": "Mon, 02 Mar 2026 10:00:30 GMT"}}, []string{"Retry-After: Mon, 02"}},
		"another status":   {&Answer{Code: 405000, Status: 404}, []string{"404 Not Found", `code="405000"`}},
		"an empty body":    {&Answer{Status: 504}, []string{"504 Gateway Timeout", "Content-Length: 0"}},
		"a captive portal": {&Answer{Body: "<html>Sign in</html>"}, []string{"200 OK", "Content-Type: text/html", "<html>Sign in</html>"}},
		"plain text": {
			&Answer{Status: 404, Body: "no", Header: map[string]string{"Content-Type": "text/plain"}},
			[]string{"404 Not Found", "Content-Type: text/plain\r\n", "\r\n\r\nno"},
		},
		"a redirect": {
			&Answer{Status: 301, Header: map[string]string{"Location": "https://other.example.com/api/3.29/auth/signin"}},
			[]string{"301 Moved Permanently", "Location: https://other.example.com/api/3.29/auth/signin"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, stage := range []Stage{BeforeHandler, AfterCommit} {
				w := start(t, WithFault(Fault{Path: "/sites/*/projects", Method: "POST", Stage: stage, Answer: test.answer}))
				got := w.raw("POST S/projects HTTP/1.1\nX-Tableau-Auth: TOKEN\n", `<tsRequest><project name="North"/></tsRequest>`)
				for _, want := range test.want {
					if !strings.Contains(got, want) {
						t.Errorf("%v: %s\nhas no %s", stage, got, want)
					}
				}
				w.get("projects?filter=name:eq:North").wantIn(fmt.Sprintf(`totalAvailable="%d"`, stage))
			}
		})
	}
}

// A connection is cut in the middle of a block: the upload does not have it, and goes on.
func TestCutInRequest(t *testing.T) {
	t.Parallel()
	w := start(t, WithFault(Fault{Method: "PUT", Path: "/sites/*/fileuploads/*", Call: 1, RequestBytes: 1000}))
	session := tokenIn(w.send("POST S/fileUploads" + askXML).wantStatus(201))
	put := "PUT S/fileUploads/" + session + tscHead
	if got := w.raw(put, tsc("", "tableau_file", "file", strings.Repeat("x", 1<<20))); got != "" {
		t.Errorf("an answer: %s", got)
	}
	w.sendBytes(put, []byte(tsc("", "tableau_file", "file", "x"))).wantIn(`fileSize="1"`)
	if size := w.server.uploads.All()[0].pieces().Size(); size != 1 {
		t.Errorf("the upload has %d bytes", size)
	}
}

func tokenIn(a *answer) string {
	_, rest, _ := strings.Cut(string(a.raw), `uploadSessionId="`)
	session, _, _ := strings.Cut(rest, `"`)
	return session
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	w := start(t, WithFault(Fault{User: "ADMIN", Call: 2, EndSession: true}))
	w.get("projects").wantStatus(200)
	w.get("projects").wantError(401002, "")
	w.get("projects").wantError(401002, "")
	w.signIn(`name="admin" password="p@ss&amp;&lt;w&gt;"`, "")
	w.get("projects").wantStatus(200)
}

func TestListsThatAreBehind(t *testing.T) {
	t.Parallel()
	w := start(t,
		WithFault(Fault{Path: "/sites/*/workbooks", Query: "filter=*", Count: 2, HideNewest: 1}),
		WithFault(Fault{Path: "/sites/*/workbooks", Query: "pageSize=2", Repeat: 1}))
	for i := range 4 {
		w.publish("workbook", "", fmt.Sprintf(`name="w%d"`, i), "", "a.twb", salesTWB).wantStatus(201)
	}
	for range 2 {
		w.get("workbooks?filter=name:eq:w3").wantIn(`totalAvailable="0"`)
	}
	w.get("workbooks?filter=name:eq:w3").wantIn(`totalAvailable="1"`)
	for page, want := range []string{"", "w0w1", "w1w2w3"} {
		if page > 0 {
			got := ""
			for _, m := range nameInAnswer.FindAllStringSubmatch(w.get(fmt.Sprintf("workbooks?pageSize=2&pageNumber=%d", page)).body, -1) {
				got += m[1]
			}
			if got != want {
				t.Errorf("page %d has %s, want %s", page, got, want)
			}
		}
	}
}

// Which requests a fault is for.
func TestFaultMatches(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault Fault
		want  string // of six requests, those that go wrong
	}{
		"all":               {Fault{}, "123456"},
		"one":               {Fault{Call: 2}, "2"},
		"some":              {Fault{Count: 2}, "12"},
		"some in between":   {Fault{Call: 3, Count: 2}, "34"},
		"more than there":   {Fault{Call: 5, Count: 9}, "56"},
		"a path":            {Fault{Path: "/SITES/*/projects"}, "135"},
		"a path, the first": {Fault{Path: "/sites/*/projects", Call: 2}, "3"},
		"a query":           {Fault{Query: "pageSize=1*&x"}, "24"},
		"a method":          {Fault{Method: "POST"}, ""},
		"another user":      {Fault{User: "ana"}, ""},
		"the user":          {Fault{User: "admin", Call: 6}, "6"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			test.fault.Answer = Refusal(500000, "x")
			if err := w.server.AddFault(test.fault); err != nil {
				t.Fatal(err)
			}
			got := ""
			for i, path := range []string{"projects", "workbooks?pageSize=10&x", "projects", "workbooks?x=&pageSize=11", "projects", "datasources?pageSize=1"} {
				if w.get(path).status == 500 {
					got += fmt.Sprint(i + 1)
				}
			}
			if got != test.want {
				t.Errorf("%s went wrong, want %s", got, test.want)
			}
			w.server.ClearFaults()
			w.get("projects").wantStatus(200)
		})
	}
}

func TestFaultRefused(t *testing.T) {
	t.Parallel()
	server, err := New(WithOpen())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for want, fault := range map[string]Fault{
		"syntax error":     {Path: "["},
		"call -1":          {Call: -1},
		"count -2":         {Count: -2},
		"requestBytes -3":  {RequestBytes: -3},
		"hideNewest -4":    {HideNewest: -4},
		"repeat -5":        {Repeat: -5},
		"stage 7":          {Stage: 7},
		"no HTTP status":   {Answer: &Answer{Status: 7}},
		"and code 4":       {Answer: Refusal(4, "")},
		"pause -1s":        {Garble: &Garble{Pause: -time.Second}},
		"bytes -6 or paus": {Garble: &Garble{Bytes: -6}},
	} {
		if err := server.AddFault(fault); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", fault, err, want)
		}
	}
}

func TestFaultInJSON(t *testing.T) {
	t.Parallel()
	whole := Fault{
		Method: "GET", Path: "/a", Query: "b=c", User: "d", Call: 1, Count: 2, Stage: AfterCommit, RequestBytes: 3, EndSession: true,
		HideNewest: 4, Repeat: 5, Answer: &Answer{Code: 403004, Detail: "e", Status: 404, Header: map[string]string{"F": "g"}, Body: "h"},
		Garble: &Garble{Bytes: 6, Short: true, Pause: 90 * time.Second, Gzip: true, HTTP10: true, NoDeclaration: true, OldNamespace: true, Unknown: true, Sparse: true},
	}
	for _, fault := range []Fault{{}, whole} {
		data, err := json.Marshal(fault)
		if err != nil {
			t.Fatal(err)
		}
		again, err := readFault(data)
		if err != nil || !cmp.Equal(fault, *again) {
			t.Errorf("%s: %v\n%s", data, err, cmp.Diff(fault, *again))
		}
	}
	for _, data := range []string{
		``, `{`, `[]`, `{}{}`, `{"nothing":1}`, `{"stage":"later"}`, `{"call":-1}`, `{"garble":{"pause":"soon"}}`, `{"garble":{"nothing":1}}`,
	} {
		if f, err := readFault([]byte(data)); err == nil {
			t.Errorf("%s is read as %+v", data, f)
		}
	}
}
