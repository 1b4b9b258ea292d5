package rest_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// A history is what a series of publishes of one object told, and so what there may be on the server.
type history struct {
	sure  int             // revisions that there have to be
	maybe int             // revisions that there may be besides
	last  map[string]bool // contents that may be the current one
	errs  []error
}

// tell takes in the outcome of one more publish.
func (h *history) tell(content string, err error) {
	h.errs = append(h.errs, err)
	switch {
	case err == nil || errors.Is(err, rest.ErrPublished):
		h.sure++
		h.last = map[string]bool{content: true}
	case errors.Is(err, rest.ErrOutcomeUnknown):
		h.maybe++
		h.last[content] = true
	}
}

// randomFault is something that goes wrong at one or a few of the first calls of a kind.
func randomFault(r *rand.Rand) emulator.Fault {
	places := []emulator.Fault{
		{Method: "POST", Path: "/sites/*/workbooks"},
		{Method: "POST", Path: "/sites/*/datasources"},
		{Method: "GET", Path: "/sites/*/workbooks"},
		{Method: "GET", Path: "/sites/*/datasources"},
		{Method: "GET", Path: "/sites/*/workbooks/*"},
		{Method: "GET", Path: "/sites/*/*/*/revisions"},
		{Method: "POST", Path: "/sites/*/fileuploads"},
		{Method: "PUT", Path: "/sites/*/fileuploads/*"},
		{Method: "GET", Path: "/sites/*/jobs/*"},
		{Method: "POST", Path: "/auth/signin"},
		{},
	}
	f := places[r.IntN(len(places))]
	f.Call, f.Count = 1+r.IntN(12), 1+r.IntN(3)
	f.Stage = emulator.Stage(r.IntN(2))
	switch r.IntN(8) {
	case 0: // the connection is cut
	case 1, 2, 3:
		f.Answer = &emulator.Answer{Status: []int{500, 502, 503, 504}[r.IntN(4)]}
	case 4:
		f.Stage, f.Answer = emulator.BeforeHandler, limited("3").Answer
	case 5:
		f.Garble = &emulator.Garble{Bytes: int64(1 + r.IntN(300)), Short: r.IntN(2) == 0}
	case 6:
		f.EndSession = true
	case 7:
		f.Stage, f.RequestBytes = emulator.BeforeHandler, int64(1+r.IntN(300))
	}
	return f
}

// Many publishes at the same time, and anything going wrong anywhere: afterwards each object has exactly the revisions, and
// the content, that the outcomes tell of.
func TestPublishSurvivesAtRandom(t *testing.T) {
	t.Parallel()
	seeds := 30
	if testing.Short() {
		seeds = 10
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(seed), 0))
			how := ways[r.IntN(len(ways))]
			jobTime := time.Duration(r.IntN(10)) * time.Second
			inFaultyWorld(t, []emulator.Option{emulator.WithJobTime(jobTime)}, how.client, func(t *testing.T, w *faultyWorld) {
				for range 12 {
					w.fail(randomFault(r))
				}
				const objects = 6
				told := make([]history, objects)
				var group sync.WaitGroup
				for i := range objects {
					kind, pauses := publishedKinds[i%2], rand.New(rand.NewPCG(uint64(seed), uint64(i+1)))
					group.Go(func() { told[i] = w.publishRepeatedly(kind, how, i, pauses) })
				}
				group.Wait()
				time.Sleep(time.Minute) // jobs that nobody waits for any more
				for i, h := range told {
					got := w.stored(publishedKinds[i%2].plural, objectName(i))
					if got.Revisions < h.sure || got.Revisions > h.sure+h.maybe || !h.last[got.Content] {
						t.Errorf("%q has %d revisions, want %d and perhaps %d more; its content is\n%s\nafter %v", objectName(i), got.Revisions, h.sure, h.maybe, got.Content, h.errs)
					}
				}
			})
		})
	}
}

func objectName(i int) string { return fmt.Sprintf("Object %d", i) }

// publishRepeatedly publishes three versions of an object.
func (w *faultyWorld) publishRepeatedly(kind publishedKind, how way, i int, pauses *rand.Rand) history {
	h := history{last: map[string]bool{"": true}}
	for version := range 3 {
		mode := rest.Overwrite
		if version == 0 {
			mode = rest.CreateNew
		}
		err := w.publish(kind, how, objectName(i), mode, version)
		h.tell(kind.content(version), err)
		time.Sleep(time.Duration(pauses.IntN(3)) * time.Second)
		if errors.Is(err, rest.ErrOutcomeUnknown) { // it may be under way still, and nobody tells apart what one user publishes
			time.Sleep(time.Minute)
		}
	}
	return h
}
