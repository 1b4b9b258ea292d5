package state

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

// each runs a test with a store in memory and with one on disk.
func each(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Parallel()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		test(t, New())
	})
	t.Run("disk", func(t *testing.T) {
		t.Parallel()
		test(t, reopen(t, t.TempDir()))
	})
}

func receive(t *testing.T, s *Store, parts ...string) Blob {
	t.Helper()
	var b Blob
	for _, part := range parts {
		p, err := s.Receive(strings.NewReader(part), int64(len(part)))
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, p)
	}
	return b
}

// A piece that is too large, or that ends in the middle, is refused and leaves nothing.
func TestReceiveRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, s := range []*Store{New(), reopen(t, dir)} {
		_, err := s.Receive(strings.NewReader("abcdef"), 5)
		if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); !ok || tooLarge.Limit != 5 {
			t.Errorf("six bytes of five: %v", err)
		}
		_, err = s.Receive(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF)), 5)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("half a piece: %v", err)
		}
		if got := panicOf(func() { s.Receive(panicking{}, 5) }); got != "gone" {
			t.Errorf("a reader that panics: %q", got)
		}
	}
	wantFiles(t, dir, nil)
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("gone") }

func TestReader(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		parts := []string{"", strings.Repeat("Sales ", 3000), "", "a", strings.Repeat("Profit", 2000), ""}
		want := strings.Join(parts, "")
		r, err := s.OpenBlob(receive(t, s, parts...))
		if err != nil {
			t.Fatal(err)
		}
		if r.Size() != int64(len(want)) {
			t.Errorf("size %d, want %d", r.Size(), len(want))
		}
		if err := iotest.TestReader(io.NewSectionReader(r, 0, r.Size()), []byte(want)); err != nil {
			t.Error(err)
		}
		for _, off := range []int64{0, 17_999, 18_000, 18_001, r.Size() - 1, r.Size(), r.Size() + 1, -1} {
			got, expected := make([]byte, 7), make([]byte, 7)
			n, err := r.ReadAt(got, off)
			m, expectedErr := strings.NewReader(want).ReadAt(expected, off)
			if n != m || !bytes.Equal(got, expected) || (err == nil) != (expectedErr == nil) || (err == io.EOF) != (expectedErr == io.EOF) {
				t.Errorf("at %d: %d %q %v, want %d %q %v", off, n, got, err, m, expected, expectedErr)
			}
		}
		for range 2 {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := r.ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

// A file of which one piece is not there is not opened, and the others are not kept for it.
func TestOpenBlobMissing(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		b := receive(t, s, "abc", "def")
		s.Discard(b[1:])
		if r, err := s.OpenBlob(b); err == nil {
			t.Error("opened", r.Size())
		}
		s.Discard(b)
		if _, err := s.pieces.shelf.read(b[0].ID); err == nil {
			t.Error("the first piece is still there")
		}
	})
}

// Pieces are received, read, and discarded by many at once, while transactions keep and release them one after the other.
func TestConcurrentPieces(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		var lock sync.Mutex
		do := func(step func()) {
			lock.Lock()
			defer lock.Unlock()
			if err := s.Do(func() error { step(); return nil }); err != nil {
				t.Error(err)
			}
		}
		read := func(b Blob, want string) {
			r, err := s.OpenBlob(b)
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Close()
			var readers sync.WaitGroup
			for range 2 {
				readers.Go(func() {
					if got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size())); err != nil || string(got) != want {
						t.Errorf("%d bytes, %v, want %d", len(got), err, len(want))
					}
				})
			}
			do(func() { s.Release(b) })
			readers.Wait()
		}
		var clients sync.WaitGroup
		for i := range 20 {
			clients.Go(func() {
				parts := []string{strings.Repeat(fmt.Sprint(i), 3000), "end"}
				kept, refused := receive(t, s, parts...), receive(t, s, "refused")
				do(func() { s.Keep(kept) })
				s.Discard(append(refused, kept...))
				read(kept, strings.Join(parts, ""))
			})
		}
		clients.Wait()
		if n := len(s.pieces.known); n != 0 {
			t.Errorf("%d pieces are left", n)
		}
	})
}
