package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// JSON is the second representation of the same tree: attributes and children are the members of an object, every
// scalar is a string, and the root stands for the tsRequest or tsResponse without naming it.

// parseJSON reads a JSON object as the element that the same request in XML would give. JSON does not tell attributes
// from children that hold text: a scalar member becomes an attribute, which [element.each] finds as a child too.
func parseJSON(body []byte) (*element, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber() // so that a number is the text that was sent
	root := &element{name: "tsRequest", fromJSON: true}
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("it is not an object")
	}
	if err := readMembers(d, root, 1); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is something after the object")
	}
	if len(root.attrs) == 0 && len(root.children) == 1 && root.children[0].name == root.name {
		return root.children[0], nil
	}
	return root, nil
}

// readMembers reads what is left of an object into an element.
func readMembers(d *json.Decoder, into *element, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("objects are nested more than %d deep", maxDepth)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		name := key.(string) // the decoder gives nothing else here
		if !isXMLName(name) {
			return fmt.Errorf("%q cannot be the name of an element or attribute", name)
		}
		value, err := d.Token()
		if err != nil {
			return err
		}
		switch value {
		case json.Delim('{'):
			err = readChild(d, into, name, depth)
		case json.Delim('['):
			err = readList(d, into, name, depth)
		case nil: // null is absent
		default:
			into.with(name, scalar(value))
		}
		if err != nil {
			return err
		}
	}
	_, err := d.Token() // the closing brace
	return err
}

// readList reads what is left of an array: a child for each item.
func readList(d *json.Decoder, into *element, name string, depth int) error {
	for d.More() {
		value, err := d.Token()
		if err != nil {
			return err
		}
		switch value {
		case json.Delim('{'):
			err = readChild(d, into, name, depth)
		case json.Delim('['):
			err = fmt.Errorf("the list %s has a list in it", name)
		case nil:
		default:
			into.add(textNode(name, scalar(value)))
		}
		if err != nil {
			return err
		}
	}
	_, err := d.Token() // the closing bracket
	return err
}

func readChild(d *json.Decoder, into *element, name string, depth int) error {
	child := &element{name: name, fromJSON: true}
	into.add(child)
	return readMembers(d, child, depth+1)
}

// scalar writes a string, number or boolean as the attribute it stands for.
func scalar(value json.Token) string { return fmt.Sprint(value) }

// jsonDocument writes an answer as JSON.
func jsonDocument(children []*element) []byte {
	var b bytes.Buffer
	node("tsResponse", children...).writeJSON(&b)
	return b.Bytes()
}

// writeJSON writes the element as the value of the member it is: a string when it is all text, else an object of its
// children and attributes. Text besides attributes is its member "value", as in the product version.
func (e *element) writeJSON(b *bytes.Buffer) {
	if e.isText && len(e.attrs) == 0 {
		writeString(b, e.text)
		return
	}
	b.WriteByte('{')
	separate := separator(b)
	if e.isText {
		separate()
		writeMember(b, "value", e.text)
	}
	for i, c := range e.children {
		first := slices.IndexFunc(e.children, func(other *element) bool { return other.name == c.name })
		if first == i {
			separate()
			e.writeNamed(b, c.name)
		}
	}
	for _, a := range e.attrs {
		separate()
		writeMember(b, a.name, a.value)
	}
	b.WriteByte('}')
}

// writeNamed writes the children with a name as one member: an array where there may be any number of them.
func (e *element) writeNamed(b *bytes.Buffer, name string) {
	writeString(b, name)
	b.WriteByte(':')
	children := slices.Collect(e.each(name))
	if len(children) == 1 && !isList(e.name, name) {
		children[0].writeJSON(b)
		return
	}
	b.WriteByte('[')
	separate := separator(b)
	for _, c := range children {
		separate()
		c.writeJSON(b)
	}
	b.WriteByte(']')
}

// isList tells whether an element may have any number of children of a name. Nearly always the schema names the one in
// the plural of the other.
func isList(parent, child string) bool {
	plural := child + "s"
	if stem, ok := strings.CutSuffix(child, "y"); ok {
		plural = stem + "ies"
	}
	return parent == plural || lists[parent] == child
}

// lists are the elements with any number of children of another name, and those children.
var lists = map[string]string{
	"connectedApplication":           "secret",
	"customViewAsUserDefaultResults": "customViewAsUserDefaultViewResult",
	"dataQualityWarningList":         "dataQualityWarning",
	"domainList":                     "domain",
	"downgradeInfo":                  "downgradedFeature",
	"extensionsServerSettings":       "blockList",
	"extensionsSiteSettings":         "safeList",
	"flowRuns":                       "flowRuns",
	"groupSet":                       "group",
	"labelList":                      "label",
	"linkedTasks":                    "linkedTasks",
	"linkedTaskSteps":                "linkedTaskSteps",
	"mobileSecuritySettingsList":     "mobileSecuritySettings",
	"notificationUpdateStatusList":   "notificationUpdateStatus",
	"permissions":                    "granteeCapabilities",
	"site":                           "siteSettings",
	"tsResponse":                     "metric",
	"virtualConnectionConnections":   "connection",
}

// separator returns a function that writes a comma before everything but the first.
func separator(b *bytes.Buffer) func() {
	first := true
	return func() {
		if !first {
			b.WriteByte(',')
		}
		first = false
	}
}

func writeMember(b *bytes.Buffer, name, value string) {
	writeString(b, name)
	b.WriteByte(':')
	writeString(b, value)
}

// writeString writes a JSON string. Bytes that are not UTF-8 become U+FFFD.
func writeString(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.Encode(s)             // a string can always be encoded, and a buffer takes every write
	b.Truncate(b.Len() - 1) // the line end
}

// prefersJSON reads the Accept header: JSON only for those who ask for it. Of types with the same weight the one named
// more precisely counts, and then the first; no header and */* mean XML.
func prefersJSON(accept string) bool {
	asJSON, asXML := preference{}, preference{}
	for i, item := range strings.Split(strings.ToLower(accept), ",") {
		name, parameters, _ := strings.Cut(item, ";")
		p := preference{weight: weightOf(parameters), order: -i}
		switch strings.TrimSpace(name) {
		case "application/json", "text/json":
			p.precision = 3
			asJSON = asJSON.refine(p)
		case "application/xml", "text/xml":
			p.precision = 3
			asXML = asXML.refine(p)
		case "application/*":
			p.precision = 2
			asJSON, asXML = asJSON.refine(p), asXML.refine(p)
		case "*/*":
			p.precision = 1
			asJSON, asXML = asJSON.refine(p), asXML.refine(p)
		}
	}
	return asJSON.weight > 0 && asJSON.isBefore(asXML)
}

// preference is how much a type is wanted.
type preference struct {
	weight           float64
	precision, order int // of what was said of it; 0 for nothing
}

// refine returns the preference that counts for one type: the most precise one, and the first of those.
func (p preference) refine(with preference) preference {
	if with.precision > p.precision {
		return with
	}
	return p
}

func (p preference) isBefore(other preference) bool {
	switch {
	case p.weight != other.weight:
		return p.weight > other.weight
	case p.precision != other.precision:
		return p.precision > other.precision
	}
	return p.order > other.order
}

// weightOf returns the q of a media range, 1 when it has none.
func weightOf(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		if value, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			q, _ := strconv.ParseFloat(value, 64) // 0, not wanted, when it is no number
			return q
		}
	}
	return 1
}
