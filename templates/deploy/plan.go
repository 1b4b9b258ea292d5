package deploy

import (
	"context"
	"errors"
	"fmt"

	"github.com/tabtemplate/tabtemplate/templates"
)

// Planned is what [Publish] would do with a template on a site.
type Planned struct {
	Result
	// Rendering is what would be published, nil where nothing would be. It must not be kept: it is gone when its site is done.
	Rendering *templates.Rendering
}

// Plan says what [Publish] would do now, and does nothing: it signs in to the sites, looks at what is there, and leaves server
// and store as they are. each is told of every template on every site as it is found, one call at a time; an error of it ends
// the plan. Templates that would be created count as published for those after them, under the content URL that the server
// would give them; where only the server knows it, what refers to it cannot be planned.
func Plan(ctx context.Context, m *templates.Manifest, o Options, each func(Planned) error) (*Report, error) {
	o, err := o.complete(m)
	if err != nil {
		return nil, fmt.Errorf("planning: %w", err)
	}
	renderer, err := m.Open()
	if err != nil {
		return nil, fmt.Errorf("planning: %w", err)
	}
	report, err := plan(ctx, m, renderer, o, each)
	if err != nil {
		err = fmt.Errorf("planning: %w", err)
	}
	return report, errors.Join(err, renderer.Close())
}

func plan(ctx context.Context, m *templates.Manifest, renderer *templates.Renderer, o Options, each func(Planned) error) (*Report, error) {
	w, err := newWalk(m, renderer, o, planTemplate)
	if err != nil {
		return nil, err
	}
	w.looks = true
	w.each = func(out Outcome) error { return each(Planned{out.Result, out.rendering}) }
	return &Report{Shard: o.Shard.String(), Sites: w.results}, w.all(ctx)
}

// planTemplate says what is to be done with one template on one site.
func planTemplate(ctx context.Context, s *siteWork, t *templates.Template, out *Outcome) error {
	d, err := s.survey(ctx, t, out)
	if err != nil {
		return err
	}
	out.rendering, out.Result.Action = d.rendering, d.action.planned()
	if d.existing != nil {
		s.arrived(*d.existing, d.want, out)
		return nil
	}
	s.predict(t)
	return nil
}

// predict notes what a template will be, for the templates after it, or why that is not known before it is published.
func (s *siteWork) predict(t *templates.Template) {
	predicted, err := s.walk.manifest.Predict(s.site, t)
	if err != nil {
		s.unpredicted[t.Name] = err
		return
	}
	s.published[t.Name] = predicted
}
