package xmledit

import (
	"errors"
	"fmt"
)

// ErrorKind says which rule a [SyntaxError] is about.
type ErrorKind string

// The kinds of syntax error.
const (
	Malformed          ErrorKind = "not well-formed"
	BadEncoding        ErrorKind = "bad encoding"
	BadCharacter       ErrorKind = "forbidden character"
	BadReference       ErrorKind = "bad reference"
	DuplicateAttribute ErrorKind = "duplicate attribute"
	Doctype            ErrorKind = "DOCTYPE"
	Empty              ErrorKind = "empty"
	TooLarge           ErrorKind = "too large"
	TooDeep            ErrorKind = "too deep"
)

// Position is a place in a document: line and column, both from 1, the column in
// characters. Line ends are LF, CR LF and a lone CR.
type Position struct {
	Line, Col int
}

// String is the position as line:column.
func (p Position) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Col) }

// SyntaxError says why bytes are not a document this package accepts, and where.
type SyntaxError struct {
	Kind     ErrorKind
	Position Position
	Offset   int    // in bytes, from 0
	Detail   string // what was found and what was expected
}

// Error gives line:column, the kind and the detail.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s: %s: %s", e.Position, e.Kind, e.Detail)
}

// ErrGone is returned by an edit of an element that is no longer in its document,
// because it or an element around it was removed.
var ErrGone = errors.New("the element was removed by an earlier edit")

// ConflictError says that two rules want different things of one place. Rules are
// the labels given to [Document.Atomically].
type ConflictError struct {
	Path          string // the place, as [Element.Path] writes it
	First, Second string // the rules, in the order in which they came
}

// Error names the place and both rules.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s: %s and %s set it differently", e.Path, e.First, e.Second)
}

// Limits bounds what is accepted from outside. A zero field takes its default.
type Limits struct {
	Size      int // bytes of the document; default and at most 1 GiB
	Depth     int // elements inside elements; default 1,024
	Attribute int // bytes of one attribute value as written; default 64 MiB
	Nodes     int // elements, comments, CDATA sections and instructions; default 32 million
}

const (
	maxSize          = 1 << 30
	defaultDepth     = 1024
	defaultAttribute = 64 << 20
	defaultNodes     = 32_000_000 // 24 bytes each
	maxName          = 1<<16 - 1
)

func (l Limits) withDefaults() Limits {
	if l.Size <= 0 || l.Size > maxSize {
		l.Size = maxSize
	}
	if l.Depth <= 0 {
		l.Depth = defaultDepth
	}
	if l.Attribute <= 0 {
		l.Attribute = defaultAttribute
	}
	if l.Nodes <= 0 {
		l.Nodes = defaultNodes
	}
	return l
}
