package templates

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ownScope are the verbs that name what they are for, so that no edit of them is narrowed to a data source.
var ownScope = []string{"parameter", "view", "published", "embed", "datasource_caption", "data_file"}

// Every verb takes the keys that any edit takes.
func TestEveryVerbTakesTheKeysOfEdits(t *testing.T) {
	t.Parallel()
	without := func(key string) func(string) string { // which some edits have already
		return func(text string) string {
			return regexp.MustCompile(`(?m)^        (`+key+`): .*\n`).ReplaceAllString(text, "")
		}
	}
	plain, alone := func(text string) string { return text }, without("datasource|optional")
	for _, test := range []struct {
		name, keys string
		from       func(manifest string) string
		scoped     bool   // only verbs that may be narrowed
		changes    bool   // whether there are
		fails      string // "" for no error
	}{
		{"nothing more", "", plain, false, true, ""},
		{"when it is true", "when: site.key == 's1'", plain, false, true, ""},
		{"when it is false", "when: site.key != 's1'", plain, false, false, ""},
		{"all", "all: true", plain, false, true, ""},
		{"optional", "optional: true", without("optional"), false, true, ""},
		{"another data source", "datasource: Nope", alone, true, false, `data source "Nope"`},
		{"another data source, if it is there", "datasource: '${\"Nope\"}'\n        optional: true", alone, true, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := every(t)
			text, err := os.ReadFile(m.path)
			if err != nil {
				t.Fatal(err)
			}
			verb := regexp.MustCompile(`(?m)^      - (\w+): .*\n`)
			manifest := verb.ReplaceAllStringFunc(test.from(string(text)), func(line string) string {
				if test.keys == "" || test.scoped && slices.Contains(ownScope, verb.FindStringSubmatch(line)[1]) {
					return line
				}
				return line + "        " + test.keys + "\n"
			})
			if err := os.WriteFile(m.path, []byte(manifest), 0o600); err != nil {
				t.Fatal(err)
			}
			if m, err = Load(m.path); err != nil {
				t.Fatal(err)
			}
			r, err := m.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			for i, edit := range m.templates[0].edits {
				name := strings.TrimSuffix(verb.FindAllString(manifest, -1)[i], "\n")
				if test.scoped && slices.Contains(ownScope, verb.FindStringSubmatch(name + "\n")[1]) {
					continue
				}
				changed, err := applied(r, m.byKey["s1"], edit)
				if test.fails == "" && err != nil || test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)) {
					t.Errorf("%s: %v, want %q", name, err, test.fails)
				}
				// What is scrubbed of credentials, and a view that is shown already, change nothing.
				if quiet := strings.Contains(name, "scrub") || strings.Contains(name, "view"); changed != test.changes && !(quiet && !changed) {
					t.Errorf("%s: changed %t, want %t", name, changed, test.changes)
				}
			}
		})
	}
}

// applied does one edit alone, and says whether it changes anything.
func applied(r *Renderer, s *Site, e *edit) (changed bool, err error) {
	t := r.manifest.templates[0]
	out := &Rendering{
		Site: s, Template: t, File: r.files[t].Clone(), repointed: map[string]bool{}, touched: map[string]bool{},
		scrubbed: map[string]bool{}, packed: r.packed[t], definitions: &r.definitions,
	}
	err = out.apply(e, s.names)
	for range out.File.EntryChanges() {
		changed = true
	}
	return changed || out.File.ChangeCount() > 0, err
}

// A verb that cannot be narrowed says so.
func TestVerbsWithoutDatasource(t *testing.T) {
	t.Parallel()
	for _, v := range verbs {
		got := problems(t, small+"    edits: [{"+v.key+": x, datasource: Orders}]\n")
		if refused := strings.Contains(got, `unknown key "datasource" in `); refused != slices.Contains(ownScope, v.key) {
			t.Errorf("%s: refused %t:\n%s", v.key, refused, got)
		}
	}
}
