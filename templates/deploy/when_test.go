package deploy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// A template that is left out on a site is reported as that, and those that do not need it there are published.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.WithOpen())
	report := w.publish(load(t, threeSites+strings.NewReplacer(
		"    file: orders.tds", "    when: region != 'APAC'\n    file: orders.tds",
		"      - published: Orders\n", "      - published: Orders\n        when: region != 'APAC'\n",
	).Replace(twoTemplates)))
	const want = "acme orders created\nacme sales created\nglobex orders created\nglobex sales created\ninitech orders left out\n"
	got, last, _ := strings.Cut(outcomes(report), "initech sales ")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	// The workbook was tried: it is not skipped, but still refers to the published data source of its template.
	if !strings.HasPrefix(last, "failed: ") || !strings.Contains(last, "refers to the published data source") {
		t.Errorf("sales on initech: %s", last)
	}
}
