package deploy_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// fullStore has room for some entries.
type fullStore struct {
	deploy.Store

	mu      sync.Mutex
	room    int
	intents int
}

var errNoRoom = errors.New("no space left on device")

func (f *fullStore) Append(entries ...deploy.Entry) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.room -= len(entries); f.room < 0 {
		return errNoRoom
	}
	for _, e := range entries {
		if e.Intent != nil {
			f.intents++
		}
	}
	return f.Store.Append(entries...)
}

// A store that cannot be written to any more ends the run with its error, and nothing is published that is not in it. The next run
// does the rest, and nothing twice.
func TestStoreIsFull(t *testing.T) {
	t.Parallel()
	m := load(t, threeSites+twoTemplates)
	const entries = 1 + 2*6 + 1 // of a run: it begins, for each template an intent and an outcome, it ends
	for room := range entries + 1 {
		synctest.Test(t, func(t *testing.T) {
			w := newAgain(t)
			w.world = newWorld(t, emulator.WithOpen(), emulator.WithClock(time.Now), emulator.WithRequestLog(1000))
			store := &fullStore{Store: w.store, room: room}
			w.options.Client, w.options.Store, w.options.Jobs = w.client, store, 3
			_, err := deploy.Publish(t.Context(), m, w.options)
			if (room < entries) != errors.Is(err, errNoRoom) {
				t.Errorf("room for %d entries: %v", room, err)
			}
			published := 0
			for _, r := range w.server.Requests() {
				if r.Method == "POST" && (strings.HasSuffix(r.Path, "/workbooks") || strings.HasSuffix(r.Path, "/datasources")) {
					published++
				}
			}
			if published != store.intents {
				t.Errorf("room for %d entries: %d were published of %d that were to be", room, published, store.intents)
			}
			w.options.Store, w.options.Resume = w.store, true
			report, err := deploy.Publish(t.Context(), m, w.options)
			if err != nil || report.Failures() > 0 || strings.Contains(told(report), ":") {
				t.Errorf("room for %d entries, and the next run says\n%s%v", room, told(report), err)
			}
			for site, want := range map[string]map[string]int{
				"acme": {"Orders": 1, "Sales for Acme, Inc.": 1}, "globex": {"Orders": 1, "Sales for Globex": 1},
			} {
				if diff := cmp.Diff(want, w.revisions(site)); diff != "" {
					t.Errorf("room for %d entries: revisions on %s (-want +got):\n%s", room, site, diff)
				}
			}
		})
	}
}
