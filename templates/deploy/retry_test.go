package deploy_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// full is the refusal of a disk that may have room later.
var full = emulator.Refusal(500000, "The disk is full.")

func (w *again) fault(f emulator.Fault) {
	w.t.Helper()
	if err := w.server.AddFault(f); err != nil {
		w.t.Fatal(err)
	}
}

// A site that was to be tried again keeps what is known of it when the run is stopped before that, and all are told of it.
func TestStoppedBeforeTryingAgain(t *testing.T) {
	t.Parallel()
	m := load(t, threeSites+twoTemplates)
	for name, late := range map[string]bool{"in the first pass": false, "in the second pass": true} {
		synctest.Test(t, func(t *testing.T) {
			w := newAgain(t)
			w.fault(emulator.Fault{Method: "POST", Path: "/sites/*/workbooks", Call: 1, Answer: full})
			begun, done := 0, map[string]int{}
			var results []string
			w.options.Stop = func() bool {
				begun++
				return begun > 3 || !late && begun > 2
			}
			w.options.SiteDone = func(s deploy.SiteResult) { done[s.Site]++ }
			w.options.Result = func(r deploy.Result) { results = append(results, r.Site+" "+r.Template+" "+string(r.Action)) }
			got := w.run(m)
			if !strings.Contains(got, "acme orders created\nacme sales failed publishing workbook") {
				t.Errorf("%s: the report is\n%s", name, got)
			}
			if done["acme"] != 1 || !strings.Contains(strings.Join(results, "\n"), "acme sales failed") {
				t.Errorf("%s: told of %v, and of %q", name, done, results)
			}
			w.options.Stop, w.options.Resume = nil, true
			check(t, name+": resumed", w.run(m), all("created"))
		})
	}
}

// What was published before a sign-in fails stays in the report.
func TestSignInFailsWhenTriedAgain(t *testing.T) {
	t.Parallel()
	m := load(t, threeSites+twoTemplates)
	synctest.Test(t, func(t *testing.T) {
		w := newAgain(t)
		w.fault(emulator.Fault{Method: "POST", Path: "/sites/*/workbooks", Call: 1, Answer: full})
		signIns := 0
		w.options.Credentials = func(*templates.Site) (rest.Credentials, error) {
			if signIns++; signIns == 4 {
				w.fault(emulator.Fault{Method: "POST", Path: "/auth/signin", Answer: full})
			}
			return rest.UserPassword{Name: "admin", Password: "admin"}, nil
		}
		got := w.run(m)
		if !strings.HasPrefix(got, "acme orders created\nacme  failed signing in") {
			t.Errorf("the report is\n%s", got)
		}
	})
}

// A limit of failures counts those that may pass, too: no more sites are begun for them to fail in the same way.
func TestMaxFailuresThatMayPass(t *testing.T) {
	t.Parallel()
	m := load(t, threeSites+twoTemplates)
	synctest.Test(t, func(t *testing.T) {
		w := newAgain(t)
		w.fault(emulator.Fault{Method: "POST", Path: "/auth/signin", Answer: full})
		w.options.MaxFailures = 1
		report, err := deploy.Publish(t.Context(), m, w.options)
		if err != nil {
			t.Fatal(err)
		}
		if report.Left() != 2 {
			t.Errorf("%d sites were not reached, want 2:\n%s", report.Left(), told(report))
		}
	})
}

// A plan that is tried again goes on with what it found before.
func TestPlanTriedAgain(t *testing.T) {
	t.Parallel()
	m := load(t, threeSites+strings.Replace(twoTemplates, "project: Dashboards, create_project: true", "project: Default", 1))
	synctest.Test(t, func(t *testing.T) {
		w := newAgain(t)
		for call := range 4 {
			w.fault(emulator.Fault{Method: "GET", Path: "/sites/*/workbooks", Call: call + 1, Answer: full})
		}
		check(t, "the plan", w.plan(m), all("create"))
	})
}

// plan plans a manifest, and returns what it would do.
func (w *again) plan(m *templates.Manifest) string {
	w.t.Helper()
	report, err := deploy.Plan(w.t.Context(), m, w.options, func(deploy.Planned) error { return nil })
	if err != nil {
		w.t.Fatal(err)
	}
	return told(report)
}

// A content URL that only the server knows is no obstacle to a plan, except for what refers to it.
func TestPlanUnpredictable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ from, to, want string }{
		{"as: 'Sales for ${tenant}'", "as: '売上'", "acme orders create\nacme sales create\n"},
		{"as: Orders", "as: '注文'", `acme orders create
acme sales failed predicting the content URL of template "orders" on site "acme": nothing of the name "注文" can stand in a URL, so the server chooses one
`},
	} {
		w := newAgain(t)
		m := load(t, oneSite+strings.Replace(twoTemplates, tt.from, tt.to, 1))
		check(t, tt.to, w.plan(m), tt.want)
		check(t, tt.to, w.run(m), "acme orders created\nacme sales created\n")
	}
}

// What a job has published, but nobody has seen, is looked for before it is published again.
func TestPublishedUnseen(t *testing.T) {
	t.Parallel()
	m := load(t, oneSite+twoTemplates)
	for _, retries := range []int{1, -1} {
		synctest.Test(t, func(t *testing.T) {
			w := newAgain(t)
			sent := 0
			transport := roundTrip(func(r *http.Request) (*http.Response, error) {
				resp, err := w.RoundTrip(r)
				if strings.Contains(r.URL.Path, "/jobs/") && sent == 0 {
					sent++
					for call := range 12 {
						w.fault(emulator.Fault{Method: "GET", Path: "/sites/*/datasources", Call: call + 1, Answer: full})
					}
				}
				return resp, err
			})
			w.options.Retries = retries
			w.options.Client = func(s templates.Server) (*rest.Client, error) {
				return rest.NewClient(s.URL, rest.WithHTTPClient(&http.Client{Transport: transport}),
					rest.WithSingleRequestLimit(1<<10), rest.WithBlockSize(1<<10))
			}
			w.run(m)
			w.server.ClearFaults()
			time.Sleep(time.Minute)
			w.run(m)
			if n := w.revisions("acme")["Orders"]; n != 1 {
				t.Errorf("%d retries: %d revisions of what was published once", retries, n)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What a run has published already it does not publish again because it is forced to publish everything.
func TestForceOnce(t *testing.T) {
	t.Parallel()
	m := load(t, oneSite+strings.Replace(twoTemplates, "as: Orders, ", "as: Orders, tags: [managed], ", 1))
	synctest.Test(t, func(t *testing.T) {
		w := newAgain(t)
		w.run(m)
		w.options.Force = true
		session := w.session("acme")
		ds, err := session.Datasources.ByName(t.Context(), "Orders", "")
		if err != nil {
			t.Fatal(err)
		}
		if err := session.Datasources.DeleteTag(t.Context(), ds.LUID, "managed"); err != nil {
			t.Fatal(err)
		}
		for call := range 4 {
			w.fault(emulator.Fault{Method: "PUT", Path: "/sites/*/datasources/*/tags", Call: call + 1, Answer: full})
		}
		w.run(m)
		if n := w.revisions("acme")["Orders"]; n != 2 {
			t.Errorf("%d revisions after a run and a forced one", n)
		}
	})
}

// Where the server shows no revisions, what a run itself has set is not taken for somebody else's work.
func TestUnchangedWithoutRevisions(t *testing.T) {
	t.Parallel()
	m := load(t, oneSite+strings.Replace(twoTemplates, "as: Orders, ", "as: Orders, tags: [managed], owner: ana, ", 1))
	synctest.Test(t, func(t *testing.T) {
		w := newAgain(t)
		w.world = newWorld(t, emulator.WithOpen(), emulator.WithClock(time.Now))
		w.sessionOf("acme", "ana")
		slow := roundTrip(func(r *http.Request) (*http.Response, error) {
			time.Sleep(2 * time.Second)
			return w.RoundTrip(r)
		})
		w.options.Client = func(s templates.Server) (*rest.Client, error) {
			return rest.NewClient(s.URL, rest.WithHTTPClient(&http.Client{Transport: slow}))
		}
		for _, kind := range []string{"workbooks", "datasources"} {
			w.fault(emulator.Fault{Method: "GET", Path: "/sites/*/" + kind + "/*/revisions", Answer: emulator.Refusal(403004, "No.")})
		}
		time.Sleep(time.Minute)
		w.run(m)
		time.Sleep(time.Minute)
		check(t, "again", w.run(m), "acme orders unchanged\nacme sales unchanged\n")
	})
}

// Sites and shards that cannot be are refused before anything is begun.
func TestRefusesOptions(t *testing.T) {
	t.Parallel()
	m := load(t, threeSites+twoTemplates)
	w := newWorld(t, emulator.WithOpen())
	acme, err := m.Site("acme")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		options deploy.Options
		want    string
	}{
		{deploy.Options{Sites: []*templates.Site{acme, acme}}, `publishing: site "acme" is given twice`},
		{deploy.Options{Shard: deploy.Shard{Count: 4}}, "publishing: there is no shard 0/4: the first of four is 1/4"},
		{deploy.Options{Shard: deploy.Shard{Index: 5, Count: 4}}, "publishing: there is no shard 5/4: the first of four is 1/4"},
		{deploy.Options{Shard: deploy.Shard{Index: 2}}, "publishing: there is no shard 2/0: the first of four is 1/4"},
	} {
		tt.options.Client = w.client
		_, err := deploy.Publish(t.Context(), m, tt.options)
		if err == nil || err.Error() != tt.want {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

// Who has had enough of a plan is told of nothing more.
func TestPlanEndsWithError(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	enough := errors.New("enough")
	calls := 0
	_, err := deploy.Plan(t.Context(), load(t, threeSites+twoTemplates), w.options, func(deploy.Planned) error {
		calls++
		return enough
	})
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("%d calls: %v", calls, err)
	}
}
