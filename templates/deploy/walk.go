package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// A visitor is what is done with a template on a site: publishing it, or only looking.
type visitor func(ctx context.Context, s *siteWork, t *templates.Template, out *Outcome) error

// A walk works on the sites of a manifest, some at a time, and on each through the templates.
type walk struct {
	manifest *templates.Manifest
	renderer *templates.Renderer
	options  Options
	visit    visitor
	looks    bool                                              // nothing is done, and nothing goes into the store
	each     func(Outcome) error                               // of a plan or a verification, else nil
	clients  map[templates.Server]func() (*rest.Client, error) // each asks once
	history  *history
	prints   fingerprinter

	sites   []*templates.Site
	results []SiteResult        // one for each site
	kept    []map[string]Result // by template: what need not be done again

	stopped atomic.Bool // no further site is begun
	lost    error       // why: the store cannot be written to, or who asked has had enough

	mu       sync.Mutex // of what follows, and one call of an observer at a time
	failures int        // sites
	waiting  int        // sites that failed, and are to be tried again
}

// errStopped says that a site was not begun.
var errStopped = errors.New("the run was stopped before")

func newWalk(m *templates.Manifest, r *templates.Renderer, o Options, visit visitor) (*walk, error) {
	history, err := newHistory(o.Store)
	if err != nil {
		return nil, err
	}
	w := &walk{
		manifest: m, renderer: r, options: o, visit: visit, history: history, prints: fingerprinter{key: o.Store.Key(), renderer: r},
		sites: o.Sites, results: make([]SiteResult, len(o.Sites)), kept: make([]map[string]Result, len(o.Sites)),
		clients: map[templates.Server]func() (*rest.Client, error){},
	}
	for i, s := range w.sites {
		if w.clients[s.Server] == nil {
			w.clients[s.Server] = sync.OnceValues(func() (*rest.Client, error) { return o.Client(s.Server) })
		}
		w.results[i] = SiteResult{Site: s.Key, SiteContentURL: s.ContentURL, ServerURL: s.Server.URL, Results: []Result{}}
	}
	return w, nil
}

// all works on all sites, and again on those that failed for a reason that may pass.
func (w *walk) all(ctx context.Context) error {
	pending := w.pending()
	for retries := max(0, w.options.Retries); len(pending) > 0; retries-- {
		pending = w.pass(ctx, pending, retries > 0)
		if w.stopped.Load() || ctx.Err() != nil {
			break
		}
	}
	for _, i := range pending { // there is no other pass
		w.finish(i)
	}
	switch {
	case w.lost != nil:
		return w.lost
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return nil
}

// pending are the sites, by number, on which something is left to do.
func (w *walk) pending() []int {
	var pending []int
	for i := range w.sites {
		if len(w.kept[i]) < len(w.manifest.Templates()) {
			pending = append(pending, i)
			continue
		}
		w.results[i].Results = w.keptResults(i)
		w.finish(i)
	}
	return pending
}

// keptResults are the results on a site of what need not be done again.
func (w *walk) keptResults(i int) []Result {
	results := []Result{}
	for _, t := range w.manifest.Templates() {
		if kept, ok := w.kept[i][t.Name]; ok {
			results = append(results, kept)
		}
	}
	return results
}

// pass works on sites, those of each server beside those of the others, and returns those to be tried again.
func (w *walk) pass(ctx context.Context, sites []int, retry bool) []int {
	var servers []templates.Server
	of := map[templates.Server][]int{}
	w.waiting = 0
	for _, i := range sites {
		server := w.sites[i].Server
		if of[server] == nil {
			servers = append(servers, server)
		}
		of[server] = append(of[server], i)
	}
	again := make([][]int, len(servers))
	var group sync.WaitGroup
	for n, server := range servers {
		group.Go(func() { again[n] = w.server(ctx, server, of[server], retry) })
	}
	group.Wait()
	all := slices.Concat(again...)
	slices.Sort(all)
	return all
}

// server works on the sites of a server.
func (w *walk) server(ctx context.Context, server templates.Server, sites []int, retry bool) (again []int) {
	done := func(n int, err error) {
		if i := sites[n]; w.ended(ctx, i, err, retry) {
			again = append(again, i)
		}
	}
	client, err := w.clients[server]()
	if err != nil {
		for n := range sites {
			done(n, err)
		}
		return again
	}
	targets := make([]rest.SiteTarget, len(sites))
	for n, i := range sites {
		s := w.sites[i]
		targets[n] = rest.SiteTarget{
			Client: client, SiteContentURL: s.ContentURL,
			CredentialsLater: func(context.Context) (rest.Credentials, error) { return w.options.Credentials(s) },
		}
	}
	_ = rest.EachSite(ctx, targets, rest.EachSiteOptions{
		Parallel: w.options.Jobs, Begin: func(int) error { return w.begin() }, Done: done,
	}, func(ctx context.Context, n int, session *rest.Session) error {
		w.site(ctx, sites[n], session)
		return nil
	})
	return again
}

// ended says that the work on a site ended, and whether it is to be tried again. The error is why it was not signed in to.
func (w *walk) ended(ctx context.Context, i int, err error, retry bool) bool {
	switch {
	case errors.Is(err, errStopped), err != nil && ctx.Err() != nil:
		if len(w.results[i].Results) > 0 { // in a pass before; else it was not reached, which its empty results tell
			w.finish(i)
		}
		return false
	case err != nil:
		w.results[i].Results = w.keptResults(i)
		w.add(i, Outcome{Target: w.target(i, ""), Result: Result{Action: Failed, Err: err}})
	}
	if retry && ctx.Err() == nil && w.passing(i) {
		w.count(&w.waiting)
		return true
	}
	w.finish(i)
	return false
}

// count counts a site that failed, and stops the run when there are too many.
func (w *walk) count(failed *int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*failed++
	if limit := w.options.MaxFailures; limit > 0 && w.failures+w.waiting >= limit {
		w.stopped.Store(true)
	}
}

// begin says whether another site is begun.
func (w *walk) begin() error {
	if w.options.Stop != nil && w.options.Stop() {
		w.stopped.Store(true)
	}
	if w.stopped.Load() {
		return errStopped
	}
	return nil
}

// passing says whether all that failed on a site failed for reasons that may pass.
func (w *walk) passing(i int) bool {
	failed := false
	for _, r := range w.results[i].Results {
		if r.Action == Failed && !mayPass(r.Err) {
			return false
		}
		failed = failed || r.Action == Failed
	}
	return failed
}

// mayPass says whether what failed may work later. What was published before it failed is left alone then, and what may have
// been is looked for.
func mayPass(err error) bool {
	for _, passing := range []error{rest.ErrUnavailable, rest.ErrRateLimited, rest.ErrBusy, rest.ErrOutcomeUnknown} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}

// finish says that nothing more is done on a site, and tells of what failed there.
func (w *walk) finish(i int) {
	site := w.results[i]
	for _, r := range site.Results {
		if !r.succeeded() {
			w.tell(Outcome{Result: r})
		}
	}
	if site.Failed() {
		w.count(&w.failures)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.options.SiteDone != nil {
		w.options.SiteDone(site)
	}
}

// add puts an outcome into the report and the store, and tells of it if it is a success: what failed may be tried again.
func (w *walk) add(i int, out Outcome) {
	result, site := &out.Result, w.sites[i]
	result.Site = site.Key
	if result.Err != nil {
		result.Message, result.Hint = site.Mask(result.Err.Error()), site.Mask(advice(result.Err))
		result.Err = &maskedError{result.Message, result.Err}
	}
	result.Drift = site.Mask(result.Drift) // which servers had a word in
	for _, texts := range [][]string{result.Settings, result.Warnings} {
		for n, text := range texts {
			texts[n] = site.Mask(text)
		}
	}
	w.results[i].Results = append(w.results[i].Results, *result)
	_ = w.note(Entry{Outcome: &out}) // which ends the run if it fails
	if result.succeeded() {
		w.tell(out)
	}
}

// tell tells of an outcome.
func (w *walk) tell(out Outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.options.Result != nil {
		w.options.Result(out.Result)
	}
	if w.each == nil || w.lost != nil {
		return
	}
	if err := w.each(out); err != nil {
		w.stopped.Store(true)
		w.lost = err
	}
}

// target is a template on a site, or with "" the site.
func (w *walk) target(i int, template string) Target {
	s := w.sites[i]
	return Target{s.Server.URL, s.ContentURL, template}
}

// note adds an entry to the store, unless the walk only looks. A store that cannot be written to ends the run, because what is
// published from then on would be forgotten.
func (w *walk) note(e Entry) error {
	if w.looks {
		return nil
	}
	err := w.history.append(e)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("keeping what was done: %w", err)
	w.stopped.Store(true)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lost == nil {
		w.lost = err
	}
	return err
}
