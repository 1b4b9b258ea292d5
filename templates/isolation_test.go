package templates

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
)

// seedsVariable is how many manifests are made for each file, where it is not the few of a normal run.
const seedsVariable = "TABTEMPLATE_SEEDS"

// seeds are those for one file.
func seeds(t testing.TB, normal int) int {
	t.Helper()
	text := os.Getenv(seedsVariable)
	if text == "" {
		return normal
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// No value of a site is in what is made for another one: manifests with edits of all kinds, made at random for files with
// all that there is, and rendered for all sites at once, in any order.
func TestNoValueOfAnotherSite(t *testing.T) {
	t.Parallel()
	files := map[string]int{"testdata/orders.tds": 8, "testdata/sales.twb": 8, "testdata/queries.twb": 8, "../testdata/demo/sales.twbx": 6}
	odd, err := filepath.Glob("../testdata/odd/*.twb")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range odd {
		files[path] = 2
	}
	packed := filepath.Join(t.TempDir(), "every.twbx")
	packEvery(t, packed)
	files[packed] = 10
	var done sync.Map // verbs
	t.Run("files", func(t *testing.T) {
		for path, normal := range files {
			t.Run(filepath.Base(path), func(t *testing.T) {
				t.Parallel()
				for seed := range seeds(t, normal) {
					for _, verb := range checkIsolation(t, path, uint64(seed), 8) {
						done.Store(verb, true)
					}
				}
			})
		}
	})
	for _, v := range verbs {
		if _, ok := done.Load(v.key); !ok {
			t.Errorf("no manifest has an edit of %s", v.key)
		}
	}
}

// The same over files that Tableau saved.
func TestNoValueOfAnotherSiteInCorpus(t *testing.T) {
	t.Parallel()
	const corpus = "../../shared/corpus"
	if _, err := os.Stat(corpus); errors.Is(err, fs.ErrNotExist) {
		t.Skip("there are no real files in ../shared/corpus next to the repository")
	}
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !slices.Contains([]string{".twb", ".twbx", ".tds", ".tdsx"}, strings.ToLower(filepath.Ext(path))) {
			return err
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			for seed := range seeds(t, 1) {
				checkIsolation(t, path, uint64(seed), 3)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkIsolation makes a manifest for a file and renders it. It returns the verbs of its edits.
func checkIsolation(t *testing.T, path string, seed uint64, sites int) []string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := documents.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	g := newGenerator(seed, t.TempDir(), sites)
	g.forFile(t, f)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	before := len(g.edits)
	m, r := g.possible(t, path)
	all := m.Sites()
	g.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	render := func(s *Site) func() (string, error) {
		made, err := madeFor(r, s, m.templates[0])
		return func() (string, error) { return made, err }
	}
	err = Each(t.Context(), all, 4, render, func(s *Site, result func() (string, error)) error {
		made, err := result()
		if err != nil {
			return fmt.Errorf("%s, seed %d: %w", s.Key, seed, err)
		}
		own := false
		for _, found := range marker.FindAllString(made, -1) {
			if !strings.EqualFold(found, s.Key) {
				t.Errorf("%s, seed %d: %s is in what is made for %s", path, seed, found, s.Key)
			}
			own = true
		}
		if !own {
			t.Errorf("%s, seed %d: %s has nothing of its own", path, seed, s.Key)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if len(g.edits) < before/2 {
		t.Errorf("%s, seed %d: only %d of %d edits are possible", path, seed, len(g.edits), before)
	}
	var done []string
	for _, edit := range g.edits {
		for _, v := range verbs {
			if _, ok := edit[v.key]; ok {
				done = append(done, v.key)
			}
		}
	}
	return done
}

// marker matches the keys of the sites, which are in all of their values.
var marker = regexp.MustCompile(`(?i)zq\d{3}q`)

var editNumber = regexp.MustCompile(`edit (\d+)`)

// possible leaves out edits that contradict each other, or ask for what cannot be done to the file, until the manifest can
// be rendered.
func (g *generator) possible(t *testing.T, path string) (*Manifest, *Renderer) {
	t.Helper()
	for {
		manifest := filepath.Join(g.dir, "m.yaml")
		if err := os.WriteFile(manifest, []byte(g.manifest(t, path)), 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := Load(manifest)
		if err != nil {
			t.Fatal(err)
		}
		r := opened(t, m)
		_, err = r.Render(m.sites[0], m.templates[0], nil)
		if err == nil {
			return m, r
		}
		blamed := editNumber.FindStringSubmatch(err.Error())
		if blamed == nil {
			t.Fatal(err)
		}
		n, _ := strconv.Atoi(blamed[1])
		g.edits = slices.Delete(g.edits, n-1, n)
	}
}

// madeFor is all that is made for a site: the file with all that a package says of its entries, what is told of the file,
// and how it is published.
func madeFor(r *Renderer, s *Site, t *Template) (string, error) {
	rendering, err := r.Render(s, t, nil)
	if err != nil {
		return "", err
	}
	var file bytes.Buffer
	if _, err := rendering.File.WriteTo(&file); err != nil {
		return "", err
	}
	var out strings.Builder
	out.Write(file.Bytes())
	if z, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len())); err == nil {
		for _, entry := range z.File {
			content, err := entry.Open()
			if err != nil {
				return "", err
			}
			if _, err := io.Copy(&out, content); err != nil {
				return "", err
			}
		}
	}
	for c := range rendering.Changes() {
		fmt.Fprintln(&out, c)
	}
	for c := range rendering.File.EntryChanges() {
		fmt.Fprintln(&out, c)
	}
	fmt.Fprintf(&out, "%v %+v", rendering.Warnings(), rendering.Publish)
	for _, c := range rendering.Credentials {
		fmt.Fprintln(&out, string(c.Password))
	}
	return out.String(), nil
}
