package templates

import (
	"slices"
	"strings"
)

// order puts the templates in the order in which they are published, and reports what stands in the way of one.
func (d *manifestDecoder) order() {
	byName := map[string]*Template{}
	for _, t := range d.manifest.templates {
		byName[t.Name] = t
	}
	for _, t := range d.manifest.templates {
		for _, ref := range t.refs {
			if ref.path[0] != "published" {
				continue
			}
			if len(ref.path) == 1 {
				d.found = append(d.found, ref.at.problem("write published. and the name of a template", "published is not a value"))
				continue
			}
			needed := byName[ref.path[1]] // nil is an undefined name, which check reports
			if needed != nil && !slices.Contains(t.needs, needed) {
				t.needs = append(t.needs, needed)
			}
			if needed != nil && needed.workbook {
				d.found = append(d.found, ref.at.problem("", "%s: template %q is a workbook, not a data source", ref, needed.Name))
			}
		}
	}
	o := orderer{state: map[*Template]visit{}}
	for _, t := range d.manifest.templates {
		o.visit(t)
	}
	d.manifest.templates = o.ordered
	d.found = append(d.found, o.found...)
}

type visit int

const (
	unseen visit = iota
	open         // on the way to the template that is being visited
	done
)

// orderer visits templates depth first.
type orderer struct {
	state   map[*Template]visit
	path    []*Template
	ordered []*Template
	found   Problems
}

func (o *orderer) visit(t *Template) {
	switch o.state[t] {
	case done:
		return
	case open:
		circle := o.path[slices.Index(o.path, t):]
		var names []string
		for _, member := range slices.Concat(circle, []*Template{t}) {
			names = append(names, member.Name)
		}
		o.found = append(o.found, t.at.problem("", "the templates need each other published first: %s", strings.Join(names, " -> ")))
		return
	}
	o.state[t] = open
	o.path = append(o.path, t)
	for _, needed := range t.needs {
		o.visit(needed)
	}
	o.path = o.path[:len(o.path)-1]
	o.state[t] = done
	o.ordered = append(o.ordered, t)
}

// check evaluates, for every site, everything that needs no secret.
func (m *Manifest) check() Problems {
	gathered := siteProblems{total: len(m.sites)}
	for _, s := range m.sites {
		for _, p := range m.checkSite(s) {
			gathered.add(s.Key, p)
		}
	}
	return gathered.problems()
}

func (m *Manifest) checkSite(s *Site) Problems {
	e := s.evaluator()
	if s.signIn != nil {
		e.text(s.signIn.name)
		e.text(s.signIn.password)
	}
	published := map[string]Published{}
	names := map[string]*Template{}
	for _, t := range m.templates {
		p := t.publishOn(s, e)
		published[t.Name] = p.published(s)
		kind := "data source "
		if t.workbook {
			kind = "workbook "
		}
		id := kind + strings.ToLower(p.Project+"\x00"+p.Name)
		if twin := names[id]; twin != nil && p.Name != "" {
			e.found = append(e.found, t.publish.as.at.problem("", "template %q is published as the %s%q in the same project as template %q",
				t.Name, kind, p.Name, twin.Name))
		}
		names[id] = t
	}
	e.names = withPublished(s.names, published)
	for _, t := range m.templates {
		for _, edit := range t.edits {
			edit.resolve(e)
		}
	}
	return e.found
}
