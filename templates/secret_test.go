package templates

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const secretive = `version: 1
server:
  url: https://Tableau.example.com/
  sign_in:
    token: {name: ci, secret: '${env("TOKEN_" + upper(site.key))}'}
sites:
  acme:
  beta: {server: {url: 'https://two.example.com', sign_in: {user: admin, password: '${file("password")}'}}}
  gamma: {server: {sign_in: {user: u, password: '${int(env("TOKEN_ACME"))}'}}}
  delta: {server: {sign_in: {user: u, password: '${upper(secret("delta"))}'}}}
  echo: {server: {sign_in: {connected_app: {client_id: app, secret_id: one, secret: '${secret("echo")}', user: 'ci@${site.key}', scopes: ['tableau:content:read']}}}}
  fox: {server: {sign_in: {connected_app: {client_id: app, secret_id: one, secret: '${secret("")}', user: ci}}}}
templates:
  orders: {file: orders.tds, publish: {as: Orders}}
`

func environment(name string) (string, bool) {
	value, ok := map[string]string{"TOKEN_ACME": "s3cr3t&'", "EMPTY": ""}[name]
	return value, ok
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	path := inFolder(t, secretive)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "password"), []byte("pass\nword\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Load(path, WithEnv(environment), WithFiles(os.ReadFile), WithSecrets(func(name string) (string, error) {
		if name == "" {
			return "", nil
		}
		return "key of " + name, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	type result struct {
		Server Server
		SignIn SignIn
		Err    string
	}
	var got []result
	for _, s := range m.Sites() {
		signIn, err := s.SignIn()
		got = append(got, result{s.Server, signIn, strings.ReplaceAll(fmt.Sprint(err), filepath.Dir(path)+string(filepath.Separator), "")})
	}
	want := []result{
		{Server{URL: "https://tableau.example.com"}, SignIn{TokenName: "ci", TokenSecret: "s3cr3t&'"}, "<nil>"},
		{Server{URL: "https://two.example.com"}, SignIn{User: "admin", Password: "pass\nword"}, "<nil>"},
		{
			Server{URL: "https://tableau.example.com"},
			SignIn{},
			`signing in to site "gamma": m.yaml:9:52: this fails with the secret that the expression reads`,
		},
		{Server{URL: "https://tableau.example.com"}, SignIn{User: "u", Password: "KEY OF DELTA"}, "<nil>"},
		{
			Server{URL: "https://tableau.example.com"},
			SignIn{ConnectedApp: &ConnectedApp{"app", "one", "key of echo", "ci@echo", []string{"tableau:content:read"}}},
			"<nil>",
		},
		{Server{URL: "https://tableau.example.com"}, SignIn{}, `signing in to site "fox": m.yaml:12:84: secret must not be empty`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sign in (-want +got):\n%s", diff)
	}
	if got := m.Mask(`a s3cr3t&' "pass\nword" s3cr3t&amp;&apos; s3cr3t key of delta KEY OF DELTA`); got != `a redacted "redacted" redacted s3cr3t redacted redacted` {
		t.Errorf("masked: %s", got)
	}
}

// What was masked stays as it is when it is masked again, and a cut secret is found among those that are like it.
func TestMaskTwice(t *testing.T) {
	t.Parallel()
	s := &secrets{}
	for _, secret := range []string{"red", "a", "", "do not show", "ow to do it, at length"} {
		s.remember(secret)
	}
	for _, test := range []struct{ text, want string }{
		{"blue", "blue"},
		{"red a", "redacted redacted"},
		{`"x do not show…" is`, `"x redacted…" is`},
		{`"x do not sho…" is`, `"x redacted…" is`},
	} {
		got := s.mask(test.text)
		if got != test.want || s.mask(got) != got {
			t.Errorf("%q: got %q, and again %q, want %q", test.text, got, s.mask(got), test.want)
		}
	}
}

// Masking does not do work for every secret of a manifest with many sites.
func TestMaskOfManySecrets(t *testing.T) {
	s := manySecrets()
	if got := s.mask("no do not show 7777 at all"); got != "no redacted at all" {
		t.Errorf("got %q", got)
	}
	if allocated := testing.AllocsPerRun(10, func() { s.mask("no do not show 7777 at all") }); allocated > 5_000 {
		t.Errorf("%v allocations", allocated)
	}
}

func manySecrets() *secrets {
	s := &secrets{}
	for i := range 10_000 {
		s.remember(fmt.Sprintf("do not show %d", i))
	}
	return s
}

func BenchmarkMask10000Secrets(b *testing.B) {
	s := manySecrets()
	for b.Loop() {
		s.mask("no do not show 7777 at all, nor \"do not sho…\"")
	}
}

// A site masks what was read for it, the manifest what was read for any, and a secret of several sites is kept once.
func TestMaskBySite(t *testing.T) {
	t.Parallel()
	lookup := func(name string) (string, bool) { return "hush " + name, true }
	m, err := Load(inFolder(t, `version: 1
server: {url: emulator}
vars: {token: SHARED}
sites:
  acme: {server: {sign_in: {user: a, password: '${lower(env("ACME"))}'}}}
  beta: {server: {sign_in: {user: '${env(token)}', password: b}}}
  gamma: {server: {sign_in: {user: '${env(token)}', password: b}}}
templates: {sales: {file: sales.twb, publish: {as: S}}}
`), WithEnv(lookup))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range m.Sites() {
		if _, err := s.SignIn(); err != nil {
			t.Fatal(err)
		}
	}
	const text = "hush ACME, hush acme, hush SHARED"
	acme, beta, gamma := m.sites[0], m.sites[1], m.sites[2]
	for _, test := range []struct{ name, got, want string }{
		{"acme", acme.Mask(text), "redacted, redacted, hush SHARED"},
		{"beta", beta.Mask(text), "hush ACME, hush acme, redacted"},
		{"all", m.Mask(text), "redacted, redacted, redacted"},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, test.got, test.want)
		}
	}
	if b, g := beta.secrets.seen["hush SHARED"], gamma.secrets.seen["hush SHARED"]; len(b) == 0 || &b[0] != &g[0] {
		t.Errorf("the forms of a secret are kept twice: %q, %q", b, g)
	}
}

func TestSecretsNotGiven(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, site, want string
		options          []Option
	}{
		{"no env", "acme", "m.yaml:5:34: env is not available here", nil},
		{"no files", "beta", "m.yaml:8:87: file is not available here", nil},
		{"no secrets", "delta", "m.yaml:10:58: secret is not available here", nil},
		{"not kept", "delta", "m.yaml:10:58: no secret \"delta\"", []Option{WithSecrets(func(name string) (string, error) { return "", fmt.Errorf("no secret %q", name) })}},
		{"not set", "acme", "m.yaml:5:34: the environment variable TOKEN_ACME is not set", []Option{WithEnv(func(string) (string, bool) { return "", false })}},
		{"a name that is no text", "epsilon", "m.yaml:13:55: the name must be text, not a number", nil},
		{"a name that is nothing", "zeta", "m.yaml:14:51: the name must be text, not null", nil},
		{"not there", "beta", "m.yaml:8:87: reading the secret: gone", []Option{WithFiles(func(string) ([]byte, error) { return nil, errors.New("gone") })}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, err := Load(inFolder(t, strings.Replace(secretive, "templates:", `  epsilon: {vars: {n: 1}, server: {sign_in: {user: '${env(n)}', password: p}}}
  zeta: {vars: {n: }, server: {sign_in: {user: '${env(n)}', password: p}}}
templates:`, 1)), test.options...)
			if err != nil {
				t.Fatal(err)
			}
			site, err := m.Site(test.site)
			if err != nil {
				t.Fatal(err)
			}
			_, err = site.SignIn()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestSecretIsNeverShown(t *testing.T) {
	t.Parallel()
	encoded, err := json.Marshal(SignIn{TokenSecret: "hush", Password: "hush"})
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%s %v %+v %#v %q %s %s", Secret("hush"), Secret("hush"), SignIn{Password: "hush"}, SignIn{TokenSecret: "hush"},
		Secret("hush"), encoded, Secret("hush").LogValue())
	if strings.Contains(shown, "hush") || strings.Count(shown, redacted) != 10 {
		t.Errorf("shown: %s", shown)
	}
	for _, verb := range []string{"%s", "%d", "%t", "%x", "%X", "%c", "%e", "%10.2v", "%#x"} {
		if got := fmt.Sprintf(verb, Secret("hush")); got != redacted {
			t.Errorf("%s: got %s", verb, got)
		}
		got := fmt.Sprintf(verb, SignIn{TokenSecret: "hush", Password: "hush"})
		if strings.Contains(got, "hush") || strings.Contains(got, "68757368") || strings.Count(got, redacted) != 2 {
			t.Errorf("%s of SignIn: got %s", verb, got)
		}
	}
}

// A literal secret is not shown by the excerpt of a problem beside it.
func TestLiteralSecretsAreBlanked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"flow", "sign_in: {user: a, password: hunter2, tokn: x}", "sign_in: {user: a, password: *******, tokn: x}"},
		{"a token", "token: {nme: a, secret: abc}", "token: {nme: a, secret: ***}"},
		{"block", "password: hunter2, too", "password: ************"},
		{"single quotes", "{password: 'it''s, }', x: 1}", "{password: '********', x: 1}"},
		{"double quotes", `{password: "a\"é, }", x: 1}`, `{password: "*******", x: 1}`},
		{"quotes over lines", "password: 'a\nb'\nx: 1", "password: '*\n*'\nx: 1"},
		{"quotes that are open", "password: 'a\nb: c", "password: '*\n****"},
		{"a block scalar", "- password: |\n    hunter2\n\n    more\n  x: 1", "- password: *\n***********\n\n********\n  x: 1"},
		{"the line after", "password:\n  hunter2\nx: 1", "password:\n*********\nx: 1"},
		{"the line after, in flow", "{password:\n hunter2, x: 1}", "{password:\n *******, x: 1}"},
		{"no value", "password:\nx: 1", "password:\nx: 1"},
		{"a key with a mistake", "{pasword: hunter2, x: 1}", "{pasword: *******, x: 1}"},
		{"a quoted key", `{"secret":abc}`, `{"secret":***}`},
		{"not closed", "{secret: abc", "{secret: ***"},
		{"an expression", "{password: '${env(\"X\")}', x: 1}", "{password: '${env(\"X\")}', x: 1}"},
		{"an expression in text", "password: 'a${env(\"X\")}$${b}'", "password: '*${env(\"X\")}*****'"},
		{"a mapping", "secret: {name: a}", "secret: {name: a}"},
		{"another key", "{user: password, tenant: hunter2}", "{user: password, tenant: hunter2}"},
	} {
		s := newSource("m.yaml", []byte(test.text))
		var lines []string
		for n := range s.lines {
			lines = append(lines, s.line(n+1))
		}
		if got := strings.Join(lines, "\n"); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
	_, err := Load(inFolder(t, strings.Replace(small, "sites:", "  sign_in: {usr: a, password: hunter2}\nsites:", 1)))
	p, ok := errors.AsType[*Problem](err)
	if want := "    4 |   sign_in: {usr: a, password: *******}\n      |             ^\n"; !ok || p.Excerpt() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestSecretsOfEdits(t *testing.T) {
	t.Parallel()
	lookup := func(name string) (string, bool) {
		value, ok := map[string]string{"SERVER": "hush&quiet", "NUMBER": "12x", "LONG": strings.Repeat("do not show ", 9)}[name]
		return value, ok
	}
	edits := "    - {connection: {class: postgres}, set: {server: '${env(\"SERVER\")}', dbname: seen}}\n    - {parameter: Region, value: 'x ${upper(env(\"SERVER\"))}'}\n" +
		"    - {connection: {class: mysql}, set: {dbname: seen}}\n"
	want := "8 @value: \"none\" -> redacted\n9 @formula: \"none\" -> redacted\n" +
		"18 @caption: db1 -> redacted\n19 @dbname: dev -> redacted\n19 @server: db1 -> redacted\n33 @dbname: dev -> seen\n"
	got := changes(t, withEdits(edits), "dev", WithEnv(lookup))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	for _, test := range []struct{ edit, want string }{
		{"{parameter: Top, value: '${env(\"NUMBER\")}'}", `"redacted" is a string`},
		{"{parameter: Top, value: '${env(\"LONG\")}'}", `: "redacted…" is a string`},
		{"{parameter: Top, value: '${upper(env(\"NUMBER\"))}'}", `"redacted" is a string`},
		{"{parameter: Top, value: '${int(env(\"NUMBER\"))}'}", `m.yaml:10:34: this fails with the secret that the expression reads`},
		{"{parameter: '${env(\"SERVER\")}', value: 1}", `no parameter "redacted"`},
		{"{parameter: Region, value: '${env(\"GONE\")}'}", `the environment variable GONE is not set`},
	} {
		got := changes(t, withEdits("    - "+test.edit+"\n"), "dev", WithEnv(lookup))
		if !strings.Contains(got, test.want) {
			t.Errorf("%s: got %s, want %q in it", test.edit, got, test.want)
		}
	}
}

// What an edit without a secret shows of what edits before it wrote is masked, and so is what expressions made of a
// secret.
func TestSecretsOfEditsBefore(t *testing.T) {
	t.Parallel()
	lookup := func(name string) (string, bool) { return "Hush.Quiet,Also Quiet,7x", name == "H" }
	const gone = "    - {connection: {class: oracle}, set: {service: a}}\n"
	for _, test := range []struct{ edits, want string }{
		{
			"    - {connection: {class: postgres}, set: {server: '${env(\"H\")}'}}\n" + gone,
			`postgres caption="redacted" server="redacted" dbname="dev"`,
		},
		{
			"    - {connection: {class: postgres}, set: {server: '${lower(env(\"H\"))}', dbname: '${split(env(\"H\"), \",\")[1]}'}}\n" + gone,
			`postgres caption="redacted" server="redacted" dbname="redacted"`,
		},
		{
			"    - {connection: {class: postgres}, set: {dbname: 'db ${upper(env(\"H\"))}'}}\n" + gone,
			`dbname="redacted" name="postgres.c"`,
		},
		{
			"    - {parameter: Top, value: '${split(env(\"H\"), \",\")[2]}'}\n",
			`parameter "Top": "redacted" is a string, the datatype is integer (an expression converts it with int(…))`,
		},
		{
			"    - {parameter: Top, value: '${int(split(env(\"H\"), \",\")[2])}'}\n",
			`m.yaml:10:34: this fails with the secret that the expression reads`,
		},
	} {
		got := changes(t, withEdits(test.edits), "dev", WithEnv(lookup))
		if !strings.Contains(got, test.want) || strings.Contains(strings.ToLower(got), "quiet") {
			t.Errorf("%s: got %s, want %q in it", test.edits, got, test.want)
		}
	}
}

// A later edit may make one change of what an edit with a secret wrote and what it stands before.
func TestSecretsBesideLaterEdits(t *testing.T) {
	t.Parallel()
	lookup := func(name string) (string, bool) { return "hush", name == "H" }
	edits := "    - {datasource: Facts, calculated_field: Mine, formula: '[Tenant] = \"${env(\"H\")}\"', datatype: boolean}\n" +
		"    - {xml: '//datasource[@caption=\"Facts\"]/column[@name=\"[Tenant]\"]', remove: true}\n" +
		"    - {xml: '//datasource[@caption=\"Facts\"]/column[@name=\"[year]\"]', set: {caption: seen}}\n"
	got := changes(t, withEdits(edits), "dev", WithEnv(lookup))
	if strings.Contains(got, "hush") || !strings.Contains(got, "name='[Tenant]' role='dimension' type='nominal' /> -> redacted\n26 @caption: Year -> seen\n") {
		t.Errorf("got %s", got)
	}
}

// A path in an error names values as documents write them.
func TestSecretsInPaths(t *testing.T) {
	t.Parallel()
	lookup := func(string) (string, bool) { return `O'Neil <50% "net">`, true }
	const alias = "    - {column: Tenant, datasource: Facts, aliases: [{value: '${env(\"H\")}', as: "
	got := changes(t, withEdits(alias+"a}]}\n"+alias+"b}]}\n"), "dev", WithEnv(lookup))
	if !strings.Contains(got, `/alias[@key='"redacted"']: m.yaml:10 edit 1 and m.yaml:11 edit 2 set it differently`) || strings.Contains(got, "Neil") {
		t.Errorf("got %s", got)
	}
}

// What the checks after the edits show is masked too, and what expressions made of a secret is masked for a caller.
func TestSecretsOfChecks(t *testing.T) {
	t.Parallel()
	lookup := func(name string) (string, bool) { return "OrdersDev,x", name == "H" }
	m, r := load(t, withEdits("    - {parameter: Region, value: '${split(env(\"H\"), \",\")[0]} ${lower(env(\"H\"))} ${env(\"H\") == \"\"}'}\n"), WithEnv(lookup))
	_, err := r.Render(m.byKey["acme"], m.templates[0], nil)
	if err == nil || !strings.Contains(err.Error(), `refers to the published data source "redacted" of site "dev"`) {
		t.Errorf("got %v", err)
	}
	if got := m.Mask("ordersdev,x OrdersDev false"); got != "redacted redacted false" {
		t.Errorf("masked: %s", got)
	}
}
