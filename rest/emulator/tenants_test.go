package emulator

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// tenants is an open server with many sites, each with two workbooks.
type tenants struct {
	tb     testing.TB
	server *Server
}

func newTenants(tb testing.TB, sites int, opts ...Option) *tenants {
	tb.Helper()
	s, err := New(append([]Option{WithOpen(), WithRequestLog(1000)}, opts...)...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	all := &tenants{tb, s}
	for i := range sites {
		all.visit(i)
	}
	return all
}

func (t *tenants) send(token, method, path, body string, want int) string {
	t.tb.Helper()
	r := httptest.NewRequest(method, "/api/3.29/"+path, strings.NewReader(body))
	r.Header.Set("X-Tableau-Auth", token)
	r.Header.Set("Content-Type", "multipart/mixed; boundary=5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a")
	answer := httptest.NewRecorder()
	t.server.ServeHTTP(answer, r)
	if answer.Code != want {
		t.tb.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// visit does on a site what publishing to it does: it signs in, with a token of the site's own, looks for the project and for
// what is there, publishes two workbooks, one of them as a job, and signs out.
func (t *tenants) visit(i int) {
	t.tb.Helper()
	answer := t.send("", "POST", "auth/signin", fmt.Sprintf(`<tsRequest><credentials personalAccessTokenName="ci-%d"
		personalAccessTokenSecret="s"><site contentUrl="tenant-%d"/></credentials></tsRequest>`, i, i), http.StatusOK)
	token := tokenInAnswer.FindStringSubmatch(answer)[1]
	_, site, _ := strings.Cut(answer, `<site id="`)
	site = "sites/" + site[:36] + "/"
	t.send(token, "GET", site+"projects?pageSize=100&filter=name:eq:Default", "", http.StatusOK)
	for n, asJob := range []string{"", "&asJob=true"} {
		t.send(token, "GET", fmt.Sprintf("%sworkbooks?filter=name:eq:Sales+%d", site, n), "", http.StatusOK)
		payload := fmt.Sprintf(`<tsRequest><workbook name="Sales %d"/></tsRequest>`, n)
		want := http.StatusCreated
		if asJob != "" {
			want = http.StatusAccepted
		}
		t.send(token, "POST", site+"workbooks?overwrite=true"+asJob, tsc(payload, "tableau_workbook", "a.twb", oneSheetTWB), want)
	}
	t.send(token, "GET", site+"jobs?filter=status:eq:Pending", "", http.StatusOK)
	t.send(token, "POST", "auth/signout", "", http.StatusNoContent)
}

// Compare the sizes: a visit to a site is to take the same however many sites there are.
func BenchmarkManySites(b *testing.B) {
	for _, sites := range []int{100, 1000, 10_000} {
		before := heap()
		t := newTenants(b, sites)
		perSite := float64(heap()-before) / float64(sites)
		b.Run(fmt.Sprint(sites), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				t.visit(i * 7919 % sites)
			}
			b.ReportMetric(perSite, "B/site")
		})
		runtime.KeepAlive(t)
	}
}

// heap is how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
