package xmledit

import (
	"iter"
	"maps"
	"math"
	"slices"
)

// A rule claims what it wants a place to be, whether it has to change it or finds it
// so, and later rules must not want something else. Otherwise it would depend on the
// template whether two rules contradict each other.

// claim is what a rule wants of a part of a node: an attribute, the text or, with an empty
// part, all of it. Of a value it may be that rules want parts of it only: those have claims
// of their own, which the claim of the whole lists.
type claim struct {
	part  string
	rule  string
	want  string
	parts []string
}

// claimed is the claim of a part of node n; not ok if there is none.
func (d *Document) claimed(n int32, part string) (c claim, ok bool) {
	for _, c := range d.claims[n] {
		if c.part == part {
			return c, true
		}
	}
	return claim{}, false
}

const (
	textPart = "/text()"
	gone     = "\x00" // wanted of an attribute that is not to be there: no value is that

	// Absent is what a rule wants of a child that is not to be there.
	Absent = gone
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
	old, claimed := e.d.claimed(e.n, part)
	if claimed && old.want != want && j.conflicts(old.rule) {
		return &ConflictError{Path: e.Path() + part, First: old.rule, Second: j.rule}
	}
	if rule := e.claimedAround(); !claimed && touches && j.conflicts(rule) {
		return &ConflictError{Path: e.Path() + part, First: rule, Second: j.rule}
	}
	for _, p := range old.parts {
		if by, _ := e.d.claimed(e.n, p); j.conflicts(by.rule) && want != e.now(part) {
			return &ConflictError{Path: e.Path() + part, First: by.rule, Second: j.rule}
		}
	}
	if claimed && old.rule != "" && old.want == want || j.rule == "" {
		return nil
	}
	e.d.setClaim(e.n, claim{part, j.rule, want, old.parts})
	return nil
}

// now is what claims call the present value of an attribute, or of the text.
func (e Element) now(part string) string {
	if part == textPart {
		return e.Text()
	}
	for a := range e.Attrs() {
		if attrPart(a.Name) == part {
			return a.Value
		}
	}
	return gone
}

// claimParts notes what the current rule wants of parts of whole, an attribute or the text;
// value is what that comes to.
func (e Element) claimParts(whole, value string, parts map[string]string) error {
	j := e.d.journal
	changes := e.now(whole) != value
	all, _ := e.d.claimed(e.n, whole)
	all.part = whole
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
			e.d.setClaim(e.n, all)
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
		e.d.setClaim(e.n, claim{rule: rule})
	}
}

// ClaimChild says what the current rule wants of a child of e, which may be that it is not
// there: a later rule that wants something else of it is in conflict. The child is named as
// in a path, by an attribute if attr is not empty; want is a word, or a value, that the verbs
// which are about it agree on.
func (e Element) ClaimChild(name, attr, value, want string) error {
	part := "/" + name
	if attr != "" {
		part += attrTest(attr, value)
	}
	return e.claim(part, want, false)
}

// Following makes edits that follow from others: they claim nothing, because what they
// write is a copy of what another rule may still change.
func (d *Document) Following(verb func() error) error {
	rule := d.journal.rule
	d.journal.rule = ""
	defer func() { d.journal.rule = rule }()
	return verb()
}

// setClaim records a claim of node n, and takes it back if the verb fails.
func (d *Document) setClaim(n int32, c claim) {
	old := d.claims[n]
	if d.claims == nil {
		d.claims = map[int32][]claim{}
	}
	now := slices.Clone(old) // which clones share
	if i := slices.IndexFunc(now, func(was claim) bool { return was.part == c.part }); i >= 0 {
		now[i] = c
	} else {
		now = append(now, c)
	}
	d.claims[n] = now
	d.journal.onFailure(func() {
		if old != nil {
			d.claims[n] = old
		} else {
			delete(d.claims, n)
		}
	})
}

// claimedAround is the rule that wants e, or an element around it, as it is.
func (e Element) claimedAround() string {
	for n := e.n; n >= 0; n = e.d.src.nodes[n].parent {
		if c, ok := e.d.claimed(n, ""); ok {
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
	first, rule := int32(math.MaxInt32), ""
	note := func(at int32, by string) {
		if by != "" && (at < first || at == first && by < rule) {
			first, rule = at, by
		}
	}
	end := d.src.nodes[n].next
	for at, claims := range within(d.claims, n, end) {
		for _, c := range claims {
			if d.journal.conflicts(c.rule) {
				note(at, c.rule)
			}
		}
	}
	for at, ed := range within(d.edits, n, end) {
		for _, ins := range ed.inserts {
			note(at, ins.fragment.claimedInside(ins.fragment.src.root))
		}
	}
	for at, inner := range within(d.embedded, n, end) {
		note(at, inner.claimedInside(inner.src.root))
	}
	return rule
}

// within lists what is known of the nodes from n to before end, in any order: by the nodes
// or by what is known, whichever are fewer.
func within[T any](of map[int32]T, n, end int32) iter.Seq2[int32, T] {
	return func(yield func(int32, T) bool) {
		if int(end-n) < len(of) {
			for at := n; at < end; at++ {
				if x, ok := of[at]; ok && !yield(at, x) {
					return
				}
			}
			return
		}
		for at, x := range of {
			if at >= n && at < end && !yield(at, x) {
				return
			}
		}
	}
}
