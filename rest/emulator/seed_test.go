package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// seedFiles makes a folder with the files that the seeds of the tests publish, and a seed.
func seedFile(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string]string{
		"seed.yaml": text, "files/sales.twb": salesTWB, "files/orders.tds": ordersTDS, "files/map.twb": publishedTWB, "files/clean.tfl": "a flow",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "seed.yaml")
}

func environment(name string) (string, bool) {
	value, known := map[string]string{"BEA": "from the environment"}[name]
	return value, known
}

// seeded starts a world that begins with a seed.
func seeded(t *testing.T, text string, opts ...Option) *world {
	t.Helper()
	seed, err := LoadSeed(seedFile(t, text), environment)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, append(opts, WithSeed(seed))...)
}

const wholeSeed = `
schedules:
  - {name: Nights, type: Extract, frequency: Daily, start: '02:00:00', end: '04:00:00', intervals: [{hours: 2}], priority: 20}
sites:
  - users:
      - {name: admin, role: ServerAdministrator}
      - name: bea
        role: ExplorerCanPublish
        password: '${env("BEA")}'
        full_name: Bea Ñúñez
        email: bea@example.com
        tokens: [{name: laptop, secret: 0123}]
      - {name: cy, role: Viewer}
    groups:
      - {name: Finance, users: [bea, cy]}
    projects:
      - path: Reports
        description: For everybody
        owner: bea
        content_permissions: LockedToProject
        permissions:
          - {group: Finance, role: View}
          - {user: cy, allow: [Read], deny: [Write]}
        default_permissions:
          workbooks:
            - {group: Finance, role: Explore, deny: [ExportData]}
      - {path: Reports/2026}
    datasources:
      - {file: files/orders.tds, name: Orders}
    workbooks:
      - file: files/sales.twb
        project: Reports/2026
        description: All sales
        owner: bea
        tags: [one, two words]
        show_tabs: true
        hidden_views: [Map]
        connections:
          - {server: db.example.com, port: 5432, username: reader, password: s3cret, embed: true}
      - file: files/map.twb
        name: Karte
        permissions:
          - {user: cy, role: View}
    flows:
      - {file: files/clean.tfl, tags: [daily], permissions: [{user: cy, role: Explore}]}
    webhooks:
      - {name: Tell, event: WorkbookCreated, url: 'https://example.com/hook'}
  - content_url: sales
    name: Sales Site
    users:
      - {name: bea, role: Viewer}
`

// What a seed says is there as if clients had made it.
func TestSeed(t *testing.T) {
	t.Parallel()
	w := seeded(t, wholeSeed)
	w.send("GET /api/3.29/schedules?filter=name:eq:Nights HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").
		wantIn(`name="Nights" state="Active" priority="20"`, `type="Extract" frequency="Daily" nextRunAt="2026-03-03T02:00:00Z"`)
	w.get("users?fields=_all_").wantIn(`name="bea" fullName="Bea Ñúñez" email="bea@example.com" siteRole="ExplorerCanPublish"`,
		`name="cy" fullName="cy" email="" siteRole="Viewer"`)
	w.get("groups").wantIn(`name="Finance"`)
	finance := w.of("").groupNamed("Finance")
	w.get("groups/"+finance.LUID+"/users").wantIn(`totalAvailable="2"`, `name="bea"`, `name="cy"`)
	w.send("GET /api/3.29/sites HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantIn(`name="Sales Site" contentUrl="sales"`)

	reports, year := w.of("").projectAt("Reports"), w.of("").projectAt("Reports/2026")
	w.get("projects").wantIn(`name="Reports" description="For everybody"`, `name="2026"`, `contentPermissions="LockedToProject"`)
	if bea := w.of("").userNamed("bea"); reports.Owner != bea.LUID || year.Owner != w.names["SYSTEM"] {
		t.Errorf("owners %s and %s", reports.Owner, year.Owner)
	}
	rules := func(key string) string {
		var list []string
		for _, r := range w.of("").rules(key) {
			name := map[string]string{finance.LUID: "Finance", w.of("").userNamed("cy").LUID: "cy"}[r.Grantee.LUID]
			list = append(list, r.Grantee.Kind+" "+name+" "+r.Capability+" "+r.Mode)
		}
		return strings.Join(list, ", ")
	}
	if got, want := rules(reports.LUID), "group Finance Read Allow, user cy Read Allow, user cy Write Deny"; got != want {
		t.Errorf("permissions of Reports %s, want %s", got, want)
	}
	const explore = "group Finance Read Allow, group Finance Filter Allow, group Finance ViewComments Allow, group Finance AddComment Allow, " +
		"group Finance ExportImage Allow, group Finance ShareView Allow, group Finance ViewUnderlyingData Allow, " +
		"group Finance WebAuthoring Allow, group Finance RunExplainData Allow, group Finance ExportData Deny"
	if got := rules(defaultsKey(reports.LUID, typeOf("workbook"))); got != explore {
		t.Errorf("default permissions of Reports %s, want %s", got, explore)
	}
	w.get("webhooks").wantIn(`name="Tell" event="WorkbookCreated"`)
	if deliveries, err := w.server.Deliveries(""); err != nil || len(deliveries) != 0 {
		t.Errorf("the seed was told of: %v, %v", deliveries, err)
	}
}

// The content of a seed is that of its files.
func TestSeedPublishes(t *testing.T) {
	t.Parallel()
	w := seeded(t, wholeSeed)
	sales := w.of("").named(workbooks, "sales", w.of("").projectAt("Reports/2026").LUID)
	w.get("workbooks/"+sales.LUID).wantIn(`description="All sales"`, `showTabs="true"`, `name="bea"`, `<tag label="one"/><tag label="two words"/>`)
	w.get("workbooks/" + sales.LUID + "/views?includeHidden=true").wantIn(`name="Übersicht"`)
	if a := w.get("workbooks/" + sales.LUID + "/views"); strings.Contains(a.body, `name="Map"`) {
		t.Errorf("the hidden view is shown: %s", a.body)
	}
	w.get("workbooks/"+sales.LUID+"/connections").wantIn(`userName="reader"`, `embedPassword="true"`)
	w.wantContent("workbooks/"+sales.LUID+"/content", salesTWB)
	karte := w.of("").named(workbooks, "Karte", w.names["PROJECT"])
	w.get("workbooks/" + karte.LUID + "/connections").wantIn(`name="Orders"`)
	w.get("workbooks/" + karte.LUID + "/permissions").wantIn(`name="ExportData" mode="Allow"`)
	if kept := len(w.of("").rules(karte.LUID)); kept != 6 {
		t.Errorf("%d rules, want those of View alone", kept)
	}
	clean := w.of("").named(flows, "clean", w.names["PROJECT"])
	w.get("flows/" + clean.LUID).wantIn(`<tag label="daily"/>`)
	w.get("flows/" + clean.LUID + "/permissions").wantIn(`name="ExportXml" mode="Allow"`)
	w.wantContent("flows/"+clean.LUID+"/content", "a flow")
	w.signIn(`name="bea" password="from the environment"`, "sales")
	w.signIn(`personalAccessTokenName="laptop" personalAccessTokenSecret="0123"`, "")
	if w.server.uploads.Len() != 0 {
		t.Error("an upload is left")
	}
}

// A server of a kept state can be started with its seed again: what was changed, and what was made, stays.
func TestSeedAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := seedFile(t, wholeSeed)
	w := seeded(t, wholeSeed, WithState(dir))
	reports := w.of("").projectAt("Reports").LUID
	w.send("PUT S/projects/" + reports + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n<tsRequest><project description=\"changed\"/></tsRequest>").wantStatus(200)
	cy := w.of("").userNamed("cy").LUID
	w.send("PUT S/users/" + cy + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n<tsRequest><user siteRole=\"Explorer\"/></tsRequest>").wantStatus(200)
	list := func() string {
		return w.get("workbooks").body + w.get("datasources").body + w.get("flows").body + w.get("projects").body + w.get("groups").body + w.get("webhooks").body
	}
	before := list()
	seed, err := LoadSeed(path, environment)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w.restart(dir, WithSeed(seed))
		if after := list(); after != before || !strings.Contains(after, "changed") {
			t.Errorf("after the restart\n got %s\nwant %s", after, before)
		}
		w.get("users/" + cy).wantIn(`siteRole="Viewer"`)
		w.signIn(`personalAccessTokenName="laptop" personalAccessTokenSecret="0123"`, "")
		w.signIn(`name="admin" password="p@ss&amp;&lt;w&gt;"`, "")
	}
}

// All that is wrong with a seed is told at once, where it is, and nothing of it is made.
func TestSeedRefused(t *testing.T) {
	t.Parallel()
	path := seedFile(t, `
schedules:
  - {name: Nights, type: Extracts, frequency: Daily}
sites:
  - users:
      - {name: bea, role: Boss}
      - {name: cy, role: Viewer, tokens: [{name: x}]}
      - {name: dan, role: Viewer}
    groups:
      - {name: All Users}
      - name: Finance
        users: [bea, dann, dan]
    projects:
      - path: Top/Nested
      - path: Reports
        owner: dan
        permissions:
          - {role: View}
          - {user: dan, role: Veiw}
          - {group: Finance, allow: [Read]}
          - {group: Sales, allow: [Read]}
          - {user: dan, allow: [Reed]}
        default_permissions:
          workbook: []
    workbooks:
      - {name: Nothing}
      - {file: files/none.twb}
      - {file: seed.yaml}
      - {file: files/sales.twb, project: Report}
      - {file: files/sales.twb, project: Reports}
      - {file: files/sales.twb, hidden_views: [Mapp], owner: nobody}
      - {file: files/map.twb}
    webhooks:
      - {name: Tell, event: Never, url: 'https://example.com/'}
  - {content_url: a b}
`)
	seed, err := LoadSeed(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(WithOpen(), WithSeed(seed))
	problems, ok := errors.AsType[SeedProblems](err)
	if !ok {
		t.Fatal(err)
	}
	var got []string
	for _, p := range problems {
		text := strings.ReplaceAll(fmt.Sprintf("%d:%d %s %s", p.Line, p.Col, p.Message, p.Hint), filepath.Dir(path), "FOLDER")
		got = append(got, anyLUID.ReplaceAllString(strings.TrimSpace(text), "LUID"))
	}
	want := strings.Split(strings.TrimSpace(refusals), "\n")
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Errorf("problem %d\n got %q\nwant %q", i, append(got, "none")[min(i, len(got))], append(want, "none")[min(i, len(want))])
		}
	}
	for _, p := range problems {
		if !strings.HasSuffix(p.File, "seed.yaml") || !strings.HasPrefix(p.Error(), fmt.Sprintf("%s:%d:%d: ", p.File, p.Line, p.Col)) {
			t.Errorf("the place in %s", p)
		}
	}
}

var anyLUID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// refusals have FOLDER where the path of the seed's folder is, and LUID for each LUID.
const refusals = `
3:5 schedule "Nights": The type 'Extracts' of schedule 'Nights' is none of Extract, Subscription, Flow, DataAcceleration, ActiveDirectorySync. (code 409004)
6:9 user "bea": User 'bea' cannot have the site role 'Boss'. (code 400013)
7:9 user "cy": a token has a name and a secret
12:22 there is no user "dann" did you mean "dan"?
14:15 there is no project "Top" known here: Default
16:16 owner "dan": User 'LUID' cannot own project 'LUID' with the site role Viewer. (code 403004)
18:13 permission: it is for a user or for a group
19:31 there is no role "Veiw" did you mean "View"?
21:21 there is no group "Sales" known here: All Users
22:13 permission: 'Reed' is no capability of a project, which has Read, Write, ProjectLeader. (code 400009)
24:21 there is no content type "workbook" did you mean "workbooks"?
26:9 workbook "Nothing": it has no file
27:9 workbook "none": open FOLDER/files/none.twb: no such file or directory
28:9 workbook "seed": The parameter workbookType must be one of twb, twbx, not 'yaml'. (code 400035)
29:42 there is no project "Report" known here: Default
31:48 there is no view "Mapp" did you mean "Map"?
31:62 there is no user "nobody" known here: dan
32:9 workbook "map": The workbook 'map' could not be published: Datasource 'Orders' not found on site ''. (code 400011)
34:9 webhook "Tell": There is no event 'Never'. (code 400000)
35:5 site "a b": The contentUrl 'a b' of a site may hold letters, digits, hyphens and underscores. (code 400000)
`

// A seed of Go is told of by its paths, and its files come from any file system.
func TestSeedOfGo(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"sales.twb": {Data: []byte(salesTWB)}}
	seed := Seed{Files: files, Sites: []SeedSite{{
		Users:     []SeedUser{{Name: "bea", Role: "Viewer", Password: "s3cret"}},
		Workbooks: []SeedContent{{File: "sales.twb"}},
	}}}
	w := start(t, WithSeed(seed), WithRequestLimit(500)) // in several blocks
	w.wantContent("workbooks/"+w.of("").workbooks.All()[0].LUID+"/content", salesTWB)
	w.signIn(`name="bea" password="s3cret"`, "")

	seed.Sites[0].Users[0].Role = "Boss"
	_, err := New(WithOpen(), WithSeed(seed))
	if err == nil || !strings.Contains(err.Error(), `seed sites[0].users[0]: user "bea": `) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("New = %v", err)
	}
}

func TestSecretsOfSeedsAreNotShown(t *testing.T) {
	t.Parallel()
	seed := Seed{Sites: []SeedSite{{Users: []SeedUser{{Name: "bea", Password: "s3cret", Tokens: []SeedToken{{"ci", "s3cret"}}}}}}}
	encoded, err := json.Marshal(seed.Sites)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprint(seed), fmt.Sprintf("%+v %#v %s", seed, seed, seed.Sites[0].Users[0].Password), string(encoded)} {
		if strings.Contains(shown, "s3cret") || !strings.Contains(shown, redacted) {
			t.Errorf("shown: %s", shown)
		}
	}
}

// What is wrong with a seed file is told before anything is made of it.
func TestLoadSeed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"sites: [{users: [{nme: bea}]}]\nschedule: []\nsites: []": "1:19 unknown key \"nme\" in each of users did you mean \"name\"?\n" +
			"2:1 unknown key \"schedule\" in the file did you mean \"schedules\"?\n3:1 duplicate key \"sites\", first on line 1",
		"sites:\n- users: {name: bea}":          "2:10 users must be a list, not a mapping",
		"sites:\n- users: [bea]":                "2:11 each of users must be a mapping, not text",
		"sites:\n- workbooks: [{show_tabs: 1}]": "2:27 show_tabs must be true or false, not 1",
		"sites:\n- name: [a]":                   "2:9 name must be text, not a list",
		"sites:\n- name:":                       "2:8 name must be text, not nothing",
		"sites:\n- {<<: {name: a}, [b]: c}":     "2:4 merge keys (<<) are not supported write the keys out, or use an alias for the whole value\n2:19 a key must be text",
		"sites: [":                              "2:1 not YAML: did not find expected node content while parsing a flow node",
		"sites: []\n---\nsites: []":             "2:1 a second YAML document begins here remove what follows ---",
		"sites: [{users: [{name: b, password: '${env(\"NONE\")}'}]}]":              "1:38 the environment variable NONE is not set",
		"sites: [{users: [{name: b, password: 'x${y}'}]}]":                         `1:38 a secret with ${ in it is ${env("NAME")}, and nothing beside it`,
		"sites: [{users: [{name: b, tokens: [{name: t, secret: '${file(1)}'}]}]}]": `1:55 a secret with ${ in it is ${env("NAME")}, and nothing beside it`,
		"sites: [{workbooks: [{connections: [{password: '${'}]}]}]":                `1:48 a secret with ${ in it is ${env("NAME")}, and nothing beside it`,
	} {
		_, err := LoadSeed(seedFile(t, text), environment)
		problems, _ := errors.AsType[SeedProblems](err)
		var got []string
		for _, p := range problems {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%d:%d %s %s", p.Line, p.Col, p.Message, p.Hint)))
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("%s\n got %s (%v)\nwant %s", text, strings.Join(got, "\n"), err, want)
		}
	}
	if _, err := LoadSeed(filepath.Join(t.TempDir(), "none.yaml"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := LoadSeed(seedFile(t, "sites: [{users: [{password: '${env(\"BEA\")}'}]}]"), nil); err == nil || !strings.Contains(err.Error(), "not available") {
		t.Errorf("no environment: %v", err)
	}
	if _, err := LoadSeed(seedFile(t, "sites: []\n"+strings.Repeat("#", maxSeed)), nil); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a large file: %v", err)
	}
	if seed, err := LoadSeed(seedFile(t, "# nothing yet\n"), nil); err != nil || len(seed.Sites) != 0 {
		t.Errorf("an empty file: %v", err)
	}
}
