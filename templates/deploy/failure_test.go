package deploy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// refuses is a fault of the server in one of the requests that match, counted from 1, or with 0 in all of them.
func refuses(method, path string, call int) emulator.Option {
	return emulator.WithFault(emulator.Fault{
		Method: method, Path: path, Call: call, Answer: emulator.Refusal(500000, "The disk is full."),
	})
}

// One site fails, the others do not notice.
func TestFailingSite(t *testing.T) {
	t.Parallel()
	others := "globex orders created\nglobex sales created\ninitech orders created\ninitech sales created\n"
	for name, test := range map[string]struct {
		from, to string // changes the manifest
		server   []emulator.Option
		want     string
		is       error
	}{
		"wrong token": {
			"acme: {", "acme: {server: {sign_in: {token: {name: ci, secret: wrong}}}, ", nil,
			"acme  failed: signing in to site \"acme\" of http://tableau.localhost: POST /api/3.29/auth/signin: " +
				"signin error: Error signing in to Tableau Server (code 401001)\n" + others,
			rest.ErrAuthentication,
		},
		"no such site": {
			"acme: {", "acme: {content_url: elsewhere, ", nil,
			"acme  failed: signing in to site \"elsewhere\" of http://tableau.localhost: POST /api/3.29/auth/signin: " +
				"signin error: Error signing in to Tableau Server (code 401001)\n" + others,
			rest.ErrAuthentication,
		},
		"an unset environment variable": {
			"acme: {", "acme: {server: {sign_in: {user: ana, password: '${env(\"NOT_SET\")}'}}, ", nil,
			"acme  failed: signing in to site \"acme\": m.yaml:4:53: the environment variable NOT_SET is not set\n" + others,
			nil,
		},
		"missing project": {
			"project: Dashboards, create_project: true", "project: 'Dashboards/${region}', create_project: '${region != \"EMEA\"}'", nil,
			"acme orders created\nacme sales failed: finding project \"Dashboards/EMEA\": no project \"Dashboards\"; there is \"Default\", \"Data Sources\"\n" + others,
			rest.ErrNotFound,
		},
		"a rule that matches nothing": {
			"parameter: Region", "parameter: '${region == \"EMEA\" ? \"Regoin\" : \"Region\"}'", nil,
			"acme orders created\nacme sales failed: rendering template \"sales\" for site \"acme\": m.yaml:20 edit 4: no parameter \"Regoin\"; there are: Region\n" + others,
			tds.ErrNotFound,
		},
		"a rule that matches nothing in what others need": {
			"- filter: Tenant\n        include", "- filter: '${region == \"EMEA\" ? \"Tenat\" : \"Tenant\"}'\n        include", nil,
			"acme orders failed: rendering template \"orders\" for site \"acme\": m.yaml:28 edit 2: no field \"Tenat\"; there are: Tenant, Amount\n" +
				"acme sales skipped: it uses template \"orders\", which was not published here\n" + others,
			tds.ErrNotFound,
		},
		"the server breaks down while publishing": {
			"", "",
			[]emulator.Option{refuses("POST", "/sites/*/datasources", 1)},
			"acme orders failed: publishing data source \"Orders\": outcome unknown: POST /api/3.29/sites/…/datasources: internal server error: The disk is full. (code 500000)\n" +
				"acme sales skipped: it uses template \"orders\", which was not published here\n" + others,
			rest.ErrUnavailable,
		},
		"the server breaks down while looking": {
			"", "",
			[]emulator.Option{
				refuses("GET", "/sites/*/workbooks", 1), refuses("GET", "/sites/*/workbooks", 2),
				refuses("GET", "/sites/*/workbooks", 3), refuses("GET", "/sites/*/workbooks", 4),
			},
			"acme orders created\nacme sales failed: publishing workbook \"Sales for Acme, Inc.\": listing workbooks: GET /api/3.29/sites/…/workbooks: " +
				"internal server error: The disk is full. (code 500000) (4 attempts)\n" + others,
			rest.ErrUnavailable,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			manifest := strings.Replace(threeSites+twoTemplates, "url: emulator", "url: emulator, sign_in: {user: admin, password: admin}", 1)
			if !strings.Contains(manifest, test.from) {
				t.Fatalf("%q is not in the manifest", test.from)
			}
			m := load(t, strings.Replace(manifest, test.from, test.to, 1), templates.WithEnv(func(string) (string, bool) { return "", false }))
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, append(test.server, emulator.WithUser("admin", "admin", "ServerAdministrator"),
					emulator.WithSite("acme", ""), emulator.WithSite("globex", ""), emulator.WithSite("initech-apac", ""))...)
				report, err := deploy.Publish(t.Context(), m, deploy.Options{Client: w.client, Jobs: 1, Retries: -1})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, tidy(outcomes(report), m)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if report.Failures() != 1 || !report.Sites[0].Failed() {
					t.Errorf("%d sites failed, want the first", report.Failures())
				}
				first := report.Sites[0].Results
				cause := first[0].Err
				if cause == nil {
					cause = first[1].Err
				}
				if test.is != nil && !errors.Is(cause, test.is) {
					t.Errorf("the cause is %v, want %v", cause, test.is)
				}
				if w.active != 0 {
					t.Errorf("%d sessions were not ended", w.active)
				}
			})
		})
	}
}

// tidy takes out what is another in each run: the folder of the manifest and LUIDs of sites.
func tidy(text string, m *templates.Manifest) string {
	dir, _, _ := strings.Cut(m.Templates()[0].Path, "orders.tds")
	text = strings.ReplaceAll(text, dir+"tabtemplate.yaml", "m.yaml")
	pieces := strings.Split(text, "/sites/")
	for i, piece := range pieces[1:] {
		_, after, _ := strings.Cut(piece, "/")
		pieces[i+1] = "…/" + after
	}
	return strings.Join(pieces, "/sites/")
}

// A template that fails stops those that need it, and no other.
func TestSkipped(t *testing.T) {
	t.Parallel()
	const third = `  facts:
    file: orders.tds
    publish: {as: Facts, project: Nowhere}
  report:
    file: sales.twbx
    publish: {as: Report}
    edits:
      - published: Orders
        to: '${published.facts}'
`
	w := newWorld(t, emulator.WithOpen())
	report := w.publish(load(t, strings.Replace(threeSites, "acme:", "#", 1)+twoTemplates+third))
	want := ""
	for _, site := range []string{"globex", "initech"} {
		want += site + " orders created\n" + site + " sales created\n" +
			site + ` facts failed: finding project "Nowhere": no project "Nowhere"; there is "Default", "Data Sources", "Dashboards"` + "\n" +
			site + ` report skipped: it uses template "facts", which was not published here` + "\n"
	}
	if diff := cmp.Diff(want, outcomes(report)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Nobody can publish without knowing how to sign in, and a template that does not open concerns all sites.
func TestBeforeTheFirstSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.WithOpen())
	m := load(t, strings.Replace(threeSites, "emulator", "https://tableau.example.com", 1)+twoTemplates)
	for _, s := range w.publish(m).Sites {
		if len(s.Results) != 1 || !strings.HasPrefix(s.Results[0].Message, "the manifest does not say how to sign in to https://tableau.example.com") {
			t.Errorf("%+v", s)
		}
	}
	if err := os.WriteFile(m.Templates()[1].Path, []byte("PK\x03\x04"), 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := deploy.Publish(t.Context(), m, deploy.Options{Client: w.client})
	if _, ok := errors.AsType[templates.Problems](err); !ok || report != nil {
		t.Errorf("a broken template: %v, %v", report, err)
	}
	if w.signIns != 0 {
		t.Errorf("%d sign-ins", w.signIns)
	}
}

// What the server did not take of the goodbye is no failure: everything is published.
func TestSignOutFails(t *testing.T) {
	t.Parallel()
	m := load(t, threeSites+twoTemplates)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.WithOpen(), refuses("POST", "/auth/signout", 0))
		report := w.publish(m)
		if report.Failures() != 0 {
			t.Errorf("%d failures", report.Failures())
		}
	})
}

// A run that is interrupted after its first template says so for the others, and still signs out.
func TestCancel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.WithOpen())
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("somebody pressed a key")
	report, err := deploy.Publish(ctx, load(t, threeSites+twoTemplates), deploy.Options{
		Client: w.client, Jobs: 1, Result: func(deploy.Result) { cancel(stop) },
	})
	if !errors.Is(err, stop) || err.Error() != "publishing: somebody pressed a key" {
		t.Errorf("%v", err)
	}
	if diff := cmp.Diff(`acme orders created
acme sales failed: somebody pressed a key
`, outcomes(report)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if text, err := json.Marshal(report.Sites[2]); err != nil || !strings.Contains(string(text), `"results":[]`) {
		t.Errorf("a site that was not reached: %s, %v", text, err)
	}
	if n := report.Failures(); n != 3 {
		t.Errorf("%d sites failed, want those that were not reached, too", n)
	}
	if w.signIns != 1 || w.signOuts != 1 {
		t.Errorf("%d sign-ins, %d sign-outs", w.signIns, w.signOuts)
	}
}

// A run that is interrupted in the middle of a request ends at once.
func TestCancelARequest(t *testing.T) {
	t.Parallel()
	m := load(t, threeSites+twoTemplates)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.WithOpen())
		w.signingIn = func(ctx context.Context) { <-ctx.Done() }
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			synctest.Wait() // until everybody waits for an answer
			cancel()
		}()
		report, err := deploy.Publish(ctx, m, deploy.Options{Client: w.client})
		if !errors.Is(err, context.Canceled) || report.Failures() != 3 {
			t.Errorf("%v\n%s", err, outcomes(report))
		}
		if report.Left() != 3 {
			t.Errorf("%d sites are left, on which nothing was done", report.Left())
		}
	})
}

// What env gives is nowhere in what a run says: not when the server refuses it or repeats it, and not when an edit
// fails because of it.
func TestSecrets(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TOKEN": "t0ken&<secret>", "WRONG": "wr0ng-secret", "REGION": "APAC-secret", "DB": "db\"secret\""}
	manifest := `version: 1
server: {url: emulator, sign_in: {token: {name: ci, secret: '${env("TOKEN")}'}}}
sites:
  acme: {server: {sign_in: {token: {name: ci, secret: '${env("WRONG")}'}}}, vars: {tenant: Acme, region: EMEA, database: acme_prod}}
  globex: {vars: {tenant: Globex, region: AMER, database: globex_prod}}
` + strings.NewReplacer("value: '${region}'", `value: '${region == "AMER" ? env("REGION") : region}'`,
		"dbname: '${database}'", `dbname: '${env("DB")}'`).Replace(twoTemplates)
	m := load(t, manifest, templates.WithEnv(func(name string) (string, bool) { v, ok := env[name]; return v, ok }))
	synctest.Test(t, func(t *testing.T) {
		said := emulator.Refusal(400000, "no database "+env["DB"]+" for "+env["TOKEN"])
		w := newWorld(t, emulator.WithUser("ana", "x", "ServerAdministrator"), emulator.WithToken("ci", env["TOKEN"], "ana"),
			emulator.WithSite("acme", ""), emulator.WithSite("globex", ""),
			emulator.WithFault(emulator.Fault{Method: "POST", Path: "/sites/*/datasources", Call: 1, Answer: said}))
		var told strings.Builder
		publish := func() {
			report, err := deploy.Publish(t.Context(), m, deploy.Options{
				Client: w.client, Result: func(r deploy.Result) { fmt.Fprintf(&told, "%+v\n", r) },
			})
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(report)
			if err != nil {
				t.Fatal(err)
			}
			told.Write(text)
			fmt.Fprintf(&told, "%s\n%+v\n", outcomes(report), report.Sites)
		}
		publish()
		publish() // the data source is taken, and the workbook fails at its edit
		for _, want := range []string{"bad request: no database redacted for redacted", "signin error", `no value "redacted"`} {
			if !strings.Contains(told.String(), want) {
				t.Errorf("nothing says %q in\n%s", want, told.String())
			}
		}
		for name, secret := range env {
			quoted, _ := json.Marshal(secret)
			for _, form := range []string{secret, strings.Trim(string(quoted), `"`), secret[:5]} {
				if strings.Contains(told.String(), form) {
					t.Errorf("%s is told:\n%s", name, told.String())
				}
			}
		}
	})
}
