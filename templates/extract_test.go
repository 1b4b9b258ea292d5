package templates

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExtractProblems(t *testing.T) {
	t.Parallel()
	for edit, want := range map[string]string{
		"extract: replce, file: sales.twb":                            "\"replce\" is nothing that is done to an extract\n\tdid you mean \"replace\"?",
		"extract: [], file: sales.twb":                                "extract must be text, not a list",
		"extract: attach":                                             "extract: attach has no file",
		"file: sales.twb, extract: remove":                            "file does not go with extract: remove",
		"extract: disable, as: a.hyper":                               "as does not go with extract: disable",
		"remove_file: true, as: a, extract: replace, file: sales.twb": "remove_file does not go with extract: replace",
		"extract: replace, file: sales.twv":                           "there is no file \"sales.twv\"\n\tdid you mean \"sales.twb\"?",
		"extract: replace, file: '.'":                                 "\".\" is not a file",
		"extract: replace, file: 'x${env(\"A\")}'":                    "what env, file and secret return is secret, and file is not",
		"extract: attach, file: '${none}'":                            "undefined var \"none\"\n\tknown here: cr, nul, site, tenant, years",
		"extract: attach, file: '${site.key[9:]}'":                    "file must not be empty",
		"extract: disable, remove_file: 1":                            "remove_file must be true or false, not a number",
		"extract: attach, fiel: sales.twb":                            "unknown key \"fiel\" in the edit of an extract\n\tdid you mean \"file\"?",
		"extract: attach, file: sales.twb, as: '${tenant}.hyper', datasource: Facts, optional: true, all: true, when: true": "",
		"extract: scrub": "", "extract: enable, datasource: Facts": "",
		"extract: remove, unwrap: true":    "",
		"extract: disable, unwrap: true":   "unwrap does not go with extract: disable",
		"extract: enable, file: sales.twb": "file does not go with extract: enable",
	} {
		got := problems(t, withEdits("    - {"+edit+"}\n"))
		_, got, _ = strings.Cut(got, ": ")
		if got = strings.TrimSuffix(got, "\n"); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", edit, got, want)
		}
	}
}

// rendered renders the only template of a manifest for acme, with hyper files beside it, and returns what it warns of and
// which entries it changes, or the error.
func rendered(t *testing.T, manifest string) string {
	t.Helper()
	m, r := load(t, manifest)
	for _, name := range []string{"a.hyper", "b.hyper"} {
		if err := os.WriteFile(filepath.Join(m.reader.dir, name), []byte("Hyper "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rendering, err := r.Render(m.byKey["acme"], m.templates[0], nil)
	if err != nil {
		return strings.ReplaceAll(err.Error(), m.reader.dir, "")
	}
	out := rendering.Warnings()
	for c := range rendering.File.EntryChanges() {
		out = append(out, c.String())
	}
	return strings.Join(append(out, rendering.File.Kind().String()), "\n")
}

// TestExtractEdits renders sales.twb, whose data sources Facts, More and Orders are given extracts.
func TestExtractEdits(t *testing.T) {
	t.Parallel()
	const (
		attach    = "    - {extract: attach, datasource: Facts, file: 'a${\"\"}.hyper'}\n"
		connected = "    - {connection: {datasource: Facts}, set: {dbname: x}}\n"
		added     = `entry "Data/Extracts/a.hyper" added, 13 bytes`
		fails     = "rendering template \"sales\" for site \"acme\": m.yaml:"
	)
	for _, test := range []struct{ name, edits, want string }{
		{"attached, and then connected to another database", attach + connected, added + "\ntwbx"},
		{"attached under a name", "    - {extract: attach, datasource: Facts, file: '${\"\"}a.hyper', as: Data/x/y.hyper}\n", "entry \"Data/x/y.hyper\" added, 13 bytes\ntwbx"},
		{"all", "    - {extract: attach, file: '${\"\"}a.hyper', all: true}\n", added + "\ntwbx"},
		{
			"none to attach to", "    - {extract: attach, file: '${\"\"}a.hyper', all: true}\n    - {extract: attach, file: '${\"\"}b.hyper'}\n",
			fails + "11 edit 2: no data source without an extract; there are: Facts, More, Orders (data source \"Facts\" has one already: `extract: replace` replaces it)",
		},
		{"several to attach to", "    - {extract: attach, file: '${\"\"}a.hyper'}\n", fails + "10 edit 1: 2 matches for data source without an extract: Facts, More"},
		{
			"one that has one", attach + "    - {extract: attach, datasource: Facts, file: '${\"\"}b.hyper'}\n",
			fails + "11 edit 2: attaching an extract of data source \"Facts\": it has an extract already, \"Data/Extracts/a.hyper\": replace or remove that one",
		},
		{
			"a published one", "    - {extract: attach, datasource: Orders, file: '${\"\"}a.hyper'}\n",
			fails + "10 edit 1: attaching an extract of data source \"Orders\": it refers to the published data source \"OrdersDev\", which has the rows: give the extract to that one",
		},
		{"attached twice", attach + attach, added + "\ntwbx"},
		{"enabled, and there is none", "    - {extract: enable}\n", fails + "10 edit 1: no data source with an extract; there are: Facts, More, Orders"},
		{"attached under no name of one", "    - {extract: attach, datasource: Facts, file: '${\"\"}a.hyper', as: x.txt}\n", fails + "10 edit 1: attaching an extract of data source \"Facts\": the file is a .hyper, and the name \"x.txt\" of its entry does not end so"},
		{
			"two files for one extract", attach + "    - {extract: replace, file: '${\"\"}b.hyper'}\n",
			fails + "11 edit 2: replacing the extract of data source \"Facts\": entry \"Data/Extracts/a.hyper\": m.yaml:10 edit 1 and m.yaml:11 edit 2 set it differently",
		},
		{"the same file twice", attach + "    - {extract: replace, file: '${\"\"}a.hyper'}\n", added + "\ntwbx"},
		{"none to replace", "    - {extract: replace, file: '${\"\"}a.hyper'}\n", fails + "10 edit 1: no data source with an extract; there are: Facts, More, Orders"},
		{"none, which is fine", "    - {extract: replace, file: '${\"\"}a.hyper', optional: true}\n    - {extract: remove, optional: true}\n", "twb"},
		{
			"no file", "    - {extract: attach, datasource: More, file: '${tenant}.hyper'}\n",
			fails + "10 edit 1: attaching an extract of data source \"More\": open /A.hyper: no such file or directory",
		},
		{"attached and disabled", attach + "    - {extract: disable}\n", "rendering template \"sales\" for site \"acme\": m.yaml:11 edit 2: " +
			"disabling the extract of data source \"Facts\": /workbook/datasources/datasource[@name='federated.a']/extract/@enabled: m.yaml:10 edit 1 and m.yaml:11 edit 2 set it differently"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := rendered(t, withEdits(test.edits+repointed))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
