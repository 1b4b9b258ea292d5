package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// A Project is a folder of a site ("Query Projects").
type Project struct {
	LUID               string             `api:"@id"`
	Name               string             `api:"@name"`
	Description        string             `api:"@description"`
	ParentLUID         string             `api:"@parentProjectId"` // "" for a project at the top level
	TopLevel           bool               `api:"@topLevelProject"`
	ContentPermissions ContentPermissions `api:"@contentPermissions"`
	ControllingLUID    string             `api:"@controllingPermissionsProjectId"` // of the project above that this one is locked to, "" without one
	OwnerLUID          string             `api:"owner/@id"`
	OwnerName          string             `api:"owner/@name"` // when asked for by Query.Fields
	CreatedAt          time.Time          `api:"@createdAt"`
	UpdatedAt          time.Time          `api:"@updatedAt"`
	Writeable          *bool              `api:"@writeable"`      // the user may publish to it; nil when the server does not say
	FavoritesTotal     int                `api:"@favoritesTotal"` // when asked for by Query.Fields
	Contents           *ProjectContents   `api:"contentsCounts"`  // when asked for by Query.Fields, else nil
}

// ProjectContents is how much lies in a project, without what is in the projects nested in it.
type ProjectContents struct {
	Projects    int `api:"@projectCount"`
	Workbooks   int `api:"@workbookCount"`
	Views       int `api:"@viewCount"`
	Datasources int `api:"@datasourceCount|@dataSourceCount"`
}

// ContentPermissions says who sets the permissions of what is in a project.
type ContentPermissions string

const (
	// ManagedByOwner lets the owner of content set its permissions; it begins with the default permissions of the project.
	ManagedByOwner ContentPermissions = "ManagedByOwner"
	// LockedToProject gives all content the default permissions of the project, also in the projects nested in it.
	LockedToProject ContentPermissions = "LockedToProject"
	// LockedToProjectWithoutNested gives the content of the project itself its default permissions.
	LockedToProjectWithoutNested ContentPermissions = "LockedToProjectWithoutNested"
)

// ProjectsService works with the projects of a site, in which its content lies. A path such as "Finance/EMEA" is the full path
// of [ProjectTree]: exact names from the top level down. ByPath finds a project, EnsurePath makes it if need be, Default finds
// the one that every site has, and Tree looks up many at once.
//
// Permissions are those on the project itself, DefaultPermissions what content of a type begins with in it; Lock makes all of
// its content keep to them.
type ProjectsService struct{ s *Session }

// All lists the projects the user can see ("Query Projects").
func (p *ProjectsService) All(ctx context.Context, q Query) iter.Seq2[Project, error] {
	return listing[Project]{
		op: "Query Projects", path: "projects", query: q, items: []string{"projects", "project"}, kinds: projectFilters,
	}.all(ctx, p.s)
}

// Tree lists all the projects the user can see, to look up many of them ("Query Projects"). That is one request for up to
// 1000 projects.
func (p *ProjectsService) Tree(ctx context.Context) (*ProjectTree, error) {
	projects, err := Collect(p.All(ctx, Query{PageSize: maxPage}))
	if err != nil {
		return nil, err
	}
	return newProjectTree(projects), nil
}

// ByPath finds a project by its full path. The errors are a [*NotFoundError], which lists the projects at the level where the
// path ends, and an [*AmbiguousError]. All projects are fetched, because the filters of the server cannot hold every name;
// for several paths see [ProjectsService.Tree].
func (p *ProjectsService) ByPath(ctx context.Context, path string) (Project, error) {
	return p.find(ctx, path, (*ProjectTree).ByPath)
}

// ByLUID reads a project. It is looked for in the list of all projects, because the REST API cannot read a single one.
func (p *ProjectsService) ByLUID(ctx context.Context, luid string) (Project, error) {
	return p.find(ctx, luid, (*ProjectTree).ByLUID)
}

// Find finds a project by its LUID, its full path or, if no project has that, by its name, wherever it lies. The errors are a
// [*NotFoundError] and an [*AmbiguousError].
func (p *ProjectsService) Find(ctx context.Context, nameOrLUIDOrPath string) (Project, error) {
	return p.find(ctx, nameOrLUIDOrPath, (*ProjectTree).Find)
}

// Default finds the project that every site has, and that cannot be deleted. Its name is default or Default, which depends on
// the server. Where the user cannot see it the error is a [*NotFoundError].
func (p *ProjectsService) Default(ctx context.Context) (Project, error) {
	return p.find(ctx, "default", (*ProjectTree).standard)
}

func (p *ProjectsService) find(ctx context.Context, what string, in func(*ProjectTree, string) (Project, error)) (Project, error) {
	found, err := Project{}, errors.New("it is empty")
	var tree *ProjectTree
	if what != "" {
		tree, err = p.Tree(ctx)
	}
	if err == nil {
		found, err = in(tree, what)
	}
	if err != nil {
		return Project{}, fmt.Errorf("finding project %q: %w", what, err)
	}
	return found, nil
}

// ProjectCreate describes a project to make.
type ProjectCreate struct {
	Name               string             `api:"@name"` // required
	Description        string             `api:"@description"`
	ContentPermissions ContentPermissions `api:"@contentPermissions"` // "" for the server's default, ManagedByOwner
	ParentLUID         string             `api:"@parentProjectId"`    // "" for the top level
	OwnerLUID          string             `api:"owner/@id"`           // "" for the user (API 3.21)
	PublishSamples     bool               // put Tableau's sample workbooks into it
}

// Create makes a project ("Create Project"). A project of that name in the same place is an [ErrConflict].
func (p *ProjectsService) Create(ctx context.Context, c ProjectCreate) (Project, error) {
	made, err := p.create(ctx, c)
	if err != nil {
		return Project{}, fmt.Errorf("creating project %q: %w", c.Name, err)
	}
	return made, nil
}

func (p *ProjectsService) create(ctx context.Context, c ProjectCreate) (Project, error) {
	if c.Name == "" {
		return Project{}, errors.New("the name is empty")
	}
	if c.OwnerLUID != "" {
		if err := p.s.needs("the owner of a new project", Version{3, 21}); err != nil {
			return Project{}, err
		}
	}
	q := &request{op: "Create Project", method: http.MethodPost, path: "projects", query: samples(c.PublishSamples)}
	if err := q.carry(encodeElement("project", c)); err != nil {
		return Project{}, err
	}
	made, _, err := create(ctx, p.s, q, "project", func() (Project, error) { return p.child(ctx, c.ParentLUID, c.Name) })
	return made, err
}

func samples(publish bool) string {
	if publish {
		return "publishSamples=true"
	}
	return ""
}

// ProjectUpdate is what to change of a project; nil leaves it as it is.
type ProjectUpdate struct {
	Name               *string             `api:"@name"`
	Description        *string             `api:"@description"`
	ContentPermissions *ContentPermissions `api:"@contentPermissions"` // see also Lock
	ParentLUID         *string             `api:"@parentProjectId"`    // of the project to move it into; "" moves it to the top level
	OwnerLUID          *string             `api:"owner/@id"`
	PublishSamples     bool                // put Tableau's sample workbooks into it
}

// Update changes a project, and returns it as it is then ("Update Project"). Moved into another project it keeps what is in
// it. A project of that name in the same place is an [ErrConflict].
func (p *ProjectsService) Update(ctx context.Context, luid string, u ProjectUpdate) (Project, error) {
	return p.update(ctx, "updating", luid, u)
}

// Lock makes all content of a project have its default permissions, also in the projects nested in it ("Update Project").
func (p *ProjectsService) Lock(ctx context.Context, luid string) (Project, error) {
	return p.update(ctx, "locking", luid, ProjectUpdate{ContentPermissions: new(LockedToProject)})
}

// LockWithoutNested makes the content of a project itself have its default permissions ("Update Project").
func (p *ProjectsService) LockWithoutNested(ctx context.Context, luid string) (Project, error) {
	return p.update(ctx, "locking", luid, ProjectUpdate{ContentPermissions: new(LockedToProjectWithoutNested)})
}

// Unlock lets owners set the permissions of their content again; it keeps those it has ("Update Project"). A project that
// is locked by one above it cannot be unlocked by itself: see Project.ControllingLUID.
func (p *ProjectsService) Unlock(ctx context.Context, luid string) (Project, error) {
	return p.update(ctx, "unlocking", luid, ProjectUpdate{ContentPermissions: new(ManagedByOwner)})
}

func (p *ProjectsService) update(ctx context.Context, doing, luid string, u ProjectUpdate) (Project, error) {
	err := checkLUID("project", luid)
	if err == nil && u.Name != nil && *u.Name == "" {
		err = errors.New("the name is empty")
	}
	q := &request{op: "Update Project", method: http.MethodPut, path: "projects/" + segments(luid), query: samples(u.PublishSamples)}
	if err == nil {
		err = q.carry(encodeElement("project", u))
	}
	var changed Project
	if err == nil {
		changed, err = read[Project](ctx, p.s, q, "project")
	}
	if err != nil {
		return Project{}, fmt.Errorf("%s project %q: %w", doing, luid, err)
	}
	return changed, nil
}

// Delete deletes a project with all that is in it, also the projects nested in it ("Delete Project").
func (p *ProjectsService) Delete(ctx context.Context, luid string) error {
	err := checkLUID("project", luid)
	if err == nil {
		err = p.s.remove(ctx, &request{op: "Delete Project", method: http.MethodDelete, path: "projects/" + segments(luid)})
	}
	if err != nil {
		return fmt.Errorf("deleting project %q: %w", luid, err)
	}
	return nil
}

// EnsurePath finds a project by its full path, and makes the levels that are missing: one for each part between slashes.
// Somebody else making them at the same time does no harm.
func (p *ProjectsService) EnsurePath(ctx context.Context, path string) (Project, error) {
	found, err := p.ensure(ctx, path)
	if err != nil {
		return Project{}, fmt.Errorf("making project %q: %w", path, err)
	}
	return found, nil
}

func (p *ProjectsService) ensure(ctx context.Context, path string) (Project, error) {
	if path == "" {
		return Project{}, errors.New("the path is empty")
	}
	tree, err := p.Tree(ctx)
	if err != nil {
		return Project{}, err
	}
	found, names, err := tree.follow(path)
	for _, name := range names {
		if err != nil {
			break
		}
		parent := found.LUID
		found, err = p.create(ctx, ProjectCreate{Name: name, ParentLUID: parent})
		if errors.Is(err, ErrConflict) {
			found, err = await(ctx, err, func() (Project, error) { return p.child(ctx, parent, name) })
		}
	}
	return found, err
}

// child finds a project by its name in another one; "" stands for the site.
func (p *ProjectsService) child(ctx context.Context, parentLUID, name string) (Project, error) {
	tree, err := p.Tree(ctx)
	if err != nil {
		return Project{}, err
	}
	for _, child := range tree.Children(parentLUID) {
		if child.Name == name {
			return child, nil
		}
	}
	return Project{}, &NotFoundError{Kind: "project", Name: name}
}

// convert makes one slice of another.
func convert[A, B any](in []A, f func(A) B) []B {
	var out []B
	for _, a := range in {
		out = append(out, f(a))
	}
	return out
}
