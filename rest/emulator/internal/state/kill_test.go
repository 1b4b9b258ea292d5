package state

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The folder of the process that is killed, in its environment.
const victimFolder = "STATE_TEST_VICTIM"

// upload is a record with a file.
type upload struct {
	Number int
	File   Blob
}

func uploadID(u *upload) string { return strconv.Itoa(u.Number) }

// window is how many transactions an upload stays.
const window = 3

// victim is a store that is written to until the process is killed. In each transaction one upload comes with a file in
// two pieces, one goes, and both tables say so.
type victim struct {
	store   *Store
	uploads *Table[upload]
	numbers *Table[note]
}

func newVictim(s *Store) *victim {
	return &victim{s, NewTable(s, "site/uploads", uploadID), NewTable(s, "site/numbers", noteID)}
}

// last is the number of the last transaction, 0 before the first.
func (v *victim) last() int {
	all := v.uploads.All()
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Number
}

func contentOf(number int) string {
	return strings.Repeat(fmt.Sprintln("upload", number), 2000+number%7)
}

func (v *victim) write(number int) error {
	u := &upload{Number: number}
	content := strings.NewReader(contentOf(number))
	for _, size := range []int64{10_000, 1 << 20} {
		p, err := v.store.Receive(io.LimitReader(content, size), size)
		if err != nil {
			return err
		}
		u.File = append(u.File, p)
	}
	return v.store.Do(func() error {
		v.store.Keep(u.File)
		v.uploads.Put(u)
		v.numbers.Put(&note{ID: strconv.Itoa(number)})
		if old := v.uploads.Get(strconv.Itoa(number - window)); old != nil {
			v.store.Release(old.File)
			v.uploads.Delete(strconv.Itoa(old.Number))
			v.numbers.Delete(strconv.Itoa(old.Number))
		}
		return nil
	})
}

// TestVictim is the process that TestKill kills.
func TestVictim(t *testing.T) {
	dir := os.Getenv(victimFolder)
	if dir == "" {
		t.Skip("is run by TestKill")
	}
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	v := newVictim(s)
	for number := v.last() + 1; ; number++ {
		if err := v.write(number); err != nil {
			t.Fatal(err)
		}
		fmt.Println("wrote", number)
	}
}

// A process that is killed leaves what it said it had written, of every transaction all or nothing, and once the folder
// was opened again no file that nobody knows.
func TestKill(t *testing.T) {
	t.Parallel()
	dir, said := t.TempDir(), 0
	for round := range 20 {
		said = max(said, runVictim(t, dir))
		s := reopen(t, dir)
		v := newVictim(s)
		v.check(t, said)
		said = v.last()
		wantFiles(t, dir, slices.Sorted(maps.Keys(s.pieces.known)))
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Fatalf("round %d, after %d", round, said)
		}
	}
	if said == 0 {
		t.Error("no process lived long enough to write anything")
	}
	t.Log(said, "transactions")
}

// runVictim runs a process on the folder until it is killed at a random moment, from its beginning on, and returns the
// last number it said it had written.
func runVictim(t *testing.T, dir string) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	cmd.Env = append(os.Environ(), victimFolder+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(rand.N(150*time.Millisecond), func() { cmd.Process.Kill() }).Stop()
	said := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if number, is := strings.CutPrefix(lines.Text(), "wrote "); !is {
			t.Errorf("the process says: %s", lines.Text())
		} else if said, err = strconv.Atoi(number); err != nil {
			t.Error(err)
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the process ended by itself")
	}
	return said
}

func (v *victim) check(t *testing.T, said int) {
	t.Helper()
	last := v.last()
	if last != said && last != said+1 {
		t.Errorf("the last transaction is %d, the process said %d", last, said)
	}
	for i, number := range v.numbers.All() {
		want := strconv.Itoa(max(0, last-window) + i + 1)
		u := v.uploads.Get(number.ID)
		if number.ID != want || u == nil {
			t.Errorf("number %s of %d is %s, the upload is there: %v", want, last, number.ID, u != nil)
			continue
		}
		r, err := v.store.OpenBlob(u.File)
		if err != nil {
			t.Error(err)
			continue
		}
		if got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size())); err != nil || string(got) != contentOf(u.Number) {
			t.Errorf("upload %d has %d bytes, %v, want %d", u.Number, len(got), err, len(contentOf(u.Number)))
		}
		r.Close()
	}
	if n := min(last, window); v.numbers.Len() != n || v.uploads.Len() != n {
		t.Errorf("%d numbers and %d uploads are there, want %d", v.numbers.Len(), v.uploads.Len(), n)
	}
}

// wantFiles looks whether the folder of a store has these files of pieces and no others.
func wantFiles(t *testing.T, dir string, want []string) {
	t.Helper()
	files, err := filesIn(filepath.Join(dir, piecesFolder))
	if got := slices.Sorted(maps.Keys(files)); err != nil || !slices.Equal(got, want) {
		t.Errorf("files %v, %v\nwant  %v", got, err, want)
	}
}
