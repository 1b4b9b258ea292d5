package deploy

import (
	"slices"
	"sync"
	"time"
)

// history is what a store tells, replayed, and kept up to date by the run that appends to it. It is safe for concurrent use.
type history struct {
	store Store

	mu   sync.Mutex
	last map[Target]Outcome // the last that put something on the server
	open map[Target]Intent
	run  *Run // that was begun last; nil once it came to its end
	// done are the outcomes of that run.
	done map[Target]Outcome
}

func newHistory(store Store) (*history, error) {
	h := &history{store: store, last: map[Target]Outcome{}, open: map[Target]Intent{}, done: map[Target]Outcome{}}
	for entry, err := range store.Entries() {
		if err != nil {
			return nil, err
		}
		h.replay(entry)
	}
	return h, nil
}

func (h *history) replay(e Entry) {
	switch {
	case e.Run != nil:
		h.run = e.Run
		clear(h.done)
	case e.Intent != nil:
		h.open[e.Intent.Target] = *e.Intent
	case e.Outcome != nil:
		o := *e.Outcome
		if !o.Settled {
			h.done[o.Target] = o
		}
		if !o.Open {
			delete(h.open, o.Target)
		}
		if o.Fingerprint.Content != "" {
			h.last[o.Target] = o
		}
	case e.End != nil:
		h.run = nil
		clear(h.done)
	}
}

// append keeps an entry for later runs and for this one.
func (h *history) append(e Entry) error {
	e.Time = time.Now().UTC()
	if err := h.store.Append(e); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.replay(e)
	return nil
}

// lastOf is what was last put on the server, zero for nothing.
func (h *history) lastOf(t Target) Outcome {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last[t]
}

// openOf is what was begun, and of which it is not known whether it has arrived.
func (h *history) openOf(t Target) (Intent, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i, ok := h.open[t]
	return i, ok
}

// doneOf is the result of a target in the run, if it was a success.
func (h *history) doneOf(t Target) (Result, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	o, ok := h.done[t]
	return o.Result, ok && o.Result.succeeded()
}

// publishedIn says whether something of a target was published in the run.
func (h *history) publishedIn(t Target) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.done[t].Fingerprint.Content != ""
}

// resumes says whether a run is the one that was cut short.
func (h *history) resumes(r Run) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.run != nil && h.run.Shard == r.Shard && h.run.Inputs == r.Inputs && slices.Equal(h.run.Sites, r.Sites)
}
