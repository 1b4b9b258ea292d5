package state

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// Reader reads a file through the pieces it came in. It is safe for concurrent use.
type Reader struct {
	store  *Store
	blob   Blob
	opened []*piece // of the blob
	size   int64

	mu     sync.Mutex
	closed bool
	at     int    // which piece handle is of
	handle handle // the piece that was read last; nil before
}

// OpenBlob opens a file for reading. The file can be read until the reader is closed, also when its pieces are released
// meanwhile; so to be sure that they are there it is called while no transaction can release them.
func (s *Store) OpenBlob(b Blob) (*Reader, error) {
	r := &Reader{store: s, blob: b, size: b.Size()}
	for _, p := range b {
		opened, err := s.pieces.open(p.ID)
		if err != nil {
			r.Close()
			return nil, fmt.Errorf("opening a file: %w", err)
		}
		r.opened = append(r.opened, opened)
	}
	return r, nil
}

// Size returns the size of the file in bytes.
func (r *Reader) Size() int64 { return r.size }

// ReadAt implements [io.ReaderAt].
func (r *Reader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("reading before the file")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return 0, os.ErrClosed
	}
	n := 0
	for i, piece := range r.blob {
		if off >= piece.Bytes {
			off -= piece.Bytes
			continue
		}
		want := p[n:min(int64(len(p)), int64(n)+piece.Bytes-off)]
		if err := r.readPiece(i, want, off); err != nil {
			return n, fmt.Errorf("reading a file: %w", err)
		}
		n += len(want)
		if n == len(p) {
			return n, nil
		}
		off = 0
	}
	return n, io.EOF
}

// readPiece fills p from one of the pieces. Only one is open at a time: a file can have come in a thousand.
func (r *Reader) readPiece(i int, p []byte, off int64) error {
	if r.handle == nil || r.at != i {
		next, err := r.store.pieces.shelf.open(r.blob[i].ID)
		if err != nil {
			return err
		}
		r.release()
		r.at, r.handle = i, next
	}
	n, err := r.handle.ReadAt(p, off)
	switch {
	case n == len(p):
		return nil
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *Reader) release() {
	if r.handle != nil {
		r.handle.Close()
		r.handle = nil
	}
}

// Close ends the reading. It returns nil, also when called again.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	r.release()
	for i, opened := range r.opened {
		r.store.pieces.close(r.blob[i].ID, opened)
	}
	return nil
}
