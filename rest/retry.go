package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	usualTries    = 4
	firstWait     = 500 * time.Millisecond
	longestWait   = 30 * time.Second
	longestPolite = 5 * time.Minute // a longer Retry-After is the caller's to wait for
)

var (
	errTooLarge = errors.New("the answer is larger than 32 MiB")
	errStopped  = errors.New("the request is over")
	errTorn     = errors.New("reading the answer")
)

// A sourceError is a failure of the caller's file, which no repeating cures.
type sourceError struct{ err error }

func (e sourceError) Error() string { return "reading the file to publish: " + e.err.Error() }
func (e sourceError) Unwrap() error { return e.err }

// An unsentError is why a request was not begun.
type unsentError struct{ err error }

func (e unsentError) Error() string { return e.err.Error() }
func (e unsentError) Unwrap() error { return e.err }

// A redirectError is a redirect that is not followed.
type redirectError string

func (e redirectError) Error() string { return string(e) }

// again decides whether a request that failed for the given time is sent again, and after which wait.
func (q *request) again(attempt int, e *Error) (time.Duration, bool) {
	tries := q.tries
	if tries == 0 {
		tries = usualTries
	}
	if attempt >= tries || e.RetryAfter > longestPolite || !q.repeatable(e) {
		return 0, false
	}
	if e.RetryAfter > 0 {
		return e.RetryAfter, true
	}
	return jitter(firstWait << (attempt - 1)), true
}

// repeatable goes by what the failure says about the earlier attempt.
func (q *request) repeatable(e *Error) bool {
	switch e.Status {
	case 0:
		return passing(e.Err) && (!q.once || e.partial || neverSent(e.Err))
	case http.StatusTooManyRequests:
		return true // the server did nothing
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !q.once || e.partial
	case http.StatusInternalServerError:
		return q.method == http.MethodGet && !q.once
	}
	return q.method == http.MethodGet && !q.once && errors.Is(e.Err, errTorn)
}

// mayHaveHappened says that a write may have been carried out although it failed.
func (e *Error) mayHaveHappened() bool {
	if e.Method == http.MethodGet || e.partial {
		return false
	}
	if e.Status == 0 {
		return !neverSent(e.Err)
	}
	return e.Status < 300 || e.Status >= 500 || e.Status == http.StatusRequestTimeout
}

// neverSent recognises failures from before the first byte of a request.
func neverSent(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	_, dns := errors.AsType[*net.DNSError](err)
	_, file := errors.AsType[sourceError](err)
	_, unsent := errors.AsType[unsentError](err)
	return dns || file || unsent || untrusted(err)
}

// passing says that a failure without an answer may go away by itself. What never does is listed rather than what does: the
// errors of broken connections are many, and those of HTTP/2 have no names.
func passing(err error) bool {
	if ended(err) {
		return false
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return false
	}
	_, file := errors.AsType[sourceError](err)
	_, redirect := errors.AsType[redirectError](err)
	_, unsent := errors.AsType[unsentError](err)
	return !file && !redirect && !unsent && !untrusted(err)
}

// ended says that the caller's context ended the request.
func ended(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// untrusted says that the TLS handshake failed for good.
func untrusted(err error) bool {
	_, cert := errors.AsType[*tls.CertificateVerificationError](err)
	_, plain := errors.AsType[tls.RecordHeaderError](err)
	return cert || plain
}

// jitter is a random time up to d, and d is cut to half a minute.
func jitter(d time.Duration) time.Duration {
	return 1 + rand.N(min(d, longestWait))
}

// retryAfter reads the header, which is a number of seconds or a date.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// sleep waits before a request is repeated. A wait that the context's deadline would cut short is not begun.
func sleep(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return context.DeadlineExceeded
	}
	return pause(ctx, d)
}

// pause waits, or ends with the context.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lagWaits are the waits between looks at a list for something that may just have been made: the server's lists lag behind by
// seconds.
var lagWaits = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}

// patiently looks for something until it is there, for as long as lists lag behind.
func patiently(ctx context.Context, look func() (bool, error)) (bool, error) {
	for i := 0; ; i++ {
		there, err := look()
		if there || err != nil || i == len(lagWaits) {
			return there, err
		}
		if err := pause(ctx, lagWaits[i]); err != nil {
			return false, err
		}
	}
}

// A serverClock is the time of the last answer, by the server's clock: the only one that can be compared with the times of
// objects. It may be read and noted at the same time.
type serverClock struct{ seconds atomic.Int64 }

// note takes the Date header of an answer; without one nothing changes.
func (c *serverClock) note(date string) {
	if t, err := http.ParseTime(date); err == nil {
		c.seconds.Store(t.Unix())
	}
}

// last is the time noted last, zero before the first.
func (c *serverClock) last() time.Time {
	if seconds := c.seconds.Load(); seconds > 0 {
		return time.Unix(seconds, 0).UTC()
	}
	return time.Time{}
}
