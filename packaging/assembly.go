package packaging

import (
	"errors"
	"fmt"
	"io"
	"sort"
)

// Assembly is a package that is about to be written: stretches of the source, which must stay open, and new records.
// It is read at any place, by any number of goroutines, and has a known size before it is read: what an upload needs.
// Close it to free the temporary files of large new entries.
type Assembly struct {
	content segments
	closers []io.Closer
}

// Size is the length of the package in bytes.
func (a *Assembly) Size() int64 { return a.content.size }

// ReadAt reads from the given place, as io.ReaderAt says.
func (a *Assembly) ReadAt(b []byte, at int64) (int, error) { return a.content.ReadAt(b, at) }

// WriteTo writes the whole package to w.
func (a *Assembly) WriteTo(w io.Writer) (int64, error) {
	return writeAll(w, &a.content, a.content.size)
}

// Close frees what the assembly holds. The source stays open: it belongs to the caller of [Open].
func (a *Assembly) Close() error {
	var errs []error
	for _, closer := range a.closers {
		errs = append(errs, closer.Close())
	}
	return errors.Join(errs...)
}

// segments is a sequence of stretches of readers, which reads as one.
type segments struct {
	list []segment
	size int64
}

type segment struct {
	src   io.ReaderAt
	from  int64 // where the stretch begins in src
	start int64 // where it begins in the sequence
}

// add appends length bytes of src.
func (s *segments) add(src io.ReaderAt, from, length int64) {
	if length > 0 {
		s.list = append(s.list, segment{src: src, from: from, start: s.size})
		s.size += length
	}
}

// addAll appends another sequence.
func (s *segments) addAll(other *segments) {
	for i, part := range other.list {
		s.add(part.src, part.from, other.end(i)-part.start)
	}
}

func (s *segments) end(i int) int64 {
	if i+1 < len(s.list) {
		return s.list[i+1].start
	}
	return s.size
}

// ReadAt implements io.ReaderAt.
func (s *segments) ReadAt(b []byte, at int64) (int, error) {
	if at < 0 {
		return 0, fmt.Errorf("reading package at %d: negative offset", at)
	}
	done := 0
	first := sort.Search(len(s.list), func(i int) bool { return s.end(i) > at })
	for i := first; i < len(s.list) && done < len(b); i++ {
		part, place := s.list[i], at+int64(done)
		want := min(int64(len(b)-done), s.end(i)-place)
		n, err := part.src.ReadAt(b[done:done+int(want)], part.from+place-part.start)
		done += n
		if int64(n) < want {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF // the source is shorter than when it was opened
			}
			return done, err
		}
	}
	if done < len(b) {
		return done, io.EOF
	}
	return done, nil
}
