package templates

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// inFiles writes a manifest with sites_from and the files with sites to a folder, and returns the path of the manifest. The
// template of the manifest uses the vars that are in uses.
func inFiles(t testing.TB, sitesFrom, uses string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	all := maps.Clone(files)
	if all == nil {
		all = map[string]string{}
	}
	all["sales.twb"] = ""
	if _, ok := all["m.yaml"]; !ok {
		all["m.yaml"] = "version: 1\nserver: {url: emulator}\nvars: {year: 2024, live: true, db: {server: a, port: 1}}\nsites_from: " + sitesFrom + "\n" +
			"templates: {sales: {file: sales.twb, publish: {as: Sales}, edits: [{parameter: P, value: '" + uses + " ${year} ${live} ${db.server} ${db.port}'}]}}\n"
	}
	for name, text := range all {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "m.yaml")
}

// sitesOf loads a manifest and tells of its sites, or of what is wrong with it.
func sitesOf(t *testing.T, path string, options ...Option) string {
	t.Helper()
	m, err := Load(path, options...)
	if found, ok := errors.AsType[Problems](err); ok {
		return show(path, found)
	}
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, s := range m.Sites() {
		vars := maps.Clone(s.names)
		delete(vars, "site")
		fmt.Fprintf(&out, "%s /%s %q %s %#v\n", s.Key, s.ContentURL, s.Project, s.Server.URL, vars)
	}
	return out.String() + show(path, m.Warnings())
}

func TestSitesFrom(t *testing.T) {
	t.Parallel()
	vars := func(year, live, server, port, more string) string {
		return fmt.Sprintf(`map[string]interface {}{"db":map[string]interface {}{%s"port":%s, "server":%q}, "live":%s, "year":%s}`, more, port, server, live, year)
	}
	usual := vars("2024", "true", "a", "1", "")
	for _, test := range []struct {
		name, from, uses string
		files            map[string]string
		want             string
	}{
		{
			"columns", "[t.csv]", "${db.name}",
			map[string]string{"t.csv": "site,content_url,project,db.name,db.server\nacme,Acme-1,A/B,\" one, \"\"two\"\"\",b\nbeta,,,2,\n"},
			"acme /Acme-1 \"A/B\" http://tableau.localhost " + vars("2024", "true", "b", "1", `"name":" one, \"two\"", `) + "\n" +
				"beta /beta \"\" http://tableau.localhost " + vars("2024", "true", "a", "1", `"name":"2", `) + "\n",
		},
		{
			"cells have the type of the default", "[t.csv]", "",
			map[string]string{"t.csv": "live;year;db.port;site\nFALSE;1.5;5432;acme\n;;;beta\n"},
			"acme /acme \"\" http://tableau.localhost " + vars("1.5", "false", "a", "5432", "") + "\n" +
				"beta /beta \"\" http://tableau.localhost " + usual + "\n",
		},
		{
			"a byte order mark, CR LF, tabs and a line in a cell", "[t.csv]", "${db.name}",
			map[string]string{"t.csv": "\ufeffsite\tdb.name\r\nacme\t\"a\r\nb, c\"\r\n\r\nbeta\t$${x}"},
			"acme /acme \"\" http://tableau.localhost " + vars("2024", "true", "a", "1", `"name":"a\nb, c", `) + "\n" +
				"beta /beta \"\" http://tableau.localhost " + vars("2024", "true", "a", "1", `"name":"${x}", `) + "\n",
		},
		{
			"files in order, patterns sorted", "[c.csv, 't/*.y*ml', './t/../b/[a-b].csv']", "",
			map[string]string{
				"c.csv": "site\nz\ny\n", "t/b.yml": "{}", "t/a.yaml": "site: q\ncontent_url: ''\nproject: P", "t/c.csv": "not read",
				"b/a.csv": "site\nx\n", "b/b.csv": "site\nw\n", "b/c.csv": "not read",
			},
			"z /z \"\" http://tableau.localhost " + usual + "\ny /y \"\" http://tableau.localhost " + usual + "\n" +
				"q / \"P\" http://tableau.localhost " + usual + "\nb /b \"\" http://tableau.localhost " + usual + "\n" +
				"x /x \"\" http://tableau.localhost " + usual + "\nw /w \"\" http://tableau.localhost " + usual + "\n",
		},
		{
			"a name that looks like a pattern", "['t[1].csv']", "",
			map[string]string{"t[1].csv": "site\nacme\n", "t1.csv": "not read"},
			"acme /acme \"\" http://tableau.localhost " + usual + "\n",
		},
		{
			"settings of an entry", "[{file: t.csv, project: P, server: {url: 'https://two.example.com'}, vars: {db: {server: b, port: x}}}, u.csv]", "",
			map[string]string{"t.csv": "site,project,db.port\nacme,Q,7\nbeta,,\n", "u.csv": "site\ngamma\n"},
			"acme /acme \"Q\" https://two.example.com " + vars("2024", "true", "b", `"7"`, "") + "\n" +
				"beta /beta \"P\" https://two.example.com " + vars("2024", "true", "b", `"x"`, "") + "\n" +
				"gamma /gamma \"\" http://tableau.localhost " + usual + "\n",
		},
		{
			"vars that nothing uses, and vars that some sites lack", "[t.csv, a.yaml]", "${more}",
			map[string]string{"t.csv": "site,projct,more\nacme,x,\nbeta,y,1\ngamma,z,\n", "a.yaml": "vars: {more: 1}"},
			"m.yaml:5:93: undefined var \"more\" (sites acme, gamma)\n\tknown here: db, live, projct, site, year\n",
		},
		{
			"vars that nothing uses", "[t.csv, a.yaml]", "",
			map[string]string{"t.csv": "site,projct,more\nacme,x,\nbeta,y,1\n", "a.yaml": "vars: {more: 1, deep: {a: 1}}"},
			"acme /acme \"\" http://tableau.localhost " + strings.TrimSuffix(usual, "}") + "NOT COMPARED",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := sitesOf(t, inFiles(t, test.from, test.uses, test.files))
			if strings.HasSuffix(test.want, "NOT COMPARED") {
				_, got, _ = strings.Cut(got, "t.csv:")
				test.want = "1:6: nothing uses the var \"projct\"\n\tdid you mean the column \"project\"?\n" +
					"t.csv:1:13: nothing uses the var \"more\"\na.yaml:1:24: nothing uses the var \"deep.a\"\n"
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("sites (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSitesFromProblems(t *testing.T) {
	t.Parallel()
	csv := func(text string) map[string]string { return map[string]string{"t.csv": text} }
	for _, test := range []struct {
		name, from string
		files      map[string]string
		want       string
	}{
		{"no list", "t.csv", nil, "m.yaml:4:13: sites_from must be a list, not text\n\twrite sites_from: ['t.csv']\n"},
		{"empty", "[]", nil, "m.yaml:4:13: sites_from must not be empty\n"},
		{
			"entries", "[1, {fil: a}, {file: t.csv, vars: [], project: /, servr: 1}, [a]]", csv("site\na\n"),
			"m.yaml:4:14: an entry of sites_from must be text, not a number\n\tput it in quotes\n" +
				"m.yaml:4:18: unknown key \"fil\" in an entry of sites_from\n\tdid you mean \"file\"?\n" +
				"m.yaml:4:47: vars of an entry of sites_from must be a mapping, not a list\n" +
				"m.yaml:4:60: the project \"/\" has an empty part\n" +
				"m.yaml:4:63: unknown key \"servr\" in an entry of sites_from\n\tdid you mean \"server\"?\n" +
				"m.yaml:4:74: an entry of sites_from must be text, not a list\n",
		},
		{
			"files", "[tt.csv, 'x/*.csv', '[', 'a/**/b.csv', t.csv, ./t.csv, d, d.csv, '*.yaml', 'm.*']",
			map[string]string{"t.csv": "site\na\n", "d/x": "", "d.csv/x": ""},
			"m.yaml:4:14: there is no file \"tt.csv\"\n\tdid you mean \"t.csv\"?\n" +
				"m.yaml:4:22: no file matches \"x/*.csv\"\n\ta path begins at the folder of the manifest\n" +
				"m.yaml:4:33: \"[\" is not a pattern of file names\n\t* is any text, ? any character, [a-z] one of some\n" +
				"m.yaml:4:38: ** is not supported\n\twrite a * for each folder: tenants/*/*.yaml\n" +
				"m.yaml:4:59: the file \"./t.csv\" is read already\n\teach file can be in one entry\n" +
				"m.yaml:4:68: \"d\" is not a file with sites\n\tsites come from .csv, .yaml and .yml files\n" +
				"m.yaml:4:71: \"d.csv\" is not a file\n" +
				"m.yaml:4:78: the file \"m.yaml\" is read already\n\teach file can be in one entry\n" +
				"m.yaml:4:88: the file \"m.yaml\" is read already\n\teach file can be in one entry\n",
		},
		{"an empty file", "[t.csv]", csv(""), "t.csv: the file is empty\n\tits first line names the columns: site,content_url,project and vars\n"},
		{"no rows", "[t.csv]", csv("site,year\n"), "t.csv:1:1: no site is in the file: there is no row below the columns\n"},
		{"not UTF-8", "[t.csv]", csv("site\n\xe9\n"), "t.csv: the file is not UTF-8\n\tsave it as CSV in UTF-8\n"},
		{
			"columns", "[t.csv]", csv("Site,db,db.server,year,é ,year,,db.,a-b,env,db.server.x\na\n"),
			"t.csv:1:1: no column is named site\n\trename the column \"Site\"\n" +
				"t.csv:1:6: the default of the var \"db\" is a mapping, which no cell can hold\n\tname a column for each value inside it: db.NAME, or put the sites into YAML files\n" +
				"t.csv:1:9: the column \"db.server\" does not go with the column \"db\": a var is a value or holds others\n" +
				"t.csv:1:24: the name of the column \"é \" begins or ends with a space\n\tremove the space\n" +
				"t.csv:1:27: there are two columns \"year\"\n" +
				"t.csv:1:32: a column has no name\n\tname the var that it is, or remove it\n" +
				"t.csv:1:33: the column \"db.\" has an empty part\n" +
				"t.csv:1:37: expressions cannot name the var \"a-b\"\n\ta var is letters, digits and _\n" +
				"t.csv:1:41: \"env\" is a word of expressions, and cannot be a var\n\tchoose another name\n" +
				"t.csv:1:45: the column \"db.server.x\" does not go with the column \"db\": a var is a value or holds others\n",
		},
		{
			"a column after those inside it", "[t.csv]", csv("site,x.y,x.z,x\na,1,2,3\n"),
			"t.csv:1:14: the column \"x\" does not go with the column \"x\": a var is a value or holds others\n",
		},
		{
			"separators that differ", "[t.csv]", csv("site,year;live\na,2024;true\n"),
			"t.csv:1:6: expressions cannot name the var \"year;live\"\n\ta var is letters, digits and _\n",
		},
		{
			"rows", "[t.csv]", csv("site,year,x\na,1\n\"é\",2,y,z\n,3,b\n,,\na/b,x,${c}\nbad,007,d\nok,1,e\nok,1e3,f\n"),
			"t.csv:2:1: the row has 2 cells, and the first row has 3 columns\n\tput a cell with a separator in it in quotes\n" +
				"t.csv:3:1: the row has 4 cells, and the first row has 3 columns\n\tput a cell with a separator in it in quotes\n" +
				"t.csv:4:1: the row has no site\n\tgive it a key in the column site, or remove the row\n" +
				"t.csv:5:1: the row has no site\n\tgive it a key in the column site, or remove the row\n" +
				"t.csv:6:1: \"a/b\" cannot be the content_url of a site\n\tcontent_url can have letters, digits, - and _; \"\" is the Default site\n" +
				"t.csv:6:1: the key \"a/b\" has a slash\n\tthe key names the folder of the site's files\n" +
				"t.csv:6:5: the var \"year\" must be a number, as its default is\n\twrite it as in YAML, or make the default text\n" +
				"t.csv:6:7: a var cannot have expressions\n\twrite the expression where the var is used, or $${ for a literal ${\n" +
				"t.csv:7:5: the var \"year\" must be a number, as its default is\n\twrite it as in YAML, or make the default text\n" +
				"t.csv:9:1: there is a site \"ok\" already, on line 8\n",
		},
		{
			"quotes", "[t.csv]", csv("site,x\né,a\"b\nc,\"d\"e\nf//,\"g\n\nh,i\n"),
			"t.csv:2:4: not CSV: bare \" in non-quoted-field\n\tput the cell in quotes, with \"\" for each quote in it\n" +
				"t.csv:3:5: not CSV: extraneous or missing \" in quoted-field\n\tput the cell in quotes, with \"\" for each quote in it\n" +
				"t.csv:4:1: a cell of this row has a quote that does not end: extraneous or missing \" in quoted-field\n",
		},
		{
			"a quote in the columns", "[t.csv]", csv("site,\"x\ny\n"),
			"t.csv:1:1: a cell of this row has a quote that does not end: extraneous or missing \" in quoted-field\n",
		},
		{
			"content URLs and projects", "[t.csv]", csv("site,content_url,project\na,b c,\nd,,A//B\n"),
			"t.csv:2:3: \"b c\" cannot be the content_url of a site\n\tcontent_url can have letters, digits, - and _; \"\" is the Default site\n" +
				"t.csv:3:4: the project \"A//B\" has an empty part\n",
		},
		{
			"sites of several files", "[t.csv, u.csv, 'y/*']",
			map[string]string{
				"t.csv": "site,content_url\na,x\nb,\n", "u.csv": "site,content_url\nA,y\nc,X\n",
				"y/a.yaml": "# nothing", "y/b.yaml": "# here\n{}", "y/d.yml": "content_url: Y", "y/e.yaml": "site: ../e\ncontent_url: e", "y/f.yaml": "site: b\n---\n",
			},
			"u.csv:2:1: the key \"A\" differs from \"a\" in DIR/t.csv:2 in case alone\n" +
				"u.csv:3:1: site \"c\" is the same as site \"a\" in DIR/t.csv:2: content_url \"X\" on http://tableau.localhost\n" +
				"y/a.yaml: the file is empty\n" +
				"y/b.yaml:2:1: there is a site \"b\" already, in DIR/t.csv:3\n" +
				"y/d.yml:1:1: site \"d\" is the same as site \"A\" in DIR/u.csv:2: content_url \"Y\" on http://tableau.localhost\n" +
				"y/e.yaml:1:7: the key \"../e\" has a slash\n\tthe key names the folder of the site's files\n" +
				"y/f.yaml:1:7: there is a site \"b\" already, in DIR/t.csv:3\n" +
				"y/f.yaml:2:1: a second YAML document begins here\n\tremove what follows ---\n",
		},
		{
			"YAML", "['*.yml']",
			map[string]string{"a.yml": "- site: a", "b.yml": "vers: {x: 1}\nserver: {url: x}\nsite: [b]\n", "c.yml": "vars: {site: 1, a: [", "d.yml": "\xff", "e.yml": "site: ''"},
			"a.yml:1:1: the file of site \"a\" must be a mapping, not a list\n" +
				"b.yml:1:1: unknown key \"vers\" in the file of site \"b\"\n\tdid you mean \"vars\"?\n" +
				"b.yml:2:15: url \"x\" is not the address of a server\n\twrite https://tableau.example.com, or emulator\n" +
				"b.yml:3:7: site must be text, not a list\n" +
				"c.yml:1:21: not YAML: did not find expected node content while parsing a flow node\n" +
				"d.yml: the file is not UTF-8\n\tsave it as UTF-8\n" +
				"e.yml:1:7: the key \"\" is empty\n\tthe key names the folder of the site's files\n",
		},
		{
			"the same mistake in two files", "['*.yml']",
			map[string]string{"a.yml": "server: {sign_in: {user: '${nope}', password: p}}", "b.yml": "server: {sign_in: {user: '${nope}', password: p}}"},
			"a.yml:1:29: undefined var \"nope\" (site a)\n\tknown here: db, live, site, year\n" +
				"b.yml:1:29: undefined var \"nope\" (site b)\n\tknown here: db, live, site, year\n",
		},
		{
			"no server", "[]",
			map[string]string{
				"m.yaml": "version: 1\nsites_from: [t.csv, {file: u.csv, server: {url: emulator}}, v.yaml]\ntemplates: {sales: {file: sales.twb, publish: {as: Sales}}}\n",
				"t.csv":  "site\na\nb\n", "u.csv": "site\nc\n", "v.yaml": "{}",
			},
			"m.yaml:2:14: the sites of \"t.csv\" have no server\n\twrite server: {url: …} at the top of the manifest, or beside file:\n" +
				"v.yaml:1:1: site \"v\" has no server\n\twrite server: {url: …} at the top of the manifest, or for the site\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := inFiles(t, test.from, "", test.files)
			got := strings.ReplaceAll(sitesOf(t, path), filepath.Dir(path), "DIR")
			if diff := cmp.Diff(test.want, filepath.ToSlash(got)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// A problem shows the line of the file that it is in, with neither the passwords in it nor those in a row beside it.
func TestSitesFromExcerpt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"site,x\né,1,2\n", "    2 | é,1,2\n      | ^\n"},
		{"site,x,db.password,y\na b,1,\"hunter,\n2\",hunter3\na b,,\"hunter\n2,x\n", "    2 | a b,1,********\n      | ^\n"},
		{"site,pasword\r\na b,hunter2\r\n", "    2 | a b,*******\n      | ^\n"},
		{"site;scret;y\na b;hunter2\n", "    2 | a b;*******\n      | ^\n"},
		{"site,Password\na,hun\"ter2\n", "    2 | **********\n      |      ^\n"},
	} {
		_, err := Load(inFiles(t, "[t.csv]", "", map[string]string{"t.csv": test.text}))
		p, ok := errors.AsType[*Problem](err)
		if !ok {
			t.Fatal(err)
		}
		if got := p.Excerpt(); got != test.want {
			t.Errorf("%q: got\n%s\nwant\n%s", test.text, got, test.want)
		}
	}
}

// Sites on other servers sign in there as their file says, each with a token of its own.
func TestSignInOfSitesFrom(t *testing.T) {
	t.Parallel()
	path := inFiles(t, "", "", map[string]string{
		"m.yaml": `version: 1
server: {url: 'https://one.example.com', sign_in: {user: admin, password: '${env("ONE")}'}}
sites: {acme: }
sites_from:
  - file: two.csv
    server: {url: 'https://two.example.com', sign_in: {token: {name: '${token}', secret: '${env("TWO_" + upper(site.key))}'}}}
  - {file: three.csv, server: {url: 'https://three.example.com'}}
  - zeta.yaml
templates: {sales: {file: sales.twb, publish: {as: Sales}}}
`,
		"two.csv": "site,token\nbeta,b\ngamma,c\n", "three.csv": "site\ndelta\n",
		"zeta.yaml": "server: {sign_in: {user: zeta, password: '${env(\"Z\")}'}}",
	})
	m, err := Load(path, WithEnv(func(name string) (string, bool) { return "pw " + name, true }))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range m.Sites() {
		signIn, err := s.SignIn()
		got = append(got, fmt.Sprint(s.Key, " ", s.Server.URL, " ", signIn.User, string(signIn.Password), signIn.TokenName, string(signIn.TokenSecret), " ", err))
	}
	want := []string{
		"acme https://one.example.com adminpw ONE <nil>",
		"beta https://two.example.com bpw TWO_BETA <nil>",
		"gamma https://two.example.com cpw TWO_GAMMA <nil>",
		"delta https://three.example.com adminpw ONE <nil>",
		"zeta https://one.example.com zetapw Z <nil>",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sign-ins (-want +got):\n%s", diff)
	}
}

func given(all ...SiteSource) Option {
	return WithSites(func(yield func(SiteSource, error) bool) {
		for _, s := range all {
			if !yield(s, nil) {
				return
			}
		}
	})
}

const withoutSites = "version: 1\nserver: {url: emulator}\nvars: {a: 1, b: {c: 2, d: [3]}}\n" +
	"templates: {sales: {file: sales.twb, publish: {as: Sales}, edits: [{parameter: P, value: '${a} ${b.c} ${len(b.d)}'}]}}\n"

func TestWithSites(t *testing.T) {
	t.Parallel()
	path := inFolder(t, withoutSites)
	vars := map[string]any{"a": int64(5), "b": map[string]any{"c": "${x} $${y}", "d": []string{"x"}}}
	when := time.Date(2024, 1, 31, 0, 0, 0, 0, time.UTC)
	m, err := Load(path, given(
		SiteSource{Key: "acme", Project: "P", Vars: vars},
		SiteSource{Key: "beta", ContentURL: "b", ServerURL: "https://Two.example.com/", SignIn: SignIn{User: "u", Password: "hush"}},
	), given(SiteSource{Key: "gamma", ContentURL: "c", SignIn: SignIn{TokenName: "t", TokenSecret: "quiet"}, Vars: map[string]any{"b": map[string]any{"d": []any{int32(1), 1.5, when, nil, true}}}}))
	if err != nil {
		t.Fatal(err)
	}
	vars["a"] = "changed later"
	app := &ConnectedApp{"app", "one", "quiet", "ana", []string{"tableau:*:read"}}
	withApp, err := Load(path, given(SiteSource{Key: "delta", SignIn: SignIn{ConnectedApp: app}}))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := withApp.byKey["delta"].SignIn(); err != nil || !cmp.Equal(got.ConnectedApp, app) || withApp.byKey["delta"].Mask("quiet") != "redacted" {
		t.Errorf("a connected app: %+v, %v", got.ConnectedApp, err)
	}
	site := func(key, url, project string) map[string]any {
		return map[string]any{"key": key, "content_url": url, "project": project}
	}
	b := map[string]any{"c": 2, "d": []any{3}}
	want := []map[string]any{
		{"a": 5, "b": map[string]any{"c": "${x} $${y}", "d": []any{"x"}}, "site": site("acme", "", "P")},
		{"a": 1, "b": b, "site": site("beta", "b", "")},
		{"a": 1, "b": map[string]any{"c": 2, "d": []any{1, 1.5, when, nil, true}}, "site": site("gamma", "c", "")},
	}
	var names []map[string]any
	var signIns []string
	for _, s := range m.Sites() {
		names = append(names, s.names)
		signIn, err := s.SignIn()
		signIns = append(signIns, fmt.Sprint(s.Server.URL, " ", signIn.User, string(signIn.Password), signIn.TokenName, string(signIn.TokenSecret), " ", err, " ", s.Mask("hush, quiet")))
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	wantSignIns := []string{
		"http://tableau.localhost  <nil> hush, quiet", "https://two.example.com uhush <nil> redacted, quiet",
		"http://tableau.localhost tquiet <nil> hush, redacted",
	}
	if diff := cmp.Diff(wantSignIns, signIns); diff != "" {
		t.Errorf("sign-ins (-want +got):\n%s", diff)
	}
}

func TestWithSitesProblems(t *testing.T) {
	t.Parallel()
	circle := map[string]any{}
	circle["x"] = circle
	path := inFolder(t, strings.Replace(withoutSites, "vars:", "sites: {acme: }\nvars:", 1))
	got := sitesOf(t, path, given(
		SiteSource{Key: "acme"},
		SiteSource{Key: "b", ContentURL: "b b", Project: "/", ServerURL: "x"},
		SiteSource{Key: "c", ContentURL: "c", SignIn: SignIn{User: "u", Password: "hush", TokenName: "t"}},
		SiteSource{Key: "d", ContentURL: "d", SignIn: SignIn{TokenName: "t"}},
		SiteSource{Key: "e", ContentURL: "c", Vars: map[string]any{"env": 1, "a": Secret("hush"), "b": map[string]any{"d": []any{math.NaN()}}}},
		SiteSource{Key: "f", ContentURL: "f", Vars: map[string]any{"x": circle}},
		SiteSource{Key: "g", ContentURL: "g", Vars: map[string]any{"a": uint8(1), "x": struct{}{}}},
		SiteSource{Key: "g", ContentURL: "h"},
		SiteSource{Key: "h", ContentURL: "i", SignIn: SignIn{ConnectedApp: &ConnectedApp{ClientID: "app", Secret: "hush", User: "u"}}},
	))
	want := `site "acme": there is a site "acme" already, on line 3
site "b": "b b" cannot be the content_url of a site
	content_url can have letters, digits, - and _; "" is the Default site
site "b": the project "/" has an empty part
site "b": url "x" is not the address of a server
	write https://tableau.example.com, or emulator
site "c": its SignIn must have a token with its secret, a user with a password, or a connected app with all but scopes
site "d": its SignIn must have a token with its secret, a user with a password, or a connected app with all but scopes
site "e": "env" is a word of expressions, and cannot be a var
	choose another name
site "e": site "e" is the same as site "c" among those of WithSites: content_url "c" on http://tableau.localhost
site "e": the var "a" is a templates.Secret: it must be text, a number, a boolean, a date, a list or a map
site "e": the var "b.d.0" is not a decimal number
site "f": the var "x.x.x.x.x" is in itself, or too deep
site "g": the var "a" is a uint8: it must be text, a number, a boolean, a date, a list or a map
site "g": the var "x" is a struct {}: it must be text, a number, a boolean, a date, a list or a map
site "g": there is a site "g" already, among those of WithSites
site "h": its SignIn must have a token with its secret, a user with a password, or a connected app with all but scopes
`
	if diff := cmp.Diff(strings.Replace(want, "on line 3", "in "+strings.TrimPrefix(path, filepath.Dir(path)+"/")+":3", 1),
		strings.ReplaceAll(got, filepath.Dir(path)+"/", "")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	gone := errors.New("the database is gone")
	broken := func(yield func(SiteSource, error) bool) {
		if yield(SiteSource{Key: "a"}, nil) {
			yield(SiteSource{}, gone)
		}
	}
	if _, err := Load(path, WithSites(iter.Seq2[SiteSource, error](broken))); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
	if _, err := Load(path, WithSites(nil)); err == nil {
		t.Error("no error for sites that are nil")
	}
	if got := sitesOf(t, inFolder(t, withoutSites), given()); got != "m.yaml:1:1: the manifest has no sites\n" {
		t.Errorf("got %s", got)
	}
}
