package deploy_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// again is a manifest that is published again and again to one emulator.
type again struct {
	*world
	store   *deploy.MemoryStore
	options deploy.Options
}

func newAgain(t testing.TB) *again {
	w := &again{world: newWorld(t, emulator.WithOpen()), store: deploy.NewMemoryStore()}
	w.options = deploy.Options{Client: w.client, Store: w.store, Jobs: 1}
	return w
}

// run publishes a manifest, and returns the outcomes with how what was there had changed.
func (w *again) run(m *templates.Manifest) string {
	w.t.Helper()
	report, err := deploy.Publish(w.t.Context(), m, w.options)
	if err != nil {
		w.t.Fatal(err)
	}
	return told(report)
}

func told(report *deploy.Report) string {
	var lines strings.Builder
	for _, s := range report.Sites {
		for _, r := range s.Results {
			lines.WriteString(strings.TrimSpace(strings.Join([]string{s.Site, r.Template, string(r.Action), r.Message}, " ")))
			if r.Drift != "" {
				lines.WriteString(": " + r.Drift)
			}
			lines.WriteString("\n")
		}
	}
	return lines.String()
}

// revisions counts those of everything on a site, by name.
func (w *again) revisions(site string) map[string]int {
	w.t.Helper()
	s, count := w.session(site), map[string]int{}
	for wb, err := range s.Workbooks.All(w.t.Context(), rest.Query{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		for _, err := range s.Workbooks.Revisions(w.t.Context(), wb.LUID) {
			if err != nil {
				w.t.Fatal(err)
			}
			count[wb.Name]++
		}
	}
	for ds, err := range s.Datasources.All(w.t.Context(), rest.Query{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		for _, err := range s.Datasources.Revisions(w.t.Context(), ds.LUID) {
			if err != nil {
				w.t.Fatal(err)
			}
			count[ds.Name]++
		}
	}
	return count
}

// all is the outcome of three sites on which the same happens.
func all(action string) string {
	var lines strings.Builder
	for _, site := range []string{"acme", "globex", "initech"} {
		lines.WriteString(site + " orders " + action + "\n" + site + " sales " + action + "\n")
	}
	return lines.String()
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// What did not change since the last run is left alone; what did is published, and nothing else.
func TestPublishesWhatChanged(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	m := load(t, threeSites+twoTemplates)
	check(t, "the first run", w.run(m), all("created"))
	check(t, "the second", w.run(m), all("unchanged"))

	changed := load(t, strings.Replace(threeSites, "globex_prod", "globex_new", 1)+twoTemplates)
	check(t, "another database on one site", w.run(changed), strings.ReplaceAll(strings.ReplaceAll(all("unchanged"),
		"globex orders unchanged", "globex orders overwritten"), "globex sales unchanged", "globex sales overwritten"))
	check(t, "and again", w.run(changed), all("unchanged"))

	renamed := load(t, threeSites+strings.Replace(twoTemplates, "as: Orders", "as: All orders", 1))
	got := w.run(renamed)
	if !strings.Contains(got, `acme orders created: it was published as "Orders" in project "Data Sources" before, which is left there`) {
		t.Errorf("under another name:\n%s", got)
	}
	for site, want := range map[string]map[string]int{
		"acme":   {"Orders": 1, "All orders": 1, "Sales for Acme, Inc.": 2},
		"globex": {"Orders": 2, "All orders": 1, "Sales for Globex": 3},
	} {
		if diff := cmp.Diff(want, w.revisions(site)); diff != "" {
			t.Errorf("revisions on %s (-want +got):\n%s", site, diff)
		}
	}
}

// A run with nothing to do asks little: it signs in and out, and looks for each template and its project.
func TestUnchangedIsCheap(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	m := load(t, threeSites+twoTemplates)
	w.run(m)
	before := len(w.server.Requests())
	w.run(m)
	if got := len(w.server.Requests()) - before; got > 3*8 {
		t.Errorf("%d requests for 3 sites with nothing to do", got)
		for _, r := range w.server.Requests()[before:] {
			t.Log(r.Method, r.Path)
		}
	}
}

// What somebody else did to what was published is seen, said and published over; what only changed its time is not.
func TestDrift(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testDrift)
}

func testDrift(t *testing.T) {
	w := newAgain(t)
	m := load(t, threeSites+twoTemplates)
	w.run(m)
	ctx := t.Context()
	acme, globex, initech := w.session("acme"), w.session("globex"), w.session("initech-apac")
	find := func(s *rest.Session, name string) rest.Workbook {
		wb, err := s.Workbooks.ByName(ctx, name, "")
		if err != nil {
			t.Fatal(err)
		}
		return wb
	}
	time.Sleep(time.Minute)
	sales := find(acme, "Sales for Acme, Inc.")
	file := w.download(acme, deploy.Result{LUID: sales.LUID})
	_, err := acme.Workbooks.Publish(ctx, rest.WorkbookPublish{
		Name: sales.Name, ProjectLUID: sales.ProjectLUID, Source: bytes.NewReader(file), Mode: rest.Overwrite,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := globex.Workbooks.Delete(ctx, find(globex, "Sales for Globex").LUID); err != nil {
		t.Fatal(err)
	}
	description := "Looked at."
	if _, err := initech.Workbooks.Update(ctx, find(initech, "Sales for Initech").LUID, rest.WorkbookUpdate{Description: &description}); err != nil {
		t.Fatal(err)
	}
	got := w.run(m)
	for _, want := range []string{
		"acme orders unchanged\n",
		"acme sales overwritten: somebody else has published it at ",
		"globex sales created: what was published here is not there any more\n",
		"initech orders unchanged\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "initech sales overwritten") {
		t.Errorf("a description is no other content:\n%s", got)
	}
	check(t, "the run after that", w.run(m), all("unchanged"))
	if got := w.revisions("acme")["Sales for Acme, Inc."]; got != 3 {
		t.Errorf("%d revisions, want ours, theirs and ours", got)
	}
}

func TestForce(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	m := load(t, threeSites+twoTemplates)
	w.run(m)
	w.options.Force = true
	check(t, "with force", w.run(m), all("overwritten"))
}

// A site that fails for a reason that may pass is tried once more after the others, and what it had done before is not done
// again.
func TestRetries(t *testing.T) {
	t.Parallel()
	for _, retries := range []int{0, -1} {
		synctest.Test(t, func(t *testing.T) {
			w := newAgain(t)
			err := w.server.AddFault(emulator.Fault{
				Method: "POST", Path: "/sites/*/workbooks", Call: 1, Answer: emulator.Refusal(500000, "The disk is full."),
			})
			if err != nil {
				t.Fatal(err)
			}
			w.options.Retries = retries
			var results []string
			w.options.Result = func(r deploy.Result) { results = append(results, r.Site+" "+r.Template+" "+string(r.Action)) }
			sites := 0
			w.options.SiteDone = func(deploy.SiteResult) { sites++ }
			got := w.run(load(t, threeSites+twoTemplates))
			want := all("created")
			if retries < 0 {
				want = strings.Replace(want, "acme sales created", "acme sales failed", 1)
				got = got[:strings.Index(got, " publishing")] + got[strings.Index(got, "\nglobex"):]
			}
			check(t, "the outcome", got, want)
			if sites != 3 || len(results) != 6 {
				t.Errorf("%d sites done, and the results %q", sites, results)
			}
			if n := w.revisions("acme")["Orders"]; n != 1 {
				t.Errorf("%d revisions of the data source, which was published at once", n)
			}
		})
	}
}

// Once as many sites have failed as may, no further one is begun; the next run does what is left.
func TestMaxFailures(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	m := load(t, strings.Replace(threeSites, "acme: {", "acme: {project: Nowhere, ", 1)+
		strings.Replace(twoTemplates, "project: Data Sources, create_project: true", "create_project: false", 1))
	w.options.MaxFailures = 1
	report, err := deploy.Publish(t.Context(), m, w.options)
	if err != nil {
		t.Fatal(err)
	}
	if report.Left() != 2 || report.Failures() != 3 {
		t.Errorf("%d sites were not reached:\n%s", report.Left(), told(report))
	}
	w.options.MaxFailures = 0
	got := w.run(m)
	if !strings.Contains(got, "acme orders failed") || !strings.Contains(got, "initech sales created") {
		t.Errorf("without a limit:\n%s", got)
	}
}

// A run that was cut short is gone on with: what it did is not looked at again, and is in the report.
func TestResume(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	m := load(t, threeSites+twoTemplates)
	done := 0
	w.options.SiteDone = func(deploy.SiteResult) { done++ }
	w.options.Stop = func() bool { return done == 1 }
	report, err := deploy.Publish(t.Context(), m, w.options)
	if err != nil || report.Left() != 2 {
		t.Fatalf("stopped after the first site: %v\n%s", err, told(report))
	}
	w.options.Stop, w.options.Resume = nil, true
	before := w.signIns
	report, err = deploy.Publish(t.Context(), m, w.options)
	if err != nil || !report.Resumed {
		t.Fatalf("resumed: %v, %v", report.Resumed, err)
	}
	check(t, "the run as a whole", told(report), all("created"))
	if w.signIns-before != 2 {
		t.Errorf("%d sites were signed in to, want the two that were left", w.signIns-before)
	}
	report, err = deploy.Publish(t.Context(), m, w.options)
	if err != nil || report.Resumed {
		t.Errorf("there is nothing to resume: %v, %v", report.Resumed, err)
	}
	check(t, "a run with nothing to resume", told(report), all("unchanged"))
}

// A run is not resumed with another manifest: what it did was something else.
func TestResumeOther(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	done := 0
	w.options.SiteDone = func(deploy.SiteResult) { done++ }
	w.options.Stop = func() bool { return done == 1 }
	if _, err := deploy.Publish(t.Context(), load(t, threeSites+twoTemplates), w.options); err != nil {
		t.Fatal(err)
	}
	w.options.Stop, w.options.Resume = nil, true
	m := load(t, strings.Replace(threeSites, "acme_prod", "acme_new", 1)+twoTemplates)
	report, err := deploy.Publish(t.Context(), m, w.options)
	if err != nil || report.Resumed {
		t.Errorf("resumed: %v, %v", report.Resumed, err)
	}
	check(t, "the run", told(report), strings.Replace(strings.Replace(all("created"),
		"acme orders created", "acme orders overwritten", 1), "acme sales created", "acme sales overwritten", 1))
}

// A store that cannot be written to ends the run before anything is published that would be forgotten.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	full := errors.New("the disk is full")
	for after := range 5 {
		w.options.Store = &failingStore{MemoryStore: deploy.NewMemoryStore(), left: after, err: full}
		_, err := deploy.Publish(t.Context(), load(t, threeSites+twoTemplates), w.options)
		if !errors.Is(err, full) {
			t.Errorf("after %d entries: %v", after, err)
		}
	}
	if n := w.revisions("acme")["Orders"]; n != 3 {
		t.Errorf("%d revisions, want one for each run that could keep its intent", n)
	}
}

type failingStore struct {
	*deploy.MemoryStore
	left int
	err  error
}

func (s *failingStore) Append(entries ...deploy.Entry) error {
	if s.left--; s.left < 0 {
		return s.err
	}
	return s.MemoryStore.Append(entries...)
}

// A plan says what a run would do, and does none of it.
func TestPlan(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	m := load(t, threeSites+twoTemplates)
	plan := func(m *templates.Manifest) string {
		t.Helper()
		before := w.revisions("acme")
		planned, changes := 0, 0
		report, err := deploy.Plan(t.Context(), m, w.options, func(p deploy.Planned) error {
			planned++
			for range p.Rendering.Changes() {
				changes++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if planned != 6 || changes < 12 {
			t.Errorf("%d planned with %d changes", planned, changes)
		}
		if diff := cmp.Diff(before, w.revisions("acme")); diff != "" {
			t.Errorf("something was done (-before +after):\n%s", diff)
		}
		return told(report)
	}
	check(t, "on an empty server", plan(m), all("create"))
	w.run(m)
	check(t, "after a run", plan(m), all("unchanged"))
	changed := load(t, strings.ReplaceAll(threeSites, "_prod", "_new")+twoTemplates)
	check(t, "with other databases", plan(changed), all("overwrite"))
	check(t, "the run itself", w.run(m), all("unchanged"))
}

// The published data source that a planned workbook refers to is the one that is there, and that which would be made where there
// is none.
func TestPlannedReference(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	m := load(t, threeSites+twoTemplates)
	refs := func() (out []string) {
		_, err := deploy.Plan(t.Context(), m, w.options, func(p deploy.Planned) error {
			if p.Template == "sales" && p.Site == "acme" {
				out = references(p.Rendering.File)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got, want := refs(), []string{"acme Orders"}; !slices.Equal(got, want) {
		t.Errorf("before: %q, want %q", got, want)
	}
	session := w.session("acme")
	other, err := session.Projects.EnsurePath(t.Context(), "Other")
	if err != nil {
		t.Fatal(err)
	}
	const document = "<?xml version='1.0' encoding='utf-8' ?>\n<datasource formatted-name='x' version='18.1'><connection class='postgres' /></datasource>\n"
	_, err = session.Datasources.Publish(t.Context(), rest.DatasourcePublish{
		Name: "Orders", ProjectLUID: other.LUID, Source: strings.NewReader(document),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.run(m)
	if got, want := refs(), []string{"acme Orders_1"}; !slices.Equal(got, want) {
		t.Errorf("after, when the server had to choose another content URL: %q, want %q", got, want)
	}
}

func references(f *documents.File) (out []string) {
	for ds := range f.Datasources() {
		if ref, ok := ds.Published(); ok {
			out = append(out, ref.SiteContentURL+" "+ref.ContentURL)
		}
	}
	return out
}

// A template that is replaced while a run has it open is published as it was, and the next run publishes it as it is.
func TestTemplateIsReplaced(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	m := load(t, threeSites+twoTemplates)
	orders, err := m.Template("orders")
	if err != nil {
		t.Fatal(err)
	}
	client := w.options.Client
	w.options.Client = func(s templates.Server) (*rest.Client, error) {
		text, err := os.ReadFile(orders.Path)
		if err == nil {
			text = append(text, "<!-- another version -->\n"...)
			err = errors.Join(os.Remove(orders.Path), os.WriteFile(orders.Path, text, 0o600)) // what is open stays as it is
		}
		if err != nil {
			t.Error(err)
		}
		return client(s)
	}
	check(t, "the run", w.run(m), all("created"))
	w.options.Client = client
	got := w.run(m)
	if !strings.Contains(got, "acme orders overwritten\n") || !strings.Contains(got, "acme sales unchanged\n") {
		t.Errorf("the next run:\n%s", got)
	}
}
