package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// siteFlags are those of the verbs that work with the sites of servers.
type siteFlags struct {
	sites selection
	jobs  int
	rate  float64
	shard string
	state string

	stateless bool // the verb keeps nothing, and asks for nothing that was kept
	looks     bool // the verb asks for what was kept, and keeps nothing
}

func (f *siteFlags) flags(cmd *cobra.Command) {
	f.sites.flags(cmd)
	flags := cmd.Flags()
	flags.IntVar(&f.jobs, "jobs", 4, "`N` sites of each server at a time; those that share a personal access token wait for each other")
	flags.Float64Var(&f.rate, "rate", 0, "at most `N` requests a second to each server (default no limit)")
	flags.StringVar(&f.shard, "shard", "", "the part `I/N` of the sites, the I-th of N, on every machine the same (default all)")
	if f.stateless {
		return
	}
	flags.StringVar(&f.state, "state", "", "the `FOLDER` that keeps what was published (default .tabtemplate beside the manifest)")
}

// siteRun is what a verb needs to work with the sites of servers.
type siteRun struct {
	manifest *templates.Manifest
	options  deploy.Options
	emulator *emulator.Server
	store    *deploy.Journal // nil for none
}

// open loads the manifest and makes ready what it takes to work with its sites.
func (f *siteFlags) open(a *app) (_ *siteRun, err error) {
	if f.jobs < 1 {
		return nil, usagef("--jobs %d: it must be 1 or more", f.jobs)
	}
	if f.rate < 0 {
		return nil, usagef("--rate %g: it must be more than 0", f.rate)
	}
	var shard deploy.Shard
	if f.shard != "" {
		if shard, err = deploy.ParseShard(f.shard); err != nil {
			return nil, usagef("--shard: %w", err)
		}
	}
	m, picked, err := a.load(&f.sites)
	if err != nil {
		return nil, err
	}
	if err := checkSignIns(picked); err != nil {
		return nil, err
	}
	r := &siteRun{manifest: m}
	if r.emulator, err = emulator.New(emulator.WithOpen()); err != nil { // used where the manifest says so
		return nil, err
	}
	r.options = deploy.Options{Sites: picked, Shard: shard, Jobs: f.jobs, Client: r.client(f.rate, a.log())}
	if f.stateless {
		return r, nil
	}
	if err := f.openStore(a, r); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// openStore opens the state. What is published to the emulator of this process ends with it, and is not kept.
func (f *siteFlags) openStore(a *app, r *siteRun) (err error) {
	kept := false
	for _, s := range r.options.Sites {
		kept = kept || !s.Server.Emulator
	}
	if !kept {
		return nil
	}
	dir := f.state
	if dir == "" {
		dir = filepath.Join(filepath.Dir(a.manifest), ".tabtemplate")
	}
	if _, err := os.Stat(dir); f.looks && errors.Is(err, fs.ErrNotExist) {
		return nil // nor is the folder made
	}
	r.store, err = deploy.OpenState(dir, r.options.Shard)
	if r.store != nil {
		r.options.Store = r.store
	}
	return err
}

func (r *siteRun) close() error {
	var err error
	if r.store != nil {
		err = r.store.Close()
	}
	return errors.Join(err, r.emulator.Close())
}

// client makes the client of a server, with at most so many requests a second, 0 for any number.
func (r *siteRun) client(rate float64, log rest.Option) func(templates.Server) (*rest.Client, error) {
	direct := directTransport()
	return func(s templates.Server) (*rest.Client, error) {
		client := &http.Client{Transport: direct}
		if s.Emulator {
			client.Transport = r.emulator.Transport()
		}
		options := []rest.Option{rest.WithHTTPClient(client), log}
		if rate > 0 {
			options = append(options, rest.WithRateLimit(rate, 1))
		}
		return rest.NewClient(s.URL, options...)
	}
}

// log has a client tell of its requests, with --verbose.
func (a *app) log() rest.Option {
	if !a.verbose {
		return rest.WithLogger(slog.New(slog.DiscardHandler))
	}
	return rest.WithLogger(slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: slog.LevelDebug})))
}

// gently has an interrupt end the work in an orderly way: no further site is begun, and those that were are finished. A second
// one ends the process.
func (r *siteRun) gently(ctx context.Context, a *app) (context.Context, func()) {
	r.options.Stop = func() bool { return ctx.Err() != nil }
	told := context.AfterFunc(ctx, func() {
		fmt.Fprintln(a.stderr, "interrupted: finishing the sites that were begun; once more to stop at once")
	})
	return context.WithoutCancel(ctx), func() { told() }
}

// checkSignIns refuses sites for which the manifest says nothing of how to sign in. What it says may still fail, such as
// a secret that is not there: that is the failure of the site alone.
func checkSignIns(sites []*templates.Site) error {
	var missing []string
	for _, s := range sites {
		_, err := s.SignIn()
		if _, said := errors.AsType[templates.Problems](err); err != nil && !said {
			missing = append(missing, s.Key)
		}
	}
	if len(missing) > 0 {
		return usagef("the manifest does not say how to sign in: there is no sign_in for %s", strings.Join(missing, ", "))
	}
	return nil
}

// answerTime is how long a server may take to begin its answer. Publishing in one request is answered when the server has
// taken in the whole file, which can take minutes; a server that is silent for longer will not answer any more.
const answerTime = 15 * time.Minute

// directTransport is Go's own, except that it does not wait for an answer for ever, and keeps the connections of as many sites
// as are worked on.
func directTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = answerTime
	t.MaxIdleConnsPerHost = t.MaxIdleConns
	return t
}
