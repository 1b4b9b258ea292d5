package emulator

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/webpage"
)

// shown asks for data of the page and decodes it. What is after the question mark may be in short LUIDs.
func shown[T any](w *world, target string) T {
	w.t.Helper()
	var data T
	resp := w.browse(webpage.Path + "data/" + target)
	if err := json.Unmarshal([]byte(resp.text), &data); err != nil {
		w.t.Fatalf("%s is %q: %v", target, resp.text, err)
	}
	return data
}

type browsed struct {
	status int
	header http.Header
	text   string
}

// browse asks for something outside of the API.
func (w *world) browse(target string, header ...string) browsed {
	w.t.Helper()
	method, target, ok := strings.Cut(target, " ")
	if !ok {
		method, target = "GET", method
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, URL+target, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	r.Host = r.Header.Get("Host")
	r.Header.Del("Host")
	resp, err := w.server.Transport().RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return browsed{resp.StatusCode, resp.Header, string(text)}
}

// The data of the page needs no sign-in: no other website may get at it.
func TestPageIsForThisMachine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WithHost("tableau.test"), WithControl())
	for host, status := range map[string]int{
		"": 200, "localhost": 200, "LOCALHOST.:8765": 200, "tableau.localhost": 200, "127.0.0.1:8765": 200, "127.1.2.3": 200,
		"[::1]:8765": 200, "[::1]": 200, "tableau.test": 200, "Tableau.Test:80": 200,
		"evil.example": 421, "localhost.evil.example:8765": 421, "127.0.0.1.evil.example": 421, "notlocalhost": 421,
		"192.168.1.5:8765": 421, "[2001:db8::1]": 421, "other.tableau.test": 421,
	} {
		for _, target := range []string{"/", webpage.Path + "app.js", webpage.Path + "data/overview", "/emulator/clock"} {
			if got := w.browse(target, "Host", host); got.status != status {
				t.Errorf("%s of the host %q answered %d, want %d: %.80s", target, host, got.status, status, got.text)
			}
		}
	}
	for _, origin := range []string{"http://evil.example", "http://localhost:9999", "null"} {
		for _, target := range []string{"POST " + webpage.Path + "data/overview", "POST /emulator/clock", "DELETE /emulator/faults"} {
			if got := w.browse(target, "Origin", origin, "Host", "localhost"); got.status != 403 {
				t.Errorf("%s of %s answered %d", target, origin, got.status)
			}
		}
	}
	if got := w.browse("POST "+webpage.Path+"data/overview", "Sec-Fetch-Site", "cross-site"); got.status != 403 {
		t.Errorf("a request of another site answered %d", got.status)
	}
	if got := w.browse("POST /"); got.status != 405 {
		t.Errorf("POST / answered %d", got.status)
	}
	for _, host := range []string{"", "http://tableau.test", "tableau.test:80"} {
		if _, err := New(WithOpen(), WithHost(host)); err == nil {
			t.Errorf("the host %q is taken", host)
		}
	}
}

// On an address of the network the page is answered under that address.
func TestPageAtTheAddressThatWasReached(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	reached := context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP("10.0.0.1"), Port: 8765})
	for host, want := range map[string]int{"10.0.0.1:8765": 200, "10.0.0.2:8765": 421, "localhost:8765": 200} {
		answer := httptest.NewRecorder()
		w.server.ServeHTTP(answer, httptest.NewRequestWithContext(reached, "GET", "http://"+host+"/", nil))
		if answer.Code != want {
			t.Errorf("%s answered %d, want %d", host, answer.Code, want)
		}
	}
}

func TestPageData(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("datasource", "datasourceType=tds", `name="Orders"`, "", "Orders.tds", ordersTDS).wantStatus(201)
	w.clock.advance(time.Minute)
	w.publish("workbook", "workbookType=twb", `name="Sales"`,
		`<connections><connection serverAddress="db.example.com"><connectionCredentials name="ana" password="hush-hush" embed="true"/></connection></connections>`,
		"Sales.twb", salesTWB).wantStatus(201)
	w.clock.advance(time.Minute)
	w.publish("workbook", "workbookType=twb&overwrite=true", `name="Sales" description="Twice"`, "", "Sales.twb", salesTWB).wantStatus(201)

	overview := shown[webpage.Overview](w, "overview")
	if overview.Contents != 2 || overview.Sites != 2 || overview.API != "3.29" || len(overview.Recent) != 2 || overview.Recent[0].Name != "Sales" ||
		overview.SignIn != (webpage.SignIn{User: "admin", Token: "ci"}) {
		t.Errorf("the overview is %+v", overview)
	}
	sites := shown[webpage.List[webpage.Site]](w, "sites")
	if want := (webpage.Site{LUID: w.site, Name: "Default", Projects: 1, Workbooks: 1, Datasources: 1, Users: 2}); len(sites.Items) != 2 || sites.Items[0] != want {
		t.Errorf("the sites are %+v", sites)
	}
	if sites := shown[webpage.List[webpage.Site]](w, "sites?search=FIN"); len(sites.Items) != 1 || sites.Items[0].ContentURL != "finance" {
		t.Errorf("the sites found are %+v", sites)
	}
	rows := shown[webpage.List[webpage.Row]](w, "contents?sort=name&count=1")
	if rows.Total != 2 || len(rows.Items) != 1 || rows.Items[0].Name != "Orders" || fmt.Sprint(rows.Items[0].Classes) != "[postgres]" {
		t.Errorf("the contents are %+v", rows)
	}

	number := overview.Recent[0].Number
	sales := shown[*webpage.Content](w, fmt.Sprintf("content?kind=workbooks&number=%d", number))
	if sales == nil || sales.Description != "Twice" || sales.Owner != "admin" || sales.Views != 3 || sales.ViewList.Total != 4 ||
		sales.Revisions.Total != 2 || sales.Revisions.Items[0].Number != 2 || !sales.Revisions.Items[0].Current ||
		sales.Connections.Items[0].Class != "postgres" || sales.FileName != "Sales.twb" || sales.Path[0].Name != "Default" {
		t.Errorf("the workbook is %+v", sales)
	}
	if grants := sales.Permissions.Items; len(grants) != 1 || grants[0].Grantee != "All Users" || !grants[0].Group || len(grants[0].Allowed) == 0 {
		t.Errorf("its permissions are %+v", grants)
	}
	if got := w.browse(webpage.Path + "file/" + sales.LUID + "?revision=1"); got.text != salesTWB || !strings.Contains(got.header.Get("Content-Disposition"), `filename="Sales.twb"`) {
		t.Errorf("the first revision is %d bytes, %s", len(got.text), got.header.Get("Content-Disposition"))
	}
	for _, target := range []string{"file/" + sales.LUID + "?revision=3", "file/none", "picture/none"} {
		if got := w.browse(webpage.Path + target); got.status != 404 {
			t.Errorf("%s answered %d", target, got.status)
		}
	}
	if got := w.browse(webpage.Path + "picture/" + sales.ViewList.Items[0].LUID); got.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(got.text, "\x89PNG") {
		t.Errorf("the picture is %.20q", got.text)
	}
	if got := shown[any](w, fmt.Sprintf("content?kind=datasources&number=%d", number)); got != nil {
		t.Errorf("the number of a workbook is that of the data source %v", got)
	}
	if got := shown[any](w, fmt.Sprintf("content?site=finance&kind=workbooks&number=%d", number)); got != nil {
		t.Errorf("the workbook is on another site, too: %v", got)
	}
}

func TestPageProjects(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.send("POST S/projects HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n" +
		`<tsRequest><project name="EMEA" contentPermissions="LockedToProject" description="Far and wide"/></tsRequest>`).wantStatus(201)
	top := find(w.of("").projects.All(), func(p *project) bool { return p.Name == "EMEA" })
	w.send("POST S/projects HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n" +
		`<tsRequest><project name="France" parentProjectId="` + top.LUID + `"/></tsRequest>`).wantStatus(201)
	under := find(w.of("").projects.All(), func(p *project) bool { return p.Name == "France" })
	w.publish("workbook", "workbookType=twb", `name="Sales"`, `<project id="`+under.LUID+`"/>`, "Sales.twb", salesTWB).wantStatus(201)

	got := shown[webpage.Projects](w, "projects?at="+under.LUID)
	if len(got.Path) != 2 || got.Path[0].Name != "EMEA" || got.Open.Name != "France" || got.Open.SetBy == nil || got.Open.SetBy.LUID != top.LUID ||
		len(got.Tree.Items) != 2 || got.Tree.Items[1].Under.Items[0].Contents != 1 {
		t.Errorf("the tree is %+v", got)
	}
	if got := shown[webpage.Projects](w, "projects?at="+top.LUID); got.Open.SetBy != nil || got.Open.Description != "Far and wide" || len(got.Open.Defaults) == 0 {
		t.Errorf("the project is %+v", got.Open)
	}
	row := shown[webpage.List[webpage.Row]](w, "contents?project="+under.LUID).Items[0]
	if sales := shown[webpage.Content](w, fmt.Sprintf("content?kind=workbooks&number=%d", row.Number)); sales.SetBy == nil || sales.SetBy.Name != "EMEA" || len(sales.Path) != 2 {
		t.Errorf("the workbook is %+v", sales)
	}
}

// A version lasts as long as nothing changes, and no longer.
func TestPageVersion(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobTime(time.Minute))
	version := func() string { return w.browse(webpage.Path + "data/overview").header.Get("ETag") }
	before := version()
	w.clock.advance(time.Hour)
	if got := version(); got != before {
		t.Errorf("nothing has changed, but the version from %s to %s", before, got)
	}
	w.publish("workbook", "workbookType=twb&asJob=true", `name="Sales"`, "", "Sales.twb", salesTWB).wantStatus(202)
	waiting := version()
	w.clock.advance(30 * time.Second)
	running := version()
	jobs := shown[webpage.List[webpage.Job]](w, "jobs")
	if len(jobs.Items) != 1 || jobs.Items[0].State != webpage.Running || jobs.Items[0].Progress < 49 || jobs.Items[0].About != "Sales" {
		t.Errorf("the jobs are %+v", jobs)
	}
	if overview := shown[webpage.Overview](w, "overview"); overview.Running != 1 || overview.Contents != 0 {
		t.Errorf("while the job runs the overview is %+v", overview)
	}
	w.clock.advance(time.Minute)
	done := version()
	if jobs := shown[webpage.List[webpage.Job]](w, "jobs"); jobs.Items[0].State != webpage.Succeeded || jobs.Items[0].CompletedAt.IsZero() {
		t.Errorf("the jobs are %+v", jobs)
	}
	if overview := shown[webpage.Overview](w, "overview"); overview.Running != 0 || overview.Contents != 1 {
		t.Errorf("when the job is done the overview is %+v", overview)
	}
	seen := map[string]bool{before: true, waiting: true, running: true, done: true}
	if len(seen) != 4 {
		t.Errorf("the versions are %s, %s, %s, %s", before, waiting, running, done)
	}
	if other := newWorld(t); other.browse(webpage.Path+"data/overview").header.Get("ETag") == newWorld(t).browse(webpage.Path+"data/overview").header.Get("ETag") {
		t.Error("two servers have one version")
	}
}

func TestPageTellsNoSecret(t *testing.T) {
	t.Parallel()
	w := start(t, WithRequestLog(100))
	w.publish("workbook", "workbookType=twb&asJob=true", `name="Sales"`,
		`<connections><connection serverAddress="db.example.com"><connectionCredentials name="ana" password="hush-hush" embed="true"/></connection></connections>`,
		"Sales.twb", salesTWB).wantStatus(202)
	w.send("POST /api/3.29/auth/signin HTTP/1.1\n\n" +
		`<tsRequest><credentials personalAccessTokenName="ci" personalAccessTokenSecret="k1==:secret"><site contentUrl=""/></credentials></tsRequest>`).wantStatus(200)
	w.get("jobs/none").wantStatus(404)
	number := shown[webpage.Overview](w, "overview").Recent[0].Number
	for _, target := range []string{
		"overview", "sites", "projects", "projects?at=" + w.of("").defaultProject().LUID, "contents",
		fmt.Sprintf("content?kind=workbooks&number=%d", number), "jobs", "requests",
	} {
		text := w.browse(webpage.Path + "data/" + target).text
		for _, secret := range []string{"hush-hush", "p@ss", `p@ss\u0026`, "k1==", w.token, strings.Split(w.token, "|")[0]} {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells %q: %s", target, secret, text)
			}
		}
	}
}

func TestPageRequests(t *testing.T) {
	t.Parallel()
	w := start(t, WithRequestLog(3))
	version := w.browse(webpage.Path + "data/overview").header.Get("ETag")
	w.get("workbooks?pageSize=5").wantStatus(200)
	w.send("POST S/projects HTTP/1.1\nUser-Agent: Tester/1\nX-Tableau-Auth: TOKEN\n\n<tsRequest><project name=\"EMEA\"/></tsRequest>").wantStatus(201)
	w.get("jobs/none").wantStatus(404)
	if w.browse(webpage.Path+"data/overview").header.Get("ETag") == version {
		t.Error("a request has not changed the version")
	}
	list := shown[webpage.List[webpage.Request]](w, "requests?count=2")
	if list.Total != 3 || len(list.Items) != 2 {
		t.Fatalf("the requests are %+v", list)
	}
	want := []webpage.Request{
		{Number: 4, At: w.clock.Now(), Method: "GET", Target: "/api/3.29/sites/" + w.site + "/jobs/none", User: "admin", Status: 404, Code: 404018},
		{
			Number: 3, At: w.clock.Now(), Method: "POST", Target: "/api/3.29/sites/" + w.site + "/projects", User: "admin", Agent: "Tester/1",
			Body: `<tsRequest><project name="EMEA"/></tsRequest>`, Status: 201,
		},
	}
	if diff := cmp.Diff(want, list.Items); diff != "" {
		t.Errorf("the requests (-want +got):\n%s", diff)
	}
	if older := shown[webpage.List[webpage.Request]](w, "requests?from=2").Items[0]; older.Number != 2 || !strings.HasSuffix(older.Target, "/workbooks?pageSize=5") {
		t.Errorf("the request before is %+v", older)
	}
	if overview := shown[webpage.Overview](w, "overview"); overview.Remembered != 3 {
		t.Errorf("%d requests are remembered", overview.Remembered)
	}
}

// Of 10,000 workbooks the page gets a window.
func TestPageOfMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	where := w.of("")
	owner, project := where.users.All()[0].LUID, where.defaultProject().LUID
	err := w.server.store.Do(func() error {
		for i := range 10_000 {
			where.workbooks.Put(&asset{
				Kind: "workbook", LUID: fmt.Sprintf("workbook-%d", i), Name: fmt.Sprintf("Workbook %d", i), Number: i + 1,
				Project: project, Owner: owner, Revisions: []revision{{Number: 1, FileType: "twb", Data: state.Blob{}}},
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	list := shown[webpage.List[webpage.Row]](w, "contents?from=9990")
	if list.Total != 10_000 || len(list.Items) != 10 || list.Items[9].Name != "Workbook 0" {
		t.Errorf("of %d there are %d, the last %+v", list.Total, len(list.Items), list.Items[len(list.Items)-1])
	}
	if got := w.browse(webpage.Path + "data/overview"); len(got.text) > 8000 {
		t.Errorf("the overview is %d bytes", len(got.text))
	}
}

// An open page sees a whole world while it changes.
func TestPageWhilePublishing(t *testing.T) {
	t.Parallel()
	w := start(t)
	source := pageSource{w.server}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 20 {
				list, _ := source.Contents("", webpage.Query{Window: webpage.Window{Count: 50}})
				for _, row := range list.Items {
					found, ok := source.Content("", webpage.Workbooks, row.Number)
					if ok && (found.Views != 3 || found.Revisions.Total == 0) {
						t.Errorf("the workbook is %+v", found)
					}
				}
				source.Overview()
			}
		})
	}
	for i := range 10 {
		w.publish("workbook", "workbookType=twb", fmt.Sprintf(`name="Sales %d"`, i), "", "Sales.twb", salesTWB).wantStatus(201)
	}
	group.Wait()
}
