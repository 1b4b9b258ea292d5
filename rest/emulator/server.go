package emulator

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// Server is a Tableau Server, in memory or with a folder. It is an [http.Handler] and safe for concurrent use.
type Server struct {
	options
	pipe pipe

	mu     sync.Mutex // guards everything below, and what it leads to
	store  *state.Store
	closed bool
	serverTables
	opened map[string]*site     // the sites whose tables are open, by LUID
	used   map[string]time.Time // when the session with the key was last used; since the start when it was not
	began  time.Time            // when this server was started
	log    *requestLog
	ahead  time.Duration  // how far the clock of the options is set ahead
	boot   string         // tells this run of the server from every other
	admin  *http.ServeMux // what is answered outside of the API; never changes
	active atomic.Int64   // requests that are being answered

	sweeps   sweeps
	nextRuns nextRuns
}

// serverTables are the records that belong to no site.
type serverTables struct {
	counters  *state.Table[counter]
	domains   *state.Table[domain]
	accounts  *state.Table[account]
	usedJWTs  *state.Table[usedJWT]
	settings  *state.Table[settings]
	pats      *state.Table[pat]
	sessions  *state.Table[session]
	siteInfos *state.Table[siteInfo]
	uploads   *state.Table[upload]
	queue     *state.Table[queued] // jobs that are not done yet, in the order they were started
	schedules *state.Table[schedule]
	outbox    *state.Table[outgoing]
}

// The indexes of the tables of the server, besides those of content.
const (
	sessionIndex = "session" // its key
	userIndex    = "user"    // LUIDs of the site and the user, with a slash between
)

func (s *Server) openTables() {
	s.serverTables = serverTables{
		counters: state.NewTable(s.store, "counters", func(c *counter) string { return c.Name }),
		domains:  state.NewTable(s.store, "domains", func(d *domain) string { return d.LUID }),
		usedJWTs: state.NewTable(s.store, "usedtokens", func(u *usedJWT) string { return u.ID }),
		settings: state.NewTable(s.store, "settings", func(of *settings) string { return of.LUID }),
		accounts: state.NewTable(s.store, "accounts", func(a *account) string { return a.LUID }).
			Index(nameIndex, func(a *account) string { return fold(a.Name) }),
		pats: state.NewTable(s.store, "tokens", func(p *pat) string { return p.LUID }).
			Index(nameIndex, func(p *pat) string { return p.Name }).
			Index(sessionIndex, func(p *pat) string { return p.Session }),
		sessions: state.NewTable(s.store, "sessions", func(n *session) string { return n.Key }).
			Index(userIndex, func(n *session) string { return n.Site + "/" + n.User }),
		siteInfos: state.NewTable(s.store, "sites", func(i *siteInfo) string { return i.LUID }).
			Index(contentURLIndex, func(i *siteInfo) string { return fold(i.ContentURL) }).
			Index(nameIndex, func(i *siteInfo) string { return fold(i.Name) }),
		uploads:   state.NewTable(s.store, "uploads", func(u *upload) string { return u.ID }),
		queue:     state.NewTable(s.store, "queue", func(q *queued) string { return q.Job }),
		schedules: state.NewTable(s.store, "schedules", func(h *schedule) string { return h.LUID }),
		outbox:    state.NewTable(s.store, "outbox", func(o *outgoing) string { return o.Delivery }),
	}
	s.opened = make(map[string]*site)
}

// counter is the last number given out for something the server numbers through.
type counter struct {
	Name string
	Last int
}

// New returns a server that has the Default site with its Default project and what the options add. All options are
// checked; the error joins everything that is wrong with them, or else everything that is wrong with what they ask for.
// A server nobody can sign in to is an error, [ErrNobody]: give at least one of [WithUser] and [WithOpen], or a seed, a
// state or a snapshot with somebody in it.
func New(opts ...Option) (*Server, error) {
	o := defaults()
	var problems []error
	for _, opt := range opts {
		problems = append(problems, opt(&o))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("making an emulator: %w", err)
	}
	store, err := o.openStore()
	if err != nil {
		return nil, fmt.Errorf("making an emulator: %w", err)
	}
	s := &Server{
		options: o, used: make(map[string]time.Time), began: o.clock().UTC(), boot: rand.Text(), log: newRequestLog(),
		store: store,
	}
	s.options.clock = func() time.Time { return o.clock().Add(s.ahead) }
	s.admin = s.adminRoutes()
	if err := s.openWorld(); err != nil {
		return nil, fmt.Errorf("making an emulator: %w", errors.Join(err, store.Close()))
	}
	return s, nil
}

// ServeHTTP answers one request. What is left of the request body is read before the answer is sent, because clients
// that are still sending would see a broken connection instead of the refusal.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.serveAdmin(w, r) {
		return
	}
	c := &call{server: s, request: r, query: parseQuery(r.URL.RawQuery)}
	defer s.watch(c)()
	w.Header().Set("Date", s.now().Format(http.TimeFormat))
	leave, err := s.enter()
	defer leave()
	var fault *Fault
	if err == nil {
		fault, err = s.faultFor(c)
	}
	if fault.strikes(BeforeHandler) {
		fault.strike(w, c)
		return
	}
	var answer *reply
	if err == nil {
		c.fault = fault
		answer, err = s.answer(c)
	}
	if err != nil {
		answer = refusalOf(err).reply()
	}
	defer answer.close()
	if answer.complete != nil {
		answer.complete(r.Context())
	}
	if fault.strikes(AfterCommit) {
		fault.strike(w, c)
		return
	}
	drain(w, c.request)
	c.status, c.code = answer.status, answer.code
	fault.send(answer, w, r)
	if s.webhookClient != nil {
		http.NewResponseController(w).Flush() // the client need not wait for the webhooks; an error is its own
		s.deliver(context.WithoutCancel(r.Context()))
	}
}

// now is the time by the server's clock.
func (s *Server) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock().UTC()
}

// maxDrain is how much of an unread request body is read before a refusal is answered.
const maxDrain = 128 * mebibyte

func drain(w http.ResponseWriter, r *http.Request) {
	if n, _ := io.CopyN(io.Discard, r.Body, maxDrain); n == maxDrain {
		w.Header().Set("Connection", "close")
	}
}

// answer takes a request through its steps: find the operation, know the caller, read the body, and then know the caller
// as of now and do it with the lock held, so that an operation sees and leaves a whole world.
func (s *Server) answer(c *call) (*reply, error) {
	defer func() { s.store.Discard(c.received) }()
	op, err := s.route(c)
	if err != nil {
		return nil, err
	}
	if c.fault != nil && c.fault.EndSession {
		if err := s.locked(c, endSession); err != nil {
			return nil, err
		}
	}
	if op.read != nil {
		if err := s.locked(c, op.authenticate); err != nil {
			return nil, err
		}
		if err := op.read(c); err != nil {
			return nil, err
		}
	}
	var answer *reply
	err = s.locked(c, func(c *call) error {
		if err := op.authenticate(c); err != nil { // the caller may be another by the end of a long body
			return err
		}
		answer, err = op.do(c)
		return err
	})
	return answer, err
}

// locked runs a step with the lock held, at one instant of the server's clock and after what is due by then. A step
// that fails has changed nothing.
func (s *Server) locked(c *call, step func(*call) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	c.now = s.clock().UTC()
	if err := s.store.Do(func() error { return s.settle(c.now) }); err != nil {
		return err
	}
	return s.store.Do(func() error { return step(c) })
}

// nextNumber returns the next number for what the server numbers through.
func (s *Server) nextNumber() int {
	next := counter{Name: "number", Last: 1}
	if c := s.counters.Get(next.Name); c != nil {
		next.Last = c.Last + 1
	}
	s.counters.Put(&next)
	return next.Last
}

// fold is the same for names that differ in their case alone.
func fold(name string) string { return strings.ToLower(strings.ToUpper(name)) }

func (s *Server) hexID() string { return strings.ReplaceAll(s.newID(), "-", "") }

// stamp is the time objects are dated with: the API tells whole seconds.
func stamp(t time.Time) time.Time { return t.Truncate(time.Second) }

func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
