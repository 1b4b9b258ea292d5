package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// A decision is what is to become of a template on a site.
type decision struct {
	rendering *templates.Rendering
	want      Fingerprint // of the rendering
	last      Outcome     // what was last published, zero for nothing
	existing  *object     // what is there, nil for nothing
	action    Action      // Created, Overwritten, Updated or Unchanged
}

// survey renders a template, looks at what is there, and decides. What could not be carried out of what is decided is an error,
// so that nothing is begun that cannot be finished.
func (s *siteWork) survey(ctx context.Context, t *templates.Template, out *Outcome) (*decision, error) {
	r, err := s.render(t, &out.Result)
	if err != nil {
		return nil, err
	}
	d := &decision{rendering: r}
	if d.want, err = s.walk.prints.of(r); err != nil {
		return nil, err
	}
	if d.last, err = s.settle(ctx, r, out); err != nil {
		return nil, err
	}
	there, project, err := s.lookFor(ctx, r)
	if err != nil && !(r.CreateProject && errors.Is(err, rest.ErrNotFound)) {
		return nil, err
	}
	d.existing = there
	if err := s.decide(ctx, d, out); err != nil || d.action == Unchanged {
		return d, err
	}
	return d, s.settings.check(ctx, r.Publish, subject{r.File.Kind().IsWorkbook(), Contents(r.File).HasExtract, project})
}

// lookFor looks for what a rendering is published as, nil for nothing, in its project. The project not being there is an error.
func (s *siteWork) lookFor(ctx context.Context, r *templates.Rendering) (*object, rest.Project, error) {
	project, err := s.projects.find(ctx, r.Project)
	if err != nil {
		return nil, project, err
	}
	there, err := find(ctx, s.session, r.File.Kind().IsWorkbook(), r.Name, project.LUID)
	return there, project, err
}

// decide compares what is there with what was last published there, and that with what is to be.
func (s *siteWork) decide(ctx context.Context, d *decision, out *Outcome) (err error) {
	if d.action = Overwritten; d.existing == nil {
		d.action = Created
	}
	if d.last.Result.LUID == "" { // nothing is known of it
		return nil
	}
	drift := &out.Result.Drift
	if *drift, err = contentDrift(ctx, s.session, d.rendering, d.last, d.existing); err != nil {
		return err
	}
	// What this run has published, or one that was cut short, need not be published again by force.
	force := s.walk.options.Force && !out.Result.Recovered && !s.walk.history.publishedIn(out.Target)
	if d.existing == nil || *drift != "" || force || d.last.Fingerprint.Content != d.want.Content {
		out.Result.Recovered = false
		return nil
	}
	*drift = strings.Join(settingsDrift(*d.existing, d.rendering.Publish), ", ")
	if d.action = Unchanged; *drift != "" || d.last.Fingerprint.Settings != d.want.Settings {
		d.action = Updated
	}
	return nil
}

// contentDrift says how what is there differs from what was last published, "" for not at all. An object changes for other reasons
// too, such as a refresh of its extract: then its revisions tell.
func contentDrift(ctx context.Context, session *rest.Session, r *templates.Rendering, last Outcome, existing *object) (string, error) {
	was := last.Result
	switch {
	case was.Name != r.Name || was.Project != r.Project:
		return fmt.Sprintf("it was published as %q in project %q before, which is left there", was.Name, was.Project), nil
	case existing == nil:
		return "what was published here is not there any more", nil
	case existing.luid != was.LUID:
		return fmt.Sprintf("another %s has taken the place of what was published here", kindOf(existing.workbook)), nil
	case existing.updatedAt.Equal(last.UpdatedAt):
		return "", nil
	}
	later, known, err := existing.publishedSince(ctx, session, last.PublishedAt)
	switch {
	case err != nil:
		return "", err
	case !known:
		return fmt.Sprintf("it was changed at %s, and the server does not show its revisions", stamp(existing.updatedAt)), nil
	case !later.IsZero():
		return fmt.Sprintf("somebody else has published it at %s", stamp(later)), nil
	}
	return "", nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func kindOf(workbook bool) string {
	if workbook {
		return "workbook"
	}
	return "data source"
}
