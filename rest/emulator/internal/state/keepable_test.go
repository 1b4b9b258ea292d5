package state

import (
	"strings"
	"testing"
	"time"
)

// A record of which something would be lost on disk is refused in memory as well.
func TestKeepable(t *testing.T) {
	t.Parallel()
	type base struct{ LUID string }
	type whole struct {
		base
		Name     string `json:"name,omitempty"`
		Numbers  map[int][]float64
		Expires  *time.Time
		File     Blob
		ByMoment map[time.Time]bool
		Next     *whole
	}
	NewTable(New(), "whole", func(w *whole) string { return w.LUID })
	type inner struct{ Names []any }
	tests := map[string]struct {
		make func()
		want string
	}{
		"unexported field": {newTableOf[struct {
			Name string
			size int
		}], "struct { Name string; size int }.size is not written to disk"},
		"left out": {newTableOf[struct {
			Name string `json:"-"`
		}], `Name is not written to disk`},
		"any type":   {newTableOf[struct{ Inner map[string]*inner }], "inner.Names: a interface {} cannot be written to disk"},
		"function":   {newTableOf[struct{ Work func() }], "Work: a func() cannot be written to disk"},
		"odd key":    {newTableOf[map[float64]string], "a map[float64]string cannot be written to disk"},
		"write-only": {newTableOf[struct{ Secret writeOnly }], "Secret: state.writeOnly.text is not written to disk"},
	}
	for name, tt := range tests {
		if got := panicOf(tt.make); !strings.HasPrefix(got, `state: table "x": `) || !strings.HasSuffix(got, tt.want) {
			t.Errorf("%s: %s\nwant %s", name, got, tt.want)
		}
	}
}

// writeOnly cannot be read back from what it writes.
type writeOnly struct{ text string }

func (w writeOnly) MarshalText() ([]byte, error) { return []byte(w.text), nil }

func newTableOf[T any]() { NewTable(New(), "x", func(*T) string { return "" }) }

// panicOf returns what a function panics with.
func panicOf(f func()) (reason string) {
	defer func() { reason, _ = recover().(string) }()
	f()
	return ""
}

// Mistakes of the caller are told at once.
func TestMisuse(t *testing.T) {
	t.Parallel()
	s := New()
	notes := NewTable(s, "notes", noteID)
	in := func(step func()) func() {
		return func() { _ = s.Do(func() error { step(); return nil }) }
	}
	tests := map[string]func(){
		"state: a change outside of a transaction":             func() { notes.Put(&note{}) },
		"state: table \"notes\" has records of two types":      func() { NewTable(s, "notes", uploadID) },
		"state: table \"notes\" was dropped":                   in(func() { s.Drop("notes"); notes.Put(&note{}) }),
		"state: piece \"x\" is kept or released but not there": in(func() { s.Keep(Blob{{ID: "x"}}) }),
	}
	for want, mistake := range tests {
		if got := panicOf(mistake); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for name, step := range map[string]func(){
		"Delete": func() { notes.Delete("a") }, "Drop": func() { s.Drop("x") },
		"Keep": func() { s.Keep(nil) }, "DeleteFunc": func() { notes.DeleteFunc(func(*note) bool { return true }) },
	} {
		if panicOf(step) == "" {
			t.Errorf("%s outside of a transaction is not told", name)
		}
	}
	_ = s.Do(func() error {
		if _, err := s.Snapshot(); err == nil {
			t.Error("a snapshot in a transaction is not refused")
		}
		return nil
	})
}
