package deploy_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// A cutStore is one whose process dies at an entry: nothing is kept from then on. died is when.
type cutStore struct {
	*deploy.MemoryStore
	dies func(deploy.Entry) bool
	died bool
}

var errDied = errors.New("the process died")

func (s *cutStore) Append(entries ...deploy.Entry) error {
	for _, e := range entries {
		if s.died = s.died || s.dies(e); s.died {
			return errDied
		}
	}
	return s.MemoryStore.Append(entries...)
}

// A run that dies between a publish and its outcome has published, which the next run finds out: nothing is published twice, and
// the report tells what was done.
func TestDiesAfterPublishing(t *testing.T) {
	t.Parallel()
	for _, template := range []string{"orders", "sales"} {
		for _, resume := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				w := newAgain(t)
				first := load(t, threeSites+twoTemplates)
				w.dies(t, func(e deploy.Entry) bool { return e.Outcome != nil && e.Outcome.Target.Template == template }, first)
				w.options.Resume = resume
				done := func(action string) string {
					if template == "sales" && !resume { // a run that is not the same finds what the other had come to the end of
						return strings.Replace(all(action), "acme orders "+action, "acme orders unchanged", 1)
					}
					return all(action)
				}
				check(t, "the next run", w.run(first), done("created"))
				time.Sleep(time.Hour)
				changed := load(t, strings.ReplaceAll(threeSites, "_prod", "_new")+twoTemplates)
				w.options.Resume = false
				w.dies(t, func(e deploy.Entry) bool { return e.Outcome != nil && e.Outcome.Target.Template == template }, changed)
				w.options.Resume = resume
				check(t, "the next run with other databases", w.run(changed), done("overwritten"))
				for site, sales := range map[string]string{"acme": "Sales for Acme, Inc.", "initech-apac": "Sales for Initech"} {
					count := w.revisions(site)
					if count["Orders"] != 2 || count[sales] != 2 {
						t.Errorf("resume %v: revisions on %s: %v, want two of each", resume, site, count)
					}
				}
			})
		}
	}
}

// A plan says what is still to be done where a run died, not what that run had done.
func TestPlanAfterDying(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	m := load(t, threeSites+twoTemplates)
	w.options.Sites = m.Sites()[:1]
	w.dies(t, func(e deploy.Entry) bool { return e.Outcome != nil && e.Outcome.Target.Template == "orders" }, m)
	report, err := deploy.Plan(t.Context(), m, w.options, func(deploy.Planned) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	check(t, "the plan", told(report), "acme orders update\nacme sales create\n") // of the settings it is not known that they are set
}

// dies runs until the store does.
func (w *again) dies(t *testing.T, at func(deploy.Entry) bool, m *templates.Manifest) {
	t.Helper()
	options := w.options
	options.Store = &cutStore{MemoryStore: w.store, dies: at}
	if _, err := deploy.Publish(t.Context(), m, options); !errors.Is(err, errDied) {
		t.Fatalf("the run should have died: %v", err)
	}
}

// A run that dies before its publish is sent has published nothing: the next one does.
func TestDiesBeforePublishing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newAgain(t)
		m := load(t, threeSites+twoTemplates)
		w.dies(t, func(e deploy.Entry) bool { return e.Intent != nil && e.Intent.Target.Template == "sales" }, m)
		err := w.store.Append(deploy.Entry{Intent: &deploy.Intent{ // which was kept, but not told of
			Site: "acme", Target: deploy.Target{ServerURL: emulator.URL, SiteContentURL: "acme", Template: "sales"},
			Name: "Sales for Acme, Inc.", Checkpoint: rest.Checkpoint{Seen: time.Now()},
		}})
		if err != nil {
			t.Fatal(err)
		}
		check(t, "the next run", w.run(m), strings.Replace(all("created"), "acme orders created", "acme orders unchanged", 1))
		if count := w.revisions("acme"); count["Orders"] != 1 || count["Sales for Acme, Inc."] != 1 {
			t.Errorf("revisions: %v", count)
		}
	})
}

// What somebody else published after the run died is drift.
func TestDiesAndSomebodyElsePublishes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newAgain(t)
		m := load(t, threeSites+twoTemplates)
		w.dies(t, func(e deploy.Entry) bool { return e.Outcome != nil && e.Outcome.Target.Template == "orders" }, m)
		time.Sleep(time.Minute)
		session := w.sessionOf("acme", "somebody")
		ds, err := session.Datasources.ByName(t.Context(), "Orders", "")
		if err != nil {
			t.Fatal(err)
		}
		file := w.download(session, deploy.Result{Template: "orders", LUID: ds.LUID})
		_, err = session.Datasources.Publish(t.Context(), rest.DatasourcePublish{
			Name: "Orders", ProjectLUID: ds.ProjectLUID, Source: strings.NewReader(string(file)), Mode: rest.Overwrite,
		})
		if err != nil {
			t.Fatal(err)
		}
		got := w.run(m)
		if !strings.Contains(got, "acme orders overwritten: somebody else has published it at ") {
			t.Errorf("the next run:\n%s", got)
		}
	})
}

// Where the server keeps no revisions it cannot be known whether what has changed is our own work: it is published again, and the
// run after that has nothing to do.
func TestDiesWhereThereAreNoRevisions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newAgain(t)
		w.run(load(t, threeSites+twoTemplates))
		off, session := false, w.session("acme")
		if _, err := session.Sites.Update(t.Context(), session.SiteLUID(), rest.SiteUpdate{SiteSettings: rest.SiteSettings{RevisionHistoryEnabled: &off}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		m := load(t, strings.ReplaceAll(threeSites, "_prod", "_new")+twoTemplates)
		w.dies(t, func(e deploy.Entry) bool { return e.Outcome != nil && e.Outcome.Target.Template == "orders" }, m)
		time.Sleep(time.Minute)
		const unknown = "acme orders overwritten: a run was cut short while it was being published, and the server does not show whether it has arrived\n"
		if got := w.run(m); !strings.Contains(got, unknown) {
			t.Errorf("the next run:\n%s", got)
		}
		check(t, "the run after that", w.run(m), all("unchanged"))
	})
}
