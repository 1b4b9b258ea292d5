package rest_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// A faultyWorld is an emulator on which things go wrong, and a session with it. It lives in a synctest bubble, so that
// waiting takes no time.
type faultyWorld struct {
	t       *testing.T
	server  *emulator.Server
	session *rest.Session
	project string // LUID
}

// inFaultyWorld runs a test in a world of its own. Nothing of the client may be left running at its end.
func inFaultyWorld(t *testing.T, server []emulator.Option, client []rest.Option, run func(t *testing.T, w *faultyWorld)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server = append([]emulator.Option{
			emulator.WithStrict(),
			emulator.WithSite("acme", "Acme"),
			emulator.WithUser("ana", "secret", "SiteAdministratorCreator"),
			emulator.WithUser("ben", "secret", "SiteAdministratorCreator"),
			emulator.WithToken("ci", "token-secret", "ana"),
			emulator.WithRequestLog(1000),
		}, server...)
		e, err := emulator.New(server...)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		w := &faultyWorld{t: t, server: e}
		w.session = w.signIn(e.Transport(), client...)
		p, err := w.session.Projects.EnsurePath(t.Context(), "Dashboards")
		if err != nil {
			t.Fatal(err)
		}
		w.project = p.LUID
		run(t, w)
		synctest.Wait()
		if left := clientGoroutines(); left != "" {
			t.Errorf("left running:\n%s", left)
		}
	})
}

// signIn begins a session over the transport.
func (w *faultyWorld) signIn(over http.RoundTripper, opts ...rest.Option) *rest.Session {
	w.t.Helper()
	c, err := rest.NewClient(emulator.URL, append([]rest.Option{rest.WithHTTPClient(&http.Client{Transport: over})}, opts...)...)
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := c.SignIn(w.t.Context(), rest.PersonalAccessToken{Name: "ci", Secret: "token-secret"}, "acme")
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// clientGoroutines are the stacks of the goroutines of this bubble that are in package rest, but for the caller's.
func clientGoroutines() string {
	buffer := make([]byte, 1<<20)
	stacks := strings.Split(string(buffer[:runtime.Stack(buffer, true)]), "\n\n")
	_, bubble, _ := strings.Cut(strings.SplitN(stacks[0], "]", 2)[0], "synctest bubble")
	var left []string
	for _, stack := range stacks[1:] {
		head, body, _ := strings.Cut(stack, "\n")
		if strings.Contains(head, "synctest bubble"+bubble+"]") && strings.Contains(body, "tabtemplate/rest.") {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
}

// fail adds faults.
func (w *faultyWorld) fail(faults ...emulator.Fault) {
	w.t.Helper()
	for _, f := range faults {
		if err := w.server.AddFault(f); err != nil {
			w.t.Fatal(err)
		}
	}
}

// requests counts those the emulator was sent, by method and the last fixed word of the path.
func (w *faultyWorld) requests(method, word string) int {
	n := 0
	for _, r := range w.server.Requests() {
		if r.Method == method && strings.Contains(strings.ToLower(r.Path)+"/", "/"+strings.ToLower(word)+"/") {
			n++
		}
	}
	return n
}

// A stored object is what the emulator has under a name.
type stored struct {
	Revisions int
	Content   string
}

// stored asks the emulator without the client, as another user, and with no faults any more.
func (w *faultyWorld) stored(plural, name string) stored {
	w.t.Helper()
	w.server.ClearFaults()
	hc := &http.Client{Transport: w.server.Transport()}
	token, site := "", ""
	ask := func(method, path, body string) []byte {
		w.t.Helper()
		req, err := http.NewRequestWithContext(context.Background(), method, emulator.URL+"/api/3.29/"+path, strings.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		if token != "" {
			req.Header.Set("X-Tableau-Auth", token)
		}
		resp, err := hc.Do(req)
		if err != nil {
			w.t.Fatal(err)
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			w.t.Fatalf("%s %s: status %d, %v\n%s", method, path, resp.StatusCode, err, answer)
		}
		return answer
	}
	var answer struct {
		Credentials struct {
			Token string `xml:"token,attr"`
			Site  struct {
				ID string `xml:"id,attr"`
			} `xml:"site"`
		} `xml:"credentials"`
		Workbooks   []storedItem `xml:"workbooks>workbook"`
		Datasources []storedItem `xml:"datasources>datasource"`
		Revisions   []struct{}   `xml:"revisions>revision"`
	}
	read := func(data []byte) {
		w.t.Helper()
		if err := xml.Unmarshal(data, &answer); err != nil {
			w.t.Fatal(err)
		}
	}
	read(ask("POST", "auth/signin", `<tsRequest><credentials name="ben" password="secret"><site contentUrl="acme"/></credentials></tsRequest>`))
	token, site = answer.Credentials.Token, "sites/"+answer.Credentials.Site.ID+"/"
	read(ask("GET", site+plural, ""))
	luid := ""
	for _, item := range append(answer.Workbooks, answer.Datasources...) {
		if item.Name == name && luid != "" {
			w.t.Errorf("%s has two of %q", plural, name)
		}
		if item.Name == name {
			luid = item.ID
		}
	}
	if luid == "" {
		return stored{}
	}
	read(ask("GET", site+plural+"/"+luid+"/revisions", ""))
	return stored{len(answer.Revisions), string(ask("GET", site+plural+"/"+luid+"/content", ""))}
}

type storedItem struct {
	ID   string `xml:"id,attr"`
	Name string `xml:"name,attr"`
}

// A way is how something is published.
type way struct {
	name   string
	client []rest.Option
	blocks bool
	job    bool
	asked  bool // for the job
}

var ways = []way{
	{name: "in one request"},
	{name: "in blocks at the same time", client: []rest.Option{rest.WithSingleRequestLimit(100), rest.WithBlockSize(64)}, blocks: true, job: true},
	{
		name: "in blocks, one by one", blocks: true, job: true,
		client: []rest.Option{rest.WithVersion("3.26"), rest.WithSingleRequestLimit(100), rest.WithBlockSize(64)},
	},
	{name: "as a job", job: true, asked: true},
}

// A published kind is a workbook or a data source.
type publishedKind struct {
	plural  string
	content func(version int) string
	publish func(ctx context.Context, s *rest.Session, to publishTo) error
	// arrived asks whether a publish has arrived.
	arrived func(ctx context.Context, s *rest.Session, to publishTo, before rest.Checkpoint) (time.Time, error)
}

// publishTo is what a publish needs to be told, of whatever kind.
type publishTo struct {
	name, project string
	source        rest.Source
	mode          rest.PublishMode
	asJob         bool
	commit        func(rest.Checkpoint) error
}

var publishedKinds = []publishedKind{
	{
		"workbooks",
		func(version int) string { return template + fmt.Sprintf("<!-- version %d -->\n", version) },
		func(ctx context.Context, s *rest.Session, to publishTo) error {
			got, err := s.Workbooks.Publish(ctx, rest.WorkbookPublish{
				Name: to.name, ProjectLUID: to.project, Source: to.source, Mode: to.mode, AsJob: to.asJob, Commit: to.commit,
			})
			return checkPublished(got.LUID, got.Name, to, err)
		},
		func(ctx context.Context, s *rest.Session, to publishTo, before rest.Checkpoint) (time.Time, error) {
			got, at, err := s.Workbooks.Arrived(ctx, to.name, to.project, before)
			if err == nil && !at.IsZero() {
				err = checkPublished(got.LUID, got.Name, to, nil)
			}
			return at, err
		},
	},
	{
		"datasources",
		func(version int) string {
			return fmt.Sprintf("HyperDb, version %d\n%s", version, strings.Repeat("rows and rows\n", 20))
		},
		func(ctx context.Context, s *rest.Session, to publishTo) error {
			got, err := s.Datasources.Publish(ctx, rest.DatasourcePublish{
				Name: to.name, ProjectLUID: to.project, Source: to.source, Mode: to.mode, AsJob: to.asJob, Commit: to.commit,
			})
			return checkPublished(got.LUID, got.Name, to, err)
		},
		func(ctx context.Context, s *rest.Session, to publishTo, before rest.Checkpoint) (time.Time, error) {
			got, at, err := s.Datasources.Arrived(ctx, to.name, to.project, before)
			if err == nil && !at.IsZero() {
				err = checkPublished(got.LUID, got.Name, to, nil)
			}
			return at, err
		},
	},
}

// checkPublished wants the object of a publish that went well to come back.
func checkPublished(luid, name string, to publishTo, err error) error {
	if err == nil && (luid == "" || name != to.name) {
		return fmt.Errorf("what comes back is %q, %q", luid, name)
	}
	return err
}

// A guardedFile fails the test when it is read after the call that was given it has returned.
type guardedFile struct {
	*strings.Reader
	t    *testing.T
	over atomic.Bool
}

func (f *guardedFile) ReadAt(p []byte, off int64) (int, error) {
	if f.over.Load() {
		f.t.Error("the file is read after the call has returned")
	}
	return f.Reader.ReadAt(p, off)
}

// publish publishes a version, within ten minutes.
func (w *faultyWorld) publish(kind publishedKind, how way, name string, mode rest.PublishMode, version int) error {
	ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Minute)
	defer cancel()
	file := &guardedFile{Reader: strings.NewReader(kind.content(version)), t: w.t}
	defer file.over.Store(true)
	return kind.publish(ctx, w.session, publishTo{name, w.project, file, mode, how.asked, nil})
}
