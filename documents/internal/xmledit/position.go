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

func newSyntaxError(b []byte, k ErrorKind, offset int, detail string) error {
	at := (&source{data: b[:offset]}).position(offset)
	return &SyntaxError{Kind: k, Offset: offset, Position: at, Detail: detail}
}

// stretch is how many bytes of a source are counted at once.
const stretch = 1 << 9

func (s *source) position(offset int) Position {
	s.lineOnce.Do(func() {
		s.lines = lineStarts(s.data)
		s.runes = make([]int, 1, len(s.data)/stretch+1)
		for b := s.data; len(b) >= stretch; b = b[stretch:] {
			s.runes = append(s.runes, s.runes[len(s.runes)-1]+countRunes(b[:stretch]))
		}
	})
	line := sort.SearchInts(s.lines, offset+1)
	start := s.lines[line-1]
	if line == 1 && bytes.HasPrefix(s.data, bom) {
		start = min(len(bom), offset)
	}
	return Position{Line: line, Col: s.runesBefore(offset) - s.runesBefore(start) + 1}
}

// runesBefore is how many characters begin before an offset. A document may be one line.
func (s *source) runesBefore(offset int) int {
	i := offset / stretch
	return s.runes[i] + countRunes(s.data[i*stretch:offset])
}

// countRunes is how many characters begin in b.
func countRunes(b []byte) (n int) {
	for _, c := range b {
		if utf8.RuneStart(c) {
			n++
		}
	}
	return n
}
