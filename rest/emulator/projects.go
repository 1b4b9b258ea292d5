package emulator

import (
	"slices"
	"time"
)

var projectOperations = []operation{
	op("GET", "sites/{site}/projects", onSite, nil, listProjects),
	op("POST", "sites/{site}/projects", onSite, readXML, createProject),
	op("PUT", "sites/{site}/projects/{id}", onSite, readXML, updateProject),
	op("DELETE", "sites/{site}/projects/{id}", onSite, nil, deleteProject),
}

// project is one project of a site's tree. Its name is unique under its parent.
type project struct {
	LUID, Name, Description string
	ContentPermissions      string
	Parent                  string // LUID; "" at the top
	Owner                   string // LUID of a user
	CreatedAt, UpdatedAt    time.Time
}

const defaultProjectName = "Default"

// The values of contentPermissions: who sets the permissions on what is in a project.
const (
	managedByOwner      = "ManagedByOwner"
	lockedToProject     = "LockedToProject" // the project, for what is nested in it too
	lockedWithoutNested = "LockedToProjectWithoutNested"
)

// contentPermissions are the values of the schema.
var contentPermissions = []string{managedByOwner, lockedToProject, lockedWithoutNested}

// defaultProject is where content goes that names no project. It is the first one, and never deleted.
func (where *site) defaultProject() *project { return where.projects.All()[0] }

// isWithin tells whether a project is root or somewhere under it, all by LUID.
func (where *site) isWithin(luid, root string) bool {
	for p := where.projects.Get(luid); p != nil; p = where.projects.Get(p.Parent) {
		if p.LUID == root {
			return true
		}
	}
	return false
}

// projectFields are what projects may be filtered and sorted by, after "Filtering and Sorting in the REST API".
func projectFields(where *site) map[string]field[*project] {
	return map[string]field[*project]{
		"createdAt":       timeField(func(p *project) time.Time { return p.CreatedAt }),
		"name":            textField(func(p *project) string { return p.Name }),
		"ownerName":       textField(func(p *project) string { return where.userName(p.Owner) }),
		"parentProjectId": textField(func(p *project) string { return p.Parent }),
		"topLevelProject": boolField(func(p *project) bool { return p.Parent == "" }),
		"updatedAt":       timeField(func(p *project) time.Time { return p.UpdatedAt }),
	}
}

// listProjects answers GET projects.
func listProjects(c *call) (*reply, error) {
	return listing[*project]{
		name: "projects", items: c.site.projects.All(), fields: projectFields(c.site), render: (*project).render,
	}.reply(c)
}

// createProject answers POST projects.
func createProject(c *call) (*reply, error) {
	now := stamp(c.now)
	p := project{LUID: c.server.newID(), Owner: c.user.LUID, ContentPermissions: managedByOwner, CreatedAt: now, UpdatedAt: now}
	if c.body.child("project").attr("name") == "" {
		return nil, refuse(codeMalformed, "The request body has no project with a name.")
	}
	if err := p.change(c); err != nil {
		return nil, err
	}
	c.site.projects.Put(&p)
	c.site.inheritRules(&p)
	return created(c.path("projects", p.LUID), p.render()), nil
}

// updateProject answers PUT projects/{id}. Only what the request holds changes; clients read one project by sending an
// empty one.
func updateProject(c *call) (*reply, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	if err := c.allow(codeForbidden, "Write", p.securable()); err != nil {
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
		if changed.Parent != p.Parent || changed.ContentPermissions != p.ContentPermissions {
			c.site.unlockRules(p.LUID)
		}
		changed.UpdatedAt = stamp(c.now)
		c.site.projects.Put(&changed)
	}
	return ok(changed.render()), nil
}

// project returns the project in the path.
func (c *call) project() (*project, error) {
	if p := c.site.projects.Get(c.vars["id"]); p != nil {
		return p, nil
	}
	return nil, refuse(codeNoProject, "Project '%s' could not be found.", c.vars["id"])
}

// change puts into p what the request says of it. It is called on a copy, which is kept only if all of it is right.
func (p *project) change(c *call) error {
	body := c.body.child("project")
	if name := body.attr("name"); name != "" && name != p.Name {
		if p.LUID == c.site.defaultProject().LUID {
			return refuse(codeForbidden, "Project '%s' is the default project and keeps its name.", p.LUID)
		}
		p.Name = name
	}
	if description, given := body.lookup("description"); given {
		p.Description = description
	}
	if permissions := body.attr("contentPermissions"); permissions != "" {
		if !slices.Contains(contentPermissions, permissions) {
			return refuse(codeMalformed, "'%s' is no value of contentPermissions.", permissions)
		}
		p.ContentPermissions = permissions
	}
	if luid := body.child("owner").attr("id"); luid != "" {
		if c.site.users.Get(luid) == nil {
			return refuse(codeNoUser, "User '%s' could not be found.", luid)
		}
		p.Owner = luid
	}
	if luid, given := body.lookup("parentProjectId"); given { // empty: to the top
		if c.site.projects.Get(luid) == nil && luid != "" {
			return refuse(codeNoProject, "Project '%s' could not be found.", luid)
		}
		if luid != "" && (p.LUID == c.site.defaultProject().LUID || c.site.isWithin(luid, p.LUID)) {
			return refuse(codeMalformed, "Project '%s' cannot be moved into project '%s'.", p.LUID, luid)
		}
		p.Parent = luid
	}
	clash := find(c.site.projects.All(), func(other *project) bool {
		return other.LUID != p.LUID && other.Name == p.Name && other.Parent == p.Parent
	})
	if clash != nil {
		return refuse(codeProjectExists, "Project '%s' has the name '%s' already.", clash.LUID, p.Name)
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
		return nil, refuse(codeForbidden, "Project '%s' is the default project and cannot be deleted.", root.LUID)
	}
	for _, k := range kinds {
		for _, a := range k.of(c.site).All() {
			if c.site.isWithin(a.Project, root.LUID) {
				c.remove(a)
			}
		}
	}
	var doomed []string // first all of them: a project is found to be within by its parents
	for _, p := range c.site.projects.All() {
		if c.site.isWithin(p.LUID, root.LUID) {
			doomed = append(doomed, p.LUID)
		}
	}
	for _, luid := range doomed {
		c.site.projects.Delete(luid)
		c.site.forgetRules(luid)
	}
	return noContent(), nil
}

func (p *project) render() *element {
	return node("project", node("owner").with("id", p.Owner)).
		with("id", p.LUID).
		with("name", p.Name).
		with("description", p.Description).
		withOptional("parentProjectId", p.Parent).
		withBool("topLevelProject", p.Parent == "").
		with("createdAt", formatTime(p.CreatedAt)).
		with("updatedAt", formatTime(p.UpdatedAt)).
		with("contentPermissions", p.ContentPermissions)
}
