package deploy_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// Sites of a table are published on the server that its entry names, signed in to as it says, with what stands in their rows;
// sites of the caller where the caller says.
func TestSitesOfSeveralServers(t *testing.T) {
	t.Parallel()
	serve := func(options ...emulator.Option) string {
		s, err := emulator.New(options...)
		if err != nil {
			t.Fatal(err)
		}
		over := httptest.NewServer(s)
		t.Cleanup(func() { over.Close(); _ = s.Close() })
		return over.URL
	}
	one := serve(emulator.WithSite("acme", "Acme"), emulator.WithUser("ci", "pw one", "SiteAdministratorCreator", "acme"))
	two := serve(
		emulator.WithSite("globex", "Globex"), emulator.WithSite("initech-apac", "Initech"), emulator.WithSite("hooli", "Hooli"),
		emulator.WithUser("publisher", "not this", "SiteAdministratorCreator", "globex", "initech-apac"), emulator.WithToken("eu", "pw TWO", "publisher"),
		emulator.WithUser("gavin", "pw hooli", "SiteAdministratorCreator", "hooli"),
	)
	dir := t.TempDir()
	table := filepath.Join(dir, "tenants.csv")
	text := "site;content_url;tenant;region;database\nglobex;;Globex;AMER;globex_prod\ninitech;initech-apac;Initech;APAC;initech_prod\n"
	if err := os.WriteFile(table, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m := load(t, `version: 1
server: {url: "`+one+`", sign_in: {user: ci, password: '${env("ONE")}'}}
sites:
  acme: {vars: {tenant: "Acme, Inc.", region: EMEA, database: acme_prod}}
sites_from:
  - file: '`+filepath.ToSlash(table)+`'
    server: {url: "`+two+`", sign_in: {token: {name: eu, secret: '${env("TWO")}'}}}
`+twoTemplates, templates.WithEnv(func(name string) (string, bool) {
		secret, ok := map[string]string{"ONE": "pw one", "TWO": "pw TWO"}[name]
		return secret, ok
	}), templates.WithSites(func(yield func(templates.SiteSource, error) bool) {
		yield(templates.SiteSource{
			Key: "hooli", ContentURL: "hooli", ServerURL: two,
			SignIn: templates.SignIn{User: "gavin", Password: "pw hooli"},
			Vars:   map[string]any{"tenant": "Hooli", "region": "EMEA", "database": "hooli_prod"},
		}, nil)
	}))
	report, err := deploy.Publish(t.Context(), m, deploy.Options{Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	want := `acme orders created
acme sales created
globex orders created
globex sales created
initech orders created
initech sales created
hooli orders created
hooli sales created
`
	if got := outcomes(report); strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	for _, s := range report.Sites {
		if got := s.Results[1].Name; !strings.HasPrefix(got, "Sales for ") || !strings.EqualFold(got[len("Sales for "):][:4], s.Site[:4]) {
			t.Errorf("site %s has the workbook %q", s.Site, got)
		}
	}
}
