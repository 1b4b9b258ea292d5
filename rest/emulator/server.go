package emulator

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Server is a Tableau Server in memory. It is an [http.Handler] and safe for concurrent use.
type Server struct {
	options
	pipe pipe

	mu       sync.Mutex // guards everything below, and what it leads to
	accounts []*account
	pats     []*pat
	sites    []*site
	sessions map[string]*session // by token
	pending  []*job              // not done yet, oldest first
	numbers  int                 // the last number given out for a web page or an upload session
}

// New returns a server that has the Default site with its Default project and what the options add. All options are
// checked; the error joins everything that is wrong. A server nobody can sign in to is an error: give at least one of
// [WithUser] and [WithOpen].
func New(opts ...Option) (*Server, error) {
	o := defaults()
	var problems []error
	for _, opt := range opts {
		problems = append(problems, opt(&o))
	}
	if len(o.users) == 0 && !o.open {
		problems = append(problems, errors.New("nobody can sign in: give WithUser or WithOpen"))
	}
	s := &Server{options: o, accounts: o.users, sessions: make(map[string]*session)}
	problems = append(problems, s.addTokens(), s.checkMemberships())
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("making an emulator: %w", err)
	}
	s.addSite("", "Default")
	for _, site := range o.sites {
		s.addSite(site.contentURL, site.name)
	}
	return s, nil
}

func (s *Server) addTokens() error {
	var problems []error
	for _, t := range s.tokens {
		owner := findAccount(s.accounts, t.user)
		if owner == nil {
			problems = append(problems, fmt.Errorf("token %q: there is no user %q", t.name, t.user))
			continue
		}
		s.pats = append(s.pats, &pat{name: t.name, secret: t.secret, owner: owner})
	}
	return errors.Join(problems...)
}

func (s *Server) checkMemberships() error {
	var problems []error
	for _, a := range s.accounts {
		for _, contentURL := range a.sites {
			known := func(o siteOption) bool { return o.contentURL == contentURL }
			if contentURL != "" && !slices.ContainsFunc(s.options.sites, known) {
				problems = append(problems, fmt.Errorf("user %q: there is no site %q", a.name, contentURL))
			}
		}
	}
	return errors.Join(problems...)
}

// ServeHTTP answers one request. What is left of the request body is read before the answer is sent, because clients
// that are still sending would see a broken connection instead of the refusal.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := s.faultFor(r)
	if fault != nil && fault.Stage == BeforeHandler {
		fault.strike(w, r)
		return
	}
	answer, err := s.answer(r)
	if err != nil {
		answer = refusalOf(err).reply()
	}
	if fault != nil {
		fault.strike(w, r)
		return
	}
	drain(w, r)
	answer.write(w)
}

// maxDrain is how much of an unread request body is read before a refusal is answered.
const maxDrain = 128 * mebibyte

func drain(w http.ResponseWriter, r *http.Request) {
	if n, _ := io.CopyN(io.Discard, r.Body, maxDrain); n == maxDrain {
		w.Header().Set("Connection", "close")
	}
}

// answer takes a request through its steps: find the operation, know the caller, read the body, and then do it with
// the lock held, so that an operation sees and leaves a whole world.
func (s *Server) answer(r *http.Request) (*reply, error) {
	c := &call{server: s, request: r, query: parseQuery(r.URL.RawQuery)}
	op, err := s.route(c)
	if err != nil {
		return nil, err
	}
	if err := s.locked(c, op.authenticate); err != nil {
		return nil, err
	}
	if op.read != nil {
		if err := op.read(c); err != nil {
			return nil, err
		}
	}
	var answer *reply
	err = s.locked(c, func(c *call) error {
		answer, err = op.do(c)
		return err
	})
	return answer, err
}

// locked runs a step with the lock held, at one instant of the server's clock and after what is due by then.
func (s *Server) locked(c *call, step func(*call) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.now = s.clock().UTC()
	s.settle(c.now)
	return step(c)
}

// nextNumber returns the next number for what the server numbers through.
func (s *Server) nextNumber() int {
	s.numbers++
	return s.numbers
}

// stamp is the time objects are dated with: the API tells whole seconds.
func stamp(t time.Time) time.Time { return t.Truncate(time.Second) }

func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
