package templates

import (
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"
)

// publishSettings is the `publish` of a template, as it is written.
type publishSettings struct {
	as, project, description, owner *value
	createProject, showTabs         *value
	hideViews, tags                 *list
	refresh                         *value
	credentials                     []*credentialSettings
	permissions                     *permissionSettings
	schedules                       []*scheduleSettings
}

func (d *manifestDecoder) publish(t *Template, n *yaml.Node) {
	p := &t.publish
	text := func(to **value, what string) func(n *yaml.Node) {
		return func(n *yaml.Node) { *to = d.text(n, what, use{}) }
	}
	workbooks := func(what string, decode func(n *yaml.Node)) func(n *yaml.Node) {
		return func(n *yaml.Node) {
			if !t.workbook && t.Path != "" {
				d.problem(n, "", "%s is for workbooks, and %s is a data source", what, filepath.Base(t.Path))
				return
			}
			decode(n)
		}
	}
	const what = "publish"
	if d.record(n, what, fields{
		"as":               text(&p.as, "as"),
		"project":          text(&p.project, "project"),
		"description":      text(&p.description, "description"),
		"owner":            text(&p.owner, "owner"),
		"create_project":   d.toggled(&p.createProject, "create_project"),
		"show_tabs":        workbooks("show_tabs", d.toggled(&p.showTabs, "show_tabs")),
		"hide_views":       workbooks("hide_views", func(n *yaml.Node) { p.hideViews = d.names(n, "hide_views") }),
		"tags":             func(n *yaml.Node) { p.tags = d.names(n, "tags") },
		"refresh_extracts": func(n *yaml.Node) { p.refresh = d.value(n, "refresh_extracts", use{}) },
		"credentials":      func(n *yaml.Node) { d.records(n, "credentials", func(n *yaml.Node) { d.credential(p, n) }) },
		"permissions":      func(n *yaml.Node) { p.permissions = d.permissions(n) },
		"schedules":        func(n *yaml.Node) { d.records(n, "schedules", func(n *yaml.Node) { d.schedule(p, n) }) },
	}) {
		d.required(n, what, "as")
	}
}

// toggled decodes a value that is true or false.
func (d *decoder) toggled(to **value, what string) func(n *yaml.Node) {
	return func(n *yaml.Node) { *to = d.toggle(n, what, use{}) }
}

// conditional decodes the `when` of a setting.
func (d *decoder) conditional(to **expression) func(n *yaml.Node) {
	return func(n *yaml.Node) { *to = d.condition(n) }
}

// on evaluates the settings for a site, all but the credentials.
func (p *publishSettings) on(s *Site, e *evaluator) Publish {
	out := Publish{
		Project: s.Project, CreateProject: e.boolean(p.createProject), ShowTabs: e.boolean(p.showTabs),
		Owner: e.word(p.owner), Tags: e.distinct(p.tags, wordFault), HideViews: e.distinct(p.hideViews, blankFault),
		Refresh: e.refresh(p.refresh), Permissions: p.permissions.on(e), Schedules: e.schedules(p.schedules),
	}
	if name, ok := e.text(p.as); ok {
		out.Name = name
		if fault := nameFault(name); fault != "" {
			e.found = append(e.found, p.as.at.problem("", "the name %q %s", name, fault))
		}
	}
	if project, ok := e.text(p.project); ok {
		out.Project = project
		if fault := projectFault(project); fault != "" {
			e.found = append(e.found, p.project.at.problem("", "the project %q %s", project, fault))
		}
	}
	out.Description, _ = e.text(p.description)
	return out
}

// blankFault says why text is not the name of a view, which may begin and end with spaces.
func blankFault(text string) string {
	if strings.TrimSpace(text) == "" {
		return "is empty"
	}
	return ""
}

// refresh returns what a value says of what becomes of the extracts.
func (e *evaluator) refresh(v *value) Refresh {
	switch result, ok := e.eval(v); {
	case !ok || result == false:
		return RefreshNone
	case result == true:
		return RefreshStart
	case result == string(RefreshWait):
		return RefreshWait
	}
	e.found = append(e.found, v.at.problem("wait goes on when the refresh is done, true at once", "refresh_extracts must be true, false or wait"))
	return RefreshNone
}
