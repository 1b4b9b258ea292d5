package emulator

import (
	"errors"
	"io"
)

// blocks is a file in the pieces it came in, one piece when it came in one request. It is never changed, and is kept as
// it is: joined, a large file would be in memory twice.
type blocks [][]byte

func (b blocks) size() int {
	size := 0
	for _, block := range b {
		size += len(block)
	}
	return size
}

// ReadAt implements [io.ReaderAt].
func (b blocks) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("reading before the file")
	}
	n := 0
	for _, block := range b {
		if off >= int64(len(block)) {
			off -= int64(len(block))
			continue
		}
		n += copy(p[n:], block[off:])
		off = 0
		if n == len(p) {
			return n, nil
		}
	}
	return n, io.EOF
}
