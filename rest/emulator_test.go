package rest_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// template is a workbook small enough to be read here.
const template = `<?xml version='1.0' encoding='utf-8' ?>
<workbook source-build='2024.1.0' version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <datasources />
  <worksheets>
    <worksheet name='Map'>
      <table />
    </worksheet>
    <worksheet name='Debug'>
      <table />
    </worksheet>
  </worksheets>
</workbook>
`

// against signs in to an emulator with a site "acme" and a user. It is a strict one: what the client sends needs no
// leniency.
func against(t testing.TB, server []emulator.Option, client ...rest.Option) *rest.Session {
	t.Helper()
	server = append([]emulator.Option{
		emulator.WithStrict(),
		emulator.WithSite("acme", "Acme"),
		emulator.WithUser("ana", "secret", "SiteAdministratorCreator"),
		emulator.WithToken("ci", "token-secret", "ana"),
	}, server...)
	e, err := emulator.New(server...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	client = append([]rest.Option{rest.WithHTTPClient(&http.Client{Transport: e.Transport()})}, client...)
	c, err := rest.NewClient(emulator.URL, client...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.SignIn(context.Background(), rest.PersonalAccessToken{Name: "ci", Secret: "token-secret"}, "acme")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A round trip with each way of publishing: what comes back is what was sent.
func testRoundTrip(t *testing.T) {
	for name, test := range map[string]struct {
		asJob  bool
		client []rest.Option
	}{
		"in one request":        {},
		"as a job":              {asJob: true},
		"in blocks":             {client: []rest.Option{rest.WithSingleRequestLimit(100), rest.WithBlockSize(64)}},
		"in blocks, one by one": {client: []rest.Option{rest.WithVersion("3.26"), rest.WithSingleRequestLimit(100), rest.WithBlockSize(64)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := against(t, nil, test.client...)
			p, err := s.Projects.EnsurePath(t.Context(), "Dashboards/EMEA")
			if err != nil {
				t.Fatal(err)
			}
			publish := rest.WorkbookPublish{
				Name: "Sales, for Ana & Co", ProjectLUID: p.LUID, Source: strings.NewReader(template),
				HiddenViews: []string{"Debug"}, Tags: []string{"managed"}, AsJob: test.asJob,
			}
			w, err := s.Workbooks.Publish(t.Context(), publish)
			if err != nil {
				t.Fatal(err)
			}
			if w.Name != publish.Name || w.ProjectLUID != p.LUID || len(w.Views) != 1 || w.Views[0].Name != "Map" || len(w.Tags) != 1 {
				t.Errorf("%+v", w)
			}
			found, err := s.Workbooks.ByName(t.Context(), publish.Name, p.LUID)
			if err != nil || found.LUID != w.LUID {
				t.Errorf("ByName: %+v, %v", found, err)
			}
			_, err = s.Workbooks.Publish(t.Context(), publish)
			if !errors.Is(err, rest.ErrConflict) {
				t.Errorf("publishing over it: %v", err)
			}
			publish.Mode = rest.Overwrite
			if again, err := s.Workbooks.Publish(t.Context(), publish); err != nil || again.LUID != w.LUID {
				t.Errorf("overwriting: %+v, %v", again, err)
			}
			var file bytes.Buffer
			info, err := s.Workbooks.Download(t.Context(), w.LUID, &file, rest.DownloadOptions{})
			if err != nil || file.String() != template || !strings.HasSuffix(info.FileName, ".twb") || info.Size != int64(len(template)) {
				t.Errorf("download %+v, %v:\n%s", info, err, file.String())
			}
			if err := s.Workbooks.Delete(t.Context(), w.LUID); err != nil {
				t.Error(err)
			}
			if _, err := s.Workbooks.ByLUID(t.Context(), w.LUID); !errors.Is(err, rest.ErrNotFound) {
				t.Errorf("reading a deleted workbook: %v", err)
			}
			if err := s.SignOut(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A real packaged data source, in blocks.
func testRoundTripOfARealFile(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "shared", "corpus", "tableau__tabcmd", "World Indicators.tdsx"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the corpus is not there")
	}
	if err != nil {
		t.Fatal(err)
	}
	s := against(t, nil, rest.WithSingleRequestLimit(1<<10), rest.WithBlockSize(16<<10))
	p, err := s.Projects.EnsurePath(t.Context(), "Data")
	if err != nil {
		t.Fatal(err)
	}
	var last rest.Progress
	d, err := s.Datasources.Publish(t.Context(), rest.DatasourcePublish{
		Name: "World Indicators", ProjectLUID: p.LUID, Source: bytes.NewReader(content), Progress: func(now rest.Progress) { last = now },
	})
	if err != nil || last.Sent != int64(len(content)) || d.ContentURL != "WorldIndicators" {
		t.Fatalf("%+v, %v, progress %+v", d, err, last)
	}
	var file bytes.Buffer
	if _, err := s.Datasources.Download(t.Context(), d.LUID, &file, rest.DownloadOptions{}); err != nil || !bytes.Equal(file.Bytes(), content) {
		t.Errorf("%d bytes, %v; want %d", file.Len(), err, len(content))
	}
	if _, err := s.Datasources.Connections(t.Context(), d.LUID); err != nil {
		t.Error(err)
	}
}

// The server publishes, and the connection is cut before it says so: the workbook is found and not published twice.
func TestPublishIsCutAfterItArrived(t *testing.T) {
	t.Parallel()
	for _, asJob := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			cut := emulator.WithFault(emulator.Fault{Method: "POST", Path: "/sites/*/workbooks", Call: 1, Stage: emulator.AfterCommit})
			e, err := emulator.New(emulator.WithOpen(), cut)
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			c, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: e.Transport()}))
			if err != nil {
				t.Fatal(err)
			}
			s, err := c.SignIn(t.Context(), rest.UserPassword{Name: "ana", Password: "secret"}, "")
			if err != nil {
				t.Fatal(err)
			}
			p, err := s.Projects.EnsurePath(t.Context(), "Dashboards")
			if err != nil {
				t.Fatal(err)
			}
			w, err := s.Workbooks.Publish(t.Context(), rest.WorkbookPublish{
				Name: "Sales", ProjectLUID: p.LUID, Source: strings.NewReader(template), AsJob: asJob,
			})
			if err != nil || w.Name != "Sales" || len(w.Views) != 2 {
				t.Errorf("as a job %v: %+v, %v", asJob, w, err)
			}
		})
	}
}

func TestWrongTokenAndMissingProject(t *testing.T) {
	t.Parallel()
	e, err := emulator.New(emulator.WithUser("ana", "secret", "SiteAdministratorCreator"))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	c, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: e.Transport()}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.SignIn(t.Context(), rest.PersonalAccessToken{Name: "ci", Secret: "wrong"}, "")
	if !errors.Is(err, rest.ErrAuthentication) {
		t.Errorf("wrong token: %v", err)
	}
	s, err := c.SignIn(t.Context(), rest.UserPassword{Name: "ana", Password: "secret"}, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Workbooks.Publish(t.Context(), rest.WorkbookPublish{
		Name: "Sales", ProjectLUID: "00000000-0000-0000-0000-000000000000", Source: strings.NewReader(template),
	})
	if !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("missing project: %v", err)
	}
	_, err = s.Projects.ByPath(t.Context(), "Nowhere")
	if missing, ok := errors.AsType[*rest.NotFoundError](err); !ok || len(missing.Available) == 0 {
		t.Errorf("%v", err)
	}
}
