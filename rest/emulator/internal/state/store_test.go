package state

import (
	"errors"
	"fmt"
	"strconv"
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

// A question that panics has deleted nothing.
func TestDeleteFuncPanics(t *testing.T) {
	t.Parallel()
	s := New()
	notes := NewTable(s, "notes", noteID)
	put := func() error {
		for _, id := range []string{"a", "b", "c"} {
			notes.Put(&note{id, "1"})
		}
		return nil
	}
	if err := s.Do(put); err != nil {
		t.Fatal(err)
	}
	reason := panicOf(func() {
		_ = s.Do(func() error {
			notes.DeleteFunc(func(n *note) bool {
				if n.ID == "c" {
					panic("cannot tell")
				}
				return true
			})
			return nil
		})
	})
	if got := texts(notes.All()); reason != "cannot tell" || got != "a1 b1 c1" || notes.Get("a") == nil {
		t.Errorf("%s; %s", reason, got)
	}
}

// A table that was first asked for in a transaction that was undone is used like any other, and so is one that was
// dropped in it.
func TestTableOutlivesUndo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := reopen(t, dir)
	var notes, others *Table[note]
	err := s.Do(func() error {
		notes, others = NewTable(s, "notes", noteID), NewTable(s, "others", noteID)
		s.Drop("others")
		NewTable(s, "others", noteID).Put(&note{"x", "1"})
		return errRefused
	})
	if !errors.Is(err, errRefused) {
		t.Fatal(err)
	}
	err = s.Do(func() error {
		notes.Put(&note{"a", "1"})
		others.Put(&note{"b", "2"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = reopen(t, dir)
	if got := texts(NewTable(s, "notes", noteID).All()) + texts(NewTable(s, "others", noteID).All()); got != "a1b2" {
		t.Errorf("opened again: %s", got)
	}
}

// What a change costs in a table of many records and in one of few, where each time something is looked for in the list
// first.
func BenchmarkPut(b *testing.B) {
	for _, size := range []int{100, 10_000} {
		s := New()
		notes := NewTable(s, "notes", noteID)
		record := func(i int) *note { return &note{ID: strconv.Itoa(i)} }
		changes := []struct {
			name   string
			change func(i int)
		}{
			{"new", func(i int) { notes.Put(record(size + i)) }},
			{"known", func(i int) { notes.Put(record(i % size)) }},
			{"delete", func(i int) {
				notes.Delete(notes.All()[i%size].ID)
				notes.Put(record(size + i))
			}},
		}
		for _, c := range changes {
			_ = s.Do(func() error {
				notes.DeleteFunc(func(*note) bool { return true })
				for i := range size {
					notes.Put(record(i))
				}
				return nil
			})
			b.Run(fmt.Sprintf("%s/%d", c.name, size), func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					err := s.Do(func() error {
						notes.All()
						c.change(i)
						return nil
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
