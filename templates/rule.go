package templates

import (
	"maps"
)

// A rule is an edit for one site: its verb with everything evaluated.
type rule interface {
	// apply does the edit to a rendering. What it leaves half done is undone by the caller.
	apply(to *Rendering, e resolved) error
}

// resolved is an edit for one site.
type resolved struct {
	*edit
	datasource string // "" is any
	rule       rule
}

// resolve evaluates an edit for one site. There is none when the site is not one it is for, or something went wrong;
// that is in the evaluator.
func (e *edit) resolve(ev *evaluator) (resolved, bool) {
	if !ev.holds(e.when) {
		return resolved{}, false
	}
	before := len(ev.found)
	out := resolved{edit: e}
	out.datasource = ev.selector(e.datasource)
	out.rule = e.verb.resolve(ev)
	return out, len(ev.found) == before
}

// withPublished adds what templates became to the names of a site.
func withPublished(names map[string]any, published map[string]Published) map[string]any {
	became := make(map[string]any, len(published))
	for name, p := range published {
		became[name] = p
	}
	out := maps.Clone(names)
	out["published"] = became
	return out
}
