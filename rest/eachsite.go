package rest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A SiteTarget is a site to work on, of whatever server.
type SiteTarget struct {
	Client         *Client
	Credentials    Credentials
	SiteContentURL string // "" for the Default site
	// CredentialsLater gives the credentials when the site's turn comes, in place of Credentials: what they are made of need not
	// be known, or read, before. It is asked once, perhaps some sites before this one is begun; nil for Credentials.
	CredentialsLater func(context.Context) (Credentials, error)
}

// EachSiteOptions say how [EachSite] works. The zero value works on 4 sites of each server at a time.
type EachSiteOptions struct {
	// Parallel is how many sites are worked on at a time on each server, so that a slow server holds up none but its own; 0 for 4.
	Parallel int
	// Begin is asked just before a site is signed in to, by its number. A site for which it gives an error is left out, and that
	// is the site's error. nil for none.
	Begin func(i int) error
	// Done is told what became of each site as it ends, also of those that were not begun. nil for none. There is one call of
	// Begin or Done at a time; they must not block.
	Done func(i int, err error)
}

// A SiteError is what failed on one of several sites.
type SiteError struct {
	ServerURL      string
	SiteContentURL string
	Err            error
}

// Error names the site and says what failed.
func (e *SiteError) Error() string {
	return fmt.Sprintf("%s of %s: %v", siteName(e.SiteContentURL), e.ServerURL, e.Err)
}

// Unwrap is what failed.
func (e *SiteError) Unwrap() error { return e.Err }

const (
	usualSites  = 4                // worked on at a time
	signOutTime = 10 * time.Second // a session that was not ended ends by itself
)

// EachSite signs in to each of the sites, calls do with its number among them and its session, and signs out again. The sites
// of a server are begun in their order, some of them at a time; but those that a server lets in one at a time, because they
// share a personal access token, wait for each other, and let others pass.
//
// What fails on one site stops no other. The error joins a [*SiteError] for each site that failed or was left out, in the order
// of the sites; once the context has ended no site is begun, and those that were not are among them.
func EachSite(ctx context.Context, sites []SiteTarget, o EachSiteOptions, do func(ctx context.Context, i int, s *Session) error) error {
	if o.Parallel < 0 {
		return fmt.Errorf("working on %d sites at a time: it must be 1 or more", o.Parallel)
	}
	if o.Parallel == 0 {
		o.Parallel = usualSites
	}
	w := &siteWalk{sites: sites, options: o, do: do, errs: make([]error, len(sites))}
	var workers sync.WaitGroup
	for _, q := range w.queues() {
		for range min(o.Parallel, len(q.left)) {
			workers.Go(func() { w.work(ctx, q) })
		}
	}
	workers.Wait()
	return errors.Join(w.errs...)
}

// A siteWalk is one call of EachSite.
type siteWalk struct {
	sites   []SiteTarget
	options EachSiteOptions
	do      func(ctx context.Context, i int, s *Session) error
	errs    []error // one for each site, nil for none

	telling sync.Mutex // one call of the options' functions at a time
}

// A siteQueue is the sites of one server that are still to be begun. Its workers go through it together.
type siteQueue struct {
	mu   sync.Mutex
	left []int // numbers of sites
	// waiting are the sites that came up while their credentials, which let in one at a time, were in use: there is an entry as
	// long as somebody uses them, who then goes on with these.
	waiting map[string][]siteTurn
}

// A siteTurn is a site whose turn it is, with the credentials for it or the reason why there are none.
type siteTurn struct {
	i           int
	credentials Credentials
	err         error
}

// queues sorts the sites by server.
func (w *siteWalk) queues() []*siteQueue {
	var queues []*siteQueue
	known := map[string]*siteQueue{}
	for i, site := range w.sites {
		q := known[site.server()]
		if q == nil {
			q = &siteQueue{waiting: map[string][]siteTurn{}}
			known[site.server()] = q
			queues = append(queues, q)
		}
		q.left = append(q.left, i)
	}
	return queues
}

// work does what is left of a queue, one site after the other.
func (w *siteWalk) work(ctx context.Context, q *siteQueue) {
	for {
		i, ok := q.next()
		if !ok {
			return
		}
		turn := siteTurn{i: i}
		turn.credentials, turn.err = w.sites[i].credentials(ctx)
		sole := turn.sole()
		if sole == "" {
			w.end(i, w.onSite(ctx, turn))
			continue
		}
		for ok := q.acquire(sole, turn); ok; turn, ok = q.release(sole) {
			w.end(turn.i, w.onSite(ctx, turn))
		}
	}
}

// next takes the first site that is left.
func (q *siteQueue) next() (i int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.left) == 0 {
		return 0, false
	}
	i, q.left = q.left[0], q.left[1:]
	return i, true
}

// acquire takes the credentials of a site, or lets the site wait for them.
func (q *siteQueue) acquire(sole string, turn siteTurn) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting, used := q.waiting[sole]
	if used {
		waiting = append(waiting, turn)
	}
	q.waiting[sole] = waiting
	return !used
}

// release gives the credentials to the site that has waited for them longest, or up.
func (q *siteQueue) release(sole string) (next siteTurn, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting := q.waiting[sole]
	if len(waiting) == 0 {
		delete(q.waiting, sole)
		return siteTurn{}, false
	}
	q.waiting[sole] = waiting[1:]
	return waiting[0], true
}

// end notes what became of a site.
func (w *siteWalk) end(i int, err error) {
	if err != nil {
		w.errs[i] = &SiteError{w.sites[i].server(), w.sites[i].SiteContentURL, err}
	}
	if w.options.Done != nil {
		w.telling.Lock()
		defer w.telling.Unlock()
		w.options.Done(i, err)
	}
}

func (w *siteWalk) onSite(ctx context.Context, turn siteTurn) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	site := w.sites[turn.i]
	if err := w.begin(turn.i); err != nil {
		return err
	}
	switch {
	case site.Client == nil:
		return errors.New("the site has no client")
	case turn.err != nil:
		return turn.err
	}
	s, err := site.Client.SignIn(ctx, turn.credentials, site.SiteContentURL)
	if err != nil {
		return err
	}
	defer func() {
		bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), signOutTime)
		defer cancel()
		_ = s.SignOut(bye)
	}()
	return w.do(ctx, turn.i, s)
}

func (w *siteWalk) begin(i int) error {
	if w.options.Begin == nil {
		return nil
	}
	w.telling.Lock()
	defer w.telling.Unlock()
	return w.options.Begin(i)
}

func (site SiteTarget) server() string {
	if site.Client == nil {
		return "no server"
	}
	return site.Client.ServerURL()
}

func (site SiteTarget) credentials(ctx context.Context) (Credentials, error) {
	switch {
	case site.CredentialsLater == nil:
		return site.Credentials, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	return site.CredentialsLater(ctx)
}

// sole identifies the credentials if the server keeps one session only for them.
func (t siteTurn) sole() string {
	if t.err != nil || t.credentials == nil {
		return ""
	}
	return t.credentials.traits().sole
}
