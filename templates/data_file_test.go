package templates

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/packaging"
)

// files is a workbook whose data sources read what is packed with it: Facts a .hyper and an Excel file, of which it has an
// extract, too, and More two text files of one folder.
const files = `<?xml version='1.0' encoding='utf-8' ?>
<workbook version='18.1'>
  <datasources>
    <datasource caption='Facts' inline='true' name='federated.a' version='18.1'>
      <connection class='federated'>
        <named-connections>
          <named-connection caption='h' name='hyper.h'>
            <connection class='hyper' dbname='Data/h.hyper' />
          </named-connection>
          <named-connection caption='x' name='excel.x'>
            <connection class='excel-direct' filename='Data/x.xlsx' password='hunter2' />
          </named-connection>
        </named-connections>
        <relation connection='hyper.h' name='Extract' table='[Extract].[Extract]' type='table' />
      </connection>
      <column datatype='string' name='[Tenant]' role='dimension' type='nominal' />
      <extract count='-1' enabled='true' units='records'>
        <connection class='hyper' dbname='Data/e.hyper' schema='Extract' tablename='Extract' />
      </extract>
    </datasource>
    <datasource caption='More' inline='true' name='federated.b' version='18.1'>
      <connection class='federated'>
        <named-connections>
          <named-connection caption='orders' name='textscan.t'>
            <connection class='textscan' directory='Data/Files' filename='orders.csv' />
          </named-connection>
        </named-connections>
        <relation join='inner' type='join'>
          <relation connection='textscan.t' name='orders.csv' table='[orders#csv]' type='table' />
          <relation connection='textscan.t' name='people.csv' table='[people#csv]' type='table' />
        </relation>
      </connection>
      <column datatype='string' name='[Tenant]' role='dimension' type='nominal' />
    </datasource>
  </datasources>
</workbook>
`

// withFiles renders files, packed, with edits for the site acme, and returns what changes and what is warned of, or the
// error.
func withFiles(t *testing.T, edits string) string {
	t.Helper()
	manifest := strings.ReplaceAll(withEdits(edits), "sales.twb", "files.twbx")
	dir := filepath.Dir(inFolder(t, manifest))
	entry := func(name, content string) packaging.Change {
		return packaging.Change{Name: name, Content: packaging.Bytes([]byte(content))}
	}
	pkg, err := packaging.Create(entry("files.twb", files), entry("Data/h.hyper", "Hyper"), entry("Data/e.hyper", "Hyper"), entry("Data/x.xlsx", "PK"),
		entry("Data/Files/orders.csv", "a"), entry("Data/Files/people.csv", "b"), entry("Old/orders.csv", "c"))
	if err != nil {
		t.Fatal(err)
	}
	if err := packaging.WriteFile(filepath.Join(dir, "files.twbx"), pkg); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"acme.hyper": "Hyper 2", "acme.csv": "a,b", "acme.xlsx": "PK\x03\x04", "text": "text"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, err := Load(filepath.Join(dir, "m.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	m.templates[0].fileAt.src.file = "m.yaml"
	r, err := m.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rendering, err := r.Render(m.byKey["acme"], m.templates[0], nil)
	if err != nil {
		return strings.TrimPrefix(err.Error(), `rendering template "sales" for site "acme": `) + "\n"
	}
	var out strings.Builder
	for c := range rendering.Changes() {
		out.WriteString(c.Old + " -> " + c.New + "\n")
	}
	for c := range rendering.File.EntryChanges() {
		out.WriteString(c.String() + "\n")
	}
	for _, w := range rendering.Warnings() {
		out.WriteString("warning: " + w + "\n")
	}
	return out.String()
}

// Warnings about files.
const (
	factsSecret = "warning: the file holds a secret in /workbook/datasources/datasource[@name='federated.a']/connection/named-connections/named-connection[@name='excel.x']/connection/@password: " +
		"an edit `scrub: [credentials]` takes it out\n"
	scrub = "    - scrub: [credentials]\n"
)

func goes(connection, entry string) string {
	return "warning: " + connection + " reads the file \"" + entry + "\" of the template, whose rows go to every site: an edit `data_file` replaces it\n"
}

func left(entry string) string {
	return "warning: the template's file \"" + entry + "\" goes to the site although nothing refers to it any more: an edit `data_file` with `remove: true` takes it out\n"
}

// connectionFile is what a connection says of its file when it is shown.
var connectionFile = regexp.MustCompile(` (?:directory|filename)="[^"]*"`)

func stay(entries string) string {
	return "warning: the rows of extracts are scrubbed, but these files of the template are none and go to the site: " + entries + ": an edit `data_file` replaces each, or removes it\n"
}

func TestDataFiles(t *testing.T) {
	t.Parallel()
	const (
		hyper = `hyper caption="h" dbname="Data/h.hyper" name="hyper.h" of data source "Facts"`
		// without the names of their files, which the edits change
		excel    = `excel-direct caption="x" name="excel.x" of data source "Facts"`
		textscan = `textscan caption="orders" name="textscan.t" of data source "More"`
		rows     = "warning: data source \"Facts\" has an extract, which keeps the rows of the template until it is refreshed\n"
		scrubs   = "redacted -> \n"
	)
	for _, test := range []struct{ name, edits, want string }{
		{
			"a .hyper", scrub + "    - {data_file: Data/h.hyper, file: '${site.key}.hyper'}\n    - {extract: replace, file: acme.hyper}\n",
			scrubs + `entry "Data/h.hyper" replaced, 7 bytes` + "\n" + `entry "Data/e.hyper" replaced, 7 bytes` + "\n" + goes(excel, "Data/x.xlsx"),
		},
		{
			"all that is packed", scrub + "    - {data_file: h.hyper, file: acme.hyper, as: '${site.key}.hyper'}\n    - {data_file: x.xlsx, file: acme.xlsx}\n    - {data_file: e.hyper, file: acme.hyper}\n    - {connection: {class: hyper}, set: {dbname: Data/acme.hyper}}\n",
			"Data/h.hyper -> Data/acme.hyper\n" + scrubs + `entry "Data/h.hyper" replaced by "Data/acme.hyper", 7 bytes` + "\n" + `entry "Data/x.xlsx" replaced, 4 bytes` + "\n" + `entry "Data/e.hyper" replaced, 7 bytes` + "\n",
		},
		{"a source, and the extract stays", scrub + "    - {data_file: x.xlsx, file: acme.xlsx}\n", scrubs + `entry "Data/x.xlsx" replaced, 4 bytes` + "\n" + rows + goes(hyper, "Data/h.hyper")},
		{"text", scrub + "    - {data_file: Data/Files/orders.csv, file: acme.csv, as: acme.csv}\n", scrubs + "orders.csv -> acme.csv\n[orders#csv] -> [acme#csv]\n" +
			`entry "Data/Files/orders.csv" replaced by "Data/Files/acme.csv", 3 bytes` + "\n" + goes(textscan, "Data/Files/people.csv")},
		{"only renamed", scrub + "    - {data_file: people.csv, as: p.csv}\n", scrubs + "[people#csv] -> [p#csv]\n" + `entry "Data/Files/people.csv" renamed to "Data/Files/p.csv"` + "\n"},
		{"what nothing refers to", scrub + "    - {data_file: Old/orders.csv, remove: true}\n", scrubs + `entry "Old/orders.csv" removed` + "\n"},
		{"renamed already", scrub + "    - {data_file: Data/gone.csv, as: x.xlsx}\n", "m.yaml:11 edit 2: replacing entry \"Data/gone.csv\": it is a .csv, and the name \"Data/x.xlsx\" does not end so\n"},
		{"a source that is taken for an extract", "    - {extract: remove}\n    - {extract: replace, datasource: Facts, file: acme.hyper}\n", "m.yaml:11 edit 2: no data source with an extract in data source \"Facts\"; there are: Facts " +
			"(data source \"Facts\" reads \"Data/h.hyper\" itself, which is no extract: `data_file` replaces it)\n"},
		{"an extract that is enabled", scrub + "    - {extract: enable}\n", scrubs},
		{"several", "    - {data_file: orders.csv, file: acme.csv}\n", "m.yaml:10 edit 1: 2 matches for entry \"orders.csv\": \"Data/Files/orders.csv\", \"Old/orders.csv\"\n"},
		{"all of several", scrub + "    - {data_file: orders.csv, file: acme.csv, all: true}\n", scrubs + `entry "Data/Files/orders.csv" replaced, 3 bytes` + "\n" +
			`entry "Old/orders.csv" replaced, 3 bytes` + "\n" + goes(textscan, "Data/Files/people.csv")},
		{"none", "    - {data_file: Data/hyper.h, file: acme.hyper}\n", "m.yaml:10 edit 1: no entry \"Data/hyper.h\"; there are: Data/h.hyper, "},
		{"none, which is fine", scrub + "    - {data_file: none, remove: true, optional: true}\n", scrubs},
		{"of another kind", "    - {data_file: h.hyper, file: text}\n", "m.yaml:10 edit 1: replacing entry \"Data/h.hyper\": the file is no .hyper\n"},
		{"removed, and used", "    - {data_file: x.xlsx, remove: true}\n", "m.yaml:10 edit 1: removing entry \"Data/x.xlsx\": it is used by /workbook"},

		// A path that leads nowhere (case 85).
		{"a path that leads nowhere", "    - {connection: {class: hyper}, set: {dbname: Data/H2.hyper}}\n", `hyper caption="h" dbname="Data/H2.hyper" name="hyper.h" of data source "Facts" refers to the file "Data/H2.hyper", ` +
			"which is not in the package; the nearest there is \"Data/h.hyper\": an edit `data_file` brings a file, or `extract: replace` that of an extract\n"},
		{"a name alone", "    - {connection: {class: excel-direct}, set: {filename: acme.xlsx}}\n", excel + ` refers to the file "acme.xlsx", which is not in the package; the nearest there is "Data/x.xlsx": `},
		{"a text file", "    - {connection: {class: textscan}, set: {filename: acme.csv}}\n", textscan + ` refers to the file "Data/Files/acme.csv", which`},
		{"a table that is a file", "    - {table: {from: '[people#csv]', to: '[acme#csv]'}}\n", textscan + ` refers to the file "Data/Files/acme.csv", which`},
		{"the extract", "    - {xml: //extract/connection, set: {dbname: Data/none.hyper}}\n", `the extract of data source "Facts" refers to the file "Data/none.hyper", which`},
		{"a disabled extract", scrub + "    - {extract: disable, remove_file: true}\n", scrubs + "true -> false\n" + `entry "Data/e.hyper" removed` + "\n"},
		{"a file elsewhere", scrub + "    - {connection: {class: excel-direct}, set: {filename: //server/x.xlsx}}\n", "Data/x.xlsx -> //server/x.xlsx\n" + scrubs + rows + goes(hyper, "Data/h.hyper") + left("Data/x.xlsx")},
		{"another file of the template", scrub + "    - {connection: {class: hyper}, set: {dbname: Data/e.hyper}}\n", "Data/h.hyper -> Data/e.hyper\n" + scrubs + rows +
			goes(strings.Replace(hyper, "h.h", "e.h", 1), "Data/e.hyper") + goes(excel, "Data/x.xlsx") + left("Data/h.hyper")},
		{
			"what is left is removed", scrub + "    - {connection: {class: excel-direct}, set: {filename: //server/x.xlsx}}\n    - {data_file: Data/x.xlsx, remove: true}\n    - {extract: remove}\n    - {data_file: h.hyper, file: acme.hyper}\n",
			"Data/x.xlsx -> //server/x.xlsx\n" + scrubs + "<extract count='-1' enabled='true' units='records'>\n        <connection class='hyper' dbname='Data/e.hyper' schema='Extract' tablename='Extract' />\n      </extract> -> \n" +
				`entry "Data/x.xlsx" removed` + "\n" + `entry "Data/e.hyper" removed` + "\n" + `entry "Data/h.hyper" replaced, 7 bytes` + "\n",
		},

		// The rows of packed sources (case 22 and format 15).
		{"filtered", scrub + "    - {filter: Tenant, datasource: More, include: [x]}\n", goes(textscan, "Data/Files/orders.csv") + goes(textscan, "Data/Files/people.csv")},
		{"not touched", scrub, scrubs},
		{
			"extracts are scrubbed", scrub + "    - {scrub: [extracts]}\n", scrubs + "true -> false\n" + `entry "Data/e.hyper" removed` + "\n" +
				stay(`"Data/h.hyper", "Data/x.xlsx", "Data/Files/orders.csv", "Data/Files/people.csv", "Old/orders.csv"`),
		},
		{
			"extracts of one data source are scrubbed", scrub + "    - {scrub: [extracts], datasource: Facts}\n    - {data_file: x.xlsx, file: acme.xlsx, as: a.xlsx}\n    - {data_file: h.hyper, file: acme.hyper}\n",
			"Data/x.xlsx -> Data/a.xlsx\n" + scrubs + "true -> false\n" + `entry "Data/e.hyper" removed` + "\n" + `entry "Data/x.xlsx" replaced by "Data/a.xlsx", 4 bytes` + "\n" + `entry "Data/h.hyper" replaced, 7 bytes` + "\n",
		},
		{
			"extracts of one data source are scrubbed, which reads a file", scrub + "    - {scrub: [extracts], datasource: More}\n", scrubs + stay(`"Data/Files/orders.csv", "Data/Files/people.csv"`),
		},
		{
			"extracts are scrubbed, and it was told of a file already", scrub + "    - {scrub: [extracts]}\n    - {filter: Tenant, datasource: More, include: [x]}\n    - {data_file: Old/orders.csv, remove: true}\n",
			goes(textscan, "Data/Files/orders.csv") + goes(textscan, "Data/Files/people.csv") + stay(`"Data/h.hyper", "Data/x.xlsx"`),
		},
		{"a secret", "    - {data_file: people.csv, as: people.csv}\n", factsSecret},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := connectionFile.ReplaceAllString(withFiles(t, test.edits), "")
			if strings.Contains(got, "hunter2") {
				t.Errorf("the secret shows in %s", got)
			}
			if strings.Contains(test.edits, "filter:") { // the change is a tree
				got = got[strings.Index(got, "warning"):]
			}
			if !strings.HasSuffix(test.want, "\n") {
				got = got[:min(len(got), len(test.want))]
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDataFileProblems(t *testing.T) {
	t.Parallel()
	for edit, want := range map[string]string{
		"data_file: a":                               "the edit of a data file must have at least one of file, as, remove",
		"data_file: [a], remove: true":               "data_file must be text, not a list",
		"data_file: '${site.key[9:]}', remove: true": "data_file must not be empty",
		"data_file: a, remove: false":                "remove must be true",
		"data_file: a, remove: true, as: b":          "a file that is removed gets no other one and no name",
		"data_file: a, file: sales.twv":              "there is no file \"sales.twv\"\n\tdid you mean \"sales.twb\"?",
		"data_file: a, as: b, datasource: Facts":     "unknown key \"datasource\" in the edit of a data file\n\tknown here: all, as, data_file, file, optional, remove, when",
		"data_file: '${tenant}', file: sales.twb, as: '${tenant}', all: true, optional: true, when: true": "",
		"scrub: credentials":                      "scrub must be a list, not text\n\twrite scrub: ['credentials']",
		"scrub: []":                               "scrub must not be empty",
		"scrub: [thumbnail]":                      "\"thumbnail\" is nothing that can be scrubbed\n\tdid you mean \"thumbnails\"?",
		"scrub: [thumbnails], datasource: Facts":  "thumbnails are not in a data source\n\tmake it an edit without a data source",
		"scrub: [users, caches], datasource: a":   "caches are not in a data source\n\tmake it an edit without a data source",
		"scrub: all, datasource: Facts":           "",
		"scrub: [all, extracts]":                  "",
		"scrub: ['${tenant}']":                    "a word of scrub cannot have expressions",
		"scrub: [credential]":                     "\"credential\" is nothing that can be scrubbed\n\tdid you mean \"credentials\"?",
		"scrub: [credentials], datasource: Facts": "",
	} {
		got := problems(t, withEdits("    - {"+edit+"}\n"))
		_, got, _ = strings.Cut(got, ": ")
		if got = strings.TrimSuffix(got, "\n"); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", edit, got, want)
		}
	}
}
