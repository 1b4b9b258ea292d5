package emulator

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// crowd is a server with many workbooks on its Default site, each with a view of its own that nobody else has.
type crowd struct {
	server    *Server
	tokens    map[string]string // by user
	site      string
	published int
}

func newCrowd(tb testing.TB, workbooks int) *crowd {
	tb.Helper()
	s, err := New(WithUser("admin", "secret", "ServerAdministrator"), WithUser("eve", "secret", "Viewer"))
	if err != nil {
		tb.Fatal(err)
	}
	c := &crowd{server: s, tokens: make(map[string]string), site: s.siteByContentURL("").luid}
	for _, name := range []string{"admin", "eve"} {
		answer := c.send(tb, "", "POST", "auth/signin", `<tsRequest><credentials name="`+name+`" password="secret"><site contentUrl=""/></credentials></tsRequest>`, 200)
		c.tokens[name] = string(tokenInAnswer.FindStringSubmatch(answer)[1])
	}
	for range workbooks {
		c.publish(tb)
	}
	return c
}

func (c *crowd) send(tb testing.TB, user, method, path, body string, want int) string {
	tb.Helper()
	r := httptest.NewRequest(method, "/api/3.29/"+path, strings.NewReader(body))
	r.Header.Set("X-Tableau-Auth", c.tokens[user])
	r.Header.Set("Content-Type", "multipart/mixed; boundary=5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a")
	answer := httptest.NewRecorder()
	c.server.ServeHTTP(answer, r)
	if answer.Code != want {
		tb.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
	}
	return answer.Body.String()
}

func (c *crowd) publish(tb testing.TB) (luid string) {
	tb.Helper()
	c.published++
	payload := fmt.Sprintf(`<tsRequest><workbook name="Sales %d"/></tsRequest>`, c.published)
	answer := c.send(tb, "admin", "POST", "sites/"+c.site+"/workbooks", tsc(payload, "tableau_workbook", "a.twb", oneSheetTWB), 201)
	_, rest, _ := strings.Cut(answer, `<workbook id="`)
	return rest[:36]
}

const oneSheetTWB = `<?xml version='1.0' encoding='utf-8' ?>
<workbook version='18.1'><worksheets><worksheet name='Map'><table /></worksheet></worksheets>
<windows><window class='worksheet' name='Map' /></windows></workbook>`

// crowdRequests is what must not take longer on a site with many workbooks than on one with few.
var crowdRequests = map[string]func(tb testing.TB, c *crowd){
	"first page": func(tb testing.TB, c *crowd) {
		c.send(tb, "admin", "GET", "sites/"+c.site+"/workbooks?pageSize=100", "", 200)
	},
	"page 2 of views": func(tb testing.TB, c *crowd) {
		c.send(tb, "admin", "GET", "sites/"+c.site+"/views?pageSize=50&pageNumber=2", "", 200)
	},
	"page for a viewer": func(tb testing.TB, c *crowd) {
		c.send(tb, "eve", "GET", "sites/"+c.site+"/workbooks?pageSize=100", "", 200)
	},
	"sorted page": func(tb testing.TB, c *crowd) {
		c.send(tb, "admin", "GET", "sites/"+c.site+"/workbooks?pageSize=100&sort=name:desc", "", 200)
	},
	"filtered page": func(tb testing.TB, c *crowd) {
		c.send(tb, "admin", "GET", "sites/"+c.site+"/workbooks?pageSize=100&filter=name:eq:Sales+7", "", 200)
	},
	"publish and delete": func(tb testing.TB, c *crowd) {
		luid := c.publish(tb)
		c.published--
		c.send(tb, "admin", "DELETE", "sites/"+c.site+"/workbooks/"+luid, "", 204)
	},
}

// Compare the two sizes: what they take is to be of the same order.
func BenchmarkCrowd(b *testing.B) {
	for _, workbooks := range []int{100, 10_000} {
		c := newCrowd(b, workbooks)
		for name, request := range crowdRequests {
			b.Run(fmt.Sprintf("%s/%d", name, workbooks), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					request(b, c)
				}
			})
		}
	}
}

// What a page, a publish and a delete take does not grow with what is on the site. It is not parallel because it counts
// what the process allocates.
func TestCrowd(t *testing.T) {
	few, many := newCrowd(t, 100), newCrowd(t, 1000)
	for _, name := range []string{"first page", "page 2 of views", "page for a viewer", "publish and delete"} {
		cost := func(c *crowd) float64 { return testing.AllocsPerRun(5, func() { crowdRequests[name](t, c) }) }
		if of100, of1000 := cost(few), cost(many); of1000 > of100*1.2 {
			t.Errorf("%s: %.0f allocations with 1000 workbooks, %.0f with 100", name, of1000, of100)
		}
	}
}

// Many downloads of a large file take a little memory each, whatever its size. It is not parallel because it counts what
// the process allocates.
func TestDownloadsAreStreamed(t *testing.T) {
	const size, downloads = 20 * mebibyte, 20
	for name, opts := range map[string][]Option{"memory": nil, "folder": {WithState(t.TempDir())}} {
		w := start(t, opts...)
		published := w.publish("datasource", "", `name="Large"`, ``, "a.hyper", "HyperPe"+strings.Repeat("x", size)).wantStatus(201)
		path := URL + "/api/3.29/sites/" + w.site + "/datasources/" + longLUID.FindString(string(published.raw)) + "/content"
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var clients sync.WaitGroup
		for range downloads {
			clients.Go(func() {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("X-Tableau-Auth", w.token)
				resp, err := w.client().Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				defer resp.Body.Close()
				if n, err := io.Copy(io.Discard, resp.Body); err != nil || n != size+7 {
					t.Errorf("%d bytes, %v", n, err)
				}
			})
		}
		clients.Wait()
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > downloads*mebibyte {
			t.Errorf("%s: %d downloads of %d bytes took %d bytes of memory", name, downloads, size, took)
		}
	}
}
