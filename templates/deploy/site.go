package deploy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// signOutTime is how long the goodbye to a server may take; a session that was not
// ended ends by itself.
const signOutTime = 10 * time.Second

// publishSite publishes all templates to one site.
func (r *run) publishSite(ctx context.Context, i int) {
	if ctx.Err() != nil {
		return // the site was not reached, which its empty results tell
	}
	start := time.Now()
	session, err := r.signIn(ctx, r.sites[i])
	if err != nil {
		r.add(i, Result{Action: Failed, Duration: time.Since(start), Err: err})
		return
	}
	p := &site{
		run: r, site: r.sites[i], session: session,
		published: map[string]templates.Published{}, projects: map[string]rest.Project{},
	}
	for _, t := range r.manifest.Templates() {
		start := time.Now()
		result := p.publish(ctx, t)
		result.Template, result.Duration = t.Name, time.Since(start)
		r.add(i, result)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), signOutTime)
	defer cancel()
	if err := session.SignOut(ctx); err != nil {
		r.results[i].Warning = r.manifest.Mask(err.Error())
	}
}

func (r *run) signIn(ctx context.Context, s *templates.Site) (*rest.Session, error) {
	client, err := r.clients[s.Server]()
	if err != nil {
		return nil, err
	}
	signIn, err := s.SignIn()
	if err != nil {
		return nil, err
	}
	var credentials rest.Credentials
	switch {
	case signIn.TokenName != "":
		credentials = rest.PersonalAccessToken{Name: signIn.TokenName, Secret: string(signIn.TokenSecret)}
	case signIn.User != "":
		credentials = rest.UserPassword{Name: signIn.User, Password: string(signIn.Password)}
	default: // of the emulator, which lets anybody in
		credentials = rest.UserPassword{Name: "admin", Password: "admin"}
	}
	return client.SignIn(ctx, credentials, s.ContentURL)
}

// site is the work on one site.
type site struct {
	run       *run
	site      *templates.Site
	session   *rest.Session
	published map[string]templates.Published
	projects  map[string]rest.Project // by path, as far as they were looked for
}

// publish renders and publishes one template.
func (p *site) publish(ctx context.Context, t *templates.Template) Result {
	for _, needed := range t.Needs() {
		if _, ok := p.published[needed.Name]; !ok {
			return Result{Action: Skipped, Err: fmt.Errorf("it uses template %q, which was not published here", needed.Name)}
		}
	}
	result, err := p.render(ctx, t)
	if err != nil {
		result.Action, result.Err = Failed, err
	}
	return result
}

func (p *site) render(ctx context.Context, t *templates.Template) (Result, error) {
	if ctx.Err() != nil {
		return Result{}, context.Cause(ctx)
	}
	rendering, err := p.run.renderer.Render(p.site, t, p.published)
	if err != nil {
		return Result{}, err
	}
	result := Result{Name: rendering.Name, Project: rendering.Project, Warnings: rendering.Warnings(), Changes: rendering.File.ChangeCount()}
	project, err := p.project(ctx, rendering.Publish)
	if err != nil {
		return result, err
	}
	content, err := rendering.File.Content()
	if err != nil {
		return result, err
	}
	defer content.Close() // of what was only read, and is published by now
	if rendering.File.Kind().IsWorkbook() {
		err = p.publishWorkbook(ctx, rendering, project, content, &result)
	} else {
		err = p.publishDatasource(ctx, rendering, project, content, &result)
	}
	if err != nil {
		return result, err
	}
	p.published[t.Name] = templates.Published{
		Name: result.Name, ContentURL: result.ContentURL, LUID: result.LUID, ProjectLUID: project.LUID,
		SiteContentURL: p.site.ContentURL, ServerURL: p.session.ServerURL(),
	}
	return result, nil
}

// project finds the project to publish to, or makes it if the manifest says so.
func (p *site) project(ctx context.Context, to templates.Publish) (project rest.Project, err error) {
	if project, ok := p.projects[to.Project]; ok {
		return project, nil
	}
	switch {
	case to.Project == "":
		project, err = p.defaultProject(ctx)
	case to.CreateProject:
		project, err = p.session.Projects.EnsurePath(ctx, to.Project)
	default:
		project, err = p.session.Projects.ByPath(ctx, to.Project)
	}
	if err == nil {
		p.projects[to.Project] = project
	}
	return project, err
}

// defaultProject is the project every site has; older servers write it in lower case.
func (p *site) defaultProject(ctx context.Context) (rest.Project, error) {
	project, err := p.session.Projects.ByPath(ctx, "Default")
	if !errors.Is(err, rest.ErrNotFound) {
		return project, err
	}
	if lower, errLower := p.session.Projects.ByPath(ctx, "default"); errLower == nil {
		return lower, nil
	}
	return project, err
}

func (p *site) publishWorkbook(ctx context.Context, r *templates.Rendering, project rest.Project, content documents.Content, result *Result) error {
	w, err := p.session.Workbooks.Publish(ctx, rest.WorkbookPublish{
		Name: r.Name, ProjectLUID: project.LUID, Source: content, Contents: Contents(r.File), Mode: rest.Overwrite,
		Description: r.Description, ShowTabs: r.ShowTabs, HiddenViews: r.HideViews,
		Before: func(existing *rest.Workbook) error {
			result.Action = action(existing != nil)
			return nil
		},
	})
	result.LUID, result.ContentURL, result.Views = w.LUID, w.ContentURL, len(w.Views)
	return err
}

func (p *site) publishDatasource(ctx context.Context, r *templates.Rendering, project rest.Project, content documents.Content, result *Result) error {
	ds, err := p.session.Datasources.Publish(ctx, rest.DatasourcePublish{
		Name: r.Name, ProjectLUID: project.LUID, Source: content, Contents: Contents(r.File), Mode: rest.Overwrite, Description: r.Description,
		Before: func(existing *rest.Datasource) error {
			result.Action = action(existing != nil)
			return nil
		},
	})
	result.LUID, result.ContentURL = ds.LUID, ds.ContentURL
	return err
}

// action is what publishing does about what has been there before.
func action(there bool) Action {
	if there {
		return Overwritten
	}
	return Created
}
