package templates

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// xmlSpec changes elements that no other verb covers, found by their path.
var xmlSpec = verbSpec{
	key: "xml", what: "the edit of xml", keys: []string{"set", "add", "text", "remove"}, oneOf: []string{"set", "add", "text", "remove"},
	decode: decodeXML,
}

type xmlVerb struct {
	path, text *value
	set, add   []attribute // set must be there
	without    []string    // attributes to remove
	remove     bool        // the element
}

func decodeXML(d *editDecoder) verb {
	v := &xmlVerb{}
	d.narrowed()
	d.known["xml"] = d.selector(&v.path, "xml")
	d.known["set"] = func(n *yaml.Node) { v.set = d.xmlAttributes(n, "set") }
	d.known["add"] = func(n *yaml.Node) { v.add = d.xmlAttributes(n, "add") }
	d.known["text"] = func(n *yaml.Node) { v.text = d.value(n, "text", use{secrets: true}) }
	d.known["remove"] = func(n *yaml.Node) {
		if n.Kind == yaml.SequenceNode {
			for _, item := range n.Content {
				v.without = append(v.without, d.word(follow(item), "an attribute to remove"))
			}
			return
		}
		if v.remove = n.Kind == yaml.ScalarNode && n.ShortTag() == "!!bool" && strings.EqualFold(n.Value, "true"); !v.remove {
			d.problem(n, "", "remove must be true or a list of attributes, not %s", nodeKind(n))
		}
	}
	d.checkXML()
	return v
}

// checkXML reports an edit of xml that contradicts itself.
func (d *editDecoder) checkXML() {
	does, named := 0, map[string]string{}
	for _, what := range []string{"set", "add", "text", "remove"} {
		for key, val := range pairs(d.node) {
			if key.Value != what {
				continue
			}
			does++
			if what == "remove" && val.Kind == yaml.ScalarNode && does > 1 {
				d.problem(key, "", "an element that is removed cannot be changed, too")
			}
			for _, name := range names(val) {
				if first, twice := named[name.Value]; twice {
					d.problem(name, "", "attribute %q is in %s and in %s", name.Value, first, what)
				}
				named[name.Value] = what
			}
		}
	}
}

// names are the keys of a mapping, or the items of a list.
func names(n *yaml.Node) []*yaml.Node {
	var out []*yaml.Node
	switch n.Kind {
	case yaml.MappingNode:
		for key := range pairs(n) {
			out = append(out, key)
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			out = append(out, follow(item))
		}
	}
	return out
}

// xmlAttributes decodes attributes and their values. A password is refused, as it does not belong in a file.
func (d *editDecoder) xmlAttributes(n *yaml.Node, what string) []attribute {
	if !d.isMapping(n, what) {
		return nil
	}
	if len(n.Content) == 0 {
		d.problem(n, "", "%s must not be empty", what)
	}
	var out []attribute
	for key, val := range pairs(n) {
		if local := key.Value[strings.LastIndex(key.Value, ".")+1:]; strings.EqualFold(local, "password") {
			d.problem(key, "take it out with remove: [password], and give credentials when publishing", "a password does not belong in a file")
			continue
		}
		out = append(out, attribute{key.Value, d.value(val, key.Value, use{secrets: true})})
	}
	return out
}

type xmlRule struct {
	path     string
	set, add []setting
	without  []string
	remove   bool
	text     *string
}

// A setting is an attribute and its value.
type setting struct{ name, value string }

func (v *xmlVerb) resolve(e *evaluator) rule {
	r := &xmlRule{path: e.selector(v.path), without: v.without, remove: v.remove}
	if r.path != "" {
		if err := documents.CheckPath(r.path); err != nil {
			e.found = append(e.found, v.path.at.problem("", "%v", err))
		}
	}
	settings := func(attributes []attribute) (out []setting) {
		for _, a := range attributes {
			text, _ := e.text(a.value)
			out = append(out, setting{a.name, text})
		}
		return out
	}
	r.set, r.add = settings(v.set), settings(v.add)
	if text, ok := e.text(v.text); ok {
		r.text = &text
	}
	return r
}

func (r *xmlRule) apply(to *Rendering, e resolved) error {
	matches, err := r.matches(to.File, e)
	if err != nil || len(matches) == 0 {
		return err
	}
	for _, name := range r.without {
		if !e.optional && !slices.ContainsFunc(matches, func(el documents.Element) bool { return hasAttribute(el, name) }) {
			return noAttribute(matches[0], name, "")
		}
	}
	for _, el := range slices.Backward(matches) { // one inside another goes first
		if ds, ok := el.Datasource(); ok && readsData(ds, el) {
			to.touched[ds.Name()] = true
		}
		if err := r.edit(el); err != nil {
			return err
		}
	}
	return nil
}

// matches are the elements that the edit is for.
func (r *xmlRule) matches(f *documents.File, e resolved) ([]documents.Element, error) {
	datasources, err := e.datasources(f)
	if err != nil {
		return nil, err
	}
	found, err := f.Elements(r.path)
	if errors.Is(err, tds.ErrNotFound) && e.optional {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var matches []documents.Element
	var there []string
	for _, el := range found {
		there = append(there, el.Path())
		ds, inside := el.Datasource()
		if e.datasource == "" || inside && slices.ContainsFunc(datasources, func(d *tds.Datasource) bool { return d.Name() == ds.Name() }) {
			matches = append(matches, el)
		}
	}
	return choose(e, "element "+r.path, matches, there, documents.Element.Path)
}

// readsData says whether an element of a data source has to do with the data that it reads.
func readsData(ds *tds.Datasource, el documents.Element) bool {
	within, _ := strings.CutPrefix(el.Path(), ds.Element().Path())
	part, _, _ := strings.Cut(strings.TrimPrefix(within, "/"), "/")
	part, _, _ = strings.Cut(part, "[")
	return slices.Contains([]string{"", "connection", "extract", "filter", "object-graph"}, part)
}

// edit does to one element what the rule says.
func (r *xmlRule) edit(el documents.Element) error {
	if r.remove {
		return el.Remove()
	}
	for _, a := range r.set {
		if !hasAttribute(el, a.name) {
			return noAttribute(el, a.name, " (`add` adds it)")
		}
	}
	for _, a := range slices.Concat(r.set, r.add) {
		if err := el.SetAttr(a.name, a.value); err != nil {
			return err
		}
	}
	for _, name := range r.without {
		if err := el.RemoveAttr(name); err != nil {
			return err
		}
	}
	if r.text != nil {
		return el.SetText(*r.text)
	}
	return nil
}

func hasAttribute(el documents.Element, name string) bool {
	_, ok := el.Attr(name)
	return ok
}

func noAttribute(el documents.Element, name, advice string) error {
	var there []string
	for attr := range el.Attrs() {
		there = append(there, attr)
	}
	err := &tds.NotFoundError{What: fmt.Sprintf("attribute %q", name), Where: el.Path(), There: nearestFirst(name, there)}
	return fmt.Errorf("%w%s", err, advice)
}
