package templates

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The same sites are the same wherever they come from.
func TestSitesAreEqualFromAnywhere(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 7))
		sites := randomSites(random)
		want := ""
		for _, from := range []struct {
			name  string
			files map[string]string
			given []SiteSource
		}{
			{"inline", inlineSites(sites), nil},
			{"CSV", csvSites(t, sites, ",;\t"[random.IntN(3)]), nil},
			{"YAML", yamlSites(sites), nil},
			{"WithSites", map[string]string{"m.yaml": equalManifest("")}, sites},
		} {
			m, err := Load(inFiles(t, "", "", from.files), given(from.given...))
			if err != nil {
				t.Fatalf("seed %d, %s: %v", seed, from.name, err)
			}
			var got strings.Builder
			for _, s := range m.Sites() {
				fmt.Fprintf(&got, "%q %q %q %v %#v\n", s.Key, s.ContentURL, s.Project, s.Server, s.names)
			}
			if want == "" {
				want = got.String()
			}
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Fatalf("seed %d, inline and %s (-inline +%s):\n%s", seed, from.name, from.name, diff)
			}
		}
	}
}

func equalManifest(sites string) string {
	return "version: 1\nserver: {url: emulator}\nvars: {n: 1, f: 0.5, b: true, d: 2024-01-31, t: text, deep: {n: 2, t: x}}\n" + sites +
		"\ntemplates: {sales: {file: sales.twb, publish: {as: Sales}}}\n"
}

// randomSites are sites with some of the vars of equalManifest, and vars that have no default, which are text. What has a
// default has the type of that.
func randomSites(random *rand.Rand) []SiteSource {
	texts := []string{"x", " x ", "a,b;c\td", `"`, `""x"`, "two\nlines", "é😀", "5", "007", "true", "~", "null", "2024-01-31", "# no comment", "- a", "{", "$x", "it's", "a: b", "\\n"}
	text := func() any { return texts[random.IntN(len(texts))] }
	kinds := map[string]func() any{
		"n": func() any { return random.IntN(100) - 50 }, "f": func() any { return float64(random.IntN(100)) + 0.25 },
		"b": func() any { return random.IntN(2) == 0 }, "t": text, "free": text,
		"d": func() any { return time.Date(2020, 1, 1+random.IntN(1000), 0, 0, 0, 0, time.UTC) },
	}
	some := func(names ...string) map[string]any {
		out := map[string]any{}
		for _, name := range names {
			if random.IntN(2) == 0 {
				out[name] = kinds[name]()
			}
		}
		return out
	}
	var sites []SiteSource
	for i := range 1 + random.IntN(5) {
		s := SiteSource{Key: fmt.Sprintf("site-%d", i), Vars: some("n", "f", "b", "d", "t", "free")}
		s.ContentURL = s.Key
		if random.IntN(2) == 0 {
			s.ContentURL = fmt.Sprintf("URL_%d", i)
		}
		if random.IntN(2) == 0 {
			s.Project = "A b/C, \"d\""
		}
		if deep := some("n", "t", "free"); len(deep) > 0 {
			s.Vars["deep"] = deep
		}
		sites = append(sites, s)
	}
	return sites
}

// asJSON is a site as JSON, which is YAML, with its dates as YAML has them.
func asJSON(s SiteSource) string {
	text, _ := json.Marshal(map[string]any{"content_url": s.ContentURL, "project": s.Project, "vars": s.Vars})
	return regexp.MustCompile(`"(\d{4}-\d\d-\d\d)T00:00:00Z"`).ReplaceAllString(string(text), "$1")
}

func inlineSites(sites []SiteSource) map[string]string {
	text := "sites:\n"
	for _, s := range sites {
		text += "  " + s.Key + ": " + asJSON(s) + "\n"
	}
	return map[string]string{"m.yaml": equalManifest(text)}
}

func yamlSites(sites []SiteSource) map[string]string {
	files := map[string]string{"m.yaml": equalManifest("sites_from: ['*/*.yaml']")}
	for _, s := range sites {
		files["tenants/"+s.Key+".yaml"] = asJSON(s)
	}
	return files
}

func csvSites(t *testing.T, sites []SiteSource, comma byte) map[string]string {
	t.Helper()
	var text strings.Builder
	w := csv.NewWriter(&text)
	w.Comma = rune(comma)
	columns := []string{"n", "deep.free", "f", "b", "deep.n", "d", "t", "free", "deep.t"}
	rows := [][]string{append([]string{"content_url", "site", "project"}, columns...)}
	for _, s := range sites {
		row := []string{s.ContentURL, s.Key, s.Project}
		for _, column := range columns {
			cell, _ := format(lookUp(s.Vars, strings.Split(column, ".")))
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"m.yaml": equalManifest("sites_from: [t.csv]"), "t.csv": text.String()}
}
