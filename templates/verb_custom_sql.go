package templates

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// customSQLSpec sets a custom SQL query, or replaces text in it.
var customSQLSpec = verbSpec{
	key: "custom_sql", what: "the edit of a custom_sql", keys: []string{"sql", "replace", "also"},
	decode: decodeCustomSQL,
}

type customSQLVerb struct {
	match   relationMatch
	sql     *value
	replace []replacement
	also    []tds.SQLPlace
}

// replacement is text to replace and what it becomes.
type replacement struct{ from, to *value }

func decodeCustomSQL(d *editDecoder) verb {
	v := &customSQLVerb{}
	d.narrowed()
	d.known["custom_sql"] = v.match.decode(d, "custom_sql")
	d.known["sql"] = func(n *yaml.Node) { v.sql = d.text(n, "sql", use{secrets: true}) }
	d.known["replace"] = func(n *yaml.Node) {
		items := []*yaml.Node{n}
		if n.Kind == yaml.SequenceNode {
			items = n.Content
		}
		for _, item := range items {
			v.replace = append(v.replace, d.replacement(follow(item)))
		}
		if len(items) == 0 {
			d.problem(n, "", "replace must not be empty")
		}
	}
	d.known["also"] = func(n *yaml.Node) { v.also = d.places(n) }
	switch {
	case has(d.node, "sql") == has(d.node, "replace"):
		d.problem(d.node, "", "the edit of a custom_sql must have one of sql and replace")
	case has(d.node, "also") && !has(d.node, "replace"):
		d.problem(d.node, "", "also says where else to replace text, and there is no replace")
	}
	return v
}

func (d *editDecoder) replacement(n *yaml.Node) (r replacement) {
	known := fields{
		"from": d.selector(&r.from, "from"),
		"to":   func(n *yaml.Node) { r.to = d.text(n, "to", use{secrets: true}) },
	}
	if d.record(n, "replace", known) {
		d.required(n, "replace", "from", "to")
	}
	return r
}

// places decodes the names of places beside custom SQL.
func (d *editDecoder) places(n *yaml.Node) (places []tds.SQLPlace) {
	if !d.isList(n, "also") {
		return nil
	}
	known := []string{string(tds.InInitialSQL), string(tds.InFormulas)}
	for _, item := range n.Content {
		name := d.word(follow(item), "a place in also")
		if name != "" && !slices.Contains(known, name) {
			d.problem(item, suggest(name, known), "unknown place %q in also: it may have %s", name, strings.Join(known, " and "))
		}
		places = append(places, tds.SQLPlace(name))
	}
	return places
}

type customSQLRule struct {
	match   tds.RelationMatch
	sql     string // "" is none
	replace tds.SQLReplace
}

func (v *customSQLVerb) resolve(e *evaluator) rule {
	r := &customSQLRule{match: v.match.resolve(e), replace: tds.SQLReplace{Also: v.also}}
	if text, ok := e.text(v.sql); ok {
		r.sql = strings.TrimRight(text, "\r\n") // a block of YAML ends in a line end
		if strings.TrimSpace(text) == "" {
			e.found = append(e.found, v.sql.at.problem("", "sql must not be empty"))
		}
	}
	for _, p := range v.replace {
		to, _ := e.text(p.to)
		r.replace.Replacements = append(r.replace.Replacements, tds.Replacement{From: e.selector(p.from), To: to})
	}
	return r
}

func (r *customSQLRule) apply(to *Rendering, e resolved) error {
	matches, err := inRelations(to, e, "custom SQL", r.match, (*tds.Datasource).SQLQueries)
	if err != nil || len(matches) == 0 {
		return err
	}
	if r.sql == "" {
		r.replace.Optional = e.optional
		_, err := tds.ReplaceInSQL(matches, r.replace)
		return err
	}
	for _, q := range matches {
		if err := q.Set(r.sql); err != nil {
			return err
		}
	}
	return nil
}
