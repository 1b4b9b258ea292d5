package xmledit

// Asked tells whether an attribute of e is what an edit made it or a rule wants it to be,
// in any of its forms: what is left is what the document came with.
func (e Element) Asked(name string) bool {
	if !e.Exists() {
		return false
	}
	if e.d.fragment {
		return true
	}
	for _, form := range e.forms(name) {
		if c, ok := e.d.claimed(e.n, attrPart(form)); ok && (c.rule != "" || len(c.parts) > 0) {
			return true
		}
		if ed := e.edit(); ed != nil && findAttr(ed.attrs, form) >= 0 {
			return true
		}
	}
	return false
}

// Changed tells whether an edit changed e or something in it, also in a document that it
// holds as text. An element that was removed is no part of one any more, which counts as a
// change of that.
func (e Element) Changed() bool {
	if !e.Exists() {
		return false
	}
	if e.d.fragment {
		return true
	}
	end := e.d.src.nodes[e.n].next
	for range within(e.d.edits, e.n, end) {
		return true
	}
	for _, inner := range within(e.d.embedded, e.n, end) {
		if inner.Changed() {
			return true
		}
	}
	return false
}
