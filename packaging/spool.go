package packaging

import (
	"fmt"
	"io"
	"os"
	"sync"
)

// bufferLen is the size of one read or write when bytes are copied. Smaller ones cost calls; larger ones are slower too, as
// what was read has left the processor's cache when it is written.
const bufferLen = 128 << 10

// buffers are for copying. They keep nothing from one use to the next.
var buffers = sync.Pool{New: func() any { b := make([]byte, bufferLen); return &b }}

// Spool takes what is written to it, and gives it back at any place: from memory up to a limit, from a temporary file
// above it. A Spool may be read by many goroutines when it is no longer written to. Close it to be rid of the file.
type Spool struct {
	limit  int64
	size   int64
	memory []byte   // all of it, while file is nil
	file   *os.File // all of it, when not nil
	name   string   // of the file, when it could not be removed while open
	closed bool
}

// NewSpool makes a spool that keeps up to limit bytes in memory. The file it needs above that is in os.TempDir, under no
// name where the system allows that.
func NewSpool(limit int64) *Spool { return &Spool{limit: limit} }

// Write appends b.
func (s *Spool) Write(b []byte) (int, error) {
	if s.closed {
		return 0, os.ErrClosed
	}
	if s.file == nil && s.size+int64(len(b)) <= s.limit {
		s.memory = append(s.memory, b...)
		s.size += int64(len(b))
		return len(b), nil
	}
	if s.file == nil {
		if err := s.spill(); err != nil {
			return 0, fmt.Errorf("spooling: %w", err)
		}
	}
	n, err := s.file.Write(b)
	s.size += int64(n)
	if err != nil {
		return n, fmt.Errorf("spooling: %w", err)
	}
	return n, nil
}

// spill moves what is in memory to a temporary file.
func (s *Spool) spill() error {
	f, err := os.CreateTemp("", "packaging-*")
	if err != nil {
		return err
	}
	s.file, s.name = f, f.Name()
	if os.Remove(s.name) == nil {
		s.name = ""
	}
	_, err = f.Write(s.memory)
	s.memory = nil
	return err
}

// Size is the number of bytes written so far.
func (s *Spool) Size() int64 { return s.size }

// ReadAt reads from the given place, as io.ReaderAt says.
func (s *Spool) ReadAt(b []byte, at int64) (int, error) {
	switch {
	case s.closed:
		return 0, os.ErrClosed
	case at < 0:
		return 0, fmt.Errorf("reading spool at %d: negative offset", at)
	case at >= s.size:
		return 0, io.EOF
	case s.file != nil:
		return s.file.ReadAt(b, at)
	}
	n := copy(b, s.memory[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// WriteTo writes all of the spool to w.
func (s *Spool) WriteTo(w io.Writer) (int64, error) { return writeAll(w, s, s.size) }

// Close frees the memory and removes the temporary file.
func (s *Spool) Close() error {
	if s.closed {
		return nil
	}
	s.closed, s.memory = true, nil
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.name != "" {
		if rmErr := os.Remove(s.name); err == nil {
			err = rmErr
		}
	}
	return err
}

// writeAll writes the first size bytes of src to w, in large pieces.
func writeAll(w io.Writer, src io.ReaderAt, size int64) (int64, error) {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	var written int64
	for written < size {
		piece := (*buf)[:min(bufferLen, size-written)]
		if err := readFull(src, piece, written); err != nil {
			return written, err
		}
		n, err := w.Write(piece)
		written += int64(n)
		if err != nil {
			return written, err
		}
		if n < len(piece) {
			return written, io.ErrShortWrite
		}
	}
	return written, nil
}
