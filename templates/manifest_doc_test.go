package templates

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// examples are the blocks of YAML on the page about manifests.
func examples(t testing.TB) (page string, blocks []string) {
	t.Helper()
	text, err := os.ReadFile("../docs/manifest.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, m[1])
	}
	return string(text), blocks
}

// exampleFiles are the files that the examples need: those that are on the page, and others.
func exampleFiles(t testing.TB, page string) map[string]string {
	t.Helper()
	files := map[string]string{
		"orders.tds": "", "sales.twbx": "", "strings.de.csv": "from,to\nRegion,Gebiet\n",
		"tenants-eu.csv": "site,tenant,db.name\nvandelay,Vandelay,vandelay_prod\n",
	}
	for name, pattern := range map[string]string{"tenants.csv": "(?s)```csv\n(site,.*?)```", "tenants/hooli.yaml": "(?s)```yaml file=tenants/hooli.yaml\n(.*?)```"} {
		m := regexp.MustCompile(pattern).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("%s is not on the page", name)
		}
		files[name] = m[1]
	}
	return files
}

// exampleManifests are the examples on the page about manifests: whole ones, and edits within one.
func exampleManifests(t *testing.T) (manifests []string) {
	t.Helper()
	const around = `version: 1
server: {url: "https://tableau.example.com"}
vars: {tenant: Acme, region: EMEA, schema: acme, lang: de}
sites: {acme: }
templates:
  orders: {file: orders.tds, publish: {as: Orders}}
  sales:
    file: sales.twbx
    publish: {as: Sales}
    edits:
`
	_, blocks := examples(t)
	for _, block := range blocks {
		if strings.HasPrefix(block, "- ") {
			block = around + "      " + strings.ReplaceAll(strings.TrimSpace(block), "\n", "\n      ") + "\n"
		}
		manifests = append(manifests, block)
	}
	return manifests
}

// The examples on the page about manifests are right.
func TestManifestPageExamples(t *testing.T) {
	t.Parallel()
	verbsShown := map[string]bool{}
	for _, manifest := range exampleManifests(t) {
		path := filepath.Join(pageFolder(t), "m.yaml")
		if err := os.WriteFile(path, []byte(manifest), 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := Load(path)
		if err != nil {
			t.Errorf("%s\n%v", manifest, err)
			continue
		}
		for _, v := range verbs {
			if regexp.MustCompile(`(?m)^ *- ` + v.key + `:`).MatchString(manifest) {
				verbsShown[v.key] = true
			}
		}
		if len(m.Sites()) == 0 {
			t.Errorf("%s\nhas no sites", manifest)
		}
	}
	for _, v := range verbs {
		if !verbsShown[v.key] {
			t.Errorf("no example of %s", v.key)
		}
	}
}

// The page about manifests has all verbs with all their keys, and all functions.
func TestManifestPageIsComplete(t *testing.T) {
	t.Parallel()
	page, _ := examples(t)
	for _, v := range verbs {
		_, section, found := strings.Cut(page, "\n### "+sectionOf(page, v.key)+"\n")
		section, _, _ = strings.Cut(section, "\n##")
		if !found || !strings.Contains(page, "`"+v.key+"`") {
			t.Errorf("%s has no section, or is not in the table", v.key)
		}
		for _, key := range v.keys {
			if !regexp.MustCompile("`" + key + "[`:.]").MatchString(section) {
				t.Errorf("the section of %s has no key %s", v.key, key)
			}
		}
	}
	for _, key := range editKeys {
		if !strings.Contains(page, "\n| `"+key+":") {
			t.Errorf("no %s", key)
		}
	}
	headings := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(page, -1) {
		headings[strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(m[1]), ",", ""), " ", "-")] = true
	}
	for _, m := range regexp.MustCompile(`\]\(#(.*?)\)`).FindAllStringSubmatch(page, -1) {
		if !headings[m[1]] {
			t.Errorf("no heading for the link to #%s", m[1])
		}
	}
	_, list, _ := strings.Cut(page, "these may be called: ")
	list, _, _ = strings.Cut(list, ". What")
	if got := strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(",\n ", r) }); !slices.Equal(got, functions) {
		t.Errorf("functions: %q", got)
	}
}

// sectionOf is the heading of the section that is about a verb.
func sectionOf(page, verb string) string {
	for _, m := range regexp.MustCompile(`(?m)^### (.*)$`).FindAllStringSubmatch(page, -1) {
		if slices.Contains(strings.Split(m[1], ", "), verb) {
			return m[1]
		}
	}
	return ""
}
