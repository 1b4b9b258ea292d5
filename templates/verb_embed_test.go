package templates

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// definition is the data source that sales.twb refers to, as a file.
const definition = `<datasource formatted-name='orders' inline='true' version='18.1'>
  <connection class='sqlserver' dbname='prod' server='db9'>
    <relation name='orders' table='[dbo].[orders]' type='table' />
  </connection>
</datasource>
`

// embedding loads a manifest whose only edit embeds the reference of sales.twb, with the definition beside it.
func embedding(t *testing.T, edit string) (*Manifest, *Renderer) {
	t.Helper()
	m, r := load(t, withEdits("    - "+edit+"\n"))
	for _, name := range []string{"def.tds", "def_acme.tds"} {
		if err := os.WriteFile(filepath.Join(m.reader.dir, name), []byte(definition), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return m, r
}

// TestEmbedEdits embeds one file for all sites at a time, or one for each.
func TestEmbedEdits(t *testing.T) {
	t.Parallel()
	m, r := embedding(t, `{embed: Orders, from: 'def${site.key == "acme" ? "_acme" : ""}.tds'}`)
	var all sync.WaitGroup
	for _, s := range slices.Concat(m.Sites(), m.Sites(), m.Sites()) {
		all.Go(func() {
			rendering, err := r.Render(s, m.templates[0], nil)
			if err != nil {
				t.Error(err)
				return
			}
			ds, err := rendering.File.Datasource("Orders")
			if err != nil {
				t.Error(err)
				return
			}
			if _, published := ds.Published(); published || !rendering.touched[ds.Name()] {
				t.Errorf("%s: published %t, touched %v", s.Key, published, rendering.touched)
			}
			var servers []string
			for c := range ds.Connections() {
				servers = append(servers, c.Server())
			}
			if !slices.Equal(servers, []string{"db9"}) {
				t.Errorf("%s: servers %q", s.Key, servers)
			}
		})
	}
	all.Wait()
	if n := len(r.definitions.files); n != 2 {
		t.Errorf("%d files are open, want one for acme and one for the rest", n)
	}
}

func TestEmbedErrors(t *testing.T) {
	t.Parallel()
	for edit, want := range map[string]string{
		"{embed: Orders}":                                     "it does not say what the published data source is made of",
		"{embed: No, from: '${\"\"}def.tds'}":                 "no published data source \"No\"; there are: Orders (content URL OrdersDev)",
		"{embed: Facts, from: '${\"\"}def.tds'}":              "it does not refer to a published data source, and has other connections",
		"{embed: Facts}":                                      "no published data source \"Facts\"",
		"{embed: Orders, from: '${\"\"}sales.twb'}":           "is a workbook",
		"{embed: Orders, from: '${\"\"}none.tds'}":            "none.tds",
		"{embed: No, from: '${\"\"}def.tds', optional: true}": "refers to the published data source \"OrdersDev\"",
	} {
		m, r := embedding(t, edit)
		_, err := r.Render(m.byKey["acme"], m.templates[0], nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", edit, err, want)
		}
	}
	for edit, want := range map[string]string{
		"{embed: Orders, from: sales.twv}": "there is no file \"sales.twv\"",
		"{embed: Orders, from: [a]}":       "from must be text, not a list",
		"{embed: Orders, form: sales.twb}": "unknown key \"form\" in the edit that embeds a data source",
	} {
		if got := problems(t, withEdits("    - "+edit+"\n")); !strings.Contains(got, want) {
			t.Errorf("%s: %s\nwant %s", edit, got, want)
		}
	}
}
