package packaging

import (
	"bufio"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
)

// OpenEntry opens the content of the entry with this name. Reading it ends with an [*Error] when the content is longer
// or shorter than declared, or its checksum is wrong; content that came before that error must not be trusted.
func (p *Package) OpenEntry(name string) (io.ReadCloser, error) {
	i, err := p.find(name)
	if err != nil {
		return nil, err
	}
	return p.open(i)
}

// ReadEntry returns the content of the entry with this name, checked. An entry that declares more than limit bytes is
// refused with [ErrLimit] and not read.
func (p *Package) ReadEntry(name string, limit int64) ([]byte, error) {
	i, err := p.find(name)
	if err != nil {
		return nil, err
	}
	size := p.records[i].Size
	if size > limit {
		return nil, refuse(name, ErrLimit, "content of %d bytes, and the limit is %d", size, limit)
	}
	r, err := p.open(i)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content := make([]byte, size+1) // one more, to see the end and with it the checksum
	n, err := io.ReadFull(r, content)
	if err != io.ErrUnexpectedEOF && err != io.EOF {
		return nil, err
	}
	return content[:n:n], nil
}

// Verify reads the content of every entry, and returns the first error that [Package.OpenEntry] would report. Copying
// an entry does not need it; it is for a package that is about to be trusted whole.
func (p *Package) Verify() error {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	for i := range p.records {
		r, err := p.open(i)
		if err != nil {
			return err
		}
		_, err = io.CopyBuffer(io.Discard, r, *buf)
		r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *Package) open(i int) (io.ReadCloser, error) {
	r := &p.records[i]
	packed := io.NewSectionReader(p.src, r.data, r.CompressedSize)
	c := &contentReader{entry: &r.Entry, left: r.Size}
	switch r.Method {
	case Stored:
		c.content = io.NopCloser(packed)
	case Deflated:
		c.content = flate.NewReader(bufio.NewReaderSize(packed, int(min(max(r.CompressedSize, 16), 64<<10))))
	default:
		return nil, refuse(r.Name, ErrMethod, "compression method %d is not supported", r.Method)
	}
	return c, nil
}

// contentReader checks content against what its record declares.
type contentReader struct {
	entry   *Entry
	content io.ReadCloser
	left    int64
	crc     uint32
	err     error // sticky
}

func (c *contentReader) Read(b []byte) (int, error) {
	if c.err != nil || len(b) == 0 {
		return 0, c.err
	}
	n, err := c.content.Read(b)
	if int64(n) > c.left {
		n = int(c.left)
		err = refuse(c.entry.Name, ErrSize, "content is longer than the %d bytes it declares", c.entry.Size)
	}
	c.left -= int64(n)
	c.crc = crc32.Update(c.crc, crc32.IEEETable, b[:n])
	c.err = c.verdict(err)
	return n, c.err
}

// verdict turns the error of the decompressor into that of the entry.
func (c *contentReader) verdict(err error) error {
	switch err := err.(type) {
	case flate.CorruptInputError, flate.InternalError:
		return &Error{Entry: c.entry.Name, Reason: ErrCorrupt, Detail: "inflating its content", Err: err}
	case nil, *Error:
		return err
	}
	switch {
	case err == io.ErrUnexpectedEOF:
		return refuse(c.entry.Name, ErrCorrupt, "its deflated content has no end")
	case err != io.EOF:
		return fmt.Errorf("reading entry %q: %w", c.entry.Name, err)
	case c.left > 0:
		return refuse(c.entry.Name, ErrSize, "content is %d bytes shorter than the %d it declares", c.left, c.entry.Size)
	case c.crc != c.entry.CRC32:
		return refuse(c.entry.Name, ErrChecksum, "checksum of the content is %08x, not %08x", c.crc, c.entry.CRC32)
	}
	return io.EOF
}

func (c *contentReader) Close() error { return c.content.Close() }
