package templates

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tabtemplate/tabtemplate/packaging"
)

// manySites is how many sites are rendered at the same time.
const manySites = 200

// every packs the workbook of testdata/every, writes a manifest for as many sites beside it
// and data for each, and loads it.
func every(t *testing.T) *Manifest {
	t.Helper()
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.CopyFS(dir, os.DirFS("testdata/every")), os.Mkdir(filepath.Join(dir, "data"), 0o700)); err != nil {
		t.Fatal(err)
	}
	packEvery(t, filepath.Join(dir, "every.twbx"))
	put("data/logo.png", "\x89PNG of all")
	var sites strings.Builder
	for i := range manySites {
		fmt.Fprintf(&sites, "  s%d:\n", i)
		put(fmt.Sprintf("data/s%d.hyper", i), fmt.Sprintf("Hyper of s%d", i))
		put(fmt.Sprintf("data/s%d.csv", i), fmt.Sprintf("region,cost\ns%d,%d\n", i, i))
	}
	return withSites(t, filepath.Join(dir, "tabtemplate.yaml"), sites.String())
}

// packEvery packs the workbook of testdata/every, with an extract, a text file and an image.
func packEvery(t *testing.T, path string) {
	t.Helper()
	workbook, err := os.ReadFile("testdata/every/Every.twb")
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := packaging.Create(
		packaging.Change{Name: "Every.twb", Content: packaging.Bytes(workbook)},
		packaging.Change{Name: "Data/Extracts/orders.hyper", Content: packaging.Bytes([]byte("Hyper of the template"))},
		packaging.Change{Name: "Data/Files/costs.csv", Content: packaging.Bytes([]byte("region,cost\nw,1\n"))},
		packaging.Change{Name: "Image/logo.png", Content: packaging.Bytes([]byte("\x89PNG of the template"))},
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := packaging.WriteFile(path, pkg); err != nil {
		t.Fatal(err)
	}
}

// withSites adds sites to a manifest and loads it.
func withSites(t *testing.T, path, sites string) *Manifest {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	manifest := strings.Replace(string(text), "\ntemplates:\n", "\nsites:\n"+sites+"\ntemplates:\n", 1)
	if err := os.WriteFile(path, []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// demo is the manifest of the demo, for as many sites.
func demo(t *testing.T) *Manifest {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../testdata/demo")); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "tabtemplate.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(text), "\nsites:\n")
	_, templates, _ := strings.Cut(rest, "\ntemplates:\n")
	if err := os.WriteFile(path, []byte(strings.Replace(head, "url: emulator", "url: https://tableau.example.com", 1)+"\ntemplates:\n"+templates), 0o600); err != nil {
		t.Fatal(err)
	}
	var sites strings.Builder
	for i := range manySites {
		fmt.Fprintf(&sites, "  s%d: {vars: {tenant: 'Tenant %d', region: %s, db: {name: db%d}}}\n", i, i, []string{"EMEA", "AMER", "APAC"}[i%3], i)
	}
	return withSites(t, path, sites.String())
}

// outcome is all that a rendering gives: the file, and what is told of it.
type outcome struct {
	file []byte
	told string
}

// outcomeOf renders a template for a site; what is told of it is left out where it is not
// looked at, as it takes longer than the rendering.
func outcomeOf(m *Manifest, r *Renderer, s *Site, t *Template, tell bool) (out outcome, err error) {
	published := map[string]Published{}
	for _, needed := range t.Needs(s) {
		if published[needed.Name], err = m.Predict(s, needed); err != nil {
			return out, err
		}
	}
	rendering, err := r.Render(s, t, published)
	if err != nil {
		return out, err
	}
	var file bytes.Buffer
	_, err = rendering.File.WriteTo(&file)
	if !tell {
		return outcome{file: file.Bytes()}, err
	}
	var told strings.Builder
	for c := range rendering.Changes() {
		fmt.Fprintln(&told, c)
	}
	for c := range rendering.File.EntryChanges() {
		fmt.Fprintln(&told, c)
	}
	for _, w := range rendering.Warnings() {
		fmt.Fprintln(&told, w)
	}
	return outcome{file.Bytes(), told.String()}, err
}

// TestManySitesAtOnce renders two manifests, one with an edit of every kind, for all sites at
// the same time: each file is what rendering it alone gives, from a template opened once more,
// and so is what is told of it (hard case 11). Of the second manifest, which takes longer, one
// site in eight is rendered alone.
func TestManySitesAtOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		m    *Manifest
		step int // from one site that is rendered alone to the next
	}{{"demo", demo(t), 1}, {"every edit", every(t), 8}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, template := range test.m.Templates() {
				manyAtOnce(t, test.m, template, test.step)
			}
		})
	}
}

func manyAtOnce(t *testing.T, m *Manifest, template *Template, step int) {
	t.Helper()
	const telling = 16 // in one site of so many what is told is looked at
	r := opened(t, m)
	together, errs := make([]outcome, manySites), make([]error, manySites)
	var wg sync.WaitGroup
	for i, s := range m.Sites() {
		wg.Go(func() { together[i], errs[i] = outcomeOf(m, r, s, template, i%telling == 0) })
	}
	wg.Wait()
	once := opened(t, m)
	seen := map[string]string{}
	for i, s := range m.Sites() {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if other := seen[string(together[i].file)]; other != "" {
			t.Errorf("%s: the %s is that of %s", s.Key, template.Name, other)
		}
		seen[string(together[i].file)] = s.Key
		if i%step > 0 {
			continue
		}
		alone, err := outcomeOf(m, once, s, template, i%telling == 0)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(together[i].file, alone.file) || together[i].told != alone.told {
			t.Errorf("%s: the %s differs from that rendered alone", s.Key, template.Name)
		}
	}
}

func opened(t *testing.T, m *Manifest) *Renderer {
	t.Helper()
	r, err := m.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// TestEveryEdit sees to it that the manifest of the test above has an edit of every verb.
func TestEveryEdit(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/every/tabtemplate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range verbs {
		if !strings.Contains(string(text), "\n      - "+v.key+": ") {
			t.Errorf("testdata/every has no edit of %s", v.key)
		}
	}
}
