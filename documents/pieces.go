package documents

import (
	"fmt"
	"io"
	"sort"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// pieces is a bare document as it would be written: stretches of the source and of
// the edits, joined only when they are read.
type pieces struct {
	parts  [][]byte
	starts []int64 // of each part
	size   int64
}

func newPieces(doc *xmledit.Document) *pieces {
	p := &pieces{}
	_, _ = doc.WriteTo(p) // its Write does not fail
	return p
}

// Write takes b as the next part; it is not copied.
func (p *pieces) Write(b []byte) (int, error) {
	p.parts = append(p.parts, b)
	p.starts = append(p.starts, p.size)
	p.size += int64(len(b))
	return len(b), nil
}

func (p *pieces) Size() int64 { return p.size }

func (p *pieces) Close() error { return nil }

func (p *pieces) WriteTo(w io.Writer) (written int64, err error) {
	for _, part := range p.parts {
		n, err := w.Write(part)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

func (p *pieces) ReadAt(b []byte, at int64) (n int, err error) {
	if at < 0 {
		return 0, fmt.Errorf("reading at %d", at)
	}
	if at >= p.size {
		return 0, io.EOF
	}
	i := sort.Search(len(p.starts), func(i int) bool { return p.starts[i] > at }) - 1
	for ; n < len(b) && i < len(p.parts) && i >= 0; i++ {
		n += copy(b[n:], p.parts[i][at+int64(n)-p.starts[i]:])
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}
