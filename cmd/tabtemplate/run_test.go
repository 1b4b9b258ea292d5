package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
)

// The manifest that --help shows is one.
func TestExampleManifest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "tabtemplate.yaml")
	for name, text := range map[string]string{path: exampleManifest, filepath.Join(dir, "sales.twbx"): ""} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, err := templates.Load(path, templates.WithEnv(os.LookupEnv))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Warnings()) > 0 || len(m.Sites()) != 2 {
		t.Errorf("%d sites, warnings: %v", len(m.Sites()), m.Warnings())
	}
}

var demo = filepath.Join("..", "..", "testdata", "demo", "tabtemplate.yaml")

// `url: emulator` stands for the address under which the emulator is reached.
func TestEmulatorURL(t *testing.T) {
	t.Parallel()
	m, err := templates.Load(demo)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range m.Sites() {
		if !s.Server.Emulator || s.Server.URL != emulator.URL {
			t.Errorf("%s: %+v, want %s", s.Key, s.Server, emulator.URL)
		}
	}
}

// took is how long a run took and what it sent.
var took = regexp.MustCompile(` in [\d.]+m?s(, [\d.]+ KiB sent)?\n`)

// hook is a writer that runs a function before it writes.
type hook struct {
	strings.Builder
	before func()
}

func (h *hook) Write(p []byte) (int, error) {
	h.before()
	return h.Builder.Write(p)
}

// An interrupted run finishes the sites that were begun, and says how far it came.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args           []string
		atOnce         bool   // else after the first output
		stdout, stderr string // how they end
	}{
		"render":        {[]string{"render"}, true, "", "interrupted: 0 rendered, 3 sites not reached\n"},
		"render --json": {[]string{"render", "--json"}, true, "[]\n", "interrupted: 0 rendered, 3 sites not reached\n"},
		"plan":          {[]string{"plan"}, true, "\n\n3 sites: 3 sites not reached\n", "interrupted: 0 planned, 3 sites not reached\n"},
		"plan --json":   {[]string{"plan", "--json"}, true, "[]\n", "interrupted: 0 planned, 3 sites not reached\n"},
		"publish":       {[]string{"publish"}, true, "\n\n0 published on 0 of 3 sites\n  nothing done\n", "interrupted: 0 published, 3 sites not reached\n"},
		"publish in between": {
			[]string{"publish", "--jobs", "1"},
			false, "\n\n2 published on 1 of 3 sites\n  2 created\n",
			"acme orders: created\nacme sales: created\ninterrupted: 2 published, 2 sites not reached\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			stop := func() { cancel(errors.New("somebody pressed a key")) }
			out := filepath.Join(t.TempDir(), "out")
			args := append(test.args, "--all", "-f", demo)
			if args[0] == "render" {
				args = append(args, "--out", out)
			}
			if test.atOnce {
				stop()
			}
			stdout, stderr := &hook{before: stop}, &hook{before: stop}
			code := run(ctx, args, strings.NewReader(""), stdout, stderr)
			const finishing = "interrupted: finishing the sites that were begun; once more to stop at once\n"
			told := strings.Replace(stderr.String(), finishing, "", 1) // which comes at any time
			if code != exitFailed || !strings.HasSuffix(took.ReplaceAllString(stdout.String(), "\n"), test.stdout) || told != test.stderr {
				t.Errorf("exit code %d\n%s%s", code, stdout.String(), stderr.String())
			}
			if _, err := os.Stat(out); test.atOnce && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("there is something in %s: %v", out, err)
			}
		})
	}
}

// full is a disk that is.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// A result that nobody can read is a failure, and said once.
func TestOutputFails(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"inspect", filepath.Join(filepath.Dir(demo), "sales.twbx")},
		{"inspect", "--json", filepath.Join(filepath.Dir(demo), "sales.twbx")},
		{"render", "--all", "--dry-run", "-f", demo},
		{"render", "--all", "--dry-run", "--json", "-f", demo},
		{"plan", "--all", "-q", "-f", demo},
		{"plan", "--all", "-q", "--json", "-f", demo},
		{"publish", "--all", "-q", "-f", demo},
		{"publish", "--all", "-q", "--json", "-f", demo},
		{"version"},
		{"version", "--json"},
		{"publish", "--help"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			var stderr strings.Builder
			code := run(t.Context(), args, strings.NewReader(""), full{}, &stderr)
			if code != exitFailed || stderr.String() != "error: writing the output: no space left on device\n" {
				t.Errorf("%q: exit code %d\n%s", args, code, stderr.String())
			}
		})
	}
}

// A server that takes a request and never answers is given up.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := directTransport()
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			go func() { _, _ = io.Copy(io.Discard, far) }()
			return near, nil
		}
		start := time.Now()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://tableau.example.com", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := transport.RoundTrip(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		if err == nil || time.Since(start) != answerTime {
			t.Errorf("%v after %v, want an error after %v", err, time.Since(start), answerTime)
		}
	})
}

// Who stops reading, as head does, ends a command without a word; its exit code is that of other programs.
func TestPipeIsLeft(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"--help", "schema", "inspect " + filepath.Join(filepath.Dir(demo), "sales.twbx"), "plan --all --json -q -f " + demo} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Args = append([]string{"tabtemplate"}, strings.Fields(args)...)
		cmd.Stdout = w
		var stderr strings.Builder
		cmd.Stderr = &stderr
		err = cmd.Run()
		if cmd.ProcessState.ExitCode() != exitPipe || stderr.Len() > 0 {
			t.Errorf("%s: %v\n%s", args, err, stderr.String())
		}
		_ = w.Close()
	}
}

// What fails for another reason says so, also when nobody reads the results.
func TestPipeIsLeftByFailure(t *testing.T) {
	t.Parallel()
	var stderr strings.Builder
	code := run(t.Context(), []string{"inspect", filepath.Join(filepath.Dir(demo), "sales.twbx"), "no.twb"}, strings.NewReader(""), leftPipe{}, &stderr)
	if code != exitFailed || !strings.HasPrefix(stderr.String(), "error: ") || strings.Contains(stderr.String(), "pipe") {
		t.Errorf("exit code %d\n%s", code, stderr.String())
	}
}

type leftPipe struct{}

func (leftPipe) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// A verb that is interrupted says so in a line, and not as an error of whatever it was at.
func TestInterruptedSession(t *testing.T) {
	t.Parallel()
	server, err := emulator.New(emulator.WithDemo())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/sites") {
			cancel() // while it waits for the answer
			<-r.Context().Done()
			return
		}
		server.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		listener.Close()
		_ = server.Close()
	})
	var stdout, stderr strings.Builder
	args := []string{"sites", "--server", listener.URL, "--user", "admin", "--password-file", "-"}
	code := run(ctx, args, strings.NewReader("admin-password\n"), &stdout, &stderr)
	if code != exitFailed || stdout.Len() > 0 || stderr.String() != "interrupted\n" {
		t.Errorf("exit code %d\n%s%s", code, stdout.String(), stderr.String())
	}
}

// A server that is gone in the middle of the work is one error, and not another one of signing out.
func TestServerIsGone(t *testing.T) {
	t.Parallel()
	server, err := emulator.New(emulator.WithDemo())
	if err != nil {
		t.Fatal(err)
	}
	signedIn := false
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if signedIn {
			http.Error(w, "no more", http.StatusForbidden)
			return
		}
		signedIn = strings.HasSuffix(r.URL.Path, "/signin")
		server.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		listener.Close()
		_ = server.Close()
	})
	var stdout, stderr strings.Builder
	args := []string{"sites", "--server", listener.URL, "--user", "admin", "--password-file", "-"}
	code := run(t.Context(), args, strings.NewReader("admin-password\n"), &stdout, &stderr)
	if code != exitFailed || strings.Contains(stderr.String(), "signing out") || !strings.HasPrefix(stderr.String(), "error: ") {
		t.Errorf("exit code %d\n%s%s", code, stdout.String(), stderr.String())
	}
}
