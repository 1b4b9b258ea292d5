package xmledit

import (
	"fmt"
	"iter"
	"slices"
)

// Note is something a verb wants its caller to know that is no failure: a copy that
// had drifted and was left alone, say.
type Note struct {
	Path     string // the element it is about
	Position Position
	Text     string
}

// Note records a note about e. The same note twice is one; a verb that fails takes its
// notes back.
func (e Element) Note(format string, args ...any) {
	n := Note{e.Path(), e.Position(), fmt.Sprintf(format, args...)}
	j := e.d.journal
	if slices.Contains(j.notes, n) {
		return
	}
	kept := len(j.notes)
	j.notes = append(j.notes, n)
	j.onFailure(func() { j.notes = j.notes[:kept] })
}

// Notes lists the notes on the document and on those embedded in it, in the order they
// were made.
func (d *Document) Notes() iter.Seq[Note] { return slices.Values(d.journal.notes) }

// OnFailure registers how to take back a change of something kept beside the document,
// for the case that the verb now running fails.
func (d *Document) OnFailure(undo func()) { d.journal.onFailure(undo) }
