package rest_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

var publishScenarios = []scenario{
	{rows: []int{6, 8, 22, 29, 30, 41}, name: "a workbook, each way of publishing", run: testRoundTrip},
	{rows: []int{50, 53, 57, 134, 135}, name: "a real data source, in blocks", run: testRoundTripOfARealFile},
	{rows: []int{22, 37}, name: "what an overwrite takes, and what is kept", run: testKeep},
	{rows: []int{50, 54}, name: "what an overwrite takes from a data source", run: testKeepDatasource},
	{rows: []int{22, 32}, name: "credentials for each connection of a workbook", run: testWorkbookCredentials},
	{rows: []int{50, 53, 55}, name: "credentials for each connection of a data source", run: testDatasourceCredentials},
	{rows: []int{22, 24}, name: "some views of a workbook", run: testShowViews},
	{rows: []int{50}, name: "rows appended to a data source, and replaced", run: testAppend},
	{rows: []int{22}, name: "options that the server checks", run: testOptions},
	{rows: []int{22, 50, 99, 134, 135}, name: "the requests of a publish", run: testRequests},
}

// stage is a server with two administrators, ana and bob.
type stage struct {
	t       *testing.T
	server  *emulator.Server
	client  *rest.Client
	project rest.Project
}

func newStage(t *testing.T, server []emulator.Option, client ...rest.Option) (*stage, *rest.Session) {
	t.Helper()
	e, err := emulator.New(append([]emulator.Option{
		emulator.WithStrict(), emulator.WithRequestLog(100),
		emulator.WithUser("ana", "secret", "SiteAdministratorCreator"), emulator.WithUser("bob", "secret", "SiteAdministratorCreator"),
	}, server...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	c, err := rest.NewClient(emulator.URL, append([]rest.Option{rest.WithHTTPClient(&http.Client{Transport: e.Transport()})}, client...)...)
	if err != nil {
		t.Fatal(err)
	}
	st := &stage{t: t, server: e, client: c}
	s := st.signIn("ana")
	if st.project, err = s.Projects.EnsurePath(t.Context(), "Dashboards"); err != nil {
		t.Fatal(err)
	}
	return st, s
}

func (st *stage) signIn(user string) *rest.Session {
	st.t.Helper()
	s, err := st.client.SignIn(st.t.Context(), rest.UserPassword{Name: user, Password: "secret"}, "")
	if err != nil {
		st.t.Fatal(err)
	}
	return s
}

// publish publishes the workbook Sales, which has to go well.
func (st *stage) publish(s *rest.Session, change func(*rest.WorkbookPublish)) rest.Workbook {
	st.t.Helper()
	p := rest.WorkbookPublish{Name: "Sales", ProjectLUID: st.project.LUID, Source: strings.NewReader(template), Mode: rest.Overwrite}
	change(&p)
	w, err := s.Workbooks.Publish(st.t.Context(), p)
	if err != nil {
		st.t.Fatal(err)
	}
	return w
}

// publishSource publishes the data source Orders, which has to go well.
func (st *stage) publishSource(s *rest.Session, change func(*rest.DatasourcePublish)) rest.Datasource {
	st.t.Helper()
	p := rest.DatasourcePublish{Name: "Orders", ProjectLUID: st.project.LUID, Source: strings.NewReader(twoDatabases), Mode: rest.Overwrite}
	change(&p)
	d, err := s.Datasources.Publish(st.t.Context(), p)
	if err != nil {
		st.t.Fatal(err)
	}
	return d
}

// requests are those that were sent since the last time.
func (st *stage) requests(since int) (lines []string, total int) {
	all := st.server.Requests()
	for _, r := range all[since:] {
		path := r.Path[strings.LastIndex(r.Path, "/sites/")+len("/sites/"):]
		_, path, _ = strings.Cut(path, "/")
		query, _, _ := strings.Cut(r.Query, "&pageNumber")
		lines = append(lines, strings.TrimSuffix(r.Method+" "+path+"?"+query, "?"))
	}
	return lines, len(all)
}

func sameLines(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// Bob overwrites Ana's workbook: it is his then, without tabs and encryption, unless he keeps them.
func testKeep(t *testing.T) {
	st, ana := newStage(t, nil)
	first := st.publish(ana, func(p *rest.WorkbookPublish) {
		p.ShowTabs, p.EncryptExtracts, p.Description, p.Tags = true, true, "of the year", []string{"gold, pure"}
	})
	bob := st.signIn("bob")
	for _, test := range []struct {
		keep  rest.Keep
		asJob bool
		owner string
		tabs  bool
	}{
		{0, false, bob.UserLUID(), false},
		{rest.KeepAll, false, bob.UserLUID(), false}, // what is lost already stays lost
		{rest.KeepOwner, false, ana.UserLUID(), false},
		{rest.KeepSettings, false, bob.UserLUID(), true},
		{rest.KeepAll, false, ana.UserLUID(), true},
		{rest.KeepAll, true, ana.UserLUID(), true},
	} {
		if test.owner == ana.UserLUID() || test.tabs {
			st.publish(ana, func(p *rest.WorkbookPublish) { p.ShowTabs, p.EncryptExtracts = true, true })
		}
		got := st.publish(bob, func(p *rest.WorkbookPublish) {
			p.Keep, p.AsJob, p.Tags = test.keep, test.asJob, []string{"gold, pure", "new"}
		})
		now, err := bob.Workbooks.ByLUID(t.Context(), first.LUID)
		if err != nil {
			t.Fatal(err)
		}
		for what, w := range map[string]rest.Workbook{"returned": got, "on the server": now} {
			if w.LUID != first.LUID || w.OwnerLUID != test.owner || w.ShowTabs != test.tabs || w.EncryptExtracts != w.ShowTabs ||
				w.Description != "of the year" || fmt.Sprintf("%q", w.Tags) != `["gold, pure" "new"]` || len(w.Views) != 2 || w.Views[0].LUID != first.Views[0].LUID {
				t.Errorf("keeping %b, %s: %+v", test.keep, what, w)
			}
		}
	}
}

// A data source stays certified; what else is kept of it is Bob's choice.
func testKeepDatasource(t *testing.T) {
	st, ana := newStage(t, nil)
	first := st.publishSource(ana, func(p *rest.DatasourcePublish) {
		p.UseRemoteQueryAgent, p.EncryptExtracts, p.Certified, p.CertificationNote = true, true, true, "checked & found good"
		p.Description = "all of them"
	})
	if !first.Certified || first.CertificationNote != "checked & found good" {
		t.Errorf("%+v", first)
	}
	bob := st.signIn("bob")
	for _, keep := range []rest.Keep{rest.KeepAll, 0} {
		got := st.publishSource(bob, func(p *rest.DatasourcePublish) { p.Keep = keep })
		now, err := bob.Datasources.ByLUID(t.Context(), first.LUID)
		if err != nil {
			t.Fatal(err)
		}
		owner := bob.UserLUID()
		if keep != 0 {
			owner = ana.UserLUID()
		}
		for what, d := range map[string]rest.Datasource{"returned": got, "on the server": now} {
			if d.LUID != first.LUID || d.OwnerLUID != owner || d.UseRemoteQueryAgent != (keep != 0) || !d.Certified ||
				d.CertificationNote != "checked & found good" || d.Description != "all of them" {
				t.Errorf("keeping %b, %s: %+v", keep, what, d)
			}
		}
	}
}

// twoDatabases is a data source with two connections of one class, and one of another.
var twoDatabases = `<?xml version='1.0' encoding='utf-8' ?>
<datasource formatted-name='federated.1' inline='true' version='18.1'>
  <connection class='federated'>
    <named-connections>` +
	namedConnection("postgres.1", "postgres", "db.example.com", "5432") +
	namedConnection("postgres.2", "postgres", "archive.example.com", "5432") +
	namedConnection("mysql.1", "mysql", "db.example.com", "3306") + `
    </named-connections>
    <relation connection='postgres.1' name='orders' table='[public].[orders]' type='table' />
  </connection>
</datasource>
`

func namedConnection(name, class, server, port string) string {
	return fmt.Sprintf(`
      <named-connection caption='%s' name='%s'>
        <connection authentication='username-password' class='%s' dbname='sales' port='%s' server='%s' username='template' />
      </named-connection>`, server, name, class, port, server)
}

// withDatabases is a workbook with the same connections, and sheets as template has them.
var withDatabases = strings.Replace(template, "<datasources />", `<datasources><datasource caption='Orders' name='federated.1'>`+
	twoDatabases[strings.Index(twoDatabases, "<connection class='federated'>"):strings.Index(twoDatabases, "</datasource>")]+`</datasource></datasources>`, 1)

func credentials(user string) rest.ConnectionCredentials {
	return rest.ConnectionCredentials{Username: user, Password: "s3cret & more", Embed: true}
}

// users lists the connections as "server:port user", those with embedded credentials marked by a star.
func users(t *testing.T, connections []rest.Connection, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, c := range connections {
		line := c.Server + ":" + c.Port + " " + c.Username
		if c.EmbedPassword {
			line += "*"
		}
		lines = append(lines, line)
	}
	return lines
}

func testWorkbookCredentials(t *testing.T) {
	st, s := newStage(t, nil)
	w := st.publish(s, func(p *rest.WorkbookPublish) {
		p.Source = strings.NewReader(withDatabases)
		p.Connections = []rest.PublishConnection{{Server: "db.example.com", Port: "5432", Credentials: credentials("app")}, {Server: "Archive.example.com", Credentials: credentials("old")}}
	})
	given, err := s.Workbooks.Connections(t.Context(), w.LUID)
	sameLines(t, "each", users(t, given, err), "db.example.com:5432 app*", "archive.example.com:5432 old*", "db.example.com:3306 template")
	st.publish(s, func(p *rest.WorkbookPublish) {
		p.Source, p.Credentials = strings.NewReader(withDatabases), new(credentials("all"))
	})
	given, err = s.Workbooks.Connections(t.Context(), w.LUID)
	sameLines(t, "all", users(t, given, err), "db.example.com:5432 all*", "archive.example.com:5432 all*", "db.example.com:3306 all*")
	st.publish(s, func(p *rest.WorkbookPublish) { p.Source, p.Keep = strings.NewReader(withDatabases), rest.KeepAll })
	given, err = s.Workbooks.Connections(t.Context(), w.LUID)
	sameLines(t, "lost", users(t, given, err), "db.example.com:5432 template", "archive.example.com:5432 template", "db.example.com:3306 template")
}

func testDatasourceCredentials(t *testing.T) {
	st, s := newStage(t, nil)
	d := st.publishSource(s, func(p *rest.DatasourcePublish) {
		p.Connections = []rest.PublishConnection{{Server: "db.example.com", Port: "5432", Credentials: credentials("app")}, {Server: "db.example.com", Port: "3306", Credentials: credentials("my")}}
	})
	given, err := s.Datasources.Connections(t.Context(), d.LUID)
	sameLines(t, "each", users(t, given, err), "db.example.com:5432 app*", "archive.example.com:5432 template", "db.example.com:3306 my*")
	st.publishSource(s, func(p *rest.DatasourcePublish) { p.Credentials = new(credentials("all")) })
	given, err = s.Datasources.Connections(t.Context(), d.LUID)
	sameLines(t, "all", users(t, given, err), "db.example.com:5432 all*", "archive.example.com:5432 all*", "db.example.com:3306 all*")
}

// Only the views asked for are there, and those hidden before come back.
func testShowViews(t *testing.T) {
	st, s := newStage(t, nil)
	contents := &rest.FileContents{Type: "twb", Sheets: []rest.FileSheet{{Name: "Map"}, {Name: "Debug"}}}
	for _, test := range []struct{ hide, show, want []string }{
		{nil, []string{"Debug"}, []string{"Debug"}},
		{[]string{"Debug"}, nil, []string{"Map"}},
		{nil, nil, []string{"Map", "Debug"}},
		{nil, []string{"Debug", "Map"}, []string{"Map", "Debug"}},
	} {
		w := st.publish(s, func(p *rest.WorkbookPublish) { p.Contents, p.HiddenViews, p.ShowViews = contents, test.hide, test.show })
		views, err := s.Views.OfWorkbook(t.Context(), w.LUID)
		if err != nil {
			t.Fatal(err)
		}
		for what, list := range map[string][]rest.View{"returned": w.Views, "listed": views} {
			var names []string
			for _, v := range list {
				names = append(names, v.Name)
			}
			sameLines(t, fmt.Sprintf("hide %q, show %q, %s", test.hide, test.show, what), names, test.want...)
		}
	}
}

// Rows are appended to what is there, and replace what is there; what is not there is not made.
func testAppend(t *testing.T) {
	st, s := newStage(t, nil)
	hyper := func(mode rest.PublishMode) rest.DatasourcePublish {
		return rest.DatasourcePublish{Name: "Rows", ProjectLUID: st.project.LUID, Source: strings.NewReader("HyperRows"), Mode: mode}
	}
	for _, mode := range []rest.PublishMode{rest.Append, rest.Replace} {
		if _, err := s.Datasources.Publish(t.Context(), hyper(mode)); !errors.Is(err, rest.ErrNotFound) {
			t.Errorf("%v without one: %v", mode, err)
		}
	}
	first, err := s.Datasources.Publish(t.Context(), hyper(rest.CreateNew))
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []rest.PublishMode{rest.Append, rest.Replace} {
		if d, err := s.Datasources.Publish(t.Context(), hyper(mode)); err != nil || d.LUID != first.LUID {
			t.Errorf("%v: %+v, %v", mode, d, err)
		}
	}
	if _, err := s.Datasources.Publish(t.Context(), hyper(rest.CreateNew)); !errors.Is(err, rest.ErrConflict) {
		t.Errorf("making it again: %v", err)
	}
}

// What a server refuses leaves nothing behind.
func testOptions(t *testing.T) {
	st, s := newStage(t, []emulator.Option{emulator.WithUnreachable("db.example.com")})
	for name, test := range map[string]struct {
		change func(*rest.WorkbookPublish)
		kind   error
	}{
		"a database that is not there":  {func(p *rest.WorkbookPublish) { p.Source = strings.NewReader(withDatabases) }, rest.ErrForbidden},
		"thumbnails of nobody":          {func(p *rest.WorkbookPublish) { p.ThumbnailsUserLUID = st.project.LUID }, rest.ErrNotFound},
		"thumbnails of no group":        {func(p *rest.WorkbookPublish) { p.ThumbnailsGroupLUID = st.project.LUID }, rest.ErrNotFound},
		"a project that is not there":   {func(p *rest.WorkbookPublish) { p.ProjectLUID = s.UserLUID() }, rest.ErrNotFound},
		"all views hidden, unknowingly": {func(p *rest.WorkbookPublish) { p.HiddenViews = []string{"Map", "Debug"} }, rest.ErrInvalid},
	} {
		p := rest.WorkbookPublish{Name: "Sales", ProjectLUID: st.project.LUID, Source: strings.NewReader(template)}
		test.change(&p)
		if _, err := s.Workbooks.Publish(t.Context(), p); !errors.Is(err, test.kind) {
			t.Errorf("%s: %v, want %v", name, err, test.kind)
		}
	}
	if w, err := s.Workbooks.ByName(t.Context(), "Sales", ""); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("%+v, %v", w, err)
	}
	w := st.publish(s, func(p *rest.WorkbookPublish) {
		p.Source, p.SkipConnectionCheck, p.ThumbnailsUserLUID = strings.NewReader(withDatabases), true, s.UserLUID()
	})
	if len(w.Views) != 2 {
		t.Errorf("%+v", w)
	}
}

var (
	uploadID = regexp.MustCompile(`\d+:[0-9a-f]+-\d+:\d+`)
	jobID    = regexp.MustCompile(`jobs/[-0-9a-f]+`)
)

// No publish sends more than it needs.
func testRequests(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	clock := emulator.WithClock(func() time.Time { // nothing follows at once
		now = now.Add(10 * time.Second)
		return now
	})
	st, s := newStage(t, []emulator.Option{clock}, rest.WithSingleRequestLimit(1<<10), rest.WithBlockSize(1<<10))
	file := filepath.Join(t.TempDir(), "sales.twb")
	if err := os.WriteFile(file, []byte(strings.Replace(template, "<worksheets>", strings.Repeat(" ", 2<<10)+"<worksheets>", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	large, err := rest.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer large.Close()
	const look, lookSource = "GET workbooks?filter=name:eq:Sales", "GET datasources?filter=name:eq:Orders"
	_, sent := st.requests(0)
	var w rest.Workbook
	for _, test := range []struct {
		name   string
		change func(*rest.WorkbookPublish)
		want   []string
	}{
		{"new", func(p *rest.WorkbookPublish) { p.Tags = []string{"gold"} }, []string{look, "POST workbooks?overwrite=true", "PUT workbooks/LUID/tags"}},
		{
			"the same again",
			func(p *rest.WorkbookPublish) { p.Keep, p.Tags = rest.KeepAll, []string{"gold"} },
			[]string{look, "GET workbooks/LUID", "POST workbooks?overwrite=true"},
		},
		{
			"in blocks",
			func(p *rest.WorkbookPublish) { p.Source = large },
			[]string{
				look, "GET workbooks/LUID", "POST fileUploads",
				"PUT fileUploads/ID?sequenceID=1", "PUT fileUploads/ID?sequenceID=2", "PUT fileUploads/ID?sequenceID=3",
				"GET workbooks/LUID",
				"POST workbooks?uploadSessionId=ID&workbookType=twb&overwrite=true&asJob=true", "GET jobs/JOB", "GET workbooks/LUID",
			},
		},
	} {
		w = st.publish(s, test.change)
		var lines []string
		lines, sent = st.requests(sent)
		for i, line := range lines {
			line = strings.ReplaceAll(line, w.LUID, "LUID")
			line = uploadID.ReplaceAllString(line, "ID")
			line = jobID.ReplaceAllString(line, "jobs/JOB")
			lines[i] = line
		}
		if test.name == "in blocks" {
			slices.Sort(lines[3:6]) // they are sent side by side
		}
		sameLines(t, test.name, lines, test.want...)
	}
	st.publishSource(s, func(p *rest.DatasourcePublish) { p.Source = strings.NewReader("HyperRows") })
	lines, _ := st.requests(sent)
	sameLines(t, "a data source", lines, lookSource, "POST datasources?overwrite=true")
}
