package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"sync"
)

// named finds the objects of a name: those in the project, or in all with "", and those elsewhere.
func (c *content[T]) named(ctx context.Context, name, projectLUID string) (here, elsewhere []T, err error) {
	if name == "" {
		return nil, nil, errors.New("the name is empty")
	}
	for item, err := range c.all(ctx, Query{Filters: []Filter{Eq("name", name)}}) {
		if err != nil {
			return nil, nil, err
		}
		id := item.identity()
		switch {
		case id.name != name: // the server takes a * in the name for any text
		case projectLUID == "" || id.projectLUID == projectLUID:
			here = append(here, item)
		default:
			elsewhere = append(elsewhere, item)
		}
	}
	return here, elsewhere, nil
}

func (c *content[T]) byName(ctx context.Context, name, projectLUID string) (T, error) {
	here, elsewhere, err := c.named(ctx, name, projectLUID)
	if err == nil && len(here) == 1 {
		return here[0], nil
	}
	if err == nil {
		tree, unlisted := c.s.Projects.Tree(ctx)
		if unlisted != nil { // the names of projects have to do
			tree = newProjectTree(nil)
		}
		in := ""
		switch path := tree.Path(projectLUID); {
		case path != "":
			in = fmt.Sprintf("project %q", path)
		case projectLUID != "":
			in = "project " + projectLUID
		}
		err = c.notOne(name, in, here, elsewhere, tree)
	}
	var none T
	return none, fmt.Errorf("finding %s %q: %w", c.kind, name, err)
}

// notOne is the error of a lookup that did not find one object alone.
func (c *content[T]) notOne(name, in string, found, elsewhere []T, tree *ProjectTree) error {
	where := func(item T) string { return item.identity().place(tree) }
	if len(found) > 1 {
		return &AmbiguousError{Kind: c.kind, Name: name, Matches: convert(found, where)}
	}
	return &NotFoundError{Kind: c.kind, Name: name, In: in, Available: convert(elsewhere, where)}
}

// place tells where an object is, with the full path of its project if the tree has it.
func (id identity) place(tree *ProjectTree) string {
	if id.projectLUID == "" {
		return id.luid + " in a personal space"
	}
	return fmt.Sprintf("%s in project %q (%s)", id.luid, cmp.Or(tree.Path(id.projectLUID), id.projectName), id.projectLUID)
}

// placeOf tells where an object is, with the name of its project.
func placeOf[T publishable](item T) string { return item.identity().place(newProjectTree(nil)) }

// luidForm is what the LUIDs of servers look like.
var luidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// find reads an object that is named by its LUID, its name, or the full path of a project and its name: Finance/EMEA/Sales.
// Names may hold slashes themselves, so every way of cutting the text in two is tried.
func (c *content[T]) find(ctx context.Context, ref string) (T, error) {
	luid, err := ref, error(nil)
	if !luidForm.MatchString(ref) {
		luid, err = c.lookUp(ctx, ref)
	}
	var found T
	if err == nil {
		found, err = c.read(ctx, luid) // lists leave fields out
	}
	if err != nil {
		return found, fmt.Errorf("finding %s %q: %w", c.kind, ref, err)
	}
	return found, nil
}

// lookUp is the LUID of the one object that a text names.
func (c *content[T]) lookUp(ctx context.Context, ref string) (string, error) {
	tree := sync.OnceValues(func() (*ProjectTree, error) { return c.s.Projects.Tree(ctx) })
	var found, elsewhere []T
	for path, name := range cuts(ref) {
		items, _, err := c.named(ctx, name, "")
		if err != nil {
			return "", err
		}
		for _, item := range items {
			if path != "" {
				projects, err := tree()
				if err != nil {
					return "", err
				}
				if projects.Path(item.identity().projectLUID) != path {
					elsewhere = append(elsewhere, item)
					continue
				}
			}
			found = append(found, item)
		}
	}
	if len(found) == 1 {
		return found[0].identity().luid, nil
	}
	projects := newProjectTree(nil)
	if len(found)+len(elsewhere) > 0 { // it says where they are
		var err error
		if projects, err = tree(); err != nil {
			return "", err
		}
	}
	return "", c.notOne(ref, "", found, elsewhere, projects)
}

// cuts are the ways in which a text may be a name, and the path of a project and a name.
func cuts(ref string) iter.Seq2[string, string] {
	return func(yield func(path, name string) bool) {
		if !yield("", ref) {
			return
		}
		for i, r := range ref {
			if r == '/' && i > 0 && i < len(ref)-1 && !yield(ref[:i], ref[i+1:]) {
				return
			}
		}
	}
}

// Find reads a workbook with its views, by its LUID, its name if there is one such workbook on the site, or the full path of
// its project and its name: Finance/EMEA/Sales. The errors are a [*NotFoundError], which lists the other projects with a
// workbook of that name, and an [*AmbiguousError], which lists the matches.
func (ws *WorkbooksService) Find(ctx context.Context, nameOrLUIDOrPath string) (Workbook, error) {
	return ws.content.find(ctx, nameOrLUIDOrPath)
}

// Find reads a data source by its LUID, its name if there is one such data source on the site, or the full path of its project
// and its name: Finance/EMEA/Orders. The errors are a [*NotFoundError], which lists the other projects with a data source of
// that name, and an [*AmbiguousError], which lists the matches.
func (ds *DatasourcesService) Find(ctx context.Context, nameOrLUIDOrPath string) (Datasource, error) {
	return ds.content.find(ctx, nameOrLUIDOrPath)
}
