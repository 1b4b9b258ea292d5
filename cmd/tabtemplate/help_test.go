package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tabtemplate/tabtemplate/cmd/tabtemplate/internal/manual"
)

// testRoot is the tree of all commands, which does nothing yet.
func testRoot() *cobra.Command {
	a := &app{colour: colourAuto, stdout: &output{w: io.Discard}, stderr: io.Discard}
	root := a.root()
	root.InitDefaultHelpCmd()
	return root
}

// allCommands are those that a person can type, by what is typed.
func allCommands(root *cobra.Command) map[string]*cobra.Command {
	all := map[string]*cobra.Command{}
	var add func(*cobra.Command)
	add = func(cmd *cobra.Command) {
		all[cmd.CommandPath()] = cmd
		for _, sub := range cmd.Commands() {
			add(sub)
		}
	}
	add(root)
	return all
}

// Every command has help of the same kind: what it does in a line and at length, and examples.
func TestHelpIsComplete(t *testing.T) {
	t.Parallel()
	for path, cmd := range allCommands(testRoot()) {
		switch {
		case cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") || !unicode.IsUpper(rune(cmd.Short[0])):
			t.Errorf("%s: the line %q", path, cmd.Short)
		case cmd.Long == "" || !strings.HasPrefix(cmd.Long, cmd.Name()+" ") || !strings.HasSuffix(strings.TrimSpace(cmd.Long), ".") && cmd.HasParent() && !strings.Contains(cmd.Long, "\n  "):
			t.Errorf("%s: what it does at length begins with its name and has whole sentences:\n%s", path, cmd.Long)
		case cmd.Example == "":
			t.Errorf("%s has no examples", path)
		case !cmd.Runnable():
			t.Errorf("%s does nothing", path)
		case cmd.Parent() == cmd.Root() && cmd.GroupID == "":
			t.Errorf("%s is in no group", path)
		}
		for line := range strings.Lines(cmd.Long + "\n" + cmd.Example) {
			if len([]rune(strings.TrimRight(line, "\n"))) > 110 {
				t.Errorf("%s: a line of %d characters: %s", path, len([]rune(line)), line)
			}
		}
	}
}

// Every flag says what its value is, and what it does in the style of the others.
func TestFlagUsages(t *testing.T) {
	t.Parallel()
	value := regexp.MustCompile("^[A-Z][A-Z/:,=_-]*…?$")
	for path, cmd := range allCommands(testRoot()) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			name, usage := pflag.UnquoteUsage(f)
			switch isBool := f.Value.Type() == "bool"; {
			case !isBool && (!strings.Contains(f.Usage, "`") || !value.MatchString(name)):
				t.Errorf("%s --%s: its value is called %q, and not VALUE in `…`", path, f.Name, name)
			case isBool && name != "":
				t.Errorf("%s --%s has no value, but calls one %q", path, f.Name, name)
			}
			first := []rune(usage + " ")
			if !unicode.IsLower(first[0]) && !unicode.IsUpper(first[1]) && !strings.HasPrefix(usage, name+" ") || strings.HasSuffix(usage, ".") {
				t.Errorf("%s --%s: %q: it begins small and has no full stop", path, f.Name, usage)
			}
		})
	}
}

var (
	assignments = regexp.MustCompile(`^([A-Z_]+=\S+ )+`)
	redirected  = regexp.MustCompile(`\s[<>]+ .*`)
	explained   = regexp.MustCompile(`\S( {2,}|\s+# ).*`)
)

// exampleCommands are the command lines of tabtemplate in an example, as words.
func exampleCommands(t *testing.T, example string) (lines [][]string) {
	t.Helper()
	for line := range strings.Lines(strings.ReplaceAll(example, "\\\n", " ")) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "source <(") {
			line = strings.TrimSuffix(strings.TrimPrefix(line, "source <("), ")")
		}
		for _, part := range strings.Split(line, " | ") {
			part = assignments.ReplaceAllString(strings.TrimSpace(part), "")
			if !strings.HasPrefix(part, "tabtemplate ") {
				continue
			}
			part = explained.ReplaceAllStringFunc(part, func(s string) string { return string([]rune(s)[:1]) })
			lines = append(lines, shellWords(t, redirected.ReplaceAllString(part, "")))
		}
	}
	return lines
}

// shellWords splits a command line at blanks that are not in quotes.
func shellWords(t *testing.T, line string) (words []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(?:[^\s'"]|'[^']*'|"[^"]*")+`).FindAllString(line, -1) {
		words = append(words, strings.NewReplacer("'", "", `"`, "").Replace(m))
	}
	return words
}

// What the examples of help have people type is what the commands take.
func TestExamplesOfHelpParse(t *testing.T) {
	t.Parallel()
	for path, cmd := range allCommands(testRoot()) {
		own := 0
		for _, line := range exampleCommands(t, cmd.Example) {
			root := testRoot() // a flag keeps its value
			found, rest, err := root.Find(line[1:])
			if err == nil {
				err = found.ParseFlags(rest)
			}
			if err == nil {
				err = found.ValidateArgs(found.Flags().Args())
			}
			if err != nil {
				t.Errorf("%s: %s: %v", path, strings.Join(line, " "), err)
			} else if strings.HasPrefix(found.CommandPath(), path) {
				own++
			}
		}
		if own == 0 {
			t.Errorf("%s: no example has it:\n%s", path, cmd.Example)
		}
	}
}

// There is a page for each command, made the same each time, and man can show it.
func TestManual(t *testing.T) {
	t.Parallel()
	e := edition(build{Version: "1.2.3", Date: "2026-11-22T23:30:00-02:00"})
	pages := manual.Pages(testRoot(), e)
	var names []string
	for i, again := range manual.Pages(testRoot(), e) {
		if !bytes.Equal(again.Text, pages[i].Text) {
			t.Errorf("%s differs the second time", again.Name)
		}
		if !bytes.Contains(again.Text, []byte(`"2026-11-23" "tabtemplate 1.2.3"`)) {
			t.Errorf("%s has not the date and the version: %.200s", again.Name, again.Text)
		}
		names = append(names, again.Name)
	}
	for path := range allCommands(testRoot()) {
		if page := strings.ReplaceAll(path, " ", "-") + ".1"; path != "tabtemplate help" && !slices.Contains(names, page) {
			t.Errorf("there is no %s", page)
		}
	}
	dir := t.TempDir()
	for _, page := range pages {
		if err := os.WriteFile(filepath.Join(dir, page.Name), page.Text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shown := 0
	for program, args := range map[string][]string{"mandoc": {"-Tlint", "-Wwarning"}, "groff": {"-man", "-ww", "-Kutf8", "-Tutf8"}} {
		if _, err := exec.LookPath(program); err != nil {
			continue
		}
		shown++
		for _, page := range pages {
			cmd := exec.Command(program, append(args, filepath.Join(dir, page.Name))...)
			var complaints strings.Builder
			cmd.Stderr = &complaints
			out, err := cmd.Output()
			if err != nil || complaints.Len() > 0 {
				t.Errorf("%s %s: %v\n%s%s", program, page.Name, err, complaints.String(), out)
			}
		}
	}
	if shown == 0 {
		t.Skip("there is neither mandoc nor groff here to show the pages")
	}
}

// A build says what it was stamped with, and else what Go knows of it.
func TestBuildOf(t *testing.T) {
	t.Parallel()
	info := &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.time", Value: "2026-11-22T21:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	}}
	const want = "tabtemplate 1.2.3, commit 0123456789ab of 2026-11-22T21:00:00Z, modified, "
	if got := buildOf(info).String(); !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := buildOf(nil).Version; got != "unknown" {
		t.Errorf("without anything the version is %q", got)
	}
}

// changesNothing are the commands after which everything is as before, but for files that they were told to write, and for what
// a person who types them is signed in to.
var changesNothing = map[string]bool{
	"check": true, "completion": true, "datasources": true, "diff": true, "download": true, "export": true, "groups": true,
	"help": true, "init": true, "inspect": true, "jobs": true, "login": true, "logout": true, "man": true, "plan": true, "profiles": true, "projects": true,
	"report": true, "schema": true, "secret": true, "serve": true, "sites": true, "strings": true, "tabtemplate": true,
	"users": true, "verify": true, "version": true, "workbooks": true,
}

// What changes something can be tried.
func TestDryRunWhereSomethingChanges(t *testing.T) {
	t.Parallel()
	for path, cmd := range allCommands(testRoot()) {
		if cmd.Flags().Lookup("dry-run") == nil && !changesNothing[cmd.Name()] {
			t.Errorf("%s has no --dry-run", path)
		}
	}
}
