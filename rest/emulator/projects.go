package emulator

import (
	"slices"
	"strconv"
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

// listProjects answers GET projects: those that the caller may see.
func listProjects(c *call) (*reply, error) {
	items := c.site.projects.All()
	if !c.user.isAdministrator() {
		items = slices.DeleteFunc(slices.Clone(items), func(p *project) bool { return !c.may("Read", p.securable()) })
	}
	counts := make(map[string]*contentsCounts)
	if c.query["fields"] != "" {
		counts = c.site.countContents()
	}
	return listing[*project]{
		name: "projects", items: items, fields: projectFields(c.site),
		render: func(p *project) *element {
			e := p.render(c.site).withExtra("writeable", strconv.FormatBool(c.may("Write", p.securable())))
			if count := counts[p.LUID]; count != nil {
				e.add(count.render().asExtra())
			}
			return e
		},
	}.reply(c)
}

// contentsCounts are how many things are in a project, not counting what is in those nested in it.
type contentsCounts struct{ projects, workbooks, views, datasources int }

// countContents counts what is in every project of the site.
func (where *site) countContents() map[string]*contentsCounts {
	counts := make(map[string]*contentsCounts)
	for _, p := range where.projects.All() {
		counts[p.LUID] = new(contentsCounts)
	}
	for _, p := range where.projects.All() {
		if p.Parent != "" {
			counts[p.Parent].projects++
		}
	}
	for _, a := range where.workbooks.All() {
		counts[a.Project].workbooks++
		counts[a.Project].views += len(where.viewsOf(a))
	}
	for _, a := range where.datasources.All() {
		counts[a.Project].datasources++
	}
	return counts
}

func (n *contentsCounts) render() *element {
	return node("contentsCounts").
		with("projectCount", strconv.Itoa(n.projects)).
		with("workbookCount", strconv.Itoa(n.workbooks)).
		with("viewCount", strconv.Itoa(n.views)).
		with("datasourceCount", strconv.Itoa(n.datasources))
}

// createProject answers POST projects. A project at the top is for administrators to make, one within another for those
// who lead that. The parameter publishSamples may be there; this server has no samples.
func createProject(c *call) (*reply, error) {
	if _, err := c.flag("publishSamples"); err != nil {
		return nil, err
	}
	if c.body.child("project").attr("name") == "" {
		return nil, refuse(codeMalformed, "The request body has no project with a name.")
	}
	now := stamp(c.now)
	p := project{LUID: c.server.newID(), Owner: c.user.LUID, ContentPermissions: managedByOwner, CreatedAt: now, UpdatedAt: now}
	if err := p.change(c); err != nil {
		return nil, err
	}
	if err := p.mayBeIn(c, codeProjectForbidden); err != nil {
		return nil, err
	}
	if err := c.mayGive(p.Owner, c.user.LUID, p.securable()); err != nil {
		return nil, err
	}
	c.site.projects.Put(&p)
	c.site.inheritRules(&p)
	return created(c.path("projects", p.LUID), p.render(c.site)), nil
}

// mayBeIn refuses unless the caller may put the project where it is.
func (p *project) mayBeIn(c *call, code int) error {
	if p.Parent != "" {
		return c.allow(code, "ProjectLeader", c.site.projects.Get(p.Parent).securable())
	}
	if !c.user.isAdministrator() {
		return refuse(code, "User '%s' is not an administrator and may not put project '%s' at the top.", c.user.LUID, p.LUID)
	}
	return nil
}

// mayGive refuses unless the caller may make a user the owner of a project: administrators and the owner may, and the new
// owner is somebody whose site role lets them lead one.
func (c *call) mayGive(owner, from string, on securable) error {
	to := c.site.users.Get(owner)
	switch {
	case owner == from:
		return nil
	case !c.user.isAdministrator() && c.user.LUID != from:
		return refuse(codeForbidden, "User '%s' may not change the owner of project '%s'.", c.user.LUID, on.luid)
	case !to.isAdministrator() && !to.reaches("ProjectLeader"):
		return refuse(codeForbidden, "User '%s' cannot own project '%s' with the site role %s.", owner, on.luid, to.Role)
	}
	return nil
}

// updateProject answers PUT projects/{id}. Only what the request holds changes; clients read one project by sending an
// empty one, which takes no more than to see it.
func updateProject(c *call) (*reply, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	if _, err := c.flag("publishSamples"); err != nil {
		return nil, err
	}
	if c.body.child("project") == nil {
		return nil, refuse(codeMalformed, "The request body has no project.")
	}
	changed := *p
	problem := changed.change(c)
	if problem == nil && changed == *p {
		return ok(p.render(c.site)), c.allow(codeForbidden, "Read", p.securable())
	}
	if err := p.mayBecome(c, &changed); err != nil { // comes first: a problem may tell of projects the caller does not see
		return nil, err
	}
	if problem != nil {
		return nil, problem
	}
	if changed.Parent != p.Parent || changed.ContentPermissions != p.ContentPermissions {
		c.site.unlockRules(p.LUID)
	}
	changed.UpdatedAt = stamp(c.now)
	c.site.projects.Put(&changed)
	return ok(changed.render(c.site)), nil
}

// mayBecome refuses a change of the project that the caller may not make.
func (p *project) mayBecome(c *call, changed *project) error {
	if err := c.allow(codeForbidden, "ProjectLeader", p.securable()); err != nil {
		return err
	}
	if changed.Parent != p.Parent {
		if err := changed.mayBeIn(c, codeForbidden); err != nil {
			return err
		}
	}
	return c.mayGive(changed.Owner, p.Owner, p.securable())
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
	isDefault := p.LUID == c.site.defaultProject().LUID
	if name := body.attr("name"); name != "" && name != p.Name {
		if isDefault {
			return refuse(codeForbidden, "Project '%s' is the default project and keeps its name.", p.LUID)
		}
		p.Name = name
	}
	if description, given := body.lookup("description"); given {
		p.Description = description
	}
	if luid := body.child("owner").attr("id"); luid != "" && luid != p.Owner {
		if _, err := c.person(luid); err != nil {
			return err
		}
		p.Owner = luid
	}
	if luid, given := body.lookup("parentProjectId"); given { // empty: to the top
		if c.site.projects.Get(luid) == nil && luid != "" {
			return refuse(codeNoProject, "Project '%s' could not be found.", luid)
		}
		if luid != "" && (isDefault || c.site.isWithin(luid, p.LUID)) {
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
	return p.changeLock(c.site, body.attr("contentPermissions"))
}

// changeLock sets who sets the permissions on what is in the project. Within a project that is locked with what is nested
// in it there is no choice; clients that send back what they read say nothing else.
func (p *project) changeLock(where *site, permissions string) error {
	lock := where.lockAbove(p.Parent)
	switch {
	case permissions == "":
		return nil
	case !slices.Contains(contentPermissions, permissions):
		return refuse(codeMalformed, "'%s' is no value of contentPermissions.", permissions)
	case lock == "":
		p.ContentPermissions = permissions
	case permissions != lockedToProject:
		return refuse(codeForbidden, "The permissions of project '%s' are locked to project '%s'.", p.LUID, lock)
	}
	return nil
}

// deleteProject answers DELETE projects/{id}. What is in the project goes with it.
func deleteProject(c *call) (*reply, error) {
	root, err := c.project()
	if err != nil {
		return nil, err
	}
	if err := c.allow(codeForbidden, "ProjectLeader", root.securable()); err != nil {
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
	for _, v := range c.site.virtualConnections.All() {
		if c.site.isWithin(v.Project, root.LUID) {
			c.site.dropVirtualConnection(v)
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
		c.server.forgetContent(c.site, luid)
	}
	return noContent(), nil
}

func (p *project) render(where *site) *element {
	permissions, lock := p.ContentPermissions, where.lockAbove(p.Parent)
	if lock != "" {
		permissions = lockedToProject
	}
	return node("project", node("owner").with("id", p.Owner).withExtra("name", where.userName(p.Owner))).
		with("id", p.LUID).
		with("name", p.Name).
		with("description", p.Description).
		withOptional("parentProjectId", p.Parent).
		withBool("topLevelProject", p.Parent == "").
		with("createdAt", formatTime(p.CreatedAt)).
		with("updatedAt", formatTime(p.UpdatedAt)).
		with("contentPermissions", permissions).
		withOptional("controllingPermissionsProjectId", lock)
}
