package templates

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPublishedEdits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, edits, site, want string }{
		{
			"a caption", "    - {published: Orders, to: OrdersDev, caption: 'Orders of ${site.key}'}\n", "dev",
			"42 @caption: Orders -> Orders of dev\n",
		},
		{
			"the site", "    - {published: Orders, to: {content_url: Other}}\n", "dev",
			"43 @id: OrdersDev -> Other\n44 @dbname: OrdersDev -> Other\n",
		},
		{
			"another site", "    - {published: Orders, to: {content_url: 'New${tenant}', site: shared}}\n", "dev",
			"43 @id: OrdersDev -> NewA\n43 @path: /t/dev/datasources -> /t/shared/datasources\n43 @site: dev -> shared\n44 @dbname: OrdersDev -> NewA\n",
		},
		{
			"the Default site of another server", "    - {published: Orders, to: {content_url: OrdersDev, site: '', server: 'http://other.example:8000'}, drop_derived_from: true}\n", "acme",
			"43 @path: /t/dev/datasources -> /datasources\n43 @site: dev -> \n44 @channel: https -> http\n44 @port: 443 -> 8000\n44 @server: tab.example.com -> other.example\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, changes(t, withEdits(test.edits), test.site)); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPublishedEditProblems(t *testing.T) {
	t.Parallel()
	for edit, want := range map[string]string{
		"{published: Orders, caption: x}":                                  "m.yaml:10:7: the edit of a published data source has no to\n",
		"{published: Orders, to: {site: x}}":                               "m.yaml:10:31: to has no content_url\n",
		"{published: Orders, to: {content_url: 'a b'}}":                    "m.yaml:10:45: \"a b\" cannot be the content URL of a data source: it has a space\n\ta content URL is the name in the data source's address, not its caption\n",
		"{published: Orders, to: {content_url: a, site: b/c}}":             "m.yaml:10:54: \"b/c\" cannot be the content_url of a site\n\t\"\" is the Default site\n",
		"{published: Orders, to: {content_url: a, server: other.example}}": "m.yaml:10:56: \"other.example\" is not the URL of a server\n\twrite https://tableau.example.com\n",
		"{published: Orders, to: a, caption: ''}":                          "m.yaml:10:43: caption must not be empty\n",
		"{published: Orders, to: a, drop_derived_from: 'no'}":              "m.yaml:10:53: drop_derived_from must be true or false, not text\n",
		"{published: Orders, to: [a]}":                                     "m.yaml:10:31: to must be text, not a list\n",
		"{published: Orders, to: {content_url: a, sitee: dev}}":            "m.yaml:10:48: unknown key \"sitee\" in to\n\tdid you mean \"site\"?\n",
	} {
		if diff := cmp.Diff(want, problems(t, withEdits("    - "+edit+"\n"))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", edit, diff)
		}
	}
}

// TestPublishedEmbedded makes a data source that holds its connections refer to a published one, if that is asked for,
// and one that refers to one already refer to another.
func TestPublishedEmbedded(t *testing.T) {
	t.Parallel()
	m, r := load(t, withEdits("    - {published: Facts, to: Facts, embedded: true}\n    - {published: Orders, to: Orders, embedded: true}\n"))
	rendering, err := r.Render(m.byKey["acme"], m.templates[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Facts", "Orders"} {
		ds, err := rendering.File.Datasource(name)
		if err != nil {
			t.Fatal(err)
		}
		ref, ok := ds.Published()
		if !ok || ref.Server != "https://new.example.com" || ref.SiteContentURL != "acme" || ref.ContentURL != name {
			t.Errorf("%s reads as %+v", name, ref)
		}
	}
	for edits, want := range map[string]string{
		"    - {connection: {datasource: Facts}, set: {dbname: x}}\n    - {published: Facts, to: Facts, embedded: true}\n": "m.yaml:11 edit 2",
		"    - {published: Fact, to: Facts, embedded: true}\n":                                                             "no published data source \"Fact\"",
		"    - {published: Facts, to: Facts}\n":                                                                            "with embedded: true it is made to refer",
	} {
		if got := changes(t, withEdits(repointed+edits), "acme"); !strings.Contains(got, want) {
			t.Errorf("%s: %s", edits, got)
		}
	}
}
