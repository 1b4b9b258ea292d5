package templates

import (
	"fmt"
	"slices"
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
	refs       []reference // of its expressions
	needs      []*Template // whose published data sources it uses
	optional   bool        // matching nothing is fine
	all        bool        // matching several things edits all of them
}

// name is what errors call an edit: its place, and which of its template it is.
func (e *edit) name() string { return fmt.Sprintf("%s edit %d", e.at, e.nth) }

// A verb is what an edit does, as it is written. Each has a file of its own, verb_NAME.go: what it is in the manifest, how
// it is decoded, what it is for one site, and how that is done to a file.
type verb interface {
	// resolve evaluates the verb for one site. What goes wrong is in the evaluator, and then there is no rule.
	resolve(e *evaluator) rule
}

// A verbSpec is what the manifest can say of a verb.
type verbSpec struct {
	key      string   // names the verb
	what     string   // names its edits in problems: the edit of a connection
	keys     []string // its other keys
	required []string // those of them that it cannot be without
	oneOf    []string // those of which it must have one at least
	// decode says what the keys mean.
	decode func(d *editDecoder) verb
}

// verbs are all there are. A new one is a row here and a file of its own.
var verbs = []verbSpec{
	connectionSpec,
	parameterSpec,
	viewSpec,
	filterSpec,
	extractFilterSpec,
	worksheetFilterSpec,
	publishedSpec,
	embedSpec,
	tableSpec,
	schemaSpec,
	databaseSpec,
	customSQLSpec,
	procedureSpec,
	extractSpec,
	dataFileSpec,
	scrubSpec,
	columnSpec,
	captionSpec,
	datasourceCaptionSpec,
	calculatedFieldSpec,
	translateSpec,
	textSpec,
	xmlSpec,
}

// editKeys are the keys that any edit takes.
var editKeys = []string{"datasource", "when", "optional", "all"}

// An editDecoder decodes one edit.
type editDecoder struct {
	*manifestDecoder
	template *Template
	edit     *edit
	node     *yaml.Node
	known    fields // what each key of the edit does; the verb adds its own
}

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
		if spec := d.verbOf(item); spec != nil {
			before := len(d.refs)
			d.edit(t, e, spec, item)
			e.refs = d.refs[before:len(d.refs):len(d.refs)]
			t.edits = append(t.edits, e)
		}
	}
}

// verbOf returns the one verb of an edit. What one verb has as a key and another as its name is a key where both are: the
// caption of a published data source.
func (d *manifestDecoder) verbOf(n *yaml.Node) *verbSpec {
	var names, present []string
	var spec *verbSpec
	isKey := map[string]bool{}
	for _, v := range verbs {
		for _, key := range v.keys {
			isKey[key] = isKey[key] || has(n, v.key)
		}
	}
	for i, v := range verbs {
		names = append(names, v.key)
		if has(n, v.key) && !isKey[v.key] {
			present = append(present, v.key)
			spec = &verbs[i]
		}
	}
	switch len(present) {
	case 1:
		return spec
	case 0:
		before := len(d.found)
		known := fields{}
		for _, v := range verbs {
			for _, key := range slices.Concat([]string{v.key}, v.keys, editKeys) {
				known[key] = func(*yaml.Node) {}
			}
		}
		if d.record(n, "an edit", known); len(d.found) == before {
			d.problem(n, "", "an edit must have one of %s", strings.Join(names, ", "))
		}
	default:
		d.problem(n, "make each an edit of its own", "an edit must have one verb, not %s", strings.Join(present, " and "))
	}
	return nil
}

func (d *manifestDecoder) edit(t *Template, e *edit, spec *verbSpec, n *yaml.Node) {
	ed := &editDecoder{manifestDecoder: d, template: t, edit: e, node: n, known: fields{
		"when":     func(n *yaml.Node) { e.when = d.condition(n) },
		"optional": func(n *yaml.Node) { e.optional = d.flag(n, "optional") },
		"all":      func(n *yaml.Node) { e.all = d.flag(n, "all") },
	}}
	e.verb = spec.decode(ed)
	d.record(n, spec.what, ed.known)
	d.required(n, spec.what, spec.required...)
	if spec.oneOf != nil && !slices.ContainsFunc(spec.oneOf, func(key string) bool { return d.has(n, key) }) {
		d.problem(n, "", "%s must have at least one of %s", spec.what, strings.Join(spec.oneOf, ", "))
	}
}

// removal decodes that what an edit is for is to go.
func (d *editDecoder) removal(to *bool) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		before := len(d.found)
		if *to = d.flag(n, "remove"); !*to && len(d.found) == before {
			d.problem(n, "leave the edit out", "remove can only be true")
		}
	}
}

// narrowed lets an edit be narrowed to one data source.
func (d *editDecoder) narrowed() {
	d.known["datasource"] = d.selector(&d.edit.datasource, "datasource")
}
