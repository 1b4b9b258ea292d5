package xmledit

import (
	"errors"
	"fmt"
	"sort"
)

// Codec is the layer between the text of an element and the document it holds.
type Codec struct {
	// Decode gives the document in text and, for every byte of it and for its end,
	// the offset in text at which it is written.
	Decode func(text []byte) (document []byte, at []int, err error)
	// Encode gives the text for a part of the document.
	Encode func(part string) string
}

// embedding is a document in the text of an element of a source: parsed once,
// shared by clones.
type embedding struct {
	src   *source
	at    []int // source offset of every byte of the inner document, and of its end
	cdata bool
	text  string // how text writes a line feed
	eol   string // how the source ends a line
	codec Codec
}

// Embedded opens the document that the text of e holds. Edits made in it are edits
// of e's document: only the bytes that stand for what changed are replaced, in the
// form (references or CDATA) that is found there.
func (e Element) Embedded(codec Codec) (*Document, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	if ed := e.edit(); ed != nil && ed.text != nil {
		return nil, fmt.Errorf("the text of <%s> was set, it cannot be opened as a document", e.Name())
	}
	if inner := e.d.embedded[e.n]; inner != nil {
		return inner, nil
	}
	emb := e.d.src.embeddedIn(e.n)
	if emb == nil {
		var err error
		if emb, err = e.openEmbedded(codec); err != nil {
			return nil, fmt.Errorf("%s: the document in <%s>: %w", e.Position(), e.Name(), err)
		}
		found, _ := e.d.src.embedded.LoadOrStore(e.n, emb)
		emb = found.(*embedding)
	}
	inner := &Document{src: emb.src, host: e, journal: e.d.journal}
	e.d.embed(e.n, inner)
	return inner, nil
}

// embeddedIn is the document already opened in node n, nil if there is none.
func (s *source) embeddedIn(n int32) *embedding {
	if found, ok := s.embedded.Load(n); ok {
		return found.(*embedding)
	}
	return nil
}

// maxEmbedded is the size of the largest document in text that is opened. Where every
// byte of it stands takes three words for each; the largest seen has 170 KB.
const maxEmbedded = 16 << 20

func (e Element) openEmbedded(codec Codec) (*embedding, error) {
	if size := e.contentEnd() - int(e.node().tagEnd); size > 2*maxEmbedded {
		return nil, fmt.Errorf("it has %d bytes of text, the limit is %d", size, 2*maxEmbedded)
	}
	var text []byte
	var at []int
	var pieces []textPiece
	b := e.d.src.data
	for p := range e.textPieces() {
		text = decodeText(b[p.start:p.end], p.cdata, text, func(i int) { at = append(at, p.start+i) })
		pieces = append(pieces, p)
	}
	at = append(at, e.contentEnd())
	document, inText, err := codec.Decode(text)
	if err != nil {
		return nil, err
	}
	lim := e.d.src.lim
	lim.Size = min(lim.Size, maxEmbedded)
	src, err := parse(document, lim)
	if err != nil {
		return nil, err
	}
	emb := &embedding{
		src: src, at: make([]int, len(inText)), codec: codec,
		text: newLineStyle(b[e.node().tagEnd:e.contentEnd()]), eol: e.d.src.eol(),
	}
	for i, j := range inText {
		emb.at[i] = at[j]
	}
	emb.cdata, err = carrier(pieces, emb.at[0], emb.at[len(emb.at)-2])
	return emb, err
}

// carrier tells whether the bytes from first to last are all in CDATA or all in
// text.
func carrier(pieces []textPiece, first, last int) (isCDATA bool, err error) {
	from := sort.Search(len(pieces), func(i int) bool { return pieces[i].end > first })
	for i := from; i < len(pieces) && pieces[i].start <= last; i++ {
		if pieces[i].cdata != pieces[from].cdata {
			return false, errors.New("it is written partly as text and partly as CDATA, which this package does not edit")
		}
	}
	return pieces[from].cdata, nil
}

// changes translates the changes of the inner document into ones of its holder's.
func (emb *embedding) changes(inner *Document) []change {
	out := inner.changes()
	for i := range out {
		out[i].Start, out[i].End = emb.at[out[i].Start], emb.at[out[i].End]
		out[i].New = emb.encode(string(out[i].New))
		out[i].white = 0 // it counts bytes of the inner document
	}
	return out
}

// encode writes a part of the inner document as its holder does.
func (emb *embedding) encode(part string) []byte {
	text := emb.codec.Encode(part)
	if !emb.cdata {
		return encodeText(text, emb.text)
	}
	section, ok := encodeCDATA(text, emb.eol)
	if !ok { // a carriage return: leave the section for it
		return append(append([]byte("]]>"), encodeText(text, "&#10;")...), "<![CDATA["...)
	}
	return section[len("<![CDATA[") : len(section)-len("]]>")]
}
