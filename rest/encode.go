package rest

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An element of a request body. Requests are written by hand, because servers are strict about the order of children and
// encoding/xml cannot write an empty element as <project id="…"/>. The emulator writes XML with code of its own, on purpose:
// sharing it, both would make the same mistake unseen.
type element struct {
	name     string
	attrs    []attribute
	children []*element
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

// setText adds an attribute unless it is empty.
func (e *element) setText(name, value string) *element {
	if value == "" {
		return e
	}
	return e.set(name, value)
}

func (e *element) setBool(name string, value bool) *element {
	return e.set(name, strconv.FormatBool(value))
}

func (e *element) add(child *element) *element {
	e.children = append(e.children, child)
	return e
}

// encodeRequest wraps one element in <tsRequest>, without declaration and namespace, which is what servers are used to.
func encodeRequest(child *element) ([]byte, error) {
	var b strings.Builder
	if err := newElement("tsRequest", child).write(&b); err != nil {
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
	if len(e.children) == 0 {
		b.WriteString("/>")
		return nil
	}
	b.WriteString(">")
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
