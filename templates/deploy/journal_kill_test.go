package deploy

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The journal of the process that is killed, in its environment.
const victimJournal = "JOURNAL_TEST_VICTIM"

const (
	victimTargets = 16
	victimPadding = 6000 // bytes of an outcome, so that compacting pays every few runs
)

func victimTarget(number int) Target { return Target{ServerURL: "s", Template: fmt.Sprint(number)} }

// TestVictim is the process that TestJournalKilled kills. It does one run after another, in each an intent and an outcome of
// every target, and says what is on the disk.
func TestVictim(t *testing.T) {
	path := os.Getenv(victimJournal)
	if path == "" {
		t.Skip("is run by TestJournalKilled")
	}
	for {
		j := openJournal(t, path)
		run := lastRun(t, j) + 1
		appendAll(t, j, Entry{Run: &Run{ID: fmt.Sprint(run)}})
		var running sync.WaitGroup
		for number := range victimTargets {
			running.Go(func() {
				target, print := victimTarget(number), Fingerprint{Content: fmt.Sprint(run)}
				appendAll(t, j, Entry{Intent: &Intent{Target: target, Fingerprint: print}})
				appendAll(t, j, Entry{Outcome: &Outcome{
					Target: target, Fingerprint: print, Result: Result{Message: strings.Repeat("x", victimPadding)},
				}})
				fmt.Printf("wrote %d %d\n", number, run)
			})
		}
		running.Wait()
		appendAll(t, j, Entry{End: &End{Run: fmt.Sprint(run)}})
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// lastRun is the number of the last run, 0 for none.
func lastRun(t *testing.T, s Store) int {
	t.Helper()
	var run int
	for e, err := range s.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		if e.Run != nil {
			fmt.Sscan(e.Run.ID, &run)
		}
	}
	return run
}

// runVictim runs the process until it has said so much, kills it and puts down what it said of each target.
func runVictim(t *testing.T, path string, lines int, said []int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestVictim$")
	cmd.Env = append(os.Environ(), victimJournal+"="+path)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(stdout)
	for in.Scan() { // to the end: what was said before the kill counts
		var number, run int
		if _, err := fmt.Sscanf(in.Text(), "wrote %d %d", &number, &run); err != nil {
			t.Errorf("the process says %q", in.Text())
			continue
		}
		said[number] = max(said[number], run)
		if lines--; lines == 0 {
			cmd.Process.Kill()
		}
	}
	cmd.Wait()
}

// A process that is killed at any moment, also while it compacts, leaves everything that it said was on the disk, and a journal
// that the next one goes on with.
func TestJournalKilled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	said := make([]int, victimTargets)
	rounds := 8
	if testing.Short() {
		rounds = 4
	}
	for round := range rounds {
		runVictim(t, path, 1+rand.IntN(victimTargets*20), said)
		j := openJournal(t, path)
		got, last := replayed(t, j), lastRun(t, j)
		for number, run := range said {
			var wrote int
			fmt.Sscan(got.last[victimTarget(number)].Fingerprint.Content, &wrote)
			if wrote < run || wrote > last {
				t.Errorf("round %d: target %d has run %d, and the process said %d", round, number, wrote, run)
			}
			if open, is := got.open[victimTarget(number)]; is && open.Fingerprint.Content != fmt.Sprint(last) {
				t.Errorf("round %d: target %d has an open intent of run %s, the last is %d", round, number, open.Fingerprint.Content, last)
			}
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("%d runs", said[0])
	if info, err := os.Stat(path); err != nil || info.Size() > compactFrom+4*victimTargets*victimPadding {
		t.Errorf("the journal has %d bytes after %d runs: it was not compacted, %v", info.Size(), said[0], err)
	}
}
