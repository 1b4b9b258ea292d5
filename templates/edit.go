package templates

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// An edit is one rule of a template: a verb, and which parts of the file it is for.
type edit struct {
	at         location
	nth        int // 1-based, in its template
	verb       verb
	datasource *value
	when       *expression
	optional   bool // matching nothing is fine
	all        bool // matching several things edits all of them
}

// A verb is what an edit does, as it is written.
type verb interface {
	// resolve evaluates the verb for one site. What goes wrong is in the evaluator, and then there is no rule.
	resolve(e *evaluator) rule
}

type connectionVerb struct {
	class, server, dbname, name, caption *value
	set                                  []attribute
}

type attribute struct {
	name  string
	value *value
}

type parameterVerb struct{ name, value *value }

type filterVerb struct {
	field            *value
	include, exclude *list // one of them
}

type publishedVerb struct{ name, to *value }

// verbs are the keys that say what an edit does.
var verbs = []string{"connection", "parameter", "filter", "published"}

// editKeys are the keys of all verbs.
var editKeys = append([]string{"set", "value", "include", "exclude", "to", "datasource", "when", "optional", "all"}, verbs...)

func (d *manifestDecoder) edits(t *Template, n *yaml.Node) {
	if !d.isList(n, "edits") {
		return
	}
	for i, item := range n.Content {
		item = follow(item)
		if !d.isMapping(item, "an edit") {
			continue
		}
		e := &edit{at: d.src.node(item), nth: i + 1}
		if verb := d.verbOf(item); verb != "" {
			d.edit(t, e, verb, item)
			t.edits = append(t.edits, e)
		}
	}
}

// verbOf returns the one verb of an edit.
func (d *manifestDecoder) verbOf(n *yaml.Node) string {
	var present []string
	for _, verb := range verbs {
		if has(n, verb) {
			present = append(present, verb)
		}
	}
	switch len(present) {
	case 1:
		return present[0]
	case 0:
		before := len(d.found)
		known := fields{}
		for _, key := range editKeys {
			known[key] = func(*yaml.Node) {}
		}
		if d.record(n, "an edit", known); len(d.found) == before {
			d.problem(n, "", "an edit must have one of %s", strings.Join(verbs, ", "))
		}
	default:
		d.problem(n, "make each an edit of its own", "an edit must have one verb, not %s", strings.Join(present, " and "))
	}
	return ""
}

func (d *manifestDecoder) edit(t *Template, e *edit, verb string, n *yaml.Node) {
	what := "the edit of a " + verb
	if verb == "published" {
		what = "the edit of a published data source"
	}
	known := fields{
		"when":     func(n *yaml.Node) { e.when = d.condition(n) },
		"optional": func(n *yaml.Node) { e.optional = d.flag(n, "optional") },
		"all":      func(n *yaml.Node) { e.all = d.flag(n, "all") },
	}
	var required []string
	switch verb {
	case "connection":
		e.verb, required = d.connection(e, known), []string{"set"}
	case "parameter":
		e.verb, required = d.parameter(t, known), []string{"value"}
	case "filter":
		e.verb = d.filter(e, known, n)
	case "published":
		e.verb, required = d.published(known), []string{"to"}
	}
	d.record(n, what, known)
	d.required(n, what, required...)
}

// selector decodes text of an edit that says what it is for.
func (d *manifestDecoder) selector(to **value, what string) func(n *yaml.Node) {
	return func(n *yaml.Node) { *to = d.text(n, what, use{secrets: true}) }
}

func (d *manifestDecoder) connection(e *edit, known fields) verb {
	v := &connectionVerb{}
	datasource := func(n *yaml.Node) {
		if e.datasource != nil {
			d.problem(n, "", "the edit names a datasource twice")
			return
		}
		e.datasource = d.text(n, "datasource", use{secrets: true})
	}
	known["datasource"] = datasource
	known["connection"] = func(n *yaml.Node) {
		d.record(n, "connection", fields{
			"class": d.selector(&v.class, "class"), "server": d.selector(&v.server, "server"),
			"dbname": d.selector(&v.dbname, "dbname"), "name": d.selector(&v.name, "name"),
			"caption": d.selector(&v.caption, "caption"), "datasource": datasource,
		})
	}
	known["set"] = func(n *yaml.Node) {
		if !d.isMapping(n, "set") {
			return
		}
		if len(n.Content) == 0 {
			d.problem(n, "", "set must not be empty")
		}
		for key, val := range pairs(n) {
			v.set = append(v.set, attribute{key.Value, d.value(val, key.Value, use{secrets: true})})
		}
	}
	return v
}

func (d *manifestDecoder) parameter(t *Template, known fields) verb {
	v := &parameterVerb{}
	known["parameter"] = func(n *yaml.Node) {
		if !t.workbook && t.Path != "" {
			d.problem(n, "", "parameters are in workbooks, and template %q is a data source", t.Name)
		}
		v.name = d.text(n, "parameter", use{secrets: true})
	}
	known["value"] = func(n *yaml.Node) { v.value = d.value(n, "value", use{secrets: true}) }
	return v
}

func (d *manifestDecoder) filter(e *edit, known fields, n *yaml.Node) verb {
	v := &filterVerb{}
	known["datasource"] = d.selector(&e.datasource, "datasource")
	known["filter"] = d.selector(&v.field, "filter")
	known["include"] = func(n *yaml.Node) { v.include = d.list(n, "include", use{secrets: true}) }
	known["exclude"] = func(n *yaml.Node) { v.exclude = d.list(n, "exclude", use{secrets: true}) }
	if has(n, "include") == has(n, "exclude") {
		d.problem(n, "", "a filter must have one of include and exclude")
	}
	return v
}

func (d *manifestDecoder) published(known fields) verb {
	v := &publishedVerb{}
	known["published"] = d.selector(&v.name, "published")
	known["to"] = func(n *yaml.Node) { v.to = d.text(n, "to", use{secrets: true, published: true}) }
	return v
}
