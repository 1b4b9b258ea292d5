package templates

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// cached is sales.twb, packed, with traces of its author.
func cached(t *testing.T, manifest string) (*Manifest, *Renderer) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "sales.twb"))
	if err != nil {
		t.Fatal(err)
	}
	doc := strings.NewReplacer(
		"<datasources>\n    <datasource hasc", "<repository-location id='Sales' path='/t/dev/workbooks' revision='1' site='dev' />\n  <datasources>\n    <datasource hasc",
		"</workbook>", "  <thumbnails><thumbnail height='1' name='Map' width='1'>x</thumbnail></thumbnails>\n</workbook>",
		"version='18.1'>\n      <repository-location id='OrdersDev'", "version='18.1' xml:base='https://tab.example.com'>\n      <repository-location id='OrdersDev'",
	).Replace(string(text))
	path := inFolder(t, strings.Replace(manifest, "sales.twb", "sales.twbx", 1))
	entry := func(name, content string) packaging.Change {
		return packaging.Change{Name: name, Content: packaging.Bytes([]byte(content))}
	}
	pkg, err := packaging.Create(entry("sales.twb", doc), entry("TwbxExternalCache/R/1.bin", "rows"), entry("TwbxExternalCache/R/1.key", "rows"),
		entry("ExternalCacheV1/a", "rows"), entry("Image/logo.png", "png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := packaging.WriteFile(filepath.Join(filepath.Dir(path), "sales.twbx"), pkg); err != nil {
		t.Fatal(err)
	}
	m, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := m.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	m.templates[0].fileAt.src.file = "m.yaml"
	return m, r
}

func render(t *testing.T, m *Manifest, r *Renderer, site string) *Rendering {
	t.Helper()
	rendering, err := r.Render(m.byKey[site], m.templates[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	return rendering
}

// TestCachesAreLeftOut is case 80: results of queries do not go where a data source is another one.
func TestCachesAreLeftOut(t *testing.T) {
	t.Parallel()
	because := func(why string) []string {
		return []string{
			"the results of queries in TwbxExternalCache/ are left out, because " + why,
			"the results of queries in ExternalCacheV1/ are left out, because " + why,
		}
	}
	for _, test := range []struct {
		name, edits string
		site        string
		kept        bool
		warnings    []string
	}{
		{"nothing is edited", "      []\n", "dev", true, nil},
		{"only a parameter", "    - {parameter: Top, value: 3}\n", "dev", true, nil},
		{"only the workbook", "    - {scrub: [thumbnails]}\n", "dev", true, nil},
		{"what it is already", "    - {connection: {class: postgres}, set: {server: db1}}\n", "dev", true, nil},
		{"a connection", "    - {connection: {class: postgres}, set: {server: db2}}\n", "dev", false, because(`data source "Facts" was changed`)},
		{"a published data source", repointed, "acme", false, because(`data source "Orders" was changed`)},
		{"a filter", "    - {filter: Tenant, datasource: More, include: [x]}\n", "dev", false, because(`data source "More" was changed`)},
		{"a file", "    - {data_file: logo.png, remove: true}\n", "dev", false, because(`entry "Image/logo.png" removed`)},
		{"an edit that says so", "    - {connection: {class: postgres}, set: {server: db2}}\n    - {scrub: [caches]}\n", "dev", false, nil},
		{"only the caches", "    - {scrub: [caches]}\n", "dev", false, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, r := cached(t, withEdits(test.edits))
			rendering := render(t, m, r, test.site)
			if diff := cmp.Diff(test.warnings, rendering.Warnings()); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			kept := slices.ContainsFunc(slices.Collect(rendering.File.Entries()), func(e packaging.Entry) bool { return documents.CacheFolder(e.Name) != "" })
			if kept != test.kept {
				t.Errorf("kept %t", kept)
			}
		})
	}
}

// TestFindings tells what is left when the edits are done: what they brought is none of it.
func TestFindings(t *testing.T) {
	t.Parallel()
	const (
		location = "warning provenance 5 repository-location: \"Sales\" in \"/t/dev/workbooks\""
		db1      = "info connections 20 connection: postgres, server \"db1\", dbname \"dev\""
		db2      = "info connections 34 connection: mysql, server \"db2\", dbname \"dev\""
		facts    = "warning users 20 @username: \"svc\""
		more     = "warning users 34 @username: \"svc\""
		pictures = "warning thumbnails 67 thumbnails: pictures of views: 1"
		twbx     = "warning caches 0 : files with results of queries: 2"
		external = "warning caches 0 : files with results of queries: 1"
		left     = "warning files 0 : a file that the document does not name"
	)
	for _, test := range []struct {
		name, edits, site string
		want              []string
	}{
		{"no edits", "      []\n", "dev", []string{location, db1, facts, db2, more, pictures, twbx, external, left}},
		{
			"what edits brought", repointed + "    - {connection: {class: postgres}, set: {username: acme}}\n    - {connection: {class: mysql}, set: {username: svc, server: db2}}\n", "acme",
			[]string{
				"warning edits 0 : the results of queries in TwbxExternalCache/ are left out, because data source \"Facts\" was changed",
				"warning edits 0 : the results of queries in ExternalCacheV1/ are left out, because data source \"Facts\" was changed",
				location, db1, pictures, left,
			},
		},
		{"all is scrubbed", "    - {scrub: all}\n    - {data_file: logo.png, remove: true}\n" + repointed, "acme", []string{db1, db2}},
		{"in one data source", "    - {scrub: all, datasource: More}\n    - {scrub: [caches, provenance, thumbnails]}\n", "dev", []string{db1, facts, db2, left}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, r := cached(t, withEdits(test.edits))
			var got []string
			for _, f := range render(t, m, r, test.site).Findings() {
				place := f.Path[strings.LastIndex(f.Path, "/")+1:]
				got = append(got, fmt.Sprintf("%s %s %d %s: %s", f.Level, f.Kind, f.Line, place, f.Text))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestInspect tells of a file as it is, with what to do about each finding.
func TestInspect(t *testing.T) {
	t.Parallel()
	m, r := cached(t, withEdits("      []\n"))
	f := r.files[m.templates[0]]
	advice := map[string]string{}
	for _, found := range Inspect(f) {
		advice[string(found.Level)+" "+found.Kind] = found.Advice
	}
	want := map[string]string{
		"warning provenance": "`scrub: [provenance]` takes it out",
		"warning users":      "`scrub: [users]` takes it out",
		"warning thumbnails": "`scrub: [thumbnails]` takes it out",
		"warning caches":     "`scrub: [caches]` takes it out",
		"warning files":      "`data_file` replaces it, or removes it",
		"info connections":   "`connection` says which it is on each site",
		"warning published":  "`published` says which it is on each site",
	}
	if diff := cmp.Diff(want, advice); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	const secret = "<datasource name='x'><connection class='x' password='hunter2'><relation type='text'>SELECT 'pwd=hunter2'</relation></connection></datasource>"
	file, err := documents.OpenReader(strings.NewReader(secret), int64(len(secret)))
	if err != nil {
		t.Fatal(err)
	}
	found := Inspect(file)
	if len(found) != 2 || found[0].Level != Error || found[1].Level != Error || strings.Contains(fmt.Sprintf("%+v", found), "hunter2") {
		t.Errorf("two secrets are %+v", found)
	}
	if !strings.Contains(found[1].Advice, "`custom_sql`") {
		t.Errorf("the advice for a secret in custom SQL is %q", found[1].Advice)
	}
}

// TestScrubEdits: scrubbing goes with the edits beside it in any order, and what they gave their site stays.
func TestScrubEdits(t *testing.T) {
	t.Parallel()
	const user = "    - {connection: {class: postgres}, set: {username: acme}}\n"
	const scrub = "    - {scrub: all}\n"
	want := "5 repository-location: <repository-location id='Sales' path='/t/dev/workbooks' revision='1' site='dev' /> -> \n" +
		"20 @username: svc -> acme\n34 @username: svc -> \n" +
		"43 @xml:base: https://tab.example.com -> https://new.example.com\n" +
		"44 @id: OrdersDev -> Orders\n44 @path: /t/dev/datasources -> /t/acme/datasources\n44 @site: dev -> acme\n" +
		"45 @dbname: OrdersDev -> Orders\n45 @server: tab.example.com -> new.example.com\n" +
		"67 thumbnails: <thumbnails><thumbnail height='1' name='Map' width='1'>x</thumbnail></thumbnails> -> \n"
	for _, edits := range []string{scrub + user + repointed, user + repointed + scrub, repointed + scrub + user, user + scrub + repointed + scrub} {
		m, r := cached(t, withEdits(edits))
		var got strings.Builder
		for c := range render(t, m, r, "acme").Changes() {
			fmt.Fprintf(&got, "%d %s: %s -> %s\n", c.Line, c.Path[strings.LastIndex(c.Path, "/")+1:], c.Old, c.New)
		}
		if diff := cmp.Diff(want, got.String()); diff != "" {
			t.Errorf("%s(-want +got):\n%s", edits, diff)
		}
	}
}
