package rest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// earlyBy is how long before its end a session is renewed. Sessions that last less than twice as long are left to end.
const earlyBy = time.Minute

// sessionState is the part of a session that changes.
type sessionState struct {
	traits traits // of the credentials

	mu       sync.Mutex
	grant    grant       // of the last sign-in
	early    time.Time   // when to renew the session before it ends; zero for not at all
	serial   int         // counts the grants
	renewing *renewal    // the sign-in under way, nil without one
	renewals []time.Time // of the last two that the server made necessary
	ended    error       // why the session cannot be used any more
	over     bool        // the server has ended the session, too
}

// A renewal is one new sign-in, or one switch to another site, that many calls wait for.
type renewal struct {
	done chan struct{}
	err  error // set before done is closed

	// private says that its failure is none of those who wait: they see for themselves how the session is.
	private bool
}

func newSessionState(g grant, t traits) *sessionState {
	st := &sessionState{traits: t}
	st.take(g)
	return st
}

// take puts a grant in place.
func (st *sessionState) take(g grant) {
	st.grant, st.early = g, time.Time{}
	if st.traits.use != useOnce && time.Until(g.expires) >= 2*earlyBy {
		st.early = g.expires.Add(-earlyBy)
	}
}

// last is the grant of the last sign-in, also of a session that has ended.
func (st *sessionState) last() grant {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.grant
}

// current is the grant to send a call with, its serial number, and whether the session is about to end.
func (st *sessionState) current() (g grant, serial int, due bool, err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.grant, st.serial, st.isDue(), st.ended
}

func (st *sessionState) isDue() bool { return !st.early.IsZero() && !time.Now().Before(st.early) }

// end ends the session for good, unless it has ended before.
func (st *sessionState) end(why error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.endLocked(why)
}

func (st *sessionState) endLocked(why error) {
	if st.ended == nil {
		st.ended = why
	}
	st.over = true
}

// ready is the grant to send a call with. A session that is about to end is renewed before; when that fails it is used until
// the server has ended it.
func (s *Session) ready(ctx context.Context) (grant, int, error) {
	g, serial, due, err := s.state.current()
	if err == nil && due {
		_ = s.renew(ctx, serial, nil)
		g, serial, _, err = s.state.current()
	}
	return g, serial, err
}

// renew signs in again unless the grant with that serial number has been replaced. One caller does it and the others wait for
// its outcome; when its context ends it, the next takes over. Refused credentials end the session. The cause is the refusal
// that makes it necessary, nil before there is one.
func (s *Session) renew(ctx context.Context, serial int, cause error) error {
	for {
		r, mine, err := s.state.startRenewal(serial, cause)
		switch {
		case err != nil || r == nil:
			return err
		case mine:
			g, err := s.signInAgain(ctx)
			s.state.endRenewal(r, g, err)
			return err
		}
		if err := r.wait(ctx); err != nil {
			return err
		}
		if r.err != nil && !r.private && !ended(r.err) {
			return r.err
		}
	}
}

// wait waits for a renewal to end, well or not.
func (r *renewal) wait(ctx context.Context) error {
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Session) signInAgain(ctx context.Context) (grant, error) {
	g, err := s.login.signIn(ctx, s.state.last().base, s.site.contentURL)
	if err == nil && g.siteLUID != s.site.siteLUID {
		err = fmt.Errorf("%w: %s is another one now, with the LUID %s", ErrAuthentication, siteName(s.site.contentURL), g.siteLUID)
	}
	if err != nil {
		return grant{}, fmt.Errorf("signing in again: %w", err)
	}
	return g, nil
}

// startRenewal gives the renewal to wait for, or the one that is the caller's to do, or none when it is not needed any more.
func (st *sessionState) startRenewal(serial int, cause error) (r *renewal, mine bool, err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	switch {
	case st.ended != nil:
		return nil, false, st.ended
	case st.serial != serial || cause == nil && !st.isDue():
		return nil, false, nil
	case st.renewing != nil:
		return st.renewing, false, nil
	case st.traits.use == useOnce:
		return nil, false, fmt.Errorf("%w; the session cannot be renewed: a JSON Web Token is good for one sign-in", cause)
	case len(st.renewals) == 2 && time.Since(st.renewals[0]) < time.Minute:
		return nil, false, fmt.Errorf("%w, for the third time in a minute, and the session is not renewed again: %s",
			cause, st.traits.restless)
	}
	st.renewing = &renewal{done: make(chan struct{}), private: cause == nil}
	return st.renewing, true, nil
}

func (st *sessionState) endRenewal(r *renewal, g grant, err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.finish(r, err)
	switch {
	case err == nil:
		st.take(g)
		st.serial++
		if !r.private {
			st.renewals = append(st.renewals[max(0, len(st.renewals)-1):], time.Now())
		}
	case r.private:
		st.early = time.Time{} // once is enough
	case errors.Is(err, ErrAuthentication):
		st.endLocked(err)
	}
}

func (st *sessionState) finish(r *renewal, err error) {
	st.renewing = nil
	r.err = err
	close(r.done)
}

// reserve keeps everybody from renewing the session until release: those who would wait. It waits for the renewal under way.
func (st *sessionState) reserve(ctx context.Context) (*renewal, grant, error) {
	for {
		st.mu.Lock()
		r, g, err := st.renewing, st.grant, st.ended
		if r == nil && err == nil {
			r = &renewal{done: make(chan struct{}), private: true}
			st.renewing = r
			st.mu.Unlock()
			return r, g, nil
		}
		st.mu.Unlock()
		if err != nil {
			return nil, grant{}, err
		}
		if err := r.wait(ctx); err != nil {
			return nil, grant{}, err
		}
	}
}

// release ends what reserve began, and the session too if there is a reason.
func (st *sessionState) release(r *renewal, ended error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.finish(r, ended)
	if ended != nil {
		st.endLocked(ended)
	}
}

// close ends the session here, and gives the renewal under way.
func (st *sessionState) close() *renewal {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.ended = ErrSignedOut
	return st.renewing
}

// isOver says that the server has ended the session.
func (st *sessionState) isOver() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.over
}
