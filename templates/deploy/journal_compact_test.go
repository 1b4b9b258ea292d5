package deploy

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// replayed is what a store comes to.
func replayed(t testing.TB, s Store) *history {
	t.Helper()
	h, err := newHistory(s)
	if err != nil {
		t.Fatal(err)
	}
	h.store = nil
	return h
}

// randomRuns makes the entries of some runs, of which the last one has ended or not. Each entry has some bytes, so that few make
// a journal that is worth compacting.
func randomRuns(r *rand.Rand, runs int, ended bool) []Entry {
	var all []Entry
	number := 0
	for run := range runs {
		id := fmt.Sprint("run ", run)
		all = append(all, Entry{Run: &Run{ID: id, Sites: []string{"acme"}}})
		for range 100 {
			number++
			target := Target{ServerURL: "https://s", SiteContentURL: fmt.Sprint("site", r.IntN(20)), Template: "t"}
			switch print := (Fingerprint{Content: fmt.Sprint(number)}); r.IntN(5) {
			case 0, 1:
				all = append(all, Entry{Intent: &Intent{Target: target, Fingerprint: print}})
			case 2:
				all = append(all, Entry{Outcome: &Outcome{Target: target, Open: r.IntN(2) == 0, Result: Result{Action: Failed}}})
			default:
				all = append(all, Entry{Outcome: &Outcome{
					Target: target, Fingerprint: print, Open: r.IntN(6) == 0, Result: Result{Message: strings.Repeat("x", r.IntN(10_000))},
				}})
			}
		}
		if ended || run < runs-1 {
			all = append(all, Entry{End: &End{Run: id}})
		}
	}
	return all
}

// Compacting takes away nothing that a later run needs, and anything of a journal whose last run has not ended.
func TestCompact(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 7))
		ended := seed%3 > 0
		path, content := journalWith(t, randomRuns(r, 6, ended)...)
		if seed%2 == 0 { // a torn line is none here, either
			if err := os.WriteFile(path, append(content, `{"run":`...), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		kept := NewMemoryStore()
		for e, err := range readJournal(path) {
			if err != nil {
				t.Fatal(err)
			}
			appendAll(t, kept, e)
		}
		j := openJournal(t, path)
		if want, got := replayed(t, kept), replayed(t, j); !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: what is left comes to\n%.2000v\nwant\n%.2000v", seed, got, want)
		}
		if less := j.size < int64(len(content))/2; less != ended {
			t.Errorf("seed %d: %d of %d bytes are left", seed, j.size, len(content))
		}
		late := Outcome{Target: Target{Template: "late"}}
		appendAll(t, j, Entry{Outcome: &late})
		j.Close()
		if got := replayed(t, openJournal(t, path)).done[late.Target]; !reflect.DeepEqual(got, late) {
			t.Errorf("seed %d: what is appended afterwards is %v", seed, got)
		}
	}
}

// full has room for some bytes.
type full struct{ room int }

var errFull = errors.New("no room")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		return f.room, errFull
	}
	f.room -= len(p)
	return len(p), nil
}

// What cannot be written says so, so that the journal stays as it was.
func TestCompactFails(t *testing.T) {
	t.Parallel()
	path, content := journalWith(t, sample()...)
	var n needed
	if err := n.read(path); err != nil {
		t.Fatal(err)
	}
	for room := range int(n.size()) {
		if _, err := n.WriteTo(&full{room}); !errors.Is(err, errFull) {
			t.Fatalf("room for %d of %d bytes: %v", room, n.size(), err)
		}
	}
	if written, err := n.WriteTo(&full{int(n.size())}); err != nil || written != n.size() {
		t.Errorf("%d of %d bytes are written: %v", written, n.size(), err)
	}
	broken := filepath.Join(t.TempDir(), "journal.jsonl")
	body := string(content[len(journalHeader):])
	long := strings.Repeat(body, compactFrom/len(body)+1)
	if err := os.WriteFile(broken, []byte(journalHeader+long+"?\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenJournal(broken, nil); err == nil || !strings.Contains(err.Error(), "this line is broken") {
		t.Errorf("a broken line: %v", err)
	}
	if left, err := os.ReadFile(broken); err != nil || len(left) != len(journalHeader)+len(long)+2 {
		t.Errorf("%d bytes are left, %v", len(left), err)
	}
}
