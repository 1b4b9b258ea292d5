package emulator

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// world is a server under test and one signed-in user. Requests are the bytes a client sends, answers are compared as
// bytes. What the server begins with has names: SITE, PROJECT (its Default project), ADMIN, ANA, SYSTEM (who owns that
// project) and FINANCE, another site; in answers #SITE and so on. LUIDs made since then are written LUID1, LUID2, … in
// requests and #1, #2, … in answers, in the order the server made them.
type world struct {
	t       *testing.T
	server  *Server
	clock   *clock
	names   map[string]string // LUIDs of what the server began with, by name
	ids     *ids
	site    string
	token   string
	session string // of an upload
}

// ids is a source of LUIDs. Those made before the world begins have numbers that no test writes.
type ids struct{ last atomic.Int64 }

const worldBegins = 1_000_000

func (i *ids) next() string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i.last.Add(1)) }

// clock is a clock that moves when it is told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newWorld returns a world in which nobody is signed in.
func newWorld(t *testing.T, opts ...Option) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)}, ids: new(ids)}
	s, err := New(append([]Option{
		WithClock(w.clock.Now),
		WithIDs(w.ids.next),
		WithUser("admin", "p@ss&<w>", "ServerAdministrator"),
		WithUser("ana", "secret", "SiteAdministratorCreator"),
		WithToken("ci", "k1==:secret", "admin"),
		WithSite("finance", "Finance"),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	w.server = s
	where, finance := s.siteByContentURL(""), s.siteByContentURL("finance")
	project := where.defaultProject()
	w.site = where.luid
	w.names = map[string]string{
		"SITE": where.luid, "FINANCE": finance.luid, "PROJECT": project.LUID, "SYSTEM": project.Owner,
		"ALLUSERS": where.described().AllUsers,
		"ADMIN":    where.userOf(s.findAccount("admin")).LUID, "ANA": where.userOf(s.findAccount("ana")).LUID,
	}
	w.ids.last.Store(worldBegins)
	return w
}

// start returns a world in which admin is signed in to the Default site.
func start(t *testing.T, opts ...Option) *world {
	t.Helper()
	w := newWorld(t, opts...)
	w.signIn(`name="admin" password="p@ss&amp;&lt;w&gt;"`, "")
	w.ids.last.Store(worldBegins)
	return w
}

// of returns the site with the content URL, to look at what no answer tells.
func (w *world) of(contentURL string) *site { return w.server.siteByContentURL(contentURL) }

var (
	tokenInAnswer = regexp.MustCompile(`token="([^"]*)"`)
	longLUID      = regexp.MustCompile(`00000000-0000-4000-8000-([0-9]{12})`)
	shortLUID     = regexp.MustCompile(`LUID([0-9]+)`)
)

// signIn signs in and keeps the token for the requests that follow.
func (w *world) signIn(credentials, site string) string {
	w.t.Helper()
	a := w.send("POST /api/3.29/auth/signin HTTP/1.1\n\n" +
		`<tsRequest><credentials ` + credentials + `><site contentUrl="` + site + `" /></credentials></tsRequest>`)
	a.wantStatus(200)
	w.token = string(tokenInAnswer.FindSubmatch(a.raw)[1])
	return w.token
}

type answer struct {
	t       *testing.T
	request string // the head of it
	status  int
	header  http.Header
	body    string // with short LUIDs
	raw     []byte
}

// send sends a request over a connection of its own. The head is written with \n; S stands for the site's path, TOKEN
// for the token. Host and, for a body, Content-Length are added.
func (w *world) send(request string) *answer {
	w.t.Helper()
	head, body, _ := strings.Cut(request, "\n\n")
	return w.sendBytes(head, []byte(w.expand(body)))
}

func (w *world) expand(s string) string {
	s = shortLUID.ReplaceAllStringFunc(s, func(id string) string {
		n, _ := strconv.Atoi(id[len("LUID"):])
		return fmt.Sprintf("00000000-0000-4000-8000-%012d", worldBegins+n)
	})
	s = strings.NewReplacer("TOKEN", w.token, " S/", " /api/3.29/sites/"+w.site+"/").Replace(s)
	for name, luid := range w.names {
		s = strings.ReplaceAll(s, name, luid)
	}
	return s
}

// shorten writes the LUIDs of an answer as tests do.
func (w *world) shorten(s string) string {
	for name, luid := range w.names {
		s = strings.ReplaceAll(s, luid, "#"+name)
	}
	return longLUID.ReplaceAllStringFunc(s, func(luid string) string {
		n, _ := strconv.Atoi(luid[len(luid)-12:])
		return fmt.Sprintf("#%d", n-worldBegins)
	})
}

func (w *world) sendBytes(head string, body []byte) *answer {
	w.t.Helper()
	w.server.Transport()
	conn, err := w.server.pipe.dial(w.t.Context(), "tcp", "tableau.localhost:80")
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	head = w.expand(strings.TrimRight(head, "\n")) + "\nHost: tableau.localhost\n"
	if !strings.Contains(strings.ToLower(head), "\ntransfer-encoding:") {
		head += fmt.Sprintf("Content-Length: %d\n", len(body))
	}
	go conn.Write(append([]byte(crlf(head+"\n")), body...))
	method, _, _ := strings.Cut(head, " ")
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, &http.Request{Method: method})
	if err == nil && resp.StatusCode == http.StatusContinue { // to Expect: 100-continue
		resp, err = http.ReadResponse(in, &http.Request{Method: method})
	}
	if err != nil {
		w.t.Fatalf("%s: %v", head, err)
	}
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatalf("%s: %v", head, err)
	}
	a := &answer{t: w.t, request: head, status: resp.StatusCode, header: resp.Header, raw: raw, body: w.shorten(string(raw))}
	a.check()
	return a
}

func (a *answer) wantStatus(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

const (
	xmlHead = `<?xml version="1.0" encoding="UTF-8"?><tsResponse xmlns="http://tableau.com/api">`
	xmlTail = `</tsResponse>`
)

// want checks the status and what is in the tsResponse.
func (a *answer) want(status int, body string) *answer {
	a.t.Helper()
	a.wantStatus(status)
	if got := a.header.Get("Content-Type"); got != "application/xml;charset=UTF-8" {
		a.t.Errorf("Content-Type %q", got)
	}
	if want := xmlHead + strings.ReplaceAll(body, "\n", "") + xmlTail; a.body != want {
		a.t.Errorf("answer\n got %s\nwant %s", a.body, want)
	}
	return a
}

// wantError checks the code and that the detail tells of something.
func (a *answer) wantError(code int, detail string) {
	a.t.Helper()
	if !strings.Contains(a.body, fmt.Sprintf(`<error code="%d">`, code)) || !strings.Contains(a.body, detail) {
		a.t.Errorf("answer %s, want code %d and %q", a.body, code, detail)
	}
}

// wantIn checks that the answer has all of the texts.
func (a *answer) wantIn(texts ...string) *answer {
	a.t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			a.t.Errorf("answer %s\nhas no %s", a.body, text)
		}
	}
	return a
}

// tsc writes a multipart body as TSC does.
func tsc(payload, part, fileName, file string) string {
	return crlf("--5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a\n"+
		"Content-Disposition: form-data; name=\"request_payload\"; filename=\"\"\n"+
		"Content-Type: text/xml\n\n") + payload + crlf("\n--5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a\n"+
		"Content-Disposition: form-data; name=\""+part+"\"; filename=\""+fileName+"\"\n"+
		"Content-Type: application/octet-stream\n\n") + file + crlf("\n--5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a--\n")
}

const tscHead = " HTTP/1.1\nX-Tableau-Auth: TOKEN\n" +
	"Content-Type: multipart/mixed; boundary=5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a\n"

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// publish publishes a workbook or data source file as TSC does.
func (w *world) publish(kind, query, attributes, children, fileName, file string) *answer {
	w.t.Helper()
	payload := w.expand("<tsRequest><" + kind + " " + attributes + ">" + children + "</" + kind + "></tsRequest>")
	return w.sendBytes("POST S/"+kind+"s?"+query+tscHead, []byte(tsc(payload, "tableau_"+kind, fileName, file)))
}

func (w *world) get(path string) *answer {
	w.t.Helper()
	return w.send("GET S/" + path + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n")
}
