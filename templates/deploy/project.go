package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// projects are those of one site, by their paths. One listing tells of all that are there; it is asked for again when one was
// made. They are safe for concurrent use: what two templates need is made once.
type projects struct {
	session *rest.Session
	tree    *memo[*rest.ProjectTree] // by the name ""

	making sync.Mutex
}

func newProjects(session *rest.Session) *projects {
	return &projects{session: session, tree: newMemo(func(ctx context.Context, _ string) (*rest.ProjectTree, error) {
		return session.Projects.Tree(ctx)
	})}
}

// find finds the project with a path, and makes nothing. The empty path, and Default in any letters, is the project that every
// site has. The error is a [*rest.NotFoundError], which lists what there is.
func (p *projects) find(ctx context.Context, path string) (rest.Project, error) {
	tree, err := p.tree.get(ctx, "")
	if err != nil {
		return rest.Project{}, err
	}
	if path == "" {
		return tree.Default()
	}
	project, err := tree.ByPath(path)
	if errors.Is(err, rest.ErrNotFound) && strings.EqualFold(path, "default") {
		return tree.Default()
	}
	if err != nil {
		err = fmt.Errorf("finding project %q: %w", path, err)
	}
	return project, err
}

// ensure finds the project that something goes to, and makes it if the manifest says so.
func (p *projects) ensure(ctx context.Context, want templates.Publish) (rest.Project, error) {
	p.making.Lock()
	defer p.making.Unlock()
	project, err := p.find(ctx, want.Project)
	if !want.CreateProject || want.Project == "" || !errors.Is(err, rest.ErrNotFound) {
		return project, err
	}
	defer p.tree.forget() // which also holds for what was made before a failure
	return p.session.Projects.EnsurePath(ctx, want.Project)
}
