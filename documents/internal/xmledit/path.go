package xmledit

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Path selects elements of a document, in the form in which [Element.Path] names one:
//
//	/workbook/datasources/datasource[@name='x']/connection
//	//relation[@name='orders'][2]
//
// A step is the name of a child, behind `//` of an element at any depth. A name without
// feature prefixes stands for all its forms, as everywhere; one with prefixes for itself.
// Conditions narrow a step: [@name] to those that have the attribute, [@name='x'] to those
// where it has the value, [2] to the second of those that the conditions before it leave
// among the children of one parent. A quote inside a value is written &apos;.
type Path struct {
	steps []pathStep
}

type pathStep struct {
	anywhere bool // at any depth
	name     string
	tests    []pathTest
}

// pathTest is a condition: on an attribute, that it is there or that it has a value, or
// without one on the number.
type pathTest struct {
	attr, value string
	has         bool // the attribute is there, whatever its value
	number      int
}

// String is the condition as it is parsed.
func (t pathTest) String() string {
	switch {
	case t.attr == "":
		return "[" + strconv.Itoa(t.number) + "]"
	case t.has:
		return "[@" + t.attr + "]"
	}
	return attrTest(t.attr, t.value)
}

// ParsePath reads a path; the error says what is expected where.
func ParsePath(text string) (Path, error) {
	s := pathScanner{rest: text}
	var p Path
	for ok := true; ok; ok = s.rest != "" {
		step, err := s.step()
		if err != nil {
			return Path{}, fmt.Errorf("path %q, after %q: %w", text, text[:len(text)-len(s.rest)], err)
		}
		p.steps = append(p.steps, step)
	}
	return p, nil
}

type pathScanner struct{ rest string }

func (s *pathScanner) cut(prefix string) (ok bool) {
	s.rest, ok = strings.CutPrefix(s.rest, prefix)
	return ok
}

func (s *pathScanner) step() (pathStep, error) {
	if !s.cut("/") {
		return pathStep{}, errors.New(`expected "/", as in /workbook/datasources, or "//"`)
	}
	step := pathStep{anywhere: s.cut("/")}
	switch {
	case strings.HasPrefix(s.rest, "@"):
		return pathStep{}, errors.New("a path selects elements, and this is an attribute")
	case strings.HasPrefix(s.rest, "text()"):
		return pathStep{}, errors.New("a path selects elements, and this is the text of one")
	}
	var err error
	if step.name, err = s.name("element", "/["); err != nil {
		return pathStep{}, err
	}
	for s.cut("[") {
		test, err := s.test()
		if err != nil {
			return pathStep{}, err
		}
		step.tests = append(step.tests, test)
	}
	return step, nil
}

// name reads a name up to one of the bytes in stops.
func (s *pathScanner) name(of, stops string) (string, error) {
	end := strings.IndexAny(s.rest, stops)
	if end < 0 {
		end = len(s.rest)
	}
	name := s.rest[:end]
	if !validName([]byte(name)) {
		return "", fmt.Errorf("expected the name of an %s, not %q", of, name)
	}
	s.rest = s.rest[end:]
	return name, nil
}

// test reads a condition behind its opening bracket.
func (s *pathScanner) test() (pathTest, error) {
	if !s.cut("@") {
		digits, _, _ := strings.Cut(s.rest, "]")
		n, err := strconv.Atoi(digits)
		if err != nil || n < 1 || !s.cut(strconv.Itoa(n)+"]") {
			return pathTest{}, errors.New("expected a number from 1 and a closing bracket, or an attribute and its value, as [@name='x'] has")
		}
		return pathTest{number: n}, nil
	}
	var t pathTest
	var err error
	if t.attr, err = s.name("attribute", "=]"); err != nil {
		return t, err
	}
	if s.cut("]") {
		t.has = true
		return t, nil
	}
	if !s.cut("=") || s.rest == "" || s.rest[0] != '\'' && s.rest[0] != '"' {
		return t, fmt.Errorf("expected the value of %s in quotes, as [@%s='x'] has", t.attr, t.attr)
	}
	quote := s.rest[:1]
	value, rest, ok := strings.Cut(s.rest[1:], quote+"]")
	if !ok || strings.Contains(value, quote) {
		return t, fmt.Errorf("expected %s] after the value of %s; a quote in it is written %s", quote, t.attr, quoteReferences[quote])
	}
	t.value = strings.NewReplacer("&amp;", "&", quoteReferences[quote], quote).Replace(value)
	s.rest = rest
	return t, nil
}

var quoteReferences = map[string]string{"'": "&apos;", `"`: "&quot;"}

// String is the path as it is parsed.
func (p Path) String() string {
	var s strings.Builder
	for _, step := range p.steps {
		s.WriteString(step.axis() + step.String())
	}
	return s.String()
}

func (st pathStep) axis() string {
	if st.anywhere {
		return "//"
	}
	return "/"
}

// String is the step without what stands before it.
func (st pathStep) String() string {
	s := st.name
	for _, t := range st.tests {
		s += t.String()
	}
	return s
}

// pathQuoter writes a value in single quotes; an ampersand is one only where it would
// read as the beginning of a reference.
var pathQuoter = strings.NewReplacer("'", "&apos;", "&apos;", "&amp;apos;", "&amp;", "&amp;amp;")

func attrTest(name, value string) string {
	return "[@" + name + "='" + pathQuoter.Replace(value) + "']"
}

// Path names the place of e for people, and for [ParsePath]: it selects e and nothing
// else. A step is told from its siblings by what names it, or else by its number. What
// stood in the source is named as it stood there; what was inserted, as it stands now.
func (e Element) Path() string {
	var names pathNames
	return names.of(e)
}

// pathNames names elements. It keeps what it worked out of inserted ones, for many that
// stand side by side may be asked for.
type pathNames struct {
	steps map[Element]map[Element]string // by the element around them
}

func (p *pathNames) of(e Element) string {
	if !e.Exists() {
		return ""
	}
	return p.path(e, e.inserted())
}

// path names e as it stands now, or as it stood in the source.
func (p *pathNames) path(e Element, now bool) string {
	parent := e.Parent()
	if !parent.Exists() {
		if holder := e.Holder(); holder.Exists() {
			return p.path(holder, now) + "/" + e.Name()
		}
		return "/" + e.Name()
	}
	if now {
		return p.path(parent, now) + "/" + p.step(e)
	}
	return p.path(parent, now) + "/" + e.d.src.step(e.n)
}

// step tells e, which is not the root, from its siblings as they are now.
func (p *pathNames) step(e Element) string {
	parent := e.Parent()
	steps, known := p.steps[parent]
	if !known {
		if p.steps == nil {
			p.steps = map[Element]map[Element]string{}
		}
		steps = stepsIn(parent)
		p.steps[parent] = steps
	}
	return cmp.Or(steps[e], e.Name()) // it may be gone
}

// step tells node n, which is not the root, from its siblings.
func (s *source) step(n int32) string {
	parent := s.nodes[n].parent
	found, known := s.steps.Load(parent)
	if !known {
		steps := map[int32]string{}
		for e, step := range stepsIn(Element{&Document{src: s}, parent}) {
			steps[e.n] = step
		}
		found, _ = s.steps.LoadOrStore(parent, steps)
	}
	return found.(map[int32]string)[n]
}

// inserted tells whether e, or an element around it, is not of the source.
func (e Element) inserted() bool {
	for d := e.d; d != nil; d = d.host.d {
		if d.fragment {
			return true
		}
	}
	return false
}

// stepsIn are the steps of paths to the children of an element.
func stepsIn(parent Element) map[Element]string {
	alike := map[string][]Element{}
	for c := range parent.Children() {
		name := c.Name()
		alike[name] = append(alike[name], c)
	}
	steps := map[Element]string{}
	for name, siblings := range alike {
		for i, test := range tellApart(siblings) {
			steps[siblings[i]] = name + test
		}
	}
	return steps
}

// tellApart gives each of elements of one name the condition that only it fulfils.
func tellApart(siblings []Element) []string {
	tests := make([]string, len(siblings))
	if len(siblings) == 1 {
		return tests
	}
	for _, key := range [...]string{"name", "column", "caption"} {
		times := map[string]int{}
		for _, c := range siblings {
			if v, ok := c.Attr(key); ok {
				times[v]++
			}
		}
		for i, c := range siblings {
			if v, ok := c.Attr(key); ok && times[v] == 1 && tests[i] == "" {
				tests[i] = attrTest(key, v)
			}
		}
	}
	for i := range tests {
		tests[i] = cmp.Or(tests[i], "["+strconv.Itoa(i+1)+"]")
	}
	return tests
}
