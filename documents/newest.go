package documents

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// newest is a document as a program reads it that knows every feature, for schemas, which know no feature prefixes: blanks
// stand in the place of prefixes and of what is for other programs, so that all else stays where it is.
type newest struct {
	out   []byte
	grown []int // the places in out after which it is longer than the document, by longerBy each
}

// Until 2020.4 the periods of relative dates had a name that schemas of today do not know (hard case 59).
const (
	oldPeriod = "period-type"
	newPeriod = "period-type-v2"
	longerBy  = len(newPeriod) - len(oldPeriod)
)

// newestBytes rewrites a sound document.
func newestBytes(document []byte, oldPeriods bool) newest {
	n := newest{out: make([]byte, 0, len(document))}
	hidden := 0 // how deep in an element that is for other programs
	for i := 0; i < len(document); {
		next, kind := markupAt(document, i)
		piece := document[i:next]
		i = next
		switch {
		case kind == startTag:
			name := tagName(piece[1:])
			empty := bytes.HasSuffix(piece, []byte("/>"))
			switch {
			case hidden > 0 || !forNewest(name):
				n.blank(piece)
				if !empty {
					hidden++
				}
			default:
				n.tag(piece, len(name), oldPeriods)
			}
		case kind == endTag && hidden > 0:
			hidden--
			n.blank(piece)
		case kind == endTag:
			name := tagName(piece[2:])
			local := xmledit.LocalName(name)
			n.out = append(append(n.out, "</"...), local...)
			n.blank(piece[2 : 2+len(name)-len(local)])
			n.out = append(n.out, piece[2+len(name):]...)
		case hidden > 0:
			n.blank(piece)
		default:
			n.out = append(n.out, piece...)
		}
	}
	return n
}

// tag writes a start tag: blanks go after its name, and before those of attributes.
func (n *newest) tag(tag []byte, nameLen int, oldPeriods bool) {
	name := string(tag[1 : 1+nameLen])
	local := xmledit.LocalName(name)
	n.out = append(append(n.out, '<'), local...)
	n.blank(tag[1 : 1+len(name)-len(local)])
	for i := 1 + nameLen; i < len(tag); {
		start := i
		for i < len(tag) && isBlank(tag[i]) {
			i++
		}
		n.out = append(n.out, tag[start:i]...)
		attr := tagName(tag[i:])
		if attr == "" { // the end of the tag
			n.out = append(n.out, tag[i:]...)
			return
		}
		start = i
		quote := i + bytes.IndexAny(tag[i:], `'"`)
		i = quote + 1 + bytes.IndexByte(tag[quote+1:], tag[quote]) + 1
		if !forNewest(attr) {
			n.blank(tag[start:i])
			continue
		}
		local := xmledit.LocalName(attr)
		n.blank(tag[start : start+len(attr)-len(local)])
		if oldPeriods && local == oldPeriod {
			local = newPeriod
			n.grown = append(n.grown, len(n.out))
		}
		n.out = append(append(n.out, local...), tag[start+len(attr):i]...)
	}
}

// blank writes blanks for what is left out; lines stay lines.
func (n *newest) blank(text []byte) {
	for _, c := range text {
		if c != '\n' && c != '\r' {
			c = ' '
		}
		n.out = append(n.out, c)
	}
}

// offset is the place in the document of one in what was written.
func (n *newest) offset(at int) int {
	before, _ := slices.BinarySearch(n.grown, at)
	return at - before*longerBy
}

type markup int

const (
	otherMarkup markup = iota // text, comments, CDATA and the declaration
	startTag
	endTag
)

// markupAt is the end of the piece of a sound document that begins at i, and what it is.
func markupAt(b []byte, i int) (end int, kind markup) {
	until := func(mark string) int { return i + bytes.Index(b[i:], []byte(mark)) + len(mark) }
	rest := b[i:]
	switch {
	case rest[0] != '<':
		if n := bytes.IndexByte(rest, '<'); n >= 0 {
			return i + n, otherMarkup
		}
		return len(b), otherMarkup
	case bytes.HasPrefix(rest, []byte("<!--")):
		return until("-->"), otherMarkup
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return until("]]>"), otherMarkup
	case rest[1] == '?':
		return until("?>"), otherMarkup
	case rest[1] == '/':
		return until(">"), endTag
	}
	for end = i; b[end] != '>'; end++ { // a value may have one, too
		if b[end] == '\'' || b[end] == '"' {
			end += 1 + bytes.IndexByte(b[end+1:], b[end])
		}
	}
	return end + 1, startTag
}

// tagName is the name that text in a tag begins with.
func tagName(text []byte) string {
	end := bytes.IndexFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n=/>", r) })
	if end < 0 {
		end = len(text)
	}
	return string(text[:end])
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
