package deploy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// What the first and the second run say they did.
func TestPublishAndPublishAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.WithOpen())
	m := load(t, threeSites+twoTemplates)
	first := w.publish(m)
	if diff := cmp.Diff(`acme orders created
acme sales created
globex orders created
globex sales created
initech orders created
initech sales created
`, outcomes(first)); diff != "" {
		t.Errorf("first run (-want +got):\n%s", diff)
	}
	second := w.publish(m)
	if got, want := outcomes(second), strings.ReplaceAll(outcomes(first), "created", "overwritten"); got != want {
		t.Errorf("second run:\n%s", cmp.Diff(want, got))
	}
	if first.Failures()+second.Failures() != 0 {
		t.Errorf("%d and %d failures", first.Failures(), second.Failures())
	}
	seen := map[string]bool{}
	for i, s := range first.Sites {
		for j, r := range s.Results {
			if again := second.Sites[i].Results[j]; again.LUID != r.LUID || again.ContentURL != r.ContentURL {
				t.Errorf("%s %s is another the second time: %+v, then %+v", s.Site, r.Template, r, again)
			}
			if r.LUID == "" || seen[r.LUID] {
				t.Errorf("%s %s has the LUID %q", s.Site, r.Template, r.LUID)
			}
			seen[r.LUID] = true
		}
	}
}

// One result in full, and as JSON.
func TestReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.WithOpen())
	m := load(t, threeSites+twoTemplates)
	site, err := m.Site("initech")
	if err != nil {
		t.Fatal(err)
	}
	var told []deploy.Result
	report, err := deploy.Publish(t.Context(), m, deploy.Options{
		Sites: []*templates.Site{site}, Client: w.client, Result: func(r deploy.Result) { told = append(told, r) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report.Sites[0].Results, told, cmpopts.IgnoreFields(deploy.Result{}, "Err")); diff != "" {
		t.Errorf("progress told something else (-report +told):\n%s", diff)
	}
	for i := range report.Sites[0].Results {
		r := &report.Sites[0].Results[i]
		if r.Duration <= 0 || r.LUID == "" {
			t.Errorf("%s took %s and is %q", r.Template, r.Duration, r.LUID)
		}
		r.Duration, r.LUID, r.ProjectLUID = 0, "", ""
	}
	got, err := json.MarshalIndent(report, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{
 "sites": [
  {
   "site": "initech",
   "content_url": "initech-apac",
   "server": "http://tableau.localhost",
   "results": [
    {
     "site": "initech",
     "template": "orders",
     "action": "created",
     "name": "Orders",
     "project": "Data Sources",
     "content_url": "Orders",
     "changes": 4,
     "sent_bytes": 2914,
     "duration_ns": 0
    },
    {
     "site": "initech",
     "template": "sales",
     "action": "created",
     "name": "Sales for Initech",
     "project": "Dashboards",
     "content_url": "SalesforInitech",
     "views": 3,
     "changes": 28,
     "sent_bytes": 3435,
     "duration_ns": 0
    }
   ]
  }
 ]
}`, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What is on the server is what rendering makes, and holds nothing of another tenant.
func TestEachSiteHasItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.WithOpen())
	m := load(t, threeSites+twoTemplates)
	report := w.publish(m)
	renderer, err := m.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer renderer.Close()
	marks := map[string][]string{ // what only one tenant's files may hold
		"acme":    {"Acme, Inc.", "acme"},
		"globex":  {"Globex", "globex"},
		"initech": {"Initech", "initech"},
	}
	for i, site := range m.Sites() {
		session := w.session(site.ContentURL)
		published := map[string]templates.Published{}
		for j, template := range m.Templates() {
			r := report.Sites[i].Results[j]
			file := w.download(session, r)
			rendering, err := renderer.Render(site, template, published)
			if err != nil {
				t.Fatal(err)
			}
			var want bytes.Buffer
			if _, err := rendering.File.WriteTo(&want); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(file, want.Bytes()) {
				t.Errorf("%s %s: %d bytes on the server, rendering makes other %d", site.Key, template.Name, len(file), want.Len())
			}
			published[template.Name] = templates.Published{
				Name: r.Name, ContentURL: r.ContentURL, LUID: r.LUID, SiteContentURL: site.ContentURL, ServerURL: site.Server.URL,
			}
			text := unpacked(t, file)
			for tenant, words := range marks {
				for _, word := range words {
					if strings.Contains(text, word) != (tenant == site.Key) {
						t.Errorf("%s %s: whether it holds %q of %s is wrong", site.Key, template.Name, word, tenant)
					}
				}
			}
		}
	}
}

// The values themselves, read back from the server.
func TestPublishedValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.WithOpen())
	report := w.publish(load(t, threeSites+twoTemplates))
	wb := open(t, w.download(w.session("initech-apac"), report.Sites[2].Results[1]))
	var got []string
	for ds := range wb.Datasources() {
		if ref, ok := ds.Published(); ok {
			got = append(got, fmt.Sprintf("%s: %s of %q on %s", ds.Label(), ref.ContentURL, ref.SiteContentURL, ref.Server))
		}
		for c := range ds.Connections() {
			got = append(got, fmt.Sprintf("%s: %s on %s", ds.Label(), c.DBName(), c.Server()))
		}
		for f := range ds.Filters() {
			got = append(got, fmt.Sprintf("%s: %s", ds.Label(), f))
		}
	}
	book, _ := wb.Workbook()
	for p := range book.Parameters() {
		got = append(got, p.Label()+": "+p.Value.String())
	}
	want := []string{
		`Orders: Orders of "initech-apac" on http://tableau.localhost`, "Sales facts: initech_prod on db.internal",
		"Sales facts: Tenant include Initech", "Region: APAC",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Another data source has the content URL that the name would give: what goes into the workbook is what the server
// made of it.
func TestContentURLOfTheServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.WithOpen())
	m := load(t, threeSites+twoTemplates)
	session := w.session("globex")
	other, err := session.Projects.EnsurePath(t.Context(), "Other")
	if err != nil {
		t.Fatal(err)
	}
	const document = "<?xml version='1.0' encoding='utf-8' ?>\n<datasource formatted-name='x' version='18.1'><connection class='postgres' /></datasource>\n"
	taken, err := session.Datasources.Publish(t.Context(), rest.DatasourcePublish{
		Name: "Orders", ProjectLUID: other.LUID, Source: strings.NewReader(document),
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // publishing again finds the one it made
		report := w.publish(m)
		var used []string
		for i, site := range m.Sites() {
			orders, sales := report.Sites[i].Results[0], report.Sites[i].Results[1]
			wb := open(t, w.download(w.session(site.ContentURL), sales))
			ds, err := wb.Datasource("Orders")
			if err != nil {
				t.Fatal(err)
			}
			ref, _ := ds.Published()
			if ref.ContentURL != orders.ContentURL || ref.SiteContentURL != site.ContentURL {
				t.Errorf("%s: the workbook uses %+v, the server has %q", site.Key, ref, orders.ContentURL)
			}
			used = append(used, orders.ContentURL)
		}
		if want := []string{"Orders", "Orders_1", "Orders"}; !slices.Equal(used, want) || taken.ContentURL != "Orders" {
			t.Errorf("content URLs %q, want %q; the one that was there has %q", used, want, taken.ContentURL)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	m := load(t, threeSites+twoTemplates)
	if report, err := deploy.Publish(t.Context(), m, deploy.Options{Jobs: -1}); err == nil || report != nil {
		t.Errorf("-1 jobs: %v, %v", report, err)
	}
}
