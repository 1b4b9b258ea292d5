package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// goreleaser is what .goreleaser.yaml says, as far as other files have to agree with it.
type goreleaser struct {
	Version int
	Before  struct{ Hooks []string }
	Builds  []struct {
		Main, Binary        string
		Goos, Goarch        []string
		Flags, Ldflags, Env []string
		ModTimestamp        string `yaml:"mod_timestamp"`
	}
	Archives []struct {
		NameTemplate    string `yaml:"name_template"`
		Formats         []string
		FormatOverrides []struct {
			Goos    string
			Formats []string
		} `yaml:"format_overrides"`
		BuildsInfo struct{ Mtime string } `yaml:"builds_info"`
		Files      []struct {
			Src  string
			Info struct{ Mtime string }
		}
	}
	Checksum struct {
		NameTemplate string `yaml:"name_template"`
	}
	Dockers []struct {
		Dockerfile string
		Platforms  []string
	} `yaml:"dockers_v2"`
}

func readRepository(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func readGoreleaser(t *testing.T) goreleaser {
	t.Helper()
	var g goreleaser
	if err := yaml.Unmarshal([]byte(readRepository(t, ".goreleaser.yaml")), &g); err != nil {
		t.Fatal(err)
	}
	if g.Version != 2 || len(g.Builds) != 1 || len(g.Archives) != 1 || len(g.Dockers) != 1 {
		t.Fatalf("%+v", g)
	}
	return g
}

// A release is for six platforms, the same bytes each time, and stamps variables that there are.
func TestReleaseBuilds(t *testing.T) {
	t.Parallel()
	g := readGoreleaser(t)
	b, a := g.Builds[0], g.Archives[0]
	if strings.Join(b.Goos, " ") != "linux darwin windows" || strings.Join(b.Goarch, " ") != "amd64 arm64" {
		t.Errorf("it is built for %s on %s", b.Goos, b.Goarch)
	}
	if !slices.Contains(b.Flags, "-trimpath") || b.ModTimestamp != "{{ .CommitTimestamp }}" || a.BuildsInfo.Mtime != "{{ .CommitDate }}" {
		t.Errorf("it is not the same each time: %+v", b)
	}
	stamped := 0
	for _, flag := range b.Ldflags {
		if name, _, ok := strings.Cut(strings.TrimPrefix(flag, "-X main."), "={{"); ok {
			stamped++
			if !slices.Contains(stringVariables(t), name) {
				t.Errorf("main has no variable %s of type string to stamp", name)
			}
		}
	}
	if stamped != 3 {
		t.Errorf("%d variables are stamped: %q", stamped, b.Ldflags)
	}
	hook := strings.Fields(g.Before.Hooks[0])[0]
	made, err := os.Stat(filepath.Join("..", "..", hook))
	if err != nil || made.Mode()&0o100 == 0 {
		t.Errorf("%s cannot be run: %v", hook, err)
	}
	var files []string
	for _, f := range a.Files {
		files = append(files, f.Src)
		if f.Info.Mtime != "{{ .CommitDate }}" {
			t.Errorf("%s has the time %q", f.Src, f.Info.Mtime)
		}
		if folder, _, ok := strings.Cut(f.Src, "/"); ok {
			if !strings.Contains(readRepository(t, hook), path.Dir(f.Src)) || !strings.Contains(readRepository(t, ".gitignore"), folder+"/") {
				t.Errorf("%s does not make %s, or git does not ignore it", hook, f.Src)
			}
		} else {
			readRepository(t, f.Src)
		}
	}
	for _, wanted := range []string{"README.md", "LICENSE", "dist-pages/man/*.1", "dist-pages/completions/*"} {
		if !slices.Contains(files, wanted) {
			t.Errorf("the archives have no %s", wanted)
		}
	}
}

// stringVariables are the variables of this package that the linker can set.
func stringVariables(t *testing.T) (names []string) {
	t.Helper()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				for _, spec := range g.Specs {
					v := spec.(*ast.ValueSpec)
					if kind, ok := v.Type.(*ast.Ident); ok && kind.Name == "string" && v.Values == nil {
						for _, name := range v.Names {
							names = append(names, name.Name)
						}
					}
				}
			}
		}
	}
	return names
}

// The image has the command where it looks for it, is for platforms that there are builds for, and is of nobody who is root.
func TestContainerfile(t *testing.T) {
	t.Parallel()
	g := readGoreleaser(t)
	var lines [][2]string
	for line := range strings.Lines(readRepository(t, g.Dockers[0].Dockerfile)) {
		if word, rest, ok := strings.Cut(strings.TrimSpace(line), " "); ok && word != "#" {
			lines = append(lines, [2]string{word, rest})
		}
	}
	const at = "/usr/local/bin/tabtemplate"
	want := [][2]string{
		{"FROM", "gcr.io/distroless/static-debian12:nonroot"}, // which has the certificates
		{"ARG", "TARGETPLATFORM"},
		{"COPY", "$TARGETPLATFORM/" + g.Builds[0].Binary + " " + at},
		{"USER", "nonroot:nonroot"},
		{"WORKDIR", "/tenants"},
		{"ENTRYPOINT", `["` + at + `"]`},
	}
	if !slices.Equal(lines, want) {
		t.Errorf("%q, want %q", lines, want)
	}
	for _, platform := range g.Dockers[0].Platforms {
		goos, goarch, _ := strings.Cut(platform, "/")
		if !slices.Contains(g.Builds[0].Goos, goos) || !slices.Contains(g.Builds[0].Goarch, goarch) {
			t.Errorf("there is no build for %s", platform)
		}
	}
}

const releaseVersion = "1.2.3"

// newReleases serves what a release consists of, by the names that .goreleaser.yaml gives it, with this command in all archives. Below
// /tampered somebody has changed the archives.
func newReleases(t *testing.T) (url string) {
	t.Helper()
	g := readGoreleaser(t)
	self, err := exec.LookPath("tabtemplate")
	if err != nil {
		t.Fatal(err)
	}
	archive := tarball(t, g.Builds[0].Binary, fmt.Sprintf("#!/bin/sh\nexec '%s' \"$@\"\n", self))
	files := map[string][]byte{}
	name := func(template, goos, goarch string) string {
		return "/v" + releaseVersion + "/" + strings.NewReplacer("{{ .Version }}", releaseVersion, "{{ .Os }}", goos, "{{ .Arch }}", goarch).Replace(template)
	}
	var sums bytes.Buffer
	for _, goos := range g.Builds[0].Goos {
		for _, goarch := range g.Builds[0].Goarch {
			ext := g.Archives[0].Formats[0]
			for _, o := range g.Archives[0].FormatOverrides {
				if o.Goos == goos {
					ext = o.Formats[0]
				}
			}
			file := name(g.Archives[0].NameTemplate, goos, goarch) + "." + ext
			files[file] = archive
			files["/tampered"+file] = append(slices.Clone(archive), '\n')
			fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(archive), path.Base(file))
		}
	}
	checksums := name(g.Checksum.NameTemplate, "", "")
	files[checksums], files["/tampered"+checksums] = sums.Bytes(), sums.Bytes()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(file)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func tarball(t *testing.T, name, text string) []byte {
	t.Helper()
	var file bytes.Buffer
	z := gzip.NewWriter(&file)
	w := tar.NewWriter(z)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(text))}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// A runner is a machine of a CI system, with a repository in a folder.
type runner struct {
	t   *testing.T
	dir string
	env []string
}

// newRunner makes one, whose repository publishes to a server with several sites.
func newRunner(t *testing.T, env ...string) *runner {
	t.Helper()
	for _, program := range []string{"bash", "curl", "tar", "base64"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	story := exampleStory{file: "gitlab-ci.yaml"}
	dir := exampleFolder(t, story, newExampleServer(t).url)
	return &runner{t, dir, append(env, "SHARD=1", "TABLEAU_TOKEN_1=secret-1")}
}

// run runs a script as CI systems do with bash, and returns what it prints and its exit code.
func (r *runner) run(script string, env ...string) (string, int) {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
	cmd.Dir = r.dir
	cmd.Env = slices.Concat(os.Environ(), r.env, env)
	out, _ := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.ExitCode()
}

// keepJournals removes what a CI system does not keep for the next run.
func (r *runner) keepJournals(folder string) {
	r.t.Helper()
	files, err := os.ReadDir(filepath.Join(r.dir, folder))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range files {
		if kept, _ := filepath.Match("journal*.jsonl", f.Name()); kept {
			continue
		}
		if f.Name() == "key" {
			r.t.Error("the key of the state is left on the machine")
		}
		if err := os.Remove(filepath.Join(r.dir, folder, f.Name())); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *runner) read(name string) string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// expect fails unless a script ended so, and said what matches.
func (r *runner) expect(what, out string, code, wantCode int, pattern string) {
	r.t.Helper()
	if code != wantCode || !regexp.MustCompile(pattern).MatchString(out) {
		r.t.Errorf("%s: exit code %d, want %d, and %q in\n%s", what, code, wantCode, pattern, out)
	}
}

type action struct {
	Inputs map[string]struct {
		Description, Default string
		Required             bool
	}
	Runs struct {
		Using string
		Steps []struct {
			ID, Shell, Run, Uses string
			Env                  map[string]string
		}
	}
}

// The scripts of the GitHub Action are run: a release is fetched and checked, pull requests are planned, the rest is published, and
// the next run knows of it.
func TestGitHubAction(t *testing.T) {
	t.Parallel()
	text := readRepository(t, "action.yml")
	var a action
	if err := yaml.Unmarshal([]byte(text), &a); err != nil {
		t.Fatal(err)
	}
	for _, used := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllStringSubmatch(text, -1) {
		if _, ok := a.Inputs[used[1]]; !ok {
			t.Errorf("there is no input %q", used[1])
		}
	}
	scripts := map[string]string{}
	for _, step := range a.Runs.Steps {
		scripts[step.ID] = step.Run
		if strings.Contains(step.Run, "${{") {
			t.Errorf("%s: what somebody else may have written becomes a part of a script", step.ID)
		}
	}
	for name, input := range a.Inputs {
		if !strings.Contains(text, "inputs."+name) || input.Description == "" {
			t.Errorf("the input %s is not used, or not described", name)
		}
	}
	temp := t.TempDir()
	releases := newReleases(t)
	r := newRunner(t, "RUNNER_OS=Linux", "RUNNER_ARCH=X64", "RUNNER_TEMP="+temp, "GITHUB_PATH=paths", "GITHUB_OUTPUT=outputs",
		"GITHUB_STEP_SUMMARY=summary", "VERSION=v"+releaseVersion, exampleStateKey(), "MANIFEST=tabtemplate.yaml")
	for i, name := range []string{"GITHUB_PATH=", "GITHUB_OUTPUT=", "GITHUB_STEP_SUMMARY="} {
		r.env[3+i] = name + filepath.Join(r.dir, strings.TrimPrefix(r.env[3+i], name))
	}

	out, code := r.run(scripts["install"], "RELEASES="+releases+"/tampered")
	r.expect("a tampered archive", out, code, 1, `tabtemplate_1\.2\.3_linux_amd64\.tar\.gz: FAILED`)
	if _, err := os.Stat(filepath.Join(r.dir, "paths")); err == nil {
		t.Error("a tampered archive is on the path")
	}
	out, code = r.run(scripts["install"], "RELEASES="+releases, "VERSION=9.9.9")
	r.expect("a release that is not there", out, code, 22, `404`)
	out, code = r.run(scripts["install"], "RELEASES="+releases)
	r.expect("install", out, code, 0, `tabtemplate_1\.2\.3_linux_amd64\.tar\.gz: OK`)
	r.env = append(r.env, "PATH="+strings.TrimSpace(r.read("paths"))+string(filepath.ListSeparator)+os.Getenv("PATH"))

	all := []string{"SITES=" + a.Inputs["sites"].Default, "FLAGS=" + a.Inputs["flags"].Default}
	out, code = r.run(scripts["run"], append(all, "VERB=plan")...)
	r.expect("plan", out, code, 0, `12 sites: 12 to create`)
	r.expect("the summary", r.read("summary"), code, 0, `^### tabtemplate plan\n~~~~~~~~\nSITE(.*\n)*~~~~~~~~\n$`)
	r.expect("the outputs", r.read("outputs"), code, 0, `^verb=plan\nexit-code=0\n$`)
	if page, err := os.ReadFile(filepath.Join(temp, "tabtemplate-report", "plan.html")); err != nil || !bytes.Contains(page, []byte("t11")) {
		t.Errorf("there is no page of the plan: %v", err)
	}
	out, code = r.run(scripts["run"], append(all, "VERB=publish")...)
	r.expect("publish", out, code, 0, `12 published on 12 of 12 sites`)
	r.keepJournals(".tabtemplate-ci")
	out, code = r.run(scripts["run"], append(all, "VERB=publish")...)
	r.expect("publish again", out, code, 0, `12 unchanged`)
	out, code = r.run(scripts["run"], "SITES=--site t1 --site t2", "FLAGS=--force --jobs 1", "VERB=publish")
	r.expect("some sites, with flags", out, code, 0, `2 overwritten`)
	out, code = r.run(scripts["run"], append(all, "VERB=publish", "TABLEAU_TOKEN_1=wrong", "SHARD=2")...)
	r.expect("sites that fail", out, code, exitSites, `12 failed`)
	r.expect("the outputs of those", r.read("outputs"), code, exitSites, `verb=publish\nexit-code=3\n$`)
	out, code = r.run(scripts["run"], append(all, "VERB=deploy")...)
	r.expect("another verb", out, code, exitUsage, `::error::verb: it is plan or publish, not deploy`)
}

type gitlabJob struct {
	Extends      string
	BeforeScript []string `yaml:"before_script"`
	AfterScript  []string `yaml:"after_script"`
	Script       []string
	Artifacts    struct{ Paths []string }
}

// The scripts of the GitLab template are run likewise.
func TestGitLabTemplate(t *testing.T) {
	t.Parallel()
	text := readRepository(t, "docs/gitlab/tabtemplate.gitlab-ci.yml")
	var pipeline struct {
		Variables map[string]string
		Base      gitlabJob `yaml:".tabtemplate"`
		Plan      gitlabJob `yaml:"tabtemplate:plan"`
		Publish   gitlabJob `yaml:"tabtemplate:publish"`
	}
	if err := yaml.Unmarshal([]byte(text), &pipeline); err != nil {
		t.Fatal(err)
	}
	releases := newReleases(t)
	r := newRunner(t)
	for name, value := range pipeline.Variables {
		r.env = append(r.env, name+"="+value)
	}
	_, key, _ := strings.Cut(exampleStateKey(), "=")
	r.env = append(r.env, "TABTEMPLATE_RELEASES="+releases, "TABTEMPLATE_STATE_KEY="+key)
	release := "TABTEMPLATE_RELEASE=" + releaseVersion
	script := func(job gitlabJob, env ...string) (string, int) {
		if job.Extends != ".tabtemplate" {
			t.Errorf("it extends %q", job.Extends)
		}
		out, code := r.run(strings.Join(append(slices.Clone(pipeline.Base.BeforeScript), job.Script...), "\n"), append(env, release)...)
		after, _ := r.run(strings.Join(pipeline.Base.AfterScript, "\n"))
		return out + after, code
	}
	out, code := script(pipeline.Plan)
	r.expect("plan", out, code, 0, `: OK\n(.*\n)*12 sites: 12 to create`)
	r.read(pipeline.Plan.Artifacts.Paths[0])
	out, code = script(pipeline.Publish)
	r.expect("publish", out, code, 0, `12 published on 12 of 12 sites`)
	r.keepJournals(".tabtemplate-ci")
	out, code = script(pipeline.Publish, "TABTEMPLATE_SITES=--site t1 --site t2")
	r.expect("publish again", out, code, 0, `2 unchanged`)
	out, code = script(pipeline.Publish, "TABTEMPLATE_RELEASES="+releases+"/tampered")
	r.expect("a tampered archive", out, code, 1, `FAILED`)
	release = ""
	out, code = script(pipeline.Publish)
	r.expect("no release", out, code, 2, `which release\?`)
}

// The workflows call what there is.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	for name, wanted := range map[string]string{"ci.yml": ".ci/run", "release.yml": "release --clean"} {
		text := readRepository(t, ".github/workflows/"+name)
		var workflow struct {
			Jobs map[string]struct {
				Steps []struct {
					Run, Uses string
					With      map[string]any
				}
			}
		}
		if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		found := false
		for _, job := range workflow.Jobs {
			for _, step := range job.Steps {
				found = found || step.Run == wanted || step.With["args"] == wanted
			}
		}
		if !found {
			t.Errorf("%s does not call %s", name, wanted)
		}
	}
}
