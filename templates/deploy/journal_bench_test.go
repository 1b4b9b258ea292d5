package deploy

import (
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"
)

// What it costs to append an entry and wait for the disk, alone and beside others.
func BenchmarkJournalAppend(b *testing.B) {
	for _, at := range []int{1, 4, 16, 64} {
		b.Run(fmt.Sprintf("goroutines=%d", at), func(b *testing.B) {
			j := openJournal(b, filepath.Join(b.TempDir(), "journal.jsonl"))
			entry := sample()[2]
			var running sync.WaitGroup
			for i := range at {
				running.Go(func() {
					for n := i; n < b.N; n += at {
						if err := j.Append(entry); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			running.Wait()
		})
	}
}

// What it costs to open the journal of a run of 10,000 sites with two templates, and to replay it: an intent and an outcome of each.
func BenchmarkJournalReplay(b *testing.B) {
	const sites = 10_000
	path := filepath.Join(b.TempDir(), "journal.jsonl")
	j := openJournal(b, path)
	entries := make([]Entry, 0, 4*sites+2)
	run := Run{ID: "run"}
	for i := range sites {
		key := fmt.Sprintf("tenant-%05d", i)
		run.Sites = append(run.Sites, key)
		for _, template := range []string{"orders", "sales"} {
			target := Target{"https://tableau.example.com", key, template}
			intent, outcome := *sample()[1].Intent, *sample()[2].Outcome
			intent.Site, intent.Target, outcome.Target, outcome.Result.Site = key, target, target, key
			entries = append(entries, Entry{Time: time.Now(), Intent: &intent}, Entry{Time: time.Now(), Outcome: &outcome})
		}
	}
	appendAll(b, j, Entry{Run: &run})
	if err := j.Append(append(entries, Entry{End: &End{Run: "run"}})...); err != nil {
		b.Fatal(err)
	}
	size := j.size
	j.Close()
	count := float64(len(entries) + 2)
	var replay *history
	b.ReportAllocs()
	for b.Loop() {
		j, err := OpenJournal(path, nil)
		if err != nil {
			b.Fatal(err)
		}
		if replay, err = newHistory(j); err != nil {
			b.Fatal(err)
		}
		j.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/count, "ns/entry")
	b.ReportMetric(float64(size)/count, "bytes/entry")
	b.ReportMetric(heldBytes(replay)/2/sites, "held-B/target")
}

// heldBytes is the memory that is held by what is kept alive.
func heldBytes(kept any) float64 {
	var with, without runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&with)
	runtime.KeepAlive(kept)
	runtime.GC()
	runtime.ReadMemStats(&without)
	return float64(with.HeapAlloc) - float64(without.HeapAlloc)
}
