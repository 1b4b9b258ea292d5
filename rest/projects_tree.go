package rest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A ProjectTree is the projects of a site as they lie in one another, from one listing ("Query Projects"). It stays as it was
// when it was listed.
//
// The full path of a project is the names from the top level down, with slashes between them: "Finance/EMEA". Names may hold
// slashes themselves, so two projects can have the same full path. Where the user cannot see the parent of a project, its
// path begins with "…": "…/EMEA".
type ProjectTree struct {
	projects []Project
	byLUID   map[string]int   // places in projects
	paths    []string         // full path of each
	byPath   map[string][]int // by full path
	children map[string][]int // by LUID of the parent
}

// unseen stands in a path for the projects above one that the user cannot see.
const unseen = "…"

func newProjectTree(projects []Project) *ProjectTree {
	t := &ProjectTree{
		projects: projects, byLUID: map[string]int{}, paths: make([]string, len(projects)),
		byPath: map[string][]int{}, children: map[string][]int{},
	}
	for i, p := range projects {
		t.byLUID[p.LUID] = i
		t.children[p.ParentLUID] = append(t.children[p.ParentLUID], i)
	}
	for i := range projects {
		t.paths[i] = t.trace(i)
		t.byPath[t.paths[i]] = append(t.byPath[t.paths[i]], i)
	}
	return t
}

// trace is the full path of a project. Projects that were moved while they were listed may seem to lie in one another: then
// the one that is met again counts as one that cannot be seen.
func (t *ProjectTree) trace(i int) string {
	if t.paths[i] != "" {
		return t.paths[i]
	}
	p := t.projects[i]
	above := ""
	if p.ParentLUID != "" {
		above = unseen
		if parent, seen := t.byLUID[p.ParentLUID]; seen {
			t.paths[i] = unseen // what is found here by one that is below and above
			above = t.trace(parent)
		}
		above += "/"
	}
	t.paths[i] = above + p.Name
	return t.paths[i]
}

// All are the projects, in the order of the listing.
func (t *ProjectTree) All() []Project { return slices.Clone(t.projects) }

// Path is the full path of a project, and "" if the tree has no such project.
func (t *ProjectTree) Path(luid string) string {
	if i, ok := t.byLUID[luid]; ok {
		return t.paths[i]
	}
	return ""
}

// Children are the projects in a project; "" stands for the site.
func (t *ProjectTree) Children(luid string) []Project { return t.pick(t.children[luid]) }

// ByLUID finds a project; the error is a [*NotFoundError].
func (t *ProjectTree) ByLUID(luid string) (Project, error) {
	if i, ok := t.byLUID[luid]; ok {
		return t.projects[i], nil
	}
	return Project{}, &NotFoundError{Kind: "project", Name: luid}
}

// ByPath finds the project with a full path. The errors are a [*NotFoundError], which lists the projects at the level where
// the path ends, and an [*AmbiguousError], which lists the LUIDs.
func (t *ProjectTree) ByPath(path string) (Project, error) {
	found := t.at(path)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Project{}, t.missing(path)
	}
	return Project{}, &AmbiguousError{Kind: "project", Name: path, Matches: convert(found, func(p Project) string { return p.LUID })}
}

// Find finds a project by its LUID, its full path or, if no project has that, by its name, wherever it lies. The errors are a
// [*NotFoundError] and an [*AmbiguousError], which lists where the projects lie.
func (t *ProjectTree) Find(nameOrLUIDOrPath string) (Project, error) {
	if i, ok := t.byLUID[nameOrLUIDOrPath]; ok {
		return t.projects[i], nil
	}
	if len(t.at(nameOrLUIDOrPath)) > 0 {
		return t.ByPath(nameOrLUIDOrPath)
	}
	var matches []string
	var found Project
	for i, p := range t.projects {
		if p.Name == nameOrLUIDOrPath {
			found = p
			matches = append(matches, fmt.Sprintf("%s at %q", p.LUID, t.paths[i]))
		}
	}
	switch len(matches) {
	case 1:
		return found, nil
	case 0:
		return Project{}, t.missing(nameOrLUIDOrPath)
	}
	return Project{}, &AmbiguousError{Kind: "project", Name: nameOrLUIDOrPath, Matches: matches}
}

// Default is the project that every site has; see [ProjectsService.Default].
func (t *ProjectTree) Default() (Project, error) { return t.standard("default") }

// standard is the project at the top level that has the name, in upper or lower case.
func (t *ProjectTree) standard(name string) (Project, error) {
	top := t.Children("")
	if i := slices.IndexFunc(top, func(p Project) bool { return strings.EqualFold(p.Name, name) }); i >= 0 {
		return top[i], nil
	}
	return Project{}, &NotFoundError{Kind: "project", Name: name, Available: convert(top, func(p Project) string { return strconv.Quote(p.Name) })}
}

// at are the projects with a full path.
func (t *ProjectTree) at(path string) []Project { return t.pick(t.byPath[path]) }

func (t *ProjectTree) pick(places []int) []Project {
	return convert(places, func(i int) Project { return t.projects[i] })
}

// follow goes down a path as far as there are projects: to the last of them, which is none at the top level, and the names of
// those that are missing. A path may only be followed through a project if it is the only one with its path.
func (t *ProjectTree) follow(path string) (last Project, names []string, err error) {
	for end := len(path); end > 0; end = strings.LastIndex(path[:end], "/") {
		if len(t.byPath[path[:end]]) == 0 {
			continue
		}
		last, err = t.ByPath(path[:end])
		if err != nil || end == len(path) {
			return last, nil, err
		}
		path = path[end+1:]
		break
	}
	names = strings.Split(path, "/")
	if slices.ContainsFunc(names, func(name string) bool { return strings.TrimSpace(name) == "" }) {
		return Project{}, nil, errors.New("the path has an empty part")
	}
	return last, names, nil
}

// missing is the error of a path that leads to no project.
func (t *ProjectTree) missing(path string) error {
	last, names, err := t.follow(path)
	if err != nil {
		return err
	}
	e := &NotFoundError{Kind: "project", Name: names[0]}
	if last.LUID != "" {
		e.In = fmt.Sprintf("project %q", t.Path(last.LUID))
	}
	e.Available = convert(t.Children(last.LUID), func(p Project) string { return strconv.Quote(p.Name) })
	return e
}
