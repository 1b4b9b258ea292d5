package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Project is a folder of a site ("Query Projects").
type Project struct {
	LUID               string    `api:"@id"`
	Name               string    `api:"@name"`
	Description        string    `api:"@description"`
	ParentLUID         string    `api:"@parentProjectId"`    // "" for a project at the top level
	ContentPermissions string    `api:"@contentPermissions"` // LockedToProject, LockedToProjectWithoutNested or ManagedByOwner
	OwnerLUID          string    `api:"owner/@id"`
	CreatedAt          time.Time `api:"@createdAt"`
	UpdatedAt          time.Time `api:"@updatedAt"`
}

// ProjectsService finds and makes projects. A path such as "Finance/EMEA" leads from the top level down by exact names.
type ProjectsService struct{ s *Session }

// All lists the projects the user can see ("Query Projects").
func (p *ProjectsService) All(ctx context.Context, q Query) iter.Seq2[Project, error] {
	return listing[Project]{
		op: "Query Projects", path: "projects", query: q, items: []string{"projects", "project"}, kinds: projectFilters,
	}.all(ctx, p.s)
}

// ByPath finds a project by its path. The errors are a [*NotFoundError], which lists the projects at the level where the path
// ends, and an [*AmbiguousError].
func (p *ProjectsService) ByPath(ctx context.Context, path string) (Project, error) {
	found, rest, err := p.resolve(ctx, path)
	if err == nil && len(rest.names) > 0 {
		err = rest.notFound()
	}
	if err != nil {
		return Project{}, fmt.Errorf("finding project %q: %w", path, err)
	}
	return found, nil
}

// ProjectCreate describes a project to make.
type ProjectCreate struct {
	Name               string `api:"@name"` // required
	Description        string `api:"@description"`
	ContentPermissions string `api:"@contentPermissions"` // "" for the server's default, ManagedByOwner
	ParentLUID         string `api:"@parentProjectId"`    // "" for the top level
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
	q := &request{op: "Create Project", method: http.MethodPost, path: "projects", tries: 2}
	if err := q.carry(encodeElement("project", c)); err != nil {
		return Project{}, err
	}
	made, err := read[Project](ctx, p.s, q, "project")
	if refused, ok := errors.AsType[*Error](err); ok && refused.ambiguous && errors.Is(err, ErrConflict) {
		return p.await(ctx, c.ParentLUID, c.Name, err) // the first attempt made it after all
	}
	return made, err
}

// EnsurePath finds a project by its path, and makes the levels that are missing. Somebody else making them at the same time
// does no harm.
func (p *ProjectsService) EnsurePath(ctx context.Context, path string) (Project, error) {
	found, rest, err := p.resolve(ctx, path)
	for _, name := range rest.names {
		if err != nil {
			break
		}
		parent := found.LUID
		found, err = p.create(ctx, ProjectCreate{Name: name, ParentLUID: parent})
		if errors.Is(err, ErrConflict) {
			found, err = p.await(ctx, parent, name, err)
		}
	}
	if err != nil {
		return Project{}, fmt.Errorf("making project %q: %w", path, err)
	}
	return found, nil
}

// A remainder is the part of a path that leads nowhere, and what there is instead.
type remainder struct {
	names    []string
	parent   string // path of the project it should be in, "" for the site
	siblings []string
}

func (r remainder) notFound() error {
	in := ""
	if r.parent != "" {
		in = fmt.Sprintf("project %q", r.parent)
	}
	return &NotFoundError{Kind: "project", Name: r.names[0], In: in, Available: r.siblings}
}

// resolve follows a path as far as it goes. All projects are fetched: that is one request for most sites, and the filters of
// the server cannot hold every name.
func (p *ProjectsService) resolve(ctx context.Context, path string) (found Project, rest remainder, err error) {
	names := strings.Split(path, "/")
	for _, name := range names {
		if strings.TrimSpace(name) == "" {
			return Project{}, remainder{}, errors.New("the path has an empty part")
		}
	}
	children := map[string][]Project{} // by LUID of the parent
	for project, err := range p.All(ctx, Query{PageSize: maxPage}) {
		if err != nil {
			return Project{}, remainder{}, err
		}
		children[project.ParentLUID] = append(children[project.ParentLUID], project)
	}
	for i, name := range names {
		level := children[found.LUID]
		next, ok, err := pickProject(level, name)
		if err != nil {
			return Project{}, remainder{}, err
		}
		if !ok {
			siblings := convert(level, func(p Project) string { return strconv.Quote(p.Name) })
			return found, remainder{names[i:], strings.Join(names[:i], "/"), siblings}, nil
		}
		found = next
	}
	return found, remainder{}, nil
}

func pickProject(level []Project, name string) (found Project, ok bool, err error) {
	var matches []string
	for _, p := range level {
		if p.Name == name {
			found, matches = p, append(matches, p.LUID)
		}
	}
	if len(matches) > 1 {
		return Project{}, false, &AmbiguousError{Kind: "project", Name: name, Matches: matches}
	}
	return found, len(matches) == 1, nil
}

// await finds a project that exists but may not be listed yet. Not listed in time, the error is the conflict that told of it.
func (p *ProjectsService) await(ctx context.Context, parentLUID, name string, conflict error) (Project, error) {
	var found Project
	there, err := patiently(ctx, func() (ok bool, err error) {
		var level []Project
		for project, err := range p.All(ctx, Query{PageSize: maxPage}) {
			if err != nil {
				return false, err
			}
			if project.ParentLUID == parentLUID {
				level = append(level, project)
			}
		}
		found, ok, err = pickProject(level, name)
		return ok, err
	})
	if err == nil && !there {
		err = conflict
	}
	return found, err
}

// convert makes one slice of another.
func convert[A, B any](in []A, f func(A) B) []B {
	var out []B
	for _, a := range in {
		out = append(out, f(a))
	}
	return out
}
