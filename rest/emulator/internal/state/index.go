package state

import (
	"cmp"
	"slices"
)

// index finds the records of a table by something else than their id.
type index[T any] struct {
	key   func(*T) string
	found map[string][]*T
}

// Index keeps an index of the records, for [Table.Find], under a name; key returns what a record is found by. Asked again
// for the same name it does nothing. It returns the table.
func (t *Table[T]) Index(name string, key func(*T) string) *Table[T] {
	if t.indexes[name] != nil {
		return t
	}
	if t.indexes == nil {
		t.indexes = make(map[string]*index[T])
	}
	made := &index[T]{key: key, found: make(map[string][]*T)}
	for _, record := range t.list {
		made.add(record)
	}
	t.indexes[name] = made
	return t
}

// Find returns a record that the index of the name has under a key, nil when there is none. It costs the same however
// many records there are. Of several it may be any.
func (t *Table[T]) Find(name, key string) *T {
	found := t.indexes[name].found[key]
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// FindAll returns the records that the index of the name has under a key, in the order they were created. It costs the same
// however many others there are.
func (t *Table[T]) FindAll(name, key string) []*T {
	found := slices.Clone(t.indexes[name].found[key])
	slices.SortFunc(found, func(a, b *T) int { return cmp.Compare(t.index[t.id(a)].row, t.index[t.id(b)].row) })
	return found
}

func (x *index[T]) add(record *T) {
	key := x.key(record)
	x.found[key] = append(x.found[key], record)
}

func (x *index[T]) remove(record *T) {
	key := x.key(record)
	rest := slices.DeleteFunc(x.found[key], func(other *T) bool { return other == record })
	if len(rest) == 0 {
		delete(x.found, key)
		return
	}
	x.found[key] = rest
}

// entered and left keep the indexes and the version, for each record that comes into the table or goes from it.

func (t *Table[T]) entered(record *T) {
	t.version = t.store.tick()
	for _, x := range t.indexes {
		x.add(record)
	}
}

func (t *Table[T]) left(record *T) {
	t.version = t.store.tick()
	for _, x := range t.indexes {
		x.remove(record)
	}
}

// emptied returns the indexes of the table without the records.
func (t *Table[T]) emptied() map[string]*index[T] {
	indexes := make(map[string]*index[T])
	for name, x := range t.indexes {
		indexes[name] = &index[T]{key: x.key, found: make(map[string][]*T)}
	}
	return indexes
}
