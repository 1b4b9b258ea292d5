package emulator

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clientsVariable names a folder with the clients in use that TestClients runs: tsc, tabcmd, tableau_tools and samples,
// each a checkout of the client. tabcmd runs with the tableauserverclient next to it.
const clientsVariable = "TABTEMPLATE_CLIENTS"

// TestClients runs the clients themselves. The rows of the other tests are requests as these clients send them.
func TestClients(t *testing.T) {
	t.Parallel()
	clients := os.Getenv(clientsVariable)
	if clients == "" {
		t.Skipf("%s names no folder with clients", clientsVariable)
	}
	clients, err := filepath.Abs(clients)
	if err != nil {
		t.Fatal(err)
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 to run the clients with")
	}
	files := clientFiles(t)
	for _, c := range []struct {
		name    string
		modules []string // the packages it imports, in the folder of clients
		args    []string
		left    func(t *testing.T, s *Server)
	}{
		{"tsc", []string{"tsc"}, nil, func(t *testing.T, s *Server) {
			if where := s.siteByContentURL(""); len(where.workbooks.All())+len(where.datasources.All())+len(where.flows.All()) != 0 {
				t.Errorf("content was left that the client deleted")
			}
		}},
		{"tabcmd", []string{"tabcmd", "tsc"}, nil, func(t *testing.T, s *Server) {
			if s.siteByContentURL("n") != nil {
				t.Error("the site that the client deleted is there")
			}
		}},
		{"samples", nil, []string{filepath.Join(clients, "samples", "python")}, func(t *testing.T, s *Server) {
			if books, sources := s.siteByContentURL("finance").workbooks.All(), s.siteByContentURL("finance").datasources.All(); len(books) != 1 || len(sources) != 1 {
				t.Errorf("the scripts left %d workbooks and %d data sources on the second site", len(books), len(sources))
			}
		}},
		{"tableau_tools", []string{""}, nil, func(t *testing.T, s *Server) {
			if books := s.siteByContentURL("").workbooks.All(); len(books) != 1 || books[0].Name != "Extract" {
				t.Errorf("the client left %d workbooks", len(books))
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := os.Stat(filepath.Join(clients, c.name)); err != nil {
				t.Skipf("%s has no %s: %v", clientsVariable, c.name, err)
			}
			server, err := New(WithDemo(), WithJobTime(200*time.Millisecond), WithRequestLog(2000),
				WithWebhookClient(&http.Client{Transport: deaf{}}))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { server.Close() })
			web := httptest.NewServer(server)
			t.Cleanup(web.Close)
			paths := make([]string, len(c.modules))
			for i, module := range c.modules {
				paths[i] = filepath.Join(clients, module)
			}
			script := filepath.Join("testdata", "clients", "run_"+c.name+".py")
			cmd := exec.CommandContext(t.Context(), python, append([]string{script, web.URL, files}, c.args...)...)
			cmd.Env = append(os.Environ(), "PYTHONPATH="+strings.Join(paths, string(filepath.ListSeparator)),
				"NO_PROXY=127.0.0.1", "HOME="+t.TempDir(), "TMPDIR="+t.TempDir(), "PYTHONDONTWRITEBYTECODE=1")
			output, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, output)
			}
			for _, r := range server.Requests() {
				if r.Status >= http.StatusInternalServerError {
					t.Errorf("%s %s was answered with %d", r.Method, r.Path, r.Status)
				}
			}
			c.left(t, server)
		})
	}
}

// deaf takes what webhooks send.
type deaf struct{}

func (deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Header: http.Header{}, Request: r}, nil
}

// clientFiles returns a folder with the files that the clients publish.
func clientFiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, data string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("sales.twb", salesTWB)
	write("orders.tds", ordersTDS)
	write("clean.tfl", zipped(t, "flow", `{"nodes":{"1":{"name":"Output","nodeType":".v1.WriteToHyper"}}}`))
	write("extract.twbx", packed(t, "extract.twb", extractTWB, "Data/Extracts/orders.hyper", "no rows"))
	write("extract.tdsx", packed(t, "extract.tds", strings.Replace(ordersTDS, "</datasource>", "  <extract count='-1' enabled='true' units='records'>\r\n"+
		"    <connection class='hyper' dbname='Data/Extracts/orders.hyper' schema='Extract' tablename='Extract' />\r\n  </extract>\r\n</datasource>", 1),
		"Data/Extracts/orders.hyper", "no rows"))
	return dir
}
