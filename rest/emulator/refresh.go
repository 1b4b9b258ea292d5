package emulator

import (
	"fmt"
	"time"
)

var refreshOperations = []operation{
	op("POST", "sites/{site}/workbooks/{id}/refresh", onSite, readXML, workbooks.refresh).since(2, 8),
	op("POST", "sites/{site}/datasources/{id}/refresh", onSite, readXML, datasources.refresh).since(2, 8),
}

// codeNoExtract is the code for refreshing what has no extract: servers answer it, the reference does not have it.
const codeNoExtract = 409090

// refresh is the work of refreshing the extracts of what the job is about. It changes when that was updated, and makes no
// revision.
type refresh struct {
	Task string // LUID of the task it runs for; "" when somebody asked for it
}

// refresh answers POST workbooks/{id}/refresh and POST datasources/{id}/refresh: with a body, an empty one, or none.
func (k *kind) refresh(c *call) (*reply, error) {
	incremental, err := c.body.child("extractRefresh").flag("incremental")
	if err != nil {
		return nil, err
	}
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	j, err := c.refreshJob(a, incremental)
	if err != nil {
		return nil, err
	}
	started := c.server.enqueue(c.site, j, c.now)
	return c.accepted(started, started.renderBrief()), nil
}

// refreshJob returns the job that refreshes an asset for the caller: where that is allowed, where there is an extract, and
// where no such job waits or runs.
func (c *call) refreshJob(a *asset, incremental bool) (job, error) {
	if err := c.allowRefresh(a); err != nil {
		return job{}, err
	}
	j := job{Kind: refreshKind(incremental), User: c.user.LUID, About: a.object(), Work: work{Refresh: &refresh{}}}
	return j, c.server.checkQueue(c.site, j)
}

// allowRefresh refuses what keeps the caller from refreshing an asset, now or by a schedule.
func (c *call) allowRefresh(a *asset) error {
	if err := c.allow(codeViewForbidden, "ExtractRefresh", a.securable()); err != nil {
		return err
	}
	if !a.HasExtracts {
		return refuse(codeNoExtract, "Extract operation for the %s '%s' is not allowed: it has no extract.", a.Kind, a.LUID)
	}
	return nil
}

func refreshKind(incremental bool) string {
	if incremental {
		return "increment_extracts"
	}
	return "refresh_extracts"
}

// checkQueue refuses a job that refreshes what another one, which is not over, refreshes already.
func (s *Server) checkQueue(where *site, j job) error {
	if j.Work.Refresh == nil {
		return nil
	}
	for _, q := range s.queue.All() {
		if q.Site != where.luid {
			continue
		}
		if other := where.jobs.Get(q.Job); other.Work.Refresh != nil && other.About.LUID == j.About.LUID {
			return refuse(codeRefreshQueued, "The job '%s', which refreshes %s '%s', is in the queue already.",
				other.LUID, j.About.Kind, j.About.LUID)
		}
	}
	return nil
}

// refreshDetail writes what a refresh is about.
func refreshDetail(j *job) *element {
	return node("extractRefreshJob", append(j.renderNotes(), j.About.render())...)
}

func (r *refresh) started(s *Server, where *site, j *job) {
	s.refreshEvent(where, j, "RefreshStarted", j.StartsAt)
}

// do refreshes the asset.
func (r *refresh) do(_ *Server, where *site, j *job) (notes string, err error) {
	a, err := j.About.asset(where)
	if err != nil {
		return "", err
	}
	refreshed := *a
	refreshed.UpdatedAt = stamp(j.EndedAt)
	a.kind().of(where).Put(&refreshed)
	return fmt.Sprintf("Finished refresh of extracts for %s '%s'", j.subtitle(), j.About.Name), nil
}

// drop tells how it went.
func (r *refresh) drop(s *Server, where *site, j *job) {
	event := "RefreshFailed"
	if j.Status == jobSuccess {
		event = "RefreshSucceeded"
	}
	if j.Status != jobCancelled {
		s.refreshEvent(where, j, event, j.EndedAt)
	}
	where.taskRan(r.Task, j)
}

func (s *Server) refreshEvent(where *site, j *job, what string, at time.Time) {
	s.event(where, kindOf(j.About.Kind).event+what, j.About.LUID, j.About.Name, at)
}
