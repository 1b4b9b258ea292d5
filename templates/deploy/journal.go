package deploy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/gofrs/flock"
)

// A Journal is a [Store] in a file. What was appended is on the disk, so that a process that is killed and a machine that loses
// power lose nothing of it. One run at a time has a journal; reading it for a report needs no turn.
//
// The file has one JSON value a line: first which format it is in, then the entries. Fields that this version does not know are
// passed over; a change that an older version must not pass over has another number of the format.
type Journal struct {
	path string
	key  []byte
	file journalFile
	lock *flock.Flock

	mu   sync.Mutex
	next *batch // what is to be written next

	writing sync.Mutex // whoever has it writes for all that wait for it
	size    int64      // of the file as far as it is on the disk
	err     error      // of the first write that failed; none comes after it
}

// journalFile is what a journal needs of its file.
type journalFile interface {
	io.ReaderAt
	io.WriteCloser
	Sync() error
}

// A batch is the lines of appends that go to the disk together.
type batch struct {
	lines   bytes.Buffer
	written bool
	err     error
}

// ErrJournalInUse is the error of a journal that another run has open.
var ErrJournalInUse = errors.New("another run has it open: wait for its end, or keep this one in another folder")

// OpenJournal opens the journal in a file, and makes the file and its folder when they are not there, for the owner's eyes only.
// The key is what [Journal.Key] returns. What a run that was killed had half written is cut off, and what no later run needs
// goes when there is more of it than of the rest. A file with a line that cannot be read is an error that names the line.
func OpenJournal(path string, key []byte) (*Journal, error) {
	j := &Journal{path: path, key: key, next: &batch{}}
	if err := j.open(); err != nil {
		return nil, fmt.Errorf("opening the journal %q: %w", path, err)
	}
	return j, nil
}

func (j *Journal) open() (err error) {
	if err := os.MkdirAll(filepath.Dir(j.path), 0o700); err != nil {
		return err
	}
	// The file itself cannot be the lock, because compacting replaces it.
	j.lock = flock.New(j.path+".lock", flock.SetPermissions(0o600))
	if locked, err := j.lock.TryLock(); err != nil {
		return fmt.Errorf("locking it: %w", err)
	} else if !locked {
		return ErrJournalInUse
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, j.lock.Close())
		}
	}()
	if err := compact(j.path); err != nil {
		return err
	}
	file, err := os.OpenFile(j.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	j.file = file
	if j.size, err = mend(file); err == nil {
		err = syncFolder(filepath.Dir(j.path))
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	return nil
}

// mend cuts off the half of a line that a killed run left, and gives a new file its first line. It leaves the file on the disk and
// to be written at its end.
func mend(file *os.File) (int64, error) {
	whole, err := wholeLines(file)
	if err != nil {
		return 0, err
	}
	if err := file.Truncate(whole); err != nil {
		return 0, err
	}
	if _, err := file.Seek(whole, io.SeekStart); err != nil {
		return 0, err
	}
	if whole == 0 {
		if _, err := file.WriteString(journalHeader); err != nil {
			return 0, err
		}
		whole = int64(len(journalHeader))
	}
	return whole, file.Sync()
}

// wholeLines is where the last whole line of a journal ends.
func wholeLines(file *os.File) (int64, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if err := checkHeader(file); err != nil {
		return 0, err
	}
	const step = 4096
	buffer := make([]byte, step)
	for end := info.Size(); end > 0; {
		start := max(end-step, 0)
		part := buffer[:end-start]
		if _, err := file.ReadAt(part, start); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			return start + int64(i) + 1, nil
		}
		end = start
	}
	return 0, nil
}

// syncFolder makes durable which files a folder has. Windows has no such call and needs none.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Key is the key that the journal was opened with.
func (j *Journal) Key() []byte { return j.key }

// Entries ranges over what is in the journal when the range begins.
func (j *Journal) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		j.writing.Lock()
		size := j.size
		j.writing.Unlock()
		for e, err := range entries(j.path, io.NewSectionReader(j.file, 0, size)) {
			if !yield(e.Entry, err) {
				return
			}
		}
	}
}

// Append writes entries, each as one line, and returns when they are on the disk. Entries of several goroutines go there
// together. After an error, such as a full disk, it writes nothing any more and returns the same error: of the entries it was
// given then, the next run may find the first ones.
func (j *Journal) Append(entries ...Entry) error {
	var lines bytes.Buffer
	for _, e := range entries {
		if err := encode(&lines, e); err != nil {
			return j.failed(err)
		}
	}
	j.mu.Lock()
	own := j.next
	own.lines.Write(lines.Bytes())
	j.mu.Unlock()

	j.writing.Lock()
	defer j.writing.Unlock()
	if !own.written { // then it is still the next one
		j.mu.Lock()
		j.next = &batch{}
		j.mu.Unlock()
		own.written, own.err = true, j.write(own.lines.Bytes())
	}
	return own.err
}

// write appends whole lines to the file.
func (j *Journal) write(lines []byte) error {
	if j.err != nil {
		return j.err
	}
	n, err := j.file.Write(lines)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		j.err = j.failed(err)
		return j.err
	}
	j.size += int64(n)
	return nil
}

func (j *Journal) failed(err error) error {
	return fmt.Errorf("writing the journal %q: %w", j.path, err)
}

// Close lets another run have the journal.
func (j *Journal) Close() error {
	if err := errors.Join(j.file.Close(), j.lock.Close()); err != nil {
		return fmt.Errorf("closing the journal %q: %w", j.path, err)
	}
	return nil
}

// encode writes an entry as a line.
func encode(w *bytes.Buffer, e Entry) error {
	if err := e.check(); err != nil {
		return err
	}
	before := w.Len()
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return err
	}
	if length := w.Len() - before; length > maxLine {
		return fmt.Errorf("an entry of %d bytes, the limit is %d", length, maxLine)
	}
	return nil
}

// check looks whether an entry says one thing.
func (e *Entry) check() error {
	kinds := 0
	for _, set := range []bool{e.Run != nil, e.Intent != nil, e.Outcome != nil, e.End != nil} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		return fmt.Errorf("an entry has to be one of run, intent, outcome and end, not %d of them", kinds)
	}
	return nil
}

// readJournal ranges over the entries of a journal that a run may be writing to.
func readJournal(path string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		file, err := os.Open(path)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		defer file.Close()
		for e, err := range entries(path, file) {
			if !yield(e.Entry, err) {
				return
			}
		}
	}
}
