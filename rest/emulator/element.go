package emulator

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// element is an XML element of a request or an answer. Of a request only local names are kept, because clients send any
// namespace or none. All reading methods may be called on nil, which stands for an absent element. The client in package
// rest writes XML with code of its own, on purpose: sharing it, both would make the same mistake unseen.
type element struct {
	name     string
	attrs    []attribute
	children []*element
	text     string
	isText   bool // made of text alone, be it empty
	extra    bool // only in an answer that asks for it with the parameter fields
	fromJSON bool // read from JSON, where attributes and children with text look alike
}

type attribute struct {
	name, value string
	extra       bool // as of an element
}

func node(name string, children ...*element) *element {
	return &element{name: name, children: children}
}

func textNode(name, text string) *element { return &element{name: name, text: text, isText: true} }

// with adds an attribute.
func (e *element) with(name, value string) *element {
	e.attrs = append(e.attrs, attribute{name: name, value: value})
	return e
}

// withExtra adds an attribute that is told only when the parameter fields asks for it.
func (e *element) withExtra(name, value string) *element {
	e.attrs = append(e.attrs, attribute{name, value, true})
	return e
}

// withOptional adds an attribute unless its value is empty.
func (e *element) withOptional(name, value string) *element {
	if value == "" {
		return e
	}
	return e.with(name, value)
}

func (e *element) withBool(name string, value bool) *element {
	return e.with(name, fmt.Sprint(value))
}

func (e *element) add(children ...*element) { e.children = append(e.children, children...) }

// asExtra makes a child one that is told only when the parameter fields asks for it.
func (e *element) asExtra() *element {
	e.extra = true
	return e
}

// dropExtras takes out what nobody asked for.
func (e *element) dropExtras() {
	e.attrs = slices.DeleteFunc(e.attrs, func(a attribute) bool { return a.extra })
	e.children = slices.DeleteFunc(e.children, func(c *element) bool { return c.extra })
	for _, c := range e.children {
		c.dropExtras()
	}
}

// child returns the first child with the name, or nil.
func (e *element) child(name string) *element {
	for c := range e.each(name) {
		return c
	}
	return nil
}

// each yields the children with the name.
func (e *element) each(name string) iter.Seq[*element] {
	return func(yield func(*element) bool) {
		if e == nil {
			return
		}
		found := false
		for _, c := range e.children {
			if c.name != name {
				continue
			}
			found = true
			if !yield(c) {
				return
			}
		}
		if value, given := e.lookup(name); given && !found && e.fromJSON {
			yield(textNode(name, value))
		}
	}
}

// attr returns the value of an attribute, "" when it is absent.
func (e *element) attr(name string) string {
	value, _ := e.lookup(name)
	return value
}

// lookup tells an absent attribute from an empty one, where that matters.
func (e *element) lookup(name string) (string, bool) {
	if e != nil {
		for _, a := range e.attrs {
			if a.name == name {
				return a.value, true
			}
		}
	}
	return "", false
}

// flag reads a boolean attribute, false when it is absent or empty. A value that is not a boolean is refused: with
// code 400008.
func (e *element) flag(name string) (bool, error) {
	value := e.attr(name)
	b, known := parseBool(value)
	if !known {
		return false, refuse(codeBoolean, "The attribute %s of %s must be true or false, not '%s'.", name, e.name, value)
	}
	return b, nil
}

// readFlag reads a boolean attribute that leaves things as they are when it is absent or empty.
func (e *element) readFlag(name string, to *bool) error {
	value, err := e.flag(name)
	if err == nil && e.attr(name) != "" {
		*to = value
	}
	return err
}

// parseBool reads the spellings clients send; Python writes True and False. Empty is false.
func parseBool(s string) (value, known bool) {
	switch strings.ToLower(s) {
	case "true":
		return true, true
	case "false", "":
		return false, true
	}
	return false, false
}

const (
	maxPayload = 4 * mebibyte // bytes of one request in XML or JSON
	maxDepth   = 32           // elements within elements; the schema needs 7
	maxNodes   = 100_000      // elements and attributes of XML, each of which takes much more than its bytes
)

// parseRequest reads a tsRequest: XML with or without declaration, namespace, prefixes and byte order mark, or JSON,
// which begins with a brace. An empty body is nil.
func parseRequest(body []byte) (*element, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if len(body) == 0 {
		return nil, nil
	}
	if body[0] == '{' {
		root, err := parseJSON(body)
		if err != nil {
			return nil, refuse(codeMalformed, "The request body is not well-formed JSON: %v.", err)
		}
		return root, nil
	}
	root, err := parseXML(body)
	if err != nil {
		return nil, refuse(codeMalformed, "The request body is not well-formed XML: %v.", err)
	}
	if root.name != "tsRequest" {
		return nil, refuse(codeMalformed, "The request body must be a tsRequest, not '%s'.", root.name)
	}
	return root, nil
}

func parseXML(body []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		switch strings.ToLower(label) {
		case "us-ascii", "ascii", "utf8":
			return in, nil
		}
		return nil, fmt.Errorf("encoding %q is not UTF-8", label)
	}
	var root *element
	var open []*element
	var texts []*strings.Builder // of the open elements
	nodes := 0
	for {
		token, err := d.Token()
		if err == io.EOF && root != nil {
			return root, nil // the decoder refuses an element left open
		}
		if err == io.EOF {
			return nil, errors.New("there is no element")
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			e, err := newElement(t)
			nodes += 1 + len(t.Attr)
			switch {
			case err != nil:
				return nil, err
			case nodes > maxNodes:
				return nil, fmt.Errorf("there are more than %d elements and attributes", maxNodes)
			case len(open) == maxDepth:
				return nil, fmt.Errorf("elements are nested more than %d deep", maxDepth)
			case len(open) > 0:
				open[len(open)-1].add(e)
			case root != nil:
				return nil, errors.New("there is more than one root element")
			default:
				root = e
			}
			open, texts = append(open, e), append(texts, new(strings.Builder))
		case xml.EndElement:
			last := len(open) - 1
			open[last].text = texts[last].String()
			open, texts = open[:last], texts[:last]
		case xml.CharData:
			if len(open) > 0 {
				texts[len(texts)-1].Write(t)
			}
		case xml.Directive:
			return nil, errors.New("a document type declaration is not accepted")
		}
	}
}

// isXMLName tells whether a name can stand in XML, so that whatever was read can be written.
func isXMLName(name string) bool {
	for i, r := range name {
		letter := r == '_' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
		if !letter && (i == 0 || r != '-' && r != '.' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != ""
}

// newElement makes an element of its start tag. What only says how to read XML is left out: declarations of namespaces,
// and attributes of XML Schema.
func newElement(t xml.StartElement) (*element, error) {
	if !isXMLName(t.Name.Local) {
		return nil, fmt.Errorf("%q cannot be the name of an element", t.Name.Local)
	}
	e := node(t.Name.Local)
	for _, a := range t.Attr {
		switch {
		case a.Name.Space == "xmlns", a.Name.Local == "xmlns", a.Name.Space == "http://www.w3.org/2001/XMLSchema-instance":
		case !isXMLName(a.Name.Local):
			return nil, fmt.Errorf("%q cannot be the name of an attribute", a.Name.Local)
		default:
			e.with(a.Name.Local, a.Value)
		}
	}
	return e, nil
}

// writeTo writes the element in the order it was built. Characters that XML cannot hold become U+FFFD.
func (e *element) writeTo(b *bytes.Buffer) {
	b.WriteByte('<')
	b.WriteString(e.name)
	for _, a := range e.attrs {
		b.WriteByte(' ')
		b.WriteString(a.name)
		b.WriteString(`="`)
		escape(b, a.value)
		b.WriteByte('"')
	}
	if len(e.children) == 0 && e.text == "" {
		b.WriteString("/>")
		return
	}
	b.WriteByte('>')
	escape(b, e.text)
	for _, c := range e.children {
		c.writeTo(b)
	}
	b.WriteString("</")
	b.WriteString(e.name)
	b.WriteByte('>')
}

// escape writes text for an element or for an attribute in double quotes; an apostrophe needs no escape there.
func escape(b *bytes.Buffer, s string) {
	var escaped bytes.Buffer
	xml.EscapeText(&escaped, []byte(s)) // a buffer takes every write
	b.Write(bytes.ReplaceAll(escaped.Bytes(), []byte("&#39;"), []byte("'")))
}
