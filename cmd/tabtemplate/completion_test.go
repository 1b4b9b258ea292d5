package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The scripts are ones that their shells take.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for shell, check := range map[string][]string{
		"bash": {"bash", "-n"}, "zsh": {"zsh", "-n"}, "fish": {"fish", "--no-execute"},
		"powershell": {"pwsh", "-NoProfile", "-NonInteractive", "-File"},
	} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr strings.Builder
			if code := run(t.Context(), []string{"completion", shell}, strings.NewReader(""), &stdout, &stderr); code != exitOK || stderr.Len() > 0 {
				t.Fatalf("exit code %d: %s", code, stderr.String())
			}
			if !strings.Contains(stdout.String(), "__complete") {
				t.Errorf("the script does not ask the command:\n%s", stdout.String())
			}
			if _, err := exec.LookPath(check[0]); err != nil {
				t.Skip(err)
			}
			path := filepath.Join(t.TempDir(), "completion.ps1")
			if err := os.WriteFile(path, []byte(stdout.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.CommandContext(t.Context(), check[0], append(check[1:], path)...).CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	if names := slices.Sorted(maps.Keys(shells)); strings.Join(names, " ") != "bash fish powershell zsh" {
		t.Errorf("there are scripts for %s", names)
	}
}

// bashCompletion has bash complete the line that is given, as it does when a person presses the tab key at its end.
const bashCompletion = `
compopt() { :; }
_filedir() { COMPREPLY=("files:$1"); } # of the package bash-completion
source completion.bash
COMP_LINE=$1
read -ra COMP_WORDS <<<"$COMP_LINE"
if [[ $COMP_LINE == *' ' ]]; then COMP_WORDS+=(''); fi
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9
__tabtemplate_init_completion() { cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD; }
__start_tabtemplate
printf '%s\n' "${COMPREPLY[@]}"
`

// The script of bash is run by bash, and asks the command.
func TestBashCompletes(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(demo))); err != nil {
		t.Fatal(err)
	}
	var script, stderr strings.Builder
	run(t.Context(), []string{"completion", "bash"}, strings.NewReader(""), &script, &stderr)
	if err := os.WriteFile(filepath.Join(dir, "completion.bash"), []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string][]string{
		"tabtemplate pub":                    {"publish"},
		"tabtemplate publish --resu":         {"--resume"},
		"tabtemplate publish --site gl":      {"globex"},
		"tabtemplate render --template sa":   {"sales"},
		"tabtemplate --color n":              {"never"},
		"tabtemplate completion f":           {"fish"},
		"tabtemplate help secret d":          {"delete"},
		"tabtemplate diff sales.twbx ren":    {"files:twb|twbx|tds|tdsx|"},
		"tabtemplate inspect sal":            {"files:twb|twbx|tds|tdsx|"},
		"tabtemplate publish -f tab":         {"files:yaml|yml|"},
		"tabtemplate strings --only tool":    {"tooltips"},
		"tabtemplate publish --site nobody":  nil,
		"tabtemplate publish -f no --site a": nil,
	} {
		cmd := exec.CommandContext(t.Context(), bash, "--norc", "-c", bashCompletion, "bash", line)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if got := strings.Fields(string(out)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q (%v)", line, got, want, err)
		}
	}
}

// The script of fish likewise.
func TestFishCompletes(t *testing.T) {
	t.Parallel()
	fish, err := exec.LookPath("fish")
	if err != nil {
		t.Skip(err)
	}
	var script, stderr strings.Builder
	run(t.Context(), []string{"completion", "fish"}, strings.NewReader(""), &script, &stderr)
	for line, want := range map[string]string{
		"tabtemplate publish --site gl":     "globex\tglobex\n",
		"tabtemplate publish --site nobody": "",
		"tabtemplate pub":                   "publish\tRender the templates and publish them to sites\n",
		"tabtemplate inspect sales.t":       "sales.twbx\n",
	} {
		cmd := exec.CommandContext(t.Context(), fish, "--no-config", "-c", script.String()+"\ncomplete -C"+"'"+line+"'")
		cmd.Dir = filepath.Dir(demo)
		out, err := cmd.CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%s: %q, want %q (%v)", line, out, want, err)
		}
	}
}

// zshCompletion has zsh complete the words that are given, of which the last is not complete.
const zshCompletion = `
compdef() { :; }
_describe() { print -rl -- $completions; }
_arguments() { print -r -- "files: $*"; }
source $1
shift
words=(tabtemplate "$@") CURRENT=$#words
_tabtemplate
`

// The script of zsh likewise.
func TestZshCompletes(t *testing.T) {
	t.Parallel()
	zsh, err := exec.LookPath("zsh")
	if err != nil {
		t.Skip(err)
	}
	var script, stderr strings.Builder
	run(t.Context(), []string{"completion", "zsh"}, strings.NewReader(""), &script, &stderr)
	path := filepath.Join(t.TempDir(), "_tabtemplate")
	if err := os.WriteFile(path, []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"publish --site gl":   "globex:globex\n",
		"render --template s": "sales:sales.twbx\n",
		"pub":                 "publish:Render the templates and publish them to sites\n",
		"inspect sal":         `files: *:filename:_files -g \*.twb -g \*.twbx -g \*.tds -g \*.tdsx ` + "\n",
	} {
		cmd := exec.CommandContext(t.Context(), zsh, append([]string{"-f", "-c", zshCompletion, "zsh", path}, strings.Fields(line)...)...)
		cmd.Dir = filepath.Dir(demo)
		out, err := cmd.Output()
		if err != nil || string(out) != want {
			t.Errorf("%s: %q, want %q (%v)", line, out, want, err)
		}
	}
}

// What is completed comes with what it is about. A manifest that cannot be read completes nothing, without a word.
func TestCompletes(t *testing.T) {
	t.Parallel()
	const none, noFiles, extensions, folders, files, ordered, begun = "", ":4", ":8", ":16", ":0", ":36", ":38"
	sites := "acme\tacme\nglobex\tglobex\ninitech\tinitech-apac\n"
	broken := filepath.Join(t.TempDir(), "tabtemplate.yaml")
	if err := os.WriteFile(broken, []byte("version: 1\nsites: {acme: {}}\ntemplates: {x: {fle: y}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"publish -f DEMO --site |":                 sites + ordered,
		"publish -f DEMO --site g|":                "globex\tglobex\n" + ordered,
		"publish -f DEMO --site acme --site i|":    "initech\tinitech-apac\n" + ordered,
		"sites -f DEMO --site |":                   sites + ordered,
		"sites -f DEMO --server http://t --site |": noFiles,
		"publish -f BROKEN --site |":               none + ordered,
		"publish -f no.yaml --site |":              none + ordered,
		"render -f DEMO --template |":              "orders\tDIR/orders.tds\nsales\tDIR/sales.twbx\n" + ordered,
		"render -f BROKEN --template |":            none + ordered,
		"render -f DEMO --out |":                   folders,
		"publish --color |":                        "auto\nalways\nnever\n" + noFiles,
		"publish --jobs |":                         noFiles,
		"publish |":                                noFiles,
		"publish -f |":                             "yaml\nyml\n" + extensions,
		"diff a.twb |":                             "twb\ntwbx\ntds\ntdsx\n" + extensions,
		"diff a.twb b.twb |":                       noFiles,
		"diff published:Sa|":                       noFiles,
		"diff -f DEMO rendered:g|":                 "rendered:globex/\tglobex\n" + begun,
		"diff -f DEMO a.twb rendered:acme/s|":      "rendered:acme/sales\tDIR/sales.twbx\n" + ordered,
		"inspect a.twb |":                          "twb\ntwbx\ntds\ntdsx\n" + extensions,
		"report |":                                 folders,
		"serve --seed |":                           files,
		"secret s|":                                "set\tPut a secret into the keyring, over what has its name\n" + noFiles,
		"secret set |":                             noFiles,
		"completion |":                             "bash\nfish\npowershell\nzsh\n" + noFiles,
		"help pl|":                                 "plan\tShow what publish would do, and do nothing\n" + noFiles,
		"publish --res|":                           "--resume\tgo on with the last run, if it was cut short and nothing has changed since; else begin a new one\n" + noFiles,
	} {
		args := []string{"__complete"}
		for _, word := range strings.Split(strings.TrimSuffix(line, "|"), " ") {
			args = append(args, strings.NewReplacer("DEMO", demo, "BROKEN", broken).Replace(word))
		}
		var stdout, stderr strings.Builder
		code := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
		got := strings.ReplaceAll(stdout.String(), filepath.ToSlash(filepath.Dir(demo)), "DIR")
		if diff := cmp.Diff(want+"\n", got); code != exitOK || diff != "" {
			t.Errorf("%s: exit code %d\n%s", line, code, diff)
		}
		if strings.Contains(stderr.String(), "error") {
			t.Errorf("%s: %s", line, stderr.String())
		}
	}
}
