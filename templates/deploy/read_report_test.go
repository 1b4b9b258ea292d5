package deploy_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// What a journal tells of a run is what the run reported: with templates that are left out, that fail for good, and that fail the first
// time, and with a sign-in that is refused.
func TestJournalTellsTheReport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sites := threeSites + `  umbrella: {vars: {tenant: Umbrella, region: EMEA, database: umbrella_prod}}
`
		m := load(t, sites+strings.Replace(twoTemplates, "file: sales.twbx", `file: sales.twbx
    when: region != "APAC"`, 1))
		w := newWorld(t, emulator.WithOpen())
		for _, fault := range []emulator.Fault{
			{Method: "POST", Path: "/auth/signin", Call: 2, Answer: emulator.Refusal(401001, "No.")},
			{Method: "POST", Path: "/sites/*/workbooks", Call: 1, Answer: emulator.Refusal(500000, "The disk is full.")},
			{Method: "POST", Path: "/sites/*/datasources", Call: 3, Answer: emulator.Refusal(400003, "No.")},
		} {
			if err := w.server.AddFault(fault); err != nil {
				t.Fatal(err)
			}
		}
		dir := t.TempDir()
		store, err := deploy.OpenState(dir, deploy.Shard{})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()

		want, err := deploy.Publish(t.Context(), m, deploy.Options{
			Client: w.client, Store: store, Jobs: 1,
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := deploy.ReadReport(dir)
		if err != nil {
			t.Fatal(err)
		}
		counts := map[deploy.Action]int{}
		for _, s := range want.Sites {
			for _, r := range s.Results {
				counts[r.Action]++
			}
		}
		if diff := cmp.Diff(map[deploy.Action]int{deploy.Created: 3, deploy.LeftOut: 1, deploy.Failed: 2, deploy.Skipped: 1}, counts); diff != "" {
			t.Errorf("(-want +got):\n%s%s", diff, told(want))
		}
		if diff := cmp.Diff(want.Sites, got.Sites, cmpopts.IgnoreFields(deploy.Result{}, "Err")); diff != "" {
			t.Errorf("(-report +journal):\n%s", diff)
		}
	})
}
