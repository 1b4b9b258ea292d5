package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Checkpoint is what was there before a publish: what it takes to find out later, in another process too, whether the publish
// has arrived. It comes from the Commit of a publish and goes to Arrived.
type Checkpoint struct {
	LUID      string    `json:"luid,omitempty"`      // of what is to be overwritten or appended to, "" for nothing
	UpdatedAt time.Time `json:"updated_at,omitzero"` // when that was last changed
	Revision  int       `json:"revision,omitempty"`  // its newest by the publisher, at least 1; 0 for unknown
	Seen      time.Time `json:"seen,omitzero"`       // when all this was so, by the server's clock, to the second; zero for unknown
	UserLUID  string    `json:"user_luid,omitempty"` // the publisher
}

// clockSkew is by how much the clocks of a server's machines may differ, with the fraction of a second that times lack.
const clockSkew = time.Second

// An arrival is what a publish is looked for by.
type arrival[T publishable] struct {
	content           *content[T]
	name, projectLUID string
	before            Checkpoint
	late              bool // it is looked for so late that anything may have changed the object since
}

// find reads the object that was there before, or else looks for one. It reads by LUID, as that does not lag behind and has
// the views. What was there before may have been deleted, and the publish have made another.
func (a *arrival[T]) find(ctx context.Context) (now T, there bool, err error) {
	if a.before.LUID != "" {
		if now, err = a.content.read(ctx, a.before.LUID); !errors.Is(err, ErrNotFound) {
			return now, err == nil, err
		}
	}
	here, _, err := a.content.named(ctx, a.name, a.projectLUID)
	for _, listed := range here {
		if now, err = a.content.read(ctx, listed.identity().luid); !errors.Is(err, ErrNotFound) {
			return now, err == nil, err
		}
		err = nil // lists hold what has just been deleted
	}
	var none T
	return none, false, err
}

// arrivedAt is when the publish has arrived in what is there now, zero if it has not. It goes by the revisions: an object
// changes for other reasons, and others publish. Where the server keeps none, or does not show them, the times have to do.
func (a *arrival[T]) arrivedAt(ctx context.Context, now *T) (time.Time, error) {
	id := (*now).identity()
	counted := a.before.Revision > 0 && id.luid == a.before.LUID
	if !counted && !a.isNew(id.updatedAt, id.luid) {
		return time.Time{}, nil
	}
	newest, err := a.newestRevision(ctx, id.luid)
	switch {
	case isRefusal(err):
		return a.changedAt(now, err)
	case err != nil, newest.Number == 0, counted && newest.Number <= a.before.Revision, !counted && !a.isNew(newest.PublishedAt, id.luid):
		return time.Time{}, err
	case newest.PublishedAt.IsZero():
		return id.updatedAt, nil
	}
	return newest.PublishedAt, nil
}

// changedAt takes the last change for the publish, unless it is too late for that: what was there before may have been changed
// otherwise, and what is somebody else's may have been made by him.
func (a *arrival[T]) changedAt(now *T, refused error) (time.Time, error) {
	id := (*now).identity()
	if !a.isNew(id.updatedAt, id.luid) {
		return time.Time{}, nil
	}
	if a.late && (id.luid == a.before.LUID || *a.content.shared(now).ownerLUID != a.publisher()) {
		return time.Time{}, fmt.Errorf("%w: it has changed, and its revisions would tell why: %w", ErrOutcomeUnknown, refused)
	}
	return id.updatedAt, nil
}

// isNew says that a time of an object is later than what was there before.
func (a *arrival[T]) isNew(at time.Time, luid string) bool {
	changed := luid != a.before.LUID || at.After(a.before.UpdatedAt)
	return changed && !at.Before(a.before.Seen.Add(-clockSkew))
}

// newestRevision is the newest revision by the publisher, zero without one.
func (a *arrival[T]) newestRevision(ctx context.Context, luid string) (newest Revision, err error) {
	for r, err := range a.content.revisions(ctx, luid) {
		if err != nil {
			return newest, err
		}
		if r.Number > newest.Number && (r.PublisherLUID == "" || r.PublisherLUID == a.publisher()) {
			newest = r
		}
	}
	return newest, nil
}

func (a *arrival[T]) publisher() string { return cmp.Or(a.before.UserLUID, a.content.s.UserLUID()) }

// awaitJob waits until a job has ended that may be the publish. Without the right to see jobs there is none to wait for.
func (a *arrival[T]) awaitJob(ctx context.Context) error {
	s := a.content.s
	if !a.content.jobs || s.version.before(sinceJobList) {
		return nil
	}
	var since []Filter
	if !a.before.Seen.IsZero() {
		since = append(since, Gte("createdAt", a.before.Seen.Add(-clockSkew).UTC().Format(time.RFC3339)))
	}
	job, found, err := s.Jobs.underWay(ctx, since, func(listed BackgroundJob, j Job) bool {
		mayBe := listed.Title == "" || strings.Contains(listed.Title, a.name)
		return mayBe && strings.EqualFold(j.Type, "Publish"+a.content.item)
	})
	if found {
		_, err = s.Jobs.Wait(ctx, job.LUID)
	}
	if isRefusal(err) {
		return nil
	}
	return err
}

// isRefusal says that the server will not tell, however often it is asked.
func isRefusal(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && slices.Contains([]error{ErrNotFound, ErrForbidden, ErrInvalid}, e.kind())
}

// arrived looks for a publish that another process has begun.
func (c *content[T]) arrived(ctx context.Context, name, projectLUID string, before Checkpoint) (found T, at time.Time, err error) {
	a := arrival[T]{c, name, projectLUID, before, true}
	for i := 0; ; i++ {
		// A look that fails tells nothing; the next one may.
		found, at, err = a.look(ctx)
		if err == nil && !at.IsZero() {
			return found, at, nil
		}
		if i == len(lagWaits) || ctx.Err() != nil {
			break
		}
		_ = pause(ctx, lagWaits[i]) // a context that has ended fails the next look
	}
	var none T
	if err != nil {
		err = fmt.Errorf("looking for what was published as %s %q: %w", c.kind, name, err)
	}
	return none, time.Time{}, err
}

func (a *arrival[T]) look(ctx context.Context) (now T, at time.Time, err error) {
	if err = a.awaitJob(ctx); err != nil {
		return now, at, err
	}
	now, there, err := a.find(ctx)
	if there && err == nil {
		at, err = a.arrivedAt(ctx, &now)
	}
	return now, at, err
}

// Arrived finds out whether a publish has arrived whose process did not live to see it, by the checkpoint of its Commit. It
// gives the workbook as it is now and when the publish arrived: the zero time if it has not. It waits for a job that may still
// be at it, and takes its time before it says that there is nothing, because lists lag behind; the one thing it cannot know of
// is a request in the hands of a proxy.
//
// It goes by the revisions of the publisher, so that the work of others is not taken for it. What the publisher himself has
// published since, elsewhere, is. Without the right to see revisions, or on a site that keeps none, a workbook that has changed
// since is an [ErrOutcomeUnknown].
func (ws *WorkbooksService) Arrived(ctx context.Context, name, projectLUID string, before Checkpoint) (Workbook, time.Time, error) {
	return ws.content.arrived(ctx, name, projectLUID, before)
}

// Arrived finds out whether a publish has arrived whose process did not live to see it. See [WorkbooksService.Arrived].
func (ds *DatasourcesService) Arrived(ctx context.Context, name, projectLUID string, before Checkpoint) (Datasource, time.Time, error) {
	return ds.content.arrived(ctx, name, projectLUID, before)
}
