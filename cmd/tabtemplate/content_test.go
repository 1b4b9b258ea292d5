package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// contentServer is an emulator on a port, which middle stands before.
type contentServer struct {
	url, password string // the path of a file
	mu            sync.Mutex
	asked         []string
}

func newContentServer(t *testing.T, middle func(next http.Handler) http.Handler, options ...emulator.Option) *contentServer {
	t.Helper()
	e, err := emulator.New(append([]emulator.Option{emulator.WithDemo()}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	c := &contentServer{password: filepath.Join(t.TempDir(), "password")}
	handler := middle(e)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.asked = append(c.asked, r.Method+" "+r.URL.Path)
		c.mu.Unlock()
		handler.ServeHTTP(w, r)
	}))
	c.url = web.URL
	t.Cleanup(func() {
		web.Close()
		_ = e.Close()
	})
	if err := os.WriteFile(c.password, []byte("admin-password"), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

func plainly(next http.Handler) http.Handler { return next }

// run runs a verb signed in.
func (c *contentServer) run(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, told strings.Builder
	code = run(ctx, append(args, "--server", c.url, "--user", "admin", "--password-file", c.password), strings.NewReader(""), &out, &told)
	return code, out.String(), told.String()
}

// mustUpload publishes the demo's data source under a name, with an extract.
func (c *contentServer) mustUpload(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if code, _, stderr := c.run(t.Context(), "upload", extracted(t), "--project", "Finance", "--name", name); code != exitOK {
			t.Fatal(stderr)
		}
	}
}

// extracted is the path of a data source with an extract.
func extracted(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	hyper, manifest := filepath.Join(dir, "o.hyper"), filepath.Join(dir, "tabtemplate.yaml")
	demo, err := filepath.Abs("../../testdata/demo/orders.tds")
	if err != nil {
		t.Fatal(err)
	}
	text := "version: 1\nserver: {url: emulator}\nsites: {a: }\ntemplates:\n  orders:\n    file: '" + demo +
		"'\n    publish: {as: Orders}\n    edits: [{extract: attach, file: o.hyper}]\n"
	for path, text := range map[string]string{hyper: "Hyper", manifest: text} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(dir, "out")
	var stderr strings.Builder
	if code := run(t.Context(), []string{"render", "--all", "-f", manifest, "--out", out}, strings.NewReader(""), io.Discard, &stderr); code != exitOK {
		t.Fatal(stderr.String())
	}
	return filepath.Join(out, "a", "Orders.tdsx")
}

// What a job that fails has to say is in the error, and one of several does not stop the others.
func TestRefreshFails(t *testing.T) {
	t.Parallel()
	c := newContentServer(t, plainly, emulator.WithJobFault(emulator.JobFault{Type: "RefreshExtract", Nth: 1, Fails: "the database sleeps"}),
		emulator.WithJobFault(emulator.JobFault{Type: "RefreshExtract", Nth: 2, Fails: "the disk is full"}))
	c.mustUpload(t, "First", "Second")
	code, stdout, stderr := c.run(t.Context(), "refresh", "First", "--wait")
	if code != exitFailed || stdout != "" || !strings.Contains(stderr, `error: refreshing data source "Finance/First": `) || !strings.Contains(stderr, "the database sleeps") {
		t.Errorf("exit code %d, %s%s", code, stdout, stderr)
	}
	code, stdout, stderr = c.run(t.Context(), "refresh", "First", "Second", "--wait", "--json")
	if code != exitSites || strings.Count(stdout, `"action": "failed"`) != 1 || strings.Count(stdout, `"action": "refreshed"`) != 1 ||
		!strings.Contains(stdout, `the disk is full`) || !strings.Contains(stderr, "the disk is full") {
		t.Errorf("exit code %d, %s%s", code, stdout, stderr)
	}
}

// A download that is interrupted, or cut short, leaves nothing behind and what was there as it was.
func TestDownloadLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code   int
		stderr string
	}{
		"interrupted": {exitFailed, "interrupted\n"},
		"cut short":   {exitFailed, "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun := make(chan struct{}, 1)
			c := newContentServer(t, func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if !strings.HasSuffix(r.URL.Path, "/content") {
						next.ServeHTTP(w, r)
						return
					}
					w.Header().Set("Content-Disposition", `name="tableau_datasource"; filename="First.tdsx"`)
					w.Header().Set("Content-Length", "1000")
					_, _ = io.WriteString(w, "PK begins")
					_ = http.NewResponseController(w).Flush()
					if name == "interrupted" {
						begun <- struct{}{}
						<-r.Context().Done()
					}
					panic(http.ErrAbortHandler)
				})
			})
			c.mustUpload(t, "First")
			dir := t.TempDir()
			there := filepath.Join(dir, "there.tdsx")
			if err := os.WriteFile(there, []byte("as it was"), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{
				{"download", "First", "-o", filepath.Join(dir, "new") + "/"},
				{"download", "First", "-o", dir},
				{"download", "First", "-o", there, "--overwrite"},
			} {
				ctx, interrupt := context.WithCancel(t.Context())
				go func() {
					select {
					case <-begun:
						interrupt()
					case <-ctx.Done():
					}
				}()
				code, stdout, stderr := c.run(ctx, args...)
				interrupt()
				if code != test.code || stdout != "" || !strings.Contains(stderr, test.stderr) {
					t.Errorf("%v: exit code %d, %s%s", args, code, stdout, stderr)
				}
			}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(entries) != 1 {
				t.Errorf("there is %v", entries)
			}
			if text, _ := os.ReadFile(there); string(text) != "as it was" {
				t.Errorf("the file has become %q", text)
			}
		})
	}
}

// A name is found with few requests, however much there is on the site.
func TestFinderAsksLittle(t *testing.T) {
	t.Parallel()
	c := newContentServer(t, plainly)
	c.mustUpload(t, "First")
	c.asked = nil
	if code, _, stderr := c.run(t.Context(), "download", "Finance/First", "--datasource", "-o", "-"); code != exitOK {
		t.Fatal(stderr)
	}
	var asked []string
	for _, request := range c.asked {
		parts := strings.Split(request, "/")
		asked = append(asked, parts[len(parts)-1])
	}
	// The paths of projects are read once for messages and once by the client, which knows of no other way to follow a path.
	want := []string{"serverinfo", "signin", "projects", "datasources", "datasources", "projects", "LUID", "content", "signout"}
	for i, part := range asked {
		if luidForm.MatchString(part) {
			asked[i] = "LUID"
		}
	}
	if !slices.Equal(asked, want) {
		t.Errorf("it asked for %v, want %v", asked, want)
	}
}

// Texts that people copy from a browser's address line lead to views.
func TestFromBrowser(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Sales/Overview": "Sales/Overview",
		"https://tableau.example.com/#/views/Sales/Overview?:iid=1":                    "Sales/Overview",
		"https://tableau.example.com/#/site/acme/views/Sales/Overview":                 "Sales/Overview",
		"https://tableau.example.com/t/acme/views/Sales/Overview?:embed=y&Region=EMEA": "Sales/Overview",
		"https://tableau.example.com/#/views/Sales/Overview/0000-custom/Mine":          "Sales/Overview",
		"https://tableau.example.com/#/site/acme/workbooks/12/views":                   "https://tableau.example.com/#/site/acme/workbooks/12/views",
		"views/Sales": "views/Sales",
	} {
		if got := fromBrowser(text); got != want {
			t.Errorf("%s leads to %s, want %s", text, got, want)
		}
	}
}
