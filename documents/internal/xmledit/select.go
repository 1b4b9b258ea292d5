package xmledit

import "slices"

// Selection is what a [Path] selects in a document, or why that is nothing.
type Selection struct {
	Elements []Element // in document order, each once
	Matched  string    // of a path that selects nothing, how much of it from the left does select something
	There    []string  // what there is instead of its next step
}

// Select finds the elements of d that p selects, as the edits left them. A step to a child
// also enters the document that an element holds as text, if inside opens it: inside gets
// an element and gives the root of that document, or an element that does not exist. Steps
// to any depth stay outside such documents.
func (d *Document) Select(p Path, inside func(Element) (Element, error)) (Selection, error) {
	var found []Element
	for i, step := range p.steps {
		s := selector{step: step, inside: inside, seen: map[Element]bool{}}
		from := found
		if i == 0 {
			s.consider(d.Root(), s.counts())
		}
		for _, e := range from {
			s.into(e)
		}
		if s.err != nil {
			return Selection{}, s.err
		}
		if found = s.found; len(found) == 0 {
			return Selection{Matched: Path{p.steps[:i]}.String(), There: s.instead()}, nil
		}
	}
	return Selection{Elements: found}, nil
}

// selector takes one step of a path.
type selector struct {
	step   pathStep
	inside func(Element) (Element, error)
	found  []Element
	named  []Element // of the step's name, whatever its conditions say
	others []string  // names of elements that were looked at
	seen   map[Element]bool
	err    error
}

// counts are for the conditions of the step: how many children of one parent came to each.
func (s *selector) counts() []int { return make([]int, len(s.step.tests)) }

// into takes the step from e.
func (s *selector) into(e Element) {
	counts := s.counts()
	none := true
	for c := range e.Children() {
		none = false
		s.consider(c, counts)
	}
	if none && !s.step.anywhere && s.inside != nil && s.err == nil {
		root, err := s.inside(e)
		if err != nil {
			s.err = err
		} else if root.Exists() {
			s.consider(root, counts)
		}
	}
}

// consider looks at one element that the step leads to, and at those inside it if it leads
// to any depth.
func (s *selector) consider(c Element, counts []int) {
	if s.seen[c] { // by way of an element around the one the step was taken from
		return
	}
	if s.step.anywhere {
		s.seen[c] = true
	}
	if !c.answers([]string{s.step.name}) {
		if name := c.Name(); !slices.Contains(s.others, name) {
			s.others = append(s.others, name)
		}
	} else {
		s.named = append(s.named, c)
		if s.passes(c, counts) {
			s.found = append(s.found, c)
		}
	}
	if s.step.anywhere {
		s.into(c)
	}
}

// passes tells whether c fulfils the conditions; a number counts those that came so far.
func (s *selector) passes(c Element, counts []int) bool {
	for i, t := range s.step.tests {
		if t.attr == "" {
			counts[i]++
			if counts[i] != t.number {
				return false
			}
		} else if v, ok := c.Attr(t.attr); !ok || !t.has && v != t.value {
			return false
		}
	}
	return true
}

// instead says what there is where the step found nothing: elements of its name, with what
// its conditions ask about or else with what tells them apart, or else other names.
func (s *selector) instead() []string {
	if len(s.named) == 0 {
		return s.others
	}
	var there []string
	var names pathNames
	said := map[string]bool{}
	for _, c := range s.named {
		step := pathStep{name: c.Name()}
		for _, t := range s.step.tests {
			if v, ok := c.Attr(t.attr); ok {
				step.tests = append(step.tests, pathTest{attr: t.attr, value: v})
			}
		}
		text := step.String()
		if len(step.tests) == 0 && c.Parent().Exists() {
			text = names.step(c)
		}
		if !said[text] {
			said[text] = true
			there = append(there, text)
		}
	}
	return there
}
