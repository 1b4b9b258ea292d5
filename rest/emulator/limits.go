package emulator

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// What keeps a server that is left running from taking all there is.

// WithStorageLimit sets how many bytes all files on the server may have together: what is published, its revisions and
// what is on its way. A file beyond that is refused with code 403008. The default is 4 GiB.
func WithStorageLimit(bytes int64) Option {
	return func(o *options) error {
		o.storageLimit = bytes
		return positive("storage limit", bytes)
	}
}

// WithSessionLimit sets how many sessions a user may have on a site at a time. A sign-in beyond that is refused with code
// 429000, until one is signed out or has expired. The default is 1000.
func WithSessionLimit(sessions int) Option {
	return func(o *options) error {
		o.sessionLimit = sessions
		return positive("session limit", int64(sessions))
	}
}

// WithConcurrency sets how many requests are answered at a time. One beyond that is refused at once, with code 429000 and
// Retry-After: 1. The default is 1000.
func WithConcurrency(requests int) Option {
	return func(o *options) error {
		o.concurrency = requests
		return positive("concurrency", int64(requests))
	}
}

// receive takes in a file, or a part of one, of at most limit bytes.
func (c *call) receive(r io.Reader, limit int64) (state.Piece, error) {
	store := c.server.store
	room := max(0, c.server.storageLimit-store.Size())
	piece, err := store.Receive(r, min(limit, room))
	if tooLarge, is := errors.AsType[*http.MaxBytesError](err); is && tooLarge.Limit < limit {
		return state.Piece{}, c.server.fullError()
	}
	if err != nil {
		return state.Piece{}, unreadable(err)
	}
	c.received = append(c.received, piece)
	if store.Size() > c.server.storageLimit { // others came in meanwhile
		return state.Piece{}, c.server.fullError()
	}
	return piece, nil
}

func (s *Server) fullError() error {
	return refuse(codeQuota, "There is no room for the file: the server keeps %d bytes at most.", s.storageLimit)
}

// countSessions refuses a sign-in by which a user has more sessions on a site than one may have.
func (c *call) countSessions(where *site, u *user) error {
	count := 0
	for _, n := range c.server.sessions.FindAll(userIndex, where.luid+"/"+u.LUID) {
		if !c.server.isOver(n, c.now) {
			count++
		}
	}
	if count <= c.server.sessionLimit {
		return nil
	}
	return refuse(codeTooMany, "User '%s' has %d sessions on site '%s', which is as many as one may have.", u.LUID, count-1, where.luid)
}

// enter counts a request in, and refuses it when there are too many at a time. Leave must be called in any case.
func (s *Server) enter() (leave func(), err error) {
	leave = func() { s.active.Add(-1) }
	if s.active.Add(1) > int64(s.concurrency) {
		return leave, &apiError{
			code:       codeTooMany,
			detail:     fmt.Sprintf("The server answers %d requests at a time.", s.concurrency),
			retryAfter: 1,
		}
	}
	return leave, nil
}
