package state

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// model is what a store is to have, in the plainest way: a transaction begins with a copy of it and throws that away or
// goes on with it.
type model struct {
	tables map[string][]note
	held   map[string]int // the pieces that are kept, and by how many
	loose  []Piece        // received, and neither kept since nor discarded
}

func (m model) clone() model {
	c := model{tables: make(map[string][]note), held: maps.Clone(m.held), loose: slices.Clone(m.loose)}
	for name, notes := range m.tables {
		c.tables[name] = slices.Clone(notes)
	}
	return c
}

func (m model) put(table string, n note) {
	same := func(other note) bool { return other.ID == n.ID }
	if i := slices.IndexFunc(m.tables[table], same); i >= 0 {
		m.tables[table][i] = n
		return
	}
	m.tables[table] = append(m.tables[table], n)
}

func (m model) deleteFunc(table string, is func(*note) bool) int {
	before := len(m.tables[table])
	m.tables[table] = slices.DeleteFunc(m.tables[table], func(n note) bool { return is(&n) })
	return before - len(m.tables[table])
}

// twins is a store and its model, to both of which the same is done at random.
type twins struct {
	t      *testing.T
	random *rand.Rand
	store  *Store
	model  model
	data   map[string]string // of all pieces that were ever received
	seen   []sight

	versions map[version]string // the texts of tables
}

// version is a version of a table.
type version struct {
	store  *Store
	table  string
	number uint64
}

// sight is what All returned once.
type sight struct {
	notes []*note
	want  string
}

func newTwins(t *testing.T, seed uint64, s *Store) *twins {
	return &twins{
		versions: make(map[version]string),
		t:        t, random: rand.New(rand.NewPCG(seed, 0)), store: s, data: make(map[string]string),
		model: model{tables: make(map[string][]note), held: make(map[string]int)},
	}
}

var tableNames = []string{"accounts", "sites/1/projects", "sites/1/users", "sites/2/users", "sites/22/users"}

func (w *twins) table(name string) *Table[note] {
	return NewTable(w.store, name, noteID).Index("text", func(n *note) string { return n.Text })
}

func (w *twins) pick() string { return tableNames[w.random.IntN(len(tableNames))] }

// transaction does a random number of random things, in the end succeeds, is refused or panics, and tells what is then to
// be there.
func (w *twins) transaction(depth int) {
	before := w.model.clone()
	end := w.random.IntN(6)
	defer func() {
		if end >= 2 {
			return
		}
		w.model = before
		if reason := recover(); (end == 0) != (reason == "lost the thread") {
			w.t.Errorf("a step that ends with %d: panic %v", end, reason)
		}
	}()
	err := w.store.Do(func() error {
		for range w.random.IntN(8) {
			w.step(depth)
		}
		switch end {
		case 0:
			panic("lost the thread")
		case 1:
			return errRefused
		}
		return nil
	})
	if (end == 1) != errors.Is(err, errRefused) || end > 1 && err != nil {
		w.t.Fatalf("a step that ends with %d: %v", end, err)
	}
}

// step does one thing to the store and to the model.
func (w *twins) step(depth int) {
	name := w.pick()
	table, id := w.table(name), fmt.Sprint(w.random.IntN(12))
	switch w.random.IntN(13) {
	case 0, 1, 2, 3, 4:
		n := note{id, fmt.Sprint(w.random.IntN(1000))}
		table.Put(&n)
		w.model.put(name, n)
	case 5, 6:
		same := func(n *note) bool { return n.ID == id }
		if got, want := table.Delete(id), w.model.deleteFunc(name, same) == 1; got != want {
			w.t.Errorf("Delete(%q) = %v", id, got)
		}
	case 7:
		some := func(n *note) bool { return strings.HasSuffix(n.Text, "3") || n.ID < id }
		if got, want := table.DeleteFunc(some), w.model.deleteFunc(name, some); got != want {
			w.t.Errorf("DeleteFunc = %d, want %d", got, want)
		}
	case 8:
		prefix := []string{"sites/1/", "sites/2/", "sites/22/", "sites/3/"}[w.random.IntN(4)]
		w.store.Drop(prefix)
		maps.DeleteFunc(w.model.tables, func(name string, _ []note) bool { return strings.HasPrefix(name, prefix) })
	case 9:
		w.keep()
	case 10:
		w.release()
	case 11:
		w.look(name)
	case 12:
		if depth < 3 {
			w.transaction(depth + 1)
		}
	}
}

// keep keeps pieces that are loose or kept already, one of them twice at times.
func (w *twins) keep() {
	var b Blob
	for _, p := range w.model.loose {
		if w.random.IntN(2) == 0 {
			b = append(b, p)
		}
	}
	b = append(b, w.held(3)...)
	w.store.Keep(b)
	for _, p := range b {
		w.model.held[p.ID]++
	}
	w.model.loose = slices.DeleteFunc(w.model.loose, func(p Piece) bool { return w.model.held[p.ID] > 0 })
}

func (w *twins) release() {
	b := w.held(2)
	w.store.Release(b)
	for _, p := range b {
		if w.model.held[p.ID]--; w.model.held[p.ID] == 0 {
			delete(w.model.held, p.ID)
		}
	}
}

// held returns about one in so many of the pieces that are kept.
func (w *twins) held(in int) Blob {
	var b Blob
	for _, id := range slices.Sorted(maps.Keys(w.model.held)) {
		if w.random.IntN(in) == 0 {
			b = append(b, Piece{ID: id, Bytes: int64(len(w.data[id]))})
		}
	}
	return b
}

func (w *twins) look(name string) {
	notes := w.table(name).All()
	w.seen = append(w.seen, sight{notes, texts(notes)})
}

// receive receives a piece outside of a transaction, and discards some that were received before.
func (w *twins) receive() {
	data := strings.Repeat(fmt.Sprint(len(w.data), " "), w.random.IntN(4))
	p, err := w.store.Receive(strings.NewReader(data), 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	w.data[p.ID] = data
	w.model.loose = append(w.model.loose, p)
	w.model.loose = slices.DeleteFunc(w.model.loose, func(p Piece) bool {
		discard := w.random.IntN(4) == 0
		if discard {
			w.store.Discard(append(w.held(2), p))
		}
		return discard
	})
}

// check compares the store with the model.
func (w *twins) check() {
	w.t.Helper()
	for _, name := range tableNames {
		var want []*note
		for _, n := range w.model.tables[name] {
			want = append(want, &n)
			if got := w.table(name).Get(n.ID); got == nil || *got != n {
				w.t.Errorf("table %s: Get(%q) = %v, want %v", name, n.ID, got, n)
			}
			if got := w.table(name).Find("text", n.Text); got == nil || got.Text != n.Text {
				w.t.Errorf("table %s: Find(%q) = %v", name, n.Text, got)
			}
		}
		for _, n := range want {
			all := w.table(name).FindAll("text", n.Text)
			if same := slices.DeleteFunc(slices.Clone(want), func(other *note) bool { return other.Text != n.Text }); texts(all) != texts(same) {
				w.t.Errorf("table %s: FindAll(%q) = %s, want %s", name, n.Text, texts(all), texts(same))
			}
		}
		version := version{w.store, name, w.table(name).Version()}
		if known, seen := w.versions[version]; seen && known != texts(want) {
			w.t.Errorf("table %s has one version for %s and %s", name, known, texts(want))
		}
		w.versions[version] = texts(want)
		indexed := 0
		for _, found := range w.table(name).indexes["text"].found {
			indexed += len(found)
		}
		if got := w.table(name).Find("text", "none"); got != nil || indexed != len(want) {
			w.t.Errorf("table %s has %d of %d notes in its index, and under no text %v", name, indexed, len(want), got)
		}
		if got := w.table(name); texts(got.All()) != texts(want) || got.Len() != len(want) {
			w.t.Errorf("table %s has %d: %s\nwant %d: %s", name, got.Len(), texts(got.All()), len(want), texts(want))
		}
	}
	var size int64
	for id, data := range w.data {
		if loose := slices.ContainsFunc(w.model.loose, func(p Piece) bool { return p.ID == id }); loose || w.model.held[id] > 0 {
			size += int64(len(data))
		}
	}
	if got := w.store.Size(); got != size {
		w.t.Errorf("%d bytes, want %d", got, size)
	}
	for id, data := range w.data {
		r, err := w.store.OpenBlob(Blob{{ID: id, Bytes: int64(len(data))}})
		loose := slices.ContainsFunc(w.model.loose, func(p Piece) bool { return p.ID == id })
		if is := err == nil; is != (w.model.held[id] > 0 || loose) {
			w.t.Errorf("piece %s: %v, is kept by %d, is loose %v", id, err, w.model.held[id], loose)
		}
		if err != nil {
			continue
		}
		if got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size())); err != nil || string(got) != data {
			w.t.Errorf("piece %s is %q, %v, want %q", id, got, err, data)
		}
		r.Close()
	}
	for _, s := range w.seen {
		if texts(s.notes) != s.want {
			w.t.Errorf("what was %s is %s now", s.want, texts(s.notes))
		}
	}
}

// A store that is used at random has what its model has, after every transaction, whatever becomes of that; again is
// called between them, and may give the store in another way.
func compare(t *testing.T, seed uint64, s *Store, again func(*twins)) {
	w := newTwins(t, seed, s)
	for i := range 40 {
		w.receive()
		w.transaction(0)
		w.check()
		if w.random.IntN(4) == 0 {
			again(w)
			w.check()
		}
		if t.Failed() {
			t.Fatalf("seed %d, transaction %d", seed, i)
		}
	}
}

func TestMemoryIsItsModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		compare(t, seed, New(), func(*twins) {})
	}
}

// What is opened again is what was there, and what was not kept is gone.
func TestDiskIsItsModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		dir := t.TempDir()
		compare(t, seed, reopen(t, dir), func(w *twins) {
			if err := w.store.Close(); err != nil {
				t.Error(err)
			}
			w.store, w.model.loose = reopen(t, dir), nil
			wantFiles(t, dir, slices.Sorted(maps.Keys(w.model.held)))
		})
	}
}

// A store of a snapshot is what the store was, and what is done to it changes neither that store nor another of the
// snapshot.
func TestSnapshotIsItsModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		var others []*twins
		compare(t, seed, New(), func(w *twins) { others = append(others, w.fork(), w.fork()) })
		for _, w := range others {
			w.check()
			w.transaction(0)
		}
		for _, w := range others {
			w.check()
		}
	}
}

// fork goes on with a store of a snapshot, and returns one that stays as it is now.
func (w *twins) fork() *twins {
	snapshot, err := w.store.Snapshot()
	if err != nil {
		w.t.Fatal(err)
	}
	w.model.loose = nil
	other := *w
	other.store, other.model, w.store = FromSnapshot(snapshot), w.model.clone(), FromSnapshot(snapshot)
	return &other
}

func TestSnapshotOfDiskIsItsModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		s := reopen(t, t.TempDir())
		compare(t, seed, s, func(w *twins) { w.fork() })
	}
}
