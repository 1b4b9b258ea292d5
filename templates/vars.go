package templates

import (
	"go/token"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A leaf is a var that is not a mapping of vars.
type leaf struct {
	path []string
	at   location
	hint string
}

// varsOf decodes vars. They are plain: an expression stands where a var is used.
func (d *manifestDecoder) varsOf(n *yaml.Node, what string) map[string]any {
	if !d.isMapping(n, what) {
		return nil
	}
	for key := range pairs(n) {
		d.checkVar(key.Value, d.src.node(key))
	}
	return d.varMap(n, nil)
}

// IsVar tells whether a var can have a name: one that expressions can say, and that means nothing else there.
func IsVar(name string) bool {
	return token.IsIdentifier(name) && !slices.Contains(reserved, name) && !slices.Contains(functions, name)
}

// checkVar reports a name that a var cannot have.
func (d *decoder) checkVar(name string, at location) {
	switch {
	case slices.Contains(reserved, name):
		d.report(at.problem("choose another name", "%q is a word of expressions, and cannot be a var", name))
	case slices.Contains(functions, name):
		d.report(at.problem("choose another name", "%q is a function of expressions, and cannot be a var", name))
	case !token.IsIdentifier(name) && !token.IsKeyword(name):
		d.report(at.problem("a var is letters, digits and _", "expressions cannot name the var %q", name))
	}
}

func (d *manifestDecoder) varMap(n *yaml.Node, path []string) map[string]any {
	out := map[string]any{}
	for key, val := range pairs(n) {
		below := append(path[:len(path):len(path)], key.Value)
		if val.Kind != yaml.MappingNode {
			d.leaf(leaf{path: below, at: d.src.node(key)})
		}
		out[key.Value] = d.varValue(val, below)
	}
	return out
}

func (d *manifestDecoder) varValue(n *yaml.Node, path []string) any {
	switch n.Kind {
	case yaml.MappingNode:
		return d.varMap(n, path)
	case yaml.SequenceNode:
		items := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			items = append(items, d.varValue(follow(item), path))
		}
		return items
	}
	literal, problem := scalar(n, d.src.node(n))
	if problem != nil {
		d.found = append(d.found, problem)
		return nil
	}
	if text, ok := literal.(string); ok {
		return d.varText(text, d.src.node(n))
	}
	return literal
}

// varText is the text of a var as it is written.
func (d *decoder) varText(text string, at location) string {
	if !strings.Contains(text, "${") {
		return text
	}
	if strings.Contains(strings.ReplaceAll(text, "$${", ""), "${") {
		d.report(at.problem("write the expression where the var is used, or $${ for a literal ${", "a var cannot have expressions"))
	}
	return strings.ReplaceAll(text, "$${", "${")
}

// leaf records a var for unusedVars. A var of many sites is recorded once.
func (d *manifestDecoder) leaf(l leaf) {
	known := slices.ContainsFunc(prefixes(l.path), func(name string) bool { _, ok := d.leaves[name]; return ok })
	if !known { // of another site, or inside a list
		d.leaves[strings.Join(l.path, "\x00")] = l
	}
}

// unusedVars returns a warning for each var that no expression refers to.
func (d *manifestDecoder) unusedVars() Problems {
	used := map[string]bool{} // the paths that expressions use, whole
	for _, ref := range d.refs {
		used[strings.Join(ref.path, "\x00")] = true
	}
	var found Problems
	for _, l := range d.leaves {
		isUsed := slices.ContainsFunc(prefixes(l.path), func(name string) bool { return used[name] })
		if !isUsed {
			found = append(found, l.at.problem(l.hint, "nothing uses the var %q", strings.Join(l.path, ".")))
		}
	}
	return found
}

// prefixes returns the names of a path and of all that it is in.
func prefixes(path []string) []string {
	var out []string
	for i := range path {
		out = append(out, strings.Join(path[:i+1], "\x00"))
	}
	return out
}
