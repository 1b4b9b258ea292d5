package templates

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// connectionSpec changes a connection: its class and its attributes.
var connectionSpec = verbSpec{
	key: "connection", what: "the edit of a connection", keys: []string{"set", "remove", "new"}, oneOf: []string{"set", "remove"},
	decode: decodeConnection,
}

type connectionVerb struct {
	match    connectionMatch
	set      []attribute
	remove   []string
	mayBeNew bool
}

type attribute struct {
	name  string
	value *value
}

func decodeConnection(d *editDecoder) verb {
	v := &connectionVerb{}
	datasource := func(n *yaml.Node) {
		if d.edit.datasource != nil {
			d.problem(n, "", "the edit names a datasource twice")
			return
		}
		d.edit.datasource = d.text(n, "datasource", use{secrets: true})
	}
	d.known["datasource"] = datasource
	d.known["connection"] = func(n *yaml.Node) {
		match := v.match.fields(&d.decoder)
		match["datasource"] = datasource
		d.record(n, "connection", match)
	}
	d.known["set"] = func(n *yaml.Node) {
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
	d.known["remove"] = func(n *yaml.Node) {
		if !d.isList(n, "remove") {
			return
		}
		if len(n.Content) == 0 {
			d.problem(n, "", "remove must not be empty")
		}
		for _, item := range n.Content {
			v.remove = append(v.remove, d.word(follow(item), "a name in remove"))
		}
	}
	d.known["new"] = func(n *yaml.Node) { v.mayBeNew = d.flag(n, "new") }
	return v
}

type connectionRule struct {
	match tds.ConnectionMatch
	patch tds.ConnectionPatch
}

func (v *connectionVerb) resolve(e *evaluator) rule {
	r := &connectionRule{
		match: v.match.resolve(e),
		patch: tds.ConnectionPatch{Attrs: map[string]string{}, Remove: v.remove, New: v.mayBeNew},
	}
	for _, a := range v.set {
		r.patch.Attrs[a.name], _ = e.text(a.value)
	}
	return r
}

func (r *connectionRule) apply(to *Rendering, e resolved) error {
	datasources, err := e.datasources(to.File)
	if err != nil {
		return err
	}
	var matches []*tds.Connection
	var there []string
	for _, ds := range datasources {
		for c := range ds.Connections() {
			there = append(there, describe(c))
			if r.match.Matches(c) {
				matches = append(matches, c)
			}
		}
	}
	matches, err = choose(e, r.match.String(), matches, there, describe)
	if err != nil {
		return r.advise(err, datasources)
	}
	for _, c := range matches {
		if err := c.Update(r.patch); err != nil {
			return r.suggest(err)
		}
		to.touched[c.Datasource().Name()] = true
	}
	return nil
}

// advise adds to the error of an edit that matches nothing what edits the references to published data sources, where
// those may be meant.
func (r *connectionRule) advise(err error, datasources []*tds.Datasource) error {
	var references []string
	for _, ds := range datasources {
		if _, ok := ds.Published(); ok {
			references = append(references, ds.Label())
		}
	}
	if !errors.Is(err, tds.ErrNotFound) || len(references) == 0 || r.match.Class != publishedClass && len(references) < len(datasources) {
		return err
	}
	return &advisedError{err, "the edit of a published data source is `published: " + references[0] + "`"}
}

// otherWords are what people call properties of connections that have another name here.
var otherWords = map[string]string{"database": "dbname", "db": "dbname", "host": "server", "hostname": "server", "user": "username"}

// suggest adds to the error of a name that is not known the one that may be meant, and how to set an attribute of that name.
func (r *connectionRule) suggest(err error) error {
	missing, ok := errors.AsType[*tds.NotFoundError](err)
	if !ok {
		return err
	}
	for name := range r.patch.Attrs {
		if missing.What != "attribute "+strconv.Quote(name) {
			continue
		}
		hint := "new: true sets an attribute that is not known here"
		if meant := cmp.Or(otherWords[strings.ToLower(name)], nearest(name, missing.There)); slices.Contains(missing.There, meant) {
			hint = fmt.Sprintf("did you mean %q? If not, %s", meant, hint)
		}
		return &advisedError{err, hint}
	}
	return err
}

func describe(c *tds.Connection) string { return fmt.Sprintf("%s of %s", c, c.Datasource()) }
