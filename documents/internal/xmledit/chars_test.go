package xmledit

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestBadChar puts every byte, and characters at the borders of what is allowed, at
// every place of words that are looked at together.
func TestBadChar(t *testing.T) {
	t.Parallel()
	odd := []string{"\u0080", "\u00E9", "\uD7FF", "\uE000", "\uFFFD", "\uFFFE", "\uFFFF", "\U00010000", "\U0010FFFF", "\xED\xA0\x80", "\xC0\x80", "\xF5\x80\x80\x80", "\xE2\x82"}
	for c := range 256 {
		odd = append(odd, string([]byte{byte(c)}))
	}
	for _, s := range odd {
		for at := range 75 {
			in := strings.Repeat("a\r\n ", 20)[:at] + s + strings.Repeat("\tb ~", 20)
			want := -1
			if r, n := utf8.DecodeRuneInString(s); n != len(s) || r == utf8.RuneError && n == 1 || !isChar(r) {
				want = at
			}
			if got := badChar([]byte(in)); got != want {
				t.Fatalf("%q at %d: badChar = %d, want %d", s, at, got, want)
			}
		}
	}
}
