package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// manyCalls makes fifty calls of all kinds at the same time: reads, publishes in each way, changes. It returns the names
// of what is published.
func (w *faultyWorld) manyCalls(published *rest.Workbook) map[string]publishedKind {
	w.t.Helper()
	var group sync.WaitGroup
	made := map[string]publishedKind{}
	call := func(what string, f func() error) {
		group.Go(func() {
			if err := f(); err != nil {
				w.t.Errorf("%s: %v", what, err)
			}
		})
	}
	ctx := w.t.Context()
	for i := range 10 {
		kind, how := publishedKinds[i%2], ways[[]int{0, 3}[i%2]]
		name := fmt.Sprintf("New %d", i)
		made[name] = kind
		call("publishing", func() error { return w.publish(kind, how, name, rest.CreateNew, i) })
		call("reading", func() error { _, err := w.session.Workbooks.ByLUID(ctx, published.LUID); return err })
		call("listing", func() error {
			for _, err := range w.session.Workbooks.All(ctx, rest.Query{}) {
				if err != nil {
					return err
				}
			}
			return nil
		})
		call("creating", func() error {
			_, err := w.session.Projects.EnsurePath(ctx, fmt.Sprintf("Dashboards/%d", i))
			return err
		})
		call("downloading", func() error {
			_, err := w.session.Workbooks.Download(ctx, published.LUID, io.Discard, rest.DownloadOptions{})
			return err
		})
	}
	group.Wait()
	return made
}

// published publishes the workbook that many calls are about.
func (w *faultyWorld) published() *rest.Workbook {
	w.t.Helper()
	got, err := w.session.Workbooks.Publish(w.t.Context(), rest.WorkbookPublish{
		Name: "Sales", ProjectLUID: w.project, Source: strings.NewReader(template),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return &got
}

// wantEach fails unless each of what was made is there exactly once, in one revision.
func (w *faultyWorld) wantEach(made map[string]publishedKind) {
	w.t.Helper()
	for name, kind := range made {
		version := 0
		if _, err := fmt.Sscanf(name, "New %d", &version); err != nil {
			w.t.Fatal(err)
		}
		if got, want := w.stored(kind.plural, name), (stored{1, kind.content(version)}); got != want {
			w.t.Errorf("%s %q: %+v, want %+v", kind.plural, name, got, want)
		}
	}
}

// The token has expired when fifty calls begin: one signs in again, and all of them are carried out, once each.
func TestTokenExpiresUnderManyCalls(t *testing.T) {
	t.Parallel()
	inFaultyWorld(t, []emulator.Option{emulator.WithIdleLimit(time.Hour)}, nil, func(t *testing.T, w *faultyWorld) {
		sales := w.published()
		time.Sleep(2 * time.Hour)
		made := w.manyCalls(sales)
		if n := w.requests("POST", "signin"); n != 2 {
			t.Errorf("%d sign-ins, want one more than the first", n)
		}
		w.wantEach(made)
	})
}

// thief signs in with the session's personal access token, which ends the session.
func (w *faultyWorld) thief() {
	w.t.Helper()
	w.signIn(w.server.Transport())
}

// Somebody else signs in with the same personal access token: the calls under way go on with a new session. When it happens
// again and again, the client says what is going on instead of ending the other's sessions for ever.
func TestTokenIsUsedElsewhere(t *testing.T) {
	t.Parallel()
	inFaultyWorld(t, nil, nil, func(t *testing.T, w *faultyWorld) {
		sales := w.published()
		w.thief()
		w.wantEach(w.manyCalls(sales))
	})
	inFaultyWorld(t, nil, nil, func(t *testing.T, w *faultyWorld) {
		var err error
		for range 3 {
			if err != nil {
				t.Errorf("too early: %v", err)
			}
			w.thief()
			err = w.publish(publishedKinds[0], ways[0], "Sales", rest.Overwrite, 1)
		}
		if !errors.Is(err, rest.ErrAuthentication) || errors.Is(err, rest.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "same personal access token") {
			t.Errorf("the third time in a minute: %v", err)
		}
		if got := w.stored("workbooks", "Sales"); got.Revisions != 2 {
			t.Errorf("%d revisions, want 2", got.Revisions)
		}
	})
}

// A DELETE that was carried out, whose repetition needs a new session and then finds nothing, has gone well.
func TestDeleteOverANewSession(t *testing.T) {
	t.Parallel()
	inFaultyWorld(t, nil, nil, func(t *testing.T, w *faultyWorld) {
		sales := w.published()
		const path = "/sites/*/workbooks/*"
		w.fail(emulator.Fault{Method: "DELETE", Path: path, Call: 1, Stage: emulator.AfterCommit, Answer: &emulator.Answer{Status: 504}},
			emulator.Fault{Method: "DELETE", Path: path, Call: 2, EndSession: true})
		if err := w.session.Workbooks.Delete(t.Context(), sales.LUID); err != nil {
			t.Error(err)
		}
		if n := w.requests("DELETE", "workbooks"); n != 3 {
			t.Errorf("%d requests, want 3", n)
		}
	})
}

// hosts notes what is sent to which host, and lets only the emulator's answer.
type hosts struct {
	next http.RoundTripper

	mu    sync.Mutex
	other []string // requests to other hosts, with the token and the body
}

func (h *hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	if "http://"+r.URL.Host == emulator.URL {
		return h.next.RoundTrip(r)
	}
	text := ""
	if r.Body != nil {
		body, _ := io.ReadAll(r.Body)
		text = string(body)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.other = append(h.other, fmt.Sprintf("%s %s token %q, body %q", r.Method, r.URL.Host, r.Header.Get("X-Tableau-Auth"), text))
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("stolen")), Header: http.Header{}, Request: r}, nil
}

// Neither token nor body gets to another host.
func TestRedirectToAnotherHost(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		synctest.Test(t, func(t *testing.T) {
			e, err := emulator.New(emulator.WithOpen(), emulator.WithFault(emulator.Fault{
				Path: "/sites/*/workbooks*", Answer: &emulator.Answer{Status: status, Header: map[string]string{"Location": "http://evil.example.com/here"}},
			}))
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			seen := &hosts{next: e.Transport()}
			c, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: seen}))
			if err != nil {
				t.Fatal(err)
			}
			s, err := c.SignIn(t.Context(), rest.UserPassword{Name: "ana", Password: "secret"}, "")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Workbooks.ByName(t.Context(), "Sales", ""); !errors.Is(err, rest.ErrNotTableauServer) {
				t.Errorf("%d: a page of another host is taken for the server's: %v", status, err)
			}
			if want := `GET evil.example.com token "", body ""`; len(seen.other) != 1 || seen.other[0] != want {
				t.Errorf("%d: %v, want %s", status, seen.other, want)
			}
			e.ClearFaults()
			if err := e.AddFault(emulator.Fault{
				Method: "POST", Path: "/sites/*/*",
				Answer: &emulator.Answer{Status: status, Header: map[string]string{"Location": "http://evil.example.com/here"}},
			}); err != nil {
				t.Fatal(err)
			}
			publish := rest.WorkbookPublish{Name: "Sales", ProjectLUID: "p", Source: strings.NewReader(template)}
			_, err = s.Workbooks.Publish(t.Context(), publish)
			if failure, ok := errors.AsType[*rest.Error](err); !ok || failure.Status != status || failure.Outcome() != rest.NotDone || errors.Is(err, rest.ErrOutcomeUnknown) {
				t.Errorf("%d: %v", status, err)
			}
			if len(seen.other) != 1 {
				t.Errorf("%d: the publish got to %v", status, seen.other[1:])
			}
		})
	}
}

// large is a workbook that no buffer on the way holds.
func large() string { return template + "<!--" + strings.Repeat("x", 1<<20) + "-->\n" }

// What was cut in the middle of its body cannot have been carried out: it is sent again without looking. Only of a block that
// is appended as it arrives a part may have an effect, so that there is another upload.
func TestCutInTheMiddleIsSentAgain(t *testing.T) {
	t.Parallel()
	inOrder := []rest.Option{rest.WithVersion("3.26"), rest.WithSingleRequestLimit(100), rest.WithBlockSize(600_000)}
	for _, test := range []struct {
		client         []rest.Option
		method, path   string
		posts, uploads int
	}{
		{nil, "POST", "/sites/*/workbooks", 2, 0},
		{inOrder, "PUT", "/sites/*/fileuploads/*", 1, 2},
		{inOrder[1:], "PUT", "/sites/*/fileuploads/*", 1, 1},
	} {
		inFaultyWorld(t, nil, test.client, func(t *testing.T, w *faultyWorld) {
			w.fail(emulator.Fault{Method: test.method, Path: test.path, Call: 1, RequestBytes: 300_000})
			file := &guardedFile{Reader: strings.NewReader(large()), t: t}
			start := time.Now()
			_, err := w.session.Workbooks.Publish(t.Context(), rest.WorkbookPublish{Name: "Sales", ProjectLUID: w.project, Source: file})
			file.over.Store(true)
			if posts, uploads := w.requests("POST", "workbooks"), w.requests("POST", "fileUploads"); err != nil || posts != test.posts || uploads != test.uploads {
				t.Errorf("%v: %v, %d publishes and %d uploads, want %d and %d", test.path, err, posts, uploads, test.posts, test.uploads)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("%v: it took %v, as if there were anything to look for", test.path, took)
			}
			if got := w.stored("workbooks", "Sales"); got != (stored{1, large()}) {
				t.Errorf("%v: %d revisions, %d bytes", test.path, got.Revisions, len(got.Content))
			}
		})
	}
}

// stalls takes the beginning of what publishes and then nothing more.
type stalls struct{ next http.RoundTripper }

func (s stalls) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/workbooks") {
		return s.next.RoundTrip(r)
	}
	_, _ = io.CopyN(io.Discard, r.Body, 300_000)
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// A server that is slow anywhere does not hold up a publish beyond its deadline, and the outcome is told as it is.
func TestDeadline(t *testing.T) {
	t.Parallel()
	slow := emulator.Fault{Garble: &emulator.Garble{Pause: time.Hour}}
	for name, test := range map[string]struct {
		how    way
		faults []emulator.Fault
		stalls bool
		clear  bool // whether the publish has been carried out
	}{
		"a slow list":           {ways[0], lists(slow)("workbooks"), false, true},
		"a slow answer":         {ways[0], commits(slow)("workbooks"), false, false},
		"a slow block":          {ways[1], blocks(slow)(""), false, true},
		"a slow block in order": {ways[2], blocks(slow)(""), false, true},
		"a slow job":            {ways[3], elsewhere("GET", "/sites/*/jobs/*", slow)(""), false, false},
		"a wait for a retry":    {ways[0], lists(limited("200"))("workbooks"), false, true},
		"a wait before a look":  {ways[0], both(commits(after(504)), lists(emulator.Fault{Answer: limited("20").Answer, Call: 2, Count: 99}))("workbooks"), false, false},
		"stalled in the body":   {ways[0], nil, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFaultyWorld(t, nil, test.how.client, func(t *testing.T, w *faultyWorld) {
				if test.stalls {
					w.session = w.signIn(stalls{w.server.Transport()})
				}
				w.fail(test.faults...)
				start := time.Now()
				ctx, cancel := context.WithDeadline(t.Context(), start.Add(30*time.Second))
				defer cancel()
				file := &guardedFile{Reader: strings.NewReader(large()), t: t}
				_, err := w.session.Workbooks.Publish(ctx, rest.WorkbookPublish{Name: "Sales", ProjectLUID: w.project, Source: file, AsJob: test.how.asked})
				file.over.Store(true)
				if took := time.Since(start); took > 30*time.Second {
					t.Errorf("it took %v", took)
				}
				if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, rest.ErrOutcomeUnknown) == test.clear {
					t.Errorf("%v", err)
				}
			})
		})
	}
}
