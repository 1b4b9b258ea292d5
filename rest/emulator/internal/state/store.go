// Package state keeps what an emulator knows: tables of records, and the bytes of the files that were sent to it.
//
// A [Store] is in memory ([New]) or in a folder of the disk ([Open]). Either way all records are in memory, and
// everything changes inside of [Store.Do], a transaction: a step that fails leaves nothing changed, and one that
// succeeds is in the folder, whole, before Do returns, so that it survives the end of the process however that comes.
//
// A record is a plain struct of exported fields. Once it was put in a [Table] it is never changed in place: whoever wants
// it to be another copies it, changes the copy and puts that. This is what makes undoing, snapshots and reading a list
// while it changes cost nothing.
//
// A store does no locking for its tables: at most one goroutine at a time uses them, their Store.Do and what is said to
// be called in a transaction. The bytes of files are received, discarded and read at any time by any number of
// goroutines.
package state

import (
	"errors"
	"slices"
	"strings"
)

// Store is a set of tables and the pieces of files. Its zero value is not usable: see [New], [Open] and [FromSnapshot].
type Store struct {
	tables  map[string]table // by name
	pieces  *pieces
	disk    *disk    // nil in memory
	depth   int      // of the calls of Do under way
	changes []change // of the transaction under way, oldest first
	version uint64   // how many transactions have changed something
	ticks   uint64   // how many versions tables had
	err     error    // what of the records could not be read
}

// table is what a store does with a table without knowing its records' type.
type table interface {
	empty()
	encode(row uint64) ([]byte, error)
	copyTo(s *Store) table
}

// change is one change of a transaction: how to undo it, and the row or the piece that is another now. One of many rows
// is as many changes, the first of which undoes all.
type change struct {
	undo  func() // or nil
	table string
	row   uint64
	piece string
}

// New returns an empty store in memory.
func New() *Store {
	return &Store{tables: make(map[string]table), pieces: newPieces(&memory{})}
}

// Do runs a step as one transaction. When the step returns an error, which Do returns as it is, or panics, everything
// that was changed since it began is undone. A call of Do from within the step is a part of the same transaction that can
// fail alone. When the outermost call ends well everything is durable; where that does not succeed everything is undone
// and the error tells why.
func (s *Store) Do(step func() error) error {
	if s.err != nil {
		return s.err
	}
	begin, whole := len(s.changes), false
	s.depth++
	defer func() {
		if !whole {
			s.undo(begin)
		}
		s.depth--
	}()
	if err := step(); err != nil {
		return err
	}
	if s.depth == 1 {
		if err := s.commit(); err != nil {
			return err
		}
	}
	whole = true
	return nil
}

// undo takes back the changes after the first begin ones.
func (s *Store) undo(begin int) {
	for _, c := range slices.Backward(s.changes[begin:]) {
		if c.undo != nil {
			c.undo()
		}
	}
	clear(s.changes[begin:])
	s.changes = s.changes[:begin]
}

// commit ends the outermost transaction, whose changes stay.
func (s *Store) commit() error {
	if s.disk != nil {
		if err := s.writeChanges(); err != nil {
			return err
		}
	}
	for _, c := range s.changes {
		if c.piece != "" {
			s.pieces.sweep(c.piece)
		}
	}
	if len(s.changes) > 0 {
		s.version++
	}
	s.changes = nil
	return nil
}

// writeChanges makes the changes of the transaction durable.
func (s *Store) writeChanges() error {
	b, err := s.batch()
	if err != nil || len(b) == 0 {
		return err
	}
	if err := s.pieces.failed(); err != nil {
		return err
	}
	err = s.disk.write(b)
	if _, is := errors.AsType[*uncertain](err); is {
		s.pieces.fail(err)
	}
	return err
}

// check tells a caller that forgot the transaction.
func (s *Store) check() {
	if s.depth == 0 {
		panic("state: a change outside of a transaction")
	}
}

// note adds a change to the transaction under way.
func (s *Store) note(c change) { s.changes = append(s.changes, c) }

// Drop deletes all records of the tables whose name begins with prefix, and forgets the tables: they are not to be used
// any more, unless the transaction is undone. The pieces of files that the records hold are the caller's to release.
func (s *Store) Drop(prefix string) {
	s.check()
	for name, t := range s.tables {
		if strings.HasPrefix(name, prefix) {
			t.empty()
			delete(s.tables, name)
			s.note(change{undo: func() { s.tables[name] = t }})
		}
	}
}

// tick returns the next version of a table.
func (s *Store) tick() uint64 {
	s.ticks++
	return s.ticks
}

// Version returns how many transactions have changed something since the store was made or opened.
func (s *Store) Version() uint64 { return s.version }

// Err returns what kept [NewTable] from reading the records the store has: nil when all could be read. As long as it is
// not nil, [Store.Do] does nothing but return it.
func (s *Store) Err() error { return s.err }

// Close ends the use of the folder of a store on disk, which after that can be read but not changed; in memory it does
// nothing. A process that ends without it loses nothing.
func (s *Store) Close() error {
	if s.disk == nil {
		return nil
	}
	s.pieces.fail(errClosed)
	return s.disk.db.Close()
}

var errClosed = errors.New("the state is closed")

// Snapshot is everything a store had at one moment. It never changes.
type Snapshot struct {
	tables map[string]table
	pieces map[string]keptPiece
}

// Snapshot returns what the store has now, with the pieces of files that were kept. Of a store in memory it shares
// records and bytes, which never change; of one on disk it reads the pieces into memory. There must be no transaction
// under way.
func (s *Store) Snapshot() (Snapshot, error) {
	if s.depth > 0 {
		return Snapshot{}, errors.New("taking a snapshot: a transaction is under way")
	}
	if s.err != nil {
		return Snapshot{}, s.err
	}
	kept, err := s.pieces.snapshot()
	if err != nil {
		return Snapshot{}, err
	}
	frozen := &Store{tables: make(map[string]table)}
	for name, t := range s.tables {
		frozen.tables[name] = t.copyTo(frozen)
	}
	return Snapshot{tables: frozen.tables, pieces: kept}, nil
}

// FromSnapshot returns a store in memory that begins with what a snapshot has. What is then done to it is seen neither
// in the snapshot nor in another store of it.
func FromSnapshot(from Snapshot) *Store {
	s := New()
	for name, t := range from.tables {
		s.tables[name] = t.copyTo(s)
	}
	for id, p := range from.pieces {
		s.pieces.shelf.(*memory).data.Store(id, p.data)
		s.pieces.learn(id, &piece{bytes: int64(len(p.data)), records: p.records})
	}
	return s
}
