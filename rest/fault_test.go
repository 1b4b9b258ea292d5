package rest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// A trouble is something that goes wrong while something is published.
type trouble struct {
	name   string
	on     func(way) bool // nil for all
	faults func(plural string) []emulator.Fault
	jobs   []emulator.JobFault
	want   error // nil for: published as if nothing had been
	within time.Duration
}

func inBlocks(w way) bool { return w.blocks }
func byJob(w way) bool    { return w.job }
func inOrder(w way) bool  { return w.blocks && strings.Contains(w.name, "one by one") }
func numbered(w way) bool { return w.blocks && !inOrder(w) }

// commits are faults of the first request that publishes.
func commits(faults ...emulator.Fault) func(string) []emulator.Fault {
	return func(plural string) []emulator.Fault { return aim(faults, "POST", "/sites/*/"+plural) }
}

// lists are faults of the lists of what is published.
func lists(faults ...emulator.Fault) func(string) []emulator.Fault {
	return func(plural string) []emulator.Fault { return aim(faults, "GET", "/sites/*/"+plural) }
}

// elsewhere are faults of a path that does not depend on what is published.
func elsewhere(method, path string, faults ...emulator.Fault) func(string) []emulator.Fault {
	return func(string) []emulator.Fault { return aim(faults, method, path) }
}

func blocks(faults ...emulator.Fault) func(string) []emulator.Fault {
	return elsewhere("PUT", "/sites/*/fileuploads/*", faults...)
}

func aim(faults []emulator.Fault, method, path string) []emulator.Fault {
	var aimed []emulator.Fault
	for _, f := range faults {
		f.Method, f.Path = method, path
		if f.Call == 0 && f.Count == 0 {
			f.Call = 1
		}
		aimed = append(aimed, f)
	}
	return aimed
}

func both(a, b func(string) []emulator.Fault) func(string) []emulator.Fault {
	return func(plural string) []emulator.Fault { return append(a(plural), b(plural)...) }
}

// before and after answer with a status instead of doing the work, and instead of telling that it is done.
func before(status int) emulator.Fault {
	return emulator.Fault{Answer: &emulator.Answer{Status: status, Body: "<html>a proxy</html>"}}
}

func after(status int) emulator.Fault {
	f := before(status)
	f.Stage = emulator.AfterCommit
	return f
}

func limited(retryAfter string) emulator.Fault {
	a := emulator.Refusal(429000, "Slow down.")
	if retryAfter != "" {
		a.Header = map[string]string{"Retry-After": retryAfter}
	}
	return emulator.Fault{Answer: a}
}

// troubles are what goes wrong at one point of a publish. Retry-After dates are set by the time of the bubble, which begins
// with the year 2000.
var troubles = []trouble{
	{name: "429 with seconds", faults: commits(limited("7")), within: 10 * time.Second},
	{name: "429 with a date", faults: commits(limited("Sat, 01 Jan 2000 00:00:20 GMT")), within: 21 * time.Second},
	{name: "429 without", faults: commits(limited(""))},
	{name: "429 for more than five minutes", faults: commits(limited("301")), want: rest.ErrRateLimited},
	{name: "429 at a block", on: inBlocks, faults: blocks(limited("7"))},
	{name: "500 before the work", faults: commits(before(500)), want: rest.ErrOutcomeUnknown},
	{name: "500 after the work", faults: commits(after(500))},
	{name: "502 before the work", faults: commits(before(502))},
	{name: "503 before the work", faults: commits(before(503))},
	{name: "504 before the work", faults: commits(before(504))},
	{name: "502 after the work", faults: commits(after(502))},
	{name: "503 after the work", faults: commits(after(503))},
	{name: "504 after the work", faults: commits(after(504))},
	{name: "503 for ever", faults: commits(emulator.Fault{Answer: before(503).Answer, Count: 1000}), want: rest.ErrOutcomeUnknown},
	{name: "500 after a numbered block", on: numbered, faults: blocks(after(500)), want: rest.ErrUnavailable},
	{name: "500 after a block in order", on: inOrder, faults: blocks(after(500))},
	{name: "502 before a block", on: inBlocks, faults: blocks(before(502))},
	{name: "504 after a block", on: inBlocks, faults: blocks(after(504))},
	{name: "reset in the middle of a block", on: inBlocks, faults: blocks(emulator.Fault{RequestBytes: 200})},
	{name: "reset in the middle of the body", faults: commits(emulator.Fault{RequestBytes: 100})},
	{name: "reset before the body", faults: commits(emulator.Fault{})},
	{name: "cut before the answer", faults: commits(emulator.Fault{Stage: emulator.AfterCommit})},
	{name: "cut before the answer to a block", on: inBlocks, faults: blocks(emulator.Fault{Stage: emulator.AfterCommit})},
	{
		name: "cut before the answer to the upload", on: inBlocks,
		faults: elsewhere("POST", "/sites/*/fileuploads", emulator.Fault{Stage: emulator.AfterCommit}),
	},
	{name: "answer cut in the middle", faults: commits(emulator.Fault{Garble: &emulator.Garble{Bytes: 150}})},
	{name: "answer cut, of the right length", faults: commits(emulator.Fault{Garble: &emulator.Garble{Bytes: 150, Short: true}})},
	{name: "list cut in the middle", faults: lists(emulator.Fault{Garble: &emulator.Garble{Bytes: 150}})},
	{name: "list cut, of the right length", faults: lists(emulator.Fault{Garble: &emulator.Garble{Bytes: 150, Short: true}})},
	{name: "job cut in the middle", on: byJob, faults: elsewhere("GET", "/sites/*/jobs/*", emulator.Fault{Garble: &emulator.Garble{Bytes: 150}})},
	{name: "HTML before the work", faults: commits(before(200))},
	{name: "HTML after the work", faults: commits(after(200))},
	{name: "HTML for a list", faults: lists(before(200)), want: rest.ErrNotTableauServer},
	{name: "session ended at the commit", faults: commits(emulator.Fault{EndSession: true})},
	{name: "session ended at a block", on: inBlocks, faults: blocks(emulator.Fault{EndSession: true})},
	{name: "session ended while looking", faults: both(commits(emulator.Fault{Stage: emulator.AfterCommit}), lists(emulator.Fault{EndSession: true, Call: 2}))},
	{name: "upload lost at a block", on: inBlocks, faults: blocks(emulator.Fault{Answer: emulator.Refusal(404015, "No such upload."), Call: 2})},
	{name: "upload lost at the commit", on: inBlocks, faults: commits(emulator.Fault{Answer: emulator.Refusal(404015, "No such upload.")})},
	{name: "lists lag behind", faults: both(commits(emulator.Fault{Stage: emulator.AfterCommit}), lists(emulator.Fault{HideNewest: 1, Call: 2, Count: 3}))},
	{name: "lists lag behind a job", on: byJob, faults: lists(emulator.Fault{HideNewest: 1, Call: 2, Count: 3})},
	{name: "busy", faults: commits(emulator.Fault{Answer: emulator.Refusal(403131, "It is being published.")})},
	{name: "404018 for the job", on: byJob, jobs: []emulator.JobFault{{Gone: 404018}}},
	{name: "400031 for the job", on: byJob, jobs: []emulator.JobFault{{Gone: 400031}}},
	{
		name: "cut before the answer, and the job takes a minute", on: byJob,
		faults: commits(emulator.Fault{Stage: emulator.AfterCommit}), jobs: []emulator.JobFault{{Takes: time.Minute}},
	},
	{name: "503 while the job runs", on: byJob, faults: elsewhere("GET", "/sites/*/jobs/*", before(503)), jobs: []emulator.JobFault{{Takes: time.Minute}}},
}

// Whatever goes wrong, a publish is carried out exactly once, or not at all and then says so.
func TestPublishSurvives(t *testing.T) {
	t.Parallel()
	for _, kind := range publishedKinds {
		for _, how := range ways {
			for _, trouble := range troubles {
				if trouble.on != nil && !trouble.on(how) {
					continue
				}
				t.Run(kind.plural+" "+how.name+", "+trouble.name, func(t *testing.T) {
					t.Parallel()
					for _, mode := range []rest.PublishMode{rest.CreateNew, rest.Overwrite} {
						inFaultyWorld(t, nil, how.client, func(_ *testing.T, w *faultyWorld) { w.survive(kind, how, trouble, mode) })
					}
				})
			}
		}
	}
}

func (w *faultyWorld) survive(kind publishedKind, how way, trouble trouble, mode rest.PublishMode) {
	had := stored{}
	if mode == rest.Overwrite {
		if err := w.publish(kind, how, "Sales", rest.CreateNew, 1); err != nil {
			w.t.Fatal(err)
		}
		had = stored{1, kind.content(1)}
		time.Sleep(5 * time.Second)
	}
	if trouble.faults != nil {
		w.fail(trouble.faults(kind.plural)...)
	}
	for _, f := range trouble.jobs {
		if err := w.server.AddJobFault(f); err != nil {
			w.t.Fatal(err)
		}
	}
	start := time.Now()
	err := w.publish(kind, how, "Sales", mode, 2)
	if !errors.Is(err, trouble.want) || (err == nil) != (trouble.want == nil) || errors.Is(err, rest.ErrOutcomeUnknown) != (trouble.want == rest.ErrOutcomeUnknown) {
		w.t.Errorf("%s: %v, want %v", mode, err, trouble.want)
	}
	if took := time.Since(start); trouble.within > 0 && took > trouble.within {
		w.t.Errorf("%s: it took %v", mode, took)
	}
	want := had
	if trouble.want == nil {
		want = stored{had.Revisions + 1, kind.content(2)}
	}
	if got := w.stored(kind.plural, "Sales"); got != want {
		w.t.Errorf("%s: stored\n%+v\nwant\n%+v", mode, got, want)
	}
}
