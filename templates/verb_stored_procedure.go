package templates

import (
	"fmt"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// procedureSpec sets the arguments of a stored procedure, or links them to parameters.
var procedureSpec = verbSpec{
	key: "stored_procedure", what: "the edit of a stored_procedure", keys: []string{"set", "link", "unlink", "new"}, oneOf: []string{"set", "link", "unlink"},
	decode: decodeProcedure,
}

type procedureVerb struct {
	match  relationMatch
	unlink *list
	link   []attribute
	set    []attribute
	// mayBeNew adds arguments that the template does not have.
	mayBeNew bool
}

func decodeProcedure(d *editDecoder) verb {
	v := &procedureVerb{}
	d.narrowed()
	d.known["stored_procedure"] = v.match.decode(d, "stored_procedure")
	d.known["set"] = d.arguments(&v.set, "set", d.value)
	d.known["link"] = d.arguments(&v.link, "link", d.text)
	d.known["new"] = func(n *yaml.Node) { v.mayBeNew = d.flag(n, "new") }
	d.known["unlink"] = func(n *yaml.Node) { v.unlink = d.list(n, "unlink", use{secrets: true}) }
	return v
}

// arguments decodes a mapping from the names of arguments.
func (d *editDecoder) arguments(to *[]attribute, what string, decode func(*yaml.Node, string, use) *value) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		if !d.isMapping(n, what) {
			return
		}
		if len(n.Content) == 0 {
			d.problem(n, "", "%s must not be empty", what)
		}
		for key, val := range pairs(n) {
			*to = append(*to, attribute{key.Value, decode(val, key.Value, use{secrets: true})})
		}
	}
}

type procedureRule struct {
	match  tds.RelationMatch
	unlink []string
	link   [][2]string // argument and parameter
	set    []argument

	mayBeNew bool
}

type argument struct {
	name     string
	value    tds.Value
	computed bool // by an expression
}

func (v *procedureVerb) resolve(e *evaluator) rule {
	r := &procedureRule{match: v.match.resolve(e), mayBeNew: v.mayBeNew}
	for _, name := range e.values(v.unlink) {
		r.unlink = append(r.unlink, name.String())
	}
	for _, a := range v.link {
		r.link = append(r.link, [2]string{a.name, e.selector(a.value)})
	}
	for _, a := range v.set {
		r.set = append(r.set, argument{a.name, e.value(a.value), a.value.computed()})
	}
	return r
}

func (r *procedureRule) apply(to *Rendering, e resolved) error {
	matches, err := inRelations(to, e, "stored procedure", r.match, (*tds.Datasource).Procedures)
	if err != nil {
		return err
	}
	for _, p := range matches {
		if err := r.applyTo(p); err != nil {
			return err
		}
	}
	return nil
}

// applyTo drops links first, so that what was linked can be set.
func (r *procedureRule) applyTo(p *tds.Procedure) error {
	for _, name := range r.unlink {
		if err := p.UnlinkArgument(name); err != nil {
			return err
		}
	}
	for _, a := range r.link {
		if _, err := r.argument(p, a[0], tds.Null()); err != nil {
			return err
		}
		if err := p.LinkArgument(a[0], a[1]); err != nil {
			return err
		}
	}
	for _, a := range r.set {
		old, err := r.argument(p, a.name, a.value)
		if err != nil {
			return err
		}
		if err := p.SetArgument(a.name, a.value); err != nil {
			return advise(err, a.computed, old.Datatype, a.value)
		}
	}
	return nil
}

// argument is an argument of a procedure as it is, or new with a value if there is none and the edit says that this may be.
func (r *procedureRule) argument(p *tds.Procedure, name string, value tds.Value) (tds.Argument, error) {
	a, err := p.Argument(name)
	switch {
	case err == nil:
		return a, nil
	case !r.mayBeNew:
		return a, &advisedError{fmt.Errorf("%s: %w", p.Datasource(), err), "new: true adds an argument that the template does not have"}
	}
	if err := p.AddArgument(name, value); err != nil {
		return a, err
	}
	return p.Argument(name)
}
