package xmledit

import (
	"maps"
	"math"
	"slices"
)

// A rule claims what it wants a place to be, whether it has to change it or finds it
// so, and later rules must not want something else. Otherwise it would depend on the
// template whether two rules contradict each other.

// place is an attribute, the text or, with an empty part, all of a node.
type place struct {
	node int32
	part string
}

// claim is what a rule wants of a place. Of a value it may be that rules want parts of it
// only: those have places of their own, which the claim of the whole lists.
type claim struct {
	rule  string
	want  string
	parts []string
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
	for _, p := range old.parts {
		if by := e.d.claims[place{e.n, p}].rule; j.conflicts(by) && want != e.now(part) {
			return &ConflictError{Path: e.Path() + part, First: by, Second: j.rule}
		}
	}
	if claimed && old.rule != "" && old.want == want || j.rule == "" {
		return nil
	}
	e.d.setClaim(at, claim{j.rule, want, old.parts})
	return nil
}

// now is what claims call the present value of an attribute.
func (e Element) now(part string) string {
	for a := range e.Attrs() {
		if attrPart(a.Name) == part {
			return a.Value
		}
	}
	return gone
}

// claimParts notes what the current rule wants of parts of an attribute, given by its name
// as written; value is what that comes to.
func (e Element) claimParts(form, value string, parts map[string]string) error {
	whole, j := attrPart(form), e.d.journal
	changes := e.now(whole) != value
	all := e.d.claims[place{e.n, whole}]
	if changes && j.conflicts(all.rule) {
		return &ConflictError{Path: e.Path() + whole, First: all.rule, Second: j.rule}
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		part := whole + "#" + name
		if err := e.claim(part, parts[name], changes); err != nil {
			return err
		}
		if j.rule != "" && !slices.Contains(all.parts, part) {
			all.parts = append(slices.Clip(all.parts), part)
			e.d.setClaim(place{e.n, whole}, all)
		}
	}
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
