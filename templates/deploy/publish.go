package deploy

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// Options say how to publish. The zero value publishes to all sites.
type Options struct {
	// Sites to publish to; nil for all of the manifest.
	Sites []*templates.Site
	// Jobs is how many sites are worked on at a time; 0 for 4. Sites that sign in with one personal access token are
	// worked on one after the other, because a server keeps one session for each token.
	Jobs int
	// Client makes the client of a server; it is asked once for each, also when it fails, and for several servers at a
	// time. nil for rest.NewClient(server.URL).
	Client func(templates.Server) (*rest.Client, error)
	// Progress is told of every result as it comes, one call at a time; it must not block. nil for none.
	Progress func(Result)
}

const defaultJobs = 4

// Publish renders and publishes every template of the manifest to the sites. The
// error is one that concerns them all: a template that does not open, options that
// do not fit, or a context that ended. What failed on a site is in the report, which
// is there even then.
func Publish(ctx context.Context, m *templates.Manifest, o Options) (*Report, error) {
	if o.Jobs < 0 {
		return nil, fmt.Errorf("publishing: %d jobs at a time: it must be 1 or more", o.Jobs)
	}
	renderer, err := m.Open()
	if err != nil {
		return nil, fmt.Errorf("publishing: %w", err)
	}
	run := newRun(m, renderer, o)
	err = run.publish(ctx)
	return &Report{Sites: run.results}, errors.Join(err, renderer.Close())
}

// run is one call of Publish.
type run struct {
	manifest *templates.Manifest
	renderer *templates.Renderer
	sites    []*templates.Site
	jobs     int
	clients  map[templates.Server]func() (*rest.Client, error) // each asks once

	results []SiteResult // one for each site

	mu       sync.Mutex // one call of progress at a time
	progress func(Result)
}

func newRun(m *templates.Manifest, r *templates.Renderer, o Options) *run {
	run := &run{
		manifest: m, renderer: r, sites: o.Sites, jobs: o.Jobs, progress: o.Progress,
		clients: map[templates.Server]func() (*rest.Client, error){},
	}
	if run.sites == nil {
		run.sites = m.Sites()
	}
	if run.jobs == 0 {
		run.jobs = defaultJobs
	}
	client := o.Client
	if client == nil {
		client = func(s templates.Server) (*rest.Client, error) { return rest.NewClient(s.URL) }
	}
	run.results = make([]SiteResult, len(run.sites))
	for i, s := range run.sites {
		run.results[i] = SiteResult{Site: s.Key, SiteContentURL: s.ContentURL, ServerURL: s.Server.URL, Results: []Result{}}
		if run.clients[s.Server] == nil {
			run.clients[s.Server] = sync.OnceValues(func() (*rest.Client, error) { return client(s.Server) })
		}
	}
	return run
}

// publish works through the lanes, some at a time.
func (r *run) publish(ctx context.Context) error {
	var group errgroup.Group
	group.SetLimit(r.jobs)
	for _, lane := range r.lanes() {
		group.Go(func() error {
			for _, i := range lane {
				r.publishSite(ctx, i)
			}
			return nil
		})
	}
	_ = group.Wait() // the lanes report, they do not fail
	if ctx.Err() != nil {
		return fmt.Errorf("publishing: %w", context.Cause(ctx))
	}
	return nil
}

// lanes groups the sites, by number, into those that must be worked on one after the
// other: they share a personal access token, and a second sign-in with it would end
// the first.
func (r *run) lanes() [][]int {
	var lanes [][]int
	type token struct {
		server       templates.Server
		name, secret string // names are unique to a user, so that both are needed
	}
	byToken := map[token]int{}
	for i, s := range r.sites {
		signIn, err := s.SignIn()
		if err != nil || signIn.TokenName == "" { // an error is reported when the site's turn comes
			lanes = append(lanes, []int{i})
			continue
		}
		key := token{s.Server, signIn.TokenName, string(signIn.TokenSecret)}
		lane, known := byToken[key]
		if !known {
			lane = len(lanes)
			byToken[key] = lane
			lanes = append(lanes, nil)
		}
		lanes[lane] = append(lanes[lane], i)
	}
	return lanes
}

// add puts a result into the report and tells of it.
func (r *run) add(site int, result Result) {
	result.Site = r.sites[site].Key
	if result.Err != nil {
		result.Message = r.manifest.Mask(result.Err.Error())
		result.Err = &maskedError{result.Message, result.Err}
	}
	s := &r.results[site]
	s.Results = append(s.Results, result)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.progress != nil {
		r.progress(result)
	}
}
