package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// corpusManifest has templates of all four kinds that Tableau itself saved; %[1]s is the corpus, %[2]s the server.
const corpusManifest = `version: 1
server:
  url: %[2]s
  sign_in: {user: ana, password: secret}
sites:
  alpha: {vars: {host: db.alpha.internal, database: alpha_db, tenant: Tenant-Alpha, seen: Material, quota: 100000}}
  beta: {vars: {host: db.beta.internal, database: beta_db, tenant: Tenant-Beta, seen: Level, quota: 200000}}
  gamma: {content_url: "", vars: {host: db.gamma.internal, database: gamma_db, tenant: Tenant-Gamma, seen: Product Family, quota: 300000}}
templates:
  ebikes:
    file: '%[1]s/tableau__e-bikes-demo/eBike Sales Analysis.twbx'
    publish: {as: '${tenant} Bikes'}
    edits:
      - published: 'eBikes Inventory and Sales | Project : e-Bikes'
        to: '${published.mysql}'
      - parameter: p_Select View
        value: '${seen}'
  mysql:
    file: '%[1]s/tableau__tabcmd/live_mysql.tds'
    publish: {as: '${tenant} MySQL'}
    edits:
      - connection: {class: mysql}
        set: {server: '${host}', dbname: '${database}'}
  tdsx:
    file: '%[1]s/tableau__document-api-python/TABLEAU_10_TDSX.tdsx'
    publish: {as: '${tenant} SQL Server'}
    edits:
      - connection: {class: sqlserver}
        set: {server: '${host}', dbname: '${database}'}
  users:
    file: '%[1]s/tableau__community-tableau-server-insights/ts_users_01.01.twb'
    publish: {as: '${tenant} Users'}
    edits:
      - connection: {class: postgres}
        set: {server: '${host}', dbname: '${database}'}
      - filter: System Name
        include: ['${tenant}']
  quota:
    file: '%[1]s/tableau__document-api-python/Cache.twbx'
    publish: {as: '${tenant} Quota'}
    edits:
      - parameter: New Quota
        value: '${quota}'
`

// Real files, rendered for three sites and published to an emulator on a port: what is on the server is what was
// rendered, has the values of its site and none of another.
func TestCorpus(t *testing.T) {
	t.Parallel()
	corpus, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "corpus"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(corpus); errors.Is(err, fs.ErrNotExist) {
		t.Skip("there are no real files in ../shared/corpus next to the repository")
	}
	options := []emulator.Option{emulator.WithUser("ana", "secret", "ServerAdministrator"), emulator.WithSite("alpha", ""), emulator.WithSite("beta", "")}
	server := startEmulator(t, options)
	dir := t.TempDir()
	manifest := filepath.Join(dir, "tabtemplate.yaml")
	text := fmt.Sprintf(corpusManifest, filepath.ToSlash(corpus), server)
	if err := os.WriteFile(manifest, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	runOK(t, "render", "--all", "--file", manifest, "--out", out)
	var report deploy.Report
	if err := json.Unmarshal(runOK(t, "publish", "--all", "--json", "--quiet", "--file", manifest), &report); err != nil {
		t.Fatal(err)
	}
	client, err := rest.NewClient(server)
	if err != nil {
		t.Fatal(err)
	}
	for _, site := range report.Sites {
		session, err := client.SignIn(t.Context(), rest.UserPassword{Name: "ana", Password: "secret"}, site.SiteContentURL)
		if err != nil {
			t.Fatal(err)
		}
		if len(site.Results) != 5 {
			t.Errorf("%s: %d results", site.Site, len(site.Results))
		}
		for _, result := range site.Results {
			checkPublished(t, session, result, filepath.Join(out, site.Site))
		}
	}
}

// checkPublished compares a file on the server with the rendered one, and looks for the values of its site.
func checkPublished(t *testing.T, session *rest.Session, result deploy.Result, dir string) {
	t.Helper()
	rendered, err := filepath.Glob(filepath.Join(dir, result.Name+".*"))
	if err != nil || len(rendered) != 1 {
		t.Fatalf("%s %s: rendered as %q, %v", result.Site, result.Name, rendered, err)
	}
	want, err := os.ReadFile(rendered[0])
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	download := session.Workbooks.Download
	if strings.HasPrefix(filepath.Ext(rendered[0]), ".tds") {
		download = session.Datasources.Download
	}
	if _, err := download(t.Context(), result.LUID, &got, rest.DownloadOptions{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s %s: %d bytes on the server, %d rendered", result.Site, result.Name, got.Len(), len(want))
	}
	f, err := documents.OpenReader(bytes.NewReader(want), int64(len(want)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	wanted := strings.NewReplacer(corpusValues[result.Site]...).Replace(corpusFiles[result.Template])
	if values := valuesOf(f); values != wanted {
		t.Errorf("%s %s has\n%s\nwant\n%s", result.Site, result.Template, values, wanted)
	}
	text, err := unpacked(want)
	if err != nil {
		t.Fatal(err)
	}
	for _, site := range []string{"alpha", "beta", "gamma"} {
		for _, word := range []string{"db." + site, site + "_db", "Tenant-" + strings.ToUpper(site[:1]) + site[1:]} {
			if site != result.Site && strings.Contains(text, word) {
				t.Errorf("%s %s holds %q", result.Site, result.Template, word)
			}
		}
	}
}

// corpusFiles is what valuesOf must find in each file, with SITE, TENANT and others in place of what is a site's own.
var corpusFiles = map[string]string{
	"ebikes": `Tenant-TENANTMySQL of site "CONTENTURL"; Anchor Date=2024-03-01; p_Select View=SEEN`,
	"mysql":  "db.SITE.internal SITE_db",
	"tdsx":   "db.SITE.internal SITE_db",
	"users":  "db.SITE.internal SITE_db; System Name include Tenant-TENANT",
	"quota": " Data/en_US-US/Sales Target.tde; Base Salary=50000; Commission Rate=18.400000000000002; New Quota=QUOTA; Sort by=Names; " +
		"New Business Growth=0.6; Churn Rate=0.064; State=Alabama",
}

var corpusValues = map[string][]string{
	"alpha": {"SITE", "alpha", "CONTENTURL", "alpha", "TENANT", "Alpha", "SEEN", "Material", "QUOTA", "100000"},
	"beta":  {"SITE", "beta", "CONTENTURL", "beta", "TENANT", "Beta", "SEEN", "Level", "QUOTA", "200000"},
	"gamma": {"SITE", "gamma", "CONTENTURL", "", "TENANT", "Gamma", "SEEN", "Product Family", "QUOTA", "300000"},
}

// valuesOf tells of everything in a file that the manifest changes.
func valuesOf(f *documents.File) string {
	var values []string
	for ds := range f.Datasources() {
		if ref, ok := ds.Published(); ok {
			values = append(values, fmt.Sprintf("%s of site %q", ref.ContentURL, ref.SiteContentURL))
		}
		for c := range ds.Connections() {
			values = append(values, c.Server()+" "+c.DBName())
		}
		for filter := range ds.Filters() {
			values = append(values, filter.String())
		}
	}
	if wb, ok := f.Workbook(); ok {
		for p := range wb.Parameters() {
			values = append(values, p.Label()+"="+p.Value.String())
		}
	}
	return strings.Join(values, "; ")
}

// startEmulator serves an emulator on a free port until the test ends, and returns its URL.
func startEmulator(t *testing.T, options []emulator.Option) string {
	t.Helper()
	server, err := emulator.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		web.Close()
		_ = server.Close()
	})
	return web.URL
}

// runOK runs the command, which must end well, and returns what it wrote to stdout.
func runOK(t *testing.T, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr); code != exitOK || stderr.Len() > 0 {
		t.Fatalf("%q: exit code %d\n%s%s", args, code, stdout.String(), stderr.String())
	}
	return stdout.Bytes()
}
