package rest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// A SiteTarget is a site to work on, of whatever server.
type SiteTarget struct {
	Client         *Client
	Credentials    Credentials
	SiteContentURL string // "" for the Default site
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

// EachSite signs in to each of the sites, calls do with its number among them and its session, and signs out again. At most
// parallel of them are worked on at the same time, 4 with 0. Sites that a server lets in one at a time, because they share a
// personal access token, are worked on one after the other.
//
// What fails on one site stops no other. The error joins a [*SiteError] for each site that failed, in the order of the sites;
// once the context has ended no site is begun, and those that were not are among them.
func EachSite(ctx context.Context, sites []SiteTarget, parallel int, do func(ctx context.Context, i int, s *Session) error) error {
	if parallel < 0 {
		return fmt.Errorf("working on %d sites at a time: it must be 1 or more", parallel)
	}
	if parallel == 0 {
		parallel = usualSites
	}
	errs := make([]error, len(sites))
	var group errgroup.Group
	group.SetLimit(parallel)
	for _, lane := range lanesOf(sites) {
		group.Go(func() error {
			for _, i := range lane {
				if err := onSite(ctx, sites[i], func(s *Session) error { return do(ctx, i, s) }); err != nil {
					errs[i] = &SiteError{sites[i].server(), sites[i].SiteContentURL, err}
				}
			}
			return nil
		})
	}
	_ = group.Wait() // the lanes note what failed, they do not fail
	return errors.Join(errs...)
}

func onSite(ctx context.Context, site SiteTarget, do func(*Session) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if site.Client == nil {
		return errors.New("the site has no client")
	}
	s, err := site.Client.SignIn(ctx, site.Credentials, site.SiteContentURL)
	if err != nil {
		return err
	}
	defer func() {
		bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), signOutTime)
		defer cancel()
		_ = s.SignOut(bye)
	}()
	return do(s)
}

// lanesOf groups the numbers of the sites into those that have to be worked on one after the other.
func lanesOf(sites []SiteTarget) [][]int {
	type key struct {
		server, sole string
	}
	var lanes [][]int
	known := map[key]int{}
	for i, site := range sites {
		if site.Credentials == nil || !site.Credentials.traits().exclusive() {
			lanes = append(lanes, []int{i})
			continue
		}
		k := key{site.server(), site.Credentials.traits().sole}
		lane, ok := known[k]
		if !ok {
			lane = len(lanes)
			known[k] = lane
			lanes = append(lanes, nil)
		}
		lanes[lane] = append(lanes[lane], i)
	}
	return lanes
}

func (site SiteTarget) server() string {
	if site.Client == nil {
		return "no server"
	}
	return site.Client.ServerURL()
}
