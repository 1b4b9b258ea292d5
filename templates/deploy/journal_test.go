package deploy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
)

// sample has an entry of each kind, with what JSON has to escape.
func sample() []Entry {
	at := time.Date(2026, 5, 17, 12, 30, 0, 123456789, time.UTC)
	target := Target{ServerURL: "https://tableau.example.com", SiteContentURL: "acme", Template: "sales"}
	print := Fingerprint{Content: "c0ffee", Settings: "5e77"}
	return []Entry{
		{Time: at, Run: &Run{ID: "one", Shard: "2/4", Inputs: "abc", Sites: []string{"acme", "globex"}}},
		{Time: at, Intent: &Intent{
			Site: "acme", Target: target, Name: "Sales\n<\"Büro\"> \u2028&", ProjectLUID: "p", Fingerprint: print,
			Checkpoint: rest.Checkpoint{LUID: "w", UpdatedAt: at, Revision: 3, Seen: at},
		}},
		{Time: at, Outcome: &Outcome{
			Target: target, Fingerprint: print, UpdatedAt: at, PublishedAt: at,
			Result: Result{Site: "acme", Template: "sales", Action: Overwritten, LUID: "w", Views: 3, Duration: time.Second},
		}},
		{Time: at, Outcome: &Outcome{Target: target, Open: true, Result: Result{Action: Failed, Message: "busy"}}},
		{Time: at, End: &End{Run: "one"}},
	}
}

func openJournal(t testing.TB, path string) *Journal {
	t.Helper()
	j, err := OpenJournal(path, []byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func appendAll(t testing.TB, s Store, entries ...Entry) {
	t.Helper()
	for _, e := range entries {
		if err := s.Append(e); err != nil {
			t.Fatal(err)
		}
	}
}

func wantEntries(t *testing.T, s Store, want []Entry) {
	t.Helper()
	var got []Entry
	for e, err := range s.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
		t.Fatalf("entries\n%+v\nwant\n%+v", got, want)
	}
}

// journalWith makes a journal with entries and returns its path and its bytes.
func journalWith(t testing.TB, entries ...Entry) (path string, content []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "state", "journal.jsonl")
	j := openJournal(t, path)
	if err := errors.Join(j.Append(entries...), j.Close()); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, content
}

func TestJournalKeeps(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "state", "journal.jsonl")
	j := openJournal(t, path)
	wantEntries(t, j, nil)
	want := sample()
	if err := j.Append(want[:2]...); err != nil {
		t.Fatal(err)
	}
	wantEntries(t, j, want[:2])
	appendAll(t, j, want[2:4]...)
	j.Close()
	j = openJournal(t, path)
	appendAll(t, j, want[4:]...)
	wantEntries(t, j, want)
	for range j.Entries() { // and ranging may be broken off
		break
	}
	wantEntries(t, j, want)
	if got := string(j.Key()); got != "key" {
		t.Errorf("the key is %q", got)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for name, mode := range map[string]fs.FileMode{"": fs.ModeDir | 0o700, "journal.jsonl": 0o600, "journal.jsonl.lock": 0o600} {
		if info, err := os.Stat(filepath.Join(filepath.Dir(path), name)); err != nil || info.Mode() != mode {
			t.Errorf("%q is %v, %v", name, info.Mode(), err)
		}
	}
}

// What a killed process has half written is as if it had not been, wherever it was killed, and the next entry is a line of its own.
func TestJournalTorn(t *testing.T) {
	t.Parallel()
	all := sample()
	path, content := journalWith(t, all...)
	_, before := journalWith(t, all[:len(all)-1]...)
	for size := len(before); size < len(content); size++ {
		if err := os.WriteFile(path, content[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		var seen int
		for _, err := range readJournal(path) { // as a report does while a run is writing
			if err != nil {
				t.Fatalf("reading %d bytes: %v", size, err)
			}
			seen++
		}
		if seen != len(all)-1 {
			t.Fatalf("of %d bytes %d entries are read, want %d", size, seen, len(all)-1)
		}
		j := openJournal(t, path)
		wantEntries(t, j, all[:len(all)-1])
		appendAll(t, j, all[len(all)-1])
		wantEntries(t, j, all)
		j.Close()
	}
}

// A journal that was torn when it was made begins anew.
func TestJournalTornHeader(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	for size := range len(journalHeader) {
		if err := os.WriteFile(path, []byte(journalHeader[:size]), 0o600); err != nil {
			t.Fatal(err)
		}
		j := openJournal(t, path)
		wantEntries(t, j, nil)
		appendAll(t, j, sample()...)
		wantEntries(t, j, sample())
		j.Close()
	}
}

// A last line that is longer than what is looked at in one step is cut off, too.
func TestJournalTornLong(t *testing.T) {
	t.Parallel()
	path, content := journalWith(t, sample()[0])
	for _, length := range []int{4095, 4096, 4097, 100_000} {
		if err := os.WriteFile(path, append(slices.Clone(content), strings.Repeat("x", length)...), 0o600); err != nil {
			t.Fatal(err)
		}
		j := openJournal(t, path)
		wantEntries(t, j, sample()[:1])
		j.Close()
		if left, err := os.ReadFile(path); err != nil || string(left) != string(content) {
			t.Errorf("%d: %d bytes are left, want %d, %v", length, len(left), len(content), err)
		}
	}
}

// A file that is not what a run left is refused with the file, the line, and what to do, and stays as it is.
func TestJournalRefuses(t *testing.T) {
	t.Parallel()
	const broken = "this line is broken: %s; delete it, and what it was about is looked for on the server and published again where need be"
	tests := []struct{ name, content, opening, reading string }{
		{"broken line", journalHeader + "{\"end\":{}}\n{\"end\n{\"end\":{}}\n", "", "PATH:3: " + fmt.Sprintf(broken, "unexpected end of JSON input")},
		{"kind of a newer version", journalHeader + "{\"pause\":{}}\n", "", "PATH:2: " + fmt.Sprintf(broken, "an entry has to be one of run, intent, outcome and end, not 0 of them")},
		{"two kinds", journalHeader + "{\"end\":{},\"run\":{}}\n", "", "PATH:2: " + fmt.Sprintf(broken, "an entry has to be one of run, intent, outcome and end, not 2 of them")},
		{"newer format", "{\"tabtemplate_journal\":2}\n{\"end\":{}}\n", "this journal has format 2, and this version of tabtemplate knows format 1: use the version that wrote it", ""},
		{"something else", "Sales\n", "this is not a journal of tabtemplate: give another path", ""},
		{"something else in a line without end", "version: 1", "this is not a journal of tabtemplate: give another path", ""},
		{"other JSON", "{}\n", "this is not a journal of tabtemplate: give another path", ""},
		{"unknown fields", journalHeader + "{\"time\":\"2026-05-17T12:30:00Z\",\"end\":{\"run\":\"one\",\"why\":1},\"more\":[]}\n", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "journal.jsonl")
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			got := ""
			j, err := OpenJournal(path, nil)
			if err != nil {
				got = err.Error()
			} else {
				defer j.Close()
				for _, err := range j.Entries() {
					if err != nil {
						tt.opening, got = tt.reading, err.Error()
					}
				}
			}
			want := strings.ReplaceAll(tt.reading, "PATH", path)
			if tt.opening != "" && tt.reading == "" {
				want = fmt.Sprintf("opening the journal %q: %s", path, tt.opening)
			}
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if left, err := os.ReadFile(path); err != nil || string(left) != tt.content {
				t.Errorf("the file is now %q, %v", left, err)
			}
		})
	}
}

// endless is a line that does not end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestJournalLimitsLines(t *testing.T) {
	t.Parallel()
	read := io.MultiReader(strings.NewReader(journalHeader), endless{})
	for _, err := range entries("journal.jsonl", read) {
		if err == nil || err.Error() != "journal.jsonl:2: this line has more than 67108864 bytes" {
			t.Errorf("got %v", err)
		}
	}
	j := openJournal(t, filepath.Join(t.TempDir(), "journal.jsonl"))
	long := Entry{Run: &Run{ID: strings.Repeat("x", maxLine)}}
	if err := j.Append(sample()[0], long); err == nil || !strings.HasSuffix(err.Error(), "bytes, the limit is 67108864") {
		t.Errorf("got %v", err)
	}
	if err := j.Append(Entry{}); err == nil {
		t.Error("an entry of no kind is written")
	}
	wantEntries(t, j, nil)
	appendAll(t, j, sample()...) // which did not fail before
	wantEntries(t, j, sample())
}

func TestJournalInUse(t *testing.T) {
	t.Parallel()
	path, _ := journalWith(t)
	j := openJournal(t, path)
	_, err := OpenJournal(path, nil)
	want := fmt.Sprintf("opening the journal %q: another run has it open: wait for its end, or keep this one in another folder", path)
	if !errors.Is(err, ErrJournalInUse) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	appendAll(t, j, sample()...)
	seen := 0
	for _, err := range readJournal(path) {
		if err != nil {
			t.Fatal(err)
		}
		seen++
	}
	if seen != len(sample()) {
		t.Errorf("a reader sees %d entries, want %d", seen, len(sample()))
	}
	j.Close()
	openJournal(t, path)
}

// failing is a file that has room for some bytes, or cannot be brought to the disk.
type failing struct {
	*os.File
	room int
	sync error
}

func (f *failing) Write(p []byte) (int, error) {
	if len(p) <= f.room {
		f.room -= len(p)
		return f.File.Write(p)
	}
	n, _ := f.File.Write(p[:f.room])
	f.room = 0
	return n, syscall.ENOSPC
}

func (f *failing) Sync() error { return f.sync }

// On a full disk every append fails from the first that does, the file is whole for the next run, and what was promised is in it.
func TestJournalFullDisk(t *testing.T) {
	t.Parallel()
	all := sample()
	_, content := journalWith(t, all...)
	for room := 0; room < len(content)-len(journalHeader); room += 29 {
		path := filepath.Join(t.TempDir(), "journal.jsonl")
		j := openJournal(t, path)
		j.file = &failing{File: j.file.(*os.File), room: room}
		written := 0
		var first error
		for _, e := range all {
			err := j.Append(e)
			switch {
			case err == nil && first == nil:
				written++
			case first == nil:
				first = err
				if !errors.Is(err, syscall.ENOSPC) || !strings.HasPrefix(err.Error(), fmt.Sprintf("writing the journal %q: ", path)) {
					t.Fatalf("got %v", err)
				}
				j.file.(*failing).room = 1 << 20 // somebody made room: the half line is not to be followed by another
			case err != first:
				t.Fatalf("after %v: %v", first, err)
			}
		}
		wantEntries(t, j, all[:written])
		j.Close()
		j = openJournal(t, path)
		wantEntries(t, j, all[:written])
		j.Close()
	}
}

func TestJournalNotOnTheDisk(t *testing.T) {
	t.Parallel()
	j := openJournal(t, filepath.Join(t.TempDir(), "journal.jsonl"))
	lost := errors.New("the cable is out")
	j.file = &failing{File: j.file.(*os.File), room: 1 << 20, sync: lost}
	if err := j.Append(sample()[0]); !errors.Is(err, lost) {
		t.Errorf("got %v", err)
	}
	j.file.(*failing).sync = nil
	if err := j.Append(sample()[1]); !errors.Is(err, lost) {
		t.Errorf("afterwards: %v", err)
	}
	wantEntries(t, j, nil)
}

// counting is a file that counts how often it is brought to the disk, and takes its time for it the first time.
type counting struct {
	*os.File
	syncs int
	first func()
}

func (c *counting) Sync() error {
	c.syncs++
	if c.syncs == 1 {
		c.first()
	}
	return c.File.Sync()
}

// What is appended while the disk is busy goes there together.
func TestJournalTogether(t *testing.T) {
	t.Parallel()
	const others = 20
	j := openJournal(t, filepath.Join(t.TempDir(), "journal.jsonl"))
	var running sync.WaitGroup
	file := &counting{File: j.file.(*os.File), first: func() {
		for number := range others {
			running.Go(func() { appendAll(t, j, Entry{End: &End{Run: fmt.Sprint(number)}}) })
		}
		for waiting := 0; waiting < others; runtime.Gosched() {
			j.mu.Lock()
			waiting = strings.Count(j.next.lines.String(), "\n")
			j.mu.Unlock()
		}
	}}
	j.file = file
	appendAll(t, j, sample()[0])
	running.Wait()
	if file.syncs != 2 {
		t.Errorf("%d entries were brought to the disk in %d goes, want 2", others+1, file.syncs)
	}
	seen := map[string]int{}
	for e, err := range j.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		if e.End != nil {
			seen[e.End.Run]++
		}
	}
	for number := range others {
		if seen[fmt.Sprint(number)] != 1 {
			t.Errorf("entry %d is there %d times", number, seen[fmt.Sprint(number)])
		}
	}
}

// Whatever is in a file, it is refused, or it is a journal to which can be written.
func FuzzJournal(f *testing.F) {
	_, content := journalWith(f, sample()...)
	f.Add(content)
	f.Add(content[:len(content)-7])
	f.Add([]byte(journalHeader + "{\"end\":{}}\n\n{\"run\":null}\n"))
	f.Add([]byte("{\"tabtemplate_journal\":2}\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "journal.jsonl")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := OpenJournal(path, nil)
		if err != nil {
			return
		}
		defer j.Close()
		var before []Entry
		for e, err := range j.Entries() {
			if err != nil {
				return
			}
			before = append(before, e)
		}
		appendAll(t, j, sample()...)
		wantEntries(t, j, append(before, sample()...))
	})
}
