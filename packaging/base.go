package packaging

import (
	"bytes"
	"hash/crc32"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/flate"
)

// The content of a Base is deflated in stretches, each on its own. Longer ones deflate a little better, shorter ones leave
// more to be kept between edits.
const (
	longestStretch  = 64 << 10
	shortestBetween = 4 << 10 // edits that are closer are deflated together with what is between them
	storedLen       = 256     // what is new and no longer than that is stored: a compressor would take longer than it is worth
	keptBases       = 4       // how many times the content of the base may be kept, for edits in different places
)

// finalBlock ends deflated data: the last block, without content.
const finalBlock = "\x03\x00"

// Base is content that many entries share but for small edits: the document of a template, rendered for many sites. What
// is between the edits is deflated when it is first needed and then kept, so that the next copy with edits in the same
// places costs the deflating of what is new in it. Any number of goroutines may use a Base at the same time.
type Base struct {
	original []byte
	kept     sync.Map     // deflated stretches, which end on a byte: span -> func() ([]byte, error)
	room     atomic.Int64 // for how many bytes of content more may be kept
}

// span is a stretch of the content.
type span struct{ start, end int }

// Splice is one edit: New in place of the bytes from Start up to End of the base. Start == End inserts.
type Splice struct {
	Start, End int
	New        []byte
}

// NewBase makes a base of the content, a document for instance. The slice must not change from now on.
func NewBase(original []byte) *Base {
	b := &Base{original: original}
	b.room.Store(keptBases * int64(len(original)))
	return b
}

// With is the base with splices, which are in ascending order and do not overlap; splices that insert at one place do so
// in their order. The call that takes the content refuses others with [ErrChange]. What it writes depends on the base and
// the splices alone. The slices must not change as long as an [Assembly] with the content is in use.
func (b *Base) With(splices ...Splice) Content {
	return &spliced{base: b, splices: slices.Clone(splices)}
}

// deflate gives the deflated form of part of a copy, which ends on a byte and refers to nothing outside of it.
func (b *Base) deflate(part []byte) ([]byte, error) {
	var data bytes.Buffer
	err := deflate(&data, int64(len(b.original)), func(w *flate.Writer) error {
		if _, err := w.Write(part); err != nil {
			return err
		}
		return w.Flush()
	})
	return slices.Clip(data.Bytes()), err
}

// stretch gives the deflated form of a stretch of the base. It is the same whether it was kept or not.
func (b *Base) stretch(at span) ([]byte, error) {
	if kept, ok := b.kept.Load(at); ok {
		return kept.(func() ([]byte, error))()
	}
	deflated := sync.OnceValues(func() ([]byte, error) { return b.deflate(b.original[at.start:at.end]) })
	if size := int64(at.end - at.start); b.room.Add(-size) < 0 {
		b.room.Add(size)
		return deflated()
	}
	kept, _ := b.kept.LoadOrStore(at, deflated)
	return kept.(func() ([]byte, error))()
}

// spliced is a Base with edits.
type spliced struct {
	base    *Base
	splices []Splice
}

// Open implements Content.
func (s *spliced) Open() (io.ReadCloser, int64, error) {
	if err := s.check(); err != nil {
		return nil, 0, err
	}
	var content segments
	for piece := range s.pieces(0, len(s.base.original), s.splices) {
		content.add(bytes.NewReader(piece), 0, int64(len(piece)))
	}
	return io.NopCloser(io.NewSectionReader(&content, 0, content.size)), content.size, nil
}

// check refuses splices that are out of order or out of the base.
func (s *spliced) check() error {
	end := 0
	for _, splice := range s.splices {
		if splice.Start < end || splice.End < splice.Start || splice.End > len(s.base.original) {
			return refuse("", ErrChange, "splice of bytes %d to %d of %d, after one that ends at %d", splice.Start, splice.End, len(s.base.original), end)
		}
		end = splice.End
	}
	return nil
}

func (s *spliced) pack(method uint16) (*packed, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	p := &packed{size: int64(len(s.base.original))}
	for _, splice := range s.splices {
		p.size += int64(len(splice.New) - (splice.End - splice.Start))
	}
	for piece := range s.pieces(0, len(s.base.original), s.splices) {
		p.crc = crc32.Update(p.crc, crc32.IEEETable, piece)
		if method == Stored {
			p.data.add(bytes.NewReader(piece), 0, int64(len(piece)))
		}
	}
	if method == Stored {
		return p, nil
	}
	return p, s.deflate(p)
}

// deflate adds the deflated content to p: stretches of the base, and what is new between them.
func (s *spliced) deflate(p *packed) error {
	from := 0
	for splices := s.splices; len(splices) > 0; {
		together := 1
		for together < len(splices) && splices[together].Start-splices[together-1].End < shortestBetween {
			together++
		}
		first, last := splices[0], splices[together-1]
		if err := s.addStretches(p, from, first.Start); err != nil {
			return err
		}
		if err := s.addFresh(p, first.Start, last.End, splices[:together]); err != nil {
			return err
		}
		splices, from = splices[together:], last.End
	}
	if err := s.addStretches(p, from, len(s.base.original)); err != nil {
		return err
	}
	p.data.add(strings.NewReader(finalBlock), 0, int64(len(finalBlock)))
	return nil
}

// addStretches adds what no splice touches. Stretches end at multiples of their greatest length, so that most are the same
// whatever the splices.
func (s *spliced) addStretches(p *packed, start, end int) error {
	for start < end {
		next := min(end, (start/longestStretch+1)*longestStretch)
		data, err := s.base.stretch(span{start, next})
		if err != nil {
			return err
		}
		p.data.add(bytes.NewReader(data), 0, int64(len(data)))
		start = next
	}
	return nil
}

// addFresh adds the splices, with what is between them.
func (s *spliced) addFresh(p *packed, start, end int, splices []Splice) error {
	fresh := bytes.Join(slices.Collect(s.pieces(start, end, splices)), nil)
	switch n := len(fresh); {
	case n == 0:
		return nil
	case n <= storedLen: // a stored block: its length, that once more with all bits turned, the bytes
		fresh = slices.Concat([]byte{0, byte(n), byte(n >> 8), ^byte(n), ^byte(n >> 8)}, fresh)
	default:
		var err error
		if fresh, err = s.base.deflate(fresh); err != nil {
			return err
		}
	}
	p.data.add(bytes.NewReader(fresh), 0, int64(len(fresh)))
	return nil
}

// pieces yields the base from start to end with the splices, all of which lie there.
func (s *spliced) pieces(start, end int, splices []Splice) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, splice := range splices {
			if !yield(s.base.original[start:splice.Start]) || !yield(splice.New) {
				return
			}
			start = splice.End
		}
		yield(s.base.original[start:end])
	}
}
