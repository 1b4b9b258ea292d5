package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// RefreshOptions change a refresh. The zero value refreshes all of the extracts.
type RefreshOptions struct {
	Incremental bool `api:"@incremental"` // add the new rows alone, to the extracts that are made for it (by Refresh from API 3.25 on)
}

// codeQueued is the code of a refresh that waits or runs already.
const codeQueued = "409093"

// refresh starts a refresh. It is sent once.
func (c *content[T]) refresh(ctx context.Context, luid string, o RefreshOptions) (Job, error) {
	job, err := c.startRefresh(ctx, luid, o)
	job, err = orUnderWay(ctx, job, err, func() (Job, bool, error) { return c.refreshUnderWay(ctx, luid) })
	if err != nil {
		return Job{}, fmt.Errorf("refreshing %s %q: %w", c.kind, luid, err)
	}
	return job, nil
}

// orUnderWay is the outcome of starting a refresh. One that is under way already, and one that was started by a request whose
// answer was lost, is looked for.
func orUnderWay(ctx context.Context, job Job, err error, look func() (Job, bool, error)) (Job, error) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Code != codeQueued && !e.ambiguous || ctx.Err() != nil {
		return job, err
	}
	found, there, lookErr := look()
	switch {
	case there:
		return found, nil
	case lookErr != nil:
		return Job{}, fmt.Errorf("%w; looking for its job: %w", err, lookErr)
	}
	return Job{}, err
}

func (c *content[T]) startRefresh(ctx context.Context, luid string, o RefreshOptions) (Job, error) {
	q, err := c.request(http.MethodPost, "Update "+c.title+" Now", luid, "/refresh")
	if err != nil {
		return Job{}, err
	}
	q.since = later(q.since, sinceRefresh)
	older := c.s.needs("an incremental refresh", sinceRefreshBody)
	switch {
	case older == nil:
		return startJob(ctx, c.s, q, encodeElement("extractRefresh", o))
	case o.Incremental:
		return Job{}, older
	}
	return startJob(ctx, c.s, q)
}

// refreshUnderWay looks for the refresh of an object that waits or runs. Jobs that make extracts of it name it, too.
func (c *content[T]) refreshUnderWay(ctx context.Context, luid string) (Job, bool, error) {
	if err := c.s.needs("the list of jobs", sinceJobList); err != nil {
		return Job{}, false, err
	}
	item, err := c.read(ctx, luid)
	if err != nil {
		return Job{}, false, err
	}
	return c.s.Jobs.underWay(ctx, []Filter{Eq("title", item.identity().name)}, func(_ BackgroundJob, j Job) bool {
		return j.Type == "RefreshExtract" && (luid == j.WorkbookLUID || luid == j.DatasourceLUID)
	})
}

// Refresh refreshes the extracts of a workbook and returns the job that does it, to be waited for with [JobsService.Wait]
// ("Update Workbook Now", API 2.8). When a refresh of the workbook waits or runs already, that is the job. If it cannot be
// found, because the server is older than API 3.1 or the job is somebody else's, the error is an [ErrConflict].
//
// The request is not sent again when its outcome is unclear: the job is looked for instead, and the error is an
// [ErrOutcomeUnknown] when there is none.
func (ws *WorkbooksService) Refresh(ctx context.Context, luid string, o RefreshOptions) (Job, error) {
	return ws.content.refresh(ctx, luid, o)
}

// Refresh refreshes the extract of a data source, like [WorkbooksService.Refresh] ("Update Data Source Now", API 2.8).
func (ds *DatasourcesService) Refresh(ctx context.Context, luid string, o RefreshOptions) (Job, error) {
	return ds.content.refresh(ctx, luid, o)
}
