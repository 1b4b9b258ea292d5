package planpage

import (
	"encoding/binary"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aymanbagabas/go-udiff"
)

// The plan in the page is JSON in which what repeats is there once. It is read in the order in which it is written:
//
//   - A term is a string, or the number of a string before it. The strings are numbered from 1 as they come.
//   - A shape is what the changes of cells have in common: for each change its kind, its old value, the new value of the first
//     cell that has the shape, and its places. It is a list where it comes first, and a number later; shapes are numbered from 0.
//   - A value is the new value of a change in a cell: 0 for that in the shape, a term, or a list of edits that make it of the
//     one in the shape: where each begins and ends there, in UTF-16 as JavaScript counts, and what comes in its place.

// head is a Plan in the page.
type head struct {
	Manifest  string    `json:"manifest"`
	Made      time.Time `json:"made"`
	Templates []string  `json:"templates"`
	Servers   []string  `json:"servers"`
	Sites     [][3]any  `json:"sites"` // key, content URL, number of the server
}

func headOf(p Plan) head {
	h := head{Manifest: p.Manifest, Made: p.Made, Templates: append([]string{}, p.Templates...), Servers: []string{}, Sites: [][3]any{}}
	servers := map[string]int{}
	for _, s := range p.Sites {
		n, known := servers[s.ServerURL]
		if !known {
			n = len(servers)
			servers[s.ServerURL] = n
			h.Servers = append(h.Servers, s.ServerURL)
		}
		h.Sites = append(h.Sites, [3]any{s.Key, s.ContentURL, n})
	}
	return h
}

// cell is a Cell in the page. The terms in it are in the order of the fields.
type cell struct {
	Site       int    `json:"s"`
	Template   int    `json:"t"`
	Action     string `json:"a"`
	Name       any    `json:"n,omitempty"`
	Project    any    `json:"p,omitempty"`
	ContentURL any    `json:"u,omitempty"`
	LUID       string `json:"l,omitempty"` // of which no two are the same
	Drift      any    `json:"d,omitempty"`
	Error      any    `json:"e,omitempty"`
	Reason     any    `json:"r,omitempty"`
	Hint       any    `json:"h,omitempty"`
	Warnings   []any  `json:"w,omitempty"`
	Entries    []any  `json:"i,omitempty"`
	Shape      any    `json:"c,omitempty"`
	Values     []any  `json:"v,omitempty"` // without those at the end that are as in the shape
}

// terms numbers strings and shapes.
type terms struct {
	strings map[string]int
	written int
	shapes  map[string]*shape
	key     []byte // of the last shape; kept for its room
}

// shape is what is kept of one.
type shape struct {
	number int
	news   []string // of the first cell that has it
}

// Of the strings and shapes that come later there may be one for each site, and memory is not to grow with their number: they
// are written out each time. So are long strings, which are values.
const (
	stringsKept = 1 << 16
	lengthKept  = 1 << 9
	shapesKept  = 1 << 10
)

func (t *terms) cell(c Cell) cell {
	out := cell{Site: c.Site, Template: c.Template, Action: c.Action, LUID: c.LUID}
	out.Name, out.Project, out.ContentURL = t.term(c.Name), t.term(c.Project), t.term(c.ContentURL)
	out.Drift, out.Error, out.Reason, out.Hint = t.term(c.Drift), t.term(c.Error), t.term(c.Reason), t.term(c.Hint)
	out.Warnings, out.Entries = t.list(c.Warnings), t.list(c.Entries)
	if len(c.Changes) > 0 {
		out.Shape, out.Values = t.changes(c.Changes)
	}
	return out
}

// term is nil for an empty string, where a field is left out.
func (t *terms) term(text string) any {
	if text == "" {
		return nil
	}
	return t.always(text)
}

// always is a term for a place that is never left out.
func (t *terms) always(text string) any {
	if n, known := t.strings[text]; known {
		return n
	}
	if t.strings == nil {
		t.strings = map[string]int{}
	}
	t.written++
	if len(t.strings) < stringsKept && len(text) <= lengthKept {
		t.strings[text] = t.written
	}
	return text
}

func (t *terms) list(texts []string) []any {
	var out []any
	for _, text := range texts {
		out = append(out, t.always(text))
	}
	return out
}

func (t *terms) changes(changes []Change) (of any, values []any) {
	t.key = appendKey(t.key[:0], changes)
	known := t.shapes[string(t.key)]
	if known == nil {
		return t.define(changes), nil
	}
	used := 0
	for i, c := range changes {
		v := t.value(known.news[i], c.New)
		values = append(values, v)
		if v != 0 {
			used = i + 1
		}
	}
	return known.number, values[:used]
}

// appendKey appends what the changes of a shape have in common.
func appendKey(key []byte, changes []Change) []byte {
	text := func(s string) { key = append(binary.AppendUvarint(key, uint64(len(s))), s...) }
	for _, c := range changes {
		text(c.Kind)
		text(c.Old)
		key = binary.AppendUvarint(key, uint64(len(c.Places)))
		for _, p := range c.Places {
			key = binary.AppendUvarint(binary.AppendUvarint(key, uint64(p.Line)), uint64(p.Col))
			text(p.Path)
		}
	}
	return key
}

// define writes a shape out.
func (t *terms) define(changes []Change) [][]any {
	if t.shapes == nil {
		t.shapes = map[string]*shape{}
	}
	known := &shape{number: len(t.shapes)}
	if len(t.shapes) < shapesKept {
		t.shapes[string(t.key)] = known
	}
	var out [][]any
	for _, c := range changes {
		known.news = append(known.news, c.New)
		change := []any{c.Kind, t.always(c.Old), t.always(c.New)}
		for _, p := range c.Places {
			change = append(change, p.Line, p.Col, t.always(p.Path))
		}
		out = append(out, change)
	}
	return out
}

// long is from which length on a value is told by what is different in it.
const long = 64

// value is a new value, as it differs from that of the shape.
func (t *terms) value(of, text string) any {
	switch {
	case text == of:
		return 0
	case len(text) < long || !utf8.ValidString(of) || !utf8.ValidString(text):
		return t.always(text)
	}
	var edits []any
	size, at, units := 0, 0, 0
	for _, e := range udiff.Strings(of, text) {
		start := units + length16(of[at:e.Start])
		end := start + length16(of[e.Start:e.End])
		at, units = e.End, end
		edits = append(edits, start, end, e.New)
		size += len(e.New) + len(",1000,1000,\"\"")
	}
	if size >= len(text) {
		return t.always(text)
	}
	return edits
}

// length16 is the length of a string in UTF-16.
func length16(s string) (n int) {
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
