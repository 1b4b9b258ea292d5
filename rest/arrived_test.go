package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// A death is the end of a process at a request: before the server gets it, or after the server has done it.
type death struct {
	over  http.RoundTripper
	die   context.CancelFunc
	at    int32 // the number of the request, counted from 1, with those before the one that publishes or from that one on
	after bool
	seen  atomic.Int32
}

var errDead = errors.New("the process is dead")

func (d *death) RoundTrip(r *http.Request) (*http.Response, error) {
	n := d.seen.Add(1)
	if n < d.at {
		return d.over.RoundTrip(r)
	}
	if n == d.at && d.after {
		if resp, err := d.over.RoundTrip(r); err == nil {
			_ = resp.Body.Close()
		}
	} else if r.Body != nil {
		_ = r.Body.Close()
	}
	d.die()
	return nil, errDead
}

// An aftermath is what happens between the death of a process that was publishing and the question whether that has arrived.
type aftermath struct {
	name    string
	on      func(way) bool // nil for all that publish by another kind of request
	every   bool           // the process dies at every request, not only from the one that publishes on
	jobs    []emulator.JobFault
	happens func(w *faultyWorld, kind publishedKind) // nil for nothing, in no time
	faults  func(plural string) []emulator.Fault     // that whoever asks meets
	asks    string                                   // who; "" for the same user
	others  int                                      // publishes of somebody else
	server  []emulator.Option
}

var aftermaths = []aftermath{
	{name: "at once", every: true, on: func(way) bool { return true }},
	{name: "an hour later", happens: func(*faultyWorld, publishedKind) { time.Sleep(time.Hour) }},
	{name: "lists lag behind", faults: lists(emulator.Fault{HideNewest: 1, Count: 4})},
	{name: "looks that fail", faults: both(
		lists(emulator.Fault{Answer: before(503).Answer, Count: 4}), elsewhere("GET", "/sites/*/*/*/revisions", after(500)),
	)},
	{name: "another user asks", asks: "ben"},
	{name: "clocks that differ", server: []emulator.Option{emulator.WithClock(func() time.Time { return time.Now().Add(-30 * 24 * time.Hour) })}},
	{name: "somebody else publishes", others: 1, happens: publishedByBen},
	{name: "a job that waits", on: asAsked, jobs: []emulator.JobFault{{Waits: 30 * time.Second, Takes: 2 * time.Minute}}},
	{
		name: "a job that runs", on: asAsked, jobs: []emulator.JobFault{{Takes: 2 * time.Minute}},
		happens: func(*faultyWorld, publishedKind) { time.Sleep(10 * time.Second) },
	},
	{name: "a job that fails", on: asAsked, jobs: []emulator.JobFault{{Takes: time.Minute, Fails: "No."}}},
	{name: "a job that is gone", on: asAsked, jobs: []emulator.JobFault{{Takes: time.Minute, Gone: 404018}}},
	{
		name: "jobs that are not shown", on: asAsked, jobs: []emulator.JobFault{{Takes: 5 * time.Second}},
		faults: elsewhere("GET", "/sites/*/jobs", emulator.Fault{Answer: emulator.Refusal(403004, "Not yours."), Count: 100}),
	},
}

func asAsked(w way) bool { return w.asked }

func publishedByBen(w *faultyWorld, kind publishedKind) {
	w.t.Helper()
	ben := w.signInAs("ben")
	err := kind.publish(w.t.Context(), ben, publishTo{
		name: "Sales", project: w.project, source: strings.NewReader(kind.content(3)), mode: rest.Overwrite,
	})
	if err != nil {
		w.t.Error(err)
	}
}

// signInAs begins a session of a user in a client of its own.
func (w *faultyWorld) signInAs(user string) *rest.Session {
	w.t.Helper()
	c, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: w.server.Transport()}))
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := c.SignIn(w.t.Context(), rest.UserPassword{Name: user, Password: "secret"}, "acme")
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// Wherever in a publish its process dies, and whatever comes then: another process finds out whether it has arrived.
func TestArrived(t *testing.T) {
	t.Parallel()
	for _, kind := range publishedKinds {
		for _, how := range ways {
			for _, then := range aftermaths {
				if then.on == nil && how.blocks || then.on != nil && !then.on(how) {
					continue
				}
				t.Run(kind.plural+" "+how.name+", "+then.name, func(t *testing.T) {
					t.Parallel()
					for _, had := range []int{0, 1} {
						diesEverywhere(t, kind, how, then, had)
					}
				})
			}
		}
	}
}

// diesEverywhere has a process die at every request of a publish, over as many earlier publishes.
func diesEverywhere(t *testing.T, kind publishedKind, how way, then aftermath, had int) {
	arrivals, losses := 0, 0
	for at, alive := int32(1), false; !alive; at++ {
		for _, after := range []bool{false, true} {
			inFaultyWorld(t, then.server, nil, func(t *testing.T, w *faultyWorld) {
				for range had {
					if err := w.publish(kind, ways[0], "Sales", rest.Overwrite, 1); err != nil {
						t.Fatal(err)
					}
				}
				for _, f := range then.jobs {
					if err := w.server.AddJobFault(f); err != nil {
						t.Fatal(err)
					}
				}
				before := w.dies(kind, how, then.every, &death{over: w.server.Transport(), at: at, after: after})
				if alive = before.alive; alive {
					return
				}
				if before.checkpoint == nil { // nothing to ask about: it was not sent
					if got := w.stored(kind.plural, "Sales").Revisions; got != had {
						t.Errorf("request %d, after %v: %d revisions that nobody was told of", at, after, got-had)
					}
					return
				}
				arrived := w.asksLater(kind, then, before.checkpoint)
				time.Sleep(time.Hour) // what comes late was not waited for
				if got := w.stored(kind.plural, "Sales").Revisions - had - then.others; arrived != (got == 1) || got < 0 || got > 1 {
					t.Errorf("request %d, after %v, over %d: arrived %v, and there are %d", at, after, had, arrived, got)
				}
				if arrived {
					arrivals++
				} else {
					losses++
				}
			})
		}
	}
	if fails := len(then.jobs) > 0 && then.jobs[0].Fails != ""; (arrivals == 0) != fails || losses == 0 {
		t.Errorf("over %d: %d arrived, %d did not", had, arrivals, losses)
	}
}

// An obituary is what is left of a process.
type obituary struct {
	alive      bool
	checkpoint []byte // nil if it never came to the request that publishes
}

// dies publishes version 2 in a process that dies.
func (w *faultyWorld) dies(kind publishedKind, how way, every bool, d *death) (left obituary) {
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	mortal := atomic.Bool{}
	s := w.signIn(roundTripper(func(r *http.Request) (*http.Response, error) {
		if mortal.Load() {
			return d.RoundTrip(r)
		}
		return d.over.RoundTrip(r)
	}), how.client...)
	d.die = cancel
	mortal.Store(every)
	err := kind.publish(ctx, s, publishTo{
		"Sales", w.project, strings.NewReader(kind.content(2)), rest.Overwrite, how.asked,
		func(c rest.Checkpoint) (err error) {
			mortal.Store(true)
			left.checkpoint, err = json.Marshal(c)
			return err
		},
	})
	_, failed := errors.AsType[*rest.JobError](err)
	if left.alive = d.seen.Load() < d.at; left.alive != (err == nil || failed) {
		w.t.Errorf("alive %v: %v", left.alive, err)
	}
	return left
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// asksLater asks in another process.
func (w *faultyWorld) asksLater(kind publishedKind, then aftermath, checkpoint []byte) (arrived bool) {
	w.t.Helper()
	var before rest.Checkpoint
	if err := json.Unmarshal(checkpoint, &before); err != nil {
		w.t.Fatal(err)
	}
	if then.happens != nil {
		then.happens(w, kind)
	}
	user := then.asks
	if user == "" {
		user = "ana"
	}
	s := w.signInAs(user)
	if then.faults != nil {
		w.fail(then.faults(kind.plural)...)
	}
	asked := time.Now()
	at, err := kind.arrived(w.t.Context(), s, publishTo{name: "Sales", project: w.project}, before)
	if err != nil {
		w.t.Error(err)
	}
	if !at.IsZero() && (at.Before(before.Seen) || at.After(time.Now())) {
		w.t.Errorf("it arrived at %v, was begun at %v, and it is %v", at, before.Seen, time.Now())
	}
	if took := time.Since(asked); took > 3*time.Minute {
		w.t.Errorf("it took %v to tell", took)
	}
	return !at.IsZero()
}

// On a site that keeps no revisions a change tells of the publish as long as nothing else can have made it.
func TestArrivedWithoutRevisions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		had     int
		after   bool
		by      string // who publishes afterwards
		arrived bool
		err     error
	}{
		{had: 0, after: false},
		{had: 0, after: true, arrived: true},
		{had: 0, after: false, by: "ben", err: rest.ErrOutcomeUnknown}, // as far as one can see it may have been given to him
		{had: 1, after: false},
		{had: 1, after: true, err: rest.ErrOutcomeUnknown},
	} {
		inFaultyWorld(t, nil, nil, func(t *testing.T, w *faultyWorld) {
			kind := publishedKinds[0]
			for range test.had {
				if err := w.publish(kind, ways[0], "Sales", rest.Overwrite, 1); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
			}
			w.fail(emulator.Fault{Method: "GET", Path: "/sites/*/*/*/revisions", Answer: emulator.Refusal(403053, "No history.")})
			left := w.dies(kind, ways[0], false, &death{over: w.server.Transport(), at: 1, after: test.after})
			var before rest.Checkpoint
			if err := json.Unmarshal(left.checkpoint, &before); err != nil {
				t.Fatal(err)
			}
			if test.by != "" {
				publishedByBen(w, kind)
			}
			w2, at, err := w.signInAs("ana").Workbooks.Arrived(t.Context(), "Sales", w.project, before)
			if !errors.Is(err, test.err) || (err == nil) != (test.err == nil) || at.IsZero() == test.arrived || (w2.Name != "") != test.arrived {
				t.Errorf("%+v: %q %v, %v", test, w2.Name, at, err)
			}
		})
	}
}

// What was there is deleted before the request is sent, so that it makes another: with revisions that begin anew.
func TestArrivedAsAnother(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		inFaultyWorld(t, nil, nil, func(t *testing.T, w *faultyWorld) {
			kind := publishedKinds[0]
			for range 3 {
				if err := w.publish(kind, ways[0], "Sales", rest.Overwrite, 1); err != nil {
					t.Fatal(err)
				}
			}
			ben := w.signInAs("ben")
			d := &death{at: 1, after: after}
			d.over = roundTripper(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/workbooks") {
					old, err := ben.Workbooks.ByName(t.Context(), "Sales", w.project)
					if err == nil {
						err = ben.Workbooks.Delete(t.Context(), old.LUID)
					}
					if err != nil {
						t.Error(err)
					}
				}
				return w.server.Transport().RoundTrip(r)
			})
			left := w.dies(kind, ways[0], false, d)
			if arrived := w.asksLater(kind, aftermath{}, left.checkpoint); arrived != after {
				t.Errorf("after %v: arrived %v", after, arrived)
			}
		})
	}
}

// A publish whose Commit fails is not sent, and one that is sent again is told of again.
func TestCommit(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	for _, how := range ways[:2] {
		inFaultyWorld(t, nil, how.client, func(t *testing.T, w *faultyWorld) {
			to := publishTo{name: "Sales", project: w.project, source: strings.NewReader(publishedKinds[0].content(1)), mode: rest.Overwrite}
			to.commit = func(rest.Checkpoint) error { return full }
			if err := publishedKinds[0].publish(t.Context(), w.session, to); !errors.Is(err, full) || errors.Is(err, rest.ErrOutcomeUnknown) {
				t.Errorf("%s: %v", how.name, err)
			}
			if sent := w.requests("POST", "workbooks"); sent != 0 {
				t.Errorf("%s: %d requests to publish", how.name, sent)
			}
			w.fail(commits(before(502), after(504))("workbooks")...)
			told := 0
			to.commit = func(rest.Checkpoint) error {
				told++
				return nil
			}
			err := publishedKinds[0].publish(t.Context(), w.session, to)
			if sent := w.requests("POST", "workbooks"); err != nil || sent != 2 || told != sent {
				t.Errorf("%s: told of %d requests, sent %d: %v", how.name, told, sent, err)
			}
			w.fail(commits(before(502))("workbooks")...)
			told = 0
			to.commit = func(rest.Checkpoint) error {
				if told++; told == 2 {
					return full
				}
				return nil
			}
			if err := publishedKinds[0].publish(t.Context(), w.session, to); !errors.Is(err, full) || !errors.Is(err, rest.ErrOutcomeUnknown) {
				t.Errorf("%s: after a request of unknown outcome: %v", how.name, err)
			}
		})
	}
}
