package emulator

import (
	"slices"
	"time"
)

// project is one project of a site's tree. Its name is unique under its parent.
type project struct {
	luid, name, description string
	contentPermissions      string
	parent                  *project // nil at the top
	owner                   *user
	createdAt, updatedAt    time.Time
}

const (
	defaultProjectName = "Default"
	managedByOwner     = "ManagedByOwner"
)

// contentPermissions are the values of the schema.
var contentPermissions = []string{managedByOwner, "LockedToProject", "LockedToProjectWithoutNested"}

func (where *site) project(luid string) *project {
	return find(where.projects, func(p *project) bool { return p.luid == luid })
}

// defaultProject is where content goes that names no project. It is the first one, and never deleted.
func (where *site) defaultProject() *project { return where.projects[0] }

// within tells whether p is root or somewhere under it.
func (p *project) within(root *project) bool {
	for ; p != nil; p = p.parent {
		if p == root {
			return true
		}
	}
	return false
}

// projectFields are what projects may be filtered and sorted by, after "Filtering and Sorting in the REST API".
var projectFields = map[string]field[*project]{
	"createdAt":       timeField(func(p *project) time.Time { return p.createdAt }),
	"name":            textField(func(p *project) string { return p.name }),
	"ownerName":       textField(func(p *project) string { return p.owner.account.name }),
	"parentProjectId": textField((*project).parentLUID),
	"topLevelProject": boolField(func(p *project) bool { return p.parent == nil }),
	"updatedAt":       timeField(func(p *project) time.Time { return p.updatedAt }),
}

// listProjects answers GET projects.
func listProjects(c *call) (*reply, error) {
	return listing[*project]{
		name: "projects", items: c.site.projects, fields: projectFields, render: (*project).render,
	}.reply(c)
}

// createProject answers POST projects.
func createProject(c *call) (*reply, error) {
	now := stamp(c.now)
	p := project{luid: c.server.newID(), owner: c.user, contentPermissions: managedByOwner, createdAt: now, updatedAt: now}
	if c.body.child("project").attr("name") == "" {
		return nil, refuse(codeMalformed, "The request body has no project with a name.")
	}
	if err := p.change(c); err != nil {
		return nil, err
	}
	c.site.projects = append(c.site.projects, &p)
	return created(c.path("projects", p.luid), p.render()), nil
}

// updateProject answers PUT projects/{id}. Only what the request holds changes; clients read one project by sending an
// empty one.
func updateProject(c *call) (*reply, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	if c.body.child("project") == nil {
		return nil, refuse(codeMalformed, "The request body has no project.")
	}
	changed := *p
	if err := changed.change(c); err != nil {
		return nil, err
	}
	if changed != *p {
		changed.updatedAt = stamp(c.now)
		*p = changed
	}
	return ok(p.render()), nil
}

// project returns the project in the path.
func (c *call) project() (*project, error) {
	if p := c.site.project(c.vars["id"]); p != nil {
		return p, nil
	}
	return nil, refuse(codeNoProject, "Project '%s' could not be found.", c.vars["id"])
}

// change puts into p what the request says of it. It is called on a copy, which is kept only if all of it is right.
func (p *project) change(c *call) error {
	body := c.body.child("project")
	if name := body.attr("name"); name != "" && name != p.name {
		if p.luid == c.site.defaultProject().luid {
			return refuse(codeForbidden, "Project '%s' is the default project and keeps its name.", p.luid)
		}
		p.name = name
	}
	if description, given := body.lookup("description"); given {
		p.description = description
	}
	if permissions := body.attr("contentPermissions"); permissions != "" {
		if !slices.Contains(contentPermissions, permissions) {
			return refuse(codeMalformed, "'%s' is no value of contentPermissions.", permissions)
		}
		p.contentPermissions = permissions
	}
	if luid := body.child("owner").attr("id"); luid != "" {
		if p.owner = c.site.user(luid); p.owner == nil {
			return refuse(codeNoUser, "User '%s' could not be found.", luid)
		}
	}
	if luid, given := body.lookup("parentProjectId"); given { // empty: to the top
		if p.parent = c.site.project(luid); p.parent == nil && luid != "" {
			return refuse(codeNoProject, "Project '%s' could not be found.", luid)
		}
		self := c.site.project(p.luid) // nil while it is being made
		if p.parent != nil && (self == c.site.defaultProject() || self != nil && p.parent.within(self)) {
			return refuse(codeMalformed, "Project '%s' cannot be moved into project '%s'.", p.luid, luid)
		}
	}
	clash := find(c.site.projects, func(other *project) bool {
		return other.luid != p.luid && other.name == p.name && other.parent == p.parent
	})
	if clash != nil {
		return refuse(codeProjectExists, "Project '%s' has the name '%s' already.", clash.luid, p.name)
	}
	return nil
}

// deleteProject answers DELETE projects/{id}. What is in the project goes with it.
func deleteProject(c *call) (*reply, error) {
	root, err := c.project()
	if err != nil {
		return nil, err
	}
	if root == c.site.defaultProject() {
		return nil, refuse(codeForbidden, "Project '%s' is the default project and cannot be deleted.", root.luid)
	}
	c.site.assets = slices.DeleteFunc(c.site.assets, func(a *asset) bool { return a.project.within(root) })
	c.site.projects = slices.DeleteFunc(c.site.projects, func(p *project) bool { return p.within(root) })
	return noContent(), nil
}

func (p *project) parentLUID() string {
	if p.parent == nil {
		return ""
	}
	return p.parent.luid
}

func (p *project) render() *element {
	return node("project", node("owner").with("id", p.owner.luid)).
		with("id", p.luid).
		with("name", p.name).
		with("description", p.description).
		withOptional("parentProjectId", p.parentLUID()).
		withBool("topLevelProject", p.parent == nil).
		with("createdAt", formatTime(p.createdAt)).
		with("updatedAt", formatTime(p.updatedAt)).
		with("contentPermissions", p.contentPermissions)
}
