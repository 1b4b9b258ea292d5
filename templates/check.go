package templates

import (
	"maps"
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
		for _, e := range t.edits {
			d.needs(e, byName)
			t.needs = append(t.needs, e.needs...)
		}
	}
	o := orderer{state: map[*Template]visit{}}
	for _, t := range d.manifest.templates {
		o.visit(t)
	}
	d.manifest.templates = o.ordered
	d.found = append(d.found, o.found...)
}

// needs finds out whose published data sources an edit uses.
func (d *manifestDecoder) needs(e *edit, byName map[string]*Template) {
	for _, ref := range e.refs {
		if ref.path[0] != "published" {
			continue
		}
		if len(ref.path) == 1 {
			d.found = append(d.found, ref.at.problem("write published. and the name of a template", "published is not a value"))
			continue
		}
		needed := byName[ref.path[1]]
		if needed == nil {
			continue // an undefined name, which check reports
		}
		e.needs = append(e.needs, needed)
		if needed.workbook {
			d.found = append(d.found, ref.at.problem("", "%s: template %q is a workbook, not a data source", ref, needed.Name))
		}
	}
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
		s.signIn.on(e)
	}
	published := map[string]any{}
	names := map[string]*Template{}
	for _, t := range m.templates {
		before := len(e.found)
		if !e.holds(t.when) && len(e.found) == before {
			published[t.Name] = leftOut{}
			continue
		}
		p := t.publish.on(s, e)
		for _, c := range t.publish.credentials {
			c.on(e)
		}
		published[t.Name] = p.published(s)
		kind := "data source "
		if t.workbook {
			kind = "workbook "
		}
		project := strings.ToLower(p.Project)
		if project == "default" {
			project = "" // which says the same
		}
		id := kind + project + "\x00" + strings.ToLower(p.Name)
		if twin := names[id]; twin != nil && p.Name != "" {
			e.found = append(e.found, t.publish.as.at.problem("", "template %q is published as the %s%q in the same project as template %q",
				t.Name, kind, p.Name, twin.Name))
		}
		names[id] = t
	}
	e.names = maps.Clone(s.names)
	e.names["published"] = published
	for _, t := range m.templates {
		if published[t.Name] == (leftOut{}) {
			continue
		}
		for _, edit := range t.edits {
			edit.resolve(e)
		}
	}
	return e.found
}

// unusedTemplates returns a warning for each template that is for no site.
func (d *manifestDecoder) unusedTemplates() Problems {
	var found Problems
	for _, t := range d.manifest.templates {
		if t.when != nil && !slices.ContainsFunc(d.manifest.sites, t.For) {
			found = append(found, t.at.problem("", "template %q is for no site: its `when` leaves it out on all of them", t.Name))
		}
	}
	return found
}
