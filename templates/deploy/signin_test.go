package deploy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// Each of the ways to sign in, and each with what is wrong: nothing of a secret is in what is said of it.
func TestSignIn(t *testing.T) {
	t.Parallel()
	const app = "connected_app: {client_id: app, secret_id: one, secret: '${env(\"APP\")}', user: ana@example.com"
	refused := `acme  failed: signing in to site "acme" of http://tableau.localhost: POST /api/3.29/auth/signin: ` +
		"signin error: Error signing in to Tableau Server (code 401001)\n"
	for _, test := range []struct{ signIn, want string }{
		{"token: {name: ci, secret: '${env(\"TOKEN\")}'}", "acme orders created\n"},
		{"user: ana@example.com, password: '${env(\"PASSWORD\")}'", "acme orders created\n"},
		{app + "}", "acme orders created\n"},
		{app + ", scopes: ['tableau:*:*']}", "acme orders created\n"},
		{app + ", scopes: '${scopes}'}", "acme orders created\n"},
		{"token: {name: other, secret: '${env(\"TOKEN\")}'}", refused},
		{"token: {name: ci, secret: '${env(\"APP\")}'}", refused},
		{"user: ana@example.com, password: '${env(\"TOKEN\")}'", refused},
		{"user: bob@example.com, password: '${env(\"PASSWORD\")}'", refused},
		{strings.Replace(app, "APP", "TOKEN", 1) + "}", refused},
		{strings.Replace(app, "one", "two", 1) + "}", refused},
		{strings.Replace(app, "client_id: app", "client_id: other", 1) + "}", refused},
		{strings.Replace(app, "ana@", "bob@", 1) + "}", refused},
		{
			app + ", scopes: [content]}",
			`acme  failed: signing in to site "acme" of http://tableau.localhost: connected app: scope "content" is not of the form tableau:resource:action` + "\n",
		},
	} {
		t.Run(test.signIn, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, emulator.WithSite("acme", ""), emulator.WithUser("ana@example.com", "hush-password", "SiteAdministratorCreator"),
				emulator.WithToken("ci", "hush-token", "ana@example.com"), emulator.WithConnectedApp("acme", "app", "one", "hush-app"))
			m := load(t, "version: 1\nserver: {url: emulator, sign_in: {"+test.signIn+"}}\nvars: {scopes: ['tableau:*:create', 'tableau:*:read', 'tableau:*:update']}\n"+
				"sites: {acme: }\ntemplates: {orders: {file: orders.tds, publish: {as: Orders, project: New, create_project: true}}}\n",
				templates.WithEnv(func(name string) (string, bool) { return "hush-" + strings.ToLower(name), true }))
			got := outcomes(w.publish(m))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
			if strings.Contains(got, "hush") {
				t.Errorf("a secret shows: %s", got)
			}
		})
	}
}

// What a connected app is allowed when the manifest does not say is enough for all that a manifest can ask for, and what is
// not allowed is refused.
func TestScopes(t *testing.T) {
	t.Parallel()
	const manifest = `version: 1
server: {url: emulator, sign_in: {connected_app: {client_id: app, secret_id: one, secret: s, user: ana SCOPES}}}
sites: {acme: {vars: {tenant: Acme, region: EMEA, database: acme}}}
`
	settings := strings.NewReplacer("create_project: true}", `create_project: true, tags: [managed], owner: bob, description: Facts
      , permissions: {exact: true, rules: [{group: Viewers, role: View}, {user: bob, allow: [Read]}]}
      , credentials: [{connection: {class: postgres}, user: svc, password: p, embed: true}]}`)
	w := newWorld(t, emulator.WithSite("acme", ""), emulator.WithUser("ana", "ana", "SiteAdministratorCreator"), emulator.WithUser("bob", "p", "Creator"),
		emulator.WithConnectedApp("acme", "app", "one", "s"))
	if _, err := w.sessionOf("acme", "ana").Groups.Create(t.Context(), rest.GroupCreate{Name: "Viewers"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"created", "overwritten"} {
		m := load(t, strings.Replace(manifest, " SCOPES", "", 1)+settings.Replace(twoTemplates))
		if got := outcomes(w.publish(m)); got != "acme orders "+want+"\nacme sales "+want+"\n" {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	report := w.publish(load(t, strings.Replace(manifest, " SCOPES", ", scopes: ['tableau:content:read']", 1)+settings.Replace(twoTemplates)))
	for _, r := range report.Sites[0].Results {
		if r.Action != deploy.Failed && r.Action != deploy.Skipped || r.Action == deploy.Failed && !errors.Is(r.Err, rest.ErrForbidden) && !errors.Is(r.Err, rest.ErrAuthentication) {
			t.Errorf("%s: %s, %v", r.Template, r.Action, r.Err)
		}
	}
}
