package scaffold_test

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/scaffold"
)

var update = flag.Bool("update", false, "write the manifests of testdata anew")

// manifest makes one for files, with paths from a folder.
func manifest(t testing.TB, folder string, paths ...string) *scaffold.Draft {
	t.Helper()
	var sources []scaffold.Source
	for _, path := range paths {
		f, err := documents.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		absolute, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		from, err := filepath.Rel(folder, absolute)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, scaffold.Source{Path: filepath.ToSlash(from), File: f})
	}
	draft, err := scaffold.Manifest(sources)
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range paths {
		if sources[i].File.ChangeCount() > 0 {
			t.Errorf("%s was changed", path)
		}
	}
	return draft
}

// render renders all templates of a manifest for its sites and for one more, which says nothing of its own, and returns
// what that became. The manifest has nothing that is warned of.
func render(t testing.TB, folder, text string) map[string]*templates.Rendering {
	t.Helper()
	path := filepath.Join(folder, "tabtemplate.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := templates.Load(path, templates.WithSites(func(yield func(templates.SiteSource, error) bool) {
		yield(templates.SiteSource{Key: "same", ContentURL: "same"}, nil)
	}))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if len(m.Warnings()) > 0 {
		t.Errorf("%v in\n%s", m.Warnings(), text)
	}
	r, err := m.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	if len(m.Sites()) != 3 {
		t.Errorf("%d sites in\n%s", len(m.Sites()), text)
	}
	out := map[string]*templates.Rendering{}
	for _, site := range m.Sites() {
		published := map[string]templates.Published{}
		for _, tmpl := range m.Templates() {
			rendering, err := r.Render(site, tmpl, published)
			if err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
			if published[tmpl.Name], err = m.Predict(site, tmpl); err != nil {
				t.Fatal(err)
			}
			if site.Key == "same" {
				out[tmpl.Path] = rendering
			}
		}
	}
	return out
}

// realFiles lists those of the corpus and of testdata.
func realFiles(t testing.TB) []string {
	t.Helper()
	var files []string
	corpus := filepath.Join("..", "..", "..", "shared", "corpus")
	if _, err := os.Stat(corpus); err != nil {
		t.Log("there are no real files in ../shared/corpus next to the repository")
	}
	for _, root := range []string{"testdata", filepath.Join("..", "..", "testdata"), corpus} {
		_ = filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
			switch strings.ToLower(filepath.Ext(path)) {
			case ".twb", ".twbx", ".tds", ".tdsx":
				files = append(files, path)
			}
			return err
		})
	}
	if len(files) < 9 {
		t.Fatalf("found %d files", len(files))
	}
	return files
}

// referring are the places of a document that say where a published data source is.
var referring = regexp.MustCompile(`/(repository-location(/@|$)|@xml:base|connection/@(server|channel|port|dbname)|attribute\[@name='datasource'\])|/repository-location`)

// scrubbing is the edit that takes out what a file tells of its author.
var scrubbing = regexp.MustCompile(`(?m)^      - scrub: .*\n`)

// As long as nobody changes a var, a rendering differs from its template in where published data sources are, and in
// nothing else, but for what the author of the template is not to tell.
func TestNothingChanges(t *testing.T) {
	t.Parallel()
	for _, path := range realFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			text := string(manifest(t, folder, path).Text)
			render(t, folder, text)
			text = scrubbing.ReplaceAllString(text, "")
			text = regexp.MustCompile(`(?m)^    edits:\n((\s+#.*\n)*)(\n|\z)`).ReplaceAllString(text, "")
			for _, rendering := range render(t, folder, text) {
				for change := range rendering.Changes() {
					if !referring.MatchString(change.Path) {
						t.Errorf("%s changes from %q to %q", change.Path, change.Old, change.New)
					}
				}
				if strings.Contains(text, "- published:") {
					continue
				}
				var got bytes.Buffer
				if _, err := rendering.File.WriteTo(&got); err != nil {
					t.Fatal(err)
				}
				if want, err := os.ReadFile(path); err != nil || !bytes.Equal(got.Bytes(), want) {
					t.Errorf("it is not the template: %v", err)
				}
			}
		})
	}
}

// Many files make one manifest, whatever they have in common.
func TestManyFiles(t *testing.T) {
	t.Parallel()
	paths := realFiles(t)
	folder := t.TempDir()
	paths = append(paths, paths[:2]...) // of one name, too
	if got := render(t, folder, string(manifest(t, folder, paths...).Text)); len(got) != len(paths)-2 {
		t.Errorf("%d of %d files were rendered", len(got), len(paths)-2)
	}
}

// The manifests of testdata are what is written for files of this repository.
func TestGolden(t *testing.T) {
	t.Parallel()
	demo, odd := filepath.Join("..", "..", "testdata", "demo"), filepath.Join("..", "..", "testdata", "odd")
	goldens := map[string][]string{
		"demo":       {filepath.Join(demo, "orders.tds"), filepath.Join(demo, "sales.twbx")},
		"sales":      {filepath.Join(demo, "sales.twbx")},
		"plain":      {filepath.Join(odd, "plain-2024.3.twb")},
		"mac":        {filepath.Join(odd, "mac-9.3.twb")},
		"server":     {filepath.Join(odd, "server-10.5.twb"), filepath.Join(odd, "forked-2023.1.twb")},
		"everything": {filepath.Join("testdata", "everything.twb"), filepath.Join("testdata", "orders.tds"), filepath.Join("testdata", "sub", "Orders.tds")},
	}
	folder, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(goldens)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden := filepath.Join("testdata", name+".yaml")
			got := manifest(t, folder, goldens[name]...).Text
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(golden); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%v: %s differs:\n%s", err, golden, got)
			}
			if _, err := templates.Load(golden); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	if _, err := scaffold.Manifest(nil); err == nil {
		t.Error("no source makes a manifest")
	}
	if _, err := scaffold.Manifest([]scaffold.Source{{Path: "a${b}.twb"}}); err == nil || !strings.Contains(err.Error(), "a${b}.twb") {
		t.Errorf("a path with an expression: %v", err)
	}
}
