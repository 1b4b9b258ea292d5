package deploy

import (
	"slices"
	"sync"
	"time"
)

// state is what a store tells, replayed, and kept up to date by the run that appends to it. It is safe for concurrent use.
type state struct {
	store Store

	mu   sync.Mutex
	last map[Target]Outcome // the last that put something on the server
	open map[Target]Intent
	run  *Run // that was begun last; nil once it came to its end
	// done are the outcomes of that run.
	done map[Target]Outcome
}

func newState(store Store) (*state, error) {
	s := &state{store: store, last: map[Target]Outcome{}, open: map[Target]Intent{}, done: map[Target]Outcome{}}
	for entry, err := range store.Entries() {
		if err != nil {
			return nil, err
		}
		s.replay(entry)
	}
	return s, nil
}

func (s *state) replay(e Entry) {
	switch {
	case e.Run != nil:
		s.run = e.Run
		clear(s.done)
	case e.Intent != nil:
		s.open[e.Intent.Target] = *e.Intent
	case e.Outcome != nil:
		o := *e.Outcome
		s.done[o.Target] = o
		if !o.Open {
			delete(s.open, o.Target)
		}
		if o.Fingerprint.Content != "" {
			s.last[o.Target] = o
		}
	case e.End != nil:
		s.run = nil
		clear(s.done)
	}
}

// append keeps an entry.
func (s *state) append(e Entry) error {
	e.Time = time.Now().UTC()
	if err := s.store.Append(e); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replay(e)
	return nil
}

// lastOf is what was last put on the server.
func (s *state) lastOf(t Target) (Outcome, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.last[t]
	return o, ok
}

// openOf is what was begun, and of which it is not known whether it has arrived.
func (s *state) openOf(t Target) (Intent, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.open[t]
	return i, ok
}

// doneOf is the result of a target in the run, if it was a success.
func (s *state) doneOf(t Target) (Result, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.done[t]
	return o.Result, ok && o.Result.succeeded()
}

// resumes says whether a run is the one that was cut short.
func (s *state) resumes(r Run) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.run != nil && s.run.Shard == r.Shard && s.run.Inputs == r.Inputs && slices.Equal(s.run.Sites, r.Sites)
}
