package emulator

import (
	"errors"
	"fmt"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// Snapshot is everything that was on a server at one moment: sites, users, what is published, jobs, and who was signed
// in. It never changes, and any number of servers may begin with it.
type Snapshot struct{ world *state.Snapshot }

// Snapshot returns what is on the server now. Files that were received and are not published yet are not in it; uploads
// in blocks are. Of a server in memory it costs little: what does not change is shared.
func (s *Server) Snapshot() (Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	world, err := s.store.Snapshot()
	if err != nil {
		return Snapshot{}, fmt.Errorf("the emulator: %w", err)
	}
	return Snapshot{&world}, nil
}

// WithSnapshot begins with what was on another server, in memory; the other options add to it as they do with
// [WithState]. What is then done on one of the servers is not seen on another, but tokens of sessions that were there
// are good for each. So a test can make a world once and begin each case with it.
func WithSnapshot(from Snapshot) Option {
	return func(o *options) error {
		if from.world == nil {
			return errors.New("the snapshot is of no server")
		}
		o.snapshot = from.world
		return nil
	}
}
