package deploy

import (
	"strings"
	"unicode/utf8"

	"github.com/tabtemplate/tabtemplate/templates"
)

// told is what was found, without secrets. What the manifest renders is masked like everything else. What is published may hold
// secrets that the manifest no longer has, such as a former one: so nothing is shown where an edit wrote a secret.
func (v *verification) told() *Verified {
	stems := secretStems(v.r)
	for i := range v.found {
		d := &v.found[i]
		for _, stem := range stems {
			if d.Path != "" && (within(d.Path, stem) || within(stem, d.Path)) {
				d.Rendered, d.Published = hidden(d.Rendered), hidden(d.Published)
				d.Path = d.Path[:min(len(d.Path), len(stem))]
				break
			}
		}
		d.Path, d.Rendered, d.Published = v.s.site.Mask(d.Path), cut(v.s.site.Mask(d.Rendered)), cut(v.s.site.Mask(d.Published))
	}
	return &Verified{Differences: v.found, More: v.more}
}

// hidden is what is shown of a value that may be a secret.
func hidden(value string) string {
	if value == "" {
		return ""
	}
	return templates.Secret(value).String()
}

// secretStems are the paths of the elements that edits with a secret changed, without what tells each from its siblings: a
// former secret may stand in one of those.
func secretStems(r *templates.Rendering) []string {
	var stems []string
	for c := range r.Changes() {
		if c.New == templates.Secret("").String() {
			stems = append(stems, stem(c.Path))
		}
	}
	return stems
}

// stem is the path of an element up to its name: of the element that an attribute or a text belongs to.
func stem(path string) string {
	steps := steps(path)
	last := len(steps) - 1
	if last > 0 && (strings.HasPrefix(steps[last], "@") || steps[last] == "text()") {
		last--
	}
	name, _, _ := strings.Cut(steps[last], "[")
	return strings.Join(append(steps[:last:last], name), "/")
}

// steps splits a path at the slashes that are in no value.
func steps(path string) []string {
	var steps []string
	from, quoted := 0, false
	for i := range len(path) {
		switch {
		case path[i] == '\'':
			quoted = !quoted
		case path[i] == '/' && !quoted:
			steps = append(steps, path[from:i])
			from = i + 1
		}
	}
	return append(steps, path[from:])
}

// within tells whether a path leads to what a stem names, or into it.
func within(path, stem string) bool {
	rest, ok := strings.CutPrefix(path, stem)
	return ok && (rest == "" || rest[0] == '/' || rest[0] == '[')
}

// cut cuts a value that is too long to be read.
func cut(value string) string {
	if len(value) <= longestValue {
		return value
	}
	at := longestValue
	for !utf8.RuneStart(value[at]) {
		at--
	}
	return value[:at] + "…"
}
