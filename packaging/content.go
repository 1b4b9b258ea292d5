package packaging

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sync"

	"github.com/klauspost/compress/flate"
)

// spoolLimit is how much of one entry's new data is held in memory.
const spoolLimit = 4 << 20

// Content is what a changed or new entry is going to hold: [Bytes], [Reader], [File], or splices over a [Base]. It is read
// and deflated once, by the call that takes the [Change].
//
// Two contents that are equal with == hold the same: two of [File] with one path, or one that was made once.
type Content interface {
	// Open reads the content from its beginning. It gives the size in bytes, too.
	Open() (content io.ReadCloser, size int64, err error)
	// pack makes the data of a record. Errors do not name the entry.
	pack(method uint16) (*packed, error)
}

// packed is the data of a new record, in parts.
type packed struct {
	size   int64 // of the content
	crc    uint32
	data   segments  // the compressed content
	closer io.Closer // of what data reads from, or nil
}

// Bytes is content in memory. The slice must not change until it was taken.
func Bytes(b []byte) Content { return Reader(bytes.NewReader(b), int64(len(b))) }

// Reader is the first size bytes of r, which may be more than memory holds.
func Reader(r io.ReaderAt, size int64) Content { return &section{r, size} }

// File is the content of the file with this path, which is opened when the content is taken.
func File(path string) Content { return file(path) }

// section is a stretch of a reader.
type section struct {
	src  io.ReaderAt
	size int64
}

// Open implements Content.
func (s *section) Open() (io.ReadCloser, int64, error) {
	return io.NopCloser(io.NewSectionReader(s.src, 0, s.size)), s.size, nil
}

func (s *section) pack(method uint16) (*packed, error) { return packStream(s, method) }

// file is the path of a file.
type file string

// Open implements Content.
func (path file) Open() (io.ReadCloser, int64, error) {
	f, err := os.Open(string(path))
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", path)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func (path file) pack(method uint16) (*packed, error) { return packStream(path, method) }

// packStream packs content by reading it from the beginning to the end.
func packStream(c Content, method uint16) (*packed, error) {
	src, size, err := c.Open()
	if err != nil {
		return nil, err
	}
	defer src.Close()
	spool := NewSpool(spoolLimit)
	p := &packed{size: size, closer: spool}
	if err := p.spool(spool, src, method); err != nil {
		spool.Close()
		return nil, err
	}
	p.data.add(spool, 0, spool.Size())
	return p, nil
}

// spool writes the content of src to dst, compressed by the method.
func (p *packed) spool(dst io.Writer, src io.Reader, method uint16) error {
	crc := crc32.NewIEEE()
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	fill := func(w io.Writer) error {
		n, err := io.CopyBuffer(w, io.TeeReader(io.LimitReader(src, p.size+1), crc), *buf)
		if err == nil && n != p.size {
			err = refuse("", ErrSize, "new content is not the %d bytes it was said to be", p.size)
		}
		return err
	}
	var err error
	if method == Stored {
		err = fill(dst)
	} else {
		err = deflate(dst, p.size, func(w *flate.Writer) error {
			if err := fill(w); err != nil {
				return err
			}
			return w.Close()
		})
	}
	p.crc = crc.Sum32()
	return err
}

// Level 1 is for content so large that time counts for more than the last tenth of its size.
const (
	largeContent = 8 << 20
	largeLevel   = 1
	usualLevel   = 6
)

// A compressor is about a megabyte, and making one takes longer than deflating a small entry. The pools keep nothing from
// one use to the next.
var (
	largeDeflaters = sync.Pool{New: newDeflater(largeLevel)}
	usualDeflaters = sync.Pool{New: newDeflater(usualLevel)}
)

func newDeflater(level int) func() any {
	return func() any {
		w, err := flate.NewWriter(io.Discard, level)
		if err != nil {
			panic(err) // the level is a constant of ours
		}
		return w
	}
}

// deflate lends use a compressor that writes to dst, of the level for content of the given size.
func deflate(dst io.Writer, size int64, use func(*flate.Writer) error) error {
	pool := &usualDeflaters
	if size > largeContent {
		pool = &largeDeflaters
	}
	w := pool.Get().(*flate.Writer)
	defer pool.Put(w)
	w.Reset(dst)
	err := use(w)
	w.Reset(io.Discard) // let go of dst
	return err
}
