package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// A publish is committed by one request that must not be carried out twice. When its outcome is unclear, what is then on the
// server is compared with what was there before.

// survey notes what is there before the publish; a name that is taken is refused before anything is sent. What an earlier
// survey has found it does not look for again.
func (d *delivery[T]) survey(ctx context.Context) error {
	c, luid := d.content, d.before.LUID
	d.before, d.existing = Checkpoint{UserLUID: c.s.UserLUID()}, nil
	if luid == "" {
		here, _, err := c.named(ctx, d.name, d.projectLUID)
		if err != nil {
			return err
		}
		if len(here) > 0 {
			luid = here[0].identity().luid
		}
	}
	if d.before.Seen = c.s.client.clock.last(); luid == "" {
		return nil
	}
	// By LUID, as lists lag behind: they may hold what has just been deleted, and times that are out of date.
	now, err := c.read(ctx, luid)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	case d.p.mode == CreateNew:
		return fmt.Errorf("%w: %s", ErrConflict, placeOf(now))
	}
	id := now.identity()
	d.existing, d.before.LUID, d.before.UpdatedAt = &now, id.luid, id.updatedAt
	return d.count(ctx)
}

// count notes the newest revision, where the times would not do: another publish may get the same time as one of a moment ago,
// but not the same number; and who asks in another process asks by whatever clocks there are then.
func (d *delivery[T]) count(ctx context.Context) error {
	timed := d.before.Seen.IsZero() || d.before.Seen.After(d.before.UpdatedAt.Add(clockSkew))
	if timed && d.p.commit == nil {
		return nil
	}
	newest, err := d.newestRevision(ctx, d.before.LUID)
	switch {
	case err == nil:
		d.before.Revision = max(newest.Number, 1) // the first may be somebody else's
	case d.p.commit != nil && !isRefusal(err):
		return err
	}
	return ctx.Err() // without the number it has to do with the times
}

const (
	commitTries = 3 // how often a publish is sent
	longLooks   = 8 // how often is looked for what the server is at
)

// commit sends the publish. Once its outcome is unclear it looks whether it has arrived, and sends again only what has not.
func (d *delivery[T]) commit(ctx context.Context) (T, error) {
	unclear := false
	for try := 1; ; try++ {
		if err := d.announce(unclear); err != nil {
			return d.none, err
		}
		answer, err := d.content.s.call(ctx, d.request)
		if err == nil {
			return d.finish(ctx, answer)
		}
		e, ok := errors.AsType[*Error](err)
		switch {
		case !unclear && (!ok || !e.ambiguous && e.kind() != ErrBusy):
			return d.none, err
		case !ok: // the session is over
			return d.none, fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
		}
		unclear = unclear || e.ambiguous
		if unclear {
			published, done, lookErr := d.look(ctx, e)
			switch {
			case done:
				return published, lookErr
			case lookErr != nil: // it may be there for all one knows
				return d.none, fmt.Errorf("%w: %w, and looking for it: %w", ErrOutcomeUnknown, err, lookErr)
			case try == commitTries || !d.mayRepeat(e):
				return d.none, fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
			}
			continue
		}
		if try == commitTries {
			return d.none, err
		}
		if againErr := d.outwait(ctx, firstWait<<(2*try)); againErr != nil {
			return d.none, fmt.Errorf("%w: %w", againErr, err)
		}
	}
}

// outwait waits while somebody else is publishing the object, and looks at what there is then.
func (d *delivery[T]) outwait(ctx context.Context, wait time.Duration) error {
	if err := pause(ctx, wait); err != nil {
		return err
	}
	if err := d.survey(ctx); err != nil {
		return err
	}
	return d.build()
}

// announce tells the caller that the request is about to be sent.
func (d *delivery[T]) announce(unclear bool) error {
	if d.p.commit == nil {
		return nil
	}
	err := d.p.commit(d.before)
	if err != nil && unclear { // of what was sent before
		err = fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
	}
	return err
}

// lostUpload says that a publish was refused because the server does not have the file any more, which nothing has used up.
func lostUpload(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == "404015" && !errors.Is(err, ErrOutcomeUnknown)
}

// mayRepeat says whether a publish that has not arrived is sent again, going by its last answer.
func (d *delivery[T]) mayRepeat(e *Error) bool {
	used := e.Code == "404015" // the upload session is used up: something has arrived
	failed := e.Status == http.StatusInternalServerError
	known := e.Status >= 300 && e.Status < 500 && !e.ambiguous && e.kind() != ErrBusy
	return d.p.mode != Append && !used && !failed && !known
}

// look finds out whether the publish has arrived. It takes its time: the server may still be at it, and its lists lag behind.
// It is done when it has found the publish, or what shows that there will never be one; else the error is that of the last look.
func (d *delivery[T]) look(ctx context.Context, e *Error) (published T, done bool, err error) {
	looks := len(lagWaits)
	if e.kind() == ErrBusy || e.Code == "404015" { // it is being published, as likely as not by our own request
		looks = longLooks
	}
	for i := range looks {
		if err := pause(ctx, min(time.Second<<i, longestWait)); err != nil {
			return d.none, false, err
		}
		// A look that fails tells nothing; the next one may.
		var arrived bool
		published, arrived, err = d.arrived(ctx)
		if err == nil && arrived || errors.Is(err, ErrConflict) {
			return published, true, err
		}
	}
	return d.none, false, err
}

// arrived says whether what is on the server is of this publish. For one that must not replace anything, the work of another
// is an ErrConflict.
func (d *delivery[T]) arrived(ctx context.Context) (T, bool, error) {
	now, there, err := d.find(ctx)
	if err != nil || !there {
		return d.none, false, err
	}
	at, err := d.arrivedAt(ctx, &now)
	if err != nil || !at.IsZero() {
		return now, !at.IsZero(), err
	}
	if d.p.mode == CreateNew {
		err = fmt.Errorf("%w: %s", ErrConflict, placeOf(now))
	}
	return d.none, false, err
}

// finish reads the answer to a publish: the object, or the job that makes it.
func (d *delivery[T]) finish(ctx context.Context, answer *element) (T, error) {
	if published := answer.child(d.content.item); published != nil {
		return decodeElement[T](published), nil
	}
	luid := ""
	if job := answer.child("job"); job != nil {
		luid, _ = job.attr("id")
	}
	if luid == "" {
		return d.none, missing(d.content.kind + " and no job")
	}
	job, err := d.content.s.Jobs.wait(ctx, luid, d.meter.job)
	if err != nil {
		// A record of a job that is gone says nothing about the object.
		if e, ok := errors.AsType[*Error](err); ok && errors.Is(err, ErrJobGone) {
			if published, done, lookErr := d.look(ctx, e); done {
				return published, lookErr
			}
		}
		return d.none, fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
	}
	if err := job.scrubbed(d.p.credentials.secrets()).Err(); err != nil {
		return d.none, err
	}
	return d.made(ctx, luid)
}

// made finds what a job has made; the job does not name it.
func (d *delivery[T]) made(ctx context.Context, job string) (T, error) {
	var published T
	there, err := patiently(ctx, func() (there bool, err error) {
		published, there, err = d.find(ctx)
		return there, err
	})
	if err == nil && !there {
		err = fmt.Errorf("it is not listed: %w", ErrNotFound)
	}
	if err != nil {
		err = fmt.Errorf("%w by job %s, but: %w", ErrPublished, job, err)
	}
	return published, err
}
