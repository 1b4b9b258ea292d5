package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// killsVariable is the number of kills in the environment, where it is to be another than that of every test run.
const killsVariable = "TABTEMPLATE_TEST_KILLS"

// A gate stands before an emulator. It hands requests on, and strikes who sends them at one of them.
type gate struct {
	emulator http.Handler

	mu     sync.Mutex
	strike func()
	left   int // requests until it strikes, 0 for never
	moment string
}

// The moments of a request at which its sender is struck.
var moments = []string{"before", "in the body", "meanwhile", "before the answer", "after the answer", "later"}

// aim says whom to strike, and at which request from now on.
func (g *gate) aim(left int, moment string, strike func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left, g.moment, g.strike = left, moment, strike
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	strikes, moment, strike := g.left == 1, g.moment, g.strike
	g.left = max(0, g.left-1)
	g.mu.Unlock()
	if !strikes {
		g.emulator.ServeHTTP(w, r)
		return
	}
	switch moment {
	case "before":
		strike()
	case "in the body":
		body, _ := io.ReadAll(io.LimitReader(r.Body, r.ContentLength/2))
		strike()
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), cutOff{}))
		g.emulator.ServeHTTP(httptest.NewRecorder(), r)
	case "meanwhile":
		go strike()
		g.emulator.ServeHTTP(w, r)
		return
	case "before the answer":
		g.emulator.ServeHTTP(httptest.NewRecorder(), r)
		strike()
	case "after the answer":
		g.emulator.ServeHTTP(w, r)
		http.NewResponseController(w).Flush()
		strike()
		return
	case "later":
		g.emulator.ServeHTTP(w, r)
		time.AfterFunc(time.Duration(rand.IntN(5000))*time.Microsecond, strike)
		return
	}
	panic(http.ErrAbortHandler) // without an answer
}

// cutOff is what comes of a body whose sender is gone.
type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A rehearsal is a manifest with many sites that is published to an emulator again and again, with another release on some of the
// sites each time, by processes that are killed.
type rehearsal struct {
	t        *testing.T
	rand     *rand.Rand
	dir      string // of the manifest
	url      string
	gate     *gate
	releases []int // now, by site

	// published is what each site is to have at the end, of each template: the releases, one a revision. A negative number may
	// be there or not: the manifest was changed before it was on all sites.
	published [][]int
	kills     int
}

func newRehearsal(t *testing.T, handler http.Handler, sites int) *rehearsal {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a process that was killed there is not to be told from one that failed")
	}
	r := &rehearsal{
		t: t, rand: rand.New(rand.NewPCG(seedOf(t), 0)), dir: t.TempDir(), gate: &gate{emulator: handler},
		releases: make([]int, sites), published: make([][]int, sites),
	}
	server := httptest.NewServer(r.gate)
	t.Cleanup(server.Close)
	r.url = server.URL
	for _, name := range []string{"orders.tds", "sales.twbx"} {
		content, err := os.ReadFile(filepath.Join("..", "..", "testdata", "demo", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(r.dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// database is what the files of a release on a site hold, and no others.
func database(site, release int) string { return fmt.Sprintf("db_%d_r%d_", site, release) }

// change puts another release on some sites, and writes the manifest.
func (r *rehearsal) change() {
	r.t.Helper()
	var sites strings.Builder
	for i := range r.releases {
		if r.releases[i] == 0 || r.rand.IntN(3) > 0 {
			r.releases[i]++
			r.published[i] = append(r.published[i], r.releases[i])
		}
		fmt.Fprintf(&sites, "  s%d: {vars: {database: %s}}\n", i, database(i, r.releases[i]))
	}
	manifest := fmt.Sprintf(`version: 1
server: {url: %s, sign_in: {user: admin, password: admin}}
sites:
%stemplates:
  sales:
    file: sales.twbx
    publish: {as: Sales, project: Dashboards/All, create_project: true}
    edits:
      - published: Orders
        to: '${published.orders}'
      - connection: {class: postgres}
        set: {dbname: '${database}'}
  orders:
    file: orders.tds
    publish: {as: Orders, project: Data Sources, create_project: true}
    edits:
      - connection: {class: postgres}
        set: {dbname: '${database}'}
`, r.url, &sites)
	if err := os.WriteFile(filepath.Join(r.dir, "tabtemplate.yaml"), []byte(manifest), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// abandon changes the manifest while some sites do not have their releases.
func (r *rehearsal) abandon() {
	before := slices.Clone(r.releases)
	r.change()
	for i, release := range before {
		if n := len(r.published[i]); release != r.releases[i] && n > 1 {
			r.published[i][n-2] = -release
		}
	}
}

// A runResult is how a process ended.
type runResult struct {
	killed         bool
	code           int
	report         deploy.Report
	stdout, stderr string
}

// publish runs `tabtemplate publish`, which is killed at a request, unless that is 0 or it comes to its end before.
func (r *rehearsal) publish(killAt int, args ...string) runResult {
	r.t.Helper()
	run := r.start(args...)
	if killAt > 0 {
		r.gate.aim(killAt, moments[r.rand.IntN(len(moments))], func() { run.cmd.Process.Kill() })
	}
	result := run.wait()
	r.gate.aim(0, "", nil)
	if result.killed {
		r.kills++
	}
	return result
}

// A running is a `tabtemplate publish` in a process of its own.
type running struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
}

func (r *rehearsal) start(args ...string) *running {
	r.t.Helper()
	self, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	run := &running{t: r.t, cmd: exec.Command(self)}
	run.cmd.Args = append([]string{"tabtemplate", "publish", "--all", "--json", "-q", "-f", filepath.Join(r.dir, "tabtemplate.yaml")}, args...)
	run.cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	run.cmd.Stdout, run.cmd.Stderr = &run.stdout, &run.stderr
	if err := run.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	return run
}

// wait returns how the process ended. Nobody but it publishes, so that nothing may have drifted.
func (run *running) wait() runResult {
	run.t.Helper()
	err := run.cmd.Wait()
	if _, exit := errors.AsType[*exec.ExitError](err); err != nil && !exit {
		run.t.Fatal(err)
	}
	result := runResult{code: run.cmd.ProcessState.ExitCode(), stdout: run.stdout.String(), stderr: run.stderr.String()}
	if result.killed = result.code == -1; result.killed {
		return result
	}
	if err := json.Unmarshal(run.stdout.Bytes(), &result.report); err != nil {
		run.t.Fatalf("exit code %d, and no report: %v\n%s\n%s", result.code, err, result.stdout, result.stderr)
	}
	for _, s := range result.report.Sites {
		for _, one := range s.Results {
			if one.Drift != "" {
				run.t.Errorf("%s %s has drifted, and nobody else was there: %s", s.Site, one.Template, one.Drift)
			}
		}
	}
	return result
}

// unchanged looks whether a run has everything left alone.
func (r *rehearsal) unchanged(args ...string) {
	r.t.Helper()
	result := r.publish(0, args...)
	if got := result.report.Count(deploy.Unchanged); result.code != exitOK || got != 2*len(r.releases) {
		r.t.Errorf("after everything was published a run leaves %d alone:\n%s%s", got, notLeftAlone(result.report), result.stderr)
	}
}

// notLeftAlone lists what a run did.
func notLeftAlone(report deploy.Report) string {
	var lines strings.Builder
	for _, s := range report.Sites {
		for _, one := range s.Results {
			if one.Action != deploy.Unchanged {
				fmt.Fprintf(&lines, "%s%s\n", outcome(one), reason(one))
			}
		}
	}
	return lines.String()
}

// check compares what is on the server with what is to be there: of each content one revision for each release.
func (r *rehearsal) check() {
	r.t.Helper()
	client, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: direct{r.gate.emulator}}))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := range r.releases {
		session, err := client.SignIn(r.t.Context(), rest.UserPassword{Name: "admin", Password: "admin"}, fmt.Sprintf("s%d", i))
		if err != nil {
			r.t.Fatal(err)
		}
		for name, got := range releasesOn(r.t, session, i) {
			if !slices.Equal(got, agreeing(r.published[i], got)) {
				r.t.Errorf("site %d has of %s the releases %d, want %d", i, name, got, r.published[i])
			}
		}
	}
}

// agreeing is what was to be published, without what needs not to be there and is not.
func agreeing(want, got []int) []int {
	var agreeing []int
	for _, release := range want {
		if release > 0 || slices.Contains(got, -release) {
			agreeing = append(agreeing, max(release, -release))
		}
	}
	return agreeing
}

// direct carries requests past the gate.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

// releasesOn returns the releases of the revisions of the workbook and of the data source of a site.
func releasesOn(t *testing.T, s *rest.Session, site int) map[string][]int {
	t.Helper()
	releases := map[string][]int{"Sales": nil, "Orders": nil}
	add := func(name string, download func(io.Writer) error) {
		var file bytes.Buffer
		if err := download(&file); err != nil {
			t.Fatal(err)
		}
		text, err := unpacked(file.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(text, fmt.Sprintf("db_%d_r", site))
		release, _, _ := strings.Cut(after, "_")
		number, err := strconv.Atoi(release)
		if err != nil {
			t.Errorf("site %d has of %s what is of no release: %v", site, name, err)
		}
		releases[name] = append(releases[name], number)
	}
	for w, err := range s.Workbooks.All(t.Context(), rest.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		for revision, err := range s.Workbooks.Revisions(t.Context(), w.LUID) {
			if err != nil {
				t.Fatal(err)
			}
			add(w.Name, func(to io.Writer) error {
				if revision.Current {
					_, err := s.Workbooks.Download(t.Context(), w.LUID, to, rest.DownloadOptions{})
					return err
				}
				_, err := s.Workbooks.DownloadRevision(t.Context(), w.LUID, revision.Number, to, rest.DownloadOptions{})
				return err
			})
		}
	}
	for d, err := range s.Datasources.All(t.Context(), rest.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		for revision, err := range s.Datasources.Revisions(t.Context(), d.LUID) {
			if err != nil {
				t.Fatal(err)
			}
			add(d.Name, func(to io.Writer) error {
				if revision.Current {
					_, err := s.Datasources.Download(t.Context(), d.LUID, to, rest.DownloadOptions{})
					return err
				}
				_, err := s.Datasources.DownloadRevision(t.Context(), d.LUID, revision.Number, to, rest.DownloadOptions{})
				return err
			})
		}
	}
	return releases
}

// killCount is how many kills a test is to see.
func killCount(t *testing.T, usual int) int {
	text := os.Getenv(killsVariable)
	if text == "" {
		if testing.Short() {
			return usual / 4
		}
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", killsVariable, err)
	}
	return n
}

// seedOf is another one in each run, which the log tells.
func seedOf(t *testing.T) uint64 {
	seed := rand.Uint64()
	if text := os.Getenv("TABTEMPLATE_TEST_SEED"); text != "" {
		if _, err := fmt.Sscan(text, &seed); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("TABTEMPLATE_TEST_SEED=%d", seed)
	return seed
}

// until publishes until a run comes to its end with everything published, and kills the runs before. Some times the manifest is
// changed in between.
func (r *rehearsal) until(begin func()) (runs int) {
	r.t.Helper()
	for !r.t.Failed() {
		begin()
		runs++
		result := r.publish(1+r.rand.IntN(80), "--resume", "--jobs", fmt.Sprint(1+r.rand.IntN(4)))
		switch {
		case result.killed && r.rand.IntN(12) == 0:
			r.abandon()
		case result.killed:
		case result.code == exitOK:
			return runs
		case result.code != exitSites || runs > 1000: // sites may fail where the emulator has faults
			r.t.Fatalf("exit code %d: %s\n%s", result.code, result.stdout, result.stderr)
		}
	}
	return runs
}

// A run that is killed at any moment and resumed publishes everything that changed once: on the server there is one revision more
// of it, and of nothing else.
func TestPublishKilled(t *testing.T) {
	t.Parallel()
	server, err := emulator.New(emulator.WithOpen())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	r := newRehearsal(t, server, 7)
	wanted, runs := killCount(t, 12), 0
	for r.kills < wanted && !t.Failed() {
		r.change()
		runs += r.until(func() {})
		r.unchanged()
		r.check()
	}
	t.Logf("%d kills of %d runs, releases %d", r.kills, runs, r.releases)
}

// faults are what goes wrong with one of the next requests.
var faults = []emulator.Fault{
	{Answer: &emulator.Answer{Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": "1"}}},
	{Answer: &emulator.Answer{Status: http.StatusServiceUnavailable}},
	{Method: http.MethodPost, Path: "/sites/*/*", Answer: &emulator.Answer{Status: http.StatusServiceUnavailable}},
	{Method: http.MethodPost, Path: "/sites/*/*", Stage: emulator.AfterCommit, Answer: &emulator.Answer{Status: http.StatusGatewayTimeout}},
	{Method: http.MethodPost, Path: "/sites/*/*", RequestBytes: 1000},
	{Method: http.MethodPost, Path: "/sites/*/*"},
	{Method: http.MethodPost, Path: "/sites/*/*", Stage: emulator.AfterCommit},
	{Path: "/sites/*/*", EndSession: true},
}

// The same where requests fail: before and after the server has done its work, with its answer lost, with expired sessions.
func TestPublishKilledWithFaults(t *testing.T) {
	t.Parallel()
	server, err := emulator.New(emulator.WithOpen())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	r := newRehearsal(t, server, 7)
	wanted, runs := killCount(t, 4), 0
	for r.kills < wanted && !t.Failed() {
		r.change()
		runs += r.until(func() {
			server.ClearFaults()
			for range 2 {
				fault := faults[r.rand.IntN(len(faults))]
				fault.Call = 1 + r.rand.IntN(8)
				if err := server.AddFault(fault); err != nil {
					t.Fatal(err)
				}
			}
		})
		server.ClearFaults()
		r.unchanged()
		r.check()
	}
	t.Logf("%d kills of %d runs, releases %d", r.kills, runs, r.releases)
}

// Four shards at once publish to each site once, and what they tell is one report of all sites.
func TestPublishShards(t *testing.T) {
	t.Parallel()
	server, err := emulator.New(emulator.WithOpen())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	const shards = 4
	r := newRehearsal(t, server, 24)
	for range 2 {
		r.change()
		var all []*running
		for i := range shards {
			all = append(all, r.start("--shard", fmt.Sprintf("%d/%d", i+1, shards)))
		}
		for _, run := range all {
			if result := run.wait(); result.code != exitOK {
				t.Errorf("exit code %d: %s\n%s", result.code, result.stdout, result.stderr)
			}
		}
		r.check()
		m, err := deploy.ReadReport(filepath.Join(r.dir, ".tabtemplate"))
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Runs) != shards || len(m.Sites) != len(r.releases) || m.Failures() > 0 || !m.Complete() || m.DifferentInputs {
			t.Errorf("%d runs, %d sites, %d failures, of %+v", len(m.Runs), len(m.Sites), m.Failures(), m.Runs)
		}
	}
}

// A run that is interrupted brings the sites that it has begun to their end, and is resumed like one that was killed.
func TestPublishInterrupted(t *testing.T) {
	t.Parallel()
	server, err := emulator.New(emulator.WithOpen())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	r := newRehearsal(t, server, 12)
	r.change()
	run := r.start("--jobs", "2")
	r.gate.aim(25, "meanwhile", func() { run.cmd.Process.Signal(os.Interrupt) })
	result := run.wait()
	left := 0
	for _, s := range result.report.Sites {
		switch len(s.Results) {
		case 0:
			left++
		case 2:
		default:
			t.Errorf("%s was begun and not finished: %+v", s.Site, s.Results)
		}
	}
	want := fmt.Sprintf("interrupted: %d published, %d sites not reached\n", 2*(len(r.releases)-left), left)
	if result.code != exitFailed || left == 0 || !strings.HasSuffix(result.stderr, want) {
		t.Errorf("exit code %d, want %s\n%s", result.code, want, result.stderr)
	}
	if result := r.publish(0, "--resume"); result.code != exitOK || !result.report.Resumed || len(result.report.Sites) != len(r.releases) {
		t.Errorf("exit code %d, resumed %v: %s\n%s", result.code, result.report.Resumed, result.stdout, result.stderr)
	}
	r.unchanged()
	r.check()
}

// A mortal is an emulator that is killed in the middle of requests, and started again from what it kept.
type mortal struct {
	t         *testing.T
	args      []string
	transport *http.Transport

	mu     sync.RWMutex // held for writing while it is dead
	server *process
}

func (m *mortal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.RLock()
	to, err := url.Parse(m.server.url)
	m.mu.RUnlock()
	if err != nil {
		m.t.Error(err)
	}
	proxy := httputil.ReverseProxy{
		Rewrite:      func(p *httputil.ProxyRequest) { p.SetURL(to) },
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		Transport:    m.transport,
	}
	proxy.ServeHTTP(w, r)
}

func (m *mortal) restart() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.server.kill()
	m.server = startProcess(m.t, m.args...)
}

// The server that is killed in the middle of publishing, and comes back with what it had answered, has everything once.
func TestPublishToAServerThatIsKilled(t *testing.T) {
	t.Parallel()
	m := &mortal{t: t, args: []string{"--open", "--state", filepath.Join(t.TempDir(), "state")}, transport: &http.Transport{}}
	m.server = startProcess(t, m.args...)
	r := newRehearsal(t, m, 5)
	for range 2 {
		r.change()
		for code := exitSites; code != exitOK; {
			run := r.start("--resume")
			r.gate.aim(1+r.rand.IntN(50), moments[r.rand.IntN(len(moments))], m.restart)
			result := run.wait()
			if code = result.code; code != exitOK && code != exitSites {
				t.Fatalf("exit code %d: %s\n%s", code, result.stdout, result.stderr)
			}
			r.gate.aim(0, "", nil)
		}
		r.unchanged()
		r.check()
	}
}
