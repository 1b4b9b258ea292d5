package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tabtemplate/tabtemplate/templates"
)

// notRun are the reasons for which a block on a page is not run here: each says who runs it, or why nobody can.
var notRun = map[string]string{
	"repository": "it is for a clone of the repository, and .ci/run runs it there",
	"install":    "it installs something",
	"server":     "it needs a server, a cluster or a CI of the reader's",
	"elsewhere":  "a test of its own reads it from the page",
	"old":        "it is how another program is called",
}

// A block is a fenced piece of a page. What stands behind its language says more:
//
//	file=NAME      it is that file, which is written
//	exit=N         its last command ends with that exit code
//	not-run=WHY    nobody runs it, for a reason of [notRun]
//
// A comment that begins with "story" has lines of a testscript, which are run at that place and not seen.
type block struct {
	page       string
	line       int
	lang, text string
	info       map[string]string
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.page, b.line) }

// pages are those of the documents, by their paths from here.
func pages(t testing.TB) []string {
	t.Helper()
	found, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(found, "../../README.md")
}

var (
	fence      = regexp.MustCompile("^( *)(```+)(.*)$")
	storyStart = regexp.MustCompile(`^<!-- story *(.*?)( *-->)?$`)
)

// blocksOf are the blocks of a page in their order; a comment with lines of a story is one in the language "story".
func blocksOf(t testing.TB, path string) (blocks []block) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := strings.TrimPrefix(filepath.ToSlash(path), "../../")
	lines := strings.Split(string(text), "\n")
	blank := true // the line before is
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if m := storyStart.FindStringSubmatch(line); m != nil {
			b := block{page: page, line: i + 1, lang: "story", text: m[1] + "\n"}
			for m[2] == "" {
				if i++; lines[i] == "-->" {
					break
				}
				b.text += lines[i] + "\n"
			}
			blocks = append(blocks, b)
			continue
		}
		m := fence.FindStringSubmatch(line)
		if m == nil {
			if blank && strings.HasPrefix(line, "    ") {
				t.Errorf("%s:%d: a block without a fence, which nothing runs", page, i+1)
			}
			blank = line == ""
			continue
		}
		b := block{page: page, line: i + 1, info: map[string]string{}}
		for n, word := range strings.Fields(m[3]) {
			if key, value, ok := strings.Cut(word, "="); n > 0 || ok {
				b.info[key] = value
			} else {
				b.lang = word
			}
		}
		for i++; i < len(lines) && strings.TrimSpace(lines[i]) != m[2]; i++ {
			b.text += strings.TrimPrefix(lines[i], m[1]) + "\n"
		}
		if why, ok := b.info["not-run"]; ok && notRun[why] == "" {
			t.Errorf("%s: not-run=%s is no reason", b, why)
		}
		blocks = append(blocks, b)
		blank = false
	}
	return blocks
}

// Every command on a page is run, with the files that the page has, and what it shows comes back. Times, ports and the width of
// columns may differ; … stands for any text, and on a line of its own for any lines.
func TestPages(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	var all []block
	for _, path := range pages(t) {
		var script strings.Builder
		for _, b := range blocksOf(t, path) {
			switch runs := b.info["not-run"] == ""; {
			case b.lang == "story":
				script.WriteString(b.text)
			case !runs:
			case b.info["file"] != "":
				fmt.Fprintf(&script, "file %d\n", len(all))
			case b.lang == "sh":
				fmt.Fprintf(&script, "shell %d\n", len(all))
			case b.lang == "console":
				fmt.Fprintf(&script, "console %d\n", len(all))
			case b.lang == "python":
				fmt.Fprintf(&script, "python %d\n", len(all))
			case b.lang == "yaml" || b.lang == "json":
				checkSnippet(t, b)
			case !slices.Contains([]string{"text", "go", "csv"}, b.lang):
				t.Errorf("%s: a block of %q: nothing knows what to do with it", b, b.lang)
			}
			all = append(all, b)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".md") + ".txtar"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	numbered := func(do func(*testscript.TestScript, block)) func(*testscript.TestScript, bool, []string) {
		return func(ts *testscript.TestScript, _ bool, args []string) {
			n, err := strconv.Atoi(args[0])
			ts.Check(err)
			ts.Logf("%s", all[n])
			do(ts, all[n])
		}
	}
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error { // the demo is what the reader has
			env.Setenv("PYTHONPATH", os.Getenv("PYTHONPATH"))
			return errors.Join(setUp(env), os.CopyFS(env.WorkDir, os.DirFS(filepath.Join("..", "..", "testdata", "demo"))))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"file": numbered(writeBlock), "shell": numbered(runShell), "console": numbered(runConsole), "python": numbered(runPython),
			"fails": fails, "change": change, "pack": pack, "unpack": unpack, "serve": serve, "stop": stopServing, "rows": rows,
		},
	})
}

// rows adds rows to a table: rows FILE FROM TO ROW, in which %d is the number.
func rows(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 4, "rows FILE FROM TO ROW")
	from, err := strconv.Atoi(args[1])
	ts.Check(err)
	to, err := strconv.Atoi(args[2])
	ts.Check(err)
	text := ts.ReadFile(args[0])
	for n := from; n <= to; n++ {
		text += strings.ReplaceAll(args[3], "%d", strconv.Itoa(n)) + "\n"
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// checkSnippet loads a manifest, or edits in one, and reads JSON.
func checkSnippet(t *testing.T, b block) {
	if b.lang == "json" {
		if !json.Valid([]byte(b.text)) {
			t.Errorf("%s: no JSON", b)
		}
		return
	}
	if b.page == "docs/manifest.md" {
		return // whose examples the test of package templates loads
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../testdata/demo")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "snippet.yaml")
	if err := os.WriteFile(path, []byte(wholeManifest(b.text)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := templates.Load(path); err != nil {
		t.Errorf("%s: %v", b, err)
	}
}

// wholeManifest is a manifest with what a page shows of one: all of it, edits of a workbook, or how to sign in.
func wholeManifest(text string) string {
	indented := "\n      " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n      ") + "\n"
	const vars = "vars: {tenant: Acme, region: EMEA, lang: de, db: {server: s, port: 1, name: d}}\nsites: {acme: }\n"
	const templates = "templates:\n  orders: {file: orders.tds, publish: {as: Orders}}\n  sales:\n    file: sales.twbx\n    publish: {as: Sales}\n"
	switch {
	case strings.HasPrefix(text, "- "):
		return "version: 1\nserver: {url: emulator}\n" + vars + templates + "    edits:" + indented
	case strings.HasPrefix(text, "sign_in:"):
		return "version: 1\nserver:\n      url: https://tableau.example.com" + indented + vars + templates
	}
	return text
}

func writeBlock(ts *testscript.TestScript, b block) {
	path := ts.MkAbs(b.info["file"])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	ts.Check(os.WriteFile(path, []byte(served(ts, b.text)), 0o600))
}

// pagePort is where the pages have the emulator, which is on another port here.
const pagePort = "http://127.0.0.1:8765"

func served(ts *testscript.TestScript, text string) string {
	if url := ts.Getenv("URL"); url != "" {
		return strings.ReplaceAll(text, pagePort, url)
	}
	return text
}

// otherPrograms are those that pages call, and that a machine may not have.
var otherPrograms = regexp.MustCompile(`(?m)(?:^|\| )(curl|jq|python3|pip|xmllint) `)

// lacks tells whether a block calls a program that is not on this machine.
func lacks(ts *testscript.TestScript, b block) bool {
	for _, m := range otherPrograms.FindAllStringSubmatch(strings.ReplaceAll(b.text, "\n$ ", "\n"), -1) {
		if _, err := exec.LookPath(m[1]); err != nil {
			ts.Logf("%s is not run: %v", b, err)
			return true
		}
	}
	return false
}

// runShell runs a block as one script, which succeeds or ends with the exit code that is said.
func runShell(ts *testscript.TestScript, b block) {
	if lacks(ts, b) {
		return
	}
	out, code := shell(ts, b.text)
	if want := cmp.Or(b.info["exit"], "0"); strconv.Itoa(code) != want {
		ts.Fatalf("%s: exit code %d, want %s:\n%s", b, code, want, out)
	}
}

// shell runs a script in the folder of the story, and returns all that it says.
func shell(ts *testscript.TestScript, script string) (string, int) {
	// The script's exec has the environment; it keeps what is written.
	err := ts.Exec("sh", "-e", "-c", "exec 2>&1\n"+served(ts, script))
	code := 0
	if err != nil {
		code = 1
		if ended, ok := err.(*exec.ExitError); ok {
			code = ended.ExitCode()
		}
	}
	return ts.ReadFile("stdout"), code
}

// runPython runs a block where there is a Python that has the packages it imports.
func runPython(ts *testscript.TestScript, b block) {
	for _, m := range regexp.MustCompile(`(?m)^import (\w+)`).FindAllStringSubmatch(b.text, -1) {
		if err := ts.Exec("python3", "-c", "import "+m[1]); err != nil {
			ts.Logf("%s is not run: python3 and %s: %v", b, m[1], err)
			return
		}
	}
	path := ts.MkAbs("page.py")
	ts.Check(os.WriteFile(path, []byte(served(ts, b.text)), 0o600))
	ts.Check(ts.Exec("python3", path))
}

// runConsole runs the commands of a block, the lines that begin with $, each of which says what follows it.
func runConsole(ts *testscript.TestScript, b block) {
	if lacks(ts, b) {
		return
	}
	type step struct{ command, want string }
	var steps []step
	for line := range strings.Lines(b.text) {
		command, ok := strings.CutPrefix(line, "$ ")
		more := len(steps) > 0 && strings.HasSuffix(steps[len(steps)-1].command, "\\\n")
		switch {
		case ok:
			steps = append(steps, step{command: command})
		case more:
			steps[len(steps)-1].command += strings.TrimPrefix(line, "> ")
		case len(steps) > 0:
			steps[len(steps)-1].want += line
		default:
			ts.Fatalf("%s: %q comes before any command", b, line)
		}
	}
	for i, s := range steps {
		if args, ok := strings.CutPrefix(s.command, "tabtemplate serve "); ok { // which goes on until the next one
			if now := ts.Value(servingKey).(*serving); now.stop != nil {
				now.stop()
			}
			args, _, _ = strings.Cut(strings.ReplaceAll(args, "--addr "+strings.TrimPrefix(pagePort, "http://"), ""), " #")
			words := strings.Fields(strings.ReplaceAll(args, "~", ts.Getenv("WORK")))
			for n, word := range words { // it runs in the folder of the test
				if _, err := os.Stat(ts.MkAbs(word)); err == nil {
					words[n] = ts.MkAbs(word)
				}
			}
			serve(ts, false, words)
			continue
		}
		out, code := shell(ts, s.command)
		want := "0"
		if exit := b.info["exit"]; exit != "" && i == len(steps)-1 {
			want = exit
		}
		if strconv.Itoa(code) != want {
			ts.Fatalf("%s: %s ends with exit code %d:\n%s", b, strings.TrimSpace(s.command), code, out)
		}
		if url := ts.Getenv("URL"); url != "" {
			out = strings.ReplaceAll(out, url, pagePort)
		}
		if !shows(out, s.want) {
			ts.Fatalf("%s: %s says\n%s\nand not\n%s", b, strings.TrimSpace(s.command), out, s.want)
		}
	}
}

var (
	durations = regexp.MustCompile(`\b\d+(\.\d+)?(ms|µs|s|m\d+s)\b`)
	blanks    = regexp.MustCompile(`[ \t]+`)
)

// shows tells whether what a command says is what a page has of it.
func shows(out, want string) bool {
	if want == "" { // the page leaves it out
		return true
	}
	even := func(text string) string {
		text = durations.ReplaceAllString(text, "0s")
		var lines []string
		for line := range strings.Lines(text) {
			lines = append(lines, strings.TrimSpace(blanks.ReplaceAllString(line, " ")))
		}
		return strings.TrimSpace(strings.Join(lines, "\n"))
	}
	var pattern strings.Builder
	for line := range strings.SplitSeq(even(want), "\n") {
		if line == "…" {
			pattern.WriteString(`(?:\n.*)*?`)
			continue
		}
		pattern.WriteString("\n")
		for n, part := range strings.Split(line, "…") {
			if n > 0 {
				pattern.WriteString(".*?")
			}
			pattern.WriteString(regexp.QuoteMeta(part))
		}
	}
	return regexp.MustCompile("^" + pattern.String() + "$").MatchString("\n" + even(out))
}
