package deploy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// past makes the entries of a journal of lines: "run SHARD INPUTS SITE…", "intent SITE TEMPLATE", "ACTION SITE TEMPLATE",
// "open SITE TEMPLATE", which is one that failed and may have arrived, "settled SITE TEMPLATE", which has and is to be gone on with,
// and "end". Template - is none. Each is a second after the one before.
func past(t *testing.T, lines string) []Entry {
	t.Helper()
	at := time.Date(2026, 5, 17, 12, 0, 0, 0, time.UTC)
	var all []Entry
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		e := Entry{Time: at}
		at = at.Add(time.Second)
		switch words[0] {
		case "run":
			e.Run = &Run{ID: "id", Shard: strings.Trim(words[1], "-"), Inputs: words[2], Sites: words[3:]}
		case "end":
			e.End = &End{Run: "id"}
		case "intent":
			e.Intent = &Intent{Site: words[1], Target: Target{"https://s", words[1], words[2]}}
		default:
			result := Result{Site: words[1], Template: strings.Trim(words[2], "-"), Action: Action(words[0])}
			if words[0] == "open" {
				result.Action = Failed
			}
			e.Outcome = &Outcome{Target: Target{"https://s", words[1], result.Template}, Result: result, Open: words[0] == "open", Settled: words[0] == "settled"}
		}
		all = append(all, e)
	}
	return all
}

// told is a report in lines.
func told(m *MergedReport, dir string) string {
	var text strings.Builder
	for _, r := range m.Runs {
		journal, _ := filepath.Rel(dir, r.Journal)
		fmt.Fprintf(&text, "%s shard %q inputs %s, %d sites, %s to %s, ended %v, in flight %v\n", filepath.ToSlash(journal), r.Shard,
			r.Inputs, r.Sites, r.Began.Format("05"), r.Until.Format("05"), r.Ended, r.InFlight)
	}
	fmt.Fprintf(&text, "missing %v, different %v, complete %v\n", m.MissingShards, m.DifferentInputs, m.Complete())
	for _, s := range m.Sites {
		fmt.Fprintf(&text, "%s %s%s:", s.Site, s.ServerURL, s.SiteContentURL)
		for _, r := range s.Results {
			fmt.Fprintf(&text, " %s %s;", r.Template, r.Action)
		}
		text.WriteString("\n")
	}
	return text.String()
}

func TestReadReport(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		journals map[string]string // by path
		want     string            // the report, or the error with PATH for the folder
	}{
		{
			"the last run alone, in the order of its sites, with the last word on each template",
			map[string]string{"journal.jsonl": `run - x old acme
				created old orders
				end
				run - y b a
				intent a orders
				failed a orders
				created a sales
				failed b -
				overwritten b orders
				overwritten a orders
				end`},
			`journal.jsonl shard "" inputs y, 2 sites, 03 to 10, ended true, in flight []
missing [], different false, complete true
b https://sb: orders overwritten;
a https://sa: orders overwritten; sales created;
`,
		}, {
			"a run that was cut short",
			map[string]string{"journal.jsonl": `run - y a b c
				intent a orders
				created a orders
				intent a sales
				intent b orders
				open b orders
				intent a late
				failed a late
				intent c sales
				settled c sales`},
			`journal.jsonl shard "" inputs y, 3 sites, 00 to 09, ended false, in flight [{https://s a sales} {https://s b orders}]
missing [], different false, complete false
a https://sa: orders created; late failed;
b https://sb: orders failed;
c https://sc:
`,
		}, {
			"shards of machines, of which some are missing and one has other inputs",
			map[string]string{
				"m2/journal-4-of-4.jsonl":       "run 4/4 y d\nunchanged d orders\nend",
				"m1/deep/journal-2-of-4.jsonl":  "run 2/4 x b\ncreated b orders\nend",
				"m1/deep/journal-2-of-4.jsonl~": "?",
				"m1/key":                        "?",
				"new/journal-3-of-4.jsonl":      "",
				"journal-10-of-12.jsonl/key":    "?",
			},
			`m1/deep/journal-2-of-4.jsonl shard "2/4" inputs x, 1 sites, 00 to 02, ended true, in flight []
m2/journal-4-of-4.jsonl shard "4/4" inputs y, 1 sites, 00 to 02, ended true, in flight []
missing [1/4 3/4], different true, complete false
b https://sb: orders created;
d https://sd: orders unchanged;
`,
		}, {
			"shards in the order of their numbers",
			map[string]string{
				"journal-10-of-10.jsonl": "run 10/10 x j\nend", "journal-2-of-10.jsonl": "run 2/10 x b\nend", "journal-1-of-2.jsonl": "run 1/2 x a\nend",
			},
			`journal-1-of-2.jsonl shard "1/2" inputs x, 1 sites, 00 to 01, ended true, in flight []
journal-2-of-10.jsonl shard "2/10" inputs x, 1 sites, 00 to 01, ended true, in flight []
journal-10-of-10.jsonl shard "10/10" inputs x, 1 sites, 00 to 01, ended true, in flight []
missing [2/2 1/10 3/10 4/10 5/10 6/10 7/10 8/10 9/10], different false, complete false
a :
b :
j :
`,
		}, {
			"a site in two journals",
			map[string]string{"journal-1-of-2.jsonl": "run 1/2 x a b", "journal-2-of-2.jsonl": "run 2/2 x c b"},
			`site "b" is in PATH/journal-1-of-2.jsonl and in PATH/journal-2-of-2.jsonl, but shards share no site: move away the journal of another run`,
		}, {
			"a shard that is none",
			map[string]string{"journal.jsonl": "run 5/4 x a"},
			`"5/4" is not a shard: write 2/4 for the second of four, the first is 1/4`,
		}, {
			"no run",
			map[string]string{"journal.jsonl": "", "key": "?"},
			"there is no journal of a run: give the folder that --state gave, or one with those of all shards",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for path, lines := range tt.journals {
				path = filepath.Join(dir, filepath.FromSlash(path))
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if lines == "?" { // what is no journal
					if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
						t.Fatal(err)
					}
					continue
				}
				j := openJournal(t, path)
				if err := j.Append(past(t, lines)...); err != nil {
					t.Fatal(err)
				}
			}
			m, err := ReadReport(dir)
			if err != nil {
				want := fmt.Sprintf("reading the report of %q: %s", dir, strings.ReplaceAll(tt.want, "PATH", dir))
				if err.Error() != filepath.FromSlash(want) {
					t.Errorf("got  %v\nwant %s", err, want)
				}
				return
			}
			if got := told(m, dir); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// The path may be that of a journal, whatever its name is.
func TestReadReportOfAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "kept")
	j := openJournal(t, path)
	if err := j.Append(past(t, "run - x a\ncreated a orders\nend")...); err != nil {
		t.Fatal(err)
	}
	m, err := ReadReport(path)
	if err != nil {
		t.Fatal(err)
	}
	if m.Count(Created) != 1 || m.Failures() != 0 || !m.Complete() {
		t.Errorf("got %s", told(m, dir))
	}
	if _, err := ReadReport(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte(journalHeader+"?\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadReport(path); err == nil || !strings.Contains(err.Error(), path+":2: this line is broken") {
		t.Errorf("a broken line: %v", err)
	}
}
