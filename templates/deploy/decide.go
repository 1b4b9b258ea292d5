package deploy

import (
	"context"
	"fmt"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// A decision is what is to become of a template on a site.
type decision struct {
	action   Action // Created, Overwritten, Updated or Unchanged
	existing *object
	drift    string
}

// decide compares what is there with what was last published there, and that with what is to be.
func (s *siteWork) decide(ctx context.Context, r *templates.Rendering, want Fingerprint, last Outcome, existing *object) (decision, error) {
	d := decision{action: Overwritten, existing: existing}
	if existing == nil {
		d.action = Created
	}
	if last.Result.LUID == "" { // nothing is known of it
		return d, nil
	}
	var err error
	if d.drift, err = drift(ctx, s.session, r, last, existing); err != nil {
		return d, err
	}
	switch {
	case existing == nil || d.drift != "" || s.walk.options.Force || last.Fingerprint.Content != want.Content:
	case last.Fingerprint.Settings != want.Settings:
		d.action = Updated
	default:
		d.action = Unchanged
	}
	return d, nil
}

// drift says how what is there differs from what was last published, "" for not at all. An object changes for other reasons
// too, such as a refresh of its extract: then its revisions tell.
func drift(ctx context.Context, session *rest.Session, r *templates.Rendering, last Outcome, existing *object) (string, error) {
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
