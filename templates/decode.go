package templates

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// decoder turns the nodes of a manifest into what they mean. It goes on after a problem, so that one load finds all.
type decoder struct {
	src      *source
	compiler *compiler
	found    Problems
	refs     []reference // every name that an expression needs
	// meant are the keys that the unknown ones of a mapping were probably meant to be.
	meant map[*yaml.Node][]string
}

// fields says what to do with the value of each key that a mapping may have.
type fields map[string]func(n *yaml.Node)

func (d *decoder) problem(n *yaml.Node, hint, format string, args ...any) {
	d.report(d.src.node(n).problem(hint, format, args...))
}

func (d *decoder) report(found ...*Problem) { d.found = append(d.found, found...) }

// record decodes a mapping whose keys are known. The result says whether it is a mapping.
func (d *decoder) record(n *yaml.Node, what string, known fields) bool {
	if !d.isMapping(n, what) {
		return false
	}
	for key, val := range pairs(n) {
		field, ok := known[key.Value]
		if !ok {
			var names []string
			for name := range known {
				names = append(names, name)
			}
			d.problem(key, suggest(key.Value, names), "unknown key %q in %s", key.Value, what)
			d.meant[n] = append(d.meant[n], nearest(key.Value, names))
			continue
		}
		field(val)
	}
	return true
}

// has says whether a mapping has a key.
func has(n *yaml.Node, name string) bool {
	for key := range pairs(n) {
		if key.Value == name {
			return true
		}
	}
	return false
}

// has says whether a mapping has a key, maybe with a mistake that record reported.
func (d *decoder) has(n *yaml.Node, name string) bool {
	return has(n, name) || slices.Contains(d.meant[n], name)
}

// required reports the keys that a mapping lacks. The result says whether it lacks none.
func (d *decoder) required(n *yaml.Node, what string, names ...string) bool {
	all := true
	for _, name := range names {
		if !d.has(n, name) {
			d.problem(n, "", "%s has no %s", what, name)
			all = false
		}
	}
	return all
}

func (d *decoder) isMapping(n *yaml.Node, what string) bool {
	if n.Kind != yaml.MappingNode {
		d.problem(n, "", "%s must be a mapping, not %s", what, nodeKind(n))
		return false
	}
	return true
}

func (d *decoder) isList(n *yaml.Node, what string) bool {
	if n.Kind != yaml.SequenceNode {
		d.problem(n, listHint(n, what), "%s must be a list, not %s", what, nodeKind(n))
		return false
	}
	return true
}

// nodeKind names what a node holds.
func nodeKind(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.ShortTag() == "!!null":
		return "nothing"
	}
	switch tag := n.ShortTag(); tag {
	case "!!str":
		return "text"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "a boolean"
	case "!!timestamp":
		return "a date"
	default:
		return "a " + tag
	}
}

// plain decodes text without expressions.
func (d *decoder) plain(n *yaml.Node, what string) string {
	if !d.isText(n, what) {
		return ""
	}
	if strings.Contains(n.Value, "${") {
		d.problem(n, "", "%s cannot have expressions", what)
		return ""
	}
	return n.Value
}

// word decodes text without expressions that is not empty.
func (d *decoder) word(n *yaml.Node, what string) string {
	before := len(d.found)
	text := d.plain(n, what)
	if text == "" && len(d.found) == before {
		d.problem(n, "", "%s must not be empty", what)
	}
	return text
}

func (d *decoder) isText(n *yaml.Node, what string) bool {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" {
		return true
	}
	hint := ""
	if n.Kind == yaml.ScalarNode && n.Value != "" {
		hint = "put it in quotes"
	}
	d.problem(n, hint, "%s must be text, not %s", what, nodeKind(n))
	return false
}

// flag decodes true or false, without expressions.
func (d *decoder) flag(n *yaml.Node, what string) bool {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
		d.problem(n, "", "%s must be true or false, not %s", what, nodeKind(n))
		return false
	}
	return strings.EqualFold(n.Value, "true")
}

// use says what the expressions of a value may refer to, besides vars and site.
type use struct {
	secrets   bool // env, file and secret
	published bool // published.<template>
}

// text decodes a value that is text, maybe with expressions.
func (d *decoder) text(n *yaml.Node, what string, use use) *value {
	if !d.isText(n, what) {
		return nil
	}
	return d.value(n, what, use)
}

// selector decodes text that says what an edit, or a credential, is for.
func (d *decoder) selector(to **value, what string) func(n *yaml.Node) {
	return func(n *yaml.Node) { *to = d.text(n, what, use{secrets: true}) }
}

// toggle decodes a value that is true, false or one whole expression.
func (d *decoder) toggle(n *yaml.Node, what string, use use) *value {
	v := d.value(n, what, use)
	if v == nil || v.typed {
		return v
	}
	if _, ok := v.literal.(bool); !ok || v.parts != nil {
		d.problem(n, "", "%s must be true or false, not %s", what, nodeKind(n))
		return nil
	}
	return v
}

// value decodes a scalar of any type. It returns nil when something is wrong with it.
func (d *decoder) value(n *yaml.Node, what string, use use) *value {
	if n.Kind != yaml.ScalarNode {
		d.problem(n, "", "%s must be one value, not %s", what, nodeKind(n))
		return nil
	}
	v := &value{at: d.src.node(n), what: what}
	literal, problem := scalar(n, v.at)
	if problem != nil {
		d.found = append(d.found, problem)
		return nil
	}
	v.literal = literal
	text, ok := literal.(string)
	if !ok || !strings.Contains(text, "${") {
		return v
	}
	before := len(d.found)
	start := d.src.offset(n)
	open := splitExpressions(text,
		func(between string) { v.parts = append(v.parts, part{text: between}) },
		func(inner string, nth int) {
			at := d.src.verbatim(d.src.dollar(start, nth)+len("${"), inner)
			v.parts = append(v.parts, part{expr: d.expression(inner, what, use, at)})
		})
	if open >= 0 {
		at := d.src.at(d.src.dollar(start, strings.Count(text[:open], "${")))
		d.found = append(d.found, at.problem("write $${ for a literal ${", "${ without its }"))
	}
	if len(d.found) > before {
		return nil
	}
	v.typed = len(v.parts) == 1 && v.parts[0].expr != nil
	v.secret = slices.ContainsFunc(v.parts, func(p part) bool { return p.expr != nil && p.expr.secret })
	return v
}

// condition decodes the expression of `when`, which stands without ${}.
func (d *decoder) condition(n *yaml.Node) *expression {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		d.problem(n, "", "when must be an expression, not %s", nodeKind(n))
		return nil
	}
	if strings.HasPrefix(strings.TrimSpace(n.Value), "${") {
		d.problem(n, "write the expression without ${ }", "when is an expression already")
		return nil
	}
	start := d.src.offset(n)
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		start++
	}
	before := len(d.found)
	e := d.expression(n.Value, "when", use{}, d.src.verbatim(start, n.Value))
	if len(d.found) > before {
		return nil
	}
	return e
}

// expression compiles an expression and checks what it refers to against its use.
func (d *decoder) expression(text, what string, use use, at func(int) location) *expression {
	e, found := d.compiler.compile(text, at)
	d.found = append(d.found, found...)
	if e == nil {
		return nil
	}
	if e.secret && !use.secrets {
		d.found = append(d.found, at(0).problem("", "what env, file and secret return is secret, and %s is not", what))
	}
	for _, ref := range e.refs {
		d.refs = append(d.refs, ref)
		if ref.path[0] == "published" && !use.published {
			d.found = append(d.found, ref.at.problem("", "published cannot be used in %s: only in the `to` of an edit", what))
		}
	}
	return e
}

// A list is a list of values, or the one ${…} that makes it.
type list struct {
	at    location
	what  string // names it in problems
	hint  string // how to write the one value that is no list
	items []*value
	whole *value
}

// computed says whether there are expressions in a list.
func (l *list) computed() bool {
	return l != nil && (l.whole != nil || slices.ContainsFunc(l.items, (*value).computed))
}

// list decodes a list of values, or one whole expression.
func (d *decoder) list(n *yaml.Node, what string, use use) *list {
	if n.Kind == yaml.ScalarNode {
		if v := d.value(n, what, use); v != nil && v.typed {
			return &list{at: v.at, what: what, hint: listHint(n, what), whole: v}
		} else if v == nil {
			return nil
		}
		d.problem(n, listHint(n, what), "%s must be a list, not %s", what, nodeKind(n))
		return nil
	}
	if !d.isList(n, what) {
		return nil
	}
	l := &list{at: d.src.node(n), what: what}
	for _, item := range n.Content {
		if v := d.value(follow(item), "a value of "+what, use); v != nil {
			l.items = append(l.items, v)
		}
	}
	if len(n.Content) == 0 {
		d.problem(n, "", "%s must not be empty", what)
	}
	return l
}

// names decodes a list of names, or one whole expression that makes it.
func (d *decoder) names(n *yaml.Node, what string) *list {
	l := d.list(n, what, use{})
	if l == nil {
		return nil
	}
	for _, v := range l.items {
		if _, isText := v.literal.(string); !isText {
			d.found = append(d.found, v.at.problem("put it in quotes", "%s must be text, not %s", v.what, kindOf(v.literal)))
		}
	}
	return l
}

// records decodes a list of mappings that is not empty.
func (d *decoder) records(n *yaml.Node, what string, decode func(n *yaml.Node)) {
	if !d.isList(n, what) {
		return
	}
	if len(n.Content) == 0 {
		d.problem(n, "", "%s must not be empty", what)
	}
	for _, item := range n.Content {
		decode(follow(item))
	}
}

// listHint says how a value is written as a list. The value is as it was written, but for quotes.
func listHint(n *yaml.Node, key string) string {
	text := n.Value
	switch {
	case n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" || strings.ContainsAny(text, "\r\n"):
		return ""
	case n.ShortTag() == "!!str":
		text = "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return fmt.Sprintf("write %s: [%s]", key, text)
}
