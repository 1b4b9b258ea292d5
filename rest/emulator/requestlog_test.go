package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestRequestLog(t *testing.T) {
	t.Parallel()
	w := start(t, WithRequestLog(3), WithControl(), WithFault(Fault{Path: "/cut"}), WithFault(Fault{Path: "/busy", Answer: Refusal(503000, "Busy.")}))
	w.clock.advance(time.Minute)
	w.send("POST S/projects?publishSamples=False HTTP/1.1\nX-Tableau-Auth: TOKEN\nUser-Agent: me/1\nContent-Type: text/xml\n\n" +
		"<?xml version='1.0'?>\n<a:tsRequest xmlns:a='x'><a:project name='North'/></a:tsRequest>").wantStatus(201)
	w.raw("POST /api/3.29/cut HTTP/1.1\n", "")
	w.send("POST /api/3.29/busy HTTP/1.1\n\nx")
	at := w.clock.Now()
	want := []Request{
		{
			Time: at, Method: "POST", Path: "/api/3.29/sites/" + w.site + "/projects", Query: "publishSamples=False", User: "admin",
			Header: map[string]string{"Content-Type": "text/xml", "User-Agent": "me/1", "Content-Length": "86"},
			Body:   `<tsRequest><project name="North"/></tsRequest>`, Status: 201,
		},
		{Time: at, Method: "POST", Path: "/api/3.29/cut", Header: map[string]string{"Content-Length": "0"}},
		{Time: at, Method: "POST", Path: "/api/3.29/busy", Header: map[string]string{"Content-Length": "1"}, Status: 503, Code: 503000},
	}
	got := w.server.Requests()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Request{}, "Digest")); diff != "" {
		t.Error(diff)
	}
	if len(got[0].Digest) != 64 || got[1].Digest != "" || len(got[2].Digest) != 64 {
		t.Errorf("digests %q, %q, %q", got[0].Digest, got[1].Digest, got[2].Digest)
	}
	w.send("POST /api/3.29/busy HTTP/1.1\n\nx")
	w.get("projects/x").wantError(405000, "")
	got = w.server.Requests()
	if len(got) != 3 || got[2].Code != 405000 || got[1].Digest != got[0].Digest {
		t.Errorf("%+v", got)
	}
	if answer := w.control("GET /emulator/requests HTTP/1.1\n\n"); !strings.Contains(answer, `"status":405,"code":405000}]}`) {
		t.Error(answer)
	}
	if answer := w.control("DELETE /emulator/requests HTTP/1.1\n\n"); answer != `200 {"requests":[]}` || len(w.server.Requests()) > 0 {
		t.Error(answer)
	}
}

// The requests of a test that sends none are none, and a server that is to remember none does not.
func TestNoRequestLog(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.get("projects").wantStatus(200)
	if got := w.server.Requests(); len(got) > 0 {
		t.Errorf("%+v", got)
	}
	if _, err := New(WithOpen(), WithRequestLog(0)); err == nil {
		t.Error("a log of no requests is no error")
	}
}

// However a secret is sent, the record of requests does not have it, in any spelling.
func TestNoSecretInRequestLog(t *testing.T) {
	t.Parallel()
	const signs = `abcXYZ0189 <>&"'|%+/\?#=;:@é`
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		var secret strings.Builder
		secret.WriteString("s3cr")
		for range 8 {
			runes := []rune(signs)
			secret.WriteRune(runes[random.IntN(len(runes))])
		}
		checkNoSecret(t, secret.String()+"et")
	}
}

func checkNoSecret(t *testing.T, secret string) {
	t.Helper()
	var b bytes.Buffer
	escape(&b, secret)
	inXML := b.String()
	quoted, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	inJSON := string(quoted[1 : len(quoted)-1])
	inQuery, inPath := url.QueryEscape(secret), url.PathEscape(secret)
	w := start(t, WithRequestLog(100))
	own := w.token
	const signIn = "POST /api/3.29/auth/signin HTTP/1.1\n\n"
	head := func(name, value string) string { return "GET S/projects HTTP/1.1\n" + name + ": " + value + "\n\n" }
	for _, request := range []string{
		signIn + `<tsRequest><credentials name="admin" password="` + inXML + `"><site/></credentials></tsRequest>`,
		signIn + `<tsRequest><credentials personalAccessTokenName="ci" personalAccessTokenSecret="` + inXML + `"/></tsRequest>`,
		signIn + `{"credentials":{"jwt":"` + inJSON + `","site":{"contentUrl":"` + inJSON + `"}}}`,
		signIn + `{"credentials":{"password":["` + inJSON + `"]}}`,
		signIn + `<tsRequest><credentials><password>` + inXML + `</password><site contentUrl="` + inXML + `"/></credentials></tsRequest>`,
		signIn + `<tsRequest><credentials password="` + inXML + `"`,
		signIn + `{"credentials":{"password":"` + inJSON + `"`,
		signIn + `<other password="` + inXML + `"/>`,
		"POST /api/3.99/auth/signin HTTP/1.1\n\n" + `<tsRequest><credentials password="` + inXML + `"/></tsRequest>`,
		"GET S/projects?password=" + inQuery + "&x=" + inQuery + " HTTP/1.1\n\n",
		"GET S/projects?access%54oken=" + inPath + " HTTP/1.1\n\n",
		head("X-Tableau-Auth", url.PathEscape(secret)), head("Authorization", inPath), head("Cookie", "a="+inPath), head("X-Other", inPath),
		"GET /api/3.29/sessions/" + inPath + "?x=" + inPath + " HTTP/1.1\nX-Tableau-Auth: " + inPath + "\nUser-Agent: " + inPath + "\n\n",
		"POST S/webhooks" + askXML + `<tsRequest><webhook name="x"><webhook-destination><webhook-destination-http method="POST" url="https://me:` + inPath + `@example.com/"/></webhook-destination></webhook></tsRequest>`,
	} {
		w.send(request)
	}
	w.publish("workbook", "", `name="Sales"`, `<connectionCredentials name="u" password="`+inXML+`"/>`, "a.twb", salesTWB)
	w.get("projects?x=" + url.QueryEscape(own))
	data, err := json.Marshal(w.server.Requests())
	if err != nil {
		t.Fatal(err)
	}
	kept := string(data)
	var inHTML bytes.Buffer
	json.HTMLEscape(&inHTML, []byte(inXML))
	for _, spelling := range []string{secret, inXML, inJSON, inQuery, inPath, inHTML.String(), own, url.QueryEscape(own)} {
		if strings.Contains(kept, spelling) {
			t.Errorf("the record has %q: %s", spelling, kept)
		}
	}
	if count := strings.Count(kept, `"method"`); count != 20 {
		t.Errorf("%d requests are remembered, want 20", count)
	}
	if !strings.Contains(kept, redacted) || !strings.Contains(kept, fmt.Sprintf("%q", "ci")[1:3]) {
		t.Errorf("nothing is redacted: %s", kept)
	}
}
