package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest"
)

// process is a tabtemplate serve in a process of its own.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	url string
}

// startProcess runs serve until it answers.
func startProcess(t *testing.T, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Args = append([]string{"tabtemplate", "serve", "--addr", "127.0.0.1:0"}, args...) // TestMain goes by the name
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "serving on ")
	if !ok {
		t.Fatalf("serve says %q: %v", line, err)
	}
	return &process{t, cmd, url}
}

// kill ends the process as a crash does.
func (p *process) kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// session signs in. Files of more than 8 kB are sent in blocks of 4 kB, so that there are uploads to be interrupted.
func (p *process) session() *rest.Session {
	p.t.Helper()
	client, err := rest.NewClient(p.url, rest.WithSingleRequestLimit(8<<10), rest.WithBlockSize(4<<10),
		rest.WithHTTPClient(&http.Client{Transport: &http.Transport{}}))
	if err != nil {
		p.t.Fatal(err)
	}
	session, err := client.SignIn(p.t.Context(), rest.UserPassword{Name: "ana", Password: "secret"}, "")
	if err != nil {
		p.t.Fatal(err)
	}
	return session
}

// workbookOf makes a workbook that is like no other, of a size between 1 and 30 kB.
func workbookOf(name string) string {
	noise := make([]byte, 500+rand.IntN(14_000))
	for i := range noise {
		noise[i] = 'a' + byte(rand.IntN(26))
	}
	return fmt.Sprintf(`<?xml version='1.0' encoding='utf-8' ?>
<workbook version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <worksheets><worksheet name='%s'><table /></worksheet></worksheets>
  <windows><window class='worksheet' name='%s' /></windows>
  <!-- %s -->
</workbook>
`, name, name, noise)
}

// publisher publishes, overwrites and deletes workbooks of its own, and knows what it was told is done.
type publisher struct {
	session *rest.Session
	project string
	id      string
	acked   map[string]string // contents by name
	luids   map[string]string // by name
	trying  string            // the name of what is under way
	with    string            // the contents it is to have; "" for none
}

// step does one thing. An error is that the server is gone.
func (p *publisher) step(ctx context.Context, number int) error {
	name, mode := fmt.Sprintf("Book %s %d", p.id, number), rest.CreateNew
	if known := slices.Sorted(maps.Keys(p.acked)); len(known) > 0 && number%3 > 0 {
		name, mode = known[rand.IntN(len(known))], rest.Overwrite
	}
	p.trying, p.with = name, ""
	if number%7 == 6 && mode == rest.Overwrite {
		if err := p.session.Workbooks.Delete(ctx, p.luids[name]); err != nil {
			return err
		}
		delete(p.acked, name)
		p.trying = ""
		return nil
	}
	p.with = workbookOf(name)
	made, err := p.session.Workbooks.Publish(ctx, rest.WorkbookPublish{
		Name: name, ProjectLUID: p.project, Source: strings.NewReader(p.with), Mode: mode,
	})
	if err != nil {
		return err
	}
	p.acked[name], p.luids[name] = p.with, made.LUID
	p.trying = ""
	return nil
}

// check compares what the server has with what the publisher knows. What was under way is there whole, or not at all.
func (p *publisher) check(t *testing.T, there map[string]string) {
	t.Helper()
	for name, want := range p.acked {
		got, known := there[name]
		switch {
		case name == p.trying && (got == p.with && known == (p.with != "")):
		case !known:
			t.Errorf("%s is not there", name)
		case got != want:
			t.Errorf("%s has %d bytes, %.60q…, want %d", name, len(got), got, len(want))
		}
	}
	for name, got := range there {
		_, known := p.acked[name]
		if strings.HasPrefix(name, "Book "+p.id+" ") && !known && (name != p.trying || got != p.with) {
			t.Errorf("%s is there", name)
		}
	}
	if p.trying == "" {
		return
	}
	if got, known := there[p.trying]; known {
		p.acked[p.trying] = got
	} else {
		delete(p.acked, p.trying)
	}
	p.trying = ""
}

// contents downloads everything that is on the site.
func contents(t *testing.T, s *rest.Session) (texts, luids map[string]string) {
	t.Helper()
	texts, luids = make(map[string]string), make(map[string]string)
	for w, err := range s.Workbooks.All(t.Context(), rest.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := s.Workbooks.Download(t.Context(), w.LUID, &b, rest.DownloadOptions{}); err != nil {
			t.Fatalf("downloading %s: %v", w.Name, err)
		}
		whole, err := s.Workbooks.ByLUID(t.Context(), w.LUID)
		if err != nil || len(whole.Views) != 1 || len(texts) > 0 && texts[w.Name] != "" {
			t.Errorf("%s has views %v, or is there twice: %v", w.Name, whole.Views, err)
		}
		texts[w.Name], luids[w.Name] = b.String(), w.LUID
	}
	return texts, luids
}

// A process that is killed at any moment of publishing has everything that it said is done, and nothing half done, when it
// is started again.
func TestKilled(t *testing.T) {
	t.Parallel()
	rounds := 8
	if testing.Short() {
		rounds = 3
	}
	dir := filepath.Join(t.TempDir(), "state")
	publishers := make([]*publisher, 4)
	for i := range publishers {
		publishers[i] = &publisher{id: fmt.Sprint(i), acked: make(map[string]string)}
	}
	done := 0
	for round := range rounds {
		server := startProcess(t, "--state", dir, "--user", "ana", "--password", "secret")
		session := server.session()
		project, err := session.Projects.ByPath(t.Context(), "Default")
		if err != nil {
			t.Fatal(err)
		}
		texts, luids := contents(t, session)
		ctx, cancel := context.WithCancel(t.Context())
		var steps atomic.Int64
		last := int64(1 + rand.IntN(40)) // after which it is killed, in the middle of what the others do
		var running sync.WaitGroup
		for _, p := range publishers {
			p.check(t, texts)
			p.session, p.project, p.luids = session, project.LUID, maps.Clone(luids)
			running.Go(func() {
				for number := round * 1000; p.step(ctx, number) == nil; number++ {
					if steps.Add(1) == last {
						server.kill()
						cancel()
					}
				}
			})
		}
		running.Wait()
		cancel()
		done += int(steps.Load())
		if steps.Load() < last {
			t.Fatalf("round %d ended after %d of %d steps", round, steps.Load(), last)
		}
	}
	server := startProcess(t, "--state", dir)
	texts, _ := contents(t, server.session())
	known := 0
	for _, p := range publishers {
		p.check(t, texts)
		known += len(p.acked)
	}
	if known != len(texts) {
		t.Errorf("%d workbooks, want %d", len(texts), known)
	}
	t.Logf("%d steps, %d workbooks", done, known)
}

// A process that is told to stop lets a request be answered that it has begun with.
func TestTerminated(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such signal")
	}
	server := startProcess(t, "--open")
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const body = `<tsRequest><credentials name="ana" password="x"><site contentUrl=""/></credentials></tsRequest>`
	fmt.Fprintf(conn, "POST /api/3.29/auth/signin HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(body))
	answers := bufio.NewReader(conn)
	if resp, err := http.ReadResponse(answers, nil); err != nil || resp.StatusCode != http.StatusContinue {
		t.Fatalf("it does not read the body: %v, %v", resp, err)
	}
	if err := server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for { // until nobody is let in any more
		other, err := net.Dial("tcp", conn.RemoteAddr().String())
		if err != nil {
			break
		}
		other.Close()
	}
	io.WriteString(conn, body)
	if resp, err := http.ReadResponse(answers, nil); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("answer %v, %v", resp, err)
	}
	if err := server.cmd.Wait(); err != nil {
		t.Errorf("the process ended with %v", err)
	}
}
