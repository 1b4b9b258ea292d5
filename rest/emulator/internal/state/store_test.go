package state

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

type note struct{ ID, Text string }

func noteID(n *note) string { return n.ID }

func texts(notes []*note) string {
	var all []string
	for _, n := range notes {
		all = append(all, n.ID+n.Text)
	}
	return strings.Join(all, " ")
}

var errRefused = errors.New("refused")

// What All returned stays as it was whatever is done later, and is in order of creation.
func TestAll(t *testing.T) {
	t.Parallel()
	s := New()
	notes := NewTable(s, "notes", noteID)
	var seen [][]*note
	var want []string
	look := func() { seen, want = append(seen, notes.All()), append(want, texts(notes.All())) }
	steps := []func() error{
		func() error {
			notes.Put(&note{"a", "1"})
			notes.Put(&note{"b", "1"})
			notes.Put(&note{"c", "1"})
			return nil
		},
		func() error { notes.Put(&note{"b", "2"}); return nil },
		func() error { notes.Put(&note{"d", "1"}); look(); return errRefused },
		func() error { notes.Put(&note{"e", "1"}); look(); return nil },
		func() error { notes.Delete("a"); look(); return errRefused },
		func() error { notes.Delete("b"); return nil },
		func() error {
			notes.DeleteFunc(func(n *note) bool { return n.ID == "c" })
			look()
			return errRefused
		},
		func() error { notes.Put(&note{"b", "3"}); return nil },
	}
	for i, step := range steps {
		look()
		if err := s.Do(step); err != nil && !errors.Is(err, errRefused) {
			t.Fatalf("step %d: %v", i, err)
		}
		look()
	}
	for i := range seen {
		if got := texts(seen[i]); got != want[i] {
			t.Errorf("list %d is now %s, was %s", i, got, want[i])
		}
	}
	if got := texts(notes.All()); got != "a1 c1 e1 b3" {
		t.Errorf("in the end: %s", got)
	}
}

func TestReceive(t *testing.T) {
	t.Parallel()
	s := New()
	_, err := s.Receive(strings.NewReader("abcdef"), 5)
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); !ok || tooLarge.Limit != 5 {
		t.Errorf("six bytes of five: %v", err)
	}
	var file Blob
	for _, part := range []string{"abcde", "", "fg"} {
		p, err := s.Receive(strings.NewReader(part), 5)
		if err != nil {
			t.Fatal(err)
		}
		file = append(file, p)
	}
	s.Do(func() error { s.Keep(file); return nil })
	r, err := s.OpenBlob(file)
	if err != nil {
		t.Fatal(err)
	}
	s.Do(func() error { s.Release(file); return nil })
	if got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size())); err != nil || !bytes.Equal(got, []byte("abcdefg")) {
		t.Errorf("read %q, %v", got, err)
	}
	r.Close()
	if _, err := s.OpenBlob(file); err == nil {
		t.Error("released pieces are still there")
	}
}
