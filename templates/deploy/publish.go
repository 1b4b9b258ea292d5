package deploy

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// Publish renders and publishes every template of the manifest to the sites. What is there as it is to be is left alone. The
// error is one that concerns them all: a template that does not open, options that do not fit, a store that cannot be written
// to, or a context that ended. What failed on a site is in the report, which is there even then, except when nothing was begun.
//
// Before anything is published its intent goes into the store, and afterwards the outcome. A run that is cut short between
// the two, however hard, leaves the intent; the next one then looks on the server whether it has arrived.
func Publish(ctx context.Context, m *templates.Manifest, o Options) (*Report, error) {
	o, err := o.complete(m)
	if err != nil {
		return nil, fmt.Errorf("publishing: %w", err)
	}
	renderer, err := m.Open()
	if err != nil {
		return nil, fmt.Errorf("publishing: %w", err)
	}
	report, err := publish(ctx, m, renderer, o)
	if err != nil {
		err = fmt.Errorf("publishing: %w", err)
	}
	return report, errors.Join(err, renderer.Close())
}

func publish(ctx context.Context, m *templates.Manifest, renderer *templates.Renderer, o Options) (*Report, error) {
	w, err := newWalk(m, renderer, o, publishTemplate)
	if err != nil {
		return nil, err
	}
	run, err := w.describe()
	if err != nil {
		return nil, err
	}
	report := &Report{Shard: run.Shard, Resumed: o.Resume && w.history.resumes(run), Sites: w.results}
	if report.Resumed {
		run = *w.history.run
		w.takeOver()
	} else if err := w.note(Entry{Run: &run}); err != nil {
		return nil, err
	}
	err = w.all(ctx)
	if err == nil && !w.stopped.Load() {
		err = w.note(Entry{End: &End{run.ID}})
	}
	return report, err
}

// describe says what the run is to do.
func (w *walk) describe() (Run, error) {
	inputs, err := w.manifest.Inputs()
	run := Run{ID: rand.Text(), Shard: w.options.Shard.String(), Inputs: inputs}
	for _, s := range w.sites {
		run.Sites = append(run.Sites, s.Key)
	}
	return run, err
}

// takeOver takes what the run that is resumed has done.
func (w *walk) takeOver() {
	for i := range w.sites {
		for _, t := range w.manifest.Templates() {
			if result, ok := w.history.doneOf(w.target(i, t.Name)); ok {
				w.keepResult(i, t, result)
			}
		}
	}
}

// publishTemplate renders and publishes one template on one site, if what is there is not as it is to be.
func publishTemplate(ctx context.Context, s *siteWork, t *templates.Template, out *Outcome) error {
	d, err := s.survey(ctx, t, out)
	if err != nil {
		return err
	}
	if !out.Result.Recovered {
		out.Result.Action = d.action
	}
	settings := d.rendering.Publish
	var now object
	switch d.action {
	case Created, Overwritten:
		if now, err = s.send(ctx, d, out); err != nil {
			return err
		}
	default:
		now, out.PublishedAt = *d.existing, d.last.PublishedAt
		s.arrived(now, d.want, out)
		if d.last.Fingerprint.Settings != "" { // else it may be that the extracts were not refreshed
			settings.Refresh = templates.RefreshNone
		}
	}
	if d.action != Unchanged {
		out.Result.Settings, err = s.settings.apply(ctx, now, settings)
		if len(out.Result.Settings) > 0 {
			out.UpdatedAt = now.updatedAgain(ctx, s.session)
		}
		if err != nil {
			return fmt.Errorf("%w, but: %w", rest.ErrPublished, err)
		}
	}
	out.Fingerprint.Settings = d.want.Settings
	return nil
}

// arrived notes what is on the server now.
func (s *siteWork) arrived(now object, want Fingerprint, out *Outcome) {
	r := &out.Result
	r.LUID, r.ContentURL, r.ProjectLUID = now.luid, now.contentURL, now.projectLUID
	r.Views = now.views
	out.Fingerprint.Content, out.UpdatedAt = want.Content, now.updatedAt
	s.publishedAs(*r)
}

// settle returns what was last published, zero for nothing. It finds out what became of a publish that a run was cut short in:
// one that has arrived is the last.
func (s *siteWork) settle(ctx context.Context, r *templates.Rendering, out *Outcome) (Outcome, error) {
	last := s.walk.history.lastOf(out.Target)
	intent, open := s.walk.history.openOf(out.Target)
	if !open {
		return last, nil
	}
	now, at, err := whatArrived(ctx, s.session, r.File.Kind().IsWorkbook(), intent)
	if errors.Is(err, rest.ErrOutcomeUnknown) { // it will never be known
		out.Open = false
		out.Result.Drift = "a run was cut short while it was being published, and the server does not show whether it has arrived"
		return Outcome{}, nil
	}
	if err != nil {
		return last, fmt.Errorf("looking whether it was published when a run was cut short: %w", err)
	}
	if out.Open = false; at.IsZero() {
		return last, nil
	}
	out.Result.Recovered, out.Result.Action = true, Overwritten
	if intent.Checkpoint.LUID == "" {
		out.Result.Action = Created
	}
	last = Outcome{
		Target: out.Target, Fingerprint: Fingerprint{Content: intent.Fingerprint.Content}, PublishedAt: at, Settled: true,
		Result: out.Result,
	}
	last.Result.Name, last.Result.Project, last.Result.LUID = intent.Name, intent.Project, now.luid
	return last, s.walk.note(Entry{Outcome: &last})
}

// whatArrived looks for a publish that was begun, and says when it has arrived.
func whatArrived(ctx context.Context, session *rest.Session, workbook bool, i Intent) (object, time.Time, error) {
	if workbook {
		w, at, err := session.Workbooks.Arrived(ctx, i.Name, i.ProjectLUID, i.Checkpoint)
		return workbookObject(w), at, err
	}
	d, at, err := session.Datasources.Arrived(ctx, i.Name, i.ProjectLUID, i.Checkpoint)
	return datasourceObject(d), at, err
}

// send publishes a rendering.
func (s *siteWork) send(ctx context.Context, d *decision, out *Outcome) (now object, err error) {
	r := d.rendering
	project, err := s.projects.ensure(ctx, r.Publish)
	if err != nil {
		return now, err
	}
	content, err := r.File.Content()
	if err != nil {
		return now, err
	}
	defer content.Close() // of what was only read, and is published by now
	p := parcel{r, project.LUID, content, credentials(r.Credentials), func(c rest.Checkpoint) error {
		return s.walk.note(Entry{Intent: &Intent{
			Site: s.site.Key, Target: out.Target, Name: r.Name, Project: r.Project, ProjectLUID: project.LUID,
			Fingerprint: d.want, Checkpoint: c,
		}})
	}, func(p rest.Progress) {
		more := p.Sent - out.Result.Sent
		out.Result.Sent = p.Sent
		s.walk.sent(more)
	}}
	if r.File.Kind().IsWorkbook() {
		now, err = p.workbook(ctx, s.session)
	} else {
		now, err = p.datasource(ctx, s.session)
	}
	published := err == nil || errors.Is(err, rest.ErrPublished)
	if !published || now.luid == "" { // which a job has published, and nobody has seen
		out.Open = published || errors.Is(err, rest.ErrOutcomeUnknown)
		return now, err
	}
	out.PublishedAt = now.updatedAt
	s.arrived(now, d.want, out)
	return now, err
}

// A parcel is what is sent to a server.
type parcel struct {
	rendering   *templates.Rendering
	projectLUID string
	content     documents.Content
	credentials []rest.PublishConnection
	intend      func(rest.Checkpoint) error
	progress    func(rest.Progress)
}

func (p parcel) workbook(ctx context.Context, session *rest.Session) (object, error) {
	r := p.rendering
	w, err := session.Workbooks.Publish(ctx, rest.WorkbookPublish{
		Name: r.Name, ProjectLUID: p.projectLUID, Source: p.content, Contents: Contents(r.File), Mode: rest.Overwrite,
		Keep: rest.KeepTags | rest.KeepAcceleration, Description: r.Description, ShowTabs: r.ShowTabs, HiddenViews: r.HideViews,
		Connections: p.credentials, Commit: p.intend, Progress: p.progress,
	})
	return workbookObject(w), err
}

func (p parcel) datasource(ctx context.Context, session *rest.Session) (object, error) {
	r := p.rendering
	ds, err := session.Datasources.Publish(ctx, rest.DatasourcePublish{
		Name: r.Name, ProjectLUID: p.projectLUID, Source: p.content, Contents: Contents(r.File), Mode: rest.Overwrite,
		Keep: rest.KeepTags, Description: r.Description,
		Connections: p.credentials, Commit: p.intend, Progress: p.progress,
	})
	return datasourceObject(ds), err
}

// sent tells that more bytes of files are on their way.
func (w *walk) sent(bytes int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.options.Sent != nil {
		w.options.Sent(bytes)
	}
}
