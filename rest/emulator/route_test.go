package emulator

import (
	"strings"
	"testing"
)

func TestUnknownResource(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WithVersion("3.10"), WithoutPage())
	for _, path := range []string{
		"/", "/favicon.ico", "/api", "/api/3.10", "/api/3.10/", "/api/3.11/serverinfo", "/api/4.0/serverinfo", "/api/1.9/serverinfo",
		"/api/3/serverinfo", "/api/3.x/serverinfo", "/api/3.10/serverinf", "/api//serverinfo", "/api/3.10//serverinfo", "/api/3.10/sites/SITE/workbooks//views",
		"/api/3.10/sites/SITE/workbooks/x/pdf/maxAge=60", "/api/3.10/sites/SITE/nothing", "/x/3.10/serverinfo", "/api/3.10/serverinfo/x",
	} {
		w.send("GET "+path+" HTTP/1.1\n\n").wantError(404003, "Unknown resource '")
	}
	w.send("POST /api/3.99/auth/signin HTTP/1.1\n\n<tsRequest/>").want(404,
		`<error code="404003"><summary>Resource Not Found</summary><detail>Unknown resource '/3.99/auth/signin' specified in URI.</detail></error>`)
	for _, path := range []string{"/api/2.0/serverinfo", "/api/3.9/SERVERINFO/", "/API/3.10/serverInfo?x=%zz;&pageNumber=1"} {
		w.send("GET " + path + " HTTP/1.1\n\n").wantStatus(200)
	}
}

func TestWrongMethod(t *testing.T) {
	t.Parallel()
	w := start(t)
	for request, allow := range map[string]string{
		"POST /api/3.29/serverinfo":                 "GET",
		"GET /api/3.29/auth/signin":                 "POST",
		"PATCH /api/3.29/sites/SITE/projects":       "GET, POST",
		"POST /api/3.29/sites/SITE/workbooks/x":     "GET, PUT, DELETE",
		"PATCH /api/3.29/sites/SITE/workbooks":      "GET, POST",
		"DELETE /api/3.29/sites/SITE/views":         "GET",
		"POST /api/3.29/sites/SITE/fileUploads/x":   "PUT",
		"GET /api/3.29/sites/SITE/workbooks/x/tags": "PUT",
	} {
		a := w.send(request + " HTTP/1.1\n\nunread body")
		a.wantStatus(405).wantError(405000, "not for '/api/3.29/")
		if got := a.header.Get("Allow"); got != allow {
			t.Errorf("%s: Allow %q, want %q", request, got, allow)
		}
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	w := start(t)
	a := w.send("HEAD S/projects HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(200)
	if len(a.raw) > 0 || a.header.Get("Content-Length") == "" {
		t.Errorf("body %q, Content-Length %q", a.raw, a.header.Get("Content-Length"))
	}
}

// A name may hold what XML cannot; the answer is XML all the same.
func TestNamesAreEscaped(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.Write(document([]*element{textNode("x", "<&>\"'\x01\xff").with("a", "<&>\"'\t\x01")}))
	want := xmlHead + `<x a="&lt;&amp;&gt;&#34;'&#x9;` + "\ufffd" + `">&lt;&amp;&gt;&#34;'` + "\ufffd\ufffd" + `</x>` + xmlTail
	if b.String() != want {
		t.Errorf("%s, want %s", b.String(), want)
	}
}

// Every value that can be read from a request can be written in an answer, and is the same there.
func FuzzParseRequest(f *testing.F) {
	f.Add([]byte("\ufeff<?xml version='1.0'?><a:tsRequest xmlns:a='x'><a:b c='&#233;&#13;&#9;'/>x]]&gt;\r\n</a:tsRequest>"))
	f.Add([]byte(`<tsRequest></x>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		request, err := parseRequest(body)
		if err != nil || request == nil {
			return
		}
		values := []string{request.text}
		for _, e := range append(request.children, request) {
			for _, a := range e.attrs {
				values = append(values, a.value)
			}
		}
		for _, value := range values {
			again, err := parseXML(document([]*element{textNode("x", value).with("a", value)}))
			if err != nil {
				t.Fatalf("%q: %v", value, err)
			}
			if x := again.child("x"); x.text != value || x.attr("a") != value {
				t.Errorf("%q came back as %q and %q", value, x.text, x.attr("a"))
			}
		}
	})
}

// Every request means one operation: no two are for the same paths, and fixed words come before variables.
func TestOperationsAreTold(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, o := range operations {
		key := o.method + " " + o.service
		for _, word := range o.path {
			if name, _ := variable(word); name != "" {
				word = "{}"
			}
			key += "/" + strings.ToLower(word)
		}
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
	}
	w := start(t)
	w.get("flows/runs").wantIn("<flowRuns")
	w.get("flows/walks").wantError(404029, "walks")
	w.send("DELETE S/flows/runs"+askXML).wantError(404029, "runs")
}
