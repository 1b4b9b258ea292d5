package xmledit

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Eight bytes at a time: a word holds a byte of interest if one of these tests
// leaves a high bit standing.
const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// zeroByte has a high bit set if w has a zero byte; the lowest one set is exact.
func zeroByte(w uint64) uint64 { return (w - lows) &^ w & highs }

// badChar returns the offset of the first byte of b that is not part of a
// character XML 1.0 allows, in UTF-8, or -1.
func badChar(b []byte) int {
	for i := 0; i < len(b); {
		if n := plainPrefix(b[i:]); n > 0 {
			i += n
			continue
		}
		n := charLen(b[i:])
		if n == 0 {
			return i
		}
		i += n
	}
	return -1
}

// plainPrefix is a length, in steps of eight, up to which b holds nothing but printable
// ASCII characters and white space. It may stop early.
func plainPrefix(b []byte) int {
	const upper = 0x60 * lows // one of these two bits is set in every byte from 0x20 to 0x7F
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		printable := (w&upper + upper) &^ w & highs
		if printable == highs {
			continue
		}
		if w&highs != 0 {
			return i
		}
		for odd := printable ^ highs; odd != 0; odd &= odd - 1 {
			if !isSpace(b[i+bits.TrailingZeros64(odd)/8]) {
				return i
			}
		}
	}
	return i
}

// charLen is the length of the allowed character at the start of b, 0 if there is
// none.
func charLen(b []byte) int {
	if c := b[0]; c < utf8.RuneSelf {
		if c < 0x20 && !isSpace(c) {
			return 0
		}
		return 1
	}
	r, n := utf8.DecodeRune(b)
	if r == utf8.RuneError && n == 1 || !isChar(r) {
		return 0
	}
	return n
}

// isChar is the production Char of XML 1.0.
func isChar(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r <= 0xD7FF:
		return true
	case r < 0xE000:
		return false
	case r <= 0xFFFD:
		return true
	}
	return r >= 0x10000 && r <= 0x10FFFF
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// class tells what an ASCII byte may be in markup. Bytes from 0x80 on have none:
// they are looked at as characters.
var class = func() (t [256]uint8) {
	for c := range byte(utf8.RuneSelf) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':'
		switch {
		case letter:
			t[c] = inName | beginsName
		case c >= '0' && c <= '9' || c == '-' || c == '.':
			t[c] = inName
		case isSpace(c):
			t[c] = space
		}
	}
	return t
}()

const (
	inName = 1 << iota
	beginsName
	space
)

// nameEnd is the offset after the bytes from i on that may stand in a name.
func nameEnd(b []byte, i int) int {
	for i < len(b) && (class[b[i]]&inName != 0 || b[i] >= utf8.RuneSelf) {
		i++
	}
	return i
}

// spaceEnd is the offset after the white space from i on.
func spaceEnd(b []byte, i int) int {
	for i < len(b) && class[b[i]]&space != 0 {
		i++
	}
	return i
}

// validName is the production Name of XML 1.0. A name may begin with a colon:
// Tableau writes `:source-version`.
func validName(b []byte) bool {
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			if class[b[i]]&inName == 0 || i == 0 && class[b[i]]&beginsName == 0 {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 || !nameRune(r) || i == 0 && !nameStartRune(r) {
			return false
		}
		i += n
	}
	return len(b) > 0
}

func nameStartRune(r rune) bool {
	return r >= 0xC0 && r <= 0x2FF && r != 0xD7 && r != 0xF7 ||
		r >= 0x370 && r <= 0x1FFF && r != 0x37E ||
		r == 0x200C || r == 0x200D ||
		r >= 0x2070 && r <= 0x218F ||
		r >= 0x2C00 && r <= 0x2FEF ||
		r >= 0x3001 && r <= 0xD7FF ||
		r >= 0xF900 && r <= 0xFDCF ||
		r >= 0xFDF0 && r <= 0xFFFD ||
		r >= 0x10000 && r <= 0xEFFFF
}

func nameRune(r rune) bool {
	return nameStartRune(r) || r == 0xB7 || r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040
}

// skipValue returns the offset of the first of quote, '<' and '&' in b from i on,
// or len(b).
func skipValue(b []byte, i int, quote byte) int {
	q := uint64(quote) * lows
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		if found := zeroByte(w^q) | zeroByte(w^'<'*lows) | zeroByte(w^'&'*lows); found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
		i += 8
	}
	for i < len(b) && b[i] != quote && b[i] != '<' && b[i] != '&' {
		i++
	}
	return i
}

// skipText returns the offset of the first of '<', '&' and ']' in b from i on, or
// len(b).
func skipText(b []byte, i int) int {
	return skipValue(b, i, ']')
}
