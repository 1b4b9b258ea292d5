package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

func reopen(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// filled makes a folder with a store of one note and one kept piece, which it returns.
func filled(t *testing.T) (dir string, p Piece) {
	t.Helper()
	dir = t.TempDir()
	s := reopen(t, dir)
	defer s.Close()
	p, err := s.Receive(strings.NewReader("abc"), 3)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Do(func() error {
		s.Keep(Blob{p})
		NewTable(s, "notes", noteID).Put(&note{"a", "1"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir, p
}

// editRows changes the file of rows behind the store's back.
func editRows(t *testing.T, dir string, edit func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(dir, rowsFile), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(edit), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func putRow(bucket, key, row string) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(bucket))
		if err != nil {
			return err
		}
		return b.Put([]byte(key), []byte(row))
	}
}

// A folder that is not what the store left is refused in words that say what is wrong.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(t *testing.T, dir, piece string) error
		want  string
	}{
		{"missing piece", func(_ *testing.T, dir, piece string) error {
			return os.Remove(filepath.Join(dir, piecesFolder, piece))
		}, "the file blobs/PIECE is missing"},
		{"short piece", func(_ *testing.T, dir, piece string) error {
			return os.Truncate(filepath.Join(dir, piecesFolder, piece), 2)
		}, "the file blobs/PIECE has 2 bytes, not 3"},
		{"unreadable piece row", func(t *testing.T, dir, _ string) error {
			editRows(t, dir, putRow(piecesBucket, "x", "{"))
			return nil
		}, `piece "x": unexpected end of JSON input`},
		{"newer format", func(t *testing.T, dir, _ string) error {
			editRows(t, dir, putRow(formatBucket, formatKey, "2"))
			return nil
		}, `state.db is in format "2", this version knows format "1"`},
		{"another program's rows", func(t *testing.T, dir, _ string) error {
			editRows(t, dir, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte(formatBucket)) })
			return nil
		}, "state.db is not the state of an emulator"},
		{"odd key", func(t *testing.T, dir, _ string) error {
			editRows(t, dir, putRow(tablePrefix+"notes", "x", "{}"))
			return nil
		}, `table "notes" has a row 78`},
		{"not rows at all", func(_ *testing.T, dir, _ string) error {
			return os.WriteFile(filepath.Join(dir, rowsFile), []byte(strings.Repeat("Sales ", 10_000)), 0o600)
		}, "state.db: invalid database"},
		{"something else", func(_ *testing.T, dir, _ string) error {
			return os.Rename(filepath.Join(dir, rowsFile), filepath.Join(dir, "Book.twb"))
		}, "the folder holds something else: Book.twb, blobs"},
		{"open already", func(t *testing.T, dir, _ string) error {
			reopen(t, dir)
			return nil
		}, "another process has it open"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir, p := filled(t)
			if err := tt.spoil(t, dir, p.ID); err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf("opening the state in %q: %s", dir, strings.ReplaceAll(tt.want, "PIECE", p.ID))
			if s, err := Open(dir); err == nil || err.Error() != want {
				t.Errorf("got %v, %v\nwant %s", s, err, want)
			}
		})
	}
}

// Records that cannot be read are told, and then nothing can be changed.
func TestUnreadableRecords(t *testing.T) {
	t.Parallel()
	for row, want := range map[string]string{
		`{"ID": 1}`:             "row 2: json: cannot unmarshal number into Go struct field note.ID of type string",
		`{"ID": "b", "Size":1}`: `row 2: json: unknown field "Size"`,
		`{"ID": "a"}`:           "rows 1 and 2 have one id",
		`{`:                     "row 2: unexpected EOF",
	} {
		dir, _ := filled(t)
		editRows(t, dir, putRow(tablePrefix+"notes", "\x00\x00\x00\x00\x00\x00\x00\x02", row))
		s := reopen(t, dir)
		if err := s.Err(); err != nil {
			t.Errorf("before a table is made: %v", err)
		}
		NewTable(s, "notes", noteID)
		want = `reading table "notes": ` + want
		if err := s.Err(); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", row, err, want)
		}
		if err := s.Do(func() error { t.Error("the step is run"); return nil }); err == nil || err.Error() != want {
			t.Errorf("%s: Do: %v", row, err)
		}
	}
}

// The records of a table that nobody asked for are dropped with the others, and are else in a snapshot.
func TestUnaskedTable(t *testing.T) {
	t.Parallel()
	dir, _ := filled(t)
	s := reopen(t, dir)
	snapshot, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if got := texts(NewTable(FromSnapshot(snapshot), "notes", noteID).All()); got != "a1" {
		t.Errorf("the snapshot has %s", got)
	}
	drop := func(end error) error {
		return s.Do(func() error {
			s.Drop("no")
			if n := NewTable(s, "notes", noteID).Len(); n != 0 {
				t.Errorf("%d notes after they were dropped", n)
			}
			return end
		})
	}
	if err := drop(errRefused); !errors.Is(err, errRefused) {
		t.Fatal(err)
	}
	s.Close()
	s = reopen(t, dir)
	if err := drop(nil); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = reopen(t, dir)
	if n := NewTable(s, "notes", noteID).Len(); n != 0 {
		t.Errorf("%d notes after they were dropped and the folder opened again", n)
	}
	err = s.disk.db.View(func(tx *bbolt.Tx) error {
		if tx.Bucket([]byte(tablePrefix+"notes")) != nil {
			t.Error("an empty table has a bucket")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// What a killed process left of a piece is removed, and nothing else.
func TestOpenSweeps(t *testing.T) {
	t.Parallel()
	dir, p := filled(t)
	stray := filepath.Join(dir, piecesFolder, "STRAY")
	if err := os.WriteFile(stray, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	reopen(t, dir)
	wantFiles(t, dir, []string{p.ID})
}

func TestOpenIsForTheOwner(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("has no such permissions")
	}
	dir := filepath.Join(t.TempDir(), "a", "state")
	s := reopen(t, dir)
	p, err := s.Receive(strings.NewReader("abc"), 3)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{
		dir: 0o700, filepath.Join(dir, rowsFile): 0o600,
		filepath.Join(dir, piecesFolder): 0o700, filepath.Join(dir, piecesFolder, p.ID): 0o600,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s is %v, want %v", path, info.Mode().Perm(), want)
		}
	}
}

// A transaction that the disk refuses is undone, and the next one is not.
func TestDiskRefuses(t *testing.T) {
	t.Parallel()
	dir, p := filled(t)
	s := reopen(t, dir)
	notes := NewTable(s, "notes", noteID)
	info, err := os.Stat(filepath.Join(dir, rowsFile))
	if err != nil {
		t.Fatal(err)
	}
	change := func() error {
		return s.Do(func() error {
			s.Release(Blob{p})
			notes.Put(&note{"b", strings.Repeat("Sales ", int(info.Size()))})
			notes.Delete("a")
			return nil
		})
	}
	s.disk.db.MaxSize = int(info.Size())
	if err := change(); !errors.Is(err, bbolterrors.ErrMaxSizeReached) {
		t.Errorf("on a full disk: %v", err)
	}
	if got := texts(notes.All()); got != "a1" {
		t.Errorf("after it: %.40s", got)
	}
	wantFiles(t, dir, []string{p.ID})
	s.disk.db.MaxSize = 0
	if err := change(); err != nil {
		t.Errorf("with space again: %v", err)
	}
	wantFiles(t, dir, nil)
	s.Close()
	if got := NewTable(reopen(t, dir), "notes", noteID).All(); len(got) != 1 || got[0].ID != "b" {
		t.Errorf("opened again: %d notes", len(got))
	}
}

// Where a transaction may or may not be on disk, what is in memory is as if it were not, and nothing is changed or
// removed any more: the next Open knows.
func TestDiskIsUncertain(t *testing.T) {
	t.Parallel()
	dir, p := filled(t)
	s := reopen(t, dir)
	notes := NewTable(s, "notes", noteID)
	s.disk.update = func(step func(*bbolt.Tx) error) error {
		return errors.Join(s.disk.db.Update(step), errors.New("input/output error"))
	}
	another, err := s.Receive(strings.NewReader("defg"), 4)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Do(func() error {
		s.Release(Blob{p})
		s.Keep(Blob{another})
		notes.Put(&note{"b", "2"})
		return nil
	})
	const want = "writing state.db: input/output error; nothing can be changed until the state is opened anew"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if got := texts(notes.All()); got != "a1" {
		t.Errorf("in memory: %s", got)
	}
	s.Discard(Blob{another})
	s.disk.update = s.disk.db.Update
	if err := s.Do(func() error { notes.Delete("a"); return nil }); err == nil || err.Error() != want {
		t.Errorf("the next transaction: %v", err)
	}
	if _, err := s.Receive(strings.NewReader("h"), 1); err == nil || err.Error() != want {
		t.Errorf("the next piece: %v", err)
	}
	s.Close()
	s = reopen(t, dir)
	if got := texts(NewTable(s, "notes", noteID).All()); got != "a1 b2" {
		t.Errorf("on disk: %s", got)
	}
	wantFiles(t, dir, []string{another.ID})
}

// After Close the records can be read and not changed, and the folder is left alone.
func TestClosed(t *testing.T) {
	t.Parallel()
	dir, p := filled(t)
	s := reopen(t, dir)
	notes := NewTable(s, "notes", noteID)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	reopen(t, dir)
	if err := s.Do(func() error { notes.Delete("a"); return nil }); !errors.Is(err, errClosed) {
		t.Errorf("Do: %v", err)
	}
	if _, err := s.Receive(strings.NewReader("x"), 1); !errors.Is(err, errClosed) {
		t.Errorf("Receive: %v", err)
	}
	if got := texts(notes.All()); got != "a1" {
		t.Errorf("notes: %s", got)
	}
	wantFiles(t, dir, []string{p.ID})
}

// A step that changes nothing, or whose changes are undone, writes nothing.
func TestNothingIsWritten(t *testing.T) {
	t.Parallel()
	dir, p := filled(t)
	s := reopen(t, dir)
	if err := s.Do(func() error { NewTable(s, "notes", noteID).Put(&note{"b", "1"}); return nil }); err != nil {
		t.Fatal(err)
	}
	s.disk.update = func(func(*bbolt.Tx) error) error {
		t.Error("something is written")
		return nil
	}
	err := s.Do(func() error {
		notes := NewTable(s, "notes", noteID)
		notes.Delete("none")
		NewTable(s, "new", noteID)
		s.Do(func() error {
			notes.Put(&note{"a", "2"})
			s.Release(Blob{p})
			return errRefused
		})
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A record that JSON cannot tell is refused before anything is written.
func TestUnwritableRecord(t *testing.T) {
	t.Parallel()
	type clock struct{ Stamp odd }
	s := reopen(t, t.TempDir())
	clocks := NewTable(s, "clocks", func(*clock) string { return "" })
	err := s.Do(func() error {
		NewTable(s, "notes", noteID).Put(&note{"a", "1"})
		clocks.Put(&clock{})
		return nil
	})
	if err == nil || !strings.HasPrefix(err.Error(), `writing a record of table "clocks": json: `) || clocks.Len() != 0 {
		t.Errorf("%v; %d clocks", err, clocks.Len())
	}
}

type odd struct{}

func (*odd) UnmarshalJSON([]byte) error  { return nil }
func (odd) MarshalJSON() ([]byte, error) { return nil, errors.New("odd") }

var _ interface {
	json.Marshaler
	json.Unmarshaler
} = (*odd)(nil)

// A reader of a released file goes on, and the file is removed when it is closed.
func TestReadReleased(t *testing.T) {
	t.Parallel()
	dir, p := filled(t)
	s := reopen(t, dir)
	r, err := s.OpenBlob(Blob{p})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Do(func() error { s.Release(Blob{p}); return nil }); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(io.NewSectionReader(r, 0, 3)); string(got) != "abc" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	r.Close()
	wantFiles(t, dir, nil)
}
