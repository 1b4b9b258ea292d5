package templates

import (
	"maps"
	"strings"
	"unicode"

	"github.com/tabtemplate/tabtemplate/documents/tds"
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

type connectionRule struct {
	match tds.ConnectionMatch
	set   map[string]string
}

type parameterRule struct {
	name     string
	value    tds.Value
	computed bool // by an expression
}

type filterRule struct {
	field    string
	values   []tds.Value
	computed bool // some of them, by expressions
	exclude  bool
}

type publishedRule struct {
	name string
	to   tds.PublishedRef
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

func (v *connectionVerb) resolve(e *evaluator) rule {
	r := &connectionRule{set: map[string]string{}}
	r.match.Class = e.selector(v.class)
	r.match.Server = e.selector(v.server)
	r.match.DBName = e.selector(v.dbname)
	r.match.Name = e.selector(v.name)
	r.match.Caption = e.selector(v.caption)
	for _, a := range v.set {
		r.set[a.name], _ = e.text(a.value)
	}
	return r
}

func (v *parameterVerb) resolve(e *evaluator) rule {
	r := &parameterRule{}
	r.name = e.selector(v.name)
	r.value, r.computed = e.value(v.value), v.value.computed()
	return r
}

func (v *filterVerb) resolve(e *evaluator) rule {
	r := &filterRule{exclude: v.exclude != nil}
	r.field = e.selector(v.field)
	list := v.include
	if r.exclude {
		list = v.exclude
	}
	r.values, r.computed = e.values(list), list.computed()
	return r
}

func (v *publishedVerb) resolve(e *evaluator) rule {
	r := &publishedRule{}
	r.name = e.selector(v.name)
	to, ok := e.eval(v.to)
	if !ok {
		return r
	}
	switch to := to.(type) {
	case Published:
		r.to = tds.PublishedRef{Server: to.ServerURL, SiteContentURL: to.SiteContentURL, ContentURL: to.ContentURL}
	case string:
		if fault := contentURLFault(to); fault != "" {
			e.found = append(e.found, v.to.at.problem("a content URL is the name in the data source's address, not its caption",
				"%q cannot be the content URL of a data source: it %s", to, fault))
		}
		r.to = tds.PublishedRef{Server: e.site.Server.URL, SiteContentURL: e.site.ContentURL, ContentURL: to}
	default:
		e.found = append(e.found, v.to.at.problem("", "must be a published data source or its content URL, not %s", kindOf(to)))
	}
	return r
}

// contentURLFault says why text cannot be the content URL of something that is published.
func contentURLFault(text string) string {
	switch {
	case text == "":
		return "is empty"
	case strings.ContainsFunc(text, unicode.IsSpace):
		return "has a space"
	case strings.ContainsAny(text, `/\`):
		return "has a slash"
	}
	return ""
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
