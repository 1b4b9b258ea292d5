package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// A planted secret has a core of letters and digits, which no way of writing it changes.
type planted struct{ name, core, text string }

// plant are the secrets of the test: awkward ones for every place that takes a secret.
func plant(generation string) []planted {
	var all []planted
	for i, s := range []struct{ name, form string }{
		{"token", "%s"},
		{"password", `p"a'ss %s`},
		{"user", "%s"},
		{"host", "%s.example.com"},
		{"dbname", "%s&<b>"},
		{"sql", "-- it's\n-- %s\n<&\"\n"},
		{"member", `C:\dir\%s`},
		{"argument", "geheim✓%sü"},
		{"value", "x+y%%2F= %s &z"},
		{"formula", "%s"},
		{"caption", "a ] %s ["},
		{"label", "\t%s\u00a0"},
		{"table", "%s"},
		{"text", "%s " + strings.Repeat("long ", 300)},
		{"content", "%s"},
		{"server_user", "%s"},
	} {
		core := fmt.Sprintf("zq%02dx%sk7w", i, generation)
		all = append(all, planted{s.name, core, fmt.Sprintf(s.form, core)})
	}
	return all
}

// forms are what gives a secret away: its core, and that in the encodings in which it looks different.
func (p planted) forms() []string {
	out := []string{p.core, hex.EncodeToString([]byte(p.core))}
	for shift := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("-", shift) + p.core))
		out = append(out, encoded[4:len(encoded)-3]) // without what depends on what stands around it
	}
	return out
}

// awkward is a manifest with secrets wherever they may be; %[1]s is the server, %[2]s a prefix of the names of variables.
const awkward = `version: 1
server: {url: '%[1]s', sign_in: {user: '${secret("server_user")}', password: '${secret("password")}'}}
sites:
  acme:
  beta: {content_url: beta, server: {sign_in: {token: {name: ci, secret: '${secret("token")}'}}}}
templates:
  orders:
    file: orders.tds
    publish: {as: Orders, project: New, create_project: true, tags: [managed]}
    edits:
      - connection: {class: postgres}
        set: {server: '${secret("host")}', dbname: '${secret("dbname")}', username: '${env("%[2]suser")}'}
      - filter: '[region]'
        include: ['${secret("member")}', '${toBase64(secret("member"))}', '${upper(file("secrets/member"))}']
        optional: true
      - schema: {from: public, to: '${secret("table")}'}
        optional: true
  every:
    file: every.twb
    publish:
      as: Everything
      credentials:
        - {connection: {class: snowflake}, user: '${secret("user")}', password: '${"x" + env("%[2]spassword")}', embed: true}
    edits:
      - connection: {class: snowflake}
        set: {server: '${"a." + secret("host")}', dbname: '${secret("dbname")}', initial_sql: '${file("secrets/sql")}'}
      - connection: {class: sqlserver}
        set: {server: '${secret("host")}'}
      - custom_sql: Open orders
        sql: 'SELECT 1 ${secret("sql")} -- ${toBase64(secret("sql"))}'
      - stored_procedure: usp_sales
        set: {'@Region': '${secret("argument")}'}
      - {embed: Goals, from: goals.tds}
      - {embed: Plans, from: plans.tds}
      - parameter: Area
        value: '${secret("value")}'
        values: ['${secret("value")}', {value: b, as: '${secret("label")}'}]
      - parameter: New
        add: {type: string, description: '${secret("text")}'}
        value: '${replace(secret("value"), "x", "y")}'
      - filter: Region
        include: ['${secret("member")}', '${secret("member") + site.key}']
      - worksheet_filter: Region
        worksheet: By region
        include: ['${secret("member")}']
      - calculated_field: Hidden
        datasource: Orders
        formula: '"${secret("formula")}"'
        datatype: string
      - caption: Amount
        datasource: Orders
        to: '${secret("caption")}'
      - column: Region
        aliases: [{value: w, as: '${secret("label")}'}]
      - column: Day
        set: {description: '${secret("text")}'}
      - view: Goals
        name: '${secret("content")}'
      - datasource_caption: Queries
        to: '${secret("caption")}'
      - xml: //preference[@name='ui.encoding.shelf.height']
        set: {value: '${secret("label")}'}
`

// A world is a folder with a manifest and secrets, and a server.
type world struct {
	dir, prefix string
	secrets     []planted // all that there ever were
	server      *emulator.Server
	url         string
	echo        func(w http.ResponseWriter, r *http.Request, body []byte) bool // answers in place of the server
	tokens      sync.Map                                                       // of sessions
	sent        sync.Map                                                       // to the server
	echoed      atomic.Int64                                                   // how often
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), prefix: strings.NewReplacer("/", "_", "#", "_").Replace(t.Name()) + "_"}
	server, err := emulator.New(emulator.WithOpen())
	if err != nil {
		t.Fatal(err)
	}
	w.server = server
	web := httptest.NewServer(w)
	t.Cleanup(func() {
		web.Close()
		_ = server.Close()
	})
	w.url = web.URL
	w.keep(t, "one")
	read := func(path string) []byte {
		t.Helper()
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	w.put(t, "every.twb", string(read("../../templates/testdata/every/Every.twb")))
	plans := string(read("../../templates/testdata/every/plans.tds"))
	w.put(t, "plans.tds", plans)
	w.put(t, "goals.tds", strings.ReplaceAll(plans, "plan", "goal"))
	w.put(t, "orders.tds", string(read("../../testdata/demo/orders.tds")))
	w.put(t, "tabtemplate.yaml", fmt.Sprintf(awkward, w.url, w.prefix))
	return w
}

func (w *world) put(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(w.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// keep puts new secrets in the place of those that there are. The variables have names that no other test has.
func (w *world) keep(t *testing.T, generation string) {
	t.Helper()
	for _, s := range plant(generation) {
		w.secrets = append(w.secrets, s)
		w.put(t, "secrets/"+s.name, s.text+"\n")
		name := w.prefix + s.name
		if err := os.Setenv(name, s.text); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Unsetenv(name) })
	}
}

func (w *world) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if token := r.Header.Get("X-Tableau-Auth"); token != "" {
		w.tokens.Store(token, true)
	}
	w.sent.Store(string(body), true)
	if w.echo == nil || !w.echo(to, r, body) {
		w.server.ServeHTTP(to, r)
	}
}

// part is what of a request has a secret, another one each time: errors show no more than a few hundred characters.
func (w *world) part(request string) string {
	var parts []string
	for _, s := range w.secrets {
		if at := strings.Index(request, s.core); at >= 0 && len(s.text) < 100 { // a secret that the server cuts is not known again
			parts = append(parts, request[max(0, at-60):min(len(request), at+200)])
		}
	}
	if parts == nil {
		return request[:min(len(request), 200)]
	}
	return parts[int(w.echoed.Add(1))%len(parts)]
}

// run runs a verb, which must end with one of the exit codes, and looks for secrets in all that it tells and keeps.
func (w *world) run(t *testing.T, codes []int, args ...string) {
	t.Helper()
	args = append(args, "-f", filepath.Join(w.dir, "tabtemplate.yaml"), "--secrets", filepath.Join(w.dir, "secrets"))
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
	known := false
	for _, want := range codes {
		known = known || code == want
	}
	if !known {
		t.Errorf("%q: exit code %d, want one of %d\n%s%s", args, code, codes, &stdout, &stderr)
	}
	w.look(t, fmt.Sprintf("stdout of %q", args), stdout.String())
	w.look(t, fmt.Sprintf("stderr of %q", args), stderr.String())
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && (name == "secrets" || name == "out") {
			return fs.SkipDir
		} else if d.IsDir() {
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil {
			w.look(t, fmt.Sprintf("%s after %q", path, args), string(text))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// look looks for secrets, and for the tokens of sessions.
func (w *world) look(t *testing.T, where, text string) {
	t.Helper()
	folded := strings.ToLower(text)
	for _, s := range w.secrets {
		for _, form := range s.forms() {
			at := strings.Index(text, form)
			if form == s.core || at < 0 && form[0] == 'z' {
				at = strings.Index(folded, strings.ToLower(form))
			}
			if at >= 0 {
				t.Errorf("%s: the secret %q: …%s…", where, s.name, text[max(0, at-100):min(len(text), at+100)])
				break
			}
		}
	}
	w.tokens.Range(func(token, _ any) bool {
		if strings.Contains(text, token.(string)) {
			t.Errorf("%s: the token of a session", where)
		}
		return true
	})
}

// verbs are all verbs that read secrets or tell of what was made with them, and the exit codes that they may have. A new
// verb is a row here.
var secretVerbs = []struct {
	args []string
	code int // where all goes well
}{
	{[]string{"render", "--all", "--dry-run"}, exitOK},
	{[]string{"render", "--all", "--dry-run", "--json"}, exitOK},
	{[]string{"render", "--all", "--out", "OUT"}, exitOK},
	{[]string{"check", "--all"}, exitFailed}, // of the secrets in the template
	{[]string{"check", "--all", "--json"}, exitFailed},
	{[]string{"publish", "--all"}, exitOK},
	{[]string{"publish", "--all"}, exitOK}, // nothing has changed
	{[]string{"publish", "--all", "--json", "--force"}, exitOK},
	{[]string{"verify", "--all"}, exitOK},
	{[]string{"verify", "--all", "--json"}, exitOK},
	{[]string{"report", "STATE"}, exitOK},
	{[]string{"report", "STATE", "--json"}, exitOK},
}

// in puts the folders of a world into the arguments of a verb.
func (w *world) in(args []string) []string {
	var out []string
	for _, arg := range args {
		switch arg {
		case "OUT":
			arg = filepath.Join(w.dir, "out")
		case "STATE":
			arg = filepath.Join(w.dir, ".tabtemplate")
		}
		out = append(out, arg)
	}
	return out
}

// No secret is in anything that a verb writes where all goes well, nor where what is published has former secrets in it.
func TestNoSecretIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, verb := range secretVerbs {
		w.run(t, []int{verb.code}, w.in(verb.args)...)
	}
	w.checkPlanted(t)
	w.keep(t, "two")
	for _, verb := range secretVerbs {
		w.run(t, []int{verb.code, exitSites}, w.in(verb.args)...)
	}
}

// checkPlanted sees to it that there is something to be found: every secret went to the server.
func (w *world) checkPlanted(t *testing.T) {
	t.Helper()
	var all strings.Builder
	w.sent.Range(func(body, _ any) bool {
		all.WriteString(body.(string))
		return true
	})
	for _, s := range w.secrets {
		if !strings.Contains(all.String(), s.core) {
			t.Errorf("the secret %q is in no request", s.name)
		}
	}
}

// Nor where things go wrong, in all the ways in which a server can tell what it was sent.
func TestNoSecretIsToldOfFailures(t *testing.T) {
	t.Parallel()
	detail := func(text string) string {
		return `<?xml version="1.0"?><tsResponse xmlns="http://tableau.com/api"><error code="400000"><summary>Bad Request</summary><detail>` +
			html.EscapeString(text) + `</detail></error></tsResponse>`
	}
	quoted := func(text string) string {
		out, _ := json.Marshal(text)
		return string(out)
	}
	for _, test := range []struct {
		name   string
		answer func(body string) (code int, contentType, text string)
		waits  bool // the client asks again, or looks whether it arrived, for a while
	}{
		{"in a refusal", func(body string) (int, string, string) { return 400, "application/xml", detail("you sent " + body) }, false},
		{"in a refusal that ends sessions", func(body string) (int, string, string) { return 401, "application/xml", detail("you sent " + body) }, false},
		{"quoted", func(body string) (int, string, string) {
			return 403, "application/xml", detail("you sent " + quoted(body))
		}, false},
		{"as JSON", func(body string) (int, string, string) {
			return 403, "application/json", `{"error": {"code": "403004", "summary": "Forbidden", "detail": ` + quoted(body) + `}}`
		}, false},
		{"as a page", func(body string) (int, string, string) {
			return 502, "text/html", "<html><pre>" + html.EscapeString(body) + "</pre></html>"
		}, true},
		{"as it came", func(body string) (int, string, string) { return 500, "text/plain", body }, true},
		{"where an answer is expected", func(body string) (int, string, string) { return 200, "application/xml", "<tsResponse>" + body }, true},
		{"as names", func(body string) (int, string, string) {
			return 200, "application/xml", `<tsResponse xmlns="http://tableau.com/api"><workbook id="0aa1b2c3-0000-4000-8000-000000000000" name="` +
				html.EscapeString(body) + `" contentUrl="Everything"/></tsResponse>`
		}, false},
	} {
		for _, which := range []string{"/auth/signin", "/workbooks", "/datasources", "/connections", "/tags"} {
			t.Run(test.name+" of "+which, func(t *testing.T) {
				t.Parallel()
				if test.waits && which != "/connections" && os.Getenv("TABTEMPLATE_SLOW") == "" {
					t.Skip("takes minutes: TABTEMPLATE_SLOW=1 runs it")
				}
				w := newWorld(t)
				w.echo = func(to http.ResponseWriter, r *http.Request, body []byte) bool {
					if r.Method == http.MethodGet || !strings.HasSuffix(r.URL.Path, which) {
						return false
					}
					code, contentType, text := test.answer(w.part(string(body)) + r.URL.String() + fmt.Sprint(r.Header))
					to.Header().Set("Content-Type", contentType)
					to.WriteHeader(code)
					_, _ = io.WriteString(to, text)
					return true
				}
				for _, verb := range [][]string{{"publish", "--all", "--retries", "0"}, {"publish", "--all", "--json", "--retries", "0"}, {"report", "STATE"}} {
					w.run(t, []int{exitOK, exitSites, exitFailed}, w.in(verb)...)
				}
			})
		}
	}
}
