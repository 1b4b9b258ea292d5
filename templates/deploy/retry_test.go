package deploy_test

import (
	"strings"
	"testing"
	"testing/synctest"

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
