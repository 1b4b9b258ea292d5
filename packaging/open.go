package packaging

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"
)

// Package is an opened package. It never changes, and any number of goroutines may use it at the same time, as long as
// its source stays open.
type Package struct {
	src       io.ReaderAt
	size      int64
	records   []record       // in file order
	order     []int          // the directory's order: the index in records of each directory record
	folded    map[string]int // index in records by foldName
	directory []byte         // all directory records
	ending    *ending
	document  int // index in records
}

// Option sets a limit of [Open].
type Option func(*options) error

type options struct {
	maxEntries int
	maxRatio   int64
	maxBytes   int64
}

// WithMaxEntries limits the number of entries. The default is 100,000. The directory may take 512 bytes for each.
func WithMaxEntries(n int) Option {
	return func(o *options) error {
		if n < 1 {
			return fmt.Errorf("limit of %d entries: must be at least 1", n)
		}
		o.maxEntries = n
		return nil
	}
}

// WithMaxExpansion limits what the entries expand to: each that is larger than 1 MiB to ratio times its compressed size,
// and all together to total bytes. The default is 500 and 64 GiB. Open holds the declared sizes against the limits, and
// reading holds the content against the declared size.
func WithMaxExpansion(ratio int, total int64) Option {
	return func(o *options) error {
		if ratio < 1 || total < 0 {
			return fmt.Errorf("expansion limit of %d times and %d bytes: must be at least 1 and 0", ratio, total)
		}
		o.maxRatio, o.maxBytes = int64(ratio), total
		return nil
	}
}

// IsPackage reports whether r begins as a zip archive does, whatever follows.
func IsPackage(r io.ReaderAt, size int64) bool {
	head := make([]byte, min(max(size, 0), 4))
	return readFull(r, head, 0) == nil && (string(head) == localMagic || string(head) == endMagic)
}

// Open reads the directory of the package in the first size bytes of r, checks it and every local header, and finds the
// document. Content is not read, but for the beginning of entries that could be the document under another name (see
// [Package.Document]).
//
// It refuses, with an [*Error]: files that are no package; archives that are cut short, split, or have bytes that belong
// to no entry; entries that are encrypted, links, overlap or have names that are unsafe or equal but for case; headers
// that disagree; more entries, or a larger expansion, than the options allow; and packages without exactly one document.
func Open(r io.ReaderAt, size int64, opts ...Option) (*Package, error) {
	o := options{maxEntries: 100_000, maxRatio: 500, maxBytes: 64 << 30}
	for _, opt := range opts {
		if err := opt(&o); err != nil {
			return nil, err
		}
	}
	if err := checkHead(r, size); err != nil {
		return nil, err
	}
	end, err := readEnding(r, size)
	if err != nil {
		return nil, err
	}
	p := &Package{src: r, size: size, ending: end}
	if err := p.readDirectory(&o); err != nil {
		return nil, err
	}
	if err := p.checkRecords(); err != nil {
		return nil, err
	}
	if p.document, err = p.findDocument(); err != nil {
		return nil, err
	}
	return p, nil
}

// checkHead says what a file is that does not begin as an archive does.
func checkHead(r io.ReaderAt, size int64) error {
	if size <= 0 {
		return refuse("", ErrEmpty, "")
	}
	head := make([]byte, min(size, sniffLen))
	if err := readFull(r, head, 0); err != nil {
		return err
	}
	text := strings.TrimLeft(strings.TrimPrefix(string(head), "\ufeff"), " \t\r\n")
	switch {
	case IsPackage(r, size):
		return nil
	case strings.HasPrefix(text, "version https://git-lfs.github.com/spec/"):
		return refuse("", ErrPointer, "")
	case beginsDocument(head):
		return refuse("", ErrBareDocument, "")
	case strings.HasPrefix(text, "<"):
		return refuse("", ErrNotPackage, "the file is XML or HTML text, neither a package nor a Tableau document")
	case strings.HasPrefix(text, descriptorMagic):
		return refuse("", ErrMultiDisk, "")
	}
	if end, err := readEnding(r, size); err == nil && end.entries > 0 {
		return refuse("", ErrExtraBytes, "the archive does not begin at the start of the file")
	} else if errors.Is(err, ErrExtraBytes) {
		return err
	}
	return refuse("", ErrNotPackage, "")
}

// readDirectory reads all directory records, and puts them in file order.
func (p *Package) readDirectory(o *options) error {
	if p.ending.entries > uint64(o.maxEntries) {
		return refuse("", ErrLimit, "%d entries, and the limit is %d", p.ending.entries, o.maxEntries)
	}
	if limit := uint64(max(o.maxEntries*512, 1<<20)); p.ending.dirSize > limit {
		return refuse("", ErrLimit, "the directory takes %d bytes, and the limit is %d", p.ending.dirSize, limit)
	}
	p.directory = make([]byte, p.ending.dirSize)
	if err := readFull(p.src, p.directory, int64(p.ending.dirAt)); err != nil {
		return err
	}
	count := int(p.ending.entries)
	if count > len(p.directory)/centralLen {
		return refuse("", ErrTruncated, "the directory is too short for its %d entries", count)
	}
	listed := make([]record, 0, count)
	left := o.maxBytes
	for rest := p.directory; len(listed) < count; {
		r, err := parseCentral(rest)
		if err != nil {
			return err
		}
		if r.Size > 1<<20 && (r.Size-1)/o.maxRatio >= r.CompressedSize {
			return refuse(r.Name, ErrLimit, "expands from %d to %d bytes, and the limit is %d times", r.CompressedSize, r.Size, o.maxRatio)
		}
		if left -= r.Size; left < 0 {
			return refuse(r.Name, ErrLimit, "the entries up to this one expand to more than %d bytes", o.maxBytes)
		}
		listed, rest = append(listed, r), rest[len(r.central):]
		if len(listed) == count && len(rest) > 0 {
			return refuse("", ErrExtraBytes, "%d bytes follow the last of %d directory records", len(rest), count)
		}
	}
	return p.sortRecords(listed)
}

// sortRecords puts the directory's records in file order and makes the index of names.
func (p *Package) sortRecords(listed []record) error {
	byOffset := make([]int, len(listed))
	for i := range byOffset {
		byOffset[i] = i
	}
	slices.SortStableFunc(byOffset, func(a, b int) int { return cmp.Compare(listed[a].offset, listed[b].offset) })
	p.records = make([]record, len(listed))
	p.order = make([]int, len(listed))
	p.folded = make(map[string]int, len(listed))
	for i, from := range byOffset {
		r := listed[from]
		p.records[i], p.order[from] = r, i
		key := foldName(r.Name)
		if other, taken := p.folded[key]; taken {
			return duplicate(r.Name, p.records[other].Name)
		}
		p.folded[key] = i
	}
	return nil
}

func duplicate(name, other string) *Error {
	if name == other {
		return refuse(name, ErrDuplicate, "")
	}
	return refuse(name, ErrDuplicate, "name is the same as %q but for case", other)
}

// checkRecords reads every local header, and checks that the records fill the file up to the directory without gap or
// overlap.
func (p *Package) checkRecords() error {
	dirAt := int64(p.ending.dirAt)
	first := dirAt
	if len(p.records) > 0 {
		first = p.records[0].offset
		if last := &p.records[len(p.records)-1]; last.offset >= dirAt {
			return refuse(last.Name, ErrCorrupt, "its local header is said to be at byte %d, and the directory begins at %d", last.offset, dirAt)
		}
	}
	if first > 0 {
		return refuse("", ErrExtraBytes, "%d bytes stand in front of the first entry", first)
	}
	var buf []byte
	for i := range p.records {
		r, behind := &p.records[i], ""
		r.end = dirAt
		if i+1 < len(p.records) {
			r.end, behind = p.records[i+1].offset, p.records[i+1].Name
		}
		var err error
		if buf, err = r.checkLocal(p.src, behind, buf); err != nil {
			return err
		}
	}
	return nil
}

// Entries yields the entries in the order of their records in the file, which need not be that of the directory.
func (p *Package) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for i := range p.records {
			if !yield(p.records[i].Entry) {
				return
			}
		}
	}
}

// Entry returns the entry with exactly this name.
func (p *Package) Entry(name string) (Entry, bool) {
	r, err := p.find(name)
	if err != nil {
		return Entry{}, false
	}
	return p.records[r].Entry, true
}

// find gives the index of the record with exactly this name; the error names the entries that come near.
func (p *Package) find(name string) (int, error) {
	i, ok := p.folded[foldName(name)]
	if ok && p.records[i].Name == name {
		return i, nil
	}
	if ok {
		return 0, refuse(name, ErrNotFound, "no such entry, but there is %q", p.records[i].Name)
	}
	base, near := foldName(path.Base(name)), []string{}
	for i := range p.records {
		if foldName(path.Base(p.records[i].Name)) == base {
			near = append(near, fmt.Sprintf("%q", p.records[i].Name))
		}
	}
	if len(near) > 0 {
		return 0, refuse(name, ErrNotFound, "no such entry, but there is %s", strings.Join(near, ", "))
	}
	return 0, refuse(name, ErrNotFound, "no such entry among the %d of the package", len(p.records))
}
