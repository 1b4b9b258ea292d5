package xmledit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

type kind uint8

const (
	element kind = iota
	comment
	cdata
	instruction
)

// node is one entry of the index, in document order. Text has none: it is what
// lies between nodes. Attributes have none: they are found again in the tag, which
// is known to be sound.
type node struct {
	start   uint32 // of '<'
	tagEnd  uint32 // after the '>' of the start tag; end for everything but an element with an end tag
	end     uint32 // after the last byte
	parent  int32  // -1 at the top
	next    int32  // the first node after this one and all inside it
	nameLen uint16 // of an element
	kind    kind
}

// source is what clones share: bytes, index, and what was derived from them. It is
// never changed.
type source struct {
	data  []byte
	nodes []node
	root  int32
	lim   Limits

	lineOnce sync.Once
	lines    []int // offsets at which lines begin
	runes    []int // how many characters begin before each [stretch] of bytes

	embedded sync.Map // node index -> *embedding
	contents sync.Map // node index -> content
	steps    sync.Map // node index -> map[int32]string: of paths to its children
}

// parser builds a source in one pass.
type parser struct {
	b     []byte
	nodes []node
	open  []int32 // elements that wait for their end tag
	root  int32
	lim   Limits
}

// parse indexes b, which the source keeps and nobody may change.
func parse(b []byte, lim Limits) (*source, error) {
	lim = lim.withDefaults()
	if err := checkStart(b, lim); err != nil {
		return nil, err
	}
	characters := make(chan error, 1)
	go func() { characters <- checkCharacters(b) }() // beside the pass that looks at the markup
	p := &parser{b: b, nodes: make([]node, 0, estimate(b)), open: make([]int32, 0, 64), root: -1, lim: lim}
	i, err := p.prolog()
	if err == nil {
		err = p.content(i)
	}
	if bad := <-characters; bad != nil {
		return nil, bad
	}
	if err != nil {
		return nil, err
	}
	return &source{data: b, nodes: p.nodes, root: p.root, lim: lim}, nil
}

// estimate is about how many nodes b has, going by its first megabyte: every '<'
// begins one, unless it ends one.
func estimate(b []byte) int {
	sample := b[:min(len(b), 1<<20)] // not empty: checkStart has seen it
	nodes := bytes.Count(sample, []byte{'<'}) - bytes.Count(sample, []byte("</"))
	return min(nodes*len(b)/len(sample)+nodes/8+1, mostEstimated)
}

// mostEstimated is for how many nodes there is room before one of them is seen: a
// document may begin unlike the rest of it.
const mostEstimated = 1 << 20

// checkStart refuses what need not be looked at any further.
func checkStart(b []byte, lim Limits) error {
	fail := func(k ErrorKind, at int, format string, args ...any) error {
		return newSyntaxError(b, k, at, fmt.Sprintf(format, args...))
	}
	switch {
	case len(b) == 0:
		return fail(Empty, 0, "the document has no bytes")
	case len(b) > lim.Size:
		return fail(TooLarge, 0, "%d bytes, the limit is %d", len(b), lim.Size)
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}), bytes.HasPrefix(b, []byte{0xFF, 0xFE}),
		bytes.HasPrefix(b, []byte{0, '<'}), bytes.HasPrefix(b, []byte{'<', 0}):
		return fail(BadEncoding, 0, "the document is UTF-16, Tableau writes UTF-8")
	}
	return nil
}

func checkCharacters(b []byte) error {
	i := badChar(b)
	if i < 0 {
		return nil
	}
	if r, n := utf8.DecodeRune(b[i:]); r == utf8.RuneError && n == 1 {
		return newSyntaxError(b, BadEncoding, i, fmt.Sprintf("byte 0x%02X is not UTF-8", b[i]))
	}
	return newSyntaxError(b, BadCharacter, i, fmt.Sprintf("XML 1.0 does not allow the character that begins with byte 0x%02X", b[i]))
}

func (p *parser) fail(k ErrorKind, at int, format string, args ...any) error {
	return newSyntaxError(p.b, k, at, fmt.Sprintf(format, args...))
}

var bom = []byte{0xEF, 0xBB, 0xBF}

// prolog reads the byte order mark and the XML declaration, and returns where the
// rest begins.
func (p *parser) prolog() (int, error) {
	i := 0
	if bytes.HasPrefix(p.b, bom) {
		i = len(bom)
	}
	if !bytes.HasPrefix(p.b[i:], []byte("<?xml")) || len(p.b) < i+6 || !isSpace(p.b[i+5]) {
		return i, nil
	}
	end := bytes.Index(p.b[i:], []byte("?>"))
	if end < 0 {
		return 0, p.fail(Malformed, i, "the XML declaration has no end")
	}
	decl := p.b[i+5 : i+end]
	at := i + 5
	parts := []string{"version", "encoding", "standalone"}
	for first := true; len(bytes.TrimLeft(decl, " \t\r\n")) > 0 || first; first = false {
		trimmed := bytes.TrimLeft(decl, " \t\r\n")
		at += len(decl) - len(trimmed)
		name, value, rest, ok := pseudoAttribute(trimmed)
		part := slices.Index(parts, name)
		if !ok || part < 0 || first != (name == "version") || len(trimmed) == len(decl) || !soundPart(name, string(value)) {
			return 0, p.fail(Malformed, at, "the XML declaration is not as XML 1.0 has it")
		}
		parts = parts[part+1:]
		if name == "encoding" && !bytes.EqualFold(value, []byte("utf-8")) {
			return 0, p.fail(BadEncoding, at, "the declared encoding is %q, Tableau writes utf-8", value)
		}
		at += len(trimmed) - len(rest)
		decl = rest
	}
	return i + end + 2, nil
}

// soundPart tells whether a part of the XML declaration may have the value.
func soundPart(name, value string) bool {
	switch name {
	case "version":
		return strings.HasPrefix(value, "1.")
	case "standalone":
		return value == "yes" || value == "no"
	}
	return true
}

// pseudoAttribute reads name="value" from the start of b.
func pseudoAttribute(b []byte) (name string, value, rest []byte, ok bool) {
	n, v, ok := bytes.Cut(b, []byte{'='})
	if !ok {
		return "", nil, nil, false
	}
	v = bytes.TrimLeft(v, " \t\r\n")
	if len(v) == 0 || v[0] != '\'' && v[0] != '"' {
		return "", nil, nil, false
	}
	end := bytes.IndexByte(v[1:], v[0])
	if end < 0 {
		return "", nil, nil, false
	}
	return string(bytes.TrimRight(n, " \t\r\n")), v[1 : 1+end], v[end+2:], true
}

// content reads everything after the declaration.
func (p *parser) content(i int) error {
	for i < len(p.b) {
		if len(p.nodes) > p.lim.Nodes {
			return p.fail(TooLarge, i, "more than %d elements", p.lim.Nodes)
		}
		if p.b[i] != '<' {
			end, err := p.text(i)
			if err != nil {
				return err
			}
			i = end
			continue
		}
		var err error
		switch c := p.at(i + 1); {
		case c == '/':
			i, err = p.endTag(i)
		case c == '!':
			i, err = p.bang(i)
		case c == '?':
			i, err = p.instruction(i)
		default:
			i, err = p.startTag(i)
		}
		if err != nil {
			return err
		}
	}
	if len(p.open) > 0 {
		n := p.nodes[p.open[len(p.open)-1]]
		return p.fail(Malformed, int(n.start), "<%s> has no end tag", p.name(n))
	}
	if p.root < 0 {
		return p.fail(Malformed, len(p.b), "there is no root element")
	}
	return nil
}

// at is the byte at i, 0 past the end: a byte no document holds.
func (p *parser) at(i int) byte {
	if i < len(p.b) {
		return p.b[i]
	}
	return 0
}

func (p *parser) name(n node) []byte {
	return p.b[n.start+1 : n.start+1+uint32(n.nameLen)]
}

// text reads character data from i up to the next '<'.
func (p *parser) text(i int) (int, error) {
	if len(p.open) == 0 {
		for ; i < len(p.b) && p.b[i] != '<'; i++ {
			if !isSpace(p.b[i]) {
				return 0, p.fail(Malformed, i, "text outside the root element")
			}
		}
		return i, nil
	}
	for i < len(p.b) {
		i = skipText(p.b, i)
		switch p.at(i) {
		case '<', 0:
			return i, nil
		case '&':
			n := referenceLen(p.b[i:])
			if n == 0 {
				return 0, p.badReference(i)
			}
			i += n
		default: // ]
			if bytes.HasPrefix(p.b[i:], []byte("]]>")) {
				return 0, p.fail(Malformed, i, "]]> may not stand in text")
			}
			i++
		}
	}
	return i, nil
}

func (p *parser) badReference(i int) error {
	end := min(i+12, len(p.b))
	if j := bytes.IndexByte(p.b[i:end], ';'); j >= 0 {
		end = i + j + 1
	}
	return p.fail(BadReference, i, "%q is neither a character reference nor one of &amp; &lt; &gt; &apos; &quot;", p.b[i:end])
}

// push adds a node; its parent is the innermost open element.
func (p *parser) push(k kind, start, end int) int32 {
	n := int32(len(p.nodes))
	parent := int32(-1)
	if len(p.open) > 0 {
		parent = p.open[len(p.open)-1]
	}
	p.nodes = append(p.nodes, node{start: uint32(start), tagEnd: uint32(end), end: uint32(end), parent: parent, next: n + 1, kind: k})
	return n
}
