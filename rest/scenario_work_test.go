package rest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

var workScenarios = slices.Concat(jobScenarios, scheduleScenarios, noticeScenarios)

// extractTemplate is a workbook with an extract.
const extractTemplate = `<?xml version='1.0' encoding='utf-8' ?>
<workbook source-build='2024.1.0' version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <datasources>
    <datasource caption='Orders' inline='true' name='federated.0abc' version='18.1'>
      <connection class='federated'>
        <named-connections>
          <named-connection caption='db' name='postgres.0abc'>
            <connection class='postgres' dbname='sales' port='5432' server='db.example.com' username='app' />
          </named-connection>
        </named-connections>
        <relation connection='postgres.0abc' name='orders' table='[public].[orders]' type='table' />
      </connection>
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

// A workplace is an emulator with a site, its administrator, a viewer called eve, and content to work with.
type workplace struct {
	*rest.Session
	server     *emulator.Server
	client     *rest.Client
	project    rest.Project
	workbook   rest.Workbook   // Regional, with an extract and a view
	datasource rest.Datasource // Orders, an extract
}

func newWorkplace(t testing.TB, opts ...emulator.Option) workplace {
	t.Helper()
	opts = append([]emulator.Option{
		emulator.WithStrict(),
		emulator.WithSite("acme", "Acme"),
		emulator.WithUser("admin", "secret", "ServerAdministrator"),
		emulator.WithUser("eve", "secret", "Viewer"),
		emulator.WithSeed(emulator.Seed{
			Schedules: []emulator.SeedSchedule{{Name: "Flows, nightly", Type: "Flow", Frequency: "Daily", Start: "01:00:00"}},
			Sites:     []emulator.SeedSite{{ContentURL: "acme", Flows: []emulator.SeedContent{{File: "clean.tfl"}}}},
			Files:     fstest.MapFS{"clean.tfl": {Data: []byte("a flow")}},
		}),
	}, opts...)
	server, err := emulator.New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	c, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: server.Transport()}))
	if err != nil {
		t.Fatal(err)
	}
	w := workplace{server: server, client: c}
	if w.Session, err = c.SignIn(t.Context(), rest.UserPassword{Name: "admin", Password: "secret"}, "acme"); err != nil {
		t.Fatal(err)
	}
	w.project, err = w.Projects.EnsurePath(t.Context(), "Dashboards")
	noError(t, err)
	w.workbook, err = w.Workbooks.Publish(t.Context(), rest.WorkbookPublish{Name: "Regional", ProjectLUID: w.project.LUID, Source: strings.NewReader(extractTemplate)})
	noError(t, err)
	w.datasource, err = w.Datasources.Publish(t.Context(), rest.DatasourcePublish{Name: "Orders", ProjectLUID: w.project.LUID, Source: strings.NewReader("Hyper rows")})
	noError(t, err)
	return w
}

// eve is the LUID of the viewer.
func (w workplace) eve(t testing.TB) string {
	t.Helper()
	s, err := w.client.SignIn(t.Context(), rest.UserPassword{Name: "eve", Password: "secret"}, "acme")
	noError(t, err)
	return s.UserLUID()
}

// scheduled puts the workbook and the data source on a schedule for extracts.
func (w workplace) scheduled(t testing.TB) rest.Schedule {
	t.Helper()
	h, err := w.Schedules.Create(t.Context(), rest.ScheduleCreate{Name: "Nightly", Type: rest.ExtractSchedule, Frequency: rest.Daily("02:30")})
	noError(t, err)
	_, err = w.Schedules.AddWorkbook(t.Context(), h.LUID, w.workbook.LUID, rest.RefreshOptions{})
	noError(t, err)
	_, err = w.Schedules.AddDatasource(t.Context(), h.LUID, w.datasource.LUID, rest.RefreshOptions{})
	noError(t, err)
	return h
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// drain is the items of a list.
func drain[T any](t testing.TB, list func(func(T, error) bool)) []T {
	t.Helper()
	var items []T
	for item, err := range list {
		noError(t, err)
		items = append(items, item)
	}
	return items
}
