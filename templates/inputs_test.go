package templates

import (
	"os"
	"path/filepath"
	"testing"
)

// Whatever a rendering is made of changes the hash of the inputs, and nothing else does.
func TestInputs(t *testing.T) {
	t.Parallel()
	const manifest = `version: 1
server: {url: emulator, sign_in: {user: u, password: '${env("P")}'}}
vars: {lang: en}
sites_from: [t.csv, 's/*.yaml']
templates:
  sales:
    file: sales.twbx
    publish: {as: Sales}
    edits:
      - {data_file: a.csv, file: a.csv}
      - {extract: replace, file: e.hyper}
      - {data_file: b.csv, file: '${site.key}.csv'}
      - {translate: 'strings.${lang}.csv'}
      - {embed: Orders, from: orders.tds}
`
	files := map[string]string{
		"m.yaml": manifest, "t.csv": "site,lang\na,de\nb,\n", "s/c.yaml": "{}", "s/d.yaml": "{}", "sales.twbx": "book", "orders.tds": "orders",
		"a.csv": "1", "b.csv": "2", "e.hyper": "3", "strings.de.csv": "from,to\n", "strings.en.csv": "from,to\n", "strings.fr.csv": "from,to\n",
	}
	site := SiteSource{Key: "given", ContentURL: "g", Vars: map[string]any{"lang": "en"}, SignIn: SignIn{User: "u", Password: "p"}}
	hash := func(change func(dir string), given SiteSource) string {
		path := inFiles(t, "", "", files)
		change(filepath.Dir(path))
		m, err := Load(path, WithSites(func(yield func(SiteSource, error) bool) { yield(given, nil) }))
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.Inputs()
		if again, errAgain := m.Inputs(); err != nil || errAgain != nil || again != got {
			t.Fatalf("got %s, %v and then %s, %v", got, err, again, errAgain)
		}
		return got
	}
	same := hash(func(string) {}, site)
	for name := range files {
		got := hash(func(dir string) {
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.WriteFile(path, []byte(files[name]+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, site)
		unused := name == "b.csv" || name == "strings.fr.csv"
		if (got == same) != unused {
			t.Errorf("%s changed: the hash is the same: %v, want %v", name, got == same, unused)
		}
	}
	renamed := hash(func(dir string) {
		if err := os.Rename(filepath.Join(dir, "s", "d.yaml"), filepath.Join(dir, "s", "e.yaml")); err != nil {
			t.Fatal(err)
		}
	}, site)
	if renamed == same {
		t.Error("a site with another key has the same hash")
	}
	for name, change := range map[string]func(s *SiteSource){
		"content URL": func(s *SiteSource) { s.ContentURL = "h" },
		"project":     func(s *SiteSource) { s.Project = "P" },
		"server":      func(s *SiteSource) { s.ServerURL = "https://two.example.com" },
		"vars":        func(s *SiteSource) { s.Vars = map[string]any{"lang": "de"} },
		"user":        func(s *SiteSource) { s.SignIn.User = "v" },
	} {
		other := site
		change(&other)
		if hash(func(string) {}, other) == same {
			t.Errorf("a site with another %s has the same hash", name)
		}
	}
	other := site
	other.SignIn.Password = "changed"
	if hash(func(string) {}, other) != same {
		t.Error("a secret is in the hash")
	}
	path := inFiles(t, "", "", files)
	m, err := Load(path, WithSites(func(yield func(SiteSource, error) bool) { yield(site, nil) }))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(filepath.Dir(path), "a.csv")); err != nil {
		t.Fatal(err)
	}
	if got, err := m.Inputs(); err == nil {
		t.Errorf("got %s without a file", got)
	}
}
