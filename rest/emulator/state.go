package emulator

import (
	"errors"
	"fmt"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// WithState keeps everything that is on the server in a folder, which is made when it is not there: what a request was
// told is done is there for the next server of that folder, also when this process is killed. Sessions, uploads in blocks
// and jobs go on where they were. One server at a time has a folder open; [Server.Close] lets go of it. It is an error
// when the folder holds something else, or what this version cannot read. The files in it are for the eyes of their owner
// alone. The default is to keep everything in memory.
//
// What the other options ask for is made where it is not there yet. Users and tokens get the passwords, site roles and
// secrets of the options; whatever else was changed stays. A source of ids ([WithIDs]) must give none that it gave to an
// earlier server of the folder.
func WithState(dir string) Option {
	return func(o *options) error {
		if dir == "" {
			return errors.New("the folder of the state has no name")
		}
		o.stateDir = dir
		return nil
	}
}

// openStore returns the store that the options ask for.
func (o *options) openStore() (*state.Store, error) {
	switch {
	case o.stateDir != "" && o.snapshot != nil:
		return nil, errors.New("a snapshot is in memory, and WithState is for a folder: give one of them")
	case o.stateDir != "":
		return state.Open(o.stateDir)
	case o.snapshot != nil:
		return state.FromSnapshot(*o.snapshot), nil
	}
	return state.New(), nil
}

// openWorld opens all tables of the store, so that what cannot be read is told now, and makes what the options ask for.
func (s *Server) openWorld() error {
	s.openTables()
	for _, info := range s.siteInfos.All() {
		s.site(info.LUID)
	}
	return s.store.Do(s.populate) // or the error of what could not be read
}

// closeStore ends the use of the state. What is asked for after that is refused.
func (s *Server) closeStore() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if err := s.store.Close(); err != nil {
		return fmt.Errorf("closing the state: %w", err)
	}
	return nil
}

// errClosed is what a server says that was closed.
var errClosed = refuse(codeUnavailable, "The server is closed.")
