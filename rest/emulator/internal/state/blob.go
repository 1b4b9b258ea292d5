package state

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Piece is a part of a file as it was received. It tells which bytes are meant; the store has them.
type Piece struct {
	ID    string `json:"id"`
	Bytes int64  `json:"bytes"` // how many
}

// Blob is a file in the pieces it came in, one piece when it came in one request. Its pieces may be those of another
// blob as well.
type Blob []Piece

// Size returns the size of the file in bytes.
func (b Blob) Size() int64 {
	var size int64
	for _, p := range b {
		size += p.Bytes
	}
	return size
}

// Receive reads a piece to its end and has it from then on, for [Store.Keep] or [Store.Discard]. A store on disk streams
// it to a file; when Receive returns that is durable. A piece of more than limit bytes is refused with an error of type
// [*http.MaxBytesError], after which some of r is unread. Errors of r are returned as they are.
func (s *Store) Receive(r io.Reader, limit int64) (Piece, error) {
	if err := s.pieces.failed(); err != nil {
		return Piece{}, err
	}
	id := rand.Text()
	size, err := s.pieces.shelf.add(id, http.MaxBytesReader(nil, io.NopCloser(r), limit))
	if err != nil {
		return Piece{}, err
	}
	s.pieces.mu.Lock()
	defer s.pieces.mu.Unlock()
	s.pieces.learn(id, &piece{bytes: size})
	return Piece{ID: id, Bytes: size}, nil
}

// Size returns how many bytes all pieces have together that the store knows.
func (s *Store) Size() int64 {
	s.pieces.mu.Lock()
	defer s.pieces.mu.Unlock()
	return s.pieces.size
}

// Keep tells, in a transaction, that one more record holds the pieces of a file. They stay until each record that keeps
// them has released them, also when the process ends. When the transaction is undone the pieces are again what they were:
// those that only were received are there to be discarded.
func (s *Store) Keep(b Blob) { s.hold(b, +1) }

// Release tells, in a transaction, that one record less holds the pieces of a file. Those that no record holds go at the
// end of the transaction.
func (s *Store) Release(b Blob) { s.hold(b, -1) }

func (s *Store) hold(b Blob, by int) {
	s.check()
	for _, p := range b {
		s.pieces.hold(p.ID, by)
		s.note(change{piece: p.ID, undo: func() { s.pieces.hold(p.ID, -by) }})
	}
}

// Discard forgets those pieces of a file that no record holds: what came with a request that was refused. It may be
// called at any time but in a transaction that keeps or releases the pieces; it does nothing for pieces that are kept.
func (s *Store) Discard(b Blob) {
	for _, p := range b {
		s.pieces.sweep(p.ID)
	}
}

// pieces is what a store knows of its pieces.
type pieces struct {
	shelf shelf
	mu    sync.Mutex
	known map[string]*piece // by id
	size  int64             // in bytes, of those that are known
	err   error             // why the shelf is not to be changed any more
}

// piece is what is known of a piece: how many records hold it, and how many readers have it open. It leaves the table of
// known pieces when no record holds it and leaves the shelf when, after that, no reader has it open.
type piece struct {
	bytes            int64
	records, readers int
	gone             bool
}

// keptPiece is a piece of a snapshot.
type keptPiece struct {
	records int
	data    []byte
}

func newPieces(on shelf) *pieces { return &pieces{shelf: on, known: make(map[string]*piece)} }

// learn makes a piece known.
func (p *pieces) learn(id string, found *piece) {
	p.known[id] = found
	p.size += found.bytes
}

// fail lets the shelf be as it is from now on: what is on disk is not known well enough to remove anything. The next Open
// will know.
func (p *pieces) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

func (p *pieces) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// row returns the row of a piece, nil when no record holds it.
func (p *pieces) row(id string) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.known[id]
	if known == nil || known.records == 0 {
		return nil, nil
	}
	return json.Marshal(pieceRow{known.bytes, known.records})
}

func (p *pieces) hold(id string, by int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := p.known[id]
	if found == nil || found.records+by < 0 {
		panic(fmt.Sprintf("state: piece %q is kept or released but not there", id))
	}
	found.records += by
}

// sweep lets a piece go when no record holds it.
func (p *pieces) sweep(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := p.known[id]
	if found == nil || found.records > 0 {
		return
	}
	delete(p.known, id)
	p.size -= found.bytes
	found.gone = true
	p.remove(id, found)
}

// remove takes a piece that is gone from the shelf when nobody reads it.
func (p *pieces) remove(id string, gone *piece) {
	if gone.readers == 0 && p.err == nil {
		p.shelf.remove(id)
	}
}

// open takes a piece for reading; close must be called for each piece that open returned.
func (p *pieces) open(id string) (*piece, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := p.known[id]
	if found == nil {
		return nil, fmt.Errorf("piece %q is not there", id)
	}
	found.readers++
	return found, nil
}

func (p *pieces) close(id string, opened *piece) {
	p.mu.Lock()
	defer p.mu.Unlock()
	opened.readers--
	if opened.gone {
		p.remove(id, opened)
	}
}

func (p *pieces) snapshot() (map[string]keptPiece, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := make(map[string]keptPiece)
	for id, known := range p.known {
		if known.records == 0 {
			continue
		}
		data, err := p.shelf.read(id)
		if err != nil {
			return nil, fmt.Errorf("taking a snapshot: %w", err)
		}
		kept[id] = keptPiece{records: known.records, data: data}
	}
	return kept, nil
}
