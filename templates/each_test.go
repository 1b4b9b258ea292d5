package templates_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tabtemplate/tabtemplate/templates"
)

func sitesOf(n int) []*templates.Site {
	var sites []*templates.Site
	for i := range n {
		sites = append(sites, &templates.Site{Key: fmt.Sprint(i)})
	}
	return sites
}

// Sites are told of in their order however long each takes, all workers work, and few results wait.
func TestEach(t *testing.T) {
	t.Parallel()
	for _, jobs := range []int{1, 2, 7, 1000} {
		t.Run(fmt.Sprint(jobs), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const n = 500
				var active, most, begun atomic.Int64
				told, waiting := 0, 0
				err := templates.Each(t.Context(), sitesOf(n), jobs, func(s *templates.Site) string {
					begun.Add(1)
					if now := active.Add(1); now > most.Load() {
						most.Store(now)
					}
					number, _ := strconv.Atoi(s.Key)
					time.Sleep(time.Duration(number*7919%5+1) * time.Second)
					if s.Key == "3" {
						time.Sleep(time.Hour) // everything after it has to wait
					}
					active.Add(-1)
					return "result of " + s.Key
				}, func(s *templates.Site, result string) error {
					if s.Key != fmt.Sprint(told) || result != "result of "+s.Key {
						t.Fatalf("site %s and %q in place %d", s.Key, result, told)
					}
					synctest.Wait()
					waiting = max(waiting, int(begun.Load())-told)
					told++
					return nil
				})
				if err != nil || told != n {
					t.Errorf("%v after %d sites", err, told)
				}
				if most.Load() != int64(min(jobs, n)) || waiting > 2*jobs+2 {
					t.Errorf("%d at a time, %d begun and not told of", most.Load(), waiting)
				}
			})
		})
	}
}

// Of what had begun when the context ended everything is told, and nothing else was begun.
func TestEachEnds(t *testing.T) {
	t.Parallel()
	pressed := errors.New("somebody pressed a key")
	for _, jobs := range []int{1, 4} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			var begun atomic.Int64
			var told []string
			err := templates.Each(ctx, sitesOf(100), jobs, func(s *templates.Site) int {
				begun.Add(1)
				time.Sleep(time.Second)
				return 0
			}, func(s *templates.Site, _ int) error {
				if told = append(told, s.Key); s.Key == "9" {
					cancel(pressed)
				}
				return nil
			})
			if !errors.Is(err, pressed) || len(told) < 10 || len(told) > 10+2*jobs+1 || int(begun.Load()) != len(told) {
				t.Errorf("%d jobs: %v, %d begun, told of %v", jobs, err, begun.Load(), told)
			}
		})
	}
}

// The error of the caller ends it, and nothing is left running. A context that ends after the last site is no error.
func TestEachFails(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	synctest.Test(t, func(t *testing.T) { // which fails if a goroutine stays
		calls := 0
		var begun atomic.Int64
		err := templates.Each(t.Context(), sitesOf(1000), 3, func(*templates.Site) int {
			begun.Add(1)
			time.Sleep(time.Second)
			return 0
		}, func(*templates.Site, int) error {
			calls++
			return full
		})
		if !errors.Is(err, full) || calls != 1 || begun.Load() > 10 {
			t.Errorf("%v after %d calls, %d begun", err, calls, begun.Load())
		}
		ctx, cancel := context.WithCancel(t.Context())
		var keys []string
		err = templates.Each(ctx, sitesOf(3), 0, func(s *templates.Site) string { return s.Key }, func(_ *templates.Site, key string) error {
			if keys = append(keys, key); len(keys) == 3 {
				cancel()
			}
			return nil
		})
		if err != nil || !slices.Equal(keys, []string{"0", "1", "2"}) {
			t.Errorf("%v, %v", err, keys)
		}
		if err := templates.Each(t.Context(), nil, -1, func(*templates.Site) int { return 0 }, nil); err == nil {
			t.Error("-1 jobs are no error")
		}
	})
}
