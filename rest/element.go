package rest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An element of a request or of an answer. Requests are written by hand, because servers are strict about the order of
// children and encoding/xml cannot write an empty element as <project id="…"/>. The emulator reads and writes XML with code
// of its own, on purpose: sharing it, both would make the same mistake unseen.
type element struct {
	name     string
	attrs    []attribute
	children []*element
	text     string
}

type attribute struct{ name, value string }

func newElement(name string, children ...*element) *element {
	return &element{name: name, children: children}
}

// set adds an attribute, even an empty one.
func (e *element) set(name, value string) *element {
	e.attrs = append(e.attrs, attribute{name, value})
	return e
}

func (e *element) setBool(name string, value bool) *element {
	return e.set(name, strconv.FormatBool(value))
}

func (e *element) add(children ...*element) *element {
	e.children = append(e.children, children...)
	return e
}

// attr is the value of an attribute, and whether there is one.
func (e *element) attr(name string) (string, bool) {
	for _, a := range e.attrs {
		if a.name == name {
			return a.value, true
		}
	}
	return "", false
}

// child is the first child of that name, nil without one.
func (e *element) child(name string) *element {
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// below are the elements that the steps of a path lead to.
func (e *element) below(path []string) []*element {
	level := []*element{e}
	for _, name := range path {
		var next []*element
		for _, parent := range level {
			for _, c := range parent.children {
				if c.name == name {
					next = append(next, c)
				}
			}
		}
		level = next
	}
	return level
}

// encodeRequest wraps elements in <tsRequest>, without declaration and namespace, which is what servers are used to.
func encodeRequest(children ...*element) ([]byte, error) {
	var b strings.Builder
	if err := newElement("tsRequest", children...).write(&b); err != nil {
		return nil, err
	}
	return []byte(b.String()), nil
}

func (e *element) write(b *strings.Builder) error {
	b.WriteString("<" + e.name)
	for _, a := range e.attrs {
		if r, bad := unwritable(a.value); bad {
			// The value itself may be a password.
			return fmt.Errorf("%s@%s holds %U, which XML cannot", e.name, a.name, r)
		}
		b.WriteString(" " + a.name + `="` + escapeAttribute(a.value) + `"`)
	}
	if len(e.children) == 0 && e.text == "" {
		b.WriteString("/>")
		return nil
	}
	b.WriteString(">")
	if r, bad := unwritable(e.text); bad {
		return fmt.Errorf("the text of %s holds %U, which XML cannot", e.name, r)
	}
	b.WriteString(escapeText(e.text))
	for _, child := range e.children {
		if err := child.write(b); err != nil {
			return err
		}
	}
	b.WriteString("</" + e.name + ">")
	return nil
}

// unwritable finds the first character that no XML 1.0 document can hold.
func unwritable(s string) (rune, bool) {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return r, true
			}
		}
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return r, true
		}
	}
	return 0, false
}

func escapeAttribute(s string) string {
	return strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\t", "&#9;", "\n", "&#10;", "\r", "&#13;",
	).Replace(s)
}

func escapeText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;").Replace(s)
}

// maxDepth is how deep the elements of an answer may lie in one another; those of Tableau are not ten levels deep.
const maxDepth = 64

// parseElement reads one XML document. Namespaces are passed over, because those of old and of new servers differ.
func parseElement(body string) (*element, error) {
	d := xml.NewDecoder(strings.NewReader(body))
	root := &element{}
	open := []*element{root}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		top := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if len(open) > maxDepth {
				return nil, fmt.Errorf("elements lie more than %d deep in one another", maxDepth)
			}
			e := newElement(t.Name.Local)
			for _, a := range t.Attr {
				if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
					e.set(a.Name.Local, a.Value)
				}
			}
			top.add(e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.text += string(t)
		}
	}
	if len(root.children) != 1 {
		return nil, errors.New("it is not one element")
	}
	return root.children[0], nil
}

// decode reads an answer that has to be a tsResponse; the reference prints one as a tsRequest ("Get Recommendations for
// Views").
func decode(body []byte) (*element, error) {
	text := strings.TrimPrefix(string(body), "\ufeff")
	root, err := parseElement(text)
	switch {
	case err == nil && (root.name == "tsResponse" || root.name == "tsRequest"):
		return root, nil
	case err != nil && strings.Contains(text[:min(len(text), 1024)], "<tsResponse"):
		return nil, fmt.Errorf("%w: %w", errTorn, err)
	}
	return nil, ErrNotTableauServer
}

// missing is the error of an answer without the element it should hold.
func missing(element string) error {
	return errors.New("the answer holds no " + element)
}
