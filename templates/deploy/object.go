package deploy

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
)

// An object is a workbook or data source on a site.
type object struct {
	workbook               bool
	luid, name, contentURL string
	projectLUID, ownerLUID string
	ownerName              string // "" where the server does not say
	description            string
	tags                   []string
	showTabs               bool
	views                  int
	updatedAt              time.Time
}

func workbookObject(w rest.Workbook) object {
	return object{
		true, w.LUID, w.Name, w.ContentURL, w.ProjectLUID, w.OwnerLUID, w.OwnerName, w.Description, w.Tags, w.ShowTabs, len(w.Views), w.UpdatedAt,
	}
}

func datasourceObject(d rest.Datasource) object {
	return object{
		false, d.LUID, d.Name, d.ContentURL, d.ProjectLUID, d.OwnerLUID, d.OwnerName, d.Description, d.Tags, false, 0, d.UpdatedAt,
	}
}

// find looks for what has a name in a project, nil for nothing.
func find(ctx context.Context, session *rest.Session, workbook bool, name, projectLUID string) (*object, error) {
	var found object
	var err error
	if workbook {
		var w rest.Workbook
		w, err = session.Workbooks.ByName(ctx, name, projectLUID)
		found = workbookObject(w)
	} else {
		var d rest.Datasource
		d, err = session.Datasources.ByName(ctx, name, projectLUID)
		found = datasourceObject(d)
	}
	switch {
	case errors.Is(err, rest.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &found, nil
}

// updatedAgain is when it was last changed, now that settings have changed it. What they have put out of reach keeps the time that
// is known, and its revisions are looked at by the next run.
func (o *object) updatedAgain(ctx context.Context, session *rest.Session) time.Time {
	if o.workbook {
		if w, err := session.Workbooks.ByLUID(ctx, o.luid); err == nil {
			return w.UpdatedAt
		}
	} else if d, err := session.Datasources.ByLUID(ctx, o.luid); err == nil {
		return d.UpdatedAt
	}
	return o.updatedAt
}

// publishedSince tells whether what is there was published after a time; known is false where the server does not show.
func (o *object) publishedSince(ctx context.Context, session *rest.Session, since time.Time) (later time.Time, known bool, err error) {
	var revisions iter.Seq2[rest.Revision, error]
	if o.workbook {
		revisions = session.Workbooks.Revisions(ctx, o.luid)
	} else {
		revisions = session.Datasources.Revisions(ctx, o.luid)
	}
	for revision, err := range revisions {
		if refused, ok := errors.AsType[*rest.Error](err); ok && refused.Status >= http.StatusBadRequest && refused.Status < http.StatusInternalServerError {
			return time.Time{}, false, nil // it keeps none, or the user may not see them
		}
		if err != nil {
			return time.Time{}, false, err
		}
		if known = true; revision.PublishedAt.After(since.Add(clockSkew)) && revision.PublishedAt.After(later) {
			later = revision.PublishedAt
		}
	}
	return later, known, nil
}

// clockSkew is by how much the clocks of a server's machines may differ, with the fraction of a second that times lack.
const clockSkew = time.Second
