package xmledit

import "math"

// A rule claims what it wants a place to be, whether it has to change it or finds it
// so, and later rules must not want something else. Otherwise it would depend on the
// template whether two rules contradict each other.

// place is an attribute, the text or, with an empty part, all of a node.
type place struct {
	node int32
	part string
}

// claim is what a rule wants of a place.
type claim struct {
	rule string
	want string
}

const (
	textPart = "/text()"
	gone     = "\x00" // wanted of an attribute that is not to be there: no value is that
)

func attrPart(name string) string { return "/@" + name }

// conflicts tells whether a claim of rule stands in the way of the current rule.
func (j *journal) conflicts(rule string) bool {
	return rule != "" && j.rule != "" && rule != j.rule
}

// claim notes what the current rule wants of a part of e; touches tells whether that
// changes something that is there.
func (e Element) claim(part, want string, touches bool) error {
	j := e.d.journal
	at := place{e.n, part}
	old, claimed := e.d.claims[at]
	if claimed && old.want != want && j.conflicts(old.rule) {
		return &ConflictError{Path: e.Path() + part, First: old.rule, Second: j.rule}
	}
	if rule := e.claimedAround(); !claimed && touches && j.conflicts(rule) {
		return &ConflictError{Path: e.Path() + part, First: rule, Second: j.rule}
	}
	if claimed && old.want == want || j.rule == "" {
		return nil
	}
	e.d.setClaim(at, claim{j.rule, want})
	return nil
}

// Claim says that the current rule wants e as it is: a rule that changes something of
// it later is in conflict with it.
func (e Element) Claim() {
	if !e.Exists() {
		return
	}
	if rule := e.d.journal.rule; rule != "" && e.claimedAround() == "" {
		e.d.setClaim(place{e.n, ""}, claim{rule: rule})
	}
}

// setClaim records a claim, and takes it back if the verb fails.
func (d *Document) setClaim(at place, c claim) {
	old, claimed := d.claims[at]
	if d.claims == nil {
		d.claims = map[place]claim{}
	}
	d.claims[at] = c
	d.journal.onFailure(func() {
		if claimed {
			d.claims[at] = old
		} else {
			delete(d.claims, at)
		}
	})
}

// claimedAround is the rule that wants e, or an element around it, as it is.
func (e Element) claimedAround() string {
	for n := e.n; n >= 0; n = e.d.src.nodes[n].parent {
		if c, ok := e.d.claims[place{n, ""}]; ok {
			return c.rule
		}
	}
	if e.d.fragment {
		return e.d.host.claimedAround()
	}
	return ""
}

// claimedInside is the first rule in the way of the current one that claimed something
// of node n or inside it; "" if there is none.
func (d *Document) claimedInside(n int32) string {
	if d.journal.rule == "" {
		return ""
	}
	inside := func(at int32) bool { return at >= n && at < d.src.nodes[n].next }
	first, rule := int32(math.MaxInt32), ""
	note := func(at int32, by string) {
		if by != "" && (at < first || at == first && by < rule) {
			first, rule = at, by
		}
	}
	for at, c := range d.claims {
		if inside(at.node) && d.journal.conflicts(c.rule) {
			note(at.node, c.rule)
		}
	}
	for at, ed := range d.edits {
		for _, ins := range ed.inserts {
			if inside(at) {
				note(at, ins.fragment.claimedInside(ins.fragment.src.root))
			}
		}
	}
	for at, inner := range d.embedded {
		if inside(at) {
			note(at, inner.claimedInside(inner.src.root))
		}
	}
	return rule
}
