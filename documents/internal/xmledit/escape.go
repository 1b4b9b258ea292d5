package xmledit

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// referenceLen is the length of the reference at the start of b, which begins with
// '&'; 0 if it is none that a document without DOCTYPE may hold.
func referenceLen(b []byte) int {
	_, n := reference(b)
	return n
}

var entities = []struct {
	name string
	char rune
}{{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&apos;", '\''}, {"&quot;", '"'}}

// reference decodes the reference at the start of b.
func reference(b []byte) (rune, int) {
	if len(b) > 2 && b[1] == '#' {
		return charReference(b)
	}
	for _, e := range entities {
		if len(b) >= len(e.name) && string(b[:len(e.name)]) == e.name {
			return e.char, len(e.name)
		}
	}
	return 0, 0
}

func charReference(b []byte) (rune, int) {
	base, i := rune(10), 2
	if b[2] == 'x' {
		base, i = 16, 3
	}
	var r rune
	for start := i; i < len(b); i++ {
		c := b[i]
		var digit rune
		switch {
		case c == ';' && i > start && isChar(r):
			return r, i + 1
		case c >= '0' && c <= '9':
			digit = rune(c - '0')
		case base == 16 && c|0x20 >= 'a' && c|0x20 <= 'f':
			digit = rune(c|0x20-'a') + 10
		default:
			return 0, 0
		}
		if r = r*base + digit; r > utf8.MaxRune {
			return 0, 0
		}
	}
	return 0, 0
}

// decodeAttr gives the value of an attribute as an XML parser would: references
// resolved, a literal line end or tab read as a blank.
func decodeAttr(raw []byte) string {
	if bytes.IndexByte(raw, '&') < 0 && !bytes.ContainsAny(raw, "\t\r\n") {
		return string(raw)
	}
	var s strings.Builder
	s.Grow(len(raw))
	for i := 0; i < len(raw); {
		switch c := raw[i]; c {
		case '&':
			r, n := reference(raw[i:])
			s.WriteRune(r)
			i += n
			continue
		case '\r':
			s.WriteByte(' ')
			if i+1 < len(raw) && raw[i+1] == '\n' {
				i++
			}
		case '\t', '\n':
			s.WriteByte(' ')
		default:
			s.WriteByte(c)
		}
		i++
	}
	return s.String()
}

// decodeText gives character data as an XML parser would: references resolved
// unless it is CDATA, literal CR LF and CR read as LF. If at is not nil, it is
// given the offset in raw of every byte of the result.
func decodeText(raw []byte, isCDATA bool, out []byte, at func(int)) []byte {
	for i := 0; i < len(raw); {
		before, start := len(out), i
		switch c := raw[i]; {
		case c == '&' && !isCDATA:
			r, n := reference(raw[i:])
			out = utf8.AppendRune(out, r)
			i += n
		case c == '\r':
			out = append(out, '\n')
			i++
			if i < len(raw) && raw[i] == '\n' {
				i++
			}
		default:
			out = append(out, c)
			i++
		}
		if at != nil {
			for range len(out) - before {
				at(start)
			}
		}
	}
	return out
}

// encodeAttr writes a value the way Tableau does, whatever the quote: markup and
// both quotes as entities, tab and line ends as decimal references.
func encodeAttr(s string) []byte { return appendEscaped(nil, s, "&#10;") }

// encodeText writes character data the way Tableau does; newLine is what stands
// for a line feed.
func encodeText(s, newLine string) []byte { return appendEscaped(nil, s, newLine) }

func appendEscaped(out []byte, s, newLine string) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		var esc string
		switch s[i] {
		case '&':
			esc = "&amp;"
		case '<':
			esc = "&lt;"
		case '>':
			esc = "&gt;"
		case '\'':
			esc = "&apos;"
		case '"':
			esc = "&quot;"
		case '\t':
			esc = "&#9;"
		case '\n':
			esc = newLine
		case '\r':
			esc = "&#13;"
		default:
			continue
		}
		out = append(append(out, s[from:i]...), esc...)
		from = i + 1
	}
	return append(out, s[from:]...)
}

// encodeCDATA writes s as one section, or as several where it holds the end of
// one. A carriage return cannot stand in a section: ok is false.
func encodeCDATA(s string, eol string) (out []byte, ok bool) {
	if strings.Contains(s, "\r") {
		return nil, false
	}
	s = strings.ReplaceAll(s, "]]>", "]]]]><![CDATA[>")
	if eol != "" {
		s = strings.ReplaceAll(s, "\n", eol)
	}
	return []byte("<![CDATA[" + s + "]]>"), true
}

// checkValue refuses what no XML 1.0 document can hold.
func checkValue(s string) error {
	i := badChar([]byte(s))
	if i < 0 {
		return nil
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	if r == utf8.RuneError && n == 1 {
		return fmt.Errorf("byte 0x%02X at offset %d is not UTF-8", s[i], i)
	}
	return fmt.Errorf("character %s at offset %d is not allowed in XML 1.0", strconv.QuoteRuneToASCII(r), i)
}
