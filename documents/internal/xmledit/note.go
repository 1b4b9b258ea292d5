package xmledit

import (
	"cmp"
	"fmt"
	"iter"
)

// Note is something a verb wants its caller to know that is no failure: a copy that
// had drifted and was left alone, say.
type Note struct {
	Path     string // the element it is about
	Position Position
	Text     string
}

// note is a note with what it depends on.
type note struct {
	Note
	el    Element
	part  string // an attribute as [Element.Attr] takes it, or textPart; "" if it depends on nothing
	value string
}

func (e Element) part(name string) string {
	if name == textPart {
		return e.Text()
	}
	return e.Value(name)
}

// Note records a note about e. The same note twice is one; a verb that fails takes its
// notes back.
func (e Element) Note(format string, args ...any) { e.note(e, "", format, args) }

// NoteWhile records a note that counts as long as an attribute of e, or its text if attr
// is "", is what it is now: something left for an edit that may come later.
func (e Element) NoteWhile(attr, format string, args ...any) { e.NoteIn(e, attr, format, args...) }

// NoteIn is [Element.NoteWhile] for a note that names e itself, so that it is about an
// element around it, which people find more easily.
func (e Element) NoteIn(around Element, attr, format string, args ...any) {
	e.note(around, cmp.Or(attr, textPart), format, args)
}

func (e Element) note(about Element, part, format string, args []any) {
	n := note{Note: Note{about.Path(), about.Position(), fmt.Sprintf(format, args...)}, el: e, part: part, value: e.part(part)}
	j := e.d.journal
	if j.noted[n] {
		return
	}
	j.put(n)
	j.onFailure(func() {
		j.notes = j.notes[:len(j.notes)-1]
		delete(j.noted, n)
	})
}

func (j *journal) put(n note) {
	if j.noted == nil {
		j.noted = map[note]bool{}
	}
	j.noted[n] = true
	j.notes = append(j.notes, n)
}

// Notes lists the notes that count, on the document and on those embedded in it, in the
// order they were made.
func (d *Document) Notes() iter.Seq[Note] {
	return func(yield func(Note) bool) {
		for _, n := range d.journal.notes {
			if n.part != "" && (n.el.check() != nil || n.el.part(n.part) != n.value) {
				continue
			}
			if !yield(n.Note) {
				return
			}
		}
	}
}

// copyNotes gives the journal of a clone the notes of the original; copies are the documents
// in the clone, by those of the original.
func (j *journal) copyNotes(notes []note, copies map[*Document]*Document) {
	for _, n := range notes {
		c := copies[n.el.d]
		if c == nil && n.part != "" {
			continue // what it depends on is gone
		}
		if c != nil {
			n.el.d = c
		}
		j.put(n)
	}
}

// OnFailure registers how to take back a change of something kept beside the document,
// for the case that the verb now running fails.
func (d *Document) OnFailure(undo func()) { d.journal.onFailure(undo) }
