package deploy_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// tenants is the beginning of a manifest with so many sites.
func tenants(n int) string {
	var text strings.Builder
	text.WriteString("version: 1\nserver: {url: emulator}\nsites:\n")
	for i := range n {
		fmt.Fprintf(&text, "  t%05d: {vars: {tenant: Tenant %d, region: EMEA, database: db_%d}}\n", i, i, i)
	}
	return text.String()
}

// BenchmarkPublishSites publishes two templates to many sites, with a journal, and then once more with nothing to do. It tells
// what a site costs in either, those costs in terms of what they are with 100 sites, the requests, and what a site leaves on the
// heap until the run ends; the emulator, which works in the same process, has its part in the time, and none in the heap.
func BenchmarkPublishSites(b *testing.B) {
	var first [2]float64 // costs of a site with the fewest
	for _, sites := range []int{100, 1000, 2000} {
		b.Run(fmt.Sprint(sites), func(b *testing.B) {
			m := load(b, tenants(sites)+twoTemplates)
			var took [2]time.Duration
			var requests [2]int
			var left int64
			for b.Loop() {
				w := newWorld(b, emulator.WithOpen())
				dir := b.TempDir()
				for run := range took {
					store, err := deploy.OpenState(filepath.Join(dir, "state"), deploy.Shard{})
					if err != nil {
						b.Fatal(err)
					}
					before, start := w.requests.Load(), time.Now()
					report, err := deploy.Publish(b.Context(), m, deploy.Options{Client: w.client, Store: store, Jobs: 8})
					if err != nil || report.Failures() > 0 {
						b.Fatalf("%v\n%s", err, outcomes(report))
					}
					took[run] += time.Since(start)
					requests[run] += int(w.requests.Load() - before)
					if err := store.Close(); err != nil {
						b.Fatal(err)
					}
					if run == 1 {
						with := heap()
						runtime.KeepAlive(report)
						report = nil
						left += with - heap()
					}
				}
				_ = w.server.Close()
			}
			for run, name := range []string{"", "-unchanged"} {
				cost := float64(took[run].Nanoseconds()) / float64(b.N*sites)
				if first[run] == 0 {
					first[run] = cost
				}
				b.ReportMetric(cost, "ns/site"+name)
				b.ReportMetric(cost/first[run], "times-100"+name)
				b.ReportMetric(float64(requests[run])/float64(b.N*sites), "requests/site"+name)
			}
			b.ReportMetric(float64(left)/float64(b.N*sites), "B/site")
		})
	}
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
