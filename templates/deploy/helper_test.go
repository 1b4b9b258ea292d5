package deploy_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// twoTemplates needs the vars tenant, region and database of each site. The workbook comes first and is published
// last, because it uses the data source.
const twoTemplates = `
templates:
  sales:
    file: sales.twbx
    publish: {as: 'Sales for ${tenant}', project: Dashboards, create_project: true}
    edits:
      - published: Orders
        to: '${published.orders}'
      - connection: {class: postgres}
        set: {server: db.internal, dbname: '${database}'}
      - filter: Tenant
        datasource: Sales facts
        include: ['${tenant}']
      - parameter: Region
        value: '${region}'
  orders:
    file: orders.tds
    publish: {as: Orders, project: Data Sources, create_project: true}
    edits:
      - connection: {class: postgres}
        set: {server: db.internal, dbname: '${database}'}
      - filter: Tenant
        include: ['${tenant}']
`

const threeSites = `version: 1
server: {url: emulator}
sites:
  acme: {vars: {tenant: "Acme, Inc.", region: EMEA, database: acme_prod}}
  globex: {vars: {tenant: Globex, region: AMER, database: globex_prod}}
  initech: {content_url: initech-apac, vars: {tenant: Initech, region: APAC, database: initech_prod}}
`

// load writes a manifest next to copies of the demo's templates, and loads it.
func load(t testing.TB, manifest string, options ...templates.Option) *templates.Manifest {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"orders.tds", "sales.twbx"} {
		content, err := os.ReadFile(filepath.Join("..", "..", "testdata", "demo", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "tabtemplate.yaml")
	if err := os.WriteFile(path, []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := templates.Load(path, options...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// world is an emulator, and what was asked of it.
type world struct {
	t      testing.TB
	server *emulator.Server

	// signingIn is called before each sign-in, by several goroutines; nil for nothing.
	signingIn func(context.Context)

	requests atomic.Int64

	mu       sync.Mutex
	active   int // sessions
	most     int // sessions at a time
	signIns  int
	signOuts int
}

func newWorld(t testing.TB, options ...emulator.Option) *world {
	t.Helper()
	server, err := emulator.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return &world{t: t, server: server}
}

// RoundTrip hands a request to the emulator and counts sessions.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.requests.Add(1)
	signIn, signOut := strings.HasSuffix(r.URL.Path, "/auth/signin"), strings.HasSuffix(r.URL.Path, "/auth/signout")
	if signIn && w.signingIn != nil {
		w.signingIn(r.Context())
	}
	resp, err := w.server.Transport().RoundTrip(r)
	switch {
	case err != nil:
	case signIn && resp.StatusCode == http.StatusOK:
		w.count(+1)
	case signOut && resp.StatusCode == http.StatusNoContent:
		w.count(-1)
	}
	return resp, err
}

func (w *world) count(change int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.active += change
	w.most = max(w.most, w.active)
	if change > 0 {
		w.signIns++
	} else {
		w.signOuts++
	}
}

func (w *world) client(s templates.Server) (*rest.Client, error) {
	return rest.NewClient(s.URL, rest.WithHTTPClient(&http.Client{Transport: w}))
}

// publish publishes to all sites, tries nothing again, and fails the test for an error that concerns them all.
func (w *world) publish(m *templates.Manifest) *deploy.Report {
	w.t.Helper()
	report, err := deploy.Publish(w.t.Context(), m, deploy.Options{Client: w.client, Retries: -1})
	if err != nil {
		w.t.Fatal(err)
	}
	return report
}

// session signs in to an open emulator, past the counting.
func (w *world) session(site string) *rest.Session { return w.sessionOf(site, "admin") }

// sessionOf is that of some user, whom an open emulator makes an administrator.
func (w *world) sessionOf(site, user string) *rest.Session {
	w.t.Helper()
	c, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: w.server.Transport()}))
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := c.SignIn(w.t.Context(), rest.UserPassword{Name: user, Password: user}, site)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// download is the file that was published with a result.
func (w *world) download(s *rest.Session, r deploy.Result) []byte {
	w.t.Helper()
	var file bytes.Buffer
	download := s.Workbooks.Download
	if r.Template == "orders" {
		download = s.Datasources.Download
	}
	if _, err := download(w.t.Context(), r.LUID, &file, rest.DownloadOptions{}); err != nil {
		w.t.Fatal(err)
	}
	return file.Bytes()
}

func open(t testing.TB, file []byte) *documents.File {
	t.Helper()
	f, err := documents.OpenReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// unpacked is all text in a file: the document itself, or the names and contents of a package's entries.
func unpacked(t testing.TB, file []byte) string {
	t.Helper()
	if !bytes.HasPrefix(file, []byte("PK")) {
		return string(file)
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, entry := range z.File {
		text.WriteString(entry.Name + "\n")
		r, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&text, r); err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
	}
	return text.String()
}

// outcomes lists the results of a report, one a line: site, template, action and message.
func outcomes(report *deploy.Report) string {
	var lines strings.Builder
	for _, s := range report.Sites {
		for _, r := range s.Results {
			line := fmt.Sprintf("%s %s %s", s.Site, r.Template, r.Action)
			if r.Message != "" {
				line += ": " + r.Message
			}
			lines.WriteString(line + "\n")
		}
	}
	return lines.String()
}
