package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Table is the records of one kind, in the order they were created. It is used by one goroutine at a time, and changed
// in a transaction only.
type Table[T any] struct {
	store *Store
	name  string
	id    func(*T) string
	index map[string]entry[T] // by id

	indexes map[string]*index[T] // by name

	// The records in their order, and the number of each, by which it is found there. A slice that All returned is
	// never changed; what is behind its end may be.
	list   []*T
	rows   []uint64 // ascending
	shared bool     // All has returned list

	version uint64
}

type entry[T any] struct {
	row    uint64
	record *T
}

// NewTable returns the table of that name with the records the store has in it. Names are paths such as
// "sites/LUID/projects". id returns what a record is known by in its table, which must not change as long as it is there.
// Asked again for the same name it returns the same table, and it stays when the transaction it was first asked for in is
// undone. Records that cannot be read are told by [Store.Err].
func NewTable[T any](s *Store, name string, id func(*T) string) *Table[T] {
	t := &Table[T]{store: s, name: name, id: id, index: make(map[string]entry[T]), version: s.tick()}
	switch known := s.tables[name].(type) {
	case nil:
	case *Table[T]:
		return known
	case *Table[json.RawMessage]:
		if err := t.decode(known); err != nil {
			s.err = errors.Join(s.err, fmt.Errorf("reading table %q: %w", name, err))
		}
	default:
		panic(fmt.Sprintf("state: table %q has records of two types", name))
	}
	if err := keepable(reflect.TypeFor[T]()); err != nil {
		panic(fmt.Sprintf("state: table %q: %v", name, err))
	}
	s.tables[name] = t
	return t
}

// decode reads the records of a table as they are on disk.
func (t *Table[T]) decode(from *Table[json.RawMessage]) error {
	for i, data := range from.list {
		row, record := from.rows[i], new(T)
		decoder := json.NewDecoder(bytes.NewReader(*data))
		decoder.DisallowUnknownFields() // to write the record again would lose them
		if err := decoder.Decode(record); err != nil {
			return fmt.Errorf("row %d: %w", row, err)
		}
		id := t.id(record)
		if first, known := t.index[id]; known {
			return fmt.Errorf("rows %d and %d have one id", first.row, row)
		}
		t.index[id] = entry[T]{row, record}
		t.list, t.rows = append(t.list, record), append(t.rows, row)
	}
	return nil
}

// encode returns what is on disk of the record in a row: nil when it has none.
func (t *Table[T]) encode(row uint64) ([]byte, error) {
	i, there := slices.BinarySearch(t.rows, row)
	if !there {
		return nil, nil
	}
	return json.Marshal(t.list[i])
}

// Get returns the record with an id, nil when there is none. It is not to be changed.
func (t *Table[T]) Get(id string) *T { return t.index[id].record }

// Version returns a number that is another one whenever the records are others, and none that a table had before.
func (t *Table[T]) Version() uint64 { return t.version }

// Len returns how many records there are.
func (t *Table[T]) Len() int { return len(t.list) }

// All returns the records in the order they were created: one that was put again is where it was before. The slice and
// the records are not to be changed. It is as things are now: what is put and deleted later does not change it, so that
// may be done while ranging over it. It costs nothing, whatever there is.
func (t *Table[T]) All() []*T {
	t.shared = true
	return slices.Clip(t.list)
}

// Put adds a record, or replaces the one with its id.
func (t *Table[T]) Put(record *T) {
	t.check()
	id := t.id(record)
	old, known := t.index[id]
	if known {
		t.replace(id, entry[T]{old.row, record})
		t.store.note(change{table: t.name, row: old.row, undo: func() { t.replace(id, old) }})
		return
	}
	added := entry[T]{1, record}
	if n := len(t.rows); n > 0 {
		added.row = t.rows[n-1] + 1
	}
	t.index[id] = added
	t.entered(record)
	t.list = append(t.list, record)
	t.rows = append(t.rows, added.row)
	t.store.note(change{table: t.name, row: added.row, undo: func() { t.remove(id) }})
}

// Delete deletes the record with an id, and tells whether there was one.
func (t *Table[T]) Delete(id string) bool {
	t.check()
	old, known := t.index[id]
	if known {
		t.remove(id)
		t.store.note(change{table: t.name, row: old.row, undo: func() { t.insert(id, old) }})
	}
	return known
}

// DeleteFunc deletes the records for which is returns true, and tells how many there were.
func (t *Table[T]) DeleteFunc(is func(*T) bool) int {
	t.check()
	var gone []int // where they are
	for i, record := range t.list {
		if is(record) {
			gone = append(gone, i)
		}
	}
	if len(gone) == 0 {
		return 0
	}
	before := *t
	t.list, t.shared = without(before.list, gone), false
	t.rows = without(before.rows, gone)
	for _, i := range gone {
		delete(t.index, t.id(before.list[i]))
		t.left(before.list[i])
	}
	t.store.note(change{undo: func() {
		*t = before
		for _, i := range gone {
			t.index[t.id(t.list[i])] = entry[T]{t.rows[i], t.list[i]}
			t.entered(t.list[i])
		}
	}})
	for _, i := range gone {
		t.store.note(change{table: t.name, row: before.rows[i]})
	}
	return len(gone)
}

// without returns a copy of a slice that lacks the elements at some places, which are ascending.
func without[E any](all []E, places []int) []E {
	rest := make([]E, 0, len(all)-len(places))
	from := 0
	for _, i := range places {
		rest = append(rest, all[from:i]...)
		from = i + 1
	}
	return append(rest, all[from:]...)
}

func (t *Table[T]) check() {
	t.store.check()
	if t.store.tables[t.name] != table(t) {
		panic(fmt.Sprintf("state: table %q was dropped", t.name))
	}
}

// empty deletes all records.
func (t *Table[T]) empty() {
	before := *t
	*t = Table[T]{store: t.store, name: t.name, id: t.id, indexes: t.emptied(), version: t.store.tick()}
	t.store.note(change{undo: func() {
		*t = before
		t.version = t.store.tick()
	}})
	for _, row := range before.rows {
		t.store.note(change{table: t.name, row: row})
	}
}

// replace, remove and insert change a table without noting it.

func (t *Table[T]) replace(id string, e entry[T]) {
	t.unshare()
	t.left(t.index[id].record)
	t.entered(e.record)
	t.index[id] = e
	t.list[t.position(e.row)] = e.record
}

func (t *Table[T]) remove(id string) {
	t.unshare()
	i := t.position(t.index[id].row)
	t.left(t.index[id].record)
	delete(t.index, id)
	t.list = slices.Delete(t.list, i, i+1)
	t.rows = slices.Delete(t.rows, i, i+1)
}

func (t *Table[T]) insert(id string, e entry[T]) {
	t.unshare()
	i := t.position(e.row)
	t.index[id] = e
	t.entered(e.record)
	t.list = slices.Insert(t.list, i, e.record)
	t.rows = slices.Insert(t.rows, i, e.row)
}

// unshare makes the list one that nobody else has. Appending to it needs none of this.
func (t *Table[T]) unshare() {
	if t.shared {
		t.list, t.shared = slices.Clone(t.list), false
	}
}

// position is where the row is in the list, or would be.
func (t *Table[T]) position(row uint64) int {
	i, _ := slices.BinarySearch(t.rows, row)
	return i
}

// copyTo returns a table with the same records for another store.
func (t *Table[T]) copyTo(s *Store) table {
	return &Table[T]{
		store: s, name: t.name, id: t.id, index: maps.Clone(t.index), version: s.tick(),
		list: slices.Clone(t.list), rows: slices.Clone(t.rows),
	}
}
