package packaging

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
)

// With gives the package with the changes; the package itself stays as it is. Without changes the assembly is identical to
// the source. Entries that are not changed are copied byte for byte when the assembly is written.
//
// A new entry is written the way Tableau does it: deflated, flags 0x0006, or 0x0806 when its name is not ASCII, version
// made by 0, no data descriptor and no extra field. New content of an entry keeps its place, name, flags, time, attributes,
// comment and method, stored or deflated; a data descriptor and extra fields go. A renamed entry keeps all but its name,
// and its compressed data as it is.
//
// All changes are checked before any content is read. The errors are of type [*Error], or of the content's reader.
func (p *Package) With(changes ...Change) (*Assembly, error) {
	if len(changes) == 0 {
		a := &Assembly{}
		a.content.add(p.src, 0, p.size)
		return a, nil
	}
	edits, err := p.resolve(changes)
	if err != nil {
		return nil, err
	}
	return p.assemble(edits)
}

// Check tells whether With would take the changes; it returns the error that With would, but for those of reading content,
// which it does not.
func (p *Package) Check(changes ...Change) error {
	_, err := p.resolve(changes)
	return err
}

// Empty is a package with nothing in it, not even a document, for [Package.With] and [Package.Check] to add to. It cannot
// be asked for its document, nor written without one.
func Empty() *Package { return &Package{ending: emptyEnding()} }

// Create makes a package of new entries, in the order given. Exactly one of them is a document: a .twb or .tds at the
// root. See [Package.With] for how they are written.
func Create(changes ...Change) (*Assembly, error) {
	empty := Empty()
	added := make([]Change, len(changes))
	for i, change := range changes {
		change.Add = true
		added[i] = change
	}
	edits, err := empty.resolve(added)
	if err != nil {
		return nil, err
	}
	return empty.assemble(edits)
}

// placed is an edit and what it puts in the package.
type placed struct {
	*edit
	central []byte // directory record, with any offset; nil when the entry is removed
	offset  int64  // of the new local header
	shift   int64  // by which the records behind are moved
}

// assemble lays out the package that the edits, which are in file order, lead to.
func (p *Package) assemble(edits []edit) (*Assembly, error) {
	a := &Assembly{}
	at := int64(0) // in the source; what is before is laid out
	laid := make([]placed, 0, len(edits))
	for i := range edits {
		e := &edits[i]
		from, to := int64(p.ending.dirAt), int64(p.ending.dirAt)
		if !e.Add {
			from, to = p.records[e.index].offset, p.records[e.index].end
		}
		a.content.add(p.src, at, from-at)
		next := placed{edit: e, offset: a.content.size}
		if !e.Remove {
			var err error
			if next.central, err = p.lay(a, e); err != nil {
				a.Close()
				return nil, fmt.Errorf("changing package: %w", err)
			}
		}
		at, next.shift = to, a.content.size-to
		laid = append(laid, next)
	}
	a.content.add(p.src, at, int64(p.ending.dirAt)-at)
	if err := p.layDirectory(a, laid); err != nil {
		a.Close()
		return nil, fmt.Errorf("changing package: %w", err)
	}
	return a, nil
}

// lay appends the record of an edit to the assembly, and returns its directory record.
func (p *Package) lay(a *Assembly, e *edit) ([]byte, error) {
	if e.Content == nil {
		return p.layRenamed(a, e)
	}
	h := newHeader(e)
	if !e.Add {
		h = replacedHeader(&p.records[e.index], e)
	} else if e.Modified.IsZero() && len(p.records) > 0 {
		document := p.records[p.document].central
		h.time, h.date = le.Uint16(document[12:]), le.Uint16(document[14:])
	}
	content, err := e.Content.pack(h.method)
	if err != nil {
		if own, ok := errors.AsType[*Error](err); ok && own.Entry == "" {
			own.Entry = e.Name
			return nil, own
		}
		return nil, fmt.Errorf("entry %q: %w", e.Name, err)
	}
	if content.closer != nil {
		a.closers = append(a.closers, content.closer)
	}
	h.crc, h.size, h.packed = content.crc, uint64(content.size), uint64(content.data.size)
	local := h.local()
	a.content.add(bytes.NewReader(local), 0, int64(len(local)))
	a.content.addAll(&content.data)
	return h.central(), nil
}

// layDirectory appends the directory and what follows it.
func (p *Package) layDirectory(a *Assembly, laid []placed) error {
	dirAt := a.content.size
	dir := make([]byte, 0, len(p.directory)+128*len(laid))
	count := 0
	put := func(central []byte, offset int64) (err error) {
		count++
		dir, err = appendRelocated(dir, central, uint64(offset))
		return err
	}
	for _, index := range p.order {
		record := &p.records[index]
		next := sort.Search(len(laid), func(i int) bool { return laid[i].index >= index })
		central, offset := record.central, record.offset
		if next > 0 {
			offset += laid[next-1].shift
		}
		if next < len(laid) && laid[next].index == index {
			central, offset = laid[next].central, laid[next].offset
		}
		if central == nil {
			continue
		}
		if err := put(central, offset); err != nil {
			return fmt.Errorf("entry %q: %w", record.Name, err)
		}
	}
	for _, l := range laid {
		if l.Add {
			if err := put(l.central, l.offset); err != nil {
				return fmt.Errorf("entry %q: %w", l.Name, err)
			}
		}
	}
	dir = append(dir, p.ending.rewritten(uint64(count), uint64(len(dir)), uint64(dirAt))...)
	a.content.add(bytes.NewReader(dir), 0, int64(len(dir)))
	return nil
}

// layRenamed appends the record of an entry that keeps its data, with a new name or time.
func (p *Package) layRenamed(a *Assembly, e *edit) ([]byte, error) {
	r := &p.records[e.index]
	header := make([]byte, r.data-r.offset)
	if err := readFull(p.src, header, r.offset); err != nil {
		return nil, err
	}
	header = relabel(header, localLen, 6, 10, 26, e)
	a.content.add(bytes.NewReader(header), 0, int64(len(header)))
	a.content.add(p.src, r.data, r.end-r.data)
	return relabel(r.central, centralLen, 8, 12, 28, e), nil
}

// relabel is a copy of a local header or directory record with the name and time that the edit asks for. It is told
// where the name, the flags, the time and the length of the name stand.
func relabel(old []byte, nameAt, flagsAt, timeAt, lengthAt int, e *edit) []byte {
	name := e.name()
	b := make([]byte, 0, len(old)+len(name))
	b = append(b, old[:nameAt]...)
	b = append(b, name...)
	b = append(b, old[nameAt+int(le.Uint16(old[lengthAt:])):]...)
	le.PutUint16(b[lengthAt:], uint16(len(name)))
	if e.NewName != "" && needsUTF8Flag(name) {
		le.PutUint16(b[flagsAt:], le.Uint16(b[flagsAt:])|flagUTF8)
	}
	if !e.Modified.IsZero() {
		date, clock := toDOS(e.Modified)
		le.PutUint16(b[timeAt:], clock)
		le.PutUint16(b[timeAt+2:], date)
	}
	return b
}
