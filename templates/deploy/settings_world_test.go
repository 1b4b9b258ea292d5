package deploy

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

const extractWorkbook = `<?xml version='1.0' encoding='utf-8' ?>
<workbook source-build='2024.1.0' version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <datasources>
    <datasource caption='Orders' inline='true' name='federated.0abc' version='18.1'>
      <connection class='postgres' dbname='sales' port='5432' server='db.example.com' username='app' />
      <extract count='-1' enabled='true' units='records'>
        <connection class='hyper' dbname='Data/Extracts/orders.hyper' schema='Extract' tablename='Extract' />
      </extract>
    </datasource>
  </datasources>
  <worksheets>
    <worksheet name='Map'>
      <table />
    </worksheet>
  </worksheets>
</workbook>
`

const extractDatasource = `<?xml version='1.0' encoding='utf-8' ?>
<datasource formatted-name='federated.0abc' inline='true' version='18.1'>
  <connection class='postgres' dbname='shop' server='db.example.com' port='5432' username='app' />
  <extract count='-1' enabled='true' units='records'>
    <connection class='hyper' dbname='Data/Extracts/orders.hyper' schema='Extract' tablename='Extract' />
  </extract>
</datasource>
`

const liveDatasource = `<?xml version='1.0' encoding='utf-8' ?><datasource formatted-name='live' inline='true' version='18.1'>` +
	`<connection class='postgres' dbname='shop' server='db.example.com' port='5432' username='app' /></datasource>`

// A settingsWorld is a strict server with a site, people, groups, schedules and content on it: the workbook Book and the data
// source Orders, which have extracts, belong to ana, an administrator, and the data source Live to eve, who is none.
type settingsWorld struct {
	t      testing.TB
	server *emulator.Server
}

func newSettingsWorld(t testing.TB, options ...emulator.Option) *settingsWorld {
	t.Helper()
	server, err := emulator.New(append([]emulator.Option{
		emulator.WithStrict(), emulator.WithRequestLog(5000), emulator.WithSite("acme", "Acme"),
		emulator.WithUser("ana", "secret", "SiteAdministratorCreator"),
		emulator.WithSeed(emulator.Seed{
			Files: fstest.MapFS{
				"Book.twb": {Data: []byte(extractWorkbook)}, "Orders.tds": {Data: []byte(extractDatasource)}, "Live.tds": {Data: []byte(liveDatasource)},
			},
			Schedules: []emulator.SeedSchedule{{Name: "Hourly, all day", Type: "Extract", Frequency: "Daily", Start: "01:00:00"}},
			Sites: []emulator.SeedSite{{
				ContentURL: "acme",
				Users: []emulator.SeedUser{
					{Name: "eve", Role: "Creator", Password: "secret"}, {Name: "bo", Role: "Explorer"}, {Name: "Zoë, [R&D]", Role: "Viewer"},
				},
				Groups:   []emulator.SeedGroup{{Name: "Sales"}, {Name: "R&D, [Süd]", Users: []string{"eve"}}},
				Projects: []emulator.SeedProject{{Path: "Finance"}, {Path: "Finance/EMEA"}, {Path: "Locked", ContentPermissions: "LockedToProject"}},
				Workbooks: []emulator.SeedContent{
					{File: "Book.twb", Owner: "ana"}, {File: "Book.twb", Name: "Bound", Project: "Locked", Owner: "ana"},
				},
				Datasources: []emulator.SeedContent{{File: "Orders.tds", Owner: "ana"}, {File: "Live.tds", Owner: "eve"}},
			}},
		}),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return &settingsWorld{t, server}
}

// signIn signs in to the server, which is called by its own name or by one of Tableau Cloud.
func (w *settingsWorld) signIn(user, serverURL string) *rest.Session {
	w.t.Helper()
	return w.signInAs(serverURL, rest.UserPassword{Name: user, Password: "secret"})
}

func (w *settingsWorld) signInAs(serverURL string, credentials rest.Credentials) *rest.Session {
	w.t.Helper()
	under := roundTripper(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.URL.Scheme, r.URL.Host = "http", strings.TrimPrefix(emulator.URL, "http://")
		return w.server.Transport().RoundTrip(r)
	})
	c, err := rest.NewClient(serverURL, rest.WithHTTPClient(&http.Client{Transport: under}))
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := c.SignIn(w.t.Context(), credentials, "acme")
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

const cloudURL = "https://10ax.online.tableau.com"

// object reads what is on the server.
func (w *settingsWorld) object(s *rest.Session, workbook bool, name string) object {
	w.t.Helper()
	there, err := find(context.WithoutCancel(w.t.Context()), s, workbook, name, "")
	if err != nil || there == nil {
		w.t.Fatalf("%q: %v, %v", name, there, err)
	}
	return *there
}

var luidInPath = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// requests are those that came while something was done, as "PUT workbooks/ID/tags", and with a star those that were refused.
func (w *settingsWorld) requests(do func()) []string {
	before := len(w.server.Requests())
	do()
	var lines []string
	for _, r := range w.server.Requests()[before:] {
		_, path, found := strings.Cut(r.Path, "/sites/")
		if found {
			_, path, _ = strings.Cut(path, "/")
		} else {
			path = r.Path[strings.LastIndex(r.Path, "/")+1:]
		}
		line := r.Method + " " + luidInPath.ReplaceAllString(path, "ID")
		if r.Status != http.StatusOK && r.Status/100 != 2 {
			line += " *"
		}
		lines = append(lines, line)
	}
	return lines
}

// changes are the requests that change something.
func changes(requests []string) []string {
	return slices.DeleteFunc(slices.Clone(requests), func(line string) bool { return strings.HasPrefix(line, "GET ") })
}

func wantLines(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n  %s\nwant:\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// hintOf is what an error advises.
func hintOf(err error) string {
	if advised, ok := errors.AsType[hinter](err); ok {
		return advised.Hint()
	}
	return ""
}
