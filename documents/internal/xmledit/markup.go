package xmledit

import (
	"bytes"
	"unicode/utf8"
)

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
		if i < len(b) && b[i] == ' ' {
			i++
		}
		if i < len(b) && class[b[i]]&space != 0 {
			i = spaceEnd(b, i)
		}
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
		sorted = sorted && (b[last] < b[i] || bytes.Compare(b[last:lastEnd], b[i:j]) < 0)
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
	if p.at(i) != '=' {
		if i = spaceEnd(b, i); p.at(i) != '=' {
			return 0, p.fail(Malformed, i, "attribute %q has no value", attr)
		}
	}
	i++
	quote := p.at(i)
	if quote != '\'' && quote != '"' {
		i = spaceEnd(b, i)
		if quote = p.at(i); quote != '\'' && quote != '"' {
			return 0, p.fail(Malformed, i, "the value of attribute %q has no quotes", attr)
		}
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
