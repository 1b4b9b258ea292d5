package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// manySites writes the manifest of the demo for as many sites, and returns its path. What is put in edits its templates.
func manySites(t testing.TB, sites int, edits *strings.Replacer) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(demo))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "tabtemplate.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(text), "\nsites:\n")
	_, templates, _ := strings.Cut(rest, "\ntemplates:\n")
	var manifest strings.Builder
	manifest.WriteString(head + "\nsites:\n")
	for i := range sites {
		fmt.Fprintf(&manifest, "  s%04d: {vars: {tenant: 'Tenant %d', db: {name: db%d}}}\n", i, i, i)
	}
	manifest.WriteString("\ntemplates:\n" + edits.Replace(templates))
	if err := os.WriteFile(path, []byte(manifest.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Many sites at a time give the same output, in the order of the manifest, and the same files as one at a time. Every third
// fails.
func TestRenderOrder(t *testing.T) {
	t.Parallel()
	path := manySites(t, 50, strings.NewReplacer("filter: Tenant\n        datasource", "filter: '${int(site.key[1:]) % 3 == 2 ? \"Tenat\" : \"Tenant\"}'\n        datasource"))
	for _, flags := range [][]string{nil, {"--json"}, {"--dry-run"}, {"--dry-run", "--json"}} {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			t.Parallel()
			var told, files [2]string
			for i, jobs := range []string{"1", "8"} {
				out := filepath.Join(t.TempDir(), "out")
				args := append([]string{"render", "--all", "-f", path, "--out", out, "--jobs", jobs}, flags...)
				var stdout, stderr strings.Builder
				if code := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr); code != exitSites {
					t.Fatalf("exit code %d\n%s", code, stderr.String())
				}
				told[i] = strings.ReplaceAll(stdout.String()+stderr.String(), out, "out")
				if len(flags) == 0 {
					files[i] = filesIn(t, out)
				}
				if strings.Contains(told[i], "s0002/") || !strings.Contains(told[i], "(16 sites: s0002, s0005, s0008, …)") {
					t.Errorf("%s", stderr.String())
				}
				if len(flags) > 0 && flags[len(flags)-1] == "--json" && !json.Valid([]byte(stdout.String())) {
					t.Errorf("not JSON: %s", stdout.String())
				}
			}
			if told[0] != told[1] || files[0] != files[1] {
				t.Error(cmp.Diff(told[0]+files[0], told[1]+files[1]))
			}
		})
	}
}

// An interrupted run finishes the sites that it has begun and tells of them, and begins no other.
func TestRenderInterrupted(t *testing.T) {
	t.Parallel()
	path := manySites(t, 200, strings.NewReplacer())
	for _, jobs := range []int{1, 4} {
		ctx, cancel := context.WithCancel(t.Context())
		out := filepath.Join(t.TempDir(), "out")
		stdout, stderr := &hook{before: cancel}, &strings.Builder{}
		code := run(ctx, []string{"render", "--all", "-f", path, "--out", out, "--jobs", fmt.Sprint(jobs)}, strings.NewReader(""), stdout, stderr)
		files := strings.Count(stdout.String(), "\n")
		want := fmt.Sprintf("interrupted: %d rendered, %d sites not reached\n", files, 200-files/2)
		if code != exitFailed || stderr.String() != want || files < 2 || files > 2*(2*jobs+2) {
			t.Errorf("exit code %d, %d files: %s", code, files, stderr.String())
		}
		if there := filesIn(t, out); strings.Count(there, ".tds")+strings.Count(there, ".twbx") != files || strings.Contains(there, ".tabtemplate") {
			t.Errorf("%d files are told of, there is %s", files, there)
		}
	}
}

// However many sites warn and fail of something of their own, only some are told of each.
func TestToldOfSome(t *testing.T) {
	t.Parallel()
	path := manySites(t, 150, strings.NewReplacer("filter: Tenant\n        datasource", "filter: '${site.key}'\n        datasource"))
	var stdout, stderr strings.Builder
	code := run(t.Context(), []string{"render", "--all", "--dry-run", "-f", path}, strings.NewReader(""), &stdout, &stderr)
	if code != exitSites || strings.Count(stderr.String(), "no field") != 100 || !strings.HasSuffix(stderr.String(), "\nerror: and 50 other failures\n") {
		t.Errorf("exit code %d\n%s", code, stderr.String())
	}
	var w warnings
	for i := range 150 {
		w.add("sales", []string{fmt.Sprint(i), "the same"})
	}
	stderr.Reset()
	w.print(&stderr)
	if text := stderr.String(); strings.Count(text, "(1 site)") != 99 || !strings.Contains(text, "the same (150 sites)") || !strings.HasSuffix(text, "\nwarning: and 51 other warnings\n") {
		t.Errorf("%s", text)
	}
}
