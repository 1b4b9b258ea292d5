package xmledit

import (
	"bytes"
	"fmt"
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

	embedded sync.Map // node index -> *embedding
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
	if err := checkBytes(b, lim); err != nil {
		return nil, err
	}
	p := &parser{b: b, nodes: make([]node, 0, estimate(b)), open: make([]int32, 0, 64), root: -1, lim: lim}
	i, err := p.prolog()
	if err == nil {
		err = p.content(i)
	}
	if err != nil {
		return nil, err
	}
	return &source{data: b, nodes: p.nodes, root: p.root, lim: lim}, nil
}

// estimate is about how many nodes b has: every '<' begins one, or ends one, in the
// proportion found at the start of b.
func estimate(b []byte) int {
	sample := b[:min(len(b), 1<<20)]
	tags, ends := bytes.Count(sample, []byte{'<'}), bytes.Count(sample, []byte("</"))
	all := bytes.Count(b, []byte{'<'})
	return min(all*(tags-ends+1)/(tags+1)+all/64, len(b)/4) + 1
}

func checkBytes(b []byte, lim Limits) error {
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
	if i := badChar(b); i >= 0 {
		if r, n := utf8.DecodeRune(b[i:]); r == utf8.RuneError && n == 1 {
			return fail(BadEncoding, i, "byte 0x%02X is not UTF-8", b[i])
		}
		return fail(BadCharacter, i, "XML 1.0 does not allow the character that begins with byte 0x%02X", b[i])
	}
	return nil
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
	names := []string{"version", "encoding", "standalone"}
	for len(bytes.TrimLeft(decl, " \t\r\n")) > 0 {
		trimmed := bytes.TrimLeft(decl, " \t\r\n")
		at += len(decl) - len(trimmed)
		name, value, rest, ok := pseudoAttribute(trimmed)
		for ok && len(names) > 0 && names[0] != name {
			names = names[1:]
		}
		if !ok || len(names) == 0 || len(trimmed) == len(decl) {
			return 0, p.fail(Malformed, at, "the XML declaration is not as XML 1.0 has it")
		}
		names = names[1:]
		if name == "encoding" && !bytes.EqualFold(value, []byte("utf-8")) && !bytes.EqualFold(value, []byte("us-ascii")) {
			return 0, p.fail(BadEncoding, at, "the declared encoding is %q, Tableau writes utf-8", value)
		}
		at += len(trimmed) - len(rest)
		decl = rest
	}
	return i + end + 2, nil
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

func (p *parser) startTag(i int) (int, error) {
	j, ok := p.scanName(i + 1)
	if !ok {
		return 0, p.fail(Malformed, i, "a tag needs a name after <")
	}
	if j-i-1 > maxName {
		return 0, p.fail(TooLarge, i, "a name of %d bytes, the limit is %d", j-i-1, maxName)
	}
	end, empty, err := p.attributes(j)
	if err != nil {
		return 0, err
	}
	if len(p.open) == 0 {
		if p.root >= 0 {
			return 0, p.fail(Malformed, i, "a second root element")
		}
		p.root = int32(len(p.nodes))
	}
	n := p.push(element, i, end)
	p.nodes[n].nameLen = uint16(j - i - 1)
	if !empty {
		if len(p.open) >= p.lim.Depth {
			return 0, p.fail(TooDeep, i, "elements are nested deeper than %d", p.lim.Depth)
		}
		p.open = append(p.open, n)
	}
	return end, nil
}

// scanName finds the end of the name at i.
func (p *parser) scanName(i int) (end int, ok bool) {
	b, j := p.b, i
	for j < len(b) && class[b[j]]&inName != 0 {
		j++
	}
	if j < len(b) && b[j] >= utf8.RuneSelf {
		j = nameEnd(b, j)
		return j, validName(b[i:j])
	}
	return j, j > i && class[b[i]]&beginsName != 0
}

// attributes reads a start tag from after its name to after its '>'. Names in
// ascending order, as Tableau writes them, cannot repeat; others are looked at
// once more.
func (p *parser) attributes(i int) (end int, empty bool, err error) {
	b, tag := p.b, i
	last, lastEnd := i, i // the name before this one
	sorted := true
	for {
		blank := i
		i = spaceEnd(b, i)
		j, ok := p.scanName(i)
		if !ok {
			if end, empty, err = p.tagEnd(i); err == nil && !sorted {
				err = p.unique(tag)
			}
			return end, empty, err
		}
		if blank == i {
			return 0, false, p.fail(Malformed, i, "there must be a blank before attribute %q", b[i:j])
		}
		sorted = sorted && bytes.Compare(b[last:lastEnd], b[i:j]) < 0
		last, lastEnd = i, j
		if i, err = p.value(i, j); err != nil {
			return 0, false, err
		}
	}
}

// tagEnd reads the end of a start tag.
func (p *parser) tagEnd(i int) (end int, empty bool, err error) {
	switch c := p.at(i); {
	case c == '>':
		return i + 1, false, nil
	case c == '/' && p.at(i+1) == '>':
		return i + 2, true, nil
	case c == '/':
		return 0, false, p.fail(Malformed, i, "/ in a tag must be followed by >")
	case c == 0:
		return 0, false, p.fail(Malformed, i, "the document ends inside a tag")
	}
	return 0, false, p.fail(Malformed, i, "%q where an attribute name or the end of the tag should be", p.b[i:i+1])
}

// value reads ="..." after the name of an attribute and returns where it ends.
func (p *parser) value(name, i int) (int, error) {
	b := p.b
	attr := b[name:i]
	if i = spaceEnd(b, i); p.at(i) != '=' {
		return 0, p.fail(Malformed, i, "attribute %q has no value", attr)
	}
	i = spaceEnd(b, i+1)
	quote := p.at(i)
	if quote != '\'' && quote != '"' {
		return 0, p.fail(Malformed, i, "the value of attribute %q has no quotes", attr)
	}
	start := i + 1
	for i = start; ; {
		i = skipValue(b, i, quote)
		switch p.at(i) {
		case quote:
			if i-start > p.lim.Attribute {
				return 0, p.fail(TooLarge, start, "an attribute value of %d bytes, the limit is %d", i-start, p.lim.Attribute)
			}
			return i + 1, nil
		case '&':
			n := referenceLen(b[i:])
			if n == 0 {
				return 0, p.badReference(i)
			}
			i += n
		case '<':
			return 0, p.fail(Malformed, i, "< may not stand in an attribute value")
		default:
			return 0, p.fail(Malformed, start-1, "the value of attribute %q has no end", attr)
		}
	}
}

// unique refuses a start tag, read before, that has an attribute twice; i is after
// its name.
func (p *parser) unique(i int) error {
	seen := map[string]bool{}
	for a := range attrsFrom(p.b, i) {
		name := string(p.b[a.name:a.nameEnd])
		if seen[name] {
			return p.fail(DuplicateAttribute, a.name, "attribute %q is given twice", name)
		}
		seen[name] = true
	}
	return nil
}

func (p *parser) endTag(i int) (int, error) {
	if len(p.open) == 0 {
		return 0, p.fail(Malformed, i, "an end tag where none is open")
	}
	n := &p.nodes[p.open[len(p.open)-1]]
	want := p.name(*n)
	j := i + 2 + len(want)
	if j > len(p.b) || !bytes.Equal(p.b[i+2:j], want) || nameEnd(p.b, j) > j {
		got := p.b[i+2 : nameEnd(p.b, i+2)]
		return 0, p.fail(Malformed, i, "</%s> where </%s> should be", got, want)
	}
	if j = spaceEnd(p.b, j); p.at(j) != '>' {
		return 0, p.fail(Malformed, i, "the end tag </%s> is not closed", want)
	}
	n.end = uint32(j + 1)
	n.next = int32(len(p.nodes))
	p.open = p.open[:len(p.open)-1]
	return j + 1, nil
}

// bang reads a comment or a CDATA section, and refuses a DOCTYPE.
func (p *parser) bang(i int) (int, error) {
	rest := p.b[i:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		end := bytes.Index(rest[4:], []byte("--"))
		if end < 0 {
			return 0, p.fail(Malformed, i, "the comment has no end")
		}
		if p.at(i+4+end+2) != '>' {
			return 0, p.fail(Malformed, i+4+end, "-- may not stand in a comment")
		}
		p.push(comment, i, i+end+7)
		return i + end + 7, nil
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		if len(p.open) == 0 {
			return 0, p.fail(Malformed, i, "text outside the root element")
		}
		end := bytes.Index(rest, []byte("]]>"))
		if end < 0 {
			return 0, p.fail(Malformed, i, "the CDATA section has no end")
		}
		p.push(cdata, i, i+end+3)
		return i + end + 3, nil
	case len(rest) >= 9 && bytes.EqualFold(rest[:9], []byte("<!DOCTYPE")):
		return 0, p.fail(Doctype, i, "a document type declaration is refused: Tableau writes none, and entities are an attack")
	}
	return 0, p.fail(Malformed, i, "<! begins neither a comment nor a CDATA section")
}

func (p *parser) instruction(i int) (int, error) {
	j, ok := p.scanName(i + 2)
	target := p.b[i+2 : j]
	if !ok {
		return 0, p.fail(Malformed, i, "a processing instruction needs a name")
	}
	if bytes.EqualFold(target, []byte("xml")) {
		return 0, p.fail(Malformed, i, "the XML declaration may only stand at the very beginning")
	}
	end := bytes.Index(p.b[j:], []byte("?>"))
	if end < 0 {
		return 0, p.fail(Malformed, i, "the processing instruction has no end")
	}
	if end > 0 && !isSpace(p.b[j]) {
		return 0, p.fail(Malformed, j, "there must be a blank after the name of a processing instruction")
	}
	p.push(instruction, i, j+end+2)
	return j + end + 2, nil
}
