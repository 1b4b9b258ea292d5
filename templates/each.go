package templates

import (
	"context"
	"fmt"
	"runtime"
	"sync"
)

// Each calls work for each of the sites, jobs of them at a time, and then done with what it returned: one call at a time and
// in the order of the sites, whatever order they come to their end in. Only a few results wait for their turn, so that memory
// does not grow with the number of sites. 0 jobs are as many as there are processors.
//
// When ctx ends or done returns an error, no more sites are begun, and that is the error. What had begun comes to its end; of
// a context that ended done is still told, so that it knows of everything that was worked on.
func Each[T any](ctx context.Context, sites []*Site, jobs int, work func(*Site) T, done func(*Site, T) error) error {
	if jobs < 0 {
		return fmt.Errorf("%d sites at a time: it must be 1 or more", jobs)
	}
	if jobs == 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	begin, stop := context.WithCancel(ctx)
	defer stop()
	var workers sync.WaitGroup
	var failed error
	told := 0
	for turn := range turns(begin, &workers, sites, jobs, work) {
		result := <-turn.result
		if failed != nil {
			continue // but wait for those that had begun
		}
		if failed = done(turn.site, result); failed != nil {
			stop()
		}
		told++
	}
	workers.Wait()
	if failed == nil && told < len(sites) {
		return context.Cause(ctx)
	}
	return failed
}

// turn is a site that was begun.
type turn[T any] struct {
	site   *Site
	result chan T // has room for it, so that no worker waits
}

// turns has workers work on the sites until ctx ends, and gives each site, in order, as it is begun. Those that were not taken
// are few, and the workers wait for them to be.
func turns[T any](ctx context.Context, workers *sync.WaitGroup, sites []*Site, jobs int, work func(*Site) T) <-chan turn[T] {
	todo, begun := make(chan turn[T]), make(chan turn[T], jobs)
	for range min(jobs, len(sites)) {
		workers.Go(func() {
			for t := range todo {
				t.result <- work(t.site)
			}
		})
	}
	workers.Go(func() {
		defer close(begun)
		defer close(todo)
		for _, s := range sites {
			if ctx.Err() != nil {
				return
			}
			t := turn[T]{s, make(chan T, 1)}
			select {
			case todo <- t:
				begun <- t
			case <-ctx.Done():
				return
			}
		}
	})
	return begun
}
