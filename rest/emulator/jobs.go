package emulator

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// job is work that is done when the server's clock reaches its end. What it publishes appears then, and a refusal then
// is its failure.
type job struct {
	luid, jobType     string
	createdAt, endsAt time.Time
	run               func(now time.Time) error
	done              bool
	failure           *apiError // nil for success
}

// startJob queues work, to be run at the first request at or after its end. The answer shows the job before it runs.
func (c *call) startJob(jobType string, run func(now time.Time) error) *reply {
	j := &job{
		luid: c.server.newID(), jobType: jobType, run: run,
		createdAt: c.now, endsAt: c.now.Add(c.server.jobTime),
	}
	c.site.jobs[j.luid] = j
	c.server.pending = append(c.server.pending, j)
	return &reply{status: http.StatusAccepted, location: c.path("jobs", j.luid), body: []*element{j.render(c.now)}}
}

// settle runs the jobs whose end has come, in the order they were started, and forgets the uploads nobody went on with.
func (s *Server) settle(now time.Time) {
	for _, where := range s.sites {
		where.forgetUploads(now)
	}
	s.pending = slices.DeleteFunc(s.pending, func(j *job) bool {
		if now.Before(j.endsAt) {
			return false
		}
		if err := j.run(j.endsAt); err != nil {
			j.failure = refusalOf(err)
		}
		j.done, j.run = true, nil
		return true
	})
}

// getJob answers GET jobs/{id}.
func getJob(c *call) (*reply, error) {
	j := c.site.jobs[c.vars["id"]]
	if j == nil {
		return nil, refuse(codeNoJob, "Job '%s' could not be found.", c.vars["id"])
	}
	return ok(j.render(c.now)), nil
}

// render writes a job. A client knows by completedAt that it is done; finishCode is 1 until it has succeeded.
func (j *job) render(now time.Time) *element {
	e := node("job").with("id", j.luid).with("mode", "Asynchronous").with("type", j.jobType)
	switch {
	case j.done:
		e.with("progress", "100").
			with("createdAt", formatTime(j.createdAt)).
			with("startedAt", formatTime(j.createdAt)).
			with("completedAt", formatTime(j.endsAt))
	case now.After(j.createdAt):
		e.with("progress", strconv.Itoa(int(100*now.Sub(j.createdAt)/j.endsAt.Sub(j.createdAt)))).
			with("createdAt", formatTime(j.createdAt)).
			with("startedAt", formatTime(j.createdAt))
	default:
		e.with("progress", "0").with("createdAt", formatTime(j.createdAt))
	}
	if j.failure != nil {
		e.add(node("statusNotes", node("statusNote").
			with("type", "Error").with("value", strconv.Itoa(j.failure.code)).with("text", j.failure.detail)))
	}
	if j.done && j.failure == nil {
		return e.with("finishCode", "0")
	}
	return e.with("finishCode", "1")
}
