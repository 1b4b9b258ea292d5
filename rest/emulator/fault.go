package emulator

import (
	"fmt"
	"net/http"
	"path"
	"strings"
)

// Fault makes one or more requests go wrong, so that a client can be tested for what it does then. Requests of which
// several faults are true suffer the one given first.
type Fault struct {
	// Method is the method of the requests; "" for any.
	Method string
	// Path is a pattern, as of [path.Match], for what follows /api/{version} in the path, in any case, such as
	// "/sites/*/workbooks"; "" for any.
	Path string
	// Call is which of the requests that match goes wrong, counted from 1; 0 for all of them.
	Call int
	// Stage is when it goes wrong.
	Stage Stage
	// Answer is what is sent instead of the server's answer; see [Refusal]. With nil the connection is cut.
	Answer http.Handler
}

// Stage is when a [Fault] strikes.
type Stage int

// The stages of a request at which a [Fault] strikes.
const (
	// BeforeHandler is before the server has done anything.
	BeforeHandler Stage = iota
	// AfterCommit is after the server has done what was asked, when the client is about to be told.
	AfterCommit
)

type armedFault struct {
	Fault
	seen int // requests that matched
}

// WithFault adds a fault. Without any, nothing goes wrong.
func WithFault(f Fault) Option {
	return func(o *options) error {
		if _, err := path.Match(f.Path, ""); err != nil {
			return fmt.Errorf("fault on %q: %w", f.Path, err)
		}
		if f.Call < 0 {
			return fmt.Errorf("fault on %q: call %d is negative", f.Path, f.Call)
		}
		o.faults = append(o.faults, &armedFault{Fault: f})
		return nil
	}
}

// faultFor counts a request and returns the fault it meets, or nil.
func (s *Server) faultFor(r *http.Request) *armedFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var met *armedFault
	for _, f := range s.faults {
		if !f.matches(r) {
			continue
		}
		f.seen++
		if met == nil && (f.Call == 0 || f.Call == f.seen) {
			met = f
		}
	}
	return met
}

func (f *armedFault) matches(r *http.Request) bool {
	if f.Method != "" && !strings.EqualFold(f.Method, r.Method) {
		return false
	}
	if f.Path == "" {
		return true
	}
	_, resource, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/api/"), "/")
	matched, _ := path.Match(strings.ToLower(f.Path), strings.ToLower("/"+resource))
	return matched
}

// strike sends the answer of the fault, or cuts the connection.
func (f *armedFault) strike(w http.ResponseWriter, r *http.Request) {
	if f.Answer == nil {
		panic(http.ErrAbortHandler)
	}
	drain(w, r)
	f.Answer.ServeHTTP(w, r)
}
