package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// An exampleStory is what an example in docs/examples has machines do.
type exampleStory struct {
	file   string
	shared bool // the shards have one folder for their state
	// shards are the scripts that run at the same time, each with its environment, and report is the one after them.
	shards []exampleScript
	report exampleScript
}

type exampleScript struct {
	script string
	env    []string
}

const (
	exampleShards = 4
	exampleSites  = 12
)

var exampleKey = strings.Repeat("k", 32)

// The examples of many machines are run as they stand, on one emulator on which a token has one session: each site is published
// once, the reports merge, and the next run finds what the first one has kept.
func TestExamplesOfShards(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	for _, read := range []func(*testing.T) exampleStory{readKubernetes, readGitHub, readGitLab} {
		story := read(t)
		t.Run(story.file, func(t *testing.T) {
			t.Parallel()
			runExample(t, story)
		})
	}
}

func runExample(t *testing.T, story exampleStory) {
	if len(story.shards) != exampleShards {
		t.Fatalf("%d shards", len(story.shards))
	}
	server := newExampleServer(t)
	machines := story.machines(t, server.url)
	for range 2 {
		var shards sync.WaitGroup
		for i, shard := range story.shards {
			shards.Go(func() { shard.run(t, machines[i]) })
		}
		shards.Wait()
		said := story.report.run(t, story.collected(t, machines))
		for i := range exampleShards {
			if !strings.Contains(said, fmt.Sprintf("\n%d/%d ", i+1, exampleShards)) {
				t.Errorf("shard %d is not in the report:\n%s", i+1, said)
			}
		}
	}
	published := server.publishes()
	if len(published) != exampleSites {
		t.Errorf("published on %d sites", len(published))
	}
	for site, n := range published {
		if n != 1 {
			t.Errorf("%s: %d times", site, n)
		}
	}
}

// machines are the folders that the shards work in: one of them all where they share a volume, else one of each.
func (story exampleStory) machines(t *testing.T, serverURL string) []string {
	t.Helper()
	dirs := make([]string, len(story.shards))
	for i := range dirs {
		if i > 0 && story.shared {
			dirs[i] = dirs[0]
			continue
		}
		dirs[i] = exampleFolder(t, story, serverURL)
	}
	return dirs
}

// collected is the folder that the report is made in. What is cached and what is an artifact are the journals; anything else of
// the state is gone from a machine of its own before the next run.
func (story exampleStory) collected(t *testing.T, machines []string) string {
	t.Helper()
	if story.shared {
		return machines[0]
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, machine := range machines {
		files, err := filepath.Glob(filepath.Join(machine, "state", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if isJournal, _ := filepath.Match("journal-*.jsonl", filepath.Base(file)); !isJournal {
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
				continue
			}
			journal, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "state", filepath.Base(file)), journal, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// run runs a script as a step of a job does: what fails ends it.
func (s exampleScript) run(t *testing.T, dir string) string {
	t.Helper()
	// Paths of the machine are folders of the test.
	script := strings.NewReplacer(" /state", " state", "/run/secrets/", "").Replace(s.script)
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), s.env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// exampleFolder is where the machines work: the manifest, with the sign_in that the example gives, and the mounted secrets.
func exampleFolder(t *testing.T, story exampleStory, serverURL string) string {
	t.Helper()
	dir := t.TempDir()
	manifest := "version: 1\nserver:\n  url: " + serverURL + "\n" + story.signIn(t) + "sites:\n"
	for i := range exampleSites {
		manifest += fmt.Sprintf("  t%d:\n", i)
	}
	manifest += "templates:\n  orders: {file: orders.tds, publish: {as: Orders}}\n"
	template, err := os.ReadFile(filepath.Join("..", "..", "testdata", "demo", "orders.tds"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"tabtemplate.yaml": manifest, "orders.tds": string(template)}
	for i := range exampleShards {
		files[fmt.Sprintf("tabtemplate/token-%d", i+1)] = fmt.Sprintf("secret-%d\n", i+1)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var exampleSignIn = regexp.MustCompile(`(?m)^#   sign_in:\n#     (token: .+)$`)

// signIn is what the comment of the example says of the manifest.
func (story exampleStory) signIn(t *testing.T) string {
	t.Helper()
	found := exampleSignIn.FindStringSubmatch(readExample(t, story.file))
	if found == nil {
		t.Fatal("the example has no sign_in")
	}
	return "  sign_in:\n    " + found[1] + "\n"
}

// An exampleServer has a site for each tenant, and a token for each shard.
type exampleServer struct {
	*emulator.Server
	url string
}

func newExampleServer(t *testing.T) *exampleServer {
	t.Helper()
	options := []emulator.Option{emulator.WithStrict(), emulator.WithRequestLog(10000)}
	for i := range exampleSites {
		options = append(options, emulator.WithSite(fmt.Sprintf("t%d", i), ""))
	}
	options = append(options, emulator.WithUser("ci", "unused", "SiteAdministratorCreator"))
	for i := range exampleShards {
		options = append(options, emulator.WithToken(fmt.Sprintf("ci-%d", i+1), fmt.Sprintf("secret-%d", i+1), "ci"))
	}
	server, err := emulator.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(server)
	t.Cleanup(func() {
		listener.Close()
		_ = server.Close()
	})
	return &exampleServer{server, listener.URL}
}

// publishes counts those that arrived, by the paths of the sites.
func (s *exampleServer) publishes() map[string]int {
	counts := map[string]int{}
	for _, r := range s.Requests() {
		if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/datasources") && r.Status == http.StatusCreated {
			counts[r.Path]++
		}
	}
	return counts
}

func readExample(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "examples", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func decodeExample(t *testing.T, text string, to any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), to); err != nil {
		t.Fatal(err)
	}
}

func readKubernetes(t *testing.T) exampleStory {
	const file = "kubernetes-indexed-job.yaml"
	type job struct {
		Kind     string
		Metadata struct{ Name string }
		Spec     struct {
			CompletionMode string `yaml:"completionMode"`
			Completions    int
			Parallelism    int
			Suspend        bool
			Template       struct {
				Spec struct {
					RestartPolicy string `yaml:"restartPolicy"`
					Containers    []struct {
						Command, Args []string
					}
				}
			}
		}
	}
	var jobs []job
	for _, part := range strings.Split(readExample(t, file), "\n---\n") {
		var j job
		decodeExample(t, part, &j)
		if j.Kind == "Job" {
			jobs = append(jobs, j)
		}
	}
	if len(jobs) != 2 || jobs[0].Spec.CompletionMode != "Indexed" || jobs[0].Spec.Parallelism != jobs[0].Spec.Completions || !jobs[1].Spec.Suspend {
		t.Fatalf("%+v", jobs)
	}
	publish, report := jobs[0].Spec.Template.Spec.Containers[0], jobs[1].Spec.Template.Spec.Containers[0]
	if strings.Join(publish.Command, " ") != "sh -c" || len(publish.Args) != 1 {
		t.Fatalf("%q", publish)
	}
	story := exampleStory{file: file, shared: true, report: exampleScript{script: strings.Join(report.Command, " ")}}
	for i := range jobs[0].Spec.Completions {
		env := []string{fmt.Sprintf("JOB_COMPLETION_INDEX=%d", i)}
		story.shards = append(story.shards, exampleScript{publish.Args[0], env})
	}
	return story
}

func readGitHub(t *testing.T) exampleStory {
	const file = "github-actions.yaml"
	type job struct {
		Strategy struct {
			Matrix struct{ Shard []int }
		}
		Env   map[string]string
		Steps []struct {
			Name, Run string
			Env       map[string]string
		}
	}
	var workflow struct{ Jobs map[string]job }
	decodeExample(t, readExample(t, file), &workflow)
	scripts := func(j job) string {
		var runs []string
		for _, step := range j.Steps {
			if step.Name != "" { // the others make a machine ready
				runs = append(runs, step.Run)
			}
		}
		return strings.Join(runs, "\n")
	}
	publish := workflow.Jobs["publish"]
	if publish.Env["SHARD"] != "${{ matrix.shard }}" || publish.Env["TABLEAU_TOKEN"] != "${{ secrets[format('TABLEAU_TOKEN_{0}', matrix.shard)] }}" {
		t.Errorf("%q", publish.Env)
	}
	story := exampleStory{file: file, report: exampleScript{script: scripts(workflow.Jobs["report"])}}
	for _, shard := range publish.Strategy.Matrix.Shard {
		story.shards = append(story.shards, exampleScript{scripts(publish), []string{
			fmt.Sprintf("SHARD=%d", shard), fmt.Sprintf("TABLEAU_TOKEN=secret-%d", shard), exampleStateKey(),
		}})
	}
	return story
}

func readGitLab(t *testing.T) exampleStory {
	const file = "gitlab-ci.yaml"
	type job struct {
		Parallel struct {
			Matrix []map[string][]string
		}
		Script []string
	}
	var pipeline struct{ Publish, Report job }
	decodeExample(t, readExample(t, file), &pipeline)
	story := exampleStory{file: file, report: exampleScript{script: strings.Join(pipeline.Report.Script, "\n")}}
	env := []string{exampleStateKey()}
	for i := range exampleShards {
		env = append(env, fmt.Sprintf("TABLEAU_TOKEN_%d=secret-%d", i+1, i+1))
	}
	for _, variables := range pipeline.Publish.Parallel.Matrix {
		for _, shard := range variables["SHARD"] {
			story.shards = append(story.shards, exampleScript{strings.Join(pipeline.Publish.Script, "\n"), append([]string{"SHARD=" + shard}, env...)})
		}
	}
	return story
}

func exampleStateKey() string {
	return "STATE_KEY=" + base64.StdEncoding.EncodeToString([]byte(exampleKey))
}
