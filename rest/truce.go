package rest

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// A truce is until when a server has asked to be left alone. It holds for all sessions of a client, so that not each of them
// has to be refused before it waits.
type truce struct {
	mu    sync.Mutex
	until map[string]time.Time // by operation, "" for all
}

// note takes in a refusal with a Retry-After. A 429 of Tableau's own is about the operation, as its limits are; a server that
// is unavailable, and a proxy in front of it, mean all. What is too long for a request to wait for is none.
func (t *truce) note(e *Error) {
	busy := e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable
	if !busy || e.RetryAfter == 0 || e.RetryAfter > longestPolite {
		return
	}
	about := ""
	if e.Status == http.StatusTooManyRequests && e.Code != "" {
		about = e.Operation
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.until == nil {
		t.until = map[string]time.Time{}
	}
	if until := time.Now().Add(e.RetryAfter); until.After(t.until[about]) {
		t.until[about] = until
	}
}

// left is how long an operation is to wait.
func (t *truce) left(op string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(time.Until(t.until[op]), time.Until(t.until[""]))
}

// waitForTurn waits until the server and the rate limit let a request begin, which is never once the context has ended. Those
// that waited for the server do not begin all at once.
func (c *Client) waitForTurn(ctx context.Context, op string) error {
	for left := c.truce.left(op); left > 0; left = c.truce.left(op) {
		if err := sleep(ctx, left+jitter(firstWait)); err != nil {
			return fmt.Errorf("%w before the server wants to be asked again, which is %v from now", err, left.Round(time.Second))
		}
	}
	if c.pace != nil && c.pace.Wait(ctx) != nil && ctx.Err() == nil {
		return fmt.Errorf("%w before the rate limit lets the request begin", context.DeadlineExceeded)
	}
	return ctx.Err()
}
