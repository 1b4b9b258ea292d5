package emulator

import (
	"net/http"
	"strconv"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

var jobOperations = []operation{
	op("GET", "sites/{site}/jobs/{id}", onSite, nil, getJob),
}

// workTables are the jobs of a site.
type workTables struct {
	jobs *state.Table[job]
}

func openWork(store *state.Store, path string) workTables {
	return workTables{
		jobs: state.NewTable(store, path+"jobs", func(j *job) string { return j.LUID }),
	}
}

// job is work that is done when the server's clock reaches its end. What it publishes appears then, and a refusal then
// is its failure.
type job struct {
	LUID, Type        string
	User              string // LUID of the user who started it
	CreatedAt, EndsAt time.Time
	Work              work
	Done              bool
	Failure           *failure // nil for success
}

// work is what a job does when its end has come: the one member that is there.
type work struct {
	Publish *publication
}

// failure is a refusal that waits to be told.
type failure struct {
	Code   int
	Detail string
}

func failureOf(err error) *failure {
	refusal := refusalOf(err)
	return &failure{refusal.code, refusal.detail}
}

func (f *failure) err() error { return refuse(f.Code, "%s", f.Detail) }

// queued is a job that is not done yet.
type queued struct{ Job, Site string }

// startJob queues work, to be run at the first request at or after its end. The answer shows the job before it runs.
func (c *call) startJob(jobType string, w work) *reply {
	j := &job{
		LUID: c.server.newID(), Type: jobType, User: c.user.LUID, Work: w,
		CreatedAt: c.now, EndsAt: c.now.Add(c.server.jobTime),
	}
	c.site.jobs.Put(j)
	c.server.queue.Put(&queued{j.LUID, c.site.luid})
	return &reply{status: http.StatusAccepted, location: c.path("jobs", j.LUID), body: []*element{j.render(c.now)}}
}

// settle runs the jobs whose end has come, in the order they were started, and forgets the uploads nobody went on with.
func (s *Server) settle(now time.Time) error {
	s.forgetUploads(now)
	for _, q := range s.queue.All() {
		where := s.site(q.Site)
		if where == nil {
			s.queue.Delete(q.Job)
			continue
		}
		if j := where.jobs.Get(q.Job); !now.Before(j.EndsAt) {
			s.finish(where, j)
			s.queue.Delete(q.Job)
		}
	}
	return nil
}

// finish runs a job. One that fails has changed nothing else.
func (s *Server) finish(where *site, j *job) {
	done := *j
	done.Done = true
	if err := s.store.Do(func() error { return s.run(where, j) }); err != nil {
		done.Failure = failureOf(err)
	}
	s.letGo(j)
	done.Work = work{}
	where.jobs.Put(&done)
}

// run does the work of a job.
func (s *Server) run(where *site, j *job) error {
	by := where.users.Get(j.User)
	if by == nil {
		return refuse(codeNoUser, "User '%s' could not be found.", j.User)
	}
	if p := j.Work.Publish; p != nil {
		_, err := s.commit(p, where, by, j.EndsAt)
		return err
	}
	return nil
}

// letGo lets go of what a job was to work on. What it published keeps it.
func (s *Server) letGo(j *job) {
	if p := j.Work.Publish; p != nil {
		s.store.Release(p.Data)
	}
}

// getJob answers GET jobs/{id}.
func getJob(c *call) (*reply, error) {
	j := c.site.jobs.Get(c.vars["id"])
	if j == nil {
		return nil, refuse(codeNoJob, "Job '%s' could not be found.", c.vars["id"])
	}
	return ok(j.render(c.now)), nil
}

// render writes a job. A client knows by completedAt that it is done; finishCode is 1 until it has succeeded.
func (j *job) render(now time.Time) *element {
	e := node("job").with("id", j.LUID).with("mode", "Asynchronous").with("type", j.Type)
	switch {
	case j.Done:
		e.with("progress", "100").
			with("createdAt", formatTime(j.CreatedAt)).
			with("startedAt", formatTime(j.CreatedAt)).
			with("completedAt", formatTime(j.EndsAt))
	case now.After(j.CreatedAt):
		e.with("progress", strconv.Itoa(int(100*now.Sub(j.CreatedAt)/j.EndsAt.Sub(j.CreatedAt)))).
			with("createdAt", formatTime(j.CreatedAt)).
			with("startedAt", formatTime(j.CreatedAt))
	default:
		e.with("progress", "0").with("createdAt", formatTime(j.CreatedAt))
	}
	if j.Failure != nil {
		e.add(node("statusNotes", node("statusNote").
			with("type", "Error").with("value", strconv.Itoa(j.Failure.Code)).with("text", j.Failure.Detail)))
	}
	if j.Done && j.Failure == nil {
		return e.with("finishCode", "0")
	}
	return e.with("finishCode", "1")
}
