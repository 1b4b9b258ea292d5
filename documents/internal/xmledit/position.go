package xmledit

import (
	"bytes"
	"sort"
	"unicode/utf8"
)

// lineStarts are the offsets at which the lines of b begin.
func lineStarts(b []byte) []int {
	starts := make([]int, 1, bytes.Count(b, []byte{'\n'})+1)
	for i := 0; ; i++ {
		n := bytes.IndexAny(b[i:], "\r\n")
		if n < 0 {
			return starts
		}
		i += n
		if b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n' {
			i++
		}
		starts = append(starts, i+1)
	}
}

func position(b []byte, starts []int, offset int) Position {
	line := sort.SearchInts(starts, offset+1)
	start := starts[line-1]
	if line == 1 && bytes.HasPrefix(b, bom) {
		start = min(len(bom), offset)
	}
	return Position{Line: line, Col: utf8.RuneCount(b[start:offset]) + 1}
}

func newSyntaxError(b []byte, k ErrorKind, offset int, detail string) error {
	return &SyntaxError{Kind: k, Offset: offset, Position: position(b, lineStarts(b[:offset]), offset), Detail: detail}
}

func (s *source) position(offset int) Position {
	s.lineOnce.Do(func() { s.lines = lineStarts(s.data) })
	return position(s.data, s.lines, offset)
}
