package deploy

import (
	"context"
	"fmt"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// siteWork is the work on one site, in one session.
type siteWork struct {
	walk      *walk
	number    int
	site      *templates.Site
	session   *rest.Session
	published map[string]templates.Published
	projects  *projects
	settings  *settings

	unpredicted map[string]error // why it is not known what a planned template will be
}

// site works through the templates on one site.
func (w *walk) site(ctx context.Context, i int, session *rest.Session) {
	s := &siteWork{
		walk: w, number: i, site: w.sites[i], session: session,
		published: map[string]templates.Published{}, projects: newProjects(session), settings: newSettings(session),
		unpredicted: map[string]error{},
	}
	w.results[i].Results = []Result{}
	for _, t := range w.manifest.Templates() {
		if kept, ok := w.kept[i][t.Name]; ok {
			if s.publishedAs(kept); kept.Action == Create {
				s.predict(t)
			}
			w.results[i].Results = append(w.results[i].Results, kept)
			continue
		}
		out := s.template(ctx, t)
		if out.Result.succeeded() {
			w.keepResult(i, t, out.Result)
		}
		w.add(i, out)
	}
}

// keepResult notes what need not be done again.
func (w *walk) keepResult(i int, t *templates.Template, r Result) {
	if w.kept[i] == nil {
		w.kept[i] = map[string]Result{}
	}
	w.kept[i][t.Name] = r
}

// template visits one template.
func (s *siteWork) template(ctx context.Context, t *templates.Template) Outcome {
	start := time.Now()
	out := Outcome{Target: s.target(t), Result: Result{Site: s.site.Key, Template: t.Name}}
	_, out.Open = s.walk.history.openOf(out.Target) // which it stays if it fails before it is settled
	result := &out.Result
	result.Err = s.visit(ctx, t, &out)
	if result.Err != nil && result.Action != Skipped {
		result.Action = Failed
	}
	result.Duration = time.Since(start)
	return out
}

func (s *siteWork) visit(ctx context.Context, t *templates.Template, out *Outcome) error {
	if !t.For(s.site) {
		out.Result.Action = LeftOut
		return nil
	}
	for _, needed := range t.Needs(s.site) {
		if err := s.unpredicted[needed.Name]; err != nil {
			return err
		}
		if _, ok := s.published[needed.Name]; !ok {
			out.Result.Action = Skipped
			return fmt.Errorf("it uses template %q, which was not published here", needed.Name)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return s.walk.visit(ctx, s, t, out)
}

// publishedAs notes what a template is on the site, for the templates after it.
func (s *siteWork) publishedAs(r Result) {
	if r.LUID == "" {
		return // it is left out, or yet to be made
	}
	s.published[r.Template] = templates.Published{
		Name: r.Name, ContentURL: r.ContentURL, LUID: r.LUID, ProjectLUID: r.ProjectLUID,
		SiteContentURL: s.site.ContentURL, ServerURL: s.session.ServerURL(),
	}
}

func (s *siteWork) target(t *templates.Template) Target {
	return s.walk.target(s.number, t.Name)
}

// render renders a template, and puts what is known of it into the result.
func (s *siteWork) render(t *templates.Template, result *Result) (*templates.Rendering, error) {
	r, err := s.walk.renderer.Render(s.site, t, s.published)
	if err != nil {
		return nil, err
	}
	result.Name, result.Project, result.Warnings, result.Changes = r.Name, r.Project, r.Warnings(), r.File.ChangeCount()
	return r, nil
}
